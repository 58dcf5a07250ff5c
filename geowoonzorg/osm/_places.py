"""OSM lines → facilities, addresses and benches."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geowoonzorg.errors import StudyError
from geowoonzorg.osm._merge import merge_facilities
from geowoonzorg.osm._text import Refs, TagTable, join_refs, parse_refs
from geowoonzorg.osm.classes import TAKEN, FacilityClass, read_facility_classes, words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

_ADDRESS_KEYS: Final = ("addr:street", "addr:housenumber", "addr:postcode", "addr:city")
#: Values of `entrance` through which a visitor does not come in.
_NO_ENTRANCES: Final = frozenset(
    {"no", "emergency", "exit", "fire_exit", "garage", "service", "staff", "parking_entrance"}
)
_NOTHING: Final = shapely.Point()
_RING: Final = 4
_AREA: Final = 2
_WGS84: Final = "EPSG:4326"

Members = dict[int, "tuple[NDArray[np.int64], NDArray[np.float64]]"]


@dataclass
class Candidate:
    """An object that belongs to one or more facility classes."""

    osm_id: str
    classes: list[str]
    name: str | None
    edited: str
    tags: Mapping[str, str]
    geometry: BaseGeometry = _NOTHING
    entrances: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 2)))
    way: int = -1  # its row among the ways read
    members: Sequence[int] = ()


@dataclass(frozen=True)
class Places:
    """What the collector found; see `geowoonzorg.osm.OsmData`."""

    facilities: gpd.GeoDataFrame
    entrances: gpd.GeoSeries
    addresses: gpd.GeoDataFrame
    benches: NDArray[np.float64]
    counts: dict[str, dict[str, int]]


class PlaceCollector:
    """Judges the lines of an OSM file one by one and keeps the places that were asked for."""

    def __init__(
        self, classes: Sequence[str | FacilityClass], *, addresses: bool, benches: bool
    ) -> None:
        self.classes = _choose(classes)
        self.asked = frozenset(c.key if isinstance(c, FacilityClass) else c for c in classes)
        self.addresses = addresses
        self.benches = benches
        asked = [c for c in self.classes if c.key in self.asked]
        self._marks = frozenset(key for c in asked for key in c.keys)
        self.node_keys = self._marks.union(
            {"addr:housenumber"} if addresses else (),
            {"amenity"} if benches else (),
            {"entrance"} if asked else (),
        )
        # A stop drawn as a way tagged highway=bus_stop is not worth reading every street for.
        self.way_keys = self.node_keys - {"entrance", "highway"}
        self._groups = any(c.group_m for c in asked)
        self.group_keys = frozenset({"public_transport"} if self._groups else ())
        self._table = TagTable(
            {"name", "brand", "entrance", "amenity", "type", "public_transport"}.union(
                _ADDRESS_KEYS if addresses else (), *(c.tag_keys for c in self.classes)
            )
        )
        self.counts: dict[str, Counter[str]] = {"facilities": Counter()} if asked else {}
        if addresses:
            self.counts["addresses"] = Counter()
        self._found: list[Candidate] = []
        self._entrances: dict[int, tuple[float, float]] = {}
        self._areas: dict[int, list[str]] = {}  # stop areas
        self._address_ids: list[str] = []
        self._address_tags: tuple[list[str | None], ...] = ([], [], [], [])
        self._address_lonlat: list[tuple[float, float]] = []
        self._address_ways: list[tuple[int, int]] = []  # (row, way)
        self._address_relations: list[tuple[int, Sequence[int]]] = []
        self._benches: list[tuple[float, float]] = []
        self._bench_ways: list[int] = []
        self._sections: list[str] = []
        self._n_sections = 0
        self._blocks: list[Refs] = []

    def add_node(self, osm_id: int, tags: str, fields: list[str]) -> None:
        """Keep a node that is a facility, an address, a bench or an entrance."""
        found = dict(self._table.pairs(tags))
        if not found:
            return
        place = float(fields[-2][1:]), float(fields[-1][1:-1])
        if "entrance" in found and found["entrance"] not in _NO_ENTRANCES:
            self._entrances[osm_id] = place
        if self.addresses and "addr:housenumber" in found:
            self._add_address(f"n{osm_id}", found, place)
        if self.benches and found.get("amenity") == "bench":
            self._benches.append(place)
        candidate = self._judge(f"n{osm_id}", found, fields)
        if candidate:
            candidate.geometry = shapely.Point(place)

    def add_way(self, osm_id: int, tags: str, fields: list[str]) -> None:
        """Keep a way that is a facility, an address or a bench."""
        found = dict(self._table.pairs(tags))
        if not found:
            return
        candidate = self._judge(f"w{osm_id}", found, fields)
        address = self.addresses and "addr:housenumber" in found
        bench = self.benches and found.get("amenity") == "bench"
        if not (candidate or address or bench):
            return
        row = self._n_sections
        self._n_sections += 1
        self._sections.append(fields[-1][1:-1])
        if candidate:
            candidate.way = row
        if address:
            self._address_ways.append((len(self._address_ids), row))
            self._add_address(f"w{osm_id}", found, (np.nan, np.nan))
        if bench:
            self._bench_ways.append(row)

    def add_relation(self, osm_id: int, tags: str, fields: list[str]) -> None:
        """Keep a relation that is a facility, an address or a stop area."""
        found = dict(self._table.pairs(tags))
        members = [m.partition("@")[0] for m in fields[-1][1:-1].split(",")]
        if self._groups and found.get("public_transport") == "stop_area":
            self._areas[osm_id] = members
            return
        if found.get("type") not in {"multipolygon", "building", "site"}:
            return
        ways = [int(member[1:]) for member in members if member.startswith("w")]
        candidate = self._judge(f"r{osm_id}", found, fields)
        if candidate:
            candidate.members = ways
        if self.addresses and "addr:housenumber" in found:
            self._address_relations.append((len(self._address_ids), ways))
            self._add_address(f"r{osm_id}", found, (np.nan, np.nan))

    def close_block(self) -> None:
        """Parse the node lists of the ways seen since the last call, to let go of their text."""
        self._blocks.append(parse_refs(self._sections))
        self._sections.clear()

    def member_ids(self) -> set[int]:
        """Give the ways that relations are made of."""
        lists = [c.members for c in self._found]
        lists += [ways for _, ways in self._address_relations]
        return {way for ways in lists for way in ways}

    def build(self, members: Members) -> Places:
        """Put everything in frames."""
        refs = join_refs(self._blocks)
        ring_nodes: dict[str, NDArray[np.int64]] = {}
        for candidate in self._found:
            self._shape(candidate, refs, members, ring_nodes)
        drawn = [c for c in self._found if not c.geometry.is_empty]
        for candidate in drawn:
            ids = ring_nodes.get(candidate.osm_id, ())
            at = [self._entrances[n] for n in ids[:-1] if n in self._entrances]
            if at:
                candidate.entrances = np.array(at)
        asked = [c for c in self.classes if c.key in self.asked]
        rows = (
            merge_facilities(drawn, asked, self._areas, self.counts["facilities"]) if asked else []
        )
        facilities, entrances = _frame(rows)
        return Places(
            facilities,
            entrances,
            self._address_frame(refs, members),
            self._bench_array(refs),
            {kind: dict(sorted(n.items())) for kind, n in self.counts.items()},
        )

    def _judge(self, osm_id: str, tags: dict[str, str], fields: list[str]) -> Candidate | None:
        if self._marks.isdisjoint(tags):
            return None
        name = tags.get("name") or tags.get("brand")
        said = words(name) if name else ()
        verdicts = {c.key: c.judge(tags, said) for c in self.classes}
        for key in self.asked:
            if verdicts[key] not in {None, TAKEN}:
                self.counts["facilities"][f"{key}: passed over, {verdicts[key]}"] += 1
        classes = [key for key, verdict in verdicts.items() if verdict == TAKEN]
        if self.asked.isdisjoint(classes):
            return None
        edited = next((f[1:] for f in fields[1:4] if f.startswith("t") and len(f) > 1), "")
        candidate = Candidate(osm_id, classes, name, edited, tags)
        self._found.append(candidate)
        return candidate

    def _shape(
        self,
        candidate: Candidate,
        refs: Refs,
        members: Members,
        ring_nodes: dict[str, NDArray[np.int64]],
    ) -> None:
        """Give a way or relation its polygon, or the point halfway where it is a line."""
        counts = self.counts["facilities"]
        if candidate.way >= 0:
            part = slice(refs.start[candidate.way], refs.start[candidate.way + 1])
            lines = [(refs.node_id[part], refs.lonlat[part])]
        elif candidate.members:
            lines = [members[way] for way in candidate.members if way in members]
            if len(lines) < len(candidate.members):
                counts["dropped: members missing"] += 1
                return
        else:
            return
        there = [np.isfinite(lonlat).all() for _, lonlat in lines]
        if not all(there) or not sum(len(ids) for ids, _ in lines):
            counts["dropped: nodes missing"] += 1
            return
        ring_nodes[candidate.osm_id] = np.concatenate([ids for ids, _ in lines])
        candidate.geometry = self._draw(lines)
        if candidate.geometry.is_empty:
            counts["dropped: ring not closed"] += 1
        elif candidate.geometry.geom_type == "Point":
            candidate.entrances = lines[0][1][[0, -1]]

    def _draw(self, lines: list[tuple[NDArray[np.int64], NDArray[np.float64]]]) -> BaseGeometry:
        ids, lonlat = lines[0]
        if len(ids) == 1:
            return shapely.Point(lonlat[0])
        strings = [shapely.LineString(p) for _, p in lines if len(p) > 1]
        if len(lines) == 1 and (ids[0] != ids[-1] or len(ids) < _RING):
            return strings[0].interpolate(0.5, normalized=True)
        if len(lines) == 1:
            area: BaseGeometry = shapely.Polygon(lonlat)
        else:
            area = shapely.build_area(shapely.MultiLineString(strings))
        if not area.is_valid:
            self.counts["facilities"]["repaired: self-intersection"] += 1
            parts = shapely.get_parts(shapely.make_valid(area))
            area = shapely.union_all(parts[shapely.get_dimensions(parts) == _AREA])
        return area

    def _add_address(
        self, osm_id: str, tags: Mapping[str, str], place: tuple[float, float]
    ) -> None:
        self._address_ids.append(osm_id)
        self._address_lonlat.append(place)
        for column, key in zip(self._address_tags, _ADDRESS_KEYS, strict=True):
            column.append(tags.get(key))

    def _address_frame(self, refs: Refs, members: Members) -> gpd.GeoDataFrame:
        lonlat = np.array(self._address_lonlat, float).reshape(-1, 2)
        for row, way in self._address_ways:
            lonlat[row] = _middle([refs.lonlat[refs.start[way] : refs.start[way + 1]]])
        for row, ways in self._address_relations:
            lonlat[row] = _middle([members[way][1] for way in ways if way in members])
        names = ("street", "housenumber", "postcode", "city")
        frame = gpd.GeoDataFrame(
            {"id": pd.Series(self._address_ids, dtype="str")}
            | {
                name: pd.Series(column, dtype="str")
                for name, column in zip(names, self._address_tags, strict=True)
            },
            geometry=shapely.points(lonlat),
            crs=_WGS84,
        )
        placed = np.isfinite(lonlat).all(axis=1)
        # A shop tagged with the address that the address point beside it already gives.
        whole = frame[[*names]].notna().all(axis=1)
        double = (
            whole
            & placed
            & frame[placed].duplicated([*names]).reindex(frame.index, fill_value=False)
        )
        if self.addresses:
            self.counts["addresses"] += Counter(
                {
                    "read": len(frame),
                    "dropped: nodes missing": int((~placed).sum()),
                    "dropped: same address twice": int(double.sum()),
                    "without street": int(frame["street"].isna().sum()),
                }
            )
        return frame[placed & ~double].reset_index(drop=True)

    def _bench_array(self, refs: Refs) -> NDArray[np.float64]:
        ways = [_middle([refs.lonlat[refs.start[w] : refs.start[w + 1]]]) for w in self._bench_ways]
        benches = np.array([*self._benches, *ways], float).reshape(-1, 2)
        return benches[np.isfinite(benches).all(axis=1)]


def _choose(classes: Sequence[str | FacilityClass]) -> list[FacilityClass]:
    """Give every class that is known, for an object's id depends on all it belongs to."""
    if not classes:
        return []
    known = read_facility_classes()
    unknown = [c for c in classes if isinstance(c, str) and c not in known]
    if unknown:
        msg = f"no facility class {', '.join(map(repr, unknown))}; choose from {', '.join(known)}"
        raise StudyError(msg)
    own = {c.key: c for c in classes if isinstance(c, FacilityClass)}
    return list((known | own).values())


def _middle(lines: Sequence[NDArray[np.float64]]) -> tuple[float, float]:
    """Give the centroid of an outline; NaN where a part of it is missing."""
    if not lines or not all(len(p) and np.isfinite(p).all() for p in lines):
        return np.nan, np.nan
    if all(len(p) == 1 for p in lines):
        return float(lines[0][0, 0]), float(lines[0][0, 1])
    drawn = shapely.MultiLineString([shapely.LineString(p) for p in lines if len(p) > 1])
    area = shapely.build_area(drawn)
    centre = shapely.centroid(drawn if area.is_empty else area)
    return centre.x, centre.y


def _frame(rows: list[dict[str, Any]]) -> tuple[gpd.GeoDataFrame, gpd.GeoSeries]:
    columns = {
        name: pd.Series([row[name] for row in rows], dtype="str")
        for name in ("id", "facility_class", "name", "osm_id")
    }
    edited = pd.Series([row["last_edit"] or None for row in rows], dtype="str")
    frame = gpd.GeoDataFrame(
        columns | {"last_edit": pd.to_datetime(edited, utc=True).astype("datetime64[ms, UTC]")},
        geometry=gpd.GeoSeries([row["geometry"] for row in rows], crs=_WGS84),
        crs=_WGS84,
    )
    points = [
        shapely.MultiPoint(row["entrances"]) if len(row["entrances"]) else None for row in rows
    ]
    entrances = gpd.GeoSeries(np.array(points, object), index=frame.index, crs=_WGS84)
    return frame, entrances
