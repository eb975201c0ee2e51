"""The data panel: what is learned, which teacher made it, what was dropped, what fits, and every sample."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtGui import QCloseEvent
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from app.panels.data.bad_rows import BadRowsDialog
from app.panels.data.browser import SampleBrowser
from app.panels.data.budget import BudgetView
from app.panels.data.words import (
    NO_TEACHER_HINT,
    dropped_text,
    figures,
    is_shown_below,
    sentence,
    source_name,
    source_tip,
)
from app.panels.panel import Panel
from app.run.messages import Applied
from app.run.summary import RunSummary
from app.widgets.labels import ElidedLabel, breakable, wrapped_label
from app.widgets.scroll_area import scrolled

if TYPE_CHECKING:
    from lattice.data.dataset import EmbeddingDataset
    from lattice.data.report import LoadReport
    from lattice.data.survey.findings import NearDuplicates

_ANY = Qt.AlignmentFlag(0)


class DataPanel(Panel):
    """Shows a run's data; requests other data, encoding, and a sample to be watched."""

    open_wanted = pyqtSignal()
    texts_wanted = pyqtSignal()
    columns_wanted = pyqtSignal()
    encode_wanted = pyqtSignal()
    sample_wanted = pyqtSignal(int)
    map_wanted = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Start without data."""
        super().__init__(parent)
        self.dataset: EmbeddingDataset | None = None
        self._report: LoadReport | None = None
        self._most_scored: int | None = None
        self.open_button = _button("Open data...", "Learn other texts or embeddings, with the same settings: "
                                   "a file, or drop one anywhere on the window (Ctrl+D)")  # fmt: skip
        self.open_button.clicked.connect(self.open_wanted)
        self.encode_button = _button("Encode...", "Turn a file of texts into a file of embeddings, "
                                     "which loads at once and needs no teacher")  # fmt: skip
        self.encode_button.clicked.connect(self.encode_wanted)
        self.source = ElidedLabel(Qt.TextElideMode.ElideMiddle)
        self.guesses = wrapped_label(role="muted")
        self.teacher = wrapped_label()
        self.teacher_origin = wrapped_label(role="muted")
        self.rows, self.split = QLabel(), QLabel()
        self.rows.setToolTip("Rows taken from the sources, and those of them that became samples")
        self.split.setToolTip("Samples that the cube learns from, and samples that are never trained on: these make "
                              "the validation scores")  # fmt: skip
        for label in (self.rows, self.split):
            label.setTextFormat(Qt.TextFormat.RichText)
            label.setWordWrap(True)
        self.teacher_button = _link(
            "Other teacher or columns...", "Open texts with columns and a teacher that you choose"
        )
        self.teacher_button.clicked.connect(self.texts_wanted)
        self.columns_button = _link(
            "Choose columns...", "Choose the columns of vectors, texts and categories, after a look at the first rows"
        )
        self.columns_button.clicked.connect(self.columns_wanted)
        self.dropped = wrapped_label(role="warning")
        self.list_button = _link("List them...", "Show the file, the row and the reason of every row that was dropped")
        self.list_button.clicked.connect(self.list_dropped)
        self.warnings = wrapped_label(role="warning")
        self.near_duplicates = wrapped_label(role="warning")
        self.map_button = _link("Data map...", "Show every sample in a plane, with norms and neighbours")
        self.map_button.clicked.connect(self.map_wanted)
        self.budget = BudgetView()
        self.browser = SampleBrowser()
        self.browser.sample_wanted.connect(self.sample_wanted)
        self._build()
        self._show_nothing()

    @property
    def search_field(self) -> QWidget:
        """Where samples are searched."""
        return self.browser.search_field

    def show_run(self, summary: RunSummary) -> None:
        """Show the data of a run."""
        self._most_scored = summary.config.training_embedding.evaluation_samples
        if summary.dataset is not self.dataset:
            self.set_dataset(summary.dataset)
        else:
            self._show_split(summary.dataset)

    def show_applied(self, message: Applied) -> None:
        """Show other data, if edited settings named some."""
        self.show_run(message.summary)

    def set_dataset(self, dataset: EmbeddingDataset) -> None:
        """Show a run's data."""
        self.dataset = dataset
        report = self._report = dataset.report
        self.source.set_full_text(source_name(dataset.source))
        self.source.setToolTip(source_tip(dataset))
        notes = [*report.guesses, *report.left_aside] if report else []
        self._say(self.guesses, "\n".join(map(sentence, notes)))
        record = None if report is None else report.made_by
        self.teacher.setText(breakable(dataset.teacher_text))
        self._say(self.teacher_origin, breakable(sentence(record.known_from)) if record else NO_TEACHER_HINT)
        read = len(dataset) if report is None else report.rows_read
        self.rows.setText(figures((("", read, "read"), ("", len(dataset), "kept"))))
        self._show_split(dataset)
        dropped = dropped_text(report)
        self._say(self.dropped, dropped)
        self.list_button.setVisible(bool(dropped))
        shown = [] if report is None else [text for text in report.warnings if not is_shown_below(text, report)]
        self._say(self.warnings, "\n".join(sentence(text) for text in shown))
        self.near_duplicates.hide()
        self.budget.show_budget(dataset, None if report is None else report.memory)
        self.browser.set_dataset(dataset)

    def show_near_duplicates(self, found: NearDuplicates) -> None:
        """Warn of held-out samples that a training sample nearly equals."""
        self._say(self.near_duplicates, sentence(f"{found.sentence()}.") if found.found else "")

    def set_encoding(self, on: bool) -> None:
        """Say whether texts are being encoded: one file at a time."""
        self.encode_button.setEnabled(not on)
        self.encode_button.setText("Encoding..." if on else "Encode...")

    def list_dropped(self) -> BadRowsDialog | None:
        """Open the list of dropped rows."""
        if self._report is None or not self._report.dropped_count:
            return None
        dialog = BadRowsDialog(self._report, self)
        dialog.show()
        return dialog

    def closeEvent(self, event: QCloseEvent | None) -> None:
        """Leave no search running."""
        self.browser.stop()
        super().closeEvent(event)

    def sizeHint(self) -> QSize:
        """Fit beside the cube."""
        return QSize(290, 480)

    def minimumSizeHint(self) -> QSize:
        """Fit a narrow, low dock; what does not fit is scrolled to."""
        return QSize(240, 160)

    def _build(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.open_button, 1)
        buttons.addWidget(self.encode_button, 1)
        content = QWidget()
        layout = QVBoxLayout(content)
        layout.setContentsMargins(14, 10, 12, 8)
        layout.setSpacing(4)
        layout.addLayout(buttons)
        for heading, parts in (
            ("Source", (self.source, self.guesses, self.columns_button)),
            ("Teacher", (self.teacher, self.teacher_origin)),
        ):
            layout.addWidget(_heading(heading))
            for part in parts:
                layout.addWidget(part, 0, Qt.AlignmentFlag.AlignLeft if part is self.columns_button else _ANY)
        layout.addWidget(self.teacher_button, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(_heading("Samples"))
        for part in (self.rows, self.split, self.dropped):
            layout.addWidget(part)
        layout.addWidget(self.list_button, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(self.warnings)
        layout.addWidget(self.near_duplicates)
        layout.addWidget(self.map_button, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(_heading("Memory"))
        layout.addWidget(self.budget)
        layout.addWidget(_heading("Browse"))
        layout.addWidget(self.browser, 1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolled(content))

    def _show_split(self, dataset: EmbeddingDataset) -> None:
        train, held_out = len(dataset.train_indices), len(dataset.validation_indices)
        most = self._most_scored
        named = "held out" if most is None or most >= held_out else f"held out (evaluations score {most:,})"
        self.split.show()
        self.split.setText(figures((("train", train, "trained on"), ("validation", held_out, named))))

    def _show_nothing(self) -> None:
        self.source.set_full_text("No data yet")
        self._say(self.guesses, "Open a file of texts or embeddings, or drop one on the window.")
        self.teacher.setText("no teacher yet")
        self._say(self.teacher_origin, "The model that turned the texts into embeddings is named here.")
        self.rows.setText("How many rows were read, kept and held out is shown here.")
        for part in (self.split, self.dropped, self.list_button, self.warnings, self.near_duplicates):
            part.hide()

    @staticmethod
    def _say(label: QLabel, text: str) -> None:
        label.setText(breakable(text))
        label.setVisible(bool(text))


def _button(words: str, tip: str) -> QPushButton:
    button = QPushButton(words)
    button.setToolTip(tip)
    button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
    return button


def _link(words: str, tip: str) -> QPushButton:
    button = QPushButton(words)
    button.setProperty("link", True)
    button.setToolTip(tip)
    return button


def _heading(words: str) -> QLabel:
    label = QLabel(words)
    label.setProperty("role", "heading")
    label.setContentsMargins(0, 8, 0, 0)
    return label
