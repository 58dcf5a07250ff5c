"""Squares of 100 m: CBS counts of people with their intervals, and the Leefbaarometer grid."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geowoonzorg.errors import (
    CrsError,
    DuplicateIdError,
    InputError,
    MissingColumnError,
    first_ids,
)
from geowoonzorg.files import TABLE_SUFFIXES, bring_to, read_table, read_vector, split_layer
from geowoonzorg.messages import tell
from geowoonzorg.opendata.codes import find_column
from geowoonzorg.opendata.figures import parse_figures
from geowoonzorg.opendata.leefbaarometer import check_sum, take_year
from geowoonzorg.opendata.sources import LEEFBAAROMETER_FORMATS, SQUARE_FORMATS

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

COUNTS = ("square_inhabitants", "square_65plus", "square_dwellings")
_SIDE_M = 100
_SECRET_MOST = 4  # CBS: fewer than five is not published
_ROUNDING = 2  # a published count is rounded to a multiple of five, so off by two at most
_ID_NAMES = ("crs28992res100m", "C28992R100", "grid_id", "gridid", "vierkant")
_RD_X_M = (-10_000, 300_000)
_RD_Y_M = (280_000, 650_000)
_EUROPEAN_M = 2_000_000  # both coordinates of the Netherlands are over it in EPSG:3035


def parse_square_ids(ids: pd.Series, *, where: str = "squares") -> NDArray[np.int64]:
    """Turn ids of squares into their lower-left corners.

    Parameters
    ----------
    ids
        ``"E0975N4520"`` (hectometres) or ``"E97500N452000"`` (metres); both may occur in one file.
    where
        The file, which starts each message.

    Returns
    -------
    numpy.ndarray of int64, shape (n, 2)
        x and y of the lower-left corner in RD New, metres.

    Raises
    ------
    CrsError
        When the ids are those of the European grid (EPSG:3035).
    InputError
        When ids are not of this form, or lie outside the Netherlands.

    Notes
    -----
    CBS, Vierkantstatistieken: the id is the lower-left corner.

    Examples
    --------
    >>> parse_square_ids(pd.Series(["E0975N4520", "E97500N452000"])).tolist()
    [[97500, 452000], [97500, 452000]]
    """
    text = ids.astype("str").str.strip().str.upper()
    parts = text.str.extract(r"^E(-?\d+)N(\d+)$")
    _refuse_european(ids[text.str.contains(r"3035|RES\d|MN\d+E\d")], where)
    wrong = parts.isna().any(axis=1)
    if wrong.any():
        raise InputError(
            "{where}: ids that are no squares: {ids}; expected as E0975N4520",
            where=where,
            ids=first_ids(ids[wrong]),
        )
    corner = parts.astype("int64").to_numpy()
    # Northings in the Netherlands are 3,050 to 6,200 hectometres: metres are always over 280,000.
    corner = np.where(corner[:, 1:] < _RD_Y_M[0], corner * 100, corner)
    east, north = corner[:, 0], corner[:, 1]
    _refuse_european(ids[(east > _EUROPEAN_M) & (north > _EUROPEAN_M)], where)
    outside = ~(
        (east >= _RD_X_M[0]) & (east <= _RD_X_M[1]) & (north >= _RD_Y_M[0]) & (north <= _RD_Y_M[1])
    )
    if outside.any():
        raise InputError(
            "{where}: squares outside the Netherlands: {ids}; check the ids",
            where=where,
            ids=first_ids(ids[outside]),
        )
    return corner


def _refuse_european(ids: pd.Series, where: str) -> None:
    if len(ids):
        raise CrsError(
            "{where}: ids of the European grid (EPSG:3035): {ids}; take the squares in "
            "RD New (crs28992res100m)",
            where=where,
            ids=first_ids(ids),
        )


def square_ids(corners: NDArray[np.int64]) -> pd.Series[str]:
    """Give squares their id in hectometres.

    Parameters
    ----------
    corners
        Lower-left corners in RD New, metres, shape ``(n, 2)``.

    Returns
    -------
    pandas.Series of str
        As ``"E0975N4520"``.

    Examples
    --------
    >>> square_ids(np.array([[97500, 452000]])).tolist()
    ['E0975N4520']
    """
    hectometres = np.asarray(corners) // _SIDE_M
    return pd.Series([f"E{x:04d}N{y:04d}" for x, y in hectometres.tolist()], dtype="str")


def count_intervals(
    published: pd.Series[float], reasons: pd.Series[str]
) -> tuple[pd.Series[float], pd.Series[float]]:
    """Give the least and the most people a published count can stand for.

    Parameters
    ----------
    published
        Counts rounded to five, NaN where missing.
    reasons
        Why a count is missing, ``""`` where it is not.

    Returns
    -------
    least, most : pandas.Series of float64
        People. 0 to 4 where the count is secret; the count ± 2 where it is published (a published
        0 is 0 to 4 too, and nothing is under 0); NaN where it is missing for another reason.

    Notes
    -----
    CBS, Vierkantstatistieken: counts are rounded to five, fewer than five are -99997.

    Examples
    --------
    >>> [s.tolist() for s in count_intervals(pd.Series([5.0, np.nan]), pd.Series(["", "secret"]))]
    [[5.0, 0.0], [7.0, 4.0]]
    """
    secret = reasons == "secret"
    at_least_five = np.maximum(published - _ROUNDING, _SECRET_MOST + 1.0)
    least = pd.Series(np.where(published > 0, at_least_five, 0.0), index=published.index)
    most = (published + _ROUNDING).mask(published == 0, _SECRET_MOST)
    unknown = published.isna()
    return least.mask(unknown).mask(secret, 0.0), most.mask(unknown).mask(secret, _SECRET_MOST)


def _read_any(path: str | Path, role: str) -> tuple[pd.DataFrame, gpd.GeoSeries | None]:
    file, layer = split_layer(path)
    if file.suffix.lower() in TABLE_SUFFIXES - {".gpkg", ".json"}:
        return read_table(path, role=role), None
    frame = read_vector(file, layer=layer, role=role)
    return pd.DataFrame(frame.drop(columns=frame.geometry.name)), frame.geometry


def _as_squares(corners: NDArray[np.int64], values: pd.DataFrame, where: str) -> gpd.GeoDataFrame:
    index = pd.Index(square_ids(corners), name="id")
    twice = index[index.duplicated()].unique()
    if len(twice):
        raise DuplicateIdError(
            "{where}: squares that occur more than once: {ids}; keep one row each",
            where=where,
            ids=first_ids(twice),
        )
    x, y = corners[:, 0], corners[:, 1]
    boxes = shapely.box(x, y, x + _SIDE_M, y + _SIDE_M)
    return gpd.GeoDataFrame(values.set_axis(index), geometry=boxes, crs="EPSG:28992")


def read_squares(path: str | Path) -> gpd.GeoDataFrame:
    """Read the CBS statistics per square of 100 m.

    Parameters
    ----------
    path
        ``cbs_vk100_2023_v1.gpkg``, a csv, or a saved WFS layer, with the id ``crs28992res100m``
        in hectometres or in metres. Columns in snake_case or camelCase.

    Returns
    -------
    geopandas.GeoDataFrame
        Indexed by id (hectometres), EPSG:28992. Per count ``square_inhabitants``,
        ``square_65plus`` and ``square_dwellings`` (people or dwellings, NaN where not published):
        ``…_min`` and ``…_max``, the least and most it can be, and ``…_reason``.

    Raises
    ------
    MissingColumnError
        When there is no id column or no column of people.
    CrsError
        When the ids are of the European grid.
    DuplicateIdError
        When a square occurs twice.
    InputError, FormatError, SourceError
        As `parse_square_ids` and `geowoonzorg.files.read_vector`.

    Notes
    -----
    Source: CBS, Vierkantstatistieken 100 meter. A secret cell stays an interval: it is never made
    a number.

    Examples
    --------
    >>> read_squares("squares.kml")
    Traceback (most recent call last):
    geowoonzorg.errors.InputError: squares: squares.kml has suffix .kml; allowed are ...
    """
    table, _ = _read_any(path, "squares")
    column = find_column(table, _ID_NAMES)
    if column is None:
        raise MissingColumnError(
            "{path} has no column crs28992res100m; it has {names}",
            path=path,
            names=", ".join(map(str, table.columns[:10])),
        )
    corners = parse_square_ids(
        table[column], where=tell("{where}, column {column}", where=path, column=column)
    )
    values, reasons, taken = parse_figures(table, where=str(path), formats=SQUARE_FORMATS)
    if "square_inhabitants" not in taken:
        raise MissingColumnError(
            "{path} has no column aantal_inwoners; it has {names}",
            path=path,
            names=", ".join(map(str, table.columns[:10])),
        )
    columns: dict[str, pd.Series] = {}
    for name in COUNTS:
        if name in taken:
            least, most = count_intervals(values[name], reasons[name])
            columns |= {name: values[name], f"{name}_min": least, f"{name}_max": most}
        else:
            empty = pd.Series(np.nan, index=table.index)
            columns |= {name: empty, f"{name}_min": empty, f"{name}_max": empty}
        columns[f"{name}_reason"] = (
            reasons[name] if name in taken else pd.Series("no_column", index=table.index)
        )
    return _as_squares(corners, pd.DataFrame(columns), str(path))


def read_leefbaarometer_grid(path: str | Path, *, year: int | None = None) -> gpd.GeoDataFrame:
    """Read the Leefbaarometer grid, whose cells are clipped to built-up land, as whole squares.

    Parameters
    ----------
    path
        The published layer, or a csv with ``grid_id``.
    year
        The measurement to take where it holds several; None for one of which the year does not matter.

    Returns
    -------
    geopandas.GeoDataFrame
        Indexed by square id, EPSG:28992: ``lbm_afw`` and the other columns of the Leefbaarometer
        that the file has, and ``clipped_share`` (0-1, the part of the square that the published
        cell covers; NaN for a csv). ``attrs["notes"]`` says where ``afw`` is not the sum of the
        dimensions, and ``attrs["taken"]`` which column each was taken from.

    Raises
    ------
    InputError
        When there is no id and no geometry to tell the square, or when a cell is larger than a square.
    MissingColumnError
        When there is no ``afw``.
    DuplicateIdError
        When two cells fall into one square.
    CoverageError
        When it does not have the year.
    CrsError, FormatError, SourceError
        As `geowoonzorg.files.read_vector`.

    Notes
    -----
    A clipped cell's square is found from its centroid, floored to 100 m: the part of a square that
    is left has its centroid within it. Source: Leefbaarometer 3.0, ``lbm3:clippedgridscore``.

    Examples
    --------
    >>> read_leefbaarometer_grid("grid.kml")
    Traceback (most recent call last):
    geowoonzorg.errors.InputError: leefbaarometer: grid.kml has suffix .kml; allowed are ...
    """
    table, cells = _read_any(path, "leefbaarometer")
    notes: list[str] = []
    if year is not None:
        table = take_year(table, str(path), year, notes)
        cells = None if cells is None else cells.loc[table.index]
    if cells is not None:
        if cells.crs != "EPSG:28992":
            cells = bring_to(cells, "EPSG:28992")
        centre = shapely.get_coordinates(shapely.centroid(cells.to_numpy()))
        if len(centre) != len(table):
            raise InputError(
                "{path}: {n} {n:cell has|cells have} no geometry; fetch the layer again",
                path=path,
                n=len(table) - len(centre),
            )
        corners = (np.floor(centre / _SIDE_M) * _SIDE_M).astype("int64")
        share = cells.area.to_numpy() / _SIDE_M**2
        if (share > 1.0 + 1e-6).any():
            raise InputError(
                "{path}: {n} {n:cell is|cells are} larger than 100 m: not the 100 m grid",
                path=path,
                n=int((share > 1 + 1e-06).sum()),
            )
    else:
        column = find_column(table, _ID_NAMES)
        if column is None:
            raise MissingColumnError(
                "{path} has no column grid_id; it has {names}",
                path=path,
                names=", ".join(map(str, table.columns[:10])),
            )
        corners = parse_square_ids(
            table[column], where=tell("{where}, column {column}", where=path, column=column)
        )
        share = np.full(len(table), np.nan)
    values, _, taken = parse_figures(table, where=str(path), formats=LEEFBAAROMETER_FORMATS)
    if "lbm_afw" not in taken:
        raise MissingColumnError(
            "{path} has no column afw; it has {names}",
            path=path,
            names=", ".join(map(str, table.columns[:10])),
        )
    squares = _as_squares(corners, values.assign(clipped_share=share), str(path))
    squares.attrs["notes"] = [*notes, *check_sum(squares, str(path))]
    squares.attrs["taken"] = taken
    return squares


def squares_at(points: gpd.GeoSeries) -> pd.Series[str]:
    """Tell in which square each place lies.

    Parameters
    ----------
    points
        Places, in any CRS; of those with a surface the centroid.

    Returns
    -------
    pandas.Series of str
        The id of the square (hectometres), on the places' index.

    Examples
    --------
    >>> squares_at(gpd.GeoSeries(gpd.points_from_xy([97_599], [452_000]), crs=28992)).tolist()
    ['E0975N4520']
    """
    corners = np.floor(shapely.get_coordinates(bring_to(points, "EPSG:28992").centroid.to_numpy()))
    return square_ids(corners.astype("int64")).set_axis(points.index)
