"""One plot: its curves, crosshair, marks of applied edits and legend."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pyqtgraph as pg
from PyQt6.QtCore import QEvent, QPointF, pyqtSignal
from PyQt6.QtWidgets import QWidget

from app.curves.canvas import curve_pen
from app.curves.choices import CurveChoices, note
from app.curves.frame import PlotFrame
from app.curves.history import History
from app.curves.legend import LegendChip
from app.curves.level import Floats
from app.curves.marks import MARK_STRIP, MarkLines, style_line
from app.curves.outlines import EVEN, log10, outlines_of, value_range
from app.curves.specs import PlotSpec
from app.curves.steps import StepScale
from app.widgets.theme import small, theme_of

_SMOOTH_DRAWING_LIMIT = 6000
"""Points of one plot up to which lines are antialiased and wider than a pixel; more would cost frames."""
_DOT, _DOT_BELOW = 5, 9
_MOST_DOTS = 60
_EDGE = _DOT_BELOW / 2 + 1
"""Logical pixels left and right of the curves, so that no dot at their ends is cut."""


class CurvePlot(PlotFrame):
    """Draws the curves of one `PlotSpec` from a `History`."""

    hovered = pyqtSignal(object)
    """Training step under the mouse as float, None when the mouse has left."""
    choice_changed = pyqtSignal()
    """Curves were hidden or shown, or the value axis changed."""
    range_chosen = pyqtSignal(float, float)
    """Range of training steps that the user zoomed or moved to."""

    def __init__(self, spec: PlotSpec, parent: QWidget | None = None) -> None:
        """Create an empty plot."""
        super().__init__(spec, parent)
        self.curves: dict[str, pg.PlotCurveItem] = {}
        self.raw_curves: dict[str, pg.PlotCurveItem] = {}
        self.dots: dict[str, pg.ScatterPlotItem] = {}
        self.chips: dict[str, LegendChip] = {}
        self._wanted: Mapping[str, bool] = {}
        self._scale = EVEN
        for curve in spec.curves:
            self._add_chip(curve.name)
        self.log_button.toggled.connect(self.apply_scale)
        self.log_button.toggled.connect(self.choice_changed)
        self.marks = MarkLines(self, self.plot)
        self._crosshair = pg.InfiniteLine(label="", labelOpts={"position": 0.06, "anchors": [(0, 0.5), (1, 0.5)]})
        self._crosshair.setZValue(20)
        self._crosshair.hide()
        self.plot.addItem(self._crosshair, ignoreBounds=True)
        self.plot.scene().sigMouseMoved.connect(self._mouse_moved)
        self._box.sigRangeChangedManually.connect(self._range_changed)
        self._restyle()

    @property
    def logarithmic(self) -> bool:
        """Whether the value axis is logarithmic."""
        return self.log_button.isChecked()

    def redraw(self, history: History, x_from: float, x_to: float, window: int, scale: StepScale = EVEN) -> None:
        """Draw what lies between two training steps, smoothed over `window` training steps (1: not at all)."""
        self._scale = self.plot.step_axis.steps = scale
        for name in history.series:
            if name not in self.curves and self.spec.owns(name):
                self._add_curve(name)
        low, high, points = math.inf, -math.inf, 0
        outlines: list[tuple[pg.PlotCurveItem, str, Floats, Floats]] = []
        for name, curve in self.curves.items():
            shown = self.chips[name].isChecked() and name in history.series
            curve.setVisible(shown)
            if name in self.dots:
                self.dots[name].setVisible(shown)
            self.raw_curves[name].setVisible(shown and window > 1)
            if not shown:
                continue
            spec, series = self.spec.curve(name), history.series[name]
            lines = outlines_of(
                spec, series, (x_from, x_to), self.columns, window, logarithmic=self.logarithmic, scale=scale
            )
            for item, (x, y) in zip((curve, self.raw_curves[name]), lines, strict=False):
                finite = y[np.isfinite(y)]
                if len(finite):
                    low, high = min(low, float(finite.min())), max(high, float(finite.max()))
                points += len(x) if item is curve else 0
                outlines.append((item, name, x, y))
        fine = points <= _SMOOTH_DRAWING_LIMIT
        for item, name, x, y in outlines:
            item.setPen(curve_pen(self.spec.curve(name), fine=fine, raw=item is self.raw_curves[name] and window > 1))
            if item is self.curves[name]:
                self._show_dots(name, x, y)
            item.setData(x, y, antialias=fine, connect="all" if np.isfinite(y).all() else "finite")
        left, right = scale.position(x_from), scale.position(x_to)
        room = self._edge(right - left)
        self._box.setXRange(left - room, right + room, padding=0)
        if low <= high:
            self._fit_values(low, high, room_for_marks=bool(history.marks))
        self.marks.show(history.marks, x_from, x_to, scale)
        self._show_spikes(history)
        if self._printed:
            for chip in self.chips.values():
                chip.setVisible(chip.isChecked() and chip.curve.name in self.curves)
        self._place_legend()
        self._place_chips(self.curves, self.chips)

    def show_values(self, history: History, training_step: float | None) -> None:
        """Put values into the legend: at a training step, or the newest ones."""
        for name, chip in self.chips.items():
            value = history.shown_value(name, training_step)
            told = "" if value is None else self.spec.value_text(value) if math.isfinite(value) else "-"
            chip.set_value(told)
            old = history.outdated if training_step is None and history.is_outdated(name) else ""
            chip.describe(chip.curve.legend_title(history.rank), history.remarks.get(name, ""), old)
            if name == "cosine.identity":
                chip.set_usual(history.identity_counts)

    def show_crosshair(self, training_step: float | None, *, labelled: bool = True) -> None:
        """Draw a vertical line at a training step, or none."""
        self._crosshair.setVisible(training_step is not None)
        if training_step is not None:
            self._crosshair.label.setFormat(f"training step {training_step:,.0f}" if labelled else "")
            self._crosshair.label.setVisible(labelled)
            self._crosshair.setPos(self._scale.position(training_step))

    def show_only(self, name: str) -> None:
        """Hide all curves but one; if it is alone already, show all."""
        alone = not any(chip.isChecked() for other, chip in self.chips.items() if other != name)
        for other, chip in self.chips.items():
            chip.setChecked(alone or other == name)

    def choose(self, choices: CurveChoices) -> None:
        """Take over the scale and the curves that were chosen, those that are yet to come included."""
        self._wanted = choices.curves
        self.log_button.setChecked(choices.logarithmic.get(self.spec.key, self.spec.logarithmic))
        for name, chip in self.chips.items():
            chip.setChecked(self._wanted.get(name, chip.usual))

    def note_choices(self, logarithmic: dict[str, bool], curves: dict[str, bool]) -> None:
        """Note the scale and the curves that differ from the usual ones."""
        note(logarithmic, self.spec.key, self.logarithmic, usual=self.spec.logarithmic)
        for name, chip in self.chips.items():
            note(curves, name, chip.isChecked(), usual=chip.usual)

    def apply_scale(self) -> None:
        """Label the value axis as linear or logarithmic, as the button says."""
        self.plot.getAxis("left").setLogMode(y=self.logarithmic)

    def changeEvent(self, event: QEvent | None) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.PaletteChange and hasattr(self, "_crosshair"):
            self._restyle()

    def leaveEvent(self, event: QEvent | None) -> None:
        """Take the crosshair away."""
        self.hovered.emit(None)
        super().leaveEvent(event)

    def _add_chip(self, name: str) -> None:
        chip = LegendChip(self.spec.curve(name), self.spec.widest_value)
        chip.setChecked(self._wanted.get(name, chip.curve.shown))
        chip.toggled.connect(self.choice_changed)
        chip.double_clicked.connect(lambda: self.show_only(name))
        self.chips[name] = chip
        chip.setVisible(False)  # until there is something to show
        self.legend.add_chip(chip)

    def _add_curve(self, name: str) -> None:
        if name not in self.chips:
            self._add_chip(name)
        self.chips[name].setVisible(True)
        for curves, depth in ((self.raw_curves, 4), (self.curves, 6)):
            item = pg.PlotCurveItem(skipFiniteCheck=True)
            item.setZValue(depth + (2 if name.endswith((".validation", ".total")) else 0))
            curves[name] = item
            self.plot.addItem(item, ignoreBounds=True)
        curve = self.spec.curve(name)
        if curve.sparse and not curve.dashed:
            size = _DOT_BELOW if curve.behind else _DOT  # seen around the others where both agree
            self.dots[name] = pg.ScatterPlotItem(size=size, pen=None, brush=pg.mkBrush(curve.color), pxMode=True)
            self.dots[name].setZValue(9 if size == _DOT else 7)
            self.plot.addItem(self.dots[name], ignoreBounds=True)

    def _show_dots(self, name: str, x: Floats, y: Floats) -> None:
        """Draw the samples of a rare curve, so that a single one can be seen; too many would hide the line."""
        if name in self.dots:
            some = np.isfinite(y) if len(x) <= _MOST_DOTS else np.zeros(len(x), dtype=bool)
            self.dots[name].setData(x[some], y[some])

    def _show_spikes(self, history: History) -> None:
        """Mark spikes of the total loss while it is drawn."""
        curve = self.curves.get("loss.total")
        drawn = curve is not None and curve.isVisible()
        self.marks.spikes.setVisible(drawn)
        if drawn:
            series = history.series["loss.total"]
            losses = log10(series.y) if self.logarithmic else series.y
            self.marks.show_spikes(history.spikes, series.x, losses, self._scale)

    def _fit_values(self, low: float, high: float, *, room_for_marks: bool) -> None:
        low, high = value_range(low, high, self.spec.bounds, logarithmic=self.logarithmic)
        if room_for_marks:
            high += (high - low) * MARK_STRIP / max(self._box.height() - MARK_STRIP, MARK_STRIP)
        self._box.setYRange(low, high, padding=0)

    def _restyle(self) -> None:
        colors = theme_of(self)
        self.plot.restyle(colors, small(self.font()))
        self._name_axes()
        self.apply_scale()
        style_line(self._crosshair, self, dashed=False)
        self.marks.restyle()

    def _mouse_moved(self, position: QPointF) -> None:
        inside = self._box.sceneBoundingRect().contains(position)
        self.hovered.emit(self._scale.step(self._box.mapSceneToView(position).x()) if inside else None)

    def _edge(self, span: float) -> float:
        """Return the room at both edges for half a dot, as a length on the axis between edges `span` apart."""
        return span * _EDGE / max(self._box.width() - 2 * _EDGE, _EDGE)

    def _range_changed(self, _enabled: object) -> None:
        low, high = self._box.viewRange()[0]
        room = (high - low) * _EDGE / max(self._box.width(), 3 * _EDGE)
        low, high = low + room, high - room
        self.range_chosen.emit(self._scale.step(low), self._scale.step(high))
