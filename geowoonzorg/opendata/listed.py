"""Lists of places that are no facilities: housing with care, plans, buildings; one reader, described in data."""

from __future__ import annotations

import re
from collections.abc import Mapping  # noqa: TC003 - the reader looks at the annotations
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import as_file, files
from typing import TYPE_CHECKING, Literal

import geopandas as gpd
import numpy as np
import pandas as pd

from geowoonzorg.errors import (
    DuplicateIdError,
    FormatError,
    InputError,
    MissingColumnError,
    StudyError,
    first_ids,
)
from geowoonzorg.files import (
    TABLE_SUFFIXES,
    column_for,
    plain_header,
    read_places,
    read_table,
    read_toml,
    split_layer,
)
from geowoonzorg.knowledge import read_document
from geowoonzorg.messages import tell
from geowoonzorg.opendata.figures import parse_cells
from geowoonzorg.opendata.sources import Column
from geowoonzorg.opendata.telling import join_told

if TYPE_CHECKING:
    from pathlib import Path

    from pyproj import CRS

_YEARS = (1000, 2200)
#: A period of a plan behind what its header begins with: "2020-2024", "2027", "2030+".
_PERIOD = r"_?(?P<first>(?:19|20)\d\d)(?:\D{1,3}(?P<last>(?:19|20)\d\d)|(?P<open>\+|_e\.?v\.?|_en_(?:verder|later)))?"


@dataclass(frozen=True)
class _ListColumn:
    """A column of a list: what people call it and what is in it."""

    names: tuple[str, ...]
    kind: Literal["text", "count", "net", "share", "number", "year"]
    needed: bool = False
    periods: str = ""


@dataclass(frozen=True)
class _List:
    """A kind of list."""

    title: str
    columns: Mapping[str, _ListColumn]
    one_of: tuple[str, ...] = ()
    fewer: str = ""
    unique: str = ""
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Lists:
    """The file of lists."""

    lists: Mapping[str, _List] = field(metadata={"key": "list"})


@cache
def _read_lists() -> Mapping[str, _List]:
    with as_file(files("geowoonzorg") / "knowledge" / "listed.toml") as path:
        return read_document(read_toml(path), _Lists, where=path.name).lists


def read_listed(
    path: str | Path,
    kind: str,
    *,
    columns: Mapping[str, str] | None = None,
    crs: str | CRS = "EPSG:28992",
) -> pd.DataFrame:
    """Read a list of housing with care, of plans or of buildings.

    Parameters
    ----------
    path
        A vector layer, or a table with or without coordinates.
    kind
        ``"woonvorm"`` (naam, gemeente, postcode, eenheden, type, eigendom, wlz_aandeel), ``"plan"`` (homes,
        status, year) or ``"pand"`` (function, floor area in m2, year of construction).
    columns
        Our name → the list's column, where it is not known by its name.
    crs
        The metric CRS of the result, where it has places.

    Returns
    -------
    pandas.DataFrame
        A geopandas.GeoDataFrame where the list has places. Under our names what ``knowledge/listed.toml``
        describes, each NaN where unknown: ``homes`` (float64), ``wlz_share`` (0-1), ``floor_m2``, ``year``
        (Int64); every other column as it was. Of plans ``homes``, ``homes_hard``, ``homes_soft`` and
        ``homes_unsaid`` are net: less than 0 where more is torn down than built, and never added to each other;
        ``homes_fewer`` is what the figures under 0 take away in all. ``attrs["notes"]`` says what was taken for
        what, and what was left out: buildings that are not there yet or not any more.

    Raises
    ------
    StudyError
        When the kind, or a name in ``columns``, is unknown.
    MissingColumnError
        When a column that is needed, or one that is named, is not there.
    FormatError
        When a cell that should be a number is none, or a share is over 1.
    DuplicateIdError
        When a building stands in the list twice.
    InputError, GeometryError, CrsError, SourceError
        As `geowoonzorg.files.read_places` and `geowoonzorg.files.read_table`.

    Examples
    --------
    >>> read_listed("woonvormen.csv", "flat")
    Traceback (most recent call last):
    geowoonzorg.errors.StudyError: lists of 'flat' are not known; known are woonvorm, plan, pand
    """
    known = _read_lists()
    if kind not in known:
        raise StudyError(
            "lists of {kind!r} are not known; known are {known}", kind=kind, known=", ".join(known)
        )
    about, named = known[kind], dict(columns or {})
    if strange := sorted(set(named) - set(about.columns)):
        raise StudyError(
            "{names}: no {n:column|columns} of a list of {kind}; known are {known}",
            names=", ".join(strange),
            n=len(strange),
            kind=kind,
            known=", ".join(about.columns),
        )
    table, where = _read_any(path, crs), str(path)
    told: list[str] = []
    made: dict[str, pd.Series] = {}
    used: dict[str, None] = {}
    all_found = {name: _find(table, named.get(name), c, where) for name, c in about.columns.items()}
    _check_needed(all_found, about, table, where)
    for name, column in about.columns.items():
        found = all_found[name]
        if not found:
            made[name] = pd.Series(np.nan, index=table.index, dtype=_dtype(column.kind))
            continue
        made[name] = _values(table, found, column.kind, where)
        used |= dict.fromkeys(found)
        told.append(tell("{meaning} from {column}", meaning=name, column=", ".join(found)))
    if about.fewer:
        net = [c for name, of in about.columns.items() if of.kind == "net" for c in all_found[name]]
        made[about.fewer] = _fewer(table, net, where)
    rest = table.drop(columns=[c for c in table.columns if str(c) in used or c in made])
    frame = rest.assign(**made)[[*made, *rest.columns]]
    notes: list[str] = [
        tell("{where}: columns read as {columns}", where=where, columns=join_told(told))
    ]
    frame = _leave_out(frame, about, where, notes)
    if about.unique and len(
        twice := frame[about.unique][frame[about.unique].duplicated()].dropna()
    ):
        raise DuplicateIdError(
            "{where}: ids that occur more than once: {ids}; make them unique",
            where=where,
            ids=first_ids(twice.unique()),
        )
    frame.attrs["notes"] = notes
    return frame


def _read_any(path: str | Path, crs: str | CRS) -> pd.DataFrame:
    """Read places, or a plain table where it has no coordinates."""
    suffix = split_layer(path)[0].suffix.lower()
    if suffix in TABLE_SUFFIXES - {".gpkg", ".json"}:
        table = read_table(path, role="list")
        placed = (("x", "y"), ("lon", "lat"))
        if not any(column_for(table, one) and column_for(table, other) for one, other in placed):
            return table
    return read_places(path, role="list", crs=crs)


def _find(table: pd.DataFrame, named: str | None, column: _ListColumn, where: str) -> list[str]:
    """Find the column of a meaning, or all that are added up for it."""
    plain = {plain_header(str(c)): str(c) for c in reversed(list(table.columns)) if c != "geometry"}
    if named is not None:
        if plain_header(named) not in plain:
            raise MissingColumnError(
                "{path} has no column {column!r}; it has {names}",
                path=where,
                column=named,
                names=", ".join(map(str, table.columns[:10])),
            )
        return [plain[plain_header(named)]]
    one = next((plain[p] for n in column.names if (p := plain_header(n)) in plain), None)
    if one is not None:
        return [one]
    return _periods(plain, column.periods) if column.periods else []


def _periods(plain: Mapping[str, str], start: str) -> list[str]:
    """Find the columns of a plan's periods; a year within a longer period is not counted twice."""
    spans: dict[str, tuple[int, int]] = {}
    for header, column in plain.items():
        if match := re.fullmatch(f"(?:{start}){_PERIOD}", header):
            first = int(match["first"])
            spans[column] = first, _YEARS[1] if match["open"] else int(match["last"] or first)
    return [
        column
        for column, (first, last) in reversed(spans.items())
        if not any(a <= first and last <= b and (a, b) != (first, last) for a, b in spans.values())
    ]


def _check_needed(
    found: Mapping[str, list[str]], about: _List, table: pd.DataFrame, where: str
) -> None:
    """Refuse a list without what makes it one."""
    for name, column in about.columns.items():
        alone = column.needed and not found[name]
        if alone or (name in about.one_of and not any(found[one] for one in about.one_of)):
            raise MissingColumnError(
                "{where} has no column with {name} ({names}); name it: columns = {{{name} = …}}; it has "
                "{columns}",
                where=where,
                name=name,
                names=", ".join(column.names[:4]),
                columns=", ".join(map(str, table.columns[:10])),
            )


def _fewer(table: pd.DataFrame, found: list[str], where: str) -> pd.Series[float]:
    """Add up how many homes the figures under 0 take away; NaN where there is no figure at all."""
    parts = [
        _numbers(table[c], "net", tell("{where}, column {column}", where=where, column=c))
        for c in found
    ]
    return (
        pd.concat([-part.clip(upper=0.0) for part in parts], axis=1).sum(axis=1, min_count=1) + 0.0
    )


def _dtype(kind: str) -> str:
    return {"text": "str", "year": "Int64"}.get(kind, "float64")


def _values(table: pd.DataFrame, found: list[str], kind: str, where: str) -> pd.Series:
    if kind == "text":
        cells = table[found[0]].astype("str").str.strip()
        return cells.mask(table[found[0]].isna() | (cells == ""))
    parts = [
        _numbers(table[c], kind, tell("{where}, column {column}", where=where, column=c))
        for c in found
    ]
    if kind == "year":
        return parts[0]
    # Of homes per period an empty cell is none in that period; a plan without any is unknown.
    return pd.concat(parts, axis=1).sum(axis=1, min_count=1)


def _numbers(cells: pd.Series, kind: str, at: str) -> pd.Series:
    """Read a column of numbers; a sign of per cents in the cells makes shares of them."""
    per_cent = 1.0
    if kind == "share" and not pd.api.types.is_numeric_dtype(cells):
        text = cells.astype("str").str.strip()
        if text.str.endswith("%").any():
            per_cent = 0.01
        cells = text.str.removesuffix("%").str.strip().mask(cells.isna())
    counted = kind in {"count", "net"}
    about = Column(
        name=kind, kind="count" if counted else "number", unit="", direction=0, nl=kind, en=kind,
        source="indicator", read_from={}, signed=kind == "net",
    )  # fmt: skip
    if kind == "year":
        years = cells.astype("str").str.extract(r"^\s*(\d{4})")[0].astype("float64")
        wrong = cells.notna() & ~years.between(*_YEARS)
        if wrong.any():
            raise FormatError(
                "{where}: years that are none: {ids}; write them as 2030",
                where=at,
                ids=first_ids(sorted(set(cells[wrong].astype("str")))),
            )
        return years.astype("Int64")
    numbers, _ = parse_cells(cells, about, at)
    numbers = numbers * per_cent
    if kind == "share" and (numbers > 1).any():
        raise InputError(
            "{where}: shares over 1: {ids}; write per cents with their sign, or shares from 0 to 1",
            where=at,
            ids=first_ids(cells[numbers > 1]),
        )
    return numbers


def _leave_out(frame: pd.DataFrame, about: _List, where: str, notes: list[str]) -> pd.DataFrame:
    if not about.left_out or "status" not in frame:
        return frame
    gone = frame["status"].str.casefold().isin([s.casefold() for s in about.left_out])
    if gone.any():
        notes.append(
            tell(
                "{where}: {n} {n:row|rows} left out that {n:is|are} not there yet or not any more: {ids}",
                where=where,
                n=int(gone.sum()),
                ids=first_ids(sorted(set(frame["status"][gone]))),
            )
        )
    kept = frame[~gone]
    return gpd.GeoDataFrame(kept) if isinstance(frame, gpd.GeoDataFrame) else kept
