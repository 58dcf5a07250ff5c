"""What the toolbox shows, and what it says before and after a run."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

import pytest

from test_layers import memory

RD = "crs=EPSG:28992"


@pytest.fixture
def context(plugin):
    from qgis.core import QgsProcessingContext, QgsProject

    context = QgsProcessingContext()
    context.setProject(QgsProject.instance())
    return context


@pytest.fixture
def network(tmp_path):
    path = tmp_path / "straten.osm.pbf"
    path.write_bytes(b"whatever: the fake engine reads nothing")
    return str(path)


@pytest.fixture
def output(monkeypatch, tmp_path):
    """A GeoPackage such as the engine would write, which the fake engine hands back."""
    from qgis.core import QgsCoordinateTransformContext, QgsVectorFileWriter

    columns = "field=facility_id:string&field=facility_class:string&field=limit_m:double&field=length_m:double(20,15)&field=status:string"
    layer = memory(
        f"MultiPolygon?{RD}&{columns}",
        [
            ("MULTIPOLYGON(((0 0,10 0,10 10,0 0)))", ["a", "huisarts", 400.0, 1234.5678901234567, "ok"]),
            (None, ["b", "supermarkt", 400.0, None, "off_network"]),
        ],
    )
    options = QgsVectorFileWriter.SaveVectorOptions()
    options.driverName, options.layerName = "GPKG", "service_areas"
    path = tmp_path / "out.gpkg"
    QgsVectorFileWriter.writeAsVectorFormatV3(layer, str(path), QgsCoordinateTransformContext(), options)
    monkeypatch.setenv("FAKE_OUTPUT", str(path))
    return path


@pytest.fixture
def facilities(plugin):
    from qgis.core import QgsProject

    layer = memory(f"Point?{RD}&field=id:string&field=facility_class:string", [("POINT(1 2)", ["a", "huisarts"])])
    QgsProject.instance().addMapLayer(layer, False)
    yield layer
    QgsProject.instance().removeMapLayer(layer.id())


def run(algorithm, values, context):
    from geowoonzorg_qgis.results import Listener

    feedback = Listener()
    outputs, fine = algorithm.create().run(values, context, feedback)
    return fine, outputs, feedback


def test_every_file_in_the_folder_is_an_algorithm(algorithms):
    from geowoonzorg_qgis import algorithms as folder

    files = {path.stem for path in Path(folder.__file__).parent.glob("*.py")} - {"__init__"}
    assert set(algorithms) == files


def test_every_parameter_has_help_and_names_are_dutch(algorithms):
    english = re.compile(r"\b(the|and|from|which|facilities|walking|areas|your)\b", re.IGNORECASE)
    for algorithm in algorithms.values():
        texts = [algorithm.displayName(), algorithm.shortHelpString()]
        for definition in algorithm.parameterDefinitions():
            assert definition.help(), f"{algorithm.name()}.{definition.name()} has no help"
            texts += [definition.description(), definition.help()]
        for text in texts:
            assert not english.search(text), text


def test_names_are_english_and_ids_do_not_change(algorithms):
    assert {
        "facilities", "network", "service_areas", "nearest", "run_study", "score_sites", "demo", "doctor", "check_study",
    } <= set(algorithms)  # fmt: skip
    for algorithm in algorithms.values():
        for definition in algorithm.parameterDefinitions():
            assert re.fullmatch(r"[A-Z][A-Z0-9_]*", definition.name())


def test_no_algorithm_keeps_qgis_waiting(algorithms):
    """Layers go over, and the engine works, in a thread of QGIS's."""
    for algorithm in algorithms.values():
        assert not algorithm.flags() & algorithm.Flag.FlagNoThreading, algorithm.name()


def test_every_algorithm_fits_the_model_designer(algorithms):
    for algorithm in algorithms.values():
        again = algorithm.create()
        names = [d.name() for d in again.parameterDefinitions()]
        assert names == [d.name() for d in algorithm.parameterDefinitions()]
        assert len(set(names)) == len(names)
        destinations = {d.name() for d in again.parameterDefinitions() if d.isDestination()}
        assert destinations <= {d.name() for d in again.outputDefinitions()}


def test_a_model_runs_it(plugin, fake, output, network, facilities, context):
    from qgis.core import (
        QgsProcessingModelAlgorithm,
        QgsProcessingModelChildAlgorithm,
        QgsProcessingModelChildParameterSource,
        QgsProcessingModelOutput,
    )

    fake("good")
    model = QgsProcessingModelAlgorithm()
    child = QgsProcessingModelChildAlgorithm("geowoonzorg:service_areas")
    child.setChildId("areas")
    static = QgsProcessingModelChildParameterSource.fromStaticValue
    for name, value in {"NETWORK": network, "FACILITIES": facilities.id(), "LIMITS_M": "400"}.items():
        child.addParameterSources(name, [static(value)])
    out = QgsProcessingModelOutput("reach", "reach")
    out.setChildId("areas")
    out.setChildOutputName("OUTPUT")
    child.setModelOutputs({"reach": out})
    model.addChildAlgorithm(child)
    model.updateDestinationParameters()
    name = model.destinationParameterDefinitions()[0].name()  # not the same in every QGIS
    fine, outputs, feedback = run(model, {name: "TEMPORARY_OUTPUT"}, context)
    assert fine, feedback.errors
    assert context.takeResultLayer(outputs[name]).featureCount() == 2


def test_values_come_back_to_the_last_digit(algorithms, fake, output, network, facilities, context):
    log = fake("good")
    values = {"NETWORK": network, "FACILITIES": facilities.id(), "LIMITS_M": "400; 800", "OUTPUT": "TEMPORARY_OUTPUT"}
    fine, outputs, feedback = run(algorithms["service_areas"], values, context)
    assert fine, feedback.errors
    layer = context.takeResultLayer(outputs["OUTPUT"])
    assert [field.name() for field in layer.fields()] == ["facility_id", "facility_class", "limit_m", "length_m", "status"]
    first, second = layer.getFeatures()
    assert first["length_m"] == 1234.5678901234567
    assert (second["facility_id"], second["status"]) == ("b", "off_network")
    assert second["length_m"] is None or second["length_m"].isNull()
    arguments = log()[-1]["argv"][5:]
    assert arguments[:2] == ["service-areas", network]
    assert arguments[3:] == [
        "--limit-m", "400", "--limit-m", "800", "--profile", "rollator", "--shape", "polygons", "--max-snap-m", "100",
        "--crs", "EPSG:28992", "-o", arguments[-5], "--lang", "nl", "--progress", "json",
    ]  # fmt: skip


def test_a_run_starts_the_engine_once_for_its_version_and_once_for_the_work(
    algorithms, fake, output, network, facilities, context
):
    log = fake("good")
    values = {"NETWORK": network, "FACILITIES": facilities.id(), "OUTPUT": "TEMPORARY_OUTPUT"}
    for _ in range(2):
        fine, _outputs, feedback = run(algorithms["service_areas"], values, context)
        assert fine, feedback.errors
    assert [entry["argv"][5] for entry in log()] == ["--version", "service-areas", "service-areas"]


def test_nothing_is_left_in_the_temporary_folder(algorithms, fake, output, network, facilities, context, monkeypatch, tmp_path):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    values = {"NETWORK": network, "FACILITIES": facilities.id(), "OUTPUT": "TEMPORARY_OUTPUT"}
    for mode in ("good", "crash", "error", "no_output"):
        fake(mode)
        run(algorithms["service_areas"], values, context)
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize(
    ("mode", "word"),
    [("error", r"2 \(a, b\)"), ("crash", "onverwacht gestopt"), ("no_output", "geen laag"), ("garbage", "geen resultaat")],
)
def test_what_goes_wrong_is_told_and_no_output_given(algorithms, fake, output, network, facilities, context, mode, word):
    fake(mode)
    values = {"NETWORK": network, "FACILITIES": facilities.id(), "OUTPUT": "TEMPORARY_OUTPUT"}
    fine, outputs, feedback = run(algorithms["service_areas"], values, context)
    assert not fine
    assert not outputs.get("OUTPUT")
    assert re.search(word, "\n".join(feedback.errors))


@pytest.mark.parametrize("value", ["0", "-400", "1000000", "vierhonderd", "", "nan", "inf", "400,,x"])
def test_a_walking_distance_that_cannot_be_is_refused_before_and_at_the_run(
    algorithms, fake, network, facilities, context, value
):
    log = fake("good")
    values = {"NETWORK": network, "FACILITIES": facilities.id(), "LIMITS_M": value, "OUTPUT": "TEMPORARY_OUTPUT"}
    fine, message = algorithms["service_areas"].checkParameterValues(values, context)
    assert not fine
    assert message
    fine, _outputs, feedback = run(algorithms["service_areas"], values, context)
    assert not fine
    assert feedback.errors
    assert log() == []


@pytest.mark.parametrize("value", [400, 400.0, "400", " 400 ", "400, 800"])
def test_400_is_400(plugin, value):
    from geowoonzorg_qgis.parameters import parse_metres

    assert parse_metres(str(value))[0] == 400.0


def test_degrees_to_work_in_are_refused(algorithms, network, facilities, context):
    values = {"NETWORK": network, "FACILITIES": facilities.id(), "CRS": "EPSG:4326", "OUTPUT": "TEMPORARY_OUTPUT"}
    fine, message = algorithms["service_areas"].checkParameterValues(values, context)
    assert not fine
    assert "graden" in message


def test_a_layer_without_reference_system_is_refused_before_the_run(algorithms, network, context):
    from qgis.core import QgsCoordinateReferenceSystem, QgsProject

    layer = memory("Point?field=id:string", [("POINT(1 2)", ["a"])])
    layer.setCrs(QgsCoordinateReferenceSystem())
    QgsProject.instance().addMapLayer(layer, False)
    values = {"NETWORK": network, "FACILITIES": layer.id(), "OUTPUT": "TEMPORARY_OUTPUT"}
    fine, message = algorithms["service_areas"].checkParameterValues(values, context)
    assert not fine
    assert "coördinatenstelsel" in message
    QgsProject.instance().removeMapLayer(layer.id())


@pytest.mark.parametrize("given", [{}, {"NETWORK": "/no/such.osm.pbf"}])
def test_a_network_that_is_not_there_is_told_before_the_run(algorithms, facilities, context, given):
    values = {**given, "FACILITIES": facilities.id(), "OUTPUT": "TEMPORARY_OUTPUT"}
    fine, message = algorithms["service_areas"].checkParameterValues(values, context)
    assert not fine
    assert "looproutenetwerk" in message.lower()


def test_without_an_engine_the_plugin_loads_and_says_what_to_do(algorithms, network, facilities, context, monkeypatch):
    from geowoonzorg_qgis import engine

    monkeypatch.delenv(engine.VARIABLE, raising=False)
    engine.forget_found()
    values = {"NETWORK": network, "FACILITIES": facilities.id(), "OUTPUT": "TEMPORARY_OUTPUT"}
    fine, _outputs, feedback = run(algorithms["service_areas"], values, context)
    assert not fine
    assert "pip install" in "\n".join(feedback.errors)


def test_an_output_folder_without_permission_is_told(algorithms, fake, output, network, facilities, context):
    fake("good")
    values = {"NETWORK": network, "FACILITIES": facilities.id(), "OUTPUT": "/proc/nowhere/out.gpkg"}
    fine, _outputs, feedback = run(algorithms["service_areas"], values, context)
    assert not fine
    assert "/proc/nowhere/out.gpkg" in "\n".join(feedback.errors)


def test_an_output_is_styled_named_and_says_where_it_came_from(algorithms, fake, output, network, facilities, context):
    from geowoonzorg_qgis import finish
    from qgis.core import QgsProcessingContext, QgsProject

    fake("good")
    destination = "TEMPORARY_OUTPUT"
    from qgis.core import QgsProcessingOutputLayerDefinition

    loaded = QgsProcessingOutputLayerDefinition(destination, QgsProject.instance())
    values = {"NETWORK": network, "FACILITIES": facilities.id(), "OUTPUT": loaded}
    fine, outputs, feedback = run(algorithms["service_areas"], values, context)
    assert fine, feedback.errors
    details = context.layerToLoadOnCompletionDetails(outputs["OUTPUT"])
    assert details.name == "Verzorgingsgebieden"
    layer = context.takeResultLayer(outputs["OUTPUT"])
    details.postProcessor().postProcessLayer(layer, QgsProcessingContext(), feedback)
    assert finish._kept == {}
    assert layer.renderer().type() == "RuleRenderer"  # by limit
    assert layer.attributeAlias(layer.fields().lookupField("length_m")) == "Lengte langs straten (m)"
    assert "geowoonzorg 0.2.0" in layer.metadata().abstract()
    assert network in layer.metadata().abstract()


def test_the_plugin_goes_and_comes_back_without_a_trace(plugin):
    from qgis.core import QgsApplication

    registry = QgsApplication.processingRegistry()
    plugin.unload()
    assert registry.providerById("geowoonzorg") is None
    assert plugin.translator is None
    plugin.__init__(None)
    plugin.initProcessing()
    assert registry.providerById("geowoonzorg").algorithms()
