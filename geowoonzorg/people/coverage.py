"""Who lives within walking distance of what: addresses per class, and people as intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geowoonzorg.people.population import count_people

if TYPE_CHECKING:
    from collections.abc import Collection

    import geopandas as gpd

_HALF_PERCENT = 0.005  # CBS publishes shares in whole per cents …
_HALF_FIVE = 2.5  # … and counts of people in fives


def count_elderly(figures: pd.DataFrame) -> pd.DataFrame:
    """Give the people of 65 and over per area as the interval their published share leaves open.

    Parameters
    ----------
    figures
        Indexed by code, with ``inhabitants`` (rounded to five) and ``share_65plus`` (0–1, rounded
        to a whole per cent).

    Returns
    -------
    pandas.DataFrame
        On the same index ``least`` and ``most`` people; NaN where either figure is unknown.

    Examples
    --------
    >>> figures = pd.DataFrame({"inhabitants": [1000.0], "share_65plus": [0.2]}, index=["BU1"])
    >>> count_elderly(figures).round(1).values.tolist()
    [[194.5, 205.5]]
    """
    people, share = figures["inhabitants"], figures["share_65plus"]
    least = (people - _HALF_FIVE).clip(lower=0) * (share - _HALF_PERCENT).clip(lower=0)
    most = (people + _HALF_FIVE) * (share + _HALF_PERCENT).clip(upper=1)
    return pd.DataFrame({"least": least, "most": most})


def count_inhabitants(figures: pd.DataFrame) -> pd.DataFrame:
    """Give the inhabitants per area as the interval that rounding to five leaves open.

    Parameters
    ----------
    figures
        With ``code`` and ``inhabitants``.

    Returns
    -------
    pandas.DataFrame
        Indexed by code, ``least`` and ``most`` people; NaN where unknown.

    Examples
    --------
    >>> count_inhabitants(pd.DataFrame({"code": ["BU1"], "inhabitants": [1000.0]})).values.tolist()
    [[997.5, 1002.5]]
    """
    people = figures.set_index("code")["inhabitants"]
    return pd.DataFrame({"least": (people - _HALF_FIVE).clip(lower=0), "most": people + _HALF_FIVE})


def cover_classes(
    walks: gpd.GeoDataFrame,
    *,
    limit_m: float,
    zone: pd.Series[str],
    elderly: pd.DataFrame,
    classes: Collection[str] = (),
    absent: Collection[str] = (),
    zone_sizes: pd.Series[int] | None = None,
) -> pd.DataFrame:
    """Say per class which share of the addresses, and how many elderly, live within the limit.

    Parameters
    ----------
    walks
        From `nearest`, addresses to facilities: ``origin_id, facility_class, distance_m, status``, and
        ``distance_high_m``, which is ``distance_m`` where it is not given.
    limit_m
        The walking distance in metres.
    zone
        The area or square of every address, indexed by address id.
    elderly
        Per zone ``least`` and ``most`` people of 65 and over.
    classes
        The classes that are asked for, besides those in ``walks``.
    absent
        Those of which it is known that there are none.
    zone_sizes
        As in `count_people`.

    Returns
    -------
    pandas.DataFrame
        Per class ``facility_class, limit_m, addresses`` (those on the network), ``addresses_within``,
        ``within_low`` (in the cautious answer, too), ``share_within`` (0–1),
        ``people_65plus, people_65plus_min, people_65plus_max`` (as `count_people`, from the addresses within
        reach in the cautious answer to all that are) and
        ``coverage_share`` (0–1): the share of the addresses within whose zone has a figure. Of a class
        without any facility all but ``addresses`` is missing, unless it is known that there are none;
        within reach of what is not within reach of anybody live 0 people.

    Examples
    --------
    >>> walks = pd.DataFrame({"origin_id": ["1", "2"], "facility_class": ["huisarts"] * 2,
    ...     "distance_m": [350.0, np.nan], "status": ["ok", "beyond_limit"]})
    >>> elderly = pd.DataFrame({"least": [8.0], "most": [12.0]}, index=["BU1"])
    >>> zone = pd.Series({"1": "BU1", "2": "BU1"})
    >>> found = cover_classes(walks, limit_m=400, zone=zone, elderly=elderly)
    >>> found[["share_within", "people_65plus_min", "people_65plus_max"]].values.tolist()
    [[0.5, 0.0, 12.0]]
    """
    on_network = walks[walks["status"].isin(["ok", "beyond_limit"])]
    within = on_network[on_network["distance_m"] <= limit_m]
    found = {*walks["facility_class"].dropna().unique(), *absent}
    names = pd.Index(sorted({*found, *classes}), name="facility_class", dtype="str")
    high = within.get("distance_high_m", within["distance_m"])
    pairs = pd.DataFrame({
        "site_id": within["facility_class"], "address_id": within["origin_id"], "sure": high <= limit_m,
    })  # fmt: skip
    people = count_people(pairs, zone, elderly, site_ids=names, zone_sizes=zone_sizes)
    total = on_network["origin_id"].nunique()
    near = within.groupby("facility_class").size().reindex(names, fill_value=0).astype("Int64")
    counts = ["people", "people_min", "people_max"]
    people.loc[(near == 0).to_numpy(), counts] = 0.0
    surely = pairs[pairs["sure"]].groupby("site_id").size()
    surely = surely.reindex(names, fill_value=0).astype("Int64")
    known = names.isin(sorted(found))
    near, surely, people = (
        near.where(known),
        surely.where(known),
        people.where(pd.Series(known, names), axis=0),
    )
    return pd.DataFrame(
        {
            "limit_m": limit_m,
            "addresses": total,
            "addresses_within": near,
            "within_low": surely,
            "share_within": near.astype("float64") / (total or np.nan),
            "people_65plus": people["people"],
            "people_65plus_min": people["people_min"],
            "people_65plus_max": people["people_max"],
            "coverage_share": people["coverage_share"],
        },
        index=names,
    ).reset_index()
