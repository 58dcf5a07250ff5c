"""The form as a region has filled it: both tables read, names matched, open and suppressed cells kept as they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from geowoonzorg.errors import DuplicateIdError, InputError, MissingColumnError, first_ids
from geowoonzorg.files import as_message
from geowoonzorg.messages import tell
from geowoonzorg.opendata.telling import first_told
from geowoonzorg.region.counts import read_counts, span_of
from geowoonzorg.region.form_layout import FormLayout, read_form_layout, spellings
from geowoonzorg.region.names import match_names, plain_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from geowoonzorg.messages import Message


@dataclass(frozen=True, eq=False)
class Form:
    """Both tables of the form.

    Attributes
    ----------
    table1
        A row per group and gemeente, groups in the form's order: ``groep`` (its key), ``gemeente``, ``persons``,
        ``persons_low``, ``persons_high`` and ``source``, the cell. A cell that is left open is empty in all three.
    table2
        A row per group, kind of row and woningtype: ``groep``, ``row`` (``available`` or ``to_add``), ``woningtype``,
        ``homes``, ``homes_low``, ``homes_high`` and ``source``. Only the rows and columns that the table has.
    notes
        What was matched, left out, or does not add up.
    """

    table1: pd.DataFrame
    table2: pd.DataFrame
    notes: tuple[Message, ...] = ()


def read_form(
    table1: pd.DataFrame,
    table2: pd.DataFrame,
    *,
    where1: str = "table1",
    where2: str = "table2",
    gemeenten: Sequence[str] | Mapping[str, Sequence[str]] | None = None,
    layout: FormLayout | None = None,
) -> Form:
    """Read the form's two tables.

    Parameters
    ----------
    table1
        Persons, as text from `geowoonzorg.files.read_table`: a row per group and a column per gemeente, or the other
        way round.
    table2
        Homes, as text: a row per group for what is available and one for what is to be added, said in a column of its
        own, and a column per woningtype. A group's name may stand in its first row only, as merged cells do.
    where1, where2
        The files, used in messages.
    gemeenten
        The names that there are, or by name what else each may be called, such as its code; None for those of the
        table.
    layout
        What the form looks like; None for the one that ships.

    Returns
    -------
    Form
        Totals are left out, and it is noted where they are not the sum.

    Raises
    ------
    InputError
        When a group, gemeente, woningtype or kind of row is unknown, a count is negative or no whole number, or the
        tables are of different years.
    MissingColumnError
        When nothing says which rows are available and which to be added.
    DuplicateIdError
        When a row or column stands there twice.
    FormatError
        When a cell is no count.

    Examples
    --------
    >>> table1 = pd.DataFrame({"Groep": ["1. Studenten", "statushouders"], "Kampen": ["40", "?"],
    ...                        "Zwolle": ["60", None]})
    >>> table2 = pd.DataFrame({"Groep": ["Studenten", None], "Rij": ["beschikbaar", "toe te voegen"],
    ...                        "Kamers": ["30", "70"]})
    >>> form = read_form(table1, table2)
    >>> form.table1[["groep", "gemeente", "persons", "persons_low", "persons_high"]]
                   groep gemeente  persons  persons_low  persons_high
    0  vergunninghouders   Kampen      NaN          0.0           7.0
    1  vergunninghouders   Zwolle      NaN          NaN           NaN
    2          studenten   Kampen     40.0         40.0          40.0
    3          studenten   Zwolle     60.0         60.0          60.0
    >>> form.table2[["row", "woningtype", "homes"]].values.tolist()
    [['available', 'onzelfstandig', 30.0], ['to_add', 'onzelfstandig', 70.0]]
    """
    layout = layout or read_form_layout()
    notes: list[Message] = []
    years = {
        where: _year(table, where, layout) for where, table in ((where1, table1), (where2, table2))
    }
    if len({year for year in years.values() if year}) > 1:
        raise InputError(
            "{one} is of {year_one} and {other} of {year_other}: tables of different years do not go together",
            one=as_message(where1),
            year_one=years[where1],
            other=as_message(where2),
            year_other=years[where2],
        )
    first = _read_persons(table1, where1, gemeenten, layout, notes)
    second = _read_homes(table2, where2, layout, notes)
    return Form(first, second, tuple(notes))


def _year(table: pd.DataFrame, where: str, layout: FormLayout) -> str:
    """Give the year that a table says it is of; empty where it does not."""
    found: set[str] = set()
    for column in _columns(table, layout.year_columns):
        found |= set(table[column].dropna().astype("str"))
    if len(found) > 1:
        raise InputError(
            "{where}: figures of different years do not go together: {years}; keep one year",
            where=as_message(where),
            years=first_ids(sorted(found)),
        )
    return next(iter(found), "")


def _columns(table: pd.DataFrame, names: Iterable[str]) -> list[str]:
    plain = {plain_name(name) for name in names}
    return [str(c) for c in table.columns if plain_name(str(c)) in plain]


def _read_persons(
    table: pd.DataFrame,
    where: str,
    gemeenten: Sequence[str] | Mapping[str, Sequence[str]] | None,
    layout: FormLayout,
    notes: list[Message],
) -> pd.DataFrame:
    """Read table 1, whichever way it lies."""
    table = table.drop(columns=_columns(table, layout.year_columns))
    groups = spellings(layout.groups)
    if table.shape[1] < 2:  # noqa: PLR2004 - names and a gemeente
        raise InputError(
            "{where}: there is no gemeente in it; give a column for each, with the names in the first row",
            where=as_message(where),
        )
    spelled = {plain_name(name) for names in groups.values() for name in names}
    across = sum(plain_name(str(c)) in spelled for c in table.columns[1:])
    if across > sum(plain_name(name) in spelled for name in _names(table.iloc[:, 0])):
        turned = table.set_index(table.columns[0]).T
        turned.columns = pd.Index([str(c) for c in turned.columns])
        turned.insert(0, "groep", turned.index.astype("str"))
        table = turned.set_axis(turned["groep"].to_numpy())
    named = table.columns[0]
    rows, total_rows = _without_totals(table, named, layout)
    _refuse_nameless(rows, [named], where)
    total_columns = _columns(table, layout.totals)
    places = [str(c) for c in table.columns[1:] if c not in total_columns]
    keys = _matched(_names(rows[named]), groups, where, "group", notes)
    cities: Mapping[str, str] = {place: place for place in places}
    if gemeenten is not None:
        also = gemeenten if isinstance(gemeenten, Mapping) else dict.fromkeys(gemeenten, ())
        known = {name: (name, f"gemeente {name}", *more) for name, more in also.items()}
        cities = _matched(places, known, where, "gemeente", notes)
    for found, what in ((keys.values(), "group"), (cities.values(), "gemeente")):
        _refuse_twice(list(found), where, what)
    _refuse_twice([str(name) for name in rows[named]], where, "group")
    _refuse_twice(places, where, "gemeente")
    parts = []
    for column in places:
        cell = tell("{where}, column {column}", where=as_message(where), column=column)
        counts = read_counts(
            rows[column], where=cell, suppressed_high=layout.suppressed_high, whole=True
        )
        frame = counts.rename(
            columns={"value": "persons", "low": "persons_low", "high": "persons_high"}
        )
        frame.insert(0, "groep", [keys[str(name)] for name in rows[named]])
        frame.insert(1, "gemeente", cities[column])
        frame["source"] = [f"{where}: {name} × {column}" for name in rows[named]]
        parts.append(frame)
    long = pd.concat(parts, ignore_index=True)
    for column in total_columns:
        printed = pd.Series(
            rows[column].to_numpy(), [keys[str(n)] for n in rows[named]], dtype="str"
        )
        notes += _note_sums(long, "persons", "groep", printed, where, layout)
    for _, line in total_rows[places].iterrows():
        printed = pd.Series(line.to_numpy(), [cities[p] for p in places], dtype="str")
        notes += _note_sums(long, "persons", "gemeente", printed, where, layout)
    return _in_order(long, layout, ["groep"])


def _read_homes(
    table: pd.DataFrame, where: str, layout: FormLayout, notes: list[Message]
) -> pd.DataFrame:
    """Read table 2."""
    table = table.drop(columns=_columns(table, layout.year_columns))
    kinds = spellings(layout.rows)
    row_column = _row_column(table, kinds, layout, where)
    named = next(iter(_columns(table, layout.group_columns)), str(table.columns[0]))
    filled = table.assign(**{named: table[named].ffill()})
    rows, _ = _without_totals(filled, named, layout)
    rows, _ = _without_totals(rows, row_column, layout)
    _refuse_nameless(rows, [named, row_column], where)
    heads = [
        str(c)
        for c in table.columns
        if c not in {named, row_column, *_columns(table, layout.totals)}
    ]
    keys = _matched(_names(rows[named]), spellings(layout.groups), where, "group", notes)
    kind_of = _matched(_names(rows[row_column]), kinds, where, "row", notes)
    types = _matched(heads, spellings(layout.woningtypes), where, "woningtype", notes)
    _refuse_twice(list(types.values()), where, "woningtype")
    pairs = [
        f"{keys[str(g)]} {kind_of[str(k)]}"
        for g, k in zip(rows[named], rows[row_column], strict=True)
    ]
    _refuse_twice(pairs, where, "group")
    parts = []
    for column in heads:
        cell = tell("{where}, column {column}", where=as_message(where), column=column)
        counts = read_counts(
            rows[column], where=cell, suppressed_high=layout.suppressed_high, whole=True
        )
        frame = counts.rename(columns={"value": "homes", "low": "homes_low", "high": "homes_high"})
        frame.insert(0, "groep", [keys[str(name)] for name in rows[named]])
        frame.insert(1, "row", [kind_of[str(name)] for name in rows[row_column]])
        frame.insert(2, "woningtype", types[column])
        both = zip(rows[named], rows[row_column], strict=True)
        frame["source"] = [f"{where}: {name} ({kind}) × {column}" for name, kind in both]
        parts.append(frame)
    if not parts:
        raise InputError(
            "{where}: there is no woningtype in it; give a column for each",
            where=as_message(where),
        )
    return _in_order(pd.concat(parts, ignore_index=True), layout, ["groep", "row", "woningtype"])


def _row_column(
    table: pd.DataFrame, kinds: Mapping[str, Sequence[str]], layout: FormLayout, where: str
) -> str:
    """Find the column that says which rows are available and which to be added."""
    by_name = _columns(table, layout.row_columns)
    for column in [*by_name, *(str(c) for c in table.columns)]:
        if match_names(_names(table[column]), kinds).keys:
            return column
    raise MissingColumnError(
        "{where}: no column says which rows are available and which are to be added; add one, with {kinds}",
        where=as_message(where),
        kinds=", ".join(one.name for one in layout.rows),
    )


def _names(cells: pd.Series[str]) -> list[str]:
    return [str(cell) for cell in cells.dropna().unique()]


def _without_totals(
    table: pd.DataFrame, named: str, layout: FormLayout
) -> tuple[pd.DataFrame, pd.DataFrame]:
    plain = {plain_name(name) for name in layout.totals}
    totals = table[named].map(lambda cell: plain_name(str(cell)) in plain).astype(bool)
    empty = table.drop(columns=named).isna().all(axis=1) & table[named].isna()
    return table[~totals & ~empty], table[totals]


_WHAT = {
    "group": tell("groups"),
    "gemeente": tell("gemeenten"),
    "woningtype": tell("kinds of homes"),
    "row": tell("kinds of rows"),
}


def _matched(
    names: Sequence[str],
    known: Mapping[str, Sequence[str]],
    where: str,
    what: str,
    notes: list[Message],
) -> Mapping[str, str]:
    """Give what each name stands for; refuse those that stand for nothing, note those that were guessed."""
    found = match_names(names, known)
    if found.unknown:
        raise InputError(
            "{where}: {what} that the form does not know: {names}; known are {known}",
            where=as_message(where),
            what=_WHAT[what],
            names=first_ids(found.unknown),
            known=", ".join(spelled[0] for spelled in known.values()),
        )
    for name in found.guessed:
        note = tell(
            "{where}: {name} is taken for {known}",
            where=as_message(where),
            name=name,
            known=known[found.keys[name]][0],
        )
        notes.append(note)
    return found.keys


def _refuse_nameless(rows: pd.DataFrame, columns: Sequence[str], where: str) -> None:
    nameless = rows[list(columns)].isna().any(axis=1)
    if nameless.any():
        raise InputError(
            "{where}: rows without a group or kind of row: {lines}; name each",
            where=as_message(where),
            lines=first_told(
                [tell("line {line}", line=int(at) + 2) for at in rows.index[nameless]]
            ),
        )


def _refuse_twice(names: Sequence[str], where: str, what: str) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DuplicateIdError(
            "{where}: {what} that stand there more than once: {names}; leave one of each",
            where=as_message(where),
            what=_WHAT[what],
            names=first_ids(twice),
        )


def _note_sums(
    long: pd.DataFrame, name: str, by: str, printed: pd.Series[str], where: str, layout: FormLayout
) -> list[Message]:
    """Say it where a printed total is not the sum of its parts, by more than their rounding."""
    totals = read_counts(printed, where=where, suppressed_high=layout.suppressed_high)[
        "value"
    ].dropna()
    told = []
    for label, total in totals.items():
        parts = long[long[by] == label]
        span = span_of(parts, name)
        low, high = span.low.sum(), span.high.sum()
        rounded = not (
            pd.concat([parts[name].dropna(), pd.Series([total])]) % layout.rounded_to
        ).any()
        slack = (len(parts) + 1) * layout.rounded_to / 2 if rounded else 0.0
        if not low - slack <= total <= high + slack:
            shown = tell("{n:,.0f}", n=low)
            if low != high:
                shown = tell("{low:,.0f} to {high:,.0f}", low=low, high=high)
            told.append(
                tell(
                    "{where}: the total of {label} is printed as {total:,.0f}, its parts add up to {parts}; the parts"
                    " are used",
                    where=as_message(where),
                    label=label,
                    total=total,
                    parts=shown,
                )
            )
    return told


def _in_order(long: pd.DataFrame, layout: FormLayout, columns: Sequence[str]) -> pd.DataFrame:
    """Put rows in the form's order."""
    orders: dict[str, Any] = {
        "groep": layout.groups,
        "row": layout.rows,
        "woningtype": layout.woningtypes,
    }
    place = {c: {one.key: i for i, one in enumerate(orders[c])} for c in columns}
    by = [long[c].map(place[c]) for c in columns]
    order = np.lexsort([key.to_numpy() for key in reversed(by)])
    return long.iloc[order].reset_index(drop=True)
