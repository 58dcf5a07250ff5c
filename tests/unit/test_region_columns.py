"""Every cell of a region's tables can be traced: its row's source, or arithmetic that gives the number again."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
import pandas as pd
import pytest

from geowoonzorg.ask import ask_region
from geowoonzorg.ask.region import OUTPUTS
from geowoonzorg.prepare import demo_study
from geowoonzorg.region.columns import read_column_knowledge

KNOWN = asdict(read_column_knowledge())
ARITHMETIC = [
    (table, column) for table, of in KNOWN.items() for column, made in of.items() if made.startswith("=")
]  # fmt: skip


@pytest.fixture(scope="module")
def answer():
    return ask_region(demo_study().parent / "regio" / "region.toml")


def bare(table):
    names = [name for name in table.columns if name not in {"source", "geometry"}]
    return {name.removesuffix("_low").removesuffix("_high") for name in names}


@pytest.mark.parametrize("name", [*OUTPUTS.tables.values(), "maps"])
def test_every_column_says_what_it_is_made_of(answer, name):
    columns = set(KNOWN[name]) - ({"low", "high"} if name != "maps" else set())
    assert bare(answer.tables[name]) == columns
    if "source" in answer.tables[name]:
        assert answer.tables[name]["source"].astype("str").str.strip().ne("").all()


@pytest.mark.parametrize(("name", "column"), ARITHMETIC)
def test_arithmetic_gives_the_numbers_again(answer, name, column):
    table = answer.tables[name]
    if "moment" in table:  # afterwards the figures are those of the woondeal
        table = table[table["moment"] == "now"]
    figures = answer.figures.set_index("gemeente").add_prefix("figures_")
    beside = table.join(figures, on="gemeente") if "gemeente" in table else table
    beside = beside.assign(persons_per_home=answer.records["form"]["persons_per_home"])
    numbers = {
        one: pd.to_numeric(beside[one], errors="coerce").astype("float64") for one in beside.columns
    }
    made = KNOWN[name][column].removeprefix("= ").replace("figures.", "figures_")
    again = pd.DataFrame(numbers).eval(made, engine="python")
    told = numbers[column]
    both = told.notna() & again.notna()
    assert both.any()
    # What divides to nothing is not told.
    assert np.isfinite(again[both]).all()
    assert told[both].to_numpy() == pytest.approx(again[both].to_numpy(), rel=1e-6, abs=1e-9)
    lost = told.isna() & np.isfinite(again)
    assert not lost.any(), "what arithmetic gives is told"
    assert not (told.notna() & again.isna()).any(), "nothing is told that arithmetic does not give"


def test_provenance_tells_it_per_file(answer):
    told = answer.provenance["columns"]
    assert set(told) == {*OUTPUTS.tables, *OUTPUTS.layers}
    assert told["opgave.csv"]["gap"] == "= amount - supply - plans"
