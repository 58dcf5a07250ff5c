"""Small OSM files, written at test time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import osmium
from osmium.osm import mutable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

Tags = "Mapping[str, str]"
#: About Kampen: one thousandth of a degree is 68 m eastwards and 111 m northwards.
LON, LAT = 5.9, 52.55
EDITED = "2023-01-30T12:00:00Z"


def at(east: float, north: float) -> tuple[float, float]:
    """Degrees of a place so many thousandths of a degree from the corner of the test town."""
    return round(LON + east / 1000, 7), round(LAT + north / 1000, 7)


def write_osm(
    path: Path,
    nodes: Mapping[int, tuple[float, float] | tuple[float, float, Tags]],
    ways: Iterable[tuple[int, Iterable[int], Tags]] = (),
    relations: Iterable[tuple[int, Iterable[tuple[str, int, str]], Tags]] = (),
    header: Mapping[str, str] | None = None,
) -> Path:
    """Write nodes (id → thousandths east, north, tags), ways and relations, in the order given."""
    head = osmium.io.Header()
    for key, value in (header or {}).items():
        head.set(key, value)
    with osmium.SimpleWriter(str(path), overwrite=True, header=head) as writer:
        for osm_id, (east, north, *tags) in nodes.items():
            writer.add_node(
                mutable.Node(
                    id=osm_id,
                    location=at(east, north),
                    tags=tags[0] if tags else {},
                    version=1,
                    timestamp=EDITED,
                )
            )
        for osm_id, refs, tags in ways:
            writer.add_way(
                mutable.Way(id=osm_id, nodes=list(refs), tags=tags, version=1, timestamp=EDITED)
            )
        for osm_id, members, tags in relations:
            writer.add_relation(
                mutable.Relation(
                    id=osm_id, members=list(members), tags=tags, version=1, timestamp=EDITED
                )
            )
    return path
