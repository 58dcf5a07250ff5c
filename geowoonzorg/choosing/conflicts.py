"""Which bounds on homes conflict where not all fit, and what each that is reached costs where they do."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from geowoonzorg.choosing.homes import CAPACITY, MINIMUM, share_homes
from geowoonzorg.progress import Progress, silent

if TYPE_CHECKING:
    from geowoonzorg.choosing.homes import HomesAsked, HomesShared

HOMES: Final = "homes"
_OPTIMAL: Final = "optimal"
_INFEASIBLE: Final = "infeasible"
_SAME: Final = 1e-6
_PRICED: Final = (
    20  # so many of the bounds that are reached are taken away one by one, to tell what each costs
)


@dataclass(frozen=True, eq=False)
class Binding:
    """A bound that is reached.

    Attributes
    ----------
    kind, of
        As of the bound.
    cost
        How much more the homes would be worth without it; NaN where that was not settled in time.
    """

    kind: str
    of: str
    cost: float


def conflicting(
    asked: HomesAsked, *, seconds: float = 60.0, progress: Progress = silent
) -> tuple[tuple[str, str], ...]:
    """Say which bounds together keep the homes from fitting, so that without any of them they would fit.

    Parameters
    ----------
    asked
        What does not fit.
    seconds
        At most so long for each try; what is not decided by then stays in the set.
    progress
        Hears how far the work is.

    Returns
    -------
    tuple of (str, str)
        Kind, and of what; the number of homes itself first.

    Raises
    ------
    Cancelled
        As `share_homes`.

    Notes
    -----
    A deletion filter (Chinneck and Dravnieks, *Locating minimal infeasible constraint sets in linear
    programs*, 1991): bounds are taken away one after another, whole kinds first, and stay away when it still
    does not fit.

    Examples
    --------
    >>> from geowoonzorg.choosing.homes import HomesAsked
    >>> few = HomesAsked(np.ones(2), np.array([0, 12]), np.array([5, 10]), 24)
    >>> conflicting(few)
    (('homes', ''), ('n_woningen', ''))
    """
    fits_not = replace(asked, gain=np.zeros(len(asked.gain)))
    kinds = list(dict.fromkeys([*(one.kind for one in asked.bounds), MINIMUM, CAPACITY]))
    kept: list[str] = []
    for kind in kinds:
        fewer = fits_not.without([kind])
        if share_homes(fewer, seconds=seconds, progress=progress).status == _INFEASIBLE:
            fits_not = fewer
        else:
            kept.append(kind)
    for bound in fits_not.bounds:
        fewer = fits_not.less(bound)
        if share_homes(fewer, seconds=seconds, progress=progress).status == _INFEASIBLE:
            fits_not = fewer
    left = [(one.kind, one.of) for one in fits_not.bounds]
    left += [(kind, "") for kind in (MINIMUM, CAPACITY) if kind in kept]
    return ((HOMES, ""), *left)


def binding(
    asked: HomesAsked,
    found: HomesShared,
    *,
    seconds: float = 60.0,
    progress: Progress = silent,
) -> tuple[Binding, ...]:
    """Say which bounds are reached, and what each costs.

    Parameters
    ----------
    asked, found
        What was shared out, and how.
    seconds
        At most so long for each try.
    progress
        Hears how far the work is.

    Returns
    -------
    tuple of Binding
        The dearest first; those that cost something. Of a kind with several bounds that are reached also what all
        of that kind cost together, where that is more than one of them costs; of more than twenty those one by
        one that keep homes from the best sites.

    Examples
    --------
    >>> from geowoonzorg.choosing.homes import Bound, HomesAsked, share_homes
    >>> half = Bound("max_share_per_wijk", "WK1", np.array([1.0, 0.0]), 12)
    >>> two = HomesAsked(np.array([80.0, 50.0]), np.array([0, 0]), np.array([20, 40]), 24, (half,))
    >>> [(one.kind, one.of, one.cost) for one in binding(two, share_homes(two))]
    [('max_share_per_wijk', 'WK1', 240.0)]
    """
    reached = [one for one in asked.bounds if one.is_reached(found.homes, asked.most)]
    reached.sort(key=lambda one: -float(asked.gain[one.held_back()].max(initial=-np.inf)))
    tries = [(one.kind, one.of, asked.less(one)) for one in reached[:_PRICED]]
    kinds = [one.kind for one in reached]
    tries += [
        (kind, "", asked.without([kind])) for kind in dict.fromkeys(kinds) if kinds.count(kind) > 1
    ]
    used = found.homes > 0
    if (found.homes[used] == asked.least[used]).any():
        tries.append((MINIMUM, "", asked.without([MINIMUM])))
    if (found.homes[used] == asked.most[used]).any():
        tries.append((CAPACITY, "", asked.without([CAPACITY])))
    told: list[Binding] = []
    for kind, of, without in tries:
        freed = share_homes(without, start=found.homes, seconds=seconds, progress=progress)
        cost = np.nan
        if freed.status == _OPTIMAL:
            cost = max(0.0, round(freed.objective - found.objective, 6)) + 0.0
        told.append(Binding(kind, of, cost))
    alone = {
        one.kind: max(o.cost for o in told if o.kind == one.kind and o.of) for one in told if one.of
    }
    told = [one for one in told if one.of or one.cost - alone.get(one.kind, 0.0) > _SAME]
    dear = sorted(told, key=lambda one: -np.nan_to_num(one.cost, nan=-1.0))
    return tuple(one for one in dear if one.cost != 0)
