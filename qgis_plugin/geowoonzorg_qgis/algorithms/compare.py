"""What changed between two runs, and through what."""

from qgis.core import QgsProcessing

from .. import parameters, question
from ..algorithm import Output
from ..parameters import Parameter
from ..texts import tr


class Compare(question.QuestionAlgorithm):
    """``geowoonzorg compare``."""

    ident = "compare"
    command = "compare"
    subject = "sites"
    tags_ = ("vergelijken", "verschil", "difference")

    def title(self):
        """Give the name in the toolbox."""
        return tr("Compare two runs")

    def summary(self):
        """Say what it does."""
        return tr(
            "Lays two runs beside each other, and tells of each difference in score how much came through data, profile or network.\n"
            "Two folders of a region as well: how every number changed, through figures, agreements or borders."
        )

    def inputs(self):
        """Declare the parameters."""
        help_ = tr("The output folder of a run or of a region, with provenance.json.")
        studies = tr(
            "Needed where more than one thing changed: both are worked out again with parts of the other. Of a region its region.toml."
        )
        return [
            question.run_folder("BEFORE", tr("Before (folder)"), help_),
            question.run_folder("AFTER", tr("After (folder)"), help_),
            _study("BEFORE_STUDY", tr("Study or region before"), studies),
            _study("AFTER_STUDY", tr("Study or region after"), studies),
            question.force(),
        ]

    def outputs(self):
        """Declare the tables."""
        table = QgsProcessing.SourceType.TypeVector
        return [
            Output(
                "OUT_SITES", "sites", tr("Sites before and after"), tr("Each site's score and rank in both runs."),
                geometry=table, optional=True, file="sites.csv",
            ),
            Output(
                "OUT_GEMEENTEN", "gemeenten", tr("Gemeenten before and after"), tr("Of regions: which stayed, came or went."),
                geometry=table, optional=True, offered=False, file="gemeenten.csv",
            ),
            Output(
                "OUTPUT", "changes", tr("Differences"),
                tr("Per site and criterion, or per number of a region, before and after; the parts add up to the difference."),
                geometry=table, optional=True, file="changes.csv",
            ),
        ]  # fmt: skip


def _study(name: str, title: str, text: str) -> Parameter:
    option = question.option_of(name)
    return parameters.file(name, title, text, option=option, filter_="TOML (*.toml)", optional=True, advanced=True)
