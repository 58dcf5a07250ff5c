"""The toolbar with the tools on the map; nothing is started before one of them is used."""

from __future__ import annotations

from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QIcon

from ..texts import FOLDER, tr
from ..warm import WarmEngine
from .try_dock import TryDock
from .try_tools import LineTool, PlaceTool

try:
    from qgis.PyQt.QtGui import QAction, QActionGroup  # Qt 6
except ImportError:
    from qgis.PyQt.QtWidgets import QAction, QActionGroup  # Qt 5


class TryBar:
    """The toolbar, its tools, its panel and its engine; one in a window of QGIS."""

    def __init__(self, iface) -> None:
        self.iface = iface
        self.engine = WarmEngine(iface.mainWindow())
        self.dock = TryDock(iface, self.engine)
        self.dock.hide()
        iface.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, self.dock)
        self.dock.hide()
        self.bar = iface.addToolBar(tr("Geowoonzorg: try on the map"))
        self.bar.setObjectName("geowoonzorg_try_bar")
        self.panel = self.dock.toggleViewAction()
        self.panel.setIcon(_icon("panel"))
        self.panel.setToolTip(tr("Panel: what is tried, who gains and who loses"))
        self.bar.addAction(self.panel)
        self.group = QActionGroup(iface.mainWindow())
        canvas, dock = iface.mapCanvas(), self.dock
        self.actions: dict[str, QAction] = {}
        self.tools = {}
        for name, title, tool, heard in (
            ("walk", tr("Walk: click where someone sets out"), PlaceTool(canvas), dock.walk_from),
            ("area", tr("Service area: click a place or a facility"), PlaceTool(canvas), dock.area_of),
            ("open", tr("Open a facility: click where"), PlaceTool(canvas), dock.open_at),
            ("close", tr("Close a facility: click it"), PlaceTool(canvas), dock.close_at),
            ("move", tr("Move a facility: click it, then where it goes"), PlaceTool(canvas), dock.move_at),
            ("path", tr("Lay a path: click along it, end with the right button"), LineTool(canvas), dock.lay),
            ("cut", tr("Cut streets: click a line across them, end with the right button"), LineTool(canvas), dock.cut),
        ):
            self._add(name, title, tool, heard)

    def _add(self, name: str, title: str, tool, heard) -> None:
        action = QAction(_icon(name), title, self.iface.mainWindow())
        action.setObjectName(f"geowoonzorg_try_{name}")
        action.setCheckable(True)
        action.triggered.connect(lambda _checked=False: self.take(name))
        (tool.clicked if isinstance(tool, PlaceTool) else tool.drawn).connect(heard)
        tool.setAction(action)
        self.group.addAction(action)
        self.bar.addAction(action)
        self.actions[name], self.tools[name] = action, tool

    def take(self, name: str) -> None:
        """Take a tool in hand; the panel shows what it will do."""
        self.dock.drop()
        self.dock.show()
        self.iface.mapCanvas().setMapTool(self.tools[name])
        self.iface.mainWindow().statusBar().showMessage(self.actions[name].text(), 8000)

    def unload(self) -> None:
        """Take all of it away, and end the engine."""
        self.engine.end()
        canvas = self.iface.mapCanvas()
        for tool in self.tools.values():
            canvas.unsetMapTool(tool)
        self.iface.removeDockWidget(self.dock)
        self.dock.deleteLater()
        self.bar.deleteLater()
        for action in self.actions.values():
            action.deleteLater()
        self.tools, self.actions = {}, {}
        self.engine.deleteLater()


def _icon(name: str) -> QIcon:
    return QIcon(str(FOLDER / "icons" / f"{name}.svg"))
