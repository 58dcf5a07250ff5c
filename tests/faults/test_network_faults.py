"""Networks, places, limits and caches that are wrong: said, with what and where, and never a wrong distance."""

from __future__ import annotations

import json

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
from geowoonzorg.walk.network import WalkNetwork
from geowoonzorg.walk.service_area import iter_pairs, nearest, nearest_few, service_areas

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


# numpy leaves the file of a broken archive to the garbage collector
@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning"
)
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
