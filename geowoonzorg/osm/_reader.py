"""A PBF file → the nodes, ways and relations that carry certain keys, as arrays.

The blocks are read from the last to the first. So relations are known before the ways they are made
of, and ways before the nodes along them: one pass is enough, and of all other nodes nothing is kept.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from geowoonzorg.errors import FormatError, GeowoonzorgError
from geowoonzorg.osm._objects import Keys, Nodes, Objects, Refs, Tags
from geowoonzorg.osm._pbf import Block, NulError, read_blocks
from geowoonzorg.osm._varints import (
    ASKED,
    COPIED,
    DENSE,
    NODE,
    RELATION,
    WAY,
    find_keys,
    read_dense_tags,
    read_field,
    read_fields,
    read_objects,
    read_sums,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from numpy.typing import NDArray

    from geowoonzorg.progress import Progress

#: OSM keeps coordinates as whole numbers of 1e-7 degrees, PBF as nanodegrees.
_FIXED, _NANO = 10_000_000, 100
_NOWHERE: Final = 2**31 - 1
_MOST_LON, _MOST_LAT = 180 * _FIXED, 90 * _FIXED
_NAMES: Final = {NODE: "nodes", DENSE: "nodes", WAY: "ways", RELATION: "relations"}
_KINDS: Final = "nwr"
# The fields of dense nodes, and of their info.
_IDS, _INFO, _LATS, _LONS, _TAGS = 1, 5, 8, 9, 10
_EDITED, _FIELDS = 2, 11
_LATEST: Final = 1 << 32
_NONE: Final = np.empty(0, np.int64)


def read_pbf(
    path: Path,
    keys: Keys,
    member_ways: Callable[[Objects], Iterable[int]],
    progress: Progress,
    *,
    source: Path,
) -> tuple[Objects, Objects, Objects]:
    """Read the objects of a PBF file that carry certain keys, with the places of the nodes along them.

    Parameters
    ----------
    path
        A PBF file that exists, its nodes before its ways; where relations come before their ways, it is
        read twice.
    keys
        What is read.
    member_ways
        Gives the ways that some of the relations found are made of, to be read whatever their keys.
    progress
        Hears how far the work is, and may cancel it.
    source
        The file that errors name.

    Returns
    -------
    nodes, ways, relations : Objects
        What was found.

    Raises
    ------
    FormatError
        When the file is truncated or broken, holds a NUL, or a node that is needed lies off the globe.
    """
    reader = _Reader(keys, member_ways)
    try:
        with path.open("rb") as file:
            for share, block in read_blocks(file, reader.look):
                progress(share, f"reading OSM {reader.read(block)}")
            if reader.late:
                reader = _Reader(keys, member_ways, reader.members)
                for _, block in read_blocks(file, reader.look):
                    progress(1.0, f"reading OSM {reader.read(block)} again")
        return reader.found()
    except NulError as error:
        msg = f"{source} holds a NUL in one of its texts, which no OSM file may; fetch it again"
        raise FormatError(msg) from error
    except _OffTheGlobeError as error:
        raise off_the_globe(source) from error
    except GeowoonzorgError:
        raise
    except (IndexError, OverflowError, ValueError, zlib.error) as error:
        msg = f"{source} is truncated or not a PBF file ({error}); fetch or export it again"
        raise FormatError(msg) from error


def off_the_globe(source: Path) -> FormatError:
    """Make the error of a file whose coordinates are no longitudes and latitudes."""
    return FormatError(
        f"{source}: a node that is needed lies outside longitude ±180 or latitude ±90; fetch the file "
        "again, or check that it is not in another coordinate system"
    )


#: Of the nodes of a group: their ids, longitudes and latitudes, as the block counts them.
Place = tuple["NDArray[np.int64]", ...]


class _OffTheGlobeError(ValueError):
    """A coordinate is no longitude or latitude."""


@dataclass(frozen=True)
class _Part:
    """What one group of a block holds: see `geowoonzorg.osm._varints.read_objects`."""

    head: NDArray[np.int64]
    pair: NDArray[np.int64]
    ref: NDArray[np.int64]
    kind: NDArray[np.int64]
    fixed: NDArray[np.int64]  # of nodes: lon, lat


@dataclass(frozen=True)
class _Seen:
    """A block, which key each of its texts is, and of its groups of dense nodes what they hold, by start."""

    block: Block
    key_of: NDArray[np.int32]
    dense: dict[int, tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], Place]]


class _Reader:
    """Goes through blocks, the last one first, and keeps what is asked for.

    ``members`` are the ways known to be read whatever their keys; ``late`` says that some of them became
    known after other ways were read.
    """

    def __init__(
        self,
        keys: Keys,
        member_ways: Callable[[Objects], Iterable[int]],
        members: NDArray[np.int64] = _NONE,
    ) -> None:
        self.members = members
        self.late = False
        self.member_ways = member_ways
        self.keys = tuple(sorted(keys.matter | keys.node | keys.way | keys.relation))
        spelled = [key.encode() for key in self.keys]
        self._spelled = b"".join(spelled)
        self._key_start = np.cumsum([0, *map(len, spelled)])
        asked = {NODE: keys.node, DENSE: keys.node, WAY: keys.way, RELATION: keys.relation}
        #: What a text is as key of a kind of object, by the number of the key; 0 for the last, no key.
        self._use = {
            kind: np.array([COPIED | ASKED * (k in own) for k in self.keys] + [0], np.uint8)
            for kind, own in asked.items()
        }
        self._parts: dict[str, list[_Part]] = {"nodes": [], "ways": [], "relations": []}
        self._texts: list[str] = []
        self._text_number: dict[bytes, int] = {}
        self._node_id = np.empty(0, np.int64)  # along the ways, ascending
        self._fixed = np.empty((0, 2), np.int64)
        self._unplaced: list[NDArray[np.int64]] = []  # refs of ways that are not in there yet

    def look(self, block: Block) -> _Seen:
        """Read of a block what does not depend on others; changes nothing, so that threads may do it."""
        key_of = find_keys(block.data, block.texts, self._spelled, self._key_start)
        use = self._use[DENSE][key_of]
        dense = {
            start: _read_dense(block.data, start, end, use)
            for start, end in block.groups
            if _kind_of(block, start, end) == DENSE
        }
        return _Seen(block, key_of, dense)

    def read(self, seen: _Seen) -> str:
        """Read a block; says what it holds."""
        block, key_of = seen.block, seen.key_of
        name = "file"
        for start, end in reversed(block.groups):
            kind = _kind_of(block, start, end)
            if kind not in _NAMES:
                continue
            name = _NAMES[kind]
            if kind == DENSE:
                head, tag, ref, place = seen.dense[start]
                member_kind = _NONE
            else:
                use, members = self._use[kind][key_of], self.members if kind == WAY else _NONE
                views = read_objects(block.data, start, end, kind, use, members)
                head, tag, ref, member_kind, nodes = (view.copy() for view in views)
                place = tuple(nodes.T)
            edited = head[:, 1] * block.date_granularity // 1000
            head[:, 1] = np.where((edited > 0) & (edited < _LATEST), edited, 0)
            fixed = _NO_PART.fixed
            if kind == WAY:
                self._unplaced.append(ref)
            elif kind in {NODE, DENSE}:
                self._place(block, place)
                fixed = _to_fixed(block, place, ref)
                ref = place[0][ref]
            part = _Part(head, self._pairs(block, key_of, tag), ref, member_kind, fixed)
            self._parts[name].append(part)
            if kind == RELATION:
                known = len(self.members)
                ways = np.array(list(self.member_ways(self._join(name, [part]))), np.int64)
                self.members = np.union1d(self.members, ways)
                self.late |= bool(self._parts["ways"]) and len(self.members) > known
        return name

    def found(self) -> tuple[Objects, Objects, Objects]:
        """Give all nodes, ways and relations that were read."""
        self._widen()
        nodes, ways, relations = (self._join(*found) for found in self._parts.items())
        return nodes, ways, relations

    def _pairs(
        self, block: Block, key_of: NDArray[np.int32], tag: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """Give tags the numbers of their keys and texts, which are the same in all blocks."""
        number = np.zeros(len(block.texts), np.int64)
        number[tag[:, 1]] = 1
        used = np.flatnonzero(number)
        said = [block.data[a:b] for a, b in block.texts[used].tolist()]
        for text in said:
            if text not in self._text_number:
                self._text_number[text] = len(self._texts)
                self._texts.append(text.decode("utf-8", "replace"))
        number[used] = [self._text_number[text] for text in said]
        return key_of[tag[:, 0]].astype(np.int64) << 32 | number[tag[:, 1]]

    def _widen(self) -> None:
        """Make room for the nodes of the ways read since the last call."""
        if self._unplaced:
            node_id = np.sort(np.concatenate([self._node_id, *self._unplaced]))
            first = np.ones(len(node_id), bool)
            first[1:] = node_id[1:] != node_id[:-1]
            node_id = node_id[first]
            fixed = np.full((len(node_id), 2), _NOWHERE, np.int64)
            fixed[np.searchsorted(node_id, self._node_id)] = self._fixed
            self._node_id, self._fixed = node_id, fixed
            self._unplaced.clear()

    def _place(self, block: Block, place: Place) -> None:
        """Note where the nodes along ways are."""
        self._widen()
        node_id = place[0]
        if np.any(node_id[1:] < node_id[:-1]):
            order = np.argsort(node_id, kind="stable")
            node_id, *_ = place = tuple(column[order] for column in place)
        if not len(node_id):
            return
        first = np.searchsorted(self._node_id, node_id[0])
        last = np.searchsorted(self._node_id, node_id[-1], side="right")
        wanted = self._node_id[first:last]
        at = np.searchsorted(node_id, wanted)
        there = np.flatnonzero(node_id[at] == wanted)
        self._fixed[first + there] = _to_fixed(block, place, at[there])

    def _join(self, what: str, parts: list[_Part]) -> Objects:
        """Put the parts in the order of the file."""
        parts = [_NO_PART, *reversed(parts)]
        head = np.concatenate([part.head for part in parts])
        ref = np.concatenate([part.ref for part in parts])
        tag_start, start = (
            np.concatenate([[0], *(np.diff(part.head[:, c], prepend=0) for part in parts)]).cumsum()
            for c in (2, 3)
        )
        tags = Tags(tag_start, np.concatenate([p.pair for p in parts]), self.keys, self._texts)
        members: list[list[str]] = []
        if what == "relations":
            kinds = np.concatenate([part.kind for part in parts]).tolist()
            names = [f"{_KINDS[k]}{i}" for k, i in zip(kinds, ref.tolist(), strict=True)]
            members = [names[a:b] for a, b in pairwise(start.tolist())]
            refs = Refs(np.zeros(len(head) + 1, np.int64), _NONE, Nodes(_NONE, np.empty((0, 2))))
        elif what == "ways":
            nodes = Nodes(self._node_id, _to_lonlat(self._fixed))
            refs = Refs(start, np.searchsorted(self._node_id, ref), nodes)
        else:
            nodes = Nodes(ref, _to_lonlat(np.concatenate([part.fixed for part in parts])))
            refs = Refs(start, np.arange(len(ref)), nodes)
        return Objects(head[:, 0], head[:, 1], tags, refs, members)


_NO_PART: Final = _Part(np.empty((0, 4), np.int64), _NONE, _NONE, _NONE, np.empty((0, 2), np.int64))


def _kind_of(block: Block, start: int, end: int) -> int:
    """Give the tag of what a group holds, 0 for an empty one."""
    return read_field(block.data, start, end)[0] if start < end else 0


def _read_dense(
    data: bytes, start: int, end: int, use: NDArray[np.uint8]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], Place]:
    """Read a group of dense nodes into the arrays that `read_objects` gives for plain nodes."""
    _, size, stop = read_field(data, start, end)
    if stop != end:
        raise ValueError("a group of objects of different kinds")
    number, span = np.zeros(_FIELDS, np.int64), np.zeros((_FIELDS, 2), np.int64)
    read_fields(data, end - size, end, number, span)
    place = tuple(read_sums(data, span[f, 0], span[f, 1]) for f in (_IDS, _LONS, _LATS))
    if len({len(column) for column in place}) > 1:
        raise ValueError("a node without a place")
    row, tag_start, tags = read_dense_tags(data, span[_TAGS, 0], span[_TAGS, 1], len(place[0]), use)
    head = np.column_stack([place[0][row], row * 0, tag_start[1:], np.arange(1, len(row) + 1)])
    if len(row):
        read_fields(data, span[_INFO, 0], span[_INFO, 1], number, span)
        edited = read_sums(data, span[_EDITED, 0], span[_EDITED, 1])
        if len(edited):
            head[:, 1] = edited[row]
    return head, tags, row, place


def _to_fixed(block: Block, place: Place, row: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give longitude and latitude in 1e-7 degrees, rounded towards zero as libosmium does."""
    _, lon, lat = place
    fixed = np.column_stack([lon[row], lat[row]])
    if block.granularity == _NANO and not (block.lon_offset or block.lat_offset):
        return fixed
    nano = fixed * block.granularity + np.array([block.lon_offset, block.lat_offset])
    return np.sign(nano) * (np.abs(nano) // _NANO)


def _to_lonlat(fixed: NDArray[np.int64]) -> NDArray[np.float64]:
    lon, lat = fixed.T
    nowhere = (lon == _NOWHERE) & (lat == _NOWHERE)
    if np.any(((np.abs(lon) > _MOST_LON) | (np.abs(lat) > _MOST_LAT)) & ~nowhere):
        raise _OffTheGlobeError
    lonlat = fixed / _FIXED
    lonlat[nowhere] = np.nan
    return lonlat
