"""The page about the region does what it says."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

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
    from geowoonzorg.ask.region import OUTPUTS

    text = PAGE.read_text(encoding="utf-8")
    assert [name for name in OUTPUTS.names if f"`{name}`" not in text] == []
