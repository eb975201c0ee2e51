"""The lattice-step timeline under the cube: scrub and play through one watched sample's rollout."""

from __future__ import annotations

from PyQt6.QtCore import QSize, Qt, QTimer, pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from app.widgets.icons import icon
from app.widgets.step_track import StepTrack
from app.widgets.theme import set_role, small
from lattice.units import score_text

PLAY_MILLISECONDS = 700
"""Time on each lattice step while playing."""
REST_STEPS = 1
"""Extra time on the last lattice step, in lattice steps, before it begins again."""


class Timeline(QWidget):
    """Track, play button, and a word on what the chosen lattice step shows."""

    step_changed = pyqtSignal(int)
    """The chosen lattice step, 0 to T."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Create a timeline of a rollout without lattice steps."""
        super().__init__(parent)
        self.setObjectName("timeline")
        self.play_button = QToolButton()
        self.play_button.setCheckable(True)
        self.play_button.setIcon(icon("play"))
        self.play_button.setIconSize(QSize(20, 20))
        self.play_button.setToolTip("Play through the lattice steps, over and over (P)")
        self.play_button.setAccessibleName("Play")
        self.play_button.toggled.connect(self.set_playing)
        self.track = StepTrack()
        self.track.moved.connect(self._on_moved)
        self.label = QLabel()
        self.label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.label.setMinimumWidth(self.label.fontMetrics().horizontalAdvance("lattice step 00 of 00"))
        self.score = QLabel()
        self.score.setProperty("role", "muted")
        self.score.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.score.setFont(small(self.font()))
        words = QWidget()
        column = QVBoxLayout(words)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.label)
        column.addWidget(self.score)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 2, 14, 2)
        layout.setSpacing(8)
        layout.addWidget(self.play_button)
        layout.addWidget(self.track, 1)
        layout.addWidget(words)
        self._timer = QTimer(self)
        self._timer.setObjectName("play")
        self._timer.setInterval(PLAY_MILLISECONDS)
        self._timer.timeout.connect(self._advance)
        self._rest = 0
        self._scores: tuple[float, ...] = ()
        self._outdated = ""
        self._describe()

    @property
    def step(self) -> int:
        """Chosen lattice step."""
        return self.track.value

    @property
    def playing(self) -> bool:
        """Whether the lattice step advances by itself."""
        return self._timer.isActive()

    def set_steps(self, steps: int) -> None:
        """Set T. A handle at the end stays at the end; if the chosen lattice step changes, a signal says so."""
        before, at_end = self.track.value, self.track.value == self.track.steps
        self.track.set_steps(steps)
        if at_end:
            self.track.set_value(steps)
        self._describe()
        if self.track.value != before:
            self.step_changed.emit(self.track.value)

    def set_step(self, step: int) -> None:
        """Choose a lattice step and emit the signal."""
        before = self.track.value
        self.track.set_value(step)
        self._describe()
        if self.track.value != before:
            self.step_changed.emit(self.track.value)

    def set_scores(self, scores: tuple[float, ...]) -> None:
        """Set the cosine that is read out after each of the T + 1 states."""
        self._scores, self._outdated = scores, ""
        self.track.set_scores(scores)
        self._describe()

    def outdate_scores(self, edit: str) -> None:
        """Fade the score and say that it was measured before an edit, until there are new ones."""
        self._outdated = edit if self._scores else ""
        self.track.set_scores(())
        self._describe()

    def next(self) -> None:
        """Go one lattice step on."""
        self.set_step(self.step + 1)

    def previous(self) -> None:
        """Go one lattice step back."""
        self.set_step(self.step - 1)

    def toggle_playing(self) -> None:
        """Play or hold."""
        self.play_button.toggle()

    def set_playing(self, on: bool) -> None:
        """Play or hold; from the last lattice step it begins again."""
        self.play_button.setChecked(on)
        self.play_button.setIcon(icon("pause" if on else "play"))
        if on and not self._timer.isActive():
            self._rest = 0
            if self.step >= self.track.steps:
                self.set_step(0)
            self._timer.start()
        elif not on:
            self._timer.stop()

    def _advance(self) -> None:
        if self.step < self.track.steps:
            self._rest = 0
            self.set_step(self.step + 1)
        elif self._rest < REST_STEPS:
            self._rest += 1
        else:
            self._rest = 0
            self.set_step(0)

    def _on_moved(self, step: int) -> None:
        self._describe()
        self.step_changed.emit(step)

    def _describe(self) -> None:
        self.label.setText(f"lattice step {self.step} of {self.track.steps}")
        known = self.step < len(self._scores)
        told = f"cosine here: {score_text(self._scores[self.step])}" if known else ""
        set_role(self.score, "outdated" if self._outdated else "muted")
        self.score.setText(f"{told}, before the edit" if told and self._outdated else told)
        self.score.setToolTip(f"Measured before: {self._outdated}" if self._outdated else "")
