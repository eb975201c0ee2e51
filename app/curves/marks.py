"""Marks in a plot: labelled vertical lines for edits and a divergence, small triangles for spikes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QFontMetrics
from PyQt6.QtWidgets import QWidget

from app.curves.history import Mark
from app.curves.level import Floats, Steps, Values
from app.curves.mark_labels import place_labels
from app.curves.pyramid import position
from app.curves.steps import StepScale
from app.widgets.theme import small, theme_of

MARK_STRIP = 18
"""Pixels kept free above the curves for the labels of marks."""

_LABEL_MARGIN = 14
_WORD = "diverged"
"""With which the mark of a divergence begins, see `DivergenceWatch.take`."""
_SPIKE = 9


class MarkLines:
    """The marks of one plot."""

    def __init__(self, owner: QWidget, plot: pg.PlotWidget) -> None:
        """Create no marks yet; `owner` is the widget that `plot` is in, whose colours they take."""
        self._owner, self._plot = owner, plot
        self._marks: list[Mark] = []
        self.lines: list[pg.InfiniteLine] = []
        self.spikes = pg.ScatterPlotItem(
            size=_SPIKE, symbol="t", pen=None, pxMode=True, hoverable=True, tip=lambda x, y, data: str(data)
        )
        self.spikes.setZValue(15)
        plot.addItem(self.spikes, ignoreBounds=True)

    def show(self, marks: Sequence[Mark], x_from: float, x_to: float, scale: StepScale) -> None:
        """Show these marks between two training steps.

        A label stands right of its line, or left of it, where it has room in whole; else a number stands for it, and
        the words are in the line's tooltip, as they always are. That training diverged is said in a word whatever is
        beside it: other labels give way.
        """
        if list(marks) != self._marks:
            for line in self.lines:
                self._plot.removeItem(line)
            self.lines = [self._make(mark) for mark in marks]
            self._marks = list(marks)
        left, right = scale.position(x_from), scale.position(x_to)
        pixels = self._plot.getViewBox().width() / max(right - left, 1e-9)
        end = (right - left) * pixels
        places = [(scale.position(mark.training_step) - left) * pixels for mark in marks]
        widths = [self._width(mark.text) for mark in marks]
        shorts = [self._width(_WORD) if _diverged(mark) else 0.0 for mark in marks]
        number = self._width(str(len(marks))) - _LABEL_MARGIN / 2  # it may stand closer to others than words
        labels = place_labels(places, widths, shorts, end, number)
        for index, (line, mark, label) in enumerate(zip(self.lines, marks, labels, strict=True)):
            line.setPos(scale.position(mark.training_step))
            text = {"whole": mark.text, "word": _WORD, "number": str(index + 1), "none": ""}[label.form]
            anchor = (1, 0) if label.leftwards else (0, 0)
            line.label.anchors = [anchor, anchor]
            line.label.setVisible(0 <= places[index] <= end and label.form != "none")
            line.label.setFormat(text.replace("{", "{{").replace("}", "}}"))

    def _width(self, text: str) -> float:
        return QFontMetrics(small(self._owner.font())).horizontalAdvance(text) + _LABEL_MARGIN

    def show_spikes(self, spikes: Sequence[Mark], steps: Steps, losses: Floats | Values, scale: StepScale) -> None:
        """Show triangles above the losses, which are as they are drawn, at the spikes' training steps."""
        at = np.asarray([spike.training_step for spike in spikes], dtype=float)
        index = [position(steps, spike.training_step) for spike in spikes]
        words = [f"Training step {spike.training_step:,}, {spike.text}" for spike in spikes]
        self.spikes.setData(scale.positions(at), losses[index] if len(at) else at, data=words)

    def restyle(self) -> None:
        """Take the colours of the theme."""
        self.spikes.setBrush(pg.mkBrush(theme_of(self._owner).warning))
        for line in self.lines:
            style_line(line, self._owner, dashed=True)

    def _make(self, mark: Mark) -> pg.InfiniteLine:
        line = pg.InfiniteLine(0, label="", labelOpts={"position": 1.0, "anchors": [(0, 0), (0, 0)]})
        for part in (line, line.label):
            part.setToolTip(f"Training step {mark.training_step:,}: {mark.text}")
        line.setZValue(2)
        style_line(line, self._owner, dashed=True)
        self._plot.addItem(line, ignoreBounds=True)
        return line


def _diverged(mark: Mark) -> bool:
    return any(part.startswith(_WORD) for part in mark.text.split(", "))


def style_line(line: pg.InfiniteLine, owner: QWidget, *, dashed: bool) -> None:
    """Give a labelled line the colours of the theme that `owner` is shown in."""
    colors = theme_of(owner)
    style = Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine
    line.setPen(pg.mkPen(colors.muted, width=1, style=style))
    line.label.setColor(colors.muted if dashed else colors.text)
    line.label.setFont(small(owner.font()))
    line.label.fill = pg.mkBrush(colors.panel)
