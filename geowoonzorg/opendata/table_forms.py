"""A published table in one form: a column per measure, one year, one value of each other dimension."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from geowoonzorg.errors import DuplicateIdError, InputError, MissingColumnError, first_ids
from geowoonzorg.messages import tell
from geowoonzorg.opendata.codes import find_column
from geowoonzorg.opendata.sources import read_catalogue

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

_LONG_ASIDE = ("Id", "ValueAttribute", "StringValue")  # of the long form: no measure, no dimension


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
    >>> import pandas as pd
    >>> years_of(pd.DataFrame({"Perioden": ["2021", "2022*", "2012JJ00"]})).tolist()
    ['2021', '2022', '2012']
    """
    names = next(k.year for k in read_catalogue().keys if k.level == "any")
    column = find_column(table, names)
    if column is None:
        return None
    cells = table[column].astype("str")
    told = cells.dropna().unique()  # few, mostly one; a note under a table has none
    found = {c: re.match(r"\s*((?:19|20)\d\d)", c) for c in told}
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
    >>> import pandas as pd
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


def choose_rows(
    table: pd.DataFrame, *, where: str, chosen: Mapping[str, str] | None = None
) -> tuple[pd.DataFrame, list[str]]:
    """Choose one value of each other dimension of a table: everybody, and no margins.

    Parameters
    ----------
    table
        A table as published.
    where
        The file, which starts each message.
    chosen
        Column → the value to take; the catalogue's choice for the dimensions that it knows otherwise.

    Returns
    -------
    table : pandas.DataFrame
        The rows taken.
    notes : list of str
        What was chosen out of what.

    Raises
    ------
    MissingColumnError
        When a column that is named is not there.
    InputError
        When its value is not; the message has those that are.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"Marges": ["Waarde", "Ondergrens"], "x": ["1", "2"]})
    >>> choose_rows(table, where="ggd.csv")[0]["x"].tolist()
    ['1']
    """
    notes: list[str] = []
    wanted: dict[str, tuple[str, ...]] = {}
    for names, values in read_catalogue().dimensions:
        if (column := find_column(table, names)) is not None:
            wanted[column] = values
    for name, value in (chosen or {}).items():
        column = find_column(table, (name,))
        if column is None:
            raise MissingColumnError(
                "{path} has no column {column!r}; it has {names}",
                path=where,
                column=name,
                names=", ".join(map(str, table.columns[:10])),
            )
        wanted[column] = (value,)
    named = {find_column(table, (name,)) for name in chosen or {}}
    for column, values in wanted.items():
        cells = table[column].astype("str").str.strip().str.casefold()
        there = set(cells[table[column].notna()])
        found = next((v for v in values if v.casefold() in there), None)
        if found is None and column in named:
            raise InputError(
                "{where}: column {column} has no {value!r}; it has {ids}",
                where=where,
                column=column,
                value=values[0],
                ids=first_ids(sorted(set(table[column].dropna().astype("str")))),
            )
        if found is None or len(there) < 2:  # noqa: PLR2004 - one value is no choice
            continue
        notes.append(
            tell(
                "{where}: {value} chosen out of {n} values of {column}",
                where=where,
                value=found,
                n=len(there),
                column=column,
            )
        )
        table = table[(cells == found.casefold()).to_numpy()]
    return table, notes


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
    >>> import pandas as pd
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
