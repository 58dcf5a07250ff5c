"""All that makes a loaded layer readable besides its style: legend, form and map tip; for each of its styles."""

from __future__ import annotations

from collections.abc import Mapping

from qgis.core import QgsMapLayer, QgsVectorLayer

from . import columns, figures, forms, legend, mixed, tips

# Properties of a layer: as what it was loaded, and what a printed page says of its run.
PRESET, RUN = "geowoonzorg/preset", "geowoonzorg/page"


def make_readable(layer: QgsMapLayer, preset: str, provenance: Mapping[str, str]) -> None:
    """Give a layer its legend, form and map tip, in every style that it has to switch to.

    Parameters
    ----------
    layer
        The layer, styled and with its columns named.
    preset
        The style it was given, without ``.qml``; empty where it has none.
    provenance
        What is known of where it came from: under ``provenance`` the engine's own ``provenance.json``, if there is one.
    """
    properties = {PRESET: preset, RUN: figures.kept_of_run(provenance)}
    _keep(layer, properties)
    if not isinstance(layer, QgsVectorLayer):
        legend.translate(layer)
        return
    mixed.draw_both(layer, preset)
    columns.set_aliases(layer)  # a style holds them too
    legend.write_limits(layer, preset)
    legend.add_class_styles(layer, preset)
    manager = layer.styleManager()
    current = manager.currentStyle()
    for name in [*(name for name in manager.styles() if name != current), current]:
        manager.setCurrentStyle(name)
        _keep(layer, properties)  # a style holds them too
        legend.translate(layer)
        forms.set_form(layer, preset, provenance)
        tips.set_tip(layer, preset, provenance)


def _keep(layer: QgsMapLayer, properties: Mapping[str, str]) -> None:
    for name, value in properties.items():
        layer.setCustomProperty(name, value)
