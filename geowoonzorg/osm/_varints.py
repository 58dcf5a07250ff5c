"""The compiled loops that read the wire format of protobuf: numbers, fields and lists of numbers.

Every number read is checked against the end of what holds it, so that no file, however broken, leads a
loop outside its bytes; a ``ValueError`` says what is wrong. Of a field that stands more than once the last
one counts, also where it holds a list, and a field written in another way than it should be is passed over:
so does libosmium.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from geowoonzorg._jit import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

VARINT, _FIXED64, SIZED, _FIXED32 = 0, 1, 2, 5
MORE: Final = 0x80  # the bit of a byte that says its number goes on
_MOST_BITS: Final = 63
_HALF: Final = 1 << 62
_MOST_NUMBER: Final = (1 << 63) - 1
_MOST_TAG: Final = 1 << 32
#: Numbers of fields that protobuf keeps to itself.
_RESERVED, _FREE = 19_000, 20_000


@kernel
def read_varint(data: bytes, i: int, end: int) -> tuple[int, int]:
    """Read the number at ``data[i:end]``; also give where it ends."""
    value = 0
    shift = 0
    while i < end and shift < _MOST_BITS:
        byte = data[i]
        i += 1
        value |= (byte & 0x7F) << shift
        if byte < MORE:
            return value, i
        shift += 7
    if i < end and data[i] <= 1:  # the sign of a negative number
        return (value - _HALF) - _HALF if data[i] else value, i + 1
    raise ValueError("a number that does not end")


@kernel
def read_field(data: bytes, i: int, end: int) -> tuple[int, int, int, int]:
    """Read the field at ``data[i:end]``: its tag, its number, and where its content starts and ends."""
    tag, i = read_varint(data, i, end)
    row = tag >> 3
    if row <= 0 or tag >= _MOST_TAG or _RESERVED <= row < _FREE:
        raise ValueError("a field of an unknown number")
    start = i
    value = 0
    if tag & 7 == VARINT:
        value, i = read_varint(data, i, end)
    elif tag & 7 == SIZED:
        size, start = read_varint(data, i, end)
        if size < 0 or size > end - start:
            raise ValueError("a field longer than what holds it")
        i = start + size
    elif tag & 7 == _FIXED64 or tag & 7 == _FIXED32:
        i += 8 if tag & 7 == _FIXED64 else 4
        if i > end:
            raise ValueError("a field longer than what holds it")
    else:
        raise ValueError("a field of an unknown type")
    return tag, value, start, i


@kernel
def zigzag(value: int) -> int:
    """Undo the coding that keeps negative numbers short."""
    return (value >> 1 & _MOST_NUMBER) ^ -(value & 1)


@kernel
def read_fields(
    data: bytes, i: int, end: int, info: int, number: NDArray[np.int64], span: NDArray[np.int64]
) -> None:
    """Read a message: (number, 1) of its fields that are numbers, and where all start and end, 0 for none.

    Row 1 is for field 1, and so on; fields beyond the last row are skipped. A list of one number may be
    written as that number, so that these have a start and an end too. ``info`` is a field that is a
    message, 0 for none.
    """
    for k in range(len(number)):  # which compiles sooner than number[:] = 0
        number[k, 0] = number[k, 1] = span[k, 0] = span[k, 1] = 0
    while i < end:
        tag, value, start, i = read_field(data, i, end)
        row = tag >> 3
        if row < len(number) and (tag & 7 == VARINT or tag & 7 == SIZED):
            if row == info and (span[row, 1] or tag & 7 != SIZED):
                raise ValueError("an object that is told of twice")
            span[row, 0] = start
            span[row, 1] = i
            if tag & 7 == VARINT:
                number[row, 0] = value
                number[row, 1] = 1


@kernel
def copy_sums(data: bytes, i: int, end: int, out: NDArray[np.int64], n: int) -> int:
    """Read numbers, each written as its difference with the one before, into ``out[n:]``; gives the next n."""
    total = 0
    while i < end:
        step, i = read_varint(data, i, end)
        total += zigzag(step)
        out[n] = total
        n += 1
    return n


@kernel
def read_sums(data: bytes, i: int, end: int) -> NDArray[np.int64]:
    """Read numbers of which each is written as its difference with the one before it."""
    n = 0
    for k in range(i, end):
        n += data[k] < MORE
    out = np.empty(n, np.int64)
    copy_sums(data, i, end, out, 0)
    return out


@kernel
def read_numbers(data: bytes, i: int, end: int) -> NDArray[np.int64]:
    """Read a list of numbers."""
    out = np.empty(end - i, np.int64)
    return out[: copy_numbers(data, i, end, out, 0)]


@kernel
def copy_numbers(data: bytes, i: int, end: int, out: NDArray[np.int64], n: int) -> int:
    """Read numbers into ``out[n:]``; gives the next n."""
    while i < end:
        out[n], i = read_varint(data, i, end)
        n += 1
    return n
