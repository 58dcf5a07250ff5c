"""What stands beside the balance as a check on its sense, and never in it: the Leefbaarometer, by ranks."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

LEEFBAAROMETER: Final = ("lbm_afw", "lbm_fys", "lbm_onv", "lbm_soc", "lbm_vrz", "lbm_won")


def correlate_leefbaarometer(
    balance: pd.DataFrame, frame: pd.DataFrame, *, within: str = "gemeente_code"
) -> pd.DataFrame:
    """Put the rank correlation of the balance with each Leefbaarometer dimension beside it.

    Parameters
    ----------
    balance
        What `compute_balance` returned.
    frame
        The areas' figures on the same index, with the Leefbaarometer columns and ``within``.
    within
        The column whose groups are ranked apart, because a balance is relative to its gemeente.

    Returns
    -------
    pandas.DataFrame
        Indexed by dimension (``lbm_afw``, …): ``spearman_rho``, NaN with fewer than three areas or
        without variation; ``n_areas``, the areas whose own balance and dimension are both known;
        ``n_values``, how many different values of the dimension they hold: where a wijk's value
        stands in for its buurten these are fewer than the areas.

    Notes
    -----
    Spearman's rho on ranks within each group, pooled: with one group it is the ordinary rho. The
    figure is printed beside the balance as a check on its sense, and never mixed into it.

    Examples
    --------
    >>> codes = ["a", "b", "c"]
    >>> balance = pd.DataFrame({"balans": [-1.0, 0.0, 1.0], "basis": "own"}, index=codes)
    >>> frame = pd.DataFrame({"lbm_afw": [0.3, 0.1, -0.2], "gemeente_code": "GM0166"}, index=codes)
    >>> correlate_leefbaarometer(balance, frame)
             spearman_rho  n_areas  n_values
    lbm_afw          -1.0        3         3
    """
    own = balance["balans"].where(balance["basis"] == "own")
    rows = {}
    for dimension in [column for column in LEEFBAAROMETER if column in frame.columns]:
        pairs = pd.DataFrame({"a": own, "b": frame[dimension]}).dropna()
        groups = frame.loc[pairs.index, within]
        ranks = pairs.groupby(groups).rank(pct=True)
        ranks -= ranks.groupby(groups).transform("mean")
        spread = float(np.sqrt((ranks["a"] ** 2).sum() * (ranks["b"] ** 2).sum()))
        known = len(pairs) > 2 and spread > 0  # noqa: PLR2004 - two points always lie on a line
        rho = float((ranks["a"] * ranks["b"]).sum()) / spread if known else np.nan
        rows[dimension] = (rho, len(pairs), pairs["b"].nunique())
    return pd.DataFrame.from_dict(
        rows, orient="index", columns=["spearman_rho", "n_areas", "n_values"]
    )
