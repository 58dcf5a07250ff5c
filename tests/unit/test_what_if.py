"""What if: by hand on one street, and what is wrong with a change."""

from __future__ import annotations

import copy

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from english import run_command
from small_town import X0, Y0, points, small_town
from test_glossary import is_named, rows

from geowoonzorg.ask import ask_study, compare, score_sites, what_if
from geowoonzorg.change import Change, read_change
from geowoonzorg.errors import Cancelled, StudyError
from geowoonzorg.measure import Reach
from geowoonzorg.measure.building import balance_after_building
from geowoonzorg.prepare import demo_study
from geowoonzorg.ranking.scoring_profile import parse_scoring_profile
from geowoonzorg.study import read_study
from geowoonzorg.town import Town
from geowoonzorg.town.changing import change_town
from geowoonzorg.town.reading import read_sites

PROFILE = parse_scoring_profile({
    "name": "toets", "title": "Toets", "description": "Voor een toets", "least_known_share": 0.0,
    "criterion": [
        {"key": "huisarts", "metric": "distance", "facility_class": "huisarts", "label": "Huisarts", "unit": "m",
         "weight": 2, "source": "toets", "anchors": [[0, 1], [1000, 0]]},
        {"key": "markt", "metric": "distance", "facility_class": "supermarkt", "label": "Markt", "unit": "m",
         "weight": 1, "source": "toets", "anchors": [[0, 1], [1000, 0]]},
        {"key": "n_woningen", "metric": "site", "column": "n_woningen", "label": "Woningen", "unit": "woningen",
         "weight": 1, "source": "toets", "anchors": [[0, 0], [40, 1]]},
    ],
})  # fmt: skip


@pytest.fixture(scope="module")
def demo():
    study = read_study(demo_study())
    return Town.read(study), read_sites(study)


def sites():
    return points([250, 950], id=["west", "oost"], n_woningen=[10, 20], index=[7, 3])


# --- what a town keeps ---------------------------------------------------------------------------


def same(answer, other):
    """Say that two answers are the same in every table."""
    assert list(answer.tables) == list(other.tables)
    for name, table in answer.tables.items():
        one, two = (
            t.to_wkb() if isinstance(t, gpd.GeoDataFrame) else t
            for t in (table, other.tables[name])
        )
        pd.testing.assert_frame_equal(one, two, check_exact=True)


def test_what_a_town_keeps_of_an_earlier_change_gives_the_same_as_all_anew():
    """Of a town that was never asked anything all is walked; of the other only what the change touches."""
    asked = [
        (sites(), Change(close="h")),
        (sites(), Change(cut={"coordinates": [[X0 + 275, Y0 - 9], [X0 + 275, Y0 + 9]]})),
        (sites().iloc[::-1].assign(n_woningen=[5, 6]), Change(move={"id": "s", "x": X0, "y": Y0})),
        (sites(), Change(close=["h", "s"], homes={"site": "oost", "n": 24})),
    ]
    town = small_town()
    for places, change in asked:
        fresh = what_if(town.replace(), places, change, profile=PROFILE)
        same(what_if(town, places, change, profile=PROFILE), fresh)


def test_a_change_that_is_stopped_leaves_nothing_half_known():
    town = small_town()
    change = Change(close="h")
    what_if(town, sites(), change, profile=PROFILE)

    def stop(_share, _what):
        raise Cancelled("cancelled; nothing was written")

    with pytest.raises(Cancelled):
        what_if(town, sites(), change, profile=PROFILE, progress=stop)
    fresh = what_if(town.replace(), sites(), change, profile=PROFILE)
    same(what_if(town, sites(), change, profile=PROFILE), fresh)
    assert town.kept
    assert not copy.deepcopy(town.kept)


# --- by hand -------------------------------------------------------------------------------------


def test_a_huisarts_that_opens_takes_over_who_is_nearer():
    """Homes at 50, 150, 250, 350 and 900 m; the huisarts at 300 m, another comes at 800."""
    answer = what_if(
        small_town(),
        sites(),
        Change(open={"class": "huisarts", "x": X0 + 800, "y": Y0}),
        profile=PROFILE,
    )
    table = answer.ledger.set_index("facility_id")
    assert table["state"].to_dict() == {"h": "stays", "new1": "opens"}
    assert table.loc["h", ["addresses_before", "addresses_after"]].tolist() == [5, 4]
    assert table.loc["new1", ["addresses_before", "addresses_after", "within_after"]].tolist() == [
        0,
        1,
        1,
    ]
    assert answer.addresses[["id", "facility_class", "change"]].to_numpy().tolist() == [
        ["e", "huisarts", "gained"]
    ]
    assert answer.addresses[
        ["distance_before_m", "distance_after_m"]
    ].round().to_numpy().tolist() == [[600.0, 100.0]]
    assert answer.handover[["from_id", "to_id", "addresses"]].to_numpy().tolist() == [
        ["h", "new1", 1]
    ]
    whole = answer.areas[answer.areas["area_code"].isna()].iloc[0]
    assert whole[["addresses", "within_before", "within_after", "gained", "lost"]].tolist() == [
        5,
        4,
        5,
        1,
        0,
    ]
    told = answer.sites
    assert told.index.tolist() == [7, 3]
    assert told["id"].tolist() == ["west", "oost"]
    # oost: 650 m before, 150 m after, over 1,000 m at half of the weight
    gain = told.loc[3, "score_after"] - told.loc[3, "score_before"]
    assert gain == pytest.approx(25.0, abs=0.01)
    assert told.loc[3, "why"] == "huisarts +25.0"
    assert told.loc[7, "score_after"] == told.loc[7, "score_before"]
    assert answer.criteria[["site_id", "criterion"]].to_numpy().tolist() == [["oost", "huisarts"]]


def test_the_people_who_gain_are_an_interval_that_is_no_finer_than_published():
    """Address e is one of two in area B, where 60 people live, half of them of 65 and over."""
    town = small_town()
    answer = what_if(town, None, Change(open={"class": "huisarts", "x": X0 + 800, "y": Y0}))
    row = answer.areas[answer.areas["area_code"] == "BU01660002"].iloc[0]
    assert row["people_gained"] == 30.0
    assert 0 <= row["people_low_gained"] < 30 < row["people_high_gained"] <= 65
    assert {row[c] % 5 for c in ("people_low_gained", "people_high_gained")} == {0.0}
    assert row["people_65plus_gained"] == 15.0
    none = answer.areas[answer.areas["area_code"] == "BU01660001"].iloc[0]
    assert none[["gained", "people_gained", "people_high_gained"]].tolist() == [0, 0.0, 0.0]


def test_who_moves_one_into_the_water_is_told_so_at_once():
    moved = Change(move={"id": "h", "x": X0 + 300, "y": Y0 + 700})
    answer = what_if(small_town(), None, moved)
    assert any("as in water: nobody can walk to it" in line for line in answer.summary)
    assert set(answer.addresses["change"]) == {"lost", "further"}


def test_the_last_of_a_class_that_closes_leaves_none():
    town = small_town()
    answer = what_if(town, sites(), Change(close="h"), profile=PROFILE)
    after = change_town(town, Change(close="h"))
    assert "huisarts" in after.absent
    assert any("last one closes" in note for note in answer.notes)
    assert any("last one closes" in line for line in answer.summary)
    assert set(answer.addresses["change"]) == {"lost", "further"}
    assert answer.addresses["distance_after_m"].isna().all()
    assert answer.ledger["state"].tolist() == ["closes"]
    assert answer.handover["to_id"].isna().all()
    # known not to exist: the worst value, and not unknown
    parts = answer.criteria.set_index(["site_id", "criterion"])
    assert parts.loc[("west", "huisarts"), "value_after"] == 0.0
    assert np.isnan(parts.loc[("west", "huisarts"), "raw_after"])


def test_a_facility_that_moves_keeps_its_id_and_loses_its_own_doors():
    town = small_town()
    shops = town.facilities.assign(entrances=["POINT (5 52)", None])
    after = change_town(
        town.replace(facilities=shops), Change(move={"id": "h", "x": X0 + 800, "y": Y0})
    )
    moved = after.facilities.set_index("id").loc["h"]
    assert (moved.geometry.x, moved.geometry.y) == (X0 + 800, Y0)
    assert pd.isna(moved["entrances"])
    answer = what_if(town, None, Change(move={"id": "h", "x": X0 + 800, "y": Y0}))
    assert answer.ledger.iloc[0][["facility_id", "state", "within_before", "within_after"]].tolist() == [
        "h", "moves", 4, 1,
    ]  # fmt: skip
    assert sorted(answer.addresses["change"]) == ["gained", "lost", "lost", "lost", "lost"]


def test_degrees_are_a_place_like_any_other():
    town = small_town()
    lon, lat = gpd.GeoSeries.from_xy([X0 + 800], [Y0], crs=28992).to_crs(4326).iloc[0].coords[0]
    one = change_town(town, Change(open={"class": "huisarts", "lon": lon, "lat": lat}))
    at = one.facilities.geometry.iloc[-1]
    assert (at.x, at.y) == pytest.approx((X0 + 800, Y0), abs=0.01)


def test_homes_change_the_site_that_they_are_built_on_and_nobodys_walk():
    answer = what_if(small_town(), sites(), Change(homes={"west": 40}), profile=PROFILE)
    told = answer.sites.set_index("id")
    assert told["homes_around"].tolist() == [40.0, 0.0]
    assert told["why"].tolist() == ["n_woningen +18.8", ""]  # from 10 to 40 of 40, at a quarter
    built = answer.homes.set_index("facility_class")
    assert built.loc["huisarts", "within"]
    assert built.loc["supermarkt", ["site_id", "homes"]].tolist() == ["west", 40]
    assert answer.ledger.empty
    assert answer.addresses.empty


def test_the_balance_changes_around_all_who_can_walk_to_the_homes(demo):
    """As the balance after building says it for a site by itself; around several, one after the other."""
    town, places = demo
    planned = places.set_index("id")["n_woningen"].dropna()
    one, other = planned.index[0], "beside"
    beside = places[places["id"] == one].assign(id=other)
    beside = beside.set_geometry(beside.geometry.translate(20.0, 0.0))
    places = pd.concat([places, beside], ignore_index=True)
    alone = balance_after_building(Reach(town, places))["balans_after"]
    told = what_if(town, places, Change(homes={one: int(planned[one])})).sites.set_index("id")
    assert told.loc[one, "balans_after"] == pytest.approx(alone[one], abs=1e-12)
    both = what_if(town, places, Change(homes={one: 30, other: 20})).sites.set_index("id")
    once = places.assign(n_woningen=places["n_woningen"].where(places["id"] != one, 50))
    together = balance_after_building(Reach(town, once))["balans_after"]
    assert both.loc[one, "homes_around"] == 50.0
    assert both.loc[one, "balans_after"] == pytest.approx(together[one], abs=1e-12)
    far = both[both["homes_around"] == 0]
    assert len(far)
    np.testing.assert_array_equal(far["balans_after"], far["balans_before"])


def test_squares_are_people_and_no_addresses():
    town = small_town()
    squares = town.addresses.assign(
        people_least=[5.0] * 5,
        people_most=[5.0] * 5,
        elderly_least=[0.0] * 5,
        elderly_most=[4.0] * 5,
    )
    town = town.replace(addresses=squares, homes="squares")
    answer = what_if(town, None, Change(close="h"))
    row = answer.ledger.iloc[0]
    assert np.isnan(row["addresses_before"])
    assert row[["people_before", "people_low_before", "people_high_before"]].tolist() == [25.0] * 3
    assert row[["people_65plus_low_before", "people_65plus_high_before"]].tolist() == [0.0, 20.0]


def test_a_town_without_addresses_or_areas_tells_of_its_sites():
    town = small_town(addresses=None, areas=None)
    answer = what_if(town, sites(), Change(close="h"), profile=PROFILE)
    assert answer.addresses.empty
    assert answer.areas.empty
    assert answer.ledger["state"].tolist() == ["closes"]
    assert answer.ledger[["addresses_before", "people_before"]].isna().all(axis=None)
    assert answer.sites["score_after"].lt(answer.sites["score_before"]).all()


def test_a_path_and_a_cut_on_the_street():
    town = small_town()
    cut = change_town(
        town, Change(cut={"coordinates": [[X0 + 300.5, Y0 - 5], [X0 + 300.5, Y0 + 5]]})
    )
    metres = cut.nearest("huisarts")["distance_m"]
    assert metres.notna().tolist() == [True, True, True, False, False]
    again = change_town(
        cut, Change(path={"coordinates": [[X0 + 250, Y0], [X0 + 300, Y0 + 40], [X0 + 350, Y0]]})
    )
    around = again.nearest("huisarts")["distance_m"]
    assert around[4] > town.nearest("huisarts")["distance_m"][4] + 50
    answer = what_if(
        town,
        sites(),
        Change(cut={"coordinates": [[X0 + 300.5, Y0 - 5], [X0 + 300.5, Y0 + 5]]}),
        profile=PROFILE,
    )
    assert sorted(answer.addresses["change"]) == [
        "further",
        "further",
        "further",
        "further",
        "lost",
    ]
    assert answer.provenance["change"]["cut"][0]["coordinates"][0] == [X0 + 300.5, Y0 - 5]


# --- what is wrong -----------------------------------------------------------------------------------


def test_all_that_is_wrong_is_told_at_once_with_what_is_near():
    change = Change(
        close=["hh"], move={"id": "x", "x": X0, "y": Y0},
        open=[{"class": "huisart", "x": X0, "y": Y0}, {"class": "huisarts", "x": X0, "y": Y0, "id": "h"}],
        cut={"ways": ["w9"]},
    )  # fmt: skip
    with pytest.raises(StudyError) as told:
        what_if(small_town(), None, change)
    text = str(told.value)
    for part in (
        "5 faults",
        "close[1].id",
        "near it are h",
        "move[1].id",
        "near it are huisarts",
        "h is taken",
        "w9",
    ):
        assert part in text, text


def test_a_facility_in_water_is_told():
    town = small_town()
    answer = what_if(town, None, Change(move={"id": "h", "x": X0 + 300, "y": Y0 + 3_000}))
    assert any("h lies within 100 m of no street" in note for note in answer.notes)
    assert answer.ledger["addresses_after"].tolist() == [0]


def test_a_path_that_reaches_no_street_is_refused():
    line = {"coordinates": [[X0, Y0 + 20], [X0 + 50, Y0 + 30]]}
    with pytest.raises(
        StudyError,
        match=r"path\[1\]: no vertex lies within 1 m of a street, its nearer end at 20 m",
    ):
        change_town(small_town(), Change(path=line))


def test_homes_on_a_site_that_is_not_there_are_refused():
    with pytest.raises(StudyError, match="no site has the id 'wst'; near it are west"):
        what_if(small_town(), sites(), Change(homes={"wst": 3}), profile=PROFILE)
    with pytest.raises(StudyError, match="no site has the id"):
        what_if(small_town(), None, Change(homes={"west": 3}))


def test_a_path_that_the_profile_closes_is_refused(demo):
    town, _ = demo
    x, y = town.network.node_xy[0].tolist()
    line = {"coordinates": [[x, y], [x + 30, y]], "tags": {"highway": "steps"}}
    with pytest.raises(StudyError, match=r"path\[1\].tags: closed to rollator: steps"):
        change_town(town, Change(path=line))


def test_a_tile_is_not_changed(demo):
    tile = next(iter(demo[0].tiles(km=1)))
    with pytest.raises(StudyError, match="a tile of a town is not changed"):
        change_town(tile, Change(close="x"))


# --- the command -----------------------------------------------------------------------------------


def test_every_column_is_in_the_glossary():
    terms = {row[0].strip("`") for row in rows()}
    answer = what_if(small_town(), sites(), Change(close="h", homes={"west": 5}), profile=PROFILE)
    later = score_sites(small_town(), sites(), profile=PROFILE, draws=0)
    tables = {**answer.tables, **compare(later, later).tables}
    missing = {
        str(column)
        for table in tables.values()
        for column in table
        if not is_named(str(column), terms)
    }
    assert not missing


def test_the_command_reads_a_change_and_writes_all_tables(tmp_path, capsys):
    town = Town.demo()
    name = town.places("apotheek")["id"].iloc[0]
    file = tmp_path / "change.toml"
    file.write_text(f'[[close]]\nid = "{name}"\n\n[[homes]]\nsite = "K01"\nn = 24\n')
    assert read_change(file) == read_change(file)
    assert read_change(file).close[0].id == name
    out = tmp_path / "out"
    assert run_command(["what-if", demo_study(), file, "--out", out]) == 0
    written = {path.name for path in (tmp_path / "out").iterdir()}
    assert {"ledger.csv", "sites.csv", "addresses.gpkg", "areas.csv", "provenance.json"} <= written
    table = pd.read_csv(
        tmp_path / "out" / "sites.csv", sep=None, engine="python", encoding="utf-8-sig"
    )
    assert {"id", "score_before", "score_after", "rank_before", "rank_after", "why"} <= set(table)
    answer = ask_study("what-if", demo_study(), file)
    assert "change" in {one["role"] for one in answer.provenance["inputs"]}
    file.write_text('[[homes]]\nsite = "K01"\nn = 2.5\n\n[[clos]]\nid = "V1"\n')
    capsys.readouterr()
    assert run_command(["what-if", demo_study(), file, "--out", out]) == 2
    told = capsys.readouterr().err
    assert "has 2 faults" in told
    assert "homes[1].n: must be a whole number" in told
    assert "clos: unknown key; did you mean close?" in told
    assert (out / "ledger.csv").is_file()


@pytest.mark.parametrize("where", [{"x": 0, "y": 0}, {"lon": 0, "lat": 0}])
def test_a_place_far_from_all_streets_is_the_changes_fault(where):
    change = Change(open={"class": "huisarts", **where}, move={"id": "h", **where})
    with pytest.raises(StudyError, match=r"open\[1\].*outside the streets(?s:.*)move\[1\]"):
        what_if(small_town(), None, change)
