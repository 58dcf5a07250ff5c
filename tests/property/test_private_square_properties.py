"""Private squares of any shape: a walk begins or ends on them, straight over the ground, and passes none."""

from __future__ import annotations

import tempfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from private_square_oracle import TwoGrounds
from reach_oracle import ground_m
from square_oracle import CORNER, Plan

from geowoonzorg.walk.access import join_network
from geowoonzorg.walk.cells import snap_cells
from geowoonzorg.walk.network import WalkNetwork
from geowoonzorg.walk.rebuilding import rebuild
from geowoonzorg.walk.route import routes
from geowoonzorg.walk.service_area import iter_pairs, nearest, service_areas

CLOSE_M = 2e-5
SHAPES = ("star", "hole", "bent", "two", "corner", "beside", "inside", "upon", "drive", "street")


def star(rng, centre, least, most, n):
    """A ring around a centre, with corners at random distances from it."""
    angle = np.linspace(0, 2 * np.pi, n, endpoint=False) + rng.uniform(-0.1, 0.1, n)
    radius = rng.uniform(least, most, n)
    return np.asarray(centre) + np.column_stack([np.cos(angle), np.sin(angle)]) * radius[:, None]


def one_square(rng, plan, shape):
    """A square by itself: with a hole, with a drive to it, or with streets along its side and across."""
    rings = [plan.add(*star(rng, (0, 0), 40, 100, int(rng.integers(5, 12))))]
    if shape == "hole":
        rings.append(plan.add(*star(rng, (3, -4), 8, 25, 5)))
    plan.squares.append(rings)
    if shape == "drive":  # from the square to a street that is somewhere else
        (end,) = plan.add((0, 160))
        plan.drives.append([rings[0][2], end])
        plan.leave(end)
    if shape == "street":
        plan.streets.append(rings[0][:3])
        plan.streets.append([rings[0][0], *plan.add(rng.uniform(-5, 5, 2)), rings[0][3]])


def two_squares(rng, plan, shape):
    """Two that share a side or a node, or a private one in a public one, as its hole or drawn upon it."""
    if shape in ("inside", "upon"):
        shell = plan.add(*star(rng, (0, 0), 80, 110, 7))
        terrace = plan.add(*star(rng, (-5, 8), 15, 40, int(rng.integers(4, 8))))
        plan.squares += [[shell, terrace], [terrace]]
        plan.upon = shape == "upon"
        plan.streets.append([terrace[0], shell[0]])
        return
    shell = plan.add((-60, -50), (0, -40 + rng.uniform(-5, 5)), (5, 45), (-55, 60), (-70, 10))
    other = [shell[1], *plan.add((70, -30), (40, 10), (80, 50)), shell[2]]
    if shape == "corner":
        other = [shell[1], *plan.add((70, -80), (60, 10), (30, -20))]
    plan.squares += [[shell], [other]]


def draw(rng, shape):
    """A town with private squares of one shape, streets that touch them, and perhaps a way round."""
    plan = Plan()
    if shape == "bent":
        a, b = rng.uniform(15, 40, 2)
        x, y = [0, 100, 100, 60, 60, 140, 140, 0], [0, 0, a, a, 90, 90, 90 + b, 90 + b]
        plan.squares.append([plan.add(*zip(x, y, strict=True))])
    elif shape in ("two", "corner", "beside", "inside", "upon"):
        two_squares(rng, plan, shape)
    else:
        one_square(rng, plan, shape)
    plan.private = {1} if shape in ("beside", "inside", "upon") else set(range(len(plan.squares)))
    if shape == "corner" and rng.random() < 0.5:
        plan.private = {1}
    plan.related = {
        k
        for k in range(len(plan.squares))
        if shape not in ("inside", "upon") and rng.random() < 0.5
    }
    every = sorted({n for square in plan.squares for n in square[0]})
    some = rng.choice(every, size=int(rng.integers(2, 5)), replace=False).tolist()
    public = shapely.union_all([
        shapely.Polygon([plan.nodes[n] for n in rings[0]]).buffer(-1e-6)
        for k, rings in enumerate(plan.squares) if k not in plan.private
    ])  # fmt: skip
    far = []
    for node in sorted({*some, plan.squares[0][0][0]}):
        far.append(plan.leave(node))
        if shapely.LineString([plan.nodes[node], plan.nodes[far[-1]]]).intersects(public):
            plan.streets.pop()  # across a square, and no node where it leaves that
    if rng.random() < 0.7:
        plan.streets.append([far[0], far[1]])
    return plan


def places(rng, plan, oracle, n):
    """Places on either ground, at corners, on outlines, and a little outside."""
    both = oracle.public, oracle.plots
    corners = [one.xy[node] for one in both for node in one.corners]
    xy = [corners[int(rng.integers(len(corners)))]]
    for _ in range(n):
        ring = np.array([oracle.plots.xy[node] for node in oracle.plots.corners])
        mix = rng.dirichlet(np.ones(len(ring)) * 0.5)
        xy += [mix @ ring, CORNER + rng.uniform(-90, 130, 2)]
    return np.array(xy)


def frame(xy, letter):
    ids = [f"{letter}{i:03d}" for i in range(len(xy))]
    return gpd.GeoDataFrame({"id": ids}, geometry=gpd.points_from_xy(*xy.T), crs=28992)


def network(plan):
    with tempfile.TemporaryDirectory() as folder:
        return plan.network(Path(folder))


def matrix(net, homes, shops):
    table = pd.concat(iter_pairs(net, frame(homes, "h"), frame(shops, "s")))
    got = np.full((len(homes), len(shops)), np.inf)
    got[table["origin_id"].cat.codes, table["facility_id"].cat.codes] = table["distance_m"]
    return got


@settings(max_examples=14, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), shape=st.sampled_from(SHAPES))
def test_a_walk_begins_and_ends_over_the_ground_and_passes_none(seed, shape):
    rng = np.random.default_rng(seed)
    plan = draw(rng, shape)
    oracle = TwoGrounds(plan)
    homes, shops = places(rng, plan, oracle, 5), places(rng, plan, oracle, 3)
    net = network(plan)
    expected = oracle.metres(homes, shops)
    np.testing.assert_allclose(matrix(net, homes, shops), expected, atol=CLOSE_M)
    best = nearest(net, frame(homes, "h"), frame(shops, "s"))["distance_m"].to_numpy()
    np.testing.assert_allclose(
        np.where(np.isnan(best), np.inf, best), expected.min(axis=1), atol=CLOSE_M
    )
    with tempfile.TemporaryDirectory() as folder:
        net.save(Path(folder) / "net.npz")
        again = WalkNetwork.load(Path(folder) / "net.npz")
    np.testing.assert_array_equal(matrix(again, homes, shops), matrix(net, homes, shops))
    anew = rebuild(net).network
    np.testing.assert_allclose(matrix(anew, homes, shops), expected, atol=CLOSE_M)
    whole = net.crop([*(CORNER - 3000), *(CORNER + 3000)])
    np.testing.assert_allclose(matrix(whole, homes, shops), expected, atol=CLOSE_M)


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), shape=st.sampled_from(SHAPES))
def test_a_route_is_drawn_on_ground_where_one_may_be_and_as_long_as_its_walk(seed, shape):
    rng = np.random.default_rng(seed)
    plan = draw(rng, shape)
    oracle = TwoGrounds(plan)
    homes, shops = places(rng, plan, oracle, 3), places(rng, plan, oracle, 1)
    expected = oracle.metres(homes, shops)
    pairs = pd.DataFrame(
        [(f"h{i:03d}", f"s{j:03d}") for i in range(len(homes)) for j in range(len(shops))],
        columns=["origin_id", "facility_id"],
    )
    way = routes(network(plan), frame(homes, "h"), frame(shops, "s"), pairs)
    np.testing.assert_allclose(way["distance_m"].fillna(np.inf), expected.ravel(), atol=CLOSE_M)
    there = way[way["distance_m"].notna()]
    both = [oracle.leg(homes[int(o[1:])]) + oracle.leg(shops[int(f[1:])])
            for o, f in there[["origin_id", "facility_id"]].to_numpy()]  # fmt: skip
    np.testing.assert_allclose(there["length_m"] + both, there["distance_m"], atol=CLOSE_M)
    grounds = [
        shapely.union(one.wider, shapely.union_all(one.lines).buffer(1e-3))
        for one in (oracle.public, oracle.plots)
    ]
    ground = shapely.union_all(grounds)
    for line, metres in zip(there.geometry, there["length_m"], strict=True):
        xy = shapely.get_coordinates(line)
        if len(xy):
            assert ground.covers(line)
            assert abs(ground_m(xy[:-1], xy[1:]).sum() - metres) < CLOSE_M


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), shape=st.sampled_from(SHAPES))
def test_the_streets_within_a_limit_are_those_whose_walk_is(seed, shape):
    rng = np.random.default_rng(seed)
    plan = draw(rng, shape)
    oracle = TwoGrounds(plan)
    shops = places(rng, plan, oracle, 2)
    limits = np.sort(rng.uniform(20, 200, 2)).round(3)
    areas = service_areas(network(plan), frame(shops, "s"), limit_m=limits)
    picked = np.repeat(np.arange(len(oracle.public.segments)), 3)
    lines, share = oracle.public.lines[picked], rng.uniform(0, 1, len(picked))
    points = shapely.line_interpolate_point(lines, share, normalized=True)
    metres = oracle.metres(shapely.get_coordinates(points), shops)
    for k, (shop, limit) in enumerate((s, m) for s in range(len(shops)) for m in limits):
        line, length = areas.geometry.iloc[k], areas["length_m"].iloc[k]
        if line is None:
            continue
        sure = np.abs(metres[:, shop] - limit) > 1e-3
        inside = shapely.dwithin(points, line, 1e-5)
        assert (inside == (metres[:, shop] <= limit))[sure].all()
        assert abs(line.length - shapely.union_all(line).length) < 1e-3  # each metre once
        assert abs(line.length - length) < 1e-3 * length + 1e-4


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), shape=st.sampled_from(SHAPES))
def test_the_ground_within_a_limit_is_that_whose_walk_is(seed, shape):
    rng = np.random.default_rng(seed)
    plan = draw(rng, shape)
    oracle = TwoGrounds(plan)
    shops = places(rng, plan, oracle, 1)[:2]
    limits = np.sort(rng.uniform(30, 150, 2)).round(3)
    net = network(plan)
    areas = service_areas(net, frame(shops, "s"), limit_m=limits, shape="polygons")
    points = CORNER + rng.uniform(-120, 120, (60, 2))
    metres = oracle.metres(points, shops)
    standing = shapely.union(oracle.public.ground, oracle.plots.ground)
    for k, (shop, limit) in enumerate((s, m) for s in range(len(shops)) for m in limits):
        area = areas.geometry.iloc[k]
        if area is None:
            continue
        assert area.is_valid
        wrong = shapely.intersects_xy(area, points) != (metres[:, shop] <= limit)
        border = shapely.boundary(area)
        assert (shapely.distance(border, shapely.points(points[wrong])) < 7.1).all()
        on_ground = shapely.intersects_xy(standing, points) & wrong
        assert (np.abs(metres[on_ground, shop] - limit) < 0.1).all()
    cells = snap_cells(net, (*(CORNER - 60), *(CORNER + 60)), cell_m=20)
    row, column = np.indices(cells.edge.shape).reshape(2, -1)
    grid = cells.transform
    centres = np.column_stack([grid.c + (column + 0.5) * grid.a, grid.f + (row + 0.5) * grid.e])
    found = cells.distances(join_network(net, frame(shops, "s")), limit_m=500).ravel()
    expected = TwoGrounds(plan).metres(centres, shops).min(axis=1)
    near = expected <= 499.0
    np.testing.assert_allclose(found[near], expected[near], atol=1e-4)
    assert np.isnan(found[expected > 501.0]).all()
