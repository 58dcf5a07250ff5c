"""Why a figure is missing, what stood in for it, and whose it is: keys of the data in the reader's words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geowoonzorg.knowledge import said
from geowoonzorg.opendata.areas import fallback_label
from geowoonzorg.opendata.sources import read_catalogue
from geowoonzorg.show.cells import is_known, plain

if TYPE_CHECKING:
    from geowoonzorg.show.texts import Texts


def column_label(column: str, *, texts: Texts) -> str:
    """Say what a column of the areas is.

    Parameters
    ----------
    column
        An internal name such as ``lbm_afw``.
    texts
        The screen texts of one language.

    Returns
    -------
    str
        The catalogue's label; that of the map where the column is made and not read.

    Examples
    --------
    >>> from geowoonzorg.show.texts import read_texts
    >>> column_label("lbm_fys", texts=read_texts("nl")), column_label("balans", texts=read_texts("en"))
    ('Leefbaarometer: fysieke omgeving', 'Balance')
    """
    entry = read_catalogue().columns.get(column)
    return str(getattr(entry, texts.code)) if entry else texts.get("indicator", column)


def reason_words(reason: object, *, texts: Texts) -> str:
    """Say why something is unknown.

    Parameters
    ----------
    reason
        A status such as ``island``, a reason of the catalogue such as ``secret``, or a message.
    texts
        The screen texts of one language.

    Returns
    -------
    str
        Words.

    Examples
    --------
    >>> from geowoonzorg.show.texts import read_texts
    >>> reason_words("off_network", texts=read_texts("nl"))
    'geen looproute dichtbij genoeg'
    """
    if not is_known(reason):
        return texts("panel.no_reason")
    key = _key(reason)
    known = read_catalogue().reasons.get(key)
    return known[texts.code] if known else texts.get("status", key)


def _key(cell: object) -> str:
    return cell if isinstance(cell, str) else str(cell)  # str() of a message forgets its template


def _what(gap: Any, texts: Texts) -> str:  # noqa: ANN401 - a row of the gaps
    """Give the key or the words of a gap, these in the reader's language where they are in both."""
    english = getattr(gap, "what_en", "") if texts.code == "en" else ""
    return _key(english if is_known(english) else gap.what)


def gap_reason(gap: Any, *, texts: Texts) -> str:  # noqa: ANN401 - a row of the gaps
    """Say why a figure of an area is missing, what stood in for it, or what to mind, in few words.

    Parameters
    ----------
    gap
        With ``kind`` (``missing``, ``stand_in`` or ``remark``) and ``what``: a reason, the larger area
        or older year, or words, then perhaps with ``what_en``.
    texts
        The screen texts of one language.

    Returns
    -------
    str
        Part of a sentence.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> from geowoonzorg.show.texts import read_texts
    >>> gap = SimpleNamespace(kind="stand_in", what="wijk 2016")
    >>> gap_reason(gap, texts=read_texts("en"))
    'figure of the wijk, of 2016'
    """
    if gap.kind == "stand_in":
        return texts("unknown.stand_in", what=fallback_label(gap.what, lang=texts.code))
    return plain(reason_words(_what(gap, texts), texts=texts), longest=900)


def gap_words(gap: Any, *, texts: Texts) -> str:  # noqa: ANN401 - a row of the gaps
    """Say at a figure of an area that it is missing and why, what stood in for it, or what to mind.

    Parameters
    ----------
    gap
        As for `gap_reason`.
    texts
        The screen texts of one language.

    Returns
    -------
    str
        One sentence.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> from geowoonzorg.show.texts import read_texts
    >>> gap_words(SimpleNamespace(kind="stand_in", what="wijk"), texts=read_texts("nl"))
    'Let op: cijfer van de wijk, want van dit gebied zelf is er geen.'
    """
    if gap.kind == "stand_in":
        return texts("popup.stand_in", what=fallback_label(gap.what, lang=texts.code))
    if gap.kind == "missing":
        return texts("panel.unknown_because", reason=gap_reason(gap, texts=texts))
    return texts("popup.remark", remark=texts.get("status", _what(gap, texts)))


def source_words(source: object, year: object, *, texts: Texts) -> str:
    """Name a source with its year.

    Parameters
    ----------
    source
        A key of the catalogue, or a name.
    year
        A year, or missing.
    texts
        The screen texts of one language.

    Returns
    -------
    str
        For instance ``"Leefbaarometer 3.0, 2022"``; empty when nothing is known.

    Examples
    --------
    >>> from geowoonzorg.show.texts import read_texts
    >>> source_words("osm", 2024.0, texts=read_texts("nl"))
    'OpenStreetMap, 2024'
    """
    entry = read_catalogue().sources.get(str(source))
    name = (
        (said(entry, "title", texts.code) if entry else texts.get("origin", _key(source)))
        if is_known(source)
        else ""
    )
    if not is_known(year):
        return name
    when = str(int(year)) if isinstance(year, int | float) else plain(year)
    return f"{name}, {when}" if name else texts("about.year", year=when)
