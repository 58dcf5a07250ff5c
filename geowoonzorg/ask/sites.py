"""Which of these sites fit? Every site measured, scored, ranked and accounted for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geowoonzorg.ask._asked import as_profile, asked_of, site_source, take_sites
from geowoonzorg.ask._registry import question
from geowoonzorg.ask.answer import Answer
from geowoonzorg.ask.provenance import account_for, name_files
from geowoonzorg.ask.writing import Outputs
from geowoonzorg.measure import Reach, measure_reach, spread
from geowoonzorg.measure.alternatives import walks_between, walks_to_more
from geowoonzorg.measure.building import balance_after_building, catchment_figures
from geowoonzorg.measure.residents import cover_town, elderly_around
from geowoonzorg.messages import tell
from geowoonzorg.progress import Progress, part, rising, silent
from geowoonzorg.ranking.accounting import explain
from geowoonzorg.ranking.lenses import compare_lenses
from geowoonzorg.ranking.robustness import DRAWS, SEED
from geowoonzorg.ranking.scoring import score
from geowoonzorg.show.terminal import ranking_lines
from geowoonzorg.town.facilities import FACILITY_COLUMNS
from geowoonzorg.walk.cropping import street_lines
from geowoonzorg.walk.nearest_arrays import fits_float32, nearest_array
from geowoonzorg.walk.service_area import service_areas
from geowoonzorg.walk.snapping import STATUS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from geowoonzorg.ranking.scoring_profile import ScoringProfile
    from geowoonzorg.town import Town
    from geowoonzorg.walk.nearest_arrays import NearestArrays

OUTPUTS = Outputs(
    layers={
        "result.gpkg": (
            "sites", "facilities", "service_areas", "areas", "addresses", "routes", "site_areas", "criteria",
        )
    },
    tables={"scores.csv": "sites", "coverage.csv": "coverage", "lenses.csv": "lenses"},
)  # fmt: skip
_ADDRESS = ("street", "housenumber", "city")  # where homes have them: people look for their own
_AS_WRITTEN = {"place": "site_id", "coverage": "coverage_share", "fallback": "fallback_share"}


@question("run", OUTPUTS)
def score_sites(
    town: Town,
    sites: gpd.GeoDataFrame,
    *,
    profile: str | Path | Mapping[str, Any] | ScoringProfile = "geclusterd",
    draws: int = DRAWS,
    seed: int = SEED,
    progress: Progress = silent,
) -> Answer:
    """Do a study's whole job: ranked sites, map and report.

    Parameters
    ----------
    town
        What the sites are judged in.
    sites
        Points or polygons in any CRS; the key is ``id``, else the index; ``name``, ``n_woningen`` and what else
        the profile asks of them.
    profile
        How sites are judged: as `geowoonzorg.read_scoring_profile` takes it, or a profile.
    draws
        How many draws of weights and unknowns the rank intervals rest on.
    seed
        Of the random draws.
    progress
        Hears how far the work is.

    Returns
    -------
    Answer
        Tables ``sites`` (on the index and in the CRS of ``sites``), ``facilities``, ``service_areas``,
        ``areas``, ``addresses``, ``routes``, ``site_areas``, ``criteria``, ``coverage``, ``lenses`` (the ranking in
        three ways), ``near`` and ``beside`` (walks to more than the nearest, and to the other sites), ``around`` (who
        lives around each), ``area_gaps`` and ``streets``, the others in the town's CRS (m).

    Raises
    ------
    StudyError
        When the profile is wrong, or names a metric that there is not.
    CrsError, DuplicateIdError, GeometryError, InputError
        When the sites cannot be used.
    FormatError, SourceError
        When a raster cannot be read.
    Cancelled
        When ``progress`` asks to stop.

    Notes
    -----
    For how measures become values and scores see `geowoonzorg.score`; for the measures `measure`.

    Examples
    --------
    >>> from shapely.geometry import Point
    >>> from geowoonzorg.town import Town
    >>> town = Town.demo()
    >>> sites = gpd.GeoDataFrame({"name": ["De Werf"]}, geometry=[Point(146_000, 507_000)], index=[42], crs=28992)
    >>> score_sites(town, sites).sites.loc[42, ["name", "rank"]].to_dict()
    {'name': 'De Werf', 'rank': ...1...}
    """
    judged, progress = as_profile(profile), rising(progress)
    places = take_sites(sites, town)
    access, limits_m = town.walking.access, town.walking.limits_m
    areas = service_areas(
        town.network, town.facilities, limit_m=limits_m, shape="polygons",
        progress=part(progress, 0.0, 0.33), **access,
    )  # fmt: skip
    walks = _walks_of(town, part(progress, 0.33, 0.47))
    reach = Reach(town, places, progress=part(progress, 0.47, 0.8))
    site_areas = reach.areas
    reach.counted(*reach.zones)  # all walks before the routes, so that progress says how far it is
    paths = reach.ways
    progress(0.87, "figures of areas and rasters")
    measures = measure_reach(reach, judged.criteria)
    progress(0.95, "scores")
    raw, *about = (
        spread(measures, c, reach.ids) for c in ("raw", "raw_low", "raw_high", "certainty")
    )
    scores = score(
        raw, judged, raw_low=about[0], raw_high=about[1], certainty=about[2],
        names=pd.Series(places["name"].to_numpy(), reach.ids), draws=draws, seed=seed,
    )  # fmt: skip
    lenses = compare_lenses(scores, judged, certainty=about[2], draws=draws, seed=seed)
    extra = [scores, elderly_around(reach), balance_after_building(reach)]
    source = site_source(sites)
    layer = site_layer(places, pd.concat(extra, axis=1))
    coverage = cover_town(town, walks, progress=part(progress, 0.97, 1.0))
    progress(1.0, "done")
    return Answer(
        question="sites",
        asked=asked_of(town),
        tables={
            "sites": like_given(sites, layer),
            "facilities": town.facilities[FACILITY_COLUMNS],
            "service_areas": areas,
            "areas": town.areas,
            "addresses": _address_layer(town, walks),
            "routes": paths.rename(columns={"origin_id": "site_id"}),
            "site_areas": site_areas,
            "criteria": criteria_of(scores, judged, measures, reach.ids),
            "coverage": coverage,
            "lenses": lenses.reset_index(),
            "near": walks_to_more(reach, judged.criteria),
            "beside": walks_between(reach, judged.criteria),
            "around": catchment_figures(reach),
            "area_gaps": pd.DataFrame() if town.figures is None else town.figures.gaps,
            "streets": street_lines(
                town.network,
                bounds=pd.concat([places.geometry, town.facilities.geometry]).total_bounds,
            ),
        },
        profile=judged,
        notes=name_files([*town.sources, source], _notes(town, places, areas)),
        provenance=account_for(town, sources=[source], profile=judged, draws=draws, seed=seed),
        outputs=OUTPUTS,
        summary=ranking_lines(layer, judged),
        inputs=tuple(one.path for one in (*town.sources, source) if one.path is not None),
    )


def _notes(town: Town, sites: gpd.GeoDataFrame, areas: gpd.GeoDataFrame) -> list[str]:
    """Say what people should know: repairs, stand-ins, what was left out."""
    return [
        *town.network.notes,
        *(tell("sites: {note}", note=note) for note in sites.attrs.get("notes", [])),
        *(tell("addresses: {note}", note=note) for note in town.addresses.attrs.get("notes", [])),
        *town.notes,
        *areas.attrs["notes"],
        *(town.figures.notes if town.figures else ()),
    ]


def criteria_of(
    scores: pd.DataFrame, profile: ScoringProfile, measures: pd.DataFrame, ids: pd.Index
) -> pd.DataFrame:
    """Lay what every measure rests on beside the parts of every score.

    Parameters
    ----------
    scores
        What `geowoonzorg.score` returned.
    profile
        The profile it was scored on.
    measures
        As `geowoonzorg.measure` gives them.
    ids
        The places, in order.

    Returns
    -------
    pandas.DataFrame
        As `geowoonzorg.ranking.accounting.explain`, with ``source, year, coverage_share, fallback_share, certainty``.

    Examples
    --------
    >>> from geowoonzorg.ask import run
    >>> from geowoonzorg.town.reading import demo_study
    >>> "coverage_share" in run(demo_study()).criteria
    True
    """
    parts = explain(scores, profile, reasons=spread(measures, "reason", ids))
    rests_on = measures.rename(columns=_AS_WRITTEN)
    order = ["source", "year", "coverage_share", "fallback_share", "certainty"]
    return parts.merge(
        rests_on[["site_id", "criterion", *order]], on=["site_id", "criterion"], how="left"
    )


def site_layer(sites: gpd.GeoDataFrame, scores: pd.DataFrame) -> gpd.GeoDataFrame:
    """Put scores before the sites' own columns."""
    found = scores.reset_index()
    # A GeoPackage does not tell Score from score.
    taken = {str(c).lower() for c in found.columns} | {"geometry", "geom", "fid"}
    extra = [c for c in sites.columns if str(c).lower() not in taken]
    joined = pd.concat([found, sites[extra].reset_index(drop=True)], axis=1)
    return gpd.GeoDataFrame(joined, geometry=sites.geometry.to_numpy(), crs=sites.crs)


def like_given(given: gpd.GeoDataFrame, layer: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Put a layer of the sites back on their own index, with their own geometry in their own CRS.

    Parameters
    ----------
    given
        The sites as they were given.
    layer
        A row per site, in the same order.

    Returns
    -------
    geopandas.GeoDataFrame
        The layer's columns.

    Examples
    --------
    >>> from shapely.geometry import Point
    >>> own = gpd.GeoDataFrame(geometry=[Point(5.9, 52.6)], index=[7], crs=4326)
    >>> like_given(own, own.to_crs(28992).reset_index(drop=True)).geometry[7].x
    5.9
    """
    back = layer.set_axis(given.index, axis="index").drop(columns=layer.geometry.name)
    return gpd.GeoDataFrame(back, geometry=given.geometry.to_numpy(), crs=given.crs)


def _walks_of(town: Town, progress: Progress) -> NearestArrays:
    """Walk from every address as far as the longest limit; a town need not have any."""
    limit_m = max(town.walking.limits_m)
    return nearest_array(
        town.network, town.addresses, town.facilities, limit_m=limit_m,
        dtype="float32" if fits_float32(town.walking.limits_m) else "float64",
        progress=progress, **town.walking.access,
    )  # fmt: skip


def _address_layer(town: Town, walks: NearestArrays) -> gpd.GeoDataFrame:
    """Give every address its area and its walking distance per class, as far as the limit."""
    named = [name for name in _ADDRESS if name in town.addresses]
    layer = town.addresses[["id", *named, "geometry"]].copy()
    layer.insert(1, "area_code", town.home.reindex(layer["id"]).to_numpy())
    layer = layer.drop(columns="geometry")
    layer["status"] = pd.Series(np.array(STATUS, object)[walks.joins], layer.index, dtype="str")
    for column, name in enumerate(walks.classes):
        if name is not None:
            layer[f"{name}_m"] = walks.distance_m[:, column]
    return gpd.GeoDataFrame(layer, geometry=town.addresses.geometry)
