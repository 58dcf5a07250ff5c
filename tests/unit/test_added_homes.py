"""What new homes do to the balance, counted in people."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geowoonzorg.errors import InputError
from geowoonzorg.people.added_homes import add_homes
from geowoonzorg.people.balance_profile import read_balance_profile

PROFILE = read_balance_profile()
SITES = st.tuples(st.floats(1, 5000), st.floats(0.34, 3), st.floats(0.34, 3))


def site_of(people, vragers, dragers):
    return pd.DataFrame(
        {"inhabitants": [people], "vragers_index": [vragers], "dragers_index": [dragers]},
        index=["s"],
    )


@settings(max_examples=60, deadline=None)
@given(SITES, st.floats(0, 500), st.floats(0, 1))
def test_adding_homes_counts_people(site, homes, share):
    found = add_homes(site_of(*site), homes=homes, vragers_share=share).loc["s"]
    people, v, d = site
    base, new = PROFILE.reference_vragers_share, homes * PROFILE.persons_per_home
    vragers = people * base * v + new * share
    dragers = people * (1 - base) * d + new * (1 - share)
    # the same people, spread as in the reference
    assert found["vragers_index_after"] == pytest.approx(vragers / ((people + new) * base))
    assert found["dragers_index_after"] == pytest.approx(dragers / ((people + new) * (1 - base)))
    assert found["balans_after"] == pytest.approx(
        math.log2(found["vragers_index_after"] / found["dragers_index_after"])
    )


@settings(max_examples=40, deadline=None)
@given(SITES, st.floats(0.5, 500))
def test_the_mix_of_the_reference_pulls_towards_zero_and_more_vragers_push_up(site, homes):
    start = site_of(*site)
    same = add_homes(start, homes=homes, vragers_share=PROFILE.reference_vragers_share).loc["s"]
    assert abs(same["balans_after"]) <= abs(same["balans_before"]) + 1e-12
    after = [
        add_homes(start, homes=homes, vragers_share=z).loc["s", "balans_after"]
        for z in (0.1, 0.5, 0.9)
    ]
    assert after == sorted(after)
    none = add_homes(start, homes=0, vragers_share=0.5).loc["s"]
    assert none["balans_change"] == pytest.approx(0)


def test_homes_where_nobody_lives_or_nothing_is_known_stay_unknown():
    sites = pd.concat([site_of(0, 1, 1), site_of(100, np.nan, 1)])
    assert add_homes(sites, homes=10, vragers_share=0.3)["balans_after"].isna().all()
    for homes, share in ((-1, 0.3), (10, 1.2), (10, np.nan)):
        with pytest.raises(InputError, match="homes must be 0 or more"):
            add_homes(site_of(100, 1, 1), homes=homes, vragers_share=share)


@settings(max_examples=40, deadline=None)
@given(SITES, st.floats(0.5, 500), st.floats(0, 1))
def test_the_building_is_the_surroundings_without_neighbours(site, homes, share):
    found = add_homes(site_of(*site), homes=homes, vragers_share=share).loc["s"]
    people, v, d = site
    base, cap = PROFILE.reference_vragers_share, PROFILE.cap
    alone = add_homes(site_of(1e-9, 1.0, 1.0), homes=homes, vragers_share=share).loc["s"]
    vragers = min(max(alone["vragers_index_after"], 1 / cap), cap)
    dragers = min(max(alone["dragers_index_after"], 1 / cap), cap)
    assert found["complex_balans"] == pytest.approx(math.log2(vragers / dragers), abs=1e-6)
    assert found["complex_vragers_share"] == share
    assert found["complex_residents"] == pytest.approx(homes * PROFILE.persons_per_home)
    # what was there and what comes make what will be there, side by side
    new = found["complex_residents"]
    after = (people * v + new * share / base) / (people + new)
    assert found["vragers_index_after"] == pytest.approx(after)
    assert d > 0


def test_a_building_like_the_reference_is_balanced_and_one_of_vragers_is_held_at_the_cap():
    start = site_of(100, 1, 1)
    like = add_homes(start, homes=10, vragers_share=PROFILE.reference_vragers_share).loc["s"]
    assert like["complex_balans"] == pytest.approx(0)
    only = add_homes(start, homes=10, vragers_share=1.0).loc["s"]
    assert only["complex_balans"] == pytest.approx(math.log2(PROFILE.cap**2))
    none = add_homes(start, homes=0, vragers_share=0.3).loc["s"]
    assert np.isnan(none["complex_balans"])
    assert np.isnan(none["complex_vragers_share"])
    nobody = add_homes(site_of(0, 1, 1), homes=10, vragers_share=0.5).loc["s"]
    assert np.isnan(nobody["balans_after"])
    assert nobody["complex_balans"] > 0  # it needs no neighbours
