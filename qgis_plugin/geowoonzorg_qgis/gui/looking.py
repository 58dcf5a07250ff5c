"""The panel's side of the map: what is selected, shown and zoomed to, and which ranks the labels have."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress

from qgis.core import (
    QgsExpression,
    QgsExpressionContextUtils,
    QgsProject,
    QgsRectangle,
    QgsVectorLayer,
    QgsWkbTypes,
)
from qgis.gui import QgsMapCanvas
from qgis.PyQt.QtCore import QObject, pyqtSignal

from ..ranking import Site, Standing

CLOSEST_SCALE = 5000.0  # zooming to a point would otherwise show a paving stone
# Variables of layers that the styles read.
RANKS_VARIABLE = "geowoonzorg_ranks"
SITE_VARIABLE = "geowoonzorg_site"
_OF_ONE_SITE = ("site_areas", "routes")


class MapSide(QObject):
    """The layers of the shown run; each is looked up when needed, as it may have been removed."""

    picked = pyqtSignal(str, int)

    def __init__(self, canvas: QgsMapCanvas) -> None:
        super().__init__()
        self._canvas = canvas
        self._site_ids: list[str] = []
        self._of_one_site: list[str] = []
        self._is_selecting = False

    def watch(self, layers: list[QgsVectorLayer], beside: Mapping[str, str]) -> None:
        """Follow these layers of sites, and the layers beside them that tell of one site."""
        for layer in self._layers(self._site_ids):
            with suppress(TypeError, RuntimeError):
                layer.selectionChanged.disconnect(self._selected)
        self._site_ids = [layer.id() for layer in layers]
        self._of_one_site = [beside[name] for name in _OF_ONE_SITE if name in beside]
        for layer in layers:
            layer.selectionChanged.connect(self._selected)

    def _layers(self, idents: list[str]) -> list[QgsVectorLayer]:
        return [layer for layer in map(QgsProject.instance().mapLayer, idents) if layer is not None]

    def _selected(self, chosen: list[int], _dropped: list[int], _anew: bool) -> None:
        layer = self.sender()
        if chosen and not self._is_selecting and isinstance(layer, QgsVectorLayer):
            self.picked.emit(layer.id(), min(chosen))

    def select(self, site: Site) -> None:
        """Select a site on the map, and no other."""
        self._is_selecting = True
        try:
            for layer in self._layers(self._site_ids):
                layer.selectByIds([site.feature_id] if layer.id() == site.layer_id else [])
        finally:
            self._is_selecting = False

    def zoom_to(self, site: Site) -> None:
        """Show a site, with what can be walked to from there."""
        layer = QgsProject.instance().mapLayer(site.layer_id)
        if layer is None:
            return
        extent = self._reach(site.ident)
        if extent is None:
            self._canvas.zoomToFeatureIds(layer, [site.feature_id])
            self._canvas.zoomScale(CLOSEST_SCALE)
        else:
            extent.scale(1.15)
            self._canvas.setExtent(extent)
            self._canvas.refresh()
        self._canvas.flashFeatureIds(layer, [site.feature_id])

    def zoom_to_layer(self, layer: QgsVectorLayer) -> None:
        """Show all of a layer."""
        if not QgsProject.instance().crs().isValid():
            QgsProject.instance().setCrs(layer.crs())
        extent = self._canvas.mapSettings().layerExtentToOutputExtent(layer, layer.extent())
        extent.scale(1.3)
        self._canvas.setExtent(extent)
        self._canvas.refresh()

    def _reach(self, ident: str) -> QgsRectangle | None:
        """Give the extent of what can be walked to from a site, in the map's reference system."""
        extent = QgsRectangle()
        for layer in self._layers(self._of_one_site):
            if layer.geometryType() == QgsWkbTypes.GeometryType.PolygonGeometry:
                settings = self._canvas.mapSettings()
                for feature in layer.getFeatures(QgsExpression.createFieldEqualityExpression("site_id", ident)):
                    extent.combineExtentWith(settings.layerExtentToOutputExtent(layer, feature.geometry().boundingBox()))
        return None if extent.isEmpty() else extent

    def show_only_of(self, ident: str) -> None:
        """Show the walks and reach of one site."""
        for layer in self._layers(self._of_one_site):
            QgsExpressionContextUtils.setLayerVariable(layer, SITE_VARIABLE, ident)
            layer.triggerRepaint()

    def show_ranks(self, standings: Mapping[str, Standing]) -> None:
        """Let the labels have these ranks; empty: those that the run wrote."""
        text = json.dumps({ident: standing.rank for ident, standing in standings.items()})
        for layer in self._layers(self._site_ids):
            QgsExpressionContextUtils.setLayerVariable(layer, RANKS_VARIABLE, text)
            layer.triggerRepaint()
