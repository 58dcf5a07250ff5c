"""What stands in a layer's legend: its own limits, the facility classes to switch to, in the user's language."""

from __future__ import annotations

import json
import re
from functools import lru_cache

from qgis.core import (
    QgsCategorizedSymbolRenderer,
    QgsFillSymbol,
    QgsMapLayer,
    QgsRasterLayer,
    QgsRuleBasedRenderer,
    QgsSingleBandPseudoColorRenderer,
    QgsSingleSymbolRenderer,
    QgsVectorLayer,
)
from qgis.PyQt.QtXml import QDomDocument

from . import columns, figures, settings
from .texts import FOLDER, tr

_BY_LIMIT = {"service_areas", "site_areas"}
_NEAR_AND_FAR = ("far", "near")  # the rules that these styles start with
_SHOWN_LIMITS = 3
_FEWEST_CLASSES = 2
_MADE_FOR = re.compile(r'("limit_m" (?:<=|>)) 400')  # the limit that the styles are made with
_DISTANCE = re.compile(r'"distance_m"')


def write_limits(layer: QgsVectorLayer, preset: str) -> None:
    """Part what is near from what is far at the shortest limit that the layer has."""
    index = layer.fields().lookupField("limit_m")
    if preset not in _BY_LIMIT or index < 0 or not isinstance(layer.renderer(), QgsRuleBasedRenderer):
        return
    limits = sorted(float(value) for value in layer.uniqueValues(index) if isinstance(value, (int, float)))
    rules = layer.renderer().rootRule().children()
    if not limits or len(rules) < len(_NEAR_AND_FAR):
        return
    far, near = rules[:2]
    first, *others = limits
    for rule in (far, near):
        rule.setFilterExpression(_MADE_FOR.sub(lambda found: f"{found[1]} {first:.15g}", rule.filterExpression()))
    near.setLabel(tr("up to {metres} m walking").format(metres=f"{first:g}"))
    shown = ", ".join(f"{limit:g}" for limit in others[:_SHOWN_LIMITS]) + (", …" if len(others) > _SHOWN_LIMITS else "")
    far.setLabel(tr("up to {metres} m walking").format(metres=shown or f"> {first:g}"))
    if not others:
        layer.renderer().rootRule().removeChild(far)


def add_class_styles(layer: QgsVectorLayer, preset: str) -> None:
    """Give a layer in which the facility classes lie over each other a style for each of them."""
    if preset == "addresses":
        _walks_per_class(layer)
    elif preset == "service_areas" and isinstance(layer.renderer(), QgsRuleBasedRenderer):
        _areas_per_class(layer)
    elif preset == "areas" and layer.fields().lookupField("name") >= 0:
        _boundaries(layer)


def _areas_per_class(layer: QgsVectorLayer) -> None:
    """Leave one class in each style."""
    index = layer.fields().lookupField("facility_class")
    there = sorted(value for value in layer.uniqueValues(index) if isinstance(value, str)) if index >= 0 else []
    if len(there) < _FEWEST_CLASSES:
        return
    manager = layer.styleManager()
    everything = tr("All kinds")
    manager.renameStyle(manager.currentStyle(), everything)
    for key in there:
        manager.setCurrentStyle(everything)
        manager.addStyleFromLayer(columns.class_name(key))
        manager.setCurrentStyle(columns.class_name(key))
        filter_ = f"\"facility_class\" = '{key}'"
        for group in layer.renderer().rootRule().children():
            rules = group.children()
            wanted = [rule for rule in rules if rule.filterExpression() == filter_] or rules[-1:]
            for rule in rules:
                if rule not in wanted:
                    group.removeChild(rule)
    manager.setCurrentStyle(everything)
    if len(groups := layer.renderer().rootRule().children()) > 1:
        groups[0].setActive(False)  # of every class together what is farther hides what is near: one tick away


def _boundaries(layer: QgsVectorLayer) -> None:
    """Leave nothing but the boundaries and names, for under a map of something else."""
    manager = layer.styleManager()
    current = manager.currentStyle()
    manager.addStyleFromLayer(boundaries())
    manager.setCurrentStyle(boundaries())
    look = {"style": "no", "outline_color": "#8a8a8a", "outline_width": "0.25", "outline_style": "dash"}
    layer.setRenderer(QgsSingleSymbolRenderer(QgsFillSymbol.createSimple(look)))
    if layer.labeling() is not None:
        labeling = layer.labeling().clone()
        settings_ = labeling.settings()
        settings_.isExpression = False
        settings_.fieldName = "name"
        labeling.setSettings(settings_)
        layer.setLabeling(labeling)
    manager.setCurrentStyle(current)


def boundaries() -> str:
    """Give the name of the style of areas that only has their boundaries."""
    return tr("Boundaries")


def daily() -> str:
    """Give the name of the style of addresses that counts the daily facilities."""
    return tr("Daily facilities")


def load_style(layer: QgsMapLayer, preset: str) -> None:
    """Give a layer a style of the plugin's.

    Not with ``loadNamedStyle``: from QGIS 3.40 on that takes a style out of the layer's own GeoPackage, if it has any, in
    place of the file.
    """
    style = QDomDocument()
    style.setContent((FOLDER / "styles" / f"{preset}.qml").read_text(encoding="utf-8"))
    layer.importNamedStyle(style)


def _walks_per_class(layer: QgsVectorLayer) -> None:
    """Draw in each style how far one class is."""
    distances = columns.distances_in(field.name() for field in layer.fields())
    if not distances:
        return
    manager = layer.styleManager()
    manager.renameStyle(manager.currentStyle(), daily())
    for key, name in distances.items():
        title = columns.class_name(key)
        manager.addStyleFromLayer(title)
        manager.setCurrentStyle(title)
        load_style(layer, "nearest")
        columns.set_aliases(layer)  # a style holds them too
        for rule in layer.renderer().rootRule().children():
            rule.setFilterExpression(_DISTANCE.sub(lambda _found, name=name: figures.column(name), rule.filterExpression()))
            for part in rule.symbol().symbolLayers():
                part.setSize(0.6 * part.size())  # there are thousands
    manager.setCurrentStyle(daily())


def translate(layer: QgsMapLayer) -> None:
    """Write a legend in the user's language; the styles are made in Dutch."""
    if settings.language() != "en":
        return
    renderer = layer.renderer()
    if isinstance(layer, QgsRasterLayer):
        if isinstance(renderer, QgsSingleBandPseudoColorRenderer):
            function = renderer.shader().rasterShaderFunction()
            items = function.colorRampItemList()
            for item in items:
                item.label = in_english(item.label)
            function.setColorRampItemList(items)
    elif isinstance(renderer, QgsCategorizedSymbolRenderer):
        for place, category in enumerate(renderer.categories()):
            renderer.updateCategoryLabel(place, in_english(category.label()))
    elif isinstance(renderer, QgsRuleBasedRenderer):
        for rule in renderer.rootRule().descendants():
            rule.setLabel(in_english(rule.label()))


def in_language(label: str) -> str:
    """Give a label of the styles in the user's language."""
    return in_english(label) if settings.language() == "en" else label


def in_english(label: str) -> str:
    """Give a label's English; one that has none stays as it is."""
    known = _english()
    if label in known["labels"]:
        return known["labels"][label]
    for pattern, wanted in known["patterns"]:
        if (found := re.match(pattern, label)) is not None:
            return re.sub(r"(?<=\d),(?=\d)", ".", found.expand(wanted))
    return label


@lru_cache(maxsize=1)
def _english() -> dict:
    return json.loads((FOLDER / "styles" / "legend_en.json").read_text(encoding="utf-8"))
