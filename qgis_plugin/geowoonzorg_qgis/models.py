"""The models that come with the plugin: files of the Model Designer, read in the user's language."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsProcessingModelAlgorithm
from qgis.PyQt.QtGui import QIcon

from .guidance import help_text, help_url
from .subjects import subjects
from .texts import FOLDER, tr

MODELS = FOLDER / "models"
SUBJECT = "walking"


def texts() -> dict[str, str]:
    """Give what stands in the files, English as they have it, in the user's language."""
    return {
        "Reach of facilities": tr("Reach of facilities"),
        "Makes the walking network once, and answers two questions over it: how far each class of facilities reaches, as "
        "rings, and how many of them each place has within walking distance. Open it in the Model Designer to make your own "
        "of it.": tr(
            "Makes the walking network once, and answers two questions over it: how far each class of facilities reaches, as "
            "rings, and how many of them each place has within walking distance. Open it in the Model Designer to make your own "
            "of it."
        ),
        "Walking network: file": tr("Walking network: file"),
        "An OpenStreetMap extract (.osm.pbf, .osm, .osm.bz2), a network saved earlier (.npz), or a file with lines.": tr(
            "An OpenStreetMap extract (.osm.pbf, .osm, .osm.bz2), a network saved earlier (.npz), or a file with lines."
        ),
        "Places of departure": tr("Places of departure"),
        "Points or areas, such as addresses.": tr("Points or areas, such as addresses."),
        "Facilities": tr("Facilities"),
        "Points or areas.": tr("Points or areas."),
        "Walking distance (m)": tr("Walking distance (m)"),
        "One or several, with a semicolon between them: 400; 800.": tr(
            "One or several, with a semicolon between them: 400; 800."
        ),
        "Who walks": tr("Who walks"),
        "Walking network": tr("Walking network"),
        "Service areas as rings or per class": tr("Service areas as rings or per class"),
        "How many within walking distance": tr("How many within walking distance"),
        "A profile: rollator, rolstoel or wandelaar.": tr("A profile: rollator, rolstoel or wandelaar."),
    }


class Model(QgsProcessingModelAlgorithm):
    """A model of the plugin's: its id is its file's name, whatever it is called in the user's language."""

    ident = ""

    def createInstance(self):
        """Make another of the same; its steps are looked up anew."""
        return made(self.ident, self.toVariant())

    def name(self) -> str:
        """Give the id, which never changes."""
        return self.ident

    def groupId(self) -> str:
        """Give the id of the group, which never changes."""
        return SUBJECT

    def group(self) -> str:
        """Give the name of the group in the toolbox."""
        return subjects()[SUBJECT]

    def shortHelpString(self) -> str:
        """Put together the help from what the model says and its parameters' own texts."""
        return help_text(self, self.helpContent().get("ALG_DESC", ""))

    def helpUrl(self) -> str:
        """Give the section of the page in the plugin."""
        return help_url(self.ident)

    def icon(self) -> QIcon:
        """Give the plugin's icon."""
        return QIcon(str(FOLDER / "icon.svg"))


def made(ident: str, content: Any) -> Model:
    """Make a model of what a file holds."""
    model = Model()
    model.ident = ident
    if not model.loadVariant(content):
        raise ValueError(ident)
    return model


def models() -> list[Model]:
    """Read every model, its texts in the user's language."""
    known = texts()
    found = []
    for path in sorted(MODELS.glob("*.model3")):
        read = QgsProcessingModelAlgorithm()
        if read.fromFile(str(path)):
            found.append(made(path.stem, _translated(read.toVariant(), known)))
    return found


def _translated(content: Any, known: dict[str, str]) -> Any:
    if isinstance(content, dict):
        return {key: _translated(value, known) for key, value in content.items()}
    if isinstance(content, list):
        return [_translated(value, known) for value in content]
    return known.get(content, content) if isinstance(content, str) else content
