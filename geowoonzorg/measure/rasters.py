"""Rasters over areas: exact cell fractions, decibels by energy, and what share of the area was covered.

A cell that lies half in an area counts for half. Only the windows around the areas are read, tile by
tile. What is no measurement (declared or undeclared nodata, NaN) takes no part, and neither does
what cannot be one, such as 3 dB of traffic noise; both lower the coverage, never the value.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import pandas as pd
import shapely

from geowoonzorg.errors import CrsError, FormatError, GeometryError, InputError, first_ids
from geowoonzorg.files import bring_to, grid_of, open_raster
from geowoonzorg.measure.cell_sums import sum_fractions
from geowoonzorg.messages import tell
from geowoonzorg.progress import Progress, silent

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import geopandas as gpd
    from numpy.typing import NDArray
    from rasterio.crs import CRS
    from rasterio.io import DatasetReader

Kind = Literal["decibel", "share", "mean"]
# What can be a value at all: fills such as -9999 and -3.4e38 are often not declared as nodata.
VALID: Final = (-9990.0, 1e30)
PLAUSIBLE: Final[Mapping[str, tuple[float, float]]] = {
    "decibel": (20.0, 95.0),
    "share": (0.0, 1.0),
    "mean": VALID,
}
_TILE: Final = 2048  # cells along a side: 32 MB as float64
_SEGMENT_M: Final = 100.0  # straight edges bend between reference systems: cut them before
_POINT, _POLYGONS, _MISSING = 0, (3, 6), -1  # shapely's type ids


def zonal(
    path: str | Path,
    geometries: gpd.GeoSeries | gpd.GeoDataFrame,
    *,
    kind: Kind = "mean",
    progress: Progress = silent,
) -> pd.DataFrame:
    """Average a raster over areas, or take it at points.

    Parameters
    ----------
    path
        A GeoTIFF with one band, north up or north down.
    geometries
        Polygons (exact cell fractions) and points (the cell they lie in), with a CRS; they are
        brought to the raster's. Missing and empty ones give unknown.
    kind
        ``"decibel"`` averages by energy, so that 50 and 70 dB give 67.0; ``"share"`` (0–1) and
        ``"mean"`` are weighted by surface.
    progress
        Hears how far the work is.

    Returns
    -------
    pandas.DataFrame
        On the geometries' index: ``value`` in the raster's unit, NaN where no cell is known;
        ``coverage_share`` (0–1), the part of the area with known cells, 0 outside the raster and
        NaN for a missing geometry; ``implausible_share`` (0–1), the part whose cells hold a value
        that cannot be one of this kind (a decibel outside 20–95, a share outside 0–1) and is left
        out.

    Raises
    ------
    InputError
        When the raster is rotated or has more than one band, the kind is unknown, or the path is
        not allowed.
    CrsError
        When the raster or the geometries have no CRS.
    GeometryError
        When geometries are neither polygons nor points.
    FormatError
        When the file is not a readable GeoTIFF, or damaged.
    SourceError
        When the file is not there.

    Notes
    -----
    Cell fractions by exactextract (Baston), exact for polygons. Energy mean:
    ``10 log10(mean(10^(L/10)))``, as for Lden. Valid is what lies between -9990 and 1e30, whatever
    nodata the file declares. In a geographic CRS cells count by square degree, which over a walking
    distance is even.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely.geometry import box
    >>> from geowoonzorg.town.reading import demo_study
    >>> site = gpd.GeoSeries([box(146_000, 506_900, 146_100, 507_000)], index=["s1"], crs=28992)
    >>> zonal(demo_study().parent / "geluid_lden_2022.tif", site, kind="decibel").round(1)
        value  coverage_share  implausible_share
    s1   ...             1.0                0.0
    """
    if kind not in PLAUSIBLE:
        raise InputError(
            "raster kind {kind!r} is unknown; choose from {known}",
            kind=kind,
            known=", ".join(PLAUSIBLE),
        )
    with open_raster(path) as dataset:
        grid = _Grid.of(dataset, path)
        shapes = _in_crs(geometries, dataset.crs)
        sums = np.zeros((3, len(shapes)))  # of values, of known cells, of implausible cells
        tiles = list(_tiles(shapes, grid))
        for number, (window, chosen) in enumerate(tiles):
            progress(number / len(tiles), tell("raster {name}", name=Path(path).name))
            cells = _read_cells(dataset, window, kind, path)
            sums[:, chosen] += _sum_cells(cells, grid.bounds(window), shapes[chosen])
    return _to_frame(shapes, sums, grid.cell_size, kind, geometries.index)


@dataclass(frozen=True)
class _Cells:
    """A window of the raster, north up: what is averaged (NaN where unknown) and what cannot be."""

    value: NDArray[np.float64]
    implausible: NDArray[np.bool_]


@dataclass(frozen=True)
class _Grid:
    """Where cells lie: x = x0 + column * dx, y = y0 + row * dy; dy is negative for north up."""

    x0: float
    y0: float
    dx: float
    dy: float
    shape: tuple[int, int]

    @classmethod
    def of(cls, dataset: DatasetReader, path: str | Path) -> _Grid:
        """Read the grid of a dataset that can be used."""
        transform = grid_of(dataset, path)
        return cls(transform.c, transform.f, transform.a, transform.e, dataset.shape)

    @property
    def cell_size(self) -> float:
        """The surface of a cell in square units of the CRS."""
        return abs(self.dx * self.dy)

    def ranges(self, bounds: NDArray[np.float64]) -> NDArray[np.float64]:
        """Turn boxes (xmin, ymin, xmax, ymax) into row and column ranges, not rounded."""
        columns = np.sort((bounds[:, [0, 2]] - self.x0) / self.dx, axis=1)
        rows = np.sort((bounds[:, [1, 3]] - self.y0) / self.dy, axis=1)
        return np.column_stack([rows, columns])

    def bounds(self, window: tuple[int, int, int, int]) -> tuple[float, float, float, float]:
        """Give the box (xmin, ymin, xmax, ymax) of a window (row, row end, column, column end)."""
        x = sorted((self.x0 + self.dx * window[2], self.x0 + self.dx * window[3]))
        y = sorted((self.y0 + self.dy * window[0], self.y0 + self.dy * window[1]))
        return x[0], y[0], x[1], y[1]


def _in_crs(geometries: gpd.GeoSeries | gpd.GeoDataFrame, crs: CRS) -> NDArray[np.object_]:
    """Check the geometries and bring them to the raster's CRS."""
    series, own = geometries.geometry, geometries.crs
    if own is None:
        raise CrsError("the areas to lay over the raster have no CRS; set it before")
    kinds = shapely.get_type_id(series.to_numpy())
    wrong = ~np.isin(kinds, (_POINT, *_POLYGONS, _MISSING)) & ~series.is_empty.to_numpy()
    if wrong.any():
        raise GeometryError(
            "a raster is averaged over polygons or taken at points; these are neither: {ids}",
            ids=first_ids(series.index[wrong]),
        )
    if own == crs:
        return series.to_numpy()
    if own.is_projected:
        series = series.set_axis(range(len(series))).segmentize(_SEGMENT_M)
    return bring_to(series, crs).to_numpy()


def _tiles(
    shapes: NDArray[np.object_], grid: _Grid
) -> Iterator[tuple[tuple[int, int, int, int], NDArray[np.intp]]]:
    """Give each tile that shapes touch: the window around them in it, and which shapes they are."""
    ranges = grid.ranges(shapely.bounds(shapes))
    rows, columns = grid.shape
    top, bottom, left, right = ranges.T
    inside = np.flatnonzero((bottom >= 0) & (top <= rows) & (right >= 0) & (left <= columns))
    if not len(inside):
        return
    low = np.floor(np.maximum(ranges[inside][:, [0, 2]], 0)).astype(int)
    limits = np.array([rows, columns])
    low = np.minimum(low, limits - 1)
    high = np.maximum(np.ceil(np.minimum(ranges[inside][:, [1, 3]], limits)).astype(int), low + 1)
    first, last = low // _TILE, (high - 1) // _TILE
    across = last[:, 1] - first[:, 1] + 1
    count = (last[:, 0] - first[:, 0] + 1) * across
    which = np.repeat(np.arange(len(inside)), count)
    step = np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count)
    tile = np.column_stack(
        [first[which, 0] + step // across[which], first[which, 1] + step % across[which]]
    )
    order = np.lexsort((tile[:, 1], tile[:, 0]))
    tile, which = tile[order], which[order]
    starts = np.flatnonzero(np.diff(tile, axis=0, prepend=-1).any(axis=1))
    for start, end in zip(starts, [*starts[1:], len(tile)], strict=True):
        members = which[start:end]
        corner = tile[start] * _TILE
        begin = np.maximum(low[members].min(axis=0), corner)
        stop = np.minimum(high[members].max(axis=0), corner + _TILE)
        yield (begin[0], stop[0], begin[1], stop[1]), inside[members]


def _read_cells(
    dataset: DatasetReader, window: tuple[int, int, int, int], kind: Kind, path: str | Path
) -> _Cells:
    """Read a window, set apart what is no value, and turn decibels into energy."""
    from rasterio.errors import RasterioIOError  # half a second that only rasters pay

    try:
        band = dataset.read(1, window=(window[:2], window[2:]), masked=True)
    except RasterioIOError as error:
        raise FormatError(
            "raster {path} is damaged and cannot be read: {error}",
            path=path,
            error=error,
        ) from error
    if dataset.transform.e > 0:
        band = band[::-1]
    if dataset.transform.a < 0:
        band = band[:, ::-1]
    value = band.data.astype(np.float64)
    known = ~np.ma.getmaskarray(band) & (value > VALID[0]) & (value < VALID[1])
    value = np.where(known, value, np.nan) * dataset.scales[0] + dataset.offsets[0]
    lowest, highest = PLAUSIBLE[kind]
    implausible = known & ((value < lowest) | (value > highest))
    value[implausible] = np.nan
    if kind == "decibel":
        value = 10 ** (value / 10)
    return _Cells(value, implausible)


def _sum_cells(
    cells: _Cells, bounds: tuple[float, float, float, float], shapes: NDArray[np.object_]
) -> NDArray[np.float64]:
    """Sum values, known cells and implausible cells over each shape, by the fraction within it."""
    sums = np.zeros((3, len(shapes)))
    points = shapely.get_type_id(shapes) == _POINT
    if points.any():
        sums[:, points] = _at_points(cells, bounds, shapes[points])
    if not points.all():
        sums[:2, ~points] = sum_fractions(cells.value, bounds, shapes[~points])
        if cells.implausible.any():
            flags = cells.implausible.astype(np.float64)
            sums[2, ~points] = sum_fractions(flags, bounds, shapes[~points])[0]
    return sums


def _at_points(
    cells: _Cells, bounds: tuple[float, float, float, float], points: NDArray[np.object_]
) -> NDArray[np.float64]:
    """Take the cell under each point; a point on an edge takes the cell to its east and south."""
    rows, columns = cells.value.shape
    xmin, ymin, xmax, ymax = bounds
    column = np.floor((shapely.get_x(points) - xmin) / (xmax - xmin) * columns).astype(int)
    row = np.floor((ymax - shapely.get_y(points)) / (ymax - ymin) * rows).astype(int)
    inside = (column >= 0) & (column < columns) & (row >= 0) & (row < rows)
    row, column = np.where(inside, row, 0), np.where(inside, column, 0)
    value = cells.value[row, column]
    known = inside & np.isfinite(value)
    return np.array([np.where(known, value, 0.0), known, inside & cells.implausible[row, column]])


def _to_frame(
    shapes: NDArray[np.object_],
    sums: NDArray[np.float64],
    cell_size: float,
    kind: Kind,
    index: pd.Index,
) -> pd.DataFrame:
    """Turn sums over cells into means and shares."""
    missing = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    cells_within = shapely.area(shapes) / cell_size
    cells_within[shapely.get_type_id(shapes) == _POINT] = 1.0
    total, known, implausible = sums
    value = np.divide(total, known, out=np.full(len(shapes), np.nan), where=known > 0)
    if kind == "decibel":
        value = 10 * np.log10(value)
    # A polygon without surface has no part that is known.
    cells_within = np.where(cells_within > 0, cells_within, np.inf)
    shares = np.clip(np.array([known, implausible]) / cells_within, 0, 1)
    shares[:, missing] = np.nan
    return pd.DataFrame(
        {"value": value, "coverage_share": shares[0], "implausible_share": shares[1]}, index=index
    )
