"""How values become colours, in the cube panel: map, ends of the bar, and from which value on cells are shown."""

from __future__ import annotations

import numpy as np
from PyQt6.QtCore import QObject, QSignalBlocker, QSize, QTimer, pyqtSignal
from PyQt6.QtGui import QIcon, QImage, QPixmap
from PyQt6.QtWidgets import QAbstractSpinBox, QCheckBox, QFormLayout, QToolButton

from app.cube.color.colormaps import DIVERGING, SEQUENTIAL, colormap
from app.cube.color.legend import Legend
from app.cube.state import Bytes
from app.session.display import Display
from app.widgets.form_rows import side_by_side
from app.widgets.icons import icon
from app.widgets.inputs import CalmCombo, FloatSpin

FOLLOW_MILLISECONDS = 250
"""Ends that follow the data change at most this often, so that they can be read."""
_SWATCH = QSize(56, 12)
_NO_BAR = "This mode has no bar: its colours are no single value's"


class ColorScaleRows(QObject):
    """Rows of a form that follow the present colour mode; each mode keeps its own ends and threshold."""

    said = pyqtSignal(str)
    """Why a typed value was not taken."""

    def __init__(self, display: Display, form: QFormLayout, parent: QObject) -> None:
        """Add the rows to a form."""
        super().__init__(parent)
        self._display, self._colors = display, display.colors
        self.map = CalmCombo()
        self.map.setIconSize(_SWATCH)
        self.map.setAccessibleName("Colour map")
        self.low, self.high, self.least = _number("Low end"), _number("High end"), _number("Least value shown")
        self.reset = QToolButton()
        self.reset.setIcon(icon("undo"))
        self.reset.setAccessibleName("Let the ends follow the data again")
        self.reset.setToolTip("Reset to automatic: the ends follow the data again")
        self.hide_below = QCheckBox()
        self._timer = QTimer(self)
        self._timer.setObjectName("colour ends")
        self._timer.setSingleShot(True)
        self._timer.setInterval(FOLLOW_MILLISECONDS)
        self._timer.timeout.connect(self._show_ends)
        form.addRow("Map", self.map)
        form.addRow("Ends", side_by_side(self.low, self.high, self.reset, sharing=2))
        form.addRow("Show", side_by_side(self.hide_below, self.least))
        self.map.activated.connect(self._choose_map)
        for spin in (self.low, self.high):
            spin.valueChanged.connect(lambda value, spin=spin: self._fix(value, spin))
        self.reset.clicked.connect(self._colors.reset_limits)
        self.hide_below.toggled.connect(self._set_threshold)
        self.least.valueChanged.connect(self._set_threshold)
        self._colors.choices_changed.connect(self._follow)
        display.legend_changed.connect(self._follow_data)
        self._follow()

    def _choose_map(self) -> None:
        self._colors.set_map(self.map.currentData())

    def _fix(self, value: float, changed: FloatSpin) -> None:
        ends = self._colors.limits or self._colors.colorizer.automatic() or (self.low.value(), self.high.value())
        # The other end is what it is now, not as it was rounded or last shown.
        low, high = (value, ends[1]) if changed is self.low else (ends[0], value)
        if self._colors.mode.signed:
            low, high = -abs(value), abs(value)
        try:
            self._colors.set_limits(low, high)
        except ValueError as error:
            self.said.emit(f"The ends of the colour bar stay: {error}.")
            with QSignalBlocker(changed):
                changed.setValue(ends[0] if changed is self.low else ends[1])
            changed.selectAll()

    def _set_threshold(self) -> None:
        on = self.hide_below.isChecked()
        self._colors.set_threshold(self.least.value() if on else None)

    def _follow_data(self, _legend: Legend) -> None:
        if not self._timer.isActive():
            self._timer.start()

    def _follow(self) -> None:
        """Show the choices of the present mode."""
        colors, mode = self._colors, self._colors.mode
        self._list_maps()
        has_bar = mode.picture is None
        for part in (self.map, self.low, self.high, self.hide_below):
            part.setEnabled(has_bar)
        signed = mode.signed
        self.hide_below.setText("beyond \N{PLUS-MINUS SIGN}" if signed else "from")
        unit = f", in {mode.unit}" if mode.unit else ""
        ends = f"of the colour bar{unit}. Type it, or drag that end of the legend; it is kept for this mode"
        self._tip(self.low, f"Low end {ends}" + (". Zero stays in the middle" if signed else ""))
        self._tip(self.high, f"High end {ends}" + (". Zero stays in the middle" if signed else ""))
        what = "at least this far from zero" if signed else "of at least this value"
        for part in (self.hide_below, self.least):
            self._tip(part, f"Show only cells {what}{unit}; the legend counts them")
        of = f"Colour map of {'signed values' if signed else 'values of one sign'}"
        self._tip(self.map, f"{of}. Maps are turned around on the light ground, so compare pictures of one theme")
        with QSignalBlocker(self.hide_below), QSignalBlocker(self.least):
            self.hide_below.setChecked(colors.threshold is not None)
            if colors.threshold is not None:
                self.least.setValue(colors.threshold)
        self.least.setEnabled(has_bar and colors.threshold is not None)
        self._show_ends()

    def _tip(self, part: CalmCombo | FloatSpin | QCheckBox, text: str) -> None:
        part.setToolTip(f"{text}." if self._colors.mode.picture is None else f"{_NO_BAR}.")

    def _show_ends(self) -> None:
        """Show the ends of the bar as they are, unless one is being typed."""
        fixed = self._colors.limits
        self.reset.setEnabled(fixed is not None)
        ends = fixed or self._colors.colorizer.automatic()
        if ends is None or self.low.hasFocus() or self.high.hasFocus():
            return
        with QSignalBlocker(self.low), QSignalBlocker(self.high), QSignalBlocker(self.least):
            self.low.setValue(ends[0])
            self.high.setValue(ends[1])
            if not self.hide_below.isChecked():
                self.least.setValue(_rounded(0.5 * abs(ends[1])))

    def _list_maps(self) -> None:
        """List the maps for values of the present mode's kind."""
        mode, choices, dark = self._colors.mode, self._colors.choices, self._colors.colorizer.dark
        chosen = choices.diverging if mode.signed else choices.sequential
        with QSignalBlocker(self.map):
            self.map.clear()
            self.map.addItem(_swatch(colormap(mode.map_name, dark)), "as the mode", None)
            for name in DIVERGING if mode.signed else SEQUENTIAL:
                self.map.addItem(_swatch(colormap(name, dark)), name.replace("_", " to "), name)
            self.map.setCurrentIndex(max(self.map.findData(chosen), 0))


def _number(name: str) -> FloatSpin:
    spin = FloatSpin(-1e12, 1e12)
    spin.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.NoButtons)
    spin.setAccessibleName(name)
    return spin


def _rounded(value: float) -> float:
    return float(f"{value:.2g}")


def _swatch(table: Bytes) -> QIcon:
    row = np.ascontiguousarray(table[None])
    image = QImage(row.tobytes(), 256, 1, 768, QImage.Format.Format_RGB888)
    return QIcon(QPixmap.fromImage(image.scaled(_SWATCH)))
