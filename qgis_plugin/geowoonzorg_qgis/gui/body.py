"""The panel's parts, laid out one below the other."""

from __future__ import annotations

from qgis.gui import QgsCollapsibleGroupBoxBasic
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from ..texts import tr
from .compare_table import CompareModel
from .handing_on import HandingOn
from .inputs import Inputs
from .run_choice import RunChoice
from .run_row import RunRow
from .tables import BarDelegate, PartsTable, RankingModel, WideTable

LEAST_WIDTH = 296  # so that it fits in 320 pixels with the frame of a panel


class Body(QWidget):
    """What is in the panel: choices, the button, the outcome, two tables, and what can be taken along."""

    def __init__(self, iface) -> None:
        super().__init__()
        self.setMinimumWidth(LEAST_WIDTH)
        layout = QVBoxLayout(self)
        self.inputs, self.row, self.choice, self.handing = Inputs(iface), RunRow(), RunChoice(), HandingOn()
        self.note = QLabel()
        self.note.setWordWrap(True)
        self.note.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.addWidget(self._make_ranking())
        splitter.addWidget(self._make_parts())
        splitter.setStretchFactor(0, 2)
        splitter.setStretchFactor(1, 3)
        self.choices = QgsCollapsibleGroupBoxBasic(tr("What to run"))
        inside = QVBoxLayout(self.choices)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(self.inputs)
        for part in (self.choices, self.row, self.choice, self.note):
            layout.addWidget(part)
        layout.addWidget(splitter, 1)
        layout.addWidget(self.handing)

    def _make_ranking(self) -> QStackedWidget:
        self.model, self.compared = RankingModel(self), CompareModel(self)
        self.table = WideTable(self.model, stretched=RankingModel.NAME)
        self.table.setItemDelegateForColumn(RankingModel.SCORE, BarDelegate(self.table))
        self.side_by_side = WideTable(self.compared, stretched=CompareModel.NAME)
        self.tables = QStackedWidget()
        self.tables.addWidget(self.table)
        self.tables.addWidget(self.side_by_side)
        return self.tables

    def _make_parts(self) -> QWidget:
        parts = QWidget()
        inside = QVBoxLayout(parts)
        inside.setContentsMargins(0, 0, 0, 0)
        top = QHBoxLayout()
        self.site_title = QLabel()
        self.site_title.setWordWrap(True)
        top.addWidget(self.site_title, 1)
        self.restore = QPushButton(tr("Put back"))
        self.restore.setToolTip(tr("Weights of the profile"))
        top.addWidget(self.restore)
        inside.addLayout(top)
        self.parts = PartsTable()
        self.restore.clicked.connect(self.parts.restore_weights)
        inside.addWidget(self.parts)
        return parts
