"""What the panel hands on: map, report and files of a run, and weights of one's own."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from qgis.PyQt.QtCore import QUrl, pyqtSignal
from qgis.PyQt.QtGui import QDesktopServices
from qgis.PyQt.QtWidgets import QFileDialog, QGridLayout, QLabel, QMenu, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from ..runs import copy_geopackage
from ..study import FILES, MAP, REPORT, RESULT, SCORES
from ..texts import tr


class HandingOn(QWidget):
    """The row of buttons below the tables."""

    saved = pyqtSignal(str)
    failed = pyqtSignal(str)
    profile_asked = pyqtSignal()
    rerun_asked = pyqtSignal()
    ranks_asked = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.files: Mapping[str, str] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self.note = QLabel(
            tr("Map and report show the weights of the profile, not those moved here. For these: Weights > Run with them.")
        )
        self.note.setWordWrap(True)
        column.addWidget(self.note)
        grid = QGridLayout()  # two by two fits in a narrow panel
        self.exports = {}
        for name, title in ((MAP, tr("Map")), (REPORT, tr("Report"))):
            button = self.exports[name] = _button(title)
            button.setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)
            button.clicked.connect(lambda _checked=False, name=name: self.open_file(name))
            button.menu().addAction(tr("Open in the browser"), lambda name=name: self.open_file(name))
            button.menu().addAction(tr("Save as…"), lambda name=name: self.save_file(name))
            grid.addWidget(button, 0, len(self.exports) - 1)
        self.more = _button(tr("Files"))
        self.more.menu().addAction(tr("Save the scores (csv)…"), lambda: self.save_file(SCORES))
        self.more.menu().addAction(tr("Save the results (GeoPackage)…"), lambda: self.save_file(RESULT))
        self.more.menu().addAction(tr("Open the folder"), self.open_folder)
        grid.addWidget(self.more, 1, 0)
        self.keep = _button(tr("Weights"))
        self.keep.setToolTip(tr("Keep the weights that were moved"))
        self.keep.menu().addAction(tr("Run with them: map, report and layer"), self.rerun_asked.emit)
        self.keep.menu().addAction(tr("Save as a scoring profile…"), self.profile_asked.emit)
        self.keep.menu().addAction(tr("Write the ranks into the layer"), self.ranks_asked.emit)
        grid.addWidget(self.keep, 1, 1)
        column.addLayout(grid)
        self.show_state(files={}, moved=False)

    def show_state(self, *, files: Mapping[str, str], moved: bool) -> None:
        """Offer what there is."""
        self.files = files
        for name, button in self.exports.items():
            button.setEnabled(name in files)
        self.more.setEnabled(bool(files))
        self.keep.setEnabled(moved)
        self.note.setVisible(moved and bool(files))

    def open_file(self, name: str) -> None:
        """Open map or report in the browser."""
        QDesktopServices.openUrl(QUrl.fromLocalFile(self.files[name]))

    def open_folder(self) -> None:
        """Open the folder of the run."""
        path = next(iter(self.files.values()))
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)).adjusted(QUrl.UrlFormattingOption.RemoveFilename))

    def save_file(self, name: str) -> None:
        """Ask where, and save a file of the run."""
        if name not in self.files:
            return
        ending = FILES[name].rpartition(".")[2]
        target, _kind = QFileDialog.getSaveFileName(self, tr("Save as…"), FILES[name], f"*.{ending}")
        if target:
            self.export(name, target)

    def export(self, name: str, target: str) -> None:
        """Copy a file of the run."""
        try:
            if name == RESULT:
                copy_geopackage(Path(self.files[name]), Path(target))
            else:
                shutil.copyfile(self.files[name], target)
        except OSError as error:
            self.failed.emit(tr("The disk says: {reason}").format(reason=error))
        else:
            self.saved.emit(tr("Saved: {path}").format(path=target))


def _button(title: str) -> QToolButton:
    button = QToolButton()
    button.setText(title)
    button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    button.setMenu(QMenu(button))
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    return button
