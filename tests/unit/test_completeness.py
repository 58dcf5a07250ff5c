"""How complete a class is: found against expected by plain arithmetic, a list that is complete, and tiles."""

from __future__ import annotations

import pickle
import re
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import box
from small_town import X0, Y0, areas, facilities, points, small_town
from told import dutch

import geowoonzorg
from geowoonzorg.ask import score_sites
from geowoonzorg.errors import InputError, StudyError
from geowoonzorg.measure.residents import cover_town
from geowoonzorg.messages import tell
from geowoonzorg.osm import read_facility_classes
from geowoonzorg.osm.classes import Expected
from geowoonzorg.people.catchment import locate_in_areas
from geowoonzorg.show.map_page import render_map
from geowoonzorg.show.report import render_report
from geowoonzorg.show.residents import coverage_rows, incomplete_line
from geowoonzorg.show.texts import read_texts
from geowoonzorg.town.completeness import (
    COMPLETENESS_COLUMNS,
    class_completeness,
    completeness_of_gemeenten,
    expect_facilities,
)
from geowoonzorg.town.facilities import read_facilities
from geowoonzorg.town.known_whole import completeness_at, known_whole

NIVEL = 4874 / 17_590_672  # practices for one inhabitant, 2022
FOR_ONE = 17_590_672 / 9_213_833  # people for one address, 2022
FOR_HOME = 17_590_672 / 8_043_808  # and for one home


def test_expected_is_the_countrys_number_for_as_many_people():
    found = class_completeness(small_town()).loc["huisarts"]
    assert found["found"] == 1
    assert found["expected"] == pytest.approx(160 * NIVEL)
    assert found["expected_low"] == pytest.approx(160 * 3834 / 17_590_672)
    assert found["expected_high"] == pytest.approx(160 * NIVEL)
    assert found["complete_share"] == 1.0  # at most all
    assert "Nivel" in found["complete_source"]


def test_a_share_is_found_to_expected():
    people = [60_000.0, 40_000.0]
    found = class_completeness(small_town(areas=areas(inhabitants=people))).loc["huisarts"]
    assert found["expected"] == pytest.approx(100_000 * NIVEL)
    assert found["complete_share"] == pytest.approx(1 / (100_000 * NIVEL))


def test_every_gemeente_has_its_own_and_a_site_is_judged_by_its_own():
    two = areas(inhabitants=[60_000.0, 40_000.0]).set_axis(["BU01660001", "BU01500001"])
    town = small_town(areas=two)
    own = completeness_of_gemeenten(town)["complete_share"].unstack()
    expected = {"GM0166": 60_000 * NIVEL, "GM0150": 40_000 * NIVEL}
    found = {
        code: int(locate_in_areas(facilities()[facilities()["facility_class"] == "huisarts"], town.figures.frame)
                  .map(town.figures.frame["gemeente_code"]).eq(code).sum())
        for code in expected
    }  # fmt: skip
    for code, n in expected.items():
        assert own.loc[code, "huisarts"] == pytest.approx(min(1.0, found[code] / n))
    homes = town.addresses
    code = locate_in_areas(homes, town.figures.frame).map(town.figures.frame["gemeente_code"])
    there = completeness_at(town, homes)
    assert there.share["huisarts"].to_numpy() == pytest.approx(
        own["huisarts"].reindex(code).to_numpy()
    )
    assert not there.whole.any(axis=None)  # of the ten to twenty that each gemeente may have
    few = small_town(areas=two.assign(inhabitants=[3_000.0, 3_000.0]))
    whole = completeness_at(few, homes).whole["huisarts"]
    assert whole.tolist() == [found[name] >= 3_000 * NIVEL for name in code]
    assert whole.nunique() == 2
    assert completeness_of_gemeenten(small_town()).empty


def test_what_lies_in_the_margin_is_not_counted():
    extra = points([100, 200, 5_000], facility_class=["huisarts"] * 3, id=list("xyz"))
    both = pd.concat([facilities(), extra], ignore_index=True)
    assert class_completeness(small_town(facilities=both)).loc["huisarts", "found"] == 3
    assert class_completeness(small_town(facilities=both, areas=None)).loc["huisarts", "found"] == 4


def test_areas_without_an_address_are_not_looked_for_in():
    town = small_town(addresses=points([50, 150], id=list("ab")))  # both in the area of 100 people
    assert class_completeness(town).loc["huisarts", "expected"] == pytest.approx(100 * NIVEL)
    nobody = small_town(addresses=None)
    assert class_completeness(nobody).loc["huisarts", "expected"] == pytest.approx(160 * NIVEL)


def test_addresses_stand_for_people_where_no_figure_does():
    one = class_completeness(small_town(areas=areas(inhabitants=[100.0, np.nan]))).loc["huisarts"]
    assert one["expected"] == pytest.approx((100 + 2 * FOR_ONE) * NIVEL)
    assert one["expected_high"] == pytest.approx((100 + 2 * FOR_HOME) * NIVEL)
    none = class_completeness(small_town(areas=areas(lbm_afw=[0.1, 0.2]))).loc["huisarts"]
    assert none["expected"] == pytest.approx(5 * FOR_ONE * NIVEL)
    assert "Nivel 2022, naar 5 adressen" in dutch([none["complete_source"]])[0]
    without = class_completeness(small_town(areas=None)).loc["huisarts"]
    assert without["expected"] == pytest.approx(5 * FOR_ONE * NIVEL)


def test_squares_tell_their_own_people():
    homes = points(
        [50, 150, 9_000], id=["a", "b", "far"], people_least=[10.0, 0.0, 90.0],
        people_most=[10.0, 4.0, 90.0], elderly_least=[0.0] * 3, elderly_most=[4.0] * 3,
    )  # fmt: skip
    town = small_town(addresses=homes).replace(homes="squares")
    found = class_completeness(town).loc["huisarts"]
    assert found["expected"] == pytest.approx(12 * NIVEL)
    assert found["expected_high"] == pytest.approx(14 * NIVEL)


@pytest.mark.parametrize(
    "changes",
    [
        {"areas": areas(inhabitants=[0.0, 0.0])},
        {"areas": areas(lbm_afw=[0.1, 0.2]), "addresses": None},
        {"areas": None, "addresses": None},
    ],
)
def test_where_nobody_is_known_to_live_nothing_is_expected(changes):
    found = class_completeness(small_town(**changes))
    assert found.loc["huisarts", "found"] == 1
    assert found[COMPLETENESS_COLUMNS[1:-1]].isna().all(axis=None)
    assert (found["complete_source"] == "").all()


def test_a_class_that_nobody_counts_is_unknown():
    places = points([10, 20], facility_class=["inloopvoorziening", "kapper"], id=["i", "k"])
    found = class_completeness(small_town(facilities=places))
    assert found["found"].tolist() == [1, 1]
    assert found["complete_share"].isna().all()


def test_a_list_that_is_complete_is_complete_and_what_it_lacks_is_not_there():
    town = small_town(classes=["huisarts", "supermarkt", "apotheek"], complete=True)
    assert town.absent == {"apotheek"}
    found = class_completeness(town)
    assert found["found"].tolist() == [1, 1, 0]
    assert found["expected"].tolist() == [1.0, 1.0, 0.0]
    assert found["complete_share"].tolist() == [1.0, 1.0, 1.0]
    assert dutch(found["complete_source"]) == ["volgens opgave volledig"] * 3
    some = small_town(complete=["supermarkt"])
    assert some.complete == {"supermarkt"}
    assert class_completeness(some).loc["supermarkt", "complete_share"] == 1.0
    assert some.replace(complete=()).complete == frozenset()
    later = some.replace(complete=["apotheek"], classes=("huisarts", "supermarkt", "apotheek"))
    assert (later.complete, later.absent) == ({"apotheek"}, {"apotheek"})


def test_what_is_known_not_to_be_there_is_completely_known():
    town = small_town(absent=["apotheek"], classes=["huisarts", "apotheek"])
    one = class_completeness(town).loc["apotheek"]
    assert one[["found", "expected", "complete_share"]].tolist() == [0, 0.0, 1.0]
    gone = small_town().replace(facilities=facilities().iloc[1:])
    assert class_completeness(gone).loc["huisarts", "complete_share"] == 1.0


@pytest.mark.parametrize("wrong", [["huisartz"], "huisartz"])
def test_a_class_that_is_not_asked_for_cannot_be_complete(wrong):
    with pytest.raises(StudyError, match="complete: huisartz are not among the classes"):
        small_town(complete=wrong)
    with pytest.raises(StudyError, match="complete: huisartz are not among"):
        small_town().replace(complete=wrong)
    with pytest.raises(StudyError, match="classes are names"):
        small_town(complete=[1])
    with pytest.raises(InputError, match="absent and have facilities"):
        small_town(absent=["huisarts"], complete=True)


def test_a_tile_is_as_complete_as_the_whole():
    town = geowoonzorg.Town.demo()
    whole = class_completeness(town)
    for tile in town.tiles(km=1, margin_m=2_000):
        pd.testing.assert_frame_equal(class_completeness(tile), whole)
        sent = pickle.loads(pickle.dumps(tile))  # noqa: S301 - our own
        pd.testing.assert_frame_equal(class_completeness(sent), whole)
        break


def test_what_is_given_back_can_be_changed():
    town = small_town()
    found = class_completeness(town)
    found.loc["huisarts", "found"] = 99
    assert class_completeness(town).loc["huisarts", "found"] == 1


def test_a_polygon_counts_where_its_inside_lies():
    whole = gpd.GeoDataFrame(
        {"facility_class": ["huisarts"], "id": ["h"]},
        geometry=[box(X0 + 290, Y0, X0 + 320, Y0 + 10)], crs=28992,
    )  # fmt: skip
    assert class_completeness(small_town(facilities=whole)).loc["huisarts", "found"] == 1


def test_every_number_that_ships_is_cited_and_in_order():
    counted = {k: c.expected for k, c in read_facility_classes().items() if c.expected}
    assert {"huisarts", "apotheek", "supermarkt", "basisschool", "ov_halte"} <= set(counted)
    for one in counted.values():
        least, likely, most = one.rates
        assert 0 < least <= likely <= most < 0.01
        assert str(one.year)[:2] == "20"
        assert one.source
        assert str(one.year) in one.citation


def test_rates_without_a_range_are_one():
    assert (
        Expected(count=10, inhabitants=1000, year=2022, source="x", citation="x").rates
        == (0.01,) * 3
    )


def test_for_people_without_a_town_the_same_number_is_expected():
    one = expect_facilities({"huisarts": 2, "bank": 7, "kapper": 1}, n_addresses=25_784)
    assert one.loc["huisarts", "expected"] == pytest.approx(25_784 * FOR_ONE * NIVEL)
    assert one.loc["huisarts", "complete_share"] == pytest.approx(2 / (25_784 * FOR_ONE * NIVEL))
    assert one.loc[["bank", "kapper"], "expected"].isna().all()
    assert one["found"].tolist() == [2, 7, 1]
    assert expect_facilities({"huisarts": 2})["expected"].isna().all()
    assert expect_facilities({}).empty


def test_kampen_has_two_of_about_fourteen_practices(shared_data):
    """The extract's 25.8 thousand addresses, and the country's practices for as many people."""
    found = read_facilities(shared_data / "kampen" / "kampen.osm.pbf", ["huisarts"], addresses=True)
    told = expect_facilities({"huisarts": len(found)}, n_addresses=found.attrs["n_addresses"])
    assert told.loc["huisarts", "found"] == 2
    assert 13 < told.loc["huisarts", "expected"] < 15
    assert told.loc["huisarts", "complete_source"].startswith("Nivel 2022")


def test_the_coverage_of_a_town_keeps_what_can_be_translated():
    town = small_town(areas=None)
    table = cover_town(town, town.nearest_array(limit_m=400)).set_index("facility_class")
    assert set(COMPLETENESS_COLUMNS) <= set(table.columns)
    assert dutch(table["complete_source"])[0] == "Nivel 2022, naar 5 adressen"


NUMBERS = {
    "facility_class": ["huisarts", "supermarkt", "bank", "apotheek", "basisschool", "bakker"],
    "found": [2, 14, 7, 0, 1, 0],
    "expected": [13.6, 12.0, np.nan, 0.0, 0.2, 3.0],
    "expected_high": [13.6, 14.0, np.nan, 0.0, 0.2, 3.0],
    "complete_share": [0.15, 1.0, np.nan, 1.0, 1.0, 0.0],
    "complete_source": ["Nivel 2022", "CBRE 2023", "", "known that there are none", "CBS 2022", "<b>x</b>"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        (
            "nl",
            [
                "2 gevonden, ±14 verwacht (Nivel 2022)", "14 gevonden, ±12 verwacht (12 tot 14; CBRE 2023)",
                "7 gevonden; hoeveel er zijn is niet bekend", "0 gevonden, bekend is dat er geen zijn",
                "1 gevonden, ±0,2 verwacht (CBS 2022)", "0 gevonden, ±3 verwacht (<b>x</b>)",
            ],
        ),
        (
            "en",
            [
                "2 found, ±14 expected (Nivel 2022)", "14 found, ±12 expected (12 to 14; CBRE 2023)",
                "7 found; how many there are is not known", "0 found, known that there are none",
                "1 found, ±0.2 expected (CBS 2022)", "0 found, ±3 expected (<b>x</b>)",
            ],
        ),
    ],
)  # fmt: skip
def test_pages_say_what_is_found_and_what_to_expect(lang, said):
    texts, table = read_texts(lang), pd.DataFrame(NUMBERS)
    within = dict.fromkeys(
        ("addresses", "addresses_within", "share_within", "people_65plus"), np.nan
    )
    classes = NUMBERS["facility_class"][:5]
    rows = coverage_rows(table.assign(**within), classes=classes, texts=texts)
    assert [row.found for row in rows] == said
    line = incomplete_line(table, classes=classes, texts=texts)
    assert line == f"{texts.facility_class('huisarts')[0]}: {said[0]}"  # the baker is not asked for
    by_homes = table.assign(
        complete_source=[tell("{source}, by {n:,} addresses", source="Nivel 2022", n=9)] * 6
    )
    assert incomplete_line(by_homes, classes=classes, texts=texts) == line
    # one more than is likely, but not as many as there may be: the rule of the distances, told by the same ends
    more = table.assign(expected_high=[13.6, 14.2, np.nan, 0.0, 0.2, 3.0])
    assert known_whole(more).tolist() == [False, False, False, True, True, False]
    told = incomplete_line(more, classes=classes, texts=texts)
    assert (
        told
        == f"{line}; {texts.facility_class('supermarkt')[0]}: {said[1].replace(' 14;', ' 15;')}"
    )
    before = table.drop(columns="found")
    assert incomplete_line(before, classes=classes, texts=texts) == ""
    assert coverage_rows(before.assign(**within), classes=classes, texts=texts)[0].found == ""


def test_map_and_report_say_it_and_escape_it():
    sites = points([100, 600], id=["x", "y"], name=["X", "Y"])
    town = small_town(areas=areas(inhabitants=[60_000.0, 40_000.0], share_65plus=[0.2, 0.5]))
    result = score_sites(town, sites, profile="geclusterd", draws=20)
    hostile = result.coverage.assign(complete_source="<img src=x onerror=alert(1)>")
    for page in (render_map(result), render_report(result)):
        assert "Niet zeker volledig" in page
        assert re.search(r"1 gevonden, ±28 verwacht \(\d+ tot \d+; Nivel 2022\)", page)
    bad = replace(result, tables={**result.tables, "coverage": hostile})
    assert "<img src=x" not in render_map(bad) + render_report(bad)
