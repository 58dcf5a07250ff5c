"""Places: points or polygons with a unique id, from a file or from memory, in the system that is worked in."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from geowoonzorg.errors import (
    CrsError,
    DuplicateIdError,
    FormatError,
    GeometryError,
    InputError,
    MissingColumnError,
    first_ids,
)
from geowoonzorg.files._crs import bring_to, check_coordinates, working_crs
from geowoonzorg.files._paths import (
    LAYER_SUFFIXES,
    as_message,
    check_input,
    split_layer,
    suffix_of,
)
from geowoonzorg.files._synonyms import column_for
from geowoonzorg.files._tables import parse_numbers, read_table
from geowoonzorg.files._vectors import read_vector, with_role
from geowoonzorg.messages import tell

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_RD = CRS.from_epsg(28992)
_WGS84 = CRS.from_epsg(4326)
_POINT_SUFFIXES = LAYER_SUFFIXES | {".csv", ".txt", ".xlsx"}


def _read_places_table(path: Path, role: str, crs: CRS) -> gpd.GeoDataFrame:
    table = read_table(path, role=role)
    lon, lat, x, y = (column_for(table, m) for m in ("lon", "lat", "x", "y"))
    if lon and lat:
        east, north, source = lon, lat, _WGS84
    elif x and y:
        east, north, source = x, y, crs
    elif wkt := column_for(table, "wkt"):
        return _read_wkt(table, wkt, with_role(role, path), crs)
    else:
        raise MissingColumnError(
            "{role}: {file} has no coordinates: expected columns x and y, or lon and lat; it "
            "has {columns}",
            role=as_message(role),
            file=path,
            columns=", ".join(map(str, table.columns)),
        )
    # 190.000,5 beside 507.000: metres are written one way in both columns; degrees have no thousands.
    commas = source != _WGS84 and any(
        table[c].str.contains(",", na=False).any() for c in (east, north)
    )
    numbers = [
        parse_numbers(
            table[c],
            where=tell("{where}, column {column}", where=with_role(role, path), column=c),
            commas=commas,
        )
        for c in (east, north)
    ]
    frame = gpd.GeoDataFrame(
        table.drop(columns=[east, north]),
        geometry=gpd.points_from_xy(numbers[0], numbers[1], crs=source),
    )
    unknown = numbers[0].isna() | numbers[1].isna()
    frame.loc[unknown, "geometry"] = None
    where = tell("{where} (columns {x} and {y})", where=with_role(role, path), x=east, y=north)
    try:
        check_coordinates(frame, where=where)
    except CrsError as error:
        degrees = max(column.abs().max() for column in numbers) <= 180  # noqa: PLR2004
        if source == _WGS84 or not degrees:
            raise
        raise CrsError(
            "{where}: they hold degrees, not metres: name the columns lon and lat, not {east}"
            " and {north}",
            where=as_message(where),
            east=east,
            north=north,
        ) from error
    frame.attrs["coordinates_from"] = (east, north)
    return frame


def _read_wkt(table: pd.DataFrame, column: str, where: str, crs: CRS) -> gpd.GeoDataFrame:
    """Take places from a column of geometries as text, in ``crs``, as QGIS writes them in a csv."""
    text = table[column]
    shapes = shapely.from_wkt(
        text.astype(object).where(text.notna(), None).to_numpy(), on_invalid="ignore"
    )
    wrong = text[shapely.is_missing(shapes) & text.notna()]
    where = tell("{where}, column {column}", where=where, column=column)
    if len(wrong):
        raise FormatError(
            "{where}: {n} {n:cell is not a geometry|cells are not geometries} as WKT ({cells}); "
            "correct or empty them",
            where=where,
            n=len(wrong),
            cells=", ".join(f"{cell[:60]!r}" for cell in wrong.head(5)),
        )
    frame = gpd.GeoDataFrame(table.drop(columns=column), geometry=shapely.force_2d(shapes), crs=crs)
    try:
        check_coordinates(frame, where=where)
    except CrsError as error:
        raise CrsError(
            "{where}: these are no coordinates in {crs}, and a text names no other CRS; give a "
            "GeoPackage, or columns lon and lat",
            where=where,
            crs=crs.to_string(),
        ) from error
    frame.attrs["coordinates_from"] = (column,)
    return frame


def read_places(path: str | Path, *, role: str, crs: str | CRS = _RD) -> gpd.GeoDataFrame:
    """Read places (points or polygons) with a unique text ``id``, in the working CRS.

    Parameters
    ----------
    path
        A vector layer, or a csv or xlsx with ``x,y`` (in ``crs``), ``lon,lat`` (in degrees) or geometries
        as WKT (in ``crs``).
    role
        What the places are: ``"sites"``, ``"facilities"``, ``"origins"``.
    crs
        The metric CRS to work in.

    Returns
    -------
    geopandas.GeoDataFrame
        Column ``id`` (str; the column ``id`` of the file, else the feature id or row number; then
        ``attrs["numbered"]`` is True), the file's other columns, ``geometry`` in ``crs``; a range
        index.

    Raises
    ------
    DuplicateIdError
        When an id occurs twice.
    GeometryError
        When a place has no geometry, or lines instead of points or polygons.
    InputError, MissingColumnError, CrsError, FormatError, SourceError, StudyError
        As `read_vector` and `read_table`; also when an id is empty.
    CrsChoiceError
        As `working_crs`.

    Examples
    --------
    >>> from geowoonzorg.prepare import demo_study
    >>> demo = demo_study().parent
    >>> own = read_places(demo / "voorzieningen.csv", role="facilities")
    >>> len(own), own.attrs["coordinates_from"], own.crs.to_string()
    (19, ('x', 'y'), 'EPSG:28992')
    """
    file, layer = split_layer(path)
    crs = working_crs(crs)
    checked = check_input(file, suffixes=_POINT_SUFFIXES, role=role)
    if suffix_of(checked) in {".csv", ".txt", ".xlsx"}:
        frame = _read_places_table(checked, role, crs)
    else:
        frame = read_vector(checked, layer=layer, role=role)
    return as_points(frame, where=with_role(role, checked), crs=crs)


def as_points(
    frame: gpd.GeoDataFrame,
    *,
    where: str,
    crs: str | CRS = _RD,
    kinds: Sequence[str] = ("Point", "Polygon"),
    keep_index: bool = False,
) -> gpd.GeoDataFrame:
    """Check places that are in memory already, and bring them into the working CRS.

    Parameters
    ----------
    frame
        Places with a CRS; the key is the column ``id``, else the index.
    where
        The role and source, which starts each message.
    crs
        The metric CRS to work in.
    kinds
        The geometry types allowed; their Multi- forms are, too.
    keep_index
        Whether the result has the index of ``frame``, whatever labels that has, instead of a range.

    Returns
    -------
    geopandas.GeoDataFrame
        As `read_places`, in the order of ``frame``. Polygons that cross themselves are repaired; ``attrs["notes"]``
        says which.

    Raises
    ------
    CrsError
        As `check_coordinates`.
    DuplicateIdError, GeometryError, InputError, CrsChoiceError
        As `read_places`.

    Examples
    --------
    >>> points = gpd.GeoDataFrame(geometry=gpd.points_from_xy([190000], [507000], crs=28992))
    >>> as_points(points, where="sites")["id"].tolist()
    ['0']
    >>> as_points(points.set_axis(["a"]), where="sites", keep_index=True).index.tolist()
    ['a']
    """
    if getattr(frame, "active_geometry_name", None) is None:
        raise GeometryError(
            "{where}: a table without geometries; give a GeoDataFrame", where=as_message(where)
        )
    check_coordinates(frame, where=where)
    target = working_crs(crs)
    # What is empty may have none.
    known = frame if frame.crs is not None else frame.set_crs(target)
    places = known if known.crs == target else bring_to(known, target)
    own = "id" if "id" in places.columns else _like_id(places)
    if own is not None and own != "id":
        places = places.rename(columns={own: "id"})
    labels = places.index.to_flat_index()  # of several levels: their labels together
    ids = pd.Series(labels, index=places.index) if own is None else places["id"]
    if ids.isna().any():
        rows = first_ids(np.flatnonzero(ids.isna().to_numpy()) + 1)
        raise InputError(
            "{where}: the column id is empty in rows {rows}; give every place an id",
            where=as_message(where),
            rows=rows,
        )
    whole = pd.api.types.is_float_dtype(ids) and bool((ids == ids.round()).all())
    text = (ids.astype("int64") if whole else ids).astype("str").str.strip()
    twice = text[text.duplicated()].unique()
    if len(twice):
        raise DuplicateIdError(
            "{where}: ids that occur more than once: {ids}; make them unique",
            where=as_message(where),
            ids=first_ids(twice),
        )
    places = places.assign(id=text.to_numpy())
    if not keep_index:
        places = places.reset_index(drop=True)
    _check_kinds(places, where, kinds)
    places = _repair(places)
    places.attrs["numbered"] = own is None
    return places


def _like_id(places: gpd.GeoDataFrame) -> str | None:
    """Find a column ID or Id that can be the key; one with gaps or doubles is something else."""
    alike = [c for c in places.columns if str(c).strip().lower() == "id"]
    whole = [c for c in alike if places[c].notna().all() and not places[c].duplicated().any()]
    return str(whole[0]) if len(alike) == 1 and whole else None


def _check_kinds(places: gpd.GeoDataFrame, where: str, kinds: Sequence[str]) -> None:
    absent = places.geometry.isna() | places.geometry.is_empty
    if absent.any():
        raise GeometryError(
            "{where}: without a geometry: {ids}; give them a place or remove them",
            where=as_message(where),
            ids=first_ids(places["id"][absent]),
        )
    wrong = ~places.geom_type.str.removeprefix("Multi").isin(kinds)
    if wrong.any():
        found = ", ".join(sorted(set(places.geom_type[wrong])))
        raise GeometryError(
            "{where}: {found} where {kinds} is needed: {ids}",
            where=as_message(where),
            found=found,
            kinds=reduce(lambda one, other: tell("{one} or {other}", one=one, other=other), kinds),
            ids=first_ids(places["id"][wrong]),
        )


def _repair(places: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    geometry = places.geometry.to_numpy().copy()
    single = (shapely.get_type_id(geometry) > 3) & (shapely.get_num_geometries(geometry) == 1)  # noqa: PLR2004
    geometry[single] = shapely.get_geometry(geometry[single], 0)
    broken = ~shapely.is_valid(geometry)
    notes: list[str] = list(places.attrs.get("notes", []))
    if broken.any():
        before = shapely.area(geometry[broken])
        geometry[broken] = shapely.make_valid(
            geometry[broken], method="structure", keep_collapsed=False
        )
        after = shapely.area(geometry[broken])
        lost = places["id"][broken][after == 0]
        if len(lost):
            raise GeometryError(
                "polygons that cannot be repaired: {ids}; draw them again",
                ids=first_ids(lost),
            )
        change = float(np.max(np.abs(after - before)))
        notes.append(
            tell(
                "polygons that crossed themselves were repaired: {ids}; their area changed by at most "
                "{change_m2:.0f} m2",
                ids=first_ids(places["id"][broken]),
                change_m2=change,
            )
        )
    places = places.set_geometry(gpd.GeoSeries(geometry, index=places.index, crs=places.crs))
    places.attrs["notes"] = notes
    return places
