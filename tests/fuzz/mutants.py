"""Changes of a PBF file that keep it a file: in its fields, in their bytes, in its blocks."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING

from .pbf import FIXED32, FIXED64, SIZED, VARINT, encode, number, sized, whole, write, zigzag

if TYPE_CHECKING:
    from random import Random

NUMBERS = (
    0, 1, 2, 3, 127, 128, 300, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**32 + 1, 2**62, 2**63 - 1, 2**63,
    2**64 - 1, -1, -2, zigzag(-1), zigzag(-5), zigzag(1_800_000_001), zigzag(900_000_001),
)  # fmt: skip
_RAW_SHARE, _MORE_SHARE = 0.12, 0.35


def mutate(blobs: list, dice: Random) -> bytes:
    """Change a file in one or more places and write it."""
    while True:
        kind = dice.random()
        if kind < _RAW_SHARE:
            _flip_block(blobs, dice)
        elif kind < 0.2:
            _change_blob(blobs, dice)
        else:
            _change_field(blobs, dice)
        if dice.random() > _MORE_SHARE:
            break
    data = write(blobs)
    if dice.random() < 0.05:
        data = _flip(data, dice)
    return data


def _flip(data: bytes, dice: Random) -> bytes:
    """Change, drop or add a few bytes."""
    changed = bytearray(data)
    for _ in range(dice.randint(1, 3)):
        if not changed:
            break
        at = dice.randrange(len(changed))
        what = dice.randrange(5)
        if what == 0:
            del changed[at]
        elif what == 1:
            changed.insert(at, dice.randrange(256))
        elif what == 2:
            changed[at] ^= 1 << dice.randrange(8)
        elif what == 3:
            changed[at] = dice.choice([0, 1, 127, 128, 255])
        else:
            del changed[at:]
    return bytes(changed)


def _flip_block(blobs: list, dice: Random) -> None:
    blob = dice.choice(blobs)
    blob.content = _flip(encode(blob.content), dice)


def _change_blob(blobs: list, dice: Random) -> None:
    what = dice.randrange(8)
    at = dice.randrange(len(blobs))
    blob = blobs[at]
    if what == 0:
        blobs.insert(dice.randrange(len(blobs) + 1), deepcopy(blob))
    elif what == 1 and len(blobs) > 1:
        del blobs[at]
    elif what == 2:
        blobs.append(blobs.pop(at))
    elif what == 3:
        blob.size_off = dice.choice([-1, 1, -blob.size_off, 2**25, -(2**31), 2**31])
    elif what == 4:
        blob.pack = dice.choice(["raw", "zlib", "zlib", "lz4", "zstd", "lzma"])
    elif what == 5:
        blob.more = [*blob.more, _stranger(dice)]
    elif what == 6:
        blob.kind = dice.choice([b"OSMData", b"OSMHeader", b"OSM", b"", b"Other"])
    else:
        blobs[1:] = dice.sample(blobs[1:], len(blobs) - 1)


def _stranger(dice: Random) -> list:
    """Make a field that nobody knows, or that stands in the wrong place."""
    key = dice.choice([1, 2, 3, 4, 5, 7, 8, 9, 10, 15, 17, 30, 31, 200, 18_999, 19_000, 2**29 - 1])
    wire = dice.choice([VARINT, FIXED64, SIZED, SIZED, FIXED32, FIXED32, dice.choice([3, 4, 6, 7])])
    size = {FIXED64: 8, FIXED32: 4, SIZED: dice.randrange(4)}.get(wire)
    return [key, wire, dice.choice(NUMBERS) if size is None else bytes(dice.randbytes(size))]


def _messages(content: object) -> list[list]:
    """Give all messages within a message, itself first."""
    if not isinstance(content, list) or any(not isinstance(one, list) for one in content):
        return []
    return [content] + [inner for _, _, value in content for inner in _messages(value)]


def _change_field(blobs: list, dice: Random) -> None:  # noqa: C901, PLR0912 - one branch a change
    messages = [m for blob in blobs for m in _messages(blob.content) if m]
    if not messages:
        return
    message = dice.choice(messages)
    at = dice.randrange(len(message))
    key, wire, value = message[at]
    packed = isinstance(value, list) and bool(value) and isinstance(value[0], int)
    what = dice.randrange(13)
    if packed and what < 7:
        message[at : at + 1] = _change_list(key, value, dice)
    elif what in {0, 1} and wire == VARINT and isinstance(value, int):
        message[at] = whole(key, dice.choice([*NUMBERS, value + 1, value - 1, value ^ 1]))
    elif what == 2:
        del message[at]
    elif what == 3:
        message.insert(dice.randrange(len(message) + 1), deepcopy(message[at]))
    elif what == 4:
        message.append(message.pop(at))
    elif what == 5:
        dice.choice(messages).append(deepcopy(message[at]))
    elif what == 6:
        message.insert(dice.randrange(len(message) + 1), _stranger(dice))
    elif what == 7:
        message[at] = [key, dice.choice([VARINT, FIXED64, SIZED, FIXED32]), encode(value)]
    elif what == 8:
        message[at] = [dice.choice([key + 1, max(1, key - 1), 2, 8]), wire, value]
    elif what == 9:
        message[at] = [key, wire, _flip(encode(value), dice)]
    elif what == 10:
        dice.shuffle(message)
    elif (
        what == 11
    ):  # a number in more bytes than it needs; of field 6, a bool, libosmium reads only one
        if wire == VARINT and isinstance(value, int) and 0 <= value < 128 and key != 6:
            message[at] = [
                key,
                wire,
                bytes([value | 0x80, *[0x80] * dice.randrange(9), dice.randrange(3)]),
            ]
    else:
        other = dice.choice(messages)
        other[dice.randrange(len(other) + 1) :] = deepcopy(message)


def _change_list(key: int, values: list[int], dice: Random) -> list[list]:
    """Change the numbers of a packed field, or how they are written."""
    values = list(values)
    at = dice.randrange(len(values))
    what = dice.randrange(8)
    if what == 0:
        return [sized(key, values[:at]), sized(key, values[at:])]
    if what == 1:
        return [[key, VARINT, one] for one in values]
    if what == 2:
        return [sized(key, values[:at]), *[[key, VARINT, one] for one in values[at:]]]
    if what == 3:
        del values[at]
    elif what == 4:
        values.insert(at, dice.choice([*NUMBERS, values[at]]))
    elif what == 5:
        values[at] = dice.choice([*NUMBERS, values[at] + 1, values[at] + 2, abs(values[at] - 1)])
    elif what == 6:
        del values[at:]
    else:
        return [sized(key, b"".join(map(number, values))[:-1])]
    return [sized(key, values)]
