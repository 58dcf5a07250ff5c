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
from geowoonzorg.files import bring_to, list_layers, read_vector
from geowoonzorg.messages import tell
from geowoonzorg.opendata.codes import (
    check_own_codes,
    find_codes,
    find_column,
    find_names,
    level_code,
    level_of,
    no_codes,
    normalise_codes,
    parse_codes,
    refuse,
)
from geowoonzorg.opendata.figures import figures_year
from geowoonzorg.opendata.sources import read_catalogue
from geowoonzorg.opendata.telling import first_told

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd
    from numpy.typing import NDArray
    from pyproj import CRS

PLURALS = {"buurt": "buurten", "wijk": "wijken", "gemeente": "gemeenten"}
_POLYGONS = (3, 6)  # shapely's type ids of Polygon and MultiPolygon
_PREFIXES = ("BU", "WK")
_LARGER = (
    r"[A-Z]{2}[0-9]{2}|TOTAAL"  # provinces, COROP regions, the country: no buurt, wijk or gemeente
)
# Where gemeenten with a code under 0100 lie, in RD metres: Groningen and Friesland, and in Flevoland
# Almere (0034) and Zeewolde (0050).
_UNDER_100 = ((100_000, 530_000, 285_000, 625_000), (130_000, 470_000, 180_000, 503_000))


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
        raise InputError(
            "areas: {path} has layers {names}; which holds the {plural}? Give FILE|layername=NAME",
            path=path,
            names=", ".join(names),
            plural=PLURALS[level],
        )
    return plural[0]


def _drop_water(layer: gpd.GeoDataFrame, where: str, notes: list[str]) -> gpd.GeoDataFrame:
    water = find_column(layer, next(k.water for k in read_catalogue().keys if k.level == "any"))
    if water is None:
        return layer
    wet = layer[water].astype("str").str.strip().str.upper() != "NEE"
    if wet.any():
        notes.append(
            tell("{where}: left out because it is water: {n}", where=where, n=int(wet.sum()))
        )
    return layer[~wet]


def _take_level(
    layer: gpd.GeoDataFrame, codes: pd.Series[str], level: str, where: str, notes: list[str]
) -> gpd.GeoDataFrame:
    """Index the layer by code, keep the rows of one level and refuse doubles."""
    other = no_codes(layer[str(codes.name)], codes)
    region = other.astype("str").str.strip().str.upper().str.fullmatch(_LARGER)
    refuse(other[~region], tell("{where}, column {column}", where=where, column=codes.name))
    if codes.isna().any():
        notes.append(
            tell(
                "{where}: {n} {n:area|areas} without a code of a gemeente, wijk or buurt {n:is|are} left out",
                where=where,
                n=int(codes.isna().sum()),
            )
        )
    levels = level_of(codes)
    own = (levels == level).to_numpy()
    if not own.any():
        found = ", ".join(sorted(set(levels.dropna()))) or tell("nothing")
        raise InputError(
            "{where} has {found} where {plural} are asked; give another layer or level",
            where=where,
            found=found,
            plural=PLURALS[level],
        )
    others = levels[~own].dropna().value_counts()
    notes.extend(
        tell(
            "{where}: {n} {n:area|areas} of level {level} {n:is|are} left out",
            where=where,
            n=n,
            level=other,
        )
        for other, n in others.items()
    )
    layer, codes = layer[own], codes[own]
    check_own_codes(layer, codes, where=where)
    _check_place(layer, codes, where)
    twice = codes[codes.duplicated()].unique()
    if len(twice):
        raise DuplicateIdError(
            "{where}: codes that occur more than once: {ids}; keep one row each",
            where=where,
            ids=first_ids(twice),
        )
    names = find_names(layer, str(codes.name))
    layer = layer.assign(name_=names).set_axis(pd.Index(codes, name="code"))
    return layer.rename_axis(index="code")


def _check_place(layer: gpd.GeoDataFrame, codes: pd.Series[str], where: str) -> None:
    """Refuse codes without BU or WK that zeros would make a gemeente's far away.

    A gemeente's own 140001 is BU00140001 to who puts the zeros back, and that is in Groningen. Every
    gemeente under 0100 lies in Groningen or Friesland, but for Almere and Zeewolde.
    """
    short = codes.str[2:4] == "00"
    short &= ~layer[str(codes.name)].astype("str").str.strip().str.upper().str.startswith(_PREFIXES)
    if not short.any():
        return
    geometry = layer.geometry[short]
    here = bring_to(geometry.set_axis(codes[short]), "EPSG:28992").bounds
    there = pd.Series(data=False, index=here.index)
    for x0, y0, x1, y1 in _UNDER_100:
        there |= (
            (here["maxx"] > x0) & (here["minx"] < x1) & (here["maxy"] > y0) & (here["miny"] < y1)
        )
    never = here.index.str[2:6] < "0003"
    elsewhere = (~there & here["minx"].notna()) | never
    if elsewhere.any():
        cells = layer[str(codes.name)][short].astype("str").str.strip()
        told = [
            tell(
                "{cell} would be {code} of gemeente GM{digits}",
                cell=cell,
                code=code,
                digits=code[2:6],
            )
            for cell, code in zip(cells[elsewhere.to_numpy()], here.index[elsewhere], strict=True)
        ]
        raise InputError(
            "{where}, column {name}: codes of a gemeente that does not lie there: {areas}; "
            "they look like a gemeente's own codes: give the codes of CBS (BU01660001), "
            "or take the borders of CBS",
            where=where,
            name=codes.name,
            areas=first_told(told),
        )


def _parent_codes(layer: gpd.GeoDataFrame, codes: pd.Series[str], level: str) -> pd.Series[str]:
    """Read the wijk or gemeente code of each area, else take it from the area's own code."""
    key = next(k for k in read_catalogue().keys if k.level == level)
    built = level_code(codes, level)
    column = find_column(layer, key.code)
    if column is None or column == codes.name:
        return built
    given = parse_codes(layer[column], level=level)
    # A wijk of another gemeente is a number of the gemeente's own, not a code of CBS.
    return given.where((level == "gemeente") | (given.str[2:6] == built.str[2:6])).fillna(built)


def _repair(layer: gpd.GeoDataFrame, where: str, notes: list[str]) -> gpd.GeoDataFrame:
    geometry = layer.geometry.to_numpy()
    absent = shapely.is_missing(geometry) | shapely.is_empty(geometry)
    wrong = absent | ~np.isin(shapely.get_type_id(geometry), _POLYGONS)
    if wrong.any():
        raise GeometryError(
            "{where}: areas without a polygon: {ids}; mend the layer",
            where=where,
            ids=first_ids(layer.index[wrong]),
        )
    broken = ~shapely.is_valid(geometry)
    if not broken.any():
        return layer
    before = shapely.area(geometry[broken])
    mended = shapely.make_valid(geometry[broken], method="structure", keep_collapsed=False)
    after = shapely.area(mended)
    lost = layer.index[broken][after == 0]
    if len(lost):
        raise GeometryError(
            "{where}: polygons that cannot be repaired: {ids}; mend the layer",
            where=where,
            ids=first_ids(lost),
        )
    notes.append(
        tell(
            "{where}: areas that crossed themselves are repaired: {ids}; {before:.0f} m2 before, "
            "{after:.0f} m2 now",
            where=where,
            ids=first_ids(layer.index[broken]),
            before=before.sum(),
            after=after.sum(),
        )
    )
    geometry = geometry.copy()
    geometry[broken] = mended
    return layer.set_geometry(geometry, crs=layer.crs)


def _of_gemeente(
    layer: gpd.GeoDataFrame,
    codes: pd.Series[str],
    names: pd.Series[str] | None,
    gemeente: str | int,
    where: str,
    notes: list[str],
) -> NDArray[np.bool_]:
    """Tell which rows are the gemeente's, before anything else is asked of them."""
    asked = str(gemeente).strip()
    own = _parent_codes(layer, codes, "gemeente")
    titles = _gemeente_names(layer, own, names)
    if asked.upper().removeprefix("GM").isdigit():
        code = normalise_codes(pd.Series([asked]), where="gemeente", level="gemeente")[0]
        kept = (own == code).to_numpy()
    else:
        kept = (titles.str.casefold() == asked.casefold()).to_numpy()
    if not kept.any():
        known = sorted(set(titles.dropna()))
        alike = difflib.get_close_matches(asked, known, n=3)
        hint = tell("; did you mean {names}?", names=", ".join(alike)) if alike else ""
        if not known:
            hint = tell("; it has no names of gemeenten: give the code, such as GM0166")
        raise CoverageError(
            "{where} has no areas of gemeente {asked}; it has {ids}{hint}",
            where=where,
            asked=asked,
            ids=first_ids(sorted(set(own.dropna()))),
            hint=hint,
        )
    nowhere = no_codes(layer[str(codes.name)], codes)[own.isna() & ~kept]
    if len(nowhere):
        notes.append(
            tell(
                "{where}: areas of which it cannot be seen in which gemeente they lie are left out: "
                "{ids}",
                where=where,
                ids=first_ids(nowhere),
            )
        )
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
            raise InputError(
                "{where} has areas of several years ({years}); keep one",
                where=where,
                years=", ".join(map(str, years)),
            )
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
        The only gemeente to keep, by code or name; None for all. What is wrong with the rows of others
        is then no matter.
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
    >>> from geowoonzorg.prepare import demo_study
    >>> folder = demo_study().parent
    >>> areas, notes = read_borders(folder / "wijkenbuurten_2023_v3.gpkg", layer="buurten",
    ...     level="buurt", gemeente=None, gemeente_names=None, crs="EPSG:28992")
    >>> len(areas), notes[0].rpartition(": ")[0][-28:]
    (15, 'left out because it is water')
    """
    where = f"{path}|layername={layer}" if layer else str(path)
    notes: list[str] = []
    areas = _drop_water(read_vector(path, layer=layer, role="areas"), where, notes)
    codes = find_codes(areas, where=where)
    if codes is None:
        raise MissingColumnError(
            "{where} has no column with {level} codes (buurtcode, BU_CODE, statcode, "
            "wijkcode, …); it has {names}",
            where=where,
            level=level,
            names=", ".join(map(str, areas.columns[:10])),
        )
    if gemeente is not None:
        kept = _of_gemeente(areas, codes, gemeente_names, gemeente, where, notes)
        areas, codes = areas[kept], codes[kept]
    areas = _take_level(areas, codes, level, where, notes)
    own = areas.index.to_series()
    of_gemeente = _parent_codes(areas, own, "gemeente")
    areas = areas.assign(
        year_=pd.array([_border_year(areas, where)] * len(areas), dtype="Int64"),
        wijk_code_=own if level == "wijk" else _parent_codes(areas, own, "wijk"),
        gemeente_code_=of_gemeente,
        gemeente_name_=_gemeente_names(areas, of_gemeente, gemeente_names),
    )
    areas = _repair(areas, where, notes)
    if areas.crs != crs:
        told = areas.crs.to_string() if areas.crs.to_epsg() else areas.crs.name  # no page of WKT
        notes.append(
            tell("{where}: converted from {given} to {crs}", where=where, given=told, crs=crs)
        )
        areas = bring_to(areas, crs)
    return areas, notes
