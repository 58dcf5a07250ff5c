"""Where homes could come that nobody has named yet."""

import shutil
from pathlib import Path

from qgis.core import QgsProcessing, QgsProcessingParameterRasterDestination

from .. import finish, layers, parameters, question
from ..algorithm import Output
from ..parameters import Parameter, described
from ..texts import tr

SUITABILITY = "OUT_SUITABILITY"


class Search(question.QuestionAlgorithm):
    """``geowoonzorg search``."""

    ident = "search"
    command = "search"
    subject = "questions"
    tags_ = ("zoeken", "zoeklocaties", "geschiktheid", "suitability", "raster")

    def title(self):
        """Give the name in the toolbox."""
        return tr("Search for places")

    def summary(self):
        """Say what it does."""
        return tr(
            "Judges every cell of a study's area as if homes came there, and chooses the spots that together score most. "
            "What is not known of a place stays unknown, and its score is a range."
        )

    def inputs(self):
        """Declare the parameters."""
        number, words = question.number, question.words
        areas = (QgsProcessing.SourceType.TypeVectorPoint, QgsProcessing.SourceType.TypeVectorPolygon)
        return [
            question.study(),
            *parameters.profile("scoring", title=tr("Scoring profile")),
            number("CELL_M", tr("Side of a cell (m)"), tr("Each cell is judged at its centre. Empty: as the study says.")),
            number("HOMES", tr("Homes"), tr("How many homes a place is assumed to bring."), whole=True, least=1),
            number("SPOTS", tr("Spots"), tr("How many spots to choose: together they score most."), whole=True, least=1),
            number("APART_M", tr("Apart (m)"), tr("How far apart spots lie at least, in a straight line.")),
            number("MAX_PER_WIJK", tr("At most per wijk"), tr("At most so many spots in one wijk."), whole=True, least=1),
            question.grounds(
                "ALLOW",
                tr("Only this ground"),
                tr("Layers of areas, or GeoTIFFs of which every value but 0 counts: only this ground is looked at."),
            ),
            question.grounds(
                "FORBID",
                tr("Not this ground"),
                tr("Layers of areas, or GeoTIFFs of which every value but 0 counts: this ground is not looked at."),
            ),
            words(
                "ASSUME",
                tr("Assumed of each place"),
                tr(
                    "By column of a site, such as: ontmoetingsruimte=ja; what is not assumed is unknown. Several: with a semicolon."
                ),
                several=True,
            ),
            number(
                "MIN_AREA_M2",
                tr("Least piece of ground (m²)"),
                tr("The least piece of allowed ground that a spot is part of, or of a building its plot."),
                advanced=True,
            ),
            question.yes(
                "DRAGERS_TO_SPARE",
                tr("Only where there are dragers to spare"),
                tr("Looks only in areas that have more dragers to vragers than the reference."),
            ),
            question.layer(
                "BUILDINGS",
                tr("Buildings"),
                tr("A layer of buildings, as of the BAG, that are looked at instead of cells."),
                areas,
                advanced=True,
            ),
            words("BUILDING_USE", tr("Use of the buildings"), tr("Only buildings with this use, such as kantoorfunctie.")),
            number("MIN_FLOOR_M2", tr("Least floor (m²)"), tr("Only buildings with at least so much floor."), advanced=True),
            number("BUILT_FROM", tr("Built from (year)"), tr("Only buildings of this year or later."), whole=True, advanced=True),
            number(
                "BUILT_UNTIL", tr("Built until (year)"), tr("Only buildings of this year or earlier."), whole=True, advanced=True
            ),
            number("SECONDS", tr("Look at most (s)"), tr("Then the best so far is given, with its gap."), advanced=True),
            *question.in_tiles(),
            question.force(),
            Parameter(
                described(
                    QgsProcessingParameterRasterDestination(SUITABILITY, tr("Suitability"), optional=True),
                    tr("A GeoTIFF with per cell the score, its range, what share is known, and why a cell has no score."),
                ),
                check=_raster_problem,
            ),
        ]

    def outputs(self):
        """Declare the layer."""
        text = tr("The chosen spots, each with its score and every criterion's part in it.")
        kind = QgsProcessing.SourceType.TypeVectorPoint
        return [Output("OUTPUT", "spots", tr("Spots"), text, "spots", kind, optional=True, file="spots.gpkg")]

    def deliver(self, call, outcome):
        """Put the raster down below the spots."""
        results = {}
        made = self.target(call) / "suitability.tif"
        if call.is_given(SUITABILITY) and made.is_file():
            destination = self.parameterAsOutputLayer(call.values, SUITABILITY, call.context)
            shutil.copyfile(made, destination)
            results[SUITABILITY] = destination
            if call.context.willLoadLayerOnCompletion(destination):
                output = Output(SUITABILITY, "", tr("Suitability"), "", "suitability")
                finish.attach(call.context, destination, output, self.provenance(call, outcome))
        return {**super().deliver(call, outcome), **results}


def _raster_problem(call):
    value = call.values.get(SUITABILITY)
    value = value.sink.staticValue() if hasattr(value, "sink") else value
    if not value or value == QgsProcessing.TEMPORARY_OUTPUT:
        return None
    if Path(str(value)).suffix.lower() not in {".tif", ".tiff"}:
        return tr("{output}: choose a file that ends in .tif.").format(output=tr("Suitability"))
    return layers.destination_problem(str(value), call.input_paths(), tr("Suitability"))
