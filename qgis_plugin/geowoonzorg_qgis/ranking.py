"""Scores and ranks under weights of one's own, from the values a run wrote: no new run is needed.

The rule is the engine's (``geowoonzorg.scoring.score``): the weighted mean of the values that are known, and ranks
over the sites of which enough is known and that did not drop out, ties by id.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

TIE_DECIMALS = 7
SHARE_SLACK = 1e-9
VALUE, RAW, CONTRIBUTION = "_value", "_raw", "_contribution"


@dataclass(frozen=True)
class Site:
    """What a run found for one site."""

    ident: str
    name: str
    values: Mapping[str, float]  # per criterion 0-1; what is unknown is not in it
    raw: Mapping[str, object] = field(default_factory=dict)
    knocked_out: bool = False
    reason: str = ""
    rank_low: int | None = None
    rank_high: int | None = None
    feature_id: int = -1


@dataclass(frozen=True)
class Standing:
    """Where a site stands under some weights."""

    score: float | None
    rank: int | None
    contributions: Mapping[str, float]
    known_share: float


def stand(sites: Iterable[Site], weights: Mapping[str, float], *, least_known_share: float = 0.0) -> dict[str, Standing]:
    """Score and rank sites.

    Parameters
    ----------
    sites
        The sites.
    weights
        Per criterion a weight, not negative; only its share in the sum matters.
    least_known_share
        A site of which less of the weight (0-1) is known has a score but no rank.

    Returns
    -------
    dict
        Per site id its standing.

    Examples
    --------
    >>> sites = [Site("a", "A", {"x": 1.0}), Site("b", "B", {"x": 0.5, "y": 1.0})]
    >>> standing = stand(sites, {"x": 1, "y": 3})
    >>> [(name, s.score, s.rank) for name, s in standing.items()]
    [('a', 100.0, 1), ('b', 87.5, 2)]
    """
    total = math.fsum(weights.values())
    shares = {key: weight / total for key, weight in weights.items()} if total > 0 else {}
    found = {}
    for site in sites:
        parts = {key: shares.get(key, 0.0) for key in site.values}
        known = math.fsum(parts.values())
        points = {key: 100 * site.values[key] * share / known for key, share in parts.items()} if known > 0 else {}
        found[site.ident] = (site, math.fsum(points.values()) if known > 0 else None, points, known)
    least = least_known_share - SHARE_SLACK
    ranked = [
        (ident, score)
        for ident, (site, score, _, known) in found.items()
        if score is not None and not site.knocked_out and known >= least
    ]
    ranked.sort(key=lambda pair: (-round(pair[1], TIE_DECIMALS), pair[0]))
    ranks = {ident: number for number, (ident, _) in enumerate(ranked, start=1)}
    return {ident: Standing(score, ranks.get(ident), points, known) for ident, (_, score, points, known) in found.items()}


def criteria_in(columns: Iterable[str]) -> list[str]:
    """Find the criteria among a layer's columns, in their order."""
    names = list(columns)
    return [name.removesuffix(VALUE) for name in names if name.endswith(VALUE) and name.removesuffix(VALUE) + RAW in names]


def weights_behind(rows: Iterable[Mapping[str, float | None]], criteria: Iterable[str]) -> dict[str, float]:
    """Work the weights back out of scores, where nothing else tells them.

    Parameters
    ----------
    rows
        Per site its columns ``known_weight_share`` and, per criterion, ``_value`` and ``_contribution``.
    criteria
        The criteria.

    Returns
    -------
    dict
        Per criterion its share of the weight (0-1); 0 where no site has a value above 0.

    Examples
    --------
    >>> weights_behind([{"known_weight_share": 0.5, "x_value": 0.8, "x_contribution": 40.0}], ["x"])
    {'x': 0.25}
    """
    kept = list(rows)
    found = dict.fromkeys(criteria, 0.0)
    for key in found:
        best = max(kept, key=lambda row: row.get(key + VALUE) or 0.0, default={})
        value = best.get(key + VALUE) or 0.0
        if value > 0:
            found[key] = (best[key + CONTRIBUTION] or 0.0) * (best["known_weight_share"] or 0.0) / (100 * value)
    return found
