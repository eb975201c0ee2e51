"""The watched sample: its text and scores, its neighbours before and after, and the list to choose another from."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from PyQt6.QtCore import QModelIndex, QSize, Qt, QTimer, pyqtSignal
from PyQt6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListView,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.icons import icon
from app.palette import SERIES_COLORS
from app.panels.sample_list import SampleModel, SampleRole, one_line, sample_details
from app.units import count_text, score_text
from lattice.training.reports import Observation

if TYPE_CHECKING:
    from lattice.data.dataset import EmbeddingDataset

REFRESH_MILLISECONDS = 250
SEARCH_PAUSE_MILLISECONDS = 150
SHOWN_NEAREST = 3


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
            score, text = QLabel(), ElidedLink()
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

    def show_nearest(self, nearest: tuple[tuple[int, float], ...], dataset: EmbeddingDataset, marked: set[int]) -> None:
        """Show (sample, cosine) pairs; samples in `marked` stand out."""
        for index, (score, text) in enumerate(self.rows):
            if index < len(nearest):
                sample, cosine = nearest[index]
                score.setText(score_text(cosine))
                text.set_sample(sample, one_line(dataset.text(sample)), strong=sample in marked)
                text.setToolTip(sample_details(dataset, sample) + "\nClick to watch it.")
            else:
                score.clear()
                text.set_sample(-1, "", strong=False)


class ElidedLink(QLabel):
    """One line of text, cut off with dots where it does not fit, that can be clicked."""

    clicked = pyqtSignal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Create an empty line."""
        super().__init__(parent)
        self._sample = -1
        self._full = ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setTextFormat(Qt.TextFormat.PlainText)

    def set_sample(self, sample: int, text: str, *, strong: bool) -> None:
        """Show a sample's text; -1 is no sample."""
        self._sample, self._full = sample, text
        font = self.font()
        font.setBold(strong)
        self.setFont(font)
        self.setCursor(Qt.CursorShape.PointingHandCursor if sample >= 0 else Qt.CursorShape.ArrowCursor)
        self._elide()

    def resizeEvent(self, event: object) -> None:
        """Cut anew."""
        self._elide()

    def mouseReleaseEvent(self, event: object) -> None:
        """Report the click."""
        if self._sample >= 0:
            self.clicked.emit(self._sample)

    def _elide(self) -> None:
        self.setText(self.fontMetrics().elidedText(self._full, Qt.TextElideMode.ElideRight, max(self.width(), 10)))


class SamplePanel(QWidget):
    """Shows the watched sample; `sample_wanted` asks for another one."""

    sample_wanted = pyqtSignal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Start without data."""
        super().__init__(parent)
        self._dataset: EmbeddingDataset | None = None
        self._observation: Observation | None = None
        self._held_out: frozenset[int] = frozenset()
        self.text = QLabel("The watched sample's text appears here when the data is loaded.")
        self.text.setWordWrap(True)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.facts = QLabel()
        self.facts.setProperty("role", "muted")
        self.score = QLabel()
        self.score.setTextFormat(Qt.TextFormat.RichText)
        self.score.setToolTip(
            "Cosine between the cube's output and the teacher's embedding of this sample; 1 is a perfect copy"
        )
        self.before = NearestList("Nearest by the teacher", "Samples whose embeddings are nearest to this one's")
        self.after = NearestList("Nearest to the cube's output", "Bold: also among the teacher's nearest")
        self.search_field = QLineEdit()
        self.search_field.setPlaceholderText("Search the samples")
        self.search_field.setClearButtonEnabled(True)
        self.search_field.textChanged.connect(self._search_soon)
        self.found = QLabel()
        self.found.setProperty("role", "muted")
        self.model = SampleModel(self)
        self.model.searched.connect(self._on_searched)
        self.list = QListView()
        self.list.setModel(self.model)
        self.list.setUniformItemSizes(True)
        self.list.setMinimumHeight(70)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.list.clicked.connect(self._on_clicked)
        self.list.activated.connect(self._on_clicked)
        for nearest in (self.before, self.after):
            nearest.chosen.connect(self.sample_wanted)
        for label in (self.facts, self.score, self.found):
            label.setWordWrap(True)
        self._build()
        self._search_timer = self._single_shot("sample search pause", SEARCH_PAUSE_MILLISECONDS)
        self._search_timer.timeout.connect(lambda: self.model.search(self.search_field.text()))
        self._timer = self._single_shot("sample panel", REFRESH_MILLISECONDS)
        self._timer.timeout.connect(self.refresh)

    def set_dataset(self, dataset: EmbeddingDataset) -> None:
        """Show other samples."""
        self._dataset, self._observation = dataset, None
        self._held_out = frozenset(dataset.validation_indices.tolist())
        self.model.set_dataset(dataset)
        self.model.search(self.search_field.text())

    def set_observation(self, observation: Observation) -> None:
        """Take a newer observation; shown at most four times a second."""
        new_sample = self._observation is None or self._observation.sample != observation.sample
        self._observation = observation
        if new_sample:
            self.refresh()
        elif not self._timer.isActive():
            self._timer.start()

    def random_sample(self) -> None:
        """Ask for a sample drawn by chance, from the held-out ones where there are any."""
        if self._dataset is not None and len(self._dataset):
            pool = sorted(self._held_out) or range(len(self._dataset))
            self.sample_wanted.emit(random.choice(pool))

    def refresh(self) -> None:
        """Show the newest values now."""
        observation, dataset = self._observation, self._dataset
        if observation is None or dataset is None:
            return
        self.text.setText(observation.text)
        if observation.sample >= 0:
            side = "held out" if observation.sample in self._held_out else "trained on"
            category = "" if dataset.categories is None else f", {dataset.categories[observation.sample]}"
            self.facts.setText(f"sample {observation.sample:,} of {count_text(len(dataset))}, {side}{category}")
        else:
            self.facts.setText("a text of your own")
        self.score.setText(
            f"cosine <b>{score_text(observation.cosine)}</b> &nbsp; "
            f"<span style='color:{SERIES_COLORS['t0']}'>without rollout {score_text(observation.t0_cosine)}</span>"
        )
        by_teacher = {sample for sample, _ in observation.nearest_before}
        self.before.show_nearest(observation.nearest_before, dataset, {observation.sample})
        self.after.show_nearest(observation.nearest_after, dataset, by_teacher)

    def _build(self) -> None:
        shuffle = QToolButton()
        shuffle.setIcon(icon("next"))
        shuffle.setIconSize(QSize(16, 16))
        shuffle.setToolTip("Watch another held-out sample, drawn by chance (N)")
        shuffle.setAccessibleName("Another sample")
        shuffle.clicked.connect(self.random_sample)
        search_row = QHBoxLayout()
        search_row.addWidget(self.search_field, 1)
        search_row.addWidget(shuffle)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 8, 12, 10)
        layout.setSpacing(6)
        for part in (self.text, self.facts, self.score, self.before, self.after):
            layout.addWidget(part)
        layout.addSpacing(4)
        layout.addLayout(search_row)
        layout.addWidget(self.list, 1)
        layout.addWidget(self.found)

    def _single_shot(self, name: str, milliseconds: int) -> QTimer:
        timer = QTimer(self)
        timer.setObjectName(name)
        timer.setSingleShot(True)
        timer.setInterval(milliseconds)
        return timer

    def _search_soon(self) -> None:
        self._search_timer.start()

    def _on_searched(self, found: int, over: bool) -> None:
        if not self.search_field.text():
            self.found.setText(f"{count_text(found)} samples")
        elif found == 0 and over:
            self.found.setText("Nothing found. A search matches words of the text, the category or the number.")
        else:
            self.found.setText(f"{count_text(found)} found" + ("" if over else ", searching"))

    def _on_clicked(self, index: QModelIndex) -> None:
        sample = index.data(SampleRole)
        if sample is not None:
            self.sample_wanted.emit(int(sample))
