"""How many samples are scored, when, and a link that scores them all."""

from __future__ import annotations

from PyQt6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.session.sample_scores import SampleScores
from app.widgets.labels import wrapped_label
from app.widgets.theme import set_role

SCORE_ALL = "Score every sample"
"""What the link and the command are called."""


class ScoreLine(QWidget):
    """Says what is known of the samples' cosines, and offers to measure them all."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Start hidden, without a run."""
        super().__init__(parent)
        self._scores: SampleScores | None = None
        self._wanted = True
        self.words = wrapped_label()
        self.button = QPushButton(SCORE_ALL)
        self.button.setProperty("link", True)
        self.button.clicked.connect(self._score_all)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        self.row = QHBoxLayout()
        """Has room for what goes with the link, at its right."""
        self.row.addWidget(self.button)
        self.row.addStretch()
        column.addLayout(self.row)
        column.addWidget(self.words)
        self.hide()

    def follow(self, scores: SampleScores) -> None:
        """Say what `scores` knows, from now on."""
        self._scores = scores
        scores.changed.connect(self.refresh)
        self.refresh()

    def set_wanted(self, wanted: bool) -> None:
        """Be there as soon as there are samples, or not."""
        self._wanted = wanted
        self.refresh()

    def refresh(self) -> None:
        """Say what is known now."""
        scores = self._scores
        if scores is None:
            return
        self.setVisible(self._wanted and len(scores.cosines_N) > 0)
        self.words.setText(scores.words())
        set_role(self.words, "outdated" if scores.outdated and not scores.scoring else "muted")
        self.button.setEnabled(not scores.scoring)
        self.button.setToolTip(scores.tip())

    def _score_all(self) -> None:
        if self._scores is not None:
            self._scores.score_all()
