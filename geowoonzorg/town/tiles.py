"""A town in tiles: squares that can be asked one by one, with streets and facilities that reach past them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import shapely

from geowoonzorg.errors import StudyError
from geowoonzorg.town._data import Part, TownData

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

T = TypeVar("T", bound=TownData)


def iter_tiles(town: T, *, km: float, margin_m: float) -> Iterator[T]:
    """Cut a town into tiles; see `Town.tiles`, which documents it.

    An address belongs to the tile that its place lies in, an area to that of its point within. What is walked
    from an address of the tile stays within the limit and the two ways to the street of it, as the crow flies,
    so streets and facilities that touch the box around it are all that is needed.
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
    places = np.asarray(town.addresses.geometry.representative_point())
    cell = _cells(places, side)
    areas = None if town.figures is None else town.figures.frame
    of_areas = None if areas is None else _cells(np.asarray(areas.representative_point()), side)
    facilities = shapely.STRtree(town.facilities.geometry.to_numpy())
    sizes = town.home.value_counts() if town.zone_sizes is None else town.zone_sizes
    # A class of which a tile has none is too far there, not unheard of: one of each goes with every tile.
    classes = town.facilities["facility_class"].reset_index(drop=True)
    one_of_each = classes.drop_duplicates().index.to_numpy()
    # In scale metres: the projection shortens some metres by a little, and a box costs nothing.
    reach = margin_m * 1.001
    for corner in np.unique(cell, axis=0):
        own = (cell == corner).all(axis=1)
        west, south = corner * side
        box = np.array([west - reach, south - reach, west + side + reach, south + side + reach])
        near = np.union1d(facilities.query(shapely.box(*box)), one_of_each)
        figures = town.figures
        if figures is not None and of_areas is not None:
            figures = replace(figures, own=(of_areas == corner).all(axis=1))
        yield replace(
            town,
            network=town.network.crop(box),
            addresses=town.addresses[own],
            facilities=town.facilities.iloc[near],
            figures=figures,
            part=Part(sizes, margin_m - spare),
        )


def _cells(places: NDArray[np.object_], side: float) -> NDArray[np.int64]:
    """Give the column and row of the tile that each place lies in, shape (n, 2)."""
    return np.floor(shapely.get_coordinates(places) / side).astype(np.int64)
