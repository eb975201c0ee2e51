"""pyqtgraph's plot widget, set up for curves: own axes, no menu, zoom along the training steps only."""

from __future__ import annotations

import pyqtgraph as pg
from PyQt6.QtCore import QSize
from PyQt6.QtGui import QColor, QFont, QPen
from PyQt6.QtWidgets import QSizePolicy

from app.curves.axes import StepAxis, ValueAxis
from app.curves.specs import CurveSpec
from app.widgets.palette import Theme
from app.widgets.theme import theme_of

_AXIS_WIDTH = 44
_GRID_OPACITY = 28
_RAW_OPACITY = 70
_FINE_WIDTH = 1.8
_COMPARED_WIDTH = 2.6
"""Of two lines that are compared with each other: one under the other is still seen."""


class Canvas(pg.PlotWidget):
    """A plot with a small size hint, so that many fit into a low dock; it takes whatever room there is."""

    def __init__(self, font: QFont) -> None:
        """Create an empty plot whose labels are written in `font`."""
        self.step_axis = StepAxis()
        super().__init__(axisItems={"left": ValueAxis(), "bottom": self.step_axis})
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFrameShape(self.Shape.NoFrame)
        self.hideButtons()
        self.setMenuEnabled(False)
        self.getViewBox().setMouseEnabled(x=True, y=False)
        self.getViewBox().disableAutoRange()
        for side in ("left", "bottom"):
            axis = self.getAxis(side)
            axis.enableAutoSIPrefix(False)
            axis.setStyle(tickFont=font, tickLength=-4, hideOverlappingLabels=True)
        self.getAxis("left").setWidth(_AXIS_WIDTH)

    def restyle(self, colors: Theme, font: QFont) -> None:
        """Take the colours of a theme."""
        self.setBackground(colors.panel)
        for side in ("left", "bottom"):
            axis = self.getAxis(side)
            axis.setPen(pg.mkPen(colors.line))
            axis.setTextPen(pg.mkPen(colors.muted))
            axis.setGrid(_GRID_OPACITY)
        self.getAxis("bottom").setLabel("training step", color=colors.muted)
        self.getAxis("bottom").label.setFont(font)

    def name_axes(self, value: str, *, steps: bool) -> None:
        """Write titles at the axes: `value` at the left one, empty for none, and whether the lower one has its own."""
        self.getAxis("bottom").showLabel(steps)
        left = self.getAxis("left")
        left.setLabel(value, color=theme_of(self).muted)
        left.showLabel(bool(value))
        left.setWidth(_AXIS_WIDTH + (self.fontMetrics().height() + 4 if value else 0))

    def sizeHint(self) -> QSize:
        """Ask for little."""
        return QSize(200, 80)

    def minimumSizeHint(self) -> QSize:
        """Stay readable."""
        return QSize(140, 80)


def curve_pen(curve: CurveSpec, *, fine: bool, raw: bool) -> QPen:
    """Return the pen of a curve.

    Args:
        curve: what to draw.
        fine: whether there are few enough points for a line wider than a pixel.
        raw: whether these are the samples behind a smoothed line.
    """
    color = QColor(curve.color)
    if raw:
        color.setAlpha(_RAW_OPACITY)
    width = (_COMPARED_WIDTH if curve.compared else _FINE_WIDTH) if fine and not raw else 1
    pen = pg.mkPen(color, width=width)
    if curve.dashed:
        pen.setDashPattern([4.0, 3.0])
    return pen
