"""Who lives around places: people as intervals, who is within reach of what, the balance after building."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geowoonzorg.measure.metrics import average_over_people
from geowoonzorg.people.added_homes import add_homes
from geowoonzorg.people.coverage import count_elderly, count_inhabitants, cover_classes
from geowoonzorg.people.population import count_people
from geowoonzorg.progress import Progress, silent
from geowoonzorg.town.completeness import COMPLETENESS_COLUMNS, class_completeness

if TYPE_CHECKING:
    from geowoonzorg.measure.reach import Reach
    from geowoonzorg.town import Town


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
    zone, elderly = _elderly_by_zone(reach.town)
    found = count_people(
        reach.pairs, zone, elderly, site_ids=reach.ids, zone_sizes=reach.town.zone_sizes
    )
    return found[["people", "people_min", "people_max"]].rename(
        columns=lambda name: name.replace("people", "people_65plus")
    )


def cover_town(town: Town, walks: pd.DataFrame, *, progress: Progress = silent) -> pd.DataFrame:
    """Say who lives within the limit of each class, by address and area, or by square.

    Parameters
    ----------
    town
        Whose addresses, areas and classes.
    walks
        From `Town.nearest`, of its addresses.
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
    >>> cover_town(town, town.nearest("huisarts", limit_m=400))["addresses_within"].gt(0).any()
    np.True_
    """
    zone, elderly = _elderly_by_zone(town)
    table = cover_classes(
        walks, limit_m=town.walking.limits_m[0], zone=zone, elderly=elderly,
        classes=town.classes, absent=town.absent, zone_sizes=town.zone_sizes,
    )  # fmt: skip
    known = class_completeness(town, progress=progress).reindex(table["facility_class"])
    # As columns and not as arrays, so that what is told stays a message that can be translated.
    table = table.assign(**{c: known[c].set_axis(table.index) for c in COMPLETENESS_COLUMNS})
    if town.homes == "squares":  # they are no addresses, so there is nothing to count or share
        return table.assign(addresses=np.nan, addresses_within=np.nan, share_within=np.nan)
    return table


def balance_after_building(reach: Reach) -> pd.DataFrame:
    """Say what the balance around each place becomes with its homes, where the town asks it.

    Parameters
    ----------
    reach
        The places, with ``n_woningen``, and who can walk to them.

    Returns
    -------
    pandas.DataFrame
        By place ``balans_before, balans_after``; no columns where it is not asked, or no place tells of homes.

    Examples
    --------
    >>> from geowoonzorg.measure.reach import Reach
    >>> from geowoonzorg.town import Town
    >>> town = Town.demo()
    >>> balance_after_building(Reach(town, town.addresses.head(3).assign(n_woningen=24))).columns.tolist()
    ['balans_before', 'balans_after']
    """
    figures, nothing = reach.town.figures, pd.DataFrame(index=reach.ids)
    if figures is None or figures.added_vragers_share is None or "n_woningen" not in reach.places:
        return nothing
    around = average_over_people(reach, ["vragers_index", "dragers_index"])
    people = count_people(
        reach.pairs, reach.town.home, count_inhabitants(figures.frame.reset_index()), site_ids=reach.ids,
        zone_sizes=reach.town.zone_sizes,
    )  # fmt: skip
    catchments = pd.DataFrame(
        {name: found["mean"] for name, found in around.items()}, index=reach.ids
    ).assign(inhabitants=people["people"])
    given = reach.places.set_index("id")["n_woningen"]
    homes = pd.to_numeric(given, errors="coerce")
    known = homes.notna()
    found = add_homes(
        catchments[known], homes=homes[known], vragers_share=figures.added_vragers_share,
        profile=figures.profile,
    )  # fmt: skip
    return found[["balans_before", "balans_after"]].reindex(reach.ids)


def _elderly_by_zone(town: Town) -> tuple[pd.Series[str], pd.DataFrame]:
    """Give the zone of every place where people live, an area or a square, and who is 65 or over there."""
    if town.homes == "squares":
        squares = town.around.set_index("id")[["elderly_least", "elderly_most"]]
        own = pd.Series(squares.index, index=squares.index)
        return own, squares.set_axis(["least", "most"], axis="columns")
    if town.figures is None:
        return town.home, pd.DataFrame({"least": [], "most": []}, dtype="float64")
    return town.home, count_elderly(town.figures.frame)
