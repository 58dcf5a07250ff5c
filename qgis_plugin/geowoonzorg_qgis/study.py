"""What the algorithms share that do a whole study: its folder, its layers, its map and report."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from qgis.core import (
    QgsProcessing,
    QgsProcessingException,
    QgsProcessingOutputFile,
    QgsProcessingOutputHtml,
    QgsProcessingParameterFolderDestination,
    QgsProcessingUtils,
)

from .algorithm import Call, EngineAlgorithm, Output
from .texts import tr

FOLDER = "FOLDER"
MAP, REPORT, SCORES, RESULT = "MAP", "REPORT", "SCORES", "RESULT"
FILES = {MAP: "map.html", REPORT: "report.html", SCORES: "scores.csv", RESULT: "result.gpkg"}


class StudyAlgorithm(EngineAlgorithm):
    """An algorithm whose engine output is a folder: result.gpkg, map.html, report.html, scores.csv."""

    def outputs(self) -> list[Output]:
        """Declare the layers of ``result.gpkg``."""
        kinds = QgsProcessing.SourceType
        return [
            Output(
                "OUT_AREAS",
                "areas",
                tr("Buurten"),
                tr("Buurten or wijken with their liveability and the balance of vragers and dragers."),
                "areas",
                kinds.TypeVectorPolygon,
                optional=True,
            ),
            Output(
                "OUT_SERVICE_AREAS",
                "service_areas",
                tr("Service areas"),
                tr("What lies within walking distance of each facility."),
                "service_areas",
                optional=True,
            ),
            Output(
                "OUT_SITE_AREAS",
                "site_areas",
                tr("Within walking distance of the sites"),
                tr("What can be walked to from each site, per limit."),
                "site_areas",
                kinds.TypeVectorPolygon,
                optional=True,
                offered=False,
            ),
            Output(
                "OUT_ROUTES",
                "routes",
                tr("Walks from the sites"),
                tr(
                    "From each site the walk to the nearest facility of each class, with steps, kerbs, benches and what is unknown."
                ),
                "route",
                kinds.TypeVectorLine,
                optional=True,
                offered=False,
            ),
            Output("OUT_FACILITIES", "facilities", tr("Facilities"), tr("The facilities used."), "facilities", optional=True),
            Output(
                "OUT_ADDRESSES",
                "addresses",
                tr("Addresses"),
                tr("Where people live, as far as the study uses it."),
                "addresses",
                kinds.TypeVectorPoint,
                optional=True,
                offered=False,
            ),
            Output(
                "OUT_CRITERIA",
                "criteria",
                tr("Parts of the scores"),
                tr("Per site and criterion what was measured, its weight and points, and why a figure is not known."),
                "criteria",
                kinds.TypeVector,
                optional=True,
            ),
            Output(
                "OUT_SITES",
                "sites",
                tr("Sites"),
                tr("The candidate sites with score, rank, rank interval, and every criterion's part in it."),
                "sites",
            ),
        ]

    def initAlgorithm(self, configuration=None) -> None:
        """Declare the folder and the files in it too."""
        super().initAlgorithm(configuration)
        folder = QgsProcessingParameterFolderDestination(FOLDER, tr("Folder for map, report and results"))
        folder.setHelp(tr("Gets map.html, report.html, scores.csv, provenance.json and result.gpkg."))
        self.addParameter(folder)
        self.addOutput(QgsProcessingOutputHtml(MAP, tr("Map (Folium)")))
        self.addOutput(QgsProcessingOutputHtml(REPORT, tr("Report")))
        self.addOutput(QgsProcessingOutputFile(SCORES, tr("Scores (csv)")))
        self.addOutput(QgsProcessingOutputFile(RESULT, tr("Results (GeoPackage)")))

    def target(self, call: Call) -> Path:
        """Give the output folder, made if it was not there."""
        target = Path(call.text(FOLDER))
        target.mkdir(parents=True, exist_ok=True)
        return target

    def run_arguments(self, call: Call) -> list[str]:
        """Give the arguments that every study command has."""
        return ["--out", str(self.target(call))]

    def deliver(self, call: Call, outcome: dict) -> dict[str, Any]:
        """Load the layers from a copy: an open GeoPackage could not be replaced by the next run."""
        target = self.target(call)
        result = target / FILES[RESULT]
        if not result.is_file():
            raise QgsProcessingException(tr("The engine wrote no {file}.").format(file=result))
        copy = call.folder / "result.gpkg"
        shutil.copyfile(result, copy)
        results = self.deliver_layers(call, copy, outcome)
        if target.is_relative_to(QgsProcessingUtils.tempFolder()):
            said = tr("{folder} is a temporary folder: it is gone when QGIS closes. Choose a folder to keep map and results.")
            call.feedback.pushWarning(said.format(folder=target))
        files = {name: str(target / file) for name, file in FILES.items() if (target / file).is_file()}
        return {**results, **files, FOLDER: str(target)}

    def provenance(self, call: Call, outcome: dict) -> dict[str, str]:
        """Add what the engine wrote down itself."""
        said = super().provenance(call, outcome)
        try:
            text = (self.target(call) / "provenance.json").read_text(encoding="utf-8")
        except OSError:
            return said
        return {**said, "provenance": text}


def toml_lines(tables: dict[str, dict[str, Any] | list[dict[str, Any]]]) -> str:
    """Write tables as TOML; what is None or empty is left out.

    Examples
    --------
    >>> print(toml_lines({"network": {"source": "a.osm", "limits_m": [400.0], "profile": None}}))
    [network]
    source = "a.osm"
    limits_m = [400.0]
    <BLANKLINE>
    """
    lines = []
    for name, content in tables.items():
        for table in content if isinstance(content, list) else [content]:
            lines.append(f"[[{name}]]" if isinstance(content, list) else f"[{name}]")
            lines += [f"{key} = {toml_value(value)}" for key, value in table.items() if value not in (None, "", [])]
            lines.append("")
    return "\n".join(lines)


def toml_value(value: object) -> str:
    """Write one value as TOML; its strings, numbers, booleans and lists are JSON's, but for the control character DEL."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{toml_value(key)} = {toml_value(one)}" for key, one in value.items()) + "}"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
