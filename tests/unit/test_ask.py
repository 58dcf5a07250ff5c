"""Questions asked of a town in memory: answers by hand, on the caller's index, in one file or a folder."""

from __future__ import annotations

import inspect
import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
from click.testing import CliRunner
from small_town import areas, noise, points, small_town

import geowoonzorg
from geowoonzorg.ask import (
    Answer,
    ask_study,
    check_plausibility,
    measure_sites,
    question,
    questions,
    score_sites,
)
from geowoonzorg.cli import commands
from geowoonzorg.cli._questions import command_for
from geowoonzorg.errors import (
    CrsError,
    DuplicateIdError,
    InputError,
    MissingColumnError,
    OutputError,
    StudyError,
)
from geowoonzorg.prepare import demo_study
from geowoonzorg.ranking.scoring_profile import parse_scoring_profile

PROFILE = parse_scoring_profile({
    "name": "toets", "title": "Toets", "description": "Voor een toets",
    "criterion": [
        {"key": "huisarts", "metric": "distance", "facility_class": "huisarts", "label": "Huisarts",
         "unit": "m", "weight": 3, "source": "toets", "anchors": [[0, 1], [1000, 0]]},
        {"key": "lbm", "metric": "area_mean", "column": "lbm_afw", "label": "Leefbaarheid",
         "unit": "", "weight": 1, "source": "toets", "anchors": [[-0.5, 0], [0.5, 1]]},
    ],
})  # fmt: skip


def sites(**columns):
    return points([200, 1_500], index=[42, 7], name=["Werf", "Veld"], **columns)


def test_sites_made_in_a_notebook_are_scored_by_hand_and_on_their_own_index():
    given = sites().to_crs(4326)
    town = small_town().replace(complete=frozenset({"huisarts"}))
    answer = score_sites(town, given, profile=PROFILE, draws=10)
    assert answer.sites.index.tolist() == [42, 7]
    assert answer.sites.crs == given.crs
    joined = given.join(answer.sites[["score", "rank", "huisarts_raw"]])
    # 100 m and a mean of 0.125 in town; 1,200 m and nobody around in the field
    assert joined.loc[42, "score"] == pytest.approx(100 * (3 * 0.9 + 0.625) / 4, abs=0.05)
    assert joined.loc[7, "score"] == pytest.approx(0)
    assert joined["rank"].tolist() == [1, 2]
    assert answer.sites.loc[7, "known_weight_share"] == 0.75


def test_a_list_that_may_be_incomplete_leaves_a_far_site_without_a_score():
    many = areas(lbm_afw=[0.2, -0.1], inhabitants=[60_000.0, 40_000.0])  # one huisarts is not all
    found = score_sites(small_town(areas=many), sites(), profile=PROFILE, draws=10).sites
    # 100 m is at worst 100 m, 0.9 of 1; 1,200 m may be next door, so nothing is known.
    assert found["known_weight_share"].tolist() == pytest.approx([0.75 * 0.9 + 0.25, 0], abs=1e-4)
    assert found["score"].isna().tolist() == [False, True]
    assert found.loc[7, ["score_low", "score_high"]].tolist() == pytest.approx([0, 100])
    assert found.loc[7, "huisarts_raw_low"] == 0
    assert found.loc[7, ["rank_low", "rank_high"]].tolist() == [1, 2]


def test_three_ways_to_look_are_a_table_and_a_file(tmp_path):
    town = small_town().replace(complete=frozenset({"huisarts"}))
    answer = score_sites(town, sites(), profile=PROFILE, draws=10)
    assert answer.lenses["mean_score"].tolist() == answer.sites["score"].tolist()
    assert answer.lenses["must_haves_lacking"].tolist() == [0, 1]
    answer.write(tmp_path / "out")
    written = pd.read_csv(tmp_path / "out" / "lenses.csv")
    assert written["id"].tolist() == [42, 7]
    assert answer.provenance["ranking"]["draws"] == 10
    assert {"seed", "concentration", "interval", "lenses"} <= set(answer.provenance["ranking"])


def test_every_part_of_a_score_says_what_it_rests_on():
    answer = score_sites(small_town(), sites(), profile=PROFILE, draws=0)
    parts = answer.criteria.set_index(["site_id", "criterion"])
    assert parts.loc[("42", "huisarts"), "source"] == "given"
    assert parts.loc[("42", "lbm"), "coverage_share"] == 1
    assert parts.loc[("7", "lbm"), "reason"] == "nobody"
    assert parts.loc["42", "contribution"].sum() == pytest.approx(answer.sites["score"].iloc[0])


def test_an_answer_names_the_content_of_frames_that_were_in_memory():
    one, other = (
        score_sites(small_town(), s, profile=PROFILE, draws=0) for s in (sites(), sites(x=1))
    )
    hashes = [
        next(i["sha256"] for i in a.provenance["inputs"] if i["role"] == "sites")
        for a in (one, other)
    ]
    assert len({*hashes}) == 2
    assert all(len(h) == 64 for h in hashes)
    again = score_sites(small_town(), sites(), profile=PROFILE, draws=0)
    assert json.dumps(again.provenance) == json.dumps(one.provenance)


def test_coverage_is_that_of_plain_arithmetic():
    table = score_sites(small_town(), sites(), profile=PROFILE, draws=0).coverage
    row = table.set_index("facility_class").loc["huisarts"]
    assert row[["addresses", "addresses_within", "share_within"]].tolist() == [5, 4, 0.8]
    assert row["people_65plus_min"] == 25  # 95 of 100 spreads, to fives: see test_measure
    assert row["people_65plus_max"] == 45


def test_sites_are_measured_without_scores():
    answer = measure_sites(small_town().replace(facilities=points([], facility_class=[])),
                           sites(), profile=PROFILE)  # fmt: skip
    assert answer.indicators.loc[42, "huisarts_reason"] == "none"
    assert np.isnan(answer.indicators.loc[42, "huisarts"])
    assert answer.indicators.loc[42, "lbm"] == pytest.approx(0.125)
    assert str(answer.summary[0]) == "2 sites measured"


def test_walks_are_held_against_cbs_only_where_there_are_areas():
    with pytest.raises(InputError, match=r"no \[areas\]") as caught:
        check_plausibility(small_town(areas=None))
    assert "geen [areas]" in caught.value.told("nl")
    found = check_plausibility(geowoonzorg.Town.demo()).plausibility
    assert set(found["flag"]) <= {"ok", "unknown", "walk_longer", "walk_shorter"}


def test_an_answer_gives_its_tables_by_name_and_says_which_there_are():
    answer = measure_sites(small_town(), sites(), profile=PROFILE)
    assert "indicators" in dir(answer)
    with pytest.raises(AttributeError, match="no 'scores'; its tables are indicators"):
        _ = answer.scores


def test_an_answer_is_written_as_one_file_or_as_a_folder(tmp_path):
    answer = score_sites(small_town(), sites(), profile=PROFILE, draws=0)
    answer.write(tmp_path / "one.gpkg")
    assert "sites" in {name for name, _ in pyogrio.list_layers(tmp_path / "one.gpkg")}
    answer.write(tmp_path / "one.csv")
    assert pd.read_csv(tmp_path / "one.csv")["name"].tolist() == ["Werf", "Veld"]
    with pytest.raises(OutputError, match=r"one\.csv"):
        answer.write(tmp_path / "one.csv")
    files = answer.write(tmp_path / "out", lang="en")
    assert [f.name for f in files][:2] == ["map.html", "report.html"]
    assert "Werf" in (tmp_path / "out" / "map.html").read_text("utf-8")
    layer = gpd.read_file(tmp_path / "out" / "result.gpkg", layer="sites")
    assert layer.crs == "EPSG:28992"
    with pytest.raises(StudyError, match="no table"):
        measure_sites(small_town(), sites(), profile=PROFILE).write(tmp_path / "i.csv")


def test_what_cannot_be_written_is_told_before_anything_is(tmp_path):
    answer = score_sites(small_town(), sites(), profile=PROFILE, draws=0)
    with pytest.raises(StudyError, match="de"):
        answer.write(tmp_path / "out", lang="de")
    with pytest.raises(StudyError, match="folder"):
        answer.write(tmp_path / "out.geojson")
    assert not list(tmp_path.iterdir())
    with pytest.raises(StudyError, match="0 or more"):
        score_sites(small_town(), sites(), profile=PROFILE, draws=-1)
    answer.provenance["counts"]["x"] = 1
    assert (
        "x" not in score_sites(small_town(), sites(), profile=PROFILE, draws=0).provenance["counts"]
    )


def test_the_sites_own_geometry_comes_back_to_the_last_bit():
    given = sites().to_crs(3857)
    found = score_sites(small_town(), given, profile=PROFILE, draws=0).sites
    assert (found.geometry.to_wkb() == given.geometry.to_wkb()).all()


def test_sites_in_degrees_are_written_in_the_towns_own_metres(tmp_path):
    answer = score_sites(small_town(), sites().to_crs(4326), profile=PROFILE, draws=0)
    answer.write(tmp_path / "out")
    layer = gpd.read_file(tmp_path / "out" / "result.gpkg", layer="sites")
    assert layer.crs == "EPSG:28992"
    assert layer.geometry.x.round().tolist() == [190_200, 191_500]


def test_a_folium_map_comes_of_every_answer_with_its_layers_named():
    answer = score_sites(small_town(), sites(), profile=PROFILE, draws=0)
    page = answer.to_folium(lang="en").get_root().render()
    assert "Werf" in page
    assert answer.explore() is not None
    measured = measure_sites(small_town(), sites(), profile=PROFILE).explore(lang="en")
    page = measured.get_root().render()
    assert "Huisarts: " in page
    assert "Leefbaarheid: unknown" in page


def test_an_answer_without_places_says_that_there_is_nothing_to_draw():
    before, after = (
        score_sites(small_town(), sites(), profile=p, draws=0) for p in (PROFILE, "geclusterd")
    )
    with pytest.raises(StudyError, match="no places to draw in an answer of compare") as told:
        geowoonzorg.compare(before, after).explore()
    assert "geen plekken om te tekenen; de tabellen ervan zijn changes, sites" in told.value.told(
        "nl"
    )


def test_no_input_is_ever_an_output(tmp_path):
    town = small_town(rasters={"geluid": noise(tmp_path / "lden.tif")})
    answer = score_sites(town, sites(), profile=PROFILE, draws=0)
    assert tmp_path / "lden.tif" in answer.inputs


@pytest.mark.parametrize(
    ("spoil", "error", "words"),
    [
        (lambda s: s.iloc[:0], InputError, "no candidate locations"),
        (lambda s: s.set_crs(None, allow_override=True), CrsError, "sites"),
        (lambda s: s.set_axis([1, 1]), DuplicateIdError, r"1 \(1\)"),
        (lambda s: s.set_index(["name", s.index]), InputError, "index has 2 levels"),
        (lambda s: s.assign(Name="x"), InputError, "differ in capitals only"),
    ],
)
def test_sites_that_cannot_be_used_are_one_clear_error_in_both_languages(spoil, error, words):
    with pytest.raises(error, match=words) as caught:
        score_sites(small_town(), spoil(sites()), profile=PROFILE)
    assert caught.value.told("nl") != str(caught.value)


def test_a_town_without_areas_or_addresses_scores_what_it_knows():
    bare = small_town(areas=None, addresses=None).replace(complete=frozenset({"huisarts"}))
    answer = score_sites(bare, sites(), profile=PROFILE, draws=0)
    assert answer.sites["known_weight_share"].tolist() == [0.75, 0.75]
    assert answer.criteria.loc[lambda t: t["criterion"] == "lbm", "reason"].unique().tolist() == [
        "no_figures"
    ]
    assert answer.areas.empty


def test_a_missing_class_is_a_missing_column():
    with pytest.raises(MissingColumnError, match="facility_class"):
        small_town(facilities=points([1]))


def test_what_an_option_does_not_say_the_study_says():
    answer = ask_study("run", demo_study())
    assert answer.profile.name == "geclusterd"
    other = ask_study("run", demo_study(), profile="zorggeschikt", draws=None)
    assert other.profile.name == "zorggeschikt"
    assert isinstance(other, Answer)


def test_every_question_is_a_command_with_its_own_options():
    for name, one in questions().items():
        shown = CliRunner().invoke(commands, [name, "--help"]).output
        assert (inspect.getdoc(one.ask) or "").partition("\n")[0] in shown
        for option in one.options:
            assert f"--{one.spelled(option.name)}" in shown


def test_a_new_question_is_one_function():
    def how_many(town, *, times: int = 1, progress=None):
        """Count the addresses.

        Parameters
        ----------
        times
            How often.
        """

    made = type(questions()["run"])("count", how_many, questions()["run"].outputs, ".csv")
    command = command_for(made)
    assert {p.name for p in command.params} >= {"study", "times", "output", "force"}
    assert next(p for p in command.params if p.name == "times").help == "How often."
    with pytest.raises(StudyError, match="registered twice"):
        question("run", questions()["run"].outputs)(how_many)


def test_progress_only_rises():
    heard = []
    score_sites(
        small_town(),
        sites(),
        profile=PROFILE,
        draws=0,
        progress=lambda share, _: heard.append(share),
    )
    assert heard == sorted(heard)
    assert heard[-1] == 1.0


def test_an_answer_tells_a_notebook_what_was_found_in_dutch_and_harmlessly():
    from dataclasses import replace

    town = small_town()
    answer = score_sites(town, sites(), profile=PROFILE, draws=10)
    shown = answer._repr_html_()
    assert "<code>sites</code> 2 × " in shown
    hostile = replace(
        answer,
        asked=replace(answer.asked, name="<script>x"),
        summary=('{name}: <img src="x" onerror="x">',),
    )
    assert "<script>" not in hostile._repr_html_()
    assert "<img" not in hostile._repr_html_()
    for one in (town, answer):
        assert len(repr(one)) < 600, "a town or an answer is not printed whole"
    assert "sites 2" in repr(answer)


def test_a_profile_may_be_given_as_what_would_stand_in_its_file():
    town, own = small_town(), PROFILE.document()
    answer, as_read = (score_sites(town, sites(), profile=p, draws=10) for p in (own, PROFILE))
    pd.testing.assert_frame_equal(answer.sites, as_read.sites)
    with pytest.raises(StudyError, match="title: is missing"):
        score_sites(town, sites(), profile={"name": "leeg"})
