"""Which share of every area's homes is near what: counts that add up over parts of a town, and what they say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from geowoonzorg.people.catchment import divide, weight_matrix
from geowoonzorg.people.population import count_in_zones, near_by_zone

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from geowoonzorg.walk.nearest_arrays import NearestArrays

KEY: Final = ("area_code", "facility_class", "limit_m")
COUNTS: Final = ("addresses", "addresses_within", "within_low")


def tally_arrays(
    walks: NearestArrays, zone: pd.Series[str], limits_m: Sequence[float]
) -> pd.DataFrame:
    """Count per area, class and limit how many addresses there are and how many are near.

    Parameters
    ----------
    walks
        From `nearest_array`, addresses to facilities, as far as the longest limit.
    zone
        The area of each of those addresses, in their order; missing where it lies in none.
    limits_m
        Walking distances in metres.

    Returns
    -------
    pandas.DataFrame
        On ``area_code, facility_class, limit_m`` the counts ``addresses`` (those on the network),
        ``addresses_within`` and ``within_low`` (in the cautious answer, too). Those of parts of a town add up to
        those of the town. Addresses in no area are left out.

    Examples
    --------
    >>> from geowoonzorg.walk.nearest_arrays import NearestArrays
    >>> metres, joins = np.array([[350.0], [np.nan]]), np.zeros(2, np.int8)
    >>> walks = NearestArrays(("huisarts",), metres, metres, np.zeros((2, 1), np.int32), np.array(["a"]), joins)
    >>> tally_arrays(walks, pd.Series({"1": "BU1", "2": "BU1"}), [400.0]).values.tolist()
    [[2, 1, 1]]
    """
    code, areas = pd.factorize(zone, sort=True)
    there = np.bincount(code[walks.on_network] + 1, minlength=len(areas) + 1)[1:]
    lived = np.flatnonzero(there)
    names = [name for name in walks.classes if name is not None]
    at = [walks.classes.index(name) for name in names]
    tables = []
    for limit in map(float, limits_m):
        counted = near_by_zone(walks, code, len(areas), limit)
        keys = [pd.Index(areas[lived], dtype="str"), pd.Index(names, dtype="str"), [limit]]
        counts = {
            "addresses": np.repeat(there[lived], len(names)),
            "addresses_within": counted.near[at][:, lived].T.ravel(),
            "within_low": counted.sure[at][:, lived].T.ravel(),
        }
        tables.append(pd.DataFrame(counts, pd.MultiIndex.from_product(keys, names=KEY)))
    return pd.concat(tables).sort_index().astype("int64")


def add_up(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Add the tallies of parts of a town up to that of the town.

    Parameters
    ----------
    parts
        Each as `tally_arrays`; at least one.

    Returns
    -------
    pandas.DataFrame
        As `tally_arrays`.

    Examples
    --------
    >>> index = pd.MultiIndex.from_tuples([("BU1", "huisarts", 400.0)], names=KEY)
    >>> one = pd.DataFrame([[2, 1, 1]], index=index, columns=COUNTS)
    >>> add_up([one, one]).values.tolist()
    [[4, 2, 2]]
    """
    return pd.concat(parts).groupby(level=list(KEY), sort=True).sum().astype("int64")


def cover_areas(
    tally: pd.DataFrame,
    *,
    sizes: pd.Series[int],
    elderly: pd.DataFrame,
    absent: Collection[str] = (),
) -> pd.DataFrame:
    """Say per area and class which share of the homes, and how many elderly, live within each limit.

    Parameters
    ----------
    tally
        From `tally_arrays` or `add_up`.
    sizes
        How many addresses each area has, those off the network among them.
    elderly
        Per area ``least`` and ``most`` people of 65 and over, NaN where unknown.
    absent
        The classes of which it is known that there are none.

    Returns
    -------
    pandas.DataFrame
        A row per area that has addresses, class and limit, in that order: the key, the counts of `tally_arrays`,
        ``addresses_off`` (those on no street), ``share_within`` and ``share_low`` (0–1, of those on the network, and
        in the cautious answer), ``people_65plus, people_65plus_min, people_65plus_max`` (as `count_people`;
        missing where the area has no figure). Nobody lives near what is nowhere.

    Examples
    --------
    >>> index = pd.MultiIndex.from_tuples([("BU1", "huisarts", 400.0)], names=KEY)
    >>> tally = pd.DataFrame([[2, 1, 1]], index=index, columns=COUNTS)
    >>> elderly = pd.DataFrame({"least": [8.0], "most": [12.0]}, index=["BU1"])
    >>> found = cover_areas(tally, sizes=pd.Series({"BU1": 2}), elderly=elderly)
    >>> found[["share_within", "people_65plus", "people_65plus_max"]].values.tolist()
    [[0.5, 5.0, 12.0]]
    """
    counted = tally.reset_index()
    if absent and len(counted):
        first = counted.drop_duplicates(["area_code", "limit_m"])
        none = [
            first.assign(facility_class=name, addresses_within=0, within_low=0)
            for name in sorted(absent)
        ]
        counted = pd.concat([counted, *none]).sort_values(list(KEY), ignore_index=True)
    codes = pd.Index(counted["area_code"])
    n, known = len(counted), elderly.reindex(codes.unique())
    row, zone = np.arange(n), known.index.get_indexer(codes)
    near, sure = (counted[c].to_numpy(dtype=float) for c in ("addresses_within", "within_low"))
    reached, surely = (weight_matrix(row, zone, each, (n, len(known))) for each in (near, sure))
    people = count_in_zones(
        reached, surely, near, np.zeros(0, dtype=np.intp), known, pd.Index(row), zone_sizes=sizes
    )[["people", "people_min", "people_max"]]
    has_figure = known.notna().all(axis=1).to_numpy()[zone]
    people.loc[(near == 0) & has_figure] = 0.0
    there = counted["addresses"].to_numpy(dtype=float)
    return pd.concat(
        [
            counted.assign(
                addresses_off=sizes.reindex(codes).to_numpy() - counted["addresses"],
                share_within=divide(near, there),
                share_low=divide(sure, there),
            ),
            people.rename(columns=lambda name: name.replace("people", "people_65plus")),
        ],
        axis=1,
    )
