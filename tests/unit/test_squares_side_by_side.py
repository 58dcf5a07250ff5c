"""Squares beside each other, ways over them and parts of them, by hand."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from reach_oracle import TO_DEGREES

from geowoonzorg.walk.network import WalkNetwork
from geowoonzorg.walk.route import routes
from geowoonzorg.walk.service_area import nearest, service_areas

CORNER = np.array([190_000.0, 500_000.0])
OPEN = {"highway": "pedestrian", "area": "yes"}
CLOSED = OPEN | {"surface": "sett"}
KNOWN = {"surface": "asphalt", "smoothness": "good", "width": "9", "incline": "0%"}
STREET = {"highway": "residential"}


def network(folder, nodes, ways, profile="rollator"):
    """Read a town: nodes by number (m), ways as (nodes, tags), their ids from 1."""
    lonlat = np.column_stack(TO_DEGREES.transform(*(np.array(nodes, float) + CORNER).T))
    lines = ['<?xml version="1.0"?><osm version="0.6">']
    for i, (lon, lat) in enumerate(lonlat.tolist(), 1):
        lines.append(f'<node id="{i}" version="1" lat="{lat:.8f}" lon="{lon:.8f}"/>')
    for i, (refs, tags) in enumerate(ways, 1):
        inner = "".join(f'<nd ref="{n + 1}"/>' for n in refs)
        inner += "".join(f'<tag k="{k}" v="{v}"/>' for k, v in tags.items())
        lines.append(f'<way id="{i}" version="1">{inner}</way>')
    path = folder / "town.osm"
    path.write_text("".join([*lines, "</osm>"]))
    return WalkNetwork.from_osm(path, profile=profile)


def at(*xy):
    ids = [f"p{i}" for i in range(len(xy))]
    return gpd.GeoDataFrame({"id": ids}, geometry=shapely.points(CORNER + xy), crs=28992)


TWO = [(0, 0), (100, 0), (200, 0), (0, 100), (100, 100), (200, 100), (-1500, 0), (1500, 0)]
LEFT, RIGHT = [0, 1, 4, 3, 0], [1, 2, 5, 4, 1]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_cautious_stay_on_the_square_that_is_open(tmp_path, order):
    """A is open to the cautious, B is of setts: 60 m over A; to the far side of B they go round by the north."""
    squares = [(LEFT, OPEN), (RIGHT, CLOSED)]
    nodes = [*TWO, (0, 800), (200, 800)]
    ways = [squares[k] for k in order]
    ways += [([0, 6], STREET), ([2, 7], STREET), ([3, 8, 9, 5], STREET), ([2, 5], STREET)]
    net = network(tmp_path, nodes, ways)
    found = nearest(net, at((20, 50)), at((80, 50)))
    assert found[["distance_m", "distance_high_m"]].to_numpy() == pytest.approx(60.0, rel=1e-3)
    found = nearest(net, at((20, 50)), at((200, 100))).iloc[0]
    assert found["distance_m"] == pytest.approx(np.hypot(180, 50), rel=1e-3)
    # to the corner (0, 100), up 700, 200 along, down 700
    assert found["distance_high_m"] == pytest.approx(np.hypot(20, 50) + 1600, rel=1e-3)
    areas = service_areas(net, at((20, 50)), limit_m=60, shape="polygons", cautious=True)
    assert not areas.geometry.iloc[0].intersects(shapely.points(CORNER + (75 + 30, 50)))


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_every_metre_over_squares_has_the_tags_of_its_own(tmp_path, order):
    """From 30 m before the shared side to 50 m beyond it: of A all is known, of B nothing."""
    squares = [(LEFT, OPEN | KNOWN), (RIGHT, OPEN)]
    ways = [squares[k] for k in order] + [([0, 6], STREET), ([2, 7], STREET)]
    net = network(tmp_path, TWO, ways)
    home, shop = at((70, 50)), at((150, 50))
    found = nearest(net, home, shop)
    assert found["unknown_share"].tolist() == pytest.approx([50 / 80], abs=1e-4)
    ends = {"origin_id": ["p0"], "facility_id": ["p0"]}
    way = routes(net, home, shop, pd.DataFrame(ends))
    assert way["unknown_share"].tolist() == pytest.approx([50 / 80], abs=1e-4)
    assert way["surface_unknown_share"].tolist() == pytest.approx([50 / 80], abs=1e-4)
    # along a sight line from corner to corner, half over each
    found = nearest(net, at((-100, 0)), at((300, 0)))
    streets = 200 + 100  # unknown streets, and the side of B
    assert found["distance_m"].tolist() == pytest.approx([400], rel=1e-3)
    assert found["unknown_share"].tolist() == pytest.approx([streets / 400], abs=1e-3)


def test_a_closed_way_over_an_open_square_takes_nothing_away(tmp_path):
    nodes = [
        (0, 0), (0, 50), (0, 100), (100, 100), (100, 50), (100, 0), (-1500, 50), (1500, 50)
    ]  # fmt: skip
    ways = [([0, 1, 2, 3, 4, 5, 0], OPEN), ([1, 4], {"highway": "cycleway"})]
    net = network(tmp_path, nodes, [*ways, ([1, 6], STREET), ([4, 7], STREET)])
    found = nearest(net, at((-10, 50)), at((110, 50)))
    assert found[["distance_m", "distance_high_m"]].to_numpy() == pytest.approx(120, rel=1e-3)


def test_a_place_in_the_middle_reaches_no_street_of_a_large_square(tmp_path):
    nodes = [(0, 0), (200, 0), (200, 200), (0, 200), (-1500, 0)]
    net = network(tmp_path, nodes, [([0, 1, 2, 3, 0], OPEN), ([0, 4], STREET)])
    for shape in ("lines", "polygons"):
        area = service_areas(net, at((100, 100)), limit_m=50, shape=shape)
        assert area[["length_m", "status"]].to_numpy().tolist() == [[0.0, "ok"]]
    assert area["area_m2"].tolist() == pytest.approx([np.pi * 50**2], rel=2e-3)


def test_who_stands_on_a_square_without_a_way_to_it_is_on_the_network(tmp_path):
    nodes = [(0, 0), (300, 0), (300, 300), (150, 200), (0, 300)]
    net = network(tmp_path, nodes, [([0, 1, 2, 3, 4, 0], OPEN)])
    found = nearest(net, at((20, 20)), at((0, 300)))
    assert found["distance_m"].tolist() == pytest.approx([np.hypot(20, 280)], rel=1e-3)


def test_a_platform_drawn_as_a_line_is_a_line(tmp_path):
    platform = {"highway": "platform", "public_transport": "platform"}
    nodes = [(0, 0), (100, 0), (200, 5), (-1500, 0), (100, 50), (0, 50)]
    ways = [([0, 1, 2], platform), ([0, 3], STREET)]
    net = network(tmp_path, nodes, ways, "wandelaar")
    assert not net.notes
    assert not len(net.squares.way)
    closed = [([0, 1, 4, 5, 0], platform), ([0, 3], STREET)]
    assert len(network(tmp_path, nodes, closed, "wandelaar").squares.way) == 1


def test_a_saved_part_knows_what_it_knew(tmp_path):
    """A footway that is an island in the part, and that only a closed path joins, is as in the whole."""
    nodes = [(0, 0), (6000, 0), (0, 60), (0, 120), (300, 120)]
    ways = [([0, 1], STREET), ([0, 2], {"highway": "path"}), ([2, 3, 4], STREET)]
    part = network(tmp_path, nodes, ways).crop([*(CORNER + (50, 50)), *(CORNER + (400, 200))])
    part.save(tmp_path / "part.npz")
    again = WalkNetwork.load(tmp_path / "part.npz")
    assert again.edge_cautious.tolist() == part.edge_cautious.tolist()
    for name in ("edge_island", "edge_component", "component_length_m"):
        assert getattr(again, name).tolist() == getattr(part, name).tolist()
    homes, shops = at((100, 125)), at((200, 125))
    one, two = (nearest(net, homes, shops, max_snap_m=50) for net in (part, again))
    assert one.drop(columns="geometry").equals(two.drop(columns="geometry"))
    assert one["distance_high_m"].isna().all()


def test_a_network_of_the_cautious_answer_can_be_kept(tmp_path):
    """Also where a point that stops people is a corner of a square."""
    net = network(
        tmp_path, TWO, [(LEFT, OPEN), (RIGHT, CLOSED), ([0, 6], STREET), ([2, 7], STREET)]
    )
    net.cautious.save(tmp_path / "net.npz")
    again = WalkNetwork.load(tmp_path / "net.npz")
    homes, shops = at((20, 50)), at((80, 50))
    one, two = (nearest(each, homes, shops) for each in (net.cautious, again))
    assert one.drop(columns="geometry").equals(two.drop(columns="geometry"))
