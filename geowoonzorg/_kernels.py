"""The few loops that search: around each place on its own, and from all places at once."""
# ruff: noqa: ANN001, ANN202, PLR0912, PLR0913, C901, PLR0915
# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geowoonzorg._jit import kernel

#: Pieces shorter than this are points, not streets (m).
SLIVER_M = 1e-9


class Graph(NamedTuple):
    """The arrays a search reads. ``length`` is inf where a half-edge may not be walked in this direction.

    A graph is read *away* from places (``leave_u`` is ``edge_backward``: from a place on an edge one
    walks against it to its u) or *toward* them (everything turned round).
    """

    start: NDArray[np.int64]
    node: NDArray[np.int32]
    edge: NDArray[np.int32]
    length: NDArray[np.float64]
    edge_node: NDArray[np.int32]
    edge_length: NDArray[np.float64]
    to_u: NDArray[np.bool_]
    to_v: NDArray[np.bool_]


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
    out[: array.size] = array
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
def search(graph, seeds, place, limit, dist, key, item, touched):
    """Settle every node within ``limit`` of one place (Dijkstra, 1959), in ``dist``, which is inf elsewhere.

    Returns the two heap arrays and ``touched``, grown where needed, and how many nodes were touched.
    """
    size = n = 0
    for j in range(seeds.start[place], seeds.start[place + 1]):
        if size + 2 > key.size:
            key, item = doubled(key), doubled(item)
        if n + 2 > touched.size:
            touched = doubled(touched)
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
                push(key, item, size, d, x)
                size += 1
    while size > 0:
        d, x = key[0], item[0]
        size -= 1
        pop(key, item, size)
        if d > dist[x]:
            continue
        low, high = graph.start[x], graph.start[x + 1]
        if size + high - low > key.size:
            key, item = doubled(key), doubled(item)
        if n + high - low > touched.size:
            touched = doubled(touched)
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
                    push(key, item, size, new, y)
                    size += 1
    return key, item, touched, n


@kernel
def settle(graph, seeds, places, limit, dist):
    """Search around each of ``places`` on its own: CSR ``start``, settled nodes and their distances."""
    key, item, touched = np.empty(256), np.empty(256, np.int32), np.empty(256, np.int32)
    start = np.zeros(places.size + 1, np.int64)
    out_node, out_dist = np.empty(1024, np.int32), np.empty(1024)
    total = 0
    for i in range(places.size):
        key, item, touched, n = search(graph, seeds, places[i], limit, dist, key, item, touched)
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
def cut_edges(graph, seeds, places, limits, dist):
    """Cut the street metres within each limit of each of ``places`` out of the edges, each metre once.

    ``limits`` ascend. Returns area (index of place × number of limits + index of limit), edge, and the
    metres along the edge where the piece begins and ends.
    """
    key, item, touched = np.empty(256), np.empty(256, np.int32), np.empty(256, np.int32)
    area, edge = np.empty(4096, np.int32), np.empty(4096, np.int32)
    begin, end = np.empty(4096), np.empty(4096)
    low, high = np.empty(16), np.empty(16)
    total = 0
    for i in range(places.size):
        place = places[i]
        first_seed, last_seed = seeds.start[place], seeds.start[place + 1]
        if low.size < last_seed - first_seed + 2:
            low, high = (
                np.empty(2 * (last_seed - first_seed) + 2),
                np.empty(2 * (last_seed - first_seed) + 2),
            )
        key, item, touched, n = search(graph, seeds, place, limits[-1], dist, key, item, touched)
        for which in range(limits.size):
            limit = limits[which]
            here = i * limits.size + which
            for t in range(n):
                x = touched[t]
                x_rest = limit - dist[x]
                if x_rest < 0.0:
                    continue
                first, last = graph.start[x], graph.start[x + 1]
                while total + 2 * (last - first) > edge.size:
                    area, edge, begin, end = (
                        doubled(area),
                        doubled(edge),
                        doubled(begin),
                        doubled(end),
                    )
                for k in range(first, last):
                    y = graph.node[k]
                    y_rest = limit - dist[y]
                    if y < x and y_rest >= 0.0:
                        continue  # the edge is dealt with from its other end
                    e = graph.edge[k]
                    if _is_seed(seeds, place, e):
                        continue
                    length = graph.edge_length[e]
                    # an edge runs from its lower to its higher node, so the comparison says which end x is
                    u_rest, v_rest = (x_rest, y_rest) if x <= y else (y_rest, x_rest)
                    u_cover = min(length, u_rest) if u_rest > 0.0 and graph.to_v[e] else 0.0
                    v_cover = min(length, v_rest) if v_rest > 0.0 and graph.to_u[e] else 0.0
                    if u_cover + v_cover >= length - SLIVER_M:
                        if length > SLIVER_M:
                            area[total], edge[total], begin[total], end[total] = (
                                here,
                                e,
                                0.0,
                                length,
                            )
                            total += 1
                        continue
                    if u_cover > SLIVER_M:
                        area[total], edge[total], begin[total], end[total] = here, e, 0.0, u_cover
                        total += 1
                    if v_cover > SLIVER_M:
                        area[total], edge[total], begin[total], end[total] = (
                            here,
                            e,
                            length - v_cover,
                            length,
                        )
                        total += 1
            for j in range(first_seed, last_seed):
                e = seeds.edge[j]
                repeated = False
                for other in range(first_seed, j):
                    repeated |= seeds.edge[other] == e
                if repeated:
                    continue
                pieces = _seed_cover(graph, seeds, place, e, limit, dist, low, high)
                while total + pieces > edge.size:
                    area, edge, begin, end = (
                        doubled(area),
                        doubled(edge),
                        doubled(begin),
                        doubled(end),
                    )
                for k in range(pieces):
                    if high[k] - low[k] > SLIVER_M:
                        area[total], edge[total], begin[total], end[total] = (
                            here,
                            e,
                            low[k],
                            high[k],
                        )
                        total += 1
        for t in range(n):
            dist[touched[t]] = np.inf
    return area[:total].copy(), edge[:total].copy(), begin[:total].copy(), end[:total].copy()


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
    key, item, touched = np.empty(256), np.empty(256, np.int32), np.empty(256, np.int32)
    out_place, out_point, out_dist = (
        np.empty(4096, np.int32),
        np.empty(4096, np.int64),
        np.empty(4096),
    )
    total = 0
    for i in range(places.size):
        place = places[i]
        key, item, touched, n = search(graph, seeds, place, limit, dist, key, item, touched)
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
                        (y < x and dist[y] <= limit)
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
