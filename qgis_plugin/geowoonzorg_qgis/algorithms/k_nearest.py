"""The walking distance to the nearest few facilities of each class."""

from qgis.core import QgsProcessingParameterNumber

from .. import parameters
from ..algorithm import EngineAlgorithm, Output
from ..parameters import Parameter, described
from ..texts import tr


class KNearest(EngineAlgorithm):
    """``geowoonzorg nearest --k``."""

    ident = "k_nearest"
    command = "nearest"
    subject = "walking"
    tags_ = ("loopafstand", "dichtstbijzijnde", "eerste drie", "keuze", "k nearest", "choice")

    def title(self):
        """Give the name in the toolbox."""
        return tr("The nearest few facilities")

    def summary(self):
        """Say what it does."""
        return tr(
            "For every place the walk to the nearest few facilities of each class, ranked: whether there is a choice, and how "
            "far the second and the third are. A place that reaches none has one row, and a status says why."
        )

    def inputs(self):
        """Declare the parameters."""
        return [
            *parameters.network(),
            *parameters.places("ORIGINS", tr("Places of departure"), tr("Points or areas, such as addresses.")),
            *parameters.places("FACILITIES", tr("Facilities"), tr("Points or areas."), classes=True),
            _number_of_facilities(),
            *parameters.walk_options(),
        ]

    def outputs(self):
        """Declare the layer."""
        text = tr("The places of departure, with the nearest few facilities of each class, their rank and the metres to them.")
        return [Output("OUTPUT", "nearest", tr("The nearest few facilities"), text, "nearest")]


def _number_of_facilities() -> Parameter:
    kind = QgsProcessingParameterNumber.Type.Integer
    definition = QgsProcessingParameterNumber("K", tr("How many of each class"), kind, defaultValue=3, minValue=1)
    help_ = tr("As many rows a place and class, fewer where fewer are reached.")
    return Parameter(described(definition, help_), lambda call: ["--k", f"{call.number('K'):.0f}"])
