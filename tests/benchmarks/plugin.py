"""QGIS: what the plugin costs over the command, and layers on their way to the engine."""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.kampen import _study
from tests.benchmarks.measure import ROOT, Row, SkipError, show
from tests.benchmarks.towns import town

DEMO = ROOT / "data" / "demo"
QGIS_PYTHON = "/usr/bin/python3"
HANDED_OVER = 25_000


def measure() -> None:
    """Measure both, in processor seconds of all that was started."""
    if not shutil.which("qgis_process.bin"):
        raise SkipError("qgis_process.bin is not here")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "run").mkdir(mode=0o700)
        environment = {
            **os.environ,
            "QT_QPA_PLATFORM": "offscreen",
            "XDG_RUNTIME_DIR": str(folder / "run"),
            "QGIS_CUSTOM_CONFIG_PATH": str(folder),
            "QGIS_PLUGINPATH": str(ROOT / "qgis_plugin"),
            "GEOWOONZORG_PYTHON": sys.executable,
        }
        _show(folder, environment)


def _show(folder: Path, environment: dict[str, str]) -> None:
    def run(*words: object) -> str:
        line = [str(word) for word in words]
        return subprocess.run(
            line, env=environment, check=True, capture_output=True, text=True
        ).stdout

    engine = (sys.executable, "-I", "-m", "geowoonzorg")
    streets, places = DEMO / "wierhaven.osm.pbf", folder / "facilities.gpkg"
    run("qgis_process.bin", "plugins", "enable", "geowoonzorg_qgis")
    run(*engine, "facilities", streets, "-o", places)
    options = (f"NETWORK={streets}", f"FACILITIES={places}", "SHAPE=1", f"OUTPUT={folder}/q.gpkg")
    jobs = {
        "start": ("qgis_process.bin", "plugins"),
        "command": (*engine, "service-areas", streets, places, "-o", folder / "c.gpkg", "--limit-m", 400),
        "plugin": ("qgis_process.bin", "run", "geowoonzorg:service_areas", "--", *options),
    }  # fmt: skip
    best: dict[str, float] = {}
    for number in range(4):  # the first compiles
        for name, words in jobs.items():
            (folder / "c.gpkg").unlink(missing_ok=True)
            (folder / "q.gpkg").unlink(missing_ok=True)
            before = _children_s()
            run(*words)
            spent = _children_s() - before
            best[name] = spent if number < 2 else min(best[name], spent)
    over_s = best["plugin"] - best["start"] - best["command"]
    layer = json.loads(run(QGIS_PYTHON, ROOT / "tests/benchmarks/in_qgis.py", HANDED_OVER))
    study = _study(town(), folder)
    tried = json.loads(run(QGIS_PYTHON, ROOT / "tests/benchmarks/in_qgis_try.py", study))["told"]
    show(
        "QGIS (processor seconds)",
        [
            Row("qgis_process starts", best["start"]),
            Row("the command, service areas of the demo", best["command"]),
            Row("the plugin over both", over_s, aim="3 s", met=over_s < 3),
            Row(
                f"{HANDED_OVER:,} addresses to the engine", layer["handed_s"], HANDED_OVER, "address",
                aim="2 s", met=layer["handed_s"] < 2,
            ),
            Row(
                "QGIS stands still meanwhile, at most", layer["still_s"],
                aim="0.2 s", met=layer["still_s"] < 0.2,
            ),
        ],
    )  # fmt: skip
    show(
        f"QGIS: tried on the map of {town().name}, until its ledger and layers are shown",
        [
            Row(f"{what}; processor: engine {engine_s:.2f} s, QGIS {own_s:.2f} s", wall_s, aim="2 s", met=wall_s < 2)
            for what, (wall_s, engine_s, own_s) in tried.items()
        ],
    )  # fmt: skip


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
