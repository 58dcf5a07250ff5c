"""A programme worked out: the homes, what binds, what is next best and whether it stays best; or what conflicts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from geowoonzorg.choosing.conflicts import binding, conflicting
from geowoonzorg.choosing.homes import (
    HomesAsked,
    HomesShared,
    most_that_fit,
    next_best,
    share_homes,
)
from geowoonzorg.errors import Cancelled
from geowoonzorg.progress import Progress, part, silent

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from geowoonzorg.choosing.conflicts import Binding

    FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class End:
    """What becomes of a programme at one end of what a home may be worth.

    Attributes
    ----------
    name
        Which end.
    worth
        What its homes are worth then.
    best
        The best there.
    """

    name: str
    worth: float
    best: HomesShared

    @property
    def stays(self) -> bool:
        """Whether no other would be better."""
        return self.worth >= self.best.objective - 1e-6


@dataclass(frozen=True, eq=False)
class Worked:
    """A programme, and what stands beside it.

    Attributes
    ----------
    found
        The homes on each site.
    fits
        How many of the homes fit; None where that was not found out.
    reached
        The bounds that are reached, with what each costs.
    conflict
        Kind, and of what, of bounds that cannot all hold.
    other
        The best without at least one of the sites; None where that was not found out.
    ends
        Per end of the scores' range its name, what the homes are worth then, and the best for those scores.
    stopped
        Whether there was no time for all of it.
    """

    found: HomesShared
    fits: int | None = None
    reached: tuple[Binding, ...] = ()
    conflict: tuple[tuple[str, str], ...] = ()
    other: HomesShared | None = None
    ends: tuple[End, ...] = ()
    stopped: bool = False


def work_out(
    asked: HomesAsked,
    ends: Mapping[str, FloatArray],
    *,
    seconds: float = 60.0,
    progress: Progress = silent,
) -> Worked:
    """Share homes out, and find what binds, what is next best and whether the choice stays; or what conflicts.

    Parameters
    ----------
    asked
        What, over which sites, under which bounds.
    ends
        By name other gains, shape (n,): the lowest and the highest that they can be.
    seconds
        At most so long for each of the programmes that are solved.
    progress
        Hears how far the work is.

    Returns
    -------
    Worked
        What was found; without what stands beside it when stopped after there was a programme.

    Raises
    ------
    Cancelled
        When ``progress`` asks to stop before there is any programme.

    Examples
    --------
    >>> import numpy as np
    >>> asked = HomesAsked(np.array([80.0, 50.0]), np.array([0, 12]), np.array([20, 40]), 24)
    >>> worked = work_out(asked, {"low": np.array([40.0, 50.0])})
    >>> worked.found.homes.tolist(), worked.other.homes.tolist(), worked.ends[0].best.homes.tolist()
    ([12, 12], [0, 24], [0, 24])
    """
    found = share_homes(asked, seconds=seconds, progress=part(progress, 0.0, 0.4))
    if found.status == "infeasible":
        return Worked(
            found,
            fits=most_that_fit(asked, seconds=seconds, progress=part(progress, 0.4, 0.6)),
            conflict=conflicting(asked, seconds=seconds, progress=part(progress, 0.6, 1.0)),
        )
    if found.status != "optimal":
        return Worked(found, stopped=True)
    try:
        other = next_best(asked, found.homes, seconds=seconds, progress=part(progress, 0.4, 0.5))
        tried = []
        for number, (name, gain) in enumerate(ends.items()):
            best = share_homes(
                replace(asked, gain=gain), start=found.homes, seconds=seconds,
                progress=part(progress, 0.5 + number / 10, 0.6 + number / 10),
            )  # fmt: skip
            tried.append(End(name, float(gain @ found.homes), best))
        reached = binding(asked, found, seconds=seconds, progress=part(progress, 0.7, 1.0))
    except Cancelled:
        return Worked(found, stopped=True)
    return Worked(
        found, fits=asked.homes, other=other, ends=tuple(tried),
        reached=reached,
    )  # fmt: skip
