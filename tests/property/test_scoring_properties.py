"""What holds for every profile and every set of sites."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from geowoonzorg.ranking.scoring import parse_scoring_profile, score

VALUES = st.floats(0, 1)
RAWS = st.one_of(st.just(np.nan), st.floats(-1e6, 1e6))


@st.composite
def profiles(draw, *, rising=False):
    criteria = []
    for i in range(draw(st.integers(1, 5))):
        at = sorted(draw(st.sets(st.integers(-1000, 1000), min_size=2, max_size=5)))
        values = [draw(VALUES) for _ in at]
        criteria.append(
            {
                "key": f"c{i}",
                "metric": "site",
                "column": "x",
                "label": "-",
                "unit": "-",
                "source": "-",
                "weight": draw(st.one_of(st.just(0.0), st.floats(0.01, 100))),
                "anchors": [
                    [a, v] for a, v in zip(at, sorted(values) if rising else values, strict=True)
                ],
            }
        )
    assume(sum(c["weight"] for c in criteria) > 0)
    return parse_scoring_profile(
        {
            "name": "p",
            "title": "-",
            "description": "-",
            "criterion": criteria,
            "least_known_share": draw(st.sampled_from([0, 0.5, 1])),
        }
    )


@st.composite
def cases(draw, *, rising=False):
    profile = draw(profiles(rising=rising))
    n = draw(st.integers(1, 6))
    raw = {c.key: [draw(RAWS) for _ in range(n)] for c in profile.criteria}
    ids = draw(st.permutations([f"s{i}" for i in range(n)]))
    return profile, pd.DataFrame(raw, index=ids)


@settings(max_examples=60, deadline=None)
@given(cases())
def test_scores_stay_within_bounds_and_equal_their_parts(case):
    profile, raw = case
    found = score(raw, profile, draws=20)
    known = found["score"].notna()
    assert found["score"][known].between(-1e-9, 100 + 1e-9).all()
    parts = found[[f"{c.key}_contribution" for c in profile.criteria]].sum(axis=1)
    assert np.allclose(parts[known], found["score"][known])
    assert (known == (found["known_weight_share"] > 0)).all()
    enough = known & (found["known_weight_share"] >= profile.least_known_share - 1e-9)
    assert sorted(found["rank"].dropna()) == list(range(1, enough.sum() + 1))
    assert (found["rank"].notna() == enough).all()
    ranked = found[enough]
    assert (ranked["rank_low"] <= ranked["rank"]).all()
    assert (ranked["rank"] <= ranked["rank_high"]).all()


@settings(max_examples=40, deadline=None)
@given(cases())
def test_another_site_changes_nobody_elses_score(case):
    profile, raw = case
    whole = score(raw, profile, draws=0)
    for left_out in raw.index:
        rest = score(raw.drop(index=left_out), profile, draws=0)
        columns = [c for c in whole.columns if not c.startswith("rank")]
        pd.testing.assert_frame_equal(
            rest[columns], whole.loc[rest.index, columns], check_exact=True
        )


@settings(max_examples=40, deadline=None)
@given(cases(), st.randoms(use_true_random=False))
def test_the_order_of_sites_changes_nothing(case, random):
    profile, raw = case
    order = list(raw.index)
    random.shuffle(order)
    shuffled = score(raw.loc[order], profile, draws=30)
    pd.testing.assert_frame_equal(shuffled.loc[raw.index], score(raw, profile, draws=30))


@settings(max_examples=40, deadline=None)
@given(cases(rising=True), st.floats(0, 1000))
def test_more_of_a_good_thing_never_lowers_a_score(case, more):
    profile, raw = case
    before, after = score(raw, profile, draws=0), score(raw + more, profile, draws=0)
    known = before["score"].notna()
    assert (after["score"][known] >= before["score"][known] - 1e-9).all()


@settings(max_examples=30, deadline=None)
@given(cases(), st.floats(0.001, 1000))
def test_only_the_shares_of_weights_matter(case, factor):
    profile, raw = case
    heavier = parse_scoring_profile(
        {
            "name": "p",
            "title": "-",
            "description": "-",
            "criterion": [
                {
                    "key": c.key,
                    "metric": "site",
                    "column": "x",
                    "label": "-",
                    "unit": "-",
                    "source": "-",
                    "weight": c.weight * factor,
                    "anchors": [list(pair) for pair in c.anchors],
                }
                for c in profile.criteria
            ],
        }
    )
    one, other = score(raw, profile, draws=0), score(raw, heavier, draws=0)
    assert np.allclose(one["score"], other["score"], equal_nan=True)


@settings(max_examples=30, deadline=None)
@given(profiles(), RAWS, st.integers(1, 5))
def test_equal_sites_rank_by_id(profile, value, n):
    ids = [f"s{i}" for i in reversed(range(n))]
    raw = pd.DataFrame({c.key: value for c in profile.criteria}, index=ids)
    found = score(raw, profile, draws=10)
    if not np.isnan(value):
        assert found["rank"].tolist() == list(range(n, 0, -1))
        assert found["rank_low"].tolist() == found["rank_high"].tolist() == found["rank"].tolist()
