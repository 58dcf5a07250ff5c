"""Networks, places, limits and caches that are wrong: said, with what and where, and never a wrong distance."""

from __future__ import annotations

import io
import json
import struct
import subprocess
import sys
import tracemalloc
import warnings
import zipfile
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
import shapely

from geowoonzorg.errors import (
    CrsError,
    DuplicateIdError,
    FormatError,
    GeometryError,
    InputError,
    SourceError,
    StudyError,
)
from geowoonzorg.files import read_arrays, write_arrays
from geowoonzorg.town.streets import open_network
from geowoonzorg.walk.kernels import grid
from geowoonzorg.walk.network import WalkNetwork
from geowoonzorg.walk.service_area import iter_pairs, nearest, nearest_few, service_areas

ROOT = Path(__file__).resolve().parents[2]
CORNER = np.array([190_000.0, 500_000.0])


def lines(*coordinates, crs=28992, offset=CORNER):
    return gpd.GeoDataFrame(
        geometry=[shapely.LineString(np.array(c) + offset) for c in coordinates], crs=crs
    )


def points(*coordinates, **columns):
    return gpd.GeoDataFrame(
        columns, geometry=shapely.points(np.array(coordinates, float) + CORNER), crs=28992
    )


@pytest.fixture
def net():
    return WalkNetwork.from_lines(lines([(0, 0), (500, 0)], [(500, 0), (500, 500)]))


@pytest.mark.parametrize("limit", [0, -400, np.nan, 1_000_000, [], [400, -1], "far"])
def test_limits_that_make_no_sense(net, limit):
    with pytest.raises(StudyError, match="limit_m"):
        service_areas(net, points((0, 0)), limit_m=limit)


@pytest.mark.parametrize("radius", [0, -1, np.nan, 1e6])
def test_snap_radii_that_make_no_sense(net, radius):
    with pytest.raises(StudyError, match="max_snap_m"):
        nearest(net, points((0, 0)), points((10, 0)), max_snap_m=radius)


def test_other_options_that_make_no_sense(net):
    with pytest.raises(StudyError, match="shape"):
        service_areas(net, points((0, 0)), shape="hull")
    with pytest.raises(StudyError, match="k is 0"):
        nearest_few(net, points((0, 0)), points((0, 0)), k=0)
    with pytest.raises(StudyError, match="memory_mb"):
        next(iter_pairs(net, points((0, 0)), points((0, 0)), memory_mb=0))


def test_duplicate_ids_are_named(net):
    with pytest.raises(DuplicateIdError, match="a"):
        service_areas(net, points((0, 0), (1, 1), id=["a", "a"]))


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:3857", "EPSG:999999"])
def test_systems_that_cannot_be_worked_in(crs):
    with pytest.raises(CrsError):
        WalkNetwork.from_lines(lines([(0, 0), (100, 0)]), crs=crs)


def test_a_layer_without_a_system_or_with_the_wrong_one():
    nameless = lines([(0, 0), (100, 0)], crs=None)
    with pytest.raises(CrsError, match="RD New"):
        WalkNetwork.from_lines(nameless)
    with pytest.raises(CrsError, match="degrees"):
        WalkNetwork.from_lines(lines([(5.9, 52.5), (5.91, 52.5)], offset=0))
    with pytest.raises(CrsError, match="RD New"):
        WalkNetwork.from_lines(lines([(0, 0), (100, 0)], crs=4326))
    with pytest.raises(CrsError, match="swapped"):
        WalkNetwork.from_lines(lines([(52.5, 5.9), (52.5, 5.91)], offset=0, crs=4326))


def test_layers_that_are_not_lines():
    with pytest.raises(GeometryError, match="Point"):
        WalkNetwork.from_lines(points((0, 0), (10, 0)))
    with pytest.raises(InputError, match="no lines"):
        WalkNetwork.from_lines(lines([(0, 0), (100, 0)]).iloc[:0])
    with pytest.raises(InputError, match="no street"):
        WalkNetwork.from_arrays([[190_000, 500_000]], [[0, 0]])
    with pytest.raises(InputError, match="point 7"):
        WalkNetwork.from_arrays([[190_000, 500_000], [190_001, 500_000]], [[0, 7]])


def test_empty_and_missing_lines_are_counted_not_followed():
    frame = lines([(0, 0), (100, 0)], [(100, 0), (200, 0)], [(0, 0), (1, 1)])
    frame.geometry = [frame.geometry[0], None, shapely.LineString()]
    net = WalkNetwork.from_lines(frame)
    assert net.counts["lines"] == {"read": 1, "without_geometry": 2}


def test_heights_and_collections_of_lines_are_understood():
    flat = WalkNetwork.from_lines(lines([(0, 0), (100, 0)], [(100, 0), (100, 50)]))
    z = shapely.MultiLineString([
        [(*CORNER, 5), (*(CORNER + [100, 0]), 80)], [(*(CORNER + [100, 0]), 3), (*(CORNER + [100, 50]), 3)],
    ])  # fmt: skip
    high = WalkNetwork.from_lines(gpd.GeoDataFrame(geometry=[z], crs=28992))
    assert high.edge_length_m.tolist() == flat.edge_length_m.tolist()


def test_a_graph_that_says_too_little():
    with pytest.raises(CrsError, match="graph"):
        WalkNetwork.from_osmnx(nx.MultiDiGraph())
    with pytest.raises(InputError, match="no edges"):
        WalkNetwork.from_osmnx(nx.MultiDiGraph(crs="EPSG:28992"))


def test_places_that_cannot_be_places(net):
    with pytest.raises(GeometryError):
        service_areas(net, lines([(0, 0), (10, 0)]))
    with pytest.raises(CrsError):
        service_areas(net, points((0, 0)).set_crs(None, allow_override=True))


@pytest.fixture
def cache(net, tmp_path):
    path = tmp_path / "net.npz"
    net.save(path)
    return path


def test_a_cache_cut_short_flipped_or_random_is_noticed(cache, tmp_path):
    whole = cache.read_bytes()
    rng = np.random.default_rng(2)
    for share in (0.0, 0.3, 0.9, 0.999):
        cache.write_bytes(whole[: int(len(whole) * share)])
        with pytest.raises((FormatError, InputError)):
            WalkNetwork.load(cache)
    cache.write_bytes(rng.bytes(5000))
    with pytest.raises((FormatError, InputError)):
        WalkNetwork.load(cache)
    cache.write_bytes(whole)
    ours = WalkNetwork.load(cache)
    for _ in range(40):
        at = rng.integers(len(whole))
        cache.write_bytes(
            whole[:at] + bytes([whole[at] ^ (1 << rng.integers(8))]) + whole[at + 1 :]
        )
        try:
            loaded = WalkNetwork.load(cache)
        except (FormatError, InputError):
            continue
        # a bit that no reader looks at, such as a time stamp
        assert (loaded.vertex_xy == ours.vertex_xy).all()
        assert (loaded.edge_node == ours.edge_node).all()
        assert (loaded.edge_length_m == ours.edge_length_m).all()
    with pytest.raises(SourceError):
        WalkNetwork.load(tmp_path / "absent.npz")


def test_a_cache_of_another_version_or_source_is_noticed(cache):
    arrays = read_arrays(cache)
    story = json.loads(str(arrays["story"]))
    with pytest.raises(FormatError, match="another source"):
        WalkNetwork.load(cache, provenance={"source": "changed"})
    write_arrays(
        cache,
        {**arrays, "story": np.array(json.dumps({**story, "format": "geowoonzorg network 0"}))},
    )
    with pytest.raises(FormatError, match="network 0"):
        WalkNetwork.load(cache)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("edge_node", lambda a: a + 1_000_000),
        ("edge_node", lambda a: a[:, ::-1] - 1),
        ("vertex_start", lambda a: a[::-1].copy()),
        ("vertex_start", lambda a: a * 1000),
        ("vertex_xy", lambda a: a * np.nan),
        ("edge_length_m", lambda a: -a),
        ("edge_forward", lambda a: a[:-1]),
        ("node_xy", lambda a: a.astype(np.float32)),
        ("segment_way", lambda a: a[:, None]),
        ("ground_coefficients", lambda a: a[:2]),
    ],
)
def test_a_cache_that_was_tampered_with_never_reaches_the_loops(cache, name, change):
    arrays = read_arrays(cache)
    write_arrays(cache, {**arrays, name: change(arrays[name])})
    with pytest.raises(FormatError):
        WalkNetwork.load(cache)


def test_a_cache_with_a_missing_part_is_noticed(cache):
    arrays = read_arrays(cache)
    for name in arrays:
        write_arrays(cache, {k: v for k, v in arrays.items() if k != name})
        with pytest.raises(FormatError):
            WalkNetwork.load(cache)


def tampered(tmp_path, hashed):
    """Try changes to the demo's network in a process of its own: what it says of each."""
    path = tmp_path / "net.npz"
    WalkNetwork.from_osm(ROOT / "data" / "demo" / "wierhaven.osm.pbf").save(path)
    done = subprocess.run(
        [sys.executable, ROOT / "tests" / "tampering.py", path, hashed],
        capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, (done.returncode, done.stdout[-300:], done.stderr[-1000:])
    lines = dict(line.split("\t", 1) for line in done.stdout.splitlines())
    assert not [line for line in lines.items() if line[1].startswith("BROKE")]
    assert lines.pop("nothing") == "the same"
    assert len(lines) > 400
    return lines


def test_what_was_changed_after_it_was_written_is_never_used(tmp_path):
    assert set(tampered(tmp_path, "as-it-was").values()) == {"refused"}


def test_a_network_made_to_harm_never_crashes_and_gives_no_length_but_that_of_its_lines(tmp_path):
    """Who changes a file can hash it again. What no check can know is which network was meant."""
    said = tampered(tmp_path, "again")

    def arrays(*outcomes):
        names = [name for name, outcome in said.items() if outcome in outcomes]
        return {
            name.removeprefix("random ").split(": ")[name.startswith("random")] for name in names
        }

    lines = [
        "node_xy",
        "edge_node",
        "edge_length_m",
        "vertex_start",
        "vertex_xy",
        "vertex_offset_m",
    ]
    assert not arrays("the same", "another").intersection(lines)
    # directions nobody else knows; the scale may be that of another version of the projection
    # and that a street is the outline of a square
    free = {"edge_forward", "edge_backward", "edge_layer", "edge_square", "ground_coefficients"}
    assert arrays("another") <= free
    told = ["story: counts 5", "story: notes 5", "story: ground ['a', 0, 1]", "story: deep"]
    for name in [*told, "vertex_start: wraps", "edge_node: shuffled", "tables without rows"]:
        assert said[name] == "refused", name


def packed(path, arrays):
    np.savez_compressed(path, **arrays)


def bomb(path, arrays):
    """Some kilobytes that unpack to 64 MB."""
    header = io.BytesIO()
    shape = {"descr": "<f8", "fortran_order": False, "shape": (1 << 22, 2)}
    np.lib.format.write_array_header_1_0(header, shape)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("node_xy.npy", header.getvalue() + bytes(1 << 26))


def header(changes):
    """Write the first array with another header, the size of its entry being what it was."""

    def write(path, arrays):
        with zipfile.ZipFile(path, "w") as archive:
            for name, array in arrays.items():
                buffer = io.BytesIO()
                np.lib.format.write_array(buffer, array, version=(1, 0))
                raw = buffer.getvalue()
                for old, new in changes if name == "node_xy" else ():
                    assert old in raw
                    raw = raw.replace(old, new, 1)
                archive.writestr(f"{name}.npy", raw)

    return write


def twice(path, arrays):
    np.savez(path, **arrays)
    with zipfile.ZipFile(path, "a") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        archive.writestr("node_xy.npy", b"")


def longer_than_the_file(path, arrays):
    """Entries that lie over each other, so that together they are longer than the file."""
    np.savez(path, **arrays)
    raw = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        most = max(archive.infolist(), key=lambda e: e.file_size)
        start = archive.start_dir
    copy = raw.index(most.filename.encode(), start) - 46
    length = 46 + sum(struct.unpack("<HHH", raw[copy + 28 : copy + 34]))
    entry, end = bytes(raw[copy : copy + length]), raw[-22:]
    more = b""
    for i in range(50):
        name = f"{i:03d}".encode() + most.filename.encode()[3:]
        more += entry.replace(most.filename.encode(), name)
    count, size = (
        struct.unpack("<H", end[10:12])[0] + 50,
        struct.unpack("<I", end[12:16])[0] + len(more),
    )
    end[8:16] = struct.pack("<HHI", count, count, size)
    path.write_bytes(raw[:-22] + more + end)


@pytest.mark.parametrize(
    "write",
    [
        packed, bomb, twice, longer_than_the_file,
        header([(b"'<f8'", b"'|O8'")]), header([(b"'<f8'", b"'>f8'")]), header([(b"'<f8'", b"'|V8'")]),
        header([(b"False", b"True ")]), header([(b", 2), }         ", b"00000000, 2), } ")]),
        header([(b"'shape': (", b"'shape': (9"), (b"}  ", b"} ")]), header([(b"{'descr'", b"{'__ar'")]),
        header([(b"'<f8'", b"[()]]" )]), header([(b"NUMPY\x01", b"NUMPY\x03")]), header([(b"NUMPY", b"numpy")]),
    ],
)  # fmt: skip
def test_a_file_of_arrays_that_is_not_as_we_write_it_is_refused_before_there_is_room_for_it(
    cache, write
):
    arrays = {**read_arrays(cache), "sha256": dict(np.load(cache))["sha256"]}
    write(cache, arrays)
    tracemalloc.start()
    with pytest.raises(FormatError, match=r"net\.npz"):
        WalkNetwork.load(cache)
    assert tracemalloc.get_traced_memory()[1] < 20e6
    tracemalloc.stop()


def test_a_network_of_a_version_before_is_made_anew_once(tmp_path):
    source, cache = tmp_path / "streets.gpkg", tmp_path / "streets.npz"
    lines([(0, 0), (500, 0)], [(500, 0), (500, 500)]).to_file(source)
    on_foot = {"cache": cache, "profile": "wandelaar"}
    open_network(source, **on_foot)
    np.savez(cache, **read_arrays(cache))  # without a hash
    with pytest.raises(FormatError, match="earlier version: make it anew"):
        open_network(cache)
    assert "made anew" in open_network(source, **on_foot).notes[0]
    assert open_network(source, **on_foot).notes == ()


def test_streets_to_and_fro_over_the_country_do_not_fill_the_memory(monkeypatch):
    """Each of them touches a thousand cells, and a file may hold millions of them."""
    far = np.array([[30_000.0, 320_000.0], [270_000.0, 610_000.0]])
    ends = np.concatenate([far + [0.0, 10.0 * i] for i in range(500)])
    pairs = np.arange(len(ends)).reshape(-1, 2)
    fine, coarse = (WalkNetwork.from_arrays(ends, pairs) for _ in range(2))
    assert len(fine.grid.segment) > 500_000
    monkeypatch.setattr(grid, "_MOST_TOUCHES", 50_000)
    assert len(coarse.grid.segment) < 50_000
    points = far.mean(axis=0) + np.array([[0.0, 2003.0], [0.0, 7000.0], [40.0, -300.0]])
    found, expected = (net.snap(points, max_snap_m=5000.0) for net in (coarse, fine))
    assert found.edge.tolist() == expected.edge.tolist()
    assert found.access_m.tolist() == expected.access_m.tolist()
