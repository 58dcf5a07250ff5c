"""The dock's two tables: the ranking, and the parts of one site's score with its weights."""

from __future__ import annotations

import math
from collections.abc import Mapping

from qgis.PyQt.QtCore import QAbstractTableModel, QModelIndex, QRectF, Qt, pyqtSignal
from qgis.PyQt.QtGui import QColor
from qgis.PyQt.QtWidgets import QHeaderView, QSlider, QStyle, QStyledItemDelegate, QTableView, QTableWidget, QTableWidgetItem

from .. import settings
from ..ranking import Site, Standing
from ..texts import tr

BAR_ROLE = int(Qt.ItemDataRole.UserRole) + 1
SPREAD_ROLE = BAR_ROLE + 1
_SAME_POINTS = 0.05  # of 100: less is no range
_BITS = 9  # decimals that summing keeps
_NAME_WIDTH = 100  # of a name that is still read
_CRITERION_WIDTH = 84
_PART_WIDTHS = {1: 78, 2: 60, 3: 56, 4: 64, 5: 54}  # measured, value, points, weight, share
_NARROW = 400
_WHOLE_FROM = 100  # a number this large is read without decimals
_LONGEST_UNIT = 4  # a longer one is in the tool tip
_SERIES = ("Loopafstand tot een ", "Loopafstand tot ", "Leefbaarometer: ")
_BAR, _SPREAD = QColor("#9ecae1"), QColor("#deebf7")
_ROOT = QModelIndex()
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
if hasattr(RIGHT, "__int__"):  # PyQt 5 wants the number, PyQt 6 the flag
    RIGHT = int(RIGHT)


def number(value: object, decimals: int) -> str:
    """Write a number as the reader's language does; unknown is a dash."""
    if not isinstance(value, (int, float)):
        return "–" if value in (None, "") else str(value)
    text = f"{round(value, decimals) + 0.0:,.{decimals}f}"  # adding nothing makes of -0.0 a plain 0.0
    if settings.language() == "nl":
        text = text.translate(str.maketrans(",.", ".,"))
    return text


def possible(low: float | None, high: float | None) -> str:
    """Write between which scores a site can still land, in whole points rounded outwards, as the page does.

    Examples
    --------
    >>> possible(12.04, 98.2), possible(50.0, 50.04)
    ('12–99', '')
    """
    if low is None or high is None or high - low < _SAME_POINTS:
        return ""
    return f"{number(math.floor(round(low, _BITS)), 0)}–{number(math.ceil(round(high, _BITS)), 0)}"


def interval(low: int | None, high: int | None) -> str:
    """Write between which ranks a site moves; empty where nothing tells."""
    return "" if low is None or high is None else f"{low}–{high}"


def measured(raw: object, unit: str) -> tuple[str, str]:
    """Write what was measured, short for the cell and in full for the tool tip, as map and report write it."""
    if unit == "aandeel" and isinstance(raw, (int, float)):
        raw, unit = 100 * raw, "%"
    if unit == "log2":
        unit = ""
    whole = unit in ("m", "%") or (isinstance(raw, (int, float)) and (abs(raw) >= _WHOLE_FROM or raw == round(raw)))
    bare = number(raw, 0 if whole else 2)
    full = f"{bare} {unit}".strip()
    return (full if len(unit) <= _LONGEST_UNIT else bare), full


def brief(label: str) -> str:
    """Shorten a criterion's label by what a whole series of them starts with; the tool tip has all of it."""
    for start in _SERIES:
        if label.startswith(start) and len(label) > len(start):
            rest = label[len(start) :]
            return rest[0].upper() + rest[1:]
    return label


class WideTable(QTableView):
    """A table of rows to pick one of; its names stay readable in a narrow panel, and the rest is scrolled to."""

    def __init__(self, model: QAbstractTableModel, *, stretched: int) -> None:
        super().__init__()
        self._stretched = stretched
        self.setModel(model)
        self.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        self.setHorizontalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(24)
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(stretched, QHeaderView.ResizeMode.Fixed)
        model.modelReset.connect(self._fit)
        model.layoutChanged.connect(self._fit)

    def resizeEvent(self, event) -> None:
        """Give the names what room the numbers leave."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        header = self.horizontalHeader()
        others = sum(header.sectionSize(column) for column in range(header.count()) if column != self._stretched)
        header.resizeSection(self._stretched, max(_NAME_WIDTH, self.viewport().width() - others))


class BarDelegate(QStyledItemDelegate):
    """Draws a share (0-1) as a bar behind the text, and lighter between what it can still be: length, not colour alone."""

    def paint(self, painter, option, index) -> None:
        """Draw the bar, then the text over it."""
        share = index.data(BAR_ROLE)
        if isinstance(share, float) and not option.state & QStyle.StateFlag.State_Selected:
            self._fill(painter, option, (0.0, share), _BAR)
        spread = index.data(SPREAD_ROLE)
        if isinstance(spread, (tuple, list)) and not option.state & QStyle.StateFlag.State_Selected:
            self._fill(painter, option, spread, _SPREAD)
        super().paint(painter, option, index)

    def _fill(self, painter, option, ends, colour) -> None:
        cell = QRectF(option.rect).adjusted(1, 3, -1, -3)
        low, high = (min(1.0, max(0.0, end)) for end in ends)
        painter.fillRect(QRectF(cell.x() + low * cell.width(), cell.y(), (high - low) * cell.width(), cell.height()), colour)


class RankingModel(QAbstractTableModel):
    """The sites in the order of their ranks; then those of which too little is known, then those that dropped out."""

    RANK, NAME, SCORE, MOVED, RANGE, POSSIBLE, KNOWN = range(7)

    def __init__(self, parent=None) -> None:
        super().__init__(parent)
        self.sites: list[Site] = []
        self._first: Mapping[str, Standing] = {}
        self._now: Mapping[str, Standing] = {}
        self._own_weights = False

    def fill(self, sites: list[Site], first: Mapping[str, Standing]) -> None:
        """Show other sites, with the standing the run gave them."""
        self.beginResetModel()
        self._first = self._now = first
        self._own_weights = False
        self.sites = sorted(sites, key=self._order)
        self.endResetModel()

    def move(self, now: Mapping[str, Standing], *, own_weights: bool) -> None:
        """Show the same sites under other weights; what was selected stays selected."""
        self._own_weights = own_weights
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        idents = [self.sites[index.row()].ident for index in before]
        self._now = now
        self.sites.sort(key=self._order)
        rows = {site.ident: row for row, site in enumerate(self.sites)}
        after = [self.index(rows[ident], index.column()) for ident, index in zip(idents, before)]
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, self.RANGE, self.RANGE)

    def _order(self, site: Site) -> tuple:
        rank = self._now[site.ident].rank
        return (site.knocked_out, rank is None, rank or 0, site.ident)

    def rowCount(self, parent=_ROOT) -> int:
        """Count the sites."""
        return 0 if parent.isValid() else len(self.sites)

    def columnCount(self, parent=_ROOT) -> int:
        """Count the columns."""
        return 0 if parent.isValid() else 7

    def headerData(self, section, orientation, role=Qt.ItemDataRole.DisplayRole):
        """Name the columns."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            shown = tr("Interval\n(profile)") if self._own_weights else tr("Interval")
            return [tr("Rank"), tr("Site"), tr("Score"), "±", shown, tr("Possible"), tr("Known")][section]
        if role == Qt.ItemDataRole.ToolTipRole:
            return [
                tr("1 is the best under the weights below"),
                "",
                tr("0-100, over what is known"),
                tr("Places won or lost against the weights of the profile"),
                tr(
                    "Best and worst rank in 90 % of the drawn weights, around those of the profile; not around weights moved here"
                ),
                tr("Between which scores it can still land when what is unknown becomes known"),
                tr("Of which share of the weight the answer is known"),
            ][section]
        return None

    def data(self, index, role=Qt.ItemDataRole.DisplayRole):
        """Give a cell."""
        site = self.sites[index.row()]
        standing = self._now[site.ident]
        answers = {
            Qt.ItemDataRole.DisplayRole: lambda: self._text(index.column(), site, standing),
            Qt.ItemDataRole.TextAlignmentRole: lambda: None if index.column() == self.NAME else RIGHT,
            Qt.ItemDataRole.ToolTipRole: lambda: self._tip(site, standing),
            Qt.ItemDataRole.ForegroundRole: lambda: QColor("#777777") if self._is_grey(index.column(), standing) else None,
            BAR_ROLE: lambda: standing.score / 100 if index.column() == self.SCORE and standing.score is not None else None,
            SPREAD_ROLE: lambda: self._spread(standing) if index.column() == self.SCORE else None,
        }
        return answers[role]() if role in answers else None

    def _spread(self, standing: Standing) -> tuple[float, float] | None:
        if standing.low is None or standing.high is None or standing.high - standing.low < _SAME_POINTS:
            return None
        return standing.low / 100, standing.high / 100

    def _is_grey(self, column: int, standing: Standing) -> bool:
        return standing.rank is None or (self._own_weights and column == self.RANGE)

    def _tip(self, site: Site, standing: Standing) -> str:
        if site.knocked_out:
            return tr("Dropped out: {reason}").format(reason=site.reason)
        known = tr("Known: {share:.0f} % of the weight").format(share=100 * standing.known_share)
        said = [known]
        if standing.score is None and standing.low is not None:
            said.append(tr("Too little for a score; what is unknown leaves this range open."))
        if site.may_drop_out:
            said.append(tr("It may still drop out: {reason}").format(reason=site.may_drop_out))
        return "\n".join(said)

    def _text(self, column: int, site: Site, standing: Standing) -> str:
        if column == self.RANK:
            return "✕" if site.knocked_out else number(standing.rank, 0)
        if column == self.NAME:
            return f"{site.name} ({tr('dropped out')})" if site.knocked_out else site.name
        if column == self.SCORE:
            return possible(standing.low, standing.high) if standing.score is None else number(standing.score, 1)
        if column == self.POSSIBLE:
            return possible(standing.low, standing.high)
        if column == self.KNOWN:
            return f"{number(100 * standing.known_share, 0)} %"
        return self._moved(site, standing) if column == self.MOVED else self._interval(site)

    def _moved(self, site: Site, standing: Standing) -> str:
        was = self._first[site.ident].rank
        if was is None or standing.rank is None or was == standing.rank:
            return ""
        return f"▲ {was - standing.rank}" if standing.rank < was else f"▼ {standing.rank - was}"

    def _interval(self, site: Site) -> str:
        shown = interval(site.rank_low, site.rank_high)
        return f"({shown})" if shown and self._own_weights else shown  # it belongs to the profile, and the head says so


class PartsTable(QTableWidget):
    """One row a criterion: what was measured, its value, its points, and a slider for its weight."""

    CRITERION, RAW, VALUE, POINTS, WEIGHT, SHARE = range(6)
    weights_moved = pyqtSignal()
    STEPS = 1000

    def __init__(self, parent=None) -> None:
        super().__init__(0, 6, parent)
        labels = [tr("Criterion"), tr("Measured"), tr("Value"), tr("Points"), tr("Weight"), ""]
        self.setHorizontalHeaderLabels(labels)
        self.setItemDelegateForColumn(self.VALUE, BarDelegate(self))
        self.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QTableWidget.SelectionMode.NoSelection)
        self.verticalHeader().hide()
        header = self.horizontalHeader()
        header.setSectionResizeMode(self.CRITERION, QHeaderView.ResizeMode.Fixed)
        header.setMinimumSectionSize(36)
        self.setHorizontalScrollMode(QTableWidget.ScrollMode.ScrollPerPixel)
        self.verticalHeader().setDefaultSectionSize(24)
        self._sliders: dict[str, QSlider] = {}
        self._profile: dict[str, float] = {}

    def fill(self, labels: Mapping[str, str], weights: Mapping[str, float], sources: Mapping[str, str]) -> None:
        """Show these criteria, with the profile's weights as shares (0-1) and where each figure comes from."""
        for slider in self._sliders.values():
            slider.hide()  # Qt takes them away later, and not always before the next picture
        self._profile = dict(weights)
        self._sliders = {}
        self.setRowCount(len(labels))
        for row, (key, label) in enumerate(labels.items()):
            for column in range(6):
                self.setItem(row, column, QTableWidgetItem())
                if column in (self.RAW, self.VALUE, self.POINTS, self.SHARE):
                    self.item(row, column).setTextAlignment(RIGHT)
            self.item(row, self.CRITERION).setText(brief(label))
            self.item(row, self.CRITERION).setToolTip("\n".join(filter(None, (label, sources.get(key, "")))))
            slider = QSlider(Qt.Orientation.Horizontal)
            slider.setRange(0, self.STEPS)
            slider.setAccessibleName(f"{tr('Weight')}: {label}")
            slider.setValue(round(weights[key] * self.STEPS))
            slider.setMinimumWidth(0)
            slider.valueChanged.connect(self._moved)
            self.setCellWidget(row, self.WEIGHT, slider)
            self._sliders[key] = slider
        self._show_shares()

    def resizeEvent(self, event) -> None:
        """In a narrow panel the values and shares make room: the points and the sliders say them, too."""
        super().resizeEvent(event)
        header, is_narrow = self.horizontalHeader(), self.width() < _NARROW
        for column, width in _PART_WIDTHS.items():
            self.setColumnWidth(column, width if is_narrow else max(width, header.sectionSizeHint(column)))  # of a wide font
        for column in (self.VALUE, self.SHARE):
            self.setColumnHidden(column, is_narrow)
        others = sum(header.sectionSize(c) for c in range(header.count()) if c != self.CRITERION)
        header.resizeSection(self.CRITERION, max(_CRITERION_WIDTH, self.viewport().width() - others))

    def set_weights(self, weights: Mapping[str, float]) -> None:
        """Put the sliders of these criteria where these weights (shares, 0-1) are; no signal is given."""
        for key, weight in weights.items():
            if key in self._sliders:
                self._sliders[key].blockSignals(True)
                self._sliders[key].setValue(round(weight * self.STEPS))
                self._sliders[key].blockSignals(False)
        self._show_shares()

    def weights(self) -> dict[str, float]:
        """Give the weights; the profile's own, exactly, for sliders that were not moved."""
        return {key: self._weight(key) for key in self._sliders}

    def _weight(self, key: str) -> float:
        step = self._sliders[key].value()
        own = self._profile[key]
        return own if step == round(own * self.STEPS) else step / self.STEPS

    def is_moved(self) -> bool:
        """Whether any weight differs from the profile's."""
        return self.weights() != self._profile

    def restore_weights(self) -> None:
        """Put the profile's weights back."""
        for key, slider in self._sliders.items():
            slider.blockSignals(True)
            slider.setValue(round(self._profile[key] * self.STEPS))
            slider.blockSignals(False)
        self._moved()

    def show_site(
        self, site: Site | None, standing: Standing | None, units: Mapping[str, str], reasons: Mapping[str, str]
    ) -> None:
        """Take one site's score apart."""
        for row, key in enumerate(self._sliders):
            value = site.values.get(key) if site else None
            raw = site.raw.get(key) if site else None
            known = value is not None
            short, full = measured(raw, units.get(key, ""))
            if known and raw in (None, ""):  # nothing of the kind exists, which is known
                short, full = tr("none"), reasons.get(key, "")
            self.item(row, self.RAW).setText(short if known else (tr("unknown") if site else ""))
            self.item(row, self.RAW).setToolTip(full if known else reasons.get(key, ""))
            self.item(row, self.VALUE).setText(number(value, 2) if known else "")
            self.item(row, self.VALUE).setData(BAR_ROLE, float(value) if known else None)
            points = standing.contributions.get(key) if standing else None
            self.item(row, self.POINTS).setText(number(points, 1) if points is not None else "")

    def _moved(self) -> None:
        self._show_shares()
        self.weights_moved.emit()

    def _show_shares(self) -> None:
        weights = self.weights()
        total = sum(weights.values())
        for row, weight in enumerate(weights.values()):
            share = f"{number(100 * weight / total, 0)} %" if total else "–"
            self.item(row, self.SHARE).setText(share)
            self.cellWidget(row, self.WEIGHT).setToolTip(share)
