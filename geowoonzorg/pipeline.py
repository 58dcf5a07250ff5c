"""The one way through the house: a study in, a result out; no arithmetic of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geowoonzorg import areas as area_room
from geowoonzorg.area_frame import area_status
from geowoonzorg.balance_profile import read_balance_profile
from geowoonzorg.catchment import locate_in_areas, mean_over_people
from geowoonzorg.errors import InputError
from geowoonzorg.files import read_places
from geowoonzorg.inputs import FACILITY_COLUMNS, read_town
from geowoonzorg.measure import Surroundings, measure_sites
from geowoonzorg.pairs import reached_pairs
from geowoonzorg.progress import Progress, part, silent
from geowoonzorg.provenance import account_for
from geowoonzorg.rasters import zonal
from geowoonzorg.register import merge_register
from geowoonzorg.result import Result
from geowoonzorg.route import routes
from geowoonzorg.scoring import explain, score
from geowoonzorg.scoring_profile import read_scoring_profile
from geowoonzorg.service_area import nearest, service_areas
from geowoonzorg.vragers_dragers import compute_balance

if TYPE_CHECKING:
    from geowoonzorg.area_frame import Areas
    from geowoonzorg.study import Study

# Dutch names that users give to columns of their sites.
_SITE_SYNONYMS = {
    "name": ("name", "naam", "locatie"),
    "n_woningen": ("n_woningen", "woningen", "aantal_woningen"),
}
_AREA_COLUMNS = [
    "code", "name", "level", "year", "lbm_afw", "lbm_fys", "lbm_onv", "lbm_soc", "lbm_vrz", "lbm_won",
    "lbm_class", "vragers_index", "dragers_index", "balans", "quadrant", "inhabitants", "share_65plus",
    "status", "geometry",
]  # fmt: skip
_BALANCE_COLUMNS = ["vragers_index", "dragers_index", "balans", "quadrant"]


def run(study: Study, *, progress: Progress = silent) -> Result:
    """Do the whole job: from streets, facilities and figures to scored sites.

    Parameters
    ----------
    study
        What is asked; `read_study` reads one.
    progress
        Hears how far the work is.

    Returns
    -------
    Result
        Layers, scores, and where each number came from.

    Raises
    ------
    StudyError
        When a profile or option is wrong.
    InputError, FormatError, SourceError
        When an input cannot be used; the message says which, what and how to mend it.
    Cancelled
        When ``progress`` asks to stop.

    Examples
    --------
    >>> import geowoonzorg
    >>> study = geowoonzorg.read_study("study.toml")  # doctest: +SKIP
    >>> geowoonzorg.run(study).sites[["name", "score", "rank"]]  # doctest: +SKIP
    """
    profile = read_scoring_profile(study.scoring.profile)
    limit_m = study.network.limits_m[0]
    walking: dict[str, Any] = {
        "max_snap_m": study.network.max_snap_m,
        "access_legs": study.network.access_legs,
    }
    sites = read_sites(study)
    own_list = None
    if study.facilities.register:
        own_list = read_places(study.facilities.register, role="register", crs=study.crs)
    areas = read_areas(study)
    progress(0.02, "streets, facilities and addresses")
    town = read_town(
        study.network.source,
        profile=study.network.profile,
        crs=study.crs,
        classes=study.facilities.classes if study.facilities.osm else (),
        addresses=study.addresses.source == "osm",
        progress=part(progress, 0.02, 0.2),
    )
    net = town.network
    facilities, register_notes = merge_register(
        town.facilities, own_list, classes=study.facilities.classes
    )
    addresses = town.addresses
    if study.addresses.source != "osm":
        addresses = read_places(study.addresses.source, role="addresses", crs=study.crs)

    progress(0.2, "service areas")
    reach = service_areas(
        net,
        facilities,
        limit_m=study.network.limits_m,
        shape="polygons",
        progress=part(progress, 0.2, 0.45),
        **walking,
    )
    progress(0.45, "walking distances")
    site_walks = nearest(net, sites, facilities, progress=part(progress, 0.45, 0.5), **walking)
    address_walks = nearest(
        net,
        addresses,
        facilities,
        limit_m=max(study.network.limits_m),
        progress=part(progress, 0.5, 0.6),
        **walking,
    )
    site_reach = service_areas(
        net, _as_facilities(sites), limit_m=study.network.limits_m, shape="polygons",
        progress=part(progress, 0.6, 0.68), **walking,
    )  # fmt: skip
    progress(0.68, "people within walking distance")
    pairs = reached_pairs(
        net,
        addresses,
        _as_facilities(sites),
        limit_m=limit_m,
        progress=part(progress, 0.68, 0.72),
        **walking,
    ).rename(columns={"facility_id": "site_id", "origin_id": "address_id"})
    paths = routes(
        net,
        sites,
        facilities,
        _walked(site_walks),
        bench_lonlat=town.bench_lonlat,
        progress=part(progress, 0.72, 0.8),
        **walking,
    )

    progress(0.8, "areas and rasters")
    area_layer, balance_notes = describe_areas(study, areas)
    around = look_around(study, sites, site_walks, addresses, pairs, area_layer, areas, site_reach)
    progress(0.95, "scores")
    measures = measure_sites(around, profile)
    ids = pd.Index(sites["id"], name="id")
    scores = score(
        measures.raw, profile, names=pd.Series(sites["name"].to_numpy(), ids),
        draws=study.scoring.draws, seed=study.scoring.seed,
    )  # fmt: skip
    criteria = explain(scores, profile, reasons=measures.reasons).merge(
        measures.origins, left_on="criterion", right_index=True, how="left"
    )
    provenance, notes = account_for(
        study, profile, net=net, areas=areas, layers={"sites": sites, "addresses": addresses}
    )
    progress(1.0, "done")
    return Result(
        study=study,
        profile=profile,
        sites=_site_layer(sites, scores),
        facilities=facilities[FACILITY_COLUMNS],
        service_areas=reach,
        areas=area_layer,
        addresses=_address_layer(addresses, address_walks, areas),
        routes=_route_layer(paths, site_walks),
        site_areas=site_reach.rename(columns={"facility_id": "site_id"})[
            ["site_id", "limit_m", "geometry"]
        ],
        criteria=criteria,
        provenance=provenance,
        notes=(*notes, *register_notes, *balance_notes),
    )


def _as_facilities(sites: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Let people walk to the sites, as they do to facilities."""
    return sites[["id", "geometry"]].assign(facility_class="site")


def _walked(walks: gpd.GeoDataFrame) -> pd.DataFrame:
    """Name the walks whose route is drawn: to the nearest of each class, where there is one."""
    return walks.loc[walks["facility_id"].notna(), ["origin_id", "facility_class", "facility_id"]]


def _route_layer(paths: gpd.GeoDataFrame, walks: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    layer = paths.rename(columns={"origin_id": "site_id"})
    layer.insert(1, "facility_class", walks["facility_class"].reindex(paths.index))
    return layer


def read_sites(study: Study) -> gpd.GeoDataFrame:
    """Read the candidate locations of a study.

    Parameters
    ----------
    study
        The study.

    Returns
    -------
    geopandas.GeoDataFrame
        ``id``, ``name`` (the id where there is none), the file's other columns and ``geometry``.

    Raises
    ------
    InputError
        When there are none, or the layer cannot be used.

    Examples
    --------
    >>> read_sites(geowoonzorg.read_study("study.toml"))  # doctest: +SKIP
    """
    sites = read_places(study.sites.source, role="sites", crs=study.crs)
    if sites.empty:
        msg = f"sites: {study.sites.source} has no candidate locations; give at least one"
        raise InputError(msg)
    for name, synonyms in _SITE_SYNONYMS.items():
        lower = {str(c).lower(): c for c in sites.columns}
        found = next((lower[s] for s in synonyms if s in lower), None)
        if found is not None and found != name:
            sites = sites.rename(columns={found: name})
    if "name" not in sites:
        sites["name"] = sites["id"]
    return sites.assign(name=sites["name"].astype("str").where(sites["name"].notna(), sites["id"]))


def read_areas(study: Study) -> Areas | None:
    """Read the areas of a study with all figures that are joined onto them.

    Parameters
    ----------
    study
        The study.

    Returns
    -------
    Areas or None
        None when the study names no areas.

    Raises
    ------
    InputError, FormatError, SourceError
        When a layer or table cannot be used.

    Examples
    --------
    >>> read_areas(geowoonzorg.read_study("study.toml"))  # doctest: +SKIP
    """
    given = study.areas
    if given is None:
        return None
    areas = area_room.read_areas(
        given.source, level=given.level, gemeente=given.gemeente, crs=study.crs
    )
    if given.figures:
        areas = area_room.join_figures(areas, given.figures)
    if given.leefbaarometer is not None and given.leefbaarometer_year is not None:
        areas = area_room.join_leefbaarometer(
            areas, given.leefbaarometer, given.leefbaarometer_year
        )
    return areas


def describe_areas(study: Study, areas: Areas | None) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Lay the balance beside the figures of the areas.

    Parameters
    ----------
    study
        The study.
    areas
        From `read_areas`.

    Returns
    -------
    layer : geopandas.GeoDataFrame
        The output layer ``areas``.
    notes : list of str
        What was noticed.

    Raises
    ------
    StudyError, InputError
        As `compute_balance`.

    Examples
    --------
    >>> describe_areas(study, None)[0].columns.tolist()[:2]  # doctest: +SKIP
    ['code', 'name']
    """
    if areas is None or study.areas is None:
        return gpd.GeoDataFrame({c: [] for c in _AREA_COLUMNS[:-1]}, geometry=[], crs=study.crs), []
    profile = read_balance_profile(study.areas.balance)
    balance = compute_balance(areas, profile=profile, reference=study.areas.reference)
    status = area_status(areas)
    words = pd.concat([status, balance["status"]], axis=1).apply(
        lambda row: "; ".join(dict.fromkeys(w for w in row if w != "ok")) or "ok", axis=1
    )
    layer = areas.frame.assign(**{c: balance[c] for c in _BALANCE_COLUMNS}, status=words)
    layer = layer.rename_axis("code").reset_index()
    return layer[_AREA_COLUMNS], list(areas.notes)


def look_around(
    study: Study,
    sites: gpd.GeoDataFrame,
    walks: gpd.GeoDataFrame,
    addresses: gpd.GeoDataFrame,
    pairs: pd.DataFrame,
    area_layer: gpd.GeoDataFrame,
    areas: Areas | None,
    reach: gpd.GeoDataFrame,
) -> Surroundings:
    """Gather what is known of and around the sites.

    Parameters
    ----------
    study
        The study.
    sites
        The candidate locations.
    walks
        From `nearest`, sites to facilities.
    addresses
        Where people live.
    pairs
        ``site_id, address_id`` within the limit.
    area_layer, areas
        From `describe_areas` and `read_areas`.
    reach
        Polygons around the sites, per limit.

    Returns
    -------
    Surroundings
        Indexed by site id.

    Raises
    ------
    InputError, FormatError, SourceError
        When a raster cannot be used.

    Examples
    --------
    >>> look_around(study, sites, walks, addresses, pairs, layer, areas, reach)  # doctest: +SKIP
    """
    ids = pd.Index(sites["id"], name="id")
    distances = walks.pivot(
        index="origin_id", columns="facility_class", values="distance_m"
    ).reindex(ids)
    status = walks.pivot(index="origin_id", columns="facility_class", values="status").reindex(ids)
    origins: dict[str, tuple[str, int | None]] = dict.fromkeys(
        distances.columns, ("OpenStreetMap", None)
    )
    means = reasons = pd.DataFrame(index=ids)
    if areas is not None:
        figures = area_layer.set_index("code").drop(columns="geometry").select_dtypes("number")
        figures = figures.drop(columns=["year"], errors="ignore")
        home = locate_in_areas(addresses.set_index("id"), area_layer.set_index("code"))
        found = mean_over_people(pairs, home, figures, site_ids=ids)
        means, reasons = found.means, found.reasons
        origins |= area_origins(areas, means.columns)
    rasters = pd.DataFrame(index=ids)
    catchments = reach[reach["limit_m"] == study.network.limits_m[0]].set_index("facility_id")
    for raster in study.rasters:
        found_cells = zonal(raster.source, catchments.loc[ids], kind=raster.kind)
        rasters[raster.name] = found_cells["value"].to_numpy()
        origins[raster.name] = (raster.source.name, raster.year)
    reached = walks.groupby("origin_id")["access_leg_origin_m"].first().reindex(ids).notna()
    people = (
        pairs.groupby("site_id").size().reindex(ids, fill_value=0).astype("float64").where(reached)
    )
    return Surroundings(
        sites.set_index("id").drop(columns="geometry"),
        distances,
        status,
        means,
        reasons,
        rasters,
        people,
        origins,
    )


def area_origins(areas: Areas, columns: pd.Index) -> dict[str, tuple[str, int | None]]:
    """Name the source and year of each figure of the areas.

    Parameters
    ----------
    areas
        Areas with their provenance.
    columns
        Internal columns.

    Returns
    -------
    dict
        Column → (source, year); the balance is ours, over the areas' figures.

    Examples
    --------
    >>> area_origins(areas, ["lbm_afw"])  # doctest: +SKIP
    {'lbm_afw': ('Leefbaarometer 3.0', 2022)}
    """
    last = areas.provenance.drop_duplicates("column", keep="last").set_index("column")
    known = {
        c: (
            str(last.loc[c, "source"]),
            None if pd.isna(last.loc[c, "year"]) else int(last.loc[c, "year"]),
        )
        for c in columns
        if c in last.index
    }
    own = ("vragers/dragers, eigen constructie op CBS-cijfers", areas.year)
    return known | {c: own for c in columns if c in _BALANCE_COLUMNS}


def _site_layer(sites: gpd.GeoDataFrame, scores: pd.DataFrame) -> gpd.GeoDataFrame:
    found = scores.reset_index()
    extra = [c for c in sites.columns if c not in {*found.columns, "geometry"}]
    joined = pd.concat([found, sites[extra].reset_index(drop=True)], axis=1)
    return gpd.GeoDataFrame(joined, geometry=sites.geometry.to_numpy(), crs=sites.crs)


def _address_layer(
    addresses: gpd.GeoDataFrame, walks: gpd.GeoDataFrame, areas: Areas | None
) -> gpd.GeoDataFrame:
    """Give every address the area it lies in and its walking distance per class, as far as the limit."""
    layer = addresses[["id", "geometry"]].copy()
    layer["area_code"] = (
        locate_in_areas(addresses, areas.frame).to_numpy()
        if areas is not None
        else np.full(len(addresses), None)
    )
    metres = walks.pivot(index="origin_id", columns="facility_class", values="distance_m").reindex(
        layer["id"]
    )
    for name in metres.columns:
        layer[f"{name}_m"] = metres[name].to_numpy()
    return layer[[c for c in layer.columns if c != "geometry"] + ["geometry"]]
