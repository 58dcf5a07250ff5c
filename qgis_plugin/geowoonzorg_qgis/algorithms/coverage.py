"""Which share of the homes of every area is near what."""

from qgis.core import QgsProcessing

from .. import question
from ..algorithm import Output
from ..texts import tr


class Coverage(question.QuestionAlgorithm):
    """``geowoonzorg coverage``."""

    ident = "coverage"
    command = "coverage"
    subject = "questions"
    tags_ = ("dekking", "bereik", "buurt", "aandeel", "nabijheid", "coverage", "share")

    def title(self):
        """Give the name in the toolbox."""
        return tr("Coverage per area")

    def summary(self):
        """Say what it does."""
        return tr(
            "Tells for every area which share of its homes lies within walking distance of each class of facility, in both "
            "answers, with the people of 65 and over as a range. Of a class that is not known completely the share is at least "
            "this."
        )

    def inputs(self):
        """Declare the parameters."""
        return [
            question.study(),
            *question.in_tiles(),
            question.force(),
        ]

    def outputs(self):
        """Declare the layers."""
        return [
            Output(
                "OUT_COVERAGE", "coverage", tr("Coverage per area and class"),
                tr("A row per area, class and walking distance: how many homes, how many near, and of how many elderly that is."),
                geometry=QgsProcessing.SourceType.TypeVector, optional=True, file="coverage_per_area.csv",
            ),
            Output(
                "OUTPUT", "areas", tr("Areas with their coverage"),
                tr("The areas with, per class, the share of homes within the first walking distance."),
                "", QgsProcessing.SourceType.TypeVectorPolygon, optional=True, file="coverage.gpkg",
            ),
        ]  # fmt: skip
