"""Slopes of ways from a raster of heights, such as the AHN."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from geowoonzorg.files import sample_raster
from geowoonzorg.opendata.pavement import read_measuring

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd


def measure_slopes(lines: gpd.GeoDataFrame, path: str | Path) -> pd.Series[float]:
    """Measure how steep ways are.

    Parameters
    ----------
    lines
        LineStrings in a metric system.
    path
        A GeoTIFF of heights (m), such as the AHN's ground (DTM) of 0.5 m, in any system.

    Returns
    -------
    pandas.Series
        ``incline_pct`` on the lines' index: the steepest stretch, without a sign; NaN where a stretch
        has no height, unless what is known beside it is steep, and for lines shorter than a stretch.

    Raises
    ------
    InputError, CrsError, FormatError, SourceError
        As `geowoonzorg.files.sample_raster`.

    Notes
    -----
    |Δz| / Δs over equal stretches of 5 to 10 m, at the line as drawn.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from geowoonzorg.prepare import demo_study
    >>> short = gpd.GeoSeries.from_wkt(["LINESTRING (146000 506950, 146004 506950)"], crs=28992)
    >>> street = gpd.GeoDataFrame(geometry=short)
    >>> measure_slopes(street, demo_study().parent / "geluid_lden_2022.tif").tolist()
    [nan]
    """
    how = read_measuring()
    geometry = lines.geometry.to_numpy()
    length = shapely.length(geometry)
    n_of = np.floor(length / how.stretch_m + 1e-6).astype(np.int64)
    n_points = np.where(n_of > 0, n_of + 1, 0)
    line = np.repeat(np.arange(len(lines)), n_points)
    number = np.arange(len(line)) - np.repeat(np.cumsum(n_points) - n_points, n_points)
    slope = np.full(len(lines), np.nan)
    if len(line):
        share = number / n_of[line]
        at = shapely.get_coordinates(
            shapely.line_interpolate_point(geometry[line], share, normalized=True)
        )
        height = sample_raster(path, at, crs=lines.crs, least=how.lowest_m, most=how.highest_m)
        ahead = line[1:] == line[:-1]
        of = line[1:][ahead]
        steep = 100 * np.abs(np.diff(height))[ahead] / (length / np.maximum(n_of, 1))[of]
        np.fmax.at(slope, of, steep)
        holes = np.bincount(of[np.isnan(steep)], minlength=len(lines)) > 0
        slope[holes & ~(slope > how.steep_pct)] = np.nan
    return pd.Series(slope, index=lines.index, name="incline_pct")
