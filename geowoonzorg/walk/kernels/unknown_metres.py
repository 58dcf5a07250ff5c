"""The loops that add up, along shortest ways that were found, the metres of which something is not known."""

from __future__ import annotations

import numpy as np

from geowoonzorg._jit import bare_kernel, kernel

#: Ways whose lengths differ by less than this are equally short (m).
TIE_M = 1e-8


@bare_kernel
def unknown_before(first, offset, unknown, e, at):
    """Give the unknown metres of edge ``e`` before the point ``at`` metres from its u."""
    low, last = first[e], first[e + 1] - 1
    if at <= 0.0:
        return 0.0
    if at >= offset[last]:
        return unknown[last]
    while last - low > 1:
        middle = (low + last) // 2
        if offset[middle] <= at:
            low = middle
        else:
            last = middle
    step = offset[last] - offset[low]
    if step <= 0.0:
        return unknown[low]
    return unknown[low] + (unknown[last] - unknown[low]) * ((at - offset[low]) / step)


@kernel
def unknown_of_parts(first, offset, unknown, edge, begin, end):
    """Give the unknown metres of parts of edges, either way round."""
    out = np.empty(edge.size)
    for i in range(edge.size):
        out[i] = abs(
            unknown_before(first, offset, unknown, edge[i], end[i])
            - unknown_before(first, offset, unknown, edge[i], begin[i])
        )
    return out


@kernel
def plant(graph, seeds, dist, seed, first, offset, unknown):
    """Give the unknown metres from nodes to the place on their own edge, inf where no shortest way ends so."""
    out = np.full(dist.size, np.inf)
    for j in range(seeds.edge.size):
        e, t = seeds.edge[j], seeds.offset[j]
        rest = graph.edge_length[e] - t
        before = unknown_before(first, offset, unknown, e, t)
        for end in range(2):
            if end == 0:
                d, open_, part = seeds.access[j] + t, graph.to_u[e] or t == 0.0, before
            else:
                d, open_ = seeds.access[j] + rest, graph.to_v[e] or rest == 0.0
                part = unknown[first[e + 1] - 1] - before
            x = graph.edge_node[e, end]
            if open_ and seed[x] == j and abs(d - dist[x]) <= TIE_M:
                out[x] = min(out[x], part)
    return out


@kernel
def carry(away, dist, seed, order, any_seed, first, unknown, out):
    """Carry the fewest unknown metres on along shortest ways to the same place.

    ``away`` is read from nodes to where their ways go on; ``order`` are nodes, those with the shortest ways
    first. Where nodes are as far as each other, as at a gate, it looks again. With ``any_seed`` a way may go on
    to where another place is as near: rounding can have parted a node from all that lie on the way to its own.
    """
    again = True
    while again:
        again = False
        for i in range(order.size):
            x = order[i]
            best, level = out[x], False
            for k in range(away.start[x], away.start[x + 1]):
                half = away.half[k]
                y, metres = half["node"], half["length"]
                level |= metres <= TIE_M
                if (seed[y] == seed[x] or any_seed) and abs(dist[y] + metres - dist[x]) <= TIE_M:
                    best = min(best, out[y] + unknown[first[half["edge"] + 1] - 1])
            if best < out[x]:
                out[x] = best
                again |= level


@kernel
def read(graph, seeds, dist, seed, out, first, offset, unknown, points, metres, nearest):
    """Give the unknown metres of the shortest way from every point to its nearest seed; NaN where there is none.

    ``metres`` and ``nearest`` are the point's distance, its access distance included, and its seed.
    """
    found = np.full(metres.size, np.nan)
    for p in range(metres.size):
        j = nearest[p]
        if j < 0:
            continue
        e, s = points.edge[p], points.offset[p]
        d = metres[p] - points.access[p]
        before = unknown_before(first, offset, unknown, e, s)
        best = other = np.inf
        for end in range(2):
            x = graph.edge_node[e, end]
            rest = s if end == 0 else graph.edge_length[e] - s
            part = before if end == 0 else unknown[first[e + 1] - 1] - before
            open_ = graph.to_v[e] if end == 0 else graph.to_u[e]
            if (open_ or rest == 0.0) and abs(rest + dist[x] - d) <= TIE_M:
                other = min(other, part + out[x])
                if seed[x] == j:
                    best = min(best, part + out[x])
        t = seeds.offset[j]
        direct = s == t or (s < t and graph.to_u[e]) or (s > t and graph.to_v[e])
        tight = abs(seeds.access[j] + abs(t - s) - d) <= TIE_M
        if seeds.edge[j] == e and direct and tight:
            part = abs(unknown_before(first, offset, unknown, e, t) - before)
            best = min(best, part)
        best = best if best < np.inf else other
        if best < np.inf:
            found[p] = best
    return found
