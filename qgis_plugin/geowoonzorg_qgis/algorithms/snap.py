"""Where places join the streets."""

from qgis.core import QgsProcessing

from .. import parameters
from ..algorithm import EngineAlgorithm, Output
from ..texts import tr


class Snap(EngineAlgorithm):
    """``geowoonzorg snap``."""

    ident = "snap"
    command = "snap"
    subject = "walking"
    tags_ = ("aansluiting", "aanlooppunt", "ingang", "op het netwerk", "snap", "access point")

    def title(self):
        """Give the name in the toolbox."""
        return tr("Where places join the streets")

    def summary(self):
        """Say what it does."""
        return tr(
            "Shows for every place the points on the walking network from which is measured, and the lines that lead there. "
            "A place that joins nowhere has a row without a point, and a status says why: look at it here before you trust "
            "its distances."
        )

    def inputs(self):
        """Declare the parameters."""
        return [
            *parameters.network(),
            *parameters.places("PLACES", tr("Places"), tr("Points or areas: addresses, sites or facilities.")),
            *parameters.profile("walking", title=tr("Who walks"), default="rollator"),
            parameters.max_snap(),
            parameters.crs(),
        ]

    def outputs(self):
        """Declare the layers."""
        kinds = QgsProcessing.SourceType
        return [
            Output(
                "OUT_LEGS", "access_legs", tr("Legs to the streets"),
                tr("The straight line from each place to the street, where it has a length."),
                "access_legs", kinds.TypeVectorLine, optional=True,
            ),
            Output(
                "OUTPUT", "snapped", tr("Points on the streets"),
                tr("Per place the point or points on the network, the metres to them, and on which way they lie."),
                "snapped", kinds.TypeVectorPoint,
            ),
        ]  # fmt: skip
