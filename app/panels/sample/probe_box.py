"""The probe box: a sentence of one's own, and the teacher that will encode it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtGui import QAction, QKeyEvent
from PyQt6.QtWidgets import QHBoxLayout, QLineEdit, QMenu, QToolButton, QVBoxLayout, QWidget

from app.widgets.icons import icon
from app.widgets.labels import breakable, literal, one_line, wrapped_label
from app.widgets.theme import set_role

MOST_CHARACTERS = 10_000
MOST_REMEMBERED = 50
"""Sentences that Up and Down walk through."""


@dataclass(frozen=True)
class TeacherChoice:
    """One teacher that can be chosen."""

    words: str
    model: str
    """What `teacher.model` takes; empty requests a folder."""
    problem: str = ""
    """Why it can't be chosen, empty if it can."""


@dataclass(frozen=True)
class ProbeState:
    """What the box shows below the sentence."""

    words: str
    role: Literal["muted", "warning", "error"] = "muted"
    ready: bool = False
    """Whether a sentence can be encoded, or its teacher be loaded."""
    busy: bool = False


NO_DATA = ProbeState("Once the data is loaded, a sentence of your own can be put through the cube here.")


class SentenceField(QLineEdit):
    """A line for sentences; Up and Down bring back earlier ones."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Create an empty line that remembers nothing."""
        super().__init__(parent)
        self._asked: list[str] = []
        self._at = 0
        self._draft = ""
        self.textEdited.connect(lambda _text: self._leave_history())
        self.set_ready(False)

    def set_ready(self, ready: bool) -> None:
        """Take sentences, or none."""
        self.setEnabled(ready)
        last = f"Up arrow: {self._asked[-1]}" if ready and self._asked else "Type a sentence of your own"
        self.setPlaceholderText(last)

    def remember(self, sentence: str) -> None:
        """Keep a sentence as the newest."""
        self._asked = [*(asked for asked in self._asked if asked != sentence), sentence][-MOST_REMEMBERED:]
        self._leave_history()
        self.set_ready(self.isEnabled())

    def put_aside(self, sentence: str) -> None:
        """Empty the line if it still holds that sentence; the empty line says how to get it back."""
        if sentence and one_line(self.text()) == sentence:
            self.clear()
            self._leave_history()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Walk through the sentences."""
        way = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key())) if event is not None else None
        if way is None:
            super().keyPressEvent(event)
            return
        at = self._at + way
        if 0 <= at <= len(self._asked):
            if self._at == len(self._asked):
                self._draft = self.text()
            self._at = at
            self.setText([*self._asked, self._draft][at])

    def _leave_history(self) -> None:
        self._at = len(self._asked)
        if self._at and self._asked[-1] == one_line(self.text()):
            self._at -= 1


class ProbeBox(QWidget):
    """Takes a sentence; `asked` hands it on, `teacher_wanted` names a teacher by its model, empty for a folder."""

    asked = pyqtSignal(str)
    teacher_wanted = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Create the box without a teacher."""
        super().__init__(parent)
        self._busy = False
        self.field = SentenceField()
        self.field.setAccessibleName("Sentence of your own")
        self.field.setToolTip(
            "Return: the teacher encodes this sentence, and it is watched in place of a sample (Ctrl+P)\n"
            "Up and Down: earlier sentences"
        )
        self.field.setMaxLength(MOST_CHARACTERS)
        self.field.setClearButtonEnabled(True)
        self.field.setAcceptDrops(False)
        self.field.returnPressed.connect(self._ask)
        self.menu = QMenu(self)
        self.menu.setToolTipsVisible(True)
        self.teacher_button = QToolButton()
        self.teacher_button.setIcon(icon("settings"))
        self.teacher_button.setIconSize(QSize(16, 16))
        self.teacher_button.setToolTip("Choose the teacher that encodes the sentence")
        self.teacher_button.setAccessibleName("Choose a teacher")
        self.teacher_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.teacher_button.setMenu(self.menu)
        self.said = wrapped_label()
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(self.field, 1)
        row.addWidget(self.teacher_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(row)
        layout.addWidget(self.said)
        self.show_state(NO_DATA)
        self.set_choices(())

    def show_state(self, state: ProbeState) -> None:
        """Say which teacher there is, what is being done, or what is wrong."""
        self.words = state.words
        self.said.setText(breakable(state.words))
        set_role(self.said, state.role)
        self.field.set_ready(state.ready)
        self._busy = state.busy  # the next sentence can be typed meanwhile
        self._enable_button()

    def set_choices(self, choices: tuple[TeacherChoice, ...]) -> None:
        """Offer teachers."""
        self.menu.clear()
        for choice in choices:
            entry = QAction(literal(choice.words), self.menu)
            entry.setEnabled(not choice.problem)
            entry.setToolTip(choice.problem or f"Encode sentences with {choice.words}")
            entry.triggered.connect(lambda _checked, model=choice.model: self.teacher_wanted.emit(model))
            self.menu.addAction(entry)
        self._enable_button()

    def _enable_button(self) -> None:
        self.teacher_button.setEnabled(not self._busy and bool(self.menu.actions()))

    def _ask(self) -> None:
        text = one_line(self.field.text())
        if text and not self._busy:
            self.field.remember(text)
            self.field.selectAll()  # the next sentence takes its place
            self.asked.emit(text)
