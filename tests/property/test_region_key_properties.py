"""Whatever the figures: homes add up, shares are whole, limits hold, intervals contain every exact case."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from geowoonzorg.region.counts import Span, share_span
from geowoonzorg.region.dial import turn_dial
from geowoonzorg.region.growing import after_woondeal, social_rent_path
from geowoonzorg.region.key_shares import key_shares
from geowoonzorg.region.keys import share_out, share_out_groups
from geowoonzorg.region.ledger import keep_ledger
from geowoonzorg.region.rounding import largest_remainder

NAMES = [f"G{i:02}" for i in range(12)]
COUNT = st.integers(0, 40)


@st.composite
def regions(draw, *, exact=True, most=6):
    """Make figures of a region, some of whose counts lie between bounds."""
    n = draw(st.integers(2, most))
    people = draw(st.lists(st.integers(1, 400), min_size=n, max_size=n))
    figures = pd.DataFrame({"gemeente": NAMES[:n], "inhabitants": np.array(people, dtype=float)})
    figures["vulnerable"] = [float(draw(st.integers(0, p))) for p in people]
    figures["free_homes"] = np.array(draw(st.lists(COUNT, min_size=n, max_size=n)), dtype=float)
    assume(figures["free_homes"].sum() > 0)
    if exact:
        return figures
    truth = figures.copy()
    for name in ("inhabitants", "free_homes", "vulnerable"):
        below = np.array(draw(st.lists(st.integers(0, 9), min_size=n, max_size=n)), dtype=float)
        above = np.array(draw(st.lists(st.integers(0, 9), min_size=n, max_size=n)), dtype=float)
        hidden = np.array(draw(st.lists(st.booleans(), min_size=n, max_size=n)))
        endless = hidden & np.array(
            draw(st.lists(st.sampled_from([True] + 5 * [False]), min_size=n, max_size=n))
        )
        figures[f"{name}_low"] = np.where(hidden, np.maximum(truth[name] - below, 0), truth[name])
        figures[f"{name}_high"] = np.where(hidden, truth[name] + above, truth[name])
        figures.loc[endless, f"{name}_high"] = np.nan
        figures[name] = figures[name].mask(hidden)
    return figures, truth


@st.composite
def limits(draw, n):
    """Make least and most shares that can add up to 1 whatever the key."""
    least = {NAMES[i]: draw(st.floats(0, 0.9 / n)) for i in draw(st.sets(st.integers(0, n - 1)))}
    most = {NAMES[i]: draw(st.floats(1.0 / n, 1)) for i in draw(st.sets(st.integers(0, n - 1)))}
    return {"min_share": least, "max_share": most}


WEIGHTS = st.sampled_from(
    [
        {"inhabitants": 1},
        {"free_homes": 1},
        {"not_vulnerable": 1},
        {"inhabitants": 0.5, "free_homes": 0.5},
        {"inhabitants": 3, "free_homes": 1, "vulnerable": 2},
    ]
)


def divided(figures, weights, homes, **how):
    """Divide, or leave out what a part that adds up to nothing or limits make impossible."""
    try:
        return share_out(figures, {"k": weights}, homes, **how)
    except ValueError as error:
        assume("adds up to nothing" not in str(error) and "less than the whole" not in str(error))
        raise


@given(st.data())
def test_homes_and_shares_add_up_within_their_limits(data):
    figures = data.draw(regions())
    how = data.draw(limits(len(figures)))
    homes = data.draw(st.integers(0, 300))
    shared = divided(figures, data.draw(WEIGHTS), homes, **how)
    assert shared["share"].sum() == pytest.approx(1, abs=1e-9)
    assert shared["homes"].sum() == homes
    quota = shared["share"] * homes
    assert (abs(shared["homes"].astype(float) - quota) < 1 + 1e-6).all()
    for name, share in zip(shared["gemeente"], shared["share"], strict=True):
        assert how["min_share"].get(name, 0) - 1e-9 <= share <= how["max_share"].get(name, 1) + 1e-9


@given(st.data())
def test_limits_are_met_by_one_factor(data):
    figures = data.draw(regions())
    how = data.draw(limits(len(figures)))
    free = divided(figures, {"inhabitants": 1}, 1)["share"].to_numpy()
    held = divided(figures, {"inhabitants": 1}, 1, **how)["share"].to_numpy()
    least = np.array([how["min_share"].get(name, 0.0) for name in figures["gemeente"]])
    most = np.array([how["max_share"].get(name, 1.0) for name in figures["gemeente"]])
    low, high = 0.0, 1e6  # by halving, where the code goes along the turning points
    for _ in range(200):
        factor = (low + high) / 2
        low, high = (
            (factor, high) if np.clip(factor * free, least, most).sum() < 1 else (low, factor)
        )
    assert held == pytest.approx(np.clip(high * free, least, most), abs=1e-6)


@given(st.lists(st.integers(0, 30), min_size=1, max_size=8), st.integers(0, 200))
def test_largest_remainder_is_hamiltons(counts, total):
    assume(sum(counts) > 0)
    quotas = [Fraction(total * count, sum(counts)) for count in counts]
    parts = [quota.numerator // quota.denominator for quota in quotas]
    order = sorted(range(len(counts)), key=lambda i: (parts[i] - quotas[i], -counts[i], i))
    for i in order[: total - sum(parts)]:
        parts[i] += 1
    assert largest_remainder(np.array(counts) / sum(counts), total).tolist() == parts


@given(st.data())
def test_more_inhabitants_never_give_a_lesser_share(data):
    figures = data.draw(regions())
    how = data.draw(limits(len(figures)))
    at = data.draw(st.integers(0, len(figures) - 1))
    more = figures.copy()
    more.loc[at, "inhabitants"] += data.draw(st.integers(1, 100))
    before = divided(figures, {"inhabitants": 1}, 100, **how)["share"]
    after = divided(more, {"inhabitants": 1}, 100, **how)["share"]
    assert after[at] >= before[at] - 1e-9
    assert (after.drop(at) <= before.drop(at) + 1e-9).all()


@given(st.data())
def test_intervals_contain_every_exact_case(data):
    figures, truth = data.draw(regions(exact=False))
    how = data.draw(st.one_of(st.just({}), limits(len(figures))))
    weights, homes = data.draw(WEIGHTS), data.draw(st.integers(0, 100))
    exact = divided(truth, weights, homes, **how)
    known = divided(figures, weights, homes, **how)
    for name in (
        "share",
        "homes",
        "free_homes_share",
        "regular_homes_left",
        "vulnerable_share_after",
    ):
        low = known[f"{name}_low"].astype(float).fillna(-np.inf)
        high = known[f"{name}_high"].astype(float).fillna(np.inf)
        value = exact[name].astype(float)
        inside = (low - 1e-7 <= value) & (value <= high + 1e-7)
        assert (inside | value.isna()).all(), name
        told = known[name].astype(float)
        assert (told.isna() | value.isna() | (abs(told - value) < 1e-7)).all(), name


@given(st.data())
def test_knowing_more_never_widens_a_share(data):
    figures, truth = data.draw(regions(exact=False))
    how = data.draw(st.one_of(st.just({}), limits(len(figures))))
    weights = data.draw(WEIGHTS)
    at = data.draw(st.integers(0, len(figures) - 1))
    better = figures.copy()
    for side in ("", "_low", "_high"):
        better.loc[at, f"inhabitants{side}"] = truth.loc[at, "inhabitants"]
    one, other = (divided(known, weights, 10, **how) for known in (figures, better))
    assert (other["share_low"] >= one["share_low"] - 1e-7).all()
    assert (other["share_high"] <= one["share_high"] + 1e-7).all()


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3)), min_size=2, max_size=4))
def test_bounds_of_a_share_are_the_least_and_most_of_all_cases(bounds):
    low = np.array([a for a, _ in bounds], dtype=float)
    high = np.array([a + b for a, b in bounds], dtype=float)
    cases = [c for c in product(*(range(a, a + b + 1) for a, b in bounds)) if sum(c)]
    assume(cases)
    shares = np.array([np.array(case) / sum(case) for case in cases])
    span = share_span(Span(low, high))
    assert span.low == pytest.approx(shares.min(axis=0))
    assert span.high == pytest.approx(shares.max(axis=0))


@given(st.data())
def test_limited_bounds_of_one_part_are_the_least_and_most_of_all_cases(data):
    n = data.draw(st.integers(2, 3))
    low = data.draw(st.lists(st.integers(1, 5), min_size=n, max_size=n))
    high = [a + data.draw(st.integers(0, 3)) for a in low]
    figures = pd.DataFrame(
        {
            "gemeente": NAMES[:n],
            "inhabitants": np.nan,
            "inhabitants_low": low,
            "inhabitants_high": high,
        }
    )
    how = data.draw(limits(n))
    span = key_shares(figures, {"inhabitants": 1}, key="k", **how)
    cases = [
        key_shares(
            figures[["gemeente"]].assign(inhabitants=case), {"inhabitants": 1}, key="k", **how
        ).low
        for case in product(*(range(a, b + 1) for a, b in zip(low, high, strict=True)))
    ]
    assert span.low == pytest.approx(np.min(cases, axis=0), abs=1e-9)
    assert span.high == pytest.approx(np.max(cases, axis=0), abs=1e-9)


@given(st.data())
def test_groups_add_up_both_ways(data):
    figures = data.draw(regions())
    keys = {"i": {"inhabitants": 1}, "v": {"free_homes": 1}}
    groups = [f"groep {i}" for i in range(data.draw(st.integers(1, 5)))]
    homes = {group: data.draw(st.integers(0, 30)) for group in groups}
    key_of = {group: data.draw(st.sampled_from(sorted(keys))) for group in groups}
    per_group, together = share_out_groups(figures, keys, homes, key_of)
    assert per_group.groupby("groep")["homes"].sum().to_dict() == homes
    assert per_group.groupby("gemeente")["homes"].sum().tolist() == together["homes"].tolist()
    quota = per_group["share"] * per_group["groep"].map(homes)
    assert (abs(per_group["homes"].astype(float) - quota) < 1 + 1e-6).all()
    whole = quota.groupby(per_group["gemeente"]).sum().to_numpy()
    assert (abs(together["homes"].astype(float).to_numpy() - whole) < 1 + 1e-6).all()


@given(st.data())
def test_the_dial_ends_at_both_keys(data):
    figures = data.draw(regions())
    homes = data.draw(st.integers(0, 100))
    turned = turn_dial(figures, {"inhabitants": 1}, {"free_homes": 1}, homes, steps=4)
    one, other = (
        divided(figures, {part: 1}, homes)["homes"].tolist()
        for part in ("inhabitants", "free_homes")
    )
    n = len(figures)
    assert turned["homes"].tolist()[:n] == one
    assert turned["homes"].tolist()[-n:] == other
    assert turned["concentration"].between(1 / n - 1e-9, 1 + 1e-9).all()
    assert turned["dissimilarity"].between(-1e-9, 1 + 1e-9).all()


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), min_size=1, max_size=5))
def test_the_path_ends_at_the_floor_with_the_fewest_homes(stock):
    figures = pd.DataFrame(
        {
            "gemeente": NAMES[: len(stock)],
            "social_homes": [a for a, _ in stock],
            "dwellings": [a + b for a, b in stock],
        }
    )
    end = social_rent_path(figures, start=2025, end=2028, floor=0.3).groupby("gemeente").last()
    for (social, other), added, converted in zip(
        stock, end["added_social"], end["converted_social"], strict=True
    ):
        dwellings = social + other
        by_count = next(x for x in range(2000) if 10 * (social + x) >= 3 * (dwellings + x))
        assert added == by_count
        assert converted == next(x for x in range(2000) if 10 * (social + x) >= 3 * dwellings)


@given(st.data())
def test_what_is_planned_stays_within_bounds(data):
    n = data.draw(st.integers(1, 4))
    social = [data.draw(st.integers(1, 50)) for _ in range(n)]
    free = [data.draw(st.integers(0, s)) for s in social]
    truth = pd.DataFrame(
        {"gemeente": NAMES[:n], "dwellings": [200] * n, "social_homes": social, "free_homes": free,
         "added_dwellings": [20] * n, "added_social": [data.draw(st.integers(0, 20)) for _ in range(n)]}
    ).set_index("gemeente").astype(float).reset_index()  # fmt: skip
    known = truth.copy()
    wide = data.draw(st.integers(0, 9))
    known["social_homes_low"] = np.maximum(truth["social_homes"] - wide, 0)
    known["social_homes_high"] = truth["social_homes"] + wide
    known["social_homes"] = np.nan
    exact, told = after_woondeal(truth)["free_homes"], after_woondeal(known)
    low = told.get("free_homes_low", told["free_homes"])
    high = told.get("free_homes_high", told["free_homes"])
    assert (low <= exact + 1e-9).all()
    assert (exact <= high + 1e-9).all()


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), min_size=1, max_size=6))
def test_a_ledger_is_the_sum_of_its_differences(years):
    due = pd.DataFrame(
        {"gemeente": "A", "year": range(2020, 2020 + len(years)), "homes": [d for d, _ in years]}
    )
    taken = due.assign(homes=[t for _, t in years]).iloc[::-1]
    kept = keep_ledger(taken, due)
    behind = 0
    for (owed, took), balance, to_take in zip(years, kept["balance"], kept["to_take"], strict=True):
        assert to_take == max(owed - behind, 0)
        behind += took - owed
        assert balance == behind
