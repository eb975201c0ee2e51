"""Dialogs that go when they are closed.

A dialog with a parent lives as long as the parent unless it is told otherwise, hidden with all of its widgets: each
opening of a file dialog then costs 2 MB.
"""

from __future__ import annotations

from typing import TypeVar

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QDialog

D = TypeVar("D", bound=QDialog)


def transient(dialog: D) -> D:
    """Return `dialog`, which is deleted soon after it is closed, whether accepted, rejected or closed by the window.

    Handlers of its signals are still called with the dialog intact; whatever runs later must not use it.
    """
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    return dialog
