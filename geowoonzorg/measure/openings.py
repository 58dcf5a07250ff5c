"""What new facilities would bring: who walks to one now, and who would to each of many candidates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import pandas as pd
from scipy import sparse

from geowoonzorg.errors import InputError, StudyError
from geowoonzorg.measure.residents import people_by_zone
from geowoonzorg.people.floating_catchment import floating_catchment, read_decay
from geowoonzorg.people.population import count_people
from geowoonzorg.progress import Progress, silent
from geowoonzorg.town.walked import pair_reached
from geowoonzorg.walk.pairs import iter_pairs

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from geowoonzorg.town import Town

    FloatArray = NDArray[np.float64]

Weight = Literal["addresses", "people", "65plus"]
#: Walks that a common machine can hold: 16 bytes each, and as much again to choose by.
_MOST_WALKS: Final = 60_000_000
_ROUNDING: Final = 5  # CBS publishes counts of people rounded to five


@dataclass(frozen=True, eq=False)
class Openings:
    """Who would walk less to a facility of a class if there were one at each of some candidates.

    Attributes
    ----------
    now
        By address id, as `Town.nearest`: ``distance_m``, ``distance_high_m`` and ``status`` today.
    now_m
        Shape (n_addresses,): today's walk as it counts (m), at most the limit.
    address, candidate
        Shape (n_walks,): who would walk less to which, as rows.
    saves_m
        Shape (n_walks,): how much less (m).
    n_candidates
        How many candidates there are.
    """

    now: pd.DataFrame
    now_m: FloatArray
    address: NDArray[np.int32]
    candidate: NDArray[np.int32]
    saves_m: FloatArray
    n_candidates: int

    @property
    def joins(self) -> NDArray[np.bool_]:
        """Which addresses are on the network, shape (n_addresses,)."""
        return self.now["status"].isin(["ok", "beyond_limit"]).to_numpy()

    def gains(self, weight: FloatArray, *, walking: bool) -> sparse.csc_array:
        """Say what each address gains from each candidate.

        Parameters
        ----------
        weight
            Shape (n_addresses,): who counts for how much; NaN where that is unknown, and then it takes no part.
        walking
            Whether what counts is the walking that is saved, or only that a facility is within reach.

        Returns
        -------
        scipy.sparse.csc_array
            Shape (n_addresses, n_candidates), in weights, or weights times metres.
        """
        gain = np.nan_to_num(weight)[self.address]
        if walking:
            gain = gain * self.saves_m
        shape = len(self.now), self.n_candidates
        return sparse.csc_array((gain, (self.address, self.candidate)), shape=shape)


def walks_now(town: Town, facility_class: str, *, limit_m: float) -> pd.DataFrame:
    """Walk from every address to the nearest facility of a class that is there today, if any.

    Parameters
    ----------
    town
        Whose addresses.
    facility_class
        One of its classes.
    limit_m
        Look no further than this (m).

    Returns
    -------
    pandas.DataFrame
        As `Town.nearest`, by address id.

    Raises
    ------
    StudyError
        When the class was not asked for, so that nobody looked for its facilities.
    InputError
        When the town has no addresses.

    Examples
    --------
    >>> from geowoonzorg.town import Town
    >>> walks_now(Town.demo(), "huisarts", limit_m=400)["status"].iloc[0]
    'ok'
    """
    known = {*town.classes, *town.facilities["facility_class"], *town.absent}
    if facility_class not in known:
        raise StudyError(
            "the study does not ask for the class {name}, so it is not known where there are any; name it under "
            "[facilities] classes, or choose one of {known}",
            name=facility_class, known=", ".join(sorted(known)) or "-",
        )  # fmt: skip
    if facility_class not in set(town.facilities["facility_class"]):
        town = town.replace(absent=town.absent | {facility_class})  # to walk to nothing
    return pd.DataFrame(town.nearest(facility_class, limit_m=limit_m)).set_index("origin_id")


def measure_openings(
    town: Town,
    candidates: gpd.GeoDataFrame,
    facility_class: str,
    *,
    limit_m: float,
    walking: bool = False,
    progress: Progress = silent,
) -> Openings:
    """Measure who would walk less to a facility of a class at each of some candidates.

    Parameters
    ----------
    town
        Whose addresses and facilities.
    candidates
        Points or polygons with ``id``, in the town's CRS: a facility at one of them is walked to as any other.
    facility_class
        The class.
    limit_m
        Within which walk somebody is reached (m); where walking counts: beyond which a walk counts as no longer.
    walking
        Whether who is reached already gains, too, by walking less.
    progress
        Hears how far the work is.

    Returns
    -------
    Openings
        The walks, today and then.

    Raises
    ------
    StudyError
        When the class was not asked for, or there are more walks than a machine can hold.
    InputError
        When the town has no addresses.
    CrsError, DuplicateIdError, GeometryError
        When candidates cannot be used.

    Examples
    --------
    >>> from geowoonzorg.town import Town
    >>> town = Town.demo()
    >>> found = measure_openings(town, town.addresses.head(9), "apotheek", limit_m=400)
    >>> found.gains(np.ones(len(found.now)), walking=False).shape[1]
    9
    """
    now = walks_now(town, facility_class, limit_m=limit_m)
    today = now["distance_m"].to_numpy(dtype=np.float64)
    joins = now["status"].isin(["ok", "beyond_limit"]).to_numpy()
    asked = joins & ((today > 0) | np.isnan(today)) if walking else joins & np.isnan(today)
    who, row = town.knows(limit_m), np.flatnonzero(asked).astype(np.int32)
    none: tuple[Any, ...] = np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0)
    found, n = [none], 0
    if len(row) and len(candidates):
        for table in iter_pairs(
            who.network, town.addresses.iloc[row], candidates, limit_m=limit_m, cautious=False,
            progress=progress, **town.walking.access,
        ):  # fmt: skip
            at = row[table["origin_id"].cat.codes.to_numpy()]
            metres = table["distance_m"].to_numpy()
            less = ~(metres >= today[at])
            found.append((
                at[less], table["facility_id"].cat.codes.to_numpy()[less].astype(np.int32), metres[less],
            ))  # fmt: skip
            n += int(less.sum())
            if n > _MOST_WALKS:
                raise StudyError(
                    "{n} candidates and {homes} addresses are more than {most:,} walks: give a shorter limit_m, "
                    "larger cells or fewer candidates",
                    n=len(candidates), homes=len(row), most=_MOST_WALKS,
                )  # fmt: skip
    address, candidate, metres = (np.concatenate(one) for one in zip(*found, strict=True))
    now_m = np.where(joins, np.nan_to_num(today, nan=limit_m), np.nan)
    saves = now_m[address] - metres
    return Openings(now, now_m, address, candidate, saves, len(candidates))


def weigh_homes(town: Town, weight: Weight) -> pd.DataFrame:
    """Say for how much every address counts: as one, or as the people of its zone, shared out evenly.

    Parameters
    ----------
    town
        Whose addresses.
    weight
        What is counted.

    Returns
    -------
    pandas.DataFrame
        By address id ``least`` and ``most``; NaN where nobody knows who lives there. To choose by, not to publish:
        of an area's people nobody knows at which address they live.

    Raises
    ------
    StudyError
        When squares are to count as addresses.
    InputError
        When nothing is known of the people.

    Examples
    --------
    >>> from geowoonzorg.town import Town
    >>> weigh_homes(Town.demo(), "addresses").iloc[0].tolist()
    [1.0, 1.0]
    """
    ids = pd.Index(town.addresses["id"])
    if weight == "addresses":
        if town.homes == "squares":
            raise StudyError(
                "this study counts people by square and has no addresses; give people or 65plus as weight"
            )
        return pd.DataFrame({"least": 1.0, "most": 1.0}, index=ids)
    zone, counts = people_by_zone(town, weight)
    homes = zone.value_counts()
    if town.zone_sizes is not None:
        homes = town.zone_sizes
    each = counts.div(homes.reindex(counts.index), axis=0)
    found = each.reindex(zone.reindex(ids)).set_axis(ids, axis="index")
    if not found["most"].notna().any():
        raise InputError(
            "weight {weight}: of no address is it known how many people live around it; give [areas] with figures, "
            "or count addresses",
            weight=weight,
        )  # fmt: skip
    return found


def count_reached(town: Town, walks: pd.DataFrame, weight: Weight, steps: pd.Index) -> pd.DataFrame:
    """Count who is within reach at each of some steps, never finer than the source tells.

    Parameters
    ----------
    town
        Whose addresses.
    walks
        ``site_id`` (the step), ``address_id`` and ``sure`` (whether in the cautious answer, too), each once.
    weight
        What is counted.
    steps
        What to answer for.

    Returns
    -------
    pandas.DataFrame
        By step ``reached``, ``low`` and ``high``; of people rounded to five, with the band of `count_people`;
        NaN where some are within reach and of none of them anything is known.

    Examples
    --------
    >>> from geowoonzorg.town import Town
    >>> town = Town.demo()
    >>> walks = pd.DataFrame({"site_id": [1, 1], "address_id": town.addresses["id"].head(2), "sure": [True, False]})
    >>> count_reached(town, walks, "addresses", pd.Index([1])).values.tolist()
    [[2.0, 1.0, 2.0]]
    """
    if weight == "addresses":
        n = walks.groupby("site_id")["sure"].agg(["size", "sum"]).reindex(steps, fill_value=0)
        found = pd.DataFrame({"reached": n["size"], "low": n["sum"], "high": n["size"]})
        return found.astype("float64")
    zone, counts = people_by_zone(town, weight)
    people = count_people(walks, zone, counts, site_ids=steps, zone_sizes=town.zone_sizes)
    people.loc[~people.index.isin(walks["site_id"])] = 0.0
    named = {"people": "reached", "people_min": "low", "people_max": "high"}
    return people[list(named)].rename(columns=named)


def share_out(
    town: Town, facilities: gpd.GeoDataFrame, weight: Weight, *, limit_m: float
) -> tuple[pd.DataFrame, pd.Series[float]]:
    """Say how crowded facilities are, and how many places per head everybody has within reach.

    Parameters
    ----------
    town
        Whose addresses.
    facilities
        With ``id``, ``capaciteit`` and geometry, in the town's CRS.
    weight
        Who comes.
    limit_m
        How far they come (m).

    Returns
    -------
    facilities : pandas.DataFrame
        By facility id ``capaciteit``, ``demand`` (all within the limit; of people to five) and
        ``places_per_head`` of those who can walk there; NaN where unknown.
    within_reach : pandas.Series
        By address id the places per head within reach, as `floating_catchment`.

    Examples
    --------
    >>> from geowoonzorg.town import Town
    >>> town = Town.demo()
    >>> homes = town.places("inloopvoorziening").assign(capaciteit=20.0)
    >>> crowded, within_reach = share_out(town, homes, "addresses", limit_m=400)
    >>> round(within_reach.sum() / crowded["capaciteit"].sum(), 9)
    np.float64(1.0)
    """
    who = town.knows(limit_m)
    pairs = pair_reached(who, town.addresses, facilities, limit_m=limit_m).rename(
        columns={"origin_id": "address_id"}
    )
    places = facilities.set_index("id")["capaciteit"].astype("float64")
    people = weigh_homes(town, weight).mean(axis=1, skipna=False)
    found = floating_catchment(pairs, people, places, read_decay().within(limit_m))
    near = people.reindex(pairs["address_id"]).groupby(pairs["facility_id"].to_numpy())
    demand = near.sum(skipna=False).reindex(places.index, fill_value=0.0)
    if weight != "addresses":
        demand = (demand / _ROUNDING).round() * _ROUNDING
    crowded = {"capaciteit": places, "demand": demand, "places_per_head": found.per_head}
    return pd.DataFrame(crowded), found.within_reach
