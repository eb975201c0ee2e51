"""Spin boxes that show numbers as people write them and leave the wheel to the page unless they have the focus."""

from __future__ import annotations

import math
from typing import Any

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent, QMouseEvent, QPaintEvent, QValidator, QWheelEvent
from PyQt6.QtWidgets import (
    QAbstractSpinBox,
    QComboBox,
    QDoubleSpinBox,
    QSizePolicy,
    QSlider,
    QSpinBox,
    QStyle,
    QStyleOptionComboBox,
    QStylePainter,
    QWidget,
)

from app.widgets.number_entry import NumberEntry, real_number, singular, whole_number
from lattice.units import parameter_text

_KEY_STEPS: dict[int, int] = {
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_Down: -1,
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_Up: 1,
    Qt.Key.Key_PageDown: -10,
    Qt.Key.Key_PageUp: 10,
}
_LARGEST_INT = 2**31 - 1
_DECIMALS = 12


class CalmWheel:
    """Mixin: the wheel changes a value only where the keyboard would, so that scrolling a form edits nothing."""

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        """Step with the focus, scroll the surrounding page without it."""
        if event is None:
            return
        if self.hasFocus():  # type: ignore[attr-defined]
            super().wheelEvent(event)  # type: ignore[misc]
        else:
            event.ignore()


class CalmSlider(QSlider):
    """Horizontal slider whose keys and wheel step the value it stands for, not its own position."""

    stepped = pyqtSignal(int)
    """Wheel or arrow keys, in steps of the value; the wheel only with the focus."""
    reset_requested = pyqtSignal()
    """Double click."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Create the slider; the keyboard reaches it by Tab or click."""
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def minimumSizeHint(self) -> QSize:
        """Stay usable in a narrow dock."""
        return QSize(60, super().minimumSizeHint().height())

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        """Step with the focus, scroll the surrounding page without it."""
        if event is None:
            return
        delta = event.angleDelta().y() or event.angleDelta().x()
        if not self.hasFocus() or delta == 0:
            event.ignore()
            return
        self.stepped.emit(1 if delta > 0 else -1)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Step by arrows and page keys."""
        steps = _KEY_STEPS.get(event.key()) if event is not None else None
        if event is None or steps is None:
            super().keyPressEvent(event)
            return
        self.stepped.emit(steps)
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        """Ask for the preset's value."""
        self.reset_requested.emit()
        if event is not None:
            event.accept()


class CalmCombo(CalmWheel, QComboBox):
    """Combo box without a surprise under the wheel."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Create an empty combo box."""
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)


class ElidedCombo(CalmCombo):
    """As wide as there is room, however long its texts are; the one shown is cut with an ellipsis where need be."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Create an empty combo box."""
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumContentsLength(8)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)

    @property
    def shown(self) -> str:
        """The text as it is drawn: with an ellipsis where it does not fit."""
        return self._option().currentText or ""

    def _option(self) -> QStyleOptionComboBox:
        option, style = QStyleOptionComboBox(), self.style()
        self.initStyleOption(option)
        if style is not None:
            room = style.subControlRect(
                QStyle.ComplexControl.CC_ComboBox, option, QStyle.SubControl.SC_ComboBoxEditField, self
            )
            metrics = self.fontMetrics()
            option.currentText = metrics.elidedText(option.currentText, Qt.TextElideMode.ElideRight, room.width() - 2)
        return option

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        """Draw as any combo box, but cut the text with an ellipsis."""
        painter, option = QStylePainter(self), self._option()
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)


class IntSpin(NumberEntry, CalmWheel, QSpinBox):
    """Whole number with its unit."""

    def __init__(self, minimum: float, maximum: float, unit: str = "", parent: QWidget | None = None) -> None:
        """Create a spin box for `minimum..maximum`, clipped to what Qt can hold."""
        super().__init__(parent)
        self.setRange(max(int(max(minimum, -_LARGEST_INT)), -_LARGEST_INT), int(min(maximum, _LARGEST_INT)))
        self.setGroupSeparatorShown(True)
        self.setStepType(QAbstractSpinBox.StepType.AdaptiveDecimalStepType)
        self._unit = unit
        self.valueChanged.connect(self._inflect)
        _common(self, unit)

    def setValue(self, value: int) -> None:
        """Show a value, with its unit in the singular where it is one."""
        super().setValue(value)
        self._inflect()

    def sizeHint(self) -> QSize:
        """Fit the values that occur, not the largest one that an int can hold."""
        return _room_for(self, super().sizeHint().height(), "00,000")

    def minimumSizeHint(self) -> QSize:
        """Never cut the value that is shown."""
        return _room_for(self, super().minimumSizeHint().height(), "000")

    def typed_number(self, text: str) -> float | None:
        """Return the number that a text stands for; None if it is none."""
        return whole_number(text, self)

    def worded(self, value: float) -> str:
        """Return a value with its unit."""
        return f"{self.textFromValue(round(value))}{self._suffix(value)}"

    def _suffix(self, value: float) -> str:
        return f" {singular(self._unit) if value == 1 else self._unit}" if self._unit else self.suffix()

    def _inflect(self) -> None:
        if self._unit:
            self.setSuffix(self._suffix(self.value()))


class FloatSpin(NumberEntry, CalmWheel, QDoubleSpinBox):
    """Number of any magnitude, shown without trailing zeros; one step changes its second significant digit."""

    def __init__(self, minimum: float, maximum: float, unit: str = "", parent: QWidget | None = None) -> None:
        """Create a spin box for `minimum..maximum`."""
        super().__init__(parent)
        self.setDecimals(_DECIMALS)
        self.setRange(max(minimum, -1e12), min(maximum, 1e12))
        _common(self, unit)

    def sizeHint(self) -> QSize:
        """Fit six digits."""
        return _room_for(self, super().sizeHint().height(), "0.0000")

    def minimumSizeHint(self) -> QSize:
        """Never cut the value that is shown."""
        return _room_for(self, super().minimumSizeHint().height(), "0.00")

    def textFromValue(self, value: float) -> str:
        """Return the value in at most six significant digits."""
        return parameter_text(value)

    def valueFromText(self, text: str | None) -> float:
        """Read a typed number; a comma counts as a decimal point."""
        number = real_number(self.bare(text or ""))
        return self.value() if number is None else number

    def typed_number(self, text: str) -> float | None:
        """Return the number that a text stands for; None if it is none."""
        return real_number(text)

    def validate(self, text: str | None, position: int) -> tuple[QValidator.State, str, int]:
        """Accept every number within the bounds, in plain or scientific notation."""
        number = real_number(self.bare(text or ""))
        if number is not None and self.minimum() <= number <= self.maximum():
            return QValidator.State.Acceptable, text or "", position
        return super().validate(text, position)

    def stepBy(self, steps: int) -> None:
        """Step by a tenth of the value's magnitude, so that 0.003 and 300 both move sensibly."""
        value = self.value()
        for _ in range(abs(steps)):
            magnitude = max(abs(value), 1e-8)
            exponent = math.floor(math.log10(magnitude) + 1e-9)
            if steps < 0 and math.isclose(magnitude, 10.0**exponent):
                exponent -= 1  # stepping down from 0.01 goes to 0.009, not to 0
            step = 10.0 ** max(exponent - 1, -_DECIMALS)
            value = round(value + math.copysign(step, steps), _DECIMALS)
        self.setValue(value)


def _room_for(spin: QSpinBox | QDoubleSpinBox, height: int, digits: str) -> QSize:
    # Qt's own hint reserves room for the largest value allowed, which would make narrow docks wide.
    metrics = spin.fontMetrics()
    texts = (digits + spin.suffix(), spin.text())
    frame = 18 if spin.buttonSymbols() == QAbstractSpinBox.ButtonSymbols.NoButtons else 36
    return QSize(max(map(metrics.horizontalAdvance, texts)) + frame, height)


def _common(spin: Any, unit: str) -> None:
    spin.begin_entry()
    spin.setKeyboardTracking(False)
    spin.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    spin.setAlignment(Qt.AlignmentFlag.AlignRight)
    if unit:
        spin.setSuffix(f" {unit}")
