"""Area codes as published, in one form: BU01660000, WK016600, GM0166, NL00; and where a table has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geowoonzorg.errors import InputError, first_ids
from geowoonzorg.opendata.sources import read_catalogue

if TYPE_CHECKING:
    from collections.abc import Sequence

# Digits behind the prefix of each level's code: BU03440111 is gemeente 0344, wijk 01, buurt 11.
_PREFIX = {"BU": "buurt", "WK": "wijk", "GM": "gemeente", "NL": "land"}
_DIGITS = {"buurt": 8, "wijk": 6, "gemeente": 4, "land": 2}
LEVELS = ("buurt", "wijk", "gemeente", "land")


def find_column(table: pd.DataFrame, names: Sequence[str]) -> str | None:
    """Find the first of some names among a table's columns, whatever the case.

    Parameters
    ----------
    table
        Any table.
    names
        Names in order of preference.

    Returns
    -------
    str or None
        The column's name as the table has it.

    Examples
    --------
    >>> find_column(pd.DataFrame(columns=["BU_CODE "]), ["buurtcode", "bu_code"])
    'BU_CODE '
    """
    index = {str(c).strip().lower(): str(c) for c in table.columns}
    return next((index[n.lower()] for n in names if n.lower() in index), None)


def normalise_codes(
    codes: pd.Series, *, where: str, level: str | pd.Series[str] | None = None
) -> pd.Series[str]:
    """Bring area codes into the form BU01660000, WK016600, GM0166 or NL00.

    Parameters
    ----------
    codes
        Codes with or without prefix, padded, as integers or as text that lost its leading zeros.
    where
        The file, which starts each message.
    level
        The level of codes without a prefix: one for all, or per row. Without it such codes must
        have 4, 6 or 8 digits.

    Returns
    -------
    pandas.Series of str
        Same index; NaN where the cell is empty.

    Raises
    ------
    InputError
        When codes have no prefix and no telling length, or are not codes at all.

    Examples
    --------
    >>> normalise_codes(pd.Series(["BU01660000  ", "1660001"]), where="x", level="buurt").tolist()
    ['BU01660000', 'BU01660001']
    """
    text = codes.astype("str").str.strip().str.upper().str.replace(r"\.0+$", "", regex=True)
    empty = codes.isna() | (text == "") | (text == "NAN")
    prefix = text.str[:2].where(text.str[:2].isin(list(_PREFIX)))
    digits = text.str[2:].where(prefix.notna(), text)
    own = prefix.map(_PREFIX)
    bare = (
        level if level is not None else digits.str.len().map({8: "buurt", 6: "wijk", 4: "gemeente"})
    )
    levels = own.fillna(pd.Series(bare, index=codes.index))
    width = levels.map(_DIGITS).astype("float64")
    wrong = ~empty & (
        width.isna() | ~digits.str.fullmatch(r"\d+").astype(bool) | (digits.str.len() > width)
    )
    if wrong.any():
        msg = (
            f"{where}: codes that are no area codes: {first_ids(codes[wrong])}; expected BU and 8 "
            "digits, WK and 6, or GM and 4"
        )
        raise InputError(msg)
    head = levels.map({level: prefix for prefix, level in _PREFIX.items()})
    padded = head + pd.Series(
        [d.zfill(int(w)) if w == w else "" for d, w in zip(digits, width, strict=True)],  # noqa: PLR0124
        index=codes.index,
        dtype="str",
    )
    return padded.mask(empty, np.nan).astype("str").mask(empty)


def level_of(codes: pd.Series[str]) -> pd.Series[str]:
    """Tell the level of normalised codes from their prefix.

    Parameters
    ----------
    codes
        Codes as `normalise_codes` gives them.

    Returns
    -------
    pandas.Series of str
        ``"buurt"``, ``"wijk"``, ``"gemeente"`` or ``"land"``; same index.

    Examples
    --------
    >>> level_of(pd.Series(["WK016600"])).tolist()
    ['wijk']
    """
    return codes.str[:2].map(_PREFIX)


def find_codes(table: pd.DataFrame, *, where: str) -> pd.Series[str] | None:
    """Find the column that holds a table's own area codes, and normalise it.

    Parameters
    ----------
    table
        A table as published.
    where
        The file, which starts each message.

    Returns
    -------
    pandas.Series of str or None
        The codes, named after the column; None when the table has no code column.

    Raises
    ------
    InputError
        As `normalise_codes`.

    Examples
    --------
    >>> find_codes(pd.DataFrame({"wk_code": ["WK016600"], "jaar": ["2022"]}), where="x").name
    'wk_code'
    """
    for key in read_catalogue().keys:
        column = find_column(table, key.code)
        if column is None or key.level == "pc4":
            continue
        cells = table[column]
        level: str | pd.Series[str] | None = key.level if key.level in LEVELS else None
        if key.level == "any" and (kind := find_column(table, key.kind)) is not None:
            level = table[kind].astype("str").str.strip().str.lower()
        if key.level == "weak":
            prefixed = cells.astype("str").str.strip().str.fullmatch(r"(BU|WK|GM)\d+")
            if not prefixed.all():
                continue
        codes = normalise_codes(cells, where=f"{where}, column {column}", level=level)
        return codes.rename(column)
    return None


def find_names(table: pd.DataFrame, code_column: str) -> pd.Series[str]:
    """Find the areas' names: the name column that goes with the code column.

    Parameters
    ----------
    table
        A table as published.
    code_column
        The column with the areas' own codes.

    Returns
    -------
    pandas.Series of str
        The table's index; NaN where there is no name.

    Examples
    --------
    >>> find_names(pd.DataFrame({"wk_code": ["WK016600"], "wk_naam": ["Kampen "]}), "wk_code").tolist()
    ['Kampen']
    """
    keys = read_catalogue().keys
    own = [k for k in keys if code_column.strip().lower() in {c.lower() for c in k.code}]
    general = [k for k in keys if k.level == "any"]
    column = next((c for k in own + general if (c := find_column(table, k.name))), None)
    if column is None:
        return pd.Series(np.nan, index=table.index, dtype="str")
    names = table[column].astype("str").str.strip()
    return names.mask(table[column].isna())
