"""The best places against every set there is, and what cannot be met."""

from __future__ import annotations

import itertools
from dataclasses import replace
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geowoonzorg.ask import _spots
from geowoonzorg.ask._looked import look_at
from geowoonzorg.ask._spots import pick_spots
from geowoonzorg.choosing import few, spots
from geowoonzorg.choosing.candidates import Candidates, better_set, first_set
from geowoonzorg.choosing.spots import SpotsChosen, choose_spots
from geowoonzorg.errors import Cancelled, InputError, StudyError
from geowoonzorg.town import Town


def sets_of(score, xy, k, apart_m, group, most, pairs):
    """Every set that keeps all bounds, in the order of its positions."""
    far = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1)) >= apart_m
    for one, other in pairs:
        far[one, other] = far[other, one] = one == other
    for chosen in itertools.combinations(np.flatnonzero(np.isfinite(score)), k):
        at = list(chosen)
        counts = np.unique([g for g in group[at] if g is not None], return_counts=True)[1]
        if (
            all(far[a, b] for a, b in itertools.combinations(at, 2))
            and counts.max(initial=0) <= most
        ):
            yield at


@st.composite
def cases(draw):
    n = draw(st.integers(1, 14))
    # few different scores and places on a lattice, so that there are ties and distances just met
    score = np.array(
        draw(
            st.lists(
                st.sampled_from([10.0, 10.0, 20.0, 35.5, 80.0, np.nan]), min_size=n, max_size=n
            )
        )
    )
    xy = 100.0 * np.array(
        draw(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=n, max_size=n))
    )
    group = np.array(
        draw(st.lists(st.sampled_from(["a", "b", None]), min_size=n, max_size=n)), dtype=object
    )
    pairs = draw(st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), max_size=4))
    k, most = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    return (
        score,
        xy,
        k,
        draw(st.sampled_from([0.0, 100.0, 150.0, 200.0, 300.0])),
        group,
        most,
        pairs,
    )


@settings(max_examples=60, deadline=None)
@given(cases(), st.sampled_from([0, few.MOST]))
def test_no_set_is_better_and_of_equal_ones_it_is_the_first(case, few_at_most):
    """Both by going through all sets and by the programme of whole numbers."""
    with patch.object(spots, "MOST", few_at_most):
        compare_with_every_set(case)


def compare_with_every_set(case):
    score, xy, k, apart_m, group, most, pairs = case
    every = list(sets_of(*case))
    given_pairs = np.array(pairs, dtype=int).reshape(-1, 2)
    ask = {
        "k": k,
        "apart_m": apart_m,
        "group": group,
        "max_per_group": most,
        "too_near": given_pairs,
    }
    if not every:
        with pytest.raises(StudyError):
            choose_spots(score, xy, **ask)
        return
    found = choose_spots(score, xy, **ask)
    best = max(score[at].sum() for at in every)
    assert found.status == "optimal"
    assert found.gap == 0
    assert found.objective == pytest.approx(best, abs=1e-9)
    ties = [at for at in every if score[at].sum() == pytest.approx(best, abs=1e-9)]
    assert sorted(found.chosen.tolist()) == ties[0]
    order = [(-score[at], at) for at in found.chosen]
    assert order == sorted(order)
    without = {
        "apart_m": (score, xy, k, 0.0, group, most, []),
        "max_per_group": (score, xy, k, apart_m, group, k, pairs),
    }
    for bound, cost in found.costs.items():
        free = max(score[at].sum() for at in sets_of(*without[bound]))
        assert cost == pytest.approx(free - best, abs=1e-6)


@pytest.mark.parametrize("steep", [1.0, 0.2])
def test_three_places_on_a_smooth_hill_are_proven_the_best(steep):
    """Thousands of sets are almost as good, and without whole numbers more seems possible."""
    side = np.arange(16) * 25.0
    xy = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
    score = 100.0 - steep * np.hypot(*(xy - [180.0, 210.0]).T)
    far = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1)) >= 150.0
    third = np.where(far[:, None] & far[None], score, -np.inf).max(axis=2)
    best = np.where(far, score[:, None] + score[None] + third, -np.inf).max()
    found = choose_spots(score, xy, k=3, apart_m=150.0)
    assert found.objective == pytest.approx(best, abs=1e-9)
    assert (found.status, found.gap) == ("optimal", 0.0)


def test_who_looks_on_finds_better_sets_and_never_a_worse_one():
    """On a hilly field, where a first set is seldom the best there is."""
    side = np.arange(30) * 25.0
    xy = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
    improved = []
    for seed in range(4):
        draw = np.random.default_rng(seed)
        tops = draw.uniform(0, 750, (6, 2))
        far = np.hypot(*(xy[:, None] - tops).transpose(2, 0, 1))
        score = (np.exp(-((far / 150) ** 2) / 2) * draw.uniform(0.4, 1, 6)).sum(axis=1)
        none = np.zeros((0, 2), dtype=np.int64)
        field = Candidates(score, xy, 7, 220.0, np.full(len(xy), -1), 7, none)
        first = first_set(field, tries=1)
        best = better_set(field, first, until=np.inf)
        apart = np.hypot(*(xy[best][:, None] - xy[best]).transpose(2, 0, 1))
        assert len(set(best.tolist())) == 7
        assert apart[np.triu_indices(7, 1)].min() >= 220.0
        improved.append(score[best].sum() - score[first].sum())
        assert better_set(field, best, until=-np.inf) is best  # there was no time
    assert min(improved) >= 0
    assert max(improved) > 0


def test_going_through_all_sets_gives_up_and_keeps_the_best_so_far(monkeypatch):
    monkeypatch.setattr(few, "_WORK", 200)
    monkeypatch.setattr(few, "_ROUNDS", 1)
    draw = np.random.default_rng(5)
    score, xy = draw.uniform(0, 100, 60), draw.uniform(0, 1000, (60, 2))
    found = choose_spots(score, xy, k=4, apart_m=300.0)
    monkeypatch.undo()
    again = choose_spots(score, xy, k=4, apart_m=300.0)
    assert (found.status, again.status) == ("optimal", "optimal")
    assert found.chosen.tolist() == again.chosen.tolist()


@pytest.mark.parametrize("seed", range(4))
def test_25_places_and_every_four_of_them(seed):
    draw = np.random.default_rng(seed)
    score, xy = draw.uniform(0, 100, 25), draw.uniform(0, 1000, (25, 2))
    group = np.array([f"WK{n % 3}" for n in range(25)], dtype=object)
    every = [score[at].sum() for at in sets_of(score, xy, 4, 400.0, group, 2, [])]
    found = choose_spots(score, xy, k=4, apart_m=400.0, group=group, max_per_group=2)
    assert found.objective == pytest.approx(max(every), abs=1e-9)


def test_the_first_pick_is_not_always_part_of_the_best():
    """6 in the middle keeps both fives away: greedy has 7, the best is 10."""
    row = np.column_stack([np.arange(5.0) * 100, np.zeros(5)])
    score = np.array([1.0, 5, 6, 5, 1])
    greedy = score[2] + score[0]
    found = choose_spots(score, row, k=2, apart_m=150)
    assert found.chosen.tolist() == [1, 3]
    assert found.objective == 10 > greedy
    assert found.costs == {"apart_m": 1.0}


def test_a_thousand_places_keep_their_distance_and_the_bound_is_proven():
    draw = np.random.default_rng(3)
    xy = draw.uniform(0, 2000, (1000, 2))
    score = 60 * np.exp(-((xy - 900) ** 2).sum(axis=1) / 6e5) + draw.normal(0, 3, 1000)
    found = choose_spots(score, xy, k=4, apart_m=500.0)
    at = xy[found.chosen]
    apart = np.hypot(*(at[:, None] - at[None]).transpose(2, 0, 1))[np.triu_indices(4, 1)]
    assert apart.min() >= 500.0
    assert found.status == "optimal"
    assert found.objective == pytest.approx(score[found.chosen].sum())


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"k": 9}, "9 places were asked for, and only 5 can be chosen"),
        ({"k": 0}, "0 places cannot be chosen"),
        ({"k": 3, "group": ["a"] * 5, "max_per_group": 2}, "at most 2 in each of 1; so no more than 2 fit"),
        ({"k": 4, "apart_m": 150.0}, "at least 150 m apart do not fit; 3 do, or 4 at least 100 m apart"),
        ({"k": 5, "too_near": [[0, 1], [2, 3]]}, "not too near each other do not fit; the most that do are 3"),
    ],
)  # fmt: skip
def test_what_cannot_be_met_is_named_with_the_most_that_can(asked, said):
    row = np.column_stack([np.arange(5.0) * 100, np.zeros(5)])
    with pytest.raises(StudyError, match=said):
        choose_spots(np.ones(5), row, **asked)


def test_arrays_of_other_lengths_are_refused():
    with pytest.raises(InputError, match="two coordinates"):
        choose_spots([1.0, 2.0], [[0, 0]], k=1)
    with pytest.raises(InputError, match="positions"):
        choose_spots([1.0], [[0, 0]], k=1, too_near=[[0, 7]])


def test_who_stops_it_gets_the_best_so_far_and_is_told():
    draw = np.random.default_rng(0)
    xy = np.stack(np.meshgrid(np.arange(60.0), np.arange(60.0)), axis=-1).reshape(-1, 2) * 25
    score = 60 * np.exp(-((xy - 750) ** 2).sum(axis=1) / 4e5) + draw.normal(0, 2, len(xy))

    def stop(fraction, message):
        raise Cancelled("cancelled; nothing was written")

    found = choose_spots(score, xy, k=8, apart_m=400.0, progress=stop)
    assert found.status == "cut_short"
    assert len(found.chosen) == 8
    assert found.objective <= found.bound
    assert 0 < found.gap < 1
    assert found.costs == {}  # what a bound costs is only known of the best


def test_what_a_bound_costs_is_not_told_of_a_problem_that_was_cut_short(monkeypatch):
    """The best without the bound may be worth more than what was found of it."""
    row = np.column_stack([np.arange(5.0) * 100, np.zeros(5)])
    whole = spots._chosen

    def second_is_cut_short(given, until, progress):
        found = whole(given, until, progress)
        return found if given.apart_m else replace(found, status="cut_short")

    monkeypatch.setattr(spots, "_chosen", second_is_cut_short)
    assert choose_spots([1, 5, 6, 5, 1], row, k=2, apart_m=150).costs == {}


def test_the_most_that_fit_is_not_told_where_the_time_was_up(monkeypatch):
    row = np.column_stack([np.arange(5.0) * 100, np.zeros(5)])
    ticks = iter(range(0, 10_000, 100))
    monkeypatch.setattr(spots.time, "monotonic", lambda: float(next(ticks)))
    with pytest.raises(StudyError, match=r"not fit within these bounds; how many do was not found"):
        choose_spots([1, 5, 6, 5, 1], row, k=4, apart_m=150, seconds=1)


@pytest.mark.parametrize("found", [
    SpotsChosen("cut_short", np.array([0]), 8.0, 10.0),
    SpotsChosen("cut_short", np.zeros(0, np.int64), np.nan, 10.0),
])  # fmt: skip
def test_a_search_says_that_its_spots_were_cut_short(monkeypatch, found):
    looked = look_at(Town.demo(), 500.0)
    monkeypatch.setattr(_spots, "choose_spots", lambda *_, **__: found)
    points = np.arange(len(looked.places)) / 1.0
    if not len(found.chosen):
        with pytest.raises(StudyError, match="no 1 places within these bounds were found in time"):
            pick_spots(looked, points, n=1)
        return
    picked = pick_spots(looked, points, n=1)
    assert "at most 25.0% better is possible" in " ".join(map(str, picked.proof))
    assert (picked.record["gap"], picked.record["status"]) == (0.25, "cut_short")
