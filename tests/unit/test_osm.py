"""OSM files: what is read of them, against a plain reading object by object."""

from __future__ import annotations

import subprocess
import sys

import geopandas as gpd
import numpy as np
import osmium
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from osm_writer import EDITED, at, write_osm

from geowoonzorg.errors import Cancelled, InputError, StudyError
from geowoonzorg.osm import read_facility_classes, read_osm
from geowoonzorg.osm.classes import words
from geowoonzorg.walking import read_profile

WALKER, ROLLATOR = read_profile("wandelaar"), read_profile("rollator")
PATH = {"highway": "path"}


def streets(walkways):
    """Way id, node ids and places of every way."""
    start, node = walkways.way_start, walkways.way_node
    return [
        (int(way), walkways.node_id[node[a:b]].tolist(), walkways.lonlat[node[a:b]].tolist())
        for way, a, b in zip(walkways.way_id, start[:-1], start[1:], strict=True)
    ]


def lines(walkways):
    """The straight lines over squares, as sorted pairs of node ids."""
    return sorted(tuple(sorted(nodes)) for way, nodes, _ in streets(walkways) if way < 0)


# ── ways ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("profile", ["wandelaar", "rollator", "rolstoel"])
def test_kampen_is_what_a_plain_reading_finds(shared_data, profile):
    path = shared_data / "kampen" / "kampen.osm.pbf"
    walker = read_profile(profile)
    found = read_osm(path, profile=walker)
    expected = {}
    one_way = 0
    ways = osmium.FileProcessor(path).with_locations()
    ways.with_filter(osmium.filter.EntityFilter(osmium.osm.WAY))
    for way in ways.with_filter(osmium.filter.KeyFilter("highway")):
        verdict = walker.judge_way(dict(way.tags))
        if verdict.reason is None:
            expected[way.id] = [(n.ref, n.lon, n.lat) for n in way.nodes]
            one_way += verdict.forward != verdict.backward
    got = {
        way: [(node, lon, lat) for node, (lon, lat) in zip(nodes, places, strict=True)]
        for way, nodes, places in streets(found.walkways)
        if way > 0
    }
    assert got == {way: nodes for way, nodes in expected.items() if len(nodes) > 1}
    assert found.counts["ways"]["walkable"] == len(expected)
    assert found.counts["ways"]["one_way"] == one_way
    attributes = found.walkways.way_attributes
    assert len(attributes) == len(found.walkways.way_id)
    assert np.all(np.diff(found.walkways.node_id) > 0)


towns = st.integers(2, 12).flatmap(
    lambda n: st.tuples(
        st.lists(
            st.tuples(st.integers(-90000, 90000), st.integers(-37000, 37000)),
            min_size=n,
            max_size=n,
        ),
        st.lists(st.lists(st.integers(1, n), min_size=2, max_size=6), min_size=1, max_size=5),
    )
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(towns)
def test_any_ways_are_read_back(tmp_path, town):
    places, refs = town
    nodes = dict(enumerate(places, start=1))
    ways = [(i, nodes_of, PATH) for i, nodes_of in enumerate(refs, start=1)]
    data = read_osm(write_osm(tmp_path / "town.osm.pbf", nodes, ways), profile=WALKER)
    assert streets(data.walkways) == [
        (way, nodes_of, [list(at(*nodes[n])) for n in nodes_of]) for way, nodes_of, _ in ways
    ]


@pytest.mark.parametrize("suffix", [".osm", ".osm.bz2", ".osm.gz", ".pbf"])
def test_every_format_says_the_same(tmp_path, suffix):
    nodes = {1: (0, 0), 2: (1, 0, {"barrier": "gate", "access": "no"}), 3: (2, 1)}
    ways = [(7, [1, 2, 3], PATH | {"name": "Straße & <b>"})]
    one = read_osm(write_osm(tmp_path / "a.osm.pbf", nodes, ways), profile=WALKER).walkways
    other = read_osm(write_osm(tmp_path / f"b{suffix}", nodes, ways), profile=WALKER).walkways
    assert streets(one) == streets(other)
    assert one.node_cut.tolist() == other.node_cut.tolist() == [False, True, False]
    pd.testing.assert_frame_equal(one.way_attributes, other.way_attributes)


@pytest.mark.parametrize("form", ["pbf", "pbf,pbf_dense_nodes=false", "pbf,pbf_compression=none"])
def test_every_way_to_write_pbf_says_the_same(tmp_path, form):
    barrier = {"barrier": "gate", "access": "no", "z": "ü"}
    nodes = {-9: (3, 3), 1: (0, 0), 2: (1, 0, barrier), 3: (2, -1), 4: (0, 0, {"amenity": "bench"})}
    ways = [(7, [1, 2, 3], PATH), (8, [3, -9, 1], PATH), (-5, [3, 1], PATH)]
    plain = write_osm(tmp_path / "a.osm", nodes, ways)
    packed = tmp_path / "b.osm.pbf"
    with osmium.SimpleWriter(osmium.io.File(str(packed), form)) as writer:
        osmium.apply(str(plain), writer)
    found = read_osm(packed, profile=WALKER, facility_classes=["bank"])
    assert streets(found.walkways) == [
        (way, list(refs), [list(at(*nodes[n][:2])) for n in refs]) for way, refs, _ in ways
    ]
    cut = found.walkways.node_id[found.walkways.node_cut]
    assert cut.tolist() == [2]
    assert found.facilities["last_edit"].tolist() == [pd.Timestamp(EDITED)]


def test_without_numba_the_same_is_read(tmp_path):
    barrier = {"barrier": "gate", "access": "no"}
    nodes = {-9: (3, 3), 1: (0, 0), 2: (1, 0, barrier), 3: (2, -1, {"amenity": "bench"})}
    relation = (6, [("w", 7, "outer"), ("n", 3, "x")], SQUARE | {"type": "multipolygon"})
    path = write_osm(tmp_path / "t.osm.pbf", nodes, [(7, [1, 2, 3, -9, 1], PATH)], [relation])
    script = f"""
import sys
if {{blocked}}: sys.modules["numba"] = None
from geowoonzorg.osm import read_osm
from geowoonzorg.walking import read_profile
found = read_osm({str(path)!r}, profile=read_profile("wandelaar"), facility_classes=["bank"])
ways = found.walkways
print(ways.node_id.tolist(), ways.lonlat.tolist(), ways.way_node.tolist(), ways.node_cut.tolist())
print(found.facilities.to_string(), found.counts)
"""
    answers = [
        subprocess.run(
            [sys.executable, "-c", script.replace("{blocked}", blocked)],
            capture_output=True, text=True, check=True, timeout=120,
        ).stdout
        for blocked in ("False", "True")
    ]  # fmt: skip
    assert answers[0] == answers[1]
    assert answers[0].startswith("[-9, 1, 2, 3]")


def test_relations_before_their_ways_are_read_all_the_same(tmp_path):
    nodes = {1: (0, 0), 2: (3, 0), 3: (3, 3), 4: (0, 3)}
    tags = {"type": "multipolygon", "amenity": "nursing_home"}
    path = tmp_path / "t.osm.pbf"
    outline = [(1, [1, 2, 3], {}), (2, [3, 4, 1], {})]
    write_osm(tmp_path / "nodes.osm", nodes)
    write_osm(tmp_path / "ways.osm", {}, outline)
    write_osm(tmp_path / "group.osm", {}, (), [(7, [("w", 1, "outer"), ("w", 2, "outer")], tags)])
    with osmium.SimpleWriter(str(path)) as writer:
        for name in ("nodes", "group", "ways"):
            osmium.apply(str(tmp_path / f"{name}.osm"), writer)
    found = read_osm(path, facility_classes=["verpleeghuis"])
    assert found.facilities["id"].tolist() == ["r7"]
    assert found.facilities.geometry[0].equals(shapely.Polygon([at(*p) for p in nodes.values()]))


def test_ways_meet_by_node_id_and_never_by_place(tmp_path):
    nodes = {1: (0, 0), 2: (2, 0), 3: (1, -1), 4: (1, 1), 5: (1, 0), 6: (1, 0)}
    ways = [(1, [1, 5, 2], PATH), (2, [3, 6, 4], PATH | {"bridge": "yes"})]
    ways = read_osm(write_osm(tmp_path / "t.osm", nodes, ways), profile=WALKER).walkways
    assert len(ways.node_id) == 6
    assert ways.way_attributes["bridge"].tolist()[1] == "yes"


def test_directions_attributes_and_unknowns(tmp_path):
    nodes = {1: (0, 0), 2: (1, 0, {"highway": "crossing", "crossing": "zebra", "kerb": "lowered"})}
    ways = [
        (1, [1, 2], {"highway": "footway", "oneway:foot": "yes", "width": "1,5", "lit": "no"}),
        (2, [1, 2], {"highway": "steps", "ramp": "yes", "incline": "-12%", "surface": "sett"}),
        (3, [1, 2], {"highway": "footway", "foot:forward": "no", "tunnel": "yes"}),
    ]
    found = read_osm(write_osm(tmp_path / "t.osm", nodes, ways), profile=WALKER)
    walkways, table = found.walkways, found.walkways.way_attributes
    assert walkways.forward.tolist() == [True, True, False]
    assert walkways.backward.tolist() == [False, True, True]
    assert found.counts["ways"]["one_way"] == 2
    assert table["width_m"].tolist()[0] == pytest.approx(1.5)
    assert table["incline_pct"].tolist()[1] == -12
    assert table["steps"].tolist() == [False, True, False]
    assert table["ramp"].tolist() == [False, True, False]
    assert table["width_m"].isna().tolist() == [False, True, True]
    assert table["surface"].isna().tolist() == [True, False, True]
    assert table["tunnel"].tolist()[2] == "yes"
    node = walkways.node_attributes.loc[1]
    assert (node["crossing"], node["kerb"]) == ("zebra", "lowered")
    assert np.isnan(node["kerb_height_m"])
    assert pd.isna(node["cut"])


def test_a_kerb_cuts_the_path_it_lies_on_but_no_junction(tmp_path):
    kerb = {"kerb": "raised"}
    nodes = {1: (0, 0), 2: (1, 0, kerb), 3: (2, 0, kerb), 4: (3, 0), 5: (2, 1), 6: (4, 0, kerb)}
    ways = [(1, [1, 2, 3, 4], PATH), (2, [3, 5], PATH), (3, [4, 6], PATH), (4, [6, 1], PATH)]
    path = write_osm(tmp_path / "t.osm", nodes, ways)
    found = read_osm(path, profile=ROLLATOR)
    cut = found.walkways.node_id[found.walkways.node_cut].tolist()
    assert cut == [2, 6]  # three branches meet at 3
    assert found.counts["ways"]["cut: kerb"] == 2
    assert not read_osm(path, profile=WALKER).walkways.node_cut.any()


def test_private_ground_is_kept_apart(tmp_path):
    ways = [(1, [1, 2], PATH), (2, [2, 3], {"highway": "service", "access": "private"})]
    path = write_osm(tmp_path / "t.osm", {1: (0, 0), 2: (1, 0), 3: (2, 0)}, ways)
    found = read_osm(path, profile=WALKER)
    assert found.walkways.way_id.tolist() == [1]
    assert streets(found.private_ways)[0][:2] == (2, [2, 3])
    assert found.private_ways.forward.all()
    assert found.counts["ways"]["private_last_leg"] == 1


def test_why_ways_are_closed_is_counted(tmp_path):
    tags = [PATH, {"highway": "steps"}, PATH | {"foot": "no"}, {"highway": "motorway"}, PATH]
    ways = [(i, [1, 2], t) for i, t in enumerate(tags)]
    counts = read_osm(
        write_osm(tmp_path / "t.osm", {1: (0, 0), 2: (1, 0)}, ways), profile=ROLLATOR
    ).counts["ways"]
    assert (
        counts["read"]
        == 5
        == counts["walkable"]
        + sum(n for reason, n in counts.items() if reason.startswith("closed"))
    )
    assert (counts["closed: steps"], counts["closed: access"], counts["closed: highway"]) == (
        1,
        1,
        1,
    )


# ── squares ───────────────────────────────────────────────────────────────────────────────────

SQUARE = {"highway": "pedestrian", "area": "yes"}


def test_a_square_is_crossed_between_the_entrances_that_see_each_other(tmp_path):
    # An L: corners 1-6, streets at 1, 3, 4 and 6. From the end of one leg the other is out of sight.
    corners = {1: (0, 0), 2: (4, 0), 3: (4, 1), 4: (1, 1), 5: (1, 4), 6: (0, 4)}
    nodes = corners | {11: (-1, -1), 13: (5, 1), 14: (2, 2), 16: (-1, 5)}
    ways = [(100, [1, 2, 3, 4, 5, 6, 1], SQUARE)]
    ways += [(n, [n, n - 10], PATH) for n in (11, 13, 14, 16)]
    found = read_osm(write_osm(tmp_path / "t.osm", nodes, ways), profile=WALKER)
    area = shapely.Polygon(list(corners.values()))
    entrances = [1, 3, 4, 6]
    expected = sorted(
        (a, b)
        for a in entrances
        for b in entrances
        if a < b
        and area.covers(shapely.LineString([corners[a], corners[b]]))
        and (a, b) not in {(3, 4), (1, 6)}  # sides
    )
    assert lines(found.walkways) == expected == [(1, 3), (1, 4), (4, 6)]
    assert {way for way, *_ in streets(found.walkways) if way < 0} == {-100}
    assert found.counts["ways"]["square_lines"] == 3
    assert found.walkways.forward.all()
    assert found.walkways.backward.all()


def test_a_square_as_relation_has_a_walkable_outline_and_a_hole_that_hides(tmp_path):
    nodes = {1: (0, 0), 2: (3, 0), 3: (3, 3), 4: (0, 3)}  # the square
    nodes |= {5: (1, 1), 6: (2, 1), 7: (2, 2), 8: (1, 2)}  # a building on it
    nodes |= {11: (-1, -1), 12: (4, -1), 13: (4, 4), 14: (-1, 4)}
    ways = [(100, [1, 2, 3], {}), (101, [3, 4, 1], {"barrier": "kerb"}), (102, [5, 6, 7, 8, 5], {})]
    ways += [(n, [n, n - 10], PATH) for n in (11, 12, 13, 14)]
    members = [("w", 100, "outer"), ("w", 101, "outer"), ("w", 102, "inner")]
    tags = {"type": "multipolygon", "highway": "pedestrian"}
    path = write_osm(tmp_path / "t.osm.pbf", nodes, ways, [(9, members, tags)])
    found = read_osm(path, profile=WALKER)
    assert {100, 101, 102} <= set(found.walkways.way_id.tolist())
    assert lines(found.walkways) == []  # both diagonals run through the building
    members.pop()
    found = read_osm(
        write_osm(tmp_path / "u.osm.pbf", nodes, ways, [(9, members, tags)]), profile=WALKER
    )
    assert lines(found.walkways) == [(1, 3), (2, 4)]
    assert {way for way, *_ in streets(found.walkways) if way < 0} == {-9}


def test_a_square_with_very_many_entrances_is_capped_and_said(tmp_path):
    angle = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    nodes = {i + 1: (float(np.cos(a)), float(np.sin(a))) for i, a in enumerate(angle)}
    nodes |= {i + 101: (2 * float(np.cos(a)), 2 * float(np.sin(a))) for i, a in enumerate(angle)}
    ways = [
        (500, [*range(1, 61), 1], SQUARE),
        *((i + 1000, [i, i + 100], PATH) for i in range(1, 61)),
    ]
    found = read_osm(write_osm(tmp_path / "t.osm.pbf", nodes, ways), profile=WALKER)
    assert found.counts["ways"]["squares_with_too_many_entrances"] == 1
    assert len(lines(found.walkways)) == 40 * 39 // 2 - 39


# ── facilities ────────────────────────────────────────────────────────────────────────────────


EVERY_CLASS = tuple(read_facility_classes())


def facilities(tmp_path, nodes, ways=(), relations=(), classes=EVERY_CLASS):
    path = write_osm(tmp_path / "f.osm.pbf", nodes, ways, relations)
    return read_osm(path, facility_classes=classes)


@pytest.mark.parametrize(
    ("tags", "classes"),
    [
        ("amenity=doctors", "huisarts"),
        ("healthcare=doctor", "huisarts"),
        ("amenity=doctors healthcare:speciality=general", "huisarts"),
        ("amenity=doctors healthcare:speciality=surgery;general", "huisarts"),
        ("amenity=doctors healthcare:speciality=orthodontics", ""),
        ("amenity=doctors name=Tandartspraktijk_Zuid", ""),
        ("amenity=doctors name=Huisartsenpost_Zwolle", ""),
        ("amenity=doctors name=Fysio_Plus", "fysiotherapeut"),
        ("amenity=clinic", ""),
        ("amenity=clinic name=Gezondheidscentrum_De_Brug", "huisarts"),
        ("healthcare=centre name=Huisartsenpraktijk_Aa", "huisarts"),
        ("amenity=dentist", ""),
        ("shop=supermarket", "supermarkt"),
        ("shop=convenience", "buurtwinkel"),
        ("shop=supermarket disused=yes", ""),
        ("disused:shop=supermarket", ""),
        ("amenity=pharmacy", "apotheek"),
        ("healthcare=pharmacy", "apotheek"),
        ("shop=chemist", ""),
        ("amenity=community_centre", "inloopvoorziening"),
        ("amenity=community_centre community_centre=youth_centre", ""),
        ("amenity=community_centre name=Jeugdsoos_Remix", ""),
        ("amenity=community_centre name=Jongerencentrum", ""),
        ("amenity=social_centre", "inloopvoorziening"),
        ("amenity=social_facility social_facility=day_care", "inloopvoorziening"),
        ("amenity=social_facility social_facility=day_care social_facility:for=child", ""),
        ("amenity=social_facility social_facility=food_bank", ""),
        ("amenity=social_facility social_facility:for=mental_health", "inloopvoorziening"),
        ("amenity=social_facility name=Huis_van_de_Wijk_Oost", "inloopvoorziening"),
        ("amenity=events_venue name=Kulturhus_Wezep", "inloopvoorziening"),
        ("amenity=events_venue name=Feestzaal", ""),
        ("public_transport=platform", "ov_halte"),
        ("highway=bus_stop", "ov_halte"),
        ("railway=tram_stop", "ov_halte"),
        ("railway=station", "ov_halte"),
        ("public_transport=stop_position", ""),
        ("amenity=school isced:level=1", "basisschool"),
        ("amenity=school isced:level=0;1", "basisschool"),
        ("amenity=school isced:level=2", ""),
        ("amenity=school isced:level=2 name=Basisschool_X", ""),
        ("amenity=school school=primary", "basisschool"),
        ("amenity=school name=CBS_De_Morgenster", "basisschool"),
        ("amenity=school name=Koningin_Emmaschool", "basisschool"),
        ("amenity=school name=Ichthus_College", ""),
        ("amenity=school", ""),
        ("healthcare=physiotherapist", "fysiotherapeut"),
        ("amenity=nursing_home", "verpleeghuis"),
        ("amenity=social_facility social_facility=nursing_home", "verpleeghuis"),
        (
            "amenity=social_facility social_facility=assisted_living social_facility:for=senior",
            "verpleeghuis",
        ),
        (
            "amenity=social_facility social_facility=group_home social_facility:for=mental_disabled",
            "",
        ),
        ("amenity=bench", "bank"),
        ("shop=alcohol", "drankenhandel"),
        ("shop=wine", "drankenhandel"),
        ("shop=beverages", "drankenhandel"),
    ],
)
def test_class(tags, classes):
    pairs = {
        k: v.replace("_", " ") if k == "name" else v
        for k, v in (t.split("=", 1) for t in tags.split())
    }
    said = words(pairs.get("name", ""))
    taken = [key for key, c in read_facility_classes().items() if c.judge(pairs, said) == "taken"]
    assert taken == classes.split()


def test_a_point_and_its_polygon_are_one_facility_and_the_polygon_stays(tmp_path):
    nodes = {
        1: (0, 0),
        2: (0.3, 0),
        3: (0.3, 0.3, {"entrance": "main"}),
        4: (0, 0.3, {"entrance": "emergency"}),
        5: (0.1, 0.1, {"shop": "supermarket", "name": "ALBERT HEIJN"}),
        6: (0.1, 0.12, {"shop": "supermarket", "name": "Jumbo"}),
        7: (9, 9, {"shop": "supermarket", "name": "Albert Heijn"}),
    }
    ways = [(1, [1, 2, 3, 4, 1], {"shop": "supermarket", "name": "Albert Heijn"})]
    found = facilities(tmp_path, nodes, ways)
    table = found.facilities
    assert table["id"].tolist() == ["n6", "n7", "w1"]
    assert table["name"].tolist() == ["Jumbo", "Albert Heijn", "Albert Heijn"]
    assert table.geom_type.tolist() == ["Point", "Point", "Polygon"]
    assert found.counts["facilities"]["supermarkt: merged"] == 1
    assert list(found.entrances[2].geoms) == [shapely.Point(at(0.3, 0.3))]
    assert found.entrances[:2].isna().all()
    assert table.crs == "EPSG:4326"
    assert list(table.columns) == [
        "id",
        "facility_class",
        "name",
        "osm_id",
        "last_edit",
        "geometry",
    ]
    assert (table["last_edit"] == pd.Timestamp(EDITED)).all()


@pytest.mark.parametrize(
    ("first", "second", "metres", "kept"),
    [
        ("Huisarts Jansen", "huisarts jansen", 20, 1),
        ("Huisarts Jansen", "Huisartsenpraktijk Pietersen", 20, 2),
        ("Huisarts Jansen", "Huisarts Janssen", 20, 1),
        ("Jansen", "Huisarts Jansen", 24.9, 1),
        ("Huisarts Jansen", "Huisarts Jansen", 25.5, 2),
        ("", "", 1, 2),
        ("", "Huisarts Jansen", 1, 2),
    ],
)
def test_two_points_are_one_when_near_and_alike(tmp_path, first, second, metres, kept):
    doctor = {"amenity": "doctors"}
    north = metres / 111.264  # thousandths of a degree of latitude at 52.55°
    nodes = {1: (0, 0, doctor | {"name": first}), 2: (0, north, doctor | {"name": second})}
    assert len(facilities(tmp_path, nodes).facilities) == kept


def test_ids_stay_unique_and_do_not_depend_on_what_is_asked(tmp_path):
    both = {"amenity": "pharmacy", "healthcare": "doctor", "name": "Apotheekhoudende huisarts"}
    table = facilities(tmp_path, {5: (0, 0, both)}).facilities
    assert table["id"].tolist() == ["n5", "n5-apotheek"]
    assert table["osm_id"].tolist() == ["n5", "n5"]
    alone = facilities(tmp_path, {5: (0, 0, both)}, classes=["apotheek"]).facilities
    assert alone["id"].tolist() == ["n5-apotheek"]


def test_platforms_of_a_stop_are_one_with_all_of_them_as_entrances(tmp_path):
    stop = {"public_transport": "platform", "name": "Markt"}
    nodes = {
        1: (0, 0, stop),
        2: (0, 0.3, stop),
        3: (0, 0.6, stop),  # a chain of 33 m steps
        4: (0.1, 0, {"highway": "bus_stop"}),  # no name: the nearest that has one
        5: (20, 0, stop),  # far: another stop
        6: (30, 0, stop | {"name": "Station A"}),
        7: (31, 0, stop | {"name": "B-zijde"}),  # a stop area
        8: (40, 0, stop | {"name": "Spoor 1"}),
        9: (40.2, 0, {"railway": "station", "name": "Kampen"}),
        10: (50, 0, {"public_transport": "stop_position", "name": "Markt"}),
    }
    area = {"type": "public_transport", "public_transport": "stop_area"}
    relations = [(1, [("n", 6, "platform"), ("n", 7, "platform"), ("n", 10, "stop")], area)]
    found = facilities(tmp_path, nodes, (), relations, ["ov_halte"])
    table = found.facilities
    # Two names in one stop area, each once: the first by alphabet.
    assert sorted(table["name"]) == ["B-zijde", "Kampen", "Markt", "Markt"]
    assert sorted(len(points.geoms) for points in found.entrances) == [1, 2, 2, 4]
    assert found.counts["facilities"]["ov_halte: merged"] == 5
    platforms = shapely.MultiPoint([at(*nodes[i][:2]) for i in nodes])
    assert all(platforms.covers(points) for points in found.entrances)
    assert all(platforms.covers(point) for point in table.geometry)


def test_a_multipolygon_is_a_polygon_with_its_hole(tmp_path):
    nodes = {1: (0, 0), 2: (3, 0), 3: (3, 3), 4: (0, 3), 5: (1, 1), 6: (2, 1), 7: (2, 2), 8: (1, 2)}
    ways = [(1, [1, 2, 3], {}), (2, [3, 4, 1], {"building": "yes"}), (3, [5, 6, 7, 8, 5], {})]
    members = [("w", 1, "outer"), ("w", 2, "outer"), ("w", 3, "inner")]
    tags = {"type": "multipolygon", "amenity": "nursing_home", "name": "De Amandelboom"}
    found = facilities(tmp_path, nodes, ways, [(7, members, tags), (8, [("w", 99, "outer")], tags)])
    assert found.facilities["id"].tolist() == ["r7"]
    outside = shapely.Polygon(
        [at(*nodes[i]) for i in (1, 2, 3, 4)], [[at(*nodes[i]) for i in (5, 6, 7, 8)]]
    )
    assert found.facilities.geometry[0].equals(outside)
    assert found.counts["facilities"]["dropped: members missing"] == 1


def test_broken_outlines_are_repaired_or_dropped_and_counted(tmp_path):
    nodes = {1: (0, 0), 2: (2, 2), 3: (2, 0), 4: (0, 2)}
    school = {"amenity": "school", "isced:level": "1"}
    ways = [
        (1, [1, 2, 3, 4, 1], school | {"name": "Bow"}),  # a bow tie
        (2, [1, 2, 99, 1], school),
        (3, [1, 2], school | {"name": "Lijn"}),
    ]
    found = facilities(tmp_path, nodes, ways, classes=["basisschool"])
    assert found.facilities["id"].tolist() == ["w1", "w3"]
    bow, middle = found.facilities.geometry
    assert bow.is_valid
    assert bow.area == pytest.approx(2e-6)
    assert middle.distance(shapely.Point(at(1, 1))) < 1e-6
    assert found.counts["facilities"]["repaired: self-intersection"] == 1
    assert found.counts["facilities"]["dropped: nodes missing"] == 1


HOSTILE = [
    "<script>alert(1)</script>",
    "</script>",
    "${7*7}",
    "`id`",
    "a,b=c %20% d@e",
    "\"quotes'",
    "=1+1",
    "\u202etfel ot thgir",
    "🏥" * 10,
    "x" * 1_024,
    "tab\tand\nnewline\r",
    "\u2028",
    "%",
    "%%",
]


def test_names_are_kept_as_they_are(tmp_path):
    nodes = {i: (i * 10, 0, {"shop": "supermarket", "name": n}) for i, n in enumerate(HOSTILE, 1)}
    table = facilities(tmp_path, nodes).facilities
    assert table["name"].tolist() == HOSTILE


def test_an_unknown_class_is_told_with_the_known_ones(tmp_path):
    with pytest.raises(StudyError, match=r"'huisart'.*huisarts, supermarkt"):
        facilities(tmp_path, {1: (0, 0)}, classes=["huisart"])


def test_a_file_of_ones_own_classes(tmp_path):
    own = tmp_path / "klassen.toml"
    own.write_text("""
        [class.kapper]
        title = "Kapper"
        source = "eigen keuze"
        [[class.kapper.take]]
        all = { shop = ["hairdresser"] }
        not_name = ["hond*"]
    """)
    kapper = read_facility_classes(own)["kapper"]
    nodes = {
        1: (0, 0, {"shop": "hairdresser"}),
        2: (5, 0, {"shop": "hairdresser", "name": "Hondenkapper"}),
    }
    found = facilities(tmp_path, nodes, classes=[kapper, "supermarkt"])
    assert found.facilities["facility_class"].tolist() == ["kapper"]
    assert found.counts["facilities"]["kapper: passed over, another kind by its name"] == 1
    own.write_text('[class.kapper]\ntitel = "Kapper"\n[[class.kapper.take]]\nnone = {shop = "x"}')
    with pytest.raises(StudyError) as told:
        read_facility_classes(own)
    for place in ("kapper.titel", "kapper.title", "kapper.source", "take[1]: takes", "none.shop"):
        assert place in str(told.value)


def test_kampen_has_its_facilities(shared_data):
    found = read_osm(
        shared_data / "kampen" / "kampen.osm.pbf",
        facility_classes=EVERY_CLASS,
        addresses=True,
        benches=True,
    )
    table = found.facilities
    assert table["id"].is_unique
    per_class = table["facility_class"].value_counts()
    for key, n in per_class.items():
        counts = found.counts["facilities"]
        assert counts[f"{key}: kept"] == n == counts[f"{key}: read"] - counts[f"{key}: merged"]
    # Counted by hand in the file: 14 supermarkets, 3 pharmacies, one slijterij, none doubled.
    assert (per_class["supermarkt"], per_class["apotheek"], per_class["drankenhandel"]) == (
        14,
        3,
        1,
    )
    # The extract's own account names 25,819 address points with a postcode.
    assert (
        found.addresses["id"].str.startswith("n").sum()
        <= 25_819
        <= found.counts["addresses"]["read"]
    )
    assert len(found.benches) == per_class["bank"] + found.counts["facilities"]["bank: merged"]
    assert table["last_edit"].isna().all()  # this extract has no dates


# ── addresses and benches ─────────────────────────────────────────────────────────────────────


def address(number, **more):
    return {
        "addr:street": "Oudestraat",
        "addr:housenumber": number,
        "addr:postcode": "8261CD",
        "addr:city": "Kampen",
    } | more


def test_addresses_of_points_buildings_and_relations_each_once(tmp_path):
    nodes = {
        1: (0, 0, address("1")),
        2: (1, 0, address("1", shop="bakery")),
        3: (2, 0, address("2")),
        4: (0, 0),
        5: (2, 0),
        6: (2, 2),
        7: (0, 2),
        8: (9, 9, {"addr:housenumber": "4"}),
        9: (9, 8, {"addr:housenumber": "4"}),
    }
    ways = [
        (1, [4, 5, 6, 7, 4], address("3", building="yes")),
        (2, [4, 5, 6, 7, 4], {}),
        (3, [4, 77], address("9")),
    ]
    relations = [(1, [("w", 2, "outer")], address("5", type="multipolygon"))]
    path = write_osm(tmp_path / "a.osm.pbf", nodes, ways, relations)
    found = read_osm(path, addresses=True)
    table = found.addresses
    assert table["id"].tolist() == ["n1", "n3", "n8", "n9", "w1", "r1"]
    assert list(table.columns) == ["id", "street", "housenumber", "postcode", "city", "geometry"]
    assert table["street"].isna().tolist() == [False, False, True, True, False, False]
    middle = shapely.Point(at(1, 1))
    assert (
        (table.geometry[4:].distance(middle) < 1e-9).all()
        if False
        else all(shapely.distance(g, middle) < 1e-9 for g in table.geometry[4:])
    )
    assert found.counts["addresses"] == {
        "read": 8,
        "dropped: same address twice": 1,
        "dropped: nodes missing": 1,
        "without street": 2,
    }
    assert found.walkways is None
    assert not len(found.facilities)


def test_benches(tmp_path):
    bench = {"amenity": "bench"}
    path = write_osm(
        tmp_path / "b.osm", {1: (0, 0, bench), 2: (1, 1), 3: (1, 3)}, [(1, [2, 3], bench)]
    )
    found = read_osm(path, benches=True).benches
    np.testing.assert_allclose(found, [at(0, 0), at(1, 2)], atol=1e-9)


def test_nothing_asked_nothing_found(tmp_path):
    found = read_osm(write_osm(tmp_path / "n.osm", {1: (0, 0, {"amenity": "bench"})}))
    assert isinstance(found.facilities, gpd.GeoDataFrame)
    assert (len(found.facilities), len(found.addresses), found.benches.shape) == (0, 0, (0, 2))
    assert found.counts == {}


# ── progress, leftovers ───────────────────────────────────────────────────────────────────────


def test_progress_rises_and_a_cancel_is_heard_and_leaves_nothing(
    shared_data, tmp_path, monkeypatch
):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    told = []

    def stop(fraction, message):
        told.append(fraction)
        if len(told) == 3:
            raise Cancelled("stop")

    path = shared_data / "kampen" / "kampen.osm.pbf"
    with pytest.raises(Cancelled):
        read_osm(path, profile=WALKER, benches=True, progress=stop)
    assert list(tmp_path.iterdir()) == []
    told.clear()
    read_osm(path, profile=WALKER, progress=lambda fraction, _: told.append(fraction))
    assert told == sorted(told)
    assert told[-1] == 1
    assert list(tmp_path.iterdir()) == []


def test_a_file_without_walkable_ways_says_what_it_found(tmp_path):
    path = write_osm(
        tmp_path / "t.osm", {1: (0, 0), 2: (1, 0)}, [(1, [1, 2], {"highway": "motorway"})]
    )
    with pytest.raises(
        InputError, match=r"nothing may be walked by the profile rollator \(found 1 closed: highway"
    ):
        read_osm(path, profile=ROLLATOR)
