"""Which few of many candidates reach most, with proof: maximal covering, the median problem, the least number."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy import sparse

from geowoonzorg.choosing.gains import GainTable
from geowoonzorg.choosing.solver import Problem, Solution, solve
from geowoonzorg.errors import Cancelled, InputError, StudyError
from geowoonzorg.progress import Progress, part, silent

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geowoonzorg.choosing.gains import FloatArray, IntArray

_OPTIMAL: Final = "optimal"
_CUT_SHORT: Final = "cut_short"
#: How often multipliers are moved between two looks at what is left, how often that is looked at at most, and after
#: how many turns without a lower bound the step is halved.
_TURNS: Final = 120
_ROUNDS: Final = 8
_PATIENCE: Final = 12
#: So many candidates the solver is given at once, and so many for each that is chosen.
_FEW: Final = 150
_FEW_EACH: Final = 5
#: Multipliers are first found for every so manyth candidate: neighbours bring much the same.
_STRIDES: Final = (64, 8)
#: Sums of so many parts lose the last bits: a choice is better only by more than this share.
_LAST_BITS: Final = 1e-9
#: What the solver is given at most: links between levels of demand and candidates.
_MOST_LINKS: Final = 5_000_000


@dataclass(frozen=True, eq=False)
class Choice(Solution):
    """The candidates that were chosen, and how good that is.

    Attributes
    ----------
    chosen
        Their columns in the table of gains, in the order in which each adds most; of equals the lowest first.
    status
        ``optimal``: within the gap that was asked; ``cut_short``: the best that was found in time, or until it was
        cancelled.
    values
        What each adds to those before it.
    objective
        What they bring together.
    bound
        What no choice of as many can exceed.
    """

    chosen: IntArray = field(kw_only=True)


@dataclass(eq=False)
class _Best:
    """The best candidates so far, by their first numbers, and what they bring; and what no choice exceeds."""

    candidates: frozenset[int]
    objective: float
    bound: float

    def hear(self, table: GainTable, columns: IntArray | list[int]) -> None:
        """Take a choice over if it brings more."""
        brought = float(table.had(columns).sum())
        if brought > self.objective * (1 + _LAST_BITS):
            self.candidates = frozenset(table.candidate[columns].tolist())
            self.objective = brought
        self.bound = max(self.bound, self.objective)

    def lower(self, bound: float) -> None:
        """Lower what no choice exceeds."""
        self.bound = max(min(self.bound, bound), self.objective)

    def proven(self, gap: float, enough: float) -> bool:
        """Say whether nothing can be gained by going on."""
        near = self.bound <= self.objective * (1 + max(gap, _LAST_BITS))
        return near or self.objective >= enough or self.bound < enough < np.inf


def choose_places(
    gains: sparse.sparray,
    *,
    k: int,
    seconds: float = np.inf,
    gap: float = 0.0,
    progress: Progress = silent,
) -> Choice:
    """Choose k candidates from which all together gain most, each from the best for it.

    Parameters
    ----------
    gains
        Shape (n_demands, n_candidates): what each demand gains from each candidate, none negative. Of maximal
        covering a demand's weight where the candidate reaches it; of the median problem the walking that it saves.
    k
        How many; fewer are given when more bring nothing.
    seconds
        At most about so long; then the best so far is given with its bound.
    gap
        Good enough: the share of what is brought that may be left on the table.
    progress
        Hears how far the work is; when it asks to stop, the best so far is given.

    Returns
    -------
    Choice
        The columns with what they bring and the proof of how good that is.

    Raises
    ------
    StudyError
        When k is no whole number of 1 or more.

    Notes
    -----
    The greedy choice, bettered by exchanging one for one (Teitz and Bart 1968), is the start. Multipliers on "a
    demand gains once" give a bound (Cornuéjols, Fisher and Nemhauser, *Location of bank accounts*, 1977), by which
    most candidates are shown to have no part in anything better; HiGHS chooses among the rest. One is counted.

    Examples
    --------
    Greedy would take the middle one, that reaches most, and miss two.

    >>> reached = sparse.csr_array(np.array([[1, 0, 0], [1, 1, 0], [1, 1, 0], [0, 1, 1], [0, 1, 1], [0, 0, 1]]))
    >>> found = choose_places(reached, k=2)
    >>> found.chosen.tolist(), found.objective, found.bound
    ([0, 2], 6.0, 6.0)
    """
    if isinstance(k, bool) or int(k) != k or k < 1:
        raise StudyError("k is {k}: give a whole number of at least 1", k=k)
    table = GainTable.of(gains)
    return _choose(table, int(k), np.inf, seconds=seconds, gap=gap, progress=progress)[0]


def least_places(
    gains: sparse.sparray,
    *,
    enough: float,
    seconds: float = np.inf,
    progress: Progress = silent,
) -> tuple[Choice, int]:
    """Choose the fewest candidates from which all together gain enough.

    Parameters
    ----------
    gains
        As `choose_places`.
    enough
        What they must bring.
    seconds
        At most about so long for each number that is tried.
    progress
        Hears how far the work is; when it asks to stop, the fewest so far are given.

    Returns
    -------
    choice : Choice
        They; its bound is what no choice of as many can exceed.
    least : int
        The number of which it is proven that no fewer bring enough; as many as were chosen where that is proven best.

    Raises
    ------
    InputError
        When all candidates together do not bring enough.

    Notes
    -----
    As many as the greedy choice needs are enough; then one fewer is tried until it is proven too few. With all
    demands to be reached that is the location set covering problem (Toregas et al. 1971).

    Examples
    --------
    >>> reached = sparse.csr_array(np.array([[1, 0, 0], [1, 1, 0], [1, 1, 0], [0, 1, 1], [0, 1, 1], [0, 0, 1]]))
    >>> choice, least = least_places(reached, enough=6)
    >>> choice.chosen.tolist(), least
    ([0, 2], 2)
    """
    table = GainTable.of(gains)
    wanted = enough - _LAST_BITS * max(abs(enough), 1.0)
    if wanted <= 0:
        return _told(table, frozenset(), 0.0, _OPTIMAL), 0
    chosen, had = _greedily(table, table.size, wanted)
    if had < wanted:
        raise InputError(
            "all {n} candidates together bring {most:g}, less than the {enough:g} that is asked",
            n=table.size, most=had, enough=enough,
        )  # fmt: skip
    number = len(chosen)
    everything = float(table.had(range(table.size)).sum())
    found = _told(table, frozenset(table.candidate[chosen].tolist()), everything, _CUT_SHORT)
    least = _surely_needed(table, wanted)
    tidy = table.small()
    while number > least:
        fewer, stopped = _choose(
            table, number - 1, wanted, tidy=tidy, seconds=seconds, progress=progress
        )
        if fewer.bound < wanted:
            least = number
        elif fewer.objective >= wanted:
            found, number = fewer, len(fewer.chosen)
        else:  # undecided: how few are proven too few
            for n in range(number - 2, least - 1, -1):
                if stopped:
                    break
                none, stopped = _choose(
                    table, n, wanted, tidy=tidy, seconds=seconds / 2, progress=progress
                )
                if none.bound < wanted:
                    least = n + 1
                    break
            return replace(found, status=_CUT_SHORT), least
    return replace(found, status=_OPTIMAL), number


def _surely_needed(table: GainTable, enough: float) -> int:
    """Say how many are needed even if none brings what another brings."""
    worth = np.sort(table.worth(table.had([])))[::-1]
    return int(np.searchsorted(np.cumsum(worth) * (1 + _LAST_BITS), enough)) + 1


def _choose(
    whole: GainTable,
    k: int,
    enough: float,
    *,
    tidy: GainTable | None = None,
    seconds: float = np.inf,
    gap: float = 0.0,
    progress: Progress = silent,
) -> tuple[Choice, bool]:
    """Choose k, until they bring enough or cannot; tell whether somebody asked to stop before that."""
    ends = time.monotonic() + seconds
    first, had = _greedily(whole, k)
    everything = float(whole.had(range(whole.size)).sum())
    if len(first) <= 1 or k == 1 or len(first) < k or had >= everything * (1 - _LAST_BITS):
        counted = frozenset(whole.candidate[first].tolist())
        return _told(whole, counted, had, _OPTIMAL), False
    best, stopped = _Best(frozenset(whole.candidate[first].tolist()), had, everything), False
    try:
        progress(0.0, "choosing the best")
        table = tidy or whole.small()
        chosen, _ = _greedily(table, k)
        best.hear(table, _exchanged(table, chosen))
        hear = part(progress, 0.05, 1.0)
        if table.size > _few(k):
            table = _squeezed(table, k, best, gap=gap, enough=enough, ends=ends, progress=hear)
        if not best.proven(gap, enough):
            _solve(table, k, best, gap=gap, seconds=ends - time.monotonic(), progress=hear)
    except Cancelled:
        stopped = True
    status = _OPTIMAL if best.proven(gap, enough) else _CUT_SHORT
    return _told(whole, best.candidates, best.bound, status), stopped


def _few(k: int) -> int:
    """Say how many candidates the solver is given at once."""
    return max(_FEW, _FEW_EACH * k)


def _greedily(table: GainTable, k: int, enough: float = np.inf) -> tuple[list[int], float]:
    """Take what adds most, the lowest of equals, until k are taken, it is enough, or nothing adds."""
    taken: list[int] = []
    had = np.zeros(table.gains.shape[0])
    while len(taken) < k and had.sum() < enough:
        worth = table.worth(had)
        j = int(np.argmax(worth)) if len(worth) else 0
        if not len(worth) or worth[j] <= 0:
            break
        taken.append(j)
        had = np.maximum(had, table.had([j]))
    return taken, float(had.sum())


def _told(table: GainTable, candidates: frozenset[int], bound: float, status: str) -> Choice:
    """Put the chosen in the order in which they add most, and say what they bring."""
    columns = np.searchsorted(table.candidate, np.array(sorted(candidates), np.int64))
    own = table.keep(columns)
    order, objective = _greedily(own, len(columns))
    brought = [float(own.had(order[: n + 1]).sum()) for n in range(len(order))]
    chosen = own.candidate[np.array(order, np.int64)]
    adds = np.diff(np.array([0.0, *brought]))
    proven = bound <= objective * (1 + _LAST_BITS)
    return Choice(status, adds, objective, objective if proven else bound, chosen=chosen)


def _columns(table: GainTable, candidates: frozenset[int]) -> list[int]:
    """Find candidates in a table; those that were left out for another's sake are not there."""
    at = np.searchsorted(table.candidate, sorted(candidates))
    there = at < table.size
    return [int(j) for j in at[there] if int(table.candidate[j]) in candidates]


def _exchanged(table: GainTable, chosen: list[int]) -> list[int]:
    """Exchange one for one as long as that brings more."""
    now, brought = list(chosen), float(table.had(chosen).sum())
    improved = True
    while improved:
        improved = False
        for at in range(len(now)):
            others = now[:at] + now[at + 1 :]
            had = table.had(others)
            worth = table.worth(had)
            j = int(np.argmax(worth))
            if had.sum() + worth[j] > brought * (1 + _LAST_BITS):
                now, improved = [*others[:at], j, *others[at:]], True
                brought = float(table.had(now).sum())
    return now


def _squeezed(
    table: GainTable,
    k: int,
    best: _Best,
    *,
    gap: float,
    enough: float,
    ends: float,
    progress: Progress,
) -> GainTable:
    """Lower the bound, better the choice, and give the candidates that can be part of something better still."""
    paid = np.zeros(table.gains.shape[0])
    for stride in _STRIDES:
        if table.size > stride * _few(k):
            some = np.arange(0, table.size, stride)
            few = table.keep(some)
            rows = np.unique(table.gains[:, some].indices)
            paid[rows], _ = _descend(few, k, paid[rows], best, progress)
    _try_likely(table, k, table.worth(paid), best, gap=gap, ends=ends, progress=progress)
    for turn in range(_ROUNDS):
        hear = part(progress, turn / (_ROUNDS + 1), (turn + 1) / (_ROUNDS + 1))
        paid, bound = _descend(table, k, paid, best, hear)
        whole = bool((table.gains.data == np.round(table.gains.data)).all())
        best.lower(float(np.floor(bound * (1 + _LAST_BITS))) if whole else bound)
        worth = table.worth(paid)
        if not best.proven(gap, enough):
            _try_likely(table, k, worth, best, gap=gap, ends=ends, progress=hear)
        if best.proven(gap, enough) or time.monotonic() > ends:
            break
        # With this one in the choice no more than this can be brought.
        with_it = bound + np.minimum(worth - np.sort(worth)[-k], 0.0)
        able = with_it > best.objective * (1 + _LAST_BITS)
        able[_columns(table, best.candidates)] = True
        kept = np.flatnonzero(able)
        paid = paid[np.unique(table.gains[:, kept].indices)]
        table = table.keep(kept)
        if table.size <= _few(k):
            break
    return table


def _try_likely(
    table: GainTable,
    k: int,
    worth: FloatArray,
    best: _Best,
    *,
    gap: float,
    ends: float,
    progress: Progress,
) -> None:
    """Let the solver better the choice among the few that are worth most; its bound is about those alone."""
    likely = table.keep(np.sort(np.argsort(-worth, kind="stable")[: _few(k)]))
    own = _Best(best.candidates, best.objective, np.inf)
    left = (ends - time.monotonic()) / 3
    _solve(likely, k, own, gap=gap, seconds=left, progress=progress)
    best.hear(table, _columns(table, own.candidates))


def _descend(
    table: GainTable, k: int, paid: FloatArray, best: _Best, progress: Progress
) -> tuple[FloatArray, float]:
    """Move the multipliers to where their bound is lower; give them and the lowest."""
    lowest, lowest_paid, step, idle = np.inf, paid, 1.0, 0
    for turn in range(_TURNS):
        progress(turn / _TURNS, "choosing the best")
        worth = table.worth(paid)
        top = np.argsort(-worth, kind="stable")[:k]
        bound = float(paid.sum() + worth[top].sum())
        idle = 0 if bound < lowest * (1 - _LAST_BITS) else idle + 1
        if bound < lowest:
            lowest, lowest_paid = bound, paid
        if idle >= _PATIENCE:
            step, idle = step / 2, 0
        far = bound - best.objective
        if far <= 0:
            break
        paid = _moved(table, paid, top, step * far)
    return lowest_paid, lowest


def _moved(table: GainTable, paid: FloatArray, top: IntArray, distance: float) -> FloatArray:
    """Move the multipliers against the slope: up where several bring a demand what it gains once."""
    gains, slope = table.gains, np.ones(len(paid))
    for j in top.tolist():
        own = slice(gains.indptr[j], gains.indptr[j + 1])
        rows = gains.indices[own]
        slope[rows] -= gains.data[own] > paid[rows]
    slope[(paid <= 0) & (slope > 0)] = 0.0
    length = float(slope @ slope)
    return paid if length == 0 else np.maximum(paid - distance / length * slope, 0.0)


def _solve(
    table: GainTable, k: int, best: _Best, *, gap: float, seconds: float, progress: Progress
) -> None:
    """Let the solver choose among those left."""
    table = table.small()
    reached, weight = table.levels()
    if seconds <= 0 or reached.nnz > _MOST_LINKS:
        return
    n, m = table.size, len(weight)
    start: NDArray[np.float64] | None = None
    chosen = _columns(table, best.candidates)
    if len(chosen) == len(best.candidates):
        start = np.zeros(n + m)
        start[chosen] = 1.0
        start[n:] = np.minimum(reached @ start[:n], 1.0)
    problem = Problem(
        gain=np.concatenate([np.zeros(n), weight]),
        rows=sparse.vstack([
            sparse.hstack([reached, -sparse.eye_array(m)]),
            sparse.csr_array(np.concatenate([np.ones(n), np.zeros(m)])[None, :]),
        ], format="csr"),
        row_low=np.concatenate([np.zeros(m), [0.0]]),
        row_high=np.concatenate([np.full(m, np.inf), [float(k)]]),
        low=np.zeros(n + m),
        high=np.ones(n + m),
        whole=np.concatenate([np.ones(n, bool), np.zeros(m, bool)]),
        start=start,
    )  # fmt: skip
    began = time.monotonic()
    found = solve(problem, seconds=seconds, gap=gap, progress=progress)
    if len(found.values):
        best.hear(table, np.flatnonzero(found.values[:n] > 0.5))  # noqa: PLR2004 - 0 or 1
    best.lower(found.bound)  # who was left out has no part in anything better than the best of then
    if found.status == _CUT_SHORT and time.monotonic() - began < seconds:
        raise Cancelled("cancelled; nothing was written")
