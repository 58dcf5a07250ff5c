"""Open data of a gemeente, fetched into a folder with a study."""

from __future__ import annotations

from pathlib import Path

from qgis.core import QgsProcessingParameterBoolean, QgsProcessingParameterNumber, QgsProcessingParameterString

from .. import parameters, question
from ..parameters import Parameter, described
from ..study_folder import StudyFolderAlgorithm
from ..texts import tr


class FetchSources(StudyFolderAlgorithm):
    """``geowoonzorg sources fetch``."""

    ident = "fetch_sources"
    command = "sources"
    subject = "data"
    tags_ = ("ophalen", "downloaden", "open data", "gemeente", "fetch", "download")

    def title(self):
        """Give the name in the toolbox."""
        return tr("Fetch open data of a gemeente")

    def summary(self):
        """Say what it does."""
        return tr(
            "Fetches streets, facilities, areas and figures of a gemeente into a folder, with a study.toml that is ready to run. "
            "In a folder that was fetched before only what is missing is fetched. This uses the internet."
        )

    def inputs(self):
        """Declare the parameters."""
        gemeente = tr("Gemeente")

        def check(call) -> str | None:
            return None if call.text("GEMEENTE") else tr("{parameter}: fill in a name or a code.").format(parameter=gemeente)

        streets = {"extract": tr("The extract of the province"), "overpass": tr("Overpass, only this gemeente")}
        return [
            Parameter(
                described(QgsProcessingParameterString("GEMEENTE", gemeente), tr("A name or a code, such as Kampen or GM0166.")),
                lambda call: ["--gemeente", call.text("GEMEENTE")],
                check,
            ),
            _year(),
            parameters.choice(
                "STREETS", tr("Streets from"), tr("Where the streets are fetched from."), streets, default="extract",
                option="--streets",
            ),
            parameters.file(
                "OSM", tr("OpenStreetMap file"), tr("An extract that is used instead of fetching one."), option="--osm",
                filter_=parameters.OSM_FILTER, optional=True, advanced=True,
            ),
            _refresh(),
        ]  # fmt: skip

    def arguments(self, call):
        """Give the command line."""
        own = [argument for parameter in self._inputs() for argument in parameter.arguments(call)]
        return [self.command, "fetch", str(Path(call.text(self.FOLDER))), *own]


def _year() -> Parameter:
    kind = QgsProcessingParameterNumber.Type.Integer
    definition = QgsProcessingParameterNumber("YEAR", tr("Year"), kind, optional=True, minValue=2000, maxValue=2100)
    help_ = tr("Of borders and figures. Empty: the newest that is published.")

    def arguments(call) -> list[str]:
        value = call.number("YEAR")
        return [] if value is None else [question.option_of("YEAR"), f"{value:.0f}"]

    return Parameter(described(definition, help_, advanced=True), arguments)


def _refresh() -> Parameter:
    definition = QgsProcessingParameterBoolean("REFRESH", tr("Fetch again what is there"), defaultValue=False)
    help_ = tr("Without this what is in the folder stays as it is.")
    return Parameter(described(definition, help_, advanced=True), lambda call: ["--refresh"] if call.flag("REFRESH") else [])
