"""What is done to a layer after it is loaded: its style, aliases, group and where it came from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qgis.core import (
    QgsLayerMetadata,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingLayerPostProcessorInterface,
    QgsProject,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QDateTime

from . import columns
from .texts import FOLDER

if TYPE_CHECKING:
    from .algorithm import Output

GROUP = "Geowoonzorg"
# QGIS holds no Python reference to a post-processor; without one here it is gone before it is called.
_kept: dict[str, Finish] = {}


class Finish(QgsProcessingLayerPostProcessorInterface):
    """Styles, names and groups one output."""

    def __init__(self, key: str, output: Output, provenance: dict[str, str]) -> None:
        super().__init__()
        self._key = key
        self._output = output
        self._provenance = provenance

    def postProcessLayer(self, layer, _context: QgsProcessingContext, _feedback: QgsProcessingFeedback) -> None:
        """Do it; called by QGIS in its main thread."""
        _kept.pop(self._key, None)
        if isinstance(layer, QgsVectorLayer):
            dress(layer, preset=self._output.preset, provenance=self._provenance)
            put_in_group(layer)


def attach(context: QgsProcessingContext, destination: str, output: Output, provenance: dict[str, str]) -> None:
    """Have an output finished when QGIS has loaded it."""
    _kept[destination] = Finish(destination, output, provenance)
    details = context.layerToLoadOnCompletionDetails(destination)
    details.name = output.title
    details.forceName = True
    details.setPostProcessor(_kept[destination])


def dress(layer: QgsVectorLayer, *, preset: str, provenance: dict[str, str]) -> None:
    """Give a layer its style, aliases and metadata."""
    style = FOLDER / "styles" / f"{preset}.qml"
    if preset and style.is_file():
        layer.loadNamedStyle(str(style))
    columns.set_aliases(layer)
    layer.setMetadata(metadata(layer, provenance))
    layer.triggerRepaint()


def metadata(layer: QgsVectorLayer, provenance: dict[str, str]) -> QgsLayerMetadata:
    """Write where a layer came from in the form QGIS shows under Properties > Metadata."""
    written = QgsLayerMetadata()
    written.setTitle(layer.name())
    written.setType("dataset")
    written.setCrs(layer.crs())
    written.setAbstract("\n".join(f"{name}: {value}" for name, value in provenance.items()))
    stamp = QDateTime.currentDateTimeUtc().toString("yyyy-MM-ddTHH:mm:ssZ")
    written.addHistoryItem(f"{stamp} {provenance.get('algorithm', '')} ({provenance.get('engine', '')})")
    return written


def put_in_group(layer: QgsVectorLayer) -> None:
    """Move a layer that QGIS just added to the project into the plugin's group, if it is there already."""
    root = QgsProject.instance().layerTreeRoot()
    node = root.findLayer(layer.id())
    if node is None or node.parent() is None or node.parent().name() == GROUP:
        return
    group = root.findGroup(GROUP) or root.insertGroup(0, GROUP)
    group.insertChildNode(0, node.clone())
    node.parent().removeChildNode(node)
