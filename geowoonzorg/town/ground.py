"""The ground of a town cut into square cells, and which of them layers and figures leave to be looked at."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import shapely
from scipy import ndimage

from geowoonzorg.errors import StudyError
from geowoonzorg.files import (
    RASTER_SUFFIXES,
    as_points,
    cells_at,
    read_vector,
    split_layer,
    witnessed,
)
from geowoonzorg.messages import tell
from geowoonzorg.town._data import Source
from geowoonzorg.town.given import hash_frame

if TYPE_CHECKING:
    import pyproj
    from numpy.typing import NDArray

    from geowoonzorg.town._data import TownData

#: More cells than this are not laid: they would take gigabytes and hours.
MOST_CELLS: Final = 10_000_000


@dataclass(frozen=True, eq=False)
class Ground:
    """Square cells, north up, whose borders are whole multiples of their side.

    Attributes
    ----------
    west, north
        The outer corner of the first cell (m).
    cell_m
        The side of a cell (m).
    shape
        Rows and columns.
    crs
        The metric CRS.
    within
        Shape ``(rows, columns)``: whose centre lies on the ground that is asked about.
    """

    west: float
    north: float
    cell_m: float
    shape: tuple[int, int]
    crs: pyproj.CRS
    within: NDArray[np.bool_]

    @property
    def xy(self) -> NDArray[np.float64]:
        """The centres of the cells that are within, row by row from the north-west, shape (n, 2) (m)."""
        return self.centres(np.flatnonzero(self.within))

    def centres(self, cells: NDArray[np.intp]) -> NDArray[np.float64]:
        """Give the centres of cells.

        Parameters
        ----------
        cells
            Their numbers, row by row from the north-west.

        Returns
        -------
        numpy.ndarray
            Shape (n, 2) (m).

        Examples
        --------
        >>> ground = Ground(0.0, 50.0, 25.0, (2, 2), None, np.ones((2, 2), bool))
        >>> ground.centres(np.array([0, 3])).tolist()
        [[12.5, 37.5], [37.5, 12.5]]
        """
        row, column = np.divmod(cells, self.shape[1])
        x = self.west + (column + 0.5) * self.cell_m
        return np.column_stack([x, self.north - (row + 0.5) * self.cell_m])

    def cell_of(self, xy: NDArray[np.float64]) -> NDArray[np.intp]:
        """Find the cell that points lie in.

        Parameters
        ----------
        xy
            Shape (n, 2) (m).

        Returns
        -------
        numpy.ndarray
            The numbers of the cells, row by row from the north-west; -1 for what lies in none that is within.

        Examples
        --------
        >>> ground = Ground(0.0, 50.0, 25.0, (2, 2), None, np.ones((2, 2), bool))
        >>> ground.cell_of(np.array([[30.0, 10.0], [99.0, 10.0]])).tolist()
        [3, -1]
        """
        column = np.floor((xy[:, 0] - self.west) / self.cell_m).astype(np.intp)
        row = np.floor((self.north - xy[:, 1]) / self.cell_m).astype(np.intp)
        here = (row >= 0) & (row < self.shape[0]) & (column >= 0) & (column < self.shape[1])
        cell = np.where(here, row * self.shape[1] + column, -1)
        return np.where(here & self.within.ravel()[cell], cell, -1)

    def names(self, cells: NDArray[np.intp]) -> list[str]:
        """Name cells by their south-western corner, such as ``E190000N507000``.

        Parameters
        ----------
        cells
            Their numbers, row by row from the north-west.

        Returns
        -------
        list of str
            A name each.

        Examples
        --------
        >>> ground = Ground(0.0, 50.0, 25.0, (2, 2), None, np.ones((2, 2), bool))
        >>> ground.names(np.array([1]))
        ['E25N25']
        """
        corners = self.centres(cells) - self.cell_m / 2
        return [f"E{x:.10g}N{y:.10g}" for x, y in np.round(corners, 6)]

    def spread(self, values: NDArray[np.float64], *, empty: float = np.nan) -> NDArray[np.float32]:
        """Lay values of the cells that are within out as a grid.

        Parameters
        ----------
        values
            In the order of `xy`, shape (n,).
        empty
            What the other cells get.

        Returns
        -------
        numpy.ndarray
            Shape ``(rows, columns)``, float32.

        Examples
        --------
        >>> ground = Ground(0.0, 25.0, 25.0, (1, 2), None, np.array([[False, True]]))
        >>> ground.spread(np.array([7.0])).tolist()
        [[nan, 7.0]]
        """
        grid = np.full(self.shape, empty, dtype=np.float32)
        grid[self.within] = values
        return grid

    def pieces_m2(self, chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Measure the piece of ground that each cell is part of: chosen cells that share sides.

        Parameters
        ----------
        chosen
            Of the cells that are within, in the order of `xy`.

        Returns
        -------
        numpy.ndarray
            Shape (n,) (m2); 0 for a cell that is not chosen.

        Examples
        --------
        >>> ground = Ground(0.0, 25.0, 25.0, (1, 3), None, np.ones((1, 3), bool))
        >>> ground.pieces_m2(np.array([True, False, True])).tolist()
        [625.0, 0.0, 625.0]
        """
        mask = np.zeros(self.shape, dtype=bool)
        mask[self.within] = chosen
        piece, n = ndimage.label(mask)
        size = np.bincount(piece.ravel(), minlength=n + 1) * self.cell_m**2
        size[0] = 0.0
        return np.asarray(size[piece[self.within]], dtype=np.float64)


@dataclass(frozen=True, eq=False)
class Layer:
    """Ground that is allowed or forbidden: polygons, or a raster of which every value but 0 counts.

    Attributes
    ----------
    name
        What messages call it.
    source
        Where it is from.
    polygons
        In the town's CRS, or None for a raster.
    raster
        The GeoTIFF, or None for polygons.
    """

    name: str
    source: Source
    polygons: NDArray[np.object_] | None = None
    raster: Path | None = None

    def holds(self, xy: NDArray[np.float64], *, crs: pyproj.CRS) -> NDArray[np.bool_]:
        """Say which points lie on it; the edge of a polygon is part of it.

        Parameters
        ----------
        xy
            Points, shape (n, 2) (m).
        crs
            Their reference system.

        Returns
        -------
        numpy.ndarray
            Shape (n,).

        Raises
        ------
        FormatError, SourceError
            When a raster cannot be read.

        Examples
        --------
        >>> layer = Layer("water", Source("forbid", None, ""), polygons=np.array([shapely.box(0, 0, 2, 2)]))
        >>> layer.holds(np.array([[1.0, 1.0], [3.0, 1.0]]), crs=None).tolist()
        [True, False]
        """
        if self.raster is not None:
            values = cells_at(self.raster, xy, crs=crs)
            if self.source.seen is not None:
                self.source.seen.check()
            return np.asarray(~np.isnan(values) & (values != 0))
        return points_within(xy, self.polygons)


def points_within(
    xy: NDArray[np.float64], polygons: NDArray[np.object_] | None
) -> NDArray[np.bool_]:
    """Say which points lie in any of some polygons, or on their edge.

    Parameters
    ----------
    xy
        Shape (n, 2).
    polygons
        (Multi)Polygons in the same CRS; None for none.

    Returns
    -------
    numpy.ndarray
        Shape (n,).

    Examples
    --------
    >>> points_within(np.array([[1.0, 1.0]]), np.array([shapely.box(0, 0, 1, 1)])).tolist()
    [True]
    """
    inside = np.zeros(len(xy), dtype=bool)
    if polygons is not None and len(polygons) and len(xy):
        tree = shapely.STRtree(shapely.points(xy))
        inside[tree.query(polygons, predicate="intersects")[1]] = True
    return inside


def read_ground_layer(given: str | Path | gpd.GeoDataFrame, *, role: str, crs: pyproj.CRS) -> Layer:
    """Read a layer of ground that is allowed or forbidden.

    Parameters
    ----------
    given
        The path of polygons or of a GeoTIFF, or polygons in memory, in any CRS.
    role
        ``"allow"`` or ``"forbid"``, which starts each message.
    crs
        The metric CRS of the town.

    Returns
    -------
    Layer
        Polygons are in that CRS.

    Raises
    ------
    InputError, FormatError, SourceError, CrsError, GeometryError, StudyError
        When it cannot be used; the message says which and why.

    Examples
    --------
    >>> water = gpd.GeoDataFrame(geometry=[shapely.box(146_000, 507_000, 146_100, 507_100)], crs=28992)
    >>> read_ground_layer(water, role="forbid", crs=water.crs).source.role
    'forbid'
    """
    if isinstance(given, gpd.GeoDataFrame):
        source, frame, name = Source(role, None, hash_frame(given)), given, role
    else:
        path = Path(given)
        file = split_layer(path)[0]
        with witnessed(path) as seen:
            source = Source(role, path, seen.sha256, seen=seen)
            if file.suffix.lower() in RASTER_SUFFIXES:
                cells_at(file, np.empty((0, 2)), crs=crs)  # a bad one is told before the work
                return Layer(file.name, source, raster=file)
            frame, name = read_vector(path, role=role), file.name
    only = gpd.GeoDataFrame(geometry=frame.geometry.to_numpy(), crs=frame.crs)
    where = role if name == role else tell("{role} {file}", role=role, file=name)
    checked = as_points(only, where=where, crs=crs, kinds=("Polygon",))
    return Layer(name, source, polygons=checked.geometry.to_numpy())


def lay_ground(town: TownData, cell_m: float) -> Ground:
    """Cut the ground of a town into cells: its areas, or where it has none as far as its streets reach.

    Parameters
    ----------
    town
        The town.
    cell_m
        The side of a cell (m).

    Returns
    -------
    Ground
        Within it are the cells whose centre lies in an area, or without areas those in the box around the
        streets and the longest access distance.

    Raises
    ------
    StudyError
        When ``cell_m`` is no length, is so small that there are too many cells, or so large that there is none.

    Examples
    --------
    >>> from geowoonzorg.town import Town
    >>> lay_ground(Town.demo(), 100.0).shape
    (58, 48)
    """
    if isinstance(cell_m, bool) or not np.isfinite(cell_m) or cell_m <= 0:
        raise StudyError("cell_m is {cell_m}: give metres above 0", cell_m=cell_m)
    shapes = None if town.figures is None else town.figures.layer.geometry.dropna()
    if shapes is None or shapes.empty:
        shapes = None
        far = town.walking.max_snap_m
        streets = town.network.vertex_xy
        box = np.concatenate([streets.min(axis=0) - far, streets.max(axis=0) + far])
    else:
        box = shapes.total_bounds
    low, high = np.floor(box[:2] / cell_m), np.ceil(box[2:] / cell_m)
    columns, rows = high - low
    if columns * rows > MOST_CELLS:
        raise StudyError(
            "cells of {cell_m:g} m are {n:,.0f}, and {most:,} is the most; give cell_m of at least {least:g}",
            cell_m=cell_m, n=columns * rows, most=MOST_CELLS, least=_least_side(box),
        )  # fmt: skip
    shape = int(rows), int(columns)
    corner = float(low[0] * cell_m), float(high[1] * cell_m)
    every = Ground(*corner, float(cell_m), shape, town.crs, np.ones(shape, dtype=bool))
    if shapes is None:
        return every
    inside = points_within(every.xy, shapes.to_numpy())
    if not inside.any():
        raise StudyError(
            "cells of {cell_m:g} m: of none of the {n} the centre lies in an area; give a smaller cell_m",
            cell_m=cell_m, n=len(inside),
        )  # fmt: skip
    return replace(every, within=inside.reshape(shape))


def _least_side(box: NDArray[np.float64]) -> float:
    """Find the least whole number of metres for which there are not too many cells."""
    side = max(1.0, float(np.ceil(np.sqrt(np.prod(box[2:] - box[:2]) / MOST_CELLS))))
    while np.prod(np.ceil(box[2:] / side) - np.floor(box[:2] / side)) > MOST_CELLS:
        side += 1.0
    return side
