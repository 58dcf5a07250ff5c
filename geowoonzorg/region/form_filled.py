"""The form filled in, in its own order: as a workbook and as tables of a page."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from geowoonzorg.knowledge import said
from geowoonzorg.messages import tell, translate
from geowoonzorg.region.form_layout import FormLayout, read_form_layout
from geowoonzorg.region.household import persons_to_homes
from geowoonzorg.region.workbook import workbook_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from geowoonzorg.region.form import Form
    from geowoonzorg.region.form_layout import Named
    from geowoonzorg.region.workbook import Cell


class _Table(NamedTuple):
    """A table to be shown: what it is called, its header and its rows; the first columns name a row."""

    sheet: str
    title: str
    head: list[Cell]
    rows: list[list[Cell]]
    naming: int


def fill_form(
    form: Form,
    persons_per_home: float,
    *,
    fitted: pd.DataFrame | None = None,
    lang: str = "nl",
    layout: FormLayout | None = None,
) -> bytes:
    """Fill the form in as a workbook.

    Parameters
    ----------
    form
        Both tables.
    persons_per_home
        How many persons live in a home.
    fitted
        Homes by gemeente and kind, from `geowoonzorg.region.fitting.fit_woningtypes`; a sheet more.
    lang
        ``"nl"`` or ``"en"``, of everything but names that a region gave.
    layout
        What the form looks like; None for the one that ships.

    Returns
    -------
    bytes
        An xlsx with a sheet per table, that `geowoonzorg.files.read_table` and
        `geowoonzorg.region.form.read_form` read again, and one with notes. An open cell is empty, one between two
        numbers shows both; every group of the form has its row, and those outside it come after them.

    Raises
    ------
    StudyError
        When the size is not more than 0.

    Examples
    --------
    >>> from geowoonzorg.region.form import read_form
    >>> form = read_form(
    ...     pd.DataFrame({"groep": ["studenten"], "Kampen": ["12"]}),
    ...     pd.DataFrame({"groep": ["studenten"], "rij": ["toe te voegen"], "kamers": ["10"]}))
    >>> fill_form(form, 1.2)[:2]
    b'PK'
    """
    layout = layout or read_form_layout()
    tables = _tables(form, persons_per_home, fitted, lang, layout)
    sheets: dict[str, list[list[Cell]]] = {one.sheet: [one.head, *one.rows] for one in tables}
    notes = _notes(form, persons_per_home, fitted, layout)
    sheets[_word(layout, "notes", lang)] = [[translate(note, lang)] for note in notes]
    return workbook_bytes(sheets)


def render_form(
    form: Form,
    persons_per_home: float,
    *,
    fitted: pd.DataFrame | None = None,
    lang: str = "nl",
    layout: FormLayout | None = None,
) -> str:
    """Fill the form in as tables of an HTML page.

    Parameters
    ----------
    form, persons_per_home, fitted, lang, layout
        As `fill_form`.

    Returns
    -------
    str
        A ``table`` with a caption per table of the form, and a list of notes; every text escaped.

    Raises
    ------
    StudyError
        When the size is not more than 0.

    Examples
    --------
    >>> from geowoonzorg.region.form import read_form
    >>> form = read_form(
    ...     pd.DataFrame({"groep": ["studenten"], "<b>Kampen": ["1.200"]}),
    ...     pd.DataFrame({"groep": ["studenten"], "rij": ["toe te voegen"], "kamers": ["1.000"]}))
    >>> page = render_form(form, 1.2)
    >>> "&lt;b&gt;Kampen" in page, "1.200" in page
    (True, True)
    """
    layout = layout or read_form_layout()
    parts = []
    for one in _tables(form, persons_per_home, fitted, lang, layout):
        head = "".join(f'<th scope="col">{_shown(cell, lang)}</th>' for cell in one.head)
        rows = []
        for row in one.rows:
            names = "".join(
                f'<th scope="row">{_shown(cell, lang)}</th>' for cell in row[: one.naming]
            )
            cells = "".join(f"<td>{_shown(cell, lang)}</td>" for cell in row[one.naming :])
            rows.append(f"<tr>{names}{cells}</tr>")
        caption = html.escape(one.title)
        parts.append(
            f"<table><caption>{caption}</caption><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
        )
    notes = _notes(form, persons_per_home, fitted, layout)
    items = "".join(f"<li>{html.escape(translate(note, lang))}</li>" for note in notes)
    return "\n".join([*parts, f"<ul>{items}</ul>"])


def _shown(cell: Cell, lang: str) -> str:
    if cell is None:
        return ""
    text = cell if isinstance(cell, str) else translate(tell("{n:,}", n=cell), lang)
    return html.escape(text)


def _word(layout: FormLayout, key: str, lang: str) -> str:
    return said(next(one for one in layout.words if one.key == key), "name", lang)


def _notes(
    form: Form, persons_per_home: float, fitted: pd.DataFrame | None, layout: FormLayout
) -> list[str]:
    told: list[str] = [
        tell("Form: {source}", source=layout.source),
        tell(
            "Persons are turned into homes at {size} persons a home.", size=float(persons_per_home)
        ),
        tell(
            "An empty cell was left open: that is unknown, not 0. Two numbers: somewhere between them."
        ),
    ]
    if fitted is not None:
        told.append(
            tell(
                "Homes by gemeente and kind are derived from both tables, not counted: whole numbers that keep the"
                " sums of both; between which numbers those leave each cell stands in the table of homes by"
                " gemeente and kind."
            )
        )
        told += fitted.attrs.get("notes", [])
    return [*told, *form.notes]


def _tables(
    form: Form,
    persons_per_home: float,
    fitted: pd.DataFrame | None,
    lang: str,
    layout: FormLayout,
) -> list[_Table]:
    homes = persons_to_homes(form.table1, persons_per_home)
    tables = [
        _by_gemeente(form.table1, "persons", "table1", lang, layout),
        _by_gemeente(homes, "homes", "homes1", lang, layout),
        _by_woningtype(form.table2, lang, layout),
    ]
    if fitted is not None:
        tables.append(_derived(fitted, lang, layout))
    return tables


def _by_gemeente(
    table: pd.DataFrame, name: str, word: str, lang: str, layout: FormLayout
) -> _Table:
    places = list(dict.fromkeys(table["gemeente"]))
    head: list[Cell] = [_word(layout, "group", lang), *places, _word(layout, "total", lang)]
    at = table.set_index(["groep", "gemeente"])
    rows = []
    for group in _groups(table, layout):
        index = pd.MultiIndex.from_product([[group.key], places])
        rows.append([said(group, "name", lang), *_cells(at.reindex(index), name)])
    title = _word(layout, f"{word}_title", lang)
    return _Table(_word(layout, word, lang), title, head, rows, naming=1)


def _by_woningtype(table: pd.DataFrame, lang: str, layout: FormLayout) -> _Table:
    used = set(table["woningtype"])
    types = [one for one in layout.woningtypes if one.key in used]
    head: list[Cell] = [_word(layout, "group", lang), _word(layout, "row", lang)]
    head += [*(said(one, "name", lang) for one in types), _word(layout, "total", lang)]
    at = table.set_index(["groep", "row", "woningtype"])
    rows = []
    for group in _groups(table, layout):
        for kind in layout.rows:
            index = pd.MultiIndex.from_product(
                [[group.key], [kind.key], [one.key for one in types]]
            )
            cells = _cells(at.reindex(index), "homes")
            rows.append([said(group, "name", lang), said(kind, "name", lang), *cells])
    title = _word(layout, "table2_title", lang)
    return _Table(_word(layout, "table2", lang), title, head, rows, naming=2)


def _derived(fitted: pd.DataFrame, lang: str, layout: FormLayout) -> _Table:
    used = set(fitted["woningtype"])
    types = [one for one in layout.woningtypes if one.key in used]
    names = {one.key: said(one, "name", lang) for one in (*layout.groups, *layout.rows)}
    head: list[Cell] = [_word(layout, word, lang) for word in ("gemeente", "group", "row")]
    head += [*(said(one, "name", lang) for one in types), _word(layout, "total", lang)]
    # Where a number was derived it is shown; where none could be, between which it lies.
    known = fitted["homes"].notna()
    ends = {
        f"homes_{side}": fitted["homes"].where(known, fitted[f"homes_{side}"])
        for side in ("low", "high")
    }
    cells = fitted.assign(**ends).set_index(["gemeente", "groep", "row", "woningtype"])
    columns = [one.key for one in types]
    low, high = (cells[name].astype("float64").unstack().reindex(columns=columns) for name in ends)
    order = pd.MultiIndex.from_frame(fitted[["gemeente", "groep", "row"]].drop_duplicates())
    rows: list[list[Cell]] = [
        [gemeente, names[group], names[kind], *_with_total(least, most)]
        for (gemeente, group, kind), least, most in zip(
            order, low.reindex(order).to_numpy(), high.reindex(order).to_numpy(), strict=True
        )
    ]
    title = _word(layout, "fitted_title", lang)
    return _Table(_word(layout, "fitted", lang), title, head, rows, naming=3)


def _groups(table: pd.DataFrame, layout: FormLayout) -> Sequence[Named]:
    """Give every group of the form, then those outside it that the table has."""
    used = set(table["groep"])
    return [
        *(one for one in layout.groups if not one.outside),
        *(one for one in layout.groups if one.outside and one.key in used),
    ]


def _cells(part: pd.DataFrame, name: str) -> list[Cell]:
    """Give the cells of a row and their total."""
    low, high = (np.asarray(part[f"{name}_{side}"], dtype=np.float64) for side in ("low", "high"))
    return _with_total(low, high)


def _with_total(low: NDArray[np.float64], high: NDArray[np.float64]) -> list[Cell]:
    ends = zip(np.append(low, low.sum()), np.append(high, high.sum()), strict=True)
    return [_between(least, most) for least, most in ends]


def _between(low: float, high: float) -> Cell:
    if np.isnan(low) or np.isnan(high):
        return None
    return _number(low) if low == high else f"{low:.0f}–{high:.0f}"


def _number(value: float | None) -> Cell:
    if pd.isna(value):
        return None
    return int(value) if float(value).is_integer() else float(value)
