"""Area codes as published, in one form: BU01660000, WK0363AA, GM0166, NL00; and where a table has them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geowoonzorg.errors import InputError, first_ids
from geowoonzorg.messages import tell
from geowoonzorg.opendata.sources import read_catalogue
from geowoonzorg.opendata.telling import first_told

if TYPE_CHECKING:
    from collections.abc import Sequence

# What stands behind the prefix of each level's code: BU0363AA01 is gemeente 0363, wijk AA, buurt 01.
# Only the gemeente is always digits: "in principe numeriek, er kunnen ook letters in voorkomen" (CBS).
_PREFIX = {"BU": "buurt", "WK": "wijk", "GM": "gemeente", "NL": "land"}
_HEAD = {level: prefix for prefix, level in _PREFIX.items()}
_WIDTH = {"buurt": 8, "wijk": 6, "gemeente": 4, "land": 2}
_FORM = {
    "buurt": re.compile(r"[0-9]{4}[0-9A-Z]{4}"),
    "wijk": re.compile(r"[0-9]{4}[0-9A-Z]{2}"),
    "gemeente": re.compile(r"[0-9]{4}"),
    "land": re.compile(r"[0-9]{2}"),
}
_WHOLE = r"BU[0-9]{4}[0-9A-Z]{4}|WK[0-9]{4}[0-9A-Z]{2}|GM[0-9]{4}|NL[0-9]{2}"
_MOST = 0.5  # over this share of a column's cells are codes: then it is a column of codes
_SAMPLE = 200
LEVELS = ("buurt", "wijk", "gemeente", "land")


def find_column(table: pd.DataFrame, names: Sequence[str], *, numbered: bool = False) -> str | None:
    """Find the first of some names among a table's columns, whatever the case.

    Parameters
    ----------
    table
        Any table.
    names
        Names in order of preference.
    numbered
        Whether a number at the end, as OData has it (``Codering_3``), may be another or absent.

    Returns
    -------
    str or None
        The column's name as the table has it.

    Examples
    --------
    >>> find_column(pd.DataFrame(columns=["BU_CODE "]), ["buurtcode", "bu_code"])
    'BU_CODE '
    >>> find_column(pd.DataFrame(columns=["Codering_4"]), ["Codering_3"], numbered=True)
    'Codering_4'
    """

    def form(name: str) -> str:
        plain = name.strip().lower()
        return re.sub(r"_\d{1,3}$", "", plain) if numbered else plain

    exact = {str(c).strip().lower(): str(c) for c in table.columns}
    index = {form(str(c)): str(c) for c in table.columns} | exact
    return next((index[key] for n in names for key in (n.lower(), form(n)) if key in index), None)


def parse_codes(codes: pd.Series, *, level: str | pd.Series[str] | None = None) -> pd.Series[str]:
    """Bring area codes into one form, and leave out what is no code.

    Parameters
    ----------
    codes
        As for `normalise_codes`.
    level
        As for `normalise_codes`.

    Returns
    -------
    pandas.Series of str
        Same index; NaN where the cell is empty or holds something else, such as ``Totaal`` or the
        code of a province.

    Examples
    --------
    >>> parse_codes(pd.Series(["BU0363AA01 ", "PV20", "Totaal"])).tolist()
    ['BU0363AA01', nan, nan]
    """
    text = codes.astype("str").str.strip()
    if bool(
        (text.str.fullmatch(_WHOLE) | codes.isna()).all()
    ):  # as most published tables have them
        return text.mask(codes.isna())
    text = text.str.upper().str.replace(r"\.0+$", "", regex=True)
    prefix = text.str[:2].where(text.str[:2].isin(list(_PREFIX)))
    rest = text.str[2:].where(prefix.notna(), text)
    bare = (
        level if level is not None else rest.str.len().map({8: "buurt", 6: "wijk", 4: "gemeente"})
    )
    levels = prefix.map(_PREFIX).fillna(pd.Series(bare, index=codes.index))
    found = [
        _whole(r, known) if present else np.nan
        for r, known, present in zip(rest, levels, codes.notna(), strict=True)
    ]
    return pd.Series(found, index=codes.index, dtype="str")


def _whole(rest: str, level: object) -> str | float:
    """Give one code its prefix and, where it is all digits, the zeros that a number lost."""
    if not isinstance(level, str) or level not in _FORM or not rest:
        return np.nan
    filled = rest.zfill(_WIDTH[level]) if rest.isdigit() else rest
    return _HEAD[level] + filled if _FORM[level].fullmatch(filled) else np.nan


def no_codes(cells: pd.Series, codes: pd.Series[str]) -> pd.Series:
    """Give the cells that hold something and yet no area code.

    Parameters
    ----------
    cells
        As published.
    codes
        The same cells through `parse_codes`.

    Returns
    -------
    pandas.Series
        Those cells, with their index.

    Examples
    --------
    >>> cells = pd.Series(["GM0166", "Totaal", None, " "])
    >>> no_codes(cells, parse_codes(cells)).tolist()
    ['Totaal']
    """
    return cells[codes.isna() & cells.notna() & (cells.astype("str").str.strip() != "")]


def normalise_codes(
    codes: pd.Series, *, where: str, level: str | pd.Series[str] | None = None
) -> pd.Series[str]:
    """Bring area codes into the form BU01660000, WK0363AA, GM0166 or NL00.

    Parameters
    ----------
    codes
        Codes with or without prefix, padded, as integers or as text that lost its leading zeros.
        Zeros are put back only where a code is all digits.
    where
        The file, which starts each message.
    level
        The level of codes without a prefix: one for all, or per row. Without it such codes must
        have 4, 6 or 8 characters.

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
    >>> normalise_codes(pd.Series(["WK0363AA"]), where="x").tolist()
    ['WK0363AA']
    """
    found = parse_codes(codes, level=level)
    refuse(no_codes(codes, found), where)
    return found


def refuse(cells: pd.Series, where: str) -> None:
    """Refuse cells that should be area codes, where there are any.

    Parameters
    ----------
    cells
        What is no code, from `no_codes`.
    where
        The file, which starts the message.

    Raises
    ------
    InputError
        When there is one.

    Examples
    --------
    >>> refuse(pd.Series(["Binnenstad"]), "areas.gpkg")
    Traceback (most recent call last):
    geowoonzorg.errors.InputError: areas.gpkg: codes that are no area codes: 1 (Binnenstad); ...
    """
    if len(cells):
        raise InputError(
            "{where}: codes that are no area codes: {ids}; expected those of CBS: BU and "
            "8 characters, WK and 6, or GM and 4, of which the first four are the "
            "gemeente's digits",
            where=where,
            ids=first_ids(cells),
        )


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


def level_code(codes: pd.Series[str], level: str) -> pd.Series[str]:
    """Take the code of the wijk or gemeente from the code of an area in it.

    Parameters
    ----------
    codes
        Codes as `normalise_codes` gives them.
    level
        ``"wijk"`` or ``"gemeente"``.

    Returns
    -------
    pandas.Series of str
        Same index; NaN where there is no code, or one of a larger area.

    Examples
    --------
    >>> level_code(pd.Series(["BU0363AA01", "NL00"]), "wijk").tolist()
    ['WK0363AA', nan]
    """
    width = _WIDTH[level]
    long_enough = codes.str.len() >= width + 2
    return (
        (_HEAD[level] + codes.str[2 : 2 + width])
        .where(long_enough)
        .astype("str")
        .mask(~long_enough)
    )


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
        The codes, named after the column, NaN where a row has none: see `no_codes`; None when the
        table has no code column.

    Raises
    ------
    InputError
        When the column has something in it and not one area code.

    Notes
    -----
    The column is known by its name, from the catalogue; else it is the only one most of whose cells
    are codes with their prefix, of the smallest areas where columns of several levels have them.

    Examples
    --------
    >>> find_codes(pd.DataFrame({"wk_code": ["WK016600"], "jaar": ["2022"]}), where="x").name
    'wk_code'
    """
    for key in read_catalogue().keys:
        column = find_column(table, key.code, numbered=key.level == "any")
        if column is None or key.level == "pc4":
            continue
        cells = table[column]
        level: str | pd.Series[str] | None = key.level if key.level in LEVELS else None
        if key.level == "any" and (kind := find_column(table, key.kind, numbered=True)):
            level = table[kind].astype("str").str.strip().str.lower()
        if key.level == "weak" and _share_of_codes(cells) <= _MOST:
            continue
        codes = parse_codes(cells, level=level)
        if codes.isna().all():
            refuse(
                no_codes(cells, codes), tell("{where}, column {column}", where=where, column=column)
            )
        return codes.rename(column)
    column = _column_of_codes(table)
    return None if column is None else parse_codes(table[column]).rename(column)


def _share_of_codes(cells: pd.Series) -> float:
    """Tell which share of the cells that hold something are codes with their prefix."""
    text = cells.dropna().astype("str").str.strip().str.upper()
    text = text[text != ""]
    return float(text.str.fullmatch(_WHOLE).mean()) if len(text) else 0.0


def _column_of_codes(table: pd.DataFrame) -> str | None:
    """Find the only column of codes by what is in it, whatever its name."""
    known = read_catalogue().keys
    if find_column(table, next(k.code for k in known if k.level == "pc4")) is not None:
        return None
    found: dict[str, list[str]] = {level: [] for level in LEVELS}
    for name in table.columns:
        cells = table[name]
        if pd.api.types.is_numeric_dtype(cells) or str(cells.dtype) == "geometry":
            continue
        first = cells.dropna().iloc[:_SAMPLE]
        if _share_of_codes(first) > _MOST:
            levels = level_of(parse_codes(first).dropna())
            found[min(levels.unique(), key=LEVELS.index)].append(str(name))
    alike = next((names for names in found.values() if names), [])
    return alike[0] if len(alike) == 1 else None


def check_own_codes(
    table: pd.DataFrame, codes: pd.Series[str], *, where: str, bare: bool = False
) -> None:
    """Refuse codes whose gemeente is another than the one that the same row names.

    Parameters
    ----------
    table
        The rows as published.
    codes
        Their codes, from `find_codes`.
    where
        The file, which starts the message.
    bare
        Whether only codes without a prefix are looked at.

    Raises
    ------
    InputError
        When the first four digits of a code of a buurt or wijk are not the row's gemeentecode. A
        gemeente's own code 140001 would be taken for a buurt of Groningen (BU00140001).

    Examples
    --------
    >>> own = pd.DataFrame({"BUURTCODE": ["140001"], "GEMEENTECODE": ["0166"]})
    >>> check_own_codes(own, find_codes(own, where="x"), where="x")
    Traceback (most recent call last):
    geowoonzorg.errors.InputError: x, column BUURTCODE: codes of another gemeente than their row names: ...
    """
    key = next(k for k in read_catalogue().keys if k.level == "gemeente")
    column = find_column(table, key.code)
    if column is None or column == codes.name:
        return
    given = parse_codes(table[column], level="gemeente")
    clash = codes.str[:2].isin(["BU", "WK"]) & (codes.str[2:6] != given.str[2:6]) & given.notna()
    if not clash.any():
        return
    cells = table[str(codes.name)].astype("str").str.strip()
    if bare:
        clash &= ~cells.str[:2].str.upper().isin(list(_PREFIX))
    if not clash.any():
        return
    name = find_column(table, key.name)
    names = table[name].astype("str").str.strip() if name else pd.Series("", index=table.index)
    named = (given + " " + names.fillna("")).str.strip()
    told = [
        tell("{cell} is of gemeente GM{digits} beside {own}", cell=cell, digits=code[2:6], own=own)
        for cell, code, own in zip(cells[clash], codes[clash], named[clash], strict=True)
    ]
    raise InputError(
        "{where}, column {name}: codes of another gemeente than their row names: {areas}; "
        "they look like a gemeente's own codes, which mean other areas at CBS: give the "
        "codes of CBS (BU01660001), or take the borders of CBS",
        where=where,
        name=codes.name,
        areas=first_told(told),
    )


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
