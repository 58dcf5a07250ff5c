"""The walking network: junctions, the edges between them with their true line, and what hangs together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from geowoonzorg.errors import InputError
from geowoonzorg.progress import Progress, part, silent
from geowoonzorg.walk.assembly import Segments, assemble, complete
from geowoonzorg.walk.cropping import crop_network
from geowoonzorg.walk.frames import NetworkFrames
from geowoonzorg.walk.line_layers import segments_of_graph, segments_of_lines
from geowoonzorg.walk.network_io import read_network, write_network
from geowoonzorg.walk.osm_ways import split_ways, told_apart
from geowoonzorg.walk.private import add_private
from geowoonzorg.walk.snapping import snap_points
from geowoonzorg.walk.square_laying import add_squares, lay_squares, tell_squares

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd
    import networkx as nx
    import pandas as pd
    import pyproj
    from numpy.typing import ArrayLike, NDArray

    from geowoonzorg.osm import Walkways
    from geowoonzorg.osm.profile import WalkProfile
    from geowoonzorg.walk.private import Private
    from geowoonzorg.walk.snapping import Snap
    from geowoonzorg.walk.square_plan import Plan


class WalkNetwork(NetworkFrames):
    """A network to walk on, from any source; its arrays are those of `NetworkArrays`, its tables of `NetworkFrames`.

    Examples
    --------
    >>> import numpy as np
    >>> corners = np.array([[0, 0], [100, 0], [100, 100], [0, 100]]) + [190_000.0, 500_000.0]
    >>> net = WalkNetwork.from_arrays(corners, np.array([[0, 1], [1, 2], [2, 3], [3, 0], [0, 2]]))
    >>> len(net.node_xy), len(net.edge_length_m), net.edge_length_m.round(1).tolist()
    (2, 3, [200.0, 200.0, 141.4])
    """

    # --- builders -------------------------------------------------------------------------------

    @classmethod
    def _build(
        cls,
        segments: Segments,
        crs: str | pyproj.CRS,
        progress: Progress = silent,
        private: Private | None = None,
        plan: Plan | None = None,
        **known: Any,  # noqa: ANN401 - fields from way_attributes on
    ) -> WalkNetwork:
        """Assemble a network, and add what else is known of it."""
        core, tally, point = assemble(segments, crs, progress)
        counts = known["counts"] = {**(known.get("counts") or {}), "network": tally}
        laid = [] if plan is None else [lay_squares(plan, point)]
        if private is not None:
            core, plots, counts["private"] = add_private(core, point, private, plan)
            laid += plots
        core, n_lines = add_squares(core, laid)
        told, notes = tell_squares(n_lines, plan, private and private.plan)
        known |= {"counts": counts | told, "notes": (*known.get("notes", ()), *notes)}
        progress(1.0, "network: ready")
        return cls(**complete(core), **known)

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
        InputError, CrsError
            When no segment goes anywhere or one refers to a point that is not there, or ``crs`` is not metric.

        Examples
        --------
        >>> WalkNetwork.from_arrays([[190_000, 500_000], [190_100, 500_000]], [[0, 1]])
        <WalkNetwork: 1 edges, 0.1 km, 1 components, EPSG:28992>
        """
        pairs = np.asarray(segments, np.int32).reshape(-1, 2)
        points = np.ascontiguousarray(xy, np.float64).reshape(-1, 2)
        if pairs.size and (pairs.min() < 0 or pairs.max() >= len(points)):
            raise InputError(
                "segments refer to point {point}, but there are {n} points", point=pairs.max(), n=len(points),
            )  # fmt: skip
        both = [
            np.ones(len(pairs), bool) if allowed is None else np.asarray(allowed, bool)
            for allowed in (forward, backward)
        ]
        return cls._build(Segments.plain(points, pairs, *both), crs, progress)

    @classmethod
    def from_walkways(  # noqa: PLR0913 - what was read comes with what it was read from
        cls,
        walkways: Walkways,
        *,
        private_ways: Walkways | None = None,
        crs: str | pyproj.CRS = "EPSG:28992",
        counts: dict[str, dict[str, int]] | None = None,
        provenance: dict[str, str] | None = None,
        bench_lonlat: NDArray[np.float64] | None = None,
        notes: tuple[str, ...] = (),
        matters: tuple[str, ...] = (),
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
        counts, provenance, bench_lonlat, notes
            What was read and dropped, from what, the benches it found and what a user should know.
        matters
            What must be known of a way: the profile's ``way_matters``.
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

        Examples
        --------
        >>> from geowoonzorg.osm import read_osm
        >>> from geowoonzorg.prepare import demo_study
        >>> from geowoonzorg.osm.profile import read_profile
        >>> data = read_osm(demo_study().parent / "wierhaven.osm.pbf", profile=read_profile("rolstoel"))
        >>> WalkNetwork.from_walkways(data.walkways)
        <WalkNetwork: ... EPSG:28992>
        """
        segments, private, plan, tables = split_ways(walkways, private_ways, crs)
        return cls._build(
            segments, crs, progress, private, plan, counts=counts, provenance=provenance or {},
            bench_lonlat=bench_lonlat, notes=notes, matters=matters, **tables,
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

        Examples
        --------
        >>> from geowoonzorg.prepare import demo_study
        >>> WalkNetwork.from_osm(demo_study().parent / "wierhaven.osm.pbf", profile="rollator")
        <WalkNetwork: 1,297 edges, 133.0 km, 6 components, EPSG:28992>
        """
        from geowoonzorg.files import content_hash
        from geowoonzorg.osm import read_osm
        from geowoonzorg.osm.profile import read_profile

        walker = read_profile(profile) if isinstance(profile, str) else profile
        data = read_osm(path, profile=walker, benches=True, progress=part(progress, 0.0, 0.6))
        if data.walkways is None:
            raise InputError(
                "{path}: no way that may be walked by the profile {profile}", path=path, profile=walker.name,
            )  # fmt: skip
        provenance = {
            "source": content_hash(path), "profile": walker.hash, "profile_name": walker.name,
        }  # fmt: skip
        return cls.from_walkways(
            data.walkways, private_ways=data.private_ways, crs=crs, counts=data.counts,
            provenance=provenance, bench_lonlat=data.benches, notes=data.notes, matters=walker.way_matters,
            progress=part(progress, 0.6, 1.0),
        )  # fmt: skip

    @classmethod
    def from_lines(
        cls,
        lines: gpd.GeoDataFrame,
        *,
        crs: str | pyproj.CRS = "EPSG:28992",
        where: str = "network",
        ways: pd.DataFrame | None = None,
    ) -> WalkNetwork:
        """Build a network from a line layer; lines meet where their vertices coincide.

        Parameters
        ----------
        lines
            LineStrings or MultiLineStrings in any known system; ``notes`` tells that it is converted.
        crs
            A projected system in metres.
        where
            The layer, as errors call it.
        ways
            What is known of each line, in its order, as ``Walkways.way_attributes``; by default nothing.

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
        xy, pairs, row, counts, notes = segments_of_lines(lines, crs, where=where)
        both = np.ones(len(pairs), bool)
        segments = Segments.plain(xy, pairs, both, both)
        if ways is None:
            return cls._build(segments, crs, counts=counts, notes=notes)
        segments = told_apart(segments._replace(way=row), ways["cautious"].to_numpy(bool)[row])
        return cls._build(segments, crs, counts=counts, notes=notes, way_attributes=ways)

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
            The network, with the graph's lines; of a simplified graph with its very nodes.

        Raises
        ------
        CrsError, InputError
            When the graph has no system or ``crs`` is not metric, or it has no edge.

        Examples
        --------
        >>> import networkx as nx
        >>> graph = nx.MultiDiGraph(crs="EPSG:28992")
        >>> graph.add_nodes_from([(7, {"x": 190_000, "y": 500_000}), (8, {"x": 190_100, "y": 500_000})])
        >>> _ = graph.add_edge(7, 8)
        >>> WalkNetwork.from_osmnx(graph).describe()["oneway_edges"]
        1
        """
        xy, pairs, ends, notes = segments_of_graph(graph, crs)
        plain = Segments.plain(xy, pairs, *np.repeat([[True], [False]], len(pairs), axis=1))
        return cls._build(plain._replace(end=ends), crs, notes=notes)

    @classmethod
    def load(cls, path: str | Path, *, provenance: dict[str, str] | None = None) -> WalkNetwork:
        """Read a network that `save` wrote.

        Parameters
        ----------
        path
            The cached network.
        provenance
            The hashes it must have been made from, as in its ``provenance``; not checked by default.

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

        Examples
        --------
        >>> WalkNetwork.load("missing.npz")
        Traceback (most recent call last):
        geowoonzorg.errors.SourceError: ...missing.npz does not exist...
        """
        known = read_network(path, provenance=provenance)
        return cls(**complete(known) | known)

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

        Examples
        --------
        >>> from pathlib import Path
        >>> from tempfile import TemporaryDirectory
        >>> net = WalkNetwork.from_arrays([[190_000, 500_000], [190_100, 500_000]], [[0, 1]])
        >>> with TemporaryDirectory() as folder:
        ...     net.save(Path(folder) / "net.npz")
        ...     WalkNetwork.load(Path(folder) / "net.npz")
        <WalkNetwork: 1 edges, 0.1 km, 1 components, EPSG:28992>
        """
        write_network(self, path)

    def crop(self, bounds: ArrayLike) -> WalkNetwork:
        """Take the part of the network that touches a box; it knows of islands as the whole does.

        Parameters
        ----------
        bounds
            West, south, east and north, shape (4,), in the network's CRS (m).

        Returns
        -------
        WalkNetwork
            The streets that touch the box, whole: every walk that stays inside is the same.

        Raises
        ------
        InputError
            When no street touches the box.

        Examples
        --------
        >>> ends = [[190_000, 500_000], [190_100, 500_000], [195_000, 500_000], [195_100, 500_000]]
        >>> net = WalkNetwork.from_arrays(ends, [[0, 1], [2, 3]])
        >>> len(net.crop([190_000, 499_900, 190_050, 500_100]).edge_length_m)
        1
        """
        return WalkNetwork(**crop_network(self, bounds))

    def snap(self, xy: ArrayLike, *, max_snap_m: float = 100.0) -> Snap:
        """Find where points join the network: the nearest point of the nearest walkable edge.

        Parameters
        ----------
        xy
            Points, shape (n, 2), in the network's system (m).
        max_snap_m
            The longest access distance (m).

        Returns
        -------
        Snap
            Edge, metres along it, access distance, coordinates and status, each of length n.

        Raises
        ------
        StudyError
            When ``max_snap_m`` is not a sensible length.

        Examples
        --------
        >>> net = WalkNetwork.from_arrays([[190_000, 500_000], [190_100, 500_000]], [[0, 1]])
        >>> snap = net.snap([[190_040, 500_010]])
        >>> snap.edge.tolist(), snap.offset_m.round(1).tolist(), snap.access_m.round(1).tolist()
        ([0], [40.0], [10.0])
        """
        points = np.ascontiguousarray(xy, np.float64).reshape(-1, 2)
        return snap_points(self, points, max_snap_m=max_snap_m)
