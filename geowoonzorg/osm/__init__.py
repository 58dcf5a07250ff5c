"""OSM file → walkable ways, facilities, addresses and benches, with counts of what was dropped and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from geowoonzorg.errors import InputError
from geowoonzorg.files import OSM_SUFFIXES, check_input
from geowoonzorg.osm._pbf import check_texts
from geowoonzorg.osm._places import PlaceCollector
from geowoonzorg.osm._text import Keys, OsmText, Refs, parse_refs
from geowoonzorg.osm._walkways import WalkwayCollector, Walkways
from geowoonzorg.osm.classes import FacilityClass, read_facility_classes
from geowoonzorg.progress import part, silent

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import geopandas as gpd
    import numpy as np
    from numpy.typing import NDArray

    from geowoonzorg.progress import Progress
    from geowoonzorg.walking import WalkProfile

__all__ = ["FacilityClass", "OsmData", "Walkways", "read_facility_classes", "read_osm"]

_PASS_SHARE: Final = 0.6


@dataclass(frozen=True)
class OsmData:
    """What one OSM file holds of what was asked for.

    Attributes
    ----------
    walkways
        What may be walked; None when no profile was given.
    private_ways
        Private ground that may be the last leg to a door, never a way through; its node ids are
        OSM's, as those of ``walkways``. None when no profile was given.
    facilities
        GeoDataFrame in EPSG:4326: ``id, facility_class, name, osm_id, last_edit, geometry``. Points
        and polygons, each facility once per class. ``id`` is ``osm_id``, followed by the class
        where one object serves as more than one.
    entrances
        GeoSeries on the same index: the entrances on a polygon's outline, or all platforms of a
        stop, as MultiPoint; None where unknown.
    addresses
        GeoDataFrame in EPSG:4326: ``id, street, housenumber, postcode, city, geometry`` (points).
    benches
        float64 (n, 2): WGS 84 degrees.
    counts
        What was read and what was dropped, per kind, by reason.
    """

    walkways: Walkways | None
    private_ways: Walkways | None
    facilities: gpd.GeoDataFrame
    entrances: gpd.GeoSeries
    addresses: gpd.GeoDataFrame
    benches: NDArray[np.float64]
    counts: dict[str, dict[str, int]]


def read_osm(
    path: str | Path,
    *,
    profile: WalkProfile | None = None,
    facility_classes: Sequence[str] = (),
    addresses: bool = False,
    benches: bool = False,
    progress: Progress = silent,
) -> OsmData:
    """Read what is asked for from an OSM file, in one pass over it.

    Parameters
    ----------
    path
        An OSM file: ``.osm.pbf``, ``.osm``, ``.osm.bz2`` or ``.osm.gz``, its nodes before its ways.
    profile
        Who walks; None reads no ways.
    facility_classes
        The classes to read, of those in ``knowledge/facility_classes.toml``.
    addresses, benches
        Whether to read these.
    progress
        Hears how far the work is, and may cancel it.

    Returns
    -------
    OsmData
        What was found, with counts of what was dropped and why.

    Raises
    ------
    InputError
        When the path is not a plain OSM file, when nothing in it may be walked, or when over 1 % of
        the walkable ways miss a node.
    SourceError
        When the file is not there or cannot be read.
    FormatError
        When the file is empty, truncated or broken, holds XML entities or a NUL, or runs a way
        through an impossible place.
    StudyError
        When a facility class is not known.
    OutputError
        When the temporary folder is full.

    Notes
    -----
    Only relations (squares, facilities as multipolygon) need a second, partial pass, for their
    member ways. Memory peaks at 16 bytes a node of the file plus what is found. Texts are kept as they
    are, however hostile; who shows them escapes them.

    Examples
    --------
    >>> read_osm("town.osm.pbf")
    Traceback (most recent call last):
    geowoonzorg.errors.SourceError: OSM file: town.osm.pbf does not exist; give the path of an existing file
    """
    file = check_input(path, suffixes=OSM_SUFFIXES, role="OSM file")
    if file.name.lower().endswith(".pbf"):
        check_texts(file)
    walk = WalkwayCollector(profile) if profile is not None else None
    places = PlaceCollector(facility_classes, addresses=addresses, benches=benches)
    way_keys = places.way_keys | ({"highway"} if walk else set())
    keys = Keys(
        node=places.node_keys | (walk.node_keys if walk else frozenset()),
        way=way_keys,
        relation=way_keys | places.group_keys,
    )
    members: dict[int, tuple[NDArray[np.int64], NDArray[np.float64]]] = {}
    with OsmText(file, keys, timestamps=bool(facility_classes)) as text:
        for lines in text.lines(part(progress, 0.0, _PASS_SHARE)):
            _sort_lines(lines, walk, places)
            progress(_PASS_SHARE, "reading OSM tags")
        wanted = places.member_ids() | (walk.member_ids() if walk else set())
        if wanted:
            for lines in text.member_lines(wanted, part(progress, _PASS_SHARE, 0.8)):
                members |= _members(lines)
    walkways = private_ways = None
    counts: dict[str, dict[str, int]] = {}
    if walk is not None and profile is not None:
        walkways, private_ways = walk.build(file, members)
        counts |= {"ways": dict(sorted(walk.counts.items()))}
        if not len(walkways.way_id):
            seen = ", ".join(f"{n} {what}" for what, n in counts["ways"].items() if n) or "no ways"
            msg = f"{file}: nothing may be walked by the profile {profile.name} (found {seen})"
            raise InputError(msg)
    progress(0.9, "reading OSM facilities")
    found = places.build(members)
    counts |= found.counts
    progress(1.0, "read OSM file")
    return OsmData(
        walkways,
        private_ways,
        found.facilities,
        found.entrances,
        found.addresses,
        found.benches,
        counts,
    )


def _sort_lines(lines: list[str], walk: WalkwayCollector | None, places: PlaceCollector) -> None:
    """Hand every line of a block to whom it concerns."""
    in_places = bool(places.node_keys)
    for line in lines:
        kind = line[0]
        fields = line.split(" ")
        osm_id = int(fields[0][1:])
        tags = fields[-3 if kind == "n" else -2][1:]
        if walk is not None:
            if kind == "w":
                walk.add_way(osm_id, tags, fields[-1][1:-1])
            elif kind == "n":
                walk.add_node(osm_id, tags)
            else:
                walk.add_relation(osm_id, tags, fields[-1][1:-1])
        if in_places:
            if kind == "n":
                places.add_node(osm_id, tags, fields)
            elif kind == "w":
                places.add_way(osm_id, tags, fields)
            else:
                places.add_relation(osm_id, tags, fields)
    if walk is not None:
        walk.close_block()
    places.close_block()


def _members(lines: list[str]) -> dict[int, tuple[NDArray[np.int64], NDArray[np.float64]]]:
    """Read the nodes of the ways that relations are made of, as way id → (node ids, lonlat)."""
    fields = [line.split(" ") for line in lines]
    refs: Refs = parse_refs([f[-1][1:-1] for f in fields])
    return {
        int(f[0][1:]): (refs.node_id[a:b], refs.lonlat[a:b])
        for f, a, b in zip(fields, refs.start[:-1], refs.start[1:], strict=True)
    }
