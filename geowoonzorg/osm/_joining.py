"""The parts of a file, read from its end to its start → its objects in order, each once."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from geowoonzorg.osm._coordinates import NOWHERE, to_lonlat
from geowoonzorg.osm._objects import Nodes, Objects, Refs, Tags
from geowoonzorg.osm._runs import (
    EDITED_AT,
    GONE_AT,
    ID_AT,
    NO_PART,
    NONE,
    REF_END,
    TAG_END,
    VERSION_AT,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from geowoonzorg.osm._node_places import NodePlaces
    from geowoonzorg.osm._runs import Part

_KINDS: Final = "nwr"


@dataclass(frozen=True)
class _Rows:
    """Objects below each other, with how many tags and refs each has."""

    head: NDArray[np.int64]
    pair: NDArray[np.int64]
    ref: NDArray[np.int64]
    kind: NDArray[np.int64]
    fixed: NDArray[np.int64]
    n_tags: NDArray[np.int64]
    n_refs: NDArray[np.int64]

    def keep(self, rows: NDArray[np.bool_]) -> _Rows:
        """Give some of them."""
        refs = np.repeat(rows, self.n_refs)
        return _Rows(
            self.head[rows],
            self.pair[np.repeat(rows, self.n_tags)],
            self.ref[refs],
            self.kind[refs] if len(self.kind) else self.kind,
            self.fixed[refs] if len(self.fixed) else self.fixed,
            self.n_tags[rows],
            self.n_refs[rows],
        )


def join_parts(
    what: str,
    parts: Sequence[Part],
    *,
    places: NodePlaces,
    keys: tuple[str, ...],
    texts: Sequence[str],
    asked: NDArray[np.bool_] | None,
) -> tuple[Objects, NDArray[np.int64]]:
    """Put parts in the order of their file, each object once.

    Parameters
    ----------
    what
        ``"nodes"``, ``"ways"`` or ``"relations"``.
    parts
        The parts that hold them, the last of the file first.
    places
        Where the nodes along ways are; ways may tell of more.
    keys, texts
        What the numbers of the tags stand for.
    asked
        Of each key whether an object that carries it is asked for, in a file where an object may stand more
        than once; None in another.

    Returns
    -------
    objects : Objects
        Those that are not deleted.
    double : numpy.ndarray
        The ids of those that stand more than once.

    Raises
    ------
    ValueError
        When a part holds tags or nodes of no object, or a coordinate is none.
    """
    rows = _stack(what, parts)
    keep = rows.head[:, GONE_AT] == 0
    double = NONE
    if asked is not None:
        tells = np.repeat(np.arange(len(rows.head)), rows.n_tags)[asked[rows.pair >> 32]]
        says = np.bincount(tells, minlength=len(rows.head)) > 0
        newest, double = _newest(rows.head, says | ~keep)
        keep &= newest
    if not keep.all():
        rows = rows.keep(keep)
    start = np.concatenate([[0], rows.n_refs.cumsum()])
    tags = Tags(np.concatenate([[0], rows.n_tags.cumsum()]), rows.pair, keys, texts)
    members: list[list[str]] = []
    if what == "relations":
        pairs = zip(rows.kind.tolist(), rows.ref.tolist(), strict=True)
        names = [f"{_KINDS[kind]}{osm_id}" for kind, osm_id in pairs]
        members = [names[a:b] for a, b in pairwise(start.tolist())]
        refs = Refs(np.zeros(len(rows.head) + 1, np.int64), NONE, Nodes(NONE, np.empty((0, 2))))
    elif what == "ways":
        refs = _along_ways(rows, start, places)
    else:
        refs = Refs(start, np.arange(len(rows.ref)), Nodes(rows.ref, to_lonlat(rows.fixed)))
    return Objects(rows.head[:, ID_AT], rows.head[:, EDITED_AT], tags, refs, members), double


def _stack(what: str, parts: Sequence[Part]) -> _Rows:
    """Lay parts below each other in the order of their file."""
    parts = [NO_PART, *reversed(parts)]
    head = np.concatenate([part.head for part in parts])
    pair = np.concatenate([part.pair for part in parts])
    ref = np.concatenate([part.ref for part in parts])
    n_tags, n_refs = (
        np.concatenate([np.diff(part.head[:, c], prepend=0) for part in parts])
        for c in (TAG_END, REF_END)
    )
    if n_tags.sum() != len(pair) or n_refs.sum() != len(ref):
        raise ValueError("tags or nodes of no object")
    kind, fixed = NONE, NO_PART.fixed
    if what == "relations":
        kind = np.concatenate([part.kind for part in parts])
    elif what == "nodes" or any(len(part.fixed) for part in parts):
        fixed = np.concatenate(
            [
                part.fixed if len(part.fixed) else np.full((len(part.ref), 2), NOWHERE, np.int64)
                for part in parts
            ]
        )
    return _Rows(head, pair, ref, kind, fixed, n_tags, n_refs)


def _along_ways(rows: _Rows, start: NDArray[np.int64], places: NodePlaces) -> Refs:
    row = np.searchsorted(places.id, rows.ref)
    if len(rows.fixed):
        # Ways may tell where their nodes are; those need not be in the file then.
        lost = (places.fixed[row] == NOWHERE).all(axis=1) & (rows.fixed != NOWHERE).any(axis=1)
        places.fixed[row[lost]] = rows.fixed[lost]
    return Refs(start, row, Nodes(places.id, to_lonlat(places.fixed)))


def _newest(
    head: NDArray[np.int64], says: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Tell of each object whether it counts, and which are not alone.

    The highest version counts; of equal versions the last that ``says`` something, else the last.
    """
    order = np.lexsort((says, head[:, VERSION_AT], head[:, ID_AT]))
    ids = head[order, ID_AT]
    last = np.ones(len(ids), bool)
    last[:-1] = ids[1:] != ids[:-1]
    newest = np.zeros(len(ids), bool)
    newest[order[last]] = True
    return newest, np.unique(ids[~last])
