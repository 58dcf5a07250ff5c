"""Every window of the plugin is opened: it has a picture, its words are Dutch, and nothing in it is cut off or empty."""

from __future__ import annotations

import os

FEWEST = 20  # algorithms


def keep(widget, name: str) -> None:
    """Photograph a window, and look whether there is anything on it; KEEP_SHOTS names a folder to keep the pictures in."""
    from qgis.PyQt.QtWidgets import QApplication

    widget.show()
    QApplication.processEvents()
    picture = widget.grab().toImage()
    assert picture.width() > 100
    seen = {picture.pixel(x, y) for x in range(0, picture.width(), 7) for y in range(0, picture.height(), 7)}
    assert len(seen) > 3, name
    if folder := os.environ.get("KEEP_SHOTS"):
        assert picture.save(f"{folder}/window_{name}.png")


def test_the_dialog_of_every_algorithm_opens(algorithms, qgis_processing, monkeypatch):
    import processing
    from qgis.core import QgsProcessingParameterDefinition
    from qgis.gui import QgsBrowserGuiModel
    from qgis.PyQt.QtWidgets import QLabel
    from qgis.utils import iface

    model = QgsBrowserGuiModel()
    monkeypatch.setattr(iface, "browserModel", lambda: model)
    hidden = QgsProcessingParameterDefinition.Flag.FlagHidden
    assert len(algorithms) > FEWEST
    for name, algorithm in algorithms.items():
        dialog = processing.createAlgorithmDialog(f"geowoonzorg:{name}", {})
        dialog.resize(900, 650)
        keep(dialog, name)
        words = " ".join(label.text() for label in dialog.findChildren(QLabel))
        for definition in algorithm.parameterDefinitions():
            if not definition.flags() & hidden:
                assert definition.help() or definition.isDestination(), (name, definition.name())
                assert definition.isDestination() or definition.type() == "boolean" or definition.description() in words, (
                    name,
                    definition.description(),
                )
        dialog.close()


def test_panel_and_settings_open(plugin, qgis_iface):
    from geowoonzorg_qgis.gui.dock import SitesDock
    from geowoonzorg_qgis.gui.options import OptionsPage
    from geowoonzorg_qgis.gui.try_dock import TryDock
    from geowoonzorg_qgis.warm import WarmEngine

    engine = WarmEngine()
    for kind, arguments in ((SitesDock, (qgis_iface,)), (TryDock, (qgis_iface, engine)), (OptionsPage, (None,))):
        window = kind(*arguments)
        window.resize(520, 760)
        keep(window, kind.__name__)
        window.close()
        window.deleteLater()


def test_a_panel_that_python_forgets_first_is_taken_away_by_qt_later(plugin, qgis_iface, qgis_app):
    """Python may collect a panel in the thread of a run, while its widgets wait for Qt to delete them."""
    import gc
    import threading

    from geowoonzorg_qgis.gui.dock import SitesDock
    from qgis.core import QgsProject, QgsVectorLayer
    from qgis.PyQt.QtCore import QCoreApplication, QEvent

    for _ in range(5):
        dock = SitesDock(qgis_iface)
        dock.show()
        dock.close_down()
        dock.deleteLater()
        del dock
        elsewhere = threading.Thread(target=gc.collect)
        elsewhere.start()
        elsewhere.join()
        layer = QgsVectorLayer("Point?crs=EPSG:28992", "x", "memory")
        QgsProject.instance().addMapLayer(layer)  # the pick-lists of layers hear of it
        qgis_app.processEvents()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QgsProject.instance().clear()
        qgis_app.processEvents()
