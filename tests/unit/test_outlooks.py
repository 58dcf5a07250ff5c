"""What corners of squares add to what is seen: no place gets further by it, and the work follows what is seen."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from square_oracle import CORNER, Plan

from geowoonzorg.walk.access import join_network
from geowoonzorg.walk.kernels import visibility
from geowoonzorg.walk.outlooks import Reached, look_out, sources_of
from geowoonzorg.walk.reach import search_within

LIMIT_M = 400.0


def wavy(n, depth=6.0):
    """A round square of so many corners, every other one sticking into it, that four streets lead to."""
    plan = Plan()
    angle = np.linspace(0, 2 * np.pi, n, endpoint=False)
    radius = 100 - depth * (np.arange(n) % 2)
    ring = plan.add(*np.column_stack([radius * np.cos(angle), radius * np.sin(angle)]) + 100)
    plan.squares.append([ring])
    for node in ring[:: n // 4]:
        plan.leave(node)
    return plan


def holed():
    """A square with buildings on it, some of which touch its border or each other at a corner."""
    plan = Plan()
    shell = plan.add((0, 0), (60, 0), (120, 0), (120, 90), (50, 90), (0, 90))
    holes = [
        [(15, 15), (15, 40), (40, 40), (40, 15)],
        [(40, 40), (40, 70), (60, 70), (60, 40)],
        [(75, 20), (75, 60), (100, 55), (95, 25)],
    ]
    holes = [plan.add(*hole) for hole in holes]
    holes[1][0] = holes[0][2]
    plan.squares.append([shell, *holes])
    for node in (shell[1], shell[4]):
        plan.leave(node)
    return plan


def walks(net, xy):
    places = gpd.GeoDataFrame(geometry=shapely.points(CORNER + xy), crs=28992)
    access = join_network(net, places)
    reached = Reached(*search_within(net, access.seeds, LIMIT_M))
    return sources_of(net, reached, access.spots), access.spots


def nearest_middles(net, sources, seen):
    """Measure how far places along the outline that are seen are from each place, the nearest way."""
    line = net.outline.xy[seen.piece]
    found = {}
    for share in (0.25, 0.5, 0.75):
        there = (seen.begin <= share) & (seen.end >= share)
        at = line[:, :2] + share * (line[:, 2:] - line[:, :2])
        metres = sources.metres[seen.row] + net.scale.lengths(sources.xy[seen.row], at)
        rows = zip(sources.place[seen.row], seen.piece, there, metres, strict=True)
        for place, piece, is_there, m in rows:
            if is_there:
                key = (int(place), int(piece), share)
                found[key] = min(found.get(key, np.inf), float(m))
    return found


@pytest.mark.parametrize(
    "plan", [wavy(24), wavy(60, 30.0), holed()], ids=["wavy", "spiky", "holed"]
)
def test_nothing_is_seen_less_or_later_than_by_looking_everywhere_from_every_corner(plan, tmp_path):
    net = plan.network(tmp_path)
    low, high = shapely.bounds(net.square_areas[0]).reshape(2, 2) - CORNER
    xy = np.random.default_rng(1).uniform(low, high, (12, 2))
    sources, spots = walks(net, xy[shapely.contains_xy(net.square_areas[0], xy + CORNER)])
    outline = net.outline
    nowhere, anywhere = np.full(len(sources.place), -1), np.zeros(len(outline.xy), np.int8)
    row, *seen = visibility.survey(
        net.ground, sources.square, sources.xy, nowhere, outline.start, outline.xy, anywhere
    )
    some = look_out(net, net.outlooks, sources, spots)
    everything = nearest_middles(net, sources, type(some)(row, *seen))
    found = nearest_middles(net, sources, some)
    assert found.keys() == everything.keys()
    assert len(found) > 20
    for key, metres in found.items():
        assert metres == pytest.approx(everything[key], abs=1e-6)
    assert len(some.row) < 0.7 * len(row)


def test_twice_the_corners_see_about_twice_as_much(tmp_path):
    looked = []
    for n in (80, 160, 320):
        (tmp_path / str(n)).mkdir()
        net = wavy(n).network(tmp_path / str(n))
        sources, spots = walks(net, np.array([[100.0, 100.0], [130.0, 90.0]]))
        looked.append(len(look_out(net, net.outlooks, sources, spots).row))
    assert looked[1] < 2.6 * looked[0]
    assert looked[2] < 2.6 * looked[1]
