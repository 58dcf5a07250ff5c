"""What two layers of service areas have that the other has not."""

from qgis.core import QgsProcessing, QgsProcessingParameterFeatureSource

from ..algorithm import EngineAlgorithm, Output
from ..parameters import Parameter, described
from ..texts import tr

_AREAS = QgsProcessing.SourceType.TypeVectorPolygon


class AreaDifference(EngineAlgorithm):
    """``geowoonzorg area-difference``."""

    ident = "area_difference"
    command = "area-difference"
    subject = "walking"
    tags_ = ("verschil", "verzorgingsgebied", "erbij", "verloren", "voor en na", "difference", "gained", "lost")

    def title(self):
        """Give the name in the toolbox."""
        return tr("Difference between service areas")

    def summary(self):
        """Say what it does."""
        return tr(
            "Lays two layers of service areas over each other, of two days, two plans or two kinds of walkers, and gives per "
            "facility or class and distance what is gained, lost and in both. An area that only one layer has is gained or lost "
            "whole; where one of the two is not known it says so."
        )

    def inputs(self):
        """Declare the parameters."""
        help_ = tr("Areas from Service areas, or from Service areas as rings or per class; both made the same way.")
        return [_areas("BEFORE", tr("Before"), help_), _areas("AFTER", tr("After"), help_)]

    def outputs(self):
        """Declare the layer."""
        text = tr("Per facility or class, distance and change one area, with its square metres.")
        return [Output("OUTPUT", "area_difference", self.title(), text, "area_difference", _AREAS)]


def _areas(name: str, title: str, text: str) -> Parameter:
    definition = QgsProcessingParameterFeatureSource(name, title, [_AREAS])
    return Parameter(
        described(definition, text),
        lambda call: [call.source_path(name, title)],
        lambda call: call.crs_problem(name, title),
    )
