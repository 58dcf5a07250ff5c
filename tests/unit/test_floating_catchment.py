"""Places per head within reach: against PySAL's access, by hand, and where something is not known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from geowoonzorg.people.floating_catchment import floating_catchment, read_decay


def random_case(seed):
    rng = np.random.default_rng(seed)
    metres = rng.random((60, 8)) * 700
    homes, places = [f"a{i}" for i in range(60)], [f"h{j}" for j in range(8)]
    i, j = np.nonzero(metres <= 600)
    pairs = pd.DataFrame({
        "address_id": np.array(homes)[i], "facility_id": np.array(places)[j], "distance_m": metres[i, j],
    })  # fmt: skip
    people = pd.Series(rng.integers(1, 20, 60).astype(float), homes)
    return pairs, people, pd.Series(rng.integers(5, 50, 8).astype(float), places)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("seed", range(5))
def test_the_outcome_is_that_of_pysal_access(seed):
    from access import Access, weights

    pairs, people, places = random_case(seed)
    zones = {200.0: 1.0, 400.0: 0.68, 600.0: 0.22}
    theirs = Access(
        demand_df=pd.DataFrame({"id": people.index, "pop": people.to_numpy()}), demand_index="id",
        demand_value="pop",
        supply_df=pd.DataFrame({"id": places.index, "beds": places.to_numpy()}), supply_index="id",
        supply_value=["beds"],
        cost_df=pairs.rename(columns={"distance_m": "cost"}), cost_origin="address_id",
        cost_dest="facility_id", cost_name="cost",
    )  # fmt: skip
    found = theirs.enhanced_two_stage_fca(name="e", max_cost=600, weight_fn=weights.step_fn(zones))
    ours = floating_catchment(pairs, people, places, zones).within_reach
    expected = found["e_beds"].reindex(people.index).fillna(0.0)
    assert (expected > 0).sum() > 40
    np.testing.assert_allclose(ours, expected, rtol=1e-9, atol=1e-12)


def test_all_places_are_shared_out():
    pairs, people, places = random_case(1)
    found = floating_catchment(pairs, people, places, read_decay().within(600))
    assert (people * found.within_reach).sum() == pytest.approx(places.sum(), rel=1e-12)


def test_by_hand():
    """Ten at 100 m count whole and ten at 101 m for half: 30 places for 15."""
    pairs = pd.DataFrame({
        "address_id": ["a", "b", "c"], "facility_id": ["h"] * 3, "distance_m": [100.0, 100.001, 400.001],
    })  # fmt: skip
    people = pd.Series([10.0, 10.0, 99.0], list("abc"))
    found = floating_catchment(pairs, people, pd.Series({"h": 30.0}), {100: 1.0, 400: 0.5})
    assert found.per_head.tolist() == [2.0]
    assert found.within_reach.tolist() == [2.0, 1.0, 0.0]


def test_what_is_not_known_is_no_number():
    pairs = pd.DataFrame({
        "address_id": ["a", "b", "b", "c"], "facility_id": ["h", "h", "i", "j"], "distance_m": [1.0] * 4,
    })  # fmt: skip
    people = pd.Series([10.0, 10.0, np.nan, 5.0], list("abcd"))
    places = pd.Series([20.0, np.nan, 7.0, 9.0], list("hijk"))
    found = floating_catchment(pairs, people, places, {100: 1.0})
    # i has no capacity that is known, who comes to j is not known, nobody comes to k
    assert found.per_head.fillna(-1).tolist() == [1.0, -1, -1, -1]
    assert found.within_reach.fillna(-1).tolist() == [1.0, -1, -1, 0.0]
