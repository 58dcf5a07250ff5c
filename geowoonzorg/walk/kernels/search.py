"""The loops that search around each place on its own: the nodes, and the points, within a limit."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from geowoonzorg._jit import bare_kernel, kernel, prefetch

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Width of the rings in which a search works outwards (m): the usual limit is one ring.
RING_M = 400.0
#: Nodes a search has room for at first.
WORK = 4096
#: Parts of street there is room for at first.
PARTS = 1 << 17
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

    Of a node's half-edges, those of edges that have it as v come first; ``leaving`` (n_nodes,) says where
    those start that have it as u.

    A graph is read *away* from places (``to_u`` is ``edge_backward``: from a place on an edge one walks
    against it to its u) or *toward* them (everything turned round). ``directed`` says whether any edge
    may be walked one way only.
    """

    start: NDArray[np.uint32]
    leaving: NDArray[np.uint32]
    half: NDArray[np.void]
    edge_node: NDArray[np.int32]
    edge_length: NDArray[np.float64]
    to_u: NDArray[np.bool_]
    to_v: NDArray[np.bool_]
    directed: bool


class Seeds(NamedTuple):
    """Where places join the network: ``start`` (n_places + 1,) into edge, offset (m) and access distance (m)."""

    start: NDArray[np.int64]
    edge: NDArray[np.int32]
    offset: NDArray[np.float64]
    access: NDArray[np.float64]


class Workspace(NamedTuple):
    """What searches around places work in, kept from one to the next.

    Memory that is fresh from the system costs a search as much as its own work. ``dist`` (m) is inf
    at every node between searches; ``touched`` and ``far`` have room for every node and one more, and
    ``near`` mostly has enough. ``listed`` (4, n) is for half-edges and their nodes; what is cut out of the
    streets is written to ``edge`` and ``ends`` (2, n).
    """

    dist: NDArray[np.float64]
    touched: NDArray[np.uint32]
    far: NDArray[np.uint32]
    near: NDArray[np.uint32]
    listed: NDArray[np.uint32]
    edge: NDArray[np.int32]
    ends: NDArray[np.float64]


def empty_workspace(n_nodes: int) -> Workspace:
    """Make a workspace for searches.

    Parameters
    ----------
    n_nodes
        How many nodes the network has.

    Returns
    -------
    Workspace
        All distances inf.

    Examples
    --------
    >>> float(empty_workspace(3).dist[0])
    inf
    """
    return Workspace(
        np.full(n_nodes, np.inf), np.empty(n_nodes + 1, np.uint32), np.empty(n_nodes + 1, np.uint32),
        np.empty(WORK, np.uint32), np.empty((4, PARTS), np.uint32),
        np.empty(PARTS, np.int32), np.empty((2, PARTS)),
    )  # fmt: skip


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
def search(graph, seeds, place, limit, workspace):
    """Settle every node within ``limit`` of one place, in the workspace's ``dist``, which is inf elsewhere.

    Works outwards in rings of ``RING_M`` (delta-stepping with one near and one far pile; Meyer and
    Sanders, 2003): within a ring nodes are relaxed in any order until nothing improves, which costs a
    few repeats but no heap. Returns how many nodes were touched; -1, with ``dist`` as it was, when the
    ``near`` pile is too small.

    The inner loop has no branch: a processor that must guess which of a node's streets leads on
    guesses wrong so often that writing everything, and counting what was right, is twice as fast.
    """
    dist, touched, far, near = workspace.dist, workspace.touched, workspace.far, workspace.near
    n = far_n = fresh = 0
    for j in range(seeds.start[place], seeds.start[place + 1]):
        e, t = seeds.edge[j], seeds.offset[j]
        rest = graph.edge_length[e] - t
        for end in range(2):
            if end == 0:
                d, open_ = seeds.access[j] + t, graph.to_u[e] or t == 0.0
            else:
                d, open_ = seeds.access[j] + rest, graph.to_v[e] or rest == 0.0
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
            prefetch(graph.leaving, np.int64(x))  # for who cuts the streets there
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
def search_wider(graph, seeds, place, limit, workspace):
    """Search in a workspace with a near pile that is wide enough; returns it and how many were touched."""
    n = -1
    while n < 0:
        near = np.empty(4 * workspace.near.size, np.uint32)
        workspace = Workspace(
            workspace.dist,
            workspace.touched,
            workspace.far,
            near,
            workspace.listed,
            workspace.edge,
            workspace.ends,
        )
        n = search(graph, seeds, place, limit, workspace)
    return workspace, n


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
def settle(graph, seeds, places, limit, workspace):
    """Search around each of ``places`` on its own: CSR ``start``, settled nodes and their distances."""
    dist, touched = workspace.dist, workspace.touched
    start = np.zeros(places.size + 1, np.int64)
    out_node, out_dist = np.empty(1024, np.int32), np.empty(1024)
    total = 0
    for i in range(places.size):
        if dist.size > CACHED_NODES:
            look_ahead(graph, seeds, places, i, dist)
        n = search(graph, seeds, places[i], limit, workspace)
        if n < 0:
            workspace, n = search_wider(graph, seeds, places[i], limit, workspace)
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
def is_seed(seeds, place, e):
    """Say whether a place joins the network on edge ``e``."""
    for j in range(seeds.start[place], seeds.start[place + 1]):
        if seeds.edge[j] == e:
            return True
    return False


@bare_kernel
def along_edge(graph, seeds, place, e, offset):
    """Measure from a point on edge ``e`` straight along it to a place on the same edge; inf where there is none.

    ``graph`` is read toward the place. Returns the metres, the place's access distance included, and the seed.
    """
    best, which = np.inf, -1
    for j in range(seeds.start[place], seeds.start[place + 1]):
        if seeds.edge[j] == e:
            t = seeds.offset[j]
            if (offset == t) or (offset < t and graph.to_u[e]) or (offset > t and graph.to_v[e]):
                d = seeds.access[j] + abs(t - offset)
                if d < best:
                    best, which = d, j
    return best, which


@kernel
def reach_points(graph, seeds, places, limit, workspace, points_at, point_offset, point_access):
    """Measure from every point within ``limit`` to each of ``places``, access distances included.

    Points are listed per edge: ``points_at`` (n_edges + 1,) into offset (m) and access distance (m). Returns index
    of place, point, and metres.
    """
    dist, touched = workspace.dist, workspace.touched
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
        n = search(graph, seeds, place, limit, workspace)
        if n < 0:
            workspace, n = search_wider(graph, seeds, place, limit, workspace)
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
                        or is_seed(seeds, place, e)
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
                        d = min(d, along_edge(graph, seeds, place, np.int64(e), s)[0])
                    d += point_access[p]
                    if d <= limit:
                        out_place[total], out_point[total], out_dist[total] = i, p, d
                        total += 1
        for t in range(n):
            dist[touched[t]] = np.inf
    return out_place[:total].copy(), out_point[:total].copy(), out_dist[:total].copy()
