"""What an engine that stays answers, as layers in memory: walks, areas, addresses and facilities."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCsException,
    QgsFeature,
    QgsGeometry,
    QgsPointXY,
    QgsProject,
    QgsVectorLayer,
    QgsWkbTypes,
)

from .. import finish, layers, settings
from ..engine import EngineError
from ..texts import tr

_KINDS = {
    QgsWkbTypes.GeometryType.PointGeometry: "Point",
    QgsWkbTypes.GeometryType.LineGeometry: "MultiLineString",
    QgsWkbTypes.GeometryType.PolygonGeometry: "MultiPolygon",
}


def rows_of(table: dict) -> Iterator[dict[str, Any]]:
    """Give each row of a table of the engine by its columns."""
    for row in table["rows"]:
        yield dict(zip(table["columns"], row))


def memory_layer(name: str, table: dict, crs: QgsCoordinateReferenceSystem, *, points: bool = False) -> QgsVectorLayer | None:
    """Make a layer in memory of a table with places; None of one without rows.

    Raises
    ------
    EngineError
        A feature was refused: nothing is lost unsaid.
    """
    at = table["columns"].index("geometry")
    shapes = [QgsGeometry.fromWkt(row[at]) if row[at] else QgsGeometry() for row in table["rows"]]
    if points:
        shapes = [shape if shape.isNull() else shape.pointOnSurface() for shape in shapes]
    known = [shape for shape in shapes if not shape.isNull()]
    if not known:
        return None
    kind = _KINDS[known[0].type()]
    layer = QgsVectorLayer(kind, name, "memory")
    layer.setCrs(crs)
    names = [column for column in table["columns"] if column != "geometry"]
    places = [table["columns"].index(column) for column in names]
    provider = layer.dataProvider()
    provider.addAttributes([_field(column, (row[place] for row in table["rows"])) for column, place in zip(names, places)])
    layer.updateFields()
    features = []
    for row, shape in zip(table["rows"], shapes):
        feature = QgsFeature(layer.fields())
        if not shape.isNull():
            if kind.startswith("Multi"):
                shape.convertToMultiType()
            feature.setGeometry(shape)
        feature.setAttributes([row[place] for place in places])
        features.append(feature)
    fine, _added = provider.addFeatures(features)
    if not fine or layer.featureCount() != len(features):
        raise EngineError(tr("{layer}: QGIS did not take every feature.").format(layer=name))
    layer.updateExtents()
    return layer


def _field(name: str, values: Iterable[Any]):
    known = [value for value in values if value is not None]
    if known and all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in known):
        return layers.number_field(name, whole=all(isinstance(value, int) for value in known))
    return layers.text_field(name)


def show(layer: QgsVectorLayer, preset: str, study: str) -> None:
    """Put a layer into the project, dressed and in the plugin's group, on top of it."""
    QgsProject.instance().addMapLayer(layer)
    about = {"algorithm": "geowoonzorg warm", "engine": f"geowoonzorg {settings.plugin_version()}", "study": study}
    finish.dress(layer, preset=preset, provenance=about)
    finish.put_in_group(layer)


def to_study(point: QgsPointXY, map_crs: QgsCoordinateReferenceSystem, crs: QgsCoordinateReferenceSystem) -> QgsPointXY:
    """Bring a click on the map to the study's reference system.

    Raises
    ------
    EngineError
        The map's system does not reach there, or the map has none.
    """
    if not map_crs.isValid() or layers.is_undefined(map_crs):
        raise EngineError(tr("The map has no coordinate reference system; choose one for the project first."))
    try:
        return QgsCoordinateTransform(map_crs, crs, QgsProject.instance()).transform(point)
    except QgsCsException as error:
        said = tr("This place cannot be brought from {map} to {study}.")
        raise EngineError(said.format(map=map_crs.authid(), study=crs.authid())) from error
