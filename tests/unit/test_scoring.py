"""Scores: what they add up to, what is unknown and what falls out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from geowoonzorg.errors import DuplicateIdError, InputError
from geowoonzorg.ranking.accounting import best_lift, explain
from geowoonzorg.ranking.scoring import parse_scoring_profile, read_scoring_profile, score


def criterion(key, *, weight=1.0, anchors=((0, 0), (10, 1)), **more):
    """Write one criterion as a profile's TOML would give it."""
    table = {
        "key": key,
        "metric": "site" if "levels" in more else "area_mean",
        "column": key,
        "label": key,
        "unit": "",
        "source": "test",
    }
    scale = {} if "levels" in more else {"anchors": [list(pair) for pair in anchors]}
    return table | {"weight": weight} | scale | more


def profile_of(*criteria, least_known_share=0):
    head = {"name": "test", "title": "Test", "description": "for a test"}
    head["least_known_share"] = least_known_share
    return parse_scoring_profile(head | {"criterion": list(criteria)})


def test_a_score_is_the_weighted_mean_of_its_values():
    profile = profile_of(criterion("a", weight=3), criterion("b", weight=1))
    found = score(pd.DataFrame({"a": [10.0, 0.0], "b": [5.0, 10.0]}, index=["x", "y"]), profile)
    # (3 * 1 + 1 * 0.5) / 4 and (3 * 0 + 1 * 1) / 4, times 100
    assert found["score"].tolist() == pytest.approx([87.5, 25.0])
    assert found["rank"].tolist() == [1, 2]


def test_columns_are_those_of_the_contract_in_its_order():
    profile = profile_of(criterion("a"))
    names = pd.Series({"x": "Havenkwartier"})
    found = score(pd.DataFrame({"a": [1.0]}, index=["x"]), profile, names=names)
    assert list(found.columns) == [
        "name",
        "score",
        "score_low",
        "score_high",
        "rank",
        "rank_low",
        "rank_high",
        "rank_low_weights",
        "rank_high_weights",
        "rank_low_unknown",
        "rank_high_unknown",
        "first_share",
        "top3_share",
        "known_weight_share",
        "knocked_out",
        "knock_out_reason",
        "knock_out_possible",
        "a_raw",
        "a_raw_low",
        "a_raw_high",
        "a_value",
        "a_value_low",
        "a_value_high",
        "a_contribution",
    ]
    assert found.loc["x", "name"] == "Havenkwartier"


def test_unknown_takes_no_part_and_none_known_is_no_score():
    profile = profile_of(criterion("a", weight=3), criterion("b", weight=1))
    raw = pd.DataFrame({"a": [np.nan, np.nan], "b": [5.0, np.nan]}, index=["x", "y"])
    found = score(raw, profile)
    assert found.loc["x", "score"] == pytest.approx(50.0)
    assert found.loc["x", "known_weight_share"] == pytest.approx(0.25)
    assert np.isnan(found.loc["y", "score"])
    assert pd.isna(found.loc["y", "rank"])
    assert found.loc["y", "known_weight_share"] == 0.0


def test_a_site_of_which_too_little_is_known_has_no_score_and_no_rank_but_a_range():
    profile = profile_of(criterion("a", weight=3), criterion("b", weight=1), least_known_share=0.75)
    raw = pd.DataFrame({"a": [5.0, np.nan], "b": [np.nan, 10.0]}, index=["x", "y"])
    found = score(raw, profile)
    assert found["known_weight_share"].tolist() == [0.75, 0.25]  # the share itself is enough
    assert found.loc["x", "score"] == pytest.approx(50.0)
    # y may turn out better or worse than x, so both may be first or second.
    assert found.loc["x", ["rank", "rank_low", "rank_high"]].tolist() == [1, 1, 2]
    assert found.loc["y", ["rank_low", "rank_high"]].tolist() == [1, 2]
    assert found.loc["x", ["rank_low_weights", "rank_high_weights"]].tolist() == [1, 1]
    empty = ["score", "rank", "rank_low_weights", "a_contribution", "b_contribution"]
    assert found.loc["y", empty].isna().all()
    assert found.loc["y", "b_value"] == 1.0
    # x knows 0.75 * 0.5 and misses 0.25; y knows 0.25 * 1 and misses 0.75
    assert found["score_low"].tolist() == pytest.approx([37.5, 25.0])
    assert found["score_high"].tolist() == pytest.approx([62.5, 100.0])


def test_a_range_is_the_known_points_and_what_the_unknown_could_add():
    peak = criterion("b", weight=2, anchors=((0, 0.1), (5, 0.6), (9, 0.2)))
    profile = profile_of(criterion("a", weight=5), peak, criterion("c", weight=3))
    raw = pd.DataFrame({"a": [4.0, 4.0], "b": [np.nan, 5.0], "c": [np.nan, 10.0]}, index=["x", "y"])
    found = score(raw, profile)
    # 0.5 * 0.4 is known; b brings 0.2 * 0.1 to 0.2 * 0.6 (its own worst and best), c 0 to 0.3 * 1
    assert found.loc["x", "score"] == pytest.approx(40.0)
    assert found.loc["x", ["score_low", "score_high"]].tolist() == pytest.approx([22.0, 62.0])
    # all is known: 0.2 + 0.12 + 0.3
    assert found.loc["y", ["score", "score_low", "score_high"]].tolist() == pytest.approx(
        [62.0] * 3
    )


def test_nobody_who_sorts_by_score_gets_the_polder_first():
    profile = read_scoring_profile("geclusterd")
    town = {c.key: 300.0 for c in profile.criteria} | {"n_woningen": 24, "balans": 0, "geluid": 50}
    town |= {key: 0.05 for key in town if key.startswith("lbm_")} | {"ontmoetingsruimte": "nee"}
    raw = pd.DataFrame([town, {"n_woningen": 24, "ontmoetingsruimte": "ja"}], ["town", "polder"])
    found = score(raw, profile).sort_values("score", ascending=False)
    assert found.index.tolist() == ["town", "polder"]
    assert np.isnan(found.loc["polder", "score"])
    assert found.loc["polder", ["score_low", "score_high"]].tolist() == pytest.approx([16, 100])
    assert found["rank"].isna().tolist() == [False, True]


def test_equal_scores_share_the_lowest_rank_and_their_interval_covers_the_tie():
    profile = profile_of(criterion("a"), criterion("b"))
    raw = pd.DataFrame({"a": [5.0, 9, 5, 9, 1], "b": [5.0, 9, 5, 9, 1]}, index=list("vwxyz"))
    found = score(raw, profile)
    assert found["rank"].tolist() == [3, 1, 3, 1, 5]
    assert found["rank_low"].tolist() == [3, 1, 3, 1, 5]
    assert found["rank_high"].tolist() == [4, 2, 4, 2, 5]
    assert score(raw, profile, draws=0)["rank"].tolist() == [3, 1, 3, 1, 5]


def test_a_distance_to_what_does_not_exist_has_the_value_at_the_far_end():
    far = {"metric": "distance", "facility_class": "huisarts", "column": None}
    near = {k: v for k, v in criterion("a", anchors=((0, 1), (9, 0.1))).items() if k != "column"}
    away = near | {"key": "b", "anchors": [[0, 0], [9, 0.7], [20, 0.7]]}
    knock = near | {"key": "c", "knock_out": {"above": 8, "reason": "te ver"}}
    profile = profile_of(
        *(one | {k: v for k, v in far.items() if v} for one in (near, away, knock))
    )
    raw = pd.DataFrame({"a": [np.inf], "b": [np.inf], "c": [7.0]}, index=["x"])
    found = score(raw, profile).loc["x"]
    assert found[["a_value", "b_value"]].tolist() == pytest.approx([0.1, 0.7])
    assert found[["a_raw", "b_raw"]].isna().all()
    assert found["known_weight_share"] == 1.0
    assert not found["knocked_out"]
    parts = explain(score(raw, profile), profile)
    assert parts["reason"].tolist() == ["none", "none", ""]
    assert parts["known"].all()
    lift = best_lift(score(raw, profile), profile).loc["x"]
    assert (lift["criterion"], lift["target"]) == ("a", 0.0)
    assert np.isnan(lift["raw"])
    gone = score(raw.assign(c=np.inf), profile).loc["x"]
    assert gone["knock_out_reason"] == "te ver"  # farther than any limit


def test_a_criterion_of_weight_zero_is_shown_and_does_not_count():
    profile = profile_of(criterion("a"), criterion("b", weight=0))
    found = score(pd.DataFrame({"a": [np.nan, 4.0], "b": [7.0, 7.0]}, index=["x", "y"]), profile)
    assert np.isnan(found.loc["x", "score"])
    assert found.loc["y", "score"] == pytest.approx(40.0)
    assert found.loc["y", "b_value"] == pytest.approx(0.7)
    assert found.loc["y", "b_contribution"] == 0.0


def test_a_knocked_out_site_keeps_its_score_and_loses_its_rank():
    out = {"above": 8, "below": 2, "reason": "te ver of te dichtbij"}
    profile = profile_of(criterion("a", knock_out=out), criterion("b"))
    raw = pd.DataFrame(
        {"a": [8.0, 8.1, 1.9, np.nan], "b": [0.0, 10.0, 10.0, 5.0]}, index=list("wxyz")
    )
    found = score(raw, profile)
    assert found["knocked_out"].tolist() == [False, True, True, False]  # the limit itself stays in
    assert found["knock_out_reason"].tolist() == [
        "",
        "te ver of te dichtbij",
        "te ver of te dichtbij",
        "",
    ]
    assert found["score"].notna().all()
    assert found["rank"].isna().tolist() == [False, True, True, False]
    assert found.loc[["z", "w"], "rank"].tolist() == [1, 2]
    assert found.loc["x", ["rank_low", "rank_high"]].isna().all()


def test_every_reason_to_fall_out_is_named():
    profile = profile_of(
        criterion("a", knock_out={"above": 1, "reason": "een"}),
        criterion("b", knock_out={"below": 5, "reason": "twee"}),
    )
    found = score(pd.DataFrame({"a": [2.0], "b": [1.0]}, index=["x"]), profile)
    assert found.loc["x", "knock_out_reason"] == "een; twee"


@pytest.mark.parametrize("yes", [True, np.True_, 1, 1.0, "ja", " Ja ", "JA", "true", "yes", "1"])
def test_yes_is_yes_however_it_is_written(yes):
    profile = profile_of(criterion("a", levels={"ja": 1.0, "nee": 0.0}))
    found = score(pd.DataFrame({"a": [yes]}, index=["x"]), profile)
    assert found.loc["x", "score"] == 100.0
    assert found.loc["x", "a_raw"] == "ja"


@pytest.mark.parametrize("unknown", [None, np.nan, "", "  ", pd.NA])
def test_no_word_is_unknown_not_no(unknown):
    profile = profile_of(criterion("a", levels={"ja": 1.0, "nee": 0.0}))
    found = score(pd.DataFrame({"a": [unknown, "nee"]}, index=["x", "y"], dtype=object), profile)
    assert np.isnan(found.loc["x", "score"])
    assert found.loc["y", "score"] == 0.0


def test_numbers_may_come_as_text_and_blanks_are_unknown():
    profile = profile_of(criterion("a"))
    found = score(pd.DataFrame({"a": ["4", " ", None]}, index=list("xyz")), profile)
    assert found["score"].tolist()[0] == pytest.approx(40.0)
    assert found["score"].isna().tolist() == [False, True, True]


def test_values_may_peak_between_anchors():
    profile = profile_of(criterion("a", anchors=((-1, 0.2), (0, 1), (2, 0))))
    value = profile.criteria[0].value(np.array([-5.0, -0.5, 0.0, 1.0, 9.0]))
    assert value.tolist() == pytest.approx([0.2, 0.6, 1.0, 0.5, 0.0])


def test_no_sites_is_an_empty_table():
    found = score(
        pd.DataFrame({"a": []}, index=pd.Index([], dtype="str")), profile_of(criterion("a"))
    )
    assert len(found) == 0
    assert "rank_low" in found


def test_explain_accounts_for_every_point_and_every_gap():
    profile = profile_of(criterion("a", weight=3), criterion("b", weight=1))
    raw = pd.DataFrame({"a": [5.0, np.nan], "b": [np.nan, 5.0]}, index=["x", "y"])
    reasons = pd.DataFrame({"a": ["", "geheim"]}, index=["x", "y"])
    found = score(raw, profile)
    parts = explain(found, profile, reasons=reasons)
    assert parts["site_id"].tolist() == ["x", "x", "y", "y"]
    assert parts["criterion"].tolist() == ["a", "b", "a", "b"]
    sums = parts.groupby("site_id")["contribution"].sum()
    assert sums.tolist() == pytest.approx(found["score"].tolist())
    assert parts["reason"].tolist() == ["", "unknown", "geheim", ""]
    assert parts["known"].tolist() == [True, False, False, True]
    assert parts["weight"].tolist() == pytest.approx([0.75, 0.25, 0.75, 0.25])


def test_best_lift_is_what_scoring_the_improved_site_gives():
    profile = replace(read_scoring_profile("geclusterd"), least_known_share=0.2)
    raw = pd.DataFrame(
        {"supermarkt": [900.0, 100.0], "huisarts": [350.0, 700.0], "lbm_onv": [-0.2, 0.1]},
        index=["x", "y"],
    )
    found = score(raw, profile)
    lift = best_lift(found, profile)
    assert lift["criterion"].tolist() == ["supermarkt", "huisarts"]
    for site, row in lift.iterrows():
        better = raw.copy()
        better.loc[site, row["criterion"]] = row["target"]
        again = score(better, profile).loc[site, "score"]
        assert row["score_after"] == pytest.approx(again)
        assert row["lift"] == pytest.approx(again - found.loc[site, "score"])


def test_best_lift_says_nothing_where_nothing_known_can_be_better():
    profile = profile_of(criterion("a", metric="site"), criterion("b"))
    found = score(pd.DataFrame({"a": [10.0], "b": [np.nan]}, index=["x"]), profile)
    lift = best_lift(found, profile).loc["x"]
    assert lift["criterion"] == ""
    assert np.isnan(lift["lift"])


def test_best_lift_goes_no_higher_than_a_criterion_can():
    low = criterion("a", weight=3, anchors=((0, 0), (10, 0.2)), metric="site")
    high = criterion("b", weight=1, anchors=((0, 0), (10, 0.9)), metric="site")
    profile = profile_of(low, high)
    found = score(pd.DataFrame({"a": [0.0], "b": [0.0]}, index=["x"]), profile)
    lift = best_lift(found, profile).loc["x"]
    # 0.75 * 0.2 = 15 points against 0.25 * 0.9 = 22.5, whatever the weights say
    assert lift["criterion"] == "b"
    assert lift[["lift", "score_after"]].tolist() == pytest.approx([22.5, 22.5])


def test_best_lift_promises_nothing_to_a_site_without_a_score():
    profile = profile_of(
        criterion("a", metric="site"), criterion("b", metric="site"), least_known_share=1
    )
    found = score(pd.DataFrame({"a": [1.0, 1], "b": [np.nan, 9]}, index=["x", "y"]), profile)
    lift = best_lift(found, profile)
    assert lift["criterion"].tolist() == ["", "a"]
    assert lift.loc["x", ["lift", "score_after"]].isna().all()


def test_best_lift_names_the_nearest_raw_of_a_plateau():
    plateau = criterion("a", anchors=((0, 0), (10, 1), (20, 1), (30, 0)), metric="site")
    profile = profile_of(plateau)
    found = score(pd.DataFrame({"a": [2.0, 29.0]}, index=["x", "y"]), profile)
    assert best_lift(found, profile)["target"].tolist() == [10.0, 20.0]


def test_ids_must_be_unique_and_columns_must_belong_to_the_profile():
    profile = profile_of(criterion("a"))
    with pytest.raises(DuplicateIdError, match=r"1 \(x\)"):
        score(pd.DataFrame({"a": [1.0, 2.0]}, index=["x", "x"]), profile)
    with pytest.raises(InputError, match="columns belong to no criterion"):
        score(pd.DataFrame({"b": [1.0]}, index=["x"]), profile)


def test_the_hash_changes_with_any_content_and_with_nothing_else():
    table = criterion("a")
    shuffled = dict(reversed(table.items()))
    assert profile_of(table).hash == profile_of(shuffled).hash
    assert profile_of(table).hash != profile_of(table | {"weight": 2.0}).hash
    assert profile_of(table).hash != profile_of(table | {"source": "elders"}).hash


def test_explain_tells_what_was_measured_in_what_and_what_that_is_worth():
    table = criterion("a", weight=3) | {"label": "Afstand", "unit": "m"}
    words = criterion("b", levels={"ja": 1.0, "nee": 0.25})
    raw = pd.DataFrame({"a": [4.0], "b": ["nee"]}, index=["x"])
    profile = profile_of(table, words)
    parts = explain(score(raw, profile), profile).set_index("criterion")
    assert parts.loc["a", ["label", "raw", "unit", "value"]].tolist() == ["Afstand", 4.0, "m", 0.4]
    assert parts.loc["b", ["label", "raw", "unit", "value"]].tolist() == ["b", "nee", "", 0.25]
    assert parts.loc["a", ["raw_low", "raw_high"]].tolist() == [4.0, 4.0]
    assert parts.loc["b", ["raw_low", "raw_high"]].isna().all()
    assert parts["contribution_best"].tolist() == pytest.approx([75.0, 25.0])


def test_a_reason_that_is_no_word_leaves_the_usual_one():
    profile = profile_of(criterion("a"), criterion("b"))
    found = score(pd.DataFrame({"a": [np.nan] * 3}, index=list("xyz")), profile)
    reasons = pd.DataFrame({"a": ["", None, "geheim"]}, index=list("xyz"))
    parts = explain(found, profile, reasons=reasons).set_index(["site_id", "criterion"])
    told = [parts.loc[(site, "a"), "reason"] for site in "xyz"]
    assert told == ["unknown", "unknown", "geheim"]


def test_as_many_draws_as_asked_and_of_the_seed_that_was_given():
    profile = profile_of(criterion("a"), criterion("b"))
    raw = pd.DataFrame({"a": [9.0, 2.0, 5.0], "b": [2.0, 9.0, 5.5]}, index=list("xyz"))
    found = score(raw, profile, draws=7)
    sevenths = found["first_share"].to_numpy() * 7
    assert sevenths.sum() == pytest.approx(7)
    assert np.allclose(sevenths, np.round(sevenths), atol=1e-9)
    shares = {tuple(score(raw, profile, draws=50, seed=seed)["first_share"]) for seed in range(5)}
    assert len(shares) > 1
    again = [score(raw, profile, draws=50, seed=3)["first_share"].tolist() for _ in range(2)]
    assert again[0] == again[1]


def test_nothing_to_walk_to_is_for_distances_only():
    with pytest.raises(InputError):
        score(pd.DataFrame({"a": [np.inf]}, index=["x"]), profile_of(criterion("a")))


def test_a_lift_of_nothing_is_none_and_the_least_lift_is_one():
    profile = profile_of(criterion("a", metric="site"), criterion("b", metric="site"))
    at_best = score(pd.DataFrame({"a": [10.0], "b": [10.0]}, index=["x"]), profile)
    assert best_lift(at_best, profile).loc["x", "criterion"] == ""
    nearly = score(pd.DataFrame({"a": [10.0], "b": [9.999]}, index=["x"]), profile)
    lift = best_lift(nearly, profile).loc["x"]
    assert lift["criterion"] == "b"
    assert lift["lift"] == pytest.approx(0.005)
    assert lift[["lift_low", "lift_high"]].tolist() == pytest.approx([0.005, 0.005])


def test_of_targets_on_both_sides_the_nearer_one_is_named():
    valley = criterion("a", anchors=((0, 1), (10, 0), (30, 1)), metric="site")
    found = score(pd.DataFrame({"a": [9.0, 21.0]}, index=["x", "y"]), profile_of(valley))
    assert best_lift(found, profile_of(valley))["target"].tolist() == [0.0, 30.0]
