"""Areas as published: real files, and files of the published schema."""

from __future__ import annotations

import shutil
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from english import run_command
from hypothesis import given, settings
from hypothesis import strategies as st
from published import (
    buurt_codes,
    leefbaarometer_rows,
    squares_of,
    write_table,
    write_wijkenbuurten,
)
from told import dutch

from geowoonzorg.errors import (
    CoverageError,
    DuplicateIdError,
    FormatError,
    InputError,
    MissingColumnError,
    StudyError,
)
from geowoonzorg.files import read_table
from geowoonzorg.messages import translate
from geowoonzorg.opendata.areas import (
    area_status,
    join_figures,
    join_indicator,
    join_leefbaarometer,
    read_areas,
)
from geowoonzorg.opendata.areas._frame import _counted, lay_over
from geowoonzorg.opendata.codes import find_codes, level_code, normalise_codes, parse_codes
from geowoonzorg.opendata.figures import parse_figures, read_figures
from geowoonzorg.opendata.leefbaarometer import DIMENSIONS, read_leefbaarometer
from geowoonzorg.prepare import demo_study


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    path = tmp_path_factory.mktemp("cbs") / "wijkenbuurten_2023_v3.gpkg"
    return path, write_wijkenbuurten(path, 80)


@pytest.fixture(scope="module")
def kampen(shared_data):
    return read_areas(shared_data / "kampen" / "buurten_2022_simplified.geojson")


# ------------------------------------------------------------------------------- the GeoPackage


def test_the_map_of_cbs_is_known_whatever_its_file_is_called(published, tmp_path):
    path, layers = published
    renamed = shutil.copy(path, tmp_path / "grenzen.gpkg")
    assert read_areas(renamed).source == "cbs_wijken_buurten"
    demo = demo_study().parent / "wijkenbuurten_2023_v3.gpkg"
    renamed = shutil.copy(demo, tmp_path / "demo.gpkg")
    assert read_areas(renamed, level="wijk").source == "cbs_wijken_buurten"
    own = layers["buurten"].query("water == 'NEE'")[["buurtcode", "buurtnaam", "geometry"]]
    own.to_file(tmp_path / "wijkenbuurten_van_ons.gpkg", engine="pyogrio")
    assert read_areas(tmp_path / "wijkenbuurten_van_ons.gpkg").source is None


def test_the_published_geopackage_reads_whole(published):
    path, layers = published
    areas = read_areas(path)
    land = layers["buurten"].query("water == 'NEE'").set_index("buurtcode")
    assert list(areas.frame.index) == list(land.index)
    assert (areas.frame["inhabitants"] == land["aantal_inwoners"]).all()
    np.testing.assert_allclose(
        areas.frame["share_65plus"], land["percentage_personen_65_jaar_en_ouder"] / 100
    )
    assert areas.year == 2023
    assert areas.level == "buurt"
    assert areas.frame.crs == 28992
    assert areas.frame.area.sum() == pytest.approx(land.area.sum())
    assert any("weggelaten omdat het water is: 2" in note for note in dutch(areas.notes))
    assert set(areas.gemeenten.index) == {"GM0166", "GM0363"}
    assert len(areas.wijken) == 10
    traced = areas.provenance.set_index("column").loc["share_65plus"]
    assert traced["source_column"] == "percentage_personen_65_jaar_en_ouder"
    assert traced["year"] == 2023


@pytest.mark.parametrize("asked", ["GM0166", "0166", 166, "kampen", "Kampen"])
def test_one_gemeente_is_kept_and_the_others_stay_as_reference(published, asked):
    areas = read_areas(published[0], gemeente=asked)
    assert set(areas.frame["gemeente_code"]) == {"GM0166"}
    assert len(areas.frame) == 40
    assert len(areas.gemeenten) == 2


def test_a_gemeente_that_is_not_there_gets_a_hint(published):
    with pytest.raises(CoverageError, match="did you mean Kampen"):
        read_areas(published[0], gemeente="Kamper")


def test_level_wijk_takes_the_wijken_layer(published):
    areas = read_areas(published[0], level="wijk")
    assert areas.level == "wijk"
    assert areas.frame.index[0] == "WK016600"
    assert (areas.frame["wijk_code"] == areas.frame.index).all()


def test_layers_named_with_the_year_are_found(tmp_path, published):
    path = tmp_path / "wijkenbuurten.gpkg"
    layer = published[1]["buurten"].drop(columns="jaar")
    layer.to_file(path, layer="buurten_2023", engine="pyogrio")
    layer.iloc[:3].to_file(path, layer="something", engine="pyogrio")
    assert read_areas(path).year == 2023


def test_old_column_names_and_codes(tmp_path):
    path = tmp_path / "buurt_2016.gpkg"
    frame = gpd.GeoDataFrame(
        {
            "BU_CODE": buurt_codes(3),
            "BU_NAAM": ["A", "B", "C"],
            "GM_NAAM": "Kampen",
            "WATER": ["NEE", "NEE", "JA"],
            "AANT_INW": [120, -99999999, 0],
            "P_65_EO_JR": [25, -99999999, -99999999],
        },
        geometry=squares_of(3),
        crs=28992,
    )
    frame.to_file(path, engine="pyogrio")
    areas = read_areas(path)
    assert areas.year == 2016
    assert areas.frame["inhabitants"].tolist()[:1] == [120.0]
    assert areas.frame["inhabitants"].isna().tolist() == [False, True]
    assert areas.reasons["share_65plus"].tolist() == ["", "absent"]
    assert areas.frame["gemeente_name"].tolist() == ["Kampen", "Kampen"]


def test_kampen_buurten_are_read_as_they_are(kampen):
    assert len(kampen.frame) == 36
    assert kampen.year == 2022
    assert set(kampen.frame["gemeente_code"]) == {"GM0166"}
    assert kampen.frame.loc["BU01660001", "name"] == "Brunnepe"
    assert kampen.frame["inhabitants"].isna().all()
    assert (kampen.reasons["inhabitants"] == "no_column").all()


# ----------------------------------------------------------------------------- missing figures


def test_every_missing_code_keeps_its_reason():
    cells = ["12", "-99997", "-99995", "-99991", "-99999999", "-99998", ".", None, "-99993", "0"]
    values, reasons, _ = parse_figures(pd.DataFrame({"a_inw": cells}), where="kwb.csv")
    assert values["inhabitants"].dropna().tolist() == [12.0, 0.0]
    assert reasons["inhabitants"].tolist() == [
        "", "secret", "later", "withdrawn", "absent", "absent", "not_published", "blank",
        "unknown_code", "",
    ]  # fmt: skip


@given(
    values=st.lists(st.integers(0, 20_000), min_size=1, max_size=30),
    missing=st.lists(
        st.sampled_from(["-99997", "-99995", "-99991", "-99999999", ".", ""]), max_size=5
    ),
)
@settings(max_examples=60, deadline=None)
def test_no_mean_ever_holds_a_missing_code(values, missing):
    cells = pd.Series([*map(str, values), *missing])
    for column in (cells, cells.sample(frac=1, random_state=1)):
        numbers, reasons, _ = parse_figures(pd.DataFrame({"a_inw": column}), where="kwb.csv")
        assert numbers["inhabitants"].sum() == sum(values)
        assert numbers["inhabitants"].notna().sum() == len(values)
        assert ((reasons["inhabitants"] == "") == numbers["inhabitants"].notna()).all()


def test_numbers_and_text_of_the_same_table_agree():
    numbers = pd.DataFrame({"aantal_inwoners": [10, -99997, 30]})
    as_text = numbers.astype("str")
    pd.testing.assert_frame_equal(
        parse_figures(numbers, where="x")[0], parse_figures(as_text, where="x")[0]
    )
    pd.testing.assert_frame_equal(
        parse_figures(numbers, where="x")[1], parse_figures(as_text, where="x")[1]
    )


def test_a_small_share_with_three_decimals_is_no_thousand():
    values, _, _ = parse_figures(pd.DataFrame({"p_wmo_t": ["1.250", "3.125"]}), where="kwb.csv")
    assert values["wmo_per_1000"].tolist() == [1.25, 3.125]
    values, _, _ = parse_figures(pd.DataFrame({"a_inw": ["1.250", "3.125"]}), where="kwb.csv")
    assert values["inhabitants"].tolist() == [1250.0, 3125.0]


def test_odata_keys_are_padded_and_their_numbers_change():
    table = pd.DataFrame(
        {
            "ID": [0, 1],
            "WijkenEnBuurten": ["GM0166    ", "BU01660000"],
            "SoortRegio_2": ["Gemeente  ", "Buurt     "],
            "AantalInwoners_5": [55000, 1500],
            "k_65JaarOfOuder_12": [11000, 300],
            "WmoClientenRelatief_96": [None, 41.0],
        }
    )
    figures = read_figures(table, where="85618NED.json")
    assert figures.numbers.loc["BU01660000", "share_65plus"] == pytest.approx(0.2)
    assert figures.level.tolist() == ["gemeente", "buurt"]
    assert figures.taken["inhabitants"] == "AantalInwoners_5"
    assert figures.year == 2023
    renumbered = table.rename(columns={"AantalInwoners_5": "AantalInwoners_7"})
    assert read_figures(renumbered, where="x").numbers["inhabitants"].tolist() == [55000, 1500]


# --------------------------------------------------------------------------------------- codes


@given(code=st.from_regex(r"[0-9]{4}[0-9A-Z]{4}", fullmatch=True), padding=st.integers(0, 5))
@settings(max_examples=80, deadline=None)
def test_codes_with_letters_survive_padding_and_case_and_get_no_zeros(code, padding):
    published = f"BU{code}"
    forms = [published + " " * padding, published.lower(), f" {published}", code]
    assert set(normalise_codes(pd.Series(forms), where="x", level="buurt")) == {published}
    wijk = f"WK{code[:6]}"
    assert (
        normalise_codes(pd.Series([wijk, code[:6]]), where="x", level="wijk").tolist() == [wijk] * 2
    )
    if not code.isdigit():
        assert (
            parse_codes(pd.Series([code.lstrip("0")]), level="buurt").isna().all() or code[0] != "0"
        )


@pytest.mark.parametrize("code", ["363AA01", "BU363AA01", "BU0363AA1", "0363AA", "BUAA630001"])
def test_no_zeros_are_put_before_a_code_with_letters(code):
    with pytest.raises(InputError, match="no area codes"):
        normalise_codes(pd.Series([code]), where="x", level="buurt")


@given(code=st.integers(0, 99_999_999), padding=st.integers(0, 5))
@settings(max_examples=80, deadline=None)
def test_codes_survive_lost_zeros_padding_and_prefix(code, padding):
    published = f"BU{code:08d}"
    forms = [published + " " * padding, published.lower(), f"{code:08d}", str(code), f"{code}.0"]
    assert set(normalise_codes(pd.Series(forms), where="x", level="buurt")) == {published}


def test_codes_without_prefix_take_their_level_from_the_table():
    table = pd.DataFrame(
        {
            "gwb_code_8": ["166", "16600", "1660001"],
            "recs": ["Gemeente", "Wijk", "Buurt"],
            "a_inw": ["1"] * 3,
        }
    )
    assert list(read_figures(table, where="x").numbers.index) == [
        "GM0166",
        "WK016600",
        "BU01660001",
    ]


def test_the_wijk_and_gemeente_of_a_code_with_letters():
    codes = pd.Series(["BU0363AA01", "WK0363AA", "GM0363", "NL00", None], dtype="str")
    assert level_code(codes, "wijk").tolist()[:2] == ["WK0363AA"] * 2
    assert level_code(codes, "wijk").isna().tolist() == [False, False, True, True, True]
    assert level_code(codes, "gemeente").tolist()[:3] == ["GM0363"] * 3


@pytest.mark.parametrize(
    "header",
    [
        "Codering_3", "Codering_7", "Codering", "Encoding_3", "DistrictsAndNeighbourhoods", "cbsCode", "GBD",
        "Regiocode (gemeente, wijk, buurt) (code)", "gwb_code_10 ", "WijkenEnBuurten", "een andere naam",
    ],
)  # fmt: skip
def test_the_column_of_codes_is_found_under_any_header(header):
    rows = pd.DataFrame({"naam": ["A", "B"], header: ["BU0363AA01", "WK0363AA  "], "x": ["1", "2"]})
    codes = find_codes(rows, where="x")
    assert codes is not None
    assert codes.tolist() == ["BU0363AA01", "WK0363AA"]


def test_of_columns_of_codes_without_a_known_name_the_smallest_areas_count():
    rows = pd.DataFrame({"a": ["GM0363"] * 2, "b": ["BU0363AA01", "BU0363AA02"]})
    assert find_codes(rows, where="x").name == "b"
    assert find_codes(rows.assign(c=rows["b"]), where="x") is None, "two of one level are a riddle"
    assert find_codes(pd.DataFrame({"a": ["Amsterdam"]}), where="x") is None


# --------------------------------------------------------- rows that are nobody's business here


def test_one_gemeente_of_a_layer_with_letters_and_with_anything_in_the_others(tmp_path, published):
    layers = {name: layer.copy() for name, layer in published[1].items()}
    own = layers["buurten"]["gemeentecode"] == "GM0166"
    others = layers["buurten"].index[~own]
    layers["buurten"].loc[others[0], "buurtcode"] = "Totaal"
    layers["buurten"].loc[others[1], "buurtcode"] = layers["buurten"].loc[others[2], "buurtcode"]
    layers["buurten"].loc[others[3], "jaar"] = 2022
    layers["buurten"].loc[others[4], "geometry"] = None
    layers["buurten"].loc[others[5], "buurtcode"] = None
    wijken = layers["wijken"]
    twice = wijken[wijken["gemeentecode"] == "GM0363"].iloc[:1]
    layers["wijken"] = pd.concat([wijken, twice, twice.assign(wijkcode="PV20")], ignore_index=True)
    path = tmp_path / "wijkenbuurten_2023_v3.gpkg"
    for name, layer in layers.items():
        layer.to_file(path, layer=name, engine="pyogrio")
    for asked in ("Kampen", "GM0166", 166):
        areas = read_areas(path, gemeente=asked)
        pd.testing.assert_frame_equal(areas.frame, read_areas(published[0], gemeente=166).frame)
    assert any("buiten deze studie" in note and "WK0363AA" in note for note in dutch(areas.notes))
    with pytest.raises(DuplicateIdError, match="BU0363AA02"):
        read_areas(path)
    out = tmp_path / "balans.gpkg"
    assert run_command(["balance", str(path), "--gemeente", "Kampen", "-o", str(out)]) == 0
    assert len(gpd.read_file(out)) == 40


def test_an_area_that_cannot_be_placed_is_left_out_of_a_gemeente_and_named(tmp_path, published):
    layer = published[1]["buurten"].drop(columns=["gemeentecode", "gemeentenaam", "wijkcode"])
    layer = layer.reset_index(drop=True)
    layer.loc[3, "buurtcode"] = "BU0166000X?"
    layer.to_file(tmp_path / "buurten_2023.gpkg", layer="buurten_2023", engine="pyogrio")
    areas = read_areas(tmp_path / "buurten_2023.gpkg", gemeente=166)
    assert len(areas.frame) == 39
    assert any("weggelaten: 1 (BU0166000X?)" in note for note in dutch(areas.notes))


def test_amsterdam_reads_by_code_and_by_name_with_its_wijken(published):
    areas = read_areas(published[0], gemeente="amsterdam")
    assert len(areas.frame) == 40
    assert areas.frame.index[0] == "BU0363AA00"
    assert areas.frame["wijk_code"].iloc[0] == "WK0363AA"
    assert set(areas.frame["wijk_code"]) <= set(areas.wijken.index)
    assert list(areas.frame.index) == sorted(areas.frame.index)
    assert list(read_areas(published[0], level="wijk", gemeente=363).frame.index) == [
        f"WK0363A{x}" for x in "ABCDE"
    ]


def test_rows_of_others_in_a_table_stop_nothing_and_are_counted(tmp_path, published):
    areas = read_areas(published[0], gemeente=166)
    codes = list(areas.frame.index)
    rows = kwb(
        [*codes, "WK0363AA", "BU0363AA01", "BU0363AA01", "NL01", "PV20", "Totaal", None],
        a_inw=[*["77"] * 40, "1", "2", "3", "twaalf", "5", "6", "7"],
        p_wmo_t=[*["12,5"] * 40, "abc", "-4", "1", "9", "9", "9", "9"],
    )
    joined = join_figures(areas, write_table(tmp_path / "kwb-2023.csv", rows))
    assert (joined.frame["inhabitants"] == 77).all()
    assert (joined.frame["wmo_per_1000"] == 12.5).all()
    assert any("2 rijen van gebieden buiten deze studie" in note for note in dutch(joined.notes))
    assert any(
        "3 rijen zonder gebiedscode zijn weggelaten: PV20, Totaal" in n for n in dutch(joined.notes)
    )
    assert joined.wijken.loc["WK0363AA", ["inhabitants"]].tolist() == [1.0]
    assert np.isnan(joined.parents["land"].loc["NL01", "inhabitants"])


def test_what_is_wrong_in_a_row_that_counts_is_still_an_error(tmp_path, published):
    areas = read_areas(published[0], gemeente=166)
    codes = list(areas.frame.index)
    wrong = kwb(codes, a_inw=["twaalf", *["77"] * 39])
    with pytest.raises(FormatError, match="'twaalf' on line 2"):
        join_figures(areas, write_table(tmp_path / "kwb-2023.csv", wrong))
    twice = kwb([*codes, codes[0]], a_inw=77)
    with pytest.raises(DuplicateIdError, match=r"1 \(BU01660000\)"):
        join_figures(areas, write_table(tmp_path / "kwb-2023.csv", twice))


def test_older_codes_of_the_same_gemeente_are_named(tmp_path, published):
    areas = read_areas(published[0], gemeente="Amsterdam")
    old = leefbaarometer_rows([f"BU0363{i:04d}" for i in range(40)])
    with pytest.raises(
        CoverageError, match=r"of the same gemeente it has 40 \(BU03630000,.*another year's"
    ):
        join_leefbaarometer(areas, write_table(tmp_path / "lbm.csv", old), 2022)


# ------------------------------------------------------------------------ several periods, long form


def periods(codes, **columns):
    both = pd.DataFrame({"Perioden": ["2022*", "2023"] * len(codes), "code": np.repeat(codes, 2)})
    return both.assign(**columns)


def test_of_several_periods_the_borders_year_is_taken(tmp_path, published):
    areas = read_areas(published[0], gemeente=166)
    rows = periods(list(areas.frame.index), a_inw=["5", "7"] * 40)
    path = write_table(tmp_path / "statline.csv", rows)
    joined = join_figures(areas, path)
    assert (joined.frame["inhabitants"] == 7).all()
    assert any("2023 gekozen uit 2022, 2023" in note for note in dutch(joined.notes))
    older = replace(areas, frame=areas.frame.assign(year=2024))
    with pytest.raises(InputError, match="holds 2022, 2023 and not 2024"):
        join_figures(older, path)
    assert set(join_figures(older, path, older_years=True).older) == {2023}


def test_rows_that_differ_in_another_dimension_say_in_which(tmp_path, published):
    areas = read_areas(published[0], gemeente=166)
    rows = periods(list(areas.frame.index), a_inw=["5", "7"] * 40).drop(columns="Perioden")
    rows.insert(0, "Gebruiksfunctie", ["Woning", "Winkel"] * 40)
    with pytest.raises(DuplicateIdError, match="they differ in Gebruiksfunctie"):
        join_figures(areas, write_table(tmp_path / "statline-2023.csv", rows))


def test_the_long_form_of_odata_is_a_row_per_measure(tmp_path, published):
    areas = read_areas(published[0], gemeente=166)
    measures = {"T001036": 200, "80200": 50, "M000297": 90, "D000028": 1.2}
    rows = pd.DataFrame(
        [
            {"Id": i, "Measure": m, "ValueAttribute": "None", "Value": v, "WijkenEnBuurten": code}
            for i, (code, (m, v)) in enumerate(
                (code, one) for code in areas.frame.index for one in measures.items()
            )
        ]
    )
    joined = join_figures(areas, write_table(tmp_path / "Observations-2023.csv", rows))
    assert (joined.frame["inhabitants"] == 200).all()
    assert (joined.frame["share_65plus"] == 0.25).all()
    assert (joined.frame["dwellings"] == 90).all()
    assert (joined.frame["road_huisarts_km"] == 1.2).all()
    twice = pd.concat([rows, rows.iloc[:1]])
    with pytest.raises(DuplicateIdError, match="BU01660000 T001036"):
        join_figures(areas, write_table(tmp_path / "Observations-2023.csv", twice))


# --------------------------------------------------------------------------------------- joins


def kwb(codes, **columns):
    return pd.DataFrame({"gwb_code_10": codes, **columns})


def test_figures_win_where_known_and_leave_the_rest(tmp_path, published):
    areas = read_areas(published[0], gemeente=166)
    codes = list(areas.frame.index)
    path = tmp_path / "kwb-2023.csv"
    kwb(codes, a_inw=["77", *["."] * 39]).to_csv(path, sep=";", index=False)
    joined = join_figures(areas, path)
    assert joined.frame["inhabitants"].iloc[0] == 77
    assert (joined.frame["inhabitants"].iloc[1:] == areas.frame["inhabitants"].iloc[1:]).all()
    assert areas.frame["inhabitants"].iloc[0] != 77, "the areas given are not changed"


def test_wijk_figures_stand_in_for_shares_but_never_for_counts(tmp_path, kampen):
    wijken = sorted(set(kampen.frame["wijk_code"]))
    path = tmp_path / "kwb-2022.csv"
    kwb(wijken, a_inw="1000", a_65_oo="250", p_wmo_t="40").to_csv(path, sep=";", index=False)
    joined = join_figures(kampen, path)
    assert (joined.frame["share_65plus"] == 0.25).all()
    assert (joined.fallbacks["share_65plus"] == "wijk").all()
    assert joined.frame["inhabitants"].isna().all()
    assert (joined.reasons["inhabitants"] == "other_level").all()
    assert joined.frame["wmo_per_1000"].isna().all(), "the balance stands in as a whole"
    assert (joined.wijken["inhabitants"] == 1000).all()
    status = area_status(joined).iloc[0]
    assert "van de wijk: share_65plus" in status
    assert "alleen voor een groter gebied gepubliceerd: inhabitants, wmo_per_1000" in status
    assert "of the wijk" in area_status(joined, lang="en").iloc[0]


def test_an_own_figure_takes_the_place_of_a_stand_in(tmp_path, kampen):
    wijken = sorted(set(kampen.frame["wijk_code"]))
    kwb(wijken, a_inw="1000", a_65_oo="250").to_csv(tmp_path / "kwb-2022.csv", index=False)
    own = kwb(list(kampen.frame.index), a_inw="100", a_65_oo=["10", *["."] * 35])
    own.to_csv(tmp_path / "buurten-2022.csv", index=False)
    joined = join_figures(kampen, [tmp_path / "kwb-2022.csv", tmp_path / "buurten-2022.csv"])
    assert joined.frame["share_65plus"].tolist() == [0.1, *[0.25] * 35]
    assert joined.fallbacks["share_65plus"].tolist() == ["", *["wijk"] * 35]
    other_way = join_figures(kampen, [tmp_path / "buurten-2022.csv", tmp_path / "kwb-2022.csv"])
    pd.testing.assert_series_equal(other_way.frame["share_65plus"], joined.frame["share_65plus"])


def test_the_chain_goes_on_to_the_gemeente(tmp_path, kampen):
    wijken = sorted(set(kampen.frame["wijk_code"]))
    rows = kwb(
        [*wijken[:-1], "GM0166"], a_inw="1000", a_65_oo=[*["250"] * (len(wijken) - 1), "300"]
    )
    rows.to_csv(tmp_path / "kwb-2022.csv", index=False)
    joined = join_figures(kampen, tmp_path / "kwb-2022.csv")
    last = joined.frame["wijk_code"] == wijken[-1]
    assert (joined.frame.loc[last, "share_65plus"] == 0.3).all()
    assert (joined.fallbacks.loc[last, "share_65plus"] == "gemeente").all()


def test_an_older_year_is_refused_naming_both_and_stands_in_when_allowed(kampen, shared_data):
    path = shared_data / "cbs" / "wijk_2016.dbf"
    with pytest.raises(InputError, match=r"is of 2016 and the areas are of 2022"):
        join_figures(kampen, path)
    joined = join_figures(kampen, path, older_years=True)
    in_2016 = read_figures(read_table(path), where=path).numbers["share_65plus"]
    known = joined.frame["wijk_code"].isin(in_2016.index)
    assert known.sum() == 35, "one of the nine wijken did not exist in 2016"
    expected = joined.frame["wijk_code"].map(in_2016)
    pd.testing.assert_series_equal(joined.frame["share_65plus"], expected, check_names=False)
    assert (joined.fallbacks["share_65plus"][known] == "wijk 2016").all()
    assert set(joined.older) == {2016}


def test_tables_of_one_older_year_are_put_together_in_either_order(kampen, shared_data):
    path = shared_data / "cbs" / "wijk_2016.dbf"
    every = read_figures(read_table(path), where=path)
    tables = [
        replace(
            every, numbers=every.numbers[[c]], reasons=every.reasons[[c]], taken={c: every.taken[c]}
        )
        for c in ("share_65plus", "inhabitants")
    ]
    for order in (tables, tables[::-1]):
        areas = kampen
        for table in order:
            areas = lay_over(areas, table, path, older=True)
        assert set(areas.older[2016].columns) == {"share_65plus", "inhabitants"}


# ------------------------------------------------------------------------------ real tables


def test_wijk_2016_dbf_reads_whole(shared_data):
    table = read_table(shared_data / "cbs" / "wijk_2016.dbf")
    figures = read_figures(table, where="wijk_2016.dbf")
    assert len(figures.numbers) == 2981
    assert figures.numbers.loc["WK016600", "inhabitants"] == float(
        table.set_index("WK_CODE").loc["WK016600", "AANT_INW"]
    )
    assert (figures.numbers.min() >= 0).all(), "no -99999999 became a number"
    assert figures.numbers["share_65plus"].max() <= 1
    assert set(figures.reasons["share_65plus"]) == {"", "absent"}


def test_kwb_utrecht_says_once_which_columns_are_empty(shared_data):
    path = shared_data / "cbs" / "kwb-2023-utrecht.xlsx"
    figures = read_figures(read_table(path), where=path)
    assert len(figures.numbers) == 122
    (note,) = [n for n in dutch(figures.notes) if "45 kolommen" in n]
    assert "p_arb_pp" in note
    assert "p_wmo_t" in note
    for column in (
        "wmo_per_1000",
        "social_minimum_pct",
        "labour_participation_pct",
        "high_income_pct",
    ):
        assert figures.numbers[column].isna().all()
        assert (figures.reasons[column] == "not_published").all()
    assert figures.numbers.loc["GM0344", "inhabitants"] == 367947
    assert figures.numbers.loc["GM0344", "share_65plus"] == pytest.approx(39373 / 367947)


def test_nabijheid_utrecht_reads_in_km(shared_data):
    path = shared_data / "cbs" / "nabijheid-2023-utrecht.csv"
    figures = read_figures(read_table(path), where=path)
    assert figures.numbers.loc["NL00", "road_supermarkt_km"] == 1.0
    assert figures.numbers["road_supermarkt_km"].between(0.1, 5).sum() == 121
    assert figures.numbers["road_huisarts_km"].isna().all()
    assert set(figures.level) == {"land", "gemeente", "wijk", "buurt"}


@pytest.mark.parametrize(("name", "rows"), [("wijken", 26_366), ("PC4", 32_300)])
def test_leefbaarometer_sums_hold_in_every_row(shared_data, name, rows):
    path = shared_data / "leefbaarometer" / f"Leefbaarometer-scores {name} 2002-2022.csv"
    years = read_table(path)["jaar"].astype(int)
    figures = [read_leefbaarometer(path, year=int(y)) for y in sorted(set(years))]
    assert sum(len(f.numbers) for f in figures) == rows
    for one in figures:
        known = one.numbers.dropna(subset=list(DIMENSIONS))
        rest = known["lbm_afw"] - known[list(DIMENSIONS)].sum(axis=1)
        assert rest.abs().max() < 1e-12 or len(known) == 0
        assert one.numbers["lbm_afw"].notna().all()


def test_leefbaarometer_of_the_wijk_reaches_every_kampen_buurt(kampen, shared_data):
    path = shared_data / "leefbaarometer" / "Leefbaarometer-scores wijken 2002-2022.csv"
    joined = join_leefbaarometer(kampen, path, 2022)
    table = read_table(path).query("jaar == '2022'").set_index("wk_code")["afw"].astype(float)
    expected = joined.frame["wijk_code"].map(table)
    pd.testing.assert_series_equal(joined.frame["lbm_afw"], expected, check_names=False)
    assert (joined.fallbacks["lbm_afw"] == "wijk").all()
    assert joined.frame["lbm_class"].isna().all(), "the csv has no classes, and none are made up"
    assert any("geen klassen" in note for note in dutch(joined.notes))


def test_a_year_that_is_not_measured_lists_those_that_are(kampen, shared_data):
    path = shared_data / "leefbaarometer" / "Leefbaarometer-scores wijken 2002-2022.csv"
    with pytest.raises(CoverageError, match=r"no measurement of 2021; it has 2002, .*2022"):
        join_leefbaarometer(kampen, path, 2021)


def test_postcodes_need_areas_with_a_postcode(kampen, shared_data):
    path = shared_data / "leefbaarometer" / "Leefbaarometer-scores PC4 2002-2022.csv"
    with pytest.raises(MissingColumnError, match="PC4"):
        join_leefbaarometer(kampen, path, 2022)
    with_pc4 = replace(kampen, frame=kampen.frame.assign(pc4="8261"))
    joined = join_leefbaarometer(with_pc4, path, 2022)
    row = read_table(path).query("PC4 == '8261' and jaar == '2022'")
    own = float(row["afw"].iloc[0])
    # pandas' own parser may miss the last bit
    assert joined.frame["lbm_afw"].unique().tolist() == pytest.approx([own], rel=1e-15)


def test_a_saved_wfs_layer_gives_the_classes(tmp_path, kampen):
    n = len(kampen.frame)
    layer = gpd.GeoDataFrame(
        {"id": kampen.frame.index, "name": "x", "kscore": [7, None, *[5] * (n - 2)], "afw": 0.1},
        geometry=kampen.frame.geometry.to_numpy(),
        crs=28992,
    )
    layer.to_file(tmp_path / "buurtscore22.gpkg", engine="pyogrio")
    joined = join_leefbaarometer(kampen, tmp_path / "buurtscore22.gpkg", 2022)
    assert joined.frame["lbm_class"].iloc[0] == 7
    assert np.isnan(joined.frame["lbm_class"].iloc[1])
    assert joined.reasons["lbm_class"].iloc[1] == "blank"


def test_leefbaarometer_2_names_are_read_and_said_to_differ(tmp_path, kampen):
    codes = sorted(set(kampen.frame["wijk_code"]))
    table = pd.DataFrame(
        {"wk_code": codes, "jaar": 2018, "rlbrmtr": 0.2, "rlbvei": 0.1, "rlbbev": 0.3}
    )
    table.to_csv(tmp_path / "lbm2.csv", index=False)
    joined = join_leefbaarometer(kampen, tmp_path / "lbm2.csv", 2018)
    assert (joined.frame["lbm_afw"] == 0.2).all()
    assert any("2.0" in note and "niet te vergelijken" in note for note in dutch(joined.notes))
    assert set(joined.provenance["source"]) == {"leefbaarometer_2"}


def test_leefbaarometer_2_with_a_column_per_year(tmp_path, kampen):
    codes = sorted(set(kampen.frame["wijk_code"]))
    table = pd.DataFrame({"GBD": codes, "RLBRMTR14": 0.1, "RLBRMTR16": 0.2, "RLBVRZ16": 0.3})
    path = write_table(tmp_path / "lbm2.csv", table)
    joined = join_leefbaarometer(kampen, path, 2016)
    assert (joined.frame["lbm_afw"] == 0.2).all()
    assert (joined.frame["lbm_vrz"] == 0.3).all()
    with pytest.raises(CoverageError, match="no measurement of 2018; it has 2014, 2016"):
        join_leefbaarometer(kampen, path, 2018)


# ------------------------------------------------------------------------------ own indicators


def test_an_own_indicator_follows_the_same_rules(tmp_path, kampen):
    wijken = sorted(set(kampen.frame["wijk_code"]))
    rows = pd.DataFrame(
        {
            "code": [*kampen.frame.index, *wijken],
            "GGZ": ["1,5", ".", *["-0,5"] * (len(kampen.frame) - 2), *["9,0"] * len(wijken)],
        }
    )
    rows.to_csv(tmp_path / "wzw.csv", sep=";", index=False)
    joined = join_indicator(kampen, tmp_path / "wzw.csv", "ggz", name="ggz_score", unit="score")
    assert joined.frame["ggz_score"].tolist()[:3] == [1.5, 9.0, -0.5]
    assert joined.fallbacks["ggz_score"].tolist()[:2] == ["", "wijk"]
    assert joined.reasons["ggz_score"].iloc[1] == "not_published"
    assert "van de wijk: ggz_score" in area_status(joined).iloc[1]
    assert joined.provenance["source"].tolist() == ["indicator"]
    later = join_indicator(
        joined, tmp_path / "wzw.csv", "GGZ", name="other", unit="x", stands_in=False
    )
    assert later.frame["ggz_score"].tolist()[:3] == [1.5, 9.0, -0.5]
    assert np.isnan(later.frame["other"].iloc[1])


def test_an_indicator_needs_a_free_name_and_its_column(tmp_path, kampen):
    rows = pd.DataFrame({"code": list(kampen.frame.index), "q": 1})
    rows.to_csv(tmp_path / "wzw.csv", index=False)
    with pytest.raises(StudyError, match="not a column yet"):
        join_indicator(kampen, tmp_path / "wzw.csv", "q", name="lbm_afw", unit="x")
    with pytest.raises(MissingColumnError, match="no column 'ggz'"):
        join_indicator(kampen, tmp_path / "wzw.csv", "ggz", name="ggz", unit="x")


@pytest.mark.parametrize(
    ("level", "n", "told"),
    [("buurt", 1, "1 buurt"), ("buurt", 2, "2 buurten"), ("wijk", 2, "2 wijken")],
)
def test_areas_are_counted_so_that_the_number_is_no_name(level, n, told):
    assert translate(_counted(level, n), "nl") == told
