"""Walks to more than the nearest: what becomes the nearest when a facility closes, or one opens at another place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from geowoonzorg.walk.pairs import nearest_few

if TYPE_CHECKING:
    from geowoonzorg.measure.reach import Reach

FEW: Final = 6  # so five of a class may close before nothing is known of the next
MOST_PLACES: Final = 500  # more is not tried by hand
MOST_BESIDE: Final = 60
_COLUMNS: Final = (
    "origin_id",
    "facility_class",
    "rank",
    "facility_id",
    "distance_m",
    "distance_high_m",
)


def walks_to_more(reach: Reach) -> pd.DataFrame:
    """Find the nearest few facilities of each class from each place.

    Parameters
    ----------
    reach
        The places.

    Returns
    -------
    pandas.DataFrame
        As `nearest_few`; without rows where there are more than 500 places.

    Examples
    --------
    >>> from geowoonzorg.measure.reach import Reach
    >>> from geowoonzorg.town import Town
    >>> town = Town.demo()
    >>> found = walks_to_more(Reach(town, town.addresses.head(1)))
    >>> found.loc[found["facility_class"] == "huisarts", "rank"].tolist()
    [1, 2, 3, 4, 5, 6]
    """
    who = reach.town.knows(None)
    if len(reach.ids) > MOST_PLACES or who.facilities.empty:
        return pd.DataFrame(columns=list(_COLUMNS))
    found = nearest_few(
        who.network, reach.places, who.facilities, k=FEW, **reach.town.walking.access
    )
    return found.reset_index(drop=True)


def walks_between(reach: Reach) -> pd.DataFrame:
    """Find the walk from each place to each of the others, and to itself.

    Parameters
    ----------
    reach
        The places.

    Returns
    -------
    pandas.DataFrame
        As `nearest_few`, with the other place as ``facility_id``; without rows where there are more than 60 places.

    Examples
    --------
    >>> from geowoonzorg.measure.reach import Reach
    >>> from geowoonzorg.town import Town
    >>> town = Town.demo()
    >>> walks_between(Reach(town, town.addresses.head(2)))["rank"].tolist()
    [1, 2, 1, 2]
    """
    if len(reach.ids) > MOST_BESIDE:
        return pd.DataFrame(columns=list(_COLUMNS))
    goals = reach.places.assign(facility_class="site")
    found = nearest_few(
        reach.town.knows(None).network,
        reach.places,
        goals,
        k=len(goals),
        **reach.town.walking.access,
    )
    return found.reset_index(drop=True)
