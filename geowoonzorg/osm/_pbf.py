"""A PBF file → its blocks, unpacked, and where in them the texts and the objects are.

Blocks are packed by zlib or not at all, as every common writer does; sizes that a file states are
checked before anything is unpacked. Field numbers and limits are those of
https://wiki.openstreetmap.org/wiki/PBF_Format.
"""

from __future__ import annotations

import zlib
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, BinaryIO, Final, TypeVar

import numpy as np

from geowoonzorg.messages import tell
from geowoonzorg.osm._kernels import MANY_GROUPS, find_parts, find_texts
from geowoonzorg.osm._varints import read_field

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

_LENGTH_BYTES: Final = 4
_MOST_HEADER_BYTES: Final = 64 << 10
_MOST_BLOCK_BYTES: Final = 32 << 20
# Real files unpack to two to ten times their size and hold one group in tens of kilobytes, their first
# block is under a kilobyte; in small ones of streets on a grid everything is alike.
MOST_RATIO: Final = 200
_LEAST_UNPACKED: Final = 8 << 20
_MOST_FIRST_BYTES: Final = 1 << 20
_LEAST_GROUPS, _GROUP_BYTES = 10_000, 1_000
_MOST_TEXTS: Final = 4 << 20
_MOST_UNIT: Final = 2**31 - 1
# Tags of fields: their number << 3 | how they are written.
_KIND, _SIZE = 0x0A, 0x18
_RAW, _RAW_SIZE, _ZLIB = 0x0A, 0x10, 0x1A
_PACKED_OTHERWISE: Final = {0x22: "lzma", 0x2A: "bzip2", 0x32: "lz4", 0x3A: "zstd"}
_NEEDS, _REPLICATED = 0x22, 0x100
#: Blocks that are unpacked and looked into ahead of the one that is asked for.
_AHEAD: Final = 2
_HEADER: Final = b"OSMHeader"
_KNOWN: Final = frozenset({b"OsmSchema-V0.6", b"DenseNodes"})
_HISTORY: Final = b"HistoricalInformation"

T = TypeVar("T")


class RefusedError(ValueError):
    """A file is what its name says, but is not read; ``why`` says what it is and what to do."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class Block:
    """A block of a PBF file.

    Attributes
    ----------
    data
        Its bytes.
    texts
        int64 (n, 2): where each text starts and ends.
    runs
        int64 (n, 3): the objects of one kind that follow each other in a group, in the order of the file:
        the tag of the kind, where they start and end.
    n_groups
        The number of groups.
    granularity, lat_offset, lon_offset
        What makes nanodegrees of its coordinates.
    date_granularity
        Milliseconds in its unit of time.
    """

    data: bytes
    texts: NDArray[np.int64]
    runs: NDArray[np.int64]
    n_groups: int
    granularity: int
    date_granularity: int
    lat_offset: int
    lon_offset: int


def bomb(size: int) -> str:
    """Say why a file of so many bytes is refused."""
    return tell(
        "is refused: its {size} bytes unpack to over {ratio} times as much, as no map does; fetch "
        "it again from where you trust it",
        size=size,
        ratio=MOST_RATIO,
    )


def read_blocks(file: BinaryIO, look: Callable[[Block], T], size: int) -> Iterator[tuple[float, T]]:
    """Look into the blocks of a PBF file, the last one first.

    Parameters
    ----------
    file
        The open file.
    look
        What is done with each block on its own, in another thread.
    size
        The bytes of the file that the user has, by which is judged how much may come out of it.

    Yields
    ------
    float
        What share of the file was read before.
    object
        What ``look`` makes of a block.

    Raises
    ------
    RefusedError
        When the file holds history, a NUL or far more than its size, or is packed otherwise than by zlib.
    ValueError, zlib.error
        When the file is truncated or not PBF.
    """
    first, *blobs = list(_index(file))
    kinds = {kind for kind, *_ in blobs}
    if _HEADER in kinds:
        raise RefusedError(
            tell(
                "is made of files put together byte for byte; make one file of them "
                "(osmium merge A.osm.pbf B.osm.pbf -o OUT.osm.pbf)"
            )
        )
    if kinds - {b"OSMData"}:
        raise ValueError("blocks of another kind")
    header = _header(file, first)
    needs = {header[a:b] for tag, _, (a, b) in _fields(header) if tag == _NEEDS}
    if _HISTORY in needs:
        raise RefusedError(
            tell(
                "holds the history of every object; take one moment out of it first "
                "(osmium time-filter IN.osh.pbf -o OUT.osm.pbf)"
            )
        )
    if unknown := needs - _KNOWN:
        raise ValueError(
            tell("it needs {feature}", feature=min(unknown).decode("utf-8", "replace"))
        )
    most_groups = max(_LEAST_GROUPS, size // _GROUP_BYTES)
    most_bytes = max(_LEAST_UNPACKED, size * MOST_RATIO)

    def open_block(blob: bytes) -> tuple[int, int, T]:
        block = _block(_unpack(blob), most_groups)
        return len(block.data), block.n_groups, look(block)

    # zlib and the compiled loops let go of the interpreter: threads do run beside each other.
    with ThreadPoolExecutor(_AHEAD) as pool:
        packed = (_at(file, start, size) for _, start, size in reversed(blobs))
        ahead = deque(pool.submit(open_block, blob) for blob in islice(packed, _AHEAD))
        for i in range(len(blobs)):
            n_bytes, n_groups, seen = ahead.popleft().result()
            most_bytes -= n_bytes
            most_groups -= n_groups
            if most_bytes < 0:
                raise RefusedError(bomb(size))
            if most_groups < 0:
                raise ValueError(MANY_GROUPS)
            ahead.extend(pool.submit(open_block, blob) for blob in islice(packed, 1))
            yield i / len(blobs), seen


def read_replication_time(file: BinaryIO) -> int | None:
    """Read from the header of a PBF file up to when it holds the edits of OSM.

    Parameters
    ----------
    file
        The open file.

    Returns
    -------
    int or None
        Seconds since 1970, as the file says; None where it says nothing.

    Raises
    ------
    ValueError, zlib.error
        When the file does not start with the header of a PBF file.
    """
    header = _header(file, next(_index(file), (b"", 0, 0)))
    return next((value for tag, value, _ in _fields(header) if tag == _REPLICATED), None)


def _header(file: BinaryIO, first: tuple[bytes, int, int]) -> bytes:
    """Unpack the first block of a file, which tells of the others."""
    kind, start, size = first
    if kind != _HEADER:
        raise ValueError("no header")
    return _unpack(_at(file, start, size), _MOST_FIRST_BYTES)


def _index(file: BinaryIO) -> Iterator[tuple[bytes, int, int]]:
    """Give the kind of each block, and where it starts and its size, without reading it."""
    end = file.seek(0, 2)
    at = file.seek(0)
    while at < end:
        length = int.from_bytes(_exactly(file, _LENGTH_BYTES, _LENGTH_BYTES), "big")
        header = _exactly(file, length, _MOST_HEADER_BYTES)
        kind, size = b"", 0
        for tag, value, (a, b) in _fields(header):
            if tag == _KIND:
                kind = header[a:b]
            elif tag == _SIZE:
                size = value
        at += _LENGTH_BYTES + length
        if not 0 < size <= end - at:
            raise ValueError("it ends within a block")
        yield kind, at, size
        at = file.seek(at + size)


def _exactly(file: BinaryIO, size: int, most: int) -> bytes:
    if size > most:
        raise ValueError(tell("a block of {n} bytes", n=size))
    data = file.read(size)
    if len(data) < size:
        raise ValueError("it ends within a block")
    return data


def _fields(data: bytes) -> Iterator[tuple[int, int, tuple[int, int]]]:
    """Give the tags, the numbers and the places of the fields of a message."""
    i = 0
    while i < len(data):
        tag, value, start, i = read_field(data, i, len(data))
        yield tag, value, (start, i)


def _at(file: BinaryIO, start: int, size: int) -> bytes:
    file.seek(start)
    return _exactly(file, size, _MOST_BLOCK_BYTES)


def _unpack(blob: bytes, most: int = _MOST_BLOCK_BYTES) -> bytes:
    packed, raw_size, otherwise = (0, 0), 0, ""
    for tag, value, (a, b) in _fields(blob):
        if tag == _RAW:
            if b - a > most:
                raise ValueError(tell("a block of {n} bytes", n=b - a))
            return blob[a:b]
        if tag == _RAW_SIZE:
            raw_size = value
            if not 0 < raw_size <= most:
                raise ValueError(tell("a block of {n} bytes", n=raw_size))
        elif tag == _ZLIB:
            packed = a, b
        otherwise = _PACKED_OTHERWISE.get(tag, otherwise)
    if otherwise and not packed[1]:
        raise RefusedError(
            tell(
                "is packed by {packer}, which is not read; write it again packed by zlib "
                "(osmium cat IN.osm.pbf -o OUT.osm.pbf, or the program that made it)",
                packer=otherwise,
            )
        )
    unpack = zlib.decompressobj()
    data = unpack.decompress(memoryview(blob)[slice(*packed)], raw_size + 1)
    if not raw_size or len(data) != raw_size or not unpack.eof:
        raise ValueError("a block of another size than it says")
    return data


def _block(data: bytes, most_groups: int) -> Block:
    number, runs = np.array([100, 1000, 0, 0]), np.empty((most_groups, 3), np.int64)
    text_start, text_end, n_runs, n_groups = find_parts(data, number, runs)
    if abs(number[:2]).max() > _MOST_UNIT:
        raise ValueError("a block of another unit")
    texts, nul = find_texts(data, text_start, text_end, _MOST_TEXTS)
    if nul:
        raise RefusedError(
            tell("holds a NUL in one of its texts, which no OSM file may; fetch it again")
        )
    return Block(data, texts, runs[:n_runs].copy(), n_groups, *number.tolist())
