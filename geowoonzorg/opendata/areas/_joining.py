"""Tables of figures joined onto areas: key figures, the Leefbaarometer, a column of the user's own."""

from __future__ import annotations

from dataclasses import replace
from os import PathLike
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geowoonzorg.errors import InputError, MissingColumnError, StudyError
from geowoonzorg.files import read_table, split_layer
from geowoonzorg.messages import tell
from geowoonzorg.opendata.areas._frame import Areas, check_match, lay_over
from geowoonzorg.opendata.areas._naming import TableColumns, check_shares, named_columns, own_column
from geowoonzorg.opendata.codes import find_column
from geowoonzorg.opendata.figures import read_figures
from geowoonzorg.opendata.forecast import VARIANTS, read_forecast
from geowoonzorg.opendata.leefbaarometer import by_postcode, read_leefbaarometer
from geowoonzorg.opendata.table_forms import choose_rows, choose_year, widen, years_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from geowoonzorg.opendata.areas._frame import Carrier
    from geowoonzorg.opendata.figures import Figures
    from geowoonzorg.opendata.sources import Column


def join_figures(
    areas: Areas,
    paths: Sequence[str | Path] | str | Path,
    *,
    older_years: bool = False,
    named: TableColumns | None = None,
    carrier: Carrier | None = None,
) -> Areas:
    """Join tables of figures onto areas by code.

    Parameters
    ----------
    areas
        From `read_areas`.
    paths
        Tables as published: CBS key figures (csv, xlsx, saved OData, StatLine in Dutch or English),
        nabijheid, health of RIVM, SES-WOA, the old dbf, the attributes of another GeoPackage. A later one
        wins where it knows a figure. Of several periods that of the borders is taken.
    older_years
        Whether tables of an earlier year than the borders are taken as stand-ins, flagged with
        their year, instead of refused. Of several periods the newest is taken, and as a stand-in the
        newest older one that fills what is empty in it.
    named
        What somebody says of the tables' columns, codes, unit and year.
    carrier
        Carries a table of other borders over to those of the areas (`geowoonzorg.people.carrying`).

    Returns
    -------
    Areas
        With the figures in place. Rows of wijken and gemeenten become reference and stand-in: for
        columns the catalogue lets stand in, buurt → wijk → gemeente → older year, flagged in
        ``fallbacks``. Counts never stand in. Figures of an earlier year that are carried over only stand
        in where the areas have figures of their own; to areas without any they are theirs.

    Raises
    ------
    InputError
        When a table is of another year than the borders; both years are named. When a share is over 1.
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
    named = named or TableColumns()
    for path in [paths] if isinstance(paths, str | PathLike) else paths:
        whole = widen(read_table(path, role="figures"), where=str(path))
        whole, chosen = choose_rows(whole, where=str(path), chosen=named.rows)
        own = named_columns(named, whole, str(path))
        areas = _with_columns(areas, [c for c in own if c.name not in areas.columns])
        codes = areas.codes if carrier is None else areas.codes.union(carrier.codes)
        years = _years_to_take(whole, areas, named, carrier, older_years=older_years)
        empty: set[str] | None = None
        for year in years:
            table, told = choose_year(whole, where=str(path), year=year, older=older_years)
            figures = read_figures(
                table,
                where=path,
                own=own,
                only_own=not named.everything,
                code=named.code,
                used=codes,
            )
            known = figures.numbers.notna().any()
            if empty is not None and not known[sorted(empty & set(known.index))].any():
                continue  # an older period that fills nothing
            if named.period is not None:
                if (
                    figures.year is not None
                    and figures.year != named.period
                    and years_of(table) is not None
                ):
                    raise InputError(
                        "{file} is of {year}, and period says {period}; mend or leave out period",
                        file=path, year=figures.year, period=named.period,
                    )  # fmt: skip
                figures = replace(figures, year=named.period)
            check_shares(figures, own)
            areas = _lay(
                areas, replace(figures, notes=(*chosen, *told, *figures.notes)), path, carrier,
                older_years=older_years, any_year=named.period is not None, stands_in=empty is not None,
            )  # fmt: skip
            if empty is not None:
                break
            empty = set(known.index[~known])
    return areas


def _years_to_take(
    table: pd.DataFrame,
    areas: Areas,
    named: TableColumns,
    carrier: Carrier | None,
    *,
    older_years: bool,
) -> list[int | None]:
    """Give the periods of a table that are tried: that of the borders, then older ones that may stand in."""
    wanted = named.period if named.period is not None else areas.year
    years = years_of(table)
    if years is None or years.nunique() < 2:  # noqa: PLR2004 - one year is no choice
        return [wanted]
    there = sorted({int(y) for y in years.dropna()}, reverse=True)
    if named.period is not None:
        return [wanted]
    if carrier is not None and wanted not in there and carrier.year in there:
        return [carrier.year]
    if not older_years:
        return [wanted]
    return [y for y in there if wanted is None or y <= wanted] or [wanted]


def _with_columns(areas: Areas, columns: Sequence[Column]) -> Areas:
    """Give the areas empty columns for what the catalogue does not have."""
    names = [column.name for column in columns]
    if not names:
        return areas
    kept = [c for c in areas.frame.columns if c != "geometry"]
    return replace(
        areas,
        indicators={**areas.indicators, **{c.name: c for c in columns}},
        frame=areas.frame.assign(**dict.fromkeys(names, np.nan))[[*kept, *names, "geometry"]],
        reasons=areas.reasons.assign(**dict.fromkeys(names, "no_column")),
        fallbacks=areas.fallbacks.assign(**dict.fromkeys(names, "")),
    )


def _lay(
    areas: Areas,
    figures: Figures,
    path: str | Path,
    carrier: Carrier | None,
    *,
    older_years: bool,
    any_year: bool = False,
    stands_in: bool = False,
) -> Areas:
    """Lay one table over the areas, carried over where it is of other borders; refuse another year."""
    earlier = areas.year is not None and figures.year is not None and figures.year < areas.year
    if carrier is not None and carrier.fits(figures, areas):
        figures = carrier.carry(figures, areas)
        has_own = areas.provenance["column"].isin(figures.taken).any()
        older = earlier and bool(has_own)
    else:
        older = areas.year is not None and figures.year not in {None, areas.year}
        if any_year:
            older = False
        if older and not (older_years and earlier):
            raise InputError(
                "{path} is of {year} and the areas are of {area_year}: codes and borders "
                "change between years; give both of one year, or allow older years as "
                "stand-ins ([areas] older_years = true, or --older-years)",
                path=path,
                year=figures.year,
                area_year=areas.year,
            )
    check_match(areas, figures)
    return lay_over(areas, figures, split_layer(path)[0], older=older or stands_in)


def join_leefbaarometer(
    areas: Areas, path: str | Path, year: int, *, carrier: Carrier | None = None
) -> Areas:
    """Join one year of the Leefbaarometer onto areas.

    Parameters
    ----------
    areas
        From `read_areas`.
    path
        A table per buurt, wijk, gemeente or PC4, as published.
    year
        The measurement to take.
    carrier
        Carries a table of other borders over to those of the areas.

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
    if carrier is not None:
        used = used.union(carrier.codes)
    figures = read_leefbaarometer(path, year=year, used=used)
    if (figures.level == "pc4").all():
        if "pc4" not in areas.frame.columns:
            raise MissingColumnError(
                "{path} is per four-digit postcode (PC4) and the areas have no postcode; "
                "take the table per buurt or wijk, or give the areas a column pc4",
                path=path,
            )
        figures = by_postcode(figures, areas.frame["pc4"], level=areas.level)
    elif carrier is not None and carrier.fits(figures, areas):
        figures = carrier.carry(figures, areas)
    check_match(areas, figures)
    return lay_over(areas, figures, split_layer(path)[0])


def join_forecast(
    areas: Areas,
    path: str | Path,
    year: int,
    *,
    columns: Mapping[str, str] | None = None,
    code: str | None = None,
) -> Areas:
    """Join a forecast of people aged 75 and 85 and over for one year onto areas.

    Parameters
    ----------
    areas
        From `read_areas`.
    path, year, columns, code
        As `geowoonzorg.opendata.forecast.read_forecast`.

    Returns
    -------
    Areas
        With ``forecast_75plus_low``, ``…_mid`` and ``…_high``, and for 85, where the forecast is per buurt or
        wijk; that of a gemeente stays the gemeente's, and a note tells it.

    Raises
    ------
    InputError, CoverageError, MissingColumnError, DuplicateIdError, FormatError, SourceError
        As `geowoonzorg.opendata.forecast.read_forecast` and `check_match`.

    Examples
    --------
    >>> join_forecast(None, "missing.csv", 2040)
    Traceback (most recent call last):
    geowoonzorg.errors.SourceError: forecast: missing.csv does not exist; give the path of an existing file
    """
    used = None if areas is None else areas.codes
    figures = read_forecast(path, year=year, columns=columns, code=code, used=used)
    check_match(areas, figures)
    whole = figures.numbers[figures.numbers.index.isin(areas.frame["gemeente_code"])]
    names = areas.frame.drop_duplicates("gemeente_code").set_index("gemeente_code")["gemeente_name"]
    told = []
    for gemeente, row in whole.iterrows():
        title = names.get(gemeente)
        for age in (75, 85):
            low, mid, high = (row.get(f"forecast_{age}plus_{v}", np.nan) for v in VARIANTS)
            if np.isnan(mid):
                continue
            between = (
                tell("{low:,.0f} to {high:,.0f}", low=low, high=high)
                if not np.isnan([low, high]).any()
                else tell("without a low and a high variant")
            )
            told.append(
                tell(
                    "{gemeente}: {mid:,.0f} people of {age} and over in {year} ({between})",
                    gemeente=gemeente if title is None or pd.isna(title) else title,
                    mid=mid, age=age, year=year, between=between,
                )
            )  # fmt: skip
    figures = replace(figures, notes=(*figures.notes, *told))
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
    table, chosen = choose_rows(table, where=str(path))
    table, told = choose_year(table, where=str(path), year=areas.year)
    published = find_column(table, (column,))
    if published is None:
        raise MissingColumnError(
            "{path} has no column {column!r}; it has {names}",
            path=path,
            column=column,
            names=", ".join(map(str, table.columns[:10])),
        )
    about = own_column(name, unit=unit, direction=direction, stands_in=stands_in)
    figures = read_figures(
        table, where=path, own=[about.named(published)], only_own=True, used=areas.codes
    )
    figures = replace(figures, notes=(*chosen, *told, *figures.notes))
    year = areas.year
    if year is not None and figures.year not in {None, year}:
        raise InputError(
            "{path} is of {year} and the areas are of {area_year}; give both of one year",
            path=path,
            year=figures.year,
            area_year=year,
        )
    areas = _with_columns(areas, [about])
    check_match(areas, figures)
    return lay_over(areas, figures, split_layer(path)[0])
