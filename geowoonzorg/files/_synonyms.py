"""What people call the columns and classes of their own tables."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping  # noqa: TC003 - the reader looks at the annotations
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from typing import TYPE_CHECKING

from geowoonzorg.files._toml import read_toml
from geowoonzorg.knowledge import read_document

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Synonyms:
    """Meaning → what people write for it, in order of preference; see ``knowledge/synonyms.toml``."""

    columns: Mapping[str, tuple[str, ...]]
    classes: Mapping[str, tuple[str, ...]]


@cache
def read_synonyms() -> Synonyms:
    """Read what people call columns and classes, from ``knowledge/synonyms.toml``.

    Returns
    -------
    Synonyms
        Of columns and of classes; the same object every time.

    Raises
    ------
    StudyError
        When the file is not as it should be, which is a fault of the installation.

    Examples
    --------
    >>> read_synonyms().columns["lon"][:2]
    ('lon', 'longitude')
    """
    with as_file(files("geowoonzorg") / "knowledge" / "synonyms.toml") as path:
        return read_document(read_toml(path), Synonyms, where=path.name)


def column_for(table: pd.DataFrame, meaning: str) -> str | None:
    """Find the column of a user's table that holds something, by what people call it.

    Parameters
    ----------
    table
        Any table.
    meaning
        A key of ``columns`` in the synonyms: ``"x"``, ``"lon"``, ``"name"``, ``"postcode"``, …

    Returns
    -------
    str or None
        The column's name as the table has it. Capitals, accents, spaces and hyphens do not matter.

    Raises
    ------
    KeyError
        When the synonyms know no such meaning: a mistake of ours.

    Examples
    --------
    >>> import pandas as pd
    >>> column_for(pd.DataFrame(columns=["X-coördinaat", "Y-coördinaat"]), "x")
    'X-coördinaat'
    """
    known = {plain_header(str(c)): str(c) for c in reversed(list(table.columns))}
    names = map(plain_header, read_synonyms().columns[meaning])
    return next((known[name] for name in names if name in known), None)


def plain_header(name: str) -> str:
    """Bring a header into one form: small letters, no accents, ``_`` for spaces and hyphens.

    Parameters
    ----------
    name
        A header as a file has it.

    Returns
    -------
    str
        The form that headers are compared in.

    Examples
    --------
    >>> plain_header(" HUISNUMMER-TOEVOEGING ")
    'huisnummer_toevoeging'
    """
    bare = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    return re.sub(r"[\s_-]+", "_", bare.strip().lower())
