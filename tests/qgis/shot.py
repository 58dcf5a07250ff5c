"""Run in QGIS's desktop by test_desktop.py: toolbox, dialog, panel and result, each on a picture.

    qgis.bin --nologo --noversioncheck --code tests/qgis/shot.py

SHOT_DIR   where the pictures and ``done.json`` go
SHOT_STUDY the study.toml that the panel runs

``docs/img/qgis-*.png`` are these pictures of the demo.
"""

import faulthandler
import json
import os
import traceback
from pathlib import Path

from qgis.core import QgsApplication, QgsCoordinateReferenceSystem, QgsProject
from qgis.PyQt.QtCore import QEventLoop, QPoint, QSize, Qt, QTimer
from qgis.PyQt.QtWidgets import QApplication, QDialog, QDockWidget, QTreeView, QWidget
from qgis.utils import iface, loadPlugin, plugins, startPlugin

FOLDER = Path(os.environ["SHOT_DIR"])
PATIENCE_S = 150
report = {"pictures": [], "turns_at_work": 0}


def wait(seconds: float) -> None:
    """Let QGIS live for a while."""
    loop = QEventLoop()
    QTimer.singleShot(int(1000 * seconds), loop.quit)
    loop.exec() if hasattr(loop, "exec") else loop.exec_()


def shoot(widget: QWidget, name: str) -> None:
    """Save what a widget looks like."""
    QApplication.processEvents()
    path = FOLDER / f"{name}.png"
    widget.grab().save(str(path))
    report["pictures"].append(path.name)


def watch_responsiveness(dock) -> QTimer:
    """Count how often QGIS gets round to its user while the engine is at work."""

    def tick() -> None:
        report["turns_at_work"] += dock._task is not None

    timer = QTimer()
    timer.timeout.connect(tick)
    timer.start(50)
    return timer


def prepare() -> None:
    """Make QGIS ready: the plugins on, every panel but the layers hidden."""
    window = iface.mainWindow()
    window.move(0, 0)
    window.resize(QSize(1480, 880))
    QgsProject.instance().setCrs(QgsCoordinateReferenceSystem("EPSG:28992"))
    if "geowoonzorg_qgis" not in plugins:
        assert loadPlugin("geowoonzorg_qgis")
        assert startPlugin("geowoonzorg_qgis")
    if "processing" not in plugins:
        loadPlugin("processing")
        startPlugin("processing")
    for dock in window.findChildren(QDockWidget):
        if dock.objectName() != "Layers":
            dock.hide()


def shoot_toolbox() -> None:
    """Show the group in the toolbox."""
    window = iface.mainWindow()
    toolbox = window.findChild(QDockWidget, "ProcessingToolbox")
    if toolbox is not None:
        toolbox.show()
        wait(1)
        tree = next((t for t in toolbox.findChildren(QTreeView)), None)
        model = tree.model()
        for row in range(model.rowCount()):
            index = model.index(row, 0)
            if "Geowoonzorg" in str(index.data()):
                tree.expand(index)
                tree.scrollTo(index, QTreeView.ScrollHint.PositionAtTop)
        wait(0.5)
        shoot(toolbox, "toolbox")
        toolbox.hide()


def run_panel() -> None:
    """Run the study from the panel, and count how often QGIS gets round to its user meanwhile."""
    window = iface.mainWindow()
    plugin = plugins["geowoonzorg_qgis"]
    plugin.actions[0].trigger()
    dock = plugin.dock
    dock.study.setFilePath(os.environ["SHOT_STUDY"])
    wait(0.5)
    timer = watch_responsiveness(dock)
    dock.run()
    report["started"] = dock._task is not None
    wait(3)
    shoot(window, "running")
    for _ in range(5 * PATIENCE_S):
        if dock._task is None:
            break
        wait(0.2)
    timer.stop()
    report["note"] = dock.note.text()
    report["sites"] = len(dock.model.sites)
    wait(3)
    window.resizeDocks([dock], [470], Qt.Orientation.Horizontal)
    wait(3)
    shoot(window, "result")
    report["layers"] = [layer.name() for layer in QgsProject.instance().mapLayers().values()]


def read_panel() -> None:
    """Click a site, zoom to it, move a weight and put it back."""
    window = iface.mainWindow()
    dock = plugins["geowoonzorg_qgis"].dock
    dock.table.selectRow(1)
    dock.zoom_to_current()
    wait(3)
    shoot(window, "site")

    # a weight moved
    before = [site.ident for site in dock.model.sites]
    slider = list(dock.parts._sliders.values())[-1]
    slider.setValue(dock.parts.STEPS)
    wait(1)
    report["ranks_moved"] = before != [site.ident for site in dock.model.sites]
    dock._zoom(dock._sites_layer())
    wait(3)
    shoot(window, "weights")
    dock.parts.restore_weights()
    report["ranks_back"] = before == [site.ident for site in dock.model.sites]


def load_from_toolbox() -> None:
    """Run an algorithm as the toolbox does: its layer comes styled, named and in the group."""
    import processing

    study = Path(os.environ["SHOT_STUDY"]).parent
    osm = str(next(study.glob("*.osm.pbf")))
    before_ids = set(QgsProject.instance().mapLayers())
    processing.runAndLoadResults("geowoonzorg:facilities", {"OSM": osm, "OUTPUT": "TEMPORARY_OUTPUT"})
    wait(1)
    for key in set(QgsProject.instance().mapLayers()) - before_ids:
        layer = QgsProject.instance().mapLayer(key)
        parent = QgsProject.instance().layerTreeRoot().findLayer(key).parent()
        report["from_toolbox"] = [layer.name(), parent.name(), layer.renderer().type(), layer.featureCount()]
        QgsProject.instance().removeMapLayer(key)


def shoot_balance() -> None:
    """Switch the areas to their other style."""
    window = iface.mainWindow()
    for layer in QgsProject.instance().mapLayers().values():
        if layer.name() == "Buurten":
            styles = layer.styleManager().styles()
            report["area_styles"] = styles
            layer.styleManager().setCurrentStyle(styles[-1])
    wait(3)
    shoot(window, "balance")


def shoot_dialog() -> None:
    """Open an algorithm's dialog, filled in for the study that was run."""
    from processing import createAlgorithmDialog

    facilities = QgsProject.instance().mapLayersByName("Voorzieningen")[0].id()
    osm = str(next(Path(os.environ["SHOT_STUDY"]).parent.glob("*.osm.pbf")))
    dialog = createAlgorithmDialog("geowoonzorg:service_areas", {"NETWORK": osm, "FACILITIES": facilities})
    dialog.resize(980, 640)
    dialog.show()
    wait(1.5)
    shoot(dialog, "dialog")
    dialog.close()


def shoot_settings() -> None:
    """Open the settings page."""
    window = iface.mainWindow()
    from geowoonzorg_qgis.gui.options import OptionsPage

    page = QDialog(window)
    options = OptionsPage(page)
    options.resize(640, 460)
    options.show()
    page.resize(640, 460)
    page.move(QPoint(0, 0))
    page.show()
    wait(0.5)
    shoot(page, "settings")
    page.close()

    report["groups"] = [group.name() for group in QgsProject.instance().layerTreeRoot().findGroups()]


STEPS = (prepare, shoot_toolbox, run_panel, read_panel, load_from_toolbox, shoot_balance, shoot_dialog, shoot_settings)


def main() -> None:
    """Take the pictures, write down how it went, and end QGIS."""
    try:
        for step in STEPS:
            step()
        report["done"] = True
    except Exception:  # noqa: BLE001 - the test shows it
        report["error"] = traceback.format_exc()
        shoot(iface.mainWindow(), "error")
    (FOLDER / "done.json").write_text(json.dumps(report, ensure_ascii=False, indent=1), encoding="utf-8")
    QgsProject.instance().clear()
    os._exit(0)  # the desktop would ask whether to save


# A modal message would stop everything else: then say where, and end. Works while Python itself waits.
faulthandler.dump_traceback_later(PATIENCE_S, exit=True)
QTimer.singleShot(2000, main)
assert QgsApplication.instance() is not None
