"""A part of a network: what touches a box, as a network that knows what the whole knows, or as lines to draw."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from geowoonzorg.errors import InputError
from geowoonzorg.walk.arrays import select_edges
from geowoonzorg.walk.assembly import complete
from geowoonzorg.walk.cautious import judge_edges
from geowoonzorg.walk.square_parts import whole_squares

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import ArrayLike, NDArray

    from geowoonzorg.walk.arrays import NetworkArrays

_MARGIN_M: Final = 1_000.0  # around what is drawn


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
        place joins the part as it joins the whole, in the cautious answer, too.

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
    # a square with an edge in the part stays whole
    own = np.unique(net.edge_square[touches & (net.edge_square >= 0)].astype(np.int64))
    touches |= np.isin(net.edge_square, own)
    kept = np.flatnonzero(touches)
    if not len(kept):
        raise InputError("no street of the network lies in the box that was asked for")
    fields = complete(select_edges(net, kept, left=whole_squares(net, own)))
    return fields | {
        "edge_component": net.edge_component[kept],
        "component_length_m": net.component_length_m,
        "edge_island": net.edge_island[kept],
        "edge_cautious": judge_edges(net)[kept],
    }


def _touches(net: NetworkArrays, box: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell which edges' own boxes touch a box; private ground is there twice, alike both times."""
    west, south, east, north = _edge_boxes(net)
    found: NDArray[np.bool_] = west <= box[2]
    for one in (south <= box[3], east >= box[0], north >= box[1]):
        found &= one
    return found


def _edge_boxes(net: NetworkArrays) -> NDArray[np.float64]:
    """Give west, south, east and north of every edge, shape (4, n_edges)."""
    kept = vars(net)  # a network never changes, and each of its hundreds of tiles asks again
    if "_boxes" not in kept:
        start = net.vertex_start[:-1]
        ends = [extreme.reduceat(net.vertex_xy, start).T for extreme in (np.minimum, np.maximum)]
        kept["_boxes"] = np.concatenate(ends)
        kept["_boxes"].flags.writeable = False
    boxes: NDArray[np.float64] = kept["_boxes"]
    return boxes


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
