"""The window's side of the worker: plain methods to ask, typed signals to hear."""

from __future__ import annotations

import atexit
import weakref
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QObject, Qt, QThread, pyqtSignal, pyqtSlot

from app.platform.qt_exit import part
from app.run.commands import (
    Apply,
    Call,
    CommandQueue,
    Evaluate,
    Observe,
    OpenRun,
    Pause,
    Reset,
    Save,
    SaveKind,
    SingleStep,
    Start,
    UndoApply,
    Work,
)
from app.run.messages import (
    Applied,
    Awaited,
    Evaluated,
    Failed,
    Message,
    Observed,
    Opened,
    RunState,
    RunSummary,
    Saved,
    StateChanged,
    StepsDone,
    WorkDone,
    WorkProgress,
)
from app.run.step_timer import StepClock
from app.run.trainer_factory import LatticeRuns, RunFactory
from app.run.worker import TrainingWorker
from lattice.config import SimpleProjectConfig
from lattice.progress import Progress

_alive: weakref.WeakSet[RunController] = weakref.WeakSet()


class RunController(QObject):
    """Owns the worker and its thread. All methods return at once; answers come as signals."""

    opened = pyqtSignal(object)
    """RunSummary: a run is ready."""
    state_changed = pyqtSignal(str)
    """The new `RunState`."""
    awaited_changed = pyqtSignal(str)
    """The `Awaited` that was asked for, or no longer is waited for."""
    stepped = pyqtSignal(object)
    """StepsDone: every training step since the last one."""
    evaluated = pyqtSignal(object)
    """EvalReport."""
    observed = pyqtSignal(object)
    """Observed."""
    applied = pyqtSignal(object)
    """Applied: edited settings are in force."""
    saved = pyqtSignal(object)
    """Saved: a file was written."""
    progressed = pyqtSignal(object)
    """WorkProgress."""
    work_done = pyqtSignal(bool)
    """Long work is over; True if it was cancelled."""
    failed = pyqtSignal(object)
    """Failed."""
    ended = pyqtSignal()
    """The worker's thread is gone."""

    _answered = pyqtSignal(object, object)

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
        self._answered.connect(self._answer)
        self._state: RunState = "empty"
        self._summary: RunSummary | None = None
        self._observing = False
        self._starting = False
        self._start_asked = False
        self._awaited: Awaited = ""
        self._clock = StepClock()
        self._training_step = self._unsaved_steps = 0
        self.curves: Callable[[], Mapping[str, NDArray[Any]]] = dict
        """Gives the run's course, to be stored with whatever the run can be resumed from."""
        _alive.add(self)

    @property
    def state(self) -> RunState:
        """What the worker was last heard to do."""
        return self._state

    @property
    def summary(self) -> RunSummary | None:
        """The present run; None before the first one is ready."""
        return self._summary

    @property
    def observing(self) -> bool:
        """Whether an observation was asked for and has not come yet."""
        return self._observing

    @property
    def starting(self) -> bool:
        """Whether the run that was just opened is about to be trained."""
        return self._starting

    @property
    def awaited(self) -> Awaited:
        """What was asked for and has to wait."""
        return self._awaited

    @property
    def step_seconds_left(self) -> float | None:
        """Seconds until the present training step should be over; None if nobody can tell."""
        return self._clock.left()

    @property
    def training_step(self) -> int:
        """Training steps that the run has done, as last heard."""
        return self._training_step

    @property
    def unsaved_steps(self) -> int:
        """Training steps since the run was opened or saved."""
        return self._unsaved_steps

    @unsaved_steps.setter
    def unsaved_steps(self, steps: int) -> None:
        self._unsaved_steps = steps

    @property
    def running(self) -> bool:
        """Whether the worker's thread is there."""
        return self._thread.isRunning()

    def launch(self) -> None:
        """Start the worker's thread."""
        if not self._queue.stopping:
            self._thread.start()

    def open(self, request: OpenRun) -> None:
        """Open a run beside the present one, which goes on untouched if that fails."""
        self._queue.put(request)

    def start(self) -> None:
        """Train until paused."""
        self._queue.put(Start())
        self._start_asked = True
        self._await("start" if self._state in ("stepping", "finished") else "")

    def pause(self) -> None:
        """Stop after the training step that is being done."""
        self._queue.put(Pause())
        self._stop_soon()

    def toggle(self) -> None:
        """Pause if training, else start; while one of them is waited for, take it back."""
        if self._awaited == "start" or (self._state == "training" and self._awaited != "pause"):
            self.pause()
        else:
            self.start()

    def step_once(self) -> None:
        """Do one training step, then pause; while training, after the present one."""
        self._queue.put(SingleStep())
        self._stop_soon()

    def reset(self) -> None:
        """Begin the run anew with fresh weights."""
        self._queue.put(Reset())

    def evaluate(self) -> None:
        """Score the student now."""
        self._queue.put(Evaluate())

    def apply(self, config: SimpleProjectConfig) -> None:
        """Change the settings of the run."""
        self._queue.put(Apply(config))

    def undo_apply(self) -> None:
        """Bring back the run as it was before the last Apply, if it was kept."""
        self._queue.put(UndoApply())

    def observe(
        self,
        sample: int,
        *,
        embedding: NDArray[np.float32] | None = None,
        text: str = "",
        learning_signal: bool = False,
    ) -> bool:
        """Ask for one observation; refused (False) while one is still on its way."""
        if self._observing or self._summary is None:
            return False
        self._observing = True
        self._queue.put(Observe(sample, embedding, text, learning_signal))
        return True

    def save(self, path: Path, kind: SaveKind = "checkpoint") -> None:
        """Write a checkpoint, an export or the validation set's embeddings."""
        self._queue.put(Save(path, kind, self.curves() if kind in ("checkpoint", "autosave") else {}))

    def ask(self, what: str, function: Callable[..., object], reply: Callable[[object], None]) -> None:
        """Call `function(trainer)` in the worker's thread and `reply(result)` in the window's.

        Args:
            what: for the message if it fails: "can't <what>".
            function: gets the trainer; must not touch widgets.
            reply: gets the result.
        """
        self._queue.put(Call(what, function, lambda result: self._answered.emit(reply, result)))

    def work(
        self,
        what: str,
        function: Callable[[Progress], object],
        reply: Callable[[object], None],
        given_up: Callable[[], None] = lambda: None,
    ) -> None:
        """Call `function(progress)` in the worker's thread, then `reply(result)` in the window's.

        Args:
            what: for the message if it fails: "can't <what>".
            function: long work that needs no run; must not touch widgets.
            reply: gets the result.
            given_up: called in the window's thread after a cancel or a failure.
        """

        def end(call: Callable[[], None]) -> None:
            self._answered.emit(lambda _nothing: call(), None)

        self._queue.put(Work(what, function, lambda result: end(lambda: reply(result)), lambda: end(given_up)))

    def cancel(self) -> None:
        """Give up the long work under way."""
        self._queue.cancel()

    def stop(self) -> None:
        """Ask the worker to end; `ended` follows."""
        self._queue.stop()
        if not self._thread.isRunning():
            self.ended.emit()

    def shut_down(self, milliseconds: int = 30_000) -> bool:
        """End the worker and wait for its thread; True if it is gone."""
        self._queue.stop()
        return not self._thread.isRunning() or self._thread.wait(milliseconds)

    def _take_state(self, state: RunState) -> None:
        if state == "paused" and (self._starting or self._start_asked):
            return  # a moment before it is trained, not worth a flicker
        if state == "stepping" and not self._clock.slow:
            return  # likewise
        self._start_asked = self._start_asked and state == "stepping"
        self._await("start" if self._start_asked else "")
        self._starting = False
        self._state = state
        self.state_changed.emit(state)

    def _stop_soon(self) -> None:
        self._start_asked = False
        self._await("pause" if self._state == "training" and self._clock.slow else "")

    def _await(self, awaited: Awaited) -> None:
        if awaited != self._awaited:
            self._awaited = awaited
            self.awaited_changed.emit(awaited)

    @pyqtSlot(object, object)
    def _answer(self, reply: Callable[[object], None], result: object) -> None:
        reply(result)

    @pyqtSlot(object)
    def _deliver(self, message: Message) -> None:
        match message:
            case StateChanged(state):
                self._take_state(state)
            case StepsDone():
                self._training_step = message.reports[-1].training_step
                self._unsaved_steps += len(message.reports)
                self._clock.stepped(message.reports)
                self.stepped.emit(message)
            case Evaluated(report):
                self.evaluated.emit(report)
            case Observed():
                self._observing = False
                self.observed.emit(message)
            case Opened(summary):
                self._summary, self._training_step = summary, summary.training_step
                self._unsaved_steps = summary.training_step if summary.recovered else 0
                self._clock.forget()
                self._observing = False  # what was asked of the run before is nothing to wait for
                self._starting, self._start_asked = message.start, False
                self.opened.emit(summary)
                # Only now: filling the window for a new run goes faster without training beside it.
                if message.start:
                    self.start()
            case Applied(summary):
                self._summary, self._training_step = summary, summary.training_step
                if message.anew:
                    self._clock.forget()
                self.applied.emit(message)
            case Saved():
                if message.kind == "checkpoint":
                    self._unsaved_steps = 0
                self.saved.emit(message)
            case WorkProgress():
                self.progressed.emit(message)
            case WorkDone(cancelled):
                self.work_done.emit(cancelled)
            case Failed():
                self._observing = self._start_asked = False
                self._await("" if self._awaited == "start" else self._awaited)
                self.failed.emit(message)


@atexit.register
def _end_all() -> None:
    """Last resort: a QThread that outlives the interpreter would abort the process. Runs before PyQt's way out."""
    for controller in list(_alive):
        controller.shut_down()
    part()
