"""The arrays of a walking network, and the views of them that searches read."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from geowoonzorg.walk.assembly import SIGHT, WAY_IN, WAY_OUT
from geowoonzorg.walk.kernels.compression import run_lengths
from geowoonzorg.walk.kernels.grid import Grid, build_grid
from geowoonzorg.walk.kernels.multi_source import Labels, empty_labels
from geowoonzorg.walk.kernels.search import Graph, Workspace, empty_workspace
from geowoonzorg.walk.pool import Pool
from geowoonzorg.walk.square_pieces import Pieces, SquaresLeft, no_pieces
from geowoonzorg.walk.squares import (
    Squares,
    areas_of,
    as_complex,
    lay_ground,
    no_squares,
    touching_corners,
)

if TYPE_CHECKING:
    import pyproj
    from numpy.typing import NDArray

    from geowoonzorg.walk.kernels.seeing import Ground
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
        The square on whose outline a street or private ground lies, or which a sight line crosses; -1 for none.
        Shape (n_edges,).
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
    matters
        The columns of ``way_attributes`` that must be known to be sure that somebody can walk there.
    edge_cautious
        What the cautious answer makes of each edge, where that is known from a larger network; see
        `cautious.judge_edges`. Shape (n_edges,).
    squares
        The areas that one walks on, as ground.
    pieces
        The same as they were drawn, of which those that share a side are one square.

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
    matters: tuple[str, ...] = ()
    edge_cautious: NDArray[np.int8] | None = None
    squares: Squares = field(default_factory=no_squares)
    pieces: Pieces = field(default_factory=no_pieces)

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
    def n_private_squares(self) -> int:
        """How many squares are private ground on the way out; as many follow, the same again, on the way in."""
        return int((self.squares.layer == WAY_OUT).sum())

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
    def touching_corners(self) -> NDArray[np.bool_]:
        """At which corners of squares the outline touches itself, shape (n_corners,); made at first use."""
        return touching_corners(self.squares, self.ground.corner_xy)

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
        """On which squares who walks away stands, shape (n_squares,).

        They hang together with streets that are no island; private ground does, and counts on the way out.
        """
        streets, squares = slice(self.n_streets), self.squares
        on_main = np.zeros(len(self.node_xy), bool)
        on_main[self.edge_node[streets][~self.edge_island[streets]]] = True
        on_main[self.edge_node[self.edge_layer == WAY_OUT]] = True
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
        left_out = self.edge_island
        if self.n_private_squares:
            left_out = left_out.copy()
            left_out[_under_streets(self)] = True
        return build_grid(first, self.vertex_xy, metres, left_out)

    @cached_property
    def vertex_unknown_m(self) -> NDArray[np.float64]:
        """Metres along the edge from u of which something that matters is not known, shape (n_vertices,)."""
        step = np.append(np.diff(self.vertex_offset_m), 0.0)
        return run_lengths(
            self.vertex_start, np.where(self.way_unknown[self.segment_way], step, 0.0)
        )

    @cached_property
    def way_unknown(self) -> NDArray[np.bool_]:
        """Whether something that matters is not known of each way, shape (n_ways + 1,); the last is no way at all."""
        unknown = np.full(len(self.way_attributes) + 1, bool(self.matters))
        if self.matters:
            told = self.way_attributes.reindex(columns=list(self.matters))
            unknown[:-1] = told.isna().any(axis=1)
        else:
            unknown[:-1] = False
        return unknown

    @cached_property
    def all_unknown(self) -> bool:
        """Whether there is no metre of which all that matters is known."""
        return np.array_equal(self.vertex_unknown_m, self.vertex_offset_m)

    @cached_property
    def workspaces(self) -> Pool[Workspace]:
        """What searches around places work in."""
        return Pool(lambda: empty_workspace(len(self.node_xy)))

    @cached_property
    def labels(self) -> Pool[Labels]:
        """What searches from all places at once work in."""
        return Pool(lambda: empty_labels(len(self.node_xy)))


def _under_streets(net: NetworkArrays) -> NDArray[np.int64]:
    """List the sides of private squares that are streets as well: equally near, the street is taken."""
    sides = np.flatnonzero(net.edge_square[: net.n_streets + net.n_private] >= 0)
    straight = np.diff(net.vertex_start)[sides] == 2  # noqa: PLR2004 - edges end wherever the street has a node
    sides = sides[straight & (sides >= net.n_streets)]
    last = net.vertex_start[sides + 1] - 1
    places = as_complex(net.vertex_xy)
    ends = np.sort(np.column_stack([places[net.vertex_start[sides]], places[last]]), axis=1)
    at = np.arange(net.vertex_start[net.n_streets])
    goes = np.ones(len(at), bool)
    goes[net.vertex_start[1 : net.n_streets + 1] - 1] = False
    edge = np.repeat(np.arange(net.n_streets), np.diff(net.vertex_start)[: net.n_streets])
    goes &= ~net.edge_island[edge] & np.isin(places[at], ends)
    at = at[goes]
    streets = np.sort(np.column_stack([places[at], places[at + 1]]), axis=1)
    known = {tuple(pair) for pair in streets.tolist()}
    twin = [tuple(pair) in known for pair in ends.tolist()]
    return sides[np.array(twin, bool)]


#: Fields that are made anew when edges are taken out.
_DERIVED = ("crs", "vertex_start", "edge_component", "component_length_m", "edge_island")


def select_edges(
    net: NetworkArrays,
    kept: NDArray[np.int64],
    *,
    edge_node: NDArray[np.int64] | None = None,
    node_xy: NDArray[np.float64] | None = None,
    left: SquaresLeft | None = None,
) -> dict[str, Any]:
    """Take some edges of a network, whole.

    Parameters
    ----------
    net
        The network.
    kept
        Which edges, ascending, at least one, shape (n,).
    edge_node, node_xy
        Other nodes than the network's own, in the same order, shape (n_edges, 2) and (n_nodes, 2) (m).
    left
        The squares that stay; none by default. A corner that no edge of its square comes to any more goes.

    Returns
    -------
    dict
        The fields from which `assembly.complete` makes the others.

    Examples
    --------
    >>> from geowoonzorg.walk.network import WalkNetwork
    >>> ends = np.array([[0, 0], [100, 0], [5000, 0], [5100, 0]]) + [190_000.0, 500_000.0]
    >>> net = WalkNetwork.from_arrays(ends, np.array([[0, 1], [2, 3]]))
    >>> select_edges(net, np.array([1]))["node_xy"][0].tolist()
    [195000.0, 500000.0]
    """
    nodes = net.edge_node if edge_node is None else edge_node
    xy = net.node_xy if node_xy is None else node_xy
    size = np.diff(net.vertex_start)[kept]
    first = np.append(0, np.cumsum(size)).astype(net.vertex_start.dtype)
    vertex = np.arange(first[-1]) + np.repeat(net.vertex_start[kept] - first[:-1], size)
    used = np.unique(nodes[kept])
    rank = np.full(len(xy), -1, np.int32)
    rank[used] = np.arange(len(used), dtype=np.int32)  # Morton order stays
    rows = {"edge": kept, "vertex": vertex, "segment": vertex}
    core: dict[str, Any] = {}
    for item in fields(net):
        group, value = item.name.split("_")[0], getattr(net, item.name)
        if item.name not in _DERIVED and group != "adj":
            core[item.name] = value[rows[group]] if group in rows and value is not None else value
    left = left or SquaresLeft(
        no_squares(), no_pieces(), np.full(len(net.edge_layer), -1, np.int32)
    )
    edge_square = left.edge_square[kept]
    ground = _with_nodes(net, kept, left, nodes)
    return core | {
        "node_xy": xy[used], "edge_node": rank[nodes[kept]], "vertex_start": first, "edge_square": edge_square,
        "squares": ground._replace(corner_node=rank[ground.corner_node]), "pieces": left.pieces,
    }  # fmt: skip


def _with_nodes(
    net: NetworkArrays, kept: NDArray[np.int64], left: SquaresLeft, nodes: NDArray[Any]
) -> Squares:
    """Give squares that stay the nodes that their corners have among ``nodes``.

    Where nobody passes at a node every street has an end of its own, and sight lines over one square share theirs.
    """
    ground, edge_square = left.squares, left.edge_square[kept]
    along = kept[edge_square >= 0][::-1]  # sight lines first
    ends = pd.DataFrame({
        "square": np.repeat(left.edge_square[along], 2),
        "node": net.edge_node[along].ravel(),
        "now": nodes[along].ravel(),
    }).drop_duplicates(["square", "node"])  # fmt: skip
    n = len(ground.way)
    of = np.repeat(np.arange(n), np.diff(ground.corner_start))
    corners = pd.DataFrame({"square": of, "node": ground.corner_node}).merge(ends, how="left")
    there = corners["now"].notna().to_numpy()
    start = np.append(0, np.cumsum(np.bincount(of[there], minlength=n)))
    return ground._replace(
        corner_start=start.astype(np.int64), corner_node=corners["now"][there].to_numpy(np.int64),
        corner_kind=ground.corner_kind[there],
    )  # fmt: skip
