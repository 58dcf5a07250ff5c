"""Measures and their ranges turned into values and theirs: what of every criterion is known, and what is not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
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
_TOLD_BY_APPLICANT: Final = "site"  # the metric that takes what the sites' own table says


@dataclass(frozen=True, eq=False)
class Measured:
    """One criterion at every site: its measure and value, each with the range that the unknown leaves.

    Attributes
    ----------
    raw, raw_low, raw_high
        Numbers in the criterion's unit, or words; NaN or None where unknown; infinite where a distance has no
        end. Where ``raw`` is known, so are its bounds.
    value, value_low, value_high
        0-1. ``value`` is NaN where unknown, and its range is then all that the criterion can give.
    certainty
        The chance (0-1) that the measure is as given, and not elsewhere in its range.
    """

    raw: NDArray[Any]
    raw_low: NDArray[Any]
    raw_high: NDArray[Any]
    value: NDArray[np.float64]
    value_low: NDArray[np.float64]
    value_high: NDArray[np.float64]
    certainty: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Values:
    """Values of sites (rows) on criteria (columns), with their ranges, and how they enter a score.

    Attributes
    ----------
    keys
        The criteria's keys, shape ``(n_criteria,)``.
    weights
        Their shares of the weight, which sum to 1.
    told
        Of which criteria the applicant could have told the measure.
    point, low, high
        Values 0-1, shape ``(n_sites, n_criteria)``; ``point`` is NaN where unknown, its bounds never are.
    certainty
        The chance (0-1) that a value is its point, and not elsewhere in its range; None for 0 everywhere.
    """

    keys: tuple[str, ...]
    weights: NDArray[np.float64]
    told: NDArray[np.bool_]
    point: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    certainty: NDArray[np.float64] | None = None

    @classmethod
    def of(
        cls, scores: pd.DataFrame, profile: ScoringProfile, *, certainty: pd.DataFrame | None = None
    ) -> Values:
        """Take the values out of a table of scores.

        Parameters
        ----------
        scores
            What `score` returned.
        profile
            The profile it was scored on.
        certainty
            As `score` was given.

        Returns
        -------
        Values
            On the order of the table and of the profile.

        Examples
        --------
        >>> from geowoonzorg.ranking.scoring import read_scoring_profile, score
        >>> profile = read_scoring_profile("geclusterd")
        >>> found = score(pd.DataFrame({"supermarkt": [400.0]}, index=["a"]), profile)
        >>> Values.of(found, profile).point[0, :2].round(2).tolist()
        [0.8, nan]
        """
        keys = [criterion.key for criterion in profile.criteria]

        def take(ending: str) -> NDArray[np.float64]:
            return scores[[key + ending for key in keys]].to_numpy(dtype=np.float64)

        return cls(
            keys=tuple(keys), weights=profile.weights, told=told_by_applicant(profile),
            point=take("_value"), low=take("_value_low"), high=take("_value_high"),
            certainty=np.column_stack([
                _chances(key, scores[f"{key}_value"].notna().to_numpy(), scores.index, certainty) for key in keys
            ]),
        )  # fmt: skip

    def rows(self, sites: NDArray[np.intp]) -> Values:
        """Take some of the sites.

        Parameters
        ----------
        sites
            The numbers of their rows.

        Returns
        -------
        Values
            In that order.

        Examples
        --------
        >>> point = np.array([[0.2], [0.8]])
        >>> Values(("a",), np.ones(1), np.zeros(1, bool), point, point, point).rows(np.array([1])).point.tolist()
        [[0.8]]
        """
        certainty = None if self.certainty is None else self.certainty[sites]
        return replace(
            self, point=self.point[sites], low=self.low[sites], high=self.high[sites], certainty=certainty
        )  # fmt: skip

    @cached_property
    def mass(self) -> NDArray[np.float64]:
        """Whether (1 or 0) each criterion takes part in a score: known, or left blank by who could have told it."""
        return (~np.isnan(self.point) | self.told).astype(np.float64)

    @cached_property
    def counted(self) -> NDArray[np.float64]:
        """The values (0-1) that a score is the weighted mean of; a blank counts as the worst answer."""
        return np.where(np.isnan(self.point), self.low * self.mass, self.point)

    @cached_property
    def whole(self) -> NDArray[np.float64]:
        """The weight (0-1) that each site's score is a mean over, shape ``(n_sites,)``; NaN where there is none."""
        whole = (self.mass * self.weights).sum(axis=1)
        return np.where(whole > 0, whole, np.nan)

    @cached_property
    def known_share(self) -> NDArray[np.float64]:
        """The share (0-1) of the weight that is known: of each criterion all but the width of its range."""
        return ((1.0 - (self.high - self.low)) * self.weights).sum(axis=1)


def told_by_applicant(profile: ScoringProfile) -> NDArray[np.bool_]:
    """Say of which criteria the applicant could have told the measure.

    Parameters
    ----------
    profile
        A scoring profile.

    Returns
    -------
    numpy.ndarray
        Shape ``(n_criteria,)``.

    Examples
    --------
    >>> from geowoonzorg.ranking.scoring_profile import read_scoring_profile
    >>> profile = read_scoring_profile("geclusterd")
    >>> [c.key for c, told in zip(profile.criteria, told_by_applicant(profile)) if told]
    ['ontmoetingsruimte', 'n_woningen']
    """
    return np.array([c.metric == _TOLD_BY_APPLICANT for c in profile.criteria], dtype=bool)


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
) -> Measured:
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
    Measured
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
        return _with_ranges(
            criterion, (words, words, words), value, (value, value), raw.index, certainty
        )
    measure, value = _numbers(raw, criterion)
    ends = [_ends(measure, raw.index, criterion, table) for table in (low, high)]
    _check_ends(measure, ends[0], ends[1], raw.index, criterion)
    bounds = bounds_of_value(criterion, ends[0], ends[1])
    return _with_ranges(criterion, (measure, *ends), value, bounds, raw.index, certainty)


def _with_ranges(
    criterion: Criterion,
    raw: Sequence[NDArray[Any]],
    value: NDArray[np.float64],
    bounds: tuple[NDArray[np.float64], NDArray[np.float64]],
    sites: pd.Index,
    certainty: pd.DataFrame | None,
) -> Measured:
    """Put measures and values together; of what is unknown the range is all that the criterion gives."""
    scale = [value for _, value in criterion.anchors or criterion.levels]
    unknown = np.isnan(value)
    return Measured(
        raw[0], raw[1], raw[2], value,
        np.where(unknown, min(scale), np.fmin(bounds[0], value)),
        np.where(unknown, max(scale), np.fmax(bounds[1], value)),
        _chances(criterion.key, ~unknown, sites, certainty),
    )  # fmt: skip


def knock_outs(
    measured: dict[str, Measured], profile: ScoringProfile, n_sites: int
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


def _chances(
    key: str, known: NDArray[np.bool_], sites: pd.Index, certainty: pd.DataFrame | None
) -> NDArray[np.float64]:
    """Give the chances that the measures of a criterion are as given, between 0 and 1; 0 where unknown."""
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
