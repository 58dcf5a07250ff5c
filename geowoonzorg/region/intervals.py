"""What a suppressed or rounded count can be: the narrowest interval that the sums of a table leave it.

Every count is a whole number between two bounds, and a table has sums: parts that add up to a total, or that
are no more than it. Where no two sums meet twice, passing bounds along them until nothing changes gives the
narrowest intervals; where they do, linear programming does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

BASES: Final = (10, 5)  # to which Dutch statistics round counts of people
_SLACK: Final = 1e-6  # what the solver's arithmetic may be off
_PASSES: Final = 100


@dataclass(frozen=True)
class Sum:
    """Counts that add up.

    Attributes
    ----------
    parts
        Positions of the parts, each once.
    total
        Position of the total.
    exact
        Whether the parts are all of it; else they are no more than it.
    """

    parts: tuple[int, ...]
    total: int
    exact: bool = True


@dataclass(frozen=True, eq=False)
class Tightened:
    """Bounds after the sums were heard.

    Attributes
    ----------
    low, high
        Whole numbers as float64, of shape ``(counts,)``; ``inf`` where nothing bounds a count from above. Where
        sums contradict each other they are what they were.
    broken
        Per contradiction the positions of sums that cannot all hold, none of which can be left out of it.
    stuck
        The positions of all sums that hang together with a contradiction.
    """

    low: NDArray[np.float64]
    high: NDArray[np.float64]
    broken: tuple[tuple[int, ...], ...]
    stuck: tuple[int, ...] = ()


def rounding_base(counts: Iterable[float]) -> int:
    """Infer to what the counts of a table were rounded.

    Parameters
    ----------
    counts
        Those published; NaN for others.

    Returns
    -------
    int
        10 or 5 where every count is a multiple of it, else 1. Taking too large a base widens intervals; a true
        base is never missed.

    Examples
    --------
    >>> rounding_base([11445, 1235, 90]), rounding_base([40, 1060]), rounding_base([7, 10])
    (5, 10, 1)
    """
    known = np.array([one for one in counts if one == one and one > 0], dtype=float)  # noqa: PLR0124 - NaN
    return next((b for b in BASES if len(known) and not np.any(known % b)), 1)


def rounded_interval(
    counts: NDArray[np.float64], base: int, *, whole: bool = True
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give what counts can have been before they were rounded to the nearest multiple.

    Parameters
    ----------
    counts
        As published.
    base
        To what they were rounded; 1 for not at all.
    whole
        Whether they were whole numbers before; estimates and weighted counts are not.

    Returns
    -------
    low, high : numpy.ndarray
        Both within; never under 0.

    Examples
    --------
    >>> [bound.tolist() for bound in rounded_interval(np.array([90.0, 0.0]), 5)]
    [[88.0, 0.0], [92.0, 2.0]]
    """
    half = 0.0 if base == 1 else base / 2
    low, high = np.maximum(counts - half, 0.0), counts + half
    return (np.ceil(low), np.floor(high)) if whole else (low, high)


def tighten(
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    sums: Sequence[Sum],
    *,
    wanted: NDArray[np.bool_] | None = None,
) -> Tightened:
    """Narrow the bounds of counts as far as their sums allow.

    Parameters
    ----------
    low, high
        Bounds of each count, of shape ``(counts,)``, 0 or more; ``inf`` for no upper bound.
    sums
        Which counts add up.
    wanted
        Of which counts the narrowest bounds are wanted; None for all. Others may stay somewhat wider where sums
        meet more than once.

    Returns
    -------
    Tightened
        The bounds, and the sums that contradict each other.

    Notes
    -----
    Bounds consistency; with two linear programmes per count, solved by HiGHS (Huangfu and Hall 2018), where the
    sums form cycles. Fischetti and Salazar-González (2001), *Solving the cell suppression problem on
    tabular data with linear constraints*, Management Science 47(7), has these programmes as the attacker's.

    Examples
    --------
    Of 4,805 people, rounded to 5, two parts are 770 and 4,035:

    >>> low, high = rounded_interval(np.array([4805.0, 770.0, 4035.0, 0.0]), 5)
    >>> high[3] = np.inf
    >>> found = tighten(low, high, [Sum(parts=(1, 2, 3), total=0)])
    >>> found.low[3].item(), found.high[3].item()
    (0.0, 6.0)
    """
    low, high = low.astype(np.float64).copy(), high.astype(np.float64).copy()
    broken: list[tuple[int, ...]] = []
    stuck: list[int] = []
    for members in _components(sums):
        cells = sorted({c for s in members for c in (*sums[s].parts, sums[s].total)})
        part = _Part(cells, [sums[s] for s in members], low, high)
        if not part.narrow(wanted):
            broken.append(tuple(members[i] for i in part.conflict()))
            stuck += members
            continue
        low[cells], high[cells] = part.low, part.high
    with np.errstate(invalid="ignore"):
        return Tightened(
            np.ceil(low - _SLACK) + 0.0, np.floor(high + _SLACK), tuple(broken), tuple(stuck)
        )


def _components(sums: Sequence[Sum]) -> list[list[int]]:
    """Group sums that have counts in common, by position and in order."""
    head = list(range(len(sums)))

    def find(one: int) -> int:
        while head[one] != one:
            head[one] = head[head[one]]
            one = head[one]
        return one

    owner: dict[int, int] = {}
    for number, one in enumerate(sums):
        for cell in (*one.parts, one.total):
            if cell in owner:
                roots = sorted((find(owner[cell]), find(number)))
                head[roots[1]] = roots[0]
            else:
                owner[cell] = number
    groups: dict[int, list[int]] = {}
    for number in range(len(sums)):
        groups.setdefault(find(number), []).append(number)
    return list(groups.values())


class _Part:
    """Counts that hang together, with positions of their own."""

    def __init__(
        self,
        cells: list[int],
        sums: list[Sum],
        low: NDArray[np.float64],
        high: NDArray[np.float64],
    ) -> None:
        at = {cell: i for i, cell in enumerate(cells)}
        self.cells = np.array(cells)
        self.sums = [(np.array([at[p] for p in s.parts], int), at[s.total], s.exact) for s in sums]
        self.low, self.high = low[cells].copy(), high[cells].copy()
        self.first = (self.low.copy(), self.high.copy())

    def narrow(self, wanted: NDArray[np.bool_] | None) -> bool:
        """Narrow all bounds; False where nothing fits them."""
        settled = self._pass_on()
        if (self.low > self.high + _SLACK).any():
            return False
        edges = sum(len(parts) + 1 for parts, _, _ in self.sums)
        if settled and edges == len(self.cells) + len(self.sums) - 1:
            return True
        open_ = self.low < self.high
        if wanted is not None:
            open_ &= wanted[self.cells]
        if not open_.any():
            return self._fits(range(len(self.sums)))
        return self._solve(np.flatnonzero(open_))

    def conflict(self) -> list[int]:
        """Give a set of sums that cannot all hold, of which each is needed for that."""
        kept = list(range(len(self.sums)))
        for one in list(kept):
            without = [s for s in kept if s != one]
            if without and not self._fits(without):
                kept = without
        return kept

    def _pass_on(self) -> bool:
        """Pass bounds along the sums; False where it was not done when it was stopped."""
        low, high = self.low, self.high
        for _ in range(_PASSES):
            before = (low.copy(), high.copy())
            for parts, total, exact in self.sums:
                least, most = low[parts], high[parts]
                low[total] = max(low[total], least.sum())
                high[parts] = np.minimum(most, high[total] - (least.sum() - least))
                if not exact:
                    continue
                high[total] = min(high[total], most.sum())
                endless = np.isinf(most)
                if endless.sum() <= 1:
                    finite = np.where(endless, 0.0, most)
                    rest = np.where(endless, finite.sum(), finite.sum() - finite)
                    if endless.any():
                        rest[~endless] = np.inf
                    low[parts] = np.maximum(low[parts], low[total] - rest)
            if (low > high + _SLACK).any():
                return True
            if np.array_equal(low, before[0]) and np.array_equal(high, before[1]):
                return True
        return False

    def _rows(self, which: Iterable[int]) -> dict[str, object]:
        rows: dict[bool, list[NDArray[np.float64]]] = {True: [], False: []}
        for one in which:
            parts, total, exact = self.sums[one]
            row = np.zeros(len(self.cells))
            row[parts] = 1.0
            row[total] -= 1.0
            rows[exact].append(row)
        made: dict[str, object] = {}
        if rows[True]:
            made |= {"A_eq": np.array(rows[True]), "b_eq": np.zeros(len(rows[True]))}
        if rows[False]:
            made |= {"A_ub": np.array(rows[False]), "b_ub": np.zeros(len(rows[False]))}
        return made

    def _fits(self, which: Iterable[int]) -> bool:
        from scipy.optimize import linprog

        rows, bounds = self._rows(which), np.column_stack(self.first)
        found = linprog(np.zeros(len(self.cells)), **rows, bounds=bounds, method="highs")
        return bool(found.status == 0)

    def _solve(self, which: NDArray[np.intp]) -> bool:
        from scipy.optimize import linprog

        rows = self._rows(range(len(self.sums)))
        bounds = np.column_stack([self.low, self.high])
        if not self._fits(range(len(self.sums))):
            return False
        for cell in which:
            for sign, bound in ((1.0, self.low), (-1.0, self.high)):
                cost = np.zeros(len(self.cells))
                cost[cell] = sign
                found = linprog(cost, **rows, bounds=bounds, method="highs")
                if found.status == 0:  # else nothing bounds it
                    bound[cell] = sign * found.fun
        return True
