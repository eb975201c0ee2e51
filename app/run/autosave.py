"""Autosaves of the run that is open.

Each running program keeps one checkpoint and one small note beside it in the platform's data folder.
A clean end removes both. A note whose process is gone is the trace of a crash, see `leftovers`.
"""

from __future__ import annotations

import json
import os
import time

import psutil
from PyQt6.QtCore import QObject, QTimer

from app.run.controller import RunController
from app.run.leftovers import autosave_folder
from app.run.messages import Applied, Saved
from lattice.atomic import atomic_path
from lattice.log import logger

SECONDS_A_MINUTE = 60


class Autosave(QObject):
    """Saves the run every few minutes if it moved on since."""

    def __init__(self, controller: RunController, parent: QObject | None = None) -> None:
        """Prepare; `set_minutes` starts the clock."""
        super().__init__(parent)
        self._controller = controller
        self._saved_step = 0
        self._timer = QTimer(self)
        self._timer.setObjectName("autosave")
        self._timer.timeout.connect(self.save_now)
        process = psutil.Process(os.getpid())
        self._started = process.create_time()
        self.checkpoint = autosave_folder() / f"run-{os.getpid()}.safetensors"
        self.note = self.checkpoint.with_suffix(".json")
        controller.saved.connect(self._on_saved)
        controller.opened.connect(self._on_opened)
        controller.applied.connect(self._on_applied)

    def set_minutes(self, minutes: int) -> None:
        """Save every so many minutes; 0 switches autosave off."""
        if minutes > 0:
            self._timer.start(minutes * SECONDS_A_MINUTE * 1000)
        else:
            self._timer.stop()

    def save_now(self) -> bool:
        """Request an autosave unless nothing was trained since the last save; True if it was requested."""
        if self._controller.summary is None or self._controller.unsaved_steps == self._saved_step:
            return False
        self._saved_step = self._controller.unsaved_steps
        self._controller.save(self.checkpoint, "autosave")
        return True

    def close(self, *, clean: bool) -> None:
        """Stop the clock; a clean end needs no autosave any more."""
        self._timer.stop()
        if clean:
            self.checkpoint.unlink(missing_ok=True)
            self.note.unlink(missing_ok=True)

    def _on_opened(self, _summary: object) -> None:
        self._saved_step = 0

    def _on_applied(self, message: Applied) -> None:
        if message.undone:
            self._saved_step = 0  # the autosave holds the run that was given up

    def _on_saved(self, message: Saved) -> None:
        if message.kind == "checkpoint":
            self._saved_step = 0
            return
        if message.kind != "autosave" or self._controller.summary is None:
            return
        told = {
            "pid": os.getpid(),
            "started": self._started,
            "name": self._controller.summary.name,
            "training_step": message.training_step,
            "saved_at": time.time(),
        }
        try:
            with atomic_path(self.note) as temporary:
                temporary.write_text(json.dumps(told), encoding="utf-8")
        except OSError as error:
            logger.warning("the autosave's note can't be written: %s", error)
