"""The watched sample: its text and scores, its neighbours before and after, and the box for a sentence of one's own."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QSize, Qt, QTimer, pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from app.panels.data.sample_words import HELD_OUT, held_out_mask
from app.panels.panel import Panel
from app.panels.sample.nearest import NearestList
from app.panels.sample.probe_box import ProbeBox
from app.run.messages import Applied
from app.run.summary import RunSummary
from app.widgets.icons import icon
from app.widgets.palette import SERIES_COLORS
from app.widgets.scroll_area import scrolled
from lattice.training.reports import Observation
from lattice.units import count_text, score_text

if TYPE_CHECKING:
    from lattice.data.dataset import EmbeddingDataset

REFRESH_MILLISECONDS = 250


class SamplePanel(Panel):
    """Shows the watched sample; `sample_wanted` requests another one."""

    sample_wanted = pyqtSignal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Start without data."""
        super().__init__(parent)
        self._dataset: EmbeddingDataset | None = None
        self._observation: Observation | None = None
        self._held_out: NDArray[np.bool_] = np.zeros(0, dtype=bool)
        self._pairs = False
        self.probe = ProbeBox()
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
        slanted = "Slanted: held out, never trained on."
        self.before = NearestList(
            "Before: nearest by the teacher",
            f"Samples whose embeddings are nearest to this one's, with their cosines. {slanted}",
        )
        self.after = NearestList(
            "After: nearest by the cube",
            "Samples whose embeddings are nearest to what the cube reads out, with their cosines. "
            f"Bold: also among the teacher's nearest. {slanted}",
        )
        for nearest in (self.before, self.after):
            nearest.chosen.connect(self.sample_wanted)
        for label in (self.facts, self.score):
            label.setWordWrap(True)
        self._build()
        self._timer = QTimer(self)
        self._timer.setObjectName("sample panel")
        self._timer.setSingleShot(True)
        self._timer.setInterval(REFRESH_MILLISECONDS)
        self._timer.timeout.connect(self.refresh)

    def show_run(self, summary: RunSummary) -> None:
        """Show samples of a run's data; what another network made of them is forgotten."""
        self.forget()
        self._take_data(summary)

    def show_applied(self, message: Applied) -> None:
        """Follow edited settings: other data, or another objective."""
        if message.restarts_scores:
            self.forget()
        self._take_data(message.summary)

    def _take_data(self, summary: RunSummary) -> None:
        if summary.dataset is not self._dataset:
            self.set_dataset(summary.dataset)
        self.set_pairs(summary.config.training_embedding.objective == "pairs")

    def set_dataset(self, dataset: EmbeddingDataset) -> None:
        """Show samples of other data."""
        self._dataset, self._observation = dataset, None
        self._held_out = held_out_mask(dataset)

    def set_pairs(self, pairs: bool) -> None:
        """Set whether the cube learns to turn a sample into its partner: then a sentence has no target."""
        self._pairs = pairs

    def set_observation(self, observation: Observation) -> None:
        """Take a newer observation; its score is shown at once, as on the timeline, the rest four times a second."""
        before = self._observation
        self._observation = observation
        if before is None or (before.sample, before.text) != (observation.sample, observation.text):
            self.refresh()
            return
        self._show_score(observation)
        if not self._timer.isActive():
            self._timer.start()

    def forget(self) -> None:
        """Forget what another network made of the sample."""
        self._observation = None
        self._timer.stop()
        self.score.setText("cosine: not yet measured" if self.score.text() else "")
        if self._dataset is not None:
            self.after.show_nearest((), self._dataset, marked=set(), held_out=self._held_out)

    def random_sample(self) -> None:
        """Ask for a sample drawn by chance, from the held-out ones where there are any."""
        if self._dataset is not None and len(self._dataset):
            held_out = self._dataset.validation_indices
            if len(held_out):
                self.sample_wanted.emit(int(held_out[random.randrange(len(held_out))]))
            else:
                self.sample_wanted.emit(random.randrange(len(self._dataset)))

    def refresh(self) -> None:
        """Show the newest values now."""
        observation, dataset = self._observation, self._dataset
        if observation is None or dataset is None:
            return
        self.text.setText(observation.text)
        if observation.sample >= 0:
            side = HELD_OUT if self._held_out[observation.sample] else "trained on"
            category = "" if dataset.categories is None else f", {dataset.categories[observation.sample]}"
            self.facts.setText(f"sample {observation.sample + 1:,} of {count_text(len(dataset))}, {side}{category}")
        else:
            self.facts.setText("a sentence of your own")
        self._show_score(observation)
        by_teacher = {sample for sample, _ in observation.nearest_before}
        out = self._held_out
        self.before.show_nearest(observation.nearest_before, dataset, marked={observation.sample}, held_out=out)
        self.after.show_nearest(observation.nearest_after, dataset, marked=by_teacher, held_out=out)

    def _show_score(self, observation: Observation) -> None:
        if observation.sample < 0 and self._pairs:
            self.score.setText("no score: it has no partner")
        else:
            self.score.setText(
                f"cosine <b>{score_text(observation.cosine)}</b> &nbsp; "
                f"<span style='color:{SERIES_COLORS['t0']}'>without rollout {score_text(observation.t0_cosine)}</span>"
            )

    def sizeHint(self) -> QSize:
        """Fit beside the cube."""
        return QSize(290, 420)

    def minimumSizeHint(self) -> QSize:
        """Fit a narrow, low dock; what does not fit is scrolled to."""
        return QSize(220, 140)

    def _build(self) -> None:
        shuffle = QToolButton()
        shuffle.setIcon(icon("next"))
        shuffle.setIconSize(QSize(16, 16))
        shuffle.setToolTip("Watch another held-out sample, drawn by chance (N)")
        shuffle.setAccessibleName("Another sample")
        shuffle.clicked.connect(self.random_sample)
        head = QHBoxLayout()
        head.setSpacing(6)
        head.addWidget(self.text, 1)
        head.addWidget(shuffle, 0, Qt.AlignmentFlag.AlignTop)
        content = QWidget()
        layout = QVBoxLayout(content)
        layout.setContentsMargins(14, 10, 12, 10)
        layout.setSpacing(6)
        layout.addWidget(self.probe)
        layout.addSpacing(4)
        layout.addLayout(head)
        for part in (self.facts, self.score, self.before, self.after):
            layout.addWidget(part)
        layout.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolled(content))
