"""The printed account: no scripts, everything of every site, and nothing from the data is markup."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
from make_result import HOSTILE, make_result
from test_maps import NL, Page

from geowoonzorg.show.account import make_account
from geowoonzorg.show.report import render_report
from geowoonzorg.show.texts import plain


def test_the_same_result_gives_the_same_bytes():
    assert render_report(make_result()) == render_report(make_result())


def test_there_is_no_script_and_the_policy_forbids_it():
    page = Page(render_report(make_result()))
    assert "script" not in {tag for tag, _ in page.tags}
    policy = next(
        a["content"] for _, a in page.tags if a.get("http-equiv") == "Content-Security-Policy"
    )
    assert "script-src 'none'" in policy


def test_hostile_names_are_text():
    page, hostile = (
        Page(render_report(make_result())),
        Page(render_report(make_result(hostile=True))),
    )
    assert [tag for tag, _ in hostile.tags] == [tag for tag, _ in page.tags]
    for name in HOSTILE:
        assert plain(name) in hostile.text


def test_every_number_of_every_site_is_told_with_its_source():
    result = make_result()
    text = re.sub(r"\s+", " ", Page(render_report(result)).text.replace("\u00a0", " "))
    for row in result.criteria.itertuples():
        assert row.label in text
        shown = (
            NL.quantity(row.raw, row.unit).replace("\u00a0", " ")
            if row.known
            else NL.get("status", row.reason)
        )
        assert shown in text
    for site in result.sites.itertuples():
        assert site.name in text
        assert site.knock_out_reason in text
    for item in result.provenance["inputs"]:
        assert item["sha256"] in text
        assert item["licence"] in text
    assert result.profile.hash in text
    assert "geen norm en geen oordeel over personen" in text


def test_who_lives_near_and_the_balance_after_building_are_told():
    result = make_result()
    text = Page(render_report(result)).text
    account = make_account(result, texts=NL)
    for row in account.coverage:
        assert row.elderly in text
        assert row.addresses in text
    for site in account.sites:
        assert " ".join(site.residents) in text
        assert all(part.remark in text for part in site.parts)
    assert account.balance_help in text
    assert NL("coverage.caption", limit="400\u00a0m") in text
    bare = Page(render_report(replace(result, coverage=result.coverage.iloc[:0]))).text
    assert NL("coverage.title", limit="400\u00a0m") not in bare


def test_a_site_without_a_rank_looks_so_and_says_why_once():
    result = make_result()
    sites = result.sites.copy()
    sites.loc[3, ["score", "rank", "rank_low", "rank_high"]] = np.nan
    sites.loc[3, ["knocked_out", "known_weight_share", "score_low"]] = [False, 0.14, 12.4]
    html = render_report(replace(result, sites=sites))
    assert html.count('<tr class="unranked">') == sites["rank"].isna().sum()
    found = re.search(rf"<h3><bdi>{sites.loc[3, 'name']}</bdi></h3>\n<p>.*</p>", html)
    assert found is not None
    assert found[0].count("14\u00a0%") == 1
    assert "we weten te weinig" in found[0]
    assert "score onbekend</strong> (12–" in found[0]
    row = re.search(
        rf'<tr class="unranked"><td class="n">–</td><th scope="row"><bdi>{sites.loc[3, "name"]}.*',
        html,
    )
    assert "onbekend<br>" in row[0]
    assert 'class="fill"' not in row[0]


def test_from_where_no_walk_is_known_nothing_was_looked_for_in_vain():
    result = make_result()
    first, second = result.sites["id"][:2]
    gone = result.routes["site_id"].eq(first) | (
        result.routes["site_id"].eq(second) & result.routes["facility_class"].eq("huisarts")
    )
    account = make_account(replace(result, routes=result.routes[~gone]), texts=NL)
    walks = {site.id: site.walks for site in account.sites}
    assert {walk.said for walk in walks[first]} == {NL("panel.unknown")}
    lacking = [walk.facility_class for walk in walks[second] if not walk.known]
    assert "huisarts" in lacking
    assert {w.said for w in walks[second] if not w.known} == {NL("panel.route_none")}
