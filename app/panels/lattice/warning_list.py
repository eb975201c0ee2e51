"""What to know about a lattice: warnings, each with a button that cures it, and calm notes with a reason on demand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.forms.fields import field_spec
from app.widgets.icons import icon
from app.widgets.theme import set_role
from lattice.feasibility import TierWarning

_ICON_SIZE = 15
_ON_A_LINE = 3
"""From so many settings on, each has a line of its own on the button: a dock is narrow."""


class WarningList(QWidget):
    """Shows any number of warnings; hidden while there is none."""

    use_clicked = pyqtSignal(object)
    """Values that a warning offers, by dotted key."""

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
    used = pyqtSignal(object)

    def __init__(self) -> None:
        super().__init__()
        self._offer: dict[str, Any] = {}
        self._calm = False
        self._sign = QLabel()
        self.text, self.details = _words(), _words()
        set_role(self.details, "muted")
        self.details.setContentsMargins(0, 4, 0, 2)
        self.why = _link()
        self.why.setCheckable(True)
        self.why.toggled.connect(self._open)
        self.button = _link()
        self.button.setToolTip(
            "Put this into the form, where Revert takes it back; Apply puts it into force, and Ctrl+Z takes that back"
        )
        self.button.clicked.connect(self._use)
        head = QHBoxLayout()
        head.setSpacing(6)
        head.addWidget(self.text, 1)
        head.addWidget(self.why, 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addLayout(head)
        words.addWidget(self.details)
        words.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeft)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)

    def show_warning(self, warning: TierWarning) -> None:
        """Show one warning with what it offers; what is no more than worth knowing in few words, the rest on demand."""
        self._calm = bool(warning.calm)
        name, role = ("info", "muted") if self._calm else ("warning", "warning")
        self._sign.setPixmap(icon(name, role).pixmap(_ICON_SIZE, _ICON_SIZE))  # type: ignore[arg-type]
        reason = _sentence(warning.text)
        self.text.setText(_sentence(warning.calm) if self._calm else reason)
        set_role(self.text, role)
        _fact, _colon, why = warning.text.partition(": ")
        self.details.setText(_sentence(why) if why else reason)
        self.why.setToolTip(reason.replace("; ", ";\n"))
        self._offer = warning.changes
        if self._offer:
            offered = [_offered(key, value) for key, value in self._offer.items()]
            self.button.setText("Use " + (", " if len(offered) < _ON_A_LINE else ",\n").join(offered))
        self.why.setVisible(self._calm)
        self._open(self.why.isChecked())

    def _open(self, opened: bool) -> None:
        self.why.setText("Less" if opened else "Why?")
        self.details.setVisible(self._calm and opened)
        self.button.setVisible(bool(self._offer) and (opened or not self._calm))

    def _use(self) -> None:
        if self._offer:
            self.used.emit(self._offer)


def _offered(key: str, value: Any) -> str:
    spec = field_spec(key)
    return f"{spec.title.lower()} {spec.value_text(value)}"


def _words() -> QLabel:
    label = QLabel()
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def _link() -> QPushButton:
    button = QPushButton()
    button.setProperty("link", True)
    button.setCursor(Qt.CursorShape.PointingHandCursor)
    return button


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
