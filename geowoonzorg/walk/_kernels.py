"""The few loops that search: around each place on its own, and from all places at once."""
# ruff: noqa: ANN001, ANN202, C901, PLR0912, PLR0913, PLR0915, PLR0917, SIM110 - loops for the compiler
# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from geowoonzorg._jit import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Pieces shorter than this are points, not streets (m).
SLIVER_M = 1e-9
#: Width of the rings in which a search works outwards (m): about one street.
RING_M = 100.0
#: Nodes a search has room for at first.
WORK = 1024


class Graph(NamedTuple):
    """The arrays a search reads. ``length`` is inf where a half-edge may not be walked in this direction.

    A graph is read *away* from places (``to_u`` is ``edge_backward``: from a place on an edge one walks
    against it to its u) or *toward* them (everything turned round). ``directed`` says whether any edge
    may be walked one way only.
    """

    start: NDArray[np.int64]
    node: NDArray[np.int32]
    edge: NDArray[np.int32]
    length: NDArray[np.float64]
    edge_node: NDArray[np.int32]
    edge_length: NDArray[np.float64]
    to_u: NDArray[np.bool_]
    to_v: NDArray[np.bool_]
    directed: bool


class Seeds(NamedTuple):
    """Where places join the network: ``start`` (n_places + 1,) into edge, offset (m) and leg (m)."""

    start: NDArray[np.int64]
    edge: NDArray[np.int32]
    offset: NDArray[np.float64]
    leg: NDArray[np.float64]


@kernel
def doubled(array):
    """Copy an array into one of twice its length."""
    out = np.empty(2 * array.size, array.dtype)
    for i in range(array.size):  # a slice would compile numpy's broadcasting along
        out[i] = array[i]
    return out


@kernel
def push(key, item, size, k, x):
    """Put ``x`` with key ``k`` on a binary heap that now holds ``size``."""
    i = size
    while i > 0:
        parent = (i - 1) >> 1
        if key[parent] <= k:
            break
        key[i] = key[parent]
        item[i] = item[parent]
        i = parent
    key[i] = k
    item[i] = x


@kernel
def pop(key, item, size):
    """Drop the root of a binary heap that holds ``size`` after it."""
    k, x = key[size], item[size]
    i = 0
    while True:
        child = 2 * i + 1
        if child >= size:
            break
        if child + 1 < size and key[child + 1] < key[child]:
            child += 1
        if key[child] >= k:
            break
        key[i] = key[child]
        item[i] = item[child]
        i = child
    key[i] = k
    item[i] = x


@kernel
def _search(graph, seeds, place, limit, dist, touched, near, far):
    """Do what `search` says within lists of fixed size; -1, with ``dist`` as it was, when they are too small."""
    n = far_n = near_n = 0
    for j in range(seeds.start[place], seeds.start[place + 1]):
        e, t = seeds.edge[j], seeds.offset[j]
        rest = graph.edge_length[e] - t
        for end in range(2):
            if end == 0:
                d, open_ = seeds.leg[j] + t, graph.to_u[e] or t == 0.0
            else:
                d, open_ = seeds.leg[j] + rest, graph.to_v[e] or rest == 0.0
            x = graph.edge_node[e, end]
            if open_ and d <= limit and d < dist[x]:
                if dist[x] == np.inf:
                    touched[n] = x
                    n += 1
                dist[x] = d
                far[far_n] = x
                far_n += 1
    inner = 0.0
    room = far.size
    while far_n > 0:
        outer = np.inf
        for i in range(far_n):
            if inner <= dist[far[i]] < outer:
                outer = dist[far[i]]
        outer += RING_M
        kept = near_n = 0
        for i in range(far_n):
            x = far[i]
            if dist[x] >= outer:
                far[kept] = x
                kept += 1
            elif dist[x] >= inner:
                near[near_n] = x
                near_n += 1
        far_n = kept
        at = 0
        while at < near_n:
            x = near[at]
            at += 1
            d = dist[x]
            low, high = graph.start[x], graph.start[x + 1]
            if max(near_n, far_n, n) + high - low > room:
                for i in range(n):
                    dist[touched[i]] = np.inf
                return -1
            for k in range(low, high):
                new = d + graph.length[k]
                if new <= limit:
                    y = graph.node[k]
                    old = dist[y]
                    if new < old:
                        if old == np.inf:
                            touched[n] = y
                            n += 1
                        dist[y] = new
                        if new < outer:
                            near[near_n] = y
                            near_n += 1
                        else:
                            far[far_n] = y
                            far_n += 1
        inner = outer
    return n


@kernel
def search(graph, seeds, place, limit, dist, work):
    """Settle every node within ``limit`` of one place, in ``dist``, which is inf elsewhere.

    Works outwards in rings of ``RING_M`` (delta-stepping with one near and one far pile; Meyer and
    Sanders, 2003): within a ring nodes are relaxed in any order until nothing improves, which costs a
    few repeats but no heap. Returns ``work`` (touched nodes, near pile, far pile), grown where needed,
    and how many nodes were touched.
    """
    n = -1
    if work.shape[1] > 2 * (seeds.start[place + 1] - seeds.start[place]):
        n = _search(graph, seeds, place, limit, dist, work[0], work[1], work[2])
    while n < 0:
        work = np.empty((3, 4 * work.shape[1]), np.int32)
        if work.shape[1] > 2 * (seeds.start[place + 1] - seeds.start[place]):
            n = _search(graph, seeds, place, limit, dist, work[0], work[1], work[2])
    return work, n


@kernel
def settle(graph, seeds, places, limit, dist):
    """Search around each of ``places`` on its own: CSR ``start``, settled nodes and their distances."""
    work = np.empty((3, WORK), np.int32)
    start = np.zeros(places.size + 1, np.int64)
    out_node, out_dist = np.empty(1024, np.int32), np.empty(1024)
    total = 0
    for i in range(places.size):
        work, n = search(graph, seeds, places[i], limit, dist, work)
        while total + n > out_node.size:
            out_node, out_dist = doubled(out_node), doubled(out_dist)
        for k in range(n):
            x = work[0, k]
            out_node[total] = x
            out_dist[total] = dist[x]
            dist[x] = np.inf
            total += 1
        start[i + 1] = total
    return start, out_node[:total].copy(), out_dist[:total].copy()


@kernel
def _is_seed(seeds, place, e):
    """Say whether a place joins the network on edge ``e``."""
    for j in range(seeds.start[place], seeds.start[place + 1]):
        if seeds.edge[j] == e:
            return True
    return False


@kernel
def _seed_cover(graph, seeds, place, e, limit, dist, low, high):
    """Cover the edge a place stands on: from both its ends and from the place itself, merged.

    Writes intervals to ``low`` and ``high`` and returns how many.
    """
    length = graph.edge_length[e]
    n = 0
    u, v = dist[graph.edge_node[e, 0]], dist[graph.edge_node[e, 1]]
    if graph.to_v[e] and u <= limit:
        low[n], high[n] = 0.0, min(length, limit - u)
        n += 1
    if graph.to_u[e] and v <= limit:
        low[n], high[n] = max(0.0, length - (limit - v)), length
        n += 1
    for j in range(seeds.start[place], seeds.start[place + 1]):
        rest = limit - seeds.leg[j]
        if seeds.edge[j] == e and rest >= 0.0:
            t = seeds.offset[j]
            low[n] = max(0.0, t - rest) if graph.to_u[e] else t
            high[n] = min(length, t + rest) if graph.to_v[e] else t
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


@kernel
def _cut_around(graph, seeds, place, limit, dist, touched, low, high, edge, begin, end, n):
    """Write the pieces of one area from index ``n`` on; there must be room. Returns one past the last."""
    first_seed, last_seed = seeds.start[place], seeds.start[place + 1]
    only = seeds.edge[first_seed] if last_seed == first_seed + 1 else -1
    for t in range(touched.size):
        x = touched[t]
        x_rest = limit - dist[x]
        if x_rest < 0.0:
            continue
        for k in range(graph.start[x], graph.start[x + 1]):
            y = graph.node[k]
            y_rest = limit - dist[y]
            if y < x and y_rest >= 0.0:
                continue  # the edge is dealt with from its other end
            e = graph.edge[k]
            if e == only or (only < 0 and _is_seed(seeds, place, e)):
                continue
            # an edge runs from its lower to its higher node, so comparing them says which end x is
            u_rest, v_rest = (x_rest, y_rest) if x <= y else (y_rest, x_rest)
            if graph.directed:
                length = graph.edge_length[e]
                u_rest = u_rest if graph.to_v[e] else 0.0
                v_rest = v_rest if graph.to_u[e] else 0.0
            else:
                length = graph.length[k]
            from_u = min(length, max(u_rest, 0.0))
            from_v = min(length, max(v_rest, 0.0))
            if from_u + from_v >= length - SLIVER_M:
                if length > SLIVER_M:
                    edge[n], begin[n], end[n] = e, 0.0, length
                    n += 1
                continue
            if from_u > SLIVER_M:
                edge[n], begin[n], end[n] = e, 0.0, from_u
                n += 1
            if from_v > SLIVER_M:
                edge[n], begin[n], end[n] = e, length - from_v, length
                n += 1
    for j in range(first_seed, last_seed):
        e = seeds.edge[j]
        repeated = False
        for other in range(first_seed, j):
            repeated |= seeds.edge[other] == e
        if repeated:
            continue
        pieces = _seed_cover(graph, seeds, place, e, limit, dist, low, high)
        for k in range(pieces):
            if high[k] - low[k] > SLIVER_M:
                edge[n], begin[n], end[n] = e, low[k], high[k]
                n += 1
    return n


@kernel
def cut_edges(graph, seeds, places, limits, dist):
    """Cut the street metres within each limit of each of ``places`` out of the edges, each metre once.

    ``limits`` ascend. Returns where the pieces of each area start (areas are places × limits), and per
    piece its edge and the metres along it where it begins and ends.
    """
    work = np.empty((3, WORK), np.int32)
    start = np.zeros(places.size * limits.size + 1, np.int64)
    guess = 4096 + 64 * places.size * limits.size
    edge, begin, end = np.empty(guess, np.int32), np.empty(guess), np.empty(guess)
    low, high = np.empty(16), np.empty(16)
    total = np.int64(0)  # a literal would compile the callee twice
    for i in range(places.size):
        place = places[i]
        n_seeds = seeds.start[place + 1] - seeds.start[place]
        if low.size < n_seeds + 2:
            low, high = np.empty(2 * n_seeds + 2), np.empty(2 * n_seeds + 2)
        work, n = search(graph, seeds, place, limits[-1], dist, work)
        touched = work[0, :n]
        room = n_seeds * (n_seeds + 2)
        for t in range(n):
            room += 2 * (graph.start[touched[t] + 1] - graph.start[touched[t]])
        for which in range(limits.size):
            while total + room > edge.size:
                edge, begin, end = doubled(edge), doubled(begin), doubled(end)
            total = _cut_around(
                graph,
                seeds,
                place,
                limits[which],
                dist,
                touched,
                low,
                high,
                edge,
                begin,
                end,
                total,
            )
            start[i * limits.size + which + 1] = total
        for t in range(n):
            dist[touched[t]] = np.inf
    return start, edge[:total], begin[:total], end[:total]


@kernel
def along_edge(graph, seeds, place, e, offset):
    """Measure from a point on edge ``e`` straight along it to a place on the same edge; inf where there is none.

    ``graph`` is read toward the place. Returns the metres, the place's leg included, and the seed.
    """
    best, which = np.inf, -1
    for j in range(seeds.start[place], seeds.start[place + 1]):
        if seeds.edge[j] == e:
            t = seeds.offset[j]
            if (offset == t) or (offset < t and graph.to_u[e]) or (offset > t and graph.to_v[e]):
                d = seeds.leg[j] + abs(t - offset)
                if d < best:
                    best, which = d, j
    return best, which


@kernel
def reach_points(graph, seeds, places, limit, dist, points_at, point_offset, point_leg):
    """Measure from every point within ``limit`` to each of ``places``, legs included.

    Points are listed per edge: ``points_at`` (n_edges + 1,) into offset (m) and leg (m). Returns index
    of place, point, and metres.
    """
    work = np.empty((3, WORK), np.int32)
    out_place, out_point, out_dist = (
        np.empty(4096, np.int32),
        np.empty(4096, np.int64),
        np.empty(4096),
    )
    total = 0
    for i in range(places.size):
        place = places[i]
        work, n = search(graph, seeds, place, limit, dist, work)
        touched = work[0, :n]
        n_seeds = seeds.start[place + 1] - seeds.start[place]
        for t in range(n + n_seeds):
            # first the edges at settled nodes, then the edges the place itself stands on
            if t < n:
                x = touched[t]
                first, last = graph.start[x], graph.start[x + 1]
            else:
                x = -1
                first = seeds.start[place] + t - n
                last = first + 1
            for k in range(first, last):
                if x >= 0:
                    y = graph.node[k]
                    e = graph.edge[k]
                    if (
                        (y < x and dist[y] < np.inf)
                        or points_at[e] == points_at[e + 1]
                        or _is_seed(seeds, place, e)
                    ):
                        continue
                else:
                    e = seeds.edge[k]
                    repeated = False
                    for other in range(seeds.start[place], k):
                        repeated |= seeds.edge[other] == e
                    if repeated:
                        continue
                u, v = dist[graph.edge_node[e, 0]], dist[graph.edge_node[e, 1]]
                length = graph.edge_length[e]
                while total + points_at[e + 1] - points_at[e] > out_dist.size:
                    out_place, out_point, out_dist = (
                        doubled(out_place),
                        doubled(out_point),
                        doubled(out_dist),
                    )
                for p in range(points_at[e], points_at[e + 1]):
                    s = point_offset[p]
                    d = np.inf
                    if graph.to_v[e] or s == 0.0:
                        d = s + u
                    if graph.to_u[e] or s == length:
                        d = min(d, length - s + v)
                    if x < 0:
                        d = min(d, along_edge(graph, seeds, place, e, s)[0])
                    d += point_leg[p]
                    if d <= limit:
                        out_place[total], out_point[total], out_dist[total] = i, p, d
                        total += 1
        for t in range(n):
            dist[touched[t]] = np.inf
    return out_place[:total].copy(), out_point[:total].copy(), out_dist[:total].copy()
