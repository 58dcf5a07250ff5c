"""What a change brings: who gains, who loses, which sites change."""

from qgis.core import QgsProcessing

from .. import parameters, question
from ..algorithm import Output
from ..texts import tr


class WhatIf(question.QuestionAlgorithm):
    """``geowoonzorg what-if``."""

    ident = "what_if"
    command = "what-if"
    subject = "questions"
    tags_ = ("wat als", "scenario", "sluiten", "openen", "verplaatsen", "effect")

    def title(self):
        """Give the name in the toolbox."""
        return tr("What if")

    def summary(self):
        """Say what it does."""
        return tr(
            "Tries a change: facilities that open, close or move, a path that is laid, homes that are built. "
            "Tells per address and per facility what was and what will be, and which sites get another score."
        )

    def inputs(self):
        """Declare the parameters."""
        text = tr("A TOML file with [[open]], [[close]], [[move]], [[path]] and [[homes]]; all of it is one change.")
        return [
            question.study(),
            parameters.file("CHANGE", tr("Change (toml)"), text, filter_="TOML (*.toml)"),
            *parameters.profile("scoring", title=tr("Scoring profile")),
            *question.in_tiles(),
            question.force(),
        ]

    def outputs(self):
        """Declare the layers."""
        kinds = QgsProcessing.SourceType
        return [
            Output(
                "OUT_SITES", "sites", tr("Scores before and after"), tr("Each site's score and rank before and after."),
                geometry=kinds.TypeVector, optional=True, file="sites.csv",
            ),
            Output(
                "OUT_LEDGER", "ledger", tr("Gains and losses per facility"),
                tr("Per facility who can walk there, before and after, as ranges where counts are."),
                geometry=kinds.TypeVector, optional=True, file="ledger.csv",
            ),
            Output(
                "OUTPUT", "addresses", tr("Addresses that change"),
                tr("Each address whose walk changes: gained, lost, further or nearer."),
                "changes", kinds.TypeVectorPoint, optional=True, file="addresses.gpkg",
            ),
            Output(
                "OUT_FACILITIES", "facilities", tr("Facilities that change"), tr("The facilities that the change touches."),
                "", kinds.TypeVectorPoint, optional=True, file="facilities.gpkg",
            ),
        ]  # fmt: skip
