"""The loops that follow one shortest way back: which edges it takes, and what it passes."""

from __future__ import annotations

import numpy as np

from geowoonzorg._jit import kernel
from geowoonzorg.walk.kernels.search import along_edge, doubled, pop, push


@kernel
def search_parents(graph, seeds, place, targets, dist, came_by, came_from, touched):
    """Search around one place (Dijkstra, 1959) until every target is settled or nothing is left.

    ``came_by`` gets the edge to the next node on the way to the place, ``came_from`` that node; at a
    node where the place's own edge begins, ``came_by`` is ``-1 - (2 · seed + end)``. Returns
    ``touched``, grown where needed, and how many nodes were touched.
    """
    key, item = np.empty(1024), np.empty(1024, np.int32)
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
                d, open_ = seeds.access[j] + t, graph.to_u[e] or t == 0.0
            else:
                d, open_ = seeds.access[j] + rest, graph.to_v[e] or rest == 0.0
            x = graph.edge_node[e, end]
            if open_ and d < dist[x]:
                if dist[x] == np.inf:
                    touched[n] = x
                    n += 1
                dist[x] = d
                came_by[x] = -1 - (2 * j + end)
                push(key, item, size, d, x)
                size += 1
    wanted = 0
    while size > 0:
        d, x = key[0], item[0]
        while wanted < targets.size and dist[targets[wanted]] <= d:
            wanted += 1  # nothing shorter can come any more
        if wanted == targets.size:
            break
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
            new = d + graph.half[k]["length"]
            y = graph.half[k]["node"]
            if new < dist[y]:
                if dist[y] == np.inf:
                    touched[n] = y
                    n += 1
                dist[y] = new
                came_by[y] = graph.half[k]["edge"]
                came_from[y] = x
                push(key, item, size, new, np.int32(y))
                size += 1
    return touched, n


@kernel
def trace(graph, seeds, places, points, route_start, route_origin, dist):
    """Follow the shortest way from origins to places, place by place.

    Routes to ``places[i]`` are ``route_start[i]`` to ``route_start[i + 1]``, from ``route_origin``,
    whose points on the network are ``points``. Returns, per route, metres (inf for none), the point
    and the seed it joins, and where its parts start; per part its edge and the metres along it where
    one steps on and off.
    """
    n_routes = route_origin.size
    metres, joins = np.full(n_routes, np.inf), np.full((n_routes, 2), -1, np.int64)
    part_start = np.zeros(n_routes + 1, np.int64)
    edge, begin, end = np.empty(1024, np.int32), np.empty(1024), np.empty(1024)
    came_by, came_from = np.empty(dist.size, np.int32), np.empty(dist.size, np.int32)
    touched = np.empty(1024, np.int32)
    total = 0
    for i in range(places.size):
        size = 0
        for r in range(route_start[i], route_start[i + 1]):
            size += 2 * (points.start[route_origin[r] + 1] - points.start[route_origin[r]])
        targets = np.empty(size, np.int32)
        size = 0
        for r in range(route_start[i], route_start[i + 1]):
            for p in range(points.start[route_origin[r]], points.start[route_origin[r] + 1]):
                targets[size] = graph.edge_node[points.edge[p], 0]
                targets[size + 1] = graph.edge_node[points.edge[p], 1]
                size += 2
        touched, n = search_parents(
            graph, seeds, places[i], targets, dist, came_by, came_from, touched
        )
        for r in range(route_start[i], route_start[i + 1]):
            first_node: int = -1
            on = off = 0.0
            for p in range(points.start[route_origin[r]], points.start[route_origin[r] + 1]):
                e, s = points.edge[p], points.offset[p]
                length = graph.edge_length[e]
                direct, seed = along_edge(graph, seeds, places[i], np.int64(e), s)
                if direct + points.access[p] < metres[r]:
                    metres[r], joins[r, 0], joins[r, 1] = direct + points.access[p], p, seed
                    first_node, on, off = -1, s, seeds.offset[seed]
                for side in range(2):
                    x = graph.edge_node[e, side]
                    to_end = s if side == 0 else length - s
                    open_ = graph.to_v[e] if side == 0 else graph.to_u[e]
                    d = points.access[p] + to_end + dist[x]
                    if (open_ or to_end == 0.0) and d < metres[r]:
                        metres[r], joins[r, 0], joins[r, 1] = d, p, -1
                        first_node, on, off = x, s, 0.0 if side == 0 else length
            if joins[r, 0] >= 0:
                e = points.edge[joins[r, 0]]
                x = first_node
                while True:
                    if total + 1 > edge.size:
                        edge, begin, end = doubled(edge), doubled(begin), doubled(end)
                    if on != off:
                        edge[total], begin[total], end[total] = e, on, off
                        total += 1
                    if x < 0:
                        break
                    e = came_by[x]
                    if e < 0:
                        code = -1 - e
                        joins[r, 1] = code // 2
                        e = seeds.edge[code // 2]
                        on = 0.0 if code % 2 == 0 else graph.edge_length[e]
                        off = seeds.offset[code // 2]
                        x = -1
                    else:
                        y = came_from[x]
                        on, off = (
                            (0.0, graph.edge_length[e]) if x < y else (graph.edge_length[e], 0.0)
                        )
                        x = int(y)
            part_start[r + 1] = total
        for k in range(n):
            dist[touched[k]] = np.inf
    return metres, joins, part_start, edge[:total], begin[:total], end[:total]
