"""Hostile names on every output a page can make: trials, comparisons, sheets of paper, downloads, walking sheets."""

from __future__ import annotations

import csv
import json
import re

import pytest
from in_browser import BROWSER, DESKTOP
from make_result import HOSTILE
from small_town import areas, points, small_town

from geowoonzorg.ask.sites import score_sites
from geowoonzorg.show.map_page import render_map
from geowoonzorg.show.report import render_report

NAMES = [
    *(name for name in HOSTILE if len(name) < 100),
    "@SUM(A1)",
    "+1",
    "-1",
    "\t=1+1",
    "Hof\r=1+1",
]
RUNS = r"(?s)\s*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20].*"

pytestmark = BROWSER


@pytest.fixture(scope="module")
def answer():
    n = len(NAMES)
    town = small_town(
        facilities=points(
            [300, 1_900, 700], facility_class=["huisarts", "supermarkt", "huisarts"], id=["h", "=s", "<b>g"],
            name=NAMES[:3],
        ),
        addresses=points([50, 150, 250], id=list("abc"), street=NAMES[3:6], housenumber=["1", "=1", "<i>"]),
        areas=areas(inhabitants=[100.0, 60.0], share_65plus=[0.2, 0.5]).assign(
            name=NAMES[:2], gemeente_name=NAMES[2:4]
        ),
    )  # fmt: skip
    sites = points(
        [100 + 40 * i for i in range(n)],
        id=[f"={i}<b>" for i in range(n)],
        name=NAMES,
        n_woningen=[20] * n,
    )
    return score_sites(town, sites, profile="geclusterd", draws=0)


@pytest.fixture(scope="module")
def opened(browser, answer, tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "map.html").write_text(render_map(answer, background=False), encoding="utf-8")
    (folder / "report.html").write_text(render_report(answer), encoding="utf-8")

    def visit(name):
        page = browser.new_page(viewport=DESKTOP, accept_downloads=True)
        page.complaints = []
        page.add_init_script("window.print = () => {}")
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on("dialog", lambda dialog: (page.complaints.append(dialog.message), dialog.dismiss()))
        page.on("console", lambda said: said.type == "error" and page.complaints.append(said.text))
        page.goto((folder / name).as_uri())
        return page

    return visit


def is_calm(page):
    assert page.evaluate("window.executed") is None
    assert (
        page.locator("main img, main b, main i, .panel img, table img, script").count() == 2
    )  # our two scripts
    assert page.complaints == []


def test_trials_comparisons_and_paper_show_names_as_text(opened):
    page = opened("map.html")
    for row in page.locator(".sites .site").all()[:4]:
        row.click()
    page.locator(".what-if").first.click()
    page.click("#tab-trial")
    page.locator("#pane-trial .action").nth(1).click()
    page.click("#tab-sites")
    for _ in range(2):
        page.click(".chooser .action")
    page.click("#tab-weights")
    page.fill('#pane-weights input[type="text"]', HOSTILE[3])
    page.locator("#pane-weights form .action").click()
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    page.locator("#find input").fill("script")
    is_calm(page)
    again = opened("map.html")  # a link that somebody made up
    again.goto(
        f"{again.url.partition('#')[0]}#site=<img src=x onerror=window.executed=9>&set={HOSTILE[0]}:1"
    )
    again.reload()
    is_calm(again)


def test_what_is_downloaded_runs_nowhere(opened, answer, tmp_path):
    page = opened("map.html")
    page.click("#tab-about")
    saved = []
    for i in range(4):
        with page.expect_download() as got:
            page.locator("#files button").nth(i).click()
        saved.append(tmp_path / f"{i}-{got.value.suggested_filename}")
        got.value.save_as(saved[-1])
        assert re.fullmatch(r"[\w-]+\.(csv|geojson|png)", got.value.suggested_filename)
    is_calm(page)
    with saved[0].open(encoding="utf-8-sig", newline="") as read:
        rows = list(csv.DictReader(read))
    check_cells(rows, answer)
    for path in saved[1:3]:
        features = json.loads(path.read_text("utf-8"))["features"]
        assert features
    assert {
        f["properties"]["id"] for f in json.loads(saved[1].read_text("utf-8"))["features"]
    } == set(answer.sites["id"])


def check_cells(rows, answer):
    assert len(rows) == len(answer.sites)
    for row in rows:
        for name, cell in row.items():
            assert not re.fullmatch(RUNS, name)
            if not re.fullmatch(r"-?\d+(\.\d+)?(e-?\d+)?", cell):
                assert not re.fullmatch(RUNS, cell), cell


def test_the_tables_beside_it_run_nowhere_either(answer, tmp_path):
    out = tmp_path / "out"
    answer.write(out)
    for path in out.glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as read:
            rows = list(csv.DictReader(read))
        assert rows
        if path.name == "scores.csv":
            check_cells(rows, answer)


def test_report_and_walking_sheets_show_names_as_text(opened):
    page = opened("report.html")
    assert page.evaluate("window.executed") is None
    assert page.locator("script, img, b, i").count() == 0
    assert page.locator('a[href^="javascript"], a[href^="data:"]').count() == 0
    assert page.complaints == []
    assert "<script>window.executed=1</script>" in page.locator("body").inner_text()
