"""A commented study.toml to start from."""

from ..study_folder import StudyFolderAlgorithm
from ..texts import tr


class Init(StudyFolderAlgorithm):
    """``geowoonzorg init``."""

    ident = "init"
    command = "init"
    subject = "sites"
    tags_ = ("studie", "beginnen", "sjabloon", "study.toml", "start", "template")

    def title(self):
        """Give the name in the toolbox."""
        return tr("Start a study")

    def summary(self):
        """Say what it does."""
        return tr(
            "Writes a study.toml with an explanation at every line into a folder. Fill in your files, check it with Check a "
            "study, and run it. A study that is there is not replaced."
        )

    def arguments(self, call):
        """Give the command line."""
        return [self.command, call.text(self.FOLDER)]
