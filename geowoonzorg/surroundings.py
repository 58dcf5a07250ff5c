"""What lies around the sites of a study: walks, people, figures of areas and rasters, gathered per site."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from geowoonzorg.people.area_layer import area_origins
from geowoonzorg.people.catchment import mean_over_people
from geowoonzorg.ranking.measure import Surroundings
from geowoonzorg.rasters import zonal

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd

    from geowoonzorg.opendata.area_frame import Areas
    from geowoonzorg.study import RasterInput

_OSM = "OpenStreetMap"


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
    home
        The area code of every address, indexed by address id.
    own_list
        The classes that came from an own list instead of OpenStreetMap, and its name.
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
    own_list: tuple[frozenset[str], str] = (frozenset(), "")
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

    Examples
    --------
    >>> gather(layers, study.rasters)  # doctest: +SKIP
    """
    ids = pd.Index(layers.sites["id"], name="id")
    by_class = layers.walks.pivot(index="origin_id", columns="facility_class")
    origins = _facility_origins(layers)
    means = reasons = pd.DataFrame(index=ids)
    coverage, fallback = pd.DataFrame(index=ids), pd.DataFrame(index=ids)
    if layers.areas is not None:
        figures = layers.area_layer.set_index("code").drop(columns=["geometry", "year"])
        figures = figures.select_dtypes("number")
        fallbacks = layers.areas.fallbacks.reindex(columns=figures.columns, fill_value="")
        found = mean_over_people(
            layers.pairs, layers.home, figures, site_ids=ids, fallbacks=fallbacks
        )
        means, reasons = found.means, found.reasons
        coverage, fallback = found.coverage_share.copy(), found.fallback_share
        origins |= area_origins(layers.areas, means.columns)
    grids = pd.DataFrame(index=ids)
    for raster in rasters:
        cells = zonal(raster.source, layers.catchments.loc[ids], kind=raster.kind)
        grids[raster.name] = cells["value"].to_numpy()
        coverage[raster.name] = cells["coverage_share"].to_numpy()
        origins[raster.name] = (raster.source.name, raster.year)
    joins = by_class["status"].reindex(ids).iloc[:, 0].replace("beyond_limit", "ok").rename("joins")
    people = layers.pairs.groupby("site_id").size().reindex(ids, fill_value=0).astype("float64")
    return Surroundings(
        sites=layers.sites.set_index("id").drop(columns="geometry"),
        distances_m=by_class["distance_m"].reindex(ids),
        distance_status=by_class["status"].reindex(ids),
        area_means=means,
        area_reasons=reasons,
        rasters=grids,
        people=people.where(joins == "ok"),
        joins=joins,
        coverage=coverage,
        fallback=fallback,
        origins=origins,
    )


def _facility_origins(layers: Layers) -> dict[str, tuple[str, int | None]]:
    listed, name = layers.own_list
    classes = layers.walks["facility_class"].dropna().unique()
    origins: dict[str, tuple[str, int | None]]
    origins = {str(c): (name if c in listed else _OSM, None) for c in classes}
    return origins | {"people_within": (_OSM, None)}
