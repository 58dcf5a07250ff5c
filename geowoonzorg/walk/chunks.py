"""Independent searches in chunks: on every core, with progress, ready to stop, in the same order as asked."""

from __future__ import annotations

import os
import queue
import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import TYPE_CHECKING, Generic, TypeVar

import numpy as np

from geowoonzorg.progress import Progress, silent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from geowoonzorg.walk._kernels import Room
    from geowoonzorg.walk.network import WalkNetwork

T = TypeVar("T")
A = TypeVar("A")

#: How long one chunk of work may take before it looks up (s).
_CHUNK_S = 0.15
_FIRST_CHUNK = 64
THREADS = min(4, os.cpu_count() or 1)


class Spare(Generic[A]):
    """Working arrays that nobody uses now; who needs some borrows them, as fresh ones cost more than a search.

    Parameters
    ----------
    make
        Makes new ones, when all are in use.

    Examples
    --------
    >>> spare = Spare(lambda: np.zeros(2))
    >>> with spare.lent() as first:
    ...     first[0] = 1.0
    >>> with spare.lent() as again:
    ...     again.tolist()
    [1.0, 0.0]
    """

    def __init__(self, make: Callable[[], A]) -> None:
        self._make = make
        self._idle: queue.SimpleQueue[A] = queue.SimpleQueue()

    @contextmanager
    def lent(self) -> Iterator[A]:
        """Borrow some for a while, from any thread; what was at work when an error came is not used again.

        Yields
        ------
        object
            What ``make`` made, as its last borrower left it.
        """
        try:
            arrays = self._idle.get_nowait()
        except queue.Empty:
            arrays = self._make()
        yield arrays
        self._idle.put(arrays)


def run_chunks(
    net: WalkNetwork,
    task: Callable[[NDArray[np.int64], Room], T],
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
        The network; it keeps the rooms for the next searches.
    task
        Does the searches for some items; gets the items and a room to search in, and leaves that
        room as it found it.
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
    """

    def work(items: NDArray[np.int64]) -> tuple[float, T]:
        with net.rooms.lent() as room:
            began = time.perf_counter()
            result = task(items, room)
            return time.perf_counter() - began, result

    ceiling = len(order) if most is None else most
    at, size, done = 0, min(_FIRST_CHUNK, ceiling), 0
    pending: list[tuple[NDArray[np.int64], Future[tuple[float, T]]]] = []
    with ThreadPoolExecutor(THREADS) as pool:
        try:
            while pending or at < len(order):
                while at < len(order) and len(pending) < THREADS:
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
