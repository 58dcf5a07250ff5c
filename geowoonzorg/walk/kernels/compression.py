"""The loops that turn straight segments between points into a compressed graph with its geometry."""

from __future__ import annotations

import numpy as np

from geowoonzorg._jit import kernel
from geowoonzorg.walk.kernels.search import HALF

#: Segments at a point that one merely passes through.
_PASSING = 2


@kernel
def incidence(n_nodes, a, b):
    """List the segments at every node: CSR ``start`` (n_nodes + 1,) and segment indices, ascending."""
    start = np.zeros(n_nodes + 1, np.int64)
    for s in range(a.size):
        start[a[s] + 1] += 1
        start[b[s] + 1] += 1
    for x in range(n_nodes):
        start[x + 1] += start[x]
    fill = start[:-1].copy()
    segment = np.empty(2 * a.size, np.int32)
    for s in range(a.size):
        segment[fill[a[s]]] = s
        fill[a[s]] += 1
        segment[fill[b[s]]] = s
        fill[b[s]] += 1
    return start, segment


@kernel
def merge_twins(a, b, forward, backward, start, segment):
    """Keep one of several segments between the same two nodes, walkable wherever one of them is.

    ``forward`` and ``backward`` are changed in place; returns which segments stay.
    """
    keep = np.ones(a.size, np.bool_)
    for x in range(start.size - 1):
        for i in range(start[x] + 1, start[x + 1]):
            s = segment[i]
            y = b[s] if a[s] == x else a[s]
            if y < x:
                continue
            for j in range(start[x], i):
                first = segment[j]
                if keep[first] and (b[first] if a[first] == x else a[first]) == y:
                    keep[s] = False
                    same = a[first] == a[s]
                    forward[first] |= forward[s] if same else backward[s]
                    backward[first] |= backward[s] if same else forward[s]
                    break
    return keep


@kernel
def junctions(a, forward, backward, start, segment):
    """Mark the nodes where an edge must end: not exactly two segments, or walkable differently on either side."""
    junction = np.zeros(start.size - 1, np.bool_)
    for x in range(start.size - 1):
        degree = start[x + 1] - start[x]
        if degree == _PASSING:
            s, t = segment[start[x]], segment[start[x] + 1]
            s_out, s_in = (forward[s], backward[s]) if a[s] == x else (backward[s], forward[s])
            t_out, t_in = (forward[t], backward[t]) if a[t] == x else (backward[t], forward[t])
            junction[x] = s_out != t_in or s_in != t_out
        else:
            junction[x] = degree > 0
    return junction


@kernel
def contract(a, b, forward, backward, start, segment, junction):
    """Join segments into edges from junction to junction; a ring without one gets an end of its own.

    Returns, per edge, the first of its vertices (n_edges + 1,) and its two directions; per vertex, its
    node and the segment to the next vertex (-1 at an edge's last).
    """
    used = np.zeros(a.size, np.bool_)
    node = np.empty(2 * a.size, np.int32)
    via = np.empty(2 * a.size, np.int32)
    first = np.empty(a.size + 1, np.int64)
    edge_forward = np.empty(a.size, np.bool_)
    edge_backward = np.empty(a.size, np.bool_)
    n = edges = 0
    for rings in range(2):
        for x in range(start.size - 1):
            if junction[x] != (rings == 0):
                continue
            for i in range(start[x], start[x + 1]):
                s = segment[i]
                if used[s]:
                    continue
                first[edges] = n
                edge_forward[edges] = forward[s] if a[s] == x else backward[s]
                edge_backward[edges] = backward[s] if a[s] == x else forward[s]
                edges += 1
                y = np.int32(x)
                while True:
                    used[s] = True
                    node[n] = y
                    via[n] = s
                    n += 1
                    y = b[s] if a[s] == y else a[s]
                    if junction[y] or y == x:
                        break
                    s = segment[start[y]] if segment[start[y]] != s else segment[start[y] + 1]
                node[n] = y
                via[n] = -1
                n += 1
    first[edges] = n
    return first[: edges + 1].copy(), edge_forward[:edges], edge_backward[:edges], node[:n], via[:n]


@kernel
def reorder(first, node, via, order, flip):
    """Put edges in a new order, some turned round: new ``first``, ``node`` and ``via``."""
    new_first = np.empty(first.size, np.int64)
    new_node = np.empty(node.size, np.int32)
    new_via = np.empty(via.size, np.int32)
    n = 0
    for i in range(order.size):
        e = order[i]
        new_first[i] = n
        low, high = first[e], first[e + 1]
        for k in range(high - low):
            new_node[n] = node[high - 1 - k] if flip[e] else node[low + k]
            if k == high - low - 1:
                new_via[n] = -1
            else:
                new_via[n] = via[high - 2 - k] if flip[e] else via[low + k]
            n += 1
    new_first[order.size] = n
    return new_first, new_node, new_via


@kernel
def run_lengths(first, step_m):
    """Add up steps along every edge: offset per vertex (m), 0 at an edge's first."""
    offset = np.empty(first[first.size - 1])
    for e in range(first.size - 1):
        total = 0.0
        for v in range(first[e], first[e + 1]):
            offset[v] = total
            if v + 1 < first[e + 1]:
                total += step_m[v]
    return offset


@kernel
def _put_half(away, toward, k, node, edge, out, back):
    """Write half-edge ``k`` in both directions."""
    away[k]["length"], toward[k]["length"] = out, back
    away[k]["node"] = toward[k]["node"] = node
    away[k]["edge"] = toward[k]["edge"] = edge


@kernel
def adjacency(n_nodes, edge_node, edge_length, forward, backward):
    """List every node's half-edges; a loop once, a direction that may not be walked as inf.

    Returns CSR ``start``; where those start of edges that leave the node as their u, which come last; and
    the half-edges with the metres walking out of the node, and into it.
    """
    n_edges = edge_length.size
    start = np.zeros(n_nodes + 1, np.uint32)
    for e in range(n_edges):
        start[edge_node[e, 0] + 1] += 1
        if edge_node[e, 0] != edge_node[e, 1]:
            start[edge_node[e, 1] + 1] += 1
    for x in range(n_nodes):
        start[x + 1] += start[x]
    fill = start[:-1].copy()
    away, toward = np.empty(start[n_nodes], HALF), np.empty(start[n_nodes], HALF)
    for e in range(n_edges):
        u, v = edge_node[e, 0], edge_node[e, 1]
        there = edge_length[e] if forward[e] else np.inf
        back = edge_length[e] if backward[e] else np.inf
        if u != v:
            _put_half(away, toward, fill[v], u, e, back, there)
            fill[v] += 1
    leaving = fill.copy()
    for e in range(n_edges):
        u, v = edge_node[e, 0], edge_node[e, 1]
        there = edge_length[e] if forward[e] else np.inf
        back = edge_length[e] if backward[e] else np.inf
        _put_half(away, toward, fill[u], v, e, there, back)
        fill[u] += 1
    return start, leaving, away, toward


@kernel
def components(n_nodes, edge_node):
    """Find which nodes hang together, whatever the direction: the lowest node of the component, per node."""
    parent = np.arange(n_nodes).astype(np.int32)
    for e in range(edge_node.shape[0]):
        u, v = edge_node[e, 0], edge_node[e, 1]
        while parent[u] != u:
            parent[u] = parent[parent[u]]
            u = parent[u]
        while parent[v] != v:
            parent[v] = parent[parent[v]]
            v = parent[v]
        if u < v:
            parent[v] = u
        else:
            parent[u] = v
    for x in range(n_nodes):
        parent[x] = parent[parent[x]]
    return parent
