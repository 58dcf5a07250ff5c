"""The rule of a ranking: values with their ranges and weights → scores, what each criterion brings, ranks.

It stands in one file that needs numpy alone, of any Python since 3.9. The QGIS plugin, whose process cannot hold the
engine, carries this very file along, so that a weight that is moved there ranks the sites as a run would.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

SHARE_SLACK: Final = 1e-9  # summing shares may lose the last bits
TIE_DECIMALS: Final = 7  # of 100 points: what differs less is a tie, whatever the order of summing
_NOTHING: Final = 1e-9  # of 100 points: what is less is none


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
        The chance (0-1) that a measure is no less than it is given, and not anything in its range; None for 0.
    kept_low, kept_high
        The range of each value when it is not; None for its point.
    """

    keys: tuple[str, ...]
    weights: NDArray[np.float64]
    told: NDArray[np.bool_]
    point: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    certainty: NDArray[np.float64] | None = None
    kept_low: NDArray[np.float64] | None = None
    kept_high: NDArray[np.float64] | None = None

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

        def some(table: NDArray[np.float64] | None) -> NDArray[np.float64] | None:
            return None if table is None else table[sites]

        return replace(
            self, point=self.point[sites], low=self.low[sites], high=self.high[sites],
            certainty=some(self.certainty), kept_low=some(self.kept_low), kept_high=some(self.kept_high),
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
        known = ((1.0 - (self.high - self.low)) * self.weights).sum(axis=1)
        return np.fmin(known, 1.0)  # the weights may sum to a bit more


@dataclass(frozen=True, eq=False)
class Scores:
    """Scores of sites and what they are made of.

    Attributes
    ----------
    score
        0-100, shape ``(n_sites,)``; NaN where too little is known.
    low, high
        What the score could still be, whatever the unknown becomes.
    contributions
        The points of the score that each criterion brings in, shape ``(n_sites, n_criteria)``; NaN where none.
    """

    score: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    contributions: NDArray[np.float64]


def shares_of(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn weights into shares that sum to 1.

    Parameters
    ----------
    weights
        Not negative and not all 0.

    Returns
    -------
    numpy.ndarray
        The same shape.

    Examples
    --------
    >>> shares_of(np.array([3.0, 1.0])).tolist()
    [0.75, 0.25]
    """
    return weights / weights.sum()


def score_values(values: Values, *, least_known_share: float) -> Scores:
    """Score sites: the weighted mean of the values that count, and never beyond what is possible.

    Parameters
    ----------
    values
        Of the sites, with their ranges.
    least_known_share
        A site of which less of the weight (0-1) is known has no score, only what is possible.

    Returns
    -------
    Scores
        On the order of the values.

    Examples
    --------
    Of the first site a quarter of the weight is known, of the second all.

    >>> point = np.array([[1.0, np.nan], [0.5, 1.0]])
    >>> low, high = np.array([[1.0, 0.0], [0.5, 1.0]]), np.array([[1.0, 1.0], [0.5, 1.0]])
    >>> values = Values(("x", "y"), np.array([0.25, 0.75]), np.zeros(2, bool), point, low, high)
    >>> found = score_values(values, least_known_share=0.2)
    >>> found.score.tolist(), found.low.tolist(), found.high.tolist()
    ([100.0, 87.5], [25.0, 87.5], [100.0, 87.5])
    """
    least, most = (_out_of_100(end * values.weights) for end in (values.low, values.high))
    enough = values.known_share >= least_known_share - SHARE_SLACK
    points, contributions = _points(values, least, enough & (values.known_share > 0))
    # The last bits of a sum never take a score out of its range.
    return Scores(points, np.fmin(least, points), np.fmax(most, points), contributions)


def rank_scores(
    scores: NDArray[np.float64], knocked_out: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Rank the sites that have a score and did not drop out, from 1; equal scores share their ranks.

    Parameters
    ----------
    scores
        0-100, NaN where there is none, shape ``(n_sites,)``.
    knocked_out
        Which sites dropped out.

    Returns
    -------
    first, last : numpy.ndarray
        The lowest of the ranks that each site shares, which is its rank, and the highest; NaN where it has none.

    Examples
    --------
    >>> first, last = rank_scores(np.array([70.0, 80.0, 80.0, np.nan, 90.0]), np.array([False] * 4 + [True]))
    >>> first.tolist(), last.tolist()
    ([3.0, 1.0, 1.0, nan, nan], [3.0, 2.0, 2.0, nan, nan])
    """
    first, last = np.full(len(scores), np.nan), np.full(len(scores), np.nan)
    ranked = np.flatnonzero(~np.isnan(scores) & ~knocked_out)
    ranks = tied_ranks(np.round(scores[None, ranked], TIE_DECIMALS))
    first[ranked], last[ranked] = ranks[0][0], ranks[1][0]
    return first, last


def tied_ranks(scores: NDArray[np.floating[Any]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rank each row of scores from 1, highest first; equal scores share their ranks.

    Parameters
    ----------
    scores
        Scores of any unit, shape ``(n_rows, n_sites)``, already rounded to what counts as a tie.

    Returns
    -------
    first, last : numpy.ndarray
        The lowest and the highest number of the ranks that each site shares, the same shape; equal
        where a site shares its rank with none.

    Examples
    --------
    >>> first, last = tied_ranks(np.array([[70.0, 80.0, 80.0, 60.0]]))
    >>> first.tolist(), last.tolist()
    ([[3, 1, 1, 4]], [[3, 2, 2, 4]])
    """
    order = np.argsort(-scores, axis=1, kind="stable")
    best_first = np.take_along_axis(scores, order, axis=1)
    place = np.arange(1, scores.shape[1] + 1)
    begins = np.ones(scores.shape, dtype=bool)
    ends = np.ones(scores.shape, dtype=bool)
    begins[:, 1:] = ends[:, :-1] = best_first[:, 1:] != best_first[:, :-1]
    begin = np.maximum.accumulate(np.where(begins, place, 1), axis=1)
    backwards = np.where(ends, place, scores.shape[1])[:, ::-1]
    end = np.minimum.accumulate(backwards, axis=1)[:, ::-1]
    first, last = np.empty_like(begin), np.empty_like(end)
    np.put_along_axis(first, order, begin, axis=1)
    np.put_along_axis(last, order, end, axis=1)
    return first, last


def _out_of_100(parts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Add parts of one up, row by row, so that no site sways another; weights may sum to a bit over 1."""
    return np.fmin(100 * parts.sum(axis=1), 100.0)


def _points(
    values: Values, least: NDArray[np.float64], enough: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give the scores (0-100, NaN where too little is known) and what each criterion brings of them."""
    whole = np.where(enough, values.whole, np.nan)[:, None]
    brought = np.where(values.mass > 0, 100 * values.counted * values.weights / whole, np.nan)
    mean = np.where(np.isnan(whole[:, 0]), np.nan, np.nansum(brought, axis=1))
    # What the applicant left blank stays at its worst here, too: no outcome of it lifts the score before it is told.
    blank = values.mass * np.isnan(values.point) > 0
    most = _out_of_100(np.where(blank, values.low, values.high) * values.weights)
    points = np.clip(mean, least, most)
    part = np.divide(points, mean, out=np.ones_like(mean), where=mean > _NOTHING)
    # Where what is known brings nothing, what is left is the least that the unknown brings whatever it becomes.
    floor = (mean <= _NOTHING)[:, None] & (values.mass == 0) & (values.low > 0)
    return points, np.where(floor, 100 * values.low * values.weights, brought * part[:, None])
