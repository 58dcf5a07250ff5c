"""The report as a PDF: by whatever browser is there, alone, in time, and the same bytes each time."""

from __future__ import annotations

import json
import os
import re
import stat
import sys
from dataclasses import replace

import pytest
from english import in_english
from small_town import small_town
from test_ask import PROFILE, sites

from geowoonzorg import cli
from geowoonzorg.ask.sites import score_sites
from geowoonzorg.ask.writing import Outputs
from geowoonzorg.errors import OutputError
from geowoonzorg.show import printing
from geowoonzorg.show.printing import find_browser, print_page

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the browsers here are scripts")

#: A page as Skia lays it down, printed at some moment.
PAPER = (
    b"%PDF-1.4\n1 0 obj\n<</Title (x)\n/CreationDate (D:20260102030405+01'00')\n/ModDate (D:20260102030405Z)>>\n"
    b"endobj\ntrailer\n<</ID [<0aF9> <0aF9>]>>\n/ID (node00000012)\n%%EOF\n"
)
PRINTS = """
paper = next(word[15:] for word in sys.argv if word.startswith("--print-to-pdf="))
html = sys.argv[-1].removeprefix("file://")
seen = {"words": sys.argv[1:], "page": open(html, encoding="utf-8").read()}
open(os.path.join(HERE, "seen.json"), "w").write(json.dumps(seen))
open(paper, "wb").write(CONTENT)
"""


def browser(folder, does=PRINTS, *, content=PAPER, name="chromium"):
    """Write a program that stands in for a browser."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(
        f"#!{sys.executable} -IS\nimport json, os, signal, sys\nHERE, CONTENT = {str(folder)!r}, {content!r}\n{does}",
        "utf-8",
    )
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


@pytest.fixture
def only(monkeypatch, tmp_path):
    """Let no other browser be found than those in a folder."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr(printing, "_PLACES", ())
    for name in printing._PROGRAM_FOLDERS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(
        "geowoonzorg.show.map_page.render_map", lambda *_, **__: ""
    )  # slow, not ours
    return tmp_path / "bin"


def test_a_browser_is_found_on_the_path_by_its_usual_names_else_where_programs_are(
    only, monkeypatch, tmp_path
):
    assert find_browser() is None
    far = browser(tmp_path / "far", name="chrome.exe")
    monkeypatch.setattr(printing, "_PLACES", (str(tmp_path / "not there"), str(far)))
    assert find_browser() == far
    edge = browser(only, name="microsoft-edge")
    assert find_browser() == edge
    chromium = browser(only)
    assert find_browser() == chromium
    monkeypatch.setattr(printing, "_PLACES", ())
    chromium.unlink()
    edge.unlink()
    program = tmp_path / "Google" / "Chrome" / "Application"
    program.parent.mkdir(parents=True)
    chrome = browser(program, name="chrome.exe")
    monkeypatch.setenv("PROGRAMFILES", str(tmp_path))
    assert find_browser() == chrome


def test_the_browser_gets_the_page_and_a_profile_of_its_own_and_no_network(tmp_path):
    assert print_page("<p>é</p>", browser(tmp_path / "bin")) is not None
    seen = json.loads((tmp_path / "bin" / "seen.json").read_text("utf-8"))
    words = seen["words"]
    assert seen["page"] == "<p>é</p>"
    assert "--headless" in words
    assert "--host-resolver-rules=MAP * ~NOTFOUND" in words  # one word: no shell took it apart
    assert any(word.startswith("--proxy-server=127.0.0.1:") for word in words)
    assert ("--no-sandbox" in words) == (os.geteuid() == 0)
    profile = next(w.partition("=")[2] for w in words if w.startswith("--user-data-dir="))
    folder = os.path.dirname(profile)  # noqa: PTH120 - a word of a command
    assert words[-1] == f"file://{folder}/report.html"
    assert not os.path.exists(folder)  # noqa: PTH110 - nothing stays behind


def test_when_it_was_printed_is_not_in_it_and_all_else_stays_where_it_was(tmp_path):
    printed = print_page("", browser(tmp_path / "bin"))
    other = PAPER.replace(b"20260102030405", b"20270807060504").replace(b"0aF9", b"77b1")
    assert printed == print_page("", browser(tmp_path / "bin", content=other))
    assert len(printed) == len(PAPER)
    changed = {i for i, (a, b) in enumerate(zip(printed, PAPER, strict=True)) if a != b}
    allowed = re.finditer(rb"\(D:[^)]*\)|<0aF9>", PAPER)
    assert changed <= {i for found in allowed for i in range(*found.span())}
    assert b"/ID (node00000012)" in printed


@pytest.mark.parametrize(
    ("does", "content"),
    [
        ("sys.exit(1)", PAPER),
        (f"{PRINTS}\nsys.exit(3)", PAPER),
        ("", PAPER),  # ends well, without a file
        (PRINTS, b""),
        (PRINTS, PAPER[:-20]),  # a disk that was full
        (PRINTS, b"<html>%%EOF"),
    ],
)
def test_what_is_no_whole_pdf_is_none(tmp_path, does, content):
    assert print_page("", browser(tmp_path / "bin", does, content=content)) is None


HANGS = """
line = os.open(os.path.join(HERE, "line"), os.O_WRONLY)
os.fork()
signal.signal(signal.SIGALRM, lambda *_: os.write(line, b"late"))
signal.alarm(30)
os.write(line, b"here")
signal.pause()
"""


def test_a_browser_that_hangs_is_ended_with_what_it_started(tmp_path):
    hangs = browser(tmp_path / "bin", HANGS)
    os.mkfifo(tmp_path / "bin" / "line")
    line = os.open(tmp_path / "bin" / "line", os.O_RDONLY | os.O_NONBLOCK)
    assert print_page("", hangs, patience_s=2.0) is None
    os.set_blocking(line, True)
    with open(line, "rb") as heard:  # noqa: PTH123 - ends when nobody can write there any more
        assert heard.read() == b"herehere"


@pytest.fixture(scope="module")
def answer():
    whole = score_sites(small_town(), sites(), profile=PROFILE, draws=0)
    return replace(whole, outputs=Outputs({}, {"scores.csv": "sites"}))


def ours(folder):
    """List what the provenance in a folder says was written there."""
    return json.loads((folder / "provenance.json").read_text("utf-8"))["written"]["files"]


def test_the_pdf_is_written_beside_the_report_and_never_left_beside_another(only, answer, tmp_path):
    browser(only)
    out = tmp_path / "out"
    files = [file.name for file in answer.write(out, pdf=True)]
    assert files[:3] == ["map.html", "report.html", "report.pdf"]
    seen = json.loads((only / "seen.json").read_text("utf-8"))
    assert seen["page"] == (out / "report.html").read_text("utf-8")
    assert "report.pdf" in ours(out)
    answer.write(out)  # replaces its own file
    assert not (out / "report.pdf").exists()


def test_without_a_browser_all_else_is_written(only, answer, tmp_path):
    out = tmp_path / "out"
    plain = list(answer.outputs.names)
    assert [file.name for file in answer.write(out, pdf=True)] == plain
    browser(only)
    answer.write(out, pdf=True)
    browser(only, "sys.exit(1)")  # an old page does not stay beside the new tables
    assert [file.name for file in answer.write(out, pdf=True)] == plain
    assert not (out / "report.pdf").exists()
    assert ours(out) == plain  # so that a file of this name is the user's


def test_a_pdf_of_the_users_own_is_neither_replaced_nor_removed(only, answer, tmp_path):
    browser(only)
    out = tmp_path / "out"
    answer.write(out)
    (out / "report.pdf").write_bytes(b"mine")
    answer.write(out)
    with pytest.raises(OutputError, match=r"report\.pdf that no earlier run wrote"):
        answer.write(out, pdf=True)
    assert (out / "report.pdf").read_bytes() == b"mine"
    answer.write(out, pdf=True, force=True)
    assert (out / "report.pdf").read_bytes().startswith(b"%PDF")


def test_the_command_says_why_there_is_no_pdf(only, tmp_path):
    report = tmp_path / "report.html"

    def said(*files):
        return list(cli._questions._not_printed([tmp_path / name for name in files]))

    assert said("report.html", "report.pdf") == []
    assert "without sites" in said("provenance.json")[0]
    none = said("report.html")[0]
    assert "no Chromium, Chrome or Edge" in none
    assert str(report) in none
    there = browser(only)
    assert f"{there} did not print it" in said("report.html")[0]


@pytest.mark.parametrize("command", ["run", "demo"])
def test_run_and_demo_have_the_option_and_no_other_question(command, capsys):
    assert cli.run_command(in_english([command, "--help"])) == 0
    assert "--pdf" in capsys.readouterr().out
    assert cli.run_command(in_english(["search", "--help"])) == 0
    assert "--pdf" not in capsys.readouterr().out
