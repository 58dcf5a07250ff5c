"""Working arrays that are kept from one search to the next."""

from __future__ import annotations

import queue
from contextlib import contextmanager
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

A = TypeVar("A")


class Pool(Generic[A]):
    """Working arrays that nobody uses now; who needs some borrows them, as fresh ones cost more than a search.

    Parameters
    ----------
    make
        Makes new ones, when all are in use.

    Examples
    --------
    >>> import numpy as np
    >>> pool = Pool(lambda: np.zeros(2))
    >>> with pool.borrow() as first:
    ...     first[0] = 1.0
    >>> with pool.borrow() as again:
    ...     again.tolist()
    [1.0, 0.0]
    """

    def __init__(self, make: Callable[[], A]) -> None:
        self._make = make
        self._idle: queue.SimpleQueue[A] = queue.SimpleQueue()

    @contextmanager
    def borrow(self) -> Iterator[A]:
        """Borrow some for a while, from any thread; what was at work when an error came is not used again.

        Yields
        ------
        object
            What ``make`` made, as its last borrower left it.

        Examples
        --------
        >>> with Pool(list).borrow() as fresh:
        ...     fresh
        []
        """
        try:
            arrays = self._idle.get_nowait()
        except queue.Empty:
            arrays = self._make()
        yield arrays
        self._idle.put(arrays)
