"""OSM objects → facilities, addresses and benches."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geowoonzorg.errors import InputError, StudyError
from geowoonzorg.osm._merge import merge_facilities
from geowoonzorg.osm._objects import Line, Objects, ways_among
from geowoonzorg.osm.classes import TAKEN, FacilityClass, read_facility_classes, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

_ADDRESS_KEYS: Final = ("addr:street", "addr:housenumber", "addr:postcode", "addr:city")
_ADDRESS_NAMES: Final = ("street", "housenumber", "postcode", "city")
#: Values of `entrance` through which a visitor does not come in.
_NO_ENTRANCES: Final = frozenset(
    {"no", "emergency", "exit", "fire_exit", "garage", "service", "staff", "parking_entrance"}
)
_NOTHING: Final = shapely.Point()
_RING: Final = 4
#: A facility takes more bytes of a real file: its place, tags and name, and who edited it.
_FACILITY_BYTES, _LEAST_FACILITIES = 20, 50_000
_AREA: Final = 2
_WGS84: Final = "EPSG:4326"
#: Types of relation that stand for one place.
_PLACES: Final = frozenset({"multipolygon", "building", "site"})
#: What every class says of an object: taken, why it is passed over, or None for another kind.
Verdicts = dict[str, str | None]


@dataclass
class Candidate:
    """An object that belongs to one or more facility classes."""

    osm_id: str
    classes: list[str]
    name: str | None
    edited: int  # seconds since 1970; 0 where unknown
    geometry: BaseGeometry = _NOTHING
    entrances: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 2)))
    outline: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))  # node ids


@dataclass(frozen=True)
class Places:
    """What the collector found; see `geowoonzorg.osm.OsmData`."""

    facilities: gpd.GeoDataFrame
    entrances: gpd.GeoSeries
    addresses: gpd.GeoDataFrame
    benches: NDArray[np.float64]
    counts: dict[str, dict[str, int]]


class PlaceCollector:
    """Judges what is read of an OSM file and keeps the places that were asked for."""

    def __init__(
        self, path: Path, classes: Sequence[str | FacilityClass], *, addresses: bool, benches: bool
    ) -> None:
        self.path = path
        self._n_left = max(_LEAST_FACILITIES, path.stat().st_size // _FACILITY_BYTES)
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
        self._judged_tags = frozenset(
            {"name", "brand", "entrance", "amenity", "type", "public_transport"}
        ).union(*(c.tag_keys for c in self.classes))
        self.tag_keys = self._judged_tags.union(_ADDRESS_KEYS if addresses else ())
        self.counts: dict[str, Counter[str]] = {"facilities": Counter()} if asked else {}
        if addresses:
            self.counts["addresses"] = Counter()

    def member_ways(self, relations: Objects) -> set[int]:
        """Give the ways that relations are made of."""
        place = self._are_places(relations)
        rows = {row for row, _, verdicts in self._marked(relations) if self._classes(verdicts)}
        rows |= set(self._address_rows(relations))
        return {way for row in rows if place[row] for way in ways_among(relations.members[row])}

    def build(self, nodes: Objects, ways: Objects, relations: Objects) -> Places:
        """Put everything in frames.

        Raises
        ------
        InputError
            When there are more facilities than a file of that size can hold, or those of a class lie
            closer together than in any town.
        """
        if not (self.asked or self.addresses or self.benches):
            none = _nothing()
            frames = none.facilities.copy(), none.entrances.copy(), none.addresses.copy()
            return Places(*frames, none.benches.copy(), {})
        members = ways.lines(self.member_ways(relations))
        facilities, entrances = _frame(self._facilities(nodes, ways, relations, members))
        return Places(
            facilities,
            entrances,
            self._address_frame(nodes, ways, relations, members),
            self._bench_array(nodes, ways),
            {kind: dict(sorted(n.items())) for kind, n in self.counts.items()},
        )

    def _marked(self, objects: Objects) -> Iterator[tuple[int, dict[str, str], Verdicts]]:
        """Give the rows of the objects that may be facilities, their tags, and the verdicts on those."""
        if self._marks:
            code, kinds = objects.tags.sets(self._judged_tags)
            marked = np.array([not self._marks.isdisjoint(tags) for tags in kinds], bool)
            verdicts = [
                self._judge(tags) if m else {} for tags, m in zip(kinds, marked, strict=True)
            ]
            for row in np.flatnonzero(marked[code]).tolist():
                yield row, kinds[code[row]], verdicts[code[row]]

    def _judge(self, tags: dict[str, str]) -> Verdicts:
        """Give what every class says of an object."""
        said = words(_name(tags) or "")
        return {c.key: c.judge(tags, said) for c in self.classes}

    def _classes(self, verdicts: Verdicts) -> list[str]:
        """Give the classes of an object, none when none of them is asked for."""
        classes = [key for key, verdict in verdicts.items() if verdict == TAKEN]
        return [] if self.asked.isdisjoint(classes) else classes

    def _facilities(
        self,
        nodes: Objects,
        ways: Objects,
        relations: Objects,
        members: dict[int, Line],
    ) -> list[dict[str, Any]]:
        """Give the rows of the facilities frame."""
        asked = [c for c in self.classes if c.key in self.asked]
        if not asked:
            return []
        found = []
        for row, candidate in self._candidates(nodes, "n"):
            candidate.geometry = shapely.Point(nodes.refs.nodes.lonlat[row])
            found.append(candidate)
        for row, candidate in self._candidates(ways, "w"):
            self._shape(candidate, [ways.refs.line(row)])
            found.append(candidate)
        place = self._are_places(relations)
        for row, candidate in self._candidates(relations, "r", place):
            own = ways_among(relations.members[row])
            lines = [members[way] for way in own if way in members]
            if len(lines) < len(own):
                self.counts["facilities"]["dropped: members missing"] += 1
            elif lines:
                self._shape(candidate, lines)
            found.append(candidate)
        drawn = [c for c in found if not c.geometry.is_empty]
        self._find_entrances(drawn, nodes)
        kinds = relations.tags.column("public_transport")
        areas = {
            int(relations.id[row]): relations.members[row]
            for row, kind in enumerate(kinds)
            if kind == "stop_area"
        }
        return merge_facilities(drawn, asked, areas, self.counts["facilities"], self.path)

    def _are_places(self, relations: Objects) -> list[bool]:
        """Tell which relations stand for one place."""
        types, kinds = relations.tags.column("type"), relations.tags.column("public_transport")
        return [
            kind in _PLACES and not (self._groups and stop == "stop_area")
            for kind, stop in zip(types, kinds, strict=True)
        ]

    def _candidates(
        self, objects: Objects, letter: str, place: Sequence[bool] | None = None
    ) -> Iterator[tuple[int, Candidate]]:
        """Give the objects that are facilities of a class asked for, and count those passed over."""
        for row, tags, verdicts in self._marked(objects):
            if place is not None and not place[row]:
                continue
            for key in self.asked:
                if verdicts[key] not in {None, TAKEN}:
                    self.counts["facilities"][f"{key}: passed over, {verdicts[key]}"] += 1
            if classes := self._classes(verdicts):
                self._n_left -= 1
                if self._n_left < 0:
                    msg = (
                        f"{self.path} is refused: it holds more facilities than a file of its size can; "
                        "fetch it again from where you trust it"
                    )
                    raise InputError(msg)
                osm_id, edited = f"{letter}{objects.id[row]}", int(objects.edited[row])
                yield row, Candidate(osm_id, classes, _name(tags), edited)

    def _find_entrances(self, drawn: Sequence[Candidate], nodes: Objects) -> None:
        """Give what is drawn the entrances on its outline."""
        values = nodes.tags.column("entrance")
        places = {
            osm_id: place
            for osm_id, value, place in zip(
                nodes.id.tolist(), values, nodes.refs.nodes.lonlat, strict=True
            )
            if value is not None and value not in _NO_ENTRANCES
        }
        for candidate in drawn:
            at = [places[n] for n in candidate.outline[:-1].tolist() if n in places]
            if at:
                candidate.entrances = np.array(at)

    def _shape(
        self,
        candidate: Candidate,
        lines: list[Line],
    ) -> None:
        """Give a way or relation its polygon, or the point halfway where it is a line."""
        counts = self.counts["facilities"]
        there = [np.isfinite(lonlat).all() for _, lonlat in lines]
        if not all(there) or not sum(len(ids) for ids, _ in lines):
            counts["dropped: nodes missing"] += 1
            return
        candidate.outline = np.concatenate([ids for ids, _ in lines])
        candidate.geometry = self._draw(lines)
        if candidate.geometry.is_empty:
            counts["dropped: ring not closed"] += 1
        elif candidate.geometry.geom_type == "Point":
            candidate.entrances = lines[0][1][[0, -1]]

    def _draw(self, lines: list[Line]) -> BaseGeometry:
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

    def _address_rows(self, objects: Objects) -> list[int]:
        if not self.addresses:
            return []
        numbers = objects.tags.column("addr:housenumber")
        return [row for row, number in enumerate(numbers) if number is not None]

    def _address_frame(
        self, nodes: Objects, ways: Objects, relations: Objects, members: dict[int, Line]
    ) -> gpd.GeoDataFrame:
        place = self._are_places(relations)
        at_nodes, at_ways = self._address_rows(nodes), self._address_rows(ways)
        at_relations = [row for row in self._address_rows(relations) if place[row]]
        middles = [_middle([ways.refs.line(row)[1]]) for row in at_ways]
        for row in at_relations:
            own = ways_among(relations.members[row])
            middles.append(_middle([members[way][1] for way in own if way in members]))
        lonlat = np.concatenate([nodes.refs.nodes.lonlat[at_nodes], np.reshape(middles, (-1, 2))])
        chosen = [(nodes, "n", at_nodes), (ways, "w", at_ways), (relations, "r", at_relations)]
        ids = [f"{letter}{i}" for these, letter, rows in chosen for i in these.id[rows].tolist()]
        columns = []
        for key in _ADDRESS_KEYS:
            column: list[str | None] = []
            for these, _, rows in chosen:
                texts = these.tags.column(key)
                column += [texts[row] for row in rows]
            columns.append(column)
        frame = _draw_addresses(ids, columns, lonlat)
        placed = np.isfinite(lonlat).all(axis=1)
        # A shop tagged with the address that the address point beside it already gives.
        whole = frame[[*_ADDRESS_NAMES]].notna().all(axis=1)
        double = (
            whole
            & placed
            & frame[placed].duplicated([*_ADDRESS_NAMES]).reindex(frame.index, fill_value=False)
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

    def _bench_array(self, nodes: Objects, ways: Objects) -> NDArray[np.float64]:
        if not self.benches:
            return np.empty((0, 2))
        points, lines = (
            [row for row, kind in enumerate(these.tags.column("amenity")) if kind == "bench"]
            for these in (nodes, ways)
        )
        middles = [_middle([ways.refs.line(row)[1]]) for row in lines]
        benches = np.concatenate([nodes.refs.nodes.lonlat[points], np.reshape(middles, (-1, 2))])
        return benches[np.isfinite(benches).all(axis=1)]


def _name(tags: Mapping[str, str]) -> str | None:
    return tags.get("name") or tags.get("brand")


def _draw_addresses(
    ids: Sequence[str], columns: Sequence[Sequence[str | None]], lonlat: NDArray[np.float64]
) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"id": pd.Series(ids, dtype="str")}
        | {
            name: pd.Series(list(column), dtype="str")
            for name, column in zip(_ADDRESS_NAMES, columns, strict=True)
        },
        geometry=shapely.points(lonlat),
        crs=_WGS84,
    )


@cache
def _nothing() -> Places:
    """Give what is found where nothing is asked; empty frames take longer to make than to copy."""
    addresses = _draw_addresses((), ((),) * len(_ADDRESS_NAMES), np.empty((0, 2)))
    return Places(*_frame([]), addresses, np.empty((0, 2)), {})


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
    edited = pd.Series([row["last_edit"] or None for row in rows], dtype="Int64")
    frame = gpd.GeoDataFrame(
        columns
        | {"last_edit": pd.to_datetime(edited, unit="s", utc=True).astype("datetime64[ms, UTC]")},
        geometry=gpd.GeoSeries([row["geometry"] for row in rows], crs=_WGS84),
        crs=_WGS84,
    )
    points = [
        shapely.MultiPoint(row["entrances"]) if len(row["entrances"]) else None for row in rows
    ]
    entrances = gpd.GeoSeries(np.array(points, object), index=frame.index, crs=_WGS84)
    return frame, entrances
