"""Routes: as long as the distance says, drawn along the street, with what one meets on the way."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from reach_oracle import ground_m

from geowoonzorg.errors import InputError, MissingColumnError
from geowoonzorg.osm import Walkways
from geowoonzorg.walk.network import WalkNetwork
from geowoonzorg.walk.route import route, routes
from geowoonzorg.walk.service_area import nearest

CORNER = np.array([190_000.0, 500_000.0])
TO_DEGREES = pyproj.Transformer.from_crs("EPSG:28992", "EPSG:4326", always_xy=True)


def degrees(xy):
    return np.column_stack(TO_DEGREES.transform(*(np.asarray(xy, float) + CORNER).T))


def layer(points, prefix):
    points = np.asarray(points, float).reshape(-1, 2) + CORNER
    ids = [f"{prefix}{i}" for i in range(len(points))]
    return gpd.GeoDataFrame({"id": ids}, geometry=shapely.points(points), crs=28992)


@pytest.fixture(scope="module")
def street():
    """A street east in four ways: paved, steps, unknown, a slope; with two kerbs and a crossing."""
    xy = np.array([[0, 0], [100, 0], [120, 0], [200, 0], [300, 0], [200, 80]])
    ways = [[0, 1], [1, 2], [2, 3], [3, 4], [3, 5]]
    attributes = pd.DataFrame({
        "surface": pd.Categorical(["asphalt", "paving_stones", None, "asphalt", None]),
        "steps": [False, True, False, False, False],
        "incline_pct": np.float32([np.nan, np.nan, 2.0, -7.0, np.nan]),
    })  # fmt: skip
    features = pd.DataFrame(
        {
            "kerb": pd.Categorical(["raised", "raised", "flush"]),
            "kerb_height_m": np.float32([0.12, np.nan, np.nan]),
            "crossing": pd.Categorical([None, "zebra", None]),
        },
        index=[1, 2, 3],
    )
    ways_of_street = Walkways(
        node_id=np.arange(6),
        lonlat=degrees(xy),
        way_start=np.arange(0, 11, 2),
        way_node=np.concatenate(ways).astype(np.int32),
        way_id=np.arange(5),
        forward=np.ones(5, bool),
        backward=np.ones(5, bool),
        node_cut=np.zeros(6, bool),
        way_attributes=attributes,
        node_attributes=features,
    )
    return WalkNetwork.from_walkways(ways_of_street)


def test_a_route_tells_what_one_meets(street):
    benches = degrees([[50, 5], [150, -10], [260, 40]])
    way = route(street, CORNER + [0, 10], CORNER + [300, 10], bench_lonlat=benches)
    metres = {
        k: ground_m(CORNER + [k, 0], CORNER + [0, 0])[0] for k in (0, 50, 100, 120, 150, 200, 300)
    }
    # RD New to degrees and back is 0.2 mm off in PROJ, whose Helmert inverse is not exact
    assert way["length_m"] == pytest.approx(metres[300], abs=1e-3)
    assert way["distance_m"] == pytest.approx(metres[300] + 2 * 10, abs=0.01)
    assert (way["steps_count"], way["kerbs_high"], way["kerbs_unknown"], way["crossings"]) == (
        1,
        1,
        1,
        1,
    )
    assert way["steps_m"] == pytest.approx(metres[120] - metres[100], abs=1e-3)
    assert way["steepest_pct"] == 7
    assert way["surface_unknown_share"] == pytest.approx(80 / 300, abs=1e-5)
    assert way["width_m_unknown_share"] == 1
    # benches at 50 and 150; the third is too far away
    assert way["bench_gap_m"] == pytest.approx(metres[300] - metres[150], abs=1e-3)
    back = route(street, CORNER + [300, 10], CORNER + [0, 10], bench_lonlat=benches)
    same = [c for c in way.index if c != "geometry"]
    pd.testing.assert_series_equal(back[same], way[same], check_exact=False, atol=1e-6)
    assert shapely.get_coordinates(back["geometry"])[0].tolist() == pytest.approx(
        (CORNER + [300, 0]).tolist(), abs=1e-3
    )


def test_what_is_not_known_at_all_is_missing():
    net = WalkNetwork.from_arrays(np.array([[0, 0], [100, 0]]) + CORNER, [[0, 1]])
    way = route(net, CORNER, CORNER + [100, 0])
    for name in (
        "steps_count",
        "steps_m",
        "kerbs_high",
        "kerbs_unknown",
        "crossings",
        "steepest_pct",
        "bench_gap_m",
    ):
        assert pd.isna(way[name])
    assert way["surface_unknown_share"] == 1


def test_both_ends_at_the_same_point_of_the_street():
    street = WalkNetwork.from_arrays(np.array([[0, 0], [100, 0]]) + CORNER, [[0, 1]])
    way = route(street, CORNER + [50, 10], CORNER + [50, -10])
    assert (way["length_m"], way["status"], way["geometry"].is_empty) == (0.0, "ok", True)
    assert way["distance_m"] == pytest.approx(20, abs=0.01)


def test_pairs_without_a_facility_and_unknown_ids(street):
    homes, shops = layer([[0, 10], [5000, 0]], "h"), layer([[300, 10]], "s")
    pairs = pd.DataFrame(
        {"origin_id": ["h0", "h1", "h0"], "facility_id": ["s0", "s0", None]}, index=[7, 8, 9]
    )
    table = routes(street, homes, shops, pairs)
    assert table.index.tolist() == [7, 8, 9]
    assert table["status"].tolist() == ["ok", "off_network", "beyond_limit"]
    assert table.geometry.isna().tolist() == [False, True, True]
    with pytest.raises(InputError, match=r"1 \(x\)"):
        routes(street, homes, shops, pd.DataFrame({"origin_id": ["x"], "facility_id": ["s0"]}))
    with pytest.raises(MissingColumnError, match="facility_id"):
        routes(street, homes, shops, pairs[["origin_id"]])


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_routes_are_as_long_as_nearest_says_and_as_they_are_drawn(seed):
    rng = np.random.default_rng(seed)
    xy = rng.integers(0, 8, (14, 2)) * 50 + rng.normal(0, 5, (14, 2))
    segments = rng.integers(0, 14, (24, 2))
    forward = rng.random(24) < 0.8
    net = WalkNetwork.from_arrays(
        xy + CORNER, segments, forward=forward, backward=~forward | (rng.random(24) < 0.7)
    )
    homes, shops = layer(rng.uniform(0, 400, (8, 2)), "h"), layer(rng.uniform(0, 400, (3, 2)), "s")
    near = nearest(net, homes, shops)
    table = routes(net, homes, shops, near[["origin_id", "facility_id"]])
    np.testing.assert_allclose(table["distance_m"], near["distance_m"], rtol=0, atol=1e-9)
    legs = near["access_leg_origin_m"] + near["access_leg_facility_m"]
    np.testing.assert_allclose(table["length_m"] + legs, near["distance_m"], rtol=0, atol=1e-6)
    for row in table[table["status"] == "ok"].itertuples():
        corners = shapely.get_coordinates(row.geometry)
        drawn = ground_m(corners[:-1], corners[1:]).sum() if len(corners) else 0.0
        assert drawn == pytest.approx(row.length_m, abs=1e-6)
