"""Write a plan as an OpenStreetMap file, the same bytes every time."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import osmium
from osmium.osm.mutable import Node, Relation, Way
from pyproj import Transformer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from shapely import LineString, Polygon

    from demo_town.plan import Tags

# Far above every id in use, so that nothing here is taken for a thing in the real map.
FIRST_ID = 900_000_000_000
# Where the Grote Kerk would stand, in RD New: on the water of the Markermeer.
ORIGIN_RD_M = (145_500.0, 506_500.0)


@dataclass
class OsmFile:
    """Nodes, ways and relations in the order in which they get their ids."""

    nodes: list[tuple[float, float, Tags]] = field(default_factory=list)
    ways: list[tuple[list[int], Tags]] = field(default_factory=list)
    relations: list[tuple[list[tuple[str, int, str]], Tags]] = field(default_factory=list)

    def add_node(self, x: float, y: float, tags: Tags | None = None) -> int:
        """Add a node at local metres and return its number."""
        self.nodes.append((x, y, tags or {}))
        return len(self.nodes) - 1

    def add_line(self, line: LineString, tags: Tags) -> int:
        """Add a line with nodes of its own and return the way's number."""
        self.ways.append(([self.add_node(x, y) for x, y in line.coords], tags))
        return len(self.ways) - 1

    def add_area(
        self, area: Polygon, tags: Tags, doors: Sequence[tuple[float, float]] = ()
    ) -> None:
        """Add a polygon: a closed way, or a multipolygon where it has holes."""
        if area.interiors:
            rings = [area.exterior, *area.interiors]
            members = [("w", self._add_ring(ring.coords, {}), "inner" if i else "outer")
                       for i, ring in enumerate(rings)]  # fmt: skip
            self.relations.append((members, {"type": "multipolygon", **tags}))
        else:
            self._add_ring(area.exterior.coords, tags, doors)

    def _add_ring(
        self,
        coords: Sequence[tuple[float, float]],
        tags: Tags,
        doors: Sequence[tuple[float, float]] = (),
    ) -> int:
        """Add a closed way; a door is a vertex of its own in the middle of a wall."""
        corners = list(coords)[:-1]
        numbers = []
        for i, (x, y) in enumerate(corners):
            numbers.append(self.add_node(x, y))
            following = corners[(i + 1) % len(corners)]
            for door in doors:
                if (
                    abs((x + following[0]) / 2 - door[0]) + abs((y + following[1]) / 2 - door[1])
                    < 0.1
                ):
                    numbers.append(
                        self.add_node(*door, {"entrance": "yes" if numbers[1:] else "main"})
                    )
        self.ways.append(([*numbers, numbers[0]], tags))
        return len(self.ways) - 1

    def write(self, path: Path) -> None:
        """Write the file; times of last edit are drawn from the thing itself, between 2015 and 2024."""
        transformer = Transformer.from_crs(28992, 4326, always_xy=True)
        lon, lat = transformer.transform(
            [ORIGIN_RD_M[0] + x for x, _, _ in self.nodes],
            [ORIGIN_RD_M[1] + y for _, y, _ in self.nodes],
        )
        path.unlink(missing_ok=True)
        header = osmium.io.Header()
        header.set("generator", "Wierhaven, a fictional town")
        with osmium.SimpleWriter(str(path), header=header) as writer:
            for number, (_, _, tags) in enumerate(self.nodes):
                place = (round(lon[number], 7), round(lat[number], 7))
                writer.add_node(Node(location=place, **_meta(number, tags)))
            for number, (nodes, tags) in enumerate(self.ways):
                refs = [FIRST_ID + node for node in nodes]
                writer.add_way(Way(nodes=refs, **_meta(number, tags)))
            for number, (members, tags) in enumerate(self.relations):
                refs_ = [(kind, FIRST_ID + member, role) for kind, member, role in members]
                writer.add_relation(Relation(members=refs_, **_meta(number, tags)))


def _meta(number: int, tags: Tags) -> dict[str, object]:
    digest = hashlib.sha256(repr((number, sorted(tags.items()))).encode()).digest()
    days = int.from_bytes(digest[:2], "big") % 3600 if tags else 0
    edited = datetime(2015, 1, 1, 12, tzinfo=UTC) + timedelta(days=days)
    return {"id": FIRST_ID + number, "version": 1, "visible": True, "changeset": 0, "uid": 0,
            "user": "", "timestamp": edited, "tags": tags}  # fmt: skip
