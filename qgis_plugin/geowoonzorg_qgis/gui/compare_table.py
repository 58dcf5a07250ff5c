"""The panel's table of two runs side by side."""

from __future__ import annotations

from qgis.PyQt.QtCore import QAbstractTableModel, QModelIndex, Qt
from qgis.PyQt.QtGui import QColor

from ..comparing import Pair, Written
from ..texts import tr
from .tables import RIGHT, interval, number, possible

_ROOT = QModelIndex()


class CompareModel(QAbstractTableModel):
    """A site a row: rank and score in this run and in the other, the difference, and the ranges."""

    NAME, RANK, RANK_OTHER, MOVED, SCORE, SCORE_OTHER, GAINED, POSSIBLE, POSSIBLE_OTHER, RANGE, RANGE_OTHER = range(11)

    def __init__(self, parent=None) -> None:
        super().__init__(parent)
        self.pairs: list[Pair] = []
        self._titles = ("", "")

    def fill(self, pairs: list[Pair], title: str = "", other: str = "") -> None:
        """Show these."""
        self.beginResetModel()
        self.pairs, self._titles = pairs, (title, other)
        self.endResetModel()

    def rowCount(self, parent=_ROOT) -> int:
        """Count the sites."""
        return 0 if parent.isValid() else len(self.pairs)

    def columnCount(self, parent=_ROOT) -> int:
        """Count the columns."""
        return 0 if parent.isValid() else 11

    def headerData(self, section, orientation, role=Qt.ItemDataRole.DisplayRole):
        """Name the columns."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            rank, score, range_, span = tr("Rank"), tr("Score"), tr("Interval"), tr("Possible")
            other = tr("other")
            names = [tr("Site"), rank, f"{rank}\n{other}", "±", score, f"{score}\n{other}", "±"]
            return [*names, span, f"{span}\n{other}", range_, f"{range_}\n{other}"][section]
        if role == Qt.ItemDataRole.ToolTipRole:
            if section in (self.MOVED, self.GAINED):
                said = tr("What {run} has more than {other}; bold: the scores differ whatever is still unknown")
                return said.format(run=self._titles[0], other=self._titles[1])
            is_other = section in (self.RANK_OTHER, self.SCORE_OTHER, self.POSSIBLE_OTHER, self.RANGE_OTHER)
            return "" if section == self.NAME else self._titles[is_other]
        return None

    def data(self, index, role=Qt.ItemDataRole.DisplayRole):
        """Give a cell."""
        pair, column = self.pairs[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(pair, column)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return None if column == self.NAME else RIGHT
        if role == Qt.ItemDataRole.ForegroundRole and (pair.one is None or pair.other is None):
            return QColor("#777777")
        if role == Qt.ItemDataRole.FontRole and column == self.GAINED and pair.is_clear():
            from qgis.PyQt.QtGui import QFont

            font = QFont()
            font.setBold(True)
            return font
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tip(pair)
        return None

    def _tip(self, pair: Pair) -> str:
        if pair.one is None:
            return tr("Only in {run}").format(run=self._titles[1])
        if pair.other is None:
            return tr("Only in {run}").format(run=self._titles[0])
        if pair.score_gained() is None:
            return ""
        return (
            tr("The scores differ, whatever is still unknown.")
            if pair.is_clear()
            else tr("The ranges of the scores overlap: what is still unknown can turn the difference around.")
        )

    def _text(self, pair: Pair, column: int) -> str:
        if column == self.NAME:
            return pair.name
        if column == self.MOVED:
            gained = pair.rank_gained()
            return "" if not gained else f"▲ {gained}" if gained > 0 else f"▼ {-gained}"
        if column == self.GAINED:
            gained = pair.score_gained()
            return "" if gained is None else ("+" if round(gained, 1) > 0 else "") + number(gained, 1)
        is_other = column in (self.RANK_OTHER, self.SCORE_OTHER, self.POSSIBLE_OTHER, self.RANGE_OTHER)
        site = pair.other if is_other else pair.one
        return "" if site is None else self._of(site, column)

    def _of(self, site: Written, column: int) -> str:
        if column in (self.RANK, self.RANK_OTHER):
            return "✕" if site.knocked_out else number(site.rank, 0)
        if column in (self.SCORE, self.SCORE_OTHER):
            return number(site.score, 1)
        if column in (self.POSSIBLE, self.POSSIBLE_OTHER):
            return possible(site.score_low, site.score_high)
        return interval(site.rank_low, site.rank_high)
