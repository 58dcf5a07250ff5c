"""A published table → rows of areas: each area once, the rest counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geowoonzorg.errors import DuplicateIdError, MissingColumnError, first_ids
from geowoonzorg.messages import tell
from geowoonzorg.opendata.codes import (
    check_own_codes,
    find_codes,
    find_column,
    no_codes,
    parse_codes,
    refuse,
)
from geowoonzorg.opendata.sources import read_catalogue

if TYPE_CHECKING:
    from numpy.typing import NDArray

_NAMED = 5  # as many as `first_ids` names


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
    table: pd.DataFrame,
    where: str,
    used: pd.Index | None,
    notes: list[str],
    *,
    code: str | None = None,
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
    code
        The column with the codes, where somebody has named it.

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
    codes = find_codes(table, where=where) if code is None else named_codes(table, code, where)
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


def named_codes(table: pd.DataFrame, column: str, where: str) -> pd.Series[str]:
    """Normalise the codes in the column that somebody has named.

    Parameters
    ----------
    table
        A table as published.
    column
        Its column with area codes, whatever the case.
    where
        The file, which starts each message.

    Returns
    -------
    pandas.Series of str
        As `find_codes`.

    Raises
    ------
    MissingColumnError
        When there is no such column.
    InputError
        When there is not one area code in it.

    Examples
    --------
    >>> named_codes(pd.DataFrame({"Gebied": ["WK016600", "Totaal"]}), "gebied", "x").tolist()
    ['WK016600', nan]
    """
    found = find_column(table, (column,))
    if found is None:
        raise MissingColumnError(
            "{path} has no column {column!r}; it has {names}",
            path=where,
            column=column,
            names=", ".join(map(str, table.columns[:10])),
        )
    codes = parse_codes(table[found])
    if codes.isna().all():
        refuse(
            no_codes(table[found], codes),
            tell("{where}, column {column}", where=where, column=found),
        )
    return codes.rename(found)
