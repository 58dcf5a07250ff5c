"""Between what the balance lies: every figure that rounding or secrecy could have hidden, tried one by one."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geowoonzorg.opendata.areas import Areas
from geowoonzorg.people.balance_measures import figure_ranges, mean_of_areas
from geowoonzorg.people.balance_profile import Measure, Rounding, Side, read_balance_profile
from geowoonzorg.people.vragers_dragers import compute_balance

DEFAULT = read_balance_profile()
STEPS = {"inhabitants": 5.0, "a": 10.0, "b": 1.0, "low": 10.0, "high": 10.0}
COLUMNS = list(STEPS)
ENDS = ["vragers_low", "vragers_high", "dragers_low", "dragers_high", "balans_low", "balans_high"]


def measure(key, columns, per=(), weight=1.0):
    return Measure(key, key, columns, weight, "toets", per)


# Two measures of vragers and one of dragers, of five columns: few enough to try every end of each.
PROFILE = replace(
    DEFAULT,
    vragers=Side((measure("a", ("a",), ("inhabitants",), 3.0), measure("b", ("b",))), 1),
    dragers=Side((measure("c", ("high",), ("low", "high")),), 1),
    rounding={name: Rounding(name, step, "toets") for name, step in STEPS.items()},
)
FIGURES = st.fixed_dictionaries({
    "inhabitants": st.integers(60, 5_000), "a": st.integers(0, 300), "b": st.integers(0, 60),
    "low": st.integers(0, 900), "high": st.integers(30, 900),
})  # fmt: skip


def published(figures):
    """Round as the profile says that it was done, half upwards."""
    return {k: float(np.floor(v / STEPS[k] + 0.5) * STEPS[k]) for k, v in figures.items()}


def areas_of(rows, gemeente=None):
    """Give areas of one gemeente, with a row of its own or without."""
    frame = pd.DataFrame(rows, index=[f"BU0166000{i}" for i in range(len(rows))], dtype="float64")
    frame = frame.assign(wijk_code="WK016600", gemeente_code="GM0166", level="buurt", year=2023)
    nothing = pd.DataFrame(columns=COLUMNS, dtype="float64")
    own = (
        nothing if gemeente is None else pd.DataFrame([gemeente], index=["GM0166"], dtype="float64")
    )
    texts = pd.DataFrame("", index=frame.index, columns=COLUMNS)
    return Areas(frame, texts, texts, {"wijk": nothing, "gemeente": own, "land": nothing})


def sides(area, reference, profile=PROFILE):
    """V and D as the definition has them, of arrays of figures."""

    def q(x, r):
        return np.clip(x / r, 1 / profile.cap, profile.cap)

    v = (
        3 * q(area["a"] / area["inhabitants"], reference["a"] / reference["inhabitants"])
        + q(area["b"], reference["b"])
    ) / 4  # fmt: skip
    share = area["high"] / (area["low"] + area["high"])
    return v, q(share, reference["high"] / (reference["low"] + reference["high"]))


def test_the_ends_are_those_of_every_combination_of_what_rounding_hides():
    area = {"inhabitants": 240.0, "a": 20.0, "b": 7.0, "low": 90.0, "high": 60.0}
    gemeente = {"inhabitants": 4_100.0, "a": 250.0, "b": 6.0, "low": 900.0, "high": 700.0}
    ends = {
        (who, k): (row[k] - STEPS[k] / 2, row[k], row[k] + STEPS[k] / 2)
        for who, row in (("area", area), ("gemeente", gemeente))
        for k in COLUMNS
    }
    every = np.array(list(itertools.product(*ends.values()))).T
    tried = dict(zip(ends, every, strict=True))
    v, d = sides({k: tried["area", k] for k in COLUMNS}, {k: tried["gemeente", k] for k in COLUMNS})
    found = compute_balance(areas_of([area], gemeente), profile=PROFILE).iloc[0]
    expected = [v.min(), v.max(), d.min(), d.max()]
    assert len(v) == 3**10
    assert found[ENDS[:4]].tolist() == pytest.approx(expected)
    assert found[ENDS[4:]].tolist() == pytest.approx(
        [np.log2(v.min() / d.max()), np.log2(v.max() / d.min())]
    )
    assert found["balans_high"] - found["balans_low"] > 0.5  # of 240 people not much is certain


@settings(max_examples=25, deadline=None)
@given(
    true=st.lists(FIGURES, min_size=1, max_size=12),
    gemeente=FIGURES,
    own_row=st.booleans(),
    secret=st.sets(st.tuples(st.integers(0, 11), st.sampled_from(["a", "b"])), max_size=6),
)
def test_the_truth_lies_within_whatever_was_rounded_or_kept_secret(true, gemeente, own_row, secret):
    shown = [published(row) for row in true]
    for at, column in secret:
        if at < len(shown):
            shown[at][column] = np.nan
    areas = areas_of(shown, published(gemeente) if own_row else None)
    found = compute_balance(areas, profile=PROFILE, reference="gemeente")
    for at, row in enumerate(true):
        one = found.iloc[at]
        if one["basis"] == "unknown":
            assert one[ENDS].isna().all()
            continue
        assert one["vragers_low"] <= one["vragers_index"] + 1e-12
        assert one["vragers_index"] <= one["vragers_high"] + 1e-12
        assert one["balans_low"] - 1e-9 <= one["balans"] <= one["balans_high"] + 1e-9
        reference = plain_reference(true, shown, gemeente, own_row=own_row)
        v, d = plain_sides(row, reference)
        for name, truth in (("vragers", v), ("dragers", d)):
            if truth is not None:
                assert one[f"{name}_low"] - 1e-9 <= truth <= one[f"{name}_high"] + 1e-9


def plain_measures(row):
    return {
        "a": row["a"] / row["inhabitants"],
        "b": row["b"],
        "c": row["high"] / (row["low"] + row["high"]),
    }


def plain_reference(true, shown, gemeente, *, own_row):
    """The true measures of the reference: its own, else the mean of the areas that publish one, by inhabitants."""
    if own_row:
        seen = plain_measures(published(gemeente)) if published(gemeente)["high"] else {}
        own = plain_measures(gemeente)
        return {k: own[k] for k, v in seen.items() if v > 0}
    found = {}
    for key in "abc":
        who = [
            (t["inhabitants"], plain_measures(t)[key], s["inhabitants"])
            for t, s in zip(true, shown, strict=True)
            if key == "c" or not np.isnan(s[key])
        ]
        if sum(s for *_, s in who) < 0.5 * sum(s["inhabitants"] for s in shown) or not who:
            continue
        seen = sum(
            s["inhabitants"] * plain_measures(s)[key]
            for s in shown
            if key == "c" or not np.isnan(s[key])
        )
        if seen > 0:
            found[key] = sum(p * m for p, m, _ in who) / sum(p for p, *_ in who)
    return found


def plain_sides(row, reference):
    own = plain_measures(row)
    q = {
        k: 3.0 if r == 0 and own[k] > 0 else 1.0 if r == 0 else min(max(own[k] / r, 1 / 3), 3.0)
        for k, r in reference.items()
    }
    weights = {"a": 3.0, "b": 1.0}
    held = {k: w for k, w in weights.items() if k in q}
    v = sum(w * q[k] for k, w in held.items()) / sum(held.values()) if held else None
    return v, q.get("c")


def test_what_an_area_does_not_publish_can_be_anything():
    full = {"inhabitants": 2_000.0, "a": 100.0, "b": 7.0, "low": 300.0, "high": 400.0}
    gemeente = {"inhabitants": 40_000.0, "a": 2_000.0, "b": 7.0, "low": 9_000.0, "high": 11_000.0}
    areas = areas_of([full, full | {"a": np.nan}], gemeente)
    known, secret = compute_balance(areas, profile=PROFILE).iloc[[0, 1]].itertuples()
    assert known.vragers_high - known.vragers_low < 0.4
    # three quarters of the weight lie between a third and three
    assert secret.vragers_low == pytest.approx((3 / 3 + 6.5 / 7.5) / 4)
    assert secret.vragers_high == pytest.approx((3 * 3 + 7.5 / 6.5) / 4)
    assert secret.vragers_index == pytest.approx(1.0)


def test_more_people_and_finer_figures_say_more():
    def width(scale, profile=PROFILE):
        row = {
            "inhabitants": 200.0 * scale,
            "a": 20.0 * scale,
            "b": 7.0,
            "low": 50.0 * scale,
            "high": 50.0 * scale,
        }
        found = compute_balance(areas_of([row], row), profile=profile).iloc[0]
        return found["balans_high"] - found["balans_low"]

    assert width(1) > width(5) > width(50)
    exact = replace(PROFILE, rounding={})
    assert width(1, exact) == pytest.approx(0)


def test_a_stand_in_leaves_open_what_the_area_itself_can_be():
    row = {"inhabitants": 2_000.0, "a": 100.0, "b": 7.0, "low": 300.0, "high": 400.0}
    areas = areas_of([row | {"high": np.nan}], row)
    areas.parents["wijk"] = pd.DataFrame([row], index=["WK016600"])
    found = compute_balance(areas, profile=PROFILE).iloc[0]
    assert found["basis"] == "wijk"
    assert found["balans"] == pytest.approx(0)
    assert found[["dragers_low", "dragers_high"]].tolist() == pytest.approx([1 / 3, 3])
    assert found["vragers_high"] < 1.5  # of that side the area's own figures are there


def test_steps_are_read_off_the_table_where_it_shows_decimals():
    rule = Rounding("b", 1.0, "toets", decimal_step=0.1, most=100.0)
    profile = replace(PROFILE, rounding={"b": rule})
    for values, half in (([7.0, 12.0], 0.5), ([7.0, 12.3], 0.05), ([99.9, 0.0], 0.05)):
        low, high = figure_ranges(pd.DataFrame({"b": values}), profile)
        assert low["b"].tolist() == pytest.approx([max(v - half, 0) for v in values])
        assert high["b"].tolist() == pytest.approx([min(v + half, 100) for v in values])
    share = replace(PROFILE, rounding={"b": Rounding("b", 0.01, "toets", decimal_step=0.001)})
    low, _ = figure_ranges(pd.DataFrame({"b": [0.29, 0.57]}), share)
    assert low["b"].tolist() == pytest.approx([0.285, 0.565])


@settings(max_examples=30, deadline=None)
@given(rows=st.lists(FIGURES, min_size=1, max_size=5))
def test_a_mean_of_areas_reaches_its_ends_and_no_further(rows):
    shown = pd.DataFrame([published(row) for row in rows], dtype="float64")
    group = pd.Series("GM", shown.index)
    mean, low, high = mean_of_areas(shown, group, PROFILE)
    people = [(max(p - 2.5, 0), p + 2.5) for p in shown["inhabitants"]]
    measure = [(max(b - 0.5, 0), b + 0.5) for b in shown["b"]]
    tried = [
        sum(p * m[end] for p, m in zip(who, measure, strict=True)) / sum(who)
        for who in itertools.product(*people)
        for end in (0, 1)
    ]
    assert low["b"].tolist() == pytest.approx([min(tried)])
    assert high["b"].tolist() == pytest.approx([max(tried)])
    assert low["b"].iloc[0] <= mean["b"].iloc[0] <= high["b"].iloc[0]


@pytest.mark.parametrize("name", ["vragers_dragers", "dragers_ggd"])
def test_every_column_of_a_shipped_balance_says_how_it_is_rounded(name):
    profile = read_balance_profile(name)
    assert set(profile.rounding) == set(profile.columns)
    assert all(rule.source and rule.source_en for rule in profile.rounding.values())
