"""The map page for everyone: as a picture to take along, and without its script."""

from __future__ import annotations

import io
import re
import struct

import numpy as np
import pytest
from in_browser import BROWSER, DESKTOP
from make_result import make_findings

from geowoonzorg.show.account import make_account
from geowoonzorg.show.map_page import render_map
from geowoonzorg.show.texts import read_texts

pytestmark = BROWSER

BUTTON = {"nl": "Kaart als afbeelding (png)", "en": "Map as a picture (png)"}
DAY = {"nl": "5 maart 2024", "en": "March 5, 2024"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    where = tmp_path_factory.mktemp("everyone")
    for lang in BUTTON:
        page = render_map(make_findings(), lang=lang, background=False)
        (where / f"{lang}.html").write_text(page, encoding="utf-8")
    # With tiles: these must not keep the picture from being read.
    (where / "hostile.html").write_text(render_map(make_findings(hostile=True)), encoding="utf-8")
    return where


@pytest.fixture
def visit(browser, folder):
    contexts = []

    def opened(name, state="", *, width=DESKTOP["width"], **options):
        context = browser.new_context(
            viewport={"width": width, "height": 900}, reduced_motion="reduce", **options
        )
        contexts.append(context)
        page = context.new_page()
        page.asked, page.complaints = [], []
        page.route(
            re.compile("^(?!file:)"),
            lambda route: (page.asked.append(route.request.url), route.abort()),
        )
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on(
            "console",
            lambda said: "net::ERR_FAILED" in said.text or page.complaints.append(said.text),
        )
        page.goto(f"{(folder / name).as_uri()}.html#{state}")
        return page

    yield opened
    for context in contexts:
        context.close()


def picture(page, lang):
    """Take the picture along: its bytes, what was written on it, and where on it the map begins."""
    page.evaluate(
        """() => {
            window.written = [];
            window.moved = [];
            const pen = CanvasRenderingContext2D.prototype, { fillText, translate } = pen;
            pen.fillText = function (...given) { written.push(given[0]); return fillText.apply(this, given); };
            pen.translate = function (...given) { moved.push(given); return translate.apply(this, given); };
        }"""
    )
    page.click("#tab-about")
    with page.expect_download() as got:
        page.click(f'#files button:text-is("{BUTTON[lang]}")')
    assert got.value.suggested_filename.endswith(".png")
    written = " ".join(page.evaluate("written"))
    top = next(y for x, y in page.evaluate("moved") if x == 0)
    return got.value.path().read_bytes(), written, top


@pytest.mark.parametrize(("lang", "width"), [("nl", 1440), ("en", 360)])
def test_the_map_goes_along_as_a_picture_with_all_that_explains_it(visit, lang, width):
    page = visit(lang, width=width)
    page.clock.set_fixed_time("2024-03-05T12:00:00")
    shown = page.locator(".map").bounding_box()
    was_open = page.locator("#legend").get_attribute("open")
    data, written, _ = picture(page, lang)
    assert page.locator("#legend").get_attribute("open") == was_open
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    wide, high = struct.unpack(">II", data[16:24])
    assert wide == round(shown["width"] * max(2, 1600 / shown["width"]))
    assert high > wide * shown["height"] / shown["width"]
    texts = read_texts(lang)
    account = make_account(make_findings(), texts=texts)
    plain = written.replace("\u00a0", " ")
    for told in (
        page.locator("h1").inner_text(), account.outcome, texts("legend.title"), texts("legend.site"),
        page.locator(".leaflet-control-scale-line").inner_text(), DAY[lang],
        *(source.line for source in account.sources),
    ):  # fmt: skip
        assert " ".join(told.replace("\u00a0", " ").split()) in plain
    assert page.locator("html").evaluate("root => root.scrollWidth") <= width
    assert page.complaints == page.asked == []


def test_the_picture_shows_what_the_screen_shows(visit):
    image = pytest.importorskip("PIL.Image")
    page = visit("nl", "site=none")
    page.click("#tab-layers")
    page.locator('#layers input[name="indicator"]').nth(1).check()
    over = ".leaflet-control-container, .find, .legend, .notice"
    page.evaluate(
        "(over) => document.querySelectorAll(over).forEach((one) => { one.style.visibility = 'hidden'; })",
        over,
    )
    screen = np.asarray(
        image.open(io.BytesIO(page.locator(".map").screenshot())).convert("RGB"), dtype=int
    )
    data, _, top = picture(page, "nl")
    high, wide = screen.shape[:2]
    whole = image.open(io.BytesIO(data)).convert("RGB")
    scale = whole.width / wide
    part = whole.crop((0, round(top * scale), whole.width, round((top + high) * scale)))
    drawn = np.asarray(part.resize((wide, high), image.Resampling.BOX), dtype=int)
    ours = slice(0, high - 40)  # below that lies the scale, which the screen shows otherwise
    off = np.abs(drawn - screen)[ours].max(axis=2) > 80
    assert off.mean() < 0.01
    empty = np.abs(screen - screen[2, 2])[ours].max(axis=2) > 80
    assert empty.mean() > 5 * off.mean()  # a blank picture would be off by all of this


def test_a_hostile_name_is_letters_in_the_picture(visit):
    page = visit("hostile", width=360)
    data, written, _ = picture(page, "nl")
    assert data[:4] == b"\x89PNG"
    assert "<" in written
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", written)
    assert page.evaluate("window.executed") is None
    assert page.complaints == []


@pytest.mark.parametrize("width", [360, 1440])
def test_without_its_script_the_page_is_its_headline_ranking_and_sources(visit, width):
    page = visit("nl", width=width, java_script_enabled=False)
    account = make_account(make_findings(), texts=read_texts("nl"))
    said = page.locator("body").inner_text().replace("\u00a0", " ")
    assert account.outcome.replace("\u00a0", " ") in said
    assert "JavaScript" in said
    rows = page.locator(".sites .site")
    assert [row.locator(".name").inner_text().strip() for row in rows.all()] == [
        site.name for site in account.sites
    ]
    wanted = ["#pane-sites", "#pane-about", ".outcome"]
    for selector in wanted:  # all of it, not a window on it
        box, whole = page.locator(selector).evaluate("one => [one.clientHeight, one.scrollHeight]")
        assert whole <= box + 1, selector
    sources = page.locator("#pane-about").inner_text()
    assert all(source.line.split(",")[0] in sources for source in account.sources)
    assert page.locator("html").evaluate("root => root.scrollWidth") <= width


#: Of every text that is seen: the ratio of its colour to what is painted behind it, as WCAG counts.
CONTRASTS = """() => {
    const parse = (colour) => (colour.match(/[\\d.]+/g) || []).map(Number);
    const light = ([r, g, b]) => {
        const [x, y, z] = [r, g, b].map((c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
        return 0.2126 * x + 0.7152 * y + 0.0722 * z;
    };
    const behind = (node) => {
        for (; node; node = node.parentElement) {
            const colour = parse(getComputedStyle(node).backgroundColor);
            if (colour.length === 3 || colour[3] > 0.5) return colour;
        }
        return parse(getComputedStyle(document.documentElement).backgroundColor).slice(0, 3);
    };
    const found = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const node = walker.currentNode.parentElement;
        if (!walker.currentNode.data.trim() || node.closest("svg, script, style, noscript")) continue;
        if (!node.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
        const [one, other] = [parse(getComputedStyle(node).color), behind(node)].map(light);
        const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
        found.push([ratio, walker.currentNode.data.trim().slice(0, 60)]);
    }
    return found;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_in_forced_colours_every_text_can_be_read_and_the_open_tab_is_seen(visit, scheme):
    page = visit("nl", forced_colors="active", color_scheme=scheme)
    assert page.evaluate("matchMedia('(forced-colors: active)').matches")
    for tab in page.locator('[role="tab"]').all():
        tab.click()
        found = page.evaluate(CONTRASTS)
        assert len(found) > 20
        assert [one for one in found if one[0] < 4.5] == []
        borders = {
            one.get_attribute("aria-selected"): one.evaluate(
                "b => getComputedStyle(b).borderBottomColor"
            )
            for one in page.locator('[role="tab"]').all()
        }
        assert borders["true"] != borders["false"]
    assert page.complaints == []
    # what would be found: a colour of one's own that is not given up
    page.evaluate(
        "document.querySelector('h1').style.cssText = 'forced-color-adjust: none; color: #777; background: #888'"
    )
    assert any(ratio < 4.5 for ratio, _ in page.evaluate(CONTRASTS))


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_at_twice_the_size_nothing_is_cut_off(visit, lang):
    # 200 % of a screen of 1,440 by 900
    page = visit(lang, width=720, device_scale_factor=2, screen={"width": 720, "height": 450})
    page.set_viewport_size({"width": 720, "height": 450})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    headline = page.locator("h1, .headline").first
    headline.scroll_into_view_if_needed()
    assert headline.evaluate(
        "h => h.scrollWidth <= h.clientWidth && h.scrollHeight <= h.clientHeight + 1"
    )
    assert page.complaints == []
