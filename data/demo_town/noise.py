"""The noise raster: Lden of road and rail from distance alone, with a hole where nothing was computed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import rasterio
import shapely
from scipy.ndimage import distance_transform_edt

from demo_town.osm_file import ORIGIN_RD_M

if TYPE_CHECKING:
    from pathlib import Path

    from demo_town.plan import Way

CELL_M = 10.0
WEST_M, SOUTH_M, EAST_M, NORTH_M = -2300.0, -2750.0, 3200.0, 3100.0
# Lden in dB ten metres from the axis; a choice that makes a plausible map, not a computation.
LOUDNESS_DB = {
    "primary": 76.0,
    "rail": 72.0,
    "tertiary": 61.0,
    "unclassified": 53.0,
    "residential": 46.0,
}
QUIET_DB = 40.0
FILL = np.float32(-3.4e38)  # the real fill; the file declares 0, as published rasters do
HOLE = (
    640.0,
    -1010.0,
    910.0,
    -760.0,
)  # west, south, east, north: around the bridge of the ring road


def write_noise(path: Path, ways: list[Way]) -> None:
    """Write Lden on 10 m cells in RD New, rounded to half a decibel."""
    columns, rows = round((EAST_M - WEST_M) / CELL_M), round((NORTH_M - SOUTH_M) / CELL_M)
    energy = np.full((rows, columns), 10 ** (QUIET_DB / 10))
    for kind, loudness in LOUDNESS_DB.items():
        lines = [way.line for way in ways if kind in {way.tags.get("highway"), way.tags.get("railway")}
                 and "tunnel" not in way.tags]  # fmt: skip
        points = np.concatenate(
            [shapely.get_coordinates(line.segmentize(CELL_M / 2)) for line in lines]
        )
        column = np.floor((points[:, 0] - WEST_M) / CELL_M).astype(int)
        row = np.floor((NORTH_M - points[:, 1]) / CELL_M).astype(int)
        inside = (column >= 0) & (column < columns) & (row >= 0) & (row < rows)
        away = np.ones((rows, columns), dtype=bool)
        away[row[inside], column[inside]] = False
        distance_m = np.maximum(distance_transform_edt(away) * CELL_M, 5.0)
        level = loudness - 11.5 * np.log10(distance_m / 10) - 0.006 * distance_m
        energy += 10 ** (level / 10)
    lden = (np.round(2 * 10 * np.log10(energy)) / 2).astype(np.float32)
    west, south, east, north = HOLE
    lden[
        round((NORTH_M - north) / CELL_M) : round((NORTH_M - south) / CELL_M),
        round((west - WEST_M) / CELL_M) : round((east - WEST_M) / CELL_M),
    ] = FILL
    west_m, north_m = ORIGIN_RD_M[0] + WEST_M, ORIGIN_RD_M[1] + NORTH_M
    transform = rasterio.Affine(CELL_M, 0.0, west_m, 0.0, -CELL_M, north_m)
    with rasterio.open(
        path, "w", driver="GTiff", width=columns, height=rows, count=1, dtype="float32",
        crs="EPSG:28992", transform=transform, nodata=0.0, compress="deflate", predictor=3, zlevel=9,
        tiled=True, blockxsize=256, blockysize=256,
    ) as raster:  # fmt: skip
        raster.write(lden, 1)
        raster.set_band_description(1, "Lden wegverkeer en spoor [dB] (fictief)")
