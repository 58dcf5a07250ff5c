"""Faults 13 to 15: rasters that lie, and rasters that are something else."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from rasterio.transform import Affine

from geowoonzorg.errors import CrsError, FormatError, GeometryError, InputError, SourceError
from geowoonzorg.measure.rasters import zonal

RD = "EPSG:28992"
UP = Affine(10, 0, 190_000, 0, -10, 503_000)
FULL = shapely.box(190_000, 502_900, 190_100, 503_000)  # the whole of a 10 x 10 raster


def write_tif(path, array, *, transform=UP, crs=RD, **options):
    bands = array[None] if array.ndim == 2 else array
    count, rows, columns = bands.shape
    profile = {
        "driver": "GTiff",
        "height": rows,
        "width": columns,
        "count": count,
        "dtype": array.dtype,
    }
    with rasterio.open(path, "w", crs=crs, transform=transform, **profile, **options) as file:
        file.write(bands)
    return path


def areas_of(*shapes, crs=RD):
    return gpd.GeoSeries(list(shapes), index=[f"s{i}" for i in range(len(shapes))], crs=crs)


@pytest.fixture
def noise():
    return np.random.default_rng(1).uniform(45, 65, (10, 10)).astype("float32")


@pytest.mark.parametrize("fill", [-3.4e38, -9999.0, -9990.0, np.nan, 1e30, np.inf, -np.inf])
def test_undeclared_nodata_is_unknown_whatever_is_declared(tmp_path, noise, fill):
    noise[:5] = fill
    path = write_tif(tmp_path / "a.tif", noise, nodata=0)  # declared is another than filled
    for kind in ("decibel", "mean"):
        found = zonal(path, areas_of(FULL), kind=kind).loc["s0"]
        assert found["coverage_share"] == pytest.approx(0.5)
        assert found["implausible_share"] == 0.0
        assert 45 < found["value"] < 65


def test_declared_nodata_is_unknown(tmp_path, noise):
    noise[:5] = 60
    path = write_tif(tmp_path / "a.tif", noise, nodata=60)
    assert zonal(path, areas_of(FULL)).loc["s0", "coverage_share"] == pytest.approx(0.5)


def test_what_cannot_be_a_decibel_is_left_out_and_said(tmp_path, noise):
    noise[:2], noise[2] = 0.0, 300.0
    found = zonal(write_tif(tmp_path / "a.tif", noise), areas_of(FULL), kind="decibel").loc["s0"]
    assert found["implausible_share"] == pytest.approx(0.3)
    assert found["coverage_share"] == pytest.approx(0.7)
    energy = np.mean(10 ** (noise[3:].astype(float) / 10))
    assert found["value"] == pytest.approx(10 * np.log10(energy), abs=1e-6)


def test_percentages_given_as_shares_are_unknown_and_said(tmp_path):
    path = write_tif(tmp_path / "groen.tif", np.full((10, 10), 35.0))
    found = zonal(path, areas_of(FULL), kind="share").loc["s0"]
    assert np.isnan(found["value"])
    assert found["implausible_share"] == pytest.approx(1.0)


def test_an_area_outside_has_no_value_and_no_coverage(tmp_path, noise):
    path = write_tif(tmp_path / "a.tif", noise)
    beside = shapely.box(190_100.5, 502_900, 190_200, 503_000)
    touching = shapely.box(190_100, 502_900, 190_200, 503_000)
    half = shapely.box(190_050, 502_900, 190_150, 503_000)
    found = zonal(path, areas_of(beside, touching, half), kind="decibel")
    assert found["value"].isna().tolist() == [True, True, False]
    assert found["coverage_share"].tolist() == pytest.approx([0, 0, 0.5])


def test_a_hole_that_holds_the_whole_area_has_no_value(tmp_path, noise):
    noise[:] = np.nan
    found = zonal(write_tif(tmp_path / "a.tif", noise), areas_of(FULL), kind="decibel").loc["s0"]
    assert np.isnan(found["value"])
    assert found["coverage_share"] == 0.0


@pytest.mark.parametrize(
    ("flip", "transform"),
    [
        ((slice(None, None, -1), slice(None)), Affine(10, 0, 190_000, 0, 10, 502_900)),
        ((slice(None), slice(None, None, -1)), Affine(-10, 0, 190_100, 0, -10, 503_000)),
    ],
)
def test_north_down_and_west_right_give_the_same(tmp_path, noise, flip, transform):
    up = write_tif(tmp_path / "up.tif", noise)
    other = write_tif(
        tmp_path / "other.tif", np.ascontiguousarray(noise[flip]), transform=transform
    )
    corner = shapely.box(190_003, 502_975, 190_026, 502_998)
    areas = areas_of(FULL, corner, shapely.Point(190_015, 502_985))
    assert zonal(other, areas).to_numpy() == pytest.approx(zonal(up, areas).to_numpy())
    assert zonal(up, areas)["value"].nunique() == 3


def test_a_rotated_raster_is_refused(tmp_path, noise):
    path = write_tif(
        tmp_path / "scheef.tif", noise, transform=Affine(10, 2, 190_000, 2, -10, 503_000)
    )
    with pytest.raises(InputError, match=r"scheef\.tif is rotated; warp it"):
        zonal(path, areas_of(FULL))


def test_areas_in_another_crs_are_brought_to_the_raster(tmp_path, noise):
    path = write_tif(tmp_path / "a.tif", noise)
    areas = areas_of(shapely.box(190_013, 502_921, 190_077, 502_988))
    here, there = zonal(path, areas), zonal(path, areas.to_crs("EPSG:4326"))
    assert there["value"].to_numpy() == pytest.approx(here["value"].to_numpy(), abs=0.01)
    assert there["coverage_share"].to_numpy() == pytest.approx([1.0], abs=1e-3)


def test_a_raster_in_degrees_over_areas_in_metres(tmp_path):
    # 30 % of the cells at 70, the others at 50: any area that is whole has that mean
    array = np.full((100, 100), 50.0)
    array[:, :30] = 70.0
    path = write_tif(
        tmp_path / "a.tif", array, transform=Affine(1e-4, 0, 5.9, 0, -1e-4, 52.56), crs="EPSG:4326"
    )
    area = gpd.GeoSeries([shapely.box(5.9, 52.55, 5.91, 52.56)], index=["s0"], crs="EPSG:4326")
    found = zonal(path, area.to_crs(RD)).loc["s0"]
    assert found["value"] == pytest.approx(0.3 * 70 + 0.7 * 50, abs=0.02)
    assert found["coverage_share"] == pytest.approx(1, abs=2e-3)


def test_without_a_crs_nothing_is_laid_over(tmp_path, noise):
    path = write_tif(tmp_path / "a.tif", noise, crs=None)
    with pytest.raises(CrsError, match=r"a\.tif has no CRS"):
        zonal(path, areas_of(FULL))
    with pytest.raises(CrsError, match="areas to lay over the raster have no CRS"):
        zonal(write_tif(tmp_path / "b.tif", noise), areas_of(FULL, crs=None))


def test_lines_are_refused_with_their_ids(tmp_path, noise):
    line = shapely.LineString([(190_000, 502_900), (190_050, 502_950)])
    with pytest.raises(GeometryError, match=r"neither: 1 \(s1\)"):
        zonal(write_tif(tmp_path / "a.tif", noise), areas_of(FULL, line))


def test_several_bands_and_unknown_kinds_are_refused(tmp_path, noise):
    path = write_tif(tmp_path / "foto.tif", np.stack([noise] * 3))
    with pytest.raises(InputError, match=r"foto\.tif has 3 bands"):
        zonal(path, areas_of(FULL))
    with pytest.raises(InputError, match="choose from decibel, share, mean"):
        zonal(path, areas_of(FULL), kind="median")


def test_a_truncated_file_is_a_format_error(tmp_path):
    array = np.random.default_rng(2).uniform(45, 65, (200, 200))
    path = write_tif(tmp_path / "half.tif", array)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    area = areas_of(shapely.box(190_000, 501_000, 192_000, 503_000))
    with pytest.raises(FormatError, match=r"half\.tif"):
        zonal(path, area)


def test_random_bytes_and_a_missing_file(tmp_path):
    path = tmp_path / "ruis.tif"
    path.write_bytes(np.random.default_rng(3).bytes(5_000))
    with pytest.raises(FormatError, match=r"ruis\.tif"):
        zonal(path, areas_of(FULL))
    with pytest.raises(SourceError, match=r"weg\.tif"):
        zonal(tmp_path / "weg.tif", areas_of(FULL))


def test_a_vrt_in_disguise_and_paths_into_gdal_are_refused(tmp_path, noise):
    target = write_tif(tmp_path / "a.tif", noise)
    disguised = tmp_path / "b.tif"
    disguised.write_text(
        f'<VRTDataset rasterXSize="10" rasterYSize="10"><VRTRasterBand dataType="Float32" band="1">'
        f"<SimpleSource><SourceFilename>{target}</SourceFilename></SimpleSource>"
        "</VRTRasterBand></VRTDataset>"
    )
    with pytest.raises(FormatError, match=r"b\.tif"):
        zonal(disguised, areas_of(FULL))
    for path in (
        "/vsicurl/https://example.nl/a.tif",
        "https://example.nl/a.tif",
        "/vsizip/a.zip/a.tif",
    ):
        with pytest.raises(InputError):
            zonal(path, areas_of(FULL))
