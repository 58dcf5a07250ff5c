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

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from geowoonzorg.messages import tell
from geowoonzorg.osm._coordinates import to_fixed
from geowoonzorg.osm._joining import join_parts
from geowoonzorg.osm._kernels import (
    ASKED,
    COPIED,
    DENSE,
    MANY_OBJECTS,
    NODE,
    RELATION,
    WAY,
    find_keys,
    read_objects,
)
from geowoonzorg.osm._node_places import NodePlaces
from geowoonzorg.osm._pbf import Block, read_blocks
from geowoonzorg.osm._refusing import refusing
from geowoonzorg.osm._runs import (
    EDITED_AT,
    ID_AT,
    NO_PART,
    NONE,
    Located,
    Part,
    places_of_refs,
    read_dense,
)
from geowoonzorg.progress import part

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from geowoonzorg.messages import Message
    from geowoonzorg.osm._objects import Keys, Objects
    from geowoonzorg.progress import Progress

_READING: Final = {
    "file": tell("reading OSM file"),
    "nodes": tell("reading OSM nodes"),
    "ways": tell("reading OSM ways"),
    "relations": tell("reading OSM relations"),
}
_READING_AGAIN: Final = {
    "file": tell("reading OSM file again"),
    "nodes": tell("reading OSM nodes again"),
    "ways": tell("reading OSM ways again"),
    "relations": tell("reading OSM relations again"),
}
_NAMES: Final = {NODE: "nodes", DENSE: "nodes", WAY: "ways", RELATION: "relations"}
_RANK: Final = {"nodes": 0, "ways": 1, "relations": 2}
_KIND_OF: Final = {"nodes": NODE, "ways": WAY, "relations": RELATION}
_LATEST: Final = 1 << 32
# Real files take ten bytes or more for an object with tags, and for each of its tags and nodes one or more.
_LEAST_OBJECTS, _OBJECT_BYTES = 500_000, 4
_LEAST_ITEMS, _ITEMS_PER_BYTE = 2_000_000, 2


def read_pbf(
    files: Sequence[tuple[Path, Path]],
    keys: Keys,
    member_ways: Callable[[Objects], Iterable[int]],
    progress: Progress,
) -> tuple[Objects, Objects, Objects, dict[str, int]]:
    """Read the objects of PBF files that carry certain keys, with the places of the nodes along them.

    Parameters
    ----------
    files
        PBF files that exist, each with the file that errors name and by whose size is judged how much may come
        out of it. One that is not in the usual order is read two or three times, and so are several: they are
        read as if they were one in which an object may stand more than once.
    keys
        What is read.
    member_ways
        Gives the ways that some of the relations found are made of, to be read whatever their keys.
    progress
        Hears how far the work is, and may cancel it.

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
    size = sum(source.stat().st_size for _, source in files)
    # Several files are never in one order, so that they are read twice.
    half = 1.0 if len(files) == 1 else 0.5
    step = part(progress, 0.0, half)
    with refusing(files[0][1]):
        reader = _Reader(keys, member_ways, size)
        _read_all(files, reader, step, _READING)
        while reader.unsure:
            step = part(progress, half, 1.0)
            half = 1.0
            reader = _Reader(keys, member_ways, size, reader.known())
            _read_all(files, reader, step, _READING_AGAIN)
        return reader.found()


def _read_all(
    files: Sequence[tuple[Path, Path]],
    reader: _Reader,
    progress: Progress,
    doing: Mapping[str, Message],
) -> None:
    """Read files, the last one first, as the blocks of each are."""
    for number, (path, source) in enumerate(reversed(files)):
        step = part(progress, number / len(files), (number + 1) / len(files))
        with refusing(source), path.open("rb") as file:
            for share, block in read_blocks(file, reader.look, source.stat().st_size):
                step(share, doing[reader.read(block)])


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
    dense: dict[int, tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], Located]]


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
        self._wanted = known.wanted if known else dict.fromkeys(_RANK, NONE)
        self._members = self._wanted["ways"]
        self._in_order = True
        self._before = (len(_RANK), 0)  # rank of kind and first id of the run read last
        self._most_objects = max(_LEAST_OBJECTS, size // _OBJECT_BYTES)
        self._most_items = max(_LEAST_ITEMS, size * _ITEMS_PER_BYTE)
        self._n_objects = self._n_items = 0
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
        self._parts: dict[str, list[Part]] = {name: [] for name in _RANK}
        self._texts: list[str] = []
        self._text_number: dict[bytes, int] = {}
        self._places = NodePlaces(self._most_items, known.node_id if known else None)

    @property
    def unsure(self) -> bool:
        """Whether the file must be read again: out of order, and something new was found."""
        if self._known is None:
            return not self._in_order
        return self.known().n > self._known.n

    def known(self) -> _Known:
        """Give what the file is to be searched for when it is read again."""
        self._places.widen()
        wanted = {
            name: _each_once([NONE, *(part.head[:, ID_AT] for part in parts)])
            for name, parts in self._parts.items()
        }
        wanted["ways"] = _each_once([wanted["ways"], self._members])
        return _Known(wanted, self._places.id)

    def look(self, block: Block) -> _Seen:
        """Read of a block what does not depend on others; changes nothing, so that threads may do it."""
        key_of = find_keys(block.data, block.texts, self._spelled, self._key_start)
        kinds = block.runs[:, 0].tolist()
        use = {kind: self._use[kind][key_of] for kind in set(kinds)}
        wanted = self._wanted["nodes"] if self._known else None
        dense = {
            start: read_dense(
                block.data, start, end, use[DENSE], most=self._most_objects, wanted=wanted
            )
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
            member_kind, fixed = NONE, NO_PART.fixed
            if kind == DENSE:
                head, tag, ref, place = seen.dense[start]
            else:
                wanted = self._members if kind == WAY else self._wanted[name]
                views = read_objects(
                    block.data, start, end, kind, seen.use[kind], wanted, self._most_objects
                )
                head, tag, ref, member_kind, *own, ids, nodes = (view.copy() for view in views)
                place = Located(ids, *nodes.T)
                fixed = places_of_refs(head, to_fixed(block, *own))
            self._check_order(name, place.id)
            self._count(len(head), len(tag) + len(ref))
            edited = head[:, EDITED_AT] * block.date_granularity // 1000
            head[:, EDITED_AT] = np.where((edited > 0) & (edited < _LATEST), edited, 0)
            if kind == WAY:
                self._places.add(ref)
            elif kind in {NODE, DENSE}:
                self._places.widen()
                if self._known or self._in_order:  # else the file is read again
                    self._places.place(block, place)
                fixed = to_fixed(block, place.lon[ref], place.lat[ref])
                ref = place.id[ref]
            run = Part(head, self._pairs(seen, tag), ref, member_kind, fixed)
            self._parts[name].append(run)
            if kind == RELATION:
                ways = np.array(list(self.member_ways(self._join(name, [run])[0])), np.int64)
                self._members = np.union1d(self._members, ways)
        return name

    def found(self) -> tuple[Objects, Objects, Objects, dict[str, int]]:
        """Give all nodes, ways and relations that were read, and how many of them stand there twice."""
        self._places.widen()
        joined = {name: self._join(name, parts) for name, parts in self._parts.items()}
        twice = {name: double for name, (_, double) in joined.items()}
        if self._known:
            twice["nodes"] = np.union1d(twice["nodes"], self._places.id[self._places.times > 1])
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

    def _join(self, what: str, parts: list[Part]) -> tuple[Objects, NDArray[np.int64]]:
        """Put parts in order, each object once; also the ids of those that were not."""
        asked = self._use[_KIND_OF[what]] & ASKED > 0 if self._known else None
        return join_parts(
            what, parts, places=self._places, keys=self.keys, texts=self._texts, asked=asked
        )


def _each_once(ids: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    """Put ids in order, each once: of millions that are nearly in order twenty times as fast as `numpy.unique`."""
    every = np.sort(np.concatenate(ids), kind="stable")
    first = np.ones(len(every), bool)
    first[1:] = every[1:] != every[:-1]
    return every[first]
