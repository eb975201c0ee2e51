"""The handle of the cutting plane: a knob in the picture that can be grabbed and dragged along the plane's normal."""

from __future__ import annotations

import math

import numpy as np
from PyQt6.QtCore import QPointF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QHideEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QWidget

from app.cube.camera.projection import Projection
from app.cube.color.looks import DARK, Look
from app.cube.state import Plane

SIZE = 40
_ARM, _HEAD = 16.0, 5.0
_LEAST_PIXELS = 6.0
"""Logical pixels per cell below which the normal points into the picture, so that up and down move the plane."""
_DEGREES_PER_PIXEL = 0.4
_HINT = "Drag: move the cutting plane. Shift and drag: turn it. By key: Turn, Tilt and Shift in the Cube panel"


class PlaneHandle(QWidget):
    """Stands where the plane's point is; hidden without a plane."""

    grabbed = pyqtSignal()
    """The mouse took hold of it: what follows is relative to the plane as it is now."""
    moved = pyqtSignal(float)
    """Cells along the plane's normal since it was grabbed."""
    turned = pyqtSignal(float, float)
    """Degrees around z, and up, since it was grabbed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Create the handle without a plane."""
        super().__init__(parent)
        self._look = DARK
        self._along = (0.0, -1.0)
        self._grip: QPointF | None = None
        self._turning = False
        self.setFixedSize(SIZE, SIZE)
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self.setToolTip(_HINT)
        self.setAccessibleName("Cutting plane")
        self.hide()

    def set_look(self, new: Look) -> None:
        """Use the dark or the light ground's colours."""
        self._look = new
        self.update()

    def place(self, plane: Plane | None, view: Projection, ratio: float) -> None:
        """Stand on a plane, or go where there is none or it is outside the picture.

        Args:
            plane: the first free plane.
            view: camera and size of the picture in pixels of the device.
            ratio: pixels of the device per logical pixel.
        """
        seen = None if plane is None else _seen(plane, view, ratio)
        if seen is None:
            self.hide()
            return
        at, along = seen
        if self._grip is None:  # while it is dragged, a changing direction would make the plane run away
            self._along = along
        self.move(round(at.x() - SIZE / 2), round(at.y() - SIZE / 2))
        self.show()
        self.update()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Take hold."""
        if event is not None and event.button() == Qt.MouseButton.LeftButton:
            self._grip = event.globalPosition()
            self._turning = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            self.grabbed.emit()

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        """Drag along the normal, or turn."""
        if event is None or self._grip is None:
            return
        by = event.globalPosition() - self._grip
        if self._turning:
            self.turned.emit(_DEGREES_PER_PIXEL * by.x(), -_DEGREES_PER_PIXEL * by.y())
            return
        x, y = self._along
        self.moved.emit((by.x() * x + by.y() * y) / (x * x + y * y))

    def mouseReleaseEvent(self, _event: QMouseEvent | None) -> None:
        """Let go."""
        self._let_go()

    def hideEvent(self, event: QHideEvent | None) -> None:
        """Let go: the release of a hidden handle's button goes elsewhere."""
        super().hideEvent(event)
        self._let_go()

    def _let_go(self) -> None:
        self._grip = None
        self.setCursor(Qt.CursorShape.OpenHandCursor)

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        """Draw a knob, and arrows in the two directions of the normal."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(SIZE / 2, SIZE / 2)
        painter.rotate(math.degrees(math.atan2(self._along[1], self._along[0])))
        color, ground = QColor.fromRgbF(*self._look.pick), QColor.fromRgbF(*self._look.ground)
        for pen in (QPen(ground, 5.0), QPen(color, 2.0)):
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            painter.setPen(pen)
            painter.drawLine(QPointF(-_ARM, 0), QPointF(_ARM, 0))
            for side in (-1, 1):
                tip = QPointF(side * _ARM, 0)
                for wing in (-_HEAD, _HEAD):
                    painter.drawLine(tip, QPointF(side * (_ARM - _HEAD), wing))
        painter.setBrush(color)
        painter.setPen(QPen(ground, 1.5))
        painter.drawEllipse(QPointF(0, 0), 6.0, 6.0)
        painter.end()


def _seen(plane: Plane, view: Projection, ratio: float) -> tuple[QPointF, tuple[float, float]] | None:
    """Return where a plane's point is in the picture, and how far its normal goes per cell, in logical pixels."""
    point = np.array(plane.point) + 0.5
    normal = np.array(plane.equation()[:3])
    spots = view.project(np.stack([point, point + normal])) / ratio
    if not view.pose.orthographic and min(spots[0, 2], spots[1, 2]) <= 0.0:
        return None
    (x, y), (dx, dy) = spots[0, :2], (spots[1] - spots[0])[:2]
    if not (0 <= x < view.width / ratio and 0 <= y < view.height / ratio):
        return None
    if math.hypot(dx, dy) < _LEAST_PIXELS:
        depth = 1.0 if view.pose.orthographic else spots[0, 2] * ratio
        into = 1.0 if normal @ view.basis[2] > 0.0 else -1.0
        dx, dy = 0.0, -into / (view.pixel * depth * ratio)
    return QPointF(x, y), (float(dx), float(dy))
