"""Fixtures of the plugin's tests; run them with tests/qgis/run.sh."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "qgis_plugin"))
PATIENCE_S = 600  # a first run compiles, and machines may be busy
FAKE = ROOT / "tests" / "qgis" / "fake_engine.py"
DEMO = ROOT / "data" / "demo"


@pytest.fixture(scope="session")
def plugin(qgis_app):
    """The plugin as qgis_process loads it: no interface, only the provider."""
    from geowoonzorg_qgis import classFactory, settings

    settings.put("language", "nl")  # whatever this machine's own
    made = classFactory(None)
    made.initProcessing()
    yield made
    made.provider = None  # pytest-qgis clears the registry itself


@pytest.fixture(params=["nl", "en"])
def language(plugin, request):
    """Have the plugin, and the engine that it starts, speak one of its languages."""
    from geowoonzorg_qgis import settings
    from qgis.PyQt.QtCore import QCoreApplication

    settings.put("language", request.param)
    if request.param == "en":
        QCoreApplication.removeTranslator(plugin.translator)
    yield request.param
    settings.put("language", "nl")
    if request.param == "en":
        QCoreApplication.installTranslator(plugin.translator)


@pytest.fixture
def algorithms(plugin):
    """Every algorithm by its id, but for the models, which are made of them."""
    from geowoonzorg_qgis.algorithm import EngineAlgorithm

    return {one.name(): one for one in plugin.provider.algorithms() if isinstance(one, EngineAlgorithm)}


@pytest.fixture
def fake(monkeypatch, tmp_path):
    """Put the fake engine in the engine's place; call it with how it must behave."""
    from geowoonzorg_qgis import engine

    log = tmp_path / "fake.jsonl"
    engine.forget_found()

    def behave(mode: str):
        monkeypatch.setenv(engine.VARIABLE, str(FAKE))
        monkeypatch.setenv("FAKE_ENGINE", mode)
        monkeypatch.setenv("FAKE_LOG", str(log))
        engine.forget_found()
        return lambda: [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()] if log.exists() else []

    yield behave
    engine.forget_found()


@pytest.fixture(scope="session")
def real_engine():
    """The engine's Python."""
    path = os.environ.get("GEOWOONZORG_PYTHON", "")
    if not Path(path).exists():
        pytest.skip("no engine: set GEOWOONZORG_PYTHON")
    return path


@pytest.fixture
def panel(plugin, qgis_iface):
    from geowoonzorg_qgis.gui.dock import SitesDock
    from qgis.core import QgsProject

    dock = SitesDock(qgis_iface)
    yield dock
    dock.close_down()
    dock.deleteLater()
    QgsProject.instance().clear()


def press_run(dock, press=None) -> None:
    """Press the button, or do what starts a run, and wait until the run has ended, whichever way."""
    from qgis.PyQt.QtCore import QEventLoop, QTimer

    ended = QEventLoop()
    giving_up = QTimer()
    giving_up.setSingleShot(True)
    giving_up.timeout.connect(ended.quit)
    giving_up.start(1000 * PATIENCE_S)
    (press or dock.row.run_button.click)()
    assert dock._task is not None, dock.note.text()
    for signal in (dock.row.done, dock.row.failed, dock.row.cancelled):
        signal.connect(ended.quit)
    ended.exec()
    assert dock._task is None, "still running"


@pytest.fixture(scope="session")
def demo(real_engine, tmp_path_factory):
    """The demo as the engine writes it, once."""
    folder = tmp_path_factory.mktemp("demo")
    line = [real_engine, "-I", "-m", "geowoonzorg", "demo", "--out", str(folder)]
    subprocess.run(line, check=True, capture_output=True)
    return folder


@pytest.fixture
def demo_in_panel(panel, demo, fake, monkeypatch):
    """The panel after a run of the demo, of which the fake engine hands over what the real one wrote."""
    monkeypatch.setenv("FAKE_STUDY", str(demo))
    fake("good")
    press_run(panel)
    return panel
