"""Make the plugin's models.

With QGIS's Python, of the oldest QGIS that is supported, so that every newer one reads them:

QT_HASH_SEED=0 QT_QPA_PLATFORM=offscreen /usr/bin/python3 qgis_plugin/make_models.py
"""

from __future__ import annotations

from qgis.core import (
    QgsApplication,
    QgsProcessing,
    QgsProcessingModelAlgorithm,
    QgsProcessingModelChildAlgorithm,
    QgsProcessingModelChildParameterSource,
    QgsProcessingModelOutput,
    QgsProcessingModelParameter,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterFile,
    QgsProcessingParameterString,
)
from qgis.PyQt.QtCore import QPointF

from geowoonzorg_qgis.models import MODELS
from geowoonzorg_qgis.provider import GeowoonzorgProvider

PLACES = [QgsProcessing.SourceType.TypeVectorPoint, QgsProcessing.SourceType.TypeVectorPolygon]
ABOUT = (
    "Makes the walking network once, and answers two questions over it: how far each class of facilities reaches, as rings, "
    "and how many of them each place has within walking distance. Open it in the Model Designer to make your own of it."
)
INPUTS = (
    (
        QgsProcessingParameterFile("NETWORK", "Walking network: file"),
        "An OpenStreetMap extract (.osm.pbf, .osm, .osm.bz2), a network saved earlier (.npz), or a file with lines.",
    ),
    (QgsProcessingParameterFeatureSource("ORIGINS", "Places of departure", PLACES), "Points or areas, such as addresses."),
    (QgsProcessingParameterFeatureSource("FACILITIES", "Facilities", PLACES), "Points or areas."),
    (
        QgsProcessingParameterString("LIMITS_M", "Walking distance (m)", "400; 800"),
        "One or several, with a semicolon between them: 400; 800.",
    ),
    (
        QgsProcessingParameterEnum(
            "PROFILE", "Who walks", ["rollator", "rolstoel", "wandelaar"], False, "rollator", usesStaticStrings=True
        ),
        "A profile: rollator, rolstoel or wandelaar.",
    ),
)


def step(model: QgsProcessingModelAlgorithm, ident: str, name: str, title: str, at: QPointF, **given: object) -> None:
    """Add a step; what is given is a parameter of the model, or a step whose output it is."""
    source = QgsProcessingModelChildParameterSource
    child = QgsProcessingModelChildAlgorithm(f"geowoonzorg:{name}")
    child.setChildId(ident)
    child.setDescription(title)
    child.setPosition(at)
    for parameter, value in given.items():
        made = source.fromChildOutput(value[1:], "OUTPUT") if value.startswith("@") else source.fromModelParameter(value)
        child.addParameterSources(parameter, [made])
    if ident != "network":
        output = QgsProcessingModelOutput(ident.upper(), title)
        output.setChildId(ident)
        output.setChildOutputName("OUTPUT")
        output.setDescription(title)
        output.setPosition(QPointF(at.x() + 260, at.y() + 60))
        child.setModelOutputs({ident.upper(): output})
    model.addChildAlgorithm(child)


def reach() -> QgsProcessingModelAlgorithm:
    """Make the network once, and draw rings and count over it."""
    model = QgsProcessingModelAlgorithm("Reach of facilities")
    for row, (definition, text) in enumerate(INPUTS):
        definition.setHelp(text)
        place = QgsProcessingModelParameter(definition.name())
        place.setPosition(QPointF(120, 60 + 80 * row))
        model.addModelParameter(definition, place)
    model.setHelpContent({"ALG_DESC": ABOUT, **{definition.name(): text for definition, text in INPUTS}})
    shared = {"NETWORK": "@network", "FACILITIES": "FACILITIES", "LIMITS_M": "LIMITS_M", "PROFILE": "PROFILE"}
    step(model, "network", "network", "Walking network", QPointF(420, 60), NETWORK="NETWORK", PROFILE="PROFILE")
    step(model, "rings", "service_rings", "Service areas as rings or per class", QPointF(720, 160), **shared)
    step(model, "within", "within", "How many within walking distance", QPointF(720, 320), ORIGINS="ORIGINS", **shared)
    model.updateDestinationParameters()
    return model


def main() -> None:
    """Write them all."""
    QgsApplication.setPrefixPath("/usr", True)
    application = QgsApplication([], False)
    application.initQgis()
    provider = GeowoonzorgProvider()
    QgsApplication.processingRegistry().addProvider(provider)
    if not reach().toFile(str(MODELS / "reach_of_facilities.model3")):
        raise SystemExit("the model could not be written")
    application.exitQgis()


if __name__ == "__main__":
    main()
