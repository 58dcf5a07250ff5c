"""Searches over the network, cut into chunks that share the machine's cores and listen for a stop."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from geowoonzorg._jit import COMPILED
from geowoonzorg.errors import StudyError
from geowoonzorg.messages import listed, tell
from geowoonzorg.progress import Progress, silent
from geowoonzorg.walk.chunks import run_chunks, spatial_order, threads
from geowoonzorg.walk.kernels import multi_source, search

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import ArrayLike, NDArray

    from geowoonzorg.walk.kernels.multi_source import Labels
    from geowoonzorg.walk.kernels.search import Seeds, Workspace
    from geowoonzorg.walk.network import WalkNetwork

#: Pairs of a place and an origin, and their metres.
Pairs = tuple["NDArray[np.int64]", "NDArray[np.int64]", "NDArray[np.float64]"]
#: Nobody walks further than this in one go; a larger limit is a mistake in the unit (m).
LIMIT_MAX_M = 100_000.0
#: How many nodes a search without places of its own settles before it looks up.
_STEPS = 200_000


def check_limits(limit_m: ArrayLike) -> NDArray[np.float64]:
    """Check one limit or several.

    Parameters
    ----------
    limit_m
        Metres.

    Returns
    -------
    numpy.ndarray
        The limits, ascending, each once.

    Raises
    ------
    StudyError
        When there is none, or one is not a number above 0 and at most 100,000.

    Examples
    --------
    >>> check_limits([800, 400]).tolist()
    [400.0, 800.0]
    """
    try:
        limits = np.unique(np.atleast_1d(np.asarray(limit_m, np.float64)))
    except (TypeError, ValueError) as error:
        raise StudyError(
            "limit_m is {limit_m!r}: give metres, such as 400", limit_m=limit_m
        ) from error
    wrong = [float(m) for m in limits if not 0.0 < m <= LIMIT_MAX_M]
    if wrong or not len(limits):
        raise StudyError(
            "limit_m is {limits}: give metres above 0 and at most {most:,.0f}",
            limits=listed((tell("{m:g} m", m=m) for m in wrong), between=", ") or tell("empty"),
            most=LIMIT_MAX_M,
        )
    return limits


def search_within(
    net: WalkNetwork,
    seeds: Seeds,
    limit_m: float,
    *,
    away: bool = False,
    progress: Progress = silent,
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float64]]:
    """Settle the nodes within a limit of each place on its own.

    Parameters
    ----------
    net
        The network.
    seeds
        Where the places join it, access distances (m) included.
    limit_m
        The limit, inclusive (m).
    away
        Measure from the places to the nodes, instead of from the nodes to the places.
    progress
        Hears how far the work is.

    Returns
    -------
    start : numpy.ndarray
        Shape (n_places + 1,): where each place's nodes start.
    node : numpy.ndarray
        The nodes within the limit, in no order.
    distance_m : numpy.ndarray
        Their walking distance, the place's access distance included (m).

    Examples
    --------
    >>> from geowoonzorg.walk.kernels.search import Seeds
    >>> from geowoonzorg.walk.network import WalkNetwork
    >>> net = WalkNetwork.from_arrays([[190_000, 500_000], [190_100, 500_000]], [[0, 1]])
    >>> seeds = Seeds(np.array([0, 1]), np.zeros(1, np.int32), np.array([30.0]), np.array([5.0]))
    >>> start, node, distance_m = search_within(net, seeds, 60)
    >>> node.tolist(), distance_m.tolist()
    ([0], [35.0])
    """
    graph = net.away if away else net.toward

    def task(places: NDArray[np.int64], workspace: Workspace) -> tuple[NDArray[Any], ...]:
        result: tuple[NDArray[Any], ...] = search.settle(
            graph, seeds, places, float(limit_m), workspace
        )
        return result

    order = spatial_order(seeds)
    chunks = [
        (places, *result)
        for places, result in run_chunks(net, task, order, progress=progress, message="walking")
    ]
    return _in_place_order(chunks, len(seeds.start) - 1)


def _in_place_order(
    chunks: list[tuple[NDArray[Any], ...]], n_places: int
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float64]]:
    """Put CSR chunks that were made in spatial order back in the order of the places."""
    size = np.zeros(n_places, np.int64)
    for places, start, _, _ in chunks:
        size[places] = np.diff(start)
    out_start = np.concatenate([[0], np.cumsum(size)])
    node, dist = np.empty(out_start[-1], np.int32), np.empty(out_start[-1])
    for places, start, chunk_node, chunk_dist in chunks:
        at = np.repeat(out_start[places] - start[:-1], np.diff(start)) + np.arange(start[-1])
        node[at], dist[at] = chunk_node, chunk_dist
    return out_start, node, dist


def nearest_seeds(
    net: WalkNetwork,
    seeds: Seeds,
    points: Seeds,
    limit_m: float,
    *,
    progress: Progress = silent,
) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """Measure from every point to the nearest of all places.

    Parameters
    ----------
    net
        The network.
    seeds
        Where the places join it.
    points
        Where the points join it, access distances included.
    limit_m
        The limit, inclusive (m); inf for none.
    progress
        Hears how far the work is.

    Returns
    -------
    distance_m : numpy.ndarray
        Access distance, network and access distance, shape (n_points,) (m); inf where no place is within the limit.
    seed : numpy.ndarray
        To which seed, or -1.

    Notes
    -----
    A label-correcting search in tiles of 4,096 neighbouring nodes, each worked through in rings with a
    queue until its neighbours bring nothing better; exact, with equal distances to the lowest seed.

    Examples
    --------
    >>> from geowoonzorg.walk.kernels.search import Seeds
    >>> from geowoonzorg.walk.network import WalkNetwork
    >>> net = WalkNetwork.from_arrays([[190_000, 500_000], [191_000, 500_000]], [[0, 1]])
    >>> shop = Seeds(np.array([0, 1]), np.zeros(1, np.int32), np.array([200.0]), np.array([10.0]))
    >>> home = shop._replace(offset=np.array([500.0]), access=np.zeros(1))
    >>> distance_m, seed = nearest_seeds(net, shop, home, np.inf)
    >>> distance_m.tolist(), seed.tolist()
    ([310.0], [0])
    """
    with labelled(net, seeds, limit_m, progress=progress) as labels:
        return read_nearest(net, labels, seeds, points, limit_m)


@contextmanager
def labelled(
    net: WalkNetwork, seeds: Seeds, limit_m: float, *, progress: Progress = silent
) -> Iterator[Labels]:
    """Label every node with the metres to the nearest of all places, and its seed.

    Parameters
    ----------
    net, seeds, limit_m, progress
        As `nearest_seeds`.

    Yields
    ------
    Labels
        Lent until the end of the block.
    """
    with net.labels.borrow() as labels:
        if COMPILED:
            while not multi_source.spread(net.toward, seeds, limit_m, labels, _STEPS):
                progress(0.5, "nearest")
        else:
            from geowoonzorg.walk.scipy_search import (
                label_nodes,  # who has numba need not load scipy
            )

            label_nodes(net.toward, seeds, limit_m, labels)
        yield labels


def read_nearest(
    net: WalkNetwork, labels: Labels, seeds: Seeds, points: Seeds, limit_m: float
) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """Measure from every point to its nearest place over nodes that have their labels.

    Parameters
    ----------
    net, seeds, points, limit_m
        As `nearest_seeds`.
    labels
        From `labelled`.

    Returns
    -------
    tuple of numpy.ndarray
        As `nearest_seeds`.
    """
    on_edge = np.argsort(seeds.edge, kind="stable")
    result: tuple[NDArray[np.float64], NDArray[np.int32]] = multi_source.read_labels(
        net.toward, labels, seeds, on_edge, limit_m, points.edge, points.offset, points.access
    )
    return result


def ranked_seeds(
    net: WalkNetwork,
    seeds: Seeds,
    points: Seeds,
    k: int,
    limit_m: float,
    *,
    progress: Progress = silent,
) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """Measure from every point to its k nearest different places.

    Parameters
    ----------
    net
        The network.
    seeds
        Where the places join it.
    points
        Where the points join it, access distances included.
    k
        How many.
    limit_m
        The limit, inclusive (m); inf for none.
    progress
        Hears how far the work is.

    Returns
    -------
    distance_m : numpy.ndarray
        Ascending per point, shape (n_points, k) (m); inf where there are fewer.
    seed : numpy.ndarray
        To which seed, or -1, shape (n_points, k).

    Examples
    --------
    >>> from geowoonzorg.walk.kernels.search import Seeds
    >>> from geowoonzorg.walk.network import WalkNetwork
    >>> net = WalkNetwork.from_arrays([[190_000, 500_000], [191_000, 500_000]], [[0, 1]])
    >>> shop = Seeds(np.array([0, 1]), np.zeros(1, np.int32), np.array([200.0]), np.array([10.0]))
    >>> home = shop._replace(offset=np.array([500.0]), access=np.zeros(1))
    >>> distance_m, seed = ranked_seeds(net, shop, home, 2, np.inf)
    >>> distance_m.tolist(), seed.tolist()
    ([[310.0, inf]], [[0, -1]])
    """
    graph, n_nodes = net.toward, len(net.node_xy)
    place_of = np.repeat(np.arange(len(seeds.start) - 1), np.diff(seeds.start))
    ranks = multi_source.Ranks(
        np.full((n_nodes, k), np.inf),
        np.full((n_nodes, k), -1, np.int32),
        np.zeros(n_nodes, np.int32),
    )
    key, item, size = multi_source.plant_ranks(graph, seeds, limit_m)
    while size:
        key, item, size = multi_source.spread_ranks(
            graph, limit_m, place_of, ranks, key, item, size, _STEPS
        )
        progress(0.5, "nearest")
    on_edge = np.argsort(seeds.edge, kind="stable")
    result: tuple[NDArray[np.float64], NDArray[np.int32]] = multi_source.read_ranks(
        graph, ranks, seeds, place_of, on_edge, limit_m, points.edge, points.offset, points.access
    )
    return result


class OnEdges(NamedTuple):
    """Points as searches meet them: by edge (CSR), whose each is, metres along the edge, access distance (m)."""

    start: NDArray[np.int64]
    origin: NDArray[np.int64]
    offset: NDArray[np.float64]
    access: NDArray[np.float64]
    #: Whether an origin has several.
    several: bool


def lay_on_edges(net: WalkNetwork, points: Seeds) -> OnEdges:
    """Sort points by the edge they join, once for however many searches.

    Parameters
    ----------
    net
        The network.
    points
        Where the points join it: seeds of origins, access distances included.

    Returns
    -------
    OnEdges
        The points.

    Examples
    --------
    >>> from geowoonzorg.walk.kernels.search import Seeds
    >>> from geowoonzorg.walk.network import WalkNetwork
    >>> net = WalkNetwork.from_arrays([[190_000, 500_000], [191_000, 500_000]], [[0, 1]])
    >>> home = Seeds(np.array([0, 1]), np.zeros(1, np.int32), np.array([500.0]), np.zeros(1))
    >>> lay_on_edges(net, home).start.tolist()
    [0, 1]
    """
    by_edge = np.argsort(points.edge, kind="stable")
    per_edge = np.bincount(points.edge, minlength=len(net.edge_length_m))
    origin = np.repeat(np.arange(len(points.start) - 1), np.diff(points.start))[by_edge]
    return OnEdges(
        np.concatenate([[0], np.cumsum(per_edge)]), origin, points.offset[by_edge],
        points.access[by_edge], bool((np.diff(points.start) > 1).any()),
    )  # fmt: skip


def iter_reached(
    net: WalkNetwork,
    seeds: Seeds,
    points: OnEdges,
    limit_m: float,
    *,
    only: NDArray[np.int64] | None = None,
    straight: Pairs | None = None,
    memory_mb: float = 256.0,
    progress: Progress = silent,
) -> Iterator[Pairs]:
    """Measure every pair of a place and a point within the limit, a bounded number of pairs at a time.

    Parameters
    ----------
    net
        The network.
    seeds
        Where the places join it.
    points
        Where the points join it, as `lay_on_edges` gives them.
    limit_m
        The limit, inclusive (m); inf for none.
    only
        Only these places, in work that does not grow with the number of all.
    straight
        Pairs that also meet without the network, as over a square: place, origin and metres, by place.
    memory_mb
        About how much memory the pairs that are held at once may take (MB).
    progress
        Hears how far the work is.

    Yields
    ------
    place, origin : numpy.ndarray
        Indices.
    distance_m : numpy.ndarray
        Access distance, network and access distance (m).

    Examples
    --------
    >>> from geowoonzorg.walk.kernels.search import Seeds
    >>> from geowoonzorg.walk.network import WalkNetwork
    >>> net = WalkNetwork.from_arrays([[190_000, 500_000], [191_000, 500_000]], [[0, 1]])
    >>> shop = Seeds(np.array([0, 1]), np.zeros(1, np.int32), np.array([200.0]), np.array([10.0]))
    >>> home = lay_on_edges(net, shop._replace(offset=np.array([500.0]), access=np.zeros(1)))
    >>> [metres.tolist() for _, _, metres in iter_reached(net, shop, home, 400.0)]
    [[310.0]]
    """
    graph = net.toward

    def task(places: NDArray[np.int64], workspace: Workspace) -> tuple[NDArray[Any], ...]:
        result: tuple[NDArray[Any], ...] = search.reach_points(
            graph, seeds, places, limit_m, workspace, points.start, points.offset, points.access
        )
        return result

    # a pair takes 20 bytes, twice while it is copied, in as many chunks as there are threads and one more
    most = max(1, int(memory_mb * 1e6 / (40 * max(len(points.offset), 1) * (threads() + 1))))
    for places, (which, point, metres) in run_chunks(
        net,
        task,
        spatial_order(seeds, only),
        progress=progress,
        message="distances",
        most=most,
    ):
        found = places[which], points.origin[point], metres
        if straight is None:
            yield _shortest(*found) if points.several else found
        else:
            low, high = (
                np.searchsorted(straight[0], places, side=side) for side in ("left", "right")
            )
            also = np.concatenate([np.arange(a, b) for a, b in zip(low, high, strict=True)])
            yield _shortest(*(np.append(a, b[also]) for a, b in zip(found, straight, strict=True)))


def _shortest(
    place: NDArray[np.int64], origin: NDArray[np.int64], metres: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Keep, of the pairs of one place and the entrances of one origin, the shortest."""
    order = np.lexsort((metres, origin, place))
    first = (np.diff(place[order], prepend=-1) != 0) | (np.diff(origin[order], prepend=-1) != 0)
    kept = order[first]
    return place[kept], origin[kept], metres[kept]
