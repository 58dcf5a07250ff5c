"""Odd but legal OSM files: read as libosmium reads them, and each object once."""

from __future__ import annotations

import re

import geopandas.testing
import numpy as np
import osmium
import pytest
from english import run_command
from fuzz import pbf
from fuzz.readers import read_libosmium, read_ours, verdict
from fuzz.seeds import LAT, LON, seeds
from hypothesis import given
from hypothesis import strategies as st
from osm_writer import at
from osmium.osm import mutable

from geowoonzorg.osm import read_osm
from geowoonzorg.osm.profile import read_profile

WALKER = read_profile("wandelaar")
PATH, DOCTOR = {"highway": "path"}, {"amenity": "doctors", "name": "Huisarts"}


def written(path, *blobs):
    path.write_bytes(pbf.write([pbf.header(), *blobs]))
    return path


# ── ways of writing ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("i", range(len(seeds())))
def test_every_way_of_writing_is_read_as_libosmium_reads_it(tmp_path, i):
    path = tmp_path / "t.osm.pbf"
    path.write_bytes(pbf.write(seeds()[i]))
    ours = read_ours(str(path))
    assert ours["found"]
    assert verdict(ours, read_libosmium(str(path))) is None


WAY = [pbf.whole(1, 7), pbf.sized(2, [1]), pbf.sized(3, [2]), pbf.sized(8, pbf.steps([1, 2, 3]))]
STRANGERS = [
    [30, pbf.FIXED32, b"abcd"],
    [31, pbf.FIXED64, b"abcdefgh"],
    pbf.sized(200, b"xyz"),
    pbf.whole(18_999, 5),
]
ODD = {
    "a list in two parts": [*WAY[:3], pbf.sized(8, pbf.steps([1, 2])), pbf.sized(8, pbf.steps([3, 4, 5]))],
    "a list in two parts, the last one empty": [*WAY, pbf.sized(8, b"")],
    "lists of one number, written as it": [WAY[0], [2, pbf.VARINT, 1], [3, pbf.VARINT, 2], WAY[3]],
    "a list, each number on its own": [*WAY[:3], *([8, pbf.VARINT, n] for n in pbf.steps([4, 5, 6]))],
    "two keys, each on its own": [WAY[0], [2, pbf.VARINT, 3], [2, pbf.VARINT, 1], WAY[2], WAY[3]],
    "unknown fields": [STRANGERS[0], *WAY[:2], STRANGERS[1], STRANGERS[2], *WAY[2:], STRANGERS[3]],
    "known fields of other widths": [*WAY, [2, pbf.FIXED32, b"abcd"], [1, 2, b"\5"], [8, pbf.FIXED64, bytes(8)]],
    "another order": WAY[::-1],
    "an id twice": [pbf.whole(1, 3), *WAY],
    "no id": WAY[1:],
}  # fmt: skip


@pytest.mark.parametrize("name", ODD)
def test_odd_fields_are_read_as_libosmium_reads_them(tmp_path, name):
    texts = pbf.Texts()
    for text in ("highway", "path", "name"):
        texts(text)
    nodes = pbf.dense(texts, [(i, LON + i, LAT, {}) for i in range(1, 7)])
    path = tmp_path / "t.osm.pbf"
    written(path, pbf.block(texts, [(2, nodes)]), pbf.block(texts, [(3, ODD[name])]))
    ours = read_ours(str(path))
    assert ours["found"]
    assert verdict(ours, read_libosmium(str(path))) is None


@pytest.mark.parametrize("level", ["block", "group", "texts", "dense", "header"])
def test_unknown_fields_of_every_width_are_skipped_at_every_level(tmp_path, level):
    texts = pbf.Texts()
    one = pbf.block(texts, [(2, pbf.dense(texts, [(1, LON, LAT, DOCTOR)]))])
    table, group = (field[2] for field in one.content)
    head = pbf.header()
    {
        "block": one.content,
        "group": group,
        "texts": table,
        "dense": group[0][2],
        "header": head.content,
    }[level][0:0] = STRANGERS
    path = tmp_path / "t.osm.pbf"
    path.write_bytes(pbf.write([head, one]))
    assert read_osm(path, facility_classes=["huisarts"]).facilities["osm_id"].tolist() == ["n1"]


def test_dense_nodes_with_too_few_or_too_many_tags_are_read_as_libosmium_reads_them(tmp_path):
    """83 of 2,478 changed files ended in an IndexError."""
    for pairs in (
        [1, 2, 0],
        [1, 2, 0, 0, 1, 2, 0, 1, 2, 0, 0],
        [0, 1, 2],
        [1, 2, 1],
        [0, 0, 0, 1],
        [],
    ):
        texts = pbf.Texts()
        made = pbf.dense(texts, [(i, LON + i, LAT, {}) for i in range(1, 4)])
        texts("entrance"), texts("yes")
        made[-1][2] = pairs
        more = pbf.dense(texts, [(i, LON + i, LAT, {"entrance": "yes"}) for i in (7, 8)])
        path = tmp_path / "t.osm.pbf"
        written(path, pbf.block(texts, [(2, made)]), pbf.block(texts, [(2, more)]))
        ours, theirs = read_ours(str(path)), read_libosmium(str(path))
        assert verdict(ours, theirs) is None
        assert ours.keys() == theirs.keys()


def test_ways_may_say_where_their_nodes_are(tmp_path):
    texts = pbf.Texts()
    ways = []
    for i, refs in enumerate([[1, 2, 3], [3, 4]], 1):
        lats, lons = ([base + 1_000 * n for n in refs] for base in (LAT, LON))
        own = [pbf.sized(9, pbf.steps(lats)), pbf.sized(10, pbf.steps(lons))]
        ways.append((3, [*pbf.way(texts, i, refs, PATH), *own]))
    door = pbf.node(texts, 2, LON, LAT, {"barrier": "bollard"})  # what the file holds counts
    path = written(tmp_path / "t.osm.pbf", pbf.block(texts, [(1, door)], ways))
    found = read_osm(path, profile=WALKER)
    assert found.counts["ways"]["missing_nodes"] == 0
    where = np.round(found.walkways.lonlat * 1e7).astype(int) - [LON, LAT]
    assert where.tolist() == [[1_000, 1_000], [0, 0], [3_000, 3_000], [4_000, 4_000]]


def test_ways_of_overpass_with_geometry_need_no_nodes(tmp_path):
    path = tmp_path / "t.osm"
    refs = "".join(f"<nd ref='{i}' lat='52.5' lon='5.{i}'/>" for i in (1, 2))
    way = f"<way id='1'>{refs}<tag k='highway' v='path'/></way>"
    path.write_text(f"<osm version='0.6'>{way}</osm>")
    found = read_osm(path, profile=WALKER)
    assert found.walkways.lonlat.tolist() == [[5.1, 52.5], [5.2, 52.5]]


def test_what_is_deleted_is_not_there(tmp_path):
    texts = pbf.Texts()
    nodes = [
        (1, pbf.node(texts, 1, LON, LAT, DOCTOR, version=2)),
        (1, pbf.node(texts, 2, LON + 99_999, LAT, DOCTOR, version=2, visible=False)),
    ]
    path = written(tmp_path / "t.osm.pbf", pbf.block(texts, nodes))
    found = read_osm(path, facility_classes=["huisarts"])
    assert found.facilities["osm_id"].tolist() == ["n1"]


# ── twice ─────────────────────────────────────────────────────────────────────────────────────

NODES = {i: (i, 0) for i in range(1, 7)}


def put_together(path, *extracts):
    """Write extracts one after the other, as `osmium cat` does."""
    with osmium.SimpleWriter(str(path)) as writer:
        for extract in extracts:
            for one in extract:
                {mutable.Node: writer.add_node, mutable.Way: writer.add_way}.get(
                    type(one), writer.add_relation
                )(one)
    return path


def town(version, *, north=0.0, tags=DOCTOR):
    """Streets, a doctor as node, as building and as relation, an address, a bench and a bollard."""
    places = {i: (i, north) for i in range(1, 7)}
    places |= {10: (1, 1 + north), 11: (2, 3 + north), 12: (2, 5 + north)}
    places |= {
        20: (8, 8),
        21: (9, 8),
        22: (9, 9),
        23: (8, 9),
        30: (20, 8),
        31: (21, 8),
        32: (21, 9),
        33: (20, 9),
    }
    own = {
        10: tags,
        11: {"addr:housenumber": f"{version}", "addr:street": "Dijk"},
        12: {"amenity": "bench"},
        3: {"barrier": "bollard" if tags else "gate"},
    }
    about = {"version": version, "visible": True}
    yield from (
        mutable.Node(id=i, location=at(*place), tags=own.get(i, {}), **about)
        for i, place in places.items()
    )
    yield mutable.Way(id=1, nodes=[1, 2, 3, 4] if version > 1 else [1, 2], tags=PATH, **about)
    yield mutable.Way(id=2, nodes=[20, 21, 22, 23, 20], tags=tags, **about)
    yield mutable.Way(id=3, nodes=[30, 31, 32, 33, 30], tags={}, **about)
    yield mutable.Relation(
        id=1, members=[("w", 3, "outer")], tags={"type": "multipolygon"} | tags, **about
    )


def everything(path):
    return read_osm(
        path, profile=WALKER, facility_classes=["huisarts"], addresses=True, benches=True
    )


def assert_same(found, expected):
    geopandas.testing.assert_geodataframe_equal(found.facilities, expected.facilities)
    geopandas.testing.assert_geodataframe_equal(found.addresses, expected.addresses)
    np.testing.assert_array_equal(found.benches, expected.benches)
    for name in ("node_id", "lonlat", "way_start", "way_node", "way_id", "node_cut"):
        np.testing.assert_array_equal(
            getattr(found.walkways, name), getattr(expected.walkways, name), name
        )


@pytest.mark.parametrize("suffix", [".osm.pbf", ".osm"])
@pytest.mark.parametrize("sort", [False, True])
def test_what_stands_in_two_extracts_counts_once(tmp_path, suffix, sort):
    once = everything(put_together(tmp_path / f"a{suffix}", town(2)))
    assert len(once.facilities) == 3
    assert "twice" not in once.counts
    both = [*town(2), *town(2)]
    if sort:
        kinds = [mutable.Node, mutable.Way, mutable.Relation]
        both.sort(key=lambda one: (kinds.index(type(one)), one.id))
    twice = everything(put_together(tmp_path / f"b{suffix}", both))
    assert_same(twice, once)
    # Nodes that nothing needs are not counted.
    assert twice.counts.pop("twice") == {"nodes": 15, "ways": 3, "relations": 1}
    assert twice.counts == once.counts


@pytest.mark.parametrize("first", [1, 2])
@pytest.mark.parametrize("suffix", [".osm.pbf", ".osm"])
def test_of_two_dates_the_highest_version_counts_wherever_it_stands(tmp_path, first, suffix):
    extracts = {1: town(1, north=0.5), 2: town(2)}
    new = everything(put_together(tmp_path / f"new{suffix}", town(2)))
    path = put_together(tmp_path / f"both{suffix}", extracts[first], extracts[3 - first])
    assert_same(everything(path), new)


@pytest.mark.parametrize("first", [1, 2])
def test_a_facility_that_is_none_any_more_in_its_highest_version_is_none(tmp_path, first):
    extracts = {1: town(1), 2: town(2, tags={})}
    path = put_together(tmp_path / "t.osm.pbf", extracts[first], extracts[3 - first])
    found = everything(path)
    assert found.facilities.empty
    assert found.walkways.node_attributes["barrier"].tolist() == ["gate"]


def test_of_equal_versions_the_last_in_the_file_counts(tmp_path):
    path = put_together(tmp_path / "t.osm.pbf", town(2, north=0.5), town(2))
    assert_same(everything(path), everything(put_together(tmp_path / "new.osm.pbf", town(2))))


def test_what_overpass_tells_again_without_tags_keeps_them(tmp_path):
    """`out body; >; out skel qt;` gives what was found, then every node along it, without tags or version."""
    tagged, bare = {"visible": True, "version": 0}, {"visible": True, "version": 0, "tags": {}}
    body = [
        mutable.Node(id=1, location=at(1, 0), tags={"barrier": "gate"}, **tagged),
        mutable.Node(id=3, location=at(3, 0), tags=DOCTOR, **tagged),
        mutable.Way(id=1, nodes=[1, 2], tags=PATH, **tagged),
    ]
    again = [mutable.Node(id=i, location=at(i, 0), **bare) for i in (3, 1, 2)]
    path = put_together(
        tmp_path / "t.osm.pbf", body, again, [mutable.Way(id=1, nodes=[1, 2], **bare)]
    )
    found = everything(path)
    assert found.facilities["id"].tolist() == ["n3"]
    assert found.walkways.node_attributes["barrier"].tolist() == ["gate"]
    assert found.walkways.way_id.tolist() == [1]


def test_a_street_of_one_extract_lies_where_the_newest_version_of_its_nodes_is(tmp_path):
    """The newest node stands behind all ways that need it: one pass from the end misses it."""
    about = {"tags": PATH, "version": 1, "visible": True}
    old = [*(mutable.Node(id=i, location=at(i, 0), version=1, visible=True) for i in (1, 2))]
    old.append(mutable.Way(id=1, nodes=[1, 2], **about))
    new = [mutable.Node(id=2, location=at(5, 5), version=2, visible=True)]
    found = read_osm(put_together(tmp_path / "t.osm.pbf", old, new), profile=WALKER)
    assert found.walkways.lonlat.tolist() == [list(at(1, 0)), list(at(5, 5))]
    assert found.counts["twice"] == {"nodes": 1}


def test_the_commands_say_how_many_stand_there_twice(tmp_path, capsys):
    path = put_together(tmp_path / "t.osm.pbf", town(1), town(2))
    assert run_command(["facilities", str(path), "-o", str(tmp_path / "f.gpkg")]) == 0
    assert "1 relations stand in the file more than once" in capsys.readouterr().out
    assert run_command(["network", str(path)]) == 0
    assert re.search(r"twice:\n +\d+ nodes\n +\d ways\n", capsys.readouterr().out)


def test_kampen_put_behind_itself_is_kampen(tmp_path, shared_data):
    source = shared_data / "kampen" / "kampen.osm.pbf"
    data = source.read_bytes()
    head = 4 + int.from_bytes(data[:4], "big")
    head += pbf.decode(data[4:head], {})[-1][2]
    twice = tmp_path / "t.osm.pbf"
    twice.write_bytes(data + data[head:])
    once, both = everything(source), everything(twice)
    assert_same(both, once)
    told = both.counts.pop("twice")
    assert told["ways"] > 5_000
    assert told["nodes"] > 40_000
    assert both.counts == once.counts


objects = st.lists(
    st.tuples(
        st.sampled_from("nwr"),
        st.integers(-2, 3),
        st.integers(0, 2),  # version
        st.sampled_from([{}, {"amenity": "cafe"}, PATH, {"name": "x"}]),
        st.lists(st.integers(-2, 3), max_size=4),
        st.integers(0, 9),
    ),
    max_size=14,
)


@given(objects)
def test_in_any_order_and_number_all_is_as_in_a_plain_reading(tmp_path_factory, drawn):
    made = []
    for kind, osm_id, version, tags, refs, shift in drawn:
        about = {"id": osm_id, "version": version, "tags": tags, "visible": True}
        if kind == "n":
            made.append(mutable.Node(location=at(shift, osm_id), **about))
        elif kind == "w":
            made.append(mutable.Way(nodes=refs, **about))
        else:
            made.append(mutable.Relation(members=[("w", ref, "") for ref in refs], **about))
    path = put_together(tmp_path_factory.mktemp("any") / "t.osm.pbf", made)
    ours = read_ours(str(path))
    assert verdict(ours, read_libosmium(str(path))) is None
    assert "found" in ours
