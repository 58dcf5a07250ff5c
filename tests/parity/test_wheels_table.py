"""The figures on the page about wheels are those of today's code, in both languages."""

from __future__ import annotations

import importlib.util
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"


def test_the_table_is_what_is_measured(shared_data):
    """After a change in what may be walked: run docs/make_wheels_table.py again."""
    spec = importlib.util.spec_from_file_location("wheels_table", DOCS / "make_wheels_table.py")
    maker = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(maker)
    cells = maker.measure(str(shared_data / "kampen" / "kampen.osm.pbf"))
    for lang, page in maker.PAGES.items():
        assert maker.table(cells, lang) in page.read_text(encoding="utf-8"), lang
