"""The map page of very many sites and facilities, and of studies with hardly any answer, in a real browser."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from in_browser import BROWSER, DESKTOP, violations
from make_result import make_findings, with_tables

from geowoonzorg.show.map_data import MOST_FACILITIES
from geowoonzorg.show.map_page import AT_ONCE, MOST_LISTED, render_map
from geowoonzorg.show.texts import read_texts

NL = read_texts("nl")
N_SITES, N_FACILITIES = MOST_LISTED + 120, MOST_FACILITIES + 300
#: What of a sign may lie under others (of its own width).
HALF = 0.5

pytestmark = BROWSER


@pytest.fixture
def visit(browser, tmp_path):
    """Open a page without network; afterwards it has neither asked for anything nor complained."""
    pages = []

    def opened(html, state="", *, size=DESKTOP):
        file = html if not isinstance(html, str) else tmp_path / f"{len(pages)}.html"
        if isinstance(html, str):
            file.write_text(html, encoding="utf-8")
        page = browser.new_page(viewport=size, reduced_motion="reduce")
        pages.append(page)
        page.complaints = []
        page.route(
            "http**", lambda route: (page.complaints.append(route.request.url), route.abort())
        )
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.goto(f"{file.as_uri()}{state}")
        return page

    yield opened
    for page in pages:
        assert page.complaints == []
        page.close()


@pytest.fixture(scope="module")
def many():
    """As many sites and facilities as the page tells whole, and some more."""
    found = make_findings(n_sites=N_SITES)
    layer = found.tables["facilities"]
    rng = np.random.default_rng(3)
    more = layer.iloc[rng.integers(0, len(layer), N_FACILITIES - len(layer))].reset_index(drop=True)
    more["id"] = [f"more{i}" for i in range(len(more))]
    west, south, east, north = layer.total_bounds
    xy = rng.uniform([west, south], [east, north], (len(more), 2))
    more = more.set_geometry(gpd.points_from_xy(*xy.T), crs=layer.crs)
    return with_tables(found, facilities=pd.concat([layer, more], ignore_index=True))


@pytest.fixture(scope="module")
def file(many, tmp_path_factory):
    where = tmp_path_factory.mktemp("large") / "map.html"
    where.write_text(render_map(many, background=False), encoding="utf-8")
    return where


def test_every_site_and_facility_is_somewhere_on_a_page_that_stays_small(many, file):
    assert file.stat().st_size < 5_000_000
    text = file.read_text(encoding="utf-8")
    data = json.loads(re.search(r'id="data">(.*?)</script>', text, re.DOTALL)[1])
    sites = many.tables["sites"].set_index("id")
    assert len(data["sites"]) == MOST_LISTED
    others = data["others"]
    assert sorted([one["id"] for one in data["sites"]] + others["ids"]) == sorted(sites.index)
    at = np.cumsum(np.reshape(others["at"], (-1, 2)), axis=0) / 1e5
    points = gpd.GeoSeries.from_xy(*at.T[::-1], crs=4326, index=others["ids"]).to_crs(sites.crs)
    wanted = sites.geometry.representative_point().reindex(others["ids"])
    assert points.distance(wanted).max() < 2
    ranks = sites["rank"].reindex(others["ids"]).astype("float64")
    np.testing.assert_array_equal(np.array(others["ranks"], dtype=float), ranks)
    dots = sum(len(one["at"]) // 2 for one in data["moreFacilities"])
    assert len(data["facilities"]) + dots == N_FACILITIES
    assert len(data["facilities"]) == MOST_FACILITIES


def test_the_list_holds_a_page_at_a_time_and_the_keyboard_turns_it(visit, file):
    page = visit(file)
    rows, pager = page.locator("ol.sites > li"), page.locator("#list-pager")
    assert rows.count() == AT_ONCE
    assert pager.locator("[role=status]").inner_text() == f"1–{AT_ONCE} van {N_SITES}"
    assert pager.locator("button").first.is_disabled()
    pager.locator("button").last.focus()
    page.keyboard.press("Enter")
    assert rows.first.get_attribute("aria-posinset") == str(AT_ONCE + 1)
    assert rows.first.get_attribute("aria-setsize") == str(N_SITES)
    for _ in range(N_SITES // AT_ONCE - 1):
        page.keyboard.press("Enter")
    assert rows.count() == N_SITES % AT_ONCE
    assert pager.locator("button").last.is_disabled()
    assert page.evaluate("document.activeElement.closest('#list-pager') !== null")
    page.keyboard.press("Enter")  # the focus went to the button that can still be pressed
    assert rows.count() == AT_ONCE


def test_a_site_that_is_not_told_whole_says_its_rank_and_a_link_opens_it(visit, many, file):
    page = visit(file)
    for _ in range(N_SITES // AT_ONCE):
        page.click("#list-pager button >> nth=1")
    row = page.locator("ol.sites [data-other]").first
    title = row.locator(".name").inner_text()
    score = row.locator(".points").inner_text()
    row.click()
    assert page.inner_text("#panel-title") == title
    assert page.locator("ol.sites [aria-current=true] .name").all_inner_texts() == [title]
    if score != NL("page.no_score"):
        assert f"{score} van de 100 punten" in page.inner_text("#panel")
    assert "scores.csv" in page.inner_text("#panel")
    state = page.evaluate("location.hash")
    again = visit(file, state)
    assert again.inner_text("#panel-title") == title
    assert again.locator("ol.sites [aria-current=true] .name").all_inner_texts() == [title]
    page.keyboard.press("Escape")
    assert page.is_hidden("#panel")


def test_the_table_sorts_over_all_its_pages(visit, file):
    page = visit(file)
    rows = page.locator("#sites-table tbody tr")
    assert rows.count() == AT_ONCE
    assert page.get_attribute("#sites-table", "aria-rowcount") == str(MOST_LISTED + 1)
    head = page.locator("#sites-table thead th").nth(2)
    values = []
    head.locator("button").click()
    while True:
        values += page.eval_on_selector_all(
            "#sites-table tbody tr", "rows => rows.map((row) => row.cells[2].dataset.v)"
        )
        assert rows.first.get_attribute("aria-rowindex") == str(len(values) - AT_ONCE + 2)
        if page.locator("#table-pager button").last.is_disabled():
            break
        page.locator("#table-pager button").last.click()
    known = [float(value) for value in values if value]
    assert len(values) == MOST_LISTED
    assert known == sorted(known)


def test_signs_leave_each_other_room_and_a_dot_can_be_chosen(visit, file):
    page = visit(file)
    worst = page.evaluate(
        """() => {
            const signs = [...document.querySelectorAll(".leaflet-sites-pane .site-mark")];
            const boxes = signs.map((sign) => sign.getBoundingClientRect());
            let worst = 0;
            boxes.forEach((a, i) => boxes.slice(0, i).forEach((b) => {
                const w = Math.min(a.right, b.right) - Math.max(a.left, b.left);
                const h = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
                worst = Math.max(worst, (Math.max(0, w) * Math.max(0, h)) / (a.width * a.height));
            }));
            return [boxes.length, worst];
        }"""
    )  # fmt: skip
    assert 10 < worst[0] < MOST_LISTED
    assert worst[1] < HALF
    signs = page.locator(".site-mark:not(.small)").all_inner_texts()
    ranks = [int(text) for text in signs if text.isdigit()]
    assert 1 in ranks
    ink = """() => {
        const canvas = document.querySelector(".leaflet-dots-pane canvas"), wide = canvas.width;
        const pixels = canvas.getContext("2d").getImageData(0, 0, wide, canvas.height).data;
        const over = ".leaflet-marker-icon, .find, .legend, .leaflet-control";
        const box = canvas.getBoundingClientRect(), ours = "18,52,59,255";
        for (let i = 0; i < pixels.length; i += 4) {
            if (pixels.slice(i, i + 4).join() !== ours) continue;
            const [x, y] = [(i / 4) % wide + box.x, Math.floor(i / 4 / wide) + box.y + 2];
            if (!document.elementFromPoint(x, y).closest(over)) return [x, y];
        }
        return null;
    }"""
    at = page.evaluate(ink)
    page.mouse.click(*at)
    assert page.is_visible("#panel .parts")
    assert page.locator("ol.sites [aria-current=true]").count() == 1  # the list turned to it
    page.evaluate(
        """() => {
            const pen = CanvasRenderingContext2D.prototype, { drawImage } = pen;
            pen.drawImage = function (...given) {
                window.dots = given[0].parentElement;
                return drawImage.apply(this, given);
            };
        }"""
    )
    page.click("#tab-about")
    with page.expect_download():
        page.click("#files button >> nth=3")  # the picture
    assert page.evaluate("dots.className.includes('dots')")  # they are on the picture, too


def test_under_other_weights_the_page_says_which_sites_were_weighed(visit, file):
    page = visit(file, "#w=apotheek:40")
    said = page.inner_text("#own-said")
    assert f"Alleen de beste {MOST_LISTED} van {N_SITES}" in said
    assert page.inner_text("#list-pager [role=status]") == f"1–{AT_ONCE} van {MOST_LISTED}"
    page.click("#own-reset")
    assert page.inner_text("#list-pager [role=status]") == f"1–{AT_ONCE} van {N_SITES}"


def test_axe_finds_nothing_on_a_page_of_very_many(visit, file):
    assert violations(visit(file), "main") == []


# ------------------------------------------------------------------------------ hardly any answer
def none_at_all(found):
    tables = {
        name: found.tables[name].iloc[:0]
        for name in ("sites", "criteria", "routes", "site_areas", "lenses")
    }
    return with_tables(found, **tables)


def all_alike(found):
    sites, parts = found.tables["sites"].copy(), found.tables["criteria"]
    first = parts[parts["site_id"] == sites["id"].iloc[0]]
    same = [first.assign(site_id=one) for one in sites["id"]]
    for column in sites.columns.difference(["id", "name", "geometry"]):
        sites[column] = sites[column].iloc[0]
    sites[["rank", "rank_low", "rank_high"]] = 1
    sites["score"] = sites["score_low"] = sites["score_high"] = 50.0
    sites["knocked_out"], sites["knock_out_reason"] = False, None
    return with_tables(found, sites=sites, criteria=pd.concat(same, ignore_index=True))


def nothing_known(found):
    sites, parts = found.tables["sites"].copy(), found.tables["criteria"].copy()
    parts["known"], parts["raw"], parts["reason"] = False, None, "off_network"
    parts[["value", "contribution"]] = np.nan
    parts["value_low"], parts["value_high"] = 0.0, 1.0
    sites["knocked_out"], sites["knock_out_reason"] = False, None
    for column in ("score", "rank"):
        sites[column] = np.nan
    sites["score_low"], sites["score_high"], sites["known_weight_share"] = 0.0, 100.0, 0.0
    return with_tables(found, sites=sites, criteria=parts, routes=found.tables["routes"].iloc[:0])


@pytest.mark.parametrize(
    ("make", "n_sites", "ranks", "said"),
    [
        (none_at_all, 12, [], "Er zijn geen locaties om te vergelijken"),
        (lambda found: found, 1, None, ""),
        (all_alike, 6, ["1"] * 6, "liggen gelijk"),
        (nothing_known, 6, ["?"] * 6, "te weinig bekend"),
    ],
    ids=["no sites", "one", "ties everywhere", "nothing known"],
)
def test_a_study_with_hardly_an_answer_has_a_page_that_works(visit, make, n_sites, ranks, said):
    found = make(make_findings(n_sites=n_sites))
    page = visit(render_map(found, background=False))
    assert said in page.inner_text(".outcome")
    shown = page.locator(".sites .site .rank").all_inner_texts()
    assert len(shown) == len(found.tables["sites"])
    if ranks is not None:
        assert shown == ranks
    for tab in ("weights", "layers", "about"):
        page.click(f"#tab-{tab}")
    page.click("#tab-sites")
    if shown:
        page.click(".site >> nth=0")
        assert page.is_visible("#panel")
        weighed = visit(render_map(found, background=False), "#w=apotheek:20")
        if ranks is not None:
            assert weighed.locator(".sites .site .rank").all_inner_texts() == ranks
    with page.expect_download() as got:
        page.click("#tab-about")
        page.click("#files button >> nth=0")
    rows = pd.read_csv(got.value.path())
    assert len(rows) == len(shown)


def test_an_old_link_on_a_newer_file_opens_what_is_still_there(visit):
    html = render_map(make_findings(), background=False)
    state = (
        "#site=WEG&beside=P02&beside=OOK-WEG&layer=was_er&limit=9999&classes=huisarts+was_er"
        "&w=was_er:12,apotheek:30,bankjes:veel&set=Oud|was_er:3&set=zonder&close=weg&open=huisarts@weg&homes=3@weg"
        "&find=Nergens+1&later=iets"
    )
    page = visit(html, state)
    assert page.is_hidden("#panel")
    assert page.locator(".sites .site").count() == 12
    assert page.is_visible("#own-weights")  # the pharmacy still is
    page.click("#tab-weights")
    assert page.locator(".sets li").all_inner_texts()[0].startswith("Oud")
    assert page.locator(".sets li").count() == 1
    page.click("#tab-layers")
    checked = page.eval_on_selector_all(
        "#layers [name=class]",
        "all => all.filter((one) => one.checked).map((one) => one.value)",
    )
    assert checked == ["huisarts"]
    page.click("#tab-sites")
    page.click(".site >> nth=0")
    assert "later=iets" in page.evaluate("location.hash")  # of a page to come: left alone


def test_of_two_hundred_sets_the_first_fifty_are_kept_and_it_is_said(visit):
    html = render_map(make_findings(), background=False)
    state = "#" + "&".join(f"set=Groep {i}|apotheek:{i % 40}" for i in range(200))
    page = visit(html, state)
    page.click("#tab-weights")
    assert page.locator(".sets li").count() == 50
    told = page.locator("#pane-weights .help[role=status]")
    assert told.inner_text() == NL("weights.full", n=50)
    page.fill("#set-name", "Nog een")
    page.keyboard.press("Enter")
    assert page.locator(".sets li").count() == 50
    page.click(".sets .close >> nth=0")
    page.fill("#set-name", "Nog een")
    page.keyboard.press("Enter")
    assert page.locator(".sets li").last.inner_text().startswith("Nog een")
    assert told.inner_text() == ""


# -------------------------------------------------------------------------------- inside another page
@pytest.mark.parametrize("state", ["#embed", "?embed", "#embed=1&site=P02"])
def test_in_a_frame_the_page_is_its_answer_list_and_map(visit, state):
    page = visit(
        render_map(make_findings(), background=False), state, size={"width": 960, "height": 600}
    )
    for gone in (".facts", ".actions", "#table", "footer", ".skip"):
        assert page.locator(gone).first.is_hidden(), gone
    for there in (".outcome", ".sites", "#map", "#legend", ".whole"):
        assert page.locator(there).first.is_visible(), there
    assert page.locator("#map").bounding_box()["height"] > 400
    assert page.evaluate("document.documentElement.scrollHeight") <= 620
    page.locator(".sites .site").last.focus()
    page.keyboard.press("Enter")
    assert page.is_visible("#panel")
    assert "embed" in page.evaluate("location.href")  # a link from within stays within
    with page.context.expect_page() as opened:
        page.click(".whole")
    whole = opened.value
    whole.wait_for_selector(".sites .site")
    assert whole.is_visible("#sites-table")
    assert whole.inner_text("#panel-title") == page.inner_text("#panel-title")
    assert violations(page) == []


def test_a_wheel_over_a_frame_zooms_only_the_map_that_was_chosen(visit):
    page = visit(
        render_map(make_findings(), background=False), "#embed", size={"width": 960, "height": 600}
    )
    scale = page.locator(".leaflet-control-scale-line")
    before = scale.inner_text()
    box = page.locator("#map").bounding_box()
    middle = (box["x"] + box["width"] / 2, box["y"] + 60)
    page.mouse.move(*middle)
    page.mouse.wheel(0, -600)
    enabled = "() => document.activeElement.id"
    assert page.evaluate(enabled) != "map"
    assert scale.inner_text() == before
    page.locator("#map").focus()
    page.mouse.wheel(0, -600)
    page.wait_for_function(
        "(was) => document.querySelector('.leaflet-control-scale-line').innerText !== was",
        arg=before,
    )


def test_a_background_that_waits_asks_for_nothing_before_a_tap(browser, tmp_path):
    found = make_findings()
    found = replace(found, asked=replace(found.asked, background_on_tap=True))
    file = tmp_path / "map.html"
    file.write_text(render_map(found), encoding="utf-8")
    page = browser.new_page(viewport=DESKTOP)
    asked = []
    page.route("http**", lambda route: (asked.append(route.request.url), route.abort()))
    page.goto(file.as_uri())
    page.click(".site >> nth=1")
    page.keyboard.press("Escape")
    page.click(".leaflet-control-zoom-in")
    page.click("#tab-layers")
    assert not page.is_checked("#layers [name=tiles]")
    assert asked == []
    with page.expect_request(lambda request: "service.pdok.nl" in request.url):
        page.click("#notice .action")
    assert page.is_checked("#layers [name=tiles]")
    assert {url.split("/")[2] for url in asked} == {"service.pdok.nl"}
    page.close()
