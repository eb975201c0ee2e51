"""The sample browser: every sample of the data, searched by its text and filtered by its side of the split."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QItemSelectionModel, QModelIndex, QSize, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QIcon, QKeyEvent
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app.panels.data.marked_rows import SWATCH, MarkedRows, swatch
from app.panels.data.sample_list import MOST_FOUND, SampleModel, SampleRole
from app.widgets.inputs import CalmCombo
from app.widgets.labels import ElidedLabel
from app.widgets.palette import SERIES_COLORS
from lattice.units import count_text, plural

if TYPE_CHECKING:
    from lattice.data.dataset import EmbeddingDataset

SEARCH_PAUSE_MILLISECONDS = 150
LEAST_HEIGHT = 150
ROW_PADDING = 8
SIDES = (
    ("all", "All", "Every sample"),
    ("train", "Trained on", "Samples that the cube learns from"),
    ("validation", "Held out", "Samples that are never trained on: they make the validation scores"),
)


class SampleBrowser(QWidget):
    """A list of samples; `sample_wanted` requests one to be watched."""

    sample_wanted = pyqtSignal(int)
    subset_cleared = pyqtSignal()
    """The user requested all samples again."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Start without samples."""
        super().__init__(parent)
        self._watched = -1
        self.search_field = QLineEdit()
        self.search_field.setPlaceholderText("Search texts")
        self.search_field.setToolTip("Words of the text or the category, or a sample's number; all must occur (Ctrl+F)")
        self.search_field.setAccessibleName("Search the samples")
        self.search_field.setClearButtonEnabled(True)
        self.search_field.setAcceptDrops(False)
        self.search_field.textChanged.connect(lambda _text: self._search_timer.start())
        self.search_field.returnPressed.connect(self._go_to_list)
        self.side = CalmCombo()
        self.side.setAccessibleName("Side of the split")
        self.side.setIconSize(QSize(SWATCH, SWATCH))
        self.side.setToolTip("Which samples are listed: all, those trained on, or those held out")
        for number, (side, words, tip) in enumerate(SIDES):
            self.side.addItem(words, side)
            if side in SERIES_COLORS:
                self.side.setItemIcon(number, QIcon(swatch(SERIES_COLORS[side])))
            self.side.setItemData(number, tip, Qt.ItemDataRole.ToolTipRole)
        self.side.currentIndexChanged.connect(lambda _index: self.model.set_side(self.side.currentData()))
        self.model = SampleModel(self)
        self.model.searched.connect(self._show_found)
        self.view = _view(self.model)
        self.view.clicked.connect(self._choose)
        self.view.activated.connect(self._choose)
        self.found = QLabel("The samples are listed here when data is loaded.")
        self.found.setProperty("role", "muted")
        self.found.setWordWrap(True)
        self.subset_label = ElidedLabel()
        self.subset_button = QPushButton("List all")
        self.subset_button.setProperty("link", True)
        self.subset_button.setToolTip("Clear the filter that was set in the data map")
        self.subset_button.clicked.connect(self._clear_subset)
        self._search_timer = QTimer(self)
        self._search_timer.setObjectName("sample search pause")
        self._search_timer.setSingleShot(True)
        self._search_timer.setInterval(SEARCH_PAUSE_MILLISECONDS)
        self._search_timer.timeout.connect(lambda: self.model.search(self.search_field.text()))
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self.search_field, 1)
        row.addWidget(self.side)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        subset = QHBoxLayout()
        subset.addWidget(self.subset_label, 1)
        subset.addWidget(self.subset_button)
        layout.addLayout(row)
        layout.addLayout(subset)
        layout.addWidget(self.view, 1)
        layout.addWidget(self.found)
        self._say_subset("")

    def set_dataset(self, dataset: EmbeddingDataset) -> None:
        """Show other samples."""
        self._watched = -1
        self._say_subset("")
        self.model.set_dataset(dataset)

    def set_subset(self, samples: NDArray[np.int64] | None, words: str) -> None:
        """List some samples only, and say in `words` which; None lists all."""
        self._say_subset("" if samples is None else f"Only samples {words}")
        self.model.set_subset(samples)

    def _clear_subset(self) -> None:
        self.set_subset(None, "")
        self.subset_cleared.emit()

    def _say_subset(self, text: str) -> None:
        self.subset_label.set_full_text(text)
        for part in (self.subset_label, self.subset_button):
            part.setVisible(bool(text))

    def show_watched(self, sample: int) -> None:
        """Mark the watched sample where it is listed; -1 marks none."""
        if sample != self._watched:
            self._watched = sample
            self._mark()

    def _mark(self) -> None:
        sample, selection = self._watched, self.view.selectionModel()
        row = self.model.row_of(sample)
        if selection is None:
            return
        if row is None:
            selection.clearSelection()
            return
        index = self.model.index(row, 0)
        selection.setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        self.view.scrollTo(index)

    def stop(self) -> None:
        """Leave no search running."""
        self._search_timer.stop()
        self.model.stop()

    def _go_to_list(self) -> None:
        self._search_timer.stop()
        self.model.search(self.search_field.text())
        self.view.setFocus()

    def _choose(self, index: QModelIndex) -> None:
        sample = index.data(SampleRole)
        if sample is not None:
            self.sample_wanted.emit(int(sample))

    def _show_found(self, found: int, over: bool) -> None:
        if over:
            self._mark()
        if not self.search_field.text().strip():
            self.found.setText(plural(found, "sample") if found else "No sample to list on this side of the split.")
        elif found == 0 and over:
            self.found.setText("Nothing found. A search matches words of the text, the category or the number.")
        elif found >= MOST_FOUND:
            self.found.setText(f"The first {count_text(found)} found. More words find fewer.")
        else:
            self.found.setText(f"{count_text(found)} found" + ("" if over else ", searching"))


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


def _view(model: SampleModel) -> SampleView:
    view = SampleView()
    view.setModel(model)
    view.setItemDelegate(MarkedRows(view))
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
        columns.setStretchLastSection(True)
    return view
