"""A small histogram: bars, what they are of, and in words from where to where they reach."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QEvent, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent
from PyQt6.QtWidgets import QSizePolicy, QToolTip, QWidget

from app.widgets.theme import theme_of
from lattice.units import plural, significant

BARS = 28
_HEIGHT, _GAP = 34, 1


class Histogram(QWidget):
    """Counts of values in bars of equal width."""

    def __init__(self, color: str, parent: QWidget | None = None) -> None:
        """Create an empty histogram whose bars have a colour."""
        super().__init__(parent)
        self._color = color
        self.counts: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        self._edges: NDArray[np.float64] = np.zeros(1)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_values(self, values: NDArray[np.float32]) -> None:
        """Count values; at least one."""
        low, high = float(values.min()), float(values.max())
        least = max(abs(low), abs(high), 1e-6) * 1e-3
        if high - low < least:  # all the same: one bar in the middle
            low, high = low - least / 2, high + least / 2
        self.counts, self._edges = np.histogram(values.astype(np.float64), bins=BARS, range=(low, high))
        self.update()

    def bar_text(self, x: int) -> str:
        """Return in words what the bar at a place counts."""
        bar = min(max(x * len(self.counts) // max(self.width(), 1), 0), len(self.counts) - 1)
        low, high = self._edges[bar], self._edges[bar + 1]
        samples = plural(int(self.counts[bar]), "sample")
        return f"{significant(float(low), 4)} to {significant(float(high), 4)}: {samples}"

    def event(self, event: QEvent | None) -> bool:
        """Say what the bar under the mouse counts."""
        if isinstance(event, QHelpEvent) and len(self.counts):
            QToolTip.showText(event.globalPos(), self.bar_text(event.pos().x()), self)
            return True
        return super().event(event)

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        """Draw the bars over a line; one sample is a pixel high at least."""
        painter, colors = QPainter(self), theme_of(self)
        bottom = self.height() - 1
        painter.setPen(QColor(colors.line))
        painter.drawLine(0, bottom, self.width(), bottom)
        if len(self.counts) == 0:
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._color))
        wide = self.width() / len(self.counts)
        heights = np.where(self.counts > 0, np.maximum(self.counts * (bottom / self.counts.max()), 1), 0)
        for number, high in enumerate(heights.tolist()):
            painter.drawRect(QRectF(number * wide, bottom - high, max(wide - _GAP, 1), high))

    def sizeHint(self) -> QSize:
        """Be low."""
        return QSize(150, _HEIGHT)

    def minimumSizeHint(self) -> QSize:
        """Be low and narrow."""
        return QSize(80, _HEIGHT)
