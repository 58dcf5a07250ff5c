"""The page about the region does what it says."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from test_glossary import is_named, rows
from test_region import FILES

from geowoonzorg.ask import ask_region
from geowoonzorg.ask.region import OUTPUTS
from geowoonzorg.region.study import parse_region

PAGE = Path(__file__).resolve().parents[2] / "docs" / "region.md"


def blocks(kind):
    return re.findall(rf"```{kind}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


def test_the_regions_on_the_page_are_regions():
    made = [parse_region(tomllib.loads(block), folder=Path()) for block in blocks("toml")]
    assert len(made) == 2
    assert made[1].per_group[0].key in made[1].keys


def test_the_example_runs():
    (block,) = blocks("python")
    exec(block, {})  # noqa: S102 - our own page


def test_every_file_that_is_written_is_named():
    text = PAGE.read_text(encoding="utf-8")
    assert [name for name in OUTPUTS.names if f"`{name}`" not in text] == []


def test_every_column_is_in_the_glossary(tmp_path):
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    terms = {row[0].strip("`") for row in rows()}
    tables = ask_region(tmp_path / "region.toml").tables
    columns = {column for name in OUTPUTS.tables.values() for column in tables[name].columns}
    bare = {re.sub(r"_(low|high)$", "", column) for column in columns}
    assert sorted(column for column in bare if not is_named(column, terms)) == []
