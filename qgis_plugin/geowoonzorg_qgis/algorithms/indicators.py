"""What is around the candidate sites, measured and not yet weighed."""

from .. import study_inputs
from ..algorithm import EngineAlgorithm, Output
from ..texts import tr


class Indicators(EngineAlgorithm):
    """``geowoonzorg indicators`` on a study written from the dialog."""

    ident = "indicators"
    command = "indicators"
    subject = "sites"
    tags_ = ("indicatoren", "locaties", "meten", "leefbaarometer", "geluid", "omgeving")

    def title(self):
        """Give the name in the toolbox."""
        return tr("Indicators at sites")

    def summary(self):
        """Say what it does."""
        return tr(
            "Measures every criterion of the profile at each site: walking distances, figures of the areas as the people in "
            "the walking catchment have them, noise; without scores or ranks. What is not given or not covered stays unknown."
        )

    def inputs(self):
        """Declare the parameters."""
        return study_inputs.inputs()

    def outputs(self):
        """Declare the layer."""
        text = tr("The sites with what was measured, each in its own unit.")
        return [Output("OUTPUT", "indicators", tr("Indicators at sites"), text, "indicators")]

    def arguments(self, call):
        """Write the study and give the command line."""
        return [self.command, study_inputs.write_study(call, call.folder), "-o", str(call.folder / "out.gpkg")]
