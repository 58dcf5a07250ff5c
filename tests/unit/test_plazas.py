"""Squares as ground: distances, metres and figures that can be worked out by hand, and squares drawn wrong."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from square_oracle import CORNER, Plan

from geowoonzorg.errors import FormatError
from geowoonzorg.walk.cropping import street_lines
from geowoonzorg.walk.network import WalkNetwork
from geowoonzorg.walk.route import routes
from geowoonzorg.walk.service_area import nearest, service_areas

GROUND = 1.00006  # metres on the ground per metre of RD New around Kampen


def at(*places):
    ids = [f"p{i}" for i in range(len(places))]
    return gpd.GeoDataFrame(
        {"id": ids}, geometry=gpd.points_from_xy(*(CORNER + places).T), crs=28992
    )


def metres(net, start, goal):
    return float(nearest(net, at(start), at(goal))["distance_m"].iloc[0])


def market(*, hole=True):
    """A square of 100 m, streets from the middle of its south and north sides, and a church in the middle."""
    plan = Plan()
    shell = plan.add((0, 0), (50, 0), (100, 0), (100, 100), (50, 100), (0, 100))
    plan.squares.append([shell])
    if hole:
        plan.squares[0].append(plan.add((20, 30), (80, 30), (80, 70), (20, 70)))
    south, north = plan.add((50, -1500), (50, 1500))
    plan.streets += [[south, shell[1]], [shell[4], north]]
    return plan


def test_a_walk_goes_straight_over_a_square_and_round_what_stands_on_it(tmp_path):
    net = market().network(tmp_path)
    assert metres(net, (50, -10), (50, 110)) == pytest.approx(60 + 2 * np.hypot(30, 30), abs=0.05)
    # from the middle of the west side to the middle of the east side, and within one bay
    assert metres(net, (-5, 50), (105, 50)) == pytest.approx(
        10 + 60 + 2 * np.hypot(20, 20), abs=0.05
    )
    assert metres(net, (10, 10), (15, 90)) == pytest.approx(np.hypot(5, 80), abs=0.05)
    near = nearest(net, at((10, 10)), at((15, 90)))
    assert near[["access_leg_origin_m", "access_leg_facility_m"]].to_numpy().tolist() == [
        [0.0, 0.0]
    ]
    free = market(hole=False).network(tmp_path)
    assert metres(free, (50, -10), (50, 110)) == pytest.approx(120, abs=0.05)


def test_a_route_shows_the_way_over_a_square_and_what_it_is_made_of(tmp_path):
    net = market().network(tmp_path)
    pairs = pd.DataFrame({"origin_id": ["p0"], "facility_id": ["p0"]})
    way = routes(net, at((50, -10)), at((90, 95)), pairs).iloc[0]
    expected = [(50, 0), (80, 30), (90, 95)]
    drawn = shapely.get_coordinates(way.geometry) - CORNER
    assert drawn == pytest.approx(np.array([(50, -10), *expected]), abs=0.02)
    over = np.hypot(30, 30) + np.hypot(10, 65)
    assert way["length_m"] == pytest.approx((10 + over) * GROUND, abs=0.05)
    assert way["surface_unknown_share"] == pytest.approx(1.0)


def test_a_sight_line_is_no_street_anywhere(tmp_path):
    net = market().network(tmp_path)
    streets = 2 * 1500 - 100 + 400 + 200
    about = net.describe()
    assert about["length_m"] == pytest.approx(streets * GROUND, abs=0.1)
    assert net.component_length_m.tolist() == pytest.approx([streets * GROUND], abs=0.1)
    assert not net.edge_sight[: net.n_streets].any()
    assert net.edge_sight.sum() == about["counts"]["squares"]["square_lines"] > 0
    assert len(net.edges()) == net.n_streets == about["edges"]
    assert set(net.edges(private=True)["kind"]) == {"street", "sight_line"}
    box = [*CORNER, *(CORNER + 100)]
    assert street_lines(net, bounds=box).length.sum() == pytest.approx(streets, abs=0.1)
    graph = net.to_osmnx()
    assert len(graph.edges) == 2 * net.n_streets
    assert min(i for _, _, i in graph.edges(data="osmid") if i is not None) > 0
    area = service_areas(net, at((50, 50)), limit_m=5000)
    assert area["length_m"].iloc[0] == pytest.approx(streets * GROUND, abs=0.1)


def test_the_metres_of_an_outline_count_from_where_the_walk_comes(tmp_path):
    # from the south entrance 80 m: of the north side nothing, of the sides up to sqrt(80² - 50²)
    net = market(hole=False).network(tmp_path)
    area = service_areas(net, at((50, 0)), limit_m=80)
    side = np.sqrt((80 / GROUND) ** 2 - 50**2)
    assert area["length_m"].iloc[0] == pytest.approx((100 + 2 * side) * GROUND + 80, abs=0.02)
    ground = service_areas(net, at((50, 0)), limit_m=80, shape="polygons").geometry.iloc[0]
    inside = shapely.intersection(ground, shapely.box(*CORNER, *(CORNER + 100)))
    disc = shapely.Point(CORNER + [50, 0]).buffer(80 / GROUND, quad_segs=500)
    expected = shapely.intersection(disc, shapely.box(*CORNER, *(CORNER + 100)))
    assert shapely.symmetric_difference(inside, expected).area < 0.001 * expected.area


def test_squares_that_share_a_side_are_one_and_those_that_share_a_node_meet_there(tmp_path):
    plan = Plan()
    west = plan.add((0, 0), (50, 0), (50, 100), (0, 100))
    east = [west[1], *plan.add((100, 0), (100, 100)), west[2]]
    plan.squares += [[west], [east]]
    plan.leave(west[0])
    net = plan.network(tmp_path)
    assert len(net.squares.way) == 1
    assert metres(net, (10, 20), (90, 80)) == pytest.approx(100, abs=0.05)
    plan.squares[1] = [[west[1], *plan.add((100, -50), (100, 0))]]
    net = plan.network(tmp_path)
    assert len(net.squares.way) == 2
    way = np.hypot(40, 50) + np.hypot(45, 25)
    assert metres(net, (10, 50), (95, -25)) == pytest.approx(way, abs=0.05)


def test_a_kiosk_on_a_square_is_reached_from_all_sides(tmp_path):
    net = market(hole=False).network(tmp_path)
    kiosk = gpd.GeoDataFrame(
        {"id": ["k"]}, geometry=[shapely.box(*(CORNER + [40, 40]), *(CORNER + [60, 60]))], crs=28992
    )
    table = nearest(net, at((50, 0), (50, 100), (0, 50)), kiosk)
    assert table["distance_m"].tolist() == pytest.approx([40, 40, 40], abs=0.2)


# ── kept and cut ──────────────────────────────────────────────────────────────────────────────


def test_squares_are_kept_saved_and_cropped_with_the_network(tmp_path):
    net = market().network(tmp_path)
    net.save(tmp_path / "net.npz")
    again = WalkNetwork.load(tmp_path / "net.npz")
    part = net.crop([*(CORNER + [45, -5]), *(CORNER + [55, 5])])
    for other in (again, part):
        assert other.edge_sight.sum() == net.edge_sight.sum()
        assert metres(other, (50, -10), (90, 95)) == metres(net, (50, -10), (90, 95))
        areas = [
            service_areas(n, at((50, 20)), limit_m=90)["length_m"].iloc[0] for n in (net, other)
        ]
        assert areas[0] == areas[1]
    away = net.crop([*(CORNER + [40, 1200]), *(CORNER + [60, 1300])])
    assert len(away.squares.way) == away.edge_sight.sum() == 0
    assert (away.edge_square == -1).all()
    line = gpd.GeoDataFrame(geometry=[shapely.LineString(CORNER + [[0, 0], [9, 0]])], crs=28992)
    assert not WalkNetwork.from_lines(line).edge_sight.any()


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("squares.corner_node", lambda a: a + 1000),
        ("squares.corner_kind", lambda a: a * 0),
        ("squares.start", lambda a: a[::-1].copy()),
        ("squares.ring_start", lambda a: a[:-1]),
        ("squares.xy", lambda a: a * np.nan),
        ("squares.way", lambda a: a + 100),
        ("edge_square", lambda a: a + 5),
    ],
)
def test_squares_made_to_harm_are_refused(tmp_path, name, change):
    from geowoonzorg.files import read_arrays, write_arrays

    path = tmp_path / "net.npz"
    market().network(tmp_path).save(path)
    arrays = read_arrays(path)
    write_arrays(path, arrays | {name: change(arrays[name])})
    with pytest.raises(FormatError):
        WalkNetwork.load(path)


# ── drawn wrong ───────────────────────────────────────────────────────────────────────────────


def test_a_square_that_crosses_itself_is_the_parts_that_it_encloses(tmp_path):
    plan = Plan()
    ring = plan.add(
        (0, 0), (100, 100), (100, 0), (0, 100)
    )  # an hour-glass without a node in its waist
    plan.squares.append([ring])
    plan.leave(ring[0])
    net = plan.network(tmp_path)
    assert metres(net, (5, 50), (95, 50)) == pytest.approx(90, abs=0.05)
    assert metres(net, (5, 40), (95, 60)) == pytest.approx(np.hypot(90, 20), abs=0.05)
    assert [note for note in net.notes if "w2" in note and "1 (" in note]
    assert net.describe()["counts"]["squares"]["squares_that_cross_themselves"] == 1


def test_a_square_that_encloses_nothing_is_its_outline(tmp_path):
    plan = Plan()
    ring = plan.add((0, 0), (60, 0), (100, 0))  # there and back again
    plan.squares.append([[*ring, ring[1]]])
    plan.leave(ring[0])
    net = plan.network(tmp_path)
    assert len(net.squares.way) == 0
    assert metres(net, (10, 0), (90, 0)) == pytest.approx(80, abs=0.05)
    assert [note for note in net.notes if "w2" in note and "OpenStreetMap" in note]


def test_a_building_that_shares_a_side_with_its_square_is_no_ground(tmp_path):
    plan = Plan()
    shell = plan.add((0, 0), (100, 0), (100, 100), (60, 100), (40, 100), (0, 100))
    plan.squares.append([shell, [shell[3], shell[4], *plan.add((40, 20), (60, 20))]])
    plan.leave(shell[0])
    net = plan.network(tmp_path)
    assert net.square_areas[0].area == pytest.approx(100 * 100 - 20 * 80, rel=1e-3)
    assert metres(net, (30, 90), (70, 90)) == pytest.approx(20 + 2 * np.hypot(10, 70), abs=0.1)


def test_a_square_that_no_street_comes_to_is_an_island(tmp_path):
    plan = market()
    ring = plan.add((300, 0), (340, 0), (340, 40), (300, 40))
    plan.squares.append([ring])
    net = plan.network(tmp_path)
    assert nearest(net, at((320, 20)), at((50, 50)))["status"].tolist() == ["island"]


def test_a_square_of_thousands_of_corners_is_read_and_walked(tmp_path):
    rng = np.random.default_rng(4)
    angle = np.linspace(0, 2 * np.pi, 2000, endpoint=False)
    radius = 150 + rng.uniform(-8, 8, len(angle))
    plan = Plan()
    ring = plan.add(*(np.column_stack([np.cos(angle), np.sin(angle)]) * radius[:, None]))
    plan.squares.append([ring])
    for node in ring[::50]:
        plan.leave(node)
    net = plan.network(tmp_path)
    start, goal = (0.0, -130.0), (100.0, 60.0)
    assert metres(net, start, goal) == pytest.approx(np.hypot(100, 190), rel=2e-4)
    area = service_areas(net, at(start), limit_m=120)
    assert area["length_m"].iloc[0] > 0
    assert net.describe()["length_m"] == pytest.approx(drawn_length(plan) * GROUND, rel=1e-4)


def drawn_length(plan):
    xy = np.array([plan.nodes[n] for n in [*plan.squares[0][0], plan.squares[0][0][0]]])
    return np.hypot(*np.diff(xy, axis=0).T).sum() + 1500 * len(plan.streets)
