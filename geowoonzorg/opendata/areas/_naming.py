"""What somebody says of a table once: which of its columns are ours, in which unit, of which year and rows."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - a field
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from geowoonzorg.errors import InputError, MissingColumnError, StudyError, first_ids
from geowoonzorg.opendata.codes import find_column
from geowoonzorg.opendata.sources import Column, read_catalogue

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from geowoonzorg.opendata.figures import Figures

# What one in each unit is of the whole.
_BASES = {"share": 1.0, "%": 0.01, "per_1000": 0.001}


@dataclass(frozen=True)
class TableColumns:
    """What somebody says of a table once, so that its file need not be changed."""

    columns: Mapping[str, str] = field(default_factory=dict)
    """Our name → the table's column; a name that the catalogue does not have is an own indicator."""
    code: str | None = None
    """The column with area codes."""
    unit: str = ""
    """Of the table's figures: ``%``, ``share`` or ``per_1000``; that of the column by default."""
    period: int | None = None
    """The year of the table, or which of its years to take; also another than that of the borders."""
    rows: Mapping[str, str] = field(default_factory=dict)
    """Of other dimensions: column → the value to take."""
    everything: bool = True
    """Whether the columns that the catalogue knows are read as well; then a named one may be another table's."""


def named_columns(named: TableColumns, table: pd.DataFrame, where: str) -> list[Column]:
    """Give the columns that somebody has named, each with the unit it gets here.

    Parameters
    ----------
    named
        What is said of the table.
    table
        A table as published.
    where
        The file, which starts each message.

    Returns
    -------
    list of Column
        Of the catalogue, or own ones.

    Raises
    ------
    MissingColumnError
        When the table does not have one.
    StudyError
        As `own_column`, or when a count is said to be a share.

    Examples
    --------
    >>> import pandas as pd
    >>> said = TableColumns({"carers_share": "Mantelzorg"}, unit="%")
    >>> named_columns(said, pd.DataFrame(columns=["mantelzorg"]), "x")[0].readings[0].scale
    0.01
    """
    known = read_catalogue().columns
    found = []
    at = {name: find_column(table, (published,)) for name, published in named.columns.items()}
    lacking = [] if named.everything else [named.columns[n] for n, c in at.items() if c is None]
    if lacking:
        raise MissingColumnError(
            "{path} has no {n:column|columns} {columns}; it has {names}",
            path=where,
            n=len(lacking),
            columns=", ".join(map(repr, lacking)),
            names=", ".join(map(str, table.columns[:10])),
        )
    for name, column in at.items():
        if column is None:
            continue
        about = known.get(name) or own_column(name, unit=named.unit)
        scale = 1.0
        if named.unit and named.unit not in _BASES and name in known:
            raise StudyError(
                "{where}: the unit {given!r} is not known; write %, share or per_1000, or leave it out where the "
                "table has {name} as {unit}",
                where=where, given=named.unit, name=name, unit=about.unit,
            )  # fmt: skip
        if named.unit in _BASES and name in known:
            target = "share" if about.kind == "share" else _unit_of(about.unit)
            if not target:
                raise StudyError(
                    "{where}: {name} is in {unit}, and cannot be made of {given}; leave out the unit, or name the "
                    "column that holds {unit}",
                    where=where, name=name, unit=about.unit, given=named.unit,
                )  # fmt: skip
            scale = _BASES[named.unit] / _BASES[target] if target else 1.0
        found.append(about.named(column, scale=scale))
    return found


def _unit_of(unit: str) -> str:
    """Tell in which of the units that can be converted a column of the catalogue is."""
    return "%" if unit.startswith("%") else "per_1000" if "per 1,000" in unit else ""


def own_column(name: str, *, unit: str, direction: int = 0, stands_in: bool = True) -> Column:
    """Describe a column that the catalogue does not have.

    Parameters
    ----------
    name
        What it is called here.
    unit
        Its unit, for the account.
    direction
        1 when higher is better, -1 when lower is, 0 when neither.
    stands_in
        Whether a larger area's figure may stand in; never for counts.

    Returns
    -------
    Column
        Of the source ``indicator``.

    Raises
    ------
    StudyError
        When the name is no single word.

    Examples
    --------
    >>> own_column("stilte", unit="%").source
    'indicator'
    """
    if not name.isidentifier():
        raise StudyError(
            "indicator {name!r}: choose one word of letters, digits and _ that is not a column yet",
            name=name,
        )
    return Column(
        name=name, kind="number", unit=unit, direction=direction, nl=name, en=name, source="indicator",
        read_from={}, stands_in=stands_in, signed=True,
    )  # fmt: skip


def check_shares(figures: Figures, own: Sequence[Column]) -> None:
    """Refuse shares over 1 in a column that somebody has named: per cents without their unit.

    Parameters
    ----------
    figures
        What was read.
    own
        The columns that somebody has named.

    Raises
    ------
    InputError
        When there is one.

    Examples
    --------
    >>> check_shares(None, [])
    """
    for column in own:
        if column.kind != "share" or column.name not in figures.numbers:
            continue
        over = figures.numbers[column.name] > 1
        if over.any():
            raise InputError(
                '{where}, column {column}: shares over 1: {ids}; if they are per cents, say unit = "%"',
                where=figures.where,
                column=figures.taken[column.name],
                ids=first_ids(figures.numbers.index[over]),
            )
