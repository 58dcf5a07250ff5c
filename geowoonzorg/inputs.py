"""Opens what a study or a command names: a network of any kind, facilities, addresses."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd

from geowoonzorg.errors import FormatError, InputError, StudyError
from geowoonzorg.files import (
    LAYER_SUFFIXES,
    OSM_SUFFIXES,
    check_input,
    check_replaceable,
    content_hash,
    is_osm,
    known_crs,
    read_vector,
    split_layer,
    working_crs,
)
from geowoonzorg.opendata.reconcile import reconcile
from geowoonzorg.opendata.register import read_register
from geowoonzorg.opendata.squares import read_squares
from geowoonzorg.osm import OsmData, read_data_date, read_facility_classes, read_osm
from geowoonzorg.progress import Progress, part, silent
from geowoonzorg.walk.entrances import entrances_as_text
from geowoonzorg.walk.network import WalkNetwork
from geowoonzorg.walking import WalkProfile, read_profile

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray
    from pyproj import CRS

_CACHE_SUFFIX = ".npz"
FACILITY_COLUMNS = [
    "id", "facility_class", "name", "osm_id", "last_edit", "entrances", "geometry",
]  # fmt: skip


def open_network(
    source: str | Path,
    *,
    profile: str | Path = "rollator",
    crs: str | CRS = "EPSG:28992",
    cache: str | Path | None = None,
    force: bool = False,
    progress: Progress = silent,
) -> WalkNetwork:
    """Open a network of any kind: an OSM file, a cached network or a line layer.

    Parameters
    ----------
    source
        ``.osm.pbf``, ``.osm``, ``.osm.bz2``; ``.npz`` as `WalkNetwork.save` writes it; or a line
        layer, where what the profile closes cannot be known.
    profile
        Who walks: a name, or the path of a TOML file.
    crs
        The metric CRS to work in.
    cache
        Where to keep the network: read from there when it was made of the same source with the
        same profile, else made anew and written there.
    force
        Whether what stands there may be replaced when it is no cached network.
    progress
        Hears how far the work is.

    Returns
    -------
    WalkNetwork
        The network; its ``notes`` say when a cache was not used and why.

    Raises
    ------
    StudyError
        When the profile is wrong, or a cached network was made with another profile or CRS.
    InputError, FormatError, SourceError, CrsError
        When the source cannot be read, or nothing in it may be walked.
    OutputError
        When the cache would replace another file, or cannot be written.

    Examples
    --------
    >>> open_network("missing.osm.pbf")
    Traceback (most recent call last):
    geowoonzorg.errors.SourceError: network: missing.osm.pbf does not exist; give the path of an existing file
    """
    walker = read_profile(profile)
    target = working_crs(crs)
    path, layer = split_layer(source)
    check_input(path, suffixes=OSM_SUFFIXES | LAYER_SUFFIXES | {_CACHE_SUFFIX}, role="network")
    if cache is not None:
        check_replaceable(cache, force=force, inputs=[path])
    if path.suffix.lower() == _CACHE_SUFFIX:
        return _load(path, walker, target, cache=cache)
    note = None
    if cache is not None and Path(cache).exists():
        expected = {"source": content_hash(path), "profile": walker.hash}
        try:
            kept = WalkNetwork.load(cache, provenance=expected)
        except FormatError as error:
            note = f"the cached network was made anew: {error}"
        else:
            if kept.crs == target:
                return kept
            note = f"the cached network was made anew: it was in {kept.crs.to_string()}"
    if is_osm(path):
        net = WalkNetwork.from_osm(path, profile=walker, crs=target, progress=progress)
        net = replace(net, provenance={**net.provenance, **_dated(path)})
    else:
        lines = read_vector(path, layer=layer, role="network")
        net = WalkNetwork.from_lines(lines, crs=target)
        net = replace(net, provenance=_made_of(path, walker))
    if cache is not None:
        net.save(cache)
    if note:  # said once: the cache is as good as new
        net = replace(net, notes=(*net.notes, note))
    progress(1.0, "network read")
    return net


def _made_of(path: Path, walker: WalkProfile) -> dict[str, str]:
    made = {"source": content_hash(path), "profile": walker.hash, "profile_name": walker.name}
    return made | _dated(path)


def _dated(path: Path) -> dict[str, str]:
    """Say of which day the data of an OSM file are, where it says so itself."""
    day = read_data_date(path) if is_osm(path) else None
    return {} if day is None else {"data_date": day.isoformat()}


def _load(
    path: Path, walker: WalkProfile, crs: CRS, *, cache: str | Path | None = None
) -> WalkNetwork:
    net = WalkNetwork.load(path)
    made_for = net.provenance.get("profile_name", "")
    if net.provenance.get("profile") not in {None, walker.hash}:
        msg = (
            f"network: {path} was made with the profile {made_for}, not {walker.name}; give --profile {made_for}, "
            "or make it anew from its source"
        )
        raise StudyError(msg)
    if net.crs != crs:
        msg = f"network: {path} is in {net.crs.to_string()}, not {crs.to_string()}; give --crs {net.crs.to_string()}"
        raise StudyError(msg)
    if cache is not None:
        net.save(cache)
    return net


@dataclass(frozen=True)
class Town:
    """What the network's source holds.

    Attributes
    ----------
    network
        What may be walked.
    facilities
        Of the classes asked for, as `read_facilities`; empty where the source is no OSM file.
    addresses
        Where people live, empty where not asked for.
    bench_lonlat
        Benches in degrees (WGS 84), shape (n, 2), or None where the source does not tell.
    """

    network: WalkNetwork
    facilities: gpd.GeoDataFrame
    addresses: gpd.GeoDataFrame
    bench_lonlat: NDArray[np.float64] | None = None


def read_town(
    source: str | Path,
    *,
    profile: str | Path,
    crs: str | CRS,
    classes: Sequence[str] = (),
    addresses: bool = False,
    progress: Progress = silent,
) -> Town:
    """Read streets, facilities and addresses, an OSM file in one pass.

    Parameters
    ----------
    source
        Anything `open_network` opens.
    profile
        Who walks.
    crs
        The metric CRS to work in.
    classes
        The facility classes to take from an OSM file.
    addresses
        Whether to take addresses from an OSM file.
    progress
        Hears how far the work is.

    Returns
    -------
    Town
        Streets, facilities and addresses.

    Raises
    ------
    StudyError, InputError, FormatError, SourceError, CrsError
        As `open_network`.

    Examples
    --------
    >>> read_town("missing.osm.pbf", profile="rollator", crs="EPSG:28992")
    Traceback (most recent call last):
    geowoonzorg.errors.SourceError: network: missing.osm.pbf does not exist; give the path of an existing file
    """
    if not is_osm(source):
        net = open_network(source, profile=profile, crs=crs, progress=progress)
        nothing = gpd.GeoDataFrame({c: [] for c in FACILITY_COLUMNS[:-1]}, geometry=[], crs=net.crs)
        return Town(net, nothing, nothing[["id", "geometry"]], net.bench_lonlat)
    walker = read_profile(profile)
    path = check_input(split_layer(source)[0], suffixes=OSM_SUFFIXES, role="network")
    data = read_osm(
        path,
        profile=walker,
        facility_classes=classes,
        addresses=addresses,
        benches=True,
        progress=part(progress, 0.0, 0.7),
    )
    if data.walkways is None:
        msg = f"network: {path}: nothing in it may be walked with the profile {walker.name}"
        raise InputError(msg)
    net = WalkNetwork.from_walkways(
        data.walkways, private_ways=data.private_ways, crs=working_crs(crs), counts=data.counts,
        provenance=_made_of(path, walker), bench_lonlat=data.benches,
    )  # fmt: skip
    progress(0.9, "network built")
    return Town(net, _facilities(data, net.crs), data.addresses.to_crs(net.crs), data.benches)


def _facilities(data: OsmData, crs: CRS) -> gpd.GeoDataFrame:
    found = data.facilities.to_crs(crs)
    # As text, since no vector format keeps two geometries; with the outline where no door is known,
    # since QGIS makes one point of every place when some are areas.
    outlines = data.facilities.geometry.where(data.facilities.geom_type != "Point")
    text = entrances_as_text(data.entrances.fillna(outlines), found.geometry)
    return found.assign(entrances=text)[FACILITY_COLUMNS]


def read_squares_as_homes(path: str | Path, *, crs: str | CRS) -> gpd.GeoDataFrame:
    """Read the CBS squares of 100 m as places where people live.

    Parameters
    ----------
    path
        The squares as published.
    crs
        The metric CRS to work in.

    Returns
    -------
    geopandas.GeoDataFrame
        ``id``, the centre of every square where people may live, and per group ``people_least``,
        ``people_most``, ``elderly_least``, ``elderly_most``: 0 to 4 where the count is secret.

    Raises
    ------
    InputError, MissingColumnError, CrsError, FormatError, SourceError
        As `geowoonzorg.opendata.squares.read_squares`.

    Examples
    --------
    >>> read_squares_as_homes("squares.kml", crs="EPSG:28992")
    Traceback (most recent call last):
    geowoonzorg.errors.InputError: squares: squares.kml has suffix .kml; allowed are ...
    """
    squares = read_squares(path)
    squares = squares[squares["square_inhabitants_max"] > 0]
    columns = {
        "id": squares.index.astype("str"),
        "people_least": squares["square_inhabitants_min"].to_numpy(),
        "people_most": squares["square_inhabitants_max"].to_numpy(),
        "elderly_least": squares["square_65plus_min"].to_numpy(),
        "elderly_most": squares["square_65plus_max"].to_numpy(),
    }
    centres = gpd.GeoDataFrame(
        columns, geometry=squares.geometry.centroid.to_numpy(), crs=squares.crs
    )
    return centres.to_crs(working_crs(crs))


def read_facilities(
    path: str | Path,
    classes: Sequence[str] | None = None,
    *,
    crs: str | CRS = "EPSG:28992",
    progress: Progress = silent,
) -> gpd.GeoDataFrame:
    """Take the facilities out of an OSM file, each counted once.

    Parameters
    ----------
    path
        ``.osm.pbf``, ``.osm`` or ``.osm.bz2``.
    classes
        Which; all that are known by default.
    crs
        The CRS of the result.
    progress
        Hears how far the work is.

    Returns
    -------
    geopandas.GeoDataFrame
        ``id, facility_class, name, osm_id`` (as ``n123``, ``w123``, ``r123``), ``last_edit``,
        ``entrances`` and ``geometry`` (point or polygon). ``entrances`` is where one walks to: the
        doors of a building, its outline where none is known, or all platforms of a stop, as WKT in
        degrees (WGS 84), with where the place is, so that moving it is noticed; missing where one
        walks to the point itself. ``attrs["counts"]`` says what was dropped and why. What OpenStreetMap
        lacks is unknown, not absent.

    Raises
    ------
    StudyError
        When a class is unknown.
    CrsError
        When the CRS is unknown.
    InputError, FormatError, SourceError
        When the file cannot be read.

    Examples
    --------
    >>> read_facilities("missing.osm.pbf")
    Traceback (most recent call last):
    geowoonzorg.errors.SourceError: facilities: missing.osm.pbf does not exist; give the path of an existing file
    """
    target = known_crs(crs)
    checked = check_input(path, suffixes=OSM_SUFFIXES, role="facilities")
    wanted = tuple(read_facility_classes()) if classes is None else tuple(classes)
    data = read_osm(checked, facility_classes=wanted, progress=progress)
    found = _facilities(data, target)
    found.attrs["counts"] = data.counts
    return found


def reconcile_register(
    osm: str | Path,
    register: str | Path,
    *,
    crs: str | CRS = "EPSG:28992",
    facility_class: str | None = None,
    progress: Progress = silent,
) -> pd.DataFrame:
    """Lay an own list of facilities beside those of an OSM file.

    Parameters
    ----------
    osm
        ``.osm.pbf``, ``.osm`` or ``.osm.bz2``.
    register
        The list, with coordinates or addresses.
    crs
        The metric CRS to work in.
    facility_class
        The class of the places in the list that name none.
    progress
        Hears how far the work is.

    Returns
    -------
    pandas.DataFrame
        As `geowoonzorg.opendata.reconcile.reconcile`: matched, moved, only in the list, only in OSM.

    Raises
    ------
    CrsError
        When the CRS is not metric.
    InputError, FormatError, SourceError
        When either cannot be read.

    Examples
    --------
    >>> reconcile_register("missing.osm.pbf", "own.csv")
    Traceback (most recent call last):
    geowoonzorg.errors.SourceError: facilities: missing.osm.pbf does not exist; give the path of an existing file
    """
    target = working_crs(crs)
    path = check_input(osm, suffixes=OSM_SUFFIXES, role="facilities")
    data = read_osm(
        path, facility_classes=tuple(read_facility_classes()), addresses=True, progress=progress
    )
    own = read_register(
        register, crs=target, addresses=data.addresses, facility_class=facility_class
    )
    return reconcile(own, data.facilities)
