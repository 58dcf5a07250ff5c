"""What holds for every profile and every set of sites."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from geowoonzorg.ranking.scoring import parse_scoring_profile, score

VALUES = st.floats(0, 1)
RAWS = st.one_of(st.just(np.nan), st.floats(-1e6, 1e6))


@st.composite
def profiles(draw, *, rising=False, whole=False):
    criteria = []
    for i in range(draw(st.integers(1, 5))):
        at = sorted(draw(st.sets(st.integers(-1000, 1000), min_size=2, max_size=5)))
        values = [draw(VALUES) for _ in at]
        if whole:  # as in the profiles that ship, something brings all the points of a criterion
            values[draw(st.integers(0, len(at) - 1))] = 1.0
        criteria.append(
            {
                "key": f"c{i}",
                "metric": draw(st.sampled_from(["site", "area_mean"])),
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
def cases(draw, *, rising=False, whole=False):
    profile = draw(profiles(rising=rising, whole=whole))
    n = draw(st.integers(1, 6))
    raw = {c.key: [draw(RAWS) for _ in range(n)] for c in profile.criteria}
    ids = draw(st.permutations([f"s{i}" for i in range(n)]))
    return profile, pd.DataFrame(raw, index=ids)


@st.composite
def ranges(draw, raw):
    """Give bounds of measures, some without end, and chances; nothing at all for some."""
    below, above = (
        pd.DataFrame(
            [[draw(st.sampled_from([0.0, 0.5, 40.0, 1e3, np.inf])) for _ in raw.columns] for _ in raw.index],
            raw.index, raw.columns,
        )
        for _ in range(2)
    )  # fmt: skip
    chance = pd.DataFrame(draw(st.sampled_from([0.0, 0.3, np.nan])), raw.index, raw.columns)
    return {"raw_low": raw - below, "raw_high": raw + above, "certainty": chance}


@settings(max_examples=60, deadline=None)
@given(cases(), st.data())
def test_scores_stay_within_bounds_and_equal_their_parts(case, data):
    profile, raw = case
    found = score(raw, profile, draws=20, **data.draw(ranges(raw)))
    known = found["score"].notna()
    assert found["score"][known].between(-1e-9, 100 + 1e-9).all()
    parts = found[[f"{c.key}_contribution" for c in profile.criteria]]
    assert np.allclose(parts[known].sum(axis=1), found["score"][known], rtol=0, atol=1e-9)
    assert parts[~known].isna().all(axis=None)
    enough = found["known_weight_share"] >= profile.least_known_share - 1e-9
    some = found[[f"{c.key}_value" for c in profile.criteria if c.weight]].notna().any(axis=1)
    told = any(c.metric == "site" and c.weight for c in profile.criteria)
    assert (known == (enough & (found["known_weight_share"] > 0) & (some | told))).all()
    assert (found["rank"].notna() == known).all()
    ranked = found[known].astype({"rank": int})
    for row in ranked.itertuples():
        better = (ranked["score"].round(7) > round(row.score, 7)).sum()
        assert row.rank == 1 + better
    assert (ranked["rank_low"] <= ranked["rank"]).all()
    assert (ranked["rank"] <= ranked["rank_high"]).all()
    tied = ranked.groupby("rank")["rank"].transform("size")
    assert (ranked["rank_high"] >= ranked["rank"] + tied - 1).all()


@settings(max_examples=60, deadline=None)
@given(cases(), st.data())
def test_a_score_lies_within_what_the_unknown_leaves_possible(case, data):
    profile, raw = case
    found = score(raw, profile, draws=20, **data.draw(ranges(raw)))
    for key in raw:
        value = found[f"{key}_value"]
        assert (found[f"{key}_value_low"] <= value.fillna(2)).all()
        assert (value.fillna(-1) <= found[f"{key}_value_high"]).all()
    shares = found[["first_share", "top3_share"]].sum()
    assert shares.tolist() == pytest.approx([1, min(3, len(raw))])
    assert found[["score_low", "score_high"]].notna().all(axis=None)
    assert (found["score_low"] <= found["score_high"]).all()
    assert (found["score_low"] >= -1e-9).all()
    known = found[found["score"].notna()]
    assert (known["score_low"] <= known["score"]).all()
    assert (known["score"] <= known["score_high"]).all()


@settings(max_examples=60, deadline=None)
@given(cases(), st.data())
def test_knowing_more_never_widens_what_is_possible(case, data):
    profile, raw = case
    hidden = pd.DataFrame(
        [[data.draw(st.booleans()) for _ in raw.columns] for _ in raw.index], raw.index, raw.columns
    )
    wide = data.draw(ranges(raw))
    narrow = {
        end: raw + (wide[end] - raw).replace(np.inf, 1e7).replace(-np.inf, -1e7) / 2
        for end in ("raw_low", "raw_high")
    }
    less, more = (
        score(raw.mask(hidden), profile, draws=0, **wide),
        score(raw, profile, draws=0, **narrow),
    )
    assert (less["known_weight_share"] <= more["known_weight_share"] + 1e-9).all()
    assert (less["score_low"] <= more["score_low"] + 1e-9).all()
    assert (more["score_high"] <= less["score_high"] + 1e-9).all()
    scored = more["score"].notna()
    assert (less["score_low"][scored] <= more["score"][scored] + 1e-9).all()
    assert (more["score"][scored] <= less["score_high"][scored] + 1e-9).all()


@settings(max_examples=40, deadline=None)
@given(cases(), st.randoms(use_true_random=False))
def test_the_order_of_criteria_changes_nothing(case, random):
    profile, raw = case
    order = list(profile.criteria)
    random.shuffle(order)
    one, other = (
        score(raw, profile, draws=30),
        score(raw, replace(profile, criteria=tuple(order)), draws=30),
    )
    for column in (
        "score",
        "score_low",
        "score_high",
        "known_weight_share",
        "first_share",
        "top3_share",
    ):
        assert np.allclose(one[column], other[column], rtol=0, atol=1e-9, equal_nan=True)
    for column in (c for c in one if c.startswith("rank")):
        assert one[column].equals(other[column])


@settings(max_examples=40, deadline=None)
@given(cases())
def test_another_site_changes_nobody_elses_score(case):
    profile, raw = case
    whole = score(raw, profile, draws=0)
    for left_out in raw.index:
        rest = score(raw.drop(index=left_out), profile, draws=0)
        columns = [c for c in whole.columns if not c.startswith(("rank", "first", "top3"))]
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
                    "metric": c.metric,
                    "column": "x",
                    "label": "-",
                    "unit": "-",
                    "source": "-",
                    "weight": c.weight * factor,
                    "anchors": [list(pair) for pair in c.anchors],
                }
                for c in profile.criteria
            ],
            "least_known_share": profile.least_known_share,
        }
    )
    one, other = score(raw, profile, draws=20), score(raw, heavier, draws=20)
    assert np.allclose(one["score"], other["score"], equal_nan=True)
    assert one["rank"].equals(other["rank"])
    assert np.allclose(one["first_share"], other["first_share"])


@settings(max_examples=60, deadline=None)
@given(cases(), st.data())
def test_a_blank_never_ranks_above_the_worst_answer(case, data):
    profile, raw = case
    asked = [c for c in profile.criteria if c.metric == "site"]
    assume(asked)
    one, site = data.draw(st.sampled_from(asked)), data.draw(st.sampled_from(list(raw.index)))
    worst = min(one.anchors, key=lambda pair: pair[1])[0]
    blank, told = raw.copy(), raw.copy()
    blank.loc[site, one.key], told.loc[site, one.key] = np.nan, worst
    without, given_ = (
        score(blank, profile, draws=0).loc[site],
        score(told, profile, draws=0).loc[site],
    )
    if not np.isnan(without["score"]):
        assert without["score"] <= given_["score"] + 1e-9
        assert without["rank"] >= given_["rank"]
    assert without["score_low"] == pytest.approx(given_["score_low"])


@settings(max_examples=30, deadline=None)
@given(profiles(), RAWS, st.integers(1, 5))
def test_equal_sites_share_the_first_rank(profile, value, n):
    ids = [f"s{i}" for i in reversed(range(n))]
    raw = pd.DataFrame({c.key: value for c in profile.criteria}, index=ids)
    found = score(raw, profile, draws=10)
    assert found.index.tolist() == ids
    if not np.isnan(value):
        assert found["rank"].tolist() == found["rank_low"].tolist() == [1] * n
        assert found["rank_high"].tolist() == [n] * n
