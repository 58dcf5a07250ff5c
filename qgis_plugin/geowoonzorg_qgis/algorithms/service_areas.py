"""Service areas: what lies within walking distance of each facility."""

from .. import parameters
from ..algorithm import EngineAlgorithm, Output
from ..texts import tr


class ServiceAreas(EngineAlgorithm):
    """``geowoonzorg service-areas``."""

    ident = "service_areas"
    command = "service-areas"
    subject = "walking"
    tags_ = ("verzorgingsgebied", "isochroon", "isochrone", "loopafstand", "service area", "400 m")

    def title(self):
        """Give the name in the toolbox."""
        return tr("Service areas")

    def summary(self):
        """Say what it does."""
        return tr(
            "The streets, or the area, within walking distance of each facility, measured exactly along the walking network. "
            "Polygons hold every place whose own walk, from door to door, is within the limit."
        )

    def inputs(self):
        """Declare the parameters."""
        return [
            *parameters.network(),
            *parameters.places(
                "FACILITIES",
                tr("Facilities"),
                tr("Points or areas. A facility that is an area is reached at its edge."),
                classes=True,
            ),
            parameters.limits(),
            *parameters.profile("walking", title=tr("Who walks"), default="rollator"),
            parameters.shape(),
            parameters.max_snap(),
            parameters.access_legs(),
            parameters.crs(),
        ]

    def outputs(self):
        """Declare the layer."""
        text = tr("One feature a facility and limit; a status says why one has no area.")
        return [Output("OUTPUT", "service_areas", tr("Service areas"), text, "service_areas")]
