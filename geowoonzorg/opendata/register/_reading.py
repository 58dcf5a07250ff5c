"""A file with an own list of facilities, with coordinates or with addresses, read and checked."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np

from geowoonzorg.errors import GeometryError, InputError, first_ids
from geowoonzorg.files import bring_to, column_for, read_places, read_table, split_layer
from geowoonzorg.messages import tell
from geowoonzorg.opendata.register._addresses import check_addresses, locate
from geowoonzorg.opendata.register._rows import as_register

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pandas as pd
    from pyproj import CRS

_PLACED = (("x", "y"), ("lon", "lat"))


def read_register(
    path: str | Path,
    *,
    crs: str | CRS = "EPSG:28992",
    addresses: gpd.GeoDataFrame | None = None,
    facility_class: str | None = None,
    classes_of: Mapping[str, str] | None = None,
    keep_gone: bool = False,
) -> gpd.GeoDataFrame:
    """Read an own list of facilities, with coordinates or with addresses.

    Parameters
    ----------
    path
        csv, xlsx or a vector layer: ``id,naam,klasse`` and ``x,y``, ``lon,lat`` or an address
        (``adres``, or ``postcode`` and ``huisnummer``), optionally ``bron, peildatum``. The table
        that `geowoonzorg.opendata.reconcile.write_reconciled` wrote is such a list, too.
    crs
        The metric CRS to work in.
    addresses
        Where to look up addresses: those of OSM or of the BAG, in any CRS.
    facility_class
        The class of the places that name none: all, in a list of DUO, or in one whose column with
        types says something else.
    classes_of
        What the list calls a kind of place → its class, besides the words that are known.
    keep_gone
        Whether rows that are closed or not to be used stay, as `as_register` marks them.

    Returns
    -------
    geopandas.GeoDataFrame
        As `as_register`; entries whose address is not found are left out and named in
        ``attrs["notes"]``, with the count.

    Raises
    ------
    MissingColumnError
        When there is neither a coordinate nor an address, or no class.
    InputError
        When not one address is found, or there are no addresses to look them up in.
    DuplicateIdError, GeometryError, CrsError, FormatError, SourceError, StudyError
        As `geowoonzorg.files.read_places` and `as_register`.

    Examples
    --------
    >>> read_register("missing.csv")
    Traceback (most recent call last):
    geowoonzorg.errors.SourceError: register: missing.csv does not exist; give the path of an existing file
    """
    where = f"register: {path}"
    table = _read_rows(path, crs)
    rows = partial(
        as_register,
        where=where,
        facility_class=facility_class,
        classes_of=classes_of,
        keep_gone=keep_gone,
    )
    if isinstance(table, gpd.GeoDataFrame):
        return rows(table)
    if addresses is None or addresses.empty:
        raise InputError(
            "{where} has no coordinates, and there are no addresses to look its places up in",
            where=where,
        )
    points = locate(table, bring_to(addresses, crs), where=where)
    places = gpd.GeoDataFrame(table, geometry=points)
    found = points.notna()
    if not found.any():
        raise InputError(
            "{where}: not one of its {n} addresses is known in this place; check the columns",
            where=where,
            n=len(table),
        )
    if not found.all():
        lines = np.flatnonzero(~found.to_numpy()) + 2
        places.attrs["notes"] = [
            tell(
                "{where}: addresses that are not found, or not one place, on lines {lines}",
                where=where,
                lines=first_ids(lines),
            )
        ]
    whole = rows(places)
    placed = whole.geometry.notna()
    register = whole[placed].reset_index(drop=True)
    # Of a class with a facility somewhere nothing is certain, neither where it is nor that there is none.
    closed = whole.attrs["closed"]
    register.attrs = whole.attrs | {
        "classes": sorted({*register["facility_class"], *closed}),
        "unplaced": sorted(set(whole["facility_class"][~placed])),
    }
    return register


def check_register(
    path: str | Path,
    *,
    crs: str | CRS = "EPSG:28992",
    facility_class: str | None = None,
    classes_of: Mapping[str, str] | None = None,
) -> gpd.GeoDataFrame:
    """Check an own list as far as that can be done without the addresses of the place.

    Parameters
    ----------
    path, facility_class, classes_of
        As for `read_register`.
    crs
        The metric CRS to work in.

    Returns
    -------
    geopandas.GeoDataFrame
        As `as_register`, without geometries where the list has addresses.

    Raises
    ------
    MissingColumnError, InputError, DuplicateIdError, GeometryError, CrsError, FormatError, SourceError
        As `read_register`, but for addresses that are not found.

    Examples
    --------
    >>> check_register("missing.csv")
    Traceback (most recent call last):
    geowoonzorg.errors.SourceError: register: missing.csv does not exist; give the path of an existing file
    """
    where = f"register: {path}"
    rows = _read_rows(path, crs)
    if not isinstance(rows, gpd.GeoDataFrame):
        check_addresses(rows, where)
        rows = gpd.GeoDataFrame(rows, geometry=gpd.GeoSeries(None, index=rows.index))
    return as_register(rows, where=where, facility_class=facility_class, classes_of=classes_of)


def _read_rows(path: str | Path, crs: str | CRS) -> pd.DataFrame:
    """Read the rows of a list: places, or a plain table when all it can have is addresses."""
    if split_layer(path)[0].suffix.lower() in {".csv", ".txt", ".xlsx"}:
        table = read_table(path, role="register")
        if not any(column_for(table, one) and column_for(table, other) for one, other in _PLACED):
            return table
    try:
        return read_places(path, role="register", crs=crs)
    except GeometryError as error:
        what = error.message
        raise GeometryError(
            "{what}. A facility that is closed needs its old place, too; or leave it out "
            "and name its class in the study: [facilities] complete",
            what=what,
        ) from error
