"""Faults 18 to 20: broken profiles are told whole, with key paths; one site, ties, constants."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from geowoonzorg.errors import InputError, SourceError, StudyError
from geowoonzorg.ranking.scoring import parse_scoring_profile, read_scoring_profile, score

GOOD = """
name = "eigen"
title = "Eigen profiel"
description = "Voor een toets"

[[criterion]]
key = "supermarkt"
metric = "distance"
facility_class = "supermarkt"
label = "Supermarkt"
unit = "m"
anchors = [[0, 1], [400, 0.5], [800, 0]]
weight = 2
source = "toets"

[[criterion]]
key = "ruimte"
metric = "site"
column = "ruimte"
label = "Ruimte"
unit = ""
levels = { ja = 1, nee = 0 }
weight = 1
source = "toets"
"""


def faults_of(tmp_path, text):
    path = tmp_path / "eigen profiel é.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(StudyError) as caught:
        read_scoring_profile(path)
    assert caught.value.exit_code == 2
    head, *faults = str(caught.value).split("\n  ")
    assert "eigen profiel é.toml has" in head
    assert f"{len(faults)} fault" in head
    return faults


def test_the_good_profile_is_good(tmp_path):
    path = tmp_path / "goed.toml"
    path.write_text(GOOD, encoding="utf-8")
    assert [c.key for c in read_scoring_profile(path).criteria] == ["supermarkt", "ruimte"]


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("weight = 2", "weight = -1", "criterion[1].weight: must be a number of 0 or more, not -1"),
        (
            "weight = 2",
            "weight = nan",
            "criterion[1].weight: must be a number of 0 or more, not nan",
        ),
        (
            "weight = 2",
            "weight = inf",
            "criterion[1].weight: must be a number of 0 or more, not inf",
        ),
        (
            "weight = 2",
            "weight = true",
            "criterion[1].weight: must be a number of 0 or more, not True",
        ),
        ("weight = 2\n", "", "criterion[1].weight: is missing"),
        (
            "weight = 2",
            "wieght = 2\nweight = 2",
            "criterion[1].wieght: unknown key; did you mean weight?",
        ),
        (
            'name = "eigen"',
            'name = "eigen"\nnorm = 1',
            "norm: unknown key; known are criterion, description, description_en, group, group_en, inherits, ",
        ),
        (
            '"distance"',
            '"afstand"',
            "criterion[1].metric: must be one of area_mean, distance, people_within, raster, site, way_bench_gap, ",
        ),
        ('facility_class = "supermarkt"\n', "", "criterion[1].facility_class: is missing"),
        ("[400, 0.5], [800, 0]", "[400, 0.5], [400, 0]", "criterion[1].anchors: raw must rise"),
        (
            "[400, 0.5], [800, 0]",
            "[400, 1.5], [800, 0]",
            "criterion[1].anchors: values must lie from 0 to 1",
        ),
        (
            "[400, 0.5], [800, 0]",
            "[400, nan], [800, 0]",
            "criterion[1].anchors[2][2]: must be a number, not nan",
        ),
        (
            "[[0, 1], [400, 0.5], [800, 0]]",
            "[[0, 1]]",
            "criterion[1].anchors: must be two or more pairs",
        ),
        ("[[0, 1], [400, 0.5], [800, 0]]", "7", "criterion[1].anchors: must be two or more pairs"),
        ('key = "ruimte"', 'key = "supermarkt"', "criterion[2].key: 'supermarkt' is used before"),
        (
            'key = "ruimte"',
            'key = "Ruimte x"',
            "criterion[2].key: must be lower-case letters, digits and _, not 'Ruimte x'",
        ),
        (
            'name = "eigen"',
            'name = "eigen"\nleast_known_share = 2',
            "least_known_share: must be a number from 0 to 1, not 2",
        ),
        (
            'key = "ruimte"',
            "key = [1]",
            "criterion[2].key: must be lower-case letters, digits and _, not [1]",
        ),
        ("nee = 0", "nee = 2", "criterion[2].levels.nee: must be a value from 0 to 1, not 2"),
        ("{ ja = 1, nee = 0 }", "{}", "criterion[2].levels: must be a table of words"),
        (
            'facility_class = "supermarkt"',
            'facility_class = "supermarkt"\ncolumn = "x"',
            "criterion[1].column: does not go with metric 'distance'",
        ),
        ("levels = { ja = 1, nee = 0 }\n", "", "criterion[2]: needs either anchors or levels"),
        (
            "weight = 2",
            "weight = 2\nknock_out = { above = 'ver', boven = 3 }",
            "criterion[1].knock_out.boven: unknown key",
        ),
        (
            "weight = 2",
            "weight = 2\nknock_out = { reason = 'x' }",
            "criterion[1].knock_out: needs above or below",
        ),
        ("weight = 2", "weight = 2\nknock_out = 5", "criterion[1].knock_out: must be a table"),
        (
            "weight = 2",
            "weight = 2\nknock_out = { above = nan, reason = 'x' }",
            "criterion[1].knock_out.above",
        ),
        (
            "weight = 2",
            "weight = 2\nmeasured = 'hemelsbreed'",
            "criterion[1].measured: must be one of walk, straight, not 'hemelsbreed'",
        ),
        (
            "weight = 2",
            "weight = 2\nover = 'site'",
            "criterion[1].over: does not go with metric 'distance'",
        ),
        (
            "weight = 1",
            "weight = 1\nmeasured = 'straight'",
            "criterion[2].measured: does not go with metric 'site'",
        ),
        (
            'metric = "distance"\nfacility_class = "supermarkt"',
            'metric = "way_steps"\nfacility_classes = []',
            "criterion[1].facility_classes: is missing",
        ),
        (
            "weight = 2",
            "weight = 2\noverlaps = { huisarts = 'beide dichtbij' }",
            "criterion[1].overlaps.huisarts: is no other criterion of this profile",
        ),
        (
            "weight = 2",
            "weight = 2\noverlaps = ['ruimte']",
            "criterion[1].overlaps: must be a table of keys and reasons",
        ),
        (
            'name = "eigen"',
            'name = "eigen"\nwithout = ["ruimte"]',
            "without: leaves out what is inherited",
        ),
    ],
)
def test_one_fault_is_told_with_its_key_path(tmp_path, old, new, fault):
    assert old in GOOD
    faults = faults_of(tmp_path, GOOD.replace(old, new, 1))
    assert any(line.startswith(fault) for line in faults)


def test_all_faults_are_told_at_once(tmp_path):
    text = (
        GOOD.replace("weight = 2", "weight = -1")
        .replace('"distance"', '"afstand"')
        .replace("nee = 0", "nee = 9")
        .replace('title = "Eigen profiel"', "titel = 3")
    )
    faults = faults_of(tmp_path, text)
    paths = {line.split(": ")[0] for line in faults}
    assert paths == {
        "titel",
        "title",
        "criterion[1].weight",
        "criterion[1].metric",
        "criterion[2].levels.nee",
    }


def test_weights_that_sum_to_zero(tmp_path):
    text = GOOD.replace("weight = 2", "weight = 0").replace("weight = 1", "weight = 0.0")
    assert faults_of(tmp_path, text) == [
        "criterion: the weights sum to 0; at least one must be positive"
    ]


def test_what_is_not_a_profile_at_all(tmp_path):
    assert "criterion: at least one [[criterion]] is needed" in faults_of(tmp_path, "")
    assert any("criterion[1]: must be a table" in f for f in faults_of(tmp_path, "criterion = [3]"))
    broken = tmp_path / "kapot.toml"
    broken.write_text("[[criterion", encoding="utf-8")
    with pytest.raises(StudyError, match=r"kapot\.toml is not valid TOML"):
        read_scoring_profile(broken)
    with pytest.raises(SourceError, match=r"weg\.toml does not exist"):
        read_scoring_profile(tmp_path / "weg.toml")
    with pytest.raises(StudyError, match="choose from alleenstaande_ouder, geclusterd, ggz"):
        read_scoring_profile("geclustered")


def one_criterion(**more):
    table = {
        "key": "a",
        "metric": "site",
        "column": "a",
        "label": "a",
        "unit": "",
        "source": "toets",
        "weight": 1,
    }
    if more.get("metric") == "distance":
        del table["column"]
    scale = {} if "levels" in more else {"anchors": [[0, 0], [10, 1]]}
    head = {"name": "n", "title": "t", "description": "d"}
    return parse_scoring_profile(head | {"criterion": [table | scale | more]})


def test_measures_that_are_no_numbers_or_words_are_refused_with_ids():
    with pytest.raises(
        InputError, match=r"'a' must be a finite number; it is not for 2 \(x: veel, z: inf\)"
    ):
        score(pd.DataFrame({"a": ["veel", "3", np.inf]}, index=list("xyz")), one_criterion())
    with pytest.raises(InputError, match=r"it is not for 1 \(x: -inf\)"):  # only plus is nowhere
        distance = one_criterion(metric="distance", facility_class="huisarts")
        score(pd.DataFrame({"a": [-np.inf]}, index=["x"]), distance)
    levels = one_criterion(levels={"ja": 1, "nee": 0})
    with pytest.raises(
        InputError, match=r"must be one of ja, nee; it is not for 1 \(y: misschien\)"
    ):
        score(pd.DataFrame({"a": ["ja", "misschien"]}, index=list("xy")), levels)


def test_one_site_equal_sites_and_a_constant_criterion_have_defined_scores():
    profile = one_criterion()
    alone = score(pd.DataFrame({"a": [3.0]}, index=["x"]), profile)
    assert alone.loc["x", ["score", "rank", "rank_low", "rank_high"]].tolist() == pytest.approx(
        [30, 1, 1, 1]
    )
    equal = score(pd.DataFrame({"a": [3.0] * 3}, index=["b", "c", "a"]), profile)
    assert equal["score"].tolist() == pytest.approx([30.0] * 3)
    assert equal["rank"].tolist() == equal["rank_low"].tolist() == [1, 1, 1]
    assert equal["rank_high"].tolist() == [3, 3, 3]
