"""Cells of a ground: each holds its own centre, pieces are what a flood fill finds, layers mean what shapely says."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geowoonzorg.town.ground import Ground, points_within

grids = st.tuples(st.integers(1, 7), st.integers(1, 7)).flatmap(
    lambda shape: st.lists(
        st.booleans(), min_size=shape[0] * shape[1], max_size=shape[0] * shape[1]
    ).map(lambda cells: np.array(cells).reshape(shape))
)


def ground_of(mask, cell_m=25.0, corner=(1_000.0, 2_000.0)):
    return Ground(*corner, cell_m, mask.shape, None, mask)


@given(grids, st.sampled_from([0.3, 1.0, 25.0, 33.3]))
def test_a_cell_holds_its_own_centre_and_no_other(mask, cell_m):
    ground = ground_of(mask, cell_m)
    cells = np.arange(mask.size)
    found = ground.cell_of(ground.centres(cells))
    assert found.tolist() == np.where(mask.ravel(), cells, -1).tolist()
    assert len(set(ground.names(cells))) == mask.size


@settings(deadline=None)
@given(grids, st.randoms(use_true_random=False))
def test_a_piece_is_what_can_be_reached_over_sides(mask, chance):
    ground = ground_of(mask)
    chosen = np.array([chance.random() < 0.6 for _ in range(int(mask.sum()))], dtype=bool)
    open_ = {int(c) for c in np.flatnonzero(mask)[chosen]}
    columns = mask.shape[1]

    def flood(start):
        seen, left = {start}, [start]
        while left:
            row, column = divmod(left.pop(), columns)
            for r, c in (
                (row - 1, column),
                (row + 1, column),
                (row, column - 1),
                (row, column + 1),
            ):
                one = r * columns + c
                if 0 <= r < mask.shape[0] and 0 <= c < columns and one in open_ - seen:
                    seen.add(one)
                    left.append(one)
        return len(seen) * 625.0

    wanted = [flood(int(c)) if c in open_ else 0.0 for c in np.flatnonzero(mask)]
    assert ground.pieces_m2(chosen).tolist() == wanted


@settings(deadline=None)
@given(
    st.lists(st.tuples(*[st.integers(0, 9)] * 4), max_size=4),
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=9),
)
def test_a_point_lies_in_a_layer_or_on_its_edge(corners, places):
    boxes = [
        shapely.box(min(a, c), min(b, d), max(a, c) + 1, max(b, d) + 1) for a, b, c, d in corners
    ]
    xy = np.array(places, float)
    wanted = [any(one.intersects(shapely.Point(p)) for one in boxes) for p in places]
    assert points_within(xy, np.array(boxes, dtype=object)).tolist() == wanted
