"""Every problem of a study at once."""

from qgis.core import QgsProcessingOutputString

from .. import parameters
from ..algorithm import EngineAlgorithm
from ..texts import tr


class CheckStudy(EngineAlgorithm):
    """``geowoonzorg check``."""

    ident = "check_study"
    command = "check"
    subject = "sites"
    tags_ = ("studie", "controleren", "study.toml")

    def title(self):
        """Give the name in the toolbox."""
        return tr("Check a study")

    def summary(self):
        """Say what it does."""
        return tr("Tells every problem of a study.toml at once, and computes nothing.")

    def inputs(self):
        """Declare the parameters."""
        text = tr("The study's file; the paths in it are relative to its own folder.")
        return [parameters.file("STUDY", tr("Study (study.toml)"), text, filter_="TOML (*.toml)")]

    def initAlgorithm(self, configuration=None):
        """Declare the text too."""
        super().initAlgorithm(configuration)
        self.addOutput(QgsProcessingOutputString("REPORT", tr("What was found")))

    def arguments(self, call):
        """Give the command line."""
        return [self.command, call.text("STUDY")]

    def deliver(self, call, outcome):
        """Show what was found in the log."""
        text = str(outcome.get("message", ""))
        call.feedback.pushInfo(text)
        return {"REPORT": text}
