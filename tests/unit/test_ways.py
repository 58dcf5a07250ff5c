"""What ways meet, straight lines and the plot itself as measures, in a town on one street, by hand."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from small_town import CRS, X0, Y0, noise, points, small_town
from test_measure import criterion, one, reasons, sites

from geowoonzorg.errors import InputError
from geowoonzorg.measure import Reach
from geowoonzorg.measure.building import balance_after_building
from geowoonzorg.measure.ways import (
    measure_bench_gap,
    measure_kerbs,
    measure_slope,
    measure_steps,
)
from geowoonzorg.ranking.scoring import score
from geowoonzorg.ranking.scoring_profile import parse_scoring_profile
from geowoonzorg.town import Town

NAN, INF = np.nan, np.inf


class Around:
    """Ways to a shop and a doctor as `Reach` has them, from places a, b and c; c has none.

    Of classes in ``unsure`` there may be one that is nearer; of those in ``absent`` it is known that there is none.
    """

    def __init__(self, complete=frozenset(), benches=1, unsure=(), absent=(), **met):
        self.ids = pd.Index(["a", "b", "c"], name="id")
        shown = {
            "origin_id": ["a", "a", "b", "b", "b"],
            "facility_class": ["shop", "doctor", "shop", "doctor", "bank"],
            "distance_m": [350.0, 500.0, 90.0, 60.0, 2_000.0],
        }
        self.ways = pd.DataFrame(shown | met)
        lonlat = np.zeros((benches, 2))
        network = type("Network", (), {"bench_lonlat": lonlat})
        told = {"network": network, "complete": complete, "sources": (), "absent": absent}
        self.town = type("Town", (), told)
        self.knows_all = lambda name: name not in unsure
        self.joins = pd.Series(["ok", "ok", "island"], self.ids)

    or_joins = Reach.or_joins

    def met(self, facility_class, column):
        own = self.ways[self.ways["facility_class"] == facility_class].set_index("origin_id")
        return own[column].reindex(self.ids).to_numpy("float64", na_value=np.nan)

    def has_way(self, facility_class):
        own = self.ways[self.ways["facility_class"] == facility_class]
        return np.asarray(self.ids.isin(own["origin_id"]))


class Asked:
    key, facility_classes = "way", ("shop", "doctor")


def outcome(metric, around):
    [found] = metric.measure(around, [Asked])
    return [
        [None if np.isnan(v) else v for v in values]
        for values in (found.raw[:2], found.low[:2], found.high[:2])
    ]


def whole(*numbers):
    return pd.array(numbers, dtype="Int64")


def test_steps_are_those_of_the_worst_way_and_other_ways_do_not_count():
    around = Around(steps_count=whole(0, 2, 0, 0, 9))
    assert outcome(measure_steps, around) == [[2, 0]] * 3
    unknown = Around(steps_count=whole(0, None, 0, 0, 9))
    assert outcome(measure_steps, unknown) == [[None, 0]] * 3


def test_no_kerb_found_is_none_only_where_none_can_hide():
    clear = {"kerbs_unknown": whole(*[0] * 5), "crossings": whole(*[0] * 5)}
    assert outcome(measure_kerbs, Around(kerbs_high=whole(0, 0, 1, 0, 5), **clear)) == [[0, 1]] * 3
    unsure = {"kerbs_unknown": whole(1, 0, 2, 0, 0), "crossings": whole(0, 3, 1, 0, 0)}
    found = outcome(measure_kerbs, Around(kerbs_high=whole(0, 0, 1, 0, 5), **unsure))
    # a: 0 found, 1 of unknown height or 3 crossings; b: 1 found, 2 + 1 may be more
    assert found == [[None, 1], [0, 1], [3, 4]]


def test_a_slope_is_known_where_all_of_the_way_is():
    shares = {"incline_pct_unknown_share": [0.0, 0.0, 0.4, 0.0, 0.0]}
    found = outcome(measure_slope, Around(steepest_pct=[3.0, 7.0, 6.0, 2.0, 1.0], **shares))
    assert found == [[7, None], [7, 6], [7, INF]]
    nothing = {"incline_pct_unknown_share": [1.0] * 5}
    assert outcome(measure_slope, Around(steepest_pct=[NAN] * 5, **nothing))[0] == [None, None]


def test_a_bench_that_is_not_on_the_map_may_be_there():
    gaps = {"bench_gap_m": [120.0, 300.0, 80.0, 20.0, 900.0]}
    assert outcome(measure_bench_gap, Around(**gaps)) == [[300, 80], [0, 0], [300, 80]]
    listed = Around(complete=frozenset({"bank"}), benches=0, **gaps)
    assert outcome(measure_bench_gap, listed) == [[300, 80]] * 3
    assert outcome(measure_bench_gap, Around(benches=0, **gaps))[0] == [None, None]


def test_why_a_way_is_not_known():
    around = Around(steps_count=whole(None, 1, 0, None, 9))
    [found] = measure_steps.measure(around, [Asked])
    assert found.reason.tolist() == ["way_not_mapped", "way_not_mapped", "island"]

    class Elsewhere(Asked):
        facility_classes = ("library",)

    [found] = measure_steps.measure(around, [Elsewhere])
    assert found.reason.tolist() == ["no_way", "no_way", "island"]
    assert np.isnan(found.raw).all()


def without_doctor(around, at):
    around.ways = around.ways.drop(index=around.ways.index[at])
    return around


def test_a_class_to_which_no_way_is_known_leaves_the_worst_way_unknown():
    steps = whole(0, 2, 0, 0, 9)
    missing = without_doctor(Around(steps_count=steps), 1)
    assert outcome(measure_steps, missing) == [[None, 0]] * 3
    [found] = measure_steps.measure(missing, [Asked])
    assert found.reason[0] == "not_every_way"
    none = without_doctor(Around(steps_count=steps, absent={"doctor"}), [1, 3])
    assert outcome(measure_steps, none) == [[0, 0]] * 3


def test_a_facility_that_may_be_nearer_has_a_way_that_may_meet_anything():
    unsure = {"unsure": ("doctor",)}
    found = outcome(measure_steps, Around(steps_count=whole(1, 2, 0, 0, 9), **unsure))
    assert found == [[2, 0], [1, 0], [INF, INF]]  # the way to the shop stays what it is
    clear = {"kerbs_unknown": whole(*[0] * 5), "crossings": whole(*[0] * 5)}
    found = outcome(measure_kerbs, Around(kerbs_high=whole(0, 0, 1, 3, 5), **clear, **unsure))
    assert found == [[0, 3], [0, 1], [INF, INF]]
    shares = {"incline_pct_unknown_share": [0.0] * 5}
    found = outcome(
        measure_slope, Around(steepest_pct=[3.0, 7.0, 6.0, 2.0, 1.0], **shares, **unsure)
    )
    assert found == [[7, 6], [3, 6], [INF, INF]]


def test_a_stretch_without_a_bench_is_no_longer_than_the_way_to_what_was_found():
    gaps = {"bench_gap_m": [120.0, 300.0, 80.0, 20.0, 900.0]}
    found = outcome(measure_bench_gap, Around(**gaps, unsure=("doctor",)))
    assert found == [[300, 80], [0, 0], [500, 80]]  # 500 m to the doctor of a, 60 m to that of b
    listed = Around(complete=frozenset({"bank"}), **gaps, unsure=("doctor",))
    assert outcome(measure_bench_gap, listed) == [[300, 80], [120, 80], [500, 80]]


def test_on_a_line_layer_that_tells_nothing_of_its_ways_all_of_it_is_unknown():
    names = ("way_steps", "way_kerbs", "way_slope", "way_bench_gap")
    asked = [criterion(n, n, facility_classes=["huisarts", "supermarkt"]) for n in names]
    found = one(small_town(), sites(), *asked)
    assert found.isna().all(axis=None)
    why = reasons(small_town(), sites(), *asked)
    assert why.iloc[0].tolist() == ["way_not_mapped"] * 4
    assert why.iloc[2].tolist() == ["island"] * 4


# ------------------------------------------------------------------------------------ straight lines


def straight(key="recht", **more):
    return criterion(key, "distance", facility_class="huisarts", measured="straight", **more)


def test_a_straight_line_crosses_what_nobody_can_walk_over():
    places = sites()
    places.loc[1, "geometry"] = points([300], y=40).geometry[0]
    found = one(small_town(), places, straight())
    on_the_ground = one(
        small_town(), places, criterion("lopen", "distance", facility_class="huisarts")
    )
    # 100 m along the street; 40 m off it; 9 and 30 km through the fields, where no street goes
    assert found == pytest.approx([100, 40, 9_004.3, 30_001.5], rel=2e-4)
    assert on_the_ground[:2] == pytest.approx([100, 40], abs=0.5)
    assert np.isnan(on_the_ground[2:]).all()


def test_a_straight_line_goes_from_edge_to_edge_and_is_as_long_as_geod_says():
    places = sites().iloc[:1].copy()
    places["geometry"] = [gpd.points_from_xy([X0 + 200], [Y0])[0].buffer(30, quad_segs=64)]
    assert one(small_town(), places, straight()) == pytest.approx([70.0], abs=0.02)
    far = sites().iloc[[3]].reset_index(drop=True)
    ends = gpd.GeoSeries([far.geometry[0], points([300]).geometry[0]], crs=CRS).to_crs(4326)
    geod = ends.crs.get_geod().inv(ends.x[0], ends.y[0], ends.x[1], ends.y[1])[2]
    assert one(small_town(), far, straight()) == pytest.approx([geod], rel=1e-6)


def test_none_in_a_list_that_is_complete_is_the_best_and_in_a_map_it_is_unknown():
    away = {
        "key": "weg", "metric": "distance", "facility_class": "drankenhandel", "measured": "straight",
        "label": "weg", "unit": "m", "weight": 1, "source": "toets", "anchors": [[100, 0], [400, 1]],
        "knock_out": {"below": 100, "reason": "te dicht bij een drankenhandel"},
    }  # fmt: skip
    head = {"name": "t", "title": "t", "description": "t", "least_known_share": 0}
    profile = parse_scoring_profile(head | {"criterion": [away]})
    assert profile.criteria[0].is_avoidance
    where = sites().iloc[:2]

    def scored(town):
        return score(
            one(town, where, away, dict(away, key="x")).loc[:, ["weg"]].set_axis(["a", "b"]),
            profile,
        )

    assert scored(small_town(absent={"drankenhandel"}))["score"].tolist() == [100, 100]
    assert scored(small_town())["score"].isna().all()
    shop = points([230], facility_class=["drankenhandel"], id=["d"])
    near = scored(small_town(facilities=shop))
    assert near["knocked_out"].tolist() == [True, False]
    assert near["weg_value"].tolist() == [0, 1]


# ---------------------------------------------------------------------------------- the plot itself


def loud(over=None, **more):
    kind = {"raster": "geluid", "kind": "decibel"} | ({"over": over} if over else {})
    return criterion(f"geluid_{over or 'raster'}", "raster", **kind, **more)


def test_noise_is_taken_where_people_sleep_or_all_around(tmp_path):
    # 50 dB south of the street and 60 north of it
    town = small_town(rasters={"geluid": noise(tmp_path / "lden.tif")})
    places = points([200, 200], y=40, id=["n", "plot"])
    places.loc[1, "geometry"] = gpd.points_from_xy([X0 + 200], [Y0 - 60])[0].buffer(20)
    around = one(town, places, loud("catchment"), loud("site"), loud())
    half = 10 * np.log10((1e5 + 1e6) / 2)
    assert around["geluid_catchment"].tolist() == pytest.approx([half] * 2, abs=0.1)
    assert around["geluid_site"].tolist() == pytest.approx([60, 50], abs=1e-6)
    assert around["geluid_raster"].tolist() == around["geluid_catchment"].tolist()


def test_around_a_point_the_plot_is_a_circle_of_25_metres(tmp_path):
    town = small_town(rasters={"geluid": noise(tmp_path / "lden.tif")})
    at = points([200], y=10, id=["n"])
    # the part of a circle of 25 m that lies 10 m or more to one side of its middle
    low = np.arccos(0.4) / np.pi - 0.4 * np.sqrt(1 - 0.4**2) / np.pi
    mean = 10 * np.log10(low * 1e5 + (1 - low) * 1e6)
    assert one(town, at, loud("site")) == pytest.approx([mean], abs=0.02)


def test_a_plot_needs_no_street_and_outside_the_raster_it_is_a_hole(tmp_path):
    town = small_town(rasters={"geluid": noise(tmp_path / "lden.tif")})
    places = sites()
    places.loc[2, "geometry"] = points([20], y=500).geometry[0]  # off the street, on the raster
    assert one(town, places, loud("site"))[2] == pytest.approx(60)
    assert reasons(town, places, loud("site"))[3] == "raster_hole"


# ------------------------------------------------------------------------- who will live in the building


def test_a_site_may_say_itself_how_many_vragers_come_to_live_in_it():
    town = Town.demo()
    some = town.addresses.head(3).assign(
        n_woningen=[24, 24, None], vragers_aandeel=["0.5", None, "0.2"]
    )
    found = balance_after_building(Reach(town, some))
    of_study = town.figures.added_vragers_share
    assert found["complex_vragers_share"].tolist() == pytest.approx(
        [0.5, of_study, NAN], nan_ok=True
    )
    assert found["complex_balans"].tolist() == pytest.approx(
        [
            np.log2((0.5 / 0.2) / (0.5 / 0.8)),
            np.log2((of_study / 0.2) / ((1 - of_study) / 0.8)),
            NAN,
        ],
        nan_ok=True,
    )
    assert found["balans_after"].iloc[0] > found["balans_before"].iloc[0]


def test_a_share_that_is_none_is_told_with_its_site():
    town = Town.demo()
    some = town.addresses.head(2).assign(n_woningen=24, vragers_aandeel=["30", "veel"])
    with pytest.raises(
        InputError, match=r"vragers_aandeel must be a share from 0 to 1.* 2 \("
    ) as caught:
        balance_after_building(Reach(town, some))
    assert "moet een aandeel" in caught.value.told("nl")
