"""Where more facilities reach most: against the town itself with the chosen ones added, and every other choice."""

from __future__ import annotations

import dataclasses
import itertools
import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
from english import run_command
from shapely.geometry import box
from small_town import CRS, X0, Y0, A, B, areas, points, small_town

import geowoonzorg
from geowoonzorg.errors import Cancelled, InputError, OutputError, StudyError
from geowoonzorg.measure.openings import weigh_homes
from geowoonzorg.prepare import demo_study

CLASS = "inloopvoorziening"


@pytest.fixture(scope="module")
def demo():
    return geowoonzorg.Town.demo()


def opened(town, places, facility_class):
    """Give the town with facilities at some places."""
    new = gpd.GeoDataFrame(
        {"id": "new " + places["id"].astype("str"), "facility_class": facility_class},
        geometry=places.geometry.to_numpy(), crs=town.crs,
    )  # fmt: skip
    return town.replace(facilities=pd.concat([town.facilities, new], ignore_index=True))


def metres(town, facility_class, limit_m):
    """Walk from every address, as everybody else does."""
    return town.nearest(facility_class, limit_m=limit_m)["distance_m"]


def alone(town, places, limit_m):
    """Walk from every address with each of the places open alone, as a column."""
    one = [places.iloc[[j]] for j in range(len(places))]
    return pd.concat(
        [metres(opened(town, p, "huisarts"), "huisarts", limit_m) for p in one], axis=1
    )


def candidates(*xs):
    return points(xs, id=[f"c{x:04d}" for x in xs])


@pytest.mark.parametrize("asked", [
    {"k": 3}, {"k": 2, "candidates": "addresses"}, {"k": 2, "limit_m": 250, "cell_m": 90},
    {"k": 2, "problem": "p_median"}, {"problem": "least_number", "share": 0.7},
])  # fmt: skip
def test_the_town_reaches_as_many_when_the_chosen_are_added(demo, asked):
    found = geowoonzorg.locate(demo, facility_class=CLASS, **asked)
    record, limit = found.records["locate"], asked.get("limit_m", 400)
    assert record["reached_before"] == metres(demo, CLASS, limit).notna().sum()
    for n in range(1, len(found.locations) + 1):
        after = opened(demo, found.locations.head(n), CLASS)
        assert (
            metres(after, CLASS, limit).notna().sum()
            == found.locations["reached_total"].iloc[n - 1]
        )
    sure = after.nearest(CLASS, limit_m=limit)["distance_high_m"].le(limit).sum()
    assert sure == record["reached_after_low"]
    assert record["reached_after"] == found.locations["reached_total"].iloc[-1]
    assert found.locations["order"].tolist() == list(range(1, len(found.locations) + 1))
    assert record["status"] == "optimal"
    assert record["gap"] == 0


def test_no_other_choice_of_a_small_town_reaches_more():
    """Enumerated with the town's own walks; the present huisarts at 300 m stays."""
    homes = points([0, 90, 180, 700, 760, 900, 1_250, 1_400, 1_900], id=list("abcdefghi"))
    town = small_town(addresses=homes)
    places = candidates(*range(50, 2_000, 210))
    for k, limit in ((2, 120), (3, 200)):
        found = geowoonzorg.locate(
            town, facility_class="huisarts", k=k, limit_m=limit, candidates=places
        )
        near = alone(town, places, limit).notna()
        best = max(
            near.iloc[:, list(few)].any(axis=1).sum()
            for few in itertools.combinations(range(len(places)), k)
        )
        assert found.records["locate"]["reached_after"] == best
        assert found.records["locate"]["bound"] == best


def test_no_other_choice_of_a_small_town_walks_less():
    homes = points([0, 90, 180, 700, 760, 900, 1_250, 1_400, 1_900], id=list("abcdefghi"))
    town, places = small_town(addresses=homes), candidates(*range(50, 2_000, 210))
    found = geowoonzorg.locate(
        town, facility_class="huisarts", k=2, limit_m=500, candidates=places, problem="p_median"
    )

    walks = alone(town, places, 500).fillna(500)
    best = min(
        walks.iloc[:, list(few)].min(axis=1).mean()
        for few in itertools.combinations(range(len(places)), 2)
    )
    after = metres(opened(town, found.locations, "huisarts"), "huisarts", 500)
    record = found.records["locate"]
    assert record["walked_after_m"] == pytest.approx(best, abs=1e-9)
    assert record["walked_after_m"] == pytest.approx(after.fillna(500).mean(), abs=1e-9)
    today = metres(town, "huisarts", 500).fillna(500)
    assert record["walked_before_m"] == pytest.approx(today.mean(), abs=1e-9)
    assert found.locations["walked_m"].iloc[-1] == record["walked_after_m"] == record["bound"]


def test_people_are_weighed_by_their_zone_and_told_in_fives():
    """50 live at each of two addresses in the first area, 1 at each of 60 in the other: people are not addresses."""
    homes = points([0, 20, *np.linspace(1_000, 1_040, 60)], id=[f"a{i}" for i in range(62)])
    town = small_town(
        addresses=homes, areas=areas(inhabitants=[100.0, 60.0], share_65plus=[0.2, 0.5])
    )
    asked = {"facility_class": "huisarts", "limit_m": 100, "candidates": candidates(10, 1_020)}
    by_address = geowoonzorg.locate(town, k=1, **asked)
    by_people = geowoonzorg.locate(town, k=1, weight="people", **asked)
    assert by_address.locations["id"].tolist() == ["c1020"]
    assert by_people.locations["id"].tolist() == ["c0010"]
    row, record = by_people.locations.iloc[0], by_people.records["locate"]
    # all of a zone that is wholly within reach: its own interval, 97.5 to 102.5
    assert (row["reached_new"], row["reached_new_low"], row["reached_new_high"]) == (
        100,
        97.5,
        102.5,
    )
    assert (record["reached_before"], record["reached_after"], record["bound"]) == (0, 100, 100)
    assert record["same_at_both_ends"]
    assert record["best_low"] == {"reached_after": 95, "ids": ["c0010"], "gap": 0.0}
    assert record["best_high"] == {"reached_after": 105, "ids": ["c0010"], "gap": 0.0}
    assert row["area_code"] == A


def test_the_choice_may_depend_on_what_is_not_known():
    """Of 65 and over there are 19 to 21 in one area and 19 to 22 in the other."""
    homes = points([0, 20, 1_000, 1_020], id=list("abcd"))
    town = small_town(
        addresses=homes, areas=areas(inhabitants=[100.0, 40.0], share_65plus=[0.2, 0.5])
    )
    weights = weigh_homes(town, "65plus")
    found = geowoonzorg.locate(
        town,
        facility_class="huisarts",
        limit_m=100,
        candidates=candidates(10, 1_010),
        weight="65plus",
    )
    first, second = (weights.loc[i] for i in "ac")
    assert (first["least"] > second["least"]) != (first["most"] > second["most"])
    assert not found.records["locate"]["same_at_both_ends"]


def test_who_is_not_counted_anywhere_takes_no_part():
    homes = points([0, 20, 1_000], id=list("abc"))
    town = small_town(
        addresses=homes, areas=areas(inhabitants=[100.0, np.nan], share_65plus=[0.2, 0.5])
    )
    found = geowoonzorg.locate(
        town, facility_class="huisarts", limit_m=100, candidates=candidates(1_000), weight="people"
    )
    assert found.locations.empty
    assert found.records["locate"]["unknown_addresses"] == 1
    unknown = small_town(areas=areas(stilte=[1.0, 1.0]))
    with pytest.raises(InputError, match="of no address is it known how many people live"):
        geowoonzorg.locate(unknown, facility_class="huisarts", weight="people")


def test_the_fewest_for_a_share():
    homes = points([0, 500, 1_000, 1_500], id=list("abcd"))
    town = small_town(
        addresses=homes, facilities=points([0], facility_class=["huisarts"], id=["h"])
    )
    asked = {
        "facility_class": "huisarts",
        "limit_m": 100,
        "candidates": candidates(500, 1_000, 1_500),
    }
    for share, n in ((0.25, 0), (0.26, 1), (0.75, 2), (1.0, 3)):
        found = geowoonzorg.locate(town, problem="least_number", share=share, **asked)
        record = found.records["locate"]
        assert (len(found.locations), record["k"], record["bound"], record["gap"]) == (n, n, n, 0)
    few = asked | {"candidates": candidates(500)}
    with pytest.raises(InputError, match=r"all 1 candidates together reach at most 0\.5"):
        geowoonzorg.locate(town, problem="least_number", share=0.8, **few)


def test_everybody_is_reached_already():
    found = geowoonzorg.locate(small_town(), facility_class="huisarts", k=2, limit_m=1_000)
    record = found.records["locate"]
    assert found.locations.empty
    assert (record["reached_before"], record["reached_after"], record["bound"], record["gap"]) == (
        5,
        5,
        5,
        0,
    )
    assert any("2 were asked, 0 are given" in note for note in found.notes)


def test_a_class_that_nobody_has_seen_is_reached_by_nobody():
    town = small_town(classes=["huisarts", "supermarkt", "apotheek"])
    found = geowoonzorg.locate(town, facility_class="apotheek", limit_m=500, k=1)
    assert found.records["locate"]["reached_before"] == 0
    assert found.records["locate"]["reached_after"] == 4
    assert any("not known whether all are on the map" in note for note in found.notes)
    known = town.replace(absent={"apotheek"})
    again = geowoonzorg.locate(known, facility_class="apotheek", limit_m=500, k=1)
    assert not any("not known whether" in note for note in again.notes)


def test_candidates_may_be_polygons_of_any_crs():
    plots = gpd.GeoDataFrame(
        {"id": ["plot"]}, geometry=[box(X0 + 880, Y0 + 5, X0 + 920, Y0 + 40)], crs=CRS
    ).to_crs(4326)
    found = geowoonzorg.locate(small_town(), facility_class="huisarts", candidates=plots)
    assert found.locations["id"].tolist() == ["plot"]
    assert found.locations.crs == CRS
    assert found.locations["area_code"].tolist() == [B]
    assert found.records["locate"]["reached_after"] == 5


def test_how_crowded_it_becomes_is_told_where_a_capacity_is_known():
    """40 places for the four near; a second one at 900 m takes the fifth."""
    places = points([300], facility_class=["huisarts"], id=["h"], capaciteit=[40.0])
    town = small_town(facilities=places)
    found = geowoonzorg.locate(
        town, facility_class="huisarts", capacity=10, candidates=candidates(900), limit_m=300
    )
    table = found.crowding.set_index("facility_id")
    # at 50, 150, 250 and 350 m: 250, 150, 50 and 50 m away; zones of 100, 200 and 300 m
    assert table.loc["h", "places_per_head_before"] == pytest.approx(40 / (1 + 1 + 0.68 + 0.22))
    assert table.loc["new c0900", "places_per_head_after"] == pytest.approx(10.0)
    assert np.isnan(table.loc["new c0900", "places_per_head_before"])
    assert table["demand"].tolist() == [4.0, 1.0]
    access = found.accessibility.set_index("id")
    per_head = 40 / (1 + 1 + 0.68 + 0.22)
    assert access.loc["b", "places_per_head_before"] == pytest.approx(0.68 * per_head)
    assert access.loc["e"].tolist() == [0.0, pytest.approx(10.0)]
    alone = town.replace(facilities=None, absent={"huisarts"})
    first = geowoonzorg.locate(
        alone, facility_class="huisarts", capacity=10, candidates=candidates(900), limit_m=300
    )
    assert first.crowding["places_per_head_after"].tolist() == [pytest.approx(10.0)]
    assert [one["facility_id"] for one in found.records["locate"]["facilities"]] == [
        "h",
        "new c0900",
    ]


def test_the_best_so_far_when_somebody_stops_the_choice(demo):
    def stop(fraction, message):
        if message == "choosing the best":
            raise Cancelled("cancelled; nothing was written")

    found = geowoonzorg.locate(demo, facility_class=CLASS, k=4, progress=stop)
    record = found.records["locate"]
    assert (record["status"], len(found.locations)) == ("cut_short", 4)
    assert record["gap"] > 0
    assert record["bound"] > record["reached_after"]
    assert "stopped before it was proven best" in " ".join(found.summary)


@pytest.mark.parametrize(("asked", "kind", "message"), [
    ({"k": 0}, StudyError, "k is 0: give a whole number of at least 1"),
    ({"k": 1.5}, StudyError, "k is 1.5: give a whole number"),
    ({"k": 3, "candidates": candidates(10, 900)}, InputError, "k is 3 and there are 2 candidates; give at most 2"),
    ({"facility_class": "bank"}, StudyError, "does not ask for the class bank"),
    ({"limit_m": -1}, StudyError, "limit"),
    ({"cell_m": 0}, StudyError, "cell"),
    ({"weight": "huishoudens"}, StudyError, "choose one of addresses, people, 65plus"),
    ({"problem": "best"}, StudyError, "choose one of coverage, p_median, least_number"),
    ({"problem": "least_number"}, StudyError, "give a share with the problem least_number"),
    ({"share": 0.5}, StudyError, "give a share with the problem least_number, and only then"),
    ({"problem": "least_number", "share": 1.5}, StudyError, "more than 0 and at most 1"),
    ({"capacity": 0}, StudyError, "capacity is 0"),
    ({"seconds": 0}, StudyError, "seconds is 0"),
    ({"gap": -0.1}, StudyError, "gap is -0.1"),
    ({"candidates": candidates(10).head(0)}, InputError, "candidates: there are none"),
    ({"candidates": "nowhere.gpkg"}, geowoonzorg.errors.GeowoonzorgError, "nowhere.gpkg"),
])  # fmt: skip
def test_what_makes_no_sense_is_refused(asked, kind, message):
    with pytest.raises(kind, match=message):
        geowoonzorg.locate(small_town(), **{"facility_class": "huisarts", **asked})


def test_a_town_without_addresses_has_nobody_to_reach():
    with pytest.raises(InputError, match="no addresses"):
        geowoonzorg.locate(small_town(addresses=None), facility_class="huisarts")


def test_the_command_writes_a_layer_and_its_record(tmp_path, capsys):
    study = demo_study()
    out = tmp_path / "new.gpkg"
    asked = ["locate", study, "--class", CLASS, "--k", "2", "--limit-m", "400", "-o", out]
    assert run_command(asked) == 0
    layer = gpd.read_file(out)
    record = json.loads(out.with_suffix(".json").read_text(encoding="utf-8"))
    assert pyogrio.list_layers(out)[:, 0].tolist() == ["locations"]
    assert layer.columns[:4].tolist() == ["id", "order", "reached_new", "reached_total"]
    contract = {"class", "k", "reached_before", "reached_after", "bound", "gap", "weight"}
    assert contract <= set(record)
    assert (record["class"], record["k"], record["weight"]) == (CLASS, 2, "addresses")
    assert record["reached_before"] + layer["reached_new"].sum() == record["reached_after"]
    assert run_command([*asked[:2], "-o", tmp_path / "other.gpkg"]) == 2
    assert "give --class, or name it in the study under [locate]" in capsys.readouterr().err


def test_a_study_says_what_is_looked_for(tmp_path):
    plots = tmp_path / "plots.csv"
    pd.DataFrame({"id": ["p", "q"], "x": [146_250, 146_950], "y": [506_450, 506_250]}).to_csv(
        plots, index=False
    )
    study = geowoonzorg.read_study(demo_study())
    said = geowoonzorg.study.LocateInput(facility_class=CLASS, k=1, candidates=plots)
    found = geowoonzorg.ask.ask_study("locate", dataclasses.replace(study, locate=said))
    assert found.records["locate"]["candidates"] == 2
    assert found.locations["id"].tolist() == ["p"]
    assert plots in found.inputs
    assert [one["role"] for one in found.provenance["inputs"]].count("candidates") == 1


@pytest.mark.parametrize(("line", "kind"), [
    ('candidates = "addresses"', "addresses"), ('candidates = "plots.gpkg"', "plots.gpkg"), ("", "cells"),
])  # fmt: skip
def test_candidates_of_a_study_are_words_or_a_file(tmp_path, line, kind):
    study = tmp_path / "study.toml"
    study.write_text(
        '[study]\nname = "x"\n[network]\nsource = "a.osm.pbf"\n[sites]\nsource = "s.csv"\n'
        f'[locate]\nclass = "huisarts"\n{line}\n', encoding="utf-8",
    )  # fmt: skip
    given = geowoonzorg.read_study(study).locate.candidates
    assert given == (kind if kind in {"addresses", "cells"} else tmp_path / kind)


def test_squares_are_people_and_no_addresses():
    """Of three squares the secret one may hold nobody or four; the others 20 and 5."""
    squares = points([0, 400, 900], id=["s1", "s2", "s3"]).assign(
        people_least=[17.5, 0.0, 2.5], people_most=[22.5, 4.0, 7.5],
        elderly_least=[0.0, 0.0, 2.5], elderly_most=[4.0, 4.0, 7.5],
    )  # fmt: skip
    town = small_town(areas=None).replace(addresses=squares, homes="squares")
    asked = {"facility_class": "supermarkt", "limit_m": 100, "candidates": candidates(0, 400, 900)}
    with pytest.raises(StudyError, match="has no addresses; give people or 65plus"):
        geowoonzorg.locate(town, **asked)
    found = geowoonzorg.locate(town, weight="people", k=3, **asked)
    assert found.locations["id"].tolist() == ["c0000", "c0900", "c0400"]
    assert found.locations[["reached_new_low", "reached_new_high"]].iloc[0].tolist() == [17.5, 22.5]
    elderly = geowoonzorg.locate(town, weight="65plus", **asked)
    assert elderly.locations["id"].tolist() == ["c0900"]


def test_a_tile_reaches_its_own_addresses(demo):
    tile = next(iter(demo.tiles(km=1.5, margin_m=1_000)))
    found = geowoonzorg.locate(tile, facility_class=CLASS, k=1, candidates="addresses")
    record = found.records["locate"]
    own = metres(demo, CLASS, 400).notna()[tile.addresses.index]
    assert record["reached_before"] == own.sum()
    after = metres(opened(demo, found.locations, CLASS), CLASS, 400).notna()[tile.addresses.index]
    assert record["reached_after"] == after.sum() > own.sum()


def test_an_index_may_have_the_name_of_the_key():
    homes = points([0, 20, 1_000], index=pd.Index(list("abc"), name="id"))
    town = small_town(addresses=homes)
    found = geowoonzorg.locate(town, facility_class="huisarts", limit_m=100, candidates="addresses")
    assert found.locations["id"].tolist() == ["a"]
    assert found.records["locate"]["candidates"] == 3


def test_who_comes_is_known_where_who_was_there_is_not():
    """The huisarts at 300 m is near people whom nobody has counted; the new one near a hundred."""
    homes = points([0, 20, 350], id=list("abc"))
    town = small_town(
        addresses=homes, areas=areas(inhabitants=[100.0, np.nan], share_65plus=[0.2, 0.5])
    )
    found = geowoonzorg.locate(
        town, facility_class="huisarts", limit_m=100, candidates=candidates(10), weight="people"
    )
    record = found.records["locate"]
    assert (record["reached_before"], record["reached_after"]) == (None, 100)
    assert found.locations["reached_new"].tolist() == [100]
    assert "it is not known how many people live within 100 m" in found.summary[0]
    json.dumps(record, allow_nan=False)


def test_a_second_answer_takes_the_place_of_the_first_but_not_of_anothers(tmp_path):
    town = small_town(addresses=points([0, 20, 350], id=list("abc")))
    found = geowoonzorg.locate(
        town, facility_class="huisarts", limit_m=100, candidates=candidates(10)
    )
    file = tmp_path / "new.gpkg"
    beside = tmp_path / "new.json"
    page = tmp_path / "new.html"
    assert found.write(file) == [file, beside, page]
    assert json.loads(beside.read_text(encoding="utf-8"))["class"] == "huisarts"
    assert "<!DOCTYPE html>" in page.read_text(encoding="utf-8")[:99]
    found.write(file)  # all three are ours
    page.write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError, match=r"new\.html exists already"):
        found.write(file)
    page.unlink()
    beside.write_text('{"class": "mine"}', encoding="utf-8")
    with pytest.raises(OutputError, match="exists already"):
        found.write(file)
    assert "mine" in beside.read_text(encoding="utf-8")
    found.write(file, force=True)
