"""How long work tells how far it is, and hears that it must stop."""

from __future__ import annotations

from typing import Protocol


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
