"""What every question does first: taking sites in, and saying about which town it was asked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from geowoonzorg.errors import InputError
from geowoonzorg.files import as_points
from geowoonzorg.findings import Asked
from geowoonzorg.messages import tell
from geowoonzorg.ranking.scoring_profile import ScoringProfile, read_scoring_profile
from geowoonzorg.town._data import Source
from geowoonzorg.town.given import GIVEN, hash_frame, keep_index
from geowoonzorg.town.reading import name_sites
from geowoonzorg.walk.cropping import street_lines

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

    from geowoonzorg.town import Town
    from geowoonzorg.walk.network import WalkNetwork


def take_sites(sites: gpd.GeoDataFrame, town: Town) -> gpd.GeoDataFrame:
    """Check sites and bring them into the town's CRS, on a range index and with a name each.

    Parameters
    ----------
    sites
        As a file was read, or as somebody made them.
    town
        The town.

    Returns
    -------
    geopandas.GeoDataFrame
        ``id, name``, what else was given, and geometry; ``attrs`` holds ``notes`` and ``origin``.

    Raises
    ------
    InputError
        When there are none, or their index has several levels.
    CrsError, DuplicateIdError, GeometryError
        When they cannot be used.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely.geometry import Point
    >>> from geowoonzorg.town import Town
    >>> sites = gpd.GeoDataFrame(geometry=[Point(146_000, 507_000)], index=["werf"], crs=28992)
    >>> take_sites(sites, Town.demo())[["id", "name"]].values.tolist()
    [['werf', 'werf']]
    """
    keep_index(sites, sites, role="sites")
    if sites.empty:
        raise InputError("sites: there are no candidate locations; give at least one")
    notes = list(sites.attrs.get("notes", []))
    second = [c for c in sites.select_dtypes("geometry") if c != sites.geometry.name]
    if second:
        notes.append(
            tell("second geometries are left out: {columns}", columns=", ".join(map(str, second)))
        )
    checked = as_points(sites.drop(columns=second).rename(columns=str), where="sites", crs=town.crs)
    checked.attrs["notes"] = list(dict.fromkeys([*notes, *checked.attrs.get("notes", [])]))
    named = name_sites(checked, where="sites")
    named.attrs["origin"] = sites.attrs.get("origin", (GIVEN, None))
    return named


def as_profile(profile: str | Path | Mapping[str, Any] | ScoringProfile) -> ScoringProfile:
    """Read a scoring profile where it is not one already.

    Parameters
    ----------
    profile
        A profile, its name, the path of a TOML file, or what would stand in one.

    Returns
    -------
    ScoringProfile
        Wholly checked.

    Raises
    ------
    StudyError, SourceError
        As `read_scoring_profile`.

    Examples
    --------
    >>> as_profile("geclusterd").name
    'geclusterd'
    """
    return profile if isinstance(profile, ScoringProfile) else read_scoring_profile(profile)


def site_source(sites: gpd.GeoDataFrame) -> Source:
    """Say where sites are from: a file that was read, or what was in memory.

    Parameters
    ----------
    sites
        With ``attrs["source"]`` where they were read.

    Returns
    -------
    Source
        Of the role ``sites``.

    Examples
    --------
    >>> import geopandas as gpd
    >>> site_source(gpd.GeoDataFrame(geometry=[], crs=28992)).path is None
    True
    """
    given = sites.attrs.get("source")
    if given:
        return Source("sites", Path(given[0]), given[1])
    return Source("sites", None, hash_frame(sites))


def asked_of(town: Town) -> Asked:
    """Say about which town a question was asked, and with which choices.

    Parameters
    ----------
    town
        The town.

    Returns
    -------
    Asked
        For headings and legends.

    Examples
    --------
    >>> from geowoonzorg.town import Town
    >>> asked_of(Town.demo()).limits_m
    (400.0, 800.0)
    """
    figures, about = town.figures, town.about
    dated = (one.dated for one in town.sources if one.role == "leefbaarometer")
    year = next((y for y in dated if isinstance(y, int)), None)
    return Asked(
        name=about.name,
        date=about.date,
        crs=town.crs.to_string(),
        walking=str(town.network.provenance.get("profile_name", "")),
        limits_m=town.walking.limits_m,
        classes=town.classes,
        absent=town.absent,
        reference=figures.reference if figures else "gemeente",
        added_vragers_share=figures.added_vragers_share if figures else None,
        leefbaarometer_year=year,
        background=about.background,
        background_on_tap=about.background_on_tap,
    )


def background_streets(network: WalkNetwork) -> gpd.GeoDataFrame:
    """Give all streets of a network as a map's background.

    Parameters
    ----------
    network
        The streets.

    Returns
    -------
    geopandas.GeoDataFrame
        Lines, in the network's CRS.

    Examples
    --------
    >>> from geowoonzorg.town import Town
    >>> len(background_streets(Town.demo().network)) > 1_000
    True
    """
    corners = network.node_xy
    return street_lines(network, bounds=[*corners.min(axis=0), *corners.max(axis=0)])
