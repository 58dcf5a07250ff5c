"""Values through people: against plain loops, and what the intervals promise."""

from __future__ import annotations

import itertools

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geowoonzorg.errors import CrsError, DuplicateIdError, InputError, MissingColumnError
from geowoonzorg.people.catchment import (
    NO_AREA,
    NO_FIGURES,
    NOBODY,
    locate_in_areas,
    mean_over_people,
    mean_over_surface,
)
from geowoonzorg.people.population import count_people, mean_over_squares

RD = "EPSG:28992"


@pytest.fixture(scope="module")
def town():
    """Addresses in areas, some in none; figures, some unknown; who reaches which site."""
    rng = np.random.default_rng(2)
    addresses = [f"a{i}" for i in range(300)]
    codes = [f"BU{i}" for i in range(8)]
    home = pd.Series(rng.choice([*codes, None], 300), index=addresses, dtype="str")
    values = pd.DataFrame(rng.normal(size=(8, 2)), index=codes, columns=["lbm_afw", "balans"])
    values.iloc[2, 0] = values.iloc[5, 1] = np.nan
    pairs = pd.DataFrame(
        [(s, a) for s in ("s1", "s2", "s3") for a in addresses if rng.uniform() < 0.2],
        columns=["site_id", "address_id"],
    )
    return pairs.sample(frac=1, random_state=1), home, values


def plain_mean(pairs, home, values, column, site, weight=None):
    total = known = product = 0.0
    for address in pairs.loc[pairs["site_id"] == site, "address_id"]:
        people = 1.0 if weight is None else weight[address]
        total += people
        code = home[address]
        figure = values.loc[code, column] if isinstance(code, str) else np.nan
        if np.isfinite(figure):
            known += people
            product += people * figure
    return product / known, known / total


@pytest.mark.parametrize("weighted", [False, True])
def test_means_and_coverage_equal_plain_loops(town, weighted):
    pairs, home, values = town
    people = pd.Series(np.arange(300) % 4, index=home.index, dtype=float) if weighted else None
    found = mean_over_people(pairs, home, values, people=people)
    for site, column in itertools.product(("s1", "s2", "s3"), values.columns):
        mean, share = plain_mean(pairs, home, values, column, site, people)
        assert found.means.loc[site, column] == pytest.approx(mean)
        assert found.coverage_share.loc[site, column] == pytest.approx(share)
        assert share < 1
    assert (found.reasons == "").all(axis=None)


def test_a_site_without_people_and_one_without_figures_say_why(town):
    pairs, home, values = town
    unknown = values.assign(balans=np.nan)
    found = mean_over_people(pairs, home, unknown, site_ids=pd.Index(["s1", "leeg"]))
    assert found.means.index.tolist() == ["s1", "leeg"]
    assert found.reasons.loc["leeg"].tolist() == [NOBODY, NOBODY]
    assert found.reasons.loc["s1"].tolist() == ["", NO_FIGURES]
    assert found.coverage_share.loc["s1", "balans"] == 0.0
    assert np.isnan(found.coverage_share.loc["leeg", "balans"])
    assert found.people.tolist() == [(pairs["site_id"] == "s1").sum(), 0]


def test_stand_ins_are_said_as_a_share_of_the_people(town):
    pairs, home, values = town
    fallbacks = pd.DataFrame("", index=values.index, columns=values.columns)
    fallbacks.loc[["BU0", "BU2"], "lbm_afw"] = "wijk"  # BU2 has no figure: nothing stood in there
    found = mean_over_people(pairs, home, values, fallbacks=fallbacks)
    here = home[pairs.loc[pairs["site_id"] == "s1", "address_id"]]
    known = here[here.notna() & (here != "BU2")]
    assert found.fallback_share.loc["s1", "lbm_afw"] == pytest.approx((known == "BU0").mean())
    assert found.fallback_share.loc["s1", "balans"] == 0.0


def test_what_cannot_be_right_is_refused(town):
    pairs, home, values = town
    with pytest.raises(MissingColumnError, match="address_id"):
        mean_over_people(pairs.drop(columns="address_id"), home, values)
    with pytest.raises(InputError, match=r"not there: 1 \(a0\)"):
        mean_over_people(pairs.assign(address_id="a0"), home.drop("a0"), values)
    with pytest.raises(InputError, match=r"without a row of figures: 1 \(BU3\)"):
        mean_over_people(pairs, home, values.drop("BU3"))
    with pytest.raises(DuplicateIdError, match="BU0"):
        mean_over_people(pairs, home, pd.concat([values, values.iloc[:1]]))
    with pytest.raises(DuplicateIdError, match="a0"):
        mean_over_people(pairs, pd.concat([home, home.iloc[:1]]), values)
    people = pd.Series(1.0, index=home.index).drop("a7")
    with pytest.raises(InputError, match=r"people per address .* 1 \(a7\)"):
        mean_over_people(pairs, home, values, people=people)


# ----------------------------------------------------------------------------------- where it lies


def test_points_are_located_as_geopandas_does_and_borders_go_to_the_lowest_code():
    rng = np.random.default_rng(4)
    cells = [shapely.box(x, y, x + 100, y + 100) for x in (0, 100, 200) for y in (0, 100)]
    areas = gpd.GeoDataFrame(geometry=cells, index=list("FEDCBA"), crs=RD)
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(*rng.uniform(-50, 350, (2, 500))), crs=RD)
    found = locate_in_areas(points, areas)
    joined = gpd.sjoin(points, areas, how="left", predicate="within")
    column = next(c for c in joined.columns if c.startswith("index_"))
    assert found.fillna("-").tolist() == joined[column].fillna("-").tolist()
    corner = gpd.GeoDataFrame(
        geometry=[shapely.Point(100, 100), shapely.Point(0, 50), None], crs=RD
    )
    assert locate_in_areas(corner, areas).fillna("-").tolist() == ["C", "F", "-"]


def test_points_in_another_crs_are_located_too_and_a_crs_is_needed():
    areas = gpd.GeoDataFrame(
        geometry=[shapely.box(190_000, 500_000, 191_000, 501_000)], index=["A"], crs=RD
    )
    points = gpd.GeoDataFrame(geometry=[shapely.Point(190_500, 500_500)], index=["x"], crs=RD)
    assert locate_in_areas(points.to_crs("EPSG:4326"), areas).to_dict() == {"x": "A"}
    with pytest.raises(CrsError):
        locate_in_areas(points.set_crs(None, allow_override=True), areas)
    assert locate_in_areas(points, areas.iloc[:0]).isna().all()


# -------------------------------------------------------------------------------------- by surface


def test_surface_means_equal_shares_of_the_surface():
    areas = gpd.GeoDataFrame(
        geometry=[
            shapely.box(0, 0, 100, 100),
            shapely.box(100, 0, 200, 100),
            shapely.box(200, 0, 300, 100),
        ],
        index=["A", "B", "C"],
        crs=RD,
    )
    values = pd.DataFrame({"x": [1.0, 3.0, np.nan]}, index=["A", "B", "C"])
    catchments = gpd.GeoSeries(
        [shapely.box(50, 0, 250, 100), shapely.box(0, 50, 100, 150), shapely.box(900, 0, 910, 9)],
        index=["s1", "s2", "s3"],
        crs=RD,
    )
    found = mean_over_surface(catchments, areas, values)
    assert found.means["x"].tolist() == pytest.approx(
        [(50 + 3 * 100) / 150, 1.0, np.nan], nan_ok=True
    )
    assert found.coverage_share["x"].tolist() == pytest.approx([0.75, 0.5, 0])
    assert found.people.tolist() == pytest.approx([20_000, 10_000, 90])
    assert found.reasons.loc["s3", "x"] == NO_FIGURES
    with pytest.raises(CrsError):
        mean_over_surface(catchments.to_crs("EPSG:4326"), areas, values)
    nowhere = gpd.GeoSeries([shapely.Polygon()], index=["s"], crs=RD)
    assert mean_over_surface(nowhere, areas, values).reasons.loc["s", "x"] == NO_AREA


# -------------------------------------------------------------------- squares and secret counts

SQUARES = st.lists(
    st.tuples(st.floats(-1, 1), st.integers(0, 30), st.integers(0, 6)), min_size=1, max_size=6
)


@settings(max_examples=80, deadline=None)
@given(SQUARES, st.integers(0, 2**32 - 1))
def test_bounds_of_a_mean_are_reached_and_never_passed(squares, seed):
    figure, least, width = (np.array(column, dtype=float) for column in zip(*squares, strict=True))
    most = least + width
    ids = [f"q{i}" for i in range(len(squares))]
    found = mean_over_squares(
        pd.DataFrame({"site_id": "s", "square_id": ids}),
        pd.DataFrame({"x": figure}, index=ids),
        pd.DataFrame({"least": least, "most": most}, index=ids),
    ).loc["s"]
    # Every corner of the box of counts: a mean whose weights vary is extreme at a corner.
    corners = np.array(list(itertools.product(*zip(least, most, strict=True))))
    people = corners.sum(axis=1)
    means = (corners @ figure)[people > 0] / people[people > 0]
    if len(means) == 0:
        assert np.isnan(found["x"])
        return
    assert found["x_min"] == pytest.approx(means.min(), abs=1e-9)
    assert found["x_max"] == pytest.approx(means.max(), abs=1e-9)
    within = np.random.default_rng(seed).uniform(least, most)
    if within.sum() > 0:
        mean = within @ figure / within.sum()
        assert found["x_min"] - 1e-9 <= mean <= found["x_max"] + 1e-9
    assert found["x_min"] - 1e-9 <= found["x"] <= found["x_max"] + 1e-9


def test_squares_without_a_figure_or_a_count_are_left_out_and_said():
    ids = ["p", "q", "r"]
    found = mean_over_squares(
        pd.DataFrame({"site_id": ["s", "s", "s"], "square_id": ids}),
        pd.DataFrame({"x": [1.0, np.nan, 5.0]}, index=ids),
        pd.DataFrame({"least": [8, 18, np.nan], "most": [12, 22, np.nan]}, index=ids),
        site_ids=pd.Index(["s", "leeg"]),
    )
    assert found.loc["s", ["x", "x_min", "x_max"]].tolist() == [1, 1, 1]
    assert found.loc["s", "x_coverage_share"] == pytest.approx(10 / 30)
    assert found.loc["leeg"].isna().all()


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_the_band_of_a_count_keeps_within_what_is_certain_and_around_the_estimate(seed):
    rng = np.random.default_rng(seed)
    addresses = [f"a{i}" for i in range(20)]
    zone = pd.Series(rng.choice(list("PQRS"), 20), index=addresses, dtype="str")
    people = pd.Series(rng.integers(0, 9, 20), index=addresses)  # who really lives there
    true = people.groupby(zone).sum()
    published = (true / 5).round() * 5
    secret = true < 5
    counts = pd.DataFrame(
        {
            "least": (published - 2).clip(lower=0).mask(secret, 0),
            "most": (published + 2).mask(secret, 4),
        }
    )
    near = [a for a in addresses if rng.uniform() < 0.6]
    pairs = pd.DataFrame({"site_id": "s", "address_id": [*near, *near]})  # near two facilities
    found = count_people(pairs, zone, counts, site_ids=pd.Index(["s"])).loc["s"]
    if not near:
        assert found.isna().all()
        return
    share = zone[near].value_counts() / zone.value_counts()
    certain = counts["least"][share[share == 1].index].sum()
    assert certain <= found["people_min"] <= found["people"].clip(certain) + 5
    assert found["people"] - 5 <= found["people_max"] <= counts["most"][share.dropna().index].sum()
    if set(near) == set(zone.index[zone.isin(zone[near])]):  # no zone is only partly near
        assert found["people_min"] <= people[near].sum() <= found["people_max"]
    assert found["coverage_share"] == 1.0
    assert found["people"] % 5 == 0


def test_a_band_holds_at_least_95_of_100_spreads_of_couples_over_the_addresses():
    """Couples are put at random addresses of two zones that are partly within reach, and counted."""
    rng = np.random.default_rng(8)
    zone = pd.Series(["p"] * 40 + ["q"] * 30, index=[f"a{i}" for i in range(70)])
    near = zone.index[rng.uniform(size=70) < 0.4]
    within = 0
    couples = {"p": 12, "q": 7}
    counts = pd.DataFrame({"least": [24.0, 14.0], "most": [24.0, 14.0]}, index=["p", "q"])
    pairs = pd.DataFrame({"site_id": "s", "address_id": near})
    found = count_people(pairs, zone, counts).loc["s"]
    for _ in range(2_000):
        people = sum(
            2 * np.isin(rng.choice(zone.index[zone == name], n), near).sum()
            for name, n in couples.items()
        )
        within += found["people_min"] <= people <= found["people_max"]
    assert within >= 0.95 * 2_000
    assert (
        found["people_max"] - found["people_min"] < 38 * 0.75
    )  # and it says more than all or none


def test_a_zone_that_is_partly_near_is_a_band_in_steps_of_five():
    zone = pd.Series({"1": "p", "2": "p"})
    counts = pd.DataFrame({"least": [18.0], "most": [22.0]}, index=["p"])
    half = count_people(pd.DataFrame({"site_id": ["s"], "address_id": ["1"]}), zone, counts).loc[
        "s"
    ]
    # 9 - 1.96 sqrt(2 * 18 / 4) = 3.1 and 11 + 1.96 sqrt(2 * 22 / 4) = 17.5, outwards to five
    assert half[["people", "people_min", "people_max"]].tolist() == [10, 0, 20]
    whole = pd.DataFrame({"site_id": ["s", "s"], "address_id": ["1", "2"]})
    assert count_people(whole, zone, counts).loc["s"].tolist()[:3] == [20, 18, 22]


def test_zones_without_a_count_lower_the_coverage_only():
    zone = pd.Series({"1": "p", "2": "q", "3": None}, dtype="str")
    counts = pd.DataFrame({"least": [18.0, np.nan], "most": [22.0, np.nan]}, index=["p", "q"])
    pairs = pd.DataFrame({"site_id": ["s"] * 3 + ["t"], "address_id": ["1", "2", "3", "2"]})
    found = count_people(pairs, zone, counts)
    assert found.loc["s"].tolist() == pytest.approx([20, 18, 22, 1 / 3])
    assert found.loc["t", ["people", "people_min", "people_max"]].isna().all()
    assert found.loc["t", "coverage_share"] == 0.0
