"""The command speaks the reader's language, from the first word to the last."""

from __future__ import annotations

import json
import sys

import click
import pytest

from geowoonzorg import cli
from geowoonzorg.cli import run_command
from geowoonzorg.cli._console import Console
from geowoonzorg.errors import InputError
from geowoonzorg.messages import listed, renamed, tell, translate


def leaves(group, words=()):
    for name, command in group.commands.items():
        yield [*words, name], command
        if isinstance(command, click.Group):
            yield from leaves(command, (*words, name))


@pytest.mark.parametrize("words", [words for words, _ in leaves(cli.commands)], ids=" ".join)
def test_every_command_takes_the_language_and_how_it_tells(words, capsys):
    assert run_command([*words, "--help"]) == 0
    told = capsys.readouterr().out
    assert "--lang [nl|en]" in told
    assert "--progress [bar|json]" in told


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ([], "'FOUT'"),
        (["--lang", "nl"], "'FOUT'"),
        (["--lang", "en"], "'WRONG'"),
        (["--lang=en"], "'WRONG'"),
        (["--lang", "nl", "--lang", "en"], "'WRONG'"),
    ],
)
def test_an_error_is_told_in_the_language_asked_for(monkeypatch, capsys, options, told):
    monkeypatch.setattr("geowoonzorg.doctor.examine", lambda: ([], False))
    assert run_command(["doctor", *options]) == 3
    assert told in capsys.readouterr().err


def test_another_language_is_wrong_usage(capsys):
    assert run_command(["doctor", "--lang", "fy"]) == 2
    assert "--lang" in capsys.readouterr().err


@pytest.mark.parametrize(("lang", "first"), [("nl", "rang  van-tot"), ("en", "rank  from-to")])
def test_the_ranking_is_told_in_the_language(demo_run, lang, first):
    assert demo_run.told[lang].startswith(first)


def test_json_lines_have_the_language_and_the_same_kinds(tmp_path, capsys):
    told = {}
    for lang in ("nl", "en"):
        words = ["init", str(tmp_path / "no" / "folder"), "--progress", "json", "--lang", lang]
        assert run_command(words) == 5
        told[lang] = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert "kon niet worden gemaakt" in told["nl"].pop("message")
    assert "could not be made" in told["en"].pop("message")
    assert told["nl"] == told["en"] == {"type": "error", "kind": "OutputError", "exit_code": 5}


def test_progress_is_told_in_the_language(capsys):
    console = Console(as_json=True, lang="nl")
    console.progress(1.0, "reading areas")
    console.compiling(1)
    said = [json.loads(line)["message"] for line in capsys.readouterr().out.splitlines()]
    assert said == [
        "gebieden lezen",
        "gebieden lezen (vertalen naar machinetaal, alleen de eerste keer)",
    ]


def test_only_the_option_itself_makes_lines_of_json(capsys):
    assert run_command(["check", "json"]) == 4
    told = capsys.readouterr()
    assert told.out == ""
    assert "json" in told.err


def test_a_message_in_a_list_and_with_another_name_is_still_translated():
    inner = tell("there is no raster named {name}", name="a/b/geluid")
    both = listed([inner, "plain"], between="; ")
    assert (
        translate(renamed(both, "a/b/", ""), "nl") == "er is geen raster met de naam geluid; plain"
    )
    assert both == "there is no raster named a/b/geluid; plain"


# --- a fault of ours --------------------------------------------------------------------------------


@pytest.fixture
def broken(monkeypatch):
    """A program with a fault."""

    def fail(error):
        def examine():
            raise error

        monkeypatch.setattr("geowoonzorg.doctor.examine", examine)

    return fail


@pytest.mark.parametrize(
    ("lang", "words"),
    [("nl", ("fout in geowoonzorg zelf", "--debug")), ("en", ("fault in geowoonzorg", "--debug"))],
)
def test_a_fault_of_ours_is_told_as_ours(broken, capsys, lang, words):
    broken(ZeroDivisionError("by zero"))
    assert run_command(["doctor", "--lang", lang, "--progress", "json"]) == 70
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (told["kind"], told["exit_code"]) == ("InternalError", 70)
    for word in (*words, "ZeroDivisionError: by zero", "geowoonzorg doctor"):
        assert word in told["message"]


def test_a_fault_shows_its_traceback_when_asked(broken, capsys):
    broken(ZeroDivisionError("{by} zero"))
    assert run_command(["doctor"]) == 70
    assert "Traceback" not in capsys.readouterr().err
    assert run_command(["doctor", "--debug"]) == 70
    assert "Traceback" in capsys.readouterr().err


def test_too_little_memory_is_no_fault_of_the_program(broken, capsys):
    broken(MemoryError())
    assert run_command(["doctor", "--progress", "json"]) == 3
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert told["kind"] == "OutOfMemoryError"
    assert "te weinig geheugen" in told["message"]


def test_an_error_before_the_command_is_there_has_the_language(monkeypatch, capsys):
    from geowoonzorg import __main__

    monkeypatch.setattr(__main__, "_listen_for_cancel", lambda: None)
    monkeypatch.setattr(
        cli, "run_command", lambda _words: (_ for _ in ()).throw(ImportError("numba"))
    )
    for lang, word in (("nl", "bibliotheek"), ("en", "library")):
        monkeypatch.setattr(sys, "argv", ["geowoonzorg", "demo", "--lang", lang])
        with pytest.raises(SystemExit) as ended:
            __main__.main()
        assert ended.value.code == InputError.exit_code
        assert word in capsys.readouterr().err


# --- how the command is used ------------------------------------------------------------------------


def test_no_words_at_all_show_the_help(monkeypatch, capsys):
    from geowoonzorg import __main__

    monkeypatch.setattr(__main__, "_listen_for_cancel", lambda: None)
    monkeypatch.setattr(sys, "argv", ["geowoonzorg"])
    with pytest.raises(SystemExit) as ended:
        __main__.main()
    assert ended.value.code == 0
    assert "Usage: geowoonzorg" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "dutch", "english"),
    [
        (["run"], "STUDY ontbreekt", "STUDY is missing"),
        (["init", "a", "b"], "te veel woorden: b", "too many words: b"),
        (["run", "s.toml", "--draw", "1"], "geen optie; bedoeld is misschien --draws", "did you mean --draws?"),
        (["run", "s.toml", "--xyz"], "--xyz is geen optie", "--xyz is not an option"),
        (["run", "s.toml", "--draws", "x"], "--draws moet een geheel getal zijn, niet 'x'", "whole number, not"),
        (["run", "s.toml", "--progress", "x"], "--progress moet bar of json zijn, niet 'x'", "be bar or json"),
        (["nearest", "a", "b", "c"], "-o / --output ontbreekt", "-o / --output is missing"),
        (["nearest", "a", "b", "c", "-o", "d", "--limit-m", "x"], "moet een getal zijn", "must be a number"),
        (["run", "s.toml", "--out"], "--out vraagt een waarde", "--out needs a value"),
        (["run", "s.toml", "--force=1"], "--force neemt geen waarde", "--force takes no value"),
        (["sources", "lst"], "lst is geen opdracht", "lst is not a command"),
        (["rnu"], "rnu is geen opdracht; bedoeld is misschien run", "did you mean run?"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("form", [[], ["--progress", "json"]], ids=["text", "json"])
def test_wrong_usage_is_told_in_the_language(capsys, words, dutch, english, form):
    if "--out" in words or "--progress" in words:
        form = []
    for lang, told in (("nl", dutch), ("en", english)):
        assert run_command([*words[:1], *form, "--lang", lang, *words[1:]]) == 2
        said = capsys.readouterr()
        assert said.err.startswith("geowoonzorg: ")
        assert told in said.err
        assert "--help" in said.err
        if form:
            assert told in json.loads(said.out)["message"]
