"""Private ground: a walk may begin or end on it, and never passes through it."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from osm_writer import at as degrees
from osm_writer import write_osm
from plot_oracle import Plots

from geowoonzorg.errors import FormatError
from geowoonzorg.osm import read_osm
from geowoonzorg.osm.profile import read_profile
from geowoonzorg.walk.cropping import street_lines
from geowoonzorg.walk.network import WalkNetwork
from geowoonzorg.walk.route import route, routes
from geowoonzorg.walk.service_area import nearest, reached_pairs, service_areas

WALKER = read_profile("wandelaar")
CORNER = np.array([190_000.0, 500_000.0])
PATH, DRIVE = {"highway": "path"}, {"highway": "service", "access": "private"}
#: A street round a block (0-1-2-3), a private drive across it (4-5-6), and a yard off the drive (5-7).
BLOCK = np.array(
    [[0, 0], [200, 0], [200, 100], [0, 100], [100, 0], [100, 50], [100, 100], [130, 50]]
)
STREETS = [[0, 4], [4, 1], [1, 2], [2, 6], [6, 3], [3, 0]]
DRIVES = [[4, 5], [5, 6], [5, 7]]


def block(drives=DRIVES, **ways):
    segments = STREETS + drives
    return Plots.build(
        BLOCK + CORNER, segments, [False] * len(STREETS) + [True] * len(drives), **ways
    )[0]


def at(points, prefix="p"):
    xy = np.asarray(points, float).reshape(-1, 2) + CORNER
    ids = [f"{prefix}{i}" for i in range(len(xy))]
    return gpd.GeoDataFrame({"id": ids}, geometry=shapely.points(xy), crs=28992)


def metres(net, start, end):
    return nearest(net, at(start), at(end))["distance_m"].round(1).tolist()[0]


def test_a_drive_between_two_streets_is_no_short_cut():
    assert metres(block(), [90, 0], [90, 100]) == 280.0
    assert metres(block(), [99.5, 0], [99.5, 100]) == 299.0


def test_a_walk_begins_and_ends_on_private_ground_at_the_nearer_gate():
    net = block()
    assert metres(net, [102, 30], [90, 0]) == metres(net, [90, 0], [102, 30]) == 42.0
    assert metres(net, [102, 30], [90, 100]) == 82.0
    assert metres(net, [132, 50], [90, 100]) == 92.0  # the leg, the yard, the drive, the street


def test_places_on_one_plot_reach_each_other_without_leaving_it():
    net = block()
    assert metres(net, [100, 10], [100, 20]) == 10.0
    assert metres(net, [100, 10], [100, 90]) == 80.0
    assert metres(net, [100, 30], [130, 50]) == 50.0


def test_a_walk_does_not_pass_through_another_plot():
    xy = np.array([[0, 0], [0, 100], [100, 0], [100, 100], [-40, 0], [0, 300], [100, 300]])
    segments = [[0, 2], [1, 5], [5, 6], [6, 3], [3, 2], [0, 1], [0, 4]]
    private = [False, False, False, False, False, True, True]
    net, _ = Plots.build(xy + CORNER, segments, private)
    # the two drives meet at one point of the street: one plot
    assert metres(net, [-40, 0], [0, 200]) == 240.0
    segments[6] = [2, 4]
    xy[4] = [140, 0]
    net, _ = Plots.build(xy + CORNER, segments, private)
    assert metres(net, [140, 0], [0, 200]) == 540.0  # not through the drive 0-1
    assert metres(net, [140, 0], [0, 50]) == 190.0  # but to it


def test_a_drive_for_one_direction():
    net = block([[4, 5], [5, 6]], forward=[True] * 8, backward=[True] * 6 + [False] * 2)
    assert metres(net, [100, 50], [100, 100]) == 50.0
    assert metres(net, [100, 50], [100, 0]) == 350.0
    assert metres(net, [100, 100], [100, 50]) == 350.0


def test_the_street_is_taken_where_private_ground_is_as_near():
    net = block()
    snap = net.snap(CORNER + [[100, 0], [100, 1], [105, 50], [110, 5]])
    assert net.edge_layer[snap.edge].tolist() == [0, 1, 1, 0]


def test_ground_behind_a_gate_belongs_to_the_street_in_the_polygon_too():
    # streets that end at a drive's gates, and a long way round
    xy = np.array([[0.0, 0], [70, 0], [70, 70], [0, 70], [-300, 35]])
    turn = np.array([[np.cos(0.3), np.sin(0.3)], [-np.sin(0.3), np.cos(0.3)]])
    segments = [[0, 1], [3, 2], [0, 4], [4, 3], [1, 2]]
    for points in (xy, xy[[3, 2, 1, 0, 4]]):
        net, _ = Plots.build(points @ turn + CORNER, segments, [False] * 4 + [True])
        shop = at(np.array([[60.0, 71]]) @ turn)
        area = service_areas(net, shop, limit_m=180, shape="polygons")["geometry"][0]
        rng = np.random.default_rng(5)
        behind = np.concatenate(
            [rng.uniform([72, -90], [160, -2], (400, 2)), rng.uniform(0, 70, (400, 2))]
        )
        spots = at(behind @ turn)
        within = nearest(net, spots, shop)["distance_m"].to_numpy() <= 180
        assert not within[:400].any()
        assert within[400:].any()
        wrong = within != shapely.contains(area, spots.geometry)
        apart = shapely.distance(shapely.boundary(area), spots.geometry[wrong])
        assert (apart < 7).all()


def test_ground_without_a_gate_is_left_out_and_told():
    xy = np.concatenate([BLOCK, [[300, 50], [340, 50], [400, 0], [400, 60]]])
    segments = [*STREETS, *DRIVES, [8, 9], [10, 11], [10, 9]]
    private = [False] * 6 + [True] * 3 + [True, False, True]  # 10-11 is an island with a drive
    net, _ = Plots.build(xy + CORNER, segments, private)
    told = net.counts["private"]
    assert (told["plots"], told["gates"], told["plots_without_gate"]) == (1, 2, 1)
    assert told["metres"] == 130
    assert told["metres_without_gate"] == round(40 + np.hypot(60, 50))
    assert net.snap(CORNER + [[300, 50]], max_snap_m=60).status.tolist() == [1]  # off the network
    about = net.describe()
    assert about["edges"] == 3  # from gate to gate twice, and the island
    assert about["private_edges"] == 3
    assert about["private_length_m"] == pytest.approx(130.0, abs=0.02)
    assert about["length_m"] == pytest.approx(660.0, abs=0.1)


def test_lines_hold_no_private_ground_but_its_metres_count():
    area = service_areas(block(), at([100, 30]), limit_m=50).iloc[0]
    assert area["length_m"] == pytest.approx(40.0, abs=0.01)  # 20 m either way from the gate
    assert area["geometry"].bounds[3] - CORNER[1] < 0.01
    inside = service_areas(block(), at([100, 30]), limit_m=20).iloc[0]
    assert (inside["status"], inside["length_m"]) == ("ok", 0.0)
    lines = street_lines(block(), bounds=[*CORNER, *(CORNER + 100)])
    assert lines.length.sum() == pytest.approx(600.0, abs=0.1)


def test_a_route_is_drawn_over_private_ground_and_tells_what_is_met_there(tmp_path):
    nodes = {
        1: (0, 0), 2: (1, 0, {"highway": "crossing", "crossing": "zebra"}), 3: (2, 0),
        4: (1, 0.5, {"kerb": "raised"}), 5: (1, 1),
    }  # fmt: skip
    ways = [
        (1, [1, 2, 3], PATH | {"surface": "asphalt"}),
        (2, [2, 4, 5], DRIVE | {"surface": "gravel", "incline": "4%"}),
    ]
    net = WalkNetwork.from_osm(write_osm(tmp_path / "t.osm", nodes, ways), profile="wandelaar")
    house, shop = (gpd.GeoSeries(gpd.points_from_xy([x], [y]), crs=4326).to_crs(28992)[0]
                   for x, y in ((5.901, 52.551), (5.9, 52.55)))  # fmt: skip
    for ends in ((house, shop), (shop, house)):
        way = route(net, *(shapely.get_coordinates(p)[0] for p in ends))
        assert len(way["geometry"].coords) == 4
        assert way["length_m"] == pytest.approx(way["geometry"].length, rel=1e-3)
        assert way["distance_m"] == pytest.approx(way["length_m"], abs=1e-6)
        assert way["steepest_pct"] == 4
        assert way["surface_unknown_share"] == 0
        assert (way["crossings"], way["kerbs_unknown"]) == (1, 1)


def test_routes_between_places_on_a_plot_stay_there():
    pairs = reached_pairs(block(), at([100, 10]), at([130, 50], "q"), limit_m=500)
    way = routes(block(), at([100, 10]), at([130, 50], "q"), pairs).iloc[0]
    assert way["distance_m"] == pytest.approx(70.0, abs=0.01)
    assert way["length_m"] == pytest.approx(70.0, abs=0.01)
    np.testing.assert_allclose(
        shapely.get_coordinates(way["geometry"]) - CORNER,
        [[100, 10], [100, 50], [130, 50]], atol=1e-2,
    )  # fmt: skip


def test_a_polygon_joins_where_private_ground_touches_it():
    house = at([0, 0]).set_geometry([shapely.box(90, 60, 110, 70)], crs=28992)
    house = house.set_geometry(house.translate(*CORNER))
    near = nearest(block(), house, at([100, 0]))
    assert near["access_leg_origin_m"].tolist() == [0.0]
    assert near["distance_m"].round(1).tolist() == [60.0]


@pytest.mark.parametrize(
    ("gate", "opens"),
    [
        ({}, True),
        ({"barrier": "gate", "access": "private"}, True),  # as private as the drive itself
        ({"barrier": "gate", "locked": "yes"}, False),
        ({"barrier": "gate", "access": "no"}, False),
        ({"barrier": "wall"}, False),
    ],
)
def test_a_barrier_at_or_on_the_drive(tmp_path, gate, opens):
    ways = [(1, [1, 2, 3], PATH), (2, [2, 4, 5], DRIVE)]
    for where in (2, 4):
        nodes = {1: (0, 0), 2: (1, 0), 3: (2, 0), 4: (1, 0.5), 5: (1, 1)}
        nodes[where] = (*nodes[where], gate)
        path = write_osm(tmp_path / f"{where}{opens}.osm", nodes, ways)
        net = WalkNetwork.from_osm(path, profile="wandelaar")
        told = net.counts["private"]
        assert (told["metres_without_gate"] == 0) == opens
        assert told["plots"] == (opens or where == 4)


def test_a_street_cut_at_a_private_gate_is_left_both_ways(tmp_path):
    nodes = {
        1: (0, 0), 2: (9, 0, {"barrier": "gate", "access": "private"}), 3: (18, 0), 4: (9, 0.5),
    }  # fmt: skip
    path = write_osm(tmp_path / "t.osm", nodes, [(1, [1, 2, 3], PATH), (2, [2, 4], DRIVE)])
    net = WalkNetwork.from_osm(path, profile="wandelaar")
    assert net.counts["private"]["gates"] == 2
    xy = gpd.GeoSeries(
        gpd.points_from_xy([5.9, 5.918, 5.909], [52.55, 52.55, 52.5505]), crs=4326
    ).to_crs(28992)
    west, east, house = (gpd.GeoDataFrame({"id": ["x"]}, geometry=[p], crs=28992) for p in xy)
    assert nearest(net, house, west)["status"].tolist() == ["ok"]
    assert nearest(net, house, east)["status"].tolist() == ["ok"]
    assert nearest(net, west, east)["status"].tolist() == ["beyond_limit"]


def test_directions_of_private_ways_are_read(tmp_path):
    ways = [(1, [1, 2], PATH), (2, [2, 3], DRIVE | {"oneway:foot": "-1"})]
    path = write_osm(tmp_path / "t.osm", {1: (0, 0), 2: (1, 0), 3: (2, 0)}, ways)
    found = read_osm(path, profile=WALKER).private_ways
    assert (found.forward.tolist(), found.backward.tolist()) == ([False], [True])


def test_a_saved_network_keeps_its_private_ground(tmp_path):
    net = block()
    net.save(tmp_path / "net.npz")
    again = WalkNetwork.load(tmp_path / "net.npz")
    assert again.edge_layer.tolist() == net.edge_layer.tolist()
    assert again.describe() == net.describe()
    assert metres(again, [132, 50], [90, 100]) == 92.0
    assert metres(again, [90, 0], [90, 100]) == 280.0
    layers = net.edge_layer
    for wrong in (layers[::-1], np.where(layers == 2, 1, layers), layers + 1, layers - 1):
        replace(net, edge_layer=wrong.astype(np.int8)).save(tmp_path / "net.npz")
        with pytest.raises(FormatError):
            WalkNetwork.load(tmp_path / "net.npz")


@pytest.mark.parametrize("access", ["private", "customers", "residents"])
def test_a_private_square_is_ground_for_who_begins_or_ends_on_it_however_it_is_drawn(
    tmp_path, access
):
    ring = {1: (0, 0), 2: (2, 0), 3: (2, 1), 4: (0, 1)}
    nodes = ring | {5: (-30, 0), 6: (32, 1)}
    streets = [(20, [5, 1], {"highway": "residential"}), (21, [3, 6], {"highway": "residential"})]
    tags = {"highway": "pedestrian", "access": access}
    around = [1, 2, 3, 4, 1]
    relation = (9, [("w", 10, "outer")], tags | {"type": "multipolygon"})
    drawn = {
        "way": ([(10, around, tags | {"area": "yes"}), *streets], []),
        "relation": ([(10, around, {}), *streets], [relation]),
    }
    spots = [degrees(-10, 0), degrees(1.9, 0.5), degrees(20, 1), degrees(0.5, 0.25)]
    places = gpd.GeoDataFrame({"id": list("hsfx")}, geometry=shapely.points(spots), crs=4326)
    x = shapely.get_coordinates(places.to_crs(28992).geometry)
    (corner,) = shapely.get_coordinates(
        gpd.GeoSeries([shapely.Point(degrees(0, 0))], crs=4326).to_crs(28992)
    )
    found = {}
    for name, (ways, relations) in drawn.items():
        file = write_osm(tmp_path / f"{name}.osm.pbf", nodes, ways, relations)
        net = WalkNetwork.from_osm(file, profile="rollator")
        assert net.counts["private"]["squares"] == 1
        assert net.squares.layer.tolist() == [1, 2]  # once to leave by, once to come in by
        homes, shops = places.iloc[:1], places.iloc[1:]
        found[name] = reached_pairs(net, homes, shops, limit_m=10_000)
        (there,) = nearest(net, places.iloc[3:], places.iloc[1:2])["distance_m"]
        assert there == pytest.approx(np.hypot(*(x[1] - x[3])), rel=1e-4)
    pd.testing.assert_frame_equal(found["way"], found["relation"])
    pairs = found["way"].set_index("facility_id")["distance_m"]
    assert sorted(pairs.index) == ["s", "x"]  # nobody passes through to f
    straight = np.hypot(*(corner - x[0])) + np.hypot(*(x[1] - corner))
    assert pairs["s"] == pytest.approx(straight, rel=1e-3)


def test_a_house_on_a_private_square_is_left_and_entered_at_its_wall(tmp_path):
    nodes = {1: (0, 0), 2: (2, 0), 3: (2, 1), 4: (0, 1), 5: (-30, 0)}
    tags = {"highway": "pedestrian", "area": "yes", "access": "customers"}
    ways = [(10, [1, 2, 3, 4, 1], tags), (20, [5, 1], {"highway": "residential"})]
    file = write_osm(tmp_path / "t.osm.pbf", nodes, ways)
    net = WalkNetwork.from_osm(file, profile="wandelaar")
    corners = gpd.GeoSeries(
        gpd.points_from_xy(*zip(*map(degrees, (0, 1, -10), (0, 0.5, 0)), strict=True)), crs=4326
    )
    gate, middle, away = shapely.get_coordinates(corners.to_crs(28992))
    house = gpd.GeoDataFrame(
        {"id": ["x"]}, geometry=[shapely.box(*middle, *(middle + 9))], crs=28992
    )
    street = gpd.GeoDataFrame({"id": ["y"]}, geometry=[shapely.Point(away)], crs=28992)
    walk = np.hypot(*(middle - gate)) + np.hypot(*(gate - away))
    for start, end in ((house, street), (street, house)):
        assert nearest(net, start, end)["distance_m"].tolist() == pytest.approx([walk], rel=1e-3)
