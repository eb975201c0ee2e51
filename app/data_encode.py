"""The dialog that asks what to encode: texts, their columns, the teacher, and the file to write."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PyQt6.QtWidgets import QFileDialog, QWidget

from app.data_texts import TextsDialog, TextsRequest, line_edit, with_button

EMBEDDINGS = "Embeddings (*.safetensors)"
NOTE = (
    "Training waits meanwhile. What was encoded is kept in the cache: an encoding that was cancelled goes on where "
    "it was."
)


@dataclass(frozen=True)
class EncodeRequest:
    """What is to be encoded, and where to."""

    texts: TextsRequest
    out: Path


class EncodeDialog(TextsDialog):
    """Asks for texts and for the file to write; `wanted` brings an `EncodeRequest`."""

    def __init__(self, teachers: list[str], folder: Path, parent: QWidget | None = None) -> None:
        """Prepare the dialog; the arguments are those of `TextsDialog`."""
        self.out = line_edit("File of embeddings to write; it ends in .safetensors and holds the texts too")
        super().__init__("Encode texts", "Encode", NOTE, teachers, folder, parent)
        self.start.setToolTip("Begin to encode, in the background")
        self.out.textChanged.connect(lambda _text: self.check())
        self.form.addRow("Write to", with_button(self.out, "Choose the file to write", self._ask_out))

    def request(self) -> EncodeRequest:
        """Return what is asked for."""
        return EncodeRequest(self.texts(), Path(self.out.text().strip()).expanduser())

    def find_problem(self) -> str:
        """Return what is missing or wrong, empty if nothing is."""
        problem, out = super().find_problem(), self.request().out
        if problem:
            return problem
        if not self.out.text().strip():
            return "Name the file to write."
        if out.suffix != ".safetensors":
            return "Embeddings are written as .safetensors: give the file to write that ending."
        return "" if out.parent.is_dir() else f"There is no folder {out.parent}."

    def source_found(self, source: Path) -> None:
        """Propose a file beside the texts."""
        self.out.setText(str(source.with_suffix(".safetensors")))

    def _ask_out(self) -> None:
        dialog = QFileDialog(self, "File to write", self.out.text() or str(self.folder), EMBEDDINGS)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("safetensors")
        self.ask_file(dialog, self.out.setText)
