"""Every reader of the country's newer sources against the faults that their files have: a table, fault by fault."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
from shapely.geometry import LineString, box

from geowoonzorg.errors import (
    CoverageError,
    CrsError,
    DuplicateIdError,
    FormatError,
    GeowoonzorgError,
    InputError,
    StudyError,
)
from geowoonzorg.files import read_table
from geowoonzorg.opendata.areas import TableColumns, join_figures, join_forecast, read_areas
from geowoonzorg.opendata.figures import read_figures
from geowoonzorg.opendata.forecast import read_forecast
from geowoonzorg.opendata.heights import measure_slopes
from geowoonzorg.opendata.listed import read_listed
from geowoonzorg.opendata.pavement import read_pavement
from geowoonzorg.opendata.register import as_register
from geowoonzorg.prepare import demo_study

DEMO = demo_study().parent / "wijkenbuurten_2023_v3.gpkg"
CODE, OTHER = "BU98010100", "BU98010101"
NAMED = TableColumns({"carers_share": "f"}, unit="%", period=2022, everything=False)


@pytest.fixture(scope="module")
def areas():
    return read_areas(DEMO)


def rivm(cell, code=CODE, more=""):
    return (
        "WijkenEnBuurten;Perioden;Leeftijd;Marges;Mantelzorger_31\n"
        f"{code};2020JJ00;20300;MW00000;{cell}\n{more}"
    )


def ses_woa(cell, code=CODE, more=""):
    return (
        "Regiocode (gemeente, wijk, buurt) (code);Perioden;"
        "SES-WOA/Totaalscore/Gemiddelde score (Getal)\n"
        f"{code};2019;{cell}\n{more}"
    )


def own(cell, code=CODE, more=""):
    rest = "".join(f"{one};7\n" for one in read_areas(DEMO).frame.index if one != CODE)
    return f"buurtcode;f\n{code};{cell}\n{more or rest}"


def forecast(cell, code="GM9801", more=""):
    return f"gemeentecode;jaar;forecast_75plus_mid\n{code};2040;{cell}\n{more}"


def plan(cell, name="A", more=""):
    return f"naam;netto\n{name};{cell}\nB;3\n{more}"


def lived(cell, name="A", more=""):
    return f"naam;eenheden\n{name};{cell}\nB;3\n{more}"


def pand(cell, name="0166100000000001", more=""):
    return f"identificatie;oppervlakte\n{name};{cell}\n0166100000000002;3\n{more}"


def numbers(path, column):
    return read_figures(read_table(path), where=path).numbers[column]


#: Reader → what it is fed, and the number that it makes of the first row.
READERS = {
    "RIVM/GGD": (rivm, lambda _, p: numbers(p, "carers_share").iloc[0] * 100),
    "SES-WOA": (ses_woa, lambda _, p: numbers(p, "ses_woa_score").iloc[0]),
    "own table": (own, lambda a, p: join_figures(a, p, named=NAMED).frame["carers_share"].loc[CODE] * 100),
    "forecast": (forecast, lambda _, p: read_forecast(p, year=2040).numbers["forecast_75plus_mid"].iloc[0]),
    "plan": (plan, lambda _, p: read_listed(p, "plan")["homes"].iloc[0]),
    "woonvorm": (lived, lambda _, p: read_listed(p, "woonvorm")["homes"].iloc[0]),
    "pand": (pand, lambda _, p: read_listed(p, "pand")["floor_m2"].iloc[0]),
}  # fmt: skip
COUNTS = {"forecast", "plan", "woonvorm"}


def written(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "tabel.csv"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    "cell", ["-99997", "-99995", "-99991", "-99999999", ".", "", "  .  ", "x", "?"]
)
def test_10_no_missing_code_is_a_number(areas, tmp_path, reader, cell):
    make, read = READERS[reader]
    assert np.isnan(read(areas, written(tmp_path, make(cell))))


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252", "utf-16"])
def test_12_a_number_is_read_as_it_is_meant_in_every_encoding(areas, tmp_path, reader, encoding):
    make, read = READERS[reader]
    cell, meant = ("1.250", 1250) if reader in COUNTS else ("12,5", 12.5)
    found = read(areas, written(tmp_path, make(f"  {cell}").replace("\n", "\r\n"), encoding))
    assert found == pytest.approx(meant)


@pytest.mark.parametrize("reader", READERS)
def test_12_words_where_a_number_belongs_are_named_with_their_line(areas, tmp_path, reader):
    make, read = READERS[reader]
    with pytest.raises(FormatError, match=r"'veel'.*line 2"):
        read(areas, written(tmp_path, make("veel")))


@pytest.mark.parametrize("reader", ["RIVM/GGD", "SES-WOA", "own table", "forecast"])
def test_9_a_code_twice_is_refused_by_its_name(areas, tmp_path, reader):
    make, read = READERS[reader]
    code = "GM9801" if reader == "forecast" else CODE
    again = make("2", code).splitlines()[1] + "\n"
    with pytest.raises(DuplicateIdError, match=code):
        read(areas, written(tmp_path, make("1", code, again)))


def test_9_a_building_twice_is_refused_by_its_id(tmp_path):
    twice = written(tmp_path, pand("10", more="0166100000000001;20\n"))
    with pytest.raises(DuplicateIdError, match="0166100000000001"):
        read_listed(twice, "pand")


@pytest.mark.parametrize("reader", ["RIVM/GGD", "SES-WOA", "own table", "forecast"])
@pytest.mark.parametrize("broken", ["{digits}", "{digits}.0", "  {code}  ", "{lower}"])
def test_11_codes_that_lost_a_part_are_still_those_codes(areas, tmp_path, reader, broken):
    make, read = READERS[reader]
    code = "GM9801" if reader == "forecast" else CODE
    text = broken.format(digits=code[2:].lstrip("0"), code=code, lower=code.lower())
    try:
        assert read(areas, written(tmp_path, make("12", text))) == pytest.approx(12)
    except InputError as error:
        assert text.strip() in str(error), "what cannot be a code is named"
        assert "digits" in broken, "only without its letters"


@pytest.mark.parametrize("reader", ["RIVM/GGD", "own table"])
def test_a_table_of_another_gemeente_is_refused(areas, tmp_path, reader):
    make, _ = READERS[reader]
    path = written(tmp_path, make("12", "BU01660000", "BU01660001;" + ";" * 9 + "\n"))
    named = {"named": NAMED} if reader == "own table" else {}
    with pytest.raises(CoverageError, match="rows for only 0%"):
        join_figures(areas, path, older_years=True, **named)


def test_two_publications_of_one_year_are_refused_with_what_differs(tmp_path):
    path = written(
        tmp_path,
        "WijkenEnBuurten;Perioden;Status;Mantelzorger_31\n"
        f"{CODE};2020JJ00;voorlopig;12\n{CODE};2020JJ00;definitief;13\n",
    )
    with pytest.raises(DuplicateIdError, match="differ in Status"):
        numbers(path, "carers_share")


def test_a_forecast_that_ends_before_the_asked_year_says_its_years(areas, tmp_path):
    path = written(tmp_path, forecast("12"))
    with pytest.raises(InputError, match="has 2040 and not 2050"):
        join_forecast(areas, path, 2050)


def test_a_mapping_to_a_class_that_does_not_exist_is_refused_with_those_that_do():
    places = gpd.GeoDataFrame(
        {"naam": ["x"], "klasse": ["HOED"]}, geometry=gpd.points_from_xy([190_000], [507_000]), crs=28992
    )  # fmt: skip
    with pytest.raises(StudyError, match="huisartsje"):
        as_register(places, classes_of={"HOED": "huisartsje"})


# ------------------------------------------------------------------- pavement and heights

STREET = gpd.GeoDataFrame(
    geometry=[LineString([(145_000, 506_500), (145_100, 506_500)])], crs=28992
)


def bgt(tmp_path, **more):
    parts = {"bgt_functie": ["voetpad", "voetpad"], "bgt_status": ["bestaand", "bestaand"]} | more
    frame = gpd.GeoDataFrame(
        parts, geometry=[box(145_000, 506_495, 145_050, 506_505), box(145_050, 506_495, 145_100, 506_505)], crs=28992
    )  # fmt: skip
    frame.to_file(tmp_path / "bgt.gpkg")
    return tmp_path / "bgt.gpkg"


@pytest.mark.parametrize("function", [None, "", "waardeOnbekend", "-99997", "<script>"])
def test_10_a_part_of_a_road_without_a_function_is_none_of_those_that_are_known(tmp_path, function):
    read = read_pavement(bgt(tmp_path, bgt_functie=[function, "voetpad"]), crs="EPSG:28992")
    assert (read["function"] == "voetpad").sum() == 1
    assert read["surface"].isna().all()


@pytest.mark.parametrize("level", [None, "", "x", "-99999999"])
def test_10_a_level_that_is_no_level_is_no_bridge_and_no_number(tmp_path, level):
    read = read_pavement(bgt(tmp_path, relatieve_hoogteligging=[level, "0"]), crs="EPSG:28992")
    assert read["level"].tolist() == [0, 0]


def heights(tmp_path, cell, *, nodata=None, crs="EPSG:28992"):
    grid = np.full((20, 300), 1.0, dtype="float32")
    grid[:, 60:] = cell
    with rasterio.open(
        tmp_path / "ahn.tif", "w", driver="GTiff", width=300, height=20, count=1, dtype="float32", crs=crs,
        nodata=nodata, transform=rasterio.Affine(0.5, 0, 144_990, 0, -0.5, 506_505),
    ) as dataset:  # fmt: skip
        dataset.write(grid, 1)
    return tmp_path / "ahn.tif"


@pytest.mark.parametrize("cell", [np.nan, -3.4e38, 3.4e38, -32768.0, -9999.0, 9999.0, -99997.0])
def test_10_no_fill_of_a_raster_is_a_height(tmp_path, cell):
    assert measure_slopes(STREET, heights(tmp_path, cell)).isna().all()


def test_6_heights_without_a_system_are_refused(tmp_path):
    with pytest.raises(CrsError):
        measure_slopes(STREET, heights(tmp_path, 1.0, crs=None))


@pytest.mark.parametrize("part", [0.1, 0.5])
def test_16_a_raster_that_was_cut_off_is_refused(tmp_path, part):
    path = heights(tmp_path, 1.0)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(part * len(whole))])
    with pytest.raises(GeowoonzorgError):
        measure_slopes(STREET, path)


def test_all_readers_say_what_is_missing_of_an_empty_table(areas, tmp_path):
    for make, read in READERS.values():
        head = make("1").splitlines()[0] + "\n"
        try:
            found = read(areas, written(tmp_path, head))
        except (GeowoonzorgError, IndexError, KeyError) as error:
            assert not isinstance(error, KeyError) or isinstance(error, InputError)
        else:
            assert pd.isna(found)
