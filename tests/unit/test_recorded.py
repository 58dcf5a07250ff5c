"""Real heads of published files and real answers of services, with what is odd in them."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from told import dutch

from geowoonzorg.errors import CoverageError, FormatError, InputError, MissingColumnError
from geowoonzorg.files import read_table
from geowoonzorg.opendata.areas import (
    join_figures,
    join_indicator,
    join_leefbaarometer,
    read_areas,
)
from geowoonzorg.opendata.codes import find_codes, level_code
from geowoonzorg.opendata.figures import read_figures
from geowoonzorg.opendata.leefbaarometer import DIMENSIONS, read_leefbaarometer
from geowoonzorg.opendata.register import check_register, read_register


@pytest.fixture(scope="module")
def recorded(shared_data):
    folder = shared_data / "recorded"
    if not folder.is_dir():
        pytest.skip("the recorded answers ../shared/data/recorded are not here")
    return folder


@pytest.fixture(scope="module")
def national(recorded, tmp_path_factory):
    """Every wijk of the country under its real code and name, on a square of its own."""
    table = read_table(recorded / "pdok_wijkenbuurten" / "wijk_2023_v0.dbf")
    i = np.arange(len(table))
    x, y = 100_000 + 100.0 * (i % 60), 400_000 + 100.0 * (i // 60)
    layer = gpd.GeoDataFrame(table, geometry=shapely.box(x, y, x + 100, y + 100), crs=28992)
    path = tmp_path_factory.mktemp("national") / "wijk_2023_v0.gpkg"
    layer.to_file(path, engine="pyogrio")
    return path, table


# ----------------------------------------------------------------------------------- the borders


def test_every_wijk_of_the_country_has_a_code(national):
    path, table = national
    codes = find_codes(table, where="wijk_2023_v0.dbf")
    assert codes.tolist() == table["WK_CODE"].tolist()
    assert (codes.str[6:].str.contains("[A-Z]")).sum() == 110
    assert (level_code(codes, "gemeente") == table["GM_CODE"]).all()
    areas = read_areas(path, level="wijk")
    assert len(areas.frame) == 3353
    assert areas.year == 2023
    assert any("water is: 81" in note for note in dutch(areas.notes))


@pytest.mark.parametrize(
    ("gemeente", "wijken"), [("Kampen", 9), ("GM0363", 110), ("'s-Gravenhage", 44)]
)
def test_any_gemeente_is_taken_out_of_the_country(national, gemeente, wijken):
    areas = read_areas(national[0], level="wijk", gemeente=gemeente)
    assert len(areas.frame) == wijken


def test_buurten_of_a_later_year_say_what_is_still_to_come(recorded):
    path = recorded / "pdok_wijkenbuurten" / "wijkenbuurten_2024_buurten_baarn_first6.geojson"
    areas = read_areas(path, gemeente="Baarn")
    assert areas.year == 2024
    assert areas.frame["inhabitants"].tolist() == [1825, 1010, 930, 2195, 2145, 2585]
    assert (areas.reasons["wmo_per_1000"] == "later").all()
    assert (areas.frame.select_dtypes("number").fillna(0) >= 0).all(axis=None)


def test_amsterdams_own_service_has_the_codes_of_cbs_under_another_name(recorded):
    areas = read_areas(
        recorded / "pdok_wijkenbuurten" / "amsterdam_dso_wfs_buurten_2022codes_first12.geojson"
    )
    assert areas.frame.index[0] == "BU0363AA01"
    assert areas.frame["name"].iloc[0] == "Planciusbuurt-Noord"
    assert (areas.frame["gemeente_code"] == "GM0363").all()
    (note,) = [n for n in dutch(areas.notes) if "omgerekend" in n]
    assert "GEOGCS" not in note


def test_a_layer_in_web_mercator_is_brought_home(recorded):
    areas = read_areas(
        recorded / "pdok_wijkenbuurten" / "wijken_limburg_epsg3857_first10.geojson", level="wijk"
    )
    assert len(areas.frame) == 10
    assert 180_000 < areas.frame.total_bounds[0] < 210_000


def test_gemeenten_are_no_buurten(recorded):
    path = recorded / "pdok_wijkenbuurten" / "pdok_wfs_gemeente_gegeneraliseerd_2022_first3.geojson"
    with pytest.raises(InputError, match="has gemeente where buurten are asked"):
        read_areas(path)


# ------------------------------------------------------------------------------ StatLine and OData


def test_padded_keys_of_odata_are_read(recorded):
    path = recorded / "cbs_odata" / "v3_84799NED_TypedDataSet_head_amsterdam_kampen.values.json"
    figures = read_figures(read_table(path), where=path)
    assert figures.numbers.loc["NL00", "inhabitants"] == 17_407_585
    assert figures.numbers.loc["GM0166", "inhabitants"] == 54_319
    assert set(figures.level) == {"land", "gemeente", "wijk", "buurt"}


def test_statline_in_english_is_read(recorded):
    path = recorded / "cbs_statline" / "nabijheid_delft_en_odata.csv"
    figures = read_figures(read_table(path), where=path)
    assert len(figures.numbers) == 104
    assert figures.numbers.loc["GM0503", ["road_huisarts_km", "road_apotheek_km"]].tolist() == [
        0.6,
        0.8,
    ]
    assert figures.reasons.loc["GM0503", "road_fysiotherapeut_km"] == "not_published"


@pytest.fixture
def amsterdam_2019(tmp_path, recorded):
    """The buurten of Amsterdam in the table of SES-WOA, each on a square of its own."""
    table = read_table(recorded / "cbs_statline" / "ses_woa_wijken_buurten_amsterdam_2019.csv")
    codes = find_codes(table, where="ses")
    codes = codes[codes.str.startswith("BU")].to_numpy()
    x = 120_000 + 100.0 * np.arange(len(codes))
    layer = gpd.GeoDataFrame(
        {"buurtcode": codes, "jaar": 2019}, geometry=shapely.box(x, 0, x + 100, 100), crs=28992
    )
    layer.geometry = layer.translate(0, 480_000)
    layer.to_file(tmp_path / "buurten.gpkg", engine="pyogrio")
    return read_areas(tmp_path / "buurten.gpkg")


def test_a_statline_table_is_an_indicator(recorded, amsterdam_2019):
    path = recorded / "cbs_statline" / "ses_woa_wijken_buurten_amsterdam_2019.csv"
    column = "SES-WOA/Totaalscore/Gemiddelde score (Getal)"
    joined = join_indicator(amsterdam_2019, path, column, name="ses_woa", unit="score")
    assert joined.frame.loc["BU03630000", "ses_woa"] == 0.045
    assert joined.reasons["ses_woa"].value_counts()["not_published"] > 0
    known = join_figures(amsterdam_2019, path)
    pd.testing.assert_series_equal(
        known.frame["ses_woa_score"], joined.frame["ses_woa"], check_names=False
    )
    assert (known.reasons["ses_woa_score"] == "not_published").any()


def test_figures_that_are_text_in_a_workbook_are_an_indicator(recorded):
    path = recorded / "cbs_statline" / "rivm_gezondheid_2020_18plus_first120rows.xlsx"
    codes = find_codes(read_table(path), where="rivm")
    assert codes.str.startswith("NL01").any()
    assert codes.notna().all()


def test_a_table_of_names_says_what_to_download(recorded, amsterdam_2019):
    with pytest.raises(MissingColumnError, match=r"only names \(Wijken en buurten\).*Codering"):
        join_figures(
            amsterdam_2019, recorded / "cbs_statline" / "nabijheid_2021_afstand_bibliotheek.csv"
        )


def test_several_years_without_the_one_that_is_asked_are_listed(recorded, amsterdam_2019):
    path = recorded / "cbs_statline" / "woningvoorraad_gemeenten_2012-2020_first60rows.csv"
    later = amsterdam_2019.frame.assign(year=2023)
    with pytest.raises(InputError, match=r"holds 2012, .*, 2020 and not 2023"):
        join_figures(type(amsterdam_2019)(**{**vars(amsterdam_2019), "frame": later}), path)


# ---------------------------------------------------------------------------------- Leefbaarometer


def test_the_live_service_answers_six_digits_and_is_believed(recorded):
    path = recorded / "leefbaarometer" / "wfs_buurtscore24_one_feature_without_geometry.json"
    figures = read_leefbaarometer(path, year=2024)
    assert figures.numbers.loc["BU0363AB10", ["lbm_afw", "lbm_class"]].tolist() == [0.371047, 9]
    assert not figures.notes
    with pytest.raises(CoverageError, match="no measurement of 2022; it has 2024"):
        read_leefbaarometer(path, year=2022)


def test_all_gemeenten_rounded_as_the_service_rounds_are_believed(shared_data, tmp_path):
    table = read_table(
        shared_data / "leefbaarometer" / "Leefbaarometer-scores wijken 2002-2022.csv"
    )
    rows = table.query("jaar == '2022'").copy()
    numbers = ["afw", "fys", "onv", "soc", "vrz", "won"]
    rows[numbers] = rows[numbers].astype(float).map(lambda value: f"{value:.6g}")
    assert rows["wk_code"].str[2:6].nunique() == 345
    path = tmp_path / "leefbaarometer-2022.csv"
    rows.to_csv(path, index=False)
    figures = read_leefbaarometer(path, year=2022)
    assert len(figures.numbers) == len(rows)
    assert not any("niet de som" in note for note in dutch(figures.notes))
    rows.loc[rows.index[0], "afw"] = f"{float(rows['afw'].iloc[0]) + 1e-5:.6g}"
    rows.to_csv(path, index=False)
    (note,) = [n for n in dutch(read_leefbaarometer(path, year=2022).notes) if "niet de som" in n]
    assert f"bij 1 ({rows['wk_code'].iloc[0]})" in note, "an error of a hundred-thousandth is seen"


@pytest.mark.parametrize("sheet", ["", "|layername=data(2)"])
def test_leefbaarometer_2_is_read_as_published(recorded, sheet):
    path = recorded / "leefbaarometer" / "lbm20_dimensiescore_wijk_stand_first400rows.xlsx"
    figures = read_leefbaarometer(f"{path}{sheet}", year=2016)
    assert figures.numbers.loc["WK000300", "lbm_afw"] == pytest.approx(-0.100403039082048)
    known = figures.numbers.dropna()
    rest = known["lbm_afw"] - known[list(DIMENSIONS)].sum(axis=1)
    assert rest.abs().max() < 1e-9
    assert figures.source == "leefbaarometer_2"
    assert any("niet te vergelijken" in note for note in dutch(figures.notes))
    with pytest.raises(CoverageError, match="no measurement of 2018; it has 2012, 2014, 2016"):
        read_leefbaarometer(f"{path}{sheet}", year=2018)


def test_a_table_whose_first_column_is_a_row_number_is_read(recorded, national):
    path = recorded / "leefbaarometer" / "lbm30_amstelveen_wijk_dimensies.csv"
    amstelveen = read_areas(national[0], level="wijk", gemeente="Amstelveen")
    joined = join_leefbaarometer(amstelveen, path, 2022)
    assert joined.frame["lbm_afw"].notna().mean() > 0.5
    assert not any("niet de som" in note for note in dutch(joined.notes))


def test_the_older_codes_of_amsterdam_are_named(national, shared_data):
    path = shared_data / "leefbaarometer" / "Leefbaarometer-scores wijken 2002-2022.csv"
    amsterdam = read_areas(national[0], level="wijk", gemeente="Amsterdam")
    with pytest.raises(CoverageError, match=r"of the same gemeente it has \d+ \(WK0363\d\d,"):
        join_leefbaarometer(amsterdam, path, 2022)


# ----------------------------------------------------------------------------- lists of facilities


@pytest.mark.parametrize(
    ("name", "places", "accented"),
    [
        ("duo_vestigingen_basisscholen_2016_first100rows.csv", 130, ""),
        ("duo_hoofdvestigingen_basisscholen_2016_first120rows.csv", 125, "Pompeblêd"),
    ],
)
def test_the_schools_of_duo_are_found_by_their_addresses(recorded, name, places, accented):
    path = recorded / "facilities" / name
    with pytest.raises(MissingColumnError, match="register_class"):
        check_register(path)
    assert len(check_register(path, facility_class="basisschool")) == places
    table = read_table(path)
    known = gpd.GeoDataFrame(
        {
            "postcode": table["POSTCODE"].str.replace(" ", ""),
            "housenumber": table["HUISNUMMER-TOEVOEGING"].str.replace("-", ""),
        },
        geometry=gpd.points_from_xy(
            100_000 + 100.0 * np.arange(len(table)), [450_000.0] * len(table)
        ),
        crs=28992,
    )
    own = read_register(path, addresses=known, facility_class="basisschool")
    assert len(own) >= 0.95 * places
    assert set(own["facility_class"]) == {"basisschool"}
    assert own["name"].str.contains(accented).any()
    assert not own["name"].str.contains("\ufffd|\x90").any()


def test_a_register_with_codes_for_its_kinds_is_read_for_the_class_that_one_names(recorded):
    path = recorded / "facilities" / "lrk_kinderopvang_amsterdam_2016_80rows.csv"
    with pytest.raises(InputError, match=r"3 \(BSO, KDV, PSZ\); known are huisarts"):
        read_register(path)
    own = read_register(path, facility_class="basisschool")
    assert len(own) == 80
    assert own.geometry.x.between(110_000, 135_000).all(), "Longitude and Latitude are degrees"


def test_a_workbook_whose_first_sheet_is_an_explanation_is_read(recorded):
    path = recorded / "facilities" / "verpleeghuiszorg_2019_aanvulling_firstrows.xlsx"
    own = check_register(path)
    assert set(own["facility_class"]) == {"verpleeghuis"}


def test_a_script_named_geojson_is_no_layer(recorded):
    with pytest.raises(FormatError, match="not JSON"):
        read_register(recorded / "facilities" / "schiedam_scholen_js.geojson")


def test_lists_of_gemeenten_by_name_or_number_are_refused_with_the_reason(recorded, amsterdam_2019):
    for name in ("huisvesting_vergunninghouders_2016-07-01.csv", "regioatlas_wmoregios.csv"):
        with pytest.raises(MissingColumnError, match="only names"):
            join_figures(amsterdam_2019, recorded / "gemeente" / name)


def test_counts_with_dots_are_thousands_where_the_reader_says_so(shared_data):
    from geowoonzorg.files import parse_numbers

    table = read_table(shared_data / "monitor" / "personen_per_groep_gemeenten_2021.csv")
    people = parse_numbers(table["Ouderen"], where="Ouderen", thousands=True)
    assert people.iloc[0] == 11_445
    assert (people == people.round()).all()
    assert isinstance(people, pd.Series)
