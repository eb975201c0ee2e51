"""The samples nearest to something, with their scores."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QSize, pyqtSignal
from PyQt6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from app.panels.data.sample_words import sample_details, side_text
from app.widgets.labels import ElidedLink, one_line
from lattice.units import score_text

if TYPE_CHECKING:
    from lattice.data.dataset import EmbeddingDataset

SHOWN_NEAREST = 5


class ScoreLabel(QLabel):
    """A score; as wide without one, so that its column need not be laid out again when the first comes."""

    def minimumSizeHint(self) -> QSize:
        """Have room for a score between 0 and 1."""
        room = QSize(self.fontMetrics().horizontalAdvance(score_text(0.0)), 0)
        return super().minimumSizeHint().expandedTo(room)

    def sizeHint(self) -> QSize:
        """Have room for a score between 0 and 1."""
        return super().sizeHint().expandedTo(self.minimumSizeHint())


class NearestList(QWidget):
    """The samples nearest to something, each a click away from being watched."""

    chosen = pyqtSignal(int)

    def __init__(self, title: str, tooltip: str, parent: QWidget | None = None) -> None:
        """Create an empty list under a title."""
        super().__init__(parent)
        heading = QLabel(title)
        heading.setProperty("role", "heading")
        heading.setToolTip(tooltip)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(2)
        self._grid.setColumnStretch(1, 1)
        self.rows: list[tuple[QLabel, ElidedLink]] = []
        for row in range(SHOWN_NEAREST):
            score = ScoreLabel()
            text = ElidedLink()
            score.setProperty("role", "muted")
            text.clicked.connect(self.chosen)
            self._grid.addWidget(score, row, 0)
            self._grid.addWidget(text, row, 1)
            self.rows.append((score, text))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3)
        layout.addWidget(heading)
        layout.addLayout(self._grid)

    def show_nearest(
        self,
        nearest: tuple[tuple[int, float], ...],
        dataset: EmbeddingDataset,
        *,
        marked: set[int],
        held_out: NDArray[np.bool_],
    ) -> None:
        """Show (sample, cosine) pairs; samples in `marked` are bold, those held out are slanted."""
        for index, (score, text) in enumerate(self.rows):
            if index < len(nearest):
                sample, cosine = nearest[index]
                score.setText(score_text(cosine))
                out = bool(held_out[sample])
                text.set_sample(sample, one_line(dataset.text(sample)), strong=sample in marked, slanted=out)
                text.setToolTip(f"{sample_details(dataset, sample)}, {side_text(out)}\nClick to watch it.")
            else:
                score.clear()
                text.set_sample(-1, "")
                text.setToolTip("")
