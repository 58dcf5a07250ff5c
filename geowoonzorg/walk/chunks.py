"""Independent searches in chunks: on every core, with progress, ready to stop, in the same order as asked."""

from __future__ import annotations

import os
import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from geowoonzorg.errors import StudyError
from geowoonzorg.progress import Progress, silent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from geowoonzorg.walk.kernels.search import Seeds, Workspace
    from geowoonzorg.walk.network import WalkNetwork

T = TypeVar("T")

#: How long one chunk of work may take before it looks up (s).
_CHUNK_S = 0.15
_FIRST_CHUNK = 64
_MOST_THREADS = 4


def threads() -> int:
    """Say how many searches go on at a time.

    Returns
    -------
    int
        What the environment variable ``GEOWOONZORG_THREADS`` says, else as many as there are cores that this process
        may use, at most 4. Whoever starts several processes of his own sets it to 1.

    Raises
    ------
    StudyError
        When the variable is not a whole number from 1.

    Examples
    --------
    >>> threads() >= 1
    True
    """
    asked = os.environ.get("GEOWOONZORG_THREADS", "")
    if asked:
        if not asked.isascii() or not asked.isdigit() or int(asked) < 1:
            raise StudyError(
                "the environment variable GEOWOONZORG_THREADS is {asked}; give a whole number from 1, "
                "or leave it out",
                asked=repr(asked),
            )  # fmt: skip
        return int(asked)
    allowed = getattr(os, "sched_getaffinity", None)
    return min(_MOST_THREADS, len(allowed(0)) if allowed else os.cpu_count() or 1)


def spatial_order(seeds: Seeds, places: NDArray[np.int64] | None = None) -> NDArray[np.int64]:
    """Order places by the first edge they join, since edges near each other have numbers near each other.

    Parameters
    ----------
    seeds
        Where the places join the network.
    places
        Only these, in work that grows with their number alone.

    Returns
    -------
    numpy.ndarray
        The places that join it.

    Examples
    --------
    >>> from geowoonzorg.walk.kernels.search import Seeds
    >>> spatial_order(Seeds(np.array([0, 1, 1, 2]), np.array([7, 3]), np.zeros(2), np.zeros(2))).tolist()
    [2, 0]
    """
    if places is None:
        places = np.arange(len(seeds.start) - 1)
    joined = places[seeds.start[places + 1] > seeds.start[places]]
    return joined[np.argsort(seeds.edge[seeds.start[joined]], kind="stable")]


def run_chunks(
    net: WalkNetwork,
    task: Callable[[NDArray[np.int64], Workspace], T],
    order: NDArray[np.int64],
    *,
    progress: Progress = silent,
    message: str = "",
    most: int | None = None,
) -> Iterator[tuple[NDArray[np.int64], T]]:
    """Do independent searches in chunks, on every core, and give the results in order.

    Parameters
    ----------
    net
        The network; it keeps the workspaces for the next searches.
    task
        Does the searches for some items; gets the items and a workspace, and leaves that as it
        found it.
    order
        The items, in spatial order.
    progress
        Heard a few times a second.
    message
        What the work is.
    most
        The most items in a chunk, where memory bounds it.

    Yields
    ------
    tuple
        The items of a chunk and what ``task`` made of them.

    Examples
    --------
    >>> from geowoonzorg.walk.network import WalkNetwork
    >>> net = WalkNetwork.from_arrays([[190_000, 500_000], [190_100, 500_000]], [[0, 1]])
    >>> def double(items, workspace):
    ...     return 2 * items
    >>> [doubled.tolist() for _, doubled in run_chunks(net, double, np.arange(3))]
    [[0, 2, 4]]
    """

    def work(items: NDArray[np.int64]) -> tuple[float, T]:
        with net.workspaces.borrow() as workspace:
            began = time.perf_counter()
            result = task(items, workspace)
            return time.perf_counter() - began, result

    ceiling = len(order) if most is None else most
    many = threads()
    at, size, done = 0, min(_FIRST_CHUNK, ceiling), 0
    pending: list[tuple[NDArray[np.int64], Future[tuple[float, T]]]] = []
    with ThreadPoolExecutor(many) as pool:
        try:
            while pending or at < len(order):
                while at < len(order) and len(pending) < many:
                    items = order[at : at + size]
                    at += len(items)
                    pending.append((items, pool.submit(work, items)))
                items, future = pending[0]
                while not future.done():
                    wait([future], timeout=0.2, return_when=FIRST_COMPLETED)
                    progress(done / len(order), message)
                pending.pop(0)
                seconds, result = future.result()
                size = int(
                    np.clip(len(items) * _CHUNK_S / max(seconds, 1e-6), 1, min(4 * size, ceiling))
                )
                done += len(items)
                yield items, result
                progress(done / len(order), message)
        finally:
            for _, future in pending:
                future.cancel()
