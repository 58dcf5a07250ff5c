"""Walks held against the averages over car roads that CBS publishes."""

from qgis.core import QgsProcessing

from .. import question
from ..algorithm import EngineAlgorithm, Output
from ..texts import tr


class Plausibility(EngineAlgorithm):
    """``geowoonzorg plausibility``."""

    ident = "plausibility"
    command = "plausibility"
    subject = "data"
    tags_ = ("controle", "cbs", "nabijheid", "plausibel", "check")

    def title(self):
        """Give the name in the toolbox."""
        return tr("Hold walks against CBS")

    def summary(self):
        """Say what it does."""
        return tr(
            "Holds the walks of a study against the average distances over car roads that CBS publishes, per area and class. "
            "A walk that is much shorter or longer than the road is worth a look: a facility that is missing, a path that is not "
            "drawn, or figures of another year."
        )

    def inputs(self):
        """Declare the parameters."""
        return [question.study()]

    def outputs(self):
        """Declare the table."""
        text = tr("One row an area and class: both distances, and whether they go together.")
        kind = QgsProcessing.SourceType.TypeVector
        return [Output("OUTPUT", "plausibility", tr("Walks and CBS"), text, geometry=kind, file="plausibility.csv")]

    def arguments(self, call):
        """Give the command line: a table, where others give a GeoPackage."""
        own = [argument for parameter in self._inputs() for argument in parameter.arguments(call)]
        return [self.command, *own, "-o", str(call.folder / "plausibility.csv")]

    def deliver(self, call, outcome):
        """Say what was found, and load the table."""
        call.feedback.pushInfo(str(outcome.get("message", "")))
        return self.deliver_layers(call, call.folder, outcome)
