"""Dialogs: errors with details to copy, questions, the sheet of shortcuts, about."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QFontDatabase, QGuiApplication
from PyQt6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.run.messages import Failed
from app.widgets.icons import icon
from app.widgets.labels import literal
from app.widgets.transient import transient

ICON_SIZE = 28
DETAILS_HEIGHT = 190


class ErrorDialog(QDialog):
    """What happened, what to do, and the traceback to copy. Never modal: it doesn't block the window."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Create the dialog hidden; `show_failure` fills and shows it."""
        super().__init__(parent)
        self.setModal(False)
        self.setMinimumWidth(520)
        self._picture = QLabel()
        self._picture.setPixmap(icon("error", "error").pixmap(ICON_SIZE, ICON_SIZE))
        self._picture.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._title = QLabel()
        font = self._title.font()
        font.setBold(True)
        font.setPointSizeF(font.pointSizeF() * 1.15)
        self._title.setFont(font)
        self.what = QLabel()
        self.advice = QLabel()
        for label in (self._title, self.what, self.advice):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.details = QPlainTextEdit()
        self.details.setReadOnly(True)
        self.details.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.details.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.details.setMinimumHeight(DETAILS_HEIGHT)
        self.details.hide()
        self.details_button = QPushButton("Details")
        self.details_button.setCheckable(True)
        self.details_button.toggled.connect(self._show_details)
        self.copy_button = QPushButton(icon("copy"), "Copy")
        self.copy_button.setToolTip("Copy the message and the details")
        self.copy_button.clicked.connect(self.copy)
        self.help_button = QPushButton()
        self.help_button.clicked.connect(self._help)
        self._act: Callable[[], None] | None = None
        self.close_button = QPushButton("Close")
        self.close_button.setProperty("primary", True)
        self.close_button.setDefault(True)
        self.close_button.clicked.connect(self.close)
        buttons = QHBoxLayout()
        buttons.addWidget(self.details_button)
        buttons.addWidget(self.copy_button)
        buttons.addStretch()
        buttons.addWidget(self.help_button)
        buttons.addWidget(self.close_button)
        words = QVBoxLayout()
        words.setSpacing(8)
        for label in (self._title, self.what, self.advice):
            words.addWidget(label)
        head = QHBoxLayout()
        head.setSpacing(16)
        head.addWidget(self._picture)
        head.addLayout(words, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 20, 22, 16)
        layout.setSpacing(16)
        layout.addLayout(head)
        layout.addWidget(self.details, 1)
        layout.addLayout(buttons)

    def show_failure(self, failure: Failed, way_out: tuple[str, Callable[[], None]] | None = None) -> None:
        """Show a failure; a newer one takes the place of an older one.

        Args:
            failure: what happened.
            way_out: words on a button that helps, and what it does.
        """
        words, self._act = way_out or ("", None)
        self.help_button.setText(words)
        self.help_button.setVisible(bool(words))
        self.setWindowTitle(failure.title)
        self._title.setText(failure.title)
        self.what.setText(failure.what)
        self.advice.setText(failure.advice)
        self.advice.setVisible(bool(failure.advice))
        self.details.setPlainText(failure.details.strip())
        self.details_button.setVisible(bool(failure.details))
        self.details_button.setChecked(False)
        self.close_button.setFocus()  # so that Return closes, as its colour says
        self.show()
        self.raise_()

    def close_about(self, subject: str) -> None:
        """Close if what is shown names a subject, such as the file of a plugin that was mended since."""
        if subject in self.what.text() or subject in self.details.toPlainText():
            self.close()

    def copy(self) -> None:
        """Put message and details on the clipboard."""
        clipboard = QGuiApplication.clipboard()
        if clipboard is not None:
            parts = (self._title.text(), self.what.text(), self.advice.text(), self.details.toPlainText())
            clipboard.setText("\n\n".join(part for part in parts if part))

    def _help(self) -> None:
        self.close()
        if self._act is not None:
            self._act()

    def _show_details(self, on: bool) -> None:
        self.details.setVisible(on)
        self.adjustSize()


class QuestionDialog(QDialog):
    """A question with named answers; not modal for the program's work, only for the window's input."""

    def __init__(
        self,
        title: str,
        text: str,
        answers: Sequence[tuple[str, str, Callable[[], None]]],
        parent: QWidget | None = None,
    ) -> None:
        """Prepare the question.

        Args:
            title: title of the dialog.
            text: what is asked, in full sentences.
            answers: (text, role, handler) with role `primary`, `plain` or `cancel`; Escape takes `cancel`.
            parent: window that the question belongs to.
        """
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        transient(self)
        self._cancel: Callable[[], None] | None = None
        label = QLabel(text)
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        self.buttons: dict[str, QPushButton] = {}
        row = QHBoxLayout()
        row.addStretch()
        for words, role, handler in answers:
            button = QPushButton(literal(words))
            if role == "primary":
                button.setProperty("primary", True)
                button.setDefault(True)
            if role == "cancel":
                self._cancel = handler
                button.clicked.connect(self.reject)
            else:
                button.clicked.connect(lambda _checked, act=handler: self._answer(act))
            self.buttons[words] = button
            row.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 20, 22, 16)
        layout.setSpacing(18)
        layout.addWidget(label)
        layout.addLayout(row)
        self.setMinimumWidth(420)

    def reject(self) -> None:
        """Take the answer that changes nothing."""
        super().reject()
        if self._cancel is not None:
            self._cancel()

    def _answer(self, act: Callable[[], None]) -> None:
        self.accept()
        act()
