"""The walking network: junctions, the edges between them with their true line, and what hangs together."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from geowoonzorg.errors import InputError
from geowoonzorg.progress import Progress, part, silent
from geowoonzorg.walk._kernels import Graph, Room, empty_room
from geowoonzorg.walk._lines import segments_of_graph, segments_of_lines
from geowoonzorg.walk._nearest import Labels, empty_labels
from geowoonzorg.walk._ways import take_ways_apart
from geowoonzorg.walk.assembly import STREET, WAY_IN, WAY_OUT, Segments, assemble, complete
from geowoonzorg.walk.chunks import Spare
from geowoonzorg.walk.network_io import read_network, write_network
from geowoonzorg.walk.private import add_private
from geowoonzorg.walk.snapping import build_grid, snap_points

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd
    import networkx as nx
    import pyproj
    from numpy.typing import ArrayLike, NDArray

    from geowoonzorg.osm import Walkways
    from geowoonzorg.osm.profile import WalkProfile
    from geowoonzorg.walk._grid import Grid
    from geowoonzorg.walk.ground import Ground
    from geowoonzorg.walk.snapping import Snap


@dataclass(frozen=True, eq=False)
class WalkNetwork:
    """A network to walk on, as arrays that are never changed.

    Nodes are junctions and dead ends; everything between two of them is one edge, with all its
    vertices. Nodes lie in Morton order, and edges in the order of their nodes, so what is near on the
    ground is near in memory. An edge runs from its lower to its higher node.

    Private ground, where a walk may begin or end, comes after the streets; see `private.add_private`.

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
    edge_layer
        0 a street, 1 and 2 private ground on the way out and, the same again, on the way in, 3 the
        step between private ground and street; ascending, shape (n_edges,).
    vertex_start
        Where each edge's vertices start, shape (n_edges + 1,).
    vertex_xy
        Vertices of every edge from u to v, both included, shape (n_vertices, 2) (m).
    vertex_offset_m
        Metres on the ground along the edge from u, shape (n_vertices,).
    edge_component
        Which component a street belongs to, 0 being the longest; -1 for what is no street. Shape
        (n_edges,).
    component_length_m
        Street length of each component, shape (n_components,) (m).
    edge_island
        Whether the component is an island: less than 1 km of street *and* less than a tenth of the
        longest component, so a clipped extract may have several real pieces and a tiny network is
        never an island altogether. Shape (n_edges,).
    adj_start
        Where each node's half-edges start, shape (n_nodes + 1,).
    adj_leaving
        Where, among them, those start of edges that have the node as u, shape (n_nodes,).
    adj_away, adj_toward
        The half-edges, shape (n_half,): ``length``, the metres walking out of the node, and into it, inf
        where that direction may not be walked; ``node`` at the other end; ``edge``. Parallel edges are
        all there; a loop is there once.
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
    bench_lonlat
        Benches in degrees (WGS 84), shape (n_benches, 2); None where the source does not tell of them.

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
    edge_layer: NDArray[np.int8]
    vertex_start: NDArray[np.int64]
    vertex_xy: NDArray[np.float64]
    vertex_offset_m: NDArray[np.float64]
    edge_component: NDArray[np.int32]
    component_length_m: NDArray[np.float64]
    edge_island: NDArray[np.bool_]
    adj_start: NDArray[np.uint32]
    adj_leaving: NDArray[np.uint32]
    adj_away: NDArray[np.void]
    adj_toward: NDArray[np.void]
    ground: Ground
    segment_way: NDArray[np.int32]
    vertex_feature: NDArray[np.int32]
    way_attributes: pd.DataFrame = field(default_factory=pd.DataFrame)
    node_attributes: pd.DataFrame = field(default_factory=pd.DataFrame)
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    provenance: dict[str, str] = field(default_factory=dict)
    bench_lonlat: NDArray[np.float64] | None = None

    def __post_init__(self) -> None:
        for item in fields(self):
            value = getattr(self, item.name)
            if isinstance(value, np.ndarray):
                value.setflags(write=False)

    def __getstate__(self) -> dict[str, Any]:
        """Give the fields to pickle or copy, without what is made at first use, such as locks and working memory."""
        return {item.name: getattr(self, item.name) for item in fields(self)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take the fields back, the arrays as unchangeable as they were."""
        self.__dict__.update(state)
        self.__post_init__()

    def __repr__(self) -> str:
        return (
            f"<WalkNetwork: {self.n_streets:,} edges, {self._length_m(STREET) / 1000:,.1f} km, "
            f"{len(self.component_length_m):,} components, {self.crs.to_string()}>"
        )

    # --- builders -------------------------------------------------------------------------------

    @classmethod
    def _build(
        cls,
        segments: Segments,
        crs: str | pyproj.CRS,
        progress: Progress = silent,
        private: tuple[Segments, NDArray[np.int64]] | None = None,
        **known: Any,  # noqa: ANN401 - fields from way_attributes on
    ) -> WalkNetwork:
        """Assemble a network, and add what else is known of it."""
        core, tally, point = assemble(segments, crs, progress)
        known["counts"] = {**(known.get("counts") or {}), "network": tally}
        if private is not None:
            core, known["counts"]["private"] = add_private(core, point, *private)
        net = cls(**complete(core), **known)
        progress(1.0, "network: ready")
        return net

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
        return cls._build(Segments.plain(points, pairs, *both), crs, progress)

    @classmethod
    def from_walkways(
        cls,
        walkways: Walkways,
        *,
        private_ways: Walkways | None = None,
        crs: str | pyproj.CRS = "EPSG:28992",
        counts: dict[str, dict[str, int]] | None = None,
        provenance: dict[str, str] | None = None,
        bench_lonlat: NDArray[np.float64] | None = None,
        progress: Progress = silent,
    ) -> WalkNetwork:
        """Build a network from the walkable ways of an OSM file; they meet where they share a node.

        Parameters
        ----------
        walkways
            What `geowoonzorg.osm.read_osm` found walkable.
        private_ways
            What it found to be private ground, where a walk may begin or end but not pass through.
        crs
            A projected system in metres.
        counts, provenance
            What was read and dropped, and from what; kept with the network.
        bench_lonlat
            The benches it found; kept with the network.
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
        segments, private, tables = take_ways_apart(walkways, private_ways, crs)
        return cls._build(
            segments, crs, progress, private, counts=counts, provenance=provenance or {},
            bench_lonlat=bench_lonlat, **tables,
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
        from geowoonzorg.files import content_hash
        from geowoonzorg.osm import read_osm
        from geowoonzorg.osm.profile import read_profile

        walker = read_profile(profile) if isinstance(profile, str) else profile
        data = read_osm(path, profile=walker, benches=True, progress=part(progress, 0.0, 0.6))
        if data.walkways is None:
            raise InputError(f"{path}: no way that may be walked by the profile {walker.name}")
        provenance = {
            "source": content_hash(path),
            "profile": walker.hash,
            "profile_name": walker.name,
        }
        return cls.from_walkways(
            data.walkways,
            private_ways=data.private_ways,
            crs=crs,
            counts=data.counts,
            provenance=provenance,
            bench_lonlat=data.benches,
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
        both = np.ones(len(pairs), bool)
        return cls._build(Segments.plain(xy, pairs, both, both), crs, counts=counts, notes=notes)

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
        there = np.ones(len(pairs), bool)
        return cls._build(Segments.plain(xy, pairs, there, ~there), crs, notes=notes)

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
        return cls(**complete(read_network(path, provenance=provenance)))

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
    def n_streets(self) -> int:
        """How many edges are streets; they come first."""
        return int(np.searchsorted(self.edge_layer, WAY_OUT))

    @cached_property
    def n_private(self) -> int:
        """How many edges of private ground follow, first on the way out and then the same on the way in."""
        return int(np.searchsorted(self.edge_layer, WAY_IN)) - self.n_streets

    def _length_m(self, layer: int) -> float:
        """Add up the metres of a layer."""
        return float(self.edge_length_m[self.edge_layer == layer].sum())

    @cached_property
    def directed(self) -> bool:
        """Whether some edge may be walked one way only."""
        return not bool((self.edge_forward & self.edge_backward).all())

    @property
    def toward(self) -> Graph:
        """The graph as searched around a place people walk *to*."""
        return Graph(
            self.adj_start, self.adj_leaving, self.adj_toward, self.edge_node, self.edge_length_m,
            self.edge_forward, self.edge_backward, self.directed,
        )  # fmt: skip

    @property
    def away(self) -> Graph:
        """The graph as searched around a place people walk *from*."""
        return Graph(
            self.adj_start, self.adj_leaving, self.adj_away, self.edge_node, self.edge_length_m,
            self.edge_backward, self.edge_forward, self.directed,
        )  # fmt: skip

    @cached_property
    def grid(self) -> Grid:
        """The grid that finds the nearest street; made at first use."""
        return build_grid(self)

    @cached_property
    def rooms(self) -> Spare[Room]:
        """What searches around places work in."""
        return Spare(lambda: empty_room(len(self.node_xy)))

    @cached_property
    def labels(self) -> Spare[Labels]:
        """What searches from all places at once work in."""
        return Spare(lambda: empty_labels(len(self.node_xy)))

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
            ``island_length_m``, ``oneway_edges``, ``longest_components_m`` (at most five), all of the
            streets; ``private_edges`` and ``private_length_m``, of the private ground on which a walk may
            begin or end; and ``counts``.
        """
        island, streets = self.edge_island, slice(self.n_streets)
        return {
            "nodes": int(self.edge_node[streets].max()) + 1,
            "edges": self.n_streets,
            "vertices": int(self.vertex_start[self.n_streets]),
            "length_m": self._length_m(STREET),
            "components": len(self.component_length_m),
            "islands": int(np.unique(self.edge_component[island]).size),
            "island_length_m": float(self.edge_length_m[island].sum()),
            "oneway_edges": int((~(self.edge_forward & self.edge_backward))[streets].sum()),
            "private_edges": self.n_private,
            "private_length_m": self._length_m(WAY_OUT),
            "longest_components_m": [float(m) for m in self.component_length_m[:5]],
            "counts": self.counts,
        }
