"""What a score is made of: every part of it with its range, and the one improvement that would raise it most."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from geowoonzorg.ranking.values import values_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geowoonzorg.ranking.scoring_profile import Criterion, ScoringProfile

NO_DATA: Final = "unknown"  # the reason shown where nobody gave a better one
NONE: Final = "none"  # the reason of a distance that has no end: there is nothing to walk to


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
        ``contribution`` (points of 100), ``known`` and ``reason`` (empty where ``raw`` stands); and what the
        unknown leaves: ``raw_low, raw_high`` (numbers, empty where there is no end), ``value_low, value_high``,
        ``known_share`` (0–1, of the criterion) and ``contribution_best`` (what its best value would bring).

    Examples
    --------
    >>> from geowoonzorg.ranking.scoring import read_scoring_profile, score
    >>> profile = read_scoring_profile("geclusterd")
    >>> scores = score(pd.DataFrame({"supermarkt": [400.0]}, index=["a"]), profile)
    >>> parts = explain(scores, profile)
    >>> parts.loc[:1, ["criterion", "raw", "value", "weight", "contribution", "reason"]]
        criterion    raw  value  weight  contribution       reason
    0  supermarkt  400.0    0.8    0.14           NaN
    1    huisarts    NaN    NaN    0.10           NaN  unknown
    """
    parts = []
    best = _best_contributions(scores, profile)
    for number, (criterion, weight) in enumerate(
        zip(profile.criteria, profile.weights, strict=True)
    ):
        key = criterion.key
        known = scores[f"{key}_value"].notna()
        why = pd.Series(np.where(known, NONE, NO_DATA), index=scores.index, dtype=object)
        if reasons is not None and key in reasons:
            given = reasons[key].astype(object).reindex(scores.index)
            why = given.where(given.notna() & (given != ""), why)
        low, high = (scores[f"{key}_value_{end}"].to_numpy() for end in ("low", "high"))
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
                    "raw_low": pd.to_numeric(scores[f"{key}_raw_low"], errors="coerce").to_numpy(
                        float
                    ),
                    "raw_high": pd.to_numeric(scores[f"{key}_raw_high"], errors="coerce").to_numpy(
                        float
                    ),
                    "value_low": low,
                    "value_high": high,
                    "known_share": 1 - (high - low),
                    "contribution_best": best[:, number],
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
        word, that brings the criterion's highest value), ``lift`` (points it adds to the score, 0–100, NaN when
        nothing), ``lift_low`` and ``lift_high`` (what it adds when the measure is at the best and at the worst
        of its range: 0 where it may be as good already) and ``score_after``. A measure that is unknown is no
        improvement: what it would do is not known.

    Examples
    --------
    >>> import dataclasses
    >>> from geowoonzorg.ranking.scoring import read_scoring_profile, score
    >>> profile = dataclasses.replace(read_scoring_profile("geclusterd"), least_known_share=0.2)
    >>> raw = pd.DataFrame({"supermarkt": [900.0], "huisarts": [350.0]}, index=["a"])
    >>> best_lift(score(raw, profile), profile).loc["a", ["criterion", "target"]].tolist()
    ['supermarkt', 100.0]
    """
    criteria = profile.criteria
    values = values_of(scores, profile)
    usable = np.array([c.metric in metrics for c in criteria])
    best = _best_contributions(scores, profile)
    highest = np.array([c.best_value for c in criteria])
    points = np.where(
        highest > 0, best / np.where(highest > 0, highest, 1.0), 0.0
    )  # of a value of 1
    scored = scores["score"].notna().to_numpy()
    lift = np.where(scored[:, None] & usable, (highest - values.point) * points, np.nan)
    lift = np.where(lift > 0, lift, -1.0)
    chosen = lift.argmax(axis=1)
    at = np.arange(len(scores)), chosen
    most = lift[at]
    rows = [
        _improvement(criteria[k], scores[f"{criteria[k].key}_raw"].iloc[i])
        if most[i] > 0
        else ("", "", None, None)
        for i, k in enumerate(chosen)
    ]
    found = pd.DataFrame(
        rows, columns=["criterion", "label", "raw", "target"], index=scores.index, dtype=object
    )
    some = most > 0
    found["lift"] = np.where(some, most, np.nan)
    found["lift_low"] = np.where(some, ((highest - values.high) * points)[at], np.nan)
    found["lift_high"] = np.where(some, ((highest - values.low) * points)[at], np.nan)
    found["score_after"] = scores["score"] + found["lift"]
    return found


def _best_contributions(scores: pd.DataFrame, profile: ScoringProfile) -> NDArray[np.float64]:
    """Give the points that each criterion's best value brings: in the score, or of all where there is none."""
    values = values_of(scores, profile)
    scored = scores["score"].notna().to_numpy()
    whole = np.where(scored, values.whole, 1.0)[:, None]
    known = ~np.isnan(values.point) | values.told
    highest = np.array([criterion.best_value for criterion in profile.criteria])
    return np.asarray(100 * highest * profile.weights / np.where(known, whole, 1.0), dtype=float)


def _improvement(criterion: Criterion, raw: Any) -> tuple[str, str, object, object]:  # noqa: ANN401
    """Name the criterion, the measure as it is and the nearest one that brings the highest value."""
    scale: tuple[tuple[Any, float], ...] = criterion.anchors or criterion.levels
    targets = [at for at, value in scale if value == criterion.best_value]
    if criterion.anchors:  # from what is nowhere the farthest is the nearest
        targets.sort(key=lambda at: -at if pd.isna(raw) else abs(at - float(raw)))
    return criterion.key, criterion.label, raw, targets[0]
