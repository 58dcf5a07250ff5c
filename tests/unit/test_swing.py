"""Weights by swing questions: what is answered is what a full swing brings; the command asks and writes."""

from __future__ import annotations

import sys
import tomllib

import click
import numpy as np
import pandas as pd
import pytest
from english import run_command
from hypothesis import given, settings
from hypothesis import strategies as st
from test_scoring import criterion, profile_of

from geowoonzorg.errors import InputError
from geowoonzorg.files import toml_text
from geowoonzorg.ranking.scoring import parse_scoring_profile, read_scoring_profile, score
from geowoonzorg.ranking.swing import swing_of, swing_weights, weigh

POINTS = st.one_of(st.just(0.0), st.floats(0.01, 100))


def test_points_become_weights_as_with_a_pencil():
    profile = profile_of(*(criterion(key) for key in "abc"))
    assert swing_weights({"a": 100, "b": 60, "c": 40}, profile) == pytest.approx(
        {"a": 0.5, "b": 0.3, "c": 0.2}
    )
    # The value of b only rises by half, so its weight is twice what its points say: 100, 120, 40 of 260.
    half = profile_of(criterion("a"), criterion("b", anchors=((0, 0.5), (9, 1))), criterion("c"))
    assert swing_weights({"a": 100, "b": 60, "c": 40}, half)["b"] == pytest.approx(120 / 260)


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.tuples(POINTS, st.floats(0, 0.4), st.floats(0.6, 1)), min_size=1, max_size=5),
    st.data(),
)
def test_a_full_swing_brings_points_in_proportion_to_the_answers(given_, data):
    points = {f"c{i}": p for i, (p, *_) in enumerate(given_)}
    parts = [
        criterion(f"c{i}", anchors=((0, low), (7, high))) for i, (_, low, high) in enumerate(given_)
    ]
    profile = profile_of(*parts)
    if not any(points.values()):
        with pytest.raises(InputError, match="all points are 0"):
            weigh(profile, points)
        return
    made = weigh(profile, points)
    worst = pd.DataFrame({key: [0.0] for key in points}, index=["x"])
    base = score(worst, made, draws=0)["score"].iloc[0]
    rises = [
        score(worst.assign(**{key: 7.0}), made, draws=0)["score"].iloc[0] - base for key in points
    ]
    share = np.array(list(points.values())) / sum(points.values())
    assert np.array(rises) / sum(rises) == pytest.approx(share, abs=1e-9)
    factor = data.draw(st.floats(0.01, 1))
    scaled = swing_weights({key: p * factor for key, p in points.items()}, profile)
    assert scaled == pytest.approx(swing_weights(points, profile))


@pytest.mark.parametrize(
    ("points", "words"),
    [
        ({"a": 100}, r"swings without points: 1 \(b\)"),
        ({"a": 100, "b": 1, "z": 1}, "points of what is no criterion"),
        ({"a": 101, "b": 1}, r"from 0 to 100: 1 \(a: 101\)"),
        ({"a": float("nan"), "b": 1}, "from 0 to 100"),
        ({"a": True, "b": 1}, "from 0 to 100"),
        ({"a": "veel", "b": 1}, "from 0 to 100"),
        ({"a": 0, "b": 0}, "all points are 0"),
    ],
)
def test_points_that_are_none_are_refused(points, words):
    with pytest.raises(InputError, match=words) as caught:
        weigh(profile_of(criterion("a"), criterion("b")), points)
    assert caught.value.told("nl") != str(caught.value)


def test_a_criterion_that_cannot_rise_has_no_swing():
    flat = profile_of(criterion("a", anchors=((0, 0.5), (9, 0.5))), criterion("b"))
    with pytest.raises(InputError, match=r"have no swing: 1 \(a\)"):
        weigh(flat, {"a": 1, "b": 100})
    assert [c.weight for c in weigh(flat, {"a": 0, "b": 100}).criteria] == [0, 100]


def test_the_swing_of_a_peak_is_from_its_lowest_to_its_highest():
    balans = next(c for c in read_scoring_profile("geclusterd").criteria if c.key == "balans")
    assert swing_of(balans) == (2.0, -0.5)


def test_a_profile_says_once_where_its_weights_are_from_and_survives_its_file():
    start = read_scoring_profile("geclusterd")
    made = weigh(start, {c.key: 10.0 * (1 + n % 10) for n, c in enumerate(start.criteria)})
    again = weigh(made, {c.key: 100.0 for c in start.criteria}, name="mijn")
    assert again.criteria[0].source.count("swingvraag") == 1
    assert again.criteria[0].source_en.endswith("weight now: swing question, 100 of 100 points")
    back = parse_scoring_profile(tomllib.loads(toml_text(made.document())))
    assert back == made


# ---------------------------------------------------------------------- the command


def read(path):
    profile = read_scoring_profile(str(path))
    return {c.key: c.weight for c in profile.criteria}


@pytest.fixture
def start(tmp_path):
    """Give a profile of three criteria as a file."""
    words = criterion("c", levels={"ja": 1.0, "nee": 0.0}, levels_en={"ja": "yes", "nee": "no"})
    parts = profile_of(criterion("a", unit="m", label="Afstand"), criterion("b"), words)
    (tmp_path / "start.toml").write_text(toml_text(parts.document()), encoding="utf-8")
    return tmp_path / "start.toml"


def test_answers_come_from_a_file_and_from_options(start, tmp_path):
    (tmp_path / "answers.toml").write_text("a = 100\nb = 100\nc = 20\n")
    words = ["weigh", "--profile", start, "-o", tmp_path / "new.toml", "--name", "mijn"]
    assert run_command([*words, "--answers", tmp_path / "answers.toml", "--answer", "b=40"]) == 0
    assert read(tmp_path / "new.toml") == pytest.approx({"a": 62.5, "b": 25.0, "c": 12.5})
    assert read_scoring_profile(str(tmp_path / "new.toml")).name == "mijn"


def test_questions_are_asked_at_a_terminal_in_the_readers_language(
    start, tmp_path, monkeypatch, capsys
):
    asked, answers = [], iter([2, 50.0, 25.0])
    monkeypatch.setattr(click, "prompt", lambda text, **_: asked.append(text) or next(answers))
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    words = ["weigh", "--profile", start, "-o", tmp_path / "new.toml", "--lang", "nl"]
    assert run_command(words) == 0
    assert asked == [
        "Welke verbetering is het meeste waard? Nummer",
        "Afstand: van 0 m naar 10 m: hoeveel punten, 0 tot 100",
        "c: van nee naar ja: hoeveel punten, 0 tot 100",
    ]
    assert "Eén ding mag naar zijn best" in capsys.readouterr().err
    assert read(tmp_path / "new.toml") == pytest.approx({"a": 200 / 7, "b": 400 / 7, "c": 100 / 7})


def test_nothing_is_replaced_unasked_and_no_input_is_an_output(start, tmp_path, capsys):
    output = tmp_path / "new.toml"
    output.write_text("mine")
    each = ["--answer", "a=100", "--answer", "b=1", "--answer", "c=1"]
    words = ["weigh", "--profile", start, *each, "-o"]
    assert run_command([*words, output]) == 5
    assert output.read_text() == "mine"
    assert run_command([*words, start, "--force"]) == 5
    assert read_scoring_profile(str(start)).name == "test"
    assert run_command([*words, output, "--force"]) == 0
    assert read(output)["a"] > 90
    assert run_command([*words, tmp_path / "new.json"]) == 2
    assert "ends in .toml" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("answers", "code", "words"),
    [
        ([], 2, "nobody can be asked here"),
        (["--answer", "a"], 2, "write CRITERION=POINTS"),
        (["--answer", "a=100"], 3, "swings without points"),
        (["--answers", "none.toml"], 4, "does not exist"),
    ],
)
def test_what_cannot_be_weighed_is_one_clear_message(start, tmp_path, answers, code, words, capsys):
    output = tmp_path / "new.toml"
    assert run_command(["weigh", "--profile", start, "-o", output, *answers]) == code
    assert words in capsys.readouterr().err
    assert not output.exists()
