"""Marks of applied edits: labelled vertical lines in a plot."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pyqtgraph as pg
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QFontMetrics
from PyQt6.QtWidgets import QWidget

from app.curves.history import Mark
from app.widgets.theme import small, theme_of

MARK_STRIP = 18
"""Pixels kept free above the curves for the labels of marks."""

_SHORTEST_LABEL = 30
_LABEL_MARGIN = 14


class MarkLines:
    """The marks of one plot."""

    def __init__(self, owner: QWidget, plot: pg.PlotWidget) -> None:
        """Create no marks yet; `owner` is the widget that `plot` is in, whose colours they take."""
        self._owner, self._plot = owner, plot
        self._marks: list[Mark] = []
        self.lines: list[pg.InfiniteLine] = []

    def show(self, marks: Sequence[Mark], x_from: float, x_to: float) -> None:
        """Show these marks; a label gets the room up to the next mark, and without enough of it the line is alone."""
        if list(marks) != self._marks:
            for line in self.lines:
                self._plot.removeItem(line)
            self.lines = [self._make(mark) for mark in marks]
            self._marks = list(marks)
        pixels = self._plot.getViewBox().width() / max(x_to - x_from, 1e-9)
        followers = [*(mark.training_step for mark in marks[1:]), math.inf]
        for line, mark, following in zip(self.lines, self._marks, followers, strict=False):
            room = (min(following, x_to) - mark.training_step) * pixels - _LABEL_MARGIN
            metrics = QFontMetrics(line.label.textItem.font())
            text = metrics.elidedText(mark.text, Qt.TextElideMode.ElideRight, max(int(room), 0))
            enough = room > min(_SHORTEST_LABEL, metrics.horizontalAdvance(mark.text))
            line.label.setVisible(enough and x_from <= mark.training_step)
            line.label.setFormat(text.replace("{", "{{").replace("}", "}}"))

    def restyle(self) -> None:
        """Take the colours of the theme."""
        for line in self.lines:
            style_line(line, self._owner, dashed=True)

    def _make(self, mark: Mark) -> pg.InfiniteLine:
        line = pg.InfiniteLine(mark.training_step, label="", labelOpts={"position": 1.0, "anchors": [(0, 0), (0, 0)]})
        line.setToolTip(f"Training step {mark.training_step:,}: {mark.text}")
        line.setZValue(2)
        style_line(line, self._owner, dashed=True)
        self._plot.addItem(line, ignoreBounds=True)
        return line


def style_line(line: pg.InfiniteLine, owner: QWidget, *, dashed: bool) -> None:
    """Give a labelled line the colours of the theme that `owner` is shown in."""
    colors = theme_of(owner)
    style = Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine
    line.setPen(pg.mkPen(colors.muted, width=1, style=style))
    line.label.setColor(colors.muted if dashed else colors.text)
    line.label.setFont(small(owner.font()))
    line.label.fill = pg.mkBrush(colors.panel)
