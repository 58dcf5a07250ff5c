"""How complete a class is, told per gemeente where one judgement for the whole town would mislead."""

from __future__ import annotations

import numpy as np
import pytest
from small_town import areas, points, small_town

from geowoonzorg.ask.sites import score_sites
from geowoonzorg.show.account import make_account
from geowoonzorg.show.by_gemeente import judged_apart
from geowoonzorg.show.map_page import render_map
from geowoonzorg.show.report import render_report
from geowoonzorg.show.texts import read_texts
from geowoonzorg.town.completeness import class_completeness, completeness_of_gemeenten
from geowoonzorg.town.known_whole import completeness_at, known_whole

SITES = points([100, 600], id=["x", "y"], name=["X", "Y"])


def two_gemeenten(first, second, names=("Dalen", "<b>Hoogte")):
    """Make a town over two gemeenten with so many inhabitants."""
    shapes = areas(inhabitants=[first, second]).set_axis(["BU01660001", "BU01500001"])
    town = small_town(areas=shapes.assign(gemeente_name=list(names)))
    return town, score_sites(town, SITES, profile="geclusterd", draws=0)


@pytest.fixture(scope="module")
def apart():
    return two_gemeenten(3_000.0, 3_000.0)


def test_what_is_told_is_what_the_distances_are_judged_by(apart):
    town, answer = apart
    whole = known_whole(class_completeness(town))
    judged = completeness_at(town, town.addresses).whole
    by_gemeente = known_whole(completeness_of_gemeenten(town)).unstack()
    found = judged_apart(answer.provenance, answer.coverage)
    differs = [name for name in by_gemeente if (by_gemeente[name] != whole[name]).any()]
    assert sorted(found) == sorted(name for name in differs if name in judged)
    assert "huisarts" in found
    for name, gemeenten in found.items():
        # the codes are in the order of the names
        assert [sure for _, sure, _ in gemeenten] == by_gemeente.sort_index()[name].tolist()


@pytest.mark.parametrize(
    ("lang", "words"),
    [("nl", ("in Dalen ", " allemaal bekend")), ("en", (" in Dalen", "all known in "))],
)
def test_map_and_report_say_it_per_gemeente_and_escape_its_name(apart, lang, words):
    _, answer = apart
    texts = read_texts(lang)
    account = make_account(answer, texts=texts)
    rows = [
        row for row in account.coverage if row.facility_class == texts.facility_class("huisarts")[0]
    ]
    for said in (account.incomplete, rows[0].found):
        assert all(word in said for word in words)
    for page in (render_map(answer, lang=lang), render_report(answer, lang=lang)):
        assert "<b>Hoogte" not in page
        assert "&lt;b&gt;Hoogte" in page


def test_where_all_gemeenten_are_judged_alike_the_whole_speaks():
    _, answer = two_gemeenten(60_000.0, 40_000.0)
    assert judged_apart(answer.provenance, answer.coverage) == {}
    assert "Dalen" not in make_account(answer, texts=read_texts("nl")).incomplete


def test_one_gemeente_is_the_whole():
    town = small_town(areas=areas(inhabitants=[3_000.0, 3_000.0]))
    answer = score_sites(town, SITES, profile="geclusterd", draws=0)
    assert answer.provenance["complete_of_gemeenten"] == []
    assert judged_apart(answer.provenance, answer.coverage) == {}


def test_a_gemeente_without_a_name_is_told_by_its_code():
    _, answer = two_gemeenten(3_000.0, 3_000.0, names=("Dalen", np.nan))
    assert "GM0150" in make_account(answer, texts=read_texts("nl")).incomplete
