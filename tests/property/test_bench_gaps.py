"""The longest stretch without a bench, against shapely's own distances and places along a line."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geowoonzorg.walk.kernels.benches import longest_gaps

NEAR_M = 15.0
at = st.tuples(st.integers(0, 300), st.integers(0, 300))


def by_shapely(line, length, benches):
    shape = shapely.LineString(line)
    on = [b for b in map(shapely.Point, benches) if shapely.distance(shape, b) <= NEAR_M]
    stops = sorted(shapely.line_locate_point(shape, b, normalized=True) * length for b in on)
    return float(np.diff([0.0, *stops, length]).max())


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.lists(at, min_size=2, max_size=7), min_size=1, max_size=4),
    st.lists(at, max_size=12),
)
def test_stretches_are_those_between_the_benches_along_the_way(lines, benches):
    lines = [[p for i, p in enumerate(line) if not i or p != line[i - 1]] for line in lines]
    lines = [line for line in lines if len(line) > 1]
    xy = np.array([p for line in lines for p in line], float).reshape(-1, 2)
    start = np.cumsum([0, *map(len, lines)])
    length = np.array([1.01 * shapely.LineString(line).length for line in lines])
    by_x = np.array(sorted(benches), float).reshape(-1, 2)
    found = longest_gaps(start, xy, length, by_x[:, 0].copy(), by_x[:, 1].copy(), NEAR_M)
    wanted = [by_shapely(line, metres, benches) for line, metres in zip(lines, length, strict=True)]
    assert np.allclose(found, wanted, rtol=0, atol=1e-9)


def test_a_way_that_stays_where_it_is_has_no_stretch():
    none = np.empty((0, 2))
    found = longest_gaps(
        np.array([0, 0]), none, np.zeros(1), np.array([5.0]), np.array([5.0]), NEAR_M
    )
    assert found.tolist() == [0.0]
