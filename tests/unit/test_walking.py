"""Walking profiles: a truth table of tags, and every fault of a user's own file."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geowoonzorg.errors import StudyError
from geowoonzorg.osm.profile import profile_names, read_profile
from geowoonzorg.osm.tag_values import parse_incline_pct, parse_metres

PROFILES = {name: read_profile(name) for name in ("wandelaar", "rollator", "rolstoel")}

# Tags of a way, and for wandelaar, rollator, rolstoel: + both ways, > along, < against, - closed,
# p closed but a last leg.
WAYS = """
highway=footway                                               + + +
highway=path                                                  + + +
highway=pedestrian                                            + + +
highway=living_street                                         + + +
highway=residential                                           + + +
highway=service                                               + + +
highway=unclassified                                          + + +
highway=primary                                               + + +
highway=track                                                 + + +
highway=bridleway                                             + + +
highway=corridor                                              + + +
highway=elevator                                              + + +
highway=elevator wheelchair=no                                + + -
highway=cycleway                                              + + +
highway=cycleway foot=yes                                     + + +
highway=cycleway foot=no                                      - - -
highway=cycleway foot=use_sidepath                            - - -
highway=cycleway oneway=yes                                   + + +
highway=cycleway access=no                                    - - -
highway=cycleway access=no foot=designated                    + + +
highway=residential foot=use_sidepath                         - - -
highway=residential oneway=yes                                + + +
highway=residential access=private                            p p p
highway=residential access=destination                        + + +
highway=residential access=permissive                         + + +
highway=residential motor_vehicle=no                          + + +
highway=residential vehicle=private                           + + +
highway=service access=private                                p p p
highway=service service=driveway access=private               p p p
highway=service access=private foot=yes                       + + +
highway=service access=yes foot=private                       p p p
highway=service access=delivery                               - - -
highway=service access=customers                              + + +
highway=service access=unknown                                + + +
highway=service access=private foot=unknown                   p p p
highway=track access=agricultural                             - - -
highway=track access=forestry                                 - - -
highway=track access=agricultural foot=permissive             + + +
highway=footway access=no                                     - - -
highway=footway access=no foot=yes                            + + +
highway=footway foot=no access=yes                            - - -
highway=footway access=military                               - - -
highway=motorway                                              - - -
highway=motorway_link                                         - - -
highway=motorway foot=yes                                     + + +
highway=trunk                                                 - - -
highway=trunk foot=no                                         - - -
highway=trunk foot=designated                                 + + +
highway=trunk access=yes                                      - - -
highway=trunk access=private                                  - - -
highway=primary motorroad=yes                                 - - -
highway=primary motorroad=yes foot=yes                        + + +
highway=primary motorroad=no                                  + + +
highway=construction                                          - - -
highway=construction construction=footway                     - - -
highway=construction foot=yes                                 + + +
highway=proposed                                              - - -
highway=raceway                                               - - -
highway=raceway foot=designated                               + + +
highway=bus_guideway                                          - - -
highway=bus_guideway foot=no                                  - - -
highway=busway                                                - - -
highway=platform                                              - - -
highway=platform foot=yes                                     + + +
highway=abandoned                                             - - -
highway=abandoned foot=yes                                    - - -
highway=rest_area                                             - - -
highway=via_ferrata                                           - - -
route=ferry                                                   - - -
route=ferry foot=yes                                          - - -
disused:highway=footway                                       - - -
highway=footway oneway:foot=yes                               > > >
highway=footway oneway:foot=-1                                < < <
highway=footway oneway:foot=no                                + + +
highway=footway foot:backward=no                              > > >
highway=footway foot:forward=no                               < < <
highway=footway foot:forward=no foot:backward=no              - - -
highway=footway conveying=forward                             > > >
highway=footway conveying=backward                            < < <
highway=footway conveying=reversible                          + + +
highway=footway conveying=yes                                 + + +
highway=steps                                                 + - -
highway=steps conveying=forward                               > - -
highway=steps conveying=yes                                   + - -
highway=steps ramp=yes                                        + + -
highway=steps ramp=no                                         + - -
highway=steps ramp=separate                                   + - -
highway=steps ramp:stroller=yes                               + + -
highway=steps ramp:bicycle=yes                                + - -
highway=steps ramp=yes ramp:wheelchair=yes                    + + +
highway=steps ramp:wheelchair=yes                             + + +
highway=steps ramp:wheelchair=no                              + - -
highway=steps wheelchair=yes                                  + + +
highway=steps access=private                                  - - -
highway=steps ramp=yes conveying=forward                      > - -
highway=footway wheelchair=no                                 + + -
highway=footway wheelchair=limited                            + + +
highway=footway width=0.8                                     + - -
highway=footway width=0.9                                     + + +
highway=footway width=80cm                                    + - -
highway=footway width=0,8                                     + - -
highway=footway width=2'                                      + - -
highway=footway width=narrow                                  + + +
highway=footway width=0.5-1.5                                 + + +
highway=footway est_width=0.6                                 + - -
highway=footway width=1.2 est_width=0.6                       + + +
highway=footway width=narrow est_width=0.6                    + - -
highway=footway incline=5%                                    + + +
highway=footway incline=6%                                    + + +
highway=footway incline=7%                                    + + -
highway=footway incline=-7%                                   + + -
highway=footway incline=8%                                    + + -
highway=footway incline=9%                                    + - -
highway=footway incline=-9%                                   + - -
highway=footway incline=1:12                                  + - -
highway=footway incline=1:16                                  + + -
highway=footway incline=10°                                   + - -
highway=footway incline=3°                                    + + +
highway=footway incline=up                                    + + +
highway=footway incline=steep                                 + + +
highway=path surface=sand                                     + - -
highway=path surface=mud                                      + - -
highway=path surface=gravel                                   + - -
highway=path surface=gravel smoothness=good                   + + +
highway=path surface=grass                                    + + -
highway=path surface=grass wheelchair=yes                     + + +
highway=path surface=asphalt                                  + + +
highway=path surface=fine_gravel                              + + +
highway=path surface=compacted                                + + +
highway=path surface=unpaved                                  + + +
highway=footway smoothness=intermediate                       + + +
highway=footway smoothness=bad                                + + -
highway=footway smoothness=very_bad                           + - -
highway=footway smoothness=impassable                         + - -
highway=path ford=yes                                         + - -
highway=path ford=no                                          + + +
highway=footway tunnel=yes                                    + + +
highway=footway bridge=yes layer=1                            + + +
highway=footway lit=no                                        + + +
highway=footway access=private width=0.5                      p - -
"""

# Tags of a node: o lets through, x cuts, j cuts but not where three branches meet.
NODES = """
barrier=bollard                                               o o o
barrier=bollard access=no                                     o o o
barrier=bollard access=no foot=yes                            o o o
barrier=bollard width=0.2                                     o o o
barrier=bollard maxwidth:physical=1.2                         o o o
barrier=bollard maxwidth:physical=0.7                         o x x
barrier=bollard wheelchair=no                                 o x x
barrier=bollard foot=no                                       x x x
barrier=gate                                                  o o o
barrier=gate access=no                                        x x x
barrier=gate access=private                                   x x x
barrier=gate access=private foot=yes                          o o o
barrier=gate access=permissive                                o o o
barrier=gate access=permit                                    x x x
barrier=gate locked=yes                                       x x x
barrier=lift_gate access=private                              x x x
barrier=lift_gate                                             o o o
barrier=swing_gate foot=no                                    x x x
barrier=wall                                                  x x x
barrier=fence                                                 x x x
barrier=fence foot=yes                                        o o o
barrier=hedge                                                 x x x
barrier=cycle_barrier                                         o o o
barrier=cycle_barrier wheelchair=no                           o x x
barrier=cycle_barrier wheelchair=yes                          o o o
barrier=cycle_barrier cycle_barrier=squeeze                   o x x
barrier=cycle_barrier opening=0.85                            o x x
barrier=stile                                                 o x x
barrier=stile foot=yes                                        o x x
barrier=kissing_gate                                          o x x
barrier=kissing_gate wheelchair=yes                           o o o
barrier=turnstile                                             o x x
barrier=cattle_grid                                           o x x
barrier=cattle_grid foot=yes                                  o o o
barrier=height_restrictor                                     o o o
barrier=block                                                 o o o
barrier=block wheelchair=no                                   o x x
barrier=kerb                                                  o o o
barrier=kerb kerb=raised                                      o j j
barrier=kerb wheelchair=no                                    o j j
barrier=kerb wheelchair=no locked=yes                         x x x
kerb=raised                                                   o j j
kerb=raised wheelchair=yes                                    o o o
kerb=lowered                                                  o o o
kerb=flush                                                    o o o
kerb=yes                                                      o o o
kerb=yes kerb:height=0.12                                     o j j
kerb=lowered kerb:height=0.02                                 o o o
kerb:height=12cm                                              o j j
highway=crossing                                              o o o
highway=crossing wheelchair=no                                o o o
highway=elevator                                              o o o
highway=elevator wheelchair=no                                o o x
entrance=yes                                                  o o o
"""


def _table(text: str) -> list[tuple[dict[str, str], str, str]]:
    rows = []
    for line in text.strip().splitlines():
        *tags, walker, rollator, wheels = line.split()
        pairs = dict(tag.split("=", 1) for tag in tags)
        rows += [
            (pairs, name, mark)
            for name, mark in zip(PROFILES, (walker, rollator, wheels), strict=True)
        ]
    return rows


def _name(value: object) -> str:
    return " ".join(f"{k}={v}" for k, v in value.items()) if isinstance(value, dict) else str(value)


@pytest.mark.parametrize(("tags", "name", "mark"), _table(WAYS), ids=_name)
def test_way(tags, name, mark):
    verdict = PROFILES[name].judge_way(tags)
    marks = {(True, True): "+", (True, False): ">", (False, True): "<", (False, False): "-"}
    found = "p" if verdict.last_leg else marks[verdict.forward, verdict.backward]
    assert found == mark
    assert (verdict.reason is None) == (mark in "+><")


@pytest.mark.parametrize(("tags", "name", "mark"), _table(NODES), ids=_name)
def test_node(tags, name, mark):
    rule = PROFILES[name].judge_node(tags)
    assert ("o" if rule is None else "x" if rule.junctions else "j") == mark


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
