"""The loops that cut the streets within a limit of each place out of the edges, each metre once."""

from __future__ import annotations

import numpy as np

from geowoonzorg._jit import bare_kernel, kernel
from geowoonzorg.walk.kernels.search import (
    CACHED_NODES,
    Workspace,
    doubled,
    is_seed,
    look_ahead,
    search,
    search_wider,
)

#: Parts shorter than this are points, not streets (m).
SLIVER_M = 1e-9
#: Rows of a list of half-edges; their nodes are in the next row.
AS_U, AS_V = 0, 2


@bare_kernel
def _seed_cover(seeds, place, e, length, from_u, from_v, to_u, to_v, limit, low, high):
    """Cover the edge a place stands on: from both its ends and from the place itself, merged.

    Writes intervals to ``low`` and ``high`` and returns how many.
    """
    n = 0
    if to_v and from_u <= limit:
        low[n], high[n] = 0.0, min(length, limit - from_u)
        n += 1
    if to_u and from_v <= limit:
        low[n], high[n] = max(0.0, length - (limit - from_v)), length
        n += 1
    for j in range(seeds.start[place], seeds.start[place + 1]):
        rest = limit - seeds.access[j]
        if seeds.edge[j] == e and rest >= 0.0:
            t = seeds.offset[j]
            low[n] = max(0.0, t - rest) if to_u else t
            high[n] = min(length, t + rest) if to_v else t
            n += 1
    for i in range(1, n):  # insertion sort: there are two or three
        a, b = low[i], high[i]
        k = i
        while k > 0 and low[k - 1] > a:
            low[k], high[k] = low[k - 1], high[k - 1]
            k -= 1
        low[k], high[k] = a, b
    merged = 0
    for i in range(1, n):
        if low[i] <= high[merged] + SLIVER_M:
            high[merged] = max(high[merged], high[i])
        else:
            merged += 1
            low[merged], high[merged] = low[i], high[i]
    return min(n, merged + 1)


@bare_kernel
def _append(listed, row, n, first, last, node):
    """Append half-edges and their node to two rows of a list that holds ``n``; returns how many it holds then.

    Most nodes have four at most. Four are always written, for how often to write is hard to guess.
    """
    for j in range(4):
        listed[row, n + np.uint64(j)] = first + j
        listed[row + 1, n + np.uint64(j)] = node
    for j in range(4, last - first):
        listed[row, n + np.uint64(j)] = first + j
        listed[row + 1, n + np.uint64(j)] = node
    return n + np.uint64(last - first)


@bare_kernel
def _list_halves(graph, limit, dist, touched, n_touched, listed):
    """List the half-edges at nodes within the limit, as the u of their edge and as its v; returns how many of each.

    Returns -1 when there is no room.
    """
    as_u = as_v = np.uint64(0)
    for t in range(n_touched):
        x = touched[t]
        if dist[x] > limit:
            continue
        first, last = np.int64(graph.start[x]), np.int64(graph.start[x + 1])
        middle = np.int64(graph.leaving[x])
        if np.int64(max(as_u, as_v)) + last - first + 4 > listed.shape[1]:
            return np.int64(-1), np.int64(-1)
        as_v = _append(listed, AS_V, as_v, first, middle, x)
        as_u = _append(listed, AS_U, as_u, middle, last, x)
    return np.int64(as_u), np.int64(as_v)


@bare_kernel
def _cut_around(graph, seeds, place, limit, dist, touched, n_touched, low, high, workspace, n):
    """Write the parts of one area from index ``n`` on. Returns one past the last; -1 when there is no room.

    Each edge is cut once, from both its ends: at its u or, where the limit does not reach that, at its v.
    So nearly all go the same way, the processor guesses it, and need not wait to know where the next
    part will be written.
    """
    first_seed, last_seed = seeds.start[place], seeds.start[place + 1]
    own, several = seeds.edge[first_seed], last_seed > first_seed + 1
    edge, ends, listed = workspace.edge, workspace.ends, workspace.listed
    n_as_u, n_as_v = _list_halves(graph, limit, dist, touched, n_touched, listed)
    most = n + 2 * (n_as_u + n_as_v) + (last_seed - first_seed) * (last_seed - first_seed + 2)
    if n_as_u < 0 or most > edge.size:
        return -1
    at = np.uint64(n)
    for i in range(n_as_u):
        half = graph.half[listed[AS_U, i]]
        e, length = half["edge"], half["length"]
        if e == own or (several and is_seed(seeds, place, e)):
            continue
        u_rest, v_rest = limit - dist[listed[AS_U + 1, i]], limit - dist[half["node"]]
        if graph.directed:
            length = graph.edge_length[e]
            u_rest = u_rest if graph.to_v[e] else 0.0
            v_rest = v_rest if graph.to_u[e] else 0.0
        from_u, from_v = min(length, u_rest), min(length, v_rest)
        # a number, because of a truth the compiler would make a branch
        whole = length if from_u + from_v >= length - SLIVER_M else 0.0
        covered = max(from_u, whole)
        edge[at], ends[0, at], ends[1, at] = e, 0.0, covered
        if covered <= SLIVER_M or from_v - whole > SLIVER_M:
            at += np.uint64(covered > SLIVER_M)
            edge[at], ends[0, at], ends[1, at] = e, length - from_v, length
            at += np.uint64(from_v - whole > SLIVER_M)
        else:
            at += np.uint64(1)
    for i in range(n_as_v):
        half = graph.half[listed[AS_V, i]]
        if dist[half["node"]] > limit:
            e = half["edge"]
            length = graph.edge_length[e] if graph.directed else half["length"]
            covered = min(length, limit - dist[listed[AS_V + 1, i]])
            walked = not graph.directed or graph.to_u[e]
            if (
                covered > SLIVER_M
                and walked
                and e != own
                and not (several and is_seed(seeds, place, e))
            ):
                edge[at], ends[0, at], ends[1, at] = e, length - covered, length
                at += np.uint64(1)
    n = np.int64(at)
    for j in range(first_seed, last_seed):
        e = seeds.edge[j]
        repeated = False
        for other in range(first_seed, j):
            repeated |= seeds.edge[other] == e
        if repeated:
            continue
        from_u, from_v = dist[graph.edge_node[e, 0]], dist[graph.edge_node[e, 1]]
        parts = _seed_cover(
            seeds, place, e, graph.edge_length[e], from_u, from_v, graph.to_u[e], graph.to_v[e],
            limit, low, high,
        )  # fmt: skip
        for k in range(parts):
            if high[k] - low[k] > SLIVER_M:
                edge[n], ends[0, n], ends[1, n] = e, low[k], high[k]
                n += 1
    return n


@kernel
def _wider(workspace, n):
    """Give a workspace with space for twice as many parts, in which the first ``n`` are the same."""
    ends = np.empty((2, 2 * workspace.edge.size))
    for k in range(n):
        ends[0, k], ends[1, k] = workspace.ends[0, k], workspace.ends[1, k]
    listed = np.empty((4, 2 * workspace.listed.shape[1]), np.uint32)
    return Workspace(
        workspace.dist,
        workspace.touched,
        workspace.far,
        workspace.near,
        listed,
        doubled(workspace.edge),
        ends,
    )


@kernel
def cut_edges(graph, seeds, places, limits, workspace):
    """Cut the street metres within each limit of each of ``places`` out of the edges, each metre once.

    ``limits`` ascend. Returns where the parts of each area start (areas are places × limits), and per
    part its edge and the metres along it where it begins and ends; they lie in the workspace, so copy them
    before the next search.
    """
    dist, touched = workspace.dist, workspace.touched
    start = np.zeros(places.size * limits.size + 1, np.int64)
    low, high = np.empty(16), np.empty(16)
    total = np.int64(0)  # a literal would compile the callee twice
    for i in range(places.size):
        if dist.size > CACHED_NODES:
            look_ahead(graph, seeds, places, i, dist)
        place = places[i]
        n_seeds = seeds.start[place + 1] - seeds.start[place]
        if low.size < n_seeds + 2:
            low, high = np.empty(2 * n_seeds + 2), np.empty(2 * n_seeds + 2)
        n = search(graph, seeds, place, limits[-1], workspace)
        if n < 0:
            workspace, n = search_wider(graph, seeds, place, limits[-1], workspace)
        which = 0
        while which < limits.size:
            end = _cut_around(
                graph, seeds, place, limits[which], dist, touched, n, low, high, workspace, total
            )
            if end < 0:
                workspace = _wider(workspace, total)
                continue
            which, total = which + 1, end
            start[i * limits.size + which] = total
        for t in range(n):
            dist[touched[t]] = np.inf
    return start, workspace.edge[:total], workspace.ends[0, :total], workspace.ends[1, :total]
