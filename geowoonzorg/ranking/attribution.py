"""What the change of a score comes through: the parts of what changed, swapped one at a time in every order."""

from __future__ import annotations

from itertools import combinations
from math import factorial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geowoonzorg.ranking.scoring import score

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from geowoonzorg.ranking.scoring_profile import ScoringProfile

#: The name of the score among the criteria.
SCORE = "score"


def attribute_change(
    outcome: Callable[[frozenset[str]], pd.DataFrame], parts: Sequence[str]
) -> dict[str, pd.DataFrame]:
    """Divide the change of an outcome over the parts that changed.

    Parameters
    ----------
    outcome
        Gives the outcome with some of the parts as they are afterwards, the others as they were; always on the same
        index and columns, NaN where it is not known.
    parts
        What changed, such as data, profile and network.

    Returns
    -------
    dict
        Per part what of the change comes through it; together they are the change. NaN where the outcome is
        not known for one of the ways to mix.

    Notes
    -----
    Swapped in one order, a part gets what is left over from those before it; the mean over all orders depends on no
    order: the Shapley value (Shapley, A value for n-person games, 1953).

    Examples
    --------
    >>> def outcome(after):
    ...     return pd.DataFrame({"score": [10.0 + 4.0 * len(after)]})
    >>> [table.loc[0, "score"] for table in attribute_change(outcome, ["data", "profile"]).values()]
    [np.float64(4.0), np.float64(4.0)]
    """
    n = len(parts)
    every = [frozenset(some) for k in range(n + 1) for some in combinations(parts, k)]
    known = {after: outcome(after) for after in every}
    shares = {}
    for part in parts:
        share = known[frozenset()] * 0.0
        for after in every:
            if part not in after:
                k = len(after)
                weight = factorial(k) * factorial(n - k - 1) / factorial(n)
                share = share + weight * (known[after | {part}] - known[after])
        shares[part] = share
    return shares


def contributions(
    raw: pd.DataFrame,
    profile: ScoringProfile,
    keys: Sequence[str],
    *,
    raw_low: pd.DataFrame | None = None,
    raw_high: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Give the score of every site and the points that each criterion brings.

    Parameters
    ----------
    raw, raw_low, raw_high
        As `score` takes them.
    profile
        The criteria and weights.
    keys
        The criteria to tell of; one that the profile has not brings 0.

    Returns
    -------
    pandas.DataFrame
        On the index of ``raw``: ``score``, and a column per key (points of 100); NaN where not known.

    Examples
    --------
    >>> from geowoonzorg.ranking.scoring_profile import read_scoring_profile
    >>> profile = read_scoring_profile("geclusterd")
    >>> raw = pd.DataFrame({"supermarkt": [100.0]}, index=["a"])
    >>> contributions(raw, profile, ["markt"]).loc["a"].tolist()
    [nan, 0.0]
    """
    own = [c.key for c in profile.criteria]
    scores = score(
        raw.reindex(columns=own), profile,
        raw_low=None if raw_low is None else raw_low.reindex(columns=own),
        raw_high=None if raw_high is None else raw_high.reindex(columns=own),
        draws=0,
    )  # fmt: skip
    columns = {SCORE: scores["score"].to_numpy(np.float64)}
    for key in keys:
        there = key in own
        columns[key] = (
            scores[f"{key}_contribution"].to_numpy(np.float64) if there else np.zeros(len(raw))
        )
    return pd.DataFrame(columns, index=raw.index)
