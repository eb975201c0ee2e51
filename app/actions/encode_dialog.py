"""The dialog that asks what to encode: texts, their columns, the teacher, and the file to write."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PyQt6.QtWidgets import QFileDialog, QWidget

from app.actions.file_dialogs import EMBEDDINGS, ending_problem
from app.actions.path_fields import line_edit, with_button
from app.actions.texts_dialog import TextsDialog, TextsRequest
from app.widgets.transient import transient
from lattice.formats import is_checkpoint

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
    """Requests texts and the file to write; `wanted` brings an `EncodeRequest`."""

    def __init__(self, teachers: list[str], folder: Path, parent: QWidget | None = None) -> None:
        """Prepare the dialog; the arguments are those of `TextsDialog`."""
        self.out = line_edit("File of embeddings to write; it ends in .safetensors and holds the texts too")
        self._proposed = ""
        self._replaced: Path | None = None  # the file dialog asked already
        super().__init__("Encode texts", "Encode", NOTE, teachers, folder, parent)
        self.start.setToolTip("Begin to encode, in the background")
        self.out.textChanged.connect(lambda _text: self.check())
        self.form.addRow("Write to", with_button(self.out, "Choose the file to write", self._ask_out))

    def request(self) -> EncodeRequest:
        """Return what is requested."""
        return EncodeRequest(self.texts(), Path(self.out.text().strip()).expanduser())

    def find_problem(self) -> str:
        """Return what is missing or wrong, empty if nothing is."""
        problem, out = super().find_problem(), self.request().out
        if problem:
            return problem
        if not self.out.text().strip():
            return "Name the file to write."
        if unfit := ending_problem(out, EMBEDDINGS):
            return f"{unfit}."
        if not out.parent.is_dir():
            return f"There is no folder {out.parent}."
        if out.exists() and out != self._replaced:
            return f"{out} exists already: name another file, or choose this one with Browse... to replace it."
        if is_checkpoint(out):
            return f"{out} is a checkpoint of a run: name another file."
        return ""

    def source_found(self, source: Path) -> None:
        """Propose a file beside the texts that does not exist yet, unless a person named one."""
        if self.out.text().strip() in ("", self._proposed):
            self._proposed = str(free_name(source.with_name(f"{source.stem}-embeddings.safetensors")))
            self.out.setText(self._proposed)

    def _ask_out(self) -> None:
        dialog = transient(QFileDialog(self, "File to write", self.out.text() or str(self.folder), EMBEDDINGS))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("safetensors")
        self.ask_file(dialog, self._take_out)

    def _take_out(self, name: str) -> None:
        self._replaced, self._proposed = Path(name), ""
        self.out.setText(name)
        self.check()


def free_name(path: Path) -> Path:
    """Return `path`, or the first of `NAME-2`, `NAME-3` and so on beside it that does not exist."""
    number, free = 1, path
    while free.exists():
        number += 1
        free = path.with_stem(f"{path.stem}-{number}")
    return free
