"""Three ways to look at the same values: against pymcdm, integrals, closed forms and plain sorting."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymcdm.methods import WSM
from test_scoring import criterion, profile_of

from geowoonzorg.ranking.lenses import LENSES, compare_lenses, ordered_mean, read_lenses
from geowoonzorg.ranking.robustness import mean_of_values
from geowoonzorg.ranking.scoring import read_scoring_profile, score

VALUES = st.lists(st.tuples(st.floats(0, 1), st.floats(0.01, 10)), min_size=1, max_size=6)


def near(key, **more):
    """Write a criterion of walking distance, which is a must-have: 1 at the door, 0 from a kilometre."""
    table = criterion(key, anchors=((0, 1), (1_000, 0)), **more)
    del table["column"]
    return table | {"metric": "distance", "facility_class": "huisarts"}


@settings(max_examples=100, deadline=None)
@given(VALUES, st.floats(0.2, 8))
def test_an_ordered_mean_is_the_integral_of_its_quantifier(pairs, attitude):
    """Integrate Q(the weight of what is at least t) over t: the Choquet integral, which needs no order."""
    values, weights = np.array(pairs).T
    share = weights / weights.sum()
    edges = np.unique([0.0, *values])
    middles = (edges[1:] + edges[:-1]) / 2
    integral = sum(
        (top - low) * min(1.0, share[values >= t].sum()) ** attitude
        for low, top, t in zip(edges[:-1], edges[1:], middles, strict=True)
    )
    assert ordered_mean(values, weights, attitude=attitude) == pytest.approx(integral)


@settings(max_examples=50, deadline=None)
@given(VALUES)
def test_an_ordered_mean_goes_from_the_mean_to_the_worst(pairs):
    values, weights = np.array(pairs).T
    at = [ordered_mean(values, weights, attitude=a).item() for a in (1.0, 2.0, 8.0, 1e6)]
    assert at[0] == pytest.approx(mean_of_values(values, weights).item())
    assert all(a >= b - 1e-12 for a, b in pairwise(at))
    assert at[-1] == pytest.approx(values.min(), abs=1e-6)


def test_two_criteria_in_closed_form():
    # The better of the two has weight w: better * w ** 2 + worse * (1 - w ** 2).
    assert ordered_mean(np.array([0.9, 0.3]), np.array([0.6, 0.4]), attitude=2.0) == pytest.approx(
        0.9 * 0.36 + 0.3 * 0.64
    )
    assert ordered_mean(np.array([0.3, 0.9]), np.array([0.6, 0.4]), attitude=2.0) == pytest.approx(
        0.9 * 0.16 + 0.3 * 0.84
    )


def test_the_mean_is_that_of_pymcdm():
    rng = np.random.default_rng(2)
    values, weights = rng.uniform(size=(50, 5)), rng.uniform(size=5)
    theirs = WSM(lambda column, cost: column)(values, weights / weights.sum(), np.ones(5))
    assert mean_of_values(values, weights) == pytest.approx(theirs)
    assert ordered_mean(values, weights, attitude=1.0) == pytest.approx(theirs)


def example():
    profile = profile_of(near("a"), near("b"), criterion("c", weight=4))
    raw = pd.DataFrame(
        {
            "a": [100.0, 900.0, 450.0, 450.0],
            "b": [900.0, 900.0, 450.0, np.nan],
            "c": [9.0, 10.0, 5.0, 5.0],
        },
        index=["one", "none", "both", "unknown"],
    )
    return profile, raw, score(raw, profile)


def test_must_haves_come_first_and_then_the_mean():
    profile, _, scores = example()
    found = compare_lenses(scores, profile)
    # Lacking is what is under 0.5: b at one; a and b at none; nothing that is known at both and at unknown.
    assert found["must_haves_lacking"].tolist() == [1, 2, 0, 0]
    assert found["must_haves_lacking_low"].tolist() == [1, 2, 0, 0]
    assert found["must_haves_lacking_high"].tolist() == [1, 2, 0, 1]
    by_hand = sorted(
        range(4),
        key=lambda i: (found["must_haves_lacking"].iloc[i], -round(scores["score"].iloc[i], 7)),
    )
    ranks = found["must_haves_rank"].to_numpy(dtype=int)
    assert [int(np.argsort(by_hand, kind="stable")[i]) + 1 for i in range(4)] == ranks.tolist()
    assert found["must_haves_score"].equals(scores["score"])


def test_the_difference_is_between_the_ranks_of_the_three():
    profile, _, scores = example()
    found = compare_lenses(scores, profile)
    ranks = found[[f"{name}_rank" for name in LENSES]].to_numpy(dtype=int)
    assert found["rank_difference"].tolist() == (ranks.max(axis=1) - ranks.min(axis=1)).tolist()
    assert found["rank_difference"].max() > 0
    for column in ("score", "score_low", "score_high", "rank", "rank_low", "rank_high"):
        assert found[f"mean_{column}"].equals(scores[column].rename(f"mean_{column}"))


def test_the_range_of_each_lens_is_that_of_every_outcome():
    profile, raw, scores = example()
    found = compare_lenses(scores, profile).loc["unknown"]
    every = {name: [] for name in LENSES}
    for b in np.linspace(0, 1_000, 21):
        told = score(raw.assign(b=raw["b"].fillna(b)), profile)
        row = compare_lenses(told, profile, draws=0).loc["unknown"]
        for name in LENSES:
            every[name].append(row[f"{name}_score"])
    for name in LENSES:
        assert found[f"{name}_score_low"] == pytest.approx(min(every[name]))
        assert found[f"{name}_score_high"] == pytest.approx(max(every[name]))
        assert found[f"{name}_score_low"] <= found[f"{name}_score"] <= found[f"{name}_score_high"]


def test_ranks_of_each_lens_hold_what_most_outcomes_give():
    profile, raw, scores = example()
    found = compare_lenses(scores, profile)
    for name, b in product(LENSES, (100.0, 500.0, 900.0)):
        told = compare_lenses(score(raw.assign(b=raw["b"].fillna(b)), profile), profile)
        rank = told[f"{name}_rank"].astype(int)
        assert (found[f"{name}_rank_low"] <= rank).all()
        assert (rank <= found[f"{name}_rank_high"]).all()


def test_who_falls_out_or_has_no_score_has_no_rank_in_any_lens():
    profile = profile_of(
        near("a", knock_out={"above": 800, "reason": "te ver"}),
        criterion("b"),
        least_known_share=0.6,
    )
    raw = pd.DataFrame({"a": [900.0, 100.0, np.nan], "b": [1.0, 1.0, 1.0]}, index=list("xyz"))
    found = compare_lenses(score(raw, profile), profile)
    for name in LENSES:
        assert found[f"{name}_rank"].isna().tolist() == [True, False, True]
        assert found[f"{name}_rank_low"].isna().tolist() == [True, False, False]
    assert found["rank_difference"].isna().tolist() == [True, False, True]
    assert np.isnan(found.loc["z", "no_weak_spot_score"])
    assert found.loc["z", "no_weak_spot_score_low"] < found.loc["z", "no_weak_spot_score_high"]


@pytest.mark.parametrize("name", ["geclusterd", "zorggeschikt"])
def test_the_lenses_of_a_shipped_profile_stay_within_their_ranges(name):
    profile = read_scoring_profile(name)
    rng = np.random.default_rng(5)
    raw = pd.DataFrame(
        {
            c.key: rng.choice(["ja", "nee", None], 30)
            if c.levels
            else rng.uniform(c.anchors[0][0], c.anchors[-1][0], 30)
            for c in profile.criteria
        },
        index=[f"s{i}" for i in range(30)],
    )
    raw = raw.mask(rng.uniform(size=raw.shape) < 0.2)
    found = compare_lenses(score(raw, profile, draws=50), profile, draws=50)
    for lens in LENSES:
        known = found[found[f"{lens}_score"].notna()]
        assert (known[f"{lens}_score_low"] <= known[f"{lens}_score"] + 1e-9).all()
        assert (known[f"{lens}_score"] <= known[f"{lens}_score_high"] + 1e-9).all()
        ranked = known[known[f"{lens}_rank"].notna()]
        assert (ranked[f"{lens}_rank_low"] <= ranked[f"{lens}_rank"]).all()
        assert (ranked[f"{lens}_rank"] <= ranked[f"{lens}_rank_high"]).all()
    assert (found["no_weak_spot_score_high"] <= found["mean_score_high"] + 1e-9).all()


def test_a_weak_spot_counts_for_more_than_in_the_mean():
    assert read_lenses().attitude > 1
