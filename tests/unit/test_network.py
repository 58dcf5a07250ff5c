"""The network: contraction, directions, ground metres, islands, snapping, entrances, builders and cache."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely
from reach_oracle import ground_m

from geowoonzorg.errors import GeometryError
from geowoonzorg.files import read_places
from geowoonzorg.messages import translate
from geowoonzorg.osm import Walkways
from geowoonzorg.town.streets import open_network
from geowoonzorg.walk.access import join_network
from geowoonzorg.walk.network import WalkNetwork
from geowoonzorg.walk.scale import ProjectionScale
from geowoonzorg.walk.service_area import nearest, service_areas

CORNER = np.array([190_000.0, 500_000.0])


def town(xy, segments, **options):
    return WalkNetwork.from_arrays(np.asarray(xy, float) + CORNER, np.asarray(segments), **options)


def grid_town(n=6, step=80.0):
    """A square grid of streets, one component of well over a kilometre."""
    x, y = np.meshgrid(np.arange(n), np.arange(n))
    i = np.arange(n * n).reshape(n, n)
    rows = np.column_stack([i[:, :-1].ravel(), i[:, 1:].ravel()])
    columns = np.column_stack([i[:-1].ravel(), i[1:].ravel()])
    return np.column_stack([x.ravel(), y.ravel()]) * step, np.concatenate([rows, columns])


def walkways(xy, ways, **changes):
    """Walkways in RD New numbers relative to the corner, as the OSM reader gives them."""
    to_degrees = pyproj.Transformer.from_crs("EPSG:28992", "EPSG:4326", always_xy=True)
    n, sizes = len(xy), [len(w) for w in ways]
    fields = {
        "node_id": np.arange(n), "lonlat": np.column_stack(to_degrees.transform(*(np.asarray(xy, float) + CORNER).T)),
        "way_start": np.concatenate([[0], np.cumsum(sizes)]), "way_node": np.concatenate(ways).astype(np.int32),
        "way_id": np.arange(len(ways)), "forward": np.ones(len(ways), bool), "backward": np.ones(len(ways), bool),
        "node_cut": np.zeros(n, bool), "way_attributes": pd.DataFrame({"steps": np.zeros(len(ways), bool)}),
        "node_attributes": pd.DataFrame(index=pd.Index([], dtype="int64")),
    }  # fmt: skip
    return Walkways(**{**fields, **changes})


def test_a_chain_is_one_edge_and_keeps_every_metre():
    xy = np.array([[0, 0], [40, 3], [90, -2], [150, 0], [150, 60]])
    net = town(xy, [[0, 1], [1, 2], [2, 3], [3, 4]])
    assert len(net.edge_length_m) == 1
    assert np.isclose(
        net.edge_length_m[0], ground_m(xy[:-1] + CORNER, xy[1:] + CORNER).sum(), rtol=0, atol=1e-7
    )
    ours = {tuple(p) for p in net.vertex_xy}
    assert ours == {tuple(p) for p in xy + CORNER}
    assert net.vertex_offset_m[0] == 0
    assert net.vertex_offset_m[-1] == net.edge_length_m[0]


def test_twins_are_one_street_and_parallel_edges_are_two():
    twice = town([[0, 0], [100, 0]], [[0, 1], [1, 0], [0, 1]])
    assert len(twice.edge_length_m) == 1
    assert twice.counts["network"]["segments_twice"] == 2
    around = town(
        [[0, 0], [100, 0], [50, 40], [-30, 0], [130, 0]], [[0, 1], [0, 2], [2, 1], [3, 0], [1, 4]]
    )
    both = np.flatnonzero(
        (around.edge_node == around.edge_node[around.edge_length_m.argmax()]).all(axis=1)
    )
    assert len(both) == 2  # two ways between the same junctions, each with its own length


def test_one_way_twins_merge_their_directions():
    net = town([[0, 0], [100, 0]], [[0, 1], [1, 0]], forward=[True, True], backward=[False, False])
    assert net.edge_forward.all()
    assert net.edge_backward.all()
    assert not net.directed


def test_an_edge_ends_where_its_direction_changes():
    net = town(
        [[0, 0], [100, 0], [200, 0]], [[0, 1], [1, 2]], forward=[True, True], backward=[True, False]
    )
    assert len(net.edge_length_m) == 2
    assert net.directed


def test_a_ring_without_a_junction_is_a_loop():
    net = town([[0, 0], [100, 0], [50, 80]], [[0, 1], [1, 2], [2, 0]])
    assert net.edge_node.tolist() == [[0, 0]]
    assert net.adj_away["node"].tolist() == [0]


def test_nodes_edges_and_halves_fit_each_other():
    xy, segments = grid_town()
    net = town(xy, segments)
    assert (net.edge_node[:, 0] <= net.edge_node[:, 1]).all()
    assert (net.vertex_xy[net.vertex_start[:-1]] == net.node_xy[net.edge_node[:, 0]]).all()
    assert (net.vertex_xy[net.vertex_start[1:] - 1] == net.node_xy[net.edge_node[:, 1]]).all()
    assert len(net.adj_away) == 2 * len(net.edge_length_m)
    of = np.repeat(np.arange(len(net.node_xy)), np.diff(net.adj_start))
    assert {frozenset(p) for p in zip(of, net.adj_away["node"], strict=True)} == {
        frozenset(p) for p in net.edge_node.tolist()
    }
    with pytest.raises(ValueError, match="read-only"):
        net.node_xy[0, 0] = 1


@pytest.mark.parametrize("crs", ["EPSG:28992", "EPSG:32631", "EPSG:3035"])
def test_ground_metres_are_those_of_geod_in_any_projection(crs):
    rng = np.random.default_rng(7)
    lon, lat = rng.uniform(3.4, 7.2, 500), rng.uniform(50.8, 53.5, 500)
    to_metres = pyproj.Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    back = pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    start = np.column_stack(to_metres.transform(lon, lat))
    end = start + rng.uniform(-70, 70, start.shape)
    expected = pyproj.Geod(ellps="WGS84").inv(*back.transform(*start.T), *back.transform(*end.T))[2]
    ground = ProjectionScale.fit(crs, start)
    assert ground.coefficients.shape == (3, 15)
    np.testing.assert_allclose(ground.lengths(start, end), expected, rtol=0, atol=1e-6)


def test_ground_falls_back_to_geod_where_no_polynomial_fits():
    # half of Europe in a projection made for a part of it
    far = np.array([[-2.5e6, 1e6], [9e6, 9e6]])
    ground = ProjectionScale.fit("EPSG:32631", far)
    assert ground.coefficients.shape == (3, 0)
    start, end = np.array([[5e5, 5.8e6]]), np.array([[5.001e5, 5.8e6]])
    back = pyproj.Transformer.from_crs("EPSG:32631", "EPSG:4326", always_xy=True)
    expected = pyproj.Geod(ellps="WGS84").inv(*back.transform(*start.T), *back.transform(*end.T))[2]
    np.testing.assert_allclose(ground.lengths(start, end), expected, rtol=0, atol=1e-9)


def test_the_working_system_does_not_change_lengths():
    xy, segments = grid_town()
    rd = town(xy, segments)
    lonlat = pyproj.Transformer.from_crs("EPSG:28992", "EPSG:4326", always_xy=True).transform(
        *(xy + CORNER).T
    )
    utm = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:32631", always_xy=True).transform(*lonlat)
    other = WalkNetwork.from_arrays(np.column_stack(utm), segments, crs="EPSG:32631")
    np.testing.assert_allclose(
        np.sort(other.edge_length_m), np.sort(rd.edge_length_m), rtol=0, atol=1e-6
    )


def test_islands_are_small_beside_what_is_connected():
    xy, segments = grid_town()  # 4.8 km of street
    far = len(xy)
    with_island = np.vstack([xy, [[1000, 0], [1100, 0]]])
    net = town(with_island, np.vstack([segments, [[far, far + 1]]]))
    assert net.edge_island.sum() == 1
    assert net.describe()["islands"] == 1
    # two pieces of a clipped town are both real, and so is a network that is tiny altogether
    twice = town(np.vstack([xy, xy + [1000, 0]]), np.vstack([segments, segments + far]))
    assert not twice.edge_island.any()
    assert not town([[0, 0], [30, 0], [60, 30], [70, 30]], [[0, 1], [2, 3]]).edge_island.any()


def test_snapping_takes_the_nearest_point_and_skips_islands():
    xy, segments = grid_town()
    far = len(xy)
    net = town(np.vstack([xy, [[440, 10], [440, 60]]]), np.vstack([segments, [[far, far + 1]]]))
    points = np.array([[40, 7], [435, 30], [490, 30], [600, 30], [np.nan, 0], [-3, -4]]) + CORNER
    snap = net.snap(points, max_snap_m=60)
    # beside a street; nearer to the island but a street within 60 m; only the island; nothing; nowhere; a corner
    assert snap.status.tolist() == [0, 0, 2, 1, 1, 0]
    np.testing.assert_allclose(snap.xy[0], CORNER + [40, 0])
    np.testing.assert_allclose(snap.xy[1], CORNER + [400, 30])
    np.testing.assert_allclose(snap.access_m[5], ground_m(points[5], CORNER)[0], rtol=0, atol=1e-6)
    assert np.isnan(snap.access_m[3])
    assert snap.edge[3] == -1


def test_snapping_equals_brute_force_everywhere():
    rng = np.random.default_rng(5)
    xy = rng.uniform(0, 900, (120, 2))
    segments = rng.integers(0, 120, (90, 2))
    net = town(xy, segments[segments[:, 0] != segments[:, 1]])
    points = rng.uniform(-120, 1020, (3000, 2)) + CORNER
    main = [i for i in range(len(net.edge_length_m)) if not net.edge_island[i]]
    lines = [
        shapely.LineString(net.vertex_xy[net.vertex_start[e] : net.vertex_start[e + 1]])
        for e in main
    ]
    distance = shapely.distance(np.array(lines)[:, None], shapely.points(points)[None]).min(axis=0)
    snap = net.snap(points, max_snap_m=100)
    near = distance < 99.9
    assert (snap.status[near] == 0).all()
    assert (snap.status[distance > 100.1] != 0).all()
    found = np.hypot(*(snap.xy - points).T)
    np.testing.assert_allclose(found[near], distance[near], rtol=0, atol=1e-8)


def polygons(*shapes, **columns):
    return gpd.GeoDataFrame(
        {"id": [str(i) for i in range(len(shapes))], **columns}, geometry=list(shapes), crs=28992
    )


def test_a_polygon_joins_wherever_a_street_touches_it():
    net = town([[0, 0], [300, 0]], [[0, 1]])
    across = shapely.box(100, -20, 140, 20)
    beside = shapely.box(200, 0, 220, 30)
    off = shapely.box(250, 12, 270, 30)
    places = polygons(*(shapely.affinity.translate(s, *CORNER) for s in (across, beside, off)))
    access = join_network(net, places)
    seeds = access.seeds
    assert np.diff(seeds.start).tolist() == [2, 2, 1]
    np.testing.assert_allclose(
        access.access_m, [0, 0, ground_m(CORNER + [250, 12], CORNER + [250, 0])[0]], atol=1e-6
    )
    np.testing.assert_allclose(seeds.offset[:2], np.array([100, 140]) * 1.0000735, atol=1e-2)
    assert (access.status == 0).all()


def test_entrances_count_instead_of_the_polygon():
    net = town([[0, 0], [300, 0]], [[0, 1]])
    building = shapely.affinity.translate(shapely.box(100, -20, 140, 20), *CORNER)
    door = shapely.MultiPoint([(190_120, 500_020)])
    access = join_network(net, polygons(building, building, entrances=[door, None]))
    assert np.diff(access.seeds.start).tolist() == [1, 2]
    np.testing.assert_allclose(
        access.access_m, [ground_m(CORNER + [120, 20], CORNER + [120, 0])[0], 0], atol=1e-6
    )


def test_barriers_cut_without_losing_street():
    xy = [[0, 0], [100, 0], [200, 0], [100, 90]]
    cut = np.array([False, True, False, False])
    net = WalkNetwork.from_walkways(walkways(xy, [[0, 1, 2], [1, 3]], node_cut=cut))
    assert len(net.component_length_m) == 3
    open_ = WalkNetwork.from_walkways(walkways(xy, [[0, 1, 2], [1, 3]]))
    assert len(open_.component_length_m) == 1
    assert np.isclose(net.edge_length_m.sum(), open_.edge_length_m.sum(), rtol=0, atol=1e-7)


def test_ways_that_cross_without_a_shared_node_stay_apart():
    bridge = WalkNetwork.from_walkways(
        walkways([[0, 0], [100, 0], [50, -50], [50, 50]], [[0, 1], [2, 3]])
    )
    assert len(bridge.component_length_m) == 2


def test_lines_meet_where_vertices_coincide_and_only_there():
    lines = [[(0, 0), (100, 0), (200, 0)], [(100, 0), (100, 80)], [(150, -50), (150, 50)]]
    frame = gpd.GeoDataFrame(
        geometry=[shapely.LineString(np.array(c) + CORNER) for c in lines], crs=28992
    )
    net = WalkNetwork.from_lines(frame)
    assert len(net.component_length_m) == 2
    assert not net.notes
    degrees = WalkNetwork.from_lines(frame.to_crs(4326))
    np.testing.assert_allclose(degrees.edge_length_m, net.edge_length_m, rtol=0, atol=1e-6)
    assert "converted from WGS 84" in degrees.notes[0]
    mercator = WalkNetwork.from_lines(frame.to_crs(3857))
    np.testing.assert_allclose(mercator.edge_length_m, net.edge_length_m, rtol=0, atol=1e-6)


def test_an_osmnx_graph_keeps_its_lines_and_directions():
    graph = nx.MultiDiGraph(crs="EPSG:28992")
    for name, x, y in ((1, 0, 0), (2, 100, 0), (3, 200, 0), (4, 100, 90)):
        graph.add_node(name, x=CORNER[0] + x, y=CORNER[1] + y)
    bend = shapely.LineString(np.array([[0, 0], [50, 20], [100, 0]]) + CORNER)
    graph.add_edge(1, 2, geometry=bend)
    graph.add_edge(2, 1, geometry=bend.reverse())
    graph.add_edge(2, 3)
    graph.add_edge(2, 4)
    graph.add_edge(4, 2)
    net = WalkNetwork.from_osmnx(graph)
    assert len(net.edge_length_m) == 3
    assert (~(net.edge_forward & net.edge_backward)).sum() == 1
    expected = ground_m(CORNER + [[0, 0], [50, 20]], CORNER + [[50, 20], [100, 0]]).sum()
    assert np.isclose(net.edge_length_m, expected, rtol=0, atol=1e-6).any()


@pytest.mark.parametrize("words", [["footway"], ["service"], [None]])
def test_streets_and_private_ground_with_words_of_their_own_share_one_table(words):
    street, drive = (
        pd.DataFrame({"highway": pd.Categorical(w), "steps": [False]}) for w in (["footway"], words)
    )
    net = WalkNetwork.from_walkways(
        walkways([[0, 0], [2000, 0]], [[0, 1]], way_attributes=street),
        private_ways=walkways([[2000, 0], [2050, 0]], [[0, 1]], way_attributes=drive, node_id=np.array([1, 2])),
    )  # fmt: skip
    highway = net.way_attributes["highway"]
    assert highway.dtype == "category"
    assert highway.astype(object).where(highway.notna(), None).tolist() == ["footway", *words]
    assert set(highway.cat.categories) == {"footway", *words} - {None}
    assert net.way_attributes["steps"].dtype == bool


def test_a_saved_network_is_the_same_network(tmp_path):
    features = pd.DataFrame(
        {"kerb": pd.Categorical(["raised", None]), "kerb_height_m": [0.12, np.nan]}, index=[1, 3]
    )
    attributes = pd.DataFrame({
        "highway": pd.Categorical(["footway", "steps"]), "steps": [False, True], "width_m": np.float32([1.5, np.nan]),
    })  # fmt: skip
    net = WalkNetwork.from_walkways(
        walkways([[0, 0], [100, 0], [200, 0], [100, 90]], [[0, 1, 2], [1, 3]], way_attributes=attributes,
                 node_attributes=features),
        counts={"ways": {"read": 2}}, provenance={"source": "abc", "profile": "def"},
        bench_lonlat=np.array([[5.9, 52.5], [5.91, 52.51]]),
    )  # fmt: skip
    net.save(tmp_path / "net.npz")
    again = WalkNetwork.load(tmp_path / "net.npz", provenance={"source": "abc"})
    for name in (
        "node_xy",
        "edge_node",
        "adj_away",
        "adj_toward",
        "vertex_offset_m",
        "segment_way",
        "vertex_feature",
        "bench_lonlat",
    ):
        np.testing.assert_array_equal(getattr(again, name), getattr(net, name))
    pd.testing.assert_frame_equal(again.way_attributes, net.way_attributes)
    assert again.node_attributes["kerb"].tolist()[0] == "raised"
    assert pd.isna(again.node_attributes["kerb"].tolist()[1])
    assert (again.counts, again.provenance, again.crs) == (net.counts, net.provenance, net.crs)
    snapped = [n.snap(CORNER + [[50, 30]]).access_m[0] for n in (net, again)]
    assert snapped[0] == snapped[1]


def out_of_band(net):
    """As dask and joblib send a network: the arrays beside the pickle, in memory that may not be written to."""
    buffers = []
    data = pickle.dumps(net, protocol=5, buffer_callback=buffers.append)
    return pickle.loads(data, buffers=[bytes(buffer) for buffer in buffers])  # noqa: S301 - our own


@pytest.mark.parametrize(
    "copied",
    [lambda net: pickle.loads(pickle.dumps(net)), out_of_band, copy.deepcopy, copy.copy],  # noqa: S301
)
def test_a_network_that_was_used_can_be_sent_to_other_processes(copied):
    net = town([[0, 0], [300, 0], [300, 300]], [[0, 1], [1, 2]])
    home, shop = (
        gpd.GeoDataFrame({"id": ["a"]}, geometry=[shapely.Point(CORNER + [x, 0])], crs=28992)
        for x in (10, 250)
    )

    def walks(network):
        table = nearest(network, home, shop).drop(columns="geometry")
        return table.to_dict("records"), service_areas(network, shop)["length_m"].tolist()

    fresh = pickle.dumps(net)
    expected = walks(net)
    assert len(pickle.dumps(net)) == len(fresh)  # what it made at its first use stays behind
    again = copied(net)
    assert walks(again) == walks(again) == expected
    assert again.adj_away is again.adj_toward
    arrays = {k: v for k, v in vars(net).items() if isinstance(v, np.ndarray)}
    assert arrays
    for name, array in arrays.items():
        assert not getattr(again, name).flags.writeable, name
        np.testing.assert_array_equal(getattr(again, name), array)


def test_without_numba_the_answers_are_the_same():
    code = """
import sys
if {blocked}: sys.modules["numba"] = None
import numpy as np, geopandas as gpd, shapely
from geowoonzorg._jit import COMPILED
from geowoonzorg.walk.network import WalkNetwork
from geowoonzorg.walk.service_area import nearest, service_areas, reached_pairs
assert COMPILED != {blocked}
rng = np.random.default_rng(3)
xy = rng.uniform(0, 600, (60, 2)) + [190_000, 500_000]
near = np.argsort(((xy[:, None] - xy[None]) ** 2).sum(axis=2), axis=1)[:, 1:4]
segments = np.column_stack([np.repeat(np.arange(60), 3), near.ravel()])
net = WalkNetwork.from_arrays(xy, segments, backward=rng.random(180) < 0.8)
def at(n, name):
    return gpd.GeoDataFrame({{"id": [f"{{name}}{{i:02d}}" for i in range(n)]}},
        geometry=shapely.points(rng.uniform(0, 600, (n, 2)) + [190_000, 500_000]), crs=28992)
homes, shops = at(40, "h"), at(6, "s")
print(nearest(net, homes, shops).drop(columns="geometry").round(6).to_csv())
print(nearest(net, homes, shops, limit_m=300).drop(columns="geometry").round(6).to_csv())
print(service_areas(net, shops, limit_m=[200, 400]).drop(columns="geometry").round(6).to_csv())
print(reached_pairs(net, homes, shops, limit_m=400).round(6).to_csv())
"""
    out = [
        subprocess.run(
            [sys.executable, "-c", code.format(blocked=blocked)],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for blocked in (False, True)
    ]
    assert out[0].count("\n") > 100
    assert out[0] == out[1]


def two_layers(path):
    """Write a GeoPackage of points in its first layer and lines in its second."""
    x, y = CORNER
    gpd.GeoDataFrame(geometry=[shapely.Point(x, y)], crs=28992).to_file(path, layer="bomen")
    line = shapely.LineString([(x, y), (x + 100, y)])
    gpd.GeoDataFrame(geometry=[line], crs=28992).to_file(path, layer="straten")
    return path


def test_a_layer_of_another_kind_is_told_with_its_file(tmp_path):
    path = two_layers(tmp_path / "two.gpkg")
    with pytest.raises(GeometryError) as caught:
        open_network(path)
    assert caught.value.told("nl") == (
        f"netwerk: {path}: Point waar lijnen nodig zijn, bij 1 (1): geef de hartlijnen van de straten"
    )


def test_the_layer_taken_of_several_is_noted(tmp_path):
    path = two_layers(tmp_path / "two.gpkg")
    assert open_network(f"{path}|layername=straten", profile="wandelaar").notes == ()
    line = gpd.read_file(path, layer="straten")
    line.to_file(tmp_path / "lines.gpkg", layer="wegen")
    assert open_network(tmp_path / "lines.gpkg", profile="wandelaar").notes == ()
    line.to_file(tmp_path / "lines.gpkg", layer="paden")
    (note,) = open_network(tmp_path / "lines.gpkg", profile="wandelaar").notes
    assert translate(note, "nl") == (
        f"{tmp_path / 'lines.gpkg'}: laag wegen is gelezen, niet paden; "
        "geef BESTAND|layername=NAAM voor een andere"
    )
    (noted,) = read_places(path, role="sites").attrs["notes"]
    assert "layer bomen is read, not straten" in noted
