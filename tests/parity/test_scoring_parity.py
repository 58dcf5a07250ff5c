"""The weighted sum against two independent implementations in pymcdm."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from pymcdm.methods import SPOTIS, WSM

from geowoonzorg.ranking.scoring import parse_scoring_profile, score

RNG = np.random.default_rng(20)
BOUNDS = np.array([[0.0, 800.0], [-0.3, 0.4], [40.0, 70.0], [0.0, 1.0]])
WEIGHTS = np.array([52.0, 10.0, 12.0, 6.0])
TYPES = np.array([-1, 1, -1, 1])  # cost or profit


def linear_profile():
    """Two anchors a criterion: from the bound that is worst (0) to the one that is best (1)."""
    criteria = []
    for i, ((low, high), weight, kind) in enumerate(zip(BOUNDS, WEIGHTS, TYPES, strict=True)):
        values = (0, 1) if kind == 1 else (1, 0)
        criteria.append(
            {
                "key": f"c{i}",
                "metric": "site",
                "column": f"c{i}",
                "label": "-",
                "unit": "-",
                "source": "-",
                "weight": float(weight),
                "anchors": [[float(low), values[0]], [float(high), values[1]]],
            }
        )
    head = {"name": "linear", "title": "-", "description": "-"}
    return parse_scoring_profile(head | {"criterion": criteria})


@pytest.fixture(scope="module")
def raw():
    low, high = BOUNDS.T
    sites = [f"s{i:03d}" for i in range(200)]
    return pd.DataFrame(RNG.uniform(low, high, (200, 4)), sites, [f"c{i}" for i in range(4)])


def test_linear_values_equal_spotis(raw):
    # SPOTIS (Dezert et al., 2020) is the weighted distance from the best bounds: 1 - our score.
    theirs = SPOTIS(BOUNDS)(raw.to_numpy(), WEIGHTS / WEIGHTS.sum(), TYPES)
    ours = score(raw, linear_profile(), draws=0)
    assert ours["score"].to_numpy() == pytest.approx(100 * (1 - theirs), abs=1e-10)
    assert ours["rank"].to_numpy(dtype=int).tolist() == (theirs.argsort().argsort() + 1).tolist()


def test_bent_values_equal_a_weighted_sum_of_the_same_values(raw):
    profile = linear_profile()
    ours = score(raw, profile, draws=0)
    low, high = BOUNDS.T
    scaled = (raw.to_numpy() - low) / (high - low)
    values = np.where(TYPES == 1, scaled, 1 - scaled)

    def as_they_are(column, cost):
        return column

    theirs = WSM(as_they_are)(values, WEIGHTS / WEIGHTS.sum(), np.ones(4))
    assert ours["score"].to_numpy() == pytest.approx(100 * theirs, abs=1e-10)
