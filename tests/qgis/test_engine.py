"""The engine beside QGIS: found, listened to, cancelled, and every way it can misbehave."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture
def engine(plugin):
    from geowoonzorg_qgis import engine

    return engine


def run(engine, *, cancelled=lambda: False):
    said = []
    answer = engine.run(["facilities"], report=lambda f, m: said.append((f, m)), cancelled=cancelled)
    return answer, said


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "Z" not in Path(f"/proc/{pid}/stat").read_text().split(")")[1][:3]


def test_progress_and_result_come_through(engine, fake):
    fake("no_output")
    answer, said = run(engine)
    assert answer["message"] == "done, or so it says"
    assert said == [(0.25, "reading")]


def test_nothing_of_qgis_reaches_the_engine(engine, fake, monkeypatch):
    for name in ("PYTHONHOME", "PYTHONPATH", "PROJ_LIB", "GDAL_DATA", "LD_LIBRARY_PATH", "QT_PLUGIN_PATH"):
        monkeypatch.setenv(name, "/somewhere/of/qgis")
    log = fake("no_output")
    run(engine)
    seen = log()[-1]
    assert "/somewhere/of/qgis" not in seen["environ"].values()
    assert seen["argv"][:5] == ["-I", "-X", "utf8", "-m", "geowoonzorg"]
    assert seen["argv"][-2:] == ["--progress", "json"]


@pytest.mark.parametrize(
    ("chosen", "of_qgis", "told"),
    [("nl", "en_US", "nl"), ("en", "nl_NL", "en"), ("", "nl_BE", "nl"), ("", "de", "en"), ("", "C", "en")],
)
def test_the_engine_speaks_the_language_of_the_plugin_else_of_qgis(engine, fake, monkeypatch, chosen, of_qgis, told):
    from geowoonzorg_qgis import settings
    from qgis.core import QgsApplication

    log = fake("no_output")
    monkeypatch.setattr(settings, "get", lambda key, default="": chosen if key == "language" else default)
    monkeypatch.setattr(QgsApplication, "locale", lambda _self: of_qgis)
    run(engine)
    assert log()[-1]["argv"][-4:] == ["--lang", told, "--progress", "json"]


def test_the_version_is_asked_once(engine, fake):
    log = fake("no_output")
    run(engine)
    run(engine)
    assert sum(entry["argv"][-1] == "--version" for entry in log()) == 1


def test_its_error_comes_back_as_written(engine, fake):
    fake("error")
    with pytest.raises(engine.EngineError, match=r"^facilities: id occurs more than once: 2 \(a, b\)$") as caught:
        run(engine)
    assert caught.value.exit_code == 3


@pytest.mark.parametrize(("mode", "word"), [("crash", "-11"), ("garbage", "geen resultaat")])
def test_an_engine_that_breaks_is_told(engine, fake, mode, word):
    fake(mode)
    with pytest.raises(engine.EngineError, match=word):
        run(engine)


def test_garbage_is_not_poured_out_over_the_user(engine, fake):
    fake("garbage")
    with pytest.raises(engine.EngineError) as caught:
        run(engine)
    assert len(str(caught.value)) < 4000
    assert str(caught.value).replace("\n", "").isprintable()


def test_a_crash_shows_the_last_words(engine, fake):
    fake("crash")
    with pytest.raises(engine.EngineError, match="Segmentation fault"):
        run(engine)


@pytest.mark.parametrize("mode", ["old", "new"])
def test_another_version_is_refused_with_the_command_that_mends_it(engine, fake, mode):
    fake(mode)
    with pytest.raises(engine.EngineError, match=r'-m pip install "MAP/geowoonzorg-0\.2\.0-py3-none-any\.whl"'):
        run(engine)


def test_an_interpreter_without_engine_is_told(engine, fake):
    fake("no_engine")
    with pytest.raises(engine.EngineError, match="No module named geowoonzorg"):
        run(engine)


def test_no_engine_at_all_says_how_to_get_one(engine, monkeypatch):
    monkeypatch.delenv(engine.VARIABLE, raising=False)
    with pytest.raises(engine.EngineError, match=r'pip install "MAP/geowoonzorg-0\.2\.0-py3-none-any\.whl"'):
        engine.find()


@pytest.mark.parametrize("path", ["/no/such/python", "/etc/hostname", "/tmp"])  # noqa: S108
def test_an_interpreter_that_cannot_be_started_is_told(engine, monkeypatch, path):
    monkeypatch.setenv(engine.VARIABLE, path)
    engine.forget_found()
    with pytest.raises(engine.EngineError, match=path):
        engine.find()


def test_an_engine_that_never_answers_is_given_up(engine, fake, monkeypatch):
    monkeypatch.setattr(engine, "HANDSHAKE_S", 0.5)
    fake("mute")
    with pytest.raises(engine.EngineError, match="seconden"):
        engine.find()


@pytest.mark.parametrize("mode", ["hang", "deaf", "silent_hang"])
def test_cancel_ends_the_child_asked_first_and_killed_when_it_does_not_listen(engine, fake, monkeypatch, mode):
    log, heard, asked, ends = fake(mode), [], [], []
    popen = engine.subprocess.Popen
    for name in ("terminate", "kill"):
        do = getattr(popen, name)
        monkeypatch.setattr(popen, name, lambda process, do=do, name=name: (ends.append(name), do(process))[1])

    def cancelled() -> bool:
        asked.append(bool(heard))
        return bool(heard)

    with pytest.raises(engine.EngineCancelledError):
        engine.run(["facilities"], report=lambda _f, message: heard.append(message), cancelled=cancelled)
    assert ends == (["terminate", "kill"] if mode == "deaf" else ["terminate"])
    assert asked.count(True) == 1  # at once, not at a later time of asking
    assert not alive(log()[-1]["pid"])


def test_an_engine_that_does_not_listen_is_given_less_than_two_seconds(engine):
    assert engine.GRACE_S < 2


def test_cancelled_before_the_start_starts_nothing(engine, fake):
    log = fake("no_output")
    engine.find()
    with pytest.raises(engine.EngineCancelledError):
        run(engine, cancelled=lambda: True)
    assert [entry["argv"][-1] for entry in log()] == ["--version"]


def test_a_long_silence_is_told(engine, fake, monkeypatch):
    monkeypatch.setattr(engine, "SILENCE_S", 0.2)
    fake("silent_hang")
    heard = []
    with pytest.raises(engine.EngineCancelledError):
        engine.run(["facilities"], report=lambda f, m: heard.append(m), cancelled=lambda: len(heard) >= 2)
    assert any("stil" in message for message in heard)


def test_the_setting_comes_before_the_variable(engine, fake):
    from geowoonzorg_qgis import settings

    fake("no_output")
    settings.put("python", "/chosen/python")
    try:
        assert engine.candidate().python == "/chosen/python"
    finally:
        settings.put("python", "")
