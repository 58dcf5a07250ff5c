"""The panel without a screen: its button pressed as a first user does, and everything it then says is so."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import DEMO

PATIENCE_S = 120


@pytest.fixture
def panel(plugin, qgis_iface):
    from geowoonzorg_qgis.gui.dock import SitesDock
    from qgis.core import QgsProject

    dock = SitesDock(qgis_iface)
    yield dock
    dock.close_down()
    dock.deleteLater()
    QgsProject.instance().clear()


def press_run(dock) -> None:
    """Press the button and wait until the run has ended, whichever way."""
    from qgis.PyQt.QtCore import QEventLoop, QTimer

    ended = QEventLoop()
    giving_up = QTimer()
    giving_up.setSingleShot(True)
    giving_up.timeout.connect(ended.quit)
    giving_up.start(1000 * PATIENCE_S)
    dock.run_button.click()
    assert dock._task is not None, dock.note.text()
    dock._task.executed.connect(lambda *_: ended.quit())
    ended.exec()
    assert dock._task is None, "still running"


@pytest.fixture
def demo_in_panel(panel, real_engine):
    from geowoonzorg_qgis import engine

    engine.forget_found()
    press_run(panel)
    return panel


def test_the_first_click_with_an_empty_study_shows_the_demo(demo_in_panel):
    panel = demo_in_panel
    assert len(panel.model.sites) > 3, panel.note.text()
    assert "op 1" in panel.note.text()
    assert {Path(path).is_file() for path in panel._files.values()} == {True}
    assert set(panel._files) == {"MAP", "REPORT", "SCORES", "RESULT"}


def test_the_tab_with_layers_runs_to_a_ranking(panel, real_engine):
    from geowoonzorg_qgis import engine
    from qgis.core import QgsProject, QgsVectorLayer

    engine.forget_found()
    sites = QgsVectorLayer(str(DEMO / "kandidaten.gpkg"), "kandidaten", "ogr")
    QgsProject.instance().addMapLayer(sites)
    panel.inputs.setCurrentIndex(1)
    panel.sites.setLayer(sites)
    panel.network.setFilePath(str(DEMO / "wierhaven.osm.pbf"))
    panel.areas.setFilePath(str(DEMO / "wijkenbuurten_2023_v3.gpkg"))
    press_run(panel)
    assert len(panel.model.sites) == sites.featureCount(), panel.note.text()
    assert (Path(panel._files["MAP"]).parent / "studie" / "study.toml").is_file()
