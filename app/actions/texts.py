"""What can be done with texts: opening them with chosen columns and teacher, and encoding them to a file."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtWidgets import QWidget

from app.actions.columns_dialog import Choices, ColumnsDialog
from app.actions.encode_dialog import EncodeDialog, EncodeRequest
from app.actions.file_kinds import is_text_file
from app.actions.open import OpenActions
from app.actions.texts_dialog import TextsDialog, TextsRequest
from app.run.controller import RunController
from app.run.file_commands import EncodedTexts, EncodeTexts
from app.session.preferences import Preferences
from app.widgets.banner import Banner
from lattice.config import SimpleProjectConfig
from lattice.config.teacher import TeacherSettings
from lattice.data.column_names import NONE
from lattice.plugins import OBJECTIVES
from lattice.units import plural

OFFERED = ("auto", "minilm", "distilbert-base-uncased")
OPEN_NOTE = "A new run begins on these texts, with the present settings otherwise. The teacher encodes each text once."


class TextActions(QObject):
    """Requests texts, has them encoded, and offers to open the result."""

    encoding_changed = pyqtSignal(bool)
    """Whether a file is being encoded."""

    def __init__(
        self,
        controller: RunController,
        preferences: Preferences,
        opener: OpenActions,
        banner: Banner,
        parent: QWidget,
    ) -> None:
        """Ask for a window.

        Args:
            controller: of the run, whose worker encodes.
            preferences: folder in which dialogs open.
            opener: opens texts and what was encoded.
            banner: where the end of an encoding is reported.
            parent: window that dialogs belong to.
        """
        super().__init__(parent)
        self._controller, self._preferences, self._opener = controller, preferences, opener
        self._banner, self._parent = banner, parent
        self._encoding = False
        self.dialog: TextsDialog | ColumnsDialog | None = None
        """The dialog that is open."""

    @property
    def encoding(self) -> bool:
        """Whether a file is being encoded."""
        return self._encoding

    def ask_texts(self) -> None:
        """Ask for texts to learn, their columns and the teacher."""
        summary = self._controller.summary
        data = None if summary is None else summary.config.training_embedding.data
        known = data is not None and is_text_file(Path(data)) and Path(data).is_file()
        self._show(self._texts_dialog(summary.config if summary is not None and known else None))

    def ask_teacher(self, refused: SimpleProjectConfig) -> None:
        """Ask for the same texts and columns with another teacher than the one that could not be loaded."""
        dialog = self._texts_dialog(refused)
        dialog.teacher.setCurrentText(self._other_teacher(refused.teacher.model))
        self._show(dialog)

    def _texts_dialog(self, known: SimpleProjectConfig | None) -> TextsDialog:
        folder = self._preferences.folder
        dialog = TextsDialog("Open texts", "Open", OPEN_NOTE, self._teachers(), folder, self._parent)
        self._show_teacher(dialog)
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
            "data.vector_column": NONE,
            "data.pair_columns": request.pair,
        }
        teacher = self._settings(request).model_dump(mode="json")
        changes |= {f"teacher.{name}": value for name, value in teacher.items()}
        self._opener.open_data(request.source, changes)

    def ask_columns(self) -> None:
        """Ask for table and columns of the present data, or of another source, with a look at the first rows."""
        summary = self._controller.summary
        dialog = ColumnsDialog(self._preferences.folder, self._parent)
        if summary is not None and summary.config.training_embedding.data is not None:
            training, data = summary.config.training_embedding, summary.config.data
            assert training.data is not None
            pairs = OBJECTIVES[training.objective].needs_partners
            dialog.show_source(training.data, data, want_pairs=pairs)
        dialog.wanted.connect(self.open_columns)
        self._show(dialog)

    def open_columns(self, source: Path, choices: Choices) -> None:
        """Begin a new run on a source with a table and columns of one's choice."""
        self._opener.open_data(source, {f"data.{name}": value for name, value in choices.items()})

    def ask_encode(self) -> None:
        """Ask what to encode; while that is being done, nothing else is encoded."""
        if self._encoding:
            return
        dialog = EncodeDialog(self._teachers(), self._preferences.folder, self._parent)
        self._show_teacher(dialog)
        dialog.wanted.connect(self.encode)
        self._show(dialog)

    def encode(self, request: EncodeRequest) -> None:
        """Encode a file in the worker's thread."""
        texts = request.texts
        summary = self._controller.summary
        self._set_encoding(True)
        self._controller.request(
            EncodeTexts(
                texts.source,
                request.out,
                self._settings(texts),
                texts.column,
                texts.pair,
                "auto" if summary is None else summary.config.device.policy,
            ),
            lambda encoded: self._finish(request.out, encoded),
            lambda _failure: self._set_encoding(False),
        )

    def _finish(self, out: Path, encoded: EncodedTexts) -> None:
        self._set_encoding(False)
        left_out = f", {plural(encoded.dropped, 'row')} without a text left out" if encoded.dropped else ""
        self._banner.say(
            f"{plural(encoded.kept, 'text')} encoded into {out.name} by {encoded.teacher}{left_out}.",
            (("Open it", lambda: self._opener.open_data(out)),),
        )

    def _show_teacher(self, dialog: TextsDialog) -> None:
        summary = self._controller.summary
        if summary is not None:
            dialog.teacher_fields.show_settings(summary.config.teacher)

    def _teachers(self) -> list[str]:
        summary = self._controller.summary
        configured = TeacherSettings().model if summary is None else summary.config.teacher.model
        return [configured, *(model for model in OFFERED if model != configured)]

    def _other_teacher(self, failed: str) -> str:
        """Return the present data's teacher, or the first on offer, but not the one that failed."""
        summary = self._controller.summary
        report = None if summary is None else summary.dataset.report
        made_by = None if report is None or report.made_by is None else report.made_by.settings
        likely = [*([made_by.model] if made_by is not None else []), *self._teachers()]
        return next(model for model in likely if model != failed)

    def _settings(self, request: TextsRequest) -> TeacherSettings:
        """Return the run's own settings of its teacher, or the usual ones of another, as the dialog changed them."""
        summary = self._controller.summary
        own = None if summary is None else summary.config.teacher
        known = own if own is not None and own.model == request.teacher else TeacherSettings(model=request.teacher)
        return known.model_copy(update={"prompt": request.prompt, "truncate_dim": request.truncate_dim})

    def _set_encoding(self, on: bool) -> None:
        self._encoding = on
        self.encoding_changed.emit(on)

    def _show(self, dialog: TextsDialog | ColumnsDialog) -> None:
        self.dialog = dialog
        dialog.destroyed.connect(self._forget_dialog)
        dialog.open()

    def _forget_dialog(self) -> None:
        self.dialog = None
