"""Searches over the network, cut into chunks that share the machine's cores and listen for a stop."""

from __future__ import annotations

import os
import queue
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from geowoonzorg import _kernels
from geowoonzorg._kernels import Graph, Seeds
from geowoonzorg.errors import StudyError
from geowoonzorg.progress import Progress, silent

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from geowoonzorg.network import WalkNetwork

T = TypeVar("T")

#: Nobody walks further than this in one go; a larger limit is a mistake in the unit (m).
LIMIT_MAX_M = 100_000.0
#: How long one chunk of work may take before it looks up (s).
_CHUNK_S = 0.15
_FIRST_CHUNK = 64
_THREADS = min(4, os.cpu_count() or 1)


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
        raise StudyError(f"limit_m is {limit_m!r}: give metres, such as 400") from error
    wrong = [float(m) for m in limits if not 0.0 < m <= LIMIT_MAX_M]
    if wrong or not len(limits):
        raise StudyError(
            f"limit_m is {limit_m!r}: give metres above 0 and at most {LIMIT_MAX_M:,.0f}"
        )
    return limits


def run_chunks(
    task: Callable[[NDArray[np.int64], NDArray[np.float64]], T],
    order: NDArray[np.int64],
    n_nodes: int,
    *,
    progress: Progress = silent,
    message: str = "",
) -> Iterator[tuple[NDArray[np.int64], T]]:
    """Do independent searches in chunks, on every core, and give the results in order.

    Parameters
    ----------
    task
        Does the searches for some items; gets the items and a distance array full of inf, and leaves
        that array as it found it.
    order
        The items, in spatial order.
    n_nodes
        Length of the distance array.
    progress
        Heard a few times a second.
    message
        What the work is.

    Yields
    ------
    tuple
        The items of a chunk and what ``task`` made of them.

    Examples
    --------
    >>> chunks = run_chunks(lambda items, dist: items * 2, np.arange(3), 1)
    >>> [doubled.tolist() for _, doubled in chunks]
    [[0, 2, 4]]
    """
    spare: queue.SimpleQueue[NDArray[np.float64]] = queue.SimpleQueue()

    def work(items: NDArray[np.int64]) -> tuple[float, T]:
        dist = np.full(n_nodes, np.inf) if spare.empty() else spare.get()
        began = time.perf_counter()
        result = task(items, dist)
        spare.put(dist)
        return time.perf_counter() - began, result

    at, size, done = 0, _FIRST_CHUNK, 0
    pending: list[tuple[NDArray[np.int64], Future[tuple[float, T]]]] = []
    with ThreadPoolExecutor(_THREADS) as pool:
        try:
            while pending or at < len(order):
                while at < len(order) and len(pending) < _THREADS:
                    items = order[at : at + size]
                    at += len(items)
                    pending.append((items, pool.submit(work, items)))
                items, future = pending[0]
                while not future.done():
                    wait([future], timeout=0.2, return_when=FIRST_COMPLETED)
                    progress(done / len(order), message)
                pending.pop(0)
                seconds, result = future.result()
                size = int(np.clip(len(items) * _CHUNK_S / max(seconds, 1e-6), 1, 4 * size))
                done += len(items)
                yield items, result
                progress(done / len(order), message)
        finally:
            for _, future in pending:
                future.cancel()


def _spatial_order(seeds: Seeds) -> NDArray[np.int64]:
    """Order places by the first edge they join, which is the order of the ground; those without are left out."""
    joined = np.flatnonzero(np.diff(seeds.start) > 0)
    return joined[np.argsort(seeds.edge[seeds.start[joined]], kind="stable")]


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
        Where the places join it, legs (m) included.
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
        Their walking distance, the place's leg included (m).

    Examples
    --------
    >>> from geowoonzorg.network import WalkNetwork
    >>> net = WalkNetwork.from_arrays([[190_000, 500_000], [190_100, 500_000]], [[0, 1]])
    >>> seeds = Seeds(np.array([0, 1]), np.zeros(1, np.int32), np.array([30.0]), np.array([5.0]))
    >>> start, node, distance_m = search_within(net, seeds, 60)
    >>> node.tolist(), distance_m.tolist()
    ([0], [35.0])
    """
    graph = net.away if away else net.toward

    def task(places: NDArray[np.int64], dist: NDArray[np.float64]) -> tuple[NDArray[np.int64], ...]:
        result: tuple[NDArray[np.int64], ...] = _kernels.settle(
            graph, seeds, places, float(limit_m), dist
        )
        return result

    order = _spatial_order(seeds)
    chunks = [
        (places, *result)
        for places, result in run_chunks(
            task, order, len(net.node_xy), progress=progress, message="walking"
        )
    ]
    return _in_place_order(chunks, len(seeds.start) - 1)


def _in_place_order(
    chunks: list[tuple[NDArray[np.int64], ...]], n_places: int
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
