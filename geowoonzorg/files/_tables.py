"""Tables as text: csv, xlsx, dbf and GeoPackage attributes, exactly as published."""

from __future__ import annotations

import csv
import io
import warnings
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geowoonzorg.errors import FormatError, InputError, SourceError
from geowoonzorg.files._paths import TABLE_SUFFIXES, check_input, split_layer, suffix_of

if TYPE_CHECKING:
    from pathlib import Path

_DELIMITERS = ";,\t|"


def read_table(path: str | Path, *, role: str = "table") -> pd.DataFrame:
    """Read a table as text, so that codes keep their zeros and ``.`` stays ``.``.

    Parameters
    ----------
    path
        A csv (comma, semicolon, tab or bar; UTF-8 with or without BOM, UTF-16 or cp1252), an
        xlsx (first sheet), a dbf, or the attributes of a GeoPackage (``FILE|layername=NAME``).
    role
        What the table is for, used in messages.

    Returns
    -------
    pandas.DataFrame
        Every cell a stripped ``str``, or NaN where the file has nothing. Headers are stripped too.

    Raises
    ------
    InputError
        When the suffix is not allowed, a header is missing or occurs twice.
    FormatError
        When the content is not such a table; for csv the message names the line.
    SourceError
        When the file is not there or cannot be read.

    Examples
    --------
    >>> read_table("figures.ods")
    Traceback (most recent call last):
    geowoonzorg.errors.InputError: table: figures.ods has suffix .ods; allowed are ...
    """
    file, layer = split_layer(path)
    checked = check_input(file, suffixes=TABLE_SUFFIXES, role=role)
    suffix = suffix_of(checked)
    if suffix in {".csv", ".txt"}:
        table = _read_csv(checked, role)
    elif suffix == ".xlsx":
        table = _read_xlsx(checked, role)
    elif suffix == ".json":
        msg = f"{role}: {checked} is JSON; give a csv, xlsx, dbf or GeoPackage"
        raise InputError(msg)
    else:
        table = _read_ogr(checked, layer, role)
    table.columns = [str(c).strip() for c in table.columns]
    twice = sorted({c for c in table.columns if list(table.columns).count(c) > 1})
    if twice:
        msg = f"{role}: {checked} has columns that occur more than once: {', '.join(twice[:5])}"
        raise InputError(msg)
    return table


def _decode(raw: bytes) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")


def _read_csv(path: Path, role: str) -> pd.DataFrame:
    try:
        text = _decode(path.read_bytes())
    except OSError as error:
        msg = f"{role}: {path} cannot be read ({error.strerror or error})"
        raise SourceError(msg) from error
    except UnicodeDecodeError as error:
        msg = f"{role}: {path} is not text ({error})"
        raise FormatError(msg) from error
    if "\x00" in text:
        msg = f"{role}: {path} is not text: it has NUL bytes"
        raise FormatError(msg)
    header = text.split("\n", 1)[0]
    unquoted = "".join(header.split('"')[::2])
    delimiter = max(_DELIMITERS, key=unquoted.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    columns = [c.strip() for c in next(rows, [])]
    if not any(columns):
        msg = f"{role}: {path} has no header on its first line"
        raise FormatError(msg)
    records: list[list[str | None]] = []
    csv.field_size_limit(1 << 24)
    try:
        for row in rows:
            cells = [cell.strip() or None for cell in row]
            if not any(cells):
                continue
            if len(row) < len(columns) or any(cells[len(columns) :]):
                msg = (
                    f"{role}: {path}, line {rows.line_num}: {len(row)} cells where the header has "
                    f"{len(columns)}; a text with a {delimiter!r} in it needs quotes"
                )
                raise FormatError(msg)
            records.append(cells[: len(columns)])
    except csv.Error as error:
        msg = f"{role}: {path}, line {rows.line_num}: {error}"
        raise FormatError(msg) from error
    while columns and not columns[-1]:  # a delimiter at the end of every line
        columns.pop()
    return pd.DataFrame([r[: len(columns)] for r in records], columns=columns, dtype=str)


def _read_xlsx(path: Path, role: str) -> pd.DataFrame:
    import openpyxl  # only spreadsheets pay for it

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns about styles, which are not read
            book = openpyxl.load_workbook(path, read_only=True, data_only=True)
            rows = [list(row) for row in book.worksheets[0].iter_rows(values_only=True)]
            book.close()
    except Exception as error:  # openpyxl raises KeyError, ValueError, BadZipFile, …
        msg = f"{role}: {path} is not a readable xlsx ({error})"
        raise FormatError(msg) from error
    rows = [row for row in rows if any(cell is not None for cell in row)]
    if not rows:
        msg = f"{role}: {path} has an empty first sheet"
        raise FormatError(msg)
    columns = ["" if c is None else str(c) for c in rows[0]]
    while columns and not columns[-1].strip():
        columns.pop()
    cells = [[_cell_text(c) for c in row[: len(columns)]] for row in rows[1:]]
    return _as_text(pd.DataFrame(cells, columns=columns, dtype=object))


def _cell_text(cell: object) -> str | None:
    if cell is None:
        return None
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def _read_ogr(path: Path, layer: str | None, role: str) -> pd.DataFrame:
    import pyogrio
    from pyogrio.errors import DataSourceError

    try:
        table = pyogrio.read_dataframe(path, layer=layer, read_geometry=False)
    except (DataSourceError, ValueError) as error:
        msg = f"{role}: {path} cannot be read ({error})"
        raise FormatError(msg) from error
    return _as_text(table.map(_cell_text) if len(table) else table)


def _as_text(table: pd.DataFrame) -> pd.DataFrame:
    text = table.astype("str").apply(lambda column: column.str.strip())
    return text.mask(table.isna() | (text == ""), np.nan)


def parse_numbers(text: pd.Series[str], *, where: str) -> pd.Series[float]:
    """Read a column of text as numbers, in Dutch or English notation.

    A column with a comma anywhere has decimal commas and its dots are thousands; so has a column
    in which every dotted number has exactly three digits behind each dot. Else a dot is decimal.

    Parameters
    ----------
    text
        The cells as `read_table` gives them.
    where
        The file and column, used in the message.

    Returns
    -------
    pandas.Series of float64
        Same index and name; NaN where the cell is empty.

    Raises
    ------
    FormatError
        When a cell is not a number; the message counts them and names the first lines.

    Examples
    --------
    >>> parse_numbers(pd.Series(["1.234,5", None, "7"]), where="table.csv, column x").tolist()
    [1234.5, nan, 7.0]
    """
    cells = text.astype("str").str.replace(r"[\s\u00a0]", "", regex=True).mask(text.isna())
    dotted = cells[cells.str.contains(".", regex=False, na=False)]
    comma = cells.str.contains(",", regex=False, na=False).any()
    thousands = len(dotted) > 0 and dotted.str.fullmatch(r"[+-]?[1-9]\d{0,2}(\.\d{3})+").all()
    if comma:
        clash = cells[cells.str.count(",").gt(1) | cells.str.contains(r",.*\.", na=False)]
        english = cells.str.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?").fillna(value=False)
        if len(clash) and bool(english[cells.str.contains(",", regex=False, na=False)].all()):
            cells = cells.str.replace(",", "", regex=False)
        else:
            cells = cells.str.replace(".", "", regex=False).str.replace(",", ".", regex=False)
    elif thousands:
        cells = cells.str.replace(".", "", regex=False)
    numbers = pd.to_numeric(cells, errors="coerce").astype("float64")
    wrong = numbers.isna() & text.notna() & (text.astype("str").str.strip() != "")
    if wrong.any():
        shown = [
            f"{text[i]!r} on line {int(np.flatnonzero(text.index == i)[0]) + 2}"
            for i in text.index[wrong][:5]
        ]
        msg = f"{where}: {int(wrong.sum())} cells are not numbers ({', '.join(shown)}); correct or empty them"
        raise FormatError(msg)
    return pd.Series(numbers, name=text.name)
