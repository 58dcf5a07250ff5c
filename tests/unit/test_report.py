"""The printed account: no scripts, everything of every site, and nothing from the data is markup."""

from __future__ import annotations

import re

from make_result import HOSTILE, make_result
from test_maps import NL, Page

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
