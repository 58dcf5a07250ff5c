"""PBF files as trees of protobuf fields, to be written as no program would.

A message is a list of fields, a field is [number, wire type, content]. The content is a message, a list
of the numbers of a packed field, one number, or bytes, which go into the file as they are.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field

VARINT, FIXED64, SIZED, FIXED32 = 0, 1, 2, 5
PACKED = "packed"
_INFO: dict = {}
_DENSE_INFO = dict.fromkeys(range(1, 7), PACKED)
_NODE = {2: PACKED, 3: PACKED, 4: _INFO}
_DENSE = {1: PACKED, 5: _DENSE_INFO, 8: PACKED, 9: PACKED, 10: PACKED}
_WAY = {2: PACKED, 3: PACKED, 4: _INFO, 8: PACKED, 9: PACKED, 10: PACKED}
_RELATION = {2: PACKED, 3: PACKED, 4: _INFO, 8: PACKED, 9: PACKED, 10: PACKED}
#: What a block holds: messages and packed fields by the numbers of their fields; the rest is bytes.
BLOCK = {1: {}, 2: {1: _NODE, 2: _DENSE, 3: _WAY, 4: _RELATION}}


@dataclass
class Blob:
    """A block of a file: its kind, its content, and how it is packed."""

    kind: bytes
    content: list | bytes
    pack: str = "zlib"
    size_off: int = 0  # what is added to the size that it says it has
    more: list = field(default_factory=list)  # fields added to the blob


def number(value: int) -> bytes:
    """Write a number as protobuf does."""
    value &= (1 << 64) - 1
    low = [value >> shift & 0x7F for shift in range(0, max(value.bit_length(), 1), 7)]
    return bytes([*(part | 0x80 for part in low[:-1]), low[-1]])


def zigzag(value: int) -> int:
    """Write a signed number as one without a sign."""
    return value << 1 if value >= 0 else (-value << 1) - 1


def steps(values: list[int]) -> list[int]:
    """Write numbers as the differences between them."""
    return [zigzag(b - a) for a, b in zip([0, *values], values, strict=False)]


def encode(content: list | bytes | int) -> bytes:
    """Write a message, the numbers of a packed field, or bytes."""
    if isinstance(content, bytes):
        return content
    if isinstance(content, int):
        return number(content)
    return b"".join(number(one) if isinstance(one, int) else _encode_field(*one) for one in content)


def _encode_field(key: int, wire: int, content: list | bytes | int) -> bytes:
    data = encode(content)
    size = number(len(data)) if wire == SIZED else b""
    return number(key << 3 | wire) + size + data


def sized(key: int, content: list | bytes) -> list:
    """Make a field that is a message, a list or bytes."""
    return [key, SIZED, content]


def whole(key: int, value: int) -> list:
    """Make a field that is a number."""
    return [key, VARINT, value]


def decode(data: bytes, schema: dict) -> list:
    """Read a message that is not broken into its tree."""
    fields, i = [], 0
    while i < len(data):
        tag, i = _number(data, i)
        value, i = _number(data, i)
        inside = schema.get(tag >> 3)
        if tag & 7 == VARINT:
            fields.append(whole(tag >> 3, value))
            continue
        part = data[i : i + value]
        i += value
        content = part if inside is None else decode(part, inside) if inside != PACKED else []
        while inside == PACKED and part:
            one, at = _number(part, 0)
            content.append(one)
            part = part[at:]
        fields.append(sized(tag >> 3, content))
    return fields


def _number(data: bytes, i: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        value |= (data[i] & 0x7F) << shift
        i += 1
        shift += 7
        if data[i - 1] < 0x80:
            return value, i


def write(blobs: list[Blob]) -> bytes:
    """Write a file."""
    out = []
    for blob in blobs:
        data = encode(blob.content)
        if blob.pack == "zlib":
            fields = [whole(2, len(data) + blob.size_off), sized(3, zlib.compress(data))]
        else:
            fields = [sized({"raw": 1, "lzma": 4, "lz4": 6, "zstd": 7}[blob.pack], data)]
        body = encode(fields + blob.more)
        head = encode([sized(1, blob.kind), whole(3, len(body))])
        out.append(struct.pack(">I", len(head)) + head + body)
    return b"".join(out)


def read(data: bytes) -> list[Blob]:
    """Read a file that is not broken, its blocks packed by zlib or not at all."""
    blobs, i = [], 0
    while i < len(data):
        (size,) = struct.unpack(">I", data[i : i + 4])
        head = {key: value for key, _, value in decode(data[i + 4 : i + 4 + size], {})}
        i += 4 + size
        body = {key: value for key, _, value in decode(data[i : i + head[3]], {})}
        i += head[3]
        content = body[1] if 1 in body else zlib.decompress(body[3])
        schema = BLOCK if head[1] == b"OSMData" else {}
        blobs.append(Blob(head[1], decode(content, schema), "raw" if 1 in body else "zlib"))
    return blobs


def header() -> Blob:
    """Make the first block of a file."""
    return Blob(b"OSMHeader", [sized(4, b"OsmSchema-V0.6"), sized(4, b"DenseNodes")])


class Texts:
    """The texts of a block, each once."""

    def __init__(self) -> None:
        self.all = [""]

    def __call__(self, text: str) -> int:
        if text not in self.all:
            self.all.append(text)
        return self.all.index(text)

    def tags(self, tags: dict[str, str]) -> list[list]:
        """Make the fields of the keys and the values of an object."""
        if not tags:
            return []
        return [sized(2, [self(k) for k in tags]), sized(3, [self(v) for v in tags.values()])]

    def table(self) -> list:
        """Make the field of the texts."""
        return sized(1, [sized(1, text.encode()) for text in self.all])


def info(version: int = 0, edited: int = 0, *, visible: bool = True) -> list[list]:
    """Make the field that tells of an object's version."""
    fields = [whole(1, version)] * bool(version) + [whole(2, edited)] * bool(edited)
    fields += [] if visible else [whole(6, 0)]
    return [sized(4, fields)] * bool(fields)


def node(
    texts: Texts, osm_id: int, lon: int, lat: int, tags: dict[str, str] | None = None, **about: int
) -> list:
    """Make a plain node, its place in 1e-7 degrees."""
    place = [whole(8, zigzag(lat)), whole(9, zigzag(lon))]
    return [whole(1, zigzag(osm_id)), *texts.tags(tags or {}), *info(**about), *place]


def way(
    texts: Texts, osm_id: int, refs: list[int], tags: dict[str, str] | None = None, **about: int
) -> list:
    """Make a way."""
    return [
        whole(1, osm_id), *texts.tags(tags or {}), *info(**about), sized(8, steps(refs)),
    ]  # fmt: skip


def relation(
    texts: Texts,
    osm_id: int,
    members: list[tuple[int, int, str]],
    tags: dict[str, str] | None = None,
    **about: int,
) -> list:
    """Make a relation of (kind, id, role): 0 for nodes, 1 for ways, 2 for relations."""
    kinds, ids, roles = (list(of) for of in zip(*members, strict=True)) if members else ([],) * 3
    return [
        whole(1, osm_id), *texts.tags(tags or {}), *info(**about),
        sized(8, [texts(role) for role in roles]), sized(9, steps(ids)), sized(10, kinds),
    ]  # fmt: skip


def dense(
    texts: Texts, nodes: list[tuple[int, int, int, dict[str, str]]], versions: tuple[int, ...] = ()
) -> list:
    """Make dense nodes of (id, lon, lat, tags)."""
    ids, lons, lats, tags = (list(of) for of in zip(*nodes, strict=True))
    pairs = []
    for own in tags:
        pairs += [texts(text) for pair in own.items() for text in pair] + [0]
    return [
        sized(1, steps(ids)),
        *([sized(5, [sized(1, list(versions))])] if versions else []),
        sized(8, steps(lats)), sized(9, steps(lons)), sized(10, pairs),
    ]  # fmt: skip


def block(texts: Texts, *groups: list, more: tuple[list, ...] = ()) -> Blob:
    """Make a block of groups; a group is a list of (kind, object): 1 node, 2 dense, 3 way, 4 relation."""
    made = [sized(2, [sized(kind, one) for kind, one in group]) for group in groups]
    return Blob(b"OSMData", [*more, texts.table(), *made])
