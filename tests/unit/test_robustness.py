"""Drawn weights and unknowns, rank intervals and win shares, against plain counting and closed forms."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise, permutations

import numpy as np
import pytest
from scipy import stats

from geowoonzorg.ranking import robustness
from geowoonzorg.ranking.robustness import draw_weights, rank_spread
from geowoonzorg.ranking.rule import Values, tied_ranks

WEIGHTS = np.array([5.0, 3.0, 2.0, 0.0])


def values_of(point, *, low=None, high=None, weights=WEIGHTS, keys=None, certainty=None):
    """Give values of which NaN is unknown, 0 to 1 unless bounds are given."""
    point = np.asarray(point, dtype=float)
    n = point.shape[1]
    low = np.where(np.isnan(point), 0.0, point) if low is None else np.asarray(low, dtype=float)
    high = np.where(np.isnan(point), 1.0, point) if high is None else np.asarray(high, dtype=float)
    share = np.asarray(weights[:n], dtype=float) / np.sum(weights[:n])
    names = keys or tuple("abcdefgh"[:n])
    return Values(names, share, np.zeros(n, dtype=bool), point, low, high, certainty)


def weights_only(point, **how):
    found = rank_spread(values_of(point), move="weights", **how)
    return found.low, found.high


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
    found = rank_spread(values_of(values), move="weights", draws=200)
    first, last = counted_ranks(values, draw_weights(WEIGHTS, keys="abcd", draws=200))
    # The quantile of a discrete distribution: the least rank that 5 % (95 %) of the draws reach.
    assert found.low.tolist() == np.sort(first, axis=0)[10 - 1].tolist()
    assert found.high.tolist() == np.sort(last, axis=0)[190 - 1].tolist()
    each = [
        [1 / (b - a + 1) if a == 1 else 0 for a, b in zip(*row, strict=True)]
        for row in zip(first, last, strict=True)
    ]
    assert found.first_share == pytest.approx(np.mean(each, axis=0))


@pytest.mark.parametrize("move", ["weights", "unknown", "both"])
def test_chunks_do_not_change_the_answer(monkeypatch, move):
    rng = np.random.default_rng(4)
    point = rng.uniform(size=(9, 4))
    point[rng.uniform(size=point.shape) < 0.3] = np.nan
    point[:, 0] = 0.5
    values = values_of(point, certainty=np.full(point.shape, 0.3))
    whole = rank_spread(values, move=move, draws=101)
    monkeypatch.setattr(robustness, "_CHUNK_CELLS", 20)
    parts = rank_spread(values, move=move, draws=101)
    for one, other in zip(vars(whole).values(), vars(parts).values(), strict=True):
        assert one == pytest.approx(other)


def test_who_is_better_on_everything_stays_ahead():
    values = np.array([[0.2, 0.3, 0.1, 0.0], [0.9, 0.8, 0.9, 1.0], [0.5, 0.5, 0.5, 0.5]])
    low, high = weights_only(values)
    assert low.tolist() == high.tolist() == [3, 1, 2]


def test_equal_sites_may_take_any_of_the_ranks_they_share():
    values = np.full((5, 4), 0.3)
    values[3] = 0.9
    low, high = weights_only(values)
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
    low, high = weights_only(np.array([[0.4, np.nan, 0.1, np.nan]]))
    assert (low.tolist(), high.tolist()) == ([1], [1])


def test_wider_weights_never_have_fewer_ranks_than_certain_ones():
    values = np.random.default_rng(6).uniform(size=(8, 4))
    wide = weights_only(values, concentration=5)
    narrow = weights_only(values, concentration=1e7)
    own = counted_ranks(values, [WEIGHTS])[0][0]
    assert narrow[0].tolist() == narrow[1].tolist() == own.tolist()
    assert (wide[1] - wide[0]).sum() > 0


def test_two_criteria_have_a_share_of_wins_in_closed_form():
    """Which of two sites wins turns on one weight, which is Beta: 1 with w and 0 with 1 - w, against 0.4."""
    values = np.array([[1.0, 0.0], [0.4, 0.4]])
    found = rank_spread(
        values_of(values, weights=np.array([1.0, 1.0])), move="weights", draws=20_000
    )
    theirs = stats.beta(50, 50).sf(0.4)
    assert found.first_share[0] == pytest.approx(
        theirs, abs=4 * np.sqrt(theirs * (1 - theirs) / 20_000)
    )


def test_an_unknown_wins_as_often_as_its_even_range_says():
    """Half the weight is unknown: 0.5 * 0.2 + 0.5 u beats 0.35 when u > 0.5, and with a point of 0.3 less often."""
    point, rival = [0.2, np.nan], [0.35, 0.35]
    even = rank_spread(
        values_of([point, rival], weights=np.array([1.0, 1.0])), move="unknown", draws=20_000
    )
    assert even.first_share[0] == pytest.approx(0.5, abs=4 * 0.5 / np.sqrt(20_000))
    bounds = {
        "low": [[0.2, 0.0], rival],
        "high": [[0.2, 1.0], rival],
        "weights": np.array([1.0, 1.0]),
    }
    certainty = np.array([[0.0, 0.8], [0.0, 0.0]])
    values = values_of([[0.2, 0.3], rival], certainty=certainty, **bounds)
    sure = rank_spread(values, move="unknown", draws=20_000)
    assert sure.first_share[0] == pytest.approx(0.1, abs=4 * 0.3 / np.sqrt(20_000))


def test_the_shares_of_three_sites_are_those_of_every_order():
    """Two sites of which all is unknown are first equally often; a known one in the middle a quarter."""
    point = [[np.nan], [np.nan], [0.5]]
    found = rank_spread(values_of(point, weights=np.array([1.0])), draws=20_000)
    # The known one is first when both others fall under 0.5: a quarter; the two share the rest.
    assert found.first_share == pytest.approx([0.375, 0.375, 0.25], abs=4 * 0.5 / np.sqrt(20_000))
    assert found.first_share.sum() == pytest.approx(1)
    assert found.top3_share == pytest.approx([1, 1, 1])


def test_a_place_that_is_shared_is_shared_evenly():
    found = rank_spread(values_of(np.full((5, 4), 0.3)), draws=10)
    assert found.first_share == pytest.approx([0.2] * 5)
    assert found.top3_share == pytest.approx([0.6] * 5)


def test_draws_do_not_hang_on_the_order_of_the_criteria():
    rng = np.random.default_rng(9)
    point = rng.uniform(size=(6, 4))
    point[rng.uniform(size=point.shape) < 0.4] = np.nan
    order = [2, 0, 3, 1]
    one = rank_spread(values_of(point, keys=tuple("abcd")), draws=200)
    mixed = values_of(point[:, order], weights=WEIGHTS[order], keys=tuple("cadb"))
    other = rank_spread(mixed, draws=200)
    assert one.low.tolist() == other.low.tolist()
    assert one.first_share == pytest.approx(other.first_share)


def test_who_keeps_what_was_found_may_still_be_farther():
    """Half the draws are anywhere in 0 to 1, half in the part that is kept, 0 to 0.2: over 0.6 is 0.5 * 0.4."""
    values = values_of(
        [[0.2], [0.6]], low=[[0.0], [0.6]], high=[[1.0], [0.6]], weights=np.array([1.0]),
        certainty=np.array([[0.5], [0.0]]),
    )  # fmt: skip
    kept = replace(values, kept_low=np.array([[0.0], [0.6]]), kept_high=np.array([[0.2], [0.6]]))
    found = rank_spread(kept, draws=20_000)
    assert found.first_share[0] == pytest.approx(0.2, abs=4 * 0.4 / np.sqrt(20_000))
