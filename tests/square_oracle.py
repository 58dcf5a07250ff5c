"""Walking over squares the slow way: every corner, every line of sight, by shapely and networkx."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import combinations, pairwise

import networkx as nx
import numpy as np
import pyproj
import shapely
from reach_oracle import TO_DEGREES, ground_m

from geowoonzorg.walk.network import WalkNetwork

TO_RD = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:28992", always_xy=True)
CORNER = np.array([190_000.0, 507_000.0])
SQUARE = {"highway": "pedestrian"}
STREET = {"highway": "residential"}
DRIVE = {"highway": "service", "access": "private"}
#: A line of sight may leave the ground by this much (m).
SLACK_M = 1e-6


@dataclass
class Plan:
    """A town as drawn: nodes (metres from the corner), streets, and squares as rings, the first the shell.

    ``drives`` are private streets; ``private`` are the numbers of the squares that are, and ``related`` of those that
    are drawn as relations although they have no hole. ``upon`` says that holes are not drawn, but what lies in them.
    """

    nodes: dict[int, tuple[float, float]] = field(default_factory=dict)
    streets: list[list[int]] = field(default_factory=list)
    squares: list[list[list[int]]] = field(default_factory=list)
    drives: list[list[int]] = field(default_factory=list)
    private: set[int] = field(default_factory=set)
    related: set[int] = field(default_factory=set)
    upon: bool = False

    def add(self, *places) -> list[int]:
        """Add nodes."""
        first = len(self.nodes) + 1
        ids = list(range(first, first + len(places)))
        self.nodes |= dict(zip(ids, [tuple(map(float, place)) for place in places], strict=True))
        return ids

    def leave(self, node: int, metres: float = 1500.0) -> int:
        """Add a street from a node to far away, off the corner of the town."""
        x, y = self.nodes[node]
        dx, dy = (x, y) if (x, y) != (0.0, 0.0) else (-1.0, -1.0)
        length = float(np.hypot(dx, dy))
        (far,) = self.add((x + dx / length * metres, y + dy / length * metres))
        self.streets.append([node, far])
        return far

    def degrees(self):
        """WGS 84, rounded as OSM does."""
        xy = CORNER + np.array(list(self.nodes.values()))
        return np.column_stack([np.round(c, 7) for c in TO_DEGREES.transform(*xy.T)])

    def network(self, folder, **options) -> WalkNetwork:
        """Write it as an OSM file, squares as one way where they have no hole, and read that."""
        lines = ['<?xml version="1.0"?><osm version="0.6">']
        for node, (lon, lat) in zip(self.nodes, self.degrees().tolist(), strict=True):
            lines.append(f'<node id="{node}" version="1" lat="{lat:.7f}" lon="{lon:.7f}"/>')
        relations, way, drawn = [], 0, {}

        def add_way(nodes, tags):
            nonlocal way
            way += 1
            refs = "".join(f'<nd ref="{n}"/>' for n in nodes)
            lines.append(f'<way id="{way}" version="1">{refs}{_tags(tags)}</way>')
            drawn[frozenset(nodes)] = way
            return way

        for street in self.streets:
            add_way(street, STREET)
        for drive in self.drives:
            add_way(drive, DRIVE)
        as_ways = [
            k
            for k, rings in enumerate(self.squares)
            if (len(rings) == 1 or self.upon) and k not in self.related
        ]
        for k in as_ways:
            shell, *_ = self.squares[k]
            add_way([*shell, shell[0]], self._tags_of(k) | {"area": "yes"})
        for k, (shell, *holes) in enumerate(self.squares):
            if k in as_ways:
                continue
            members = [  # a ring that is a square itself is a member as that
                f'<member type="way" ref="{drawn.get(frozenset(ring)) or add_way([*ring, ring[0]], {})}"'
                f' role="{role}"/>'
                for ring, role in [(shell, "outer"), *((hole, "inner") for hole in holes)]
            ]
            tags = _tags(self._tags_of(k) | {"type": "multipolygon"})
            relations.append(
                f'<relation id="{k + 1}" version="1">{"".join(members)}{tags}</relation>'
            )
        path = folder / "town.osm"
        path.write_text("".join([*lines, *relations, "</osm>"]))
        return WalkNetwork.from_osm(path, profile="wandelaar", **options)

    def _tags_of(self, square):
        return SQUARE | ({"access": "private"} if square in self.private else {})


def _tags(tags):
    return "".join(f'<tag k="{k}" v="{v}"/>' for k, v in tags.items())


class Oracle:
    """Walking distances in a plan: streets by their nodes, and any straight line that stays on the ground."""

    def __init__(self, plan: Plan):
        self.xy = dict(
            zip(plan.nodes, np.column_stack(TO_RD.transform(*plan.degrees().T)), strict=True)
        )
        rings = [[[*ring, ring[0]] for ring in square] for square in plan.squares]
        self.ground = shapely.union_all(
            [
                shapely.make_valid(
                    shapely.Polygon(self._line(shell), [self._line(h) for h in holes])
                )
                for shell, *holes in rings
            ]
        )
        self.wider = self.ground.buffer(SLACK_M)
        shapely.prepare(self.wider)
        shapely.prepare(self.ground)
        self.outline = {
            tuple(sorted(side)) for square in rings for ring in square for side in pairwise(ring)
        }
        self.streets = {tuple(sorted(s)) for street in plan.streets for s in pairwise(street)}
        self.segments = sorted(self.outline | self.streets)
        self.lines = shapely.linestrings([[self.xy[a], self.xy[b]] for a, b in self.segments])
        self.graph = nx.Graph()
        for a, b in self.segments:
            self._join(a, b, self.xy[a], self.xy[b])
        self.corners = sorted({n for side in self.outline for n in side})
        self._see([(n, self.xy[n]) for n in self.corners])
        self.metres_of = {}

    def _line(self, ring):
        return [self.xy[n] for n in ring]

    def _join(self, a, b, start, end):
        metres = float(ground_m(start, end)[0])
        if not self.graph.has_edge(a, b) or self.graph[a][b]["weight"] > metres:
            self.graph.add_edge(a, b, weight=metres)

    def _see(self, places, others=None):
        pairs = list(combinations(places, 2)) if others is None else [
            (p, q) for p in places for q in others
        ]  # fmt: skip
        if not pairs:
            return
        lines = shapely.linestrings([[p[1], q[1]] for p, q in pairs])
        for (p, q), clear in zip(pairs, shapely.covers(self.wider, lines), strict=True):
            if clear:
                self._join(p[0], q[0], p[1], q[1])

    def foot(self, xy):
        """Where a place stands on the ground or joins a line: the foot, and the line (None on the ground)."""
        point = shapely.Point(xy)
        if self.ground.intersects(point):
            return np.asarray(xy, float), None
        k = int(np.argmin(shapely.distance(self.lines, point)))
        return shapely.get_coordinates(shapely.shortest_line(self.lines[k], point))[
            0
        ], self.segments[k]

    def leg(self, xy):
        """Straight metres from a place to its foot."""
        return float(ground_m(self.foot(xy)[0], xy)[0])

    def add(self, name, xy):
        """Add a place: on the ground where it stands on it, else at the nearest line; returns its leg (m)."""
        foot, side = self.foot(xy)
        if side is not None:
            a, b = side
            for end in (a, b):
                self._join(name, end, foot, self.xy[end])
            for other, (where, segment) in self.metres_of.items():
                if segment == side:
                    self._join(name, other, foot, where)
        if self.wider.covers(shapely.Point(foot)):
            corners = [(n, self.xy[n]) for n in self.corners]
            placed = [(n, where) for n, (where, _) in self.metres_of.items()]
            placed = [(n, w) for n, w in placed if self.wider.covers(shapely.Point(w))]
            self._see([(name, foot)], corners + placed)
        if name not in self.graph:
            self.graph.add_node(name)
        self.metres_of[name] = foot, side
        return float(ground_m(foot, xy)[0])

    def metres(self, origins, facilities):
        """Walking distances between places, shape (n_origins, n_facilities); inf where there is no way."""
        legs = {}
        for kind, places in (("o", origins), ("f", facilities)):
            for i, xy in enumerate(places):
                legs[kind, i] = self.add((kind, i), xy)
        out = np.full((len(origins), len(facilities)), np.inf)
        for j in range(len(facilities)):
            found = nx.single_source_dijkstra_path_length(self.graph, ("f", j))
            for i in range(len(origins)):
                if ("o", i) in found:
                    out[i, j] = found["o", i] + legs["o", i] + legs["f", j]
        return out
