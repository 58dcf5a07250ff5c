"""A number of homes shared out over sites in whole numbers and under bounds, so that they are worth most."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Self

import numpy as np
from scipy import sparse

from geowoonzorg.choosing.solver import Problem, Solution, solve
from geowoonzorg.progress import Progress, silent

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    BoolArray = NDArray[np.bool_]
    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]

CAPACITY: Final = "n_woningen"
MINIMUM: Final = "min_woningen"
_OPTIMAL: Final = "optimal"
_CUT_SHORT: Final = "cut_short"
_INFEASIBLE: Final = "infeasible"
_SLACK: Final = 1e-7
_PRICED: Final = (
    20  # so many of the bounds that are reached are taken away one by one, to tell what each costs
)


@dataclass(frozen=True, eq=False)
class Bound:
    """One bound on the homes: ``per_home @ homes <= at_most``.

    Attributes
    ----------
    kind
        What it is called, as the option that asks for it.
    of
        Of which wijk or which site's catchment; empty where it is of all.
    per_home
        Shape (n,), what a home on each site adds.
    at_most
        What that may come to.
    touched_by
        Shape (n,): it counts only when one of these sites has homes; None when it always does.
    """

    kind: str
    of: str
    per_home: FloatArray
    at_most: float
    touched_by: BoolArray | None = None

    def holds(self, homes: IntArray) -> bool:
        """Whether homes keep it."""
        untouched = self.touched_by is not None and not homes[self.touched_by].any()
        return untouched or float(self.per_home @ homes) <= self.at_most + _SLACK * self._size

    @property
    def is_exclusion(self) -> bool:
        """Whether it keeps every home from some sites, and says nothing else."""
        return self.of == "" and self.at_most == 0 and self.touched_by is None

    def held_back(self) -> BoolArray:
        """Say which sites it may keep homes from."""
        return self.per_home > 0 if self.touched_by is None else self.touched_by

    def is_reached(self, homes: IntArray, most: IntArray) -> bool:
        """Whether no home more fits under it, on any site that has room."""
        if self.touched_by is not None and not homes[self.touched_by].any():
            return self.at_most < 0
        more = self.per_home[(self.per_home > 0) & (homes < most)]
        left = self.at_most - float(self.per_home @ homes)
        return bool(len(more)) and left < more.min() - _SLACK * self._size

    @property
    def _size(self) -> float:
        return max(1.0, abs(self.at_most), float(np.abs(self.per_home).max(initial=0.0)))


@dataclass(frozen=True, eq=False)
class HomesAsked:
    """What is shared out, over which sites.

    Attributes
    ----------
    gain
        Shape (n,), what a home on each site is worth.
    least
        Shape (n,), whole: a site takes at least so many, or none.
    most
        Shape (n,), whole: a site takes at most so many.
    homes
        How many in all.
    bounds
        What else is asked of them.
    """

    gain: FloatArray
    least: IntArray
    most: IntArray
    homes: int
    bounds: tuple[Bound, ...] = ()

    def without(self, kinds: Iterable[str]) -> Self:
        """Leave out kinds of bounds."""
        gone = set(kinds)
        return replace(
            self,
            bounds=tuple(one for one in self.bounds if one.kind not in gone),
            least=np.zeros_like(self.least) if MINIMUM in gone else self.least,
            most=np.maximum(self.most, self.homes) if CAPACITY in gone else self.most,
        )

    def less(self, bound: Bound) -> Self:
        """Leave out one bound."""
        return replace(self, bounds=tuple(one for one in self.bounds if one is not bound))


@dataclass(frozen=True, eq=False)
class HomesShared:
    """What fits where.

    Attributes
    ----------
    status
        ``optimal``, ``cut_short`` (the best so far) or ``infeasible``.
    homes
        Shape (n,), whole; empty where there are none.
    objective
        What they are worth together; NaN where there are none.
    bound
        What no sharing out can exceed; NaN where there is none.
    """

    status: str
    homes: IntArray
    objective: float
    bound: float

    @property
    def gap(self) -> float:
        """How far it may be from the best, as a share of what it comes to; 0 is proven best."""
        apart = self.bound - self.objective
        return apart / max(abs(self.objective), 1e-12) if apart > 0 else 0.0


def share_homes(
    asked: HomesAsked,
    *,
    start: IntArray | None = None,
    seconds: float = 60.0,
    progress: Progress = silent,
) -> HomesShared:
    """Share homes out so that they are worth most.

    Parameters
    ----------
    asked
        What, over which sites, under which bounds.
    start
        Shape (n,), homes that keep all bounds, to begin with.
    seconds
        At most so long; then the best so far is given with its bound.
    progress
        Hears how far the work is.

    Returns
    -------
    HomesShared
        How many on each site.

    Raises
    ------
    Cancelled
        When ``progress`` asks to stop before there is any.

    Notes
    -----
    Maximise ``Σ gain·x`` with x whole, ``least·y <= x <= most·y``, y 0 or 1, ``Σ x = homes`` and the bounds. One that
    counts only where homes come, and is broken before there are any, is ``per_home @ x <= at_most·t`` with ``y <= t``
    for each site that touches it.

    Examples
    --------
    >>> two = HomesAsked(np.array([80.0, 50.0]), np.array([0, 12]), np.array([20, 40]), 24)
    >>> share_homes(two).homes.tolist()
    [12, 12]
    """
    return _shared(asked, asked.gain, seconds, progress, start=start)


def most_that_fit(asked: HomesAsked, *, seconds: float = 60.0, progress: Progress = silent) -> int:
    """Say how many homes fit within all bounds.

    Parameters
    ----------
    asked
        The sites and the bounds; of ``homes`` no more.
    seconds
        At most so long; then the most that were found.
    progress
        Hears how far the work is.

    Returns
    -------
    int
        How many.

    Raises
    ------
    Cancelled
        As `share_homes`.

    Examples
    --------
    >>> most_that_fit(HomesAsked(np.ones(2), np.array([0, 12]), np.array([5, 10]), 24))
    5
    """
    found = _shared(asked, np.ones(len(asked.gain)), seconds, progress, up_to=True)
    return int(found.homes.sum())


def next_best(
    asked: HomesAsked, homes: IntArray, *, seconds: float = 60.0, progress: Progress = silent
) -> HomesShared:
    """Share homes out as well as can be without at least one of the sites that have homes now.

    Parameters
    ----------
    asked
        As before.
    homes
        Shape (n,), how many each site has.
    seconds, progress
        As `share_homes`.

    Returns
    -------
    HomesShared
        The next choice; ``infeasible`` where there is no other.

    Raises
    ------
    Cancelled
        As `share_homes`.

    Examples
    --------
    >>> two = HomesAsked(np.array([80.0, 50.0]), np.array([0, 0]), np.array([20, 40]), 24)
    >>> next_best(two, np.array([20, 4])).homes.tolist()
    [0, 24]
    """
    return _shared(asked, asked.gain, seconds, progress, never_all=np.flatnonzero(homes > 0))


@dataclass
class _Rows:
    """Rows of a programme while they are being made: ``low <= row @ (x, y, t) <= high``."""

    width: int
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)
    at: list[IntArray] = field(default_factory=list)
    value: list[FloatArray] = field(default_factory=list)

    def add(
        self, parts: Mapping[int, float] | tuple[IntArray, FloatArray], low: float, high: float
    ) -> None:
        if isinstance(parts, tuple):
            at, value = parts
        else:
            at, value = np.array(list(parts)), np.array(list(parts.values()))
        self.at.append(at)
        self.value.append(np.asarray(value, dtype=np.float64))
        self.low.append(low)
        self.high.append(high)

    def matrix(self) -> sparse.csr_array:
        row = np.repeat(np.arange(len(self.at)), [len(one) for one in self.at])
        return sparse.csr_array(
            (np.concatenate(self.value), (row, np.concatenate(self.at))),
            shape=(len(self.at), self.width),
        )


def _shared(
    asked: HomesAsked,
    gain: FloatArray,
    seconds: float,
    progress: Progress,
    *,
    never_all: IntArray | None = None,
    up_to: bool = False,
    start: IntArray | None = None,
) -> HomesShared:
    """Solve once, over the sites that can have homes at all."""
    n, least = len(gain), np.maximum(asked.least, 1)
    takes = np.flatnonzero((asked.most >= least) & (asked.most > 0))
    touched = [one for one in asked.bounds if one.touched_by is not None and one.at_most < 0]
    m = len(takes)
    rows = _Rows(2 * m + len(touched))
    every = np.arange(m)
    if not m:
        return HomesShared(_INFEASIBLE, np.zeros(n, dtype=np.int64), np.nan, np.nan)
    rows.add((every, np.ones(m)), 0 if up_to else asked.homes, asked.homes)
    for one, site in enumerate(takes):
        rows.add({one: 1.0, m + one: -float(asked.most[site])}, -np.inf, 0.0)
        rows.add({one: 1.0, m + one: -float(least[site])}, 0.0, np.inf)
    for bound in asked.bounds:
        if not any(bound is other for other in touched):
            rows.add((every, bound.per_home[takes]), -np.inf, bound.at_most)
    for number, bound in enumerate(touched):
        switch = 2 * m + number
        rows.add(
            (np.append(every, switch), np.append(bound.per_home[takes], -bound.at_most)),
            -np.inf,
            0.0,
        )
        for place in np.flatnonzero(bound.held_back()[takes]).tolist():
            rows.add({m + place: 1.0, switch: -1.0}, -np.inf, 0.0)
    if never_all is not None:
        inside = m + np.searchsorted(takes, never_all)
        rows.add((inside, np.ones(len(inside))), -np.inf, len(inside) - 1)
    high = np.ones(rows.width)
    high[:m] = np.minimum(asked.most[takes], asked.homes)
    value = np.zeros(rows.width)
    value[:m] = gain[takes]
    problem = Problem(
        value, rows.matrix(), np.array(rows.low), np.array(rows.high), np.zeros(rows.width), high,
        np.ones(rows.width, dtype=bool), _begun(start, takes, touched, rows.width),
    )  # fmt: skip
    return _read(solve(problem, seconds=seconds, progress=progress), takes, gain)


def _begun(
    start: IntArray | None, takes: IntArray, touched: list[Bound], width: int
) -> FloatArray | None:
    """Begin with homes that are known to fit."""
    if start is None:
        return None
    begun, m = np.zeros(width), len(takes)
    begun[:m], begun[m : 2 * m] = start[takes], start[takes] > 0
    begun[2 * m :] = [bool(start[one.touched_by].any()) for one in touched]
    return begun


def _read(found: Solution, takes: IntArray, gain: FloatArray) -> HomesShared:
    """Give what was found as homes on each site."""
    homes = np.zeros(len(gain), dtype=np.int64)
    values = np.asarray(found.values)
    if not len(values):
        return HomesShared(found.status, homes, np.nan, found.bound)
    homes[takes] = values[: len(takes)].astype(np.int64)
    objective = float(gain @ homes)
    bound = objective if found.status == _OPTIMAL else max(objective, found.bound)
    return HomesShared(found.status, homes, objective, bound)
