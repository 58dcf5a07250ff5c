"""The words of an own list: its rules, and what stands in a column under one of the names people give it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from importlib.resources import as_file, files
from typing import TYPE_CHECKING

from geowoonzorg.files import column_for, read_toml
from geowoonzorg.knowledge import NOT_NEGATIVE, SHARE, read_document

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Closed:
    """Words that say that a facility is closed, in a column with its status or one of yes and no."""

    status: tuple[str, ...]
    yes: frozenset[str]
    no: frozenset[str]


@dataclass(frozen=True)
class Matching:
    """When an entry of a list and one of OSM are the same: metres, a ratio, words that tell nothing apart."""

    same_place_m: float = field(metadata={"must_be": NOT_NEGATIVE})
    same_name_m: float = field(metadata={"must_be": NOT_NEGATIVE})
    moved_m: float = field(metadata={"must_be": NOT_NEGATIVE})
    alike_ratio: float = field(metadata={"must_be": SHARE})
    generic: frozenset[str]


@dataclass(frozen=True)
class Rules:
    """The rules for an own list; see ``knowledge/register.toml``."""

    closed: Closed
    matching: Matching


@cache
def read_rules() -> Rules:
    """Read how a list is matched with OSM, from ``knowledge/register.toml``.

    Returns
    -------
    Rules
        What says that a facility is closed, and when two are one; the same object every time.

    Raises
    ------
    StudyError
        When the file is not as it should be, which is a fault of the installation.

    Examples
    --------
    >>> read_rules().matching.same_place_m
    25.0
    """
    with as_file(files("geowoonzorg") / "knowledge" / "register.toml") as path:
        return read_document(read_toml(path), Rules, where=path.name)


def take(table: pd.DataFrame, *meanings: str) -> pd.Series[str] | None:
    """Take the column of the first of some meanings that a table has."""
    column = next((c for meaning in meanings if (c := column_for(table, meaning))), None)
    return None if column is None else cells(table[column])


def cells(column: pd.Series) -> pd.Series[str]:
    cells = column.astype("str").str.strip()
    # A name that a spreadsheet would run was written with a quote before it: take that away again.
    cells = cells.str.replace(r"^'(?=[=+\-@\t\r])", "", regex=True)
    return cells.mask(column.isna() | (cells == ""))
