"""One study that tells a whole story: its sites, where else, what if, and how the homes fit; each with a page."""

from __future__ import annotations

import json
import re
import shutil

import pandas as pd
import pyogrio
import pytest
import rasterio
from english import run_command
from in_browser import WIDTHS, in_a_browser, violations

from geowoonzorg.ask.running import ask_study
from geowoonzorg.prepare import demo_study
from geowoonzorg.show.printing import find_browser, print_page
from geowoonzorg.show.report import WHOLE_SITES

FILES = {
    "map.html", "report.html", "scores.csv", "coverage.csv", "lenses.csv", "result.gpkg", "provenance.json",
    "search.html", "suitability.tif", "spots.gpkg", "search.json",
    "locate.html", "locations.gpkg", "locations.json",
    "what-if.html", "ledger.csv", "sites.csv", "criteria.csv", "areas.csv", "handover.csv", "homes.csv",
    "addresses.gpkg", "facilities.gpkg",
    "programme.html", "programme.csv", "programme.gpkg", "programme.json", "build_or_bring.csv",
}  # fmt: skip
MORE = """
[search]
cell_m = 100
homes = 24
assume = { ontmoetingsruimte = "ja" }
spots = 2
apart_m = 500

[locate]
class = "inloopvoorziening"
k = 1

[what_if]
change = "change.toml"

[programme]
homes = 40
"""
HOSTILE = '"><script>window.executed=1</script>'


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    folder = tmp_path_factory.mktemp("story") / "demo"
    shutil.copytree(demo_study().parent, folder)
    study = folder / "study.toml"
    study.write_text(study.read_text("utf-8") + MORE, "utf-8")
    (folder / "change.toml").write_text(
        f'[[close]]\nid = "V01"\n[[open]]\nclass = "huisarts"\nx = 146000\ny = 507000\nname = \'{HOSTILE}\'\n',
        "utf-8",
    )
    out = folder / "out"
    assert run_command(["run", str(study), "--out", str(out), "--pdf"]) == 0
    if find_browser() is not None:  # a second run, without, takes it away
        shutil.copy(out / "report.pdf", folder / "paper.pdf")
    return out


def test_everything_is_in_one_folder(told):
    printed = {"report.pdf"} if find_browser() else set()
    assert {file.name for file in told.iterdir()} == FILES | printed
    assert [name for name, _ in pyogrio.list_layers(told / "spots.gpkg")] == ["spots", "criteria"]
    assert pyogrio.read_dataframe(told / "spots.gpkg", layer="spots")["rank"].tolist() == [1, 2]
    with rasterio.open(told / "suitability.tif") as grid:
        assert grid.descriptions[0] == "score"
    assert pd.read_csv(told / "programme.csv")["homes"].sum() == 40
    assert "V01" in set(pd.read_csv(told / "ledger.csv")["facility_id"])
    assert json.loads((told / "locations.json").read_text("utf-8"))["k"] == 1
    told_of = json.loads((told / "provenance.json").read_text("utf-8"))["questions"]
    assert sorted(told_of) == ["locate", "programme", "search", "what-if"]


@pytest.mark.parametrize("page", ["search", "locate", "what-if", "programme"])
def test_a_page_of_each_holds_its_data_and_nothing_that_runs(told, page):
    text = (told / f"{page}.html").read_text("utf-8")
    assert HOSTILE not in text
    assert len(re.findall(r"<script", text)) == 2
    data = json.loads(re.search(r'id="data">(.*?)</script>', text, re.DOTALL)[1])
    assert data["streets"]
    assert data["layers"]


def without_sites(folder, more):
    """Copy the demo's study without its sites, with one more section."""
    shutil.copytree(demo_study().parent, folder)
    study = folder / "study.toml"
    text = re.sub(r"^\[sites\]\n[^\[]*", "", study.read_text("utf-8"), flags=re.MULTILINE)
    study.write_text(text + more, "utf-8")
    return study


def test_a_change_needs_no_sites(tmp_path):
    study = without_sites(tmp_path / "demo", '[what_if]\nchange = "wat-als.toml"\n')
    assert run_command(["check", str(study)]) == 0
    change, out = study.parent / "wat-als.toml", tmp_path / "out"
    assert run_command(["what-if", str(study), str(change), "--out", str(out)]) == 0
    ledger = pd.read_csv(out / "ledger.csv").set_index("facility_id")
    assert ledger.loc["V01", "addresses_after"] == 0
    assert pd.read_csv(out / "sites.csv").empty
    assert (out / "map.html").exists()


def test_a_run_without_sites_answers_what_it_can(tmp_path):
    more = '[what_if]\nchange = "wat-als.toml"\n[locate]\nclass = "huisarts"\ncell_m = 100\n'
    study, out = without_sites(tmp_path / "demo", more), tmp_path / "out"
    assert run_command(["run", str(study), "--out", str(out)]) == 0
    assert {"what-if.html", "locate.html", "ledger.csv", "provenance.json"} <= {
        file.name for file in out.iterdir()
    }
    assert not (out / "map.html").exists()
    assert run_command(["run", str(study), "--out", str(out)]) == 0  # its own files


@pytest.mark.parametrize("command", ["run", "check", "programme"])
def test_a_programme_without_sites_says_what_to_do(tmp_path, capsys, command):
    study = without_sites(tmp_path / "demo", "[programme]\nhomes = 20\n")
    assert run_command([command, str(study)]) == 2
    assert "name the candidate locations under [sites]" in capsys.readouterr().err


def test_the_profile_of_a_run_is_that_of_all_its_questions(tmp_path):
    shutil.copytree(demo_study().parent, tmp_path / "demo")
    study = tmp_path / "demo" / "study.toml"
    study.write_text(study.read_text("utf-8") + "[programme]\nhomes = 20\n", "utf-8")
    answer = ask_study("run", study, profile="zorggeschikt", draws=50)
    chosen = answer.tables["programme/programme"].set_index("site_id")["score"]
    scores = answer.sites.set_index("id")["score"]
    pd.testing.assert_series_equal(chosen, scores[chosen.index], check_names=False)


def test_a_second_run_replaces_the_first(told):
    study = told.parent / "study.toml"
    before = (told / "programme.csv").read_bytes()
    assert run_command(["run", str(study), "--out", str(told)]) == 0
    assert (told / "programme.csv").read_bytes() == before
    assert not (told / "report.pdf").exists()  # it was of the first


@in_a_browser
def test_the_report_is_printed_on_eight_to_twelve_pages_the_same_each_time(told):
    html, paper = (told / "report.html").read_text("utf-8"), told.with_name("paper.pdf")
    again = print_page(html, find_browser())
    assert 8 <= len(re.findall(rb"/Type ?/Page\b", again)) <= 12
    # a browser that is kept waiting has numbered its marks otherwise once in hundreds of times
    assert paper.read_bytes() in (again, print_page(html, find_browser()))


@in_a_browser
def test_on_paper_summary_and_ranking_are_a_page_and_so_is_each_of_the_best(browser, told):
    wide, high = (round((mm - 28) / 25.4 * 96) for mm in (210, 297))  # A4 within its margins
    page = browser.new_page(viewport={"width": wide, "height": high})
    page.emulate_media(media="print")
    page.goto((told / "report.html").as_uri())
    ranking = page.locator(".ranking").bounding_box()
    assert ranking["y"] + ranking["height"] <= high
    best = [one.bounding_box() for one in page.locator(".site.whole").all()]
    heading = best[0]["y"] - page.locator("#sites").bounding_box()["y"]
    assert len(best) == WHOLE_SITES
    assert max(one["height"] for one in best) + heading <= high
    off = (
        "marks => marks.filter(m => {"
        "const a = m.getBoundingClientRect(), b = m.ownerSVGElement.getBoundingClientRect();"
        "return a.left < b.left || a.right > b.right || a.top < b.top || a.bottom > b.bottom}).length"
    )
    assert page.eval_on_selector_all(".map text", off) == 0
    off = "tables => Math.max(...tables.map(t => t.scrollWidth - t.parentElement.clientWidth))"
    assert page.eval_on_selector_all("table", off) <= 0  # nothing is cut at the paper's edge
    assert page.locator(".facilities tbody tr:visible").count() == 50
    page.close()


@pytest.fixture(scope="module")
def in_dutch(told):
    """The same study's pages in Dutch, in a folder of their own."""
    study, out = told.parent / "study.toml", told.parent / "dutch"
    assert run_command(["run", str(study), "--out", str(out), "--lang", "nl"]) == 0
    return out


@in_a_browser
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("lang", ["nl", "en"])
def test_pages_work_without_the_internet_and_for_everyone(browser, told, in_dutch, lang, width):
    for name in ("search", "locate", "what-if", "programme"):
        page, complaints = browser.new_page(viewport={"width": width, "height": 900}), []
        page.on("pageerror", lambda error: complaints.append(str(error)))  # noqa: B023
        page.on("console", lambda message: complaints.append(message.text))  # noqa: B023
        page.goto(((told if lang == "en" else in_dutch) / f"{name}.html").as_uri())
        page.wait_for_selector(".leaflet-marker-icon", state="attached")
        assert complaints == []
        assert page.locator("html").get_attribute("lang") == lang
        assert page.evaluate("window.executed") is None
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        box = page.locator("#map").bounding_box()
        assert box["width"] == width
        assert box["height"] >= 300  # without room it shows nothing, and complains of nothing
        assert violations(page) == []
        page.close()


def test_one_answer_never_lands_in_the_folder_of_another_unasked(told, tmp_path, capsys):
    study = told.parent / "study.toml"
    out = tmp_path / "out"
    shutil.copytree(told, out)
    before = {file.name: file.read_bytes() for file in out.iterdir()}
    assert run_command(["programme", str(study), "--homes", "40", "--out", str(out)]) == 5
    assert "another question (sites)" in capsys.readouterr().err
    (out / "programme.csv").unlink()
    alone = tmp_path / "alone"
    assert run_command(["programme", str(study), "--homes", "40", "--out", str(alone)]) == 0
    (alone / "spots.gpkg").write_bytes(b"mine")
    assert run_command(["programme", str(study), "--homes", "40", "--out", str(alone)]) == 0
    assert (alone / "spots.gpkg").read_bytes() == b"mine"
    assert {file.name: file.read_bytes() for file in out.iterdir()} == {
        name: content for name, content in before.items() if name != "programme.csv"
    }
