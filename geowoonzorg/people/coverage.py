"""Who lives within walking distance of what: addresses per class, and people as intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geowoonzorg.errors import InputError, first_ids
from geowoonzorg.people.catchment import weight_matrix
from geowoonzorg.people.population import count_in_zones, near_by_zone

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    from geowoonzorg.walk.nearest_arrays import NearestArrays

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
    walks: NearestArrays,
    homes: pd.Index,
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
        From `nearest_array`, addresses to facilities.
    homes
        The ids of those addresses, in order.
    limit_m
        The walking distance in metres.
    zone
        The area or square of every address, indexed by address id, also of those that did not walk.
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

    Raises
    ------
    InputError
        When an address that walked has no row in ``zone``.

    Examples
    --------
    >>> from geowoonzorg.walk.nearest_arrays import NearestArrays
    >>> metres, joins = np.array([[350.0], [np.nan]]), np.zeros(2, np.int8)
    >>> walks = NearestArrays(("huisarts",), metres, metres, np.zeros((2, 1), np.int32), np.array(["a"]), joins)
    >>> elderly = pd.DataFrame({"least": [8.0], "most": [12.0]}, index=["BU1"])
    >>> zone = pd.Series({"1": "BU1", "2": "BU1"})
    >>> found = cover_classes(walks, pd.Index(["1", "2"]), limit_m=400, zone=zone, elderly=elderly)
    >>> found[["share_within", "people_65plus_min", "people_65plus_max"]].values.tolist()
    [[0.5, 0.0, 12.0]]
    """
    there = [name for name in walks.classes if name is not None]
    found = {*there, *absent}
    names = pd.Index(sorted({*found, *classes}), name="facility_class", dtype="str")
    in_zone = elderly.index.get_indexer(pd.Index(zone))
    counted = near_by_zone(walks, _of_homes(in_zone, zone.index, homes), len(elderly), limit_m)
    row = names.get_indexer(pd.Index(there, dtype="str"))
    at = [column for column, name in enumerate(walks.classes) if name is not None]
    per, zones = np.nonzero(counted.near[at])
    shape = len(names), len(elderly)
    reached, surely = (
        weight_matrix(row[per], zones, table[at][per, zones].astype(float), shape)
        for table in (counted.near, counted.sure)
    )
    near, sure = np.zeros((2, len(names)), np.int64)
    near[row], sure[row] = counted.total[at], counted.sure_total[at]
    people = count_in_zones(
        reached, surely, near.astype(float), in_zone, elderly, names, zone_sizes=zone_sizes
    )
    people.loc[near == 0, ["people", "people_min", "people_max"]] = 0.0
    total = int(walks.on_network.sum())
    known = names.isin(sorted(found))
    within, within_low = (
        pd.Series(count, names, dtype="Int64").where(known) for count in (near, sure)
    )
    people = people.where(pd.Series(known, names), axis=0)
    return pd.DataFrame(
        {
            "limit_m": limit_m,
            "addresses": total,
            "addresses_within": within,
            "within_low": within_low,
            "share_within": within.astype("float64") / (total or np.nan),
            "people_65plus": people["people"],
            "people_65plus_min": people["people_min"],
            "people_65plus_max": people["people_max"],
            "coverage_share": people["coverage_share"],
        },
        index=names,
    ).reset_index()


def _of_homes(in_zone: NDArray[np.intp], everybody: pd.Index, homes: pd.Index) -> NDArray[np.intp]:
    """Take the zones of those who walked out of the zones of all."""
    if homes.equals(everybody):
        return in_zone
    at = everybody.get_indexer(homes)
    if (strange := homes[at < 0]).size:
        raise InputError(
            "pairs name places that are not there: {ids} {place}s",
            ids=first_ids(strange), place="address_id",
        )  # fmt: skip
    return in_zone[at]
