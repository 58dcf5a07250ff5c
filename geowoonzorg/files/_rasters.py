"""Rasters: one GeoTIFF as it is, without what lies beside it."""

from __future__ import annotations

import math
import re
import warnings
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import pyproj

from geowoonzorg.errors import CrsError, FormatError, InputError
from geowoonzorg.files._crs import bring_points
from geowoonzorg.files._paths import RASTER_SUFFIXES, check_input, read_head
from geowoonzorg.files._vetting import RASTER_SETTINGS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from affine import Affine
    from numpy.typing import NDArray
    from rasterio.io import DatasetReader

_BAND = re.compile(rb"<PAMRasterBand\b[^>]*?\bband\s*=\s*[\"'](\d{1,9})[\"'][^>]*>")
_CHANGES_VALUES = re.compile(rb"<(NoDataValue|Scale|Offset)\b[^>]*>([^<]*)<")
_AUX_BYTES = 1 << 24
_TILE: Final = 1024  # cells along a side
_WORLD_FILES = (".tfw", ".tifw", ".tiffw", ".wld")


@contextmanager
def open_raster(path: str | Path) -> Iterator[DatasetReader]:
    """Open a GeoTIFF for reading.

    Parameters
    ----------
    path
        The file; any other driver than GeoTIFF is refused, whatever the suffix.

    Yields
    ------
    rasterio.io.DatasetReader
        The open dataset.

    Raises
    ------
    InputError
        When the path is not a plain file with a GeoTIFF suffix, or needs a file beside it to be
        read rightly: a mask, a world file, or values for no data that stand in its ``.aux.xml``.
    SourceError
        When the file is not there.
    FormatError
        When it is not a readable GeoTIFF.

    Notes
    -----
    What lies beside a GeoTIFF is not opened: GDAL would open a mask or overviews by any driver, so
    they can be other files or addresses. What would change a value without them is refused.

    Examples
    --------
    >>> from geowoonzorg.prepare import demo_study
    >>> demo = demo_study().parent
    >>> with open_raster(demo / "geluid_lden_2022.tif") as dataset:
    ...     dataset.shape, dataset.crs.to_string()
    ((585, 550), 'EPSG:28992')
    >>> with open_raster("noise.vrt") as dataset:
    ...     pass
    Traceback (most recent call last):
    geowoonzorg.errors.InputError: raster: noise.vrt has suffix .vrt; allowed are .tif, .tiff
    """
    checked = check_input(path, suffixes=RASTER_SUFFIXES, role="raster")
    import rasterio  # half a second that only rasters pay
    from rasterio.errors import NotGeoreferencedWarning, RasterioError

    try:
        with rasterio.Env(**RASTER_SETTINGS):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", NotGeoreferencedWarning)  # an error, below
                dataset = rasterio.open(checked, driver="GTiff")
            with dataset:
                _refuse_sidecars(checked, dataset)
                yield dataset
    except RasterioError as error:
        raise FormatError(
            "raster: {file} cannot be read ({why}); fetch or export it again",
            file=checked,
            why=str(error),
        ) from error


def grid_of(dataset: DatasetReader, path: str | Path) -> Affine:
    """Give the grid of an open dataset that can be measured on.

    Parameters
    ----------
    dataset
        As `open_raster` gives it.
    path
        The file, for messages.

    Returns
    -------
    affine.Affine
        From columns and rows to coordinates, without rotation.

    Raises
    ------
    InputError
        When it has more than one band or is rotated.
    CrsError
        When it has no CRS.

    Examples
    --------
    >>> from geowoonzorg.prepare import demo_study
    >>> path = demo_study().parent / "geluid_lden_2022.tif"
    >>> with open_raster(path) as dataset:
    ...     grid_of(dataset, path).a
    10.0
    """
    if dataset.count != 1:
        raise InputError(
            "raster {path} has {n} bands; give a file with the one to average",
            path=path,
            n=dataset.count,
        )
    if dataset.crs is None:
        raise CrsError(
            "raster {path} has no CRS; set it, for instance with gdal_edit -a_srs",
            path=path,
        )
    if dataset.transform.b != 0 or dataset.transform.d != 0:
        raise InputError(
            "raster {path} is rotated; warp it to a north-up grid with gdalwarp",
            path=path,
        )
    return dataset.transform


def sample_raster(
    path: str | Path, xy: NDArray[np.float64], *, crs: object, least: float, most: float
) -> NDArray[np.float64]:
    """Take a raster at points, between its cells in proportion to how near each is.

    Parameters
    ----------
    path
        A GeoTIFF with one band, not rotated.
    xy
        Points, shape (n, 2), in ``crs``.
    crs
        Their reference system; they are brought to the raster's.
    least, most
        What can be a value: what lies outside is a hole, whatever the file declares.

    Returns
    -------
    numpy.ndarray
        Shape (n,), in the raster's unit; NaN outside the raster and where one of the four cells around
        the point is a hole.

    Raises
    ------
    InputError
        When it has more than one band or is rotated, or no point lies on it.
    CrsError
        When it has no CRS.
    FormatError, SourceError
        As `open_raster`.

    Notes
    -----
    Bilinear; tiles of a thousand cells are read one by one, and only those with points.

    Examples
    --------
    >>> import numpy as np
    >>> from geowoonzorg.prepare import demo_study
    >>> noise = demo_study().parent / "geluid_lden_2022.tif"
    >>> here = np.array([[146_050.0, 506_950.0], [0.0, 0.0]])
    >>> np.isnan(sample_raster(noise, here, crs="EPSG:28992", least=20, most=95)).tolist()
    [False, True]
    """
    with open_raster(path) as dataset:
        grid = grid_of(dataset, path)
        points = _in_crs_of(dataset, xy, crs)
        # in cells, from the middle of the first
        column, row = (points[:, 0] - grid.c) / grid.a - 0.5, (points[:, 1] - grid.f) / grid.e - 0.5
        height, width = dataset.shape
        inside = (column >= 0) & (column <= width - 1) & (row >= 0) & (row <= height - 1)
        if len(points) and not inside.any():
            raise InputError(
                "raster {path} does not lie where the streets are; give the one of this place",
                path=path,
            )
        return _between_cells(dataset, column, row, inside, (least, most))


def cells_at(path: str | Path, xy: NDArray[np.float64], *, crs: object) -> NDArray[np.float64]:
    """Take the cell of a raster under each point as it is.

    Parameters
    ----------
    path
        A GeoTIFF with one band, not rotated.
    xy
        Points, shape (n, 2), in ``crs``.
    crs
        Their reference system; they are brought to the raster's.

    Returns
    -------
    numpy.ndarray
        Shape (n,), in the raster's unit; NaN outside the raster and on what it declares as nodata. A point on the
        edge of two cells takes the one to its east and south.

    Raises
    ------
    InputError
        When it has more than one band or is rotated.
    CrsError
        When it has no CRS.
    FormatError, SourceError
        As `open_raster`.

    Notes
    -----
    Tiles of a thousand cells are read one by one, and only those with points.

    Examples
    --------
    >>> import numpy as np
    >>> from geowoonzorg.prepare import demo_study
    >>> noise = demo_study().parent / "geluid_lden_2022.tif"
    >>> here = np.array([[146_050.0, 506_950.0], [0.0, 0.0]])
    >>> np.isnan(cells_at(noise, here, crs="EPSG:28992")).tolist()
    [False, True]
    """
    with open_raster(path) as dataset:
        grid = grid_of(dataset, path)
        points = _in_crs_of(dataset, xy, crs)
        column = np.floor((points[:, 0] - grid.c) / grid.a)
        row = np.floor((points[:, 1] - grid.f) / grid.e)
        height, width = dataset.shape
        inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)
        out = np.full(len(column), np.nan)
        for which, cells, (first_row, first_column) in _windows(dataset, column, row, inside, 1):
            at = row[which].astype(int) - first_row, column[which].astype(int) - first_column
            out[which] = cells[at]
        return out


def _in_crs_of(dataset: DatasetReader, xy: NDArray[np.float64], crs: object) -> NDArray[np.float64]:
    """Bring points into the reference system of a raster."""
    own = pyproj.CRS.from_user_input(crs)
    to = pyproj.CRS.from_wkt(dataset.crs.to_wkt())
    points = np.asarray(xy, np.float64).reshape(-1, 2)
    return points if own == to else bring_points(points, own, to)


def _windows(
    dataset: DatasetReader,
    column: NDArray[np.float64],
    row: NDArray[np.float64],
    inside: NDArray[np.bool_],
    n: int,
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.float64], tuple[int, int]]]:
    """Read, tile by tile, the cells from those that points lie in to ``n`` - 1 further; holes are NaN.

    Gives the points of each tile, its cells, and the row and the column of the first.
    """
    from rasterio.windows import Window

    at = np.flatnonzero(inside)
    tile = (row[at] // _TILE).astype(np.int64) << 32 | (column[at] // _TILE).astype(np.int64)
    order = np.argsort(tile, kind="stable")
    starts = np.flatnonzero(np.diff(tile[order], prepend=-1))
    for which in np.split(at[order], starts[1:]):
        if not len(which):
            continue
        first_row, first_column = int(row[which].min()), int(column[which].min())
        rows = min(int(row[which].max()) + n, dataset.shape[0]) - first_row
        columns = min(int(column[which].max()) + n, dataset.shape[1]) - first_column
        read = dataset.read(1, window=Window(first_column, first_row, columns, rows), masked=True)
        yield which, np.ma.filled(read.astype(np.float64), np.nan), (first_row, first_column)


def _between_cells(
    dataset: DatasetReader,
    column: NDArray[np.float64],
    row: NDArray[np.float64],
    inside: NDArray[np.bool_],
    valid: tuple[float, float],
) -> NDArray[np.float64]:
    """Weigh the four cells around each place, tile by tile."""
    out = np.full(len(column), np.nan)
    for which, cells, (first_row, first_column) in _windows(dataset, column, row, inside, 2):
        rows, columns = cells.shape
        cells[~((cells > valid[0]) & (cells < valid[1]))] = np.nan
        y, x = row[which] - first_row, column[which] - first_column
        j, i = (
            np.minimum(y.astype(int), max(rows - 2, 0)),
            np.minimum(x.astype(int), max(columns - 2, 0)),
        )
        down, right = y - j, x - i
        below, beside = np.minimum(j + 1, rows - 1), np.minimum(i + 1, columns - 1)
        out[which] = (1 - down) * ((1 - right) * cells[j, i] + right * cells[j, beside])
        out[which] += down * ((1 - right) * cells[below, i] + right * cells[below, beside])
    return out


def _refuse_sidecars(path: Path, dataset: DatasetReader) -> None:
    """Refuse a raster whose values or place stand in files beside it, which are not read."""
    mask, aux = Path(f"{path}.msk"), Path(f"{path}.aux.xml")
    needed = [mask] if mask.exists() else []
    if aux.is_file() and _changes_values(read_head(aux, _AUX_BYTES), dataset):
        needed.append(aux)
    if dataset.transform.is_identity:
        needed += [p for suffix in _WORLD_FILES if (p := path.with_suffix(suffix)).exists()]
        if not needed:
            raise InputError(
                "raster: {file} does not say where it lies; georeference it",
                file=path,
            )
    if needed:
        names = ", ".join(p.name for p in needed)
        raise InputError(
            "raster: {file} needs {names} beside it, which is not read; make one file of them: "
            "gdal_translate {raster} one.tif",
            file=path,
            names=names,
            raster=path.name,
        )


def _changes_values(aux: bytes, dataset: DatasetReader) -> bool:
    """Tell whether an ``.aux.xml`` has another value for no data or another scale than the raster itself."""
    own = {b"NoDataValue": dataset.nodatavals, b"Scale": dataset.scales, b"Offset": dataset.offsets}
    _, *bands = _BAND.split(aux)
    told = zip(map(int, bands[::2]), bands[1::2], strict=True)
    said = [
        (own[key][band - 1] if 0 < band <= dataset.count else None, value)
        for band, text in told
        for key, value in _CHANGES_VALUES.findall(text)
    ]
    n_all = len(_CHANGES_VALUES.findall(aux))
    return n_all > len(said) or any(not _is_same(*pair) for pair in said)


def _is_same(own: float | None, said: bytes) -> bool:
    try:
        other = float(said)
    except ValueError:
        return False
    if own is None:
        return False
    # GDAL writes fewer digits there than a float of 32 bits has when it is told with 64.
    return math.isclose(own, other, rel_tol=1e-12) or (math.isnan(own) and math.isnan(other))
