"""OSM files: the ways one may walk and the squares one may cross, against a plain reading."""

from __future__ import annotations

import bz2
import gzip
import subprocess
import sys
from datetime import date

import geopandas as gpd
import numpy as np
import osmium
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from osm_writer import EDITED, at, write_osm

from geowoonzorg.errors import Cancelled, FormatError, InputError
from geowoonzorg.osm import read_data_date, read_osm
from geowoonzorg.osm.profile import read_profile

WALKER, ROLLATOR = read_profile("wandelaar"), read_profile("rollator")
PATH = {"highway": "path"}


def streets(walkways):
    """Way id, node ids and places of every way."""
    start, node = walkways.way_start, walkways.way_node
    return [
        (int(way), walkways.node_id[node[a:b]].tolist(), walkways.lonlat[node[a:b]].tolist())
        for way, a, b in zip(walkways.way_id, start[:-1], start[1:], strict=True)
    ]


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
    for way in ways.with_filter(osmium.filter.KeyFilter(*walker.kind_keys)):
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
from geowoonzorg.osm.profile import read_profile
found = read_osm({str(path)!r}, profile=read_profile("wandelaar"), facility_classes=["bank"])
ways = found.walkways
print(ways.node_id.tolist(), ways.lonlat.tolist(), ways.way_node.tolist(), ways.node_cut.tolist())
print(found.facilities.to_string(), found.counts)
"""
    answers = [
        subprocess.run(
            [sys.executable, "-c", script.replace("{blocked}", blocked)],
            capture_output=True, text=True, check=True, timeout=600,
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


def test_a_square_is_told_as_its_outline_and_no_line_is_drawn_over_it(tmp_path):
    corners = {1: (0, 0), 2: (4, 0), 3: (4, 1), 4: (1, 1), 5: (1, 4), 6: (0, 4)}
    ways = [(100, [1, 2, 3, 4, 5, 6, 1], SQUARE | {"surface": "sett"}), (11, [11, 1], PATH)]
    found = read_osm(write_osm(tmp_path / "t.osm", corners | {11: (-1, -1)}, ways), profile=WALKER)
    assert sorted(found.walkways.way_id.tolist()) == [11, 100]
    squares = found.walkways.squares
    assert squares.name == ("w100",)
    assert squares.line_way.tolist() == [100]
    assert squares.node_id.tolist() == [1, 2, 3, 4, 5, 6, 1]
    assert squares.attributes[["surface", "osm_id"]].to_numpy().tolist() == [["sett", -100]]
    assert found.counts["ways"]["squares"] == 1


def test_a_square_as_relation_has_a_walkable_outline_of_several_lines(tmp_path):
    nodes = {1: (0, 0), 2: (3, 0), 3: (3, 3), 4: (0, 3)}  # the square
    nodes |= {5: (1, 1), 6: (2, 1), 7: (2, 2), 8: (1, 2)}  # a building on it
    nodes |= {11: (-1, -1), 12: (4, -1), 13: (4, 4), 14: (-1, 4)}
    ways = [(100, [1, 2, 3], {}), (101, [3, 4, 1], {"barrier": "kerb"}), (102, [5, 6, 7, 8, 5], {})]
    ways += [(n, [n, n - 10], PATH) for n in (11, 12, 13, 14)]
    members = [("w", 100, "outer"), ("w", 101, "outer"), ("w", 102, "inner"), ("w", 7, "inner")]
    tags = {"type": "multipolygon", "highway": "pedestrian"}
    path = write_osm(tmp_path / "t.osm.pbf", nodes, ways, [(9, members, tags)])
    found = read_osm(path, profile=WALKER)
    assert {100, 101, 102} <= set(found.walkways.way_id.tolist())
    squares = found.walkways.squares
    assert squares.name == ("r9",)
    assert squares.line_way.tolist() == [100, 101, 102]
    assert np.split(squares.node_id, squares.point_start[1:-1])[1].tolist() == [3, 4, 1]
    assert found.counts["ways"]["squares_with_missing_members"] == 1


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


def test_nothing_asked_nothing_found(tmp_path):
    found = read_osm(write_osm(tmp_path / "n.osm", {1: (0, 0, {"amenity": "bench"})}))
    assert isinstance(found.facilities, gpd.GeoDataFrame)
    assert (len(found.facilities), len(found.addresses), found.benches.shape) == (0, 0, (0, 2))
    assert found.counts == {}


# ── up to when ────────────────────────────────────────────────────────────────────────────────

XML = "<?xml version='1.0'?>\n<osm version='0.6'{}>{}<node id='1' lat='52.5' lon='5.9'/>{}</osm>"
DAY = date(2023, 1, 30)


def test_the_data_date_is_the_day_in_utc_up_to_which_a_pbf_header_says_the_edits_go(tmp_path):
    path = tmp_path / "t.osm.pbf"
    header = osmium.io.Header()
    header.set("osmosis_replication_timestamp", "2023-01-30T23:59:59Z")
    with osmium.SimpleWriter(str(path), header=header) as writer:
        writer.add_node(osmium.osm.mutable.Node(id=1, location=(5.9, 52.5)))
    assert read_data_date(path) == DAY
    assert read_osm(path).data_date == DAY


def test_the_data_date_of_kampen_is_the_day_its_readme_gives(shared_data):
    assert read_data_date(shared_data / "kampen" / "kampen.osm.pbf") == DAY


def test_a_pbf_header_without_a_date_has_none(tmp_path):
    assert read_data_date(write_osm(tmp_path / "t.osm.pbf", {1: (0, 0)})) is None


@pytest.mark.parametrize("suffix", [".osm", ".osm.gz", ".osm.bz2"])
@pytest.mark.parametrize(
    ("content", "day"),
    [
        (XML.format("", "<meta osm_base='2023-01-30T12:00:00Z'/>", ""), DAY),
        (XML.format(' generator="x" timestamp="2023-01-30T00:00:00Z"', "", ""), DAY),
        (XML.format("", "<meta areas='x' osm_base = '2023-01-30'/>", ""), DAY),
        (XML.format("", "<!-- <meta osm_base='2023-01-30'/> -->", ""), None),
        (XML.format("", "", "<meta osm_base='2023-01-30T12:00:00Z'/>"), None),
        (XML.format(" timestamp='2023-02-30T00:00:00Z'", "", ""), None),
        (XML.format("", "", "<node id='2' lat='1' lon='1' timestamp='2023-01-30T00:00:00Z'/>"), None),
    ],
)  # fmt: skip
def test_the_data_date_of_xml_stands_in_its_head(tmp_path, suffix, content, day):
    pack = {".osm": bytes, ".osm.bz2": bz2.compress, ".osm.gz": gzip.compress}[suffix]
    path = tmp_path / f"t{suffix}"
    path.write_bytes(pack(content.encode()))
    assert read_data_date(path) == day
    assert read_osm(path).data_date == day


@pytest.mark.parametrize("suffix", [".osm.pbf", ".osm.gz", ".osm.bz2"])
def test_no_data_date_is_read_from_noise(tmp_path, suffix):
    path = tmp_path / f"t{suffix}"
    path.write_bytes({".osm.gz": b"\x1f\x8b", ".osm.bz2": b"BZh"}.get(suffix, b"") + b"noise" * 99)
    with pytest.raises(FormatError, match=path.name):
        read_data_date(path)
