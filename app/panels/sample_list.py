"""The samples of a data set as a list that can be searched without holding up the window."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QAbstractListModel, QModelIndex, QObject, Qt, QTimer, pyqtSignal

if TYPE_CHECKING:
    from lattice.data.dataset import EmbeddingDataset

CHUNK = 20_000
"""Samples looked at in one go of a search."""
MOST_FOUND = 2_000
"""A search stops here: nobody scrolls farther."""
SampleRole = Qt.ItemDataRole.UserRole
_ROOT = QModelIndex()


class SampleModel(QAbstractListModel):
    """All samples, or those whose text, category or number matches a search."""

    searched = pyqtSignal(int, bool)
    """Samples found so far, and whether the search is over."""

    def __init__(self, parent: QObject | None = None) -> None:
        """Start without samples."""
        super().__init__(parent)
        self._dataset: EmbeddingDataset | None = None
        self._found: list[int] | None = None
        self._words: list[str] = []
        self._next = 0
        self._timer = QTimer(self)
        self._timer.setObjectName("sample search")
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._search_on)

    def set_dataset(self, dataset: EmbeddingDataset) -> None:
        """Show other samples, all of them."""
        self._timer.stop()
        self.beginResetModel()
        self._dataset, self._found = dataset, None
        self.endResetModel()

    def search(self, text: str) -> None:
        """Keep the samples that hold every word of `text`; an empty text keeps all."""
        self._timer.stop()
        self.beginResetModel()
        self._words = text.casefold().split()
        self._found = [] if self._words else None
        self._next = 0
        self.endResetModel()
        if self._words and self._dataset is not None:
            self._timer.start()
        else:
            self.searched.emit(self.rowCount(), True)

    def sample_at(self, row: int) -> int:
        """Return the number of the sample in a row."""
        return row if self._found is None else self._found[row]

    def rowCount(self, parent: QModelIndex = _ROOT) -> int:
        """Return the number of rows."""
        if parent.isValid() or self._dataset is None:
            return 0
        return len(self._dataset) if self._found is None else len(self._found)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a sample's text, its number, or its tooltip."""
        if self._dataset is None or not index.isValid():
            return None
        sample = self.sample_at(index.row())
        if role == Qt.ItemDataRole.DisplayRole:
            return one_line(self._dataset.text(sample))
        if role == Qt.ItemDataRole.ToolTipRole:
            return sample_details(self._dataset, sample)
        if role == SampleRole:
            return sample
        return None

    def _search_on(self) -> None:
        dataset, found = self._dataset, self._found
        if dataset is None or found is None:
            self._timer.stop()
            return
        end = min(self._next + CHUNK, len(dataset))
        hits = [sample for sample in range(self._next, end) if self._matches(dataset, sample)]
        hits = hits[: MOST_FOUND - len(found)]
        self._next = end
        if hits:
            self.beginInsertRows(QModelIndex(), len(found), len(found) + len(hits) - 1)
            found.extend(hits)
            self.endInsertRows()
        over = end >= len(dataset) or len(found) >= MOST_FOUND
        if over:
            self._timer.stop()
        self.searched.emit(len(found), over)

    def _matches(self, dataset: EmbeddingDataset, sample: int) -> bool:
        text = dataset.text(sample).casefold()
        if dataset.categories is not None:
            text += "\n" + dataset.categories[sample].casefold()
        return all(word in text or word == str(sample) for word in self._words)


def one_line(text: str) -> str:
    """Return `text` without line breaks."""
    return " ".join(text.split())


def sample_details(dataset: EmbeddingDataset, sample: int) -> str:
    """Return everything in words that is known about a sample."""
    lines = [dataset.text(sample)]
    if dataset.partner_texts is not None:
        lines.append(f"partner: {dataset.partner_texts[sample]}")
    if dataset.categories is not None:
        lines.append(f"category: {dataset.categories[sample]}")
    lines.append(f"sample {sample:,} of {len(dataset):,}")
    return "\n".join(lines)
