"""The walk itself, and what is on it."""

from qgis.core import QgsProcessing

from .. import parameters
from ..algorithm import EngineAlgorithm, Output
from ..texts import tr


class Route(EngineAlgorithm):
    """``geowoonzorg route``."""

    ident = "route"
    command = "route"
    subject = "walking"
    tags_ = ("looproute", "diagnose", "trappen", "bankjes", "stoepranden", "helling")

    def title(self):
        """Give the name in the toolbox."""
        return tr("Walk with diagnosis")

    def summary(self):
        """Say what it does."""
        return tr(
            "Draws the walk from each place to the nearest facility of each class, and tells what is on it: steps, kerbs, "
            "crossings, the steepest part, the longest stretch without a bench, and which share of it is unknown."
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
        text = tr("One line a place and class, with the metres and what is on the way; a status says why one is missing.")
        return [Output("OUTPUT", "routes", tr("Walks"), text, "route", QgsProcessing.SourceType.TypeVectorLine)]
