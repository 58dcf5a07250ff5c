"""Before and after: what the balance becomes when homes are added, in the building itself and around it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geowoonzorg.errors import InputError, first_ids
from geowoonzorg.people.balance_profile import BalanceProfile, read_balance_profile

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


def add_homes(
    catchments: pd.DataFrame,
    *,
    homes: ArrayLike,
    vragers_share: ArrayLike,
    profile: BalanceProfile | None = None,
) -> pd.DataFrame:
    """Say what the balance of a site's catchment becomes when homes are added.

    Parameters
    ----------
    catchments
        One row per site: ``inhabitants`` of its catchment, and their mean ``vragers_index`` and
        ``dragers_index``.
    homes
        The number of homes added, one for all or per site.
    vragers_share
        The share (0–1) of the new residents that are vragers; the others are dragers.
    profile
        ``persons_per_home`` and ``reference_vragers_share`` are used; None for the default.

    Returns
    -------
    pandas.DataFrame
        On the same index, of the surroundings: ``inhabitants_after``, ``vragers_index_after``,
        ``dragers_index_after``, ``balans_before``, ``balans_after`` and ``balans_change``; NaN where the
        catchment's own is unknown or nobody lives there. Of the building: ``complex_residents``,
        ``complex_vragers_share`` (0–1) and ``complex_balans``; before there is nobody in it.

    Raises
    ------
    InputError
        When homes are negative or the share is not 0–1.

    Notes
    -----
    A model of ours, kept as simple as the question. In the reference a share b of the residents are
    vragers and 1 - b are dragers. A catchment of P inhabitants with indices V and D then holds
    ``P * b * V`` vragers and ``P * (1 - b) * D`` dragers. M = homes * persons_per_home new residents
    add ``M * z`` and ``M * (1 - z)``. Divided by what the reference would hold among P + M::

        V' = (P * V + M * z / b) / (P + M)        D' = (P * D + M * (1 - z) / (1 - b)) / (P + M)

    So residents mixed as the reference (z = b) pull the balance towards 0, and no homes change
    nothing. The building by itself is the same formula without neighbours: ``V' = z / b`` and
    ``D' = (1 - z) / (1 - b)``, held between ``1 / cap`` and ``cap`` as an area's are.
    It assumes that nobody moves away and that the figures of today hold.
    ``balans_before`` is ``log2(V / D)`` of the means, which differs a little from the mean of the
    people's own balances.

    Examples
    --------
    >>> site = pd.DataFrame({"inhabitants": [1000.0], "vragers_index": [1.2], "dragers_index": [0.9]})
    >>> add_homes(site, homes=40, vragers_share=0.5)[["balans_before", "balans_after"]].round(2)
       balans_before  balans_after
    0           0.42          0.51
    """
    profile = profile or read_balance_profile()
    added = np.broadcast_to(np.asarray(homes, dtype=float), len(catchments))
    share = np.broadcast_to(np.asarray(vragers_share, dtype=float), len(catchments))
    wrong = ~((added >= 0) & (share >= 0) & (share <= 1))
    if wrong.any():
        raise InputError(
            "homes must be 0 or more, and vragers_share from 0 to 1; not so for {ids}",
            ids=first_ids(catchments.index[wrong]),
        )
    base = profile.reference_vragers_share
    people = catchments["inhabitants"].where(catchments["inhabitants"] > 0)
    new = pd.Series(added * profile.persons_per_home, index=catchments.index)
    held = (1 / profile.cap, profile.cap)
    of_complex = np.log2(np.clip(share / base, *held) / np.clip((1 - share) / (1 - base), *held))
    vragers, dragers = catchments["vragers_index"], catchments["dragers_index"]
    vragers_after = (people * vragers + new * share / base) / (people + new)
    dragers_after = (people * dragers + new * (1 - share) / (1 - base)) / (people + new)
    before = pd.Series(np.log2(vragers / dragers), index=catchments.index).where(people.notna())
    after = pd.Series(np.log2(vragers_after / dragers_after), index=catchments.index)
    return pd.DataFrame(
        {
            "inhabitants_after": people + new,
            "vragers_index_after": vragers_after,
            "dragers_index_after": dragers_after,
            "balans_before": before,
            "balans_after": after,
            "balans_change": after - before,
            "complex_residents": new,
            "complex_vragers_share": pd.Series(share, index=catchments.index).where(new > 0),
            "complex_balans": pd.Series(of_complex, index=catchments.index).where(new > 0),
        },
        index=catchments.index,
    )
