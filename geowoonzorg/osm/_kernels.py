"""The compiled loops over a PBF block: its parts, its texts, and the objects that carry certain keys.

Field numbers are those of https://wiki.openstreetmap.org/wiki/PBF_Format. No loop leaves its bytes: see
`geowoonzorg.osm._varints`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from geowoonzorg._jit import kernel
from geowoonzorg.osm._varints import (
    SIZED,
    VARINT,
    copy_numbers,
    copy_sums,
    read_field,
    read_fields,
    read_varint,
    zigzag,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: More bytes than OSM's 255 characters take: libosmium refuses such a text.
_MOST_TEXT_BYTES: Final = 1024
# Tags of fields, and the number of the first of those that are numbers of a block.
_TEXT, _TEXTS, _GROUP = 0x0A, 0x0A, 0x12
_GRANULARITY: Final = 17
MANY_GROUPS: Final = "more groups than a file of its size can hold"
MANY_OBJECTS: Final = "more objects than a file of its size can hold"
#: The kinds of group, by the tag of what they hold.
NODE, DENSE, WAY, RELATION = 0x0A, 0x12, 0x1A, 0x22
#: Flags of a text as key: it is copied; an object that carries it is asked for.
COPIED, ASKED = 1, 2
# The fields of a node, way or relation, and of their info.
_ID, _KEYS, _VALUES, _INFO, _LAT, _LON, _REFS, _ROLES, _MEMBERS, _KINDS = (
    1,
    2,
    3,
    4,
    8,
    9,
    8,
    8,
    9,
    10,
)
_LATS, _LONS = 9, 10
VERSION, EDITED, VISIBLE = 1, 2, 6
_FIELDS: Final = 11
_RELATION_KIND: Final = 2
MOST_VERSION: Final = (1 << 31) - 1
#: Where a deleted node is, in the units of a block.
NO_PLACE: Final = -(1 << 62) - 1


@kernel
def find_parts(  # noqa: C901 - as below
    data: bytes, number: NDArray[np.int64], run: NDArray[np.int64]
) -> tuple[int, int, int, int]:
    """Find what a block is made of: its numbers, its texts, and in its groups the runs of objects.

    Fills ``number``, where they are told, with granularity, date granularity, and the offsets of latitude
    and longitude, and ``run`` with (kind, start, end) of objects of one kind that follow each other in a
    group; dense nodes are a run of their own. Gives where the texts start and end, and how many runs and
    groups there are.
    """
    text_start = text_end = n = n_groups = i = 0
    while i < len(data):
        tag, value, start, i = read_field(data, i, len(data))
        if tag == _TEXTS:
            if text_end > text_start:
                raise ValueError("two tables of texts")
            text_start, text_end = start, i
        elif tag & 7 == VARINT and _GRANULARITY <= tag >> 3 < _GRANULARITY + len(number):
            number[(tag >> 3) - _GRANULARITY] = value
        if tag != _GROUP:
            continue
        n_groups += 1
        last = 0
        while start < i:
            at = start
            tag, _, _, start = read_field(data, at, i)
            if NODE <= tag <= RELATION and tag & 7 == SIZED and (tag != last or tag == DENSE):
                if n == len(run):
                    raise ValueError(MANY_GROUPS)
                run[n, 0] = tag
                run[n, 1] = at
                run[n, 2] = i
                if last:
                    run[n - 1, 2] = at
                n += 1
                last = tag
        if n_groups > len(run):
            raise ValueError(MANY_GROUPS)
    return text_start, text_end, n, n_groups


@kernel
def find_texts(data: bytes, i: int, end: int, most: int) -> tuple[NDArray[np.int64], bool]:
    """Find the texts of a string table: where each starts and ends, and whether one holds a NUL."""
    n = 0
    k = i
    while k < end:
        tag, _, _, k = read_field(data, k, end)
        n += tag == _TEXT
    if n > most:
        raise ValueError("more texts than a block can hold")
    out = np.empty((n, 2), np.int64)
    nul = False
    row = 0
    while i < end:
        tag, _, start, i = read_field(data, i, end)
        if tag != _TEXT:
            continue
        if i - start > _MOST_TEXT_BYTES:
            raise ValueError("a text longer than OSM allows")
        out[row, 0] = start
        out[row, 1] = i
        row += 1
        for k in range(start, i):
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
    data: bytes, i: int, end: int, n_nodes: int, use: NDArray[np.uint8], most: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Read the tags of dense nodes: key, value, key, value, …, and a 0 after each node.

    As with libosmium the last 0 may be left out, nodes after the last tags have none, and tags after the
    last node are not read. Returns the rows of the nodes asked for, at most ``most``, where the tags of
    each start, and their keys and values as texts, shape (n, 2).
    """
    node = np.empty(min(n_nodes, (end - i) // 2), np.int64)
    start = np.zeros(len(node) + 1, np.int64)
    tag = np.empty(((end - i) // 2, 2), np.int64)
    kept = n_tags = row = 0
    asked = False
    while i < end and row < n_nodes:
        key, i = read_varint(data, i, end)
        if key:
            value, i = read_varint(data, i, end)
            if not (0 < key < len(use) and 0 <= value < len(use)):
                raise ValueError("a tag without a text")
            if use[key]:
                tag[n_tags, 0] = key
                tag[n_tags, 1] = value
                n_tags += 1
                asked |= use[key] == COPIED | ASKED
            if i < end:
                continue
        if asked:
            if kept == most:
                raise ValueError(MANY_OBJECTS)
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
def _copy_members(
    data: bytes,
    span: NDArray[np.int64],
    n_texts: int,
    ref: NDArray[np.int64],
    kind: NDArray[np.int64],
    n: int,
) -> int:
    """Read the members of a relation into ``ref[n:]`` and ``kind[n:]``; gives the next n."""
    last = copy_sums(data, span[_MEMBERS, 0], span[_MEMBERS, 1], ref, n)
    whole = copy_numbers(data, span[_KINDS, 0], span[_KINDS, 1], kind, n) == last
    i, end = span[_ROLES, 0], span[_ROLES, 1]
    while i < end and whole:
        role, i = read_varint(data, i, end)
        whole = n < last and 0 <= role < n_texts and 0 <= kind[n] <= _RELATION_KIND
        n += 1
    if not whole or n != last:
        raise ValueError("a member without a kind or a role")
    return last


@kernel
def read_objects(  # noqa: C901, PLR0915 - one loop compiles sooner than many small ones
    data: bytes,
    i: int,
    end: int,
    kind: int,
    use: NDArray[np.uint8],
    wanted: NDArray[np.int64],
    most: int,
) -> tuple[
    NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64],
    NDArray[np.int64], NDArray[np.int64], NDArray[np.int64],
]:  # fmt: skip
    """Read the objects of a run that carry a key asked for or whose id is among ``wanted``.

    ``kind`` is the tag of the run's fields. Returns (id, when edited, where the tags and the refs of each
    end, version, whether deleted, where its places end), shape (n, 7), at most ``most``; keys and values of
    tags as texts, shape (n, 2); the refs: nodes of ways, members of relations, the row of a node; of
    relations the kinds of members; the longitudes and the latitudes that ways give of their nodes, of each
    way all or none; and of all objects, kept or not, the ids and, of nodes, (lon, lat, version), shape
    (n, 3). All are views of arrays as large as the run could need.
    """
    room = end - i  # no number takes less than a byte
    head = np.empty((room // 2, 7), np.int64)
    tag = np.empty((room // 2, 2), np.int64)
    ref = np.empty(room, np.int64)
    member_kind = np.empty(room if kind == RELATION else 0, np.int64)
    own = np.empty(2 * room if kind == WAY else 0, np.int64)
    ids = np.empty(room // 2, np.int64)
    place = np.empty((room // 2 if kind == NODE else 0, 3), np.int64)
    number, span = np.zeros((_FIELDS, 2), np.int64), np.zeros((_FIELDS, 2), np.int64)
    inside, within = number.copy(), span.copy()
    n = n_tags = n_refs = n_own = n_seen = 0
    while i < end:
        found, _, start, i = read_field(data, i, end)
        if found != kind:
            continue
        read_fields(data, start, i, _INFO, number, span)
        osm_id = zigzag(number[_ID, 0]) if kind == NODE else number[_ID, 0]
        ids[n_seen] = osm_id
        n_seen += 1
        last_tag, asked = _copy_tags(data, span, use, tag, n_tags)
        asked = asked or _is_among(wanted, osm_id)
        if not asked and kind != NODE:
            continue
        read_fields(data, span[_INFO, 0], span[_INFO, 1], 0, inside, within)
        version = inside[VERSION, 0]
        if version < -1 or version > MOST_VERSION:
            raise ValueError("a version that is none")
        version = max(version, 0)
        gone = inside[VISIBLE, 1] and not inside[VISIBLE, 0]
        if kind == NODE:
            if not (gone or (number[_LON, 1] and number[_LAT, 1])):
                raise ValueError("a node without a place")
            place[n_seen - 1, 0] = NO_PLACE if gone else zigzag(number[_LON, 0])
            place[n_seen - 1, 1] = NO_PLACE if gone else zigzag(number[_LAT, 0])
            place[n_seen - 1, 2] = version
            if not asked:
                continue
            ref[n_refs] = n_seen - 1
            n_refs += 1
        elif kind == WAY:
            first, first_own = n_refs, n_own
            n_refs = copy_sums(data, span[_REFS, 0], span[_REFS, 1], ref, first)
            if span[_LATS, 1] > span[_LATS, 0]:
                n_own = copy_sums(data, span[_LONS, 0], span[_LONS, 1], own, first_own)
                last = copy_sums(data, span[_LATS, 0], span[_LATS, 1], own, room + first_own)
                if n_own - first_own != n_refs - first or last != room + n_own:
                    raise ValueError("a way with places of some of its nodes")
        else:
            n_refs = _copy_members(data, span, len(use), ref, member_kind, n_refs)
        if n == most:
            raise ValueError(MANY_OBJECTS)
        n_tags = last_tag
        head[n, 0] = osm_id
        head[n, 1] = inside[EDITED, 0]
        head[n, 2] = n_tags
        head[n, 3] = n_refs
        head[n, 4] = version
        head[n, 5] = 1 if gone else 0
        head[n, 6] = n_own
        n += 1
    return (
        head[:n], tag[:n_tags], ref[:n_refs], member_kind[: n_refs if kind == RELATION else 0],
        own[:n_own], own[room : room + n_own], ids[:n_seen], place[: n_seen if kind == NODE else 0],
    )  # fmt: skip
