"""Broken and hostile OSM files: a clear error that names the file, fast, and nothing left behind."""

from __future__ import annotations

import bz2
import gzip
import resource
import subprocess
import sys
import zlib

import numpy as np
import osmium
import pytest
from osm_writer import write_osm

from geowoonzorg.errors import FormatError, InputError, OutputError, SourceError
from geowoonzorg.osm import read_osm
from geowoonzorg.walking import read_profile

WALKER = read_profile("wandelaar")
PATH = {"highway": "path"}
TOWN = {1: (0, 0), 2: (1, 0), 3: (2, 0, {"amenity": "doctors", "name": "Huisarts"}), 4: (2, 1)}


def town(path):
    return write_osm(path, TOWN, [(1, [1, 2, 3], PATH), (2, [3, 4], PATH)])


def refused(path, error=FormatError):
    with pytest.raises(error) as told:
        read_osm(path, profile=WALKER, facility_classes=["huisarts"])
    assert path.name in str(told.value)
    return str(told.value)


@pytest.mark.parametrize("suffix", [".osm.pbf", ".osm", ".osm.bz2", ".osm.gz"])
@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.9, 0.99])
def test_truncated(tmp_path, suffix, share):
    whole = town(tmp_path / f"whole{suffix}").read_bytes()
    path = tmp_path / f"cut{suffix}"
    path.write_bytes(whole[: int(share * len(whole))])
    refused(path)


@pytest.mark.parametrize("suffix", [".osm.pbf", ".osm", ".osm.bz2", ".osm.gz"])
def test_random_bytes(tmp_path, suffix):
    path = tmp_path / f"noise{suffix}"
    path.write_bytes(np.random.default_rng(5).bytes(5_000))
    refused(path)


@pytest.mark.parametrize("content", [b"<gpx/>", b"<osm>", b"\x00" * 100, b"hello", b'{"type": 1}'])
def test_another_format_under_this_name(tmp_path, content):
    path = tmp_path / "other.osm"
    path.write_bytes(content)
    refused(path)


def test_flipped_bits_are_noticed_or_harmless(tmp_path):
    whole = town(tmp_path / "whole.osm.pbf")
    good = read_osm(whole, profile=WALKER, facility_classes=["huisarts"])
    data = bytearray(whole.read_bytes())
    dice = np.random.default_rng(7)
    noticed = 0
    path = tmp_path / "flipped.osm.pbf"
    for _ in range(150):
        bit = int(dice.integers(8 * len(data)))
        data[bit // 8] ^= 1 << bit % 8
        path.write_bytes(data)
        data[bit // 8] ^= 1 << bit % 8
        try:
            found = read_osm(path, profile=WALKER, facility_classes=["huisarts"])
        except (FormatError, InputError):
            noticed += 1
            continue
        # What libosmium does not check is not content: a flag, a size it has no use for.
        assert found.walkways.lonlat.tolist() == good.walkways.lonlat.tolist()
        assert found.walkways.way_node.tolist() == good.walkways.way_node.tolist()
        assert found.facilities["name"].tolist() == ["Huisarts"]
    assert noticed > 120


@pytest.mark.parametrize("dense", ["true", "false"])
def test_broken_numbers_in_an_unpacked_file_never_lead_outside_it(tmp_path, dense):
    """Packed blocks carry a checksum; these do not, so that every change reaches the loops."""
    relation = (1, [("w", 1, "outer"), ("n", 3, "x")], {"type": "multipolygon"} | PATH)
    plain = write_osm(
        tmp_path / "t.osm", TOWN, [(1, [1, 2, 3], PATH), (2, [3, 4], PATH)], [relation]
    )
    path = tmp_path / "t.osm.pbf"
    form = f"pbf,pbf_compression=none,pbf_dense_nodes={dense}"
    with osmium.SimpleWriter(osmium.io.File(str(path), form)) as writer:
        osmium.apply(str(plain), writer)
    data = path.read_bytes()
    dice = np.random.default_rng(11)
    noticed = 0
    for at in dice.integers(len(data), size=150).tolist():
        changed = bytearray(data)
        changed[at] = dice.choice([0, 1, 127, 128, 255])
        if at % 3 == 0:  # the largest number there is
            changed[at : at + 9] = b"\xff" * 8 + b"\x7f"
        path.write_bytes(changed[: len(data)])
        try:
            read_osm(path, profile=WALKER, facility_classes=["huisarts"])
        except (FormatError, InputError):
            noticed += 1
    assert 75 < noticed < 150


def test_a_bomb_is_not_unpacked(tmp_path):
    """A block that says it is small and unpacks to 200 MB is told after the size it says."""
    packed = zlib.compress(bytes(200 << 20), 1)
    whole = town(tmp_path / "whole.osm.pbf").read_bytes()
    header = whole[: 4 + whole[3]]
    length = whole[4 + whole[3] - 1]  # the last byte of the header is the size of its block
    blob = b"\x10\x64\x1a" + varint(len(packed)) + packed
    told = b"\x0a\x07OSMData\x18" + varint(len(blob))
    path = tmp_path / "bomb.osm.pbf"
    path.write_bytes(whole[: len(header) + length] + len(told).to_bytes(4, "big") + told + blob)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert "another size" in refused(path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # kB


def varint(number):
    """Write a number as PBF does."""
    low = [number >> shift & 0x7F for shift in range(0, max(number.bit_length(), 1), 7)]
    return bytes([*(part | 0x80 for part in low[:-1]), low[-1]])


BILLION = "<!ENTITY a0 'ha'>" + "".join(
    f"<!ENTITY a{i} '{f'&a{i - 1};' * 10}'>" for i in range(1, 10)
)
NODE = "<node id='1' lat='52' lon='5'><tag k='name' v='&a;'/></node>"
DOCUMENTS = {
    "billion laughs": f"[{BILLION} <!ENTITY a '&a9;'>]><osm version='0.6'>{NODE}</osm>",
    "quadratic": f"[<!ENTITY a '{'x' * 100_000}'>]><osm version='0.6'>{'&a;' * 1_000}</osm>",
    "external": f"[<!ENTITY a SYSTEM 'file:///etc/passwd'>]><osm version='0.6'>{NODE}</osm>",
    "parameter": "[<!ENTITY % a SYSTEM 'http://127.0.0.1:1/x'> %a;]><osm version='0.6'/>",
}


@pytest.mark.parametrize("name", DOCUMENTS)
@pytest.mark.parametrize("suffix", [".osm", ".osm.bz2", ".osm.gz"])
def test_entities_are_refused_before_they_are_expanded(tmp_path, name, suffix):
    """Expanded they would be 100 MB to 3 GB of text."""
    pack = {".osm": bytes, ".osm.bz2": bz2.compress, ".osm.gz": gzip.compress}[suffix]
    path = tmp_path / f"x{suffix}"
    path.write_bytes(pack(f"<?xml version='1.0'?><!DOCTYPE osm {DOCUMENTS[name]}".encode()))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    message = refused(path)
    assert "entities" in message
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # kB


def test_an_external_document_type_is_not_fetched(tmp_path):
    secret = tmp_path / "secret.dtd"
    secret.write_text("<!ENTITY a 'secret'>")
    path = tmp_path / "t.osm"
    path.write_text(
        f"<!DOCTYPE osm SYSTEM '{secret.as_uri()}'><osm version='0.6'>"
        "<node id='1' lat='52' lon='5'><tag k='amenity' v='doctors'/><tag k='name' v='x&a;'/></node></osm>"
    )
    found = read_osm(path, facility_classes=["huisarts"])
    assert "secret" not in str(found.facilities["name"].tolist())


def test_ways_are_cut_where_a_node_is_missing_and_counted(tmp_path):
    nodes = {i: (i, 0) for i in range(10)}
    ways = [(i, [i, i + 1], PATH) for i in range(9)] * 22
    ways += [(500, [1, 2, 77, 3, 4, 78, 5], PATH), (501, [6, 6], PATH)]
    found = read_osm(write_osm(tmp_path / "t.osm.pbf", nodes, ways), profile=WALKER)
    start, node = found.walkways.way_start, found.walkways.way_node
    parts = [
        found.walkways.node_id[node[a:b]].tolist()
        for way, a, b in zip(found.walkways.way_id, start[:-1], start[1:], strict=True)
        if way == 500
    ]
    assert parts == [[1, 2], [3, 4]]
    assert found.counts["ways"]["missing_nodes"] == 1
    assert 501 in found.walkways.way_id  # no length, but a way
    assert len(found.walkways.way_attributes) == len(found.walkways.way_id)


def test_over_one_per_cent_of_ways_with_missing_nodes_is_an_error_with_ids(tmp_path):
    nodes = {i: (i, 0) for i in range(10)}
    ways = [(i, [i, i + 1], PATH) for i in range(9)] * 10 + [(500, [1, 77], PATH)]
    message = refused(write_osm(tmp_path / "t.osm.pbf", nodes, ways), InputError)
    assert "1 of 91 walkable ways" in message
    assert "(500)" in message
    assert "complete_ways" in message


def test_ways_before_nodes_are_told_to_be_sorted(tmp_path):
    path = tmp_path / "t.osm"
    nodes = "".join(f"<node id='{i}' lat='52' lon='5.{i}'/>" for i in (1, 2))
    way = "<way id='1'><nd ref='1'/><nd ref='2'/><tag k='highway' v='path'/></way>"
    path.write_text(f"<osm version='0.6'>{way}{nodes}</osm>")
    assert "osmium sort" in refused(path, InputError)


@pytest.mark.parametrize(("lon", "lat"), [("205.9", "52"), ("5.9", "99"), ("-181", "0")])
def test_places_off_the_globe(tmp_path, lon, lat):
    """The same file with RD numbers would not even be XML of OSM; degrees out of range are."""
    path = tmp_path / "t.osm"
    nodes = f"<node id='1' lat='52' lon='5'/><node id='2' lat='{lat}' lon='{lon}'/>"
    way = "<way id='1'><nd ref='1'/><nd ref='2'/><tag k='highway' v='path'/></way>"
    path.write_text(f"<osm version='0.6'>{nodes}{way}</osm>")
    assert "outside longitude" in refused(path)


def test_rd_numbers_instead_of_degrees(tmp_path):
    path = tmp_path / "t.osm"
    path.write_text("<osm version='0.6'><node id='1' lat='507000.5' lon='191000.1'/></osm>")
    refused(path)


def test_a_nul_in_a_text_is_refused_before_it_kills_the_process(tmp_path):
    path = tmp_path / "nul.osm.pbf"
    plain = osmium.io.File(str(path), "pbf,pbf_compression=none")
    with osmium.SimpleWriter(plain) as writer:
        tags = {"amenity": "doctors", "name": "HuisQarts", "z": "b"}
        writer.add_node(osmium.osm.mutable.Node(id=1, location=(5.9, 52.5), tags=tags))
    data = path.read_bytes()
    assert data.count(b"HuisQ") == 1
    path.write_bytes(data.replace(b"HuisQ", b"Huis\x00"))
    assert "NUL" in refused(path)


def test_a_failed_writer_does_not_end_the_process(tmp_path):
    """pyosmium's writer throws from its destructor; in a process of its own, to see it end well."""
    nodes = "<node id='1' lat='52' lon='5'/><node id='2' lat='99' lon='5'/>"
    way = "<way id='1'><nd ref='1'/><nd ref='2'/><tag k='highway' v='path'/></way>"
    (tmp_path / "t.osm").write_text(f"<osm version='0.6'>{nodes}{way}</osm>")
    script = (
        "import gc, sys\n"
        "from geowoonzorg.errors import FormatError\n"
        "from geowoonzorg.osm import read_osm\n"
        "from geowoonzorg.walking import read_profile\n"
        "try:\n"
        "    read_osm(sys.argv[1], profile=read_profile('wandelaar'))\n"
        "except FormatError:\n"
        "    gc.collect()\n"
        "    print('refused')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "t.osm")],
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert (done.stdout, done.returncode) == ("refused\n", 0), done.stderr


FULL = """
import resource, sys
from geowoonzorg.errors import OutputError
from geowoonzorg.osm import read_osm
from geowoonzorg.walking import read_profile
profile = read_profile("wandelaar")
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
try:
    read_osm(sys.argv[1], profile=profile)
except OutputError as error:
    print(error)
"""


def test_a_full_temporary_folder_is_said_and_does_not_end_the_process(tmp_path):
    nodes = {i: (i / 100, 0) for i in range(1, 3_001)}
    path = write_osm(tmp_path / "t.osm.gz", nodes, [(i, [i, i + 1], PATH) for i in range(1, 3_000)])
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(path)],
        capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip
    assert done.stdout.startswith("temporary folder"), done.stderr
    assert "TMPDIR" in done.stdout
    assert done.returncode == 0


def test_no_temporary_folder_at_all(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "absent"))
    with pytest.raises(OutputError, match="TMPDIR"):
        read_osm(town(tmp_path / "t.osm"), profile=WALKER)
    assert len(read_osm(town(tmp_path / "t.osm.pbf"), profile=WALKER).walkways.way_id) == 2


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("https://example.nl/a.osm.pbf", InputError),
        ("/vsicurl/https://example.nl/a.osm.pbf", InputError),
        ("-", InputError),
        ("town.gpkg", InputError),
        ("absent.osm.pbf", SourceError),
    ],
)
def test_paths_that_are_no_osm_file(path, error):
    with pytest.raises(error):
        read_osm(path, profile=WALKER)


def test_paths_with_spaces_and_accents(tmp_path):
    folder = tmp_path / "straßen en 'wegen' #1"
    folder.mkdir()
    assert len(read_osm(town(folder / "één stad.osm.pbf"), profile=WALKER).walkways.way_id) == 2


def test_nothing_is_left_in_the_temporary_folder(tmp_path, monkeypatch):
    good = town(tmp_path / "good.osm.pbf")
    bad = tmp_path / "bad.osm"
    bad.write_text("<gpx/>")
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    read_osm(good, profile=WALKER)
    refused(bad)
    assert list(temporary.iterdir()) == []
