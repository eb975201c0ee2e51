"""The track under the cube: one stop per lattice step, below a small line of the cosine read out at each."""

from __future__ import annotations

import math

from PyQt6.QtCore import QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import (
    QColor,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QWheelEvent,
)
from PyQt6.QtWidgets import QSizePolicy, QWidget

from app.widgets.theme import small, theme_of
from lattice.units import score_text

HANDLE = 7.0
LABELS_APART = 22.0
LINE_TOP, LINE_BOTTOM = 2.0, 12.0
"""Where the line of cosines lies, in pixels from the top."""
MIDDLE = 21.0
"""Where the track lies."""
HEIGHT = 48


class StepTrack(QWidget):
    """A track with one stop per lattice step, and above it how good the read-out is there."""

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
        return QSize(320, HEIGHT)

    def minimumSizeHint(self) -> QSize:
        """Return the least size that can be used."""
        return QSize(120, HEIGHT)

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
            return f"{place}: cosine {score_text(self._scores[step])} of what is read out here (the line: 0 to 1)"
        return place

    def score_points(self) -> list[QPointF]:
        """Return the line of cosines in pixels: 0 (or the lowest, if below) at the bottom, 1 at the top, always.

        A scale that followed the scores would draw noise as a climb.
        """
        scores = [score for score in self._scores[: self._steps + 1] if math.isfinite(score)]
        if len(scores) < 2 or len(scores) <= self._steps:
            return []
        low = min(0.0, *scores)
        return [
            QPointF(self._position(step), LINE_BOTTOM - (LINE_BOTTOM - LINE_TOP) * (score - low) / (1.0 - low))
            for step, score in enumerate(scores)
        ]

    def _paint_scores(self, painter: QPainter) -> None:
        points, colors = self.score_points(), theme_of(self)
        if not points:
            return
        painter.setPen(QPen(QColor(colors.success), 1.4))
        painter.drawPolyline(QPolygonF(points))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colors.success))
        painter.drawEllipse(points[min(self._value, len(points) - 1)], 2.5, 2.5)

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        """Draw the track, its stops and their numbers."""
        colors = theme_of(self)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(small(self.font()))
        metrics = QFontMetricsF(painter.font())
        left, right = self._span()
        middle = MIDDLE
        self._paint_scores(painter)
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
