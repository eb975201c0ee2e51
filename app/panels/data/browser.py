"""The sample browser: every sample of the data, searched by text, filtered by side of the split, ordered by cosine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QItemSelectionModel, QModelIndex, QSize, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QIcon
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from app.panels.data.marked_rows import SWATCH, swatch
from app.panels.data.sample_list import MOST_FOUND, SCORES, SampleModel, SampleRole
from app.panels.data.sample_order import ORDERS
from app.panels.data.sample_view import sample_view
from app.panels.data.score_line import ScoreLine
from app.session.sample_scores import SampleScores
from app.widgets.inputs import CalmCombo
from app.widgets.labels import ElidedLabel
from app.widgets.palette import SERIES_COLORS
from lattice.units import count_text, plural

if TYPE_CHECKING:
    from lattice.data.dataset import EmbeddingDataset

SEARCH_PAUSE_MILLISECONDS = 150
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
        self._scores: SampleScores | None = None
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
        self.order = CalmCombo()
        self.order.setAccessibleName("Order of the samples")
        self.order.setToolTip("Which samples come first: as in the file, or by the cosine of the cube's answer")
        for number, (order, words, tip) in enumerate(ORDERS):
            self.order.addItem(words, order)
            self.order.setItemData(number, tip, Qt.ItemDataRole.ToolTipRole)
        self.order.currentIndexChanged.connect(lambda _index: self._choose_order())
        self.score_line = ScoreLine()
        self.model = SampleModel(self)
        self.model.searched.connect(self._show_found)
        self.view = sample_view(self.model)
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
        self.score_line.row.addWidget(self.order)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        subset = QHBoxLayout()
        subset.addWidget(self.subset_label, 1)
        subset.addWidget(self.subset_button)
        layout.addLayout(row)
        layout.addWidget(self.score_line)
        layout.addLayout(subset)
        layout.addWidget(self.view, 1)
        layout.addWidget(self.found)
        self._say_subset("")

    def set_dataset(self, dataset: EmbeddingDataset) -> None:
        """Show other samples."""
        self._watched = -1
        self._say_subset("")
        self.model.set_dataset(dataset)

    def follow(self, scores: SampleScores) -> None:
        """Show the cosine of each sample that has one."""
        self._scores = scores
        self.model.follow(scores)
        self.score_line.follow(scores)
        scores.measured.connect(self._take_numbers)
        scores.changed.connect(self.model.scores_changed)

    def _choose_order(self) -> None:
        self.model.set_order(self.order.currentData())
        self.view.scrollToTop()  # that is where those are that were requested, and not the watched one

    def _take_numbers(self) -> None:
        """Show other numbers; the list stays where it was scrolled to."""
        assert self._scores is not None
        bar, columns = self.view.verticalScrollBar(), self.view.horizontalHeader()
        place = 0 if bar is None else bar.value()
        known = self._scores.known > 0
        self.view.setColumnHidden(SCORES, not known)
        if columns is not None:
            columns.setVisible(known)
        self.model.scores_measured()
        if bar is not None:
            bar.setValue(place)

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
        whole_row = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        selection.setCurrentIndex(index, whole_row)
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
