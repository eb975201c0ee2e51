"""A slider with two handles that keeps a stretch of cells along one axis."""

from __future__ import annotations

from PyQt6.QtCore import QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PyQt6.QtWidgets import QSizePolicy, QWidget

from app.widgets.theme import theme_of

HANDLE = 6.0
GROOVE = 4.0


class RangeSlider(QWidget):
    """Chooses `low` to `high` out of 0 to `size`; at least one cell always stays in."""

    changed = pyqtSignal(int, int)
    """The kept cells are `low` up to, not including, `high`."""

    def __init__(self, color: str, name: str, parent: QWidget | None = None) -> None:
        """Create a slider over one cell; `color` is `#RRGGBB`, `name` is for screen readers."""
        super().__init__(parent)
        self._size, self._low, self._high = 1, 0, 1
        self._color = color
        self._dragged = ""
        self._grip = 0
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Return the size for a form."""
        return QSize(160, 20)

    def minimumSizeHint(self) -> QSize:
        """Return the least size that can be used."""
        return QSize(80, 20)

    @property
    def range(self) -> tuple[int, int]:
        """(low, high) of the kept cells."""
        return self._low, self._high

    @property
    def size_of_axis(self) -> int:
        """Cells along the axis."""
        return self._size

    def set_size(self, size: int) -> None:
        """Set the cells along the axis and keep all of them; says nothing."""
        self._size, self._low, self._high = max(size, 1), 0, max(size, 1)
        self.update()

    def set_range(self, low: int, high: int) -> None:
        """Keep other cells, and emit the signal."""
        low = min(max(low, 0), self._size - 1)
        high = min(max(high, low + 1), self._size)
        if (low, high) != (self._low, self._high):
            self._low, self._high = low, high
            self.update()
            self.changed.emit(low, high)

    def _x(self, at: int) -> float:
        return HANDLE + (self.width() - 2 * HANDLE) * at / self._size

    def _at(self, x: float) -> int:
        return round((x - HANDLE) / max(self.width() - 2 * HANDLE, 1.0) * self._size)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Take the handle that is near, or the stretch between them."""
        if event is None or event.button() != Qt.MouseButton.LeftButton:
            return
        x = event.position().x()
        to_low, to_high = abs(x - self._x(self._low)), abs(x - self._x(self._high))
        inside = self._x(self._low) < x < self._x(self._high)
        if inside and min(to_low, to_high) > 2 * HANDLE and (self._low, self._high) != (0, self._size):
            self._dragged, self._grip = "both", self._at(x) - self._low
        else:
            self._dragged = "low" if to_low < to_high else "high"
            self._drag_to(x)

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        """Drag."""
        if event is not None and event.buttons() & Qt.MouseButton.LeftButton:
            self._drag_to(event.position().x())

    def mouseReleaseEvent(self, _event: QMouseEvent | None) -> None:
        """Let go."""
        self._dragged = ""

    def mouseDoubleClickEvent(self, _event: QMouseEvent | None) -> None:
        """Keep all cells."""
        self.set_range(0, self._size)

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        """Move the stretch by one cell."""
        if event is not None and self.hasFocus():
            by = 1 if event.angleDelta().y() > 0 else -1
            if self._low + by >= 0 and self._high + by <= self._size:
                self.set_range(self._low + by, self._high + by)
            event.accept()
        elif event is not None:
            event.ignore()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Arrows move the upper handle, with Shift the lower one."""
        if event is None:
            return
        by = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
        if not by:
            super().keyPressEvent(event)
        elif event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.set_range(min(self._low + by, self._high - 1), self._high)
        else:
            self.set_range(self._low, self._high + by)

    def _drag_to(self, x: float) -> None:
        at = self._at(x)
        if self._dragged == "low":
            self.set_range(min(at, self._high - 1), self._high)
        elif self._dragged == "high":
            self.set_range(self._low, at)
        elif self._dragged == "both":
            length = self._high - self._low
            low = min(max(at - self._grip, 0), self._size - length)
            self.set_range(low, low + length)

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        """Draw groove, stretch and handles."""
        colors, painter = theme_of(self), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = self.height() / 2
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colors.line))
        painter.drawRoundedRect(QRectF(HANDLE, middle - GROOVE / 2, self.width() - 2 * HANDLE, GROOVE), 2, 2)
        left, right = self._x(self._low), self._x(self._high)
        painter.setBrush(QColor(self._color))
        painter.drawRect(QRectF(left, middle - GROOVE / 2, right - left, GROOVE))
        painter.setPen(QPen(QColor(colors.panel), 1))
        painter.setBrush(QColor(colors.accent if self.hasFocus() else colors.text))
        for x in (left, right):
            painter.drawEllipse(QRectF(x - HANDLE, middle - HANDLE, 2 * HANDLE, 2 * HANDLE))
        painter.end()
