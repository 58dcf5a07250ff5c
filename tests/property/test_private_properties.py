"""Whatever ground is private, no walk passes through it, and every answer is the same brute force's."""

from __future__ import annotations

import re

import geopandas as gpd
import numpy as np
import shapely
from crooked_grid import draw_grid
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from plot_oracle import Plots
from reach_oracle import ground_m

from geowoonzorg.walk.access import join_network
from geowoonzorg.walk.cells import snap_cells
from geowoonzorg.walk.polygons import reach_polygons
from geowoonzorg.walk.route import routes
from geowoonzorg.walk.service_area import nearest, nearest_few, reached_pairs, service_areas

EXAMPLES = settings(
    max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)
CELL_M = 4.0


@st.composite
def towns(draw):
    """Draw a crooked grid in which some streets are private, one-way or not there, and places near them."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    points, segments = draw_grid(draw, rng, largest=6, kept=[0.7, 0.9, 1.0])
    private = rng.random(len(segments)) < draw(st.sampled_from([0.2, 0.4, 0.6]))
    assume(private.any() and not private.all())
    forward = rng.random(len(segments)) < draw(st.sampled_from([0.8, 2]))
    backward = ~forward | (rng.random(len(segments)) < draw(st.sampled_from([0.8, 2])))
    net, oracle = Plots.build(points, segments, private, forward, backward)
    where = oracle.xy[rng.integers(0, len(points), 16)] + rng.normal(0, 30, (16, 2))
    _, _, _, leg, close = oracle.snap(where)
    where = where[~close & (leg <= 100)]
    assume(len(where) > 5)
    return net, oracle, where[4:], where[:4], rng


def at(points, prefix):
    ids = [f"{prefix}{i:03d}" for i in range(len(points))]
    return gpd.GeoDataFrame({"id": ids}, geometry=shapely.points(points), crs=28992)


@EXAMPLES
@given(towns())
def test_distances_equal_networkx(town):
    net, oracle, origins, facilities, _ = town
    expected = oracle.distances(origins, facilities)
    homes, shops = at(origins, "h"), at(facilities, "s")
    pairs = reached_pairs(net, homes, shops, limit_m=10_000)
    found = np.full(expected.shape, np.inf)
    rows = pairs["origin_id"].str[1:].astype(int), pairs["facility_id"].str[1:].astype(int)
    found[rows] = pairs["distance_m"]
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6)
    near = nearest(net, homes, shops)["distance_m"].fillna(np.inf)
    np.testing.assert_allclose(near, expected.min(axis=1), rtol=0, atol=1e-6)
    few = nearest_few(net, homes, shops, k=2).set_index(["origin_id", "rank"])["distance_m"]
    second = np.sort(expected, axis=1)[:, min(1, expected.shape[1] - 1)]
    for i in np.flatnonzero(np.isfinite(second) & (expected.shape[1] > 1)):
        assert abs(few[f"h{i:03d}", 2] - second[i]) <= 1e-6


@EXAMPLES
@given(towns())
def test_routes_are_as_long_as_drawn_and_have_private_ground_at_their_ends_only(town):
    net, oracle, origins, facilities, _ = town
    homes, shops = at(origins, "h"), at(facilities, "s")
    ways = routes(net, homes, shops, reached_pairs(net, homes, shops, limit_m=10_000))
    leg, shop_leg = oracle.snap(origins)[3], oracle.snap(facilities)[3]
    for way in ways.itertuples():
        i, j = int(way.origin_id[1:]), int(way.facility_id[1:])
        assert abs(way.distance_m - way.length_m - leg[i] - shop_leg[j]) <= 1e-6
        xy = shapely.get_coordinates(way.geometry)
        steps = ground_m(xy[:-1], xy[1:]) if len(xy) else np.zeros(1)
        assert abs(steps.sum() - way.length_m) <= 1e-6
        middles = shapely.points((xy[:-1] + xy[1:])[steps > 1e-3] / 2) if len(xy) else []
        ground = [
            "s" if shapely.distance(oracle.street.lines, middle).min() < 1e-4 else "p"
            for middle in middles
        ]
        assert re.fullmatch("p*s*p*", "".join(ground))


@EXAMPLES
@given(towns(), st.sampled_from([60.0, 150.0, 260.0]))
def test_a_place_lies_in_the_area_when_its_distance_is_within_the_limit(town, limit):
    net, _, _, facilities, rng = town
    low, high = net.vertex_xy.min(axis=0) - 130, net.vertex_xy.max(axis=0) + 130
    points = rng.uniform(low, high, (400, 2))
    shops = at(facilities, "s")
    areas = reach_polygons(net, join_network(net, shops).seeds, cell_m=CELL_M, limit_m=limit)
    for i, area in enumerate(areas):
        if area is None:
            continue
        near = nearest(net, at(points, "p"), shops.iloc[[i]])
        wrong = (near["distance_m"].to_numpy() <= limit) != shapely.contains_xy(area, *points.T)
        border = shapely.boundary(area)
        far = shapely.distance(border, shapely.points(points[wrong])) > CELL_M * 2**0.5
        assert area.is_empty or not far.any()
        assert wrong.mean() <= 0.02


@EXAMPLES
@given(towns(), st.sampled_from([60.0, 150.0, 260.0]))
def test_lines_are_the_street_metres_within_the_limit_and_cells_agree_with_nearest(town, limit):
    net, oracle, _, facilities, _ = town
    shops = at(facilities, "s")
    areas = service_areas(net, shops, limit_m=limit)
    start, end = (oracle.xy[oracle.street.ends[oracle.street.main, k]] for k in (0, 1))
    share = np.linspace(0.02, 0.98, 13)[:, None, None]
    points = (start + share * (end - start)).reshape(-1, 2)
    expected = oracle.distances(points, facilities)
    for j, area in enumerate(areas["geometry"]):
        sure = np.abs(expected[:, j] - limit) > 1e-2
        on = shapely.distance(area, shapely.points(points)) < 1e-3 if area else False
        np.testing.assert_array_equal(
            (expected[:, j] < limit)[sure], np.broadcast_to(on, sure.shape)[sure]
        )
    streets = shapely.buffer(shapely.union_all(oracle.street.lines), 1e-3)
    drawn = shapely.union_all([a for a in areas["geometry"] if a is not None])
    assert drawn.difference(streets).length <= 1e-6
    west, south = net.vertex_xy.min(axis=0)
    cells = snap_cells(net, (west, south, west + 200, south + 200), cell_m=10)
    metres = cells.distances(join_network(net, shops).seeds, limit_m=limit)
    column, row = np.meshgrid(np.arange(metres.shape[1]) + 0.5, np.arange(metres.shape[0]) + 0.5)
    to_xy = cells.transform
    xy = np.column_stack([to_xy.c + 10 * column.ravel(), to_xy.f - 10 * row.ravel()])
    near = nearest(net, at(xy, "c"), shops, limit_m=limit)["distance_m"].to_numpy()
    both = np.isfinite(near) & np.isfinite(metres.ravel())
    np.testing.assert_allclose(metres.ravel()[both], near[both], rtol=0, atol=1e-4)
    differ = np.isfinite(near) != np.isfinite(metres.ravel())
    assert (np.where(np.isfinite(near), near, metres.ravel())[differ] > limit - 1e-4).all()
