"""Which widgets are texts that a person types into."""

from __future__ import annotations

from PyQt6.QtWidgets import QAbstractSpinBox, QLineEdit, QPlainTextEdit, QTextEdit, QWidget


def is_text(widget: QWidget | None) -> bool:
    """Say whether a widget is a text that can be edited, in which Space is a letter; boxes of numbers are none."""
    if isinstance(widget, QLineEdit):
        return not widget.isReadOnly() and not isinstance(widget.parent(), QAbstractSpinBox)
    return isinstance(widget, QPlainTextEdit | QTextEdit) and not widget.isReadOnly()
