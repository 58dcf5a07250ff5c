"""What every column of a region's tables is made of, so that a cell can be traced without reading code."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - its types are read when a document is
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files

from geowoonzorg.files import read_toml
from geowoonzorg.knowledge import read_document


@dataclass(frozen=True)
class ColumnKnowledge:
    """What ``knowledge/region/columns.toml`` says: per table what each column is made of."""

    aantallen: Mapping[str, str]
    spreiding: Mapping[str, str]
    verdeelsleutels: Mapping[str, str]
    per_groep: Mapping[str, str]
    mengsels: Mapping[str, str]
    opgenomen: Mapping[str, str]
    behoefte: Mapping[str, str]
    aanbod: Mapping[str, str]
    plannen: Mapping[str, str]
    opgave: Mapping[str, str]
    sociale_huur: Mapping[str, str]
    samenhang: Mapping[str, str]
    enquete: Mapping[str, str]
    hulpmiddel: Mapping[str, str]
    past_het: Mapping[str, str]
    maps: Mapping[str, str]


@cache
def read_column_knowledge() -> ColumnKnowledge:
    """Read what every column is made of.

    Returns
    -------
    ColumnKnowledge
        ``row`` where a column tells which row it is, ``source`` where the row's own source names the cells, what
        starts with ``=`` in arithmetic over columns of the row, all else in words.

    Examples
    --------
    >>> read_column_knowledge().spreiding["per_1000"]
    '= persons / base * 1000'
    """
    with as_file(files("geowoonzorg") / "knowledge" / "region" / "columns.toml") as path:
        return read_document(read_toml(path), ColumnKnowledge, where=path.name)
