"""OSM file → walkable ways, facilities, addresses and benches, with counts of what was dropped and why."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from geowoonzorg.errors import InputError, OutputError
from geowoonzorg.files import OSM_SUFFIXES, check_input, reason_of
from geowoonzorg.messages import tell
from geowoonzorg.osm import _buildings
from geowoonzorg.osm._attributes import describe_ways
from geowoonzorg.osm._convert import write_pbf
from geowoonzorg.osm._cutting import cut_extract
from geowoonzorg.osm._elements import write_elements
from geowoonzorg.osm._head import read_data_date
from geowoonzorg.osm._objects import Keys, Objects
from geowoonzorg.osm._places import PlaceCollector
from geowoonzorg.osm._plazas import Outlines
from geowoonzorg.osm._reader import read_pbf
from geowoonzorg.osm._walkways import WalkwayCollector, Walkways
from geowoonzorg.osm.classes import FacilityClass, read_facility_classes
from geowoonzorg.progress import part, silent

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    import geopandas as gpd
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray
    from pyproj import CRS

    from geowoonzorg.messages import Message
    from geowoonzorg.osm._filling import Fill
    from geowoonzorg.osm.profile import WalkProfile
    from geowoonzorg.progress import Progress

__all__ = [
    "FacilityClass",
    "OsmData",
    "Outlines",
    "Walkways",
    "asked_keys",
    "cut_extract",
    "describe_ways",
    "read_buildings",
    "read_data_date",
    "read_dropped",
    "read_facility_classes",
    "read_osm",
    "write_elements",
]

_READ_SHARE: Final = 0.7


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
        What was read and what was dropped, per kind, by reason; under ``twice`` how many nodes, ways and
        relations that are needed stand in the file more than once, where any do.
    notes
        What a user should know of the ways.
    data_date
        As `read_data_date`: the day up to which the file holds the edits of OSM, the earliest of several, None where
        one does not say.
    capacity
        Series on the facilities' index: how many people each holds, where its class is one of which OSM tells
        that in a way that can be compared; NaN where unknown.
    """

    walkways: Walkways | None
    private_ways: Walkways | None
    facilities: gpd.GeoDataFrame
    entrances: gpd.GeoSeries
    addresses: gpd.GeoDataFrame
    benches: NDArray[np.float64]
    counts: dict[str, dict[str, int]]
    data_date: date | None
    capacity: pd.Series[float]
    notes: tuple[Message, ...] = ()


def read_osm(
    path: str | Path | Sequence[str | Path],
    *,
    profile: WalkProfile | None = None,
    facility_classes: Sequence[str] = (),
    addresses: bool = False,
    benches: bool = False,
    fill: Fill | None = None,
    progress: Progress = silent,
) -> OsmData:
    """Read what is asked for from an OSM file, in one pass over it, or from several that adjoin each other.

    Parameters
    ----------
    path
        An OSM file: ``.osm.pbf``, ``.osm``, ``.osm.bz2`` or ``.osm.gz``, in any order. Or several, such as the
        extracts of provinces: what stands in more than one of them counts once, and ways go on over the borders.
    profile
        Who walks; None reads no ways.
    facility_classes
        The classes to read, of those in ``knowledge/facility_classes.toml``.
    addresses, benches
        Whether to read these.
    fill
        Fills in what the tags do not say before ways are judged: given lines (EPSG:4326) between
        junctions with ``highway``, ``level`` (1 a bridge, -1 a tunnel) and ``needs_surface``,
        ``needs_width_m``, ``needs_incline_pct``, it gives ``surface`` (OSM's word), ``width_m`` (m) and
        ``incline_pct`` (%), each missing where unknown, and their ``…_source``, on the same index.
    progress
        Hears how far the work is, and may cancel it.

    Returns
    -------
    OsmData
        What was found, with counts of what was dropped and why.

    Raises
    ------
    InputError
        When the path is not a plain OSM file, when nothing in it may be walked, when over 1 % of the
        walkable ways miss a node, or when facilities are more than a file of its size can hold or
        lie closer together than in any town.
    SourceError
        When the file is not there or cannot be read.
    FormatError
        When the file is empty, truncated or broken, holds XML entities, a NUL, history or far more than
        its size, is packed by lz4, zstd or lzma, or a node that is needed lies off the globe.
    StudyError
        When a facility class is not known.
    OutputError
        When the temporary folder is full, for other formats than PBF.
    Cancelled
        When ``progress`` raises it.

    Notes
    -----
    A PBF file is read from its end to its start, so that nothing is kept of nodes and ways that are
    not needed, and memory is what is found and a few blocks of the file; libosmium makes PBF of the
    other formats first, in the temporary folder. A file that is not sorted (nodes, ways, relations, each
    by id) is read two or three times. Of an object that stands in it more than once, as where extracts that
    overlap were put together, the highest version counts, of equal versions the last with a key asked for:
    ``counts["twice"]`` says of how many. What is deleted is not there. Texts are kept as they are, however
    hostile; who shows them escapes them.

    Examples
    --------
    >>> from geowoonzorg.prepare import demo_study
    >>> path = demo_study().parent / "wierhaven.osm.pbf"
    >>> data = read_osm(path, facility_classes=["huisarts"])
    >>> data.facilities["name"][0], data.counts["facilities"]["huisarts: kept"]
    ('Huisartsenpraktijk Markt', 7)
    >>> read_osm("town.osm.pbf")
    Traceback (most recent call last):
    geowoonzorg.errors.SourceError: OSM file: town.osm.pbf does not exist; give the path of an existing file
    """
    given = [path] if isinstance(path, str | Path) else path
    files = [check_input(one, suffixes=OSM_SUFFIXES, role="OSM file") for one in given]
    file = files[0]
    dates = [read_data_date(one) for one in files]  # of a file that is none this tells at once
    walk = WalkwayCollector(profile, fill) if profile is not None else None
    places = PlaceCollector(files, facility_classes, addresses=addresses, benches=benches)
    way_keys = places.way_keys | (walk.way_keys if walk else frozenset())
    keys = Keys(
        node=places.node_keys | (walk.node_keys if walk else frozenset()),
        way=way_keys,
        relation=way_keys | places.group_keys,
        matter=places.tag_keys | (walk.tag_keys if walk else frozenset()),
    )

    def member_ways(relations: Objects) -> set[int]:
        return places.member_ways(relations) | (walk.member_ways(relations) if walk else set())

    nodes, ways, relations, twice = _read_objects(
        files, keys, member_ways, part(progress, 0.0, _READ_SHARE)
    )
    progress(_READ_SHARE, "reading OSM tags")
    walkways = private_ways = None
    counts: dict[str, dict[str, int]] = {}
    if any(twice.values()):
        counts["twice"] = {what: n for what, n in twice.items() if n}
    if walk is not None and profile is not None:
        walkways, private_ways = walk.build(file, nodes, ways, relations)
        counts |= {"ways": dict(sorted(walk.counts.items()))}
        if not len(walkways.way_id):
            seen = ", ".join(f"{n} {what}" for what, n in counts["ways"].items() if n) or tell(
                "no ways"
            )
            raise InputError(
                "{file}: nothing may be walked by the profile {profile} (found {seen})",
                file=file,
                profile=profile.name,
                seen=seen,
            )
    progress(0.9, "reading OSM facilities")
    found = places.build(nodes, ways, relations)
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
        min((one for one in dates if one), default=None) if all(dates) else None,
        found.capacity,
        tuple(walk.notes) if walk else (),
    )


def read_dropped(
    path: str | Path, *, profile: WalkProfile, progress: Progress = silent
) -> gpd.GeoDataFrame:
    """Read from an OSM file the ways that are closed to who walks, and why.

    Parameters
    ----------
    path
        As `read_osm`.
    profile
        Who walks.
    progress
        Hears how far the work is, and may cancel it.

    Returns
    -------
    geopandas.GeoDataFrame
        One row per way (more where nodes of it are missing), in EPSG:4326: ``osm_id``, ``reason`` (the
        profile's word, such as ``steps``), what the tags say of it (``highway``, ``surface``, ``width_m`` …), and
        ``geometry`` (lines).

    Raises
    ------
    InputError, SourceError, FormatError, OutputError, Cancelled
        As `read_osm`.

    Examples
    --------
    >>> from geowoonzorg.osm.profile import read_profile
    >>> from geowoonzorg.prepare import demo_study
    >>> dropped = read_dropped(demo_study().parent / "wierhaven.osm.pbf", profile=read_profile("rollator"))
    >>> dropped["reason"].value_counts().sort_index().to_dict()
    {'access': 28, 'narrow': 4, 'steps': 11, 'surface': 11}
    """
    import geopandas as gpd
    import shapely

    file = check_input(path, suffixes=OSM_SUFFIXES, role="OSM file")
    walk = WalkwayCollector(profile)
    keys = Keys(node=walk.node_keys, way=walk.way_keys, relation=frozenset(), matter=walk.tag_keys)
    _, ways, _, _ = _read_objects([file], keys, lambda _relations: set(), progress)
    table, refs = walk.dropped(ways)
    lines = shapely.from_ragged_array(
        shapely.GeometryType.LINESTRING, refs.nodes.lonlat[refs.row], (refs.start,)
    )
    return gpd.GeoDataFrame(table, geometry=lines, crs="EPSG:4326")


def read_buildings(
    path: str | Path, *, crs: str | CRS = "EPSG:28992", progress: Progress = silent
) -> gpd.GeoDataFrame:
    """Read the buildings of an OSM file: for what they are, how much floor they have, from which year they are.

    Parameters
    ----------
    path
        As `read_osm`.
    crs
        The metric CRS of the result.
    progress
        Hears how far the work is, and may cancel it.

    Returns
    -------
    geopandas.GeoDataFrame
        ``id`` (as ``w123`` or ``r123``), ``use`` (in the words of the BAG, such as ``kantoorfunctie``),
        ``floor_m2`` (ground times levels), ``year`` (Int64) and geometry, each missing where the tags do not tell.
        What is not there yet or not any more is left out. ``attrs["notes"]`` says of how many what is known.

    Raises
    ------
    InputError
        When there are none, or as `read_osm`.
    SourceError, FormatError, OutputError, Cancelled
        As `read_osm`.

    Examples
    --------
    >>> from geowoonzorg.prepare import demo_study
    >>> found = read_buildings(demo_study().parent / "wierhaven.osm.pbf")
    >>> found["use"].value_counts()["winkelfunctie"], bool(found["floor_m2"].notna().all())
    (np.int64(31), False)
    """
    file = check_input(path, suffixes=OSM_SUFFIXES, role="OSM file")
    _, ways, relations, _ = _read_objects([file], _buildings.KEYS, _buildings.member_ways, progress)
    return _buildings.draw_buildings(ways, relations, crs=crs, path=file)


def asked_keys() -> tuple[str, ...]:
    """Name the keys of which an object must carry one to be read: as a street, facility, address or bench.

    Returns
    -------
    tuple of str
        In alphabetical order: what is to be asked of a service that gives objects by their keys. The doors and
        barriers that stand on ways come with these.

    Examples
    --------
    >>> {"highway", "addr:housenumber", "shop"} <= set(asked_keys())
    True
    """
    marks = {key for kind in read_facility_classes().values() for key in kind.keys}
    return tuple(sorted(marks | {"highway", "addr:housenumber", "amenity"}))


def _read_objects(
    files: Sequence[Path],
    keys: Keys,
    member_ways: Callable[[Objects], set[int]],
    progress: Progress,
) -> tuple[Objects, Objects, Objects, dict[str, int]]:
    """Read files of any format, which become PBF first."""
    if all(file.name.lower().endswith(".pbf") for file in files):
        return read_pbf([(file, file) for file in files], keys, member_ways, progress)
    try:
        folder = tempfile.TemporaryDirectory(prefix="geowoonzorg-")
    except OSError as error:
        raise OutputError(
            "no temporary folder can be made ({why}); free some disk space or set TMPDIR",
            why=reason_of(error),
        ) from error
    with folder as name:
        packed = []
        for number, file in enumerate(files):
            target = file
            if not file.name.lower().endswith(".pbf"):
                target = Path(name) / f"{number}.pbf"
                step = part(progress, 0.5 * number / len(files), 0.5 * (number + 1) / len(files))
                write_pbf(file, target, step)
            packed.append((target, file))
        return read_pbf(packed, keys, member_ways, part(progress, 0.5, 1.0))
