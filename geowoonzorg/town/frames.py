"""From frames in memory to a town: the same checks as files get, and sources that say what was given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import geopandas as gpd
import pandas as pd

from geowoonzorg.errors import CrsError, InputError, MissingColumnError, first_ids
from geowoonzorg.files import as_points, witness
from geowoonzorg.study import RasterInput
from geowoonzorg.town._data import Source, TownData
from geowoonzorg.town.classes import complete_classes
from geowoonzorg.town.facilities import no_facilities, with_facility_columns
from geowoonzorg.town.given import GIVEN, hash_frame, keep_index
from geowoonzorg.town.own_areas import check_areas

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyproj import CRS

    from geowoonzorg.walk.network import WalkNetwork

T = TypeVar("T", bound=TownData)


def town_from_frames(
    kind: type[T],
    network: WalkNetwork,
    *,
    facilities: gpd.GeoDataFrame | None = None,
    addresses: gpd.GeoDataFrame | None = None,
    areas: gpd.GeoDataFrame | None = None,
    rasters: Mapping[str, str | Path | RasterInput] | None = None,
    complete: object = (),
    **settings: Any,  # noqa: ANN401 - fields of the town
) -> T:
    """Make a town of what is in memory; see `Town.from_frames`, which documents it."""
    crs = network.crs
    places = no_facilities(crs) if facilities is None else check_facilities(facilities, crs)
    homes = check_addresses(addresses, crs)
    grids = check_rasters(rasters or {})
    given = {"facilities": facilities, "addresses": addresses, "areas": areas}
    sources = [
        Source("network", None, str(network.provenance.get("source", "")), "osm" if
               network.provenance.get("data_date") else None, network.provenance.get("data_date")),
        *(Source(role, None, hash_frame(frame)) for role, frame in given.items() if frame is not None),
        *raster_sources(grids),
    ]  # fmt: skip
    there = sorted(places["facility_class"].dropna().unique())
    settings.setdefault("classes", tuple(there))
    if both := sorted(set(there) & settings.get("absent", frozenset())):
        raise InputError(
            "classes that are absent and have facilities: {names}; leave them out of one",
            names=", ".join(both),
        )
    asked = settings["classes"]
    whole = complete_classes(complete, asked)
    settings["absent"] = settings.get("absent", frozenset()) | (whole - set(there))
    return kind(
        network=network,
        facilities=places,
        addresses=homes,
        figures=None if areas is None else check_areas(areas, crs),
        rasters=grids,
        facility_origins=dict.fromkeys(sorted({*there, *settings["absent"]}), (GIVEN, None)),
        addresses_origin=(GIVEN, None),
        sources=tuple(sources),
        complete=whole,
        **settings,
    )


def replaced_fields(town: TownData, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Check what takes the place of a town's things, and say where that is from.

    Parameters
    ----------
    town
        The town.
    changes
        As `Town.replace` takes them.

    Returns
    -------
    dict
        Fields of a town.

    Raises
    ------
    CrsError
        When another network is in another CRS.
    DuplicateIdError, GeometryError, MissingColumnError, InputError
        As `check_facilities`, `check_addresses` and `check_areas`.

    Examples
    --------
    >>> from geowoonzorg.town import Town
    >>> town = Town.demo()
    >>> fields = replaced_fields(town, {"facilities": town.places("huisarts")})
    >>> "apotheek" in fields["absent"], fields["sources"][-1].role
    (True, 'facilities')
    """
    fields, crs = dict(changes), town.crs
    sources = list(town.sources)

    def given(role: str, *instead: str, digest: str) -> None:
        sources[:] = [one for one in sources if one.role not in {role, *instead}]
        sources.append(Source(role, None, digest))

    if "network" in fields and fields["network"].crs != crs:
        raise CrsError(
            "the network is in {given} and the town in {own}; give both one CRS",
            given=fields["network"].crs.to_string(), own=crs.to_string(),
        )  # fmt: skip
    if "facilities" in fields:
        before = {*town.facilities["facility_class"], *town.absent}
        frame = no_facilities(crs) if fields["facilities"] is None else fields["facilities"]
        places = check_facilities(frame, crs) if len(frame) else no_facilities(crs)
        there = set(places["facility_class"])
        given("facilities", "register", digest=hash_frame(frame))
        fields |= {
            "facilities": places,
            "absent": frozenset(fields.get("absent", before)) - there,
            "classes": tuple(dict.fromkeys([*town.classes, *sorted(there)])),
            "facility_origins": dict.fromkeys(sorted(before | there), (GIVEN, None)),
        }
    if "complete" in fields:
        there = set(fields.get("facilities", town.facilities)["facility_class"])
        whole = complete_classes(fields["complete"], fields.get("classes", town.classes))
        fields["complete"] = whole
        fields["absent"] = frozenset(fields.get("absent", town.absent)) | (whole - there)
    if "addresses" in fields:
        frame = fields["addresses"]
        fields["addresses"] = check_addresses(frame, crs)
        fields["addresses_origin"] = (GIVEN, None)
        given("addresses", digest=hash_frame(fields["addresses"] if frame is None else frame))
    if "areas" in fields:
        areas = fields.pop("areas")
        fields["figures"] = None if areas is None else check_areas(areas, crs)
        sources = [s for s in sources if s.role not in {"figures", "leefbaarometer", "indicator"}]
        given("areas", digest="" if areas is None else hash_frame(areas))
    if "rasters" in fields:
        rasters = fields["rasters"] or {}
        grids = check_rasters(rasters) if isinstance(rasters, Mapping) else tuple(rasters)
        fields["rasters"] = grids
        sources = [one for one in sources if one.role != "raster"] + raster_sources(grids)
    homes = fields.get("addresses", town.addresses)
    if fields.get("homes", town.homes) == "squares" and "people_least" not in homes:
        raise MissingColumnError(
            "squares have no columns people_least and people_most; read them with read_squares_as_homes"
        )
    return fields | {"sources": tuple(sources)}


def raster_sources(grids: Sequence[RasterInput]) -> list[Source]:
    """Name the files of rasters with their hash; what is read of them later is held against it.

    Parameters
    ----------
    grids
        Rasters; a file that is not there is told where it is measured.

    Returns
    -------
    list of Source
        One each.

    Examples
    --------
    >>> raster_sources([])
    []
    """
    seen = [(grid, witness(grid.source) if grid.source.is_file() else None) for grid in grids]
    return [
        Source("raster", grid.source, one.sha256 if one else "", None, grid.year, one)
        for grid, one in seen
    ]


def check_facilities(facilities: gpd.GeoDataFrame, crs: CRS) -> gpd.GeoDataFrame:
    """Check facilities that are in memory and bring them into the working CRS.

    Parameters
    ----------
    facilities
        Points or polygons with ``facility_class``; the key is the column ``id``, else the index.
    crs
        The metric CRS to work in.

    Returns
    -------
    geopandas.GeoDataFrame
        With all of `FACILITY_COLUMNS`, on the index given where that is unique; what was not given is missing.

    Raises
    ------
    MissingColumnError
        When there is no ``facility_class``.
    CrsError, DuplicateIdError, GeometryError, InputError
        As `geowoonzorg.files.as_points` and `with_facility_columns`.

    Examples
    --------
    >>> shops = gpd.GeoDataFrame({"facility_class": ["supermarkt"]},
    ...                          geometry=gpd.points_from_xy([190_000], [507_000]), crs=28992)
    >>> check_facilities(shops, shops.crs)[["id", "facility_class"]].values.tolist()
    [['0', 'supermarkt']]
    """
    places = as_points(facilities, where="facilities", crs=crs)
    if "facility_class" not in places:
        raise MissingColumnError(
            "facilities have no column facility_class; add one that names the class of each, such as huisarts"
        )
    unnamed = places["id"][places["facility_class"].isna()]
    if len(unnamed):
        raise InputError(
            "facilities without a facility_class: {ids}; name the class of each",
            ids=first_ids(unnamed),
        )
    if facilities.index.is_unique and facilities.index.nlevels == 1:
        places = keep_index(facilities, places, role="facilities")
    return with_facility_columns(places).assign(
        facility_class=places["facility_class"].astype("str")
    )


def check_addresses(addresses: gpd.GeoDataFrame | None, crs: CRS) -> gpd.GeoDataFrame:
    """Check addresses that are in memory and bring them into the working CRS.

    Parameters
    ----------
    addresses
        Points or polygons; the key is the column ``id``, else the index. None for a town without any.
    crs
        The metric CRS to work in.

    Returns
    -------
    geopandas.GeoDataFrame
        With ``id``, on the index that was given.

    Raises
    ------
    CrsError, DuplicateIdError, GeometryError, InputError
        As `geowoonzorg.files.as_points`; also when the index has duplicates or several levels.

    Examples
    --------
    >>> len(check_addresses(None, "EPSG:28992"))
    0
    """
    if addresses is None:
        return gpd.GeoDataFrame({"id": pd.Series(dtype="str")}, geometry=[], crs=crs)
    return keep_index(addresses, as_points(addresses, where="addresses", crs=crs), role="addresses")


def check_rasters(rasters: Mapping[str, str | Path | RasterInput]) -> tuple[RasterInput, ...]:
    """Give every raster its name; a path is averaged as it is.

    Parameters
    ----------
    rasters
        By name a GeoTIFF's path, or a `RasterInput` that also says how cells are averaged.

    Returns
    -------
    tuple of RasterInput
        In the order given.

    Examples
    --------
    >>> check_rasters({"groen": "groen.tif"})[0].kind
    'mean'
    """
    return tuple(
        replace(given, name=name)
        if isinstance(given, RasterInput)
        else RasterInput(name=name, source=Path(given))
        for name, given in rasters.items()
    )
