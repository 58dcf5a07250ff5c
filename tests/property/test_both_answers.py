"""Both answers against the slow way: what is left when closed ways are taken out, and how much is not known."""

from __future__ import annotations

from tempfile import TemporaryDirectory

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from both_oracle import CORNER, Ways, walks
from hypothesis import given, settings
from hypothesis import strategies as st

from geowoonzorg.town import Town
from geowoonzorg.walk import surely_near
from geowoonzorg.walk.network import WalkNetwork
from geowoonzorg.walk.pairs import count_within, iter_pairs, nearest_few, reached_pairs
from geowoonzorg.walk.route import routes
from geowoonzorg.walk.service_area import nearest, service_areas

SEEDS = st.integers(0, 2**32 - 1)
SNAP_M = 150.0


def places(seed, n):
    return np.random.default_rng(seed + 1).uniform(-20, 920, (n, 2)) + CORNER


def layer(xy, prefix="p"):
    ids = [f"{prefix}{i:02d}" for i in range(len(xy))]
    return gpd.GeoDataFrame({"id": ids}, geometry=shapely.points(xy), crs=28992)


def asked(seed):
    xy = places(seed, 14)
    return xy[:10], xy[10:]


def oracle(ways, homes, shops):
    """Give `walks` between those that are near enough to a street that is no island."""
    out = np.full((len(homes), 2), [np.inf, np.nan])
    if len(ways.ends):
        lines = shapely.union_all(shapely.linestrings(ways.xy[ways.ends[ways.main()]]))
        near = [shapely.distance(shapely.points(xy), lines) <= SNAP_M for xy in (homes, shops)]
        out[near[0]] = walks(ways, homes[near[0]], shops[near[1]])
    return out


@settings(max_examples=30)
@given(SEEDS, st.sampled_from([0.0, 0.3]))
def test_both_answers_are_those_of_the_slow_way(seed, oneway):
    ways = Ways.drawn(seed, oneway=oneway)
    homes, shops = asked(seed)
    found = nearest(ways.network(), layer(homes), layer(shops), max_snap_m=SNAP_M)
    metres, unknown = oracle(ways, homes, shops).T
    each = [shops[[k]] for k in range(len(shops))]
    pairs = [
        np.maximum(oracle(ways, homes, shop)[:, 0], oracle(ways.cautiously(), homes, shop)[:, 0])
        for shop in each
    ]
    high = np.min(pairs, axis=0)
    there = np.isfinite(metres)
    assert found["distance_m"].notna().tolist() == there.tolist()
    np.testing.assert_allclose(found["distance_m"][there], metres[there], atol=1e-6)
    legs = found["access_leg_origin_m"] + found["access_leg_facility_m"]
    walked = (found["distance_m"] - legs)[there]
    np.testing.assert_allclose(found["unknown_share"][there] * walked, unknown[there], atol=1e-5)
    assert found["unknown_share"].isna().tolist() == (~there).tolist()
    high = np.where(np.isfinite(high), high, np.nan)
    np.testing.assert_allclose(found["distance_high_m"], high, atol=1e-6)
    assert not (found["distance_high_m"] < found["distance_m"]).any()


@settings(max_examples=20)
@given(SEEDS)
def test_the_cautious_network_is_the_one_without_the_closed_ways(seed):
    """Streets, islands, areas and the shortest ways are those of a network that never had them."""
    ways = Ways.drawn(seed, oneway=0.2)
    left, plain = ways.network().cautious, ways.cautiously()
    if left is None:
        assert not len(plain.ends)
        return
    plain = plain.network()
    assert left.component_length_m == pytest.approx(plain.component_length_m)
    about = left.describe()
    for name in ("length_m", "islands", "island_length_m"):
        assert about[name] == pytest.approx(plain.describe()[name])
    assert left.cautious is left
    homes, shops = (layer(xy) for xy in asked(seed))
    for net_call in (
        lambda net: nearest(net, homes, shops)["distance_m"],
        lambda net: service_areas(net, shops, limit_m=300)["length_m"],
    ):
        np.testing.assert_allclose(net_call(left), net_call(plain), atol=1e-6)


@settings(max_examples=12)
@given(SEEDS)
def test_what_is_surely_within_reach_is_within_reach(seed):
    """Cautious lines lie in both answers' lines, are as long as they say, and hold who is surely near."""
    ways = Ways.drawn(seed)
    net, (_, shops) = ways.network(), (layer(xy) for xy in asked(seed))
    limits = [250.0, 500.0]
    hopeful = service_areas(net, shops, limit_m=limits)
    cautious = service_areas(net, shops, limit_m=limits, cautious=True)
    same = ["length_m", "length_low_m", "unknown_share", "status"]
    pd.testing.assert_frame_equal(hopeful[same], cautious[same])
    low, most = cautious["length_low_m"], cautious["length_m"]
    assert not (low > most + 1e-6).any()
    assert low.isna().tolist() == most.isna().tolist()
    drawn = cautious.geometry.length[low.notna()]
    np.testing.assert_allclose(drawn, low.dropna(), rtol=2e-4, atol=1e-6)
    inside = cautious.geometry[low.notna()].difference(hopeful.geometry[low.notna()].buffer(1e-3))
    assert (inside.length < 1e-6).all()
    left = ways.cautiously()
    if not len(left.ends):
        return
    lines = shapely.linestrings(left.xy[left.ends[left.main()]])
    spots = shapely.get_coordinates(shapely.line_interpolate_point(lines, 0.3, normalized=True))
    pairs = reached_pairs(net, layer(spots, "s"), shops, limit_m=500)
    for _, pair in pairs.iterrows():
        area = cautious.xs(500.0, level=1)
        line = area[area["facility_id"] == pair["facility_id"]].geometry.iloc[0]
        spot = shapely.points(spots[int(pair["origin_id"][1:])])
        if pair["distance_high_m"] < 499.9:  # not of nan, either
            assert shapely.distance(line, spot) < 1e-3


@settings(max_examples=12)
@given(SEEDS)
def test_pairs_routes_and_the_nearest_few_agree(seed):
    ways = Ways.drawn(seed, oneway=0.2)
    net, (homes, shops) = ways.network(), (layer(xy) for xy in asked(seed))
    pairs = reached_pairs(net, homes, shops, limit_m=5_000)
    ways_found = routes(net, homes, shops, pairs)
    np.testing.assert_allclose(ways_found["distance_high_m"], pairs["distance_high_m"], atol=1e-6)
    first = pairs.groupby("origin_id")[["distance_m", "distance_high_m"]].min()
    found = nearest(net, homes, shops).set_index("origin_id")
    few = nearest_few(net, homes, shops, k=2)
    few = few[few["rank"] == 1].set_index("origin_id")
    for name in first:
        np.testing.assert_allclose(
            found[name].reindex(first.index), few[name].reindex(first.index), atol=1e-6
        )
        np.testing.assert_allclose(found[name].reindex(first.index), first[name], atol=1e-6)
    nearest_way = ways_found.assign(
        origin=pairs["origin_id"].to_numpy(), shop=pairs["facility_id"].to_numpy()
    )
    for _, way in nearest_way.iterrows():
        if found.loc[way["origin"], "facility_id"] == way["shop"]:
            assert way["unknown_share"] == pytest.approx(
                found.loc[way["origin"], "unknown_share"], abs=1e-6
            )


@settings(max_examples=10)
@given(SEEDS, st.sampled_from([60.0, 300.0]))
def test_pairs_in_small_tables_are_those_of_both_networks_apart_to_the_bit(seed, limit):
    net, (homes, shops) = Ways.drawn(seed).network(), (layer(xy) for xy in asked(seed))
    walking = {"limit_m": limit, "max_snap_m": SNAP_M}
    keys = ["origin_id", "facility_id"]
    small = [table.astype(dict.fromkeys(keys, "str")) for table in
             iter_pairs(net, homes, shops, memory_mb=1e-9, **walking)]  # fmt: skip
    whole = reached_pairs(net, homes, shops, **walking)
    if len(whole):
        small = pd.concat(small).sort_values(keys, ignore_index=True)
        pd.testing.assert_frame_equal(small, whole.reset_index(drop=True), check_exact=True)
    closed = net.cautious
    apart = [] if closed is None else reached_pairs(closed, homes, shops, **walking)
    high = {} if closed is None else apart.set_index(keys)["distance_m"].to_dict()
    for one in whole.itertuples():
        other = high.get((one.origin_id, one.facility_id), np.nan)
        assert np.array_equal(
            one.distance_high_m, np.maximum(other, one.distance_m), equal_nan=True
        )
    sure = whole.dropna().groupby("origin_id").size().reindex(homes["id"], fill_value=0)
    counted = count_within(net, homes, shops, cautious=True, **walking)["all"]
    there = counted.notna().to_numpy()
    assert counted[there].tolist() == sure[there].tolist()
    assert counted.isna().equals(count_within(net, homes, shops, **walking)["all"].isna())


def test_points_are_made_ready_once_in_each_answer_however_many_tables(monkeypatch):
    """Otherwise the work would grow with tables times origins."""
    ways = Ways.drawn(3)
    net, (homes, shops) = ways.network(), (layer(xy) for xy in asked(3))
    assert net.cautious not in (None, net)
    made = []
    real = surely_near.met_places
    monkeypatch.setattr(surely_near, "met_places", lambda *a: made.append(1) or real(*a))
    tables = list(iter_pairs(net, homes, shops, max_snap_m=SNAP_M, memory_mb=1e-9))
    assert len(tables) > 2
    assert len(made) == 2


@settings(max_examples=10)
@given(SEEDS)
def test_masks_survive_the_cache_a_crop_and_another_order(seed):
    ways = Ways.drawn(seed)
    net, (homes, shops) = ways.network(), (layer(xy) for xy in asked(seed))
    with TemporaryDirectory() as folder:
        net.save(f"{folder}/net.npz")
        again = WalkNetwork.load(f"{folder}/net.npz")
    order = np.random.default_rng(seed).permutation(len(ways.ends))
    west, south, east, north = net.bounds
    cropped = net.crop([west - 1, south - 1, east + 1, north + 1])
    columns = ["distance_m", "distance_high_m", "unknown_share"]
    found = nearest(net, homes, shops, max_snap_m=SNAP_M)[columns]
    for other in (again, cropped, ways.network(order)):
        assert other.matters == ("surface",)
        pd.testing.assert_frame_equal(
            nearest(other, homes, shops, max_snap_m=SNAP_M)[columns], found, atol=1e-6
        )
        mine, theirs = net.edges(), other.edges()
        for name in ("cautious", "unknown_share"):
            assert (mine["length_m"] * mine[name]).sum() == pytest.approx(
                (theirs["length_m"] * theirs[name]).sum()
            )


@settings(max_examples=8)
@given(SEEDS)
def test_tiles_give_both_answers_of_the_whole(seed):
    """A tile knows of islands in the cautious answer as the whole does."""
    net = Ways.drawn(seed, side_m=4_000.0).network()
    rng = np.random.default_rng(seed)
    spots = shapely.get_coordinates(
        shapely.line_interpolate_point(net.edges().geometry, 0.4, normalized=True)
    ) + rng.normal(0, 30, (net.n_streets, 2))
    there = rng.random(len(spots)) < 0.5
    town = Town.from_frames(
        net,
        addresses=layer(spots[~there], "h"),
        facilities=layer(spots[there], "f").assign(facility_class="bank"),
    )
    if town.addresses.empty or town.facilities.empty:
        return
    whole = town.nearest("bank", limit_m=400).set_index("origin_id")
    areas = town.service_areas("bank", limit_m=400).set_index("facility_id")
    drawn = town.service_areas("bank", limit_m=400, shape="lines", cautious=True)
    lengths = drawn.set_index("facility_id").geometry.length.reindex(areas.index)
    np.testing.assert_allclose(lengths, areas["length_low_m"], rtol=2e-4)
    for tile in town.tiles(km=0.5, margin_m=650):
        part = tile.nearest("bank", limit_m=400).set_index("origin_id")
        columns = ["distance_m", "distance_high_m", "unknown_share", "status"]
        pd.testing.assert_frame_equal(part[columns], whole.loc[part.index, columns], atol=1e-6)
        part = tile.service_areas("bank", limit_m=400).set_index("facility_id")
        columns = ["length_m", "length_low_m", "unknown_share"]
        pd.testing.assert_frame_equal(part[columns], areas.loc[part.index, columns], atol=1e-6)
