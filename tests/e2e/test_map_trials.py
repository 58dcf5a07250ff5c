"""What is tried on the page against the same change in the library, to the last digit: random trials."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from in_browser import BROWSER

from geowoonzorg.ask import score_sites
from geowoonzorg.prepare import demo_study
from geowoonzorg.ranking.scoring import read_scoring_profile
from geowoonzorg.show.map_page import render_map
from geowoonzorg.study import read_study
from geowoonzorg.town import Town
from geowoonzorg.town.reading import read_sites

pytestmark = BROWSER

TRIALS = 3
#: Lists that are said to be whole stay so when one closes; of the others the nearest is never surely known.
WHOLE = ("huisarts", "supermarkt", "apotheek")


@pytest.fixture(scope="module")
def town():
    return Town.demo().replace(complete=WHOLE)


@pytest.fixture(scope="module")
def sites():
    return read_sites(read_study(demo_study()))


@pytest.fixture(scope="module", params=["geclusterd", "rolstoel"])
def profile(request):
    """Benches decide in the one, steps, kerbs and slopes in the other."""
    return read_scoring_profile(request.param)


def drawn(rng, town, sites):
    """A change: its part of the address, and the facilities after it."""
    places, said, new = town.facilities, [], []
    classes = ["huisarts", "supermarkt", "apotheek", "inloopvoorziening"]
    for name in rng.choice(classes, size=rng.integers(1, 4), replace=False):
        ids = places.loc[places["facility_class"] == name, "id"].to_numpy()
        closed = ids if rng.uniform() < 0.15 else rng.choice(ids, size=rng.integers(1, 4))
        places = places[~places["id"].isin(closed)]
        said += [f"close={one}" for one in sorted(set(closed))]
    for n in range(rng.integers(0, 3)):
        name, at = rng.choice(classes), sites.to_crs(town.crs).iloc[rng.integers(len(sites))]
        new.append(
            {"id": f"new{n}", "facility_class": name, "name": "nieuw", "geometry": at.geometry}
        )
        said.append(f"open={name}%40{at['id']}")
    if new:
        more = gpd.GeoDataFrame(new, crs=town.crs)
        places = pd.concat([places, more], ignore_index=True)
    return "&".join(said), places


def test_random_trials_on_the_page_are_the_librarys_answer(browser, town, sites, profile, tmp_path):
    file = tmp_path / "map.html"
    answer = score_sites(town, sites, profile=profile, draws=0)
    file.write_text(render_map(answer, background=False), encoding="utf-8")
    rng = np.random.default_rng(7)
    columns = {"score": "score", "score_low": "score_low", "score_high": "score_high"}
    columns |= {f"{c.key}_value": f"{c.key}_value" for c in profile.criteria}
    page = browser.new_page()
    page.goto(file.as_uri())
    moved = 0
    for _ in range(TRIALS):
        said, places = drawn(rng, town, sites)
        after = score_sites(
            town.replace(facilities=places, complete=WHOLE), sites, profile=profile, draws=0
        ).sites.set_index("id")
        page.evaluate("(said) => { location.hash = said; }", said)
        page.wait_for_function("() => !document.querySelector('#own-weights').hidden")
        with page.expect_download() as got:
            page.evaluate("document.querySelector('#files button').click()")
        mine = pd.read_csv(got.value.path()).set_index("id")
        for own, theirs in columns.items():
            np.testing.assert_allclose(
                mine[own].astype(float), after[theirs].reindex(mine.index).astype(float),
                rtol=0, atol=2e-8 if "score" in own else 1e-9, err_msg=f"{said}: {own}",
            )  # fmt: skip
        ranks = after["rank"].reindex(mine.index).astype(float)
        np.testing.assert_array_equal(mine["rank"].astype(float), ranks)
        moved += int((after["score"] != answer.sites.set_index("id")["score"]).any())
    page.close()
    assert moved == TRIALS
