"""Areas of ground in Kampen against the rule itself, evaluated place by place."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geowoonzorg.walk.access import join_network
from geowoonzorg.walk.cells import snap_cells
from geowoonzorg.walk.network import WalkNetwork
from geowoonzorg.walk.polygons import pool_seeds, reach_polygons
from geowoonzorg.walk.service_area import nearest

LIMIT_M = 400.0
#: cell (m): least mean IoU with the rule on a 1 m grid, largest share of places on another side
AIMS = {5.0: (0.999, 0.001), 2.5: (0.9995, 0.0005)}


@pytest.fixture(scope="module")
def kampen(shared_data):
    return WalkNetwork.from_osm(shared_data / "kampen" / "kampen.osm.pbf", profile="wandelaar")


@pytest.fixture(scope="module", params=[11, 13])
def spots(kampen, request):
    """Thirty places, each within 40 m of a street: two samples, of which the first meets a hole of 2 m."""
    rng = np.random.default_rng(request.param)
    chosen = np.flatnonzero(~np.repeat(kampen.edge_island, np.diff(kampen.vertex_start)))
    xy = kampen.vertex_xy[rng.choice(chosen, 30)] + rng.uniform(-28, 28, (30, 2))
    return points_of(xy, kampen)


def points_of(xy, net):
    return gpd.GeoDataFrame(
        {"id": [f"p{i:07d}" for i in range(len(xy))]}, geometry=shapely.points(xy), crs=net.crs
    )


def within(net, spot, xy):
    """Whether `nearest` puts each point within the limit of the place."""
    near = nearest(net, points_of(xy, net), spot, limit_m=LIMIT_M)
    return near["distance_m"].to_numpy() <= LIMIT_M


@pytest.mark.parametrize("cell_m", AIMS)
def test_as_the_rule_on_a_1_m_grid(kampen, spots, cell_m):
    some = spots.iloc[:3]
    areas = reach_polygons(kampen, join_network(kampen, some).seeds, limit_m=LIMIT_M, cell_m=cell_m)
    iou = []
    for i, area in enumerate(areas):
        west, south, east, north = np.round(area.bounds) + [-20, -20, 20, 20]
        xy = np.stack(
            np.meshgrid(np.arange(west, east) + 0.5, np.arange(south, north) + 0.5), -1
        ).reshape(-1, 2)
        right, drawn = within(kampen, some.iloc[[i]], xy), shapely.contains_xy(area, *xy.T)
        iou.append((right & drawn).sum() / (right | drawn).sum())
    assert np.mean(iou) >= AIMS[cell_m][0]


@pytest.mark.parametrize("cell_m", AIMS)
def test_places_near_the_areas_are_on_the_side_that_nearest_says(kampen, spots, cell_m):
    areas = reach_polygons(
        kampen, join_network(kampen, spots).seeds, limit_m=LIMIT_M, cell_m=cell_m
    )
    assert shapely.is_valid(areas).all()
    rng = np.random.default_rng(12)
    wrong_places = total = 0
    for i, area in enumerate(areas):
        low, high = np.array(area.bounds).reshape(2, 2) + [[-50], [50]]
        xy = rng.uniform(low, high, (3400, 2))
        wrong = within(kampen, spots.iloc[[i]], xy) != shapely.contains_xy(area, *xy.T)
        apart = shapely.distance(shapely.boundary(area), shapely.points(xy[wrong]))
        assert (apart <= cell_m * 2**0.5).all()
        wrong_places += wrong.sum()
        total += len(xy)
    assert total > 100_000
    assert wrong_places / total <= AIMS[cell_m][1]


def test_no_specks_and_holes_within_their_part(kampen, spots):
    areas = reach_polygons(kampen, join_network(kampen, spots).seeds, limit_m=[200, LIMIT_M])
    parts = shapely.get_parts(areas)
    assert (shapely.area(parts) > 0.4).all()
    rings = np.concatenate([shapely.get_rings(part) for part in parts])
    assert (shapely.area(shapely.polygons(rings)) > 0.4).all()
    assert shapely.get_num_interior_rings(parts).sum() > 0


def test_pooled_areas_are_the_union_and_the_cells_agree(kampen, spots):
    seeds = join_network(kampen, spots).seeds
    pooled = reach_polygons(kampen, pool_seeds(seeds, np.zeros(len(spots)))[1], limit_m=LIMIT_M)[0]
    union = shapely.union_all(reach_polygons(kampen, seeds, limit_m=LIMIT_M))
    assert pooled.is_valid
    assert pooled.symmetric_difference(union).area <= 0.002 * union.area
    cells = snap_cells(kampen, pooled.bounds, cell_m=25)
    metres = cells.distances(seeds, limit_m=LIMIT_M)
    rows, columns = np.nonzero(np.isfinite(metres))
    t = cells.transform
    inside = shapely.contains_xy(pooled, t.c + (columns + 0.5) * t.a, t.f + (rows + 0.5) * t.e)
    assert inside.mean() > 0.999
    assert len(rows) * 25**2 == pytest.approx(pooled.area, rel=0.02)
