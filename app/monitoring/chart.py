"""Memory over the last minutes as a stack of areas."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

from PyQt6.QtCore import QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PyQt6.QtWidgets import QSizePolicy, QWidget

from app.widgets.palette import MEMORY_COLORS
from app.widgets.theme import small, theme_of
from lattice.units import bytes_text, seconds_text

SECONDS_SHOWN = 300.0
FREE = "free"

_LABEL_GAP = 4


class StackChart(QWidget):
    """Draws parts that add up to a total; the part `free` is left empty."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Create an empty chart."""
        super().__init__(parent)
        self._samples: deque[tuple[float, dict[str, int]]] = deque()
        self._reserve = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    @property
    def samples(self) -> list[tuple[float, dict[str, int]]]:
        """Seconds and parts of what is drawn, oldest first."""
        return list(self._samples)

    @property
    def total(self) -> int:
        """Bytes at the top of the chart."""
        return sum(self._samples[-1][1].values()) if self._samples else 0

    def append(self, seconds: float, parts: Mapping[str, int]) -> None:
        """Add a reading; other parts than before start a new chart."""
        if self._samples and list(self._samples[-1][1]) != list(parts):
            self._samples.clear()
        self._samples.append((seconds, dict(parts)))
        while self._samples[0][0] < seconds - SECONDS_SHOWN:
            self._samples.popleft()
        self.update()

    def set_reserve(self, count: int) -> None:
        """Draw a line where memory begins that is to be kept free of data; 0 draws none."""
        self._reserve = count
        self.update()

    def clear(self) -> None:
        """Forget all readings."""
        self._samples.clear()
        self.update()

    def sizeHint(self) -> QSize:
        """Show the stack at a readable height."""
        return QSize(260, 120)

    def minimumSizeHint(self) -> QSize:
        """Keep room for the labels."""
        return QSize(160, 80)

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        """Draw areas, frame, labels and the reserve."""
        colors = theme_of(self)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(small(self.font()))
        line_height = painter.fontMetrics().height()
        area = QRectF(0.5, line_height + _LABEL_GAP, self.width() - 1, self.height() - 2 * (line_height + _LABEL_GAP))
        painter.fillRect(area, QColor(colors.window))
        if self.total > 0:
            self._paint_areas(painter, area)
            self._paint_reserve(painter, area)
        painter.setPen(QPen(QColor(colors.line), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(area)
        painter.setPen(QColor(colors.muted))
        above = QRectF(0, 0, self.width(), line_height)
        below = QRectF(0, area.bottom() + _LABEL_GAP, self.width(), line_height)
        if self.total > 0:
            painter.drawText(above, Qt.AlignmentFlag.AlignLeft, bytes_text(self.total))
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft, f"{seconds_text(SECONDS_SHOWN)} ago")
        painter.drawText(below, Qt.AlignmentFlag.AlignRight, "now")

    def _paint_areas(self, painter: QPainter, area: QRectF) -> None:
        newest = self._samples[-1][0]
        xs = [area.right() - (newest - seconds) / SECONDS_SHOWN * area.width() for seconds, _ in self._samples]
        if len(xs) == 1:
            xs = [area.right() - 2.0]
        floor = [0.0] * len(xs)
        for name in self._samples[-1][1]:
            if name == FREE:
                continue
            top = [low + parts[name] for low, (_, parts) in zip(floor, self._samples, strict=True)]
            points = [QPointF(x, self._y(area, value)) for x, value in zip(xs, top, strict=True)]
            points.append(QPointF(area.right(), points[-1].y()))
            under = [QPointF(x, self._y(area, value)) for x, value in zip(xs, floor, strict=True)]
            under.append(QPointF(area.right(), under[-1].y()))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(MEMORY_COLORS.get(name, MEMORY_COLORS["other"])))
            painter.drawPolygon(QPolygonF([*points, *reversed(under)]))
            floor = top

    def _paint_reserve(self, painter: QPainter, area: QRectF) -> None:
        if not 0 < self._reserve < self.total:
            return
        colors = theme_of(self)
        y = self._y(area, self.total - self._reserve)
        painter.setPen(QPen(QColor(colors.text), 1, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
        text = f"{bytes_text(self._reserve)} kept free"
        metrics = painter.fontMetrics()
        width = metrics.horizontalAdvance(text) + 2 * _LABEL_GAP
        above = y - metrics.height() - 1
        top = above if above > area.top() else y + 1
        box = QRectF(area.left() + _LABEL_GAP, top, width, metrics.height())
        painter.fillRect(box, QColor(colors.window))
        painter.setPen(QColor(colors.text))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    def _y(self, area: QRectF, value: float) -> float:
        return area.bottom() - min(value / self.total, 1.0) * area.height()
