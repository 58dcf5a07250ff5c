"""Ways of which some things are known and others not, and both answers the slow way: shapely, Geod and a heap."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import networkx as nx
import numpy as np
import pandas as pd
import shapely
from reach_oracle import TO_DEGREES, ground_m
from scipy.spatial import Delaunay

from geowoonzorg.osm import Walkways
from geowoonzorg.walk.line_layers import project
from geowoonzorg.walk.network import WalkNetwork

CORNER = np.array([190_000.0, 500_000.0])


@dataclass
class Ways:
    """Straight ways between points: what the cautious may walk, of which all is known, which points stop them."""

    lonlat: np.ndarray
    ends: np.ndarray
    cautious: np.ndarray
    known: np.ndarray
    stops: np.ndarray
    forward: np.ndarray
    backward: np.ndarray

    @classmethod
    def drawn(cls, seed: int, *, oneway: float = 0.0, side_m: float = 900.0) -> Ways:
        """Draw streets in general position, half of them in two ways that need not be alike."""
        rng = np.random.default_rng(seed)
        xy = rng.uniform(0, side_m, (int(rng.integers(6, 30)), 2))
        corners = Delaunay(xy).simplices
        pairs = np.unique(np.sort(corners[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), axis=1), axis=0)
        pairs = pairs[rng.random(len(pairs)) < rng.uniform(0.4, 1.0)]
        if not len(pairs):
            pairs = np.array([[0, 1]])
        halved = rng.random(len(pairs)) < 0.5
        between = len(xy) + np.arange(halved.sum())
        share = rng.uniform(0.2, 0.8, (len(between), 1))
        a, b = pairs[halved].T
        xy = np.concatenate([xy, xy[a] * share + xy[b] * (1 - share)])
        first, second = np.column_stack([a, between]), np.column_stack([between, b])
        ends = np.concatenate([pairs[~halved], first, second])
        n = len(ends)
        there = rng.random((2, n)) >= oneway / 2
        there[0] |= ~there[1]
        lonlat = np.column_stack(TO_DEGREES.transform(*(xy + CORNER).T))
        cautious, known = rng.random((2, n)) < [[rng.uniform(0.3, 1.0)], [rng.random()]]
        stops = rng.random(len(xy)) < rng.choice([0.0, 0.1])
        return cls(lonlat, ends, cautious, known, stops, *there)

    @cached_property
    def xy(self) -> np.ndarray:
        """The points as the library has them: PROJ's way to degrees and back is 0.2 mm off."""
        return project(self.lonlat, "EPSG:4326", "EPSG:28992")

    def cautiously(self) -> Ways:
        """Leave the closed ways out; at a point that stops people every way ends by itself."""
        kept = self.cautious
        ends, lonlat = self.ends[kept].copy(), [self.lonlat]
        n = len(self.lonlat)
        for side in (0, 1):
            for row in np.flatnonzero(self.stops[ends[:, side]] if len(ends) else []):
                lonlat.append(self.lonlat[[ends[row, side]]])
                ends[row, side] = n
                n += 1
        return replace(
            self, lonlat=np.concatenate(lonlat), ends=ends, stops=np.zeros(n, bool),
            **{name: getattr(self, name)[kept] for name in ("cautious", "known", "forward", "backward")},
        )  # fmt: skip

    def network(self, order: np.ndarray | None = None) -> WalkNetwork:
        """Build the network of them, the ways in some order."""
        order = np.arange(len(self.ends)) if order is None else order
        stops = np.flatnonzero(self.stops)
        surface = np.where(self.known, "asphalt", None)[order]
        walkways = Walkways(
            node_id=np.arange(len(self.lonlat)),
            lonlat=self.lonlat,
            way_start=np.arange(0, 2 * len(order) + 1, 2),
            way_node=self.ends[order].ravel().astype(np.int32),
            way_id=order,
            forward=self.forward[order],
            backward=self.backward[order],
            node_cut=np.zeros(len(self.lonlat), bool),
            way_attributes=pd.DataFrame(
                {"surface": pd.Categorical(surface), "cautious": self.cautious[order]}
            ),
            node_attributes=pd.DataFrame({"cautious_cut": ["kerb"] * len(stops)}, index=stops),
        )
        return WalkNetwork.from_walkways(walkways, matters=("surface",))

    def main(self) -> np.ndarray:
        """Tell which ways are on no island."""
        graph = nx.Graph()
        graph.add_edges_from(self.ends.tolist())
        number = {x: i for i, part in enumerate(nx.connected_components(graph)) for x in part}
        of = np.array([number[a] for a in self.ends[:, 0].tolist()], int)
        length = np.bincount(of, weights=ground_m(*self.xy[self.ends].swapaxes(0, 1)))
        return ~((length < 1000) & (length < 0.1 * length.max()))[of]


def walks(ways: Ways, homes: np.ndarray, shops: np.ndarray) -> np.ndarray:
    """Give metres, and unknown metres over the network, from every home to its nearest shop; inf and nan for none."""
    on: dict[int, list[tuple[float, object, np.ndarray]]] = {}
    legs = {}
    for what, points in (("home", homes), ("shop", shops)):
        for i, (way, along, foot) in enumerate(_feet(ways, points)):
            legs[what, i] = float(ground_m(foot, points[i])[0])
            on.setdefault(way, []).append((along, (what, i), foot))
    steps = _steps(ways, on)
    found = []
    for i in range(len(homes)):
        best = _search(steps, ("home", i))
        ends = [
            (best[x][0] + legs["home", i] + legs[x], best[x][1])
            for x in legs
            if x[0] == "shop" and x in best
        ]
        found.append(min(ends, default=(np.inf, np.nan)))
    return np.array(found).reshape(-1, 2)


def _feet(ways, points):
    """Give of every point the nearest way that is no island's, how far along it, and the point there."""
    main = np.flatnonzero(ways.main())
    tree = shapely.STRtree(shapely.linestrings(ways.xy[ways.ends[main]]))
    for point in shapely.points(points):
        way = int(main[tree.nearest(point)])
        line = shapely.LineString(ways.xy[ways.ends[way]])
        along = line.project(point)
        foot = np.array(line.interpolate(along).coords[0])
        if along in (0.0, line.length):
            foot = ways.xy[ways.ends[way, int(along > 0.0)]]
        yield way, along, foot


def _steps(ways, on):
    """Give from every point where one can go next, with metres and unknown metres."""
    steps: dict[object, list[tuple[object, float, float]]] = {}
    for way, (a, b) in enumerate(ways.ends.tolist()):
        between = [(x, at) for _, x, at in sorted(on.get(way, []), key=_along)]
        chain = [(a, ways.xy[a]), *between, (b, ways.xy[b])]
        for (x, at), (y, to) in pairwise(chain):
            metres = float(ground_m(at, to)[0])
            unknown = 0.0 if ways.known[way] else metres
            if ways.forward[way]:
                steps.setdefault(x, []).append((y, metres, unknown))
            if ways.backward[way]:
                steps.setdefault(y, []).append((x, metres, unknown))
    for way, points in on.items():
        for _, x, at in points:
            for node in ways.ends[way].tolist():  # at the end of a way one can go on anywhere
                if (at == ways.xy[node]).all():
                    steps.setdefault(node, []).append((x, 0.0, 0.0))
                    steps.setdefault(x, []).append((node, 0.0, 0.0))
    return steps


def _along(item: tuple[float, object, np.ndarray]) -> float:
    """Order points on a way by where they are."""
    return item[0]


def _search(steps, start):
    """Search by metres and then by unknown metres (Dijkstra, 1959)."""
    best, heap, count = {}, [(0.0, 0.0, 0, start)], 0
    while heap:
        metres, unknown, _, x = heapq.heappop(heap)
        if x in best:
            continue
        best[x] = metres, unknown
        for y, more, more_unknown in steps.get(x, []):
            count += 1
            heapq.heappush(heap, (metres + more, unknown + more_unknown, count, y))
    return best
