"""Areas (buurten or wijken) with their figures: published files in, one frame with reasons and origins out."""

from __future__ import annotations

import difflib
from dataclasses import replace
from os import PathLike
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geowoonzorg.area_frame import (
    Areas,
    area_status,
    check_match,
    fallback_label,
    figure_columns,
    lay_over,
    stand_in,
    with_provenance,
)
from geowoonzorg.errors import (
    CoverageError,
    DuplicateIdError,
    GeometryError,
    InputError,
    MissingColumnError,
    StudyError,
    first_ids,
)
from geowoonzorg.figures import (
    LEVELS,
    empty_columns,
    figures_year,
    find_codes,
    find_column,
    find_names,
    level_of,
    normalise_codes,
    parse_figures,
    read_figures,
)
from geowoonzorg.files import list_layers, read_table, read_vector, split_layer
from geowoonzorg.leefbaarometer import by_postcode, read_leefbaarometer
from geowoonzorg.sources import Column, Reading, read_catalogue

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = [
    "Areas",
    "area_status",
    "fallback_label",
    "figure_columns",
    "join_figures",
    "join_indicator",
    "join_leefbaarometer",
    "read_areas",
]

_PLURALS = {"buurt": "buurten", "wijk": "wijken", "gemeente": "gemeenten"}
_ABOUT = ["name_", "year", "wijk_code", "gemeente_code", "gemeente_name"]
_POLYGONS = (3, 6)  # shapely's type ids of Polygon and MultiPolygon


def _choose_layer(path: Path, level: str) -> str | None:
    if path.suffix.lower() in {".parquet", ".geoparquet"}:
        return None
    names = list_layers(path, role="areas")
    if len(names) == 1:
        return names[0]
    plural = [n for n in names if n.lower().startswith((_PLURALS[level], level))]
    if len(plural) != 1:
        msg = (
            f"areas: {path} has layers {', '.join(names)}; which holds the {_PLURALS[level]}? "
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
        notes.append(f"{where}: {int(wet.sum())} areas of water were left out")
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
        notes.append(f"{where}: {int(codes.isna().sum())} features without a code were left out")
    levels = level_of(codes)
    own = (levels == level).to_numpy()
    if not own.any():
        found = ", ".join(sorted(set(levels.dropna()))) or "nothing"
        msg = f"{where} has {found} where {_PLURALS[level]} are asked; give another layer or level"
        raise InputError(msg)
    others = levels[~own].dropna().value_counts()
    notes.extend(f"{where}: {n} features of level {o} were left out" for o, n in others.items())
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
        f"{where}: repaired polygons that crossed themselves: {first_ids(layer.index[broken])}; "
        f"area {before.sum():.0f} m2 before, {after.sum():.0f} m2 after"
    )
    geometry = geometry.copy()
    geometry[broken] = mended
    return layer.set_geometry(geometry, crs=layer.crs)


def _keep_gemeente(layer: gpd.GeoDataFrame, gemeente: str | int, where: str) -> gpd.GeoDataFrame:
    asked = str(gemeente).strip()
    if asked.upper().removeprefix("GM").isdigit():
        code = normalise_codes(pd.Series([asked]), where="gemeente", level="gemeente")[0]
        kept = layer[layer["gemeente_code"] == code]
    else:
        kept = layer[layer["gemeente_name"].str.casefold() == asked.casefold()]
    if kept.empty:
        names = sorted(set(layer["gemeente_name"].dropna()))
        alike = difflib.get_close_matches(asked, names, n=3)
        hint = f"; did you mean {', '.join(alike)}?" if alike else ""
        msg = (
            f"{where} has no areas of gemeente {asked}; it has "
            f"{first_ids(sorted(set(layer['gemeente_code'])))}{hint}"
        )
        raise CoverageError(msg)
    return kept


def _read_parents(
    path: Path, level: str, layer: str | None
) -> tuple[dict[str, pd.DataFrame], dict[str, pd.Series[str]]]:
    """Read the figures and names of the coarser layers in the same GeoPackage."""
    columns = figure_columns()
    parents = {parent: pd.DataFrame(columns=columns, dtype="float64") for parent in LEVELS[1:]}
    names: dict[str, pd.Series[str]] = {}
    if path.suffix.lower() != ".gpkg":
        return parents, names
    for parent in LEVELS[LEVELS.index(level) + 1 : 3]:
        alike = [
            n for n in list_layers(path) if n.lower().startswith(_PLURALS[parent]) and n != layer
        ]
        if len(alike) == 1:
            table = read_table(f"{path}|layername={alike[0]}")
            figures = read_figures(table, where=f"{path}|layername={alike[0]}")
            parents[parent] = figures.numbers.reindex(columns=columns)
            names[parent] = figures.name
    return parents, names


def read_areas(
    path: str | Path,
    *,
    level: str = "buurt",
    gemeente: str | int | None = None,
    crs: str = "EPSG:28992",
) -> Areas:
    """Read the published GeoPackage of CBS, or any polygon layer with buurt or wijk codes.

    Parameters
    ----------
    path
        ``wijkenbuurten_2023_v3.gpkg``, or a layer with codes such as ``statcode`` or ``BU_CODE``;
        ``FILE|layername=NAME`` where it has several.
    level
        ``"buurt"`` or ``"wijk"``.
    gemeente
        Keep only this one: a code (``"GM0166"``, ``166``) or a name. The rows of all wijken and
        gemeenten stay, as reference and stand-in.
    crs
        The metric CRS to work in.

    Returns
    -------
    Areas
        One row per area of land, in the file's order.

    Raises
    ------
    InputError
        When the level is unknown, the layer is not clear, codes are no codes, or years differ
        within the layer.
    MissingColumnError
        When there is no code column.
    DuplicateIdError
        When a code occurs twice.
    GeometryError
        When an area has no polygon, or one that cannot be repaired.
    CoverageError
        When the gemeente has no areas there.
    FormatError, SourceError, CrsError
        As `geowoonzorg.files.read_vector`.

    Notes
    -----
    Schema: CBS/Kadaster, Wijk- en buurtkaart. Where the layer has no wijk or gemeente code, it is
    taken from the buurt code (BU + gemeente 4 + wijk 2 + buurt 2 digits).

    Examples
    --------
    >>> read_areas("missing.gpkg")
    Traceback (most recent call last):
    geowoonzorg.errors.SourceError: areas: missing.gpkg does not exist; give the path of an existing file
    """
    if level not in {"buurt", "wijk"}:
        msg = f"level is {level!r}; it must be 'buurt' or 'wijk'"
        raise InputError(msg)
    file, named = split_layer(path)
    chosen = named or (_choose_layer(file, level) if file.is_file() else None)
    where = f"{file}|layername={chosen}" if chosen else str(file)
    notes: list[str] = []
    layer = read_vector(file, layer=chosen, role="areas")
    layer = _take_level(_drop_water(layer, where, notes), level, where, notes)
    parents, names = _read_parents(file, level, chosen)
    wijk = layer.index.to_series() if level == "wijk" else _parent_codes(layer, "wijk", where)
    codes = _parent_codes(layer, "gemeente", where)
    layer = layer.assign(
        wijk_code=wijk,
        gemeente_code=codes,
        gemeente_name=_gemeente_names(layer, codes, names.get("gemeente")),
        year=pd.array([_border_year(layer, where)] * len(layer), dtype="Int64"),
    )
    if gemeente is not None:
        layer = _keep_gemeente(layer, gemeente, where)
    layer = _repair(layer, where, notes)
    if layer.crs != crs:
        notes.append(f"{where}: converted from {layer.crs} to {crs}")
        layer = layer.to_crs(crs)
    table = pd.DataFrame(layer.drop(columns=layer.geometry.name))
    values, reasons, taken = parse_figures(table, where=where)
    empty = sorted(set(empty_columns(table[list(taken.values())])))
    if empty:
        notes.append(f"{where}: {len(empty)} columns have no figure in any row: {', '.join(empty)}")
    columns = figure_columns()
    frame = gpd.GeoDataFrame(
        pd.concat(
            [
                table[_ABOUT].rename(columns={"name_": "name"}).assign(level=level),
                values.reindex(columns=columns),
            ],
            axis=1,
        )[["name", "level", *_ABOUT[1:], *columns]],
        geometry=layer.geometry.to_numpy(),
        crs=layer.crs,
    )
    areas = Areas(
        frame=frame,
        reasons=reasons.reindex(columns=columns, fill_value="no_column"),
        fallbacks=pd.DataFrame("", index=frame.index, columns=columns, dtype="str"),
        parents=parents,
        notes=tuple(notes),
    )
    return stand_in(with_provenance(areas, file, taken, values, year=areas.year, level=level))


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


def join_figures(
    areas: Areas, paths: Sequence[str | Path] | str | Path, *, older_years: bool = False
) -> Areas:
    """Join tables of figures onto areas by code.

    Parameters
    ----------
    areas
        From `read_areas`.
    paths
        Tables as published: CBS key figures (csv, xlsx, saved OData), nabijheid, the old dbf, the
        attributes of another GeoPackage. A later one wins where it knows a figure.
    older_years
        Whether tables of an earlier year than the borders are taken as stand-ins, flagged with
        their year, instead of refused.

    Returns
    -------
    Areas
        With the figures in place. Rows of wijken and gemeenten become reference and stand-in: for
        columns the catalogue lets stand in, buurt → wijk → gemeente → older year, flagged in
        ``fallbacks``. Counts never stand in.

    Raises
    ------
    InputError
        When a table is of another year than the borders; both years are named.
    CoverageError
        When a table knows under half of the areas, or none of their wijken.
    MissingColumnError, DuplicateIdError, FormatError, SourceError
        As `geowoonzorg.figures.read_figures` and `geowoonzorg.files.read_table`.

    Examples
    --------
    >>> areas = read_areas("wijkenbuurten_2023_v3.gpkg", gemeente="Kampen")  # doctest: +SKIP
    >>> areas = join_figures(areas, "kwb-2023.csv")  # doctest: +SKIP
    """
    for path in [paths] if isinstance(paths, str | PathLike) else paths:
        figures = read_figures(read_table(path, role="figures"), where=path)
        other = areas.year is not None and figures.year not in {None, areas.year}
        if other and not (older_years and int(figures.year or 0) < int(areas.year or 0)):
            msg = (
                f"{path} is of {figures.year} and the areas are of {areas.year}: codes and borders "
                "change between years; give both of one year, or allow older years as stand-ins"
            )
            raise InputError(msg)
        check_match(areas, figures)
        areas = lay_over(areas, figures, split_layer(path)[0], older=other)
    return areas


def join_leefbaarometer(areas: Areas, path: str | Path, year: int) -> Areas:
    """Join one year of the Leefbaarometer onto areas.

    Parameters
    ----------
    areas
        From `read_areas`.
    path
        A table per buurt, wijk, gemeente or PC4, as published.
    year
        The measurement to take.

    Returns
    -------
    Areas
        With ``lbm_score``, ``lbm_afw``, ``lbm_fys``, ``lbm_onv``, ``lbm_soc``, ``lbm_vrz``,
        ``lbm_won`` and ``lbm_class``. A table per wijk on buurten stands in, flagged ``"wijk"``.

    Raises
    ------
    CoverageError
        When the file does not have the year, or knows under half of the areas.
    MissingColumnError
        When the table is per PC4 and the areas have no column ``pc4``.
    DuplicateIdError, InputError, FormatError, SourceError
        As `geowoonzorg.leefbaarometer.read_leefbaarometer`.

    Notes
    -----
    The published tables give all years on one division into areas, so their year and the borders'
    may differ; codes that are not found are counted.

    Examples
    --------
    >>> areas = read_areas("buurten_2022.gpkg")  # doctest: +SKIP
    >>> join_leefbaarometer(areas, "Leefbaarometer-scores wijken.csv", 2022)  # doctest: +SKIP
    """
    figures = read_leefbaarometer(path, year=year)
    if (figures.level == "pc4").all():
        if "pc4" not in areas.frame.columns:
            msg = (
                f"{path} is per four-digit postcode (PC4) and the areas have no postcode; take the "
                "table per buurt or wijk, or give the areas a column pc4"
            )
            raise MissingColumnError(msg)
        figures = by_postcode(figures, areas.frame["pc4"], level=areas.level)
    check_match(areas, figures)
    return lay_over(areas, figures, split_layer(path)[0])


def join_indicator(
    areas: Areas,
    path: str | Path,
    column: str,
    *,
    name: str,
    unit: str,
    direction: int = 0,
    stands_in: bool = True,
) -> Areas:
    """Join one column of a user's own table, such as WoonZorgwijzer, under the same rules.

    Parameters
    ----------
    areas
        From `read_areas`.
    path
        A table with area codes: csv, xlsx, dbf, GeoPackage attributes.
    column
        The column in the table.
    name
        What it is called here: one word, not a column that the catalogue has.
    unit
        Its unit, for the account.
    direction
        1 when higher is better, -1 when lower is, 0 when neither.
    stands_in
        Whether a larger area's figure may stand in; never for counts.

    Returns
    -------
    Areas
        With the column ``name`` in ``frame``, and its reasons, stand-ins and provenance.

    Raises
    ------
    StudyError
        When the name is no single word or taken.
    MissingColumnError
        When the table has no such column, or no codes.
    InputError, CoverageError, DuplicateIdError, FormatError, SourceError
        As `join_figures`.

    Examples
    --------
    >>> areas = join_indicator(areas, "wzw.csv", "ggz", name="ggz_pct", unit="%")  # doctest: +SKIP
    """
    if not name.isidentifier() or name in areas.frame.columns:
        msg = (
            f"indicator {name!r}: choose one word of letters, digits and _ that is not a column yet"
        )
        raise StudyError(msg)
    table = read_table(path, role="indicator")
    published = find_column(table, (column,))
    codes = find_codes(table, where=str(path))
    if published is None or codes is None:
        what = f"column {column!r}" if codes is not None else "column with area codes"
        msg = f"{path} has no {what}; it has {', '.join(map(str, table.columns[:10]))}"
        raise MissingColumnError(msg)
    about = Column(
        name=name,
        kind="number",
        unit=unit,
        direction=direction,
        nl=name,
        en=name,
        source="indicator",
        readings=(Reading("indicator", published),),
        stands_in=stands_in,
        signed=True,
    )
    figures = read_figures(table, where=path, own=about)
    year = areas.year
    if year is not None and figures.year not in {None, year}:
        msg = f"{path} is of {figures.year} and the areas are of {year}; give both of one year"
        raise InputError(msg)
    areas = replace(
        areas,
        indicators={**areas.indicators, name: about},
        frame=areas.frame.assign(**{name: np.nan})[
            [*[c for c in areas.frame.columns if c != "geometry"], name, "geometry"]
        ],
        reasons=areas.reasons.assign(**{name: "no_column"}),
        fallbacks=areas.fallbacks.assign(**{name: ""}),
    )
    check_match(areas, figures)
    return lay_over(areas, figures, split_layer(path)[0])
