"""How complete each class of facilities is: what is found of it against what may be expected, with its source."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from importlib.resources import as_file, files
from typing import TYPE_CHECKING, Final, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd
import shapely

from geowoonzorg.files import read_toml
from geowoonzorg.knowledge import SHARE, Bound, read_document
from geowoonzorg.messages import tell
from geowoonzorg.opendata.plausibility import compare_counts, count_column
from geowoonzorg.osm import read_facility_classes
from geowoonzorg.people.catchment import locate_in_areas
from geowoonzorg.progress import Progress, part, silent
from geowoonzorg.town._data import OSM
from geowoonzorg.town.given import GIVEN
from geowoonzorg.walk.pairs import count_within

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import geopandas as gpd
    from numpy.typing import NDArray

    from geowoonzorg.messages import Message
    from geowoonzorg.osm.classes import Expected
    from geowoonzorg.town._data import TownData

COMPLETENESS_COLUMNS: Final = [
    "found", "expected", "expected_low", "expected_high", "complete_share", "complete_source",
]  # fmt: skip
_POSITIVE: Final = Bound(tell("a number above 0"), lambda value: value > 0)
_DEPTHS: WeakKeyDictionary[TownData, dict[bool, NDArray[np.float64]]] = WeakKeyDictionary()
_BY_GEMEENTE: Final = ["gemeente_code", "facility_class"]
_OF_GEMEENTEN: WeakKeyDictionary[TownData, pd.DataFrame] = WeakKeyDictionary()
_ANSWERS: WeakKeyDictionary[TownData, pd.DataFrame] = WeakKeyDictionary()


@dataclass(frozen=True)
class _People:
    """People for one address, as counted in the whole country."""

    inhabitants: float = field(metadata={"must_be": _POSITIVE})
    addresses: float = field(metadata={"must_be": _POSITIVE})
    homes: float = field(metadata={"must_be": _POSITIVE})
    source: str


@dataclass(frozen=True)
class _Nearby:
    """How our numbers of facilities are held against those of CBS."""

    within_km: tuple[float, ...] = field(metadata={"each_must_be": _POSITIVE})
    homes: int = field(metadata={"must_be": _POSITIVE})
    least_share: float = field(metadata={"must_be": SHARE})
    rounding: float = field(metadata={"must_be": _POSITIVE})


@dataclass(frozen=True)
class Assumptions:
    """What stands in ``knowledge/completeness.toml``."""

    people: _People
    nearby: _Nearby


class _Row(NamedTuple):
    """What to expect of one class, and who says so."""

    expected: float
    low: float
    high: float
    share: float
    source: str


_UNKNOWN: Final = _Row(np.nan, np.nan, np.nan, np.nan, "")


class _Compared(NamedTuple):
    """Our mean number of facilities near a home, that of CBS, and over how many homes."""

    ours: float
    theirs: float
    n_homes: int
    km: float


class _Inhabitants(NamedTuple):
    """How many people live where facilities were looked for, and how that is known."""

    least: float
    likely: float
    most: float
    n_addresses: int  # those that stand for people because no figure does


def class_completeness(town: TownData, *, progress: Progress = silent) -> pd.DataFrame:
    """Hold what is found of each class against what may be expected.

    Parameters
    ----------
    town
        The town; of a tile, the whole it was cut from.
    progress
        Hears how far the work is, the first time that a town is asked.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``facility_class``, every class that was asked for or is there: ``found`` (whole number,
        within the town's areas where it has any, so without those of the margin), ``expected`` with
        ``expected_low`` and ``expected_high`` (NaN where unknown), ``complete_share`` (0–1: found to expected,
        at most 1; 1 where a list is said to be complete or there are known to be none; NaN where unknown) and
        ``complete_source`` (text, empty where unknown).

    Notes
    -----
    Where the areas have the numbers of CBS nabijheid: as many as make our mean number within walking distance
    of a home equal to theirs over car roads, both over the same areas, weighted by their addresses. Else the
    number in the whole country for one inhabitant times the inhabitants of the areas in which the town has
    addresses. Where an area's inhabitants are not known, its addresses times the people
    for one address in the whole country. Sources stand in ``knowledge/facility_classes.toml`` and
    ``knowledge/completeness.toml``.

    Examples
    --------
    >>> from geowoonzorg.town import Town
    >>> found = class_completeness(Town.demo())
    >>> found.loc["huisarts", "found"], bool(found.loc["huisarts", "expected"] > 0)
    (np.int64(7), True)
    """
    if town.part is not None:
        if town.part.completeness is not None:
            return town.part.completeness.copy(deep=False)
        if town.part.whole is not None:
            return class_completeness(town.part.whole, progress=progress)
    if town not in _ANSWERS:
        _ANSWERS[town] = _measure(town, progress)
    return _ANSWERS[town].copy(deep=False)


def completeness_of_gemeenten(town: TownData, *, progress: Progress = silent) -> pd.DataFrame:
    """Hold what is found of each class against what may be expected, in every gemeente by itself.

    Parameters
    ----------
    town, progress
        As for `class_completeness`.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``gemeente_code`` and ``facility_class``, as `class_completeness`; empty where the areas lie in
        one gemeente, or are those of a tile that was sent away.

    Examples
    --------
    >>> from geowoonzorg.town import Town
    >>> len(completeness_of_gemeenten(Town.demo()))
    0
    """
    if town.part is not None and town.part.whole is not None:
        return completeness_of_gemeenten(town.part.whole, progress=progress)
    codes = pd.Series(dtype="str") if town.figures is None else town.figures.frame["gemeente_code"]
    names = sorted(codes.dropna().unique())
    if len(names) < 2 or town.part is not None:  # noqa: PLR2004 - one is the whole
        return _table({}).set_index(pd.MultiIndex.from_arrays([[], []], names=_BY_GEMEENTE))
    if town not in _OF_GEMEENTEN:
        _OF_GEMEENTEN[town] = pd.concat(
            {
                name: _measure(
                    town,
                    part(progress, i / len(names), (i + 1) / len(names)),
                    codes.index[codes == name],
                )
                for i, name in enumerate(names)
            },
            names=_BY_GEMEENTE,
        )
    return _OF_GEMEENTEN[town].copy(deep=False)


def expect_facilities(
    found: Mapping[str, int], *, inhabitants: float = 0.0, n_addresses: int = 0
) -> pd.DataFrame:
    """Say how many facilities to expect for so many people, where there is no town to ask.

    Parameters
    ----------
    found
        How many there are of each class.
    inhabitants
        People.
    n_addresses
        Addresses of which no figure tells how many people they are.

    Returns
    -------
    pandas.DataFrame
        As `class_completeness`, by the number in the whole country.

    Examples
    --------
    >>> expect_facilities({"huisarts": 2}, n_addresses=25_784).loc["huisarts", "expected"].round(1)
    np.float64(13.6)
    """
    known, people = read_facility_classes(), _with_addresses(inhabitants, n_addresses)
    rates = {name: known[name].expected if name in known else None for name in found}
    return _table({name: (n, *_by_rate(n, rates[name], people)) for name, n in found.items()})


@cache
def _assumptions() -> Assumptions:
    with as_file(files("geowoonzorg") / "knowledge" / "completeness.toml") as path:
        return read_document(read_toml(path), Assumptions, where=path.name)


def _measure(town: TownData, progress: Progress, codes: pd.Index | None = None) -> pd.DataFrame:
    """Hold found against expected, in all of the town's areas or in some (their codes)."""
    there = town.facilities["facility_class"].dropna()
    names = list(dict.fromkeys([*town.classes, *sorted({*there, *town.absent})]))
    counted = there[_in_areas(town, codes)].value_counts()
    known, people = read_facility_classes(), _inhabitants(town, codes)
    rows: dict[str, tuple[object, ...]] = {}
    for number, name in enumerate(names):
        step = part(progress, number / len(names), (number + 1) / len(names))
        found = int(counted.get(name, 0))
        if name in town.complete:
            row = _Row(found, found, found, 1.0, _of_list(town, name))
        elif name in town.absent:
            row = _Row(0, 0, 0, 1.0, tell("known that there are none"))
        else:
            expected = known[name].expected if name in known else None
            near = _by_nearby(town, found, _compare_nearby(town, name, step, codes))
            row = _by_rate(found, expected, people) if near is None else near
        rows[name] = (found, *row)
    return _table(rows)


def _table(rows: Mapping[str, tuple[object, ...]]) -> pd.DataFrame:
    """Give rows by class their columns; what is told of the source stays a message."""
    index = pd.Index(list(rows), name="facility_class", dtype="str")
    columns = zip(*rows.values(), strict=True) if rows else [()] * len(COMPLETENESS_COLUMNS)
    table = {
        name: pd.Series(list(column), index, dtype=object)
        for name, column in zip(COMPLETENESS_COLUMNS, columns, strict=True)
    }
    kinds = dict.fromkeys(COMPLETENESS_COLUMNS[1:-1], "float64") | {"found": "int64"}
    return pd.DataFrame(table).astype(kinds)


def _in_areas(town: TownData, codes: pd.Index | None) -> pd.Series[bool]:
    """Tell which facilities with a class lie in the town's areas, or in some; all where it has none."""
    places = town.facilities[town.facilities["facility_class"].notna()]
    if town.figures is None:
        return pd.Series(data=True, index=places.index)
    points = places.set_geometry(places.geometry.representative_point())
    found = locate_in_areas(points, town.figures.frame)
    return found.notna() if codes is None else found.isin(codes)


def _compare_nearby(
    town: TownData, name: str, progress: Progress, codes: pd.Index | None
) -> _Compared | None:
    """Count the facilities near homes as CBS does, as far as all within that distance is known; None where not."""
    figures, given = town.figures, _assumptions().nearby
    places = town.facilities[town.facilities["facility_class"] == name]
    if figures is None or town.homes == "squares" or town.addresses.empty or places.empty:
        return None
    found: list[_Compared] = []
    for km in given.within_km:
        column = count_column(name, km)
        known = [] if column is None else figures.frame.index[figures.frame[column].notna()]
        if codes is not None:
            known = codes.intersection(pd.Index(known))
        if not len(known):
            continue
        homes = _homes_inside(town, name, known, km)
        if homes.empty:
            continue
        counts = count_within(
            town.network,
            homes,
            places,
            limit_m=km * 1_000,
            progress=progress,
            **town.walking.access,
        )[name].set_axis(homes["id"])
        near = compare_counts(figures.areas, counts, town.home, facility_class=name, km=km)
        found.append(_Compared(*near, km))
        if near[2] >= given.least_share * len(town.addresses):
            break
    return max(found, key=lambda one: one.n_homes, default=None)


def _homes_inside(town: TownData, name: str, codes: Iterable[str], km: float) -> gpd.GeoDataFrame:
    """Give some homes of each of these areas whose homes all have as much of the data around them."""
    homes = town.addresses.assign(area=town.home.reindex(town.addresses["id"]).to_numpy())
    # An own list ends at the border of its gemeente.
    own = town.facility_origins.get(name, ("", None))[0] != OSM
    inside = _depth_m(town, own_list=own) >= km * 1_000
    some_out = set(homes["area"][~inside].dropna())
    homes = homes[homes["area"].isin(set(codes) - some_out)]
    order = homes.groupby("area").cumcount()
    size = homes.groupby("area")["area"].transform("size")
    # Evenly spread over the order of the file: a home wherever the next whole one of the sample is due.
    share = np.minimum(_assumptions().nearby.homes / size, 1.0)
    return homes[np.floor((order + 1) * share + 1e-9) > np.floor(order * share + 1e-9)]


def _depth_m(town: TownData, *, own_list: bool) -> NDArray[np.float64]:
    """Measure how far each home lies inside the ground that the data cover (m); negative for one outside."""
    known = _DEPTHS.setdefault(town, {})
    if own_list not in known:
        ground = shapely.convex_hull(shapely.multipoints(town.network.node_xy))
        if town.figures is not None and own_list:
            ground &= shapely.union_all(town.figures.frame.geometry.to_numpy())
        points = shapely.centroid(town.addresses.geometry.to_numpy())
        edge = shapely.distance(shapely.boundary(ground), points)
        known[own_list] = np.where(shapely.contains(ground, points), edge, -1.0)
    return known[own_list]


def _by_nearby(town: TownData, found: int, near: _Compared | None) -> _Row | None:
    """Expect as many as make our mean number near a home that of CBS; None where that cannot be told."""
    if near is None or not (found and near.ours > 0 and near.theirs > 0):
        return None
    half = _assumptions().nearby.rounding
    of_theirs = (near.theirs, max(near.theirs - half, 0.0), near.theirs + half)
    likely, low, high = (found * n / near.ours for n in of_theirs)
    told = tell(
        "CBS nabijheid{year}: {theirs:.1f} within {km:g} km, here {ours:.1f}, over {share:.0%} of the addresses",
        year=_year(town), theirs=near.theirs, ours=near.ours, km=near.km,
        share=near.n_homes / len(town.addresses),
    )  # fmt: skip
    return _Row(likely, low, high, min(1.0, near.ours / near.theirs), told)


def _year(town: TownData) -> str:
    """Give the year of the figures of CBS nabijheid, after a space; empty where it is not known."""
    told = town.figures.areas.provenance if town.figures is not None else pd.DataFrame()
    years = told.loc[told["source"] == "cbs_nabijheid", "year"].dropna() if len(told) else told
    return f" {max(map(int, years))}" if len(years) else ""


def _inhabitants(town: TownData, codes: pd.Index | None) -> _Inhabitants:
    """Count the people where facilities were looked for: areas in which the town has no address are not there."""
    if town.homes == "squares":
        squares = town.addresses
        if town.figures is not None:
            home = town.home.reindex(squares["id"])
            squares = squares[(home.notna() if codes is None else home.isin(codes)).to_numpy()]
        least, most = (float(squares[c].sum()) for c in ("people_least", "people_most"))
        return _Inhabitants(least, (least + most) / 2, most, 0)
    if town.figures is None:
        return _with_addresses(0.0, len(town.addresses))
    people = town.figures.frame["inhabitants"]
    people = people if codes is None else people[codes]
    homes = town.home.value_counts().reindex(people.index, fill_value=0)
    if homes.sum() == 0:
        return _with_addresses(float(people.sum()), 0)
    reached = homes > 0
    return _with_addresses(float(people[reached].sum()), int(homes[reached & people.isna()].sum()))


def _with_addresses(people: float, n_addresses: int) -> _Inhabitants:
    """Add the people of addresses of which no figure tells how many they are."""
    known = _assumptions().people
    for_one, for_home = known.inhabitants / known.addresses, known.inhabitants / known.homes
    likely = people + n_addresses * for_one
    return _Inhabitants(likely, likely, people + n_addresses * for_home, n_addresses)


def _by_rate(found: int, expected: Expected | None, people: _Inhabitants) -> _Row:
    """Expect as many for an inhabitant as the whole country has."""
    if expected is None or not people.likely > 0:
        return _UNKNOWN
    least, likely, most = expected.rates
    n = likely * people.likely
    low, high, share = least * people.least, most * people.most, min(1.0, found / n)
    return _Row(n, low, high, share, _told(expected, people))


def _told(expected: Expected, people: _Inhabitants) -> str:
    source = f"{expected.source} {expected.year}"
    if not people.n_addresses:
        return source
    return tell("{source}, by {n:,} addresses", source=source, n=people.n_addresses)


def _of_list(town: TownData, name: str) -> Message:
    file = town.facility_origins.get(name, (GIVEN, None))[0]
    if file in {"", GIVEN}:
        return tell("said to be complete")
    return tell("{file} is said to be complete", file=file)
