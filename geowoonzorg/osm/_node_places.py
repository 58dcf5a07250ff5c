"""Where the nodes along ways are, filled while the nodes of a file are read after its ways."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from geowoonzorg.messages import tell
from geowoonzorg.osm._coordinates import NOWHERE, to_fixed
from geowoonzorg.osm._pbf import RefusedError
from geowoonzorg.osm._runs import NONE, Located

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geowoonzorg.osm._pbf import Block

#: How often the nodes of all ways may be put in order, in a file where ways and nodes alternate.
_MOST_SORTED: Final = 200


class NodePlaces:
    """The nodes along the ways read so far.

    ``id`` are their ids, ascending, ``fixed`` their places in 1e-7 degrees, shape (n, 2). Of a file that is
    read again, ``known`` are the nodes along its ways, and ``times`` says how often each of them was seen.
    """

    def __init__(self, most_items: int, known: NDArray[np.int64] | None = None) -> None:
        self.id = NONE
        self.fixed = np.empty((0, 2), np.int64)
        self.times = self._version = NONE
        self._again = known is not None
        self._added = [] if known is None else [known]
        self._most_sorted = _MOST_SORTED * most_items
        self._n_sorted = 0

    def add(self, ids: NDArray[np.int64]) -> None:
        """Note nodes along ways; `widen` makes room for them."""
        self._added.append(ids)

    def widen(self) -> None:
        """Make room for the nodes added since the last call.

        Raises
        ------
        RefusedError
            When nodes and ways stand in turns so often that this would take hours.
        """
        if not self._added:
            return
        ids = np.sort(np.concatenate([self.id, *self._added]))
        self._n_sorted += len(ids)
        if self._n_sorted > self._most_sorted:
            raise RefusedError(
                tell("has its nodes and ways in turns; sort it first (osmium sort IN -o OUT)")
            )
        first = np.ones(len(ids), bool)
        first[1:] = ids[1:] != ids[:-1]
        ids = ids[first]
        old = np.searchsorted(ids, self.id)
        fixed = np.full((len(ids), 2), NOWHERE, np.int64)
        fixed[old] = self.fixed
        if self._again:
            version, times = np.full(len(ids), -1), np.zeros(len(ids), np.int64)
            version[old], times[old] = self._version, self.times
            self._version, self.times = version, times
        self.id, self.fixed = ids, fixed
        self._added.clear()

    def place(self, block: Block, found: Located) -> None:
        """Note where those of some nodes are that lie along ways, ascending by id unless read again."""
        if self._again:
            order = np.lexsort((found.version, found.id))  # the newest last, of equals the last
            found = Located(*(column[order] for column in found))
        if not len(found.id):
            return
        first = np.searchsorted(self.id, found.id[0])
        last = np.searchsorted(self.id, found.id[-1], side="right")
        wanted = self.id[first:last]
        at = np.searchsorted(found.id, wanted, side="right") - 1
        there = np.flatnonzero(found.id[at] == wanted)
        if self._again:
            begin = np.searchsorted(found.id, wanted)
            self.times[first + there] += (at + 1 - begin)[there]
            # What was read before stands later in the file.
            there = there[found.version[at[there]] > self._version[first + there]]
            self._version[first + there] = found.version[at[there]]
        row = at[there]
        self.fixed[first + there] = to_fixed(block, found.lon[row], found.lat[row])
