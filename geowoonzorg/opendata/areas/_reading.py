"""A published map of buurten or wijken → areas with the figures that stand in it, and those of larger areas."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from geowoonzorg.errors import InputError, MissingColumnError
from geowoonzorg.files import known_crs, list_layers, read_table, split_layer
from geowoonzorg.opendata.areas._frame import Areas, figure_columns, stand_in, with_provenance
from geowoonzorg.opendata.borders import PLURALS, choose_layer, read_borders
from geowoonzorg.opendata.codes import LEVELS, find_codes, find_column, find_names
from geowoonzorg.opendata.figures import empty_columns, parse_figures, read_figures, told_empty
from geowoonzorg.opendata.sources import read_catalogue

if TYPE_CHECKING:
    from pathlib import Path

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
        try:
            figures = read_figures(table, where=where, used=areas.codes)
        except MissingColumnError:
            continue  # a layer of borders only has nothing that could stand in
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
