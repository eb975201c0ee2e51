"""The dialog that requests texts: the file, its columns, and the teacher that is to encode them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QDialog,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.actions.file_dialogs import folder_dialog
from app.actions.file_kinds import texts_filter
from app.actions.path_fields import choice, line_edit, with_button
from app.actions.teacher_fields import TeacherFields
from app.platform.latest_job import LatestJob
from app.widgets.labels import breakable, wrapped_label
from app.widgets.transient import transient
from lattice.errors import CellcubeError

GUESS = "Guess"
NO_PAIR = "None"
ONE_PER_LINE = "One text per line"


@dataclass(frozen=True)
class TextsRequest:
    """Which texts, and which teacher."""

    source: Path
    teacher: str
    column: str | None = None
    """None: guess."""
    partner: str | None = None
    """Column of the second texts, for pairs."""
    prompt: str | None = None
    """Name of one of the teacher's prompts; None: its default one."""
    truncate_dim: int | None = None
    """Numbers kept of each embedding; None: as many as the teacher gives."""

    @property
    def pair(self) -> tuple[str, str] | None:
        """Both columns of pairs, None for single texts."""
        return (self.column, self.partner) if self.column and self.partner else None


@dataclass(frozen=True)
class Peek:
    """The columns of a file that a look at its first rows found, or why there are none."""

    source: Path
    columns: list[str]
    problem: str = ""


class TextsDialog(QDialog):
    """Not modal for the program's work; `wanted` brings the request."""

    wanted = pyqtSignal(object)

    def __init__(
        self, title: str, verb: str, note: str, teachers: list[str], folder: Path, parent: QWidget | None = None
    ) -> None:
        """Prepare the dialog.

        Args:
            title: title of the dialog.
            verb: word on the button that begins.
            note: what a person should know before.
            teachers: models to offer, the most likely one first.
            folder: where file dialogs open.
            parent: window that the dialog belongs to.
        """
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        transient(self)
        self.folder = folder
        self.peek: Peek | None = None
        self._wanted: tuple[str | None, str | None] = (None, None)
        self._latest = LatestJob(self)
        self._latest.done.connect(self._take_columns)
        self.source = line_edit("File of texts: one text per line, or a table with a column of texts")
        self.source.textChanged.connect(self._source_changed)
        self.column = choice("Column that holds the texts; Guess takes the likeliest by name and content")
        self.partner = choice("Column of second texts, such as answers or terms: only for pairs")
        self.teacher_fields = TeacherFields(teachers, self._ask_teacher, self)
        self.teacher = self.teacher_fields.model
        self.teacher_fields.changed.connect(self.check)
        self.problem = wrapped_label(role="warning")
        self.start = QPushButton(verb)
        self.start.setProperty("primary", True)
        self.start.setDefault(True)
        self.start.clicked.connect(self.accept)
        cancel = QPushButton("Cancel")
        cancel.setToolTip("Leave everything as it is")
        cancel.clicked.connect(self.reject)
        self.form = QFormLayout()
        self.form.setHorizontalSpacing(14)
        self.form.setVerticalSpacing(10)
        self.form.addRow("Texts", with_button(self.source, "Choose the file of texts", self._ask_source))
        self.form.addRow("Column", self.column)
        self.form.addRow("Second column", self.partner)
        self.teacher_fields.add_to(self.form)
        buttons = QHBoxLayout()
        buttons.addStretch()
        buttons.addWidget(cancel)
        buttons.addWidget(self.start)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 18, 22, 16)
        layout.setSpacing(14)
        layout.addLayout(self.form)
        layout.addWidget(self.problem)
        layout.addWidget(wrapped_label(note, "muted"))
        layout.addLayout(buttons)
        self.setMinimumWidth(540)
        self._show_columns([])
        for combo in (self.column, self.partner):
            combo.currentIndexChanged.connect(lambda _index: self.check())
        self.check()

    def choose(self, source: str, column: str | None = None, partner: str | None = None) -> None:
        """Choose a file and its columns, as soon as they are known; if it lacks them, they are guessed."""
        self.source.setText(source)
        self._wanted = (column, partner)
        self._choose_columns()

    def texts(self) -> TextsRequest:
        """Return which texts are requested."""
        chosen = [None if combo.currentIndex() <= 0 else combo.currentText() for combo in (self.column, self.partner)]
        column, partner = chosen if self.peek is not None else self._wanted
        source = Path(self.source.text().strip()).expanduser()
        fields = self.teacher_fields
        return TextsRequest(
            source, fields.chosen_model(), column, partner, fields.chosen_prompt(), fields.chosen_numbers()
        )

    def request(self) -> object:
        """Return all that is requested."""
        return self.texts()

    def find_problem(self) -> str:
        """Return what is missing or wrong, empty if nothing is."""
        texts = self.texts()
        if not self.source.text().strip():
            return "Choose a file of texts."
        if not texts.source.is_file():
            return f"There is no file {texts.source}."
        if self.peek is not None and self.peek.problem:
            return self.peek.problem
        if texts.partner is not None and texts.column is None:
            return "Pairs need both columns: choose the first one too."
        if texts.partner is not None and texts.partner == texts.column:
            return "The two columns of pairs must differ."
        return "" if texts.teacher else "Name a teacher: minilm, a model on the hub, or a folder."

    def check(self) -> bool:
        """Say what is wrong; return whether nothing is."""
        problem = self.find_problem()
        self.problem.setText(breakable(problem))
        self.problem.setVisible(bool(problem) and bool(self.source.text().strip()))
        self.start.setEnabled(not problem)
        return not problem

    def accept(self) -> None:
        """Hand the request on."""
        if self.check():
            self.wanted.emit(self.request())
            super().accept()

    def done(self, result: int) -> None:
        """Leave no thread behind."""
        self._latest.close()
        self.teacher_fields.close()
        super().done(result)

    def source_found(self, source: Path) -> None:
        """Answer to a file that exists; here there is nothing to do."""

    def ask_file(self, dialog: QFileDialog, take: Callable[[str], None]) -> None:
        """Show a file dialog and hand on what is chosen."""
        dialog.fileSelected.connect(take)
        dialog.open()

    def _source_changed(self, name: str) -> None:
        source = Path(name.strip()).expanduser()
        self.peek = None
        self._wanted = (None, None)
        self._show_columns([])
        if name.strip() and source.is_file():
            self.source_found(source)
            self._latest.ask(_peeker(source))
        self.check()

    def _take_columns(self, peek: Peek) -> None:
        if peek.source == self.texts().source:
            self.peek = peek
            self._show_columns(peek.columns)
            self._choose_columns()
            self.check()

    def _choose_columns(self) -> None:
        names = [name for name in self._wanted if name is not None]
        if self.peek is not None and set(names) <= set(self.peek.columns):
            for combo, name in zip((self.column, self.partner), self._wanted, strict=True):
                combo.setCurrentIndex(0 if name is None else 1 + self.peek.columns.index(name))

    def _show_columns(self, columns: list[str]) -> None:
        for combo, first in ((self.column, GUESS), (self.partner, NO_PAIR)):
            combo.clear()
            combo.addItems([first, *columns])
            combo.setEnabled(bool(columns))
        if self.peek is not None and not columns and not self.peek.problem:
            self.column.setItemText(0, ONE_PER_LINE)

    def _ask_source(self) -> None:
        dialog = transient(QFileDialog(self, "File of texts", str(self.folder), texts_filter()))
        self.ask_file(dialog, self.source.setText)

    def _ask_teacher(self) -> None:
        self.ask_file(folder_dialog(self, "Folder of a teacher", self.folder), self.teacher.setEditText)


def _peeker(source: Path) -> Callable[[], Peek]:
    def peek() -> Peek:
        from lattice.data.readers.choice import text_columns

        try:
            return Peek(source, text_columns(source))
        except (CellcubeError, OSError) as error:
            return Peek(source, [], str(error))

    return peek
