"""Coordinate systems: whether one can be worked in, and whether coordinates are where their system says."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from geowoonzorg.errors import CrsChoiceError, CrsError
from geowoonzorg.files._paths import as_message
from geowoonzorg.messages import tell

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

Layer = TypeVar("Layer", "gpd.GeoDataFrame", "gpd.GeoSeries")
#: What the streets of OSM come in.
_WGS84 = CRS.from_epsg(4326)
_RD_EPSG, _MERCATOR_EPSG = 28992, 3857


def _looks_like(bounds: np.ndarray[Any, Any]) -> str:
    """Say in words which reference system the numbers look like."""
    x0, y0, x1, y1 = bounds
    if x0 >= -180 and x1 <= 180 and y0 >= -90 and y1 <= 90:  # noqa: PLR2004
        if 50 <= x0 <= x1 <= 54 and 3 <= y0 <= y1 <= 8:  # noqa: PLR2004
            return tell("latitude and longitude swapped")
        return tell("degrees (EPSG:4326)")
    if -10_000 <= x0 <= x1 <= 300_000 and 280_000 <= y0 <= y1 <= 650_000:  # noqa: PLR2004
        return "RD New (EPSG:28992)"
    if 280_000 <= x0 <= x1 <= 650_000 and -10_000 <= y0 <= y1 <= 300_000:  # noqa: PLR2004
        return tell("RD New with x and y swapped")
    if 300_000 <= x0 <= x1 <= 900_000 and 6_500_000 <= y0 <= y1 <= 7_200_000:  # noqa: PLR2004
        return "Web Mercator (EPSG:3857)"
    return tell("no reference system used in the Netherlands")


def check_coordinates(frame: gpd.GeoDataFrame, *, where: str) -> None:
    """Check that a layer has a reference system and that its numbers can be in it.

    Parameters
    ----------
    frame
        Any layer.
    where
        The role and file, which starts the message.

    Raises
    ------
    CrsError
        When there is no CRS, when degrees are out of range or swapped, or when RD numbers cannot
        be RD; the message says what the numbers look like.

    Examples
    --------
    >>> import geopandas as gpd
    >>> points = gpd.GeoSeries.from_xy([52.5], [5.9], crs="EPSG:4326").to_frame("geometry")
    >>> check_coordinates(points, where="sites: a.geojson")
    Traceback (most recent call last):
    geowoonzorg.errors.CrsError: sites: a.geojson says EPSG:4326 but the numbers ... swapped; ...
    """
    bounds = frame.total_bounds
    if not np.isfinite(bounds).all():
        if len(frame) and not frame.geometry.isna().all() and not frame.geometry.is_empty.all():
            raise CrsError(
                "{where} has coordinates that are not finite",
                where=as_message(where),
            )
        return
    looks = _looks_like(bounds)
    x0, y0, x1, y1 = bounds
    numbers = tell("x {x0:.6g} to {x1:.6g}, y {y0:.6g} to {y1:.6g}", x0=x0, x1=x1, y0=y0, y1=y1)
    if frame.crs is None:
        raise CrsError(
            "{where} has no CRS; its numbers ({numbers}) look like {looks}; set the CRS in "
            "the file",
            where=as_message(where),
            numbers=numbers,
            looks=looks,
        )
    crs = CRS.from_user_input(frame.crs)
    degrees_wrong = crs.is_geographic and (not looks.startswith("degrees"))
    rd_wrong = crs.to_epsg() == _RD_EPSG and not looks.startswith("RD New (")
    mercator_wrong = (
        crs.to_epsg() == _MERCATOR_EPSG
        and looks != "Web Mercator (EPSG:3857)"
        and not looks.startswith("no ")
    )
    if degrees_wrong or rd_wrong or mercator_wrong:
        name = crs.to_string() if crs.to_epsg() else crs.name
        raise CrsError(
            "{where} says {name} but the numbers ({numbers}) look like {looks}; set the right"
            " CRS in the file",
            where=as_message(where),
            name=name,
            numbers=numbers,
            looks=looks,
        )


def known_crs(crs: str | CRS) -> CRS:
    """Look a CRS up.

    Parameters
    ----------
    crs
        Anything `pyproj.CRS` reads.

    Returns
    -------
    pyproj.CRS
        The CRS, metric or not.

    Raises
    ------
    CrsChoiceError
        When it is unknown.

    Examples
    --------
    >>> known_crs("EPSG:4326").name
    'WGS 84'
    """
    try:
        return CRS.from_user_input(crs)
    except CRSError as error:
        raise CrsChoiceError(
            "{crs} is not a known coordinate reference system; use for example EPSG:28992 (RD New)",
            crs=crs,
        ) from error


def working_crs(crs: str | CRS) -> CRS:
    """Check that a CRS can be worked in: projected, in metres, not Web Mercator.

    Parameters
    ----------
    crs
        Anything `pyproj.CRS` reads.

    Returns
    -------
    pyproj.CRS
        The CRS.

    Raises
    ------
    CrsChoiceError
        When it is unknown, not projected, not in metres, or Web Mercator.

    Examples
    --------
    >>> working_crs("EPSG:4326")
    Traceback (most recent call last):
    geowoonzorg.errors.CrsChoiceError: EPSG:4326 (WGS 84) cannot be worked in: it is not projected in ...
    """
    known = known_crs(crs)
    metric = known.is_projected and all(a.unit_name == "metre" for a in known.axis_info[:2])
    if not metric or known.to_epsg() == _MERCATOR_EPSG:
        why = (
            tell("its metres are up to 1.7 times too long")
            if metric
            else tell("it is not projected in metres")
        )
        raise CrsChoiceError(
            "{crs} ({name}) cannot be worked in: {why}; use for example EPSG:28992 (RD New)",
            crs=crs,
            name=known.name,
            why=why,
        )
    return known


@cache
def _transformer(own: CRS, target: CRS) -> Transformer:
    """Find the way from one reference system to another, which takes longer than to go it."""
    return Transformer.from_crs(own, target, always_xy=True)


def _parts(own: CRS, target: CRS) -> list[CRS]:
    """List the systems by which one comes from one to another, the last included."""
    datums = [crs.geodetic_crs for crs in (own, target)]
    if datums[0] == datums[1] or _WGS84 in datums:
        return [target]
    return [_WGS84, target]


def bring_to(layer: Layer, crs: str | int | CRS) -> Layer:
    """Bring a layer to another reference system, by way of WGS 84 where that has another datum.

    Parameters
    ----------
    layer
        Any layer with a CRS.
    crs
        Anything `pyproj.CRS` reads.

    Returns
    -------
    geopandas.GeoDataFrame or geopandas.GeoSeries
        As ``layer.to_crs``.

    Notes
    -----
    Between two datums without a common grid PROJ may take a way that is over a hundred metres from the one by
    WGS 84 (EPSG:28992 to EPSG:31370). The streets come by WGS 84, so everything does.

    Examples
    --------
    >>> import geopandas as gpd
    >>> place = gpd.GeoSeries.from_xy([190_000], [500_000], crs="EPSG:28992")
    >>> bring_to(place, "EPSG:31370").geom_equals(place.to_crs(4326).to_crs(31370)).all().item()
    True
    """
    for step in _parts(CRS.from_user_input(layer.crs), CRS.from_user_input(crs)):
        layer = layer.to_crs(step)
    return layer


def bring_points(xy: NDArray[np.float64], own: str | CRS, crs: str | CRS) -> NDArray[np.float64]:
    """Bring points to another reference system as `bring_to` brings layers.

    Parameters
    ----------
    xy
        Points, x or longitude first, shape (n, 2).
    own, crs
        From which system to which: anything `pyproj.CRS` reads.

    Returns
    -------
    numpy.ndarray
        Shape (n, 2); inf for what cannot be expressed.

    Examples
    --------
    >>> bring_points(np.array([[155_000.0, 463_000.0]]), "EPSG:28992", "EPSG:4326").round(3).tolist()
    [[5.387, 52.155]]
    """
    here = CRS.from_user_input(own)
    for step in _parts(here, CRS.from_user_input(crs)):
        xy, here = np.column_stack(_transformer(here, step).transform(*xy.T)), step
    return xy
