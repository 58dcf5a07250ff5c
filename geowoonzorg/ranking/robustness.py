"""How ranks move with the weights and with what is unknown.

Everything here is arithmetic on values with their ranges (sites × criteria) and weights (criteria); what they
stand for is the business of `scoring`. Nobody knows a weight to the percent, so weights are drawn from a
Dirichlet distribution whose mean is the weights given; what is unknown is drawn evenly from its range; and every
draw ranks the sites anew.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from geowoonzorg.ranking.rule import tied_ranks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from geowoonzorg.ranking.rule import Values

SEED: Final = 20_230_101
DRAWS: Final = 1_000
CONCENTRATION: Final = 100.0
INTERVAL: Final = (0.05, 0.95)
_CHUNK_CELLS: Final = 4_000_000  # values held at once: 32 MB
_DECIMALS: Final = 9  # scores (0-1) closer than this are a tie, whatever order they were summed in
_TOP: Final = 3  # places that count for `top3_share`
_WEIGHTS, _UNKNOWN, _CERTAIN = 0, 1, 2  # which of a criterion's streams of random numbers

FloatArray = NDArray[np.floating[Any]]
Moves = Literal["weights", "unknown", "both"]


@dataclass(frozen=True)
class Ranks:
    """Where each site ends in the draws, each of shape ``(n_sites,)``.

    Attributes
    ----------
    low, high
        The best and the worst rank (1 is best) in the middle 90 % of the draws; a tie takes all its ranks.
    first_share, top3_share
        The share (0-1) of the draws in which a site is first, or among the first three. Sites that share a place
        share it evenly, so over all sites the shares sum to 1 and to 3 (or to their number).
    """

    low: NDArray[np.int64]
    high: NDArray[np.int64]
    first_share: NDArray[np.float64]
    top3_share: NDArray[np.float64]


def mean_of_values(values: FloatArray, weights: FloatArray) -> NDArray[np.float64]:
    """Average values over criteria: the weighted sum.

    Parameters
    ----------
    values
        0-1, shape ``(..., n_criteria)``.
    weights
        Not negative, of a shape that broadcasts with it; only their shares matter.

    Returns
    -------
    numpy.ndarray
        0-1, without the last axis; NaN where no weight counts.

    Examples
    --------
    >>> mean_of_values(np.array([[1.0, 0.5]]), np.array([3.0, 1.0])).tolist()
    [0.875]
    """
    whole = np.broadcast_to(weights, values.shape).sum(axis=-1)
    total = np.einsum("...j,...j->...", values, np.broadcast_to(weights, values.shape))
    return np.divide(total, whole, out=np.full(total.shape, np.nan), where=whole > 0)


def draw_weights(
    weights: FloatArray,
    *,
    keys: Sequence[str] | None = None,
    draws: int = DRAWS,
    seed: int = SEED,
    concentration: float = CONCENTRATION,
) -> NDArray[np.float64]:
    """Draw weights around the given ones.

    Parameters
    ----------
    weights
        The weights, shape ``(n_criteria,)``, not negative and not all 0; only their shares matter.
    keys
        The criteria's keys: each draws its own random numbers, so that their order changes nothing. Their
        numbers when None.
    draws
        How many sets of weights are drawn.
    seed
        The seed of the generators: the same seed gives the same draws.
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
    themselves. It is drawn as gamma variates over their sum (Devroye, 1986, XI.4).

    Examples
    --------
    >>> drawn = draw_weights(np.array([3.0, 1.0, 0.0]), draws=4000)
    >>> drawn.shape
    (4000, 3)
    >>> drawn.mean(axis=0).round(2).tolist()
    [0.75, 0.25, 0.0]
    """
    share = np.round(np.asarray(weights, dtype=float) / np.sum(weights), 12)
    drawn = np.zeros((draws, share.size))
    for column, key in enumerate(keys or [str(n) for n in range(share.size)]):
        if share[column] > 0:
            gamma = _stream(seed, key, _WEIGHTS).standard_gamma(
                concentration * share[column], draws
            )
            drawn[:, column] = gamma
    whole = drawn.sum(axis=1, keepdims=True)
    return np.where(whole > 0, drawn / np.where(whole > 0, whole, 1.0), share)


def rank_spread(
    values: Values,
    *,
    move: Moves = "both",
    score: Callable[[FloatArray, FloatArray], NDArray[np.float64]] = mean_of_values,
    draws: int = DRAWS,
    seed: int = SEED,
    concentration: float = CONCENTRATION,
    interval: tuple[float, float] = INTERVAL,
) -> Ranks:
    """Say between which ranks each site stays when the weights, the unknown or both are varied.

    Parameters
    ----------
    values
        Values of the sites that are ranked.
    move
        ``"weights"`` (what is unknown enters as in a score), ``"unknown"`` (the weights stay as given) or
        ``"both"``.
    score
        Turns values 0-1 of shape ``(draws, n_sites, n_criteria)`` and weights that broadcast with it into
        scores, higher is better.
    draws, seed, concentration
        As in `draw_weights`; at least one draw.
    interval
        The quantiles (0-1) of the ranks that are returned: by default 5 % and 95 %.

    Returns
    -------
    Ranks
        The interval need not hold the rank of the point score: what is unknown has no point of its own.

    Notes
    -----
    Stochastic multicriteria acceptability analysis (Lahdelma & Salminen, 2001): weights and values are both drawn,
    and the share of draws in which a site takes a rank is its acceptability for it. A value is drawn evenly from its
    range, or, with the chance that ``values.certainty`` gives, from the part of it that it keeps when the measure is
    no less than it is given; each by itself: nothing more is assumed about which outcome is likelier, nor that two
    sites beside each other share an unknown. Each criterion has its own random numbers, dealt to the sites in their
    order.

    Examples
    --------
    The first site is best on both criteria and stays first; the other two swap.

    >>> from geowoonzorg.ranking.rule import Values
    >>> point = np.array([[0.9, 0.9], [0.8, 0.3], [0.3, 0.8]])
    >>> values = Values(("a", "b"), np.array([0.5, 0.5]), np.zeros(2, bool), point, point, point)
    >>> found = rank_spread(values, move="weights")
    >>> found.low.tolist(), found.high.tolist(), found.first_share.tolist()
    ([1, 2, 2], [1, 3, 3], [1.0, 0.0, 0.0])
    """
    n_sites = len(values.point)
    if move == "unknown":
        drawn = np.repeat(values.weights[None, :], draws, axis=0)
    else:
        drawn = draw_weights(
            values.weights, keys=values.keys, draws=draws, seed=seed, concentration=concentration
        )
    first, last = (np.empty((draws, n_sites), dtype=np.int32) for _ in range(2))
    won, top = (np.zeros(n_sites) for _ in range(2))
    for rows, table, weights in _drawn_values(values, drawn, move, seed):
        begin, end = tied_ranks(np.round(score(table, weights), _DECIMALS))
        first[rows], last[rows] = begin, end
        tied = end - begin + 1
        won += np.where(begin == 1, 1 / tied, 0.0).sum(axis=0)
        top += (np.clip(_TOP + 1 - begin, 0, tied) / tied).sum(axis=0)
    low, high = (
        np.quantile(ranks, at, axis=0, method="inverted_cdf").astype(np.int64)
        for ranks, at in zip((first, last), interval, strict=True)
    )
    return Ranks(low, high, won / draws, top / draws)


def _stream(seed: int, key: str, which: int) -> np.random.Generator:
    """Give a criterion its own generator, which depends on its key and on no other criterion."""
    return np.random.default_rng([seed, zlib.crc32(key.encode()), which])


def _drawn_values(
    values: Values, weights: FloatArray, move: Moves, seed: int
) -> Iterator[tuple[slice, FloatArray, FloatArray]]:
    """Yield rows of draws with their values and weights, as many at a time as fit the budget of memory."""
    n_sites, n_criteria = values.point.shape
    step = max(1, _CHUNK_CELLS // max(1, n_sites * n_criteria))
    streams = [_stream(seed, key, _UNKNOWN) for key in values.keys]
    chances = [_stream(seed, key, _CERTAIN) for key in values.keys]
    width = values.high - values.low
    certainty = np.zeros(width.shape) if values.certainty is None else values.certainty
    kept_low = values.point if values.kept_low is None else values.kept_low
    kept_width = 0.0 * width if values.kept_high is None else values.kept_high - kept_low
    for start in range(0, len(weights), step):
        rows = slice(start, min(start + step, len(weights)))
        each = weights[rows][:, None, :]
        shape = (rows.stop - rows.start, n_sites, n_criteria)
        if move == "weights":
            yield rows, np.broadcast_to(values.counted, shape), each * values.mass
            continue
        table = np.zeros(shape)
        for column, stream in enumerate(streams):
            if width[:, column].any():
                table[:, :, column] = stream.random(shape[:2])
        for column, stream in enumerate(chances):
            drawn = table[:, :, column] * width[:, column] + values.low[:, column]
            if (certainty[:, column] > 0).any():
                kept = table[:, :, column] * kept_width[:, column] + kept_low[:, column]
                drawn = np.where(stream.random(shape[:2]) < certainty[:, column], kept, drawn)
            table[:, :, column] = drawn
        yield rows, table, each
