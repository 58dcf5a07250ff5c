"""A part of a network: what touches a box, as a network that knows what the whole knows, or as lines to draw."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from geowoonzorg.errors import InputError
from geowoonzorg.walk.assembly import complete
from geowoonzorg.walk.squares import select_squares

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import ArrayLike, NDArray

    from geowoonzorg.walk.arrays import NetworkArrays
    from geowoonzorg.walk.squares import Squares

_OF_EDGES: Final = (
    "edge_length_m", "edge_forward", "edge_backward", "edge_layer", "edge_square",
)  # fmt: skip
_OF_VERTICES: Final = ("vertex_xy", "vertex_offset_m", "segment_way", "vertex_feature")
_MARGIN_M: Final = 1_000.0  # around what is drawn
_TOLD: Final = (
    "way_attributes",
    "node_attributes",
    "counts",
    "notes",
    "provenance",
    "bench_lonlat",
)


def crop_network(net: NetworkArrays, bounds: ArrayLike) -> dict[str, Any]:
    """Take the edges that touch a box, whole.

    Parameters
    ----------
    net
        The network.
    bounds
        West, south, east and north, shape (4,), in the network's CRS (m).

    Returns
    -------
    dict
        The fields of a network. Components, islands and the projection's scale are those of the whole, so a
        place joins the part as it joins the whole.

    Raises
    ------
    InputError
        When no edge touches the box.

    Examples
    --------
    >>> from geowoonzorg.walk.network import WalkNetwork
    >>> ends = np.array([[0, 0], [100, 0], [5000, 0], [5100, 0]]) + [190_000.0, 500_000.0]
    >>> net = WalkNetwork.from_arrays(ends, np.array([[0, 1], [2, 3]]))
    >>> len(crop_network(net, [190_000, 499_900, 190_050, 500_100])["edge_length_m"])
    1
    """
    touches = _touches(net, np.asarray(bounds, dtype=np.float64))
    squares, kept_squares, nodes = _crop_squares(net, touches)
    touches |= np.isin(net.edge_square, kept_squares)
    kept = np.flatnonzero(touches)
    if not len(kept):
        raise InputError("no street of the network lies in the box that was asked for")
    start = net.vertex_start
    size = np.diff(start)[kept]
    first = np.append(0, np.cumsum(size)).astype(start.dtype)
    vertex = np.arange(first[-1]) + np.repeat(start[kept] - first[:-1], size)
    used = np.unique(np.append(net.edge_node[kept], nodes))
    rank = np.full(len(net.node_xy), -1, np.int32)
    rank[used] = np.arange(len(used), dtype=np.int32)  # Morton order stays
    number = np.full(len(net.squares.way) + 1, -1, np.int32)  # the last is that of no square
    number[kept_squares] = np.arange(len(kept_squares))
    fields = complete({
        "node_xy": net.node_xy[used],
        "edge_node": rank[net.edge_node[kept]],
        "vertex_start": first,
        "scale": net.scale,
        **{name: getattr(net, name)[kept] for name in _OF_EDGES},
        **{name: getattr(net, name)[vertex] for name in _OF_VERTICES},
        **{name: getattr(net, name) for name in _TOLD},
    })  # fmt: skip
    return fields | {
        "edge_square": number[net.edge_square[kept]],
        "squares": squares._replace(corner_node=rank[squares.corner_node]),
        "edge_component": net.edge_component[kept],
        "component_length_m": net.component_length_m,
        "edge_island": net.edge_island[kept],
    }


def _crop_squares(
    net: NetworkArrays, touches: NDArray[np.bool_]
) -> tuple[Squares, NDArray[np.int64], NDArray[np.int32]]:
    """Take the squares that have an edge in a part, whole: those, which they are, and the nodes at their corners."""
    own = np.unique(net.edge_square[touches & (net.edge_square >= 0)].astype(np.int64))
    squares = select_squares(net.squares, own)
    return squares, own, squares.corner_node


def _touches(net: NetworkArrays, box: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell which edges' own boxes touch a box; private ground is there twice, alike both times."""
    start = net.vertex_start[:-1]
    least = np.minimum.reduceat(net.vertex_xy, start)
    most = np.maximum.reduceat(net.vertex_xy, start)
    inside = np.logical_and(least <= box[2:], most >= box[:2])
    return np.logical_and(inside[:, 0], inside[:, 1])


def street_lines(net: NetworkArrays, *, bounds: ArrayLike) -> gpd.GeoDataFrame:
    """Give the walkable streets as lines, as far as they touch a box.

    Parameters
    ----------
    net
        The walking network.
    bounds
        West, south, east and north of the box, shape (4,), in metres in the network's CRS; a
        kilometre is added on every side.

    Returns
    -------
    geopandas.GeoDataFrame
        One LineString per street of the network, in its CRS; private ground and sight lines over squares are
        not drawn.

    Examples
    --------
    >>> from geowoonzorg.walk.network import WalkNetwork
    >>> ends = np.array([[0, 0], [100, 0], [5000, 0], [5100, 0]]) + [190_000.0, 500_000.0]
    >>> net = WalkNetwork.from_arrays(ends, np.array([[0, 1], [1, 2], [2, 3]]))
    >>> len(street_lines(net, bounds=[190_000, 499_900, 190_010, 500_100]))
    1
    """
    import geopandas as gpd

    start = net.vertex_start[: net.n_streets + 1]
    vertices = net.vertex_xy[: start[-1]]
    west, south, east, north = np.asarray(bounds, dtype=float) + _MARGIN_M * np.array(
        [-1, -1, 1, 1]
    )
    line = np.repeat(np.arange(len(start) - 1), np.diff(start))
    kept = np.ones(len(line), dtype=bool)
    if len(line):
        least = np.minimum.reduceat(vertices, start[:-1])
        most = np.maximum.reduceat(vertices, start[:-1])
        inside = np.logical_and(least <= [east, north], most >= [west, south])
        kept = np.all(inside, axis=1)[line]
    shapes = shapely.linestrings(
        vertices[kept], indices=np.unique(line[kept], return_inverse=True)[1]
    )
    return gpd.GeoDataFrame(geometry=shapes, crs=net.crs)
