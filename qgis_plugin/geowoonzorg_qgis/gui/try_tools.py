"""Tools on the map: a click on a place, and a line of clicks."""

from __future__ import annotations

from qgis.core import QgsGeometry, QgsPointXY, QgsWkbTypes
from qgis.gui import QgsMapCanvas, QgsMapMouseEvent, QgsMapTool, QgsRubberBand
from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtGui import QColor

_COLOUR = QColor("#d95f02")


class PlaceTool(QgsMapTool):
    """Tells where is clicked, in the map's reference system."""

    clicked = pyqtSignal(QgsPointXY)

    def __init__(self, canvas: QgsMapCanvas) -> None:
        super().__init__(canvas)
        self.setCursor(Qt.CursorShape.CrossCursor)

    def canvasReleaseEvent(self, event: QgsMapMouseEvent) -> None:
        """Tell of a click."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.clicked.emit(event.mapPoint())


class LineTool(QgsMapTool):
    """Tells of a line: a click for each vertex, the right button or Enter at its end, Escape to begin anew."""

    drawn = pyqtSignal(list)

    def __init__(self, canvas: QgsMapCanvas) -> None:
        super().__init__(canvas)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self._points: list[QgsPointXY] = []
        self._band = QgsRubberBand(canvas, QgsWkbTypes.GeometryType.LineGeometry)
        self._band.setColor(_COLOUR)
        self._band.setWidth(3)

    def canvasReleaseEvent(self, event: QgsMapMouseEvent) -> None:
        """Add a vertex, or end the line."""
        if event.button() == Qt.MouseButton.LeftButton:
            point = event.mapPoint()
            if not self._points or point != self._points[-1]:
                self._points.append(point)
            self._draw()
        elif event.button() == Qt.MouseButton.RightButton:
            self._finish()

    def canvasMoveEvent(self, event: QgsMapMouseEvent) -> None:
        """Show the line as it would be."""
        if self._points:
            self._draw(event.mapPoint())

    def keyPressEvent(self, event) -> None:
        """End the line with Enter, or begin anew with Escape."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._finish()
        elif event.key() == Qt.Key.Key_Escape:
            self._clear()

    def deactivate(self) -> None:
        """Leave nothing drawn."""
        self._clear()
        super().deactivate()

    def _finish(self) -> None:
        points = self._points
        self._clear()
        if len(points) > 1:
            self.drawn.emit(points)

    def _draw(self, *more: QgsPointXY) -> None:
        self._band.setToGeometry(QgsGeometry.fromPolylineXY([*self._points, *more]), None)

    def _clear(self) -> None:
        self._points = []
        self._band.reset(QgsWkbTypes.GeometryType.LineGeometry)
