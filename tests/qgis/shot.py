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
PATIENCE_S = 300  # of each run: a first one compiles, and machines may be busy
report = {"pictures": [], "turns_during_run": 0}


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


def count_turns(dock) -> QTimer:
    """Count how often QGIS gets round to its user while the panel's run goes on."""

    def tick() -> None:
        report["turns_during_run"] += dock._task is not None

    timer = QTimer()
    timer.timeout.connect(tick)
    timer.start(50)
    return timer


def wait_for_run(dock) -> None:
    """Let QGIS live until the panel's run has ended."""
    for _ in range(5 * PATIENCE_S):
        if dock._task is None:
            return
        wait(0.2)
    raise RuntimeError("the run does not end")


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
    hide_docks("Layers")


def hide_docks(*kept: str) -> None:
    """Hide every panel but those named."""
    for dock in iface.mainWindow().findChildren(QDockWidget):
        if dock.objectName() not in kept:
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


def settle() -> None:
    """Let the map be drawn to the end."""
    canvas = iface.mapCanvas()
    wait(0.5)
    for _ in range(5 * PATIENCE_S):
        if not canvas.isDrawing():
            return
        wait(0.2)


def press_run() -> None:
    """Do what a first user does: open the panel, leave the study empty, press the button."""
    window = iface.mainWindow()
    plugin = plugins["geowoonzorg_qgis"]
    plugin.actions[0].trigger()
    dock = plugin.dock
    wait(0.5)
    dock.row.run_button.click()
    report["first_started"] = dock._task is not None
    wait_for_run(dock)
    report["first_note"] = dock.note.text()
    report["first_sites"] = len(dock.model.sites)
    report["first_files"] = {name: Path(path).is_file() for name, path in dock._files.items()}
    settle()
    window.resizeDocks([dock], [470], Qt.Orientation.Horizontal)
    settle()
    shoot(window, "first")
    QgsProject.instance().clear()
    QgsProject.instance().setCrs(QgsCoordinateReferenceSystem("EPSG:28992"))


def run_dialog() -> None:
    """Run the demo from the toolbox's dialog, with everything as it opens."""
    from processing import createAlgorithmDialog

    dialog = createAlgorithmDialog("geowoonzorg:demo", {})
    dialog.resize(980, 640)
    dialog.show()
    wait(1)
    shoot(dialog, "defaults")
    dialog.runButton().click()
    for _ in range(5 * PATIENCE_S):
        if dialog.results() or dialog.runButton().isEnabled():
            break
        wait(0.2)
    settle()
    shoot(dialog, "dialog_ran")
    report["dialog_results"] = {name: str(value) for name, value in dialog.results().items()}
    report["dialog_folder"] = Path(report["dialog_results"].get("FOLDER", "nowhere")).joinpath("map.html").is_file()
    report["dialog_layers"] = sorted(layer.name() for layer in QgsProject.instance().mapLayers().values())
    dialog.close()
    hide_docks("Layers", "geowoonzorg_dock")  # QGIS opens one of its own for map and report
    QgsProject.instance().clear()
    QgsProject.instance().setCrs(QgsCoordinateReferenceSystem("EPSG:28992"))


def run_panel() -> None:
    """Run the study from the panel, and count how often QGIS gets round to its user."""
    window = iface.mainWindow()
    dock = plugins["geowoonzorg_qgis"].dock
    dock.inputs.study.setFilePath(os.environ["SHOT_STUDY"])
    wait(0.5)
    timer = count_turns(dock)
    dock.run()
    report["started"] = dock._task is not None
    for _ in range(5 * PATIENCE_S):
        if dock.row.bar.value() > 0 or dock._task is None:
            break
        wait(0.2)
    shoot(window, "running")
    wait_for_run(dock)
    timer.stop()
    report["note"] = dock.note.text()
    report["sites"] = len(dock.model.sites)
    window.resizeDocks([dock], [470], Qt.Orientation.Horizontal)
    settle()
    shoot(window, "result")
    report["layers"] = [layer.name() for layer in QgsProject.instance().mapLayers().values()]


def read_panel() -> None:
    """Click a site, zoom to it, move a weight and put it back."""
    window = iface.mainWindow()
    dock = plugins["geowoonzorg_qgis"].dock
    dock.table.selectRow(1)
    dock.zoom_to_current()
    wait(3)  # the site flashes a while
    settle()
    shoot(window, "site")

    # a weight moved
    before = [site.ident for site in dock.model.sites]
    slider = list(dock.parts._sliders.values())[-1]
    slider.setValue(dock.parts.STEPS)
    wait(0.5)
    report["ranks_moved"] = before != [site.ident for site in dock.model.sites]
    report["moved_note"] = dock.note.text()
    report["moved_first"] = dock.model.sites[0].name
    dock.map.zoom_to_layer(dock._sites_layer())
    settle()
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
            layer.styleManager().setCurrentStyle(styles[1])
    settle()
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


STEPS = (
    prepare,
    shoot_toolbox,
    press_run,
    run_dialog,
    run_panel,
    read_panel,
    load_from_toolbox,
    shoot_balance,
    shoot_dialog,
    shoot_settings,
)


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
faulthandler.dump_traceback_later(4 * PATIENCE_S, exit=True)
QTimer.singleShot(2000, main)
assert QgsApplication.instance() is not None
