"""Nothing outside is asked, nothing unasked is read: every trick we know, for every input of every command."""

from __future__ import annotations

import json
import os
import shutil
import socketserver
import sqlite3
import subprocess
import sys
import threading
import warnings
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import rasterio
import shapely
from english import run_command
from hypothesis import given
from hypothesis import strategies as st

from geowoonzorg import errors, files
from geowoonzorg.files import _geojson, _vetting
from geowoonzorg.measure.rasters import zonal

DEMO = Path(__file__).parents[2] / "data" / "demo"
HIDDEN = "geheim-4711"
CORNER = np.array([145_300.0, 506_500.0])  # in Wierhaven


class Server:
    """Listens on this machine and counts who calls, whatever they ask."""

    def __init__(self):
        outer = self
        self.calls = 0

        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                outer.calls += 1
                self.request.recv(1 << 12)
                self.request.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n")

        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/x"
        self.thread = threading.Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.02}
        )


@pytest.fixture(scope="module")
def server():
    server = Server()
    server.thread.start()
    yield server
    server.server.shutdown()
    server.thread.join()
    server.server.server_close()


@pytest.fixture(autouse=True)
def _counted_from_here(server, tricks):
    """Making the tricks may ask; and each test counts for itself."""
    server.calls = 0


def places(*ids):
    at = CORNER + 50.0 + 100 * np.arange(len(ids))[:, None]
    return gpd.GeoDataFrame({"id": list(ids)}, geometry=gpd.points_from_xy(*at.T), crs=28992)


STUDY = """
[study]
name = "proef"
background = false
[network]
source = "streets.gpkg"
[facilities]
classes = ["huisarts"]
osm = false
register = "own.gpkg"
[addresses]
source = "homes.gpkg"
[[rasters]]
name = "geluid"
source = "geluid_lden_2022.tif"
kind = "decibel"
[sites]
source = "sites.gpkg"
"""
AREAS = """
[areas]
source = "buurten.gpkg"
figures = ["figures.csv"]
leefbaarometer = "lbm.csv"
leefbaarometer_year = 2022
[[indicators]]
name = "eigen"
source = "own_figures.csv"
column = "n"
unit = "%"
"""
ROLES = {
    "network": "streets.gpkg", "register": "own.gpkg", "addresses": "homes.gpkg",
    "areas": "buurten.gpkg", "figures": "figures.csv", "leefbaarometer": "lbm.csv",
    "raster": "geluid_lden_2022.tif", "sites": "sites.gpkg", "indicator": "own_figures.csv",
}  # fmt: skip


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    """A study that runs, and beside it files that it does not name."""
    folder = tmp_path_factory.mktemp("town")
    steps = np.arange(0, 601, 100.0)
    lines = [[(0, y), (600, y)] for y in steps] + [[(x, 0), (x, 600)] for x in steps]
    grid = shapely.node(
        shapely.multilinestrings([shapely.linestrings(CORNER + line) for line in lines])
    )
    gpd.GeoDataFrame(geometry=list(grid.geoms), crs=28992).to_file(folder / "streets.gpkg")
    places("h1", "h2").assign(facility_class="huisarts", naam="dokter").to_file(folder / "own.gpkg")
    places("a1", "a2", "a3").to_file(folder / "homes.gpkg")
    places("s1", "s2").to_file(folder / "sites.gpkg")
    for name in ("geluid_lden_2022.tif", "wierhaven.osm.pbf"):
        shutil.copy(DEMO / name, folder)
    shutil.copy(DEMO / "Leefbaarometer-scores buurten 2002-2022.csv", folder / "lbm.csv")
    areas = gpd.read_file(DEMO / "wijkenbuurten_2023_v3.gpkg", layer="buurten").iloc[:2]
    areas[["buurtcode", "buurtnaam", "gemeentecode", "geometry"]].to_file(folder / "buurten.gpkg")
    rows = [f"{code},{n}" for n, code in enumerate(areas["buurtcode"])]
    for name, column in (("figures.csv", "a_inw"), ("own_figures.csv", "n")):
        (folder / name).write_text("\n".join([f"buurtcode,{column}", *rows]))
    (folder / "study.toml").write_text(STUDY + AREAS)
    secret = places(HIDDEN).assign(facility_class="huisarts", buurtcode=HIDDEN, n=HIDDEN)
    for suffix in (".gpkg", ".shp", ".geojson"):
        secret.rename(columns={"facility_class": "klasse"}).to_file(folder / f"secret{suffix}")
    (folder / "secret.csv").write_text(f"id,x,y\n{HIDDEN},145350,506550\n")
    assert run_command(["run", str(folder / "study.toml"), "--out", str(folder / "fine")]) == 0
    return folder


# --- the tricks ---------------------------------------------------------------------------------

POINT = {
    "type": "Feature",
    "properties": {"id": "a", "facility_class": "huisarts"},
    "geometry": {"type": "Point", "coordinates": [5.25, 52.54]},
}


def collection(**more):
    return {"type": "FeatureCollection", "features": [POINT], **more}


def link(url, kind="link"):
    return {"type": kind, "properties": {"href": url, "url": url, "name": url, "type": "ogcwkt"}}


def in_geometry(key, url):
    text = json.dumps(collection())
    inner = f'"coordinates": [5.25, 52.54], "{key}": {json.dumps(link(url))}'
    return text.replace('"coordinates": [5.25, 52.54]', inner)


def pipeline(command):
    return {
        "type": "gdal_streamed_alg",
        "command_line": f"gdal vector pipeline ! read {command}",
        "relative_paths_relative_to_this_file": False,
    }


def vrt(source):
    return (
        f'<OGRVRTDataSource><OGRVRTLayer name="secret"><SrcDataSource>{source}</SrcDataSource>'
        "</OGRVRTLayer></OGRVRTDataSource>"
    )


def wfs(url):
    return f"<OGRWFSDataSource><URL>{url}</URL></OGRWFSDataSource>"


def texts(url, secret):
    """The tricks that are a text, each with the suffixes under which it is tried."""
    json_names, other_names = (
        (".geojson", ".json"),
        (".gpkg", ".fgb", ".shp", ".parquet", ".dbf", ".tif"),
    )
    esri = {
        "geometryType": "esriGeometryPoint",
        "spatialReference": {"wkid": 28992},
        "fields": [{"name": "id", "type": "esriFieldTypeString"}],
        "features": [{"attributes": {"id": HIDDEN}, "geometry": {"x": 145350, "y": 506550}}],
    }
    topology = {
        "type": "Topology",
        "objects": {"a": {**POINT["geometry"], "id": HIDDEN}},
        "arcs": [],
    }
    documents = {
        "link": collection(crs=link(url)),
        "url": collection(crs=link(url, "url")),
        "name": collection(crs=link(url, "name")),
        "text": collection(crs=url),
        "twice": json.dumps(collection(crs=None))[:-1] + f', "crs": {json.dumps(link(url))}}}',
        "capitals": collection(CRS=link(url)),
        "escaped": json.dumps(collection(crs=link(url))).replace('"crs"', '"\\u0063rs"'),
        "after": {"features": [POINT] * 300, "type": "FeatureCollection", "crs": link(url)},
        "feature": {**POINT, "crs": link(url)},
        "geometry": in_geometry("crs", url),
        "geometry_escaped": in_geometry("\\u0043R\\u0053", url),
        "curl": pipeline(f"/vsicurl/{url}.geojson"),
        "http": pipeline(url),
        "local": pipeline(secret),
        "esri": esri,
        "topology": topology,
        "stac": {**POINT, "stac_version": "1.0.0", "assets": {"a": {"href": url}}, "links": []},
        "jsonfg": collection(conformsTo=["http://www.opengis.net/spec/json-fg-1/0.2/conf/core"]),
        "jsonp": f"loadGeoJSON({json.dumps(collection(crs=link(url)))})",
        "script": f"var punten = {json.dumps(collection())};",
    }
    for name, document in documents.items():
        content = document if isinstance(document, str) else json.dumps(document)
        for suffix in json_names if name in {"link", "curl", "local"} else json_names[:1]:
            yield f"{name}{suffix}", content
    for suffix in (*json_names, *other_names):
        yield f"vrt{suffix}", vrt(f"/vsicurl/{url}.csv")
        yield f"vrt_local{suffix}", vrt(secret)
        yield f"wfs{suffix}", wfs(url)
    for suffix in other_names:
        yield f"pipeline{suffix}", json.dumps(pipeline(f"/vsicurl/{url}.geojson"))
    yield "raster_vrt.tif", raster_vrt(f"/vsicurl/{url}.tif")
    entity = f'<?xml version="1.0"?><!DOCTYPE osm [<!ENTITY x SYSTEM "{url}">]>'
    yield "entity.osm", f'{entity}<osm version="0.6"><note>&x;</note></osm>'
    yield "text.osm.pbf", url
    yield "text.npz", url


def virtual(sql):
    """Put a table that is another file into a GeoPackage, as SQLite itself would not let one make it."""

    def spoil(database):
        database.execute("pragma writable_schema = on")
        database.execute("insert into sqlite_master values ('table', 'v', 'v', 0, ?)", [sql])
        database.execute(
            "insert into gpkg_contents (table_name, data_type, identifier, srs_id) "
            "values ('v', 'attributes', 'v', 0)"
        )
        database.execute("delete from gpkg_contents where table_name = 'a'")

    return spoil


def viewed(expression):
    def spoil(database):
        database.execute(f"create view v as select fid, geom, {expression} as id from a")  # noqa: S608
        database.execute(
            "insert into gpkg_contents (table_name, data_type, identifier, srs_id) "
            "values ('v', 'features', 'v', 28992)"
        )
        database.execute(
            "insert into gpkg_geometry_columns values ('v', 'geom', 'POINT', 28992, 0, 0)"
        )
        database.execute("delete from gpkg_contents where table_name = 'a'")
        database.execute("delete from gpkg_geometry_columns where table_name = 'a'")

    return spoil


def make_tricks(folder, url):
    secret = folder.parent / "secret.gpkg"
    for name, content in texts(url, secret):
        (folder / name).write_text(content)
    stem = secret.with_suffix("")
    databases = {
        "shape": virtual(f"create virtual table v using VirtualShape('{stem}', 'UTF-8', 28992)"),
        "dbf": virtual(f"create virtual table v using VirtualDBF('{stem}.dbf', 'UTF-8')"),
        "csv": virtual(
            f"create virtual table v using VirtualText('{stem}.csv', 'UTF-8', 1, COMMA)"
        ),
        "commented": virtual(f"create virtual table v using/**/VirtualText('{stem}.csv', 'UTF-8')"),
        "ogr": virtual(f"create virtual table v using VirtualOGR('{secret}')"),
        "geocode": viewed(f"ogr_geocode('{url}')"),
        "blob": viewed(f"BlobFromFile('{stem}.csv')"),
        "pixel": viewed(f"gdal_get_pixel_value('/vsicurl/{url}.tif', 1, 'georef', 0, 0)"),
    }
    for name, spoil in databases.items():
        path = folder / f"{name}.gpkg"
        places("a").to_file(path, layer="a")
        with sqlite3.connect(path) as database:
            spoil(database)
        database.close()
    with zipfile.ZipFile(folder / "entity.xlsx", "w") as archive:
        text = f'<!DOCTYPE x [<!ENTITY x SYSTEM "{url}">]><workbook>&x;</workbook>'
        for part in ("[Content_Types].xml", "xl/workbook.xml", "_rels/.rels"):
            archive.writestr(part, f'<?xml version="1.0"?>{text}')
    with_mask = folder / "mask.tif"
    shutil.copy(DEMO / "geluid_lden_2022.tif", with_mask)
    Path(f"{with_mask}.msk").write_text(raster_vrt(f"/vsicurl/{url}.tif"))


def raster_vrt(source, *, mask=True):
    flags = '<Metadata><MDI key="INTERNAL_MASK_FLAGS_1">2</MDI></Metadata>' if mask else ""
    return (
        f'<VRTDataset rasterXSize="550" rasterYSize="585">{flags}<VRTRasterBand dataType="Byte" band="1">'
        f'<SimpleSource><SourceFilename relativeToVRT="0">{source}</SourceFilename>'
        "<SourceBand>1</SourceBand></SimpleSource></VRTRasterBand></VRTDataset>"
    )


@pytest.fixture(scope="module")
def tricks(town, server):
    folder = town / "tricks"
    folder.mkdir()
    make_tricks(folder, server.url)
    beside = {".msk", ".prj"}
    given = [server.url, f"/vsicurl/{server.url}.gpkg", f"/vsicurl/{server.url}.tif"]
    return [*sorted(p for p in folder.iterdir() if p.suffix not in beside), *given]


# --- every input of every command ---------------------------------------------------------------

TABLES = {
    "raster": {".tif"},
    "indicator": files.TABLE_SUFFIXES,
    "figures": files.TABLE_SUFFIXES,
    "leefbaarometer": files.TABLE_SUFFIXES,
}
OUT = {"network": "o.npz", "reconcile": "o.csv", "plausibility": "o.csv"}
COMMANDS = {
    "network": ["network", "X"],
    "facilities": ["facilities", "X"],
    "service-areas, network": ["service-areas", "X", "own.gpkg", "--limit-m", "400"],
    "service-areas, facilities": ["service-areas", "streets.gpkg", "X", "--limit-m", "400"],
    "nearest, network": ["nearest", "X", "homes.gpkg", "own.gpkg"],
    "nearest, origins": ["nearest", "streets.gpkg", "X", "own.gpkg"],
    "nearest, facilities": ["nearest", "streets.gpkg", "homes.gpkg", "X"],
    "route, network": ["route", "X", "homes.gpkg", "own.gpkg"],
    "route, origins": ["route", "streets.gpkg", "X", "own.gpkg"],
    "route, facilities": ["route", "streets.gpkg", "homes.gpkg", "X"],
    "balance, areas": ["balance", "X"],
    "balance, figures": ["balance", "buurten.gpkg", "--figures", "X"],
    "balance, leefbaarometer": [
        "balance", "buurten.gpkg", "--leefbaarometer", "X", "--leefbaarometer-year", "2022",
    ],
    "balance, profile": ["balance", "buurten.gpkg", "--balance", "X"],
    "reconcile, osm": ["reconcile", "X", "own.gpkg"],
    "reconcile, register": ["reconcile", "wierhaven.osm.pbf", "X"],
}  # fmt: skip


def chosen(tricks, role):
    """Leave out what is refused by its suffix alone, as other roles show, where reading takes longer."""
    allowed = TABLES.get(role)
    return [trick for trick in tricks if allowed is None or Path(trick).suffix in allowed]


def called(words, capsys):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of GDAL, on what is no GeoPackage
        code = run_command([str(word) for word in words])
    told = capsys.readouterr()
    return code, told.out + told.err


@pytest.mark.parametrize("command", COMMANDS)
def test_no_input_of_a_command_asks_for_or_reads_anything_else(
    town, tricks, server, tmp_path, monkeypatch, capsys, command
):
    monkeypatch.chdir(town)
    words = COMMANDS[command]
    out = tmp_path / OUT.get(words[0], "o.gpkg")
    for trick in chosen(tricks, command.partition(", ")[2]):
        code, told = called([*(trick if w == "X" else w for w in words), "-o", out], capsys)
        assert code in {2, 3, 4}, (trick, told)
        assert Path(trick).name in told, told
        assert HIDDEN not in told
        assert server.calls == 0, trick
        assert not list(tmp_path.iterdir()), trick


# What stands for its kind where reading takes longer; the roles that no other command has get all.
KINDS = {
    "link",
    "geometry",
    "curl",
    "local",
    "vrt",
    "wfs",
    "pipeline",
    "csv",
    "blob",
    "mask",
    "entity",
    "x",
}
ALL = {"addresses", "squares", "sites", "raster", "indicator"}


@pytest.mark.parametrize("role", [*ROLES, "squares"])
@pytest.mark.parametrize("command", ["run", "check", "indicators", "plausibility"])
def test_no_input_of_a_study_asks_for_or_reads_anything_else(
    town, tricks, server, tmp_path, capsys, command, role
):
    if command != "run" or role not in ALL:
        tricks = [trick for trick in tricks if Path(trick).stem in KINDS]
    study = town / f"{command}_{role}.toml"
    output = {
        "run": ["--out", tmp_path / "out"], "check": [], "indicators": ["-o", tmp_path / "o.gpkg"],
        "plausibility": ["-o", tmp_path / "o.csv"],
    }[command]  # fmt: skip
    given = STUDY
    if role in {"areas", "figures", "leefbaarometer", "indicator"}:
        given += AREAS
    elif command == "plausibility":
        given += '[areas]\nsource = "buurten.gpkg"'
    for trick in chosen(tricks, role):
        old = ROLES["addresses" if role == "squares" else role]
        text = given.replace(f'"{old}"', json.dumps(str(trick)))
        if role == "squares":
            text = text.replace("[[rasters]]", 'kind = "squares"\n[[rasters]]', 1)
        if role == "network" and str(trick).endswith(
            (".osm", ".pbf")
        ):  # else the study contradicts itself
            text = text.replace("osm = false", "osm = true")
        study.write_text(text)
        code, told = called([command, study, *output], capsys)
        assert HIDDEN not in told
        assert server.calls == 0, trick
        if (command, role) == (
            "plausibility",
            "sites",
        ):  # it asks nothing of them, so it opens none
            assert code == 0, told
            (tmp_path / "o.csv").unlink()
            continue
        assert not list(tmp_path.iterdir()), trick
        if code == 0:  # `check` opens no tables
            assert command == "check", (trick, told)
        else:
            assert code in {2, 3, 4}, (trick, told)
            assert Path(trick).name in told, told


# --- what is read all the same ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("crs", "expected"),
    [
        ("urn:ogc:def:crs:OGC::CRS84", None),
        ("urn:ogc:def:crs:OGC:1.3:CRS84", 4326),
        ("urn:ogc:def:crs:EPSG::28992", 28992),
        ("urn:ogc:def:crs:EPSG:9.8:28992", 28992),
        ("EPSG:28992", 28992),
        ("http://www.opengis.net/def/crs/EPSG/0/28992", 28992),
    ],
)
def test_a_geojson_may_name_its_reference_system(tmp_path, crs, expected):
    x, y = (145_350, 506_550) if expected == 28992 else (5.25, 52.54)
    feature = {**POINT, "geometry": {"type": "Point", "coordinates": [x, y]}}
    named = {"type": "name", "properties": {"name": crs}}
    path = tmp_path / "a;b!c.geojson"
    path.write_bytes(
        b"\xef\xbb\xbf" + json.dumps({"crs": named, **collection(features=[feature])}).encode()
    )
    found = files.read_vector(path)
    assert found["id"].tolist() == ["a"]
    assert expected is None or found.crs.to_epsg() == expected
    assert files.read_places(path, role="sites").geometry[0].distance(
        shapely.Point(145_350, 506_550)
    ) < (0.1 if expected == 28992 else 6_000)


def test_properties_may_have_any_name_and_text(tmp_path):
    texts = ['"crs": {"type": "link"}', "\\", '\\"', "{[", "stac_version", "\u20ac \U0001f3e1"]
    path = tmp_path / "a.geojson"
    feature = {
        **POINT,
        "properties": {"crs": "EPSG:28992", "type": "link", **dict(enumerate(texts))},
    }
    for ascii_only in (True, False):
        text = json.dumps(collection(crs=None, features=[feature]), ensure_ascii=ascii_only)
        path.write_text(text, encoding="utf-8")
        row = files.read_vector(path).iloc[0]
        assert [row[str(n)] for n in range(len(texts))] == texts
        assert row["crs"] == "EPSG:28992"


def test_a_script_is_told_how_to_become_data(shared_data):
    path = shared_data / "recorded" / "facilities" / "schiedam_scholen_js.geojson"
    with pytest.raises(errors.FormatError, match=r"JavaScript.*before the first \{"):
        files.read_vector(path)


def test_real_files_are_read(shared_data):
    rows = {
        "kampen/buurten_2022_simplified.geojson": 36,
        "recorded/bag/bag_wfs_pand_haarlem_2022.json": 20,
        "recorded/pdok_wijkenbuurten/amsterdam_dso_wfs_buurten_2022codes_first12.geojson": 12,
        "recorded/pdok_wijkenbuurten/pdok_wfs_gemeente_gegeneraliseerd_2022_first3.geojson": 3,
        "recorded/pdok_wijkenbuurten/wijken_limburg_epsg3857_first10.geojson": 10,
        "recorded/pdok_ogc_server/expected_multiple_gpkgs_wgs84.json": 2,
        "recorded/pdok_ogc_server/expected_feature_geom_null.json": 1,
    }
    assert {name: len(files.read_vector(shared_data / name)) for name in rows} == rows
    assert len(files.read_table(shared_data / "cbs" / "wijk_2016.dbf")) == 2981


@pytest.mark.parametrize("one", [False, True])
@pytest.mark.parametrize("key", ["crs", "CRS", "\\u0063rs"])
def test_a_property_may_be_an_object_of_the_name_crs(tmp_path, server, key, one):
    path = tmp_path / "a.geojson"
    feature = {**POINT, "properties": {"id": "a", "deep": [{"@": link(server.url)}]}}
    good = {"type": "name", "properties": {"name": "OGC:CRS84"}}
    document = {**feature, "crs": good} if one else collection(features=[feature], crs=good)
    path.write_text(json.dumps(document).replace("@", key))
    assert files.read_vector(path)["id"].tolist() == ["a"]
    assert server.calls == 0
    for strange in (
        {**feature, "geometry": {**POINT["geometry"], "@": link(server.url)}},
        {**feature, "Properties": {"@": link(server.url)}},
        {**feature, "type": "Point", "coordinates": [1, 2]},
    ):
        path.write_text(json.dumps(collection(features=[strange], crs=good)).replace("@", key))
        with pytest.raises(errors.FormatError, match="not one of EPSG by name"):
            files.read_vector(path)
    assert server.calls == 0


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ('{"type": "FeatureCollection", "features": []', "not valid JSON"),
        ('{"type": "FeatureCollection", "features": []}}', "not valid JSON"),
        ('{"type": "FeatureCollection", "features": []};', "';' stands outside a text"),
        ("{'type': 'FeatureCollection', \"features\": []}", '"\'" stands outside a text'),
        ('{"type": "FeatureCollection", /* */ "features": []}', "'/' stands outside a text"),
        ('{"type": "Topology", "type": "FeatureCollection", "features": []}', "members twice"),
        ('{"type": "featurecollection", "features": []}', "its type is 'featurecollection'"),
        ('{"features": []}', "it has no type"),
        ("[1, 2]", "is a list"),
        (
            '{"type": "FeatureCollection", "n": "' + "x" * (2 << 20) + '", "features": []}',
            "megabyte",
        ),
    ],
)
def test_what_is_no_geojson_says_why(tmp_path, content, why):
    path = tmp_path / "a.geojson"
    path.write_text(content)
    with pytest.raises(errors.FormatError, match=why):
        files.read_vector(path)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(allow_nan=False) | st.text('"\\{[]}:,a\u20ac'),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text('"\\{}a'), inner, max_size=3),
    max_leaves=12,
)  # fmt: skip


@given(
    st.dictionaries(st.text('"\\[]crs', max_size=4), JSON, max_size=5),
    st.integers(1, 40),
    st.booleans(),
)
def test_the_outline_is_the_document_without_what_is_inside_its_members(
    document, chunk, ascii_only
):
    content = json.dumps(document, ensure_ascii=ascii_only).encode()
    empty = {list: [], dict: {}}
    expected = {k: empty.get(type(v), v) for k, v in document.items()}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_geojson, "_CHUNK_BYTES", chunk)
        assert json.loads(_geojson._outline(content)) == expected


def test_a_view_of_plain_sql_and_of_geometry_is_read(tmp_path):
    path = tmp_path / "a.gpkg"
    places("a").to_file(path, layer="a")
    with sqlite3.connect(path) as database:
        viewed("upper(coalesce(id, '')) || ST_AsText(geom)")(database)
    database.close()
    assert files.read_vector(path)["id"].tolist() == ["APOINT(145350 506550)"]


def test_a_geopackage_with_an_index_of_texts_and_quotes_in_its_names_is_read(tmp_path):
    path = tmp_path / "a.gpkg"
    places("a").to_file(path, layer='mijn "eigen" laag')
    with sqlite3.connect(path) as database:
        database.execute("create virtual table zoek using fts5(naam, tokenize = 'unicode61')")
    database.close()
    assert files.read_vector(path)["id"].tolist() == ["a"]


def test_looking_into_a_geopackage_leaves_nothing_beside_it(tmp_path):
    path = tmp_path / "a.gpkg"
    places("a").to_file(path)
    database = sqlite3.connect(path)
    database.execute("pragma journal_mode = wal")
    database.close()
    before = path.read_bytes()
    files.foreign_layers(path)
    _vetting.name_for_gdal(path, role="sites")
    assert [p.name for p in tmp_path.iterdir()] == ["a.gpkg"]
    assert path.read_bytes() == before


@pytest.mark.parametrize("suffix", [".gpkg", ".fgb", ".shp"])
def test_a_path_that_gdal_takes_for_another_is_told(tmp_path, suffix):
    (tmp_path / "a").mkdir()
    places("a").to_file(tmp_path / "a" / f"c{suffix}")
    folder = (tmp_path / "a").rename(tmp_path / "a!b")
    with pytest.raises(errors.InputError, match=r"; or ! in its path.*rename it"):
        files.read_vector(folder / f"c{suffix}")


@pytest.mark.parametrize(
    "text",
    ["URL", "/vsicurl/URL", "EPSG:28992", "PROJCS[bad]", "+proj=longlat +nadgrids=URL +type=crs"],
)
def test_the_reference_system_of_a_shapefile_asks_for_nothing(tmp_path, server, text):
    places("a").to_file(tmp_path / "a.shp")
    (tmp_path / "a.prj").write_text(text.replace("URL", server.url))
    with pytest.raises((errors.CrsError, errors.FormatError), match=r"a\.shp"):
        files.read_places(tmp_path / "a.shp", role="sites")
    assert server.calls == 0


# --- GDAL's settings ----------------------------------------------------------------------------


def test_gdal_itself_has_no_network_while_it_reads(tmp_path, server):
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps(collection(crs=link(server.url))))
    with _vetting.without_network():
        pyogrio.read_dataframe(path)
    assert server.calls == 0


def test_the_settings_of_whoever_uses_the_library_come_back(tmp_path):
    places("a").to_file(tmp_path / "a.gpkg")
    names = (*_vetting._NO_NETWORK, *_vetting.RASTER_SETTINGS)
    pyogrio.set_gdal_config_options({"GDAL_HTTP_PROXY": "http://proxy.example:3128"})
    try:
        environment = dict(os.environ)
        before = {name: pyogrio.get_gdal_config_option(name) for name in names}
        inner, outer = _vetting.without_network(), _vetting.without_network()
        outer.__enter__()
        inner.__enter__()  # as another thread does
        outer.__exit__(None, None, None)
        assert pyogrio.get_gdal_config_option("GDAL_HTTP_PROXY") != before["GDAL_HTTP_PROXY"]
        inner.__exit__(None, None, None)
        files.read_vector(tmp_path / "a.gpkg")
        assert {name: pyogrio.get_gdal_config_option(name) for name in names} == before
        assert dict(os.environ) == environment
    finally:
        pyogrio.set_gdal_config_options({"GDAL_HTTP_PROXY": None})


def test_the_command_asks_for_no_grids(tmp_path, server, town):
    """RD to ETRS89 has a grid, which PROJ would fetch where its user has switched that on."""
    places("a").to_crs(4258).to_file(tmp_path / "o.gpkg")
    words = [
        "nearest",
        town / "streets.gpkg",
        tmp_path / "o.gpkg",
        town / "own.gpkg",
        "-o",
        "n.gpkg",
    ]
    env = {
        **os.environ, "PROJ_NETWORK": "ON", "PROJ_NETWORK_ENDPOINT": server.url,
        "PROJ_USER_WRITABLE_DIRECTORY": str(tmp_path),
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-I", "-m", "geowoonzorg", *map(str, words)],
        capture_output=True, text=True, check=False, env=env, cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert server.calls == 0


# --- rasters ------------------------------------------------------------------------------------


def write_raster(path, value, **more):
    transform = rasterio.Affine(10, 0, 145_000, 0, -10, 507_000)
    given = {"crs": 28992, "transform": transform, **more}
    tags = given.pop("tags", {})
    with rasterio.open(
        path, "w", driver="GTiff", width=100, height=100, count=1, dtype="uint8", **given
    ) as file:
        file.write(np.full((1, 100, 100), value, "uint8"))
        file.update_tags(ns="OVERVIEWS", **tags)


@pytest.mark.parametrize("where", ["url", "local"])
@pytest.mark.parametrize("beside", [".ovr", ".aux.xml", "inside", ".msk"])
def test_what_lies_beside_a_raster_is_not_opened(tmp_path, server, where, beside):
    path, secret = tmp_path / "n.tif", tmp_path / "secret.tif"
    write_raster(secret, 77)
    source = secret if where == "local" else f"/vsicurl/{server.url}.tif"
    write_raster(path, 55, tags={"OVERVIEW_FILE": source} if beside == "inside" else {})
    if beside == ".aux.xml":
        item = f'<MDI key="OVERVIEW_FILE">{source}</MDI>'
        text = f'<PAMDataset><Metadata domain="OVERVIEWS">{item}</Metadata></PAMDataset>'
        Path(f"{path}{beside}").write_text(text)
    elif beside != "inside":
        Path(f"{path}{beside}").write_text(raster_vrt(source, mask=beside == ".msk"))
    area = gpd.GeoSeries([shapely.box(145_100, 506_100, 145_900, 506_900)], crs=28992)
    if beside == ".msk":
        with pytest.raises(errors.InputError, match=r"n\.tif\.msk.*gdal_translate"):
            zonal(path, area)
    else:
        assert zonal(path, area)["value"].tolist() == [55.0]
    assert server.calls == 0


def test_a_raster_that_needs_a_file_beside_it_is_told(tmp_path):
    path = tmp_path / "n.tif"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # rasterio's, on writing it without a place
        write_raster(path, 55, transform=None)
    with (
        pytest.raises(errors.InputError, match="does not say where it lies"),
        files.open_raster(path),
    ):
        pass
    (tmp_path / "n.tfw").write_text("10\n0\n0\n-10\n145005\n506995\n")
    with (
        pytest.raises(errors.InputError, match=r"n\.tfw beside it.*gdal_translate"),
        files.open_raster(path),
    ):
        pass
    write_raster(path, 55)
    with files.open_raster(path):  # it lies where it says itself
        pass
    aux = Path(f"{path}.aux.xml")
    aux.write_text("<PAMDataset><PAMRasterBand band='1'><Histograms/></PAMRasterBand></PAMDataset>")
    with files.open_raster(path):
        pass


NODATA = "<NoDataValue{}>{}</NoDataValue>"


@pytest.mark.parametrize(
    ("said", "same"),
    [
        (NODATA.format("", "55"), False),
        (NODATA.format("", "200"), True),
        (NODATA.format(" le_hex_equiv='0000000000006940'", "2.00E+02"), True),
        (NODATA.format(" le_hex_equiv='0000000000006940'", "55"), False),
        (NODATA.format("", "none"), False),
        ("<Scale>1</Scale><Offset>0</Offset>", True),
        ("<Scale>0.1</Scale>", False),
        ("<Offset>5</Offset>", False),
    ],
)
def test_what_lies_beside_a_raster_may_repeat_what_it_says_itself(tmp_path, said, same):
    path = tmp_path / "n.tif"
    write_raster(path, 55, nodata=200)
    aux = Path(f"{path}.aux.xml")
    for band, counts in (("band='1'", same), ('band = "2"', False), ("", False)):
        aux.write_text(f"<PAMDataset><PAMRasterBand {band}>{said}</PAMRasterBand></PAMDataset>")
        if counts:
            with files.open_raster(path) as dataset:
                assert dataset.nodata == 200
        else:
            with (
                pytest.raises(errors.InputError, match=r"aux\.xml.*not read"),
                files.open_raster(path),
            ):
                pass


def test_a_raster_without_no_data_is_not_given_one_beside_it(tmp_path):
    path = tmp_path / "n.tif"
    write_raster(path, 55)
    Path(f"{path}.aux.xml").write_text(
        f"<PAMDataset><PAMRasterBand band='1'>{NODATA.format('', '55')}</PAMRasterBand></PAMDataset>"
    )
    with pytest.raises(errors.InputError, match=r"aux\.xml"), files.open_raster(path):
        pass
