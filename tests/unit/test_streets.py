"""Streets of a place: cut out of extracts as plain sets would have it, or asked of Overpass through osmnx."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading

import osmium
import pytest
import replay
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from loopback import Reply, as_json
from osmium.osm import mutable
from replay import EXTRACT, INDEX, LATEST, OVERPASS
from shapely.geometry import box

from geowoonzorg.errors import CoverageError, FormatError, OutputError, SourceError
from geowoonzorg.fetch import fetch_place
from geowoonzorg.fetch._overpass import _BUSY, fetch_overpass, find_outline
from geowoonzorg.fetch._streets import _covering, fetch_extract, fetch_streets
from geowoonzorg.osm import cut_extract, read_data_date, read_osm, write_elements
from geowoonzorg.osm.profile import read_profile
from geowoonzorg.progress import silent

WITHIN = box(5.0, 52.0, 5.5, 52.5)


def write(path, nodes, ways, relations, *, dense=True):
    """Write plain objects: id → (lon, lat); id → (nodes, tags); id → (members, tags)."""
    form = osmium.io.File(str(path), "pbf" if dense else "pbf,pbf_dense_nodes=false")
    with osmium.SimpleWriter(form, overwrite=True) as writer:
        for i, lonlat in sorted(nodes.items()):
            writer.add_node(mutable.Node(id=i, location=lonlat, version=1, tags={"a": "b"}))
        for i, (refs, tags) in sorted(ways.items()):
            writer.add_way(mutable.Way(id=i, nodes=refs, tags=tags, version=1))
        for i, (members, tags) in sorted(relations.items()):
            writer.add_relation(mutable.Relation(id=i, members=members, tags=tags, version=1))


def ids_of(path):
    found = {"n": [], "w": [], "r": []}
    for one in osmium.FileProcessor(str(path)):
        found[one.type_str()].append(one.id)
    return found


def by_plain_sets(nodes, ways, relations, within):
    """Say what a cut keeps, as one would write it on paper."""
    own = {i for i, at in nodes.items() if within.covers(shapely.Point(at))}
    kept_ways = {i for i, (refs, _) in ways.items() if own & set(refs)}
    kept_relations, of_areas = set(), set()
    for i, (members, tags) in relations.items():
        mine = {ref for kind, ref, _ in members if kind == "n"} & own
        mine |= {ref for kind, ref, _ in members if kind == "w"} & kept_ways
        if mine and "type" in tags:
            kept_relations.add(i)
            if tags["type"] == "multipolygon":
                of_areas |= {ref for kind, ref, _ in members if kind == "w"} & set(ways)
    every = kept_ways | of_areas
    along = {ref for i in every for ref in ways[i][0]}
    return {"n": sorted(own | along), "w": sorted(every), "r": sorted(kept_relations)}


TENTHS = st.integers(0, 9).map(lambda k: k / 10 + 0.05)
TAGS = st.sampled_from([{}, {"highway": "footway"}, {"building": "yes"}])


@st.composite
def maps(draw):
    n_nodes, n_ways = draw(st.integers(1, 12)), draw(st.integers(0, 6))
    nodes = {i: (5 + draw(TENTHS), 52 + draw(TENTHS)) for i in range(1, n_nodes + 1)}
    along = st.lists(st.integers(1, n_nodes), min_size=1, max_size=5)
    ways = {i: (draw(along), draw(TAGS)) for i in range(1, n_ways + 1)}
    # A way without tags is there for the relations it belongs to.
    members = [("n", i, "") for i in nodes] + [("w", i, "outer") for i in ways]
    kinds = st.sampled_from([{"type": "multipolygon"}, {"type": "route"}, {}])
    some = st.lists(st.sampled_from(members), min_size=1, max_size=4)
    relations = {i: (draw(some), draw(kinds)) for i in range(1, draw(st.integers(0, 4)) + 1)}
    return nodes, ways, relations


@settings(max_examples=25)
@given(made=maps(), dense=st.booleans())
def test_a_cut_keeps_what_plain_sets_keep(tmp_path_factory, made, dense):
    nodes, ways, relations = made
    tagged_or_member = {
        ref
        for members, tags in relations.values()
        if tags.get("type") == "multipolygon"
        for kind, ref, _ in members
        if kind == "w"
    } | {i for i, (_, tags) in ways.items() if tags}
    folder = tmp_path_factory.mktemp("cut")
    write(folder / "all.osm.pbf", nodes, ways, relations, dense=dense)
    n = cut_extract([folder / "all.osm.pbf"], folder / "cut.osm.pbf", WITHIN)
    assert n == sum(WITHIN.covers(shapely.Point(at)) for at in nodes.values())
    ways = {i: way for i, way in ways.items() if i in tagged_or_member}
    assert ids_of(folder / "cut.osm.pbf") == by_plain_sets(nodes, ways, relations, WITHIN)


@settings(max_examples=25)
@given(made=maps())
def test_extracts_that_overlap_are_put_together_with_everything_once(tmp_path_factory, made):
    nodes, ways, relations = made
    ways = {i: (refs, tags or {"highway": "path"}) for i, (refs, tags) in ways.items()}
    folder = tmp_path_factory.mktemp("cut")
    write(folder / "all.osm.pbf", nodes, ways, relations)
    cut_extract([folder / "all.osm.pbf"], folder / "one.osm.pbf", WITHIN)
    cut_extract([folder / "all.osm.pbf"] * 2, folder / "two.osm.pbf", WITHIN)
    assert ids_of(folder / "two.osm.pbf") == ids_of(folder / "one.osm.pbf")


def test_what_is_cut_is_walked_as_before(tmp_path):
    """Of the town of the demo: the whole of it in an outline reads as the file itself, and says its day."""
    whole = cut_extract([replay.PBF], tmp_path / "cut.osm.pbf", replay.town_box())
    assert whole == len(ids_of(replay.PBF)["n"])
    profile = read_profile("rollator")
    before, after = (
        read_osm(path, profile=profile, facility_classes=["huisarts", "supermarkt"], addresses=True)
        for path in (replay.PBF, tmp_path / "cut.osm.pbf")
    )
    assert after.counts == before.counts
    assert after.walkways.node_id.tolist() == before.walkways.node_id.tolist()
    assert after.facilities.equals(before.facilities)
    assert after.data_date == before.data_date


def test_real_streets_are_cut_with_their_ways_whole(shared_data, tmp_path):
    extract = shared_data / "kampen" / "kampen.osm.pbf"
    part = box(5.90, 52.55, 5.92, 52.56)
    n = cut_extract([extract], tmp_path / "cut.osm.pbf", part)
    inside = {
        one.id
        for one in osmium.FileProcessor(str(extract), osmium.osm.NODE)
        if part.contains(shapely.Point(one.location.lon, one.location.lat))
    }
    assert n == len(inside)
    touching = [
        one.id
        for one in osmium.FileProcessor(str(extract), osmium.osm.WAY)
        if any(node.ref in inside for node in one.nodes) and len(one.tags)
    ]
    kept = ids_of(tmp_path / "cut.osm.pbf")
    assert set(touching) <= set(kept["w"])
    data = read_osm(tmp_path / "cut.osm.pbf", profile=read_profile("wandelaar"))
    assert data.counts["ways"]["missing_nodes"] == 0
    assert read_data_date(tmp_path / "cut.osm.pbf") == read_data_date(extract)


def test_an_extract_that_is_none_is_told(tmp_path):
    for body in (b"", b"<html>", replay.PBF.read_bytes()[:-1000]):
        (tmp_path / "bad").write_bytes(body)
        with pytest.raises(FormatError, match="bad is truncated or not a PBF file"):
            cut_extract([tmp_path / "bad"], tmp_path / "cut.osm.pbf", WITHIN)
    with pytest.raises(OutputError, match="could not be written"):
        cut_extract([replay.PBF], tmp_path / "no" / "cut.osm.pbf", replay.town_box())


# ------------------------------------------------------------------------------- elements


def test_elements_are_written_once_and_those_with_tags_count(tmp_path):
    street = [
        {"type": "node", "id": 2, "lat": 52.5, "lon": 5.9},
        {"type": "node", "id": 1, "lat": 52.5, "lon": 5.8, "tags": {"barrier": "gate"}},
        {"type": "way", "id": 9, "nodes": [1, 2], "tags": {"highway": "footway"}},
        {"type": "node", "id": 1, "lat": 52.5, "lon": 5.8},
        {"type": "relation", "id": 4, "members": [{"type": "way", "ref": 9, "role": "outer"}], "tags": {}},
        {"type": "area", "id": 3},
    ]  # fmt: skip
    n = write_elements(street, tmp_path / "a.osm.pbf", source="x", data_date="2026-02-15T12:00:00Z")
    assert n == {"node": 2, "way": 1, "relation": 1}
    assert ids_of(tmp_path / "a.osm.pbf") == {"n": [1, 2], "w": [9], "r": [4]}
    data = read_osm(tmp_path / "a.osm.pbf", profile=read_profile("wandelaar"))
    assert data.walkways.node_attributes["barrier"].tolist() == ["gate"]
    assert data.data_date.isoformat() == "2026-02-15"


@pytest.mark.parametrize(
    "element", [{"type": "node", "id": 1}, {"id": 1}, {"type": "way", "id": 1, "nodes": ["x"]}, 7]
)
def test_an_element_that_is_none_is_told(tmp_path, element):
    with pytest.raises(FormatError, match="cannot be read as OSM data"):
        write_elements([element], tmp_path / "a.osm.pbf", source="Overpass")


# ------------------------------------------------------------------------------ services


@pytest.fixture
def netherlands():
    with replay.Netherlands() as server:
        yield server


@pytest.fixture
def client(netherlands, tmp_path):
    return netherlands.client(tmp_path / "cache")


def chosen(provinces, within):
    own = {one["properties"]["id"]: one for one in replay.index(provinces)["features"]}
    index = {
        key: {"url": key, "outline": one["geometry"]}
        for key, one in own.items()
        if key != "afghanistan"
    }
    return _covering(index, within, "https://x.nl")


def test_the_extracts_are_those_that_cover_the_place():
    west, east = box(5.0, 52.0, 5.6, 52.6), box(5.4, 52.0, 6.0, 52.6)
    provinces = {"flevoland": west, "overijssel": east}
    assert chosen(provinces, box(5.1, 52.1, 5.2, 52.2)) == ["flevoland"]
    assert chosen(provinces, box(5.45, 52.1, 5.55, 52.2)) == ["flevoland"], (
        "one that has all is enough"
    )
    assert chosen(provinces, box(5.3, 52.1, 5.7, 52.2)) == ["flevoland", "overijssel"]
    assert chosen(provinces, box(5.9, 52.1, 6.1, 52.2)) == ["overijssel"], "the rest lies abroad"
    assert chosen({"netherlands": box(0, 0, 1, 1)}, box(5.9, 52.1, 6.1, 52.2)) == ["netherlands"]
    with pytest.raises(SourceError, match="no extract of this country"):
        chosen(provinces, box(13.3, 52.4, 13.5, 52.6))


def test_an_extract_follows_its_redirect_and_is_kept(client, netherlands, tmp_path):
    within = replay.town_box()
    assert fetch_extract(client, within, tmp_path / "a.osm.pbf", silent) > 1000
    assert netherlands.paths() == [INDEX, LATEST, EXTRACT]
    fetch_extract(client, within, tmp_path / "b.osm.pbf", silent)
    assert len(netherlands.asked) == 3, "from the cache"


@pytest.mark.parametrize(
    ("path", "answer", "said"),
    [
        (
            INDEX,
            as_json({"features": [{"properties": {}}]}),
            "index of extracts is not as expected",
        ),
        (INDEX, as_json([]), "index of extracts is not as expected"),
        (EXTRACT, Reply(b"<osm>"), "no OSM extract came"),
        (EXTRACT, Reply(replay.PBF.read_bytes()[:-1000]), "no whole extract came"),
        (EXTRACT, Reply(b"", 404), "HTTP 404"),
    ],
)
def test_an_extract_that_cannot_be_had_is_told_and_not_kept(
    client, netherlands, tmp_path, path, answer, said
):
    netherlands.routes |= {path: lambda _: answer, OVERPASS: lambda _: Reply(b"", 403)}
    with pytest.raises(SourceError, match=said):
        fetch_extract(client, replay.town_box(), tmp_path / "a.osm.pbf", silent)
    with pytest.raises(SourceError, match=rf"(?s){said}.*; and .*HTTP 403"):
        fetch_streets(client, replay.town_box(), tmp_path / "a.osm.pbf", progress=silent)
    netherlands.routes |= replay.routes()
    assert (
        fetch_streets(client, replay.town_box(), tmp_path / "a.osm.pbf", progress=silent)[0]
        == "extract"
    )


def test_an_extract_without_the_place_is_told(client, netherlands, tmp_path):
    elsewhere = box(5.0, 51.0, 5.1, 51.1)
    netherlands.routes[INDEX] = lambda _: as_json(replay.index({"overijssel": box(4, 50, 7, 54)}))
    with pytest.raises(SourceError, match="has nothing of the place"):
        fetch_extract(client, elsewhere, tmp_path / "a.osm.pbf", silent)


def test_overpass_brings_what_is_in_the_file_and_our_rules_judge_it(client, netherlands, tmp_path):
    resolve = socket.getaddrinfo
    n = fetch_overpass(client, replay.town_box(), tmp_path / "a.osm.pbf")
    assert n["node"] == len(ids_of(replay.PBF)["n"])
    profile = read_profile("rollator")
    before, after = (
        read_osm(path, profile=profile, facility_classes=["huisarts"], addresses=True)
        for path in (replay.PBF, tmp_path / "a.osm.pbf")
    )
    assert after.walkways.way_id.tolist() == before.walkways.way_id.tolist()
    assert after.walkways.lonlat.tolist() == before.walkways.lonlat.tolist()
    assert after.facilities["osm_id"].tolist() == before.facilities["osm_id"].tolist()
    assert len(after.addresses) == len(before.addresses)
    assert netherlands.paths() == ["/api/status", OVERPASS], "it waits for a place first"
    (query,) = [query["data"] for path, query in netherlands.asked if path == OVERPASS]
    assert query.startswith("[out:json][timeout:300][maxsize:1073741824];")
    assert "['highway']" in query
    assert socket.getaddrinfo is resolve, "osmnx's own is put away again"
    fetch_overpass(client, replay.town_box(), tmp_path / "b.osm.pbf")
    assert len(netherlands.asked) == 3, "osmnx keeps every whole answer"
    client.refresh = True
    fetch_overpass(client, replay.town_box(), tmp_path / "b.osm.pbf")
    assert len(netherlands.asked) == 6


def test_a_large_place_is_asked_in_tiles_and_put_together(client, netherlands, tmp_path):
    fetch_overpass(client, box(4.4, 52.1, 5.7, 52.9), tmp_path / "a.osm.pbf")
    assert sum(path == OVERPASS for path, _ in netherlands.asked) >= 4
    ids = ids_of(tmp_path / "a.osm.pbf")
    assert ids == ids_of(replay.PBF), "every object once, though each tile brought it"


TIMEOUT = 'runtime error: Query timed out in "query" at line 4 after 26 seconds.'


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (replay.overpass(remark=TIMEOUT), "Overpass says: runtime error: Query timed out"),
        (replay.overpass([]), "OpenStreetMap has nothing there"),
        (lambda _: Reply(b"<html>OSM3S Response", 400), "HTTP 400"),
        (lambda _: Reply(b'<?xml version="1.0"?><!DOCTYPE html>busy'), "no JSON came"),
        (lambda _: Reply(b"", 302, {"Location": "https://example.com/"}), "HTTP 302"),
        (lambda _: Reply(b"{}", headers={"Content-Length": str(2 << 30)}), "larger than"),
    ],
)
def test_what_is_no_whole_answer_is_a_failure_and_never_an_empty_place(
    client, netherlands, tmp_path, answer, said
):
    netherlands.routes[OVERPASS] = answer
    with pytest.raises(SourceError, match=said):
        fetch_overpass(client, replay.town_box(), tmp_path / "a.osm.pbf")
    assert not (tmp_path / "a.osm.pbf").exists()
    netherlands.routes[OVERPASS] = replay.overpass()
    assert fetch_overpass(client, replay.town_box(), tmp_path / "a.osm.pbf")["way"] > 100


def test_an_answer_without_end_is_refused(client, netherlands, tmp_path, monkeypatch):
    monkeypatch.setattr("geowoonzorg.fetch._overpass._MOST_BYTES", 500_000)
    netherlands.routes[OVERPASS] = lambda _: Reply(pieces=lambda: iter(lambda: b" " * 10_000, b""))
    with pytest.raises(SourceError, match="larger than"):
        fetch_overpass(client, replay.town_box(), tmp_path / "a.osm.pbf")


def test_overpass_that_is_away_is_told(client, netherlands, tmp_path):
    client._bases["overpass-api.de"] = "http://127.0.0.1:9"
    with pytest.raises(SourceError, match=r"overpass-api.de/api/status: cannot be reached"):
        fetch_overpass(client, replay.town_box(), tmp_path / "a.osm.pbf")


def test_osmnx_is_imported_only_when_overpass_is_asked():
    code = "import sys, geowoonzorg.fetch, geowoonzorg.cli; print('osmnx' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_one_question_at_a_time_and_an_old_one_is_left(client, netherlands, tmp_path, monkeypatch):
    held, asked = threading.Event(), threading.Event()

    def hold(query):
        if netherlands.asked[1:]:  # the first only sees whether anybody is there
            asked.set()
            held.wait(60)
        return Reply(replay.STATUS)

    netherlands.routes["/api/status"] = hold
    monkeypatch.setattr("geowoonzorg.fetch._overpass._DEADLINE_S", 0.0)
    with pytest.raises(SourceError, match="not done within 0 s"):
        fetch_overpass(client, replay.town_box(), tmp_path / "a.osm.pbf")
    assert asked.wait(60)
    with pytest.raises(SourceError, match="an earlier question is still being asked"):
        fetch_overpass(client, replay.town_box(), tmp_path / "a.osm.pbf")
    held.set()
    assert _BUSY.acquire(timeout=60), "the one that was left ends, and asks nothing more"
    _BUSY.release()
    assert OVERPASS not in netherlands.paths()


def test_a_place_is_found_by_its_name_or_within_a_layer(client, netherlands, tmp_path):
    n = fetch_place("Kampen, Nederland", tmp_path / "a.osm.pbf", client=client)
    assert n == len(ids_of(replay.PBF)["n"])
    layer = tmp_path / "omtrek.gpkg"
    replay.known()["gemeenten"].iloc[[0]].to_file(layer)
    assert fetch_place(str(layer), tmp_path / "b.osm.pbf", client=client) == n
    with pytest.raises(CoverageError, match="knows no place with an outline named 'Atlantis'"):
        find_outline(client, "Atlantis")
