"""What the panel runs: a study or layers, with every choice of the algorithm, and where the results go."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from qgis.core import QgsProject
from qgis.gui import QgsFileWidget
from qgis.PyQt.QtWidgets import QLabel, QTabWidget, QVBoxLayout, QWidget

from ..texts import tr
from .form import ParameterForm

STUDY, SCORE, DEMO = "geowoonzorg:run_study", "geowoonzorg:score_sites", "geowoonzorg:demo"
PROFILE, PROFILE_FILE = "PROFILE", "PROFILE_FILE"
_HEIGHT = 190  # of the choices; the rest is scrolled to, as the ranking is what one looks at


class Inputs(QWidget):
    """Two tabs of choices, and the place of the results."""

    def __init__(self, iface, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self.tabs = QTabWidget()
        self.of_study, self.of_layers = ParameterForm(STUDY, iface), ParameterForm(SCORE, iface)
        self.study: QgsFileWidget = self.of_study.widgets["STUDY"]
        self.study.lineEdit().setPlaceholderText(tr("A study.toml; empty: the demo"))
        self.tabs.addTab(self.of_study, tr("Study"))
        self.tabs.addTab(self.of_layers, tr("Layers"))
        self.tabs.setMaximumHeight(_HEIGHT)
        layout.addWidget(self.tabs)
        layout.addWidget(QLabel(tr("Results in")))
        self.place = QgsFileWidget()
        self.place.setStorageMode(QgsFileWidget.StorageMode.GetDirectory)
        self.place.setToolTip(tr("Each run gets a folder of its own in there, named after its time."))
        layout.addWidget(self.place)
        self.tabs.currentChanged.connect(self.show_place)
        self.study.fileChanged.connect(self.show_place)
        self.show_place()

    def show_place(self, *_ignored) -> None:
        """Say where the results go if nothing is chosen."""
        place = self._usual_place()
        self.place.lineEdit().setPlaceholderText(str(place) if place else tr("Empty: a temporary folder"))

    def chosen_place(self) -> Path | None:
        """Give the folder in which each run gets its own; None for a temporary one."""
        chosen = self.place.filePath().strip()
        return Path(chosen) if chosen else self._usual_place()

    def _usual_place(self) -> Path | None:
        """Give the folder of the study, else that of the project."""
        study = self.study.filePath().strip()
        if self.tabs.currentIndex() == 0 and study:
            return Path(study).parent / "runs"
        home = QgsProject.instance().absolutePath()
        return Path(home) / "geowoonzorg" if home else None

    def request(self) -> tuple[str, dict[str, Any]]:
        """Give the algorithm and parameters that the choices mean."""
        if self.tabs.currentIndex() == 1:
            return SCORE, self.of_layers.values()
        values = self.of_study.values()
        return (STUDY, values) if values["STUDY"] else (DEMO, {name: values[name] for name in (PROFILE, PROFILE_FILE)})

    def as_text(self) -> str:
        """Write the choices down, for whoever opens the project later."""
        name, values = self.request()
        return json.dumps([name, {key: value for key, value in values.items() if _is_plain(value)}])

    def fill_from(self, text: str) -> None:
        """Fill in choices that were written down; what cannot be read is left as it is."""
        try:
            name, values = json.loads(text)
        except (ValueError, TypeError):
            return
        if not isinstance(values, Mapping):
            return
        form = self.of_layers if name == SCORE else self.of_study
        form.set_values({"STUDY": "", **values} if name != SCORE else values)
        self.tabs.setCurrentWidget(form)


def _is_plain(value: object) -> bool:
    return isinstance(value, (str, int, float, bool)) or (isinstance(value, list) and all(map(_is_plain, value)))
