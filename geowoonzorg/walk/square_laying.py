"""Squares laid over streets and private ground: their corners as nodes, and their sight lines as edges."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from geowoonzorg._jit import unchangeable
from geowoonzorg.walk.assembly import SIGHT, STREET, WAY_IN
from geowoonzorg.walk.kernels import visibility
from geowoonzorg.walk.kernels.compression import run_lengths
from geowoonzorg.walk.square_pieces import Pieces, stretches_over
from geowoonzorg.walk.squares import (
    Squares,
    as_complex,
    join_squares,
    lay_ground,
    select_squares,
    starts,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geowoonzorg.walk.square_plan import Plan


class Laid(NamedTuple):
    """Squares of one layer of a network: with their corners' nodes, -1 for a new one.

    ``corner_xy``, ``sides`` and ``side_square`` are as in `Plan`; ``stops`` are the nodes where the streets, but
    nobody on the ground itself, may turn out to end.
    """

    squares: Squares
    pieces: Pieces
    corner_xy: NDArray[np.float64]
    sides: NDArray[np.complex128]
    side_square: NDArray[np.int64]
    stops: NDArray[np.int64]


def lay_squares(plan: Plan, point: NDArray[np.int64], first: int = 0, layer: int = STREET) -> Laid:
    """Find the nodes at the corners of squares.

    Parameters
    ----------
    plan
        The squares.
    point
        The point of each node of a layer, shape (n_nodes,).
    first
        The number of the first of those nodes.
    layer
        What they are: streets, or private ground on the way out or in.

    Returns
    -------
    Laid
        The squares; private ones only where some node is left at which they are come to.

    Examples
    --------
    >>> from geowoonzorg.walk.square_plan import plan_squares
    >>> len(lay_squares(plan_squares([], np.empty(0, np.int32), []), np.arange(3)).squares.way)
    0
    """
    node = _nodes_of(point, plan)
    n = len(plan.squares.way)
    of = np.repeat(np.arange(n), np.diff(plan.squares.corner_start))
    chosen = np.arange(n) if layer == STREET else np.unique(of[node >= 0])
    number = np.full(n, -1)
    number[chosen] = np.arange(len(chosen))
    drawn = np.flatnonzero(number[plan.pieces.square] >= 0)
    own, beside = number[of] >= 0, number[plan.side_square] >= 0
    squares, pieces = (
        one._replace(corner_node=corner, layer=np.full(len(one.way), layer, np.int8))
        for one, corner in (
            (plan.squares, np.where(node >= 0, node + first, -1).astype(np.int32)),
            (plan.pieces.drawn, np.empty(0, np.int32)),
        )
    )
    return Laid(
        select_squares(squares, chosen),
        Pieces(select_squares(pieces, drawn), number[plan.pieces.square[drawn]].astype(np.int32)),
        plan.corner_xy[own],
        plan.sides[beside],
        number[plan.side_square[beside]],
        first + np.flatnonzero(np.isin(point, plan.stops)),
    )


def add_squares(core: dict[str, Any], laid: list[Laid]) -> tuple[dict[str, Any], int]:
    """Add the sight lines over squares to streets and private ground, behind everything else.

    Parameters
    ----------
    core
        Streets and private ground, as `assembly.assemble` and `private.add_private` give them.
    laid
        The squares, in the order of their layers.

    Returns
    -------
    core : dict
        The same with ``squares``, ``edge_square``, and an edge for every sight line; the others keep their
        numbers.
    n_lines : int
        How many sight lines there are; those of private ground, which is there twice, once.

    Notes
    -----
    A sight line carries distance and is no street: nobody joins it, and it has no length in any sum.

    Examples
    --------
    >>> from geowoonzorg.walk.assembly import Segments, assemble
    >>> xy, both = np.array([[190_000.0, 500_000.0], [190_100.0, 500_000.0]]), np.ones(1, bool)
    >>> core, *_ = assemble(Segments.plain(xy, np.array([[0, 1]], np.int32), both, both), "EPSG:28992")
    >>> add_squares(core, [])[1]
    0
    """
    if not laid:
        return core, 0
    squares, pieces = join_squares([one.squares for one in laid]), _join_pieces(laid)
    node = squares.corner_node.astype(np.int64)
    n_nodes, new = len(core["node_xy"]), np.flatnonzero(node < 0)
    node[new] = n_nodes + np.arange(len(new))
    corner_xy = np.concatenate([one.corner_xy for one in laid])
    core = core | {"node_xy": np.concatenate([core["node_xy"], corner_xy[new]])}
    squares = squares._replace(corner_node=node.astype(np.int32))
    pair = visibility.sight_lines(lay_ground(squares, core["node_xy"]))
    square = np.searchsorted(squares.corner_start, pair[:, 0], side="right") - 1
    ends = np.sort(node[pair], axis=1).astype(np.int32)
    edge_square = _squares_of_edges(core, laid)
    stops = np.zeros(len(core["node_xy"]), bool)
    stops[np.concatenate([one.stops for one in laid])] = True
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
    added, size = _as_edges(core, rank[ends], square, pieces)
    core |= {
        name: np.concatenate([core[name], values]).astype(core[name].dtype)
        for name, values in added.items()
    }
    last = core["vertex_start"][-1]
    core["vertex_start"] = np.append(core["vertex_start"], last + np.cumsum(size))
    core["edge_square"] = np.append(edge_square, square).astype(np.int32)
    core |= {"squares": squares, "pieces": pieces}
    return core, int((squares.layer[square] != WAY_IN).sum())


def tell_squares(
    n_lines: int, *plans: Plan | None
) -> tuple[dict[str, dict[str, int]], tuple[str, ...]]:
    """Tell what was found of the squares of streets and of private ground.

    Parameters
    ----------
    n_lines
        How many sight lines there are.
    *plans
        The squares, if any.

    Returns
    -------
    counts : dict
        Under ``squares`` the sight lines, and what was odd about squares; empty where there are none.
    notes : tuple of str
        What a user should know.

    Examples
    --------
    >>> tell_squares(0, None)
    ({}, ())
    """
    some = [plan for plan in plans if plan is not None]
    if not some:
        return {}, ()
    total = {"square_lines": n_lines} | dict.fromkeys(some[0].counts, 0)
    for plan in some:
        total |= {name: total[name] + n for name, n in plan.counts.items()}
    return {"squares": total}, tuple(note for plan in some for note in plan.notes)


def _firsts(laid: list[Laid]) -> list[int]:
    """Give the number of the first square of each layer."""
    return starts([len(one.squares.way) for one in laid]).tolist()


def _join_pieces(laid: list[Laid]) -> Pieces:
    """Put the squares as drawn of layers behind each other."""
    square = [one.pieces.square + first for one, first in zip(laid, _firsts(laid), strict=False)]
    drawn = join_squares([one.pieces.drawn for one in laid])
    return Pieces(drawn, np.concatenate(square).astype(np.int32))


def _nodes_of(point: NDArray[np.int64], plan: Plan) -> NDArray[np.int64]:
    """Find the node at each corner; -1 where there is none."""
    most = max(point.max(initial=-1), plan.corner_point.max(initial=-1))
    node_of = np.full(int(most) + 2, -1)
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
    >>> from geowoonzorg.walk.square_plan import plan_squares
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


def _squares_of_edges(core: dict[str, Any], laid: list[Laid]) -> NDArray[np.int32]:
    """Say of every edge which square's outline it is a part of, among those of its own layer, -1 for none."""
    out = np.full(len(core["edge_node"]), -1, np.int32)
    first = core["vertex_start"][:-1]
    a, b = as_complex(core["vertex_xy"][first]), as_complex(core["vertex_xy"][first + 1])
    for one, first_square in zip(laid, _firsts(laid), strict=False):
        if not len(one.squares.way):
            continue
        places = np.unique(one.sides)
        on_layer = core["edge_layer"] == one.squares.layer[0]
        near = np.flatnonzero(on_layer & np.isin(a, places) & np.isin(b, places))
        number = (first_square + one.side_square).tolist()
        owner = {tuple(s): q for s, q in zip(one.sides.tolist(), number, strict=True)}
        pairs = np.sort(np.column_stack([a[near], b[near]]), axis=1)
        out[near] = [owner.get((p, q), -1) for p, q in pairs.tolist()]
    return out
