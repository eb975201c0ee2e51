"""Warnings about a lattice, each with a button that cures it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.forms.fields import field_spec
from app.icons import icon
from app.theme import set_role
from lattice.tiers import TierWarning

_ICON_SIZE = 15


class WarningList(QWidget):
    """Shows any number of warnings; hidden while there is none."""

    use_clicked = pyqtSignal(str, object)
    """Dotted key and value that a warning offers."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Create an empty list."""
        super().__init__(parent)
        self._rows: list[_Row] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(6)
        self.hide()

    @property
    def texts(self) -> list[str]:
        """Texts that are shown."""
        return [row.text.text() for row in self._rows if not row.isHidden()]

    def show_warnings(self, warnings: Sequence[TierWarning]) -> None:
        """Show these warnings and no others; rows are reused, so that nothing flickers while a slider is dragged."""
        while len(self._rows) < len(warnings):
            row = _Row()
            row.used.connect(self.use_clicked)
            self._rows.append(row)
            self._column.addWidget(row)
        for index, row in enumerate(self._rows):
            row.setVisible(index < len(warnings))
            if index < len(warnings):
                row.show_warning(warnings[index])
        self.setVisible(bool(warnings))


class _Row(QWidget):
    used = pyqtSignal(str, object)

    def __init__(self) -> None:
        super().__init__()
        self._offer: tuple[str, Any] | None = None
        sign = QLabel()
        sign.setPixmap(icon("warning", "warning").pixmap(_ICON_SIZE, _ICON_SIZE))
        self._sign = sign
        self.text = QLabel()
        self.text.setWordWrap(True)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        set_role(self.text, "warning")
        self.button = QPushButton()
        self.button.setProperty("link", True)
        self.button.setCursor(Qt.CursorShape.PointingHandCursor)
        self.button.clicked.connect(self._use)
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(self.text)
        words.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeft)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)

    def show_warning(self, warning: TierWarning) -> None:
        """Show one warning with what it offers."""
        self._sign.setPixmap(icon("warning", "warning").pixmap(_ICON_SIZE, _ICON_SIZE))
        self.text.setText(f"{warning.text[:1].upper()}{warning.text[1:]}.")
        self._offer = None
        if warning.setting is not None and warning.value is not None:
            self._offer = (warning.setting, warning.value)
            spec = field_spec(warning.setting)
            self.button.setText(f"Use {spec.title.lower()} {spec.value_text(warning.value)}")
        self.button.setVisible(self._offer is not None)

    def _use(self) -> None:
        if self._offer is not None:
            self.used.emit(*self._offer)
