"""The streets under a map, so that a town is recognised without any background tiles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from geowoonzorg.files import bring_to
from geowoonzorg.show.drawing import to_degrees

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray


MARGIN_M: Final = 1_000.0
MOST_VERTICES: Final = 60_000  # about half a megabyte in the page
_FINEST_M: Final = 3.0  # a thin grey line needs no more
_UNITS: Final = 100_000  # per degree: the five decimals that coordinates are rounded to


class Streets:
    """The streets of one outcome, nearest to the sites first, to be drawn at any tolerance.

    Parameters
    ----------
    streets
        Lines, in metres.
    sites
        The sites.

    Attributes
    ----------
    cut_m
        How far from the sites streets are drawn, in metres; None when all of them are.
    """

    def __init__(self, streets: gpd.GeoDataFrame, sites: gpd.GeoDataFrame) -> None:
        lines = np.asarray(streets.geometry)
        self.crs, self.cut_m = streets.crs, None
        if shapely.get_num_coordinates(lines).sum() > MOST_VERTICES and len(sites):
            places = np.asarray(bring_to(sites.geometry, streets.crs))
            _, away = shapely.STRtree(places).query_nearest(
                lines, return_distance=True, all_matches=False
            )
            order = np.argsort(away, kind="stable")
            lines = shapely.simplify(lines[order], _FINEST_M)
            room = np.cumsum(shapely.get_num_coordinates(lines)) <= MOST_VERTICES
            if not room.all():
                self.cut_m = float(away[order][room].max(initial=0.0))
            lines = lines[room]
        self.lines = lines

    def draw(self, tolerance_m: float) -> list[list[int]]:
        """Draw the streets as short as they can be written.

        Parameters
        ----------
        tolerance_m
            How far a drawn street may lie from the real one, in metres; three at the finest.

        Returns
        -------
        list
            Per line latitude and longitude in 1e-5 degrees, alternating: the first vertex, then
            every next one as the step from the one before.

        Examples
        --------
        >>> import geopandas as gpd
        >>> line = shapely.LineString([(5.0, 52.0), (5.1, 52.2)])
        >>> one = gpd.GeoDataFrame(geometry=[line], crs="EPSG:4326")
        >>> Streets(one, one.iloc[:0]).draw(0.0)
        [[5200000, 500000, 20000, 10000]]
        """
        import geopandas as gpd

        if not len(self.lines):
            return []
        simple = shapely.simplify(self.lines, max(tolerance_m, _FINEST_M))
        return _steps(to_degrees(gpd.GeoSeries(simple, crs=self.crs)))


def _steps(lines: NDArray[Any]) -> list[list[int]]:
    points, line = shapely.get_coordinates(lines, return_index=True)
    units = np.rint(points * _UNITS).astype(np.int64)
    first = np.ones(len(units), dtype=bool)
    first[1:] = line[1:] != line[:-1]
    steps = units.copy()
    steps[1:][~first[1:]] -= units[:-1][~first[1:]]
    kept = first | steps.any(axis=1)  # rounding makes neighbours the same point
    steps, line = steps[kept], line[kept]
    parts = np.split(steps.ravel(), 2 * np.flatnonzero(np.diff(line)) + 2)
    return [part.tolist() for part in parts if len(part) > 2]  # noqa: PLR2004 - a point is no line
