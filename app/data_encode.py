"""The dialog that asks what to encode: texts, their columns, the teacher, and the file to write."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QFontMetrics
from PyQt6.QtWidgets import (
    QDialog,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.elided import breakable, wrapped_label
from app.forms.spins import CalmCombo
from app.latest import Latest
from lattice.errors import CellcubeError

TEXTS = "Texts (*.txt *.text *.jsonl *.ndjson *.csv *.tsv *.parquet);;All files (*)"
EMBEDDINGS = "Embeddings (*.safetensors)"
GUESS = "Guess"
NO_PAIR = "None"
NOTE = (
    "Training waits meanwhile. What was encoded is kept in the cache: an encoding that was cancelled goes on where "
    "it was."
)


@dataclass(frozen=True)
class EncodeRequest:
    """What is to be encoded."""

    source: Path
    out: Path
    teacher: str
    column: str | None = None
    """None: guess."""
    partner: str | None = None
    """Column of the second texts, for pairs."""


@dataclass(frozen=True)
class _Peek:
    """The columns of a file that a look at its first rows found, or why there are none."""

    source: Path
    columns: list[str]
    problem: str = ""


class EncodeDialog(QDialog):
    """Not modal for the program's work; `wanted` brings the request."""

    wanted = pyqtSignal(object)

    def __init__(self, teachers: list[str], folder: Path, parent: QWidget | None = None) -> None:
        """Prepare the dialog.

        Args:
            teachers: models to offer, the most likely one first.
            folder: where file dialogs open.
            parent: window that the dialog belongs to.
        """
        super().__init__(parent)
        self.setWindowTitle("Encode texts")
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._folder = folder
        self._peek: _Peek | None = None
        self._latest = Latest(self)
        self._latest.done.connect(self._take_columns)
        self.source = _line("File of texts: one text per line, or a table with a column of texts")
        self.source.textChanged.connect(self._source_changed)
        self.column = _combo("Column that holds the texts; Guess takes the likeliest by name and content")
        self.partner = _combo("Column of second texts, such as answers or terms: only for pairs")
        self.teacher = _combo("Model that turns texts into embeddings: minilm (packaged), a name on the Hugging Face "
                              "hub, or a local folder", editable=True)  # fmt: skip
        self.teacher.addItems(teachers)
        self.teacher.editTextChanged.connect(lambda _text: self._check())
        self.out = _line("File of embeddings to write; it ends in .safetensors and holds the texts too")
        self.out.textChanged.connect(lambda _text: self._check())
        self.problem = wrapped_label(role="warning")
        self.start = QPushButton("Encode")
        self.start.setToolTip("Begin to encode, in the background")
        self.start.setProperty("primary", True)
        self.start.setDefault(True)
        self.start.clicked.connect(self.accept)
        cancel = QPushButton("Cancel")
        cancel.setToolTip("Encode nothing")
        cancel.clicked.connect(self.reject)
        form = QFormLayout()
        form.setHorizontalSpacing(14)
        form.setVerticalSpacing(10)
        form.addRow("Texts", _with_button(self.source, "Choose the file of texts", self._ask_source))
        form.addRow("Column", self.column)
        form.addRow("Second column", self.partner)
        form.addRow("Teacher", _with_button(self.teacher, "Choose a teacher's folder", self._ask_teacher))
        form.addRow("Write to", _with_button(self.out, "Choose the file to write", self._ask_out))
        buttons = QHBoxLayout()
        buttons.addStretch()
        buttons.addWidget(cancel)
        buttons.addWidget(self.start)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 18, 22, 16)
        layout.setSpacing(14)
        layout.addLayout(form)
        layout.addWidget(self.problem)
        layout.addWidget(wrapped_label(NOTE, "muted"))
        layout.addLayout(buttons)
        self.setMinimumWidth(540)
        self._show_columns([])
        for combo in (self.column, self.partner):
            combo.currentIndexChanged.connect(lambda _index: self._check())
        self._check()

    def request(self) -> EncodeRequest:
        """Return what is asked for."""
        guessed = self.column.currentIndex() <= 0
        return EncodeRequest(
            Path(self.source.text().strip()).expanduser(),
            Path(self.out.text().strip()).expanduser(),
            self.teacher.currentText().strip(),
            None if guessed else self.column.currentText(),
            None if self.partner.currentIndex() <= 0 else self.partner.currentText(),
        )

    def accept(self) -> None:
        """Hand the request on."""
        if self._check():
            self.wanted.emit(self.request())
            super().accept()

    def done(self, result: int) -> None:
        """Leave no thread behind."""
        self._latest.close()
        super().done(result)

    def _source_changed(self, name: str) -> None:
        source = Path(name.strip()).expanduser()
        self._peek = None
        self._show_columns([])
        if name.strip() and source.is_file():
            self.out.setText(str(source.with_suffix(".safetensors")))
            self._latest.ask(_peeker(source))
        self._check()

    def _take_columns(self, peek: _Peek) -> None:
        if peek.source == Path(self.source.text().strip()).expanduser():
            self._peek = peek
            self._show_columns(peek.columns)
            self._check()

    def _show_columns(self, columns: list[str]) -> None:
        for combo, first in ((self.column, GUESS), (self.partner, NO_PAIR)):
            combo.clear()
            combo.addItems([first, *columns])
            combo.setEnabled(bool(columns))
        if self._peek is not None and not columns and not self._peek.problem:
            self.column.setItemText(0, "One text per line")

    def _check(self) -> bool:
        problem = self._problem()
        self.problem.setText(breakable(problem))
        self.problem.setVisible(bool(problem) and bool(self.source.text().strip()))
        self.start.setEnabled(not problem)
        return not problem

    def _problem(self) -> str:
        source, out, request = self.source.text().strip(), self.out.text().strip(), self.request()
        if not source:
            return "Choose a file of texts."
        if not request.source.is_file():
            return f"There is no file {request.source}."
        if self._peek is not None and self._peek.problem:
            return self._peek.problem
        if request.partner is not None and request.column is None:
            return "Pairs need both columns: choose the first one too."
        if request.partner is not None and request.partner == request.column:
            return "The two columns of pairs must differ."
        if not request.teacher:
            return "Name a teacher: minilm, a model on the hub, or a folder."
        if not out:
            return "Name the file to write."
        if request.out.suffix != ".safetensors":
            return "Embeddings are written as .safetensors: give the file to write that ending."
        if not request.out.parent.is_dir():
            return f"There is no folder {request.out.parent}."
        return ""

    def _ask_source(self) -> None:
        self._ask(QFileDialog(self, "Texts to encode", str(self._folder), TEXTS), self.source.setText)

    def _ask_teacher(self) -> None:
        dialog = QFileDialog(self, "Folder of a teacher", str(self._folder))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        self._ask(dialog, self.teacher.setEditText)

    def _ask_out(self) -> None:
        dialog = QFileDialog(self, "File to write", self.out.text() or str(self._folder), EMBEDDINGS)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("safetensors")
        self._ask(dialog, self.out.setText)

    def _ask(self, dialog: QFileDialog, take: Callable[[str], None]) -> None:
        dialog.fileSelected.connect(take)
        dialog.open()


def _peeker(source: Path) -> Callable[[], _Peek]:
    def peek() -> _Peek:
        from lattice.data.readers.text_file import column_names

        try:
            return _Peek(source, column_names(source))
        except (CellcubeError, OSError) as error:
            return _Peek(source, [], str(error))

    return peek


def _line(tip: str) -> QLineEdit:
    line = QLineEdit()
    line.setToolTip(tip)
    return line


def _combo(tip: str, *, editable: bool = False) -> CalmCombo:
    combo = CalmCombo()
    combo.setToolTip(tip)
    combo.setEditable(editable)
    combo.setSizeAdjustPolicy(CalmCombo.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    combo.setMinimumContentsLength(12)
    return combo


def _with_button(field: QWidget, tip: str, act: Callable[[], None]) -> QWidget:
    button = QPushButton("Browse...")
    button.setToolTip(tip)
    button.setAutoDefault(False)
    button.clicked.connect(act)
    button.setMinimumWidth(QFontMetrics(button.font()).horizontalAdvance(button.text()) + 28)
    whole = QWidget()
    row = QHBoxLayout(whole)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(6)
    row.addWidget(field, 1)
    row.addWidget(button)
    return whole
