"""The what-if that users do first: a facility is moved on the map, and its service area is looked at."""

from __future__ import annotations

import pytest

from conftest import DEMO
from test_algorithms import run

OSM = DEMO / "wierhaven.osm.pbf"
MOVED_M = 500


@pytest.fixture
def context(plugin):
    from qgis.core import QgsProcessingContext, QgsProject

    context = QgsProcessingContext()
    context.setProject(QgsProject.instance())
    return context


@pytest.fixture
def facilities(algorithms, real_engine, context):
    """The layer of facilities as the toolbox puts it in the project."""
    from geowoonzorg_qgis import engine
    from qgis.core import QgsProject

    engine.forget_found()
    values = {"OSM": str(OSM), "CLASSES": ["huisarts"], "OUTPUT": "TEMPORARY_OUTPUT"}
    fine, outputs, feedback = run(algorithms["facilities"].create(), values, context)
    assert fine, feedback.errors
    layer = context.takeResultLayer(outputs["OUTPUT"])
    QgsProject.instance().addMapLayer(layer, False)
    yield layer
    layer.rollBack()
    QgsProject.instance().removeMapLayer(layer.id())


def centre_of_streets(algorithms, layer, ident: str, context):
    values = {"NETWORK": str(OSM), "FACILITIES": layer.id(), "SHAPE": "lines", "OUTPUT": "TEMPORARY_OUTPUT"}
    fine, outputs, feedback = run(algorithms["service_areas"].create(), values, context)
    assert fine, feedback.errors
    area = next(f for f in context.takeResultLayer(outputs["OUTPUT"]).getFeatures() if f["facility_id"] == ident)
    assert area["status"] == "ok"
    return area.geometry().centroid(), feedback.textLog()


@pytest.mark.parametrize("saved", [False, True])
def test_a_building_that_is_moved_is_measured_where_it_is(algorithms, facilities, context, saved):
    from qgis.core import QgsGeometry

    building = next(f for f in facilities.getFeatures() if "POLYGON" in str(f["entrances"]) or "POINT" in str(f["entrances"]))
    ident, old = building["id"], QgsGeometry(building.geometry())
    before, _said = centre_of_streets(algorithms, facilities, ident, context)
    assert before.distance(old) < MOVED_M / 3
    new = QgsGeometry(old)
    new.translate(MOVED_M, 0)
    facilities.startEditing()
    facilities.changeGeometry(building.id(), new)
    if saved:
        assert facilities.commitChanges()
    after, said = centre_of_streets(algorithms, facilities, ident, context)
    assert after.distance(new) < after.distance(old)
    assert after.distance(new) < MOVED_M / 2
    assert ident in said  # that it was moved is said, with its id
