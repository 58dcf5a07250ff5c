"""The profiles that ship: each runs on the demo, says where it is from, and measures nothing twice unsaid."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from geowoonzorg.ask import score_sites
from geowoonzorg.measure import Reach, measure_reach, spread
from geowoonzorg.osm import read_facility_classes
from geowoonzorg.ranking.inheriting import PROFILES_DIR, scoring_profile_names
from geowoonzorg.ranking.scoring import score
from geowoonzorg.ranking.scoring_profile import read_scoring_profile, read_shipped_profiles
from geowoonzorg.study import read_study
from geowoonzorg.town import Town
from geowoonzorg.town.reading import demo_study, read_sites

CATALOGUE = Path(__file__).parents[2] / "qgis_plugin" / "geowoonzorg_qgis" / "catalogue.json"
NAMES = scoring_profile_names()
GROUPS = {
    "alleenstaande_ouder", "ggz", "jongere", "ouderen_rollator", "prikkelgevoelig", "rolstoel", "skaeve_huse",
    "statushouder", "verslaving", "woonwagen",
}  # fmt: skip
TWICE = 0.8  # a rank correlation above this is nearly one thing


@pytest.fixture(scope="module")
def town():
    return Town.demo()


@pytest.fixture(scope="module")
def around_sites(town):
    """What can be reached from the demo's sites, found once for all profiles."""
    sites = read_sites(read_study(demo_study()))
    return Reach(town, sites)


@pytest.fixture(scope="module")
def around_homes(town):
    """What can be reached from a hundred homes all over the demo."""
    return Reach(town, town.addresses.iloc[:: len(town.addresses) // 120].reset_index(drop=True))


def weights(name):
    profile = read_scoring_profile(name)
    return dict(zip([c.key for c in profile.criteria], profile.weights, strict=True))


def test_there_is_a_profile_for_each_group():
    assert set(NAMES) == GROUPS | {"geclusterd", "zorggeschikt"}
    assert {p.name for p in read_shipped_profiles() if p.group} == GROUPS


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_profile_says_in_both_languages_what_it_is_and_where_it_is_from(name):
    profile = read_scoring_profile(name)
    assert profile.name == name
    for text in ("title", "description", "source"):
        assert getattr(profile, text), text
        assert getattr(profile, f"{text}_en"), text
    assert bool(profile.group) == bool(profile.group_en)
    for c in profile.criteria:
        assert "keuze van geowoonzorg" in c.source, c.key
        assert "geowoonzorg's choice" in (c.source_en or ""), c.key
        assert c.label_en, c.key
        if c.knock_out:
            assert c.knock_out.reason_en, c.key
    document = tomllib.loads((PROFILES_DIR / f"{name}.toml").read_text(encoding="utf-8"))
    own = [c for c in document["criterion"] if {"weight", "anchors", "levels"} & set(c)]
    assert all("source" in c for c in own)  # who changes a weight or anchor says why


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_profile_asks_for_what_exists(name):
    classes = set(read_facility_classes())
    for c in read_scoring_profile(name).criteria:
        asked = {*c.facility_classes, *([c.facility_class] if c.facility_class else [])}
        assert asked <= classes, c.key


@pytest.mark.parametrize("name", NAMES)
def test_every_profile_runs_on_the_demo(name, around_sites):
    profile = read_scoring_profile(name)
    measures = measure_reach(around_sites, profile.criteria)
    table = score(spread(measures, "raw", around_sites.ids), profile, draws=20)
    assert table["score"].notna().sum() >= 12
    assert table["score"].dropna().between(0, 100).all()
    assert table["score"].nunique() > 10
    for c in profile.criteria:
        if c.metric != "way_slope":  # of which nobody mapped anything there
            assert table[f"{c.key}_raw"].notna().sum() >= 8, c.key


def test_an_answer_names_the_group_and_what_its_profile_builds_upon(town):
    sites = read_sites(read_study(demo_study())).head(2)
    told = score_sites(town, sites, profile="verslaving", draws=1).provenance["profiles"]["scoring"]
    assert told["group"] == "Mensen die herstellen van een verslaving"
    assert told["inherits"] == ["ggz", "geclusterd"]


@pytest.mark.parametrize("name", NAMES)
def test_what_measures_nearly_one_thing_says_so(name, around_homes):
    profile = read_scoring_profile(name)
    said = {frozenset((c.key, other)) for c in profile.criteria for other, _ in c.overlaps}
    measured = [c for c in profile.criteria if c.metric != "site"]
    raw = spread(measure_reach(around_homes, measured), "raw", around_homes.ids).astype(float)
    rho = raw.replace(np.inf, np.nan).corr("spearman", min_periods=30)
    twice = {
        frozenset((one, other))
        for i, one in enumerate(rho)
        for other in list(rho)[i + 1 :]
        if abs(rho.loc[one, other]) > TWICE
    }
    assert twice <= said, [sorted(pair) for pair in twice - said]
    assert twice or name in {"woonwagen", "skaeve_huse"}  # it could fail


@pytest.mark.parametrize("name", NAMES)
def test_no_two_dimensions_of_the_leefbaarometer_say_one_thing(name, shared_data):
    table = pd.read_csv(
        shared_data / "leefbaarometer" / "Leefbaarometer-scores wijken 2002-2022.csv"
    )
    wijken = table[table["jaar"] == 2022].add_prefix("lbm_")
    asked = [c for c in read_scoring_profile(name).criteria if c.column in wijken.columns]
    rho = wijken[[c.column for c in asked]].corr("spearman").abs()
    assert abs(wijken["lbm_onv"].corr(wijken["lbm_soc"], "spearman")) > TWICE  # it could fail
    for i, one in enumerate(asked):
        for other in asked[i + 1 :]:
            assert rho.loc[one.column, other.column] <= TWICE, (one.key, other.key)


def test_care_comes_before_groceries_where_care_is_to_be_given():
    for name in ("zorggeschikt", "rolstoel"):
        share = weights(name)
        care = sum(share[key] for key in ("verpleeghuis", "huisarts", "apotheek", "fysiotherapeut"))
        way = sum(share.get(key, 0) for key in ("trappen", "stoepranden", "helling", "bankjes"))
        assert share["supermarkt"] <= 0.2
        assert care > 0.3
        assert way > 0.15


def test_a_place_where_care_is_impossible_falls_out_whatever_else_it_has():
    profile = read_scoring_profile("zorggeschikt")
    limits = {c.key: c.knock_out for c in profile.criteria if c.knock_out}
    assert limits["geluid_plek"].above == 70
    assert limits["n_woningen"].below == 3
    assert set(limits) == {"geluid_plek", "n_woningen"}


@pytest.mark.parametrize("name", NAMES)
def test_the_balance_stands_beside_the_score_unless_concentration_is_the_point(name):
    share = weights(name)
    counts = name in {"ggz", "alleenstaande_ouder", "verslaving", "statushouder", "jongere"}
    assert (share.get("balans", 0) > 0) == counts
    assert share.get("balans", 0) + share.get("lbm_onv", 0) <= 0.21


@pytest.mark.parametrize("name", NAMES)
def test_noise_is_judged_where_people_sleep(name):
    for c in read_scoring_profile(name).criteria:
        if c.key == "geluid_plek":
            assert c.over == "site"
            return
    pytest.fail("no noise on the plot")


def test_what_is_to_be_stayed_away_from_is_worth_more_the_farther_it_is():
    avoided = {
        (profile.name, c.key)
        for profile in read_shipped_profiles()
        for c in profile.criteria
        if c.is_avoidance
    }
    assert avoided == {
        ("verslaving", "drankenhandel"), ("prikkelgevoelig", "school_dichtbij"),
        ("skaeve_huse", "school_dichtbij"), ("skaeve_huse", "drankenhandel"),
    }  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_the_plugins_pick_lists_show_what_a_profile_inherits(name):
    listed = json.loads(CATALOGUE.read_text(encoding="utf-8"))["scoring"]
    found = next(one for one in listed if one["name"] == name)
    profile = read_scoring_profile(name)
    assert found["criteria"] == [
        {"key": c.key, "label": c.label, "unit": c.unit, "weight": c.weight}
        for c in profile.criteria
    ]


@pytest.mark.parametrize("name", NAMES)
def test_leefbaarometer_anchors_are_the_percentiles_they_say(name, shared_data):
    table = pd.read_csv(
        shared_data / "leefbaarometer" / "Leefbaarometer-scores wijken 2002-2022.csv",
        usecols=["jaar", "fys", "onv", "soc"],
    )
    wijken = table[table["jaar"] == 2022]
    for c in read_scoring_profile(name).criteria:
        if c.key.startswith("lbm_"):
            published = wijken[c.key.removeprefix("lbm_")].quantile([0.05, 0.5, 0.95])
            assert [raw for raw, _ in c.anchors] == pytest.approx(published.tolist(), abs=0.0006)


@pytest.mark.parametrize("name", NAMES)
def test_nearer_is_better_but_for_what_is_stayed_away_from_or_not_wanted_at_the_door(name):
    for c in read_scoring_profile(name).criteria:
        values = [value for _, value in c.anchors]
        if c.metric == "distance" and not c.is_avoidance:
            best = values.index(max(values))
            assert values[best:] == sorted(values[best:], reverse=True), c.key
            assert best == 0 or name == "prikkelgevoelig", c.key


@pytest.mark.parametrize("name", NAMES)
def test_no_score_and_no_known_share_is_more_than_all(name):
    profile = read_scoring_profile(name)
    best = {
        c.key: max(c.anchors or c.levels, key=lambda pair: pair[1])[0] for c in profile.criteria
    }
    found = score(pd.DataFrame([{}, best], index=["nothing known", "best"]), profile, draws=0)
    assert (found["score_high"] <= 100).all()
    assert (found["known_weight_share"] <= 1).all()
    assert found.loc["best", ["score_low", "score"]].tolist() == pytest.approx([100, 100])
    assert (found[["score_low", "score"]].fillna(0) <= 100).all(axis=None)
