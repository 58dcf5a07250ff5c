"""Homes on sites along a street: every way to share them out, the balance with all that come near, what is told."""

from __future__ import annotations

import itertools
import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely.geometry import box
from small_town import X0, Y0, points, small_town

import geowoonzorg
from geowoonzorg.errors import Cancelled, InputError, MissingColumnError, StudyError
from geowoonzorg.measure import Reach
from geowoonzorg.measure.residents import balance_around
from geowoonzorg.messages import translate
from geowoonzorg.people.added_homes import add_homes
from geowoonzorg.ranking.scoring_profile import parse_scoring_profile

PROFILE = parse_scoring_profile({
    "name": "toets", "title": "Toets", "description": "Voor een toets",
    "criterion": [
        {"key": "huisarts", "metric": "distance", "facility_class": "huisarts", "label": "Huisarts",
         "unit": "m", "weight": 1, "source": "toets", "anchors": [[0, 1], [2000, 0]]},
    ],
})  # fmt: skip
XS = np.array([100.0, 250.0, 450.0, 900.0, 1_000.0])
WIJK = np.array(["WK016601", "WK016601", "WK016602", "WK016602", "WK016602"])
NEAR = np.abs(XS[:, None] - XS[None]) <= 400


def homes_town(**changes):
    """Give the town with two wijken: more vragers than dragers in the west, fewer in the east."""
    west, east = (
        box(X0 - 100, Y0 - 500, X0 + 300, Y0 + 500),
        box(X0 + 300, Y0 - 500, X0 + 2_100, Y0 + 500),
    )
    areas = gpd.GeoDataFrame(
        {"inhabitants": [100.0, 60.0], "vragers_index": [1.3, 0.8], "dragers_index": [1.0, 1.1],
         "balans": np.log2([1.3, 0.8 / 1.1])},
        geometry=[west, east], index=["BU01660101", "BU01660201"], crs="EPSG:28992",
    )  # fmt: skip
    given_ = {
        "areas": areas,
        "addresses": points([50, 150, 250, 350, 900], id=list("abcde")),
        "complete": {"huisarts", "supermarkt"},
    }
    return small_town(**(given_ | changes))


def homes_sites(most=(4, 4, 4, 4, 4), **columns):
    names = list("vwxyz")
    return points(XS, id=names, n_woningen=list(most), **({"vragers_aandeel": 0.5} | columns))


TOWN = homes_town()
AROUND = balance_around(Reach(TOWN, homes_sites().to_crs(TOWN.crs)))
SCORE = (
    geowoonzorg.score_sites(TOWN, homes_sites(), profile=PROFILE, draws=0).sites["score"].to_numpy()
)


def test_the_scores_are_those_that_a_pencil_gives():
    assert pytest.approx(100 * (1 - np.abs(XS - 300) / 2_000), abs=0.01) == SCORE


def ask(sites=None, town=TOWN, **options):
    sites = homes_sites() if sites is None else sites
    return geowoonzorg.programme(town, sites, **({"homes": 8, "profile": PROFILE} | options))


def balance_after(homes):
    """Work out the balance around each site with every home that one can walk to, by `add_homes`."""
    found = add_homes(AROUND, homes=NEAR @ homes, vragers_share=0.5, profile=TOWN.figures.profile)
    return found["balans_after"].to_numpy()


def ways(most, least, n, share, balance):
    options = [
        [x for x in range(m + 1) if x == 0 or x >= low] for m, low in zip(most, least, strict=True)
    ]
    for one in itertools.product(*options):
        homes = np.array(one)
        if homes.sum() != n:
            continue
        if share is not None and any(
            homes[w == WIJK].sum() > np.floor(share * n + 1e-9) for w in set(WIJK)
        ):
            continue
        if (
            balance is not None
            and (balance_after(homes)[(NEAR @ homes) > 0] > balance + 1e-9).any()
        ):
            continue
        yield homes


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    most=st.lists(st.integers(0, 4), min_size=5, max_size=5),
    least=st.integers(0, 3),
    n=st.integers(1, 10),
    share=st.sampled_from([None, 0.5, 0.7]),
    balance=st.sampled_from([None, 0.2, 0.35, 0.5]),
)
def test_it_is_the_best_of_all_ways(most, least, n, share, balance):
    low = [min(least, m) for m in most]
    answer = ask(
        homes_sites(most, min_woningen=low), homes=n, max_share_per_wijk=share, max_balance=balance
    )
    record = answer.records["programme"]
    every = list(ways(most, low, n, share, balance))
    if not every:
        assert record["status"] == "infeasible"
        assert record["conflict"][0]["bound"] == "homes"
        assert answer.programme.empty
        counts = (m for m in range(n - 1, -1, -1))
        fewer = (
            np.array(one) for m in counts for one in fewer_ways(most, low, m, n, share, balance)
        )
        assert record["fits"] == max((int(one.sum()) for one in fewer), default=0)
        return
    assert record["status"] == "optimal"
    best = max(SCORE @ homes for homes in every)
    assert record["objective"] == pytest.approx(best, abs=1e-6)
    homes = answer.sites["homes"].to_numpy()
    assert any((homes == one).all() for one in every)
    assert answer.programme["homes"].sum() == n


def fewer_ways(most, least, m, n, share, balance):
    """Ways to place m homes within the bounds of n: a share of a wijk is of all homes that were asked for."""
    scaled = None if share is None else np.floor(share * n + 1e-9) / max(m, 1)
    return ways(most, least, m, scaled, balance)


def test_all_homes_that_come_within_walking_distance_count_in_the_balance():
    answer = ask(homes=12)
    homes = answer.sites["homes"].to_numpy()
    assert answer.sites["homes_around"].tolist() == (NEAR @ homes).tolist()
    assert answer.sites["balans_after"].to_numpy() == pytest.approx(
        np.where(NEAR @ homes > 0, balance_after(homes), answer.sites["balans_before"]), nan_ok=True
    )


def test_what_is_written_is_what_others_rely_on(tmp_path):
    sites = homes_sites(phase_year=[2027, None, 2030, 2035, 2031])
    answer = ask(sites, homes=10, max_share_per_wijk=0.5)
    answer.write(tmp_path / "uit")
    table = pd.read_csv(tmp_path / "uit" / "programme.csv")
    assert list(table)[:5] == ["site_id", "homes", "score", "wijk_code", "phase_year"]
    assert table["site_id"].tolist() == ["v", "w", "x", "y"]
    assert table["homes"].tolist() == [1, 4, 4, 1]
    assert table["wijk_code"].tolist() == ["WK016601", "WK016601", "WK016602", "WK016602"]
    record = json.loads((tmp_path / "uit" / "programme.json").read_text(encoding="utf-8"))
    assert {"status", "objective", "bound", "gap", "binding", "conflict", "next_best"} <= set(
        record
    )
    assert record["gap"] == 0
    assert record["objective"] == pytest.approx((table["homes"] * table["score"]).sum())
    assert [one["of"] for one in record["binding"] if one["bound"] == "max_share_per_wijk"]


def test_the_next_best_choice_leaves_one_of_the_sites_out():
    record = ask(homes=8).records["programme"]
    every = list(ways([4] * 5, [0] * 5, 8, None, None))
    best = max(every, key=lambda homes: SCORE @ homes)
    other = max(SCORE @ homes for homes in every if not (homes[best > 0] > 0).all())
    assert record["next_best"]["objective"] == pytest.approx(other)
    assert record["next_best"]["cost"] == pytest.approx(SCORE @ best - other)


def test_a_year_leaves_out_later_sites_and_those_that_tell_none():
    sites = homes_sites(planfase=["2026-2029", "na 2031", "ontwerp", "2030", 2029.0])
    answer = ask(sites, homes=12, by_year=2030)
    assert answer.programme["site_id"].tolist() == ["v", "y", "z"]
    assert answer.sites["why"].tolist() == ["", "by_year", "by_year", "", ""]
    told = [translate(note, "nl") for note in answer.notes]
    assert any("geen fase tot en met 2030" in note and "(w, x)" in note for note in told)


def test_a_woonvorm_and_a_minimum_for_all():
    sites = homes_sites(woonvorm=["zorggeschikt", "gemengd", "Zorggeschikt", None, "zorggeschikt"])
    answer = ask(sites, homes=7, woonvorm="zorggeschikt", min_per_site=3)
    assert answer.programme["site_id"].tolist() == ["v", "x"]
    assert sorted(answer.programme["homes"]) == [3, 4]
    with pytest.raises(StudyError, match="no site has the woonvorm hofje"):
        ask(sites, woonvorm="hofje")


def test_bounds_that_cannot_all_hold_are_named_in_dutch():
    answer = ask(homes=12, max_share_per_wijk=0.4)
    record = answer.records["programme"]
    assert record["status"] == "infeasible"
    assert record["objective"] is None
    assert {one["bound"] for one in record["conflict"]} == {"homes", "max_share_per_wijk"}
    assert record["conflict"][1]["text"] == "hoogstens 4 woningen in wijk WK016601"
    assert record["fits"] == 8
    assert translate(answer.summary[0], "nl") == "12 woningen passen niet; hoogstens passen er 8"


def test_a_site_without_a_score_takes_part_only_when_asked_and_it_is_told():
    sites = homes_sites()
    sites.loc[2, "geometry"] = points([450], y=5_000).geometry[0]
    answer = ask(sites, homes=16)
    assert answer.sites["why"].tolist()[2] == "score"
    assert any("score" in note and "(x)" in note for note in answer.notes)
    assert ask(sites, homes=17).records["programme"]["status"] == "infeasible"
    assert ask(sites, homes=17, unscored=True).sites["homes"].tolist()[2] == 1


def test_what_moving_homes_and_what_bringing_a_facility_does_is_one_curve():
    sites = homes_sites()
    town = homes_town(
        facilities=points(
            [300, 1_900, 1_000],
            facility_class=["huisarts", "supermarkt", "apotheek"],
            id=["h", "s", "a"],
        ),
        complete={"huisarts", "supermarkt", "apotheek"},
    )
    answer = ask(sites, town, homes=6, facility_class="apotheek")
    assert answer.programme["site_id"].tolist() == ["w", "x"]  # nearest to the huisarts
    curve = answer.build_or_bring
    build, bring = curve[curve["way"] == "build"], curve[curve["way"] == "bring"]
    # only y and z are within 400 m of the apotheek: no homes there yet, eight could be
    assert build["homes_moved"].max() == 6
    persons = town.figures.profile.persons_per_home
    assert (build["people_reached"] == build["homes_moved"] * persons).all()
    last = build.iloc[-1]
    moved = SCORE[3] * 4 + SCORE[4] * 2
    assert last["score_cost"] == pytest.approx(SCORE[1] * 4 + SCORE[2] * 2 - moved)
    # one at w reaches the addresses a-d, which the apotheek at 1,000 m does not, and all new homes
    first = bring.iloc[0]
    assert first["site_id"] in {"v", "w", "x"}
    assert first["new_residents_reached"] == pytest.approx(6 * persons)
    assert first["people_reached"] - first["new_residents_reached"] == pytest.approx(130, abs=10)
    assert ask(sites, town, homes=6, facility_class="bank").build_or_bring.empty


def test_who_stops_it_early_gets_what_there_is_and_is_told():
    seen = []

    def stop(fraction, message):
        seen.append(message)
        if message == "choosing the best" and seen.count(message) > 1:
            raise Cancelled("cancelled; nothing was written")

    answer = ask(homes=8, facility_class="huisarts", progress=stop)
    assert answer.programme["homes"].sum() == 8
    assert any("stopped before" in line for line in answer.summary)


@pytest.mark.parametrize(
    ("columns", "options", "error", "said"),
    [
        ({}, {"homes": None}, StudyError, "how many homes"),
        ({}, {"homes": 0}, StudyError, "--homes must be a whole number"),
        ({}, {"homes": 12.5}, StudyError, "--homes must be a whole number"),
        ({}, {"max_share_per_wijk": 40}, StudyError, "--max-share-per-wijk must be"),
        ({}, {"by_year": 2030}, StudyError, "no site tells a year"),
        ({"min_woningen": [5, 0, 0, 0, 0]}, {}, InputError, r"min_woningen is above n_woningen for 1 \(v\)"),
        ({"min_woningen": [0, 1.5, 0, 0, 0]}, {}, InputError, r"whole number of homes.*w: 1.5"),
        ({"n_woningen": [4, "veel", -1, 4, 4]}, {}, InputError, r"not so for 2 \(w: veel, x: -1\)"),
        ({"vragers_aandeel": None}, {"max_balance": 0.5}, StudyError, "added_vragers_share"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_told(columns, options, error, said):
    sites = homes_sites().assign(**columns)
    with pytest.raises(error, match=said):
        ask(sites, **options)


def test_sites_that_do_not_say_how_many_homes_they_take():
    with pytest.raises(MissingColumnError, match="n_woningen"):
        ask(homes_sites().drop(columns="n_woningen"))
    answer = ask(homes_sites([4, None, 4, 4, 4]))
    assert answer.sites["why"].tolist()[1] == "n_woningen"


def test_a_bound_on_what_is_not_known_is_not_ignored():
    bare = homes_town(areas=None)
    with pytest.raises(StudyError, match="of none of the sites is the wijk known"):
        ask(town=bare, max_share_per_wijk=0.5)
    with pytest.raises(StudyError, match="around none of the sites is the balance known"):
        ask(town=bare, max_balance=0.5)
    half = homes_town(areas=TOWN.areas.iloc[[0]].set_index("code"))
    answer = ask(town=half, homes=6, max_share_per_wijk=1.0)
    assert answer.sites["why"].tolist()[3] == "wijk_code"
    assert answer.programme["site_id"].isin(["v", "w"]).all()
