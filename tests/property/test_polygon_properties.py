"""Whatever the network looks like, an area of ground says what the distances say."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from crooked_grid import CORNER, draw_grid
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from geowoonzorg.walk.access import join_network
from geowoonzorg.walk.network import WalkNetwork
from geowoonzorg.walk.polygons import pool_seeds, reach_polygons
from geowoonzorg.walk.service_area import nearest

EXAMPLES = settings(
    max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)
CELL_M = 4.0


@st.composite
def towns(draw, *, oneway=False):
    """Draw a crooked grid of streets with pieces left out, and some places near them."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    xy, segments = draw_grid(draw, rng, largest=5, kept=[0.5, 0.8, 1.0])
    forward = rng.random(len(segments)) < (0.8 if oneway else 2)
    backward = ~forward | (rng.random(len(segments)) < (0.8 if oneway else 2))
    net = WalkNetwork.from_arrays(xy, segments, forward=forward, backward=backward)
    spots = xy[rng.integers(0, len(xy), 3)] + rng.normal(0, 20, (3, 2))
    return net, places(spots), rng


def places(points):
    return gpd.GeoDataFrame(
        {"id": [f"p{i:04d}" for i in range(len(points))]},
        geometry=shapely.points(points),
        crs=28992,
    )


def draw_areas(net, spots, **options):
    return reach_polygons(net, join_network(net, spots).seeds, cell_m=CELL_M, **options)


@EXAMPLES
@given(towns(oneway=True), st.sampled_from([40.0, 120.0, 250.0]))
def test_a_place_lies_in_the_area_when_its_distance_is_within_the_limit(town, limit):
    net, spots, rng = town
    low, high = net.vertex_xy.min(axis=0) - 130, net.vertex_xy.max(axis=0) + 130
    points = rng.uniform(low, high, (400, 2))
    areas = draw_areas(net, spots, limit_m=limit)
    assert shapely.is_valid(areas[areas != None]).all()  # noqa: E711 - element by element
    for i, area in enumerate(areas):
        if area is None:
            continue
        near = nearest(net, places(points), spots.iloc[[i]])
        within = near["distance_m"].to_numpy() <= limit
        wrong = within != shapely.contains_xy(area, *points.T)
        far = (
            shapely.distance(shapely.boundary(area), shapely.points(points[wrong]))
            > CELL_M * 2**0.5
        )
        if area.is_empty:
            far = np.full(wrong.sum(), 0)  # less ground than a speck
        assert not far.any()
        assert wrong.mean() <= 0.02


@EXAMPLES
@given(towns())
def test_a_longer_limit_holds_a_shorter_one(town):
    net, spots, _ = town
    areas = draw_areas(net, spots, limit_m=[90, 130, 300]).reshape(-1, 3)
    for shorter, longer in ((0, 1), (1, 2)):
        for small, large in areas[:, [shorter, longer]]:
            if small is not None:
                assert small.difference(shapely.buffer(large, 0.2)).area <= 1.0


@EXAMPLES
@given(towns())
def test_pooled_places_give_the_union_of_their_areas(town):
    net, spots, _ = town
    seeds = join_network(net, spots).seeds
    assume(len(seeds.edge) > 0)
    each = reach_polygons(net, seeds, limit_m=150, cell_m=CELL_M)
    pooled = reach_polygons(
        net, pool_seeds(seeds, [0] * len(spots))[1], limit_m=150, cell_m=CELL_M
    )[0]
    union = shapely.union_all(each[each != None])  # noqa: E711
    apart = pooled.symmetric_difference(union)
    assert apart.area <= 0.01 * pooled.area + CELL_M**2
    assert shapely.buffer(apart, -CELL_M / 2).is_empty  # nowhere wider than a cell


@EXAMPLES
@given(towns())
def test_rings_are_the_differences_of_the_areas(town):
    net, spots, _ = town
    whole = draw_areas(net, spots, limit_m=[80, 200])
    rings = draw_areas(net, spots, limit_m=[80, 200], mode="rings")
    for inner, outer, core, ring in zip(
        whole[::2], whole[1::2], rings[::2], rings[1::2], strict=True
    ):
        if outer is None:
            continue
        assert core.equals(inner)
        assert ring.is_valid
        assert (
            ring.symmetric_difference(outer.difference(inner)).area <= 0.02 * outer.area + CELL_M**2
        )


@EXAMPLES
@given(towns())
def test_an_area_does_not_depend_on_what_else_is_drawn_or_mapped(town):
    net, spots, _ = town
    together = draw_areas(net, spots, limit_m=150)
    alone = [draw_areas(net, spots.iloc[[i]], limit_m=150)[0] for i in range(len(spots))]
    # a street far to the south-west moves the network's own grid, and renumbers nodes and edges
    far = np.array([[-900.3, -777.7], [-800.0, -780.0]]) + CORNER
    segments = np.column_stack(
        [np.arange(len(net.vertex_xy) - 1), np.arange(1, len(net.vertex_xy))]
    )
    segments = np.delete(segments, net.vertex_start[1:-1] - 1, axis=0)
    xy, which = np.unique(net.vertex_xy, axis=0, return_inverse=True)
    larger = WalkNetwork.from_arrays(
        np.concatenate([xy, far]),
        np.concatenate([which.ravel()[segments], [[len(xy), len(xy) + 1]]]),
    )
    moved = draw_areas(larger, spots, limit_m=150)
    for one, other, third in zip(together, alone, moved, strict=True):
        assert (one is None) == (other is None) == (third is None)
        if one is not None:
            assert one.equals(other)
            assert one.symmetric_difference(third).area <= 0.01 * one.area + 1.0
