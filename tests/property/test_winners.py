"""No sentence names a winner that the ranges do not bear out: wide ranges, ties, one site, none, nothing known."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geowoonzorg.ranking.scoring import score
from geowoonzorg.ranking.scoring_profile import read_scoring_profile
from geowoonzorg.show.headline import is_certain, leading, outcome_sentence, stability_sentence
from geowoonzorg.show.site_account import SiteAccount
from geowoonzorg.show.texts import read_texts

SURE = {"nl": "past het best", "en": "suits best"}
LEVEL = {"nl": "liggen gelijk op", "en": "are level"}
ONE = {"nl": "Bekeken is één locatie", "en": "One site was looked at"}
UNKNOWN = (float("nan"), 0.0, 2_000.0)

measures = st.floats(0, 1_000).map(lambda v: (v, v, v))
ranged = st.tuples(st.floats(0, 1_000), st.floats(0, 1_000), st.floats(0, 1_000)).map(
    lambda three: (sorted(three)[1], min(three), max(three))
)
cells = st.one_of(measures, ranged, st.just((500.0, 500.0, 500.0)), st.just(UNKNOWN))


@pytest.fixture(scope="module")
def profile():
    base = read_scoring_profile("geclusterd")
    walks = [c for c in base.criteria if c.facility_class and not c.knock_out][:3]
    assert len(walks) == 3
    return read_scoring_profile(
        {
            "name": "three", "title": "Three", "title_en": "Three", "description": "x", "description_en": "x",
            "inherits": "geclusterd", "without": [c.key for c in base.criteria if c not in walks],
        }
    )  # fmt: skip


def accounts(table, profile):
    """Score sites as everywhere, and tell of each what the headline reads."""
    ids = pd.Index([f"S{i}" for i in range(len(table))], name="id")
    keys = [c.key for c in profile.criteria]

    def of(end):
        return pd.DataFrame([[cell[end] for cell in row] for row in table], ids, keys)

    found = score(
        of(0),
        profile,
        raw_low=of(1),
        raw_high=of(2),
        names=pd.Series([f"Plek {i}" for i in ids], ids),
        draws=60,
        seed=1,
    )
    ranks = found["rank"].value_counts()

    def whole(cell):
        return None if pd.isna(cell) else int(cell)

    sites = [
        SiteAccount(
            row.Index, f"Plek {row.Index}", None if pd.isna(row.score) else float(row.score), whole(row.rank),
            whole(row.rank_low), whole(row.rank_high), float(row.known_weight_share), None, "", (), (), "", (),
            float(row.score_low), float(row.score_high), not pd.isna(row.rank) and ranks[row.rank] > 1,
            by_weights=(whole(row.rank_low_weights), whole(row.rank_high_weights)),
            by_unknown=(whole(row.rank_low_unknown), whole(row.rank_high_unknown)),
            first_share=0.0 if pd.isna(row.first_share) else float(row.first_share),
        )
        for row in found.itertuples()
    ]  # fmt: skip
    return sorted(
        sites, key=lambda site: (site.rank is None, site.rank or site.rank_low or 99, site.id)
    )


@settings(max_examples=40)
@given(
    st.lists(st.tuples(cells, cells, cells), min_size=0, max_size=5), st.sampled_from(["nl", "en"])
)
def test_a_winner_is_named_only_where_nothing_unknown_can_undo_it(profile, table, lang):
    texts = read_texts(lang)
    sites = accounts(table, profile) if table else []
    said = outcome_sentence(sites, wanted=(), limit_m=400.0, texts=texts)
    firm = stability_sentence(sites, texts=texts)
    first = leading(sites, texts=texts)
    if not first:
        assert SURE[lang] not in said
        assert not any(site.name in firm for site in sites)
        return
    if SURE[lang] in said:
        (best,) = first
        assert best.name in said.split(SURE[lang])[0]
        for other in sites:
            assert other is best or other.score_high < best.score_low
        assert best.first_share > 0.99
    if LEVEL[lang] in said:
        assert len({texts.number(site.score) for site in first}) == 1
    if ONE[lang] in said:
        assert len(sites) == 1
    # Whoever is first in one of a hundred draws is named, here or beside it, or there are said to be others.
    told = f"{said} {firm}"
    missing = [s.name for s in sites if s.first_share >= 0.01 and s.name not in told]
    others = re.search(r"\d+ (andere|others?)", said)
    shares = sorted((site.first_share for site in sites), reverse=True)
    assert (
        not missing or others or max(s.first_share for s in sites if s.name in missing) <= shares[2]
    )
    # And who cannot come first is not said to.
    able = {site.name for site in sites if site.rank == 1 or site.rank_low == 1 or site in first}
    opening = re.split(r"; |\. ", said)[0]
    assert {site.name for site in sites if site.name in opening} <= able


def site(name, score, low, high, rank, *, share=1.0, ranks=(1, 1), drop=""):
    return SiteAccount(
        name,
        name,
        score,
        rank,
        *ranks,
        0.9,
        None,
        "",
        (),
        (),
        "",
        (),
        low,
        high,
        first_share=share,
        may_drop_out=drop,
    )


NL = read_texts("nl")


@pytest.mark.parametrize(
    ("others", "sure"),
    [
        ([], True),
        ([site("B", 60.0, 55.0, 69.9, 2, share=0.0, ranks=(2, 2))], True),
        ([site("B", 60.0, 55.0, 70.0, 2, share=0.0, ranks=(2, 2))], False),  # may be as good
        ([site("B", None, 5.0, 95.0, None, share=0.0, ranks=(2, 9))], False),  # nothing known
        ([site("B", 60.0, 60.0, 60.0, 2, share=0.02, ranks=(2, 2))], True),
    ],
)
def test_the_ranges_decide_and_not_how_often(others, sure):
    best = site("A", 75.0, 70.0, 80.0, 1)
    sites = [best, *others]
    assert is_certain(best, sites) == sure
    if others:
        said = outcome_sentence(sites, wanted=(), limit_m=400.0, texts=NL)
        assert ("past het best" in said) == sure
        assert ("staat nu bovenaan" in said) == (not sure)


@pytest.mark.parametrize("change", [{"drop": "te luid"}, {"share": 0.97}])
def test_who_may_fall_out_or_is_overtaken_now_and_then_is_no_certain_winner(change):
    best = site("A", 75.0, 75.0, 75.0, 1, **change)
    said = outcome_sentence(
        [best, site("B", 20.0, 20.0, 20.0, 2, share=0.03, ranks=(2, 2))],
        wanted=(),
        limit_m=400.0,
        texts=NL,
    )
    assert said.startswith("A staat nu bovenaan")


def test_who_is_first_now_and_then_is_not_denied_it():
    sites = [
        site("A", 75.0, 60.0, 80.0, 1, share=0.6, ranks=(1, 3)),
        site("B", 70.0, 60.0, 80.0, 2, share=0.37, ranks=(1, 3)),
        site("C", 60.0, 50.0, 78.0, 3, share=0.03, ranks=(2, 3)),
    ]
    said = outcome_sentence(sites, wanted=(), limit_m=400.0, texts=NL)
    assert said.startswith("Vooral twee locaties kunnen bovenaan komen: A en B, nu 70 tot 75")
    assert "C 3" in stability_sentence(sites, texts=NL)
    certain = outcome_sentence(sites[:2], wanted=(), limit_m=400.0, texts=NL)
    assert certain.startswith("Twee locaties kunnen bovenaan komen: A en B")
    assert np.isfinite(sites[0].score_low)
