"""What the plugin says when something cannot be, in Dutch and in English; before the run, and nothing is started."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from conftest import DEMO
from test_algorithms import run

POINT = '{"type": "Feature", "properties": {"id": "a"}, "geometry": {"type": "Point", "coordinates": [5.9, 52.5]}}'


@pytest.fixture
def places(tmp_path):
    """A GeoPackage with one point, made by another program."""
    (tmp_path / "plekken.geojson").write_text(f'{{"type": "FeatureCollection", "features": [{POINT}]}}', encoding="utf-8")

    def make(*options: str):
        path = tmp_path / "plekken.gpkg"
        subprocess.run(["ogr2ogr", *options, str(path), str(tmp_path / "plekken.geojson")], check=True)
        return str(path)

    return make


@pytest.fixture
def refuse(algorithms, fake, language, tmp_path):
    """Give the message with which an algorithm refuses its values, before the run and again at the run."""
    from qgis.core import QgsProcessingContext, QgsProject

    log = fake("good")
    network = tmp_path / "straten.osm.pbf"
    network.write_bytes(b"the fake engine reads nothing")

    def ask(name: str = "service_areas", **values) -> str:
        context = QgsProcessingContext()
        context.setProject(QgsProject.instance())
        algorithm = algorithms[name].create()
        destinations = {d.name(): "TEMPORARY_OUTPUT" for d in algorithm.destinationParameterDefinitions()}
        values = {"NETWORK": str(network), **destinations, **values}
        fine, message = algorithm.checkParameterValues(values, context)
        assert not fine
        fine, _outputs, feedback = run(algorithm, values, context)
        assert not fine
        said = "\n".join(feedback.errors)
        assert message in said
        assert "Traceback" not in said
        assert log() == []
        return message

    return ask


def words(language: str, dutch: str, english: str) -> str:
    return dutch if language == "nl" else english


@pytest.mark.parametrize("value", ["400,5", "400,50", "1.500", "400,000", "400;1.500", "500,5 800"])
def test_a_number_that_can_be_read_in_two_ways_is_refused_with_a_word(refuse, places, language, value):
    said = refuse(FACILITIES=places(), LIMITS_M=value)
    assert value in said
    assert words(language, "decimale komma", "decimal comma") in said
    assert words(language, "puntkomma", "semicolon") in said


@pytest.mark.parametrize("value", ["400, 5", "400;5", "1,500", "5 400", "24.9;25"])
def test_a_small_limit_beside_a_large_one_is_asked_after(refuse, places, language, value):
    said = refuse(FACILITIES=places(), LIMITS_M=value)
    assert words(language, "één getal", "one number") in said
    assert "25 m" in said


@pytest.mark.parametrize("value", ["400 m", "vierhonderd"])
def test_what_is_no_number_is_refused_with_an_example(refuse, places, language, value):
    assert f"{value} {words(language, 'is geen aantal meters, zoals 400', 'is not a number of metres, such as 400')}" in refuse(
        FACILITIES=places(), LIMITS_M=value
    )


@pytest.mark.parametrize(
    ("value", "metres"),
    [
        ("400", [400]),
        ("400.5", [400.5]),
        ("400,800", [400, 800]),
        ("400, 800", [400, 800]),
        ("400; 800;1200", [400, 800, 1200]),
        ("400 800", [400, 800]),
        (" 5 ", [5]),
    ],
)
def test_what_can_be_read_in_one_way_is_read(plugin, value, metres):
    from geowoonzorg_qgis.parameters import _limit_problem, is_ambiguous, parse_metres

    assert parse_metres(value) == metres
    assert not is_ambiguous(value)
    assert _limit_problem("afstand", metres) is None


@pytest.mark.parametrize("name", ["service_areas", "score_sites"])
def test_a_geopackage_without_a_reference_system_is_told_how_to_get_one(refuse, places, language, name):
    layer = places("-a_srs", "None")
    said = refuse(name, **dict.fromkeys(("FACILITIES", "SITES"), layer))
    assert words(language, "heeft geen coördinatenstelsel", "has no coordinate reference system") in said
    assert words(language, "rechtsklik", "right-click") in said
    assert ".gpkg" not in said


def test_an_empty_layer_of_no_kind_is_empty_not_without_reference_system(refuse, places, language):
    said = refuse(FACILITIES=places("-a_srs", "EPSG:28992", "-nlt", "GEOMETRY", "-where", "0"))
    assert words(language, "heeft geen objecten", "has no features") in said


def test_a_layer_without_geometry_says_so(refuse, language, tmp_path):
    path = tmp_path / "nergens.geojson"
    feature = '{"type": "Feature", "properties": {"id": "a"}, "geometry": null}'
    path.write_text(f'{{"type": "FeatureCollection", "features": [{feature}]}}', encoding="utf-8")
    assert words(language, "heeft geen geometrie", "has no geometry") in refuse(FACILITIES=str(path))


@pytest.mark.parametrize(
    ("name", "layer", "field"),
    [
        ("service_areas", "FACILITIES", "FACILITIES_ID"),
        ("service_areas", "FACILITIES", "FACILITIES_CLASS"),
        ("score_sites", "SITES", "SITES_ID"),
    ],
)
def test_a_field_that_is_not_there_is_named_with_those_that_are(refuse, places, language, name, layer, field):
    said = refuse(name, **{layer: places(), field: "bestaatniet"})
    assert f"{words(language, 'heeft geen veld', 'has no field')} bestaatniet" in said
    assert "id" in said.partition("bestaatniet")[2]


@pytest.mark.parametrize("crs", ["degrees", "undefined"])
def test_a_reference_system_without_code_is_still_named(refuse, places, language, crs):
    from qgis.core import QgsCoordinateReferenceSystem

    text = 'GEOGCS["Mijn graden",DATUM["D",SPHEROID["S",6370997,0]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]]'
    if crs == "undefined":
        text = text.replace("Mijn graden", "Undefined geographic SRS")
    said = refuse(FACILITIES=places(), CRS=QgsCoordinateReferenceSystem.fromWkt(text))
    assert words(language, "graden", "degrees") in said
    assert ("Mijn graden" if crs == "degrees" else "Undefined") in said


def test_a_metric_reference_system_without_code_goes_to_the_engine_whole(algorithms, fake, places, monkeypatch, tmp_path):
    from qgis.core import QgsCoordinateReferenceSystem, QgsProcessingContext, QgsProject

    log = fake("no_output")
    (tmp_path / "straten.osm.pbf").write_bytes(b"")
    context = QgsProcessingContext()
    context.setProject(QgsProject.instance())
    own = QgsCoordinateReferenceSystem.fromProj("+proj=laea +lat_0=52 +lon_0=5 +units=m +type=crs")
    values = {"NETWORK": str(tmp_path / "straten.osm.pbf"), "FACILITIES": places(), "CRS": own, "OUTPUT": "TEMPORARY_OUTPUT"}
    run(algorithms["service_areas"], values, context)
    arguments = log()[-1]["argv"]
    given = arguments[arguments.index("--crs") + 1]
    assert given.startswith("PROJCRS[")
    assert "\n" not in given


def test_an_engine_whose_site_speaks_first_is_understood(plugin, monkeypatch, tmp_path):
    from geowoonzorg_qgis import engine

    path = tmp_path / "python"
    path.write_text("#!/bin/sh\necho welkom bij de gemeente\necho 'geowoonzorg, version 0.2.0'\necho tot ziens\n")
    path.chmod(0o755)
    monkeypatch.setenv(engine.VARIABLE, str(path))
    engine.forget_found()
    assert engine.find().version == "0.2.0"
    engine.forget_found()


CHOICES = [
    ("service_areas", "PROFILE", "1", ("--profile", "rolstoel")),
    ("service_areas", "PROFILE", 1, ("--profile", "rolstoel")),
    ("service_areas", "PROFILE", "wandelaar", ("--profile", "wandelaar")),
    ("service_areas", "SHAPE", 1, ("--shape", "lines")),
    ("service_areas", "SHAPE", "1", ("--shape", "lines")),
    ("service_areas", "SHAPE", "lines", ("--shape", "lines")),
    ("facilities", "CLASSES", "0,apotheek", ("--class", "huisarts")),
    ("facilities", "CLASSES", [0], ("--class", "huisarts")),
]


@pytest.mark.parametrize(("name", "parameter", "value", "said"), CHOICES)
def test_a_choice_is_a_keyword_or_its_place_in_the_list(algorithms, fake, places, tmp_path, name, parameter, value, said):
    from qgis.core import QgsProcessingContext, QgsProject

    log = fake("no_output")
    (tmp_path / "straten.osm.pbf").write_bytes(b"")
    network = str(tmp_path / "straten.osm.pbf")
    context = QgsProcessingContext()
    context.setProject(QgsProject.instance())
    values = {"NETWORK": network, "OSM": network, "FACILITIES": places(), "OUTPUT": "TEMPORARY_OUTPUT", parameter: value}
    fine, message = algorithms[name].checkParameterValues(values, context)
    assert fine, message
    run(algorithms[name], values, context)
    arguments = log()[-1]["argv"]
    assert tuple(arguments[arguments.index(said[0]) :][:2]) == said


@pytest.mark.parametrize("value", ["99", "-1", "onzin", True])
def test_a_choice_that_is_not_in_the_list_is_refused(algorithms, places, tmp_path, value):
    from qgis.core import QgsProcessingContext

    (tmp_path / "straten.osm.pbf").write_bytes(b"")
    values = {"NETWORK": str(tmp_path / "straten.osm.pbf"), "FACILITIES": places(), "OUTPUT": "TEMPORARY_OUTPUT", "SHAPE": value}
    fine, message = algorithms["service_areas"].checkParameterValues(values, QgsProcessingContext())
    assert not fine
    assert "SHAPE" in message or "Vorm" in message


def test_dialogs_show_titles_and_keep_keywords(plugin, qgis_processing, monkeypatch):
    import processing
    from qgis.core import QgsProcessingContext
    from qgis.gui import QgsBrowserGuiModel
    from qgis.utils import iface

    model = QgsBrowserGuiModel()
    monkeypatch.setattr(iface, "browserModel", lambda: model)
    dialog = processing.createAlgorithmDialog("geowoonzorg:score_sites", {"PROFILE": "zorggeschikt"})
    wrapper = dialog.mainWidget().wrappers["PROFILE"]
    assert wrapper.widget.currentText() == "Zorggeschikt wonen"
    assert wrapper.parameterValue() == "zorggeschikt"
    wrapper.setParameterValue("geclusterd", QgsProcessingContext())
    assert wrapper.widget.currentText() == "Geclusterd wonen"
    dialog.close()


def test_a_folder_with_other_peoples_files_is_told_in_the_engines_words(algorithms, real_engine, places, language, tmp_path):
    from geowoonzorg_qgis import engine
    from qgis.core import QgsProcessingContext

    engine.forget_found()
    (tmp_path / "uit").mkdir()
    (tmp_path / "uit" / "map.html").write_text("van iemand anders", encoding="utf-8")
    values = {"STUDY": str(DEMO / "study.toml"), "FOLDER": str(tmp_path / "uit"), "OUT_SITES": "TEMPORARY_OUTPUT"}
    fine, _outputs, feedback = run(algorithms["run_study"].create(), values, QgsProcessingContext())
    assert not fine
    said = "\n".join(feedback.errors)
    assert "map.html" in said
    assert "Traceback" not in said
    assert words(language, "kies een andere map, of vink aan: ", "choose another folder, or tick: ") in said
    assert (tmp_path / "uit" / "map.html").read_text(encoding="utf-8") == "van iemand anders"


def test_a_study_of_the_users_own_in_the_output_folder_stays(algorithms, fake, places, language, tmp_path):
    from qgis.core import QgsProcessingContext

    log = fake("no_output")
    (tmp_path / "straten.osm.pbf").write_bytes(b"")
    own = tmp_path / "uit" / "studie" / "study.toml"
    own.parent.mkdir(parents=True)
    own.write_text("[study]\n", encoding="utf-8")
    values = {"SITES": places(), "NETWORK": str(tmp_path / "straten.osm.pbf"), "FOLDER": str(tmp_path / "uit")}
    algorithm = algorithms["score_sites"].create()
    fine, _outputs, feedback = run(algorithm, {**values, "OUT_SITES": "TEMPORARY_OUTPUT"}, QgsProcessingContext())
    assert not fine
    assert str(own) in "\n".join(feedback.errors)
    assert own.read_text(encoding="utf-8") == "[study]\n"
    assert log() == []
    own.unlink()
    for _ in range(2):  # its own of before is replaced
        run(algorithm, {**values, "OUT_SITES": "TEMPORARY_OUTPUT"}, QgsProcessingContext())
        assert log()[-1]["argv"][6] == str(own)


def test_an_output_that_is_an_input_is_refused(refuse, places, language):
    layer = places()
    before = Path(layer).read_bytes()
    said = refuse(FACILITIES=f"{layer}|layername=plekken", OUTPUT=layer)
    assert words(language, "ook een invoer", "also an input") in said
    assert Path(layer).read_bytes() == before


def test_an_output_over_somebodys_other_layers_is_refused(refuse, places, language, tmp_path):
    layer, other = places(), tmp_path / "verzameling.gpkg"
    subprocess.run(["ogr2ogr", "-nln", "van een ander", str(other), layer], check=True)
    before = other.read_bytes()
    said = refuse(FACILITIES=layer, OUTPUT=str(other))
    assert "van een ander" in said
    assert other.read_bytes() == before


def test_an_output_of_before_is_replaced(algorithms, real_engine, places, tmp_path):
    from geowoonzorg_qgis import engine
    from qgis.core import QgsProcessingContext

    engine.forget_found()
    values = {"OSM": str(DEMO / "wierhaven.osm.pbf"), "CLASSES": ["huisarts"], "OUTPUT": str(tmp_path / "artsen.gpkg")}
    for _ in range(2):
        fine, outputs, feedback = run(algorithms["facilities"].create(), values, QgsProcessingContext())
        assert fine, feedback.errors
        assert Path(outputs["OUTPUT"].partition("|")[0]).is_file()
