"""The one way through the house: a study in, a result out; no arithmetic of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geowoonzorg.errors import InputError
from geowoonzorg.files import column_for, open_raster, read_places, split_layer
from geowoonzorg.inputs import FACILITY_COLUMNS, read_squares_as_homes, read_town
from geowoonzorg.opendata.plausibility import compare_with_cbs
from geowoonzorg.opendata.register import classes_held, merge_register, read_register
from geowoonzorg.people.added_homes import add_homes
from geowoonzorg.people.area_layer import describe_areas, read_area_input
from geowoonzorg.people.balance_profile import read_balance_profile
from geowoonzorg.people.catchment import locate_in_areas
from geowoonzorg.people.coverage import count_elderly, count_inhabitants, cover_classes
from geowoonzorg.people.population import count_people
from geowoonzorg.progress import Progress, part, silent
from geowoonzorg.provenance import account_for, name_files
from geowoonzorg.ranking.measure import Measures, measure_sites
from geowoonzorg.ranking.scoring import explain, score
from geowoonzorg.ranking.scoring_profile import ScoringProfile, read_scoring_profile
from geowoonzorg.result import Result
from geowoonzorg.show.streets import street_lines
from geowoonzorg.surroundings import OSM, Layers, gather
from geowoonzorg.walk.pairs import reached_pairs
from geowoonzorg.walk.route import routes
from geowoonzorg.walk.service_area import nearest, service_areas

if TYPE_CHECKING:
    from geowoonzorg.inputs import Town
    from geowoonzorg.opendata.area_frame import Areas
    from geowoonzorg.ranking.measure import Surroundings
    from geowoonzorg.study import Study

_SITE_COLUMNS = ("name", "n_woningen")  # what users call them: knowledge/synonyms.toml


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
    place = _read(study, progress=part(progress, 0.0, 0.25))
    net, limits_m, walking = place.town.network, study.network.limits_m, _walking(study)
    areas = service_areas(
        net,
        place.facilities,
        limit_m=limits_m,
        shape="polygons",
        progress=part(progress, 0.25, 0.5),
        **walking,
    )
    address_walks = nearest(
        net,
        place.addresses,
        place.facilities,
        limit_m=max(limits_m),
        progress=part(progress, 0.5, 0.6),
        **walking,
    )
    layers, site_areas = _look_around(study, place, progress=part(progress, 0.6, 0.8))
    walked = layers.walks[layers.walks["facility_id"].notna()]
    paths = routes(
        net, place.sites, place.facilities, walked[["origin_id", "facility_id"]],
        bench_lonlat=place.town.bench_lonlat, progress=part(progress, 0.8, 0.9), **walking,
    )  # fmt: skip
    progress(0.9, "figures of areas and rasters")
    around = gather(layers, study.rasters)
    progress(0.95, "scores")
    measures = measure_sites(around, profile)
    ids = pd.Index(place.sites["id"], name="id")
    scores = score(
        measures.raw, profile, names=pd.Series(place.sites["name"].to_numpy(), ids),
        draws=study.scoring.draws, seed=study.scoring.seed,
    )  # fmt: skip
    coverage = _coverage(study, layers, address_walks)
    provenance, notes = account_for(
        study,
        profile,
        net=net,
        areas=place.areas,
        layers={"sites": place.sites, "addresses": place.addresses},
    )
    progress(1.0, "done")
    return Result(
        study=study,
        profile=profile,
        sites=_site_layer(
            place.sites,
            pd.concat(
                [scores, _elderly(layers, scores.index), _after_building(study, layers, around)],
                axis=1,
            ),
        ),
        facilities=place.facilities[FACILITY_COLUMNS],
        service_areas=areas,
        areas=layers.area_layer,
        area_gaps=layers.area_gaps,
        addresses=_address_layer(place.addresses, address_walks, layers.home),
        routes=_route_layer(paths, walked),
        site_areas=site_areas,
        criteria=_criteria(scores, profile, measures),
        coverage=coverage,
        absent=place.absent,
        streets=street_lines(
            net, bounds=pd.concat([place.sites.geometry, place.facilities.geometry]).total_bounds
        ),
        provenance=provenance,
        notes=name_files(
            study, dict.fromkeys([*notes, *place.notes, *areas.attrs["notes"], *layers.notes])
        ),
    )


def site_indicators(study: Study, *, progress: Progress = silent) -> gpd.GeoDataFrame:
    """Measure the sites of a study on every criterion of its profile, without scoring them.

    Parameters
    ----------
    study
        What is asked.
    progress
        Hears how far the work is.

    Returns
    -------
    geopandas.GeoDataFrame
        ``id, name``, per criterion its measure in its own unit, ``<criterion>_reason`` (why it is
        unknown, else empty), and ``geometry``.

    Raises
    ------
    StudyError, InputError, FormatError, SourceError, Cancelled
        As `run`.

    Examples
    --------
    >>> site_indicators(geowoonzorg.read_study("study.toml"))  # doctest: +SKIP
    """
    profile = read_scoring_profile(study.scoring.profile)
    place = _read(study, progress=part(progress, 0.0, 0.5))
    layers, _ = _look_around(study, place, progress=part(progress, 0.5, 0.9))
    measures = measure_sites(gather(layers, study.rasters), profile)
    known = measures.raw.replace(
        np.inf, np.nan
    )  # no walk is endless in a file; its reason says none
    table = pd.concat([known, measures.reasons.add_suffix("_reason")], axis=1)
    order = [c for key in measures.raw for c in (key, f"{key}_reason")]
    return _site_layer(place.sites[["id", "name", "geometry"]], table[order])


def check_plausibility(study: Study, *, progress: Progress = silent) -> pd.DataFrame:
    """Hold the walking distances of a study against the car-road averages of CBS.

    Parameters
    ----------
    study
        What is asked; its areas need the CBS distances.
    progress
        Hears how far the work is.

    Returns
    -------
    pandas.DataFrame
        As `compare_with_cbs`: one row per area and class, with a flag where they disagree beyond
        what walking can explain.

    Raises
    ------
    StudyError, InputError, FormatError, SourceError, Cancelled
        As `run`; an `InputError` when the study has no areas.

    Examples
    --------
    >>> check_plausibility(study).query("flag != 'ok'")  # doctest: +SKIP
    """
    if study.areas is None:
        msg = (
            "plausibility: the study has no [areas], so there are no CBS distances to compare with"
        )
        raise InputError(msg)
    place = _read(study, progress=part(progress, 0.0, 0.5))
    if place.areas is None:  # pragma: no cover - _read reads them when the study names them
        raise InputError("plausibility: no areas were read")
    walks = nearest(
        place.town.network,
        place.addresses,
        place.facilities,
        progress=part(progress, 0.5, 1.0),
        **_walking(study),
    )
    return compare_with_cbs(place.areas, walks, _homes(place))


@dataclass(frozen=True)
class _Place:
    """All inputs of a study, read and checked."""

    sites: gpd.GeoDataFrame
    town: Town
    facilities: gpd.GeoDataFrame
    addresses: gpd.GeoDataFrame
    areas: Areas | None
    own_list: tuple[frozenset[str], str]
    absent: frozenset[str]
    notes: tuple[str, ...]


def _read(study: Study, *, progress: Progress) -> _Place:
    """Read the inputs, the small ones first: most mistakes are in them."""
    sites = read_sites(study)
    for raster in study.rasters:
        with open_raster(raster.source):
            pass  # a raster is read when its areas are known; that it can be is asked before the work
    areas = None
    if study.areas:
        areas = read_area_input(study.areas, crs=study.crs, indicators=study.indicators)
    progress(0.1, "streets, facilities and addresses")
    town = read_town(
        study.network.source,
        profile=study.network.profile,
        crs=study.crs,
        classes=study.facilities.classes if study.facilities.osm else (),
        addresses=study.addresses.source == "osm",
        progress=part(progress, 0.1, 0.95),
    )
    addresses = town.addresses
    if study.addresses.kind == "squares":
        addresses = read_squares_as_homes(study.addresses.source, crs=study.crs)
    elif study.addresses.source != "osm":
        addresses = read_places(study.addresses.source, role="addresses", crs=study.crs)
    facilities, own, absent = town.facilities, (frozenset[str](), ""), frozenset[str]()
    notes: tuple[str, ...] = ()
    if study.facilities.register:
        asked, complete = study.facilities.classes, study.facilities.complete_classes
        listed = read_register(
            study.facilities.register,
            crs=study.crs,
            addresses=addresses,
            facility_class=study.facilities.register_class,
        )
        facilities, notes = merge_register(
            town.facilities, listed, classes=asked, complete=complete
        )
        held = classes_held(listed, complete=complete).intersection(asked)
        own = (held, study.facilities.register.name)
        absent = held.difference(facilities["facility_class"], listed.attrs.get("unplaced", ()))
    return _Place(sites, town, facilities, addresses, areas, own, absent, notes)


def _walking(study: Study) -> dict[str, Any]:
    return {"max_snap_m": study.network.max_snap_m, "access_legs": study.network.access_legs}


def _after_building(study: Study, layers: Layers, around: Surroundings) -> pd.DataFrame:
    """Say what the balance around each site becomes with its homes, where a study asks it."""
    share = study.areas.added_vragers_share if study.areas else None
    if share is None or "n_woningen" not in around.sites:
        return pd.DataFrame(index=around.sites.index)
    people = count_people(
        layers.pairs, layers.home, count_inhabitants(layers.area_layer), site_ids=around.sites.index
    )
    catchments = around.area_means[["vragers_index", "dragers_index"]].assign(
        inhabitants=people["people"]
    )
    homes = pd.to_numeric(around.sites["n_woningen"], errors="coerce")
    profile = read_balance_profile(study.areas.balance if study.areas else None)
    known = homes.notna()
    found = add_homes(catchments[known], homes=homes[known], vragers_share=share, profile=profile)
    return found[["balans_before", "balans_after"]].reindex(around.sites.index)


def _elderly(layers: Layers, sites: pd.Index) -> pd.DataFrame:
    """Count the people of 65 and over around each site, as an interval."""
    zone, elderly = _elderly_by_zone(layers)
    found = count_people(layers.pairs, zone, elderly, site_ids=sites)
    return found[["people", "people_min", "people_max"]].rename(
        columns=lambda name: name.replace("people", "people_65plus")
    )


def _elderly_by_zone(layers: Layers) -> tuple[pd.Series[str], pd.DataFrame]:
    """Give the zone of every place where people live, an area or a square, and who is 65 or over there."""
    if not layers.by_square:
        return layers.home, count_elderly(layers.area_layer.set_index("code"))
    squares = layers.addresses.set_index("id")[["elderly_least", "elderly_most"]]
    own = pd.Series(squares.index, index=squares.index)
    return own, squares.set_axis(["least", "most"], axis="columns")


def _coverage(study: Study, layers: Layers, walks: gpd.GeoDataFrame) -> pd.DataFrame:
    """Say who lives within the limit of each class, by address and area, or by square."""
    zone, elderly = _elderly_by_zone(layers)
    table = cover_classes(
        walks, limit_m=study.network.limits_m[0], zone=zone, elderly=elderly,
        classes=study.facilities.classes, absent=layers.absent,
    )  # fmt: skip
    if layers.by_square:  # they are no addresses, so there is nothing to count or share
        return table.assign(addresses=np.nan, addresses_within=np.nan, share_within=np.nan)
    return table


def _homes(place: _Place) -> pd.Series[str]:
    """Find the area of every address, indexed by address id."""
    homes = place.addresses.set_index("id")
    if place.areas is None:
        return pd.Series(np.nan, index=homes.index, dtype="str")
    return locate_in_areas(homes, place.areas.frame)


def _look_around(
    study: Study, place: _Place, *, progress: Progress
) -> tuple[Layers, gpd.GeoDataFrame]:
    """Walk from the sites to the facilities, and from the addresses to the sites."""
    net, walking, limit_m = place.town.network, _walking(study), study.network.limits_m[0]
    to_sites = place.sites.assign(facility_class="site")
    walks = nearest(
        net, place.sites, place.facilities, progress=part(progress, 0.0, 0.3), **walking
    )
    found = service_areas(
        net,
        to_sites,
        limit_m=study.network.limits_m,
        shape="polygons",
        progress=part(progress, 0.3, 0.7),
        **walking,
    ).rename(columns={"facility_id": "site_id"})
    site_areas = found[["site_id", "limit_m", "area_m2", "status", "geometry"]]
    pairs = reached_pairs(
        net,
        place.addresses,
        to_sites,
        limit_m=limit_m,
        progress=part(progress, 0.7, 0.9),
        **walking,
    ).rename(columns={"facility_id": "site_id", "origin_id": "address_id"})
    own = study.addresses.source
    area_layer, notes, gaps = describe_areas(study.areas, place.areas, crs=study.crs)
    dated = net.provenance.get("data_date")
    layers = Layers(
        sites=place.sites,
        addresses=place.addresses,
        walks=walks,
        pairs=pairs,
        catchments=site_areas[site_areas["limit_m"] == limit_m].set_index("site_id"),
        area_layer=area_layer,
        area_gaps=gaps,
        areas=place.areas,
        home=_homes(place),
        by_square=study.addresses.kind == "squares",
        sites_source=split_layer(study.sites.source)[0].name,
        addresses_source=OSM if own == "osm" else split_layer(own)[0].name,
        own_list=place.own_list,
        absent=place.absent,
        osm_year=int(dated[:4]) if dated else None,
        notes=tuple(notes),
    )
    return layers, site_areas


def read_sites(study: Study) -> gpd.GeoDataFrame:
    """Read the candidate locations of a study.

    Parameters
    ----------
    study
        The study.

    Returns
    -------
    geopandas.GeoDataFrame
        ``id``, ``name`` (the id where there is none), the file's other columns and ``geometry``;
        ``attrs["notes"]`` says what was repaired, and where ids or names are not the file's own.

    Raises
    ------
    InputError
        When there are none, or two columns have one name, which a GeoPackage cannot keep.
    CrsError, DuplicateIdError, GeometryError, FormatError, SourceError
        As `geowoonzorg.files.read_places`.

    Examples
    --------
    >>> read_sites(geowoonzorg.read_study("study.toml"))  # doctest: +SKIP
    """
    sites = read_places(study.sites.source, role="sites", crs=study.crs)
    if sites.empty:
        msg = f"sites: {study.sites.source} has no candidate locations; give at least one"
        raise InputError(msg)
    capitals = pd.Series([str(c).lower() for c in sites.columns]).duplicated(keep=False)
    if capitals.any():
        alike = ", ".join(map(str, sites.columns[capitals]))
        msg = f"sites: {study.sites.source} has columns that differ in capitals only: {alike}; rename one"
        raise InputError(msg)
    for name in _SITE_COLUMNS:
        found = column_for(sites, name)
        if found is not None and found != name:
            sites = sites.rename(columns={found: name})
    notes = []
    if sites.attrs.get("numbered"):
        notes.append(
            f"geen kolom id: de {len(sites)} locaties heten naar hun volgorde in het bestand, dus anders "
            "als dat verandert"
        )
    if "name" not in sites:
        sites["name"] = sites["id"]
        notes.append(
            "geen kolom met een naam (naam, locatie, plannaam, …): het id staat er als naam"
        )
    sites.attrs["notes"] = [*sites.attrs.get("notes", []), *notes]
    return sites.assign(name=sites["name"].astype("str").where(sites["name"].notna(), sites["id"]))


def _criteria(scores: pd.DataFrame, profile: ScoringProfile, measures: Measures) -> pd.DataFrame:
    parts = explain(scores, profile, reasons=measures.reasons)
    return parts.merge(measures.origins, on=["site_id", "criterion"], how="left")


def _site_layer(sites: gpd.GeoDataFrame, scores: pd.DataFrame) -> gpd.GeoDataFrame:
    """Put scores before the sites' own columns."""
    found = scores.reset_index()
    # A GeoPackage does not tell Score from score.
    taken = {str(c).lower() for c in found.columns} | {"geometry", "geom", "fid"}
    extra = [c for c in sites.columns if str(c).lower() not in taken]
    joined = pd.concat([found, sites[extra].reset_index(drop=True)], axis=1)
    return gpd.GeoDataFrame(joined, geometry=sites.geometry.to_numpy(), crs=sites.crs)


def _address_layer(
    addresses: gpd.GeoDataFrame, walks: gpd.GeoDataFrame, home: pd.Series[str]
) -> gpd.GeoDataFrame:
    """Give every address its area and its walking distance per class, as far as the limit."""
    layer = addresses[["id", "geometry"]].copy()
    layer.insert(1, "area_code", home.reindex(layer["id"]).to_numpy())
    walked = walks[walks["facility_class"].notna()]
    metres = walked.pivot(index="origin_id", columns="facility_class", values="distance_m")
    metres = metres.reindex(layer["id"]).add_suffix("_m")
    columns = pd.concat([layer.drop(columns="geometry"), metres.set_axis(layer.index)], axis=1)
    return gpd.GeoDataFrame(columns, geometry=layer.geometry)


def _route_layer(paths: gpd.GeoDataFrame, walked: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    layer = paths.rename(columns={"origin_id": "site_id"})
    layer.insert(1, "facility_class", walked["facility_class"].reindex(paths.index))
    return layer
