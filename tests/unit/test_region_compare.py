"""Next year's region beside this year's: what changed, for certain or not, and through what."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from english import run_command
from test_region import FILES

from geowoonzorg.ask import ask_region
from geowoonzorg.ask._region_runs import is_region
from geowoonzorg.ask.compare import compare
from geowoonzorg.errors import FormatError, InputError

KEY = ["table", "measure", "about", "gemeente"]
RULES = ("homes = 200", "homes = 301")
DATA = ("Stad;GM9902;100.000;", "Stad;GM9902;64.000;")
BORDERS = ("homes = 200", 'gemeenten = ["Stad"]\nhomes = 200')
# A limit or a form of who does not take part would be of nobody.
FEWER = {
    **FILES,
    "region.toml": FILES["region.toml"].split("[form]")[0].replace(', min_share = { "dorp <b>" = 0.2 }', ""),
}  # fmt: skip


def write(folder, *changes, files=FILES):
    folder.mkdir()
    for name, text in files.items():
        made = text
        for old, new in changes:
            made = made.replace(old, new)
        (folder / name).write_text(made, encoding="utf-8")
    return folder / "region.toml"


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    """Four regions: as it was, other figures, other agreements, both."""
    home = tmp_path_factory.mktemp("regions")
    made = {
        name: write(home / name, *changes)
        for name, changes in {"one": (), "data": (DATA,), "rules": (RULES,), "both": (DATA, RULES)}.items()
    }  # fmt: skip
    return {name: (path, ask_region(path)) for name, path in made.items()}


def changes_of(*given, **options):
    return compare(*given, **options).changes.set_index(KEY).sort_index()


def homes(table, name="inwoners; now"):
    return table.loc[("verdeelsleutels", "homes", name)]


def test_a_region_beside_itself_changed_nothing(asked):
    path, answer = asked["one"]
    for options in ({}, {"before_study": path, "after_study": path}):
        table = changes_of(answer, answer, **options)
        assert (table["change"].dropna() == 0).all()
        assert not ((table["change_low"] > 0) | (table["change_high"] < 0)).any()
        through = table[[f"through_{name}" for name in ("data", "rules", "borders")]]
        assert (through[table["change"].notna()] == 0).all(axis=None)
        assert through[table["change"].isna()].isna().all(axis=None)


def test_a_suppressed_count_keeps_its_change_between_what_it_can_be(asked):
    table = changes_of(asked["one"][1], asked["one"][1])
    row = table.loc[("spreiding", "persons", "Uitstromers detentie", "Dorp <b>")]
    assert np.isnan(row["before"])
    assert (row["before_low"], row["before_high"]) == (0, 31)
    assert (row["change_low"], row["change_high"]) == (-31, 31)


def test_both_parts_are_the_mean_over_both_orders(asked):
    """The mixes are written as regions of their own and asked one by one."""
    answers = {name: answer for name, (_, answer) in asked.items()}
    paths = {"before_study": asked["one"][0], "after_study": asked["both"][0]}
    table = changes_of(answers["one"], answers["both"], **paths)
    for name in ("inwoners; now", "helft; now"):
        at = {
            mix: answer.verdeelsleutels[answer.verdeelsleutels["moment"] == "now"]
            .set_index(["key", "gemeente"])["homes"].loc[name.split(";", 1)[0]].astype(float)
            for mix, answer in answers.items()
        }  # fmt: skip
        mine = homes(table, name)
        through_data = (at["data"] - at["one"] + at["both"] - at["rules"]) / 2
        through_rules = (at["rules"] - at["one"] + at["both"] - at["data"]) / 2
        assert mine["through_data"].to_dict() == pytest.approx(through_data.to_dict())
        assert mine["through_rules"].to_dict() == pytest.approx(through_rules.to_dict())
    known = table[table["through_data"].notna()]
    parts = known[["through_data", "through_rules", "through_borders"]].sum(axis=1)
    assert len(known) > 20
    assert parts.to_numpy() == pytest.approx(known["change"].to_numpy())


@pytest.mark.parametrize(("name", "moved"), [("data", "data"), ("rules", "rules")])
def test_where_one_thing_changed_the_answers_alone_tell_it(asked, name, moved):
    (one, before), (other, after) = asked["one"], asked[name]
    alone = changes_of(before, after)
    worked_out = changes_of(before, after, before_study=one, after_study=other)
    columns = ["through_data", "through_rules", "through_borders"]
    pd.testing.assert_frame_equal(alone[columns], worked_out[columns])
    assert (alone.loc[alone["change"].abs() > 0, f"through_{moved}"] != 0).all()


def test_what_two_answers_cannot_divide_is_not_divided(asked):
    answer = compare(asked["one"][1], asked["both"][1])
    table = answer.changes.set_index(KEY).sort_index()
    moved = table["change"].abs() > 0
    through = table[["through_data", "through_rules", "through_borders"]]
    assert through[moved].isna().all(axis=None)
    assert (through[table["change"] == 0] == 0).all(axis=None)
    assert "give both region.toml files" in answer.notes[0]


def test_who_no_longer_takes_part_leaves_more_to_the_others(tmp_path):
    one = write(tmp_path / "one", files=FEWER)
    other = write(tmp_path / "other", BORDERS, files=FEWER)
    answer = compare(ask_region(one), ask_region(other), before_study=one, after_study=other)
    assert dict(zip(answer.gemeenten["gemeente"], answer.gemeenten["status"], strict=True)) == {
        "Dorp <b>": "went", "Stad": "stayed",
    }  # fmt: skip
    row = homes(answer.changes.set_index(KEY).sort_index()).loc["Stad"]
    assert (row["before"], row["after"]) == (167, 200)
    assert (row["through_data"], row["through_rules"], row["through_borders"]) == (0, 0, 33)


def test_a_mix_that_cannot_be_is_said_and_not_guessed(tmp_path):
    """The earlier figures lack who joins later, so nobody knows what those would give within the new borders."""
    head, village, town = FILES["kengetallen.csv"].splitlines()
    toml = '[region]\nname = "R"\nfigures = "f.csv"\nhomes = 200\n[keys]\nsleutel = { inhabitants = 1 }\n'
    one, other = (
        write(tmp_path / name, files={"region.toml": toml, "f.csv": "\n".join((head, *rows))})
        for name, rows in {"one": (town,), "other": (village, town)}.items()
    )
    answer = compare(ask_region(one), ask_region(other), before_study=one, after_study=other)
    assert "cannot be worked out" in str(answer.notes[0])
    row = homes(answer.changes.set_index(KEY).sort_index(), "sleutel; now").loc["Stad"]
    assert (row["before"], row["after"]) == (200, 167)
    assert np.isnan(row["through_data"])
    assert np.isnan(row["through_borders"])


def test_bad_input_is_told(asked, tmp_path):
    one, other = asked["one"], asked["rules"]
    with pytest.raises(
        InputError, match="gives other numbers than its run has, in verdeelsleutels"
    ):
        compare(one[1], other[1], before_study=one[0], after_study=one[0])
    elsewhere = [
        (";GM9901;", ";GM9801;"),
        (";GM9902;", ";GM9802;"),
        ("GM9901,", "GM9801,"),
        ("GM9902,", "GM9802,"),
    ]
    with pytest.raises(InputError, match="no gemeente in common"):
        compare(one[1], ask_region(write(tmp_path / "far", *elsewhere)))
    with pytest.raises(InputError, match="compare two regions, or two runs of sites"):
        compare(one[1], tmp_path)


def test_the_command_lays_two_folders_beside_each_other(asked, tmp_path, capsys):
    for name in ("one", "rules"):
        run_command(["region", str(asked[name][0]), "--out", str(tmp_path / name)])
    run_command(
        ["compare", *(str(tmp_path / n) for n in ("one", "rules")), "--out", str(tmp_path / "out")]
    )
    assert "through figures +0.0, agreements +84.0, borders +0.0" in capsys.readouterr().out
    written = pd.read_csv(tmp_path / "out" / "changes.csv").set_index(KEY).sort_index()
    here = changes_of(asked["one"][1], asked["rules"][1])
    assert homes(written)["change"].tolist() == homes(here)["change"].tolist() == [17.0, 84.0]
    assert (tmp_path / "out" / "gemeenten.csv").is_file()


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("provenance.json", '{"question": "region"}'),
        ("provenance.json", '{"question": "region", "study": {"name": "R", "year": 1}, "gemeenten": ["A"]}'),
        ("spreiding.csv", "gemeente,persons\nStad,3\n"),
    ],
)  # fmt: skip
def test_a_folder_that_was_changed_by_hand_is_told(asked, tmp_path, file, text):
    asked["one"][1].write(tmp_path / "one")
    (tmp_path / "one" / file).write_text(text, encoding="utf-8")
    with pytest.raises(FormatError, match="is not as the region was written"):
        compare(tmp_path / "one", asked["one"][1])


def test_provenance_that_is_no_table_is_of_no_region(tmp_path):
    (tmp_path / "provenance.json").write_text("[1]", encoding="utf-8")
    assert not is_region(tmp_path)
