"""What homes sites can take: how many, when, of which kind, in which wijk, and what they do to the balance around."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from geowoonzorg.choosing.homes import Bound
from geowoonzorg.errors import InputError, MissingColumnError, StudyError, first_ids
from geowoonzorg.files import column_for
from geowoonzorg.measure.residents import balance_around, near_each_other, vragers_shares
from geowoonzorg.opendata.codes import level_code
from geowoonzorg.people.added_homes import add_homes
from geowoonzorg.people.catchment import locate_in_areas

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from geowoonzorg.measure.reach import Reach
    from geowoonzorg.people.balance_profile import BalanceProfile
    from geowoonzorg.town import Town

WIJK: Final = "max_share_per_wijk"
BALANCE: Final = "max_balance"
NO_WIJK: Final = "wijk_code"
NO_BALANCE: Final = "balans"
_YEAR: Final = r"((?:19|20|21)\d\d)"


def read_site_homes(sites: gpd.GeoDataFrame, *, min_per_site: int | None) -> pd.DataFrame:
    """Read how many homes each site takes, and when and of which kind they are.

    Parameters
    ----------
    sites
        As `take_sites` gives them.
    min_per_site
        The least of a site that does not say it itself.

    Returns
    -------
    pandas.DataFrame
        By id ``most`` and ``least`` (whole; ``most`` is 0 where nobody said), ``told`` (whether somebody did),
        ``phase_year`` (the last year that the column names, missing where there is none) and ``woonvorm``.

    Raises
    ------
    MissingColumnError
        When no column says how many homes a site takes.
    InputError
        When a number of homes is not whole or is negative, or a minimum is above the site's capacity.

    Examples
    --------
    >>> import geopandas as gpd
    >>> one = gpd.GeoDataFrame({"id": ["a"], "n_woningen": ["24"], "planfase": ["2027-2029"]})
    >>> read_site_homes(one, min_per_site=None).loc["a"].astype("str").tolist()
    ['24', '0', 'True', '2029', '']
    """
    ids = pd.Index(sites["id"], name="id")
    if "n_woningen" not in sites:
        raise MissingColumnError(
            "sites: no column says how many homes a site takes; name it n_woningen"
        )
    most = _whole(sites, "n_woningen", ids)
    named = column_for(sites, "min_woningen")
    own = _whole(sites, named, ids) if named else pd.Series(np.nan, ids)
    wrong = own > most
    if wrong.any():
        raise InputError(
            "sites: {column} is above n_woningen for {ids}; correct one of the two",
            column=named, ids=first_ids(ids[wrong]),
        )  # fmt: skip
    named = column_for(sites, "phase_year")
    year = pd.Series(pd.NA, ids, dtype="Int64")
    if named:
        text = pd.Series(sites[named].astype("str").to_numpy(), ids)
        years = text.str.extractall(_YEAR)[0].astype("int64").groupby(level=0).max()
        year = years.reindex(ids).astype("Int64")
    named = column_for(sites, "woonvorm")
    kind = sites[named].fillna("").astype("str").str.strip().to_numpy() if named else ""
    return pd.DataFrame({
        "most": most.fillna(0).astype("int64"),
        "least": own.fillna(min_per_site or 0).astype("int64"),
        "told": most.notna(), "phase_year": year, "woonvorm": pd.Series(kind, ids, dtype="str"),
    })  # fmt: skip


def _whole(sites: gpd.GeoDataFrame, column: str, ids: pd.Index) -> pd.Series[float]:
    """Read a column of whole numbers; what is blank is not known."""
    given = pd.Series(sites[column].to_numpy(), ids)
    blank = given.isna() | (given.astype("str").str.strip() == "")
    numbers = pd.to_numeric(given.where(~blank), errors="coerce").astype("float64")
    wrong = ~blank & ~((numbers >= 0) & (numbers % 1 == 0))
    if wrong.any():
        shown = [f"{place}: {given[place]}" for place in ids[wrong]]
        raise InputError(
            "sites: {column} must be a whole number of homes, 0 or more; not so for {ids}; "
            "correct or empty them",
            column=column, ids=first_ids(shown),
        )  # fmt: skip
    return numbers


def wijk_of(town: Town, sites: gpd.GeoDataFrame) -> pd.Series[str]:
    """Find the wijk that each site lies in.

    Parameters
    ----------
    town
        With areas, buurten or wijken.
    sites
        With ``id`` and geometry.

    Returns
    -------
    pandas.Series of str
        By id the code; missing where it is not known.

    Examples
    --------
    >>> from geowoonzorg.town import Town
    >>> town = Town.demo()
    >>> wijk_of(town, town.addresses.head(1)).str[:2].tolist()
    ['WK']
    """
    ids = pd.Index(sites["id"], name="id")
    if town.figures is None:
        return pd.Series(np.nan, ids, dtype="str", name="wijk_code")
    frame = town.figures.frame
    code = locate_in_areas(sites, frame).set_axis(ids)
    wijk = level_code(pd.Series(frame.index, frame.index, dtype="str"), "wijk")
    if "wijk_code" in frame:
        wijk = frame["wijk_code"].astype("str").where(frame["wijk_code"].notna(), wijk)
    return code.map(wijk).astype("str").where(code.notna()).rename("wijk_code")


def share_bounds(wijk: pd.Series[str], share: float, homes: int) -> tuple[Bound, ...]:
    """Bound the homes in each wijk; where the wijk of a site is not known it gets none.

    Parameters
    ----------
    wijk
        By site.
    share
        0–1 of all homes.
    homes
        How many there are in all.

    Returns
    -------
    tuple of Bound
        One per wijk.

    Examples
    --------
    >>> [one.at_most for one in share_bounds(pd.Series(["WK1", "WK1", "WK2"]), 0.4, 60)]
    [24.0, 24.0]
    """
    at_most = float(np.floor(share * homes + 1e-9))
    found = [
        Bound(
            WIJK, str(code), (wijk == code).fillna(value=False).to_numpy(dtype=np.float64), at_most
        )
        for code in sorted(wijk.dropna().unique())
    ]
    return (*found, *left_out(NO_WIJK, wijk.isna().to_numpy(dtype=bool)))


def left_out(kind: str, sites: NDArray[np.bool_]) -> tuple[Bound, ...]:
    """Keep homes from some sites.

    Parameters
    ----------
    kind
        Why.
    sites
        Shape (n,), which.

    Returns
    -------
    tuple of Bound
        One, or none where there are no such sites.

    Examples
    --------
    >>> left_out("by_year", np.array([False, False]))
    ()
    """
    return (Bound(kind, "", sites.astype(np.float64), 0.0),) if sites.any() else ()


@dataclass(frozen=True, eq=False)
class Surroundings:
    """Who lives around each site, and which sites' homes come there.

    Attributes
    ----------
    around
        By site ``vragers_index, dragers_index, inhabitants``.
    near
        Shape (n, n), bool: in the catchment of the row come the homes of the column.
    vragers
        Shape (n,), the share of vragers among the new residents of each site; NaN where nobody said.
    profile
        Of the balance.
    """

    around: pd.DataFrame
    near: NDArray[np.bool_]
    vragers: NDArray[np.float64]
    profile: BalanceProfile

    @classmethod
    def of(cls, reach: Reach, profile: BalanceProfile) -> Surroundings:
        """Measure them."""
        near = near_each_other(reach).to_numpy(dtype=bool)
        shares = np.asarray(vragers_shares(reach), dtype=np.float64)
        return cls(balance_around(reach), near, shares, profile)

    def after(self, homes: NDArray[np.int64]) -> pd.DataFrame:
        """Say what the balance around each site becomes with all homes that come in its catchment.

        Parameters
        ----------
        homes
            Shape (n,), on each site.

        Returns
        -------
        pandas.DataFrame
            By site ``homes_around, balans_before, balans_after``; NaN where unknown.
        """
        shares = np.nan_to_num(self.vragers)
        there = self.near @ homes
        mix = (self.near @ (homes * shares)) / np.maximum(there, 1)
        found = add_homes(self.around, homes=there, vragers_share=mix, profile=self.profile)
        untold = self.near @ (homes * np.isnan(self.vragers)) > 0
        return found[["balans_before", "balans_after"]].assign(
            homes_around=there,
            balans_after=found["balans_after"].where(~untold),
        )

    def bounds(self, most: float) -> tuple[Bound, ...]:
        """Bound the balance afterwards around every site where homes come.

        Parameters
        ----------
        most
            The balance (log2).

        Returns
        -------
        tuple of Bound
            One per catchment whose people are known; where they are not, or the mix of the new residents is not,
            that site gets no homes.

        Raises
        ------
        StudyError
            When nobody said which share of the new residents are vragers, or no balance is known.

        Notes
        -----
        ``P·V + M·z / b <= 2^most · (P·D + M·(1 - z) / (1 - b))``, as `add_homes` has it, is linear in the homes.
        """
        if np.isnan(self.vragers).all():
            raise StudyError(
                "a bound on the balance needs to know which share of the new residents are vragers: give "
                "added_vragers_share under [areas], or a column vragers_aandeel of the sites"
            )
        base, ratio = self.profile.reference_vragers_share, 2.0**most
        z = np.nan_to_num(self.vragers)
        adds = self.profile.persons_per_home * (z / base - ratio * (1 - z) / (1 - base))
        people, v, d = (
            self.around[c].to_numpy(dtype=np.float64)
            for c in ("inhabitants", "vragers_index", "dragers_index")
        )
        room = np.where(people == 0, 0.0, people * (ratio * d - v))
        unknown = np.isnan(room)
        if unknown.all():
            raise StudyError(
                "a bound on the balance was asked for, and around none of the sites is the balance known; leave it "
                "out, or give areas with figures"
            )
        found = [
            Bound(
                BALANCE, str(site), np.where(self.near[i], adds, 0.0), float(room[i]), self.near[i]
            )
            for i, site in enumerate(self.around.index)
            if not unknown[i]
        ]
        return (*found, *left_out(NO_BALANCE, unknown | np.isnan(self.vragers)))
