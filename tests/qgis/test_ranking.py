"""Ranks under moved weights equal the engine's own."""

from __future__ import annotations

import json
import random
import subprocess

import pytest

SCORE = """
import json, sys
import pandas as pd
from geowoonzorg import score
from geowoonzorg.ranking.scoring_profile import parse_scoring_profile

job = json.load(sys.stdin)
criteria = [
    {"key": key, "label": key, "unit": "-", "source": "-", "anchors": [[0, 0], [1, 1]], "weight": weight,
     **({"metric": "site", "column": key} if key in job["told"] else {"metric": "people_within"})}
    for key, weight in job["weights"].items()
]
profile = parse_scoring_profile({"name": "p", "title": "p", "description": "p", "criterion": criteria,
                                 "least_known_share": 0.5})
raw = pd.DataFrame.from_dict(job["values"], orient="index", columns=list(job["weights"]), dtype=float)
low = pd.DataFrame.from_dict(job["low"], orient="index", columns=list(job["weights"]), dtype=float)
found = score(raw, profile, draws=0, raw_low=low)
known = lambda value: None if pd.isna(value) else float(value)
json.dump({i: [known(r[key]) for key in ("score", "rank", "score_low", "score_high", "known_weight_share")]
           for i, r in found.iterrows()}, sys.stdout)
"""


@pytest.mark.parametrize("seed", range(3))
def test_scores_and_ranks_equal_the_engines(plugin, real_engine, seed):
    from geowoonzorg_qgis import ranking

    chance = random.Random(seed)  # noqa: S311 - not a secret
    keys = [f"k{number}" for number in range(8)]
    weights = {key: chance.choice([0, 1, 3, 12.5]) for key in keys} | {"k0": 2}
    values = {f"s{number}": [None if chance.random() < 0.4 else round(chance.random(), 2) for _ in keys] for number in range(60)}
    values |= {f"t{number}": values[f"s{number}"] for number in range(0, 60, 7)}  # equal scores share a rank
    told = ["k1", "k5"]
    low = {ident: [v if v is None or n % 3 else v / 2 for n, v in enumerate(row)] for ident, row in values.items()}
    answer = subprocess.run(
        [real_engine, "-I", "-c", SCORE],
        input=json.dumps({"weights": weights, "values": values, "told": told, "low": low}),
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    expected = json.loads(answer.stdout)
    sites = [
        ranking.Site(
            ident,
            ident,
            {key: value for key, value in zip(keys, row) if value is not None},
            low={key: value for key, value in zip(keys, low[ident]) if value is not None},
        )
        for ident, row in values.items()
    ]
    found = ranking.stand(sites, weights, least_known_share=0.5, told=frozenset(told))
    for ident, wanted in expected.items():
        one = found[ident]
        for mine, engines in zip((one.score, one.rank, one.low, one.high, one.known_share), wanted):
            assert (mine is None) == (engines is None), ident
            assert mine is None or mine == pytest.approx(engines, abs=1e-9), ident
    scores = [score for score, *_ in expected.values()]
    assert None in scores
    assert len({score for score in scores if score is not None}) < sum(score is not None for score in scores)


def test_equal_scores_share_the_lowest_rank(plugin):
    from geowoonzorg_qgis.ranking import Site, stand

    values = {"a": 0.5, "b": 0.9, "c": 0.9 + 1e-10, "d": 0.1}
    found = stand([Site(ident, ident, {"x": value}) for ident, value in values.items()], {"x": 1.0})
    assert {ident: standing.rank for ident, standing in found.items()} == {"a": 3, "b": 1, "c": 1, "d": 4}


def test_too_little_known_gives_a_range_and_no_score(plugin):
    from geowoonzorg_qgis.ranking import Site, stand

    sites = [Site("a", "A", {"x": 1.0}), Site("b", "B", {"x": 0.5, "y": 0.5})]
    found = stand(sites, {"x": 1.0, "y": 3.0}, least_known_share=0.5, best={"y": 0.8})
    assert (found["a"].score, found["a"].rank, found["a"].contributions) == (None, None, {})
    assert (found["a"].low, found["a"].high) == (25.0, 85.0)
    assert (found["b"].score, found["b"].rank, found["b"].low, found["b"].high) == (50.0, 1, 50.0, 50.0)


def test_a_site_that_dropped_out_has_no_rank(plugin):
    from geowoonzorg_qgis.ranking import Site, stand

    sites = [Site("a", "A", {"x": 1.0}, knocked_out=True), Site("b", "B", {"x": 0.2})]
    found = stand(sites, {"x": 1.0})
    assert (found["a"].rank, found["a"].score, found["b"].rank) == (None, 100.0, 1)


def test_all_weights_at_zero_ranks_nothing(plugin):
    from geowoonzorg_qgis.ranking import Site, stand

    assert stand([Site("a", "A", {"x": 1.0})], {"x": 0.0})["a"].rank is None


def test_weights_are_worked_back_from_contributions(plugin):
    from geowoonzorg_qgis.ranking import Site, stand, weights_behind

    weights = {"x": 0.2, "y": 0.5, "z": 0.3}
    sites = [Site("a", "A", {"x": 0.5, "y": 0.1}), Site("b", "B", {"y": 0.0, "z": 1.0})]
    rows = []
    for site in sites:
        standing = stand(sites, weights)[site.ident]
        row = {"known_weight_share": standing.known_share}
        for key in weights:
            row[f"{key}_value"], row[f"{key}_contribution"] = site.values.get(key), standing.contributions.get(key)
        rows.append(row)
    assert weights_behind(rows, weights) == pytest.approx(weights)
