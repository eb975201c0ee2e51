"""What becomes of a number that was typed and can't be taken as it is: nothing is changed without saying so."""

from __future__ import annotations

import math
from typing import Any

from PyQt6.QtGui import QValidator
from PyQt6.QtWidgets import QAbstractSpinBox

from app.widgets.bubble import dismiss_below, say_below

_NUMERALS = frozenset("0123456789+-.,eE")


class NumberEntry:
    """Mixin of spin boxes: whatever can become a number may be typed; what is out of bounds changes nothing.

    The box is marked then, and a sentence below it says what was typed, what the bounds are, and which value stays.
    """

    def begin_entry(self) -> None:
        """Clear a mark when the number is edited again; called once by the constructor."""
        line: Any = self.lineEdit()  # type: ignore[attr-defined]
        line.textEdited.connect(lambda _text: dismiss_below(self))  # type: ignore[arg-type]

    def typed_number(self, text: str) -> float | None:
        """Return the number that a text stands for; None if it is none."""
        raise NotImplementedError

    def validate(self, text: str | None, position: int) -> tuple[QValidator.State, str, int]:
        """Refuse only letters; a number out of bounds may be typed, and is judged when it is complete."""
        state, shown, at = super().validate(text, position)  # type: ignore[misc]
        if state == QValidator.State.Acceptable:
            return state, shown, at
        growing = all(letter in _NUMERALS or letter.isspace() for letter in self.bare(text or ""))
        return (QValidator.State.Intermediate if growing else QValidator.State.Invalid), text or "", position

    def fixup(self, text: str | None) -> str:
        """Bring back the value, and say why."""
        box: Any = self
        bare = self.bare(text or "")
        number = self.typed_number(bare)
        if number is None:
            why = f"'{bare}' is not a number"
        elif box.minimum() <= number <= box.maximum():
            why = f"{bare} is not a whole number"
        else:
            why = f"{bare} is out of bounds, {self._bounds()}"
        if bare:
            say_below(box, f"{why}: {self.worded(box.value())} stays.")
        return f"{box.prefix()}{box.textFromValue(box.value())}{box.suffix()}"

    def bare(self, text: str) -> str:
        """Return a text without prefix and unit."""
        box: Any = self
        return text.removeprefix(box.prefix()).removesuffix(box.suffix()).strip()

    def worded(self, value: float) -> str:
        """Return a value with its unit."""
        box: Any = self
        return f"{box.textFromValue(value)}{box.suffix()}"

    def _bounds(self) -> str:
        box: Any = self
        return f"{box.textFromValue(box.minimum())} to {self.worded(box.maximum())}"


def whole_number(text: str, box: QAbstractSpinBox) -> float | None:
    """Return the number that a text with group separators stands for; None if it is none."""
    return real_number(text.replace(box.locale().groupSeparator(), "").replace(" ", ""))


def real_number(text: str) -> float | None:
    """Return the number that a text stands for, a comma being a decimal point; None if it is none."""
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        return None
    return None if math.isnan(value) else value


def singular(unit: str) -> str:
    """Return a unit for one thing: `training step`, `batch`, `float per cell`."""
    head, per, rest = unit.partition(" per ")
    one = head.removesuffix("es") if head.endswith("ches") else head.removesuffix("s")
    return one + per + rest
