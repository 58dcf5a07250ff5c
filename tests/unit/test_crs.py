"""Everything comes to the system that is worked in by the same way, so that nothing is moved against the streets."""

from __future__ import annotations

import re
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from affine import Affine

import geowoonzorg
from geowoonzorg.files import bring_points, bring_to, sample_raster
from geowoonzorg.opendata.pavement import read_pavement
from geowoonzorg.walk.network import WalkNetwork
from geowoonzorg.walk.service_area import nearest, service_areas

RD, BELGIAN = "EPSG:28992", "EPSG:31370"
CORNER = np.array([190_000.0, 507_000.0])
#: PROJ's Helmert transformations are not their own inverse to the last half millimetre.
NEAR_M = 0.002


def streets(crs):
    """One street, as the streets of OSM come: in degrees."""
    line = shapely.LineString(CORNER + [[0, 0], [1_000, 0]])
    degrees = gpd.GeoDataFrame({"id": ["a"]}, geometry=[line], crs=RD).to_crs(4326)
    return WalkNetwork.from_lines(degrees, crs=crs)


def places(*xy):
    ids = [f"p{i}" for i in range(len(xy))]
    return gpd.GeoDataFrame({"id": ids}, geometry=shapely.points(CORNER + list(xy)), crs=RD)


@pytest.mark.parametrize("crs", [BELGIAN, "EPSG:25831", "EPSG:32631"])
def test_walks_are_those_in_rd_whatever_is_worked_in(crs):
    homes, shops = places((100, 30), (900, -20)), places((400, 5))
    there = nearest(streets(crs), homes, shops)
    assert there["distance_m"].to_numpy() == pytest.approx(
        nearest(streets(RD), homes, shops)["distance_m"].to_numpy(), abs=NEAR_M
    )
    drawn = service_areas(streets(crs), shops, limit_m=200)
    assert drawn.crs == RD
    expected = service_areas(streets(RD), shops, limit_m=200)
    assert drawn.geometry.iloc[0].hausdorff_distance(expected.geometry.iloc[0]) < NEAR_M


def test_a_layer_of_lines_and_the_pavement_come_as_the_streets_do(tmp_path):
    line = gpd.GeoDataFrame(geometry=[shapely.LineString(CORNER + [[0, 0], [1_000, 0]])], crs=RD)
    assert WalkNetwork.from_lines(line, crs=BELGIAN).node_xy == pytest.approx(
        streets(BELGIAN).node_xy, abs=NEAR_M
    )
    about = {"function": ["voetpad"]}
    gpd.GeoDataFrame(about, geometry=line.buffer(2.0), crs=RD).to_file(tmp_path / "bgt.gpkg")
    on = read_pavement(tmp_path / "bgt.gpkg", crs=BELGIAN).geometry.iloc[0]
    assert on.covers(shapely.points(streets(BELGIAN).node_xy)).all()


def test_a_raster_is_read_where_the_streets_are(tmp_path):
    path = tmp_path / "heights.tif"
    values = np.arange(100, dtype=np.float32).repeat(100).reshape(100, 100)
    with rasterio.open(
        path, "w", driver="GTiff", width=100, height=100, count=1, dtype="float32", crs=RD,
        transform=Affine(10, 0, CORNER[0], 0, -10, CORNER[1] + 500),
    ) as file:  # fmt: skip
        file.write(values, 1)
    ends = streets(BELGIAN).node_xy
    middle = ends.mean(axis=0, keepdims=True)
    here = sample_raster(path, CORNER[None] + [500.0, 0.0], crs=RD, least=0, most=100)
    assert sample_raster(path, middle, crs=BELGIAN, least=0, most=100) == pytest.approx(
        here, abs=0.01
    )


@pytest.mark.parametrize("system", [RD, BELGIAN, "EPSG:25831", "EPSG:4258", "EPSG:3857", 7415])
def test_layers_and_points_go_the_same_way(system):
    place = places((0, 0)).geometry.to_crs(4326)
    layer = bring_to(place, system)
    xy = bring_points(place.get_coordinates().to_numpy(), "EPSG:4326", system)
    assert np.array_equal(layer.get_coordinates().to_numpy(), xy)
    back = bring_to(layer, RD).get_coordinates().to_numpy()
    assert back == pytest.approx(CORNER[None], abs=NEAR_M)


def test_nobody_brings_a_layer_along_by_another_way():
    """Only to degrees, where there is one way."""
    ways = re.compile(r"\.to_crs\((?!4326\)|\"EPSG:4326\"\)|_WGS84\))")
    odd = {
        path.relative_to(root).as_posix()
        for root in [Path(geowoonzorg.__file__).parent]
        for path in root.rglob("*.py")
        for line in path.read_text().splitlines()
        if ways.search(line) and ">>>" not in line and "layer.to_crs" not in line
    }
    # what comes out of an OSM file is in degrees
    from_degrees = {
        "town/facilities.py",
        "town/street_layers.py",
        "town/streets.py",
        "town/surveyed.py",
        "walk/entrances.py",
    }
    assert odd <= from_degrees
