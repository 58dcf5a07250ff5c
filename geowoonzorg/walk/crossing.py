"""Places on squares: what they see of the ground, how far it is to it, and who meets whom without leaving it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import shapely

from geowoonzorg.walk.assembly import WAY_OUT
from geowoonzorg.walk.kernels import visibility

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geowoonzorg.walk.arrays import NetworkArrays
    from geowoonzorg.walk.kernels.search import Seeds

#: Who stands on a square comes to the border of a polygon on it at steps of this (m).
_BORDER_M = 2.0
#: Pairs of places that are looked at in one go.
_PAIRS = 2_000_000


class Spots(NamedTuple):
    """Where places stand on squares, one row a spot: those on the ground itself, and those that join its outline.

    ``place`` ascends and says whose each is; ``square``; ``xy``, shape (n, 2) (m); ``leg_m``, the straight
    metres from the place to the spot: 0 for who stands on the ground.
    """

    place: NDArray[np.int64]
    square: NDArray[np.int64]
    xy: NDArray[np.float64]
    leg_m: NDArray[np.float64]

    def rows(self, which: NDArray[np.bool_] | NDArray[np.int64]) -> Spots:
        """Select some rows."""
        columns: tuple[NDArray[Any], ...] = self
        return Spots(*(column[which] for column in columns))

    def counted(self, *, access_legs: bool) -> Spots:
        """Give the spots with legs that are 0 where they do not count."""
        return self if access_legs else self._replace(leg_m=np.zeros_like(self.leg_m))

    def of(self, places: NDArray[np.int64]) -> Spots:
        """Give the spots of some places, renumbered in the order given."""
        low, high = (np.searchsorted(self.place, places, side=side) for side in ("left", "right"))
        size = high - low
        first = np.cumsum(size) - size
        at = np.repeat(low - first, size) + np.arange(size.sum())
        return self.rows(at)._replace(place=np.repeat(np.arange(len(places)), size))


def no_spots() -> Spots:
    """Give the spots of places that are on no square.

    Returns
    -------
    Spots
        None.

    Examples
    --------
    >>> len(no_spots().place)
    0
    """
    none = np.empty(0, np.int64)
    return Spots(none, none, np.empty((0, 2)), np.empty(0))


def squares_at(
    net: NetworkArrays, geometry: NDArray[np.object_]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Find on which squares some geometries are; squares that nobody joins, as parts of islands, are left out.

    Parameters
    ----------
    net
        The network.
    geometry
        Points or other geometries in its system (m), shape (n,).

    Returns
    -------
    geometry, square : numpy.ndarray
        Indices of the pairs that touch, by geometry and then by square.
    """
    found = net.square_tree.query(geometry, predicate="intersects")
    found = found[:, net.open_squares[found[1]]]
    at, square = found[:, np.lexsort(found[::-1])]
    return at, square


def squares_under(
    net: NetworkArrays, xy: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Find on which squares points are, as `squares_at`.

    Parameters
    ----------
    net
        The network.
    xy
        Points in its system, shape (n, 2) (m).

    Returns
    -------
    point, square : numpy.ndarray
        Indices of the pairs that touch, by point and then by square.
    """
    if not net.open_squares.any():
        return np.empty(0, np.int64), np.empty(0, np.int64)
    west, south, east, north = shapely.total_bounds(net.square_areas)
    near = (xy[:, 0] >= west) & (xy[:, 0] <= east) & (xy[:, 1] >= south) & (xy[:, 1] <= north)
    some = np.flatnonzero(near)
    at, square = squares_at(net, np.asarray(shapely.points(xy[some])))
    return some[at], square


def spots_along(net: NetworkArrays, seeds: Seeds, xy: NDArray[np.float64]) -> Spots:
    """Find where places stand on squares whose outline they join.

    Parameters
    ----------
    net
        The network.
    seeds
        Where the places join it.
    xy
        The points on the network, shape (n_seeds, 2) (m).

    Returns
    -------
    Spots
        The spots; who stands on the ground itself cannot be known by what is joined.
    """
    square = net.edge_square[seeds.edge]
    on = (square >= 0) & ~net.edge_sight[seeds.edge]
    place = np.repeat(np.arange(len(seeds.start) - 1), np.diff(seeds.start))
    return Spots(place[on], square[on].astype(np.int64), xy[on], seeds.access[on])


def stand_at_borders(
    net: NetworkArrays, geometry: NDArray[np.object_], chosen: NDArray[np.bool_]
) -> Spots:
    """Find where polygons border on the ground of squares: their corners, and what is nearest to the squares' own.

    Parameters
    ----------
    net
        The network.
    geometry
        Places in its system (m), shape (n,).
    chosen
        Which of them are polygons, shape (n,).

    Returns
    -------
    Spots
        Where each comes upon the ground of a square.
    """
    which = np.flatnonzero(chosen)
    found, square = squares_at(net, geometry[which])
    spots = [no_spots()]
    corners, start = net.ground.corner_xy, net.squares.corner_start
    for place, s in zip(which[found].tolist(), square.tolist(), strict=True):
        area = net.square_areas[s]
        border = shapely.intersection(shapely.boundary(geometry[place]), area)
        if border.is_empty:
            continue
        to_corners = shapely.shortest_line(border, shapely.points(corners[start[s] : start[s + 1]]))
        feet = np.concatenate([
            shapely.get_coordinates(shapely.segmentize(border, _BORDER_M)), shapely.get_coordinates(to_corners)[::2]
        ])  # fmt: skip
        feet = np.unique(feet, axis=0)
        n = len(feet)
        spots.append(Spots(np.full(n, place), np.full(n, s), feet, np.zeros(n)))
    return Spots(*(np.concatenate(column) for column in zip(*spots, strict=True)))


def inward(net: NetworkArrays, spots: Spots) -> Spots:
    """Find where places on private squares, which are there twice, stand for who comes in.

    Parameters
    ----------
    net
        The network.
    spots
        Where places stand for who walks away.

    Returns
    -------
    Spots
        Those on private squares.
    """
    private = spots.rows(net.squares.layer[spots.square] == WAY_OUT)
    return private._replace(square=private.square + net.n_private_squares)


class Looks(NamedTuple):
    """What spots see: row of the spot, node at the corner, and metres to it over the square."""

    spot: NDArray[np.int64]
    node: NDArray[np.int64]
    metres: NDArray[np.float64]


def look_around(net: NetworkArrays, spots: Spots) -> Looks:
    """Find the corners that spots see and that a shortest way from them may go on from.

    Parameters
    ----------
    net
        The network.
    spots
        The spots.

    Returns
    -------
    Looks
        By spot.
    """
    spot, corner = visibility.look(net.ground, spots.square, np.ascontiguousarray(spots.xy))
    metres = net.scale.lengths(spots.xy[spot], net.ground.corner_xy[corner])
    return Looks(spot, net.squares.corner_node[corner].astype(np.int64), metres)


def at_nodes(
    net: NetworkArrays, node: NDArray[np.int64]
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Give nodes as points on edges.

    Parameters
    ----------
    net
        The network.
    node
        Nodes, shape (n,).

    Returns
    -------
    edge, offset_m : numpy.ndarray
        The lowest edge at each, which is a street where there is one, and the metres along it.
    """
    known, which = np.unique(node, return_inverse=True)
    if not len(known):
        return np.empty(0, np.int32), np.empty(0)
    low, high = net.adj_start[known].astype(np.int64), net.adj_start[known + 1].astype(np.int64)
    halves = np.concatenate([np.arange(a, b) for a, b in zip(low, high, strict=True)])
    first = np.cumsum(high - low) - (high - low)
    edge = np.minimum.reduceat(net.adj_toward["edge"][halves].astype(np.int64), first)
    offset = np.where(net.edge_node[edge, 0] == known, 0.0, net.edge_length_m[edge])
    return edge[which].astype(np.int32), offset[which]


def corners_of(net: NetworkArrays, seeds: Seeds, seed: NDArray[np.int64]) -> NDArray[np.float64]:
    """Give the corners at which places come from a square to the network.

    Parameters
    ----------
    net
        The network.
    seeds
        Where places join it.
    seed
        Which of those, at a node as `at_nodes` gives it, shape (n,).

    Returns
    -------
    numpy.ndarray
        The corners, shape (n, 2) (m).
    """
    end = (seeds.offset[seed] > 0.0).astype(int)
    return net.node_xy[net.edge_node[seeds.edge[seed], end]]


def met_places(
    net: NetworkArrays, places: Spots, origins: Spots, limit_m: float
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]] | None:
    """Find the places and origins that meet on a square.

    Parameters
    ----------
    net
        The network.
    places, origins
        Where they stand, with the legs that count.
    limit_m
        The longest way, legs included, inclusive (m).

    Returns
    -------
    place, origin, metres : numpy.ndarray
        By place; a pair perhaps several times. None where nobody stands on a square.
    """
    if not len(places.place) or not len(origins.place):
        return None
    met = meet(net, places, origins, limit_m)
    return places.place[met.one], origins.place[met.other], met.metres


class Meetings(NamedTuple):
    """Pairs of spots that see each other: rows of one and the other, and metres with both legs."""

    one: NDArray[np.int64]
    other: NDArray[np.int64]
    metres: NDArray[np.float64]


def meet(net: NetworkArrays, some: Spots, others: Spots, limit_m: float) -> Meetings:
    """Find the pairs of spots on one square from which one goes to the other in a straight line.

    Parameters
    ----------
    net
        The network.
    some, others
        The spots, with the legs that count.
    limit_m
        The longest way, legs included, inclusive (m).

    Returns
    -------
    Meetings
        By row of one and then of the other.
    """
    order = np.argsort(others.square, kind="stable")
    low, high = (
        np.searchsorted(others.square, some.square, side=side, sorter=order)
        for side in ("left", "right")
    )
    size = high - low
    found = [Meetings(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))]
    batch = np.cumsum(size) // _PAIRS
    for rows in np.split(np.arange(len(size)), np.flatnonzero(np.diff(batch)) + 1):
        n = size[rows]
        one = np.repeat(rows, n)
        at = np.repeat(low[rows] - (np.cumsum(n) - n), n) + np.arange(n.sum())
        other = order[at]
        start, end = some.xy[one], others.xy[other]
        metres = net.scale.lengths(start, end) + some.leg_m[one] + others.leg_m[other]
        near = np.flatnonzero(metres <= limit_m)
        clear = visibility.see_each_other(
            net.ground, some.square[one[near]], np.ascontiguousarray(start[near]),
            np.ascontiguousarray(end[near]),
        )  # fmt: skip
        near = near[clear]
        found.append(Meetings(one[near], other[near], metres[near]))
    one, other, metres = (np.concatenate(column) for column in zip(*found, strict=True))
    by = np.lexsort((other, one))
    return Meetings(one[by], other[by], metres[by])


def square_at(spots: Spots, place: NDArray[np.int64], xy: NDArray[np.float64]) -> NDArray[np.int64]:
    """Find the square on which a place stands at a point.

    Parameters
    ----------
    spots
        Where places stand on squares.
    place, xy
        Places, and where each stands, shape (n,) and (n, 2) (m).

    Returns
    -------
    numpy.ndarray
        Squares, the first where there are several; -1 where it stands on none.
    """
    known = len(spots.place)
    which, (x, y) = np.append(spots.place, place), np.concatenate([spots.xy, xy]).T
    order = np.lexsort(
        (y, x, which)
    )  # what is known stands before what is asked of the same place and point
    changes = [np.diff(one[order], prepend=np.nan) != 0 for one in (which, x, y)]
    group = np.cumsum(np.logical_or.reduce(changes)) - 1
    first = order[np.flatnonzero(np.diff(group, prepend=-1))]
    square = np.append(spots.square, np.full(len(place), -1))[first]
    found = np.empty(len(order), np.int64)
    found[order] = square[group]
    return found[known:]
