"""Facilities from OpenStreetMap."""

from qgis.core import QgsProcessing

from .. import parameters
from ..algorithm import EngineAlgorithm, Output
from ..texts import tr


class Facilities(EngineAlgorithm):
    """``geowoonzorg facilities``."""

    ident = "facilities"
    command = "facilities"
    subject = "data"
    tags_ = ("voorzieningen", "osm", "huisarts", "supermarkt", "apotheek")

    def title(self):
        """Give the name in the toolbox."""
        return tr("Facilities from OpenStreetMap")

    def summary(self):
        """Say what it does."""
        return tr(
            "Takes huisartsen, supermarkten, apotheken and other facilities from an OpenStreetMap extract, each counted once. "
            "What is not in OpenStreetMap is unknown: check the list with people who know the place."
        )

    def inputs(self):
        """Declare the parameters."""
        return [parameters.osm_file(), parameters.facility_classes()]

    def outputs(self):
        """Declare the layer."""
        text = tr("One point a facility, with its class, name, OpenStreetMap object and when it was last edited.")
        kind = QgsProcessing.SourceType.TypeVectorPoint
        return [Output("OUTPUT", "facilities", tr("Facilities"), text, "facilities", kind)]
