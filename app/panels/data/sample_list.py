"""The samples of a data set as rows of a view, which can be searched and filtered without holding up the window."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QColor, QPainter, QPixmap
from PyQt6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.widgets.labels import one_line
from app.widgets.palette import SERIES_COLORS, SWATCH_RIM

if TYPE_CHECKING:
    from lattice.data.dataset import EmbeddingDataset

Side = Literal["all", "train", "validation"]

MARK_GAP = 5
"""Pixels beside a mark."""
SWATCH = 10
"""Pixels of the square that marks a sample's side."""
BLOCK = 256
"""Samples that a search looks at together: a block without the words is passed over as one text."""
SLICE_SECONDS = 0.012
"""A search gives the window its turn after this time."""
MOST_FOUND = 2_000
"""A search stops here: nobody scrolls farther."""
HELD_OUT = "held out"
"""Marks the samples that make the validation scores."""
SampleRole = Qt.ItemDataRole.UserRole
MarkRole = Qt.ItemDataRole.UserRole + 1
"""Words at the right end of a row."""
_ROOT = QModelIndex()


class SampleModel(QAbstractTableModel):
    """All samples, or those of one side of the split, whose text, category or number matches a search."""

    searched = pyqtSignal(int, bool)
    """Samples found so far, and whether the search is over."""

    def __init__(self, parent: QObject | None = None) -> None:
        """Start without samples."""
        super().__init__(parent)
        self._dataset: EmbeddingDataset | None = None
        self._held_out: NDArray[np.bool_] = np.zeros(0, dtype=bool)
        self._side: Side = "all"
        self._words: list[str] = []
        self._rows: NDArray[np.int64] | list[int] | None = None
        self._next = 0
        self._swatches = {side: swatch(SERIES_COLORS[side]) for side in ("train", "validation")}
        self._timer = QTimer(self)
        self._timer.setObjectName("sample search")
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._search_on)

    def set_dataset(self, dataset: EmbeddingDataset) -> None:
        """Show other samples, by the search and the side in force."""
        self._dataset, self._held_out = dataset, held_out_mask(dataset)
        self._begin()

    def search(self, text: str) -> None:
        """Keep the samples that hold every word of `text`; an empty text keeps all."""
        self._words = text.casefold().split()
        self._begin()

    def set_side(self, side: Side) -> None:
        """Keep the samples that are trained on, those that are held out, or all."""
        self._side = side
        self._begin()

    def stop(self) -> None:
        """End a search where it is."""
        self._timer.stop()

    def sample_at(self, row: int) -> int:
        """Return the index of the sample in a row."""
        return row if self._rows is None else int(self._rows[row])

    def row_of(self, sample: int) -> int | None:
        """Return the row of a sample, None if it is not shown."""
        if self._rows is None:
            return sample if 0 <= sample < self.rowCount() else None
        at = int(np.searchsorted(self._rows, sample))
        return at if at < len(self._rows) and self._rows[at] == sample else None

    def rowCount(self, parent: QModelIndex = _ROOT) -> int:
        """Return the number of rows."""
        if parent.isValid() or self._dataset is None:
            return 0
        return len(self._dataset) if self._rows is None else len(self._rows)

    def columnCount(self, parent: QModelIndex = _ROOT) -> int:
        """Return the one column."""
        return 0 if parent.isValid() else 1

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a sample's text and its side in words and colour, its tooltip, or its index."""
        if self._dataset is None or not index.isValid():
            return None
        sample = self.sample_at(index.row())
        held_out = bool(self._held_out[sample])
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{sample_details(self._dataset, sample)}, {side_text(held_out)}\nClick to watch it."
        if role == SampleRole:
            return sample
        if role == MarkRole:
            return HELD_OUT if held_out else ""
        if role == Qt.ItemDataRole.DisplayRole:
            return one_line(self._dataset.text(sample))
        if role == Qt.ItemDataRole.DecorationRole:
            return self._swatches["validation" if held_out else "train"]
        return None

    def _begin(self) -> None:
        self._timer.stop()
        self.beginResetModel()
        self._next = 0
        if self._words:
            self._rows = []
        elif self._side == "all":
            self._rows = None
        else:
            self._rows = np.flatnonzero(self._held_out == (self._side == "validation"))
        self.endResetModel()
        if self._words and self._dataset is not None:
            self._timer.start()
        else:
            self.searched.emit(self.rowCount(), True)

    def _search_on(self) -> None:
        dataset, found = self._dataset, self._rows
        if dataset is None or not isinstance(found, list):
            self._timer.stop()
            return
        hits: list[int] = []
        most, until = MOST_FOUND - len(found), time.monotonic() + SLICE_SECONDS
        while self._next < len(dataset) and len(hits) < most and time.monotonic() < until:
            end = min(self._next + BLOCK, len(dataset))
            hits += self._matches(dataset, range(self._next, end))
            self._next = end
        hits = hits[:most]
        if hits:
            self.beginInsertRows(QModelIndex(), len(found), len(found) + len(hits) - 1)
            found.extend(hits)
            self.endInsertRows()
        over = self._next >= len(dataset) or len(found) >= MOST_FOUND
        if over:
            self._timer.stop()
        self.searched.emit(len(found), over)

    def _matches(self, dataset: EmbeddingDataset, block: range) -> Iterable[int]:
        parts = [[dataset.text(sample) for sample in block]] if dataset.texts is None else []
        for column in (dataset.texts, dataset.categories):
            if column is not None:
                parts.append(list(column[block.start : block.stop]))
        whole = "\n".join("\n".join(part) for part in parts).casefold()
        numbers = {word: number for word in self._words if (number := _number(word, block.stop)) - 1 in block}
        if any(word not in whole and word not in numbers for word in self._words):
            return
        for offset, sample in enumerate(block):
            if self._side != "all" and self._held_out[sample] != (self._side == "validation"):
                continue
            text = "\n".join(part[offset] for part in parts).casefold()
            if all(word in text or numbers.get(word) == sample + 1 for word in self._words):
                yield sample


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


def swatch(color: str) -> QPixmap:
    """Return a small square with a light rim, which sets it off from the ground of a selected row."""
    pixmap = QPixmap(SWATCH, SWATCH)
    pixmap.fill(QColor(SWATCH_RIM))
    painter = QPainter(pixmap)
    painter.fillRect(1, 1, SWATCH - 2, SWATCH - 2, QColor(color))
    painter.end()
    return pixmap


def held_out_mask(dataset: EmbeddingDataset) -> NDArray[np.bool_]:
    """Return for every sample whether it is held out."""
    mask = np.zeros(len(dataset), dtype=bool)
    mask[dataset.validation_indices.cpu().numpy()] = True
    return mask


def side_text(held_out: bool) -> str:
    """Return in words on which side of the split a sample is."""
    return f"{HELD_OUT}: never trained on" if held_out else "trained on"


def _number(word: str, most: int) -> int:
    """Return the sample's number that a word is, as `707`, `#707` or `1,707`; 0 if it is none up to `most`."""
    digits = word.removeprefix("#").replace(",", "")
    # Python turns no text of thousands of digits into a number.
    return int(digits) if len(digits) <= len(str(most)) and digits.isdecimal() else 0


def sample_details(dataset: EmbeddingDataset, sample: int) -> str:
    """Return everything in words that is known about a sample."""
    lines = [dataset.text(sample)]
    if dataset.partner_texts is not None:
        lines.append(f"partner: {dataset.partner_texts[sample]}")
    if dataset.categories is not None:
        lines.append(f"category: {dataset.categories[sample]}")
    lines.append(f"sample {sample + 1:,} of {len(dataset):,}")
    return "\n".join(lines)
