"""From areas to people to sites: a value reaches a site through the people in its walking catchment.

Not the buurt a site happens to lie in counts, but where the people who can walk to it live. Best is
by address; else by squares of 100 m with their inhabitants, whose secret counts stay intervals; and
as the last resort by surface. Every answer comes with the share of the people (or surface) it rests
on, and with the share for which a larger area or an older year stood in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
import shapely
from scipy import sparse

from geowoonzorg.errors import CrsError, DuplicateIdError, InputError, MissingColumnError, first_ids
from geowoonzorg.files import bring_to
from geowoonzorg.people.uncertainty import widths_of

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

NOBODY: Final = "nobody"  # reasons, told in words by `show`
NO_FIGURES: Final = "no_known_figure"
NO_AREA: Final = "outside_areas"


@dataclass(frozen=True)
class CatchmentMeans:
    """Means over catchments; every frame has one row per site and one column per figure.

    Attributes
    ----------
    means
        The means in the figure's own unit; NaN where unknown.
    coverage_share
        0–1, the share of the people (or of the surface) whose figure was known; NaN where there is
        nobody.
    fallback_share
        0–1, the share of those people for whom a larger area or an older year stood in.
    reasons
        Why a mean is unknown, as a key of the screen texts; empty where it is known.
    width
        How far each mean may lie from what is given, to either side, by rounding and by what stood in.
    people
        How many addresses, people or m2 each site's means rest on, one value per site.
    """

    means: pd.DataFrame
    coverage_share: pd.DataFrame
    fallback_share: pd.DataFrame
    reasons: pd.DataFrame
    width: pd.DataFrame
    people: pd.Series[float]


def locate_in_areas(points: gpd.GeoDataFrame, areas: gpd.GeoDataFrame) -> pd.Series[str]:
    """Find the area each point lies in.

    Parameters
    ----------
    points
        Points, in any CRS.
    areas
        Polygons indexed by code.

    Returns
    -------
    pandas.Series of str
        The code, on the points' index, named ``code``; NaN where a point lies in no area. A point
        on a shared border belongs to the area with the lowest code.

    Raises
    ------
    CrsError
        When either layer has no CRS.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely.geometry import Point, box
    >>> areas = gpd.GeoDataFrame(geometry=[box(0, 0, 1, 1), box(1, 0, 2, 1)], index=["A", "B"], crs=28992)
    >>> points = gpd.GeoDataFrame(geometry=[Point(1, 0.5), Point(1.5, 0.5), Point(5, 5)], crs=28992)
    >>> locate_in_areas(points, areas).tolist()
    ['A', 'B', nan]
    """
    if points.crs is None or areas.crs is None:
        raise CrsError("points and areas must have a CRS before one can be laid over the other")
    if points.crs != areas.crs:
        points = bring_to(points, areas.crs)
    lowest = areas.index.argsort()
    tree = shapely.STRtree(points.geometry.to_numpy())
    polygon, point = tree.query(areas.geometry.to_numpy()[lowest], predicate="intersects")
    code = np.full(len(points), -1)
    code[point[::-1]] = polygon[::-1]  # written last to first, so that the lowest code stays
    names = areas.index.to_numpy(dtype=object)[lowest]
    found = np.where(code >= 0, names[code], np.nan) if len(names) else np.full(len(points), np.nan)
    return pd.Series(found, index=points.index, dtype="str", name="code")


def mean_over_people(
    pairs: pd.DataFrame,
    address_area: pd.Series[str],
    values: pd.DataFrame,
    *,
    site_ids: pd.Index | None = None,
    people: pd.Series[float] | None = None,
    fallbacks: pd.DataFrame | None = None,
) -> CatchmentMeans:
    """Average areas' figures over the people in each site's walking catchment.

    Parameters
    ----------
    pairs
        Which addresses each site's catchment holds: ``site_id`` and ``address_id``, each pair once.
    address_area
        The code of the area each address lies in, indexed by address id; NaN for none.
    values
        Figures, one row per area (index: code) and one column per figure; NaN where unknown.
    site_ids
        The sites to answer for, in order; those in ``pairs`` when None.
    people
        How many people each address stands for, indexed by address id; one each when None.
    fallbacks
        On the areas' index with figures as columns: what stands in for the area's own figure, empty
        for nothing; without it the figures are taken as exact.

    Returns
    -------
    CatchmentMeans
        The means, weighted by address (or people), and what they rest on.

    Raises
    ------
    MissingColumnError
        When ``pairs`` lacks a column.
    InputError
        When a pair names an address that has no row in ``address_area``, or an area without a row
        in ``values``.
    DuplicateIdError
        When an address or an area occurs twice.

    Notes
    -----
    Every address weighs the same, at the door or at 399 m: the catchment is the limit's, as in the
    service areas.

    Examples
    --------
    >>> pairs = pd.DataFrame({"site_id": ["s", "s", "s"], "address_id": ["1", "2", "3"]})
    >>> home = pd.Series({"1": "A", "2": "A", "3": "B"})
    >>> values = pd.DataFrame({"lbm_afw": [0.3, 0.0]}, index=["A", "B"])
    >>> found = mean_over_people(pairs, home, values)
    >>> found.means.loc["s", "lbm_afw"].round(3).item(), found.coverage_share.loc["s", "lbm_afw"].item()
    (0.2, 1.0)
    """
    check_pairs(pairs, address_area.index)
    sites = pd.Index(pairs["site_id"].unique()) if site_ids is None else site_ids
    site = sites.get_indexer(pd.Index(pairs["site_id"]))
    address = address_area.index.get_indexer(pd.Index(pairs["address_id"]))
    count = _people_of(address_area.index, people)[address]
    in_area = zones_of(address_area, values.index)[address]
    weights = weight_matrix(site, in_area, count, (len(sites), len(values)))
    total = sum_by(site, count, len(sites))
    return mean_over_counts(weights, total, values, sites, fallbacks=fallbacks)


def zones_of(address_area: pd.Series[str], areas: pd.Index) -> NDArray[np.intp]:
    """Give the number of the area that each address lies in.

    Parameters
    ----------
    address_area
        Its code, NaN for none.
    areas
        The codes of all areas.

    Returns
    -------
    numpy.ndarray
        Positions in ``areas``, -1 for none, shape (n_addresses,).

    Raises
    ------
    DuplicateIdError
        When an area occurs twice.
    InputError
        When an address lies in an area that is not there.

    Examples
    --------
    >>> zones_of(pd.Series(["B", np.nan]), pd.Index(["A", "B"])).tolist()
    [1, -1]
    """
    if areas.has_duplicates:
        twice = areas[areas.duplicated()].unique()
        raise DuplicateIdError(
            "areas that occur more than once: {ids}; keep one row each",
            ids=first_ids(twice),
        )
    at = areas.get_indexer(pd.Index(address_area))
    strange = address_area[(at < 0) & address_area.notna().to_numpy()]
    if len(strange):
        raise InputError(
            "addresses lie in areas without a row of figures: {ids}",
            ids=first_ids(sorted(set(strange))),
        )
    return at


def mean_over_surface(
    catchments: gpd.GeoSeries,
    areas: gpd.GeoDataFrame,
    values: pd.DataFrame,
    *,
    fallbacks: pd.DataFrame | None = None,
) -> CatchmentMeans:
    """Average areas' figures over the surface of each catchment: the last resort.

    Parameters
    ----------
    catchments
        Polygons indexed by site id, in the CRS of ``areas``.
    areas
        Polygons indexed by code, in a metric CRS.
    values
        Figures on the areas' index.
    fallbacks
        As in `mean_over_people`.

    Returns
    -------
    CatchmentMeans
        Means weighted by m2; ``people`` holds the catchment's m2. Parts of a catchment in no area
        count as unknown.

    Raises
    ------
    CrsError
        When the two have no or different CRS.

    Notes
    -----
    It takes every square metre as equally lived on, water and meadow too: only for where there are
    neither addresses nor squares.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely.geometry import box
    >>> areas = gpd.GeoDataFrame(geometry=[box(0, 0, 1, 1), box(1, 0, 4, 1)], index=["A", "B"], crs=28992)
    >>> values = pd.DataFrame({"lbm_afw": [0.4, 0.0]}, index=["A", "B"])
    >>> catchments = gpd.GeoSeries([box(0, 0, 4, 1)], index=["s"], crs=28992)
    >>> mean_over_surface(catchments, areas, values).means.loc["s", "lbm_afw"].round(3).item()
    0.1
    """
    if catchments.crs is None or catchments.crs != areas.crs:
        raise CrsError(
            "catchments have CRS {crs} and areas {other}: give both the same metric CRS",
            crs=catchments.crs,
            other=areas.crs,
        )
    shapes, polygons = catchments.to_numpy(), areas.geometry.to_numpy()
    site, area = shapely.STRtree(polygons).query(shapes, predicate="intersects")
    common_m2 = shapely.area(shapely.intersection(shapes[site], polygons[area]))
    row = values.index.get_indexer(areas.index)[area]
    weights = weight_matrix(site, row, common_m2, (len(shapes), len(values)))
    return mean_over_counts(
        weights, shapely.area(shapes), values, catchments.index, fallbacks=fallbacks, nobody=NO_AREA
    )


def check_pairs(pairs: pd.DataFrame, places: pd.Index, *, place: str = "address_id") -> None:
    """Refuse pairs that lack a column or name a place that is not there."""
    if absent := [column for column in ("site_id", place) if column not in pairs.columns]:
        raise MissingColumnError(
            "pairs of sites and places lack the columns {columns}",
            columns=", ".join(absent),
        )
    if places.has_duplicates:
        twice = places[places.duplicated()].unique()
        raise DuplicateIdError(
            "{place}s that occur more than once: {ids}",
            place=place,
            ids=first_ids(twice),
        )
    named = pd.Index(pairs[place].unique())
    strange = named[places.get_indexer(named) < 0]
    if len(strange):
        raise InputError(
            "pairs name places that are not there: {ids} {place}s",
            ids=first_ids(strange),
            place=place,
        )


def _people_of(addresses: pd.Index, people: pd.Series[float] | None) -> NDArray[np.float64]:
    """Give how many people each address stands for: one each when nobody says."""
    if people is None:
        return np.ones(len(addresses))
    count = np.asarray(people.reindex(addresses), dtype=np.float64)
    wrong = ~(np.isfinite(count) & (count >= 0))
    if wrong.any():
        raise InputError(
            "people per address must be known and 0 or more; not so at {ids}",
            ids=first_ids(addresses[wrong]),
        )
    return count


def weight_matrix(
    row: NDArray[np.intp],
    column: NDArray[np.intp],
    weight: NDArray[np.float64],
    shape: tuple[int, int],
) -> sparse.csr_matrix:
    """Add the weights up into a sparse matrix of sites × zones, leaving out what is in neither."""
    use = (row >= 0) & (column >= 0)
    return sparse.coo_matrix((weight[use], (row[use], column[use])), shape=shape).tocsr()


def sum_by(row: NDArray[np.intp], weight: NDArray[np.float64], n: int) -> NDArray[np.float64]:
    """Sum weights per row; rows of -1 are left out."""
    return np.bincount(row[row >= 0], weight[row >= 0], minlength=n).astype(float)


def divide(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    """Divide, NaN where the whole is 0."""
    return np.divide(part, whole, out=np.full(np.shape(part), np.nan), where=whole > 0)


def mean_over_counts(
    weights: sparse.csr_matrix,
    total: NDArray[np.float64],
    values: pd.DataFrame,
    sites: pd.Index,
    *,
    fallbacks: pd.DataFrame | None = None,
    nobody: str = NOBODY,
) -> CatchmentMeans:
    """Average areas' figures over what of each area a catchment holds.

    Parameters
    ----------
    weights
        How many people (or m2) each site's catchment holds of each area, shape (n_sites, n_areas).
    total
        How many it holds in all, those in no area among them, shape (n_sites,).
    values
        Figures, one row per area and one column per figure; NaN where unknown.
    sites
        The sites, in order.
    fallbacks
        As in `mean_over_people`.
    nobody
        The reason where a catchment holds nothing.

    Returns
    -------
    CatchmentMeans
        The means, and what they rest on.

    Examples
    --------
    >>> values = pd.DataFrame({"lbm_afw": [0.3, 0.0]}, index=["A", "B"])
    >>> counts = sparse.csr_matrix([[2.0, 1.0]])
    >>> mean_over_counts(counts, np.array([3.0]), values, pd.Index(["s"])).means.loc["s", "lbm_afw"].round(3).item()
    0.2
    """
    figures = values.to_numpy(dtype=float)
    known = np.isfinite(figures)
    weight = weights @ known.astype(float)
    means = divide(weights @ np.where(known, figures, 0.0), weight)
    stood_in = np.zeros(figures.shape)
    if fallbacks is not None:
        words = fallbacks.reindex(index=values.index, columns=values.columns)
        stood_in = (words.notna() & (words != "")).to_numpy(dtype=float)
    whole = np.broadcast_to(total[:, None], means.shape)
    why = np.where(whole > 0, NO_FIGURES, nobody)
    widths = np.zeros(figures.shape)
    if fallbacks is not None:
        widths = widths_of(words, list(values.columns)).to_numpy(dtype=float)

    def frame(table: NDArray[np.float64]) -> pd.DataFrame:
        return pd.DataFrame(table, index=sites, columns=values.columns)

    return CatchmentMeans(
        means=frame(means),
        coverage_share=frame(divide(weight, whole)),
        fallback_share=frame(divide(weights @ (known * stood_in), weight)),
        reasons=pd.DataFrame(
            np.where(np.isfinite(means), "", why), index=sites, columns=values.columns, dtype="str"
        ),
        width=frame(divide(weights @ (known * widths), weight)),
        people=pd.Series(total, index=sites, name="people"),
    )
