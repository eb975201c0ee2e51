"""What can be done with texts: opening them with chosen columns and teacher, and encoding them to a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, pyqtSignal

from app.actions.encode_dialog import EncodeDialog, EncodeRequest
from app.actions.file_kinds import is_text_file
from app.actions.texts_dialog import TextsDialog, TextsRequest
from lattice.config import SimpleProjectConfig
from lattice.config.teacher import TeacherSettings
from lattice.progress import Progress
from lattice.units import plural

if TYPE_CHECKING:
    from app.window.main_window import MainWindow
    from lattice.data.report import LoadReport

OFFERED = ("minilm", "distilbert-base-uncased")
OPEN_NOTE = "A new run begins on these texts, with the present settings otherwise. The teacher encodes each text once."


class DataActions(QObject):
    """Asks for texts, has them encoded, and offers to open the result."""

    encoding_changed = pyqtSignal(bool)
    """Whether a file is being encoded."""

    def __init__(self, window: MainWindow) -> None:
        """Work for a window."""
        super().__init__(window)
        self._window = window
        self._encoding = False
        self.dialog: TextsDialog | None = None
        """The dialog that is open."""

    @property
    def encoding(self) -> bool:
        """Whether a file is being encoded."""
        return self._encoding

    def search_samples(self) -> None:
        """Go to the field that searches the samples."""
        self._window.docks.raise_panel("data")
        self._window.data_panel.search_field.setFocus()

    def type_sentence(self) -> None:
        """Go to the box for a sentence of one's own."""
        self._window.docks.raise_panel("sample")
        box = self._window.sample_panel.probe
        if box.field.isEnabled():
            box.field.setFocus()
            box.field.selectAll()
        else:
            box.teacher_button.setFocus()

    def ask_texts(self) -> None:
        """Ask for texts to learn, their columns and the teacher."""
        summary = self._window.controller.summary
        data = None if summary is None else summary.config.training_embedding.data
        known = data is not None and is_text_file(Path(data)) and Path(data).is_file()
        self._show(self._texts_dialog(summary.config if summary is not None and known else None))

    def ask_teacher(self, refused: SimpleProjectConfig) -> None:
        """Ask for the same texts and columns with another teacher than the one that could not be loaded."""
        dialog = self._texts_dialog(refused)
        dialog.teacher.setCurrentText(self._other_teacher(refused.teacher.model))
        self._show(dialog)

    def _texts_dialog(self, known: SimpleProjectConfig | None) -> TextsDialog:
        window = self._window
        dialog = TextsDialog("Open texts", "Open", OPEN_NOTE, self._teachers(), window.preferences.folder, window)
        dialog.start.setToolTip("Begin a new run on these texts")
        if known is not None and known.training_embedding.data is not None:
            pair = known.data.pair_columns
            dialog.choose(known.training_embedding.data, *(pair or (known.data.text_column,)))
        dialog.wanted.connect(self.open_texts)
        return dialog

    def open_texts(self, request: TextsRequest) -> None:
        """Begin a new run on texts."""
        changes: dict[str, object] = {
            "training_embedding.data": str(request.source),
            "data.text_column": request.column,
            "data.pair_columns": request.pair,
        }
        teacher = self._settings(request.teacher).model_dump(mode="json")
        changes |= {f"teacher.{name}": value for name, value in teacher.items()}
        self._window.files.open_data(request.source, changes)

    def ask_encode(self) -> None:
        """Ask what to encode; while that is being done, nothing else is encoded."""
        if self._encoding:
            return
        dialog = EncodeDialog(self._teachers(), self._window.preferences.folder, self._window)
        dialog.wanted.connect(self.encode)
        self._show(dialog)

    def encode(self, request: EncodeRequest) -> None:
        """Encode a file in the worker's thread."""
        texts = request.texts
        summary = self._window.controller.summary
        policy = "auto" if summary is None else summary.config.device.policy
        settings = self._settings(texts.teacher)

        def work(progress: Progress) -> LoadReport:
            from lattice.data import Columns, encode_file
            from lattice.devices import choose_device

            def named(what: str, done: int, total: int | None) -> None:
                progress(f"Encoding {texts.source.name}" if what == "encoding" else what, done, total)

            columns = Columns(text=texts.column, pair=texts.pair)
            return encode_file(texts.source, request.out, settings, columns, named, device=choose_device(policy))

        self._set_encoding(True)
        self._window.controller.work(
            f"encode {texts.source.name}",
            work,
            lambda report: self._finish(request, report),  # type: ignore[arg-type]
            lambda: self._set_encoding(False),
        )

    def _finish(self, request: EncodeRequest, report: LoadReport) -> None:
        self._set_encoding(False)
        left_out = f", {plural(report.dropped_count, 'row')} without a text left out" if report.dropped_count else ""
        self._window.central.banner.say(
            f"{plural(report.kept, 'text')} encoded into {request.out.name} by {report.teacher}{left_out}.",
            (("Open it", lambda: self._window.files.open_data(request.out)),),
        )

    def _teachers(self) -> list[str]:
        summary = self._window.controller.summary
        configured = TeacherSettings().model if summary is None else summary.config.teacher.model
        return [configured, *(model for model in OFFERED if model != configured)]

    def _other_teacher(self, failed: str) -> str:
        """Return the present data's teacher, or the first on offer, but not the one that failed."""
        summary = self._window.controller.summary
        report = None if summary is None else summary.dataset.report
        made_by = None if report is None or report.made_by is None else report.made_by.settings
        likely = [*([made_by.model] if made_by is not None else []), *self._teachers()]
        return next(model for model in likely if model != failed)

    def _settings(self, model: str) -> TeacherSettings:
        """Return the run's own settings of its teacher, or the usual ones of another."""
        summary = self._window.controller.summary
        own = None if summary is None else summary.config.teacher
        return own if own is not None and own.model == model else TeacherSettings(model=model)

    def _set_encoding(self, on: bool) -> None:
        self._encoding = on
        self.encoding_changed.emit(on)

    def _show(self, dialog: TextsDialog) -> None:
        self.dialog = dialog
        dialog.destroyed.connect(self._forget_dialog)
        dialog.open()

    def _forget_dialog(self) -> None:
        self.dialog = None
