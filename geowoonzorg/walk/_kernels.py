"""The few loops that search: around each place on its own, and from all places at once."""
# ruff: noqa: ANN001, ANN202, C901, PLR0912, PLR0913, PLR0915, PLR0917, SIM110 - loops for the compiler
# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from geowoonzorg._jit import bare_kernel, kernel, prefetch

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Pieces shorter than this are points, not streets (m).
SLIVER_M = 1e-9
#: Width of the rings in which a search works outwards (m): the usual limit is one ring.
RING_M = 400.0
#: Nodes a search has room for at first.
WORK = 4096
#: A network of so many nodes stays in the processor's cache by itself.
CACHED_NODES = 1 << 16
#: Nodes and half-edges to either side of a place's own, in Morton order, that are asked for ahead; in
#: steps of a line of the cache.
AHEAD_NODES, AHEAD_HALVES = 24, 48
NODES_A_LINE, HALVES_A_LINE = 8, 4
#: A half-edge: metres, inf where it may not be walked in this direction; the node at its other end; its edge.
#: One record, because a search wants them together. Unsigned, because a compiled loop looks at the sign
#: of every index.
HALF = np.dtype([("length", np.float64), ("node", np.uint32), ("edge", np.uint32)])


class Graph(NamedTuple):
    """The arrays a search reads: ``start`` (n_nodes + 1,) into the half-edges, and the edges.

    A graph is read *away* from places (``to_u`` is ``edge_backward``: from a place on an edge one walks
    against it to its u) or *toward* them (everything turned round). ``directed`` says whether any edge
    may be walked one way only.
    """

    start: NDArray[np.uint32]
    half: NDArray[np.void]
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


@bare_kernel
def search(graph, seeds, place, limit, dist, touched, far, near):
    """Settle every node within ``limit`` of one place, in ``dist``, which is inf elsewhere.

    Works outwards in rings of ``RING_M`` (delta-stepping with one near and one far pile; Meyer and
    Sanders, 2003): within a ring nodes are relaxed in any order until nothing improves, which costs a
    few repeats but no heap. ``touched`` and ``far`` have room for every node and one more. Returns how
    many nodes were touched; -1, with ``dist`` as it was, when the ``near`` pile is too small.

    The inner loop has no branch: a processor that must guess which of a node's streets leads on
    guesses wrong so often that writing everything, and counting what was right, is twice as fast.
    """
    n = far_n = fresh = 0
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
                touched[n] = x
                n += dist[x] == np.inf
                dist[x] = d
    beyond = limit if limit == np.inf else np.nextafter(limit, np.inf)
    inner = 0.0
    while True:
        outer = np.inf
        for i in range(fresh, n):
            far[far_n] = touched[i]
            far_n += dist[touched[i]] >= inner
        fresh = n
        for i in range(far_n):
            if inner <= dist[far[i]] < outer:
                outer = dist[far[i]]
        outer += RING_M
        kept = near_n = at = 0
        if far_n > near.size:
            break
        for i in range(far_n):
            x = far[i]
            if dist[x] >= outer:
                far[kept] = x
                kept += 1
            elif dist[x] >= inner:
                near[near_n] = x
                near_n += 1
        far_n = kept
        while at < near_n:
            x = near[at]
            at += 1
            d = dist[x]
            low, high = graph.start[x], graph.start[x + 1]
            if near_n + high - low > near.size:
                break
            for k in range(low, high):
                half = graph.half[k]
                new = d + half["length"]
                y = half["node"]
                old = dist[y]
                better = new < min(old, beyond)
                near[near_n] = y
                near_n += better & (new < outer)
                touched[n] = y
                n += better & (old == np.inf)
                dist[y] = min(new, old) if new < beyond else old
        if at < near_n:
            break
        if outer > limit or (far_n == 0 and fresh == n):
            return n
        inner = outer
    for i in range(n):
        dist[touched[i]] = np.inf
    return -1


@kernel
def search_wider(graph, seeds, place, limit, dist, touched, far, near):
    """Do what `search` does, with a near pile that is wide enough; returns the pile and how many were touched."""
    n = -1
    while n < 0:
        near = np.empty(4 * near.size, np.uint32)
        n = search(graph, seeds, place, limit, dist, touched, far, near)
    return near, n


@bare_kernel
def _first_edge(seeds, places, i):
    """Give the first edge on which the ``i``-th of the places joins the network; -1 where there is none."""
    if i >= places.size or seeds.start[places[i]] == seeds.start[places[i] + 1]:
        return np.int64(-1)
    return np.int64(seeds.edge[seeds.start[places[i]]])


@bare_kernel
def look_ahead(graph, seeds, places, i, dist):
    """Ask memory for what the searches after the ``i``-th will read.

    At country size every search begins in memory that no cache holds, and would wait for one thing after
    the other; asked for while other searches run, they are there.
    """
    e = _first_edge(seeds, places, i + 3)
    if e >= 0:
        prefetch(graph.edge_node, 2 * e)
        prefetch(graph.edge_length, e)
        prefetch(graph.to_u, e)
        prefetch(graph.to_v, e)
    e = _first_edge(seeds, places, i + 2)
    if e >= 0:
        prefetch(graph.start, graph.edge_node[e, 0])
    e = _first_edge(seeds, places, i + 1)
    if e >= 0:
        x = graph.edge_node[e, 0]
        for step in range(-AHEAD_NODES, AHEAD_NODES, NODES_A_LINE):
            if 0 <= x + step < dist.size:
                prefetch(dist, x + step)
        k = np.int64(graph.start[x])
        for step in range(-AHEAD_HALVES, AHEAD_HALVES, HALVES_A_LINE):
            if 0 <= k + step < graph.half.size:
                prefetch(graph.half, k + step)


@kernel
def settle(graph, seeds, places, limit, dist):
    """Search around each of ``places`` on its own: CSR ``start``, settled nodes and their distances."""
    touched, far = np.empty(dist.size + 1, np.uint32), np.empty(dist.size + 1, np.uint32)
    near = np.empty(WORK, np.uint32)
    start = np.zeros(places.size + 1, np.int64)
    out_node, out_dist = np.empty(1024, np.int32), np.empty(1024)
    total = 0
    for i in range(places.size):
        if dist.size > CACHED_NODES:
            look_ahead(graph, seeds, places, i, dist)
        n = search(graph, seeds, places[i], limit, dist, touched, far, near)
        if n < 0:
            near, n = search_wider(graph, seeds, places[i], limit, dist, touched, far, near)
        while total + n > out_node.size:
            out_node, out_dist = doubled(out_node), doubled(out_dist)
        for k in range(n):
            x = touched[k]
            out_node[total] = x
            out_dist[total] = dist[x]
            dist[x] = np.inf
            total += 1
        start[i + 1] = total
    return start, out_node[:total].copy(), out_dist[:total].copy()


@bare_kernel
def _is_seed(seeds, place, e):
    """Say whether a place joins the network on edge ``e``."""
    for j in range(seeds.start[place], seeds.start[place + 1]):
        if seeds.edge[j] == e:
            return True
    return False


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
            kept += not _is_seed(seeds, place, edge[k])
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


@bare_kernel
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
    touched, far = np.empty(dist.size + 1, np.uint32), np.empty(dist.size + 1, np.uint32)
    near = np.empty(WORK, np.uint32)
    out_place, out_point, out_dist = (
        np.empty(4096, np.int32),
        np.empty(4096, np.int64),
        np.empty(4096),
    )
    total = 0
    for i in range(places.size):
        if dist.size > CACHED_NODES:
            look_ahead(graph, seeds, places, i, dist)
        place = places[i]
        n = search(graph, seeds, place, limit, dist, touched, far, near)
        if n < 0:
            near, n = search_wider(graph, seeds, place, limit, dist, touched, far, near)
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
                    y = graph.half[k]["node"]
                    e = graph.half[k]["edge"]
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
