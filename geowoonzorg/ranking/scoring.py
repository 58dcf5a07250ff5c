"""Scores of sites: fixed value functions, weights, knock-outs, and every point of it explained.

Each criterion of a profile turns a raw measure into a value between 0 and 1 over fixed anchors,
never over the candidates that happen to be compared, so a site's score does not change when another
site is added. What is unknown takes no part: the weights of the rest fill the place, and the score
says what share of the weight was known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from geowoonzorg.errors import DuplicateIdError, InputError, first_ids
from geowoonzorg.ranking.robustness import DRAWS, SEED, rank_intervals
from geowoonzorg.ranking.scoring_profile import (
    Criterion,
    KnockOut,
    ScoringProfile,
    parse_scoring_profile,
    read_scoring_profile,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

__all__ = [
    "Criterion",
    "KnockOut",
    "ScoringProfile",
    "best_lift",
    "explain",
    "parse_scoring_profile",
    "read_scoring_profile",
    "score",
]

# Yes and no come as booleans, numbers and words; a profile's levels say ja and nee.
_YES_NO: Final = {
    **dict.fromkeys(("true", "1", "j", "yes", "y", "waar"), "ja"),
    **dict.fromkeys(("false", "0", "n", "no", "onwaar"), "nee"),
}
NO_DATA: Final = "niet bekend"  # the reason shown where nobody gave a better one
_SHARE_SLACK: Final = 1e-9  # summing shares may lose the last bits
_TIE_DECIMALS: Final = 7  # of 100 points: what differs less is a tie, whatever the order of summing


def score(
    raw: pd.DataFrame,
    profile: ScoringProfile,
    *,
    names: pd.Series[str] | None = None,
    draws: int = DRAWS,
    seed: int = SEED,
) -> pd.DataFrame:
    """Score sites on a profile.

    Parameters
    ----------
    raw
        Raw measures, one row per site (index: unique site ids) and one column per criterion's key,
        in the criterion's unit; NaN where unknown. A criterion without a column is unknown for
        every site.
    profile
        The criteria and weights.
    names
        The sites' names on the same index, for the column ``name``.
    draws
        How many sets of weights the rank interval is drawn from; 0 leaves it unknown.
    seed
        The seed of those draws.

    Returns
    -------
    pandas.DataFrame
        The same index in the same order, with ``name`` when given, and

        - ``score``: 0–100, the weighted mean of the values that are known; NaN when none is;
        - ``rank``: 1 for the best of the sites that have a score and are not knocked out, ties by
          id; a site that is knocked out, has no score, or of which less than the profile's
          ``least_known_share`` of the weight is known has no rank;
        - ``rank_low``, ``rank_high``: the best and worst rank in 90 % of the drawn weights;
        - ``known_weight_share``: 0–1, the share of the weight whose criteria were known;
        - ``knocked_out`` and ``knock_out_reason`` (empty when not);
        - per criterion ``<key>_raw``, ``<key>_value`` (0–1) and ``<key>_contribution``: the points
          of the score it brings in; the known ones sum to the score.

    Raises
    ------
    DuplicateIdError
        When a site's id occurs twice.
    InputError
        When a column belongs to no criterion, or a measure is not a finite number or, for a
        criterion with levels, not one of its words.

    Notes
    -----
    A weighted sum of single-attribute values over fixed anchors (Von Winterfeldt & Edwards, 1986).
    Values between candidates' own minimum and maximum would make ranks reverse when a site is
    added; fixed anchors cannot.

    Examples
    --------
    >>> profile = read_scoring_profile("geclusterd")
    >>> raw = pd.DataFrame({"supermarkt": [100.0, 800.0], "huisarts": [400.0, np.nan]}, index=["a", "b"])
    >>> score(raw, profile)[["score", "rank", "known_weight_share"]].round(2)
       score  rank  known_weight_share
    a  91.67  <NA>                0.24
    b  20.00  <NA>                0.14
    """
    _check_raw(raw, profile)
    measured = {c.key: _measure(raw, c) for c in profile.criteria}
    values = np.column_stack([value for _, value in measured.values()])
    weights = profile.weights
    known = np.isfinite(values)
    known_weight = (known * weights).sum(axis=1)  # row by row: no site sways another
    with np.errstate(invalid="ignore"):
        contributions = (
            100 * values * weights / np.where(known_weight > 0, known_weight, np.nan)[:, None]
        )
    points = np.where(known_weight > 0, np.nansum(contributions, axis=1), np.nan)
    reasons = _knock_outs(measured, profile, len(raw))
    knocked_out = reasons != ""

    rank = np.full((3, len(raw)), np.nan)
    enough = known_weight >= profile.least_known_share - _SHARE_SLACK
    ranked = np.flatnonzero(np.isfinite(points) & ~knocked_out & enough)
    ranked = ranked[np.argsort(raw.index[ranked].astype(str), kind="stable")]  # ties: by id
    best_first = np.argsort(-np.round(points[ranked], _TIE_DECIMALS), kind="stable")
    rank[0, ranked[best_first]] = np.arange(1, len(ranked) + 1)
    if draws and len(ranked):
        rank[1:, ranked] = rank_intervals(values[ranked], weights, draws=draws, seed=seed)

    columns: dict[str, Any] = {} if names is None else {"name": names.reindex(raw.index).to_numpy()}
    columns |= {
        "score": points,
        "rank": pd.array(rank[0], dtype="Int64"),
        "rank_low": pd.array(rank[1], dtype="Int64"),
        "rank_high": pd.array(rank[2], dtype="Int64"),
        "known_weight_share": known_weight,
        "knocked_out": knocked_out,
        "knock_out_reason": pd.array(reasons, dtype="str"),
    }
    for number, (key, (measure, value)) in enumerate(measured.items()):
        columns[f"{key}_raw"] = measure
        columns[f"{key}_value"] = value
        columns[f"{key}_contribution"] = contributions[:, number]
    return pd.DataFrame(columns, index=raw.index)


def explain(
    scores: pd.DataFrame, profile: ScoringProfile, *, reasons: pd.DataFrame | None = None
) -> pd.DataFrame:
    """List every part of every score.

    Parameters
    ----------
    scores
        What `score` returned.
    profile
        The profile it was scored on.
    reasons
        Why a measure is missing, in Dutch, on the same index with criteria's keys as columns; a
        column or cell may be absent.

    Returns
    -------
    pandas.DataFrame
        One row per site and criterion, in the order of ``scores`` and of the profile: ``site_id,
        criterion, label, raw, unit, value`` (0–1), ``weight`` (share of the profile, 0–1),
        ``contribution`` (points of the score), ``known`` and ``reason`` (empty when known).

    Examples
    --------
    >>> profile = read_scoring_profile("geclusterd")
    >>> scores = score(pd.DataFrame({"supermarkt": [400.0]}, index=["a"]), profile)
    >>> parts = explain(scores, profile)
    >>> parts.loc[:1, ["criterion", "raw", "value", "weight", "contribution", "reason"]]
        criterion    raw  value  weight  contribution       reason
    0  supermarkt  400.0    0.8    0.14          80.0
    1    huisarts    NaN    NaN    0.10           NaN  niet bekend
    """
    parts = []
    for criterion, weight in zip(profile.criteria, profile.weights, strict=True):
        key = criterion.key
        known = scores[f"{key}_value"].notna()
        why = pd.Series(NO_DATA, index=scores.index, dtype=object)
        if reasons is not None and key in reasons:
            why = reasons[key].astype(object).reindex(scores.index)
            why = why.where(why.notna() & (why != ""), NO_DATA)
        parts.append(
            pd.DataFrame(
                {
                    "site_id": scores.index,
                    "criterion": key,
                    "label": criterion.label,
                    "raw": scores[f"{key}_raw"].to_numpy(dtype=object),
                    "unit": criterion.unit,
                    "value": scores[f"{key}_value"].to_numpy(),
                    "weight": weight,
                    "contribution": scores[f"{key}_contribution"].to_numpy(),
                    "known": known.to_numpy(),
                    "reason": why.where(~known, "").to_numpy(),
                }
            )
        )
    table = pd.concat(parts, ignore_index=True)
    by_site = np.arange(len(table)).reshape(len(parts), -1).T.ravel()
    return table.iloc[by_site].reset_index(drop=True)


def best_lift(
    scores: pd.DataFrame,
    profile: ScoringProfile,
    *,
    metrics: frozenset[str] = frozenset({"distance", "site"}),
) -> pd.DataFrame:
    """Find the single improvement that would lift each site's score most.

    Parameters
    ----------
    scores
        What `score` returned.
    profile
        The profile it was scored on.
    metrics
        The metrics somebody can do something about: by default a facility that opens nearby or
        something that is changed on the site itself, not the neighbourhood's figures.

    Returns
    -------
    pandas.DataFrame
        On the index of ``scores``: ``criterion`` and ``label`` (empty when nothing known can be
        better), ``raw`` (as it is), ``target`` (the nearest measure, or the word, that brings the
        highest value), ``lift`` (points it adds to the score, 0–100, NaN when nothing) and
        ``score_after``. A measure that is unknown is no improvement: what it would do is not known.

    Examples
    --------
    >>> profile = read_scoring_profile("geclusterd")
    >>> raw = pd.DataFrame({"supermarkt": [900.0], "huisarts": [350.0]}, index=["a"])
    >>> best_lift(score(raw, profile), profile).loc["a", ["criterion", "target"]].tolist()
    ['supermarkt', 100.0]
    """
    criteria = profile.criteria
    values = scores[[f"{c.key}_value" for c in criteria]].to_numpy(dtype=float)
    highest = np.array([max(value for _, value in c.anchors or c.levels) for c in criteria])
    usable = np.array([c.metric in metrics for c in criteria])
    known_weight = scores["known_weight_share"].to_numpy(dtype=float)[:, None]
    lift = np.full(values.shape, np.nan)
    np.divide(
        100 * (highest - values) * profile.weights, known_weight, out=lift, where=known_weight > 0
    )
    lift[:, ~usable] = np.nan
    lift = np.where(lift > 0, lift, -1.0)
    best = lift.argmax(axis=1)
    points = lift[np.arange(len(scores)), best]
    rows = [
        _improvement(criteria[k], scores[f"{criteria[k].key}_raw"].iloc[i])
        if points[i] > 0
        else ("", "", None, None)
        for i, k in enumerate(best)
    ]
    found = pd.DataFrame(
        rows, columns=["criterion", "label", "raw", "target"], index=scores.index, dtype=object
    )
    found["lift"] = np.where(points > 0, points, np.nan)
    found["score_after"] = scores["score"] + found["lift"]
    return found


def _improvement(criterion: Criterion, raw: object) -> tuple[str, str, object, object]:
    """Name the criterion, the measure as it is and the nearest one that brings the highest value."""
    scale: tuple[tuple[Any, float], ...] = criterion.anchors or criterion.levels
    top = max(value for _, value in scale)
    targets = [at for at, value in scale if value == top]
    if criterion.anchors:
        targets.sort(key=lambda at: abs(at - float(str(raw))))
    return criterion.key, criterion.label, raw, targets[0]


def _check_raw(raw: pd.DataFrame, profile: ScoringProfile) -> None:
    """Refuse ids that occur twice and columns that belong to no criterion."""
    if raw.index.has_duplicates:
        twice = raw.index[raw.index.duplicated()].unique()
        raise DuplicateIdError(
            f"sites to score: {first_ids(twice)} ids occur more than once; ids must be unique"
        )
    keys = {criterion.key for criterion in profile.criteria}
    if extra := [str(column) for column in raw.columns if column not in keys]:
        raise InputError(
            f"measures to score: {first_ids(extra)} columns belong to no criterion of profile "
            f"{profile.name!r}, which has {', '.join(sorted(keys))}"
        )


def _measure(raw: pd.DataFrame, criterion: Criterion) -> tuple[NDArray[Any], NDArray[np.float64]]:
    """Give the raw measures of a criterion as numbers (or words) and their values."""
    if criterion.key not in raw:
        nothing = np.full(len(raw), np.nan)
        return nothing, nothing
    column = raw[criterion.key]
    measure: NDArray[Any]
    if criterion.levels:
        words = column.map(_word, na_action="ignore").astype(object)
        levels = dict(criterion.levels)
        words = words.where(words.isin(list(levels)), words.replace(_YES_NO))
        words = words.where(words != "", None)
        value = np.asarray(words.map(levels), dtype=np.float64)
        wrong = words.notna().to_numpy() & np.isnan(value)
        allowed = f"must be one of {', '.join(word for word, _ in criterion.levels)}"
        measure = words.where(words.notna(), None).to_numpy(dtype=object)
    else:
        measure = np.asarray(pd.to_numeric(column, errors="coerce"), dtype=np.float64)
        blank = column.isna()
        if not pd.api.types.is_numeric_dtype(column):
            blank |= column.astype(str).str.strip() == ""
        wrong = ~np.isfinite(measure) & ~blank.to_numpy()
        allowed = "must be a finite number"
        value = criterion.value(measure)
    if wrong.any():
        shown = [f"{site}: {column.loc[site]}" for site in raw.index[wrong]]
        raise InputError(
            f"measure {criterion.key!r} {allowed}; it is not for {first_ids(shown)} sites"
        )
    return measure, value


def _word(raw: object) -> str:
    """Write a measure in words as levels are written: lower case, 1.0 as 1."""
    if isinstance(raw, float) and raw.is_integer():
        raw = int(raw)
    return str(raw).strip().casefold()


def _knock_outs(
    measured: Mapping[str, tuple[NDArray[Any], NDArray[np.float64]]],
    profile: ScoringProfile,
    n_sites: int,
) -> NDArray[np.object_]:
    """Collect the reasons why each site falls out; empty text where it does not."""
    reasons = np.full(n_sites, "", dtype=object)
    for criterion in profile.criteria:
        if (limit := criterion.knock_out) is None:
            continue
        raw = measured[criterion.key][0]
        out = np.zeros(n_sites, dtype=bool)
        if limit.above is not None:
            out |= raw > limit.above
        if limit.below is not None:
            out |= raw < limit.below
        reasons[out & (reasons != "")] += "; "
        reasons[out] += limit.reason
    return reasons
