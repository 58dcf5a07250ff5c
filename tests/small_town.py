"""A town on one straight street, whose every distance, count and mean can be worked out by hand."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import rasterio
from affine import Affine
from shapely.geometry import LineString, Point, box

from geowoonzorg.study import RasterInput
from geowoonzorg.town import Town
from geowoonzorg.walk.network import WalkNetwork

CRS = "EPSG:28992"
X0, Y0 = 190_000.0, 500_000.0
A, B = "BU01660001", "BU01660002"


def points(xs, *, y=0.0, index=None, **columns):
    """Give points along the street, metres from its start."""
    at = [Point(X0 + x, Y0 + y) for x in xs]
    return gpd.GeoDataFrame(columns, geometry=at, crs=CRS, index=index)


def streets():
    """Give two kilometres of street, and fifty metres that hang together with nothing."""
    main = LineString([(X0 + x, Y0) for x in np.arange(0, 2_001, 50)])
    alone = LineString([(X0, Y0 + 9_000), (X0 + 50, Y0 + 9_000)])
    return WalkNetwork.from_lines(gpd.GeoDataFrame(geometry=[main, alone], crs=CRS))


def areas(**figures):
    """Give two areas that meet 300 m along the street."""
    shapes = [
        box(X0 - 100, Y0 - 500, X0 + 300, Y0 + 500),
        box(X0 + 300, Y0 - 500, X0 + 2_100, Y0 + 500),
    ]
    return gpd.GeoDataFrame(figures, geometry=shapes, index=[A, B], crs=CRS)


def facilities():
    """Give a huisarts at 300 m and a supermarkt at 1,900 m."""
    return points([300, 1_900], facility_class=["huisarts", "supermarkt"], id=["h", "s"])


def small_town(**changes):
    """Give the town: addresses at 50, 150, 250 (area A), 350 and 900 m (area B)."""
    given = {
        "facilities": facilities(),
        "addresses": points([50, 150, 250, 350, 900], id=list("abcde")),
        "areas": areas(
            lbm_afw=[0.2, -0.1], inhabitants=[100.0, 60.0], share_65plus=[0.2, 0.5], stilte=[1.0, np.nan]
        ),
    }  # fmt: skip
    return Town.from_frames(streets(), **(given | changes))


def write_grid(path, values, *, west=X0 - 1_000, north=Y0 + 1_000, cell=1_000.0):
    """Write a GeoTIFF of square cells, by default a kilometre wide around the start of the street."""
    cells = np.asarray(values, dtype="float32")
    with rasterio.open(
        path, "w", driver="GTiff", width=cells.shape[1], height=cells.shape[0], count=1, dtype="float32",
        crs=CRS, transform=Affine(cell, 0, west, 0, -cell, north),
    ) as dataset:  # fmt: skip
        dataset.write(cells, 1)
    return path


def noise(path, *, over="catchment"):
    """Give a raster of 50 dB south of the street and 60 north of it."""
    write_grid(path, [[60.0] * 4, [50.0] * 4])
    return RasterInput(name="geluid", source=path, kind="decibel", over=over, year=2022)
