"""Service areas laid out: as rings between limits, taken together per class, and the difference between two."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geowoonzorg.errors import GeometryError, InputError, StudyError, first_ids
from geowoonzorg.files import bring_to
from geowoonzorg.progress import Progress, part, silent
from geowoonzorg.walk.access import Access, classes_of, join_network, read_layer
from geowoonzorg.walk.both_answers import unknown_of_parts, unknown_shares
from geowoonzorg.walk.caller_index import FACILITIES
from geowoonzorg.walk.polygons import only_ground, pool_access, reach_polygons
from geowoonzorg.walk.reach import check_limits
from geowoonzorg.walk.snapping import BEYOND_LIMIT, OK, STATUS
from geowoonzorg.walk.street_areas import cut_areas, draw_areas

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from geowoonzorg.walk.network import WalkNetwork

_STATUS = np.array(STATUS, object)
_PART = ["area", "edge"]


def service_rings(  # noqa: PLR0913 - each an option
    net: WalkNetwork,
    facilities: gpd.GeoDataFrame,
    *,
    limit_m: ArrayLike = 400.0,
    shape: Literal["lines", "polygons"] = "polygons",
    rings: bool = True,
    dissolve: bool = False,
    max_snap_m: float = 100.0,
    access_legs: bool = True,
    progress: Progress = silent,
) -> gpd.GeoDataFrame:
    """Find what lies between walking distances of each facility, or of the nearest facility of each class.

    Parameters
    ----------
    net
        The network.
    facilities
        As `geowoonzorg.service_areas`.
    limit_m
        One walking distance or several, inclusive (m).
    shape
        ``"lines"`` or ``"polygons"``, as `geowoonzorg.service_areas`.
    rings
        Only what lies beyond the limit before it; else each limit's whole area.
    dissolve
        Take the facilities of each class together: one area a class and limit, of the places from which the nearest
        of them is within it. Facilities without a class are one, ``all``.
    max_snap_m
        The longest access distance (m).
    access_legs
        Whether access distances count.
    progress
        Hears how far the work is.

    Returns
    -------
    geopandas.GeoDataFrame
        One row per facility, or class, and limit, limits ascending, in the facilities' CRS: ``facility_id`` (missing
        where dissolved), ``facility_class``, ``n_facilities`` (how many it is of; those that do not join the network
        are left out), ``from_m`` (the limit before, 0 for none) and ``limit_m``, ``length_m`` (each street
        metre once, on the ground), ``unknown_share`` (0–1, of those), ``status``, ``geometry``;
        polygons also ``area_m2``.

    Raises
    ------
    StudyError
        When a limit, ``shape`` or ``max_snap_m`` makes no sense.
    CrsError, DuplicateIdError, GeometryError, InputError
        When the facilities cannot be used.

    Notes
    -----
    Nothing is cut out of drawn shapes: rings and classes are searched and drawn as such. So the metres of the
    rings of a facility add up to those of its whole area; their ground does but for the specks that
    `reach_polygons` leaves out.

    Examples
    --------
    >>> from geowoonzorg.walk.network import WalkNetwork
    >>> net = WalkNetwork.from_arrays([[190_000, 500_000], [191_000, 500_000]], [[0, 1]])
    >>> shops = gpd.GeoDataFrame(geometry=gpd.points_from_xy([190_400, 190_600], [500_000] * 2), crs=28992)
    >>> found = service_rings(net, shops, limit_m=[100, 300], shape="lines", dissolve=True)
    >>> found[["from_m", "limit_m", "length_m"]].round(1)
       from_m  limit_m  length_m
    0     0.0    100.0     400.0
    1   100.0    300.0     400.0
    """
    limits = check_limits(limit_m)
    if shape not in ("lines", "polygons"):
        raise StudyError("shape is {shape!r}: choose lines or polygons", shape=shape)
    places = read_layer(net, facilities, role=FACILITIES)
    access = join_network(net, places, max_snap_m=max_snap_m)
    ids, classes, members = places["id"].to_numpy(), classes_of(places).to_numpy(), None
    joins = (access.status == OK).astype(np.int64)
    if dissolve:
        labels = classes_of(places).fillna("all").to_numpy(object)
        classes, access = pool_access(access, labels)
        members = np.bincount(np.searchsorted(classes, labels), joins, len(classes))
        ids = np.full(len(classes), None, object)
    n, row = len(limits), np.repeat(np.arange(len(ids)), len(limits))
    length, unknown, lines = _streets(
        net, access, limits, rings=rings, draw=shape == "lines", access_legs=access_legs,
        progress=progress if shape == "lines" else part(progress, 0.0, 0.2),
    )  # fmt: skip
    columns: dict[str, object] = {
        "facility_id": ids[row],
        "facility_class": classes[row],
        "n_facilities": (joins if members is None else members.astype(np.int64))[row],
        "from_m": np.tile(np.append(0.0, limits[:-1] if rings else np.zeros(n - 1)), len(ids)),
        "limit_m": np.tile(limits, len(ids)),
        "length_m": length,
        "unknown_share": unknown_shares(unknown, length),
        "status": _STATUS[_status(access, limits, access_legs=access_legs)],
    }
    geometry = lines
    if shape == "polygons":
        geometry = reach_polygons(
            net, access, limit_m=limits, max_snap_m=max_snap_m, access_legs=access_legs,
            mode="rings" if rings else "cumulative", progress=part(progress, 0.2, 1.0),
        )  # fmt: skip
    joined = access.status[row] == OK
    geometry[~joined] = None
    if shape == "polygons":
        columns["area_m2"] = np.where(joined, shapely.area(geometry), np.nan)
    found = gpd.GeoDataFrame(columns, geometry=geometry, crs=net.crs)
    found = bring_to(found, facilities.crs or net.crs)
    found = found.astype(dict.fromkeys(("facility_id", "facility_class", "status"), "str"))
    found.attrs["notes"] = list(places.attrs.get("notes", []))
    return found


def _status(access: Access, limits: NDArray[np.float64], *, access_legs: bool) -> NDArray[np.int8]:
    """Give the status of every area, as place × n_limits + index of the limit."""
    shortest = np.full(len(access.status), np.inf)
    np.minimum.at(shortest, access.place, access.leg_m if access_legs else 0.0)
    status = np.repeat(access.status, len(limits))
    beyond = np.repeat(shortest, len(limits)) > np.tile(limits, len(access.status))
    status[(status == OK) & beyond] = BEYOND_LIMIT
    return status


def _streets(
    net: WalkNetwork,
    access: Access,
    limits: NDArray[np.float64],
    *,
    rings: bool,
    draw: bool,
    access_legs: bool,
    progress: Progress,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.object_]]:
    """Add up the street metres of each area, those of which something is not known, and draw them."""
    cut = cut_areas(
        net, access.counted(access_legs=access_legs), limits, draw=False,
        spots=access.spots.counted(access_legs=access_legs),
        keep=np.ones(len(access.status), bool), progress=progress,
    )  # fmt: skip
    parts = cut.kept.sort_values([*_PART, "begin"], kind="stable")
    if rings and len(limits) > 1:
        parts = _beyond(parts, len(limits))
    area, edge = parts["area"].to_numpy(), parts["edge"].to_numpy(np.int32)
    begin, end = parts["begin"].to_numpy(), parts["end"].to_numpy()
    n = len(cut.length_m)
    unknown_m = unknown_of_parts(net, edge, begin, end)
    length, unknown = (
        np.where(np.isnan(cut.length_m), np.nan, np.bincount(area, metres, n)).astype(np.float64)
        for metres in (end - begin, unknown_m)
    )
    lines = np.full(n, None, object)
    if draw:
        lines = draw_areas(net, np.searchsorted(area, np.arange(n + 1)), edge, begin, end)
    return length, unknown, lines


def _beyond(parts: pd.DataFrame, n_limits: int) -> pd.DataFrame:
    """Take from the parts of each area those of the limit before, which all lie within them.

    Along an edge every part that begins adds one and every part that ends takes one off, those of the limit before
    the other way round: where the sum is one is what is left.
    """
    inner = parts[parts["area"] % n_limits < n_limits - 1].assign(area=lambda t: t["area"] + 1)
    events = [
        table[_PART].assign(at=table[name], step=step)
        for table, sign in ((parts, 1), (inner, -1))
        for name, step in (("begin", sign), ("end", -sign))
    ]
    along = pd.concat(events, ignore_index=True).sort_values([*_PART, "at"], kind="stable")
    area, edge, at = (along[name].to_numpy() for name in (*_PART, "at"))
    level = np.cumsum(along["step"].to_numpy())[:-1]
    left = (level == 1) & (np.diff(area) == 0) & (np.diff(edge) == 0) & (np.diff(at) > 0.0)
    kept = {"area": area, "edge": edge, "begin": at}
    table = pd.DataFrame({name: column[:-1][left] for name, column in kept.items()})
    return table.assign(end=at[1:][left])


def area_difference(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Tell what two layers of service areas have that the other has not: what is gained, lost, and in both.

    Parameters
    ----------
    before, after
        Polygons with ``limit_m`` and ``facility_id`` or, dissolved, ``facility_class``, as `service_rings` and
        `geowoonzorg.service_areas` give them: of two days, of two kinds of walkers, or of two plans.

    Returns
    -------
    geopandas.GeoDataFrame
        Per facility or class, limit and ``change`` (``gained``, ``lost``, ``both``) that there is: ``facility_id``,
        ``facility_class``, ``from_m`` where the layers have it, ``limit_m``, ``change``, ``area_m2``, ``geometry`` in
        the CRS of ``before``. An area that only one layer has is gained or lost whole; where one of the two is not
        known there is one row, ``unknown``, without a geometry.

    Raises
    ------
    InputError
        When a column is missing, a row stands twice, or the layers do not have the same columns to tell rows apart.
    GeometryError
        When there are geometries that are not polygons.

    Examples
    --------
    >>> box = shapely.box(0, 0, 10, 10)
    >>> row = {"facility_class": ["huisarts"], "limit_m": [400.0]}
    >>> one = gpd.GeoDataFrame(row, geometry=[box], crs=28992)
    >>> other = gpd.GeoDataFrame(row, geometry=[shapely.box(5, 0, 12, 10)], crs=28992)
    >>> area_difference(one, other)[["facility_class", "change", "area_m2"]]
      facility_class  change  area_m2
    0       huisarts  gained     20.0
    1       huisarts    lost     50.0
    2       huisarts    both     50.0
    """
    keys = _keys(before, after)
    crs = before.crs
    tables = [
        _told_apart(table, keys, role)
        for table, role in ((before, "before"), (bring_to(after, crs) if crs else after, "after"))
    ]
    joined = tables[0].merge(tables[1], on=keys, how="outer", suffixes=("", "_after"), sort=True)
    one, other = (
        _areas(joined[f"geometry{suffix}"], joined[f"there{suffix}"]) for suffix in ("", "_after")
    )
    unknown = shapely.is_missing(one) | shapely.is_missing(other)
    rows = []
    for change, geometry in (
        ("gained", shapely.difference(other, one)),
        ("lost", shapely.difference(one, other)),
        ("both", shapely.intersection(one, other)),
    ):
        made = only_ground(geometry)
        some = np.flatnonzero(~unknown & (shapely.area(made) > 0))
        rows.append(joined[keys].iloc[some].assign(change=change, geometry=made[some]))
    rows.append(joined.loc[unknown, keys].assign(change="unknown", geometry=None))
    found = pd.concat(rows).sort_index(kind="stable").reset_index(drop=True)
    area = np.where(found["geometry"].isna(), np.nan, shapely.area(found["geometry"].to_numpy()))
    found.insert(len(found.columns) - 1, "area_m2", area)
    return gpd.GeoDataFrame(found, geometry="geometry", crs=crs)


def _keys(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> list[str]:
    """Name the columns by which rows of both layers are the same area's."""
    names = [
        name
        for name in ("facility_id", "facility_class", "from_m", "limit_m")
        if all(name in table and table[name].notna().any() for table in (before, after))
    ]
    if "limit_m" not in names or not {"facility_id", "facility_class"} & set(names):
        raise InputError(
            "before, after: both layers need limit_m, and both facility_id or both facility_class, as service-areas "
            "writes them; give both the same way, dissolved or not"
        )
    return names


def _told_apart(table: gpd.GeoDataFrame, keys: list[str], role: str) -> pd.DataFrame:
    """Check one of two layers, and give its keys and areas."""
    twice = table.duplicated(keys)
    if twice.any():
        raise InputError(
            "{role}: rows with the same {keys}: {ids}; give each facility or class once a limit",
            role=role, keys=", ".join(keys), ids=first_ids(table.index[twice]),
        )  # fmt: skip
    geometry = np.asarray(table.geometry.array)
    wrong = ~np.isin(shapely.get_type_id(geometry), (-1, 3, 6))
    if wrong.any():
        raise GeometryError(
            "{role}: {n} rows are no polygons: {ids}; make the areas with --shape polygons",
            role=role, n=int(wrong.sum()), ids=first_ids(table.index[wrong]),
        )  # fmt: skip
    return pd.DataFrame(table[keys]).assign(geometry=geometry, there=True)


def _areas(geometry: pd.Series[Any], there: pd.Series[Any]) -> NDArray[np.object_]:
    """Give areas: empty where a layer has no such row, missing where it has one that is not known."""
    return np.where(there.isna(), shapely.Polygon(), geometry.to_numpy(object))
