"""Which of the project's runs the panel shows, with which it is compared, and which spots are ranked along."""

from __future__ import annotations

from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QComboBox, QGridLayout, QLabel, QPushButton, QSizePolicy, QWidget

from ..runs import Run
from ..texts import tr


class RunChoice(QWidget):
    """Three lists of the runs in the project; what there is nothing to choose of is hidden."""

    chosen = pyqtSignal(str)
    compared = pyqtSignal(str)
    added = pyqtSignal(str)
    keep_asked = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self.shown, self.other, self.spots = QComboBox(), QComboBox(), QComboBox()
        self._labels: dict[QComboBox, QLabel] = {}
        for row, (box, title, signal) in enumerate(
            (
                (self.shown, tr("Outcome"), self.chosen),
                (self.other, tr("Compare with"), self.compared),
                (self.spots, tr("Together with"), self.added),
            )
        ):
            label = self._labels[box] = QLabel(title)
            label.setBuddy(box)
            box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            box.activated.connect(lambda _index, box=box, signal=signal: signal.emit(str(box.currentData() or "")))
            layout.addWidget(label, row, 0)
            layout.addWidget(box, row, 1)
        layout.setColumnStretch(1, 1)
        self.spots.setToolTip(tr("Sites or spots of another run, such as those of a search, put into this ranking."))
        self.vanishing = QLabel(tr("This outcome lies in a temporary folder and is gone when QGIS closes."))
        self.vanishing.setWordWrap(True)
        self.keep_button = QPushButton(tr("Keep it…"))
        self.keep_button.clicked.connect(self.keep_asked.emit)
        layout.addWidget(self.vanishing, 3, 0, 1, 2)
        layout.addWidget(self.keep_button, 4, 0, 1, 2)
        self.fill([], "", "", "")

    def fill(self, runs: list[Run], shown: str, other: str, along: str) -> None:
        """Show these runs; the keys say which are chosen."""
        for box, key, first in (
            (self.shown, shown, None),
            (self.other, other, tr("nothing")),
            (self.spots, along, tr("nothing")),
        ):
            box.clear()
            if first is not None:
                box.addItem(first, "")
            for run in runs:
                if first is None or run.key != shown:
                    box.addItem(run.title, run.key)
            box.setCurrentIndex(max(0, box.findData(key)))
            there = len(runs) > (0 if first is None else 1)
            box.setVisible(there)
            self._labels[box].setVisible(there)
        now = next((run for run in runs if run.key == shown), None)
        vanishes = now is not None and now.is_temporary()
        self.vanishing.setVisible(vanishes)
        self.keep_button.setVisible(vanishes and now.folder is not None)
        if vanishes and now.folder is None:
            self.vanishing.setText(tr("This outcome is in the memory of QGIS only: save its layers to keep it."))
