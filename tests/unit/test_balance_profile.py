"""The balance profile: the default is the definition, an own one is wholly checked."""

from __future__ import annotations

import tomllib

import pytest

from geowoonzorg.errors import StudyError
from geowoonzorg.people.balance_profile import (
    PROFILES_DIR,
    parse_balance_profile,
    read_balance_profile,
)

PROFILE = read_balance_profile()
FILE = PROFILES_DIR / "vragers_dragers.toml"


def document():
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def test_the_default_is_the_table_of_the_definition():
    weights = {m.key: m.weight for m in (*PROFILE.vragers.measures, *PROFILE.dragers.measures)}
    assert weights == {
        "bijstand": 0.25,
        "arbeidsongeschiktheid": 0.25,
        "wmo": 0.25,
        "sociaal_minimum": 0.25,
        "arbeidsparticipatie": 0.5,
        "opleiding": 0.25,
        "hoog_inkomen": 0.25,
    }
    assert (PROFILE.vragers.minimum_known, PROFILE.dragers.minimum_known, PROFILE.cap) == (
        3,
        2,
        3.0,
    )
    assert "geen norm en geen oordeel over mensen" in PROFILE.description


def test_an_own_profile_has_a_hash_of_its_own(tmp_path):
    text = FILE.read_text(encoding="utf-8").replace("cap = 3.0", "cap = 1.5")
    path = tmp_path / "eigen.toml"
    path.write_text(text, encoding="utf-8")
    own = read_balance_profile(path)
    assert own.cap == 1.5
    assert own.hash != PROFILE.hash
    assert parse_balance_profile(document()).hash == PROFILE.hash


def test_all_faults_of_a_profile_are_told_at_once():
    wrong = document()
    wrong["cap"], wrong["kap"] = 0.5, 3
    wrong["vragers"]["measure"][0]["weight"] = -1
    wrong["vragers"]["measure"][1]["columns"] = []
    wrong["vragers"]["measure"][2]["key"] = "bijstand"
    wrong["dragers"]["minimum_known"] = 4
    for measure in wrong["dragers"]["measure"]:
        measure["weight"] = 0
    wrong["mix"]["reference_vragers_share"] = 1.5
    with pytest.raises(StudyError) as caught:
        parse_balance_profile(wrong, where="eigen.toml")
    head, *faults = str(caught.value).split("\n  ")
    assert head == f"eigen.toml has {len(faults)} fault{'' if len(faults) == 1 else 's'}:"
    assert {fault.split(": ")[0] for fault in faults} == {
        "kap",
        "cap",
        "mix.reference_vragers_share",
        "vragers.measure[1].weight",
        "vragers.measure[2].columns",
        "vragers.measure[3].key",
        "dragers.measure",
        "dragers.minimum_known",
    }


def test_what_is_not_a_balance_profile_at_all():
    with pytest.raises(StudyError, match="vragers: is missing"):
        parse_balance_profile({})
    with pytest.raises(StudyError, match=r"dragers: must be a table, written as \[dragers\]"):
        parse_balance_profile(document() | {"dragers": 3})
