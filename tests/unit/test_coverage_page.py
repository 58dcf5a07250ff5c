"""The page of coverage: its grid is the areas, its numbers the table's; in a browser, by keyboard, on a phone."""

from __future__ import annotations

import base64
import json
import re
import runpy
import sys
import zlib
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

import geowoonzorg as gw
from geowoonzorg.prepare import demo_study
from geowoonzorg.show.coverage_page import coverage_page

CHROMIUM = Path("/usr/bin/chromium")
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def answer():
    return gw.coverage(gw.Town.demo())


@pytest.fixture(scope="module")
def page(answer):
    return coverage_page(answer, "nl").decode()


def data_of(page):
    return json.loads(re.search(r'id="data">(.*?)</script>', page, re.DOTALL)[1])


def unpacked(text, kind):
    return np.frombuffer(zlib.decompress(base64.b64decode(text)), kind)


def cells_of(data):
    steps = unpacked(data["grid"]["cells"], "<u4").reshape(
        data["grid"]["height"], data["grid"]["width"]
    )
    return steps.cumsum(axis=0, dtype=np.uint32)


def test_every_cell_is_of_the_area_that_its_middle_lies_in(answer, page):
    data = data_of(page)
    cells = cells_of(data)
    rng = np.random.default_rng(1)
    row, column = rng.integers(0, cells.shape[0], 4_000), rng.integers(0, cells.shape[1], 4_000)
    (south, west), (north, east) = data["grid"]["bounds"]
    corners = gpd.GeoSeries(gpd.points_from_xy([west, east], [south, north]), crs=4326).to_crs(3857)
    x = corners.x[0] + (column + 0.5) / cells.shape[1] * (corners.x[1] - corners.x[0])
    y = corners.y[1] - (row + 0.5) / cells.shape[0] * (corners.y[1] - corners.y[0])
    areas = answer.areas.to_crs(3857).geometry
    tree = shapely.STRtree(np.asarray(areas))
    at, area = tree.query(shapely.points(x, y), predicate="within")
    want = np.zeros(4_000, int)
    want[at] = area + 1
    # On a border a cell may go to either side.
    far = (
        shapely.distance(
            shapely.points(x, y), shapely.union_all(shapely.boundary(np.asarray(areas)))
        )
        > 3
    )
    assert far.sum() > 3_000
    np.testing.assert_array_equal(cells[row, column][far], want[far])


def test_its_numbers_are_those_of_the_table(answer, page):
    data = data_of(page)
    table = answer.coverage[answer.coverage["limit_m"] == answer.asked.limits_m[0]]
    for name, rows in table.groupby("facility_class"):
        own = rows.set_index("area_code").reindex(data["code"])
        for key, column in (("near", "share_within"), ("low", "share_low")):
            told = unpacked(data["numbers"][name][key], "u1")
            want = np.where(own[column].isna(), 255, np.round(100 * own[column].fillna(0)))
            assert told.tolist() == want.tolist()
        for key, column in (("least", "people_65plus_min"), ("most", "people_65plus_max")):
            told = unpacked(data["numbers"][name][key], "<u2").astype(float)
            want = own[column].round().astype(float)
            np.testing.assert_array_equal(np.where(told == 65_535, np.nan, told), want)


def test_it_asks_nothing_of_others_and_is_the_same_twice(answer, page):
    assert coverage_page(answer, "nl").decode() == page
    assert not re.search(r"(?:src|href)=\"?https?:", page.partition("<main")[0])
    assert "default-src &#39;none&#39;" in page


def test_thousands_of_areas_and_hostile_names_are_a_page_under_five_megabytes(answer):
    n = 120
    x, y = np.meshgrid(np.arange(n) * 1_500.0 + 1e5, np.arange(n) * 1_500.0 + 4e5)
    codes = [f"BU{k:08d}" for k in range(n * n)]
    areas = gpd.GeoDataFrame(
        {"code": codes, "name": "</script><b>Ä\u202e", "addresses": 700},
        geometry=shapely.box(x, y, x + 1_500, y + 1_500).ravel(), crs=28992,
    )  # fmt: skip
    rng = np.random.default_rng(2)
    row = answer.coverage.iloc[[0]]
    classes = (
        "huisarts",
        "supermarkt",
        "apotheek",
        "ov_halte",
        "basisschool",
        "bank",
        "eigen",
        "inloopvoorziening",
    )
    table = row.loc[row.index.repeat(n * n * len(classes))].assign(
        area_code=np.tile(codes, len(classes)), facility_class=np.repeat(classes, n * n),
        share_within=rng.random(n * n * len(classes)), share_low=0.1,
        people_65plus_min=rng.integers(0, 300, n * n * len(classes)),
    )  # fmt: skip
    tables = {"areas": areas, "coverage": table}
    from dataclasses import replace

    page = coverage_page(replace(answer, tables=tables), "en")
    assert len(page) < 5_000_000
    assert page.count(b"</script>") == 2


def test_without_areas_it_is_a_page(answer):
    from dataclasses import replace

    nothing = {name: answer.tables[name].iloc[:0] for name in ("areas", "coverage")}
    assert coverage_page(replace(answer, tables=nothing, summary=()), "nl").startswith(b"<!DOCTYPE")


@pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not at /usr/bin/chromium")
@pytest.mark.parametrize("width", [1440, 360])
def test_in_a_browser_map_and_table_tell_the_same(answer, tmp_path, width):
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    file = tmp_path / "map.html"
    file.write_bytes(coverage_page(answer, "nl"))
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"]
        )
        shown = browser.new_page(viewport={"width": width, "height": 800})
        faults, asked = [], []
        shown.on("pageerror", lambda error: faults.append(str(error)))
        shown.on("console", lambda line: faults.append(line.text) if line.type == "error" else None)
        shown.on(
            "request", lambda one: asked.append(one.url) if one.url.startswith("http") else None
        )
        shown.goto(file.as_uri())
        shown.wait_for_selector("#rows tr")
        shown.select_option("#class", "supermarkt")
        assert shown.locator("#rows tr").count() == len(answer.areas)
        # By keyboard alone: to the first name of the table, and choose it.
        shown.focus("#rows button")
        shown.keyboard.press("Enter")
        told = shown.inner_text("#told")
        chosen = shown.locator('#rows [aria-pressed="true"]').inner_text()
        own = answer.areas.set_index("name").loc[chosen]
        assert chosen in told
        assert f"binnen de afstand: {own['share_supermarkt']:.0%}".replace("%", " %") in told
        painted = shown.evaluate(
            "(() => { const c = document.querySelector('#map canvas'); const d = c.getContext('2d')"
            ".getImageData(0, 0, c.width, c.height).data; const s = new Set();"
            " for (let i = 0; i < d.length; i += 4000) s.add(d.slice(i, i + 3).join()); return s.size; })()"
        )
        assert painted > 3  # several classes and nothing
        box = shown.locator("#map").bounding_box()
        assert min(box["width"], box["height"]) > 200
        assert shown.evaluate("document.documentElement.scrollWidth") <= width
        assert (faults, asked) == ([], [])
        browser.close()


def test_the_national_product_is_the_table_as_geoparquet(tmp_path, monkeypatch, capsys):
    pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    monkeypatch.setattr(
        sys, "argv", ["make_national.py", str(demo_study()), str(tmp_path / "n"), "--tiles-km", "2"]
    )
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(ROOT / "docs" / "make_national.py"), run_name="__main__")
    assert ended.value.code == 0
    found = gpd.read_parquet(tmp_path / "n.parquet").set_index("code")
    whole = gw.coverage(gw.Town.demo()).coverage.query("limit_m == 400")
    for name in ("huisarts", "supermarkt", "inloopvoorziening"):
        own = whole[whole["facility_class"] == name].set_index("area_code")
        for column, of in (
            ("share", "share_within"),
            ("share_low", "share_low"),
            ("people_65plus_max", "people_65plus_max"),
        ):
            np.testing.assert_array_equal(found.loc[own.index, f"{name}_{column}"], own[of])
    told = found.dropna(subset=["huisarts_people_65plus_max"])
    assert (told["huisarts_people_65plus_max"] <= told["people_65plus_most"] + 2.5).all()
    assert found.crs == 28992
    assert b"<!DOCTYPE html>" in (tmp_path / "n.html").read_bytes()
    assert "huisarts" in capsys.readouterr().out
