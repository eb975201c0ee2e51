"""The part of the plot that is moved and zoomed: a drag moves it, or draws a lasso; wheel and keys zoom."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QPainterPath
from PyQt6.QtWidgets import QGraphicsPathItem

_LEAST_CORNERS = 3


class MapBox(pg.ViewBox):
    """A view of a plane with the same scale along both axes."""

    lassoed = pyqtSignal(object)
    """Corners of the lasso in the plane's unit, float32 [P, 2]."""
    clicked = pyqtSignal(object)
    """Where it was clicked, in the scene."""

    def __init__(self) -> None:
        """Create a view that a drag moves."""
        super().__init__(enableMenu=False, lockAspect=True)
        self.disableAutoRange()
        self.lasso_on = False
        self._corners: list[tuple[float, float]] = []
        self._outline = QGraphicsPathItem(self)
        self._outline.setZValue(1000)

    def set_outline_color(self, color: str) -> None:
        """Draw the lasso in a colour."""
        self._outline.setPen(pg.mkPen(color, width=1.5, style=Qt.PenStyle.DashLine))

    def mouseDragEvent(self, ev: Any, axis: int | None = None) -> None:
        """Move the view, or draw the lasso while that is on."""
        if not self.lasso_on or ev.button() != Qt.MouseButton.LeftButton:
            super().mouseDragEvent(ev, axis)
            return
        ev.accept()
        if ev.isStart():
            self._corners = [self._corner(ev.buttonDownPos())]
        self._corners.append(self._corner(ev.pos()))
        self._draw()
        if ev.isFinish():
            corners = np.array([self._plane(*corner) for corner in self._corners], dtype=np.float32)
            self._corners = []
            self._draw()
            if len(corners) >= _LEAST_CORNERS:
                self.lassoed.emit(corners)

    def mouseClickEvent(self, ev: Any) -> None:
        """Report a click."""
        if ev.button() == Qt.MouseButton.LeftButton:
            ev.accept()
            self.clicked.emit(ev.scenePos())

    @staticmethod
    def _corner(position: Any) -> tuple[float, float]:
        return position.x(), position.y()

    def _plane(self, x: float, y: float) -> tuple[float, float]:
        at = self.mapToView(pg.Point(x, y))
        return at.x(), at.y()

    def _draw(self) -> None:
        path = QPainterPath()
        if self._corners:
            path.moveTo(*self._corners[0])
            for corner in self._corners[1:]:
                path.lineTo(*corner)
            path.closeSubpath()
        self._outline.setPath(path)
