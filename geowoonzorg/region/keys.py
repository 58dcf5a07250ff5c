"""Verdeelsleutels: how many homes each gemeente takes by a key, in whole homes, and what that does to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geowoonzorg.errors import StudyError, first_ids
from geowoonzorg.messages import tell
from geowoonzorg.region.counts import Span, down, span_of, up, with_span
from geowoonzorg.region.key_shares import key_shares
from geowoonzorg.region.rounding import largest_remainder, round_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from geowoonzorg.messages import Message
    from geowoonzorg.region.key_shares import Limits

TOGETHER = "per_group"


def share_out(
    figures: pd.DataFrame,
    keys: Mapping[str, Mapping[str, float]],
    homes: float,
    *,
    min_share: Limits = 0.0,
    max_share: Limits = 1.0,
    persons_per_home: float = 1.0,
) -> pd.DataFrame:
    """Divide homes over the gemeenten of a region by each of several keys.

    Parameters
    ----------
    figures
        One row per gemeente, as `geowoonzorg.region.key_figures.read_figures` gives them.
    keys
        By key the weight of each part, as in `geowoonzorg.region.key_shares.key_shares`.
    homes
        How many homes there are to divide, a whole number; a year's, to compare them with the homes that become free.
    min_share, max_share
        The least and the most share (0-1), for all or by gemeente.
    persons_per_home
        How many people come to live in one of them.

    Returns
    -------
    pandas.DataFrame
        A row per key and gemeente, on the order of ``keys`` and the names: ``key``, ``gemeente``, ``code`` where
        known, ``share`` (0-1) and ``homes``, which add up; and as far as the figures are there ``free_homes_share``
        (of the homes that become free, those they take), ``regular_homes_left`` (what is left of those for regular
        seekers), ``seekers_per_home_before`` and ``seekers_per_home_after`` (regular seekers per home that becomes
        free, and per home that is left), ``vulnerable_share`` and ``vulnerable_share_after`` (0-1, of the
        inhabitants). Each has ``_low`` and ``_high`` beside it and is empty where it is not known exactly;
        ``source`` says of what it is made. ``attrs["notes"]`` says where more is asked than becomes free.

    Raises
    ------
    StudyError
        When homes are no whole number of 0 or more, there is no key, or a key or limits are wrong.
    MissingColumnError
        When a part is no column of the figures.
    InputError
        When the figures cannot be so, or a key adds up to nothing.

    Notes
    -----
    Whole homes by largest remainder (Hamilton); keys after Platform31, Handvatten voor een heldere woonzorganalyse,
    bijlage 5. Everybody who gets one of the homes is taken for vulnerable and for new to the gemeente.

    Examples
    --------
    >>> figures = pd.DataFrame({
    ...     "gemeente": ["Centrumgemeente", "Regiogemeente"], "inhabitants": [150_000, 30_000],
    ...     "social_homes": [19_200, 1_950], "free_homes": [1_540, 120],
    ... })
    >>> keys = {"inwoners": {"inhabitants": 1}, "beschikbaar": {"free_homes": 1}}
    >>> shared = share_out(figures, keys, homes=200)
    >>> shared[["key", "homes", "free_homes_share"]].round(3)
               key  homes  free_homes_share
    0     inwoners    167             0.108
    1     inwoners     33             0.275
    2  beschikbaar    186             0.121
    3  beschikbaar     14             0.117
    """
    total = _whole(homes)
    if not keys:
        raise StudyError(
            "there is no key to divide by; give at least one, as in inwoners = { inhabitants = 1 }"
        )
    figures = _ordered(figures)
    frames, notes = [], []
    for key, weights in keys.items():
        shares = key_shares(figures, weights, key=key, min_share=min_share, max_share=max_share)
        taken = _homes(shares, total, figures, min_share, max_share)
        frame = _told(figures, key, shares, taken, persons_per_home)
        frame["source"] = _source(weights)
        frames.append(frame)
        notes += _pressed(frame, key)
    shared = pd.concat(frames, ignore_index=True)
    shared.attrs["notes"] = notes
    return shared


def share_out_groups(
    figures: pd.DataFrame,
    keys: Mapping[str, Mapping[str, float]],
    homes: Mapping[str, float],
    key_of: Mapping[str, str],
    *,
    min_share: Limits = 0.0,
    max_share: Limits = 1.0,
    persons_per_home: float = 1.0,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Divide the homes of each group by a key of its own.

    Parameters
    ----------
    figures, keys, min_share, max_share, persons_per_home
        As `share_out`.
    homes
        By group how many homes there are to divide, whole numbers.
    key_of
        By group the key; every group of ``homes`` has one.

    Returns
    -------
    per_group : pandas.DataFrame
        ``groep``, ``key``, ``gemeente``, ``code`` where known, ``share`` and ``homes`` with their bounds, ``source``.
    together : pandas.DataFrame
        As `share_out`, of all groups together under the key ``per_group``.

    Raises
    ------
    StudyError
        As `share_out`, or when a group has no key or one that is not there.
    MissingColumnError, InputError
        As `share_out`.

    Notes
    -----
    The groups' homes add up per group, and per gemeente to its own sum rounded down or up, so that no gemeente gets
    more or less by being rounded for every group anew (`geowoonzorg.region.rounding.round_table`).

    Examples
    --------
    >>> figures = pd.DataFrame({"gemeente": ["A", "B"], "inhabitants": [2, 1], "free_homes": [1, 1]})
    >>> keys = {"inwoners": {"inhabitants": 1}, "vrij": {"free_homes": 1}}
    >>> per_group, together = share_out_groups(
    ...     figures, keys, {"starters": 3, "studenten": 5}, {"starters": "inwoners", "studenten": "vrij"})
    >>> per_group["homes"].tolist(), together["homes"].tolist()
    ([2, 1, 3, 2], [5, 3])
    """
    wrong = [group for group in homes if key_of.get(group) not in keys]
    if wrong or not homes:
        raise StudyError(
            "groups without a key that is known: {groups}; keys are {keys}",
            groups=first_ids(wrong),
            keys=", ".join(keys),
        )
    figures = _ordered(figures)
    totals = np.array([_whole(n) for n in homes.values()])
    spans = {
        key: key_shares(figures, weights, key=key, min_share=min_share, max_share=max_share)
        for key, weights in keys.items()
        if key in key_of.values()
    }
    each = [spans[key_of[group]] for group in homes]
    quotas = Span(
        *(
            totals[:, np.newaxis] * np.array([getattr(s, side) for s in each])
            for side in Span._fields
        )
    )
    if quotas.exact:
        whole = round_table(quotas.low, totals).astype(float)
        taken = Span(whole, whole)
    else:
        taken = Span(down(quotas.low), up(quotas.high))
    frames = []
    for group, shares, low, high in zip(homes, each, *taken, strict=True):
        columns = {"groep": group, "key": key_of[group], **_naming(figures)}
        columns |= with_span("share", shares) | with_span("homes", Span(low, high), whole=True)
        columns["source"] = _source(keys[key_of[group]])
        frames.append(pd.DataFrame(columns))
    n = max(int(totals.sum()), 1)
    mixed = Span(quotas.low.sum(axis=0) / n, quotas.high.sum(axis=0) / n)
    summed = Span(taken.low.sum(axis=0), taken.high.sum(axis=0))
    if not quotas.exact:
        summed = Span(down(quotas.low.sum(axis=0)), up(quotas.high.sum(axis=0)))
    together = _told(figures, TOGETHER, mixed, summed, persons_per_home)
    together["source"] = "; ".join(f"{group}: {key_of[group]}" for group in homes)
    together.attrs["notes"] = _pressed(together, TOGETHER)
    return pd.concat(frames, ignore_index=True), together


def _whole(homes: float) -> int:
    if not (homes >= 0 and float(homes).is_integer()):
        raise StudyError(
            "homes to divide are a whole number of 0 or more, not {homes}", homes=homes
        )
    return int(homes)


def _ordered(figures: pd.DataFrame) -> pd.DataFrame:
    """Order by name, so that no order of rows decides who gets the last home."""
    if "gemeente" not in figures:
        return figures  # key_shares says so
    return figures.sort_values("gemeente", kind="stable").reset_index(drop=True)


def _naming(figures: pd.DataFrame) -> dict[str, object]:
    return {name: figures[name].to_numpy() for name in ("gemeente", "code") if name in figures}


def _source(weights: Mapping[str, float]) -> str:
    """Say the formula of a key."""
    total = sum(weights.values())
    told = [
        f"{weight / total:.4g} * {part} / sum({part})"
        if weight != total
        else f"{part} / sum({part})"
        for part, weight in weights.items()
        if weight > 0
    ]
    return " + ".join(told)


def _homes(
    shares: Span, total: int, figures: pd.DataFrame, min_share: Limits, max_share: Limits
) -> Span:
    """Give whole homes, or between which they lie."""
    if not shares.exact:
        return Span(down(total * shares.low), up(total * shares.high))
    least, most = (
        np.array(
            [
                one if isinstance(one, int | float) else one.get(name, otherwise)
                for name in figures["gemeente"]
            ]
        )
        for one, otherwise in ((min_share, 0.0), (max_share, 1.0))
    )
    whole = largest_remainder(shares.low, total, low=least, high=most).astype(float)
    return Span(whole, whole)


def _told(
    figures: pd.DataFrame, key: str, shares: Span, homes: Span, persons_per_home: float
) -> pd.DataFrame:
    """Put shares and homes, and what they do, in columns."""
    columns: dict[str, object] = {"key": key, **_naming(figures)}
    columns |= with_span("share", shares) | with_span("homes", homes, whole=True)
    if "free_homes" in figures:
        free = span_of(figures, "free_homes")
        columns |= with_span("free_homes_share", _divided(homes, free))
        left = Span(free.low - homes.high, free.high - homes.low)
        columns |= with_span("regular_homes_left", left)
        if "seekers" in figures:
            seekers = span_of(figures, "seekers")
            columns |= with_span("seekers_per_home_before", _divided(seekers, free))
            columns |= with_span("seekers_per_home_after", _divided(seekers, left))
    if {"vulnerable", "inhabitants"}.issubset(figures):
        people, fragile = span_of(figures, "inhabitants"), span_of(figures, "vulnerable")
        added = Span(homes.low * persons_per_home, homes.high * persons_per_home)
        nobody = Span(np.zeros(len(figures)), np.zeros(len(figures)))
        columns |= with_span("vulnerable_share", _joined(fragile, people, nobody))
        columns |= with_span("vulnerable_share_after", _joined(fragile, people, added))
    return pd.DataFrame(columns)


def _divided(one: Span, other: Span) -> Span:
    """Divide counts; what is divided by nothing is not known."""
    some, sure = other.high > 0, other.low > 0
    low = np.divide(one.low, other.high, out=np.full(len(one.low), np.nan), where=some)
    high = np.divide(one.high, other.low, out=np.full(len(one.low), np.inf), where=sure)
    return Span(low, np.where(some, high, np.nan))


def _joined(fragile: Span, people: Span, added: Span) -> Span:
    """Give the share that is vulnerable once others, who are, have come; within 0 and 1."""
    low = _share(fragile.low + added.low, people.high + added.low)
    high = _share(np.minimum(fragile.high, people.low) + added.high, people.low + added.high)
    return Span(low, np.where(people.low + added.high > 0, high, 1.0))


def _share(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0)


def _pressed(frame: pd.DataFrame, key: str) -> list[Message]:
    """Say where more homes are asked than surely become free."""
    if "regular_homes_left" not in frame:
        return []
    short = frame.loc[frame["regular_homes_left"] < 0, "gemeente"]
    if short.empty:
        return []
    return [
        tell(
            "key {key}: more homes are asked than become free in {names}; max_share can bound that",
            key=key,
            names=first_ids(short),
        )
    ]
