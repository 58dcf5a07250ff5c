"""A whole study from its study.toml."""

from qgis.core import QgsProcessingParameterBoolean

from .. import parameters
from ..study import StudyAlgorithm
from ..texts import tr


class RunStudy(StudyAlgorithm):
    """``geowoonzorg run``."""

    ident = "run_study"
    command = "run"
    subject = "sites"
    tags_ = ("studie", "kaart", "folium", "rapport", "study.toml")

    def title(self):
        """Give the name in the toolbox."""
        return tr("Run a study, with map and report")

    def summary(self):
        """Say what it does."""
        return tr(
            "Does everything a study.toml asks for: walking network, facilities, service areas, areas, and the candidate "
            "sites scored and ranked; writes the Folium map and the report, and loads the layers.\n"
            "No study yet? Try the demo first, or make one with: geowoonzorg init FOLDER."
        )

    def inputs(self):
        """Declare the parameters."""
        force = QgsProcessingParameterBoolean("FORCE", tr("Replace files no earlier run wrote"), defaultValue=False)
        help_ = tr("Without this the run refuses a folder that holds other files of the same names.")
        return [
            parameters.file(
                "STUDY",
                tr("Study (study.toml)"),
                tr("The study's file; the paths in it are relative to its own folder."),
                filter_="TOML (*.toml)",
            ),
            *parameters.profile("scoring", title=tr("Scoring profile")),
            parameters.Parameter(
                parameters.described(force, help_, advanced=True),
                lambda call: ["--force"] if call.flag("FORCE") else [],
            ),
        ]

    def arguments(self, call):
        """Give the command line."""
        own = [argument for parameter in self._inputs() for argument in parameter.arguments(call)]
        return [self.command, *own, *self.run_arguments(call)]
