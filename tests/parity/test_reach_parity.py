"""Kampen, for real: distances and areas equal networkx on the raw segments, split at every place by hand."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
import shapely
from reach_oracle import Oracle
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from geowoonzorg.osm import read_osm
from geowoonzorg.osm.profile import read_profile
from geowoonzorg.walk.network import WalkNetwork
from geowoonzorg.walk.service_area import nearest, reached_pairs, service_areas

LIMITS = (100.0, 400.0, 800.0)
N_ORIGINS, N_FACILITIES = 1000, 150


@pytest.fixture(scope="module")
def kampen(shared_data):
    """The network, and its raw segments for the oracle, cut at barriers by hand."""
    path = shared_data / "kampen" / "kampen.osm.pbf"
    if not path.is_file():
        pytest.skip("the Kampen extract is not here")
    # The streets alone: what is walked over the ground of squares has an oracle of its own.
    ways = replace(read_osm(path, profile=read_profile("rollator")).walkways, squares=None)
    net = WalkNetwork.from_walkways(ways)
    to_metres = gpd.GeoSeries(gpd.points_from_xy(*ways.lonlat.T), crs=4326).to_crs(28992)
    xy = list(zip(to_metres.x, to_metres.y, strict=True))
    segments, forward, backward = [], [], []
    for w in range(len(ways.way_start) - 1):
        nodes = ways.way_node[ways.way_start[w] : ways.way_start[w + 1]].tolist()
        for pair in pairwise(nodes):
            ends = list(pair)
            for i, node in enumerate(pair):
                if ways.node_cut[node]:
                    xy.append(xy[node])
                    ends[i] = len(xy) - 1
            segments.append(ends)
            forward.append(ways.forward[w])
            backward.append(ways.backward[w])
    return net, Oracle.of(np.array(xy), segments, forward, backward)


@pytest.fixture(scope="module")
def searched(kampen):
    """Random places near the streets, and the oracle's distances from every facility to everywhere."""
    net, oracle = kampen
    rng = np.random.default_rng(20220301)
    where = net.vertex_xy[rng.integers(0, len(net.vertex_xy), 2000)] + rng.normal(0, 30, (2000, 2))
    segment, foot, leg = oracle.snap(where)
    near = np.flatnonzero(leg <= 100)
    near = near[[not oracle.is_tie(where[i]) for i in near]][: N_ORIGINS + N_FACILITIES]
    assert len(near) == N_ORIGINS + N_FACILITIES
    where, segment, foot, leg = where[near], segment[near], foot[near], leg[near]
    graph = oracle.split(segment, foot)
    backwards = graph.reverse()
    reached = [
        nx.single_source_dijkstra_path_length(backwards, ("s", N_ORIGINS + j), cutoff=LIMITS[-1])
        for j in range(N_FACILITIES)
    ]
    return where, leg, graph, reached


def layer(points, prefix):
    ids = [f"{prefix}{i:04d}" for i in range(len(points))]
    return gpd.GeoDataFrame({"id": ids}, geometry=shapely.points(points), crs=28992)


@pytest.fixture(scope="module")
def expected(searched):
    """Metres from every origin to every facility, inf beyond 800 m."""
    _, leg, _, reached = searched
    out = np.full((N_ORIGINS, N_FACILITIES), np.inf)
    for j, dist in enumerate(reached):
        for i in range(N_ORIGINS):
            out[i, j] = leg[i] + dist.get(("s", i), np.inf) + leg[N_ORIGINS + j]
    return np.where(out <= LIMITS[-1], out, np.inf)


@pytest.mark.parametrize("limit", LIMITS)
def test_all_distances_equal_networkx(kampen, searched, expected, limit):
    net, _ = kampen
    where = searched[0]
    homes, shops = layer(where[:N_ORIGINS], "h"), layer(where[N_ORIGINS:], "s")
    pairs = reached_pairs(net, homes, shops, limit_m=limit)
    found = np.full(expected.shape, np.inf)
    found[pairs["origin_id"].str[1:].astype(int), pairs["facility_id"].str[1:].astype(int)] = pairs[
        "distance_m"
    ]
    assert np.isfinite(found).sum() > N_ORIGINS / 10
    np.testing.assert_allclose(
        found, np.where(expected <= limit, expected, np.inf), rtol=0, atol=1e-6
    )
    near = nearest(net, homes, shops, limit_m=limit)
    best = np.where(expected.min(axis=1) <= limit, expected.min(axis=1), np.nan)
    np.testing.assert_allclose(near["distance_m"], best, rtol=0, atol=1e-6)
    has = near["facility_id"].notna().to_numpy()
    chosen = near.loc[has, "facility_id"].str[1:].astype(int)
    np.testing.assert_allclose(expected[np.flatnonzero(has), chosen], best[has], rtol=0, atol=1e-6)
    # nobody is on the wrong side of the limit
    assert (near["status"] == "ok").sum() == np.isfinite(best).sum()


def test_street_lengths_of_areas_equal_networkx(kampen, searched):
    net, oracle = kampen
    where, leg, graph, reached = searched
    some = range(0, N_FACILITIES, 5)
    areas = service_areas(net, layer(where[N_ORIGINS:], "s"), limit_m=LIMITS)
    length = areas["length_m"].to_numpy().reshape(N_FACILITIES, len(LIMITS))
    for j in some:
        away = {node: metres + leg[N_ORIGINS + j] for node, metres in reached[j].items()}
        nearby = graph.subgraph(
            set(away)
            | {v for node in away for v in (*graph.successors(node), *graph.predecessors(node))}
        )
        for k, limit in enumerate(LIMITS):
            np.testing.assert_allclose(
                length[j, k], oracle.street_within(nearby, away, limit), rtol=0, atol=1e-5
            )


def test_unlimited_nearest_equals_scipy(kampen, searched):
    net, _ = kampen
    where = searched[0]
    homes, shops = layer(where[:N_ORIGINS], "h"), layer(where[N_ORIGINS : N_ORIGINS + 20], "s")
    near = nearest(net, homes, shops)
    n = len(net.node_xy)
    snap, at = net.snap(where[:N_ORIGINS]), net.snap(where[N_ORIGINS : N_ORIGINS + 20])
    u, v, metres = *net.edge_node.T.astype(int), net.edge_length_m
    order = np.argsort(-metres)  # the last of equal cells, so the least, stays
    least = {(a, b): m for a, b, m in zip(u[order], v[order], metres[order], strict=True) if a != b}
    rows, columns = np.array(list(least)).T
    matrix = csr_array((list(least.values()), (rows, columns)), shape=(n, n))
    dist = dijkstra(matrix, directed=False, indices=net.edge_node[at.edge].ravel())
    ends = np.column_stack([at.offset_m, metres[at.edge] - at.offset_m]).ravel() + np.repeat(
        at.access_m, 2
    )
    to_node = (dist + ends[:, None]).reshape(20, 2, n).min(axis=1)
    home = np.stack([snap.offset_m, metres[snap.edge] - snap.offset_m])
    through = (to_node[:, net.edge_node[snap.edge].T] + home).min(axis=1)
    same = at.edge[:, None] == snap.edge
    direct = np.where(
        same, np.abs(at.offset_m[:, None] - snap.offset_m) + at.access_m[:, None], np.inf
    )
    best = np.minimum(through, direct).min(axis=0) + snap.access_m
    np.testing.assert_allclose(near["distance_m"].fillna(np.inf), best, rtol=0, atol=1e-6)
