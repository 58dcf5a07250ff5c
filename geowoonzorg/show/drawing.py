"""The shapes on the map page: from metres to latitude and longitude, as finely as fits.

Everything is computed in metres; this is the edge where it becomes degrees.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from geowoonzorg.show.cells import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

    from geowoonzorg.findings import Findings

DECIMALS: Final = 5  # of a degree: about a metre
_NEAR: Final = 2.5  # times the limit
_SAMPLE: Final = 20_000  # vertices are enough to know how many stay when shapes are simplified


@dataclass(frozen=True)
class Detail:
    """How finely a map is drawn.

    Attributes
    ----------
    tolerance_m
        How far a drawn border may lie from the computed one, in metres.
    drawn_sites
        Of how many sites, best first, the reach and routes are drawn.
    """

    tolerance_m: float
    drawn_sites: int


class Shapes:
    """The shapes of one outcome, gathered once, to be drawn at any detail.

    Parameters
    ----------
    findings
        What was found about sites.
    limit_m
        The walking distance of which the sites' reach is drawn, in metres.
    """

    def __init__(self, findings: Findings, *, limit_m: float) -> None:
        tables = findings.tables
        self.crs = tables[
            "site_areas"
        ].crs  # sites may be in another one: that of whoever gave them
        self._areas = np.asarray(tables["areas"].geometry.dropna())
        near = tables["site_areas"][tables["site_areas"]["limit_m"] == limit_m]
        self._reach = dict(zip(map(plain, near["site_id"]), near.geometry, strict=True))
        self._routes: dict[str, list[tuple[str, str, bool, list[Any]]]] = {}
        routes = tables["routes"]
        columns = ("site_id", "facility_class", "facility_id", "distance_m")
        for site, name, facility, metres, line in zip(
            *(routes[column] for column in columns), to_degrees(routes.geometry), strict=True
        ):
            close = bool(metres <= _NEAR * limit_m)
            row = (str(name), str(facility), close, coordinates(line))
            self._routes.setdefault(plain(site), []).append(row)
        layer = tables["service_areas"]
        layer = layer[shapely.area(np.asarray(layer.geometry)) > 0]
        # One shape per class and limit: where any facility of the class is within walking distance.
        self.within: list[tuple[str, float, Any]] = [
            (str(name), float(str(limit)), shapely.union_all(np.asarray(group.geometry)))
            for (name, limit), group in layer.groupby(["facility_class", "limit_m"], sort=True)
        ]

    def areas(self, detail: Detail) -> list[list[Any]]:
        """Draw the areas, neighbours still meeting.

        Parameters
        ----------
        detail
            How finely.

        Returns
        -------
        list
            Coordinates per area, in the order of the table.

        Examples
        --------
        >>> len(Shapes(findings, limit_m=400.0).areas(Detail(2.0, 50)))
        6
        """
        if not len(self._areas):
            return []
        return self._draw(shapely.coverage_simplify(self._areas, detail.tolerance_m))

    def service_areas(self, detail: Detail) -> list[list[Any]]:
        """Draw the classes' service areas.

        Parameters
        ----------
        detail
            How finely.

        Returns
        -------
        list
            Coordinates per member of ``within``.

        Examples
        --------
        >>> len(Shapes(findings, limit_m=400.0).service_areas(Detail(2.0, 50)))  # one a class
        5
        """
        return self._draw(shapely.simplify([one[2] for one in self.within], detail.tolerance_m))

    def reach(self, site_ids: Sequence[str], detail: Detail) -> list[list[Any]]:
        """Draw what is within walking distance of sites.

        Parameters
        ----------
        site_ids
            The sites.
        detail
            How finely.

        Returns
        -------
        list
            Coordinates per site; empty where nothing is.

        Examples
        --------
        >>> len(Shapes(findings, limit_m=400.0).reach(["P01", "nobody"], Detail(2.0, 50)))
        2
        """
        reach = np.array([self._reach.get(site_id) for site_id in site_ids], object)
        return self._draw(shapely.simplify(reach, detail.tolerance_m))

    def routes(self, site_id: str) -> list[tuple[str, str, bool, list[Any]]]:
        """Draw the walks from a site.

        Parameters
        ----------
        site_id
            The site.

        Returns
        -------
        list
            Facility class, facility id, whether it is near enough to be looked at with the site, and
            coordinates of each.

        Examples
        --------
        >>> [facility_class for facility_class, *_ in Shapes(findings, limit_m=400.0).routes("P01")][:2]
        ['huisarts', 'supermarkt']
        """
        return self._routes.get(site_id, [])

    def count(self, site_ids: Sequence[str], detail: Detail) -> float:
        """Estimate how many vertices a drawing has, from a sample of the shapes.

        Parameters
        ----------
        site_ids
            The sites whose reach and routes are drawn.
        detail
            How finely.

        Returns
        -------
        float
            About the number of vertices of areas, service areas, reach and routes.

        Examples
        --------
        >>> shapes = Shapes(findings, limit_m=400.0)
        >>> shapes.count(["P01"], Detail(20.0, 50)) < shapes.count(["P01"], Detail(2.0, 50))
        True
        """
        routes = sum(len(row[3]) for site_id in site_ids for row in self.routes(site_id))
        reach = [self._reach.get(site_id) for site_id in site_ids]
        within, tolerance_m = [one[2] for one in self.within], detail.tolerance_m
        return (
            routes
            + _count_some(self._areas, shapely.coverage_simplify, tolerance_m)
            + _count_some(np.array(within + reach, object), shapely.simplify, tolerance_m)
        )

    def _draw(self, shapes: Any) -> list[list[Any]]:  # noqa: ANN401
        import geopandas as gpd

        return [coordinates(one) for one in to_degrees(gpd.GeoSeries(shapes, crs=self.crs))]


def _count_some(shapes: NDArray[Any], simplify: Callable[..., Any], tolerance_m: float) -> float:
    """Estimate the vertices of shapes once they are simplified: every so many-th, from small to large."""
    parts = shapely.get_parts(shapes[~shapely.is_missing(shapes)])
    parts = parts[np.argsort(shapely.get_num_coordinates(parts), kind="stable")]
    whole = int(shapely.get_num_coordinates(parts).sum())
    every = 1 + whole // _SAMPLE
    some = parts[every // 2 :: every]
    before = int(shapely.get_num_coordinates(some).sum())
    after = int(shapely.get_num_coordinates(simplify(some, tolerance_m)).sum()) if before else 0
    return whole * after / max(before, 1)


def to_degrees(shapes: gpd.GeoSeries) -> NDArray[Any]:
    """Bring geometries to latitude and longitude, in that order, rounded.

    Parameters
    ----------
    shapes
        In any CRS that converts to WGS84.

    Returns
    -------
    numpy.ndarray
        Shapely geometries, x = latitude and y = longitude in degrees, five decimals.

    Examples
    --------
    >>> import geopandas as gpd
    >>> point = gpd.GeoSeries.from_xy([155_000.01], [463_000.07], crs="EPSG:28992")
    >>> to_degrees(point)[0].wkt
    'POINT (52.15517 5.3872)'
    """
    degrees = shapely.force_2d(np.asarray(shapes.to_crs("EPSG:4326")))
    return np.asarray(shapely.transform(degrees, lambda xy: np.round(xy[:, ::-1], DECIMALS)))


def coordinates(shape: Any) -> list[Any]:  # noqa: ANN401
    """List coordinates the way Leaflet nests them.

    Parameters
    ----------
    shape
        A shapely geometry, or None.

    Returns
    -------
    list
        A line is a list of pairs, a polygon a list of open rings, a collection a list of its parts.

    Examples
    --------
    >>> coordinates(shapely.box(0, 0, 1, 1))
    [[[1.0, 0.0], [1.0, 1.0], [0.0, 1.0], [0.0, 0.0]]]
    """
    if shape is None or shape.is_empty:
        return []
    if shape.geom_type in {"MultiPolygon", "MultiLineString", "GeometryCollection"}:
        return [part for part in map(coordinates, shape.geoms) if part]
    if shape.geom_type == "Polygon":
        rings = [_without_repeats(ring) for ring in (shape.exterior, *shape.interiors)]
        return [ring[:-1] for ring in rings if len(ring) > 3]  # noqa: PLR2004 - a ring of rounding
    return _without_repeats(shape)


def _without_repeats(line: Any) -> list[list[float]]:  # noqa: ANN401
    points = shapely.get_coordinates(line)
    changed = np.ones(len(points), dtype=bool)
    changed[1:] = (points[1:] != points[:-1]).any(axis=1)
    kept: list[list[float]] = points[changed].tolist()
    return kept
