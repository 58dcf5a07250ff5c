"""Service areas as rings between distances, or taken together per class."""

from qgis.core import QgsProcessingParameterBoolean

from .. import parameters
from ..algorithm import EngineAlgorithm, Output
from ..parameters import Parameter, described
from ..texts import tr


class ServiceRings(EngineAlgorithm):
    """``geowoonzorg service-areas --rings --dissolve``."""

    ident = "service_rings"
    command = "service-areas"
    subject = "walking"
    tags_ = ("verzorgingsgebied", "ringen", "isochroon", "samenvoegen", "dekking", "rings", "dissolve", "isochrone")

    def title(self):
        """Give the name in the toolbox."""
        return tr("Service areas as rings or per class")

    def summary(self):
        """Say what it does."""
        return tr(
            "Service areas laid out to be read: as rings of what lies between one walking distance and the next, and with the "
            "facilities of each class taken together, so that each place is in one area, that of its nearest facility. "
            "Rings and classes are searched as such, not cut out of drawn areas."
        )

    def inputs(self):
        """Declare the parameters."""
        facilities = tr("Points or areas. A facility that is an area is reached at its edge.")
        return [
            *parameters.network(),
            *parameters.places("FACILITIES", tr("Facilities"), facilities, classes=True),
            parameters.limits(default="200; 400; 800"),
            _form(),
            _dissolve(),
            *parameters.profile("walking", title=tr("Who walks"), default="rollator"),
            parameters.shape(),
            parameters.max_snap(),
            parameters.access_legs(),
            parameters.crs(),
        ]

    def outputs(self):
        """Declare the layer."""
        text = tr("One feature a facility or class, and limit; a status says why one has no area.")
        return [Output("OUTPUT", "service_areas", self.title(), text, "service_rings")]


def _form() -> Parameter:
    choices = {"rings": tr("Rings: beyond the distance before"), "cumulative": tr("Whole areas: all within the distance")}
    definition = parameters.keywords("FORM", tr("Form"), choices, default="rings")
    help_ = tr("With several distances: only what each adds, or all that lies within it.")
    return Parameter(described(definition, help_), lambda call: ["--rings"] if call.text("FORM") == "rings" else [])


def _dissolve() -> Parameter:
    definition = QgsProcessingParameterBoolean("DISSOLVE", tr("Take the facilities of each class together"), defaultValue=True)
    help_ = tr("One area a class, of the places from which the nearest is within the distance; else one a facility.")
    return Parameter(described(definition, help_), lambda call: ["--dissolve"] if call.flag("DISSOLVE") else [])
