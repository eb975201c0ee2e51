"""Asking for files to open and to write, and the names that are proposed."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from PyQt6.QtWidgets import QFileDialog, QWidget

from app.actions.dialogs import QuestionDialog
from app.run.messages import Failed, input_failure
from app.run.summary import RunSummary
from app.session.preferences import Preferences
from app.widgets.transient import transient
from lattice.errors import CellcubeError

CHECKPOINTS = "Checkpoints (*.safetensors)"
EMBEDDINGS = "Embeddings (*.safetensors)"
MARKS = ("-checkpoint", "-weights", "-embeddings", "-outputs", "-program")
"""Ends of proposed names, which distinguish what shares the ending `.safetensors`."""


class FileDialogs:
    """File dialogs that open in the folder used last; they never hold up the program's work."""

    def __init__(self, preferences: Preferences, parent: QWidget, show_failure: Callable[[Failed], None]) -> None:
        """Remember folders in `preferences`; dialogs belong to `parent`; `show_failure` says why a name can't be."""
        self._preferences, self._parent, self._show_failure = preferences, parent, show_failure

    def ask_open(self, title: str, filters: str, act: Callable[[Path], None]) -> None:
        """Ask for a file that exists and hand it to `act`."""
        dialog = transient(QFileDialog(self._parent, title, str(self._preferences.folder), filters))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda name: act(Path(name)))
        dialog.open()

    def ask_folder(self, title: str, act: Callable[[Path], None]) -> None:
        """Ask for a folder that exists and hand it to `act`."""
        dialog = folder_dialog(self._parent, title, self._preferences.folder)
        dialog.fileSelected.connect(lambda name: act(Path(name)))
        dialog.open()

    def ask_file_or_folder(self, title: str, name: str, filters: str, act: Callable[[Path], None]) -> None:
        """Ask which of the two `name` is, for its ending does not tell, then for it."""
        question = QuestionDialog(
            title,
            f"{name} is gone. Was it a file, or a folder?",
            (
                ("Cancel", "cancel", lambda: None),
                ("A folder", "plain", lambda: self.ask_folder(title, act)),
                ("A file", "primary", lambda: self.ask_open(title, filters, act)),
            ),
            self._parent,
        )
        question.show()

    def ask_save(
        self,
        title: str,
        name: str,
        filters: str,
        act: Callable[[Path], None],
        cancelled: Callable[[], None] | None = None,
    ) -> None:
        """Ask for a file to write, proposing `name`, and hand it to `act`, or call `cancelled`.

        A name whose ending is none of `filters` is refused: the file would not be what it says.
        """
        dialog = transient(QFileDialog(self._parent, title, str(self._preferences.folder / name), filters))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(Path(name).suffix.removeprefix("."))
        dialog.selectFile(name)
        dialog.fileSelected.connect(self._remember_folder)

        def take(chosen: str) -> None:
            problem = ending_problem(Path(chosen), filters)
            if not problem:
                act(Path(chosen))
                return
            self._show_failure(input_failure(f"Can't write {Path(chosen).name}", CellcubeError(problem)))
            if cancelled is not None:
                cancelled()

        dialog.fileSelected.connect(take)
        if cancelled is not None:
            dialog.rejected.connect(cancelled)
        dialog.open()

    def _remember_folder(self, chosen: str) -> None:
        self._preferences.folder = Path(chosen).parent


def folder_dialog(parent: QWidget, title: str, folder: Path) -> QFileDialog:
    """Return a dialog for a folder that exists, which begins in `folder` and goes away once it is closed."""
    dialog = transient(QFileDialog(parent, title, str(folder)))
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly)
    return dialog


def ending_problem(path: Path, filters: str) -> str:
    """Return why a file can't have this name, or nothing: `filters`, as `Pictures (*.png *.svg)`, name its endings."""
    endings = re.findall(r"\*(\.\w+)", filters)
    if path.suffix.lower() in endings:
        return ""
    ways = " or ".join(endings)
    return f"{path} would be written as {ways}: choose a name that ends so, such as {path.stem}{endings[0]}"


def proposed_stem(summary: RunSummary | None) -> str:
    """Return the run's name for proposing file names: without the mark of the file that it was opened from."""
    stem = Path(summary.name).stem if summary is not None else "cellcube"
    return next((stem.removesuffix(mark) for mark in MARKS if stem.endswith(mark) and stem != mark), stem)
