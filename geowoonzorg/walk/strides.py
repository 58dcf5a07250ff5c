"""The ends of routes that lie on squares, and the routes that lie on one altogether."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from geowoonzorg.walk.crossing import corners_of, meet, square_at

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geowoonzorg.walk.access import Access
    from geowoonzorg.walk.network import WalkNetwork


class Traced(NamedTuple):
    """Routes as parts of edges: metres (inf for none), where each route's parts start; a part's edge, begin and end.

    ``joins``, shape (n, 2), says which seed of the origin and of the facility a route runs between; -1 for none.
    """

    metres: NDArray[np.float64]
    start: NDArray[np.int64]
    edge: NDArray[np.int32]
    begin: NDArray[np.float64]
    end: NDArray[np.float64]
    joins: NDArray[np.int64]


class Strides(NamedTuple):
    """Straight ways over squares at the ends of routes, one row each.

    ``route``; ``last``, whether it ends the route or begins it; ``xy``, its end that is the route's, and
    ``corner_xy``, where it meets the streets or the other end, shape (n, 2) (m); ``metres``; ``square``.
    """

    route: NDArray[np.int64]
    last: NDArray[np.bool_]
    xy: NDArray[np.float64]
    corner_xy: NDArray[np.float64]
    metres: NDArray[np.float64]
    square: NDArray[np.int64]


def stride_over(
    net: WalkNetwork,
    homes: Access,
    places: Access,
    origin: NDArray[np.int64],
    facility: NDArray[np.int64],
    traced: Traced,
    *,
    access_legs: bool,
) -> tuple[Traced, Strides]:
    """Take the straight way over a square where it is the shortest, and tell of the ends of the other routes.

    Parameters
    ----------
    net
        The network.
    homes, places
        Where origins and facilities join it.
    origin, facility
        Those of every route, shape (n,); facility is -1 where there is none.
    traced
        The routes over the network.
    access_legs
        Whether access distances count.

    Returns
    -------
    traced : Traced
        The routes; one that stays on a square has no parts.
    strides : Strides
        What they walk over squares beside them.
    """
    route, one, other, metres = _straight(net, homes, places, origin, facility, access_legs)
    shorter = metres < traced.metres[route]
    route, one, other, metres = route[shorter], one[shorter], other[shorter], metres[shorter]
    size = np.diff(traced.start)
    kept = np.repeat(~np.isin(np.arange(len(size)), route), size)
    size[route] = 0
    joins = traced.joins.copy()
    joins[route] = -1
    whole = traced.metres.copy()
    whole[route] = metres
    start = np.append(0, np.cumsum(size))
    parts = (traced.edge[kept], traced.begin[kept], traced.end[kept])
    a, b = homes.spots.rows(one), places.spots.rows(other)
    along = net.scale.lengths(a.xy, b.xy) if len(route) else np.empty(0)
    strides = [Strides(route, np.zeros(len(route), bool), a.xy, b.xy, along, a.square)]
    for last, access in enumerate((homes, places)):
        if access.over_m is not None:
            strides.append(_ends(net, access, joins[:, last], last=bool(last)))
    rows = Strides(*(np.concatenate(column) for column in zip(*strides, strict=True)))
    return Traced(whole, start, *parts, joins), rows


def _straight(
    net: WalkNetwork,
    homes: Access,
    places: Access,
    origin: NDArray[np.int64],
    facility: NDArray[np.int64],
    access_legs: bool,  # noqa: FBT001 - handed on
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Find the routes whose ends see each other over a square: route, the two spots, and metres with legs."""
    none = np.empty(0, np.int64)
    if not len(homes.spots.place) or not len(places.spots.place):
        return none, none, none, np.empty(0)
    met = meet(
        net, homes.spots.counted(access_legs=access_legs),
        places.spots.counted(access_legs=access_legs), np.inf,
    )  # fmt: skip
    pairs = pd.DataFrame({
        "origin": homes.spots.place[met.one], "facility": places.spots.place[met.other],
        "one": met.one, "other": met.other, "metres": met.metres,
    })  # fmt: skip
    pairs = pairs.sort_values("metres", kind="stable").drop_duplicates(["origin", "facility"])
    asked = pd.DataFrame({"origin": origin, "facility": facility, "route": np.arange(len(origin))})
    found = asked.merge(pairs, on=["origin", "facility"])
    return tuple(found[name].to_numpy() for name in ("route", "one", "other", "metres"))  # type: ignore[return-value]


def _ends(net: WalkNetwork, access: Access, seed: NDArray[np.int64], *, last: bool) -> Strides:
    """Tell of the ends of routes that come from, or go to, a place over a square; ``seed`` is -1 for no route."""
    over = np.zeros(len(seed)) if access.over_m is None else access.over_m[seed]
    route = np.flatnonzero((seed >= 0) & (over > 0.0))
    at = seed[route]
    square = square_at(access.spots, access.place[at], access.xy[at])
    corner = corners_of(net, access.seeds, at)
    return Strides(route, np.full(len(route), last), access.xy[at], corner, over[route], square)
