"""Where places join the network: points at the nearest street, polygons at their entrances."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geowoonzorg.errors import StudyError
from geowoonzorg.walk.kernels.grid import nearest_segments

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geowoonzorg.walk.arrays import NetworkArrays

#: What a status number means; the words are those of the output columns.
STATUS = ("ok", "off_network", "island", "beyond_limit")
OK, OFF_NETWORK, ISLAND, BEYOND_LIMIT = range(4)

#: Nobody goes further than this to the nearest street (m).
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
    access_m
        Straight metres on the ground from the point to the edge, shape (n,); NaN where there is no edge.
    xy
        The point on the edge, shape (n, 2) (m); NaN where there is no edge.
    status
        0 ok, 1 off_network, 2 island (index into ``STATUS``), shape (n,).
    """

    edge: NDArray[np.int32]
    offset_m: NDArray[np.float64]
    access_m: NDArray[np.float64]
    xy: NDArray[np.float64]
    status: NDArray[np.int8]


def check_max_snap(max_snap_m: float) -> float:
    """Check the longest access distance.

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
            "max_snap_m is {max_snap_m}: give metres above 0 and at most {most:,.0f}",
            max_snap_m=max_snap_m,
            most=MAX_SNAP_M,
        )
    return float(max_snap_m)


def snap_points(net: NetworkArrays, xy: NDArray[np.float64], *, max_snap_m: float = 100.0) -> Snap:
    """Find the nearest point of the nearest walkable edge, exactly.

    Parameters
    ----------
    net
        The network.
    xy
        Points, shape (n, 2), in the network's system (m); NaN is off the network.
    max_snap_m
        The longest access distance (m).

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
    the projection is conformal (RD New, UTM). The access distance itself is measured on the ground.

    Examples
    --------
    >>> from geowoonzorg.walk.network import WalkNetwork
    >>> net = WalkNetwork.from_arrays([[190_000, 500_000], [190_100, 500_000]], [[0, 1]])
    >>> snap_points(net, np.array([[190_040.0, 500_010.0], [195_000.0, 500_000.0]])).status.tolist()
    [0, 1]
    """
    radius = check_max_snap(max_snap_m)
    finite = np.asarray(np.isfinite(xy).all(axis=1))
    points = np.where(finite[:, None], xy, net.vertex_xy[0] + 4 * MAX_SNAP_M)
    # access distances are compared on the ground: look a little further than the projection's scale can differ
    segment, share, on_island = nearest_segments(net.grid, net.vertex_xy, points, radius * 1.01)
    segment = np.where(finite, segment, -1)
    near = np.flatnonzero(segment >= 0)
    at = segment[near]
    part = share[near]
    foot = net.vertex_xy[at] + part[:, None] * (net.vertex_xy[at + 1] - net.vertex_xy[at])
    foot[part >= 1.0] = net.vertex_xy[at[part >= 1.0] + 1]
    access_m = net.scale.lengths(points[near], foot)
    kept = access_m <= radius
    near, at, foot, access_m = near[kept], at[kept], foot[kept], access_m[kept]
    n = len(xy)
    edge = np.full(n, -1, np.int32)
    edge[near] = np.searchsorted(net.vertex_start, at, side="right") - 1
    offset, access, feet = np.full(n, np.nan), np.full(n, np.nan), np.full((n, 2), np.nan)
    offset[near] = offsets_of(net, at, foot)
    access[near], feet[near] = access_m, foot
    status = np.full(n, OFF_NETWORK, np.int8)
    status[near] = np.where(on_island[near], ISLAND, OK)
    return Snap(edge, offset, access, feet, status)


def offsets_of(
    net: NetworkArrays, segment: NDArray[np.int32] | NDArray[np.int64], foot: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Measure how far along their edge some points on it are.

    Parameters
    ----------
    net
        The network.
    segment
        First vertex of the straight segment on which each point lies, shape (n,).
    foot
        The points, shape (n, 2) (m).

    Returns
    -------
    numpy.ndarray
        Metres on the ground from the edge's u, shape (n,); a vertex has exactly its own.

    Examples
    --------
    >>> from geowoonzorg.walk.network import WalkNetwork
    >>> net = WalkNetwork.from_arrays([[190_000, 500_000], [190_100, 500_000]], [[0, 1]])
    >>> offsets_of(net, np.array([0]), np.array([[190_040.0, 500_000.0]])).round(1).tolist()
    [40.0]
    """
    low, high = net.vertex_offset_m[segment], net.vertex_offset_m[segment + 1]
    along = np.minimum(low + net.scale.lengths(net.vertex_xy[segment], foot), high)
    return np.where((foot == net.vertex_xy[segment + 1]).all(axis=1), high, along)
