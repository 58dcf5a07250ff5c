"""What the ways from a place to what its people need meet: steps, kerbs, slopes, and how far between benches.

A way is the shortest to the nearest facility of each class asked for, as it is drawn; of several ways
the worst counts, because whoever cannot pass one obstacle does not get there. Where no way to a class is
known the worst is not either, unless it is known that there is nothing to walk to; and where there may be a
facility that is nearer, what its way meets may be anything that so long a way can. What nobody mapped is
not known to be absent: a kerb of unknown height, a slope that is not tagged and a bench that is
missing from OpenStreetMap widen the range, and where they decide, the measure is unknown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

import numpy as np
import pandas as pd

from geowoonzorg.measure._measured import Measured
from geowoonzorg.measure.registry import Criterion, metric

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from geowoonzorg.measure.reach import Reach

    FloatArray = NDArray[np.float64]

NOT_MAPPED: Final = (
    "way_not_mapped"  # reason: part of the way is not described, and that could decide
)
NO_WAY: Final = "no_way"  # reason: none of the facilities can be walked to
NOT_EVERY_WAY: Final = "not_every_way"  # reason: to some of the classes no way is known
_BENCH: Final = "bank"


@metric("way_steps", needs=("facility_classes",))
def measure_steps(reach: Reach, criteria: Sequence[Criterion]) -> Iterator[Measured]:
    """Count the flights of steps on the worst of the ways; every flight is mapped as one."""
    for criterion in criteria:
        steps = _of_ways(reach, criterion, "steps_count")
        yield _worst(reach, criterion, steps, steps, lambda low, _: low)


@metric("way_kerbs", needs=("facility_classes",))
def measure_kerbs(reach: Reach, criteria: Sequence[Criterion]) -> Iterator[Measured]:
    """Count the kerbs over 2 cm on the worst of the ways; none found is only none where none can hide."""
    for criterion in criteria:
        high, unsure, crossings = (
            _of_ways(reach, criterion, column)
            for column in ("kerbs_high", "kerbs_unknown", "crossings")
        )
        most = high + unsure + crossings  # a crossing may have a kerb that nobody mapped
        yield _worst(
            reach, criterion, high, most,
            lambda low, high: np.where((low > 0) | (low == high), low, np.nan),
        )  # fmt: skip


@metric("way_slope", needs=("facility_classes",))
def measure_slope(reach: Reach, criteria: Sequence[Criterion]) -> Iterator[Measured]:
    """Find the steepest slope (%), up or down, on the worst of the ways; known where all of it is."""
    for criterion in criteria:
        steepest = _of_ways(reach, criterion, "steepest_pct")
        whole = _of_ways(reach, criterion, "incline_pct_unknown_share") == 0
        most = steepest.where(whole, np.inf)
        yield _worst(
            reach, criterion, steepest.fillna(0.0), most,
            lambda low, high: np.where(low == high, low, np.nan),
        )  # fmt: skip


@metric("way_bench_gap", needs=("facility_classes",))
def measure_bench_gap(reach: Reach, criteria: Sequence[Criterion]) -> Iterator[Measured]:
    """Find the longest stretch (m) without a bench on the worst of the ways; at most that, as benches go unmapped."""
    benches = reach.town.network.bench_lonlat
    complete = _BENCH in getattr(reach.town, "complete", ())
    for criterion in criteria:
        gap = _of_ways(reach, criterion, "bench_gap_m")
        if not complete and (benches is None or not len(benches)):
            gap = gap * np.nan  # a map without any bench tells nothing of benches
        longest = _of_ways(reach, criterion, "distance_m")  # of a way to what is nearer
        yield _worst(
            reach, criterion, gap if complete else gap * 0.0, gap, lambda _, high: high, beyond=longest
        )  # fmt: skip


def _of_ways(reach: Reach, criterion: Criterion, column: str) -> pd.Series[float]:
    """Give what the ways to the classes asked for meet, by place and class; not known, or no way, is NaN."""
    asked = [name for name in criterion.facility_classes if name not in reach.town.absent]
    every = pd.MultiIndex.from_product([reach.ids, asked])
    ways = reach.ways.set_index(["origin_id", "facility_class"])[column]
    values = pd.to_numeric(ways, errors="coerce").to_numpy(dtype="float64", na_value=np.nan)
    return pd.Series(values, ways.index).reindex(every)


def _worst(
    reach: Reach, criterion: Criterion, low: pd.Series[float], high: pd.Series[float],
    raw: Callable[[FloatArray, FloatArray], FloatArray], *, beyond: pd.Series[float] | float = np.inf,
) -> Measured:  # fmt: skip
    """Take the worst of the ways of each place, and of its range what is known; unknown where one way is.

    A way to what is nearer than what was found can meet nothing, or up to ``beyond``.
    """

    def most(values: pd.Series[float]) -> FloatArray:
        by_place = values.groupby(level=0)
        worst = by_place.max().mask(by_place.count() < by_place.size())
        return np.asarray(worst.reindex(reach.ids), dtype=np.float64)

    outcome = np.asarray(raw(most(low), most(high)), dtype=np.float64)
    n = len(reach.ids)
    known = {name: np.broadcast_to(reach.knows_all(name), n) for name in low.index.unique(level=1)}
    place, name = (low.index.get_level_values(level) for level in (0, 1))
    at = reach.ids.get_indexer(place)
    sure = np.fromiter((known[n][i] for n, i in zip(name, at, strict=True)), bool, len(low))
    return Measured(
        criterion.key, outcome, _why(reach, low.index), _origin(reach),
        low=most(low.where(sure, 0.0)), high=most(high.where(sure, cast("pd.Series[float]", np.fmax(high, beyond)))),
    )  # fmt: skip


def _why(reach: Reach, asked: pd.Index) -> NDArray[np.object_]:
    """Say of each place why the worst of its ways may be unknown."""
    there = pd.MultiIndex.from_frame(reach.ways[["origin_id", "facility_class"]])
    found = pd.Series(asked.isin(there), asked).groupby(level=0)
    some, every = (one.reindex(reach.ids, fill_value=False) for one in (found.any(), found.all()))
    why = reach.or_joins(NOT_MAPPED).where(every | (reach.joins != "ok"), NOT_EVERY_WAY)
    return why.where(some | (reach.joins != "ok"), NO_WAY).to_numpy(dtype=object)


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
