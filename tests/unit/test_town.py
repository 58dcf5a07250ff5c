"""A town in memory: made of frames or files, never changed, and the same when it is asked in parts."""

from __future__ import annotations

import dataclasses
import os
import pickle
import shutil
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_town import A, areas, facilities, points, small_town, streets

from geowoonzorg.ask import run
from geowoonzorg.errors import (
    CrsError,
    DuplicateIdError,
    GeometryError,
    InputError,
    MissingColumnError,
    SourceError,
    StudyError,
)
from geowoonzorg.measure import measure
from geowoonzorg.prepare import demo_study
from geowoonzorg.ranking.scoring_profile import read_scoring_profile
from geowoonzorg.show.map_styles import read_styles
from geowoonzorg.study import read_study
from geowoonzorg.town import Town, Walking, reading
from geowoonzorg.town.class_colours import class_colour
from geowoonzorg.walk.network import WalkNetwork


@cache
def the_demo():
    return Town.demo()


@pytest.fixture(scope="module")
def demo():
    return the_demo()


def test_nearest_stands_on_the_index_of_the_addresses():
    homes = points([350, 50, 900], index=[9, 4, 7])
    town = small_town(addresses=homes)
    found = town.nearest("huisarts")
    assert found.index.tolist() == [9, 4, 7]
    joined = homes.join(found[["distance_m"]])
    assert joined["distance_m"].tolist() == pytest.approx([50, 250, 600], abs=0.2)
    both = town.nearest()
    assert both.index.nlevels == 2
    assert len(both) == 6


def test_frames_in_degrees_are_walked_in_metres():
    town = small_town(facilities=facilities().to_crs(4326), addresses=points([100]).to_crs(4326))
    assert town.nearest("huisarts")["distance_m"].tolist() == pytest.approx([200], abs=0.1)
    assert town.facilities.crs == town.crs


def test_service_areas_and_places_are_of_the_classes_asked():
    town = small_town()
    assert set(town.service_areas("huisarts")["facility_class"]) == {"huisarts"}
    assert town.service_areas(["huisarts"], limit_m=[100, 300])["area_m2"].is_monotonic_increasing
    with pytest.raises(InputError, match="no facilities of the class bank; it has huisarts, super"):
        town.nearest("bank")


def test_a_town_is_another_one_when_something_is_replaced():
    town = small_town()
    other = town.replace(facilities=town.facilities.query("facility_class != 'huisarts'"))
    assert len(town.facilities) == 2
    assert len(other.facilities) == 1
    assert other.network is town.network
    with pytest.raises(dataclasses.FrozenInstanceError):
        town.facilities = other.facilities
    with pytest.raises(StudyError, match="a town has no streets; it has") as caught:
        town.replace(streets=1)
    assert "wel" in caught.value.told("nl")


def test_what_a_town_does_not_have_is_said():
    bare = Town.from_frames(streets())
    with pytest.raises(InputError, match="no addresses to walk from"):
        bare.nearest()
    assert bare.areas.empty
    assert list(bare.areas.columns[:3]) == ["code", "name", "level"]
    assert "0" in bare._repr_html_()


@pytest.mark.parametrize(
    ("frames", "error", "words"),
    [
        ({"facilities": facilities().drop(columns="facility_class")}, MissingColumnError, "facility_class"),
        ({"facilities": facilities().assign(facility_class=[None, "bank"])}, InputError, r"1 \(h\)"),
        ({"facilities": facilities().set_crs(None, allow_override=True)}, CrsError, "facilities"),
        ({"facilities": facilities().assign(id="x")}, DuplicateIdError, "more than once"),
        ({"addresses": points([1, 2], index=[5, 5])}, DuplicateIdError, "5"),
        (
            {"addresses": points([1], index=pd.MultiIndex.from_tuples([(1, 2)]))},
            InputError,
            "index has 2 levels",
        ),
        ({"addresses": points([1]).set_crs(None, allow_override=True)}, CrsError, "addresses"),
        ({"addresses": points([1]).assign(geometry=[None])}, GeometryError, "without a geometry"),
        ({"areas": pd.concat([areas(), areas()])}, DuplicateIdError, A),
        ({"areas": points([1], code=["BU01660001"])}, GeometryError, "Point where Polygon"),
    ],
)  # fmt: skip
def test_frames_that_cannot_be_used_are_one_clear_error_in_both_languages(frames, error, words):
    with pytest.raises(error, match=words) as caught:
        small_town(**frames)
    assert caught.value.told("nl") != str(caught.value)


def test_empty_frames_make_a_town_without():
    town = small_town(facilities=facilities().iloc[:0], addresses=points([]))
    assert town.facilities.empty
    assert town.classes == ()


def test_areas_may_be_of_any_code_and_need_no_balance():
    town = small_town(areas=areas(stilte=[1.0, 2.0]))
    assert town.areas["stilte"].tolist() == [1.0, 2.0]
    assert town.areas["balans"].isna().all()
    assert town.home.tolist()[:4] == [A, A, A, "BU01660002"]


def test_a_town_of_the_demos_frames_is_the_demo(demo):
    other = Town.from_frames(
        demo.network, facilities=demo.facilities, addresses=demo.addresses, areas=demo.areas,
        walking=demo.walking,
    )  # fmt: skip
    pd.testing.assert_series_equal(other.nearest()["distance_m"], demo.nearest()["distance_m"])
    own = [c for c in ("lbm_afw", "inhabitants", "share_65plus") if c in other.areas]
    pd.testing.assert_frame_equal(other.areas[own], demo.areas[own])


def test_a_town_can_be_sent_to_another_process(demo):
    there = pickle.loads(pickle.dumps(demo))  # noqa: S301 - our own bytes
    pd.testing.assert_series_equal(
        there.nearest("apotheek")["distance_m"], demo.nearest("apotheek")["distance_m"]
    )


@settings(max_examples=12, deadline=None)
@given(km=st.floats(0.3, 3), limit=st.sampled_from([150.0, 400.0, 800.0]))
def test_tiles_put_together_are_the_town(km, limit):
    demo = the_demo().replace(walking=Walking((limit,)))
    whole = demo.nearest(limit_m=limit)
    tiles = list(demo.tiles(km=km, margin_m=limit + 200))
    parts = pd.concat([tile.nearest(limit_m=limit) for tile in tiles])
    key = ["origin_id", "facility_class"]
    one, other = (t.reset_index(drop=True).set_index(key).sort_index() for t in (whole, parts))
    assert one.index.equals(other.index)
    assert (one["status"] == other["status"]).all()
    assert (one["facility_id"].fillna("") == other["facility_id"].fillna("")).all()
    np.testing.assert_allclose(one["distance_m"], other["distance_m"], atol=1e-6)
    assert sorted(pd.concat([tile.areas for tile in tiles])["code"]) == sorted(demo.areas["code"])


@pytest.mark.parametrize("km", [0.4, 1.3])
def test_tiles_answer_whatever_is_asked_as_the_town_does(demo, km):
    tiles = list(demo.tiles(km=km, margin_m=1_000))
    key = ["origin_id", "facility_class"]
    whole = demo.nearest(["huisarts", "apotheek"]).reset_index(drop=True).set_index(key)
    parts = pd.concat([t.nearest(["huisarts", "apotheek"]) for t in tiles])
    parts = parts.reset_index(drop=True).set_index(key).reindex(whole.index)
    pd.testing.assert_frame_equal(whole.drop(columns="geometry"), parts.drop(columns="geometry"))
    areas = demo.service_areas("huisarts", limit_m=400).set_index("facility_id")["area_m2"]
    cut = pd.concat([t.service_areas("huisarts", limit_m=400) for t in tiles])
    assert sorted(cut["facility_id"]) == sorted(areas.index)
    assert cut.set_index("facility_id")["area_m2"].reindex(areas.index).equals(areas)


def test_places_of_a_tile_are_measured_as_in_the_town(demo):
    criteria = read_scoring_profile("geclusterd").criteria
    places = demo.addresses.iloc[::700]
    whole = measure(demo, places, criteria).set_index(["place", "criterion"])
    for tile in demo.tiles(km=1, margin_m=1_000):
        own = places[places["id"].isin(tile.addresses["id"])]
        if len(own):
            part = measure(tile, own, criteria).set_index(["place", "criterion"])
            pd.testing.assert_frame_equal(part, whole.loc[part.index])


def test_a_tile_alone_knows_what_it_does_not_know(demo):
    tile = max(demo.tiles(km=1, margin_m=1_000), key=lambda one: len(one.addresses))
    alone = pickle.loads(pickle.dumps(tile))  # noqa: S301 - our own bytes
    assert alone.nearest("huisarts", limit_m=800)["distance_m"].max() <= 800
    with pytest.raises(StudyError, match="up to 800 m"):
        alone.nearest("huisarts")
    again = next(alone.tiles(km=0.5, margin_m=5_000))
    assert again.part.known_m == 800
    with pytest.raises(StudyError, match="need 1000 m"):
        next(demo.tiles(km=1, margin_m=500))
    with pytest.raises(StudyError, match="no size"):
        next(demo.tiles(km=0))
    assert list(demo.replace(addresses=demo.addresses.iloc[:0]).tiles()) == []


def test_an_address_where_no_street_is_has_a_tile(demo):
    far = points([0], id=["far"], index=["far"])
    town = demo.replace(addresses=pd.concat([demo.addresses.head(5)[["id", "geometry"]], far]))
    found = pd.concat([t.nearest("huisarts") for t in town.tiles(km=1)])
    assert found.loc[found["origin_id"] == "far", "status"].tolist() == ["off_network"]


def test_people_of_an_area_that_lies_in_two_tiles_stay_an_interval():
    town = small_town()  # area B has addresses at 350 and 900 m
    tile = next(t for t in town.tiles(km=0.5, margin_m=700) if "a" in set(t.addresses["id"]))
    assert tile.zone_sizes.to_dict() == {A: 3, "BU01660002": 2}


def test_what_is_changed_in_a_frame_is_not_changed_in_the_town(demo):
    before = demo.nearest("supermarkt")["distance_m"]
    lent = [
        demo.facilities, demo.places(), demo.addresses, demo.areas, demo.figures.layer, demo.figures.numbers,
    ]  # fmt: skip
    for frame in lent:
        for column in frame.columns.drop("geometry", errors="ignore"):
            frame[column] = None
    home = demo.home
    home.iloc[:] = "x"
    demo.facility_origins["huisarts"] = ("lie", 1)
    assert demo.nearest("supermarkt")["distance_m"].equals(before)
    assert set(demo.home.dropna()) <= set(demo.areas["code"])
    assert demo.areas["balans"].abs().max() > 0
    assert demo.figures.numbers["balans"].abs().max() > 0
    assert "lie" not in str(demo.facility_origins)


def test_what_was_given_instead_is_its_own_source(demo):
    fewer = demo.replace(facilities=demo.facilities.query("facility_class != 'huisarts'"))
    assert [one.role for one in fewer.sources] == [
        "network", "areas", "leefbaarometer", "raster", "facilities",
    ]  # fmt: skip
    assert "huisarts" in fewer.absent  # the last of it went: none, and not unknown
    gone = fewer.nearest(["huisarts", "apotheek"])
    assert gone["facility_class"].tolist()[:2] == ["huisarts", "apotheek"]
    assert set(gone.loc[gone["facility_class"] == "huisarts", "status"]) <= {
        "beyond_limit",
        "off_network",
        "island",
    }
    back = fewer.replace(facilities=demo.facilities)
    assert "huisarts" not in back.absent
    with pytest.raises(InputError, match="absent and have facilities: huisarts"):
        small_town(absent=["huisarts"])


def test_a_network_in_another_crs_is_refused(demo):
    other = WalkNetwork.from_lines(demo.network.edges()[["geometry"]], crs="EPSG:32631")
    with pytest.raises(CrsError, match="EPSG:32631"):
        demo.replace(network=other)


def test_facilities_keep_their_index_and_a_balance_that_is_given_stays(demo):
    town = small_town(facilities=facilities().set_axis(["k1", "k2"]))
    assert town.service_areas("huisarts").index.tolist() == ["k1"]
    given = demo.areas
    other = small_town(areas=given)
    assert other.areas["balans"].notna().sum() == given["balans"].notna().sum() > 0


@pytest.fixture
def study(tmp_path):
    folder = tmp_path / "studie"
    shutil.copytree(demo_study().parent, folder)
    return folder / "study.toml"


def test_a_file_that_is_written_while_it_is_read_stops_the_work(study, monkeypatch):
    areas_file = read_study(study).areas.source
    real = reading.read_streets

    def meanwhile(*args, **kwargs):
        areas_file.write_bytes(areas_file.read_bytes() + b" ")
        return real(*args, **kwargs)

    monkeypatch.setattr(reading, "read_streets", meanwhile)
    with pytest.raises(InputError, match="was changed while it was read"):
        Town.read(study)


@pytest.mark.parametrize("name", ["kandidaten.gpkg", "voorzieningen.csv", "wierhaven.osm.pbf"])
def test_a_file_that_is_not_there_is_told_with_what_it_is_for(study, name):
    (study.parent / name).unlink()
    with pytest.raises(
        SourceError, match=rf"^\w+: .*{name} does not exist; give the path"
    ) as caught:
        run(study)
    assert "bestaat niet; geef het pad" in caught.value.told("nl")


def test_a_raster_that_changed_since_the_town_was_read_is_not_measured(study):
    from geowoonzorg.ask import score_sites

    question = read_study(study)
    town, sites = Town.read(question), reading.read_sites(question)
    raster = Path(question.rasters[0].source)
    raster.write_bytes(raster.read_bytes() + b" ")
    with pytest.raises(InputError, match="was changed"):
        score_sites(town, sites, profile=question.scoring.profile)


def test_sources_name_each_file_with_its_hash(demo):
    roles = [one.role for one in demo.sources]
    assert roles == ["network", "register", "areas", "leefbaarometer", "raster"]
    assert all(len(one.sha256) == 64 for one in demo.sources)


def test_in_a_notebook_a_town_shows_itself_and_its_walks(demo):
    assert "Wierhaven" in demo._repr_html_()
    assert "huisarts" in demo.explore(tiles=None).get_root().render()
    drawn = demo.nearest("huisarts").explore(column="distance_m")
    assert "LineString" not in drawn.get_root().render()


def test_each_class_is_drawn_in_the_colour_of_the_page_and_with_its_letters(demo):
    drawn = demo.explore(tiles=None).get_root().render()
    styles = read_styles().facility_class
    names = demo.facilities["facility_class"].unique()
    colours = {name: class_colour(name) for name in names}
    assert colours == {name: styles.get(name, styles["other"]).colour for name in names}
    assert len(set(colours.values())) == len(names) > 5
    for name, colour in colours.items():
        assert (
            drawn.count(f"background:{colour};")
            >= (demo.facilities["facility_class"] == name).sum()
        )
        assert f">{name[:2].upper()}<" in drawn.replace("\\u003c", "<").replace("\\u003e", ">")


def test_a_hostile_name_stays_text_in_a_notebook(demo):
    town = demo.replace(about=dataclasses.replace(demo.about, name="<script>x</script>"))
    assert "<script>x" not in town._repr_html_()
    named = small_town(
        facilities=facilities().assign(name=["<script>window.x=1</script>", "{{ 7*7 }}"])
    )
    drawn = named.explore(tiles=None).get_root().render()
    assert "<script>window.x=1" not in drawn
    assert "&#123;&#123; 7*7" in drawn


def test_a_tag_of_a_street_is_never_run(demo):
    net = demo.network
    words = net.way_attributes.assign(surface="pid={{ cycler.__init__.__globals__.os.getpid() }}")
    drawn = dataclasses.replace(net, way_attributes=words).explore(tiles=None).get_root().render()
    assert f"pid={os.getpid()}" not in drawn
