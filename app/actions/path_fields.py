"""Fields of dialogs that name a file or choose one of few: each with its tooltip, some with a button beside it."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QWidget

from app.widgets.inputs import CalmCombo


def line_edit(tip: str) -> QLineEdit:
    """Return a field for a path."""
    line = QLineEdit()
    line.setToolTip(tip)
    return line


def with_button(field: QWidget, tip: str, act: Callable[[], None]) -> QWidget:
    """Return a field with a button beside it that fills it."""
    button = QPushButton("Browse...")
    button.setToolTip(tip)
    button.setAutoDefault(False)
    button.clicked.connect(act)
    whole = QWidget()
    row = QHBoxLayout(whole)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(6)
    row.addWidget(field, 1)
    row.addWidget(button)
    return whole


def choice(tip: str, *, editable: bool = False) -> CalmCombo:
    """Return a combo box that does not grow with its entries."""
    combo = CalmCombo()
    combo.setToolTip(tip)
    combo.setEditable(editable)
    combo.setSizeAdjustPolicy(CalmCombo.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    combo.setMinimumContentsLength(12)
    return combo
