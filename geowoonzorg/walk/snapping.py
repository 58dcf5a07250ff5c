"""Where places join the network: points at the nearest street, polygons at their entrances."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geowoonzorg.errors import StudyError
from geowoonzorg.walk._grid import Grid, fill_grid, nearest_pieces

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geowoonzorg.walk.network import WalkNetwork

#: What a status number means; the words are those of the output columns.
STATUS = ("ok", "off_network", "island", "beyond_limit")
OK, OFF_NETWORK, ISLAND, BEYOND_LIMIT = range(4)

#: Side of a cell (m); wider only where an extent is so empty that cells would outnumber streets.
CELL_M = 50.0
#: Cells that streets may touch in all, unless there are very many streets.
_MOST_TOUCHES = 100_000_000
#: A leg longer than this is no leg (m).
MAX_SNAP_M = 10_000.0


@dataclass(frozen=True)
class Snap:
    """Where points join the network.

    Parameters
    ----------
    edge
        The nearest edge, or -1, shape (n,): a street or private ground on the way out. Points on an
        island have one, too.
    offset_m
        Metres along the edge from its u, shape (n,); NaN where there is no edge.
    leg_m
        Straight metres on the ground from the point to the edge, shape (n,); NaN where there is no edge.
    xy
        The point on the edge, shape (n, 2) (m); NaN where there is no edge.
    status
        0 ok, 1 off_network, 2 island (index into ``STATUS``), shape (n,).
    """

    edge: NDArray[np.int32]
    offset_m: NDArray[np.float64]
    leg_m: NDArray[np.float64]
    xy: NDArray[np.float64]
    status: NDArray[np.int8]


def build_grid(net: WalkNetwork) -> Grid:
    """Put every straight piece of the streets, and of the private ground on the way out, in a uniform grid.

    Parameters
    ----------
    net
        The network.

    Returns
    -------
    Grid
        The grid; memory is about 4 bytes a cell and 8 to 12 a piece.
    """
    low, high = net.vertex_xy.min(axis=0) - 1.0, net.vertex_xy.max(axis=0) + 1.0
    width, height = (float(d) for d in high - low)
    most_cells = max(1_000_000, 8 * len(net.vertex_xy))
    side = max(CELL_M, (width * height / most_cells) ** 0.5)
    first = net.vertex_start[: net.n_streets + net.n_private + 1]
    metres, pieces = float(net.edge_length_m[: len(first) - 1].sum()), int(first[-1])
    # streets that run to and fro over the whole extent would fill the memory with the cells they touch
    while 4.5 * metres / side + 6 * pieces > max(_MOST_TOUCHES, 16 * pieces):
        side *= 2.0
    nx, ny = int(width / side) + 1, int(height / side) + 1
    frame = (float(low[0]), float(low[1]), side)
    start, piece = fill_grid(first, net.vertex_xy, net.edge_island, frame, nx, ny)
    return Grid(start, piece, nx, ny, frame)


def check_max_snap(max_snap_m: float) -> float:
    """Check the longest leg.

    Parameters
    ----------
    max_snap_m
        Metres.

    Returns
    -------
    float
        The same metres.

    Raises
    ------
    StudyError
        When it is not a number above 0 and at most 10,000.

    Examples
    --------
    >>> check_max_snap(100)
    100.0
    """
    if not 0.0 < max_snap_m <= MAX_SNAP_M:
        raise StudyError(
            f"max_snap_m is {max_snap_m}: give metres above 0 and at most {MAX_SNAP_M:,.0f}"
        )
    return float(max_snap_m)


def snap_points(net: WalkNetwork, xy: NDArray[np.float64], *, max_snap_m: float = 100.0) -> Snap:
    """Find the nearest point of the nearest walkable edge, exactly.

    Parameters
    ----------
    net
        The network.
    xy
        Points, shape (n, 2), in the network's system (m); NaN is off the network.
    max_snap_m
        The longest leg (m).

    Returns
    -------
    Snap
        Equal distances go to the lowest edge. An island's edge is taken, with status 2, only where no
        other edge is near enough.

    Raises
    ------
    StudyError
        When ``max_snap_m`` is not a sensible length.

    Notes
    -----
    Which edge is nearest is judged in the network's system, which is the same as on the ground where
    the projection is conformal (RD New, UTM). The leg itself is measured on the ground.
    """
    radius = check_max_snap(max_snap_m)
    finite = np.asarray(np.isfinite(xy).all(axis=1))
    points = np.where(finite[:, None], xy, net.vertex_xy[0] + 4 * MAX_SNAP_M)
    # legs are compared on the ground: look a little further than the projection's scale can differ
    piece, share, on_island = nearest_pieces(net.grid, net.vertex_xy, points, radius * 1.01)
    piece = np.where(finite, piece, -1)
    near = np.flatnonzero(piece >= 0)
    at = piece[near]
    part = share[near]
    foot = net.vertex_xy[at] + part[:, None] * (net.vertex_xy[at + 1] - net.vertex_xy[at])
    foot[part >= 1.0] = net.vertex_xy[at[part >= 1.0] + 1]
    leg = net.ground.lengths(points[near], foot)
    kept = leg <= radius
    near, at, foot, leg = near[kept], at[kept], foot[kept], leg[kept]
    n = len(xy)
    edge = np.full(n, -1, np.int32)
    edge[near] = np.searchsorted(net.vertex_start, at, side="right") - 1
    offset, legs, feet = np.full(n, np.nan), np.full(n, np.nan), np.full((n, 2), np.nan)
    offset[near] = offsets_of(net, at, foot)
    legs[near], feet[near] = leg, foot
    status = np.full(n, OFF_NETWORK, np.int8)
    status[near] = np.where(on_island[near], ISLAND, OK)
    return Snap(edge, offset, legs, feet, status)


def offsets_of(
    net: WalkNetwork, piece: NDArray[np.int32] | NDArray[np.int64], foot: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Measure how far along their edge some points on it are.

    Parameters
    ----------
    net
        The network.
    piece
        First vertex of the straight piece on which each point lies, shape (n,).
    foot
        The points, shape (n, 2) (m).

    Returns
    -------
    numpy.ndarray
        Metres on the ground from the edge's u, shape (n,); a vertex has exactly its own.
    """
    low, high = net.vertex_offset_m[piece], net.vertex_offset_m[piece + 1]
    along = np.minimum(low + net.ground.lengths(net.vertex_xy[piece], foot), high)
    return np.where((foot == net.vertex_xy[piece + 1]).all(axis=1), high, along)
