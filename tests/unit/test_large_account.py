"""Very many sites in words: the best told whole are told as they would be among few, and nothing else changes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from make_result import make_findings, with_tables

from geowoonzorg.show.account import make_account
from geowoonzorg.show.addresses import MOST_ADDRESSES, street_data
from geowoonzorg.show.report import MOST_SITES, render_report
from geowoonzorg.show.texts import read_texts

NL = read_texts("nl")


@pytest.fixture(scope="module")
def findings():
    return make_findings(n_sites=MOST_SITES + 10)


@pytest.mark.parametrize("most", [0, 1, 7, MOST_SITES + 9, MOST_SITES + 10, 1_000])
def test_telling_fewer_whole_changes_no_word_of_the_others(findings, most):
    every = make_account(findings, texts=NL)
    some = make_account(findings, texts=NL, most=most)
    assert some.sites[:most] == every.sites[:most]
    for brief, whole in zip(some.sites[most:], every.sites[most:], strict=True):
        assert brief.walks in ((), whole.walks)
        assert brief == replace(whole, parts=(), lift="", residents=(), walks=brief.walks)
    # What is said of all of them together does not depend on how many are told whole.
    for said in ("outcome", "stability", "unknown", "ranked", "contenders", "lenses", "coverage"):
        assert getattr(some, said) == getattr(every, said)


def test_ties_beyond_those_that_are_told_whole_still_say_what_is_near(findings):
    sites = findings.tables["sites"].assign(rank=1, rank_low=1, score=50.0, knocked_out=False)
    alike = with_tables(findings, sites=sites)
    every, some = (make_account(alike, texts=NL, most=most) for most in (None, 3))
    assert some.outcome == every.outcome
    assert all(site.walks for site in some.sites)


def test_the_report_says_how_many_sites_were_compared_and_how_many_it_shows(findings):
    html = render_report(findings)
    assert f"{MOST_SITES + 10} locaties" in html
    assert NL("report.best_of", n=MOST_SITES, all=NL.number(MOST_SITES + 10)) in html


@pytest.mark.parametrize("more", [0, 1])
def test_addresses_are_told_one_by_one_as_far_as_the_page_has_room(findings, more, monkeypatch):
    monkeypatch.setattr("geowoonzorg.show.addresses.MOST_ADDRESSES", 40)
    n = 40 + more
    at = findings.tables["sites"].iloc[np.arange(n) % len(findings.tables["sites"])]
    layer = at[["geometry"]].reset_index(drop=True)
    layer["geometry"] = layer.geometry.representative_point()
    layer["street"] = [f"Straat {i % 7}" for i in range(n)]
    layer["housenumber"] = [f"{i // 7 + 1}{'ab'[i % 2]}" for i in range(n)]
    layer["huisarts_m"] = np.arange(n) * 10.0
    told = street_data(with_tables(findings, addresses=layer), ["huisarts"])
    assert told is not None
    assert told["whole"] == (more == 0)
    assert [street[0] for street in told["streets"]] == [f"Straat {i}" for i in range(7)]
    if told["whole"]:
        found = {
            (street, number): metres
            for street, numbers, _, all_metres in told["streets"]
            for number, metres in zip(numbers.split("|"), all_metres, strict=True)
        }
        near = layer[layer["huisarts_m"] <= told["far"]]
        assert len(found) == n
        for row in near.itertuples():
            assert found[row.street, row.housenumber] == row.huisarts_m
    assert MOST_ADDRESSES >= 50_000
