"""The watched sample in the toolbar: looks like a choice, and leads to the sample panel, which can search."""

from __future__ import annotations

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QWidget

from app.widgets.inputs import ElidedCombo
from app.widgets.labels import one_line


class SampleBox(ElidedCombo):
    """Shows the watched sample's text like a choice; choosing happens in the sample panel, which can search."""

    clicked = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Create the box without a sample."""
        super().__init__(parent)
        self.addItem("")
        self.setMaximumWidth(640)
        self.set_sample("")

    def set_sample(self, text: str) -> None:
        """Show a text."""
        line = one_line(text)
        if line != self.itemText(0) or not line:
            self.setItemText(0, line or "none yet")
            self.setToolTip(f"{line}\nClick to choose another sample." if line else "Choose the watched sample")

    def showPopup(self) -> None:
        """Ask for the sample panel in place of a list."""
        self.clicked.emit()
