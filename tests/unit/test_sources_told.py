"""What the catalogue and the template say to whom asks: no gap hidden, and in the language that is asked for."""

from __future__ import annotations

import re
import tomllib

from english import run_command

from geowoonzorg import cli
from geowoonzorg.messages import translate
from geowoonzorg.opendata.sources import read_catalogue, year_runs
from geowoonzorg.prepare import write_template


def test_every_year_of_a_source_is_told_and_no_other(capsys):
    assert run_command(["sources", "list"]) == 0
    told = capsys.readouterr().out.splitlines()
    for source in read_catalogue().sources.values():
        (at,) = [i for i, line in enumerate(told) if line.split()[:1] == [source.key]]
        years = set()
        if source.years:
            for run in told[at + 1].strip().split(", "):
                first, _, last = run.partition("-")
                years |= set(range(int(first), int(last or first) + 1))
        assert years == set(source.years)


def test_a_gap_shows():
    assert year_runs([2024, 2019, 2021, 2023, 2022]) == "2019, 2021-2024"
    assert year_runs([]) == ""


def test_whose_data_it_is_is_dutch_in_dutch():
    english = re.compile(r"\b(the|and|of|user|contributors)\b")
    for source in read_catalogue().sources.values():
        for words in (source.publisher, source.licence):
            assert not english.search(translate(words, "nl")), source.key


def test_a_template_is_in_the_language_that_is_asked_for(tmp_path, capsys):
    assert cli.run_command(["init", str(tmp_path / "nl")]) == 0
    assert run_command(["init", tmp_path / "en"]) == 0
    texts = [(tmp_path / lang / "study.toml").read_text("utf-8") for lang in ("nl", "en")]
    assert texts[0].startswith("# Een studie")
    assert texts[1].startswith("# A study")


def without_comments(text):
    """Give what each line says to the program, also of lines that are put out by a ``#``."""
    keys = re.compile(r"^(?:# )?((?:\[+[\w.]+\]+)|\w+ = .*?)\s*(?:#.*)?$")
    return [match[1].rstrip() for line in text.splitlines() if (match := keys.match(line))]


def test_both_templates_say_the_same_to_the_program(tmp_path):
    dutch, english = (
        write_template(tmp_path / lang, lang=lang).read_text("utf-8") for lang in ("nl", "en")
    )
    said = [
        [line for line in without_comments(text) if not line.startswith('name = "M')]
        for text in (dutch, english)
    ]
    assert said[0] == said[1]
    assert len(said[0]) > 40
    (a, b) = (tomllib.loads(text) for text in (dutch, english))
    assert a | {"study": 0} == b | {"study": 0}
