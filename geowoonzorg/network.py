"""The walking network: junctions, the edges between them with their true line, and what hangs together."""

from __future__ import annotations

import queue
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from geowoonzorg import _build
from geowoonzorg._kernels import Graph
from geowoonzorg._lines import project, segments_of_graph, segments_of_lines
from geowoonzorg.errors import InputError
from geowoonzorg.ground import Ground
from geowoonzorg.network_io import read_network, write_network
from geowoonzorg.progress import Progress, part, silent
from geowoonzorg.snapping import build_grid, snap_points

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd
    import networkx as nx
    import pyproj
    from numpy.typing import ArrayLike, NDArray

    from geowoonzorg._grid import Grid
    from geowoonzorg.osm import Walkways
    from geowoonzorg.snapping import Snap
    from geowoonzorg.walking import WalkProfile

#: A component is an island when it has less street than this (m) …
ISLAND_M = 1000.0
#: … and less than this share of the street length of the longest component.
ISLAND_SHARE = 0.1


@dataclass(frozen=True, eq=False)
class WalkNetwork:
    """A network to walk on, as arrays that are never changed.

    Nodes are junctions and dead ends; everything between two of them is one edge, with all its
    vertices. Nodes lie in Morton order, and edges in the order of their nodes, so what is near on the
    ground is near in memory. An edge runs from its lower to its higher node.

    Parameters
    ----------
    crs
        The projected system of all coordinates.
    node_xy
        Coordinates of the nodes, shape (n_nodes, 2) (m).
    edge_node
        The nodes u ≤ v of every edge, shape (n_edges, 2).
    edge_length_m
        Metres on the ground, shape (n_edges,).
    edge_forward, edge_backward
        Whether the edge may be walked from u to v, and from v to u, shape (n_edges,).
    vertex_start
        Where each edge's vertices start, shape (n_edges + 1,).
    vertex_xy
        Vertices of every edge from u to v, both included, shape (n_vertices, 2) (m).
    vertex_offset_m
        Metres on the ground along the edge from u, shape (n_vertices,).
    edge_component
        Which component an edge belongs to, 0 being the longest, shape (n_edges,).
    component_length_m
        Street length of each component, shape (n_components,) (m).
    edge_island
        Whether the component is an island: less than 1 km of street *and* less than a tenth of the
        longest component, so a clipped extract may have several real pieces and a tiny network is
        never an island altogether. Shape (n_edges,).
    adj_start, adj_node, adj_edge
        The half-edges at every node (CSR): shape (n_nodes + 1,), and the node at the other end and
        the edge, shape (n_half,). Parallel edges are all there; a loop is there once.
    adj_length_m, toward_length_m
        Metres walking out of the node, and into it, along the half-edge, shape (n_half,); inf where
        that direction may not be walked.
    ground
        The projection's scale.
    segment_way
        Row of ``way_attributes`` for the straight piece from a vertex to the next; -1 where unknown
        and at an edge's last vertex. Shape (n_vertices,).
    vertex_feature
        Row of ``node_attributes`` for a vertex, or -1. Shape (n_vertices,).
    way_attributes, node_attributes
        What is known of the ways (surface, steps, …) and of points on them (kerbs, crossings).
    counts
        What was read, and what was dropped and why.
    notes
        What a user should know: conversions, merged duplicates.
    provenance
        Content hash of the source, hash and name of the walking profile.

    Notes
    -----
    Directions concern pedestrians only, and are rare. Distances are walked from an origin to a
    facility; a search around a facility therefore reads the graph ``toward`` it.

    Examples
    --------
    >>> import numpy as np
    >>> corners = np.array([[0, 0], [100, 0], [100, 100], [0, 100]]) + [190_000.0, 500_000.0]
    >>> net = WalkNetwork.from_arrays(corners, np.array([[0, 1], [1, 2], [2, 3], [3, 0], [0, 2]]))
    >>> len(net.node_xy), len(net.edge_length_m), net.edge_length_m.round(1).tolist()
    (2, 3, [200.0, 200.0, 141.4])
    """

    crs: pyproj.CRS
    node_xy: NDArray[np.float64]
    edge_node: NDArray[np.int32]
    edge_length_m: NDArray[np.float64]
    edge_forward: NDArray[np.bool_]
    edge_backward: NDArray[np.bool_]
    vertex_start: NDArray[np.int64]
    vertex_xy: NDArray[np.float64]
    vertex_offset_m: NDArray[np.float64]
    edge_component: NDArray[np.int32]
    component_length_m: NDArray[np.float64]
    edge_island: NDArray[np.bool_]
    adj_start: NDArray[np.int64]
    adj_node: NDArray[np.int32]
    adj_edge: NDArray[np.int32]
    adj_length_m: NDArray[np.float64]
    toward_length_m: NDArray[np.float64]
    ground: Ground
    segment_way: NDArray[np.int32]
    vertex_feature: NDArray[np.int32]
    way_attributes: pd.DataFrame = field(default_factory=pd.DataFrame)
    node_attributes: pd.DataFrame = field(default_factory=pd.DataFrame)
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    provenance: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for item in fields(self):
            value = getattr(self, item.name)
            if isinstance(value, np.ndarray):
                value.setflags(write=False)

    def __repr__(self) -> str:
        return (
            f"<WalkNetwork: {len(self.edge_length_m):,} edges, {self.edge_length_m.sum() / 1000:,.1f} km, "
            f"{len(self.component_length_m):,} components, {self.crs.to_string()}>"
        )

    # --- builders -------------------------------------------------------------------------------

    @classmethod
    def from_arrays(
        cls,
        xy: ArrayLike,
        segments: ArrayLike,
        *,
        crs: str | pyproj.CRS = "EPSG:28992",
        forward: ArrayLike | None = None,
        backward: ArrayLike | None = None,
        progress: Progress = silent,
    ) -> WalkNetwork:
        """Build a network from points and the straight segments between them.

        Parameters
        ----------
        xy
            Points, shape (n, 2), in ``crs`` (m).
        segments
            The two points of every segment, shape (m, 2), as indices into ``xy``.
        crs
            A projected system in metres.
        forward, backward
            Whether a segment may be walked from its first to its second point, and back, shape (m,);
            by default both.
        progress
            Hears how far the work is.

        Returns
        -------
        WalkNetwork
            The network; segments that join the same two points are one.

        Raises
        ------
        InputError
            When there is no segment that goes anywhere, or one refers to a point that is not there.
        CrsError
            When ``crs`` is not metric.

        Examples
        --------
        >>> import numpy as np
        >>> net = WalkNetwork.from_arrays([[190_000, 500_000], [190_100, 500_000]], [[0, 1]])
        >>> net
        <WalkNetwork: 1 edges, 0.1 km, 1 components, EPSG:28992>
        """
        pairs = np.asarray(segments, np.int32).reshape(-1, 2)
        points = np.ascontiguousarray(xy, np.float64).reshape(-1, 2)
        if pairs.size and (pairs.min() < 0 or pairs.max() >= len(points)):
            raise InputError(
                f"segments refer to point {pairs.max()}, but there are {len(points)} points"
            )
        both = [
            np.ones(len(pairs), bool) if given is None else np.asarray(given, bool)
            for given in (forward, backward)
        ]
        return _assemble(
            points,
            pairs[:, 0].copy(),
            pairs[:, 1].copy(),
            both[0],
            both[1],
            crs=crs,
            progress=progress,
        )

    @classmethod
    def from_walkways(
        cls,
        walkways: Walkways,
        *,
        crs: str | pyproj.CRS = "EPSG:28992",
        counts: dict[str, dict[str, int]] | None = None,
        provenance: dict[str, str] | None = None,
        progress: Progress = silent,
    ) -> WalkNetwork:
        """Build a network from the walkable ways of an OSM file; they meet where they share a node.

        Parameters
        ----------
        walkways
            What `geowoonzorg.osm.read_osm` found walkable.
        crs
            A projected system in metres.
        counts, provenance
            What was read and dropped, and from what; kept with the network.
        progress
            Hears how far the work is.

        Returns
        -------
        WalkNetwork
            The network, cut at the nodes where a barrier stops people.

        Raises
        ------
        InputError
            When nothing may be walked.
        CrsError
            When ``crs`` is not metric or does not reach the place.
        """
        xy = project(walkways.lonlat, "EPSG:4326", crs)
        sizes = np.diff(walkways.way_start)
        way = np.repeat(np.arange(len(sizes), dtype=np.int32), np.maximum(sizes - 1, 0))
        last = np.zeros(len(walkways.way_node), bool)
        last[walkways.way_start[1:][sizes > 0] - 1] = True
        at = np.flatnonzero(~last)
        node = np.asarray(walkways.way_node, np.int32)
        feature = np.full(len(xy), -1, np.int32)
        feature[walkways.node_attributes.index.to_numpy(np.int64)] = np.arange(
            len(walkways.node_attributes)
        )
        return _assemble(
            xy, node[at], node[at + 1], np.asarray(walkways.forward)[way], np.asarray(walkways.backward)[way],
            crs=crs, way=way, cut=np.asarray(walkways.node_cut), feature=feature,
            way_attributes=walkways.way_attributes.reset_index(drop=True),
            node_attributes=walkways.node_attributes.reset_index(drop=True),
            counts=counts, provenance=provenance, progress=progress,
        )  # fmt: skip

    @classmethod
    def from_osm(
        cls,
        path: str | Path,
        *,
        profile: str | WalkProfile = "rollator",
        crs: str | pyproj.CRS = "EPSG:28992",
        progress: Progress = silent,
    ) -> WalkNetwork:
        """Build a network from an OSM file (``.osm.pbf``, ``.osm``, ``.osm.bz2``).

        Parameters
        ----------
        path
            The file.
        profile
            Who walks: ``wandelaar``, ``rollator``, ``rolstoel``, a TOML file, or a profile as read.
        crs
            A projected system in metres.
        progress
            Hears how far the work is.

        Returns
        -------
        WalkNetwork
            The network of everything that may be walked.

        Raises
        ------
        FormatError
            When the file is not a whole OSM file.
        InputError
            When nothing in it may be walked, or too many ways miss nodes.
        StudyError
            When the profile is wrong.
        CrsError
            When ``crs`` is not metric.
        """
        from geowoonzorg.files import content_hash  # noqa: PLC0415
        from geowoonzorg.osm import read_osm  # noqa: PLC0415
        from geowoonzorg.walking import read_profile  # noqa: PLC0415

        walker = read_profile(profile) if isinstance(profile, str) else profile
        data = read_osm(path, profile=walker, progress=part(progress, 0.0, 0.6))
        if data.walkways is None:
            raise InputError(f"{path}: no way that may be walked by the profile {walker.name}")
        provenance = {
            "source": content_hash(path),
            "profile": walker.hash,
            "profile_name": walker.name,
        }
        return cls.from_walkways(
            data.walkways,
            crs=crs,
            counts=data.counts,
            provenance=provenance,
            progress=part(progress, 0.6, 1.0),
        )

    @classmethod
    def from_lines(
        cls, lines: gpd.GeoDataFrame, *, crs: str | pyproj.CRS = "EPSG:28992"
    ) -> WalkNetwork:
        """Build a network from a line layer; lines meet where their vertices coincide.

        Parameters
        ----------
        lines
            LineStrings or MultiLineStrings in any known system; converted to ``crs`` when it is
            another one, which ``notes`` tells.
        crs
            A projected system in metres.

        Returns
        -------
        WalkNetwork
            The network, walkable both ways.

        Raises
        ------
        CrsError
            When the layer has no system or its numbers cannot be in it, or ``crs`` is not metric.
        GeometryError
            When there are geometries that are not lines.
        InputError
            When there is no line.

        Examples
        --------
        >>> import geopandas as gpd
        >>> from shapely import LineString
        >>> street = LineString([(190_000, 500_000), (190_100, 500_000)])
        >>> net = WalkNetwork.from_lines(gpd.GeoDataFrame(geometry=[street], crs="EPSG:28992"))
        >>> net.edge_length_m.round(2).tolist()
        [100.01]
        """
        xy, pairs, counts, notes = segments_of_lines(lines, crs)
        ways = np.ones(len(pairs), bool)
        return _assemble(
            xy,
            pairs[:, 0].copy(),
            pairs[:, 1].copy(),
            ways,
            ways.copy(),
            crs=crs,
            counts=counts,
            notes=notes,
        )

    @classmethod
    def from_osmnx(
        cls, graph: nx.MultiDiGraph, *, crs: str | pyproj.CRS = "EPSG:28992"
    ) -> WalkNetwork:
        """Build a network from an osmnx graph; an edge of the graph may be walked in its own direction.

        Parameters
        ----------
        graph
            A graph as osmnx makes it, with ``x`` and ``y`` on the nodes and ``crs`` on the graph.
        crs
            A projected system in metres.

        Returns
        -------
        WalkNetwork
            The network, with the graph's lines.

        Raises
        ------
        CrsError
            When the graph has no system, or ``crs`` is not metric.
        InputError
            When the graph has no edge.
        """
        xy, pairs, notes = segments_of_graph(graph, crs)
        ways = np.ones(len(pairs), bool)
        return _assemble(
            xy, pairs[:, 0].copy(), pairs[:, 1].copy(), ways, ~ways, crs=crs, notes=notes
        )

    @classmethod
    def load(cls, path: str | Path, *, provenance: dict[str, str] | None = None) -> WalkNetwork:
        """Read a network that `save` wrote.

        Parameters
        ----------
        path
            The cached network.
        provenance
            The hashes it must have been made from, as in the network's own ``provenance``; not
            checked by default.

        Returns
        -------
        WalkNetwork
            The network.

        Raises
        ------
        FormatError
            When it is damaged, of another version, or made from another source or profile: make it anew.
        SourceError
            When it is not there.
        """
        return _complete(**read_network(path, provenance=provenance))

    def save(self, path: str | Path) -> None:
        """Write the network as a cache that `load` reads back, without pickle.

        Parameters
        ----------
        path
            A ``.npz`` file; its folder must exist.

        Raises
        ------
        OutputError
            When it cannot be written; an old file is still there, whole.
        """
        write_network(self, path)

    # --- reading it -----------------------------------------------------------------------------

    @cached_property
    def directed(self) -> bool:
        """Whether some edge may be walked one way only."""
        return not bool((self.edge_forward & self.edge_backward).all())

    @property
    def toward(self) -> Graph:
        """The graph as searched around a place people walk *to*."""
        return Graph(
            self.adj_start, self.adj_node, self.adj_edge, self.toward_length_m,
            self.edge_node, self.edge_length_m, self.edge_forward, self.edge_backward, self.directed,
        )  # fmt: skip

    @property
    def away(self) -> Graph:
        """The graph as searched around a place people walk *from*."""
        return Graph(
            self.adj_start, self.adj_node, self.adj_edge, self.adj_length_m,
            self.edge_node, self.edge_length_m, self.edge_backward, self.edge_forward, self.directed,
        )  # fmt: skip

    @cached_property
    def grid(self) -> Grid:
        """The grid that finds the nearest street; made at first use."""
        return build_grid(self)

    @cached_property
    def spare(self) -> queue.SimpleQueue[NDArray[np.float64]]:
        """Distance arrays full of inf that no search uses now; a new one costs more than a small search."""
        return queue.SimpleQueue()

    def snap(self, xy: ArrayLike, *, max_snap_m: float = 100.0) -> Snap:
        """Find where points join the network: the nearest point of the nearest walkable edge.

        Parameters
        ----------
        xy
            Points, shape (n, 2), in the network's system (m).
        max_snap_m
            The longest leg (m).

        Returns
        -------
        Snap
            Edge, metres along it, leg, coordinates and status, each of length n.

        Raises
        ------
        StudyError
            When ``max_snap_m`` is not a sensible length.
        """
        return snap_points(
            self, np.ascontiguousarray(xy, np.float64).reshape(-1, 2), max_snap_m=max_snap_m
        )

    def describe(self) -> dict[str, Any]:
        """Summarise the network: sizes, components, and what was read and dropped.

        Returns
        -------
        dict
            ``nodes``, ``edges``, ``vertices``, ``length_m``, ``components``, ``islands``,
            ``island_length_m``, ``oneway_edges``, ``longest_components_m`` (at most five), and ``counts``.
        """
        island = self.edge_island
        return {
            "nodes": len(self.node_xy),
            "edges": len(self.edge_length_m),
            "vertices": len(self.vertex_xy),
            "length_m": float(self.edge_length_m.sum()),
            "components": len(self.component_length_m),
            "islands": int(np.unique(self.edge_component[island]).size),
            "island_length_m": float(self.edge_length_m[island].sum()),
            "oneway_edges": int((~(self.edge_forward & self.edge_backward)).sum()),
            "longest_components_m": [float(m) for m in self.component_length_m[:5]],
            "counts": self.counts,
        }


def _morton(xy: NDArray[np.float64]) -> NDArray[np.int64]:
    """Interleave the bits of x and y, so that points near each other get numbers near each other."""
    low = xy.min(axis=0)
    cell = max(float((xy.max(axis=0) - low).max()), 1.0) / (2**26 - 1)
    code = np.zeros(len(xy), np.int64)
    for axis in (0, 1):
        bits = ((xy[:, axis] - low[axis]) / cell).astype(np.int64)
        for shift, mask in (
            (16, 0x0000FFFF0000FFFF), (8, 0x00FF00FF00FF00FF), (4, 0x0F0F0F0F0F0F0F0F),
            (2, 0x3333333333333333), (1, 0x5555555555555555),
        ):  # fmt: skip
            bits = (bits | (bits << shift)) & mask
        code |= bits << axis
    return code


def _cut_at(
    a: NDArray[np.int32], b: NDArray[np.int32], cut: NDArray[np.bool_], n_nodes: int
) -> NDArray[np.int32]:
    """Give every segment end at a barrier a node of its own; returns which node each new one stands for."""
    stands_for = []
    for end in (a, b):
        blocked = np.flatnonzero(cut[end])
        copies = end[blocked].copy()
        end[blocked] = n_nodes + np.arange(len(blocked), dtype=np.int32)
        n_nodes += len(blocked)
        stands_for.append(copies)
    return np.concatenate(stands_for)


def _assemble(  # noqa: PLR0913 - one place where every builder comes together
    xy: NDArray[np.float64],
    a: NDArray[np.int32],
    b: NDArray[np.int32],
    forward: NDArray[np.bool_],
    backward: NDArray[np.bool_],
    *,
    crs: str | pyproj.CRS,
    way: NDArray[np.int32] | None = None,
    cut: NDArray[np.bool_] | None = None,
    feature: NDArray[np.int32] | None = None,
    way_attributes: pd.DataFrame | None = None,
    node_attributes: pd.DataFrame | None = None,
    counts: dict[str, dict[str, int]] | None = None,
    notes: tuple[str, ...] = (),
    provenance: dict[str, str] | None = None,
    progress: Progress = silent,
) -> WalkNetwork:
    """Turn segments between points into a network: merge twins, cut at barriers, contract, order, measure."""
    way = np.full(len(a), -1, np.int32) if way is None else way
    moving = (a != b) & (forward | backward)
    a, b, forward, backward, way = (column[moving] for column in (a, b, forward, backward, way))
    if not len(a):
        raise InputError(
            "there is no street that may be walked: check the layer, the profile and the area"
        )
    start, segment = _build.incidence(len(xy), a, b)
    keep = _build.merge_twins(a, b, forward, backward, start, segment)
    a, b, forward, backward, way = (column[keep] for column in (a, b, forward, backward, way))
    tally = {
        "segments": len(moving),
        "segments_without_length": int((~moving).sum()),
        "segments_twice": int((~keep).sum()),
    }
    if cut is not None and cut.any():
        copies = _cut_at(a, b, cut, len(xy))
        xy = np.concatenate([xy, xy[copies]])
        feature = None if feature is None else np.concatenate([feature, feature[copies]])
        tally["segment_ends_at_barriers"] = len(copies)
    if tally["segments_twice"] or len(keep) != len(a) or (cut is not None and cut.any()):
        start, segment = _build.incidence(len(xy), a, b)
    progress(0.2, "network: joining segments into edges")
    junction = _build.junctions(a, forward, backward, start, segment)
    first, edge_forward, edge_backward, vertex, via = _build.contract(
        a, b, forward, backward, start, segment, junction
    )
    progress(0.5, "network: ordering")
    ends = np.column_stack([vertex[first[:-1]], vertex[first[1:] - 1]])
    used = np.zeros(len(xy), bool)
    used[ends] = True
    node = np.flatnonzero(used)
    node = node[np.argsort(_morton(xy[node]), kind="stable")]
    rank = np.empty(len(xy), np.int32)
    rank[node] = np.arange(len(node), dtype=np.int32)
    edge_node = rank[ends]
    flip = edge_node[:, 0] > edge_node[:, 1]
    edge_node[flip] = edge_node[flip, ::-1]
    edge_forward[flip], edge_backward[flip] = edge_backward[flip], edge_forward[flip]
    order = np.argsort(
        edge_node[:, 0].astype(np.int64) * len(node) + edge_node[:, 1], kind="stable"
    )
    first, vertex, via = _build.reorder(first, vertex, via, order, flip)
    edge_node = np.ascontiguousarray(edge_node[order])
    progress(0.7, "network: measuring")
    vertex_xy = xy[vertex]
    ground = Ground.fit(crs, vertex_xy)
    step_m = np.append(ground.lengths(vertex_xy[:-1], vertex_xy[1:]), 0.0)
    offset = _build.run_lengths(first, step_m)
    progress(0.9, "network: what hangs together")
    return _complete(
        node_xy=xy[node], edge_node=edge_node, edge_length_m=offset[first[1:] - 1],
        edge_forward=edge_forward[order], edge_backward=edge_backward[order],
        vertex_start=first, vertex_xy=vertex_xy, vertex_offset_m=offset, ground=ground,
        segment_way=np.where(via >= 0, way[via], -1).astype(np.int32),
        vertex_feature=np.full(len(vertex), -1, np.int32) if feature is None else feature[vertex],
        way_attributes=pd.DataFrame() if way_attributes is None else way_attributes,
        node_attributes=pd.DataFrame() if node_attributes is None else node_attributes,
        counts={**(counts or {}), "network": tally}, notes=notes, provenance=provenance or {},
    )  # fmt: skip


def _complete(**core: Any) -> WalkNetwork:  # noqa: ANN401 - the fields of WalkNetwork
    """Add what follows from the stored fields: half-edges, components and islands."""
    n_nodes, edge_node, length = len(core["node_xy"]), core["edge_node"], core["edge_length_m"]
    start, node, edge, away, toward = _build.adjacency(
        n_nodes, edge_node, length, core["edge_forward"], core["edge_backward"]
    )
    component, metres, island = _find_components(n_nodes, edge_node, length)
    return WalkNetwork(
        crs=core["ground"].crs, adj_start=start, adj_node=node, adj_edge=edge, adj_length_m=away,
        toward_length_m=toward, edge_component=component, component_length_m=metres, edge_island=island,
        **core,
    )  # fmt: skip


def _find_components(
    n_nodes: int, edge_node: NDArray[np.int32], length: NDArray[np.float64]
) -> tuple[NDArray[np.int32], NDArray[np.float64], NDArray[np.bool_]]:
    """Number components from long to short, and say which edges are on an island."""
    root = _build.components(n_nodes, edge_node)[edge_node[:, 0]]
    total = np.bincount(root, weights=length, minlength=n_nodes)
    roots = np.unique(root)
    roots = roots[np.argsort(-total[roots], kind="stable")]
    number = np.empty(n_nodes, np.int32)
    number[roots] = np.arange(len(roots), dtype=np.int32)
    component, metres = number[root], total[roots]
    small = (metres < ISLAND_M) & (metres < ISLAND_SHARE * metres[0])
    return component, metres, small[component]
