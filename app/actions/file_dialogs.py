"""Asking for files to open and to write, and the names that are proposed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PyQt6.QtWidgets import QFileDialog, QWidget

from app.run.summary import RunSummary
from app.session.preferences import Preferences
from app.widgets.transient import transient

CHECKPOINTS = "Checkpoints (*.safetensors)"
MARKS = ("-checkpoint", "-weights", "-embeddings", "-outputs", "-program")
"""Ends of proposed names, which distinguish what shares the ending `.safetensors`."""


class FileDialogs:
    """File dialogs that open in the folder used last; they never hold up the program's work."""

    def __init__(self, preferences: Preferences, parent: QWidget) -> None:
        """Remember folders in `preferences`; dialogs belong to `parent`."""
        self._preferences, self._parent = preferences, parent

    def ask_open(self, title: str, filters: str, act: Callable[[Path], None]) -> None:
        """Ask for a file that exists and hand it to `act`."""
        dialog = transient(QFileDialog(self._parent, title, str(self._preferences.folder), filters))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda name: act(Path(name)))
        dialog.open()

    def ask_save(
        self,
        title: str,
        name: str,
        filters: str,
        act: Callable[[Path], None],
        cancelled: Callable[[], None] | None = None,
    ) -> None:
        """Ask for a file to write, proposing `name`, and hand it to `act`, or call `cancelled`."""
        dialog = transient(QFileDialog(self._parent, title, str(self._preferences.folder / name), filters))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(Path(name).suffix.removeprefix("."))
        dialog.selectFile(name)
        dialog.fileSelected.connect(self._remember_folder)
        dialog.fileSelected.connect(lambda chosen: act(Path(chosen)))
        if cancelled is not None:
            dialog.rejected.connect(cancelled)
        dialog.open()

    def _remember_folder(self, chosen: str) -> None:
        self._preferences.folder = Path(chosen).parent


def proposed_stem(summary: RunSummary | None) -> str:
    """Return the run's name for proposing file names: without the mark of the file that it was opened from."""
    stem = Path(summary.name).stem if summary is not None else "cellcube"
    return next((stem.removesuffix(mark) for mark in MARKS if stem.endswith(mark) and stem != mark), stem)
