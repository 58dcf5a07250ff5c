"""The catalogue of open data."""

import csv

from qgis.core import QgsProcessing

from ..algorithm import EngineAlgorithm, Output
from ..texts import tr

COLUMNS = ("key", "title", "publisher", "licence", "years", "addresses")


class Sources(EngineAlgorithm):
    """``geowoonzorg sources list``."""

    ident = "sources"
    command = "sources"
    subject = "data"
    tags_ = ("bronnen", "open data", "catalogus", "licentie", "catalogue")

    def title(self):
        """Give the name in the toolbox."""
        return tr("Catalogue of open data")

    def summary(self):
        """Say what it does."""
        return tr("Lists the open data that geowoonzorg knows: what it is, whose, under which licence, of which years and where.")

    def outputs(self):
        """Declare the table."""
        kind = QgsProcessing.SourceType.TypeVector
        return [Output("OUTPUT", "sources", self.title(), tr("One row a source."), geometry=kind, file="sources.csv")]

    def arguments(self, _call):
        """Give the command line."""
        return [self.command, "list"]

    def deliver(self, call, outcome):
        """Make a table of what the engine said."""
        with (call.folder / "sources.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            for source in outcome.get("sources") or []:
                writer.writerow([_as_text(source.get(name)) for name in COLUMNS])
        return self.deliver_layers(call, call.folder, outcome)


def _as_text(value: object) -> str:
    if isinstance(value, dict):
        value = list(value.values())
    return "; ".join(map(str, value)) if isinstance(value, list) else str(value or "")
