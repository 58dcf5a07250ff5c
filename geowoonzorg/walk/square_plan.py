"""From the outlines of OSM to the ground of squares, its corners, and the sight lines between these."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import shapely

from geowoonzorg._jit import unchangeable
from geowoonzorg.messages import tell
from geowoonzorg.walk.assembly import SIGHT
from geowoonzorg.walk.kernels import visibility
from geowoonzorg.walk.kernels.compression import run_lengths
from geowoonzorg.walk.square_pieces import Pieces, stretches_over, unite
from geowoonzorg.walk.squares import (
    BENDS,
    FREE,
    Squares,
    as_complex,
    lay_ground,
    no_squares,
    rings_of,
    starts,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

#: How many names a note gives.
_FIRST = 5


class Outline(NamedTuple):
    """One square as drawn: its name, its lines as points of the streets (-1: none of them) with their places (m)."""

    name: str
    points: list[NDArray[np.int64]]
    lines: list[NDArray[np.float64]]


class Plan(NamedTuple):
    """Squares before the streets have been joined into edges: corners are points of the streets, -1 for a new one.

    ``sides`` are the straight pieces of the outlines, shape (n, 2), places as complex numbers, and
    ``side_square`` the square of each. ``stops`` are the points where the streets, but nobody on the ground itself,
    may turn out to end.
    """

    squares: Squares
    pieces: Pieces
    corner_point: NDArray[np.int64]
    corner_xy: NDArray[np.float64]
    sides: NDArray[np.complex128]
    side_square: NDArray[np.int64]
    counts: dict[str, int]
    notes: tuple[str, ...]
    stops: NDArray[np.int64]


def plan_squares(
    outlines: list[Outline], way: NDArray[np.int32], is_entrance: Iterable[NDArray[np.bool_]]
) -> Plan:
    """Find the ground of squares and the corners at which a way over it may turn or leave it.

    Parameters
    ----------
    outlines
        The squares as drawn.
    way
        What is known of each, as a row of a table, shape (n,).
    is_entrance
        Per square, in order, of all points of its lines one after the other: whether another way runs through
        it, so that a walk may come or go there.

    Returns
    -------
    Plan
        The squares that enclose ground. Squares that share a side are one: nothing keeps a walker from
        crossing it. A line that crosses itself is taken as the parts that it encloses, which hang together
        where it does.

    Examples
    --------
    >>> ring = np.array([[0.0, 0.0], [9.0, 0.0], [9.0, 9.0], [5.0, 2.0], [0.0, 0.0]])
    >>> drawn = Outline("w7", [np.array([4, 5, 6, 7, 4])], [ring])
    >>> plan = plan_squares([drawn], np.zeros(1, np.int32), [np.array([1, 0, 0, 0, 1], bool)])
    >>> plan.corner_point.tolist(), plan.squares.corner_kind.tolist()
    ([4, 7], [1, 2])
    """
    areas = [_area(outline.lines) for outline in outlines]
    flat = [outline.name for outline, area in zip(outlines, areas, strict=True) if area.is_empty]
    odd = [o.name for o, area in zip(outlines, areas, strict=True) if _is_odd(o, area)]
    ground = [i for i, area in enumerate(areas) if not area.is_empty]
    own = [rings_of(areas[i]) for i in ground]
    drawn = no_squares()._replace(
        start=starts([len(rings) for rings in own]),
        ring_start=starts([len(ring) for rings in own for ring in rings]),
        xy=np.concatenate([np.empty((0, 2)), *(ring for rings in own for ring in rings)]),
        corner_start=starts([0] * len(ground)),
        way=way[ground].astype(np.int32),
    )
    squares, square = unite(drawn)
    entrances = list(is_entrance)
    corners: list[tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int8]]] = []
    for number in range(len(squares.way)):
        members = [ground[k] for k in np.flatnonzero(square == number)]
        first = squares.ring_start[squares.start[number] : squares.start[number + 1] + 1].tolist()
        rings = [squares.xy[slice(*pair)] for pair in pairwise(first)]
        points = np.concatenate([p for i in members for p in outlines[i].points])
        xy = np.concatenate([line for i in members for line in outlines[i].lines])
        corners.append(_corners(rings, points, xy, np.concatenate([entrances[i] for i in members])))
    squares = squares._replace(
        corner_start=starts([len(kind) for _, _, kind in corners]),
        corner_kind=np.concatenate([np.empty(0, np.int8), *(kind for _, _, kind in corners)]),
    )
    sides = [_sides(outlines[i].lines) for i in ground]
    return Plan(
        squares,
        Pieces(drawn, square.astype(np.int32)),
        np.concatenate([np.empty(0, np.int64), *(point for point, _, _ in corners)]),
        np.concatenate([np.empty((0, 2)), *(xy for _, xy, _ in corners)]),
        np.concatenate([np.empty((0, 2), np.complex128), *sides]),
        np.repeat(square, [len(own) for own in sides]),
        {"squares_not_closed": len(flat), "squares_that_cross_themselves": len(odd)},
        tuple(_notes(flat, odd)),
        np.empty(0, np.int64),
    )


def _notes(flat: list[str], odd: list[str]) -> Iterable[str]:
    if flat:
        yield tell(
            "squares that enclose no ground, so one walks along their outline only: {n} ({ids}); close"
            " their outline in OpenStreetMap",
            n=len(flat),
            ids=", ".join(flat[:_FIRST]),
        )
    if odd:
        yield tell(
            "squares that cross or touch themselves, taken as the parts that they enclose: {n} ({ids})",
            n=len(odd),
            ids=", ".join(odd[:_FIRST]),
        )


def _area(lines: list[NDArray[np.float64]]) -> BaseGeometry:
    """Give the ground that lines enclose, what is within an odd number of their rings; empty where they enclose none.

    So a building that shares a side with the outline, or pokes through it, is no ground either.
    """
    drawn = [line for line in lines if len(np.unique(line, axis=0)) > 1]
    if not drawn:
        return shapely.Polygon()
    noded = shapely.union_all([shapely.LineString(line) for line in drawn])
    faces = shapely.get_parts(shapely.polygonize([noded]))
    faces = faces[shapely.area(faces) > 0.0]
    start, end = (np.concatenate([line[k : len(line) - 1 + k] for line in drawn]) for k in (0, 1))
    odd = [
        _crossings(start, end, shapely.get_coordinates(p)[0]) % 2
        for p in shapely.point_on_surface(faces)
    ]
    area = shapely.union_all(faces[np.array(odd, bool)])
    return area if area.area > 0.0 else shapely.Polygon()


def _crossings(
    start: NDArray[np.float64], end: NDArray[np.float64], place: NDArray[np.float64]
) -> int:
    """Count the straight pieces that lie west of a place."""
    x, y = place
    meets = (start[:, 1] > y) != (end[:, 1] > y)
    (ax, ay), (bx, by) = start[meets].T, end[meets].T
    return int((ax + (bx - ax) * (y - ay) / (by - ay) < x).sum())


def _is_odd(outline: Outline, area: BaseGeometry) -> bool:
    """Tell whether the ground has points that were not drawn, where its outline crosses itself, or one twice."""
    xy = as_complex(shapely.get_coordinates(area))
    if not len(xy):
        return False
    rings = shapely.get_rings(shapely.get_parts(area))
    twice = len(xy) - len(rings) > len(np.unique(xy))
    return (
        twice or not np.isin(xy, np.concatenate([as_complex(line) for line in outline.lines])).all()
    )


def _sides(lines: list[NDArray[np.float64]]) -> NDArray[np.complex128]:
    """List the straight pieces of lines, each by its two places, the lower first."""
    pieces = [np.column_stack([as_complex(line)[:-1], as_complex(line)[1:]]) for line in lines]
    return np.sort(np.concatenate([np.empty((0, 2), np.complex128), *pieces]), axis=1)


def _corners(
    rings: list[NDArray[np.float64]],
    points: NDArray[np.int64],
    xy: NDArray[np.float64],
    is_entrance: NDArray[np.bool_],
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int8]]:
    """Find the corners of one square: their points, where they are and what they are."""
    place, bends = [], []
    for ring in rings:
        corner = ring[:-1]
        came, goes = corner - np.roll(corner, 1, axis=0), np.roll(corner, -1, axis=0) - corner
        place.append(as_complex(corner))
        bends.append(came[:, 0] * goes[:, 1] - came[:, 1] * goes[:, 0] < 0.0)
    where, first, times = np.unique(np.concatenate(place), return_index=True, return_counts=True)
    sticks_in = np.concatenate(bends)[first]
    kind = np.where(times > 1, FREE | BENDS, np.where(sticks_in, BENDS, 0)).astype(np.int8)
    # every entrance is a corner, also one within the ground of squares that are one
    own = as_complex(xy)
    point, at = np.unique(points, return_index=True)
    enters = np.zeros(len(point), bool)
    np.logical_or.at(enters, np.searchsorted(point, points), is_entrance)
    real = point >= 0
    point, at, enters = point[real], at[real], enters[real]
    rank = np.minimum(np.searchsorted(where, own[at]), len(where) - 1)
    on_ring = where[rank] == own[at]
    known = np.where(on_ring, kind[rank], 0).astype(np.int8)
    if (
        not enters.any()
    ):  # by which whoever stands on a square that nothing leads to is on the network
        enters[:] = True
    chosen = enters | (known > 0)
    point, known, at, rank = point[chosen], known[chosen], at[chosen], rank[chosen]
    known[enters[chosen]] |= FREE
    # a corner where no street can be joined still turns a walker
    left = kind > 0
    left[rank[on_ring[chosen]]] = False
    corner_xy = np.concatenate([xy[at], np.column_stack([where[left].real, where[left].imag])])
    return (
        np.concatenate([point, np.full(int(left.sum()), -1)]),
        corner_xy,
        np.concatenate([known, kind[left]]),
    )


def add_squares(
    core: dict[str, Any], point: NDArray[np.int64], plan: Plan
) -> tuple[dict[str, Any], dict[str, int]]:
    """Add the sight lines over squares to streets, behind everything else.

    Parameters
    ----------
    core
        Streets and private ground, as `assembly.assemble` and `private.add_private` give them.
    point
        The point of each node of the streets, shape (n_nodes,).
    plan
        The squares.

    Returns
    -------
    core : dict
        The same with ``squares``, ``edge_square``, and an edge for every sight line; the others keep their
        numbers.
    counts : dict
        How many sight lines there are, and what was odd about squares.

    Notes
    -----
    A sight line carries distance and is no street: nobody joins it, and it has no length in any sum.
    """
    node = _nodes_of(point, plan)
    n_nodes, new = len(core["node_xy"]), np.flatnonzero(node < 0)
    node[new] = n_nodes + np.arange(len(new))
    core = core | {"node_xy": np.concatenate([core["node_xy"], plan.corner_xy[new]])}
    squares = plan.squares._replace(corner_node=node.astype(np.int32))
    pair = visibility.sight_lines(lay_ground(squares, core["node_xy"]))
    square = np.searchsorted(squares.corner_start, pair[:, 0], side="right") - 1
    ends = np.sort(node[pair], axis=1).astype(np.int32)
    edge_square = _squares_of_edges(core, plan)
    stops = np.zeros(len(core["node_xy"]), bool)
    stops[: len(point)] = np.isin(point, plan.stops)
    ends, square = _drop_known(core, edge_square, stops, ends, square)
    # a corner without any street or sight line is no node
    used = np.zeros(len(core["node_xy"]), bool)
    used[:n_nodes] = True
    used[ends] = True
    rank = (np.cumsum(used) - 1).astype(np.int32)
    keep = used[squares.corner_node]
    of = np.repeat(np.arange(len(squares.way)), np.diff(squares.corner_start))
    squares = squares._replace(
        corner_start=starts(np.bincount(of[keep], minlength=len(squares.way)).tolist()),
        corner_node=rank[squares.corner_node[keep]],
        corner_kind=squares.corner_kind[keep],
    )
    core["node_xy"] = core["node_xy"][used]
    added, size = _as_edges(core, rank[ends], square, plan.pieces)
    core |= {
        name: np.concatenate([core[name], values]).astype(core[name].dtype)
        for name, values in added.items()
    }
    last = core["vertex_start"][-1]
    core["vertex_start"] = np.append(core["vertex_start"], last + np.cumsum(size))
    core["edge_square"] = np.append(edge_square, square).astype(np.int32)
    core |= {"squares": squares, "pieces": plan.pieces}
    return core, {"square_lines": len(ends)} | plan.counts


def _nodes_of(point: NDArray[np.int64], plan: Plan) -> NDArray[np.int64]:
    """Find the node at each corner; -1 where there is none."""
    node_of = np.full(int(max(point.max(), plan.corner_point.max(initial=-1))) + 1, -1)
    node_of[point] = np.arange(len(point))
    return np.where(plan.corner_point >= 0, node_of[plan.corner_point], -1)


def joined_nodes(point: NDArray[np.int64], plan: Plan | None) -> NDArray[np.int32]:
    """List pairs of nodes that hang together because they are corners of one square.

    Parameters
    ----------
    point
        The point of each node of the streets, shape (n_nodes,).
    plan
        The squares, if any.

    Returns
    -------
    numpy.ndarray
        Nodes, shape (n, 2).

    Examples
    --------
    >>> plan = plan_squares([], np.empty(0, np.int32), [])
    >>> joined_nodes(np.arange(3), plan).shape
    (0, 2)
    """
    if plan is None:
        return np.empty((0, 2), np.int32)
    node = _nodes_of(point, plan)
    square = np.repeat(np.arange(len(plan.squares.way)), np.diff(plan.squares.corner_start))
    node, square = node[node >= 0], square[node >= 0]
    pairs = np.column_stack([node[:-1], node[1:]])
    return pairs[square[1:] == square[:-1]].astype(np.int32)


def _as_edges(
    core: dict[str, Any], ends: NDArray[np.int32], square: NDArray[np.int64], pieces: Pieces
) -> tuple[dict[str, NDArray[Any]], NDArray[np.int64]]:
    """Lay sight lines out as edges, with a vertex where they come from one square as drawn into another.

    Also tells how many vertices each has.
    """
    n = len(ends)
    begin, end = core["node_xy"][ends[:, 0]], core["node_xy"][ends[:, 1]]
    row, share, _, way = stretches_over(pieces, square, begin, end)
    # the end of each line comes behind its stretches
    of = np.append(row, np.arange(n))
    order = np.argsort(of, kind="stable")
    of, share = of[order], np.append(share, np.ones(n))[order]
    xy = begin[of] + share[:, None] * (end - begin)[of]
    xy[share == 1.0] = end[of[share == 1.0]]
    step = core["scale"].lengths(xy[:-1], xy[1:]) if n else np.empty(0)
    size = np.bincount(of, minlength=n)
    start = starts(size.tolist())
    offset = run_lengths(unchangeable(start), np.append(step, np.zeros(min(n, 1))))
    return {
        "edge_node": ends.reshape(-1, 2),
        "edge_length_m": offset[start[1:] - 1],
        "edge_forward": np.ones(n, bool),
        "edge_backward": np.ones(n, bool),
        "edge_layer": np.full(n, SIGHT),
        "vertex_xy": xy.reshape(-1, 2),
        "vertex_offset_m": offset,
        "segment_way": np.append(way, np.full(n, -1))[order],
        "vertex_feature": np.full(len(of), -1),
    }, size


def _drop_known(
    core: dict[str, Any],
    edge_square: NDArray[np.int32],
    stops: NDArray[np.bool_],
    ends: NDArray[np.int32],
    square: NDArray[np.int64],
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Drop sight lines that are a side of the outline, and all but the first between the same two nodes of a square.

    A way of another kind over the square does not stand for them, nor does a side that may end at a node.
    """
    straight = np.diff(core["vertex_start"]) == 2  # noqa: PLR2004 - two ends and nothing between
    both = straight & core["edge_forward"] & core["edge_backward"] & (edge_square >= 0)
    both &= ~stops[core["edge_node"]].any(axis=1)
    there = np.column_stack([edge_square, core["edge_node"]])[both]
    lines = np.column_stack([square, ends])
    known, number = np.unique(np.concatenate([there, lines]), axis=0, return_inverse=True)
    fresh = np.ones(len(known), bool)
    fresh[number[: len(there)]] = False
    own = number[len(there) :]
    first = np.zeros(len(own), bool)
    first[np.unique(own, return_index=True)[1]] = True
    kept = fresh[own] & first
    return ends[kept], square[kept]


def _squares_of_edges(core: dict[str, Any], plan: Plan) -> NDArray[np.int32]:
    """Say of every street which square's outline it is a part of, -1 for none."""
    out = np.full(len(core["edge_node"]), -1, np.int32)
    first = core["vertex_start"][:-1]
    places = np.unique(plan.sides)
    a, b = as_complex(core["vertex_xy"][first]), as_complex(core["vertex_xy"][first + 1])
    near = np.flatnonzero((core["edge_layer"] == 0) & np.isin(a, places) & np.isin(b, places))
    owner = {
        tuple(s): q for s, q in zip(plan.sides.tolist(), plan.side_square.tolist(), strict=True)
    }
    pairs = np.sort(np.column_stack([a[near], b[near]]), axis=1)
    out[near] = [owner.get((p, q), -1) for p, q in pairs.tolist()]
    return out
