"""Who is within walking distance in both answers, and what follows: counts, people, means and rasters by hand."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from both_oracle import Ways, walks
from hypothesis import given, settings
from hypothesis import strategies as st
from reach_oracle import TO_DEGREES
from small_town import CRS, X0, Y0, areas, facilities, points, small_town, write_grid

from geowoonzorg.measure import Reach, measure, spread
from geowoonzorg.measure.rasters import zonal
from geowoonzorg.measure.residents import cover_town, elderly_around
from geowoonzorg.people.population import count_people
from geowoonzorg.ranking.scoring import score
from geowoonzorg.ranking.scoring_profile import parse_scoring_profile
from geowoonzorg.study import RasterInput
from geowoonzorg.town import Town, Walking

#: What is known of the street ends here, metres from its start.
KNOWN_TO_M = 240.0
LBM = {"key": "lbm", "metric": "area_mean", "column": "lbm_afw", "anchors": [[-1, 0], [1, 1]]}
PEOPLE = {"key": "adressen", "metric": "people_within", "anchors": [[0, 0], [10, 1]]}
NOISE = {"key": "geluid", "metric": "raster", "raster": "geluid", "kind": "mean", "over": "catchment",
         "anchors": [[0, 1], [100, 0]]}  # fmt: skip


def street(*ends_m, cautious):
    """Give a street of straight ways from its start, of which some stay open in the cautious answer."""
    xy = np.column_stack([X0 + np.array([0.0, *ends_m]), np.full(len(ends_m) + 1, Y0)])
    n = len(ends_m)
    both = np.ones(n, bool)
    return Ways(
        np.column_stack(TO_DEGREES.transform(*xy.T)),
        np.column_stack([np.arange(n), np.arange(n) + 1]),
        np.array(cautious), np.array(cautious), np.zeros(n + 1, bool), both, both,
    )  # fmt: skip


def unsure_town(**changes):
    """Give the small town, of whose street nothing is known beyond 240 m."""
    ways = street(KNOWN_TO_M, 2_000.0, cautious=[True, False])
    return small_town(**changes).replace(network=ways.network())


def spots():
    """In town; where nobody can come by what is known; in a field where nobody lives."""
    return points([200, 350, 1_500], id=["town", "end", "field"])


def profile(*criteria):
    made = [{"label": c["key"], "unit": "", "weight": 1, "source": "toets"} | c for c in criteria]
    head = {"name": "toets", "title": "Toets", "description": "Voor een toets"}
    return parse_scoring_profile(head | {"criterion": made})


def ranges(town, places, criterion):
    """Give raw, low and high by place."""
    table = measure(town, places.set_index("id", drop=False), profile(criterion).criteria)
    return table.set_index("place")[["raw", "raw_low", "raw_high"]]


def test_pairs_tell_who_is_within_reach_in_both_answers():
    pairs = Reach(unsure_town(), spots()).pairs
    town = pairs[pairs["site_id"] == "town"].set_index("address_id")
    assert town["sure"].to_dict() == {"a": True, "b": True, "c": True, "d": False}
    assert town["distance_high_m"].isna().to_dict() == (~town["sure"]).to_dict()
    assert not pairs.loc[pairs["site_id"] == "end", "sure"].any()
    assert Reach(small_town(), spots()).pairs["sure"].all()


def test_people_within_are_at_least_those_that_are_sure():
    found = ranges(unsure_town(), spots(), PEOPLE)
    assert found.loc["town"].tolist() == [4, 3, 4]
    assert found.loc["end"].tolist() == [4, 0, 4]
    assert found.loc["field"].tolist() == [0, 0, 0]
    assert ranges(small_town(), spots(), PEOPLE).loc["town"].tolist() == [4, 4, 4]


def test_a_count_that_is_not_sure_is_not_wholly_known_to_the_score():
    places = spots().set_index("id", drop=False)
    made = profile(PEOPLE)
    table = measure(unsure_town(), places, made.criteria)
    raw, low, high = (spread(table, c, places.index) for c in ("raw", "raw_low", "raw_high"))
    found = score(raw, made, raw_low=low, raw_high=high, draws=0)
    assert found["known_weight_share"].tolist() == pytest.approx([0.9, 0.6, 1.0])
    scores = found.loc["town", ["score_low", "score", "score_high"]]
    assert scores.tolist() == pytest.approx([30, 40, 40])


def test_a_mean_runs_from_that_of_all_to_that_of_the_sure():
    found = ranges(unsure_town(), spots(), LBM)
    all_of, sure = (3 * 0.2 - 0.1) / 4, 0.2
    assert found.loc["town"].tolist() == pytest.approx([all_of, all_of, sure])
    assert found.loc["end"].tolist() == pytest.approx(
        [all_of, -1, 1]
    )  # of nobody it can be anything
    assert found.loc["field"].isna().all()
    known = ranges(small_town(), spots(), LBM).loc["town"]
    assert known.tolist() == pytest.approx([all_of] * 3)


def test_each_end_of_a_mean_has_the_part_of_its_people_that_is_unknown():
    stilte = LBM | {"key": "stilte", "column": "stilte", "anchors": [[0, 0], [2, 1]]}
    found = ranges(unsure_town(), spots(), stilte).loc["town"]
    # A has 1 and B nothing: of all four a quarter is unknown, of the three that are sure nothing is.
    assert found.tolist() == pytest.approx([1.0, 0.75 * 1 + 0.25 * 0, 0.75 * 1 + 0.25 * 2])


def test_a_mean_over_squares_runs_over_both_answers():
    squares = points(
        [150, 350], id=["p", "q"], people_least=[8.0, 8.0], people_most=[8.0, 8.0],
        elderly_least=[5.0, 5.0], elderly_most=[5.0, 5.0],
    )  # fmt: skip
    town = unsure_town().replace(addresses=squares, homes="squares")
    assert ranges(town, spots(), LBM).loc["town"].tolist() == pytest.approx([0.05, 0.05, 0.2])
    around = elderly_around(Reach(town, spots()))
    assert around.loc["town"].tolist() == [10, 5, 10]
    assert around.loc["end"].tolist() == [10, 0, 10]


def test_a_mean_over_surface_runs_over_the_ground_of_both_answers():
    town = unsure_town(addresses=None)
    found = ranges(town, spots(), LBM).loc["town"]
    ends = []
    for ways in (street(2_000.0, cautious=[True]), street(KNOWN_TO_M, cautious=[True])):
        ground = Reach(town.replace(network=ways.network()), spots()).catchments["town"]
        part_a, part_b = (ground.intersection(s).area / ground.area for s in town.areas.geometry)
        rest = 1 - part_a - part_b
        known = 0.2 * part_a - 0.1 * part_b
        ends += [known - rest, known + rest]
    assert found["raw_low"] == pytest.approx(min(ends), abs=1e-4)
    assert found["raw_high"] == pytest.approx(max(ends), abs=1e-4)


def test_a_raster_runs_over_the_ground_of_both_answers(tmp_path):
    grid = write_grid(
        tmp_path / "r.tif", [[20.0, 60.0, 60.0, 60.0]] * 2, cell=1_000.0, west=X0 - 700
    )
    raster = RasterInput(name="geluid", source=grid, kind="mean", over="catchment", year=2022)
    found = ranges(unsure_town(rasters={"geluid": raster}), spots(), NOISE)
    ends = [
        zonal(grid, Reach(small_town().replace(network=ways.network()), spots()).catchments[["town"]])
        .loc["town", "value"]
        for ways in (street(2_000.0, cautious=[True]), street(KNOWN_TO_M, cautious=[True]))
    ]  # fmt: skip
    assert ends[1] < ends[0] - 5  # the sure ground lies where it is quiet
    assert found.loc["town"].tolist() == pytest.approx([ends[0], ends[1], ends[0]], abs=0.01)
    assert found.loc["end", ["raw_low", "raw_high"]].tolist() == pytest.approx([0, 100])
    there = ranges(unsure_town(rasters={"geluid": raster}), spots(), NOISE | {"over": "site"})
    np.testing.assert_allclose(there["raw_low"], there["raw_high"], rtol=1e-6)


def test_people_of_65_run_from_the_sure_addresses_to_the_possible_ones():
    found, known = (
        elderly_around(Reach(t, spots())).loc["town"] for t in (unsure_town(), small_town())
    )
    # All of A is sure, 97.5 people of which 19.5 % at least; of B nobody is.
    assert found["people_65plus_min"] == pytest.approx(97.5 * 0.195)
    assert known["people_65plus_min"] == 25
    same = ["people_65plus", "people_65plus_max"]
    assert found[same].tolist() == known[same].tolist()
    assert elderly_around(Reach(unsure_town(), spots())).loc["end", "people_65plus_min"] == 0


def test_coverage_counts_people_from_the_sure_addresses():
    town = unsure_town(facilities=facilities().assign(geometry=points([200, 1_900]).geometry))
    table = cover_town(town, town.nearest_array(limit_m=400)).set_index("facility_class")
    assert table.loc["huisarts", ["addresses_within", "within_low"]].tolist() == [4, 3]
    around = elderly_around(Reach(town, spots())).loc["town"]
    columns = ["people_65plus", "people_65plus_min", "people_65plus_max"]
    assert table.loc["huisarts", columns].tolist() == around[columns].tolist()
    assert table.loc["huisarts", "people_65plus_min"] == pytest.approx(97.5 * 0.195)


def test_an_address_near_two_of_which_one_is_sure_is_sure():
    zone = pd.Series({"1": "p", "2": "p"})
    counts = pd.DataFrame({"least": [20.0], "most": [20.0]}, index=["p"])
    pairs = pd.DataFrame(
        {"site_id": "s", "address_id": list("1212"), "sure": [False, True, True, False]}
    )
    assert count_people(pairs, zone, counts).loc["s"].tolist() == [20, 20, 20, 1]
    unsure = pairs.assign(sure=False)
    assert count_people(unsure, zone, counts).loc["s"].tolist() == [20, 0, 20, 1]


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_counts_and_means_are_those_of_the_slow_way_in_both_answers(seed):
    ways, limit_m = Ways.drawn(seed), 350.0
    rng = np.random.default_rng(seed + 1)
    homes, places = (rng.uniform(0, 900, (n, 2)) + [X0, Y0] for n in (25, 3))
    at = [
        gpd.GeoDataFrame({"id": [f"{i:02d}" for i in range(len(xy))]}, geometry=shapely.points(xy), crs=CRS)
        for xy in (homes, places)
    ]  # fmt: skip
    halves = [shapely.box(X0 + x, Y0 - 10, X0 + x + 500, Y0 + 910) for x in (-100, 400)]
    town = Town.from_frames(
        ways.network(), addresses=at[0], areas=areas(lbm_afw=[0.2, -0.1]).set_geometry(halves, crs=CRS),
        walking=Walking(limits_m=(limit_m,), max_snap_m=2_000.0),
    )  # fmt: skip
    count, mean = (ranges(town, at[1], one) for one in (PEOPLE, LBM))
    figure = np.where(homes[:, 0] < X0 + 400, 0.2, -0.1)
    for i, key in enumerate(at[1]["id"]):
        hopeful, left = (
            walks(w, homes, places[[i]])[:, 0] if len(w.ends) else np.full(25, np.inf)
            for w in (ways, ways.cautiously())
        )  # fmt: skip
        near = hopeful <= limit_m
        sure = near & (left <= limit_m)
        assert count.loc[key].tolist() == [near.sum(), sure.sum(), near.sum()]
        if not near.any():
            assert np.isnan(mean.loc[key, "raw"])
            continue
        ends = [figure[near].mean()]
        ends += [figure[sure].mean()] if sure.any() else [-1.0, 1.0]
        assert mean.loc[key, ["raw_low", "raw_high"]].tolist() == pytest.approx(
            [min(ends), max(ends)]
        )
