"""The best places of many: a number, none too near another, at most so many of a group, and proof that it is best."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from scipy import sparse

from geowoonzorg.choosing.candidates import Candidates, better_set, first_set
from geowoonzorg.choosing.few import MOST, Few, best_few
from geowoonzorg.choosing.solver import Problem, Solution, solve
from geowoonzorg.errors import Cancelled, InputError, StudyError
from geowoonzorg.progress import Progress, part, silent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]

_OPTIMAL: Final = "optimal"
_CUT_SHORT: Final = "cut_short"
_SAME: Final = 1e-7  # scores that differ by less, as a share of the whole, are the same
_WORTH_ANOTHER: Final = 0.8  # when so few of the places are left, they are looked at once more
_HARD: Final = 2e-3  # where the bound is so much above the first good set, others are looked for before the solver
_TIES_AMONG: Final = (
    500  # so many places that may belong to a best set are asked whether lower ones do as well
)


@dataclass(frozen=True, eq=False)
class SpotsChosen:
    """The places that were chosen.

    Attributes
    ----------
    status
        ``optimal``, or ``cut_short``: the best so far.
    chosen
        Shape (k,): their positions, the best first, of equal ones the lowest position.
    objective
        The sum of their scores.
    bound
        What no such set can exceed.
    costs
        What each bound costs: how many points more the best set without it has, by ``apart_m`` (``too_near`` with
        it) and ``max_per_group``, for those that were given; empty where it is not
        known that the set is best.
    """

    status: str
    chosen: IntArray
    objective: float
    bound: float
    costs: Mapping[str, float] = field(default_factory=dict)

    @property
    def gap(self) -> float:
        """How far they may be from the best, as a share of what they come to; 0 is proven best."""
        apart = self.bound - self.objective
        return apart / max(abs(self.objective), 1e-12) if apart > 0 else 0.0


def choose_spots(  # noqa: PLR0913 - each is a bound of its own
    score: ArrayLike,
    xy: ArrayLike,
    *,
    k: int,
    apart_m: float = 0.0,
    group: ArrayLike | None = None,
    max_per_group: int | None = None,
    too_near: ArrayLike | None = None,
    seconds: float = 60.0,
    progress: Progress = silent,
) -> SpotsChosen:
    """Choose the places that together score most.

    Parameters
    ----------
    score
        Shape (n,); a place without a score (NaN) is not chosen.
    xy
        Shape (n, 2), metres.
    k
        How many are chosen.
    apart_m
        No two lie nearer than so many metres in a straight line.
    group
        Shape (n,): the group of each, such as its wijk; missing for none.
    max_per_group
        At most so many of one group.
    too_near
        Shape (m, 2): positions of places that may not be chosen together, besides, such as those with a short walk
        between them.
    seconds
        At most about so long; then the best so far is given with its bound.
    progress
        Hears how far the work is.

    Returns
    -------
    SpotsChosen
        The places, what they come to and what each bound costs, where that was found in time.

    Raises
    ------
    StudyError
        When there is no such set: the message says which number cannot be met, and the most that can.
    InputError
        When the arrays are not of one length.
    Cancelled
        When ``progress`` asks to stop before there is any set; with one that is given, as ``cut_short``.

    Notes
    -----
    Maximise ``Σ s·y`` with ``Σ y = k``, y whole, and at most one y of any that lie too near each other (a packing
    problem; Erkut, *The discrete p-dispersion problem*, 1990). A good set comes first. Whatever could only be part of
    worse ones is left out, by the best of every hexagon of width D. Of few places all sets are gone through by branch
    and bound, as long as that is quick. Else more is left out by the reduced costs of the problem without whole
    numbers, in which every disc as wide as D has at most one place; the rest is solved, and pairs that no disc holds
    are forbidden when they turn up.

    Examples
    --------
    >>> row = np.column_stack([np.arange(5.0) * 100, np.zeros(5)])
    >>> found = choose_spots([1, 5, 6, 5, 1], row, k=2, apart_m=150)
    >>> found.chosen.tolist(), found.objective, found.gap, found.costs
    ([1, 3], 10.0, 0.0, {'apart_m': 1.0})
    """
    given, positions = _taken(score, xy, k, apart_m, group, max_per_group, too_near)
    until = time.monotonic() + seconds
    _check_counts(given, len(positions))
    found = _chosen(given, until, part(progress, 0.0, 0.6))
    if found is None:
        raise _too_much(given, until, part(progress, 0.6, 1.0))
    costs = _costs(given, found, until)
    order = np.lexsort((found.chosen, -given.score[found.chosen]))
    return replace(found, chosen=positions[found.chosen[order]], costs=costs)


def _taken(
    score: ArrayLike,
    xy: ArrayLike,
    k: int,
    apart_m: float,
    group: ArrayLike | None,
    max_per_group: int | None,
    too_near: ArrayLike | None,
) -> tuple[Candidates, IntArray]:
    """Look at what was given, and leave out what has no score."""
    scores, places = np.asarray(score, dtype=np.float64), np.asarray(xy, dtype=np.float64)
    n = len(scores)
    pairs = np.zeros((0, 2), np.int64) if too_near is None else np.asarray(too_near, np.int64)
    codes = np.full(n, -1)
    if group is not None and max_per_group is not None:
        codes = pd.factorize(pd.Series(np.asarray(group)), sort=True)[0].astype(np.int64)
    if places.shape != (n, 2) or len(codes) != n or not np.isfinite(places).all():
        raise InputError("every place needs a score, two coordinates and, where asked, a group")
    pairs = pairs.reshape(-1, 2)
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    if len(pairs) and not (pairs.min() >= 0 and pairs.max() < n):
        raise InputError("pairs that are too near must be positions of places")
    positions = np.flatnonzero(np.isfinite(scores))
    most = n if max_per_group is None else int(max_per_group)
    whole = Candidates(np.nan_to_num(scores), places, int(k), float(apart_m), codes, most, pairs)
    return whole.only(positions), positions


def _check_counts(given: Candidates, n: int) -> None:
    """See that there could be so many, before looking how far apart they are."""
    if given.k < 1:
        raise StudyError("{k} places cannot be chosen; give 1 or more", k=given.k)
    if n < given.k:
        raise StudyError(
            "{k} places were asked for, and only {most} can be chosen", k=given.k, most=n
        )
    sizes = np.bincount(given.group[given.group >= 0])
    room = int((given.group < 0).sum() + np.minimum(sizes, given.most).sum())
    if room < given.k:
        raise StudyError(
            "{k} places were asked for with at most {per_group} in each of {groups}; so no more than {most} fit",
            k=given.k, per_group=given.most, groups=len(sizes), most=room,
        )  # fmt: skip


def _chosen(  # noqa: C901, PLR0911, PLR0912 - every way in which the solver may end
    given: Candidates, until: float, progress: Progress
) -> SpotsChosen | None:
    """Choose the best set of positions, ascending; nothing where there is none."""
    start = first_set(given)
    worth = float(given.score[start].sum()) if len(start) else -np.inf
    slack = _SAME * max(1.0, abs(worth)) if len(start) else 0.0
    most = given.best_with()
    kept = np.flatnonzero(most >= worth - slack)
    if not len(kept):
        return None
    few = _of_few(given, kept, start, until, progress)
    if few.proven:
        worth = float(given.score[few.chosen].sum())
        return SpotsChosen(_OPTIMAL, few.chosen, worth, worth) if len(few.chosen) else None
    if len(few.chosen):
        start, worth = few.chosen, float(given.score[few.chosen].sum())
        slack = _SAME * max(1.0, abs(worth))
        kept = np.flatnonzero(most >= worth - slack)
    stopped, bound = False, min(float(most.max()), float(np.sort(given.score)[-given.k :].sum()))
    try:
        while True:
            left = given.only(kept)
            relaxed = _solve(left, _discs_and_groups(left), until, progress, whole=False)
            if relaxed.status == "infeasible":
                return None
            if relaxed.status != _OPTIMAL or relaxed.worth is None:
                break
            bound = min(bound, relaxed.bound)
            could = relaxed.bound - np.abs(relaxed.worth)
            could[_in(relaxed)] = relaxed.bound
            fewer = kept[could >= worth - slack]
            again = len(fewer) < _WORTH_ANOTHER * len(kept)
            kept = fewer
            if not again:  # the fewer there are, the finer the discs can be laid
                break
        if len(start) and bound > worth * (1 + _HARD):
            at = np.searchsorted(kept, start)
            better = better_set(given.only(kept), at, until=until, progress=progress)
            start, worth = kept[better], float(given.score[kept[better]].sum())
        found = _whole(given.only(kept), np.searchsorted(kept, start), until, progress)
    except Cancelled:
        if not len(start):
            raise
        stopped, found = True, Solution(_CUT_SHORT, np.zeros(0), np.nan, np.inf)
    if found.status == "infeasible" and not len(start):
        return None
    best = start  # what was left out could only be part of worse sets
    if len(found.values):
        now = kept[_in(found)]
        best = now if given.score[now].sum() > worth + slack else start
    if not len(best):
        return SpotsChosen(_CUT_SHORT, best, np.nan, bound)
    objective = float(given.score[best].sum())
    if found.status == _CUT_SHORT:
        return SpotsChosen(_CUT_SHORT, best, objective, max(objective, min(bound, found.bound)))
    if not stopped and len(kept) <= _TIES_AMONG:
        best = kept[_lowest(given.only(kept), np.searchsorted(kept, best), until, progress)]
    return SpotsChosen(_OPTIMAL, best, objective, objective)


def _of_few(
    given: Candidates, kept: IntArray, start: IntArray, until: float, progress: Progress
) -> Few:
    """Go through all sets where few places are asked for, as long as that is quick; else the set to begin with."""
    if given.k > MOST or len(given.pairs):
        return Few(start, proven=False)
    at, now = np.searchsorted(kept, start), time.monotonic()
    half = now + (until - now) / 2  # what is left is for the other way
    try:
        found = best_few(given.only(kept), at, same=_SAME, until=half, progress=progress)
    except Cancelled:
        if not len(start):
            raise
        return Few(start, proven=False)  # whoever asked to stop is heard again at the next step
    return Few(kept[found.chosen], found.proven)


def _discs_and_groups(given: Candidates) -> Problem:
    """Say what is asked without whole numbers and without the pairs that no disc holds."""
    discs, groups, n = given.discs(), given.group_rows(), len(given.score)
    rows = sparse.vstack([sparse.csr_array(np.ones((1, n))), discs, groups], format="csr")
    at_most = np.concatenate(
        [[given.k], np.ones(discs.shape[0]), np.full(groups.shape[0], given.most)]
    )
    at_least = np.full(len(at_most), -np.inf)
    at_least[0] = given.k
    return Problem(
        given.score, sparse.csr_array(rows), at_least, at_most.astype(np.float64), np.zeros(n), np.ones(n),
        np.zeros(n, dtype=bool),
    )  # fmt: skip


def _in(found: Solution) -> IntArray:
    """Say which are chosen."""
    return np.flatnonzero(np.asarray(found.values) > 0.5)  # noqa: PLR2004 - whole numbers


def _solve(
    given: Candidates, problem: Problem, until: float, progress: Progress, *, whole: bool
) -> Solution:
    left = max(0.05, until - time.monotonic())
    asked = replace(problem, whole=np.full(len(given.score), whole))
    return solve(asked, seconds=left, progress=progress)


def _whole(
    given: Candidates,
    start: IntArray,
    until: float,
    progress: Progress,
    problem: Problem | None = None,
) -> Solution:
    """Solve with whole numbers, and forbid what clashes until nothing does."""
    asked = _discs_and_groups(given) if problem is None else problem
    if len(start):
        begun = np.zeros(len(given.score))
        begun[start] = 1.0
        asked = replace(asked, start=begun)
    while True:
        found = _solve(given, asked, until, progress, whole=True)
        if not len(found.values):
            return found
        clashes = list(given.clashes(_in(found)))
        if not clashes:
            return found
        if found.status != _OPTIMAL:
            return Solution(_CUT_SHORT, np.zeros(0), np.nan, found.bound)
        asked = _forbidding(asked, clashes)


def _forbidding(problem: Problem, sets: list[IntArray]) -> Problem:
    """Let at most one of each set be chosen."""
    row = np.repeat(np.arange(len(sets)), [len(one) for one in sets])
    more = sparse.csr_array(
        (np.ones(len(row)), (row, np.concatenate(sets))), shape=(len(sets), len(problem.gain))
    )
    return replace(
        problem, rows=sparse.csr_array(sparse.vstack([problem.rows, more], format="csr")),
        row_low=np.concatenate([problem.row_low, np.full(len(sets), -np.inf)]),
        row_high=np.concatenate([problem.row_high, np.ones(len(sets))]),
    )  # fmt: skip


def _lowest(given: Candidates, best: IntArray, until: float, progress: Progress) -> IntArray:
    """Of all sets as good as the best, find the one whose positions come first."""
    worth = float(given.score[best].sum())
    plain, at = _discs_and_groups(given), 0
    score_row = sparse.csr_array(given.score[None, :])
    best = np.sort(best)
    while at < given.k:
        first = int(best[at - 1]) + 1 if at else 0
        between = np.arange(first, best[at])
        if not len(between):
            at += 1
            continue
        one_of = sparse.csr_array(
            (np.ones(len(between)), (np.zeros(len(between), dtype=int), between)),
            shape=(1, len(given.score)),
        )
        low = np.zeros(len(given.score))
        low[best[:at]] = 1.0
        high = np.ones(len(given.score))
        high[:first] = low[:first]
        asked = replace(
            plain, low=low, high=high,
            rows=sparse.csr_array(sparse.vstack([plain.rows, one_of, score_row], format="csr")),
            row_low=np.concatenate([plain.row_low, [1.0, worth - _SAME * max(1.0, abs(worth))]]),
            row_high=np.concatenate([plain.row_high, [np.inf, np.inf]]),
        )  # fmt: skip
        try:
            found = _whole(given, np.zeros(0, dtype=np.int64), until, progress, asked)
        except Cancelled:
            return best
        if found.status == _CUT_SHORT:
            return best
        if len(found.values):
            best = _in(found)
        else:
            at += 1
    return best


def _costs(given: Candidates, found: SpotsChosen, until: float) -> dict[str, float]:
    """Say how many points more the best set has without each bound."""
    costs: dict[str, float] = {}
    if found.status != _OPTIMAL:
        return costs
    none = np.zeros((0, 2), dtype=np.int64)
    freed: dict[str, Candidates] = {}
    if given.apart_m > 0 or len(given.pairs):
        freed["apart_m"] = replace(given, apart_m=0.0, pairs=none)
    if (given.group >= 0).any():
        freed["max_per_group"] = replace(given, group=np.full(len(given.score), -1))
    for name, free in freed.items():
        without = _chosen(free, until, silent)
        # What was cut short may be worth more still: then the cost is not known.
        if without is not None and without.status == _OPTIMAL:
            costs[name] = max(0.0, without.objective - found.objective) + 0.0
    return costs


def _too_much(given: Candidates, until: float, progress: Progress) -> StudyError:
    """Say which number cannot be met, and the most that can."""
    most = given.k - 1
    while most > 0 and not _fits(replace(given, k=most), until, progress):
        most -= 1
    low, high = (
        0,
        int(np.ceil(given.apart_m)),
    )  # whole metres: the least that fits, the least that does not
    near_fits = _fits(replace(given, apart_m=0.0), until, progress)
    if time.monotonic() > until:  # what was not found in time may fit
        return StudyError(
            "{k} places do not fit within these bounds; how many do was not found in time",
            k=given.k,
        )
    if not near_fits:
        return StudyError(
            "{k} places that are not too near each other do not fit; the most that do are {most}",
            k=given.k, most=most,
        )  # fmt: skip
    while high - low > 1:
        middle = (low + high) // 2
        if _fits(replace(given, apart_m=float(middle)), until, progress):
            low = middle
        else:
            high = middle
    if time.monotonic() > until:
        return StudyError(
            "{k} places at least {apart:g} m apart do not fit; {most} do",
            k=given.k,
            apart=given.apart_m,
            most=most,
        )
    return StudyError(
        "{k} places at least {apart:g} m apart do not fit; {most} do, or {k} at least {apart_most:g} m apart",
        k=given.k, apart=given.apart_m, most=most, apart_most=low,
    )  # fmt: skip


def _fits(given: Candidates, until: float, progress: Progress) -> bool:
    """Whether there is any set."""
    if given.k == 1 or len(first_set(given)):
        return True
    found = _chosen(replace(given, score=np.ones(len(given.score))), until, progress)
    return found is not None and len(found.chosen) > 0
