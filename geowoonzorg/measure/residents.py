"""Who lives around places: people as intervals, who is within reach of what, the balance after building."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import pandas as pd

from geowoonzorg.errors import InputError, first_ids
from geowoonzorg.measure.metrics import average_over_people
from geowoonzorg.people.added_homes import add_homes
from geowoonzorg.people.coverage import count_elderly, count_inhabitants, cover_classes
from geowoonzorg.people.population import count_people
from geowoonzorg.progress import Progress, silent
from geowoonzorg.town.completeness import COMPLETENESS_COLUMNS, class_completeness

if TYPE_CHECKING:
    from geowoonzorg.measure.reach import Reach
    from geowoonzorg.town import Town
    from geowoonzorg.town.areas import AreaFigures

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
    zone, elderly = people_by_zone(reach.town, "65plus")
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
    zone, elderly = people_by_zone(town, "65plus")
    table = cover_classes(
        walks, limit_m=town.walking.limits_m[0], zone=zone, elderly=elderly,
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


def balance_after_building(reach: Reach) -> pd.DataFrame:
    """Say what the balance becomes with a place's homes, in the building and around it, where the town asks it.

    Parameters
    ----------
    reach
        The places, with ``n_woningen``, and who can walk to them; with ``vragers_aandeel`` (0–1) where the share
        of vragers is another than the study's.

    Returns
    -------
    pandas.DataFrame
        By place ``balans_before, balans_after, complex_vragers_share, complex_balans``; no columns where it is not
        asked, or no place tells of homes.

    Raises
    ------
    InputError
        When a place's share is not a number from 0 to 1, or its homes are negative.

    Examples
    --------
    >>> from geowoonzorg.measure.reach import Reach
    >>> from geowoonzorg.town import Town
    >>> town = Town.demo()
    >>> reach = Reach(town, town.addresses.head(3).assign(n_woningen=24, vragers_aandeel=0.5))
    >>> balance_after_building(reach)["complex_vragers_share"].tolist()
    [0.5, 0.5, 0.5]
    """
    figures, nothing = reach.town.figures, pd.DataFrame(index=reach.ids)
    asked = figures is not None and (
        figures.added_vragers_share is not None or VRAGERS_SHARE in reach.places
    )
    if figures is None or not asked or "n_woningen" not in reach.places:
        return nothing
    catchments = _catchments(reach, figures)
    given = reach.places.set_index("id")["n_woningen"]
    homes = pd.to_numeric(given, errors="coerce")
    share = _vragers_shares(reach, figures.added_vragers_share)
    known = homes.notna() & share.notna()
    found = add_homes(
        catchments[known], homes=homes[known], vragers_share=share[known], profile=figures.profile,
    )  # fmt: skip
    told = ["balans_before", "balans_after", "complex_vragers_share", "complex_balans"]
    return found[told].reindex(reach.ids)


def catchment_figures(reach: Reach) -> pd.DataFrame:
    """Give what the balance after building is made of, where the town asks for it.

    Parameters
    ----------
    reach
        The places and who can walk to them.

    Returns
    -------
    pandas.DataFrame
        ``site_id, inhabitants, vragers_index, dragers_index`` (of the catchment), ``vragers_share`` (0-1, of new
        residents), ``persons_per_home`` and ``reference_vragers_share``; no rows where it is not asked.

    Raises
    ------
    InputError
        As `balance_after_building`.

    Examples
    --------
    >>> from geowoonzorg.measure.reach import Reach
    >>> from geowoonzorg.town import Town
    >>> town = Town.demo()
    >>> catchment_figures(Reach(town, town.addresses.head(1)))["persons_per_home"].tolist()
    [1.3]
    """
    figures = reach.town.figures
    asked = figures is not None and (
        figures.added_vragers_share is not None or VRAGERS_SHARE in reach.places
    )
    if figures is None or not asked:
        return pd.DataFrame()
    found = _catchments(reach, figures).assign(
        vragers_share=_vragers_shares(reach, figures.added_vragers_share),
        persons_per_home=figures.profile.persons_per_home,
        reference_vragers_share=figures.profile.reference_vragers_share,
    )
    return found.rename_axis("site_id").reset_index()


def _catchments(reach: Reach, figures: AreaFigures) -> pd.DataFrame:
    """Give the people of each catchment and the means of their indices."""
    around = average_over_people(reach, ["vragers_index", "dragers_index"])
    people = count_people(
        reach.pairs, reach.town.home, count_inhabitants(figures.frame.reset_index()), site_ids=reach.ids,
        zone_sizes=reach.town.zone_sizes,
    )  # fmt: skip
    means = {name: found["mean"] for name, found in around.items()}
    return pd.DataFrame(means, index=reach.ids).assign(inhabitants=people["people"])


def _vragers_shares(reach: Reach, of_study: float | None) -> pd.Series[float]:
    """Give the share of vragers of each place's new residents: its own, else the study's."""
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
