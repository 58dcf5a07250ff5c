"""Walking profiles: what holds whatever the tags, and every fault of a user's own file."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geowoonzorg.errors import StudyError
from geowoonzorg.osm.profile import profile_names, read_profile
from geowoonzorg.osm.tag_values import parse_incline_pct, parse_metres

PROFILES = {name: read_profile(name) for name in ("wandelaar", "rollator", "rolstoel")}


@given(
    st.dictionaries(
        st.sampled_from(sorted(PROFILES["rolstoel"].way_keys)),
        st.sampled_from(["yes", "no", "private", "footway", "steps", "sand", "bad", "1", "9%"]),
    )
)
def test_a_wheelchair_goes_nowhere_a_walker_cannot(tags):
    wheels, rollator, walker = (
        PROFILES[name].judge_way(tags) for name in ("rolstoel", "rollator", "wandelaar")
    )
    assert wheels.forward <= rollator.forward <= walker.forward
    assert wheels.backward <= rollator.backward <= walker.backward


def test_every_rule_has_a_source_and_every_profile_its_own_hash():
    for profile in PROFILES.values():
        assert all(rule.source and rule.reason for rule in (*profile.close, *profile.cut))
    assert len({profile.hash for profile in PROFILES.values()}) == len(profile_names())


def test_a_users_own_profile_extends_ours(tmp_path):
    path = tmp_path / "kinderwagen.toml"
    text = """
        extends = "wandelaar"
        name = "kinderwagen"
        title = "Met de kinderwagen"
        description = "Trappen kunnen niet."
        source = "eigen keuze"
        matters = ["width_m"]
        [highway]
        open = ["footway", "steps"]
        [[close]]
        when = { highway = ["steps"] }
        reason = "steps"
        source = "eigen keuze"
    """
    path.write_text(text)
    own = read_profile(path)
    assert own.judge_way({"highway": "steps"}).reason == "steps"
    assert own.judge_way({"highway": "residential"}).reason == "highway"
    assert own.judge_way({"highway": "trunk", "foot": "yes"}).forward  # the rest is wandelaar's
    assert own.cut == PROFILES["wandelaar"].cut
    assert own.title_en is None  # wandelaar's English does not say what this profile is
    path.write_text(text + "\n# a remark changes nothing")
    assert read_profile(str(path)).hash == own.hash
    path.write_text(text.replace('"width_m"', '"surface"'))
    assert read_profile(path).hash != own.hash


def test_all_faults_of_a_profile_are_told_at_once_with_their_place(tmp_path):
    path = tmp_path / "fout.toml"
    path.write_text("""
        extends = "rollator"
        nmae = "fout"
        matters = ["colour"]
        title = 3
        [highway]
        open = "footway"
        shut = ["path"]
        [[close]]
        when = { highway = "steps" }
        reason = "steps"
        source = "x"
        [[close]]
        attribute = "height_m"
        above = -1
        reason = "high"
        colour = "red"
        [[cut]]
        reason = "everything"
        source = "x"
        junctions = "no"
    """)
    with pytest.raises(StudyError) as told:
        read_profile(path)
    for place in (
        "nmae",
        "matters",
        "title",
        "highway.open",
        "highway.shut",
        "close[1].when.highway",
        "close[2].attribute",
        "close[2].above",
        "close[2].source",
        "close[2].colour",
        "cut[1]:",
        "cut[1].junctions",
    ):
        assert f"\n  {place}" in str(told.value)
    assert "did you mean name?" in str(told.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('name = "leeg"', "highway.open: is missing"),
        ('extends = "eigen.toml"', "comes back to itself"),
        ('extends = "fiets"', "no walking profile 'fiets'"),
        ("name = ", "eigen.toml"),
    ],
)
def test_a_profile_that_does_not_stand_on_its_own(tmp_path, text, said):
    path = tmp_path / "eigen.toml"
    path.write_text(text)
    with pytest.raises(StudyError, match=said.replace("[", r"\[")):
        read_profile(path)


@given(st.floats(0, 999).map(lambda x: round(x, 2)), st.sampled_from(["", " m", "m"]))
def test_metres_are_read_back(number, unit):
    assert parse_metres(f"{number}{unit}") == number
    assert parse_metres(f"{number}{unit}".replace(".", ",")) == number


@given(st.floats(-99, 99).map(lambda x: round(x, 1)))
def test_slopes_are_read_back(number):
    assert parse_incline_pct(f"{number}%") == number
    if abs(number) < 90:
        slope = math.tan(math.radians(number)) * 100
        assert parse_incline_pct(f"{number}°") == pytest.approx(slope)


@given(st.text(max_size=40))
def test_any_text_is_a_number_or_unknown(text):
    assert isinstance(parse_metres(text), float)
    assert isinstance(parse_incline_pct(text), float)
