"""How many lie within reach, the nearest few, and where places join: on a grid whose metres are plain."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from english import run_command

import geowoonzorg
from geowoonzorg.errors import StudyError
from geowoonzorg.walk.joining import joined_points
from geowoonzorg.walk.network import WalkNetwork
from geowoonzorg.walk.pairs import count_within
from geowoonzorg.walk.within import nearest_ranked, places_within

DEMO = Path(__file__).resolve().parents[2] / "data" / "demo"
WEST, SOUTH, SIDE, N = 190_000.0, 500_000.0, 100.0, 7
LIMITS = [
    150.0,
    350.0,
    1_050.0,
]  # between the multiples of the side, so that the projection's scale decides nothing
CLASSES = ("bakker", "huisarts", "kapper")


def places(at, **columns):
    xy = np.array([WEST, SOUTH]) + SIDE * np.asarray(at, float)
    return gpd.GeoDataFrame(columns, geometry=shapely.points(xy), crs=28992)


@pytest.fixture(scope="module")
def grid():
    """Streets along a square grid, so that a walk is as long as its steps in x and y together."""
    number = np.arange(N * N).reshape(N, N)
    pairs = [
        *zip(number[:, :-1].ravel(), number[:, 1:].ravel(), strict=True),
        *zip(number[:-1].ravel(), number[1:].ravel(), strict=True),
    ]
    xy = np.array([WEST, SOUTH]) + SIDE * np.argwhere(number >= 0)
    return WalkNetwork.from_arrays(xy, [list(map(int, pair)) for pair in pairs])


@pytest.fixture(scope="module")
def asked():
    """Homes, one of them far from any street, and shops of three classes."""
    rng = np.random.default_rng(7)
    homes = [*rng.integers(0, N, (12, 2)).tolist(), [90, 90]]
    shops = rng.integers(0, N, (15, 2))
    kinds = [CLASSES[i % 3] for i in range(len(shops))]
    names = [f"h{i:02}" for i in range(len(homes))]
    shop_names = [f"s{i:02}" for i in range(len(shops))]
    steps = np.abs(np.array(homes)[:, None] - shops[None]).sum(axis=2) * SIDE
    metres = pd.DataFrame(steps, index=names, columns=shop_names)
    of_class = dict(zip(shop_names, kinds, strict=True))
    both = places(homes, id=names), places(shops, id=shop_names, facility_class=kinds)
    return *both, metres, of_class


def test_how_many_of_each_class_each_home_reaches(grid, asked):
    homes, shops, metres, of_class = asked
    found = places_within(grid, homes, shops, limit_m=LIMITS)
    assert len(found) == len(homes) * len(CLASSES) * len(LIMITS)
    for row in found[found["status"] == "ok"].itertuples():
        near = [s for s, m in metres.loc[row.origin_id].items() if m <= row.limit_m]
        assert row.count == sum(of_class[s] == row.facility_class for s in near)
    lost = found[found["origin_id"] == "h12"]
    assert set(lost["status"]) == {"off_network"}
    assert lost["count"].isna().all()
    assert lost["count_low"].isna().all()
    assert found.loc[(3, "kapper", 350.0), "origin_id"] == "h03"  # on the caller's own index


def test_how_many_homes_reach_each_shop(grid, asked):
    homes, shops, metres, of_class = asked
    found = places_within(grid, homes, shops, limit_m=LIMITS, per="facilities")
    for row in found.itertuples():
        assert row.count == (metres[row.facility_id].drop("h12") <= row.limit_m).sum()
        assert row.facility_class == of_class[row.facility_id]
    assert found.geometry.geom_equals(
        shops.geometry.take(np.repeat(np.arange(15), 3)).set_axis(found.index)
    ).all()
    (note,) = found.attrs["notes"]
    assert "h12" in note


def test_one_limit_and_no_class_is_on_the_index_of_the_layer(grid, asked):
    homes, shops, *_ = asked
    found = places_within(grid, homes.set_index("id"), shops[["geometry"]], limit_m=350)
    assert found.index.tolist() == homes["id"].tolist()
    assert set(found["facility_class"]) == {"all"}


@pytest.mark.parametrize("limit_m", [None, 350.0])
def test_the_nearest_few_are_the_first_of_the_row(grid, asked, limit_m):
    homes, shops, metres, of_class = asked
    found = nearest_ranked(grid, homes, shops, k=3, limit_m=limit_m)
    for (home, kind), rows in found.groupby(["origin_id", "facility_class"], sort=False):
        own = [s for s in metres.columns if of_class[s] == kind]
        wanted = metres.loc[home, own].sort_values().iloc[:3]
        wanted = wanted[wanted <= (limit_m or np.inf)]
        if home == "h12" or not len(wanted):
            assert rows["rank"].isna().all()
            assert rows["status"].tolist() == ["off_network" if home == "h12" else "beyond_limit"]
            continue
        assert rows["rank"].tolist() == list(range(1, len(wanted) + 1))
        assert rows["distance_m"].to_numpy() == pytest.approx(wanted.to_numpy(), rel=2e-4, abs=1e-6)
        assert rows["facility_id"].is_unique
        assert set(rows["status"]) == {"ok"}
    assert len(found.groupby(["origin_id", "facility_class"])) == len(homes) * len(CLASSES)


def test_words_that_make_no_sense_are_refused(grid, asked):
    homes, shops, *_ = asked
    with pytest.raises(StudyError, match="per is 'streets'"):
        places_within(grid, homes, shops, limit_m=400, per="streets")
    with pytest.raises(StudyError, match="k is 0"):
        nearest_ranked(grid, homes, shops, k=0)


def test_places_join_at_the_nearest_point_of_the_nearest_street(grid):
    rng = np.random.default_rng(3)
    homes = places(rng.uniform(0, N - 1, (40, 2)), id=[f"p{i:02}" for i in range(40)])
    points, legs = joined_points(grid, homes)
    streets = shapely.union_all(grid.edges().geometry.to_numpy())
    feet = shapely.get_point(shapely.shortest_line(homes.geometry.to_numpy(), streets), -1)
    assert shapely.distance(points.geometry.to_numpy(), feet).max() < 1e-6
    away = shapely.distance(homes.geometry.to_numpy(), streets)
    assert points["access_leg_m"].to_numpy() == pytest.approx(away, rel=2e-4)
    assert legs.length.to_numpy() == pytest.approx(away, rel=1e-9)
    assert set(points["kind"]) == {"street"}


def test_a_place_that_joins_nowhere_says_why_and_a_building_has_its_doors(grid):
    corner = np.array([WEST, SOUTH])
    doors = shapely.multipoints(corner + np.array([[150.0, 20.0], [230.0, 170.0]]))
    far = shapely.Point(corner + 9_000)
    layer = gpd.GeoDataFrame({"id": ["doors", "far"]}, geometry=[doors, far], crs=28992)
    points, legs = joined_points(grid, layer)
    assert points["id"].tolist() == ["doors", "doors", "far"]
    assert points["point"].tolist() == [1, 2, pd.NA]
    assert points["status"].tolist() == ["ok", "ok", "off_network"]
    assert points.geometry.isna().tolist() == [False, False, True]
    assert sorted(legs.length.round(6)) == [20.0, 30.0]


def test_the_commands_give_what_the_functions_give(grid, asked, tmp_path):
    homes, shops, *_ = asked
    homes.to_file(tmp_path / "homes.gpkg")
    shops.to_file(tmp_path / "shops.gpkg")
    grid.edges()[["geometry"]].to_file(tmp_path / "net.gpkg")
    three = [tmp_path / name for name in ("net.gpkg", "homes.gpkg", "shops.gpkg")]
    limits = [part for limit in LIMITS for part in ("--limit-m", limit)]
    assert run_command(["within", *three, *limits, "-o", tmp_path / "out.gpkg"]) == 0
    found = gpd.read_file(tmp_path / "out.gpkg", layer="within")
    wanted = places_within(grid, homes, shops, limit_m=LIMITS)
    for name in ("origin_id", "facility_class", "limit_m", "status"):
        assert found[name].tolist() == wanted[name].tolist()
    for name in ("count", "count_low"):
        assert found[name].fillna(-1).tolist() == wanted[name].fillna(-1).tolist()
    assert run_command(["nearest", *three, "--k", 2, "-o", tmp_path / "k.gpkg"]) == 0
    assert set(gpd.read_file(tmp_path / "k.gpkg")["rank"].dropna()) == {1, 2}
    assert run_command(["snap", three[0], three[2], "-o", tmp_path / "snap.gpkg"]) == 0
    points = gpd.read_file(tmp_path / "snap.gpkg", layer="snapped")
    assert points["id"].tolist() == shops["id"].tolist()
    assert run_command(["within", *three, "-o", tmp_path / "none.gpkg"]) == 2


def test_what_is_left_when_it_turns_out_badly_is_what_is_near_in_both_answers():
    net = geowoonzorg.open_network(DEMO / "wierhaven.osm.pbf")
    nodes = net.nodes()[["geometry"]]
    homes, shops = nodes.iloc[::20], nodes.iloc[7::30]
    found = places_within(net, homes, shops, limit_m=[250, 400])
    for limit in (250, 400):
        sure = count_within(net, homes, shops, limit_m=limit, cautious=True)["all"]
        low = found.xs(limit, level=-1)["count_low"]
        assert low.fillna(-1).tolist() == sure.fillna(-1).tolist()
    assert (found["count_low"] < found["count"]).any()
