"""A PBF file → its blocks, unpacked, and where in them the texts and the groups of objects are.

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

from geowoonzorg.osm._varints import find_texts, read_field

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import numpy as np
    from numpy.typing import NDArray

_LENGTH_BYTES: Final = 4
_MOST_HEADER_BYTES: Final = 64 << 10
_MOST_BLOCK_BYTES: Final = 32 << 20
# Tags of fields: their number << 3 | how they are written.
_KIND, _SIZE = 0x0A, 0x18
_RAW, _RAW_SIZE, _ZLIB = 0x0A, 0x10, 0x1A
_NEEDS, _REPLICATED = 0x22, 0x100
_TEXTS, _GROUP = 0x0A, 0x12
_GRANULARITY, _DATE_GRANULARITY, _LAT_OFFSET, _LON_OFFSET = 0x88, 0x90, 0x98, 0xA0
#: Blocks that are unpacked and looked into ahead of the one that is asked for.
_AHEAD: Final = 2
_KNOWN: Final = frozenset({b"OsmSchema-V0.6", b"DenseNodes"})

T = TypeVar("T")


class NulError(ValueError):
    """A text holds a NUL, which no OSM file may."""


@dataclass(frozen=True)
class Block:
    """A block of a PBF file.

    Attributes
    ----------
    data
        Its bytes.
    texts
        int64 (n, 2): where each text starts and ends.
    groups
        Where each group of objects starts and ends, in the order of the file.
    granularity, lat_offset, lon_offset
        What makes nanodegrees of its coordinates.
    date_granularity
        Milliseconds in its unit of time.
    """

    data: bytes
    texts: NDArray[np.int64]
    groups: tuple[tuple[int, int], ...]
    granularity: int
    lat_offset: int
    lon_offset: int
    date_granularity: int


def read_blocks(file: BinaryIO, look: Callable[[Block], T]) -> Iterator[tuple[float, T]]:
    """Look into the blocks of a PBF file, the last one first.

    Parameters
    ----------
    file
        The open file.
    look
        What is done with each block on its own, in another thread.

    Yields
    ------
    float
        What share of the file was read before.
    object
        What ``look`` makes of a block.

    Raises
    ------
    NulError
        When a text holds a NUL.
    ValueError, zlib.error
        When the file is truncated, not PBF, or packed otherwise than by zlib.
    """
    first, *blobs = list(_index(file))
    if any(kind != b"OSMData" for kind, *_ in blobs):
        raise ValueError("blocks of another kind")
    header = _header(file, first)
    unknown = {header[a:b] for tag, _, (a, b) in _fields(header) if tag == _NEEDS} - _KNOWN
    if unknown:
        raise ValueError(f"it needs {min(unknown)!r}")

    def open_block(blob: bytes) -> T:
        return look(_block(_unpack(blob)))

    # zlib and the compiled loops let go of the interpreter: threads do run beside each other.
    with ThreadPoolExecutor(_AHEAD) as pool:
        packed = (_at(file, start, size) for _, start, size in reversed(blobs))
        ahead = deque(pool.submit(open_block, blob) for blob in islice(packed, _AHEAD))
        for i in range(len(blobs)):
            seen = ahead.popleft().result()
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
    if kind != b"OSMHeader":
        raise ValueError("no header")
    return _unpack(_at(file, start, size))


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
        if not 0 <= size <= end - at:
            raise ValueError("it ends within a block")
        yield kind, at, size
        at = file.seek(at + size)


def _exactly(file: BinaryIO, size: int, most: int) -> bytes:
    if size > most:
        raise ValueError(f"a block of {size} bytes")
    data = file.read(size)
    if len(data) < size:
        raise ValueError("it ends within a block")
    return data


def _fields(data: bytes) -> Iterator[tuple[int, int, tuple[int, int]]]:
    """Give the tags, the numbers or sizes, and the places of the fields of a message."""
    i = 0
    while i < len(data):
        tag, value, i = read_field(data, i, len(data))
        yield tag, value, (i - value, i)


def _at(file: BinaryIO, start: int, size: int) -> bytes:
    file.seek(start)
    return _exactly(file, size, _MOST_BLOCK_BYTES)


def _unpack(blob: bytes) -> bytes:
    content = {tag: (value, span) for tag, value, span in _fields(blob)}
    if _RAW in content:
        _, (a, b) = content[_RAW]
        return blob[a:b]
    if _ZLIB not in content or not 0 <= content.get(_RAW_SIZE, (-1,))[0] <= _MOST_BLOCK_BYTES:
        raise ValueError("a block that is not packed by zlib")
    raw_size, _ = content[_RAW_SIZE]
    _, (a, b) = content[_ZLIB]
    unpack = zlib.decompressobj()
    data = unpack.decompress(memoryview(blob)[a:b], raw_size + 1)
    if len(data) != raw_size or not unpack.eof:
        raise ValueError("a block of another size than it says")
    return data


def _block(data: bytes) -> Block:
    texts = (0, 0)
    groups = []
    numbers = {_GRANULARITY: 100, _DATE_GRANULARITY: 1000, _LAT_OFFSET: 0, _LON_OFFSET: 0}
    for tag, value, span in _fields(data):
        if tag == _TEXTS:
            texts = span
        elif tag == _GROUP:
            groups.append(span)
        elif tag in numbers:
            numbers[tag] = value
    found, nul = find_texts(data, *texts)
    if nul:
        raise NulError
    return Block(
        data, found, tuple(groups), numbers[_GRANULARITY], numbers[_LAT_OFFSET],
        numbers[_LON_OFFSET], numbers[_DATE_GRANULARITY],
    )  # fmt: skip
