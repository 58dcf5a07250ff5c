"""Layers of the project in the place of files: whatever they are, the engine gets the same, and so are the numbers."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from conftest import DEMO, ROOT
from test_algorithms import context, run  # noqa: F401 - a fixture
from test_layers import memory
from test_process import table

MAP, SCORES = "wijkenbuurten_2023_v3.gpkg", "Leefbaarometer-scores buurten 2002-2022.csv"
ASKED = {"GEMEENTE": "GM9801", "LEEFBAAROMETER_YEAR": 2022}


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """Copy the demo: QGIS changes the header of a GeoPackage that it opens."""
    folder = tmp_path_factory.mktemp("demo")
    for path in DEMO.iterdir():
        if path.is_file():
            shutil.copy(path, folder)
    return folder


@pytest.fixture
def project(plugin):
    """Put layers in the project, and take them out again."""
    from qgis.core import QgsProject

    ours = []

    def add(layer, name: str = ""):
        assert layer.isValid()
        layer.setName(name or layer.name())
        QgsProject.instance().addMapLayer(layer, False)
        ours.append(layer.id())
        return layer

    yield add
    QgsProject.instance().removeMapLayers(ours)


@pytest.fixture
def opened(demo, project):
    """Open a file of the demo as a layer of the project."""
    from qgis.core import QgsVectorLayer

    return lambda source, name: project(QgsVectorLayer(f"{demo}/{source}", name, "ogr"))


def in_memory(layer, crs: str = ""):
    """Copy a layer into memory, in another reference system if one is named, with a Z to each point."""
    from qgis.core import QgsCoordinateReferenceSystem, QgsFeatureRequest, QgsProject

    request = QgsFeatureRequest()
    if crs:
        request.setDestinationCrs(QgsCoordinateReferenceSystem(crs), QgsProject.instance().transformContext())
    return layer.materialize(request)


@pytest.fixture
def files_of(algorithms, context, tmp_path):  # noqa: F811
    """Give the files that the engine would get for values, and what is said of them."""
    from geowoonzorg_qgis.call import Call
    from geowoonzorg_qgis.results import Listener
    from geowoonzorg_qgis.study_inputs import area_files

    said = Listener()
    said.warnings = []
    said.pushWarning = said.warnings.append

    def give(values: dict, name: str = "balance"):
        algorithm = algorithms[name].create()
        assert algorithm.checkParameterValues({"OUTPUT": "TEMPORARY_OUTPUT", **values}, context)[0]
        return area_files(Call(algorithm, {**values, "LEVEL": "buurt"}, context, said, tmp_path), tmp_path)

    give.said = said
    return give


def plain(path: str) -> list[list[str]]:
    with Path(path).open(encoding="utf-8") as file:
        return list(csv.reader(file))


# --- the same numbers


@pytest.fixture(scope="module")
def of_files(demo, real_engine, tmp_path_factory):
    """The balance as the command makes it of the files."""
    out = tmp_path_factory.mktemp("command") / "cli.gpkg"
    given = ["--gemeente", "GM9801", "--leefbaarometer", demo / SCORES, "--leefbaarometer-year", "2022", "-o", out]
    subprocess.run([real_engine, "-I", "-m", "geowoonzorg", "balance", demo / MAP, *given], check=True, capture_output=True)
    return table(out, "areas")


def test_a_layer_of_a_geopackage_gives_the_numbers_of_the_file_also_in_a_model(of_files, opened, context, tmp_path):  # noqa: F811
    from qgis.core import QgsProcessingModelAlgorithm, QgsProcessingModelChildAlgorithm, QgsProcessingModelOutput
    from qgis.core import QgsProcessingModelChildParameterSource as Source

    areas, scores = opened(f"{MAP}|layername=buurten", "Onze buurten"), opened(SCORES, "Scores")
    areas.setSubsetString("gemeentecode = 'GM9801'")
    child = QgsProcessingModelChildAlgorithm("geowoonzorg:balance")
    child.setChildId("step")
    for name, value in {**ASKED, "AREAS": areas.id(), "LEEFBAAROMETER": scores.id()}.items():
        child.addParameterSources(name, [Source.fromStaticValue(value)])
    output = QgsProcessingModelOutput("out", "out")
    output.setChildId("step")
    output.setChildOutputName("OUTPUT")
    child.setModelOutputs({"out": output})
    model = QgsProcessingModelAlgorithm()
    model.addChildAlgorithm(child)
    model.updateDestinationParameters()
    name = model.destinationParameterDefinitions()[0].name()
    fine, _results, feedback = run(model, {name: str(tmp_path / "out.gpkg")}, context)
    assert fine, feedback.errors
    assert table(tmp_path / "out.gpkg", "out") == of_files


def test_layers_in_memory_in_degrees_and_tables_of_layers_give_the_numbers_of_the_files(
    of_files,
    algorithms,
    opened,
    project,
    context,  # noqa: F811
    tmp_path,
):
    areas = project(in_memory(opened(f"{MAP}|layername=buurten", "b"), "EPSG:4326"), "Buurten van 2023")
    coarser = [opened(f"{MAP}|layername={name}", name) for name in ("wijken", "gemeenten")]
    scores = project(in_memory(opened(SCORES, "s")), "Scores")
    values = {**ASKED, "AREAS": areas, "FIGURES": [coarser[0], coarser[1].id()], "LEEFBAAROMETER": scores.name()}
    fine, _results, feedback = run(algorithms["balance"], {**values, "OUTPUT": str(tmp_path / "out.gpkg")}, context)
    assert fine, feedback.errors
    assert table(tmp_path / "out.gpkg", "out") == of_files


# --- the same rows


def test_with_a_layer_of_a_geopackage_go_its_wijken_and_gemeenten(files_of, opened, demo):
    areas = opened(f"{MAP}|layername=buurten", "Onze buurten")
    files = files_of({"AREAS": areas})
    assert Path(files.areas).name == MAP  # a year may stand in the name only
    for name in ("buurten", "wijken", "gemeenten"):
        assert table(Path(files.areas), name) == table(demo / MAP, name), name
    assert files_of.said.warnings == []


def test_areas_without_their_wijken_and_gemeenten_are_told_with_what_to_do(files_of, opened, project):
    areas = project(in_memory(opened(f"{MAP}|layername=buurten", "b")), "Buurten van PDOK")
    files = files_of({"AREAS": areas})
    assert Path(files.areas).name == "Buurten_van_PDOK.gpkg"
    (said,) = files_of.said.warnings
    assert "Buurten van PDOK komt zonder de wijken en gemeenten" in said
    assert "Tabellen met cijfers" in said
    files_of.said.warnings.clear()
    files_of({"AREAS": areas, "FIGURES": [opened(f"{MAP}|layername=gemeenten", "g")]})
    assert files_of.said.warnings == []


def test_a_selection_an_edit_and_joined_columns_go_over(files_of, opened, project):
    from qgis.core import QgsProcessingFeatureSourceDefinition, QgsVectorLayerJoinInfo

    areas = opened(f"{MAP}|layername=buurten", "b")
    areas = project(in_memory(areas), "b")
    codes = [feature["buurtcode"] for feature in areas.getFeatures()]
    figures = project(memory("NoGeometry?field=code:string&field=p_wmo_t:integer", [(None, [codes[0], 41])]), "kwb")
    join = QgsVectorLayerJoinInfo()
    join.setJoinLayer(figures)
    join.setJoinFieldName("code")
    join.setTargetFieldName("buurtcode")
    join.setUsingMemoryCache(True)
    assert areas.addJoin(join)
    areas.selectByExpression(f"buurtcode in ('{codes[0]}', '{codes[1]}')")
    areas.startEditing()
    first = next(one for one in areas.getFeatures() if one["buurtcode"] == codes[0])
    areas.changeAttributeValue(first.id(), areas.fields().lookupField("buurtnaam"), "Nieuwe naam")
    files = files_of({"AREAS": QgsProcessingFeatureSourceDefinition(areas.id(), True)})
    names, rows = table(Path(files.areas), "buurten")
    found = {tuple(row[names.index(one)] for one in ("buurtcode", "buurtnaam", "p_wmo_t")) for row in rows}
    assert {row[0] for row in found} == {codes[0], codes[1]}
    assert (codes[0], "Nieuwe naam", 41) in found
    areas.rollBack()


def test_a_table_is_its_own_file_until_something_in_qgis_makes_it_another(files_of, opened, demo, project):
    from qgis.core import QgsVectorLayer

    scores = opened(SCORES, "Scores")
    areas = opened(f"{MAP}|layername=buurten", "b")
    text = project(QgsVectorLayer(f"file://{demo}/voorzieningen.csv?delimiter=,", "lijst", "delimitedtext"))
    files = files_of({"AREAS": areas, "LEEFBAAROMETER": scores, "LEEFBAAROMETER_YEAR": 2022, "FIGURES": [text, str(demo / MAP)]})
    assert (files.leefbaarometer, files.figures) == (f"{demo}/{SCORES}", [f"{demo}/voorzieningen.csv", str(demo / MAP)])
    scores.setSubsetString("jaar = '2022'")
    files = files_of({"AREAS": areas, "LEEFBAAROMETER": scores, "LEEFBAAROMETER_YEAR": 2022})
    names, rows = table(Path(files.leefbaarometer), "Scores")
    header, *lines = plain(demo / SCORES)
    assert names == header
    assert rows == {tuple(line) for line in lines if line[header.index("jaar")] == "2022"}


def test_a_layer_of_another_provider_goes_over_whole(files_of, opened, project, demo):
    """A query over layers stands here for what comes from a database or a WFS: a provider that is no file."""
    from qgis.core import QgsVectorLayer

    buurten = opened(f"{MAP}|layername=buurten", "b")
    source = f'?query=select * from "{buurten.id()}"'  # noqa: S608 - a name of our own
    query = project(QgsVectorLayer(source, "Uit de database", "virtual"))
    files = files_of({"AREAS": query, "FIGURES": [query.name()]})
    names, rows = table(Path(files.areas), "buurten")
    wanted, lines = table(demo / MAP, "buurten")
    assert names == wanted
    assert rows == lines
    assert table(Path(files.figures[0]), "Uit_de_database") == (wanted, lines)


@pytest.fixture
def wfs(demo, project, tmp_path):
    """Open the demo's buurten as a layer of a WFS."""
    from qgis.core import QgsVectorLayer

    as_json = tmp_path / "buurten.geojson"
    subprocess.run(["ogr2ogr", "-f", "GeoJSON", "-lco", "RFC7946=NO", str(as_json), str(demo / MAP), "buurten"], check=True)
    line = [sys.executable, str(ROOT / "tests" / "qgis" / "wfs_server.py"), str(as_json)]
    with (tmp_path / "asked").open("w", encoding="utf-8") as log, subprocess.Popen(line, stdout=log) as server:
        while not (said := (tmp_path / "asked").read_text(encoding="utf-8").split()):
            assert server.poll() is None
            time.sleep(0.05)
        where = f"url='http://127.0.0.1:{said[0]}/wfs' typename='wijkenbuurten:buurten' version='2.0.0' srsname='EPSG:28992'"
        yield project(QgsVectorLayer(f"{where} pagingEnabled='true'", "Buurten van PDOK", "WFS")), tmp_path / "asked"
        server.kill()


def test_a_layer_of_a_wfs_that_gives_pages_goes_over_whole(files_of, wfs, demo):
    layer, asked = wfs
    files = files_of({"AREAS": layer})
    names, rows = table(Path(files.areas), "buurten")
    wanted, lines = table(demo / MAP, "buurten")
    assert set(names) == set(wanted)
    at = [names.index(name) for name in wanted]
    told = {
        tuple(value or None if isinstance(value, str) else value for value in line) for line in lines
    }  # GML has no empty text
    assert {tuple(row[place] for place in at) for row in rows} == told
    assert asked.read_text(encoding="utf-8").split().count("getfeature") > len(lines) // 3


@pytest.fixture
def database(demo):
    """Run a PostgreSQL with PostGIS of our own, with the demo's buurten in it; where there is one."""
    programs = max(Path("/usr/lib/postgresql").glob("*/bin/initdb"), default=None)
    if programs is None or not list(Path("/usr/share/postgresql").glob("*/extension/postgis.control")) or os.geteuid() != 0:
        pytest.skip("PostgreSQL with PostGIS is not here, or not by root: apt-get install postgresql-15-postgis-3")
    folder = Path(tempfile.mkdtemp(prefix="pg"))  # a socket's path must be short

    def as_postgres(*words: object) -> None:
        subprocess.run(["runuser", "-u", "postgres", "--", *map(str, words)], check=True, stdout=subprocess.DEVNULL, cwd="/")

    shutil.chown(folder, "postgres")
    as_postgres(programs, "-D", folder / "data", "-A", "trust", "-E", "UTF8")
    control = [programs.with_name("pg_ctl"), "-D", folder / "data", "-l", folder / "log", "-w"]
    as_postgres(*control, "-o", f"-c listen_addresses= -k {folder}", "start")
    where = f"host={folder} user=postgres dbname=postgres"
    try:
        as_postgres("psql", "-h", folder, "-c", "create extension postgis")
        subprocess.run(
            ["ogr2ogr", "-f", "PostgreSQL", f"PG:{where}", str(demo / MAP), "buurten", "-lco", "LAUNDER=NO"], check=True
        )
        yield where
    finally:
        as_postgres(*control, "-m", "immediate", "stop")
        shutil.rmtree(folder)


def test_a_layer_of_a_database_goes_over_whole(files_of, database, project, demo):
    from qgis.core import QgsVectorLayer

    layer = project(QgsVectorLayer(f'{database} key=\'fid\' table="public"."buurten" (geom)', "Buurten", "postgres"))
    files = files_of({"AREAS": layer})
    names, rows = table(Path(files.areas), "buurten")
    wanted, lines = table(demo / MAP, "buurten")
    at = [names.index(name) for name in wanted]
    assert {tuple(row[place] for place in at) for row in rows} == lines


def test_a_file_is_given_as_it_is(files_of, demo):
    areas = f"{demo / MAP}|layername=buurten"
    files = files_of({"AREAS": areas, "FIGURES": [f"{demo / MAP}|layername=wijken"]})
    assert files == (areas, [f"{demo / MAP}|layername=wijken"], "")


# --- what cannot be


@pytest.mark.parametrize(
    ("definition", "words"),
    [("Polygon?field=code:string", "Onze buurten heeft geen coördinatenstelsel"), ("NoGeometry?field=code:string", "geometrie")],
)
def test_areas_that_lie_nowhere_are_refused_by_their_name_before_the_run(algorithms, project, context, definition, words):  # noqa: F811
    from qgis.core import QgsCoordinateReferenceSystem

    layer = project(memory(definition, [(None, ["BU98010000"])]), "Onze buurten")
    layer.setCrs(QgsCoordinateReferenceSystem())
    fine, message = algorithms["balance"].checkParameterValues({"AREAS": layer.id(), "OUTPUT": "TEMPORARY_OUTPUT"}, context)
    assert not fine
    assert "Onze buurten" in message
    assert words in message


def test_the_engine_names_the_layer_and_not_the_file_it_came_in(algorithms, fake, project, context, monkeypatch):  # noqa: F811
    from geowoonzorg_qgis import engine

    layer = project(
        memory("Polygon?crs=EPSG:28992&field=code:string", [("POLYGON((0 0, 1 0, 1 1, 0 0))", ["x"])]), "Onze buurten"
    )
    fake("good")

    def refuse(arguments, **_callbacks):
        raise engine.EngineError(f"areas: {arguments[1]}|layername=buurten: codes that are no area codes: 1 (x)")

    monkeypatch.setattr(engine, "run", refuse)
    fine, _results, feedback = run(algorithms["balance"], {"AREAS": layer, "OUTPUT": "TEMPORARY_OUTPUT"}, context)
    assert not fine
    assert "areas: Buurten of wijken: Onze buurten: codes that are no area codes: 1 (x)" in "\n".join(feedback.errors)


# --- lists, addresses and streets


@pytest.fixture
def study_of(algorithms, context, project, tmp_path):  # noqa: F811
    """Give the study that the dialog would write, in its folder."""
    from geowoonzorg_qgis import study_inputs
    from geowoonzorg_qgis.call import Call

    sites = project(memory("Point?crs=EPSG:28992&field=id:string", [("POINT(145500 506500)", ["a"])]), "Locaties")

    def write(**values):
        algorithm = algorithms["indicators"].create()
        asked = {"SITES": sites.name(), "OUTPUT": "TEMPORARY_OUTPUT", **values}
        fine, message = algorithm.checkParameterValues(asked, context)
        return study_inputs.tables(Call(algorithm, asked, context, None, tmp_path), tmp_path) if fine else message

    return write


def test_an_own_list_may_be_a_table_a_layer_or_a_file(study_of, demo, project, tmp_path):
    from qgis.core import QgsVectorLayer

    network, own = str(demo / "wierhaven.osm.pbf"), demo / "voorzieningen.csv"
    text = f"file://{own}?delimiter=,"
    without_places = project(QgsVectorLayer(text, "lijst", "delimitedtext"))
    with_places = project(QgsVectorLayer(f"{text}&xField=x&yField=y&crs=EPSG:28992&detectTypes=no", "punten", "delimitedtext"))
    for given in (str(own), without_places.id(), without_places):
        assert study_of(NETWORK=network, REGISTER=given)["facilities"]["register"] == str(own)
    assert study_of(NETWORK=network, REGISTER=with_places)["facilities"]["register"] == "register.gpkg"
    names, rows = table(tmp_path / "register.gpkg", "layer")
    header, *lines = plain(own)
    same = [name for name in header if name not in {"x", "y"}]
    assert {tuple(row[names.index(one)] for one in same) for row in rows} == {
        tuple(line[header.index(one)] or None for one in same) for line in lines
    }
    layer = project(memory("NoGeometry?field=naam:string", [(None, ["x"])]), "Tabel zonder plaatsen")
    assert "Tabel zonder plaatsen" in study_of(NETWORK=network, REGISTER=layer)


def test_addresses_and_sites_may_be_tables_with_coordinates(study_of, demo, tmp_path):
    network, places = str(demo / "wierhaven.osm.pbf"), str(demo / "voorzieningen.csv")
    tables = study_of(NETWORK=network, SITES=places, ADDRESSES=places)
    assert (tables["sites"]["source"], tables["addresses"]["source"]) == (places, places)
    assert "id of klasse" in study_of(NETWORK=network, SITES=places, SITES_ID="bron")


def test_an_openstreetmap_file_that_is_open_in_qgis_is_the_network_itself(study_of, demo, opened):
    lines = opened("wierhaven.osm.pbf|layername=lines", "Straten")
    assert study_of(NETWORK_LAYER=lines.id())["network"]["source"] == str(demo / "wierhaven.osm.pbf")
    lines.setSubsetString("highway = 'footway'")
    assert "Straten: van een OpenStreetMap-bestand wordt alles gelezen" in study_of(NETWORK_LAYER=lines.id())


def test_a_line_layer_goes_over_with_what_is_known_of_its_streets(algorithms, context, project, tmp_path):  # noqa: F811
    from geowoonzorg_qgis.call import Call

    fields = "field=highway:string&field=surface:string&field=width:double"
    layer = project(
        memory(f"MultiLineStringZ?crs=EPSG:28992&{fields}", [("MULTILINESTRINGZ((0 0 1,9 0 1))", ["footway", "asphalt", 1.5])])
    )
    asked = {"NETWORK_LAYER": layer, "OUTPUT": "TEMPORARY_OUTPUT"}
    words = algorithms["network_lines"].create().arguments(Call(algorithms["network_lines"], asked, context, None, tmp_path))
    assert words[:2] == ["network", str(tmp_path / "network_layer.gpkg")]
    names, rows = table(tmp_path / "network_layer.gpkg", "layer")
    assert {tuple(row[names.index(one)] for one in ("highway", "surface", "width")) for row in rows} == {
        ("footway", "asphalt", 1.5)
    }


# --- the ways that there are


def test_the_dialog_takes_layers_for_every_input(algorithms, context, qgis_processing, monkeypatch, opened, project, tmp_path):  # noqa: F811
    """What the toolbox's dialog hands over when layers of the project are chosen in it is what the engine gets."""
    import processing
    from geowoonzorg_qgis.call import Call
    from qgis.gui import QgsBrowserGuiModel
    from qgis.utils import iface

    model = QgsBrowserGuiModel()
    monkeypatch.setattr(iface, "browserModel", lambda: model)
    places = project(memory("Point?crs=EPSG:28992&field=id:string", [("POINT(1 2)", ["a"])]), "Punten")
    contours = project(memory("Polygon?crs=EPSG:28992&field=lden:double", [("POLYGON((0 0,99 0,99 99,0 0))", [58])]), "Contouren")
    chosen = {
        "SITES": places, "REGISTER": places, "ADDRESSES": places, "NOISE_AREAS": contours,
        "NETWORK_LAYER": project(memory("LineString?crs=EPSG:28992", [("LINESTRING(0 0,9 0)", [])]), "Straten"),
        "AREAS": opened(f"{MAP}|layername=buurten", "Buurten"), "LEEFBAAROMETER": opened(SCORES, "Scores"),
    }  # fmt: skip
    figures = [opened(f"{MAP}|layername={name}", name).id() for name in ("wijken", "gemeenten")]
    asked = {name: layer.id() for name, layer in chosen.items()}
    asked |= {"FIGURES": figures, "NOISE_FIELD": "lden", "LEEFBAAROMETER_YEAR": 2022}
    dialog = processing.createAlgorithmDialog("geowoonzorg:indicators", asked)
    values = dialog.createProcessingParameters()
    fine, message = algorithms["indicators"].checkParameterValues(values, context)
    assert fine, message
    call = Call(algorithms["indicators"].create(), values, context, None, tmp_path)
    assert {name: call.layer(name).id() for name in chosen} == {name: layer.id() for name, layer in chosen.items()}
    assert [call.opened(one).id() for one in values["FIGURES"]] == figures
    assert values["NOISE_FIELD"] == "lden"
    dialog.close()


def test_what_is_wrong_is_said_by_the_layers_name_in_both_languages(algorithms, language, context, project):  # noqa: F811
    dutch = language == "nl"
    rows = [("POLYGON((0 0,99 0,99 99,0 0))", [58])]
    contours = project(memory("Polygon?crs=EPSG:28992&field=lden:double", rows), "Contouren")
    places = project(memory("Point?crs=EPSG:28992", [("POINT(1 2)", [])]), "Punten")
    asked = {"SITES": places, "NETWORK_LAYER": places, "OUTPUT": "TEMPORARY_OUTPUT"}
    for values, words in {
        ("NOISE_AREAS",): "Contouren: kies het veld met decibellen" if dutch else "Contouren: choose the field with decibels",
        ("NOISE_AREAS", "NOISE_FIELD"): "Contouren heeft geen veld x" if dutch else "Contouren has no field x",
        ("NOISE_FIELD",): "Kies de laag met vlakken" if dutch else "Choose the layer of areas",
        ("AREAS", "LEEFBAAROMETER"): "horen bij elkaar" if dutch else "go together",
        ("FIGURES",): "Tabellen met cijfers: nergens: een laag kon niet" if dutch else ": nergens: a layer could not",
        ("REGISTER",): "Eigen lijst van voorzieningen: /weg/x.csv is er niet" if dutch else ": /weg/x.csv is not there",
    }.items():
        other = {"NOISE_FIELD": "x", "FIGURES": ["nergens"], "REGISTER": "/weg/x.csv"}
        given = {name: other.get(name, contours) for name in values}
        _fine, message = algorithms["indicators"].checkParameterValues({**asked, **given}, context)
        assert words in message, message
