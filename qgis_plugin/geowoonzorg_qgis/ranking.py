"""Scores and ranks under weights of one's own, from the values a run wrote: no new run is needed.

The rule is the engine's (``geowoonzorg.score``): the weighted mean of the values that are known, and of the worst value
where the applicant left blank what only the applicant can tell; none, but the range that what is unknown leaves open,
where too little is known, of each criterion the width of its range; and ranks over the sites that have a score and did not drop
out, of which equal scores share the lowest.
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
    """What a run found for one site.

    ``values`` has per criterion 0-1; what is unknown is not in it. ``bounds`` has between what each value lies: where it
    is missing, the value itself, or anything that the criterion can bring. ``blank`` is what the applicant left out.
    """

    ident: str
    name: str
    values: Mapping[str, float]
    raw: Mapping[str, object] = field(default_factory=dict)
    knocked_out: bool = False
    reason: str = ""
    rank_low: int | None = None
    rank_high: int | None = None
    feature_id: int = -1
    bounds: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    blank: frozenset[str] = frozenset()


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
    found = {site.ident: (site, _score(site, weights, least_known_share, best)) for site in sites}
    scores = sorted(round(s.score, TIE_DECIMALS) for site, s in found.values() if s.score is not None and not site.knocked_out)
    above = {score: len(scores) - number for number, score in enumerate(scores, start=1)}
    return {
        ident: s if s.score is None or site.knocked_out else replace(s, rank=1 + above[round(s.score, TIE_DECIMALS)])
        for ident, (site, s) in found.items()
    }


def _score(site: Site, weights: Mapping[str, float], least_known_share: float, best: Mapping[str, float]) -> Standing:
    total = math.fsum(weights.values())
    if total <= 0:
        return Standing(None, None, {}, 0.0)
    shares = {key: weight / total for key, weight in weights.items()}
    bounds = {key: _bounds(site, key, best.get(key, 1.0)) for key in shares}
    known = math.fsum((1 - (bounds[key][1] - bounds[key][0])) * share for key, share in shares.items())
    low, high = (math.fsum(100 * bounds[key][end] * share for key, share in shares.items()) for end in (0, 1))
    counted = {key: bounds[key][0] for key in site.blank if key in shares} | {k: v for k, v in site.values.items() if k in shares}
    whole = math.fsum(shares[key] for key in counted)
    if whole <= 0 or known <= 0 or known < least_known_share - SHARE_SLACK:
        return Standing(None, None, {}, known, low, high)
    points = {key: 100 * value * shares[key] / whole for key, value in counted.items()}
    score = math.fsum(points.values())
    return Standing(score, None, points, known, min(low, score), max(high, score))


def _bounds(site: Site, key: str, best: float) -> tuple[float, float]:
    """Give between what a value lies."""
    if key in site.bounds:
        return site.bounds[key]
    return (site.values[key], site.values[key]) if key in site.values else (0.0, best)


def criteria_in(columns: Iterable[str]) -> list[str]:
    """Find the criteria among a layer's columns, in their order."""
    names = list(columns)
    return [name.removesuffix(VALUE) for name in names if name.endswith(VALUE) and name.removesuffix(VALUE) + RAW in names]


def weights_behind(rows: Iterable[Mapping[str, float | None]], criteria: Iterable[str]) -> dict[str, float]:
    """Work the weights back out of scores, where nothing else tells them.

    Parameters
    ----------
    rows
        Per site, per criterion, its columns ``_value`` and ``_contribution``.
    criteria
        The criteria.

    Returns
    -------
    dict
        Per criterion its share of the weight (0-1); 0 where no site has a value above 0.

    Examples
    --------
    >>> weights_behind([{"x_value": 0.8, "x_contribution": 20.0, "y_value": 1.0, "y_contribution": 75.0}], ["x", "y"])
    {'x': 0.25, 'y': 0.75}
    """
    keys = list(criteria)
    found: dict[str, float] = {}
    # a site's parts tell how its weights relate; other sites add what this one does not know
    for ratios in sorted((_ratios(row, keys) for row in rows), key=len, reverse=True):
        common = found.keys() & ratios.keys()
        if found and not common:
            continue
        scale = math.fsum(found[key] for key in common) / math.fsum(ratios[key] for key in common) if common else 1.0
        found |= {key: ratio * scale for key, ratio in ratios.items() if key not in found}
    total = math.fsum(found.values())
    return {key: found.get(key, 0.0) / total if total > 0 else 0.0 for key in keys}


def _ratios(row: Mapping[str, float | None], keys: Iterable[str]) -> dict[str, float]:
    """Give the points that a value of 1 would have brought, where the site has a value above 0."""
    return {
        key: points / value for key in keys if (value := row.get(key + VALUE)) and (points := row.get(key + CONTRIBUTION)) is not None
    }
