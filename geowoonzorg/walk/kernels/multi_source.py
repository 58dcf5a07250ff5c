"""The loops that search from all places at once: the nearest one, and the nearest few."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from geowoonzorg._jit import bare_kernel, kernel
from geowoonzorg.walk.kernels.search import doubled, pop, push

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Nodes with the same number after this shift are worked through together: 4,096 neighbours fit the cache.
TILE_SHIFT = 12
TILE = 1 << TILE_SHIFT
#: Any walk is shorter, save one that is not possible (m).
MOST_M = 1e300
#: Width of the rings in which a search works outwards within a tile (m).
RING_M = 100.0


class Labels(NamedTuple):
    """Per node, the metres to its nearest place and the seed they were measured to; and the work still to do.

    ``queue`` is a ring of tiles, with its ``ends`` (first, one past last; -1 when no search is under
    way); ``head`` and ``after`` list the nodes that wait in each tile. What a search leaves is
    overwritten by the next.
    """

    dist: NDArray[np.float64]
    seed: NDArray[np.int32]
    waits: NDArray[np.bool_]
    after: NDArray[np.int32]
    head: NDArray[np.int32]
    queue: NDArray[np.int32]
    ends: NDArray[np.int64]


def empty_labels(n_nodes: int) -> Labels:
    """Make labels for a search that has not begun.

    Parameters
    ----------
    n_nodes
        How many nodes the network has.

    Returns
    -------
    Labels
        Nothing waits in them.

    Examples
    --------
    >>> empty_labels(3).ends.tolist()
    [-1, -1]
    """
    tiles = (n_nodes >> TILE_SHIFT) + 1
    return Labels(
        np.empty(n_nodes), np.empty(n_nodes, np.int32), np.zeros(n_nodes, np.bool_),
        np.empty(n_nodes, np.int32), np.full(tiles, -1, np.int32), np.empty(tiles + 1, np.int32),
        np.full(2, -1),
    )  # fmt: skip


@bare_kernel
def _wait(labels, x):
    """Let a node with a better label wait in its tile, if it does not wait there yet."""
    if not labels.waits[x]:
        labels.waits[x] = True
        tile = x >> TILE_SHIFT
        if labels.head[tile] < 0:
            last = labels.ends[1]
            labels.queue[last] = tile
            labels.ends[1] = last + 1 if last + 1 < labels.queue.size else 0
        labels.after[x] = labels.head[tile]
        labels.head[tile] = x


@bare_kernel
def _plant(graph, seeds, limit, labels):
    """Forget what was labelled before, and label the ends of every edge on which a place joins the network."""
    labels.ends[0] = labels.ends[1] = 0
    for x in range(labels.dist.size):
        labels.dist[x] = np.inf
    for j in range(seeds.edge.size):
        e, t = seeds.edge[j], seeds.offset[j]
        rest = graph.edge_length[e] - t
        for end in range(2):
            if end == 0:
                d, open_ = seeds.access[j] + t, graph.to_u[e] or t == 0.0
            else:
                d, open_ = seeds.access[j] + rest, graph.to_v[e] or rest == 0.0
            x = graph.edge_node[e, end]
            if open_ and d <= limit and d < labels.dist[x]:
                labels.dist[x], labels.seed[x] = d, j
                _wait(labels, np.int64(x))


@bare_kernel
def _begin_ring(labels, row, later, n_later):
    """Move the nearest of the nodes for ``later`` to the ``row``: the ring's limit (m), and how many are in each."""
    outer = np.inf
    for i in range(n_later):
        outer = min(outer, labels.dist[later[i]])
    outer += RING_M
    last = kept = 0
    for i in range(n_later):
        x = later[i]
        now = labels.dist[x] < outer
        row[last] = later[kept] = x
        last += now
        kept += not now
    return outer, last, kept


@kernel
def spread(graph, seeds, limit, labels, steps):
    """Carry labels on from the seeds, tile by tile, until no label can be improved or ``steps`` nodes were looked at.

    Within a tile it works outwards in rings of ``RING_M``, as the search around one place does, and
    within a ring nodes wait in a queue (Bellman-Ford, in the queued form of Moore, 1959): a node that
    gets a better label is looked at again, so at the end every label is exact, whatever the order. In a
    ring that is cheaper than a heap: the order of a queue is nearly that of distance. Equal distances go
    to the lowest seed. Returns whether it is finished.
    """
    if labels.ends[0] < 0:
        _plant(graph, seeds, limit, labels)
    most = min(limit, MOST_M)
    # a node waits once, in this ring (and this is a ring itself) or for a later one
    row, later = np.empty(TILE, np.uint32), np.empty(TILE + 1, np.uint32)
    done = 0
    while labels.ends[0] != labels.ends[1]:
        if done >= steps:
            return False
        first = labels.ends[0]
        tile = labels.queue[first]
        labels.ends[0] = first + 1 if first + 1 < labels.queue.size else 0
        n_later = 0
        x = labels.head[tile]
        labels.head[tile] = -1
        while x >= 0:
            later[n_later] = x
            n_later += 1
            x = labels.after[x]
        while n_later > 0:
            outer, last, n_later = _begin_ring(labels, row, later, n_later)
            at = 0
            while at < last:
                z = row[at & (TILE - 1)]
                at += 1
                labels.waits[z] = False
                d, seed = labels.dist[z], labels.seed[z]
                for k in range(graph.start[z], graph.start[z + 1]):
                    half = graph.half[k]
                    new, y = d + half["length"], half["node"]
                    old = labels.dist[y]
                    if new <= min(old, most):
                        if new == old and seed >= labels.seed[y]:
                            continue
                        labels.dist[y], labels.seed[y] = new, seed
                        if y >> TILE_SHIFT == tile:
                            row[last & (TILE - 1)] = later[n_later] = y
                            now, fresh = new < outer, not labels.waits[y]
                            last += fresh & now
                            n_later += fresh & (not now)
                            labels.waits[y] = True
                        else:
                            _wait(labels, np.int64(y))
            done += at
    labels.ends[0] = -1
    return True


@bare_kernel
def _first_on(seeds, on_edge, e):
    """Find the first seed on edge ``e`` or a later edge, as an index of ``on_edge``."""
    low, high = 0, on_edge.size
    while low < high:
        middle = (low + high) // 2
        if seeds.edge[on_edge[middle]] < e:
            low = middle + 1
        else:
            high = middle
    return low


@kernel
def read_labels(graph, labels, seeds, on_edge, limit, point_edge, point_offset, point_access):
    """Measure from every point to its nearest place, access included: metres (inf beyond ``limit``) and seed.

    ``on_edge`` orders the seeds by edge, for those on a point's own edge.
    """
    metres = np.full(point_edge.size, np.inf)
    nearest = np.full(point_edge.size, -1, np.int32)
    for p in range(point_edge.size):
        e, s = point_edge[p], point_offset[p]
        best, which = np.inf, np.int32(-1)
        for end in range(2):
            x = graph.edge_node[e, end]
            rest = s if end == 0 else graph.edge_length[e] - s
            open_ = graph.to_v[e] if end == 0 else graph.to_u[e]
            if labels.dist[x] < np.inf and (open_ or rest == 0.0):
                d = rest + labels.dist[x]
                if d < best or (d == best and labels.seed[x] < which):
                    best, which = d, labels.seed[x]
        j = _first_on(seeds, on_edge, e)
        while j < on_edge.size and seeds.edge[on_edge[j]] == e:
            t = seeds.offset[on_edge[j]]
            if s == t or (s < t and graph.to_u[e]) or (s > t and graph.to_v[e]):
                d = seeds.access[on_edge[j]] + abs(t - s)
                if d < best or (d == best and on_edge[j] < which):
                    best, which = d, np.int32(on_edge[j])
            j += 1
        if best + point_access[p] <= limit:
            metres[p] = best + point_access[p]
            nearest[p] = which
    return metres, nearest


class Ranks(NamedTuple):
    """Per node, its k nearest places so far: metres and seed, shape (n_nodes, k), and how many."""

    dist: NDArray[np.float64]
    seed: NDArray[np.int32]
    known: NDArray[np.int32]


@bare_kernel
def _ranked(dist, seed, count, k, place_of, d, j):
    """Put seed ``j`` at ``d`` metres among the ``k`` nearest different places; returns how many there are."""
    i = 0
    while i < count and place_of[seed[i]] != place_of[j]:
        i += 1
    if i < count:
        if dist[i] <= d:
            return count
    elif count < k:
        count += 1
    elif d < dist[k - 1] or (d == dist[k - 1] and place_of[j] < place_of[seed[k - 1]]):
        i = k - 1
    else:
        return count
    while i > 0 and (d < dist[i - 1] or (d == dist[i - 1] and place_of[j] < place_of[seed[i - 1]])):
        dist[i], seed[i] = dist[i - 1], seed[i - 1]
        i -= 1
    dist[i], seed[i] = d, j
    return count


@kernel
def plant_ranks(graph, seeds, limit):
    """Start a search for several nearest places: the heap's keys and items, and its size."""
    key, item = np.empty(2 * seeds.edge.size + 2), np.empty(2 * seeds.edge.size + 2, np.int64)
    size = 0
    for j in range(seeds.edge.size):
        e, t = seeds.edge[j], seeds.offset[j]
        rest = graph.edge_length[e] - t
        if seeds.access[j] + t <= limit and (graph.to_u[e] or t == 0.0):
            push(key, item, size, seeds.access[j] + t, (np.int64(graph.edge_node[e, 0]) << 32) | j)
            size += 1
        if seeds.access[j] + rest <= limit and (graph.to_v[e] or rest == 0.0):
            push(
                key, item, size, seeds.access[j] + rest, (np.int64(graph.edge_node[e, 1]) << 32) | j
            )
            size += 1
    return key, item, size


@kernel
def spread_ranks(graph, limit, place_of, ranks, key, item, size, steps):
    """Carry the k nearest places on (Dijkstra with k labels a node) for at most ``steps`` labels.

    Returns the heap's keys and items, and its size: 0 when it is finished.
    """
    k = ranks.dist.shape[1]
    while size > 0 and steps > 0:
        d, packed = key[0], item[0]
        size -= 1
        pop(key, item, size)
        x, j = packed >> 32, packed & 0xFFFFFFFF
        known = ranks.known[x]
        if known == k:
            continue
        seen = False
        for i in range(known):
            seen |= place_of[ranks.seed[x, i]] == place_of[j]
        if seen:
            continue
        ranks.dist[x, known], ranks.seed[x, known] = d, j
        ranks.known[x] = known + 1
        steps -= 1
        low, high = graph.start[x], graph.start[x + 1]
        while size + high - low > key.size:
            key, item = doubled(key), doubled(item)
        for h in range(low, high):
            new, y = d + graph.half[h]["length"], graph.half[h]["node"]
            if new <= limit and new < np.inf and ranks.known[y] < k:
                push(key, item, size, new, (np.int64(y) << 32) | j)
                size += 1
    return key, item, size


@kernel
def read_ranks(
    graph, ranks, seeds, place_of, on_edge, limit, point_edge, point_offset, point_access
):
    """Measure from every point to its k nearest places, access distances included: metres (inf for none) and seed."""
    k = ranks.dist.shape[1]
    metres = np.full((point_edge.size, k), np.inf)
    nearest = np.full((point_edge.size, k), -1, np.int32)
    for p in range(point_edge.size):
        e, s = point_edge[p], point_offset[p]
        count = np.int64(0)  # a literal would compile the callee twice
        for end in range(2):
            x = graph.edge_node[e, end]
            rest = s if end == 0 else graph.edge_length[e] - s
            if (graph.to_v[e] if end == 0 else graph.to_u[e]) or rest == 0.0:
                for i in range(ranks.known[x]):
                    count = _ranked(
                        metres[p],
                        nearest[p],
                        count,
                        k,
                        place_of,
                        rest + ranks.dist[x, i],
                        np.int64(ranks.seed[x, i]),
                    )
        j = _first_on(seeds, on_edge, e)
        while j < on_edge.size and seeds.edge[on_edge[j]] == e:
            t = seeds.offset[on_edge[j]]
            if s == t or (s < t and graph.to_u[e]) or (s > t and graph.to_v[e]):
                d = seeds.access[on_edge[j]] + abs(t - s)
                count = _ranked(metres[p], nearest[p], count, k, place_of, d, np.int64(on_edge[j]))
            j += 1
        for i in range(k):
            metres[p, i] += point_access[p]
            if metres[p, i] > limit or i >= count:
                metres[p, i], nearest[p, i] = np.inf, -1
    return metres, nearest
