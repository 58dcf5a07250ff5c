"""From frames in memory to a town: the same checks as files get, and sources that say what was given."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geowoonzorg.errors import (
    CoverageError,
    CrsError,
    DuplicateIdError,
    InputError,
    MissingColumnError,
    first_ids,
)
from geowoonzorg.files import as_message, as_points, witness
from geowoonzorg.opendata.areas import PROVENANCE, Areas, figure_columns
from geowoonzorg.opendata.codes import LEVELS, level_code
from geowoonzorg.opendata.sources import Column
from geowoonzorg.people.balance_profile import read_balance_profile
from geowoonzorg.study import RasterInput
from geowoonzorg.town._data import Source, TownData
from geowoonzorg.town.areas import BALANCE_COLUMNS, AreaFigures, figure_areas
from geowoonzorg.town.facilities import FACILITY_COLUMNS, check_columns, no_facilities

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyproj import CRS

    from geowoonzorg.walk.network import WalkNetwork

T = TypeVar("T", bound=TownData)
GIVEN = "given"  # the source of what was in memory; told in words on outputs
_ABOUT = ("name", "level", "year", "wijk_code", "gemeente_code", "gemeente_name")


def town_from_frames(
    kind: type[T],
    network: WalkNetwork,
    *,
    facilities: gpd.GeoDataFrame | None = None,
    addresses: gpd.GeoDataFrame | None = None,
    areas: gpd.GeoDataFrame | None = None,
    rasters: Mapping[str, str | Path | RasterInput] | None = None,
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
    return kind(
        network=network,
        facilities=places,
        addresses=homes,
        figures=None if areas is None else check_areas(areas, crs),
        rasters=grids,
        facility_origins=dict.fromkeys(there, (GIVEN, None)),
        addresses_origin=(GIVEN, None),
        sources=tuple(sources),
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
        As `geowoonzorg.files.as_points`.

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
    absent = [c for c in FACILITY_COLUMNS if c not in places]
    places = places.assign(**{c: pd.Series(np.nan, places.index, dtype="str") for c in absent})
    return places[FACILITY_COLUMNS].assign(facility_class=places["facility_class"].astype("str"))


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


def keep_index(
    given: gpd.GeoDataFrame, checked: gpd.GeoDataFrame, *, role: str
) -> gpd.GeoDataFrame:
    """Put checked places back on the index they came with, so that what is found of them can be joined.

    Parameters
    ----------
    given
        The places as given.
    checked
        The same rows in the same order.
    role
        What they are, which starts the message.

    Returns
    -------
    geopandas.GeoDataFrame
        ``checked`` on the index of ``given``.

    Raises
    ------
    DuplicateIdError
        When that index has duplicates: no join could tell its rows apart.
    InputError
        When it has several levels.

    Examples
    --------
    >>> frame = gpd.GeoDataFrame(geometry=gpd.points_from_xy([0], [0]), index=[7], crs=28992)
    >>> keep_index(frame, frame.reset_index(drop=True), role="sites").index.tolist()
    [7]
    """
    if isinstance(given.index, pd.MultiIndex):
        raise InputError(
            "{role}: the index has {n} levels; give one level, for instance with reset_index()",
            role=as_message(role), n=given.index.nlevels,
        )  # fmt: skip
    if given.index.has_duplicates:
        twice = given.index[given.index.duplicated()].unique()
        raise DuplicateIdError(
            "{role}: in the index {ids} occur more than once; give a unique one, for instance with "
            "reset_index(drop=True)",
            role=as_message(role), ids=first_ids(twice),
        )  # fmt: skip
    found = checked.set_axis(given.index, axis="index")
    found.attrs.update(checked.attrs)
    return found


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


def check_areas(areas: gpd.GeoDataFrame, crs: CRS) -> AreaFigures:
    """Take figures of areas from a frame, under the catalogue's names or their own.

    Parameters
    ----------
    areas
        Polygons, with the code as column ``code`` or as index; any of ``name, level, year, wijk_code,
        gemeente_code, gemeente_name``; columns of the catalogue, such as ``inhabitants``; every other
        number is an own indicator.
    crs
        The metric CRS to work in.

    Returns
    -------
    AreaFigures
        With the balance where its figures were given, else an unknown one.

    Raises
    ------
    DuplicateIdError, GeometryError, CrsError
        When codes or polygons cannot be used.

    Examples
    --------
    >>> from shapely.geometry import box
    >>> one = gpd.GeoDataFrame({"stilte": [0.4]}, geometry=[box(0, 4e5, 1e5, 5e5)], index=["BU01660001"], crs=28992)
    >>> check_areas(one, one.crs).numbers["stilte"].tolist()
    [0.4]
    """
    if areas.empty:
        raise InputError("areas: there are none; give at least one, or leave areas out")
    if isinstance(areas.index, pd.MultiIndex) and "code" not in areas:
        keep_index(areas, areas, role="areas")
    own = areas.set_index("code") if "code" in areas else areas
    check_columns(own, where="areas")
    own = own.set_axis(own.index.astype("str"), axis="index").rename_axis("code")
    if own.index.has_duplicates:
        twice = own.index[own.index.duplicated()].unique()
        raise DuplicateIdError(
            "areas: codes that occur more than once: {ids}; keep one row each", ids=first_ids(twice)
        )
    shapes = as_points(own[[own.geometry.name]], where="areas", crs=crs, kinds=("Polygon",))
    known, codes = figure_columns(), pd.Series(own.index, index=own.index)
    level = str(own["level"].iloc[0]) if "level" in own and len(own) else "buurt"
    about = pd.DataFrame(
        {
            "name": codes, "level": level, "year": pd.array([pd.NA] * len(own), dtype="Int64"),
            "wijk_code": level_code(codes, "wijk"), "gemeente_code": level_code(codes, "gemeente"),
            "gemeente_name": pd.Series(np.nan, index=own.index, dtype="str"),
        },
        index=own.index,
    )  # fmt: skip
    about = about.assign(**{c: own[c] for c in _ABOUT if c in own})
    numbers = pd.DataFrame(own.drop(columns=own.geometry.name)).select_dtypes("number")
    numbers = numbers.drop(columns=[c for c in (*_ABOUT, *BALANCE_COLUMNS) if c in numbers])
    about["year"] = pd.to_numeric(about["year"], errors="coerce").astype("Int64")
    extra = [str(c) for c in numbers if c not in known]
    figures = numbers.reindex(columns=[*known, *extra]).astype("float64")
    frame = gpd.GeoDataFrame(
        pd.concat([about, figures], axis=1), geometry=shapes.geometry.to_numpy(), crs=crs
    )
    digest = hash_frame(areas)
    rows = [
        [c, GIVEN, "", digest, c, frame["year"].iloc[0] if len(frame) else None, level, int(n)]
        for c, n in numbers.notna().sum().items()
    ]
    described = Areas(
        frame=frame,
        reasons=pd.DataFrame("no_column", index=own.index, columns=figures.columns, dtype="str").where(
            figures.isna(), ""
        ),
        fallbacks=pd.DataFrame("", index=own.index, columns=figures.columns, dtype="str"),
        parents={parent: pd.DataFrame(columns=known, dtype="float64") for parent in LEVELS[1:]},
        provenance=pd.DataFrame(rows, columns=PROVENANCE).astype({"year": "Int64"}),
        indicators={c: _own_column(c) for c in extra},
    )  # fmt: skip
    if set(BALANCE_COLUMNS[:3]) <= set(own.columns):  # somebody has made it already
        made = {c: own[c] for c in BALANCE_COLUMNS if c in own}
        balance = _unknown_balance(own.index).assign(**made, basis="own")
        return AreaFigures(described, balance, read_balance_profile())
    try:
        return figure_areas(described)
    except CoverageError:  # nothing to compare with: figures without a balance
        return AreaFigures(described, _unknown_balance(own.index), read_balance_profile())


def _own_column(name: str) -> Column:
    return Column(
        name=name, kind="number", unit="", direction=0, nl=name, en=name, source=GIVEN, read_from={}
    )


def _unknown_balance(index: pd.Index) -> pd.DataFrame:
    unknown = pd.Series(np.nan, index)
    words = pd.Series("", index, dtype="str")
    return pd.DataFrame({
        "vragers_index": unknown, "dragers_index": unknown, "balans": unknown, "quadrant": words,
        "basis": words.replace("", "unknown"), "basis_year": pd.array([pd.NA] * len(index), dtype="Int64"),
        "status": words.replace("", "ok"), "remarks": words, "remarks_en": words,
    })  # fmt: skip


def hash_frame(frame: pd.DataFrame) -> str:
    """Hash the content of a frame: its columns, values and shapes, in the order in which they stand.

    Parameters
    ----------
    frame
        Any frame, with or without geometry.

    Returns
    -------
    str
        The SHA-256, 64 hexadecimal digits.

    Examples
    --------
    >>> hash_frame(pd.DataFrame({"a": [1]})) == hash_frame(pd.DataFrame({"a": [2]}))
    False
    """
    digest = hashlib.sha256()
    spatial = isinstance(frame, gpd.GeoDataFrame)
    table = pd.DataFrame(frame.drop(columns=frame.geometry.name)) if spatial else frame
    crs = frame.crs.to_wkt() if spatial and frame.crs else ""
    digest.update(repr((list(map(str, table.columns)), crs)).encode())
    digest.update(pd.util.hash_pandas_object(table.astype("str"), index=True).to_numpy().tobytes())
    if spatial:
        for shape in shapely.to_wkb(frame.geometry.to_numpy()):
            digest.update(shape or b"none")
    return digest.hexdigest()
