"""What QGIS loads: the Processing provider, and in the desktop the dock, menu and settings page."""

from __future__ import annotations

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QCoreApplication, Qt
from qgis.PyQt.QtGui import QIcon

from .provider import GeowoonzorgProvider
from .texts import FOLDER, install_translator, tr

try:
    from qgis.PyQt.QtGui import QAction  # Qt 6
except ImportError:
    from qgis.PyQt.QtWidgets import QAction  # Qt 5


class GeowoonzorgPlugin:
    """The plugin; nothing is started, downloaded or looked for until the user asks for it."""

    def __init__(self, iface) -> None:
        self.iface = iface
        self.translator = install_translator()
        self.provider = None
        self.dock = None
        self.options = None
        self.try_bar = None
        self.actions: list[QAction] = []

    def initProcessing(self) -> None:
        """Add the algorithms; all that qgis_process calls."""
        self.provider = GeowoonzorgProvider()
        QgsApplication.processingRegistry().addProvider(self.provider)
        self.provider.add_models()

    def initGui(self) -> None:
        """Add the algorithms, the menu and the settings page."""
        self.initProcessing()
        from .gui.options import OptionsFactory, open_options

        self.options = OptionsFactory()
        self.iface.registerOptionsWidgetFactory(self.options)
        panel = QAction(QIcon(str(FOLDER / "icon.svg")), tr("Geowoonzorg: sites and scores"), self.iface.mainWindow())
        panel.setObjectName("geowoonzorg_panel")
        panel.setCheckable(True)
        panel.triggered.connect(self.show_dock)
        settings = QAction(tr("Settings and engine…"), self.iface.mainWindow())
        settings.triggered.connect(lambda: open_options(self.iface))
        self.iface.addToolBarIcon(panel)
        self.actions = [panel, settings]
        for action in self.actions:
            self.iface.addPluginToMenu("Geowoonzorg", action)
        from .gui.try_bar import TryBar

        self.try_bar = TryBar(self.iface)

    def show_dock(self, shown: bool) -> None:
        """Show or hide the panel; it is made when first asked for."""
        if self.dock is None:
            from .gui.dock import SitesDock

            self.dock = SitesDock(self.iface)
            self.dock.visibilityChanged.connect(self.actions[0].setChecked)
            self.iface.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, self.dock)
        self.dock.setVisible(shown)

    def unload(self) -> None:
        """Take everything away again."""
        if self.try_bar is not None:
            self.try_bar.unload()
            self.try_bar = None
        if self.dock is not None:
            self.dock.close_down()
            self.iface.removeDockWidget(self.dock)
            self.dock.deleteLater()
            self.dock = None
        for action in self.actions:
            self.iface.removePluginMenu("Geowoonzorg", action)
            self.iface.removeToolBarIcon(action)
        self.actions = []
        if self.options is not None:
            self.iface.unregisterOptionsWidgetFactory(self.options)
            self.options = None
        if self.provider is not None:
            QgsApplication.processingRegistry().removeProvider(self.provider)
            self.provider = None
        if self.translator is not None:
            QCoreApplication.removeTranslator(self.translator)
            self.translator = None
