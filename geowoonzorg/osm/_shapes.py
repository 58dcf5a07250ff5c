"""The lines that a way or relation is made of → its shape, or its middle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from geowoonzorg.osm._objects import Line

_RING: Final = 4
_AREA: Final = 2


def draw_shape(lines: Sequence[Line]) -> tuple[BaseGeometry, bool]:
    """Give the area within a ring or rings, or the point halfway a line; also whether it was repaired."""
    ids, lonlat = lines[0]
    if len(ids) == 1:
        return shapely.Point(lonlat[0]), False
    strings = [shapely.LineString(p) for _, p in lines if len(p) > 1]
    if len(lines) == 1 and (ids[0] != ids[-1] or len(ids) < _RING):
        return strings[0].interpolate(0.5, normalized=True), False
    if len(lines) == 1:
        area: BaseGeometry = shapely.Polygon(lonlat)
    else:
        area = shapely.build_area(shapely.MultiLineString(strings))
    if area.is_valid:
        return area, False
    parts = shapely.get_parts(shapely.make_valid(area))
    return shapely.union_all(parts[shapely.get_dimensions(parts) == _AREA]), True


def find_middle(lines: Sequence[NDArray[np.float64]]) -> tuple[float, float]:
    """Give the centroid of an outline; NaN where a part of it is missing."""
    if not lines or not all(len(p) and np.isfinite(p).all() for p in lines):
        return np.nan, np.nan
    if all(len(p) == 1 for p in lines):
        return float(lines[0][0, 0]), float(lines[0][0, 1])
    drawn = shapely.MultiLineString([shapely.LineString(p) for p in lines if len(p) > 1])
    area = shapely.build_area(drawn)
    centre = shapely.centroid(drawn if area.is_empty else area)
    return centre.x, centre.y
