"""Areas and distances on streets one can check by hand; the columns and statuses others rely on."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from reach_oracle import ground_m

from geowoonzorg.errors import Cancelled
from geowoonzorg.walk import chunks, reach
from geowoonzorg.walk.kernels import search
from geowoonzorg.walk.kernels.search import CACHED_NODES
from geowoonzorg.walk.network import WalkNetwork
from geowoonzorg.walk.service_area import (
    count_within,
    iter_pairs,
    nearest,
    nearest_few,
    reached_pairs,
    service_areas,
)

CORNER = np.array([190_000.0, 500_000.0])
STREET_M = float(ground_m(CORNER, CORNER + [1000, 0])[0])


def layer(points, names=None, **columns):
    points = np.asarray(points, float).reshape(-1, 2) + CORNER
    ids = names or [f"p{i}" for i in range(len(points))]
    return gpd.GeoDataFrame({"id": ids, **columns}, geometry=shapely.points(points), crs=28992)


@pytest.fixture(scope="module")
def street():
    """One kilometre straight east, and an island of 50 m north of its far end."""
    xy = np.array([[0, 0], [1000, 0], [1300, 0], [1350, 0]]) + CORNER
    return WalkNetwork.from_arrays(xy, [[0, 1], [2, 3]])


def test_columns_are_the_contract(street):
    shops = layer([[500, 10]], facility_class=["supermarkt"])
    lines = service_areas(street, shops)
    assert lines.columns.tolist() == [
        "facility_id", "facility_class", "limit_m", "length_m", "length_low_m", "unknown_share",
        "access_leg_m", "status", "geometry",
    ]  # fmt: skip
    near = nearest(street, layer([[100, 0]]), shops)
    assert near.columns.tolist() == [
        "origin_id", "facility_class", "facility_id", "distance_m", "distance_high_m", "unknown_share",
        "access_leg_origin_m", "access_leg_facility_m", "status", "geometry",
    ]  # fmt: skip
    assert near.crs == lines.crs == street.crs
    polygons = service_areas(street, shops, limit_m=[100, 200], shape="polygons")
    assert polygons["area_m2"].gt(0).all()
    assert set(polygons.columns) == {*lines.columns, "area_m2"}
    assert (polygons.geometry.area == polygons["area_m2"]).all()


def test_ids_are_hashed_once_however_many_tables_there_are(street, monkeypatch):
    """Categories of its own per table cost time and memory with the square of the addresses."""
    homes, shops = layer([[i, 0] for i in range(50)]), layer([[i, 0] for i in range(20)])
    tables = list(iter_pairs(street, homes, shops, limit_m=400, memory_mb=1e-3))
    assert len(tables) > 10
    for column in ("origin_id", "facility_id"):
        assert len({id(table[column].cat.categories) for table in tables}) == 1
    made, whole = [], pd.CategoricalDtype.validate_categories
    monkeypatch.setattr(
        pd.CategoricalDtype,
        "validate_categories",
        staticmethod(lambda ids, **more: made.append(len(ids)) or whole(ids, **more)),
    )
    counts = []
    for first_chunk in (10, 1):
        monkeypatch.setattr(chunks, "_FIRST_CHUNK", first_chunk)
        made.clear()
        assert len(reached_pairs(street, homes, shops, limit_m=400)) == 50 * 20
        counts.append(made.count(50))
    assert counts[0] == counts[1]


def test_a_street_is_cut_at_the_limit_on_both_sides(street):
    area = service_areas(street, layer([[500, 10]]), limit_m=400).iloc[0]
    leg = ground_m(CORNER + [500, 10], CORNER + [500, 0])[0]
    assert area["length_m"] == pytest.approx(2 * (400 - leg), abs=1e-6)
    assert area["access_leg_m"] == pytest.approx(leg, abs=1e-6)
    without = service_areas(street, layer([[500, 10]]), limit_m=400, access_legs=False).iloc[0]
    assert without["length_m"] == pytest.approx(800, abs=1e-6)
    assert without["access_leg_m"] == area["access_leg_m"]


def test_several_limits_are_those_of_each_alone(street):
    shops = layer([[500, 10], [20, 5]])
    together = service_areas(street, shops, limit_m=[800, 100, 400])
    assert together["limit_m"].tolist() == [100, 400, 800] * 2
    for limit in (100, 400, 800):
        alone = service_areas(street, shops, limit_m=limit)
        assert (
            together.loc[together["limit_m"] == limit, "length_m"].tolist()
            == alone["length_m"].tolist()
        )


def test_the_limit_is_inclusive(street):
    exact = nearest(street, layer([[0, 0]]), layer([[1000, 0]]))["distance_m"].iloc[0]
    assert exact == pytest.approx(STREET_M, abs=1e-6)
    assert nearest(street, layer([[0, 0]]), layer([[1000, 0]]), limit_m=exact)[
        "status"
    ].tolist() == ["ok"]
    below = nearest(street, layer([[0, 0]]), layer([[1000, 0]]), limit_m=np.nextafter(exact, 0))
    assert below["status"].tolist() == ["beyond_limit"]
    assert below["distance_m"].isna().all()


def test_origin_and_facility_on_one_edge_go_straight(street):
    near = nearest(street, layer([[300, 0]]), layer([[340, 0]]))
    assert near["distance_m"].iloc[0] == pytest.approx(
        ground_m(CORNER + [300, 0], CORNER + [340, 0])[0], abs=1e-6
    )


def test_statuses_say_why_there_is_no_distance(street):
    homes = layer([[0, 0], [1325, 5], [5000, 5000]], ["near", "on_island", "nowhere"])
    near = nearest(street, homes, layer([[900, 0]]), limit_m=400).set_index("origin_id")
    assert near["status"].to_dict() == {
        "near": "beyond_limit",
        "on_island": "island",
        "nowhere": "off_network",
    }
    assert near["distance_m"].isna().all()
    assert near["facility_id"].isna().all()
    areas = service_areas(street, homes, limit_m=100).set_index("facility_id")
    assert areas["status"].to_dict() == {
        "near": "ok",
        "on_island": "island",
        "nowhere": "off_network",
    }
    assert areas["length_m"].isna().tolist() == [False, True, True]
    assert areas.geometry.isna().tolist() == [False, True, True]
    far = service_areas(street, layer([[500, 80]]), limit_m=60).iloc[0]
    assert (far["status"], far["length_m"], far.geometry.is_empty) == ("beyond_limit", 0.0, True)


def test_every_origin_has_a_row_per_class_in_order(street):
    shops = layer([[900, 0], [100, 0], [500, 0]], ["c", "a", "b"], facility_class=["x", "y", "x"])
    near = nearest(street, layer([[0, 0], [1000, 0]]), shops)
    assert near["origin_id"].tolist() == ["p0", "p0", "p1", "p1"]
    assert near["facility_class"].tolist() == ["x", "y", "x", "y"]
    assert near["facility_id"].tolist() == ["b", "a", "c", "a"]


def test_equal_distances_go_to_the_first_id(street):
    for order in (["b", "a"], ["a", "b"]):
        near = nearest(street, layer([[500, 0]]), layer([[600, 0], [600, 0]], order))
        assert near["facility_id"].tolist() == ["a"]
        few = nearest_few(street, layer([[500, 0]]), layer([[600, 0], [600, 0]], order), k=1)
        assert few["facility_id"].tolist() == ["a"]


def test_one_way_streets_are_walked_to_the_facility():
    xy = np.array([[0, 0], [400, 0], [400, 300], [0, 300]]) + CORNER
    net = WalkNetwork.from_arrays(
        xy, [[0, 1], [1, 2], [2, 3], [3, 0]], forward=[True] * 4, backward=[False, True, True, True]
    )
    sides = ground_m(xy, np.roll(xy, -1, axis=0))
    east, west = layer([[300, 0]]), layer([[100, 0]])
    straight = ground_m(CORNER + [100, 0], CORNER + [300, 0])[0]
    assert nearest(net, west, east)["distance_m"].iloc[0] == pytest.approx(straight, abs=1e-6)
    round_m = sides.sum() - straight
    assert nearest(net, east, west)["distance_m"].iloc[0] == pytest.approx(round_m, abs=1e-6)
    # within 150 m of the shop at x=300: the street before it, and none of the one behind it
    assert service_areas(net, east, limit_m=90)["length_m"].iloc[0] == pytest.approx(90, abs=1e-6)


def test_tables_in_little_memory_are_the_same_tables(street):
    rng = np.random.default_rng(1)
    homes, shops = (
        layer(rng.uniform([0, -40], [1000, 40], (200, 2))),
        layer(rng.uniform([0, -40], [1000, 40], (30, 2))),
    )
    pieces = list(iter_pairs(street, homes, shops, memory_mb=0.01))
    assert len(pieces) > 10
    assert sum(len(p) for p in pieces) == 200 * 30
    small = sorted(np.concatenate([p["distance_m"] for p in pieces]))
    whole = sorted(np.concatenate([p["distance_m"] for p in iter_pairs(street, homes, shops)]))
    assert small == whole


def test_counts_are_missing_where_an_origin_is_nowhere(street):
    shops = layer([[100, 0], [200, 0], [900, 0]], facility_class=["x", "y", "x"])
    counts = count_within(street, layer([[150, 0], [5000, 0]]), shops, limit_m=400)
    assert counts.loc[0].to_dict() == {"x": 1, "y": 1}
    assert counts.loc[1].isna().all()


def test_layers_in_another_system_are_converted(street):
    homes, shops = layer([[100, 5]]), layer([[400, 5]])
    here = nearest(street, homes, shops)["distance_m"].iloc[0]
    there = nearest(street, homes.to_crs(4326), shops.to_crs(3857))["distance_m"].iloc[0]
    # RD New to degrees and back is 0.2 mm off in PROJ, whose Helmert inverse is not exact
    assert there == pytest.approx(here, abs=1e-3)


def test_no_facilities_is_no_answer_and_no_error(street):
    none = layer(np.empty((0, 2)))
    assert len(service_areas(street, none)) == 0
    assert len(reached_pairs(street, layer([[0, 0]]), none, limit_m=100)) == 0


def test_cancelling_stops_and_leaves_the_network_usable(street):
    def stop(_fraction, _message):
        raise Cancelled

    shops = layer(np.column_stack([np.linspace(0, 1000, 500), np.zeros(500)]))
    with pytest.raises(Cancelled):
        service_areas(street, shops, progress=stop)
    with pytest.raises(Cancelled):
        nearest(street, shops, shops, progress=stop)
    assert service_areas(street, shops)["length_m"].gt(0).all()


def lattice(side):
    """Crossings 50 m apart, ``side`` each way."""
    i = np.arange(side * side)
    right, up = i[i % side < side - 1], i[:-side]
    segments = np.r_[np.column_stack([right, right + 1]), np.column_stack([up, up + side])]
    return WalkNetwork.from_arrays(CORNER + 50.0 * np.column_stack([i % side, i // side]), segments)


def test_a_network_beyond_the_cache_gives_the_areas_of_a_small_one():
    small, large = lattice(40), lattice(270)
    assert len(small.node_xy) < CACHED_NODES < len(large.node_xy)
    xy = np.random.default_rng(4).uniform(600, 1300, (300, 2))
    a, b = (service_areas(net, layer(xy), limit_m=[200, 400]) for net in (small, large))
    assert a[["facility_id", "limit_m", "status"]].equals(b[["facility_id", "limit_m", "status"]])
    assert np.allclose(a["length_m"], b["length_m"], rtol=0, atol=1e-6)
    assert a["length_m"].gt(1000).any()


def test_a_room_that_is_too_small_grows(monkeypatch):
    shops = layer(np.random.default_rng(5).uniform(0, 1900, (40, 2)))
    wide = service_areas(lattice(40), shops, limit_m=[150, 600])
    monkeypatch.setattr(search, "WORK", 4)
    monkeypatch.setattr(search, "PARTS", 16)
    narrow = service_areas(lattice(40), shops, limit_m=[150, 600])
    assert narrow.drop(columns="geometry").equals(wide.drop(columns="geometry"))
    assert (narrow.geometry == wide.geometry).all()


def test_a_search_leaves_nothing_behind_for_the_next(monkeypatch):
    def stop(fraction, message):
        if (fraction, message) == (0.5, "nearest"):
            raise Cancelled

    net, rng = lattice(80), np.random.default_rng(6)  # more than one tile
    homes, shops = layer(rng.uniform(0, 3900, (50, 2))), layer(rng.uniform(0, 3900, (9, 2)))
    for limit_m, few in ((None, 1), (400, 9), (150, 3), (None, 9)):
        with monkeypatch.context() as short, pytest.raises(Cancelled):
            short.setattr(reach, "_STEPS", 10)
            nearest(net, homes, shops.tail(2), progress=stop)
        again = nearest(net, homes, shops.head(few), limit_m=limit_m)
        anew = nearest(lattice(80), homes, shops.head(few), limit_m=limit_m)
        pd.testing.assert_frame_equal(again, anew)


def test_an_area_of_more_streets_than_there_was_room_for_is_whole():
    net = lattice(80)  # 12,640 streets
    lines = service_areas(net, layer([[2000, 2000], [10, 10]]), limit_m=20_000)
    assert np.allclose(lines["length_m"], net.edge_length_m.sum())
