"""Areas of ground on small networks where one can say by hand what is right."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from geowoonzorg.errors import Cancelled, StudyError
from geowoonzorg.walk.cells import snap_cells
from geowoonzorg.walk.kernels.search import Seeds
from geowoonzorg.walk.network import WalkNetwork
from geowoonzorg.walk.polygons import pool_seeds, reach_polygons

CORNER = np.array([190_000.0, 500_000.0])


def town(points, segments, **ways):
    return WalkNetwork.from_arrays(CORNER + np.asarray(points, float), segments, **ways)


def at(net, *places, access_legs=True):
    """Seeds of places, each one point or a list of points (its entrances), in local coordinates."""
    start, edge, offset, leg = [0], [], [], []
    for place in places:
        points = CORNER + np.asarray(place, float).reshape(-1, 2)
        snap = net.snap(points)
        near = np.flatnonzero(snap.status == 0)
        order = near[np.lexsort((snap.offset_m[near], snap.edge[near]))]
        edge += snap.edge[order].tolist()
        offset += snap.offset_m[order].tolist()
        leg += (snap.access_m[order] * access_legs).tolist()
        start.append(len(edge))
    return Seeds(np.array(start), np.array(edge, np.int32), np.array(offset), np.array(leg))


def covers(area, x, y):
    return bool(shapely.contains_xy(area, CORNER[0] + x, CORNER[1] + y))


STREET = ([(0, 0), (1000, 0)], [(0, 1)])


def test_along_a_street_the_area_is_a_diamond():
    net = town(*STREET)
    area = reach_polygons(net, at(net, (500, 0)), limit_m=60)[0]
    # |dx| + |dy| <= 60: legs are at right angles to the street
    assert area.area == pytest.approx(2 * 60**2, rel=2e-3)
    assert area.symmetric_difference(
        shapely.Polygon(CORNER + [(440, 0), (500, -60), (560, 0), (500, 60)])
    ).area < 5 * 0.1 * 60  # fmt: skip


def test_the_leg_of_the_place_counts_and_can_be_left_out():
    net = town(*STREET)
    with_leg = reach_polygons(net, at(net, (500, 40)), limit_m=100)[0]
    assert with_leg.area == pytest.approx(2 * 60**2, rel=2e-3)
    without = reach_polygons(net, at(net, (500, 40)), limit_m=100, access_legs=False)[0]
    # 200 m of street, 100 m to either side
    assert without.area == pytest.approx(200 * 200, rel=2e-3)


def test_no_ground_further_from_a_street_than_the_longest_leg():
    net = town(*STREET)
    area = reach_polygons(net, at(net, (500, 0)), limit_m=400, max_snap_m=30)[0]
    low, high = area.bounds[1::2] - CORNER[1]
    assert (low, high) == (pytest.approx(-30, abs=0.1), pytest.approx(30, abs=0.1))


def test_the_far_bank_of_a_canal_stays_out():
    # two quays 20 m apart, joined by a bridge 500 m away
    net = town([(0, 0), (500, 0), (500, 20), (0, 20)], [(0, 1), (1, 2), (2, 3)])
    area = reach_polygons(net, at(net, (0, 0)), limit_m=300)[0]
    assert covers(area, 100, 5)
    assert not covers(area, 100, 15)
    assert not covers(area, 100, 25)
    # the border runs down the middle of the canal
    border = shapely.LineString(CORNER + [(100, -50), (100, 60)]).intersection(area).bounds[3]
    assert border - CORNER[1] == pytest.approx(10, abs=0.1)


def test_a_courtyard_without_streets_is_a_hole():
    # a square of streets of 200 m: 400 m from the corner, but its middle is 100 m from any street
    net = town([(0, 0), (200, 0), (200, 200), (0, 200)], [(0, 1), (1, 2), (2, 3), (3, 0)])
    area = reach_polygons(net, at(net, (0, 0)), limit_m=460, max_snap_m=60)[0]
    assert len(area.interiors) == 1
    assert shapely.Polygon(area.interiors[0]).area == pytest.approx(80 * 80, rel=5e-3)
    assert not covers(area, 100, 100)


@pytest.mark.parametrize("shift", [0.0, 0.7, 1.3])
@pytest.mark.parametrize(("width", "cell_m"), [(1.0, 5.0), (2.0, 5.0), (4.0, 20.0)])
def test_ground_narrower_than_a_cell_that_belongs_to_a_far_street_is_a_hole(width, cell_m, shift):
    # between two streets lies the end of a third, which joins them only by a walk of 2 km
    y = 50.0 + shift
    ends = [
        (0, y - width),
        (200, y - width),
        (0, y + width),
        (200, y + width),
        (60.3, y),
        (121.7, y),
    ]
    far = [(121.7, y + 1000), (-100, y + 1000), (-100, y + width)]
    net = town([*ends, *far], [[0, 1], [2, 3], [0, 2], [4, 5], [5, 6], [6, 7], [7, 8], [8, 2]])
    area = reach_polygons(net, at(net, (0, y)), cell_m=cell_m)[0]
    x = np.arange(64, 92, 0.37)

    def share_covered(x, y):
        return shapely.contains_xy(area, CORNER[0] + x, CORNER[1] + y).mean()

    assert share_covered(x, y) == 0.0
    assert share_covered(x, y - width) == 1.0
    assert share_covered(x, y + width) == 1.0
    assert area.is_valid


def test_one_way_for_feet():
    # u → v only: from a point before the place one walks on to it, from beyond it one cannot turn round
    net = town(*STREET, forward=[True], backward=[False])
    west, east = (1, 0) if net.node_xy[0, 0] > net.node_xy[1, 0] else (0, 1)
    assert (west, east) == (0, 1)
    area = reach_polygons(net, at(net, (500, 0)), limit_m=100)[0]
    assert covers(area, 420, 5)
    assert not covers(area, 520, 5)
    # straight above the very place one has arrived, whatever the direction: a line, no ground
    assert area.area == pytest.approx(100**2, rel=0.01)


def test_several_entrances_are_one_place():
    net = town(*STREET)
    both = reach_polygons(net, at(net, [(300, 0), (700, 0)]), limit_m=50)[0]
    assert both.geom_type == "MultiPolygon"
    assert len(both.geoms) == 2
    assert both.area == pytest.approx(2 * 2 * 50**2, rel=2e-3)
    near = reach_polygons(net, at(net, [(480, 0), (520, 0)]), limit_m=50)[0]
    assert near.geom_type == "Polygon"


def test_an_island_is_no_street():
    # a path of 60 m beside a street of 2 km: ground next to the path belongs to the street
    net = town([(0, 0), (2000, 0), (980, 30), (1040, 30)], [(0, 1), (2, 3)])
    area = reach_polygons(net, at(net, (1000, 0)), limit_m=100)[0]
    assert covers(area, 1000, 31)


def test_places_off_the_network_have_none_and_too_long_a_leg_gives_an_empty_area():
    net = town(*STREET)
    areas = reach_polygons(net, at(net, (500, 500), (500, 90)), limit_m=[50, 200])
    assert areas.shape == (4,)
    assert areas[0] is None
    assert areas[1] is None
    assert areas[2].is_empty
    assert areas[3].area > 0


def test_limits_ascend_and_rings_share_the_ground():
    net = town([(0, 0), (400, 0), (400, 400), (0, 400)], [(0, 1), (1, 2), (2, 3), (3, 0)])
    seeds = at(net, (10, 20))
    whole = reach_polygons(net, seeds, limit_m=[300, 150])
    assert whole[0].area < whole[1].area
    rings = reach_polygons(net, seeds, limit_m=[150, 300], mode="rings")
    assert rings[0].equals_exact(whole[0], 1e-9)
    assert rings[1].intersection(rings[0]).area < 0.1 * whole[0].length
    assert rings[0].union(rings[1]).symmetric_difference(whole[1]).area < 0.1 * whole[0].length


def test_the_border_includes_the_limit_whatever_the_cell():
    net = town([(0, 0), (300, 40), (310, 300)], [(0, 1), (1, 2)])
    areas = [
        reach_polygons(net, at(net, (20, 30)), limit_m=250, cell_m=cell)[0]
        for cell in (10, 5, 2.5, 1)
    ]
    assert all(area.is_valid for area in areas)
    finest = areas[-1]
    apart = [area.symmetric_difference(finest).area / finest.area for area in areas[:-1]]
    assert apart[0] < 0.02
    assert apart[1] < 0.005
    assert apart[2] < 0.002


def test_pooled_seeds_give_one_area_per_label():
    net = town(*STREET)
    names, pooled = pool_seeds(at(net, (300, 0), (900, 0), (340, 0)), ["shop", "doctor", "shop"])
    assert names.tolist() == ["doctor", "shop"]
    doctor, shop = reach_polygons(net, pooled, limit_m=50)
    assert doctor.area == pytest.approx(2 * 50**2, rel=2e-3)
    assert covers(shop, 300, 5)
    assert covers(shop, 340, 5)
    assert not covers(shop, 500, 5)


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ({"limit_m": 0}, "limit_m"),
        ({"limit_m": np.nan}, "limit_m"),
        ({"limit_m": 1e6}, "limit_m"),
        ({"cell_m": 0}, "cell_m"),
        ({"cell_m": np.nan}, "cell_m"),
        ({"max_snap_m": -1}, "max_snap_m"),
        ({"mode": "isochrone"}, "mode"),
    ],
)
def test_senseless_options_are_refused(wrong, word):
    net = town(*STREET)
    with pytest.raises(StudyError, match=word):
        reach_polygons(net, at(net, (500, 0)), **{"limit_m": 400, **wrong})


def test_labels_for_other_places_are_refused():
    with pytest.raises(StudyError, match="1 labels for 2 places"):
        pool_seeds(at(town(*STREET), (300, 0), (900, 0)), ["shop"])


def test_it_can_be_stopped():
    def stop(fraction, message):
        raise Cancelled("stopped")

    net = town(*STREET)
    with pytest.raises(Cancelled):
        reach_polygons(net, at(net, (500, 0)), progress=stop)


def test_cells_measure_what_a_place_there_would():
    net = town(
        [(0, 0), (300, 40), (310, 300), (0, 200)],
        [(0, 1), (1, 2), (3, 0)],
        forward=[1, 1, 0],
        backward=[1, 0, 1],
    )
    cells = snap_cells(net, (189_900, 499_900, 190_400, 500_400), cell_m=20, max_snap_m=80)
    seeds = at(net, (20, 30), (305, 250))
    metres = cells.distances(seeds, limit_m=350)
    rows, columns = np.indices(metres.shape)
    t = cells.transform
    points = np.column_stack(
        [t.c + (columns.ravel() + 0.5) * t.a, t.f + (rows.ravel() + 0.5) * t.e]
    )
    snap = net.snap(points, max_snap_m=80)
    assert np.array_equal(cells.edge.ravel(), snap.edge)
    assert np.allclose(cells.offset_m.ravel(), snap.offset_m, atol=1e-6, equal_nan=True)
    assert np.allclose(cells.access_m.ravel(), snap.access_m, atol=1e-3, equal_nan=True)
    areas = reach_polygons(net, pool_seeds(seeds, [0, 0])[1], limit_m=350, cell_m=1, max_snap_m=80)
    within = shapely.contains_xy(areas[0], *points.T)
    border = shapely.distance(shapely.boundary(areas[0]), shapely.points(points)) < 1.5
    assert (within == np.isfinite(metres.ravel()))[~border].all()
    assert np.isfinite(metres).sum() > 100
