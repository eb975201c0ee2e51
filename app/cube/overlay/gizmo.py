"""The small orientation cross in a corner: shows which way the axes point; a click looks along one."""

from __future__ import annotations

import numpy as np
from PyQt6.QtCore import QPointF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QFont, QMouseEvent, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QWidget

from app.cube.color.looks import Look, look
from app.cube.state import Floats

Tip = tuple[int, int]

FULL_SIZE, SMALL_SIZE = 88, 60
"""Sides of the square that it takes, in logical pixels."""
_ARM = 30.0
_TIP, _TAIL = 9.0, 5.5
_NAMES = "xyz"


class OrientationGizmo(QWidget):
    """Six balls at the ends of the axes, those of the positive ends named."""

    axis_clicked = pyqtSignal(int, int)
    """Axis 0, 1 or 2, and the side: 1 or -1."""

    def __init__(self, parent: QWidget) -> None:
        """Make the gizmo."""
        super().__init__(parent)
        self.setFixedSize(FULL_SIZE, FULL_SIZE)
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setToolTip("Click an axis to look along it")
        self._look: Look = look(dark=True)
        self._basis: Floats = np.eye(3)
        self._under: Tip | None = None

    def set_look(self, new: Look) -> None:
        """Use the dark or the light ground's colours."""
        self._look = new
        self.update()

    def set_basis(self, right: Floats, up: Floats, forward: Floats) -> None:
        """Follow the camera: unit vectors to the picture's right, up, and into it."""
        basis = np.stack([right, up, forward])
        if not np.array_equal(basis, self._basis):
            self._basis = basis
            self.update()

    def tip_position(self, tip: Tip) -> QPointF:
        """Return where the end of an axis is drawn."""
        return self._scale * self._spot(tip)

    @property
    def _scale(self) -> float:
        """Size as a share of the full one, in which it is painted."""
        return self.width() / FULL_SIZE

    def _spot(self, tip: Tip) -> QPointF:
        x, y, _ = self._seen(tip)
        return QPointF(FULL_SIZE / 2 + _ARM * x, FULL_SIZE / 2 - _ARM * y)

    def _seen(self, tip: Tip) -> tuple[float, float, float]:
        x, y, depth = (float(v) for v in tip[1] * self._basis[:, tip[0]])
        return x, y, depth

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        """Draw the axes, far ends first."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(self._scale, self._scale)
        font = QFont(self.font())
        font.setPixelSize(11)
        font.setWeight(QFont.Weight.Bold)
        painter.setFont(font)
        tips = [(axis, sign) for axis in range(3) for sign in (1, -1)]
        for tip in sorted(tips, key=lambda t: -self._seen(t)[2]):
            self._paint_tip(painter, tip)
        painter.end()

    def _paint_tip(self, painter: QPainter, tip: Tip) -> None:
        axis, sign = tip
        at, centre = self._spot(tip), QPointF(FULL_SIZE / 2, FULL_SIZE / 2)
        color = QColor.fromRgbF(*self._look.axes[axis])
        far = 0.5 + 0.5 * self._seen(tip)[2]
        color.setAlphaF(1.0 - 0.45 * far)
        if sign > 0:
            painter.setPen(QPen(color, 2.2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            painter.drawLine(centre, at)
        radius = (_TIP if sign > 0 else _TAIL) + (1.5 if tip == self._under else 0.0)
        fill = QColor(color)
        if sign < 0:
            fill.setAlphaF(0.25)
        painter.setPen(QPen(color, 1.4))
        painter.setBrush(fill)
        painter.drawEllipse(at, radius, radius)
        if sign > 0:
            painter.setPen(QColor(self._look.overlay.axis_name))
            box = painter.boundingRect(0, 0, 0, 0, Qt.AlignmentFlag.AlignCenter, _NAMES[axis])
            painter.drawText(at + QPointF(-box.width() / 2 + 0.5, 3.8), _NAMES[axis])

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        """Mark the ball under the mouse."""
        if event is not None:
            self._mark(self._tip_at(event.position()))

    def leaveEvent(self, event: object) -> None:
        """Unmark."""
        self._mark(None)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Look along the clicked axis."""
        tip = None if event is None else self._tip_at(event.position())
        if tip is not None:
            self.axis_clicked.emit(*tip)

    def _mark(self, tip: Tip | None) -> None:
        if tip != self._under:
            self._under = tip
            self.update()

    def _tip_at(self, position: QPointF) -> Tip | None:
        """Return the nearest ball under the mouse, the one in front first."""
        hits = []
        for axis in range(3):
            for sign in (1, -1):
                away = position - self.tip_position((axis, sign))
                if away.x() ** 2 + away.y() ** 2 <= (self._scale * _TIP + 2.0) ** 2:
                    hits.append((axis, sign))
        return min(hits, key=lambda t: self._seen(t)[2]) if hits else None
