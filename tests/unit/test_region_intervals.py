"""Suppressed counts as intervals: against every whole table there is, and on the published tables."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geowoonzorg.region.intervals import Sum, rounded_interval, rounding_base, tighten


def every_table(low, high, sums):
    """Give the least and greatest of each count over all whole tables, by trying them all."""
    found = [
        table
        for table in itertools.product(
            *(range(int(a), int(b) + 1) for a, b in zip(low, high, strict=True))
        )
        if all(
            sum(table[p] for p in s.parts) == table[s.total]
            if s.exact
            else sum(table[p] for p in s.parts) <= table[s.total]
            for s in sums
        )
    ]
    return (np.min(found, axis=0), np.max(found, axis=0)) if found else None


bounds = st.lists(
    st.tuples(st.integers(0, 4), st.integers(0, 3)).map(lambda pair: (pair[0], sum(pair))),
    min_size=6, max_size=6,
)  # fmt: skip


@given(bounds, st.booleans(), st.booleans())
def test_where_sums_hang_on_each_other_as_a_tree_every_bound_is_reached(given_bounds, one, other):
    """0 = 1 + 2 and 2 = 3 + 4 + 5, each exact or at most."""
    low, high = np.array(given_bounds, dtype=float).T
    sums = [Sum((1, 2), 0, exact=one), Sum((3, 4, 5), 2, exact=other)]
    expected, found = every_table(low, high, sums), tighten(low, high, sums)
    assert bool(found.broken) == (expected is None)
    if expected is not None:
        np.testing.assert_array_equal([found.low, found.high], expected)


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3)), min_size=9, max_size=9))
def test_a_table_with_totals_both_ways_has_the_bounds_of_every_table(cells):
    """Two by two with row totals, column totals and a grand total: its sums meet in a ring."""
    low = np.array([a for a, _ in cells], dtype=float)
    high = low + [b for _, b in cells]
    sums = [
        Sum((0, 1), 4), Sum((2, 3), 5), Sum((0, 2), 6), Sum((1, 3), 7), Sum((4, 5), 8), Sum((6, 7), 8),
    ]  # fmt: skip
    high = np.minimum(high, low + 2)
    expected, found = every_table(low, high, sums), tighten(low, high, sums)
    assert bool(found.broken) == (expected is None)
    if expected is not None:
        np.testing.assert_array_equal([found.low, found.high], expected)


@given(
    st.lists(st.integers(0, 400), min_size=3, max_size=8),
    st.sets(st.integers(0, 7)),
    st.integers(0, 30),
)
def test_the_true_table_is_always_inside(parts, hidden, rest):
    """Parts and their total, rounded to 5, any of them suppressed; the parts may not be all."""
    true = np.array([sum(parts) + rest, *parts], dtype=float)
    published = np.round(true / 5) * 5
    low, high = rounded_interval(published, 5)
    for one in hidden:
        if one < len(true):
            low[one], high[one] = 0.0, np.inf
    found = tighten(low, high, [Sum(tuple(range(1, len(true))), 0, exact=rest == 0)])
    assert not found.broken
    assert (found.low <= true).all()
    assert (true <= found.high).all()


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=12))
def test_rounding_alone_is_no_contradiction(parts):
    published = np.round(np.array([sum(parts), *parts], dtype=float) / 5) * 5
    low, high = rounded_interval(published, 5, whole=False)
    assert not tighten(low, high, [Sum(tuple(range(1, len(parts) + 1)), 0)]).broken


def test_a_contradiction_names_the_sums_that_clash_and_no_other():
    """0 = 1 + 2 cannot be, 3 = 4 + 5 can; 2 = 6 joins them without need."""
    low = np.array([100, 10, 20, 9, 4, 5, 20], dtype=float)
    sums = [Sum((1, 2), 0), Sum((4, 5), 3), Sum((6,), 2)]
    assert tighten(low, low, sums).broken == ((0,),)
    ring = [Sum((1, 2), 0), Sum((1,), 0), Sum((2,), 4)]  # 2 is 20 and no more than 4
    assert tighten(low, low, ring).broken


def test_a_count_without_a_bound_stays_so_and_says_what_it_leaves_the_others():
    low, high = np.array([50.0, 0.0, 0.0]), np.array([50.0, np.inf, np.inf])
    found = tighten(low, high, [Sum((1, 2), 0)])
    assert found.high.tolist() == [50, 50, 50]
    alone = tighten(np.array([0.0]), np.array([np.inf]), [])
    assert np.isinf(alone.high[0])


@pytest.mark.parametrize(
    ("counts", "base"), [([5, 10, 35], 5), ([10, 40], 10), ([3, 10], 1), ([], 1), ([np.nan], 1)]
)
def test_the_base_is_inferred_from_the_table(counts, base):
    assert rounding_base(counts) == base
