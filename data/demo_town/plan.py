"""What a town plan is made of: ways, water, buildings and things along the road, in local metres.

The plan is drawn in metres east and north of the Grote Kerk. Nothing here knows OpenStreetMap ids
or coordinates of the earth; ``streets`` joins the ways and ``osm_file`` writes them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import pairwise
from random import Random
from typing import TYPE_CHECKING

from shapely import LineString, Point, Polygon
from shapely.affinity import rotate, translate
from shapely.geometry import box
from shapely.ops import substring

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Xy = tuple[float, float]
Tags = dict[str, str]


@dataclass(frozen=True)
class Plots:
    """How houses stand along a street: the frontage and depth of one house, and the rows they form."""

    width_m: float = 5.8
    depth_m: float = 10.0
    setback_m: float = 7.0
    row: tuple[int, int] = (4, 8)
    gap_m: float = 4.0
    fill_share: float = 1.0
    upstairs_share: float = 0.0
    sides: tuple[int, ...] = (1, -1)
    building: str = "house"


@dataclass(eq=False)
class Way:
    """One way: its line, its tags, what it passes over, under or level, and the houses along it.

    Where it meets ``water``, ``rail`` or ``road`` that it does not name, it ends on both sides.
    """

    line: LineString
    tags: Tags
    over: tuple[str, ...] = ()
    under: tuple[str, ...] = ()
    level: tuple[str, ...] = ()
    plots: Plots | None = None


@dataclass(frozen=True)
class Flat:
    """A block of flats: its outline, street, and how many homes lie on each of its floors."""

    outline: Polygon
    street: str
    floors: int
    per_floor: int


@dataclass
class Plan:
    """The whole plan, filled quarter by quarter."""

    ways: list[Way] = field(default_factory=list)
    squares: list[tuple[Polygon, Tags]] = field(default_factory=list)
    water: list[tuple[Polygon, Tags]] = field(default_factory=list)
    waterlines: list[tuple[LineString, Tags]] = field(default_factory=list)
    ground: list[tuple[Polygon, Tags]] = field(default_factory=list)
    flats: list[Flat] = field(default_factory=list)
    on_way: list[tuple[Point, Tags]] = field(default_factory=list)
    points: list[tuple[Point, Tags]] = field(default_factory=list)
    reserved: list[Polygon] = field(default_factory=list)
    rng: Random = field(default_factory=lambda: Random(1968))  # noqa: S311 - a seed, no secret

    def way(
        self,
        kind: str,
        points: Sequence[Xy] | LineString,
        name: str = "",
        *,
        over: Sequence[str] = (),
        under: Sequence[str] = (),
        level: Sequence[str] = (),
        plots: Plots | None = None,
        curve: bool = False,
        **tags: str,
    ) -> Way:
        """Add a way of a kind of ``KINDS``; a tag given as ``"-"`` is left out."""
        line = points if isinstance(points, LineString) else LineString(points)
        all_tags = {"railway" if kind == "rail" else "highway": kind, **self._usual_tags(kind)}
        if name:
            all_tags["name"] = name
        all_tags |= {key.replace("__", ":"): value for key, value in tags.items()}
        made = Way(
            rounded(line) if curve else line,
            {key: value for key, value in all_tags.items() if value != "-"},
            tuple(over),
            tuple(under),
            tuple(level),
            plots,
        )
        self.ways.append(made)
        return made

    def _usual_tags(self, kind: str) -> Tags:
        """Tags as unevenly present as mappers leave them: most attributes are unknown."""
        return {
            key: self.rng.choice(values)
            for key, (share, values) in KINDS[kind].items()
            if self.rng.random() < share
        }

    def along(self, way: Way, offset_m: float, kind: str, **tags: str) -> Way:
        """Add a path parallel to a way, left of it when the offset is positive."""
        return self.way(
            kind,
            way.line.offset_curve(offset_m),
            over=way.over,
            under=way.under,
            level=way.level,
            **tags,
        )

    def crossings(self, way: Way, spacing_m: float, half_m: float, kinds: Sequence[str]) -> None:
        """Add footways across a road, with the kerbs and the kind of crossing on their nodes."""
        at = spacing_m / 2
        while at < way.line.length - 10:
            here = straight_at(way.line, at)
            x, y = here.x, here.y
            left, right = here.across(half_m), here.across(-half_m)
            self.way("footway", [left, (x, y), right], footway="crossing")
            self.on_way.append(
                (Point(x, y), {"highway": "crossing", "crossing": self.rng.choice(kinds)})
            )
            for end in (left, right):
                kerb = self.rng.choice(["lowered", "lowered", "flush", "raised", ""])
                if kerb:
                    self.on_way.append((Point(end), {"barrier": "kerb", "kerb": kerb}))
            at += spacing_m

    def strips(  # noqa: PLR0913 - the measures of a strip of flats
        self,
        way: Way,
        at_m: Iterable[float],
        *,
        side: int,
        length_m: float = 56.0,
        floors: int = 4,
        per_floor: int = 8,
        depth_m: float = 11.0,
        gap_m: float = 12.0,
        path_m: float = 95.0,
    ) -> None:
        """Add portiekflats square to a street, each with a footpath along its doors to the next."""
        for at in at_m:
            here = straight_at(way.line, at)
            inner, outer = side * gap_m, side * (gap_m + length_m)
            outline = here.rectangle(0.0, depth_m, inner, outer)
            path = [
                here.place(depth_m / 2 + 6, 0.0),
                here.place(depth_m / 2 + 6, side * path_m),
            ]
            self.flats.append(Flat(outline, way.tags["name"], floors, per_floor))
            self.way("footway", path)


@dataclass(frozen=True)
class Place:
    """A point of a line with the direction there; ``place`` measures along and to the left of it."""

    x: float
    y: float
    ux: float
    uy: float

    def place(self, along_m: float, left_m: float) -> Xy:
        """Return the point so far along the direction and to the left of it."""
        return (
            self.x + along_m * self.ux - left_m * self.uy,
            self.y + along_m * self.uy + left_m * self.ux,
        )

    def across(self, left_m: float) -> Xy:
        """Return the point so far to the left."""
        return self.place(0.0, left_m)

    def rectangle(self, centre_m: float, width_m: float, near_m: float, far_m: float) -> Polygon:
        """Return a rectangle around ``centre_m`` along the line, between two distances to the left."""
        first, last = centre_m - width_m / 2, centre_m + width_m / 2
        return Polygon(
            [
                self.place(first, near_m),
                self.place(last, near_m),
                self.place(last, far_m),
                self.place(first, far_m),
            ]
        )


def straight_at(line: LineString, at_m: float) -> Place:
    """Find the point at a distance along a line, and the direction of the line there."""
    before, here = line.interpolate(max(at_m - 1, 0.0)), line.interpolate(at_m)
    after = line.interpolate(min(at_m + 1, line.length))
    dx, dy = after.x - before.x, after.y - before.y
    size = math.hypot(dx, dy)
    return Place(here.x, here.y, dx / size, dy / size)


def rounded(line: LineString, times: int = 2) -> LineString:
    """Cut a line's corners (Chaikin), the ends staying where they are."""
    points = list(line.coords)
    for _ in range(times):
        cut = [points[0]]
        for (x0, y0), (x1, y1) in pairwise(points):
            cut += [
                (0.75 * x0 + 0.25 * x1, 0.75 * y0 + 0.25 * y1),
                (0.25 * x0 + 0.75 * x1, 0.25 * y0 + 0.75 * y1),
            ]
        points = [*cut, points[-1]]
    return LineString(points)


def arc(centre: Xy, radius_m: float, start_deg: float, end_deg: float) -> LineString:
    """Return part of a circle, angles counted from the east, anticlockwise."""
    steps = max(4, round(abs(end_deg - start_deg) / 180 * math.pi * radius_m / 18))
    angles = [math.radians(start_deg + (end_deg - start_deg) * i / steps) for i in range(steps + 1)]
    return LineString(
        [(centre[0] + radius_m * math.cos(a), centre[1] + radius_m * math.sin(a)) for a in angles]
    )


def block(centre: Xy, width_m: float, depth_m: float, angle_deg: float = 0.0) -> Polygon:
    """Return a rectangle turned about its centre."""
    shape = box(-width_m / 2, -depth_m / 2, width_m / 2, depth_m / 2)
    return translate(rotate(shape, angle_deg, origin=(0, 0)), *centre)


def part(line: LineString, start_m: float, end_m: float) -> LineString:
    """Return the part of a line between two distances."""
    return substring(line, start_m, end_m)


_PAVED = ["paving_stones", "paving_stones", "paving_stones", "asphalt"]
_STATE = ["good", "good", "intermediate"]
# kind → tag → (share of ways that have it, what it is then)
KINDS: dict[str, dict[str, tuple[float, list[str]]]] = {
    "residential": {
        "surface": (0.45, _PAVED),
        "maxspeed": (0.8, ["30"]),
        "lit": (0.3, ["yes"]),
        "smoothness": (0.2, _STATE),
        "sidewalk": (0.2, ["both", "both", "right", "no"]),
    },
    "living_street": {"surface": (0.6, ["paving_stones"]), "maxspeed": (0.7, ["15"])},
    "pedestrian": {"surface": (0.8, ["paving_stones", "sett"]), "lit": (0.6, ["yes"])},
    "primary": {"surface": (1, ["asphalt"]), "maxspeed": (1, ["80"]), "foot": (1, ["no"])},
    "tertiary": {"surface": (0.9, ["asphalt"]), "maxspeed": (0.9, ["50"]), "lit": (0.6, ["yes"])},
    "unclassified": {"surface": (0.6, ["asphalt"]), "maxspeed": (0.8, ["60"])},
    "service": {"surface": (0.2, ["paving_stones", "asphalt"])},
    "cycleway": {
        "surface": (0.7, ["asphalt", "asphalt", "paving_stones"]),
        "lit": (0.4, ["yes"]),
        "smoothness": (0.5, ["good"]),
        "width": (0.1, ["2.5", "3", "3.5"]),
    },
    "footway": {
        "surface": (0.45, ["paving_stones", "paving_stones", "asphalt", "fine_gravel"]),
        "lit": (0.3, ["yes"]),
        "smoothness": (0.3, _STATE),
        "width": (0.15, ["0.8", "1.2", "1.5", "1.8"]),
    },
    "path": {"surface": (0.5, ["fine_gravel", "ground", "compacted", "wood"])},
    "track": {
        "surface": (0.5, ["grass_paver", "ground", "concrete"]),
        "tracktype": (0.6, ["grade2"]),
    },
    "steps": {
        "incline": (0.8, ["up"]),
        "handrail": (0.4, ["yes"]),
        "step_count": (0.5, ["8", "12"]),
    },
    "rail": {"usage": (1, ["main"]), "electrified": (1, ["contact_line"])},
}
