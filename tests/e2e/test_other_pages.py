"""The pages of coverage and of a region in a real browser: nobody is shut out, at no width, in neither language."""

from __future__ import annotations

from pathlib import Path

import pytest
from in_browser import BROWSER, WIDTHS, violations

from geowoonzorg.cli import run_command

pytestmark = BROWSER
DEMO = Path(__file__).resolve().parents[2] / "data" / "demo"
PAGES = {
    "coverage": ("study.toml", "map.html"),
    "region": ("regio/region.toml", "report.html"),
}


@pytest.fixture(scope="module", params=[(name, lang) for name in PAGES for lang in ("nl", "en")])
def page_file(request, tmp_path_factory):
    """One page of the bundled demo."""
    name, lang = request.param
    study, page = PAGES[name]
    out = tmp_path_factory.mktemp(name)
    assert run_command([name, str(DEMO / study), "--out", str(out), "--lang", lang, "--force"]) == 0
    return out / page


@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing_and_nothing_is_wider_than_the_window(browser, page_file, width):
    context = browser.new_context(viewport={"width": width, "height": 900}, reduced_motion="reduce")
    page = context.new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(page_file.as_uri())
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []
    context.close()


def test_where_a_class_may_be_incomplete_the_page_says_at_least_before_anything_is_chosen(
    browser, page_file
):
    if "coverage" not in str(page_file):
        pytest.skip("of coverage only")
    page = browser.new_page()
    page.goto(page_file.as_uri())
    told = page.locator("#at-least")
    page.locator("#rows tr").first.wait_for()
    kinds = page.locator("select").first
    shown = {}
    for kind in kinds.locator("option").all():
        kinds.select_option(kind.get_attribute("value"))
        shown[kind.get_attribute("value")] = told.is_visible()
    assert shown["basisschool"]
    assert not shown["apotheek"]
    page.close()
