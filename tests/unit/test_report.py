"""The printed account: no scripts, everything of every site, and nothing from the data is markup."""

from __future__ import annotations

import re

import numpy as np
from make_result import HOSTILE, make_findings, with_tables
from test_maps import NL, Page

from geowoonzorg.show.account import make_account
from geowoonzorg.show.cells import plain
from geowoonzorg.show.reasons import reason_words
from geowoonzorg.show.report import render_report


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
