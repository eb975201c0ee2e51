"""What became of the weights that a run was started from, and of the settings that came with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

if TYPE_CHECKING:
    from lattice.training.warm_start import WarmStart


class WarmStartDialog(QDialog):
    """A list to read or to copy. Never modal: the run goes on. One dialog serves all starts of a window."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Create the dialog hidden; `show_start` fills and shows it."""
        super().__init__(parent)
        self.setModal(False)
        self.setWindowTitle("Started from weights")
        self.setMinimumSize(560, 300)
        self.headline = QLabel()
        self.headline.setTextFormat(Qt.TextFormat.PlainText)
        self.headline.setWordWrap(True)
        self.details = QPlainTextEdit()
        self.details.setReadOnly(True)
        self.details.setAccessibleName("What fits and what does not")
        self.details.setToolTip("Shapes are numbers of weights along each dimension")
        close = QPushButton("Close")
        close.setProperty("primary", True)
        close.setDefault(True)
        close.clicked.connect(self.close)
        buttons = QHBoxLayout()
        buttons.addStretch()
        buttons.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 20, 22, 16)
        layout.setSpacing(12)
        layout.addWidget(self.headline)
        layout.addWidget(self.details, 1)
        layout.addLayout(buttons)

    def show_start(self, start: WarmStart) -> None:
        """Show where weights came from and what did not fit."""
        first, *rest = start.lines()
        self.headline.setText(first)
        self.details.setPlainText("\n".join(rest))
        self.show()
