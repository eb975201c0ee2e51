"""What stands around a plot's curves: title, legend, the button of the value axis, and the axes' titles."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyqtgraph as pg
from PyQt6.QtCore import QPointF
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QGridLayout, QLabel, QToolButton, QWidget

from app.curves.canvas import Canvas
from app.curves.legend import LegendChip
from app.curves.legend_box import LEAST_WIDTH, LegendBox
from app.curves.specs import PlotSpec
from app.widgets.theme import small

_ROOM_FOR_AXIS_LABEL = 190


class PlotFrame(QWidget):
    """An empty plot with a legend beside it, or above it where it is narrow."""

    def __init__(self, spec: PlotSpec, parent: QWidget | None = None) -> None:
        """Lay out the frame of a plot."""
        super().__init__(parent)
        self.spec = spec
        self._printed = False
        title = QLabel(spec.title)
        bold = title.font()
        bold.setBold(True)
        title.setFont(bold)
        self.log_button = QToolButton()
        self.log_button.setText("log")
        self.log_button.setProperty("small", True)
        self.log_button.setCheckable(True)
        self.log_button.setChecked(spec.logarithmic)
        self.log_button.setVisible(spec.can_be_logarithmic)
        self.log_button.setToolTip("Logarithmic value axis")
        self.log_button.setFont(small(self.font()))
        self.legend = LegendBox(title, self.log_button)
        self.plot = Canvas(small(self.font()))
        self._box = self.plot.getViewBox()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(2)
        self._grid.setColumnStretch(0, 1)
        self._grid.setRowStretch(1, 1)
        self._grid.addWidget(self.legend, 0, 0)
        self._grid.addWidget(self.plot, 1, 0)

    @property
    def columns(self) -> int:
        """Width of the drawing area in pixels of the screen."""
        return max(int(self._box.width() * self.devicePixelRatioF()), 50)

    def print_only(self) -> None:
        """Show the plot as in a picture from now on: titles at both axes, no button, no hidden curve in the legend."""
        self._printed = True
        self.log_button.hide()
        self._name_axes()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Name the axis where there is room for it, and the curves where they take none from them."""
        super().resizeEvent(event)
        self._place_legend()
        self._name_axes()

    def _name_axes(self) -> None:
        """Name the axis of training steps where there is room for it, and both in a picture."""
        value = (self.spec.axis or self.spec.title.lower()) if self._printed else ""
        self.plot.name_axes(value, steps=self._printed or self.plot.height() > _ROOM_FOR_AXIS_LABEL)

    def _place_legend(self) -> None:
        """Put the legend beside the curves where there is room: above them it would take theirs."""
        beside = self.width() >= LEAST_WIDTH
        # The page of plots scrolls, so a plot may claim the height that its chips need below each other.
        self.setMinimumHeight(self.legend.height_beside() if beside else 0)
        if beside != self.legend.beside:
            self._grid.removeWidget(self.legend)
            self.legend.set_beside(beside)
            self._grid.addWidget(self.legend, *((1, 1) if beside else (0, 0)))

    def _place_chips(self, curves: Mapping[str, pg.PlotCurveItem], chips: Mapping[str, LegendChip]) -> None:
        """Let each chip stand where its line ends."""
        ends: dict[QWidget, float] = {}
        for name, curve in curves.items():
            if not curve.isVisible() or curve.yData is None:
                continue
            finite = curve.yData[np.isfinite(curve.yData)]
            if len(finite):
                at = self._box.mapViewToScene(QPointF(0.0, float(finite[-1])))
                ends[chips[name]] = float(self.plot.mapFromScene(at).y())
        self.legend.set_ends(ends)
