"""Houses along the streets: building outlines, and an address with number and postcode per home."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from shapely import LineString, Point, Polygon, STRtree

from demo_town.plan import Flat, Plan, Plots, Tags, Way, straight_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HALF_WIDTH_M = {"tertiary": 7.0, "residential": 3.2, "living_street": 2.8, "primary": 14.0}
LETTERS = "ABCDEGHJKLMNPRSTVWXZ"
PER_POSTCODE = 22  # a postcode is one side of a street, some twenty homes long


@dataclass(frozen=True)
class Home:
    """One address before it has a number: where along its street it stands, and at which place."""

    street: str
    side: int
    along: float
    place: Point
    letter: str = ""


@dataclass(frozen=True)
class Address:
    """One address as it is mapped."""

    street: str
    number: str
    postcode: str
    city: str
    place: Point


class Ground:
    """What is taken already: buildings, reserved ground and everything that may not be built on."""

    def __init__(self, plan: Plan, ways: list[Way]) -> None:
        self._shapes = [
            way.line.buffer(HALF_WIDTH_M.get(way.tags.get("highway", ""), 1.6), cap_style="flat")
            for way in ways
        ]
        self._shapes += [shape.buffer(3.0) for shape, _ in plan.water] + plan.reserved
        self._shapes += [shape.buffer(1.0) for shape, tags in plan.ground if "building" in tags]
        self._tree = STRtree(self._shapes)
        self._cells: dict[tuple[int, int], list[Polygon]] = defaultdict(list)

    def is_free(self, outline: Polygon) -> bool:
        """Tell whether an outline touches nothing."""
        if len(self._tree.query(outline, predicate="intersects")):
            return False
        return not any(
            outline.intersects(other) for cell in _cells(outline) for other in self._cells[cell]
        )

    def take(self, outline: Polygon, margin_m: float = 1.5) -> None:
        """Build here: nothing else comes within the margin."""
        wide = outline.buffer(margin_m, join_style="mitre")
        for cell in _cells(wide):
            self._cells[cell].append(wide)


def _cells(shape: Polygon) -> Iterator[tuple[int, int]]:
    west, south, east, north = shape.bounds
    for column in range(int(west // 60), int(east // 60) + 1):
        for row in range(int(south // 60), int(north // 60) + 1):
            yield column, row


def build_houses(
    plan: Plan, ways: list[Way], ground: Ground
) -> tuple[list[tuple[Polygon, Tags]], list[Home]]:
    """Build the flats first and then rows along every street that has plots.

    ``ways`` are the plan's streets after bridges and tunnels have been split off; ``ground`` is
    what is free, and afterwards what is left.
    """
    rng = Random(20_231)  # noqa: S311 - a seed, no secret
    buildings: list[tuple[Polygon, Tags]] = []
    homes: list[Home] = []
    streets: dict[str, LineString] = {
        way.tags["name"]: way.line for way in plan.ways if "name" in way.tags
    }
    for flat in plan.flats:
        if ground.is_free(flat.outline):
            ground.take(flat.outline, 4.0)
            buildings.append((flat.outline, {"building": "apartments",
                                             "building:levels": str(flat.floors)}))  # fmt: skip
            homes += _homes_in_flat(flat, streets[flat.street])
    walked: dict[str, float] = defaultdict(float)  # metres of each street so far, over its ways
    for way in ways:
        if way.plots is not None and "layer" not in way.tags and "name" in way.tags:
            for side in way.plots.sides:
                for outline, at, count in _rows(way, way.plots, side, ground, rng):
                    buildings.append((outline, {"building": way.plots.building}))
                    start = walked[way.tags["name"]] + at
                    homes += _homes_in_row(way, outline, start, count, side, rng)
        walked[way.tags.get("name", "")] += way.line.length
    return buildings, homes


def _homes_in_flat(flat: Flat, street: LineString) -> list[Home]:
    first, second, third, _, _ = flat.outline.exterior.coords
    along = street.project(flat.outline.centroid)
    here = straight_at(street, along)
    centre = flat.outline.centroid
    cross = here.ux * (centre.y - here.y) - here.uy * (centre.x - here.x)
    side = 1 if cross > 0 else -1
    homes = []
    for i in range(flat.per_floor):
        share = (i + 0.5) / flat.per_floor
        for floor in range(flat.floors):
            depth = 0.3 + 0.4 * floor / flat.floors
            x = second[0] + (third[0] - second[0]) * share + (first[0] - second[0]) * depth
            y = second[1] + (third[1] - second[1]) * share + (first[1] - second[1]) * depth
            at = along + 1e-3 * (i * flat.floors + floor)
            homes.append(Home(flat.street, side, at, Point(x, y)))
    return homes


def _rows(
    way: Way, plots: Plots, side: int, ground: Ground, rng: Random
) -> Iterator[tuple[Polygon, float, int]]:
    """Fill one side of a street with rows, as long as there is room for them."""
    at = 4.0
    while at + plots.width_m * plots.row[0] < way.line.length - 3:
        count = rng.randint(*plots.row)
        if rng.random() > plots.fill_share:
            at += count * plots.width_m + plots.gap_m
            continue
        outline = _row_outline(way.line, at, count, plots, side)
        while count > plots.row[0] and (outline is None or not ground.is_free(outline)):
            count -= 1
            outline = _row_outline(way.line, at, count, plots, side)
        if outline is None or not ground.is_free(outline):
            at += 3.0
            continue
        ground.take(outline)
        yield outline, at, count
        at += count * plots.width_m + plots.gap_m * rng.uniform(0.7, 1.6)


def _row_outline(
    line: LineString, at: float, count: int, plots: Plots, side: int
) -> Polygon | None:
    """Return a straight row along a street, or nothing where the street bends too much or ends."""
    end = at + count * plots.width_m
    if end > line.length - 3:
        return None
    first, last = line.interpolate(at), line.interpolate(end)
    chord = LineString([first, last])
    if chord.length < 0.97 * (end - at):
        return None
    middle = straight_at(chord, chord.length / 2)
    near, far = side * plots.setback_m, side * (plots.setback_m + plots.depth_m)
    return middle.rectangle(0.0, count * plots.width_m, near, far)


def _homes_in_row(
    way: Way, outline: Polygon, start: float, count: int, side: int, rng: Random
) -> list[Home]:
    plots = way.plots or Plots()
    (x0, y0), (x1, y1), (x2, y2), _, _ = outline.exterior.coords
    street, homes = way.tags["name"], []
    if plots.building == "industrial":
        count = 1
    for i in range(count):
        share = (i + 0.5) / count
        x = x0 + (x1 - x0) * share + (x2 - x1) * 0.3
        y = y0 + (y1 - y0) * share + (y2 - y1) * 0.3
        along = start + i * plots.width_m
        homes.append(Home(street, side, along, Point(x, y)))
        if rng.random() < plots.upstairs_share:
            up = Point(x + (x2 - x1) * 0.15, y + (y2 - y1) * 0.15)
            homes += [Home(street, side, along, up, letter) for letter in "ab"[: rng.randint(1, 2)]]
    return homes


def number_homes(homes: list[Home], city_at: Callable[[Point], tuple[str, str]]) -> list[Address]:
    """Give homes a number, odd on the left of the street and even on the right, and a postcode.

    ``city_at`` gives the first four figures of the postcode and the woonplaats at a place.
    """
    sides: dict[tuple[str, int], list[Home]] = defaultdict(list)
    for home in homes:
        sides[home.street, home.side].append(home)
    used: dict[str, int] = defaultdict(int)
    addresses = []
    for (street, side), members in sorted(sides.items()):
        members.sort(key=lambda home: (home.along, home.letter))
        digits, city = city_at(members[0].place)
        number = -1 if side > 0 else 0
        for start in range(0, len(members), PER_POSTCODE):
            postcode = f"{digits}{_letters(used[digits])}"
            used[digits] += 1
            for home in members[start : start + PER_POSTCODE]:
                number += 0 if home.letter else 2
                label = f"{number}{home.letter.upper()}"
                addresses.append(Address(street, label, postcode, city, home.place))
    return addresses


def _letters(index: int) -> str:
    return LETTERS[index // len(LETTERS)] + LETTERS[index % len(LETTERS)]
