"""A town that stays read: the numbers of the commands, and nothing but sound requests."""

from __future__ import annotations

import io
import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from small_town import X0, Y0, small_town

from geowoonzorg.ask import what_if
from geowoonzorg.ask.warm import MOST_ROWS, WarmTown
from geowoonzorg.change import Change
from geowoonzorg.cli._warm import PROTOCOL, Lines, serve
from geowoonzorg.errors import StudyError
from geowoonzorg.files import witness
from geowoonzorg.messages import translate
from geowoonzorg.walk.route import nearest_routes
from geowoonzorg.walk.service_area import nearest, service_areas

AT = {"x": X0 + 150, "y": Y0}


@pytest.fixture(scope="module")
def warm():
    return WarmTown(small_town(), lang="en")


def ask(town, **request):
    said = town.answer(json.dumps(request))
    json.dumps(said, allow_nan=False)
    return said


def frame(table):
    return pd.DataFrame(table["rows"], columns=table["columns"], dtype=object)


def assert_same(table, expected):
    """The same columns and numbers, places to the millimetre, unknown as null."""
    shown = frame(table)
    assert list(shown.columns) == list(expected.columns)
    assert len(shown) == len(expected)
    for name in shown:
        if name == "geometry":
            places = shapely.from_wkt(shown[name].to_numpy(object))
            assert (shapely.hausdorff_distance(places, expected.geometry.to_numpy()) < 2e-3).all()
            continue
        given_, wanted = shown[name].tolist(), expected[name].astype(object).tolist()
        for one, other in zip(given_, wanted, strict=True):
            assert one == (None if pd.isna(other) else other), name


# --- the same numbers ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        {"open": [{"class": "huisarts", "x": X0 + 800, "y": Y0}]},
        {"close": ["h"]},
        {"move": [{"id": "h", "x": X0 + 100, "y": Y0}]},
        {
            "path": [
                {
                    "coordinates": [[X0, Y0], [X0 + 50, Y0 + 50], [X0 + 100, Y0]],
                    "tags": {"highway": "footway"},
                }
            ]
        },
    ],
)
def test_a_change_gives_the_tables_of_the_question(warm, change):
    said = ask(warm, id=1, ask="what-if", change=change)
    try:
        expected = what_if(warm.town, None, Change(**change))
    except StudyError as error:  # this town's streets can be changed as little here as there
        assert said["error"]["what"] == translate(error.message, "en")
        assert said["error"]["code"] == "change"
        return
    answer = said["answer"]
    for name in ("ledger", "facilities", "addresses", "areas", "handover", "sites"):
        assert_same(answer[name], expected.tables[name])
    assert answer["summary"] == [translate(line, "en") for line in expected.summary]
    assert answer["notes"] == [translate(line, "en") for line in expected.notes]


def test_a_trial_leaves_the_town_as_it_was(warm):
    before = ask(warm, ask="nearest", **AT)
    ask(warm, ask="what-if", change={"close": ["h"]})
    assert ask(warm, ask="nearest", **AT) == before


def test_a_walk_is_that_of_the_library(warm):
    place = gpd.GeoDataFrame(
        {"id": ["place"]}, geometry=gpd.points_from_xy([AT["x"]], [AT["y"]]), crs=warm.town.crs
    )
    found = frame(ask(warm, ask="nearest", **AT)["answer"]["walks"])
    routes = nearest_routes(
        warm.town.network, place, warm.town.facilities, **warm.town.walking.access
    )
    walks = nearest(
        warm.town.network, place, warm.town.facilities, **warm.town.walking.access
    ).dropna(subset="facility_id")
    assert found["distance_m"].tolist() == routes["distance_m"].tolist()
    assert (
        sorted(found["distance_m"]) == pytest.approx(sorted(walks["distance_m"]), abs=1e-9)
    )  # fmt: skip
    huisarts = found.set_index("facility_class").loc["huisarts"]
    assert huisarts["distance_m"] == pytest.approx(150, abs=1)  # the huisarts is at 300 m
    assert shapely.from_wkt(huisarts["geometry"]).length == pytest.approx(
        huisarts["length_m"], abs=0.5
    )


def test_no_facility_within_the_limit_is_told_as_not_reached(warm):
    said = ask(warm, ask="nearest", classes=["huisarts"], limit_m=10, **AT)["answer"]
    assert said["walks"]["rows"] == []
    assert said["not_reached"] == ["huisarts"]


@pytest.mark.parametrize("shape", ["polygons", "lines"])
def test_a_service_area_is_that_of_the_library(warm, shape):
    town = warm.town
    said = ask(warm, ask="service-area", facility="h", limits_m=[100, 250], shape=shape)
    expected = service_areas(
        town.network, town.facilities[town.facilities["id"] == "h"], limit_m=[100, 250],
        shape=shape, **town.walking.access,
    )  # fmt: skip
    assert_same(said["answer"]["areas"], expected)


def test_a_line_is_put_on_the_street_at_its_ends_only(warm):
    drawn = [[X0 + 100, Y0 + 4], [X0 + 150, Y0 + 60], [X0 + 200, Y0 + 30]]
    said = ask(warm, ask="snap", points=drawn, within_m=10)["answer"]
    assert said["joined"] == [True, False]
    assert said["points"] == [pytest.approx([X0 + 100, Y0], abs=1e-6), *drawn[1:]]


def test_facilities_are_all_there(warm):
    told = frame(ask(warm, ask="facilities")["answer"]["facilities"])
    assert told["id"].tolist() == warm.town.facilities["id"].tolist()


def test_an_answer_is_bounded_and_says_what_it_left_off(warm):
    table = warm._table(pd.DataFrame({"a": np.arange(MOST_ROWS + 7)}))
    assert len(table["rows"]) == MOST_ROWS
    assert table["left_off"] == 7


# --- nothing but sound requests ------------------------------------------------------------------

BAD = {
    "json": ["", "{", "[]", "3", "null", '{"a": NaN}', '{"a": 1, "a": 2}', b"\xff\xfe", "[" * 100_000],
    "too-long": [
        json.dumps({"ask": "what-if", "x": "x" * (1 << 20)}),
        json.dumps({"ask": "what-if", "change": {"close": ["h"] * 101}}),
        json.dumps({"ask": "what-if", "change": {"path": [{"coordinates": [[0, 0]] * 2001}]}}),
    ],
    "request": [
        "{}", '{"ask": "tea"}', '{"ask": ["nearest"]}', '{"ask": "nearest"}',
        '{"ask": "nearest", "x": "1", "y": 2}', '{"ask": "nearest", "x": true, "y": 2}',
        '{"ask": "nearest", "x": 1e999, "y": 2}', '{"ask": "nearest", "x": 1, "y": 2, "z": 3}',
        '{"ask": "nearest", "x": 1, "y": 2, "limit_m": -5}', '{"ask": "nearest", "x": 1, "y": 2, "classes": "a"}',
        '{"ask": "service-area"}', '{"ask": "service-area", "x": 1}',
        '{"ask": "service-area", "x": 1, "y": 1, "facility": "h"}',
        '{"ask": "service-area", "facility": "h", "limits_m": [1e9]}',
        '{"ask": "service-area", "facility": "h", "limits_m": [1, 2, 3, 4, 5, 6]}',
        '{"ask": "service-area", "facility": "h", "shape": "stars"}', '{"ask": "facilities", "all": true}',
        '{"ask": "snap", "points": [[1, 2]]}', '{"ask": "snap", "points": [[1, 2], [3]]}',
        '{"ask": "snap", "points": 3}',
        '{"ask": "what-if"}', '{"ask": "what-if", "change": []}', '{"ask": "what-if", "change": {"close": "h"}}',
        '{"ask": "what-if", "change": {"homes": [{"site": "a", "n": 3}]}}',
        '{"ask": "what-if", "change": {"source": ["/etc/passwd"]}}',
        '{"ask": "what-if", "change": {"close": ["h"]}, "sites": "yes"}', '{"id": [1], "ask": "facilities"}',
    ],
    "change": [
        '{"ask": "what-if", "change": {}}', '{"ask": "what-if", "change": {"close": ["nobody"]}}',
        '{"ask": "what-if", "change": {"close": [null]}}', '{"ask": "what-if", "change": {"open": [3]}}',
        '{"ask": "what-if", "change": {"open": [{"class": "tea", "x": 1, "y": 2}]}}',
        '{"ask": "what-if", "change": {"path": [{"coordinates": [[1, 2]]}]}}',
        '{"ask": "what-if", "change": {"path": [{"coordinates": [["a", "b"], [1, 2]]}]}}',
    ],
    "place": ['{"ask": "nearest", "x": 5.9, "y": 52.5}', '{"ask": "service-area", "x": 1e300, "y": 0}'],
    "facility": ['{"ask": "service-area", "facility": "nobody"}'],
    "class": [f'{{"ask": "nearest", "x": {X0}, "y": {Y0}, "classes": ["tea"]}}'],
}  # fmt: skip


@pytest.mark.parametrize(
    ("code", "line"),
    [(code, line) for code, lines in BAD.items() for line in lines],
    ids=lambda s: str(s)[:60],
)
def test_what_is_wrong_is_told_with_place_cure_and_code(warm, code, line):
    said = warm.answer(line)
    assert set(said) == {"id", "error"}
    assert said["error"]["code"] == code, said
    assert set(said["error"]) == {"what", "where", "cure", "code"}
    assert said["error"]["what"]
    assert said["error"]["cure"]


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9)
        | st.sampled_from(["nearest", "what-if", "h", "ask", "change", "close"]),
        lambda inner: st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["ask", "x", "y", "change", "close", "path", "id", "class"]), inner),
        max_leaves=12,
    )
)  # fmt: skip
def test_whatever_is_asked_is_answered(asked):
    warm = WarmTown(_TOWN, lang="en")
    said = warm.answer(json.dumps(asked).replace("Infinity", "1e999"))
    assert ("answer" in said) != ("error" in said)
    assert said.get("error", {}).get("code") != "internal", said
    json.dumps(said, allow_nan=False)


_TOWN = small_town()


def test_errors_speak_the_asked_language():
    dutch = WarmTown(_TOWN).answer('{"ask": "tea"}')["error"]
    assert (dutch["what"], dutch["where"]) == ("'tea' kan niet worden gevraagd", "ask")


def test_a_file_that_changed_since_is_told(tmp_path):
    file = tmp_path / "facilities.csv"
    file.write_text("a", encoding="utf-8")
    town = WarmTown(_TOWN, seen=(witness(file),), lang="en")
    assert "answer" in ask(town, ask="facilities")
    file.write_text("ab", encoding="utf-8")
    error = ask(town, ask="facilities")["error"]
    assert (error["code"], error["where"]) == ("changed", "facilities.csv")


# --- lines in, lines out -------------------------------------------------------------------------


def lines_of(text):
    return Lines(io.BytesIO(text))


def test_lines_end_with_the_input_or_when_asked():
    assert list(lines_of(b"one\n\n  \ntwo")) == [b"one\n", b"two"]
    assert list(lines_of(b'one\n{"ask": "end"}\ntwo\n')) == [b"one\n"]


def test_of_a_line_without_end_only_a_part_is_held():
    long, last = list(lines_of(b"x" * 5_000_000 + b"\nlast\n"))
    assert len(long) == 1 << 21
    assert last == b"last\n"


def test_a_study_that_cannot_be_read_is_told_after_who_this_is(tmp_path):
    out = io.StringIO()
    with pytest.raises(StudyError):
        serve(_wrong_study(tmp_path), lines_of(b""), out, lang="en")
    hello, error = [json.loads(line) for line in out.getvalue().splitlines()]
    assert hello["hello"]["protocol"] == PROTOCOL
    assert error["error"]["code"] == "study"
    assert "netwerk" in error["error"]["what"]


def _wrong_study(folder):
    file = folder / "study.toml"
    file.write_text("[netwerk]\n", encoding="utf-8")
    return file
