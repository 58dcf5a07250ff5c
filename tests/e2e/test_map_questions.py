"""What a council member asks of the demo's page: each answer is said on the screen within three taps."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import numpy as np
import pytest
from in_browser import BROWSER, DESKTOP, WIDTHS, violations

from geowoonzorg.ask import score_sites
from geowoonzorg.prepare import demo_study
from geowoonzorg.ranking.scoring import read_scoring_profile, score
from geowoonzorg.ranking.values import values_of
from geowoonzorg.show.map_page import render_map
from geowoonzorg.study import read_study
from geowoonzorg.town import Town
from geowoonzorg.town.reading import read_sites

pytestmark = BROWSER

MOST_TAPS = 3
SIZES = [DESKTOP, {"width": 390, "height": 844}]
PARTIES = {"Lijst Dorp": {"huisarts": 40.0}, "Lijst Stad": {"supermarkt": 40.0, "halte": 0.0}}


@pytest.fixture(scope="module")
def profile():
    """Without what ways meet: that is known of one way only, and what is tried may take another."""
    shipped = read_scoring_profile("geclusterd")
    kept = tuple(c for c in shipped.criteria if not c.metric.startswith("way_"))
    return replace(shipped, criteria=kept)


@pytest.fixture(scope="module")
def made(profile, tmp_path_factory):
    town, sites = Town.demo(), read_sites(read_study(demo_study()))
    answer = score_sites(town, sites, profile=profile, draws=20)
    file = tmp_path_factory.mktemp("questions") / "map.html"
    for name, lang in ((file, "nl"), (file.with_name("map-en.html"), "en")):
        name.write_text(render_map(answer, lang=lang, background=False), encoding="utf-8")
    best = answer.sites.set_index("id")["rank"].idxmin()
    walks = answer.routes.query("facility_class == 'huisarts'").set_index("site_id")
    closes = walks.loc[best, "facility_id"]
    rest = town.replace(facilities=town.facilities[town.facilities["id"] != closes])
    return file, answer, score_sites(rest, sites, profile=profile, draws=0), closes


@pytest.fixture(params=SIZES, ids=["desktop", "phone"])
def visit(browser, request):
    page = browser.new_page(viewport=request.param)

    def opened(file, state=""):
        page.goto(f"{file.as_uri()}#{state}")
        return page

    yield opened
    page.close()


def after_taps(page, *taps, answer):
    """Tap, and give the answer's text; all of it is then in the window, and nothing lies over it."""
    assert len(taps) <= MOST_TAPS
    for tap in taps:
        page.locator(tap).first.click()
    seen = page.locator(answer).first.evaluate(
        """(node) => {
            const box = node.getBoundingClientRect();
            const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
            return [box.top, window.innerHeight - box.bottom, box.height, node.contains(top)];
        }"""
    )
    assert min(seen[:2]) >= -1, seen
    assert seen[2] > 0, seen
    assert seen[3], "something lies over the answer"
    return page.locator(answer).first.inner_text()


def party_sets():
    """The parties' sets of weights, as they stand in the address."""
    return "&".join(
        f"set={name}%7C" + ",".join(f"{key}:{weight}" for key, weight in weights.items())
        for name, weights in PARTIES.items()
    )


def first_three(answer, profile, weights=None):
    """Rank anew under other weights, by the library; the names of the first three."""
    criteria = tuple(
        replace(c, weight=(weights or {}).get(c.key, 100 * w))
        for c, w in zip(profile.criteria, profile.weights, strict=True)
    )
    before = answer.sites.set_index("id")
    keys = [c.key for c in criteria]
    raw, low, high = (
        before[[f"{key}_{end}" for key in keys]].set_axis(keys, axis=1)
        for end in ("raw", "raw_low", "raw_high")
    )
    after = score(raw, replace(profile, criteria=criteria), raw_low=low, raw_high=high, draws=0)
    ranks = after["rank"].astype("float64").where(~before["knocked_out"])
    return set(before.loc[ranks.dropna().nsmallest(3).index, "name"])


def test_which_place_and_why_is_there_at_once(visit, made):
    file, answer, *_ = made
    told = after_taps(visit(file), answer=".outcome")
    best = answer.sites.set_index("name")["rank"].idxmin()
    assert best in told
    assert "binnen 400" in told


def test_what_a_place_lacks_and_what_is_not_known_of_it_are_said_at_one_tap(visit, made, profile):
    file, answer, *_ = made
    page = visit(file)
    text = file.read_text(encoding="utf-8")
    data = json.loads(re.search(r'id="data">(.*?)</script>', text, re.DOTALL)[1])
    sites = answer.sites.set_index("id")
    values = values_of(sites, profile)
    at = {id_: i for i, id_ in enumerate(sites.index)}
    labels = [one["label"] for one in data["criteria"]]
    keys = [one["key"] for one in data["criteria"]]
    weight = np.array([profile.weights[[c.key for c in profile.criteria].index(k)] for k in keys])
    best = np.array([c.best_value for c in profile.criteria])
    for n, site in list(enumerate(data["sites"]))[::5]:
        i = at[site["id"]]
        tap = f'.sites [data-site="{n}"]'
        unsure = weight * (values.high[i] - values.low[i])
        told = after_taps(page, tap, answer=".in-words >> nth=-1")
        assert told.startswith(f"Wat niet zeker is: {labels[int(np.argmax(unsure))]}: ")
        if site["score"] is None:
            continue
        lost = np.nan_to_num(weight * (best - values.point[i]), nan=-1.0)
        told = after_taps(page, answer=".in-words >> nth=0")
        assert told.startswith(f"Wat ontbreekt: {labels[int(np.argmax(lost))]}: ")


def test_what_changes_if_a_practice_closes_is_said_at_two_taps(visit, made, profile):
    file, _, after, closes = made
    page = visit(file)
    practice = '#panel .walks li:has-text("huisarts") .what-if'
    told = after_taps(page, ".sites .site", practice, answer="#panel .own")
    assert f"close={closes}" in page.evaluate("location.hash")
    assert "Niet meer binnen 400" in told
    named = told.split("Daarna vooraan: ")[1]
    assert all(name in named for name in first_three(after, profile))
    assert page.evaluate("document.activeElement.id") == "panel-title"
    # By the tab it is as near, and said there.
    page = visit(file, "close=")
    told = after_taps(page, "#tab-trial", "#pane-trial button", answer="#pane-trial [role=status]")
    assert "Daarna vooraan: 1. " in told


@pytest.mark.parametrize("tried", [False, True])
def test_which_places_all_parties_can_live_with_is_said_at_one_tap(visit, made, profile, tried):
    file, answer, after, closes = made
    page = visit(file, party_sets() + (f"&close={closes}" if tried else ""))
    told = after_taps(page, "#tab-weights", answer=".firmly")
    wanted = set.intersection(
        *(first_three(after if tried else answer, profile, w) for w in [None, *PARTIES.values()])
    )
    named = told.partition("eerste drie: ")[2].rstrip(".")
    assert set(filter(None, named.split(", "))) == wanted
    assert told.startswith("Bij alle 3 wegingen" if wanted else "Geen locatie")
    assert wanted  # else nothing was compared


@pytest.mark.parametrize("name", ["map.html", "map-en.html"])
@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing_with_trial_comparison_and_sets_open(browser, made, name, width):
    file, answer, _, closes = made
    first, second = answer.sites.set_index("id")["rank"].nsmallest(2).index
    page = browser.new_page(viewport={"width": width, "height": 900})
    state = f"site={first}&beside={second}&close={closes}&{party_sets()}"
    page.goto(f"{file.with_name(name).as_uri()}#{state}")
    assert page.locator(".compared thead th").count() == 2
    for tab, kept, within in (("trial", 1, None), ("weights", len(PARTIES), ".side")):
        page.click(f"#tab-{tab}")
        assert page.locator(f"#pane-{tab} .sets li").count() == kept
        assert violations(page, within) == []
    page.close()
