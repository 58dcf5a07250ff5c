"""The process that keeps a town read: what it answers, and that it never stays behind."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys

import pytest

from geowoonzorg.ask import ask_study
from geowoonzorg.change import Change
from geowoonzorg.prepare import demo_study

PATIENCE_S = 120  # a first start compiles, and machines may be busy
COMMAND = [sys.executable, "-m", "geowoonzorg", "warm"]


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("warm") / "demo"
    shutil.copytree(demo_study().parent, folder)
    return folder / "study.toml"


def said_by(lines):
    return [json.loads(line) for line in lines.splitlines()]


def test_a_change_in_the_process_is_that_of_the_question(study):
    requests = [
        {"id": 1, "ask": "what-if", "change": {"close": [{"id": "w900000000615"}]}, "sites": True},
        {"id": 2, "ask": "what-if", "change": {"close": ["nobody"]}},
        {"ask": "end"},
        {"id": 3, "ask": "facilities"},
    ]
    asked = "\n".join(json.dumps(one) for one in requests)
    done = subprocess.run(
        [*COMMAND, str(study), "--lang", "en"], input=asked, capture_output=True, text=True,
        timeout=PATIENCE_S, check=True,
    )  # fmt: skip
    hello, *progress, ready, first, second = said_by(done.stdout)
    assert hello["hello"]["program"] == "geowoonzorg"
    assert all("progress" in one for one in progress)
    assert ready["ready"]["crs"] == "EPSG:28992"
    assert second["id"] == 2
    assert "nobody" in second["error"]["what"]

    expected = ask_study("what-if", study, Change(close="w900000000615"))
    assert len(expected.tables["sites"]) > 3
    for name in ("ledger", "areas", "sites", "handover"):
        table, wanted = first["answer"][name], expected.tables[name]
        assert table["columns"] == list(wanted.columns)
        rows = wanted.astype(object).where(wanted.notna(), None).to_numpy().tolist()
        assert [[str(c) for c in row] for row in table["rows"]] == [
            [str(c) for c in r] for r in rows
        ]


@pytest.mark.skipif(os.name == "nt", reason="a parent's end is told by its pipe there")
@pytest.mark.parametrize("pipe", ["closed", "held"])
def test_it_ends_when_who_started_it_is_killed(study, pipe):
    """Its standard error is a pipe of which it holds the last end: that this ends says that it is gone."""
    read, write = os.pipe()  # where it is held, only the parent's end can tell the child
    given = "subprocess.PIPE" if pipe == "closed" else str(read)
    starts = (
        "import subprocess, sys; "
        f"child = subprocess.Popen(sys.argv[1:], stdin={given}, stdout=sys.stderr, stderr=sys.stderr); child.wait()"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", starts, *COMMAND, str(study)],
        stderr=subprocess.PIPE,
        pass_fds=[read],
    )
    try:
        assert b"hello" in parent.stderr.readline()
        parent.send_signal(signal.SIGKILL)
        parent.communicate(timeout=20)
    finally:
        os.close(read)
        os.close(write)


def test_it_ends_at_once_when_nobody_asks_anything(study):
    done = subprocess.run(
        [*COMMAND, str(study)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=PATIENCE_S,
        check=True,
    )
    assert b"ready" not in done.stdout
