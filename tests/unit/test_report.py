"""The printed account: no scripts, everything of every site, and nothing from the data is markup."""

from __future__ import annotations

import re

import numpy as np
import segno
from hypothesis import given
from hypothesis import strategies as st
from make_result import HOSTILE, make_findings, with_tables
from markupsafe import escape
from test_maps import NL, Page

from geowoonzorg.show.account import make_account
from geowoonzorg.show.cells import plain
from geowoonzorg.show.correcting import facilities_to_correct
from geowoonzorg.show.reasons import reason_words
from geowoonzorg.show.report import WHOLE_SITES, render_report
from geowoonzorg.show.report_maps import ReportMaps, _apart, _Asked, _Frame, map_letters
from geowoonzorg.show.site_account import tell_sites
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
    ranking = html.partition('<table class="ranking">')[2].partition("</table>")[0]
    assert ranking.count('<tr class="unranked">') == sites["rank"].isna().sum()
    found = re.search(rf"<h3><bdi>{sites.loc[3, 'name']}</bdi></h3>\n<p>.*</p>", html)
    assert found is not None
    assert found[0].count("14\u00a0%") == 1
    assert "er is te weinig bekend" in found[0]
    assert "score onbekend</strong> (12–" in found[0]
    row = re.search(
        rf'<tr class="unranked"><td class="n">[a-z]</td><th scope="row"><bdi>{sites.loc[3, "name"]}.*',
        html,
    )
    assert '>onbekend</td><td class="n soft">12–' in row[0]
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
        assert _modules(sheet.code) == segno.make(sheet.link, error="m", micro=False).matrix
        assert sheet.place in text


def _modules(svg):
    """Read a drawn code back, module by module, without its white rim of four."""
    size = int(re.search(r'viewBox="0 0 (\d+) \1"', svg)[1])
    dark, x, y = np.zeros((size, size), np.uint8), 0, 0
    drawn = re.search(r'stroke="#000" d="(.*?)"', svg)[1]
    for command, numbers in re.findall(r"([Mmh])([-\d. ]+)", drawn):
        told = [float(n) for n in re.findall(r"-?[\d.]+", numbers)]
        if command == "h":
            dark[int(y), int(x) : int(x + told[0])] = 1
            x += told[0]
        else:
            x, y = told if command == "M" else (x + told[0], y + told[1])
    assert not dark[:4].any()
    assert not dark[:, :4].any()
    return tuple(bytearray(row) for row in dark[4:-4, 4:-4])


def with_way(findings, site, name, **met):
    routes = findings.tables["routes"].copy()
    here = routes["site_id"].eq(site) & routes["facility_class"].eq(name)
    for column, value in met.items():
        if column not in routes:
            routes[column] = np.nan
        routes.loc[here, column] = value
    return with_tables(findings, routes=routes)


def leg_to(findings, name):
    best = make_account(findings, texts=NL).sites[0]
    legs = make_sheets(findings, [best], texts=NL)[best.id].legs
    return next(leg for leg in legs if leg.to == NL.facility_class(name)[0])


def test_what_a_walk_meets_is_a_number_only_where_it_is_known():
    findings = make_findings()
    best = make_account(findings, texts=NL).sites[0].id
    known = dict.fromkeys(("steps_count", "kerbs_high", "kerbs_unknown", "crossings"), 0.0)
    known |= {"distance_m": 300.0, "distance_high_m": 300.0, "bench_gap_m": 120.0}

    def said(**other):
        leg = leg_to(with_way(findings, best, "huisarts", **(known | other)), "huisarts")
        return leg.steps, leg.kerbs, leg.benches.replace("\xa0", " "), leg.other_way

    assert said() == ("0", "0", "hoogstens 120 m", False)
    assert said(crossings=2.0, kerbs_high=1.0)[1] == "1 tot 3"
    nan = np.nan
    unknown = said(steps_count=nan, kerbs_high=nan, bench_gap_m=nan)
    assert unknown == ("onbekend", "onbekend", "onbekend", False)
    assert said(distance_high_m=400.0)[3]
    assert said(distance_high_m=nan)[3]  # the cautious answer finds no way


def test_another_way_is_told_below_the_sheet_and_only_where_there_is_one():
    findings = make_findings()
    best = make_account(findings, texts=NL).sites[0].id
    assert NL("report.other_way") not in Page(render_report(findings)).text
    around = with_way(findings, best, "huisarts", distance_m=300.0, distance_high_m=900.0)
    assert f"* {NL('report.other_way')}" in Page(render_report(around)).text


def test_a_site_without_a_rank_has_a_letter_on_the_map_and_in_the_ranking():
    findings = make_findings()
    sites = tell_sites(findings, texts=NL)
    letters = map_letters(sites)
    without = [site for site in sites if site.rank is None]
    assert [letters[site.id] for site in without] == list("abcdefgh"[: len(without)])
    drawn = ReportMaps(findings, texts=NL).all_sites(sites, letters)
    assert sorted(mark.letters for mark in drawn.marks) == sorted(letters.values())
    html = render_report(findings)
    for site in without:
        row = f'<td class="n">{letters[site.id]}</td><th scope="row"><bdi>{escape(site.name)}</bdi>'
        assert html.count(row) == 1 + (site not in sites[:WHOLE_SITES])  # and among the others


@given(
    st.lists(
        st.tuples(
            st.tuples(st.floats(0, 400), st.floats(0, 300)),
            st.sampled_from(["", "93 m", "1,4 km"]),
        ),
        max_size=9,
    )
)
def test_marks_stay_whole_on_the_map_and_keep_their_order(places):
    frame = _Frame(0.0, 0.0, 400.0, 300.0, 400.0)
    marks = _apart([_Asked(at, str(i), "", told) for i, (at, told) in enumerate(places)], frame)
    assert [mark.letters for mark in marks] == [str(i) for i in range(len(places))]
    boxes = []
    for mark in marks:
        wide = 12 + 7 * len(mark.told) if mark.told else 10
        left = mark.x - (wide if mark.anchor == "end" else 10)
        right = mark.x + (10 if mark.anchor == "end" else wide)
        boxes.append((left, mark.y - 9, right, mark.y + 9))
        assert left >= 0
        assert right <= 400
        assert 9 <= mark.y <= 291
    for i, one in enumerate(boxes):
        for other in boxes[:i]:
            apart = (
                one[0] >= other[2] or other[0] >= one[2] or one[1] >= other[3] or other[1] >= one[3]
            )
            assert apart


def test_on_paper_the_best_have_a_page_and_every_other_site_one_row():
    findings = make_findings()
    html = render_report(findings)
    sites = make_account(findings, texts=NL).sites
    assert html.count('<section class="site whole">') == WHOLE_SITES
    assert html.count('<div class="legs">') == WHOLE_SITES
    others = html.partition('<table class="paper-only others">')[2].partition("</table>")[0]
    rows = re.findall(r'<tr.*?<th scope="row"><bdi>(.*?)</bdi>', others)
    assert rows == [escape(site.name) for site in sites[WHOLE_SITES:]]


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
