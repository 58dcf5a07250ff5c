"""Squares as ground: their rings and corners, as they are kept, drawn and read by the loops."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
import shapely

from geowoonzorg._jit import unchangeable
from geowoonzorg.walk.kernels.grid import fill_grid
from geowoonzorg.walk.kernels.seeing import Ground

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

#: What a corner is, added up: a way may leave it in any direction; it sticks into the ground.
FREE, BENDS = 1, 2
#: Sides of a ring's box that a grid of sides keeps free (m).
_RIM_M = 1.0


class Squares(NamedTuple):
    """The squares of a network: their rings, and the corners that ways over them may turn at.

    Parameters
    ----------
    start
        Where the rings of each square begin, shape (n_squares + 1,).
    ring_start
        Where the points of each ring begin, shape (n_rings + 1,).
    xy
        Points of the rings, each closed and with the ground on its left, shape (n_points, 2) (m).
    corner_start
        Where the corners of each square begin, shape (n_squares + 1,).
    corner_node
        The network's node at each corner, shape (n_corners,).
    corner_kind
        1 where a way may leave it in any direction, such as an entrance; 2 where it sticks into the ground;
        3 both. Shape (n_corners,).
    way
        Row of the network's ``way_attributes`` for each square, shape (n_squares,); of squares that share a side
        that of the first that was drawn.
    layer
        What the edges on each are: 0 streets, or 1 and 2 private ground, which is there twice, on the way out and,
        the same again, on the way in. Ascending, shape (n_squares,).
    """

    start: NDArray[np.int64]
    ring_start: NDArray[np.int64]
    xy: NDArray[np.float64]
    corner_start: NDArray[np.int64]
    corner_node: NDArray[np.int32]
    corner_kind: NDArray[np.int8]
    way: NDArray[np.int32]
    layer: NDArray[np.int8]


def no_squares() -> Squares:
    """Give the squares of a network without any.

    Returns
    -------
    Squares
        None.

    Examples
    --------
    >>> len(no_squares().way)
    0
    """
    none = np.zeros(1, np.int64)
    return Squares(
        none, none, np.empty((0, 2)), none, np.empty(0, np.int32), np.empty(0, np.int8),
        np.empty(0, np.int32), np.empty(0, np.int8),
    )  # fmt: skip


def select_squares(squares: Squares, chosen: NDArray[np.int64]) -> Squares:
    """Select some squares, in the order given; corners keep their node.

    Parameters
    ----------
    squares
        The squares.
    chosen
        Which, shape (n,).

    Returns
    -------
    Squares
        Those.

    Examples
    --------
    >>> len(select_squares(no_squares(), np.empty(0, np.int64)).way)
    0
    """
    ring, start = _take(squares.start, chosen)
    point, ring_start = _take(squares.ring_start, ring)
    corner, corner_start = _take(squares.corner_start, chosen)
    return Squares(
        start, ring_start, squares.xy[point], corner_start, squares.corner_node[corner],
        squares.corner_kind[corner], squares.way[chosen], squares.layer[chosen],
    )  # fmt: skip


def join_squares(some: list[Squares]) -> Squares:
    """Put squares behind each other.

    Parameters
    ----------
    some
        Squares.

    Returns
    -------
    Squares
        All of them.

    Examples
    --------
    >>> len(join_squares([no_squares(), no_squares()]).way)
    0
    """
    joined: dict[str, Any] = {}
    for name in Squares._fields:
        parts = [getattr(one, name) for one in some]
        if name in ("start", "ring_start", "corner_start"):
            joined[name] = starts(np.concatenate([np.diff(own) for own in parts]).tolist())
        else:
            joined[name] = np.concatenate(parts)
    return Squares(**joined)


def _take(
    start: NDArray[np.int64], chosen: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give the items of some groups, and where those groups start among them."""
    size = np.diff(start)[chosen]
    first = np.append(0, np.cumsum(size)).astype(np.int64)
    return np.repeat(start[chosen] - first[:-1], size) + np.arange(first[-1]), first


def areas_of(squares: Squares) -> NDArray[np.object_]:
    """Draw squares.

    Parameters
    ----------
    squares
        The squares.

    Returns
    -------
    numpy.ndarray
        A Polygon or MultiPolygon for each, shape (n_squares,).

    Examples
    --------
    >>> areas_of(no_squares()).shape
    (0,)
    """
    lines = shapely.from_ragged_array(
        shapely.GeometryType.MULTILINESTRING, squares.xy, (squares.ring_start, squares.start)
    )
    return np.asarray(shapely.build_area(lines), object)


def lay_ground(squares: Squares, node_xy: NDArray[np.float64]) -> Ground:
    """Give the loops over squares what they read.

    Parameters
    ----------
    squares
        The squares.
    node_xy
        Coordinates of the network's nodes, shape (n_nodes, 2) (m).

    Returns
    -------
    Ground
        Rings, corners with their neighbours, and a grid of the sides of each square.

    Examples
    --------
    >>> lay_ground(no_squares(), np.empty((0, 2))).corner_xy.shape
    (0, 2)
    """
    corner_xy = node_xy[squares.corner_node].reshape(-1, 2)
    before, after = _neighbours(squares, corner_xy)
    n = len(squares.way)
    frame, shape = np.zeros((n, 3)), np.zeros((n, 2), np.int64)
    base, starts, sides = np.zeros(n + 1, np.int64), [np.zeros(1, np.int64)], []
    total = 0
    for s in range(n):
        first = squares.ring_start[squares.start[s] : squares.start[s + 1] + 1]
        xy = squares.xy[first[0] : first[-1]]
        low, high = xy.min(axis=0) - _RIM_M, xy.max(axis=0) + _RIM_M
        width, height = (high - low).tolist()
        side = max((width * height / len(xy)) ** 0.5, max(width, height) / (4 * len(xy)))
        frame[s] = low[0], low[1], side
        shape[s] = int(width / side) + 1, int(height / side) + 1
        start, side_of = fill_grid(
            unchangeable(first), unchangeable(squares.xy), unchangeable(np.zeros(len(first), bool)),
            tuple(frame[s].tolist()), *shape[s].tolist(),
        )  # fmt: skip
        starts.append(start[1:].astype(np.int64) + total)
        sides.append(side_of.astype(np.int64))
        total += len(side_of)
        base[s + 1] = base[s] + len(start) - 1
    kind = squares.corner_kind
    return Ground(
        squares.start, squares.ring_start, squares.xy, squares.corner_start, corner_xy, before, after,
        (kind & FREE) > 0, (kind & BENDS) > 0, base, np.concatenate(starts),
        np.concatenate([np.empty(0, np.int64), *sides]), frame, shape,
    )  # fmt: skip


def _neighbours(
    squares: Squares, corner_xy: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Find the points before and after each corner on its ring; the corner itself where it is on none."""
    before, after = corner_xy.copy(), corner_xy.copy()
    for s in range(len(squares.way)):
        rings = [
            squares.xy[a : b - 1]
            for a, b in zip(
                squares.ring_start[squares.start[s] : squares.start[s + 1]],
                squares.ring_start[squares.start[s] + 1 : squares.start[s + 1] + 1],
                strict=True,
            )
        ]
        where = as_complex(np.concatenate(rings))
        came = np.concatenate([np.roll(ring, 1, axis=0) for ring in rings])
        goes = np.concatenate([np.roll(ring, -1, axis=0) for ring in rings])
        order = np.argsort(where, kind="stable")
        own = slice(squares.corner_start[s], squares.corner_start[s + 1])
        wanted = as_complex(corner_xy[own])
        at = order[np.minimum(np.searchsorted(where, wanted, sorter=order), len(where) - 1)]
        found = where[at] == wanted
        before[own][found], after[own][found] = came[at[found]], goes[at[found]]
    return before, after


def touching_corners(squares: Squares, corner_xy: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Find the corners at which the outline touches itself, so that a walk may bend there either way.

    Parameters
    ----------
    squares
        The squares.
    corner_xy
        Their corners, shape (n_corners, 2) (m).

    Returns
    -------
    numpy.ndarray
        Shape (n_corners,).

    Examples
    --------
    >>> touching_corners(no_squares(), np.empty((0, 2))).tolist()
    []
    """
    last = np.zeros(len(squares.xy), bool)
    last[squares.ring_start[1:] - 1] = True
    first = np.flatnonzero(~last)
    square = np.searchsorted(squares.ring_start[squares.start], first, side="right") - 1
    points = pd.DataFrame({"s": square, "x": squares.xy[first, 0], "y": squares.xy[first, 1]})
    again = points[points.duplicated()].drop_duplicates()
    of = np.repeat(np.arange(len(squares.way)), np.diff(squares.corner_start))
    corners = pd.DataFrame({"s": of, "x": corner_xy[:, 0], "y": corner_xy[:, 1]})
    found = corners.merge(again, how="left", indicator=True)["_merge"] == "both"
    return found.to_numpy()


def as_complex(xy: NDArray[np.float64]) -> NDArray[np.complex128]:
    """Give places as complex numbers, which can be looked up.

    Parameters
    ----------
    xy
        Places, shape (n, 2).

    Returns
    -------
    numpy.ndarray
        The same, shape (n,).

    Examples
    --------
    >>> as_complex(np.array([[1.0, 2.0]])).tolist()
    [(1+2j)]
    """
    return np.ascontiguousarray(xy).view(np.complex128)[:, 0]


def rings_of(area: BaseGeometry) -> list[NDArray[np.float64]]:
    """List the rings of an area, closed, with the area on their left and no point twice on end.

    Parameters
    ----------
    area
        A Polygon or MultiPolygon.

    Returns
    -------
    list of numpy.ndarray
        Points, shape (n, 2); shells and their holes.

    Examples
    --------
    >>> rings_of(shapely.box(0, 0, 1, 1))[0].shape
    (5, 2)
    """
    found = []
    for part in shapely.get_parts(area):
        for k, ring in enumerate(shapely.get_rings(part)):
            xy = shapely.get_coordinates(ring)
            xy = xy[np.append(True, (xy[1:] != xy[:-1]).any(axis=1))]
            if shapely.is_ccw(ring) != (k == 0):
                xy = xy[::-1]
            found.append(np.ascontiguousarray(xy))
    return found


def starts(sizes: list[int]) -> NDArray[np.int64]:
    """Give where groups of so many items begin.

    Parameters
    ----------
    sizes
        How many items each has.

    Returns
    -------
    numpy.ndarray
        Shape (n + 1,).

    Examples
    --------
    >>> starts([2, 3]).tolist()
    [0, 2, 5]
    """
    return np.append(0, np.cumsum(sizes)).astype(np.int64)
