"""Tables under the names that somebody gives once, and the open sources beside the key figures."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from english import run_command
from small_town import points
from told import dutch

from geowoonzorg.errors import InputError, MissingColumnError, StudyError
from geowoonzorg.files import read_table
from geowoonzorg.opendata.areas import TableColumns, join_figures, read_areas
from geowoonzorg.opendata.areas._naming import named_columns
from geowoonzorg.opendata.figures import read_figures
from geowoonzorg.opendata.register import as_register
from geowoonzorg.opendata.table_forms import choose_rows
from geowoonzorg.prepare import demo_study
from geowoonzorg.study import parse_study
from geowoonzorg.study_areas import AreasInput, AreaTableInput
from geowoonzorg.town.area_input import read_area_input
from geowoonzorg.town.areas import figure_areas

DEMO = demo_study().parent / "wijkenbuurten_2023_v3.gpkg"


@pytest.fixture(scope="module")
def areas():
    return read_areas(DEMO)


@pytest.fixture
def own_table(tmp_path, areas):
    rows = pd.DataFrame({"Gebied": areas.frame.index, "Vrijwilligers (%)": "26,4", "Stilte": "7"})
    rows.to_csv(tmp_path / "ggd.csv", sep=";", index=False)
    return tmp_path / "ggd.csv"


def test_columns_are_named_once_without_renaming_the_file(areas, own_table):
    named = TableColumns(
        {"volunteers_share": "vrijwilligers (%)", "stilte": "Stilte"}, code="Gebied", unit="%",
        period=2022, everything=False,
    )  # fmt: skip
    joined = join_figures(areas, own_table, named=named)
    assert joined.frame["volunteers_share"].tolist() == pytest.approx([0.264] * 15)
    assert joined.frame["stilte"].tolist() == [7] * 15, "an own figure keeps its own unit"
    assert joined.indicators["stilte"].unit == "%"
    traced = joined.provenance.set_index("column").loc["volunteers_share"]
    assert (traced["source"], traced["source_column"], traced["year"]) == (
        "rivm_gezondheid",
        "Vrijwilligers (%)",
        2022,
    )


def test_a_study_says_it_in_its_own_words(own_table):
    document = {
        "study": {"name": "x"}, "network": {"source": "x.osm.pbf"}, "sites": {"source": "x.gpkg"},
        "areas": {
            "source": str(DEMO),
            "tables": [{
                "source": str(own_table), "code": "Gebied", "unit": "%", "period": 2022,
                "columns": {"carers_share": "Vrijwilligers (%)"},
            }],
        },
    }  # fmt: skip
    study = parse_study(document, folder=own_table.parent)
    assert study.areas.tables[0] == AreaTableInput(
        own_table, {"carers_share": "Vrijwilligers (%)"}, "Gebied", "%", 2022
    )
    found = read_area_input(study.areas, crs="EPSG:28992")
    assert (found.frame["carers_share"] == 0.264).all()


@pytest.mark.parametrize(
    ("unit", "cell", "name", "expected"),
    [
        ("share", "0.2", "volunteers_share", 0.2),
        ("per_1000", "200", "volunteers_share", 0.2),
        ("share", "0.04", "wlz_per_1000", 40.0),
        ("%", "4", "wlz_per_1000", 40.0),
        ("per_1000", "40", "wzw_limited_pct", 4.0),
        ("", "40", "wlz_per_1000", 40.0),
    ],
)
def test_units_become_those_of_the_catalogue(areas, tmp_path, unit, cell, name, expected):
    path = tmp_path / "x-2023.csv"
    pd.DataFrame({"code": areas.frame.index, "f": cell}).to_csv(path, index=False)
    joined = join_figures(areas, path, named=TableColumns({name: "f"}, unit=unit, everything=False))
    assert joined.frame[name].tolist() == pytest.approx([expected] * 15)


def test_per_cents_without_their_unit_are_noticed(areas, own_table):
    named = TableColumns({"volunteers_share": "Vrijwilligers (%)"}, code="Gebied", period=2022)
    with pytest.raises(InputError, match=r"shares over 1: 15 .*say unit = \"%\""):
        join_figures(areas, own_table, named=named)


@pytest.mark.parametrize(
    ("named", "error", "match"),
    [
        (
            TableColumns({"carers_share": "Mantelzorg"}, code="Gebied", everything=False),
            MissingColumnError, "no column 'Mantelzorg'",
        ),
        (TableColumns({"carers_share": "Stilte"}, code="Buurt"), MissingColumnError, "no column 'Buurt'"),
        (TableColumns({"carers_share": "Stilte"}, code="Stilte", unit="%"), InputError, "no area codes: 15 "),
        (TableColumns({"my column": "Stilte"}, code="Gebied"), StudyError, "choose one word"),
        (TableColumns({"stilte": "Stilte"}, code="Gebied", rows={"Leeftijd": "75+"}), MissingColumnError, "Leeftijd"),
        (TableColumns({"stilte": "Stilte"}, code="Gebied", rows={"Stilte": "8"}), InputError, "no '8'; it has 1"),
    ],
)  # fmt: skip
def test_what_is_named_and_not_there_is_told(areas, own_table, named, error, match):
    with pytest.raises(error, match=match):
        join_figures(areas, own_table, named=named)


# ------------------------------------------------------------------------------------- sources


def test_health_of_rivm_is_read_as_shares_equal_to_plain_pandas(shared_data):
    path = (
        shared_data / "recorded" / "cbs_statline" / "rivm_gezondheid_2020_18plus_first120rows.xlsx"
    )
    if not path.is_file():
        pytest.skip("the recorded answers are not here")
    figures = read_figures(read_table(path), where=path)
    plain = pd.read_excel(path, dtype=str)
    plain.index = plain["WijkenEnBuurten"].str.strip()
    for ours, theirs in {
        "volunteers_share": "Vrijwilligerswerk_33", "carers_share": "Mantelzorger_32",
        "loneliness_share": "Eenzaam_28", "mobility_limited_share": "BeperkingInBewegen_23",
    }.items():  # fmt: skip
        expected = pd.to_numeric(plain[theirs].str.strip(), errors="coerce") / 100
        assert expected.notna().any()
        pd.testing.assert_series_equal(
            figures.numbers[ours], expected, check_names=False, check_index=True, rtol=1e-12
        )
    assert figures.year == 2020
    assert set(figures.reasons["carers_share"]) <= {"", "not_published"}


def test_everybody_is_chosen_out_of_ages_and_the_figure_out_of_margins():
    table = pd.DataFrame({
        "Leeftijd": ["18 tot 65 jaar", "18 jaar of ouder", "18 jaar of ouder"],
        "Marges": ["Waarde", "Waarde", "Ondergrens 95%"], "x": ["1", "2", "3"],
    })  # fmt: skip
    rows, notes = choose_rows(table, where="ggd.csv")
    assert rows["x"].tolist() == ["2"]
    assert dutch(notes) == [
        "ggd.csv: 18 jaar of ouder gekozen uit 2 waarden van Leeftijd",
        "ggd.csv: Waarde gekozen uit 2 waarden van Marges",
    ]
    assert choose_rows(table, where="x", chosen={"leeftijd": "18 tot 65 jaar"})[0][
        "x"
    ].tolist() == ["1"]


def test_a_template_needs_no_more_than_our_own_name(areas, tmp_path):
    path = tmp_path / "veerkracht-2023.csv"
    rows = pd.DataFrame(
        {"code": areas.frame.index, "veerkracht_share": "0,31", "people_75plus": "120"}
    )
    rows.loc[0, "people_75plus"] = "?"
    rows.to_csv(path, sep=";", index=False)
    joined = join_figures(areas, path)
    assert (joined.frame["veerkracht_share"] == 0.31).all()
    assert joined.reasons["people_75plus"].iloc[0] == "not_published"


# ------------------------------------------------------------------------------- the right year


def periods(codes):
    """Key figures of 2022, complete, and of 2023, in which Wmo and work are still to come."""
    of = {"2022": ("40", "70"), "2023": (".", ".")}
    return pd.DataFrame(
        [
            {"code": c, "Perioden": y, "a_inw": "1000", "p_wmo_t": wmo, "p_arb_pp": work}
            for c in codes for y, (wmo, work) in of.items()
        ]
    )  # fmt: skip


def test_the_newest_year_is_taken_and_an_older_one_fills_what_it_lacks(tmp_path, areas):
    path = tmp_path / "statline.csv"
    periods([*areas.frame.index, "GM9801"]).to_csv(path, index=False)
    bare = read_areas(DEMO)
    joined = join_figures(bare, path, older_years=True)
    assert set(joined.older) == {2022}
    assert (joined.older[2022]["wmo_per_1000"] == 40).all()
    assert any("2023 gekozen uit 2022, 2023" in note for note in dutch(joined.notes))
    assert set(join_figures(bare, path).older) == set()
    # Also of borders without a year the newest counts and the older one only stands in.
    rows = periods([*areas.frame.index, "GM9801"])
    rows["a_inw"] = rows["Perioden"].map({"2022": "1", "2023": "1000"})
    rows.to_csv(path, index=False)
    yearless = replace(bare, frame=bare.frame.assign(year=pd.array([pd.NA] * 15, dtype="Int64")))
    joined = join_figures(yearless, path, older_years=True)
    assert (joined.frame["inhabitants"] == 1000).all()
    assert set(joined.older) == {2022}


def test_no_balance_says_in_one_line_which_year_would_give_one(tmp_path):
    shapes = read_areas(DEMO).frame[["geometry"]].reset_index()
    shapes.rename(columns={"code": "buurtcode"}).assign(jaar=2023).to_file(tmp_path / "b.gpkg")
    path = tmp_path / "statline.csv"
    periods([*shapes["code"], "GM9801"]).to_csv(path, index=False)
    question = AreasInput(tmp_path / "b.gpkg", figures=(path,))
    figures = figure_areas(read_area_input(question, crs="EPSG:28992"))
    assert "figures of 2022 have them" in figures.advice
    assert len(str(figures.advice)) < 500
    known = figures.known.set_index("column")
    assert known.loc["inhabitants", ["year", "own", "stood_in", "areas"]].tolist() == [
        2023,
        15,
        0,
        15,
    ]
    assert known.loc["wmo_per_1000", "own"] == 0
    assert figure_areas(read_areas(DEMO)).advice is None


# --------------------------------------------------------------------------- classes of facilities


def test_a_class_is_named_by_the_list_and_read_by_the_study():
    places = points([0, 10], Soort=["HOED", "kapper"])
    found = as_register(places, classes_of={"hoed": "huisarts"})
    assert found["facility_class"].tolist() == ["huisarts"]


def test_a_class_that_does_not_exist_is_refused_with_those_that_do():
    with pytest.raises(
        StudyError, match=r"classes_of: dokters is no facility class; known are huisarts, "
    ):
        as_register(points([0], Soort=["HOED"]), classes_of={"HOED": "dokters"})


def test_the_balance_command_tells_what_is_known_before_it_writes(tmp_path, capsys):
    shapes = read_areas(DEMO).frame[["geometry"]].reset_index()
    shapes.rename(columns={"code": "buurtcode"}).assign(jaar=2023).to_file(tmp_path / "b.gpkg")
    rows = []
    for code in [*shapes["code"], "GM9801"]:
        for year, complete in (("2022", True), ("2023", False)):
            rest = dict.fromkeys(
                ["p_wmo_t", "p_hh_osm", "p_arb_pp", "p_hh_hi"], "40" if complete else "."
            )
            rows.append({"code": code, "Perioden": year, "a_inw": "1000", "a_soz_wb": "50", **rest})
    pd.DataFrame(rows).to_csv(tmp_path / "kwb.csv", index=False)
    words = [
        "balance",
        tmp_path / "b.gpkg",
        "--figures",
        tmp_path / "kwb.csv",
        "-o",
        tmp_path / "o.gpkg",
    ]
    assert run_command(words) == 0
    told = capsys.readouterr().out
    assert "balance known for 0" in told
    assert "figures of 2022 have them" in told
    assert run_command([*words, "--older-years", "--force"]) == 0
    told = capsys.readouterr().out
    assert told.index("what is known, per figure") < told.index("o.gpkg written")
    assert "balance known for 15" in told
    assert "Inhabitants" in told
    assert "no balance" not in told


def test_a_column_named_for_all_tables_may_be_in_any_but_not_in_none(tmp_path, areas, own_table):
    other = tmp_path / "kwb-2023.csv"
    pd.DataFrame({"code": areas.frame.index, "a_inw": "1000"}).to_csv(other, index=False)
    mine = tmp_path / "mijn-2023.csv"
    pd.DataFrame({"code": areas.frame.index, "Stil": "7"}).to_csv(mine, index=False)
    question = AreasInput(DEMO, figures=(other, mine), columns={"stilte": "Stil"})
    found = read_area_input(question, crs="EPSG:28992")
    assert found.frame["stilte"].tolist() == [7] * 15
    assert found.frame["inhabitants"].tolist() == [1000] * 15
    nowhere = AreasInput(DEMO, figures=(other,), columns={"stilte": "Herrie"})
    with pytest.raises(StudyError, match=r"no table of figures has Herrie \(stilte\)"):
        read_area_input(nowhere, crs="EPSG:28992")


def test_a_share_is_never_read_as_a_number_of_people():
    said = TableColumns(columns={"people_75plus": "75+ (%)"}, unit="%")
    with pytest.raises(StudyError, match=r"people_75plus is in .*, and cannot be made of %"):
        named_columns(said, pd.DataFrame(columns=["Gebied", "75+ (%)"]), "eigen.csv")


@pytest.mark.parametrize("unit", ["procent", "pct", "per 1000"])
def test_a_unit_that_nobody_knows_is_refused_beside_a_figure_of_the_catalogue(unit):
    said = TableColumns(columns={"carers_share": "Mantelzorgers"}, unit=unit)
    with pytest.raises(StudyError, match="write %, share or per_1000"):
        named_columns(said, pd.DataFrame(columns=["Gebied", "Mantelzorgers"]), "eigen.csv")
