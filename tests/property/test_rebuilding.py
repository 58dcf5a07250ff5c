"""A network with a path more or a street less is the one that would have been built with, or without, it."""

from __future__ import annotations

import tempfile
from copy import deepcopy
from dataclasses import fields, replace
from itertools import pairwise
from pathlib import Path as File

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from both_oracle import CORNER, Ways
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from square_oracle import TO_RD, Plan
from test_square_properties import SHAPES, draw

from geowoonzorg.town import Town
from geowoonzorg.walk.network import WalkNetwork
from geowoonzorg.walk.rebuilding import JOIN_M, Path, rebuild
from geowoonzorg.walk.service_area import nearest

SEEDS = st.integers(0, 2**32 - 1)
BOTH = ["distance_m", "distance_high_m", "unknown_share"]


def layer(xy, prefix):
    ids = [f"{prefix}{i:02d}" for i in range(len(xy))]
    return gpd.GeoDataFrame({"id": ids}, geometry=shapely.points(xy), crs=28992)


def assert_walks_alike(one, other, xy, *, atol=1e-9):
    homes, shops = layer(xy[:12], "h"), layer(xy[12:], "s")
    found = [nearest(net, homes, shops, max_snap_m=300.0) for net in (one, other)]
    assert found[0]["status"].tolist() == found[1]["status"].tolist()
    for column in BOTH:
        np.testing.assert_allclose(found[0][column], found[1][column], atol=atol)


def without(ways, rows):
    kept = np.setdiff1d(np.arange(len(ways.ends)), rows)
    names = ("ends", "cautious", "known", "forward", "backward")
    return replace(ways, **{name: getattr(ways, name)[kept] for name in names})


def as_path(ways, row, net):
    surface = "asphalt" if ways.known[row] else None
    about = pd.DataFrame(
        {"surface": pd.Categorical([surface], categories=["asphalt"]),
         "cautious": [bool(ways.cautious[row])], "osm_id": [0]}
    )  # fmt: skip
    xy = ways.xy[ways.ends[row]]
    return Path(
        xy, bool(ways.forward[row]), bool(ways.backward[row]), about[net.way_attributes.columns]
    )


def test_what_is_taken_apart_and_built_again_is_the_same_to_the_last_bit():
    net = Town.demo().network
    again = rebuild(net).network
    for item in fields(net):
        one, other = getattr(net, item.name), getattr(again, item.name)
        if isinstance(one, np.ndarray):
            np.testing.assert_array_equal(one, other, err_msg=item.name)
    for one, other in zip(net.squares, again.squares, strict=True):
        np.testing.assert_array_equal(one, other)


@settings(max_examples=40)
@given(SEEDS, st.sampled_from([0.0, 0.3]))
def test_a_path_joins_as_the_way_of_a_source_would(seed, oneway):
    ways = Ways.drawn(seed, oneway=oneway)
    rng = np.random.default_rng(seed + 1)
    assume(len(ways.ends) > 2)
    rows = rng.choice(len(ways.ends), int(rng.integers(1, 3)), replace=False)
    before = without(ways, rows)
    lines = shapely.linestrings(before.xy[before.ends])
    left = set(before.ends.ravel().tolist())
    gone = [i for i in ways.ends[rows].ravel().tolist() if i not in left]
    # a vertex that was of no other street must not come to lie on one by chance, nor lose what is told of it
    assume(not any(ways.stops[i] for i in gone))
    assume(
        not gone or shapely.distance(shapely.points(ways.xy[gone])[:, None], lines).min() > JOIN_M
    )
    assume(len(set(gone)) == len(gone))
    assume(any(int(i) in left for row in rows for i in ways.ends[row]))
    net = before.network()
    paths = [as_path(ways, row, net) for row in rows]
    found = rebuild(net, paths=paths)
    order = np.append(np.setdiff1d(np.arange(len(ways.ends)), rows), rows)
    expected = ways.network(order)
    assert_walks_alike(found.network, expected, rng.uniform(-20, 920, (16, 2)) + CORNER)
    assert len(found.network.edge_length_m) == len(expected.edge_length_m)
    for a, b in ((found.network.cautious, expected.cautious),):
        assert (a is None) == (b is None)
        if a is not None:
            assert a.edge_length_m.sum() == pytest.approx(b.edge_length_m.sum())


@settings(max_examples=25)
@given(SEEDS)
def test_ways_that_are_taken_out_were_never_there(seed):
    ways = Ways.drawn(seed, oneway=0.2)
    rng = np.random.default_rng(seed + 1)
    assume(len(ways.ends) > 2)
    rows = rng.choice(len(ways.ends), int(rng.integers(1, 3)), replace=False)
    found = rebuild(ways.network(), without_ways=rows.tolist()).network
    expected = without(ways, rows).network()
    assert_walks_alike(found, expected, rng.uniform(-20, 920, (16, 2)) + CORNER)
    assert len(found.edge_length_m) == len(expected.edge_length_m)


@settings(max_examples=25)
@given(SEEDS)
def test_a_path_that_ends_halfway_a_street_parts_it(seed):
    """As if the street had been drawn in two pieces that meet there."""
    ways = Ways.drawn(seed)
    rng = np.random.default_rng(seed + 1)
    row = int(rng.integers(len(ways.ends)))
    a, b = ways.xy[ways.ends[row]]
    assume(np.hypot(*(b - a)) > 20)
    share = rng.uniform(0.3, 0.7)
    foot = a + share * (b - a)
    far = np.array([-500.0, rng.uniform(0, 900)]) + CORNER
    net = ways.network()
    found = rebuild(
        net, paths=[Path(np.array([foot, far]), attributes=net.way_attributes.iloc[[row]])]
    )
    assert found.joined == [1]
    # the same by hand: two halves, and the path from where they meet
    xy = np.concatenate([ways.xy, [foot, far]])
    m, e = len(ways.xy), len(ways.xy) + 1
    halves = [(ways.ends[row][0], m), (m, ways.ends[row][1]), (m, e)]
    ends = np.concatenate([np.delete(ways.ends, row, axis=0), halves])
    plain = WalkNetwork.from_arrays(xy, ends)
    homes, shops = layer(rng.uniform(0, 900, (8, 2)) + CORNER, "h"), layer(far[None, :], "s")
    one, other = (
        nearest(n, homes, shops, max_snap_m=1_000.0)["distance_m"] for n in (found.network, plain)
    )
    np.testing.assert_allclose(one, other, atol=1e-6)


@settings(max_examples=25, deadline=None)
@given(seed=SEEDS, shape=st.sampled_from(SHAPES))
def test_a_path_to_a_square_leads_over_it(seed, shape):
    rng = np.random.default_rng(seed)
    plan = draw(rng, shape)
    streets = list(range(len(plan.streets)))
    assume(len(streets) > 1)
    fewer = Plan(**deepcopy(vars(plan)))
    nodes = fewer.streets.pop(int(rng.choice(streets)))
    with tempfile.TemporaryDirectory() as folder:
        expected = plan.network(File(folder))
        before = fewer.network(File(folder))
    at = dict(zip(plan.nodes, expected_places(plan), strict=True))
    path = np.array([at[n] for n in nodes])
    others = [s for street in fewer.streets for s in pairwise(street)]
    outline = [s for square in fewer.squares for ring in square for s in pairwise([*ring, ring[0]])]
    lines = shapely.linestrings([[at[a], at[b]] for a, b in (*others, *outline)])
    there = {n for side in (*others, *outline) for n in side}
    own = [at[n] for n in nodes if n not in there]
    assume(not own or shapely.distance(shapely.points(own)[:, None], lines).min() > JOIN_M)
    about = before.way_attributes.iloc[[0]]
    found = rebuild(before, paths=[Path(path, attributes=about)]).network
    centre = np.mean([at[n] for ring in plan.squares[0] for n in ring], axis=0)
    places = np.concatenate([rng.uniform(-70, 70, (14, 2)) + centre, path[-1:], path[:1]])
    assert_walks_alike(found, expected, places, atol=2e-5)


def expected_places(plan):
    return np.column_stack(TO_RD.transform(*plan.degrees().T))


def test_a_cut_is_a_barrier_and_leaves_both_ends():
    net = WalkNetwork.from_arrays([[190_000, 500_000], [191_000, 500_000]], [[0, 1]])
    line = np.array([[190_400.0, 499_990.0], [190_400.0, 500_010.0]])
    found = rebuild(net, cuts=[line, line + [0.0, 500.0]])
    assert found.cut == [1, 0]
    metres = np.sort(found.network.edge_length_m)
    np.testing.assert_allclose(metres.sum(), net.edge_length_m.sum(), atol=1e-6)
    assert metres.round().tolist() == [400.0, 600.0]
    assert found.network.edge_component.tolist() in ([0, 1], [1, 0])


def test_a_cut_through_a_crossing_parts_all_streets_there():
    corners = np.array([[0, 0], [100, 0], [200, 0], [100, 100]]) + [190_000.0, 500_000.0]
    net = WalkNetwork.from_arrays(corners, np.array([[0, 1], [1, 2], [1, 3]]))
    line = corners[1] + np.array([[-10.0, -10.0], [10.0, 10.0]])
    found = rebuild(net, cuts=[line])
    assert found.cut == [3]
    assert sorted(found.network.edge_length_m.round()) == [100.0, 100.0, 100.0]
    assert len(found.network.component_length_m) == 3


def test_a_path_that_crosses_a_street_without_a_vertex_is_a_bridge():
    net = WalkNetwork.from_arrays([[190_000, 500_000], [191_000, 500_000]], [[0, 1]])
    over = np.array([[190_500.0, 499_900.0], [190_500.0, 500_100.0]])
    begun = np.array([[190_300.0, 500_000.4], [190_300.0, 500_100.0]])
    found = rebuild(net, paths=[Path(over), Path(begun)])
    assert found.joined == [0, 1]
    assert found.crossed == [1, 0]
    assert found.near_m[0] == pytest.approx(100.0)
    assert len(found.network.component_length_m) == 2  # the bridge hangs together with nothing
