"""The walking distance between many places and many facilities."""

from qgis.core import QgsProcessing

from .. import parameters
from ..algorithm import EngineAlgorithm, Output
from ..texts import tr


class Matrix(EngineAlgorithm):
    """``geowoonzorg matrix``."""

    ident = "matrix"
    command = "matrix"
    subject = "walking"
    tags_ = ("afstandsmatrix", "matrix", "loopafstand", "origin destination")

    def title(self):
        """Give the name in the toolbox."""
        return tr("Distance matrix")

    def summary(self):
        """Say what it does."""
        return tr("The walk from every place to every facility within a limit. One row a pair; what is farther has no row.")

    def inputs(self):
        """Declare the parameters."""
        limit = parameters.metres(
            "LIMIT_M",
            "--limit-m",
            tr("Within (m)"),
            tr("Pairs that are farther apart have no row."),
            default=400,
            advanced=False,
        )
        return [
            *parameters.network(),
            *parameters.places("ORIGINS", tr("Places of departure"), tr("Points or areas, such as addresses.")),
            *parameters.places("FACILITIES", tr("Facilities"), tr("Points or areas."), classes=True),
            limit,
            *parameters.walk_options()[1:],
        ]

    def outputs(self):
        """Declare the table."""
        text = tr("Per pair the metres, and the metres where what is not known turns out badly.")
        kind = QgsProcessing.SourceType.TypeVector
        return [Output("OUTPUT", "matrix", tr("Distance matrix"), text, geometry=kind, file="matrix.csv")]

    def arguments(self, call):
        """Give the command line: a table, where others give a GeoPackage."""
        own = [argument for parameter in self._inputs() for argument in parameter.arguments(call)]
        return [self.command, *own, "-o", str(call.folder / "matrix.csv")]

    def deliver(self, call, outcome):
        """Load the table."""
        return self.deliver_layers(call, call.folder, outcome)
