"""The page under Settings > Options > Geowoonzorg: language, and the engine beside QGIS."""

from __future__ import annotations

from qgis.gui import QgsFileWidget, QgsOptionsPageWidget, QgsOptionsWidgetFactory
from qgis.PyQt.QtGui import QIcon
from qgis.PyQt.QtWidgets import (
    QComboBox,
    QFormLayout,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QMessageBox,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
)

from .. import engine, environment, settings, work
from ..texts import FOLDER, tr


class OptionsFactory(QgsOptionsWidgetFactory):
    """Makes the page when it is opened."""

    def __init__(self) -> None:
        super().__init__("Geowoonzorg", QIcon(str(FOLDER / "icon.svg")))

    def icon(self) -> QIcon:
        """Give the page's icon."""
        return QIcon(str(FOLDER / "icon.svg"))

    def createWidget(self, parent):
        """Make the page."""
        return OptionsPage(parent)


class OptionsPage(QgsOptionsPageWidget):
    """The page; nothing is looked for or installed until a button is pressed."""

    def __init__(self, parent=None) -> None:
        super().__init__(parent)
        self.setObjectName("geowoonzorg")
        self._work = None
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)

        self.language = QComboBox()
        for key, name in settings.LANGUAGES.items():
            self.language.addItem(name, key)
        form = QFormLayout()
        form.addRow(tr("Language (after a restart)"), self.language)
        layout.addLayout(form)

        box = QGroupBox(tr("Engine"))
        inside = QVBoxLayout(box)
        about = QLabel(
            tr("The computing is done beside QGIS, in a Python of its own, so that nothing in QGIS or in other plugins changes.")
        )
        about.setWordWrap(True)
        inside.addWidget(about)
        self.python = QgsFileWidget()
        self.python.setDialogTitle(tr("Python with the geowoonzorg engine"))
        self.python.lineEdit().setPlaceholderText(tr("Empty: the plugin's own environment below"))
        chosen = QFormLayout()
        chosen.addRow(tr("Python of one's own"), self.python)
        inside.addLayout(chosen)
        self.state = QLabel()
        self.state.setWordWrap(True)
        inside.addWidget(self.state)

        self.release = QgsFileWidget()
        self.release.setStorageMode(QgsFileWidget.StorageMode.GetDirectory)
        self.release.setFilePath(environment.release_folder())
        self.release.lineEdit().setPlaceholderText(tr("The folder with {wheel}").format(wheel=engine.wheel_name()))
        self.release.setToolTip(
            tr(
                "The engine lies beside the plugin's zip. What it needs is fetched as pip is set up, each file checked by its "
                "hash; or, without the internet, from the same folder, if its wheels lie there too."
            )
        )
        beside = QFormLayout()
        beside.addRow(tr("Folder of the plugin's zip"), self.release)
        inside.addLayout(beside)
        buttons = QHBoxLayout()
        self.install = QPushButton()
        self.remove = QPushButton(tr("Remove all"))
        self.check = QPushButton(tr("Check"))
        self.cancel = QPushButton(tr("Cancel"))
        for button, slot in (
            (self.check, self.start_check),
            (self.install, self.start_install),
            (self.remove, self.remove_all),
            (self.cancel, self.cancel_work),
        ):
            button.clicked.connect(slot)
            buttons.addWidget(button)
        inside.addLayout(buttons)
        self.bar = QProgressBar()
        inside.addWidget(self.bar)
        self.log = QPlainTextEdit()
        self.log.setReadOnly(True)
        self.log.setMaximumBlockCount(1000)
        inside.addWidget(self.log)
        layout.addWidget(box)
        self._show_settings()
        self.refresh()

    def _show_settings(self) -> None:
        """Show what holds now, of the user, the office or QGIS."""
        self.language.setCurrentIndex(self.language.findData(settings.language()))
        self.python.setFilePath(settings.get("python"))
        self._shown = self._chosen()

    def _chosen(self) -> dict[str, str]:
        return {"python": self.python.filePath().strip(), "language": self.language.currentData()}

    def apply(self) -> None:
        """Keep what was changed here; QGIS calls it on OK. What is as it was stays as the office or QGIS has it."""
        now = self._chosen()
        for key, value in now.items():
            if value != self._shown[key]:
                settings.put(key, value)
        self._shown = now
        engine.forget_found()

    def refresh(self) -> None:
        """Show the state of the environment."""
        where = environment.folder()
        if environment.is_ready():
            text = tr("Own environment: ready, in {folder} ({size:.0f} MB).")
            self.state.setText(text.format(folder=where, size=environment.size_mb()))
            self.install.setText(tr("Repair"))
        elif environment.is_broken():
            self.state.setText(tr("Own environment: broken, in {folder}. Repair makes it anew.").format(folder=where))
            self.install.setText(tr("Repair"))
        else:
            text = tr("Own environment: none yet. Install makes one in {folder} (about 800 MB).")
            self.state.setText(text.format(folder=where))
            self.install.setText(tr("Install"))
        busy = self._work is not None
        self.install.setEnabled(not busy)
        self.check.setEnabled(not busy)
        self.remove.setEnabled(not busy)
        self.cancel.setVisible(busy)
        self.bar.setVisible(busy)

    def start_check(self) -> None:
        """Ask the engine for its state."""
        self.apply()
        self._start(tr("Checking the engine"), _check)

    def start_install(self) -> None:
        """Make the environment; this click is the user's leave."""
        release = self.release.filePath().strip()

        def install(report, cancelled) -> None:
            environment.create(release=release, report=report, cancelled=cancelled)

        self._start(tr("Installing the engine"), install)

    def remove_all(self) -> None:
        """Remove the environment and the plugin's settings, after asking."""
        question = tr("Remove the plugin's own environment ({folder}) and its settings?")
        yes = QMessageBox.StandardButton.Yes
        answer = QMessageBox.question(self, "Geowoonzorg", question.format(folder=environment.folder().parent))
        if answer != yes:
            return
        try:
            environment.remove()
        except OSError as error:
            self.log.appendPlainText(tr("The disk says: {reason}").format(reason=error))
        else:
            settings.forget()
            self._show_settings()
            self.log.appendPlainText(tr("Removed."))
        self.refresh()

    def cancel_work(self) -> None:
        """Stop what is going on."""
        if self._work is not None:
            self._work.cancel()

    def _start(self, title: str, function) -> None:
        self.log.clear()
        self.bar.setValue(0)
        self._work = work.start(title, function)
        self._work.said.connect(self.log.appendPlainText)
        self._work.progressChanged.connect(lambda percent: self.bar.setValue(int(percent)))
        self._work.ended.connect(self._ended)
        self.refresh()

    def _ended(self, _succeeded: bool, message: str) -> None:
        self._work = None
        if message:
            self.log.appendPlainText(message)
        self.refresh()

    def closeEvent(self, event) -> None:
        """Leave no work behind that nobody sees."""
        self.cancel_work()
        super().closeEvent(event)


def _check(report, cancelled) -> str:
    answer = engine.run(["doctor"], report=report, cancelled=cancelled)
    found = engine.find()
    return "\n".join([f"{found.python} ({found.origin})", str(answer.get("message", ""))])


def open_options(iface) -> None:
    """Open the page."""
    iface.showOptionsDialog(iface.mainWindow(), "geowoonzorg")
