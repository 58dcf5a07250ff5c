"""What the ways from a place to what its people need meet: steps, kerbs, slopes, and how far between benches.

A way is the shortest to the nearest facility of each class asked for, as it is drawn; of several ways
the worst counts, because whoever cannot pass one obstacle does not get there. Where no way to a class is
known the worst is not either, unless it is known that there is nothing to walk to; and where there may be a
facility that is nearer, what its way meets may be anything that so long a way can. What nobody mapped is
not known to be absent: a kerb of unknown height, a slope that is not tagged and a bench that is
missing from OpenStreetMap widen the range, and where they decide, the measure is unknown.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import numpy as np

from geowoonzorg.measure._measured import Measured
from geowoonzorg.measure.registry import Criterion, metric

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from geowoonzorg.measure.reach import Reach

    FloatArray = NDArray[np.float64]

NOT_MAPPED: Final = (
    "way_not_mapped"  # reason: part of the way is not described, and that could decide
)
NO_WAY: Final = "no_way"  # reason: none of the facilities can be walked to
NOT_EVERY_WAY: Final = "not_every_way"  # reason: to some of the classes no way is known
_BENCH: Final = "bank"


Met = Callable[
    [str], "FloatArray"
]  # a column of `routes` → what ways meet of it, NaN where not known


@metric("way_steps", needs=("facility_classes",))
def measure_steps(reach: Reach, criteria: Sequence[Criterion]) -> Iterator[Measured]:
    """Count the flights of steps on the worst of the ways; every flight is mapped as one."""
    for criterion in criteria:
        yield _worst(reach, criterion, "way_steps", lambda low, _: low)


@metric("way_kerbs", needs=("facility_classes",))
def measure_kerbs(reach: Reach, criteria: Sequence[Criterion]) -> Iterator[Measured]:
    """Count the kerbs over 2 cm on the worst of the ways; none found is only none where none can hide."""
    for criterion in criteria:
        yield _worst(
            reach, criterion, "way_kerbs",
            lambda low, high: np.where((low > 0) | (low == high), low, np.nan),
        )  # fmt: skip


@metric("way_slope", needs=("facility_classes",))
def measure_slope(reach: Reach, criteria: Sequence[Criterion]) -> Iterator[Measured]:
    """Find the steepest slope (%), up or down, on the worst of the ways; known where all of it is."""
    for criterion in criteria:
        yield _worst(
            reach, criterion, "way_slope", lambda low, high: np.where(low == high, low, np.nan)
        )


@metric("way_bench_gap", needs=("facility_classes",))
def measure_bench_gap(reach: Reach, criteria: Sequence[Criterion]) -> Iterator[Measured]:
    """Find the longest stretch (m) without a bench on the worst of the ways; at most that, as benches go unmapped."""
    for criterion in criteria:
        longest = _of_ways(reach, criterion, "distance_m")  # of a way to what is nearer
        yield _worst(reach, criterion, "way_bench_gap", lambda _, high: high, beyond=longest)


def ends_of_ways(reach: Reach, metric: str, met: Met) -> tuple[FloatArray, FloatArray]:
    """Say of ways at least and at most what they meet of what a metric measures.

    Parameters
    ----------
    reach
        The places; its town says what is known of benches.
    metric
        ``way_steps``, ``way_kerbs``, ``way_slope`` or ``way_bench_gap``.
    met
        Gives what the ways meet, by column of `routes`; NaN where it is not known.

    Returns
    -------
    tuple of numpy.ndarray
        The least and the most, shaped as what ``met`` gives; NaN where not known, inf where there is no most.

    Examples
    --------
    >>> from geowoonzorg.measure.reach import Reach
    >>> from geowoonzorg.town import Town
    >>> kerbs = {"kerbs_high": [1.0], "kerbs_unknown": [2.0], "crossings": [0.0]}
    >>> ends_of_ways(Reach(town := Town.demo(), town.addresses.head(1)), "way_kerbs", lambda c: np.array(kerbs[c]))
    (array([1.]), array([3.]))
    """
    if metric == "way_steps":
        return met("steps_count"), met("steps_count")
    if metric == "way_kerbs":
        high = met("kerbs_high")  # and a crossing may have a kerb that nobody mapped
        return high, high + met("kerbs_unknown") + met("crossings")
    if metric == "way_slope":
        steepest = met("steepest_pct")
        whole = met("incline_pct_unknown_share") == 0
        return np.nan_to_num(steepest, nan=0.0), np.where(whole, steepest, np.inf)
    gap = met("bench_gap_m")
    if _BENCH in getattr(reach.town, "complete", ()):
        return gap, gap
    benches = reach.town.network.bench_lonlat
    if benches is None or not len(benches):
        gap = gap * np.nan  # a map without any bench tells nothing of benches
    return gap * 0.0, gap


def _classes(reach: Reach, criterion: Criterion) -> list[str]:
    """Name the classes asked for that there are, or may be."""
    return [name for name in criterion.facility_classes if name not in reach.town.absent]


def _of_ways(reach: Reach, criterion: Criterion, column: str) -> FloatArray:
    """Give what the ways to the classes asked for meet, by place and class; not known, or no way, is NaN."""
    met = [reach.met(name, column) for name in _classes(reach, criterion)]
    return np.column_stack([np.empty((len(reach.ids), 0)), *met])


def _worst(
    reach: Reach, criterion: Criterion, metric: str, raw: Callable[[FloatArray, FloatArray], FloatArray],
    *, beyond: FloatArray | float = np.inf,
) -> Measured:  # fmt: skip
    """Take the worst of the ways of each place, and of its range what is known; unknown where one way is.

    A way to what is nearer than what was found can meet nothing, or up to ``beyond``.
    """

    def most(values: FloatArray) -> FloatArray:
        # Of no class there is no worst; and NaN, where one way is not known, is the most of all.
        return values.max(axis=1) if values.shape[1] else np.full(len(values), np.nan)

    low, high = ends_of_ways(reach, metric, lambda column: _of_ways(reach, criterion, column))
    outcome = np.asarray(raw(most(low), most(high)), dtype=np.float64)
    names, n = _classes(reach, criterion), len(reach.ids)
    known = [np.broadcast_to(reach.knows_all(name), n) for name in names]
    sure = np.column_stack([np.empty((n, 0), dtype=bool), *known])
    return Measured(
        criterion.key, outcome, _why(reach, names), _origin(reach),
        low=most(np.where(sure, low, 0.0)), high=most(np.where(sure, high, np.fmax(high, beyond))),
    )  # fmt: skip


def _why(reach: Reach, names: list[str]) -> NDArray[np.object_]:
    """Say of each place why the worst of its ways may be unknown."""
    there = np.column_stack([np.empty((len(reach.ids), 0), dtype=bool), *map(reach.has_way, names)])
    some, every = there.any(axis=1), there.all(axis=1)
    on = (reach.joins == "ok").to_numpy()
    why = reach.or_joins(NOT_MAPPED).where(every | ~on, NOT_EVERY_WAY)
    return why.where(some | ~on, NO_WAY).to_numpy(dtype=object)


def _origin(reach: Reach) -> tuple[str, int | None]:
    """Say which streets, and of which year."""
    for one in reach.town.sources:
        if one.role == "network":
            year = str(one.dated or "")[:4]
            return (
                "" if one.path is None else one.path.name,
                int(year) if year.isdigit() else None,
            )
    return ("", None)
