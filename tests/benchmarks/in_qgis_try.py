"""Times, in QGIS's own Python, what is tried on the map until all of it is shown: ``in_qgis_try.py STUDY``."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "qgis_plugin"))
TIMES = 5


class Interface:
    """As much of QGIS's interface as the panel asks for."""

    def __init__(self) -> None:
        from qgis.gui import QgsMapCanvas, QgsMessageBar
        from qgis.PyQt.QtWidgets import QMainWindow

        self._window, self._canvas, self._bar = QMainWindow(), QgsMapCanvas(), QgsMessageBar()
        self.mainWindow = lambda: self._window
        self.mapCanvas = lambda: self._canvas
        self.messageBar = lambda: self._bar


def processor_s(pid: int) -> float:
    """Give the processor seconds that a process has used."""
    used = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(used[11]) + int(used[12])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Print, of every thing that is tried, the least of some times: wall, and processor of engine and QGIS."""
    from qgis.core import QgsApplication, QgsCoordinateReferenceSystem, QgsPointXY, QgsRectangle

    application = QgsApplication([], True)  # noqa: FBT003
    application.initQgis()
    from geowoonzorg_qgis.gui.try_dock import TryDock
    from geowoonzorg_qgis.warm import WarmEngine

    iface, engine = Interface(), WarmEngine()
    dock = TryDock(iface, engine)
    dock.study.setFilePath(sys.argv[1])
    ready: list[bool] = []

    def wait(until: Callable[[], object]) -> None:
        while not until():
            application.processEvents()
            time.sleep(0.001)

    dock._when_ready(lambda: ready.append(True))
    wait(lambda: ready or not (engine.is_busy() or engine.state in {"starting", "reading"}))
    if not ready:
        sys.exit(dock.note.text())
    huisarts, at = next(
        (row, place) for row, place in dock._facilities if row["facility_class"] == "huisarts"
    )  # fmt: skip
    canvas = iface.mapCanvas()
    canvas.setDestinationCrs(QgsCoordinateReferenceSystem(engine.about["crs"]))
    canvas.resize(800, 600)
    canvas.setExtent(QgsRectangle(at.x() - 1000, at.y() - 1000, at.x() + 1000, at.y() + 1000))
    there = QgsPointXY(at.x() + 150, at.y() + 150)
    tools = {
        "closes": lambda: dock.close_at(at),
        "opens": lambda: dock.open_at(there),
        "path": lambda: dock.lay([at, there]),
        "cut": lambda: dock.cut([QgsPointXY(at.x() - 60, at.y() - 60), there]),
    }
    pid, told = engine._process.processId(), {}
    for sites in (False, True):
        dock.begin_anew()
        dock.sites.setChecked(sites)
        for name, press in tools.items():
            for number in range(TIMES):
                dock.begin_anew()
                began = time.perf_counter(), processor_s(pid), time.process_time()
                press()
                wait(lambda: dock.tables["classes"].rowCount() and not engine.is_busy())
                spent = (
                    time.perf_counter() - began[0],
                    processor_s(pid) - began[1],
                    time.process_time() - began[2],
                )
                key = f"{name}, {'with' if sites else 'no'} sites"
                told[key] = spent if not number else [min(pair) for pair in zip(told[key], spent)]  # noqa: B905 - QGIS may have Python 3.9
    engine.end()
    sys.stdout.write(json.dumps({"facility": huisarts["id"], "told": told}) + "\n")
    sys.stdout.flush()
    os._exit(0)  # QGIS does not always survive its own end


if __name__ == "__main__":
    main()
