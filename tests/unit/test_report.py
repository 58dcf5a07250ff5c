"""The printed account: no scripts, everything of every site, and nothing from the data is markup."""

from __future__ import annotations

import re

import numpy as np
import segno
from make_result import HOSTILE, make_findings, with_tables
from test_maps import NL, Page

from geowoonzorg.show.account import make_account
from geowoonzorg.show.cells import plain
from geowoonzorg.show.correcting import facilities_to_correct
from geowoonzorg.show.reasons import reason_words
from geowoonzorg.show.report import render_report
from geowoonzorg.show.walking_sheet import make_sheets


def test_the_same_result_gives_the_same_bytes():
    assert render_report(make_findings()) == render_report(make_findings())


def test_there_is_no_script_and_the_policy_forbids_it():
    page = Page(render_report(make_findings()))
    assert "script" not in {tag for tag, _ in page.tags}
    policy = next(
        a["content"] for _, a in page.tags if a.get("http-equiv") == "Content-Security-Policy"
    )
    assert "script-src 'none'" in policy


def test_hostile_names_are_text():
    page, hostile = (
        Page(render_report(make_findings())),
        Page(render_report(make_findings(hostile=True))),
    )
    assert [tag for tag, _ in hostile.tags] == [tag for tag, _ in page.tags]
    for name in HOSTILE:
        assert plain(name) in hostile.text


def test_every_number_of_every_site_is_told_with_its_source():
    findings = make_findings()
    text = re.sub(r"\s+", " ", Page(render_report(findings)).text.replace("\u00a0", " "))
    for row in findings.tables["criteria"].itertuples():
        assert row.label in text
        shown = (
            NL.quantity(row.raw, row.unit).replace("\u00a0", " ")
            if row.known
            else reason_words(row.reason, texts=NL)
        )
        assert shown in text
    for site in findings.tables["sites"].itertuples():
        assert site.name in text
        assert site.knock_out_reason in text
    for item in findings.provenance["inputs"]:
        assert item["sha256"] in text
        assert item["licence"] in text
    assert findings.profile.hash in text
    assert "geen norm en geen oordeel over personen" in text


def test_who_lives_near_and_the_balance_after_building_are_told():
    findings = make_findings()
    text = Page(render_report(findings)).text
    account = make_account(findings, texts=NL)
    for row in account.coverage:
        assert row.elderly in text
        assert row.addresses in text
    for site in account.sites:
        assert " ".join(site.residents) in text
        assert all(part.remark in text for part in site.parts)
    assert account.balance_help in text
    assert NL("coverage.caption", limit="400\u00a0m") in text
    bare = Page(
        render_report(with_tables(findings, coverage=findings.tables["coverage"].iloc[:0]))
    ).text
    assert NL("coverage.title", limit="400\u00a0m") not in bare


def test_a_site_without_a_rank_looks_so_and_says_why_once():
    findings = make_findings()
    sites = findings.tables["sites"].copy()
    sites.loc[3, ["score", "rank", "rank_low", "rank_high"]] = np.nan
    sites.loc[3, ["knocked_out", "known_weight_share", "score_low"]] = [False, 0.14, 12.4]
    html = render_report(with_tables(findings, sites=sites))
    assert html.count('<tr class="unranked">') == sites["rank"].isna().sum()
    found = re.search(rf"<h3><bdi>{sites.loc[3, 'name']}</bdi></h3>\n<p>.*</p>", html)
    assert found is not None
    assert found[0].count("14\u00a0%") == 1
    assert "er is te weinig bekend" in found[0]
    assert "score onbekend</strong> (12–" in found[0]
    row = re.search(
        rf'<tr class="unranked"><td class="n">–</td><th scope="row"><bdi>{sites.loc[3, "name"]}.*',
        html,
    )
    assert "onbekend<br>" in row[0]
    assert 'class="fill"' not in row[0]


def test_from_where_no_walk_is_known_nothing_was_looked_for_in_vain():
    findings = make_findings()
    first, second = findings.tables["sites"]["id"][:2]
    gone = findings.tables["routes"]["site_id"].eq(first) | (
        findings.tables["routes"]["site_id"].eq(second)
        & findings.tables["routes"]["facility_class"].eq("huisarts")
    )
    account = make_account(with_tables(findings, routes=findings.tables["routes"][~gone]), texts=NL)
    walks = {site.id: site.walks for site in account.sites}
    assert {walk.said for walk in walks[first]} == {NL("panel.unknown")}
    lacking = [walk.facility_class for walk in walks[second] if not walk.known]
    assert "huisarts" in lacking
    assert {w.said for w in walks[second] if not w.known} == {NL("panel.route_none")}


def test_the_best_three_have_a_sheet_with_the_metres_of_their_walks_and_a_code_of_their_place():
    findings = make_findings()
    account = make_account(findings, texts=NL)
    sheets = make_sheets(findings, account.sites[:3], texts=NL)
    assert list(sheets) == [site.id for site in account.sites[:3]]
    text = Page(render_report(findings)).text
    at = findings.tables["sites"].set_index("id").geometry.to_crs(4326).representative_point()
    for site, sheet in sheets.items():
        assert [leg.metres for leg in sheet.legs] == [
            walk.told or walk.said for walk in next(s for s in account.sites if s.id == site).walks
        ]
        assert f"mlat={at[site].y:.5f}&mlon={at[site].x:.5f}" in sheet.link
        drawn = segno.make(sheet.link, error="m", micro=False)
        assert sheet.code_size == drawn.symbol_size(border=4)[0]
        assert sheet.place in text


def test_the_list_to_correct_names_the_nearest_address_and_the_objects_own_page():
    findings = make_findings()
    homes = findings.tables["addresses"].copy()
    homes["street"] = [f"Straat {i}" for i in range(len(homes))]
    facilities = findings.tables["facilities"].copy()
    facilities["osm_id"] = ["n1", "w2", "javascript:x"][:1] + ["w2"] * (len(facilities) - 1)
    listed = facilities_to_correct(
        with_tables(findings, addresses=homes, facilities=facilities), texts=NL
    )
    assert len(listed) == len(facilities)
    for row in listed:
        assert row.link.startswith("https://www.openstreetmap.org/")
    near = {
        f"Straat {homes.geometry.distance(point).argmin()}"
        for point in facilities.to_crs(homes.crs).geometry.representative_point()
        if homes.geometry.distance(point).min() <= 50
    }
    assert {row.address.removeprefix("bij ") for row in listed if row.address} == near
    assert {row.number: row.link for row in listed}["n1"].endswith("/node/1")
