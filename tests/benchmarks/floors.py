"""Floors: plain breadth-first walks over the very nodes that an answer needs, without any arithmetic."""

from __future__ import annotations

import numpy as np

from tests.benchmarks.engine import kernel


@kernel
def walk_each(start, node, first, seeds_at, places_at, reached, hops, pile):
    """Count the hops, for each place on its own, to the nodes it reaches, breadth first.

    ``first`` (n_seeds, 2; CSR by ``seeds_at``) are the ends of the edges it joins, several from a square; ``reached``
    (CSR by ``places_at``) the nodes to visit, which are -1 in ``hops`` until they are. Returns how many were visited.
    """
    visited = 0
    for place in range(places_at.size - 1):
        for k in range(places_at[place], places_at[place + 1]):
            hops[reached[k]] = -1
        ends = first[seeds_at[place] : seeds_at[place + 1]].ravel()
        visited += _walk(start, node, ends, hops, pile)
    return visited


@kernel
def _walk(start, node, first, hops, pile):
    head = tail = 0
    for x in first:
        if hops[x] < 0:
            hops[x] = 0
            pile[tail] = x
            tail += 1
    while head < tail:
        x = pile[head]
        head += 1
        for k in range(start[x], start[x + 1]):
            y = node[k]
            if hops[y] < 0:
                hops[y] = hops[x] + 1
                pile[tail] = y
                tail += 1
    return tail


@kernel
def walk_all(start, node, first, hops, pile):
    """Count the hops from many places at once to all nodes that are -1 in ``hops``."""
    return _walk(start, node, first, hops, pile)


class Floor:
    """The floors of one network and some places."""

    def __init__(self, net, seeds, start, reached) -> None:
        self.first, self.seeds_at = net.edge_node[seeds.edge], seeds.start
        self.adj_start = net.adj_start.astype(np.int64)
        self.adj_node = np.ascontiguousarray(net.adj_away["node"], np.int32)
        self.start, self.reached = start, reached
        self.hops = np.zeros(len(net.node_xy), np.int32)
        self.pile = np.empty(len(net.node_xy) + 2, np.int32)
        self.within = np.zeros(len(net.node_xy), np.int32)
        self.within[reached] = -1

    def each(self) -> int:
        """Walk a separate area for every place."""
        return walk_each(
            self.adj_start,
            self.adj_node,
            self.first,
            self.seeds_at,
            self.start,
            self.reached,
            self.hops,
            self.pile,
        )

    def nearest(self, *, limited: bool) -> int:
        """Walk all that is reached from any place, once."""
        hops = self.within.copy() if limited else np.full(len(self.hops), -1, np.int32)
        return walk_all(self.adj_start, self.adj_node, self.first.ravel(), hops, self.pile)
