"""Grids of values as Cloud-Optimised GeoTIFF; the same content gives the same bytes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from geowoonzorg.errors import OutputError
from geowoonzorg.files._one_file import write_file
from geowoonzorg.files._vetting import RASTER_SETTINGS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray


def write_grid(
    path: str | Path,
    bands: Mapping[str, NDArray[np.float32]],
    *,
    west: float,
    north: float,
    cell_m: float,
    crs: str,
) -> None:
    """Write bands of one grid as a Cloud-Optimised GeoTIFF, float32, NaN where there is no value.

    Parameters
    ----------
    path
        The file, ending in ``.tif``; its folder must exist.
    bands
        By name an array of shape ``(rows, columns)``, north up, all of one shape; the names become
        the descriptions of the bands.
    west, north
        The outer corner of the first cell, in the CRS (m).
    cell_m
        The side of a cell, in metres of the CRS.
    crs
        A metric CRS.

    Raises
    ------
    OutputError
        When it cannot be written; an old file is still there, whole.

    Examples
    --------
    >>> import tempfile
    >>> from geowoonzorg.files import open_raster
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "a.tif"
    ...     write_grid(file, {"score": np.ones((2, 3))}, west=0, north=50, cell_m=25, crs="EPSG:28992")
    ...     with open_raster(file) as dataset:
    ...         dataset.shape, dataset.descriptions, dataset.bounds.right
    ((2, 3), ('score',), 75.0)
    """
    from affine import Affine
    from rasterio import Env
    from rasterio import open as open_dataset
    from rasterio.errors import RasterioError

    shape = next(iter(bands.values())).shape

    def fill(temporary: Path) -> None:
        try:
            with (
                Env(**{**RASTER_SETTINGS, "GDAL_NUM_THREADS": "1"}),
                open_dataset(
                    temporary, "w", driver="COG", dtype="float32", count=len(bands), nodata=np.nan,
                    height=shape[0], width=shape[1], crs=crs, transform=Affine(cell_m, 0, west, 0, -cell_m, north),
                    compress="DEFLATE", predictor=3, overview_resampling="nearest",
                ) as dataset,
            ):  # fmt: skip
                for number, (name, values) in enumerate(bands.items(), start=1):
                    dataset.write(np.asarray(values, dtype=np.float32), number)
                    dataset.set_band_description(number, name)
        except RasterioError as error:
            raise OutputError(
                "{file} could not be written: {why}; the old file, if any, is unchanged",
                file=path, why=str(error).replace(str(temporary), str(path)),
            ) from error  # fmt: skip

    write_file(Path(path), fill)
