"""Small marks beside numbers: a bar for a share, and a square of a colour."""

from __future__ import annotations

from PyQt6.QtCore import QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QPainter, QPaintEvent
from PyQt6.QtWidgets import QSizePolicy, QWidget

from app.widgets.theme import theme_of


class Swatch(QWidget):
    """A small square of a colour; an outline where there is none."""

    def __init__(self, color: str | None, parent: QWidget | None = None) -> None:
        """Create the square."""
        super().__init__(parent)
        self._color = color
        self.setFixedSize(10, 10)

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        """Draw the square."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(self._color or theme_of(self).border))
        painter.setBrush(QColor(self._color) if self._color else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(0.5, 0.5, 9, 9), 2, 2)


class Meter(QWidget):
    """A thin bar for a share of one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Create an empty bar."""
        super().__init__(parent)
        self._share = 0.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def share(self) -> float:
        """What is shown, 0 to 1."""
        return self._share

    def set_share(self, share: float) -> None:
        """Show a share; what is beyond 0 and 1 is cut."""
        self._share = min(max(share, 0.0), 1.0)
        self.update()

    def sizeHint(self) -> QSize:
        """Be a thin line."""
        return QSize(80, 8)

    def minimumSizeHint(self) -> QSize:
        """Stay visible."""
        return QSize(30, 8)

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        """Draw groove and bar."""
        colors = theme_of(self)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        groove = QRectF(0, (self.height() - 5) / 2, self.width(), 5)
        painter.setBrush(QColor(colors.line))
        painter.drawRoundedRect(groove, 2.5, 2.5)
        painter.setBrush(QColor(colors.accent_fill))
        if self._share > 0:
            groove.setWidth(max(groove.width() * self._share, 5))
            painter.drawRoundedRect(groove, 2.5, 2.5)
