"""The table of the samples: without lines, chosen by click or keys, with a column of scores where there are any."""

from __future__ import annotations

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from app.panels.data.marked_rows import SWATCH, MarkedRows, ScoreCells
from app.panels.data.sample_list import SCORES, SampleModel

LEAST_HEIGHT = 150
ROW_PADDING = 8


class SampleView(QTableView):
    """A table without lines, whose rows are chosen by click, by Return, or by going to them with the keys."""

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Choose the current row by Return or Space on every platform, and each row that a key goes to."""
        if event is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            if self.currentIndex().isValid():
                self.clicked.emit(self.currentIndex())
            return
        row, model = self.currentIndex().row(), self.model()
        ends = {Qt.Key.Key_Home: 0, Qt.Key.Key_End: -1 if model is None else model.rowCount() - 1}
        if event is not None and model is not None and event.key() in ends:
            self.setCurrentIndex(model.index(ends[Qt.Key(event.key())], 0))  # Qt would go along the row
        else:
            super().keyPressEvent(event)
        if self.currentIndex().isValid() and self.currentIndex().row() != row:
            self.clicked.emit(self.currentIndex())


def sample_view(model: SampleModel) -> SampleView:
    """Return a view of the samples."""
    view = SampleView()
    view.setModel(model)
    view.setItemDelegate(MarkedRows(view))
    view.setItemDelegateForColumn(SCORES, ScoreCells(view))
    view.setColumnHidden(SCORES, True)
    view.setAccessibleName("Samples")
    view.setShowGrid(False)
    view.setWordWrap(False)
    view.setTextElideMode(Qt.TextElideMode.ElideRight)
    view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    view.setTabKeyNavigation(False)
    view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    view.setMinimumHeight(LEAST_HEIGHT)
    view.setIconSize(QSize(SWATCH, SWATCH))
    rows, columns = view.verticalHeader(), view.horizontalHeader()
    if rows is not None and columns is not None:
        rows.hide()
        # Of a fixed height: a million rows need no look at any of them.
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(view.fontMetrics().height() + ROW_PADDING)
        columns.hide()
        columns.setSectionsClickable(False)
        columns.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        columns.setSectionResizeMode(SCORES, QHeaderView.ResizeMode.Fixed)
        columns.resizeSection(SCORES, columns.fontMetrics().horizontalAdvance(" Cosine ") + 2 * ROW_PADDING)
        columns.setMinimumSectionSize(0)
    return view
