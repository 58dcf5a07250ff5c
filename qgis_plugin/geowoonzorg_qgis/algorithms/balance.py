"""The balance of vragers and dragers over buurten or wijken."""

from qgis.core import (
    QgsProcessing,
    QgsProcessingParameterFile,
    QgsProcessingParameterString,
)

from .. import layers, parameters, study_inputs
from ..algorithm import EngineAlgorithm, Output
from ..parameters import Parameter, described
from ..texts import tr


class Balance(EngineAlgorithm):
    """``geowoonzorg balance``."""

    ident = "balance"
    command = "balance"
    subject = "data"
    tags_ = ("vragers", "dragers", "balans", "leefbaarometer", "buurten", "wijken", "draagkracht")

    def title(self):
        """Give the name in the toolbox."""
        return tr("Vragers and dragers")

    def summary(self):
        """Say what it does."""
        return tr(
            "Lays the balance of vragers and dragers, and the Leefbaarometer beside it, over buurten or wijken. The balance is "
            "a construct of geowoonzorg on open CBS figures, relative to the reference: no norm, and no judgement of persons."
        )

    def inputs(self):
        """Declare the parameters."""
        reference = QgsProcessingParameterString("REFERENCE", tr("Compare with"), defaultValue="auto")
        own = QgsProcessingParameterFile("BALANCE", tr("Own balance profile"), optional=True, fileFilter="TOML (*.toml)")
        return [
            *study_inputs.area_inputs(optional=False),
            Parameter(
                described(
                    reference,
                    tr("auto, gemeente, region, country, or a code such as GM0166: an area like it has balance 0."),
                    advanced=True,
                )
            ),
            Parameter(described(own, tr("A TOML file with other columns, weights or cap."), advanced=True)),
            parameters.crs(),
        ]

    def outputs(self):
        """Declare the layer."""
        text = tr("The areas with both sides apart, their balance, the Leefbaarometer, and what is missing and why.")
        kind = QgsProcessing.SourceType.TypeVectorPolygon
        return [Output("OUTPUT", "areas", tr("Vragers and dragers"), text, "areas_balance", kind)]

    def arguments(self, call):
        """Give the command line."""
        files = study_inputs.area_files(call, call.folder)
        given = [("--gemeente", call.text("GEMEENTE")), ("--leefbaarometer", files.leefbaarometer)]
        given += [("--figures", path) for path in files.figures]
        given += [("--balance", call.text("BALANCE")), ("--reference", call.text("REFERENCE"))]
        year = call.number("LEEFBAAROMETER_YEAR")
        given.append(("--leefbaarometer-year", "" if year is None else str(int(year))))
        options = [part for option, value in given if value for part in (option, value)]
        crs = ["--crs", layers.crs_text(call.crs("CRS"))]
        return [
            self.command,
            files.areas,
            "--level",
            call.text("LEVEL"),
            *options,
            *crs,
            "-o",
            str(call.folder / "out.gpkg"),
        ]
