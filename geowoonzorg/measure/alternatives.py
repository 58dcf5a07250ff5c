"""Walks to more than the nearest: what becomes the nearest when a facility closes, or one opens at another place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from geowoonzorg.measure.ways import ends_of_ways
from geowoonzorg.walk.access import read_layer
from geowoonzorg.walk.caller_index import FACILITIES, ORIGINS
from geowoonzorg.walk.pairs import iter_pairs, nearest_few
from geowoonzorg.walk.ways import trace_ways

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd

    from geowoonzorg.measure.reach import Reach
    from geowoonzorg.measure.registry import Criterion

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


def walks_to_more(reach: Reach, criteria: Sequence[Criterion] = ()) -> pd.DataFrame:
    """Find the nearest few facilities of each class from each place, and what the ways to them meet.

    Parameters
    ----------
    reach
        The places.
    criteria
        Of those that measure ways what they meet is told.

    Returns
    -------
    pandas.DataFrame
        As `nearest_few`, but ``distance_high_m`` is that of the pair itself; ``sure``: whether the nearest that was
        found of the class is surely the nearest there is; and per criterion of ways ``<key>_low`` and ``<key>_high``,
        at least and at most what the way meets. Without rows where there are more than 500 places.

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
    ).reset_index(drop=True)
    used = who.facilities[who.facilities["id"].astype(str).isin(set(found["facility_id"]))]
    found = _of_the_pair(reach, found, used)
    at = reach.ids.astype(str).get_indexer(found["origin_id"])
    found["sure"] = False
    for name, rows in found.groupby("facility_class").groups.items():
        found.loc[rows, "sure"] = reach.knows_all(str(name))[at[rows]]
    return _with_ways(reach, found, used, criteria)


def walks_between(reach: Reach, criteria: Sequence[Criterion] = ()) -> pd.DataFrame:
    """Find the walk from each place to each of the others, and to itself.

    Parameters
    ----------
    reach
        The places.
    criteria
        As for `walks_to_more`.

    Returns
    -------
    pandas.DataFrame
        As `walks_to_more` without ``sure``, with the other place as ``facility_id``; without rows where there are
        more than 60 places.

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
    ).reset_index(drop=True)
    return _with_ways(reach, _of_the_pair(reach, found, goals), goals, criteria)


def _of_the_pair(reach: Reach, found: pd.DataFrame, goals: gpd.GeoDataFrame) -> pd.DataFrame:
    """Give each walk its own cautious metres: what `nearest_few` gives are those of a rank."""
    net, keys = reach.town.knows(None).network, ["origin_id", "facility_id"]
    if found.empty or net.cautious is net:
        return found
    pairs = pd.concat(iter_pairs(net, reach.places, goals, **reach.town.walking.access))
    own = pairs.astype(dict.fromkeys(keys, "str"))[[*keys, "distance_high_m"]]
    return found.drop(columns="distance_high_m").merge(own, on=keys, how="left")


def _with_ways(
    reach: Reach, found: pd.DataFrame, goals: gpd.GeoDataFrame, criteria: Sequence[Criterion]
) -> pd.DataFrame:
    """Add at least and at most what each way meets of what criteria of ways measure."""
    asked = [c for c in criteria if c.metric.startswith("way_")]
    if found.empty or not asked:
        return found
    net = reach.town.knows(None).network
    homes = read_layer(net, reach.places, role=ORIGINS)
    places = read_layer(net, goals, role=FACILITIES)
    origin = pd.Index(homes["id"]).astype(str).get_indexer(found["origin_id"])
    to = pd.Index(places["id"]).astype(str).get_indexer(found["facility_id"])
    ways = trace_ways(
        net,
        homes,
        places,
        origin.astype(np.int64),
        to.astype(np.int64),
        **reach.town.walking.access,
    )
    for c in asked:
        low, high = ends_of_ways(reach, c.metric, lambda column: reach.met_on(ways, column))
        found = found.assign(**{f"{c.key}_low": low, f"{c.key}_high": high})
    return found
