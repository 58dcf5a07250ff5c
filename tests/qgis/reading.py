"""What the tests share of how a layer reads: the demo's layers, loaded and dressed as the plugin does."""

from __future__ import annotations

LAYERS = {  # of the engine's result.gpkg, and the style each is given
    "areas": "areas",
    "service_areas": "service_areas",
    "site_areas": "site_areas",
    "addresses": "addresses",
    "routes": "route",
    "facilities": "facilities",
    "criteria": "criteria",
    "sites": "sites",
}


def dressed(folder, names=LAYERS, on_disk=None):
    """Load layers of a run into the project, from below to above; in memory, or written into a folder first."""
    from geowoonzorg_qgis import finish, layers
    from geowoonzorg_qgis.study import StudyAlgorithm
    from qgis.core import QgsMemoryProviderUtils, QgsProject

    provenance = {"provenance": (folder / "provenance.json").read_text(encoding="utf-8")}
    titles = {output.layer: output.title for output in StudyAlgorithm().outputs()}
    project = QgsProject.instance()
    root = project.layerTreeRoot()
    group = root.findGroup(finish.GROUP) or root.insertGroup(0, finish.GROUP)
    made = {}
    for name in names:
        written = layers.open_layer(str(folder / "result.gpkg"), name)
        fields, skipped = layers.result_fields(written)
        kind = layers.result_type(written)
        layer = QgsMemoryProviderUtils.createMemoryLayer(titles[name], fields, kind, written.crs())
        assert layer.dataProvider().addFeatures(list(layers.copied(written, fields, skipped, kind)))[0], name
        if on_disk is not None:
            layer = _written(layer, on_disk / f"{name}.gpkg")
        project.addMapLayer(layer, False)
        group.insertLayer(0, layer)
        finish.dress(layer, preset=LAYERS[name], provenance=provenance)
        made[name] = layer
    return made


def _written(layer, path):
    """Write a layer to disk, and open it there."""
    from qgis.core import QgsCoordinateTransformContext, QgsVectorFileWriter, QgsVectorLayer

    options = QgsVectorFileWriter.SaveVectorOptions()
    problem, *_ = QgsVectorFileWriter.writeAsVectorFormatV3(layer, str(path), QgsCoordinateTransformContext(), options)
    assert not problem
    return QgsVectorLayer(str(path), layer.name(), "ogr")


def evaluated(layer, feature, expression: str):
    """Work an expression out for a feature of a layer."""
    from qgis.core import QgsExpression

    made = QgsExpression(expression)
    assert not made.hasParserError(), (expression, made.parserErrorString())
    value = made.evaluate(context_of(layer, feature))
    assert not made.hasEvalError(), (expression, made.evalErrorString())
    return value


def context_of(layer, feature):
    from qgis.core import QgsExpressionContext, QgsExpressionContextUtils

    context = QgsExpressionContext()
    context.appendScope(QgsExpressionContextUtils.globalScope())
    context.appendScope(QgsExpressionContextUtils.layerScope(layer))
    context.setFeature(feature)
    return context


def tip(layer, feature) -> str:
    """Give the map tip of a feature."""
    from qgis.core import QgsExpression

    return QgsExpression.replaceExpressionText(layer.mapTipTemplate(), context_of(layer, feature))
