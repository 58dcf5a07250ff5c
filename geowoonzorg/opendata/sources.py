"""The catalogue of open data: who publishes what, where it is, and what its columns mean."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - the reader looks at the annotations
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from importlib.resources import as_file, files
from typing import TYPE_CHECKING, Final, Literal
from urllib.parse import urlsplit

import pandas as pd

from geowoonzorg.errors import StudyError
from geowoonzorg.files import read_toml
from geowoonzorg.knowledge import Bound, read_document
from geowoonzorg.messages import tell

if TYPE_CHECKING:
    from collections.abc import Iterable

_DIRECTION: Final = Bound(tell("-1, 0 or 1"), lambda value: value in {-1, 0, 1})
# Which formats of a column's `from` belong to which kind of file.
AREA_FORMATS = ("gpkg", "old", "kwb", "odata", "odata4", "nabijheid", "statline", "template")
LEEFBAAROMETER_FORMATS = ("lbm", "lbm2")
SQUARE_FORMATS = ("squares",)


@dataclass(frozen=True)
class Source:
    """A publication of open data.

    Of each of its ``addresses`` ``expects`` names what an answer must hold; ``no_homes`` are the statuses of
    addresses where nobody lives, not yet or no longer.
    """

    key: str
    title: str
    publisher: str
    licence: str
    citation: str
    years: tuple[int, ...]
    levels: tuple[str, ...]
    formats: tuple[str, ...]
    unit: str
    note: str
    addresses: Mapping[str, str] = field(default_factory=dict)
    layers: Mapping[str, str] = field(default_factory=dict)
    tables: Mapping[str, str] = field(default_factory=dict)
    sha256: Mapping[str, str] = field(default_factory=dict)
    expects: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    no_homes: tuple[str, ...] = ()
    title_en: str | None = None
    complete_year: int | None = None

    def address(self, kind: str, **parts: object) -> str:
        """Fill in one of the source's addresses.

        Parameters
        ----------
        kind
            Which address, for instance ``"gpkg"`` or ``"wfs"``.
        **parts
            What stands between braces in it.

        Returns
        -------
        str
            The URL.

        Raises
        ------
        StudyError
            When the source has no such address or a part is missing.

        Examples
        --------
        >>> read_catalogue().sources["leefbaarometer"].address("zip", year=2024)
        'https://www.leefbaarometer.nl/resources/open-data-leefbaarometer-meting-2024.zip'
        """
        try:
            return self.addresses[kind].format(**parts)
        except KeyError as error:
            raise StudyError(
                "source {source} has no address {kind!r}, or {part} was not given for it",
                source=self.key,
                kind=kind,
                part=str(error),
            ) from error


@dataclass(frozen=True)
class Reading:
    """One way to get an internal column: a source column, scaled or divided."""

    format: str
    name: str
    scale: float = 1.0
    per: str | None = None


@dataclass(frozen=True)
class _From:
    """How a file's column becomes ours: by its name alone, or scaled or divided as well."""

    name: str
    scale: float = 1.0
    per: str | None = None


@dataclass(frozen=True)
class Column:
    """An internal column: its meaning and where it is read from, in order of preference."""

    name: str
    kind: Literal["count", "share", "number", "class"]
    unit: str
    direction: int = field(metadata={"must_be": _DIRECTION})
    nl: str
    en: str
    source: str
    read_from: Mapping[str, str | _From | tuple[str | _From, ...]] = field(metadata={"key": "from"})
    stands_in: bool = False
    signed: bool = False
    facility_class: str | None = None
    within_km: float | None = None  # it counts facilities within so far; else it is a distance

    @cached_property
    def readings(self) -> tuple[Reading, ...]:
        """The ways to get it, in order of preference."""
        return tuple(
            Reading(format=name, **(vars(one) if isinstance(one, _From) else {"name": one}))
            for name, several in self.read_from.items()
            for one in (several if isinstance(several, tuple) else (several,))
        )

    def named(self, published: str, *, scale: float = 1.0) -> Column:
        """Give the same column as it is read from a table whose column somebody has named.

        Parameters
        ----------
        published
            What the table calls it.
        scale
            What the table's figures are multiplied by.

        Returns
        -------
        Column
            Read from that and from nothing else.

        Examples
        --------
        >>> read_catalogue().columns["inhabitants"].named("Bevolking").readings
        (Reading(format='own', name='Bevolking', scale=1.0, per=None),)
        """
        return replace(self, read_from={"own": _From(published, scale)})


@dataclass(frozen=True)
class Key:
    """The names a code column can have, for one level of area."""

    level: str
    code: tuple[str, ...]
    name: tuple[str, ...]
    kind: tuple[str, ...] = ()
    year: tuple[str, ...] = ()
    water: tuple[str, ...] = ()


@dataclass(frozen=True)
class Catalogue:
    """Everything `sources.toml` knows."""

    sources: Mapping[str, Source]
    columns: Mapping[str, Column]
    keys: tuple[Key, ...]
    missing: Mapping[str, str]  # what a publisher writes → our reason
    reasons: Mapping[str, Mapping[str, str]]  # our reason → {"nl": …, "en": …}
    dimensions: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = ()  # names, values to take

    @property
    def hosts(self) -> frozenset[str]:
        """The only hosts that anything is fetched from."""
        addresses = (a for s in self.sources.values() for a in s.addresses.values())
        return frozenset(str(urlsplit(address).hostname) for address in addresses)

    def of_formats(self, formats: tuple[str, ...]) -> dict[str, Column]:
        """Take the columns that files of these formats can hold.

        Parameters
        ----------
        formats
            Names as in a column's ``from``, such as `AREA_FORMATS`.

        Returns
        -------
        dict of str to Column
            In the catalogue's order.

        Examples
        --------
        >>> list(read_catalogue().of_formats(SQUARE_FORMATS))
        ['square_inhabitants', 'square_65plus', 'square_dwellings']
        """
        return {
            name: column
            for name, column in self.columns.items()
            if any(reading.format in formats for reading in column.readings)
        }


@dataclass(frozen=True)
class _Missing:
    """What a publisher writes where there is no figure."""

    written: tuple[str, ...] = field(metadata={"key": "values", "blank": True})
    reason: str
    nl: str
    en: str


@dataclass(frozen=True)
class _Dimension:
    """A dimension of tables besides area and year, and which of its values stands for everybody."""

    name: tuple[str, ...]
    take: tuple[str, ...]


@dataclass(frozen=True)
class _Sources:
    """The file of the catalogue."""

    source: tuple[Source, ...] = field(metadata={"unique": "key"})
    missing: tuple[_Missing, ...] = field(metadata={"unique": "reason"})
    key: tuple[Key, ...]
    column: tuple[Column, ...] = field(metadata={"unique": "name"})
    dimension: tuple[_Dimension, ...] = ()


@cache
def read_catalogue() -> Catalogue:
    """Read the catalogue that comes with the package.

    Returns
    -------
    Catalogue
        Sources, internal columns, code columns and the meaning of missing codes; the same object
        every time.

    Raises
    ------
    StudyError
        When the catalogue is not as it should be, which is a fault of the installation.

    Examples
    --------
    >>> catalogue = read_catalogue()
    >>> catalogue.columns["wmo_per_1000"].unit
    'clients per 1,000 inhabitants'
    >>> catalogue.missing["-99997"], catalogue.reasons["secret"]["nl"]
    ('secret', 'geheim of niet aanwezig')
    """
    with as_file(files("geowoonzorg") / "knowledge" / "sources.toml") as path:
        document = read_document(read_toml(path), _Sources, where=path.name)
    return Catalogue(
        sources={source.key: source for source in document.source},
        columns={column.name: column for column in document.column},
        keys=document.key,
        missing={value: m.reason for m in document.missing for value in m.written},
        reasons={m.reason: {"nl": m.nl, "en": m.en} for m in document.missing},
        dimensions=tuple((d.name, d.take) for d in document.dimension),
    )


def reason_label(reason: str, *, lang: str = "nl") -> str:
    """Say a reason in words.

    Parameters
    ----------
    reason
        A reason as the readers give it: ``"secret"``, ``"no_row"``, …; others come back as is.
    lang
        ``"nl"`` or ``"en"``.

    Returns
    -------
    str
        The words.

    Examples
    --------
    >>> reason_label("no_row", lang="en")
    'the source has no row for this area'
    """
    known = read_catalogue().reasons.get(reason)
    return known[lang] if known else reason


def year_runs(years: Iterable[int]) -> str:
    """Write years so that a gap between them shows.

    Parameters
    ----------
    years
        In any order.

    Returns
    -------
    str
        Years that follow each other as first and last, others by themselves.

    Examples
    --------
    >>> year_runs([2020, 2021, 2022, 2023, 2025])
    '2020-2023, 2025'
    """
    runs: list[list[int]] = []
    for year in sorted(set(years)):
        if runs and year == runs[-1][-1] + 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    return ", ".join(f"{r[0]}-{r[-1]}" if len(r) > 1 else str(r[0]) for r in runs)


def list_sources() -> pd.DataFrame:
    """List the sources, one row per address.

    Returns
    -------
    pandas.DataFrame
        ``source, title, publisher, licence, years, levels, unit, kind`` (of the address),
        ``address, note``; sources that only a user can give have an empty address.

    Examples
    --------
    >>> list_sources().query("source == 'bag'")["address"].tolist()
    ['https://service.pdok.nl/lv/bag/wfs/v2_0']
    """
    rows = [
        {
            "source": source.key,
            "title": source.title,
            "publisher": source.publisher,
            "licence": source.licence,
            "years": ", ".join(map(str, source.years)),
            "levels": ", ".join(source.levels),
            "unit": source.unit,
            "kind": kind,
            "address": address,
            "note": source.note,
        }
        for source in read_catalogue().sources.values()
        for kind, address in (source.addresses or {"": ""}).items()
    ]
    return pd.DataFrame(rows)
