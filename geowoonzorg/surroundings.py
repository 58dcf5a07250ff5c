"""What lies around the sites of a study: walks, people, figures of areas and rasters, gathered per site."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geowoonzorg.errors import StudyError
from geowoonzorg.people.area_layer import area_origins
from geowoonzorg.people.catchment import NO_FIGURES, mean_over_people, mean_over_surface
from geowoonzorg.people.population import mean_over_squares
from geowoonzorg.ranking.measure import Surroundings
from geowoonzorg.rasters import zonal

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd

    from geowoonzorg.opendata.area_frame import Areas
    from geowoonzorg.study import RasterInput

OSM = "OpenStreetMap"


@dataclass(frozen=True)
class Layers:
    """The layers that lie around the sites.

    Attributes
    ----------
    sites, addresses
        With ``id`` and geometry.
    walks
        From `nearest`: sites to facilities.
    pairs
        ``site_id, address_id``: which addresses are within the limit of which site.
    catchments
        Per site the places within the limit, indexed by site id.
    area_layer, areas
        The output layer of the areas, and what it was made of; None without areas.
    area_gaps
        Per figure of an area that is not its own why, as `describe_areas` lists them.
    home
        The area code of every address, indexed by address id.
    by_square
        Whether the addresses are squares, over which people are counted as intervals.
    sites_source, addresses_source
        Where those are from, in words.
    own_list
        The classes for which an own list spoke instead of OpenStreetMap, and its name.
    absent
        Those of them of which there are none.
    osm_year
        Of which year the data of OpenStreetMap are, where that is known.
    notes
        What was noticed about the areas.
    """

    sites: gpd.GeoDataFrame
    addresses: gpd.GeoDataFrame
    walks: gpd.GeoDataFrame
    pairs: pd.DataFrame
    catchments: gpd.GeoDataFrame
    area_layer: gpd.GeoDataFrame
    areas: Areas | None
    home: pd.Series[str]
    sites_source: str
    addresses_source: str
    by_square: bool = False
    area_gaps: pd.DataFrame = field(default_factory=pd.DataFrame)
    own_list: tuple[frozenset[str], str] = (frozenset(), "")
    absent: frozenset[str] = frozenset()
    osm_year: int | None = None
    notes: tuple[str, ...] = ()


def gather(layers: Layers, rasters: Sequence[RasterInput]) -> Surroundings:
    """Gather per site what the criteria take their measure from.

    Parameters
    ----------
    layers
        What lies around the sites.
    rasters
        The rasters of the study.

    Returns
    -------
    Surroundings
        Indexed by site id.

    Raises
    ------
    InputError, FormatError, SourceError, CrsError
        When a raster cannot be used.
    StudyError
        When a raster has the name of a figure of the areas, or of a class of facilities.

    Examples
    --------
    >>> gather(layers, study.rasters)  # doctest: +SKIP
    """
    ids = pd.Index(layers.sites["id"], name="id")
    walked = layers.walks[layers.walks["facility_class"].notna()]  # not so without any facility
    distances, status = (
        walked.pivot(index="origin_id", columns="facility_class", values=name).reindex(ids)
        for name in ("distance_m", "status")
    )
    origins = _origins(layers)
    found = _area_means(layers, ids)
    coverage = found.coverage.copy()
    if layers.areas is not None:
        origins |= area_origins(layers.areas, found.means.columns)
    taken = [raster.name for raster in rasters if raster.name in origins]
    if taken:
        raise StudyError(
            f"{len(taken)} [[rasters]] with a name that something else has ({', '.join(taken[:5])}): choose another"
        )
    grids = pd.DataFrame(index=ids)
    for raster in rasters:
        plots = layers.sites.set_index("id") if raster.over == "site" else layers.catchments
        cells = zonal(raster.source, plots.loc[ids], kind=raster.kind)
        grids[raster.name] = cells["value"].to_numpy()
        coverage[raster.name] = cells["coverage_share"].to_numpy()
        origins[raster.name] = (raster.source.name, raster.year)
    joins = layers.walks.drop_duplicates("origin_id").set_index("origin_id")["status"].reindex(ids)
    joins = joins.replace("beyond_limit", "ok").rename("joins")
    people = layers.pairs.groupby("site_id").size().reindex(ids, fill_value=0).astype("float64")
    if layers.by_square:  # these are squares, not addresses
        people[:] = np.nan
    return Surroundings(
        sites=layers.sites.set_index("id").drop(columns="geometry"),
        distances_m=distances,
        distance_status=status,
        area_means=found.means,
        area_reasons=found.reasons,
        rasters=grids,
        people=people.where(joins == "ok"),
        joins=joins,
        coverage=coverage,
        fallback=found.fallback,
        low=found.low,
        high=found.high,
        absent=layers.absent,
        origins=origins,
    )


@dataclass(frozen=True)
class _Means:
    """Means over the people around each site, sites × figures, and what they rest on."""

    means: pd.DataFrame
    reasons: pd.DataFrame
    coverage: pd.DataFrame
    fallback: pd.DataFrame
    low: pd.DataFrame
    high: pd.DataFrame


def _area_means(layers: Layers, ids: pd.Index) -> _Means:
    """Average the areas' figures by address, by square, or where there is neither by surface."""
    nothing = pd.DataFrame(index=ids)
    if layers.areas is None:
        return _Means(nothing, nothing, nothing, nothing, nothing, nothing)
    by_code = layers.area_layer.set_index("code")
    figures = by_code.drop(columns=["geometry", "year"]).select_dtypes("number")
    fallbacks = layers.areas.fallbacks.reindex(columns=figures.columns, fill_value="")
    if layers.by_square:
        return _square_means(layers, figures, ids)
    if layers.addresses.empty:
        grounds = layers.catchments.geometry.reindex(ids)
        found = mean_over_surface(grounds, by_code, figures, fallbacks=fallbacks)
    else:
        found = mean_over_people(
            layers.pairs, layers.home, figures, site_ids=ids, fallbacks=fallbacks
        )
    return _Means(
        found.means, found.reasons, found.coverage_share, found.fallback_share, nothing, nothing
    )


def _square_means(layers: Layers, figures: pd.DataFrame, ids: pd.Index) -> _Means:
    """Give every square the figures of its area, and average over its people, who are an interval."""
    squares = layers.addresses.set_index("id")
    values = figures.reindex(layers.home).set_axis(layers.home.index)
    people = squares[["people_least", "people_most"]].set_axis(["least", "most"], axis="columns")
    pairs = layers.pairs.rename(columns={"address_id": "square_id"})
    found = mean_over_squares(pairs, values, people, site_ids=ids)

    def take(suffix: str) -> pd.DataFrame:
        return found[[f"{c}{suffix}" for c in figures]].set_axis(figures.columns, axis="columns")

    means = take("")
    reasons = pd.DataFrame(NO_FIGURES, index=ids, columns=figures.columns).where(means.isna(), "")
    unknown = pd.DataFrame(np.nan, index=ids, columns=figures.columns)
    return _Means(means, reasons, take("_coverage_share"), unknown, take("_min"), take("_max"))


def _origins(layers: Layers) -> dict[str, tuple[str, int | None]]:
    listed, name = layers.own_list
    osm = (OSM, layers.osm_year)
    classes = {*layers.walks["facility_class"].dropna(), *layers.absent}
    origins: dict[str, tuple[str, int | None]]
    origins = {str(c): (name, None) if c in listed else osm for c in sorted(classes)}
    homes = layers.addresses_source
    return origins | {
        "people_within": osm if homes == OSM else (homes, None),
        "site": (layers.sites_source, None),
    }
