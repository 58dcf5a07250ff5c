"""Areas (buurten or wijken) with their figures: published files in, one frame with reasons and origins out."""

from __future__ import annotations

from dataclasses import replace
from os import PathLike
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from geowoonzorg.errors import (
    InputError,
    MissingColumnError,
    StudyError,
)
from geowoonzorg.files import known_crs, list_layers, read_table, split_layer
from geowoonzorg.opendata.area_frame import (
    Areas,
    area_status,
    check_match,
    fallback_label,
    figure_columns,
    lay_over,
    stand_in,
    with_provenance,
)
from geowoonzorg.opendata.borders import PLURALS, choose_layer, read_borders
from geowoonzorg.opendata.codes import LEVELS, find_codes, find_column, find_names
from geowoonzorg.opendata.figures import empty_columns, parse_figures, read_figures, told_empty
from geowoonzorg.opendata.leefbaarometer import by_postcode, read_leefbaarometer
from geowoonzorg.opendata.rows import choose_year, widen
from geowoonzorg.opendata.sources import Column, read_catalogue

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

_CBS = "cbs_wijken_buurten"
_ABOUT = ["name", "year", "wijk_code", "gemeente_code", "gemeente_name"]


def _read_parents(path: Path, level: str, layer: str | None) -> dict[str, tuple[str, pd.DataFrame]]:
    """Read the coarser layers in the same GeoPackage: by level, the layer's path and its table."""
    tables: dict[str, tuple[str, pd.DataFrame]] = {}
    if path.suffix.lower() != ".gpkg":
        return tables
    for parent in LEVELS[LEVELS.index(level) + 1 : 3]:
        alike = [
            n for n in list_layers(path) if n.lower().startswith(PLURALS[parent]) and n != layer
        ]
        if len(alike) == 1:
            where = f"{path}|layername={alike[0]}"
            tables[parent] = where, read_table(where)
    return tables


def _names(where: str, table: pd.DataFrame) -> pd.Series[str] | None:
    """Give the names of a layer's areas by code."""
    codes = find_codes(table, where=where)
    if codes is None:
        return None
    names = find_names(table, str(codes.name)).set_axis(codes).dropna()
    return names[names.index.notna() & ~names.index.duplicated()]


def _parent_figures(
    tables: dict[str, tuple[str, pd.DataFrame]], areas: Areas
) -> tuple[dict[str, pd.DataFrame], tuple[str, ...]]:
    """Read the figures of the coarser layers; only those of these areas must be sound."""
    parents, notes = dict(areas.parents), areas.notes
    for parent, (where, table) in tables.items():
        figures = read_figures(table, where=where, used=areas.codes)
        parents[parent] = figures.numbers.reindex(columns=figure_columns())
        notes += tuple(note for note in figures.notes if "outside this study" in note)
    return parents, notes


def _is_map_of_cbs(table: pd.DataFrame, level: str) -> bool:
    """Tell whether a layer is of the Wijk- en buurtkaart, as a whole or in part, whatever its name.

    No other one says of each buurt or wijk its code, that and the name of its gemeente, and whether it
    is water.
    """
    own, gemeente, any_ = (
        next(key for key in read_catalogue().keys if key.level == name)
        for name in (level, "gemeente", "any")
    )
    told = (own.code, gemeente.code, gemeente.name, any_.water)
    return all(find_column(table, names) is not None for names in told)


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
        Keep only this one: a code (``"GM0166"``, ``166``) or a name; the rows of others may then hold
        anything. The rows of all wijken and gemeenten stay, as reference and stand-in.
    crs
        The metric CRS to work in.

    Returns
    -------
    Areas
        One row per area of land, in the file's order.

    Raises
    ------
    InputError
        When the level is unknown, the layer is not clear, codes are no codes or of another gemeente
        than their row names, or years differ within the layer.
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
    taken from the buurt code (BU + gemeente 4 digits + wijk 2 + buurt 2 digits or letters).

    Examples
    --------
    >>> read_areas("missing.gpkg")
    Traceback (most recent call last):
    geowoonzorg.errors.SourceError: areas: missing.gpkg does not exist; give the path of an existing file
    """
    if level not in {"buurt", "wijk"}:
        raise InputError("level is {level!r}; it must be 'buurt' or 'wijk'", level=level)
    file, named = split_layer(path)
    chosen = named or (choose_layer(file, level) if file.is_file() else None)
    larger = _read_parents(file, level, chosen) if file.is_file() else {}
    layer, notes = read_borders(
        file,
        layer=chosen,
        level=level,
        gemeente=gemeente,
        gemeente_names=_names(*larger["gemeente"]) if "gemeente" in larger else None,
        crs=known_crs(crs),
    )
    where = f"{file}|layername={chosen}" if chosen else str(file)
    table = pd.DataFrame(layer.drop(columns=layer.geometry.name))
    values, reasons, taken = parse_figures(table, where=where)
    empty = sorted(set(empty_columns(table[list(taken.values())])))
    if empty:
        notes.append(told_empty(where, empty))
    columns = figure_columns()
    about = table[[f"{c}_" for c in _ABOUT]].set_axis(_ABOUT, axis="columns")
    about.insert(1, "level", level)
    frame = gpd.GeoDataFrame(
        pd.concat([about, values.reindex(columns=columns)], axis=1),
        geometry=layer.geometry.to_numpy(),
        crs=layer.crs,
    )
    areas = Areas(
        frame=frame,
        reasons=reasons.reindex(columns=columns, fill_value="no_column"),
        fallbacks=pd.DataFrame("", index=frame.index, columns=columns, dtype="str"),
        parents={parent: pd.DataFrame(columns=columns, dtype="float64") for parent in LEVELS[1:]},
        notes=tuple(notes),
        source=_CBS if _is_map_of_cbs(table, level) else None,
    )
    parents, told = _parent_figures(larger, areas)
    areas = replace(areas, parents=parents, notes=told)
    return stand_in(with_provenance(areas, file, taken, values, year=areas.year, level=level))


def join_figures(
    areas: Areas, paths: Sequence[str | Path] | str | Path, *, older_years: bool = False
) -> Areas:
    """Join tables of figures onto areas by code.

    Parameters
    ----------
    areas
        From `read_areas`.
    paths
        Tables as published: CBS key figures (csv, xlsx, saved OData, StatLine in Dutch or English),
        nabijheid, the old dbf, the attributes of another GeoPackage. A later one wins where it knows a
        figure. Of several periods that of the borders is taken.
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
        As `geowoonzorg.opendata.figures.read_figures` and `geowoonzorg.files.read_table`.

    Examples
    --------
    >>> areas = read_areas("wijkenbuurten_2023_v3.gpkg", gemeente="Kampen")  # doctest: +SKIP
    >>> areas = join_figures(areas, "kwb-2023.csv")  # doctest: +SKIP
    """
    for path in [paths] if isinstance(paths, str | PathLike) else paths:
        table = widen(read_table(path, role="figures"), where=str(path))
        table, told = choose_year(table, where=str(path), year=areas.year, older=older_years)
        figures = read_figures(table, where=path, used=areas.codes)
        figures = replace(figures, notes=(*told, *figures.notes))
        other = areas.year is not None and figures.year not in {None, areas.year}
        if other and not (older_years and int(figures.year or 0) < int(areas.year or 0)):
            raise InputError(
                "{path} is of {year} and the areas are of {area_year}: codes and borders "
                "change between years; give both of one year, or allow older years as "
                "stand-ins",
                path=path,
                year=figures.year,
                area_year=areas.year,
            )
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
        As `geowoonzorg.opendata.leefbaarometer.read_leefbaarometer`.

    Notes
    -----
    The published tables give all years on one division into areas, so their year and the borders'
    may differ; codes that are not found are counted.

    Examples
    --------
    >>> areas = read_areas("buurten_2022.gpkg")  # doctest: +SKIP
    >>> join_leefbaarometer(areas, "Leefbaarometer-scores wijken.csv", 2022)  # doctest: +SKIP
    """
    pc4 = areas.frame.get("pc4", pd.Series(dtype="str")).dropna().astype("str").str.strip().str[:4]
    used = areas.codes.append(pd.Index(pc4.unique())).unique()
    figures = read_leefbaarometer(path, year=year, used=used)
    if (figures.level == "pc4").all():
        if "pc4" not in areas.frame.columns:
            raise MissingColumnError(
                "{path} is per four-digit postcode (PC4) and the areas have no postcode; "
                "take the table per buurt or wijk, or give the areas a column pc4",
                path=path,
            )
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
        raise StudyError(
            "indicator {name!r}: choose one word of letters, digits and _ that is not a column yet",
            name=name,
        )
    table = widen(read_table(path, role="indicator"), where=str(path))
    table, told = choose_year(table, where=str(path), year=areas.year)
    published = find_column(table, (column,))
    if published is None:
        raise MissingColumnError(
            "{path} has no column {column!r}; it has {names}",
            path=path,
            column=column,
            names=", ".join(map(str, table.columns[:10])),
        )
    about = Column(
        name=name,
        kind="number",
        unit=unit,
        direction=direction,
        nl=name,
        en=name,
        source="indicator",
        read_from={"indicator": published},
        stands_in=stands_in,
        signed=True,
    )
    figures = read_figures(table, where=path, own=about, used=areas.codes)
    figures = replace(figures, notes=(*told, *figures.notes))
    year = areas.year
    if year is not None and figures.year not in {None, year}:
        raise InputError(
            "{path} is of {year} and the areas are of {area_year}; give both of one year",
            path=path,
            year=figures.year,
            area_year=year,
        )
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
