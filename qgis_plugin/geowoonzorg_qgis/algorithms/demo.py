"""The whole job on the fictional municipality that comes with the engine."""

from .. import parameters
from ..study import StudyAlgorithm
from ..texts import tr


class Demo(StudyAlgorithm):
    """``geowoonzorg demo``."""

    ident = "demo"
    command = "demo"
    subject = "sites"
    tags_ = ("voorbeeld", "demonstratie", "example")

    def title(self):
        """Give the name in the toolbox."""
        return tr("Demo: a fictional municipality")

    def summary(self):
        """Say what it does."""
        return tr("The whole job in one click, without the internet, on a fictional municipality that comes with the engine.")

    def inputs(self):
        """Declare the parameters."""
        return parameters.profile("scoring", title=tr("Scoring profile"))

    def arguments(self, call):
        """Give the command line."""
        own = [argument for parameter in self._inputs() for argument in parameter.arguments(call)]
        return [self.command, *own, *self.run_arguments(call)]
