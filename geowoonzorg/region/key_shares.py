"""What share of a region each gemeente takes by a key: a mixture of figures, held between a least and a most."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import numpy as np

from geowoonzorg.errors import InputError, MissingColumnError, StudyError, first_ids
from geowoonzorg.region.counts import NEAR, Span, share_span, span_of
from geowoonzorg.region.key_figures import check_figures, read_key_knowledge

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    Limits = float | Mapping[str, float]

# Parts that are no column of their own, and the columns they are made of.
_MADE: Final = {
    "liveability": ("inhabitants", "liveability"),
    "not_vulnerable": ("inhabitants", "vulnerable"),
}
_ENDLESS: Final = 1e9  # times the largest count, for one without an end
_STEP: Final = 1e-8  # to which bounds are widened where a count has no end


def key_shares(
    figures: pd.DataFrame,
    weights: Mapping[str, float],
    *,
    key: str,
    min_share: Limits = 0.0,
    max_share: Limits = 1.0,
) -> Span:
    """Say what share each gemeente takes by a key.

    Parameters
    ----------
    figures
        One row per gemeente, as `geowoonzorg.region.key_figures.read_figures` gives them.
    weights
        The weight of each part: a column of ``figures``, ``liveability`` (inhabitants, weighed by how far the
        Leefbaarometer is above or under the national mean) or ``not_vulnerable`` (inhabitants that are not).
    key
        What the key is called, in messages.
    min_share, max_share
        The least and the most share (0-1), for all or by gemeente.

    Returns
    -------
    Span
        Shares (0-1) on the order of ``figures``, shape (n,), that add up to 1 where all is known. Where counts are
        intervals: as tight as one part allows, and for several parts when none has bounds and each stands by itself;
        else no narrower than what is possible.

    Raises
    ------
    StudyError
        When weights are negative or none, a least is more than a most, limits cannot add up to 1, or name a gemeente
        that is not there.
    MissingColumnError
        When a part is no column.
    InputError
        When a part adds up to nothing.

    Notes
    -----
    A key divides by the sum of its parts. Of several parts the shares are weighed, not the figures themselves, whose
    units differ. Limits are met by one factor for all who are between theirs:
    ``share = min(most, max(least, factor * share))``.

    Examples
    --------
    >>> import pandas as pd
    >>> figures = pd.DataFrame({"gemeente": ["A", "B"], "inhabitants": [150_000, 30_000]})
    >>> key_shares(figures, {"inhabitants": 1}, key="inwoners").low.round(3).tolist()
    [0.833, 0.167]
    >>> key_shares(figures, {"inhabitants": 1}, key="inwoners", min_share=0.2).low.tolist()
    [0.8, 0.2]
    """
    check_figures(figures, where="figures")
    names = figures["gemeente"].tolist()
    parts = {part: weight for part, weight in _weights(weights, key).items() if weight > 0}
    total = sum(parts.values())
    counts = {part: _part(figures, part, key) for part in parts}
    shares = {part: _shares_of(span, part, key) for part, span in counts.items()}
    mixed = Span(
        sum(parts[part] / total * shares[part].low for part in parts),  # type: ignore[arg-type]
        sum(parts[part] / total * shares[part].high for part in parts),  # type: ignore[arg-type]
    )
    least, most = _limits(min_share, names, 0.0), _limits(max_share, names, 1.0)
    _refuse_limits(names, least, most, mixed, key)
    if not (least > 0).any() and not (most < 1).any():
        return mixed
    box = next(iter(counts.values())) if len(counts) == 1 else mixed
    return _held(box, least, most)


def _weights(weights: Mapping[str, float], key: str) -> Mapping[str, float]:
    wrong = [part for part, weight in weights.items() if not 0 <= weight < np.inf]
    if wrong:
        raise StudyError(
            "key {key}: weights are 0 or more, not so for {parts}", key=key, parts=first_ids(wrong)
        )
    if not sum(weights.values()) > 0:
        raise StudyError("key {key} weighs nothing; give a part a weight of more than 0", key=key)
    return weights


def _part(figures: pd.DataFrame, part: str, key: str) -> Span:
    """Give the counts that a part divides by."""
    needed = _MADE.get(part, (part,))
    absent = [column for column in needed if column not in figures]
    if absent:
        raise MissingColumnError(
            "key {key} divides by {columns}, which the figures do not have; they have {known}",
            key=key,
            columns=", ".join(absent),
            known=", ".join(c for c in figures.columns if c not in {"gemeente", "code"}),
        )
    counts = span_of(figures, needed[0])
    if part == "not_vulnerable":
        other = span_of(figures, "vulnerable")
        without = np.where(np.isinf(other.high), 0.0, counts.low - other.high)
        return Span(np.maximum(without, 0.0), counts.high - other.low)
    if part == "liveability":
        deviation = span_of(figures, "liveability")
        unknown = figures["liveability"].isna().to_numpy()
        span = read_key_knowledge().liveability_span
        low = np.where(unknown, 0.0, np.maximum(0.0, 1 + deviation.low / span))
        high = np.where(unknown, np.inf, np.maximum(0.0, 1 + deviation.high / span))
        most = np.multiply(counts.high, high, out=np.zeros_like(high), where=counts.high > 0)
        return Span(counts.low * low, most)
    return counts


def _shares_of(counts: Span, part: str, key: str) -> Span:
    if not counts.high.sum() > 0:
        raise InputError(
            "key {key}: {part} adds up to nothing, so nobody has a share; correct it, or leave it out of the key",
            key=key,
            part=part,
        )
    return share_span(counts)


def _limits(limits: Limits, names: list[str], otherwise: float) -> NDArray[np.float64]:
    """Give the least or the most share of each gemeente."""
    if not isinstance(limits, Mapping):
        return np.full(len(names), float(limits))
    unknown = [name for name in limits if name not in names]
    if unknown:
        raise StudyError(
            "min_share and max_share name gemeenten that are not there: {unknown}; there are {known}",
            unknown=first_ids(unknown),
            known=", ".join(names[:8]),
        )
    return np.array([float(limits.get(name, otherwise)) for name in names])


def _refuse_limits(
    names: list[str],
    least: NDArray[np.float64],
    most: NDArray[np.float64],
    shares: Span,
    key: str,
) -> None:
    """Refuse limits that contradict themselves or each other."""
    outside = [
        n for n, a, b in zip(names, least, most, strict=True) if not (0 <= a <= 1 and 0 <= b <= 1)
    ]
    if outside:
        raise StudyError(
            "min_share and max_share are numbers from 0 to 1, not so for {names}",
            names=first_ids(outside),
        )
    crossed = [n for n, a, b in zip(names, least, most, strict=True) if a > b]
    if crossed:
        raise StudyError(
            "min_share is more than max_share for {names}; lower the one or raise the other",
            names=first_ids(crossed),
        )
    if least.sum() > 1 + NEAR:
        raise StudyError(
            "the least shares (min_share) add up to {total:.1%}, more than the whole; lower them",
            total=float(least.sum()),
        )
    reachable = np.where(shares.high > 0, most, least).sum()
    if reachable < 1 - NEAR:
        raise StudyError(
            "key {key}: the most shares (max_share) of gemeenten that have a share add up to {total:.1%}, less than"
            " the whole; raise them, or give the others a least share",
            key=key,
            total=float(reachable),
        )


def _held(counts: Span, least: NDArray[np.float64], most: NDArray[np.float64]) -> Span:
    """Hold shares between limits; each at its least where it counts least and all others most."""
    if counts.exact:
        share = _hold(counts.low, least, most)
        return Span(share, share)
    endless = np.isinf(counts.high)
    finite = counts.high[~endless]
    large = _ENDLESS * (1 + (finite.max() if len(finite) else 0.0) + counts.low.max())
    high = np.where(endless, large, counts.high)
    each = range(len(high))
    span = Span(
        np.array(
            [
                _hold(np.where(np.arange(len(high)) == i, counts.low, high), least, most)[i]
                for i in each
            ]
        ),
        np.array(
            [
                _hold(np.where(np.arange(len(high)) == i, high, counts.low), least, most)[i]
                for i in each
            ]
        ),
    )
    if endless.any():
        span = Span(np.floor(span.low / _STEP) * _STEP, np.ceil(span.high / _STEP) * _STEP)
        span = Span(np.maximum(span.low, least), np.minimum(span.high, most))
    return span


def _hold(
    key: NDArray[np.float64], least: NDArray[np.float64], most: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Multiply by the one factor with which all, held between their limits, add up to 1."""
    some = key > 0
    turns = np.unique(np.concatenate([[0.0], least[some] / key[some], most[some] / key[some]]))
    held = np.clip(turns[:, np.newaxis] * key, least, most)
    sums = held.sum(axis=1)
    after = int(np.searchsorted(sums, 1 - NEAR))
    if after == 0 or after == len(
        turns
    ):  # all at their least make the whole, or all at their most do not
        return held[min(after, len(turns) - 1)]
    part = (1 - sums[after - 1]) / (sums[after] - sums[after - 1])
    factor = turns[after - 1] + part * (turns[after] - turns[after - 1])
    return np.clip(factor * key, least, most)
