"""Walking distances the slow way, from raw segments: networkx, shapely and Geod, none of the library's loops."""

from __future__ import annotations

from dataclasses import dataclass

import networkx as nx
import numpy as np
import pyproj
import shapely

GEOD = pyproj.Geod(ellps="WGS84")
TO_DEGREES = pyproj.Transformer.from_crs("EPSG:28992", "EPSG:4326", always_xy=True)


def ground_m(start, end):
    """Geodesic metres between points in RD New, shape (n, 2) each."""
    start, end = np.atleast_2d(start), np.atleast_2d(end)
    return GEOD.inv(*TO_DEGREES.transform(*start.T), *TO_DEGREES.transform(*end.T))[2]


@dataclass
class Oracle:
    """A street network as raw segments between points, each segment once."""

    xy: np.ndarray
    segments: list[tuple[int, int]]
    forward: list[bool]
    backward: list[bool]

    @classmethod
    def of(cls, xy, segments, forward=None, backward=None):
        """Merge segments between the same two points; drop those that go nowhere."""
        ways: dict[tuple[int, int], list[bool]] = {}
        for i, (a, b) in enumerate(np.asarray(segments).tolist()):
            there = True if forward is None else bool(forward[i])
            back = True if backward is None else bool(backward[i])
            if a == b or not (there or back):
                continue
            if a > b:
                a, b, there, back = b, a, back, there  # noqa: PLW2901
            known = ways.setdefault((a, b), [False, False])
            known[0] |= there
            known[1] |= back
        return cls(
            np.asarray(xy, float),
            list(ways),
            [w[0] for w in ways.values()],
            [w[1] for w in ways.values()],
        )

    def __post_init__(self):
        ends = np.array(self.segments).reshape(-1, 2)
        self.lines = shapely.linestrings(self.xy[ends])
        self.length = ground_m(self.xy[ends[:, 0]], self.xy[ends[:, 1]])
        self.ends = ends
        graph = nx.Graph()
        graph.add_edges_from(self.segments)
        self.component = {
            node: i for i, nodes in enumerate(nx.connected_components(graph)) for node in nodes
        }
        of = np.array([self.component[a] for a, _ in self.segments])
        total = np.bincount(of, weights=self.length)
        island = (total < 1000) & (total < 0.1 * total.max())
        self.island = island[of]
        self.tree = shapely.STRtree(self.lines[~self.island])
        self.main = np.flatnonzero(~self.island)

    def snap(self, points):
        """Nearest segment that is no island's, foot and leg of every point; and whether another foot is as near."""
        points = np.asarray(points, float).reshape(-1, 2)
        which = self.main[self.tree.nearest(shapely.points(points))]
        foot = shapely.get_coordinates(
            shapely.shortest_line(self.lines[which], shapely.points(points))
        )[::2]
        return which, foot, ground_m(foot, points)

    def is_tie(self, point, slack=1e-6):
        """Say whether several streets are nearest, other than those that meet in the nearest point."""
        p = shapely.Point(point)
        distance = shapely.distance(self.lines[self.main], p)
        near = self.main[distance <= distance.min() + slack]
        shared = set.intersection(*(set(self.segments[s]) for s in near))
        foot = shapely.get_coordinates(shapely.shortest_line(self.lines[near[0]], p))[0]
        return len(near) > 1 and not any(
            np.hypot(*(self.xy[node] - foot)) <= slack for node in shared
        )

    def split(self, segment, foot):
        """Graph with every (segment, foot) as a node ``("s", i)``, in walking direction, with ground metres."""
        graph = nx.MultiDiGraph()
        graph.add_nodes_from(range(len(self.xy)))
        on: dict[int, list[int]] = {}
        for i, s in enumerate(segment):
            on.setdefault(int(s), []).append(i)
        for s, (a, b) in enumerate(self.segments):
            if s in on:
                start = self.xy[a]
                order = sorted(
                    on[s], key=lambda i, start=start: float(np.hypot(*(foot[i] - start)))
                )
                chain = [a, *(("s", i) for i in order), b]
                at = [self.xy[a], *(foot[i] for i in order), self.xy[b]]
                steps = ground_m(np.array(at[:-1]), np.array(at[1:]))
            else:
                chain, steps = [a, b], [self.length[s]]
            for u, v, metres in zip(chain[:-1], chain[1:], steps, strict=True):
                if self.forward[s]:
                    graph.add_edge(u, v, weight=float(metres))
                if self.backward[s]:
                    graph.add_edge(v, u, weight=float(metres))
        for i, s in enumerate(segment):  # a point at a node is that node
            for node in self.segments[int(s)]:
                if (foot[i] == self.xy[node]).all():
                    graph.add_edge(node, ("s", i), weight=0.0)
                    graph.add_edge(("s", i), node, weight=0.0)
        return graph

    def street_within(self, graph, reached, limit):
        """Street metres from which ``reached`` (node → metres to walk to the facility) is within the limit."""
        total = 0.0
        seen: dict[tuple, list] = {}
        for u, v, data in graph.edges(data=True):
            key = (u, v) if str(u) < str(v) else (v, u)
            seen.setdefault((*key, round(data["weight"], 9)), []).append((u, v))
        for (_, _, metres), ways in seen.items():
            # walking u → v, one is at v after it: the part next to v is within reach
            cover = [max(0.0, limit - reached.get(v, np.inf)) for _, v in set(ways)]
            total += min(metres, sum(min(c, metres) for c in cover))
        return total
