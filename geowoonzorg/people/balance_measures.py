"""The measures of both sides of the balance from published figures, and between what rounding and secrecy leave them.

Interval arithmetic: a figure published to the nearest ten lies five to either side of it; a measure
that is not published of an area can be anything that its side can hold. So the side as it would be from
the figures themselves lies within what is given here, whatever was rounded off or kept secret.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geowoonzorg.people.catchment import divide

if TYPE_CHECKING:
    from geowoonzorg.people.balance_profile import BalanceProfile, Measure

LEAST_SHARE: Final = 0.5  # of a reference's inhabitants whose areas know a measure
_A_DECIMAL: Final = 1e-6  # of a step: what is nearer to a whole number is one
FloatArray = NDArray[np.float64]
_ROUNDS: Final = 100  # of Dinkelbach's method, which needs about as many as there are digits
SIDES: Final = ("V", "D")


def make_measures(figures: pd.DataFrame, profile: BalanceProfile) -> pd.DataFrame:
    """Make every measure of both sides from the figures.

    Parameters
    ----------
    figures
        One row per area, with the profile's columns; NaN where unknown.
    profile
        Which measures.

    Returns
    -------
    pandas.DataFrame
        On the same index a column per measure's key, V's first; NaN where one of its columns is.

    Examples
    --------
    >>> from geowoonzorg.people.balance_profile import read_balance_profile
    >>> profile = read_balance_profile()
    >>> one = pd.DataFrame(dict.fromkeys(profile.columns, 10.0), index=["BU01660001"])
    >>> make_measures(one.assign(inhabitants=400.0), profile)["bijstand"].tolist()
    [0.025]
    """
    made = {}
    for measure in profile.measures:
        value = figures[list(measure.columns)].sum(axis=1, skipna=False)
        if measure.per:
            per = figures[list(measure.per)].sum(axis=1, skipna=False)
            value = value / per.where(per > 0)
        made[measure.key] = value
    return pd.DataFrame(made, index=figures.index)


def figure_ranges(
    figures: pd.DataFrame, profile: BalanceProfile
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Say between what every figure lies that was rounded as the profile says.

    Parameters
    ----------
    figures
        As published.
    profile
        With how each column is rounded; one of which it says nothing is exact.

    Returns
    -------
    low, high : pandas.DataFrame
        On the same index and columns.

    Examples
    --------
    >>> from geowoonzorg.people.balance_profile import read_balance_profile
    >>> low, high = figure_ranges(pd.DataFrame({"inhabitants": [400.0, 0.0]}), read_balance_profile())
    >>> low["inhabitants"].tolist(), high["inhabitants"].tolist()
    ([397.5, 0.0], [402.5, 2.5])
    """
    low, high = figures.astype("float64"), figures.astype("float64")
    for column in figures.columns.intersection(list(profile.rounding)):
        rule, values = profile.rounding[column], high[column]
        step = rule.step
        steps = values / step
        if rule.decimal_step is not None and ((steps - steps.round()).abs() > _A_DECIMAL).any():
            step = rule.decimal_step
        low[column] = (values - step / 2).clip(lower=0.0)
        high[column] = (values + step / 2).clip(upper=rule.most)
    return low, high


def measure_ranges(
    figures: pd.DataFrame, profile: BalanceProfile
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Say between what every measure lies.

    Parameters
    ----------
    figures, profile
        As `make_measures`.

    Returns
    -------
    low, high : pandas.DataFrame
        As `make_measures`; NaN where the measure is unknown.

    Examples
    --------
    >>> from geowoonzorg.people.balance_profile import read_balance_profile
    >>> profile = read_balance_profile()
    >>> one = pd.DataFrame(dict.fromkeys(profile.columns, 10.0), index=["BU01660001"])
    >>> low, high = measure_ranges(one.assign(inhabitants=100.0), profile)
    >>> low["bijstand"].round(4).tolist(), high["bijstand"].round(4).tolist()
    ([0.0488], [0.1538])
    """
    low, high = figure_ranges(figures, profile)
    least = {m.key: _bound(m, low, high) for m in profile.measures}
    most = {m.key: _bound(m, high, low) for m in profile.measures}
    known = make_measures(figures, profile).notna()
    return pd.DataFrame(least, figures.index).where(known), pd.DataFrame(most, figures.index).where(
        known
    )


def _bound(measure: Measure, own: pd.DataFrame, other: pd.DataFrame) -> pd.Series[float]:
    """Take a measure with its columns at one end and what it is divided by at the other end of their range.

    A column that is also divided by is one number: it stands at its own end in both places. That is exact
    where all columns are among those, as of a share; elsewhere no column is.
    """
    top = own[list(measure.columns)].sum(axis=1, skipna=False)
    if not measure.per:
        return top
    shared = [c for c in measure.per if c in measure.columns]
    rest = [c for c in measure.per if c not in shared]
    below = own[shared].sum(axis=1, skipna=False) + other[rest].sum(axis=1, skipna=False)
    return (
        top.div(below.where(below > 0), fill_value=np.nan)
        .where(below > 0, np.inf)
        .where(top > 0, 0.0)
    )


def mean_of_areas(
    figures: pd.DataFrame, group: pd.Series[str], profile: BalanceProfile
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Average each measure over the areas of each group that know it, if they hold enough people.

    Parameters
    ----------
    figures
        Of the areas, with ``inhabitants``.
    group
        On the same index the group of each.
    profile
        Which measures.

    Returns
    -------
    mean, low, high : pandas.DataFrame
        By group a column per measure; NaN where the areas that know it hold under half of the inhabitants.

    Notes
    -----
    The mean is weighted by inhabitants. Its ends let every area's measure and number of inhabitants
    lie anywhere in their ranges: weights that make a mean largest are found by Dinkelbach's method (1967).

    Examples
    --------
    >>> from geowoonzorg.people.balance_profile import read_balance_profile
    >>> profile = read_balance_profile()
    >>> two = pd.DataFrame(dict.fromkeys(profile.columns, [10.0, 30.0]), index=["a", "b"])
    >>> both = pd.Series("GM0166", index=two.index)
    >>> mean, low, high = mean_of_areas(two.assign(inhabitants=[100.0, 300.0]), both, profile)
    >>> mean["wmo"].tolist(), bool((low["wmo"] < 25).all() and (high["wmo"] > 25).all())
    ([25.0], True)
    """
    values = make_measures(figures, profile)
    low, high = measure_ranges(figures, profile)
    fewest, most = figure_ranges(figures[["inhabitants"]], profile)
    people = figures["inhabitants"].to_numpy(dtype=np.float64)
    code, names = pd.factorize(group, sort=True)
    lived = (people > 0) & (code >= 0)  # of no group is no part of a mean
    code, people = code[lived], people[lived]
    least, greatest = (
        end["inhabitants"].to_numpy(dtype=np.float64)[lived] for end in (fewest, most)
    )
    total = np.bincount(code, people, len(names))
    made: list[dict[str, FloatArray]] = [{}, {}, {}]
    for key in map(str, values):
        x, x_low, x_high = (of[key].to_numpy(dtype=np.float64)[lived] for of in (values, low, high))
        use = np.isfinite(x)
        at, weight = code[use], people[use]
        known = np.bincount(at, weight, len(names))
        enough = (known > 0) & (known >= LEAST_SHARE * total)
        summed = np.bincount(at, weight * x[use], len(names)).astype(np.float64)
        mean = divide(summed, np.where(enough, known, 0.0))
        ends = _Ends(at, len(names), least[use], greatest[use])
        made[0][key] = mean
        made[1][key] = ends.extreme(x_low[use], mean, upper=False)
        made[2][key] = ends.extreme(x_high[use], mean, upper=True)
    index = pd.Index(names, dtype="str")
    mean_table, low_table, high_table = (pd.DataFrame(one, index=index) for one in made)
    return mean_table, low_table, high_table


@dataclass(frozen=True)
class _Ends:
    """Areas by the number of their group, and between what their inhabitants lie."""

    group: NDArray[np.intp]
    n_groups: int
    fewest: FloatArray
    most: FloatArray

    def extreme(self, values: FloatArray, start: FloatArray, *, upper: bool) -> FloatArray:
        """Find the largest (or smallest) mean that numbers of inhabitants within their ranges can give."""
        found = start
        for _ in range(_ROUNDS):
            beyond = values > found[self.group] if upper else values < found[self.group]
            weight = np.where(beyond, self.most, self.fewest)
            summed = np.bincount(self.group, weight * values, self.n_groups)
            again = divide(
                summed.astype(np.float64),
                np.where(np.isfinite(start), np.bincount(self.group, weight, self.n_groups), 0.0),
            )
            if np.array_equal(again, found, equal_nan=True):
                break
            found = again
        return found


def side_ranges(
    figures: pd.DataFrame,
    reference: tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame],
    profile: BalanceProfile,
) -> pd.DataFrame:
    """Say between what V and D of each area lie.

    Parameters
    ----------
    figures
        Of the areas.
    reference
        Each measure of their reference, and the lowest and the highest that it can be, on the same index.
    profile
        Measures, weights and cap.

    Returns
    -------
    pandas.DataFrame
        ``V_low, V_high, D_low, D_high`` on the same index; NaN where the reference knows no measure of a side.

    Notes
    -----
    A side is made of the measures that the reference knows. One that the area itself does not know, because it is
    secret or comes later, lies somewhere between ``1 / cap`` and ``cap``.

    Examples
    --------
    >>> from geowoonzorg.people.balance_profile import read_balance_profile
    >>> profile = read_balance_profile()
    >>> one = pd.DataFrame(dict.fromkeys(profile.columns, 100.0), index=["a"]).assign(inhabitants=4000.0)
    >>> as_one = (make_measures(one, profile), *measure_ranges(one, profile))
    >>> side_ranges(one, as_one, profile).round(2).loc["a"].tolist()
    [0.95, 1.06, 0.97, 1.04]
    """
    low, high = measure_ranges(figures, profile)
    published, ref_low, ref_high = reference
    has = published > 0
    least, most = 1 / profile.cap, profile.cap
    q_low = (low / ref_high.where(ref_high > 0)).clip(least, most).fillna(least).where(has)
    q_high = (high / ref_low.where(ref_low > 0, 0.0)).clip(least, most).fillna(most).where(has)
    table = {}
    for name, side in zip(SIDES, (profile.vragers, profile.dragers), strict=True):
        weights = pd.Series({m.key: m.weight for m in side.measures})
        total = has[weights.index].mul(weights).sum(axis=1)
        for end, q in (("low", q_low), ("high", q_high)):
            held = q[weights.index].mul(weights).sum(axis=1)
            table[f"{name}_{end}"] = held / total.where(total > 0)
    return pd.DataFrame(table, index=figures.index)
