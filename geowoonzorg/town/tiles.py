"""A town in tiles: squares that can be asked one by one, with streets and facilities that reach past them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import shapely

from geowoonzorg.errors import InputError, StudyError
from geowoonzorg.town._data import Part, TownData
from geowoonzorg.town.completeness import class_completeness

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd
    from numpy.typing import NDArray

    from geowoonzorg.walk.network import WalkNetwork

T = TypeVar("T", bound=TownData)


def iter_tiles(town: T, *, km: float, margin_m: float) -> Iterator[T]:
    """Cut a town into tiles; see `Town.tiles`, which documents it.

    An address belongs to the tile that its place lies in, an area to that of its point within or the nearest.
    What is walked from an address of the tile stays within the limit and the two ways to the street of it, as
    the crow flies, so streets and facilities that touch the box around it are all that is needed.
    """
    side = km * 1_000.0
    if not (np.isfinite(side) and side > 0):
        raise StudyError("tiles of {km} km have no size; give more than 0", km=km)
    spare = 2 * town.walking.max_snap_m  # the ways between place and street, at both ends
    need = max(town.walking.limits_m) + spare
    if not (np.isfinite(margin_m) and margin_m >= need):
        raise StudyError(
            "a margin of {margin_m:g} m is too little: walks of {limit:g} m from places up to {snap:g} m off the "
            "street need {need:g} m",
            margin_m=margin_m, limit=max(town.walking.limits_m), snap=town.walking.max_snap_m, need=need,
        )  # fmt: skip
    if town.addresses.empty:
        return
    corners, tile = np.unique(_cells(town.addresses.geometry, side), axis=0, return_inverse=True)
    members = np.split(np.argsort(tile, kind="stable"), np.cumsum(np.bincount(tile))[:-1])
    figures, there, homes = town.figures, town.facilities, town.around
    of_areas = None if figures is None else _nearest_tile(figures.frame.geometry, corners, side)
    of_facilities = _nearest_tile(there.geometry, corners, side)
    facilities = shapely.STRtree(there.geometry.to_numpy())
    people = shapely.STRtree(homes.geometry.to_numpy())
    sizes = town.home.value_counts() if town.zone_sizes is None else town.zone_sizes
    known_m = margin_m - spare if town.part is None else min(margin_m - spare, town.part.known_m)
    whole = town if town.part is None else town.part.whole
    completeness = class_completeness(town)
    # A class of which a tile has none is too far there, not unheard of: one of each goes with every tile.
    classes = there["facility_class"].reset_index(drop=True)
    one_of_each = classes.drop_duplicates().index.to_numpy()
    # The projection shortens some metres by a little, and a wider box costs nothing.
    reach = margin_m * 1.001
    for number, (corner, own) in enumerate(zip(corners, members, strict=True)):
        west, south = corner * side
        box = np.array([west - reach, south - reach, west + side + reach, south + side + reach])
        mine = np.flatnonzero(of_facilities == number)
        near = np.union1d(facilities.query(shapely.box(*box)), np.union1d(one_of_each, mine))
        yield replace(
            town,
            network=_crop(town.network, box),
            addresses=town.addresses.iloc[own],
            facilities=there.iloc[near],
            figures=None if figures is None else replace(figures, own=np.asarray(of_areas == number)),
            part=Part(
                sizes, known_m,
                around=homes.iloc[np.sort(people.query(shapely.box(*box)))],
                own_facilities=frozenset(there["id"].iloc[mine]),
                completeness=completeness,
                whole=whole,
            ),
        )  # fmt: skip


def _crop(net: WalkNetwork, box: NDArray[np.float64]) -> WalkNetwork:
    """Take what touches the box; where no street does, any will tell a place that it is off the network."""
    try:
        return net.crop(box)
    except InputError:
        x, y = net.node_xy[0]
        return net.crop([x, y, x, y])


def _cells(places: gpd.GeoSeries, side: float) -> NDArray[np.int64]:
    """Give the column and row of the tile that each place lies in, shape (n, 2)."""
    points = np.asarray(places.representative_point())
    return np.floor(shapely.get_coordinates(points) / side).astype(np.int64)


def _nearest_tile(
    areas: gpd.GeoSeries, corners: NDArray[np.int64], side: float
) -> NDArray[np.intp]:
    """Give every area the tile its point lies in, or the nearest one where nobody lives around it."""
    tree = shapely.STRtree(shapely.points(corners.astype(np.float64)))
    if not len(areas):
        return np.zeros(0, dtype=np.intp)
    cells = shapely.points(_cells(areas, side).astype(np.float64))
    return np.asarray(tree.query_nearest(cells, all_matches=False)[1])
