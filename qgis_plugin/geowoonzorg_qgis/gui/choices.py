"""A choice in the toolbox's dialogs that shows titles and keeps keywords, in the form that QGIS asks of widgets."""

from __future__ import annotations

from processing.gui.wrappers import DIALOG_MODELER, WidgetWrapper
from qgis.core import QgsProcessingParameterEnum
from qgis.PyQt.QtWidgets import QComboBox

from ..parameters import TITLES, as_keyword


class TitledChoice(WidgetWrapper):
    """A list of titles; its value is the keyword, which a model or script keeps when the list changes."""

    def createWidget(self):
        """Make the list; the Model Designer adds the model's own inputs."""
        definition = self.parameterDefinition()
        combo = QComboBox()
        for keyword, title in zip(definition.options(), definition.metadata()[TITLES]):
            combo.addItem(title, keyword)
        if self.dialogType == DIALOG_MODELER:
            for value in self.dialog.getAvailableValuesOfType(QgsProcessingParameterEnum):
                combo.addItem(self.dialog.resolveValueDescription(value), value)
        combo.currentIndexChanged.connect(lambda _index: self.widgetValueHasChanged.emit(self))
        return combo

    def setValue(self, value):
        """Show a value: a keyword, its place in the list, or a model's input."""
        self.setComboValue(as_keyword(self.parameterDefinition(), value))

    def value(self):
        """Give the keyword, or the model's input."""
        return self.widget.currentData()
