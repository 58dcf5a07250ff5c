"""Nodes, ways and relations as arrays, with each distinct tag kept once."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

_PAIR_BYTES: Final = 8

#: The ids of nodes along a way, and their longitudes and latitudes, shape (n, 2).
Line = tuple["NDArray[np.int64]", "NDArray[np.float64]"]


@dataclass(frozen=True)
class Keys:
    """What is read: the keys, one of which a node, way or relation must carry, and all that matter."""

    node: frozenset[str]
    way: frozenset[str]
    relation: frozenset[str]
    matter: frozenset[str]


@dataclass(frozen=True)
class Tags:
    """The tags of a number of objects, each key and text as the number of one that is kept once.

    Attributes
    ----------
    start
        int64 (n_objects + 1,): where the tags of each object begin.
    pair
        int64 (n,): number of the key << 32 | number of the text.
    keys, texts
        What the numbers stand for.
    """

    start: NDArray[np.int64]
    pair: NDArray[np.int64]
    keys: tuple[str, ...]
    texts: Sequence[str]

    def sets(
        self, wanted: Collection[str], whether: Collection[str] = ()
    ) -> tuple[NDArray[np.int64], list[dict[str, str]]]:
        """Give each distinct set of tags of certain keys once, and which one each object has.

        Of the keys ``whether`` it only matters that they are there: their text is any.
        """
        use = np.array([key in wanted for key in self.keys], bool)[self.pair >> 32]
        cuts = _PAIR_BYTES * np.concatenate([[0], np.cumsum(use)])[self.start]
        pair = self.pair[use]
        any_text = np.array([key in whether for key in self.keys], bool)[pair >> 32]
        data = np.where(any_text, pair >> 32 << 32, pair).tobytes()
        number: dict[bytes, int] = {}
        code = [number.setdefault(data[a:b], len(number)) for a, b in pairwise(cuts.tolist())]
        found = [np.frombuffer(pairs, np.int64).tolist() for pairs in number]
        return np.array(code, np.int64), [dict(map(self._said, pairs)) for pairs in found]

    def carrying(self, keys: Collection[str]) -> NDArray[np.intp]:
        """Give the objects that carry one of some keys, ascending."""
        own = np.array([key in keys for key in self.keys], bool)[self.pair >> 32]
        at = np.flatnonzero(own)
        return np.unique(np.searchsorted(self.start, at, side="right") - 1)

    def take(self, rows: NDArray[np.intp]) -> Tags:
        """Give the tags of some objects."""
        size = np.diff(self.start)[rows]
        start = np.concatenate([[0], size.cumsum()])
        at = np.arange(start[-1]) + np.repeat(self.start[rows] - start[:-1], size)
        return Tags(start, self.pair[at], self.keys, self.texts)

    def numbers(self, key: str) -> NDArray[np.int64]:
        """Give the number of each object's text for a key, -1 where it has none; the last of several counts."""
        out = np.full(len(self.start) - 1, -1, np.int64)
        if key in self.keys:
            at = np.flatnonzero(self.pair >> 32 == self.keys.index(key))
            out[np.searchsorted(self.start, at, side="right") - 1] = self.pair[at] & 0xFFFFFFFF
        return out

    def column(self, key: str) -> list[str | None]:
        """Give each object's text for a key, None where it has none."""
        out: list[str | None] = [None] * (len(self.start) - 1)
        number = self.numbers(key)
        for row in np.flatnonzero(number >= 0).tolist():
            out[row] = self.texts[number[row]]
        return out

    def _said(self, pair: int) -> tuple[str, str]:
        return self.keys[pair >> 32], self.texts[pair & 0xFFFFFFFF]


@dataclass(frozen=True)
class Nodes:
    """Where nodes are.

    Attributes
    ----------
    id
        int64 (n,): OSM node ids, ascending where they are those along ways.
    lonlat
        float64 (n, 2): degrees; NaN where the file does not hold the node.
    """

    id: NDArray[np.int64]
    lonlat: NDArray[np.float64]


@dataclass(frozen=True)
class Refs:
    """The nodes along a number of ways, one way after the other.

    Attributes
    ----------
    start
        int64 (n_ways + 1,): where each way's nodes begin.
    row
        int64 (n,): rows of ``nodes``.
    nodes
        The nodes, each once.
    """

    start: NDArray[np.int64]
    row: NDArray[np.int64]
    nodes: Nodes

    def line(self, way: int) -> Line:
        """Give the nodes of one way."""
        rows = self.row[self.start[way] : self.start[way + 1]]
        return self.nodes.id[rows], self.nodes.lonlat[rows]


@dataclass(frozen=True)
class Objects:
    """Nodes, ways or relations, in the order of the file.

    Attributes
    ----------
    id
        int64 (n,): OSM ids.
    edited
        int64 (n,): when each was last edited, seconds since 1970; 0 where unknown.
    tags
        The tags that matter.
    refs
        The nodes along ways; nodes themselves; none for relations.
    members
        Of each relation the ids of the nodes, ways and relations it is made of, as ``n1``, ``w2`` and
        ``r3``; empty for nodes and ways.
    """

    id: NDArray[np.int64]
    edited: NDArray[np.int64]
    tags: Tags
    refs: Refs
    members: list[list[str]]

    def lines(self, wanted: Collection[int]) -> dict[int, Line]:
        """Give the nodes of some ways, by way id."""
        rows = np.flatnonzero(np.isin(self.id, np.array(list(wanted), np.int64)))
        return {int(self.id[row]): self.refs.line(row) for row in rows.tolist()}


def ways_among(members: Sequence[str]) -> list[int]:
    """Give the ids of the ways among the members of a relation, in its order."""
    return [int(member[1:]) for member in members if member[0] == "w"]
