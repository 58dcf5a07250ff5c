"""Ranks under moved weights; that the rule is the engine's own file is tested in test_static and tests/parity."""

from __future__ import annotations

import pytest


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
    assert (found["a"].low, found["a"].high) == pytest.approx((25.0, 85.0))
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
