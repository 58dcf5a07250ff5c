"""Candidate sites scored, from layers instead of a study.toml."""

from qgis.core import QgsProcessingParameterBoolean

from .. import study_inputs
from ..parameters import Parameter, described
from ..study import StudyAlgorithm
from ..texts import tr


class ScoreSites(StudyAlgorithm):
    """``geowoonzorg run`` on a study written from the dialog; the study stays in the output folder."""

    ident = "score_sites"
    command = "run"
    subject = "sites"
    tags_ = ("kandidaatlocaties", "locaties", "scoren", "rangorde", "score", "rank")

    def title(self):
        """Give the name in the toolbox."""
        return tr("Score candidate sites")

    def summary(self):
        """Say what it does."""
        return tr(
            "Scores and ranks candidate sites on walking distances, liveability, the balance of vragers and dragers and noise, "
            "and shows for every site where its score comes from. What is not given stays unknown, and the score says what share "
            "of the weight was known.\n"
            "The study it runs is kept in the output folder, so that it can be run again without QGIS."
        )

    def inputs(self):
        """Declare the parameters."""
        force = QgsProcessingParameterBoolean("FORCE", tr("Replace files no earlier run wrote"), defaultValue=False)
        help_ = tr("Without this the run refuses a folder that holds other files of the same names.")
        return [*study_inputs.inputs(), Parameter(described(force, help_, advanced=True))]

    def arguments(self, call):
        """Write the study beside its output and give the command line."""
        folder = self.target(call) / "studie"
        folder.mkdir(exist_ok=True)
        force = ["--force"] if call.flag("FORCE") else []
        return [self.command, study_inputs.write_study(call, folder), *self.run_arguments(call), *force]
