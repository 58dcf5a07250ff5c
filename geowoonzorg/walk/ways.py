"""Traced ways between origins and facilities: metres, lines and what one meets on them, each found when asked."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from geowoonzorg.progress import Progress, silent
from geowoonzorg.walk.access import Access, join_network
from geowoonzorg.walk.both_answers import unknown_of_parts
from geowoonzorg.walk.chunks import run_chunks
from geowoonzorg.walk.encounters import RouteParts, bench_gaps, count_encounters
from geowoonzorg.walk.kernels import tracing
from geowoonzorg.walk.square_parts import metres_over
from geowoonzorg.walk.street_parts import draw_parts
from geowoonzorg.walk.strides import Strides, Traced, stride_over

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import ArrayLike, NDArray

    from geowoonzorg.walk.kernels.search import Workspace
    from geowoonzorg.walk.network import WalkNetwork


class Ways:
    """Shortest ways that are traced: their metres, and what one meets on them, each found when first asked.

    ``metres`` (m, inf for none), ``found`` and ``length_m`` (on the network; NaN for none) have an item per way;
    ``home_status`` says how its origin joins the network.
    """

    def __init__(
        self, net: WalkNetwork, traced: Traced, strides: Strides, home_status: NDArray[np.int8]
    ) -> None:
        self._net, self._traced, self._strides = net, traced, strides
        self.home_status = home_status
        self.metres = traced.metres
        self.found = np.isfinite(traced.metres)
        n = len(traced.metres)
        self._of = np.repeat(np.arange(n), np.diff(traced.start))
        along = np.abs(traced.end - traced.begin)
        length = np.bincount(self._of, weights=along, minlength=n).astype(np.float64)
        length += np.bincount(strides.route, weights=strides.metres, minlength=n)
        self._length = length
        self.length_m = np.where(self.found, length, np.nan)

    @cached_property
    def _over(self) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float64]]:
        """The ways over squares: route, row of ``way_attributes`` and metres."""
        strides = self._strides
        row, way, metres = metres_over(self._net, strides.square, strides.xy, strides.corner_xy)
        return strides.route[row], way, metres

    @property
    def unknown_m(self) -> NDArray[np.float64]:
        """The metres of which something that matters is not known."""
        traced, unknown = self._traced, np.zeros(len(self.metres))
        of_parts = unknown_of_parts(self._net, traced.edge, traced.begin, traced.end)
        np.add.at(unknown, self._of, of_parts)
        route, way, metres = self._over
        np.add.at(unknown, route, metres * self._net.way_unknown[way])
        return unknown

    @cached_property
    def _drawn(self) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        return _draw(self._net, self._traced, self._strides)

    @property
    def lines(self) -> NDArray[np.object_]:
        """One line per way; an empty one where both ends join the network at the same point, None for no way."""
        start, xy = self._drawn
        lines = np.full(len(start) - 1, shapely.LineString(), object)
        drawn = np.flatnonzero(np.diff(start))
        lines[drawn] = shapely.from_ragged_array(
            shapely.GeometryType.LINESTRING, xy, (np.append(start[drawn], len(xy)),)
        )
        lines[~self.found] = None
        return lines

    def bench_gaps(self, bench_lonlat: ArrayLike | None = None) -> NDArray[np.float64]:
        """Measure the longest stretch without a bench; NaN where there is no way, or no bench is known at all.

        Parameters
        ----------
        bench_lonlat
            As `routes`.

        Returns
        -------
        numpy.ndarray
            Metres, an item per way.
        """
        benches = self._net.bench_lonlat if bench_lonlat is None else bench_lonlat
        if benches is None:
            return np.full(len(self.metres), np.nan)
        gaps = bench_gaps(self._net, *self._drawn, self._length, benches)
        return np.where(self.found, gaps, np.nan)

    @cached_property
    def encounters(self) -> dict[str, Any]:
        """What one meets, as `count_encounters`."""
        traced = self._traced
        return count_encounters(
            self._net,
            RouteParts(self._of, traced.edge, traced.begin, traced.end, self.length_m, self._over),
        )


def trace_ways(
    net: WalkNetwork,
    homes: gpd.GeoDataFrame,
    places: gpd.GeoDataFrame,
    origin: NDArray[np.int64],
    facility: NDArray[np.int64],
    *,
    max_snap_m: float = 100.0,
    access_legs: bool = True,
    progress: Progress = silent,
) -> Ways:
    """Trace the shortest way of every pair.

    Parameters
    ----------
    net
        The network.
    homes, places
        Origins and facilities, as `access.read_layer` gives them.
    origin, facility
        The rows of each pair in them, shape (n,); facility is -1 where no way is asked.
    max_snap_m
        The longest access distance (m).
    access_legs
        Whether access distances count in the distance.
    progress
        Hears how far the work is.

    Returns
    -------
    Ways
        In the order of the pairs.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from geowoonzorg.walk.network import WalkNetwork
    >>> net = WalkNetwork.from_arrays([[190_000, 500_000], [190_300, 500_000]], [[0, 1]])
    >>> home = gpd.GeoDataFrame({"id": ["a"]}, geometry=gpd.points_from_xy([190_100], [500_000]), crs=28992)
    >>> shop = gpd.GeoDataFrame({"id": ["b"]}, geometry=gpd.points_from_xy([190_300], [500_000]), crs=28992)
    >>> first = np.zeros(1, np.int64)
    >>> trace_ways(net, home, shop, first, first).length_m.round().tolist()
    [200.0]
    """
    home_access = join_network(net, homes, max_snap_m=max_snap_m, leaving=True)
    place_access = join_network(net, places, max_snap_m=max_snap_m)
    ends = net, home_access, place_access, origin, facility
    traced = trace_all(*ends, access_legs=access_legs, progress=progress)
    traced, strides = stride_over(*ends, traced, access_legs=access_legs)
    return Ways(net, traced, strides, home_access.status[origin])


def trace_all(
    net: WalkNetwork,
    home_access: Access,
    place_access: Access,
    origin: NDArray[np.int64],
    facility: NDArray[np.int64],
    *,
    access_legs: bool,
    progress: Progress,
) -> Traced:
    """Trace every route, facility by facility.

    Parameters
    ----------
    net
        The network.
    home_access, place_access
        Where origins and facilities join it.
    origin, facility
        Those of every route, shape (n,); facility is -1 where there is none.
    access_legs
        Whether access distances count.
    progress
        Hears how far the work is.

    Returns
    -------
    Traced
        In the order of the routes, without what is walked over squares.
    """
    points, seeds = (
        home_access.counted(access_legs=access_legs),
        place_access.counted(access_legs=access_legs),
    )
    asked = np.flatnonzero(facility >= 0)
    by_place = asked[np.argsort(facility[asked], kind="stable")]
    wanted, first = np.unique(facility[by_place], return_index=True)
    first = np.append(first, len(by_place))

    def task(which: NDArray[np.int64], workspace: Workspace) -> tuple[NDArray[Any], ...]:
        start = first[which[0] : which[-1] + 2]
        result: tuple[NDArray[Any], ...] = tracing.trace(
            net.toward,
            seeds,
            wanted[which],
            points,
            start - start[0],
            origin[by_place[start[0] : start[-1]]],
            workspace.dist,
        )
        return result

    metres = np.full(len(origin), np.inf)
    joins = np.full((len(origin), 2), -1, np.int64)
    size = np.zeros(len(origin), np.int64)
    chunks = []
    for which, (chunk_metres, chunk_joins, part_start, edge, begin, end) in run_chunks(
        net, task, np.arange(len(wanted)), progress=progress, message="routes"
    ):
        rows = by_place[first[which[0]] : first[which[-1] + 1]]
        metres[rows], joins[rows], size[rows] = chunk_metres, chunk_joins, np.diff(part_start)
        chunks.append((np.repeat(rows, np.diff(part_start)), edge, begin, end))
    chunks.append((np.empty(0, np.int64), np.empty(0, np.int32), np.empty(0), np.empty(0)))
    of, edge, begin, end = (np.concatenate(column) for column in zip(*chunks, strict=True))
    order = np.argsort(of, kind="stable")
    start = np.concatenate([[0], np.cumsum(size)])
    return Traced(metres, start, edge[order], begin[order], end[order], joins)


def _draw(
    net: WalkNetwork, traced: Traced, strides: Strides
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Draw one line per route: where each starts in the points, and those; none for one that stays where it is."""
    start = traced.start
    xy, at = draw_parts(net, traced.edge, traced.begin, traced.end)
    of = np.repeat(np.repeat(np.arange(len(start) - 1), np.diff(start)), np.diff(at))
    if len(strides.route):
        of, xy = _with_ends(strides, of, xy)
    again = np.zeros(len(xy), bool)
    again[1:] = (of[1:] == of[:-1]) & (xy[1:] == xy[:-1]).all(axis=1)
    xy, of = xy[~again], of[~again]
    several = np.bincount(of, minlength=len(start) - 1)[of] > 1
    xy, of = xy[several], of[several]
    return np.searchsorted(of, np.arange(len(start))), xy


def _with_ends(
    strides: Strides, of: NDArray[np.int64], xy: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Put the ends that lie on squares before and behind the points of routes; ``of`` says whose each point is."""
    side = np.where(strides.last, 1, -1)
    rank, route = np.concatenate([2 * side, side]), np.tile(strides.route, 2)
    points = np.concatenate([strides.xy, strides.corner_xy])
    at = np.where(rank < 0, np.searchsorted(of, route), np.searchsorted(of, route, side="right"))
    order = np.lexsort((rank, route, at))
    at, route, points = at[order], route[order], points[order]
    return np.insert(of, at, route), np.insert(xy, at, points, axis=0)
