"""Map themes: which layers, in which style, answer which question; one click in QGIS's layer panel shows one."""

from __future__ import annotations

from dataclasses import dataclass

from qgis.core import QgsMapLayer, QgsMapThemeCollection, QgsProject

from . import legend
from .reading import PRESET
from .texts import tr


@dataclass(frozen=True)
class Theme:
    """A question: the preset it turns on, and those that are shown with it where they are there."""

    title: str
    about: str
    beside: tuple[str, ...] = ()
    styles: tuple[tuple[str, str], ...] = ()  # of a preset the style, where it has several


def themes() -> list[Theme]:
    """Give the questions, each for the layers that answer it."""
    bounds = (("areas", legend.boundaries()),)
    return [
        Theme(tr("Ranking"), "sites", ("facilities", "areas"), bounds),
        Theme(one_site(), "site_areas", ("sites", "facilities", "route", "areas"), bounds),
        Theme(tr("Reach"), "service_areas", ("sites", "facilities")),
        Theme(tr("Coverage"), "addresses", ("facilities", "areas"), (*bounds, ("addresses", legend.daily()))),
        Theme(tr("Liveability"), "areas", ("sites",), (("areas", tr("Liveability")),)),
        Theme(tr("Balance"), "areas", ("sites",), (("areas", tr("Vragers and dragers")),)),
        Theme(tr("Balance"), "areas_balance", ("sites",)),
        Theme(tr("Places"), "spots", ("suitability", "areas"), bounds),
        Theme(tr("Places"), "suitability", ("spots", "areas"), bounds),
        Theme(tr("New facilities"), "locations", ("facilities", "areas"), bounds),
        Theme(tr("What if"), "changes", ("facilities", "areas"), bounds),
        Theme(tr("Programme"), "programme", ("areas",), bounds),
        Theme(tr("Region"), "region_maps"),
    ]


def one_site() -> str:
    """Give the name of the theme that pages of sites show."""
    return tr("One site")


def layers_by_preset(project: QgsProject) -> dict[str, QgsMapLayer]:
    """Find the layers that the plugin loaded, of each kind the one that was loaded last."""
    found: dict[str, QgsMapLayer] = {}
    for node in project.layerTreeRoot().findLayers():  # from above to below, tables too
        layer = node.layer()
        if layer is not None and (preset := layer.customProperty(PRESET)):
            found.setdefault(str(preset), layer)
    return found


def add_themes(project: QgsProject) -> list[str]:
    """Make the themes for the layers that are there, and give their names; those of an earlier run are made anew."""
    found = layers_by_preset(project)
    ours = {layer.id() for layer in project.mapLayers().values() if layer.customProperty(PRESET) is not None}
    root = project.layerTreeRoot()
    others = [node.layer() for node in root.findLayers() if node.layer() and node.layerId() not in ours and node.isVisible()]
    made = []
    for theme in themes():
        if theme.about not in found or theme.title in made:
            continue
        record = QgsMapThemeCollection.MapThemeRecord()
        styles = dict(theme.styles)
        for preset in (theme.about, *theme.beside):
            if preset in found:
                record.addLayerRecord(_shown(found[preset], styles.get(preset, "")))
        for layer in others:
            record.addLayerRecord(_shown(layer))
        collection = project.mapThemeCollection()
        (collection.update if collection.hasMapTheme(theme.title) else collection.insert)(theme.title, record)
        made.append(theme.title)
    return made


def _shown(layer: QgsMapLayer, style: str = "") -> QgsMapThemeCollection.MapThemeLayerRecord:
    record = QgsMapThemeCollection.MapThemeLayerRecord(layer)
    manager = layer.styleManager()
    record.usingCurrentStyle = True
    record.currentStyle = style if style in manager.styles() else manager.currentStyle()
    record.expandedLayerNode = True
    return record
