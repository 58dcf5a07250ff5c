"""Some of the ways of a file: chosen, added to, and cut where a node is missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geowoonzorg.osm._objects import Refs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


@dataclass(frozen=True)
class Selected:
    """Some ways: their ids, the code of their tags and their nodes."""

    way_id: NDArray[np.int64]
    code: NDArray[np.int64]
    refs: Refs


def select(ways: Selected, keep: NDArray[np.bool_]) -> Selected:
    """Give some of the ways."""
    sizes = np.diff(ways.refs.start)
    inside = np.repeat(keep, sizes)
    start = np.concatenate([[0], np.cumsum(sizes[keep])]).astype(np.int64)
    refs = Refs(start, ways.refs.row[inside], ways.refs.nodes)
    return Selected(ways.way_id[keep], ways.code[keep], refs)


def extend(ways: Selected, more: Sequence[tuple[int, int, NDArray[np.int64]]]) -> Selected:
    """Add ways given one by one as (way id, code, node ids)."""
    if not more:
        return ways
    refs = ways.refs
    ends = refs.start[-1] + np.cumsum([len(ids) for *_, ids in more])
    rows = np.searchsorted(refs.nodes.id, np.concatenate([ids for *_, ids in more]))
    refs = Refs(np.concatenate([refs.start, ends]), np.concatenate([refs.row, rows]), refs.nodes)
    return Selected(
        np.concatenate([ways.way_id, np.array([way for way, *_ in more], np.int64)]),
        np.concatenate([ways.code, np.array([code for _, code, *_ in more], np.int64)]),
        refs,
    )


def cut_missing(ways: Selected) -> tuple[Selected, list[int]]:
    """Split ways where a node is missing, and drop what has no length left; also which miss nodes."""
    refs = ways.refs
    n_nodes = np.diff(refs.start)
    way_of = np.repeat(np.arange(len(ways.way_id)), n_nodes)
    there = ~np.isnan(refs.nodes.lonlat[refs.row, 0])
    lacks = n_nodes == 0
    lacks[way_of[~there]] = True
    missing = np.unique(ways.way_id[lacks]).tolist()
    begins = there.copy()
    begins[1:] &= ~there[:-1] | (way_of[1:] != way_of[:-1])
    run = np.cumsum(begins) - 1
    size = np.bincount(run[there], minlength=int(begins.sum()))
    long = size > 1
    keep = there.copy()
    keep[there] = long[run[there]]
    way = way_of[begins][long]
    start = np.concatenate([[0], np.cumsum(size[long])]).astype(np.int64)
    cut = Refs(start, refs.row[keep], refs.nodes)
    return Selected(ways.way_id[way], ways.code[way], cut), missing
