"""The walking network: what was read, what was dropped and why."""

from qgis.core import QgsProcessingOutputString, QgsProcessingParameterFileDestination

from .. import parameters
from ..algorithm import EngineAlgorithm
from ..texts import tr


class Network(EngineAlgorithm):
    """``geowoonzorg network``."""

    ident = "network"
    command = "network"
    subject = "walking"
    tags_ = ("looproutenetwerk", "netwerk", "straten", "walking network")

    def title(self):
        """Give the name in the toolbox."""
        return tr("Walking network")

    def summary(self):
        """Say what it does."""
        return tr(
            "Makes the walking network for someone who walks as the profile says, tells what was dropped and why, and keeps it "
            "in a file that later steps read at once."
        )

    def inputs(self):
        """Declare the parameters."""
        return [
            *parameters.network(),
            *parameters.profile("walking", title=tr("Who walks"), default="rollator"),
            parameters.crs(),
        ]

    def initAlgorithm(self, configuration=None):
        """Declare the file and the text."""
        super().initAlgorithm(configuration)
        saved = QgsProcessingParameterFileDestination("OUTPUT", tr("Network file"), "Geowoonzorg (*.npz)")
        saved.setHelp(tr("Choose it as walking network in the other algorithms."))
        self.addParameter(saved)
        self.addOutput(QgsProcessingOutputString("REPORT", tr("What was found")))

    def arguments(self, call):
        """Give the command line."""
        own = [argument for parameter in self._inputs() for argument in parameter.arguments(call)]
        return [self.command, *own, "-o", call.text("OUTPUT")]

    def deliver(self, call, outcome):
        """Show the counts in the log."""
        text = str(outcome.get("message", ""))
        call.feedback.pushInfo(text)
        return {"OUTPUT": call.text("OUTPUT"), "REPORT": text}
