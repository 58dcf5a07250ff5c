"""The panel beside the tools on the map: which study, what is tried, and who gains and who loses by it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from qgis.core import Qgis, QgsCoordinateReferenceSystem, QgsGeometry, QgsPointXY, QgsProject
from qgis.gui import QgsDockWidget, QgsFileWidget
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QProgressBar,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from .. import settings
from ..engine import EngineError
from ..texts import tr
from ..warm import OFF, READING, READY, STARTING, WarmEngine
from . import try_tables
from .tables import RIGHT
from .try_layers import memory_layer, rows_of, show, to_study

REACH_PX = 15  # how near a facility or a street must be clicked
_WIDEST_PX = 190
STUDY = "warm_study"  # the setting that remembers the study


class TryDock(QgsDockWidget):
    """The panel."""

    def __init__(self, iface, engine: WarmEngine) -> None:
        super().__init__(tr("Geowoonzorg: try on the map"), iface.mainWindow())
        self.setObjectName("geowoonzorg_try_dock")
        self.iface, self.engine = iface, engine
        self.tried: list[tuple[str, dict, str]] = []  # kind, table of the engine, in words
        self._facilities: list[tuple[dict, QgsPointXY]] | None = None
        self._moving: dict | None = None
        self._layer_ids: dict[str, list[str]] = {}
        self._turn = 0
        self._make()
        engine.changed.connect(self._show_state)
        engine.said.connect(self._show_progress)
        self.study.setFilePath(settings.get(STUDY))
        self._show_state()

    def _make(self) -> None:
        self.study = QgsFileWidget()
        self.study.setFilter("TOML (*.toml)")
        self.study.fileChanged.connect(self._choose_study)
        self.facility_class = QComboBox()
        for one in settings.catalogue()["facility_classes"]:
            self.facility_class.addItem(one["title"], one["name"])
        self.path_kind = QComboBox()
        self.path_kind.addItem(
            tr("Paved footpath"), {"highway": "footway", "surface": "paving_stones", "smoothness": "good", "width": "2"}
        )
        self.path_kind.addItem(tr("Footpath of which nothing is known"), {"highway": "footway"})
        form = QFormLayout()
        form.addRow(tr("Study"), self.study)
        form.addRow(tr("What opens"), self.facility_class)
        form.addRow(tr("What is laid"), self.path_kind)
        self.sites = QCheckBox(tr("Judge the study's sites too"))
        self.sites.toggled.connect(lambda _on: self.try_again())
        self.keep = QCheckBox(tr("Keep the layers of earlier answers"))
        self.list = QListWidget()
        self.list.setMaximumHeight(90)
        self.list.setToolTip(tr("All of this together is tried"))
        self.remove = QPushButton(tr("Remove"))
        self.remove.clicked.connect(self._remove_current)
        self.clear = QPushButton(tr("Begin anew"))
        self.clear.clicked.connect(self.begin_anew)
        buttons = QHBoxLayout()
        buttons.addWidget(self.remove)
        buttons.addWidget(self.clear)
        buttons.addStretch(1)
        self.note = QLabel()
        self.note.setWordWrap(True)
        self.note.setTextFormat(Qt.TextFormat.PlainText)
        self.note.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.bar = QProgressBar()
        self.stop = QPushButton(tr("Stop the engine"))
        self.stop.clicked.connect(self._stop)
        self.tabs = QTabWidget()
        self.tables = {}
        for name, title in try_tables.titles().items():
            self.tables[name] = _table()
            self.tabs.addTab(self.tables[name], title)
        column = QVBoxLayout()
        column.addLayout(form)
        for one in (self.sites, self.keep, self.list):
            column.addWidget(one)
        column.addLayout(buttons)
        for one in (self.note, self.bar):
            column.addWidget(one)
        column.addWidget(self.tabs, 1)
        column.addWidget(self.stop)
        inside = QWidget()
        inside.setLayout(column)
        self.setWidget(inside)

    # --- the engine

    def _choose_study(self, path: str) -> None:
        settings.put(STUDY, path.strip())
        self.tried.clear()
        self.engine.use(path.strip())
        self._facilities = None
        self._show_tried()

    def _stop(self) -> None:
        self.engine.let_go()
        self.note.setText(tr("Stopped; your next click starts the engine again."))

    def _show_progress(self, fraction: float, message: str) -> None:
        self.bar.setValue(int(100 * fraction))
        self.note.setText(tr("Reading the study, once: {what}").format(what=message))

    def _show_state(self, state: str = "") -> None:
        if state in (OFF, STARTING):
            self._facilities = None
            self.bar.setValue(0)
        if state == STARTING:
            self.note.setText(tr("The engine is starting…"))
        reading = self.engine.state in (STARTING, READING)
        self.bar.setRange(0, 100 if reading else 0)
        self.bar.setVisible(reading or self.engine.is_busy())
        self.stop.setEnabled(self.engine.state != OFF)
        self.sites.setEnabled(self.engine.state != READY or bool(self.engine.about.get("sites")))

    def _when_ready(self, then: Callable[[], None]) -> None:
        """Do something when the study is read and its facilities are known; never waits."""
        if not Path(self.study.filePath().strip() or "?").is_file():
            self.show()
            self._tell(tr("Choose a study (study.toml) in the panel first."))
            return
        self.engine.use(self.study.filePath().strip())
        if self.engine.state == READY and self._facilities is not None:
            self._do(then)
            return

        def known(answer: dict) -> None:
            self._take_facilities(answer["facilities"])
            self._do(then)

        self.engine.ask(lambda: {"ask": "facilities"}, known, self._tell)

    def _do(self, then: Callable[[], None]) -> None:
        try:
            then()
        except EngineError as error:
            self._tell(str(error))

    def _ask(self, request: dict, answered: Callable[[dict], None]) -> None:
        self.note.setText(tr("Running…"))
        self.engine.ask(lambda: request, lambda answer: self._do(lambda: answered(answer)), self._tell)

    def _take_facilities(self, table: dict) -> None:
        rows = list(rows_of(table))
        places = [QgsGeometry.fromWkt(row["geometry"]).pointOnSurface().asPoint() for row in rows]
        self._facilities = list(zip(rows, places))
        known = {self.facility_class.itemData(place) for place in range(self.facility_class.count())}
        for name in self.engine.about.get("classes", []):
            if name not in known:
                self.facility_class.addItem(name, name)
        self._load("facilities", memory_layer(tr("Facilities (study)"), table, self.crs(), points=True), "facilities")

    def crs(self) -> QgsCoordinateReferenceSystem:
        """Give the study's reference system."""
        said = str(self.engine.about.get("crs", ""))
        if said.upper().startswith("EPSG:"):
            return QgsCoordinateReferenceSystem(said)
        return QgsCoordinateReferenceSystem.fromWkt(said)

    # --- clicks

    def walk_from(self, point: QgsPointXY) -> None:
        """Show the nearest walk to each class."""
        self._when_ready(lambda: self._ask({"ask": "nearest", **self._at(point)}, self._show_walks))

    def area_of(self, point: QgsPointXY) -> None:
        """Show the service area of the facility that is clicked, else of the place."""

        def ask() -> None:
            found = self._facility_at(point)
            asked = {"facility": found["id"]} if found else self._at(point)
            self._ask({"ask": "service-area", **asked}, self._show_areas)

        self._when_ready(ask)

    def open_at(self, point: QgsPointXY) -> None:
        """Try a facility that opens."""
        name, title = self.facility_class.currentData(), self.facility_class.currentText()
        self._when_ready(lambda: self._try("open", {"class": name, **self._at(point)}, tr("Opens: {what}").format(what=title)))

    def close_at(self, point: QgsPointXY) -> None:
        """Try that the facility that is clicked closes."""

        def close() -> None:
            if found := self._must_be_facility(point):
                self._try("close", {"id": found["id"]}, tr("Closes: {what}").format(what=_name(found)))

        self._when_ready(close)

    def move_at(self, point: QgsPointXY) -> None:
        """Take up the facility that is clicked, or put down what was taken up."""

        def move() -> None:
            if self._moving is None:
                self._moving = self._must_be_facility(point)
                if self._moving:
                    said = tr("{what}: now click where it goes.")
                    self.note.setText(said.format(what=_name(self._moving)))
                return
            moved, self._moving = self._moving, None
            self._try("move", {"id": moved["id"], **self._at(point)}, tr("Moves: {what}").format(what=_name(moved)))

        self._when_ready(move)

    def drop(self) -> None:
        """Forget a facility that was taken up: another tool was chosen."""
        self._moving = None

    def lay(self, points: list[QgsPointXY]) -> None:
        """Try a path that is laid; its ends go to the street that is near enough to where is clicked."""
        tags, title = self.path_kind.currentData(), self.path_kind.currentText()

        def lay(answer: dict) -> None:
            self._try("path", {"coordinates": answer["points"], "tags": tags}, tr("Laid: {what}").format(what=title))

        def snap() -> None:
            self._ask({"ask": "snap", "points": self._line(points), "within_m": self._reach_m(points[0])}, lay)

        self._when_ready(snap)

    def cut(self, points: list[QgsPointXY]) -> None:
        """Try that nobody passes a line."""
        self._when_ready(
            lambda: self._try("cut", {"coordinates": self._line(points)}, tr("Cut: the streets that the line crosses"))
        )

    def _at(self, point: QgsPointXY) -> dict:
        there = self._in_study(point)
        return {"x": there.x(), "y": there.y()}

    def _line(self, points: list[QgsPointXY]) -> list[list[float]]:
        return [[there.x(), there.y()] for there in map(self._in_study, points)]

    def _in_study(self, point: QgsPointXY) -> QgsPointXY:
        return to_study(point, self.iface.mapCanvas().mapSettings().destinationCrs(), self.crs())

    def _reach_m(self, point: QgsPointXY) -> float:
        """Give how far from a click something still counts as clicked, in the study's metres."""
        beside = QgsPointXY(point.x() + REACH_PX * self.iface.mapCanvas().mapUnitsPerPixel(), point.y())
        return min(500.0, max(1.0, self._in_study(point).distance(self._in_study(beside))))

    def _facility_at(self, point: QgsPointXY) -> dict | None:
        """Give the facility that is nearest to a click, if it is near enough."""
        there, reach = self._in_study(point), self._reach_m(point)
        near = [(place.distance(there), row["id"], row) for row, place in self._facilities or []]
        return min(near)[2] if near and min(near)[0] <= reach else None

    def _must_be_facility(self, point: QgsPointXY) -> dict | None:
        found = self._facility_at(point)
        if found is None:
            self._tell(tr("There is no facility of the study here; click on one of its dots."))
        return found

    # --- what is tried

    def _try(self, kind: str, table: dict, words: str) -> None:
        """Add to what is tried; of a facility the last thing counts."""
        if "id" in table:
            self.tried = [one for one in self.tried if one[1].get("id") != table["id"]]
        self.tried.append((kind, table, words))
        self._show_tried()
        self.try_again()

    def change(self) -> dict:
        """Give what is tried as the engine takes it."""
        tables: dict[str, list[dict]] = {}
        for kind, table, _words in self.tried:
            tables.setdefault(kind, []).append(table)
        return tables

    def try_again(self) -> None:
        """Ask what becomes of all that is tried; of several questions the last one's answer counts."""
        if not self.tried:
            return
        self._turn += 1
        turn, request = self._turn, {"ask": "what-if", "change": self.change(), "sites": self.sites.isChecked()}

        def answered(answer: dict) -> None:
            if turn == self._turn:
                self._show_ledger(answer)

        self._when_ready(lambda: self._ask(request, answered))

    def begin_anew(self) -> None:
        """Try nothing any more."""
        self.tried.clear()
        self._turn += 1
        self._moving = None
        self._show_tried()

    def _remove_current(self) -> None:
        row = self.list.currentRow()
        if 0 <= row < len(self.tried):
            del self.tried[row]
            self._turn += 1
            self._show_tried()
            self.try_again()

    def _show_tried(self) -> None:
        self.list.clear()
        self.list.addItems([words for _kind, _table_, words in self.tried])
        self.remove.setEnabled(bool(self.tried))
        self.clear.setEnabled(bool(self.tried))
        if not self.tried:
            for name in ("classes", "facilities", "sites"):
                _fill(self.tables[name], [], [])
            self._unload("changes")

    # --- answers

    def _show_walks(self, answer: dict) -> None:
        self._load("walks", memory_layer(tr("Nearest walks"), answer["walks"], self.crs()), "route")
        self._show("walks", try_tables.walks(answer))
        self.note.setText(tr("The nearest walk to each class."))

    def _show_areas(self, answer: dict) -> None:
        self._load("areas", memory_layer(tr("Service area"), answer["areas"], self.crs()), "service_areas")
        statuses = {row["status"] for row in rows_of(answer["areas"])}
        fine = statuses == {"ok"}
        self.note.setText(tr("The service area is on the map.") if fine else tr("No street is near enough to this place."))

    def _show_ledger(self, answer: dict) -> None:
        moved = {"columns": answer["facilities"]["columns"], "rows": []}
        at = moved["columns"].index("state")
        moved["rows"] = [row for row in answer["facilities"]["rows"] if row[at] != "stays"]
        made = [
            (memory_layer(tr("Addresses that change"), answer["addresses"], self.crs()), "changes"),
            (memory_layer(tr("Facilities that change"), moved, self.crs(), points=True), ""),
        ]
        self._unload("changes")
        for layer, preset in made:
            self._load("changes", layer, preset, alone=False)
        for name in ("classes", "facilities", "sites"):
            self._show(name, getattr(try_tables, name)(answer))
        self.tabs.setCurrentWidget(self.tables["classes"])
        lines = [*answer["summary"], *answer["notes"]]
        if left := answer["addresses"]["left_off"]:
            lines.append(tr("{count} more addresses change than the layer shows.").format(count=left))
        self.note.setText("\n".join(lines[:8]))

    def _show(self, name: str, content: tuple[list[str], list[list[str]]]) -> None:
        _fill(self.tables[name], *content)
        self.tabs.setCurrentWidget(self.tables[name])

    def _load(self, kind: str, layer, preset: str, *, alone: bool = True) -> None:
        if alone:
            self._unload(kind)
        if layer is None:
            return
        show(layer, preset, self.study.filePath())
        self._layer_ids.setdefault(kind, []).append(layer.id())

    def _unload(self, kind: str) -> None:
        """Take the layers of the answer before away, unless they are to be kept."""
        ids = self._layer_ids.pop(kind, [])
        if kind == "facilities" or not self.keep.isChecked():
            QgsProject.instance().removeMapLayers([one for one in ids if QgsProject.instance().mapLayer(one)])

    def _tell(self, message: str) -> None:
        self.note.setText(message)
        self.iface.messageBar().pushMessage("Geowoonzorg", message.split("\n", maxsplit=1)[0], Qgis.MessageLevel.Warning)


def _name(facility: dict) -> str:
    return facility.get("name") or facility["id"]


def _table() -> QTableWidget:
    table = QTableWidget()
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setAlternatingRowColors(True)
    table.verticalHeader().setVisible(False)
    return table


def _fill(table: QTableWidget, titles: list[str], rows: list[list[str]]) -> None:
    """Show texts; numbers stand to the right."""
    table.setColumnCount(len(titles))
    table.setRowCount(len(rows))
    table.setHorizontalHeaderLabels(titles)
    for at, row in enumerate(rows):
        for place, text in enumerate(row):
            item = QTableWidgetItem(text)
            item.setToolTip(text)
            if place and text[:1] in "-–0123456789":
                item.setTextAlignment(RIGHT)
            table.setItem(at, place, item)
    table.resizeColumnsToContents()
    table.resizeRowsToContents()
    for place in range(len(titles)):
        table.setColumnWidth(place, min(_WIDEST_PX, table.columnWidth(place)))
