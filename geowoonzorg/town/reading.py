"""From a study to a town: every input opened once, the small ones first, and witnessed while it is read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import geopandas as gpd

from geowoonzorg.errors import GeowoonzorgError, InputError, SourceError, StudyError
from geowoonzorg.files import (
    bring_to,
    column_for,
    open_raster,
    read_places,
    working_crs,
)
from geowoonzorg.messages import tell
from geowoonzorg.opendata.register import (
    classes_held,
    for_classes,
    merge_register,
    read_register,
)
from geowoonzorg.opendata.squares import read_squares
from geowoonzorg.people.balance_profile import read_balance_profile
from geowoonzorg.people.catchment import locate_in_areas
from geowoonzorg.people.vragers_dragers import AUTO
from geowoonzorg.progress import Progress, part, silent
from geowoonzorg.town._data import OSM, About, TownData, Walking
from geowoonzorg.town.area_input import read_area_input, read_grid_input
from geowoonzorg.town.areas import AreaFigures, figure_areas
from geowoonzorg.town.facilities import check_columns
from geowoonzorg.town.inputs import name_of, osm_year, sources_of, witness_of, witnesses
from geowoonzorg.town.streets import Streets, read_streets
from geowoonzorg.town.surveyed import surveyor

if TYPE_CHECKING:
    from pyproj import CRS

    from geowoonzorg.opendata.areas import Areas
    from geowoonzorg.study import Study

T = TypeVar("T", bound=TownData)
_SITE_COLUMNS = ("name", "n_woningen")  # what users call them: knowledge/synonyms.toml
_PACKAGE = Path(__file__).parents[1]


def demo_study() -> Path:
    """Find the study of the bundled fictional municipality.

    Returns
    -------
    pathlib.Path
        Its ``study.toml``, inside the installed package or beside it in a checkout.

    Raises
    ------
    SourceError
        When the demo's files were left out of the installation.

    Examples
    --------
    >>> demo_study().name
    'study.toml'
    """
    for folder in (_PACKAGE / "demo", _PACKAGE.parent / "data" / "demo"):
        if (folder / "study.toml").is_file():
            return folder / "study.toml"
    raise SourceError("the demo's files are not installed; reinstall geowoonzorg")


def read_town(kind: type[T], study: Study, *, progress: Progress = silent) -> T:
    """Read all inputs of a study but its sites.

    Parameters
    ----------
    kind
        The class of the town.
    study
        What is asked.
    progress
        Hears how far the work is.

    Returns
    -------
    TownData
        An instance of ``kind``.

    Raises
    ------
    StudyError, InputError, FormatError, SourceError, CrsError
        When an input cannot be used.

    Examples
    --------
    >>> from geowoonzorg.study import read_study
    >>> read_town(TownData, read_study(demo_study())).about.name
    'Wierhaven 2023 (fictieve gemeente)'
    """
    seen = witnesses(study)
    for raster in study.rasters:
        with open_raster(raster.source):
            pass  # a raster is read where it is measured; that it can be is asked before the work
    # The small ones first; but figures on other borders are carried over by the homes that come with the streets.
    carried = study.areas is not None and study.areas.figures_borders is not None
    figures = None if carried else _figures(study)
    progress(0.1, "streets, facilities and addresses")
    streets = read_streets(
        study.network.source,
        adjoining=study.network.adjoining,
        profile=study.network.profile,
        crs=study.crs,
        classes=study.facilities.classes if study.facilities.osm else (),
        addresses=study.addresses.source == "osm",
        fill=surveyor(study.network, crs=study.crs),
        progress=part(progress, 0.1, 0.95),
    )
    addresses = streets.addresses
    if study.addresses.kind == "squares":
        addresses = read_squares_as_homes(study.addresses.source, crs=study.crs)
    elif study.addresses.source != "osm":
        addresses = read_places(study.addresses.source, role="addresses", crs=study.crs)
    if carried:
        figures = _figures(study, addresses)
    network, own = study.network, study.addresses.source
    facilities = _facilities(study, streets, addresses)
    for _, _, one in seen:  # nobody wrote in a file while it was read
        one.check()
    return kind(
        network=streets.network,
        addresses=addresses,
        figures=figures,
        rasters=study.rasters,
        classes=study.facilities.classes,
        homes=study.addresses.kind,
        walking=Walking(network.limits_m, network.max_snap_m, network.access_legs, network.profile),
        addresses_origin=(OSM, osm_year(streets)) if own == "osm" else (name_of(own), None),
        sources=sources_of(study, seen, figures, streets),
        about=About(study.name, study.date, study.background, study.hash, study.background_on_tap),
        **facilities,
    )


def _figures(study: Study, homes: gpd.GeoDataFrame | None = None) -> AreaFigures | None:
    given = study.areas
    if given is None:
        return None
    areas = read_area_input(given, crs=study.crs, indicators=study.indicators, homes=homes)
    areas, grid = read_grid_input(given, areas)
    return figure_areas(
        areas,
        profile=read_balance_profile(given.balance),
        reference=given.reference,
        gemeenten=_gemeenten_of_sites(study, areas) if given.reference == AUTO else None,
        added_vragers_share=given.added_vragers_share,
        grid=grid,
    )


def _gemeenten_of_sites(study: Study, areas: Areas) -> frozenset[str] | None:
    """Find in which gemeenten the sites lie; None where that is not to be had, and the areas decide."""
    known = areas.frame["gemeente_code"]
    if study.sites is None or len(known.dropna().unique()) <= 1:
        return None
    try:
        sites = read_places(study.sites.source, role="sites", crs=study.crs)
    except GeowoonzorgError:  # told by whoever needs them
        return None
    inside = sites.assign(geometry=sites.geometry.representative_point())
    code = locate_in_areas(inside, areas.frame).dropna()
    return frozenset(known.reindex(code).dropna()) or None


def _facilities(study: Study, streets: Streets, addresses: gpd.GeoDataFrame) -> dict[str, Any]:
    """Let the own list, where there is one, win over OpenStreetMap for the classes it holds."""
    given, found = study.facilities, streets.facilities
    held: frozenset[str] = frozenset()
    absent: frozenset[str] = frozenset()
    complete = given.complete_classes
    notes: tuple[str, ...] = ()
    if given.register:
        listed = read_register(
            given.register,
            crs=study.crs,
            addresses=addresses,
            facility_class=given.register_class,
            classes_of=given.classes_of,
        )
        listed = for_classes(listed, given.classes)
        found, notes = merge_register(found, listed, classes=given.classes, complete=complete)
        held = classes_held(listed, complete=complete).intersection(given.classes)
        # Of a class with a facility somewhere nothing is certain, neither where it is nor that there is none.
        unplaced = listed.attrs.get("unplaced", ())
        absent = held.difference(found["facility_class"], unplaced)
        complete = complete.difference(unplaced)
    osm = (OSM, osm_year(streets))
    own = (name_of(given.register) if given.register else "", None)
    there = sorted({*found["facility_class"].dropna(), *absent})
    return {
        "facilities": found,
        "absent": absent,
        "complete": complete,
        "notes": notes,
        "facility_origins": {str(name): own if name in held else osm for name in there},
    }


def read_squares_as_homes(path: str | Path, *, crs: str | CRS) -> gpd.GeoDataFrame:
    """Read the CBS squares of 100 m as places where people live.

    Parameters
    ----------
    path
        The squares as published.
    crs
        The metric CRS to work in.

    Returns
    -------
    geopandas.GeoDataFrame
        ``id``, the centre of every square where people may live, and per group ``people_least``,
        ``people_most``, ``elderly_least``, ``elderly_most``: 0 to 4 where the count is secret.

    Raises
    ------
    InputError, MissingColumnError, CrsError, FormatError, SourceError
        As `geowoonzorg.opendata.squares.read_squares`.

    Examples
    --------
    >>> read_squares_as_homes("squares.kml", crs="EPSG:28992")
    Traceback (most recent call last):
    geowoonzorg.errors.InputError: squares: squares.kml has suffix .kml; allowed are ...
    """
    squares = read_squares(path)
    squares = squares[squares["square_inhabitants_max"] > 0]
    columns = {
        "id": squares.index.astype("str"),
        "people_least": squares["square_inhabitants_min"].to_numpy(),
        "people_most": squares["square_inhabitants_max"].to_numpy(),
        "elderly_least": squares["square_65plus_min"].to_numpy(),
        "elderly_most": squares["square_65plus_max"].to_numpy(),
    }
    centres = gpd.GeoDataFrame(
        columns, geometry=squares.geometry.centroid.to_numpy(), crs=squares.crs
    )
    return bring_to(centres, working_crs(crs))


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
    StudyError
        When the study names none.
    InputError
        When there are none, or two columns have one name, which a GeoPackage cannot keep.
    CrsError, DuplicateIdError, GeometryError, FormatError, SourceError
        As `geowoonzorg.files.read_places`.

    Examples
    --------
    >>> from geowoonzorg.study import read_study
    >>> read_sites(read_study(demo_study()))["name"].iloc[0]
    'Voormalige Marktschool'
    """
    if study.sites is None:
        raise StudyError(
            "sites: is missing; name the candidate locations under [sites]; without them ask one question at a "
            "time: search, locate or what-if"
        )
    seen = witness_of(study.sites.source)
    sites = read_places(study.sites.source, role="sites", crs=study.crs)
    if seen is not None:
        seen.check()
    if sites.empty:
        raise InputError(
            "sites: {path} has no candidate locations; give at least one", path=study.sites.source
        )
    found = name_sites(sites, where=tell("sites: {path}", path=study.sites.source))
    notes = found.attrs["notes"]
    if sites.attrs.get("numbered"):
        notes.insert(
            len(sites.attrs.get("notes", [])),
            tell(
                "no column id: the {n} sites are called after their order in the file, so otherwise when that "
                "changes",
                n=len(sites),
            ),
        )
    path = study.sites.source
    found.attrs |= {
        "origin": (name_of(path), None),
        "source": (str(path), seen.sha256 if seen else ""),
    }
    return found


def name_sites(sites: gpd.GeoDataFrame, *, where: str) -> gpd.GeoDataFrame:
    """Give sites the columns that everything after it knows: ``name`` and ``n_woningen``, whatever they were called.

    Parameters
    ----------
    sites
        With ``id``.
    where
        The role and source, which starts each message.

    Returns
    -------
    geopandas.GeoDataFrame
        The same rows; ``attrs["notes"]`` says where an id stands for the name.

    Raises
    ------
    InputError
        When two columns differ in capitals only, which a GeoPackage cannot keep.

    Examples
    --------
    >>> from shapely.geometry import Point
    >>> sites = gpd.GeoDataFrame({"id": ["a"], "Locatie": ["De Werf"]}, geometry=[Point(0, 0)], crs=28992)
    >>> name_sites(sites, where="sites")["name"].tolist()
    ['De Werf']
    """
    check_columns(sites, where=where)
    notes: list[str] = list(sites.attrs.get("notes", []))
    for name in _SITE_COLUMNS:
        found = column_for(sites, name)
        if found is not None and found != name:
            sites = sites.rename(columns={found: name})
    if "name" not in sites:
        sites = sites.assign(name=sites["id"])
        notes.append(
            tell("no column with a name (naam, locatie, plannaam, …): the id stands for the name")
        )
    named = sites["name"].astype("str").where(sites["name"].notna(), sites["id"])
    sites = sites.assign(name=named)
    sites.attrs["notes"] = notes
    return sites
