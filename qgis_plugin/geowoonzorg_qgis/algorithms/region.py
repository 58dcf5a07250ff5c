"""How groups and homes spread over the gemeenten of a region."""

from qgis.core import QgsProcessing

from .. import parameters, question
from ..algorithm import Output
from ..texts import tr


class Region(question.QuestionAlgorithm):
    """``geowoonzorg region``."""

    ident = "region"
    command = "region"
    subject = "questions"
    tags_ = ("regio", "spreiding", "verdeelsleutel", "hulpmiddel", "urgenten", "gemeenten")

    def title(self):
        """Give the name in the toolbox."""
        return tr("Spread over a region")

    def summary(self):
        """Say what it does."""
        return tr(
            "Tells how groups of people are spread over the gemeenten of a region, what each key of division gives every "
            "gemeente, and fills in the government's form. A count that was kept secret stays a range.\n"
            "Report and form (hulpmiddel.xlsx) come in the folder."
        )

    def inputs(self):
        """Declare the parameters."""
        text = tr("The region's file; the paths in it are relative to its own folder.")
        return [
            parameters.file("REGION", tr("Region (region.toml)"), text, filter_="TOML (*.toml)"),
            question.words(
                "GEMEENTE",
                tr("Only these gemeenten"),
                tr("By name or code, several with a semicolon. Empty: as the region says."),
                several=True,
            ),
            question.force(),
        ]

    def outputs(self):
        """Declare the tables."""
        table = QgsProcessing.SourceType.TypeVector
        return [
            Output(
                "OUT_COUNTS", "aantallen", tr("Counts"), tr("Per gemeente, group and characteristic how many people, as a range."),
                geometry=table, optional=True, offered=False, file="aantallen.csv",
            ),
            Output(
                "OUT_SPREAD", "spreiding", tr("Spread"), tr("How evenly each group is spread."),
                geometry=table, optional=True, file="spreiding.csv",
            ),
            Output(
                "OUT_MAPS", "maps", tr("Maps of the region"),
                tr("Spread, shortage and what fits, as polygons; each map is a style of the layer. Needs areas in the region's file."),
                "region_maps", QgsProcessing.SourceType.TypeVectorPolygon, optional=True, file="result.gpkg",
            ),
            Output(
                "OUTPUT", "verdeelsleutels", tr("Keys of division"), tr("What each key gives every gemeente."),
                geometry=table, optional=True, file="verdeelsleutels.csv",
            ),
        ]  # fmt: skip
