"""The measures of one criterion with their ranges, turned into values with theirs; and who falls out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from geowoonzorg.errors import InputError, first_ids
from geowoonzorg.messages import tell

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from geowoonzorg.ranking.scoring_profile import Criterion, ScoringProfile

# Yes and no come as booleans, numbers and words; a profile's levels say ja and nee.
_YES_NO: Final = {
    **dict.fromkeys(("true", "1", "j", "yes", "y", "waar"), "ja"),
    **dict.fromkeys(("false", "0", "n", "no", "onwaar"), "nee"),
}


@dataclass(frozen=True, eq=False)
class Ranged:
    """One criterion at every site: its measure and value, each with the range that the unknown leaves.

    Attributes
    ----------
    raw, raw_low, raw_high
        Numbers in the criterion's unit, or words; NaN or None where unknown; infinite where a distance has no
        end. Where ``raw`` is known, so are its bounds.
    value, value_low, value_high
        0-1. ``value`` is NaN where unknown, and its range is then all that the criterion can give.
    kept_low, kept_high
        The range of the value when the measure is no less than it is given: from ``raw`` to ``raw_high``.
    certainty
        The chance (0-1) of that, and not of anything in its range.
    """

    raw: NDArray[Any]
    raw_low: NDArray[Any]
    raw_high: NDArray[Any]
    value: NDArray[np.float64]
    value_low: NDArray[np.float64]
    value_high: NDArray[np.float64]
    kept_low: NDArray[np.float64]
    kept_high: NDArray[np.float64]
    certainty: NDArray[np.float64]


def bounds_of_value(
    criterion: Criterion, low: NDArray[np.float64], high: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Find the lowest and the highest value that measures within intervals bring.

    Parameters
    ----------
    criterion
        With anchors.
    low, high
        The intervals in the criterion's unit, shape ``(n,)``; infinite where they have no end.

    Returns
    -------
    lowest, highest : numpy.ndarray
        Values 0-1.

    Notes
    -----
    A piecewise linear function takes its extremes over an interval at the interval's ends or at an anchor
    within it, so a peak between the ends is not missed.

    Examples
    --------
    >>> from geowoonzorg.ranking.scoring_profile import read_scoring_profile
    >>> homes = next(c for c in read_scoring_profile("geclusterd").criteria if c.key == "n_woningen")
    >>> lowest, highest = bounds_of_value(homes, np.array([12.0]), np.array([120.0]))
    >>> lowest.tolist(), highest.tolist()
    ([0.5], [1.0])
    """
    ends = criterion.value(low), criterion.value(high)
    lowest, highest = np.minimum(*ends), np.maximum(*ends)
    for at, value in criterion.anchors:
        within = (low < at) & (at < high)
        lowest = np.where(within, np.minimum(lowest, value), lowest)
        highest = np.where(within, np.maximum(highest, value), highest)
    return lowest, highest


def measure_values(
    criterion: Criterion,
    raw: pd.DataFrame,
    low: pd.DataFrame | None = None,
    high: pd.DataFrame | None = None,
    certainty: pd.DataFrame | None = None,
) -> Ranged:
    """Turn the measures of a criterion into values, and their ranges into ranges.

    Parameters
    ----------
    criterion
        Whose column is taken from each table.
    raw
        Measures, one row per site and one column per criterion.
    low, high
        Their bounds on the same index; a column or a cell may be absent, which is a measure without a range.
    certainty
        The chances (0-1) that they are as given; 0 where absent.

    Returns
    -------
    Ranged
        On the order of ``raw``.

    Raises
    ------
    InputError
        When a measure is not a finite number (or one of the criterion's words), or lies outside its range.

    Examples
    --------
    >>> from geowoonzorg.ranking.scoring_profile import read_scoring_profile
    >>> near = read_scoring_profile("geclusterd").criteria[0]
    >>> found = measure_values(near, pd.DataFrame({"supermarkt": [500.0]}), pd.DataFrame({"supermarkt": [0.0]}))
    >>> found.value.tolist(), found.value_low.tolist(), found.value_high.tolist()
    ([0.6], [0.6], [1.0])
    """
    if criterion.levels:
        words, value = _words(raw, criterion)
        raws, same = (words, words, words), (value, value)
        return _with_ranges(criterion, raws, value, same, same, raw.index, certainty)
    measure, value = _numbers(raw, criterion)
    ends = [_ends(measure, raw.index, criterion, table) for table in (low, high)]
    _check_ends(measure, ends[0], ends[1], raw.index, criterion)
    bounds = bounds_of_value(criterion, ends[0], ends[1])
    kept = bounds_of_value(criterion, measure, ends[1])
    return _with_ranges(criterion, (measure, *ends), value, bounds, kept, raw.index, certainty)


def _with_ranges(
    criterion: Criterion,
    raw: Sequence[NDArray[Any]],
    value: NDArray[np.float64],
    bounds: tuple[NDArray[np.float64], NDArray[np.float64]],
    kept: tuple[NDArray[np.float64], NDArray[np.float64]],
    sites: pd.Index,
    certainty: pd.DataFrame | None,
) -> Ranged:
    """Put measures and values together; of what is unknown the range is all that the criterion gives."""
    scale = [value for _, value in criterion.anchors or criterion.levels]
    unknown = np.isnan(value)
    return Ranged(
        raw[0], raw[1], raw[2], value,
        np.where(unknown, min(scale), np.fmin(bounds[0], value)),
        np.where(unknown, max(scale), np.fmax(bounds[1], value)),
        *kept,
        chances(criterion.key, ~unknown, sites, certainty),
    )  # fmt: skip


def knock_outs(
    measured: dict[str, Ranged], profile: ScoringProfile, n_sites: int
) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """Collect why each site falls out for certain, and why it may still fall out.

    Parameters
    ----------
    measured
        Per criterion its measures.
    profile
        The profile, which sets the limits.
    n_sites
        How many sites.

    Returns
    -------
    certain, possible : numpy.ndarray
        Reasons, several separated by "; "; empty text where there is none. Certain is what no outcome within
        the range would change; a limit that only part of the range passes, or a measure that is unknown, is
        possible.

    Examples
    --------
    >>> from geowoonzorg.ranking.scoring_profile import read_scoring_profile
    >>> profile = read_scoring_profile("geclusterd")
    >>> raw = pd.DataFrame({"n_woningen": [4.0, np.nan, 12.0]})
    >>> found = {c.key: measure_values(c, raw) for c in profile.criteria}
    >>> certain, possible = knock_outs(found, profile, 3)
    >>> (certain != "").tolist(), (possible != "").tolist()
    ([True, False, False], [False, True, False])
    """
    certain, possible = (np.full(n_sites, "", dtype=object) for _ in range(2))
    for criterion in profile.criteria:
        if (limit := criterion.knock_out) is None:
            continue
        found = measured[criterion.key]
        low, high = found.raw_low, found.raw_high
        above = np.inf if limit.above is None else limit.above
        below = -np.inf if limit.below is None else limit.below
        out = (low > above) | (high < below)
        may = ((high > above) | (low < below) | np.isnan(found.value)) & ~out
        for reasons, where in ((certain, out), (possible, may)):
            reasons[where & (reasons != "")] += "; "
            reasons[where] += limit.reason
    return certain, possible


def _numbers(
    raw: pd.DataFrame, criterion: Criterion
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give the measures of a criterion with anchors, and their values."""
    if criterion.key not in raw:
        nothing = np.full(len(raw), np.nan)
        return nothing, nothing
    column = raw[criterion.key]
    measure = np.asarray(pd.to_numeric(column, errors="coerce"), dtype=np.float64)
    blank = column.isna()
    if not pd.api.types.is_numeric_dtype(column):
        blank |= column.astype(str).str.strip() == ""
    nowhere = np.isposinf(measure) & (criterion.metric == "distance")
    wrong = ~np.isfinite(measure) & ~blank.to_numpy() & ~nowhere
    _refuse(wrong, column, criterion, tell("must be a finite number"))
    return measure, criterion.value(measure)


def _words(
    raw: pd.DataFrame, criterion: Criterion
) -> tuple[NDArray[np.object_], NDArray[np.float64]]:
    """Give the words of a criterion with levels as the profile writes them, and their values."""
    if criterion.key not in raw:
        return np.full(len(raw), None, dtype=object), np.full(len(raw), np.nan)
    column = raw[criterion.key]
    words = column.map(_word, na_action="ignore").astype(object)
    levels = dict(criterion.levels)
    words = words.where(words.isin(list(levels)), words.replace(_YES_NO))
    words = words.where(words != "", None)
    value = np.asarray(words.map(levels), dtype=np.float64)
    allowed = tell("must be one of {words}", words=", ".join(word for word, _ in criterion.levels))
    _refuse(words.notna().to_numpy() & np.isnan(value), column, criterion, allowed)
    return words.where(words.notna(), None).to_numpy(dtype=object), value


def _word(raw: object) -> str:
    """Write a measure in words as levels are written: lower case, 1.0 as 1."""
    if isinstance(raw, float) and raw.is_integer():
        raw = int(raw)
    return str(raw).strip().casefold()


def _ends(
    raw: NDArray[np.float64], sites: pd.Index, criterion: Criterion, table: pd.DataFrame | None
) -> NDArray[np.float64]:
    """Give one bound of the measures: the measure itself where none is given, unknown where it is."""
    if table is None or criterion.key not in table:
        return raw
    given = table[criterion.key].reindex(sites)
    bound = np.asarray(pd.to_numeric(given, errors="coerce"), dtype=np.float64)
    return np.where(np.isnan(bound) | np.isnan(raw), raw, bound)


def kept_values(
    criterion: Criterion, scores: pd.DataFrame
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give the range of a criterion's values when its measures are no less than they are given.

    Parameters
    ----------
    criterion
        Of the profile.
    scores
        What `geowoonzorg.score` returned on it.

    Returns
    -------
    lowest, highest : numpy.ndarray
        Values 0-1; NaN where unknown.

    Examples
    --------
    >>> from geowoonzorg.ranking.scoring import read_scoring_profile, score
    >>> profile = read_scoring_profile("geclusterd")
    >>> raw = pd.DataFrame({"supermarkt": [400.0]}, index=["a"])
    >>> found = score(raw, profile, raw_low=raw - 400, raw_high=raw + 100, draws=0)
    >>> [end.round(2).tolist() for end in kept_values(profile.criteria[0], found)]
    [[0.6], [0.8]]
    """
    value = scores[f"{criterion.key}_value"].to_numpy(dtype=np.float64)
    if criterion.levels:
        return value, value
    raw, high = (
        scores[f"{criterion.key}_raw{end}"].to_numpy(dtype=np.float64) for end in ("", "_high")
    )
    # What has no end is empty in the table.
    low, most = bounds_of_value(criterion, raw, np.where(np.isnan(high), np.inf, high))
    return np.where(np.isnan(raw), value, low), np.where(np.isnan(raw), value, most)


def chances(
    key: str, known: NDArray[np.bool_], sites: pd.Index, certainty: pd.DataFrame | None
) -> NDArray[np.float64]:
    """Give the chances that the measures of a criterion are no less than they are given.

    Parameters
    ----------
    key
        The criterion's.
    known
        Where its measure is known.
    sites
        The sites' ids.
    certainty
        Chances by site and criterion; a column or cell may be absent.

    Returns
    -------
    numpy.ndarray
        0-1; 0 where unknown or not given.

    Examples
    --------
    >>> given = pd.DataFrame({"huisarts": [0.3]}, index=["a"])
    >>> chances("huisarts", np.array([True, False]), pd.Index(["a", "b"]), given).tolist()
    [0.3, 0.0]
    """
    if certainty is None or key not in certainty:
        return np.zeros(len(known))
    given = np.asarray(certainty[key].reindex(sites), dtype=np.float64)
    return np.where(known, np.clip(np.nan_to_num(given), 0.0, 1.0), 0.0)


def _check_ends(
    raw: NDArray[np.float64],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    sites: pd.Index,
    criterion: Criterion,
) -> None:
    """Refuse a measure outside its own range."""
    outside = (low > raw) | (raw > high)
    if outside.any():
        raise InputError(
            "measure {measure!r} must lie from raw_low to raw_high; it does not for {ids} sites",
            measure=criterion.key,
            ids=first_ids(sites[outside]),
        )


def _refuse(
    wrong: NDArray[np.bool_], column: pd.Series, criterion: Criterion, allowed: str
) -> None:
    """Refuse measures that are none."""
    if wrong.any():
        shown = [f"{site}: {column.loc[site]}" for site in column.index[wrong]]
        raise InputError(
            "measure {measure!r} {allowed}; it is not for {ids} sites",
            measure=criterion.key,
            allowed=allowed,
            ids=first_ids(shown),
        )
