"""The window's side of the worker: owns its thread, and has a method for each request."""

from __future__ import annotations

import atexit
import weakref
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QObject, Qt, QThread

from app.platform.qt_exit import part
from app.run.command import Command
from app.run.command_queue import CommandQueue
from app.run.commands import (
    Apply,
    DropReady,
    Evaluate,
    Observe,
    OpenRun,
    Pause,
    RedoApply,
    Reset,
    SingleStep,
    Start,
    TakeReady,
    UndoApply,
)
from app.run.file_commands import Save, SaveKind
from app.run.pending import GaveUp
from app.run.reports import RunReports
from app.run.sound_commands import GoBack, GoOn
from app.run.summary import RunSummary
from app.run.trainer_factory import LatticeRuns, RunFactory
from app.run.worker import TrainingWorker
from lattice.config import SimpleProjectConfig

R = TypeVar("R")

_alive: weakref.WeakSet[RunController] = weakref.WeakSet()


class RunController(RunReports):
    """Owns the worker and its thread. All methods return at once; answers come as signals and callbacks.

    `done` is called in the window's thread with the answer to just this request, `failed` with its failure, or None
    after a cancel. Signals come first, so that everybody knows of the new run or file by then; a failure's callback
    comes before the signal `failed`.
    """

    def __init__(self, runs: RunFactory | None = None, parent: QObject | None = None) -> None:
        """Create the worker; nothing runs before `launch`."""
        super().__init__(parent)
        self._queue = CommandQueue()
        self._thread = QThread()
        self._thread.setObjectName("training")
        self._worker = TrainingWorker(runs or LatticeRuns(), self._queue)
        self._worker.moveToThread(self._thread)
        self._worker.message.connect(self._deliver)
        # Direct: the window's thread may be waiting for the worker's, and then delivers nothing.
        self._worker.finished.connect(self._thread.quit, Qt.ConnectionType.DirectConnection)  # type: ignore[call-arg]
        self._thread.started.connect(self._worker.run)
        self._thread.finished.connect(self.ended)
        self.curves: Callable[[], Mapping[str, NDArray[Any]]] = dict
        """Gives the run's course, to be stored with whatever the run can be resumed from."""
        self.colors: Callable[[], Mapping[str, NDArray[Any]]] = dict
        """Gives what the cells' colours are read against, to be stored likewise."""
        self.raised: Callable[[], Mapping[str, NDArray[Any]]] = dict
        """Gives by how much a press of Start raises the training steps, to be stored likewise."""
        self._starts_opened = False
        """Whether the run that was opened is trained once it is on screen: not if a person pauses it before."""
        _alive.add(self)

    @property
    def running(self) -> bool:
        """Whether the worker's thread is there."""
        return self._thread.isRunning()

    def launch(self) -> None:
        """Start the worker's thread."""
        if not self._queue.stopping:
            self._thread.start()

    def request(
        self, command: Command[R], done: Callable[[R], None] | None = None, failed: GaveUp | None = None
    ) -> int:
        """Put any command into the worker's queue, in the order of the calls; return its token."""
        token = self._pending.add(done, failed)
        self._queue.put(replace(command, token=token) if token else command)
        return token

    def open(
        self, request: OpenRun, done: Callable[[RunSummary], None] | None = None, failed: GaveUp | None = None
    ) -> None:
        """Open a run beside the present one, which continues untouched if that fails."""
        self.request(request, done, failed)

    def prepare(self, request: OpenRun, ready: Callable[[RunSummary], None], failed: GaveUp | None = None) -> int:
        """Open a run and hold it ready; the present one goes on until `take_ready`, or for good after `drop_ready`.

        Both need the token that is returned: a run that is prepared later takes the place of one that is held.
        """
        return self.request(replace(request, held=True), ready, failed)

    def take_ready(
        self, held: int, done: Callable[[RunSummary], None] | None = None, failed: GaveUp | None = None
    ) -> None:
        """Put the run that is held ready in place of the present one; given up if another one is held by now."""
        self.request(TakeReady(held), done, failed)

    def drop_ready(self, held: int) -> None:
        """Forget the run that is held ready, unless another one is held by now."""
        self._queue.put(DropReady(held))

    def save(
        self,
        path: Path,
        kind: SaveKind = "checkpoint",
        done: Callable[[Path], None] | None = None,
        failed: GaveUp | None = None,
    ) -> None:
        """Write a checkpoint or an autosave, with the run's course and what its colours are read against."""
        self.request(Save(path, kind, self.curves(), self.colors(), self.raised()), done, failed)

    def start(self) -> None:
        """Train until paused."""
        self._queue.put(Start())
        self._shown.request_start()

    def pause(self) -> None:
        """Stop after the training step that is being done."""
        self._starts_opened = False
        self._queue.put(Pause())
        self._shown.request_stop()

    def toggle(self) -> None:
        """Pause if training, else start; while one of them is waited for, take it back."""
        if self.awaited == "start" or (self.state == "training" and self.awaited != "pause"):
            self.pause()
        else:
            self.start()

    def step_once(self, done: Callable[[None], None] | None = None, failed: GaveUp | None = None) -> None:
        """Do one training step, then pause; while training, after the present one."""
        self._starts_opened = False
        self.request(SingleStep(), done, failed)
        self._shown.request_stop()

    def reset(self) -> None:
        """Begin the run again with fresh weights."""
        self._queue.put(Reset(self.raised()))

    def evaluate(self) -> None:
        """Score the student now."""
        self._queue.put(Evaluate())

    def apply(self, config: SimpleProjectConfig, not_undoable: Callable[[str], None] | None = None) -> None:
        """Change the settings of the run.

        With `not_undoable`, nothing is changed if that could not be undone, and it is called with the reason.
        """
        if not_undoable is None:
            self._queue.put(Apply(config))
        else:
            self.request(Apply(config, only_undoable=True), lambda why: not_undoable(why) if why else None)

    def undo_apply(self) -> None:
        """Undo the newest edit that was applied."""
        self._queue.put(UndoApply())

    def redo_apply(self) -> None:
        """Apply the edit again that was undone last."""
        self._queue.put(RedoApply())

    def go_back(self, training_step: int | None = None, failed: GaveUp | None = None) -> None:
        """Bring back the last state whose loss was sound, that of a training step if one is named, and pause."""
        self.request(GoBack(training_step), None, failed)

    def go_on(self) -> None:
        """Go on in spite of a divergence: a later sound state may take the place of the one from before it."""
        self._queue.put(GoOn())

    def observe(
        self,
        sample: int,
        *,
        embedding: NDArray[np.float32] | None = None,
        text: str = "",
        learning_signal: bool = False,
        erased: NDArray[np.bool_] | None = None,
        mean_states: bool = False,
    ) -> bool:
        """Request one observation; refused (False) while one is still on its way."""
        if self._observing or self._summary is None:
            return False
        self._observing = True
        self._queue.put(Observe(sample, embedding, text, learning_signal, erased, mean_states))
        return True

    def cancel(self) -> None:
        """Give up the long work under way."""
        self._queue.cancel()

    def stop(self) -> None:
        """Request the worker to end; `ended` follows, and what it has not begun is never answered."""
        self._queue.stop()
        self.turns.close()
        self._pending.clear()
        if not self._thread.isRunning():
            self.ended.emit()

    def shut_down(self, milliseconds: int = 30_000) -> bool:
        """End the worker and wait for its thread; True if it is gone."""
        self._queue.stop()
        self.turns.close()
        self._pending.clear()
        return not self._thread.isRunning() or self._thread.wait(milliseconds)

    def _take_run(self, summary: RunSummary, *, start: bool) -> None:
        super()._take_run(summary, start=start)
        # Last: filling the window for a new run goes faster without training beside it.
        self._starts_opened = start
        self.turns.do(self._start_opened)

    def _start_opened(self) -> None:
        if self._starts_opened:
            self.start()


@atexit.register
def _end_all() -> None:
    """Last resort: a QThread that outlives the interpreter would abort the process. Runs before PyQt's way out."""
    for controller in list(_alive):
        controller.shut_down()
    part()
