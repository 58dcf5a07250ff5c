"""An OSM file reduced, by libosmium, to a short text that holds only what is asked for.

Looking at objects one by one in Python costs more than libosmium needs for the whole file. So
libosmium filters on keys, joins coordinates to ways and writes what is left as OPL, its line format
(``w7 Thighway=path Nn1x5.9y52.5,n2x5.9y52.6``), all in C++ while it decodes; only those lines come
back. The text goes through a temporary folder, because pyosmium writes to files alone.
"""

from __future__ import annotations

import ctypes
import re
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np

from geowoonzorg._jit import kernel
from geowoonzorg.errors import FormatError, OutputError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from types import TracebackType

    from numpy.typing import NDArray
    from osmium.osm import osm_entity_bits

    from geowoonzorg.progress import Progress

_BLOCK_BYTES: Final = 1 << 25
_PULSE_SECONDS: Final = 0.25
#: Tags of some objects in every corner of a country, few enough to look at in Python.
_WATCHED: Final = (("highway", "service"), ("highway", "crossing"), ("amenity", "restaurant"))
#: From this size a location index that grows in place (half the peak) is worth its slow start.
_LARGE_FILE_BYTES: Final = 1 << 27
_REMEMBERED: Final = 1 << 18
_ESCAPE: Final = re.compile("%([0-9a-f]{1,6})%")
#: Degrees to the whole numbers in which OSM stores coordinates.
_FIXED: Final = 10_000_000
_NOWHERE: Final = -(2**31)
_MINUS, _POINT, _ZERO, _NINE, _N, _X, _Y = b"-.09nxy"


@dataclass(frozen=True)
class Keys:
    """The keys, one of which a node, way or relation must carry to be read."""

    node: frozenset[str]
    way: frozenset[str]
    relation: frozenset[str]


class _Pulse:
    """Sees a part of the objects, so that the user hears of progress and can cancel."""

    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        self.due = 0.0

    def _tell(self, fraction: float, message: str) -> None:
        now = time.monotonic()
        if now >= self.due:
            self.due = now + _PULSE_SECONDS
            self.progress(fraction, message)

    def node(self, _node: object) -> None:
        self._tell(0.1, "reading OSM nodes")

    def way(self, _way: object) -> None:
        self._tell(0.6, "reading OSM ways")

    def relation(self, _relation: object) -> None:
        self._tell(0.9, "reading OSM relations")


class OsmText:
    """The lines of an OSM file that carry certain keys; a context manager.

    Parameters
    ----------
    path
        An OSM file that exists.
    keys
        What is read; nothing is read of a kind without keys.
    timestamps
        Whether lines tell when objects were last edited.
    """

    def __init__(self, path: Path, keys: Keys, *, timestamps: bool) -> None:
        from osmium import index, io

        self.path = path
        self.keys = keys
        self._file = io.File(str(path.resolve()))  # absolute, so never an URL or standard input
        self._metadata = "timestamp" if timestamps else "none"
        lean = "sparse_mmap_array"  # not on every system
        large = path.stat().st_size > _LARGE_FILE_BYTES and lean in index.map_types()
        self._places = index.create_map(lean if large else "sparse_mem_array")
        try:
            self._folder = tempfile.TemporaryDirectory(prefix="geowoonzorg-")
        except OSError as error:
            msg = f"no temporary folder can be made ({error}); free some disk space or set TMPDIR"
            raise OutputError(msg) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._folder.cleanup()

    def lines(self, progress: Progress) -> Iterator[list[str]]:
        """Read the file once and give the lines of nodes, ways and relations, in blocks."""
        from osmium import NodeLocationsForWays, osm
        from osmium import filter as keep

        locations = NodeLocationsForWays(self._places)
        locations.ignore_errors()
        bits = {"node": osm.NODE, "way": osm.WAY, "relation": osm.RELATION}
        filters: dict[str, Any] = {}
        for kind, bit in bits.items():
            # A key that no object carries, where nothing of a kind is asked for.
            filters[kind] = keep.KeyFilter(*sorted(getattr(self.keys, kind)) or [""])
            filters[kind].enable_for(bit)
        # Ways are thinned out before their nodes are looked up, nodes after they are stored.
        chain = [filters["way"], locations, filters["node"], filters["relation"]]
        return self._write("all.opl", osm.NODE | osm.WAY | osm.RELATION, chain, progress)

    def member_lines(self, way_ids: Collection[int], progress: Progress) -> Iterator[list[str]]:
        """Give the lines of certain ways whatever their keys; only after ``lines``."""
        from osmium import NodeLocationsForWays, osm
        from osmium import filter as keep

        locations = NodeLocationsForWays(self._places)
        locations.ignore_errors()
        members = keep.IdFilter(sorted(way_ids))
        return self._write("members.opl", osm.WAY, [members, locations], progress)

    def _write(
        self, name: str, entities: osm_entity_bits, chain: list[Any], progress: Progress
    ) -> Iterator[list[str]]:
        import osmium

        target = Path(self._folder.name) / name
        form = f"opl,add_metadata={self._metadata},locations_on_ways=true"
        watched = osmium.filter.TagFilter(*_WATCHED)
        writer = None
        try:
            writer = osmium.SimpleWriter(osmium.io.File(str(target), form))
            with osmium.io.Reader(self._file, entities) as reader:
                osmium.apply(reader, *chain, writer, watched, _Pulse(progress))
            writer.close()
        except osmium.InvalidLocationError as error:
            _abandon(writer)
            msg = (
                f"{self.path}: a way runs through a node outside longitude ±180 or latitude ±90; "
                "fetch the file again, or check that it is not in another coordinate system"
            )
            raise FormatError(msg) from error
        except (RuntimeError, ValueError, MemoryError) as error:
            _abandon(writer)
            if writer is None or "writ" in str(error).lower():
                msg = (
                    f"temporary folder {target.parent}: {error}; free some disk space or set TMPDIR"
                )
                raise OutputError(msg) from error
            msg = f"{self.path} cannot be read as OSM data ({error}); fetch or export it again"
            raise FormatError(msg) from error
        return _blocks(target)


def _abandon(writer: object) -> None:
    """Keep a writer that failed alive for good.

    Its C++ destructor tries to write once more, and that exception, thrown from a destructor, would
    end the whole process.
    """
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(writer))


def _blocks(path: Path) -> Iterator[list[str]]:
    with path.open("r", encoding="utf-8", errors="replace", newline="\n") as file:
        while lines := file.readlines(_BLOCK_BYTES):
            yield lines


class TagTable(dict[str, "tuple[str, str] | None"]):
    """Turns ``key=value`` as OPL writes it into a pair, and None where the key does not matter.

    Pairs are kept, so that each distinct one is decoded once and shared by all its objects; of what
    does not matter a limited number is, for there may be millions.
    """

    def __init__(self, keys: Collection[str]) -> None:
        super().__init__()
        self.keys_wanted = frozenset(keys)

    def __missing__(self, text: str) -> tuple[str, str] | None:
        key, _, value = text.partition("=")
        if "%" in key:
            key = unescape(key)
        if key not in self.keys_wanted:
            if len(self) < _REMEMBERED:
                self[text] = None
            return None
        pair = self[text] = (key, unescape(value) if "%" in value else value)
        return pair

    def pairs(self, tags: str) -> tuple[tuple[str, str], ...]:
        """Give the pairs that matter of a line's tags (without their leading ``T``)."""
        return tuple([pair for text in tags.split(",") if (pair := self[text]) is not None])


def unescape(text: str) -> str:
    """Undo OPL's ``%20%`` for characters that have a meaning in the format."""
    return _ESCAPE.sub(_character, text)


def _character(found: re.Match[str]) -> str:
    code = int(found[1], 16)
    return chr(code) if code <= sys.maxunicode else "\ufffd"


@kernel
def _number(text: NDArray[np.uint8], i: int, decimals: int) -> tuple[int, int]:
    """Read the number at ``text[i:]``, times ``10 ** decimals``; also give where it ends."""
    sign = 1
    if i < text.size and text[i] == _MINUS:
        sign = -1
        i += 1
    value = 0
    left = -1  # decimals still to come; -1 before the point
    while i < text.size and (text[i] == _POINT or _ZERO <= text[i] <= _NINE):
        if text[i] == _POINT:
            left = decimals
        else:
            value = value * 10 + (text[i] - _ZERO)
            left -= left > 0
        i += 1
    return sign * value * 10 ** (decimals if left < 0 else left), i


@kernel
def _scan(
    text: NDArray[np.uint8],
    ids: NDArray[np.int64],
    lon: NDArray[np.int64],
    lat: NDArray[np.int64],
) -> None:
    """Read ``n1x5.9y52.5,n2xy``: ids, and coordinates in 1e-7 degrees where there are any."""
    row = -1
    i = 0
    while i < text.size:
        letter = text[i]
        i += 1
        if letter == _N:
            row += 1
            ids[row], i = _number(text, i, 0)
        elif letter in (_X, _Y):
            value, end = _number(text, i, 7)
            if end > i and letter == _X:
                lon[row] = value
            elif end > i:
                lat[row] = value
            i = end


@dataclass(frozen=True)
class Refs:
    """The nodes along a number of ways, one way after the other.

    Attributes
    ----------
    start
        int64 (n_ways + 1,): where each way's nodes begin.
    node_id
        int64 (n,): OSM node ids.
    lonlat
        float64 (n, 2): degrees; NaN where the file does not hold the node.
    """

    start: NDArray[np.int64]
    node_id: NDArray[np.int64]
    lonlat: NDArray[np.float64]


def parse_refs(sections: Sequence[str]) -> Refs:
    """Read the node lists of ways (``n1x5.9y52.5,n2x5.9y52.6``, without the leading ``N``)."""
    sizes = [section.count(",") + 1 if section else 0 for section in sections]
    start = np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)]).astype(np.int64)
    n = int(start[-1])
    text = np.frombuffer(",".join(s for s in sections if s).encode("ascii"), dtype=np.uint8)
    ids = np.zeros(n, np.int64)
    fixed = np.full((2, n), _NOWHERE, np.int64)
    _scan(text, ids, fixed[0], fixed[1])
    lonlat = np.where(fixed == _NOWHERE, np.nan, fixed / _FIXED).T
    return Refs(start, ids, np.ascontiguousarray(lonlat))


def join_refs(parts: Sequence[Refs]) -> Refs:
    """Put the nodes of several blocks of ways one after the other."""
    sizes = [np.diff(part.start) for part in parts]
    start = np.concatenate([[0], np.cumsum(np.concatenate([*sizes, np.empty(0, np.int64)]))])
    return Refs(
        start.astype(np.int64),
        np.concatenate([*(p.node_id for p in parts), np.empty(0, np.int64)]),
        np.concatenate([*(p.lonlat for p in parts), np.empty((0, 2))]),
    )
