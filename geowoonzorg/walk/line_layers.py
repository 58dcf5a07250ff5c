"""Line layers and osmnx graphs as points and the straight segments between them."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pyproj
import shapely

from geowoonzorg.errors import CrsError, GeometryError, InputError, first_ids
from geowoonzorg.files import as_message, bring_points, check_coordinates, working_crs
from geowoonzorg.messages import tell

if TYPE_CHECKING:
    import geopandas as gpd
    import networkx as nx
    from numpy.typing import NDArray

#: shapely's type numbers of LineString, LinearRing and MultiLineString.
_LINES = (1, 2, 5)


def project(xy: NDArray[np.float64], source: object, crs: str | pyproj.CRS) -> NDArray[np.float64]:
    """Convert coordinates into the system to work in.

    Parameters
    ----------
    xy
        Shape (n, 2), x (or longitude) first.
    source
        The system they are in.
    crs
        A projected system in metres.

    Returns
    -------
    numpy.ndarray
        Shape (n, 2) (m).

    Raises
    ------
    CrsError
        When ``crs`` is not metric or cannot express some of the points.

    Examples
    --------
    >>> project(np.array([[5.387638889, 52.156160556]]), "EPSG:4326", "EPSG:28992").round(-3).tolist()
    [[155000.0, 463000.0]]
    """
    metric = working_crs(crs)
    own = pyproj.CRS.from_user_input(source)
    if own == metric:
        return np.ascontiguousarray(xy)
    made = bring_points(xy, own, metric)
    lost = ~np.isfinite(made).all(axis=1)
    if lost.any():
        raise CrsError(
            "{n} points cannot be expressed in {crs}, the first being {first}: check the layer's reference "
            "system, or work in another one",
            n=int(lost.sum()),
            crs=metric.name,
            first=xy[lost][0].tolist(),
        )
    return made


def _converted(source: pyproj.CRS, metric: pyproj.CRS) -> tuple[str, ...]:
    """Note that coordinates were converted, where they were."""
    if source == metric:
        return ()
    return (tell("network: converted from {source} to {crs}", source=source.name, crs=metric.name),)


def segments_of_lines(
    lines: gpd.GeoDataFrame, crs: str | pyproj.CRS, *, where: str = "network"
) -> tuple[
    NDArray[np.float64],
    NDArray[np.int32],
    NDArray[np.int32],
    dict[str, dict[str, int]],
    tuple[str, ...],
]:
    """Split a line layer into segments; vertices with the very same coordinates are one point.

    Parameters
    ----------
    lines
        The layer; heights are ignored.
    crs
        A projected system in metres.
    where
        The layer, as errors call it.

    Returns
    -------
    xy : numpy.ndarray
        Points, shape (n, 2), in ``crs`` (m).
    segments : numpy.ndarray
        Index of their two points, shape (m, 2).
    row : numpy.ndarray
        The row of the layer that each segment is of, shape (m,).
    counts : dict
        Lines read, and rows without a geometry.
    notes : tuple of str
        What the reader of the layer noted; whether coordinates were converted, and from what.

    Raises
    ------
    CrsError
        When the layer has no system or its numbers cannot be in it.
    GeometryError
        When there are geometries that are not lines.
    InputError
        When there is no line.

    Examples
    --------
    >>> import geopandas as gpd
    >>> street = shapely.LineString([(190_000, 500_000), (190_100, 500_000)])
    >>> segments_of_lines(gpd.GeoDataFrame(geometry=[street], crs="EPSG:28992"), "EPSG:28992")[1].tolist()
    [[0, 1]]
    """
    check_coordinates(lines, where=where)
    geometry = np.asarray(lines.geometry.array)
    empty = shapely.is_missing(geometry) | shapely.is_empty(geometry)
    kinds = shapely.get_type_id(geometry)
    wrong = ~empty & ~np.isin(kinds, _LINES)
    if wrong.any():
        found = ", ".join(sorted(set(lines.geom_type[wrong])))
        raise GeometryError(
            "{where}: {found} where lines are needed, at {ids}: give the streets' centre lines",
            where=as_message(where),
            found=found,
            ids=first_ids(lines.index[wrong]),
        )
    geometry = geometry[~empty]
    if not len(geometry):
        raise InputError("{where}: the layer has no lines", where=as_message(where))
    parts, of_part = shapely.get_parts(geometry, return_index=True)
    coordinates, line = shapely.get_coordinates(parts, return_index=True)
    points, index = np.unique(coordinates.view(np.complex128).ravel(), return_inverse=True)
    same = line[1:] == line[:-1]
    segments = np.column_stack([index[:-1][same], index[1:][same]]).astype(np.int32)
    xy = points.view(np.float64).reshape(-1, 2)
    source, metric = pyproj.CRS.from_user_input(lines.crs), working_crs(crs)
    notes = (*lines.attrs.get("notes", ()), *_converted(source, metric))
    counts = {"lines": {"read": len(geometry), "without_geometry": int(empty.sum())}}
    row = np.flatnonzero(~empty)[of_part[line[:-1][same]]].astype(np.int32)
    return project(xy, source, metric), segments, row, counts, notes


def segments_of_graph(
    graph: nx.MultiDiGraph, crs: str | pyproj.CRS
) -> tuple[NDArray[np.float64], NDArray[np.int32], NDArray[np.bool_], tuple[str, ...]]:
    """Split an osmnx graph into segments; a segment may be walked in the direction of its edge.

    Parameters
    ----------
    graph
        Nodes with ``x`` and ``y``, edges perhaps with ``geometry``, and ``graph.graph["crs"]``.
    crs
        A projected system in metres.

    Returns
    -------
    xy : numpy.ndarray
        Points, shape (n, 2), in ``crs`` (m): the graph's nodes and the vertices of its edges.
    segments : numpy.ndarray
        Index of their two points, in walking order, shape (m, 2).
    ends : numpy.ndarray
        Whether an edge must end at a point, shape (n,): at the nodes of a simplified graph.
    notes : tuple of str
        Whether coordinates were converted, and from what.

    Raises
    ------
    CrsError
        When the graph does not say its system, or it does not fit.
    InputError
        When the graph has no edge.

    Examples
    --------
    >>> import networkx as nx
    >>> graph = nx.MultiDiGraph(crs="EPSG:28992")
    >>> graph.add_node(7, x=190_000, y=500_000)
    >>> graph.add_node(8, x=190_100, y=500_000)
    >>> _ = graph.add_edge(7, 8)
    >>> segments_of_graph(graph, "EPSG:28992")[1].tolist()
    [[0, 1]]
    """
    if "crs" not in graph.graph:
        raise CrsError(
            "network: the graph does not say its reference system: set graph.graph['crs']"
        )
    if not graph.number_of_edges():
        raise InputError("network: the graph has no edges")
    number = {node: i for i, node in enumerate(graph.nodes)}
    nodes = np.array([(data["x"], data["y"]) for _, data in graph.nodes(data=True)], np.float64)
    # an inner vertex is known by the pair of nodes it lies between: edges that merely cross stay apart
    inner: dict[tuple[int, int, float, float], int] = {}
    pairs: list[tuple[int, int]] = []
    for u, v, data in graph.edges(data=True):
        i, j = number[u], number[v]
        path = [i]
        if data.get("geometry") is not None:
            for x, y in shapely.get_coordinates(data["geometry"])[1:-1].tolist():
                path.append(inner.setdefault((min(i, j), max(i, j), x, y), len(nodes) + len(inner)))
        path.append(j)
        pairs.extend(pairwise(path))
    vertices = np.array([key[2:] for key in inner], np.float64).reshape(-1, 2)
    source, metric = pyproj.CRS.from_user_input(graph.graph["crs"]), working_crs(crs)
    notes = _converted(source, metric)
    xy = project(np.concatenate([nodes, vertices]), source, metric)
    ends = np.zeros(len(xy), bool)
    ends[: len(nodes)] = bool(graph.graph.get("simplified"))
    return xy, np.array(pairs, np.int32), ends, notes
