"""Scores and ranks under weights of one's own, from the values a run wrote: no new run is needed.

The rule is the engine's, in the engine's own file; here is only what brings the features of a layer into it, and what
comes out of it back to the sites.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import numpy as np

VALUE, RAW, CONTRIBUTION = "_value", "_raw", "_contribution"
LOW, HIGH = "_value_low", "_value_high"
RULE = "engine_rule"  # what build.py calls the engine's file in the zip


def _read_rule():
    """Import the rule: from beside this file, as in the zip, else from the sources of which both are part."""
    if Path(__file__).with_name(f"{RULE}.py").is_file():
        return importlib.import_module(f".{RULE}", __package__)
    file = Path(__file__).resolve().parents[2] / "geowoonzorg" / "ranking" / "rule.py"
    spec = importlib.util.spec_from_file_location(f"{__name__}.{RULE}", file)
    made = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


rule = _read_rule()


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
    listed, keys = list(sites), list(weights)
    of_keys = np.array([float(weights[key]) for key in keys])
    if not listed or not of_keys.sum() > 0:
        return {site.ident: Standing(None, None, {}, 0.0) for site in listed}
    point, low, high = (_table(rows, keys) for rows in zip(*(_ends(site, keys, best) for site in listed)))
    could_tell = np.array([key in told for key in keys], dtype=bool)
    values = rule.Values(tuple(keys), rule.shares_of(of_keys), could_tell, point, low, high)
    scored = rule.score_values(values, least_known_share=least_known_share)
    ranks, _last = rule.rank_scores(scored.score, np.array([site.knocked_out for site in listed], dtype=bool))
    return {
        site.ident: Standing(
            score=_told(scored.score[row]),
            rank=None if np.isnan(ranks[row]) else int(ranks[row]),
            contributions={key: float(one) for key, one in zip(keys, scored.contributions[row]) if not np.isnan(one)},
            known_share=float(values.known_share[row]),
            low=float(scored.low[row]),
            high=float(scored.high[row]),
        )
        for row, site in enumerate(listed)
    }


def _ends(site: Site, keys: list[str], best: Mapping[str, float]) -> tuple[list[float], list[float], list[float]]:
    """Give a site's values and what they can be; an older run wrote no ranges, and then only the unknown has one."""
    known = [site.values.get(key, np.nan) for key in keys]
    low = [site.low.get(key, site.values.get(key, 0.0)) for key in keys]
    return known, low, [site.high.get(key, site.values.get(key, best.get(key, 1.0))) for key in keys]


def _table(rows: Iterable[list[float]], keys: list[str]) -> np.ndarray:
    return np.array(list(rows), dtype=float).reshape(-1, len(keys))


def _told(number: float) -> float | None:
    return None if np.isnan(number) else float(number)


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
