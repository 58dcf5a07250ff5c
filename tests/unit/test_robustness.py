"""Drawn weights, rank intervals and win shares, against plain counting."""

from __future__ import annotations

from itertools import pairwise, permutations

import numpy as np
from scipy import stats

from geowoonzorg.ranking import robustness
from geowoonzorg.ranking.robustness import draw_weights, rank_intervals, tied_ranks

WEIGHTS = np.array([5.0, 3.0, 2.0, 0.0])


def counted_ranks(values, drawn):
    """Rank by plain loops: the first and last rank of each row, by the mean over what is known."""
    first, last = [], []
    for weights in drawn:
        means = []
        for row in values:
            known = ~np.isnan(row)
            means.append(
                round(float(np.sum(weights[known] * row[known]) / np.sum(weights[known])), 9)
            )
        first.append([1 + sum(other > mine for other in means) for mine in means])
        last.append([sum(other >= mine for other in means) for mine in means])
    return np.array(first), np.array(last)


def test_drawn_weights_have_the_mean_and_spread_that_is_documented():
    drawn = draw_weights(WEIGHTS, draws=20_000)
    share = WEIGHTS / WEIGHTS.sum()
    assert np.allclose(drawn.sum(axis=1), 1)
    assert (drawn[:, 3] == 0).all()
    spread = np.sqrt(share * (1 - share) / (robustness.CONCENTRATION + 1))
    assert np.allclose(drawn.mean(axis=0), share, atol=4 * spread.max() / np.sqrt(20_000))
    assert np.allclose(drawn.std(axis=0), spread, rtol=0.03)


def test_each_drawn_share_is_beta_distributed():
    # A component of a Dirichlet distribution is Beta(c * s, c * (1 - s)).
    drawn = draw_weights(np.array([1.0, 3.0]), draws=5_000)
    assert stats.kstest(drawn[:, 0], stats.beta(25, 75).cdf).pvalue > 0.001


def test_the_same_seed_gives_the_same_draws_and_another_does_not():
    assert (draw_weights(WEIGHTS, seed=1) == draw_weights(WEIGHTS, seed=1)).all()
    assert (draw_weights(WEIGHTS, seed=1) != draw_weights(WEIGHTS, seed=2)).any()


def test_intervals_equal_plain_counting():
    rng = np.random.default_rng(3)
    values = rng.uniform(size=(7, 4)).round(2)
    values[rng.uniform(size=values.shape) < 0.2] = np.nan
    values[:, 0] = np.where(np.isnan(values[:, 0]), 0.5, values[:, 0])  # something is known
    values[5] = values[2]  # a tie in every draw
    values[6, :2] = values[4, :2] = values[4, 0]  # a tie only where the third weight says so
    low, high = rank_intervals(values, WEIGHTS, draws=200)
    first, last = counted_ranks(values, draw_weights(WEIGHTS, draws=200))
    (own_first,), (own_last,) = counted_ranks(values, [WEIGHTS])
    # The quantile of a discrete distribution: the least rank that 5 % (95 %) of the draws reach.
    assert low.tolist() == np.minimum(np.sort(first, axis=0)[10 - 1], own_first).tolist()
    assert high.tolist() == np.maximum(np.sort(last, axis=0)[190 - 1], own_last).tolist()


def test_chunks_do_not_change_the_answer(monkeypatch):
    values = np.random.default_rng(4).uniform(size=(9, 4))
    whole = rank_intervals(values, WEIGHTS, draws=101)
    monkeypatch.setattr(robustness, "_CHUNK_CELLS", 20)
    parts = rank_intervals(values, WEIGHTS, draws=101)
    assert np.array_equal(whole[0], parts[0])
    assert np.array_equal(whole[1], parts[1])


def test_who_is_better_on_everything_stays_ahead():
    values = np.array([[0.2, 0.3, 0.1, 0.0], [0.9, 0.8, 0.9, 1.0], [0.5, 0.5, 0.5, 0.5]])
    low, high = rank_intervals(values, WEIGHTS)
    assert low.tolist() == high.tolist() == [3, 1, 2]


def test_equal_sites_may_take_any_of_the_ranks_they_share():
    values = np.full((5, 4), 0.3)
    values[3] = 0.9
    low, high = rank_intervals(values, WEIGHTS)
    assert low.tolist() == [2, 2, 2, 1, 2]
    assert high.tolist() == [5, 5, 5, 1, 5]


def test_ranks_that_are_shared_are_those_of_every_order_of_the_tied():
    """Every way to put six scores in an order: a tie takes the ranks that some order gives it."""
    for scores in ([3, 1, 3, 2, 3, 1], [1, 1, 1, 1, 1, 1], [6, 5, 4, 3, 2, 1], [2, 2, 1, 1, 3, 3]):
        orders = [
            order
            for order in permutations(range(6))
            if all(scores[a] >= scores[b] for a, b in pairwise(order))
        ]
        places = np.array([np.argsort(order) + 1 for order in orders])
        first, last = tied_ranks(np.array([scores], dtype=float))
        assert first[0].tolist() == places.min(axis=0).tolist()
        assert last[0].tolist() == places.max(axis=0).tolist()


def test_one_site_is_first():
    low, high = rank_intervals(np.array([[0.4, np.nan, 0.1, np.nan]]), WEIGHTS)
    assert (low.tolist(), high.tolist()) == ([1], [1])


def test_wider_weights_never_have_fewer_ranks_than_certain_ones():
    values = np.random.default_rng(6).uniform(size=(8, 4))
    wide = rank_intervals(values, WEIGHTS, concentration=5)
    narrow = rank_intervals(values, WEIGHTS, concentration=1e7)
    own = counted_ranks(values, [WEIGHTS])[0][0]
    assert narrow[0].tolist() == narrow[1].tolist() == own.tolist()
    assert (wide[1] - wide[0]).sum() > 0
