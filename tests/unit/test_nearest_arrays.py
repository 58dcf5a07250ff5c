"""The nearest of every class as columns: by hand, against the long table, and against networkx and scipy."""

from __future__ import annotations

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

import geowoonzorg
from geowoonzorg.errors import CrsError, GeometryError, InputError, StudyError
from geowoonzorg.measure.residents import cover_town, people_by_zone
from geowoonzorg.people.population import count_people
from geowoonzorg.town import Town, Walking
from geowoonzorg.walk.nearest_arrays import fits_float32, nearest_array, round_up
from geowoonzorg.walk.network import WalkNetwork
from geowoonzorg.walk.service_area import nearest
from geowoonzorg.walk.snapping import STATUS
from tests.walk_columns import as_arrays

CORNER = np.array([190_000.0, 500_000.0])


@pytest.fixture(scope="module")
def demo():
    return Town.demo()


def points(xy, **columns):
    return gpd.GeoDataFrame(columns, geometry=shapely.points(np.asarray(xy, float)), crs=28992)


def assert_same(columns, table):
    """As columns it is what the long table says, in the type of the columns."""
    told = as_arrays(table)
    assert columns.classes == told.classes
    assert (columns.joins == told.joins).all()
    ids = np.append(columns.facility_id, None)[columns.facility]
    theirs = np.append(told.facility_id, None)[told.facility]
    assert (ids == theirs).all()
    for own, exact in (
        (columns.distance_m, told.distance_m), (columns.distance_high_m, told.distance_high_m),
    ):  # fmt: skip
        wanted = round_up(exact) if own.dtype == np.float32 else exact
        assert np.array_equal(own, wanted, equal_nan=True)
        for limit in (100, 400, 800):
            assert ((own <= limit) == (exact <= limit)).all()


def test_by_hand():
    """A street of a kilometre: what is nearest, how far, and who joins it not."""
    net = WalkNetwork.from_arrays(CORNER + [[0, 0], [1_000, 0]], [[0, 1]])
    shops = points(
        CORNER + [[900, 0], [300, 0], [500, 0]], id=["far", "near", "bank"],
        facility_class=["winkel", "winkel", "bank"],
    )  # fmt: skip
    found = nearest_array(net, CORNER + [[200, 10], [700, 0], [9_000, 0]], shops, limit_m=350)
    assert found.classes == ("bank", "winkel")
    # 300 + 10 to the bank, 100 + 10 to the shop; 200 to either of the other
    assert found.distance_m[:2] == pytest.approx(np.array([[310, 110], [200, 200]]), rel=2e-4)
    assert np.isnan(found.distance_m[2]).all()
    assert found.facility.tolist() == [[2, 1], [2, 0], [-1, -1]]
    assert [STATUS[code] for code in found.joins] == ["ok", "ok", "off_network"]
    assert found.distance_high_m is found.distance_m  # nothing matters here: one answer
    assert (found.distance_m.dtype, found.facility.dtype) == (np.float32, np.int32)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("limit_m", [None, 400.0])
def test_it_says_what_the_long_table_says(demo, dtype, limit_m):
    """In both answers, over squares, from private ground and to entrances."""
    both = demo.network, demo.addresses, demo.facilities
    columns = nearest_array(*both, limit_m=limit_m, dtype=dtype)
    table = nearest(*both, limit_m=limit_m)
    assert_same(columns, table)
    assert columns.distance_high_m is not columns.distance_m
    assert (
        np.nan_to_num(columns.distance_high_m, nan=np.inf) >= np.nan_to_num(columns.distance_m)
    ).all()


@pytest.mark.parametrize("options", [{"access_legs": False}, {"max_snap_m": 15.0}])
def test_it_walks_as_it_is_told(demo, options):
    homes = demo.addresses.iloc[::7]
    both = demo.network, homes, demo.facilities
    assert_same(nearest_array(*both, **options), nearest(*both, **options))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_town_is_as_the_long_table_and_as_the_oracles_say(data):
    """A crooked grid with one-way pieces: facilities and metres as networkx and scipy find them."""
    rng = np.random.default_rng(data.draw(st.integers(0, 10_000)))
    side = data.draw(st.integers(2, 5))
    at = np.stack(np.meshgrid(np.arange(side), np.arange(side)), axis=-1).reshape(-1, 2)
    xy = CORNER + at * 100.0 + rng.uniform(-20, 20, at.shape)
    number = np.arange(side**2).reshape(side, side)
    pairs = np.concatenate([
        np.column_stack([number[:, :-1].ravel(), number[:, 1:].ravel()]),
        np.column_stack([number[:-1].ravel(), number[1:].ravel()]),
    ])  # fmt: skip
    net = WalkNetwork.from_arrays(xy, pairs)
    n, m = data.draw(st.integers(1, 12)), data.draw(st.integers(1, 6))
    corner_of_home, corner_of_shop = (rng.integers(0, side**2, size) for size in (n, m))
    homes = points(xy[corner_of_home], id=[f"h{i}" for i in range(n)])
    shops = points(
        xy[corner_of_shop], id=[f"s{i}" for i in rng.permutation(m)],
        facility_class=rng.choice(["a", "b"], m),
    )  # fmt: skip
    limit_m = data.draw(st.sampled_from([None, 150.0, 400.0]))
    found = nearest_array(net, homes, shops, limit_m=limit_m)
    assert_same(found, nearest(net, homes, shops, limit_m=limit_m))

    metres = net.scale.lengths(xy[pairs[:, 0]], xy[pairs[:, 1]])
    graph = nx.Graph()
    graph.add_weighted_edges_from(zip(*pairs.T.tolist(), metres.tolist(), strict=True))
    matrix = csr_matrix((metres, pairs.T), shape=(side**2, side**2))
    far = dijkstra(matrix, directed=False)
    for column, name in enumerate(found.classes):
        own = np.flatnonzero(shops["facility_class"] == name)
        for row in range(n):
            start = int(corner_of_home[row])
            reach = nx.single_source_dijkstra_path_length(graph, start)
            to_each = np.array([reach[int(corner_of_shop[i])] for i in own])
            assert to_each == pytest.approx(far[start, corner_of_shop[own]], abs=1e-6)
            told = found.distance_m[row, column]
            if limit_m is not None and to_each.min() > limit_m + 1e-6:
                assert np.isnan(told)
                assert found.facility[row, column] == -1
            elif limit_m is None or to_each.min() < limit_m - 1e-6:
                assert told == pytest.approx(to_each.min(), abs=1e-3)
                here = to_each[list(own).index(found.facility[row, column])]
                assert here == pytest.approx(to_each.min(), abs=1e-6)


@given(st.floats(0, 1e6), st.integers(1, 100_000))
@example(400.00000001, 400)
@example(399.99999999, 400)
def test_rounding_keeps_the_side_of_every_whole_limit(metres, limit):
    short = round_up(np.array([metres]))[0]
    assert (short <= limit) == (metres <= limit)
    assert metres <= short <= np.float32(metres) * (1 + 2e-7) + 1e-30


def test_which_limits_fit():
    assert fits_float32(400)
    assert fits_float32([400, 812.5])
    assert not fits_float32([400, 400.1])


def test_a_town_with_odd_limits_keeps_all_digits(demo):
    odd = demo.replace(walking=Walking(limits_m=(400.1,)))
    assert odd.nearest_array("huisarts", limit_m=400.1).distance_m.dtype == np.float64
    assert demo.nearest_array("huisarts", limit_m=400.1).distance_m.dtype == np.float64
    assert demo.nearest_array("huisarts", limit_m=400).distance_m.dtype == np.float32


def test_a_town_gives_what_is_asked_in_that_order(demo):
    without = demo.replace(facilities=demo.facilities.query("facility_class != 'apotheek'"))
    found = without.nearest_array(["supermarkt", "apotheek", "huisarts"], limit_m=400)
    table = without.nearest(["supermarkt", "apotheek", "huisarts"], limit_m=400)
    assert found.classes == ("supermarkt", "apotheek", "huisarts")
    assert np.isnan(found.distance_m[:, 1]).all()
    assert (found.facility[:, 1] == -1).all()
    told = table["distance_m"].unstack().reindex(demo.addresses.index)
    for column, name in enumerate(found.classes):
        assert np.array_equal(
            found.distance_m[:, column], round_up(told[name].to_numpy()), equal_nan=True
        )
    with pytest.raises(InputError, match="casino"):
        demo.nearest_array("casino")


def test_coverage_over_columns_is_that_over_pairs(demo):
    """People near each class, counted again from the rows of the long table."""
    told = cover_town(demo, demo.nearest_array(limit_m=400)).set_index("facility_class")
    walks = demo.nearest(limit_m=400).reset_index(drop=True)
    near = walks[walks["distance_m"] <= 400]
    pairs = pd.DataFrame({
        "site_id": near["facility_class"], "address_id": near["origin_id"],
        "sure": near["distance_high_m"] <= 400,
    })  # fmt: skip
    zone, elderly = people_by_zone(demo, "65plus")
    people = count_people(pairs, zone, elderly, site_ids=told.index)
    counts = pairs.groupby("site_id").size()
    for name in counts.index:
        assert told.loc[name, "addresses_within"] == counts[name]
        assert told.loc[name, "within_low"] == pairs[pairs["sure"]].groupby("site_id").size().get(
            name, 0
        )
        for end in ("", "_min", "_max"):
            assert told.loc[name, f"people_65plus{end}"] == people.loc[name, f"people{end}"]
    assert len(counts) > 3


def test_origins_of_every_kind_are_the_same(demo):
    homes = demo.addresses.iloc[:40]
    xy = shapely.get_coordinates(homes.geometry.to_numpy())
    wanted = nearest_array(demo.network, homes, demo.facilities)
    for given_ in (xy, xy.tolist(), homes.geometry, homes.geometry.to_crs(4326)):
        found = nearest_array(demo.network, given_, demo.facilities)
        assert found.distance_m == pytest.approx(wanted.distance_m, abs=0.01, nan_ok=True)
        assert (found.facility == wanted.facility).all()


def test_what_cannot_be_walked_from_is_told(demo):
    net, shops = demo.network, demo.facilities
    with pytest.raises(GeometryError, match=r"rows 1"):
        nearest_array(net, [[1.0, 2.0], [np.nan, 3.0]], shops)
    with pytest.raises(GeometryError, match=r"shape \(2, 3\)"):
        nearest_array(net, np.zeros((2, 3)), shops)
    with pytest.raises(CrsError):
        nearest_array(net, gpd.GeoSeries(shapely.points([[1.0, 2.0]])), shops)
    with pytest.raises(StudyError, match="float16"):
        nearest_array(net, [[1.0, 2.0]], shops, dtype="float16")


def test_nobody_and_nothing_are_no_error(demo):
    nobody = nearest_array(demo.network, np.empty((0, 2)), demo.facilities)
    assert nobody.distance_m.shape == (0, len(nobody.classes))
    nothing = nearest_array(demo.network, demo.addresses.head(2), demo.facilities.head(0))
    assert nothing.distance_m.shape == (2, 0)
    assert nothing.joins.tolist() == [0, 0]


def test_it_is_public():
    assert geowoonzorg.nearest_array is nearest_array
