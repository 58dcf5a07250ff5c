"""Mixtures between two keys, turned from the one to the other: who takes how many, and how much it piles up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from geowoonzorg.errors import StudyError
from geowoonzorg.region.counts import Span, with_span
from geowoonzorg.region.key_shares import key_shares
from geowoonzorg.region.keys import share_out

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geowoonzorg.region.key_shares import Limits


_MOST: Final = 1_001


def turn_dial(
    figures: pd.DataFrame,
    one: Mapping[str, float],
    other: Mapping[str, float],
    homes: float,
    *,
    steps: int = 11,
    min_share: Limits = 0.0,
    max_share: Limits = 1.0,
    persons_per_home: float = 1.0,
) -> pd.DataFrame:
    """Divide homes by every mixture between two keys.

    Parameters
    ----------
    figures, homes, min_share, max_share, persons_per_home
        As `geowoonzorg.region.keys.share_out`.
    one, other
        The weights of both keys.
    steps
        How many mixtures, both keys included; 2 to 1,001.

    Returns
    -------
    pandas.DataFrame
        As `geowoonzorg.region.keys.share_out`, with the mixture as ``key`` and three columns after it:
        ``other_weight`` (0-1), how far the dial is turned to the other key; ``concentration`` (Herfindahl, the sum of
        squared shares, from 1 / n to 1); and, where inhabitants are known, ``dissimilarity`` (0-1), the share of the
        homes that would have to move to lie as inhabitants do. These have bounds beside them too.

    Raises
    ------
    StudyError
        When there are fewer or more steps, or as `geowoonzorg.region.keys.share_out`.
    MissingColumnError, InputError
        As `geowoonzorg.region.keys.share_out`.

    Notes
    -----
    Dissimilarity after Duncan and Duncan, 1955 (American Sociological Review 20: 210-217).

    Examples
    --------
    >>> figures = pd.DataFrame({"gemeente": ["A", "B"], "inhabitants": [50, 50], "free_homes": [9, 1]})
    >>> turned = turn_dial(figures, {"inhabitants": 1}, {"free_homes": 1}, 10, steps=3)
    >>> turned.loc[turned["gemeente"] == "A", ["other_weight", "homes", "concentration", "dissimilarity"]]
       other_weight  homes  concentration  dissimilarity
    0           0.0      5           0.50            0.0
    2           0.5      7           0.58            0.2
    4           1.0      9           0.82            0.4
    """
    if not 2 <= steps <= _MOST:  # noqa: PLR2004 - both ends
        raise StudyError("a dial has 2 to {most} steps, not {steps}", most=_MOST, steps=steps)
    turns = [step / (steps - 1) for step in range(steps)]
    mixtures = {f"{turn:.4g}": mix(one, other, turn) for turn in turns}
    limits = {"min_share": min_share, "max_share": max_share}
    shared = share_out(figures, mixtures, homes, **limits, persons_per_home=persons_per_home)
    people = None
    if "inhabitants" in figures:
        ordered = figures.sort_values("gemeente", kind="stable").reset_index(drop=True)
        people = key_shares(ordered, {"inhabitants": 1.0}, key="inhabitants")
    n = len(figures)
    piled = []
    for step in range(steps):
        rows = shared.iloc[step * n : (step + 1) * n]
        share = Span(rows["share_low"].to_numpy(), rows["share_high"].to_numpy())
        piled.append(_piled(share, people))
    after = pd.DataFrame(piled).loc[np.repeat(np.arange(steps), n)].reset_index(drop=True)
    shared.insert(1, "other_weight", np.repeat(turns, n))
    for place, column in enumerate(after, start=2):
        shared.insert(place, column, after[column])
    return shared


def mix(one: Mapping[str, float], other: Mapping[str, float], turn: float) -> dict[str, float]:
    """Mix the weights of two keys.

    Parameters
    ----------
    one, other
        Weights by part, of any sum but 0.
    turn
        How far to the other, from 0 to 1.

    Returns
    -------
    dict
        Weights that add up to 1.

    Raises
    ------
    StudyError
        When a key weighs nothing.

    Examples
    --------
    >>> mix({"inhabitants": 2}, {"inhabitants": 1, "free_homes": 1}, 0.5)
    {'inhabitants': 0.75, 'free_homes': 0.25}
    """
    mixed: dict[str, float] = {}
    for name, weights, part in (("one", one, 1 - turn), ("other", other, turn)):
        total = sum(weights.values())
        if not total > 0:
            raise StudyError(
                "key {key} weighs nothing; give a part a weight of more than 0", key=name
            )
        for key, weight in weights.items():
            mixed[key] = mixed.get(key, 0.0) + part * weight / total
    return mixed


def _piled(share: Span, people: Span | None) -> dict[str, float]:
    """Measure how much shares pile up, by themselves and against inhabitants."""
    n = len(share.low)
    least = Span(*(np.array([(bound**2).sum()]) for bound in share))
    if not share.exact:  # equal parts are the least that shares can pile up
        least = Span(np.maximum(least.low, 1 / n), np.minimum(least.high, 1.0))
    found = with_span("concentration", least)
    if people is not None:
        apart = np.maximum(np.maximum(share.low - people.high, people.low - share.high), 0.0)
        most = np.maximum(share.high - people.low, people.high - share.low)
        both = Span(np.array([apart.sum() / 2]), np.minimum(np.array([most.sum() / 2]), 1.0))
        found |= with_span("dissimilarity", both)
    return {name: float(value.iloc[0]) for name, value in found.items()}
