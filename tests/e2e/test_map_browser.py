"""The map page in a real browser: nothing runs, nothing is fetched but tiles, everyone can use it."""

from __future__ import annotations

import base64
import re

import pytest
from in_browser import BROWSER, DESKTOP, PHONE, WIDTHS, violations
from make_result import make_findings

from geowoonzorg.show.folium_map import to_folium
from geowoonzorg.show.map_page import render_map
from geowoonzorg.show.report import render_report
from geowoonzorg.show.templates import read_asset

PLURALS = ["huisartsen", "supermarkten", "inloopvoorzieningen", "apotheken", "haltes"]

# The smallest PNG: one transparent pixel.
TILE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)

pytestmark = BROWSER


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    where = tmp_path_factory.mktemp("pages")
    for name, hostile in (("plain", False), ("hostile", True)):
        findings = make_findings(hostile=hostile)
        (where / f"{name}.html").write_text(render_map(findings), encoding="utf-8")
        (where / f"report-{name}.html").write_text(render_report(findings), encoding="utf-8")
        chart = to_folium(findings).get_root().render()
        (where / f"folium-{name}.html").write_text(chart, encoding="utf-8")
    english = render_map(findings := make_findings(), lang="en")
    (where / "plain-en.html").write_text(english, encoding="utf-8")
    (where / "report-plain-en.html").write_text(
        render_report(findings, lang="en"), encoding="utf-8"
    )
    return where


@pytest.fixture
def visit(browser, folder):
    """Open a page with the network off; give it back with what it asked for and complained of."""
    contexts = []

    def opened(name, *, size=DESKTOP, tiles=False, **options):
        context = browser.new_context(viewport=size, **options)
        contexts.append(context)
        page = context.new_page()
        page.asked, page.complaints = [], []

        def refuse(route):
            page.asked.append(route.request.url)
            if tiles:
                route.fulfill(body=TILE, content_type="image/png")
            else:
                route.abort()

        page.route(re.compile("^(?!file:)"), refuse)
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on(
            "console",
            lambda message: (
                page.complaints.append(message.text)
                if message.type == "error" and "net::ERR_FAILED" not in message.text
                else None
            ),
        )
        page.goto((folder / f"{name}.html").as_uri())
        return page

    yield opened
    for context in contexts:
        context.close()


# Folium's map fetches its scripts; here Leaflet is ours and the others are as little as it needs of them.
FETCHED = {
    "leaflet.js": read_asset("leaflet/leaflet.js"),
    "leaflet.css": read_asset("leaflet/leaflet.css"),
    "jquery": """window.$ = (text) => {
        const made = document.createElement("div");
        made.innerHTML = text.trim();
        return [...made.childNodes];
    };""",
    "d3": """window.d3 = new Proxy(function () {}, { get: (_, name) => (name === Symbol.toPrimitive ? () => "" : d3),
        apply: () => d3 });""",
}


@pytest.fixture
def visit_folium(browser, folder):
    """Open a folium map with stand-ins for what it fetches."""
    contexts = []

    def opened(name):
        context = browser.new_context(viewport=DESKTOP)
        contexts.append(context)
        page = context.new_page()
        page.complaints = []
        page.on("pageerror", lambda error: page.complaints.append(str(error)))

        def answer(route):
            file = route.request.url.rpartition("/")[2]
            body = next((text for key, text in FETCHED.items() if file.startswith(key)), None)
            kind = "text/css" if file.endswith("css") else "text/javascript"
            if route.request.url.endswith(".png"):
                route.fulfill(body=TILE, content_type="image/png")
            else:
                route.fulfill(body=body or "", content_type=kind)

        page.route(re.compile("^(?!file:)"), answer)
        page.goto((folder / f"folium-{name}.html").as_uri())
        return page

    yield opened
    for context in contexts:
        context.close()


def show_all(page):
    """Switch every layer of a folium map on."""
    page.hover(".leaflet-control-layers")
    for box in page.locator(".leaflet-control-layers-overlays input").all():
        box.check()


def test_a_folium_map_has_named_layers_that_can_be_switched(visit_folium):
    page = visit_folium("plain")
    names = [
        one.strip() for one in page.locator(".leaflet-control-layers label").all_text_contents()
    ]
    assert names == [
        "Achtergrondkaart", "Wijken en buurten: Leefbaarometer, totaal",
        *(f"Binnen 400 m lopen van {name}" for name in PLURALS), "Binnen 400 m lopen van de locaties",
        "Lopen naar de dichtstbijzijnde", *(name.capitalize() for name in PLURALS), "Locaties",
    ]  # fmt: skip
    before = page.locator(".leaflet-overlay-pane path").count()
    show_all(page)
    assert page.locator(".leaflet-overlay-pane path").count() > before
    page.locator(".geowoonzorg-site").first.dispatch_event("click")
    assert "binnen" not in page.locator(".leaflet-popup-content").inner_text()
    assert "Loopafstand tot een supermarkt" in page.locator(".leaflet-popup-content").inner_text()
    assert page.complaints == []


def test_nothing_runs_from_hostile_names_in_a_folium_map(visit_folium):
    page = visit_folium("hostile")
    show_all(page)
    for path in page.locator(".leaflet-overlay-pane path").all()[::5]:
        path.dispatch_event("mouseover")
        path.dispatch_event("click")
    for mark in page.locator(".geowoonzorg-site").all():
        mark.dispatch_event("mouseover")
        mark.dispatch_event("click")
        assert (
            page.locator(".leaflet-popup-content").count() >= 1
        )  # the one before may still be fading
    assert page.evaluate("window.executed") is None
    assert (
        page.locator("img[onerror], .leaflet-popup-content img, .leaflet-tooltip img").count() == 0
    )
    assert page.complaints == []


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", ["plain", "plain-en"])
def test_axe_finds_nothing(visit, name, width):
    page = visit(name, size={"width": width, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert violations(page) == []
    page.click(".site >> nth=1")
    assert violations(page) == []
    page.select_option("#beside", index=2)
    page.click(".chooser .action")
    assert violations(page) == []
    page.click("#tab-layers")
    page.locator('#layers input[name="indicator"]').nth(1).check()
    page.locator("summary", has_text=re.compile("^23 ")).click()
    assert violations(page) == []
    page.click("#tab-about")
    assert violations(page) == []
    assert page.complaints == []


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", ["report-plain", "report-plain-en"])
def test_axe_finds_nothing_in_the_report(visit, name, width):
    page = visit(name, size={"width": width, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert violations(page) == []


def test_only_tiles_are_asked_for_and_the_page_works_without_them(visit):
    page = visit("plain")
    page.wait_for_selector("#notice:not([hidden])")  # it tells that the background is out of reach
    assert "© OpenStreetMap" in page.locator(".leaflet-control-attribution").inner_text()
    hosts = {re.match(r"https://([^/]+)/", url)[1] for url in page.asked}
    assert hosts == {"service.pdok.nl"}
    assert has_ink(page)  # and draws the streets instead
    page.click("#tab-layers")
    page.uncheck("#layers >> text=Achtergrondkaart")
    page.click("#tab-sites")
    page.click(".site >> nth=0")
    assert (
        page.locator("#panel-title").inner_text()
        == page.locator(".site .name >> nth=0").inner_text()
    )
    assert page.complaints == []


def has_ink(page):
    """Tell whether the canvas of the streets holds anything but emptiness, once it has been drawn anew."""
    return page.evaluate(
        """async () => {
            for (const frame of [1, 2]) await new Promise(requestAnimationFrame);
            return [...document.querySelectorAll(".leaflet-streets-pane canvas")].some((canvas) => {
                const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
                return pixels.data.some((value) => value > 0);
            });
        }"""
    )


def test_streets_give_way_to_tiles_that_come_and_return_when_these_are_put_off(visit):
    page = visit("plain", tiles=True)
    page.wait_for_selector(".leaflet-tile-loaded")
    assert not has_ink(page)
    assert page.locator("#notice").is_hidden()
    page.click("#tab-layers")
    page.uncheck("#layers >> text=Achtergrondkaart")
    assert has_ink(page)
    page.check("#layers >> text=Achtergrondkaart")
    assert not has_ink(page)


def test_signs_and_labels_do_not_hide_each_other(visit):
    """At the first look and for every site chosen: no sign that counts lies half under another."""
    page = visit("plain", reduced_motion="reduce")
    shared = """(selector) => {
        const boxes = [...document.querySelectorAll(selector)].map((sign) => sign.getBoundingClientRect());
        let worst = 0;
        boxes.forEach((a, i) => boxes.slice(0, i).forEach((b) => {
            const w = Math.min(a.right, b.right) - Math.max(a.left, b.left);
            const h = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
            const least = Math.min(a.width * a.height, b.width * b.height);
            worst = Math.max(worst, Math.max(0, w) * Math.max(0, h) / least);
        }));
        return worst;
    }"""
    signs = ".leaflet-sites-pane .site-mark, .leaflet-marks-pane .badge:not(.dim)"
    assert page.evaluate(shared, signs) < 0.5
    for i in range(page.locator(".site").count()):
        page.click(f".site >> nth={i}")
        assert page.evaluate(shared, f"{signs}, .route-mark") < 0.5
    page.keyboard.press("Escape")
    page.click("#tab-layers")
    page.check("#layers >> text=Balans")
    assert page.locator(".class-mark").count() == 6
    assert page.evaluate(shared, f"{signs}, .class-mark") < 0.5


def test_nothing_runs_from_hostile_names(visit):
    page = visit("hostile")
    for i in range(page.locator(".site").count()):
        page.click(f".site >> nth={i}")
    page.select_option("#beside", index=0)
    page.click(".chooser .action")
    page.click(".panel-head .close")
    page.click("#tab-layers")
    page.check("#layers >> text=Balans")
    page.locator("path.area").first.dispatch_event("click")
    for mark in page.locator(".leaflet-marks-pane .mark").all():
        mark.dispatch_event("click")
    assert page.evaluate("window.executed") is None
    assert page.locator("#panel img, .leaflet-popup img, .sites img").count() == 0
    assert page.complaints == []
    report = visit("report-hostile")
    assert report.evaluate("window.executed") is None
    assert report.complaints == []


def test_a_site_chosen_by_keyboard_in_the_table_pans_the_map_and_opens_its_parts(visit):
    page = visit("plain", reduced_motion="reduce")
    before = page.locator(".leaflet-map-pane").get_attribute("style")
    zoom = page.locator(".leaflet-control-scale-line").inner_text()
    button = page.locator("#sites-table tbody button").last
    button.focus()
    page.keyboard.press("Enter")
    after = page.locator(".leaflet-map-pane").get_attribute("style")
    assert (before, zoom) != (after, page.locator(".leaflet-control-scale-line").inner_text())
    assert page.evaluate("document.activeElement.id") == "panel-title"
    assert page.locator(".parts li").count() == 15
    assert page.locator(".route-mark").count() == 5
    page.keyboard.press("Escape")
    assert page.locator("#panel").is_hidden()
    assert page.evaluate("document.activeElement.closest('table').id") == "sites-table"
    page.locator(".leaflet-sites-pane .mark").first.focus()
    page.keyboard.press("Enter")
    assert page.locator("#panel").is_visible()


def test_the_panel_says_the_same_as_the_list_and_the_routes_carry_their_metres(visit):
    page, findings = visit("plain"), make_findings()
    sites = findings.tables["sites"].sort_values("rank").reset_index(drop=True)
    page.click(".site >> nth=1")
    site = sites.loc[1]
    assert page.locator(".big strong").inner_text() == f"{site['score']:.0f}"
    walked = findings.tables["routes"][
        findings.tables["routes"]["site_id"] == site["id"]
    ].set_index("facility_class")["distance_m"]
    marks = {
        mark.split()[0]: mark.replace("\u00a0", " ")
        for mark in page.locator(".route-mark").all_inner_texts()
    }
    metres = f"{walked['huisarts']:,.0f}".replace(",", ".")
    assert marks["H"] == f"H {metres} m"


def test_the_table_sorts_and_unknown_stays_last(visit):
    page = visit("plain")
    head = page.locator("#sites-table thead th", has_text="apotheek")
    column = head.evaluate("cell => cell.cellIndex")
    for order in ("ascending", "descending"):
        head.locator("button").click()
        assert head.get_attribute("aria-sort") == order
        values = page.eval_on_selector_all(
            "#sites-table tbody tr", f"rows => rows.map(row => row.cells[{column}].dataset.v)"
        )
        known = [float(value) for value in values if value]
        assert known == sorted(known, reverse=order == "descending")
        assert values[-1] == ""


def test_an_areas_popup_tells_the_gap_of_its_own_figure_and_follows_the_colouring(visit):
    page = visit("plain", reduced_motion="reduce")
    page.click("#tab-layers")
    page.check("#layers >> text=65-plussers")
    page.locator("path.area").nth(2).dispatch_event(
        "click"
    )  # its balance is the wijk's, its 19 % its own
    popup = page.locator(".leaflet-popup-content")
    assert "65-plussers: 19" in popup.inner_text()
    assert "Let op" not in popup.inner_text()
    page.check("#layers >> text=Balans")
    assert "Balans: +0,14" in popup.inner_text()
    assert "Let op: cijfer van de wijk" in popup.inner_text()
    page.check("#layers >> text=niets")
    assert popup.count() == 0
    page.check("#layers >> text=65-plussers")
    page.locator("path.area").nth(4).dispatch_event("click")
    assert "Onbekend: de bron geeft geen cijfer" in popup.inner_text()
    assert page.complaints == []


def test_the_whole_headline_is_on_a_narrow_phone(visit):
    page = visit("plain", size={"width": 360, "height": 740})
    assert page.evaluate(
        """() => {
            const outcome = document.querySelector(".outcome");
            return outcome.scrollHeight <= outcome.clientHeight && document.documentElement.scrollWidth <= 360;
        }"""
    )
    assert violations(page) == []


def test_one_legend_follows_the_indicator_and_there_are_at_most_eight_toggles(visit):
    page = visit("plain")
    page.click("#tab-layers")
    assert page.locator("#layers input[type=checkbox]").count() <= 8
    for name, classes in (("Leefbaarometer, totaal", 9), ("Balans", 7), ("65-plussers", 6)):
        page.check(f"#layers >> text={name}")
        assert page.locator("#legend .class-sign").count() == classes
    page.check("#layers >> text=niets")
    assert page.locator("#legend .class-sign").count() == 0
    assert page.locator(".legend").count() == 1


def test_on_a_phone_everything_fits_the_width_and_the_panel_is_below_the_map(visit):
    page = visit("plain", size=PHONE, is_mobile=True, has_touch=True)
    page.tap(".site >> nth=0")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    lowest = page.locator(".map").bounding_box()
    assert page.locator("#panel").bounding_box()["y"] >= lowest["y"] + lowest["height"] - 1


@pytest.mark.parametrize("name", ["report-plain", "report-hostile"])
def test_on_a_phone_the_report_fits_the_width_and_keeps_its_words_whole(visit, name):
    page = visit(name, size=PHONE, is_mobile=True, has_touch=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    widths = page.eval_on_selector_all(
        'th[scope="row"]',
        "cells => cells.filter(cell => cell.checkVisibility()).map(cell => cell.getBoundingClientRect().width)",
    )
    assert min(widths) > 120


def test_printing_gives_an_a3_sheet_and_leaves_the_screen_as_it_was(visit):
    page = visit("plain")
    before = page.locator(".map").bounding_box()
    paper = page.pdf(prefer_css_page_size=True, print_background=True)
    sheets = {
        tuple(round(float(n)) for n in box.split())
        for box in re.findall(rb"/MediaBox \[([^\]]+)\]", paper)
    }
    assert sheets == {(0, 0, 1191, 842)}  # 420 × 297 mm in points
    assert page.locator(".map").bounding_box() == before


def test_on_paper_a_row_of_the_list_is_whole_or_not_there(browser, tmp_path):
    (tmp_path / "many.html").write_text(render_map(make_findings(n_sites=40)), encoding="utf-8")
    page = browser.new_page(viewport={"width": 1512, "height": 1060})
    page.goto((tmp_path / "many.html").as_uri())
    page.emulate_media(media="print")
    cut, whole = page.evaluate(
        """() => {
            const edge = document.getElementById("pane-sites").getBoundingClientRect();
            const rows = [...document.querySelectorAll(".sites li")]
                .map((row) => row.getBoundingClientRect())
                .filter((row) => row.left < edge.right && row.top < edge.bottom);
            const whole = rows.filter((row) => row.bottom <= edge.bottom + 1);
            return [rows.length - whole.length, whole.length];
        }"""
    )
    page.close()
    assert cut == 0
    assert 12 <= whole < 40
