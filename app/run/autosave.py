"""Autosaves: each window keeps one checkpoint, with a lock beside it, in the platform's data folder.

A clean end removes both. A lock whose process is gone is the trace of a crash, see `leftovers`.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from PyQt6.QtCore import QObject, QTimer

from app.run.controller import RunController
from app.run.kept_files import LOCK_ENDING, autosave_folders
from app.run.leftovers import BY_SIGNAL
from app.run.messages import Applied, Failed, Saved
from app.run.summary import KeptIn, RunSummary
from lattice.errors import CellcubeError
from lattice.log import logger
from lattice.runs.lock import FileLock

SECONDS_A_MINUTE = 60


class Autosave(QObject):
    """Saves the run every few minutes if it moved on since."""

    def __init__(self, controller: RunController, parent: QObject | None = None) -> None:
        """Prepare; `set_minutes` starts the clock."""
        super().__init__(parent)
        self._controller = controller
        self._saved_step = 0
        self._safe_at: int | None = 0
        self._begun_at = 0
        self._kept: KeptIn | None = None
        self._autosaved_at: int | None = -1
        self._timer = QTimer(self)
        self._timer.setObjectName("autosave")
        self._timer.timeout.connect(self.save_now)
        self._name = f"run-{uuid.uuid4().hex[:12]}"
        self._folders = list(autosave_folders())
        self._lock: FileLock | None = None
        controller.saved.connect(self._on_saved)
        controller.opened.connect(self._on_opened)
        controller.applied.connect(self._on_applied)

    @property
    def checkpoint(self) -> Path:
        """The file that is written; may not exist yet."""
        return self._folders[0] / f"{self._name}.safetensors"

    @property
    def kept(self) -> KeptIn | None:
        """The file that holds the run as it was opened or saved last, apart from the autosave.

        None if it has none, or if the run was brought back to before what the file holds: that is another course.
        """
        saved = self._controller.training_step - self._controller.unsaved_steps
        return self._kept if self._kept is not None and saved >= self._kept.training_step else None

    @property
    def note(self) -> Path:
        """The lock beside it, which names the run and its window's process."""
        return self.checkpoint.with_suffix(LOCK_ENDING)

    def set_minutes(self, minutes: int) -> None:
        """Save every so many minutes; 0 switches autosave off."""
        if minutes > 0:
            self._timer.start(minutes * SECONDS_A_MINUTE * 1000)
        else:
            self._timer.stop()

    def save_now(self, then: Callable[[], object] | None = None) -> bool:
        """Request an autosave unless nothing was trained since the last save; True if it was requested.

        Args:
            then: called once it is written, or failed at every place. With it any run is saved: its newest steps may
                not have been reported yet. `close` deletes what turns out to hold nothing new.
        """
        controller = self._controller
        moved = then is not None or controller.unsaved_steps != self._saved_step
        if controller.summary is None or not moved:
            return False
        self._saved_step = controller.unsaved_steps
        self._note_run()

        def done(_path: Path) -> None:
            if then is not None:
                then()

        def failed(failure: Failed | None) -> None:
            self._saved_step = 0
            if failure is not None and len(self._folders) > 1:
                self._leave_folder(failure.what)
                self.save_now(then)
            elif then is not None:
                then()

        controller.save(self.checkpoint, "autosave", done, failed)
        return True

    def close(self, *, clean: bool) -> None:
        """Stop the clock; a clean end needs no autosave any more, and neither does a run that was not trained.

        An end that is not clean is that by a signal, which the note of the autosave tells the next start.
        """
        self._timer.stop()
        clean = clean or self._autosaved_at == self._safe_at
        if clean:
            self._delete()
        if self._lock is not None:
            if not clean:
                with suppress(OSError):  # without it the next start calls the end a crash
                    self._lock.note(**self._lock.notes, ended=BY_SIGNAL)
            self._lock.release(keep=not clean)
            self._lock = None

    def _note_run(self) -> None:
        """Have a lock that says which run is open; without one the autosave is written all the same."""
        summary = self._controller.summary
        assert summary is not None
        file, step = self.kept or ("", self._begun_at)
        notes = {"name": summary.name, "checkpoint": str(file), "training_step": step}
        try:
            if self._lock is None:
                self._lock = FileLock(self.note, **notes).take()
            else:
                self._lock.note(**notes)
        except (OSError, CellcubeError) as error:
            logger.warning("the autosave's note can't be written: %s", error)

    def _leave_folder(self, why: str) -> None:
        """Write to the next folder from now on."""
        before = self._folders.pop(0)
        logger.warning("The autosave failed in %s (%s): it goes to %s from now on", before, why, self._folders[0])
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def _on_opened(self, summary: RunSummary) -> None:
        """Begin with another run: the one before was left on purpose, so nobody is offered its autosave."""
        self._saved_step = 0
        self._safe_at = None if summary.recovered else summary.training_step
        self._begun_at = summary.training_step
        if summary.recovered:
            self._kept = summary.kept
        else:
            self._kept = None if summary.checkpoint is None else KeptIn(summary.checkpoint, summary.training_step)
        if summary.checkpoint != self.checkpoint:  # going back to the autosave itself keeps it
            self._autosaved_at = -1
            self._delete()
        if self._timer.isActive() or self._lock is not None:
            self._controller.turns.do(self._note_run)

    def _delete(self) -> None:
        with suppress(OSError):
            self.checkpoint.unlink(missing_ok=True)

    def _on_applied(self, message: Applied) -> None:
        if message.brought_back:
            self._saved_step = 0  # the autosave holds the run that was given up
            if self.checkpoint.exists():
                self.save_now()

    def _on_saved(self, message: Saved) -> None:
        if message.kind == "autosave":
            self._autosaved_at = message.training_step
        if message.kind == "checkpoint":
            self._safe_at = message.training_step
            self._saved_step = 0
            self._kept = KeptIn(message.path, message.training_step)
            if self._lock is not None:
                self._note_run()
