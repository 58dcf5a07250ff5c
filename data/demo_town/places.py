"""What has a door: buildings on free ground, points in houses, stops beside the road, sites."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from shapely import Point, Polygon

from demo_town.plan import Plan, Tags, Way, straight_at

if TYPE_CHECKING:
    from pathlib import Path

    from demo_town.houses import Address, Ground

KERB_M = 9.0  # from the middle of the street to the front of a building
STREETS = {"residential", "pedestrian", "tertiary", "living_street", "unclassified"}


@dataclass(frozen=True)
class Building:
    """A building with its tags and its doors, which are points of the outline."""

    outline: Polygon
    tags: Tags
    doors: list[Point]


@dataclass
class Places:
    """Everything of ``places.toml``, put where there is room for it."""

    buildings: list[Building] = field(default_factory=list)
    points: list[tuple[Point, Tags]] = field(default_factory=list)
    sites: list[dict[str, Any]] = field(default_factory=list)
    register: list[dict[str, Any]] = field(default_factory=list)

    def where(self, name: str) -> Point:
        """Find a facility by its name."""
        found = [b.outline.centroid for b in self.buildings if b.tags.get("name") == name]
        return (found + [point for point, tags in self.points if tags.get("name") == name])[0]

    def with_tag(self, key: str, value: str) -> list[Point]:
        """Return where something with a tag stands."""
        found = [b.outline.centroid for b in self.buildings if b.tags.get(key) == value]
        return found + [point for point, tags in self.points if tags.get(key) == value]


def read_places(path: Path) -> dict[str, list[dict[str, Any]]]:
    """Read ``places.toml``."""
    return tomllib.loads(path.read_text(encoding="utf-8"))


def add_stops(plan: Plan, stops: list[dict[str, Any]]) -> None:
    """Put a pole on both sides of the road, and for some stops a stop position on the road itself."""
    for stop in stops:
        at = Point(stop["at"])
        roads = [way for way in plan.ways if way.tags.get("highway") in STREETS]
        road = min(roads, key=lambda way: way.line.distance(at))
        along = road.line.project(at)
        tags: Tags = {"highway": "bus_stop", "public_transport": "platform", "bus": "yes",
                      "name": stop["name"]}  # fmt: skip
        for ahead, left in ((14.0, -5.5), (-14.0, 5.5)):
            here = straight_at(road.line, min(max(along + ahead, 1.0), road.line.length - 1))
            plan.points.append((Point(here.across(left)), tags))
            if stop.get("double"):
                standing = {"public_transport": "stop_position", "bus": "yes", "name": stop["name"]}
                plan.on_way.append((Point(here.x, here.y), standing))


def put_buildings(
    entries: dict[str, list[dict[str, Any]]], streets: list[Way], ground: Ground
) -> Places:
    """Give the buildings and the sites with a size the nearest free ground along a street."""
    places = Places()
    named = [
        way for way in streets if way.tags.get("highway") in STREETS and "layer" not in way.tags
    ]
    for entry in entries["building"]:
        outline = _free_ground(Point(entry["at"]), entry["size_m"], named, ground)
        ground.take(outline, 3.0)
        first, second, third, fourth, _ = (Point(c) for c in outline.exterior.coords)
        fronts = [(first, second), (third, fourth)][: entry["entrances"]]
        doors = [Point((a.x + b.x) / 2, (a.y + b.y) / 2) for a, b in fronts]
        places.buildings.append(Building(outline, entry["tags"], doors))
    for entry in entries["site"]:
        shape: Point | Polygon = Point(entry["at"])
        if "size_m" in entry:
            shape = _free_ground(Point(entry["at"]), entry["size_m"], named, ground)
            ground.take(shape, 2.0)
        columns = {key: value for key, value in entry.items() if key not in {"at", "size_m"}}
        places.sites.append(columns | {"geometry": shape})
    return places


def _free_ground(at: Point, size_m: list[float], streets: list[Way], ground: Ground) -> Polygon:
    """Find the free rectangle along a street whose middle is nearest to a place."""
    width, depth = size_m
    best: tuple[float, Polygon] | None = None
    for way in sorted(streets, key=lambda street: street.line.distance(at))[:9]:
        start = way.line.project(at)
        for shift in range(-120, 121, 4):
            along = start + shift
            if not width / 2 + 3 <= along <= way.line.length - width / 2 - 3:
                continue
            here = straight_at(way.line, along)
            for side in (1, -1):
                outline = here.rectangle(0.0, width, side * KERB_M, side * (KERB_M + depth))
                away = outline.centroid.distance(at)
                if (best is None or away < best[0]) and ground.is_free(outline):
                    best = (away, outline)
    if best is None:
        msg = f"no room for a building of {width} by {depth} m near {at.x:.0f}, {at.y:.0f}"
        raise ValueError(msg)
    return best[1]


def put_points(
    places: Places, entries: dict[str, list[dict[str, Any]]], addresses: list[Address]
) -> None:
    """Put points in the nearest house or in their building, and take the register's places from them."""
    for index, entry in enumerate(entries["point"]):
        at, tags = Point(entry["at"]), dict(entry["tags"])
        if "inside" in entry:
            at = places.where(entry["inside"])
            at = Point(at.x + 2.5 * (index % 3 - 1), at.y + 1.5)
        else:
            home = min(addresses, key=lambda address: address.place.distance(at))
            at = Point(home.place.x + 0.6, home.place.y + 0.4)
            tags |= {"addr:street": home.street, "addr:housenumber": home.number,
                     "addr:postcode": home.postcode, "addr:city": home.city}  # fmt: skip
        places.points.append((at, tags))
    for number, entry in enumerate(entries["register"], start=1):
        where = places.where(entry["same_as"]) if "same_as" in entry else Point(entry["at"])
        dx, dy = entry.get("shift_m", (0.0, 0.0))
        places.register.append({
            "id": f"V{number:02}", "naam": entry.get("naam", entry.get("same_as")),
            "klasse": entry["klasse"], "place": Point(where.x + dx, where.y + dy),
            "bron": "gemeente Wierhaven (fictief)", "peildatum": entry["peildatum"],
            "capaciteit": entry.get("capaciteit", ""), "toegankelijk": entry.get("toegankelijk", ""),
            "doelgroep": entry.get("doelgroep", ""),
        })  # fmt: skip
