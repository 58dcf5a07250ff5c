"""Whose data it is: every input with its year, licence and bytes, as one line and as its parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from geowoonzorg.knowledge import said
from geowoonzorg.opendata.sources import read_catalogue
from geowoonzorg.show.cells import plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geowoonzorg.show.texts import Texts


@dataclass(frozen=True)
class Source:
    """One input: what it is, of which year, under which licence, from which bytes.

    What is ``drawn`` on the map is credited on the map itself; ``line`` says it all in one phrase.
    """

    role: str
    title: str
    year: str
    licence: str
    file: str
    hash: str
    citation: str
    drawn: bool
    line: str


def list_sources(provenance: Mapping[str, Any], *, texts: Texts) -> tuple[Source, ...]:
    """List the inputs with whose they are.

    Parameters
    ----------
    provenance
        With ``inputs``: role, title, file, sha256, year or date, licence and citation of each.
    texts
        The screen texts of one language.

    Returns
    -------
    tuple of Source
        In the order given; empty where nothing is known.

    Examples
    --------
    >>> from geowoonzorg.show.texts import read_texts
    >>> one = {"role": "network", "title": "OpenStreetMap", "date": "2025-01-30", "licence": "ODbL 1.0"}
    >>> list_sources({"inputs": [one]}, texts=read_texts("en"))[0].line
    'OpenStreetMap, 30 January 2025, ODbL 1.0'
    """
    return tuple(_source(item, texts) for item in provenance.get("inputs", ()))


def _source(item: Mapping[str, Any], texts: Texts) -> Source:
    title, file = _title(item, texts), plain(item.get("file"))
    year, licence = plain(item.get("year")), plain(item.get("licence"))
    dated = texts("about.year", year=year) if year else texts("about.no_year")
    dated, year = (texts.date(item["date"]),) * 2 if item.get("date") else (dated, year)
    # Somebody's own file has a name; a publication has a year and a licence, or the lack is said.
    said = (
        f"{title}, {dated}, {licence}" if licence else f"{title} {file}{f', {year}' * bool(year)}"
    )
    return Source(
        role=texts.get("roles", str(item.get("role", ""))),
        title=title or file,
        year=year,
        licence=licence,
        file=file,
        hash=plain(item.get("sha256")),
        citation=plain(item.get("citation")),
        drawn=item.get("role") == "network",
        line=said.strip(),
    )


def _title(item: Mapping[str, Any], texts: Texts) -> str:
    """Name a publication in the reader's language; what is not in the catalogue is somebody's own."""
    title = str(item.get("title") or "")
    entry = next((one for one in read_catalogue().sources.values() if one.title == title), None)
    return plain(said(entry, "title", texts.code)) if entry else texts.get("origin", title)


def dates_line(sources: Sequence[Source], *, texts: Texts) -> str:
    """Say of when every source is, and of which that is not known.

    Parameters
    ----------
    sources
        As `list_sources` gives them.
    texts
        The screen texts of one language.

    Returns
    -------
    str
        Each source once; empty where there is none.

    Examples
    --------
    >>> from geowoonzorg.show.texts import read_texts
    >>> nl, role = read_texts("nl"), {"role": "network"}
    >>> inputs = [{**role, "title": "OpenStreetMap", "date": "2025-01-30"}, {"role": "raster", "file": "geluid.tif"}]
    >>> dates_line(list_sources({"inputs": inputs}, texts=nl), texts=nl)
    'OpenStreetMap 30 januari 2025; datum onbekend: geluid.tif'
    """
    # Somebody's own file is known by its name; a publication by its title.
    named = {(one.title if one.licence or not one.file else one.file): one.year for one in sources}
    said = ["; ".join(f"{name} {year}" for name, year in named.items() if year)]
    if undated := [name for name, year in named.items() if not year]:
        said.append(texts("about.no_date", sources=", ".join(undated)))
    return "; ".join(filter(None, said))
