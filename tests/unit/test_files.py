"""The boundary: what may be opened, what is read, and that outputs are whole or not there."""

from __future__ import annotations

import csv
import errno
import hashlib
import json
import os
import sqlite3
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geowoonzorg import errors, files


def points(n=3, crs=28992):
    return gpd.GeoDataFrame(
        {"id": [f"p{i}" for i in range(n)]},
        geometry=gpd.points_from_xy(190_000 + np.arange(n), 507_000 + np.arange(n)),
        crs=crs,
    )


# --- what may be opened -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "https://example.nl/a.gpkg",
        "/vsicurl/https://example.nl/a.gpkg",
        "/vsizip/a.zip/b.gpkg",
        "PG:dbname=x",
        "a.vrt",
        "a.kml",
        "a\x00.gpkg",
    ],
)
def test_only_plain_files_of_known_formats_are_opened(path):
    with pytest.raises(errors.InputError):
        files.read_vector(path)


@pytest.mark.parametrize(
    ("name", "what"),
    [("no.gpkg", "does not exist"), ("a.gpkg", "is a folder"), ("x" * 999, "long")],
)
def test_what_is_no_file_is_told(tmp_path, name, what):
    (tmp_path / "a.gpkg").mkdir()
    with pytest.raises(errors.SourceError, match=what):
        files.read_vector((tmp_path / name).with_suffix(".gpkg"), role="sites")


@pytest.mark.parametrize("suffix", [".gpkg", ".fgb", ".shp", ".geojson", ".parquet"])
def test_a_vrt_under_another_name_is_refused_before_gdal_sees_it(tmp_path, suffix):
    secret = tmp_path / "secret.csv"
    secret.write_text("a\n1\n")
    path = tmp_path / f"layer{suffix}"
    path.write_text(
        f"<OGRVRTDataSource><OGRVRTLayer name='secret'><SrcDataSource>{secret}</SrcDataSource>"
        "</OGRVRTLayer></OGRVRTDataSource>"
    )
    with pytest.raises(errors.FormatError, match=r"layer\."):
        files.read_vector(path)


def test_a_vrt_named_tif_is_refused(tmp_path):
    path = tmp_path / "noise.tif"
    path.write_text("<VRTDataset rasterXSize='1' rasterYSize='1'></VRTDataset>")
    with pytest.raises(errors.FormatError), files.open_raster(path):
        pass


@pytest.mark.parametrize("content", [b"", b"\x00" * 40, b"random bytes"])
def test_empty_and_random_files_name_the_file(tmp_path, content):
    path = tmp_path / "layer.gpkg"
    path.write_bytes(content)
    with pytest.raises(errors.FormatError, match=r"layer\.gpkg"):
        files.read_vector(path)


def test_a_truncated_geopackage_is_a_format_error(tmp_path):
    path = tmp_path / "layer.gpkg"
    points(500).to_file(path, layer="x")
    path.write_bytes(path.read_bytes()[:3000])
    with pytest.raises(errors.FormatError, match=r"layer\.gpkg"):
        files.read_vector(path)


def test_a_spreadsheet_bomb_is_refused(tmp_path):
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 50_000_000)
    with pytest.raises(errors.FormatError, match="50 MB"):
        files.read_table(path)


def test_an_archive_that_reaches_outside_itself_is_refused(tmp_path):
    path = tmp_path / "outside.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../evil.txt", b"x")
    with pytest.raises(errors.FormatError, match="outside"):
        files.read_table(path)


# --- layers -------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", [".gpkg", ".geojson", ".fgb", ".shp", ".parquet"])
def test_every_format_reads_the_same_places(tmp_path, suffix):
    path = tmp_path / f"places{suffix}"
    expected = points()
    expected.to_parquet(path) if suffix == ".parquet" else expected.to_file(path)
    found = files.read_places(path, role="sites").sort_values(
        "id"
    )  # FlatGeobuf keeps its own order
    assert found["id"].tolist() == ["p0", "p1", "p2"]
    assert found.crs.to_epsg() == 28992
    assert shapely.distance(found.geometry.to_numpy(), expected.geometry.to_numpy()).max() < 1e-6


def test_layers_are_chosen_by_name(tmp_path):
    path = tmp_path / "two.gpkg"
    files.write_layers(path, {"a": points(1), "b": points(2)})
    assert len(files.read_vector(f"{path}|layername=b")) == 2
    with pytest.raises(errors.InputError, match="it has a, b"):
        files.read_vector(f"{path}|layername=c")


@pytest.mark.parametrize(
    ("xy", "crs", "words"),
    [
        ((52.5, 5.9), 4326, "swapped"),
        ((190_000, 507_000), 4326, "RD New"),
        ((190_000, 507_000), None, "RD New"),
        ((5.9, 52.5), 28992, "degrees"),
        ((655_000, 6_900_000), 28992, "Web Mercator"),
        ((507_000, 190_000), 28992, "swapped"),
    ],
)
def test_numbers_that_cannot_be_in_the_crs_are_an_error_that_says_what_they_look_like(
    xy, crs, words
):
    frame = gpd.GeoDataFrame(geometry=gpd.points_from_xy([xy[0]], [xy[1]]), crs=crs)
    with pytest.raises(errors.CrsError, match=words):
        files.check_coordinates(frame, where="sites: a.gpkg")


def test_a_geojson_with_rd_numbers_and_no_crs_is_told_so(tmp_path):
    path = tmp_path / "a.geojson"
    path.write_text('{"type":"FeatureCollection","features":[{"type":"Feature","properties":{},'
                    '"geometry":{"type":"Point","coordinates":[190000,507000]}}]}')  # fmt: skip
    with pytest.raises(errors.CrsError, match="RD New"):
        files.read_places(path, role="sites")


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:3857", "nonsense"])
def test_a_crs_without_true_metres_cannot_be_worked_in(crs):
    with pytest.raises(errors.CrsError):
        files.as_points(points(), where="sites", crs=crs)


def test_web_mercator_places_are_converted(tmp_path):
    path = tmp_path / "a.gpkg"
    points().to_crs(3857).to_file(path)
    found = files.read_places(path, role="sites")
    assert found.geometry.x.tolist() == pytest.approx([190_000, 190_001, 190_002], abs=1e-3)


def test_z_and_m_are_dropped_and_a_single_multi_becomes_single(tmp_path):
    path = tmp_path / "a.gpkg"
    frame = gpd.GeoDataFrame(
        {"id": ["a"]}, geometry=[shapely.MultiPoint([(190_000, 507_000, 3)])], crs=28992
    )
    frame.to_file(path)
    found = files.read_places(path, role="sites")
    assert found.geometry[0].geom_type == "Point"
    assert not found.geometry[0].has_z


def test_places_without_geometry_are_named():
    frame = points()
    frame.loc[1, "geometry"] = None
    with pytest.raises(errors.GeometryError, match=r"1 \(p1\)"):
        files.as_points(frame, where="sites")


def test_lines_where_places_are_needed_are_named():
    frame = gpd.GeoDataFrame(
        {"id": ["road"]}, geometry=[shapely.LineString([(190_000, 507_000), (190_010, 507_000)])]
    )
    with pytest.raises(errors.GeometryError, match=r"LineString.*road"):
        files.as_points(frame.set_crs(28992), where="sites")


def test_a_bow_tie_is_repaired_and_told():
    tie = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    frame = gpd.GeoDataFrame(
        {"id": ["t"]}, geometry=[shapely.transform(tie, lambda c: np.add(c, (190_000, 507_000)))]
    )
    found = files.as_points(frame.set_crs(28992), where="sites")
    assert found.geometry[0].is_valid
    assert found.geometry[0].area == pytest.approx(50)
    assert "1 (t)" in found.attrs["notes"][0]


def test_duplicate_ids_are_named():
    frame = points().assign(id=["a", "a", "b"])
    with pytest.raises(errors.DuplicateIdError, match=r"1 \(a\)"):
        files.as_points(frame, where="sites")


SQUARE = "POLYGON ((190000 507000, 190010 507000, 190010 507010, 190000 507010, 190000 507000))"


@pytest.mark.parametrize("header", ["WKT", "wkt_geom", "geometry", "Geometrie"])
def test_a_table_may_hold_its_geometries_as_text(tmp_path, header):
    path = tmp_path / "a.csv"
    path.write_text(f'id,{header}\na,"POINT Z (190000.5 507000 3)"\nb,"{SQUARE}"\n')
    found = files.read_places(path, role="sites")
    assert found.geom_type.tolist() == ["Point", "Polygon"]
    assert found.geometry[0].coords[0] == (190000.5, 507000)
    assert found.geometry[1].area == 100
    assert list(found.columns) == ["id", "geometry"]
    assert found.attrs["coordinates_from"] == (header,)


def test_columns_x_and_y_win_of_geometries_as_text(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("id,x,y,wkt\na,190000,507000,nothing\n")
    assert files.read_places(path, role="sites").geometry[0].coords[0] == (190_000, 507_000)


@pytest.mark.parametrize(
    ("cell", "error", "why"),
    [
        ("POINT (1", "FormatError", r"column wkt: 1 cell is not a geometry as WKT \('POINT \(1'"),
        ("SRID=4326;POINT (5 52)", "FormatError", "not a geometry as WKT"),
        ("POINT (5.9 52.5)", "CrsError", "no coordinates in EPSG:28992"),
        ("LINESTRING (190000 507000, 190010 507000)", "GeometryError", "LineString where"),
        ("POINT EMPTY", "GeometryError", "without a geometry"),
        ("", "GeometryError", "without a geometry"),
    ],
)
def test_text_that_is_no_place_is_told(tmp_path, cell, error, why):
    path = tmp_path / "a.csv"
    path.write_text(f'id,wkt\na,"POINT (190000 507000)"\nb,"{cell}"\n')
    with pytest.raises(getattr(errors, error), match=why):
        files.read_places(path, role="sites")


LABELS = {
    "unsorted": [2, 0, 1],
    "duplicate": ["x", "x", "y"],
    "of dates": pd.date_range("2024-01-01", periods=3),
    "of two levels": pd.MultiIndex.from_tuples([("a", 1), ("a", 2), ("b", 1)]),
}


@pytest.mark.parametrize("labels", LABELS.values(), ids=LABELS)
def test_the_callers_index_is_kept_where_it_is_asked_for(labels):
    frame = points().to_crs(4326).set_axis(labels)
    found = files.as_points(frame, where="sites", keep_index=True)
    pd.testing.assert_index_equal(found.index, frame.index)
    assert found["id"].tolist() == ["p0", "p1", "p2"]
    assert found.crs.to_epsg() == 28992
    assert files.as_points(frame, where="sites").index.tolist() == [0, 1, 2]


def test_labels_are_the_ids_where_there_are_no_others():
    frame = points().drop(columns="id").set_axis(LABELS["of two levels"])
    found = files.as_points(frame, where="sites", keep_index=True)
    assert found["id"].tolist() == ["('a', 1)", "('a', 2)", "('b', 1)"]
    with pytest.raises(errors.DuplicateIdError, match=r"1 \(x\)"):
        files.as_points(points().drop(columns="id").set_axis(["x", "x", "y"]), where="sites")


def test_a_repaired_polygon_keeps_its_label():
    tie = shapely.transform(
        shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)]), lambda c: c + (190_000, 507_000)
    )
    frame = gpd.GeoDataFrame(geometry=[tie, tie], crs=28992, index=["x", "y"])
    found = files.as_points(frame, where="sites", keep_index=True)
    assert found.geometry.area.to_dict() == pytest.approx({"x": 50, "y": 50})
    assert "2 (x, y)" in found.attrs["notes"][0]


def test_a_table_without_geometries_is_told():
    for frame in (pd.DataFrame({"id": ["a"]}), gpd.GeoDataFrame({"id": ["a"]})):
        with pytest.raises(errors.GeometryError, match="sites: a table without geometries"):
            files.as_points(frame, where="sites")


def test_an_empty_frame_without_a_crs_gets_one():
    found = files.as_points(gpd.GeoDataFrame({"id": []}, geometry=[]), where="sites")
    assert (len(found), found.crs.to_epsg()) == (0, 28992)


def test_numbers_read_as_floats_keep_their_id():
    assert files.as_points(points().assign(id=[1.0, 2.0, 3.0]), where="sites")["id"].tolist() == [
        "1",
        "2",
        "3",
    ]


def test_an_empty_layer_stays_empty(tmp_path):
    path = tmp_path / "a.gpkg"
    points(0).to_file(path)
    assert len(files.read_places(path, role="sites")) == 0


# --- tables -------------------------------------------------------------------------------------


def write(tmp_path, content, name="t.csv"):
    path = tmp_path / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    "content",
    [
        "id;naam ;x;y\n01;Caf\u00e9;190000,5;507000\n".encode("utf-8-sig"),
        "id,naam,x,y\n01,Caf\u00e9,190000.5,507000\n".encode(),
        "id;naam;x;y\r\n01;Caf\u00e9;190.000,5;507.000\r\n".encode("cp1252"),
        "id\tnaam\tx\ty\n01\tCaf\u00e9\t190000.5\t507000\n".encode("utf-16"),
        '"id";"naam";"x";"y";\n"01";" Caf\u00e9 ";"190000,5";"507000";\n'.encode(),
    ],
)
def test_every_dialect_reads_the_same_place(tmp_path, content):
    found = files.read_places(write(tmp_path, content), role="sites")
    assert found.loc[0, "id"] == "01"
    assert found.loc[0, "naam"] == "Caf\u00e9"
    assert (found.geometry[0].x, found.geometry[0].y) == (190_000.5, 507_000)


def test_lon_lat_columns_are_degrees_and_converted(tmp_path):
    found = files.read_places(
        write(tmp_path, b"id,lon,lat\na,5.387203657,52.155172897\n"), role="sites"
    )
    assert found.geometry[0].distance(shapely.Point(155_000.01, 463_000.07)) < 0.5


def test_a_row_of_another_length_names_its_line(tmp_path):
    with pytest.raises(errors.FormatError, match="line 3"):
        files.read_table(write(tmp_path, b"a,b\n1,2\n1,2,3\n"))


def test_a_table_without_coordinates_says_which_columns_it_has(tmp_path):
    with pytest.raises(errors.MissingColumnError, match="id, name"):
        files.read_places(write(tmp_path, b"id,name\n1,a\n"), role="sites")


def test_a_number_that_is_none_names_the_line():
    with pytest.raises(errors.FormatError, match="'abc' on line 3"):
        files.parse_numbers(pd.Series(["1", "abc"]), where="t.csv, column x")


@given(st.lists(st.decimals(-(10**8), 10**8, places=2, allow_nan=False), min_size=1))
def test_dutch_and_english_notation_read_the_same(values):
    dutch = pd.Series([f"{v:,.2f}".translate(str.maketrans(",.", ".,")) for v in values])
    plain = pd.Series([f"{v:.2f}" for v in values])
    expected = [float(v) for v in values]
    assert files.parse_numbers(dutch, where="t").tolist() == expected
    assert files.parse_numbers(plain, where="t").tolist() == expected


def test_dots_before_three_digits_are_thousands_where_things_are_counted():
    counts = pd.Series(["11.445", "1.235", "90", "1.234.567", "2,345", "12.5"])
    assert files.parse_numbers(counts, where="t", thousands=True).tolist() == [
        11445, 1235, 90, 1234567, 2345, 12.5,
    ]  # fmt: skip


@pytest.mark.parametrize("beside", ["3.987", "3.98", "12", "4"])
def test_a_number_is_read_the_same_whatever_stands_beside_it(beside):
    for thousands, expected in ((False, 4.125), (True, 4125.0)):
        column = pd.Series(["4.125", beside])
        assert files.parse_numbers(column, where="t", thousands=thousands)[0] == expected


def test_a_dot_that_fits_no_notation_is_an_error_with_its_line():
    with pytest.raises(errors.FormatError, match=r"1 cell is not a number \('0.7' on line 3\)"):
        files.parse_numbers(pd.Series(["0,5", "0.7", "1.234"]), where="t")
    assert files.parse_numbers(pd.Series(["0,5", "7.0", "1.234"]), where="t").tolist() == [
        0.5,
        7.0,
        1234.0,
    ]
    with pytest.raises(errors.FormatError, match=r"52\.123\.456"):
        files.parse_numbers(pd.Series(["52.123.456"]), where="t")


def test_degrees_with_three_decimals_are_degrees(tmp_path):
    path = tmp_path / "plekken.csv"
    path.write_text("naam,lon,lat\nA,5.912,52.555\nB,5.923,52.561\n", encoding="utf-8")
    places = files.read_places(path, role="sites")
    expected = gpd.GeoSeries.from_xy([5.912, 5.923], [52.555, 52.561], crs=4326).to_crs(28992)
    assert places.geometry.distance(expected).max() == 0


def test_degrees_under_x_and_y_get_the_names_that_they_need(tmp_path):
    path = tmp_path / "plekken.csv"
    path.write_text("naam,x,y\nA,5.912,52.555\n", encoding="utf-8")
    with pytest.raises(
        errors.CrsError, match="hold degrees, not metres: name the columns lon and lat"
    ):
        files.read_places(path, role="sites")


@pytest.mark.parametrize(
    "header",
    ["x,y", "X_coord,Y_coord", "RD_X,RD_Y", "X-coördinaat,Y-coördinaat", "x coord,y coord"],
)
def test_metres_are_found_under_any_usual_header(tmp_path, header):
    path = tmp_path / "plekken.csv"
    path.write_text(f"naam,{header}\nA,190000.5,507000\n", encoding="utf-8")
    assert files.read_places(path, role="sites").geometry[0].coords[0] == (190000.5, 507000)


@pytest.mark.parametrize("header", ["longitude,latitude", "Longitude,Latitude", "LNG,LAT"])
def test_degrees_are_found_under_any_usual_header(tmp_path, header):
    path = tmp_path / "plekken.csv"
    path.write_text(f"naam,{header}\nA,5.912,52.555\n", encoding="utf-8")
    assert files.read_places(path, role="sites").geometry[0].x == pytest.approx(190_591.5, abs=0.1)


def test_a_column_id_is_the_key_in_capitals_too(tmp_path):
    path = tmp_path / "plekken.csv"
    path.write_text("ID,x,y\nK7,190000,507000\n", encoding="utf-8")
    places = files.read_places(path, role="sites")
    assert places["id"].tolist() == ["K7"]
    assert not places.attrs["numbered"]
    path.write_text("ID,x,y\nA,190000,507000\nA,190001,507000\n", encoding="utf-8")
    assert files.read_places(path, role="sites")["id"].tolist() == ["0", "1"], (
        "no key: it has doubles"
    )
    path.write_text("x,y\n190000,507000\n", encoding="utf-8")
    assert files.read_places(path, role="sites").attrs["numbered"]


def test_a_csv_of_an_old_mac_is_read(tmp_path):
    path = tmp_path / "scholen.csv"
    path.write_bytes("naam;plaats\rPompeblêd;LEEUWARDEN\rDe Ark;KAMPEN\r".encode("mac_roman"))
    table = files.read_table(path)
    assert table["naam"].tolist() == ["Pompeblêd", "De Ark"]
    assert table["plaats"].tolist() == ["LEEUWARDEN", "KAMPEN"]


def test_a_workbook_gives_its_first_sheet_with_anything_in_it_or_the_one_named(tmp_path):
    path = tmp_path / "boek.xlsx"
    with pd.ExcelWriter(path) as book:
        pd.DataFrame().to_excel(book, sheet_name="uitleg")
        pd.DataFrame({"a": ["1"]}).to_excel(book, sheet_name="data(1)", index=False)
        pd.DataFrame({"b": ["2"]}).to_excel(book, sheet_name="data(2)", index=False)
    assert list(files.read_table(path).columns) == ["a"]
    assert list(files.read_table(f"{path}|layername=data(2)").columns) == ["b"]
    with pytest.raises(
        errors.InputError, match=r"no sheet 'x'; it has uitleg, data\(1\), data\(2\)"
    ):
        files.read_table(f"{path}|layername=x")


@pytest.mark.parametrize(
    "document",
    [
        [{"code": "GM0166   ", "n": 5, "leeg": None}],
        {"odata.metadata": "x", "value": [{"code": "GM0166   ", "n": 5, "leeg": None}]},
        {"type": "Feature", "id": "x.1", "properties": {"code": "GM0166", "n": 5.0, "leeg": ""}},
        {
            "type": "FeatureCollection",
            "features": [
                {"type": "Feature", "properties": {"code": "GM0166", "n": 5, "leeg": None}}
            ],
        },
    ],
)
def test_rows_saved_as_json_are_a_table(tmp_path, document):
    path = tmp_path / "antwoord.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    table = files.read_table(path)
    assert table["code"].tolist() == ["GM0166"]
    assert table["n"].tolist() == ["5"]
    assert table["leeg"].isna().all()


@pytest.mark.parametrize("text", ["{}", "[]", "[1]", '{"value": {}}', "{", '{"features": [5]}'])
def test_json_without_rows_is_refused(tmp_path, text):
    path = tmp_path / "antwoord.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(errors.FormatError, match=r"antwoord\.json"):
        files.read_table(path)


def test_a_dbf_is_read_as_text(tmp_path):
    table = pd.DataFrame({"WK_CODE": ["WK016600"], "AANT_INW": [4730]})
    pyogrio.write_dataframe(table, tmp_path / "t.dbf", driver="ESRI Shapefile")
    assert files.read_table(tmp_path / "t.dbf").loc[0].tolist() == ["WK016600", "4730"]


# --- outputs ------------------------------------------------------------------------------------


def test_a_layer_survives_the_way_out_and_in(tmp_path):
    path = tmp_path / "a.gpkg"
    files.write_layers(path, {"x": points()}, metadata={"source": "test"})
    assert files.read_vector(path)["id"].tolist() == ["p0", "p1", "p2"]
    assert pyogrio.read_info(path, layer="x")["layer_metadata"]["source"] == "test"


def test_the_same_layers_give_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        files.write_layers(tmp_path / f"{name}.gpkg", {"x": points(), "y": points(1)})
    assert (tmp_path / "a.gpkg").read_bytes() == (tmp_path / "b.gpkg").read_bytes()


@pytest.mark.parametrize("name", ["a.txt", "a[1].txt"])
def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch, name):
    path = tmp_path / name
    files.write_text(path, "old")

    def full(self, content):
        with self.open("wb") as half:
            half.write(content[:1])
        raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(errors.OutputError, match="disk is full"):
        files.write_text(path, "new")
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == [name]


def test_a_geopackage_that_is_open_is_not_replaced(tmp_path):
    path = tmp_path / "a.gpkg"
    files.write_layers(path, {"x": points()})
    connection = sqlite3.connect(path)
    connection.execute("pragma journal_mode=wal")
    connection.execute("update gpkg_contents set description = 'edited'")
    with pytest.raises(errors.OutputError, match="open in another program"):
        files.write_layers(path, {"x": points(1)})
    connection.close()
    assert len(files.read_vector(f"{path}|layername=x")) == 3


def test_formulas_are_defused_and_numbers_are_not(tmp_path):
    path = tmp_path / "a.csv"
    files.write_csv(
        path, pd.DataFrame({"name": ["=1+1", "@x", "plain"], "value": [-1.5, np.nan, 2.0]})
    )
    assert path.read_text().splitlines() == ["name,value", "'=1+1,-1.5", "'@x,", "plain,2.0"]
    starts = [
        f"{start}1+1"
        for start in ("+", "-", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
    ]
    files.write_csv(path, pd.DataFrame({"=name": starts}))
    with path.open(encoding="utf-8", newline="") as read:
        wanted = [f"'{text}".replace("\r", "\n") for text in starts]
        assert list(csv.reader(read)) == [["'=name"], *([text] for text in wanted)]
    files.write_csv(path, pd.DataFrame({"name": ["Hof\r=1+1", "Hof\r\n=1+1"], "n": [1, 2]}))
    with path.open(encoding="utf-8", newline="") as read:  # no row of its own
        assert list(csv.reader(read)) == [["name", "n"], ["Hof\n=1+1", "1"], ["Hof\n=1+1", "2"]]


def test_a_folder_appears_whole_or_not_at_all(tmp_path):
    out = tmp_path / "out"
    with files.output_folder(out) as stage:
        (stage / "a.txt").write_text("first")
        (stage / "b.txt").write_text("first")
    with pytest.raises(RuntimeError), files.output_folder(out) as stage:
        (stage / "a.txt").write_text("second")
        raise RuntimeError
    assert {p.name: p.read_text() for p in out.iterdir()} == {"a.txt": "first", "b.txt": "first"}


def test_when_one_file_cannot_be_moved_all_old_ones_come_back(tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "a.txt").write_text("old")
    (out / "b.txt").mkdir()  # a folder cannot be replaced by a file
    (out / "b.txt" / "x").touch()
    with pytest.raises(errors.OutputError), files.output_folder(out) as stage:
        (stage / "a.txt").write_text("new")
        (stage / "b.txt").write_text("new")
    assert (out / "a.txt").read_text() == "old"


def test_a_new_folder_of_a_failed_run_is_gone(tmp_path):
    with pytest.raises(RuntimeError), files.output_folder(tmp_path / "out"):
        raise RuntimeError
    assert not (tmp_path / "out").exists()


def test_two_runs_do_not_write_in_one_folder(tmp_path):
    with files.output_folder(tmp_path / "out"):
        code = (
            "from geowoonzorg import files\n"
            f"with files.output_folder({str(tmp_path / 'out')!r}): pass"
        )
        other = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=False
        )
    assert "another run is writing" in other.stderr


def test_leftovers_of_a_killed_run_go_at_the_next(tmp_path):
    dead = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"],
        capture_output=True,
        text=True,
        check=True,
    )
    leftover = tmp_path / f".geowoonzorg-tmp-{dead.stdout.strip()}-abcd-a.txt"
    leftover.touch()
    files.write_text(tmp_path / "a.txt", "x")
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_arrays_come_back_and_damage_is_noticed(tmp_path):
    path = tmp_path / "a.npz"
    files.write_arrays(path, {"x": np.arange(1000.0)})
    assert files.read_arrays(path)["x"].tolist() == list(range(1000))
    raw = bytearray(path.read_bytes())
    raw[2000] ^= 0xFF
    path.write_bytes(raw)
    with pytest.raises(errors.FormatError):
        files.read_arrays(path)


def test_arrays_of_objects_are_neither_written_nor_read(tmp_path):
    with pytest.raises(ValueError, match=r"[Oo]bject"):
        files.write_arrays(tmp_path / "a.npz", {"x": np.array([{}], dtype=object)})
    np.savez(tmp_path / "b.npz", x=np.array([{}], dtype=object))
    with pytest.raises(errors.FormatError):
        files.read_arrays(tmp_path / "b.npz")


def test_a_shapefile_without_its_index_is_told(tmp_path):
    path = tmp_path / "a.shp"
    path.write_bytes(struct.pack(">i", 9994) + b"\x00" * 96)
    with pytest.raises(errors.FormatError, match=r"a\.shp"):
        files.read_vector(path)


def test_layers_that_fail_name_the_folder_that_was_asked_for(tmp_path, monkeypatch):
    def fail(_frame, path, **_options):
        raise pyogrio.errors.DataSourceError(f"{path} broke")

    monkeypatch.setattr(pyogrio, "write_dataframe", fail)
    out = tmp_path / "out"
    with pytest.raises(errors.OutputError) as told, files.output_folder(out) as stage:
        files.write_layers(stage / "result.gpkg", {"sites": pd.DataFrame({"id": ["a"]})})
    assert str(told.value).count(str(out / "result.gpkg")) == 2  # where, and what the writer said
    assert stage.name not in str(told.value)
    assert not out.exists()


def test_the_first_line_that_excel_writes_for_itself_is_no_header(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("sep=;\r\nid;naam\r\n1;A, B\r\n", encoding="utf-8-sig")
    assert files.read_table(path).to_dict("list") == {"id": ["1"], "naam": ["A, B"]}


# --- hashed while it is read --------------------------------------------------------------------


def rewritten(path):
    """Write other content of the same size into a file, and date it a second later."""
    was = path.stat().st_mtime_ns
    path.write_bytes(path.read_bytes()[::-1])
    os.utime(path, ns=(was, was + 10**9))


def replaced(path):
    """Put another file of the same size and date in the place of one."""
    was = path.stat().st_mtime_ns
    other = path.with_name("other")
    other.write_bytes(path.read_bytes()[::-1])
    os.utime(other, ns=(was, was))
    other.replace(path)


def test_the_hash_is_of_the_file_that_was_read(tmp_path):
    path = tmp_path / "a.gpkg"
    files.write_layers(path, {"a": points(1), "b": points(2)})
    with files.witnessed(f"{path}|layername=b") as seen:
        assert len(files.read_vector(f"{path}|layername=b")) == 2
    assert seen.sha256 == hashlib.sha256(path.read_bytes()).hexdigest() == files.content_hash(path)
    assert (seen.path, seen.name, seen.size_bytes) == (path, "a.gpkg", path.stat().st_size)


@pytest.mark.parametrize("change", [rewritten, replaced, Path.unlink])
def test_a_file_that_changes_while_it_is_read_is_told(tmp_path, change):
    path = tmp_path / "a.csv"
    path.write_text("id\n1\n")
    with (
        pytest.raises(errors.InputError, match=r"a\.csv was changed while it was read; run again"),
        files.witnessed(path),
    ):
        change(path)


def test_a_change_is_told_rather_than_what_it_broke(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("id\n1\n")
    with pytest.raises(errors.InputError, match="was changed"), files.witnessed(path):
        path.write_text("id,x\n1\n")
        files.read_table(path)
    with pytest.raises(errors.FormatError, match="1 cells"), files.witnessed(path):
        files.read_table(path)


def test_a_raster_that_is_read_later_is_checked_later(tmp_path):
    path = tmp_path / "a.tif"
    path.write_bytes(b"II*\x00")
    seen = files.witness(path)
    seen.check()
    rewritten(path)
    with pytest.raises(errors.InputError, match=r"a\.tif was changed"):
        seen.check()


def test_a_drive_that_numbers_its_files_anew_changes_nothing(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("id\n1\n")
    was = path.stat().st_mtime_ns
    with files.witnessed(path):
        (tmp_path / "b").write_text("id\n1\n")
        os.utime(tmp_path / "b", ns=(was, was))
        (tmp_path / "b").replace(path)


def test_the_other_files_of_a_shapefile_are_watched(tmp_path):
    path = tmp_path / "a.shp"
    points(2).to_file(path)
    with pytest.raises(errors.InputError, match=r"a\.shp was changed"), files.witnessed(path):
        rewritten(path.with_suffix(".dbf"))


def test_what_is_being_laid_down_in_a_geopackage_is_watched(tmp_path):
    path = tmp_path / "a.gpkg"
    files.write_layers(path, {"a": points(1)})
    with pytest.raises(errors.InputError, match=r"a\.gpkg was changed"), files.witnessed(path):
        path.with_name("a.gpkg-wal").write_bytes(b"x" * 32)


def test_what_cannot_be_hashed_is_told(tmp_path):
    for path in (tmp_path / "no.csv", tmp_path):
        with pytest.raises(errors.SourceError, match="cannot be read"), files.witnessed(path):
            pass


# --- told in the reader's language --------------------------------------------------------------


def test_errors_are_told_in_dutch_with_what_they_name(tmp_path):
    with pytest.raises(errors.SourceError) as told:
        files.read_vector(tmp_path / "no.gpkg", role="sites")
    where = tmp_path / "no.gpkg"
    assert (
        told.value.told("nl")
        == f"locaties: {where} bestaat niet; geef het pad van een bestaand bestand"
    )
    path = tmp_path / "a.csv"
    path.write_text("id,x,y\na,1e,2\nb,3,x\n")
    with pytest.raises(errors.FormatError) as told:
        files.read_places(path, role="sites")
    assert (
        told.value.told("nl")
        == f"locaties: {path}, kolom x: 1 cel is geen getal ('1e' op regel 2); verbeter ze of maak ze leeg"
    )
    with pytest.raises(errors.CrsError) as told:
        files.read_places(
            pd.DataFrame({"x": [5.9], "y": [52.5]}).to_csv(path) or path, role="sites"
        )
    assert told.value.told("nl").endswith(
        "(kolommen x en y): er staan graden in, geen meters: noem de kolommen lon en lat, niet x en y"
    )


def test_a_path_with_braces_is_told_as_it_is(tmp_path):
    path = tmp_path / "{a}.csv"
    path.write_text("")
    with pytest.raises(errors.FormatError, match=r"\{a\}\.csv is empty"):
        files.read_table(path)
    with pytest.raises(errors.CrsError, match=r"^\{a\} has no CRS"):
        files.check_coordinates(points(crs=None), where="{a}")


def test_what_is_staged_is_told_as_where_it_goes_in_both_languages(tmp_path):
    with pytest.raises(errors.OutputError) as told, files.output_folder(tmp_path) as stage:
        files.write_text(stage / "no" / "a.txt", "x")
    start = tmp_path / "no" / "a.txt"
    assert str(told.value).startswith(f"{start} could not be written: the folder does not exist")
    assert told.value.told("nl").startswith(
        f"{start} kon niet worden geschreven: de map bestaat niet"
    )
