"""The samples of a data set as rows of a view, which can be searched and filtered without holding up the window."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt, QTimer, pyqtSignal

from app.panels.data.marked_rows import MarkRole, OutdatedRole, swatch
from app.panels.data.sample_order import SampleOrder, ordered
from app.panels.data.sample_search import matching
from app.panels.data.sample_words import HELD_OUT, held_out_mask, sample_details, score_lines, side_text
from app.widgets.labels import one_line
from app.widgets.palette import SERIES_COLORS
from lattice.units import score_text

if TYPE_CHECKING:
    from app.session.sample_scores import SampleScores
    from lattice.data.dataset import EmbeddingDataset

Side = Literal["all", "train", "validation"]

BLOCK = 256
"""Samples that a search looks at together: a block without the words is passed over as one text."""
SLICE_SECONDS = 0.012
"""A search gives the window its turn after this time."""
MOST_FOUND = 2_000
"""A search stops here: nobody scrolls farther."""
SampleRole = Qt.ItemDataRole.UserRole
SCORES = 1
"""The column with the cosines."""
HEADERS = ("Text", "Cosine")
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
        self._scores: SampleScores | None = None
        self._order: SampleOrder = "file"
        self._sequence: NDArray[np.int64] | None = None
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

    def set_order(self, order: SampleOrder) -> None:
        """List the samples in another order."""
        self._order = order
        self._begin()

    def follow(self, scores: SampleScores) -> None:
        """Show what `scores` knows of each sample."""
        self._scores = scores

    def scores_measured(self) -> None:
        """Bring the rows into the order of the numbers as they are now."""
        if self._order != "file":
            self._begin()

    def scores_changed(self) -> None:
        """Show the numbers as they are now."""
        if rows := self.rowCount():
            self.dataChanged.emit(self.index(0, SCORES), self.index(rows - 1, SCORES))

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
        at = np.flatnonzero(np.asarray(self._rows) == sample)
        return int(at[0]) if len(at) else None

    def rowCount(self, parent: QModelIndex = _ROOT) -> int:
        """Return the number of rows."""
        if parent.isValid() or self._dataset is None:
            return 0
        return len(self._dataset) if self._rows is None else len(self._rows)

    def columnCount(self, parent: QModelIndex = _ROOT) -> int:
        """Return the columns: text and cosine."""
        return 0 if parent.isValid() else len(HEADERS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the name of a column, on which side it stands, or what is in it."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return HEADERS[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if section == SCORES else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.ToolTipRole and section == SCORES:
            return "Cosine between the cube's answer and its target, -1 to 1; grey if measured of an earlier cube"
        return None

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a sample's text and its side in words and colour, its cosine, its tooltip, or its index."""
        if self._dataset is None or not index.isValid():
            return None
        sample = self.sample_at(index.row())
        held_out = bool(self._held_out[sample])
        if role == Qt.ItemDataRole.ToolTipRole:
            known = f"{sample_details(self._dataset, sample)}, {side_text(held_out)}"
            cosine = [] if self._cosines() is None else score_lines(self._scores, sample)
            return "\n".join([known, *cosine, "Click to watch it."])
        if role == SampleRole:
            return sample
        if index.column() == SCORES:
            return self._score(sample, role)
        if role == MarkRole:
            return HELD_OUT if held_out else ""
        if role == Qt.ItemDataRole.DisplayRole:
            return one_line(self._dataset.text(sample))
        if role == Qt.ItemDataRole.DecorationRole:
            return self._swatches["validation" if held_out else "train"]
        return None

    def _score(self, sample: int, role: int) -> str | None:
        cosines_N = self._cosines()
        if self._scores is None or cosines_N is None or np.isnan(cosines_N[sample]):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return score_text(float(cosines_N[sample]))
        return self._scores.outdated_of(sample) if role == OutdatedRole else None

    def _cosines(self) -> NDArray[np.float32] | None:
        """Return the cosine of each sample; None also while the scores are of other data already."""
        if self._scores is None or self._dataset is None or len(self._scores.cosines_N) != len(self._dataset):
            return None
        return self._scores.cosines_N

    def _begin(self) -> None:
        self._timer.stop()
        self.beginResetModel()
        self._next = 0
        self._allowed = self._allowed_samples()
        cosines_N = self._cosines()
        self._sequence = None if cosines_N is None else ordered(cosines_N, self._order)
        if self._words:
            self._rows = []
        elif self._sequence is None:
            self._rows = None if self._allowed is None else np.flatnonzero(self._allowed)
        else:
            self._rows = self._sequence if self._allowed is None else self._sequence[self._allowed[self._sequence]]
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
            block = range(self._next, end) if self._sequence is None else self._sequence[self._next : end].tolist()
            hits += matching(dataset, block, self._words, self._allowed)
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
