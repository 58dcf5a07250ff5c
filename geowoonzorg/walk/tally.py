"""How many origins of each zone are within walking distance of each place, counted without listing the pairs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from geowoonzorg.progress import Progress, silent
from geowoonzorg.walk.access import join_network, read_layer
from geowoonzorg.walk.both_answers import join_cautiously
from geowoonzorg.walk.caller_index import FACILITIES, ORIGINS
from geowoonzorg.walk.chunks import run_chunks, spatial_order, threads
from geowoonzorg.walk.crossing import met_places
from geowoonzorg.walk.kernels import search, tallying
from geowoonzorg.walk.reach import check_limits, lay_on_edges

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from geowoonzorg.walk.access import Access
    from geowoonzorg.walk.kernels.search import Workspace
    from geowoonzorg.walk.network import WalkNetwork


class Tally(NamedTuple):
    """How many origins are within the limit, a row per place and zone where there are any.

    ``place`` and ``zone`` are positions, a zone of -1 is none; ``near`` counts all, ``sure`` those within the limit
    in the cautious answer, too.
    """

    place: NDArray[np.int64]
    zone: NDArray[np.int64]
    near: NDArray[np.int64]
    sure: NDArray[np.int64]


def tally_reached(
    net: WalkNetwork,
    origins: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    zone: NDArray[np.intp],
    *,
    limit_m: float,
    max_snap_m: float = 100.0,
    access_legs: bool = True,
    progress: Progress = silent,
) -> Tally:
    """Count the origins within the limit of every facility, by zone.

    Parameters
    ----------
    net
        The network.
    origins, facilities
        Points or polygons with a CRS; the key is the column ``id``, else the index.
    zone
        The number of the zone of every origin, -1 for none, shape (n_origins,).
    limit_m
        The limit, inclusive (m).
    max_snap_m
        The longest access distance (m).
    access_legs
        Whether access distances count.
    progress
        Hears how far the work is.

    Returns
    -------
    Tally
        By place and zone, ascending.

    Raises
    ------
    StudyError
        When ``limit_m`` or ``max_snap_m`` makes no sense.
    CrsError, DuplicateIdError, GeometryError, InputError
        When origins or facilities cannot be used.

    Notes
    -----
    The same searches as `reached_pairs`, so the same origins are within reach; what grows with the number of pairs
    never leaves the loop.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from geowoonzorg.walk.network import WalkNetwork
    >>> net = WalkNetwork.from_arrays([[190_000, 500_000], [191_000, 500_000]], [[0, 1]])
    >>> homes = gpd.GeoDataFrame(geometry=gpd.points_from_xy([190_100, 190_150, 190_900], [500_000] * 3), crs=28992)
    >>> shops = gpd.GeoDataFrame(geometry=gpd.points_from_xy([190_200], [500_000]), crs=28992)
    >>> tally_reached(net, homes, shops, np.array([0, 0, 1]), limit_m=400).near.tolist()
    [2]
    """
    limit = float(check_limits(limit_m)[-1])
    homes = read_layer(net, origins, role=ORIGINS)
    places = read_layer(net, facilities, role=FACILITIES)
    one = _Reached(
        net,
        join_network(net, homes, max_snap_m=max_snap_m, leaving=True),
        join_network(net, places, max_snap_m=max_snap_m),
        limit,
        access_legs=access_legs,
    )
    from_home = join_cautiously(net, homes, max_snap_m=max_snap_m, leaving=True)
    to_place = join_cautiously(net, places, max_snap_m=max_snap_m)
    other = None
    if from_home and to_place:
        other = _Reached(
            from_home.net, from_home.access, to_place.access, limit, access_legs=access_legs
        )
    of, n_zones = np.asarray(zone, np.int64), int(np.max(zone, initial=-1)) + 1

    def task(chosen: NDArray[np.int64], workspace: Workspace) -> tuple[NDArray[Any], ...]:
        near = one.around(chosen, workspace)
        sure = near
        if other is not None:
            with other.net.workspaces.borrow() as second:
                sure = other.around(chosen, second)
        seen = np.zeros(len(of), np.int64)
        result: tuple[NDArray[Any], ...] = tallying.tally(
            len(chosen), *near, *sure, of, n_zones, seen
        )
        return result

    # a pair takes 20 bytes, twice while it is copied, in as many chunks as there are threads and one more
    most = max(1, int(256e6 / (80 * max(len(of), 1) * (threads() + 1))))
    none = np.empty(0, np.int64)
    found = [(none, none, none, none)]
    for chosen, (which, *rest) in run_chunks(
        net, task, spatial_order(one.seeds), progress=progress, message="distances", most=most
    ):
        found.append((chosen[which], *rest))
    place, at, near, sure = (np.concatenate(column) for column in zip(*found, strict=True))
    at = np.where(at == n_zones, -1, at)
    order = np.lexsort((at, place))
    return Tally(place[order], at[order], near[order], sure[order])


class _Reached:
    """What can be reached in one network: which origins are within the limit of places."""

    def __init__(
        self, net: WalkNetwork, homes: Access, places: Access, limit: float, *, access_legs: bool
    ) -> None:
        self.net, self.limit = net, limit
        self.seeds = places.counted(access_legs=access_legs)
        self.points = lay_on_edges(net, homes.counted(access_legs=access_legs))
        self.straight = met_places(
            net, places.spots.counted(access_legs=access_legs),
            homes.spots.counted(access_legs=access_legs), limit,
        )  # fmt: skip

    def around(
        self, places: NDArray[np.int64], workspace: Workspace
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """List place (its position in ``places``, ascending) and origin, which may stand there more than once."""
        which, point, _ = search.reach_points(
            self.net.toward, self.seeds, places, self.limit, workspace, self.points.start, self.points.offset,
            self.points.access,
        )  # fmt: skip
        which, origin = which.astype(np.int64), self.points.origin[point]
        if self.straight is None:
            return which, origin
        by_place = np.argsort(places)
        rank = np.searchsorted(places[by_place], self.straight[0])
        rank = np.minimum(rank, len(places) - 1)
        here = places[by_place][rank] == self.straight[0]
        which = np.append(which, by_place[rank[here]])
        origin = np.append(origin, self.straight[1][here])
        order = np.argsort(which, kind="stable")
        return which[order], origin[order]
