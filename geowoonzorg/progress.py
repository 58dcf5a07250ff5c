"""How long work tells how far it is, hears that it must stop, and says when it waits for the compiler."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_hearers: list[Callable[[int], None]] = []


class Progress(Protocol):
    """Called in long loops, at least twice a second; raises ``Cancelled`` when work must stop."""

    def __call__(self, fraction: float, message: str) -> None:
        """Report that ``fraction`` (0–1) of the present work is done."""


def silent(fraction: float, message: str) -> None:
    """Report nothing: the default of every function that takes a ``progress``.

    Examples
    --------
    >>> silent(0.5, "halfway")
    """


def part(progress: Progress, start: float, end: float) -> Progress:
    """Give a step of a longer job its own 0–1 scale.

    Parameters
    ----------
    progress
        The progress of the whole job.
    start, end
        The fractions (0–1) of the whole job at which the step starts and ends.

    Returns
    -------
    Progress
        A progress whose 0–1 is the job's ``start``–``end``.

    Examples
    --------
    >>> half = part(lambda fraction, message: print(fraction, message), 0.5, 1.0)
    >>> half(0.5, "scoring")
    0.75 scoring
    """

    def scaled(fraction: float, message: str) -> None:
        progress(start + (end - start) * fraction, message)

    return scaled


def rising(progress: Progress) -> Progress:
    """Tell no fraction lower than one told before: what is found first is up to who asks.

    Parameters
    ----------
    progress
        The progress of a job.

    Returns
    -------
    Progress
        The same, which never falls.

    Examples
    --------
    >>> told = rising(lambda fraction, message: print(fraction, message))
    >>> told(0.5, "walks")
    0.5 walks
    >>> told(0.2, "figures")
    0.5 figures
    """
    highest = 0.0

    def told(fraction: float, message: str) -> None:
        nonlocal highest
        highest = max(highest, fraction)
        progress(highest, message)

    return told


@contextmanager
def hear_compiling(hearer: Callable[[int], None]) -> Iterator[None]:
    """Be told, for a while, when loops are being compiled, which takes a minute on a machine's first run.

    Parameters
    ----------
    hearer
        Called, from any thread, with 1 when a loop begins to be compiled and with -1 when it ends.

    Examples
    --------
    >>> changes = []
    >>> with hear_compiling(changes.append):
    ...     tell_compiling(1)
    >>> changes
    [1]
    """
    _hearers.append(hearer)
    try:
        yield
    finally:
        _hearers.remove(hearer)


def tell_compiling(change: int) -> None:
    """Tell who asked that one loop more (1) or one less (-1) is being compiled.

    Parameters
    ----------
    change
        1 or -1.

    Examples
    --------
    >>> tell_compiling(1)
    """
    for hearer in tuple(_hearers):
        hearer(change)
