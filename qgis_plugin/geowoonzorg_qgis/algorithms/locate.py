"""Where more facilities of a class would reach most people."""

from qgis.core import QgsProcessing

from .. import parameters, question, settings
from ..algorithm import Output
from ..parameters import Parameter
from ..texts import tr


class Locate(question.QuestionAlgorithm):
    """``geowoonzorg locate``."""

    ident = "locate"
    command = "locate"
    subject = "questions"
    file = "locations.gpkg"
    tags_ = ("plaatsen", "spreiding", "bereik", "dekking", "coverage", "location allocation")

    def title(self):
        """Give the name in the toolbox."""
        return tr("Where facilities are missing")

    def summary(self):
        """Say what it does."""
        return tr(
            "Finds where more facilities of a class reach most people who cannot walk to one now. "
            "The log says whether better is possible, and how much at most."
        )

    def inputs(self):
        """Declare the parameters."""
        number = question.number
        classes = {entry["name"]: entry["title"] for entry in settings.catalogue()["facility_classes"]}
        weights = {"addresses": tr("Addresses"), "people": tr("People"), "65plus": tr("People of 65 and over")}
        problems = {
            "coverage": tr("Reach most"),
            "p_median": tr("Walk least"),
            "least_number": tr("As few as possible"),
        }
        ground = {"cells": tr("Cells along the streets"), "addresses": tr("Addresses")}
        return [
            question.study(),
            question.choice("CLASS", tr("Facility class"), tr("Of which class there are to be more."), classes),
            number("K", tr("How many"), tr("How many are added; fewer where more would reach nobody."), whole=True, least=1),
            number("LIMIT_M", tr("Within (m)"), tr("Within which walk people are reached. Empty: as the study says.")),
            question.choice("WEIGHT", tr("Who counts"), tr("Whose reach is counted."), weights),
            _candidates(),
            _ground(ground),
            number("CELL_M", tr("Side of a cell (m)"), tr("Where cells are tried: how large they are."), advanced=True),
            question.choice(
                "PROBLEM",
                tr("What is best"),
                tr("Reach most people, have the least walked in all, or reach a share with as few as possible."),
                problems,
                advanced=True,
            ),
            number(
                "SHARE", tr("Share to reach (0-1)"), tr("With as few as possible: what share must be reached."), advanced=True
            ),
            number("CAPACITY", tr("Places of a new facility"), tr("To tell how crowded they become."), advanced=True),
            number(
                "SECONDS",
                tr("Look at most (s)"),
                tr("Then the best so far is given, with how far it may be from the best."),
                advanced=True,
            ),
            number("GAP", tr("Leave at most (0-1)"), tr("What share of the gain may be left on the table."), advanced=True),
            *question.in_tiles(),
            question.force(),
        ]

    def outputs(self):
        """Declare the layer."""
        text = tr("The places in the order in which they gain most, with whom each reaches.")
        kind = QgsProcessing.SourceType.TypeVectorPoint
        return [Output("OUTPUT", "locations", tr("Places for facilities"), text, "locations", kind, file="locations.gpkg")]


def _candidates() -> Parameter:
    help_ = tr("Where they may come, such as plots or buildings. Empty: what is chosen under Advanced.")
    return question.layer("CANDIDATES", tr("Possible places"), help_, parameters.POINTS_OR_AREAS)


def _ground(options) -> Parameter:
    """Ask what is tried without a layer; the engine has one option for both."""
    made = question.choice("TRY_AT", tr("Without such a layer: try"), tr("Where they may come."), options, advanced=True)

    def arguments(call):
        chosen = made.arguments(call)
        return ["--candidates", chosen[1]] if chosen and not call.is_given("CANDIDATES") else []

    return Parameter(made.definition, arguments)
