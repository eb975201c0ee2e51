"""The lattice-step timeline under the cube: scrub and play through one watched sample's rollout."""

from __future__ import annotations

from PyQt6.QtCore import QRectF, QSize, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QColor, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from app.icons import icon
from app.theme import small, theme_of
from app.units import score_text

PLAY_MILLISECONDS = 700
"""Time on each lattice step while playing."""
REST_STEPS = 1
"""Extra time on the last lattice step, in lattice steps, before it begins anew."""
HANDLE = 7.0
LABELS_APART = 22.0


class StepTrack(QWidget):
    """A track with one stop per lattice step; stops are filled by how good the read-out is there."""

    moved = pyqtSignal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Create a track with the single stop 0."""
        super().__init__(parent)
        self._steps = 0
        self._value = 0
        self._scores: tuple[float, ...] = ()
        self._hovered: int | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName("Lattice step")

    def sizeHint(self) -> QSize:
        """Return a size that holds stops and numbers."""
        return QSize(320, 44)

    def minimumSizeHint(self) -> QSize:
        """Return the least size that can be used."""
        return QSize(120, 44)

    @property
    def steps(self) -> int:
        """Lattice steps T; the track has T + 1 stops."""
        return self._steps

    @property
    def value(self) -> int:
        """Chosen stop, 0 to T."""
        return self._value

    def set_steps(self, steps: int) -> None:
        """Set T; the chosen stop stays where it can."""
        self._steps = max(steps, 0)
        self._value = min(self._value, self._steps)
        self.update()

    def set_value(self, value: int) -> None:
        """Choose a stop, clamped to the track; says nothing."""
        self._value = min(max(value, 0), self._steps)
        self.update()

    def set_scores(self, scores: tuple[float, ...]) -> None:
        """Set the cosine that is read out at each stop."""
        if scores != self._scores:
            self._scores = scores
            self.update()

    def _span(self) -> tuple[float, float]:
        return 14.0, max(self.width() - 14.0, 15.0)

    def _position(self, step: int) -> float:
        left, right = self._span()
        return left if self._steps == 0 else left + (right - left) * step / self._steps

    def _step_at(self, x: float) -> int:
        left, right = self._span()
        return round(min(max((x - left) / (right - left), 0.0), 1.0) * self._steps)

    def _go(self, step: int) -> None:
        step = min(max(step, 0), self._steps)
        if step != self._value:
            self._value = step
            self.update()
            self.moved.emit(step)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Jump to the stop under the mouse."""
        if event is not None and event.button() == Qt.MouseButton.LeftButton:
            self._go(self._step_at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        """Drag the handle, or say what the stop under the mouse would show."""
        if event is None:
            return
        step = self._step_at(event.position().x())
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go(step)
        if step != self._hovered:
            self._hovered = step
            self.setToolTip(self._describe(step))
            self.update()

    def leaveEvent(self, event: object) -> None:
        """Forget the hovered stop."""
        self._hovered = None
        self.update()

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        """Go to the next or previous stop."""
        if event is not None:
            self._go(self._value + (1 if event.angleDelta().y() > 0 else -1))
            event.accept()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Arrows, Home and End move the handle."""
        if event is None:
            return
        moves = {
            Qt.Key.Key_Left: self._value - 1,
            Qt.Key.Key_Right: self._value + 1,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: self._steps,
        }
        if event.key() in moves:
            self._go(moves[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)

    def _describe(self, step: int) -> str:
        place = "the painted cube" if step == 0 else f"after lattice step {step}"
        if step < len(self._scores):
            return f"{place}: read out here, cosine {score_text(self._scores[step])}"
        return place

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        """Draw the track, its stops and their numbers."""
        colors = theme_of(self)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(small(self.font()))
        metrics = QFontMetricsF(painter.font())
        left, right = self._span()
        middle = 16.0
        painter.setPen(QPen(QColor(colors.line), 4, cap=Qt.PenCapStyle.RoundCap))
        painter.drawLine(int(left), int(middle), int(right), int(middle))
        at = self._position(self._value)
        if at > left:
            painter.setPen(QPen(QColor(colors.accent_fill), 4, cap=Qt.PenCapStyle.RoundCap))
            painter.drawLine(int(left), int(middle), int(at), int(middle))
        gap = (right - left) / max(self._steps, 1)
        every = max(1, -(-int(LABELS_APART) // max(int(gap), 1)))
        for step in range(self._steps + 1):
            x = self._position(step)
            passed = step <= self._value
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colors.accent if passed else colors.border))
            radius = 3.5 if gap > 2 * HANDLE else 2.0
            painter.drawEllipse(QRectF(x - radius, middle - radius, 2 * radius, 2 * radius))
            if step % every == 0 or step in (self._value, self._steps):
                crowded = step % every and abs(step - self._value) * gap < LABELS_APART and step != self._value
                if not crowded:
                    painter.setPen(QColor(colors.text if step == self._value else colors.muted))
                    text = str(step)
                    width = metrics.horizontalAdvance(text)
                    painter.drawText(QRectF(x - width / 2 - 2, middle + 9, width + 4, metrics.height()), text)
        painter.setPen(QPen(QColor(colors.panel), 1.5))
        painter.setBrush(QColor(colors.accent if self.hasFocus() or self._hovered is not None else colors.text))
        painter.drawEllipse(QRectF(at - HANDLE, middle - HANDLE, 2 * HANDLE, 2 * HANDLE))
        painter.end()


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
        """Set T. A handle at the end stays at the end."""
        at_end = self.track.value == self.track.steps
        self.track.set_steps(steps)
        if at_end:
            self.track.set_value(steps)
        self._describe()

    def set_step(self, step: int) -> None:
        """Choose a lattice step and tell."""
        before = self.track.value
        self.track.set_value(step)
        self._describe()
        if self.track.value != before:
            self.step_changed.emit(self.track.value)

    def set_scores(self, scores: tuple[float, ...]) -> None:
        """Set the cosine that is read out after each of the T + 1 states."""
        self._scores = scores
        self.track.set_scores(scores)
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
        """Play or hold; from the last lattice step it begins anew."""
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
        self.score.setText(f"read out here: {score_text(self._scores[self.step])}" if known else "")
