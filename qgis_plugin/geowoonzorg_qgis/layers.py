"""Layers on their way to the engine and back: GeoPackage both ways, no feature lost unsaid."""

from __future__ import annotations

import csv
import math
import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransformContext,
    QgsFeature,
    QgsFeatureRequest,
    QgsFeatureSink,
    QgsFeatureSource,
    QgsField,
    QgsFields,
    QgsGeometry,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsVectorFileWriter,
    QgsVectorLayer,
    QgsWkbTypes,
)
from qgis.PyQt import QtCore

from .texts import tr

# QVariant type numbers of what a GeoPackage column holds as it is; the same in Qt 5 and Qt 6.
_BOOL, _INT, _LONG, _DOUBLE, _TEXT, _DATE, _MOMENT = 1, 2, 4, 6, 10, 14, 16
_KEPT_TYPES = {_BOOL, _INT, _LONG, _DOUBLE, _TEXT, _DATE, _MOMENT}
_NO_GEOMETRY = QgsFeatureRequest.Flag.NoGeometry
_TOLD_EVERY = 5000
_SHOWN_NAMES = 5
_NAMES = {"id", "code"}
_WHOLE = re.compile(r"-?\d{1,9}")  # fits in an integer column


def text_field(name: str) -> QgsField:
    """Make a text field."""
    return _field(name, "String", "QString")


def number_field(name: str, *, whole: bool) -> QgsField:
    """Make a field of whole or real numbers."""
    return _field(name, "Int", "Int") if whole else _field(name, "Double", "Double")


def _field(name: str, in_qt5: str, in_qt6: str) -> QgsField:
    # Qt 5 has its types in QVariant, Qt 6 in QMetaType.
    if hasattr(QtCore, "QVariant") and hasattr(QtCore.QVariant, in_qt5):
        return QgsField(name, getattr(QtCore.QVariant, in_qt5))
    return QgsField(name, getattr(QtCore.QMetaType.Type, in_qt6))


def crs_problem(source: QgsFeatureSource, title: str) -> str | None:
    """Say what is wrong with a layer's reference system, if anything is."""
    if source.sourceCrs().isValid() and not is_undefined(source.sourceCrs()):
        return None
    if source.featureCount() == 0:
        return empty_message(title)
    if source.wkbType() == QgsWkbTypes.Type.NoGeometry:
        return tr("{layer} has no geometry: its rows lie nowhere. Choose a layer with points, lines or areas.").format(
            layer=title
        )
    return tr(
        "{layer} has no coordinate reference system, so its metres are unknown. "
        "Set it: right-click the layer > Layer CRS > Set Layer CRS (Dutch data is mostly EPSG:28992)."
    ).format(layer=title)


def is_undefined(crs: QgsCoordinateReferenceSystem) -> bool:
    """Whether it is what a GeoPackage without a reference system is read as: one in name only."""
    return not crs.authid() and crs.description().startswith("Undefined")


def crs_text(crs: QgsCoordinateReferenceSystem) -> str:
    """Name a reference system to the engine: its code where a registry has one, else all of it (WKT)."""
    code = crs.authid()
    own = ("USER:", "CUSTOM:", "QGIS:", "INTERNAL:")  # codes that only this QGIS knows
    return code if code and not code.startswith(own) else crs.toWkt(QgsCoordinateReferenceSystem.WktVariant.WKT_PREFERRED)


def empty_message(title: str) -> str:
    """Say that a layer has nothing in it."""
    return tr("{layer} has no features. Is a filter or an empty selection in the way?").format(layer=title)


def field_problem(fields: QgsFields, name: str, title: str) -> str | None:
    """Say that a chosen field is not there, if it is not; an empty name is no choice."""
    names = [field.name() for field in fields]
    if not name or name in names:
        return None
    return tr("{layer} has no field {field}. It has: {fields}.").format(layer=title, field=name, fields=", ".join(names) or "-")


@dataclass(frozen=True)
class Shape:
    """How a layer goes over.

    Attributes
    ----------
    id_field
        The field that becomes ``id``; empty: a field called ``id``, else the feature's own number.
    class_field
        The field that becomes ``facility_class``; empty: a field of that name, if there is one.
    numbered
        Whether it gets an ``id`` at all; areas and tables have codes of their own.
    table
        Whether only its rows go over: it needs no geometry, nor a reference system.
    name
        What the layer is called in the GeoPackage.
    renamed
        A field's name → what it is called there, as far as no other field has that name.
    added
        Whether the GeoPackage is there, and gets one layer more.
    """

    id_field: str = ""
    class_field: str = ""
    numbered: bool = True
    table: bool = False
    name: str = "layer"
    renamed: Mapping[str, str] = field(default_factory=dict)
    added: bool = False


AS_PLACES = Shape()


def hand_over(
    source: QgsFeatureSource, path: str, *, title: str, feedback: QgsProcessingFeedback, shape: Shape = AS_PLACES
) -> str:
    """Write what QGIS shows of a layer (edits, selection, filter) to a GeoPackage for the engine.

    Parameters
    ----------
    source
        The features; every geometry, null ones too, goes over as it is: the engine judges them.
    path
        The GeoPackage to make.
    title
        What messages call the layer.

    Raises
    ------
    QgsProcessingException
        No reference system, an empty layer, or a feature that could not be written.
    """
    problems = [None if shape.table else crs_problem(source, title)]
    problems += [field_problem(source.fields(), name, title) for name in (shape.id_field, shape.class_field)]
    if problem := next(filter(None, problems), None):
        raise QgsProcessingException(problem)
    plan = _plan(source.fields(), shape)
    if plan.lost:
        message = tr("{layer}: of a kind that cannot go to the engine, and left out: {fields}")
        feedback.pushInfo(message.format(layer=title, fields=", ".join(plan.lost)))
    writer = _writer(source, path, plan.fields, shape)
    if writer.hasError() != QgsVectorFileWriter.WriterError.NoError:
        reason = writer.errorMessage()
        del writer
        raise QgsProcessingException(tr("{layer} could not be handed over: {reason}").format(layer=title, reason=reason))
    fast = QgsFeatureSink.Flag.FastInsert
    count = 0
    for feature in source.getFeatures(QgsFeatureRequest().setFlags(_NO_GEOMETRY)) if shape.table else source.getFeatures():
        _move(feature, plan)
        if not writer.addFeature(feature, fast):
            message = tr("{layer}: feature {id} could not be handed over: {reason}")
            message = message.format(layer=title, id=feature.id(), reason=writer.errorMessage())
            del writer
            raise QgsProcessingException(message)
        count += 1
        if count % _TOLD_EVERY == 0 and feedback.isCanceled():
            break
    del writer  # flushes and closes the file
    if count == 0:
        raise QgsProcessingException(empty_message(title))
    feedback.pushDebugInfo(tr("{layer}: {count} features handed over").format(layer=title, count=count))
    return path


def _move(feature: QgsFeature, plan: _Plan) -> None:
    """Give a feature the attributes that are written, within QGIS: bringing each to Python and back doubles the time."""
    own_id = feature.id()
    if plan.id_changes and plan.id_at is not None:
        own_id = feature.attribute(plan.id_at)
    for index in plan.dropped:
        feature.deleteAttribute(index)
    if plan.id_changes:
        if plan.id_at is None:
            feature.resizeAttributes(len(plan.fields))
        feature.setAttribute(plan.id_goes, _as_id(own_id))


def _writer(source: QgsFeatureSource, path: str, fields: QgsFields, shape: Shape) -> QgsVectorFileWriter:
    options = QgsVectorFileWriter.SaveVectorOptions()
    options.driverName = "GPKG"
    options.layerName = shape.name
    options.layerOptions = [] if shape.table else ["SPATIAL_INDEX=NO"]  # read once, from start to end
    if shape.added:
        options.actionOnExistingFile = QgsVectorFileWriter.ActionOnExistingFile.CreateOrOverwriteLayer
    kind = QgsWkbTypes.Type.NoGeometry if shape.table else source.wkbType()
    return QgsVectorFileWriter.create(path, fields, kind, source.sourceCrs(), QgsCoordinateTransformContext(), options)


def _as_id(value: object) -> str | None:
    if value is None or (hasattr(value, "isNull") and value.isNull()):
        return None
    # A real column that holds whole numbers: 12, not 12.0.
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _number(kind: object) -> int:
    return int(getattr(kind, "value", kind))  # PyQt 6 has an enum where PyQt 5 has a number


@dataclass(frozen=True)
class _Plan:
    """Which attributes a feature loses and gets on its way: the rest keeps its place."""

    fields: QgsFields  # to write
    dropped: list[int]  # the last first
    lost: list[str]  # those of them that the user may miss
    id_at: int | None  # in the source
    id_goes: int  # in what is written
    id_changes: bool  # false where it is text already, or where there is none


def _plan(fields: QgsFields, shape: Shape) -> _Plan:
    names = [one.name() for one in fields]
    lower = [name.lower() for name in names]

    def find(wanted: str, default: str) -> int | None:
        if wanted:
            return names.index(wanted)
        return lower.index(default) if default in lower else None

    index_id = find(shape.id_field, "id") if shape.numbered else None
    index_class = find(shape.class_field, "facility_class") if shape.numbered else None
    new = {index_id: "id", index_class: "facility_class"}
    taken = {"fid", "ogc_fid", "geom", "geometry", *({"id", "facility_class"} if shape.numbered else ())}
    kept, dropped, lost, id_goes = QgsFields(), [], [], 0
    there: set[str] = set()  # a GeoPackage takes capitals for small letters
    for index, one in enumerate(fields):
        name = new.get(index) or shape.renamed.get(one.name(), one.name())
        if name.lower() in lower and name != one.name() and index not in new:
            name = one.name()
        own = index in (index_id, index_class)
        fits = own or _number(one.type()) in _KEPT_TYPES
        if not own and (lower[index] in taken or not fits or name.lower() in there):
            dropped.insert(0, index)
            if lower[index] not in taken:
                lost.append(one.name())
            continue
        there.add(name.lower())
        if index == index_id:
            id_goes = kept.count()
            kept.append(text_field("id"))
        elif index == index_class:
            kept.append(text_field(name))
        else:
            copy = QgsField(one)
            copy.setName(name)
            kept.append(copy)
    if shape.numbered and index_id is None:
        id_goes = kept.count()
        kept.append(text_field("id"))
    is_text = index_id is not None and _number(fields.at(index_id).type()) == _TEXT
    return _Plan(kept, dropped, lost, index_id, id_goes, shape.numbered and not is_text)


def destination_problem(path: str, inputs: Iterable[str], title: str) -> str | None:
    """Say what would be lost if a result were written to a file that is there: an input, or somebody's other layers.

    QGIS replaces a whole file, where a file is chosen.
    """
    if any(_is_same(path, one) for one in inputs):
        return tr("{output}: {file} is also an input; choose another file.").format(output=title, file=path)
    others = [name for name in layers_in(path) if name.lower() != Path(path).stem.lower()]
    if not others:
        return None
    message = tr(
        "{output}: {file} holds other layers ({layers}), which would be lost. Choose another file, or Save to GeoPackage "
        "to add a layer to it."
    )
    return message.format(
        output=title, file=path, layers=", ".join(others[:_SHOWN_NAMES]) + (", …" if others[_SHOWN_NAMES:] else "")
    )


def _is_same(path: str, other: str) -> bool:
    try:
        return Path(path).samefile(other)
    except (OSError, ValueError):  # not there, or no file: a layer in memory or in a database
        return False


def layers_in(path: str) -> list[str]:
    """Name the layers of a GeoPackage; none where it is none."""
    if not path.lower().endswith(".gpkg"):
        return []
    try:
        with closing(sqlite3.connect(f"{Path(path).resolve().as_uri()}?mode=ro", uri=True)) as database:
            return [name for (name,) in database.execute("SELECT table_name FROM gpkg_contents ORDER BY table_name")]
    except sqlite3.Error:
        return []  # not a GeoPackage, whatever it is called


def open_layer(path: str, name: str) -> QgsVectorLayer:
    """Open a layer the engine wrote."""
    options = QgsVectorLayer.LayerOptions()
    options.loadDefaultStyle = False
    layer = QgsVectorLayer(f"{path}|layername={name}", name, "ogr", options)
    if not layer.isValid():
        raise QgsProcessingException(tr("The engine's output has no layer {name}.").format(name=name))
    return layer


def open_table(path: Path) -> QgsVectorLayer:
    """Read a table (csv) the engine wrote; a column is of numbers if all that is in it are, but for names of things."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        names, *rows = csv.reader(file)
    kinds = [_kind_of(name, [row[at] for row in rows if row[at]]) for at, name in enumerate(names)]
    layer = QgsVectorLayer("NoGeometry", path.stem, "memory")
    provider = layer.dataProvider()
    provider.addAttributes(
        [text_field(name) if kind is str else number_field(name, whole=kind is int) for name, kind in zip(names, kinds)]
    )
    layer.updateFields()
    for row in rows:
        feature = QgsFeature(layer.fields())
        feature.setAttributes([kind(text) if text else None for text, kind in zip(row, kinds)])
        if not provider.addFeature(feature):
            raise QgsProcessingException(tr("{file}: a row could not be read.").format(file=path.name))
    return layer


def _kind_of(name: str, texts: list[str]) -> type:
    """Say what a column holds; ids and codes stay text, or 0166 would lose its zero."""
    if not texts or name in _NAMES or name.endswith(("_id", "_code")):
        return str
    if all(_WHOLE.fullmatch(text) for text in texts):
        return int
    try:
        return float if all(math.isfinite(float(text)) for text in texts) else str
    except ValueError:
        return str


def result_fields(layer: QgsVectorLayer) -> tuple[QgsFields, int]:
    """Give the engine's columns, without the GeoPackage's own key, and how many come before them."""
    fields = layer.fields()
    skipped = 1 if fields.count() and fields.at(0).name() == "fid" else 0
    kept = QgsFields()
    for index in range(skipped, fields.count()):
        field = QgsField(fields.at(index))
        field.setConstraints(type(field.constraints())())  # a key's constraints do not fit every format
        kept.append(field)
    return kept, skipped


def result_type(layer: QgsVectorLayer) -> QgsWkbTypes.Type:
    """Give the one geometry type a QGIS layer needs: multi for lines and areas, points where kinds are mixed.

    What the layer says of itself is not enough: of a table of mixed kinds QGIS gives the kind of the first row.
    """
    request = QgsFeatureRequest().setNoAttributes()
    kinds = {feature.geometry().type() for feature in layer.getFeatures(request) if not feature.geometry().isEmpty()}
    if kinds == {QgsWkbTypes.GeometryType.PolygonGeometry}:
        return QgsWkbTypes.Type.MultiPolygon
    if kinds == {QgsWkbTypes.GeometryType.LineGeometry}:
        return QgsWkbTypes.Type.MultiLineString
    if kinds:
        return QgsWkbTypes.Type.Point
    return QgsWkbTypes.multiType(QgsWkbTypes.flatType(layer.wkbType()))  # no feature has a geometry


def copied(layer: QgsVectorLayer, fields: QgsFields, skipped: int, kind: QgsWkbTypes.Type) -> Iterator[QgsFeature]:
    """Give the engine's features with the fields of ``result_fields`` and the type of ``result_type``."""
    for feature in layer.getFeatures():
        copy = QgsFeature(fields)
        copy.setGeometry(_as_type(feature.geometry(), kind))
        copy.setAttributes(feature.attributes()[skipped:])
        yield copy


def _as_type(geometry: QgsGeometry, kind: QgsWkbTypes.Type) -> QgsGeometry:
    if geometry.isEmpty():
        return QgsGeometry()
    if kind == QgsWkbTypes.Type.Point:
        if geometry.type() != QgsWkbTypes.GeometryType.PointGeometry:
            return geometry.pointOnSurface()
        return geometry if not geometry.isMultipart() else geometry.centroid()
    if QgsWkbTypes.isMultiType(kind):
        geometry.convertToMultiType()
    return geometry


def is_degrees(crs) -> bool:
    """Whether a reference system counts in degrees, in which nothing can be measured."""
    # Of a system without a code QGIS does not always know itself that it is geographic.
    return crs.isValid() and (crs.isGeographic() or "+proj=longlat" in crs.toProj())
