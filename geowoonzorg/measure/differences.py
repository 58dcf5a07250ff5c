"""Who can walk to what before and after a change: addresses, people as intervals, and who takes whom over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from geowoonzorg.measure.residents import people_by_zone
from geowoonzorg.people.population import count_people
from geowoonzorg.progress import Progress, part, silent
from geowoonzorg.walk.service_area import nearest

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    from geowoonzorg.town import Town

GAINED, LOST, FURTHER, NEARER, SAME = "gained", "lost", "further", "nearer", ""
_SAME_M: Final = 1e-6  # what differs less is as far
#: Before the class and the id of what is there afterwards, so that one search knows both apart.
_AFTER: Final = "after→"
_TIMES: Final = ("before", "after")
_FOUND: Final = {"facility_id": "facility", "distance_m": "distance", "distance_high_m": "high"}


def walks_before_and_after(
    before: Town, after: Town, classes: Sequence[str], *, progress: Progress = silent
) -> pd.DataFrame:
    """Walk from every address to the nearest facility of some classes, before and after a change.

    Parameters
    ----------
    before, after
        The town, and what it becomes; with the same addresses.
    classes
        Which.
    progress
        Hears how far the work is.

    Returns
    -------
    pandas.DataFrame
        A row per address and class, by class: ``id, facility_class``, and of before and after ``facility_…``,
        ``distance_…_m`` and ``high_…_m`` (in the cautious answer), missing where nothing can be reached; and
        ``change``: ``gained`` or ``lost`` (within the first limit), else ``further`` or ``nearer``, empty where
        nothing changes; and ``may_gain`` and ``may_lose``: whether it can come within the limit or fall out, as far
        as what is not known of the streets allows.

    Notes
    -----
    Where the streets are the same the addresses join them once, and both times are found in one search.

    Examples
    --------
    >>> from geowoonzorg.town import Town
    >>> town = Town.demo()
    >>> fewer = town.replace(facilities=town.facilities[town.facilities["facility_class"] != "apotheek"])
    >>> sorted(walks_before_and_after(town, fewer, ["apotheek"])["change"].unique())
    ['', 'further', 'lost']
    """
    homes = before.addresses
    tables = []
    if homes.empty or not classes:
        found = {"before": _nothing(), "after": _nothing()}
    else:
        found = _found_both(before, after, classes, progress)
    every = pd.MultiIndex.from_product([list(classes), homes["id"]], names=["facility_class", "id"])
    for time in _TIMES:
        own = found[time].set_index(["facility_class", "origin_id"]).reindex(every)
        named = {
            c: f"{name}_{time}" + ("" if name == "facility" else "_m") for c, name in _FOUND.items()
        }
        tables.append(own[list(_FOUND)].rename(columns=named))
    table = pd.concat(tables, axis=1).reset_index()
    table["change"] = _changes(table, before.walking.limits_m[0])
    return table.assign(**_possible(before, after, table))


def _found_both(
    before: Town, after: Town, classes: Sequence[str], progress: Progress
) -> dict[str, pd.DataFrame]:
    """Walk before and after; what was walked before an earlier change of the same town is not walked again."""
    known: dict[str, pd.DataFrame] = before.kept.setdefault("walks of addresses", {})
    fresh = [name for name in classes if name not in known]
    if before.network is after.network:
        anew, later = _both_at_once(before, after, fresh, classes, progress)
    else:
        anew = _found(before, before.facilities, fresh, part(progress, 0.0, 0.5))
        later = _found(after, after.facilities, classes, part(progress, 0.5, 1.0))
    known |= {name: anew[anew["facility_class"] == name] for name in fresh}
    return {"before": pd.concat([known[name] for name in classes]), "after": later}


def _both_at_once(
    before: Town, after: Town, fresh: Sequence[str], classes: Sequence[str], progress: Progress
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Search what is there before, of some classes, and after, of all, as if they were two sets of classes."""
    names = [*fresh, *(_AFTER + name for name in classes)]
    there = after.facilities[after.facilities["facility_class"].isin(classes)]
    there = there.assign(
        id=_AFTER + there["id"].astype("str"),
        facility_class=_AFTER + there["facility_class"].astype("str"),
    )
    here = before.facilities[before.facilities["facility_class"].isin(fresh)]
    parts = [some for some in (here, there) if len(some)]
    if not parts:
        return _nothing(), _nothing()
    places = gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=before.crs)
    found = _found(before, places, names, progress)
    later = found["facility_class"].str.startswith(_AFTER)
    shown = {c: found[c].str.removeprefix(_AFTER) for c in ("facility_class", "facility_id")}
    found = found.assign(**shown)
    return found[~later], found[later]


def _found(
    town: Town, places: gpd.GeoDataFrame, classes: Collection[str], progress: Progress
) -> pd.DataFrame:
    """Walk from every address to the nearest of some classes."""
    places = places[places["facility_class"].isin(classes)]
    if places.empty:
        return _nothing()
    found = nearest(
        town.network, town.addresses, places, progress=progress, **town.walking.access
    ).reset_index(drop=True)
    return pd.DataFrame(found.drop(columns="geometry"))


def _nothing() -> pd.DataFrame:
    columns = {c: pd.Series(dtype="float64" if c.endswith("_m") else "str") for c in _FOUND}
    texts = {c: pd.Series(dtype="str") for c in ("facility_class", "origin_id")}
    return pd.DataFrame({**texts, **columns})


def _changes(table: pd.DataFrame, limit_m: float) -> NDArray[np.object_]:
    """Say of every walk what becomes of it."""
    far = [table[f"distance_{time}_m"].fillna(np.inf).to_numpy(np.float64) for time in _TIMES]
    was, is_ = (metres <= limit_m for metres in far)
    both_endless = np.isinf(far[0]) & np.isinf(far[1])
    more = np.where(both_endless, 0.0, far[1] - np.where(both_endless, 0.0, far[0]))
    return np.select(
        [is_ & ~was, was & ~is_, more > _SAME_M, more < -_SAME_M],
        [GAINED, LOST, FURTHER, NEARER], SAME,
    ).astype(object)  # fmt: skip


def _possible(before: Town, after: Town, table: pd.DataFrame) -> dict[str, NDArray[np.bool_]]:
    """Tell which walks may come within the limit, or fall out, for all that is known of the streets.

    Whoever does is within the limit afterwards (before) by the ways as they are known, is not surely so before
    (afterwards), and on the same streets is so by a facility that comes (goes).
    """
    limit_m = before.walking.limits_m[0]
    likely = [(table[f"distance_{time}_m"] <= limit_m).to_numpy() for time in _TIMES]
    surely = [
        known & (table[f"high_{time}_m"] <= limit_m).to_numpy()
        for known, time in zip(likely, _TIMES, strict=True)
    ]
    may = {"may_gain": likely[1] & ~surely[0], "may_lose": likely[0] & ~surely[1]}
    if before.network is not after.network:
        return may
    for name, (here, there) in {"may_gain": (after, before), "may_lose": (before, after)}.items():
        own = _alone(here, there)
        for facility_class in table.loc[may[name], "facility_class"].unique():
            rows = np.flatnonzero(
                may[name] & (table["facility_class"] == facility_class).to_numpy()
            )
            places = own[own["facility_class"] == facility_class]
            may[name][rows] = False
            if places.empty:
                continue
            homes = before.addresses[before.addresses["id"].isin(table["id"].iloc[rows])]
            near = nearest(before.network, homes, places, limit_m=limit_m, **before.walking.access)
            reached = near.loc[near["distance_m"].notna(), "origin_id"]
            may[name][rows] = table["id"].iloc[rows].isin(reached).to_numpy()
    return may


def _alone(here: Town, there: Town) -> gpd.GeoDataFrame:
    """Give the facilities of a town that the other has not, or has elsewhere."""
    places = here.facilities
    others = there.facilities.set_index("id").geometry.reindex(places["id"])
    same = places.geometry.geom_equals(gpd.GeoSeries(others.to_numpy(), places.index, crs=here.crs))
    return places[~same]


def ledger(before: Town, after: Town, walks: pd.DataFrame, classes: Sequence[str]) -> pd.DataFrame:
    """List whom each facility serves before and after: those to whom it is the nearest of its class.

    Parameters
    ----------
    before, after
        The town, and what it becomes.
    walks
        From `walks_before_and_after`.
    classes
        Those of which it was asked.

    Returns
    -------
    pandas.DataFrame
        A row per facility of the classes: ``facility_class, facility_id, name, state`` (opens, closes,
        moves, stays), and of before and after ``addresses_…`` (to which it is the nearest, however far),
        ``within_…`` (those of them within the first limit), and the people at those addresses:
        ``people_…, people_low_…, people_high_…`` and ``people_65plus_…, people_65plus_low_…,
        people_65plus_high_…``; NaN where not known. Squares are no addresses, and without any nothing is known.

    Examples
    --------
    >>> from geowoonzorg.town import Town
    >>> town = Town.demo()
    >>> table = ledger(town, town, walks_before_and_after(town, town, ["apotheek"]), ["apotheek"])
    >>> bool((table["addresses_before"] == table["addresses_after"]).all())
    True
    """
    rows = [
        town.facilities[town.facilities["facility_class"].isin(classes)].assign(time=time)
        for town, time in ((before, "before"), (after, "after"))
    ]
    known = pd.concat([rows[1], rows[0]], ignore_index=True).drop_duplicates("id")
    order = known.sort_values(["facility_class", "id"])
    table = pd.DataFrame(order[["facility_class", "id", "name", "geometry"]]).rename(
        columns={"id": "facility_id"}
    )
    ids = pd.Index(table["facility_id"])
    table["state"] = _states(
        rows[0].set_index("id").geometry, rows[1].set_index("id").geometry, ids
    )
    told: dict[str, pd.DataFrame] = before.kept.setdefault("served before", {})
    for name in classes:  # whatever is tried, they served the same people before
        if name not in told:
            told[name] = _served(before, walks[walks["facility_class"] == name], "before")
    was = [told[name] for name in classes] or [_served(before, walks[:0], "before")]
    for served in (pd.concat(was), _served(before, walks, "after")):
        own = served.reindex(ids)
        own[~ids.isin(served.index)] = 0.0
        whole = dict.fromkeys((c for c in map(str, own) if not c.startswith("people")), "int64")
        table = table.assign(**own.astype(whole).set_axis(table.index))
    unknown: tuple[str, ...] = ("addresses_", "within_") if before.homes == "squares" else ()
    if before.addresses.empty:
        unknown = ("addresses_", "within_", "people_")
    for column in map(str, table.columns):
        if unknown and column.startswith(unknown):
            table[column] = np.nan
    return table.reset_index(drop=True)


def _served(before: Town, walks: pd.DataFrame, time: str) -> pd.DataFrame:
    """Count whom each facility serves at one time, by its id; those that serve nobody are left out."""
    some = walks[walks[f"facility_{time}"].notna()]
    owner = some[f"facility_{time}"]
    near = some[f"distance_{time}_m"] <= before.walking.limits_m[0]
    ids = pd.Index(owner.unique())
    counts = {
        f"addresses_{time}": owner.value_counts().reindex(ids),
        f"within_{time}": owner[near].value_counts().reindex(ids, fill_value=0),
    }
    pairs = pd.DataFrame({"site_id": owner, "address_id": some["id"]})
    people = _as_columns(_people(before, pairs, ids), time)
    return pd.DataFrame({**counts, **people}, index=ids)


def _states(before: gpd.GeoSeries, after: gpd.GeoSeries, ids: pd.Index) -> list[str]:
    """Say of each facility whether it opens, closes, moves or stays."""
    was, is_ = ids.isin(before.index), ids.isin(after.index)
    moved = np.array(
        [
            bool(a and b and not before[i].equals(after[i]))
            for i, a, b in zip(ids, was, is_, strict=True)
        ],
        dtype=bool,
    )
    return np.select(
        [is_ & ~was, was & ~is_, moved], ["opens", "closes", "moves"], "stays"
    ).tolist()


def handover(walks: pd.DataFrame) -> pd.DataFrame:
    """List from which facility to which addresses go.

    Parameters
    ----------
    walks
        From `walks_before_and_after`.

    Returns
    -------
    pandas.DataFrame
        ``facility_class, from_id, to_id, addresses`` and their mean ``distance_before_m`` and ``distance_after_m``;
        a row for every pair of which the nearest changes, an id missing where there is none in reach.

    Examples
    --------
    >>> from geowoonzorg.town import Town
    >>> town = Town.demo()
    >>> len(handover(walks_before_and_after(town, town, ["apotheek"])))
    0
    """
    one, other = (walks[f"facility_{time}"].astype(object) for time in _TIMES)
    moved = walks[(one != other) & (one.notna() | other.notna())]
    keys = ["facility_class", "facility_before", "facility_after"]
    groups = moved.groupby(keys, dropna=False, observed=True)
    found = groups.agg(
        addresses=("id", "size"), distance_before_m=("distance_before_m", "mean"),
        distance_after_m=("distance_after_m", "mean"),
    )  # fmt: skip
    return found.reset_index().rename(
        columns={"facility_before": "from_id", "facility_after": "to_id"}
    )


def by_area(before: Town, walks: pd.DataFrame) -> pd.DataFrame:
    """Say of every area, and of all together, who comes within the first limit of each class and who falls out.

    Parameters
    ----------
    before
        The town before the change.
    walks
        From `walks_before_and_after`.

    Returns
    -------
    pandas.DataFrame
        ``area_code`` (missing for all together, which come first), ``facility_class, addresses, within_before,
        within_after, gained, lost`` (addresses), and for each of the last two the people: ``people_gained,
        people_low_gained, people_high_gained``, ``people_65plus_gained`` …, and so of ``lost``. The lower end is of
        addresses that surely change, the upper of all that may when what is not known of the streets is
        taken at its cautious default; NaN where not known.

    Examples
    --------
    >>> from geowoonzorg.town import Town
    >>> town = Town.demo()
    >>> table = by_area(town, walks_before_and_after(town, town, ["apotheek"]))
    >>> table["gained"].sum(), table["people_lost"].max()
    (np.int64(0), np.float64(0.0))
    """
    limit_m = before.walking.limits_m[0]
    area = before.home.reindex(walks["id"]).to_numpy()
    likely = [(walks[f"distance_{time}_m"] <= limit_m).to_numpy() for time in _TIMES]
    surely = [
        known & (walks[f"high_{time}_m"] <= limit_m).to_numpy()
        for known, time in zip(likely, _TIMES, strict=True)
    ]
    flags = walks[["facility_class"]].assign(
        area_code=area, addresses=1, within_before=likely[0], within_after=likely[1],
        gained=likely[1] & ~likely[0], lost=likely[0] & ~likely[1],
    )  # fmt: skip
    keys = ["area_code", "facility_class"]
    inside = flags[flags["area_code"].notna()].groupby(keys, observed=True).sum()
    whole = flags.drop(columns="area_code").groupby("facility_class").sum()
    whole = pd.concat({np.nan: whole}, names=["area_code"]) if len(whole) else inside[:0]
    table = pd.concat([whole, inside]).astype("int64").reset_index()
    row = pd.Index(_keys(table["area_code"], table["facility_class"]))
    for name, (start, end) in {"gained": (0, 1), "lost": (1, 0)}.items():
        may = walks["may_gain" if name == "gained" else "may_lose"].to_numpy()
        some = walks.loc[may, ["id", "facility_class"]]
        pairs = pd.concat([
            pd.DataFrame({
                "site_id": _keys(pd.Series(where, some.index), some["facility_class"]),
                "address_id": some["id"],
                "likely": (likely[end] & ~likely[start])[may],
                "sure": (surely[end] & ~likely[start])[may],
            })
            for where in (np.full(len(some), np.nan), area[may])
        ])  # fmt: skip
        table = table.assign(**_as_columns(_people(before, pairs, row), name))
    if before.homes == "squares":
        table[["addresses", "within_before", "within_after", "gained", "lost"]] = np.nan
    return table


def _keys(area: pd.Series, facility_class: pd.Series) -> pd.Series:
    """Make one key of an area and a class; all together have no area."""
    return area.astype(object).where(area.notna(), "") + "\x1f" + facility_class.astype(object)


def _people(town: Town, pairs: pd.DataFrame, keys: pd.Index) -> dict[str, pd.DataFrame]:
    """Count the people at addresses, all and those of 65 and over, by key.

    Pairs may say which of them are ``likely``, which count for the estimate, and which are ``sure``; all count
    for the upper end.
    """
    found = {}
    likely = pairs[pairs["likely"]] if "likely" in pairs else pairs
    some = pd.Index(pairs["site_id"]).unique()
    for group, elderly in (("people", False), ("people_65plus", True)):
        zone, counts = people_by_zone(town, "65plus" if elderly else "people")
        table = count_people(likely, zone, counts, site_ids=keys, zone_sizes=town.zone_sizes)
        if len(likely) < len(pairs):
            most = count_people(
                pairs[["site_id", "address_id"]],
                zone,
                counts,
                site_ids=keys,
                zone_sizes=town.zone_sizes,
            )
            table["people_max"] = most["people_max"]
            for column in ("people", "people_min"):  # nobody is likely to, but somebody may
                table[column] = table[column].mask(
                    most["people_max"].notna() & table[column].isna(), 0.0
                )
        table.loc[~keys.isin(some), ["people", "people_min", "people_max"]] = 0.0
        found[group] = table
    return found


def _as_columns(people: dict[str, pd.DataFrame], ending: str) -> dict[str, NDArray[np.float64]]:
    """Name counts of people after what they are of."""
    ends = {"people": "", "people_min": "_low", "people_max": "_high"}
    return {
        f"{group}{end}_{ending}": table[column].to_numpy(np.float64)
        for group, table in people.items()
        for column, end in ends.items()
    }
