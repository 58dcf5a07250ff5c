"""A region from its files to its outputs: spread, needs, supply, what is short, the command and the report."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from english import run_command
from hypothesis import given
from hypothesis import strategies as st
from test_english import DUTCH

import geowoonzorg.region.spread as spreading
from geowoonzorg.ask import ask_region
from geowoonzorg.errors import InputError, MissingColumnError, StudyError
from geowoonzorg.region.figures import read_region_figures
from geowoonzorg.region.needs import chain_needs, forecast_needs, read_chain
from geowoonzorg.region.study import Region, parse_region, read_region
from geowoonzorg.region.supply import gap, read_plans, read_supply, sum_supply
from geowoonzorg.region.survey import read_survey
from geowoonzorg.show.region_report import render_region_report

FILES = {
    "kengetallen.csv": (
        "gemeente;code;inwoners;huishoudens;kwetsbaar;sociale huur;free_homes;woningen\n"
        "Dorp <b>;GM9901;20.000;9.000;1.200;1.200;90;9.100\n"
        "Stad;GM9902;100.000;48.000;20.000;17.000;1.400;50.000\n"
    ),
    "personen_2021.csv": (
        "gemeente;Ouderen;Studenten;Statushouders;Uitstroom detentie\n"
        "Dorp <b>;7.000;150;30;?\nSTAD;25.000;9.000;700;45\n"
    ),
    "prognose.csv": (
        "code,jaar,forecast_75plus_low,forecast_75plus_mid,forecast_75plus_high\n"
        "GM9901,2021,2000,2000,2000\nGM9901,2031,2800,3000,3300\nGM9901,2041,3300,3600,4000\n"
        "GM9902,2021,8000,8000,8000\nGM9902,2031,9500,10000,10600\nGM9902,2041,11000,12000,13500\n"
    ),
    "stroom.csv": (
        "gemeente;groep;stand;instroom;doorstroom;uitstroom;wachtlijst\nStad;Beschermd wonen;100;20;5;26;12\n"
        "Dorp <b>;beschermd wonen;20;?;1;4;\n"
    ),
    "aanbod.csv": (
        "naam;gemeente;eenheden;type;verblijf;financiering;geschikt;groep\nHof;Stad;60;hofje;lang;;ja;\n"
        "Noord;Stad;80;beschermd wonen;lang;Wmo;nee;beschermd wonen\n"
    ),
    "plannen.csv": (
        "plan;gemeente;woningen;status;jaar;geschikt;groep\nKade;Stad;200;hard;2027;80;\n"
        "Zuid;Stad;24;zacht;;;beschermd wonen\n"
    ),
    "opgenomen.csv": "gemeente;jaar;woningen\nStad;2022;150\nDorp <b>;2022;20\n",
    "tabel1.csv": "groep;Stad;Dorp <b>\nStudenten;120;\nstatushouders;300;36\n",
    "tabel2.csv": (
        "groep;rij;Regulier;Onzelfstandig\nStudenten;toe te voegen;20;80\nstatushouders;toe te voegen;200;80\n"
    ),
    "region.toml": """
[region]
name = "Proef & regio"
homes = 200
figures = "kengetallen.csv"
tables = ["personen_2021.csv"]
cannot_spread = ["Studenten"]
forecast = "prognose.csv"
flow = "stroom.csv"
supply = "aanbod.csv"
plans = "plannen.csv"
taken = "opgenomen.csv"
[keys]
inwoners = { inhabitants = 1 }
helft = { inhabitants = 0.5, free_homes = 0.5, min_share = { "dorp <b>" = 0.2 } }
[[per_group]]
group = "Statushouders"
homes = 40
key = "inwoners"
[form]
table1 = "tabel1.csv"
table2 = "tabel2.csv"
persons_per_home = 1.2
""",
}  # fmt: skip
OWN = re.compile(r"<bdi>.*?</bdi>|<h1>.*?</h1>|<title>.*?</title>|<caption.*?</caption>", re.DOTALL)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("region")
    for name, text in FILES.items():
        (made / name).write_text(text, encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def answer(folder):
    return ask_region(folder / "region.toml")


def test_spread_is_per_1000_against_all_people_over_all_inhabitants(answer):
    spread = answer.spreiding.set_index(["groep", "gemeente"])
    older = spread.loc["Ouderen"]
    assert older.index.tolist() == ["Dorp <b>", "Stad"], "from many to few"
    assert older["per_1000"].tolist() == [350, 250]
    assert older["region_per_1000"].round(9).tolist() == [266.666666667] * 2
    assert older["against_region"].tolist() == ["above", "below"]
    hidden = spread.loc[("Uitstromers detentie", "Dorp <b>")]
    assert np.isnan(hidden["per_1000"])
    assert (hidden["persons_low"], hidden["persons_high"]) == (0, 31), (
        "under 30, the least told, and its rounding"
    )
    students = spread.loc["Studenten"]
    assert not students["can_spread"].any()
    assert set(students["against_region"]) == {""}


@given(
    st.lists(st.tuples(st.integers(0, 900), st.integers(0, 40), st.integers(1000, 9000)), min_size=2, max_size=5),
    st.data(),
)  # fmt: skip
def test_intervals_of_spread_contain_every_exact_case(rows, data):
    low = np.array([r[0] for r in rows], dtype=float)
    high = low + [r[1] for r in rows]
    true = np.array(
        [data.draw(st.integers(int(a), int(b))) for a, b in zip(low, high, strict=True)],
        dtype=float,
    )
    codes = [f"GM{i:04}" for i in range(len(rows))]
    figures = pd.DataFrame({"gemeente": codes, "code": codes, "inhabitants": [r[2] for r in rows]})

    def spread(least, most, persons):
        counts = pd.DataFrame({
            "code": codes, "groep": "x", "sub": "", "part": "", "year": 2021, "persons": persons,
            "persons_low": least, "persons_high": most, "source": "s",
        })  # fmt: skip
        return spreading.spread_groups(counts, figures)[0].sort_values("code")

    wide, exact = spread(low, high, np.nan), spread(true, true, true)
    for name in ("per_1000", "region_per_1000", "share"):
        value = exact[name].fillna(0).to_numpy()
        assert (wide[f"{name}_low"].to_numpy() <= value + 1e-9).all()
        assert (value <= wide[f"{name}_high"].fillna(np.inf).to_numpy() + 1e-9).all()
    sure = wide["against_region"].isin(["above", "below"]).to_numpy()
    assert (
        wide["against_region"].to_numpy()[sure] == exact["against_region"].to_numpy()[sure]
    ).all()


def test_a_rank_correlation_needs_five_gemeenten_that_differ():
    codes = list("abcdef")
    spread = pd.DataFrame({"groep": "x", "code": codes, "per_1000": [1, 2, 3, 4, 6, 5.0]})
    figures = pd.DataFrame({"code": codes, "social_homes": range(6), "dwellings": 10})
    row = spreading.goes_together(spread, figures).iloc[0]
    assert row["rank_correlation"] == pytest.approx(1 - 6 * 2 / (6 * 35)), "Spearman by its formula"
    few = spreading.goes_together(spread.iloc[:4], figures).iloc[0]
    assert np.isnan(few["rank_correlation"])


def test_needs_are_drawn_between_years_and_rates_have_their_source(folder):
    needs, notes = forecast_needs(folder / "prognose.csv", years=[2026, 2060])
    rows = needs[needs["code"] == "GM9901"].set_index("need")
    people = rows.loc["people"]
    assert (people["amount_low"], people["amount"], people["amount_high"]) == (2400, 2500, 2650)
    assert rows.loc["independent", "amount"] == 2500 * 0.92
    limits = rows.loc["severe_limits"]
    assert limits["amount_low"] == pytest.approx(2400 * 0.92 * 0.16 / 2)
    assert limits["amount_high"] == pytest.approx(2650 * 0.92 * 0.16)
    assert any("does not reach 2060" in note for note in notes)
    assert sum("of the whole country" in note for note in notes) == 2
    with pytest.raises(InputError, match="2021-2041 and reaches none of 2060"):
        forecast_needs(folder / "prognose.csv", years=[2060])


def test_the_chain_keeps_what_is_not_told_without_an_end(folder):
    codes = {"Stad": "GM9902", "Dorp <b>": "GM9901"}
    chain = read_chain(folder / "stroom.csv", codes=codes)
    needs = chain_needs(chain, year=2021, ahead=[5], file="stroom.csv").set_index(
        ["code", "need", "year"]
    )
    assert needs.loc[("GM9902", "places", 2026), "amount"] == 100 + 12 + 5 * (20 - 26)
    assert needs.loc[("GM9902", "homes", 2026), "amount"] == 130
    open_ = needs.loc[("GM9901", "places", 2021)]
    assert open_["amount_low"] == 20, "the waiting list is not told, so it is 0 or more"
    assert np.isnan(open_["amount"])
    assert np.isnan(open_["amount_high"])


def test_what_is_short_is_need_less_supply_less_plans(answer):
    rows = answer.opgave.set_index(["area", "need", "year"])
    places = rows.loc[("GM9902", "places", 2026)]
    assert places["supply"] == 80
    assert (places["plans_low"], places["plans_high"]) == (0, 24), (
        "a plan without a year may be late"
    )
    assert (places["gap_low"], places["gap_high"]) == (82 - 80 - 24, 82 - 80)
    leaving = rows.loc[("GM9902", "homes", 2026)]
    assert leaving["supply"] == 0, "sheltered places are no homes for who leaves them"
    suitable = rows.loc[("GM9902", "severe_limits", 2031)]
    assert suitable["supply"] == 60
    assert (suitable["plans_low"], suitable["plans_high"]) == (80, 80 + 24)
    nothing = rows.loc[("GM9901", "severe_limits", 2031)]
    assert np.isnan(nothing["supply"]), "the list has nothing of this gemeente, which is not none"
    assert np.isnan(nothing["gap_low"])


@given(st.data())
def test_the_gap_contains_every_exact_case(data):
    number = st.integers(0, 50)
    need = data.draw(number)
    needs = pd.DataFrame({
        "code": ["GM0001"], "groep": "x", "need": "places", "year": 2030, "amount": np.nan,
        "amount_low": float(need), "amount_high": float(need + data.draw(number)), "unit": "people", "source": "n",
    })  # fmt: skip
    homes = data.draw(st.lists(number, min_size=1, max_size=3))
    years = data.draw(
        st.lists(st.sampled_from([2025, 2035, None]), min_size=len(homes), max_size=len(homes))
    )
    kinds = data.draw(
        st.lists(
            st.sampled_from(["opvang", "unknown", "geclusterd"]),
            min_size=len(homes),
            max_size=len(homes),
        )
    )
    listed = pd.DataFrame({
        "code": "GM0001", "area": "GM0001", "groep": "x", "homes": np.array(homes, float), "suitable": np.nan,
        "category": kinds,
        "year": pd.array(years, dtype="Int64"), "source": "p",
    })  # fmt: skip
    found = gap(needs, listed, listed).iloc[0]
    met = 0
    for number_of, year, kind in zip(homes, years, kinds, strict=True):
        fits = kind == "opvang" or (kind == "unknown" and data.draw(st.booleans()))
        there = year == 2025 or (year is None and data.draw(st.booleans()))
        met += number_of * (fits + (fits and there))  # once as supply, once as a plan
    true = need - met
    assert found["gap_low"] <= true <= found["gap_high"]


def test_supply_is_added_up_by_category_stay_and_funding(folder):
    supply, notes = read_supply(folder / "aanbod.csv", codes={"Stad": "GM9902"})
    sums = sum_supply(supply).set_index("category")
    assert sums.loc["beschermd", ["stay", "funding", "homes", "suitable"]].tolist() == [
        "lang",
        "Wmo",
        80,
        0,
    ]
    assert sums.loc["geclusterd", "funding"] == "unknown"
    assert np.isnan(sums.loc["geclusterd", "adaptable"])
    assert sums.loc["geclusterd", "adaptable_high"] == 60
    plans, _ = read_plans(folder / "plannen.csv", codes={"Stad": "GM9902"})
    assert plans["suitable"].tolist()[0] == 80
    assert notes


def test_every_row_names_where_it_is_from(answer):
    for name, table in answer.tables.items():
        if len(table) and name not in {"figures", "form_table1", "form_table2"}:
            assert (table["source"].astype("str").str.len() > 3).all(), name


def test_keys_add_up_with_limits_by_any_spelling(answer):
    shared = answer.verdeelsleutels
    assert shared.groupby("key")["homes"].sum().to_dict() == {
        "inwoners": 200,
        "helft": 200,
        "per_group": 40,
    }
    half = shared[shared["key"] == "helft"].set_index("gemeente")
    assert half.loc["Dorp <b>", "share"] == pytest.approx(0.2)
    ledger = answer.opgenomen.set_index("gemeente")
    assert ledger.loc["Stad", "due"] == 167
    assert ledger.loc["Stad", "balance"] == 150 - 167


def test_the_command_writes_all_and_twice_the_same(folder, tmp_path):
    for name in ("one", "two"):
        assert run_command(["region", folder / "region.toml", "--out", tmp_path / name]) == 0
    files = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert {
        "aantallen.csv", "spreiding.csv", "verdeelsleutels.csv", "hulpmiddel.xlsx", "report.html", "provenance.json",
        "hulpmiddel_gemeente_woningtype.csv",
    } <= set(files)  # fmt: skip
    for name in files:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes(), (
            name
        )
    counts = pd.read_csv(tmp_path / "one" / "aantallen.csv")
    assert list(counts.columns)[:8] == [
        "gemeente", "code", "groep", "kenmerk", "year", "persons", "persons_low", "persons_high",
    ]  # fmt: skip
    assert counts["persons"].isna().sum() == 1
    told = json.loads((tmp_path / "one" / "provenance.json").read_text(encoding="utf-8"))
    assert len(told["inputs"]) == 9
    assert all(len(one["sha256"]) == 64 and "/" not in one["file"] for one in told["inputs"])
    assert run_command(["region", folder / "region.toml", "--out", folder / "kengetallen.csv"]) != 0


def test_without_tables_it_is_a_scan_of_figures(folder, shared_data, tmp_path):
    scan = ask_region(Region(name="R", figures=folder / "kengetallen.csv", year=2023))
    assert set(scan.spreiding["groep"]) == {"Kwetsbare inwoners"}
    assert (
        scan.sociale_huur.set_index(["gemeente", "year"]).loc[("Stad", 2023), "social_share"]
        == 0.34
    )
    assert scan.verdeelsleutels.empty
    assert "eerste scan" in render_region_report(scan)
    cbs = ask_region(Region(name="U", figures=shared_data / "cbs" / "kwb-2023-utrecht.xlsx"))
    assert cbs.spreiding[["groep", "gemeente", "year"]].to_numpy().tolist() == [
        ["65-plussers", "Utrecht", 2023]
    ]
    assert cbs.write(tmp_path / "scan")
    direct = ask_region(folder / "kengetallen.csv", gemeente=["stad"])
    assert direct.spreiding["gemeente"].tolist() == ["Stad"]


def test_question_marks_everywhere_leave_everything_open_and_nothing_breaks(folder, tmp_path):
    (tmp_path / "p_2021.csv").write_text("gemeente;Ouderen\nStad;?\nDorp <b>;?\n", encoding="utf-8")
    found = ask_region(
        Region(name="R", figures=folder / "kengetallen.csv", tables=(tmp_path / "p_2021.csv",))
    )
    assert found.aantallen["persons_high"].isna().all()
    assert set(found.spreiding["against_region"]) == {"unsure"}
    assert found.spreiding["per_1000_high"].isna().all()
    page = render_region_report(found)
    assert "niet zeker boven of onder de regio" in page
    assert "nan" not in page.lower().replace("financ", "")


def test_an_input_is_never_an_output_and_a_failure_leaves_the_old_output(folder, tmp_path):
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert run_command(["region", tmp_path / "region.toml", "--out", tmp_path, "--force"]) != 0
    assert {name: (tmp_path / name).read_text(encoding="utf-8") for name in FILES} == FILES
    assert run_command(["region", tmp_path / "region.toml"]) == 0
    before = {path.name: path.read_bytes() for path in (tmp_path / "region").iterdir()}
    (tmp_path / "personen_2021.csv").write_text("gemeente;Ouderen\nNergens;1\n", encoding="utf-8")
    assert run_command(["region", tmp_path / "region.toml"]) == 3
    assert {path.name: path.read_bytes() for path in (tmp_path / "region").iterdir()} == before


def test_the_report_escapes_sorts_and_has_its_line(answer):
    page = render_region_report(answer)
    assert "Dorp <b>" not in page
    assert "Dorp &lt;b&gt;" in page
    assert "Proef &amp; regio" in page
    assert "<script" not in page
    older = page[page.index("Ouderen") :]
    assert older.index("Dorp") < older.index("Stad")
    line = float(re.search(r'<line x1="([\d.]+)"', older)[1])
    assert line == pytest.approx(100 * 266.6667 / 350.1, abs=0.01), (
        "the region, in per cents of the widest bar"
    )
    assert "0 tot 31" in page
    assert "verklaart niets" not in page, "of two gemeenten nothing goes together"
    together = answer.samenhang.assign(
        rank_correlation=[0.5, *[np.nan] * (len(answer.samenhang) - 1)]
    )
    told = render_region_report(
        replace(answer, tables={**answer.tables, "samenhang": together}), lang="nl"
    )
    assert "verklaart niets" in told


def test_the_english_report_is_english(answer):
    page = render_region_report(answer, lang="en")
    start = page.index("<main>")
    words = re.sub(r"<[^>]+>", " ", OWN.sub(" ", page[start : page.index("</main>")]))
    notes = words[words.index("How it was worked out") :]
    names = re.compile(
        r"Een thuis voor iedereen.*?sociale huur|Hulpmiddel opgave.*?iedereen|Hulpmiddel opgave aandachtsgroepen|"
        r"\w+\.(csv|xlsx)"
    )
    told = names.sub(" ", words.replace(notes, ""))
    assert sorted({one.group() for one in DUTCH.finditer(told)}) == []


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        ({"kengetallen.csv": FILES["kengetallen.csv"].replace("GM9901", "")}, InputError, "without a code: 1"),
        ({"kengetallen.csv": FILES["kengetallen.csv"].replace("GM9901", "GM9902")}, InputError, "same code"),
        ({"kengetallen.csv": FILES["kengetallen.csv"].replace("inwoners", "zzz")}, MissingColumnError, "inhabitants"),
        ({"stroom.csv": "gemeente;groep\nStad;x\n"}, MissingColumnError, "stand, instroom"),
        ({"aanbod.csv": FILES["aanbod.csv"].replace(";60;", ";60,5;")}, InputError, "whole number"),
        ({"region.toml": FILES["region.toml"].replace('["Studenten"]', '["Zeelui"]')}, StudyError, "Zeelui"),
        ({"region.toml": FILES["region.toml"].replace("homes = 200", "homes = -2")}, StudyError, "0 or more"),
        ({"region.toml": FILES["region.toml"].replace('key = "inwoners"', 'key = "x"')}, StudyError, "x is no key"),
        ({"region.toml": FILES["region.toml"] + "[regio]\n"}, StudyError, "did you mean region"),
    ],
)  # fmt: skip
def test_bad_regions_are_refused_with_what_to_do(folder, tmp_path, change, error, says):
    for name, text in {**FILES, **change}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(error, match=says) as told:
        ask_region(tmp_path / "region.toml")
    assert told.value.told("nl") != str(told.value)


def test_all_faults_of_keys_are_told_at_once():
    document = {
        "region": {"name": "R", "figures": "f.csv", "homes": 5},
        "keys": {
            "nul": {"inhabitants": 0.0},
            "scheef": {
                "inhabitants": 1.0,
                "min_share": {"A": 0.6, "B": 0.6},
                "max_share": {"A": 0.1},
            },
        },
    }
    with pytest.raises(StudyError) as told:
        parse_region(document, folder=Path())
    for words in (
        "keys.nul: has no weight above 0",
        "min_share.A: is 0.6, above its max_share 0.1",
        "adds up to 1.20",
    ):
        assert words in str(told.value)


def test_figures_are_those_of_the_region_only(folder):
    one = read_region_figures(folder / "kengetallen.csv", gemeenten=["stad"])
    assert one.table["gemeente"].tolist() == ["Stad"]
    with pytest.raises(InputError, match="no row: 1"):
        read_region_figures(folder / "kengetallen.csv", gemeenten=["Kampen"])
    assert read_region(folder / "region.toml").tables[0].name == "personen_2021.csv"


def test_a_survey_that_does_not_add_up_is_told_and_not_mended(tmp_path):
    """58 of 59 answers, whose printed per cents are 101 together."""
    path = tmp_path / "enquete.csv"
    path.write_text(
        "vraag;antwoord;aantal;respondenten;percentage\n6;ja;34;59;58%\n6;nee;16;59;28%\n6;deels;8;59;15%\n",
        encoding="utf-8",
    )
    answers, notes = read_survey(path)
    assert answers["share"].tolist() == [34 / 59, 16 / 59, 8 / 59]
    assert "58 of 59 respondents" in notes[0]
    assert "nee, deels" in notes[1]
    assert "101%" in notes[2]
