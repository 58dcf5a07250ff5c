"""From straight segments to a compressed graph: twins merged, barriers cut, chains joined, ordered and measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from geowoonzorg._jit import unchangeable
from geowoonzorg.errors import InputError
from geowoonzorg.progress import Progress, silent
from geowoonzorg.walk.kernels import compression
from geowoonzorg.walk.scale import ProjectionScale

if TYPE_CHECKING:
    import pyproj
    from numpy.typing import NDArray

#: What an edge is: a street, private ground on the way out of a plot and on the way into it, the step from
#: one to the other at a gate, or a sight line over a square. The edges of a network ascend by it.
LAYERS = STREET, WAY_OUT, WAY_IN, GATE, SIGHT = range(5)
#: A component is an island when it has less street than this (m) …
ISLAND_M = 1000.0
#: … and less than this share of the street length of the longest component.
ISLAND_SHARE = 0.1


class Segments(NamedTuple):
    """Straight segments between points that may be walked.

    ``xy`` are the points, shape (n, 2) (m), and ``a`` and ``b`` the two ends of each segment, shape (m,);
    ``forward`` is from a to b. ``way`` and ``feature`` are rows of what is known of a segment and of a
    point, -1 for nothing; ``cut`` marks the points where a barrier stops people, and ``end`` those where
    an edge must end in any case.
    """

    xy: NDArray[np.float64]
    a: NDArray[np.int32]
    b: NDArray[np.int32]
    forward: NDArray[np.bool_]
    backward: NDArray[np.bool_]
    way: NDArray[np.int32]
    feature: NDArray[np.int32]
    cut: NDArray[np.bool_]
    end: NDArray[np.bool_]

    @classmethod
    def plain(
        cls,
        xy: NDArray[np.float64],
        pairs: NDArray[np.int32],
        forward: NDArray[np.bool_],
        backward: NDArray[np.bool_],
    ) -> Segments:
        """Make segments of which nothing else is known; ``pairs`` has shape (m, 2)."""
        n, m = len(xy), len(pairs)
        return cls(
            xy, pairs[:, 0].copy(), pairs[:, 1].copy(), forward, backward,
            np.full(m, -1, np.int32), np.full(n, -1, np.int32), np.zeros(n, bool), np.zeros(n, bool),
        )  # fmt: skip

    def rows(self, which: NDArray[np.bool_] | NDArray[np.int64]) -> Segments:
        """Select some segments, by a mask or by their numbers."""
        return self._replace(
            **{
                name: getattr(self, name)[which]
                for name in ("a", "b", "forward", "backward", "way")
            }
        )


def assemble(
    segments: Segments,
    crs: str | pyproj.CRS,
    progress: Progress = silent,
    *,
    scale: ProjectionScale | None = None,
) -> tuple[dict[str, Any], dict[str, int], NDArray[np.int64]]:
    """Turn segments between points into the arrays of a network.

    Parameters
    ----------
    segments
        What may be walked.
    crs
        The projected system of the points, in metres.
    progress
        Hears how far the work is.
    scale
        The projection's scale; fitted to the segments by default.

    Returns
    -------
    core : dict
        The fields of `NetworkArrays` from which `complete` makes the others.
    counts : dict
        How many segments there were, went nowhere, occurred twice, and ended at a barrier.
    point : numpy.ndarray
        The point of every node, shape (n_nodes,); several nodes may stand for one that is cut.

    Raises
    ------
    InputError
        When nothing may be walked.
    CrsError
        When ``crs`` is not metric.

    Examples
    --------
    >>> xy, both = np.array([[190_000.0, 500_000.0], [190_100.0, 500_000.0]]), np.ones(1, bool)
    >>> core, counts, point = assemble(Segments.plain(xy, np.array([[0, 1]], np.int32), both, both), "EPSG:28992")
    >>> counts["segments"], core["edge_length_m"].round(2).tolist(), point.tolist()
    (1, [100.01], [0, 1])
    """
    moving = (segments.a != segments.b) & (segments.forward | segments.backward)
    walked = segments.rows(moving)
    if not len(walked.a):
        raise InputError(
            "there is no street that may be walked: check the layer, the profile and the area"
        )
    start, segment = compression.incidence(len(walked.xy), walked.a, walked.b)
    keep = compression.merge_twins(
        walked.a, walked.b, walked.forward, walked.backward, start, segment
    )
    walked, barriers, stands_for = _cut_at_barriers(walked.rows(keep))
    counts = {
        "segments": len(moving),
        "segments_without_length": int((~moving).sum()),
        "segments_twice": int((~keep).sum()),
        "segment_ends_at_barriers": barriers,
    }
    if barriers or counts["segments_twice"]:
        start, segment = compression.incidence(len(walked.xy), walked.a, walked.b)
    progress(0.2, "network: joining segments into edges")
    junction = compression.junctions(walked.a, walked.forward, walked.backward, start, segment)
    junction |= walked.end[stands_for] & (np.diff(start) > 0)
    first, forward, backward, vertex, via = compression.contract(
        walked.a, walked.b, walked.forward, walked.backward, start, segment, junction
    )
    progress(0.5, "network: ordering")
    node, edge_node = _order_nodes(walked.xy, vertex[first[:-1]], vertex[first[1:] - 1])
    flip = edge_node[:, 0] > edge_node[:, 1]
    edge_node[flip] = edge_node[flip, ::-1]
    forward[flip], backward[flip] = backward[flip], forward[flip]
    order = np.argsort(
        edge_node[:, 0].astype(np.int64) * len(node) + edge_node[:, 1], kind="stable"
    )
    first, vertex, via = compression.reorder(first, vertex, via, order, flip)
    progress(0.7, "network: measuring")
    vertex_xy = walked.xy.take(vertex, axis=0)  # several times as fast as an index
    scale = scale or ProjectionScale.fit(crs, vertex_xy)
    step_m = np.append(scale.lengths(vertex_xy[:-1], vertex_xy[1:]), 0.0)
    offset = compression.run_lengths(unchangeable(first), step_m)
    core = {
        "node_xy": walked.xy.take(node, axis=0),
        "edge_node": edge_node.take(order, axis=0),
        "edge_length_m": offset[first[1:] - 1],
        "edge_forward": forward[order],
        "edge_backward": backward[order],
        "edge_layer": np.full(len(order), STREET, np.int8),
        "edge_square": np.full(len(order), -1, np.int32),
        "vertex_start": first,
        "vertex_xy": vertex_xy,
        "vertex_offset_m": offset,
        "scale": scale,
        "segment_way": np.where(via >= 0, walked.way[via], -1).astype(np.int32),
        "vertex_feature": walked.feature[vertex],
    }
    progress(0.9, "network: what hangs together")
    return core, counts, stands_for[node]


def complete(core: dict[str, Any]) -> dict[str, Any]:
    """Add what follows from the stored fields: half-edges, components and islands.

    Parameters
    ----------
    core
        What `assemble` or a cache gives.

    Returns
    -------
    dict
        All fields of `NetworkArrays` that are in ``core`` or follow from it.

    Examples
    --------
    >>> xy, both = np.array([[190_000.0, 500_000.0], [190_100.0, 500_000.0]]), np.ones(1, bool)
    >>> core, _, _ = assemble(Segments.plain(xy, np.array([[0, 1]], np.int32), both, both), "EPSG:28992")
    >>> complete(core)["component_length_m"].round(2).tolist()
    [100.01]
    """
    n_nodes, edge_node, length = len(core["node_xy"]), core["edge_node"], core["edge_length_m"]
    forward, backward = core["edge_forward"], core["edge_backward"]
    start, leaving, away, toward = compression.adjacency(
        n_nodes, edge_node, length, forward, backward
    )
    if np.array_equal(forward, backward):
        toward = away  # one copy in memory, and in the processor's cache
    n_streets = int(np.searchsorted(core["edge_layer"], WAY_OUT))
    n_others = len(edge_node) - n_streets
    component, metres, island = find_components(
        n_nodes, edge_node[:n_streets], length[:n_streets], edge_node[core["edge_layer"] == SIGHT]
    )
    return {
        **core,
        "crs": core["scale"].crs,
        "adj_start": start,
        "adj_leaving": leaving,
        "adj_away": away,
        "adj_toward": toward,
        "edge_component": np.append(component, np.full(n_others, -1, np.int32)),
        "component_length_m": metres,
        "edge_island": np.append(island, np.zeros(n_others, bool)),
    }


def _cut_at_barriers(walked: Segments) -> tuple[Segments, int, NDArray[np.int64]]:
    """Give every segment end at a barrier a point of its own; also says how many, and what each point was."""
    ends, n = [walked.a.copy(), walked.b.copy()], len(walked.xy)
    own = np.arange(n)
    if not walked.cut.any():
        return walked, 0, own
    stands_for = []
    for end in ends:
        blocked = np.flatnonzero(walked.cut[end])
        stands_for.append(end[blocked])
        end[blocked] = n + np.arange(len(blocked), dtype=np.int32)
        n += len(blocked)
    copies = np.concatenate(stands_for)
    xy, feature = (
        np.concatenate([column, column[copies]]) for column in (walked.xy, walked.feature)
    )
    cut = walked._replace(xy=xy, feature=feature, a=ends[0], b=ends[1])
    return cut, len(copies), np.concatenate([own, copies])


def _order_nodes(
    xy: NDArray[np.float64], u: NDArray[np.int32], v: NDArray[np.int32]
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Give the ends of edges numbers in Morton order: the point of every node, and the nodes of every edge."""
    used = np.zeros(len(xy), bool)
    used[u] = used[v] = True
    node = np.flatnonzero(used)
    node = node[np.argsort(morton_codes(xy.take(node, axis=0)), kind="stable")]
    rank = np.empty(len(xy), np.int32)
    rank[node] = np.arange(len(node), dtype=np.int32)
    return node, np.column_stack([rank[u], rank[v]])


def find_components(
    n_nodes: int,
    edge_node: NDArray[np.int32],
    length: NDArray[np.float64],
    joined: NDArray[np.int32],
) -> tuple[NDArray[np.int32], NDArray[np.float64], NDArray[np.bool_]]:
    """Find what hangs together, whatever the direction, and what of it is an island.

    Parameters
    ----------
    n_nodes
        How many nodes there are.
    edge_node
        The nodes of every edge, shape (n_edges, 2), n_edges > 0.
    length
        Metres of every edge, shape (n_edges,).
    joined
        Nodes that also hang together, as by a line of sight over a square, which has no street: shape (n, 2).

    Returns
    -------
    component : numpy.ndarray
        The component of every edge, numbered from long to short, shape (n_edges,).
    length_m : numpy.ndarray
        Street length of each component, shape (n_components,) (m).
    island : numpy.ndarray
        Whether the component of an edge is an island, shape (n_edges,).

    Examples
    --------
    >>> chain = np.array([[0, 1], [1, 2], [3, 4]], np.int32)
    >>> component, length_m, island = find_components(5, chain, np.array([900.0, 200.0, 90.0]), chain[:0])
    >>> component.tolist(), length_m.tolist(), island.tolist()
    ([0, 0, 1], [1100.0, 90.0], [False, False, True])
    """
    root = compression.components(n_nodes, np.concatenate([edge_node, joined]).astype(np.int32))[
        edge_node[:, 0]
    ]
    total = np.bincount(root, weights=length, minlength=n_nodes)
    roots = np.unique(root)
    roots = roots[np.argsort(-total[roots], kind="stable")]
    number = np.empty(n_nodes, np.int32)
    number[roots] = np.arange(len(roots), dtype=np.int32)
    component, metres = number[root], total[roots]
    small = (metres < ISLAND_M) & (metres < ISLAND_SHARE * metres[0])
    return component, metres, small[component]


def morton_codes(xy: NDArray[np.float64]) -> NDArray[np.int64]:
    """Interleave the bits of x and y, so that points near each other get numbers near each other.

    Parameters
    ----------
    xy
        Points, shape (n, 2), n > 0.

    Returns
    -------
    numpy.ndarray
        The codes, 26 bits an axis, shape (n,).

    Examples
    --------
    >>> morton_codes(np.array([[0.0, 0.0], [1.0, 1.0], [1.0, 0.0]])).argsort().tolist()
    [0, 2, 1]
    """
    cell = max(*(float(np.ptp(column)) for column in xy.T), 1.0) / (2**26 - 1)
    code = np.zeros(len(xy), np.int64)
    for axis, column in enumerate(xy.T):
        bits = ((column - column.min()) / cell).astype(np.int64)
        for shift, mask in (
            (16, 0x0000FFFF0000FFFF), (8, 0x00FF00FF00FF00FF), (4, 0x0F0F0F0F0F0F0F0F),
            (2, 0x3333333333333333), (1, 0x5555555555555555),
        ):  # fmt: skip
            bits = (bits | (bits << shift)) & mask
        code |= bits << axis
    return code
