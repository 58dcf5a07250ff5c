"""Rasters over areas, against overlays of every cell in GEOS and plain counting of points."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from rasterio.transform import Affine

from geowoonzorg.measure import cell_sums, rasters
from geowoonzorg.measure.cell_sums import sum_fractions
from geowoonzorg.measure.rasters import zonal

RD = "EPSG:28992"
WEST, NORTH, CELL_M = 190_000.0, 503_000.0, 10.0


def write_tif(path, array, *, transform=None, crs=RD, **options):
    transform = transform or Affine(CELL_M, 0, WEST, 0, -CELL_M, NORTH)
    rows, columns = array.shape
    profile = {
        "driver": "GTiff",
        "height": rows,
        "width": columns,
        "count": 1,
        "dtype": array.dtype,
    }
    with rasterio.open(path, "w", crs=crs, transform=transform, **profile, **options) as file:
        file.write(array, 1)
    return path


def areas_of(shapes, crs=RD):
    return gpd.GeoSeries(list(shapes), index=[f"s{i}" for i in range(len(shapes))], crs=crs)


def overlay(array, shape):
    """Average by the surface that each cell shares with the shape, in GEOS; and the share covered."""
    rows, columns = array.shape
    j, i = np.meshgrid(np.arange(columns), np.arange(rows))
    x, y = WEST + j * CELL_M, NORTH - i * CELL_M
    part = shapely.area(shapely.intersection(shapely.box(x, y - CELL_M, x + CELL_M, y), shape))
    part = np.where(np.isfinite(array), part, 0.0)
    total = part.sum()
    mean = (np.where(np.isfinite(array), array, 0.0) * part).sum() / total if total else np.nan
    return mean, total / shape.area


@pytest.fixture(scope="module")
def noise(tmp_path_factory):
    rng = np.random.default_rng(7)
    array = rng.uniform(40, 75, (60, 80))
    array[10:20, 30:50] = np.nan
    return array, write_tif(tmp_path_factory.mktemp("tif") / "lden.tif", array)


@pytest.fixture(scope="module")
def shapes():
    rng = np.random.default_rng(8)
    x = rng.uniform(WEST - 50, WEST + 850, 40)
    y = rng.uniform(NORTH - 650, NORTH + 50, 40)
    discs = shapely.buffer(shapely.points(x, y), rng.uniform(0.5, 180, 40), quad_segs=3)
    hole = shapely.difference(discs[0], shapely.buffer(shapely.centroid(discs[0]), 1.0))
    two = shapely.union_all([shapely.box(WEST + 3, NORTH - 9, WEST + 8, NORTH - 1), discs[1]])
    return [*discs, hole, two]


def test_means_and_coverage_equal_an_overlay_of_every_cell(noise, shapes):
    array, path = noise
    found = zonal(path, areas_of(shapes), kind="mean")
    expected = np.array([overlay(array, shape) for shape in shapes])
    assert found["value"].to_numpy() == pytest.approx(expected[:, 0], abs=1e-5, nan_ok=True)
    assert found["coverage_share"].to_numpy() == pytest.approx(expected[:, 1], abs=1e-5)
    assert found["value"].notna().sum() > 20


def test_decibels_are_averaged_by_energy(noise, shapes):
    array, path = noise
    found = zonal(path, areas_of(shapes), kind="decibel")["value"]
    energy = np.array([overlay(10 ** (array / 10), shape)[0] for shape in shapes])
    assert found.to_numpy() == pytest.approx(10 * np.log10(energy), abs=1e-5, nan_ok=True)


def test_fifty_and_seventy_decibels_are_sixty_seven(tmp_path):
    path = write_tif(tmp_path / "a.tif", np.array([[50.0, 70.0]]))
    found = zonal(path, areas_of([shapely.box(WEST, NORTH - 10, WEST + 20, NORTH)]), kind="decibel")
    assert found.loc["s0", "value"] == pytest.approx(10 * np.log10((1e5 + 1e7) / 2))
    assert round(found.loc["s0", "value"], 1) == 67.0


def test_a_dense_grid_of_points_agrees(noise, shapes):
    array, path = noise
    shape = max(shapes, key=shapely.area)
    xmin, ymin, xmax, ymax = shape.bounds
    x, y = np.meshgrid(np.arange(xmin, xmax, 0.25), np.arange(ymin, ymax, 0.25))
    column = np.floor((x - WEST) / CELL_M).astype(int)
    row = np.floor((NORTH - y) / CELL_M).astype(int)
    inside = (
        (column >= 0) & (column < 80) & (row >= 0) & (row < 60) & shapely.contains_xy(shape, x, y)
    )
    sampled = np.nanmean(array[row[inside], column[inside]])
    assert zonal(path, areas_of([shape])).loc["s0", "value"] == pytest.approx(sampled, abs=0.02)


def test_an_area_smaller_than_a_cell_takes_the_cells_it_lies_in(noise):
    array, path = noise
    within = shapely.box(WEST + 2, NORTH - 8, WEST + 2.5, NORTH - 7)
    astride = shapely.box(
        WEST + 9.9, NORTH - 5.2, WEST + 10.3, NORTH - 5
    )  # a quarter, three quarters
    found = zonal(path, areas_of([within, astride]))
    assert found["coverage_share"].tolist() == pytest.approx([1, 1], abs=1e-6)
    assert found.loc["s0", "value"] == pytest.approx(array[0, 0])
    assert found.loc["s1", "value"] == pytest.approx(
        0.25 * array[0, 0] + 0.75 * array[0, 1], abs=1e-4
    )


def test_points_take_their_cell(noise):
    array, path = noise
    points = [shapely.Point(WEST + 15, NORTH - 25), shapely.Point(WEST + 355, NORTH - 155)]
    found = zonal(path, areas_of([*points, shapely.Point(WEST - 1, NORTH - 1)]))
    assert found.loc["s0", "value"] == pytest.approx(array[2, 1])
    assert found["coverage_share"].tolist() == [1.0, 0.0, 0.0]  # known, in the hole, outside
    assert found["value"].isna().tolist() == [False, True, True]


def test_the_index_comes_back_as_it_went_in(noise):
    _, path = noise
    areas = areas_of([shapely.box(WEST, NORTH - 50, WEST + 50, NORTH)] * 3).set_axis(
        ["z", "a", "z"]
    )
    found = zonal(path, gpd.GeoDataFrame(geometry=areas))
    pd.testing.assert_index_equal(found.index, areas.index)
    assert zonal(path, areas.iloc[:0]).empty


def test_missing_and_empty_geometries_are_unknown(noise):
    _, path = noise
    found = zonal(path, areas_of([None, shapely.Polygon(), shapely.Point()]))
    assert found.isna().all(axis=None)


def test_scale_and_offset_of_the_file_are_applied(tmp_path):
    path = write_tif(tmp_path / "a.tif", np.array([[10, 20]], dtype="int16"))
    with rasterio.open(path, "r+") as file:
        file.scales, file.offsets = (0.5,), (40.0,)
    found = zonal(path, areas_of([shapely.box(WEST, NORTH - 10, WEST + 20, NORTH)]))
    assert found.loc["s0", "value"] == pytest.approx(40 + 0.5 * 15)


def test_tiles_do_not_change_the_answer(noise, shapes, monkeypatch):
    _, path = noise
    whole = zonal(path, areas_of(shapes), kind="decibel")
    monkeypatch.setattr(rasters, "_TILE", 7)
    pd.testing.assert_frame_equal(zonal(path, areas_of(shapes), kind="decibel"), whole, rtol=1e-9)


def test_only_the_windows_around_the_areas_are_read(noise, monkeypatch):
    _, path = noise
    sizes = []
    read = rasters._read_cells

    def counted(dataset, window, *rest):
        sizes.append((window[1] - window[0]) * (window[3] - window[2]))
        return read(dataset, window, *rest)

    monkeypatch.setattr(rasters, "_read_cells", counted)
    zonal(path, areas_of([shapely.box(WEST + 101, NORTH - 129, WEST + 129, NORTH - 101)]))
    zonal(path, areas_of([shapely.box(0, 0, 1, 1)]))
    assert sizes == [9]


def test_progress_is_heard(noise, shapes, monkeypatch):
    _, path = noise
    heard = []
    monkeypatch.setattr(rasters, "_TILE", 20)
    zonal(
        path, areas_of(shapes), progress=lambda fraction, message: heard.append((fraction, message))
    )
    fractions = [fraction for fraction, _ in heard]
    assert fractions == sorted(fractions)
    assert len(fractions) > 5
    assert heard[0] == (0.0, "raster lden.tif")


@settings(max_examples=60, deadline=None)
@given(
    st.tuples(st.floats(-3, 12), st.floats(-3, 12), st.floats(-3, 12), st.floats(-3, 12)),
    st.integers(0, 2**32 - 1),
)
def test_running_sums_of_boxes_equal_exactextract(corners, seed):
    x0, x1, y0, y1 = *sorted(corners[:2]), *sorted(corners[2:])
    rng = np.random.default_rng(seed)
    cells = 10 ** rng.uniform(2, 9.5, (9, 7))  # energies of 20 to 95 dB
    cells[rng.uniform(size=cells.shape) < 0.2] = np.nan
    box = np.array([shapely.box(x0, y0, x1, y1)])
    bounds = (0.0, 0.0, 7.0, 9.0)
    ours = cell_sums._sum_boxes(cells, bounds, box)
    theirs = cell_sums._sum_polygons(cells, bounds, box)
    # exactextract keeps its fractions in single precision
    assert ours[1] == pytest.approx(theirs[1], abs=1e-5)
    assert ours[0] == pytest.approx(theirs[0], rel=1e-5, abs=1e-5 * np.nanmax(cells, initial=0))


def test_a_grid_of_squares_equals_reshaping_the_raster():
    cells = np.random.default_rng(9).uniform(40, 70, (400, 600))
    j, i = np.meshgrid(np.arange(60), np.arange(40))
    squares = shapely.box(j * 10, 400 - i * 10 - 10, j * 10 + 10, 400 - i * 10).ravel()
    found = sum_fractions(cells, (0, 0, 600, 400), squares)
    assert found[1] == pytest.approx(np.full(2400, 100.0))
    assert found[0] == pytest.approx(cells.reshape(40, 10, 60, 10).sum(axis=(1, 3)).ravel())


def test_the_land_use_of_kampen(shared_data):
    path = shared_data / "kampen" / "landuse_5m.tif"
    with rasterio.open(path) as file:
        assert file.crs == RD
        window = file.read(1, window=((200, 240), (300, 360)), masked=True).astype(float)
        xmin, ymax = file.xy(200, 300, offset="ul")
        xmax, ymin = file.xy(240, 360, offset="ul")
    found = zonal(path, areas_of([shapely.box(xmin, ymin, xmax, ymax)]))
    assert found.loc["s0", "value"] == pytest.approx(float(window.mean()))
    assert found.loc["s0", "coverage_share"] == pytest.approx(
        float(1 - np.ma.getmaskarray(window).mean())
    )
