"""The compiled loops over the bytes of a PBF block: numbers, texts and the objects that carry certain keys.

Every number read is checked against the end of what holds it, so that no file, however broken, leads a
loop outside its bytes; a ``ValueError`` says what is wrong. Field numbers are those of
https://wiki.openstreetmap.org/wiki/PBF_Format.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from geowoonzorg._jit import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

_VARINT, SIZED = 0, 2
_MORE: Final = 0x80  # the bit of a byte that says its number goes on
_MOST_BITS: Final = 63
_HALF: Final = 1 << 62
#: The kinds of group, by the tag of what they hold.
NODE, DENSE, WAY, RELATION = 0x0A, 0x12, 0x1A, 0x22
#: Flags of a text as key: it is copied; an object that carries it is asked for.
COPIED, ASKED = 1, 2
# The fields of a node, way or relation, and of their info.
_ID, _KEYS, _VALUES, _INFO, _LAT, _LON, _REFS, _MEMBERS, _KINDS = 1, 2, 3, 4, 8, 9, 8, 9, 10
_EDITED: Final = 2
_FIELDS: Final = 11


@kernel
def read_varint(data: bytes, i: int, end: int) -> tuple[int, int]:
    """Read the number at ``data[i:end]``; also give where it ends."""
    value = 0
    shift = 0
    while i < end and shift < _MOST_BITS:
        byte = data[i]
        i += 1
        value |= (byte & 0x7F) << shift
        if byte < _MORE:
            return value, i
        shift += 7
    if i < end and data[i] <= 1:  # the sign of a negative number
        return (value - _HALF) - _HALF if data[i] else value, i + 1
    raise ValueError("a number that does not end")


@kernel
def read_field(data: bytes, i: int, end: int) -> tuple[int, int, int]:
    """Read the field at ``data[i:end]``: its tag, its number or else its size, and where it ends."""
    tag, i = read_varint(data, i, end)
    value, i = read_varint(data, i, end)
    if tag & 7 == SIZED:
        if value < 0 or value > end - i:
            raise ValueError("a field longer than what holds it")
        i += value
    elif tag & 7 != _VARINT:
        raise ValueError("a field of an unknown type")
    return tag, value, i


@kernel
def zigzag(value: int) -> int:
    """Undo the coding that keeps negative numbers short."""
    return (value >> 1) ^ -(value & 1)


@kernel
def read_fields(
    data: bytes, i: int, end: int, number: NDArray[np.int64], span: NDArray[np.int64]
) -> None:
    """Read a message: the numbers of its fields, or where the others start and end; 0 for none.

    Row 1 is for field 1, and so on; fields beyond the last row are skipped.
    """
    number[:] = 0
    span[:] = 0
    while i < end:
        tag, value, i = read_field(data, i, end)
        row = tag >> 3
        if 0 < row < len(number):
            if tag & 7 == SIZED:
                span[row, 0] = i - value
                span[row, 1] = i
            else:
                number[row] = value


@kernel
def _copy_sums(data: bytes, i: int, end: int, out: NDArray[np.int64], n: int) -> int:
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
        n += data[k] < _MORE
    out = np.empty(n, np.int64)
    _copy_sums(data, i, end, out, 0)
    return out


@kernel
def find_texts(data: bytes, i: int, end: int) -> tuple[NDArray[np.int64], bool]:
    """Find the texts of a string table: where each starts and ends, and whether one holds a NUL."""
    n = 0
    k = i
    while k < end:
        _, _, k = read_field(data, k, end)
        n += 1
    out = np.empty((n, 2), np.int64)
    nul = False
    for row in range(n):
        tag, size, i = read_field(data, i, end)
        if tag & 7 != SIZED:
            raise ValueError("a text without a length")
        out[row, 0] = i - size
        out[row, 1] = i
        for k in range(i - size, i):
            nul |= data[k] == 0
    return out, nul


@kernel
def find_keys(
    data: bytes, at: NDArray[np.int64], keys: bytes, key_start: NDArray[np.int64]
) -> NDArray[np.int32]:
    """Give for every text which of ``keys`` it is, -1 for none."""
    out = np.full(len(at), -1, np.int32)
    for row in range(len(at)):
        start = at[row, 0]
        size = at[row, 1] - start
        for key in range(len(key_start) - 1):
            own = key_start[key]
            if key_start[key + 1] - own == size:
                same = 0
                while same < size and data[start + same] == keys[own + same]:
                    same += 1
                if same == size:
                    out[row] = key
    return out


@kernel
def read_dense_tags(
    data: bytes, i: int, end: int, n_nodes: int, use: NDArray[np.uint8]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Read the tags of dense nodes: key, value, key, value, …, and a 0 after each node.

    Returns the rows of the nodes asked for, where the tags of each start, and their keys and values as
    texts, shape (n, 2).
    """
    node = np.empty(min(n_nodes, (end - i) // 2), np.int64)
    start = np.zeros(len(node) + 1, np.int64)
    tag = np.empty(((end - i) // 2, 2), np.int64)
    kept = n_tags = row = 0
    asked = False
    while i < end:
        key, i = read_varint(data, i, end)
        if key:
            value, i = read_varint(data, i, end)
            if not (0 < key < len(use) and 0 <= value < len(use) and row < n_nodes):
                raise ValueError("a tag without a text or a node")
            if use[key]:
                tag[n_tags, 0] = key
                tag[n_tags, 1] = value
                n_tags += 1
                asked |= use[key] == COPIED | ASKED
            continue
        if asked:
            node[kept] = row
            kept += 1
            start[kept] = n_tags
        n_tags = start[kept]
        asked = False
        row += 1
    return node[:kept], start[: kept + 1], tag[:n_tags]


@kernel
def _copy_tags(
    data: bytes, span: NDArray[np.int64], use: NDArray[np.uint8], tag: NDArray[np.int64], n: int
) -> tuple[int, bool]:
    """Read an object's tags that matter into ``tag[n:]``; gives the next n and whether it is asked for."""
    key_at, key_end = span[_KEYS, 0], span[_KEYS, 1]
    value_at, value_end = span[_VALUES, 0], span[_VALUES, 1]
    asked = False
    while key_at < key_end:
        key, key_at = read_varint(data, key_at, key_end)
        value, value_at = read_varint(data, value_at, value_end)
        if not (0 <= key < len(use) and 0 <= value < len(use)):
            raise ValueError("a tag without a text")
        if use[key]:
            tag[n, 0] = key
            tag[n, 1] = value
            n += 1
            asked |= use[key] == COPIED | ASKED
    if value_at != value_end:
        raise ValueError("a tag without a key")
    return n, asked


@kernel
def _is_among(members: NDArray[np.int64], osm_id: int) -> bool:
    """Search ascending ids; numpy's own search takes a second to compile."""
    low, high = 0, len(members)
    while low < high:
        middle = (low + high) // 2
        if members[middle] < osm_id:
            low = middle + 1
        else:
            high = middle
    return low < len(members) and members[low] == osm_id


@kernel
def _copy_kinds(data: bytes, i: int, end: int, out: NDArray[np.int64], n: int) -> int:
    while i < end:
        out[n], i = read_varint(data, i, end)
        n += 1
    return n


@kernel
def read_objects(
    data: bytes, i: int, end: int, kind: int, use: NDArray[np.uint8], members: NDArray[np.int64]
) -> tuple[
    NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]
]:
    """Read the objects of a group that carry a key asked for or whose id is among ``members``.

    ``kind`` is the tag of the group's fields. Returns (id, when edited, where the tags and the refs of
    each end), shape (n, 4); keys and values of tags as texts, shape (n, 2); the refs: nodes of ways,
    members of relations, the row of a node; of relations the kinds of members; and of all nodes, kept or
    not, (id, lon, lat), shape (n, 3). All are views of arrays as large as the group could need.
    """
    most = end - i  # no number takes less than a byte
    head = np.empty((most // 2, 4), np.int64)
    tag = np.empty((most // 2, 2), np.int64)
    ref = np.empty(most, np.int64)
    member_kind = np.empty(most if kind == RELATION else 0, np.int64)
    place = np.empty((most // 2 if kind == NODE else 0, 3), np.int64)
    number, span = np.zeros(_FIELDS, np.int64), np.zeros((_FIELDS, 2), np.int64)
    inside, within = number.copy(), span.copy()
    n = n_tags = n_refs = n_kinds = n_nodes = 0
    while i < end:
        found, size, i = read_field(data, i, end)
        if found != kind:
            raise ValueError("a group of objects of different kinds")
        read_fields(data, i - size, i, number, span)
        osm_id = zigzag(number[_ID]) if kind == NODE else number[_ID]
        if kind == NODE:
            place[n_nodes, 0] = osm_id
            place[n_nodes, 1] = zigzag(number[_LON])
            place[n_nodes, 2] = zigzag(number[_LAT])
            n_nodes += 1
        last_tag, asked = _copy_tags(data, span, use, tag, n_tags)
        if not (asked or _is_among(members, osm_id)):
            continue
        if kind == NODE:
            ref[n_refs] = n_nodes - 1
            n_refs += 1
        elif kind == WAY:
            n_refs = _copy_sums(data, span[_REFS, 0], span[_REFS, 1], ref, n_refs)
        else:
            n_refs = _copy_sums(data, span[_MEMBERS, 0], span[_MEMBERS, 1], ref, n_refs)
            n_kinds = _copy_kinds(data, span[_KINDS, 0], span[_KINDS, 1], member_kind, n_kinds)
        if kind == RELATION and n_kinds != n_refs:
            raise ValueError("a member of no kind")
        read_fields(data, span[_INFO, 0], span[_INFO, 1], inside, within)
        n_tags = last_tag
        head[n, 0] = osm_id
        head[n, 1] = inside[_EDITED]
        head[n, 2] = n_tags
        head[n, 3] = n_refs
        n += 1
    return head[:n], tag[:n_tags], ref[:n_refs], member_kind[:n_kinds], place[:n_nodes]
