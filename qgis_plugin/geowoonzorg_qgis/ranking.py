"""Scores and ranks under weights of one's own, from the values a run wrote: no new run is needed.

The rule is the engine's (``geowoonzorg.score``): the weighted mean of the values that are known, with the worst answer for
what the applicant left blank, and never beyond what is possible; none, but the range that what is unknown leaves open,
where too little is known; and ranks over the sites that have a score and did not drop out, of which equal scores share
the lowest. Of a criterion all but the width of its range of values is known.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

TIE_DECIMALS = 7
SHARE_SLACK = 1e-9
VALUE, RAW, CONTRIBUTION = "_value", "_raw", "_contribution"
LOW, HIGH = "_value_low", "_value_high"


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
    layer_id: str = ""
    may_drop_out: str = ""
    low: Mapping[str, float] = field(default_factory=dict)  # per criterion the least and the most that its value can be
    high: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Standing:
    """Where a site stands under some weights; ``low`` and ``high`` are what its score could still be."""

    score: float | None
    rank: int | None
    contributions: Mapping[str, float]
    known_share: float
    low: float | None = None
    high: float | None = None


def stand(
    sites: Iterable[Site],
    weights: Mapping[str, float],
    *,
    least_known_share: float = 0.0,
    best: Mapping[str, float] = MappingProxyType({}),
    told: frozenset[str] = frozenset(),
) -> dict[str, Standing]:
    """Score and rank sites.

    Parameters
    ----------
    sites
        The sites.
    weights
        Per criterion a weight, not negative; only its share in the sum matters.
    least_known_share
        A site of which less of the weight (0-1) is known has no score and no rank.
    best
        Per criterion the highest value that any measure brings; 1 where it is not given.
    told
        The criteria of which the applicant could have told the measure: a blank counts as the worst answer.

    Returns
    -------
    dict
        Per site id its standing.

    Examples
    --------
    >>> sites = [Site("a", "A", {"x": 1.0}), Site("b", "B", {"x": 0.5, "y": 1.0})]
    >>> standing = stand(sites, {"x": 1, "y": 3})
    >>> [(name, s.score, s.rank, s.low, s.high) for name, s in standing.items()]
    [('a', 100.0, 1, 25.0, 100.0), ('b', 87.5, 2, 87.5, 87.5)]
    """
    found = {site.ident: (site, _score(site, weights, least_known_share, best, told)) for site in sites}
    scores = sorted(round(s.score, TIE_DECIMALS) for site, s in found.values() if s.score is not None and not site.knocked_out)
    above = {score: len(scores) - number for number, score in enumerate(scores, start=1)}
    return {
        ident: s if s.score is None or site.knocked_out else replace(s, rank=1 + above[round(s.score, TIE_DECIMALS)])
        for ident, (site, s) in found.items()
    }


def _score(
    site: Site, weights: Mapping[str, float], least_known_share: float, best: Mapping[str, float], told: frozenset[str]
) -> Standing:
    total = math.fsum(weights.values())
    if total <= 0:
        return Standing(None, None, {}, 0.0)
    shares = {key: weight / total for key, weight in weights.items()}
    low = {key: site.low.get(key, site.values.get(key, 0.0)) for key in shares}
    high = {key: site.high.get(key, site.values.get(key, best.get(key, 1.0))) for key in shares}
    known = math.fsum(share * (1 - (high[key] - low[key])) for key, share in shares.items())
    least, most = (math.fsum(100 * shares[key] * end[key] for key in shares) for end in (low, high))
    counted = {key: site.values.get(key, low[key]) for key in shares if key in site.values or key in told}
    whole = math.fsum(shares[key] for key in counted)
    if whole <= 0 or known <= 0 or known < least_known_share - SHARE_SLACK:
        return Standing(None, None, {}, known, least, most)
    blank = {key for key in counted if key not in site.values}
    ceiling = math.fsum(100 * shares[key] * (low if key in blank else high)[key] for key in shares)
    points = {key: 100 * value * shares[key] / whole for key, value in counted.items()}
    mean = math.fsum(points.values())
    score = min(max(mean, least), ceiling)
    part = score / mean if mean > 0 else 1.0
    points = {key: point * part for key, point in points.items()}
    return Standing(score, None, points, known, min(least, score), max(most, score))


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
        Per criterion its share of the weight (0-1); 0 where no site has a value above 0. Exact where what is known of
        a site has no range, and nothing was left blank; else near.

    Examples
    --------
    >>> weights_behind([{"known_weight_share": 0.5, "x_value": 0.8, "x_contribution": 40.0}], ["x"])
    {'x': 0.25}
    """
    kept = list(rows)
    found = dict.fromkeys(criteria, 0.0)
    for key in found:
        scored = [row for row in kept if row.get(key + CONTRIBUTION) is not None]
        best = max(scored, key=lambda row: row.get(key + VALUE) or 0.0, default={})
        value = best.get(key + VALUE) or 0.0
        if value > 0:
            found[key] = (best[key + CONTRIBUTION] or 0.0) * (best["known_weight_share"] or 0.0) / (100 * value)
    return found
