"""A layer in which points and areas lie together is drawn whole: QGIS takes it for what its first row is."""

from __future__ import annotations

from qgis.core import (
    QgsAbstractVectorLayerLabeling,
    QgsCentroidFillSymbolLayer,
    QgsExpression,
    QgsExpressionContext,
    QgsExpressionContextUtils,
    QgsFeatureRenderer,
    QgsFillSymbol,
    QgsMarkerSymbol,
    QgsReadWriteContext,
    QgsRuleBasedRenderer,
    QgsVectorLayer,
    QgsVectorLayerSimpleLabeling,
    QgsWkbTypes,
)
from qgis.PyQt.QtXml import QDomDocument

from . import legend
from .texts import FOLDER, tr

_POINT, _POLYGON = QgsWkbTypes.GeometryType.PointGeometry, QgsWkbTypes.GeometryType.PolygonGeometry
_DRAWN_AS_POINTS = {"sites", "spots", "programme", "facilities"}  # of which each feature has a badge or disc


def draw_both(layer: QgsVectorLayer, preset: str) -> None:
    """Give a layer of points and areas the style of points, and beside each of its rules one for areas."""
    if preset not in _DRAWN_AS_POINTS:
        return
    features = [feature for feature in layer.getFeatures() if not feature.geometry().isEmpty()]
    if {feature.geometry().type() for feature in features} < {_POINT, _POLYGON}:
        return
    # Not with loadNamedStyle, which refuses the style of another kind of geometry.
    style = QDomDocument()
    style.setContent((FOLDER / "styles" / f"{preset}.qml").read_text(encoding="utf-8"))
    content, context = style.documentElement(), QgsReadWriteContext()
    renderer = QgsFeatureRenderer.load(content.firstChildElement("renderer-v2"), context)
    if not isinstance(renderer, QgsRuleBasedRenderer):
        renderer = QgsRuleBasedRenderer.convertFromRenderer(renderer)
    root = renderer.rootRule()
    areas = [feature for feature in features if feature.geometry().type() == _POLYGON]
    for rule in list(root.children()):
        if not isinstance(rule.symbol(), QgsMarkerSymbol):
            continue
        # Of sites a rank can come and go with the weights; a facility stays of its class.
        if preset != "facilities" or _any(layer, areas, rule, root):
            # A marker is not drawn in an area, nor a fill at a point: the two can have the same filter.
            label = tr("{what} (building or plot)").format(what=legend.in_language(rule.label()))
            twin = QgsRuleBasedRenderer.Rule(_in_area(rule.symbol()), 0, 0, rule.filterExpression(), label)
            if rule.isElse():
                twin.setIsElse(True)
            root.insertChild(root.children().index(rule) + 1, twin)
    layer.setRenderer(renderer.clone())
    if (labels := content.firstChildElement("labeling")).isNull():
        return
    layer.setLabeling(_inside(QgsAbstractVectorLayerLabeling.create(labels, context)))
    layer.setLabelsEnabled(True)


def _any(layer: QgsVectorLayer, features: list, rule: QgsRuleBasedRenderer.Rule, root: QgsRuleBasedRenderer.Rule) -> bool:
    """Whether a rule draws any of these features."""
    own = [
        QgsExpression(one.filterExpression()) for one in ([rule] if not rule.isElse() else root.children()) if not one.isElse()
    ]
    context = QgsExpressionContext()
    context.appendScope(QgsExpressionContextUtils.layerScope(layer))
    for feature in features:
        context.setFeature(feature)
        if any(expression.evaluate(context) for expression in own) != rule.isElse():
            return True
    return False


def _in_area(marker: QgsMarkerSymbol) -> QgsFillSymbol:
    """Draw an area's edge, and the marker in it."""
    symbol = QgsFillSymbol.createSimple({"color": "27,27,27,30", "outline_color": "#1b1b1b", "outline_width": "0.3"})
    centre = QgsCentroidFillSymbolLayer()
    centre.setPointOnSurface(True)
    centre.setSubSymbol(marker.clone())
    symbol.appendSymbolLayer(centre)
    return symbol


def _inside(labeling: QgsAbstractVectorLayerLabeling) -> QgsVectorLayerSimpleLabeling:
    """Write a label where the marker is, in areas too."""
    settings = labeling.settings()
    settings.geometryGenerator = "point_on_surface($geometry)"
    settings.geometryGeneratorEnabled = True
    settings.geometryGeneratorType = _POINT
    return QgsVectorLayerSimpleLabeling(settings)
