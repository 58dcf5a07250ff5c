"""A published table → rows of areas: one measure a column, one year, each area once, the rest counted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geowoonzorg.errors import DuplicateIdError, InputError, MissingColumnError, first_ids
from geowoonzorg.messages import tell
from geowoonzorg.opendata.codes import check_own_codes, find_codes, find_column, no_codes
from geowoonzorg.opendata.sources import read_catalogue

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LONG_ASIDE = ("Id", "ValueAttribute", "StringValue")  # of the long form: no measure, no dimension
_NAMED = 5  # as many as `first_ids` names


def years_of(table: pd.DataFrame) -> pd.Series[str] | None:
    """Read the year of each row, where a table has a column of years or periods.

    Parameters
    ----------
    table
        A table as published: ``2022``, ``2022*`` (provisional), ``2022JJ00``, ``2022BU01660000``.

    Returns
    -------
    pandas.Series of str or None
        Four digits, NaN where a cell has none; None without such a column.

    Examples
    --------
    >>> years_of(pd.DataFrame({"Perioden": ["2021", "2022*", "2012JJ00"]})).tolist()
    ['2021', '2022', '2012']
    """
    names = next(k.year for k in read_catalogue().keys if k.level == "any")
    column = find_column(table, names)
    if column is None:
        return None
    cells = table[column].astype("str")
    found = {c: re.match(r"\s*((?:19|20)\d\d)", c) for c in cells.unique()}  # few, mostly one
    return cells.map({c: m[1] for c, m in found.items() if m})


def widen(table: pd.DataFrame, *, where: str) -> pd.DataFrame:
    """Give a table in OData's long form, one measure a row, a column per measure.

    Parameters
    ----------
    table
        A table as published.
    where
        The file, which starts the message.

    Returns
    -------
    pandas.DataFrame
        A row per area and period, the measures under their own codes (``T001036``); a table of
        another form as it is.

    Raises
    ------
    DuplicateIdError
        When a measure occurs twice for one area.

    Notes
    -----
    CBS OData v4, data set Observations: ``Measure``, ``Value``, ``ValueAttribute`` and the dimensions.

    Examples
    --------
    >>> long = {"Measure": ["T001036", "M000297"], "Value": ["5", "2"], "WijkenEnBuurten": "GM0166"}
    >>> widen(pd.DataFrame(long), where="x").columns.tolist()
    ['WijkenEnBuurten', 'M000297', 'T001036']
    """
    measure, value = find_column(table, ("Measure",)), find_column(table, ("Value",))
    if measure is None or value is None:
        return table
    aside = {measure, value, *(c for n in _LONG_ASIDE if (c := find_column(table, (n,))))}
    keys = [c for c in table.columns if c not in aside]
    rows = table[[*keys, measure, value]]
    twice = rows[rows.duplicated([*keys, measure])]
    if len(twice):
        told = first_ids(twice[[*keys, measure]].astype("str").agg(" ".join, axis=1))
        raise DuplicateIdError(
            "{where}: measures that occur more than once for one area: {measures}; keep one row each",
            where=where,
            measures=told,
        )
    wide = rows.pivot(index=keys, columns=measure, values=value)
    return wide.rename_axis(columns=None).reset_index()


def choose_year(
    table: pd.DataFrame, *, where: str, year: int | None, older: bool = False
) -> tuple[pd.DataFrame, list[str]]:
    """Choose one year of a table that holds several periods.

    Parameters
    ----------
    table
        A table as published.
    where
        The file, which starts each message.
    year
        The year that is wanted; None for the newest.
    older
        Whether the newest earlier year will do.

    Returns
    -------
    table : pandas.DataFrame
        Its rows of one year; the whole table where it holds no more than one.
    notes : list of str
        Which year was chosen out of which.

    Raises
    ------
    InputError
        When the year is not among several.

    Examples
    --------
    >>> table = pd.DataFrame({"Perioden": ["2021", "2022"], "x": [1, 2]})
    >>> choose_year(table, where="x", year=2022)[0]["x"].tolist()
    [2]
    """
    years = years_of(table)
    if years is None or years.nunique() < 2:  # noqa: PLR2004 - one year is no choice
        return table, []
    known = sorted({int(y) for y in years.dropna()})
    fitting = [y for y in known if year is None or y == year or (older and y < year)]
    if not fitting:
        raise InputError(
            "{where} holds {years} and not {year}; give a table of {year}",
            where=where,
            years=", ".join(map(str, known)),
            year=year,
        )
    chosen = max(fitting)
    note = tell(
        "{where}: {year} chosen out of {years}",
        where=where,
        year=chosen,
        years=", ".join(map(str, known)),
    )
    return table[(years == str(chosen)).to_numpy()], [note]


def unused(codes: pd.Series[str], used: pd.Index | None) -> NDArray[np.bool_]:
    """Tell which rows are of areas that a study does not rest on.

    Parameters
    ----------
    codes
        The rows' codes.
    used
        As `read_figures`.

    Returns
    -------
    numpy.ndarray of bool
        One per row.

    Examples
    --------
    >>> unused(pd.Series(["GM0166", "GM0193"]), pd.Index(["GM0166"])).tolist()
    [False, True]
    """
    if used is None:
        return np.zeros(len(codes), dtype=bool)
    return np.asarray(used.get_indexer(pd.Index(codes)) < 0)  # fifty times as fast as isin


def each_once(
    table: pd.DataFrame, codes: pd.Series[str], used: pd.Index | None, where: str, notes: list[str]
) -> NDArray[np.bool_]:
    """Tell which rows stay: those of an unused area that occurs more than once do not.

    Parameters
    ----------
    table, codes, used, where, notes
        As `coded_rows`.

    Returns
    -------
    numpy.ndarray of bool
        One per row.

    Raises
    ------
    DuplicateIdError
        When an area that is used occurs more than once; the message says in which columns its rows
        differ.

    Examples
    --------
    >>> codes = pd.Series(["GM0166", "GM0193", "GM0193"])
    >>> each_once(codes.to_frame("code"), codes, pd.Index(["GM0166"]), "x", []).tolist()
    [True, False, False]
    """
    twice = codes.duplicated(keep=False)
    if not twice.any():
        return np.ones(len(codes), dtype=bool)
    spare = unused(codes, used)
    wrong = codes[twice.to_numpy() & ~spare].unique()
    if len(wrong):
        rows = table[(codes == wrong[0]).to_numpy()]
        differ = [str(c) for c in table.columns if not rows[c].duplicated()[1:].all()]
        words = [c for c in differ if pd.to_numeric(rows[c], errors="coerce").isna().all()]
        columns = ", ".join((words or differ)[:3])
        apart = tell(" (they differ in {columns})", columns=columns) if differ else ""
        raise DuplicateIdError(
            "{where}: codes that occur more than once: {ids}{apart}; keep one row each",
            where=where,
            ids=first_ids(wrong),
            apart=apart,
        )
    dropped = twice.to_numpy() & spare
    notes.append(
        tell(
            "{where}: {n} {n:row|rows} of areas outside this study that {n:occurs|occur} more than "
            "once {n:is|are} left out: {ids}",
            where=where,
            n=int(dropped.sum()),
            ids=first_ids(codes[dropped].unique()),
        )
    )
    return ~dropped


def coded_rows(
    table: pd.DataFrame, where: str, used: pd.Index | None, notes: list[str]
) -> tuple[pd.DataFrame, pd.Series[str]]:
    """Take the rows of areas on land out of a table, each area once.

    Parameters
    ----------
    table
        A table as published.
    where
        The file, which starts each message.
    used
        As `read_figures`.
    notes
        Hears what is left out.

    Returns
    -------
    table : pandas.DataFrame
        The rows kept.
    codes : pandas.Series of str
        Their codes, on the same index.

    Raises
    ------
    MissingColumnError, DuplicateIdError, InputError
        As `read_figures`.

    Examples
    --------
    >>> notes = []
    >>> rows = pd.DataFrame({"code": ["GM0166", "GM0193", "Totaal"], "a_inw": ["5", "7", "12"]})
    >>> coded_rows(rows, "kwb.csv", None, notes)[1].tolist(), notes
    (['GM0166', 'GM0193'], ['kwb.csv: 1 row without an area code is left out: Totaal'])
    """
    codes = find_codes(table, where=where)
    if codes is None:
        raise _without_codes(table, where)
    if codes.isna().any():
        other = no_codes(table[str(codes.name)], codes).astype("str").str.strip().unique()
        told = (
            ": " + ", ".join(other[:_NAMED]) + (", …" if len(other) > _NAMED else "")
            if len(other)
            else ""
        )
        notes.append(
            tell(
                "{where}: {n} {n:row without an area code is|rows without an area code are} left out{such_as}",
                where=where,
                n=int(codes.isna().sum()),
                such_as=told,
            )
        )
        table, codes = table[codes.notna().to_numpy()], codes.dropna()
    water = find_column(table, next(k.water for k in read_catalogue().keys if k.level == "any"))
    if water is not None:
        wet = (table[water].astype("str").str.strip().str.upper() != "NEE").to_numpy()
        if wet.any():
            notes.append(
                tell(
                    "{where}: {n} {n:row with water is|rows with water are} left out",
                    where=where,
                    n=int(wet.sum()),
                )
            )
        table, codes = table[~wet], codes[~wet]
    matter = ~unused(codes, used)
    check_own_codes(table[matter], codes[matter], where=where, bare=True)
    kept = each_once(table, codes, used, where, notes)
    return (table, codes) if kept.all() else (table[kept], codes[kept])


def _without_codes(table: pd.DataFrame, where: str) -> MissingColumnError:
    """Say why a table cannot be joined: it has no codes, or names only."""
    names = next(k.name for k in read_catalogue().keys if k.level == "any")
    named = find_column(table, [*names, "gemeente", "wijk", "buurt"])
    has = ", ".join(map(str, table.columns[:10]))
    if named is None:
        return MissingColumnError(
            "{where} has no column with area codes; expected one of buurtcode, BU_CODE, gwb_code_10, "
            "WijkenEnBuurten, …; it has {names}",
            where=where,
            names=has,
        )
    return MissingColumnError(
        "{where} has no column with area codes, only names ({named}), and names of buurten occur in many "
        "gemeenten; in StatLine choose the column with the code (Codering, Regiocode) and download the "
        "table again; it has {names}",
        where=where,
        named=named,
        names=has,
    )
