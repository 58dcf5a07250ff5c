"""Forecasts of people aged 75 and 85 and over, with a low, a middle and a high variant, for one year."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

import pandas as pd

from geowoonzorg.errors import InputError, MissingColumnError, first_ids
from geowoonzorg.files import plain_header, read_table
from geowoonzorg.messages import tell
from geowoonzorg.opendata.area_rows import coded_rows, unused
from geowoonzorg.opendata.area_rules import read_area_rules
from geowoonzorg.opendata.codes import find_column, find_names, level_of
from geowoonzorg.opendata.figures import Figures, parse_cells
from geowoonzorg.opendata.sources import read_catalogue
from geowoonzorg.opendata.table_forms import choose_rows, widen, years_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import numpy as np

    from geowoonzorg.opendata.sources import Column

VARIANTS = ("low", "mid", "high")
_THOUSANDS = re.compile(r"x\s*1[ .\u00a0]?000")
_OPEN = re.compile(
    r"(\d+)\s*(?:jaar|years?)?\s*(?:(?:of|en) ouder|(?:or|and) (?:older|over)|\+|plus|-plus)"
)
_BELOW = re.compile(r"(\d+)\s*(?:jaar\s*)?tot\s*(\d+)")  # 75 tot 80 jaar: 80 is no part of it
_UP_TO = re.compile(r"(\d+)\s*(?:t/m|-|–|to)\s*(\d+)")  # 75-79, 75 t/m 79


def read_forecast(
    path: str | Path,
    *,
    year: int,
    columns: Mapping[str, str] | None = None,
    code: str | None = None,
    used: pd.Index | None = None,
) -> Figures:
    """Read how many people of 75 and 85 and over a forecast has for one year.

    Parameters
    ----------
    path
        A table with area codes and years: with a column per age and variant (``forecast_75plus_mid``, …, or
        what ``columns`` says), or with a row per age group and variant, as the regional forecast of CBS/PBL
        from StatLine, Primos, or a table of one's own.
    year
        The year that is asked for.
    columns
        Our name (``forecast_75plus_low``, ``…_mid``, ``…_high``, and for 85) → the table's column; also
        ``age``, ``variant`` and ``people`` of a table with a row per group.
    code
        The column with area codes, where it is not known by its name.
    used
        The codes that the study rests on; None for all.

    Returns
    -------
    Figures
        People in that year, per area of any level: a column per age and variant that the table has.

    Raises
    ------
    InputError
        When the forecast does not have the year, when no age groups add up to 75 or 85 and over, or when a
        low variant is above a high one.
    MissingColumnError, DuplicateIdError, FormatError, SourceError
        As `geowoonzorg.opendata.figures.read_figures`.

    Notes
    -----
    Where only five-year groups are published they are added up; the low and high of a sum then are the sums
    of the lows and highs, which is wider than the interval of the whole, and a note says so.

    Examples
    --------
    >>> read_forecast("missing.csv", year=2040)
    Traceback (most recent call last):
    geowoonzorg.errors.SourceError: forecast: missing.csv does not exist; give the path of an existing file
    """
    where, given = str(path), dict(columns or {})
    table = widen(read_table(path, role="forecast"), where=where)
    notes: list[str] = []
    table = _of_year(table, where, year, notes)
    words = read_area_rules().forecast
    age = _column(table, given.get("age"), words.age, where)
    known = read_catalogue().columns
    names = [f"forecast_{a}plus_{v}" for a in words.ages for v in VARIANTS]
    wide = {n: c for n in names if (c := _column(table, given.get(n), (n,), where)) is not None}
    if wide:
        table, codes = coded_rows(table, where, used, notes, code=code)
        spare = None if used is None else unused(codes, used)
        read = {n: _people(table[c], known[n], c, where, spare) for n, c in wide.items()}
        index = pd.Index(codes, name="code")
        numbers = pd.DataFrame({n: r[0].to_numpy() for n, r in read.items()}, index=index)
        reasons = pd.DataFrame({n: r[1].to_numpy() for n, r in read.items()}, index=index)
        title, taken = find_names(table, str(codes.name)).set_axis(index), wide
    elif age is not None:
        numbers, reasons, title, taken = _by_group(table, where, given, age, code, used, notes)
    else:
        raise MissingColumnError(
            "{where} has no column with a forecast ({names}) and none with ages; name them under "
            "[areas.forecast] columns; it has {columns}",
            where=where,
            names=", ".join(names[:3]),
            columns=", ".join(map(str, table.columns[:10])),
        )
    _check_order(numbers, where)
    return Figures(
        numbers=numbers,
        reasons=reasons.astype("str"),
        level=level_of(pd.Series(numbers.index, index=numbers.index)),
        name=title,
        taken=taken,
        year=year,
        where=where,
        notes=tuple(notes),
        source="prognose",
    )


def _column(
    table: pd.DataFrame, named: str | None, words: tuple[str, ...], where: str
) -> str | None:
    """Find the column that somebody has named, else one that is called so."""
    if named is not None:
        found = find_column(table, (named,))
        if found is None:
            raise MissingColumnError(
                "{path} has no column {column!r}; it has {names}",
                path=where,
                column=named,
                names=", ".join(map(str, table.columns[:10])),
            )
        return found
    plain = {plain_header(str(c)): str(c) for c in table.columns}
    return next((plain[p] for w in words if (p := plain_header(w)) in plain), None)


def _of_year(table: pd.DataFrame, where: str, year: int, notes: list[str]) -> pd.DataFrame:
    years = years_of(table)
    if years is None:
        notes.append(
            tell("{where} names no year; read as {year}, as asked", where=where, year=year)
        )
        return table
    chosen = table[(years == str(year)).to_numpy()]
    if chosen.empty:
        there = sorted({int(y) for y in years.dropna()})
        raise InputError(
            "{where}: the forecast has {years} and not {year}; ask for one of these, or give a forecast "
            "that reaches {year}",
            where=where,
            years=f"{there[0]}-{there[-1]}" if len(there) > 5 else ", ".join(map(str, there)),  # noqa: PLR2004
            year=year,
        )
    return chosen


def _people(
    cells: pd.Series, about: Column, published: str, where: str, spare: np.ndarray | None
) -> tuple[pd.Series[float], pd.Series[str]]:
    """Read people; a header that says so has them in thousands."""
    at = tell("{where}, column {column}", where=where, column=published)
    scale = 1000.0 if _THOUSANDS.search(published) else 1.0
    if scale > 1:  # 12.5 thousand is no count, so its dot is a decimal sign
        cells = cells.astype("str").str.replace(",", ".", regex=False).mask(cells.isna())
        number = pd.to_numeric(cells, errors="coerce").astype("float64") * scale
        reason = pd.Series("", index=cells.index, dtype="str").mask(number.isna(), "not_published")
        return number, reason
    return parse_cells(cells, about, at, spare=spare)


def _by_group(
    table: pd.DataFrame,
    where: str,
    given: dict[str, str],
    age: str,
    code: str | None,
    used: pd.Index | None,
    notes: list[str],
) -> tuple[pd.DataFrame, pd.DataFrame, pd.Series[str], dict[str, str]]:
    """Add up age groups per variant, each on its own rows of areas."""
    words = read_area_rules().forecast
    people = _column(table, given.get("people"), words.people, where)
    if people is None:
        raise MissingColumnError(
            "{where} has no column with the number of people; name it under [areas.forecast] columns: "
            "people = …; it has {columns}",
            where=where,
            columns=", ".join(map(str, table.columns[:10])),
        )
    variant = _column(table, given.get("variant"), words.variant, where)
    table, told = choose_rows(
        table.rename(columns={age: "_age", variant or "": "_variant"}), where=where
    )
    notes += told
    of_variant = _variants(table, where)
    known = read_catalogue().columns
    numbers, reasons, titles, taken = {}, {}, [], {}
    for start in words.ages:
        groups = _groups_from(table["_age"].dropna().astype("str").unique(), start)
        if not groups:
            continue
        if len(groups) > 1 and start == words.ages[0]:
            notes.append(
                tell(
                    "{where}: people of {age} and over are {n} age groups added up, which makes the low and "
                    "high variants wider than those of the whole",
                    where=where, age=start, n=len(groups),
                )
            )  # fmt: skip
        for name in VARIANTS:
            mine = of_variant == name
            if not mine.any():
                continue
            column = f"forecast_{start}plus_{name}"
            sums, whys = [], []
            for group in groups:
                rows, codes = coded_rows(
                    table[(mine & (table["_age"].astype("str") == group)).to_numpy()],
                    where, used, [], code=code,
                )  # fmt: skip
                spare = None if used is None else unused(codes, used)
                number, why = _people(rows[people], known[column], people, where, spare)
                sums.append(number.set_axis(codes))
                whys.append(why.set_axis(codes))
                titles.append(find_names(rows, str(codes.name)).set_axis(codes))
            numbers[column] = pd.concat(sums, axis=1).sum(axis=1, skipna=False)
            reasons[column] = pd.concat(whys, axis=1).fillna("no_row").max(axis=1)
            taken[column] = people
    if not numbers:
        raise InputError(
            "{where}: no age groups that add up to {ages} and over; it has {ids}",
            where=where,
            ages=", ".join(map(str, words.ages)),
            ids=first_ids(sorted(table["_age"].dropna().astype("str").unique())),
        )
    made = pd.DataFrame(numbers).rename_axis("code")
    every = pd.DataFrame(reasons).reindex(made.index).where(made.isna(), "").fillna("no_row")
    title = pd.concat(titles)
    return made, every, title[~title.index.duplicated()].reindex(made.index), taken


def _variants(table: pd.DataFrame, where: str) -> pd.Series[str]:
    """Tell the variant of each row; a table without a column of variants has the middle one only."""
    if "_variant" not in table:
        return pd.Series("mid", index=table.index, dtype="str")
    known = {
        plain_header(w): v for v, ws in read_area_rules().forecast.variants.items() for w in ws
    }
    found = table["_variant"].astype("str").map(lambda cell: known.get(plain_header(cell)))
    if found.isna().all():
        raise InputError(
            "{where}: variants that are not known: {ids}; expected laag, midden and hoog",
            where=where,
            ids=first_ids(sorted(table["_variant"].dropna().astype("str").unique())),
        )
    return found.astype("str")


def _groups_from(cells: np.ndarray, start: int) -> list[str]:
    """Give the age groups that together are everybody from an age on; empty where none are."""
    open_, closed = {}, {}
    for cell in map(str, cells):
        plain = cell.strip().lower()
        if m := _OPEN.fullmatch(plain.removesuffix(" jaar")):
            open_[int(m[1])] = cell
        elif m := _BELOW.match(plain):
            closed[int(m[1])] = (int(m[2]), cell)
        elif m := _UP_TO.match(plain):
            closed[int(m[1])] = (int(m[2]) + 1, cell)
    groups, at = [], start
    while at not in open_:
        if at not in closed:
            return []
        after, cell = closed[at]
        groups.append(cell)
        at = after
    return [*groups, open_[at]]


def _check_order(numbers: pd.DataFrame, where: str) -> None:
    """Refuse a low variant above the middle or high one: columns are swapped."""
    for age in read_area_rules().forecast.ages:
        names = [n for v in VARIANTS if (n := f"forecast_{age}plus_{v}") in numbers]
        for one, other in itertools.pairwise(names):
            wrong = numbers[one] > numbers[other]
            if wrong.any():
                raise InputError(
                    "{where}: {one} is over {other} for {ids}; see whether columns are swapped",
                    where=where,
                    one=one,
                    other=other,
                    ids=first_ids(numbers.index[wrong]),
                )
