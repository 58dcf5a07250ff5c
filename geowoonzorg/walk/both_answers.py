"""What of a walk is not known: the share of its metres, and the walk that is left when that turns out badly."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from geowoonzorg.progress import Progress, silent
from geowoonzorg.walk.access import Access, join_network
from geowoonzorg.walk.cautious import CLOSED, judge_edges
from geowoonzorg.walk.kernels import unknown_metres
from geowoonzorg.walk.kernels.search import Seeds
from geowoonzorg.walk.reach import labelled, read_nearest
from geowoonzorg.walk.snapping import OFF_NETWORK

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from geowoonzorg.walk.network import WalkNetwork


class Cautious(NamedTuple):
    """The streets that stay open in the cautious answer, and how places join them."""

    net: WalkNetwork
    access: Access


def join_cautiously(
    net: WalkNetwork, places: gpd.GeoDataFrame, *, max_snap_m: float, leaving: bool = False
) -> Cautious | None:
    """Let places join the streets that stay open in the cautious answer.

    Parameters
    ----------
    net
        The network.
    places
        As `access.read_layer` gives them.
    max_snap_m, leaving
        As `access.join_network`.

    Returns
    -------
    Cautious or None
        None where that answer is the same as the other.

    Notes
    -----
    A place joins at the nearest street that is open in this answer, and what is an island in it is one. With no
    street open at all nothing joins.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from geowoonzorg.walk.network import WalkNetwork
    >>> net = WalkNetwork.from_arrays([[190_000, 500_000], [191_000, 500_000]], [[0, 1]])
    >>> home = gpd.GeoDataFrame(geometry=gpd.points_from_xy([190_100], [500_000]), crs=28992)
    >>> join_cautiously(net, home, max_snap_m=100.0) is None
    True
    """
    left = net.cautious
    if left is net:
        return None
    if left is None:
        n = len(places)
        none = Seeds(np.zeros(n + 1, np.int64), np.empty(0, np.int32), np.empty(0), np.empty(0))
        return Cautious(net, Access(none, np.empty((0, 2)), np.full(n, OFF_NETWORK, np.int8)))
    return Cautious(left, join_network(left, places, max_snap_m=max_snap_m, leaving=leaving))


def edges_of(net: WalkNetwork, other: Cautious) -> NDArray[np.int64]:
    """Give the edge of the network that each edge of the cautious answer is.

    Parameters
    ----------
    net
        The network.
    other
        The streets that stay open in the cautious answer.

    Returns
    -------
    numpy.ndarray
        Shape (n_edges,) of the other.
    """
    if other.net is net:  # nothing is open, and nothing joins it
        return np.arange(len(net.edge_length_m))
    return np.flatnonzero(judge_edges(net) != CLOSED)


def joins_elsewhere(net: WalkNetwork, access: Access, other: Cautious) -> NDArray[np.bool_]:
    """Tell which places join the streets of the cautious answer elsewhere than the network itself.

    Parameters
    ----------
    net
        The network.
    access, other
        How the same places join it, and the streets that stay open in the cautious answer.

    Returns
    -------
    numpy.ndarray
        Shape (n_places,).
    """
    edge_of = edges_of(net, other)
    size, others = np.diff(access.seeds.start), np.diff(other.access.seeds.start)
    elsewhere = size != others
    same = np.flatnonzero(~elsewhere)
    here, there = access.select(same).seeds, other.access.select(same).seeds
    moved = (
        (here.edge != edge_of[there.edge])
        | (here.offset != there.offset)
        | (here.access != there.access)
    )
    elsewhere[np.repeat(same, size[same])[moved]] = True
    return elsewhere


class BothAnswers(NamedTuple):
    """Where places join the network in either answer: the two networks, and which places join elsewhere."""

    nets: tuple[WalkNetwork, WalkNetwork]
    accesses: tuple[Access, Access]
    moved: NDArray[np.bool_]

    @classmethod
    def of(cls, net: WalkNetwork, access: Access, other: Cautious) -> BothAnswers:
        """Put both answers beside each other."""
        both = (net, other.net), (access, other.access)
        return cls(*both, joins_elsewhere(net, access, other))

    def select(self, chosen: NDArray[np.int64]) -> BothAnswers:
        """Select some places, renumbered."""
        one, other = (access.select(chosen) for access in self.accesses)
        return BothAnswers(self.nets, (one, other), self.moved[chosen])


def join_both(
    net: WalkNetwork,
    access: Access,
    places: gpd.GeoDataFrame,
    *,
    max_snap_m: float,
    leaving: bool = False,
) -> BothAnswers | None:
    """Let places join the network in the cautious answer, too.

    Parameters
    ----------
    net
        The network.
    access
        Where they join it in the other.
    places, max_snap_m, leaving
        As `join_cautiously`.

    Returns
    -------
    BothAnswers or None
        None where both answers are the same.
    """
    other = join_cautiously(net, places, max_snap_m=max_snap_m, leaving=leaving)
    return None if other is None else BothAnswers.of(net, access, other)


def no_less(high_m: NDArray[np.float64], metres: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the cautious side of distances: never less than the other, and NaN where there is none.

    Parameters
    ----------
    high_m
        Distances in the cautious answer, inf or NaN where there is none, shape (n,) (m).
    metres
        The same in the other answer.

    Returns
    -------
    numpy.ndarray
        Shape (n,) (m).

    Notes
    -----
    A place that has to join the network somewhere else can be nearer that way; which side of the house somebody
    leaves by is not known then, and the longer of both walks is the cautious one.

    Examples
    --------
    >>> no_less(np.array([80.0, 500.0, np.inf]), np.array([120.0, 400.0, 90.0])).tolist()
    [120.0, 500.0, nan]
    """
    high = np.maximum(high_m, metres)
    return np.where(np.isfinite(high), high, np.nan)


def nearest_with_unknown(
    net: WalkNetwork,
    seeds: Seeds,
    points: Seeds,
    limit_m: float,
    *,
    progress: Progress = silent,
) -> tuple[NDArray[np.float64], NDArray[np.int32], NDArray[np.float64]]:
    """Measure from every point to the nearest of all places, and how much of the way is not known.

    Parameters
    ----------
    net, seeds, points, limit_m, progress
        As `reach.nearest_seeds`.

    Returns
    -------
    distance_m, seed : numpy.ndarray
        As `reach.nearest_seeds`.
    unknown_share : numpy.ndarray
        The share of the metres over the network of which something that matters is not known, shape
        (n_points,), 0–1; 0 for a way without metres, NaN where no place is within the limit.

    Notes
    -----
    Of ways that are equally short the one with the fewest unknown metres counts. They are added up along the
    ways that were found, nodes in the order of their distance.

    Examples
    --------
    >>> from geowoonzorg.walk.kernels.search import Seeds
    >>> from geowoonzorg.walk.network import WalkNetwork
    >>> net = WalkNetwork.from_arrays([[190_000, 500_000], [191_000, 500_000]], [[0, 1]])
    >>> shop = Seeds(np.array([0, 1]), np.zeros(1, np.int32), np.array([200.0]), np.array([10.0]))
    >>> home = shop._replace(offset=np.array([500.0]), access=np.zeros(1))
    >>> [found.tolist() for found in nearest_with_unknown(net, shop, home, np.inf)]
    [[310.0], [0], [0.0]]
    """
    with labelled(net, seeds, limit_m, progress=progress) as labels:
        metres, seed = read_nearest(net, labels, seeds, points, limit_m)
        found = seed >= 0
        walked = np.full(len(metres), np.nan)
        walked[found] = metres[found] - points.access[found] - seeds.access[seed[found]]
        if not net.matters:
            unknown = np.where(found, 0.0, np.nan)
        elif net.all_unknown:
            unknown = walked
        else:
            lines = net.vertex_start, net.vertex_offset_m, net.vertex_unknown_m
            dist, of = labels.dist, labels.seed
            order = np.flatnonzero(np.isfinite(dist))
            order = order[np.argsort(dist[order], kind="stable")]
            least = unknown_metres.plant(net.toward, seeds, dist, of, *lines)
            along = lines[0], lines[2], least
            unknown_metres.carry(net.away, dist, of, order, False, *along)  # noqa: FBT003 - a loop's
            parted = order[np.isinf(least[order])]
            if len(parted):
                unknown_metres.carry(net.away, dist, of, parted, True, *along)  # noqa: FBT003
            unknown = unknown_metres.read(
                net.toward, seeds, dist, of, least, *lines, points, metres, seed
            )
    return metres, seed, unknown_shares(unknown, walked)


def unknown_shares(
    unknown_m: NDArray[np.float64], metres: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Give the share of metres of which something that matters is not known.

    Parameters
    ----------
    unknown_m, metres
        Shape (n,) (m).

    Returns
    -------
    numpy.ndarray
        0–1; 0 where there are no metres, NaN where those are NaN.

    Examples
    --------
    >>> unknown_shares(np.array([5.0, 0.0, np.nan]), np.array([20.0, 0.0, np.nan])).tolist()
    [0.25, 0.0, nan]
    """
    some = metres > unknown_metres.TIE_M
    share = np.divide(unknown_m, metres, out=np.where(np.isnan(metres), np.nan, 0.0), where=some)
    return np.clip(share, 0.0, 1.0)


def unknown_of_parts(
    net: WalkNetwork,
    edge: NDArray[np.int32],
    begin_m: NDArray[np.float64],
    end_m: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Measure how much of parts of edges is not known.

    Parameters
    ----------
    net
        The network.
    edge, begin_m, end_m
        The edge of each part, and where it begins and ends (m from u), shape (n,).

    Returns
    -------
    numpy.ndarray
        Metres of which something that matters is not known, shape (n,).

    Examples
    --------
    >>> from geowoonzorg.walk.network import WalkNetwork
    >>> net = WalkNetwork.from_arrays([[190_000, 500_000], [191_000, 500_000]], [[0, 1]])
    >>> unknown_of_parts(net, np.zeros(1, np.int32), np.zeros(1), np.array([50.0])).tolist()
    [0.0]
    """
    if not net.matters:
        return np.zeros(len(edge))
    if net.all_unknown:
        return np.abs(end_m - begin_m)
    found: NDArray[np.float64] = unknown_metres.unknown_of_parts(
        net.vertex_start, net.vertex_offset_m, net.vertex_unknown_m, edge, begin_m, end_m
    )
    return found
