"""A town in tiles: squares that can be asked one by one, with streets and facilities that reach past them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np
import shapely

from geowoonzorg.errors import InputError, StudyError
from geowoonzorg.town._data import Part, TownData
from geowoonzorg.town.completeness import class_completeness
from geowoonzorg.walk.entrances import read_entrances

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd
    from numpy.typing import NDArray

    from geowoonzorg.walk.network import WalkNetwork

T = TypeVar("T", bound=TownData)

#: The projection shortens some metres by a little, and a wider box costs nothing.
STRETCHED = 1.001
_WORTH_A_STRIP = 3  # tiles in a column from which on it pays to cut the column out first


class Cut(NamedTuple):
    """A tile to be cut: which rows of the layer are its own, in which column of tiles, and the box around them."""

    own: NDArray[np.intp]
    column: int
    box: NDArray[np.float64]


def plan_cuts(
    layer: gpd.GeoDataFrame, *, km: float, margin_m: float, most: int | None = None
) -> list[Cut]:
    """Share the places of a layer out over tiles.

    Parameters
    ----------
    layer
        Points or polygons, in metres.
    km
        About the side of a tile, in kilometres: all have the same, and together they just hold the layer.
    margin_m
        How far around its own places, and where people enter those, a tile reaches.
    most
        How many places a tile may have; one with more is halved until it fits.

    Returns
    -------
    list of Cut
        From the west; every row is some tile's own.

    Examples
    --------
    >>> from geowoonzorg.town import Town
    >>> homes = Town.demo().addresses
    >>> sum(len(cut.own) for cut in plan_cuts(homes, km=1, margin_m=600)) == len(homes)
    True
    """
    if layer.empty:
        return []
    points = _points(layer.geometry)
    low, high = points.min(axis=0), points.max(axis=0)
    # as many as fit, all of one size: a sliver costs nearly as much as a tile
    counts = np.maximum(1, np.round((high - low) / (km * 1_000.0)))
    sides = np.maximum((high - low) / counts, 1.0)
    cells = np.minimum(np.floor((points - low) / sides), counts - 1).astype(np.int64)
    corners, tile = np.unique(cells, axis=0, return_inverse=True)
    order = np.argsort(tile, kind="stable")
    members = np.split(order, np.cumsum(np.bincount(tile))[:-1])
    bounds, reach = bounds_of(layer), margin_m * STRETCHED
    cuts = []
    for column, every in zip(corners[:, 0], members, strict=True):
        for own in _halved(points, every, most):
            low, high = bounds[own, :2].min(axis=0), bounds[own, 2:].max(axis=0)
            cuts.append(Cut(own, int(column), np.append(low - reach, high + reach)))
    return cuts


def bounds_of(layer: gpd.GeoDataFrame) -> NDArray[np.float64]:
    """Give the box of every place together with where people enter it, shape (n, 4).

    Parameters
    ----------
    layer
        Points or polygons; ``entrances`` is optional.

    Returns
    -------
    numpy.ndarray
        West, south, east and north.

    Examples
    --------
    >>> from geowoonzorg.town import Town
    >>> bounds_of(Town.demo().addresses).shape[1]
    4
    """
    box = shapely.bounds(np.asarray(layer.geometry.array))
    if "entrances" in layer:
        doors = read_entrances(layer, crs=layer.crs, role="places")
        other = shapely.bounds(np.asarray(doors.array))
        box = np.column_stack(
            [np.fmin(box[:, :2], other[:, :2]), np.fmax(box[:, 2:], other[:, 2:])]
        )
    return box


def tree_of(layer: gpd.GeoDataFrame) -> shapely.STRtree:
    """Index places by their boxes, those of their entrances among them.

    Parameters
    ----------
    layer
        Points or polygons; ``entrances`` is optional.

    Returns
    -------
    shapely.STRtree
        In the order of the layer.

    Examples
    --------
    >>> from geowoonzorg.town import Town
    >>> len(tree_of(Town.demo().facilities)) == len(Town.demo().facilities)
    True
    """
    if "entrances" not in layer:
        return shapely.STRtree(layer.geometry.to_numpy())
    return shapely.STRtree(shapely.box(*bounds_of(layer).T))


class Streets:
    """A network that tiles are cut out of, a column of tiles after the other.

    Parameters
    ----------
    net
        The network.
    cuts
        All tiles that may be cut, those of a column together.
    """

    def __init__(self, net: WalkNetwork, cuts: list[Cut]) -> None:
        self._net = net
        self._cuts = cuts
        self._strip: tuple[int, WalkNetwork] | None = None

    def of(self, cut: Cut) -> WalkNetwork:
        """Cut the streets of a tile.

        Parameters
        ----------
        cut
            The tile.

        Returns
        -------
        WalkNetwork
            What touches its box; where no street does, any, which will tell a place that it is off the network.
        """
        if self._strip is None or self._strip[0] != cut.column:
            boxes = np.array([one.box for one in self._cuts if one.column == cut.column])
            whole = self._net
            if len(boxes) >= _WORTH_A_STRIP:
                box = np.append(boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0))
                whole = crop(self._net, box)
            self._strip = cut.column, whole
        return crop(self._strip[1], cut.box)


def iter_tiles(town: T, *, km: float, margin_m: float) -> Iterator[T]:
    """Cut a town into tiles; see `Town.tiles`, which documents it.

    An address belongs to the tile that its place lies in, an area to that of its point within or the nearest.
    What is walked from an address of the tile stays within the limit and the two ways to the street of it, as
    the crow flies, so streets and facilities that touch the box around it are all that is needed.
    """
    side = km * 1_000.0
    if not (np.isfinite(side) and side > 0):
        raise StudyError("tiles of {km} km have no size; give more than 0", km=km)
    spare = ways_to_streets_m(town)
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
    facilities, people = tree_of(there), tree_of(homes)
    sizes = town.home.value_counts() if town.zone_sizes is None else town.zone_sizes
    known_m = margin_m - spare if town.part is None else min(margin_m - spare, town.part.known_m)
    whole = town if town.part is None else town.part.whole
    completeness = class_completeness(town)
    # A class of which a tile has none is too far there, not unheard of: one of each goes with every tile.
    classes = there["facility_class"].reset_index(drop=True)
    one_of_each = classes.drop_duplicates().index.to_numpy()
    reach, bounds = margin_m * STRETCHED, bounds_of(town.addresses)
    for number, (corner, own) in enumerate(zip(corners, members, strict=True)):
        low = np.minimum(corner * side, bounds[own, :2].min(axis=0))
        high = np.maximum((corner + 1) * side, bounds[own, 2:].max(axis=0))
        box = np.append(low - reach, high + reach)
        mine = np.flatnonzero(of_facilities == number)
        near = np.union1d(facilities.query(shapely.box(*box)), np.union1d(one_of_each, mine))
        yield replace(
            town,
            network=crop(town.network, box),
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


def ways_to_streets_m(town: TownData) -> float:
    """Say how much further than a limit streets and facilities matter, as the crow flies (m).

    Parameters
    ----------
    town
        How its people walk.

    Returns
    -------
    float
        The ways between place and street, at both ends; and where they do not count once more, so that what lies
        at the limit still sees which street is nearest.

    Examples
    --------
    >>> from geowoonzorg.town import Town
    >>> ways_to_streets_m(Town.demo())
    200.0
    """
    return (2 if town.walking.access_legs else 3) * town.walking.max_snap_m


def crop(net: WalkNetwork, box: NDArray[np.float64]) -> WalkNetwork:
    """Take what touches a box; where no street does, any will tell a place that it is off the network.

    Parameters
    ----------
    net
        The streets.
    box
        West, south, east and north (m), shape (4,).

    Returns
    -------
    WalkNetwork
        At least one street.

    Examples
    --------
    >>> from geowoonzorg.town import Town
    >>> crop(Town.demo().network, np.zeros(4)).n_streets > 0
    True
    """
    try:
        return net.crop(box)
    except InputError:
        x, y = net.node_xy[0]
        return net.crop([x, y, x, y])


def _cells(places: gpd.GeoSeries, side: float) -> NDArray[np.int64]:
    """Give the column and row of the tile that each place lies in, shape (n, 2)."""
    return np.floor(_points(places) / side).astype(np.int64)


def _points(places: gpd.GeoSeries) -> NDArray[np.float64]:
    """Give a point within each place, shape (n, 2)."""
    return shapely.get_coordinates(np.asarray(places.representative_point()))


def _halved(
    points: NDArray[np.float64], own: NDArray[np.intp], most: int | None
) -> list[NDArray[np.intp]]:
    """Halve a tile across its longer side until no part has too many places."""
    if most is None or len(own) <= most:
        return [own]
    across = int(np.argmax(np.ptp(points[own], axis=0)))
    order = own[np.argsort(points[own, across], kind="stable")]
    half = len(order) // 2
    return [
        one for part in (order[:half], order[half:]) for one in _halved(points, np.sort(part), most)
    ]


def _nearest_tile(
    areas: gpd.GeoSeries, corners: NDArray[np.int64], side: float
) -> NDArray[np.intp]:
    """Give every area the tile its point lies in, or the nearest one where nobody lives around it."""
    tree = shapely.STRtree(shapely.points(corners.astype(np.float64)))
    if not len(areas):
        return np.zeros(0, dtype=np.intp)
    cells = shapely.points(_cells(areas, side).astype(np.float64))
    return np.asarray(tree.query_nearest(cells, all_matches=False)[1])
