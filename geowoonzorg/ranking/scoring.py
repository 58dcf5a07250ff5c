"""Scores of sites: fixed value functions, weights, knock-outs, and what the unknown leaves possible.

Each criterion of a profile turns a raw measure into a value between 0 and 1 over fixed anchors,
never over the candidates that happen to be compared, so a site's score does not change when another
site is added. A measure that is only known within a range has a range of values, and so have score and
rank. What is unknown takes no part in the score itself: the weights of the rest fill the place, but for
what the applicant could have told and left blank, which counts as the worst answer until it is told. Of
which too little is known has no score and no rank, only what is possible.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from geowoonzorg.errors import DuplicateIdError, InputError, StudyError, first_ids
from geowoonzorg.ranking.ranges import Ranged, knock_outs, measure_values
from geowoonzorg.ranking.robustness import DRAWS, SEED, Moves, rank_spread
from geowoonzorg.ranking.rule import Values, rank_scores, score_values
from geowoonzorg.ranking.scoring_profile import (
    Criterion,
    KnockOut,
    ScoringProfile,
    parse_scoring_profile,
    read_scoring_profile,
)
from geowoonzorg.ranking.values import told_by_applicant

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "Criterion",
    "KnockOut",
    "ScoringProfile",
    "parse_scoring_profile",
    "read_scoring_profile",
    "score",
]

_RANKS: Final = (
    "rank", "rank_low", "rank_high", "rank_low_weights", "rank_high_weights", "rank_low_unknown",
    "rank_high_unknown", "first_share", "top3_share",
)  # fmt: skip


def score(
    raw: pd.DataFrame,
    profile: ScoringProfile,
    *,
    raw_low: pd.DataFrame | None = None,
    raw_high: pd.DataFrame | None = None,
    certainty: pd.DataFrame | None = None,
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
    raw_low, raw_high
        The least and the most that each known measure can be, on the same index and columns; infinite where
        there is no end. A column or cell that is absent or NaN is a measure without a range.
    certainty
        The chance (0–1) that a measure is no less than it is given (from ``raw`` to ``raw_high``), and not anything
        in its range; 0 where absent or NaN. It moves the draws only.
    names
        The sites' names on the same index, for the column ``name``.
    draws
        How many draws of weights and unknowns the rank intervals rest on; 0 leaves them unknown.
    seed
        The seed of those draws.

    Returns
    -------
    pandas.DataFrame
        The same index in the same order, with ``name`` when given, and

        - ``score``: 0–100, the weighted mean of the values that are known, with the worst answer for what the
          applicant (metric ``site``) left blank; NaN when nothing is known, or when less than the profile's
          ``least_known_share`` of the weight is;
        - ``score_low``, ``score_high``: the score with everything that is unknown at its worst and at its best;
          both are the score when all is known;
        - ``rank``: 1 for the best of the sites that have a score and are not knocked out; equal scores
          share the lowest rank (1, 1, 3);
        - ``rank_low``, ``rank_high``: the best and worst rank in 90 % of the draws over weights and unknowns
          together, among all sites that are not knocked out: those without a score too, which may end
          anywhere once more is known. A tie takes all its ranks, and the interval holds the rank;
        - ``rank_low_weights``, ``rank_high_weights``: the same when only the weights move, among the sites that
          have a rank; ``rank_low_unknown``, ``rank_high_unknown``: when only the unknown moves;
        - ``first_share``, ``top3_share``: the share (0–1) of the draws over both in which the site is first, or
          among the first three; a shared place counts for its part;
        - ``known_weight_share``: 0–1, the share of the weight that is known; of a criterion it is all but the
          width of its range of values, so a range that stays within one value costs nothing;
        - ``knocked_out`` and ``knock_out_reason`` (empty when not), of what is certain whatever the unknown
          becomes; ``knock_out_possible``, why it may still fall out (empty when it cannot);
        - per criterion ``<key>_raw, <key>_raw_low, <key>_raw_high`` (empty beside a known measure where there is
          no end), ``<key>_value, <key>_value_low, <key>_value_high`` (0–1) and ``<key>_contribution``: the points
          of the score it brings in, which sum to the score, and are NaN where it brings none because it is
          unknown.

    Raises
    ------
    StudyError
        When ``draws`` or ``seed`` is negative.
    DuplicateIdError
        When a site's id occurs twice.
    InputError
        When a column belongs to no criterion, or a measure is not a finite number or, for a
        criterion with levels, not one of its words, or lies outside its own range.

    Notes
    -----
    A weighted sum of single-attribute values over fixed anchors (Von Winterfeldt & Edwards, 1986); its range is
    interval arithmetic, exact because the sum rises in every value. Values between candidates' own minimum and
    maximum would make ranks reverse when a site is added; fixed anchors cannot. Where no outcome of an unknown
    criterion brings 0 or 1, the part of its weight that every outcome brings or withholds counts as known. For the
    draws see `geowoonzorg.ranking.robustness.rank_spread`.

    Examples
    --------
    >>> profile = read_scoring_profile("geclusterd")
    >>> raw = pd.DataFrame({"supermarkt": [100.0, 800.0], "huisarts": [400.0, np.nan]}, index=["a", "b"])
    >>> score(raw, profile)[["score", "score_low", "score_high", "known_weight_share"]].round(2)
       score  score_low  score_high  known_weight_share
    a    NaN       23.2        98.0                0.25
    b    NaN        4.0        88.8                0.15
    """
    if draws < 0 or seed < 0:
        raise StudyError(
            "draws and seed must be 0 or more, not {draws} and {seed}", draws=draws, seed=seed
        )
    _check_raw(raw, profile)
    measured = {
        c.key: measure_values(c, raw, raw_low, raw_high, certainty) for c in profile.criteria
    }
    values = Values(
        keys=tuple(measured), weights=profile.weights, told=told_by_applicant(profile),
        point=np.column_stack([one.value for one in measured.values()]),
        low=np.column_stack([one.value_low for one in measured.values()]),
        high=np.column_stack([one.value_high for one in measured.values()]),
        certainty=np.column_stack([one.certainty for one in measured.values()]),
        kept_low=np.column_stack([one.kept_low for one in measured.values()]),
        kept_high=np.column_stack([one.kept_high for one in measured.values()]),
    )  # fmt: skip
    scored = score_values(values, least_known_share=profile.least_known_share)
    certain, possible = knock_outs(measured, profile, len(raw))

    columns: dict[str, Any] = {} if names is None else {"name": names.reindex(raw.index).to_numpy()}
    columns |= {
        "score": scored.score,
        "score_low": scored.low,
        "score_high": scored.high,
        **_ranks(values, scored.score, certain != "", raw.index, draws=draws, seed=seed),
        "known_weight_share": values.known_share,
        "knocked_out": certain != "",
        "knock_out_reason": pd.array(certain, dtype="str"),
        "knock_out_possible": pd.array(possible, dtype="str"),
    }
    for number, (key, one) in enumerate(measured.items()):
        columns |= _criterion_columns(key, one, scored.contributions[:, number])
    return pd.DataFrame(columns, index=raw.index)


def _criterion_columns(
    key: str, one: Ranged, contribution: NDArray[np.float64]
) -> dict[str, NDArray[Any]]:
    """Lay one criterion out as columns; what has no end stays empty."""

    def ended(measure: NDArray[Any]) -> NDArray[Any]:
        if measure.dtype == object:
            return measure
        return np.where(np.isposinf(measure), np.nan, measure)

    return {
        f"{key}_raw": ended(one.raw),
        f"{key}_raw_low": ended(one.raw_low),
        f"{key}_raw_high": ended(one.raw_high),
        f"{key}_value": one.value,
        f"{key}_value_low": one.value_low,
        f"{key}_value_high": one.value_high,
        f"{key}_contribution": contribution,
    }


def _ranks(
    values: Values,
    points: NDArray[np.float64],
    knocked_out: NDArray[np.bool_],
    sites: pd.Index,
    *,
    draws: int,
    seed: int,
) -> dict[str, Any]:
    """Rank the sites by their points, and say where each ends when weights and unknowns move."""
    n_sites = len(points)
    ranks = {name: np.full(n_sites, np.nan) for name in _RANKS}
    by_id = np.argsort(sites.astype(str), kind="stable")  # the order of the rows changes nothing
    running = by_id[~knocked_out[by_id]]
    ranked = running[~np.isnan(points[running])]
    ranks["rank"], last = rank_scores(points, knocked_out)
    own_first, own_last = ranks["rank"][ranked], last[ranked]
    ways: dict[str, tuple[Moves, NDArray[np.intp]]] = {
        "": ("both", running), "_weights": ("weights", ranked), "_unknown": ("unknown", running),
    }  # fmt: skip
    for ending, (move, among) in ways.items():
        if not draws or not len(among):
            continue
        found = rank_spread(values.rows(among), move=move, draws=draws, seed=seed)
        ranks[f"rank_low{ending}"][among], ranks[f"rank_high{ending}"][among] = (
            found.low,
            found.high,
        )
        if len(ranked):  # what has a rank keeps it within its interval
            for name, own, hold in (
                ("rank_low", own_first, np.fmin),
                ("rank_high", own_last, np.fmax),
            ):
                ranks[name + ending][ranked] = hold(ranks[name + ending][ranked], own)
        if move == "both":
            ranks["first_share"][among] = found.first_share
            ranks["top3_share"][among] = found.top3_share
    return {
        name: found if name.endswith("share") else pd.array(found, dtype="Int64")
        for name, found in ranks.items()
    }


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
