"""What the government's form looks like, as data: its groups, kinds of homes and rows, in its own order."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from geowoonzorg.files import read_toml
from geowoonzorg.knowledge import NOT_NEGATIVE, read_document

if TYPE_CHECKING:
    from collections.abc import Sequence

PATH: Final = Path(__file__).parents[1] / "knowledge" / "region" / "form.toml"


@dataclass(frozen=True)
class Named:
    """A row or column of the form.

    Attributes
    ----------
    key
        What it is called in tables.
    name, name_en
        What the form calls it, and its English.
    also
        What people call it.
    outside
        Whether the form itself has no such row.
    """

    key: str
    name: str
    name_en: str
    also: tuple[str, ...] = ()
    outside: bool = False


@dataclass(frozen=True)
class FormLayout:
    """What the file says.

    Attributes
    ----------
    source
        Which form it is.
    suppressed_high
        The most that ``?`` stands for.
    rounded_to
        To what counts of people are rounded before they are published.
    group_columns, gemeente_columns, row_columns, year_columns, totals
        What columns and rows of names, kinds, years and sums are called.
    groups, woningtypes, rows
        Of both tables, in the form's order.
    words
        Around the tables.
    """

    source: str
    suppressed_high: float = field(metadata={"must_be": NOT_NEGATIVE})
    rounded_to: float = field(metadata={"must_be": NOT_NEGATIVE})
    suppressed_source: str
    group_columns: tuple[str, ...]
    gemeente_columns: tuple[str, ...]
    row_columns: tuple[str, ...]
    year_columns: tuple[str, ...]
    totals: tuple[str, ...]
    groups: tuple[Named, ...] = field(metadata={"key": "group", "unique": "key"})
    woningtypes: tuple[Named, ...] = field(metadata={"key": "woningtype", "unique": "key"})
    rows: tuple[Named, ...] = field(metadata={"key": "row", "unique": "key"})
    words: tuple[Named, ...] = field(metadata={"key": "word", "unique": "key"})


@cache
def read_form_layout(path: Path = PATH) -> FormLayout:
    """Read what the form looks like.

    Parameters
    ----------
    path
        A TOML file; the form that ships by default.

    Returns
    -------
    FormLayout
        Wholly checked.

    Raises
    ------
    StudyError
        When the file is not as it should be.

    Examples
    --------
    >>> layout = read_form_layout()
    >>> sum(not group.outside for group in layout.groups), [g.key for g in layout.groups if g.outside]
    (14, ['ouderen'])
    """
    return read_document(read_toml(path), FormLayout, where=path.name)


def spellings(names: Sequence[Named]) -> dict[str, tuple[str, ...]]:
    """Give every spelling that is known of rows or columns.

    Parameters
    ----------
    names
        Of a layout.

    Returns
    -------
    dict
        By key all its names.

    Examples
    --------
    >>> spellings(read_form_layout().rows)["to_add"][:2]
    ('Toe te voegen', 'To add')
    """
    return {one.key: (one.name, one.name_en, *one.also) for one in names}
