"""A network's tables and graph say what the network itself goes by."""

from __future__ import annotations

import geopandas as gpd
import networkx as nx
import numpy as np
import osmnx
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geowoonzorg.prepare import demo_study
from geowoonzorg.walk.network import WalkNetwork
from geowoonzorg.walk.service_area import nearest

CORNER = np.array([190_000.0, 500_000.0])


@pytest.fixture(scope="module")
def town():
    return WalkNetwork.from_osm(demo_study().parent / "wierhaven.osm.pbf")


def graph_of(net, **options):
    """Make a graph of the frames alone."""
    graph = nx.MultiDiGraph()
    nodes, edges = net.nodes(**options), net.edges(**options)
    graph.add_nodes_from(nodes.index)
    for row in edges.itertuples():
        if row.forward:
            graph.add_edge(row.u, row.v, length=row.length_m)
        if row.backward:
            graph.add_edge(row.v, row.u, length=row.length_m)
    return nodes, graph


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 8), st.integers(0, 8), st.sampled_from(["both", "there", "back"])),
        min_size=1,
        max_size=16,
    ).filter(lambda found: any(a != b for a, b, _ in found)),
    st.integers(0, 2**32 - 1),
)
def test_shortest_paths_over_the_frames_are_those_of_nearest(segments, seed):
    xy = CORNER + 40.0 * np.random.default_rng(seed).uniform(0, 9, (9, 2))
    a, b, way = zip(*segments, strict=True)
    net = WalkNetwork.from_arrays(
        xy, np.column_stack([a, b]), forward=np.array(way) != "back", backward=np.array(way) != "there"
    )  # fmt: skip
    nodes, graph = graph_of(net)
    main = pd.unique(net.edges().query("not island")[["u", "v"]].to_numpy().ravel())
    places = nodes.loc[main, ["geometry"]]
    shop = places.iloc[[0]]
    found = nearest(net, places, shop)["distance_m"]
    metres = nx.single_source_dijkstra_path_length(graph.reverse(), main[0], weight="length")
    # where two nodes lie on one spot a place is at both
    expected = pd.Series(metres).reindex(main)
    for node in main:
        assert not found[node] > expected.get(node, np.inf) + 1e-6
        if not nodes.geometry.duplicated(keep=False).any():
            assert found[node] == pytest.approx(expected[node], abs=1e-6, nan_ok=True)


def test_a_town_with_private_ground_is_the_same_graph(town):
    nodes, graph = graph_of(town, private=True)
    streets = town.nodes()
    joined = pd.unique(town.edges().query("not island")[["u", "v"]].to_numpy().ravel())
    alone = streets.loc[joined][~streets.loc[joined].geometry.duplicated(keep=False)]
    homes, shops = alone[["geometry"]].iloc[::3], alone[["geometry"]].iloc[1::97]
    found = nearest(town, homes, shops)["distance_m"]
    metres = nx.multi_source_dijkstra_path_length(
        graph.reverse(), set(shops.index), weight="length"
    )
    assert len(nodes) > len(streets)
    assert found.to_numpy() == pytest.approx(
        pd.Series(metres).reindex(homes.index).to_numpy(), abs=1e-6, nan_ok=True
    )


def test_the_tables_tell_what_is_known(town):
    edges, nodes = town.edges(), town.nodes()
    assert edges.crs == nodes.crs == town.crs
    assert edges["length_m"].sum() == pytest.approx(town.describe()["length_m"])
    assert (edges["kind"] == "street").all()
    kinds = {"street", "way_out", "way_in", "gate", "sight_line"}
    assert set(town.edges(private=True)["kind"]) == kinds
    assert edges["osm_id"].dtype == "Int64"
    assert edges["osm_id"].notna().mean() > 0.5
    assert {"cycleway", "residential"} <= set(edges["highway"].dropna())
    first = shapely.get_point(edges.geometry.array, 0)
    assert (shapely.distance(first, nodes.geometry.loc[edges["u"]].array) == 0).all()
    assert nodes["edge_ends"].sum() == 2 * len(edges)
    assert {"barrier", "kerb"} <= set(nodes.columns)
    assert edges.total_bounds.tolist() == list(town.bounds)


def test_an_edge_of_two_ways_has_what_both_have(walkways):
    edges = WalkNetwork.from_walkways(walkways).edges()
    assert len(edges) == 1
    assert edges["surface"].tolist() == ["asphalt"]
    assert edges["highway"].isna().all()
    assert edges["osm_id"].isna().all()
    assert edges["incline_pct"].tolist() == [4.0]


@pytest.fixture
def walkways():
    """Two ways behind each other, drawn towards each other and as steep."""
    from geowoonzorg.osm import Walkways

    return Walkways(
        node_id=np.array([1, 2, 3]), lonlat=np.array([[5.9, 52.5], [5.901, 52.5], [5.902, 52.5]]),
        way_start=np.array([0, 2, 4]), way_node=np.array([0, 1, 2, 1]), way_id=np.array([2**60, 8]),
        forward=np.ones(2, bool), backward=np.ones(2, bool), node_cut=np.zeros(3, bool),
        way_attributes=pd.DataFrame({
            "highway": pd.Categorical(["path", "steps"]), "surface": pd.Categorical(["asphalt"] * 2),
            "incline_pct": np.array([4.0, -4.0], np.float32),
        }),
        node_attributes=pd.DataFrame(),
    )  # fmt: skip


def test_an_osm_id_is_kept_to_the_last_digit(walkways, tmp_path):
    walkways.way_node[:] = [0, 1, 0, 2]
    net = WalkNetwork.from_walkways(walkways)
    net.save(tmp_path / "net.npz")
    again = WalkNetwork.load(tmp_path / "net.npz")
    for one in (net, again):
        ids = WalkNetwork.edges(one)["osm_id"]
        assert set(ids.dropna()) <= {2**60, 8}
    pd.testing.assert_frame_equal(net.edges(), again.edges())


def test_a_network_of_lines_has_no_ids():
    net = WalkNetwork.from_arrays(CORNER + [[0, 0], [100, 0], [100, 50]], [[0, 1], [1, 2], [2, 0]])
    assert net.edges().columns.tolist() == [
        "u", "v", "length_m", "forward", "backward", "component", "island", "kind",
        "cautious", "unknown_share", "geometry",
    ]  # fmt: skip
    assert net.nodes().columns.tolist() == ["edge_ends", "geometry"]
    assert "1" in net._repr_html_()


def test_osmnx_walks_the_same_metres(town):
    graph = town.to_osmnx()
    nodes, edges = osmnx.graph_to_gdfs(graph)
    assert nodes.crs == town.crs
    assert len(edges) == int((town.edges()["forward"].astype(int) + town.edges()["backward"]).sum())
    path = osmnx.shortest_path(graph, 0, 100, weight="length")
    assert nx.path_weight(graph, path, "length") == pytest.approx(
        nearest(town, town.nodes()[["geometry"]].loc[[0]], town.nodes()[["geometry"]].loc[[100]])["distance_m"][0],
        abs=1e-6,
    )  # fmt: skip


@pytest.mark.parametrize("profile", ["rollator", "wandelaar"])
def test_the_graph_for_osmnx_comes_back_as_the_same_streets(profile):
    town = WalkNetwork.from_osm(demo_study().parent / "wierhaven.osm.pbf", profile=profile)
    again = WalkNetwork.from_osmnx(town.to_osmnx())
    n = town.n_streets
    n_nodes = len(town.nodes())
    assert len(again.edge_length_m) == n
    assert np.array_equal(again.node_xy, town.node_xy[:n_nodes])
    for name in ("edge_node", "edge_forward", "edge_backward"):
        assert np.array_equal(getattr(again, name), getattr(town, name)[:n]), name
    # A graph has no lines of sight over squares, so what only they join falls apart in it, and nothing joins.
    parts = pd.DataFrame({"again": again.edge_component, "town": town.edge_component[:n]})
    assert parts.groupby("again")["town"].nunique().max() == 1
    assert again.edge_island[town.edge_island[:n]].all()
    assert parts["again"].nunique() - parts["town"].nunique() <= len(town.squares.way)
    assert np.array_equal(again.vertex_xy, town.vertex_xy[: town.vertex_start[n]])
    np.testing.assert_allclose(again.edge_length_m, town.edge_length_m[:n], rtol=0, atol=1e-9)


def test_a_map_of_the_streets_can_be_moved_about(town):
    page = town.explore(tiles=None).get_root().render()
    assert "residential" in page
    assert isinstance(town.edges(), gpd.GeoDataFrame)
