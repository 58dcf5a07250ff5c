"""Three ways to look at the same values: the mean, no weak spot, must-haves first; and where the ranking differs."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from geowoonzorg.files import read_toml
from geowoonzorg.knowledge import SHARE, Bound, read_document
from geowoonzorg.messages import tell
from geowoonzorg.people.uncertainty import read_uncertainty
from geowoonzorg.ranking.robustness import (
    CONCENTRATION,
    DRAWS,
    INTERVAL,
    SEED,
    mean_of_values,
    rank_spread,
)
from geowoonzorg.ranking.rule import Values, tied_ranks
from geowoonzorg.ranking.values import values_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from geowoonzorg.ranking.robustness import FloatArray
    from geowoonzorg.ranking.scoring_profile import ScoringProfile

    Lens = Callable[[FloatArray, FloatArray], NDArray[np.float64]]

_OF_SCORES: Final = ("score", "score_low", "score_high", "rank", "rank_low", "rank_high")
LENSES: Final = ("mean", "no_weak_spot", "must_haves")
PATH: Final = Path(__file__).parents[1] / "knowledge" / "lenses.toml"
_POSITIVE: Final = Bound(tell("a number above 0"), lambda value: value > 0)
_TIE_DECIMALS: Final = 9  # of values 0-1


@dataclass(frozen=True)
class LensChoices:
    """What the lenses take for granted.

    Attributes
    ----------
    attitude
        Of *no weak spot*: the power of its quantifier; above 1 the worst values weigh more.
    must_have_metrics, must_have_words, must_have_least
        Of *must-haves first*: which metrics are must-haves, whether criteria that are judged by words (yes or no)
        are, and the value (0-1) under which one is lacking.
    attitude_source, must_have_source
        Whose methods they are, and what is our own choice.
    """

    attitude: float = field(metadata={"key": "no_weak_spot.attitude", "must_be": _POSITIVE})
    attitude_source: str = field(metadata={"key": "no_weak_spot.source"})
    must_have_metrics: tuple[str, ...] = field(metadata={"key": "must_haves.metrics"})
    must_have_words: bool = field(metadata={"key": "must_haves.words"})
    must_have_least: float = field(metadata={"key": "must_haves.least_value", "must_be": SHARE})
    must_have_source: str = field(metadata={"key": "must_haves.source"})


@cache
def read_lenses() -> LensChoices:
    """Read what the lenses take for granted.

    Returns
    -------
    LensChoices
        Wholly checked.

    Examples
    --------
    >>> read_lenses().attitude
    2.0
    """
    return read_document(read_toml(PATH), LensChoices, where=tell("the ways to look at scores"))


def ranking_choices() -> dict[str, Any]:
    """Tell what the draws and the lenses take for granted, so that anybody can draw them again.

    Returns
    -------
    dict
        ``concentration`` (of the weights), ``interval`` (quantiles of the ranks), all that `read_uncertainty`
        reads, and ``lenses``.

    Examples
    --------
    >>> ranking_choices()["concentration"]
    100.0
    """
    told = asdict(read_uncertainty())
    return {
        "concentration": CONCENTRATION,
        "interval": list(INTERVAL),
        **told,
        "figures": list(told["figures"]),
        "lenses": asdict(read_lenses()),
    }


def ordered_mean(
    values: FloatArray, weights: FloatArray, *, attitude: float
) -> NDArray[np.float64]:
    """Average values in their order: an ordered weighted average that minds the weak spots.

    Parameters
    ----------
    values
        0-1, shape ``(..., n_criteria)``.
    weights
        Not negative, of a shape that broadcasts with it; only their shares matter.
    attitude
        The power of the quantifier ``Q(p) = p ** attitude``, above 0: 1 is the weighted mean, a large number the
        worst value that has any weight.

    Returns
    -------
    numpy.ndarray
        0-1, without the last axis; NaN where no weight counts.

    Notes
    -----
    Quantifier guided aggregation with importances (Yager, 1996), as in GIS-OWA (Malczewski, 2006): the k-th best
    value has the weight ``Q(S_k) - Q(S_{k-1})``, with ``S_k`` the share of the weight of the k best.

    Examples
    --------
    Of 0.8 and 0.2 with equal weights the best counts for a quarter:

    >>> ordered_mean(np.array([0.8, 0.2]), np.array([1.0, 1.0]), attitude=2.0).round(4).item()
    0.35
    """
    each = np.broadcast_to(weights, values.shape)
    order = np.argsort(-values, axis=-1, kind="stable")
    best_first = np.take_along_axis(values, order, axis=-1)
    reached = np.cumsum(np.take_along_axis(each, order, axis=-1), axis=-1)
    whole = reached[..., -1:]
    share = np.divide(reached, whole, out=np.zeros_like(reached), where=whole > 0)
    risen = np.diff(share**attitude, axis=-1, prepend=0.0)
    found = np.einsum("...j,...j->...", best_first, risen)
    return np.where(whole[..., 0] > 0, found, np.nan)


def count_lacking(
    values: FloatArray, must_haves: NDArray[np.bool_], *, least: float
) -> NDArray[np.int64]:
    """Count the must-haves that are lacking.

    Parameters
    ----------
    values
        0-1, shape ``(..., n_criteria)``; NaN counts as not lacking.
    must_haves
        Which criteria are, shape ``(n_criteria,)``.
    least
        The value (0-1) under which one is lacking.

    Returns
    -------
    numpy.ndarray
        Without the last axis.

    Examples
    --------
    >>> count_lacking(np.array([[0.2, 0.5, 0.0]]), np.array([True, True, False]), least=0.5).tolist()
    [1]
    """
    return ((values < least - 10.0**-_TIE_DECIMALS) & must_haves).sum(axis=-1)


def must_haves(profile: ScoringProfile) -> NDArray[np.bool_]:
    """Say which criteria a site must have, after the limits beyond which it falls out.

    Parameters
    ----------
    profile
        The scoring profile.

    Returns
    -------
    numpy.ndarray
        Shape ``(n_criteria,)``. A criterion without weight is none.

    Examples
    --------
    >>> from geowoonzorg.ranking.scoring_profile import read_scoring_profile
    >>> profile = read_scoring_profile("geclusterd")
    >>> [c.key for c, must in zip(profile.criteria, must_haves(profile)) if must][-2:]
    ['apotheek', 'ontmoetingsruimte']
    """
    chosen = read_lenses()
    return np.array(
        [
            c.weight > 0
            and (
                c.metric in chosen.must_have_metrics or (chosen.must_have_words and bool(c.levels))
            )
            for c in profile.criteria
        ],
        dtype=bool,
    )


def compare_lenses(
    scores: pd.DataFrame,
    profile: ScoringProfile,
    *,
    certainty: pd.DataFrame | None = None,
    draws: int = DRAWS,
    seed: int = SEED,
) -> pd.DataFrame:
    """Rank the same sites in three ways, and say where that makes a difference.

    Parameters
    ----------
    scores
        What `geowoonzorg.score` returned.
    profile
        The profile it was scored on.
    certainty, draws, seed
        As `geowoonzorg.score` was given.

    Returns
    -------
    pandas.DataFrame
        On the index of ``scores``, with ``name`` where there is one, and for each lens (``mean``,
        ``no_weak_spot``, ``must_haves``)

        - ``<lens>_score``, ``<lens>_score_low``, ``<lens>_score_high``: 0–100, empty where too little is known, and
          with the unknown at its worst and its best; those of ``must_haves`` are the mean's;
        - ``<lens>_rank``, ``<lens>_rank_low``, ``<lens>_rank_high``: as the ranks of `geowoonzorg.score`;

        ``must_haves_lacking, must_haves_lacking_low, must_haves_lacking_high``: how many must-haves a site lacks, as
        its measures are and with the unknown at its best and its worst; and ``rank_difference``: how many places lie
        between its best and its worst rank in the three.

    Notes
    -----
    Sites that fall out take no part: the profile's limits come before all three. In the mean a strong point makes
    up for a weak one; in an ordered weighted average (Yager, 1988) less so; with must-haves first not at all. Where
    the three agree, the ranking does not hang on that choice. The lenses share the draws of weights and unknowns. A
    must-have that is unknown is not counted as lacking, but for a blank, which counts as the worst answer.

    Examples
    --------
    >>> from geowoonzorg.ranking.scoring import read_scoring_profile, score
    >>> profile = read_scoring_profile("geclusterd")
    >>> raw = pd.DataFrame({c.key: [300.0, 600.0] for c in profile.criteria[:5]}, index=["a", "b"])
    >>> found = compare_lenses(score(raw, profile), profile)
    >>> found["must_haves_lacking_low"].tolist()  # the second is far from all five
    [0, 5]
    """
    values = values_of(scores, profile, certainty=certainty)
    choices, musts = read_lenses(), must_haves(profile)
    least = choices.must_have_least
    scored = scores["score"].notna().to_numpy()
    counted = np.where(values.mass > 0, values.counted, np.nan)
    lacking = count_lacking(counted, musts, least=least)
    columns: dict[str, Any] = {"name": scores["name"]} if "name" in scores else {}
    columns |= {f"mean_{column}": scores[column] for column in _OF_SCORES}
    for name in LENSES[1:]:
        lens = _lens(name, musts)
        columns |= _scores_of(name, values, scored, scores)
        columns |= _ranks_of(name, lens, values, scores, draws=draws, seed=seed)
    ranks = [
        columns[f"{name}_rank"].astype("Int64").to_numpy(dtype=np.float64, na_value=np.nan)
        for name in LENSES
    ]
    columns |= {
        "must_haves_lacking": pd.array(np.where(scored, lacking, np.nan), dtype="Int64"),
        "must_haves_lacking_low": count_lacking(values.high, musts, least=least),
        "must_haves_lacking_high": count_lacking(values.low, musts, least=least),
        "rank_difference": pd.array(np.max(ranks, axis=0) - np.min(ranks, axis=0), dtype="Int64"),
    }
    return pd.DataFrame(columns, index=scores.index)


def _lens(name: str, musts: NDArray[np.bool_]) -> Lens:
    """Give what turns values and weights into something of which more is better, for a lens but the mean."""
    choices = read_lenses()
    if name == "no_weak_spot":
        return partial(ordered_mean, attitude=choices.attitude)

    def musts_first(values: FloatArray, weights: FloatArray) -> NDArray[np.float64]:
        counts = np.where(np.broadcast_to(weights, values.shape) > 0, values, np.nan)
        # A mean is 0 to 1, so half of it never makes up for one that is lacking.
        return mean_of_values(values, weights) / 2 - count_lacking(
            counts, musts, least=choices.must_have_least
        )

    return musts_first


def _scores_of(
    name: str, values: Values, scored: NDArray[np.bool_], scores: pd.DataFrame
) -> dict[str, Any]:
    """Give the scores of a lens with their range; where must-haves go first they are those of the mean."""
    if name == "must_haves":
        return {f"{name}_{column}": scores[column] for column in _OF_SCORES[:3]}
    lens = _lens(name, np.zeros(len(values.keys), dtype=bool))
    low, high = (100 * lens(ends, values.weights) for ends in (values.low, values.high))
    point = 100 * lens(values.counted, values.mass * values.weights)
    return {
        f"{name}_score": np.where(scored, np.clip(point, low, high), np.nan),
        f"{name}_score_low": low,
        f"{name}_score_high": high,
    }


def _ranks_of(
    name: str,
    lens: Lens,
    values: Values,
    scores: pd.DataFrame,
    *,
    draws: int,
    seed: int,
) -> dict[str, Any]:
    """Rank sites by a lens, with the interval of its draws."""
    rank, low, high = (np.full(len(scores), np.nan) for _ in range(3))
    running = ~scores["knocked_out"].to_numpy(dtype=bool)
    by_id = np.argsort(
        scores.index.astype(str), kind="stable"
    )  # the order of the rows changes nothing
    among = by_id[running[by_id]]
    own = by_id[(running & scores["score"].notna().to_numpy())[by_id]]
    if draws and len(among):
        found = rank_spread(values.rows(among), score=lens, draws=draws, seed=seed)
        low[among], high[among] = found.low, found.high
    if len(own):
        points = lens(values.counted, values.mass * values.weights)
        first, last = tied_ranks(np.round(points[None, own], _TIE_DECIMALS))
        rank[own] = first[0]
        if draws:
            low[own], high[own] = np.minimum(low[own], first[0]), np.maximum(high[own], last[0])
    named = {"rank": rank, "rank_low": low, "rank_high": high}
    return {f"{name}_{key}": pd.array(found, dtype="Int64") for key, found in named.items()}
