"""Values on a grid for the engine: a raster layer of whatever kind, or areas with a number, as a GeoTIFF."""

from __future__ import annotations

import math
import re
from array import array
from pathlib import Path

from qgis.core import (
    Qgis,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCoordinateTransformContext,
    QgsCsException,
    QgsFeatureSource,
    QgsGeometry,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsRasterBlock,
    QgsRasterDataProvider,
    QgsRasterFileWriter,
    QgsRasterLayer,
    QgsRasterPipe,
    QgsRectangle,
)
from qgis.PyQt.QtCore import QByteArray

from .texts import tr

CELL_M = 10  # as the published noise maps of the Netherlands
MOST_CELLS = 100_000_000
NOTHING = -9999.0
GEOTIFF = (".tif", ".tiff")
_COLOURS = {Qgis.DataType.ARGB32, Qgis.DataType.ARGB32_Premultiplied, Qgis.DataType.UnknownDataType}
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?")


def own_geotiff(layer: QgsRasterLayer) -> str:
    """Give a raster layer's own file if that is a GeoTIFF on disk; else an empty text."""
    path = layer.source()
    return path if path.lower().endswith(GEOTIFF) and Path(path).is_file() else ""


def problem(layer: QgsRasterLayer, title: str) -> str | None:
    """Say why a raster layer has no values to average, if it has none."""
    if not layer.crs().isValid():
        message = tr("{layer} has no coordinate reference system. Set it: right-click the layer > Layer CRS > Set Layer CRS.")
        return message.format(layer=title)
    provider = layer.dataProvider()
    if provider.xSize() <= 0 or provider.ySize() <= 0 or provider.bandCount() != 1 or provider.dataType(1) in _COLOURS:
        message = tr(
            "{layer} has no single band of values: a picture of a map (WMS) has colours only, and of several bands it is "
            "not known which. Choose a raster with one band, or a WCS or GeoTIFF of the same data."
        )
        return message.format(layer=title)
    return None


def write(layer: QgsRasterLayer, path: str, *, title: str, around: QgsRectangle | None = None) -> str:
    """Write the cells of a raster layer, whole ones, to a GeoTIFF.

    Parameters
    ----------
    layer
        With one band; see ``problem``.
    path
        The file to make.
    title
        What messages call the layer.
    around
        What is needed of it, in its own reference system; None: all.

    Raises
    ------
    QgsProcessingException
        It is elsewhere, too large, or could not be written.
    """
    provider, all_of_it = layer.dataProvider(), layer.extent()
    across, up = all_of_it.width() / provider.xSize(), all_of_it.height() / provider.ySize()
    part = all_of_it.intersect(around) if around is not None else all_of_it
    if part.isEmpty():
        raise QgsProcessingException(
            tr("{layer} does not lie where the sites are; choose the one of this place.").format(layer=title)
        )
    first_column = math.floor((part.xMinimum() - all_of_it.xMinimum()) / across + 1e-6)
    last_column = math.ceil((part.xMaximum() - all_of_it.xMinimum()) / across - 1e-6)
    first_row = math.floor((all_of_it.yMaximum() - part.yMaximum()) / up + 1e-6)
    last_row = math.ceil((all_of_it.yMaximum() - part.yMinimum()) / up - 1e-6)
    columns, rows = last_column - first_column, last_row - first_row
    _refuse_many(columns * rows, title)
    left, top = all_of_it.xMinimum() + first_column * across, all_of_it.yMaximum() - first_row * up
    extent = QgsRectangle(left, top - rows * up, left + columns * across, top)
    pipe = QgsRasterPipe()
    pipe.set(provider.clone())
    writer = QgsRasterFileWriter(path)
    writer.setOutputFormat("GTiff")
    ended = writer.writeRaster(pipe, columns, rows, extent, layer.crs(), QgsCoordinateTransformContext())
    del writer
    if ended != QgsRasterFileWriter.WriterError.NoError or not Path(path).is_file():
        message = tr("{layer} could not be handed over: {reason}")
        raise QgsProcessingException(message.format(layer=title, reason=provider.error().summary() or ended))
    return path


def burn(
    source: QgsFeatureSource,
    field: str,
    path: str,
    *,
    title: str,
    crs: QgsCoordinateReferenceSystem,
    transforms: QgsCoordinateTransformContext,
    feedback: QgsProcessingFeedback,
    around: QgsRectangle | None = None,
) -> str:
    """Write areas with a number to a GeoTIFF: a cell has the number of the area its centre lies in, of several the highest.

    Parameters
    ----------
    source
        The areas, such as noise contours.
    field
        Which field has the number.
    path
        The file to make.
    title
        What messages call the layer.
    crs
        The metric system of the grid.
    around
        What is needed of it, in that system; None: all.

    Raises
    ------
    QgsProcessingException
        A value is no number, or the areas lie elsewhere or take too many cells.
    """
    areas = _numbered(source, field, title, QgsCoordinateTransform(source.sourceCrs(), crs, transforms))
    box = QgsRectangle()
    for _number, geometry in areas:
        box.combineExtentWith(geometry.boundingBox())
    box = box.intersect(around) if around is not None else box
    if box.isEmpty():
        raise QgsProcessingException(
            tr("{layer} does not lie where the sites are; choose the one of this place.").format(layer=title)
        )
    left, bottom = CELL_M * math.floor(box.xMinimum() / CELL_M), CELL_M * math.floor(box.yMinimum() / CELL_M)
    columns = max(1, math.ceil((box.xMaximum() - left) / CELL_M))
    rows = max(1, math.ceil((box.yMaximum() - bottom) / CELL_M))
    _refuse_many(columns * rows, title)
    top = bottom + rows * CELL_M
    cells = [array("f", [NOTHING]) * columns for _ in range(rows)]
    for number, geometry in areas:
        if feedback.isCanceled():
            break
        for row, pieces in _pieces(geometry, left, top, columns, rows).items():
            for first, last in pieces:
                cells[row][first:last] = array("f", [number]) * (last - first)
    writer = QgsRasterFileWriter(path)
    writer.setOutputFormat("GTiff")
    extent = QgsRectangle(left, bottom, left + columns * CELL_M, top)
    made = writer.createOneBandRaster(Qgis.DataType.Float32, columns, rows, extent, crs)
    if made is None or not made.isValid() or not _fill(made, cells):
        raise QgsProcessingException(tr("{layer} could not be handed over: {reason}").format(layer=title, reason=path))
    del made, writer  # flushes and closes the file
    return path


def _fill(made: QgsRasterDataProvider, cells: list[array]) -> bool:
    made.setNoDataValue(1, NOTHING)
    made.setEditable(True)
    block = QgsRasterBlock(Qgis.DataType.Float32, len(cells[0]), len(cells))
    block.setData(QByteArray(b"".join(row.tobytes() for row in cells)))
    written = made.writeBlock(block, 1)
    made.setEditable(False)
    return written


def _numbered(
    source: QgsFeatureSource, field: str, title: str, transform: QgsCoordinateTransform
) -> list[tuple[float, QgsGeometry]]:
    """Give each area's number and geometry, the highest last."""
    found, wrong = [], []
    index = source.fields().lookupField(field)
    for feature in source.getFeatures():
        geometry = feature.geometry()
        if geometry.isEmpty():
            continue
        value = feature.attribute(index)
        text = "" if value is None or (hasattr(value, "isNull") and value.isNull()) else str(value).strip()
        if not _NUMBER.fullmatch(text):
            wrong.append(text or "-")
            continue
        try:
            geometry.transform(transform)
        except QgsCsException as error:
            message = tr("{layer} could not be handed over: {reason}")
            raise QgsProcessingException(message.format(layer=title, reason=error)) from error
        found.append((float(text.replace(",", ".")), geometry))
    if wrong:
        message = tr(
            "{layer}: {count} areas have no number in the field {field} ({values}). Give each one number, such as 57; a class "
            "such as 55-59 is none: make a field with the field calculator."
        )
        shown = ", ".join(list(dict.fromkeys(wrong))[:5])
        raise QgsProcessingException(message.format(layer=title, count=len(wrong), field=field, values=shown))
    return sorted(found, key=lambda one: one[0])


def _pieces(geometry: QgsGeometry, left: float, top: float, columns: int, rows: int) -> dict[int, list[tuple[int, int]]]:
    """Give per row from which column to which (not included) the centres of cells lie in a geometry, by even and odd."""
    crossings: dict[int, list[float]] = {}
    geometry.convertToMultiType()
    for polygon in geometry.asMultiPolygon():
        for ring in polygon:
            for start, end in zip(ring, ring[1:]):
                low, high = sorted((start, end), key=lambda point: point.y())
                # in cells, from the centre of the first
                first = max(0, math.ceil((top - high.y()) / CELL_M - 0.5))
                last = min(rows, math.ceil((top - low.y()) / CELL_M - 0.5))
                for row in range(first, last):
                    y = top - (row + 0.5) * CELL_M
                    x = low.x() + (high.x() - low.x()) * (y - low.y()) / (high.y() - low.y())
                    crossings.setdefault(row, []).append((x - left) / CELL_M - 0.5)
    found = {}
    for row, at in crossings.items():
        at.sort()
        pieces = ((max(0, math.ceil(one)), min(columns, math.ceil(other))) for one, other in zip(at[::2], at[1::2]))
        found[row] = [(first, last) for first, last in pieces if first < last]
    return found


def _refuse_many(cells: int, title: str) -> None:
    if cells > MOST_CELLS:
        message = tr("{layer} has too many cells for this place ({count}); cut out what is needed, and choose that.")
        raise QgsProcessingException(message.format(layer=title, count=cells))
