"""Tables as an xlsx in memory: the same content gives the same bytes, and no text runs as a formula."""

from __future__ import annotations

import io
import re
import zipfile
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Cell = str | int | float | None

# The first moment that a zip can hold.
_DATE: Final = (1980, 1, 1, 0, 0, 0)
_STAMP: Final = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*")
_ILLEGAL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_WIDEST: Final = 60


def workbook_bytes(sheets: Mapping[str, Sequence[Sequence[Cell]]]) -> bytes:
    """Make an xlsx of tables.

    Parameters
    ----------
    sheets
        By title its rows, the first of which is the header; None is an empty cell.

    Returns
    -------
    bytes
        The file.

    Examples
    --------
    >>> workbook_bytes({"Tabel": [["a"], [1]]}) == workbook_bytes({"Tabel": [["a"], [1]]})
    True
    """
    import openpyxl  # only spreadsheets pay for it
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append([_ILLEGAL.sub("", v) if isinstance(v, str) else v for v in row])
        for cells in sheet.iter_rows():
            for cell in cells:
                if cell.data_type == "f":  # what begins with = is a text as well
                    cell.data_type = "s"
        for cell in sheet[1]:
            cell.font = Font(bold=True)
        sheet.freeze_panes = "B2"
        for column in range(1, 1 + max(map(len, rows), default=0)):
            widest = max(
                (len(str(row[column - 1])) for row in rows if column <= len(row)), default=0
            )
            sheet.column_dimensions[get_column_letter(column)].width = min(widest + 2, _WIDEST)
    made = io.BytesIO()
    book.save(made)
    return _undated(made.getvalue())


def _undated(content: bytes) -> bytes:
    """Pack a workbook again without the moment at which it was made."""
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            inner = _STAMP.sub(rb"\g<1>2000-01-01T00:00:00Z", old.read(name))
            entry = zipfile.ZipInfo(name, date_time=_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 0  # whichever system makes it
            new.writestr(entry, inner)
    return packed.getvalue()
