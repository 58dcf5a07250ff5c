"""The map page: nothing from the data is markup, the same bytes each time, and what it says is so."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from string import Formatter

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from make_result import HOSTILE, make_findings, with_tables

from geowoonzorg.errors import StudyError
from geowoonzorg.show import map_page
from geowoonzorg.show.account import make_account
from geowoonzorg.show.cells import plain
from geowoonzorg.show.drawing import Detail, Shapes
from geowoonzorg.show.folium_map import to_folium
from geowoonzorg.show.map_data import draw_shapes, make_page_data, to_json
from geowoonzorg.show.map_page import render_map
from geowoonzorg.show.map_styles import read_styles
from geowoonzorg.show.report import render_report
from geowoonzorg.show.streets import MOST_VERTICES, Streets
from geowoonzorg.show.texts import read_texts
from geowoonzorg.walk.cropping import street_lines
from geowoonzorg.walk.network import WalkNetwork

NL = read_texts("nl")


class Page(HTMLParser):
    """What a browser would make of the page: its tags, its scripts, its text."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.scripts, self.text, self._inside = [], [], "", None
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag in {"script", "style"}:
            self._inside = (tag, dict(attrs).get("type"))

    def handle_endtag(self, tag):
        if tag in {"script", "style"}:
            self._inside = None

    def handle_data(self, data):
        if self._inside is None:
            self.text += data
        else:
            self.scripts.append((*self._inside, data))

    def data(self):
        return json.loads(next(text for _, kind, text in self.scripts if kind))


def draw(findings, detail):
    account = make_account(findings, texts=NL)
    data = make_page_data(findings, account, texts=NL)
    draw_shapes(data, Shapes(findings, limit_m=account.limit_m), texts=NL, detail=detail)
    return data


def hide(findings, row):
    """Make a site one of which nearly nothing is known; give its id too."""
    at = findings.tables["sites"].index[row][0]
    sites = findings.tables["sites"].copy()
    empty = [
        "score",
        "rank",
        "rank_low",
        "rank_high",
        *(f"{c.key}_contribution" for c in findings.profile.criteria),
    ]
    sites.loc[at, empty] = np.nan
    sites.loc[at, ["score_low", "score_high", "known_weight_share"]] = [12.3, 98.1, 0.14]
    criteria = findings.tables["criteria"].copy()
    criteria.loc[criteria["site_id"] == sites.loc[at, "id"], "contribution"] = np.nan
    return with_tables(findings, sites=sites, criteria=criteria), sites.loc[at, "id"]


@pytest.fixture(scope="module")
def findings():
    return make_findings()


@pytest.fixture(scope="module")
def page(findings):
    return Page(render_map(findings))


@pytest.fixture(scope="module")
def hostile():
    return Page(render_map(make_findings(hostile=True)))


def test_the_same_result_gives_the_same_bytes(findings):
    assert render_map(findings) == render_map(make_findings())


def test_hostile_names_are_text_and_add_no_markup(page, hostile):
    assert [tag for tag, _ in hostile.tags] == [tag for tag, _ in page.tags]
    assert not [name for _, attrs in hostile.tags for name in attrs if name.startswith("on")]
    for name in HOSTILE:
        assert plain(name) in {site["name"] for site in hostile.data()["sites"]}
        assert plain(name) in hostile.text


def test_hidden_characters_are_shown_and_long_names_cut(hostile):
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u2028\u2029\x00]", hostile.text)
    assert max(len(site["name"]) for site in hostile.data()["sites"]) <= 160


@given(
    st.recursive(
        st.text() | st.integers() | st.none(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
@settings(max_examples=100, deadline=None)
def test_json_comes_back_whole_and_cannot_end_a_script(data):
    text = to_json(data)
    assert not re.search("[<>&\u2028\u2029]", text)
    assert json.loads(text) == data


@given(st.text())
@settings(max_examples=200, deadline=None)
def test_plain_text_is_one_line_and_plain_twice_is_plain(text):
    once = plain(text)
    assert plain(once) == once
    assert once == once.strip()
    assert not re.search("[\n\r\x00\u202e\u2066]", once)


def test_policy_allows_exactly_the_scripts_and_styles_of_the_page(page):
    policy = next(
        a["content"] for _, a in page.tags if a.get("http-equiv") == "Content-Security-Policy"
    )
    for kind in ("script", "style"):
        allowed = set(re.findall(r"'sha256-([^']+)'", re.search(rf"{kind}-src ([^;]*)", policy)[1]))
        found = {
            base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
            for tag, data_type, text in page.scripts
            if tag == kind and not data_type
        }
        assert found == allowed
    assert "default-src 'none'" in policy
    assert re.search(r"img-src ([^;]*)", policy)[1] == "data: https://service.pdok.nl"


def test_no_tag_fetches_anything(page):
    tags = {tag for tag, _ in page.tags}
    assert not tags & {"link", "img", "iframe", "object", "embed", "base"}
    assert not [attrs["src"] for _, attrs in page.tags if "src" in attrs]
    assert "style" not in {name for _, attrs in page.tags for name in attrs}


def test_the_page_can_be_zoomed_and_has_a_language_a_title_and_one_heading(page):
    viewport = next(a["content"] for _, a in page.tags if a.get("name") == "viewport")
    assert "scalable" not in viewport
    assert "maximum" not in viewport
    assert dict(page.tags)["html"]["lang"] == "nl"
    assert [tag for tag, _ in page.tags].count("h1") == 1
    assert [tag for tag, _ in page.tags].count("title") == 1


def test_coordinates_are_wgs84_with_five_decimals(findings):
    """The published pair of the Dutch reference point near Amersfoort (RDNAPTRANS self-test)."""
    sites = (
        findings.tables["sites"]
        .iloc[:1]
        .set_geometry([shapely.Point(155_000.01, 463_000.07)], crs="EPSG:28992")
    )
    one = with_tables(findings, sites=sites)
    data = draw(one, Detail(2.0, 10))
    assert data["sites"][0]["at"] == [52.15517, 5.3872]
    numbers = re.findall(r"\d+\.(\d+)", json.dumps(data["areas"][0]["shape"]))
    assert max(map(len, numbers)) <= 5


def test_classes_of_areas_are_the_published_ones_and_missing_is_no_class(findings, page):
    data = page.data()
    by_code = {area["code"]: area for area in data["areas"]}
    lbm = next(one for one in data["indicators"] if one["key"] == "lbm_afw")
    assert len(lbm["classes"]) == 9
    for row in findings.tables["areas"].itertuples():
        figures = by_code[row.code]["v"]
        if np.isnan(row.lbm_afw):
            assert "lbm_afw" not in figures
        else:
            assert figures["lbm_afw"][0] == row.lbm_class - 1
        for one in data["indicators"]:
            style = read_styles().indicator[one["key"]]
            if style.breaks and one["key"] in figures:
                edges = [-np.inf, *style.breaks, np.inf]
                found = figures[one["key"]][0]
                assert edges[found] <= getattr(row, one["key"]) < edges[found + 1]


def test_a_gap_is_told_at_the_figure_that_has_it_and_at_no_other(page):
    gaps = {area["code"]: area["gaps"] for area in page.data()["areas"]}
    assert {code for code in gaps if gaps[code]} == {"BU01660002", "BU01660004"}
    assert gaps["BU01660002"] == {
        "balans": "Let op: cijfer van de wijk, want van dit gebied zelf is er geen. "
        "Let op: zonder opleiding (geheim)."
    }
    assert gaps["BU01660004"]["lbm_afw"].startswith("Onbekend: ")
    assert set(gaps["BU01660004"]) == {"lbm_afw", "balans"}  # not the 65-plussers, who are its own


def test_colours_of_classes_stand_out_on_white():
    def luminance(colour):
        parts = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
        linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
        return linear @ [0.2126, 0.7152, 0.0722]

    styles = read_styles().facility_class.values()
    assert min(1.05 / (luminance(style.colour) + 0.05) for style in styles) >= 4.5
    assert len({style.dash for style in styles}) == len(styles)  # never colour alone


def test_drawn_borders_stay_within_the_stated_tolerance(findings):
    data = draw(findings, Detail(5.0, 12))
    near = findings.tables["site_areas"].set_index("site_id").geometry
    for site in data["sites"]:
        ring = site["reach"][0]
        drawn = gpd.GeoSeries([shapely.Polygon([(lon, lat) for lat, lon in ring])], crs="EPSG:4326")
        drawn = drawn.to_crs("EPSG:28992").iloc[0]
        assert drawn.boundary.hausdorff_distance(near[site["id"]].boundary) < 5 + 1.2


def test_a_large_study_stays_in_budget_and_says_what_it_left_out(findings):
    """900 wiggly areas, 800 sites: far over 5 MB if drawn as they are."""
    rng = np.random.default_rng(1)
    n = 30
    edge = np.linspace(0, 400, 60)
    wiggle = rng.normal(0, 6, (2, n + 1, n + 1, 60)) * np.sin(edge / 400 * np.pi)
    x0, y0 = findings.tables["areas"].total_bounds[:2]

    def side(i, j, axis):
        along = np.column_stack([edge + 400 * i, wiggle[0, i, j] + 400 * j])
        return along if axis == 0 else np.column_stack([wiggle[1, i, j] + 400 * i, edge + 400 * j])

    cells = [
        np.vstack(
            [
                side(i, j, 0)[:-1],
                side(i + 1, j, 1)[:-1],
                side(i, j + 1, 0)[::-1][:-1],
                side(i, j, 1)[::-1],
            ]
        )
        for i in range(n)
        for j in range(n)
    ]
    areas = pd.concat([findings.tables["areas"].iloc[:1]] * n * n, ignore_index=True)
    areas["code"] = [f"BU{i:08d}" for i in range(n * n)]
    areas = areas.set_geometry(
        [shapely.Polygon(cell + [x0, y0]) for cell in cells], crs=findings.tables["areas"].crs
    )
    large = with_tables(make_findings(n_sites=800), areas=areas)
    page = render_map(large)
    assert len(page.encode()) <= 5_000_000
    data = Page(page).data()
    drawn = sum("reach" in site for site in data["sites"])
    assert drawn < 800
    features = len(data["areas"]) + len(data["facilities"]) + len(data["sites"]) + drawn * 6
    assert features <= 5_000
    assert NL("simplified.sites", n=drawn) in Page(page).text


def rough(findings, rng):
    """The same with shapes that have as many vertices as computed ones."""

    def noisy(shape, per_m, size):
        xy = shapely.get_coordinates(shapely.segmentize(shape, per_m))
        return xy + rng.normal(0, size, xy.shape)

    areas = [
        shapely.Polygon(noisy(one, 5, 3)[:-1]).buffer(0)
        for one in findings.tables["areas"].geometry
    ]
    reach = [
        shapely.Polygon(noisy(one.exterior, 8, 5)[:-1]).buffer(0)
        for one in findings.tables["site_areas"].geometry
    ]
    routes = [shapely.LineString(noisy(one, 25, 2)) for one in findings.tables["routes"].geometry]
    return with_tables(
        findings,
        areas=findings.tables["areas"].set_geometry(areas),
        site_areas=findings.tables["site_areas"].set_geometry(reach),
        routes=findings.tables["routes"].set_geometry(routes),
    )


def every_drawing(findings):
    """Draw at every detail in turn, as long as it takes."""
    account = make_account(findings, texts=NL)
    data = make_page_data(findings, account, texts=NL)
    shapes = Shapes(findings, limit_m=account.limit_m)
    streets = Streets(findings.tables["streets"], findings.tables["sites"])
    for detail in map_page._details(findings, account):
        draw_shapes(data, shapes, texts=NL, detail=detail)
        data["streets"] = streets.draw(detail.tolerance_m)
        yield detail, to_json(data)


@pytest.mark.parametrize("n_sites", [3, 60])
def test_a_page_is_drawn_once_or_twice_and_as_finely_as_drawing_at_every_detail_would(
    n_sites, monkeypatch
):
    large = rough(make_findings(n_sites=n_sites), np.random.default_rng(2))
    drawings = list(every_drawing(large))
    drawn, filled, rooms = [], [], []
    draw_once, fill_once, draw_page = map_page.draw_shapes, map_page._fill, map_page._draw
    monkeypatch.setattr(
        map_page, "draw_shapes", lambda *a, **k: drawn.append(1) or draw_once(*a, **k)
    )
    monkeypatch.setattr(map_page, "_fill", lambda *a: filled.append(1) or fill_once(*a))
    monkeypatch.setattr(map_page, "_draw", lambda *a: rooms.append(a[4]) or draw_page(*a))
    render_map(large)
    other = read_styles().limit_bytes - rooms[-1]
    sizes = [len(payload.encode()) for _, payload in drawings]
    chosen = set()
    for room in [size + more for size in sizes for more in (0, -1)]:
        smaller = replace(read_styles(), limit_bytes=other + room)
        monkeypatch.setattr(map_page, "read_styles", lambda smaller=smaller: smaller)
        drawn.clear()
        filled.clear()
        page = Page(render_map(large))
        fits = [one for one, size in zip(drawings, sizes, strict=True) if size <= room]
        detail, payload = fits[0] if fits else drawings[-1]
        assert page.data() == json.loads(payload), detail
        assert NL("simplified.areas", tolerance=NL.limit(detail.tolerance_m)) in page.text
        assert (len(drawn), len(filled)) in {(1, 1), (2, 1)}, detail
        chosen.add(detail)
    assert len(chosen) == len(drawings)


def test_the_outcome_names_the_best_site_and_what_is_near(findings):
    account = make_account(findings, texts=NL)
    best = findings.tables["sites"].set_index("id").loc[lambda s: s["rank"] == 1].iloc[0]
    assert account.outcome.startswith(f"{best['name']} staat nu bovenaan van de 12 locaties")
    walks = findings.tables["routes"][findings.tables["routes"]["site_id"] == best.name].set_index(
        "facility_class"
    )
    near, _, far = account.outcome.partition("binnen 400\u00a0m lopen")
    for key, metres in walks["distance_m"].items():
        name = NL.facility_class(key)[0]
        assert (name in near) == (metres <= 400)
        assert (f"{NL.the_class(key)} " in far) == (metres > 400)
        assert (NL.distance(metres) in far) == (metres > 400)
    assert account.outcome.endswith("3 locaties vallen af.")


def test_points_of_known_parts_sum_to_the_score_and_most_is_never_less(findings):
    for site in make_account(findings, texts=NL).sites:
        beside = [part for part in site.parts if part.share == 0]  # counts in no score
        assert [part.points for part in beside] == [None] * len(beside)
        known = [part for part in site.parts if part.value is not None and part not in beside]
        assert sum(part.points for part in known) == pytest.approx(site.score)
        assert all(part.points <= part.most + 1e-9 for part in known)
        assert sum(part.most for part in known) == pytest.approx(100)


def test_the_lift_is_the_largest_gain_that_somebody_can_bring_about(findings):
    changeable = {c.key for c in findings.profile.criteria if c.metric in {"distance", "site"}}
    for site in make_account(findings, texts=NL).sites:
        gains = {
            part.label: part.most * (1 - part.value)
            for part in site.parts
            if part.value is not None and part.key in changeable
        }
        best = max(gains, key=gains.get)
        assert site.lift.startswith(best)
        assert f"levert {NL.number(gains[best], 1)} punten op" in site.lift
        assert site.lift.endswith(f"totaal {NL.number(site.score + gains[best])}.")


def test_a_site_of_which_too_little_is_known_stands_after_the_ranked_and_says_why(findings):
    poorer, poor = hide(findings, findings.tables["sites"]["rank"].eq(1).fillna(value=False))
    account = make_account(poorer, texts=NL)
    ranks = [site.rank for site in account.sites if site.knock_out_reason is None]
    assert ranks[-1] is None
    assert None not in ranks[:-1]
    site = next(site for site in account.sites if site.id == poor)
    assert "te weinig bekend (14\u00a0%; nodig 50\u00a0%)" in site.no_rank_reason
    assert site.lift == NL("panel.lift_unknown")
    assert all(part.points is None for part in site.parts)
    page = Page(render_map(poorer))
    shown = next(one for one in page.data()["sites"] if one["id"] == poor)
    assert (shown["score"], shown["range"]) == (None, "12–99 mogelijk")
    assert "12–99 mogelijk" in page.text
    assert all(points == "" for _, points, *_ in shown["parts"])


def test_a_column_of_scores_sorts_what_has_none_last(findings):
    poorer, _ = hide(findings, findings.tables["sites"]["rank"].eq(1).fillna(value=False))
    html = render_map(poorer)
    table = html[html.index('id="sites-table"') :]
    cells = re.findall(r'data-v="([^"]*)">([^<]*)</td>\s*<td class="n" data-v="[^"]*">12–99', table)
    assert cells == [("", "onbekend")]  # what has no value stays last, whichever way is sorted
    bars = re.findall(r'<svg class="scorebar".*?</svg>', html)
    assert sum('class="fill"' not in bar for bar in bars) == 1


def test_sites_that_share_a_rank_say_so(findings):
    first = findings.tables["sites"]["rank"].isin([1, 2]).fillna(value=False)
    score = findings.tables["sites"]["score"][first].max()
    sites = findings.tables["sites"].assign(
        rank=findings.tables["sites"]["rank"].mask(first, 1),
        rank_low=findings.tables["sites"]["rank_low"].mask(first, 1),
        rank_high=findings.tables["sites"]["rank_high"].mask(first, 2),
        score=findings.tables["sites"]["score"].mask(first, score),
    )
    tied = with_tables(findings, sites=sites.iloc[::-1])
    account = make_account(tied, texts=NL)
    assert [site.rank for site in account.sites[:3]] == [1, 1, 3]
    assert [site.shared for site in account.sites[:3]] == [True, True, False]
    assert account.sites[0].id < account.sites[1].id  # in whatever order they came
    assert account.outcome.startswith("Twee locaties liggen gelijk op: ")
    text = Page(render_map(tied)).text
    assert text.count("gedeeld 1, 1–2") == 2
    assert Page(render_report(tied)).text.count("gedeeld 1. ") == 2


def test_of_when_every_source_is_is_told_in_the_header_and_at_the_source(findings):
    for html in (
        render_map(findings),
        render_report(findings),
        render_map(make_findings(date=None)),
    ):
        text = re.sub(r"\s+", " ", Page(html).text)
        assert re.search(r"Gegevens van:? ?OpenStreetMap 30 januari 2025; ", text)
    account = make_account(findings, texts=NL)
    for source in account.sources:
        told = source.title if source.licence or not source.file else source.file
        assert (
            f"{told} {source.year}" in account.data_dates
            or told in account.data_dates.partition("onbekend: ")[2]
        )
    assert account.sources[0].line == "OpenStreetMap, 30 januari 2025, ODbL 1.0"
    inputs = [one | {"date": None, "year": None} for one in findings.provenance["inputs"]]
    undated = make_account(replace(findings, provenance={"inputs": inputs}), texts=NL)
    assert undated.data_dates.startswith("datum onbekend: OpenStreetMap, ")
    assert undated.sources[0].line == "OpenStreetMap, jaar onbekend, ODbL 1.0"


@pytest.mark.parametrize(
    ("out", "said"), [(True, "Alle bekeken locaties vallen af."), (False, "te weinig bekend")]
)
def test_studies_without_a_winner_say_so(findings, out, said):
    sites = findings.tables["sites"].assign(
        rank=pd.NA, rank_low=pd.NA, rank_high=pd.NA, knocked_out=out
    )
    sites["knock_out_reason"] = "te luid" if out else ""
    if not out:
        sites["score"] = np.nan
    assert said in make_account(with_tables(findings, sites=sites), texts=NL).outcome
    assert said in Page(render_map(with_tables(findings, sites=sites))).text


def test_one_site_and_no_areas_and_no_facilities_still_make_a_page(findings):
    one = make_findings(n_sites=1)
    bare = with_tables(
        one,
        areas=one.tables["areas"].iloc[:0],
        facilities=one.tables["facilities"].iloc[:0],
        service_areas=one.tables["service_areas"].iloc[:0],
        routes=one.tables["routes"].iloc[:0],
        site_areas=one.tables["site_areas"].iloc[:0],
    )
    page = Page(render_map(bare))
    assert len(page.data()["sites"]) == 1
    assert page.data()["indicators"] == []


def test_both_languages_have_the_same_texts_with_the_same_blanks():
    def blanks(table):
        return {
            (section, key): sorted(name for _, name, _, _ in Formatter().parse(str(text)) if name)
            for section, keys in table.items()
            for key, text in keys.items()
        }

    assert blanks(read_texts("nl").table) == blanks(read_texts("en").table)


def test_english_pages_are_english(findings):
    page = Page(render_map(findings, lang="en"))
    assert dict(page.tags)["html"]["lang"] == "en"
    assert "now comes first of the 12 sites" in page.text


def test_without_a_background_nothing_is_asked_of_anyone(findings):
    html = render_map(findings, background=False)
    assert "service.pdok.nl" not in html
    assert NL("simplified.background") in html


def test_streets_come_back_from_their_steps_within_the_tolerance(findings):
    """Read the steps as the page does and lay them beside the real streets."""
    streets = Streets(findings.tables["streets"], findings.tables["sites"])
    drawn = []
    for steps in streets.draw(5.0):
        points = np.cumsum(np.reshape(steps, (-1, 2)), axis=0) / 1e5
        drawn.append(shapely.LineString(points[:, ::-1]))
    back = gpd.GeoSeries(drawn, crs="EPSG:4326").to_crs(findings.tables["streets"].crs)
    assert len(back) == len(findings.tables["streets"])
    apart = shapely.hausdorff_distance(
        np.asarray(back), np.asarray(findings.tables["streets"].geometry)
    )
    assert apart.max() < 5 + 1.2  # five decimals of a degree are at most 1.2 m
    assert streets.cut_m is None


def test_of_too_many_streets_the_nearest_are_drawn_and_the_page_says_how_far(findings):
    """A plain of 300 × 300 zigzag streets is too much; what is left out is farther away than what stays."""
    wiggle = np.array([[0, 0], [30, 40], [60, 0], [90, 40], [120, 0]])
    corners = np.stack(np.meshgrid(np.arange(300), np.arange(300)), axis=-1).reshape(-1, 2) * 130.0
    centre = np.array(findings.tables["sites"].total_bounds[:2]) - 150 * 130
    lines = shapely.linestrings((corners + centre)[:, None] + wiggle)
    many = with_tables(
        findings, streets=gpd.GeoDataFrame(geometry=lines, crs=findings.tables["sites"].crs)
    )
    streets = Streets(many.tables["streets"], many.tables["sites"])
    assert shapely.get_num_coordinates(streets.lines).sum() <= MOST_VERTICES
    away = shapely.distance(lines, shapely.union_all(np.asarray(findings.tables["sites"].geometry)))
    assert (
        (away < streets.cut_m - 1e-6).sum() <= len(streets.lines) <= (away <= streets.cut_m).sum()
    )
    html = render_map(many)
    assert len(html.encode()) < 5_000_000
    assert NL("simplified.streets", distance=NL.limit(streets.cut_m)) in html


def test_streets_of_the_network_are_those_near_the_box():
    x, y = np.meshgrid(np.arange(6) * 1000.0, np.arange(3) * 100.0)
    xy = np.column_stack([x.ravel(), y.ravel()]) + [190_000.0, 500_000.0]
    across = np.arange(18).reshape(3, 6)
    edges = np.vstack([np.column_stack([across[:, :-1].ravel(), across[:, 1:].ravel()])])
    net = WalkNetwork.from_arrays(xy, edges)
    box = [190_000.0, 500_000.0, 190_500.0, 500_050.0]
    found = street_lines(net, bounds=box)
    near = shapely.box(189_000, 499_000, 191_500, 501_050)
    assert len(street_lines(net, bounds=[*xy.min(axis=0), *xy.max(axis=0)])) == len(
        net.edge_length_m
    )
    assert found.geometry.intersects(near).all()
    total = shapely.intersection(np.asarray(found.geometry), near)
    assert shapely.length(total).sum() == pytest.approx(3 * 1500)


def test_who_lives_near_is_rounded_outwards_and_unknown_stays_unknown(findings):
    rows = {row.facility_class: row for row in make_account(findings, texts=NL).coverage}
    assert list(rows) == ["huisarts", "supermarkt", "apotheek", "halte"]  # as the study names them
    assert rows["apotheek"].elderly == "ongeveer 935 (12–\u20602.775)"
    assert rows["apotheek"].share == "25\u00a0%"
    assert rows["apotheek"].addresses == "1.000 van 4.000"
    assert rows["huisarts"].elderly.endswith("; over 83\u00a0% van de adressen")
    assert rows["halte"].elderly == "onbekend"
    squares = findings.tables["coverage"].assign(
        addresses=np.nan, addresses_within=np.nan, share_within=np.nan
    )
    row = make_account(with_tables(findings, coverage=squares), texts=NL).coverage[0]
    assert (row.share, row.addresses) == ("onbekend", "onbekend")
    assert row.elderly != "onbekend"


def test_the_balance_before_and_after_stands_beside_its_rule(findings, page):
    by_id = findings.tables["sites"].set_index("id")
    for site in page.data()["sites"]:
        row, said = by_id.loc[site["id"]], " ".join(site["residents"])
        if np.isnan(row["balans_before"]):
            assert "Balans voor en na: onbekend" in said
        else:
            before = NL.number(row["balans_before"], 2, signed=True)
            after = NL.number(row["balans_after"], 2, signed=True)
            homes = NL.count("homes", int(row["n_woningen"]))
            assert f"Balans nu {before} → met {homes} {after}." in said
    rule = page.data()["balanceHelp"]
    assert "geen norm en geen oordeel over personen" in rule
    assert "staat bij elke locatie" in rule
    bare = findings.tables["sites"].drop(columns=["balans_before", "balans_after"])
    without = draw(with_tables(findings, sites=bare), Detail(2.0, 12))
    assert without["balanceHelp"] == ""
    assert not any("Balans" in line for site in without["sites"] for line in site["residents"])


def test_a_mean_says_of_how_many_it_is_and_what_stood_in(findings):
    rows = findings.tables["criteria"].set_index(["site_id", "criterion"])
    seen = set()
    for site in make_account(findings, texts=NL).sites:
        for part in site.parts:
            row = rows.loc[(site.id, part.key)]
            of = "het oppervlak" if part.key == "geluid" else "de adressen"
            said = []
            if row.coverage_share < 1:
                said.append(f"over {int(100 * row.coverage_share)}\u00a0% van {of}")
            if row.fallback_share > 0:
                said.append(NL("panel.stood_in", share="40\u00a0%"))
            if part.value is None:
                said = []
            seen.add("; ".join(said))
            if part.share == 0:
                said.append(NL("span.beside"))
            assert part.remark == "; ".join(said)
    assert len(seen) == 5  # neither, one of the three, both


def test_a_facility_from_which_nothing_is_reached_is_not_drawn():
    findings = make_findings()
    areas = findings.tables["service_areas"]
    gone = areas["facility_class"].iloc[0]
    some = areas["facility_class"] != gone
    areas = areas.set_geometry(areas.geometry.where(some, shapely.Polygon()))
    shapes = Shapes(with_tables(findings, service_areas=areas), limit_m=400.0)
    before = Shapes(findings, limit_m=400.0)
    assert [name for name, *_ in before.within if name == gone]
    assert [w[:2] for w in shapes.within] == [w[:2] for w in before.within if w[0] != gone]


@pytest.mark.parametrize("gone", [(), ("criteria",), ("sites", "routes"), ("areas", "facilities")])
def test_a_folium_map_is_made_of_whatever_tables_there_are(findings, gone):
    tables = {name: table for name, table in findings.tables.items() if name not in gone}
    html = to_folium(replace(findings, tables=tables)).get_root().render()
    layers = {
        "sites": NL("page.sites_tab"), "areas": NL("roles.areas"), "routes": NL("panel.routes"),
        "facilities": '"Supermarkten"',
    }  # fmt: skip
    for name, layer in layers.items():
        assert (layer in html) == (name not in gone), name
    bare = {name: table.iloc[:0] for name, table in findings.tables.items()}
    for tables in ({}, bare):
        assert "L.map" in to_folium(replace(findings, tables=tables)).get_root().render()


def test_a_folium_map_shows_the_indicator_asked_for_or_says_which_there_are(findings):
    html = to_folium(findings, indicator="balans", lang="en").get_root().render()
    assert "Wijken and buurten: Balance" in html
    assert "Leefbaarometer, overall" not in html
    with pytest.raises(
        StudyError, match="no area has the indicator geluk; choose one of lbm_afw"
    ) as told:
        to_folium(findings, indicator="geluk")
    assert told.value.told("nl").startswith("geen gebied heeft het cijfer geluk; kies uit lbm_afw")


def test_sites_may_stand_in_the_crs_of_whoever_gave_them(findings):
    elsewhere = with_tables(findings, sites=findings.tables["sites"].to_crs("EPSG:4326"))
    data = Page(render_map(elsewhere)).data()
    for site, there in zip(data["sites"], Page(render_map(findings)).data()["sites"], strict=True):
        assert site["at"] == pytest.approx(there["at"], abs=2e-5)
        assert site["reach"] == there["reach"]
