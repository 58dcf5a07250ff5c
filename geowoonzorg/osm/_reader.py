"""A PBF file → the nodes, ways and relations that carry certain keys, as arrays.

The blocks are read from the last to the first. So relations are known before the ways they are made
of, and ways before the nodes along them: one pass is enough, and of all other nodes nothing is kept.
That holds for files in the usual order: nodes, ways, relations, each by id, each once. A file in any other
order is read again, now that is known what is looked for, and of an object that stands in it more than
once the highest version counts, of equal versions the last in the file that carries a key asked for:
Overpass's `out body; >; out skel` tells of many nodes twice, then without tags, and never a version. Where
a node along a way lies, any of equal versions tells; the last is taken.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from geowoonzorg.errors import FormatError, GeowoonzorgError
from geowoonzorg.osm._objects import Keys, Nodes, Objects, Refs, Tags
from geowoonzorg.osm._pbf import Block, RefusedError, read_blocks
from geowoonzorg.osm._varints import (
    ASKED,
    COPIED,
    DENSE,
    EDITED,
    MANY_GROUPS,
    MANY_OBJECTS,
    MOST_VERSION,
    NO_PLACE,
    NODE,
    RELATION,
    VERSION,
    VISIBLE,
    WAY,
    find_keys,
    read_dense_tags,
    read_field,
    read_fields,
    read_numbers,
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
_RANK: Final = {"nodes": 0, "ways": 1, "relations": 2}
_KIND_OF: Final = {"nodes": NODE, "ways": WAY, "relations": RELATION}
_KINDS: Final = "nwr"
# The fields of dense nodes, and of their info.
_IDS, _INFO, _LATS, _LONS, _TAGS = 1, 5, 8, 9, 10
_FIELDS: Final = 11
# The columns of what `read_objects` gives of each object.
_ID, _EDITED, _TAG_END, _REF_END, _VERSION, _GONE, _OWN_END = range(7)
_COLUMNS: Final = 7
_LATEST: Final = 1 << 32
_NONE: Final = np.empty(0, np.int64)
# Real files take ten bytes or more for an object with tags, and for each of its tags and nodes one or more.
_LEAST_OBJECTS, _OBJECT_BYTES = 500_000, 4
_LEAST_ITEMS, _ITEMS_PER_BYTE = 2_000_000, 2
#: How often the nodes of all ways may be put in order, in a file where ways and nodes alternate.
_MOST_SORTED: Final = 200


def read_pbf(
    path: Path,
    keys: Keys,
    member_ways: Callable[[Objects], Iterable[int]],
    progress: Progress,
    *,
    source: Path,
) -> tuple[Objects, Objects, Objects, dict[str, int]]:
    """Read the objects of a PBF file that carry certain keys, with the places of the nodes along them.

    Parameters
    ----------
    path
        A PBF file that exists; where it is not in the usual order, it is read two or three times.
    keys
        What is read.
    member_ways
        Gives the ways that some of the relations found are made of, to be read whatever their keys.
    progress
        Hears how far the work is, and may cancel it.
    source
        The file that errors name, by whose size is judged how much may come out of it.

    Returns
    -------
    nodes, ways, relations : Objects
        What was found, each once.
    doubles : dict
        How many nodes, ways and relations of those that are needed stand in the file more than once.

    Raises
    ------
    FormatError
        When the file is truncated or broken, holds a NUL, history or far more than its size, is packed
        otherwise than by zlib, or a node that is needed lies off the globe.
    """
    size = source.stat().st_size
    reader = _Reader(keys, member_ways, size)
    try:
        with path.open("rb") as file:
            for share, block in read_blocks(file, reader.look, size):
                progress(share, f"reading OSM {reader.read(block)}")
            while reader.unsure:
                reader = _Reader(keys, member_ways, size, reader.known())
                for _, block in read_blocks(file, reader.look, size):
                    progress(1.0, f"reading OSM {reader.read(block)} again")
        return reader.found()
    except RefusedError as error:
        msg = f"{source} {error}"
        raise FormatError(msg) from error
    except _OffTheGlobeError as error:
        raise off_the_globe(source) from error
    except GeowoonzorgError:
        raise
    except (IndexError, OverflowError, ValueError, zlib.error) as error:
        if str(error) in {MANY_GROUPS, MANY_OBJECTS}:
            msg = f"{source} is refused: it holds {error}; fetch it again from where you trust it"
        else:
            msg = f"{source} is truncated or not a PBF file ({error}); fetch or export it again"
        raise FormatError(msg) from error


def off_the_globe(source: Path) -> FormatError:
    """Make the error of a file whose coordinates are no longitudes and latitudes."""
    return FormatError(
        f"{source}: a node that is needed lies outside longitude ±180 or latitude ±90; fetch the file "
        "again, or check that it is not in another coordinate system"
    )


class _OffTheGlobeError(ValueError):
    """A coordinate is no longitude or latitude."""


class _Place(NamedTuple):
    """Nodes: where they are, as the block counts it, and their versions, where these are asked for."""

    id: NDArray[np.int64]
    lon: NDArray[np.int64]
    lat: NDArray[np.int64]
    version: NDArray[np.int64]


@dataclass(frozen=True)
class _Part:
    """What one run of a block holds: see `geowoonzorg.osm._varints.read_objects`."""

    head: NDArray[np.int64]
    pair: NDArray[np.int64]
    ref: NDArray[np.int64]
    kind: NDArray[np.int64]
    fixed: NDArray[np.int64]  # lon, lat: of nodes, and of nodes along ways where ways tell it


@dataclass(frozen=True)
class _Known:
    """What a file that is read again is searched for, whatever its keys; ids ascending, each once."""

    wanted: dict[str, NDArray[np.int64]]
    node_id: NDArray[np.int64]  # along the ways

    @property
    def n(self) -> int:
        return len(self.node_id) + sum(map(len, self.wanted.values()))


@dataclass(frozen=True)
class _Seen:
    """A block, which key each of its texts is, and of its runs of dense nodes what they hold, by start."""

    block: Block
    key_of: NDArray[np.int32]
    use: dict[int, NDArray[np.uint8]]  # of each text as key, by kind of object
    dense: dict[int, tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], _Place]]


class _Reader:
    """Goes through blocks, the last one first, and keeps what is asked for.

    ``known`` is what a former reader of the same file found, None where there was none. ``unsure`` says
    that the file must be read again with what this one found.
    """

    def __init__(
        self,
        keys: Keys,
        member_ways: Callable[[Objects], Iterable[int]],
        size: int,
        known: _Known | None = None,
    ) -> None:
        self._known = known
        self._wanted = known.wanted if known else dict.fromkeys(_RANK, _NONE)
        self._members = self._wanted["ways"]
        self._in_order = True
        self._before = (len(_RANK), 0)  # rank of kind and first id of the run read last
        self._most_objects = max(_LEAST_OBJECTS, size // _OBJECT_BYTES)
        self._most_items = max(_LEAST_ITEMS, size * _ITEMS_PER_BYTE)
        self._n_objects = self._n_items = self._n_sorted = 0
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
        self._parts: dict[str, list[_Part]] = {name: [] for name in _RANK}
        self._texts: list[str] = []
        self._text_number: dict[bytes, int] = {}
        self._node_id = _NONE  # along the ways, ascending
        self._fixed = np.empty((0, 2), np.int64)
        # Of each node along the ways, in a file that is read again: its version, and how often it stands there.
        self._version = self._times = _NONE
        self._unplaced: list[NDArray[np.int64]] = [known.node_id] if known else []

    @property
    def unsure(self) -> bool:
        """Whether the file must be read again: out of order, and something new was found."""
        if self._known is None:
            return not self._in_order
        return self.known().n > self._known.n

    def known(self) -> _Known:
        """Give what the file is to be searched for when it is read again."""
        self._widen()
        wanted = {
            name: np.unique(np.concatenate([_NONE, *(part.head[:, _ID] for part in parts)]))
            for name, parts in self._parts.items()
        }
        wanted["ways"] = np.union1d(wanted["ways"], self._members)
        return _Known(wanted, self._node_id)

    def look(self, block: Block) -> _Seen:
        """Read of a block what does not depend on others; changes nothing, so that threads may do it."""
        key_of = find_keys(block.data, block.texts, self._spelled, self._key_start)
        kinds = block.runs[:, 0].tolist()
        use = {kind: self._use[kind][key_of] for kind in set(kinds)}
        dense = {
            start: self._read_dense(block.data, start, end, use[DENSE])
            for kind, start, end in block.runs.tolist()
            if kind == DENSE
        }
        return _Seen(block, key_of, use, dense)

    def read(self, seen: _Seen) -> str:
        """Read a block; says what it holds."""
        block = seen.block
        name = "file"
        for kind, start, end in reversed(block.runs.tolist()):
            name = _NAMES[kind]
            member_kind, fixed = _NONE, _NO_PART.fixed
            if kind == DENSE:
                head, tag, ref, place = seen.dense[start]
            else:
                wanted = self._members if kind == WAY else self._wanted[name]
                views = read_objects(
                    block.data, start, end, kind, seen.use[kind], wanted, self._most_objects
                )
                head, tag, ref, member_kind, *own, ids, nodes = (view.copy() for view in views)
                place = _Place(ids, *nodes.T)
                fixed = _of_refs(head, _to_fixed(block, *own))
            self._check_order(name, place.id)
            self._count(len(head), len(tag) + len(ref))
            edited = head[:, _EDITED] * block.date_granularity // 1000
            head[:, _EDITED] = np.where((edited > 0) & (edited < _LATEST), edited, 0)
            if kind == WAY:
                self._unplaced.append(ref)
            elif kind in {NODE, DENSE}:
                self._place(block, place)
                fixed = _to_fixed(block, place.lon[ref], place.lat[ref])
                ref = place.id[ref]
            part = _Part(head, self._pairs(seen, tag), ref, member_kind, fixed)
            self._parts[name].append(part)
            if kind == RELATION:
                ways = np.array(list(self.member_ways(self._join(name, [part])[0])), np.int64)
                self._members = np.union1d(self._members, ways)
        return name

    def found(self) -> tuple[Objects, Objects, Objects, dict[str, int]]:
        """Give all nodes, ways and relations that were read, and how many of them stand there twice."""
        self._widen()
        joined = {name: self._join(name, parts) for name, parts in self._parts.items()}
        twice = {name: double for name, (_, double) in joined.items()}
        if self._known:
            twice["nodes"] = np.union1d(twice["nodes"], self._node_id[self._times > 1])
        nodes, ways, relations = (objects for objects, _ in joined.values())
        return nodes, ways, relations, {name: len(ids) for name, ids in twice.items()}

    def _check_order(self, name: str, ids: NDArray[np.int64]) -> None:
        """Note whether the objects of a run stand by id, and before those of the run read last."""
        if len(ids):
            rank = _RANK[name]
            self._in_order &= (rank, int(ids[-1])) < self._before
            self._in_order &= not np.any(ids[1:] <= ids[:-1])
            self._before = rank, int(ids[0])

    def _count(self, n_objects: int, n_items: int) -> None:
        """Refuse a file that holds more of what is kept than one of its size can."""
        self._n_objects += n_objects
        self._n_items += n_items
        if self._n_objects > self._most_objects or self._n_items > self._most_items:
            raise ValueError(MANY_OBJECTS)

    def _pairs(self, seen: _Seen, tag: NDArray[np.int64]) -> NDArray[np.int64]:
        """Give tags the numbers of their keys and texts, which are the same in all blocks."""
        block = seen.block
        if len(tag) < len(block.texts) >> 4:
            used, row = np.unique(tag[:, 1], return_inverse=True)
        else:
            number = np.zeros(len(block.texts), np.int64)
            number[tag[:, 1]] = 1
            used = np.flatnonzero(number)
            number[used] = np.arange(len(used))
            row = number[tag[:, 1]]
        said = [block.data[a:b] for a, b in block.texts[used].tolist()]
        for text in said:
            if text not in self._text_number:
                self._text_number[text] = len(self._texts)
                self._texts.append(text.decode("utf-8", "replace"))
        of_text = np.array([self._text_number[text] for text in said], np.int64)
        return seen.key_of[tag[:, 0]].astype(np.int64) << 32 | of_text[row]

    def _widen(self) -> None:
        """Make room for the nodes of the ways read since the last call."""
        if self._unplaced:
            node_id = np.sort(np.concatenate([self._node_id, *self._unplaced]))
            self._n_sorted += len(node_id)
            if self._n_sorted > _MOST_SORTED * self._most_items:
                raise RefusedError(
                    "has its nodes and ways in turns; sort it first (osmium sort IN -o OUT)"
                )
            first = np.ones(len(node_id), bool)
            first[1:] = node_id[1:] != node_id[:-1]
            node_id = node_id[first]
            old = np.searchsorted(node_id, self._node_id)
            fixed = np.full((len(node_id), 2), _NOWHERE, np.int64)
            fixed[old] = self._fixed
            if self._known:
                version, times = np.full(len(node_id), -1), np.zeros(len(node_id), np.int64)
                version[old], times[old] = self._version, self._times
                self._version, self._times = version, times
            self._node_id, self._fixed = node_id, fixed
            self._unplaced.clear()

    def _place(self, block: Block, place: _Place) -> None:
        """Note where the nodes along ways are."""
        self._widen()
        if self._known:
            order = np.lexsort((place.version, place.id))  # the newest last, of equals the last
            place = _Place(*(column[order] for column in place))
        elif not self._in_order:
            return  # the file is read again
        if not len(place.id):
            return
        first = np.searchsorted(self._node_id, place.id[0])
        last = np.searchsorted(self._node_id, place.id[-1], side="right")
        wanted = self._node_id[first:last]
        at = np.searchsorted(place.id, wanted, side="right") - 1
        there = np.flatnonzero(place.id[at] == wanted)
        if self._known:
            begin = np.searchsorted(place.id, wanted)
            self._times[first + there] += (at + 1 - begin)[there]
            # What was read before stands later in the file.
            there = there[place.version[at[there]] > self._version[first + there]]
            self._version[first + there] = place.version[at[there]]
        row = at[there]
        self._fixed[first + there] = _to_fixed(block, place.lon[row], place.lat[row])

    def _join(self, what: str, parts: list[_Part]) -> tuple[Objects, NDArray[np.int64]]:
        """Put the parts in the order of the file, each object once; also the ids of those that were not."""
        parts = [_NO_PART, *reversed(parts)]
        head = np.concatenate([part.head for part in parts])
        pair = np.concatenate([part.pair for part in parts])
        ref = np.concatenate([part.ref for part in parts])
        n_tags, n_refs = (
            np.concatenate([np.diff(part.head[:, c], prepend=0) for part in parts])
            for c in (_TAG_END, _REF_END)
        )
        if n_tags.sum() != len(pair) or n_refs.sum() != len(ref):
            raise ValueError("tags or nodes of no object")
        kind, fixed = _NONE, _NO_PART.fixed
        if what == "relations":
            kind = np.concatenate([part.kind for part in parts])
        elif what == "nodes" or any(len(part.fixed) for part in parts):
            fixed = np.concatenate(
                [part.fixed if len(part.fixed) else _nowhere(part) for part in parts]
            )
        keep = head[:, _GONE] == 0
        double = _NONE
        if self._known:
            asked = self._use[_KIND_OF[what]][pair >> 32] & ASKED > 0
            says = np.bincount(np.repeat(np.arange(len(head)), n_tags)[asked], minlength=len(head))
            newest, double = _newest(head, (says > 0) | (head[:, _GONE] != 0))
            keep &= newest
        if not keep.all():
            of_kept = np.repeat(keep, n_refs)
            pair, ref = pair[np.repeat(keep, n_tags)], ref[of_kept]
            kind, fixed = (of[of_kept] if len(of) else of for of in (kind, fixed))
            head, n_tags, n_refs = head[keep], n_tags[keep], n_refs[keep]
        start = np.concatenate([[0], n_refs.cumsum()])
        tag_start = np.concatenate([[0], n_tags.cumsum()])
        tags = Tags(tag_start, pair, self.keys, self._texts)
        members: list[list[str]] = []
        if what == "relations":
            names = [f"{_KINDS[k]}{i}" for k, i in zip(kind.tolist(), ref.tolist(), strict=True)]
            members = [names[a:b] for a, b in pairwise(start.tolist())]
            refs = Refs(np.zeros(len(head) + 1, np.int64), _NONE, Nodes(_NONE, np.empty((0, 2))))
        elif what == "ways":
            row = np.searchsorted(self._node_id, ref)
            if len(fixed):
                # Ways may tell where their nodes are; those need not be in the file then.
                lost = (self._fixed[row] == _NOWHERE).all(axis=1) & (fixed != _NOWHERE).any(axis=1)
                self._fixed[row[lost]] = fixed[lost]
            refs = Refs(start, row, Nodes(self._node_id, _to_lonlat(self._fixed)))
        else:
            refs = Refs(start, np.arange(len(ref)), Nodes(ref, _to_lonlat(fixed)))
        return Objects(head[:, _ID], head[:, _EDITED], tags, refs, members), double

    def _read_dense(
        self, data: bytes, start: int, end: int, use: NDArray[np.uint8]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], _Place]:
        """Read a run of dense nodes into the arrays that `read_objects` gives for plain nodes."""
        _, _, start, end = read_field(data, start, end)
        number, span = np.zeros((_FIELDS, 2), np.int64), np.zeros((_FIELDS, 2), np.int64)
        read_fields(data, start, end, _INFO, number, span)
        ids, lon, lat = (read_sums(data, *span[f]) for f in (_IDS, _LONS, _LATS))
        n = len(ids)
        if len(lon) < n or len(lat) < n:
            raise ValueError("a node without a place")
        a, b = span[_TAGS]
        row, tag_start, tags = read_dense_tags(data, a, b, n, use, self._most_objects)
        if self._known:
            found = np.flatnonzero(np.isin(ids, self._wanted["nodes"]))
            every = np.union1d(row, found)
            n_tags = np.zeros(len(every), np.int64)
            n_tags[np.searchsorted(every, row)] = np.diff(tag_start)
            row, tag_start = every, np.concatenate([[0], n_tags.cumsum()])
        head = np.zeros((len(row), _COLUMNS), np.int64)
        head[:, _ID] = ids[row]
        head[:, _TAG_END] = tag_start[1:]
        head[:, _REF_END] = np.arange(1, len(row) + 1)
        a, b = span[_INFO]
        read_fields(data, a, b, 0, number, span)
        if len(row):
            head[:, _EDITED] = _at_least(n, read_sums(data, *span[EDITED]), 0)[row]
        version = np.zeros(n, np.int64)
        if self._known:
            version = _at_least(n, read_numbers(data, *span[VERSION]), 0)
            if np.any((version < -1) | (version > MOST_VERSION)):
                raise ValueError("a version that is none")
            version = np.maximum(version, 0)
            head[:, _VERSION] = version[row]
        if span[VISIBLE, 1]:
            gone = _at_least(n, read_numbers(data, *span[VISIBLE]), 1) == 0
            head[:, _GONE] = gone[row]
            lon, lat = np.where(gone, NO_PLACE, lon[:n]), np.where(gone, NO_PLACE, lat[:n])
        return head, tags, row, _Place(ids, lon[:n], lat[:n], version)


def _nowhere(part: _Part) -> NDArray[np.int64]:
    return np.full((len(part.ref), 2), _NOWHERE, np.int64)


def _of_refs(head: NDArray[np.int64], fixed: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give each node of ways the place that its way tells; none where no way tells any."""
    if not len(fixed):
        return fixed
    n_own, n_refs = (np.diff(head[:, c], prepend=0) for c in (_OWN_END, _REF_END))
    every = np.full((n_refs.sum(), 2), _NOWHERE, np.int64)
    every[np.repeat(n_own > 0, n_refs)] = fixed
    return every


def _newest(
    head: NDArray[np.int64], says: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Tell of each object whether it counts, and which are not alone.

    The highest version counts; of equal versions the last that ``says`` something, else the last.
    """
    order = np.lexsort((says, head[:, _VERSION], head[:, _ID]))
    ids = head[order, _ID]
    last = np.ones(len(ids), bool)
    last[:-1] = ids[1:] != ids[:-1]
    newest = np.zeros(len(ids), bool)
    newest[order[last]] = True
    return newest, np.unique(ids[~last])


def _at_least(n: int, numbers: NDArray[np.int64], rest: int) -> NDArray[np.int64]:
    """Give n numbers, where a list is shorter than the nodes it tells of."""
    short = n - len(numbers)
    return numbers[:n] if short <= 0 else np.concatenate([numbers, np.full(short, rest)])


_NO_PART: Final = _Part(
    np.empty((0, _COLUMNS), np.int64), _NONE, _NONE, _NONE, np.empty((0, 2), np.int64)
)


def _to_fixed(block: Block, lon: NDArray[np.int64], lat: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give longitude and latitude in 1e-7 degrees, rounded towards zero as libosmium does."""
    fixed = np.column_stack([lon, lat])
    if block.granularity != _NANO or block.lon_offset or block.lat_offset:
        nano = fixed * block.granularity + np.array([block.lon_offset, block.lat_offset])
        fixed = np.sign(nano) * (np.abs(nano) // _NANO)
    fixed[lon == NO_PLACE] = _NOWHERE
    return fixed


def _to_lonlat(fixed: NDArray[np.int64]) -> NDArray[np.float64]:
    lon, lat = fixed.T
    nowhere = (lon == _NOWHERE) & (lat == _NOWHERE)
    off = (lon > _MOST_LON) | (lon < -_MOST_LON) | (lat > _MOST_LAT) | (lat < -_MOST_LAT)
    if np.any(off & ~nowhere):
        raise _OffTheGlobeError
    lonlat = fixed / _FIXED
    lonlat[nowhere] = np.nan
    return lonlat
