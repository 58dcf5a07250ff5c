"""The best few of many candidates: against plain enumeration, spopt, and what must hold whatever the input."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import sparse

from geowoonzorg.choosing import covering
from geowoonzorg.choosing.covering import choose_places, least_places
from geowoonzorg.choosing.gains import GainTable
from geowoonzorg.errors import Cancelled, InputError, StudyError

#: Greedy takes the middle one, that reaches four of six, and then misses one at either end.
GREEDY_FAILS = np.array([[1, 0, 0], [1, 1, 0], [1, 1, 0], [0, 1, 1], [0, 1, 1], [0, 0, 1]])


def brought(gains, chosen):
    """Add up what everybody gains from the best of the chosen."""
    return float(gains[:, list(chosen)].max(axis=1).sum()) if len(chosen) else 0.0


def best_of_all(gains, k):
    """Try every choice."""
    n = gains.shape[1]
    return max(brought(gains, few) for few in itertools.combinations(range(n), min(k, n)))


def random_gains(seed, shape=(30, 9), kind="coverage"):
    rng = np.random.default_rng(seed)
    reached = rng.random(shape) < 0.3
    worth = {
        "coverage": rng.integers(1, 6, (shape[0], 1)),
        "weights": rng.random((shape[0], 1)),
        "walking": rng.random(shape),
    }[kind]
    return (reached * worth).astype(float)


@st.composite
def tables(draw):
    """Small tables with many zeros and equal rows and columns, of whole numbers or not."""
    n, m = draw(st.integers(1, 12)), draw(st.integers(1, 7))
    values = st.sampled_from([0.0, 0.0, 0.0, 1.0, 1.0, 2.0, 0.7])
    return draw(arrays(np.float64, (n, m), elements=values))


@pytest.fixture(params=["whole", "squeezed"])
def way(request, monkeypatch):
    """Let the solver have all candidates, or have multipliers leave most of them out first."""
    if request.param == "squeezed":
        for name, value in {"_FEW": 2, "_FEW_EACH": 1, "_STRIDES": (2,), "_TURNS": 40}.items():
            monkeypatch.setattr(covering, name, value)


@pytest.mark.parametrize("k", [1, 2, 3, 9])
@pytest.mark.parametrize("kind", ["coverage", "weights", "walking"])
def test_the_best_choice_is_that_of_plain_enumeration(way, kind, k):
    for seed in range(4):
        gains = random_gains(seed, kind=kind)
        found = choose_places(sparse.csr_array(gains), k=k)
        assert found.objective == pytest.approx(best_of_all(gains, k), abs=1e-9)
        assert brought(gains, found.chosen) == pytest.approx(found.objective, abs=1e-9)
        assert (found.status, found.bound) == ("optimal", pytest.approx(found.objective, abs=1e-6))
        assert found.gap == pytest.approx(0, abs=1e-8)


@settings(max_examples=60, deadline=None)
@given(tables(), st.integers(1, 4), st.booleans())
def test_whatever_the_table_no_choice_is_better(gains, k, squeezed):
    with pytest.MonkeyPatch.context() as patched:
        if squeezed:
            patched.setattr(covering, "_FEW", 1)
            patched.setattr(covering, "_FEW_EACH", 1)
        found = choose_places(sparse.csr_array(gains), k=k)
    best = best_of_all(gains, k)
    assert found.objective == pytest.approx(best, abs=1e-9)
    assert found.bound >= best - 1e-9
    assert len(found.chosen) == len(set(found.chosen.tolist())) <= k
    assert found.values.sum() == pytest.approx(found.objective, abs=1e-9)
    assert (np.diff(found.values) <= 1e-9).all()  # in the order in which they add most


def test_greedy_is_only_a_start():
    found = choose_places(sparse.csr_array(GREEDY_FAILS), k=2)
    greedy, had = covering._greedily(GainTable.of(sparse.csr_array(GREEDY_FAILS)), 2)
    assert (greedy[0], had) == (1, 5.0)
    assert (found.chosen.tolist(), found.objective) == ([0, 2], 6.0)


def test_of_equals_the_lowest_comes_first():
    twins = sparse.csr_array(np.array([[0, 1, 1, 0], [1, 0, 0, 1]]) * 2.0)
    assert choose_places(twins, k=1).chosen.tolist() == [0]
    assert choose_places(twins, k=2).chosen.tolist() == [0, 1]


def test_more_than_there_is_to_gain_is_not_chosen():
    found = choose_places(sparse.csr_array(np.array([[1.0, 1.0, 0.0], [0.0, 0.0, 0.0]])), k=3)
    assert (found.chosen.tolist(), found.objective, found.status) == ([0], 1.0, "optimal")
    nothing = choose_places(sparse.csr_array((4, 3)), k=2)
    assert (nothing.chosen.tolist(), nothing.objective, nothing.gap) == ([], 0.0, 0.0)


@settings(max_examples=60, deadline=None)
@given(tables())
def test_a_smaller_table_has_the_same_best_choices(gains):
    table = GainTable.of(sparse.csr_array(gains))
    small = table.small()
    whole = small.gains.toarray()
    for k in (1, 2, 3):
        left = best_of_all(whole, k) if small.size else 0.0
        assert left == pytest.approx(best_of_all(gains, k), abs=1e-9)
    assert set(small.candidate) <= set(table.candidate)


@settings(max_examples=60, deadline=None)
@given(tables(), st.data())
def test_levels_of_demand_add_up_to_what_is_gained(gains, data):
    table = GainTable.of(sparse.csr_array(gains))
    reached, weight = table.levels()
    chosen = [j for j in range(table.size) if data.draw(st.booleans())]
    within = reached[:, chosen].sum(axis=1) > 0 if chosen else np.zeros(len(weight), bool)
    assert float(weight @ within) == pytest.approx(float(table.had(chosen).sum()), abs=1e-9)


@pytest.mark.parametrize("kind", ["coverage", "walking"])
def test_no_fewer_than_the_least_are_enough(way, kind):
    for seed in range(6):
        gains = random_gains(seed, kind=kind)
        enough = gains.max(axis=1).sum() * (0.35 + 0.1 * seed)
        found, least = least_places(sparse.csr_array(gains), enough=enough)
        assert brought(gains, found.chosen) >= enough - 1e-9
        assert least == len(found.chosen)
        assert best_of_all(gains, least - 1) < enough if least > 1 else enough > 0


def test_nothing_is_enough_for_nothing_and_all_may_be_too_few():
    gains = sparse.csr_array(GREEDY_FAILS)
    assert least_places(gains, enough=0)[1] == 0
    with pytest.raises(InputError, match="all 3 candidates together bring 6, less than the 7"):
        least_places(gains, enough=7)


@pytest.mark.parametrize("heard", [1, 3])
def test_who_stops_the_work_gets_the_best_so_far(way, heard):
    gains = random_gains(5, shape=(60, 20), kind="weights")
    told = []

    def stop(fraction, message):
        told.append(message)
        if len(told) >= heard:
            raise Cancelled("cancelled; nothing was written")

    found = choose_places(sparse.csr_array(gains), k=4, progress=stop)
    best = choose_places(sparse.csr_array(gains), k=4)
    assert told  # how often a solver is heard of depends on the machine
    assert found.status == "cut_short" or heard > 1
    assert len(found.chosen) == 4
    assert found.objective <= best.objective <= found.bound + 1e-9


@pytest.mark.parametrize("k", [0, -1, 1.5, True])
def test_k_is_a_whole_number(k):
    with pytest.raises(StudyError, match="give a whole number of at least 1"):
        choose_places(sparse.csr_array(GREEDY_FAILS), k=k)


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
@pytest.mark.parametrize("seed", range(2))
def test_spopt_finds_nothing_better(seed):
    """Maximal covering, the median and set covering of spopt, on the same distances."""
    pulp = pytest.importorskip("pulp")
    from spopt.locate import LSCP, MCLP, PMedian

    rng = np.random.default_rng(seed)
    homes, places = rng.random((40, 2)) * 1000, rng.random((12, 2)) * 1000
    metres = np.linalg.norm(homes[:, None] - places[None], axis=2)
    people = rng.integers(1, 9, 40).astype(float)
    quiet = pulp.HiGHS(msg=False)
    reached = (metres <= 300).astype(float)
    theirs = MCLP.from_cost_matrix(metres, people, service_radius=300, p_facilities=3).solve(quiet)
    ours = choose_places(sparse.csr_array(reached * people[:, None]), k=3)
    assert ours.objective == pytest.approx(theirs.problem.objective.value())
    theirs = PMedian.from_cost_matrix(metres, people, p_facilities=3).solve(quiet)
    most = metres.max() + 1
    ours = choose_places(sparse.csr_array((most - metres) * people[:, None]), k=3)
    assert most * people.sum() - ours.objective == pytest.approx(theirs.problem.objective.value())
    wide = (metres <= metres.min(axis=1).max()).astype(float)
    theirs = LSCP.from_cost_matrix(metres, service_radius=metres.min(axis=1).max()).solve(quiet)
    assert least_places(sparse.csr_array(wide), enough=40)[1] == theirs.problem.objective.value()
