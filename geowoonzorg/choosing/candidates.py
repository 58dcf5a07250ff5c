"""Candidates for places: what each is worth, which lie too near each other, and good sets of them found quickly."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Final, Self

import numpy as np
from scipy import sparse
from scipy.spatial import KDTree

from geowoonzorg.progress import Progress, silent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]

# Whoever stands at the distance asked for is far enough, whatever the last digit of a root says.
_JUST_UNDER: Final = 1 - 1e-12
_TRIES: Final = 40
_MORE_SEEDS: Final = range(2, 10)
_SPREADS: Final = (0.1, 0.5, 1.0, 3.0)  # of the scores, by which a next try strays from their order
_STEPS: Final = 24  # discs of the distance's size are laid this many to its length …
_MOST_ENTRIES: Final = 500_000  # … or fewer, so that the programme has at most so many entries
_MOST_DISCS: Final = 200_000
_SHIFTS: Final = ((0.0, 0.0), (0.5, 0.0), (0.0, 0.5), (0.5, 0.5))


@dataclass(frozen=True, eq=False)
class Candidates:
    """Places of which some are chosen.

    Attributes
    ----------
    score
        Shape (n,), what each is worth.
    xy
        Shape (n, 2), metres.
    k
        How many are chosen.
    apart_m
        No two chosen ones lie nearer in a straight line; 0 for no such bound.
    group
        Shape (n,), the number of the group of each, -1 for none.
    most
        At most so many of one group.
    pairs
        Shape (m, 2): which may not be chosen together, besides.
    """

    score: FloatArray
    xy: FloatArray
    k: int
    apart_m: float
    group: IntArray
    most: int
    pairs: IntArray

    @cached_property
    def tree(self) -> KDTree:
        """The places, to be looked up by distance."""
        return KDTree(self.xy)

    @cached_property
    def _beside(self) -> sparse.csr_array:
        n = len(self.score)
        one, other = np.concatenate([self.pairs, self.pairs[:, ::-1]]).T
        return sparse.csr_array((np.ones(len(one)), (one, other)), shape=(n, n))

    def near(self, place: int) -> IntArray:
        """Give which places cannot be chosen with this one, itself included."""
        found = [np.array([place])]
        if self.apart_m > 0:
            found.append(
                np.array(self.tree.query_ball_point(self.xy[place], self.apart_m * _JUST_UNDER))
            )
        if len(self.pairs):
            at = self._beside.indptr
            found.append(self._beside.indices[at[place] : at[place + 1]].astype(np.int64))
        return np.unique(np.concatenate(found)).astype(np.int64)

    def only(self, kept: IntArray) -> Self:
        """Keep some of the places, in their order."""
        number = np.full(len(self.score), -1)
        number[kept] = np.arange(len(kept))
        pairs = number[self.pairs]
        return replace(
            self, score=self.score[kept], xy=self.xy[kept], group=self.group[kept],
            pairs=pairs[(pairs >= 0).all(axis=1)],
        )  # fmt: skip

    def clashes(self, chosen: IntArray) -> Iterator[IntArray]:
        """Give, for every two chosen ones that clash, a set around them of which at most one can be chosen."""
        for place in chosen:
            near = self.near(int(place))
            for other in chosen[np.isin(chosen, near) & (chosen > place)]:
                two = np.array([place, other])
                apart = float(np.hypot(*(self.xy[place] - self.xy[other])))
                if apart > self.apart_m * _JUST_UNDER:
                    yield two  # kept apart by name only
                    continue
                radius = self.apart_m / 2 * _JUST_UNDER
                around = self.tree.query_ball_point(self.xy[two].mean(axis=0), radius)
                yield np.union1d(np.array(around, dtype=np.int64), two)

    def group_rows(self) -> sparse.csr_array:
        """Give a row per group that could have too many: which places are in it."""
        in_one = np.flatnonzero(self.group >= 0)
        n_groups = int(self.group.max(initial=-1)) + 1
        rows = sparse.csr_array(
            (np.ones(len(in_one)), (self.group[in_one], in_one)), shape=(n_groups, len(self.score))
        )
        return rows[np.bincount(self.group[in_one], minlength=n_groups) > self.most]

    def discs(self) -> sparse.csr_array:
        """Give rows of places of which at most one can be chosen: those in a disc as wide as the distance.

        No shape of that width is larger, so that few others say as much; what they leave open is told by `clashes`.
        """
        n = len(self.score)
        nothing = sparse.csr_array((0, n))
        if self.apart_m <= 0 or n < 2:  # noqa: PLR2004 - two places
            return nothing
        entries = n * np.pi / 4 * _STEPS**2
        step = self.apart_m / _STEPS * max(1.0, np.sqrt(entries / _MOST_ENTRIES))
        low, high = self.xy.min(axis=0), self.xy.max(axis=0)
        sides = np.ceil((high - low) / step) + 1
        if sides.prod() <= _MOST_DISCS:
            axes = [start + step * np.arange(side) for start, side in zip(low, sides, strict=True)]
            centres = np.stack(np.meshgrid(*axes), axis=-1).reshape(-1, 2)
        else:
            centres = low + step * np.unique(np.round((self.xy - low) / step), axis=0)
        members = self.tree.query_ball_point(
            centres, self.apart_m / 2 * _JUST_UNDER, return_sorted=True
        )
        kept = list(dict.fromkeys(tuple(one) for one in members if len(one) > 1))
        if not kept:
            return nothing
        row = np.repeat(np.arange(len(kept)), [len(one) for one in kept])
        return sparse.csr_array(
            (np.ones(len(row)), (row, np.concatenate([np.array(one) for one in kept]))),
            shape=(len(kept), n),
        )

    def best_with(self) -> FloatArray:
        """Give what no set with each place in it can exceed: of every tile as wide as the distance one is taken."""
        if self.apart_m <= 0:
            return np.full(len(self.score), np.inf)
        found = np.full(len(self.score), np.inf)
        for tile in tiles(self.xy, self.apart_m):
            best = np.full(int(tile.max()) + 1, -np.inf)
            np.maximum.at(best, tile, self.score)
            top = np.sort(best)[::-1][: self.k]
            if len(top) < self.k:
                return np.full(len(self.score), -np.inf)
            # The tile's own best makes room; where it is none of the first, the last of those does.
            beside = top.sum() - np.where(best[tile] >= top[-1], best[tile], top[-1])
            found = np.minimum(found, self.score + beside)
        return found


def tiles(xy: FloatArray, apart_m: float) -> IntArray:
    """Give the tile that every place lies in: hexagons of which no two points are as far apart as is asked.

    Parameters
    ----------
    xy
        Shape (n, 2), metres.
    apart_m
        More than 0 (m).

    Returns
    -------
    numpy.ndarray
        Shape (n_tilings, n): a row for each of several tilings, turned and shifted.

    Examples
    --------
    >>> same = tiles(np.array([[0.0, 0.0], [1.0, 0.0], [100.0, 0.0]]), 100.0)
    >>> bool((same[:, 0] != same[:, 2]).all())
    True
    """
    radius = apart_m / 2 * (1 - 1e-9)
    found = []
    for turned in (xy, xy[:, ::-1]):
        x, y = turned.T / radius
        for shift in _SHIFTS:
            column, row = x / np.sqrt(3) - y / 3 + shift[0], 2 / 3 * y + shift[1]
            cube = np.column_stack([column, row, -column - row])
            near = np.round(cube)
            # The three add up to nothing: the one that was rounded most gives way.
            worst = np.abs(near - cube).argmax(axis=1)
            near[np.arange(len(near)), worst] -= near.sum(axis=1)
            _, tile = np.unique(near[:, :2], axis=0, return_inverse=True)
            found.append(tile.ravel())
    return np.array(found, dtype=np.int64)


def first_set(candidates: Candidates, *, seed: int = 1, tries: int = _TRIES) -> IntArray:
    """Find a good set quickly: greedy picks in orders that stray from the scores', each bettered one by one.

    Parameters
    ----------
    candidates
        The places.
    seed
        Of the straying.
    tries
        How many.

    Returns
    -------
    numpy.ndarray
        The places of the best set that was found, ascending; empty where none was.

    Examples
    --------
    >>> row = np.column_stack([np.arange(5.0) * 100, np.zeros(5)])
    >>> none = np.zeros((0, 2), dtype=np.int64)
    >>> five = Candidates(np.array([1.0, 5, 6, 5, 1]), row, 2, 150.0, np.full(5, -1), 9, none)
    >>> first_set(five).tolist()
    [1, 3]
    """
    draw = np.random.default_rng(seed)
    score, spread = candidates.score, float(candidates.score.std())
    near: dict[int, IntArray] = {}
    best, worth = np.zeros(0, dtype=np.int64), -np.inf
    for number in range(tries):
        order = score
        if number:
            order = score + draw.normal(0, 1, len(score)) * spread * draw.choice(_SPREADS)
        kept: list[int] = []
        if number % 2 and len(best) > 2:  # noqa: PLR2004 - of two none is left to stray
            n_kept = len(best) - int(draw.integers(2, max(3, len(best) // 2 + 1)))
            kept = [int(one) for one in draw.choice(best, n_kept, replace=False)]
        filled = _filled(candidates, kept, order, near)
        if len(filled) < candidates.k:
            continue
        found = np.sort(_bettered(candidates, filled, near))
        if score[found].sum() > worth + 1e-9:
            best, worth = found, float(score[found].sum())
    return best


def better_set(
    candidates: Candidates, start: IntArray, *, until: float, progress: Progress = silent
) -> IntArray:
    """Look on for a better set, in other orders: where scores rise and fall smoothly a solver hardly finds one.

    Parameters
    ----------
    candidates
        The places.
    start
        The best set so far, ascending.
    until
        When to stop, by `time.monotonic`.
    progress
        Hears that the work goes on.

    Returns
    -------
    numpy.ndarray
        The best that was found, ascending; of sets as good the first.

    Raises
    ------
    Cancelled
        When ``progress`` asks to stop.

    Examples
    --------
    >>> row = np.column_stack([np.arange(5.0) * 100, np.zeros(5)])
    >>> none = np.zeros((0, 2), dtype=np.int64)
    >>> five = Candidates(np.array([1.0, 5, 6, 5, 1]), row, 2, 150.0, np.full(5, -1), 9, none)
    >>> better_set(five, np.array([0, 2]), until=np.inf).tolist()
    [1, 3]
    """
    best = start
    for seed in _MORE_SEEDS:
        progress(0.5, "choosing the best")
        if time.monotonic() > until:
            break
        other = first_set(candidates, seed=seed)
        if len(other) and candidates.score[other].sum() > candidates.score[best].sum() + 1e-9:
            best = other
    return best


def _near(candidates: Candidates, place: int, known: dict[int, IntArray]) -> IntArray:
    if place not in known:
        known[place] = candidates.near(place)
    return known[place]


def _filled(
    candidates: Candidates, kept: list[int], order: FloatArray, known: dict[int, IntArray]
) -> list[int]:
    """Add the best that may be added, until there are enough or none is left."""
    group = candidates.group
    room = np.full(int(group.max(initial=-1)) + 2, candidates.most)
    free = np.ones(len(order), dtype=bool)
    found: list[int] = []

    def take(place: int) -> None:
        found.append(place)
        free[_near(candidates, place, known)] = False
        if group[place] >= 0:
            room[group[place]] -= 1
            if room[group[place]] <= 0:
                free[group == group[place]] = False

    for place in kept:
        take(place)
    while len(found) < candidates.k and free.any():
        left = np.flatnonzero(free)
        take(int(left[np.argmax(order[left])]))
    return found


def _bettered(candidates: Candidates, found: list[int], known: dict[int, IntArray]) -> IntArray:
    """Exchange one for a better one, as long as there is one; of equal ones the first."""
    score, group = candidates.score, candidates.group
    clash = np.zeros(len(score), dtype=np.int64)
    for place in found:
        clash[_near(candidates, place, known)] += 1
    chosen = list(found)
    while True:
        gain, out, into = 1e-9, -1, -1
        taken = np.bincount(group[chosen] + 1, minlength=int(group.max(initial=-1)) + 2)
        for place in chosen:
            left = clash.copy()
            left[_near(candidates, place, known)] -= 1
            there = taken.copy()
            there[group[place] + 1] -= 1
            full = there >= candidates.most
            full[0] = False
            open_ = np.flatnonzero((left == 0) & ~full[group + 1])
            other = int(open_[np.argmax(score[open_])])
            better = score[other] - score[place]
            if better > gain or (out < 0 and better == 0 and other < place):
                gain, out, into = max(better, gain), place, other
        if out < 0:
            return np.array(chosen)
        clash[_near(candidates, out, known)] -= 1
        clash[_near(candidates, into, known)] += 1
        chosen[chosen.index(out)] = into
