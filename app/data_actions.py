"""What can be done with data beside opening it: encoding a file of texts, in the worker's thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, pyqtSignal

from app.data_encode import EncodeDialog, EncodeRequest
from app.units import plural
from lattice.config.teacher import TeacherSettings
from lattice.progress import Progress

if TYPE_CHECKING:
    from app.main_window import MainWindow
    from lattice.data.report import LoadReport

OFFERED = ("minilm", "distilbert-base-uncased")


class DataActions(QObject):
    """Asks what to encode, has it done, and offers to open the result."""

    encoding_changed = pyqtSignal(bool)
    """Whether a file is being encoded."""

    def __init__(self, window: MainWindow) -> None:
        """Work for a window."""
        super().__init__(window)
        self._window = window
        self._encoding = False
        self.dialog: EncodeDialog | None = None

    @property
    def encoding(self) -> bool:
        """Whether a file is being encoded."""
        return self._encoding

    def ask_encode(self) -> None:
        """Ask what to encode; while that is being done, nothing else is encoded."""
        if self._encoding:
            return
        configured = self._settings().model
        teachers = [configured, *(model for model in OFFERED if model != configured)]
        dialog = EncodeDialog(teachers, self._window.preferences.folder, self._window)
        dialog.wanted.connect(self.encode)
        self.dialog = dialog
        dialog.destroyed.connect(self._forget_dialog)
        dialog.open()

    def encode(self, request: EncodeRequest) -> None:
        """Encode a file in the worker's thread."""
        summary = self._window.controller.summary
        policy = "auto" if summary is None else summary.config.device.policy
        settings = self._settings()
        if settings.model != request.teacher:
            settings = TeacherSettings(model=request.teacher)

        def work(progress: Progress) -> LoadReport:
            from lattice.data import Columns, encode_file
            from lattice.devices import choose_device

            name = request.source.name

            def named(what: str, done: int, total: int | None) -> None:
                progress(f"Encoding {name}" if what == "encoding" else what, done, total)

            pair = (request.column, request.partner) if request.column and request.partner else None
            columns = Columns(text=request.column, pair=pair)
            device = choose_device(policy)
            return encode_file(request.source, request.out, settings, columns, named, device=device)

        self._set_encoding(True)
        self._window.preferences.remember_file(request.source)
        self._window.controller.work(
            f"encode {request.source.name}",
            work,
            lambda report: self._finish(request, report),  # type: ignore[arg-type]
            lambda: self._set_encoding(False),
        )

    def _finish(self, request: EncodeRequest, report: LoadReport) -> None:
        self._set_encoding(False)
        open_it: Callable[[], None] = lambda: self._window.files.open_data(request.out)  # noqa: E731
        left_out = f", {plural(report.dropped_count, 'row')} without a text left out" if report.dropped_count else ""
        self._window.central.banner.say(
            f"{plural(report.kept, 'text')} encoded into {request.out.name} by {report.teacher}{left_out}.",
            (("Open it", open_it),),
        )

    def _settings(self) -> TeacherSettings:
        summary = self._window.controller.summary
        return TeacherSettings() if summary is None else summary.config.teacher

    def _set_encoding(self, on: bool) -> None:
        self._encoding = on
        self.encoding_changed.emit(on)

    def _forget_dialog(self) -> None:
        self.dialog = None
