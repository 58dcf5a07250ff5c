"""Tables of figures per area, as published → numbers under internal names, and why some are missing."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geowoonzorg.errors import FormatError, MissingColumnError, first_ids
from geowoonzorg.files import parse_numbers, split_layer
from geowoonzorg.messages import tell
from geowoonzorg.opendata.area_rows import coded_rows, unused
from geowoonzorg.opendata.codes import find_column, find_names, level_of
from geowoonzorg.opendata.sources import AREA_FORMATS, Column, Reading, read_catalogue
from geowoonzorg.opendata.table_forms import years_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

OWN = "own"  # the format of a column that somebody has named
_LARGEST_MISSING = -99_990  # every published missing code is at or under it
_FEW_ROWS = 100
_BEHIND = " > "
_SHARED = 3  # columns that CBS puts behind a distance: how many within 1, 3 and 5 km
_NAMED = 10


@dataclass(frozen=True)
class Figures:
    """What one table says, per area of any level."""

    numbers: pd.DataFrame  # index code, a float64 column per internal name that the table has
    reasons: pd.DataFrame  # same shape: why a value is missing, "" where it is not
    level: pd.Series[str]  # index code
    name: pd.Series[str]  # index code; NaN where the table has no names
    taken: Mapping[str, str]  # internal name → the column it was taken from
    year: int | None
    where: str
    notes: tuple[str, ...]
    source: str | None = None  # a source of the catalogue, where it is not that of the columns
    carried: pd.DataFrame | None = (
        None  # from other borders: code, column, year, method, known_share
    )


def figures_year(table: pd.DataFrame, where: str) -> int | None:
    """Tell the year of a table from its year column, else from the file's or layer's name.

    Parameters
    ----------
    table
        A table as published.
    where
        Its path, with ``|layername=`` where it has one.

    Returns
    -------
    int or None
        The year; None when neither says one, or several.

    Examples
    --------
    >>> figures_year(pd.DataFrame({"jrstatcode": ["2022BU01660000"]}), "buurten.gpkg")
    2022
    >>> figures_year(pd.DataFrame({"a_inw": ["5"]}), "kwb-2023.csv")
    2023
    """
    years = years_of(table)
    if years is not None:
        found = set(years.dropna())
    else:
        file, layer = split_layer(where)
        text = f"{file.name} {layer or ''}"
        tables = read_catalogue().sources["cbs_kerncijfers"].tables.items()
        found = {year for year, table_id in tables if table_id.lower() in text.lower()} or set(
            re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", text)
        )
    return int(found.pop()) if len(found) == 1 else None


def parse_cells(
    cells: pd.Series, column: Column, where: str, *, spare: NDArray[np.bool_] | None = None
) -> tuple[pd.Series[float], pd.Series[str]]:
    """Read one published column: numbers, and a reason where there is none.

    Parameters
    ----------
    cells
        Text as published, or numbers where the format has them.
    column
        The internal column it becomes; in counts a dot before three digits marks thousands.
    where
        The file and column, which start each message.
    spare
        Rows that nothing rests on: what cannot be read there is missing, not an error.

    Returns
    -------
    numbers : pandas.Series of float64
        Same index; NaN where missing.
    reasons : pandas.Series of str
        Same index; ``""`` where there is a number.

    Raises
    ------
    FormatError
        When a cell is neither a number nor a known missing code, or is negative where that
        cannot be.

    Examples
    --------
    >>> households = read_catalogue().columns["households"]
    >>> [s.tolist() for s in parse_cells(pd.Series(["1.250", ".", "-99997"]), households, "x")]
    [[1250.0, nan, nan], ['', 'not_published', 'secret']]
    """
    if pd.api.types.is_numeric_dtype(cells):
        numbers = cells.astype("float64")
        reasons = pd.Series("", index=cells.index, dtype="str").mask(numbers.isna(), "blank")
    else:
        numbers, reasons = _parse_text(cells, column, where, spare)
    missing = read_catalogue().missing
    coded = (numbers <= _LARGEST_MISSING).to_numpy()
    if coded.any():
        codes = {float(k): r for k, r in missing.items() if k.startswith("-9")}
        coded_reasons = numbers.map(codes).fillna("unknown_code")
        reasons = reasons.where(~coded, coded_reasons)
        numbers = numbers.mask(coded)
    impossible = np.isinf(numbers) | ((numbers < 0) & (not column.signed))
    if spare is not None and (passed := impossible & spare).any():
        numbers, reasons = numbers.mask(passed), reasons.mask(passed, "unreadable")
        impossible &= ~spare
    if impossible.any():
        raise FormatError(
            "{where}: {n} {n:figure|figures} cannot be {what}: {ids}; correct them, or write a "
            "missing code of CBS",
            where=where,
            n=int(impossible.sum()),
            what=column.name,
            ids=first_ids(cells[impossible]),
        )
    return numbers, reasons.astype("str")


def _parse_text(
    cells: pd.Series, column: Column, where: str, spare: NDArray[np.bool_] | None
) -> tuple[pd.Series[float], pd.Series[str]]:
    words = {k.lower(): r for k, r in read_catalogue().missing.items() if not k.startswith("-9")}
    text = cells.astype("str").str.strip()
    reasons = text.str.lower().map(words).mask(cells.isna(), "blank").fillna("").astype("str")
    text = text.where(reasons == "")
    numbers = pd.to_numeric(text, errors="coerce").astype("float64")
    telling = ".," if column.kind == "count" else ","
    signs = any(text.str.contains(sign, regex=False, na=False).any() for sign in telling)
    if signs or bool((numbers.isna() & text.notna()).any()):
        numbers = parse_numbers(text, where=where, thousands=column.kind == "count", spare=spare)
        reasons = reasons.mask(numbers.isna() & text.notna(), "unreadable")
    return numbers, reasons


def _match(
    table: pd.DataFrame, columns: Mapping[str, Column], formats: Sequence[str]
) -> dict[str, Reading]:
    """Find, per internal column, the first reading whose source column is in the table."""
    exact = {str(c).strip().lower(): str(c) for c in table.columns}
    stems: dict[str, list[str]] = {}
    for name in table.columns:
        stems.setdefault(re.sub(r"_\d+$", "", str(name).strip().lower()), []).append(str(name))
    found: dict[str, Reading] = {}
    for column in columns.values():
        for reading in column.readings:
            if reading.format not in formats:
                continue
            after, _, wanted = reading.name.lower().rpartition(_BEHIND)
            alike = stems.get(wanted, []) if reading.format == "odata" else []
            if after:
                alike = _behind(list(map(str, table.columns)), after, alike)
            named = None if after else exact.get(wanted)
            published = named or (alike[0] if len(alike) == 1 else None)
            if published and (reading.per is None or reading.per in found):
                found[column.name] = replace(reading, name=published)
                break
    return found


def _behind(columns: list[str], after: str, alike: list[str]) -> list[str]:
    """Give the column of one name that belongs to another: among the few right behind the first of that."""
    at = next(
        (
            i
            for i, c in enumerate(columns)
            if re.fullmatch(rf"{after}_\d+", c.strip(), re.IGNORECASE)
        ),
        None,
    )
    return [] if at is None else [c for c in columns[at + 1 : at + 1 + _SHARED] if c in alike]


def parse_figures(
    table: pd.DataFrame,
    *,
    where: str,
    formats: Sequence[str] = AREA_FORMATS,
    spare: NDArray[np.bool_] | None = None,
    own: Sequence[Column] = (),
) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, str]]:
    """Read every column the catalogue knows from a table as published.

    Parameters
    ----------
    table
        Text or numbers, under published names.
    where
        The file, which starts each message.
    formats
        Which published names to look for.
    spare
        As `parse_cells`.
    own
        Columns that somebody has named, which go before what the catalogue finds under the same name.

    Returns
    -------
    values : pandas.DataFrame
        The table's index; a float64 column per internal column found, in its catalogue unit.
    reasons : pandas.DataFrame
        The same shape; why a value is missing, ``""`` where it is not.
    taken : dict of str to str
        Internal name → the published column it was taken from.

    Raises
    ------
    FormatError
        When a cell is neither a number nor a known missing code.

    Examples
    --------
    >>> table = pd.DataFrame({"a_inw": ["200", "0"], "a_65_oo": ["50", "0"]})
    >>> values, reasons, taken = parse_figures(table, where="kwb.csv")
    >>> values["share_65plus"].tolist(), reasons["share_65plus"].tolist()
    ([0.25, nan], ['', 'no_people'])
    """
    named = {column.name: column for column in own}
    known = {**read_catalogue().of_formats(tuple(formats)), **named}
    matched = _match(table, known, (*formats, OWN))
    values: dict[str, pd.Series[float]] = {}
    reasons: dict[str, pd.Series[str]] = {}
    for name, reading in matched.items():
        column = known[name]
        number, reason = parse_cells(
            table[reading.name],
            column,
            tell("{where}, column {column}", where=where, column=reading.name),
            spare=spare,
        )
        number = number * reading.scale
        if reading.per is not None:
            below, below_reason = values[reading.per], reasons[reading.per]
            nobody = (reason == "") & (below == 0)
            reason = reason.where(reason != "", below_reason).mask(nobody, "no_people")
            number = (number / below).where(reason == "")
        values[name], reasons[name] = number, reason
    taken = {name: reading.name for name, reading in matched.items()}
    return pd.DataFrame(values, index=table.index), pd.DataFrame(reasons, index=table.index), taken


def empty_columns(table: pd.DataFrame) -> list[str]:
    """Name the columns of a table without a figure in any row.

    Parameters
    ----------
    table
        Text or numbers as published.

    Returns
    -------
    list of str
        Their published names.

    Examples
    --------
    >>> empty_columns(pd.DataFrame({"p_wmo_t": [".", "."], "a_inw": ["5", "."]}))
    ['p_wmo_t']
    """
    words = set(read_catalogue().missing)

    def is_empty(cells: pd.Series) -> bool:
        if len(cells) > _FEW_ROWS and not is_empty(cells.iloc[:_FEW_ROWS]):
            return False  # most columns say so at once
        if pd.api.types.is_numeric_dtype(cells):
            return bool((cells.isna() | (cells <= _LARGEST_MISSING)).all())
        return bool((cells.isna() | cells.astype("str").str.strip().isin(words)).all())

    return [str(name) for name in table.columns if name != "geometry" and is_empty(table[name])]


def told_empty(where: str, columns: Sequence[str]) -> str:
    """Say that columns hold no figure, which `empty_columns` found.

    Parameters
    ----------
    where
        The file.
    columns
        Their published names, the most telling first: no more than ten are named.

    Returns
    -------
    str
        A note.

    Examples
    --------
    >>> told_empty("kwb.csv", ["p_wmo_t"])
    'kwb.csv: 1 column has no figure in any row: p_wmo_t'
    """
    return tell(
        "{where}: {n} {n:column has|columns have} no figure in any row: {columns}",
        where=where,
        n=len(columns),
        columns=", ".join(columns[:_NAMED]) + (", …" if len(columns) > _NAMED else ""),
    )


def read_figures(
    table: pd.DataFrame,
    *,
    where: str | Path,
    formats: Sequence[str] = AREA_FORMATS,
    own: Sequence[Column] = (),
    only_own: bool = False,
    code: str | None = None,
    used: pd.Index | None = None,
) -> Figures:
    """Read a published table of figures: CBS key figures, nabijheid, Leefbaarometer.

    Parameters
    ----------
    table
        Text, or numbers where the format has them, under published names.
    where
        The file it came from.
    formats
        Which published names to look for.
    own
        Columns that somebody has named, as `parse_figures`.
    only_own
        Whether nothing but those is read.
    code
        The column with the areas' codes, where somebody has named it.
    used
        The codes that the study rests on; None for all. What is wrong with the rows of others is left
        out and said, never an error.

    Returns
    -------
    Figures
        One row per area code, of any level. Rows of something else, such as a province or a total,
        are left out and counted.

    Raises
    ------
    MissingColumnError
        When there is no column with area codes, or none the catalogue knows besides.
    DuplicateIdError
        When a code occurs twice.
    InputError, FormatError
        As `find_codes`, `check_own_codes` and `parse_figures`.

    Examples
    --------
    >>> table = pd.DataFrame({"gwb_code_10": ["BU01660000", "WK016600"], "p_wmo_t": ["41", "."]})
    >>> figures = read_figures(table, where="kwb-2023.csv")
    >>> figures.numbers["wmo_per_1000"].tolist(), figures.year
    ([41.0, nan], 2023)
    """
    source = str(where)
    notes: list[str] = []
    table, codes = coded_rows(table, source, used, notes, code=code)
    if only_own:
        formats = ()
    looked_at = table[[column.readings[0].name for column in own]] if only_own else table
    empty = empty_columns(looked_at) if len(table) else []
    spare = None if used is None else unused(codes, used)
    values, reasons, taken = parse_figures(
        table, where=source, formats=formats, spare=spare, own=own
    )
    if empty:
        read = set(taken.values())
        notes.append(told_empty(source, sorted(empty, key=lambda name: name not in read)))
    if not taken and find_column(table, ("afw", "rlbrmtr")) is not None:
        raise MissingColumnError(
            "{where} is a table of the Leefbaarometer; name it under [areas] leefbaarometer, with "
            "leefbaarometer_year",
            where=source,
        )
    if not taken:
        raise MissingColumnError(
            "{where} has no column that the catalogue knows; it has {names}, …; see "
            "geowoonzorg sources list, or name its columns under [[areas.tables]] or [[indicators]]",
            where=source,
            names=", ".join(map(str, table.columns[:10])),
        )
    index = pd.Index(codes, name="code")
    names = find_names(table, str(codes.name))
    return Figures(
        numbers=values.set_axis(index),
        reasons=reasons.set_axis(index),
        level=level_of(codes).set_axis(index),
        name=names.set_axis(index),
        taken=taken,
        year=figures_year(table, source),
        where=source,
        notes=tuple(notes),
    )
