"""The worst that somebody gives the readers of named tables, forecasts, lists, grids and other borders."""

from __future__ import annotations

import zipfile
from functools import partial

import geopandas as gpd
import pytest
from shapely.geometry import LineString, box
from told import dutch

from geowoonzorg.errors import (
    CoverageError,
    DuplicateIdError,
    FormatError,
    GeowoonzorgError,
    InputError,
    SourceError,
    StudyError,
)
from geowoonzorg.opendata.areas import TableColumns, join_figures, join_forecast, read_areas
from geowoonzorg.opendata.forecast import read_forecast
from geowoonzorg.opendata.heights import measure_slopes
from geowoonzorg.opendata.listed import read_listed
from geowoonzorg.opendata.pavement import read_pavement
from geowoonzorg.opendata.squares import read_leefbaarometer_grid
from geowoonzorg.prepare import check_study, demo_study
from geowoonzorg.study import parse_study
from geowoonzorg.study_areas import AreasInput
from geowoonzorg.town.area_input import read_area_input

DEMO = demo_study().parent / "wijkenbuurten_2023_v3.gpkg"
CODES = ["BU98010100", "BU98010101"]
NAMED = TableColumns({"carers_share": "f"}, unit="%", period=2022, everything=False)


@pytest.fixture(scope="module")
def areas():
    return read_areas(DEMO)


STREET = gpd.GeoDataFrame(
    geometry=[LineString([(145_000, 506_500), (145_100, 506_500)])], crs=28992
)


@pytest.fixture(
    params=[
        "named",
        "forecast",
        "woonvorm",
        "plan",
        "pand",
        "grid",
        "figures",
        "bgt",
        "heights",
    ]
)  # fmt: skip
def reader(request, areas):
    """Every new reader, as a function of a path."""
    return {
        "named": partial(join_figures, areas, named=NAMED),
        "forecast": partial(read_forecast, year=2040),
        "woonvorm": partial(read_listed, kind="woonvorm"),
        "plan": partial(read_listed, kind="plan"),
        "pand": partial(read_listed, kind="pand"),
        "figures": partial(join_figures, areas),  # RIVM/GGD and SES-WOA come by it
        "bgt": partial(read_pavement, crs="EPSG:28992"),
        "heights": partial(measure_slopes, STREET),
        "grid": partial(read_leefbaarometer_grid, year=2022),
    }[request.param]


@pytest.mark.parametrize(
    "path",
    ["https://example.com/x.csv", "/vsicurl/https://example.com/x.gpkg", "/vsizip/x.zip/x.csv", "x.vrt", "x.zip"],
)  # fmt: skip
def test_addresses_and_containers_are_no_files(reader, path):
    with pytest.raises(GeowoonzorgError) as caught:
        reader(path)
    assert isinstance(caught.value, InputError | SourceError | StudyError)


def test_what_only_looks_like_a_table_is_refused(reader, tmp_path):
    for name, content in {
        "x.csv": b"\x00\x01\x02", "x.xlsx": b"not a workbook", "x.gpkg": b"SQLite format 3\x00" + b"x" * 50,
        "x.json": b"<html>503</html>",
    }.items():  # fmt: skip
        (tmp_path / name).write_bytes(content)
        with pytest.raises(GeowoonzorgError):
            reader(tmp_path / name)
    (tmp_path / "x.geojson").write_text(
        '<OGRVRTDataSource><OGRVRTLayer name="x"/></OGRVRTDataSource>'
    )
    with pytest.raises(GeowoonzorgError):
        reader(tmp_path / "x.geojson")


def test_a_workbook_that_swells_is_refused(reader, tmp_path):
    with zipfile.ZipFile(tmp_path / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/worksheets/sheet1.xml", b"0" * 300_000_000)
    with pytest.raises(GeowoonzorgError):
        reader(tmp_path / "bomb.xlsx")


def table(path, text, encoding="utf-8"):
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252", "utf-16"])
def test_every_way_of_writing_gives_the_same_numbers(areas, tmp_path, encoding):
    rows = "".join(f"{code} ;12,5;é\r\n" for code in areas.frame.index)
    path = table(tmp_path / "x.csv", "Code ; f ;naam\r\n" + rows, encoding)
    assert (join_figures(areas, path, named=NAMED).frame["carers_share"] == 0.125).all()
    ahead = table(
        tmp_path / "y.csv", "code;jaar;forecast_75plus_mid\r\nGM9801;2040*;1.250\r\n", encoding
    )
    assert read_forecast(ahead, year=2040).numbers.loc["GM9801"].tolist() == [1250]
    lived = table(tmp_path / "z.csv", "naam;eenheden\r\nCafé;1.250\r\n", encoding)
    assert read_listed(lived, "woonvorm")[["name", "homes"]].to_numpy().tolist() == [
        ["Café", 1250.0]
    ]


@pytest.mark.parametrize("cell", ["-99997", "-99995", "-99991", "-99999999", ".", "", "x", "?"])
def test_missing_codes_are_never_numbers(areas, tmp_path, cell):
    rows = "".join(f"{code};{cell}\n" for code in areas.frame.index)
    joined = join_figures(areas, table(tmp_path / "x.csv", "code;f\n" + rows), named=NAMED)
    assert joined.frame["carers_share"].isna().all()
    assert (joined.reasons["carers_share"] != "").all()
    ahead = table(tmp_path / "y.csv", f"code;jaar;forecast_75plus_mid\nGM9801;2040;{cell}\n")
    assert read_forecast(ahead, year=2040).numbers.isna().all(axis=None)
    homes = read_listed(table(tmp_path / "z.csv", f"naam;eenheden\nA;{cell}\nB;3\n"), "woonvorm")[
        "homes"
    ]
    assert homes.isna().tolist() == [True, False]


def test_codes_that_lost_their_zeros_and_double_ones(areas, tmp_path):
    bare = "".join(f"{code[2:]}.0;12\n" for code in areas.frame.index)
    path = table(tmp_path / "x.csv", "buurtcode;f\n" + bare)
    assert (join_figures(areas, path, named=NAMED).frame["carers_share"] == 0.12).all()
    twice = table(tmp_path / "y.csv", f"code;f\n{CODES[0]};1\n{CODES[0]};2\n{CODES[1]};3\n")
    with pytest.raises(DuplicateIdError, match=CODES[0]):
        join_figures(areas, twice, named=NAMED)
    ahead = table(
        tmp_path / "z.csv", "code;jaar;forecast_75plus_mid\nGM9801;2040;1\nGM9801;2040;2\n"
    )
    with pytest.raises(DuplicateIdError, match="GM9801"):
        join_forecast(areas, ahead, 2040)


def test_two_publications_of_one_year_are_told_apart_by_their_column(areas, tmp_path):
    rows = "".join(f"{c};2022;voorlopig;1\n{c};2022;definitief;2\n" for c in areas.frame.index)
    path = table(tmp_path / "x.csv", "code;Perioden;Versie;f\n" + rows)
    with pytest.raises(DuplicateIdError, match="they differ in Versie"):
        join_figures(areas, path, named=NAMED)
    chosen = TableColumns(
        {"carers_share": "f"}, unit="%", period=2022, rows={"Versie": "definitief"}
    )
    assert (join_figures(areas, path, named=chosen).frame["carers_share"] == 0.02).all()


def test_a_table_of_another_gemeente_is_refused(areas, tmp_path):
    path = table(tmp_path / "x.csv", "code;f\nBU01660000;1\nBU01660001;2\n")
    with pytest.raises(CoverageError, match="rows for only 0%"):
        join_figures(areas, path, named=NAMED)


def test_a_period_that_the_table_does_not_have_is_told(areas, tmp_path):
    rows = "".join(f"{c};{y};1\n" for c in areas.frame.index for y in (2019, 2020))
    with pytest.raises(InputError, match="holds 2019, 2020 and not 2022"):
        join_figures(areas, table(tmp_path / "x.csv", "code;Perioden;f\n" + rows), named=NAMED)


def test_text_among_numbers_is_named_with_its_line(areas, tmp_path):
    rows = "".join(f"{c};1\n" for c in areas.frame.index[1:])
    path = table(tmp_path / "x.csv", f"code;f\n{areas.frame.index[0]};veel\n" + rows)
    with pytest.raises(FormatError, match="'veel' on line 2"):
        join_figures(areas, path, named=NAMED)


def test_borders_of_elsewhere_are_refused(tmp_path):
    away = gpd.GeoDataFrame(
        {"buurtcode": ["BU01660000"], "jaar": [2021]}, geometry=[box(190_000, 500_000, 190_100, 500_100)], crs=28992
    )  # fmt: skip
    away.to_file(tmp_path / "elders.gpkg")
    path = table(tmp_path / "kwb-2021.csv", "code;a_inw\nBU01660000;100\n")
    question = AreasInput(DEMO, figures=(path,), figures_borders=tmp_path / "elders.gpkg")
    with pytest.raises(CoverageError, match="none of the 1 areas of figures_borders"):
        read_area_input(question, crs="EPSG:28992")


def test_a_study_lists_all_that_is_wrong_with_its_tables():
    document = {
        "study": {"name": "x"}, "network": {"source": "x.osm.pbf"}, "sites": {"source": "x.gpkg"},
        "facilities": {"classes_of": {"HOED": "huisarts"}},
        "areas": {
            "source": "x.gpkg", "columns": {"a": "b"}, "leefbaarometer_grid": "g.gpkg",
            "tables": [{"source": "t.csv"}], "forecast": {"source": "f.csv"},
        },
    }  # fmt: skip
    with pytest.raises(StudyError) as caught:
        parse_study(document, folder=DEMO.parent)
    told = dutch([caught.value.message])[0]
    for key in (
        "areas.columns",
        "areas.tables[1].columns",
        "areas.forecast.year",
        "facilities.classes_of",
        "leefbaarometer_year",
    ):
        assert key in told, key


def test_check_finds_what_is_wrong_in_every_table(tmp_path):
    table(tmp_path / "ggd.csv", f"code;f\n{CODES[0]};40\n")
    table(tmp_path / "prognose.csv", "code;jaar;forecast_75plus_mid\nGM9801;2030;1\n")
    table(tmp_path / "grid.csv", "grid_id;jaar;afw\nE1900N5000;2020;0,1\n")
    study = demo_study().read_text(encoding="utf-8")
    study = study.replace('source = "', f'source = "{DEMO.parent.as_posix()}/').replace(
        f'source = "{DEMO.parent.as_posix()}/osm"', 'source = "osm"'
    )
    study = study.replace('register = "', f'register = "{DEMO.parent.as_posix()}/')
    study = study.replace('leefbaarometer = "', f'leefbaarometer = "{DEMO.parent.as_posix()}/')
    extra = (
        '\nleefbaarometer_grid = "grid.csv"\n[[areas.tables]]\nsource = "ggd.csv"\nperiod = 2022\n'
        'columns = { carers_share = "f" }\n[areas.forecast]\nsource = "prognose.csv"\nyear = 2045\n'
    )
    head, areas_part = study.split("[areas]\n")
    body, sep, tail = areas_part.partition("\n[")
    (tmp_path / "study.toml").write_text(
        head + "[areas]\n" + body + extra + sep + tail, encoding="utf-8"
    )
    with pytest.raises(GeowoonzorgError) as caught:
        check_study(tmp_path / "study.toml")
    told = str(caught.value)
    assert "has rows for only" in told or "shares over 1" in told
    assert "the forecast has 2030 and not 2045" in told
    assert "no measurement of" in told


def test_frames_in_memory_know_the_new_columns():
    from geowoonzorg.town.own_areas import check_areas

    one = gpd.GeoDataFrame(
        {"volunteers_share": [0.3]}, geometry=[box(190_000, 500_000, 190_100, 500_100)],
        index=["BU01660001"], crs=28992,
    )  # fmt: skip
    found = check_areas(one, one.crs)
    assert found.numbers["volunteers_share"].tolist() == [0.3]
    assert found.layer["volunteers_share"].tolist() == [0.3]
