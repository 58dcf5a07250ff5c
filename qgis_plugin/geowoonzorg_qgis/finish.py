"""What is done to a layer after it is loaded: its style, aliases, group and where it came from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from qgis.core import (
    QgsExpression,
    QgsFeatureRequest,
    QgsLayerMetadata,
    QgsMapLayer,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingLayerPostProcessorInterface,
    QgsProject,
    QgsRasterLayer,
    QgsVectorLayer,
    QgsWkbTypes,
)
from qgis.PyQt.QtCore import QDateTime

from . import columns, layouts, legend, reading
from .texts import FOLDER, tr

if TYPE_CHECKING:
    from .algorithm import Output

GROUP = "Geowoonzorg"
STYLES = FOLDER / "styles"
_POINT, _POLYGON = QgsWkbTypes.GeometryType.PointGeometry, QgsWkbTypes.GeometryType.PolygonGeometry
_LINE = QgsWkbTypes.GeometryType.LineGeometry
# What a preset without an ending in its name is drawn for.
_GEOMETRY = {
    "sites": _POINT,
    "facilities": _POINT,
    "nearest": _POINT,
    "areas": _POLYGON,
    "areas_balance": _POLYGON,
    "service_areas": _POLYGON,
    "site_areas": _POLYGON,
    "route": _LINE,
    "locations": _POINT,
    "changes": _POINT,
    "programme": _POINT,
    "region_maps": _POLYGON,
    "service_rings": _POLYGON,
    "area_difference": _POLYGON,
    "within": _POINT,
    "snapped": _POINT,
    "access_legs": _LINE,
    "streets": _LINE,
    "dropped": _LINE,
    "barriers": _POINT,
    "addresses": _POINT,
    "spots": _POINT,
}
# QGIS holds no Python reference to a post-processor; without one here it is gone before it is called.
_kept: dict[str, Finish] = {}


class Finish(QgsProcessingLayerPostProcessorInterface):
    """Styles, names and groups one output."""

    def __init__(self, key: str, output: Output, provenance: dict[str, str]) -> None:
        super().__init__()
        self._key = key
        self._output = output
        self._provenance = provenance

    def postProcessLayer(self, layer, _context: QgsProcessingContext, feedback: QgsProcessingFeedback) -> None:
        """Do it; called by QGIS in its main thread."""
        _kept.pop(self._key, None)
        if isinstance(layer, QgsVectorLayer):
            dress(layer, preset=self._output.preset, provenance=self._provenance)
            if layer.providerType() == "ogr" and layer.source().partition("|")[0].endswith(".gpkg"):
                for problem in seal(layer):
                    feedback.pushInfo(problem)
            put_in_group(layer)
        elif isinstance(layer, QgsRasterLayer):
            legend.load_style(layer, self._output.preset)
            reading.make_readable(layer, self._output.preset, self._provenance)
            layer.setMetadata(metadata(layer, self._provenance))
            put_in_group(layer)
        layouts.add_all(QgsProject.instance())


def attach(context: QgsProcessingContext, destination: str, output: Output, provenance: dict[str, str]) -> None:
    """Have an output finished when QGIS has loaded it."""
    _kept[destination] = Finish(destination, output, provenance)
    details = context.layerToLoadOnCompletionDetails(destination)
    details.name = output.title
    details.forceName = True
    details.setPostProcessor(_kept[destination])


def dress(layer: QgsVectorLayer, *, preset: str, provenance: dict[str, str]) -> None:
    """Give a layer its style, aliases and metadata."""
    if preset:
        set_style(layer, preset)
    columns.set_aliases(layer)
    reading.make_readable(layer, preset, provenance)
    layer.setMetadata(metadata(layer, provenance))
    layer.triggerRepaint()


def seal(layer: QgsVectorLayer) -> list[str]:
    """Write a layer's styles, aliases and metadata into its GeoPackage, for whoever opens it without the plugin.

    Returns
    -------
    list
        What could not be written.
    """
    count, idents, *_rest = layer.listStylesInDatabase()
    for ident in idents[: max(count, 0)]:
        layer.deleteStyleFromDatabase(ident)  # else QGIS asks in a dialog whether it may be replaced
    manager = layer.styleManager()
    shown, names = manager.currentStyle(), manager.styles()
    problems = []
    for name in names:
        manager.setCurrentStyle(name)
        problems.append(layer.saveStyleToDatabase(layer.name() if len(names) == 1 else name, "", name == shown, ""))
    manager.setCurrentStyle(shown)
    message, fine = layer.saveDefaultMetadata()
    return [problem for problem in (*problems, "" if fine else message) if problem]


def set_style(layer: QgsVectorLayer, preset: str) -> None:
    """Load a preset that suits the layer's geometry; areas get the balance as a second style to switch to."""
    ending = {QgsWkbTypes.GeometryType.LineGeometry: "_lines", QgsWkbTypes.GeometryType.PolygonGeometry: "_polygons"}
    suited = STYLES / f"{preset}{ending.get(layer.geometryType(), '')}.qml"
    plain = STYLES / f"{preset}.qml"
    style = suited if suited.is_file() else plain
    if not style.is_file() or (style == plain and layer.geometryType() != _GEOMETRY.get(preset, layer.geometryType())):
        return
    if preset == "region_maps":
        _style_per_map(layer, style)
        return
    if preset not in {"areas", "areas_balance"}:
        legend.load_style(layer, style.stem)
        return
    manager = layer.styleManager()
    liveability, balance = tr("Liveability"), tr("Vragers and dragers")
    manager.renameStyle(manager.currentStyle(), liveability)
    classified = _any_known(layer, "lbm_class")
    drawn = "areas_deviation" if _any_known(layer, "lbm_afw") and not classified else "areas"
    legend.load_style(layer, drawn)
    columns.set_aliases(layer)  # a style holds them too
    manager.addStyleFromLayer(balance)
    manager.setCurrentStyle(balance)
    legend.load_style(layer, "areas_balance")
    columns.set_aliases(layer)
    if preset == "areas" and (classified or not _any_known(layer, "balans")):
        manager.setCurrentStyle(liveability)


def _style_per_map(layer: QgsVectorLayer, style: Path) -> None:
    """Give every map that lies in a layer a style of its own to switch to, as they lie over each other."""
    wanted = QgsFeatureRequest().setFlags(QgsFeatureRequest.Flag.NoGeometry)
    about = [tuple(feature[name] or "" for name in ("theme", "groep", "need", "year")) for feature in layer.getFeatures(wanted)]
    needs = {
        "people": tr("people"),
        "independent": tr("living on their own"),
        "severe_limits": tr("severe mobility limits"),
        "places": tr("places"),
        "homes": tr("homes"),
    }
    manager = layer.styleManager()
    first = ""
    for place, (theme, group, need, year) in enumerate(dict.fromkeys(about)):
        name = ": ".join(filter(None, (str(group), needs.get(str(need), str(need))))) or tr("Does it fit")
        name = f"{name} ({int(year)})" if theme == "gap" and year else name
        if place == 0:
            first = name
            manager.renameStyle(manager.currentStyle(), name)
        else:
            manager.addStyleFromLayer(name)
            manager.setCurrentStyle(name)
        legend.load_style(layer, style.stem)
        columns.set_aliases(layer)
        root = layer.renderer().rootRule()
        for rule in list(root.children()):
            if rule.label() != theme:
                root.removeChild(rule)
                continue
            rule.setFilterExpression(
                " AND ".join(
                    f'"{column}" = {QgsExpression.quotedString(str(value))}'
                    for column, value in (("theme", theme), ("groep", group), ("need", need))
                )
            )
            rule.setLabel(name)
        labeling = layer.labeling().clone()
        settings = labeling.settings()
        # One name per area, not one for each map under it.
        settings.fieldName = f'if({root.children()[0].filterExpression()}, "gemeente", NULL)'
        labeling.setSettings(settings)
        layer.setLabeling(labeling)
    if first:
        manager.setCurrentStyle(first)


def _any_known(layer: QgsVectorLayer, column: str) -> bool:
    index = layer.fields().lookupField(column)
    values = layer.uniqueValues(index) if index >= 0 else ()
    return any(value is not None and not (hasattr(value, "isNull") and value.isNull()) for value in values)


def metadata(layer: QgsMapLayer, provenance: dict[str, str]) -> QgsLayerMetadata:
    """Write where a layer came from in the form QGIS shows under Properties > Metadata."""
    written = QgsLayerMetadata()
    written.setTitle(layer.name())
    written.setType("dataset")
    written.setCrs(layer.crs())
    written.setAbstract("\n".join(f"{name}: {value}" for name, value in provenance.items()))
    stamp = QDateTime.currentDateTimeUtc().toString("yyyy-MM-ddTHH:mm:ssZ")
    written.addHistoryItem(f"{stamp} {provenance.get('algorithm', '')} ({provenance.get('engine', '')})")
    return written


def story(layer: QgsMapLayer) -> str:
    """Give the engine's own account of a run out of a layer's metadata; empty where it has none."""
    _before, found, rest = f"\n{layer.metadata().abstract()}".partition("\nprovenance: ")
    if not found:
        return ""
    try:
        _read, end = json.JSONDecoder().raw_decode(rest)
    except ValueError:
        return ""
    return rest[:end]


def put_in_group(layer: QgsMapLayer) -> None:
    """Move a layer that QGIS just added to the project into the plugin's group, if it is there already."""
    root = QgsProject.instance().layerTreeRoot()
    node = root.findLayer(layer.id())
    if node is None or node.parent() is None or node.parent().name() == GROUP:
        return
    group = root.findGroup(GROUP) or root.insertGroup(0, GROUP)
    group.insertChildNode(0, node.clone())
    node.parent().removeChildNode(node)
