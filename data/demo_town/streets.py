"""Ways become a street network: bridges and tunnels are split off, junctions share one node."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely import LineString, Point, Polygon, STRtree
from shapely.ops import unary_union

from demo_town.plan import Plan, Tags, Way, part, straight_at

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

SQUARE = "square"  # marks the outline of a square, whose tags may belong on a relation
MERGE_M = 0.4  # nodes closer than this are one node
# A loose end is drawn on this far, straight ahead, to meet another way.
WELD_M = defaultdict(
    lambda: 34.0, footway=55.0, path=55.0, cycleway=40.0, living_street=1.0, track=40.0
)
NEAR_M = 12.0  # or else to a way that is this near
# A street that runs on this little beyond its last junction ends at the junction.
STUB_M = 26.0
STUBBED = {"residential", "tertiary", "unclassified", "footway", "cycleway"}


@dataclass
class Network:
    """Ways as lists of node numbers; a node that two ways share is a junction."""

    xy: list[tuple[float, float]] = field(default_factory=list)
    ways: list[tuple[list[int], Tags]] = field(default_factory=list)
    streets: list[Way] = field(default_factory=list)
    node_tags: dict[int, Tags] = field(default_factory=lambda: defaultdict(dict))
    _cells: dict[tuple[int, int], list[int]] = field(default_factory=lambda: defaultdict(list))

    def node(self, x: float, y: float) -> int:
        """Return the node at a place, a new one when none is within ``MERGE_M``."""
        column, row = math.floor(x), math.floor(y)
        for i in range(column - 1, column + 2):
            for j in range(row - 1, row + 2):
                for known in self._cells[i, j]:
                    if math.dist(self.xy[known], (x, y)) < MERGE_M:
                        return known
        self.xy.append((x, y))
        self._cells[column, row].append(len(self.xy) - 1)
        return len(self.xy) - 1

    def add(self, line: LineString, tags: Tags) -> None:
        """Add a line as a way, without doubled nodes."""
        nodes: list[int] = []
        for x, y in line.coords:
            number = self.node(x, y)
            if not nodes or nodes[-1] != number:
                nodes.append(number)
        if len(nodes) > 1:
            self.ways.append((nodes, tags))


def join_ways(plan: Plan) -> Network:
    """Split the plan's ways at water, railway and main road, and give junctions one node."""
    barriers = _barriers(plan)
    parts = [piece for way in plan.ways for piece in _pass_barriers(way, barriers)]
    for index, (square, tags) in enumerate(plan.squares):
        inside = Polygon(square.exterior).buffer(-0.2)
        parts = [piece for way in parts for piece in _outside(way, inside, shortest_m=6)]
        parts.append(Way(LineString(square.exterior.coords), tags | {SQUARE: str(index)}))
    ground = [way for way in parts if "layer" not in way.tags]
    joints = {end for way in parts if "layer" in way.tags for end in _ends(way.line)}
    _weld(ground, joints, unary_union(list(barriers.values())))
    lines = _without_stubs(_node(ground, plan.on_way), ground, joints)
    network = Network(streets=ground)
    for way, line in zip(ground, lines, strict=True):
        way.line = line
        network.add(line, way.tags)
    for way in parts:
        if "layer" in way.tags:
            network.add(way.line, way.tags)
    for point, tags in plan.on_way:
        network.node_tags[network.node(point.x, point.y)] |= tags
    return network


def _barriers(plan: Plan) -> dict[str, BaseGeometry]:
    """Return what stops a way unless it passes over, under or level: water, railway, main road."""
    rails = [way.line for way in plan.ways if "railway" in way.tags]
    roads = [way.line for way in plan.ways if way.tags.get("highway") == "primary"]
    return {
        "water": unary_union([shape for shape, _ in plan.water]).buffer(2.0),
        "rail": unary_union(rails).buffer(13.0),
        "road": unary_union(roads).buffer(11.0),
    }


def _pass_barriers(way: Way, barriers: dict[str, BaseGeometry]) -> list[Way]:
    pieces = [way]
    own = (
        "rail" if "railway" in way.tags else "road" if way.tags.get("highway") == "primary" else ""
    )
    for name, barrier in barriers.items():
        if name in way.level or name == own:
            continue
        if name in way.over:
            passage: Tags = {"bridge": "yes", "layer": "1"}
        elif name in way.under:
            passage = {"tunnel": "yes", "layer": "-1"}
        else:
            pieces = [kept for piece in pieces for kept in _outside(piece, barrier)]
            continue
        pieces = [kept for piece in pieces for kept in _passing(piece, barrier, passage)]
    return pieces


def _outside(way: Way, barrier: BaseGeometry, *, shortest_m: float = 14.0) -> list[Way]:
    """Return the parts of a way outside a barrier, without stubs."""
    if not way.line.intersects(barrier):
        return [way]
    rest = way.line.difference(barrier)
    lines = [line for line in getattr(rest, "geoms", [rest]) if line.length > shortest_m]
    return [Way(line, way.tags, plots=way.plots) for line in lines]


def _passing(way: Way, barrier: BaseGeometry, passage: Tags) -> list[Way]:
    """Return a way in parts, those inside the barrier tagged as bridge or tunnel."""
    if "layer" in way.tags or not way.line.intersects(barrier):
        return [way]
    inside = way.line.intersection(barrier)
    cuts = {0.0, way.line.length}
    for line in getattr(inside, "geoms", [inside]):
        cuts |= {way.line.project(Point(end)) for end in (line.coords[0], line.coords[-1])}
    pieces = []
    at = sorted(cuts)
    for start, end in pairwise(at):
        if end - start < 1.0:
            continue
        line = part(way.line, start, end)
        within = barrier.buffer(0.01).covers(line.interpolate(0.5, normalized=True))
        pieces.append(Way(line, way.tags | passage if within else way.tags, plots=way.plots))
    return pieces


def _ends(line: LineString) -> list[tuple[float, float]]:
    return [line.coords[0], line.coords[-1]]


def _weld(ways: list[Way], fixed: set[tuple[float, float]], barrier: BaseGeometry) -> None:
    """Draw loose ends on to the way before them, or the nearest; ends of bridges and tunnels stay."""
    lines = [way.line for way in ways]
    tree = STRtree(lines)
    for index, way in enumerate(ways):
        if "railway" in way.tags or way.line.is_ring:
            continue
        coords = list(way.line.coords)
        for at_start in (True, False):
            end = Point(coords[0] if at_start else coords[-1])
            if any(math.dist(end.coords[0], joint) < MERGE_M for joint in fixed):
                continue
            others = [
                i
                for i in tree.query(end, predicate="dwithin", distance=WELD_M[way.tags["highway"]])
                if i != index and not ways[i].tags.keys() & {"railway", "footway"}
            ]
            touch = _meeting_place(way, end, [lines[i] for i in others], at_start=at_start)
            if touch is not None and not LineString([end, touch]).intersects(barrier):
                coords.insert(0 if at_start else len(coords), (touch.x, touch.y))
        way.line = LineString(coords)


def _meeting_place(
    way: Way, end: Point, others: list[LineString], *, at_start: bool
) -> Point | None:
    """Find where a loose end meets another way: straight on, or else at the nearest point close by."""
    line = way.line.reverse() if at_start else way.line
    tail = part(line, max(line.length - STUB_M, 0.4 * line.length), line.length)
    if any(other.dwithin(tail, 0.03) for other in others):
        return None  # it is joined already, or will be cut back to its last junction
    here = straight_at(line, line.length)
    ahead = LineString([end, here.place(WELD_M[way.tags["highway"]], 0.0)])
    met = [
        Point(coord)
        for other in others
        for coord in shapely.get_coordinates(ahead.intersection(other))
    ]
    near = [other.interpolate(other.project(end)) for other in others]
    near = met or [point for point in near if point.distance(end) < NEAR_M]
    return min(near, key=end.distance, default=None)


def _without_stubs(
    lines: list[LineString], ways: list[Way], joints: set[tuple[float, float]]
) -> list[LineString]:
    """Cut off what sticks out beyond a line's last junction."""
    uses = Counter(key for line in lines for key in {_key(c) for c in line.coords})
    uses.update({_key(joint) for joint in joints})
    trimmed = []
    for line, way in zip(lines, ways, strict=True):
        coords = list(line.coords)
        if "railway" not in way.tags and not line.is_ring:
            for end in (0, -1):
                tail = next((i for i, c in enumerate(coords[:: 1 if end == 0 else -1])
                             if uses[_key(c)] > 1), 0)  # fmt: skip
                kept = coords[tail:] if end == 0 else coords[: len(coords) - tail]
                length = line.length - LineString(kept).length if len(kept) > 1 else math.inf
                if 0 < length < STUB_M and way.tags["highway"] in STUBBED:
                    coords = kept
                    line = LineString(coords)  # noqa: PLW2901 - the rest of the same line
        trimmed.append(LineString(coords))
    return trimmed


def _key(coord: tuple[float, ...]) -> tuple[int, int]:
    return round(coord[0] / MERGE_M), round(coord[1] / MERGE_M)


def _node(ways: list[Way], points: list[tuple[Point, Tags]]) -> list[LineString]:
    """Give every line a vertex where it meets another, and at the points that lie on it."""
    lines = [way.line for way in ways]
    tree = STRtree(lines)
    cuts: list[list[Point]] = [[] for _ in lines]
    for first, second in zip(*tree.query(lines, predicate="dwithin", distance=0.02), strict=True):
        if first < second:
            meeting = lines[first].intersection(lines[second])
            for shape in getattr(meeting, "geoms", [meeting]):
                for coord in np.asarray(shape.coords):
                    cuts[first].append(Point(coord))
                    cuts[second].append(Point(coord))
        if first != second:
            for end in _ends(lines[first]):
                if lines[second].distance(Point(end)) < 0.05:
                    cuts[second].append(Point(end))
    for point, _ in points:
        cuts[tree.nearest(point)].append(point)
    return [_with_vertices(line, extra) for line, extra in zip(lines, cuts, strict=True)]


def _with_vertices(line: LineString, extra: list[Point]) -> LineString:
    at = [(line.project(Point(c)), c) for c in line.coords]
    at[-1] = (line.length, line.coords[-1])
    at += [(line.project(p), (p.x, p.y)) for p in extra]
    first, *middle, last = sorted(at, key=lambda item: item[0])
    return LineString([first[1], *(xy for _, xy in middle), last[1]])
