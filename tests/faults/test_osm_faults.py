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
from fuzz import pbf
from osm_writer import write_osm

from geowoonzorg.errors import FormatError, InputError, OutputError, SourceError
from geowoonzorg.osm import read_osm
from geowoonzorg.osm.profile import read_profile

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
    blob = b"\x10\x64\x1a" + pbf.number(len(packed)) + packed
    told = b"\x0a\x07OSMData\x18" + pbf.number(len(blob))
    path = tmp_path / "bomb.osm.pbf"
    path.write_bytes(whole[: len(header) + length] + len(told).to_bytes(4, "big") + told + blob)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert "another size" in refused(path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # kB


BOMBS = """
import resource, sys
import numpy as np
from geowoonzorg.errors import FormatError, InputError
from geowoonzorg.osm import read_osm
from geowoonzorg.osm.profile import read_profile
walker = read_profile("wandelaar")
read_osm(sys.argv[1], profile=walker, facility_classes=["huisarts"])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for path in sys.argv[2:]:
    try:
        read_osm(path, profile=walker if "ways" in path else None, facility_classes=["huisarts"])
        print("read")
    except (FormatError, InputError) as error:
        print(error)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1000)
"""


def texts(*words):
    return pbf.sized(1, [pbf.sized(1, word.encode()) for word in ("", *words)])


def doctors(n, step):
    """So many dense nodes, each a facility, in a row."""
    lat, lon = (pbf.number(pbf.zigzag(at)) + step * (n - 1) for at in (525_000_000, 59_000_000))
    dense = [
        pbf.sized(1, b"\x02" * n),
        pbf.sized(8, lat),
        pbf.sized(9, lon),
        pbf.sized(10, b"\1\2\0" * n),
    ]
    return pbf.encode([texts("amenity", "doctors"), pbf.sized(2, [pbf.sized(2, dense)])])


def paths(n, refs, key="highway"):
    """So many times the same way, of so many nodes."""
    way = [pbf.whole(1, 5), pbf.sized(2, [1]), pbf.sized(3, [2]), pbf.sized(8, b"\x02" * refs)]
    group = pbf.encode([pbf.sized(3, way)]) * n
    return pbf.encode([texts(key, "path"), pbf.sized(2, group)])


def test_bombs_are_refused_with_a_word_and_in_little_memory(tmp_path):
    whole = town(tmp_path / "whole.osm.pbf")
    head = pbf.header()
    unknown = pbf.encode(head.content) + b"\xf8\x01\x00" * (10 << 20)
    bombs = {
        "16 M empty groups": [head, pbf.Blob(b"OSMData", b"\x12\x00" * (16 << 20))],
        "a header of unknown fields": [pbf.Blob(b"OSMHeader", unknown)],
        "4.6 M facilities": [head, pbf.Blob(b"OSMData", doctors(4_600_000, b"\x02"))],
        "ways of 2 M nodes": [head, *[pbf.Blob(b"OSMData", paths(1, 1_900_000))] * 4],
        "400,000 facilities": [head, pbf.Blob(b"OSMData", doctors(400_000, b"\x02"))],
        "20,000 facilities in one place": [head, pbf.Blob(b"OSMData", doctors(20_000, b"\0"))],
        "11,000 groups": [head, pbf.Blob(b"OSMData", b"\x12\x00" * 11_000)],
        "a long text": [head, pbf.Blob(b"OSMData", pbf.encode([texts("x" * 1_025)]))],
    }
    bombs = {name: pbf.write(blobs) for name, blobs in bombs.items()}
    ways = pbf.Blob(b"OSMData", paths(600_000, 30, "none"))
    bombs["500 MB of ways"] = pbf.write([head]) + pbf.write([ways]) * 20
    files = {}
    for name, data in bombs.items():
        files[name] = tmp_path / f"{name}.osm.pbf"
        files[name].write_bytes(data)
        assert len(data) < 2_000_000
    spaces = b" " * (1 << 20)
    for suffix, pack in {".osm.gz": gzip.compress, ".osm.bz2": bz2.compress}.items():
        files[suffix] = tmp_path / f"spaces{suffix}"
        files[suffix].write_bytes(
            pack(b"<osm version='0.6'>") + pack(spaces) * 300 + pack(b"</osm>")
        )
    done = subprocess.run(
        [sys.executable, "-c", BOMBS, str(whole), *map(str, files.values())],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    *said, memory_mb = done.stdout.splitlines()
    assert done.returncode == 0, done.stderr
    for (name, path), message in zip(files.items(), said, strict=True):
        assert path.name in message, name
    told = dict(zip(files, said, strict=True))
    assert "more groups" in told["11,000 groups"]
    assert "more objects" in told["ways of 2 M nodes"]
    assert "more facilities" in told["400,000 facilities"]
    assert "20000 facilities" in told["20,000 facilities in one place"]
    for name in ("500 MB of ways", ".osm.gz", ".osm.bz2"):
        assert "unpack to over 200 times" in told[name]
    assert int(memory_mb) < 600


def test_nodes_and_ways_in_turns_are_told_to_be_sorted(tmp_path, monkeypatch):
    monkeypatch.setattr("geowoonzorg.osm._node_places._MOST_SORTED", 0)
    path = tmp_path / "t.osm"
    nodes = "".join(f"<node id='{i}' lat='52' lon='5.{i}'/>" for i in (2, 1))
    way = "<way id='1'><nd ref='1'/><nd ref='2'/><tag k='highway' v='path'/></way>"
    path.write_text(f"<osm version='0.6'>{way}{nodes}</osm>")
    assert "osmium sort" in refused(path)


def test_files_put_together_byte_for_byte_are_named_with_what_to_do(tmp_path):
    path = town(tmp_path / "t.osm.pbf")
    path.write_bytes(path.read_bytes() * 2)
    assert "put together byte for byte" in (message := refused(path))
    assert "osmium merge" in message
    path.write_bytes(pbf.write([pbf.header(), pbf.Blob(b"OSMx", b"x")]))
    assert "blocks of another kind" in refused(path)


@pytest.mark.parametrize("pack", ["lzma", "lz4", "zstd"])
def test_blocks_that_are_packed_otherwise_are_named_with_what_to_do(tmp_path, pack):
    path = tmp_path / "t.osm.pbf"
    path.write_bytes(pbf.write([pbf.header(), pbf.Blob(b"OSMData", b"x", pack=pack)]))
    message = refused(path)
    assert f"packed by {pack}" in message
    assert "osmium cat" in message


def test_a_history_file_is_named_with_what_to_do(tmp_path):
    path = tmp_path / "t.osm.pbf"
    head = pbf.header()
    head.content.append(pbf.sized(4, b"HistoricalInformation"))
    path.write_bytes(pbf.write([head]))
    message = refused(path)
    assert "history" in message
    assert "osmium time-filter" in message


def places_of(found):
    frame = found.facilities
    return dict(
        zip(
            frame["osm_id"],
            zip(frame["facility_class"], frame.geometry.x, frame.geometry.y, strict=True),
            strict=True,
        )
    )


@pytest.mark.parametrize("last_zero", [True, False])
def test_dense_tags_without_their_last_zero_stay_with_their_nodes(tmp_path, last_zero):
    """The format asks for it, libosmium does not; the tags of later blocks went to other nodes."""
    classes = {
        "huisarts": ("amenity", "doctors"),
        "apotheek": ("amenity", "pharmacy"),
        "supermarkt": ("shop", "supermarket"),
    }
    nodes = {1004: "apotheek", 2001: "huisarts", 2003: "supermarkt"}
    blobs = [pbf.header()]
    for first in (1000, 2000):
        of = pbf.Texts()
        row = [
            (i, 59_000_000 + i, 525_000_000, dict([classes[nodes[i]]]) if i in nodes else {})
            for i in range(first, first + 5)
        ]
        dense = pbf.dense(of, row)
        if first == 1000 and not last_zero:
            assert dense[-1][2].pop() == 0
        blobs.append(pbf.block(of, [(2, dense)]))
    path = tmp_path / "t.osm.pbf"
    path.write_bytes(pbf.write(blobs))
    found = places_of(read_osm(path, facility_classes=list(classes)))
    assert found == {
        f"n{i}": (kind, (59_000_000 + i) / 1e7, 52.5) for i, kind in nodes.items()
    }  # fmt: skip


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
    assert "entities" in refused(path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # kB


def test_a_bz2_of_many_streams_is_read_to_its_end(tmp_path):
    """As programs write it that pack with all processors; libosmium stops after the first stream."""
    text = town(tmp_path / "t.osm").read_bytes()
    many = b"".join(bz2.compress(text[at : at + 300]) for at in range(0, len(text), 300))
    (tmp_path / "t.osm.bz2").write_bytes(many)
    one, other = (
        read_osm(tmp_path / name, profile=WALKER).walkways for name in ("t.osm", "t.osm.bz2")
    )
    assert other.way_id.tolist() == one.way_id.tolist()
    (tmp_path / "two.osm.bz2").write_bytes(bz2.compress(text) * 2)
    assert "cannot be read as OSM data" in refused(tmp_path / "two.osm.bz2")


@pytest.mark.parametrize("suffix", [".osm", ".osm.bz2", ".osm.gz"])
def test_what_overpass_could_not_finish_is_no_whole_answer(tmp_path, suffix):
    pack = {".osm": bytes, ".osm.bz2": bz2.compress, ".osm.gz": gzip.compress}[suffix]
    remark = '<remark> runtime error: Query timed out in "query" at line 3 </remark>\n</osm>'
    text = town(tmp_path / "whole.osm").read_text().replace("</osm>", remark)
    path = tmp_path / f"t{suffix}"
    path.write_bytes(pack(text.encode()))
    assert "is not whole: Overpass says: runtime error: Query timed out" in refused(path)
    path.write_bytes(pack(text.replace("runtime error: Query timed out", "thanks").encode()))
    assert len(read_osm(path, profile=WALKER).walkways.way_id)


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
    ways = [(i, [i % 9, i % 9 + 1], PATH) for i in range(198)]
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
    ways = [(i, [i % 9, i % 9 + 1], PATH) for i in range(90)] + [(500, [1, 77], PATH)]
    message = refused(write_osm(tmp_path / "t.osm.pbf", nodes, ways), InputError)
    assert "1 of 91 walkable ways" in message
    assert "(500)" in message
    assert "complete_ways" in message


@pytest.mark.parametrize("name", ["t.osm.pbf", "t.osm"])
def test_ways_without_any_node_are_counted_as_such_and_told_and_are_no_walkable_ways(
    tmp_path, name
):
    nodes = {i: (i, 0) for i in range(10)}
    ways = [(0, [0, 1], PATH), (1, [3], PATH), (2, [], {"highway": "motorway"})]
    ways += [(i, [], PATH) for i in range(500, 550)]
    found = read_osm(write_osm(tmp_path / name, nodes, ways), profile=WALKER)
    counts = found.counts["ways"]
    assert (counts["read"], counts["walkable"], counts["no_node"]) == (53, 2, 50)
    assert (counts["missing_nodes"], counts["one_node"]) == (0, 1)
    assert "50 (500, 501, 502, 503, 504, …)" in str(found.notes[0])


def test_ways_before_nodes_are_read_all_the_same(tmp_path):
    """Overpass writes so: what was asked for first, then the nodes along it."""
    path = tmp_path / "t.osm"
    nodes = "".join(f"<node id='{i}' lat='52' lon='5.{i}'/>" for i in (2, 1))
    way = "<way id='1'><nd ref='1'/><nd ref='2'/><tag k='highway' v='path'/></way>"
    path.write_text(f"<osm version='0.6'>{way}{nodes}</osm>")
    found = read_osm(path, profile=WALKER)
    assert found.walkways.lonlat.tolist() == [[5.1, 52.0], [5.2, 52.0]]
    assert found.walkways.way_node.tolist() == [0, 1]


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
        "from geowoonzorg.osm.profile import read_profile\n"
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
from geowoonzorg.osm.profile import read_profile
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
