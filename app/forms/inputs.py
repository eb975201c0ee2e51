"""One input widget per kind of setting, all with `value()`, `set_value()` and the signal `changed`."""

from __future__ import annotations

from typing import Any

from PyQt6.QtCore import QSignalBlocker, Qt
from PyQt6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QLabel,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from app.forms.base import SettingInput
from app.forms.fields import FieldSpec, described
from app.forms.texts import ListInput, TextInput
from app.widgets.icons import icon
from app.widgets.inputs import CalmCombo, ElidedCombo, FloatSpin, IntSpin
from app.widgets.theme import set_role

_SPECIAL_WORDS = {"fft": "FFT", "rk4": "RK4", "cuda": "CUDA", "cpu": "CPU", "one_cycle": "one-cycle"}

_FIRST_VALUES = {
    "model.similarity_channels": 4,
    "model.value_channels": 6,
    "training_embedding.max_total_samples": 1000,
    "training_embedding.baseline_rank": 64,
    "neighbors.memory_limit_gb": 4,
    "device.cpu_threads": 4,
}
"""What an optional number starts from when its empty value is switched off."""


class NumberInput(SettingInput):
    """A whole or a real number."""

    def __init__(self, spec: FieldSpec, parent: QWidget | None = None) -> None:
        """Create the spin box; an optional setting gets a check box for its empty value."""
        super().__init__(spec, parent)
        spin_class = IntSpin if spec.kind == "int" else FloatSpin
        self.spin: IntSpin | FloatSpin = spin_class(spec.minimum, spec.maximum, _short_unit(spec))
        if self.spin.suffix():  # the unit needs the room in a narrow dock
            self.spin.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.NoButtons)
        self.empty = QCheckBox(spec.none_word, self)  # without an owner it would be shown as a window of its own
        self.empty.setVisible(spec.optional)
        self._row.addStretch(1)
        if spec.optional:
            self._row.addWidget(self.empty)
            self.empty.toggled.connect(self._toggle_empty)
            self.spin.setValue(_FIRST_VALUES.get(spec.key, 1))
        self._row.addWidget(self.spin)
        self.spin.valueChanged.connect(self._emit)

    def value(self) -> int | float | None:
        """Return the number, or None while the check box says so."""
        if self.spec.optional and self.empty.isChecked():
            return None
        return self.spin.value()

    def set_value(self, value: Any) -> None:
        """Show a number or None."""
        with QSignalBlocker(self.spin), QSignalBlocker(self.empty):
            self.empty.setChecked(value is None)
            self.spin.setVisible(value is not None)
            if value is not None:
                self.spin.setValue(value)
        self.spin.updateGeometry()

    def _toggle_empty(self, empty: bool) -> None:
        self.spin.setVisible(not empty)
        self._emit()


class ChoiceInput(SettingInput):
    """One of a few words, or the title of something that is registered under a name."""

    def __init__(self, spec: FieldSpec, parent: QWidget | None = None) -> None:
        """Create the combo box."""
        super().__init__(spec, parent)
        self.combo: CalmCombo = ElidedCombo() if spec.entries else CalmCombo()
        if not spec.entries:
            self._row.addStretch(1)
        self._row.addWidget(self.combo, 1 if spec.entries else 0)
        self.set_choices(spec)
        self.combo.activated.connect(self._emit)
        self.combo.currentIndexChanged.connect(self._emit)

    def set_choices(self, spec: FieldSpec) -> None:
        """Offer the choices of a setting; a chosen one that is none of them any more stays chosen, as missing."""
        self.spec = spec
        chosen = None if self.combo.currentIndex() < 0 else self.value()
        titles = {entry.name: entry.value.title for entry in spec.entries}
        tips = {entry.name: described(entry) for entry in spec.entries}
        with QSignalBlocker(self.combo):
            self.combo.clear()
            for choice in spec.choices:
                self.combo.addItem(titles.get(choice, choice_text(choice)), choice)
                self.combo.setItemData(self.combo.count() - 1, tips.get(choice), Qt.ItemDataRole.ToolTipRole)
        if chosen is not None:
            self.set_value(chosen)

    def value(self) -> str:
        """Return the chosen word."""
        return str(self.combo.currentData())

    def set_value(self, value: Any) -> None:
        """Choose a word; one that is not offered is listed as missing."""
        with QSignalBlocker(self.combo):
            if self.combo.findData(value) < 0:
                self.combo.addItem(f"{value} (missing)", value)
            self.combo.setCurrentIndex(self.combo.findData(value))


class FlagInput(SettingInput):
    """On or off."""

    def __init__(self, spec: FieldSpec, parent: QWidget | None = None) -> None:
        """Create the check box."""
        super().__init__(spec, parent)
        self.check = QCheckBox()
        self._row.addStretch(1)
        self._row.addWidget(self.check)
        self.check.toggled.connect(self._emit)

    def value(self) -> bool:
        """Return whether it is on."""
        return self.check.isChecked()

    def set_value(self, value: Any) -> None:
        """Switch it on or off."""
        with QSignalBlocker(self.check):
            self.check.setChecked(bool(value))


class SidesInput(SettingInput):
    """Three sides of the cube, moving together while they are linked."""

    def __init__(self, spec: FieldSpec, parent: QWidget | None = None) -> None:
        """Create three spin boxes; the row places `link`, their toggle, beside its title."""
        super().__init__(spec, parent)
        self.spins = tuple(IntSpin(spec.minimum, spec.maximum) for _ in range(3))
        self.link = QToolButton()
        self.link.setCheckable(True)
        self.link.toggled.connect(self._show_link)
        for index, (axis, spin) in enumerate(zip("xyz", self.spins, strict=True)):
            if index:
                cross = QLabel("\N{MULTIPLICATION SIGN}")
                set_role(cross, "muted")
                self._row.addWidget(cross)
            spin.setAccessibleName(f"{spec.title} along {axis}")
            spin.setToolTip(f"{spec.title} along {axis}, in {spec.unit}")
            spin.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            spin.valueChanged.connect(lambda side, index=index: self._side_changed(index, side))
            self._row.addWidget(spin, 1)
        self._row.setSpacing(3)
        self.link.setChecked(True)

    def value(self) -> tuple[int, int, int]:
        """Return the sides along x, y and z."""
        x, y, z = (spin.value() for spin in self.spins)
        return x, y, z

    def set_value(self, value: Any) -> None:
        """Show three sides; unequal ones come unlinked."""
        for spin, side in zip(self.spins, value, strict=True):
            with QSignalBlocker(spin):
                spin.setValue(side)
        if len(set(value)) > 1:
            self.link.setChecked(False)

    def _side_changed(self, index: int, side: int) -> None:
        if self.link.isChecked():
            for other, spin in enumerate(self.spins):
                if other != index:
                    with QSignalBlocker(spin):
                        spin.setValue(side)
        self._emit()

    def _show_link(self, linked: bool) -> None:
        self.link.setIcon(icon("link" if linked else "unlink"))
        self.link.setToolTip("Sides change together" if linked else "Sides change one by one")
        self.link.setAccessibleName(self.link.toolTip())
        if linked and len(set(self.value())) > 1:
            self._side_changed(0, self.spins[0].value())


def make_input(spec: FieldSpec, parent: QWidget | None = None) -> SettingInput:
    """Return the input widget for a setting."""
    classes: dict[str, type[SettingInput]] = {
        "float": NumberInput,
        "int": NumberInput,
        "choice": ChoiceInput,
        "flag": FlagInput,
        "sides": SidesInput,
        "list": ListInput,
        "path": TextInput,
        "text": TextInput,
    }
    return classes[spec.kind](spec, parent)


def choice_text(choice: str) -> str:
    """Return a choice as people write it, such as `one-cycle`."""
    return _SPECIAL_WORDS.get(choice, choice.replace("_", " "))


def _short_unit(spec: FieldSpec) -> str:
    """Return the unit unless the title already names it, beside a check box at its end: there is no room for both."""
    title, unit = spec.title.lower(), spec.unit.lower()
    named = title == unit or (spec.optional and title.endswith(f" {unit}"))
    return "" if named else spec.unit
