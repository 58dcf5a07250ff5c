"""Areas and tables with every trap that published data have: a clear error, or read and said."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from published import buurt_codes, squares_of, write_table, write_wijkenbuurten
from told import dutch

from geowoonzorg.errors import (
    CoverageError,
    CrsError,
    DuplicateIdError,
    FormatError,
    GeometryError,
    InputError,
    MissingColumnError,
)
from geowoonzorg.files import read_table
from geowoonzorg.opendata.areas import join_figures, join_leefbaarometer, read_areas
from geowoonzorg.opendata.figures import read_figures
from geowoonzorg.opendata.leefbaarometer import read_leefbaarometer


def layer_of(n=4, **columns):
    data = {
        "buurtcode": buurt_codes(n),
        "aantal_inwoners": [10 * (i + 1) for i in range(n)],
        **columns,
    }
    return gpd.GeoDataFrame(data, geometry=squares_of(n), crs=28992)


def written(tmp_path, layer, name="buurten_2023.gpkg"):
    layer.to_file(tmp_path / name, engine="pyogrio")
    return tmp_path / name


@pytest.fixture
def areas(tmp_path):
    return read_areas(written(tmp_path, layer_of()))


def table(tmp_path, frame, name="kwb-2023.csv"):
    return write_table(tmp_path / name, frame)


# ------------------------------------------------------------------------------ 6: coordinates


def test_areas_without_a_crs_say_what_the_numbers_look_like(tmp_path):
    layer = layer_of().set_crs(None, allow_override=True)
    with pytest.warns(UserWarning, match="crs"):
        layer.to_file(tmp_path / "a.gpkg", engine="pyogrio")
    with pytest.raises(CrsError, match=r"look like RD New"):
        read_areas(tmp_path / "a.gpkg")


def test_areas_in_degrees_are_converted_and_said(tmp_path):
    areas = read_areas(written(tmp_path, layer_of().to_crs(4326)))
    assert areas.frame.crs == 28992
    assert areas.frame.area.tolist() == pytest.approx([250_000] * 4, rel=1e-4)
    assert any("omgerekend van EPSG:4326" in note for note in dutch(areas.notes))


# ---------------------------------------------------------------------------- 7 and 8: geometry


@pytest.mark.parametrize("shape", [None, shapely.Polygon(), shapely.Point(100_000, 400_000)])
def test_an_area_without_a_polygon_is_named(tmp_path, shape):
    layer = layer_of()
    layer.loc[2, "geometry"] = shape
    with pytest.raises(GeometryError, match=r"without a polygon: 1 \(BU01660002\)"):
        read_areas(written(tmp_path, layer))


def test_a_polygon_that_crosses_itself_is_repaired_and_its_area_said(tmp_path):
    layer = layer_of()
    x, y = 100_500.0, 400_000.0
    bow_tie = shapely.Polygon([(x, y), (x + 500, y + 500), (x + 500, y), (x, y + 500)])
    layer.loc[1, "geometry"] = bow_tie
    areas = read_areas(written(tmp_path, layer))
    assert areas.frame.is_valid.all()
    assert areas.frame.area.iloc[1] == pytest.approx(125_000)  # two triangles of 500 × 250 m
    (note,) = [n for n in dutch(areas.notes) if "kruisten" in n]
    assert "BU01660001" in note
    assert "nu 125.000 m2" in note


def test_multipolygons_and_heights_are_accepted(tmp_path):
    layer = layer_of()
    layer.geometry = [shapely.MultiPolygon([shapely.force_3d(g)]) for g in layer.geometry]
    areas = read_areas(written(tmp_path, layer))
    assert areas.frame.area.sum() == 1_000_000
    assert not areas.frame.has_z.any()


def test_no_areas_at_all(tmp_path):
    with pytest.raises(InputError, match="has nothing where buurten are asked"):
        read_areas(written(tmp_path, layer_of().iloc[:0]))


# ----------------------------------------------------------------------------- 9: double codes


def test_double_codes_are_named(tmp_path):
    layer = layer_of(buurtcode=["BU01660000", "BU01660001", "BU01660000", "BU01660003"])
    with pytest.raises(DuplicateIdError, match=r"1 \(BU01660000\)"):
        read_areas(written(tmp_path, layer))


def test_double_codes_in_a_table_are_named_even_when_written_differently(tmp_path, areas):
    rows = pd.DataFrame(
        {"gwb_code_10": ["BU01660000", "1660000"], "recs": "Buurt", "a_inw": [1, 2]}
    )
    with pytest.raises(DuplicateIdError, match="BU01660000"):
        join_figures(areas, table(tmp_path, rows))
    rows = pd.DataFrame({"wk_code": ["WK016600"] * 2, "jaar": 2022, "afw": [0.1, 0.2]})
    with pytest.raises(DuplicateIdError, match="WK016600"):
        join_leefbaarometer(areas, table(tmp_path, rows, "lbm.csv"), 2022)


# --------------------------------------------------------------------------- 10: missing codes


@pytest.mark.parametrize("code", [-99997, -99995, -99991, -99998, -99999999, -99990])
def test_a_missing_code_never_becomes_a_number(tmp_path, code):
    layer = layer_of(aantal_inwoners=[10, code, 30, 40], percentage_personen_65_jaar_en_ouder=code)
    areas = read_areas(written(tmp_path, layer))
    assert areas.frame["inhabitants"].sum() == 80
    assert areas.frame["inhabitants"].isna().tolist() == [False, True, False, False]
    assert areas.reasons["inhabitants"].iloc[1] not in {"", "no_column"}
    assert areas.frame["share_65plus"].isna().all()


@pytest.mark.parametrize("cell", [".", "", " ", "       .", "-99997", "-99997.0", "NA", "?", "x"])
def test_a_missing_cell_in_a_table_stays_missing(tmp_path, areas, cell):
    rows = pd.DataFrame({"gwb_code_10": buurt_codes(4), "p_wmo_t": ["12", cell, "30", "41"]})
    joined = join_figures(areas, table(tmp_path, rows))
    assert joined.frame["wmo_per_1000"].isna().tolist() == [False, True, False, False]
    assert joined.reasons["wmo_per_1000"].iloc[1] in {"not_published", "blank", "secret"}


def test_a_negative_count_that_is_no_known_code_is_refused(tmp_path, areas):
    rows = pd.DataFrame({"gwb_code_10": buurt_codes(4), "a_inw": [1, -9999, 3, 4]})
    with pytest.raises(FormatError, match=r"1 figure cannot be inhabitants: 1 \(-9999\)"):
        join_figures(areas, table(tmp_path, rows))


def test_a_column_that_is_missing_everywhere_is_named_once(tmp_path, areas):
    rows = pd.DataFrame({"gwb_code_10": buurt_codes(4), "a_inw": 5, "p_wmo_t": ".", "g_ele": "."})
    joined = join_figures(areas, table(tmp_path, rows))
    assert [
        n
        for n in dutch(joined.notes)
        if "2 kolommen hebben in geen enkele rij een cijfer: p_wmo_t, g_ele" in n
    ]


# ---------------------------------------------------------------------- 11: codes and years


@pytest.mark.parametrize(
    "codes",
    [
        [1660000, 1660001, 1660002, 1660003],
        ["01660000", "01660001", "01660002", "01660003"],
        ["BU01660000  ", " bu01660001", "BU1660002", "BU01660003"],
        [1660000.0, 1660001.0, 1660002.0, 1660003.0],
    ],
)
def test_codes_are_normalised(tmp_path, areas, codes):
    assert list(
        read_areas(written(tmp_path, layer_of(buurtcode=codes), "b.gpkg")).frame.index
    ) == buurt_codes(4)
    rows = pd.DataFrame({"bu_code": codes, "a_inw": [1, 2, 3, 4]})
    assert join_figures(areas, table(tmp_path, rows)).frame["inhabitants"].tolist() == [1, 2, 3, 4]


@pytest.mark.parametrize("code", ["BUxx660000", "BU016600000000", "Binnenstad", "GM01a6"])
def test_codes_that_are_none_are_named(tmp_path, code):
    with pytest.raises(InputError, match="codes that are no area codes"):
        read_areas(written(tmp_path, layer_of(buurtcode=[code, *buurt_codes(4)[1:]])))


def own_layer(codes, **columns):
    layer = layer_of(len(codes), buurtcode=codes, **columns)
    return layer.set_geometry(shapely.transform(squares_of(len(codes)), lambda xy: xy + KAMPEN))


KAMPEN = np.array([90_000.0, 107_000.0])  # from where squares lie to x 190,000, y 507,000


@pytest.mark.parametrize(
    "codes", [["140001", "140002"], [140001, 140002], ["1101", "1102"], [1, 2]]
)
def test_a_gemeentes_own_codes_beside_its_code_are_refused_with_both(tmp_path, codes):
    layer = own_layer(codes, GEMEENTECODE="0166", GEMEENTENAAM="Kampen")
    with pytest.raises(InputError, match=r"2 \(\d+ is of gemeente GM00\d\d beside GM0166 Kampen"):
        read_areas(written(tmp_path, layer))


@pytest.mark.parametrize("codes", [["140001", "140002"], ["1101", "1102"], [16601, 16602]])
def test_a_gemeentes_own_codes_elsewhere_than_the_code_says_are_refused(tmp_path, codes):
    with pytest.raises(InputError, match=r"does not lie there: 2 \(\d+ would be BU00"):
        read_areas(written(tmp_path, own_layer(codes)))


def test_codes_that_lost_two_zeros_are_read_where_their_gemeente_lies(tmp_path):
    layer = own_layer([140001, 140002])
    groningen = layer.set_geometry(layer.translate(42_000, 75_000))
    assert list(read_areas(written(tmp_path, groningen)).frame.index) == [
        "BU00140001",
        "BU00140002",
    ]
    almere = own_layer([340001, 340002])
    almere = almere.set_geometry(almere.translate(-45_000, -20_000))
    assert read_areas(written(tmp_path, almere, "a.gpkg")).frame.index[0] == "BU00340001"


def test_codes_of_another_gemeente_than_the_one_asked_for_say_whose_they_are(tmp_path):
    layer = own_layer(["140001", "140002"])
    with pytest.raises(CoverageError, match=r"no areas of gemeente GM0166; it has 1 \(GM0014\)"):
        read_areas(written(tmp_path, layer), gemeente="GM0166")


def test_own_codes_in_a_table_are_refused_beside_another_gemeentecode(tmp_path):
    layer = own_layer(["BU00140001", "BU00140002"])
    groningen = read_areas(written(tmp_path, layer.set_geometry(layer.translate(42_000, 75_000))))
    rows = pd.DataFrame({"bu_code": ["140001", "140002"], "gm_code": "GM0166", "a_inw": 5})
    with pytest.raises(InputError, match="140001 is of gemeente GM0014 beside GM0166") as caught:
        join_figures(groningen, table(tmp_path, rows))
    assert "kolom bu_code: codes van een andere gemeente" in caught.value.told("nl")
    assert "2 (140001 hoort bij gemeente GM0014 naast GM0166, 140002" in caught.value.told("nl")


def test_a_number_of_the_gemeentes_own_for_the_wijk_is_not_taken_for_a_code(tmp_path):
    layer = layer_of(wijkcode=["1", "1", "2", "2"], gemeentecode="GM0166")
    assert set(read_areas(written(tmp_path, layer)).frame["wijk_code"]) == {"WK016600"}


def test_a_table_of_names_only_says_what_to_download(tmp_path, areas):
    rows = pd.DataFrame({"Wijken en buurten": ["Nederland", "Brunnepe"], "x (km)": ["2.0", "1.1"]})
    with pytest.raises(MissingColumnError, match=r"only names \(Wijken en buurten\).*Codering"):
        join_figures(areas, table(tmp_path, rows))


@pytest.mark.parametrize("year", [2022, 2024])
def test_figures_of_another_year_name_both_years(tmp_path, areas, year):
    rows = pd.DataFrame({"gwb_code_10": buurt_codes(4), "a_inw": 1})
    with pytest.raises(InputError, match=f"of {year} and the areas are of 2023"):
        join_figures(areas, table(tmp_path, rows, f"kwb-{year}.csv"))


def test_a_newer_year_never_stands_in(tmp_path, areas):
    rows = pd.DataFrame({"gwb_code_10": buurt_codes(4), "a_inw": 1})
    with pytest.raises(InputError, match="2024"):
        join_figures(areas, table(tmp_path, rows, "kwb-2024.csv"), older_years=True)


def test_another_years_buurten_without_a_year_are_refused_by_their_codes(tmp_path, areas):
    rows = pd.DataFrame({"gwb_code_10": ["BU01660000", "BU01669901", "BU01669902"], "a_inw": 1})
    with pytest.raises(CoverageError, match=r"only 25% of the areas.*BU01660001"):
        join_figures(areas, table(tmp_path, rows, "kwb.csv"))


def test_a_few_areas_without_a_row_are_counted_with_their_reason(tmp_path, areas):
    rows = pd.DataFrame({"gwb_code_10": buurt_codes(4)[:3], "p_wmo_t": 20})
    joined = join_figures(areas, table(tmp_path, rows))
    assert joined.reasons["wmo_per_1000"].tolist() == ["", "", "", "no_row"]
    assert any("heeft geen rij voor 1 buurt (BU01660003)" in note for note in dutch(joined.notes))


def test_areas_of_two_years_in_one_layer_are_refused(tmp_path):
    with pytest.raises(InputError, match="several years"):
        read_areas(written(tmp_path, layer_of(jaar=[2022, 2022, 2023, 2023])))


def test_a_table_without_codes_or_without_known_columns(tmp_path, areas):
    with pytest.raises(MissingColumnError, match="no column with area codes"):
        join_figures(areas, table(tmp_path, pd.DataFrame({"naam": ["a"], "a_inw": [1]})))
    with pytest.raises(MissingColumnError, match="no column that the catalogue knows"):
        join_figures(
            areas, table(tmp_path, pd.DataFrame({"gwb_code_10": ["BU01660000"], "q": [1]}))
        )
    with pytest.raises(MissingColumnError, match="no column with buurt codes"):
        read_areas(written(tmp_path, layer_of().drop(columns="buurtcode"), "b.gpkg"))


def test_the_wrong_level_is_said(tmp_path):
    with pytest.raises(InputError, match="has buurt where wijken are asked"):
        read_areas(written(tmp_path, layer_of()), level="wijk")


def test_a_layer_that_must_be_named(tmp_path):
    path = tmp_path / "twee.gpkg"
    layer_of().to_file(path, layer="een", engine="pyogrio")
    layer_of().to_file(path, layer="twee", engine="pyogrio")
    with pytest.raises(InputError, match="layername=NAME"):
        read_areas(path)
    assert len(read_areas(f"{path}|layername=twee").frame) == 4


# --------------------------------------------------------------------- 12: how numbers are written


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("sep", [";", ","])
def test_every_way_of_writing_a_table(tmp_path, areas, encoding, sep):
    decimal = "," if sep == ";" else "."
    text = "\r\n".join(
        [
            sep.join(["gwb_code_10 ", "regio", "a_inw", "p_wmo_t"]),
            *(
                sep.join([c, "Café é", "1.250" if sep == ";" else "1250", f"12{decimal}5"])
                for c in buurt_codes(4)
            ),
        ]
    )
    (tmp_path / "kwb-2023.csv").write_bytes(text.encode(encoding))
    joined = join_figures(areas, tmp_path / "kwb-2023.csv")
    assert joined.frame["inhabitants"].tolist() == [1250] * 4
    assert joined.frame["wmo_per_1000"].tolist() == [12.5] * 4


def test_text_among_numbers_is_named_with_its_line(tmp_path, areas):
    rows = pd.DataFrame({"gwb_code_10": buurt_codes(4), "a_inw": ["1", "twee", "3", "4"]})
    with pytest.raises(FormatError, match="'twee' on line 3"):
        join_figures(areas, table(tmp_path, rows))


def test_infinity_is_no_figure(tmp_path, areas):
    rows = pd.DataFrame({"gwb_code_10": buurt_codes(4), "p_wmo_t": ["1", "inf", "3", "4"]})
    with pytest.raises(FormatError, match="cannot be"):
        join_figures(areas, table(tmp_path, rows))


def test_numbers_as_text_in_a_spreadsheet(tmp_path, areas):
    rows = pd.DataFrame({"gwb_code_10": buurt_codes(4), "a_inw": ["1250", 1250, 1250.0, "."]})
    rows.to_excel(tmp_path / "kwb-2023.xlsx", index=False)
    joined = join_figures(areas, tmp_path / "kwb-2023.xlsx")
    assert joined.frame["inhabitants"].iloc[:3].tolist() == [1250] * 3
    assert joined.frame["inhabitants"].iloc[3] == 40, "the borders' own figure stays where known"


# ------------------------------------------------------------------------------ Leefbaarometer


def lbm(**columns):
    """Give a buurt of the live service, whose sum is 0.37104685, four times."""
    base = {"bu_code": buurt_codes(4), "jaar": 2022, "lbm": 4.47331, "afw": 0.371047}
    parts = {"fys": -0.0143511, "onv": -0.137106, "soc": -0.100151, "vrz": 0.620541}
    return pd.DataFrame({**base, **parts, "won": 0.00211395, **columns})


def doubts(figures):
    return [note for note in dutch(figures.notes) if "niet de som" in note]


def test_a_sum_that_does_not_hold_is_told_with_its_codes_and_read(tmp_path):
    wrong = lbm(afw=[0.371047, 0.371047, 0.471047, 0.371047])
    figures = read_leefbaarometer(table(tmp_path, wrong, "lbm.csv"), year=2022)
    (note,) = doubts(figures)
    assert "bij 1 (BU01660002)" in note
    assert "tot 0,1 ernaast" in note
    assert figures.numbers["lbm_afw"].tolist() == wrong["afw"].tolist()


def test_a_sum_is_judged_by_the_digits_of_its_own_row(tmp_path):
    # One row of six digits, one of all, one of two decimals: each as good as it is written.
    rows = lbm(
        afw=[0.371047, 0.371046850000, 0.37, 0.372047],
        fys=[-0.0143511, -0.0143511, -0.01, -0.0143511],
        onv=[-0.137106, -0.137106, -0.14, -0.137106],
        soc=[-0.100151, -0.100151, -0.10, -0.100151],
        vrz=[0.620541, 0.620541, 0.62, 0.620541],
        won=[0.00211395, 0.00211395, 0.00, 0.00211395],
    )
    (note,) = doubts(read_leefbaarometer(table(tmp_path, rows, "lbm.csv"), year=2022))
    assert "bij 1 (BU01660003)" in note, "a thousandth beside a row that is right to a millionth"


def test_rounded_figures_may_differ_by_their_rounding(tmp_path):
    rng = np.random.default_rng(1)
    parts = rng.uniform(-0.2, 0.2, (5, 4))
    names = ["fys", "onv", "soc", "vrz", "won"]
    for digits in (2, 3, 6):
        rounded = lbm(
            afw=parts.sum(axis=0).round(digits),
            **dict(zip(names, parts.round(digits), strict=True)),
        )
        figures = read_leefbaarometer(table(tmp_path, rounded, "lbm.csv"), year=2022)
        assert len(figures.numbers) == 4
        assert not doubts(figures)


@pytest.mark.parametrize("driver", ["GeoJSON", "GPKG"])
def test_a_saved_layer_of_the_service_has_no_doubts(tmp_path, driver):
    layer = gpd.GeoDataFrame(lbm(id=buurt_codes(4)), geometry=squares_of(4), crs=28992)
    path = tmp_path / f"buurtscore22.{'geojson' if driver == 'GeoJSON' else 'gpkg'}"
    layer.drop(columns=["bu_code", "lbm"]).to_file(path, driver=driver, engine="pyogrio")
    figures = read_leefbaarometer(path, year=2022)
    assert len(figures.numbers) == 4
    assert not doubts(figures)


def test_swapped_columns_are_noticed(tmp_path):
    figures = read_leefbaarometer(table(tmp_path, lbm(afw=4.2, lbm=0.15), "lbm.csv"), year=2022)
    assert "verwisseld" in doubts(figures)[0]


def test_dimensions_that_are_not_measured_are_no_fault(tmp_path):
    missing = dict.fromkeys(["fys", "onv", "soc", "vrz", "won"], "NA")
    figures = read_leefbaarometer(table(tmp_path, lbm(**missing), "lbm.csv"), year=2022)
    assert figures.numbers["lbm_afw"].tolist() == [0.371047] * 4
    assert figures.numbers["lbm_fys"].isna().all()


def test_a_grid_is_pointed_to_its_own_reader(tmp_path):
    rows = pd.DataFrame({"grid_id": ["E1000N4000"], "jaar": [2022], "afw": [0.1]})
    with pytest.raises(MissingColumnError, match="leefbaarometer_grid"):
        read_leefbaarometer(table(tmp_path, rows, "grid.csv"), year=2022)


# --------------------------------------------------------------------------- 15: what is no file


@pytest.mark.parametrize(
    "path",
    [
        "https://service.pdok.nl/a.gpkg",
        "/vsicurl/https://example.com/a.gpkg",
        "/vsizip/a.zip/a.gpkg",
    ],
)
def test_addresses_are_no_files(path, areas):
    with pytest.raises(InputError):
        read_areas(path)
    with pytest.raises(InputError):
        join_figures(areas, [path.replace(".gpkg", ".csv")])


def test_a_geojson_that_is_a_vrt(tmp_path):
    (tmp_path / "buurten.geojson").write_text(
        "<OGRVRTDataSource></OGRVRTDataSource>", encoding="utf-8"
    )
    with pytest.raises(FormatError):
        read_areas(tmp_path / "buurten.geojson")


def test_a_truncated_geopackage(tmp_path):
    write_wijkenbuurten(tmp_path / "wijkenbuurten_2023_v3.gpkg", 40)
    whole = (tmp_path / "wijkenbuurten_2023_v3.gpkg").read_bytes()
    (tmp_path / "half.gpkg").write_bytes(whole[: len(whole) // 3])
    with pytest.raises(FormatError, match=r"half\.gpkg"):
        read_areas(tmp_path / "half.gpkg")


def test_reading_figures_does_not_change_the_table(tmp_path):
    path = table(
        tmp_path, pd.DataFrame({"gwb_code_10": buurt_codes(4), "a_inw": ["1", ".", "3", "4"]})
    )
    raw = read_table(path)
    before = raw.copy()
    read_figures(raw, where=path)
    pd.testing.assert_frame_equal(raw, before)
