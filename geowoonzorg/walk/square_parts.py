"""Parts of the squares of a network: the metres of a way by what was drawn, and what stays of ground that closes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from geowoonzorg.walk.square_pieces import Pieces, SquaresLeft, stretches_over, unite
from geowoonzorg.walk.squares import BENDS, areas_of, select_squares, starts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geowoonzorg.walk.arrays import NetworkArrays

#: What is nearer to ground than this lies on it (m).
_NEAR_M = 1e-6


def metres_over(
    net: NetworkArrays,
    square: NDArray[np.int64],
    start: NDArray[np.float64],
    end: NDArray[np.float64],
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float64]]:
    """Measure straight ways over squares, each metre by the square as drawn on which it lies.

    Parameters
    ----------
    net
        The network.
    square, start, end
        As `stretches_over`.

    Returns
    -------
    row, way, metres : numpy.ndarray
        The straight way, the row of ``way_attributes`` of the square as drawn, and metres on the ground.
    """
    row, begin, stop, way = stretches_over(net.pieces, square, start, end)
    step = (end - start)[row]
    metres = net.scale.lengths(
        start[row] + begin[:, None] * step, start[row] + stop[:, None] * step
    )
    return row, way, metres


def whole_squares(net: NetworkArrays, chosen: NDArray[np.int64]) -> SquaresLeft:
    """Select some squares of a network, whole.

    Parameters
    ----------
    net
        The network.
    chosen
        Which, shape (n,).

    Returns
    -------
    SquaresLeft
        Those.
    """
    number = np.full(len(net.squares.way) + 1, -1, np.int32)  # the last is that of no square
    number[chosen] = np.arange(len(chosen))
    of = number[net.pieces.square]
    own = np.flatnonzero(of >= 0)
    drawn = select_squares(net.pieces.drawn, own)
    return SquaresLeft(
        select_squares(net.squares, chosen), Pieces(drawn, of[own]), number[net.edge_square]
    )


def ground_left(net: NetworkArrays, stays: NDArray[np.bool_]) -> SquaresLeft:
    """Take some of the squares as drawn away.

    Parameters
    ----------
    net
        The network.
    stays
        Which of its squares, as drawn, stay, shape (n_drawn,).

    Returns
    -------
    SquaresLeft
        What hangs together of those that stay. Corners are among those of the whole: what sticks into less ground
        did so already, or is an entrance of a square beside it.
    """
    squares, pieces = net.squares, net.pieces
    kept = np.flatnonzero(stays)
    drawn = select_squares(pieces.drawn, kept)
    if stays.all():
        return SquaresLeft(squares, pieces, net.edge_square)
    left, part = unite(drawn)
    was = np.zeros(len(left.way), np.int64)
    was[part] = pieces.square[kept]
    whole = np.bincount(pieces.square[~stays], minlength=len(squares.way))[was] == 0
    areas = areas_of(left)
    corner_xy = net.node_xy[squares.corner_node].reshape(-1, 2)
    corners, n_corners = [np.empty(0, np.int64)], []
    for s, old in enumerate(was.tolist()):
        own = np.arange(squares.corner_start[old], squares.corner_start[old + 1])
        if not whole[s]:
            own = own[shapely.dwithin(shapely.points(corner_xy[own]), areas[s], _NEAR_M)]
        corners.append(own)
        n_corners.append(len(own))
    corner = np.concatenate(corners)
    kind = squares.corner_kind[corner] | np.where(np.repeat(whole, n_corners), 0, BENDS)
    left = left._replace(
        corner_start=starts(n_corners), corner_node=squares.corner_node[corner],
        corner_kind=kind.astype(np.int8),
    )  # fmt: skip
    return SquaresLeft(left, Pieces(drawn, part.astype(np.int32)), _edges_on(net, areas, was))


def _edges_on(
    net: NetworkArrays, areas: NDArray[np.object_], was: NDArray[np.int64]
) -> NDArray[np.int32]:
    """Find for every edge of a square the part of it that stays and on which it lies, -1 for none."""
    out = np.full(len(net.edge_square), -1, np.int32)
    edge = np.flatnonzero(net.edge_square >= 0)
    first = net.vertex_start[edge]
    middle = shapely.points((net.vertex_xy[first] + net.vertex_xy[first + 1]) / 2)
    for s, old in enumerate(was.tolist()):
        own = (net.edge_square[edge] == old) & (out[edge] < 0)
        on = own.copy()
        on[own] = shapely.dwithin(middle[own], areas[s], _NEAR_M)
        out[edge[on]] = s
    return out
