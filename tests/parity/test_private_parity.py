"""Kampen, for real: every address on private ground, and many that are not, as networkx measures them."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pytest
import shapely
from plot_oracle import Plots
from reach_oracle import Oracle

from geowoonzorg.osm import read_osm
from geowoonzorg.osm.profile import read_profile
from geowoonzorg.walk.line_layers import project
from geowoonzorg.walk.network import WalkNetwork
from geowoonzorg.walk.service_area import nearest, reached_pairs

LIMIT_M = 1500.0


def raw(ways, others, xy):
    """Segments over the nodes of both, cut at barriers: every cut end is a point of its own, which is told."""
    segments, forward, backward, copies = [], [], [], []
    number = np.searchsorted(others, ways.node_id)
    for w, (a, b) in enumerate(pairwise(ways.way_start)):
        for pair in pairwise(ways.way_node[a:b].tolist()):
            ends = [int(number[node]) for node in pair]
            for i, node in enumerate(pair):
                if ways.node_cut[node]:
                    xy.append(xy[ends[i]])
                    copies.append((len(xy) - 1, ends[i]))
                    ends[i] = len(xy) - 1
            segments.append(ends)
            forward.append(ways.forward[w])
            backward.append(ways.backward[w])
    return (segments, forward, backward), copies


@pytest.fixture(scope="module")
def kampen(shared_data):
    """The network, the oracle, and the addresses in RD New."""
    path = shared_data / "kampen" / "kampen.osm.pbf"
    if not path.is_file():
        pytest.skip("the Kampen extract is not here")
    data = read_osm(path, profile=read_profile("rollator"), addresses=True)
    # The streets alone: what is walked over the ground of squares has an oracle of its own.
    ways, private = replace(data.walkways, squares=None), data.private_ways
    net = WalkNetwork.from_walkways(ways, private_ways=private, counts=data.counts)
    nodes, first = np.unique(np.concatenate([ways.node_id, private.node_id]), return_index=True)
    lonlat = np.concatenate([ways.lonlat, private.lonlat])[first]
    xy = list(project(lonlat, "EPSG:4326", "EPSG:28992"))
    (streets, copies), (drives, _) = raw(ways, nodes, xy), raw(private, nodes, xy)
    plot = Oracle.of(xy, *drives)
    copies = [(street, node) for street, node in copies if node in plot.component]
    oracle = Plots(np.array(xy), Oracle.of(xy, *streets), plot, copies)
    return net, oracle, shapely.get_coordinates(data.addresses.to_crs(28992).geometry)


def layer(points, prefix):
    ids = [f"{prefix}{i:05d}" for i in range(len(points))]
    return gpd.GeoDataFrame({"id": ids}, geometry=shapely.points(points), crs=28992)


def test_what_is_told_of_private_ground(kampen):
    net, oracle, addresses = kampen
    told, about = net.counts["private"], net.describe()
    assert told["plots"] == len(oracle.gates)
    assert told["metres"] == round(oracle.plot.length[oracle.usable].sum())
    assert told["metres"] == round(about["private_length_m"])
    assert 10_000 < told["metres"] < 0.05 * about["length_m"]
    snap = net.snap(addresses)
    on_private = (net.edge_layer[snap.edge] == 1) & (snap.edge >= 0)
    assert 20 < on_private.sum() < 0.1 * len(addresses)


def test_addresses_are_as_far_as_networkx_says(kampen):
    net, oracle, addresses = kampen
    snap = net.snap(addresses)
    ok, on_private = snap.status == 0, net.edge_layer[snap.edge] == 1
    rng = np.random.default_rng(4)
    drives = np.flatnonzero(ok & on_private)
    homes = np.concatenate([drives, rng.choice(np.flatnonzero(ok & ~on_private), 600)])
    shops = np.concatenate([rng.choice(drives, 25), rng.choice(np.flatnonzero(ok), 25)])
    private, _, _, leg, close = oracle.snap(addresses[homes])
    assert not close.any()
    np.testing.assert_array_equal(private, on_private[homes])
    np.testing.assert_allclose(leg, snap.access_m[homes], rtol=0, atol=1e-6)
    origins, facilities = addresses[homes], addresses[shops]
    expected = oracle.distances(origins, facilities, cutoff=LIMIT_M)
    expected[expected > LIMIT_M] = np.inf
    pairs = reached_pairs(net, layer(origins, "h"), layer(facilities, "s"), limit_m=LIMIT_M)
    found = np.full(expected.shape, np.inf)
    rows = pairs["origin_id"].str[1:].astype(int), pairs["facility_id"].str[1:].astype(int)
    found[rows] = pairs["distance_m"]
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6)
    near = nearest(net, layer(origins, "h"), layer(facilities, "s"), limit_m=LIMIT_M)
    np.testing.assert_allclose(
        near["distance_m"].fillna(np.inf), expected.min(axis=1), rtol=0, atol=1e-6
    )
    assert np.isfinite(expected[: len(drives)]).sum() > len(drives)
