"""What all inputs of a form have in common."""

from __future__ import annotations

from typing import Any

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QWidget

from app.forms.fields import FieldSpec


class SettingInput(QWidget):
    """Base of the inputs; `changed` comes only from the user's hand, never from `set_value`."""

    changed = pyqtSignal(object)

    def __init__(self, spec: FieldSpec, parent: QWidget | None = None) -> None:
        """Create the row that the input's widgets are added to."""
        super().__init__(parent)
        self.spec = spec
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(6)

    def value(self) -> Any:
        """Return the value as the settings class wants it."""
        raise NotImplementedError

    def set_value(self, value: Any) -> None:
        """Show a value without emitting `changed`."""
        raise NotImplementedError

    def _emit(self) -> None:
        self.changed.emit(self.value())
