"""Places and how they join the network: a point at the nearest street, a polygon at its entrances."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
import shapely

from geowoonzorg.errors import GeometryError, first_ids
from geowoonzorg.files import as_points
from geowoonzorg.messages import tell
from geowoonzorg.walk import crossing
from geowoonzorg.walk.assembly import STREET
from geowoonzorg.walk.crossing import Spots, no_spots
from geowoonzorg.walk.entrances import find_moved, read_entrances
from geowoonzorg.walk.kernels.grid import segments_in_boxes
from geowoonzorg.walk.kernels.search import Seeds
from geowoonzorg.walk.snapping import (
    ISLAND,
    OFF_NETWORK,
    OK,
    check_max_snap,
    offsets_of,
    snap_points,
)

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from geowoonzorg.walk.network import WalkNetwork

#: Polygons without a street at their border look this far first (m), since most streets are near.
_NEAR_M = 25.0
#: Seeds of one place closer together than this along an edge are one (m).
_SAME_M = 1e-6


@dataclass(frozen=True)
class Access:
    """Where each of some places joins the network: not at all, at one point, or at several.

    Parameters
    ----------
    seeds
        Per place (CSR): edge, metres along it, and the straight metres to it (the access distance).
    xy
        The points on the network, shape (n_seeds, 2) (m).
    status
        0 ok, 1 off_network, 2 island (index into ``snapping.STATUS``), shape (n_places,). Only places
        that are ok have seeds.
    over_m
        How much of the access distance of each seed is walked over a square, shape (n_seeds,) (m). From a square
        one joins the streets at every corner of it that one sees; ``xy`` is then where one stands on it.
    spots
        Where places stand on squares.
    """

    seeds: Seeds
    xy: NDArray[np.float64]
    status: NDArray[np.int8]
    over_m: NDArray[np.float64] | None = None
    spots: Spots = field(default_factory=no_spots)

    @property
    def leg_m(self) -> NDArray[np.float64]:
        """The straight metres from the place to ground that may be walked, per seed, shape (n_seeds,) (m)."""
        return self.seeds.access if self.over_m is None else self.seeds.access - self.over_m

    @property
    def place(self) -> NDArray[np.int64]:
        """The place of every seed, shape (n_seeds,)."""
        return np.repeat(np.arange(len(self.status)), np.diff(self.seeds.start))

    @property
    def access_m(self) -> NDArray[np.float64]:
        """The shortest access distance of every place, shape (n_places,) (m); NaN where it does not join."""
        out = np.full(len(self.status), np.nan)
        np.fmin.at(out, self.place, self.leg_m)
        return out

    def counted(self, *, access_legs: bool) -> Seeds:
        """Give the seeds to search from.

        Parameters
        ----------
        access_legs
            Whether access distances count; otherwise only what is walked over a square does (m).

        Returns
        -------
        Seeds
            The seeds.

        Examples
        --------
        >>> seeds = Seeds(np.array([0, 1]), np.array([3]), np.array([5.0]), np.array([8.0]))
        >>> access = Access(seeds, np.zeros((1, 2)), np.zeros(1, np.int8))
        >>> access.counted(access_legs=False).access.tolist()
        [0.0]
        """
        if access_legs:
            return self.seeds
        over = np.zeros_like(self.seeds.access) if self.over_m is None else self.over_m
        return self.seeds._replace(access=over)

    def select(self, places: NDArray[np.int64]) -> Access:
        """Select some places, in the order given.

        Parameters
        ----------
        places
            Which places, shape (n,).

        Returns
        -------
        Access
            Those places only.

        Examples
        --------
        >>> seeds = Seeds(np.array([0, 1, 2]), np.array([3, 4]), np.zeros(2), np.zeros(2))
        >>> access = Access(seeds, np.zeros((2, 2)), np.zeros(2, np.int8))
        >>> access.select(np.array([1])).seeds.edge.tolist()
        [4]
        """
        size = np.diff(self.seeds.start)[places]
        start = np.concatenate([[0], np.cumsum(size)])
        at = np.repeat(self.seeds.start[places] - start[:-1], size) + np.arange(start[-1])
        seeds = Seeds(start, self.seeds.edge[at], self.seeds.offset[at], self.seeds.access[at])
        over = None if self.over_m is None else self.over_m[at]
        return Access(seeds, self.xy[at], self.status[places], over, self.spots.of(places))


def read_layer(
    net: WalkNetwork, layer: gpd.GeoDataFrame, *, role: str, by_id: bool = False
) -> gpd.GeoDataFrame:
    """Bring places that are in memory into the network's system, with a unique text ``id``.

    Parameters
    ----------
    net
        The network.
    layer
        Points or polygons with a CRS; the key is the column ``id``, else the index. The column
        ``entrances`` is optional: text as `geowoonzorg.read_facilities` gives it, or geometries.
    role
        What they are, which starts each message.
    by_id
        Order them by id, so that of equal distances the first id counts.

    Returns
    -------
    geopandas.GeoDataFrame
        The places, with ``id`` (str), ``entrances`` as geometries where there is such a column (none
        where a place was moved since they were written; ``attrs["notes"]`` names those), and
        a range index.

    Raises
    ------
    CrsError, DuplicateIdError, GeometryError, InputError
        As `geowoonzorg.files.as_points` and `geowoonzorg.walk.entrances.read_entrances`.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from geowoonzorg.walk.network import WalkNetwork
    >>> net = WalkNetwork.from_arrays([[190_000, 500_000], [191_000, 500_000]], [[0, 1]])
    >>> homes = gpd.GeoDataFrame(geometry=gpd.points_from_xy([190_100, 190_900], [500_000] * 2), crs=28992)
    >>> shops = gpd.GeoDataFrame(geometry=gpd.points_from_xy([190_200], [500_000]), crs=28992)
    >>> read_layer(net, homes.to_crs(4326), role="origins")["id"].tolist()
    ['0', '1']
    """
    if getattr(layer, "active_geometry_name", None) is None:
        raise GeometryError("{role}: a table without geometries; give a GeoDataFrame", role=role)
    if isinstance(layer.index, pd.MultiIndex):
        layer = layer.set_axis(layer.index.to_flat_index())
    places = as_points(layer, where=role, crs=net.crs)
    if "entrances" in places.columns:
        entered = read_entrances(places, crs=layer.crs, role=role)
        moved = find_moved(places, entered)
        entered[moved] = None
        places["entrances"] = entered
        if moved.any():
            ids = first_ids(places["id"][moved])
            note = tell(
                "entrances that belong to a former place, so measured where it is now: {ids}",
                ids=ids,
            )
            places.attrs["notes"] = [*places.attrs["notes"], note]
    return places.sort_values("id", kind="stable", ignore_index=True) if by_id else places


def classes_of(places: gpd.GeoDataFrame) -> pd.Series[str]:
    """Give the class of every facility.

    Parameters
    ----------
    places
        Facilities, with or without a column ``facility_class``.

    Returns
    -------
    pandas.Series
        The class (str), missing where the layer has none.

    Examples
    --------
    >>> classes_of(pd.DataFrame({"facility_class": ["huisarts", None]})).tolist()
    ['huisarts', nan]
    """
    if "facility_class" in places.columns:
        own = places["facility_class"]
        return own.astype("str").where(own.notna())
    return pd.Series(pd.NA, index=places.index, dtype="str")


def join_network(
    net: WalkNetwork,
    places: gpd.GeoDataFrame,
    *,
    max_snap_m: float = 100.0,
    leaving: bool = False,
) -> Access:
    """Find where places join the network.

    Parameters
    ----------
    net
        The network.
    places
        Points or polygons in the network's system (m). A column ``entrances`` may hold, per place,
        where people enter, points or an outline; that counts instead of the place's own geometry.
    max_snap_m
        The longest access distance (m).
    leaving
        Whether people only leave from the places, as from origins, and never walk to them.

    Returns
    -------
    Access
        Where every place joins; on private ground on the way out, and on the way in unless ``leaving``.

    Raises
    ------
    StudyError
        When ``max_snap_m`` is not a sensible length.

    Notes
    -----
    Who stands on a square is there; who joins its outline walks on over it as well. A point elsewhere
    joins at the nearest point of the nearest edge; several points (a MultiPoint, entrances)
    each on their own. Private ground is ground like streets; equally near, the street is taken. A
    polygon without entrances joins, with an access distance of 0, wherever a walkable edge touches or crosses its
    border; where none does, at the point of an edge that is nearest to its border. Islands count only
    where nothing else is near enough, and then the place is refused with that status.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from geowoonzorg.walk.network import WalkNetwork
    >>> net = WalkNetwork.from_arrays([[190_000, 500_000], [191_000, 500_000]], [[0, 1]])
    >>> homes = gpd.GeoDataFrame(geometry=gpd.points_from_xy([190_100, 190_900], [500_000] * 2), crs=28992)
    >>> shops = gpd.GeoDataFrame(geometry=gpd.points_from_xy([190_200], [500_000]), crs=28992)
    >>> access = join_network(net, homes)
    >>> access.seeds.offset.round(1).tolist(), access.status.tolist()
    ([100.0, 900.1], [0, 0])
    """
    radius = check_max_snap(max_snap_m)
    geometry = np.asarray(places.geometry.array)
    if shapely.has_z(geometry).any():
        geometry = shapely.force_2d(geometry)
    if "entrances" in places.columns:
        entrances = np.asarray(places["entrances"].array, object)
        known = ~(shapely.is_missing(entrances) | shapely.is_empty(entrances))
        geometry = np.where(known, shapely.force_2d(entrances), geometry)
    is_area = shapely.get_dimensions(geometry) == 2  # noqa: PLR2004 - a surface
    points, standing = _join_points(net, geometry, ~is_area, radius)
    bordering = crossing.stand_at_borders(net, geometry, is_area)
    areas = _join_areas(net, geometry, is_area, radius, bordering.place)
    spots = [standing, bordering]
    return _collect(net, len(geometry), [points, *areas], spots, leaving=leaving)


class _Joined(NamedTuple):
    """Places that join the network, one row a seed."""

    place: NDArray[np.int64]
    edge: NDArray[np.int32]
    offset: NDArray[np.float64]
    access: NDArray[np.float64]
    xy: NDArray[np.float64]
    island: NDArray[np.bool_]

    def rows(self, which: NDArray[Any]) -> _Joined:
        """Select some rows."""
        return _Joined(*(column[which] for column in self))


def _stacked(joined: list[_Joined]) -> _Joined:
    """Put rows behind each other."""
    return _Joined(*(np.concatenate(column) for column in zip(*joined, strict=True)))


def _collect(
    net: WalkNetwork, n_places: int, joined: list[_Joined], spots: list[Spots], *, leaving: bool
) -> Access:
    """Give each place its seeds: never an island's, each once, by edge and offset."""
    every = _stacked(joined)
    status = np.full(n_places, OFF_NETWORK, np.int8)
    status[every.place[every.island]] = ISLAND
    main = every.rows(~every.island)
    status[main.place] = OK
    if not leaving:
        private = main.rows(main.edge >= net.n_streets)
        inward = private._replace(edge=private.edge + net.n_private)
        main = _stacked([main, inward])
        spots = [*spots, *(crossing.inward(net, one) for one in spots)]
    spot, over, metres = _walk_over(net, main, spots)
    status[spot.place] = OK
    over_m = np.append(np.zeros(len(main.place)), metres)
    main = _stacked([main, over])
    order = np.lexsort((main.access, main.offset, main.edge, main.place))
    main, over_m = main.rows(order), over_m[order]
    again = np.zeros(len(main.place), bool)
    again[1:] = (
        (np.diff(main.place) == 0)
        & (np.diff(main.edge) == 0)
        & (np.diff(main.offset) < _SAME_M)
        & ((np.diff(main.access) == 0) | (over_m[1:] > 0))
    )
    place, edge, offset, access_m, xy, _ = main.rows(~again)
    start = np.searchsorted(place, np.arange(n_places + 1)).astype(np.int64)
    seeds = Seeds(start, edge.astype(np.int32), offset, access_m)
    return Access(seeds, xy, status, over_m[~again] if len(spot.place) else None, spot)


def _walk_over(
    net: WalkNetwork, main: _Joined, spots: list[Spots]
) -> tuple[Spots, _Joined, NDArray[np.float64]]:
    """List where places stand on squares, and let them join at the corners that they see; also how far those are."""
    square = net.edge_square[main.edge]
    feet = main.rows(square >= 0)
    spots = [*spots, Spots(feet.place, square[square >= 0].astype(np.int64), feet.xy, feet.access)]
    spot = Spots(*(np.concatenate(column) for column in zip(*spots, strict=True)))
    spot = spot.rows(np.argsort(spot.place, kind="stable"))
    looks = crossing.look_around(net, spot)
    edge, offset = crossing.at_nodes(net, looks.node)
    joined = _Joined(
        spot.place[looks.spot], edge, offset, spot.leg_m[looks.spot] + looks.metres,
        spot.xy[looks.spot], np.zeros(len(edge), bool),
    )  # fmt: skip
    return spot, joined, looks.metres


def _join_points(
    net: WalkNetwork, geometry: NDArray[np.object_], chosen: NDArray[np.bool_], radius: float
) -> tuple[_Joined, Spots]:
    """Join points: where they stand on a square, and the others at the nearest street or private ground."""
    at = np.flatnonzero(chosen)
    points, of = shapely.get_coordinates(geometry[at], return_index=True)
    hit, square = crossing.squares_under(net, points)
    spots = Spots(at[of[hit]], square, points[hit], np.zeros(len(hit)))
    on_public = hit[net.squares.layer[square] == STREET]
    elsewhere = np.delete(np.arange(len(points)), on_public)
    snap = snap_points(net, points[elsewhere], max_snap_m=radius)
    # who stands on private ground is on the street as well where he is on both
    both = (snap.edge < net.n_streets) & (snap.access_m <= _SAME_M)
    near = np.flatnonzero((snap.edge >= 0) & (both | ~np.isin(elsewhere, hit)))
    joined = _Joined(
        at[of[elsewhere[near]]], snap.edge[near], snap.offset_m[near], snap.access_m[near],
        snap.xy[near], snap.status[near] == ISLAND,
    )  # fmt: skip
    return joined, spots


def _join_areas(
    net: WalkNetwork,
    geometry: NDArray[np.object_],
    chosen: NDArray[np.bool_],
    radius: float,
    on_squares: NDArray[np.int64],
) -> list[_Joined]:
    """Join polygons: where streets touch them, else at the nearest street; an island only as a last resort.

    Those that border on the ground of a square need no street besides.
    """
    found: list[_Joined] = []
    left = np.flatnonzero(chosen)
    for island in (False, True):
        for reach_m in (0.0, min(_NEAR_M, radius), radius):
            if len(left):
                joined = _touch(net, geometry, left, reach_m, radius, island=island)
                found.append(joined)
                left = np.setdiff1d(left, np.append(joined.place, on_squares))
    return found


def _touch(
    net: WalkNetwork,
    geometry: NDArray[np.object_],
    places: NDArray[np.int64],
    reach_m: float,
    radius: float,
    *,
    island: bool,
) -> _Joined:
    """Join polygons to streets at most ``reach_m`` away: at every touch for 0, else at the nearest point."""
    # a little further than asked, for the projection's scale and for touches on the rim of a box
    margin = reach_m * 1.01 + 1e-3
    boxes = shapely.bounds(geometry[places]) + np.array([-margin, -margin, margin, margin])
    box, segment = segments_in_boxes(net.grid, np.ascontiguousarray(boxes))
    right = (segment < 0) == island
    pairs = np.unique(
        np.column_stack([box[right], np.where(segment < 0, -1 - segment, segment)[right]]), axis=0
    )
    box, segment = pairs[:, 0], pairs[:, 1].astype(np.int64)
    street = shapely.linestrings(
        np.stack([net.vertex_xy[segment], net.vertex_xy[segment + 1]], axis=1)
    )
    border = shapely.boundary(geometry[places])[box]
    if reach_m == 0.0:
        hit = shapely.intersects(street, border)
        box, segment = box[hit], segment[hit]
        foot, of = shapely.get_coordinates(
            shapely.intersection(street[hit], border[hit]), return_index=True
        )
        box, segment = box[of], segment[of]
        access_m = np.zeros(len(foot))
    else:
        away = shapely.distance(street, border)
        order = np.lexsort((segment, away, box))
        first = order[np.flatnonzero(np.diff(box[order], prepend=-1))]
        nearest = shapely.get_coordinates(
            shapely.shortest_line(street[first], border[first])
        ).reshape(-1, 2, 2)
        foot = nearest[:, 0]
        access_m = net.scale.lengths(foot, nearest[:, 1])
        # beyond ``reach_m`` a nearer street may lie outside the box
        kept = (access_m <= radius) & (away[first] <= margin)
        box, segment = box[first][kept], segment[first][kept]
        foot, access_m = foot[kept], access_m[kept]
    offset = offsets_of(net, segment, foot)
    edge = np.searchsorted(net.vertex_start, segment, side="right").astype(np.int32) - 1
    return _Joined(places[box], edge, offset, access_m, foot, np.full(len(foot), island))
