"""Homes that are built: what the balance becomes in the building and around it, and what that is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geowoonzorg.measure.residents import VRAGERS_SHARE, balance_around, vragers_shares
from geowoonzorg.people.added_homes import add_homes
from geowoonzorg.walk.pairs import reached_pairs

if TYPE_CHECKING:
    from geowoonzorg.measure.reach import Reach


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
    catchments = balance_around(reach)
    given = reach.places.set_index("id")["n_woningen"]
    homes = pd.to_numeric(given, errors="coerce")
    share = vragers_shares(reach)
    known = homes.notna() & share.notna()
    found = add_homes(
        catchments[known], homes=homes[known], vragers_share=share[known], profile=figures.profile,
    )  # fmt: skip
    told = ["balans_before", "balans_after", "complex_vragers_share", "complex_balans"]
    return found[told].reindex(reach.ids)


def balance_with_homes(reach: Reach, homes: pd.Series[float]) -> pd.DataFrame:
    """Say what the balance around each place becomes when homes are built on some of them.

    Parameters
    ----------
    reach
        The places and who can walk to them; with ``vragers_aandeel`` (0–1) where the share of vragers among a place's
        new residents is another than the study's.
    homes
        How many homes are built, by id of their place.

    Returns
    -------
    pandas.DataFrame
        By place ``homes_around`` (those built within its first limit, its own among them), ``balans_before`` and
        ``balans_after``; NaN where not known.

    Raises
    ------
    InputError
        As `balance_after_building`.

    Examples
    --------
    >>> from geowoonzorg.measure.reach import Reach
    >>> from geowoonzorg.town import Town
    >>> town = Town.demo()
    >>> reach = Reach(town, town.addresses.head(3).assign(vragers_aandeel=0.5))
    >>> balance_with_homes(reach, pd.Series({reach.ids[0]: 24}))["homes_around"].iloc[0]
    np.float64(24.0)
    """
    town, figures = reach.town, reach.town.figures
    found = pd.DataFrame(
        np.nan, index=reach.ids, columns=["homes_around", "balans_before", "balans_after"]
    )
    found["homes_around"] = 0.0
    near = pd.DataFrame({"site_id": homes.index, "built": homes.index})
    built = reach.places[reach.places["id"].isin(homes.index)]
    if len(built):
        pairs = reached_pairs(
            town.network, built, reach.places.assign(facility_class="site"),
            limit_m=town.walking.limits_m[0], **town.walking.access,
        )  # fmt: skip
        pairs = pairs.rename(columns={"facility_id": "site_id", "origin_id": "built"})
        near = pd.concat([near, pairs[["site_id", "built"]]]).drop_duplicates()
    number = near["built"].map(homes).astype("float64")
    found["homes_around"] = number.groupby(near["site_id"]).sum().reindex(reach.ids, fill_value=0.0)
    if figures is None:
        return found
    share = vragers_shares(reach)
    of_vragers = (number * near["built"].map(share)).groupby(near["site_id"])
    vragers = of_vragers.sum(min_count=1).where(of_vragers.count() == of_vragers.size())
    mix = (vragers.reindex(reach.ids) / found["homes_around"]).clip(0.0, 1.0)
    none, catchments = found["homes_around"] == 0, balance_around(reach)
    told = none | mix.notna()
    balance = add_homes(
        catchments[told], homes=found["homes_around"][told], vragers_share=mix.fillna(0.0)[told],
        profile=figures.profile,
    )  # fmt: skip
    ratio = (catchments["vragers_index"] / catchments["dragers_index"]).to_numpy(np.float64)
    lived_in = (catchments["inhabitants"] > 0).to_numpy()
    found["balans_before"] = np.where(lived_in, np.log2(ratio), np.nan)
    built_near = balance["balans_after"].reindex(reach.ids)
    found["balans_after"] = built_near.where(~none, found["balans_before"])
    return found


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
    found = balance_around(reach).assign(
        vragers_share=vragers_shares(reach),
        persons_per_home=figures.profile.persons_per_home,
        reference_vragers_share=figures.profile.reference_vragers_share,
    )
    return found.rename_axis("site_id").reset_index()
