"""How many facilities, or places, lie within walking distance."""

from .. import parameters
from ..algorithm import EngineAlgorithm, Output
from ..texts import tr


class Within(EngineAlgorithm):
    """``geowoonzorg within``."""

    ident = "within"
    command = "within"
    subject = "walking"
    tags_ = ("hoeveel", "aantal", "binnen loopafstand", "tellen", "count", "how many")

    def title(self):
        """Give the name in the toolbox."""
        return tr("How many within walking distance")

    def summary(self):
        """Say what it does."""
        return tr(
            "Counts what lies within walking distance: the facilities of each class for every place, or the places for every "
            "facility. One row a place, class and distance; a status says why a count is not known.\n"
            "Beside each count stands what is left of it when what is not known of the streets turns out badly."
        )

    def inputs(self):
        """Declare the parameters."""
        per = parameters.choice(
            "PER",
            tr("Count"),
            tr("For every place the facilities that it reaches, or for every facility the places from which it is reached."),
            {"origins": tr("Facilities for every place"), "facilities": tr("Places for every facility")},
            default="origins",
            option="--per",
        )
        return [
            *parameters.network(),
            *parameters.places("ORIGINS", tr("Places of departure"), tr("Points or areas, such as addresses.")),
            *parameters.places("FACILITIES", tr("Facilities"), tr("Points or areas."), classes=True),
            parameters.limits(),
            per,
            *parameters.walk_options()[1:],
        ]

    def outputs(self):
        """Declare the layer."""
        text = tr("The places or facilities, with how many are within reach.")
        return [Output("OUTPUT", "within", tr("How many within walking distance"), text, "within")]
