"""Figures of the data beside its map: dropped rows, norms, nearest neighbours, near-duplicates across the split."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from app.panels.data.words import dropped_text, sentence
from app.panels.data_map.histogram import Histogram
from app.widgets.labels import ElidedLink, one_line, wrapped_label
from app.widgets.palette import SERIES_COLORS
from app.widgets.theme import set_role
from lattice.data.survey.findings import MOST_LISTED
from lattice.units import significant

if TYPE_CHECKING:
    from lattice.data.dataset import EmbeddingDataset
    from lattice.data.survey.findings import NearDuplicates, NearestCosines


class MapFigures(QWidget):
    """What a survey found, in words and small histograms; empty parts are hidden."""

    sample_wanted = pyqtSignal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Start without data."""
        super().__init__(parent)
        self._dataset: EmbeddingDataset | None = None
        self.near = wrapped_label()
        self._pairs = [ElidedLink() for _ in range(MOST_LISTED)]
        self.dropped = wrapped_label(role="muted")
        self.norms_text, self.nearest_text = wrapped_label(role="muted"), wrapped_label(role="muted")
        self.norms, self.nearest = Histogram(SERIES_COLORS["total"]), Histogram(SERIES_COLORS["validation"])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        self._parts: tuple[QWidget, ...] = (
            self.near, *self._pairs, self.dropped, self.norms_text, self.norms, self.nearest_text, self.nearest,
        )  # fmt: skip
        for part in self._parts:
            column.addWidget(part)
        for link in self._pairs:
            link.clicked.connect(self.sample_wanted)
        self._hide()

    def set_dataset(self, dataset: EmbeddingDataset) -> None:
        """Begin with other data; what its load dropped is known already."""
        self._dataset = dataset
        self._hide()
        self.dropped.setText(f"{dropped_text(dataset.report) or 'No row was dropped'}.")
        self.dropped.show()

    def show_near_duplicates(self, found: NearDuplicates) -> None:
        """Say how many held-out samples a training sample nearly equals, and list the nearest pairs."""
        self.near.setText(sentence(f"{found.sentence()}."))
        set_role(self.near, "warning" if found.found else "muted")
        self.near.show()
        dataset = self._dataset
        for number, link in enumerate(self._pairs):
            link.setVisible(number < len(found.pairs))
            if number < len(found.pairs) and dataset is not None:
                pair = found.pairs[number]
                held_out, train = (one_line(dataset.text(sample)) for sample in (pair.held_out, pair.train))
                link.set_sample(pair.held_out, f"{pair.cosine:.3f}  {held_out}")
                link.setToolTip(
                    f"cosine {pair.cosine:.4f}\nheld out, sample {pair.held_out + 1:,}: {held_out[:300]}\n"
                    f"trained on, sample {pair.train + 1:,}: {train[:300]}\nClick to watch the held-out one."
                )

    def show_norms(self, values_M: NDArray[np.float32], part: str) -> None:
        """Show the lengths of rows; `part` says of which."""
        self.norms.show_values(values_M)
        self.norms_text.setText(f"Norm of {part}: {_spread(values_M)}")
        for shown in (self.norms, self.norms_text):
            shown.show()

    def show_nearest(self, nearest: NearestCosines) -> None:
        """Show how near the nearest neighbours are."""
        values = nearest.cosines_Q
        self.nearest.show_values(values)
        which = "each sample" if nearest.whole else f"each of a fixed {len(values):,} samples"
        self.nearest_text.setText(f"Cosine of {which} to its nearest neighbour: {_spread(values)}")
        for shown in (self.nearest, self.nearest_text):
            shown.show()

    def _hide(self) -> None:
        for part in self._parts:
            part.hide()


def _spread(values: NDArray[np.float32]) -> str:
    low, middle, high = (significant(float(value)) for value in np.quantile(values, (0, 0.5, 1)))
    return f"{low} to {high}, median {middle}"
