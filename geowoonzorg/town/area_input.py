"""What a study says under ``[areas]`` → areas with every table laid over them, and the Leefbaarometer's grid."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from geowoonzorg.errors import InputError, StudyError
from geowoonzorg.files import split_layer
from geowoonzorg.messages import tell
from geowoonzorg.opendata.areas import (
    Areas,
    TableColumns,
    figure_columns,
    join_figures,
    join_forecast,
    join_indicator,
    join_leefbaarometer,
    read_areas,
    with_provenance,
)
from geowoonzorg.opendata.squares import read_leefbaarometer_grid
from geowoonzorg.people.carrying import BordersCarrier
from geowoonzorg.town.areas import AREA_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import geopandas as gpd

    from geowoonzorg.study import IndicatorInput
    from geowoonzorg.study_areas import AreasInput

_OF_GEOPACKAGE = ("fid", "geom")


def check_indicators(indicators: Sequence[IndicatorInput]) -> None:
    """Refuse own indicators whose names are columns of the areas already, or each other's.

    Parameters
    ----------
    indicators
        What a study says under ``[[indicators]]``.

    Raises
    ------
    StudyError
        With every such name; a GeoPackage takes capitals for small letters.

    Examples
    --------
    >>> from pathlib import Path
    >>> from geowoonzorg.study import IndicatorInput
    >>> check_indicators([IndicatorInput("Status", Path("own.csv"), "ggz", "%")])
    Traceback (most recent call last):
    geowoonzorg.errors.StudyError: indicators: the names Status are taken; choose others
    """
    used = {*AREA_COLUMNS, "carried_share", *figure_columns(), *_OF_GEOPACKAGE}
    taken = []
    for own in indicators:
        name = own.name.lower()
        if name in used:
            taken.append(own.name)
        used.add(name)
    if taken:
        raise StudyError(
            "indicators: the names {names} are taken; choose others", names=", ".join(taken)
        )


def read_area_input(
    given: AreasInput,
    *,
    crs: str,
    indicators: Sequence[IndicatorInput] = (),
    homes: gpd.GeoDataFrame | None = None,
) -> Areas:
    """Read areas with all tables that are joined onto them.

    Parameters
    ----------
    given
        What a study says under ``[areas]``.
    crs
        The metric CRS to work in.
    indicators
        What a study says under ``[[indicators]]``.
    homes
        Where people live, by whom figures of other borders are carried over; None for by surface.

    Returns
    -------
    Areas
        Figures with their reasons and origins.

    Raises
    ------
    StudyError
        As `check_indicators`, and when a column under ``[areas.columns]`` is in no table.
    InputError, CrsError, FormatError, SourceError
        As `read_areas`, `join_figures`, `join_leefbaarometer` and `join_indicator`.

    Examples
    --------
    >>> from pathlib import Path
    >>> from geowoonzorg.study import AreasInput
    >>> read_area_input(AreasInput(Path("missing.gpkg")), crs="EPSG:28992")
    Traceback (most recent call last):
    geowoonzorg.errors.SourceError: areas: missing.gpkg does not exist; give the path of an existing file
    """
    check_indicators(indicators)
    areas = read_areas(given.source, level=given.level, gemeente=given.gemeente, crs=crs)
    carrier = borders_carrier(given, areas, crs=crs, homes=homes)
    for source, named in area_tables(given):
        areas = join_figures(
            areas, source, older_years=given.older_years, named=named, carrier=carrier
        )
    nowhere = sorted(set(given.columns) - set(areas.provenance["column"]))
    if nowhere:
        raise StudyError(
            "areas.columns: no table of figures has {columns}",
            columns=", ".join(f"{given.columns[name]} ({name})" for name in nowhere),
        )
    if given.leefbaarometer is not None and given.leefbaarometer_year is not None:
        areas = join_leefbaarometer(
            areas, given.leefbaarometer, given.leefbaarometer_year, carrier=carrier
        )
    if (forecast := given.forecast) is not None:
        areas = join_forecast(
            areas, forecast.source, forecast.year, columns=forecast.columns, code=forecast.code
        )
    for own in indicators:
        areas = join_indicator(
            areas, own.source, own.column, name=own.name, unit=own.unit, direction=own.direction
        )
    return areas


def borders_carrier(
    given: AreasInput, areas: Areas, *, crs: str, homes: gpd.GeoDataFrame | None = None
) -> BordersCarrier | None:
    """Give what carries figures of other borders over to those of a study's areas, where it names any.

    Parameters
    ----------
    given
        What a study says under ``[areas]``.
    areas
        Its areas.
    crs
        The metric CRS to work in.
    homes
        Where people live; None for by surface.

    Returns
    -------
    BordersCarrier or None
        None where the study names no other borders.

    Raises
    ------
    InputError, CrsError, FormatError, SourceError
        As `read_areas`.

    Examples
    --------
    >>> from pathlib import Path
    >>> from geowoonzorg.study import AreasInput
    >>> borders_carrier(AreasInput(Path("areas.gpkg")), None, crs="EPSG:28992")
    """
    if given.figures_borders is None:
        return None
    try:
        old = read_areas(given.figures_borders, level=given.level, crs=crs)
    except InputError:  # borders of wijken do for tables per wijk
        if given.level == "wijk":
            raise
        old = read_areas(given.figures_borders, level="wijk", crs=crs)
    return BordersCarrier(old, areas, homes)


def read_grid_input(given: AreasInput, areas: Areas) -> tuple[Areas, gpd.GeoDataFrame | None]:
    """Read the Leefbaarometer per square of 100 m, where a study gives it.

    Parameters
    ----------
    given
        What a study says under ``[areas]``.
    areas
        Its areas.

    Returns
    -------
    areas : Areas
        With the grid in their provenance and notes.
    grid : geopandas.GeoDataFrame or None
        As `read_leefbaarometer_grid`.

    Raises
    ------
    InputError, FormatError, SourceError, CrsError
        As `read_leefbaarometer_grid`.

    Examples
    --------
    >>> from pathlib import Path
    >>> from geowoonzorg.study import AreasInput
    >>> read_grid_input(AreasInput(Path("areas.gpkg")), None)
    (None, None)
    """
    if given.leefbaarometer_grid is None:
        return areas, None
    path, year = given.leefbaarometer_grid, given.leefbaarometer_year
    grid = read_leefbaarometer_grid(path, year=year)
    told = (
        *grid.attrs["notes"],
        tell(
            "{where}: the Leefbaarometer of {n} squares of 100 m goes before that of the {level} for people "
            "within walking distance",
            where=path, n=len(grid), level=areas.level,
        ),
    )  # fmt: skip
    taken = grid.attrs["taken"]
    areas = with_provenance(
        areas, split_layer(path)[0], taken, pd.DataFrame(grid), year=year, level="square"
    )
    return replace(areas, notes=(*areas.notes, *told)), grid


def area_tables(given: AreasInput) -> Iterator[tuple[Path, TableColumns]]:
    """Give the tables of a study's areas in the order in which they are joined.

    Parameters
    ----------
    given
        What a study says under ``[areas]``.

    Yields
    ------
    tuple of pathlib.Path and TableColumns
        The file, and what the study says of its columns.

    Examples
    --------
    >>> from pathlib import Path
    >>> from geowoonzorg.study import AreasInput
    >>> [str(path) for path, _ in area_tables(AreasInput(Path("a.gpkg"), figures=(Path("kwb.csv"),)))]
    ['kwb.csv']
    """
    for path in given.figures:
        yield path, TableColumns(columns=given.columns)
    for table in given.tables:
        yield (
            table.source,
            TableColumns(
                table.columns, table.code, table.unit, table.period, table.rows, everything=False
            ),
        )
