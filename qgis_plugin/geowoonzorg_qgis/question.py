"""What the algorithms share that ask a question: its options, its folder, and what is loaded of the answer."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from qgis.core import (
    QgsMapLayer,
    QgsProcessing,
    QgsProcessingOutputHtml,
    QgsProcessingOutputString,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterFile,
    QgsProcessingParameterFolderDestination,
    QgsProcessingParameterMultipleLayers,
    QgsProcessingParameterNumber,
    QgsProcessingParameterString,
    QgsRasterLayer,
)

from . import given, layers, parameters, rasters
from .algorithm import Call, EngineAlgorithm
from .parameters import Parameter, described
from .texts import tr

FOLDER = "FOLDER"
PAGES = {"MAP": "map.html", "REPORT_PAGE": "report.html"}


class QuestionAlgorithm(EngineAlgorithm):
    """An algorithm whose engine output is a folder, or a GeoPackage with files beside it (``file``)."""

    file = ""

    def initAlgorithm(self, configuration=None) -> None:
        """Declare the folder, the answer in words and the pages too."""
        super().initAlgorithm(configuration)
        folder = QgsProcessingParameterFolderDestination(FOLDER, tr("Folder for the whole answer"), optional=True)
        folder.setHelp(tr("Gets every file of the answer: page, tables, layers and where the numbers come from."))
        self.addParameter(folder)
        self.addOutput(QgsProcessingOutputString("REPORT", tr("What was found")))
        for name, title in {"MAP": tr("Map (Folium)"), "REPORT_PAGE": tr("Report")}.items():
            self.addOutput(QgsProcessingOutputHtml(name, title))

    def arguments(self, call: Call) -> list[str]:
        """Give the command line."""
        own = [argument for parameter in self._inputs() for argument in parameter.arguments(call)]
        target = self.target(call)
        return [self.command, *own, *(["-o", str(target / self.file)] if self.file else ["--out", str(target)])]

    def target(self, call: Call) -> Path:
        """Give the folder of the answer, made if it was not there; without one of the user's the run's own."""
        target = Path(call.text(FOLDER)) if call.is_given(FOLDER) else call.folder / "answer"
        target.mkdir(parents=True, exist_ok=True)
        return target

    def deliver(self, call: Call, outcome: dict) -> dict[str, Any]:
        """Load what was asked for, from a copy: an open GeoPackage could not be replaced by the next run."""
        target = self.target(call)
        copies = call.folder / "copies"
        copies.mkdir()
        for name in {output.file for output in self.outputs()}:
            if (target / name).is_file():
                shutil.copyfile(target / name, copies / name)
        lines = str(outcome.get("message", "")).splitlines()
        if not call.is_given(FOLDER):  # its files will be gone
            lines = [line for line in lines if str(target) not in line]
        text = "\n".join(lines).strip()
        call.feedback.pushInfo(text)
        results = {**self.deliver_layers(call, copies, outcome), "REPORT": text}
        if call.is_given(FOLDER):
            pages = {name: str(target / file) for name, file in PAGES.items() if (target / file).is_file()}
            results = {**results, **pages, FOLDER: str(target)}
        return results

    def provenance(self, call: Call, outcome: dict) -> dict[str, str]:
        """Add what the engine wrote down itself."""
        said = super().provenance(call, outcome)
        try:
            return {**said, "provenance": (self.target(call) / "provenance.json").read_text(encoding="utf-8")}
        except OSError:
            return said


def study() -> Parameter:
    """Ask for the study that is asked."""
    text = tr("The study's file; the paths in it are relative to its own folder.")
    return parameters.file("STUDY", tr("Study (study.toml)"), text, filter_="TOML (*.toml)")


def force() -> Parameter:
    """Ask whether files of others may be replaced."""
    definition = QgsProcessingParameterBoolean("FORCE", tr("Replace files no earlier run wrote"), defaultValue=False)
    help_ = tr("Without this the run refuses a folder that holds other files of the same names.")
    return Parameter(described(definition, help_, advanced=True), lambda call: ["--force"] if call.flag("FORCE") else [])


def in_tiles() -> list[Parameter]:
    """Ask whether the question is asked tile by tile, on from a stop, or on a cluster: the answer is the same."""
    return [
        number(
            "TILES_KM",
            tr("In tiles of (km)"),
            tr("Less memory at a time, for a province or the country; the numbers are the same."),
            least=0.1,
            advanced=True,
        ),
        words(
            "PARTS",
            tr("Folder for what is done"),
            tr("What each tile gave is kept there: after a stop the same run goes on where it was."),
        ),
        words(
            "SCHEDULER",
            tr("Dask scheduler"),
            tr("The address of a Dask cluster that does the tiles, such as tcp://10.0.0.1:8786."),
        ),
    ]


def number(
    name: str, title: str, text: str, *, whole: bool = False, least: float | None = None, advanced: bool = False
) -> Parameter:
    """Ask for a number; empty: what the study says. The engine's option is named as the parameter."""
    kind = QgsProcessingParameterNumber.Type.Integer if whole else QgsProcessingParameterNumber.Type.Double
    definition = QgsProcessingParameterNumber(name, title, kind, defaultValue=None, optional=True)
    if least is not None:
        definition.setMinimum(least)

    def arguments(call: Call) -> list[str]:
        value = call.number(name)
        return [] if value is None else [option_of(name), f"{value:.15g}"]

    return Parameter(described(definition, text, advanced=advanced), arguments)


def choice(name: str, title: str, text: str, options: dict[str, str], *, advanced: bool = False) -> Parameter:
    """Ask to choose one of some keywords, of which the first is what the study says."""
    definition = parameters.keywords(
        name, title, {parameters.AS_STUDY: tr("As the study says"), **options}, default=parameters.AS_STUDY
    )

    def arguments(call: Call) -> list[str]:
        chosen = call.text(name)
        return [] if chosen == parameters.AS_STUDY else [option_of(name), chosen]

    return Parameter(described(definition, text, advanced=advanced), arguments)


def yes(name: str, title: str, text: str) -> Parameter:
    """Ask to tick what the engine would not do of itself."""
    definition = QgsProcessingParameterBoolean(name, title, defaultValue=False)

    def arguments(call: Call) -> list[str]:
        return [option_of(name), "true"] if call.flag(name) else []

    return Parameter(described(definition, text, advanced=True), arguments)


def words(name: str, title: str, text: str, *, several: bool = False) -> Parameter:
    """Ask for a word, or several with a semicolon between them."""
    definition = QgsProcessingParameterString(name, title, optional=True)

    def arguments(call: Call) -> list[str]:
        given = call.text(name).split(";") if several else [call.text(name)]
        return [part for one in given if one.strip() for part in (option_of(name), one.strip())]

    return Parameter(described(definition, text, advanced=True), arguments)


def run_folder(name: str, title: str, text: str) -> Parameter:
    """Ask for the folder of an earlier run."""
    definition = QgsProcessingParameterFile(name, title, QgsProcessingParameterFile.Behavior.Folder)

    def check(call: Call) -> str | None:
        path = call.text(name)
        if path and Path(path).is_dir():
            return None
        return tr("{parameter}: {path} is not there.").format(parameter=title, path=path)

    return Parameter(described(definition, text), lambda call: [call.text(name)], check)


def layer(name: str, title: str, text: str, kinds: tuple, *, advanced: bool = False) -> Parameter:
    """Ask for a layer of the project, handed over as QGIS shows it."""
    definition = QgsProcessingParameterFeatureSource(name, title, list(kinds), optional=True)

    def arguments(call: Call) -> list[str]:
        return [option_of(name), given.places_path(call, name, title)] if call.is_given(name) else []

    def check(call: Call) -> str | None:
        return call.crs_problem(name, title) if call.is_given(name) else None

    return Parameter(described(definition, text, advanced=advanced), arguments, check)


def grounds(name: str, title: str, text: str) -> Parameter:
    """Ask for layers that say where: polygons, handed over as QGIS shows them, or GeoTIFFs on disk."""
    definition = QgsProcessingParameterMultipleLayers(name, title, QgsProcessing.SourceType.TypeMapLayer, optional=True)

    def given(call: Call) -> list:
        return call.algorithm.parameterAsLayerList(call.values, name, call.context) if call.is_given(name) else []

    def arguments(call: Call) -> list[str]:
        paths = []
        for place, one in enumerate(given(call)):
            shown = f"{title}: {one.name()}"
            if isinstance(one, QgsRasterLayer):
                path = rasters.own_geotiff(one) or rasters.write(
                    one, str(call.folder / f"{name.lower()}{place}.tif"), title=shown
                )
                paths.append(path)
                call.call_it(path, shown)
                continue
            path = str(call.folder / f"{name.lower()}{place}.gpkg")
            paths.append(layers.hand_over(one, path, title=shown, feedback=call.feedback))
            call.call_it(path, shown)
        return [part for path in paths for part in (option_of(name), path)]

    def check(call: Call) -> str | None:
        if call.is_given(name) and not given(call):
            return tr("{parameter}: a layer could not be opened.").format(parameter=title)
        return next(filter(None, (_ground_problem(one, f"{title}: {one.name()}") for one in given(call))), None)

    return Parameter(described(definition, text), arguments, check)


def _ground_problem(one: QgsMapLayer, shown: str) -> str | None:
    if not isinstance(one, QgsRasterLayer):
        return layers.crs_problem(one, shown)
    return None if rasters.own_geotiff(one) else rasters.problem(one, shown)


def option_of(name: str) -> str:
    """Give the engine's option of a parameter: ``--cell-m`` of ``CELL_M``."""
    return "--" + name.lower().replace("_", "-")
