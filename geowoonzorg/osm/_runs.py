"""What one run of objects in a block holds, whatever else stands in its file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from geowoonzorg.osm._coordinates import NOWHERE
from geowoonzorg.osm._kernels import (
    EDITED,
    MOST_VERSION,
    NO_PLACE,
    VERSION,
    VISIBLE,
    read_dense_tags,
)
from geowoonzorg.osm._varints import read_field, read_fields, read_numbers, read_sums

if TYPE_CHECKING:
    from numpy.typing import NDArray

# The columns of what `read_objects` gives of each object.
ID_AT, EDITED_AT, TAG_END, REF_END, VERSION_AT, GONE_AT, OWN_END = range(7)
_COLUMNS: Final = 7
# The fields of dense nodes, and of their info.
_IDS, _INFO, _LATS, _LONS, _TAGS = 1, 5, 8, 9, 10
_FIELDS: Final = 11
NONE: Final = np.empty(0, np.int64)


class Located(NamedTuple):
    """Nodes: where they are, as the block counts it, and their versions, where these are asked for."""

    id: NDArray[np.int64]
    lon: NDArray[np.int64]
    lat: NDArray[np.int64]
    version: NDArray[np.int64]


@dataclass(frozen=True)
class Part:
    """What one run of a block holds: see `geowoonzorg.osm._kernels.read_objects`."""

    head: NDArray[np.int64]
    pair: NDArray[np.int64]
    ref: NDArray[np.int64]
    kind: NDArray[np.int64]
    fixed: NDArray[np.int64]  # lon, lat: of nodes, and of nodes along ways where ways tell it


NO_PART: Final = Part(
    np.empty((0, _COLUMNS), np.int64), NONE, NONE, NONE, np.empty((0, 2), np.int64)
)


def read_dense(
    data: bytes,
    start: int,
    end: int,
    use: NDArray[np.uint8],
    *,
    most: int,
    wanted: NDArray[np.int64] | None,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], Located]:
    """Read a run of dense nodes into the arrays that `read_objects` gives for plain nodes.

    ``wanted`` are ids of nodes that are read whatever their keys; None where versions do not matter yet.
    """
    _, _, start, end = read_field(data, start, end)
    number, span = np.zeros((_FIELDS, 2), np.int64), np.zeros((_FIELDS, 2), np.int64)
    read_fields(data, start, end, _INFO, number, span)
    ids, lon, lat = (read_sums(data, *span[f]) for f in (_IDS, _LONS, _LATS))
    n = len(ids)
    if len(lon) < n or len(lat) < n:
        raise ValueError("a node without a place")
    a, b = span[_TAGS]
    row, tag_start, tags = read_dense_tags(data, a, b, n, use, most)
    if wanted is not None:
        found = np.flatnonzero(_are_among(ids, wanted))
        every = np.union1d(row, found)
        n_tags = np.zeros(len(every), np.int64)
        n_tags[np.searchsorted(every, row)] = np.diff(tag_start)
        row, tag_start = every, np.concatenate([[0], n_tags.cumsum()])
    head = np.zeros((len(row), _COLUMNS), np.int64)
    head[:, ID_AT] = ids[row]
    head[:, TAG_END] = tag_start[1:]
    head[:, REF_END] = np.arange(1, len(row) + 1)
    a, b = span[_INFO]
    read_fields(data, a, b, 0, number, span)
    if len(row):
        head[:, EDITED_AT] = _at_least(n, read_sums(data, *span[EDITED]), 0)[row]
    version = np.zeros(n, np.int64)
    if wanted is not None:
        version = _at_least(n, read_numbers(data, *span[VERSION]), 0)
        if np.any((version < -1) | (version > MOST_VERSION)):
            raise ValueError("a version that is none")
        version = np.maximum(version, 0)
        head[:, VERSION_AT] = version[row]
    if span[VISIBLE, 1]:
        gone = _at_least(n, read_numbers(data, *span[VISIBLE]), 1) == 0
        head[:, GONE_AT] = gone[row]
        lon, lat = np.where(gone, NO_PLACE, lon[:n]), np.where(gone, NO_PLACE, lat[:n])
    return head, tags, row, Located(ids, lon[:n], lat[:n], version)


def places_of_refs(head: NDArray[np.int64], fixed: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give each node of ways the place that its way tells; none where no way tells any."""
    if not len(fixed):
        return fixed
    n_own, n_refs = (np.diff(head[:, c], prepend=0) for c in (OWN_END, REF_END))
    every = np.full((n_refs.sum(), 2), NOWHERE, np.int64)
    every[np.repeat(n_own > 0, n_refs)] = fixed
    return every


def _are_among(ids: NDArray[np.int64], known: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell which ids are among ascending ones, however many those are."""
    if not len(known):
        return np.zeros(len(ids), bool)
    return known[np.minimum(np.searchsorted(known, ids), len(known) - 1)] == ids


def _at_least(n: int, numbers: NDArray[np.int64], rest: int) -> NDArray[np.int64]:
    """Give n numbers, where a list is shorter than the nodes it tells of."""
    short = n - len(numbers)
    return numbers[:n] if short <= 0 else np.concatenate([numbers, np.full(short, rest)])
