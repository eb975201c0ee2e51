"""Small drawings for one cell: its state as bars, its course over the lattice steps, its gates."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QFontMetricsF, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PyQt6.QtWidgets import QSizePolicy, QWidget

from app.widgets.palette import TIER_COLORS
from app.widgets.theme import small, theme_of
from lattice.units import percent_text, significant

Values = NDArray[np.float32]

_WIDEST_TEXT = "0.00038"
"""Charts leave room for it at the left, so that the lattice steps of two of them are below each other."""


class Chart(QWidget):
    """A small drawing of fixed height."""

    def __init__(self, height: int, parent: QWidget | None = None) -> None:
        """Reserve `height` logical pixels."""
        super().__init__(parent)
        self._height = height
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)

    def sizeHint(self) -> QSize:
        """Return a width for a side panel."""
        return QSize(220, self._height)

    def minimumSizeHint(self) -> QSize:
        """Return the least size that can be read."""
        return QSize(120, self._height)

    def _painter(self) -> QPainter:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(small(self.font()))
        return painter


class StateBars(Chart):
    """A state vector as bars around zero; a click chooses the channel."""

    channel_clicked = pyqtSignal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Start without a state."""
        super().__init__(76, parent)
        self._values: Values = np.zeros(0, dtype=np.float32)
        self._channel: int | None = None
        self._scale = 1.0
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName("State of the picked cell")

    def set_values(self, values: Values, scale: float) -> None:
        """Show values [C]; `scale` is the largest magnitude that the axis must hold, steady over the lattice steps."""
        self._values, self._scale = values, max(scale, 1e-12)
        self.update()

    def set_channel(self, channel: int | None) -> None:
        """Mark a channel."""
        self._channel = channel
        self.update()

    def _channel_at(self, x: float) -> int | None:
        count = len(self._values)
        if not count:
            return None
        return min(max(int(x / max(self.width(), 1) * count), 0), count - 1)

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        """Show channel and value under the mouse in a tooltip."""
        channel = None if event is None else self._channel_at(event.position().x())
        if channel is not None:
            self.setToolTip(f"channel {channel}: {significant(float(self._values[channel]))}")

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Choose the channel under the mouse."""
        channel = None if event is None else self._channel_at(event.position().x())
        if channel is not None:
            self.channel_clicked.emit(channel)

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        """Draw the bars, the zero line and the scale."""
        colors, painter = theme_of(self), self._painter()
        middle, half = self.height() / 2, self.height() / 2 - 5
        painter.setPen(QPen(QColor(colors.line), 1))
        painter.drawLine(QPointF(0, middle), QPointF(self.width(), middle))
        count = len(self._values)
        if count:
            pitch = self.width() / count
            gap = min(2.0, pitch * 0.25)
            painter.setPen(Qt.PenStyle.NoPen)
            for channel, value in enumerate(self._values):
                share = min(abs(float(value)) / self._scale, 1.0)
                color = QColor(colors.accent)
                if self._channel is not None and channel != self._channel:
                    color.setAlphaF(0.55)
                painter.setBrush(color)
                top = middle - share * half if value > 0 else middle
                painter.drawRect(QRectF(channel * pitch + gap / 2, top, pitch - gap, max(share * half, 0.5)))
            painter.setPen(QColor(colors.muted))
            text = f"\N{PLUS-MINUS SIGN}{significant(self._scale, 2)}"
            painter.drawText(QRectF(0, 0, self.width() - 2, 16), int(Qt.AlignmentFlag.AlignRight), text)
        painter.end()


class StepCourse(Chart):
    """A value over the lattice steps, with the chosen step marked."""

    def __init__(self, color: str | None = None, parent: QWidget | None = None) -> None:
        """Start without values; `color` is `#RRGGBB`, the accent if left out."""
        super().__init__(52, parent)
        self._values: Values = np.zeros(0, dtype=np.float32)
        self._step = 0
        self._color = color

    def set_values(self, values: Values, step: int) -> None:
        """Show values [T+1] and mark one lattice step."""
        self._values, self._step = values, step
        self.update()

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        """Draw the line, the mark, and the lowest and highest value."""
        colors, painter = theme_of(self), self._painter()
        values = self._values
        if len(values) and np.isfinite(values).all():
            metrics = QFontMetricsF(painter.font())
            low, high = float(min(values.min(), 0.0)), float(values.max())
            span = high - low or 1.0
            texts = [significant(high, 2), significant(low, 2)]
            left = max(metrics.horizontalAdvance(text) for text in (*texts, _WIDEST_TEXT)) + 8
            right, top, bottom = self.width() - 7.0, 7.0, self.height() - 7.0
            painter.setPen(QColor(colors.muted))
            for text, y in zip(texts, (top, bottom), strict=True):
                box = QRectF(0, y - metrics.height() / 2, left - 6, metrics.height())
                painter.drawText(box, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), text)
            painter.setPen(QPen(QColor(colors.line), 1))
            painter.drawLine(QPointF(left, bottom), QPointF(right, bottom))
            steps = max(len(values) - 1, 1)
            points = [
                QPointF(left + (right - left) * index / steps, bottom - (bottom - top) * (float(value) - low) / span)
                for index, value in enumerate(values)
            ]
            color = QColor(self._color or colors.accent)
            painter.setPen(QPen(color, 1.6))
            painter.drawPolyline(QPolygonF(points))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color)
            for index, point in enumerate(points):
                radius = 4.0 if index == self._step else 2.0
                painter.drawEllipse(point, radius, radius)
        painter.end()


class GateBar(Chart):
    """The share of each tier's expert in the cell's update, as one stacked bar."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Start without gates."""
        super().__init__(16, parent)
        self._shares: dict[str, float] = {}

    def set_shares(self, shares: dict[str, float]) -> None:
        """Show shares by tier, which sum to 1; an empty dict shows nothing."""
        self._shares = shares
        self.setToolTip(", ".join(f"{tier} {percent_text(share)}" for tier, share in shares.items()))
        self.update()

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        """Draw the bar."""
        colors, painter = theme_of(self), self._painter()
        painter.setPen(Qt.PenStyle.NoPen)
        x = 0.0
        painter.setBrush(QColor(colors.line))
        painter.drawRoundedRect(QRectF(0, 2, self.width(), 12), 3, 3)
        for tier, share in self._shares.items():
            width = share * self.width()
            painter.setBrush(QColor(TIER_COLORS[tier]))
            painter.drawRect(QRectF(x, 2, width, 12))
            x += width
        painter.end()
