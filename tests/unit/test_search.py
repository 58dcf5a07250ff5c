"""Places that nobody has named: what a cell comes to, what may not be looked at, and the spots that are chosen."""

from __future__ import annotations

import json
from importlib import import_module

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from english import run_command
from shapely.geometry import box
from small_town import CRS, X0, Y0, areas, points, small_town, write_grid

import geowoonzorg
from geowoonzorg.ask._named import named, named_by_street
from geowoonzorg.ask.search import search
from geowoonzorg.errors import Cancelled, CrsError, GeometryError, InputError, StudyError
from geowoonzorg.prepare import demo_study
from geowoonzorg.ranking.scoring_profile import parse_scoring_profile, read_scoring_profile
from geowoonzorg.town import Town

NAN = float("nan")
asking = import_module("geowoonzorg.ask.search")  # the room; the package gives its question


def profile(*more, least=0.0, homes=False):
    """Give a profile: 100 points beside the huisarts, none from 1,000 m."""
    near = {
        "key": "huisarts", "label": "huisarts", "unit": "m", "metric": "distance", "facility_class": "huisarts",
        "weight": 1, "anchors": [[0, 1.0], [1000, 0.0]], "source": "toets",
    }  # fmt: skip
    own = {
        "key": "woningen", "label": "woningen", "unit": "", "metric": "site", "column": "n_woningen", "weight": 1,
        "source": "toets", "anchors": [[0, 0.0], [40, 1.0]],
        "knock_out": {"below": 5, "reason": "te klein", "reason_en": "too small"},
    }  # fmt: skip
    return parse_scoring_profile({
        "name": "p", "title": "p", "description": "p", "least_known_share": least,
        "criterion": [near, *([own] if homes else []), *more],
    })  # fmt: skip


def known_town(**changes):
    """Give the town on one street, of which every huisarts is known."""
    town = small_town(**changes)
    return town.replace(complete=frozenset({"huisarts", "supermarkt"}))


def band(answer, name):
    return answer.grids["suitability"].bands[name]


def at(answer, x, y):
    """Give the row and the column of the cell at a place, metres from the start of the street."""
    grid = answer.grids["suitability"]
    return int((grid.north - (Y0 + y)) // grid.cell_m), int((X0 + x - grid.west) // grid.cell_m)


def test_a_cell_is_worth_what_the_walk_from_its_centre_is():
    found = search(known_town(), profile=profile(), cell_m=50)
    # the centre at 125 m along and 25 m beside the street: 25 + 175 m to the huisarts at 300 m
    assert band(found, "score")[at(found, 125, 25)] == pytest.approx(80.0, abs=0.02)
    assert band(found, "why")[at(found, 125, 25)] == 0
    assert band(found, "why")[at(found, 125, 225)] == 4  # 225 m from any street
    assert np.isnan(band(found, "score")[at(found, 125, 225)])
    grid = found.grids["suitability"]
    assert (grid.west % 50, grid.north % 50) == (0, 0)


def test_values_of_a_cell_are_those_of_a_site_there(monkeypatch):
    monkeypatch.setattr(asking, "_BLOCK", 29)  # where blocks begin changes nothing
    kept = []
    blocks = asking._score_blocks

    def keep(*given, **named):
        kept.append((given[1], blocks(*given, **named)))
        return kept[0][1]

    monkeypatch.setattr(asking, "_score_blocks", keep)
    town = Town.demo()
    found = search(town, cell_m=400, homes=24, assume={"ontmoetingsruimte": "ja"})
    places, scores = kept[0]
    sites = places[["id", "geometry"]].assign(n_woningen=24, ontmoetingsruimte="ja")
    wanted = geowoonzorg.score_sites(town, sites, draws=1).sites.reset_index(drop=True)
    for name in ("score", "score_low", "score_high", "known_weight_share"):
        a, b = scores[name].to_numpy(float), wanted[name].to_numpy(float)
        assert np.allclose(a, b, rtol=0, atol=1e-9, equal_nan=True), name
    assert (scores["why"] == 0).tolist() == (
        wanted["score"].notna() & ~wanted["knocked_out"]
    ).tolist()
    assert np.nanmax(band(found, "score")) == np.float32(scores["score"].max())


def test_no_cell_on_forbidden_ground_and_none_beside_allowed_ground():
    town = known_town()
    south = gpd.GeoDataFrame(geometry=[box(X0 - 100, Y0 - 500, X0 + 2_100, Y0)], crs=CRS)
    found = search(town, profile=profile(), cell_m=50, allow=south.to_crs(4326))
    scored = np.argwhere(band(found, "why") == 0)
    assert len(scored)
    assert (scored[:, 0] >= at(found, 0, -1)[0]).all()
    pond = gpd.GeoDataFrame(geometry=[box(X0 + 200, Y0 - 60, X0 + 400, Y0 - 20)], crs=CRS)
    wet = search(town, profile=profile(), cell_m=50, allow=[south], forbid=[pond])
    lost = (band(found, "why") == 0) & (band(wet, "why") != 0)
    rows, _ = np.nonzero(lost)
    assert len(rows) == 4  # the centres at 225, 275, 325 and 375 m, 25 m south of the street
    assert (band(wet, "why")[lost] == 3).all()
    assert set(rows.tolist()) == {at(found, 0, -25)[0]}


def test_a_raster_allows_every_value_but_0(tmp_path):
    path = write_grid(
        tmp_path / "grond.tif", [[1.0, 0.0], [NAN, 7.0]], west=X0 - 1000, north=Y0 + 1000
    )
    found = search(known_town(), profile=profile(), cell_m=50, allow=[path])
    north_west, south_east = (
        band(found, "why")[at(found, -25, 25)],
        band(found, "why")[at(found, 125, -25)],
    )
    assert (north_west, south_east) == (0, 0)
    assert band(found, "why")[at(found, 125, 25)] == 3
    assert band(found, "why")[at(found, -25, -25)] == 3  # no value is not allowed
    assert [one["role"] for one in found.provenance["inputs"]][-1] == "allow"


def test_what_is_not_assumed_is_unknown_and_what_is_too_small_falls_out():
    town = known_town()
    silent = search(town, profile=profile(least=0.6, homes=True), cell_m=100)
    here = at(silent, 150, 50)
    assert band(silent, "why")[here] == 1
    assert np.isnan(band(silent, "score")[here])
    assert band(silent, "known_weight_share")[here] == pytest.approx(0.5)
    small = search(town, profile=profile(least=0.6, homes=True), cell_m=100, homes=4)
    assert band(small, "why")[here] == 2
    assert any("worst" in str(note) for note in silent.notes)
    told = search(town, profile=profile(least=0.6, homes=True), cell_m=100, homes=20)
    walk = 50 + 150
    assert band(told, "score")[here] == pytest.approx((100 * (1 - walk / 1000) + 50) / 2, abs=0.02)


def test_spots_are_the_best_set_and_are_told_as_sites():
    found = search(known_town(), profile=profile(), cell_m=50, spots=2, apart_m=500, homes=None)
    spots = found.spots
    assert spots["rank"].tolist() == [1, 2]
    assert spots["apart_m"].min() >= 500
    assert (spots["apart_walk_m"] >= spots["apart_m"] - 1e-6).all()
    record = found.records["search"]
    assert record["spots"] == 2
    assert record["gap"] == 0
    assert record["objective"] == pytest.approx(spots["score"].sum())
    # every pair of cells with a score, one by one
    rows, columns = np.nonzero(band(found, "why") == 0)
    points_of = band(found, "score")[rows, columns].astype(float)
    apart = 50 * np.hypot(rows[:, None] - rows, columns[:, None] - columns)
    best = np.where(apart >= 500, points_of[:, None] + points_of, -1).max()
    assert record["objective"] == pytest.approx(best, abs=1e-4)
    assert found.criteria["site_id"].unique().tolist() == spots["id"].tolist()
    assert found.criteria["contribution"].sum() == pytest.approx(record["objective"])


def test_a_spot_is_part_of_a_piece_of_ground_of_the_size_asked_for():
    two = gpd.GeoDataFrame(
        geometry=[
            box(X0 + 250, Y0, X0 + 300, Y0 + 50),
            box(X0 + 800, Y0 - 50, X0 + 900, Y0 + 50),
        ],
        crs=CRS,
    )
    asked = {"profile": profile(), "cell_m": 50, "allow": [two], "spots": 1}
    near = search(known_town(), **asked).spots
    assert near["piece_m2"].tolist() == [2_500]
    large = search(known_town(), min_area_m2=10_000, **asked).spots
    assert large["piece_m2"].tolist() == [10_000]
    assert large["score"][0] < near["score"][0]
    with pytest.raises(InputError, match="the largest is 10000 m2"):
        search(known_town(), min_area_m2=10_001, **asked)
    unknown = {**asked, "profile": "geclusterd"}
    with pytest.raises(
        InputError, match=r"none of the 5 places has a score: of 5 too little is known"
    ):
        search(known_town(), **unknown)


def test_spots_of_one_wijk_are_no_more_than_asked():
    shapes = [box(X0 - 100, Y0 - 500, X0 + x, Y0 + 500) for x in (600, 2_100)]
    other = gpd.GeoDataFrame(
        geometry=[shapes[0], shapes[1] - shapes[0]], index=["BU01660001", "BU01660101"], crs=CRS
    )
    town = known_town(areas=other)
    asked = {"profile": profile(), "cell_m": 50, "spots": 2}
    assert set(search(town, **asked).spots["wijk_code"]) == {"WK016600"}
    one_each = search(town, max_per_wijk=1, **asked)
    assert sorted(one_each.spots["wijk_code"]) == ["WK016600", "WK016601"]
    assert one_each.records["search"]["costs"]["max_per_wijk"] > 0


def test_only_areas_with_dragers_to_spare():
    town = Town.demo()
    found = search(town, cell_m=400, profile=profile(), dragers_to_spare=True)
    rows, columns = np.nonzero(band(found, "why") == 0)
    grid = found.grids["suitability"]
    centres = gpd.points_from_xy(
        grid.west + (columns + 0.5) * 400, grid.north - (rows + 0.5) * 400, crs=grid.crs
    )
    inside = gpd.GeoDataFrame(geometry=centres).sjoin(town.areas[["balans", "geometry"]])
    assert len(inside)
    assert (inside["balans"] < 0).all()
    with pytest.raises(StudyError, match="of no area the balance is known"):
        search(known_town(), profile=profile(), dragers_to_spare=True)


def buildings():
    return gpd.GeoDataFrame(
        {
            "identificatie": ["p1", "p2", "p3", "p4"],
            "gebruiksdoel": ["kantoorfunctie", "woonfunctie,kantoorfunctie", "woonfunctie", None],
            "oppervlakte": [900.0, 300.0, 2_000.0, 5_000.0],
            "bouwjaar": [1975, 1990, 1960, 2001],
        },
        geometry=[box(X0 + x, Y0 + 10, X0 + x + 20, Y0 + 30) for x in (100, 280, 500, 290)],
        crs=CRS,
    )


def test_buildings_can_be_looked_at_instead_of_cells(tmp_path):
    path = tmp_path / "panden.gpkg"
    buildings().to_file(path)
    asked = {"profile": profile(), "cell_m": 50, "spots": 1, "building_use": ["kantoorfunctie"]}
    found = search(known_town(), buildings=path, **asked)
    assert found.spots["id"].tolist() == [
        "p2"
    ]  # p4 is as near, but what it is used for is not known
    assert found.records["search"]["scored"] == 2
    assert (band(found, "why") == 0).sum() == 2
    assert search(known_town(), buildings=path, min_floor_m2=500, **asked).spots["id"].tolist() == [
        "p1"
    ]
    assert (
        search(known_town(), buildings=path, built_from=1980, **asked).records["search"]["scored"]
        == 1
    )
    with pytest.raises(InputError, match="none of the 4 has the use, floor and year"):
        search(known_town(), buildings=path, built_until=1970, **asked)


@pytest.mark.parametrize(
    ("asked", "error", "words"),
    [
        ({"homes": 0}, StudyError, "homes is 0"),
        ({"homes": 2.5}, StudyError, "homes is 2.5"),
        ({"homes": 9, "assume": {"n_woningen": "8"}}, StudyError, "give one of the two"),
        ({"assume": {"zwembad": "ja"}}, StudyError, "asks nothing of a site that is called zwembad"),
        ({"assume": {"n_woningen": "veel"}}, StudyError, "n_woningen cannot be veel; give a number"),
        ({"cell_m": 0}, StudyError, "cell_m is 0"),
        ({"cell_m": NAN}, StudyError, "cell_m is nan"),
        ({"cell_m": 0.1}, StudyError, "give cell_m of at least 1"),
        ({"cell_m": 50_000}, StudyError, "give a smaller cell_m"),
        ({"spots": 2, "apart_m": 9_000}, StudyError, "apart|9,?000"),
        ({"spots": 0}, StudyError, "0"),
        ({"allow": ["no.gpkg"]}, geowoonzorg.errors.SourceError, "no.gpkg"),
        ({"allow": [points([0])]}, GeometryError, "allow"),
        ({"forbid": [areas().set_crs(None, allow_override=True)]}, CrsError, "forbid"),
        ({"forbid": [areas()]}, InputError, "no place to look at: of .* on ground that is not allowed"),
        ({"allow": [areas().to_crs(4326).translate(2.0).to_frame("geometry")]}, InputError, "allow more ground"),
    ],
)  # fmt: skip
def test_what_cannot_be_searched_is_refused_with_what_to_do(asked, error, words):
    asked = {"profile": profile(homes=True), "cell_m": 100, **asked}
    with pytest.raises(error, match=words):
        search(known_town(), **asked)


def test_a_town_without_addresses_or_areas_can_be_searched():
    town = known_town(addresses=None, areas=None)
    people = {
        "key": "mensen", "label": "m", "unit": "", "metric": "people_within", "weight": 1,
        "source": "toets", "anchors": [[0, 0.0], [10, 1.0]],
    }  # fmt: skip
    found = search(town, profile=profile(people), cell_m=100, spots=1)
    assert found.spots["wijk_code"].isna().all()
    assert found.criteria.set_index("criterion").loc["mensen", "reason"] == "no_homes"
    grid = found.grids["suitability"]
    assert grid.west <= X0 - 100  # as far as people walk to a street
    with pytest.raises(StudyError, match="no areas with a wijk"):
        search(town, profile=profile(), cell_m=100, spots=1, max_per_wijk=1)


def test_a_search_stops_when_it_is_told_to():
    told = []

    def stop(fraction, message):
        told.append(fraction)
        if fraction > 0.3:
            raise Cancelled("stop")

    with pytest.raises(Cancelled):
        search(known_town(), profile=profile(), cell_m=50, progress=stop)
    assert told == sorted(told)


def test_the_files_are_those_that_were_promised(tmp_path):
    import rasterio

    found = search(
        known_town(), profile=profile(homes=True), cell_m=50, homes=20, spots=2, apart_m=100
    )
    files = found.write(tmp_path / "out")
    assert [file.name for file in files] == [
        "map.html",
        "spots.gpkg",
        "suitability.tif",
        "search.json",
        "provenance.json",
    ]
    with rasterio.open(files[2]) as dataset:
        assert dataset.descriptions == (
            "score",
            "score_low",
            "score_high",
            "known_weight_share",
            "why",
        )
        assert dataset.dtypes == ("float32",) * 5
        assert dataset.crs.to_epsg() == 28992
        why, score = dataset.read(5), dataset.read(1)
    assert set(np.unique(why)) <= {0, 1, 2, 3, 4}
    assert (np.isnan(score) == (why != 0)).all()
    spots = gpd.read_file(files[1], layer="spots")
    first = [
        "id",
        "rank",
        "score",
        "score_low",
        "score_high",
        "known_weight_share",
        "wijk_code",
        "homes",
    ]
    assert spots.columns[:8].tolist() == first
    assert {"huisarts_raw", "huisarts_value", "huisarts_contribution", "n_woningen"} <= set(spots)
    assert spots["homes"].tolist() == [20, 20]
    record = json.loads(files[3].read_text(encoding="utf-8"))
    assert {"objective", "bound", "gap", "spots", "apart_m"} <= set(record)
    again = search(
        known_town(), profile=profile(homes=True), cell_m=50, homes=20, spots=2, apart_m=100
    )
    assert (again.write(tmp_path / "again")[2]).read_bytes() == files[2].read_bytes()


def test_a_study_that_only_searches_needs_no_sites(tmp_path):
    demo = demo_study()
    text = demo.read_text(encoding="utf-8").replace('"../', f'"{demo.parent.parent}/')
    for name in sorted(p.name for p in demo.parent.iterdir()):
        text = text.replace(f'"{name}"', f'"{demo.parent / name}"')
    before, _, after = text.partition("[sites]")
    text = before + after.partition("\n[")[1] + after.partition("\n[")[2]
    study = tmp_path / "study.toml"
    study.write_text(text + "\n[search]\ncell_m = 500\nhomes = 24\n", encoding="utf-8")
    out = tmp_path / "out"
    words = [
        "search",
        study,
        "--out",
        out,
        "--assume",
        "ontmoetingsruimte=ja",
        "--spots",
        "2",
        "--apart-m",
        "700",
    ]
    assert run_command(words) == 0
    record = json.loads((out / "search.json").read_text(encoding="utf-8"))
    assert (record["cell_m"], record["spots"], record["apart_m"]) == (500, 2, 700)
    assert record["assumed"] == {"n_woningen": 24, "ontmoetingsruimte": "ja"}
    assert (
        run_command(["run", study, "--out", tmp_path / "run"]) == 0
    )  # of its questions what it can
    assert (tmp_path / "run" / "search.html").exists()
    assert not (tmp_path / "run" / "map.html").exists()
    assert run_command(["search", study, "--out", out, "--assume", "ja"]) == 2
    assert run_command(["search", study, "--out", out, "--cell-m", "-1"]) == 2
    assert run_command(["search", study, "--out", out, "--allow", tmp_path / "no.gpkg"]) == 4


def test_the_shipped_profile_can_be_searched_with_nothing_assumed():
    found = search(small_town(), profile="geclusterd", cell_m=100)
    blank = [c.column for c in read_scoring_profile("geclusterd").criteria if c.metric == "site"]
    assert sum("--assume" in str(note) for note in found.notes) == len(blank)
    assert found.spots.empty
    assert pd.isna(found.records["search"]["objective"])


def test_how_long_is_looked_for_spots_is_asked(monkeypatch):
    """What is asked reaches who chooses; time that is none is refused before anything is looked at."""
    heard = []
    rooms = import_module("geowoonzorg.ask._spots")
    choose = rooms.choose_spots
    monkeypatch.setattr(
        rooms, "choose_spots", lambda *a, **k: heard.append(k["seconds"]) or choose(*a, **k)
    )
    search(Town.demo(), cell_m=500.0, spots=1, seconds=7.0)
    assert heard == [7.0]
    with pytest.raises(StudyError, match="seconds is 0: give a number above 0"):
        search(Town.demo(), cell_m=500.0, spots=1, seconds=0)


def test_a_spot_is_called_by_the_street_of_the_nearest_address():
    town = small_town(addresses=points([100, 300, 2_000], street=["Laan", "Dijk", " "]))
    places = points([0, 120, 290, 1_900], id=["a", "b", "c", "d"])
    assert named_by_street(town, places).tolist() == ["Laan (a)", "Laan (b)", "Dijk", "d"]
    own = places.assign(name=["Werf", None, " ", "Kade"])
    assert named(town, own).tolist() == ["Werf", "Laan (b)", "Dijk", "Kade"]
    nameless = small_town(addresses=points([100, 300]))
    assert named_by_street(nameless, places).tolist() == ["a", "b", "c", "d"]
