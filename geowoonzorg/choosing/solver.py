"""One way to the solver: a linear programme with whole numbers in, the best values and their proven gap out."""

# ruff: noqa: ANN401 - what the solver's library gives is looked at here only
from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from scipy import sparse

from geowoonzorg.errors import Cancelled
from geowoonzorg.progress import Progress, silent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

_OPTIONS: Final = {
    "output_flag": False, "log_to_console": False, "threads": 1, "random_seed": 1, "mip_abs_gap": 0.0,
}  # fmt: skip
_OPTIMAL: Final = "optimal"
_CUT_SHORT: Final = "cut_short"
_INFEASIBLE: Final = "infeasible"


@dataclass(frozen=True, eq=False)
class Problem:
    """Maximise ``gain @ x`` with ``row_low <= rows @ x <= row_high`` and ``low <= x <= high``.

    Attributes
    ----------
    gain
        Shape (n,).
    rows
        Sparse, shape (m, n).
    row_low, row_high
        Shape (m,); infinite where there is no bound.
    low, high
        Shape (n,).
    whole
        Shape (n,): which are whole numbers.
    start
        Shape (n,), or None: values to begin with that keep all bounds.
    """

    gain: FloatArray
    rows: sparse.csr_array
    row_low: FloatArray
    row_high: FloatArray
    low: FloatArray
    high: FloatArray
    whole: NDArray[np.bool_]
    start: FloatArray | None = field(default=None)


@dataclass(frozen=True, eq=False)
class Solution:
    """What a solver came to.

    Attributes
    ----------
    status
        ``optimal``, ``cut_short`` (the best so far) or ``infeasible``.
    values
        Shape (n,); whole where whole was asked; empty where there are none.
    objective
        What they come to; NaN where there are none.
    bound
        What no values can exceed.
    """

    status: str
    values: FloatArray
    objective: float
    bound: float

    @property
    def gap(self) -> float:
        """How far the values may be from the best, as a share of what they come to; 0 is proven best."""
        apart = max(0.0, self.bound - self.objective)
        return apart / max(abs(self.objective), 1e-12) if apart > 0 else 0.0


def solve(
    problem: Problem,
    *,
    seconds: float = np.inf,
    gap: float = 0.0,
    progress: Progress = silent,
) -> Solution:
    """Solve a linear programme with whole numbers.

    Parameters
    ----------
    problem
        What is maximised, and under which bounds.
    seconds
        At most so long; then the best so far is given with its bound.
    gap
        Good enough: the share of the objective that may be left on the table.
    progress
        Hears how far the work is.

    Returns
    -------
    Solution
        The values with their proven bound.

    Raises
    ------
    Cancelled
        When ``progress`` asks to stop before there are any values; with values they are given as ``cut_short``.

    Notes
    -----
    HiGHS (Huangfu and Hall, *Parallelizing the dual revised simplex method*, 2018), with one thread and a fixed
    seed, so that the same problem has the same answer.

    Examples
    --------
    >>> two = Problem(
    ...     gain=np.array([3.0, 2.0]), rows=sparse.csr_array([[1.0, 1.0]]),
    ...     row_low=np.array([-np.inf]), row_high=np.array([1.0]),
    ...     low=np.zeros(2), high=np.ones(2), whole=np.ones(2, dtype=bool),
    ... )
    >>> solve(two).values.tolist()
    [1.0, 0.0]
    """
    import highspy  # a fifth of a second that only who chooses pays

    options: dict[str, object] = {"mip_rel_gap": gap}
    if np.isfinite(seconds):
        options["time_limit"] = float(seconds)
    model = _model(highspy, problem, options)
    if problem.start is not None:
        start = highspy.HighsSolution()
        start.col_value = problem.start.tolist()
        model.setSolution(start)
    stopped = _run_heard(model, progress)
    return _told(highspy, model, problem, stopped=stopped)


def _model(highspy: Any, problem: Problem, options: Mapping[str, object]) -> Any:
    """Hand the problem over."""
    rows = sparse.csr_array(problem.rows)
    made = highspy.HighsLp()
    made.num_col_, made.num_row_ = len(problem.gain), rows.shape[0]
    made.sense_ = highspy.ObjSense.kMaximize
    made.col_cost_ = problem.gain
    made.col_lower_, made.col_upper_ = problem.low, problem.high
    made.row_lower_, made.row_upper_ = problem.row_low, problem.row_high
    made.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    made.a_matrix_.start_ = rows.indptr
    made.a_matrix_.index_ = rows.indices
    made.a_matrix_.value_ = rows.data
    kinds = highspy.HighsVarType
    made.integrality_ = [kinds.kInteger if one else kinds.kContinuous for one in problem.whole]
    model = _silent_solver(highspy)
    for name, value in {**_OPTIONS, **options}.items():
        model.setOptionValue(name, value)
    model.passModel(made)
    return model


def _silent_solver(highspy: Any) -> Any:
    """Make a solver that prints nothing of itself: programs read what this one prints."""

    class Silent(highspy.Highs):
        def enableCallbacks(self) -> None:  # noqa: N802 - its maker's name; the first thing that prints
            self.setOptionValue("output_flag", False)  # noqa: FBT003
            super().enableCallbacks()

    return Silent()


def _run_heard(model: Any, progress: Progress) -> bool:
    """Let the solver work while whoever waits may ask it to stop; tell whether that was asked."""
    progress(0.0, "choosing the best")
    done = threading.Event()

    def work() -> None:
        try:
            model.run()
        finally:
            done.set()

    model.HandleUserInterrupt = True
    worker = threading.Thread(target=work, daemon=True)
    worker.start()
    stopped = False
    while not done.is_set():
        try:  # a signal is heard while waiting, too
            if not done.wait(0.1):
                progress(0.5, "choosing the best")
        except Cancelled:
            stopped = True
            model.cancelSolve()
            done.wait()
    worker.join()
    return stopped


def _told(highspy: Any, model: Any, problem: Problem, *, stopped: bool) -> Solution:
    """Read what came out, and let whole numbers be whole."""
    kind = highspy.HighsModelStatus
    status, info = model.getModelStatus(), model.getInfo()
    if status in (kind.kInfeasible, kind.kUnboundedOrInfeasible):
        return Solution(_INFEASIBLE, np.zeros(0), np.nan, np.nan)
    has_values = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    if stopped and not has_values:
        raise Cancelled("cancelled; nothing was written")
    bound = (
        float(info.mip_dual_bound) if problem.whole.any() else float(info.objective_function_value)
    )
    if not has_values:
        return Solution(_CUT_SHORT, np.zeros(0), np.nan, bound)
    values = np.array(model.getSolution().col_value)
    values[problem.whole] = np.round(values[problem.whole]) + 0.0
    objective = float(problem.gain @ values)
    best = status == kind.kOptimal
    return Solution(_OPTIMAL if best else _CUT_SHORT, values, objective, max(bound, objective))
