"""What a study comes to: the layers, the scores and where each number came from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from geowoonzorg.scoring import ScoringProfile
    from geowoonzorg.study import Study


@dataclass(frozen=True)
class Result:
    """Everything a run found; `write` puts it on disk.

    Attributes
    ----------
    study
        What was asked.
    profile
        The scoring profile that was used.
    sites
        One row per site with score, rank and per criterion ``_raw``, ``_value`` and
        ``_contribution``; see the README for every column. All layers are in the study's CRS.
    facilities, service_areas, areas, addresses
        The other layers of ``result.gpkg``.
    routes
        Per site and facility class the walk to the nearest: ``site_id, facility_class,
        facility_id, distance_m, geometry`` (LineString).
    site_areas
        Per site and limit the places within walking distance: ``site_id, limit_m, geometry``.
    criteria
        Per site and criterion one row: ``site_id, criterion, label, raw, unit, value, weight,
        contribution, known, reason, source, year``.
    provenance
        Inputs with content hash, year and licence; profiles with hash; versions; counts.
    notes
        What was dropped, repaired, stood in for or unknown, in words, for people to read.
    """

    study: Study
    profile: ScoringProfile
    sites: gpd.GeoDataFrame
    facilities: gpd.GeoDataFrame
    service_areas: gpd.GeoDataFrame
    areas: gpd.GeoDataFrame
    addresses: gpd.GeoDataFrame
    routes: gpd.GeoDataFrame
    site_areas: gpd.GeoDataFrame
    criteria: pd.DataFrame
    provenance: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
