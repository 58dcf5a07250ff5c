"""Who lives around places: people as intervals, who is within reach of what, the balance after building."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import pandas as pd

from geowoonzorg.errors import InputError, first_ids
from geowoonzorg.measure.metrics import average_over_people
from geowoonzorg.people.coverage import count_elderly, count_inhabitants, cover_classes
from geowoonzorg.people.population import count_in_zones, count_people
from geowoonzorg.progress import Progress, silent
from geowoonzorg.town.completeness import COMPLETENESS_COLUMNS, class_completeness
from geowoonzorg.walk.pairs import reached_pairs

if TYPE_CHECKING:
    from geowoonzorg.measure.reach import Reach
    from geowoonzorg.town import Town
    from geowoonzorg.walk.nearest_arrays import NearestArrays

VRAGERS_SHARE: Final = "vragers_aandeel"  # of a site's new residents, where it says so itself


def elderly_around(reach: Reach) -> pd.DataFrame:
    """Count the people of 65 and over around each place, as an interval.

    Parameters
    ----------
    reach
        The places and who can walk to them.

    Returns
    -------
    pandas.DataFrame
        By place ``people_65plus, people_65plus_min, people_65plus_max``; missing where not known.

    Examples
    --------
    >>> from geowoonzorg.measure.reach import Reach
    >>> from geowoonzorg.town import Town
    >>> town = Town.demo()
    >>> found = elderly_around(Reach(town, town.addresses.head(3)))
    >>> bool((found["people_65plus_min"] <= found["people_65plus_max"]).all())
    True
    """
    found = _count(reach, *people_by_zone(reach.town, "65plus"))
    return found[["people", "people_min", "people_max"]].rename(
        columns=lambda name: name.replace("people", "people_65plus")
    )


def cover_town(town: Town, walks: NearestArrays, *, progress: Progress = silent) -> pd.DataFrame:
    """Say who lives within the limit of each class, by address and area, or by square.

    Parameters
    ----------
    town
        Whose addresses, areas and classes.
    walks
        From `Town.nearest_array`, of its addresses.
    progress
        Hears how far the work is.

    Returns
    -------
    pandas.DataFrame
        As `cover_classes`, and how complete each class is, as `class_completeness`; of squares the columns
        about addresses are missing.

    Examples
    --------
    >>> from geowoonzorg.town import Town
    >>> town = Town.demo()
    >>> cover_town(town, town.nearest_array("huisarts", limit_m=400))["addresses_within"].gt(0).any()
    np.True_
    """
    zone, elderly = people_by_zone(town, "65plus")
    table = cover_classes(
        walks, pd.Index(town.addresses["id"]), limit_m=town.walking.limits_m[0], zone=zone, elderly=elderly,
        classes=town.classes, absent=town.absent, zone_sizes=town.zone_sizes,
    )  # fmt: skip
    known = class_completeness(town, progress=progress).reindex(table["facility_class"])
    # As columns and not as arrays, so that what is told stays a message that can be translated.
    table = table.assign(**{c: known[c].set_axis(table.index) for c in COMPLETENESS_COLUMNS})
    if town.homes == "squares":  # they are no addresses, so there is nothing to count or share
        return table.assign(
            addresses=np.nan, addresses_within=np.nan, within_low=np.nan, share_within=np.nan
        )
    return table


def balance_around(reach: Reach) -> pd.DataFrame:
    """Say who lives around each place: how many people, and how many vragers and dragers they are as.

    Parameters
    ----------
    reach
        The places and who can walk to them.

    Returns
    -------
    pandas.DataFrame
        By place ``vragers_index, dragers_index`` (means over the people) and ``inhabitants``; NaN where unknown.

    Raises
    ------
    CrsError, InputError
        As `average_over_people`.

    Examples
    --------
    >>> from geowoonzorg.measure.reach import Reach
    >>> from geowoonzorg.town import Town
    >>> town = Town.demo()
    >>> balance_around(Reach(town, town.addresses.head(3)))["inhabitants"].gt(0).all()
    np.True_
    """
    figures = reach.town.figures
    if figures is None:
        columns = ["vragers_index", "dragers_index", "inhabitants"]
        return pd.DataFrame(np.nan, reach.ids, columns)
    around = average_over_people(reach, ["vragers_index", "dragers_index"])
    people = _count(reach, reach.town.home, count_inhabitants(figures.frame.reset_index()))
    return pd.DataFrame(
        {name: found["mean"] for name, found in around.items()}, index=reach.ids
    ).assign(inhabitants=people["people"])


def people_around(town: Town, pairs: pd.DataFrame, ids: pd.Index) -> pd.DataFrame:
    """Count the people within reach, as an interval.

    Parameters
    ----------
    town
        Where they live.
    pairs
        As `Reach.pairs`: which addresses are within reach of what.
    ids
        What to answer for.

    Returns
    -------
    pandas.DataFrame
        As `count_people`; NaN where the town has no figures of areas.

    Raises
    ------
    InputError
        As `count_people`.

    Examples
    --------
    >>> from geowoonzorg.measure.reach import Reach
    >>> from geowoonzorg.town import Town
    >>> town = Town.demo()
    >>> reach = Reach(town, town.addresses.head(1))
    >>> list(people_around(town, reach.pairs, reach.ids))
    ['people', 'people_min', 'people_max', 'coverage_share']
    """
    if town.figures is None:
        return pd.DataFrame(np.nan, ids, ["people", "people_min", "people_max", "coverage_share"])
    inhabitants = count_inhabitants(town.figures.frame.reset_index())
    return count_people(pairs, town.home, inhabitants, site_ids=ids, zone_sizes=town.zone_sizes)


def near_each_other(reach: Reach) -> pd.DataFrame:
    """Say which places lie in whose catchment: from where one can walk to which within the first limit.

    Parameters
    ----------
    reach
        The places.

    Returns
    -------
    pandas.DataFrame
        Shape (n_places, n_places), bool: a row per catchment, a column per place; each place is in its own, on the
        network or not.

    Raises
    ------
    Cancelled
        As the walks.

    Examples
    --------
    >>> from geowoonzorg.measure.reach import Reach
    >>> from geowoonzorg.town import Town
    >>> town = Town.demo()
    >>> near_each_other(Reach(town, town.addresses.iloc[[0, 1, -1]])).to_numpy().diagonal().tolist()
    [True, True, True]
    """
    town, n = reach.town, len(reach.ids)
    places = reach.places[["id", reach.places.geometry.name]]
    pairs = reached_pairs(
        town.network, places, places.assign(facility_class="site"),
        limit_m=town.walking.limits_m[0], **town.walking.access,
    )  # fmt: skip
    near = np.eye(n, dtype=bool)
    catchment = reach.ids.get_indexer(pd.Index(pairs["facility_id"]))
    near[catchment, reach.ids.get_indexer(pd.Index(pairs["origin_id"]))] = True
    return pd.DataFrame(near, reach.ids, reach.ids)


def vragers_shares(reach: Reach) -> pd.Series[float]:
    """Give the share of vragers among each place's new residents: its own, else the study's.

    Parameters
    ----------
    reach
        The places, with ``vragers_aandeel`` (0–1) where they say it themselves.

    Returns
    -------
    pandas.Series of float
        By place; NaN where nobody said.

    Raises
    ------
    InputError
        When a place's share is not a number from 0 to 1.

    Examples
    --------
    >>> from geowoonzorg.measure.reach import Reach
    >>> from geowoonzorg.town import Town
    >>> town = Town.demo()
    >>> vragers_shares(Reach(town, town.addresses.head(2))).tolist()
    [0.3, 0.3]
    """
    figures = reach.town.figures
    of_study = None if figures is None else figures.added_vragers_share
    every = pd.Series(np.nan if of_study is None else of_study, reach.ids, dtype="float64")
    if VRAGERS_SHARE not in reach.places:
        return every
    given = reach.places.set_index("id")[VRAGERS_SHARE]
    blank = given.isna() | (given.astype("str").str.strip() == "")
    numbers = pd.to_numeric(given.where(~blank), errors="coerce").astype("float64")
    wrong = ~blank & ~numbers.between(0, 1)
    if wrong.any():
        shown = [f"{place}: {given[place]}" for place in given.index[wrong]]
        raise InputError(
            "sites: {column} must be a share from 0 to 1, such as 0.3; not so for {ids}; correct or empty them",
            column=VRAGERS_SHARE, ids=first_ids(shown),
        )  # fmt: skip
    return numbers.fillna(every)


def people_by_zone(
    town: Town, group: Literal["people", "65plus"]
) -> tuple[pd.Series[str], pd.DataFrame]:
    """Give the zone of every place where people live, an area or a square, and how many live there.

    Parameters
    ----------
    town
        Whose areas or squares.
    group
        Everybody, or who is 65 or over.

    Returns
    -------
    zone : pandas.Series
        By address id; missing where it lies in none.
    counts : pandas.DataFrame
        By zone ``least`` and ``most`` people; NaN where not published.

    Examples
    --------
    >>> from geowoonzorg.town import Town
    >>> zone, counts = people_by_zone(Town.demo(), "people")
    >>> bool(zone.isin(counts.index).any())
    True
    """
    if town.homes == "squares":
        name = "people" if group == "people" else "elderly"
        squares = town.around.set_index("id")[[f"{name}_least", f"{name}_most"]]
        own = pd.Series(squares.index, index=squares.index)
        return own, squares.set_axis(["least", "most"], axis="columns")
    if town.figures is None:
        return town.home, pd.DataFrame({"least": [], "most": []}, dtype="float64")
    if group == "people":
        return town.home, count_inhabitants(town.figures.frame.reset_index())
    return town.home, count_elderly(town.figures.frame)


def _count(reach: Reach, zone: pd.Series[str], counts: pd.DataFrame) -> pd.DataFrame:
    """Count people within reach of each place, by the zone of everybody around."""
    in_zone = counts.index.get_indexer(pd.Index(zone.reindex(reach.town.around["id"])))
    here = reach.counted(in_zone, len(counts))
    return count_in_zones(
        here.near, here.sure, here.total, in_zone, counts, reach.ids, zone_sizes=reach.town.zone_sizes
    )  # fmt: skip
