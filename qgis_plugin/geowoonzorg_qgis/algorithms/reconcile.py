"""An own list of facilities beside OpenStreetMap."""

from __future__ import annotations

from qgis.core import QgsProcessing, QgsProcessingParameterFeatureSource

from .. import given, parameters, settings
from ..algorithm import EngineAlgorithm, Output
from ..parameters import Parameter, described
from ..texts import tr

AS_LIST = "list"  # the class is left to the list


class Reconcile(EngineAlgorithm):
    """``geowoonzorg reconcile``."""

    ident = "reconcile"
    command = "reconcile"
    subject = "data"
    tags_ = ("voorzieningen", "register", "eigen lijst", "vergelijken", "osm", "compare")

    def title(self):
        """Give the name in the toolbox."""
        return tr("Own list of facilities beside OpenStreetMap")

    def summary(self):
        """Say what it does."""
        return tr(
            "Lays an own list of facilities beside those of OpenStreetMap: what is in both, what moved, and what only one of "
            "them has. The table is there to correct by hand, and to use afterwards as own list: save it as csv."
        )

    def inputs(self):
        """Declare the parameters."""
        return [parameters.osm_file(), *_register(), _class(), parameters.crs()]

    def outputs(self):
        """Declare the table."""
        text = tr("One row a facility: its status, both names, the metres between them and how old each is.")
        kind = QgsProcessing.SourceType.TypeVector
        return [Output("OUTPUT", "reconciled", tr("Own list and OpenStreetMap"), text, geometry=kind, file="reconciled.csv")]

    def arguments(self, call):
        """Give the command line: a table, where others give a GeoPackage."""
        own = [argument for parameter in self._inputs() for argument in parameter.arguments(call)]
        return [self.command, *own, "-o", str(call.folder / "reconciled.csv")]

    def deliver(self, call, outcome):
        """Load the table."""
        call.feedback.pushInfo(str(outcome.get("message", "")))
        return self.deliver_layers(call, call.folder, outcome)


def _register() -> list[Parameter]:
    """Ask for the list: a file, which may have addresses instead of coordinates, or a layer."""
    layer, title = "REGISTER_LAYER", tr("Own list: or a layer")
    file_title = tr("Own list: file")
    of_file = parameters.file(
        "REGISTER",
        file_title,
        tr("A csv or Excel file with coordinates or addresses, or a file with points."),
        optional=True,
    )
    of_layer = QgsProcessingParameterFeatureSource(layer, title, [QgsProcessing.SourceType.TypeVector], optional=True)

    def arguments(call) -> list[str]:
        return [given.register_path(call, layer, title)] if call.is_given(layer) else of_file.arguments(call)

    def check(call) -> str | None:
        if call.is_given(layer) and call.text("REGISTER"):
            return tr("Choose either a file or a layer as own list, not both.")
        if call.is_given(layer):
            return given.register_problem(call, layer, title)
        if not call.text("REGISTER"):
            return tr("Choose an own list: a file or a layer.")
        return of_file.check(call)

    return [
        Parameter(of_file.definition, arguments, check),
        Parameter(
            described(
                of_layer,
                tr("Instead of a file: a layer of the project, or a table with coordinates or addresses."),
                advanced=True,
            )
        ),
    ]


def _class() -> Parameter:
    titles = {
        AS_LIST: tr("As the list says"),
        **{entry["name"]: entry["title"] for entry in settings.catalogue()["facility_classes"]},
    }
    definition = parameters.keywords("CLASS", tr("Class of the list"), titles, default=AS_LIST)

    def arguments(call) -> list[str]:
        name = call.text("CLASS")
        return [] if name == AS_LIST else ["--class", name]

    return Parameter(described(definition, tr("Of the places in the list that name none.")), arguments)
