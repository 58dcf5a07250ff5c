"""The ways from origins to the facilities of one class, over streets or straight over a square: the best of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from geowoonzorg.progress import Progress, silent
from geowoonzorg.walk.both_answers import unknown_shares
from geowoonzorg.walk.crossing import corners_of, meet, met_places, square_at
from geowoonzorg.walk.reach import nearest_seeds
from geowoonzorg.walk.square_parts import metres_over
from geowoonzorg.walk.surely_near import rank_surely

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geowoonzorg.walk.access import Access
    from geowoonzorg.walk.both_answers import BothAnswers
    from geowoonzorg.walk.network import WalkNetwork


class Walks(NamedTuple):
    """Ways from origins to facilities, a row each: who, metres, those straight at either end, what is not known."""

    origin: NDArray[np.int64]
    facility: NDArray[np.int64]
    metres: NDArray[np.float64]
    origin_leg: NDArray[np.float64]
    facility_leg: NDArray[np.float64]
    unknown_share: NDArray[np.float64]


def list_walks(
    net: WalkNetwork,
    homes: Access,
    places: Access,
    nearest_of: tuple[NDArray[np.float64], NDArray[np.int32], NDArray[np.float64]],
    limit: float,
    *,
    access_legs: bool,
) -> Walks:
    """List what each point of an origin reaches: as `nearest_with_unknown` found, or seen over a square."""
    metres, seed, unknown = nearest_of
    found = np.flatnonzero(np.isfinite(metres))
    hit = seed[found].astype(np.int64)
    unknown = unknown[found]
    if homes.over_m is not None or places.over_m is not None:
        walked = metres[found] - homes.counted(access_legs=access_legs).access[found]
        walked -= places.counted(access_legs=access_legs).access[hit]
        (over, of_these), (to, of_those) = _over(net, homes, found), _over(net, places, hit)
        unknown = unknown_shares(unknown * walked + of_these + of_those, walked + over + to)
    walks = Walks(
        homes.place[found], places.place[hit], metres[found], homes.leg_m[found], places.leg_m[hit],
        unknown,
    )  # fmt: skip
    here, there = homes.spots, places.spots
    if not len(here.place) or not len(there.place):
        return walks
    met = meet(
        net, here.counted(access_legs=access_legs), there.counted(access_legs=access_legs), limit
    )
    ends = here.xy[met.one], there.xy[met.other]
    straight = Walks(
        here.place[met.one], there.place[met.other], met.metres, here.leg_m[met.one],
        there.leg_m[met.other],
        unknown_shares(*_unknown_over(net, here.square[met.one], *ends)),
    )  # fmt: skip
    return Walks(*(np.append(a, b) for a, b in zip(walks, straight, strict=True)))


def _over(
    net: WalkNetwork, access: Access, seed: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give the metres that joining costs over squares, and those of them of which something is not known."""
    over, unknown = np.zeros((2, len(seed)))
    if access.over_m is not None:
        some = np.flatnonzero(access.over_m[seed] > 0.0)
        at = seed[some]
        square = square_at(access.spots, access.place[at], access.xy[at])
        unknown[some], over[some] = _unknown_over(
            net, square, access.xy[at], corners_of(net, access.seeds, at)
        )
    return over, unknown


def _unknown_over(
    net: WalkNetwork,
    square: NDArray[np.int64],
    start: NDArray[np.float64],
    end: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give of straight ways over squares the metres of which something is not known, and all."""
    row, way, metres = metres_over(net, square, start, end)
    n = len(square)
    unknown, walked = (
        np.bincount(row, weights=some, minlength=n).astype(np.float64)
        for some in (metres * net.way_unknown[way], metres)
    )
    return unknown, walked


def best_walks(
    origin: NDArray[np.int64], metres: NDArray[np.float64], facility: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Choose the best way of each origin: the shortest, and of equal ones that to the first facility.

    Parameters
    ----------
    origin, metres, facility
        The ways, shape (n_ways,).

    Returns
    -------
    numpy.ndarray
        Which ways, one for each origin that has any, by origin.

    Examples
    --------
    >>> best_walks(np.array([1, 0, 1]), np.array([9.0, 5.0, 8.0]), np.array([0, 1, 2])).tolist()
    [1, 2]
    """
    if (np.diff(origin) > 0).all():  # one way each, as of points without squares
        return np.arange(len(origin))
    order = np.lexsort((facility, metres, origin))
    return order[np.flatnonzero(np.diff(origin[order], prepend=-1))]


def nearest_walks(
    net: WalkNetwork,
    homes: Access,
    places: Access,
    limit: float,
    *,
    access_legs: bool,
    progress: Progress = silent,
) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """Measure from every origin to the nearest of some facilities.

    Parameters
    ----------
    net
        The network.
    homes, places
        Where origins and facilities join it.
    limit
        The limit, inclusive (m); inf for none.
    access_legs
        Whether access distances count.
    progress
        Hears how far the work is.

    Returns
    -------
    distance_m : numpy.ndarray
        Shape (n_origins,) (m); inf where nothing is within the limit.
    facility : numpy.ndarray
        Which of ``places``, -1 for none; of equal distances the first.
    """
    here, there = (one.counted(access_legs=access_legs) for one in (homes, places))
    metres, seed = nearest_seeds(net, there, here, limit, progress=progress)
    hit = np.flatnonzero(seed >= 0)
    origin, facility, metres = homes.place[hit], places.place[seed[hit]], metres[hit]
    some, others = (one.spots.counted(access_legs=access_legs) for one in (homes, places))
    if len(some.place) and len(others.place):
        met = meet(net, some, others, limit)
        origin = np.append(origin, some.place[met.one])
        facility = np.append(facility, others.place[met.other])
        metres = np.append(metres, met.metres)
    best = best_walks(origin, metres, facility)
    n = len(homes.status)
    distance, found = np.full(n, np.inf), np.full(n, -1, np.int32)
    distance[origin[best]], found[origin[best]] = metres[best], facility[best]
    return distance, found


def nearest_in_both(
    homes: BothAnswers, places: BothAnswers, limit: float, *, access_legs: bool
) -> NDArray[np.float64]:
    """Measure from every origin within how many metres one of the facilities is in both answers; inf for none."""
    net, here, there = homes.nets[1], homes.accesses[1], places.accesses[1]
    seeds, points = (a.counted(access_legs=access_legs) for a in (there, here))
    metres, seed = nearest_seeds(net, seeds, points, limit)
    hit = np.flatnonzero(seed >= 0)
    origin, facility, metres = here.place[hit], there.place[seed[hit]], metres[hit]
    straight = met_places(
        net, there.spots.counted(access_legs=access_legs),
        here.spots.counted(access_legs=access_legs), limit,
    )  # fmt: skip
    if straight is not None:
        place, of, over = straight
        origin, facility = np.append(origin, of), np.append(facility, place)
        metres = np.append(metres, over)
    best = best_walks(origin, metres, facility)
    origin, facility, metres = origin[best], facility[best], metres[best]
    high = np.full(len(here.status), np.inf)
    high[origin] = metres
    # only who joins elsewhere, or whose nearest does, may have to be asked in both answers
    doubt = homes.moved[origin] | places.moved[facility]
    if doubt.any():
        high[origin[doubt]] = np.inf
        table = pd.DataFrame({
            "origin": origin[doubt], "facility": facility[doubt], "distance_m": metres[doubt], "rank": 1,
        })  # fmt: skip
        sure = rank_surely(table, homes, places, k=1, limit_m=limit, access_legs=access_legs)
        high[sure["origin"].to_numpy()] = sure["distance_m"].to_numpy()
    return high
