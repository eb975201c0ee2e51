"""A strip above the cube that says something and offers what can be done about it; it never blocks."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QWidget

from app.widgets.icons import icon
from app.widgets.labels import literal


class Banner(QFrame):
    """Hidden until there is something to say."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Create the strip hidden."""
        super().__init__(parent)
        self.setObjectName("banner")
        self.label = QLabel()
        self.label.setWordWrap(True)
        self.label.setTextFormat(Qt.TextFormat.PlainText)  # names out of files are shown as they are
        self.buttons: list[QPushButton] = []
        self._closed: Callable[[], object] = _nothing
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(14, 7, 8, 7)
        self._row.setSpacing(10)
        self._row.addWidget(self.label, 1)
        self._close = QToolButton()
        self._close.setIcon(icon("close"))
        self._close.setIconSize(QSize(16, 16))
        self._close.setToolTip("Hide this")
        self._close.setAccessibleName("Hide this")
        self._close.clicked.connect(lambda: self._answer(self._closed))
        self._row.addWidget(self._close)
        self.hide()

    def say(
        self,
        text: str,
        answers: Sequence[tuple[str, Callable[[], None]]] = (),
        closed: Callable[[], object] | None = None,
    ) -> None:
        """Show `text` with one button per (words, handler); any answer hides the strip, as does its cross.

        Args:
            text: one line, or several.
            answers: the first one is the one that is advised.
            closed: what the cross means besides.
        """
        self._closed = closed or _nothing
        for button in self.buttons:
            self._row.removeWidget(button)
            button.deleteLater()
        self.buttons = []
        self.label.setText(text)
        for number, (words, handler) in enumerate(answers):
            button = QPushButton(literal(words))
            button.setProperty("primary", number == 0)
            button.clicked.connect(lambda _checked, act=handler: self._answer(act))
            self._row.insertWidget(1 + number, button)
            self.buttons.append(button)
        self.show()

    def _answer(self, act: Callable[[], object]) -> None:
        self.hide()
        act()


def _nothing() -> None:
    """Do nothing: the strip is hidden, and that is all."""
