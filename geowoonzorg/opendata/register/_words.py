"""The words of an own list: its rules, and what stands in a column under one of the names people give it."""

from __future__ import annotations

from functools import cache
from importlib.resources import as_file, files
from typing import TYPE_CHECKING, Any

from geowoonzorg.files import column_for, read_toml

if TYPE_CHECKING:
    import pandas as pd


@cache
def read_rules() -> dict[str, Any]:
    """Read how a list is matched with OSM, from ``knowledge/register.toml``.

    Returns
    -------
    dict
        Matching distances in metres, and words that tell nothing apart.

    Examples
    --------
    >>> read_rules()["matching"]["same_place_m"]
    25.0
    """
    with as_file(files("geowoonzorg") / "knowledge" / "register.toml") as path:
        return read_toml(path)


def take(table: pd.DataFrame, *meanings: str) -> pd.Series[str] | None:
    """Take the column of the first of some meanings that a table has."""
    column = next((c for meaning in meanings if (c := column_for(table, meaning))), None)
    return None if column is None else cells(table[column])


def cells(column: pd.Series) -> pd.Series[str]:
    cells = column.astype("str").str.strip()
    # A name that a spreadsheet would run was written with a quote before it: take that away again.
    cells = cells.str.replace(r"^'(?=[=+\-@\t\r])", "", regex=True)
    return cells.mask(column.isna() | (cells == ""))
