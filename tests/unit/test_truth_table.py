"""The rules of the walk as a truth table: OSRM's foot scenarios and the Dutch ones, each with its reason."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geowoonzorg.osm.profile import read_profile

DATA = Path(__file__).parents[1] / "data"
PROFILES = ("wandelaar", "rollator", "rolstoel")
#: How many scenarios OSRM's feature files of that name have; those that only time a route are left out.
OSRM_ROWS = {
    "access": 78, "access_node": 32, "barrier": 31, "oneway": 38, "way": 35, "countryway": 14,
    "surface": 6, "conveying": 8, "area_profile": 5, "area": 3, "ferry": 1, "startpoint": 2, "use_sidepath": 2,
    "way_notrunk": 3,
}  # fmt: skip
DUTCH_ROWS = {"way": 313, "node": 121}
WAY_MARKS, NODE_MARKS = set("+><-p"), set("oxj")


def rows(name):
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def tags_of(text):
    """Read tags, in which a low line beside an @ or a ; stands for a blank of a condition."""
    pairs = dict(tag.split("=", 1) for tag in text.split())
    blank = {key for key in pairs if key.endswith(":conditional")}
    return {key: v.replace("_", " ") if key in blank else v for key, v in pairs.items()}


def way_mark(profile, tags):
    """+ both ways, > along, < against, - closed, p private ground."""
    verdict = profile.judge_way(tags)
    if verdict.last_leg:
        return "p"
    return {(True, True): "+", (True, False): ">", (False, True): "<", (False, False): "-"}[
        verdict.forward, verdict.backward
    ]


def node_mark(profile, tags):
    """Say o where it lets through, x where it cuts, j where it cuts but not where three branches meet."""
    rule = profile.judge_node(tags)
    return "o" if rule is None else "x" if rule.junctions else "j"


OSRM, DUTCH = rows("osrm_foot.csv"), rows("dutch_walking.csv")


@pytest.mark.parametrize("row", OSRM, ids=lambda row: f"{row['way']}|{row['node']}")
def test_osrm(row):
    walker = read_profile("wandelaar")
    mark = way_mark(walker, tags_of(row["way"]))
    if row["node"] and node_mark(walker, tags_of(row["node"])) != "o":
        mark = "-"
    assert mark == row["wandelaar"]


@pytest.mark.parametrize("row", DUTCH, ids=lambda row: f"{row['object']}: {row['tags']}")
def test_dutch(row):
    judge = way_mark if row["object"] == "way" else node_mark
    tags = tags_of(row["tags"])
    assert {name: judge(read_profile(name), tags) for name in PROFILES} == {
        name: row[name] for name in PROFILES
    }


def test_the_table_of_osrm_is_whole_and_every_difference_says_why():
    assert dict(Counter(row["feature"] for row in OSRM)) == OSRM_ROWS
    assert len(OSRM) == sum(OSRM_ROWS.values())
    for row in OSRM:
        assert row["way"], row
        assert row["scenario"], row
        assert {row["osrm"], row["wandelaar"]} <= WAY_MARKS, row
        assert bool(row["why"].strip()) == (row["osrm"] != row["wandelaar"]), row


def test_the_dutch_table_is_whole_and_no_row_lacks_a_source_or_a_reason():
    told = Counter((row["object"], row["tags"]) for row in DUTCH)
    assert [row for row, n in told.items() if n > 1] == []
    assert Counter(row["object"] for row in DUTCH) == DUTCH_ROWS
    for row in DUTCH:
        assert all(row[key].strip() for key in ("subject", "tags", "source", "why")), row
        assert {row[name] for name in PROFILES} <= (
            WAY_MARKS if row["object"] == "way" else NODE_MARKS
        ), row


def test_no_wheels_go_where_a_walker_may_not():
    order = {"-": 0, "x": 0, "p": 1, "j": 1, "<": 1, ">": 1, "+": 2, "o": 2}
    for row in DUTCH:
        walker, rollator, wheels = (order[row[name]] for name in PROFILES)
        assert wheels <= rollator <= walker, row


WALKER = read_profile("wandelaar")
VALUES = sorted(WALKER.access_allowed | WALKER.access_blocked | WALKER.last_leg)
OPENNESS = {"-": 0, "x": 0, "p": 1, "+": 2, "o": 2}


@given(
    st.lists(st.sampled_from(VALUES), min_size=1, max_size=4),
    st.sampled_from(["foot", "access"]),
    st.sampled_from(["; ", ";"]),
    st.booleans(),
)
def test_a_list_of_values_is_as_open_as_its_most_open_one_in_any_order(values, key, join, at_times):
    for judge, about in ((way_mark, {"highway": "service"}), (node_mark, {"barrier": "gate"})):
        each = [judge(WALKER, about | {key: value}) for value in values]
        tags = {key: join.join(values)}
        if at_times:  # the last holds at certain hours
            tags = {key: join.join(values[:-1]), f"{key}:conditional": f"{values[-1]} @ (Su)"}
        if at_times and len(values) == 1:
            continue
        listed = judge(WALKER, about | tags)
        assert OPENNESS[listed] == max(OPENNESS[mark] for mark in each)
