"""A look at the texts of a PBF file before libosmium reads it.

libosmium takes the texts of a block at their stated length but walks over them as C strings: a NUL
inside one leads it astray in memory, and the process dies. No good file holds one. Only the string
table at the start of each block is unpacked, a small part of the file.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, BinaryIO, Final

import numpy as np

from geowoonzorg._jit import kernel
from geowoonzorg.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

# Field numbers and limits of https://wiki.openstreetmap.org/wiki/PBF_Format
_BLOB_TYPE, _BLOB_SIZE = 1, 3
_RAW, _ZLIB = 1, 3
_MOST_HEADER_BYTES: Final = 64 << 10
_MOST_BLOB_BYTES: Final = 32 << 20
_STRING_TABLE: Final = b"\x0a"  # field 1, of stated length
_VARINT, _SIZED = 0, 2
_LENGTH_BYTES: Final = 4
_VARINT_BYTES: Final = 10
_MORE: Final = 0x80  # the bit of a byte that says its number goes on
_SHIFTS: Final = 28  # lengths of texts fit in four bytes
_CHUNK_BYTES: Final = 1 << 9


def check_texts(path: Path) -> None:
    """Refuse a PBF file with a NUL in one of its texts, or whose blocks cannot be looked into.

    Parameters
    ----------
    path
        An ``.osm.pbf`` file that exists.

    Raises
    ------
    FormatError
        When a text holds a NUL, or the file is truncated, not PBF, or packed otherwise than by zlib.
    """
    try:
        with path.open("rb") as file:
            for blob in _data_blobs(file):
                if _has_nul(np.frombuffer(_string_table(blob), np.uint8).astype(np.int64)):
                    msg = f"{path} holds a NUL in one of its texts, which no OSM file may; fetch it again"
                    raise FormatError(msg)
    except (IndexError, TypeError, ValueError, zlib.error) as error:
        if isinstance(error, FormatError):
            raise
        msg = f"{path} is truncated or not a PBF file ({error}); fetch or export it again"
        raise FormatError(msg) from error


def _data_blobs(file: BinaryIO) -> Iterator[dict[int, bytes | int]]:
    while prefix := file.read(_LENGTH_BYTES):
        header = dict(_fields(_exactly(file, int.from_bytes(prefix, "big"), _MOST_HEADER_BYTES)))
        size = header.get(_BLOB_SIZE, 0)
        blob = _exactly(file, int(size), _MOST_BLOB_BYTES)
        if header.get(_BLOB_TYPE) == b"OSMData":
            yield dict(_fields(blob))


def _exactly(file: BinaryIO, size: int, most: int) -> bytes:
    if size > most:
        raise ValueError(f"a block of {size} bytes")
    data = file.read(size)
    if len(data) < size:
        raise ValueError("it ends within a block")
    return data


def _fields(data: bytes) -> Iterator[tuple[int, bytes | int]]:
    """Give the numbers and contents of the fields of a protobuf message."""
    i = 0
    while i < len(data):
        tag, i = _varint(data, i)
        value, i = _varint(data, i)
        if tag & 7 == _SIZED:
            if i + value > len(data):
                raise ValueError("a field longer than its block")
            yield tag >> 3, data[i : i + value]
            i += value
        elif tag & 7 == _VARINT:
            yield tag >> 3, value
        else:
            raise ValueError("a field of an unknown type")


def _varint(data: bytes, i: int) -> tuple[int, int]:
    value = 0
    for k in range(_VARINT_BYTES):
        byte = data[i + k]
        value |= (byte & 0x7F) << (7 * k)
        if byte < _MORE:
            return value, i + k + 1
    raise ValueError("an endless number")


def _string_table(blob: dict[int, bytes | int]) -> bytes:
    """Unpack a block as far as its string table, which every writer puts first."""
    packed = blob.get(_ZLIB)
    unpack = zlib.decompressobj()
    head = unpack.decompress(packed, _CHUNK_BYTES) if isinstance(packed, bytes) else blob.get(_RAW)
    if not isinstance(head, bytes) or head[:1] != _STRING_TABLE:
        raise ValueError("a block that is not packed by zlib, or does not start with its texts")
    size, start = _varint(head, 1)
    missing = start + size - len(head)
    if 0 < missing <= _MOST_BLOB_BYTES:
        head += unpack.decompress(unpack.unconsumed_tail, missing)
    if start + size > len(head):
        raise ValueError("a string table longer than its block")
    return head[start : start + size]


@kernel
def _has_nul(table: NDArray[np.int64]) -> bool:
    """Walk over the texts of a table, each after its length; a length beyond the end counts too."""
    i = 0
    while i < table.size:
        size = 0
        shift = 0
        i += 1  # the field's tag
        while i < table.size and shift < _SHIFTS:
            size |= (table[i] & 0x7F) << shift
            shift += 7
            i += 1
            if table[i - 1] < _MORE:
                break
        if i + size > table.size:
            return True
        for k in range(i, i + size):
            if table[k] == 0:
                return True
        i += size
    return False
