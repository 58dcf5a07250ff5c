"""What the algorithms share that put a study.toml in a folder: where it goes, and what was written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qgis.core import QgsProcessingOutputFile, QgsProcessingOutputString, QgsProcessingParameterFolderDestination

from .algorithm import Call, EngineAlgorithm
from .texts import tr


class StudyFolderAlgorithm(EngineAlgorithm):
    """An algorithm whose engine output is a folder with a ``study.toml``."""

    FOLDER = "FOLDER"

    def initAlgorithm(self, configuration=None) -> None:
        """Declare the folder, the study in it, and the text."""
        super().initAlgorithm(configuration)
        folder = QgsProcessingParameterFolderDestination(self.FOLDER, tr("Folder of the study"))
        folder.setHelp(tr("Gets study.toml, and the files that belong to it."))
        self.addParameter(folder)
        self.addOutput(QgsProcessingOutputFile("STUDY", tr("Study (study.toml)")))
        self.addOutput(QgsProcessingOutputString("REPORT", tr("What was found")))

    def deliver(self, call: Call, outcome: dict) -> dict[str, Any]:
        """Name the study, and show in the log what was said."""
        text = str(outcome.get("message", ""))
        call.feedback.pushInfo(text)
        folder = Path(call.text(self.FOLDER))
        results = {self.FOLDER: str(folder), "REPORT": text}
        study = folder / "study.toml"
        return {**results, "STUDY": str(study)} if study.is_file() else results
