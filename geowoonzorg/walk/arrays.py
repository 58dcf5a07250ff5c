"""The arrays of a walking network, and the views of them that searches read."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from geowoonzorg.walk.assembly import SIGHT, WAY_IN, WAY_OUT
from geowoonzorg.walk.kernels.grid import Grid, build_grid
from geowoonzorg.walk.kernels.multi_source import Labels, empty_labels
from geowoonzorg.walk.kernels.search import Graph, Workspace, empty_workspace
from geowoonzorg.walk.pool import Pool
from geowoonzorg.walk.squares import Squares, areas_of, lay_ground, no_squares

if TYPE_CHECKING:
    import pyproj
    from numpy.typing import NDArray

    from geowoonzorg.walk.kernels.visibility import Ground
    from geowoonzorg.walk.scale import ProjectionScale


@dataclass(frozen=True, eq=False)
class NetworkArrays:
    """What a walking network is made of, as arrays that are never changed.

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
        step between private ground and street, 4 a sight line over a square; ascending, shape (n_edges,).
    edge_square
        The square on whose outline a street lies, or which a sight line crosses; -1 for none. Shape (n_edges,).
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
    scale
        The projection's scale.
    segment_way
        Row of ``way_attributes`` for the straight segment from a vertex to the next; -1 where unknown
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
    squares
        The areas that one walks on, as ground.

    Notes
    -----
    Directions concern pedestrians only, and are rare. Distances are walked from an origin to a
    facility; a search around a facility therefore reads the graph ``toward`` it.
    """

    crs: pyproj.CRS
    node_xy: NDArray[np.float64]
    edge_node: NDArray[np.int32]
    edge_length_m: NDArray[np.float64]
    edge_forward: NDArray[np.bool_]
    edge_backward: NDArray[np.bool_]
    edge_layer: NDArray[np.int8]
    edge_square: NDArray[np.int32]
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
    scale: ProjectionScale
    segment_way: NDArray[np.int32]
    vertex_feature: NDArray[np.int32]
    way_attributes: pd.DataFrame = field(default_factory=pd.DataFrame)
    node_attributes: pd.DataFrame = field(default_factory=pd.DataFrame)
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    provenance: dict[str, str] = field(default_factory=dict)
    bench_lonlat: NDArray[np.float64] | None = None
    squares: Squares = field(default_factory=no_squares)

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

    @cached_property
    def n_streets(self) -> int:
        """How many edges are streets; they come first."""
        return int(np.searchsorted(self.edge_layer, WAY_OUT))

    @cached_property
    def n_private(self) -> int:
        """How many edges of private ground follow, first on the way out and then the same on the way in."""
        return int(np.searchsorted(self.edge_layer, WAY_IN)) - self.n_streets

    @cached_property
    def edge_sight(self) -> NDArray[np.bool_]:
        """Which edges are sight lines over a square: they carry distance and are no street, shape (n_edges,)."""
        sight = np.asarray(self.edge_layer == SIGHT)
        sight.setflags(write=False)
        return sight

    @cached_property
    def ground(self) -> Ground:
        """The squares as the loops read them; made at first use."""
        return lay_ground(self.squares, self.node_xy)

    @cached_property
    def square_areas(self) -> NDArray[np.object_]:
        """The squares as polygons, shape (n_squares,); made at first use."""
        areas = areas_of(self.squares)
        areas.setflags(write=False)
        return areas

    @cached_property
    def square_tree(self) -> shapely.STRtree:
        """Finds squares; made at first use."""
        return shapely.STRtree(self.square_areas)

    @cached_property
    def open_squares(self) -> NDArray[np.bool_]:
        """Which squares hang together with streets that are no island; others nobody joins. Shape (n_squares,)."""
        streets = slice(self.n_streets)
        on_main = np.zeros(len(self.node_xy), bool)
        on_main[self.edge_node[streets][~self.edge_island[streets]]] = True
        squares = self.squares
        of = np.repeat(np.arange(len(squares.way)), np.diff(squares.corner_start))
        found = np.bincount(of[on_main[squares.corner_node]], minlength=len(squares.way)) > 0
        found.setflags(write=False)
        return found

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
        first = self.vertex_start[: self.n_streets + self.n_private + 1]
        metres = self.edge_length_m[: len(first) - 1]
        return build_grid(first, self.vertex_xy, metres, self.edge_island)

    @cached_property
    def workspaces(self) -> Pool[Workspace]:
        """What searches around places work in."""
        return Pool(lambda: empty_workspace(len(self.node_xy)))

    @cached_property
    def labels(self) -> Pool[Labels]:
        """What searches from all places at once work in."""
        return Pool(lambda: empty_labels(len(self.node_xy)))
