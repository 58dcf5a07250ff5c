"""The catalogue of open data: who publishes what, where it is, and what its columns mean."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from importlib.resources import as_file, files
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pandas as pd

from geowoonzorg.errors import StudyError
from geowoonzorg.files import read_toml

if TYPE_CHECKING:
    from collections.abc import Mapping

# Which formats of a column's `from` belong to which kind of file.
AREA_FORMATS = ("gpkg", "old", "kwb", "odata", "odata4", "nabijheid")
LEEFBAAROMETER_FORMATS = ("lbm", "lbm2")
SQUARE_FORMATS = ("squares",)


@dataclass(frozen=True)
class Source:
    """A publication of open data."""

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
    title_en: str | None = None

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
            msg = f"source {self.key} has no address {kind!r}, or {error} was not given for it"
            raise StudyError(msg) from error


@dataclass(frozen=True)
class Reading:
    """One way to get an internal column: a source column, scaled or divided."""

    format: str
    name: str
    scale: float = 1.0
    per: str | None = None


@dataclass(frozen=True)
class Column:
    """An internal column: its meaning and where it is read from, in order of preference."""

    name: str
    kind: str
    unit: str
    direction: int
    nl: str
    en: str
    source: str
    readings: tuple[Reading, ...]
    stands_in: bool = False
    signed: bool = False
    facility_class: str | None = None


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


def _readings(entry: Mapping[str, Any]) -> tuple[Reading, ...]:
    readings = []
    for format_, names in entry["from"].items():
        for one in names if isinstance(names, list) else [names]:
            given = {"name": one} if isinstance(one, str) else one
            readings.append(Reading(format=format_, **given))
    return tuple(readings)


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
        When the catalogue is not valid TOML, which is a fault of the installation.

    Examples
    --------
    >>> catalogue = read_catalogue()
    >>> catalogue.columns["wmo_per_1000"].unit
    'clients per 1,000 inhabitants'
    >>> catalogue.missing["-99997"], catalogue.reasons["secret"]["nl"]
    ('secret', 'geheim of niet aanwezig')
    """
    with as_file(files("geowoonzorg") / "knowledge" / "sources.toml") as path:
        document = read_toml(path)
    tuples = ("years", "levels", "formats", "code", "name", "kind", "year", "water")

    def frozen(entry: Mapping[str, Any]) -> dict[str, Any]:
        return {k: tuple(v) if k in tuples else v for k, v in entry.items()}

    columns = {
        entry["name"]: Column(
            **{k: v for k, v in entry.items() if k != "from"}, readings=_readings(entry)
        )
        for entry in document["column"]
    }
    return Catalogue(
        sources={s["key"]: Source(**frozen(s)) for s in document["source"]},
        columns=columns,
        keys=tuple(Key(**frozen(k)) for k in document["key"]),
        missing={value: m["reason"] for m in document["missing"] for value in m["values"]},
        reasons={m["reason"]: {"nl": m["nl"], "en": m["en"]} for m in document["missing"]},
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
