"""What the worker reports: typed signals, callbacks to single requests, and what is known of the run by now."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PyQt6.QtCore import QObject, pyqtSignal, pyqtSlot

from app.platform.turns import Turns
from app.run.measured_with import RunStudents
from app.run.messages import (
    Answered,
    Applied,
    Awaited,
    Evaluated,
    Failed,
    GivenUp,
    Message,
    Observed,
    Opened,
    RunState,
    Saved,
    StateChanged,
    StepsDone,
    WorkDone,
    WorkProgress,
)
from app.run.pending import PendingRequests
from app.run.shown_state import ShownState
from app.run.sound_commands import SoundKept
from app.run.summary import RunSummary
from lattice.training.divergence import is_diverged


class RunReports(QObject):
    """Takes the worker's messages, in the window's thread."""

    opened = pyqtSignal(object)
    """RunSummary: a run is ready."""
    state_changed = pyqtSignal(str)
    """The new `RunState`."""
    awaited_changed = pyqtSignal(str)
    """The `Awaited` that was requested, or no longer is waited for."""
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
    diverged_changed = pyqtSignal(bool)
    """Whether the loss is beyond the bound of a divergence."""
    sound_changed = pyqtSignal()
    """`sound_step` is another one."""
    progressed = pyqtSignal(object)
    """WorkProgress."""
    work_done = pyqtSignal(bool)
    """Long work is over; True if it was cancelled."""
    failed = pyqtSignal(object)
    """Failed."""
    ended = pyqtSignal()
    """The worker's thread is gone."""

    def __init__(self, parent: QObject | None = None) -> None:
        """Begin without a run."""
        super().__init__(parent)
        self.turns = Turns()
        """While the first run is put on screen: parts of that, and after them the messages that come meanwhile."""
        self._shown = ShownState(self.state_changed.emit, self.awaited_changed.emit)
        self._pending = PendingRequests()
        self._summary: RunSummary | None = None
        self._observing = False
        self._training_step = 0
        self._sound_step: int | None = None
        self._diverged = False
        self.students = RunStudents()
        """Follows each edit before `applied` reports it."""
        self.unsaved_steps = 0
        """Training steps that are in no file: those since the run was opened or saved, or what an undo brought back."""
        self.scoring_seconds = 0.0
        """What the newest evaluation of this cube took without fitting its baselines; 0 before there is one."""

    @property
    def state(self) -> RunState:
        """What the worker was last heard to do."""
        return self._shown.state

    @property
    def awaited(self) -> Awaited:
        """What was requested and has to wait."""
        return self._shown.awaited

    @property
    def starting(self) -> bool:
        """Whether the run that was just opened is about to be trained."""
        return self._shown.starting

    @property
    def stays_paused(self) -> bool:
        """Whether the run is paused or about to be; while another one is loaded, whether the present one was."""
        return self._shown.stays_paused

    @property
    def step_seconds_left(self) -> float | None:
        """Seconds until the present training step should be over; None if that is unknown."""
        return self._shown.step_seconds_left

    @property
    def summary(self) -> RunSummary | None:
        """The present run; None before the first one is ready."""
        return self._summary

    @property
    def observing(self) -> bool:
        """Whether an observation was requested and has not come yet."""
        return self._observing

    @property
    def training_step(self) -> int:
        """Training steps that the run has done, as last heard."""
        return self._training_step

    @property
    def diverged(self) -> bool:
        """Whether the loss of the newest training step is beyond the bound of a divergence."""
        return self._diverged

    @property
    def sound_step(self) -> int | None:
        """Training step of the state that the run can go back to; None if none is kept."""
        return self._sound_step

    @pyqtSlot(object)
    def _deliver(self, message: Message) -> None:
        self.turns.do_after(lambda: self._take(message))

    def _take(self, message: Message) -> None:
        match message:
            case StateChanged(state):
                self._shown.take(state)
            case StepsDone(reports):
                self._training_step = reports[-1].training_step
                self.unsaved_steps += len(reports)
                self._shown.stepped(reports)
                self._set_diverged(is_diverged(reports[-1]))
                self.stepped.emit(message)
            case Evaluated(report):
                self.scoring_seconds = message.scoring_seconds
                self.evaluated.emit(report)
            case Observed():
                self._observing = False
                self.observed.emit(message)
            case Opened(summary, start):
                self._take_run(summary, start=start and summary.training_step < summary.total_steps)
            case Applied(summary):
                self._summary, self._training_step = summary, summary.training_step
                self.students.follow(message)
                if message.restarts_scores:
                    self.scoring_seconds = 0.0  # another cube takes another time
                    self._shown.rebuilt()
                if message.restarts_scores or summary.diverged:
                    self._set_diverged(summary.diverged)
                self.applied.emit(message)
            case Saved():
                if message.kind == "checkpoint":
                    self._take_file(message.path)
                self.saved.emit(message)
            case SoundKept(step):
                self._sound_step = step
                self.sound_changed.emit()
            case WorkProgress():
                self.progressed.emit(message)
            case WorkDone(cancelled):
                self.work_done.emit(cancelled)
            case Answered() | GivenUp():
                self._pending.resolve(message)
            case Failed():
                self._observing = False
                self._shown.failed()
                self._pending.resolve(message)
                self.failed.emit(message)

    def _take_file(self, path: Path) -> None:
        """Call the run after the file that it was saved to."""
        self.unsaved_steps = 0
        if self._summary is not None:
            self._summary = replace(self._summary, name=path.name, checkpoint=path)

    def _take_run(self, summary: RunSummary, *, start: bool) -> None:
        if self._summary is None:  # panels are shown and laid out with it for the first time
            self.turns.begin()
        self._summary, self._training_step = summary, summary.training_step
        kept = 0 if summary.kept is None else summary.kept.training_step
        self.unsaved_steps = max(summary.training_step - kept, 0) if summary.recovered else 0
        self.scoring_seconds = 0.0
        self._observing = False  # what was requested of the run before is nothing to wait for
        self._shown.opened(start=start)
        self._set_diverged(summary.diverged)
        self.opened.emit(summary)

    def _set_diverged(self, diverged: bool) -> None:
        if diverged != self._diverged:
            self._diverged = diverged
            self.diverged_changed.emit(diverged)
