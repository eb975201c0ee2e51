"""One small plot of scores: cosine against a share or against a layer."""

from __future__ import annotations

from collections.abc import Sequence

import pyqtgraph as pg
from PyQt6.QtCore import QEvent, QSize, Qt
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from app.curves.canvas import Canvas
from app.widgets.palette import SERIES_COLORS
from app.widgets.theme import small, theme_of

HEIGHT = 150
_DOT = 6
_ROOM = 0.06
"""Empty share of the value range above and below."""


class ScorePlot(QWidget):
    """Points joined by a line, above them the score with all cells as a dashed level."""

    def __init__(self, label: str, parent: QWidget | None = None) -> None:
        """Create an empty plot; `label` names the bottom axis with its unit."""
        super().__init__(parent)
        self._label = label
        self.canvas = Canvas(small(self.font()))
        self.canvas.setMouseEnabled(x=False, y=False)
        self.level = pg.InfiniteLine(angle=0)
        self.line = pg.PlotDataItem(symbol="o", symbolSize=_DOT, symbolPen=None)
        self._outdated = False
        for item in (self.level, self.line):
            self.canvas.addItem(item, ignoreBounds=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.canvas)
        self._restyle()

    def show_scores(self, x: Sequence[float], cosines: Sequence[float], intact: float) -> None:
        """Draw cosines over `x`, and the cosine with all cells as a level."""
        self.line.setData(list(x), list(cosines))
        self.level.setValue(intact)
        low, high = min(*cosines, intact, 0.0), max(*cosines, intact)
        room = _ROOM * max(high - low, 1e-3)
        self.canvas.getViewBox().setYRange(low - room, high + room, padding=0)
        self.canvas.getViewBox().setXRange(min(x), max(*x, min(x) + 1), padding=0.04)
        self.setToolTip(
            "\n".join(f"{self._label} {at:g}: cosine {cosine:.3f}" for at, cosine in zip(x, cosines, strict=True))
            + f"\nall cells: {intact:.3f}"
        )

    def set_outdated(self, outdated: bool) -> None:
        """Draw in the colour of what is out of use, or as usual."""
        self._outdated = outdated
        self._restyle()

    def sizeHint(self) -> QSize:
        """Fit a side panel."""
        return QSize(220, HEIGHT)

    def minimumSizeHint(self) -> QSize:
        """Stay readable."""
        return QSize(140, HEIGHT)

    def changeEvent(self, event: QEvent | None) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.PaletteChange and hasattr(self, "level"):
            self._restyle()

    def _restyle(self) -> None:
        colors = theme_of(self)
        self.canvas.restyle(colors, small(self.font()))
        faded = colors.disabled if self._outdated else None
        color = faded or SERIES_COLORS["validation"]
        self.line.setPen(pg.mkPen(color, width=1.8))
        self.line.setSymbolBrush(pg.mkBrush(color))
        self.level.setPen(pg.mkPen(faded or SERIES_COLORS["t0"], style=Qt.PenStyle.DashLine))
        self.canvas.getAxis("bottom").setLabel(self._label, color=colors.muted)
