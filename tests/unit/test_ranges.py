"""What is unknown is a range, from the measure up to the rank: against plain enumeration."""

from __future__ import annotations

import sys
from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
import pytest
from small_town import A, B, areas, facilities, noise, points, small_town
from test_scoring import criterion, profile_of

from geowoonzorg.errors import InputError, StudyError
from geowoonzorg.measure import Reach, measure_reach, spread
from geowoonzorg.people.uncertainty import read_uncertainty, widths_of
from geowoonzorg.ranking.accounting import best_lift, explain
from geowoonzorg.ranking.ranges import bounds_of_value
from geowoonzorg.ranking.scoring import read_scoring_profile, score
from geowoonzorg.town.known_whole import CompletenessAt

NEAR = {"metric": "distance", "facility_class": "huisarts"}


def distance(key, **more):
    """Write a criterion of walking distance: 1 at the door, 0 from a kilometre."""
    table = criterion(key, anchors=((0, 1), (1_000, 0)), **more) | NEAR
    return {k: v for k, v in table.items() if k != "column"}


# ---------------------------------------------------------------------- measures


def rows(town, *, facility_class="huisarts", xs=(0, 700, 1_600)):
    criteria = profile_of(distance("huisarts") | {"facility_class": facility_class}).criteria
    places = points(xs, id=[f"s{x}" for x in xs])
    return measure_reach(Reach(town, places), criteria).set_index("place")


def complete(monkeypatch, share, *, whole):
    room = sys.modules["geowoonzorg.measure.reach"]

    def there(town, places):
        return CompletenessAt(
            *(pd.DataFrame({"huisarts": one}, index=places.index) for one in (float(share), whole))
        )

    monkeypatch.setattr(room, "completeness_at", there)


def test_a_distance_in_a_class_that_may_be_incomplete_is_an_upper_bound(monkeypatch):
    complete(monkeypatch, np.nan, whole=False)
    found = rows(small_town())
    assert (found["raw_low"] == 0).all()
    assert (found["raw_high"] == found["raw"]).all()
    assert (found["certainty"] == read_uncertainty().unknown_share).all()
    for share, low, certainty in (
        (0.3, 0.0, 0.3),
        (1.0, 0.0, 1.0),  # as many as are likely, not as many as there may be
        (1.0, None, np.nan),
    ):
        complete(monkeypatch, share, whole=low is None)
        found = rows(small_town())
        expected = found["raw"] if low is None else low
        assert (found["raw_low"] == expected).all()
        assert found["certainty"].tolist() == pytest.approx([certainty] * 3, nan_ok=True)


def test_a_distance_to_what_does_not_exist_is_known_and_without_end():
    found = rows(small_town(facilities=facilities().iloc[1:], absent=frozenset({"huisarts"})))
    assert np.isposinf(found[["raw", "raw_low", "raw_high"]]).all(axis=None)


def test_a_cautious_walk_is_the_far_end_and_one_that_is_cut_off_has_none(monkeypatch):
    complete(monkeypatch, 1.0, whole=True)
    town, xs = small_town(), (0, 700, 1_600)
    reach = Reach(town, points(xs, id=[f"s{x}" for x in xs]))
    metres = reach.walks["distance_m"]
    walks = reach.walks.assign(
        distance_high_m=metres + np.where(reach.walks.index % 2, 100.0, np.nan)
    )
    reach.__dict__["walks"] = walks
    own = walks[walks["facility_class"] == "huisarts"].set_index("origin_id")
    criteria = profile_of(distance("huisarts")).criteria
    found = measure_reach(reach, criteria).set_index("place")
    assert (found["raw_low"] == found["raw"]).all()
    wanted = own["distance_high_m"].fillna(np.inf).reindex(found.index)
    assert found["raw_high"].tolist() == wanted.tolist()


def test_a_mean_over_part_known_people_leaves_the_rest_anywhere_on_the_scale():
    """Of the four addresses near 150 m three are in A (1.0) and one in B, whose figure is not known."""
    one = criterion("stilte", anchors=((-1, 0), (5, 1)))
    town = small_town()
    found = measure_reach(Reach(town, points([150], id=["s"])), profile_of(one).criteria).iloc[0]
    assert found["coverage"] == pytest.approx(0.75)
    assert found["raw"] == 1.0
    assert found["raw_low"] == pytest.approx(0.75 * 1 + 0.25 * -1)
    assert found["raw_high"] == pytest.approx(0.75 * 1 + 0.25 * 5)


def test_a_share_in_whole_per_cents_is_known_to_half_a_per_cent():
    one = criterion("share_65plus", anchors=((0, 0), (1, 1)))
    found = measure_reach(
        Reach(small_town(), points([0], id=["s"])), profile_of(one).criteria
    ).iloc[0]
    # Four addresses are near: three in A (0.2) and one in B (0.5).
    assert [found["raw_low"], found["raw"], found["raw_high"]] == pytest.approx([0.27, 0.275, 0.28])


def test_what_stands_in_has_the_width_that_the_file_says():
    labels = pd.DataFrame(
        {"lbm_onv": ["", "wijk", "2020", "gemeente 2020"], "balans": ["wijk"] * 4}
    )
    found = widths_of(labels, ["lbm_onv", "balans", "share_65plus"])
    assert found["lbm_onv"].tolist() == pytest.approx([0, 0.078, 0.032, 0.110])
    assert (found["balans"] == 0).all()  # nobody measured it: it is flagged, not widened
    assert (found["share_65plus"] == 0.005).all()


def test_the_widths_are_those_that_the_published_wijken_have(shared_data):
    table = pd.read_csv(
        shared_data / "leefbaarometer" / "Leefbaarometer-scores wijken 2002-2022.csv"
    )
    gemeente = table["wk_code"].str[2:6]
    now, before = (table[table["jaar"] == year].set_index("wk_code") for year in (2022, 2020))
    groups = gemeente[table["jaar"] == 2022].to_numpy()
    for one in read_uncertainty().figures:
        name = one.column.removeprefix("lbm_")
        if name not in now:
            continue
        mean = now[name].groupby(groups).transform("mean")
        several = now[name].groupby(groups).transform("size") > 1
        assert (now[name] - mean)[several].abs().quantile(0.9) == pytest.approx(
            one.larger_area, abs=6e-4
        )
        assert (now[name] - before[name]).abs().quantile(0.9) == pytest.approx(
            one.older_year, abs=6e-4
        )


def test_a_hole_in_a_raster_may_be_as_quiet_or_as_loud_as_the_scale(tmp_path):
    from small_town import X0, Y0, write_grid

    grid = noise(tmp_path / "noise.tif", over="catchment")
    write_grid(tmp_path / "noise.tif", [[50.0]], west=X0 - 1_000, north=Y0 + 1_000, cell=1_000.0)
    town = small_town().replace(rasters=(grid,))
    one = criterion("geluid", anchors=((45, 1), (70, 0))) | {
        "metric": "raster", "raster": "geluid", "kind": "decibel",
    }  # fmt: skip
    one.pop("column")
    found = measure_reach(Reach(town, points([0], id=["s"])), profile_of(one).criteria).iloc[0]
    part = found["coverage"]
    assert 0 < part < 1
    energy = [10 * np.log10(part * 1e5 + (1 - part) * 10**rest) for rest in (4.5, 7)]
    assert [found["raw_low"], found["raw_high"]] == pytest.approx(energy)


def test_a_balance_that_stands_in_is_flagged():
    town = small_town(areas=areas(lbm_afw=[0.2, -0.1], inhabitants=[100.0, 60.0]))
    figures = town.figures
    basis = pd.Series(["wijk", "own"], index=figures.balance.index)
    changed = replace(figures, balance=figures.balance.assign(basis=basis, basis_year=pd.NA))
    assert changed.fallbacks["balans"].tolist() == ["wijk", ""]
    assert changed.fallbacks.index.tolist() == [A, B]


# ---------------------------------------------------------------------- values and scores


def test_the_value_of_a_range_is_that_of_the_function_over_it_not_of_its_ends():
    peak = profile_of(criterion("a", anchors=((-3, 0.7), (-0.5, 1), (0, 0.8), (2, 0)))).criteria[0]
    rng = np.random.default_rng(1)
    low, high = np.sort(rng.uniform(-5, 4, (2, 200)), axis=0)
    low[:3], high[:3] = [-np.inf, 0, -np.inf], [0, np.inf, np.inf]
    lowest, highest = bounds_of_value(peak, low, high)
    for row in range(200):
        ends = np.clip([low[row], high[row]], -9, 9)
        dense = peak.value(np.linspace(*ends, 20_001))
        assert lowest[row] == pytest.approx(dense.min(), abs=1e-3)
        assert highest[row] == pytest.approx(dense.max(), abs=1e-3)
        assert lowest[row] <= dense.min() + 1e-12
        assert highest[row] >= dense.max() - 1e-12


def test_score_and_its_range_are_those_of_every_outcome():
    """Every outcome on a fine grid of three unknowns is scored as known; the ends are the least and the most."""
    near = distance("a", weight=5)
    peak = criterion("b", weight=2, anchors=((0, 0.1), (5, 0.6), (9, 0.2)))
    words = criterion("c", weight=3, levels={"ja": 1.0, "nee": 0.2})
    profile = profile_of(near, peak, words)
    raw = pd.DataFrame({"a": [600.0], "b": [np.nan], "c": [None]}, index=["x"])
    found = score(raw, profile, raw_low=pd.DataFrame({"a": [0.0]}, index=["x"])).loc["x"]
    every = [
        score(pd.DataFrame({"a": [a], "b": [b], "c": [c]}, index=["x"]), profile, draws=0)[
            "score"
        ].iloc[0]
        for a, b, c in product(np.linspace(0, 600, 7), np.linspace(0, 9, 10), ("ja", "nee"))
    ]
    assert found["score_low"] == pytest.approx(min(every))
    assert found["score_high"] == pytest.approx(max(every))
    # The mean of what is known, 0.4 and the worst word: (5 * 0.4 + 3 * 0.2) / 8.
    assert found["score"] == pytest.approx(100 * 2.6 / 8)
    # Known: a is 0.4 to 1, b 0.1 to 0.6, c 0.2 to 1.
    assert found["known_weight_share"] == pytest.approx(0.5 * 0.4 + 0.2 * 0.5 + 0.3 * 0.2)


def test_a_range_that_stays_within_one_value_costs_nothing():
    profile = profile_of(distance("a"))
    raw = pd.DataFrame({"a": [1_200.0, 800.0]}, index=["far", "near"])
    low = pd.DataFrame({"a": [1_000.0, 500.0]}, index=["far", "near"])
    found = score(raw, profile, raw_low=low)
    assert found["known_weight_share"].tolist() == pytest.approx([1.0, 0.7])


@pytest.mark.parametrize("name", ["geclusterd", "zorggeschikt"])
def test_blank_never_beats_no(name):
    profile = read_scoring_profile(name)
    rng = np.random.default_rng(4)
    ids = [f"s{i}" for i in range(8)]
    raw = pd.DataFrame(
        {
            c.key: rng.uniform(c.anchors[0][0], c.anchors[-1][0], 8) if c.anchors else "ja"
            for c in profile.criteria
        },
        index=ids,
    ).assign(n_woningen=30.0)
    for asked, worst in (("ontmoetingsruimte", "nee"), ("n_woningen", 5.0)):
        for site in ids:
            answers = raw.astype({asked: object})
            answers.loc[site, asked] = worst
            told = score(answers, profile, draws=0).loc[site]
            answers.loc[site, asked] = None
            blank = score(answers, profile, draws=0).loc[site]
            assert blank["score"] <= told["score"] + 1e-9
            assert blank["rank"] >= told["rank"]
            assert blank["score_high"] >= told["score"] - 1e-9
            assert blank["known_weight_share"] < told["known_weight_share"]


def test_a_blank_brings_the_worst_answer_and_says_it_is_not_known():
    words = criterion("a", levels={"ja": 1.0, "nee": 0.2})
    profile = profile_of(words, criterion("b"))
    raw = pd.DataFrame({"a": [None, "nee"], "b": [5.0, 5.0]}, index=["x", "y"])
    found = score(raw, profile)
    assert found["score"].tolist() == pytest.approx([35, 35])
    assert found["rank"].tolist() == [1, 1]
    assert found["a_contribution"].tolist() == pytest.approx([10, 10])
    assert found["a_value"].isna().tolist() == [True, False]
    assert explain(found, profile).loc[0, ["known", "known_share"]].tolist() == [
        False,
        pytest.approx(0.2),
    ]


def test_a_score_never_passes_what_is_possible_and_its_parts_still_sum_to_it():
    """All else is at most 0.2, so a mean of 1 over the little that is known cannot be."""
    low = criterion("a", weight=3, anchors=((0, 0), (10, 0.2)))
    floor = criterion("c", weight=1, anchors=((0, 0.5), (10, 1)))
    raw = pd.DataFrame({"b": [10.0, 0.0]}, index=["x", "y"])
    for other, scores in ((low, [40.0, 0.0]), (floor, [100.0, 25.0])):
        profile = profile_of(other, criterion("b", weight=1))
        found = score(raw, profile)
        assert found["score"].tolist() == pytest.approx(scores)
        assert (found["score_low"] <= found["score"] + 1e-9).all()
        assert (found["score"] <= found["score_high"] + 1e-9).all()
        parts = found.filter(like="_contribution").sum(axis=1)
        assert parts.tolist() == pytest.approx(scores)


def test_a_site_falls_out_only_where_nothing_that_is_unknown_can_save_it():
    far = distance("a", knock_out={"above": 800, "reason": "te ver"})
    profile = profile_of(far, criterion("b"))
    raw = pd.DataFrame(
        {"a": [900.0, 900.0, 700.0, 700.0, np.nan, np.inf], "b": 1.0}, index=list("uvwxyz")
    )
    low = pd.DataFrame({"a": [0.0, 850.0, 0.0, 700.0]}, index=list("uvwx"))
    high = pd.DataFrame({"a": [900.0, 950.0, 700.0, np.inf]}, index=list("uvwx"))
    found = score(raw, profile, raw_low=low, raw_high=high)
    assert found["knocked_out"].tolist() == [False, True, False, False, False, True]
    assert found["knock_out_possible"].tolist() == ["te ver", "", "", "te ver", "te ver", ""]
    assert found.loc["x", ["a_raw", "a_raw_low"]].tolist() == [700.0, 700.0]
    assert np.isnan(found.loc["x", "a_raw_high"])  # without end


def test_who_has_no_score_may_still_end_first_and_says_so():
    profile = profile_of(criterion("a", weight=3), criterion("b"), least_known_share=0.5)
    raw = pd.DataFrame({"a": [5.0, np.nan], "b": [5.0, 5.0]}, index=["known", "unknown"])
    found = score(raw, profile)
    assert found["score"].isna().tolist() == [False, True]
    assert found["rank"].isna().tolist() == [False, True]
    assert found.loc["unknown", ["rank_low", "rank_high"]].tolist() == [1, 2]
    assert found["first_share"].tolist() == pytest.approx([0.5, 0.5], abs=0.07)
    assert found["first_share"].sum() == pytest.approx(1)


def test_what_the_weights_move_and_what_the_unknown_moves_are_told_apart():
    """Two criteria that pull apart: the weights move x and y; only what is unknown moves z."""
    profile = profile_of(criterion("a"), criterion("b"), criterion("c", weight=0.5))
    raw = pd.DataFrame(
        {"a": [9.0, 1, 0, 0], "b": [1.0, 9, 0, 1], "c": [5.0, 5, 5, 5]}, index=["x", "y", "z", "u"]
    )
    high = pd.DataFrame({"c": [5.0, 5, 10, 5]}, index=raw.index)
    found = score(raw, profile, raw_high=high)
    interval = {
        ending: found[[f"rank_low{ending}", f"rank_high{ending}"]].astype(int).to_numpy().tolist()
        for ending in ("_weights", "_unknown", "")
    }
    assert interval["_weights"] == [[1, 2], [1, 2], [4, 4], [3, 3]]
    assert interval["_unknown"] == [[1, 2], [1, 2], [3, 4], [3, 4]]  # x and y are a tie
    assert interval[""] == [[1, 2], [1, 2], [3, 4], [3, 4]]


def test_a_lift_may_be_there_already_where_the_list_is_not_complete():
    profile = profile_of(distance("a", weight=3), criterion("b"))
    raw = pd.DataFrame({"a": [900.0], "b": [5.0]}, index=["x"])
    found = score(raw, profile, raw_low=pd.DataFrame({"a": [200.0]}, index=["x"]))
    lift = best_lift(found, profile).loc["x"]
    assert lift[["lift", "lift_low", "lift_high"]].tolist() == pytest.approx([67.5, 15.0, 67.5])
    parts = explain(found, profile).set_index("criterion")
    assert parts["contribution_best"].tolist() == pytest.approx([75, 25])


@pytest.mark.parametrize(("low", "high"), [(700.0, 900.0), (100.0, 500.0)])
def test_a_measure_outside_its_own_range_is_refused(low, high):
    profile = profile_of(distance("a"))
    table = {"a": [600.0]}
    with pytest.raises(
        InputError, match=r"must lie from raw_low to raw_high; it does not for 1 \(x\)"
    ):
        score(
            pd.DataFrame(table, index=["x"]), profile,
            raw_low=pd.DataFrame({"a": [low]}, index=["x"]), raw_high=pd.DataFrame({"a": [high]}, index=["x"]),
        )  # fmt: skip


def test_weights_of_nothing_and_metrics_that_there_are_not_are_refused():
    with pytest.raises(StudyError, match="the weights sum to 0"):
        profile_of(criterion("a", weight=0), criterion("b", weight=0))
    with pytest.raises(StudyError, match="metric"):
        profile_of(criterion("a") | {"metric": "geluk"})


def test_the_ranges_of_a_town_reach_its_scores(monkeypatch):
    complete(monkeypatch, np.nan, whole=False)
    town = small_town()
    places = points([0, 700], id=["s", "t"])
    profile = profile_of(distance("a"), criterion("stilte", anchors=((0, 0), (2, 1))))
    measures = measure_reach(Reach(town, places), profile.criteria)
    ids = pd.Index(["s", "t"])
    raw, low, high = (spread(measures, c, ids) for c in ("raw", "raw_low", "raw_high"))
    found = score(raw, profile, raw_low=low, raw_high=high)
    assert (found["a_raw_low"] == 0).all()
    assert (found["a_value_high"] == 1).all()
    assert (found["known_weight_share"] < 1).all()
