"""Homes moved to beside a facility, or a facility brought to where people live: whom either reaches, as one curve."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from geowoonzorg.choosing.homes import Bound, share_homes
from geowoonzorg.measure.residents import people_around
from geowoonzorg.walk.service_area import nearest

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geowoonzorg.choosing.homes import HomesAsked, HomesShared
    from geowoonzorg.measure.reach import Reach
    from geowoonzorg.progress import Progress

BUILD: Final = "build"
BRING: Final = "bring"
COLUMNS: Final = (
    "way", "facility_class", "homes_moved", "facilities_added", "site_id", "people_reached", "people_reached_low",
    "people_reached_high", "addresses_reached", "new_residents_reached", "people_per_step", "score_cost",
)  # fmt: skip
_STEPS: Final = 5  # points of the curve, either way


@dataclass(frozen=True, eq=False)
class Shared:
    """A programme whose homes may be moved.

    Attributes
    ----------
    asked, found
        What was asked, and how the homes were shared out.
    near
        Shape (n, n), bool: in the catchment of the row come the homes of the column.
    persons_per_home
        How many people live in a new home.
    """

    asked: HomesAsked
    found: HomesShared
    near: NDArray[np.bool_]
    persons_per_home: float


def build_or_bring(
    reach: Reach, shared: Shared, facility_class: str, *, seconds: float, progress: Progress
) -> pd.DataFrame:
    """Compare building beside the facilities of a class with bringing one to the sites, without costs.

    Parameters
    ----------
    reach
        The sites and the walks around them.
    shared
        The programme.
    facility_class
        Of which class.
    seconds
        At most so long for each point of the curve.
    progress
        Hears how far the work is.

    Returns
    -------
    pandas.DataFrame
        A row per point. ``way`` is ``build`` (as many more homes as ``homes_moved`` within the first limit of a
        facility of the class, at ``score_cost`` points) or ``bring`` (so many ``facilities_added``, the last at
        ``site_id``; each where it reaches most people more, the homes as the programme has them).
        ``people_reached``: how many people more than now are within reach, with ``_low`` and ``_high`` of the
        residents' counts, of which ``new_residents_reached`` live in the new homes; NaN where not known.
        ``addresses_reached``: at how many addresses (or squares) the others live.
        ``people_per_step``: per home moved, or by this facility alone.

    Raises
    ------
    Cancelled
        When ``progress`` asks to stop.

    Notes
    -----
    Facilities are added one by one, which need not be the best set of that number; `locate` proves that. People are
    counted, no money.
    """
    if facility_class not in reach.town.classes:
        return pd.DataFrame(columns=list(COLUMNS))
    limit_m = reach.town.walking.limits_m[0]
    walks = reach.walks[reach.walks["facility_class"] == facility_class]
    metres = walks.set_index("origin_id")["distance_m"].reindex(reach.ids)
    reached = (metres <= limit_m).to_numpy(dtype=bool)
    rows = [
        *_build(shared, reached, seconds, progress),
        *_bring(reach, shared, reached, facility_class, progress),
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS)).assign(facility_class=facility_class)


def _build(
    shared: Shared, reached: NDArray[np.bool_], seconds: float, progress: Progress
) -> list[dict[str, object]]:
    """Move homes to where a facility is within reach, as far as the bounds let them."""
    asked, found = shared.asked, shared.found
    there = int(found.homes[reached].sum())
    most = share_homes(
        replace(asked, gain=reached.astype(np.float64)), start=found.homes, seconds=seconds,
        progress=progress,
    )  # fmt: skip
    room = int(most.homes[reached].sum()) - there
    rows: list[dict[str, object]] = []
    for moved in np.unique(np.linspace(0, room, _STEPS + 1).astype(int))[1:]:
        least = Bound("beside", "", -reached.astype(np.float64), -float(there + moved))
        moved_to = share_homes(
            replace(asked, bounds=(*asked.bounds, least)), seconds=seconds, progress=progress
        )
        if moved_to.status != "optimal":
            break
        people = float(moved) * shared.persons_per_home
        rows.append({
            "way": BUILD, "homes_moved": int(moved), "facilities_added": 0, "site_id": "",
            "people_reached": people, "people_reached_low": people, "people_reached_high": people,
            "addresses_reached": 0,
            "new_residents_reached": people, "people_per_step": shared.persons_per_home,
            "score_cost": found.objective - moved_to.objective,
        })  # fmt: skip
    return rows


def _bring(
    reach: Reach,
    shared: Shared,
    reached: NDArray[np.bool_],
    facility_class: str,
    progress: Progress,
) -> list[dict[str, object]]:
    """Add facilities at sites, each where it reaches most people who are not within reach of any."""
    town = reach.town
    now = nearest(
        town.network, town.around, town.facilities, limit_m=town.walking.limits_m[0],
        progress=progress, **town.walking.access,
    )  # fmt: skip
    here = (now["facility_class"] == facility_class) & (now["status"] == "ok")
    far = set(town.around["id"]) - set(now.loc[here, "origin_id"])
    pairs = reach.pairs[reach.pairs["address_id"].isin(far)]
    new = shared.found.homes * shared.persons_per_home
    open_ = ~reached
    rows: list[dict[str, object]] = []
    had: pd.DataFrame = pairs.iloc[:0]
    added: list[int] = []
    before = 0.0
    last = told = 0.0
    for number in range(1, _STEPS + 1):
        residents = _residents(reach, had, pairs)
        newly = (shared.near & open_) @ new
        # Where nobody knows how many people live at the addresses, those stand for them in the order alone.
        lived = residents["people"].fillna(residents["addresses"] * shared.persons_per_home)
        total = lived.to_numpy(dtype=np.float64) + before + newly
        total[added] = -np.inf
        best = int(np.argmax(total))
        if not total[best] > last:
            break
        place = reach.ids[best]
        before += float(newly[best])
        known = residents.loc[place]
        people = float(known["people"]) + before
        rows.append({
            "way": BRING, "homes_moved": 0, "facilities_added": number, "site_id": str(place),
            "people_reached": people, "people_reached_low": float(known["people_min"]) + before,
            "people_reached_high": float(known["people_max"]) + before,
            "addresses_reached": int(known["addresses"]),
            "new_residents_reached": before, "score_cost": 0.0,
            "people_per_step": people - told,
        })  # fmt: skip
        last, told = float(total[best]), people
        had = _once(
            pd.concat([had, pairs[pairs["site_id"] == place]], ignore_index=True), "address_id"
        )
        open_ = open_ & ~shared.near[best]
        added.append(best)
    return rows


def _residents(reach: Reach, had: pd.DataFrame, pairs: pd.DataFrame) -> pd.DataFrame:
    """Count, per site, the people whom a facility there and those before it would reach together."""
    n = len(reach.ids)
    shared = pd.DataFrame({
        "site_id": np.repeat(reach.ids.to_numpy(), len(had)),
        "address_id": np.tile(had["address_id"].to_numpy(), n),
        "sure": np.tile(had["sure"].to_numpy(dtype=bool), n),
    })  # fmt: skip
    both = pd.concat([shared, pairs[["site_id", "address_id", "sure"]]], ignore_index=True)
    each = _once(both, "site_id", "address_id")
    addresses = each.groupby("site_id", observed=True).size().reindex(reach.ids, fill_value=0)
    return people_around(reach.town, each, reach.ids).assign(addresses=addresses)


def _once(pairs: pd.DataFrame, *keys: str) -> pd.DataFrame:
    """Keep each pair once, as surely as any of it."""
    return pairs.sort_values("sure", ascending=False, kind="stable").drop_duplicates(list(keys))
