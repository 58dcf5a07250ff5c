"""A polygon layer of areas as published → land only, one level, codes, names, year, sound geometry."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from geowoonzorg.errors import (
    CoverageError,
    DuplicateIdError,
    GeometryError,
    InputError,
    MissingColumnError,
    first_ids,
)
from geowoonzorg.files import list_layers, read_vector
from geowoonzorg.opendata.codes import (
    find_codes,
    find_column,
    find_names,
    level_of,
    normalise_codes,
)
from geowoonzorg.opendata.figures import figures_year
from geowoonzorg.opendata.sources import read_catalogue

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd
    from pyproj import CRS

PLURALS = {"buurt": "buurten", "wijk": "wijken", "gemeente": "gemeenten"}
_POLYGONS = (3, 6)  # shapely's type ids of Polygon and MultiPolygon


def choose_layer(path: Path, level: str) -> str | None:
    """Choose the layer of a file that holds the areas of one level.

    Parameters
    ----------
    path
        A vector file.
    level
        ``"buurt"`` or ``"wijk"``.

    Returns
    -------
    str or None
        The only layer, else the one named after the level (``buurten``, ``buurten_2023``); None
        for formats without layers.

    Raises
    ------
    InputError
        When none or several are named so; the message lists the layers.
    FormatError, SourceError
        As `geowoonzorg.files.list_layers`.

    Examples
    --------
    >>> from pathlib import Path
    >>> choose_layer(Path("buurten.parquet"), "buurt")
    """
    if path.suffix.lower() in {".parquet", ".geoparquet"}:
        return None
    names = list(list_layers(path, role="areas"))
    if len(names) == 1:
        return names[0]
    plural = [n for n in names if n.lower().startswith((PLURALS[level], level))]
    if len(plural) != 1:
        msg = (
            f"areas: {path} has layers {', '.join(names)}; which holds the {PLURALS[level]}? "
            f"Give FILE|layername=NAME"
        )
        raise InputError(msg)
    return plural[0]


def _drop_water(layer: gpd.GeoDataFrame, where: str, notes: list[str]) -> gpd.GeoDataFrame:
    water = find_column(layer, next(k.water for k in read_catalogue().keys if k.level == "any"))
    if water is None:
        return layer
    wet = layer[water].astype("str").str.strip().str.upper() != "NEE"
    if wet.any():
        notes.append(f"{where}: weggelaten omdat het water is: {int(wet.sum())}")
    return layer[~wet]


def _take_level(
    layer: gpd.GeoDataFrame, level: str, where: str, notes: list[str]
) -> gpd.GeoDataFrame:
    """Index the layer by code, keep the rows of one level and refuse doubles."""
    codes = find_codes(layer, where=where)
    if codes is None:
        msg = (
            f"{where} has no column with {level} codes (buurtcode, BU_CODE, statcode, wijkcode, …); "
            f"it has {', '.join(map(str, layer.columns[:10]))}"
        )
        raise MissingColumnError(msg)
    if codes.isna().any():
        notes.append(f"{where}: {int(codes.isna().sum())} gebieden zonder code zijn weggelaten")
    levels = level_of(codes)
    own = (levels == level).to_numpy()
    if not own.any():
        found = ", ".join(sorted(set(levels.dropna()))) or "nothing"
        msg = f"{where} has {found} where {PLURALS[level]} are asked; give another layer or level"
        raise InputError(msg)
    others = levels[~own].dropna().value_counts()
    notes.extend(f"{where}: {n} gebieden van niveau {o} zijn weggelaten" for o, n in others.items())
    layer, codes = layer[own], codes[own]
    twice = codes[codes.duplicated()].unique()
    if len(twice):
        msg = f"{where}: codes that occur more than once: {first_ids(twice)}; keep one row each"
        raise DuplicateIdError(msg)
    names = find_names(layer, str(codes.name))
    layer = layer.assign(name_=names).set_axis(pd.Index(codes, name="code"))
    return layer.rename_axis(index="code")


def _parent_codes(layer: gpd.GeoDataFrame, level: str, where: str) -> pd.Series[str]:
    """Read the wijk or gemeente code of each area, else take it from the area's own code."""
    key = next(k for k in read_catalogue().keys if k.level == level)
    digits = {"wijk": 6, "gemeente": 4}[level]
    prefix = {"wijk": "WK", "gemeente": "GM"}[level]
    built = pd.Series(prefix + layer.index.str[2 : 2 + digits], index=layer.index)
    column = find_column(layer, key.code)
    if column is None:
        return built
    given = normalise_codes(layer[column], where=f"{where}, column {column}", level=level)
    return given.fillna(built)


def _repair(layer: gpd.GeoDataFrame, where: str, notes: list[str]) -> gpd.GeoDataFrame:
    geometry = layer.geometry.to_numpy()
    absent = shapely.is_missing(geometry) | shapely.is_empty(geometry)
    wrong = absent | ~np.isin(shapely.get_type_id(geometry), _POLYGONS)
    if wrong.any():
        msg = f"{where}: areas without a polygon: {first_ids(layer.index[wrong])}; mend the layer"
        raise GeometryError(msg)
    broken = ~shapely.is_valid(geometry)
    if not broken.any():
        return layer
    before = shapely.area(geometry[broken])
    mended = shapely.make_valid(geometry[broken], method="structure", keep_collapsed=False)
    after = shapely.area(mended)
    lost = layer.index[broken][after == 0]
    if len(lost):
        msg = f"{where}: polygons that cannot be repaired: {first_ids(lost)}; mend the layer"
        raise GeometryError(msg)
    notes.append(
        f"{where}: vlakken die zichzelf kruisten zijn hersteld: {first_ids(layer.index[broken])}; "
        f"oppervlak eerst {before.sum():.0f} m2, nu {after.sum():.0f} m2"
    )
    geometry = geometry.copy()
    geometry[broken] = mended
    return layer.set_geometry(geometry, crs=layer.crs)


def _keep_gemeente(layer: gpd.GeoDataFrame, gemeente: str | int, where: str) -> gpd.GeoDataFrame:
    asked = str(gemeente).strip()
    if asked.upper().removeprefix("GM").isdigit():
        code = normalise_codes(pd.Series([asked]), where="gemeente", level="gemeente")[0]
        kept = layer[layer["gemeente_code_"] == code]
    else:
        kept = layer[layer["gemeente_name_"].str.casefold() == asked.casefold()]
    if kept.empty:
        names = sorted(set(layer["gemeente_name_"].dropna()))
        alike = difflib.get_close_matches(asked, names, n=3)
        hint = f"; did you mean {', '.join(alike)}?" if alike else ""
        msg = (
            f"{where} has no areas of gemeente {asked}; it has "
            f"{first_ids(sorted(set(layer['gemeente_code_'])))}{hint}"
        )
        raise CoverageError(msg)
    return kept


def _gemeente_names(
    layer: gpd.GeoDataFrame, codes: pd.Series[str], published: pd.Series[str] | None
) -> pd.Series[str]:
    key = next(k for k in read_catalogue().keys if k.level == "gemeente")
    column = find_column(layer, key.name)
    if column is not None:
        return layer[column].astype("str").str.strip().mask(layer[column].isna())
    if published is None:
        return pd.Series(np.nan, index=layer.index, dtype="str")
    return codes.map(published).astype("str").mask(~codes.isin(published.index))


def _border_year(layer: gpd.GeoDataFrame, where: str) -> int | None:
    names = next(k.year for k in read_catalogue().keys if k.level == "any")
    column = find_column(layer, names)
    if column is not None:
        years = sorted(
            set(layer[column].dropna().astype("str").str.extract(r"^\s*((?:19|20)\d\d)")[0])
        )
        if len(years) > 1:
            msg = f"{where} has areas of several years ({', '.join(map(str, years))}); keep one"
            raise InputError(msg)
    return figures_year(layer, where)


def read_borders(
    path: Path,
    *,
    layer: str | None,
    level: str,
    gemeente: str | int | None,
    gemeente_names: pd.Series[str] | None,
    crs: str | CRS,
) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Read a layer of areas: land only, one level, each code once, sound polygons.

    Parameters
    ----------
    path
        A vector file.
    layer
        Its layer; None for the only one.
    level
        ``"buurt"`` or ``"wijk"``.
    gemeente
        The only gemeente to keep, by code or name; None for all.
    gemeente_names
        Names by gemeente code, for layers that have none.
    crs
        The metric CRS to bring it in.

    Returns
    -------
    areas : geopandas.GeoDataFrame
        Indexed by code: the published columns, and ``name_, year_, wijk_code_, gemeente_code_,
        gemeente_name_``.
    notes : list of str
        What was left out, repaired or converted.

    Raises
    ------
    InputError, MissingColumnError, DuplicateIdError, GeometryError, CoverageError
        As `geowoonzorg.opendata.areas.read_areas`.
    FormatError, SourceError, CrsError
        As `geowoonzorg.files.read_vector`.

    Examples
    --------
    >>> read_borders(path, layer="buurten", level="buurt", gemeente=None,
    ...     gemeente_names=None, crs="EPSG:28992")  # doctest: +SKIP
    """
    where = f"{path}|layername={layer}" if layer else str(path)
    notes: list[str] = []
    areas = read_vector(path, layer=layer, role="areas")
    areas = _take_level(_drop_water(areas, where, notes), level, where, notes)
    own = areas.index.to_series()
    codes = _parent_codes(areas, "gemeente", where)
    areas = areas.assign(
        year_=pd.array([_border_year(areas, where)] * len(areas), dtype="Int64"),
        wijk_code_=own if level == "wijk" else _parent_codes(areas, "wijk", where),
        gemeente_code_=codes,
        gemeente_name_=_gemeente_names(areas, codes, gemeente_names),
    )
    if gemeente is not None:
        areas = _keep_gemeente(areas, gemeente, where)
    areas = _repair(areas, where, notes)
    if areas.crs != crs:
        notes.append(f"{where}: omgerekend van {areas.crs} naar {crs}")
        areas = areas.to_crs(crs)
    return areas, notes
