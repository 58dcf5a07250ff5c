"""Forecasts of people of 75 and 85 and over, in the forms they are published in."""

from __future__ import annotations

import itertools

import pandas as pd
import pytest
from told import dutch

from geowoonzorg.errors import CoverageError, InputError, MissingColumnError
from geowoonzorg.opendata.areas import read_areas
from geowoonzorg.opendata.areas._joining import join_forecast
from geowoonzorg.opendata.forecast import read_forecast
from geowoonzorg.prepare import demo_study

GROUPS = [
    "70 tot 75 jaar",
    "75 tot 80 jaar",
    "80 tot 85 jaar",
    "85 tot 90 jaar",
    "90 tot 95 jaar",
    "95 jaar of ouder",
]


@pytest.fixture
def write(tmp_path):
    def to_csv(rows, name="prognose.csv"):
        path = tmp_path / name
        pd.DataFrame(rows).to_csv(path, sep=";", index=False)
        return path

    return to_csv


def statline(*, unit="Totale bevolking (x 1 000)", scale=0.001):
    """Rows as the regional forecast of CBS/PBL has them: groups of five years, three variants, two years."""
    rows = []
    for code, year, (g, group), (v, variant) in itertools.product(
        ["GM9801", "GM0166"], [2030, 2035], enumerate(GROUPS),
        enumerate(["Ondergrens 67%-interval", "Prognose", "Bovengrens 67%-interval"]),
    ):  # fmt: skip
        rows.append({
            "Leeftijd": group, "Prognose(-interval)": variant, "Regiocode": code, "Perioden": year,
            unit: (100 * (g + 1) + 10 * v + (year - 2030)) * scale,
        })  # fmt: skip
    return rows


def test_groups_of_five_years_are_added_up_per_variant(write):
    figures = read_forecast(write(statline()), year=2035)
    # 75 and over: groups 2 to 6, each 100 × its number + 10 × variant + 5.
    assert figures.numbers.loc["GM9801"].round(6).tolist() == [
        2025, 2075, 2125,
        1515, 1545, 1575,
    ]  # fmt: skip
    assert list(figures.numbers) == [
        f"forecast_{a}plus_{v}" for a in (75, 85) for v in ("low", "mid", "high")
    ]
    assert figures.year == 2035
    assert any("5 leeftijdsgroepen bij elkaar" in note for note in dutch(figures.notes))


def test_open_groups_are_taken_as_they_are(write):
    rows = [
        {"gemeentecode": "GM9801", "jaar": 2040, "leeftijd": age, "variant": v, "aantal": f"1.{n:03d}"}
        for age, n in (("75+", 200), ("85 jaar en ouder", 50)) for v in ("laag", "midden", "hoog")
    ]  # fmt: skip
    figures = read_forecast(write(rows), year=2040)
    assert figures.numbers.loc["GM9801", "forecast_75plus_mid"] == 1200, (
        "a dot marks thousands of people"
    )
    assert figures.numbers.loc["GM9801", "forecast_85plus_high"] == 1050
    assert not any("leeftijdsgroepen" in note for note in dutch(figures.notes))


def test_a_users_table_with_a_column_each_and_no_variants(write):
    rows = [{"code": "GM9801", "jaar": 2040, "Ouderen 75+": "3.400"}]
    figures = read_forecast(write(rows), year=2040, columns={"forecast_75plus_mid": "Ouderen 75+"})
    assert figures.numbers.loc["GM9801"].to_dict() == {"forecast_75plus_mid": 3400}


def test_of_a_gemeente_it_stays_the_gemeentes_and_is_told(write):
    areas = read_areas(demo_study().parent / "wijkenbuurten_2023_v3.gpkg")
    joined = join_forecast(areas, write(statline()), 2030)
    assert joined.frame["forecast_75plus_mid"].isna().all(), (
        "no forecast is shared out over buurten"
    )
    assert (joined.reasons["forecast_75plus_mid"] == "other_level").all()
    assert joined.gemeenten.loc["GM9801", "forecast_75plus_mid"] == 2050
    told = [n for n in dutch(joined.notes) if "mensen van 75 en ouder in 2030" in n]
    assert told == ["Wierhaven: 2.050 mensen van 75 en ouder in 2030 (2.000 tot 2.100)"]
    traced = joined.provenance.set_index("column").loc["forecast_75plus_mid"]
    assert (traced["source"], traced["year"]) == ("prognose", 2030)


def test_a_forecast_that_ends_before_the_year_says_how_far_it_goes(write):
    with pytest.raises(InputError, match=r"has 2030, 2035 and not 2045; .* that reaches 2045"):
        read_forecast(write(statline()), year=2045)


@pytest.mark.parametrize(
    ("change", "error", "match"),
    [
        (
            {"Leeftijd": "0 tot 20 jaar"},
            InputError,
            r"no age groups that add up to 75, 85 and over",
        ),
        ({"Prognose(-interval)": "raar"}, InputError, r"variants that are not known: 1 \(raar\)"),
    ],
)
def test_words_that_are_not_known_are_named(write, change, error, match):
    with pytest.raises(error, match=match):
        read_forecast(write([r | change for r in statline()[:1]]), year=2030)


def test_swapped_variants_are_noticed(write):
    rows = [{"code": "GM9801", "jaar": 2040, "forecast_75plus_low": 9, "forecast_75plus_mid": 8}]
    with pytest.raises(InputError, match="forecast_75plus_low is over forecast_75plus_mid"):
        read_forecast(write(rows), year=2040)


def test_a_table_of_another_gemeente_or_of_something_else_is_refused(write):
    areas = read_areas(demo_study().parent / "wijkenbuurten_2023_v3.gpkg")
    rows = [{"code": "GM0166", "jaar": 2040, "forecast_75plus_mid": 8}]
    with pytest.raises(CoverageError, match="rows for only 0%"):
        join_forecast(areas, write(rows), 2040)
    with pytest.raises(MissingColumnError, match=r"\[areas.forecast\] columns"):
        read_forecast(write([{"code": "GM0166", "jaar": 2040, "x": 1}]), year=2040)
    with pytest.raises(MissingColumnError, match="number of people"):
        read_forecast(
            write([{"code": "GM0166", "jaar": 2040, "leeftijd": "75+", "x": 1}]), year=2040
        )
