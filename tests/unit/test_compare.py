"""Comparing two runs: the parts of a change against all orders by hand, from answers, folders and studies."""

from __future__ import annotations

import shutil
from itertools import combinations, permutations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from english import run_command
from small_town import X0, Y0, points, small_town

from geowoonzorg.ask import compare, run, score_sites, what_if
from geowoonzorg.change import Change
from geowoonzorg.errors import FormatError, InputError, OutputError, SourceError, StudyError
from geowoonzorg.prepare import demo_study
from geowoonzorg.ranking.attribution import attribute_change
from geowoonzorg.ranking.scoring_profile import parse_scoring_profile
from geowoonzorg.town.changing import change_town

THROUGH = ["through_data", "through_profile", "through_network"]
PARTS = ["data", "profile", "network"]


def profile(huisarts=2.0, markt=1.0, **more):
    criteria = [
        {"key": key, "metric": "distance", "facility_class": name, "label": key, "unit": "m", "weight": weight,
         "source": "toets", "anchors": [[0, 1], [1000, 0]]}
        for key, name, weight in (
            ("huisarts", "huisarts", huisarts), ("markt", "supermarkt", markt),
            *((key, key, weight) for key, weight in more.items()),
        )
    ]  # fmt: skip
    criteria.append(
        {"key": "ruimte", "metric": "site", "column": "ruimte", "label": "Ruimte", "unit": "", "weight": 1,
         "source": "toets", "levels": {"ja": 1, "nee": 0}}
    )  # fmt: skip
    return parse_scoring_profile({
        "name": "toets", "title": "Toets", "description": "Voor een toets", "least_known_share": 0.0,
        "criterion": criteria,
    })  # fmt: skip


def sites(ids=("west", "oost"), at=(250, 950), ruimte=("ja", None)):
    return points(list(at), id=list(ids), ruimte=list(ruimte))


def assert_adds_up(changes):
    parts = changes[THROUGH].sum(axis=1, skipna=False)
    change = changes["after"] - changes["before"]
    known = parts.notna()
    np.testing.assert_allclose(parts[known], change[known], rtol=0, atol=1e-9)
    return known


# --- the parts -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(5))
def test_each_part_is_its_mean_over_all_orders(seed):
    rng = np.random.default_rng(seed)
    subsets = [frozenset(s) for k in range(4) for s in combinations(PARTS, k)]
    known = {s: pd.DataFrame(rng.uniform(0, 100, (4, 3)), columns=list("abc")) for s in subsets}
    found = attribute_change(known.__getitem__, PARTS)
    expected = {name: np.zeros((4, 3)) for name in PARTS}
    for order in permutations(PARTS):
        for i, name in enumerate(order):
            step = known[frozenset(order[: i + 1])] - known[frozenset(order[:i])]
            expected[name] += step.to_numpy() / 6
    for name in PARTS:
        np.testing.assert_allclose(found[name], expected[name], atol=1e-12)
    whole = known[frozenset(PARTS)] - known[frozenset()]
    np.testing.assert_allclose(sum(found.values()), whole, atol=1e-12)


def test_what_is_not_known_of_one_mix_is_not_known_of_its_parts():
    def outcome(after):
        return pd.DataFrame({"a": [np.nan if after == {"data"} else float(len(after))], "b": [1.0]})

    found = attribute_change(outcome, ["data", "profile"])
    assert found["data"].isna().to_numpy().tolist() == [[True, False]]


# --- two answers ---------------------------------------------------------------------------------------


def test_a_facility_that_came_is_data():
    town = small_town()
    later = change_town(town, Change(open={"class": "huisarts", "x": X0 + 800, "y": Y0}))
    one, other = (score_sites(t, sites(), profile=profile(), draws=0) for t in (town, later))
    changes = compare(one, other).changes.set_index(["id", "criterion"])
    assert assert_adds_up(changes).all()
    row = changes.loc[("oost", "huisarts")]
    assert row["through_data"] == pytest.approx(row["after"] - row["before"])
    assert row["through_data"] > 0
    assert (row["raw_before"], row["raw_after"]) == pytest.approx((650.0, 150.0), abs=0.1)
    assert (changes[["through_profile", "through_network"]] == 0).all(axis=None)
    assert (changes.loc["west"]["through_data"] == 0).all()


def test_another_weight_is_the_profile():
    town = small_town()
    one, other = (
        score_sites(town, sites(), profile=p, draws=0) for p in (profile(), profile(markt=5.0))
    )
    changes = compare(one, other).changes
    assert assert_adds_up(changes).all()
    assert (changes[["through_data", "through_network"]] == 0).all(axis=None)
    assert (changes.loc[changes["criterion"] == "score", "through_profile"] != 0).all()


def test_a_street_that_is_cut_is_the_network():
    town = small_town()
    line = {"coordinates": [[X0 + 600, Y0 - 5], [X0 + 600, Y0 + 5]]}
    round_about = {"coordinates": [[X0 + 550, Y0], [X0 + 600, Y0 + 100], [X0 + 650, Y0]]}
    cut = change_town(town, Change(cut=line, path=round_about))
    changed = town.replace(network=cut.network)
    one, other = (score_sites(t, sites(), profile=profile(), draws=0) for t in (town, changed))
    other.provenance["profiles"]["walking"]["hash"] = "another"  # as another file would say
    changes = compare(one, other).changes.set_index(["id", "criterion"])
    assert assert_adds_up(changes).all()
    assert changes.loc[("oost", "huisarts"), "through_network"] < 0
    assert (changes[["through_data", "through_profile"]] == 0).all(axis=None)


def test_data_and_profile_at_once_add_up_and_what_each_does_alone_bounds_neither():
    town = small_town()
    later = change_town(town, Change(open={"class": "huisarts", "x": X0 + 800, "y": Y0}))
    one = score_sites(town, sites(), profile=profile(), draws=0)
    other = score_sites(later, sites(), profile=profile(huisarts=9.0), draws=0)
    changes = compare(one, other).changes.set_index(["id", "criterion"])
    assert assert_adds_up(changes).all()
    mixed = [
        score_sites(later, sites(), profile=profile(), draws=0).sites.set_index("id")["score"],
        score_sites(town, sites(), profile=profile(huisarts=9.0), draws=0).sites.set_index("id")[
            "score"
        ],
    ]
    ends = [answer.sites.set_index("id")["score"] for answer in (one, other)]
    data = ((mixed[0] - ends[0]) + (ends[1] - mixed[1])) / 2
    got = changes.xs("score", level="criterion")["through_data"]
    np.testing.assert_allclose(got[data.index], data, atol=1e-9)


def test_a_criterion_that_comes_is_the_profile_and_brought_nothing_before():
    town = small_town()
    one = score_sites(town, sites(), profile=profile(), draws=0)
    other = score_sites(town, sites(), profile=profile(apotheek=1.0), draws=0)
    answer = compare(one, other)
    row = answer.changes.set_index(["id", "criterion"]).loc[("west", "apotheek")]
    assert row["before"] == 0.0
    assert np.isnan(row["after"])  # there is no list of them: unknown, and not nothing
    assert np.isnan(row["through_profile"])
    assert any("apotheek" in note for note in answer.notes)
    assert_adds_up(answer.changes)


def test_sites_that_came_and_went_are_listed_and_have_no_parts():
    town = small_town()
    one = score_sites(town, sites(), profile=profile(), draws=0)
    other = score_sites(town, sites(("oost", "nieuw"), (950, 500)), profile=profile(), draws=0)
    answer = compare(one, other)
    assert answer.sites.set_index("id")["status"].to_dict() == {
        "west": "went", "oost": "stayed", "nieuw": "came",
    }  # fmt: skip
    assert answer.sites.set_index("id")["score_after"].isna().tolist() == [True, False, False]
    assert set(answer.changes["id"]) == {"oost"}
    # what oost says of itself is data of the sites
    ruimte = answer.changes.set_index("criterion").loc["ruimte"]
    assert pd.isna(ruimte["raw_before"])
    assert ruimte["raw_after"] == "ja"


def test_data_and_streets_at_once_are_not_told_apart_without_the_studies():
    town = small_town()
    later = change_town(town, Change(open={"class": "huisarts", "x": X0 + 800, "y": Y0}))
    one, other = (score_sites(t, sites(), profile=profile(), draws=0) for t in (town, later))
    other.provenance["profiles"]["walking"]["hash"] = "another"
    answer = compare(one, other)
    changed = answer.changes.set_index(["id", "criterion"]).loc[("oost", "huisarts")]
    assert changed[["through_data", "through_network"]].isna().all()
    assert changed["through_profile"] == 0
    assert any("give the two studies" in note for note in answer.notes)


# --- folders and studies -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def studies(tmp_path_factory):
    """The demo, and next year's: a huisarts less, another walking profile and another scoring profile."""
    folder = tmp_path_factory.mktemp("next")
    shutil.copytree(demo_study().parent, folder, dirs_exist_ok=True)
    register = folder / "voorzieningen.csv"
    lines = register.read_text(encoding="utf-8").splitlines(keepends=True)
    register.write_text(
        "".join(line for line in lines if not line.startswith("V01,")), encoding="utf-8"
    )
    study = folder / "study.toml"
    text = study.read_text(encoding="utf-8").replace(
        'profile = "rollator"', 'profile = "wandelaar"'
    )
    study.write_text(
        text.replace('profile = "geclusterd"', 'profile = "zorggeschikt"'), encoding="utf-8"
    )
    assert study.read_text(encoding="utf-8").count('profile = "wandelaar"') == 1
    return demo_study(), study


@pytest.fixture(scope="module")
def runs(studies, tmp_path_factory):
    answers = [run(study) for study in studies]
    folders = [tmp_path_factory.mktemp("runs") / name for name in ("one", "other")]
    for answer, folder in zip(answers, folders, strict=True):
        answer.write(folder)
    return answers, folders


def test_folders_say_what_their_answers_say(runs):
    answers, folders = runs
    one, other = (compare(*pair).changes for pair in (answers, folders))
    for column in ["before", "after", *THROUGH]:
        np.testing.assert_allclose(one[column], other[column], rtol=0, atol=1e-9, err_msg=column)
    for answer, column in zip(answers, ("before", "after"), strict=True):
        own = answer.sites.set_index("id")["score"]
        told = one[one["criterion"] == "score"].set_index("id")[column]
        np.testing.assert_allclose(told, own[told.index], rtol=0, atol=1e-9)


def test_two_studies_divide_all_three(runs, studies):
    _, folders = runs
    answer = compare(*folders, before_study=studies[0], after_study=studies[1])
    changes = answer.changes
    known = assert_adds_up(changes)
    # of a site without a score in one of eight mixes (too little known) nothing is divided
    assert known.mean() > 0.4
    scores = changes[(changes["criterion"] == "score") & known]
    assert (scores[THROUGH].abs() > 0.01).any().all()
    own = changes[changes["criterion"] == "n_woningen"]
    # what a site says of itself neither streets nor facilities change, but the weights of what is known do
    assert own["through_profile"].abs().max() > 0
    assert list(answer.provenance) == ["versions", "before", "after"]


def test_the_command_writes_the_changes(runs, tmp_path):
    _, folders = runs
    assert run_command(["compare", *folders, "--out", tmp_path / "out"]) == 0
    table = pd.read_csv(
        tmp_path / "out" / "changes.csv", sep=None, engine="python", encoding="utf-8-sig"
    )
    assert ["id", "criterion", "before", "after", *THROUGH] == table.columns[:7].tolist()


def test_a_run_that_is_compared_is_never_written_over(runs, tmp_path):
    _, folders = runs
    told = folders[0] / "provenance.json"
    before = told.read_bytes()
    assert run_command(["compare", *folders, "--out", folders[0]]) == 5
    with pytest.raises(OutputError, match="is also an input"):
        compare(*folders).write(folders[1])
    assert told.read_bytes() == before
    assert not (folders[0] / "changes.csv").exists()


# --- what is wrong -------------------------------------------------------------------------------------


def test_one_study_is_half_an_answer(runs, studies):
    with pytest.raises(StudyError, match="both runs, or of neither"):
        compare(*runs[1], before_study=studies[0])


def test_studies_that_are_not_those_of_the_runs_are_refused(runs, studies):
    with pytest.raises(InputError, match="its study gives other scores"):
        compare(*runs[1], before_study=studies[1], after_study=studies[0])


def test_what_is_no_run_is_refused(tmp_path):
    with pytest.raises(SourceError, match="cannot be read"):
        compare(tmp_path, tmp_path)
    (tmp_path / "provenance.json").write_text("[1")
    with pytest.raises(FormatError, match="is not valid JSON"):
        compare(tmp_path, tmp_path)
    (tmp_path / "provenance.json").write_text('{"study": {}}')
    with pytest.raises(FormatError, match="holds no run of sites"):
        compare(tmp_path, tmp_path)
    other = what_if(small_town(), sites(), Change(close="h"), profile=profile())
    with pytest.raises(InputError, match="takes answers of run"):
        compare(other, other)


def test_runs_without_a_site_in_common_are_refused():
    town = small_town()
    one, other = (
        score_sites(town, sites(ids), profile=profile(), draws=0)
        for ids in (("a", "b"), ("c", "d"))
    )
    with pytest.raises(InputError, match="no site in common"):
        compare(one, other)


def test_cells_without_a_value_in_a_geopackage_are_read_as_such(runs):
    from geowoonzorg.files import read_table

    table = read_table(f"{Path(runs[1][0]) / 'result.gpkg'}|layername=criteria")
    assert table["raw"].isna().any()
    assert not (table == "nan").any(axis=None)
