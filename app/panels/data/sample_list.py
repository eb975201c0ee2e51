"""The samples of a data set as rows of a view, which can be searched and filtered without holding up the window."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt, QTimer, pyqtSignal

from app.panels.data.marked_rows import MarkRole, swatch
from app.widgets.labels import one_line
from app.widgets.palette import SERIES_COLORS

if TYPE_CHECKING:
    from lattice.data.dataset import EmbeddingDataset

Side = Literal["all", "train", "validation"]

BLOCK = 256
"""Samples that a search looks at together: a block without the words is passed over as one text."""
SLICE_SECONDS = 0.012
"""A search gives the window its turn after this time."""
MOST_FOUND = 2_000
"""A search stops here: nobody scrolls farther."""
HELD_OUT = "held out"
"""Marks the samples that make the validation scores."""
SampleRole = Qt.ItemDataRole.UserRole
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
        self._subset: NDArray[np.int64] | None = None
        self._allowed: NDArray[np.bool_] | None = None
        self._rows: NDArray[np.int64] | list[int] | None = None
        self._next = 0
        self._swatches = {side: swatch(SERIES_COLORS[side]) for side in ("train", "validation")}
        self._timer = QTimer(self)
        self._timer.setObjectName("sample search")
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._search_on)

    def set_dataset(self, dataset: EmbeddingDataset) -> None:
        """Show other samples, by the search and the side in force."""
        self._dataset, self._held_out, self._subset = dataset, held_out_mask(dataset), None
        self._begin()

    def search(self, text: str) -> None:
        """Keep the samples that hold every word of `text`; an empty text keeps all."""
        self._words = text.casefold().split()
        self._begin()

    def set_side(self, side: Side) -> None:
        """Keep the samples that are trained on, those that are held out, or all."""
        self._side = side
        self._begin()

    def set_subset(self, samples: NDArray[np.int64] | None) -> None:
        """Keep some samples only, by their indices in ascending order; None keeps all."""
        self._subset = samples
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
        self._allowed = self._allowed_samples()
        if self._words:
            self._rows = []
        else:
            self._rows = None if self._allowed is None else np.flatnonzero(self._allowed)
        self.endResetModel()
        if self._words and self._dataset is not None:
            self._timer.start()
        else:
            self.searched.emit(self.rowCount(), True)

    def _allowed_samples(self) -> NDArray[np.bool_] | None:
        """Return for every sample whether side and subset let it be listed; None: all are."""
        if self._side == "all" and self._subset is None:
            return None
        allowed = np.ones(len(self._held_out), dtype=bool)
        if self._side != "all":
            allowed &= self._held_out == (self._side == "validation")
        if self._subset is not None:
            chosen = np.zeros(len(self._held_out), dtype=bool)
            chosen[self._subset] = True
            allowed &= chosen
        return allowed

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
            if self._allowed is not None and not self._allowed[sample]:
                continue
            text = "\n".join(part[offset] for part in parts).casefold()
            if all(word in text or numbers.get(word) == sample + 1 for word in self._words):
                yield sample


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
