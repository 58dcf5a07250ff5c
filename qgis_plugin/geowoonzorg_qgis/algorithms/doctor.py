"""Whether the engine beside QGIS is there and sound."""

from qgis.core import Qgis, QgsProcessingOutputBoolean, QgsProcessingOutputString

from .. import engine, settings
from ..algorithm import EngineAlgorithm
from ..texts import tr


class Doctor(EngineAlgorithm):
    """``geowoonzorg doctor``."""

    ident = "doctor"
    command = "doctor"
    subject = "engine"
    tags_ = ("omgeving", "installatie", "engine", "versie", "version")

    def title(self):
        """Give the name in the toolbox."""
        return tr("Check the engine and its environment")

    def summary(self):
        """Say what it does."""
        return tr(
            "Tells which engine is used and who named it, its version and those of its libraries, and tests the coordinates. "
            "Use it after installing, and add its text to a question or report."
        )

    def initAlgorithm(self, configuration=None):
        """Declare what comes out."""
        super().initAlgorithm(configuration)
        self.addOutput(QgsProcessingOutputBoolean("HEALTHY", tr("Sound")))
        self.addOutput(QgsProcessingOutputString("REPORT", tr("What was found")))

    def arguments(self, _call):
        """Give the command line."""
        return [self.command]

    def deliver(self, call, outcome):
        """Show what was found in the log."""
        found = engine.find()
        lines = [
            f"QGIS {Qgis.QGIS_VERSION}, geowoonzorg_qgis {settings.plugin_version()}",
            tr("Engine {version}, from {origin}: {python}").format(
                version=found.version, origin=found.origin, python=found.python
            ),
            str(outcome.get("message", "")),
        ]
        for line in lines:
            call.feedback.pushInfo(line)
        return {"HEALTHY": bool(outcome.get("healthy", False)), "REPORT": "\n".join(lines)}
