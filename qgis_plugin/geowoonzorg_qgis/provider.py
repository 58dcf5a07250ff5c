"""The Processing provider: every algorithm in ``algorithms/`` and every model in ``models/``, found by itself."""

from __future__ import annotations

import importlib
import pkgutil
import traceback

from qgis.core import Qgis, QgsApplication, QgsMessageLog, QgsProcessingProvider
from qgis.PyQt.QtGui import QIcon

from . import algorithms
from .algorithm import EngineAlgorithm
from .models import models
from .texts import FOLDER, tr


class GeowoonzorgProvider(QgsProcessingProvider):
    """Geowoonzorg in the toolbox."""

    def id(self) -> str:
        """Give the id, as in ``geowoonzorg:service_areas``."""
        return "geowoonzorg"

    def name(self) -> str:
        """Give the group's name."""
        return "Geowoonzorg"

    def longName(self) -> str:
        """Give the name with what it is."""
        return tr("Geowoonzorg: walking distance, liveability and places for homes with care nearby")

    def icon(self) -> QIcon:
        """Give the plugin's icon."""
        return QIcon(str(FOLDER / "icon.svg"))

    def svgIconPath(self) -> str:
        """Give the icon's file."""
        return str(FOLDER / "icon.svg")

    def loadAlgorithms(self) -> None:
        """Add every algorithm that this QGIS can make; an exception in one that QGIS holds would end QGIS."""
        for kind in algorithm_classes():
            if (algorithm := made(kind)) is not None:
                self.addAlgorithm(algorithm)
        if QgsApplication.processingRegistry().providerById(self.id()) is not None:
            self.add_models()

    def add_models(self) -> None:
        """Add the models, once QGIS knows the algorithms that are their steps."""
        for model in models():
            self.addAlgorithm(model)


def made(kind: type[EngineAlgorithm]) -> EngineAlgorithm | None:
    """Make an algorithm and have it declared once; one that cannot be is left out, and said in the log."""
    try:
        algorithm = kind()
        algorithm.inputs()
        algorithm.outputs()
    except Exception:  # noqa: BLE001 - whatever it is, QGIS and the other algorithms must live
        QgsMessageLog.logMessage(traceback.format_exc(), "Geowoonzorg", Qgis.MessageLevel.Critical)
        return None
    return algorithm


def algorithm_classes() -> list[type[EngineAlgorithm]]:
    """Find the algorithms: each a module of its own in ``algorithms/``."""
    found = []
    for module in pkgutil.iter_modules(algorithms.__path__):
        content = importlib.import_module(f"{algorithms.__name__}.{module.name}")
        found += [
            kind
            for kind in vars(content).values()
            if isinstance(kind, type) and issubclass(kind, EngineAlgorithm) and kind.__module__ == content.__name__
        ]
    return found
