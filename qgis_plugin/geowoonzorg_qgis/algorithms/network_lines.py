"""The walking network as layers to look at and to edit."""

from qgis.core import QgsProcessing

from .. import parameters
from ..algorithm import EngineAlgorithm, Output
from ..texts import tr


class NetworkLines(EngineAlgorithm):
    """``geowoonzorg network --lines``."""

    ident = "network_lines"
    command = "network"
    subject = "walking"
    tags_ = ("looproutenetwerk", "straten", "lijnen", "bewerken", "weggelaten", "barriere", "edit", "dropped")

    def title(self):
        """Give the name in the toolbox."""
        return tr("Walking network as layers")

    def summary(self):
        """Say what it does."""
        return tr(
            "Lays the walking network out: the streets that are walked, the ways that were dropped and why, the barriers that "
            "stop people, and the last legs to doors.\n"
            "The streets can be edited (draw a path, delete a street, copy one back from what was dropped) and chosen as walking "
            "network: lines meet where their vertices coincide. Such a layer knows no directions, squares or private ground, so "
            "distances over it may differ where the network has these."
        )

    def inputs(self):
        """Declare the parameters."""
        return [
            *parameters.network(),
            *parameters.profile("walking", title=tr("Who walks"), default="rollator"),
            parameters.crs(),
        ]

    def outputs(self):
        """Declare the layers."""
        line, point = QgsProcessing.SourceType.TypeVectorLine, QgsProcessing.SourceType.TypeVectorPoint
        return [
            Output(
                "OUT_DROPPED", "dropped", tr("Dropped ways"),
                tr("The ways that are closed to who walks, each with the reason; only of an OpenStreetMap file."),
                "dropped", line, optional=True,
            ),
            Output(
                "OUT_LAST_LEGS", "last_legs", tr("Last legs to doors"),
                tr("Private ground and gates that lead to a door, and are no way through."),
                "", line, optional=True, offered=False,
            ),
            Output(
                "OUT_BARRIERS", "barriers", tr("Barriers"), tr("Where ways are cut, and why."), "barriers", point, optional=True
            ),
            Output(
                "OUTPUT", "streets", tr("Streets that are walked"),
                tr("The lines of the network with what is known of each: way, surface, width, whether it hangs loose."),
                "streets", line,
            ),
        ]  # fmt: skip

    def arguments(self, call):
        """Give the command line: layers, where others give an output."""
        own = [argument for parameter in self._inputs() for argument in parameter.arguments(call)]
        return [self.command, *own, "--lines", str(call.folder / "out.gpkg")]

    def deliver(self, call, outcome):
        """Show the counts in the log, and load the layers."""
        call.feedback.pushInfo(str(outcome.get("message", "")))
        return super().deliver(call, outcome)
