"""Tables as text: csv, xlsx, dbf and GeoPackage attributes, exactly as published."""

from __future__ import annotations

import csv
import io
import json
import re
import warnings
from functools import reduce
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geowoonzorg.errors import FormatError, InputError, SourceError
from geowoonzorg.files._paths import (
    TABLE_SUFFIXES,
    as_message,
    check_input,
    reason_of,
    split_layer,
    suffix_of,
)
from geowoonzorg.files._vetting import name_for_gdal, without_network
from geowoonzorg.messages import Message, tell

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

_DELIMITERS = ";,\t|"
_GROUPED = r"[+-]?[1-9]\d{0,2}(?:(?:\.\d{3})+|(?:,\d{3})+)"  # 1.234.567 or 1,234,567
#: A number that reads as one of thousands, such as 254.875.
_THOUSANDS_LIKE = re.compile(r"-?[1-9]\d{0,2}\.\d{3}")


def read_table(path: str | Path, *, role: str = "table") -> pd.DataFrame:
    """Read a table as text, so that codes keep their zeros and ``.`` stays ``.``.

    Parameters
    ----------
    path
        A csv (comma, semicolon, tab or bar; UTF-8 with or without BOM, UTF-16, cp1252 or, where
        lines end as on old Macs, Mac Roman), an xlsx (the first sheet with anything in it, or
        ``FILE|layername=SHEET``), a dbf, the attributes of a GeoPackage (``FILE|layername=NAME``), or
        saved JSON: the rows of an OData answer, or the properties of GeoJSON features.
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
    StudyError
        When what follows a bar is not ``layername=NAME``.

    Examples
    --------
    >>> from geowoonzorg.prepare import demo_study
    >>> demo = demo_study().parent
    >>> read_table(demo / "voorzieningen.csv")[["klasse", "x"]].head(2).values.tolist()
    [['huisarts', '145554.8'], ['huisarts', '146091.9']]
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
        table = _read_xlsx(checked, layer, role)
    elif suffix == ".json":
        table = _read_json(checked, role)
    else:
        table = _read_ogr(checked, layer, role)
    table.columns = [str(c).strip() for c in table.columns]
    twice = sorted({c for c in table.columns if list(table.columns).count(c) > 1})
    if twice:
        raise InputError(
            "{role}: {file} has columns that occur more than once: {columns}",
            role=as_message(role),
            file=checked,
            columns=", ".join(twice[:5]),
        )
    return table


def _decode(raw: bytes) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        old_mac = b"\r" in raw and b"\n" not in raw  # as Excel for Mac saves a csv
        return raw.decode("mac_roman" if old_mac else "cp1252", errors="replace")


def _csv_text(path: Path, role: str) -> str:
    """Read a csv, without the first line of Excel that names the delimiter; the header tells it as well."""
    try:
        text = _decode(path.read_bytes())
    except OSError as error:
        raise SourceError(
            "{role}: {file} cannot be read ({why})",
            role=as_message(role),
            file=path,
            why=reason_of(error),
        ) from error
    except UnicodeDecodeError as error:
        raise FormatError(
            "{role}: {file} is not text ({why})",
            role=as_message(role),
            file=path,
            why=str(error),
        ) from error
    if "\x00" in text:
        raise FormatError(
            "{role}: {file} is not text: it has NUL bytes",
            role=as_message(role),
            file=path,
        )
    return re.sub(r"\Asep=.\r?\n", "", text, count=1, flags=re.IGNORECASE)


def _read_csv(path: Path, role: str) -> pd.DataFrame:
    text = _csv_text(path, role)
    header = re.split(r"[\r\n]", text, maxsplit=1)[0]
    unquoted = "".join(header.split('"')[::2])
    delimiter = max(_DELIMITERS, key=unquoted.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    columns = [c.strip() for c in next(rows, [])]
    if not any(columns):
        raise FormatError(
            "{role}: {file} has no header on its first line",
            role=as_message(role),
            file=path,
        )
    records: list[list[str | None]] = []
    csv.field_size_limit(1 << 24)
    try:
        for row in rows:
            cells = [cell.strip() or None for cell in row]
            if not any(cells):
                continue
            if len(row) < len(columns) or any(cells[len(columns) :]):
                raise FormatError(
                    "{role}: {file}, line {line}: {n_cells} cells where the header has "
                    "{n_header}; a text with a {delimiter!r} in it needs quotes",
                    role=as_message(role),
                    file=path,
                    line=rows.line_num,
                    n_cells=len(row),
                    n_header=len(columns),
                    delimiter=delimiter,
                )
            records.append(cells[: len(columns)])
    except csv.Error as error:
        raise FormatError(
            "{role}: {file}, line {line}: {why}",
            role=as_message(role),
            file=path,
            line=rows.line_num,
            why=str(error),
        ) from error
    while columns and not columns[-1]:  # a delimiter at the end of every line
        columns.pop()
    return pd.DataFrame([r[: len(columns)] for r in records], columns=columns, dtype=str)


def _read_xlsx(path: Path, sheet: str | None, role: str) -> pd.DataFrame:
    import openpyxl  # only spreadsheets pay for it

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns about styles, which are not read
            book = openpyxl.load_workbook(path, read_only=True, data_only=True)
            titles = [s.title for s in book.worksheets]
            rows: list[list[object]] = []
            for one in book.worksheets:
                if not rows and sheet in {None, one.title}:
                    found = (list(row) for row in one.iter_rows(values_only=True))
                    rows = [row for row in found if any(cell is not None for cell in row)]
            book.close()
    except Exception as error:  # openpyxl raises KeyError, ValueError, BadZipFile, …
        raise FormatError(
            "{role}: {file} is not a readable xlsx ({why})",
            role=as_message(role),
            file=path,
            why=str(error),
        ) from error
    if sheet is not None and sheet not in titles:
        raise InputError(
            "{role}: {file} has no sheet {sheet!r}; it has {sheets}",
            role=as_message(role),
            file=path,
            sheet=sheet,
            sheets=", ".join(titles),
        )
    if not rows:
        raise FormatError(
            "{role}: {file} has nothing in {sheet}",
            role=as_message(role),
            file=path,
            sheet=sheet or tell("any sheet"),
        )
    columns = ["" if c is None else str(c) for c in rows[0]]
    while columns and not columns[-1].strip():
        columns.pop()
    cells = [[_cell_text(c) for c in row[: len(columns)]] for row in rows[1:]]
    return _as_text(pd.DataFrame(cells, columns=columns, dtype=object))


def _read_json(path: Path, role: str) -> pd.DataFrame:
    try:
        document = json.loads(_decode(path.read_bytes()))
    except OSError as error:
        raise SourceError(
            "{role}: {file} cannot be read ({why})",
            role=as_message(role),
            file=path,
            why=reason_of(error),
        ) from error
    except (ValueError, RecursionError) as error:
        raise FormatError(
            "{role}: {file} is not JSON ({why})",
            role=as_message(role),
            file=path,
            why=str(error),
        ) from error
    rows = document
    if isinstance(document, dict):
        one = [document] if document.get("type") == "Feature" else None
        rows = document.get("value", document.get("features", one))
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise FormatError(
            "{role}: {file} holds no rows: expected an OData answer (value), GeoJSON features"
            " or a list of records; give a csv, xlsx, dbf or GeoPackage",
            role=as_message(role),
            file=path,
        )
    records = [row.get("properties") or {} if row.get("type") == "Feature" else row for row in rows]
    table = pd.DataFrame([{k: _cell_text(v) for k, v in r.items()} for r in records], dtype=object)
    return _as_text(table)


def _cell_text(cell: object) -> str | None:
    if cell is None or cell is pd.NaT or (isinstance(cell, float) and cell != cell):  # noqa: PLR0124
        return None
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    text = str(cell)
    # As text the dot of 254.875 could be one of thousands; here it is known that it is none.
    return f"{text}0" if isinstance(cell, float) and _THOUSANDS_LIKE.fullmatch(text) else text


def _read_ogr(path: Path, layer: str | None, role: str) -> pd.DataFrame:
    import pyogrio
    from pyogrio.errors import DataLayerError, DataSourceError

    name = name_for_gdal(path, role=role)
    try:
        with without_network():
            table = pyogrio.read_dataframe(name, layer=layer, read_geometry=False)
    except (DataSourceError, DataLayerError, ValueError) as error:
        raise FormatError(
            "{role}: {file} cannot be read ({why})",
            role=as_message(role),
            file=path,
            why=str(error),
        ) from error
    return _as_text(table.map(_cell_text) if len(table) else table)


def _as_text(table: pd.DataFrame) -> pd.DataFrame:
    text = table.astype("str").apply(lambda column: column.str.strip())
    return text.mask(table.isna() | (text == ""), np.nan)


def parse_numbers(
    text: pd.Series[str],
    *,
    where: str,
    thousands: bool = False,
    commas: bool = False,
    spare: NDArray[np.bool_] | None = None,
) -> pd.Series[float]:
    """Read a column of text as numbers, in Dutch or English notation.

    A dot or comma is the decimal sign, but for two cases. In a column of counts (``thousands``)
    a sign before each group of exactly three digits marks thousands, cell by cell: ``1.234`` is 1234
    whatever stands beside it. In a column with decimal commas, a dot before groups of three digits
    marks thousands and any other dot is an error; in one where a comma stands before a dot or
    occurs twice and all commas mark groups of three, commas mark thousands. So ``5.912`` in a column
    without commas is never thousands unless the column holds counts.

    Parameters
    ----------
    text
        The cells as `read_table` gives them.
    where
        The file and column, used in the message.
    thousands
        Whether the column holds counts, so that ``1.234`` and ``1,234`` are 1234.
    commas
        Whether it is known to have decimal commas, from the column it makes a pair with.
    spare
        Rows in which text that is no number is NaN instead of an error; none by default.

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
    >>> counts = pd.Series(["1.234", "12"])
    >>> [parse_numbers(counts, where="x", thousands=t).tolist() for t in (False, True)]
    [[1.234, 12.0], [1234.0, 12.0]]
    """
    cells = text.astype("str").str.replace("[\\s\u00a0]", "", regex=True).mask(text.isna())
    if thousands:
        grouped = cells.str.fullmatch(_GROUPED).fillna(value=False).astype(bool)
        cells = cells.mask(grouped, cells.str.replace(r"[.,]", "", regex=True))
    numbers = pd.to_numeric(_with_dots(cells, commas=commas), errors="coerce").astype("float64")
    wrong = numbers.isna() & text.notna() & (text.astype("str").str.strip() != "")
    if spare is not None:
        wrong &= ~spare
    if wrong.any():
        # A table that lost rows keeps the row numbers of its file as index.
        numbered = pd.api.types.is_integer_dtype(text.index)
        lines = text.index if numbered else pd.RangeIndex(len(text))
        at = np.flatnonzero(wrong.to_numpy())[:5]
        shown = [
            tell("{cell!r} on line {line}", cell=text.iloc[i], line=int(lines[i]) + 2) for i in at
        ]
        raise FormatError(
            "{where}: {n} {n:cell is not a number|cells are not numbers} ({cells}); correct or empty them",
            where=as_message(where),
            n=int(wrong.sum()),
            cells=_listed(shown),
        )
    return pd.Series(numbers, name=text.name)


def _listed(messages: Sequence[Message]) -> Message:
    """Make one message of several."""
    return reduce(lambda said, more: tell("{said}, {more}", said=said, more=more), messages)


def _with_dots(cells: pd.Series[str], *, commas: bool) -> pd.Series[str]:
    """Bring a column into the notation with decimal dots; what is in neither becomes no number."""
    told = cells[cells.str.contains(",", regex=False, na=False)]
    told = told[told.str.fullmatch(r"[+-]?[\d.,]+")]
    if told.empty and not commas:
        return cells
    grouped = told.str.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
    if grouped.all() and told.str.contains(r",.*[.,]").any():
        return cells.str.replace(",", "", regex=False)
    plain = cells.str.replace(
        r"\.0{1,2}$", "", regex=True
    )  # what a spreadsheet makes of whole numbers
    dotted = plain.str.contains(".", regex=False, na=False)
    good = plain.str.fullmatch(r"[+-]?\d{1,3}(\.\d{3})+(,\d*)?").fillna(value=False).astype(bool)
    dutch = plain.str.replace(".", "", regex=False).str.replace(",", ".", regex=False)
    return dutch.mask(dotted & ~good, "")
