"""The facilities of a town: from an OSM file, and from an own list that wins over it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from geowoonzorg.errors import InputError, first_ids
from geowoonzorg.files import OSM_SUFFIXES, as_message, check_input, known_crs, working_crs
from geowoonzorg.osm import OsmData, read_facility_classes, read_osm
from geowoonzorg.osm.classes import classes_once
from geowoonzorg.progress import Progress, silent
from geowoonzorg.walk.entrances import entrances_as_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pyproj import CRS

FACILITY_COLUMNS = [
    "id", "facility_class", "name", "osm_id", "last_edit", "capaciteit", "toegankelijk", "doelgroep",
    "entrances", "geometry",
]  # fmt: skip


def as_facilities(data: OsmData, crs: CRS) -> gpd.GeoDataFrame:
    """Give the facilities of an OSM file as the layer that everything walks to.

    Parameters
    ----------
    data
        What was read.
    crs
        The CRS of the result.

    Returns
    -------
    geopandas.GeoDataFrame
        As `read_facilities`.

    Examples
    --------
    >>> from geowoonzorg.town.reading import demo_study
    >>> data = read_osm(demo_study().parent / "wierhaven.osm.pbf", facility_classes=("huisarts",))
    >>> as_facilities(data, "EPSG:28992").columns.tolist() == FACILITY_COLUMNS
    True
    """
    found = data.facilities.to_crs(crs)
    # As text, since no vector format keeps two geometries; with the outline where no door is known,
    # since QGIS makes one point of every place when some are areas.
    outlines = data.facilities.geometry.where(data.facilities.geom_type != "Point")
    text = entrances_as_text(data.entrances.fillna(outlines), found.geometry)
    unsaid = pd.Series(np.nan, found.index, dtype="str")
    return found.assign(
        entrances=text, capaciteit=data.capacity, toegankelijk=unsaid, doelgroep=unsaid
    )[FACILITY_COLUMNS]


def no_facilities(crs: CRS) -> gpd.GeoDataFrame:
    """Give the layer of facilities without any.

    Parameters
    ----------
    crs
        Its CRS.

    Returns
    -------
    geopandas.GeoDataFrame
        `FACILITY_COLUMNS` and no rows.

    Examples
    --------
    >>> len(no_facilities("EPSG:28992"))
    0
    """
    return with_facility_columns(gpd.GeoDataFrame(geometry=[], crs=crs))


def with_facility_columns(places: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give places all columns of facilities, those they lack as missing.

    Parameters
    ----------
    places
        Any, with geometry.

    Returns
    -------
    geopandas.GeoDataFrame
        `FACILITY_COLUMNS`.

    Raises
    ------
    InputError
        When a ``capaciteit`` is no number, or under 0.

    Examples
    --------
    >>> places = gpd.GeoDataFrame({"capaciteit": ["12"]}, geometry=gpd.points_from_xy([0], [0]), crs=28992)
    >>> with_facility_columns(places)[["capaciteit", "doelgroep"]].values.tolist()
    [[12.0, nan]]
    """
    absent = [c for c in FACILITY_COLUMNS if c not in places]
    places = places.assign(**{c: pd.Series(np.nan, places.index, dtype="str") for c in absent})
    given = places["capaciteit"]
    number = pd.to_numeric(given, errors="coerce").astype("float64")
    wrong = (number.isna() & given.notna()) | (number < 0) | np.isinf(number)
    if wrong.any():
        raise InputError(
            "facilities: a capaciteit is a number of 0 or more, not {ids}; correct it, or leave it empty",
            ids=first_ids(given[wrong]),
        )
    return places.assign(capaciteit=number)[FACILITY_COLUMNS]


def check_columns(frame: pd.DataFrame, *, where: str) -> None:
    """Refuse columns that a GeoPackage cannot tell apart, before the work instead of after it.

    Parameters
    ----------
    frame
        What will stand in an output.
    where
        The role and source, which starts the message.

    Raises
    ------
    InputError
        When two columns differ in capitals only.

    Examples
    --------
    >>> import pandas as pd
    >>> check_columns(pd.DataFrame(columns=["Score", "score"]), where="sites")
    Traceback (most recent call last):
    geowoonzorg.errors.InputError: sites has columns that differ in capitals only: Score, score; rename one
    """
    seen: dict[str, list[str]] = {}
    for column in map(str, frame.columns):
        seen.setdefault(column.lower(), []).append(column)
    alike = [column for several in seen.values() if len(several) > 1 for column in several]
    if alike:
        raise InputError(
            "{where} has columns that differ in capitals only: {columns}; rename one",
            where=as_message(where), columns=", ".join(alike),
        )  # fmt: skip


def read_facilities(
    path: str | Path,
    classes: Sequence[str] | None = None,
    *,
    crs: str | CRS = "EPSG:28992",
    addresses: bool = False,
    progress: Progress = silent,
) -> gpd.GeoDataFrame:
    """Take the facilities out of an OSM file, each counted once.

    Parameters
    ----------
    path
        ``.osm.pbf``, ``.osm`` or ``.osm.bz2``.
    classes
        Which; by default all that are known, but for the parts of a class such as ``inloopvoorziening``, so that
        each facility stands in one of those.
    crs
        The CRS of the result.
    addresses
        Whether to count the file's addresses too, by which `expect_facilities` tells how many facilities
        there should be.
    progress
        Hears how far the work is.

    Returns
    -------
    geopandas.GeoDataFrame
        ``id, facility_class, name, osm_id`` (as ``n123``, ``w123``, ``r123``), ``last_edit``,
        ``capaciteit`` (people, NaN where unknown), ``toegankelijk`` and ``doelgroep`` (which only an own list
        tells), ``entrances`` and ``geometry`` (point or polygon). ``entrances`` is where one walks to: the
        doors of a building, its outline where none is known, or all platforms of a stop, as WKT in
        degrees (WGS 84), with where the place is, so that moving it is noticed; missing where one
        walks to the point itself. ``attrs["counts"]`` says what was dropped and why,
        ``attrs["n_addresses"]`` how many addresses there are where that is asked. What OpenStreetMap lacks is
        unknown, not absent.

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
    >>> from geowoonzorg.town.reading import demo_study
    >>> found = read_facilities(demo_study().parent / "wierhaven.osm.pbf", ["huisarts"])
    >>> found["facility_class"].unique().tolist()
    ['huisarts']
    """
    target = known_crs(crs)
    checked = check_input(path, suffixes=OSM_SUFFIXES, role="facilities")
    wanted = classes_once() if classes is None else tuple(classes)
    data = read_osm(checked, facility_classes=wanted, addresses=addresses, progress=progress)
    found = as_facilities(data, target)
    found.attrs["counts"] = data.counts
    if addresses:
        found.attrs["n_addresses"] = len(data.addresses)
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
    >>> from geowoonzorg.town.reading import demo_study
    >>> folder = demo_study().parent
    >>> found = reconcile_register(folder / "wierhaven.osm.pbf", folder / "voorzieningen.csv")
    >>> found["status"].unique().tolist()
    ['matched', 'only_list', 'only_osm']
    """
    target = working_crs(crs)
    path = check_input(osm, suffixes=OSM_SUFFIXES, role="facilities")
    from geowoonzorg.opendata.reconcile import reconcile
    from geowoonzorg.opendata.register import read_register

    data = read_osm(
        path, facility_classes=tuple(read_facility_classes()), addresses=True, progress=progress
    )
    own = read_register(
        register,
        crs=target,
        addresses=data.addresses,
        facility_class=facility_class,
        keep_gone=True,
    )
    found = reconcile(own, data.facilities.assign(capaciteit=data.capacity))
    found.attrs["notes"] = list(own.attrs.get("notes", ()))
    return found
