"""The map page as an instrument: weights, looking up a street, trying a change, and a link that opens the same."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
from in_browser import BROWSER, DESKTOP, PHONE
from make_result import make_findings

from geowoonzorg.ask import score_sites
from geowoonzorg.prepare import demo_study
from geowoonzorg.ranking.scoring import read_scoring_profile, score
from geowoonzorg.ranking.values import values_of
from geowoonzorg.show.map_page import render_map
from geowoonzorg.show.templates import read_asset
from geowoonzorg.show.texts import read_texts
from geowoonzorg.study import read_study
from geowoonzorg.town import Town
from geowoonzorg.town.reading import read_sites

pytestmark = BROWSER


@pytest.fixture(scope="module")
def town():
    return Town.demo()


@pytest.fixture(scope="module")
def profile():
    """The shipped profile without what ways meet: test_map_trials.py holds those against the library."""
    shipped = read_scoring_profile("geclusterd")
    kept = tuple(c for c in shipped.criteria if not c.metric.startswith("way_"))
    return replace(shipped, criteria=kept)


@pytest.fixture(scope="module")
def sites():
    return read_sites(read_study(demo_study()))


@pytest.fixture(scope="module")
def made(town, sites, profile, tmp_path_factory):
    """The demo's page, and the answer it was made of."""
    answer = score_sites(town, sites, profile=profile, draws=100)
    file = tmp_path_factory.mktemp("instrument") / "map.html"
    file.write_text(render_map(answer, background=False), encoding="utf-8")
    return file, answer


@pytest.fixture
def visit(browser):
    pages = []

    def opened(file, state="", *, size=DESKTOP):
        page = browser.new_page(viewport=size)
        pages.append(page)
        page.complaints = []
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.goto(f"{file.as_uri()}#{state}")
        page.wait_for_selector(".sites .site")
        return page

    yield opened
    for page in pages:
        assert page.complaints == []
        page.close()


def listed(page):
    """The list as it stands: name → points."""
    rows = page.locator(".sites .site")
    return {
        row.locator(".name").inner_text(): row.locator(".points").inner_text() for row in rows.all()
    }


def by_rule(page, answer, profile):
    """Rank with the page's own rule, outside any page."""
    values = values_of(answer.sites.set_index("id"), profile)
    table = np.stack([values.point, values.low, values.high], axis=-1)
    sites = [
        {
            "v": [[None if np.isnan(p) else p, low, high] for p, low, high in row],
            "dropped": bool(out),
        }
        for row, out in zip(table.tolist(), answer.sites["knocked_out"], strict=True)
    ]
    about = {
        "told": values.told.tolist(), "least": profile.least_known_share,
        "best": [c.best_value for c in profile.criteria],
    }  # fmt: skip
    return page.evaluate(
        f"(given) => {{ {read_asset('page/rule.js')}; return scoringRule.rank(...given); }}",
        [sites, list(profile.weights), about],
    )


@pytest.mark.parametrize("seed", range(6))
def test_the_page_weighs_as_the_library_to_the_last_digit(browser, seed):
    findings = make_findings(n_sites=40)
    rng = np.random.default_rng(seed)
    n = len(findings.profile.criteria)
    drawn = rng.gamma(0.7, size=n) * (rng.uniform(size=n) > 0.2)
    drawn[0] += 0.1
    criteria = tuple(
        replace(c, weight=float(w)) for c, w in zip(findings.profile.criteria, drawn, strict=True)
    )
    profile = replace(findings.profile, criteria=criteria)
    before = findings.tables["sites"].set_index("id")
    raw, low, high = (
        before[[f"{c.key}_{end}" for c in criteria]].set_axis([c.key for c in criteria], axis=1)
        for end in ("raw", "raw_low", "raw_high")
    )
    after = score(raw, profile, raw_low=low, raw_high=high, draws=0)
    page = browser.new_page()
    found = by_rule(page, replace_sites(findings, after), profile)
    page.close()
    for name, column in (("score", "score"), ("low", "score_low"), ("high", "score_high")):
        mine = np.array([one[name] for one in found], dtype=float)
        np.testing.assert_allclose(mine, after[column].to_numpy(float), rtol=0, atol=1e-9)
    ranks = after["rank"].astype("float64").fillna(0).to_numpy()
    assert [one["rank"] or 0 for one in found] == ranks.tolist()
    parts = np.array([one["parts"] for one in found], dtype=float)
    theirs = after[[f"{c.key}_contribution" for c in criteria]].to_numpy()
    np.testing.assert_allclose(parts, theirs, rtol=0, atol=1e-9)


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_the_page_writes_a_distance_as_the_library(browser, lang):
    rng = np.random.default_rng(5)
    drawn = [round(float(m), rng.integers(0, 4)) for m in np.exp(rng.uniform(0, 10, 400))]
    edges = [0.0, 399.5, 400.0, 400.4, 999.49, 999.5, 1000.0, 1049.5, 1050.0, 2250.0, 12_345.0]
    texts = read_texts(lang)
    tools = f"{read_asset('page/tools.js')}; return given.all.map((m) => pageTools.distance"
    page = browser.new_page()
    page.set_content(f"<html lang={lang}></html>")
    for limit in (None, 400.0, 1000.0, 1200.0, 1240.0, 2249.6):
        metres = [
            *drawn,
            *edges,
            *([limit - 0.2, limit, limit + 0.01, limit + 40] if limit else []),
        ]
        said = page.evaluate(
            f"(given) => {{ {tools}(m, given.limit)); }}", {"all": metres, "limit": limit}
        )
        assert said == [texts.distance(m, limit_m=limit) for m in metres]
    chosen = [400.0, 1000.0, 1240.0, 1250.0, 2005.0, 10_000.0]
    said = page.evaluate(f"(given) => {{ {tools}(m, null, true)); }}", {"all": chosen})
    assert said == [texts.limit(m) for m in chosen]
    page.close()


def replace_sites(findings, scores):
    """Findings with other scores."""

    class Found:
        sites = scores.reset_index()

    return Found


def test_sliders_move_ranks_list_and_marks_at_once_and_the_profile_comes_back(visit, made):
    file, answer = made
    page = visit(file)
    before = listed(page)
    page.click("#tab-weights")
    sliders = page.locator("#pane-weights input[type=range]")
    assert sliders.count() == len(answer.profile.criteria)
    for k in range(sliders.count()):
        sliders.nth(k).fill("40" if k == 1 else "0")
    page.click("#tab-sites")
    after = listed(page)
    assert set(after) == set(before)
    assert list(after) != list(before)
    first = page.locator(".sites .site").first
    assert first.locator(".rank").inner_text() == "1"
    assert page.locator(f'[aria-label^="1. {first.locator(".name").inner_text()}"]').count() <= 1
    assert "Met deze weging" in page.inner_text("#own-weights")
    page.click("#own-reset")
    assert listed(page) == before
    assert page.is_hidden("#own-weights")


def test_weights_of_each_party_travel_in_the_link(visit, made):
    file, _ = made
    page = visit(file)
    page.click("#tab-weights")
    page.locator("#pane-weights input[type=range]").first.fill("0")
    hostile = "Lijst <b>5</b> & |é"
    page.fill("#set-name", hostile)
    page.click("#pane-weights form button")
    link = page.evaluate("location.hash").removeprefix("#")
    other = visit(file, link)
    other.click("#tab-weights")
    assert other.locator(".sets li bdi").inner_text() == hostile
    assert other.locator("#pane-weights input[type=range]").first.input_value() == "0"
    assert listed(page) == listed(other)
    assert "2 wegingen" in other.inner_text("#pane-weights")


def test_an_address_of_another_page_is_read_as_far_as_it_goes(visit, made):
    file, answer = made
    ids = answer.sites["id"].tolist()
    page = visit(
        file,
        "w=zzz:4,huisarts:x,supermarkt:-3&site=nergens&layer=ooit&classes=q&close=zz&homes=1.5@"
        + ids[0],
    )
    assert page.is_hidden("#panel")
    assert page.is_hidden("#own-weights")
    many = "&".join(f"set=n{i}%7Csupermarkt:{i}" for i in range(200))
    page = visit(file, many)
    page.click("#tab-weights")
    assert page.locator(".sets li").count() == 50


def test_back_goes_back_and_a_link_opens_site_comparison_and_layer(visit, made):
    file, _ = made
    page = visit(file)
    page.click(".sites .site >> nth=0")
    page.select_option("#beside", index=1)
    page.click(".chooser button")
    page.click("#tab-layers")
    page.locator('#layers input[name="indicator"]').nth(1).check()
    link = page.evaluate("location.hash").removeprefix("#")
    other = visit(file, link)
    assert other.locator(".compared thead th").count() == 2
    assert other.locator('#layers input[name="indicator"]').nth(1).is_checked()
    page.go_back()
    assert page.locator('#layers input[name="indicator"]').nth(0).is_checked()
    page.go_back()
    assert page.locator(".compared").count() == 0
    page.go_back()
    assert page.is_hidden("#panel")


def test_a_street_is_looked_up_with_the_walks_that_the_layer_has(visit, made, town):
    file, answer = made
    layer = answer.addresses
    row = layer[layer["huisarts_m"].notna()].iloc[7]
    page = visit(file)
    page.fill("#find-field", f"{row['street'].lower()[:9]} {row['housenumber']}")
    options = page.locator("#find-list li")
    wanted = f"{row['street']} {row['housenumber']}"
    texts = options.all_inner_texts()
    page.locator("#find-list li").nth(texts.index(wanted)).click()
    assert page.inner_text("#panel-title") == wanted
    told = page.inner_text(".found-walks")
    assert read_texts("nl").distance(row["huisarts_m"], limit_m=400.0) in told
    again = visit(file, page.evaluate("location.hash").removeprefix("#"), size=PHONE)
    assert again.inner_text("#panel-title") == wanted
    page.fill("#find-field", "bestaatniet")
    page.keyboard.press("Enter")
    assert "Niets gevonden" in page.locator("#find .sr[role=status]").text_content()


def points_of(page):
    text = page.inner_text("#panel .parts")
    return re.findall(r"([\d,.–]+) van ([\d,.]+)", text)


@pytest.mark.parametrize("which", [0, 2])
def test_a_closed_practice_on_the_page_is_a_closed_practice_in_the_library(
    visit, made, town, sites, profile, which
):
    file, _ = made
    closed = town.facilities.query("facility_class == 'huisarts'")["id"].iloc[which]
    without = town.replace(facilities=town.facilities[town.facilities["id"] != closed])
    wanted = score_sites(without, sites, profile=profile, draws=0).sites.set_index("name")
    page = visit(file, f"close={closed}")
    shown = listed(page)
    for name, points in shown.items():
        theirs = wanted.loc[name, "score"]
        assert points == ("onbekend" if np.isnan(theirs) else f"{theirs:.0f}")
    by_rank = wanted[wanted["rank"].notna()].sort_values(["rank"])
    assert list(shown)[:3] == by_rank.index[:3].tolist()


def test_a_practice_that_opens_beside_a_site_is_one_there_in_the_library(
    visit, made, town, sites, profile
):
    file, _ = made
    at = sites.to_crs(town.crs).iloc[9]
    new = gpd.GeoDataFrame(
        {"id": ["new"], "facility_class": ["huisarts"], "name": ["nieuw"]},
        geometry=[at.geometry],
        crs=town.crs,
    )
    more = town.replace(facilities=pd.concat([town.facilities, new], ignore_index=True))
    wanted = score_sites(more, sites, profile=profile, draws=0).sites.set_index("name")
    page = visit(file, f"open=huisarts%40{at['id']}")
    for name, points in listed(page).items():
        theirs = wanted.loc[name, "score"]
        assert points == ("onbekend" if np.isnan(theirs) else f"{theirs:.0f}")


def test_homes_that_are_added_change_the_balance_as_the_library_says(
    visit, made, town, sites, profile
):
    file, answer = made
    name = answer.sites.sort_values("rank")["name"].iloc[0]
    row = answer.sites.set_index("name").loc[name]
    more = sites.assign(
        n_woningen=sites["n_woningen"].where(sites["name"] != name, sites["n_woningen"] + 36)
    )
    after = score_sites(town, more, profile=profile, draws=0).sites.set_index("name").loc[name]
    page = visit(file, f"homes=36%40{row['id']}&site={row['id']}")
    told = page.inner_text("#panel .residents")
    assert f"{abs(after['balans_after']):.2f}".replace(".", ",") in told.split("Uitgeprobeerd")[1]
    assert listed(page)[name] == f"{after['score']:.0f}"


def test_the_data_in_the_page_is_json_that_others_can_read(made):
    file, answer = made
    text = file.read_text(encoding="utf-8")
    data = json.loads(
        re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)[1]
    )
    assert [site["id"] for site in data["sites"]][:1] == answer.sites.sort_values("rank")[
        "id"
    ].tolist()[:1]
    assert len(data["rule"]["weights"]) == len(data["criteria"])


def test_what_is_on_the_screen_can_be_taken_along(visit, made, tmp_path):
    file, answer = made
    page = visit(file)
    page.click("#tab-about")
    with page.expect_download() as got:
        page.click("#files button >> nth=0")
    table = pd.read_csv(got.value.path()).set_index("id")
    wanted = answer.sites.set_index("id")
    np.testing.assert_allclose(
        table["score"], wanted["score"].reindex(table.index).astype("float64"), atol=1e-7
    )
    assert table["rank"].dropna().is_monotonic_increasing
    with page.expect_download() as got:
        page.click("#files button >> nth=1")
    copy = tmp_path / "sites.geojson"
    got.value.save_as(copy)
    layer = gpd.read_file(copy).set_index("id").to_crs(answer.sites.crs)
    far = layer.geometry.distance(answer.sites.set_index("id").geometry.reindex(layer.index))
    assert far.max() < 2


def test_all_layers_open_from_one_file_as_qgis_reads_it(visit, made, tmp_path):
    file, answer = made
    page = visit(file)
    page.click("#tab-about")
    with page.expect_download() as got:
        page.click("#files button >> nth=2")
    copy = tmp_path / got.value.suggested_filename
    assert copy.name.endswith("-lagen.geojson")
    got.value.save_as(copy)
    assert len(pyogrio.list_layers(copy)) == 1
    layers = pyogrio.read_dataframe(copy)
    assert layers.crs == "EPSG:4326"
    kinds = layers.groupby("layer").geometry.agg(
        lambda each: {t.replace("Multi", "") for t in each.geom_type}
    )
    assert kinds["facilities"] == {"Point"}
    assert kinds["routes"] == {"LineString"}
    assert kinds["reach"] == kinds["areas"] == {"Polygon"}
    layers.geometry = layers.make_valid()  # drawn to a metre, a corner may touch another
    there = layers.to_crs(answer.sites.crs)
    reach = there[there["layer"] == "reach"].set_index("id").geometry
    own = answer.site_areas[answer.site_areas["limit_m"] == 400.0]
    wanted = own.set_index("site_id").geometry.reindex(reach.index)
    assert (reach.symmetric_difference(wanted).area < 0.05 * wanted.area + 200).all()
    routes = there[there["layer"] == "routes"]
    assert len(routes) == answer.routes.geometry.notna().sum()
    assert set(
        zip(routes["id"], routes["facility_class"], routes["facility_id"], strict=True)
    ) <= set(
        zip(
            answer.routes["site_id"],
            answer.routes["facility_class"],
            answer.routes["facility_id"],
            strict=True,
        )
    )
    assert len(there[there["layer"] == "areas"]) == len(answer.areas)


def test_an_area_of_the_table_is_told_on_the_map_by_keyboard(visit, made):
    file, answer = made
    page = visit(file)
    page.locator("#areas-title + details summary").click()
    rows = page.locator("table.areas tbody tr")
    assert rows.count() == len(answer.areas)
    first = rows.nth(0)
    wanted = first.locator("td").nth(0).inner_text()
    first.locator("button").focus()
    page.keyboard.press("Enter")
    told = page.locator(".leaflet-popup-content").inner_text()
    assert first.locator("th").inner_text() in told
    assert wanted in told or wanted == "onbekend"
    assert page.locator('#layers input[name="indicator"]').nth(1).is_checked()


def test_table_marks_and_ways_follow_what_is_tried(visit, made, town):
    file, answer = made
    sites = answer.sites.set_index("id")
    walks = answer.routes[answer.routes["facility_class"] == "huisarts"].set_index("site_id")
    site = sites["rank"].idxmin()
    closed = walks.loc[site, "facility_id"]
    page = visit(file, f"site={site}&close={closed}")
    told = (
        page.locator("#panel .walks li", has_text="huisarts").first.locator(".metres").inner_text()
    )
    labels = page.locator(".route-mark").all_inner_texts()
    assert not any(label.startswith("H ") for label in labels)
    name = sites.loc[site, "name"]
    row = page.locator("#sites-table tbody tr", has_text=name)
    head = page.locator("#sites-table thead th").all_inner_texts()
    column = next(i for i, text in enumerate(head) if "huisarts" in text)
    metres = re.match(r"[^a-z]*k?m", told.replace("verder dan ", ""))[0]
    assert row.locator("th, td").nth(column).inner_text().startswith(metres)
    rank = row.locator("td").first.inner_text()
    assert page.locator(f'.leaflet-marker-icon[aria-label^="{rank}. {name}"]').count() == 1
    page.click("#own-reset")
    assert any(label.startswith("H ") for label in page.locator(".route-mark").all_inner_texts())


def test_all_practices_closed_are_worth_nothing_and_not_unknown(visit, made, town, sites, profile):
    file, _ = made
    ids = town.facilities.query("facility_class == 'huisarts'")["id"].tolist()
    others = town.facilities[~town.facilities["id"].isin(ids)]
    wanted = score_sites(town.replace(facilities=others), sites, profile=profile, draws=0)
    wanted = wanted.sites.set_index("name")["score"]
    shown = listed(visit(file, "&".join(f"close={one}" for one in ids)))
    for name, points in shown.items():
        assert points == ("onbekend" if np.isnan(wanted[name]) else f"{wanted[name]:.0f}")
