"""How a number of homes fits on the sites."""

from qgis.core import QgsProcessing

from .. import parameters, question, settings
from ..algorithm import Output
from ..texts import tr


class Programme(question.QuestionAlgorithm):
    """``geowoonzorg programme``."""

    ident = "programme"
    command = "programme"
    subject = "questions"
    tags_ = ("programma", "woningen", "verdelen", "opgave", "allocation")

    def title(self):
        """Give the name in the toolbox."""
        return tr("Share homes out over sites")

    def summary(self):
        """Say what it does."""
        return tr(
            "Shares a number of homes out over a study's sites, so that the homes together score most within the bounds. "
            "Where that cannot be, it tells which bounds conflict."
        )

    def inputs(self):
        """Declare the parameters."""
        number = question.number
        classes = {entry["name"]: entry["title"] for entry in settings.catalogue()["facility_classes"]}
        return [
            question.study(),
            number("HOMES", tr("Homes in all"), tr("How many homes are to be shared out."), whole=True, least=1),
            *parameters.profile("scoring", title=tr("Scoring profile")),
            number("MAX_SHARE_PER_WIJK", tr("Largest share per wijk (0-1)"), tr("At most this share of the homes in one wijk.")),
            number(
                "MAX_BALANCE",
                tr("Highest balance"),
                tr("What the balance of vragers and dragers around a site may become at most where homes come."),
            ),
            number("BY_YEAR", tr("By year"), tr("Only sites whose phase is no later."), whole=True),
            question.words("WOONVORM", tr("Woonvorm"), tr("Only sites of this woonvorm.")),
            number(
                "MIN_PER_SITE",
                tr("At least per site"),
                tr("At least so many on a site that has no minimum of its own, or none."),
                whole=True,
                least=1,
                advanced=True,
            ),
            question.yes(
                "UNSCORED",
                tr("Sites without a score too"),
                tr("Sites of which too little is known take part with the least that their score can be."),
            ),
            question.choice(
                "CLASS",
                tr("Build or bring: class"),
                tr("For which class it is told whom moving homes reaches, and whom adding facilities."),
                classes,
                advanced=True,
            ),
            number("SECONDS", tr("Look at most (s)"), tr("Then the best so far is given, with its gap."), advanced=True),
            *question.in_tiles(),
            question.force(),
        ]

    def outputs(self):
        """Declare the layers."""
        return [
            Output(
                "OUT_BUILD_OR_BRING", "build_or_bring", tr("Build or bring"),
                tr("Whom moving homes reaches, and whom adding facilities."),
                geometry=QgsProcessing.SourceType.TypeVector, optional=True, offered=False, file="build_or_bring.csv",
            ),
            Output(
                "OUTPUT", "sites", tr("Homes per site"), tr("The sites with their homes, and why a site has none."),
                "programme", optional=True, file="programme.gpkg",
            ),
        ]  # fmt: skip
