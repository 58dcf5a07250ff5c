"""Where people enter a place: as text, which any file can carry, and back as shapes to walk to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geowoonzorg.errors import InputError, first_ids

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pyproj import CRS

_WGS84 = "EPSG:4326"
#: Entrances further than this from their own place have swapped coordinates, or another system's (m).
_FARTHEST_M = 100_000.0
#: A shapefile cuts texts off here (characters).
_SHAPEFILE_TEXT = 254
_KINDS = ("POINT", "MULTIPOINT", "POLYGON", "MULTIPOLYGON")
_TYPES = [shapely.GeometryType[kind] for kind in _KINDS]


def entrances_as_text(entrances: gpd.GeoSeries) -> pd.Series[str]:
    """Write where people enter places as text, to the last bit.

    Parameters
    ----------
    entrances
        Per place points or an outline, in any CRS, or None.

    Returns
    -------
    pandas.Series
        On the same index: WKT in degrees (WGS 84, longitude first), missing where there are none.

    Examples
    --------
    >>> doors = gpd.GeoSeries([shapely.MultiPoint([(5.9, 52.5), (5.91, 52.5)])], crs="EPSG:4326")
    >>> entrances_as_text(doors)[0]
    'MULTIPOINT ((5.9 52.5), (5.91 52.5))'
    """
    degrees = entrances.to_crs(_WGS84).to_numpy()
    text = shapely.to_wkt(degrees, rounding_precision=-1)
    return pd.Series(text, index=entrances.index, dtype="str")


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
    given = np.asarray(column.array, object)
    is_shape = shapely.is_geometry(given)
    is_text = np.array([isinstance(one, str) for one in given], bool)
    blank = np.array([isinstance(one, str) and not one.strip() for one in given], bool)
    entered = np.full(len(given), None, object)
    entered[is_shape], entered[is_text] = given[is_shape], _parse(given[is_text])
    wrong = ~np.isin(shapely.get_type_id(entered), _TYPES) & column.notna().to_numpy() & ~blank
    if wrong.any():
        raise InputError(_no_entrances(role, places["id"][wrong], given[wrong & is_text]))
    of_shapes = getattr(column, "crs", None) or crs
    for rows, system in ((is_shape, of_shapes), (is_text, _WGS84)):
        entered[rows] = gpd.GeoSeries(entered[rows], crs=system).to_crs(places.crs)
    entered[shapely.is_empty(entered)] = None
    xy, of = shapely.get_coordinates(entered, return_index=True)
    middle = shapely.get_coordinates(shapely.centroid(np.asarray(places.geometry.array)))
    away = np.hypot(*(xy - middle[of]).T)  # infinite for what lies outside its system
    lost = np.unique(of[~(away <= _FARTHEST_M)])
    if len(lost):
        msg = (
            f"{role}: entrances over {_FARTHEST_M / 1000:.0f} km from their own place: "
            f"{first_ids(places['id'].iloc[lost])}; text is in degrees (WGS 84), the longitude first"
        )
        raise InputError(msg)
    return gpd.GeoSeries(entered, index=places.index, crs=places.crs)


def _parse(texts: NDArray[np.object_]) -> NDArray[np.object_]:
    """Read the kinds allowed and leave the rest None: parsing shapes within shapes can exhaust the stack."""
    known = np.array([text.strip().upper().startswith(_KINDS) for text in texts], bool)
    found = np.full(len(texts), None, object)
    with np.errstate(over="ignore"):  # a number too large is infinite, and refused for its place
        found[known] = shapely.from_wkt(texts[known], on_invalid="ignore")
    return found


def _no_entrances(role: str, ids: pd.Series[str], texts: NDArray[np.object_]) -> str:
    cut = any(len(text) == _SHAPEFILE_TEXT for text in texts)
    return (
        f"{role}: the column entrances has no points or outline as text, in degrees with the longitude first, "
        f"such as MULTIPOINT ((5.9 52.5), (5.91 52.5)), for {first_ids(ids)}; mend or empty it there, or give the "
        f"column another name{'; a shapefile cut its texts off: take a GeoPackage' if cut else ''}"
    )
