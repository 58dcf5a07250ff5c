"""Every destination of every algorithm: given, temporary or left out; from a script, a dialog, a model and qgis_process; in both
languages.

What an algorithm returns must be there. The engine is the fake one, which writes whatever it is told to where it is told.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from conftest import FAKE, ROOT
from test_layers import memory

TEMPORARY = "TEMPORARY_OUTPUT"
WITH_DESTINATIONS = (
    "balance", "demo", "facilities", "indicators", "nearest", "network", "route", "run_study", "score_sites", "service_areas",
)  # fmt: skip
#: What asks a whole study takes long: `test_questions` and
#: `test_every_question` run each, with and without its destinations.
ELSEWHERE = {
    "search", "locate", "what_if", "programme", "compare", "region", "coverage", "matrix", "within", "k_nearest", "snap", "reconcile",
    "plausibility", "sources", "fetch_sources", "init", "service_rings", "area_difference",
    "network_lines",
}  # fmt: skip
WAYS = ("given", "temporary", "left out")
FILES = {"MAP": "map.html", "REPORT": "report.html", "SCORES": "scores.csv", "RESULT": "result.gpkg"}


def write(layer, path: Path, name: str) -> None:
    from qgis.core import QgsCoordinateTransformContext, QgsVectorFileWriter

    options = QgsVectorFileWriter.SaveVectorOptions()
    options.driverName, options.layerName = "GPKG", name
    if path.exists():
        options.actionOnExistingFile = QgsVectorFileWriter.ActionOnExistingFile.CreateOrOverwriteLayer
    QgsVectorFileWriter.writeAsVectorFormatV3(layer, str(path), QgsCoordinateTransformContext(), options)


@pytest.fixture
def inputs(algorithms, fake, monkeypatch, tmp_path):
    """Give what every algorithm asks, by the parameter's name, and let the fake engine write every layer there is."""
    folder = tmp_path / "in"
    folder.mkdir()
    points = memory("Point?crs=EPSG:28992&field=id:string", [("POINT(1 2)", ["a"])])
    for layer in {output.layer for algorithm in algorithms.values() for output in algorithm.outputs()}:
        write(points, folder / "engine.gpkg", layer)
    monkeypatch.setenv("FAKE_OUTPUT", str(folder / "engine.gpkg"))
    fake("good")
    write(points, folder / "punten.gpkg", "punten")
    write(memory("Polygon?crs=EPSG:28992&field=code:string", [("POLYGON((0 0, 1 0, 1 1, 0 0))", ["BU01660000"])]),
          folder / "buurten.gpkg", "buurten")  # fmt: skip
    for name in ("straten.osm.pbf", "study.toml"):
        (folder / name).write_bytes(b"the fake engine reads nothing")
    given = dict.fromkeys(("ORIGINS", "FACILITIES", "SITES"), str(folder / "punten.gpkg"))
    given |= dict.fromkeys(("NETWORK", "OSM"), str(folder / "straten.osm.pbf"))
    return {**given, "STUDY": str(folder / "study.toml"), "AREAS": str(folder / "buurten.gpkg")}


@pytest.fixture
def spoken(fake):
    """Give the languages that the engine was asked to speak."""
    log = fake("good")

    def languages() -> set[str]:
        lines = [said["argv"] for said in log() if "--lang" in said.get("argv", [])]
        return {line[line.index("--lang") + 1] for line in lines}

    return languages


def asked(algorithm, inputs) -> dict[str, str]:
    names = {definition.name() for definition in algorithm.parameterDefinitions()}
    return {name: value for name, value in inputs.items() if name in names}


def destinations(algorithm, way: str, folder: Path) -> dict[str, str | None]:
    """Give a value to every destination; what may not be left out is then given."""
    endings = {"file": ".npz", "folder": "", "sink": ".gpkg"}
    chosen = {}
    for definition in algorithm.destinationParameterDefinitions():
        optional = bool(definition.flags() & definition.Flag.FlagOptional)
        if way == "left out" and optional:
            chosen[definition.name()] = None
        elif way == "temporary":
            chosen[definition.name()] = TEMPORARY
        else:
            kind = next(kind for kind in endings if kind in definition.type().lower())
            chosen[definition.name()] = str(folder / f"mijn {definition.name().lower()}{endings[kind]}")
    return chosen


def check_results(algorithm, values: dict, results: dict, layer_of) -> None:
    """Check that everything that was asked for and named is there, and nothing that was left out."""
    for definition in algorithm.destinationParameterDefinitions():
        name, value = definition.name(), values[definition.name()]
        if value is None:
            assert not results.get(name), name
        elif "sink" in definition.type().lower():
            assert layer_of(results[name]) == 1, name
        else:
            assert Path(results[name]).exists(), name
        if value not in (None, TEMPORARY):
            assert str(results[name]).startswith(value)
    if "FOLDER" in results:
        for name, file in FILES.items():
            assert Path(results[name]) == Path(results["FOLDER"]) / file
            assert Path(results[name]).is_file()


def count(layer) -> int:
    """Count the features of a result: a layer, or the path of one."""
    from qgis.core import QgsVectorLayer

    return (QgsVectorLayer(layer, "out", "ogr") if isinstance(layer, str) else layer).featureCount()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", WITH_DESTINATIONS)
def test_results_of_a_script_are_there(algorithms, language, spoken, inputs, qgis_processing, tmp_path, name, way):
    import processing

    algorithm = algorithms[name]
    chosen = destinations(algorithm, way, tmp_path)
    results = processing.run(f"geowoonzorg:{name}", {**asked(algorithm, inputs), **chosen})
    check_results(algorithm, chosen, results, count)
    assert spoken() == {language}


def test_no_algorithm_with_a_destination_is_forgotten(algorithms):
    there = {name for name, one in algorithms.items() if one.destinationParameterDefinitions()}
    assert there - ELSEWHERE == set(WITH_DESTINATIONS)
    assert there >= ELSEWHERE


@pytest.mark.parametrize("name", WITH_DESTINATIONS)
def test_results_of_the_dialog_as_it_opens_are_there(algorithms, language, spoken, inputs, qgis_processing, monkeypatch, name):
    """What the toolbox's dialog hands over when nothing but the inputs is filled in."""
    import processing
    from qgis.gui import QgsBrowserGuiModel
    from qgis.utils import iface

    model = QgsBrowserGuiModel()
    monkeypatch.setattr(iface, "browserModel", lambda: model)
    algorithm = algorithms[name]
    dialog = processing.createAlgorithmDialog(f"geowoonzorg:{name}", asked(algorithm, inputs))
    values = dialog.createProcessingParameters()
    results = processing.run(f"geowoonzorg:{name}", values)
    chosen = {
        definition.name(): TEMPORARY if _is_asked(values.get(definition.name())) else None
        for definition in algorithm.destinationParameterDefinitions()
    }
    assert TEMPORARY in chosen.values()
    check_results(algorithm, chosen, results, count)
    assert spoken() == {language}
    dialog.close()


def _is_asked(value) -> bool:
    return bool(value.sink.staticValue() if hasattr(value, "sink") else value)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", WITH_DESTINATIONS)
def test_results_of_a_model_are_there(algorithms, language, spoken, inputs, tmp_path, name, way):
    from qgis.core import (
        QgsProcessingContext,
        QgsProcessingModelAlgorithm,
        QgsProcessingModelChildAlgorithm,
        QgsProcessingModelChildParameterSource,
        QgsProcessingModelOutput,
        QgsProject,
    )

    from test_algorithms import run

    algorithm = algorithms[name]
    chosen = destinations(algorithm, way, tmp_path)
    child = QgsProcessingModelChildAlgorithm(f"geowoonzorg:{name}")
    child.setChildId("step")
    static = QgsProcessingModelChildParameterSource.fromStaticValue
    for parameter, value in asked(algorithm, inputs).items():
        child.addParameterSources(parameter, [static(value)])
    outputs = {}
    for destination, value in chosen.items():
        if value is not None:
            outputs[destination] = QgsProcessingModelOutput(destination, destination)
            outputs[destination].setChildId("step")
            outputs[destination].setChildOutputName(destination)
    child.setModelOutputs(outputs)
    model = QgsProcessingModelAlgorithm()
    model.addChildAlgorithm(child)
    model.updateDestinationParameters()
    context = QgsProcessingContext()
    context.setProject(QgsProject.instance())
    names = {d.description(): d.name() for d in model.destinationParameterDefinitions()}
    fine, results, feedback = run(model, {names[key]: value for key, value in chosen.items() if value is not None}, context)
    assert fine, feedback.errors
    found = {key: results[names[key]] for key in outputs}

    def rows(result: str) -> int:
        layer = context.takeResultLayer(result)
        return count(layer if layer is not None else result)

    check_results(algorithm, chosen, {**dict.fromkeys(chosen), **found, **_files(found)}, rows)
    assert spoken() == {language}


def _files(results: dict[str, str]) -> dict[str, str]:
    """Name the files in a study's folder, which a model does not hand on by itself."""
    folder = results.get("FOLDER")
    return {name: str(Path(folder) / file) for name, file in FILES.items()} if folder else {}


@pytest.fixture(scope="module")
def enabled():
    """Put the plugin on for qgis_process."""
    subprocess.run(["qgis_process.bin", "plugins", "enable", "geowoonzorg_qgis"], check=False, capture_output=True)


@pytest.mark.parametrize(("way", "own"), [*((way, "nl") for way in WAYS), ("given", "en")])
@pytest.mark.parametrize("name", WITH_DESTINATIONS)
def test_results_of_qgis_process_are_there(algorithms, enabled, spoken, inputs, tmp_path, name, way, own):
    """In the process itself a temporary layer ends with it: there only files and folders can be looked for."""
    from geowoonzorg_qgis import settings
    from qgis.PyQt.QtCore import QSettings

    algorithm = algorithms[name]
    chosen = destinations(algorithm, way, tmp_path)
    values = {**asked(algorithm, inputs), **{key: value for key, value in chosen.items() if value is not None}}
    environment = {
        **os.environ,
        "GEOWOONZORG_PYTHON": str(FAKE),
        "FAKE_ENGINE": "good",
        "TMPDIR": str(tmp_path),
        "LC_ALL": f"{own}.UTF-8",
    }
    line = ["qgis_process.bin", "run", f"geowoonzorg:{name}", "--", *(f"{key}={value}" for key, value in values.items())]
    settings.put("language", own)  # it is one profile: what was chosen in a window is spoken here, too
    QSettings().sync()
    try:
        done = subprocess.run(line, env=environment, capture_output=True, text=True, check=False, cwd=ROOT)
    finally:
        settings.put("language", "nl")
    assert done.returncode == 0, done.stdout + done.stderr
    said = done.stdout.partition("Results")[2].splitlines()
    results = dict(line.split(":\t", 1) for line in said if ":\t" in line)
    assert set(chosen) - {key for key, value in chosen.items() if value is None} <= set(results)
    if way != "temporary":
        check_results(algorithm, chosen, results, count)
    assert spoken() == {own}
