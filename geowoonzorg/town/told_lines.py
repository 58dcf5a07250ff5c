"""What the columns of a line layer tell of its streets, judged by the walking profile as ways of OSM are."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping  # noqa: TC003 - the reader looks at the annotations
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import as_file, files
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from geowoonzorg.errors import InputError
from geowoonzorg.files import bring_to, plain_header, read_toml
from geowoonzorg.knowledge import read_document
from geowoonzorg.messages import tell
from geowoonzorg.opendata.pavement import read_measuring
from geowoonzorg.osm import describe_ways
from geowoonzorg.osm.tag_values import read_attribute
from geowoonzorg.walk.network import WalkNetwork

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import geopandas as gpd
    from numpy.typing import NDArray
    from pyproj import CRS

    from geowoonzorg.messages import Message
    from geowoonzorg.osm.profile import WalkProfile

_SHOWN = 5
_KERB = ("kerb", "kerb:height", "wheelchair")


@dataclass(frozen=True)
class Word:
    """A column of words: the OSM key it tells of, its names, OSM's own values and what others write for them."""

    key: str
    names: tuple[str, ...]
    known: tuple[str, ...] = ()
    means: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Number:
    """A column of numbers: the OSM key and attribute it tells of, its names, unit, and between what it can lie."""

    key: str
    attribute: str
    names: tuple[str, ...]
    unit: str
    least: float
    most: float


@dataclass(frozen=True)
class LineColumns:
    """What stands in ``knowledge/line_columns.toml``."""

    words: tuple[Word, ...] = field(metadata={"key": "word", "unique": "key"})
    numbers: tuple[Number, ...] = field(metadata={"key": "number", "unique": "key"})
    highway: str = field(metadata={"key": "line.highway"})
    foot: str = field(metadata={"key": "line.foot"})
    source: str = field(metadata={"key": "line.source"})


class ToldLines(NamedTuple):
    """What is known of the lines of a layer.

    Attributes
    ----------
    reason
        Why each line is closed to the profile, None where it is open, shape (n_lines,).
    ways
        As ``Walkways.way_attributes``, a row for every line.
    notes
        What was not understood.
    """

    reason: NDArray[np.object_]
    ways: pd.DataFrame
    notes: tuple[Message, ...]


@cache
def read_line_columns() -> LineColumns:
    """Read what the columns of a line layer may be called.

    Returns
    -------
    LineColumns
        The same object every time.

    Raises
    ------
    StudyError
        When the file is not as it should be, which is a fault of the installation.

    Examples
    --------
    >>> [one.attribute for one in read_line_columns().numbers]
    ['width_m', 'incline_pct', 'kerb_height_m']
    """
    with as_file(files("geowoonzorg") / "knowledge" / "line_columns.toml") as path:
        return read_document(read_toml(path), LineColumns, where=path.name)


def judge_lines(
    lines: gpd.GeoDataFrame, walker: WalkProfile, *, where: str | Message = "network"
) -> ToldLines | None:
    """Judge the lines of a layer by what its columns tell of them.

    Parameters
    ----------
    lines
        The layer.
    walker
        Who walks.
    where
        The layer, as notes call it.

    Returns
    -------
    ToldLines or None
        None where the layer has no column that tells anything.

    Notes
    -----
    Columns and their values stand in ``knowledge/line_columns.toml``. A layer holds what may be walked, so only what
    a street is like can close it. What is not known of a line stays open, and is taken at the profile's default by
    class in the cautious answer; a line without a class is a way of unknown class. A kerb is one on the line itself.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from geowoonzorg.osm.profile import read_profile
    >>> table = gpd.GeoDataFrame({"wegsoort": ["Voetpad", "pad", "pad"], "breedte": [None, 2.0, 0.6]})
    >>> told = judge_lines(table, read_profile("rollator"))
    >>> told.reason.tolist(), told.ways["cautious"].tolist()
    ([None, None, 'narrow'], [True, False, False])
    """
    known = read_line_columns()
    by_name = {plain_header(str(c)): str(c) for c in reversed(list(lines.columns))}
    columns: dict[str, pd.Series[Any]] = {}
    notes = []
    asked: list[Word | Number] = [*known.words, *known.numbers]
    for one in asked:
        name = next((by_name[n] for n in map(plain_header, one.names) if n in by_name), None)
        if name is None:
            continue
        read = _reader_of_words(one, walker) if isinstance(one, Word) else _reader_of_numbers(one)
        columns[one.key], strange = _read(lines[name], read)
        if strange:
            notes.append(
                tell(
                    "{where}: column {column}: {n} values are not understood and count as unknown: {values}",
                    where=where, column=name, n=sum(strange.values()),
                    values=", ".join(list(strange)[:_SHOWN]),
                )
            )  # fmt: skip
    if not columns:
        return None
    table = pd.DataFrame(columns)
    code = table.fillna("").groupby(list(table.columns), sort=False).ngroup().to_numpy()
    _, first = np.unique(code, return_index=True)
    kinds = [
        _tags(zip(columns, row, strict=True), known)
        for row in table.iloc[first].itertuples(index=False)
    ]
    verdicts, ways = describe_ways(kinds, walker)
    reasons = np.array([verdict.reason for verdict in verdicts], dtype=object)
    for i, tags in enumerate(kinds):
        kerb = {key: tags[key] for key in _KERB if key in tags}
        rule = walker.judge_node(kerb)
        if rule is not None and reasons[i] is None:
            reasons[i] = rule.reason
        if rule is not None or walker.judge_node(kerb, cautious=True) is not None:
            ways.loc[i, "cautious"] = False
    return ToldLines(reasons[code], ways.iloc[code].reset_index(drop=True), tuple(notes))


def network_of_lines(
    lines: gpd.GeoDataFrame, walker: WalkProfile, *, crs: str | CRS, where: Message
) -> WalkNetwork:
    """Build the network of a line layer, with what its columns tell of the streets.

    Parameters
    ----------
    lines
        The layer.
    walker
        Who walks.
    crs
        The metric system to work in.
    where
        The layer, as errors and notes call it.

    Returns
    -------
    WalkNetwork
        Of the lines that are not known to be unfit; ``counts`` tells how many others there were, and why.

    Raises
    ------
    InputError
        When there is no line, or all of them are closed to the profile.
    CrsError, GeometryError
        As `WalkNetwork.from_lines`.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import LineString
    >>> from geowoonzorg.osm.profile import read_profile
    >>> street = LineString([(190_000, 500_000), (190_100, 500_000)])
    >>> layer = gpd.GeoDataFrame({"width_m": [0.5, 2.0]}, geometry=[street, street], crs=28992)
    >>> network_of_lines(layer, read_profile("rollator"), crs="EPSG:28992", where=tell("streets")).counts["lines"]
    {'read': 2, 'without_geometry': 0, 'closed: narrow': 1}
    """
    told = judge_lines(lines, walker, where=where)
    if told is None:
        return replace(
            WalkNetwork.from_lines(lines, crs=crs, where=where), matters=walker.way_matters
        )
    is_open = np.array([reason is None for reason in told.reason], bool)
    if len(lines) and not is_open.any():
        raise InputError(
            "{where}: nothing in it may be walked with the profile {asked}", where=where, asked=walker.name,
        )  # fmt: skip
    ways = told.ways[is_open].reset_index(drop=True)
    net = WalkNetwork.from_lines(lines[is_open], crs=crs, where=where, ways=ways)
    shut = lines.loc[~is_open]
    counts = {**net.counts, "lines": {**net.counts["lines"]}}
    counts["lines"]["read"] += len(shut)
    for reason, n in sorted(Counter(told.reason[~is_open]).items()):
        counts["lines"][f"closed: {reason}"] = n
    if len(shut):
        metres = bring_to(shut, net.crs).length.sum()
        counts["ways"] = {"metres_on_foot_only": round(float(metres))}
    notes = (*net.notes, *told.notes)
    return replace(net, counts=counts, notes=notes, matters=walker.way_matters)


def _tags(row: Iterable[tuple[str, object]], known: LineColumns) -> dict[str, str]:
    """Give what is told of a line as tags; what says that there is none is left out as mappers do."""
    told = {key: value for key, value in row if isinstance(value, str)}
    for key in ("bridge", "tunnel"):
        if told.get(key) == "no":
            del told[key]
    return {"highway": known.highway, **told, "foot": known.foot}


def _read(
    column: pd.Series[Any], read: Callable[[object], str | None]
) -> tuple[pd.Series[Any], Counter[str]]:
    """Read a column, each distinct value once; counts what is not understood."""
    codes, values = pd.factorize(column)  # what is missing gets -1
    found = [read(value) for value in values]
    n = np.bincount(codes[codes >= 0], minlength=len(found))
    strange = Counter({
        str(value): int(k) for value, text, k in zip(values, found, n, strict=True) if text is None
    })  # fmt: skip
    strange.pop("", None)
    told = np.array([*found, None], dtype=object)[codes]
    return pd.Series(told, dtype=object), strange


def _reader_of_words(one: Word, walker: WalkProfile) -> Callable[[object], str | None]:
    """Make what brings a value to OSM's words, None where it is none; of several joined by ; all must be."""
    means = {plain_header(said): word for said, word in one.means.items()}
    if one.key == "surface":
        bgt = read_measuring()
        means |= {
            plain_header(said): word for said, word in {**bgt.surface, **bgt.surface_plus}.items()
        }
    words = {*one.known, *_mentioned(walker, one.key)} - {"*"}
    means |= {plain_header(word): word for word in words}

    def read(value: object) -> str | None:
        if isinstance(value, bool | np.bool_):
            value = "yes" if value else "no"
        told = [means.get(plain_header(part)) for part in str(value).split(";")]
        return None if None in told else ";".join(word for word in told if word is not None)

    return read


def _mentioned(walker: WalkProfile, key: str) -> Iterator[str]:
    """Name the values of a key that a profile knows."""
    if key == "highway":
        yield from walker.highway_open | walker.highway_with_foot
    if key == "surface":
        yield from walker.surface_firm
    rules = [*walker.close, *walker.cut, *walker.cautious_cut]
    for tests in (
        *((r.when, r.unless) for r in rules),
        *((d.when, d.unless) for d in walker.cautious),
    ):
        for test in tests:
            yield from test.get(key, ())


def _reader_of_numbers(one: Number) -> Callable[[object], str | None]:
    """Make what brings a value to OSM's way of writing a number, None where it is none that a street can have."""

    def read(value: object) -> str | None:
        text = f"{value:f}" if isinstance(value, int | float | np.number) else str(value).strip()
        for written in (text, text + one.unit):
            number = read_attribute({one.key: written}, one.attribute)
            if not math.isnan(number):
                return written if one.least <= number <= one.most else None
        return None

    return read
