"""The figures per gemeente that keys divide by: read under the names people give them, checked, totals set apart."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from geowoonzorg.errors import DuplicateIdError, InputError, MissingColumnError, first_ids
from geowoonzorg.files import as_message, parse_numbers, read_toml
from geowoonzorg.knowledge import NOT_NEGATIVE, SHARE, read_document
from geowoonzorg.messages import tell
from geowoonzorg.opendata.telling import first_told
from geowoonzorg.region.counts import read_counts, span_of
from geowoonzorg.region.names import plain_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geowoonzorg.messages import Message

PATH: Final = Path(__file__).parents[1] / "knowledge" / "region" / "keys.toml"
# Columns that name a row; what they may be called is plain.
_NAMING: Final = {
    "gemeente": ("gemeente", "gemeentenaam", "naam"),
    "code": ("code", "gemeentecode", "gm code"),
}
_YEAR: Final = ("jaar", "year", "peiljaar")
_SIDES: Final = ("_low", "_high")


@dataclass(frozen=True)
class Figure:
    """A figure per gemeente.

    Attributes
    ----------
    key
        What the column is called here.
    names
        What people call it.
    part_of
        The figure that it cannot exceed.
    whole
        Whether a decimal is a mistake.
    signed
        Whether it may be negative.
    total
        Whether that of the region is the sum of its gemeenten.
    """

    key: str
    names: tuple[str, ...]
    part_of: str | None = None
    whole: bool = False
    signed: bool = False
    total: bool = True


@dataclass(frozen=True)
class KeyKnowledge:
    """What the file says.

    Attributes
    ----------
    social_rent_floor
        The share (0-1) of social rent that every gemeente grows to.
    liveability_span
        The deviation under the national mean at which inhabitants weigh nothing.
    totals
        What a row of the whole region is called.
    figures
        The figures that are known.
    """

    social_rent_floor: float = field(metadata={"must_be": SHARE})
    social_rent_source: str
    liveability_span: float = field(metadata={"must_be": NOT_NEGATIVE})
    liveability_source: str
    totals: tuple[str, ...]
    example_source: str
    figures: tuple[Figure, ...] = field(metadata={"key": "figure", "unique": "key"})


@cache
def read_key_knowledge() -> KeyKnowledge:
    """Read what keys are made of.

    Returns
    -------
    KeyKnowledge
        Wholly checked.

    Examples
    --------
    >>> read_key_knowledge().social_rent_floor
    0.3
    """
    return read_document(read_toml(PATH), KeyKnowledge, where=PATH.name)


def read_figures(table: pd.DataFrame, *, where: str, suppressed_high: float = 7.0) -> pd.DataFrame:
    """Read the figures per gemeente of a region.

    Parameters
    ----------
    table
        Text, as `geowoonzorg.files.read_table` gives it: a row per gemeente and a column per figure, or the other way
        round. Other columns than the known figures are kept when they hold counts.
    where
        The file, used in messages.
    suppressed_high
        The most that ``?`` stands for.

    Returns
    -------
    pandas.DataFrame
        One row per gemeente, ordered by name: ``gemeente``, ``code`` where the table has it, and per figure its
        column; where some are not known exactly also ``<figure>_low`` and ``<figure>_high``. ``attrs["notes"]`` says
        which column was taken for what, and which printed totals are not the sum of their parts.

    Raises
    ------
    MissingColumnError
        When gemeenten have no names.
    DuplicateIdError
        When a gemeente stands in two rows.
    InputError
        When counts are negative or no whole numbers, a part is more than its whole, or years differ.
    FormatError
        When a cell is no number.

    Examples
    --------
    >>> table = pd.DataFrame({"kengetal": ["inwoners", "woningen"], "A": ["300", "140"], "B": ["100", "50"],
    ...                       "Regio": ["410", "190"]})
    >>> figures = read_figures(table, where="figures.csv")
    >>> figures[["gemeente", "inhabitants"]].values.tolist()
    [['A', 300.0], ['B', 100.0]]
    >>> print(figures.attrs["notes"][-1])
    figures.csv: the total of inhabitants is printed as 410, its parts add up to 400; shares are of 400
    """
    upright = _upright(table, where)
    notes: list[Message] = []
    naming = {key: _first(upright, names) for key, names in _NAMING.items()}
    gemeente = naming["gemeente"]
    if gemeente is None:
        raise MissingColumnError(
            "{where}: no column says which gemeente a row is of; call it gemeente (there are {columns})",
            where=as_message(where),
            columns=", ".join(map(str, upright.columns[:8])),
        )
    _refuse_rows(upright, gemeente, where)
    totals = upright[gemeente].map(plain_name).isin(read_key_knowledge().totals)
    rows = upright[~totals]
    found: dict[str, object] = {"gemeente": rows[gemeente].str.strip()}
    if naming["code"] is not None:
        found["code"] = rows[naming["code"]]
    known = {plain_name(name): one for one in read_key_knowledge().figures for name in one.names}
    differing: list[Message] = []
    for column in upright.columns.difference([*naming.values(), *_of_years(upright)], sort=False):
        base = _base(column)
        figure, cells = known.get(plain_name(base)), rows[column]
        if figure is None and not _is_counts(cells):
            continue
        name = column.replace(base, figure.key) if figure else column
        if name in found:
            raise InputError(
                "{where}: two columns hold {figure}; leave one out",
                where=as_message(where),
                figure=name,
            )
        if name != column:
            notes.append(_taken(where, column, name))
        cell = tell("{where}, column {column}", where=as_message(where), column=column)
        found |= _numbers(cells, name, figure, cell, suppressed_high)
        if figure is not None and figure.total and name == figure.key:
            printed = upright.loc[totals, column]
            differing += _total_differs(printed, pd.DataFrame(found), name, where)
    figures = pd.DataFrame(found).sort_values("gemeente", kind="stable").reset_index(drop=True)
    check_figures(figures, where=where)
    figures.attrs["notes"] = [*notes, *differing]
    return figures


def check_figures(figures: pd.DataFrame, *, where: str) -> None:
    """Refuse figures per gemeente that cannot be so.

    Parameters
    ----------
    figures
        As `read_figures` gives them.
    where
        The file or frame, used in messages.

    Raises
    ------
    MissingColumnError
        When there is no column ``gemeente``.
    DuplicateIdError
        When a gemeente stands in two rows.
    InputError
        When there is no row, a count is negative or no whole number, or a part is more than its whole.

    Examples
    --------
    >>> figures = pd.DataFrame({"gemeente": ["A", "B"], "inhabitants": [10, 5], "vulnerable": [3, 6]})
    >>> check_figures(figures, where="figures")
    Traceback (most recent call last):
    geowoonzorg.errors.InputError: figures: vulnerable is more than inhabitants in 1 (B); correct one of the two
    """
    if "gemeente" not in figures:
        raise MissingColumnError(
            "{where}: no column says which gemeente a row is of; call it gemeente (there are {columns})",
            where=as_message(where),
            columns=", ".join(map(str, figures.columns[:8])),
        )
    if figures.empty:
        raise InputError(
            "{where}: there is no gemeente in it; give a row for each", where=as_message(where)
        )
    names = figures["gemeente"]
    if names.duplicated().any():
        raise DuplicateIdError(
            "{where}: gemeenten that stand in more than one row: {names}; leave one row of each",
            where=as_message(where),
            names=first_ids(names[names.duplicated()].unique()),
        )
    for one in read_key_knowledge().figures:
        if one.key in figures:
            _check_figure(figures, one, where)


def _check_figure(figures: pd.DataFrame, one: Figure, where: str) -> None:
    """Refuse what one figure cannot be."""
    names, span = figures["gemeente"], span_of(figures, one.key)
    backwards = span.high < span.low
    if backwards.any():
        raise InputError(
            "{where}: the least of {figure} is more than its most in {names}; turn them round",
            where=as_message(where),
            figure=one.key,
            names=first_ids(names[backwards]),
        )
    negative = (span.low < 0) & (not one.signed)
    if negative.any():
        raise InputError(
            "{where}: {figure} is negative in {names}; counts are 0 or more, empty where unknown",
            where=as_message(where),
            figure=one.key,
            names=first_ids(names[negative]),
        )
    odd = (figures[one.key] % 1 > 0) & one.whole
    if odd.any():
        raise InputError(
            "{where}: {figure} is no whole number in {names}; give the count itself, not a share or percentage",
            where=as_message(where),
            figure=one.key,
            names=first_ids(names[odd]),
        )
    if one.part_of is not None and one.part_of in figures:
        more = span.low > span_of(figures, one.part_of).high
        if more.any():
            raise InputError(
                "{where}: {figure} is more than {whole} in {names}; correct one of the two",
                where=as_message(where),
                figure=one.key,
                whole=one.part_of,
                names=first_ids(names[more]),
            )


def _upright(table: pd.DataFrame, where: str) -> pd.DataFrame:
    """Turn a table whose rows are figures into one whose rows are gemeenten."""
    if table.empty or not len(table.columns):
        raise InputError(
            "{where}: there is no gemeente in it; give a row for each", where=as_message(where)
        )
    known = {plain_name(name) for one in read_key_knowledge().figures for name in one.names}
    first = table[table.columns[0]].fillna("")
    lying = first.map(lambda cell: plain_name(cell) in known).sum()
    standing = sum(plain_name(_base(str(c))) in known for c in table.columns[1:])
    if lying <= standing:
        return table
    turned = table.set_index(table.columns[0]).T
    turned.columns = pd.Index([str(c) for c in turned.columns])
    turned.insert(0, "gemeente", turned.index.astype("str"))
    return turned.reset_index(drop=True)


def _first(table: pd.DataFrame, names: Sequence[str]) -> str | None:
    plain = {plain_name(str(c)): str(c) for c in reversed(list(table.columns))}
    return next((plain[name] for name in names if name in plain), None)


def _base(column: str) -> str:
    return next((column.removesuffix(side) for side in _SIDES if column.endswith(side)), column)


def _of_years(table: pd.DataFrame) -> list[str]:
    return [str(c) for c in table.columns if plain_name(str(c)) in _YEAR]


def _is_counts(cells: pd.Series[str]) -> bool:
    """Whether a column that nobody knows holds counts, so that a key may name it."""
    told = cells.dropna().astype("str").str.strip()
    return bool(len(told) and told.str.fullmatch(r"\d[\d.]*|\?").all())


def _refuse_rows(table: pd.DataFrame, gemeente: str, where: str) -> None:
    nameless = table[gemeente].isna() | (table[gemeente].astype("str").str.strip() == "")
    if nameless.any():
        raise InputError(
            "{where}: rows without a gemeente: {lines}; name each",
            where=as_message(where),
            lines=first_told(
                [tell("line {line}", line=int(at) + 2) for at in np.flatnonzero(nameless)]
            ),
        )
    for column in _of_years(table):
        years = table[column].dropna().unique()
        if len(years) > 1:
            raise InputError(
                "{where}: figures of different years do not go together: {years}; keep one year",
                where=as_message(where),
                years=first_ids(sorted(years)),
            )


def _numbers(
    cells: pd.Series[str], name: str, figure: Figure | None, where: str, suppressed_high: float
) -> dict[str, pd.Series[float]]:
    """Read one column; its bounds only where some are not known exactly."""
    if figure is not None and figure.signed:
        return {name: parse_numbers(cells, where=where)}
    counts = read_counts(cells, where=where, suppressed_high=suppressed_high)
    if (counts["value"].notna() | counts["low"].isna()).all():
        return {name: counts["value"]}
    return {name: counts["value"], f"{name}_low": counts["low"], f"{name}_high": counts["high"]}


def _taken(where: str, column: str, name: str) -> Message:
    return tell(
        "{where}: {column} is taken for {figure}",
        where=as_message(where),
        column=column,
        figure=name,
    )


def _total_differs(
    printed: pd.Series[str], figures: pd.DataFrame, name: str, where: str
) -> list[Message]:
    """Say it where a printed total is not the sum of its parts."""
    totals = parse_numbers(printed, where=where, thousands=True).dropna()
    span = span_of(figures, name)
    low, high = span.low.sum(), span.high.sum()
    told = []
    for total in totals:
        if not low <= total <= high:
            parts = tell("{n:,.0f}", n=low)
            if low != high:
                parts = tell("{low:,.0f} to {high:,.0f}", low=low, high=high)
            told.append(
                tell(
                    "{where}: the total of {figure} is printed as {total:,.0f}, its parts add up to {parts};"
                    " shares are of {parts}",
                    where=as_message(where),
                    figure=name,
                    total=total,
                    parts=parts,
                )
            )
    return told
