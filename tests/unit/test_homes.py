"""Homes shared out over sites, against every way in which they can be."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geowoonzorg.choosing.conflicts import binding, conflicting
from geowoonzorg.choosing.homes import (
    Bound,
    HomesAsked,
    most_that_fit,
    next_best,
    share_homes,
)
from geowoonzorg.errors import Cancelled


def ways(asked, *, up_to=False):
    """Every way to share the homes out that keeps all bounds."""
    options = [
        [x for x in range(min(most, asked.homes) + 1) if x == 0 or x >= least]
        for least, most in zip(asked.least, asked.most, strict=True)
    ]
    for one in itertools.product(*options):
        homes = np.array(one)
        if homes.sum() != asked.homes and not (up_to and homes.sum() <= asked.homes):
            continue
        if all(bound.holds(homes) for bound in asked.bounds):
            yield homes


@st.composite
def programmes(draw, most_sites=6):
    n = draw(st.integers(1, most_sites))
    whole = st.integers(0, 7)
    most = np.array(draw(st.lists(whole, min_size=n, max_size=n)))
    least = np.array([draw(st.integers(0, int(one))) for one in most])
    gain = np.array(
        draw(st.lists(st.sampled_from([10.0, 42.5, 60.0, 61.0, 90.0]), min_size=n, max_size=n))
    )
    bounds = []
    group = np.array(draw(st.lists(st.integers(0, 1), min_size=n, max_size=n)))
    for one in draw(st.lists(st.integers(0, 1), max_size=2, unique=True)):
        inside = (group == one).astype(float)
        bounds.append(
            Bound("max_share_per_wijk", f"WK{one}", inside, float(draw(st.integers(0, 8))))
        )
    for site in draw(st.lists(st.integers(0, n - 1), max_size=2, unique=True)):
        inside = np.array(draw(st.lists(st.booleans(), min_size=n, max_size=n)))
        inside[site] = True
        adds = np.array(
            draw(st.lists(st.sampled_from([-1.5, -0.5, 0.5, 2.0]), min_size=n, max_size=n))
        )
        room = draw(st.sampled_from([-3.0, -0.75, 0.0, 2.25, 9.0]))
        bounds.append(Bound("max_balance", f"s{site}", np.where(inside, adds, 0.0), room, inside))
    return HomesAsked(gain, least, most, draw(st.integers(1, 12)), tuple(bounds))


@settings(max_examples=60, deadline=None)
@given(programmes())
def test_no_way_is_better_and_where_there_is_none_it_says_so(asked):
    every = list(ways(asked))
    found = share_homes(asked)
    if not every:
        assert found.status == "infeasible"
        assert most_that_fit(asked) == max(homes.sum() for homes in ways(asked, up_to=True))
        return
    best = max(asked.gain @ homes for homes in every)
    assert found.status == "optimal"
    assert found.gap == 0
    assert found.objective == pytest.approx(best)
    assert any((found.homes == homes).all() for homes in every)

    used = found.homes > 0
    others = [asked.gain @ homes for homes in every if not (homes[used] > 0).all()]
    other = next_best(asked, found.homes)
    if others:
        assert other.objective == pytest.approx(max(others))
        assert not (other.homes[used] > 0).all()
    else:
        assert other.status == "infeasible"


@settings(max_examples=40, deadline=None)
@given(programmes(most_sites=4))
def test_a_conflict_is_one_and_without_any_of_it_the_homes_fit(asked):
    if any(True for _ in ways(asked)):
        return
    conflict = conflicting(asked)
    assert conflict[0] == ("homes", "")

    def fits(kept):
        kinds = {kind for kind, _ in kept}
        fewer = asked.without({"n_woningen", "min_woningen"} - kinds)
        bounds = tuple(one for one in fewer.bounds if (one.kind, one.of) in kept)
        left = HomesAsked(fewer.gain, fewer.least, fewer.most, fewer.homes, bounds)
        return any(True for _ in ways(left))

    assert not fits(conflict[1:])
    for one in conflict[1:]:
        assert fits([other for other in conflict[1:] if other != one]), one


@settings(max_examples=30, deadline=None)
@given(programmes(most_sites=5))
def test_what_a_reached_bound_costs_is_what_the_best_without_it_has_more(asked):
    every = list(ways(asked))
    if not every:
        return
    found = share_homes(asked)
    best = max(asked.gain @ homes for homes in every)
    for one in binding(asked, found):
        assert one.cost > 0
        if not one.of:
            freed = asked.without([one.kind])
        else:
            bound = next(b for b in asked.bounds if (b.kind, b.of) == (one.kind, one.of))
            freed = asked.less(bound)
        free = max(asked.gain @ homes for homes in ways(freed))
        assert one.cost == pytest.approx(free - best, abs=1e-5)
    # what costs something was reached
    told = {(one.kind, one.of) for one in binding(asked, found)}
    for bound in asked.bounds:
        if max(asked.gain @ homes for homes in ways(asked.less(bound))) > best + 1e-6:
            assert (bound.kind, bound.of) in told


def seeded(case):
    """Six sites of which the homes cannot all fit, for one reason each."""
    gain, most = np.array([80.0, 70, 60, 50, 40, 30]), np.full(6, 4)
    least, ones = np.zeros(6, dtype=int), np.ones(6)
    west = np.array([1.0, 1, 1, 0, 0, 0])
    cases = {
        "capacity": (HomesAsked(gain, least, most, 25), {("n_woningen", "")}),
        "minimum": (
            HomesAsked(gain, np.full(6, 4), most, 11),
            {("n_woningen", ""), ("min_woningen", "")},
        ),
        "wijk": (
            HomesAsked(
                gain, least, most, 12,
                (Bound("share", "W", west, 5.0), Bound("share", "O", 1 - west, 6.0), Bound("year", "", west, 90.0)),
            ),
            {("share", "W"), ("share", "O")},
        ),
        "balance": (
            HomesAsked(
                gain, least, most, 12,
                (Bound("balance", "a", ones, 11.0, ones > 0), Bound("balance", "b", west, 40.0, west > 0)),
            ),
            {("balance", "a")},
        ),
    }  # fmt: skip
    return cases[case]


@pytest.mark.parametrize("case", ["capacity", "minimum", "wijk", "balance"])
def test_what_was_made_to_conflict_is_named(case):
    asked, conflict = seeded(case)
    assert not any(True for _ in ways(asked))
    assert share_homes(asked).status == "infeasible"
    assert set(conflicting(asked)) - {("homes", "")} == conflict


def test_homes_that_carry_may_only_come_where_enough_of_them_do():
    """A catchment that is out of balance is left alone, or gets the three homes that mend it."""
    mends = Bound("max_balance", "a", np.array([-1.0, 0.0]), -2.5, np.array([True, False]))
    asked = HomesAsked(
        np.array([90.0, 50.0]), np.zeros(2, dtype=int), np.array([9, 9]), 2, (mends,)
    )
    assert share_homes(asked).homes.tolist() == [0, 2]
    assert share_homes(
        HomesAsked(asked.gain, asked.least, asked.most, 4, (mends,))
    ).homes.tolist() == [4, 0]


def test_who_stops_it_before_there_is_anything_is_told():
    def stop(fraction, message):
        raise Cancelled("cancelled; nothing was written")

    two = HomesAsked(np.array([80.0, 50.0]), np.zeros(2, dtype=int), np.array([20, 40]), 24)
    with pytest.raises(Cancelled):
        share_homes(two, progress=stop)
