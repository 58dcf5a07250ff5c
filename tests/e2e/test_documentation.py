"""The documentation does what it says: every command and every snippet of every page, on the bundled demo.

A block without a language, or with ``sh``, is commands; ``python`` is run, page by page; ``toml`` and ``csv`` are
files, written where the paragraph above ends in a file's name; ``text`` is what the command above it tells. What is
not run stands in tests/data/not_followed.toml, with the reason. An English page does what the Dutch one does.
"""

from __future__ import annotations

import ast
import doctest
import importlib.util
import json
import re
import shlex
import shutil
import tomllib
from functools import cache
from pathlib import Path
from typing import NamedTuple

import click
import pytest

import geowoonzorg.ask
from geowoonzorg import cli
from geowoonzorg.messages import translate
from geowoonzorg.town import town as town_room

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
LEFT = tomllib.loads((ROOT / "tests" / "data" / "not_followed.toml").read_text("utf-8"))
ENGLISH = " --lang en"
DEMO = "geowoonzorg demo --out demo-out"
COMMANDS = {"", "sh"}
KINDS = COMMANDS | {"python", "toml", "csv", "text", "json", "ini"}


class Block(NamedTuple):
    """A block of a page: its language, what is in it, and the file that it is, if any."""

    kind: str
    content: str
    file: str

    @property
    def lines(self):
        return [line for line in self.content.splitlines() if line and line[0] != "#"]


def made_pages():
    """Name the pages that are made of data: no commands of their own."""
    spec = importlib.util.spec_from_file_location("doc_pages", DOCS / "site" / "pages.py")
    pages = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(pages)
    return set(pages.PAGES)


MADE = made_pages()
PAGES = {
    path.name.removesuffix(".md"): path.read_text("utf-8")
    for path in sorted(DOCS.glob("*.md"))
    if path.name.partition(".")[0] not in MADE
}
LAST = ("start", "policy")  # what they show is also shown one by one: run there
DUTCH = sorted(
    (name for name in PAGES if not name.endswith(".en") and name not in LEFT["pages"]),
    key=LAST.__contains__,
)
PAIRS = [name for name in PAGES if f"{name}.en" in PAGES]


@cache
def blocks(name):
    """List the blocks of a page in their order."""
    found, above = [], ""
    for i, part in enumerate(PAGES[name].split("```")):
        if i % 2:
            kind, _, content = part.partition("\n")
            file = re.search(r"`([\w./-]+\.(?:toml|csv))`[^`\n]*:\s*$", above)
            found.append(Block(kind, content, file[1] if file and kind in {"toml", "csv"} else ""))
        above = part
    return found


def is_told(want, got):
    """Compare as doctest does, white space alike whatever its width, with … for what is left out."""
    wanted, told = (" ".join(text.split()) for text in (want.replace("…", "..."), got))
    return doctest.OutputChecker().check_output(wanted, told, doctest.ELLIPSIS)


class Desk:
    """A folder with the demo, in which each command is run once, whatever pages it is on."""

    def __init__(self, folder):
        self.folder, self.answers, self.told, self.towns = folder, {}, {}, {}
        self.line = ""

    def run(self, line, capsys):
        if line not in self.told:
            self.line = line
            words = shlex.split(line, comments=True)
            assert words[0] == "geowoonzorg", f"{line}: name it in tests/data/not_followed.toml"
            capsys.readouterr()
            code = cli.run_command(words[1:])
            out = capsys.readouterr()
            assert code == 0, f"{line}\n{out.err}"
            self.told[line] = out.out
        return self.told[line]

    def in_english(self, line, capsys):
        """Tell what an answer says in English, without asking it again; the files that follow in one word."""
        if (answer := self.answers.get(line.replace(ENGLISH, ""))) is None:
            return self.run(line + " --force" * (" -o " in line), capsys)
        return "\n".join([*(translate(one, "en") for one in answer.summary), "files"])


@pytest.fixture(scope="module")
def desk(tmp_path_factory, demo_run):
    one = Desk(tmp_path_factory.mktemp("documentation"))
    shutil.copytree(ROOT / "data" / "demo", one.folder / "data" / "demo")
    shutil.copytree(demo_run.folder, one.folder / "demo-out")
    one.told[DEMO], one.answers[DEMO] = demo_run.told["nl"], demo_run.answer
    ask, read = geowoonzorg.ask.ask_study, town_room.read_town

    def asked(*words, **more):
        one.answers[one.line] = answer = ask(*words, **more)
        return answer

    def read_once(kind, study, **more):
        if study.hash not in one.towns:
            one.towns[study.hash] = read(kind, study, **more)
        return one.towns[study.hash]

    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(one.folder)
        patch.setattr(geowoonzorg.ask, "ask_study", asked)
        patch.setattr(town_room, "read_town", read_once)
        yield one


def write(block, folder):
    """Lay down a file as a page has it."""
    path = folder / block.file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(block.content, "utf-8")


def follow(name, desk, capsys):
    """Do what a page says, and hold what it shows beside what is told."""
    names = {"__name__": name}
    english = PAGES.get(f"{name}.en")
    shown_in_english = (
        [b.content for b in blocks(f"{name}.en") if b.kind == "text"] if english else []
    )
    told, line = "", ""
    for block in blocks(name):
        if block.file:
            write(block, desk.folder)
        elif block.kind == "python":
            exec(compile(block.content, f"<{name}.md>", "exec"), names)  # noqa: S102 - our own page
            told, line = capsys.readouterr().out, ""
        elif block.kind in COMMANDS:
            for line in block.lines:
                told = "" if line in LEFT["lines"] else desk.run(line, capsys)
        elif block.kind == "text":
            assert is_told(block.content, told), f"{name}: {line}\n{told}"
            if shown_in_english:
                said = desk.in_english(line + ENGLISH, capsys) if line else told
                assert is_told(shown_in_english.pop(0), said), f"{name}.en: {line}\n{said}"


@pytest.mark.parametrize("name", DUTCH)
def test_a_page_does_what_it_says(name, desk, capsys):
    follow(name, desk, capsys)


@pytest.mark.parametrize("name", PAGES)
def test_every_block_is_of_a_kind_that_is_looked_at(name):
    assert {block.kind for block in blocks(name)} <= KINDS
    assert PAGES[name].count("```") == 2 * len(blocks(name))
    assert len(re.findall("^```", PAGES[name], flags=re.MULTILINE)) == 2 * len(blocks(name))
    for block in blocks(name):
        if block.kind == "toml":
            tomllib.loads(block.content)
        if block.kind == "json":
            json.loads(block.content)


@pytest.mark.parametrize("name", PAIRS)
def test_an_english_page_does_what_the_dutch_one_does(name):
    def done(page):
        for block in blocks(page):
            if block.kind == "python":
                yield ast.dump(ast.parse(block.content))
            elif block.kind == "toml":
                yield tomllib.loads(block.content), block.file
            elif block.kind in COMMANDS:
                yield [line.replace(ENGLISH, "").split("  #")[0].strip() for line in block.lines]
            else:
                yield block.kind

    assert list(done(f"{name}.en")) == list(done(name))


@pytest.mark.parametrize("name", PAGES)
def test_a_command_in_a_sentence_exists(name):
    context = click.Context(cli.commands)
    for words in re.findall(r"`geowoonzorg ([^`]+)`", PAGES[name].replace("\n", " ")):
        group, found = cli.commands, None
        for word in words.split():
            if isinstance(group, click.Group) and (found := group.get_command(context, word)):
                group = found
        if words.split()[0].isupper() or words.startswith("--"):
            continue  # `geowoonzorg COMMAND --help`
        assert found, words
        known = {option for one in found.params for option in one.opts} | {"--help"}
        assert set(re.findall(r"(?<= )--[\w-]+", words)) <= known, words


def test_nothing_is_left_out_that_no_page_shows():
    lines = {line for name in PAGES for block in blocks(name) for line in block.lines}
    assert set(LEFT["lines"]) <= lines
    assert set(LEFT["pages"]) <= set(PAGES)
    assert all(LEFT["lines"].values())
    assert all(LEFT["pages"].values())


def named(page, title):
    """List the keys that the first column of the table under a title names."""
    table = PAGES[page].split(title)[1].split("|\n\n")[0]
    cells = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    return {key for cell in cells for key in re.findall(r"`(\w+)`", cell)}


@pytest.mark.parametrize(
    ("page", "all_of", "a_site"),
    [
        ("map-data", "## Wat erin staat", "Een locatie in"),
        ("map-data.en", "## What is in it", "A site in"),
    ],
)
def test_the_data_of_the_map_are_what_is_written_of_them(page, all_of, a_site, demo_run):
    text = (demo_run.folder / "map.html").read_text("utf-8")
    data = json.loads(text.split('id="data">')[1].split("</script>")[0])
    assert named(page, all_of) == set(data)
    assert named(page, a_site) == {key for site in data["sites"] for key in site}


@pytest.mark.parametrize("page", [name for name in PAGES if "**A" in PAGES[name]])
def test_an_answer_has_no_figure_that_no_command_shows(page):
    shown = " ".join(block.content for block in blocks(page))
    numbers = r"\d+(?:[.,]\d+)*"
    for answer in re.findall(r"\*\*An(?:twoord|swer)\.\*\*(.*?)\n\n", PAGES[page], flags=re.DOTALL):
        said = re.sub("`.*?`", "", answer)
        assert set(re.findall(numbers, said)) <= set(re.findall(numbers, shown)), answer


def measured(page):
    """List the figures of a page, in English, and those of each row of its tables behind the first cell."""
    text = PAGES[page]
    if page == "method":
        text = text.translate(str.maketrans(",.", ".,"))
    rows = [
        re.findall(r"\d[\d.,]*", row) for row in re.findall(r"^\|[^|]*\|(.*)", text, re.MULTILINE)
    ]
    return set(re.findall(r"\d+(?:[.,]\d+)+", text)), rows


@pytest.mark.parametrize("page", ["method", "method.en"])
def test_what_was_measured_is_what_the_benchmarks_say(page):
    told, rows = measured(page)
    known, known_rows = measured("benchmarks")
    compared = [row for row in rows if row]
    assert len(compared) == 7
    assert all(row in known_rows for row in compared)
    assert told <= known


def test_the_plugin_has_the_operations_that_its_pages_name():
    words = (ROOT / "qgis_plugin" / "geowoonzorg_qgis" / "i18n" / "nl.ts").read_text("utf-8")
    message = r"<source>([^<]*)</source>\s*(?:<comment>.*?</comment>\s*)?<translation>([^<]*)<"
    dutch = dict(re.findall(message, words))
    row = r"^\| (.*?) \| `geowoonzorg:(\w+)` \|"
    english = dict(re.findall(row, PAGES["qgis.en"], flags=re.MULTILINE))
    here = dict(re.findall(row, PAGES["qgis"], flags=re.MULTILINE))
    # a model is told from an algorithm by a word that is not of its name
    told = [dutch[name.removesuffix(" (model)")] for name in english]
    assert told == [name.removesuffix(" (model)") for name in here]
    assert list(english.values()) == list(here.values())
