"""Squares of any shape: walks over them are the shortest ways that stay on the ground."""

from __future__ import annotations

import tempfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from reach_oracle import ground_m
from square_oracle import CORNER, Oracle, Plan

from geowoonzorg.walk.access import join_network
from geowoonzorg.walk.cells import snap_cells
from geowoonzorg.walk.route import routes
from geowoonzorg.walk.service_area import iter_pairs, nearest, nearest_few, service_areas

CLOSE_M = 2e-5


def star(rng, centre, least, most, n):
    """A ring around a centre, with corners at random distances from it."""
    angle = np.sort(rng.uniform(0, 2 * np.pi, n))
    gaps = np.diff(np.append(angle, angle[0] + 2 * np.pi))
    if gaps.max() > 2.8 or gaps.min() < 0.05:
        angle = np.linspace(0, 2 * np.pi, n, endpoint=False) + rng.uniform(0, 0.05, n)
    radius = rng.uniform(least, most, n)
    return np.asarray(centre) + np.column_stack([np.cos(angle), np.sin(angle)]) * radius[:, None]


def draw(rng, shape):
    """A town with squares of one shape."""
    plan = Plan()
    if shape in ("star", "holes", "touching"):
        shell = plan.add(*star(rng, (0, 0), 40, 100, int(rng.integers(4, 14))))
        rings = [shell]
        if shape == "holes":
            # one of them may poke through the shell or the other
            centres = [(-12, -12), (14, 9)][: int(rng.integers(1, 3))]
            corners = [star(rng, centre, 4, 11, int(rng.integers(3, 7))) for centre in centres]
            rings += [plan.add(*ring) for ring in corners]
        if shape == "touching":  # a hole that hangs on a corner of the shell
            at = int(np.argmin(np.hypot(*np.array([plan.nodes[n] for n in shell]).T)))
            x, y = plan.nodes[shell[at]]
            side = np.array([-y, x]) * 0.1
            rings.append(
                [
                    shell[at],
                    *plan.add(
                        (x * 0.5 + side[0], y * 0.5 + side[1]),
                        (x * 0.5 - side[0], y * 0.5 - side[1]),
                    ),
                ]
            )
        plan.squares.append(rings)
    elif shape == "bent":
        a, b = rng.uniform(15, 40, 2)
        corners = [
            (0, 0),
            (100, 0),
            (100, a),
            (60, a),
            (60, 90),
            (100 + a, 90),
            (100 + a, 90 + b),
            (0, 90 + b),
        ]
        plan.squares.append([plan.add(*corners)])
    elif shape == "neighbours":  # share a side
        shell = plan.add((-60, -50), (0, -40 + rng.uniform(-5, 5)), (5, 45), (-55, 60), (-70, 10))
        plan.squares.append([shell])
        plan.squares.append([[shell[1], *plan.add((70, -30), (40, 10), (80, 50)), shell[2]]])
    elif shape == "corner":  # share a node
        shell = plan.add((-60, -50), (0, -40), (-5, 45), (-55, 60))
        plan.squares.append([shell])
        plan.squares.append([[shell[1], *plan.add((70, -80), (60, 10), (30, -20))]])
    every = [n for square in plan.squares for ring in square for n in ring]
    some = rng.choice(sorted(set(every)), size=int(rng.integers(1, 5)), replace=False).tolist()
    some += [plan.squares[0][0][0]]
    far = [plan.leave(n) for n in sorted(set(some))]
    if len(far) > 1 and rng.random() < 0.5:
        plan.streets.append([far[0], far[1]])
    if rng.random() < 0.5 and len(plan.squares[0][0]) > 3:  # a way that crosses the square
        a, b = (plan.squares[0][0][i] for i in (0, 2))
        (middle,) = plan.add(
            np.mean([plan.nodes[a], plan.nodes[b]], axis=0) + rng.uniform(-1, 1, 2)
        )
        plan.streets.append([a, middle, b])
    return plan


SHAPES = ("star", "holes", "touching", "bent", "neighbours", "corner")


def places(rng, plan, oracle, n):
    """Places on the ground, at corners, on the outline, and a little outside."""
    xy = [oracle.xy[int(rng.choice(oracle.corners))]]
    sides = sorted(oracle.outline)
    for _ in range(n):
        a, b = (oracle.xy[k] for k in sides[int(rng.integers(len(sides)))])
        share = rng.uniform()
        across = np.array([-(b - a)[1], (b - a)[0]]) / np.hypot(*(b - a))
        xy.append(a + share * (b - a) + across * rng.choice([0.0, rng.uniform(-12, 12)]))
        xy.append(CORNER + rng.uniform(-70, 70, 2))
    return np.array(xy)


def frame(xy, letter):
    ids = [f"{letter}{i:03d}" for i in range(len(xy))]
    return gpd.GeoDataFrame({"id": ids}, geometry=gpd.points_from_xy(*xy.T), crs=28992)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), shape=st.sampled_from(SHAPES))
def test_a_walk_is_the_shortest_way_on_the_ground(seed, shape):
    rng = np.random.default_rng(seed)
    plan = draw(rng, shape)
    oracle = Oracle(plan)
    homes, shops = places(rng, plan, oracle, 6), places(rng, plan, oracle, 3)
    with tempfile.TemporaryDirectory() as folder:
        net = plan.network(Path(folder))
    expected = oracle.metres(homes, shops)
    origins, facilities = frame(homes, "h"), frame(shops, "s")
    table = pd.concat(iter_pairs(net, origins, facilities))
    got = np.full(expected.shape, np.inf)
    got[table["origin_id"].cat.codes, table["facility_id"].cat.codes] = table["distance_m"]
    np.testing.assert_allclose(got, expected, atol=CLOSE_M)
    best = nearest(net, origins, facilities)["distance_m"].to_numpy()
    np.testing.assert_allclose(
        np.where(np.isnan(best), np.inf, best), expected.min(axis=1), atol=CLOSE_M
    )
    few = nearest_few(net, origins, facilities, k=2)
    np.testing.assert_allclose(
        few.groupby("origin_id")["distance_m"].apply(list).tolist(),
        np.sort(expected[np.isfinite(expected[:, 0])], axis=1)[:, :2], atol=CLOSE_M,
    )  # fmt: skip


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), shape=st.sampled_from(SHAPES))
def test_a_route_is_drawn_on_the_ground_and_as_long_as_its_walk(seed, shape):
    rng = np.random.default_rng(seed)
    plan = draw(rng, shape)
    oracle = Oracle(plan)
    homes, shops = places(rng, plan, oracle, 3), places(rng, plan, oracle, 1)
    with tempfile.TemporaryDirectory() as folder:
        net = plan.network(Path(folder))
    expected = oracle.metres(homes, shops)
    pairs = pd.DataFrame(
        [(f"h{i:03d}", f"s{j:03d}") for i in range(len(homes)) for j in range(len(shops))],
        columns=["origin_id", "facility_id"],
    )
    way = routes(net, frame(homes, "h"), frame(shops, "s"), pairs)
    np.testing.assert_allclose(way["distance_m"].fillna(np.inf), expected.ravel(), atol=CLOSE_M)
    there = way[way["distance_m"].notna()]
    legs = {f"h{i:03d}": oracle.leg(xy) for i, xy in enumerate(homes)}
    legs |= {f"s{j:03d}": oracle.leg(xy) for j, xy in enumerate(shops)}
    both = there["origin_id"].map(legs) + there["facility_id"].map(legs)
    np.testing.assert_allclose(there["length_m"] + both, there["distance_m"], atol=CLOSE_M)
    ground = shapely.union(oracle.wider, shapely.union_all(oracle.lines).buffer(1e-3))
    for line, metres in zip(there.geometry, there["length_m"], strict=True):
        xy = shapely.get_coordinates(line)
        if len(xy):
            assert ground.covers(line)
            assert abs(ground_m(xy[:-1], xy[1:]).sum() - metres) < CLOSE_M


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), shape=st.sampled_from(SHAPES))
def test_the_streets_within_a_limit_are_those_whose_walk_is(seed, shape):
    rng = np.random.default_rng(seed)
    plan = draw(rng, shape)
    oracle = Oracle(plan)
    shops = places(rng, plan, oracle, 2)
    limits = np.sort(rng.uniform(20, 200, 2)).round(3)
    with tempfile.TemporaryDirectory() as folder:
        net = plan.network(Path(folder))
    areas = service_areas(net, frame(shops, "s"), limit_m=limits)
    picked = np.repeat(np.arange(len(oracle.segments)), 3)
    share = (
        rng.uniform(0, 0.1, len(picked)) if rng.random() < 0.3 else rng.uniform(0, 1, len(picked))
    )
    points = shapely.line_interpolate_point(oracle.lines[picked], share, normalized=True)
    metres = oracle.metres(shapely.get_coordinates(points), shops)
    for k, (shop, limit) in enumerate((s, m) for s in range(len(shops)) for m in limits):
        line, length = areas.geometry.iloc[k], areas["length_m"].iloc[k]
        if line is None:
            assert not np.isfinite(metres[:, shop]).any()
            continue
        sure = np.abs(metres[:, shop] - limit) > 1e-3
        inside = shapely.dwithin(points, line, 1e-5)
        assert (inside == (metres[:, shop] <= limit))[sure].all()
        xy, of = shapely.get_coordinates(shapely.get_parts(line), return_index=True)
        same = np.diff(of) == 0
        assert (
            abs(ground_m(xy[:-1][same], xy[1:][same]).sum() - length) < 1e-4
            if len(xy)
            else length == 0
        )
        assert abs(line.length - shapely.union_all(line).length) < 1e-3  # each metre once


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), shape=st.sampled_from(SHAPES), legs=st.booleans())
def test_the_ground_within_a_limit_is_that_whose_walk_is(seed, shape, legs):
    rng = np.random.default_rng(seed)
    plan = draw(rng, shape)
    oracle = Oracle(plan)
    shops = places(rng, plan, oracle, 1)[:2]
    limits = np.sort(rng.uniform(30, 150, 2)).round(3)
    with tempfile.TemporaryDirectory() as folder:
        net = plan.network(Path(folder))
    areas = service_areas(
        net, frame(shops, "s"), limit_m=limits, shape="polygons", access_legs=legs
    )
    points = CORNER + rng.uniform(-120, 120, (60, 2))
    metres = oracle.metres(points, shops)
    away = [np.array([oracle.leg(xy) for xy in group]) for group in (points, shops)]
    if not legs:
        metres -= away[0][:, None] + away[1]
    metres[away[0] > 100] = np.inf
    for k, (shop, limit) in enumerate((s, m) for s in range(len(shops)) for m in limits):
        area = areas.geometry.iloc[k]
        assert area.is_valid
        wrong = shapely.intersects_xy(area, points) != (metres[:, shop] <= limit)
        border = shapely.boundary(area)
        assert (shapely.distance(border, shapely.points(points[wrong])) < 7.1).all()
        on_ground = shapely.intersects_xy(oracle.ground, points) & wrong
        assert (np.abs(metres[on_ground, shop] - limit) < 0.1).all()
    cells = snap_cells(net, (*(CORNER - 60), *(CORNER + 60)), cell_m=20)
    row, column = np.indices(cells.edge.shape).reshape(2, -1)
    grid = cells.transform
    centres = np.column_stack([grid.c + (column + 0.5) * grid.a, grid.f + (row + 0.5) * grid.e])
    found = cells.distances(join_network(net, frame(shops, "s")), limit_m=500, access_legs=legs)
    expected = Oracle(plan).metres(centres, shops)
    if not legs:
        away = [np.array([oracle.leg(xy) for xy in group]) for group in (centres, shops)]
        expected -= away[0][:, None] + away[1]
    np.testing.assert_allclose(found.ravel(), expected.min(axis=1), atol=1e-4)
