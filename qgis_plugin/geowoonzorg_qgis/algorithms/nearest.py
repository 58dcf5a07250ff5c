"""The walking distance to the nearest facility of each class."""

from .. import parameters
from ..algorithm import EngineAlgorithm, Output
from ..texts import tr


class Nearest(EngineAlgorithm):
    """``geowoonzorg nearest``."""

    ident = "nearest"
    command = "nearest"
    subject = "walking"
    tags_ = ("loopafstand", "dichtstbijzijnde", "nabijheid", "walking distance")

    def title(self):
        """Give the name in the toolbox."""
        return tr("Walking distance to facilities")

    def summary(self):
        """Say what it does."""
        return tr(
            "For every place, such as an address, the walk to the nearest facility of each class. "
            "One row a place and class; a status says why a distance is not known."
        )

    def inputs(self):
        """Declare the parameters."""
        return [
            *parameters.network(),
            *parameters.places("ORIGINS", tr("Places of departure"), tr("Points or areas, such as addresses.")),
            *parameters.places("FACILITIES", tr("Facilities"), tr("Points or areas."), classes=True),
            *parameters.walk_options(),
        ]

    def outputs(self):
        """Declare the layer."""
        text = tr("The places of departure, with the nearest facility of each class and the metres to it.")
        return [Output("OUTPUT", "nearest", tr("Walking distance to facilities"), text, "nearest")]
