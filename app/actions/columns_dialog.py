"""The dialog that chooses a source's table and columns, with a preview of its first rows as they would be learned."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.actions.file_kinds import data_filter
from app.actions.path_fields import choice, line_edit, with_button
from app.platform.latest_job import LatestJob
from app.widgets.inputs import CalmCombo
from app.widgets.labels import breakable, wrapped_label
from app.widgets.transient import transient
from lattice.config.data import DataSettings
from lattice.data.column_names import NONE

if TYPE_CHECKING:
    from lattice.data.preview import Preview

GUESS = "Guess"
ENCODE_TEXTS = "None: encode the texts"
NO_CATEGORIES = "None"
HEADINGS = ("Text", "Vector", "Category")
PREVIEW_ROWS = 5
WAITING = "Reading the first rows..."
NOTE = (
    "A new run begins on these samples, with the present settings otherwise. The preview reads the first rows only. "
    "Which samples are held out follows from their texts: with other texts they are others, and scores of the two runs "
    "can't be compared."
)
Choices = Mapping[str, str | None]
"""`vector_column`, `text_column`, `label_column` and `table` of the data settings; None: guessed."""


class ColumnsDialog(QDialog):
    """Not modal for the program's work; `wanted` brings the source and the choices."""

    wanted = pyqtSignal(object, object)

    def __init__(self, folder: Path, parent: QWidget | None = None) -> None:
        """Prepare the dialog; file dialogs open in `folder`."""
        super().__init__(parent)
        self.setWindowTitle("Choose columns")
        self.setWindowModality(Qt.WindowModality.WindowModal)
        transient(self)
        self.folder = folder
        self.preview: Preview | None = None
        self._base = DataSettings()
        self._want_pairs = False
        self._filling = False
        self._wanted: dict[str, str | None] = {}
        self._latest = LatestJob(self)
        self._latest.done.connect(self._take)
        self.source = line_edit("File or folder of texts or embeddings")
        self.source.textChanged.connect(lambda _text: self._restart())
        self.combos: dict[str, CalmCombo] = {
            "table": choice("Table of an archive that holds several; Guess takes the only one, or 'embeddings'"),
            "vector_column": choice("Column of ready-made vectors; Guess takes the likeliest by name and content"),
            "text_column": choice(
                "Column of the texts, or of the names of the rows; it also decides which samples are held out: "
                "equal texts always lie on the same side"
            ),
            "label_column": choice("Column whose values are the samples' categories, for colours and the search"),
        }
        for combo in self.combos.values():
            combo.currentIndexChanged.connect(lambda _index: self._look())
        self._form = QFormLayout()
        self.rows = _preview_table()
        self.notes = wrapped_label(role="muted")
        self.problem = wrapped_label(role="warning")
        self.start = QPushButton("Open")
        self.start.setToolTip("Begin a new run on these samples")
        self.start.setProperty("primary", True)
        self.start.setDefault(True)
        self.start.clicked.connect(self.accept)
        self._build()
        self._restart()

    def show_source(self, source: str, data: DataSettings, *, want_pairs: bool = False) -> None:
        """Show a source and the columns that were requested so far."""
        self._base, self._want_pairs = data, want_pairs
        self._wanted = {name: getattr(data, name) for name in self.combos}
        self.source.setText(source)

    def choices(self) -> dict[str, str | None]:
        """Return what is chosen, by setting."""
        if self.preview is None:
            return {name: self._wanted.get(name) for name in self.combos}
        return {name: combo.currentData() for name, combo in self.combos.items()}

    def accept(self) -> None:
        """Hand the request on."""
        if self.start.isEnabled():
            self.wanted.emit(Path(self.source.text().strip()).expanduser(), self.choices())
            super().accept()

    def done(self, result: int) -> None:
        """Leave no thread behind."""
        self._latest.close()
        super().done(result)

    def _restart(self) -> None:
        """Begin with another source: nothing is known of it."""
        self.preview = None
        self._fill((), ())
        self._look()

    def _look(self) -> None:
        """Read the first rows again, in a thread of their own."""
        if self._filling:
            return
        source = self.source.text().strip()
        path = Path(source).expanduser()
        self.start.setEnabled(False)
        self.rows.setRowCount(0)
        self.notes.setText(WAITING if source and path.exists() else "")
        self._say("" if not source or path.exists() else f"There is no file or folder {path}.")
        if source and path.exists():
            settings = self._base.model_copy(update=self.choices())
            self._latest.ask(_previewer(source, settings, self._want_pairs))

    def _take(self, preview: Preview) -> None:
        if preview.source != self.source.text().strip():
            return
        if self.preview is None:
            self._fill(preview.tables, preview.columns)
        self.preview = preview
        self._say(preview.problem)
        self.notes.setText(breakable("\n".join(preview.notes)))
        self.start.setEnabled(not preview.problem)
        self.rows.setRowCount(len(preview.rows))
        for number, row in enumerate(preview.rows):
            vector = row.vector or "to be encoded by the teacher"
            for column, text in enumerate((row.text, vector, row.category)):
                item = QTableWidgetItem(" ".join(text[:400].split()))
                item.setToolTip(breakable(text[:2000]))
                self.rows.setItem(number, column, item)

    def _fill(self, tables: tuple[str, ...], columns: tuple[str, ...]) -> None:
        """Offer tables and columns, and choose those that were requested."""
        offers: dict[str, list[tuple[str, str | None]]] = {
            "table": [(GUESS, None), *((name, name) for name in tables)],
            "vector_column": [(GUESS, None), (ENCODE_TEXTS, NONE), *((name, name) for name in columns)],
            "text_column": [(GUESS, None), *((name, name) for name in columns)],
            "label_column": [(GUESS, None), (NO_CATEGORIES, NONE), *((name, name) for name in columns)],
        }
        self._filling = True
        for name, combo in self.combos.items():
            combo.clear()
            for words, value in offers[name]:
                combo.addItem(words, value)
            if name == "table":
                self._form.setRowVisible(combo, bool(tables))
            else:
                combo.setEnabled(bool(columns))
            combo.setCurrentIndex(max(0, combo.findData(self._wanted.get(name))))
        self._filling = False

    def _say(self, problem: str) -> None:
        self.problem.setText(breakable(problem))
        self.problem.setVisible(bool(problem))

    def _build(self) -> None:
        form = self._form
        form.setHorizontalSpacing(14)
        form.setVerticalSpacing(10)
        form.addRow("Source", with_button(self.source, "Choose a file", self._ask_source))
        for name, title in zip(self.combos, ("Table", "Vectors", "Texts", "Categories"), strict=True):
            form.addRow(title, self.combos[name])
        cancel = QPushButton("Cancel")
        cancel.setToolTip("Leave everything as it is")
        cancel.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.addStretch()
        buttons.addWidget(cancel)
        buttons.addWidget(self.start)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 18, 22, 16)
        layout.setSpacing(12)
        layout.addLayout(form)
        layout.addWidget(self.rows)
        for label in (self.notes, self.problem, wrapped_label(NOTE, "muted")):
            layout.addWidget(label)
        layout.addLayout(buttons)
        self.setMinimumWidth(620)

    def _ask_source(self) -> None:
        dialog = transient(QFileDialog(self, "Data", str(self.folder), data_filter()))
        dialog.fileSelected.connect(self.source.setText)
        dialog.open()


def _preview_table() -> QTableWidget:
    table = QTableWidget(0, len(HEADINGS))
    table.setHorizontalHeaderLabels(HEADINGS)
    table.setToolTip("The first rows as they would be learned")
    table.setAccessibleName("Preview of the first rows")
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
    table.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    table.setWordWrap(False)
    table.setShowGrid(False)
    columns, rows = table.horizontalHeader(), table.verticalHeader()
    assert columns is not None
    assert rows is not None
    rows.hide()
    columns.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
    columns.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    table.setColumnWidth(1, 250)
    table.setColumnWidth(2, 100)
    height = table.fontMetrics().height() + 8
    rows.setDefaultSectionSize(height)
    table.setFixedHeight(height * PREVIEW_ROWS + columns.sizeHint().height() + 6)
    return table


def _previewer(source: str, data: DataSettings, want_pairs: bool) -> Callable[[], Preview]:
    def read() -> Preview:
        from lattice.data.preview import preview_data

        return preview_data(source, data, want_pairs=want_pairs)

    return read
