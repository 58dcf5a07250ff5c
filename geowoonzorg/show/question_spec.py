"""What the page of each question shows, from ``knowledge/question_pages.toml``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from geowoonzorg.files import read_toml
from geowoonzorg.knowledge import read_document

if TYPE_CHECKING:
    from collections.abc import Mapping

_FILE: Final = Path(__file__).parents[1] / "knowledge" / "question_pages.toml"


@dataclass(frozen=True)
class DrawnLayer:
    """A layer on the map: a table or a grid, how it looks, and what is told of each place.

    Attributes
    ----------
    look
        ``numbered`` (a sign with the column ``number``), ``facility`` (the sign of its class), ``change`` (coloured
        by the column ``change``), ``homes`` (as large as the column ``number``), ``score`` (a grid).
    table, grid
        The name of the one or of the other.
    name
        The column that a place is called by.
    number
        The column of the sign.
    tell
        The columns that are told.
    """

    look: Literal["numbered", "facility", "change", "homes", "score"]
    table: str = ""
    grid: str = ""
    name: str = "id"
    number: str = ""
    tell: tuple[str, ...] = ()


@dataclass(frozen=True)
class ShownTable:
    """A table below the map; no columns for all that it has."""

    table: str
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class QuestionPage:
    """The page of one question."""

    layers: tuple[DrawnLayer, ...]
    tables: tuple[ShownTable, ...]


@cache
def question_pages() -> Mapping[str, QuestionPage]:
    """Read the pages of all questions.

    Returns
    -------
    mapping
        By question.

    Examples
    --------
    >>> [layer.look for layer in question_pages()["search"].layers]
    ['score', 'numbered']
    """
    document = read_toml(_FILE)
    return {
        name: read_document(content, QuestionPage, where=f"{_FILE.name}: {name}")
        for name, content in document.items()
    }
