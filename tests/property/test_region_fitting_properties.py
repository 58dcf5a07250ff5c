"""Gemeente by kind of home: margins kept, as near as enumeration can come, bounds that hold every table."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from geowoonzorg.region.fitting import fit_proportions, fit_woningtypes, unmet
from geowoonzorg.region.form import read_form
from geowoonzorg.region.form_filled import fill_form
from geowoonzorg.region.form_layout import read_form_layout
from geowoonzorg.region.household import persons_to_homes
from geowoonzorg.region.rounding import round_table

LAYOUT = read_form_layout()
PLACES = ["Ahof", "Bdorp", "Cstad", "Dwijk"]
KINDS = [one.key for one in LAYOUT.woningtypes[:4]]


def tables_of(rows, columns):
    """List every table of whole numbers with these margins."""
    if len(rows) == 1:
        return [np.array([columns])]
    found = []
    for first in product(*(range(min(rows[0], c) + 1) for c in columns)):
        if sum(first) == rows[0]:
            rest = [c - x for c, x in zip(columns, first, strict=True)]
            found += [np.vstack([first, table]) for table in tables_of(rows[1:], rest)]
    return found


@st.composite
def filled(draw, *, most=9, n_groups=2):
    """Make both tables of a few groups, of which none is one-sided."""
    groups = [one.key for one in LAYOUT.groups[: draw(st.integers(1, n_groups))]]
    places = PLACES[: draw(st.integers(1, 4))]
    kinds = KINDS[: draw(st.integers(1, 4))]
    first, second = [], []
    for group in groups:
        persons = draw(st.lists(st.integers(0, most), min_size=len(places), max_size=len(places)))
        homes = draw(st.lists(st.integers(0, most), min_size=len(kinds), max_size=len(kinds)))
        assume((sum(persons) > 0) == (sum(homes) > 0))
        first += [(group, place, n) for place, n in zip(places, persons, strict=True)]
        second += [(group, "to_add", kind, n) for kind, n in zip(kinds, homes, strict=True)]
    return (
        pd.DataFrame(first, columns=["groep", "gemeente", "persons"]),
        pd.DataFrame(second, columns=["groep", "row", "woningtype", "homes"]),
    )


@given(filled(n_groups=3), st.sampled_from([0.7, 1.0, 1.2, 2.5]))
def test_every_margin_is_kept(both, size):
    table1, table2 = both
    fitted = fit_woningtypes(table1, table2, size)
    sums = fitted.groupby(["groep", "woningtype"])["homes"].sum()
    for _, row in table2.iterrows():
        assert sums[(row["groep"], row["woningtype"])] == row["homes"]
    of_gemeente = fitted.groupby(["groep", "gemeente"])["homes"].sum()
    for group, part in table1.groupby("groep"):
        homes = int(table2.loc[table2["groep"] == group, "homes"].sum())
        whole = max(part["persons"].sum(), 1)
        for place, persons in zip(part["gemeente"], part["persons"], strict=True):
            assert abs(of_gemeente[(group, place)] - homes * persons / whole) < 1
            if persons == 0:
                assert of_gemeente[(group, place)] == 0
    assert (fitted["homes"] >= 0).all()
    assert (fitted["homes_low"] <= fitted["homes"]).all()
    assert (fitted["homes"] <= fitted["homes_high"]).all()


@given(filled(most=4, n_groups=1))
def test_bounds_are_the_least_and_most_of_all_tables_with_these_margins(both):
    fitted = fit_woningtypes(*both, 1.0)
    shape = (both[0].shape[0], both[1].shape[0])
    whole, low, high = (
        fitted[name].to_numpy(dtype=int).reshape(shape)
        for name in ("homes", "homes_low", "homes_high")
    )
    every = np.array(tables_of(whole.sum(axis=1).tolist(), whole.sum(axis=0).tolist()))
    assert (low == every.min(axis=0)).all()
    assert (high == every.max(axis=0)).all()


@given(st.data())
def test_rounding_is_as_near_as_any_table_can_be(data):
    n, m = data.draw(st.integers(1, 3)), data.draw(st.integers(1, 3))
    cells = st.lists(st.integers(0, 3), min_size=m, max_size=m)
    some = np.array(data.draw(st.lists(cells, min_size=n, max_size=n)))
    rows, columns = some.sum(axis=1), some.sum(axis=0)
    assume(rows.sum() > 0)
    table = np.outer(rows, columns) / rows.sum()
    rounded = round_table(table, rows, columns)
    assert (rounded.sum(axis=1) == rows).all()
    assert (rounded.sum(axis=0) == columns).all()
    assert (np.abs(rounded - table) < 1).all()
    best = min(np.abs(one - table).sum() for one in tables_of(rows.tolist(), columns.tolist()))
    assert np.abs(rounded - table).sum() == pytest.approx(best, abs=1e-4)


@given(st.data())
def test_rounding_with_free_columns_rounds_those_too(data):
    n, m = data.draw(st.integers(1, 4)), data.draw(st.integers(1, 4))
    rows = np.array(data.draw(st.lists(st.integers(0, 9), min_size=n, max_size=n)))
    weights = np.array(
        data.draw(st.lists(st.integers(1, 9), min_size=n * m, max_size=n * m))
    ).reshape(n, m)
    table = rows[:, np.newaxis] * weights / weights.sum(axis=1, keepdims=True)
    rounded = round_table(table, rows)
    assert (rounded.sum(axis=1) == rows).all()
    assert (np.abs(rounded.sum(axis=0) - table.sum(axis=0)) < 1 + 1e-9).all()
    assert (np.abs(rounded - table) < 1 + 1e-9).all()


@given(st.data())
def test_proportions_are_those_of_a_plain_loop(data):
    n, m = data.draw(st.integers(1, 3)), data.draw(st.integers(1, 3))
    numbers = st.lists(st.floats(0.1, 9), min_size=n * m, max_size=n * m)
    start, goal = (np.array(data.draw(numbers)).reshape(n, m) for _ in range(2))
    rows, columns = goal.sum(axis=1), goal.sum(axis=0)
    plain = start.tolist()
    for _ in range(3000):
        for i in range(n):
            factor = rows[i] / sum(plain[i])
            plain[i] = [cell * factor for cell in plain[i]]
        for j in range(m):
            factor = columns[j] / sum(line[j] for line in plain)
            for line in plain:
                line[j] *= factor
    fitted = fit_proportions(start, rows, columns)
    assert fitted == pytest.approx(np.array(plain), rel=1e-6, abs=1e-6)
    # What it keeps of the start: the cross ratios.
    for i, j in product(range(n - 1), range(m - 1)):
        ratio = [t[i, j] * t[i + 1, j + 1] / (t[i + 1, j] * t[i, j + 1]) for t in (start, fitted)]
        assert ratio[1] == pytest.approx(ratio[0], rel=1e-5)


@given(st.data())
def test_zeros_are_kept_or_what_has_no_place_is_told(data):
    n, m = data.draw(st.integers(1, 3)), data.draw(st.integers(1, 3))
    some = np.array(data.draw(st.lists(st.integers(0, 3), min_size=n * m, max_size=n * m))).reshape(
        n, m
    )
    allowed = np.array(data.draw(st.lists(st.booleans(), min_size=n * m, max_size=n * m))).reshape(
        n, m
    )
    rows, columns = some.sum(axis=1), some.sum(axis=0)
    fits = [one for one in tables_of(rows.tolist(), columns.tolist()) if not one[~allowed].any()]
    left, of = unmet(rows, columns, allowed)
    assert left.sum() == of.sum()
    assert (left.sum() == 0) == bool(fits)
    if fits:
        start = np.where(allowed, np.outer(rows, columns) / max(rows.sum(), 1), 0.0)
        fitted = fit_proportions(start, rows.astype(float), columns.astype(float))
        rounded = round_table(fitted, rows, columns, allowed=allowed)
        assert any((rounded == one).all() for one in fits)


@given(st.data())
def test_bounds_contain_what_would_come_of_every_exact_case(data):
    table1, table2 = data.draw(filled(n_groups=1))
    known1, known2 = table1.astype({"persons": float}), table2.astype({"homes": float})
    for known, name in ((known1, "persons"), (known2, "homes")):
        n = len(known)
        hidden = np.array(data.draw(st.lists(st.booleans(), min_size=n, max_size=n)))
        wide = np.array(data.draw(st.lists(st.integers(0, 5), min_size=n, max_size=n)))
        truth = known[name].copy()
        known[f"{name}_low"] = np.where(hidden, np.maximum(truth - wide, 0), truth)
        known[f"{name}_high"] = np.where(hidden, truth + wide, truth)
        known[name] = truth.mask(hidden)
    exact, told = fit_woningtypes(table1, table2, 1.0), fit_woningtypes(known1, known2, 1.0)
    assume(len(told) == len(exact))
    assert (told["homes_low"].fillna(0) <= exact["homes_low"]).all()
    assert (told["homes_high"].fillna(999) >= exact["homes_high"]).all()
    assert (told["homes"].isna() | (told["homes"] == exact["homes"])).all()


@given(st.data(), st.sampled_from([0.8, 1.0, 1.3, 2.0]))
def test_homes_of_persons_lie_within_the_bounds_of_what_is_hidden(data, size):
    persons = data.draw(st.lists(st.integers(0, 30), min_size=1, max_size=5))
    below = data.draw(st.lists(st.integers(0, 5), min_size=len(persons), max_size=len(persons)))
    truth = pd.DataFrame({"groep": "ggz", "gemeente": range(len(persons)), "persons": persons})
    known = truth.assign(
        persons=truth["persons"].astype(float).mask(np.array(below) > 0),
        persons_low=np.maximum(truth["persons"] - below, 0),
        persons_high=truth["persons"] + below,
    )
    exact, told = persons_to_homes(truth, size)["homes"], persons_to_homes(known, size)
    assert (told["homes_low"] <= exact).all()
    assert (exact <= told["homes_high"]).all()
    assert exact.sum() == np.floor(sum(persons) / size + 0.5)


CELL = st.one_of(
    st.none(),
    st.just("?"),
    st.integers(0, 99_999).map(lambda n: f"{n:,}".replace(",", ".")),
    st.just("3-8"),
)


@settings(max_examples=10)
@given(st.data())
def test_a_form_that_is_filled_in_is_read_again_as_it_was(data):
    import io

    import openpyxl

    groups = data.draw(
        st.lists(st.sampled_from(LAYOUT.groups), min_size=1, max_size=4, unique_by=lambda g: g.key)
    )
    n = len(groups)
    cells = st.lists(CELL, min_size=n, max_size=n)
    names = [data.draw(st.sampled_from([one.name, one.name_en, *one.also])) for one in groups]
    spelled = [data.draw(st.sampled_from([str, str.upper, str.lower]))(name) for name in names]
    table1 = pd.DataFrame(
        {"Groep": spelled, **{p: data.draw(cells) for p in PLACES[:3]}}, dtype="str"
    )
    kinds = data.draw(
        st.lists(
            st.sampled_from(LAYOUT.woningtypes), min_size=1, max_size=3, unique_by=lambda k: k.key
        )
    )
    table2 = pd.DataFrame(
        {"Groep": spelled, "Rij": "opgave", **{k.name: data.draw(cells) for k in kinds}},
        dtype="str",
    )
    form = read_form(table1, table2)
    book = openpyxl.load_workbook(io.BytesIO(fill_form(form, 1.2)))
    again = read_form(*(as_text(book[f"Tabel {i}"]) for i in (1, 2)))
    for name, column in (("table1", "persons"), ("table2", "homes")):
        one, other = (told(getattr(each, name), column) for each in (form, again))
        assert one.equals(other)


def as_text(sheet):
    """Give a sheet as the reader of tables does."""
    head, *rows = list(sheet.iter_rows(values_only=True))
    cells = [[None if cell is None else str(cell) for cell in row] for row in rows]
    return pd.DataFrame(cells, columns=[str(c) for c in head], dtype="str")


def told(table: pd.DataFrame, column: str) -> pd.DataFrame:
    """Leave the cells of a form that hold something, and not from where."""
    kept = table.drop(columns="source").dropna(subset=[f"{column}_low"])
    return kept.reset_index(drop=True)
