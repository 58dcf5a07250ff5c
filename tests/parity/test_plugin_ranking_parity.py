"""The plugin brings what a run wrote into the engine's rule as the engine does: both say the same, to the bit."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from geowoonzorg import score
from geowoonzorg.ranking import rule
from geowoonzorg.ranking.scoring_profile import parse_scoring_profile

FILE = Path(__file__).parents[2] / "qgis_plugin" / "geowoonzorg_qgis" / "ranking.py"
KEYS = ("k0", "k1", "k2", "k3")
# Few different values, so that scores are often equal.
VALUES = st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0]) | st.floats(0, 1).map(lambda v: round(v, 3))
#: A measure and what it can be at least and at most; unknown is None.
MEASURE = st.none() | st.lists(VALUES, min_size=3, max_size=3).map(sorted)
HALF, BEST = [0.5] * 3, [1.0] * 3
SITE = st.tuples(*[MEASURE] * len(KEYS))
WEIGHT = st.sampled_from([0.0, 1.0, 2.0, 3.0, 12.5])


@pytest.fixture(scope="module")
def plugins():
    """The plugin's module; it needs no QGIS."""
    spec = importlib.util.spec_from_file_location("plugins_ranking", FILE)
    made = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = made  # dataclasses look their module up
    spec.loader.exec_module(made)
    yield made
    del sys.modules[spec.name]


def test_the_plugin_has_no_rule_of_its_own(plugins):
    assert Path(plugins.rule.__file__) == Path(rule.__file__)


def engines(sites, weights, told, least, ends) -> pd.DataFrame:
    """Score as the engine does, with measures from 0 to 1 that bring values from the one end to the other."""
    criteria = [
        {
            "key": key, "label": key, "unit": "-", "source": "-", "weight": weight,
            "anchors": [[0, ends[key][0]], [1, ends[key][1]]],
            **({"metric": "site", "column": key} if key in told else {"metric": "people_within"}),
        }
        for key, weight in weights.items()
    ]  # fmt: skip
    profile = parse_scoring_profile(
        {"name": "p", "title": "p", "description": "p", "criterion": criteria, "least_known_share": least}
    )  # fmt: skip

    def column(at: int) -> pd.DataFrame:
        rows = {
            f"s{n}": [None if one is None else one[at] for one in site]
            for n, site in enumerate(sites)
        }
        return pd.DataFrame.from_dict(rows, orient="index", columns=list(KEYS), dtype=float)

    return score(column(1), profile, draws=0, raw_low=column(0), raw_high=column(2))


@settings(max_examples=60, deadline=None, derandomize=True, phases=(Phase.explicit, Phase.generate))
@given(
    sites=st.lists(SITE, min_size=1, max_size=7),
    weights=st.tuples(*[WEIGHT] * len(KEYS)).filter(any),
    told=st.sets(st.sampled_from(KEYS)),
    least=st.sampled_from([0.01, 0.3, 0.5, 1.0]),
    ends=st.tuples(*[st.sampled_from([(0.0, 1.0), (0.0, 0.3), (0.2, 1.0)])] * len(KEYS)),
)
@example(  # a tie, one of which too little is known, one of which nothing is, and one left blank by the applicant
    sites=[
        (HALF, HALF, None, None),
        (HALF, HALF, None, None),
        (None, [0.2, 0.4, 1.0], None, None),
        (None,) * 4,
    ],
    weights=(1.0, 1.0, 0.0, 1.0),
    told={"k3"},
    least=0.3,
    ends=((0.0, 1.0),) * 4,
)
@example(  # just enough is known
    sites=[(HALF, HALF, None, None)],
    weights=(1.0,) * 4,
    told=set(),
    least=0.5,
    ends=((0.0, 1.0),) * 4,
)
@example(  # more than the unknown, and what was left blank, can still bring
    sites=[(BEST, BEST, None, None)], weights=(1.0,) * 4, told={"k2"}, least=0.3,
    ends=((0.0, 1.0), (0.0, 1.0), (0.0, 1.0), (0.0, 0.3)),
)  # fmt: skip
def test_score_rank_range_and_contributions_are_the_engines(
    plugins, sites, weights, told, least, ends
):
    given_weights = dict(zip(KEYS, weights, strict=True))
    expected = engines(sites, given_weights, told, least, dict(zip(KEYS, ends, strict=True)))
    # As the plugin reads it from the columns that the engine wrote.
    columns = {
        name: [
            {key: row[key + ending] for key in KEYS if not pd.isna(row[key + ending])}
            for _, row in expected.iterrows()
        ]
        for name, ending in (("values", "_value"), ("low", "_value_low"), ("high", "_value_high"))
    }
    asked = [
        plugins.Site(ident, ident, values, low=low, high=high)
        for ident, values, low, high in zip(expected.index, *columns.values(), strict=True)
    ]
    found = plugins.stand(asked, given_weights, least_known_share=least, told=frozenset(told))
    for ident, row in expected.iterrows():
        mine = found[ident]
        for name, value in (
            ("score", mine.score), ("rank", mine.rank), ("score_low", mine.low), ("score_high", mine.high),
            ("known_weight_share", mine.known_share),
        ):  # fmt: skip
            assert (value is None) == bool(pd.isna(row[name])), (ident, name)
            assert value is None or value == row[name], (ident, name)
        for key in KEYS:
            point = row[f"{key}_contribution"]
            assert mine.contributions.get(key) == (None if pd.isna(point) else point), (ident, key)
