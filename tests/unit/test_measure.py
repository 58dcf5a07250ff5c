"""What each metric measures and why it does not, in a town on one street, against plain arithmetic."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_town import A, B, areas, noise, points, small_town, streets

from geowoonzorg.errors import CrsError, DuplicateIdError, GeometryError, InputError, StudyError
from geowoonzorg.measure import Reach, measure, metric, metrics, spread
from geowoonzorg.measure.building import balance_after_building
from geowoonzorg.measure.metrics import average_over_people
from geowoonzorg.measure.residents import cover_town, elderly_around
from geowoonzorg.ranking.scoring import score
from geowoonzorg.ranking.scoring_profile import parse_scoring_profile
from geowoonzorg.study import RasterInput
from geowoonzorg.town import Town, Walking

NAN, INF = np.nan, np.inf


def criterion(key, metric_name, **more):
    shape = (
        {"levels": {"ja": 1, "nee": 0}} if "levels" in more else {"anchors": [[0, 1], [1000, 0]]}
    )
    base = {
        "key": key,
        "metric": metric_name,
        "label": key,
        "unit": "",
        "weight": 1,
        "source": "toets",
    }
    return base | shape | more


def profile(*criteria):
    return parse_scoring_profile(
        {
            "name": "toets",
            "title": "Toets",
            "description": "Voor een toets",
            "criterion": list(criteria),
        }
    )


def sites(**columns):
    """In town; in a field where nobody lives; on the loose street; nowhere near a street."""
    frame = points([200, 1_500, 20, 0], id=["town", "field", "island", "far"], **columns)
    frame.loc[2, "geometry"] = points([20], y=9_000).geometry[0]
    frame.loc[3, "geometry"] = points([0], y=30_000).geometry[0]
    return frame


def one(town, places, *criteria, column="raw"):
    """Measure on one or more criteria: per criterion its outcome by place."""
    made = profile(*criteria)
    table = measure(town, places, made.criteria)
    wide = spread(table, column, places.index)
    return wide[criteria[0]["key"]].tolist() if len(criteria) == 1 else wide


def reasons(town, places, *criteria):
    return one(town, places, *criteria, column="reason")


HUISARTS = criterion("huisarts", "distance", facility_class="huisarts")


def test_distance_is_metres_along_the_street_or_says_why_not():
    found = one(small_town(), sites(), HUISARTS)
    assert found == pytest.approx([100, 1_200, NAN, NAN], abs=0.5, nan_ok=True)
    assert reasons(small_town(), sites(), HUISARTS) == ["", "", "island", "off_network"]


def test_distance_to_what_is_nowhere_has_no_end_and_to_what_is_unheard_of_is_unknown():
    town = small_town(absent={"apotheek"})
    apotheek = criterion("apotheek", "distance", facility_class="apotheek")
    bank = criterion("bank", "distance", facility_class="bank")
    assert one(town, sites(), apotheek) == [INF] * 4  # also for who is on no street
    assert reasons(town, sites(), apotheek) == ["none"] * 4
    assert one(town, sites(), bank) == pytest.approx([NAN] * 4, nan_ok=True)
    assert reasons(town, sites(), bank) == ["class_not_asked"] * 4
    asked = small_town(classes=[*town.classes, "bank"])
    assert reasons(asked, sites(), bank) == ["no_facilities"] * 4


def test_area_mean_weighs_every_address_within_the_limit_alike():
    lbm = criterion("lbm", "area_mean", column="lbm_afw")
    town = small_town()
    assert one(town, sites(), lbm) == pytest.approx(
        [(3 * 0.2 - 0.1) / 4, NAN, NAN, NAN], nan_ok=True
    )
    assert reasons(town, sites(), lbm) == ["", "nobody", "island", "off_network"]
    assert one(town, sites(), lbm, column="coverage")[0] == 1.0


def test_area_mean_of_an_own_figure_says_what_share_of_the_people_was_known():
    stilte = criterion("stilte", "area_mean", column="stilte")
    assert one(small_town(), sites(), stilte)[0] == 1.0  # area B has none
    assert one(small_town(), sites(), stilte, column="coverage")[0] == 0.75
    nothing = criterion("ggz", "area_mean", column="ggz")
    assert reasons(small_town(), sites(), nothing) == ["no_figures"] * 4
    assert reasons(small_town(areas=None), sites(), stilte) == ["no_figures"] * 4


def test_area_mean_without_addresses_goes_by_surface():
    lbm = criterion("lbm", "area_mean", column="lbm_afw")
    town = small_town(addresses=None)
    ground = Reach(town, sites()).catchments["town"]
    parts = [ground.intersection(shape).area / ground.area for shape in town.areas.geometry]
    assert one(town, sites(), lbm)[0] == pytest.approx(0.2 * parts[0] - 0.1 * parts[1])
    assert one(town, sites(), lbm, column="coverage")[0] == pytest.approx(sum(parts))


def test_area_mean_over_squares_is_an_interval():
    squares = points(
        [150, 350], id=["p", "q"], people_least=[8.0, 0.0], people_most=[12.0, 4.0],
        elderly_least=[0.0, 0.0], elderly_most=[4.0, 4.0],
    )  # fmt: skip
    town = small_town().replace(addresses=squares, homes="squares")
    lbm = criterion("lbm", "area_mean", column="lbm_afw")
    assert one(town, sites(), lbm)[0] == pytest.approx((10 * 0.2 - 2 * 0.1) / 12)
    assert one(town, sites(), lbm, column="raw_low")[0] == pytest.approx((8 * 0.2 - 4 * 0.1) / 12)
    assert one(town, sites(), lbm, column="raw_high")[0] == pytest.approx(0.2)
    people = criterion("mensen", "people_within")
    assert reasons(town, sites(), people)[:2] == ["no_addresses"] * 2
    around = elderly_around(Reach(town, sites()))
    assert around.loc["town", ["people_65plus_min", "people_65plus_max"]].tolist() == [0, 8]


def test_raster_is_averaged_by_energy_over_the_ground_or_taken_at_the_place(tmp_path):
    loud = criterion("geluid", "raster", raster="geluid", kind="decibel")
    town = small_town(rasters={"geluid": noise(tmp_path / "lden.tif")})
    half = 10 * np.log10((1e5 + 1e6) / 2)
    assert one(town, sites(), loud)[:2] == pytest.approx([half, half], abs=0.05)
    assert reasons(town, sites(), loud) == ["", "", "island", "off_network"]
    there = small_town(rasters={"geluid": noise(tmp_path / "lden.tif", over="site")})
    places = sites()
    places.loc[1, "geometry"] = points([1_500], y=40).geometry[0]
    assert one(there, places, loud)[1] == pytest.approx(60)
    silent = criterion("groen", "raster", raster="groen", kind="share")
    assert reasons(town, sites(), silent) == ["no_raster"] * 4


def test_a_hole_in_a_raster_is_its_reason(tmp_path):
    grid = noise(tmp_path / "lden.tif")
    far_off = points([5_000], id=["away"])
    line = gpd.GeoDataFrame(geometry=[far_off.geometry[0].buffer(600).boundary], crs=far_off.crs)
    town = Town.from_frames(type(streets()).from_lines(line), rasters={"geluid": grid})
    edge = points([5_600], id=["away"])
    loud = criterion("geluid", "raster", raster="geluid", kind="decibel")
    assert reasons(town, edge, loud) == ["raster_hole"]
    assert one(town, edge, loud, column="coverage") == [0.0]


def test_people_within_counts_addresses():
    people = criterion("mensen", "people_within")
    assert one(small_town(), sites(), people) == pytest.approx([4, 0, NAN, NAN], nan_ok=True)
    wide = small_town(walking=Walking(limits_m=(750.0,)))
    assert one(wide, sites(), people)[0] == 5


def test_the_sites_own_column_is_a_number_or_a_word():
    places = sites(n_woningen=["24", None, "8", ""], ruimte=["ja", "nee", None, "ja"])
    homes = criterion("woningen", "site", column="n_woningen")
    room = criterion("ruimte", "site", column="ruimte", levels={"ja": 1, "nee": 0})
    assert one(small_town(), places[:3], homes) == pytest.approx([24, NAN, 8], nan_ok=True)
    assert reasons(small_town(), places[:3], homes) == ["", "not_given", ""]
    words = one(small_town(), places, room)
    assert words[:2] == ["ja", "nee"]
    assert pd.isna(words[2])
    assert reasons(small_town(), places, room) == ["", "", "not_given", ""]
    price = criterion("prijs", "site", column="prijs")
    assert reasons(small_town(), places, price) == ["not_given"] * 4


def test_a_word_where_a_number_is_asked_names_the_site():
    places = sites(n_woningen=["24", "veel", "8", None])
    with pytest.raises(
        InputError, match=r"1 values of n_woningen are not numbers \(field: 'veel'\)"
    ) as caught:
        one(small_town(), places, criterion("woningen", "site", column="n_woningen"))
    assert "geen getallen" in caught.value.told("nl")


def test_every_row_says_where_it_is_from(tmp_path):
    town = small_town(rasters={"geluid": noise(tmp_path / "lden.tif")})
    made = profile(
        HUISARTS,
        criterion("lbm", "area_mean", column="lbm_afw"),
        criterion("geluid", "raster", raster="geluid", kind="decibel"),
    )
    where = sites().set_index("id", drop=False)
    table = measure(town, where, made.criteria).set_index(["place", "criterion"])
    assert table.loc[("town", "huisarts"), "source"] == "given"
    assert table.loc[("town", "geluid"), ["source", "year"]].tolist() == ["lden.tif", 2022]
    assert len(table) == 12
    assert table.index[:3].tolist() == [("town", c.key) for c in made.criteria]


def test_what_is_measured_is_what_is_scored():
    made = profile(HUISARTS, criterion("mensen", "people_within"))
    where = sites().set_index("id", drop=False)
    table = measure(small_town(), where, made.criteria)
    found = score(spread(table, "raw", where.index), made, draws=0)
    # 100 m of 1,000 leaves 0.9; 4 addresses of 1,000 leave 0.996
    assert found.loc["town", "score"] == pytest.approx(50 * (0.9 + 0.996), abs=0.05)
    assert found["score"].isna().tolist() == [False, False, True, True]


def test_places_may_be_areas_or_cells_on_any_index_and_in_any_crs():
    own = areas().to_crs(4326).reset_index(drop=True).set_index(pd.Index([7, 3]))
    table = measure(small_town(), own, profile(HUISARTS).criteria)
    assert table["place"].tolist() == [7, 3]  # so that it can be joined
    assert table["raw"].tolist() == pytest.approx([0, 0], abs=0.01)  # the door is where they meet


@pytest.mark.parametrize(
    ("spoil", "error", "words"),
    [
        (lambda f: f.set_crs(None, allow_override=True), CrsError, "CRS"),
        (lambda f: f.assign(id="x"), DuplicateIdError, "more than once"),
        (lambda f: f.assign(geometry=[None] * len(f)), GeometryError, "without a geometry"),
    ],
)
def test_places_that_cannot_be_used_are_one_clear_error(spoil, error, words):
    with pytest.raises(error, match=words) as caught:
        measure(small_town(), spoil(sites()), profile(HUISARTS).criteria)
    assert caught.value.told("nl") != str(caught.value)


def test_no_places_are_measured_as_none():
    assert measure(small_town(), sites().iloc[:0], profile(HUISARTS).criteria).empty


def test_a_metric_that_is_not_registered_is_named_in_both_languages():
    class Odd:
        key, metric, facility_class, column, raster, kind, levels = "x", "smell", *[None] * 4, ()

    with pytest.raises(StudyError, match="no metric is called smell; choose from") as caught:
        measure(small_town(), sites(), [Odd()])
    assert "smell" in caught.value.told("nl")
    assert "kies" in caught.value.told("nl")
    with pytest.raises(StudyError, match="smell"):
        profile(criterion("x", "smell"))


def test_criteria_with_one_key_are_refused():
    made = profile(HUISARTS)
    with pytest.raises(StudyError, match="one key: huisarts"):
        measure(small_town(), sites(), [*made.criteria, *made.criteria])


def test_a_town_where_nobody_is_known_to_live_has_no_count():
    people = criterion("mensen", "people_within")
    assert one(small_town(addresses=None), sites(), people) == pytest.approx([NAN] * 4, nan_ok=True)
    assert reasons(small_town(addresses=None), sites(), people)[0] == "no_homes"


def test_a_metric_is_registered_once():
    with pytest.raises(StudyError, match="registered twice"):
        metric("distance")(lambda reach, criteria: iter(()))
    ways = {"way_steps", "way_kerbs", "way_slope", "way_bench_gap"}
    assert set(metrics()) == {"distance", "area_mean", "raster", "people_within", "site", *ways}


def test_a_raster_with_the_name_of_something_else_is_refused():
    town = small_town().replace(rasters=(RasterInput("huisarts", Path("x.tif")),))
    with pytest.raises(StudyError, match="name that something else has"):
        measure(town, sites(), profile(HUISARTS).criteria)


def test_who_is_65_or_over_is_an_interval_that_holds_the_truth():
    # A: 3 addresses, all near; 97.5-102.5 people of which 19.5-20.5 %. B: 2 addresses, one near.
    found = elderly_around(Reach(small_town(), sites())).loc["town"]
    a, b = (97.5 * 0.195, 102.5 * 0.205), (57.5 * 0.495, 62.5 * 0.505)
    low, high = (b[0] / 2 - 1.96 * np.sqrt(b[0] / 2), b[1] / 2 + 1.96 * np.sqrt(b[1] / 2))
    assert found["people_65plus_min"] == 5 * np.floor((a[0] + low) / 5) == 25
    assert found["people_65plus_max"] == pytest.approx(
        min(5 * np.ceil((a[1] + high) / 5), a[1] + b[1])
    )
    middle_a, middle_b = (97.5 * 0.195 + 102.5 * 0.205) / 2, (57.5 * 0.495 + 62.5 * 0.505) / 2
    assert found["people_65plus"] == 5 * round((middle_a + middle_b / 2) / 5)


def test_coverage_counts_addresses_within_the_limit_of_each_class():
    town = small_town()
    table = cover_town(town, town.nearest_array(limit_m=400)).set_index("facility_class")
    assert table.loc["huisarts", "addresses"] == 5
    assert table.loc["huisarts", "addresses_within"] == 4
    assert table.loc["huisarts", "share_within"] == pytest.approx(0.8)
    assert table.loc["huisarts", "people_65plus_min"] == 25  # as around the town's centre
    assert table.loc["supermarkt", "addresses_within"] == 0
    assert table.loc["supermarkt", "people_65plus_max"] == 0


def test_the_balance_after_building_is_only_said_where_it_is_asked():
    reach = Reach(small_town(), sites(n_woningen=[24, 24, 24, 24]))
    assert balance_after_building(reach).empty


@settings(max_examples=30, deadline=None)
@given(
    homes=st.lists(st.integers(0, 2_000), min_size=1, max_size=12, unique=True),
    where=st.lists(st.integers(0, 2_000), min_size=1, max_size=4, unique=True),
    limit=st.integers(50, 900),
)
def test_means_and_counts_are_those_of_a_plain_loop(homes, where, limit):
    town = small_town(
        addresses=points(homes, id=[f"a{i}" for i in range(len(homes))]),
        walking=Walking(limits_m=(limit + 0.5,)),
    )
    places = points(where, id=[f"s{i}" for i in range(len(where))])
    scale = town.network.edge_length_m.max() / 2_000  # ground metres per metre of the projection
    figures = {A: 0.2, B: -0.1}
    found = average_over_people(Reach(town, places), ["lbm_afw"])["lbm_afw"]["mean"]
    for key, x in zip(places["id"], where, strict=True):
        near = [h for h in homes if abs(h - x) * scale <= limit + 0.5]
        values = [figures[A if h <= 300 else B] for h in near]
        assert found[key] == pytest.approx(np.mean(values) if values else NAN, nan_ok=True)
