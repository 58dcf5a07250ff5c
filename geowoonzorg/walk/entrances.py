"""Where people enter a place: as text, which any file can carry, and back as shapes to walk to.

A text travels with its place, also when somebody moves the place. So it tells where the place was, too, and
entrances of a place that is somewhere else now are not used.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geowoonzorg.errors import InputError, first_ids
from geowoonzorg.files import bring_to
from geowoonzorg.messages import tell

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pyproj import CRS

_WGS84 = "EPSG:4326"
#: Entrances further than this from their own place have swapped coordinates, or another system's (m).
_FARTHEST_M = 100_000.0
#: A place this near to where its text says it was has not moved (m): coordinates are rounded and converted.
_SAME_M = 5.0
#: Entrances whose text does not say where their place was are those of another place beyond this (m).
_OWN_M = 250.0
#: Where a place was is written to the centimetre (of a degree).
_DECIMALS = 7
#: The kind of a shape, before its coordinates.
_WORD = re.compile(r"([A-Z]+?)Z?\b")
#: Between the entrances and where their place was.
_AT = " AT "
#: In these systems and its own a polygon may have been made a point on its surface.
_POINT_SYSTEMS = (_WGS84, "EPSG:3857", "EPSG:25831", "EPSG:25832")
#: Points so near each other are one: about a metre (degrees).
_ALIKE = 1e-5
#: A shapefile cuts texts off here (characters).
_SHAPEFILE_TEXT = 254
_KINDS = ("POINT", "MULTIPOINT", "POLYGON", "MULTIPOLYGON")
_TYPES = [shapely.GeometryType[kind] for kind in _KINDS]


def entrances_as_text(
    entrances: gpd.GeoSeries, places: gpd.GeoSeries | None = None
) -> pd.Series[str]:
    """Write where people enter places as text, to the last bit.

    Parameters
    ----------
    entrances
        Per place points or an outline, in any CRS, or None.
    places
        The places themselves on the same index, in any CRS: the text tells where they are, so that
        `read_entrances` sees which were moved since.

    Returns
    -------
    pandas.Series
        On the same index: WKT in degrees (WGS 84, longitude first), missing where there are none. After
        ``AT`` come the points that may stand for the place: its centroid, and those on its surface.

    Examples
    --------
    >>> doors = gpd.GeoSeries([shapely.MultiPoint([(5.9, 52.5), (5.91, 52.5)])], crs="EPSG:4326")
    >>> entrances_as_text(doors)[0]
    'MULTIPOINT ((5.9 52.5), (5.91 52.5))'
    >>> entrances_as_text(doors, gpd.GeoSeries([shapely.Point(5.905, 52.5)], crs="EPSG:4326"))[0]
    'MULTIPOINT ((5.9 52.5), (5.91 52.5)) AT POINT (5.905 52.5)'
    """
    degrees = entrances.to_crs(_WGS84).to_numpy()
    text = pd.Series(
        shapely.to_wkt(degrees, rounding_precision=-1), index=entrances.index, dtype="str"
    )
    if places is None:
        return text
    return text + _AT + shapely.to_wkt(_stand_ins(places), rounding_precision=_DECIMALS)


def _stand_ins(places: gpd.GeoSeries) -> NDArray[np.object_]:
    """Give the points that may stand for each place, in degrees: the centroid first."""
    ways = [(shapely.centroid, places.crs), (shapely.point_on_surface, places.crs)]
    ways += [(shapely.point_on_surface, system) for system in _POINT_SYSTEMS]
    points = [
        gpd.GeoSeries(way(np.asarray(bring_to(places, system))), crs=system).to_crs(_WGS84)
        for way, system in ways
    ]
    rows = np.stack([shapely.get_coordinates(of).round(_DECIMALS) for of in points], axis=1)
    shapes = []
    for lonlat in rows.tolist():
        kept: list[list[float]] = []
        for point in lonlat:
            if all(math.dist(point, other) > _ALIKE for other in kept):
                kept.append(point)
        shapes.append(shapely.Point(kept[0]) if len(kept) == 1 else shapely.MultiPoint(kept))
    return np.array(shapes, object)


def read_entrances(places: gpd.GeoDataFrame, *, crs: CRS, role: str) -> gpd.GeoSeries:
    """Read the column ``entrances`` of places.

    Parameters
    ----------
    places
        Places with ``id``, and in ``entrances`` text as `entrances_as_text` writes it, or geometries.
    crs
        The CRS of geometries that do not say theirs.
    role
        What the places are, which starts each message.

    Returns
    -------
    geopandas.GeoSeries
        On the places' index and in their CRS: points to walk to or an outline, None where there are none.

    Raises
    ------
    InputError
        When the column has something else, or entrances that cannot be those of their place.

    Examples
    --------
    >>> shop = gpd.GeoDataFrame({"id": ["a"]}, geometry=gpd.points_from_xy([190000], [507000], crs=28992))
    >>> shop["entrances"] = "POINT (5.9 52.5)"
    >>> read_entrances(shop, crs=shop.crs, role="facilities").get_coordinates().round().to_numpy().tolist()
    [[189821.0, 501490.0]]
    """
    column = places["entrances"]
    values = np.asarray(column.array, object)
    is_shape = shapely.is_geometry(values)
    is_text = np.array([isinstance(one, str) for one in values], bool)
    blank = np.array([isinstance(one, str) and not one.strip() for one in values], bool)
    entered = np.full(len(values), None, object)
    entered[is_shape], entered[is_text] = values[is_shape], _parse(values[is_text], 0, _KINDS)
    wrong = ~np.isin(shapely.get_type_id(entered), _TYPES) & column.notna().to_numpy() & ~blank
    says_where = np.array([_AT in text for text in values[is_text]], bool)
    wrong[is_text] |= says_where & shapely.is_missing(_parse(values[is_text], 1, _KINDS[:2]))
    if wrong.any():
        raise _no_entrances(role, places["id"][wrong], values[wrong & is_text])
    of_shapes = getattr(column, "crs", None) or crs
    for rows, system in ((is_shape, of_shapes), (is_text, _WGS84)):
        entered[rows] = bring_to(gpd.GeoSeries(entered[rows], crs=system), places.crs)
    entered[shapely.is_empty(entered)] = None
    xy, of = shapely.get_coordinates(entered, return_index=True)
    middle = shapely.get_coordinates(shapely.centroid(np.asarray(places.geometry.array)))
    away = np.hypot(*(xy - middle[of]).T)  # infinite for what lies outside its system
    far = np.unique(of[~(away <= _FARTHEST_M)])
    if len(far):
        raise InputError(
            "{role}: entrances over {km:.0f} km from their own place: {ids}; text is in degrees (WGS 84), "
            "the longitude first",
            role=role, km=_FARTHEST_M / 1000, ids=first_ids(places["id"].iloc[far]),
        )  # fmt: skip
    return gpd.GeoSeries(entered, index=places.index, crs=places.crs)


def find_moved(places: gpd.GeoDataFrame, entrances: gpd.GeoSeries) -> NDArray[np.bool_]:
    """Tell which places are somewhere else than when their entrances were written.

    Parameters
    ----------
    places
        Places in a metric CRS, with the column ``entrances`` as it was given.
    entrances
        What `read_entrances` made of it.

    Returns
    -------
    numpy.ndarray
        Whether a place was moved, shape (n_places,): its centroid is over 5 m from every point that
        its text gives for it, or, where it is an area, from the first, which was its own. Where a text
        gives none, as that of older layers, or shapes are given: over 250 m from its entrances.

    Examples
    --------
    >>> shop = gpd.GeoDataFrame({"id": ["a", "b"]}, geometry=gpd.points_from_xy([5.9, 5.9], [52.5, 52.51]), crs=4326)
    >>> shop["entrances"] = "POINT (5.9001 52.5) AT POINT (5.9 52.5)"
    >>> shop = shop.to_crs(28992)
    >>> find_moved(shop, read_entrances(shop, crs=shop.crs, role="facilities")).tolist()
    [False, True]
    """
    values = np.asarray(places["entrances"].array, object)
    geometry = np.asarray(places.geometry.array)
    texts = np.array([one if isinstance(one, str) else "" for one in values], object)
    was = np.asarray(gpd.GeoSeries(_parse(texts, 1, _KINDS[:2]), crs=_WGS84).to_crs(places.crs))
    first = np.where(shapely.get_num_geometries(was) > 1, shapely.get_geometry(was, 0), was)
    is_area = shapely.get_dimensions(geometry) == 2  # noqa: PLR2004 - a surface
    away = shapely.distance(shapely.centroid(geometry), np.where(is_area, first, was))
    apart = shapely.distance(geometry, np.asarray(entrances))
    moved: NDArray[np.bool_] = np.where(shapely.is_missing(was), apart > _OWN_M, ~(away <= _SAME_M))
    return moved & ~shapely.is_missing(np.asarray(entrances))


def _parse(texts: NDArray[np.object_], part: int, kinds: tuple[str, ...]) -> NDArray[np.object_]:
    """Read the kinds allowed before or after ``AT``, and leave the rest None.

    Parsing shapes within shapes can exhaust the stack.
    """
    parts = np.array([text.partition(_AT)[2 * part] for text in texts], object)
    # an older GEOS reads POINTS as POINT
    words = [_WORD.match(text.strip().upper()) for text in parts]
    known = np.array([word is not None and word[1] in kinds for word in words], bool)
    found = np.full(len(texts), None, object)
    with np.errstate(over="ignore"):  # a number too large is infinite, and refused for its place
        found[known] = shapely.from_wkt(parts[known], on_invalid="ignore")
    return found


def _no_entrances(role: str, ids: pd.Series[str], texts: NDArray[np.object_]) -> InputError:
    cut = any(len(text) == _SHAPEFILE_TEXT for text in texts)
    more = tell("; a shapefile cut its texts off: take a GeoPackage") if cut else ""
    return InputError(
        "{role}: the column entrances has no points or outline as text, in degrees with the longitude first, "
        "such as MULTIPOINT ((5.9 52.5), (5.91 52.5)), for {ids}; mend or empty it there, or give the column "
        "another name{more}",
        role=role, ids=first_ids(ids), more=more,
    )  # fmt: skip
