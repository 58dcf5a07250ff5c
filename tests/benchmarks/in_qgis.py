"""Times, in QGIS's own Python, a layer on its way to the engine, and QGIS standing still: ``in_qgis.py COUNT``."""

from __future__ import annotations

import itertools
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qgis.core import QgsVectorLayer

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "qgis_plugin"))


def _longest_still(layer: QgsVectorLayer) -> float:
    """Give the longest time between two turns of the window's loop, while a thread of QGIS's hands over."""
    from geowoonzorg_qgis import layers, work
    from qgis.core import QgsProcessingFeedback
    from qgis.PyQt.QtCore import QEventLoop, QTimer

    turns = [time.perf_counter()]
    loop, timer = QEventLoop(), QTimer()
    timer.setInterval(5)
    timer.timeout.connect(lambda: turns.append(time.perf_counter()))
    with tempfile.TemporaryDirectory() as folder:

        def hand_over(**_callbacks: object) -> None:
            path = str(Path(folder) / "over.gpkg")
            layers.hand_over(layer, path, title="addresses", feedback=QgsProcessingFeedback())

        task = work.start("hand over", hand_over)
        task.ended.connect(loop.quit)
        timer.start()
        loop.exec() if hasattr(loop, "exec") else loop.exec_()
    turns.append(time.perf_counter())
    return max(after - before for before, after in itertools.pairwise(turns))


def main() -> None:
    """Print the least processor seconds of three, and the least of what QGIS stands still."""
    from qgis.core import (
        QgsApplication,
        QgsFeature,
        QgsGeometry,
        QgsPointXY,
        QgsProcessingFeedback,
        QgsVectorLayer,
    )

    application = QgsApplication([], False)  # noqa: FBT003
    application.initQgis()
    from geowoonzorg_qgis import layers

    fields = "field=id:string&field=straat:string&field=huisnummer:integer&field=postcode:string"
    layer = QgsVectorLayer(f"Point?crs=EPSG:28992&{fields}", "addresses", "memory")
    features = []
    for n in range(int(sys.argv[1])):
        feature = QgsFeature(layer.fields())
        feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(190_000 + n, 500_000 + n % 997)))
        feature.setAttributes([f"a{n}", "Burgwalstraat", n % 200, "8261AA"])
        features.append(feature)
    layer.dataProvider().addFeatures(features)
    best = float("inf")
    for number in range(3):
        with tempfile.TemporaryDirectory() as folder:
            path = str(Path(folder) / f"{number}.gpkg")
            began = time.process_time()
            layers.hand_over(layer, path, title="addresses", feedback=QgsProcessingFeedback())
            best = min(best, time.process_time() - began)
    still = min(_longest_still(layer) for _ in range(3))
    sys.stdout.write(json.dumps({"handed_s": best, "still_s": still}) + "\n")
    sys.stdout.flush()
    os._exit(0)  # QGIS does not always survive its own end


if __name__ == "__main__":
    main()
