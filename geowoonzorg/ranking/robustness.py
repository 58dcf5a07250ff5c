"""Ranks, which equal scores share, and how they move when the weights move: nobody knows a weight to the percent.

Everything here is arithmetic on values (sites × criteria) and weights (criteria); what they stand
for is the business of `scoring`. Weights are drawn from a Dirichlet distribution whose mean is the
weights given, and every draw ranks the sites anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Iterator

SEED: Final = 20_230_101
DRAWS: Final = 1_000
CONCENTRATION: Final = 100.0
INTERVAL: Final = (0.05, 0.95)
_CHUNK_CELLS: Final = 4_000_000  # scores held at once: 32 MB
_DECIMALS: Final = 9  # scores (0-1) closer than this are a tie, whatever order they were summed in

FloatArray = NDArray[np.floating[Any]]


def draw_weights(
    weights: FloatArray,
    *,
    draws: int = DRAWS,
    seed: int = SEED,
    concentration: float = CONCENTRATION,
) -> NDArray[np.float64]:
    """Draw weights around the given ones.

    Parameters
    ----------
    weights
        The weights, shape ``(n_criteria,)``, not negative and not all 0; only their shares matter.
    draws
        How many sets of weights are drawn.
    seed
        The seed of the generator: the same seed gives the same draws.
    concentration
        How close the draws stay to the weights given. A weight with share ``s`` gets a standard
        deviation of ``sqrt(s * (1 - s) / (concentration + 1))``: at 100, a share of 0.10 moves by
        0.03, roughly between 0.05 and 0.15. That width is our own choice.

    Returns
    -------
    numpy.ndarray
        Shares, shape ``(draws, n_criteria)``; every row sums to 1. A weight of 0 stays 0.

    Notes
    -----
    The Dirichlet distribution with parameters ``concentration * share`` is the usual way to vary
    weights that must keep summing to 1 in multi-criteria analysis; its mean is the shares
    themselves.

    Examples
    --------
    >>> drawn = draw_weights(np.array([3.0, 1.0, 0.0]), draws=4000)
    >>> drawn.shape
    (4000, 3)
    >>> drawn.mean(axis=0).round(2).tolist()
    [0.75, 0.25, 0.0]
    """
    share = np.asarray(weights, dtype=float) / np.sum(weights)
    drawn = np.zeros((draws, share.size))
    counts = share > 0
    drawn[:, counts] = np.random.default_rng(seed).dirichlet(concentration * share[counts], draws)
    return drawn


def rank_intervals(
    values: FloatArray,
    weights: FloatArray,
    *,
    draws: int = DRAWS,
    seed: int = SEED,
    concentration: float = CONCENTRATION,
    interval: tuple[float, float] = INTERVAL,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Say between which ranks each site stays when the weights are varied.

    Parameters
    ----------
    values
        Values 0–1, shape ``(n_sites, n_criteria)``, NaN where unknown; each site must have a known
        value under a positive weight.
    weights
        The weights, shape ``(n_criteria,)``, not negative and not all 0.
    draws, seed, concentration
        As in `draw_weights`.
    interval
        The quantiles (0–1) of the ranks that are returned: by default 5 % and 95 %.

    Returns
    -------
    rank_low, rank_high : numpy.ndarray
        The best and the worst rank (1 is best) of each site, shape ``(n_sites,)``. The interval
        always holds the site's rank under the weights given.

    Notes
    -----
    In every draw sites of equal score take all ranks from the first to the last of their tie: the
    interval runs from the quantile of the first to the quantile of the last.

    Examples
    --------
    The first site is best on both criteria and stays first; the other two swap.

    >>> values = np.array([[0.9, 0.9], [0.8, 0.3], [0.3, 0.8]])
    >>> low, high = rank_intervals(values, np.array([1.0, 1.0]))
    >>> low.tolist(), high.tolist()
    ([1, 2, 2], [1, 3, 3])
    """
    drawn = draw_weights(weights, draws=draws, seed=seed, concentration=concentration)
    first, last = (np.empty((draws, values.shape[0]), dtype=np.int32) for _ in range(2))
    row = 0
    for scores in _scores_in_chunks(values, drawn):
        rows = slice(row, row + len(scores))
        first[rows], last[rows] = tied_ranks(scores)
        row += len(scores)
    low = np.quantile(first, interval[0], axis=0, method="inverted_cdf")
    high = np.quantile(last, interval[1], axis=0, method="inverted_cdf")
    own = tied_ranks(_weighted_means(values, np.asarray(weights, dtype=float)[None, :]))
    return np.minimum(low, own[0][0]).astype(np.int64), np.maximum(high, own[1][0]).astype(np.int64)


def tied_ranks(scores: FloatArray) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
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


def _scores_in_chunks(values: FloatArray, weights: FloatArray) -> Iterator[NDArray[np.float64]]:
    """Yield scores (0–1) of as many rows of weights at a time as fit the budget of memory."""
    step = max(1, _CHUNK_CELLS // max(1, values.shape[0]))
    for start in range(0, len(weights), step):
        yield _weighted_means(values, weights[start : start + step])


def _weighted_means(values: FloatArray, weights: FloatArray) -> NDArray[np.float64]:
    """Average values over the criteria that are known, shape ``(n_weights, n_sites)``."""
    known = np.isfinite(values)
    total = weights @ known.T.astype(float)
    return np.round(weights @ np.where(known, values, 0.0).T / total, _DECIMALS)
