"""Walks and numbers of facilities held against the car-road averages of CBS, with a flag where they disagree."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geowoonzorg.errors import MissingColumnError
from geowoonzorg.files import as_message
from geowoonzorg.messages import tell
from geowoonzorg.opendata.sources import read_catalogue

if TYPE_CHECKING:
    from geowoonzorg.opendata.areas import Areas

# What walking can explain, our own choice. A path on foot is seldom longer than the way by car, and
# seldom under half of it; CBS rounds to 100 m and averages over inhabitants, we over addresses.
LONGER_RATIO = 1.3
SHORTER_RATIO = 0.5
SLACK_M = 250.0
LEAST_REACHED_SHARE = 0.9
_FLAGS = {
    "ok": "",
    "walk_longer": tell(
        "a facility or a path is missing from the network's data, or CBS knows a newer one"
    ),
    "walk_shorter": tell(
        "a facility that CBS does not count (small, new or closed), or cars go a long way round"
    ),
    "unknown": "",
}


def compare_with_cbs(
    areas: Areas, walks: pd.DataFrame, address_area: pd.Series[str]
) -> pd.DataFrame:
    """Compare mean walking distances per area with the CBS averages over car roads.

    Parameters
    ----------
    areas
        With ``road_…_km`` from the wijk- en buurtkaart, key figures or nabijheid.
    walks
        From `geowoonzorg.walk.service_area.nearest` without a limit: ``origin_id, facility_class,
        distance_m`` (NaN where nothing is reached), one row per address and class.
    address_area
        The area code of each address, indexed by its id; NaN where it lies in none.

    Returns
    -------
    pandas.DataFrame
        One row per area and class for which CBS has a column: ``code, name, facility_class, n_addresses,
        reached_share`` (0-1), ``walk_m`` (mean over the addresses that reach one), ``cbs_road_m,
        difference_m, ratio`` (walk to road), ``flag`` (``ok``, ``walk_longer``, ``walk_shorter``,
        ``unknown``) and ``hint``, a likely cause. Unknown where CBS has no figure, there is no
        address, or under 90 % of them reach one.

    Raises
    ------
    MissingColumnError
        When ``walks`` lacks a column.

    Notes
    -----
    Flagged: mean walk > 1.3 × road + 250 m, or < 0.5 × road - 250 m. CBS measures by car road from
    each inhabitant to the nearest, in 0.1 km; its supermarkt is a *large* one. Source: CBS,
    Nabijheid voorzieningen. The bounds are our own choice: a flag is a question, not an error.

    Examples
    --------
    >>> from geowoonzorg.opendata.areas import read_areas
    >>> from geowoonzorg.prepare import demo_study
    >>> folder = demo_study().parent
    >>> areas = read_areas(folder / "wijkenbuurten_2023_v3.gpkg")
    >>> code = areas.frame.index[0]
    >>> walks = pd.DataFrame({"origin_id": ["a"], "facility_class": "huisarts", "distance_m": 4_000.0})
    >>> found = compare_with_cbs(areas, walks, pd.Series([code], index=["a"]))
    >>> found.query("n_addresses > 0")[["code", "walk_m", "flag"]].to_dict("records")
    [{'code': 'BU98010000', 'walk_m': 4000.0, 'flag': 'walk_longer'}]
    """
    absent = [c for c in ("origin_id", "facility_class", "distance_m") if c not in walks.columns]
    if absent:
        raise MissingColumnError(
            "plausibility: the walks have no column {names}; give the result of nearest",
            names=", ".join(absent),
        )
    published = {
        column.facility_class: column.name
        for column in read_catalogue().columns.values()
        if column.facility_class is not None and column.within_km is None
    }
    walks = walks.assign(code=walks["origin_id"].map(address_area))
    walks = walks[walks["facility_class"].isin(published) & walks["code"].notna()]
    groups = walks.groupby(["code", "facility_class"], sort=True)["distance_m"]
    table = groups.agg(n_addresses="size", reached="count", walk_m="mean").reset_index()
    classes = sorted(set(walks["facility_class"]))
    every = pd.MultiIndex.from_product(
        [areas.frame.index, classes], names=["code", "facility_class"]
    )
    table = table.set_index(["code", "facility_class"]).reindex(every).reset_index()
    count = table["n_addresses"].fillna(0)
    table["n_addresses"] = count.astype("int64")
    table["reached_share"] = (table.pop("reached").fillna(0) / count).where(count > 0)
    table.insert(1, "name", table["code"].map(areas.frame["name"]))
    row = areas.frame.index.get_indexer(pd.Index(table["code"]))
    column = pd.Index(list(published)).get_indexer(pd.Index(table["facility_class"]))
    road_km = areas.frame[list(published.values())].to_numpy(dtype="float64")
    table["cbs_road_m"] = road_km[row, column] * 1000.0
    table["difference_m"] = table["walk_m"] - table["cbs_road_m"]
    table["ratio"] = (table["walk_m"] / table["cbs_road_m"]).where(table["cbs_road_m"] > 0)
    known = (
        table["cbs_road_m"].notna()
        & table["walk_m"].notna()
        & (table["reached_share"] >= LEAST_REACHED_SHARE)
    )
    longer = table["walk_m"] > LONGER_RATIO * table["cbs_road_m"] + SLACK_M
    shorter = table["walk_m"] < SHORTER_RATIO * table["cbs_road_m"] - SLACK_M
    flag = np.select([~known, longer, shorter], ["unknown", "walk_longer", "walk_shorter"], "ok")
    table["flag"] = flag
    table["hint"] = table["flag"].map(_FLAGS)
    order = ["code", "name", "facility_class", "n_addresses", "reached_share", "walk_m"]
    return table[[*order, "cbs_road_m", "difference_m", "ratio", "flag", "hint"]]


def compare_counts(
    areas: Areas, counts: pd.Series, address_area: pd.Series[str], *, facility_class: str, km: float
) -> tuple[float, float, int]:
    """Compare how many facilities are near with the numbers of CBS over car roads.

    Parameters
    ----------
    areas
        With ``near_…km`` from the wijk- en buurtkaart or nabijheid.
    counts
        How many facilities are within ``km`` of each address, indexed by its id; missing where unknown.
    address_area
        The area code of each address of the town, indexed by its id; NaN where it lies in none.
    facility_class
        The class.
    km
        Within how far (km).

    Returns
    -------
    ours, theirs : float
        The mean of each over the addresses of the areas that have both; NaN where none has.
    n_addresses : int
        How many addresses those areas have.

    Notes
    -----
    Of an area with some of its addresses in ``counts`` their mean stands for all, as CBS's mean over its
    inhabitants does; areas weigh as their addresses. Source: CBS, Nabijheid voorzieningen.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> areas = SimpleNamespace(frame=pd.DataFrame({"near_huisarts_3km": [4.0, 2.0]}, index=["A", "B"]))
    >>> homes = pd.Series(["A", "A", "B"], index=["a", "b", "c"])
    >>> compare_counts(areas, pd.Series([1, 3, 1], index=homes.index), homes, facility_class="huisarts", km=3)
    (1.6666666666666667, 3.3333333333333335, 3)
    """
    column = count_column(facility_class, km)
    if column is None:
        return np.nan, np.nan, 0
    table = pd.DataFrame({
        "ours": counts.astype("float64").groupby(address_area.reindex(counts.index)).mean(),
        "theirs": areas.frame[column],
        "weight": address_area.value_counts(),
    }).dropna()  # fmt: skip
    if table.empty:
        return np.nan, np.nan, 0
    ours, theirs = (
        float(np.average(table[c], weights=table["weight"])) for c in ("ours", "theirs")
    )
    return ours, theirs, int(table["weight"].sum())


def count_column(facility_class: str, km: float) -> str | None:
    """Name the column that counts the facilities of a class within a distance.

    Parameters
    ----------
    facility_class
        The class.
    km
        The distance.

    Returns
    -------
    str or None
        An internal column; None where CBS counts no such.

    Examples
    --------
    >>> count_column("huisarts", 3), count_column("bank", 3)
    ('near_huisarts_3km', None)
    """
    return next(
        (
            column.name
            for column in read_catalogue().columns.values()
            if column.facility_class == facility_class and column.within_km == km
        ),
        None,
    )


def summarise(table: pd.DataFrame) -> list[str]:
    """Say in sentences where walking and CBS disagree.

    Parameters
    ----------
    table
        From `compare_with_cbs`.

    Returns
    -------
    list of str
        A sentence per facility class: how many areas were compared, how many are flagged.

    Examples
    --------
    >>> summarise(pd.DataFrame({"facility_class": ["huisarts"] * 2, "flag": ["ok", "unknown"]}))
    ['huisarts: 1 of 2 areas could be compared with CBS; none disagree beyond what walking explains']
    """
    sentences: list[str] = []
    for name, rows in table.groupby("facility_class", sort=True):
        compared = rows[rows["flag"] != "unknown"]
        flags = compared["flag"].value_counts()
        longer, shorter = int(flags.get("walk_longer", 0)), int(flags.get("walk_shorter", 0))
        found = (
            tell(
                "{longer} {longer:walks|walk} much longer and {shorter} much "
                "shorter than CBS's car roads",
                longer=longer,
                shorter=shorter,
            )
            if longer + shorter
            else tell("none disagree beyond what walking explains")
        )
        sentences.append(
            tell(
                "{name}: {n} of {total} areas could be compared with CBS; {found}",
                name=as_message(str(name)),
                n=len(compared),
                total=len(rows),
                found=found,
            )
        )
    return sentences
