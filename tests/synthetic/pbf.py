"""A PBF file of millions of nodes and ways, written from arrays block by block."""

from __future__ import annotations

import struct
import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tests.fuzz.pbf import encode as message
from tests.fuzz.pbf import number, sized, whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

PER_BLOCK = 8000
_DAY = 1_675_036_800  # up to which the file holds edits: 30 January 2023


@dataclass(frozen=True)
class Column:
    """One key of a number of nodes: which text each has, -1 for none; ``text`` writes a number as its text."""

    key: str
    code: NDArray[np.int64]
    text: Callable[[int], str]

    def __getitem__(self, rows: slice | NDArray) -> Column:
        return Column(self.key, self.code[rows], self.text)


@dataclass(frozen=True)
class Nodes:
    """Nodes by rising id, their places in 1e-7 degrees, shape (n, 2), and their tags."""

    id: NDArray[np.int64]
    fixed: NDArray[np.int64]
    tags: tuple[Column, ...] = ()

    def __getitem__(self, rows: slice | NDArray) -> Nodes:
        return Nodes(self.id[rows], self.fixed[rows], tuple(one[rows] for one in self.tags))


@dataclass(frozen=True)
class Ways:
    """Ways by rising id: their nodes one way after the other, which of ``kinds`` of tags each has, and its name."""

    id: NDArray[np.int64]
    start: NDArray[np.int64]
    ref: NDArray[np.int64]
    kind: NDArray[np.int64]
    name: Column
    kinds: Sequence[dict[str, str]]

    def __getitem__(self, rows: NDArray[np.intp]) -> Ways:
        size = np.diff(self.start)[rows]
        start = np.concatenate([[0], size.cumsum()])
        at = np.arange(start[-1]) + np.repeat(self.start[rows] - start[:-1], size)
        return Ways(
            self.id[rows], start, self.ref[at], self.kind[rows], self.name[rows], self.kinds
        )


def varints(values: NDArray[np.int64]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Write numbers of 0 or more as protobuf does; give the bytes, and where each number ends."""
    left = np.asarray(values, np.uint64)
    size = np.ones(len(left), np.int64)
    for bits in range(7, 64, 7):
        more = left >> np.uint64(bits) > 0
        if not more.any():
            break
        size += more
    end = size.cumsum()
    out = np.zeros(int(end[-1]) if len(end) else 0, np.uint8)
    begin = end - size
    for k in range(int(size.max(initial=0))):
        own = np.flatnonzero(size > k)
        low = (left[own] >> np.uint64(7 * k) & np.uint64(0x7F)).astype(np.uint8)
        out[begin[own] + k] = low | (size[own] > k + 1).astype(np.uint8) << 7
    return out, end


def zigzag(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """Write signed numbers as ones without a sign."""
    return values << 1 ^ values >> 63


def write_pbf(path: Path, nodes: Sequence[Nodes], ways: Ways) -> None:
    """Write a file: nodes of which the ids go on rising from one to the next, then ways."""
    head = [sized(4, b"OsmSchema-V0.6"), sized(4, b"DenseNodes"), whole(32, _DAY)]

    def jobs() -> Iterator[tuple[Callable[..., list], object]]:
        for some in nodes:
            for at in range(0, len(some.id), PER_BLOCK):
                yield _node_block, some[at : at + PER_BLOCK]
        for at in range(0, len(ways.id), PER_BLOCK):
            yield _way_block, ways[np.arange(at, min(at + PER_BLOCK, len(ways.id)))]

    with path.open("wb") as file, ThreadPoolExecutor(2) as pool:
        file.write(_pack(b"OSMHeader", message(head)))
        for packed in pool.map(lambda job: _pack(b"OSMData", message(job[0](job[1]))), jobs()):
            file.write(packed)


def _pack(kind: bytes, data: bytes) -> bytes:
    body = message([whole(2, len(data)), sized(3, zlib.compress(data, 1))])
    head = message([sized(1, kind), whole(3, len(body))])
    return struct.pack(">I", len(head)) + head + body


def _steps(values: NDArray[np.int64]) -> bytes:
    return varints(zigzag(np.diff(values, prepend=0)))[0].tobytes()


def _table(texts: list[bytes]) -> list:
    return sized(1, [sized(1, text) for text in texts])


def _node_block(nodes: Nodes) -> list:
    texts: list[bytes] = [b""]
    n = len(nodes.id)
    pairs = np.full((n, 2 * len(nodes.tags) + 1), -1, np.int64)
    pairs[:, -1] = 0
    for k, column in enumerate(nodes.tags):
        there = column.code >= 0
        found, row = np.unique(column.code[there], return_inverse=True)
        pairs[there, 2 * k] = len(texts)
        pairs[there, 2 * k + 1] = len(texts) + 1 + row
        texts += [column.key.encode(), *(column.text(one).encode() for one in found.tolist())]
    tags = [sized(10, varints(pairs[pairs >= 0])[0].tobytes())] if len(texts) > 1 else []
    dense = [
        sized(1, _steps(nodes.id)),
        sized(8, _steps(nodes.fixed[:, 1])),
        sized(9, _steps(nodes.fixed[:, 0])),
        *tags,
    ]
    return [_table(texts), sized(2, [sized(2, dense)])]


def _way_block(ways: Ways) -> list:
    texts: list[bytes] = [b"", b"name"]
    where: dict[str, int] = {}
    for kind in ways.kinds:
        for text in (*kind, *kind.values()):
            if text not in where:
                where[text] = len(texts)
                texts.append(text.encode())
    keys = [b"".join(number(where[key]) for key in kind) for kind in ways.kinds]
    values = [b"".join(number(where[text]) for text in kind.values()) for kind in ways.kinds]
    named = ways.name.code
    found, row = np.unique(named, return_inverse=True)
    first = len(texts)
    texts += [ways.name.text(one).encode() for one in found.tolist()]
    name = [number(first + k) for k in range(len(found))]
    steps = np.diff(ways.ref, prepend=0)
    steps[ways.start[:-1]] = ways.ref[ways.start[:-1]]
    packed, end = varints(zigzag(steps))
    cut = np.concatenate([[0], end])[ways.start].tolist()
    refs, out = packed.tobytes(), []
    told = zip(
        ways.id.tolist(), ways.kind.tolist(), row.tolist(), (named >= 0).tolist(), strict=True
    )
    for k, (osm_id, kind, text, has_name) in enumerate(told):
        key, value = keys[kind], values[kind]
        if has_name:
            key, value = key + b"\x01", value + name[text]
        line = refs[cut[k] : cut[k + 1]]
        way = (
            b"\x08" + number(osm_id) + b"\x12" + number(len(key)) + key + b"\x1a" + number(len(value)) + value
            + b"\x42" + number(len(line)) + line
        )  # fmt: skip
        out.append(b"\x1a" + number(len(way)) + way)
    return [_table(texts), sized(2, b"".join(out))]
