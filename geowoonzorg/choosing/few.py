"""The best few places by going through all sets, from the best down, leaving whole branches that cannot be better.

A programme of whole numbers has a hard time where scores rise and fall smoothly: thousands of sets are almost as
good, and without whole numbers half a place here and half a place there come to more than any set. Of few places all
sets can be gone through instead.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from geowoonzorg._jit import COMPILED
from geowoonzorg.choosing._branching import branch
from geowoonzorg.choosing.candidates import tiles

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geowoonzorg.choosing.candidates import Candidates
    from geowoonzorg.progress import Progress

#: Places looked at before anybody is heard: a tenth of a second.
_WORK: Final = 50_000_000 if COMPILED else 100_000
#: So often, and then it is given up: another way may be quicker.
_ROUNDS: Final = 60
#: So often for sets that are as good.
_ROUNDS_ALIKE: Final = 10
#: Of more than so many places the branches are too many.
MOST: Final = 5


class Few(NamedTuple):
    """The best set, ascending, and whether it is sure that there is none better."""

    chosen: NDArray[np.int64]
    proven: bool


def best_few(
    given: Candidates, start: NDArray[np.int64], *, same: float, until: float, progress: Progress
) -> Few:
    """Find the best set of a few places.

    Parameters
    ----------
    given
        The places; none that may not be chosen together besides those that lie too near.
    start
        The best set so far, ascending; empty where there is none.
    same
        Sets whose scores differ by no more than this share of them are as good.
    until
        When to stop, by `time.monotonic`.
    progress
        Hears that the work goes on.

    Returns
    -------
    Few
        Of sets as good the one whose positions come first, unless there are very many. Nothing where there is none.

    Raises
    ------
    Cancelled
        When ``progress`` asks to stop.

    Notes
    -----
    Branch and bound: places are taken in the order of their scores, those too near them are left out of what
    follows, and what is still to be taken cannot exceed the best of as many hexagons of width D of what is left, of
    which at most one place each can be taken.

    Examples
    --------
    >>> from geowoonzorg.choosing.candidates import Candidates
    >>> from geowoonzorg.progress import silent
    >>> row = np.column_stack([np.arange(5.0) * 100, np.zeros(5)])
    >>> five = Candidates(
    ...     np.array([1.0, 5, 6, 5, 1]), row, 2, 150.0, np.full(5, -1), 9, np.zeros((0, 2), dtype=np.int64)
    ... )
    >>> best_few(five, np.array([0, 2]), same=1e-7, until=np.inf, progress=silent)
    Few(chosen=array([1, 3]), proven=True)
    """
    order = np.lexsort((np.arange(len(given.score)), -given.score))
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    best = np.sort(place[start]) if len(start) else np.full(given.k, -1, dtype=np.int64)
    cut = float(given.score[start].sum()) if len(start) else -np.inf
    done = _gone_through(_State.of(given, order), best, cut, until, progress, ties=False)
    if best[0] < 0:
        return Few(np.zeros(0, dtype=np.int64), done)
    if done:
        worth = float(given.score[order[best]].sum())
        cut = worth - same * max(1.0, abs(worth))
        _gone_through(_State.of(given, order), best, cut, until, progress, ties=True)
    return Few(np.sort(order[best]), done)


class _State(NamedTuple):
    """What the loop works in: places by falling score, what is left at each depth, and how far it is there."""

    score: NDArray[np.float64]
    xy: NDArray[np.float64]
    group: NDArray[np.int64]
    most: int
    apart_m: float
    tile: NDArray[np.int64]
    order: NDArray[np.int64]
    seen: NDArray[np.int64]
    left: NDArray[np.int64]
    size: NDArray[np.int64]
    at: NDArray[np.int64]
    depth: NDArray[np.int64]
    taken: NDArray[np.int64]

    @classmethod
    def of(cls, given: Candidates, order: NDArray[np.int64]) -> _State:
        """Begin with everything left, and nothing taken."""
        n, k = len(order), given.k
        xy, each = given.xy[order], np.arange(n, dtype=np.int64)[None, :]
        tile = tiles(xy, given.apart_m) if given.apart_m > 0 else each
        if given.most == 1:  # then a group is a tile as well
            alone = given.group[order].astype(np.int64)
            tile = np.vstack([np.where(alone < 0, alone.max() + 1 + each, alone), tile])
        left = np.empty((k, n), dtype=np.int64)
        left[0] = each[0]
        size = np.zeros(k, dtype=np.int64)
        size[0] = n
        return cls(
            given.score[order], xy, given.group[order].astype(np.int64), given.most, given.apart_m * (1 - 1e-12),
            tile, order.astype(np.int64), np.zeros(int(tile.max(initial=0)) + 1, dtype=np.int64), left, size,
            np.zeros(k, dtype=np.int64), np.zeros(2, dtype=np.int64), np.zeros(k, dtype=np.int64),
        )  # fmt: skip


def _gone_through(
    state: _State, best: NDArray[np.int64], cut: float, until: float, progress: Progress, *, ties: bool
) -> bool:  # fmt: skip
    """Go through the sets worth more than ``cut`` and put the best in ``best``; say whether that was all of them."""
    for _ in range(_ROUNDS_ALIKE if ties else _ROUNDS):
        done, cut = branch(*state, best, cut, ties, _WORK)
        if done:
            return True
        if time.monotonic() > until:
            break
        progress(0.5, "choosing the best")
    return False
