"""Scores of sites: fixed value functions, weights, knock-outs, and every point of it explained.

Each criterion of a profile turns a raw measure into a value between 0 and 1 over fixed anchors,
never over the candidates that happen to be compared, so a site's score does not change when another
site is added. What is unknown takes no part: the weights of the rest fill the place, the score says
what share of the weight was known, and beside it stands what the unknown could still make of it. Of
which too little is known has no score, only that range.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from geowoonzorg.errors import DuplicateIdError, InputError, StudyError, first_ids
from geowoonzorg.messages import tell
from geowoonzorg.ranking.robustness import DRAWS, SEED, rank_intervals, tied_ranks
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
NO_DATA: Final = "unknown"  # the reason shown where nobody gave a better one
NONE: Final = "none"  # the reason of a distance that has no end: there is nothing to walk to
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
        every site. A distance is infinite where it is known that there is nothing to walk to: its
        value is the one at the far end of the anchors, and its ``_raw`` stays empty.
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

        - ``score``: 0–100, the weighted mean of the values that are known; NaN when none is, or
          when less than the profile's ``least_known_share`` of the weight is known;
        - ``score_low``, ``score_high``: what the score would be if all that is unknown had the value
          0, and if it had the best value its criterion gives; both are the score when all is known;
        - ``rank``: 1 for the best of the sites that have a score and are not knocked out; equal scores
          share the lowest rank (1, 1, 3);
        - ``rank_low``, ``rank_high``: the best and worst rank in 90 % of the drawn weights; a tie takes
          all its ranks;
        - ``known_weight_share``: 0–1, the share of the weight whose criteria were known;
        - ``knocked_out`` and ``knock_out_reason`` (empty when not);
        - per criterion ``<key>_raw``, ``<key>_value`` (0–1) and ``<key>_contribution``: the points
          of the score it brings in; the known ones sum to the score, and are NaN where there is none.

    Raises
    ------
    StudyError
        When ``draws`` or ``seed`` is negative.
    DuplicateIdError
        When a site's id occurs twice.
    InputError
        When a column belongs to no criterion, or a measure is not a finite number or, for a
        criterion with levels, not one of its words.

    Notes
    -----
    A weighted sum of single-attribute values over fixed anchors (Von Winterfeldt & Edwards, 1986).
    Values between candidates' own minimum and maximum would make ranks reverse when a site is
    added; fixed anchors cannot. Where a criterion's best value is less than 1, the mean of the rest can
    exceed all that is possible; ``score_high`` is then the score.

    Examples
    --------
    >>> profile = read_scoring_profile("geclusterd")
    >>> raw = pd.DataFrame({"supermarkt": [100.0, 800.0], "huisarts": [400.0, np.nan]}, index=["a", "b"])
    >>> score(raw, profile)[["score", "score_low", "score_high", "known_weight_share"]].round(2)
       score  score_low  score_high  known_weight_share
    a    NaN       22.0        98.0                0.24
    b    NaN        2.8        88.8                0.14
    """
    if draws < 0 or seed < 0:
        raise StudyError(
            "draws and seed must be 0 or more, not {draws} and {seed}", draws=draws, seed=seed
        )
    _check_raw(raw, profile)
    measured = {c.key: _measure(raw, c) for c in profile.criteria}
    values = np.column_stack([value for _, value in measured.values()])
    weights = profile.weights
    known = np.isfinite(values)
    known_weight = (known * weights).sum(axis=1)  # row by row: no site sways another
    enough = (known_weight > 0) & (known_weight >= profile.least_known_share - _SHARE_SLACK)
    scored = np.where(enough, known_weight, np.nan)[:, None]
    contributions = 100 * values * weights / scored
    points = np.where(enough, np.nansum(contributions, axis=1), np.nan)
    least = 100 * np.where(known, values * weights, 0.0).sum(axis=1)
    best = weights * [criterion.best_value for criterion in profile.criteria]
    most = least + 100 * (~known * best).sum(axis=1)
    reasons = _knock_outs(measured, profile, len(raw))
    knocked_out = reasons != ""

    rank = np.full((3, len(raw)), np.nan)
    ranked = np.flatnonzero(enough & ~knocked_out)
    if len(ranked):
        first, last = tied_ranks(np.round(points[None, ranked], _TIE_DECIMALS))
        rank[0, ranked] = first
        if draws:
            low, high = rank_intervals(values[ranked], weights, draws=draws, seed=seed)
            rank[1, ranked], rank[2, ranked] = np.minimum(low, first), np.maximum(high, last)

    columns: dict[str, Any] = {} if names is None else {"name": names.reindex(raw.index).to_numpy()}
    columns |= {
        "score": points,
        "score_low": np.fmin(
            least, points
        ),  # the last bits of a sum never take a score out of its range
        "score_high": np.fmax(most, points),
        "rank": pd.array(rank[0], dtype="Int64"),
        "rank_low": pd.array(rank[1], dtype="Int64"),
        "rank_high": pd.array(rank[2], dtype="Int64"),
        "known_weight_share": known_weight,
        "knocked_out": knocked_out,
        "knock_out_reason": pd.array(reasons, dtype="str"),
    }
    for number, (key, (measure, value)) in enumerate(measured.items()):
        endless = measure.dtype != object and np.isposinf(measure)
        columns[f"{key}_raw"] = np.where(endless, np.nan, measure)
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
        Why a measure is missing, in words or as a key of the screen texts, on the same index with
        criteria's keys as columns; a column or cell may be absent.

    Returns
    -------
    pandas.DataFrame
        One row per site and criterion, in the order of ``scores`` and of the profile: ``site_id,
        criterion, label, raw, unit, value`` (0–1), ``weight`` (share of the profile, 0–1),
        ``contribution`` (points of the score, NaN when there is none), ``known`` and ``reason`` (why
        ``raw`` is empty). A distance to what is known not to exist is known, has no ``raw``, and its
        reason is ``none``.

    Examples
    --------
    >>> profile = read_scoring_profile("geclusterd")
    >>> scores = score(pd.DataFrame({"supermarkt": [400.0]}, index=["a"]), profile)
    >>> parts = explain(scores, profile)
    >>> parts.loc[:1, ["criterion", "raw", "value", "weight", "contribution", "reason"]]
        criterion    raw  value  weight  contribution       reason
    0  supermarkt  400.0    0.8    0.14           NaN
    1    huisarts    NaN    NaN    0.10           NaN  unknown
    """
    parts = []
    for criterion, weight in zip(profile.criteria, profile.weights, strict=True):
        key = criterion.key
        known = scores[f"{key}_value"].notna()
        why = pd.Series(np.where(known, NONE, NO_DATA), index=scores.index, dtype=object)
        if reasons is not None and key in reasons:
            given = reasons[key].astype(object).reindex(scores.index)
            why = given.where(given.notna() & (given != ""), why)
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
                    "reason": why.where(scores[f"{key}_raw"].isna(), "").to_numpy(),
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
        better, or the site has no score), ``raw`` (as it is), ``target`` (the nearest measure, or the
        word, that brings the highest value), ``lift`` (points it adds to the score, 0–100, NaN when
        nothing) and ``score_after``. A measure that is unknown is no improvement: what it would do is
        not known.

    Examples
    --------
    >>> import dataclasses
    >>> profile = dataclasses.replace(read_scoring_profile("geclusterd"), least_known_share=0.2)
    >>> raw = pd.DataFrame({"supermarkt": [900.0], "huisarts": [350.0]}, index=["a"])
    >>> best_lift(score(raw, profile), profile).loc["a", ["criterion", "target"]].tolist()
    ['supermarkt', 100.0]
    """
    criteria = profile.criteria
    values = scores[[f"{c.key}_value" for c in criteria]].to_numpy(dtype=float)
    highest = np.array([c.best_value for c in criteria])
    usable = np.array([c.metric in metrics for c in criteria])
    scored = scores["score"].notna()
    known_weight = scores["known_weight_share"].where(scored).to_numpy(dtype=float)[:, None]
    lift = 100 * (highest - values) * profile.weights / known_weight
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


def _improvement(criterion: Criterion, raw: Any) -> tuple[str, str, object, object]:  # noqa: ANN401
    """Name the criterion, the measure as it is and the nearest one that brings the highest value."""
    scale: tuple[tuple[Any, float], ...] = criterion.anchors or criterion.levels
    targets = [at for at, value in scale if value == criterion.best_value]
    if criterion.anchors:  # from what is nowhere the farthest is the nearest
        targets.sort(key=lambda at: -at if pd.isna(raw) else abs(at - float(raw)))
    return criterion.key, criterion.label, raw, targets[0]


def _check_raw(raw: pd.DataFrame, profile: ScoringProfile) -> None:
    """Refuse ids that occur twice and columns that belong to no criterion."""
    if raw.index.has_duplicates:
        twice = raw.index[raw.index.duplicated()].unique()
        raise DuplicateIdError(
            "sites to score: {ids} ids occur more than once; ids must be unique",
            ids=first_ids(twice),
        )
    keys = {criterion.key for criterion in profile.criteria}
    if extra := [str(column) for column in raw.columns if column not in keys]:
        raise InputError(
            "measures to score: {names} columns belong to no criterion of profile {profile!r}, "
            "which has {known}",
            names=first_ids(extra),
            profile=profile.name,
            known=", ".join(sorted(keys)),
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
        allowed = tell(
            "must be one of {words}", words=", ".join(word for word, _ in criterion.levels)
        )
        measure = words.where(words.notna(), None).to_numpy(dtype=object)
    else:
        measure = np.asarray(pd.to_numeric(column, errors="coerce"), dtype=np.float64)
        blank = column.isna()
        if not pd.api.types.is_numeric_dtype(column):
            blank |= column.astype(str).str.strip() == ""
        nowhere = np.isposinf(measure) & (criterion.metric == "distance")
        wrong = ~np.isfinite(measure) & ~blank.to_numpy() & ~nowhere
        allowed = tell("must be a finite number")
        value = criterion.value(measure)
    if wrong.any():
        shown = [f"{site}: {column.loc[site]}" for site in raw.index[wrong]]
        raise InputError(
            "measure {measure!r} {allowed}; it is not for {ids} sites",
            measure=criterion.key,
            allowed=allowed,
            ids=first_ids(shown),
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
