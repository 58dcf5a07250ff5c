"""The map page on paper: A3 and A4 are filled, and nothing of what is on the screen is cut off."""

from __future__ import annotations

import re

import pytest
from in_browser import BROWSER, DESKTOP
from make_result import make_findings

from geowoonzorg.show.map_page import render_map

SHEETS = {"a3": (1191, 842), "a4": (842, 595)}  # points, lying
MARGIN_MM, MM = 8, 96 / 25.4

pytestmark = BROWSER


@pytest.fixture(scope="module")
def page(browser, tmp_path_factory):
    """The map of a small town, in a browser that prints nothing by itself."""
    path = tmp_path_factory.mktemp("paper") / "map.html"
    path.write_text(render_map(make_findings(), background=False), encoding="utf-8")
    opened = browser.new_page(viewport=DESKTOP)
    opened.add_init_script("window.print = () => {}")
    opened.goto(path.as_uri())
    yield opened
    opened.close()


@pytest.fixture(params=list(SHEETS))
def sheet(request):
    return request.param


@pytest.fixture(params=["nothing", "one", "three"])
def chosen(request, page):
    """The page with nothing chosen, with one site, or with three beside each other."""
    if request.param != "nothing":
        page.locator(".sites .site").first.click()
    for _ in range(2 if request.param == "three" else 0):
        page.click(".chooser .action")
    yield request.param
    page.keyboard.press("Escape")


MEASURE = """([width, height]) => {
    const shown = (one) => one.checkVisibility();
    const past = (box) => [...document.querySelectorAll(box + " *")].filter(shown)
        .filter((one) => one.getBoundingClientRect().right > width + 1).length;
    const cut = [...document.querySelectorAll("#panel, #panel *")].filter(shown)
        .filter((one) => one.scrollHeight > one.clientHeight + 2 && getComputedStyle(one).overflowY !== "visible");
    const screen = document.querySelector(".screen").getBoundingClientRect();
    return {
        wide: document.documentElement.scrollWidth, cut: cut.length,
        past: past("#panel") + past(".below"),
        filled: [screen.width / width, screen.height / height],
        map: document.querySelector(".leaflet-map-pane").parentElement.clientWidth,
        stage: document.querySelector(".stage").clientWidth,
    };
}"""


def test_a_sheet_is_filled_and_nothing_runs_past_it(page, sheet, chosen):
    area = [round((points / 72 * 25.4 - 2 * MARGIN_MM) * MM) for points in SHEETS[sheet]]
    before = page.locator("#panel").inner_text() if chosen != "nothing" else ""
    page.click(f"#print-{sheet}")
    page.set_viewport_size({"width": area[0], "height": area[1]})
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    found = page.evaluate(MEASURE, area)
    names = page.evaluate(
        "[...document.querySelectorAll('#panel .label, #panel .criterion')].filter((o) => o.checkVisibility()).length"
    )
    tables = page.evaluate(
        """[...document.querySelectorAll('.of-paper')].map((one) =>
            [...one.tHead.rows[0].cells].map((cell) => cell.textContent.trim()))"""
    )
    page.emulate_media(media="screen")
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    page.set_viewport_size({"width": 1440, "height": 900})
    assert found["wide"] <= area[0] + 1  # else the browser makes all of it smaller
    assert (found["cut"], found["past"]) == (0, 0)
    assert min(found["filled"]) > 0.96
    assert max(found["filled"]) < 1.001
    assert found["map"] == found["stage"]
    criteria = page.locator("#sites-table thead th").all_inner_texts()
    assert names == (0 if chosen == "nothing" else len(criteria) - 7 + (chosen == "three"))
    heads = [head for table in tables for head in table[2:]]
    assert heads == [head.strip() for head in criteria[2:]]  # each column once
    assert all(table[:2] == [head.strip() for head in criteria[:2]] for table in tables)
    assert page.locator(".of-paper").count() == 0
    assert page.locator(".stage > #panel").count() == 1
    if before:
        assert page.locator("#panel").inner_text() == before


def test_the_paper_is_as_large_as_the_button_says_and_a3_without_one(page, sheet):
    page.click(f"#print-{sheet}")
    paper = page.pdf(prefer_css_page_size=True, print_background=True)
    assert sizes(paper) == {SHEETS[sheet]}
    assert sizes(page.pdf(prefer_css_page_size=True)) == {SHEETS["a3"]}


def sizes(paper):
    boxes = re.findall(rb"/MediaBox \[([^\]]+)\]", paper)
    return {tuple(round(float(n)) for n in box.split()[2:]) for box in boxes}
