"""The loops that cut the streets within a limit of each place out of the edges, each metre once."""
# ruff: noqa: ANN001, ANN202, C901, PLR0912, PLR0913, PLR0917 - loops for the compiler
# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

import numpy as np

from geowoonzorg._jit import bare_kernel, kernel
from geowoonzorg.walk._kernels import (
    CACHED_NODES,
    WORK,
    doubled,
    is_seed,
    look_ahead,
    search,
    search_wider,
)

#: Pieces shorter than this are points, not streets (m).
SLIVER_M = 1e-9


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
        rest = limit - seeds.leg[j]
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
def _cut_around(graph, seeds, place, limit, dist, touched, n_touched, low, high, edge, piece, n):
    """Write the pieces of one area from index ``n`` on. Returns one past the last; -1 when there is no room."""
    first_seed, last_seed = seeds.start[place], seeds.start[place + 1]
    own, first = seeds.edge[first_seed], n
    for t in range(n_touched):
        x = touched[t]
        x_rest, x_number = limit - dist[x], float(x)
        if x_rest < 0.0:
            continue
        first_half, last_half = np.int64(graph.start[x]), np.int64(graph.start[x + 1])
        if n + 2 * (last_half - first_half) > edge.size:
            return -1
        for k in range(first_half, last_half):
            half = graph.half[k]
            y, e, length = half["node"], half["edge"], half["length"]
            y_rest = limit - dist[y]
            # an edge runs from its lower to its higher node, so comparing them says which end x is
            from_u = x <= y
            # compared as reals, because for whole numbers the compiler would make it a branch
            at_v = 1.0 if float(y) < x_number else 0.0
            here, there = x_rest, y_rest
            if graph.directed:
                length = graph.edge_length[e]
                here = x_rest if (graph.to_v[e] if from_u else graph.to_u[e]) else 0.0
                there = y_rest if (graph.to_u[e] if from_u else graph.to_v[e]) else 0.0
            from_x, from_y = min(length, here), max(min(length, there), 0.0)
            whole = from_x + from_y >= length - SLIVER_M
            # without a branch, as in the search: each end writes its own piece, the lower one a whole edge
            covered = length if whole else from_x
            edge[n] = e
            piece[0, n] = (length - covered) * at_v
            piece[1, n] = max(covered, length * at_v)
            n += (covered > SLIVER_M) & (e != own) & ((not whole) | from_u | (y_rest < 0.0))
            if x == y and not whole and e != own:  # a loop has its other end here too
                edge[n], piece[0, n], piece[1, n] = e, length - from_y, length
                n += from_y > SLIVER_M
    if last_seed > first_seed + 1:
        kept = first
        for k in range(first, n):
            edge[kept], piece[0, kept], piece[1, kept] = edge[k], piece[0, k], piece[1, k]
            kept += not is_seed(seeds, place, edge[k])
        n = kept
    if n + (last_seed - first_seed) * (last_seed - first_seed + 2) > edge.size:
        return -1
    for j in range(first_seed, last_seed):
        e = seeds.edge[j]
        repeated = False
        for other in range(first_seed, j):
            repeated |= seeds.edge[other] == e
        if repeated:
            continue
        from_u, from_v = dist[graph.edge_node[e, 0]], dist[graph.edge_node[e, 1]]
        pieces = _seed_cover(
            seeds, place, e, graph.edge_length[e], from_u, from_v, graph.to_u[e], graph.to_v[e],
            limit, low, high,
        )  # fmt: skip
        for k in range(pieces):
            if high[k] - low[k] > SLIVER_M:
                edge[n], piece[0, n], piece[1, n] = e, low[k], high[k]
                n += 1
    return n


@kernel
def cut_edges(graph, seeds, places, limits, dist):
    """Cut the street metres within each limit of each of ``places`` out of the edges, each metre once.

    ``limits`` ascend. Returns where the pieces of each area start (areas are places × limits), and per
    piece its edge and the metres along it where it begins and ends.
    """
    touched, far = np.empty(dist.size + 1, np.uint32), np.empty(dist.size + 1, np.uint32)
    near = np.empty(WORK, np.uint32)
    start = np.zeros(places.size * limits.size + 1, np.int64)
    # begin and end share a block: of several blocks of this size the C library gives the most back to
    # the system each time, and the system's clearing of fresh memory would take a third of the time
    edge = np.empty(4096 + 96 * places.size * limits.size, np.int32)
    piece = np.empty((2, edge.size))
    low, high = np.empty(16), np.empty(16)
    total = np.int64(0)  # a literal would compile the callee twice
    for i in range(places.size):
        if dist.size > CACHED_NODES:
            look_ahead(graph, seeds, places, i, dist)
        place = places[i]
        n_seeds = seeds.start[place + 1] - seeds.start[place]
        if low.size < n_seeds + 2:
            low, high = np.empty(2 * n_seeds + 2), np.empty(2 * n_seeds + 2)
        n = search(graph, seeds, place, limits[-1], dist, touched, far, near)
        if n < 0:
            near, n = search_wider(graph, seeds, place, limits[-1], dist, touched, far, near)
        which = 0
        while which < limits.size:
            limit = limits[which]
            end = _cut_around(
                graph, seeds, place, limit, dist, touched, n, low, high, edge, piece, total
            )
            if end < 0:
                edge, wider = doubled(edge), np.empty((2, 2 * edge.size))
                for k in range(total):
                    wider[0, k], wider[1, k] = piece[0, k], piece[1, k]
                piece = wider
                continue
            which, total = which + 1, end
            start[i * limits.size + which] = total
        for t in range(n):
            dist[touched[t]] = np.inf
    return start, edge[:total], piece[0, :total], piece[1, :total]
