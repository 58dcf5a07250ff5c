"""The engine that stays: what is asked and answered, and every way in which it can be lost."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest

from conftest import DEMO, ROOT

PATIENCE_S = 300

FAKE_WARM = """#!{python}
import json, os, sys, time
mode = os.environ.get("FAKE_ENGINE", "good")
def say(**content):
    sys.stdout.write(json.dumps(content) + chr(10)); sys.stdout.flush()
if mode == "no_engine":
    sys.exit("No module named geowoonzorg")
if mode != "rude":
    say(hello={{"program": "geowoonzorg", "version": {{"old": "0.0.9"}}.get(mode, "0.2.0"), "protocol": 7 if mode == "other" else 1}})
sys.stdout.write("not json at all" + chr(10))
say(progress={{"fraction": 0.5, "message": "half"}})
if mode == "memory":
    say(error={{"what": "too little memory", "where": "study", "cure": "close things", "code": "memory"}}); sys.exit(3)
say(ready={{"name": "x", "crs": "EPSG:28992", "limits_m": [400], "classes": [], "sites": False}})
for line in sys.stdin:
    request = json.loads(line)
    if mode == "killed":
        os.kill(os.getpid(), 9)
    if mode == "ends":
        sys.stderr.write("last words" + chr(10)); sys.exit(7)
    if mode == "mute":
        time.sleep(600)
    if request["ask"] == "wrong":
        say(id=request["id"], error={{"what": "no such thing", "where": "ask", "cure": "ask another", "code": "request"}})
    elif mode == "changed" and not os.path.exists(os.environ["FAKE_MARK"]):
        open(os.environ["FAKE_MARK"], "w").close()
        say(id=request["id"], error={{"what": "changed", "where": "f", "cure": "again", "code": "changed"}})
    else:
        say(id=request["id"], answer={{"asked": request["ask"], "pid": os.getpid()}})
"""


def wait_until(true) -> None:
    """Let Qt's events come until something holds."""
    from qgis.PyQt.QtCore import QEventLoop, QTimer

    loop, looking, giving_up = QEventLoop(), QTimer(), QTimer()
    looking.timeout.connect(lambda: true() and loop.quit())
    giving_up.setSingleShot(True)
    giving_up.timeout.connect(loop.quit)
    looking.start(5)
    giving_up.start(1000 * PATIENCE_S)
    loop.exec()
    assert true()


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture
def warm(plugin, monkeypatch, tmp_path):
    """An engine of the plugin's before which the fake stands; call it with how that behaves."""
    from geowoonzorg_qgis import engine
    from geowoonzorg_qgis.warm import WarmEngine

    fake = tmp_path / "fake"
    fake.write_text(FAKE_WARM.format(python=sys.executable), encoding="utf-8")
    fake.chmod(0o755)
    monkeypatch.setenv(engine.VARIABLE, str(fake))
    monkeypatch.setenv("FAKE_MARK", str(tmp_path / "mark"))
    made = []

    def behave(mode: str) -> WarmEngine:
        monkeypatch.setenv("FAKE_ENGINE", mode)
        one = WarmEngine()
        one.use("study.toml")
        made.append(one)
        return one

    yield behave
    for one in made:
        one.end()


def outcome_of(engine, **request) -> list:
    """Ask, and wait for what comes of it."""
    heard: list = []
    engine.ask(lambda: request, lambda answer: heard.append(("answer", answer)), lambda text: heard.append(("failed", text)))
    wait_until(lambda: heard)
    return heard


def test_nothing_is_started_before_it_is_asked(warm):
    engine = warm("good")
    assert engine.state == "off"
    assert engine._process is None


def test_one_process_answers_every_question(warm):
    engine = warm("good")
    heard = [outcome_of(engine, ask="facilities")[0][1] for _ in range(2)]
    assert engine.state == "ready"
    assert heard[0]["pid"] == heard[1]["pid"]
    assert not engine.is_busy()


def test_an_error_is_told_with_its_cure_and_the_engine_stays(warm):
    engine = warm("good")
    assert outcome_of(engine, ask="wrong") == [("failed", "No such thing; ask another.")]
    assert engine.state == "ready"


@pytest.mark.parametrize(
    ("mode", "words"),
    [
        ("old", "0.0.9"),
        ("other", "hoort"),
        ("rude", "hoort"),
        ("memory", "Too little memory; close things."),
        ("killed", "geheugen"),
        ("ends", "last words"),
        ("no_engine", "No module named"),
    ],
)
def test_how_it_was_lost_is_told_once_and_the_next_question_starts_it_again(warm, monkeypatch, mode, words):
    engine = warm(mode)
    told: list = []
    engine.failed.connect(told.append)
    ((kind, text),) = outcome_of(engine, ask="facilities")
    assert kind == "failed"
    assert words in text
    assert told == [text]
    assert engine.state == "off"
    monkeypatch.setenv("FAKE_ENGINE", "good")
    assert outcome_of(engine, ask="facilities")[0][0] == "answer"


def test_files_that_changed_are_read_again_unasked(warm, tmp_path):
    engine = warm("changed")
    ((kind, answer),) = outcome_of(engine, ask="facilities")
    assert (kind, answer["asked"]) == ("answer", "facilities")
    assert (tmp_path / "mark").exists()


def test_without_an_interpreter_it_says_what_to_do(warm, monkeypatch):
    from geowoonzorg_qgis import engine as engines

    monkeypatch.setenv(engines.VARIABLE, "/nowhere/python")
    ((kind, text),) = outcome_of(warm("good"), ask="facilities")
    assert kind == "failed"
    assert "/nowhere/python" in text


@pytest.mark.parametrize("mode", ["good", "mute"])
def test_it_is_gone_after_the_end_whether_it_listens_or_not(warm, mode):
    engine = warm(mode)
    engine.ask(lambda: {"ask": "x"}, lambda _answer: None, lambda _text: None)
    wait_until(lambda: engine.state == "ready")
    pid = engine._process.processId()
    engine.end()
    assert not is_alive(pid)
    assert engine.state == "off"


def test_another_study_has_another_process(warm):
    engine = warm("good")
    first = outcome_of(engine, ask="facilities")[0][1]["pid"]
    engine.use("other.toml")
    assert engine.state == "off"
    assert outcome_of(engine, ask="facilities")[0][1]["pid"] != first
    wait_until(lambda: not is_alive(first))


def test_two_windows_have_an_engine_each_and_end_their_own(warm):
    one, other = warm("good"), warm("good")
    first, second = (outcome_of(window, ask="facilities")[0][1]["pid"] for window in (one, other))
    assert first != second
    one.end()
    assert not is_alive(first)
    assert outcome_of(other, ask="facilities")[0][1]["pid"] == second


HOST = """
import os, sys
sys.path.insert(0, {plugin!r})
from qgis.core import QgsApplication
app = QgsApplication([], False)
from geowoonzorg_qgis.warm import WarmEngine
engine = WarmEngine()
engine.use({study!r})
engine.changed.connect(lambda state: state == "reading" and print(engine._process.processId(), flush=True))
engine.ask(lambda: {{"ask": "facilities"}}, print, print)
app.exec()
"""


def test_when_qgis_is_killed_the_engine_goes_within_seconds(real_engine):
    code = HOST.format(plugin=str(ROOT / "qgis_plugin"), study=str(DEMO / "study.toml"))
    host = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    pid = int(host.stdout.readline())
    assert is_alive(pid)
    host.send_signal(signal.SIGKILL)
    host.wait()
    wait_until(lambda: not is_alive(pid) or is_zombie(pid))


def is_zombie(pid: int) -> bool:
    """Whether only its entry is left, which whoever inherits it has to read."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:  # noqa: PTH123
            return file.read().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def test_a_line_of_json_survives_whatever_is_in_it():
    from geowoonzorg_qgis.warm import _parse

    assert _parse(json.dumps({"a": "é"}).encode()) == {"a": "é"}
    for bad in (b"", b"\xff", b"[" * 100_000, b"3", b"null"):
        assert _parse(bad) is None
