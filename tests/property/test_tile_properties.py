"""A town in tiles against the whole, whatever the town, the tiles and the limit; and so on real streets."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from both_oracle import CORNER, Ways
from hypothesis import given, settings
from hypothesis import strategies as st
from same_answer import same_answer, same_table

import geowoonzorg
from geowoonzorg.town import Town, Walking
from geowoonzorg.town.walked import count_reached, pair_reached

SEEDS = st.integers(0, 2**32 - 1)
CRS = "EPSG:28992"


def layer(rng, n, prefix, side_m):
    ids = [f"{prefix}{i:03d}" for i in rng.permutation(n)]
    xy = rng.uniform(-50, side_m + 50, (n, 2)) + CORNER
    shapes = shapely.points(xy)
    large = rng.random(n) < 0.2  # some are plots, that may lie in several tiles
    shapes[large] = shapely.buffer(shapes[large], rng.uniform(5, 120))
    return gpd.GeoDataFrame({"id": ids}, geometry=shapes, crs=CRS)


def random_town(seed, limit_m, legs):
    """Give a town of streets that hang together or not, some of them one way or not sure to be open."""
    rng = np.random.default_rng(seed)
    side_m = 1_600.0
    net = Ways.drawn(seed, side_m=side_m, oneway=0.1).network()
    shops = layer(rng, 25, "f", side_m)
    shops["facility_class"] = rng.choice(
        ["huisarts", "bank", "apotheek"], len(shops), p=[0.6, 0.35, 0.05]
    )
    return Town.from_frames(
        net, facilities=shops, addresses=layer(rng, 80, "h", side_m),
        walking=Walking((limit_m,), max_snap_m=float(rng.choice([20.0, 100.0])), access_legs=legs),
    )  # fmt: skip


@settings(max_examples=6)
@given(
    SEEDS, st.floats(0.5, 2.0), st.sampled_from([100.0, 400.0, 900.0]), st.booleans(), st.booleans()
)
def test_walks_are_those_of_the_whole(seed, km, limit_m, legs, everywhere):
    town = random_town(seed, limit_m, legs)
    cut, limit = town.in_tiles(tiles_km=km), None if everywhere else limit_m
    same_table(town.nearest(limit_m=limit), cut.nearest(limit_m=limit))
    homes, shops = town.addresses, town.facilities
    same_table(
        pair_reached(town, homes, shops, limit_m=limit_m),
        pair_reached(cut, homes, shops, limit_m=limit_m),
    )
    zone = np.random.default_rng(seed).integers(-1, 5, len(homes))
    whole, parts = (count_reached(one, homes, shops, zone, limit_m=limit_m) for one in (town, cut))
    for one, other in zip(whole, parts, strict=True):
        np.testing.assert_array_equal(one, other)


@settings(max_examples=2)
@given(SEEDS, st.floats(0.7, 2.0), st.booleans())
def test_ground_is_that_of_the_whole(seed, km, cautious):
    town = random_town(seed, 300.0, legs=True)
    asked = {"limit_m": [150, 300], "cautious": cautious}
    for shape in ("lines", "polygons"):
        same_table(
            town.service_areas(shape=shape, **asked),
            town.in_tiles(tiles_km=km).service_areas(shape=shape, **asked),
        )


@pytest.fixture(scope="module")
def kampen(shared_data):
    path = shared_data / "kampen" / "kampen.osm.pbf"
    net = geowoonzorg.WalkNetwork.from_osm(path, profile="rollator")
    shops = geowoonzorg.read_facilities(
        path, classes=["huisarts", "supermarkt", "inloopvoorziening"]
    )
    rng = np.random.default_rng(0)
    edges = net.edges().geometry
    at = rng.integers(0, len(edges), 2_000)
    homes = shapely.line_interpolate_point(edges.to_numpy()[at], rng.random(2_000), normalized=True)
    xy = shapely.get_coordinates(homes) + rng.normal(0, 30, (2_000, 2))
    layer = gpd.GeoDataFrame(
        {"id": [f"a{i:05}" for i in range(2_000)]}, geometry=shapely.points(xy), crs=CRS
    )
    return Town.from_frames(net, facilities=shops, addresses=layer)


def test_kampen_in_tiles_is_kampen(kampen):
    cut = kampen.in_tiles(tiles_km=2.5)
    same_table(kampen.nearest(), cut.nearest())
    same_table(kampen.nearest(limit_m=400), cut.nearest(limit_m=400))
    same_table(kampen.service_areas(), cut.service_areas())


def test_sites_in_kampen_have_the_same_scores(kampen):
    sites = kampen.addresses.iloc[::300].assign(name="x")
    whole, cut = (
        geowoonzorg.score_sites(town, sites, draws=50)
        for town in (kampen, kampen.in_tiles(tiles_km=2))
    )
    same_answer(whole, cut)
    assert not pd.isna(whole.sites["score_low"]).all()
