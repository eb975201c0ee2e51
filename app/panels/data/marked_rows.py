"""Rows of samples with a mark at their right end, the squares of colour that go with it, and a column of scores."""

from __future__ import annotations

from PyQt6.QtCore import QModelIndex, Qt
from PyQt6.QtGui import QColor, QPainter, QPalette, QPixmap
from PyQt6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.widgets.palette import SERIES_COLORS, SWATCH_RIM
from app.widgets.theme import theme_of

MARK_GAP = 5
"""Pixels beside a mark."""
SWATCH = 10
"""Pixels of the square that marks a sample's side."""
_PALE = 0.65
"""Opacity of a number that belongs to the past, in a selected row."""
MarkRole = Qt.ItemDataRole.UserRole + 1
"""Words at the right end of a row."""
OutdatedRole = Qt.ItemDataRole.UserRole + 2
"""What makes a row's score belong to the past, in a few words; empty if it is of the run as it is."""


class MarkedRows(QStyledItemDelegate):
    """Draws a row's text, and its mark at the right end."""

    def paint(self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        """Draw one row; the text gives way to the mark."""
        mark, view = index.data(MarkRole), option.widget
        style = view.style()
        if not mark or painter is None or style is None:
            super().paint(painter, option, index)
            return
        row = QStyleOptionViewItem(option)
        self.initStyleOption(row, index)
        metrics = row.fontMetrics
        taken = metrics.horizontalAdvance(mark) + row.decorationSize.width() + 5 * MARK_GAP
        row.text = metrics.elidedText(row.text, Qt.TextElideMode.ElideRight, row.rect.width() - taken)
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, row, painter, view)
        selected = bool(row.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setFont(row.font)
        painter.setPen(row.palette.highlightedText().color() if selected else QColor(SERIES_COLORS["validation"]))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(row.rect.adjusted(0, 0, -MARK_GAP, 0), right, mark)
        painter.restore()


class ScoreCells(QStyledItemDelegate):
    """Draws scores at the right of their column, those that belong to the past in grey."""

    def initStyleOption(self, option: QStyleOptionViewItem | None, index: QModelIndex) -> None:
        """Take the colour of what is out of use."""
        super().initStyleOption(option, index)
        if option is None:
            return
        option.displayAlignment = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if index.data(OutdatedRole):
            pale = option.palette.highlightedText().color()  # the grey could not be read on the ground of a selection
            pale.setAlphaF(_PALE)
            option.palette.setColor(QPalette.ColorRole.Text, QColor(theme_of(option.widget).disabled))
            option.palette.setColor(QPalette.ColorRole.HighlightedText, pale)


def swatch(color: str) -> QPixmap:
    """Return a small square with a light rim, which sets it off from the ground of a selected row."""
    pixmap = QPixmap(SWATCH, SWATCH)
    pixmap.fill(QColor(SWATCH_RIM))
    painter = QPainter(pixmap)
    painter.fillRect(1, 1, SWATCH - 2, SWATCH - 2, QColor(color))
    painter.end()
    return pixmap
