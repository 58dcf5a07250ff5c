"""An algorithm's parameters in a panel: each with QGIS's own widget, the rarer ones folded away below."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

from qgis.core import (
    QgsApplication,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingParameterDefinition,
    QgsProject,
)
from qgis.gui import (
    QgsCollapsibleGroupBoxBasic,
    QgsGui,
    QgsProcessingContextGenerator,
    QgsProcessingGui,
    QgsProcessingParameterWidgetContext,
)
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QCheckBox, QComboBox, QFrame, QLabel, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from .. import settings
from ..parameters import TITLES
from ..texts import tr

_ADVANCED = QgsProcessingParameterDefinition.Flag.FlagAdvanced


class _Context(QgsProcessingContextGenerator):
    """Gives the widgets the project that is open."""

    def __init__(self) -> None:
        super().__init__()
        self._context = QgsProcessingContext()

    def processingContext(self) -> QgsProcessingContext:
        """Give it."""
        self._context.setProject(QgsProject.instance())
        return self._context


# What the widgets look at without owning it stays for good. Python may collect a panel that was closed, in whatever thread
# it then is, before Qt gets round to its widgets, and these still hear of every layer that comes or goes.
@lru_cache(maxsize=1)
def _context() -> _Context:
    return _Context()


@cache
def _algorithm(ident: str, _language: str) -> QgsProcessingAlgorithm:
    """Make an algorithm, which owns the definitions of its parameters; what they are called is of a language."""
    return QgsApplication.processingRegistry().createAlgorithmById(ident)


class ParameterForm(QScrollArea):
    """The inputs of an algorithm, one below the other, so that they fit in a narrow panel."""

    def __init__(self, ident: str, iface, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.ident = ident
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)  # what is in it takes what width there is
        body = QWidget()
        layout = QVBoxLayout(body)
        layout.setContentsMargins(4, 4, 4, 4)
        self._context = _context()
        self.wrappers: dict[str, Any] = {}
        self.widgets: dict[str, QWidget] = {}
        rare = QgsCollapsibleGroupBoxBasic(tr("More choices"))
        rare_layout = QVBoxLayout(rare)
        algorithm = _algorithm(ident, settings.language())
        for definition in algorithm.parameterDefinitions():
            if not definition.isDestination():
                self._add(definition, rare_layout if definition.flags() & _ADVANCED else layout, iface)
        for wrapper in self.wrappers.values():
            wrapper.postInitialize(list(self.wrappers.values()))
        rare.setVisible(rare_layout.count() > 0)
        rare.setCollapsed(True)
        layout.addWidget(rare)
        layout.addStretch(1)
        self.setWidget(body)

    def _add(self, definition, layout: QVBoxLayout, iface) -> None:
        wrapper = QgsGui.processingGuiRegistry().createParameterWidgetWrapper(definition, QgsProcessingGui.WidgetType.Standard)
        place = QgsProcessingParameterWidgetContext()
        place.setProject(QgsProject.instance())
        place.setMapCanvas(iface.mapCanvas())
        wrapper.setWidgetContext(place)
        wrapper.registerProcessingContextGenerator(self._context)
        widget = wrapper.createWrappedWidget(self._context.processingContext())
        label = QLabel(definition.description())
        label.setWordWrap(True)
        label.setToolTip(definition.help())
        label.setBuddy(widget)
        if isinstance(widget, QCheckBox):
            widget.setText("")  # its own text does not wrap
            widget.setAccessibleName(definition.description())
        if isinstance(widget, QComboBox):
            for at, title in enumerate(definition.metadata().get(TITLES, ())):
                widget.setItemText(at, title)  # its data stays the keyword
        widget.setToolTip(definition.help())
        widget.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        layout.addWidget(label)
        layout.addWidget(widget)
        wrapper.setParent(self)
        self.wrappers[definition.name()] = wrapper
        self.widgets[definition.name()] = widget

    def values(self) -> dict[str, Any]:
        """Give what is filled in, by the names of the parameters."""
        return {name: wrapper.parameterValue() for name, wrapper in self.wrappers.items()}

    def set_values(self, values: Mapping[str, Any]) -> None:
        """Fill in some of the parameters; what the algorithm does not have is passed over."""
        for name, value in values.items():
            if name in self.wrappers:
                self.wrappers[name].setParameterValue(value, self._context.processingContext())
