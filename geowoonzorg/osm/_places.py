"""OSM objects → facilities, addresses and benches."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geowoonzorg.errors import InputError, StudyError
from geowoonzorg.osm._addresses import ADDRESS_KEYS, address_rows, no_addresses, read_addresses
from geowoonzorg.osm._candidates import Candidate
from geowoonzorg.osm._merge import merge_facilities
from geowoonzorg.osm._objects import Line, Objects, ways_among
from geowoonzorg.osm._shapes import draw_shape, find_middle
from geowoonzorg.osm.classes import TAKEN, FacilityClass, read_facility_classes, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

#: Values of `entrance` through which a visitor does not come in.
_NO_ENTRANCES: Final = frozenset(
    {"no", "emergency", "exit", "fire_exit", "garage", "service", "staff", "parking_entrance"}
)
#: A facility takes more bytes of a real file: its place, tags and name, and who edited it.
_FACILITY_BYTES, _LEAST_FACILITIES = 20, 50_000
_WGS84: Final = "EPSG:4326"
_NAMES: Final = frozenset({"name", "brand"})
#: Types of relation that stand for one place.
_PLACES: Final = frozenset({"multipolygon", "building", "site"})
#: What every class says of an object: taken, why it is passed over, or None for another kind.
Verdicts = dict[str, str | None]


@dataclass(frozen=True)
class Places:
    """What the collector found; see `geowoonzorg.osm.OsmData`."""

    facilities: gpd.GeoDataFrame
    entrances: gpd.GeoSeries
    capacity: pd.Series[float]
    addresses: gpd.GeoDataFrame
    benches: NDArray[np.float64]
    counts: dict[str, dict[str, int]]


class PlaceCollector:
    """Judges what is read of an OSM file and keeps the places that were asked for."""

    def __init__(
        self,
        files: Sequence[Path],
        classes: Sequence[str | FacilityClass],
        *,
        addresses: bool,
        benches: bool,
    ) -> None:
        self.path = files[0]
        n_bytes = sum(file.stat().st_size for file in files)
        self._n_left = max(_LEAST_FACILITIES, n_bytes // _FACILITY_BYTES)
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
        self._capacity_keys = frozenset(key for c in asked for key in c.capacity)
        self._judged_tags = self._capacity_keys.union(
            {"name", "brand", "entrance", "amenity", "type", "public_transport"},
            *(c.tag_keys for c in self.classes),
        )
        self._names = _NAMES.difference(*(c.tag_keys for c in self.classes))
        self._of_no_class: dict[frozenset[tuple[str, str]], bool] = {}
        self._no_class: Verdicts = dict.fromkeys((c.key for c in self.classes), None)
        self.tag_keys = self._judged_tags.union(ADDRESS_KEYS if addresses else ())
        self.counts: dict[str, Counter[str]] = {"facilities": Counter()} if asked else {}
        if addresses:
            self.counts["addresses"] = Counter()

    def member_ways(self, relations: Objects) -> set[int]:
        """Give the ways that relations are made of."""
        place = self._are_places(relations)
        rows = {row for row, _, verdicts in self._marked(relations) if self._classes(verdicts)}
        rows |= set(address_rows(relations)) if self.addresses else set()
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
            return Places(
                none.facilities.copy(),
                none.entrances.copy(),
                none.capacity.copy(),
                none.addresses.copy(),
                none.benches.copy(),
                {},
            )
        members = ways.lines(self.member_ways(relations))
        return Places(
            *_frame(self._facilities(nodes, ways, relations, members)),
            self._read_addresses(nodes, ways, relations, members),
            self._bench_array(nodes, ways),
            {kind: dict(sorted(n.items())) for kind, n in self.counts.items()},
        )

    def _marked(self, objects: Objects) -> Iterator[tuple[int, dict[str, str], Verdicts]]:
        """Give the rows of the objects that may be facilities, their tags, and the verdicts on those."""
        if self._marks:
            marked = objects.tags.carrying(self._marks)  # few of millions of addresses
            code, kinds = objects.tags.take(marked).sets(self._judged_tags)
            verdicts = [self._judge(tags) for tags in kinds]
            for row, kind in zip(marked.tolist(), code.tolist(), strict=True):
                yield row, kinds[kind], verdicts[kind]

    def _judge(self, tags: dict[str, str]) -> Verdicts:
        """Give what every class says of an object; the names of streets are many, and make none a facility."""
        rest = frozenset((key, text) for key, text in tags.items() if key not in self._names)
        if rest not in self._of_no_class:
            plain = dict(rest)
            self._of_no_class[rest] = all(c.judge(plain, ()) is None for c in self.classes)
        if self._of_no_class[rest]:
            return self._no_class
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
                    raise InputError(
                        "{file} is refused: it holds more facilities than a file of its size "
                        "can; fetch it again from where you trust it",
                        file=self.path,
                    )
                osm_id, edited = f"{letter}{objects.id[row]}", int(objects.edited[row])
                told = {key: tags[key] for key in self._capacity_keys & tags.keys()}
                yield row, Candidate(osm_id, classes, _name(tags), edited, told=told)

    def _find_entrances(self, drawn: Sequence[Candidate], nodes: Objects) -> None:
        """Give what is drawn the entrances on its outline."""
        text = nodes.tags.numbers("entrance")
        places = {
            int(nodes.id[row]): nodes.refs.nodes.lonlat[row]
            for row in np.flatnonzero(text >= 0).tolist()
            if nodes.tags.texts[text[row]] not in _NO_ENTRANCES
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
        candidate.geometry, repaired = draw_shape(lines)
        if repaired:
            counts["repaired: self-intersection"] += 1
        if candidate.geometry.is_empty:
            counts["dropped: ring not closed"] += 1
        elif candidate.geometry.geom_type == "Point":
            candidate.entrances = lines[0][1][[0, -1]]

    def _read_addresses(
        self, nodes: Objects, ways: Objects, relations: Objects, members: dict[int, Line]
    ) -> gpd.GeoDataFrame:
        if not self.addresses:
            return no_addresses()
        place, counts = self._are_places(relations), self.counts["addresses"]
        return read_addresses(nodes, ways, relations, members, place=place, counts=counts)

    def _bench_array(self, nodes: Objects, ways: Objects) -> NDArray[np.float64]:
        if not self.benches:
            return np.empty((0, 2))
        points, lines = (_rows_of(these, "amenity", "bench") for these in (nodes, ways))
        middles = [find_middle([ways.refs.line(row)[1]]) for row in lines]
        benches = np.concatenate([nodes.refs.nodes.lonlat[points], np.reshape(middles, (-1, 2))])
        return benches[np.isfinite(benches).all(axis=1)]


def _rows_of(objects: Objects, key: str, text: str) -> list[int]:
    texts = objects.tags.texts
    if text not in texts:
        return []
    rows: list[int] = np.flatnonzero(objects.tags.numbers(key) == texts.index(text)).tolist()
    return rows


def _name(tags: Mapping[str, str]) -> str | None:
    return tags.get("name") or tags.get("brand")


@cache
def _nothing() -> Places:
    """Give what is found where nothing is asked; empty frames take longer to make than to copy."""
    return Places(*_frame([]), no_addresses(), np.empty((0, 2)), {})


def _choose(classes: Sequence[str | FacilityClass]) -> list[FacilityClass]:
    """Give every class that is known, for an object's id depends on all it belongs to."""
    if not classes:
        return []
    known = read_facility_classes()
    unknown = [c for c in classes if isinstance(c, str) and c not in known]
    if unknown:
        raise StudyError(
            "no facility class {unknown}; choose from {known}",
            unknown=", ".join(map(repr, unknown)),
            known=", ".join(known),
        )
    own = {c.key: c for c in classes if isinstance(c, FacilityClass)}
    return list((known | own).values())


def _frame(
    rows: list[dict[str, Any]],
) -> tuple[gpd.GeoDataFrame, gpd.GeoSeries, pd.Series[float]]:
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
    capacity = pd.Series([row["capacity"] for row in rows], frame.index, dtype="float64")
    return frame, entrances, capacity
