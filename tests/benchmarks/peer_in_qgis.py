"""QGIS's own service areas, in its own Python: ``peer_in_qgis.py STREETS PLACES LIMIT_M OUT``; prints the seconds."""

from __future__ import annotations

import json
import os
import sys
import time


def main(streets: str, places: str, limit_m: str, out: str) -> None:
    """Walk from every place along the lines of a layer, and keep the lines that are reached."""
    from qgis.analysis import QgsNativeAlgorithms
    from qgis.core import (
        QgsApplication,
        QgsProcessingContext,
        QgsProcessingFeedback,
        QgsProject,
        QgsVectorLayer,
    )

    application = QgsApplication([], False)  # noqa: FBT003
    application.initQgis()
    native = QgsNativeAlgorithms()
    QgsApplication.processingRegistry().addProvider(native)
    layers = [QgsVectorLayer(path, "layer", "ogr") for path in (streets, places)]
    QgsProject.instance().addMapLayers(layers)
    context = QgsProcessingContext()
    context.setProject(QgsProject.instance())
    algorithm = QgsApplication.processingRegistry().createAlgorithmById(
        "native:serviceareafromlayer"
    )
    feedback = QgsProcessingFeedback()  # kept: the algorithm does not own it
    asked = {
        "INPUT": layers[0], "START_POINTS": layers[1], "STRATEGY": 0, "TRAVEL_COST2": float(limit_m),
        "OUTPUT_LINES": out,
    }  # fmt: skip
    began = time.process_time()
    _, done = algorithm.run(asked, context, feedback)
    seconds = time.process_time() - began
    sys.stdout.write(json.dumps({"cpu_s": seconds, "done": bool(done)}) + "\n")
    sys.stdout.flush()
    os._exit(0)  # QGIS does not always survive its own end


if __name__ == "__main__":
    main(*sys.argv[1:5])
