"""Tables of figures joined onto areas: key figures, the Leefbaarometer, a column of the user's own."""

from __future__ import annotations

from dataclasses import replace
from os import PathLike
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geowoonzorg.errors import InputError, MissingColumnError, StudyError
from geowoonzorg.files import read_table, split_layer
from geowoonzorg.opendata.area_rows import choose_year, widen
from geowoonzorg.opendata.areas._frame import Areas, check_match, lay_over
from geowoonzorg.opendata.codes import find_column
from geowoonzorg.opendata.figures import read_figures
from geowoonzorg.opendata.leefbaarometer import by_postcode, read_leefbaarometer
from geowoonzorg.opendata.sources import Column

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


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
    >>> from geowoonzorg.opendata.areas import read_areas
    >>> from geowoonzorg.prepare import demo_study
    >>> folder = demo_study().parent
    >>> areas = read_areas(folder / "wijkenbuurten_2023_v3.gpkg")
    >>> joined = join_figures(areas, folder / "wijkenbuurten_2023_v3.gpkg|layername=wijken")
    >>> len(joined.wijken), joined.provenance["level"].unique().tolist()
    (5, ['buurt', 'wijk'])
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
    >>> from geowoonzorg.opendata.areas import read_areas
    >>> from geowoonzorg.prepare import demo_study
    >>> folder = demo_study().parent
    >>> areas = read_areas(folder / "wijkenbuurten_2023_v3.gpkg")
    >>> table = folder / "Leefbaarometer-scores buurten 2002-2022.csv"
    >>> join_leefbaarometer(areas, table, 2022).frame["lbm_afw"].head(2).tolist()
    [0.114, 0.232]
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
    >>> from geowoonzorg.opendata.areas import read_areas
    >>> from geowoonzorg.prepare import demo_study
    >>> folder = demo_study().parent
    >>> areas = read_areas(folder / "wijkenbuurten_2023_v3.gpkg")
    >>> table = folder / "wijkenbuurten_2023_v3.gpkg|layername=buurten"
    >>> column = "omgevingsadressendichtheid"
    >>> joined = join_indicator(areas, table, column, name="density", unit="addresses per km2")
    >>> len(joined.frame["density"].dropna()), joined.indicators["density"].unit
    (15, 'addresses per km2')
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
