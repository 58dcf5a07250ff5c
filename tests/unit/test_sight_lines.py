"""Sight lines over squares are those of every pair of corners held against every side."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geowoonzorg.walk.kernels import visibility
from geowoonzorg.walk.kernels.seeing import GAP_M, NEAR_M, within
from geowoonzorg.walk.square_plan import Outline, plan_squares
from geowoonzorg.walk.squares import lay_ground

BASE = np.array([190_000.0, 507_000.0])


def ground_of(rings, enters):
    """Lay the ground of one square, of rings without their last point again."""
    first = np.cumsum([0, *map(len, rings)])
    points = [np.append(np.arange(a, b), a) for a, b in pairwise(first)]
    lines = [np.vstack([ring, ring[:1]]) + BASE for ring in rings]
    outline = Outline("w1", points, lines)
    plan = plan_squares([outline], np.zeros(1, np.int32), [enters[np.concatenate(points)]])
    corners = np.arange(len(plan.corner_xy), dtype=np.int32)
    return lay_ground(plan.squares._replace(corner_node=corners), plan.corner_xy)


def cross(a, b):
    return a[0] * b[1] - a[1] * b[0]


class Slowly:
    """Sight lines without a grid, an order or a memory."""

    def __init__(self, ground):
        self.ground = ground
        ends = [pairwise(ground.xy[a:b]) for a, b in pairwise(ground.ring_start)]
        self.sides = [side for ring in ends for side in ring]

    def is_within(self, x, y):
        above = [(a, b) for a, b in self.sides if (a[1] > y) != (b[1] > y)]
        return sum(a[0] + (b[0] - a[0]) * (y - a[1]) / (b[1] - a[1]) < x for a, b in above) % 2 == 1

    def sees(self, p, q):
        length = float(np.hypot(*(q - p)))
        if length <= NEAR_M:
            return True
        u = (q - p) / length
        hits, along = {0.0, length}, []
        for a, b in self.sides:
            off, at = (cross(u, a - p), cross(u, b - p)), (u @ (a - p), u @ (b - p))
            near = [abs(one) <= NEAR_M for one in off]
            if not any(near):
                if off[0] * off[1] > 0:
                    continue
                t = at[0] + (at[1] - at[0]) * off[0] / (off[0] - off[1])
                slope = abs(off[0] - off[1]) / np.hypot(*(b - a))
                if min(t, length - t) * slope > NEAR_M:
                    return False
            hits |= {min(max(t, 0.0), length) for t, is_near in zip(at, near, strict=True)
                     if is_near and -NEAR_M <= t <= length + NEAR_M}  # fmt: skip
            if all(near):
                along.append((min(at), max(at)))
        for begin, end in pairwise(sorted(hits)):
            middle = (begin + end) / 2
            if end - begin > GAP_M and not (
                any(low <= middle <= high for low, high in along)
                or self.is_within(*(p + middle * u))
            ):
                return False
        return True

    def turns(self, k, place):
        """Whether a shortest way may go on at a corner, from a place that may lie on the ground there."""
        if self.ground.free[k]:
            return True
        corner = self.ground.corner_xy[k]
        w, before, after = (
            corner - place,
            self.ground.before[k] - corner,
            self.ground.after[k] - corner,
        )
        sides = sorted((cross(w, before), cross(w, after)))
        slack = NEAR_M * np.hypot(*w)
        if sides[0] < -slack and sides[1] > slack:
            return False
        on = cross(after, -w) >= -slack, cross(before, -w) <= slack
        return bool(on[0] or on[1]) if cross(after, before) < 0 else True

    def lines(self):
        xy = self.ground.corner_xy
        return [
            [i, j]
            for i, j in combinations(range(len(xy)), 2)
            if self.turns(i, xy[j]) and self.turns(j, xy[i]) and self.sees(xy[i], xy[j])
        ]


def star(rng):
    angle = np.sort(rng.uniform(0, 2 * np.pi, int(rng.integers(4, 16))))
    far = rng.uniform(30, 100, len(angle))
    return [np.column_stack([np.cos(angle), np.sin(angle)]) * far[:, None]]


def blocks(rng):
    """Rings on a lattice, so that much lies in one line: boxes with boxes out of them, and points more."""
    corner = rng.integers(0, 8, (6, 2)) * 10.0
    size = rng.integers(1, 5, (6, 2)) * 10.0
    boxes = shapely.box(*corner.T, *(corner + size).T)
    left = shapely.difference(shapely.union_all(boxes[:4]), shapely.union_all(boxes[4:]))
    largest = max(shapely.get_parts(left), key=shapely.area, default=boxes[0])
    if shapely.is_empty(largest):
        largest = boxes[0]
    if rng.random() < 0.5:
        largest = shapely.segmentize(largest, 15.0)
    turned = shapely.get_coordinates(largest) @ np.array([[0.8, 0.6], [-0.6, 0.8]])
    if rng.random() < 0.5:
        largest = shapely.set_coordinates(largest, turned)
    return [shapely.get_coordinates(ring)[:-1] for ring in (largest.exterior, *largest.interiors)]


def comb(rng, n_teeth=None):
    """Teeth with their tips in one line."""
    n_teeth = n_teeth or int(rng.integers(2, 6))
    tooth = [(0, 0), (2, 0), (2, -30), (4, -30)]
    teeth = [(4 * k + x, y) for k in range(n_teeth) for x, y in tooth]
    return [np.array([*teeth, (4 * n_teeth, 0), (4 * n_teeth, 9), (0, 9)], float)]


SHAPES = {"star": star, "blocks": blocks, "comb": comb}


@settings(max_examples=20)
@given(st.integers(0, 2**32 - 1), st.sampled_from(list(SHAPES)), st.sampled_from([0.1, 0.6, 1.0]))
def test_they_are_those_of_every_pair_against_every_side(seed, shape, entrances):
    rng = np.random.default_rng(seed)
    rings = SHAPES[shape](rng)
    ground = ground_of(rings, rng.random(sum(map(len, rings))) < entrances)
    assert visibility.sight_lines(ground).tolist() == Slowly(ground).lines()


@settings(max_examples=20)
@given(st.integers(0, 2**32 - 1), st.sampled_from(list(SHAPES)))
def test_a_place_is_on_the_ground_whichever_way_one_looks(seed, shape):
    rng = np.random.default_rng(seed)
    rings = SHAPES[shape](rng)
    ground = ground_of(rings, np.ones(sum(map(len, rings)), bool))
    slowly = Slowly(ground)
    low, high = ground.xy.min(axis=0) - 5, ground.xy.max(axis=0) + 5
    for x, y in rng.uniform(low, high, (30, 2)):
        assert within(ground, 0, x, y, 0) == within(ground, 0, x, y, 1) == slowly.is_within(x, y)


@pytest.mark.parametrize("n_teeth", [2, 80])
def test_a_long_front_in_one_line_is_seen_along(n_teeth):
    """Every two tips in the line of a comb see each other: nothing in their line is looked for twice."""
    (ring,) = comb(None, n_teeth)
    ground = ground_of([ring], np.ones(len(ring), bool))
    pair = visibility.sight_lines(ground)
    in_line = np.flatnonzero(ground.corner_xy[:, 1] == BASE[1])
    n = len(in_line)
    assert n == 2 * n_teeth + 1
    assert np.isin(pair, in_line).all(axis=1).sum() == n * (n - 1) // 2
