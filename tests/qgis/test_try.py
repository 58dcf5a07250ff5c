"""The tools on the map: clicks in any reference system, answers as layers and tables, with the real engine once."""

from __future__ import annotations

import shutil

import pytest

from conftest import DEMO
from test_warm import wait_until


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("try") / "demo"
    shutil.copytree(DEMO, folder)
    return str(folder / "study.toml")


@pytest.fixture(scope="module")
def engine(plugin, real_engine, study):
    """One engine for every test: that is what it is for."""
    from geowoonzorg_qgis.warm import WarmEngine

    made = WarmEngine()
    made.use(study)
    yield made
    made.end()


@pytest.fixture
def dock(engine, qgis_iface, study, monkeypatch, real_engine):
    from geowoonzorg_qgis import engine as engines
    from geowoonzorg_qgis.gui.try_dock import TryDock
    from qgis.core import QgsCoordinateReferenceSystem, QgsProject, QgsRectangle

    monkeypatch.setenv(engines.VARIABLE, real_engine)
    canvas = qgis_iface.mapCanvas()
    canvas.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:28992"))
    canvas.resize(800, 600)
    canvas.setExtent(QgsRectangle(145000, 506000, 147000, 508000))
    made = TryDock(qgis_iface, engine)
    made.study.setFilePath(study)
    yield made
    engine.changed.disconnect(made._show_state)
    engine.said.disconnect(made._show_progress)
    made.deleteLater()
    QgsProject.instance().clear()


def layers_named(name):
    from qgis.core import QgsProject

    return QgsProject.instance().mapLayersByName(name)


def facility(dock, facility_class):
    """Give a facility of a class and where it is."""
    answered = []
    dock._when_ready(lambda: answered.append(True))
    wait_until(lambda: answered)
    return next((row, place) for row, place in dock._facilities if row["facility_class"] == facility_class)


def texts(table):
    return [[table.item(row, column).text() for column in range(table.columnCount())] for row in range(table.rowCount())]


def wait_for_answer(dock, engine):
    wait_until(lambda: not engine.is_busy())


def test_a_click_gives_walks_wherever_the_map_is_in(dock, engine):
    from qgis.core import QgsCoordinateReferenceSystem, QgsCoordinateTransform, QgsPointXY, QgsProject

    place = QgsPointXY(146000, 507000)
    found = []
    for name in ("EPSG:28992", "EPSG:3857", "EPSG:4326"):
        crs = QgsCoordinateReferenceSystem(name)
        dock.iface.mapCanvas().setDestinationCrs(crs)
        there = QgsCoordinateTransform(QgsCoordinateReferenceSystem("EPSG:28992"), crs, QgsProject.instance()).transform(place)
        dock.walk_from(there)
        wait_for_answer(dock, engine)
        (layer,) = layers_named("Kortste looproutes")
        assert layer.crs().authid() == "EPSG:28992"
        found.append({feature["facility_class"]: feature["distance_m"] for feature in layer.getFeatures()})
    assert len(found[0]) > 3
    for other in found[1:]:
        assert other == pytest.approx(found[0], abs=0.5)
    assert texts(dock.tables["walks"])[0][0]


def test_a_place_and_a_facility_have_a_service_area(dock, engine, monkeypatch):
    from geowoonzorg_qgis.gui import try_dock
    from qgis.core import QgsPointXY

    row, place = facility(dock, "huisarts")
    monkeypatch.setattr(try_dock, "REACH_PX", 1)
    beside = (QgsPointXY(place.x() + east, place.y() + 100) for east in range(100, 900, 50))
    free = next(point for point in beside if dock._facility_at(point) is None)
    for point, wanted in ((place, row["id"]), (free, "place")):
        dock.area_of(point)
        wait_for_answer(dock, engine)
        (layer,) = layers_named("Verzorgingsgebied")
        features = list(layer.getFeatures())
        assert {feature["facility_id"] for feature in features} == {wanted}
        assert all(feature.geometry().area() > 1000 for feature in features)


def test_what_is_tried_adds_up_and_tells_who_gains_and_loses(dock, engine):
    from qgis.core import QgsPointXY

    _row, place = facility(dock, "huisarts")
    dock.close_at(place)
    wait_for_answer(dock, engine)
    (changed,) = layers_named("Adressen die veranderen")
    lost = sum(feature["change"] == "lost" for feature in changed.getFeatures())
    ((name, gained_shown, lost_shown, *people),) = texts(dock.tables["classes"])
    assert name == "Huisarts"
    assert (gained_shown, lost_shown.replace(".", "")) == ("0", str(lost))
    assert lost > 0
    assert all(people)
    assert texts(dock.tables["facilities"])[0][2] == "sluit"

    dock.facility_class.setCurrentIndex(dock.facility_class.findData("huisarts"))
    dock.open_at(QgsPointXY(place.x() + 1, place.y() + 1))
    wait_for_answer(dock, engine)
    assert [kind for kind, *_ in dock.tried] == ["close", "open"]
    ((_, _, after, *_),) = texts(dock.tables["classes"])
    assert int(after.replace(".", "")) < lost  # what opens next door takes nearly all of them over

    dock.list.setCurrentRow(0)
    dock.remove.click()
    wait_for_answer(dock, engine)
    assert [kind for kind, *_ in dock.tried] == ["open"]
    dock.clear.click()
    assert not dock.tried
    assert not layers_named("Adressen die veranderen")


def test_a_facility_is_taken_up_and_put_down(dock, engine):
    from qgis.core import QgsPointXY

    row, place = facility(dock, "apotheek")
    dock.move_at(place)
    assert dock._moving["id"] == row["id"]
    dock.move_at(QgsPointXY(place.x() + 400, place.y()))
    wait_for_answer(dock, engine)
    assert dock.change()["move"][0]["id"] == row["id"]
    assert texts(dock.tables["facilities"])[0][2] == "verplaatst"


def test_beside_every_facility_nothing_closes(dock, engine):
    from qgis.core import QgsPointXY

    facility(dock, "huisarts")
    dock.close_at(QgsPointXY(140000, 500000))
    assert not dock.tried
    assert dock.note.text().startswith("Hier is geen voorziening")


def test_a_line_is_drawn_with_clicks_and_tried(dock, engine, qgis_iface):
    from geowoonzorg_qgis.gui.try_tools import LineTool
    from qgis.core import QgsPointXY

    tool = LineTool(qgis_iface.mapCanvas())
    tool.drawn.connect(dock.lay)
    facility(dock, "huisarts")
    for x, y, right in ((145400, 507000, False), (145700, 507200, False), (0, 0, True)):
        tool.canvasReleaseEvent(Click(QgsPointXY(x, y), right=right))
    wait_for_answer(dock, engine)
    assert dock.change()["path"], dock.note.text()
    start, _end = dock.change()["path"][0]["coordinates"]
    assert start == pytest.approx([145400, 507000], abs=60)  # on the street beside it
    assert start != [145400, 507000]
    assert len(texts(dock.tables["classes"])) > 3, dock.note.text()


class Click:
    """A click as QGIS tells of it."""

    def __init__(self, point, *, right: bool) -> None:
        self._point, self._right = point, right

    def button(self):
        from qgis.PyQt.QtCore import Qt

        return Qt.MouseButton.RightButton if self._right else Qt.MouseButton.LeftButton

    def mapPoint(self):
        return self._point


def test_without_a_study_it_asks_for_one(plugin, qgis_iface):
    from geowoonzorg_qgis.gui.try_dock import TryDock
    from geowoonzorg_qgis.warm import WarmEngine
    from qgis.core import QgsPointXY

    engine = WarmEngine()
    dock = TryDock(qgis_iface, engine)
    dock.study.setFilePath("")
    dock.walk_from(QgsPointXY(1, 2))
    assert dock.note.text().startswith("Kies eerst")
    assert engine.state == "off"
    dock.deleteLater()


def test_the_toolbar_comes_and_goes(plugin, qgis_iface):
    from geowoonzorg_qgis.gui.try_bar import TryBar

    bar = TryBar(qgis_iface)
    assert len(bar.actions) == 7
    assert all(not action.icon().isNull() and action.icon().availableSizes() is not None for action in bar.actions.values())
    bar.take("walk")
    assert qgis_iface.mapCanvas().mapTool() is bar.tools["walk"]
    assert bar.engine.state == "off"
    bar.unload()
