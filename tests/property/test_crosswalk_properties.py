"""Figures carried over borders that are cut and merged at random, against a count home by home."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geowoonzorg.people.crosswalk import carry_over, cross_borders

SIDE = 5  # atoms across; every area is made of atoms
N = SIDE * SIDE


@st.composite
def divisions(draw):
    """Two divisions of one square, and where in it people live."""
    parts = [draw(st.lists(st.integers(0, 5), min_size=N, max_size=N)) for _ in range(2)]
    if draw(st.booleans()):  # areas that stay as they are, under another code
        parts[1] = [p if p < 2 else q + 6 for p, q in zip(parts[0], parts[1], strict=True)]
    homes = draw(st.lists(st.integers(0, 3), min_size=N, max_size=N))
    return *parts, homes


def layer(labels, prefix):
    x, y = 100.0 * (np.arange(N) % SIDE), 100.0 * (np.arange(N) // SIDE)
    atoms = gpd.GeoDataFrame(
        {"code": [f"{prefix}{label}" for label in labels]},
        geometry=shapely.box(x, y, x + 100, y + 100),
        crs=28992,
    )
    return atoms.dissolve("code")


def points(homes):
    """Homes in the middle of their atoms, as their place within it tells nothing."""
    atom = np.repeat(np.arange(N), homes)
    return atom, gpd.GeoSeries(
        gpd.points_from_xy(100.0 * (atom % SIDE) + 50, 100.0 * (atom // SIDE) + 50), crs=28992
    )


@given(divisions(), st.integers(0, 2**32 - 1))
def test_counts_are_kept_and_every_home_brings_its_part(parts, seed):
    before, after, homes = parts
    old, new = layer(before, "A"), layer(after, "B")
    rng = np.random.default_rng(seed)
    values = pd.DataFrame(
        {"n": rng.integers(10_000, 20_000, len(old)), "mean": rng.normal(size=len(old))},
        index=old.index,
        dtype="float64",
    )
    atom, where = points(homes)
    walk = cross_borders(old, new, homes=where)
    found = carry_over(values, walk, kinds={"n": "count"}, people=None)
    shares = walk.pairs.groupby("old")["share"].sum()
    np.testing.assert_allclose(shares.reindex(old.index), 1.0, atol=1e-9)
    assert abs(found.numbers["n"].sum() / values["n"].sum() - 1) < 1e-3
    # Home by home: each has the mean of its old area, and a new area the mean of its homes.
    own = pd.DataFrame(
        {"old": [f"A{before[a]}" for a in atom], "new": [f"B{after[a]}" for a in atom]}
    )
    expected = own["old"].map(values["mean"]).groupby(own["new"]).mean()
    by_homes = [c for c in expected.index if found.method[c] != "surface"]
    got = found.numbers["mean"].reindex(by_homes)
    np.testing.assert_allclose(got.dropna(), expected[got.dropna().index], rtol=1e-9)
    assert (found.known_share.loc[got.index[got.isna()], "mean"] < 0.8).all()


@given(divisions())
def test_a_division_onto_itself_changes_nothing(parts):
    before, _, homes = parts
    old = layer(before, "A")
    values = pd.DataFrame({"n": np.arange(len(old)) + 1.0}, index=old.index)
    values.iloc[0] = np.nan
    walk = cross_borders(old, old.rename(index=lambda c: c + "x"), homes=points(homes)[1])
    found = carry_over(values, walk, kinds={"n": "count"})
    assert (found.method == "same").all()
    np.testing.assert_array_equal(found.numbers["n"], values["n"].to_numpy())
    assert found.reasons["n"].iloc[0] == "secret"


@given(divisions(), st.integers(0, 5))
def test_what_is_secret_stays_unknown_wherever_its_homes_go(parts, which):
    before, after, homes = parts
    old, new = layer(before, "A"), layer(after, "B")
    secret = f"A{before[which]}"
    values = pd.DataFrame({"n": 10_000.0}, index=old.index)
    values.loc[secret] = np.nan
    found = carry_over(
        values, cross_borders(old, new, homes=points(homes)[1]), kinds={"n": "count"}
    )
    reached = {f"B{after[a]}" for a in range(N) if homes[a] and f"A{before[a]}" == secret}
    assert found.numbers.loc[sorted(reached), "n"].isna().all()
    assert (found.reasons.loc[sorted(reached), "n"] == "secret").all()
