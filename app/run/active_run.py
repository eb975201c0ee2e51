"""The run in the worker's thread: its trainer, what is watched, how training goes, and what long work reports."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from app.run.command import Command
from app.run.command_queue import CommandQueue
from app.run.commands import LOOKS, PASSING, Kinds, Observe, OpenRun
from app.run.file_commands import Save
from app.run.loaded_teacher import LoadedTeacher
from app.run.message_batcher import MessageBatcher
from app.run.messages import Evaluated, Message, Opened, RunState, WorkDone, WorkProgress, describe_failure
from app.run.rates import EvaluationSchedule, Rates
from app.run.run_trackers import RunTrackers
from app.run.sound_state import SoundState
from app.run.summary import RunSummary
from app.run.trainer_factory import RunFactory
from app.run.trainer_protocol import Trainer
from app.run.undo_history import UndoHistory
from app.run.undo_snapshot import sweep
from lattice.errors import CellcubeError
from lattice.log import logger
from lattice.progress import Cancelled
from lattice.training.divergence import pauses
from lattice.training.reports import EVALUATING


class ActiveRun:
    """What the handlers of commands work on. Used from the worker's thread only."""

    def __init__(
        self,
        factory: RunFactory,
        queue: CommandQueue,
        emit: Callable[[Message], None],
        handle: Callable[[Command[Any]], None],
    ) -> None:
        """Begin without a run.

        Args:
            factory: makes trainers.
            queue: where commands wait.
            emit: hands a message to the window.
            handle: carries out a command that need not wait for the work under way.
        """
        self.factory, self.queue = factory, queue
        self._handle = handle
        self.rates = Rates()
        self.out = MessageBatcher(emit, self.rates.steps_per_second)
        self.undo = UndoHistory()
        self.sound = SoundState(self.out)
        self.trackers = RunTrackers()
        self.trainer: Trainer | None = None
        self.teacher: LoadedTeacher | None = None
        self.name = ""
        self.checkpoint: Path | None = None
        self.watched: Observe | None = None
        self.ready: tuple[Trainer, OpenRun] | None = None
        """A run that waits to take the place of the present one, and what requested it."""
        self.training = self.loading = self.stepping = self.failed = False
        self.serving = False
        """Whether a command is carried out in the middle of longer work, which goes on to report how far it is."""
        self._evaluation_due = False
        self._schedule = EvaluationSchedule()
        self._scoring_began = 0.0

    @property
    def state(self) -> RunState:
        """What the worker does, in one word."""
        if self.loading:
            return "loading"
        if self.trainer is None:
            return "empty"
        if self.training:
            return "training"
        if self.stepping:
            return "stepping"
        if self.failed:
            return "failed"
        return "finished" if self.trainer.training_step >= self.trainer.total_steps else "paused"

    def need_trainer(self) -> Trainer:
        """Return the trainer; raises `RuntimeError` while there is none."""
        if self.trainer is None:
            raise RuntimeError("there is no run yet: open one from the File menu")
        return self.trainer

    def summary(self) -> RunSummary:
        """Describe the run for the window."""
        return self.factory.summarise(self.need_trainer(), self.name, self.checkpoint)

    # Which run it is.

    def open(self, trainer: Trainer, request: OpenRun) -> RunSummary:
        """Put a run in place of the present one and report it; edits of the one before can't be undone any more."""
        self.undo.forget()
        sweep()
        self.take(trainer, None)
        self.name, self.checkpoint = request.name, request.checkpoint
        summary = replace(self.summary(), recovered=request.recovered, kept=request.kept)
        self.out.send(Opened(summary, request.start))
        return summary

    def take(self, trainer: Trainer, watched: Observe | None) -> None:
        """Go on with another trainer; what was measured of the one before is forgotten."""
        self.sound.forget()
        self.trainer, self.watched = trainer, watched
        self.failed = self._evaluation_due = False
        self._schedule = EvaluationSchedule()
        self.rates.begin(time.monotonic())
        try:
            self.trackers.begin(trainer)
        except CellcubeError as error:
            logger.warning("this run is not tracked: %s", error)

    def close(self) -> None:
        """Let go of the run and of the files that are kept for Undo."""
        self.out.flush()
        self.undo.forget()
        self.sound.forget()
        self.trackers.close()
        self.trainer = self.teacher = self.ready = None

    # Training.

    def train(self) -> None:
        """Do one training step and the evaluation that is due after it; a failure pauses the run."""
        trainer = self.need_trainer()
        try:
            if trainer.start_unscored and not self._score_start(trainer):
                return
            if self._evaluation_due and not self.stepping:  # something else went first: the score belongs here
                self.evaluate()
                if self._evaluation_due:
                    return
            report = trainer.step()
            self.rates.stepped(time.monotonic())
            self.out.report(report)
            self.trackers.stepped(report)
            began = time.monotonic()
            self.sound.stepped(trainer, report, self.watched)
            self.rates.leave_out(began, time.monotonic())
            if self._evaluation_due or self._due(trainer, report.training_step):
                self.evaluate()
            if report.training_step >= trainer.total_steps or pauses(report, trainer.config):
                self.training = False
        except Exception as error:
            self.training, self.failed = False, True
            self.sound.hold(error)
            self.report_failure("Training stopped", error, paused=True)
        self.out.set_state(self.state)

    def evaluate(self) -> None:
        """Score the student; whatever is requested meanwhile goes first, and the score comes before training goes on.

        If a person cancels it, the next one comes when it is due.
        """
        self._evaluation_due = True
        self.queue.clear_cancel()
        began = self._scoring_began = time.monotonic()
        try:
            trainer = self.need_trainer()
            self.out.send(WorkProgress(EVALUATING, 0, None))
            report = trainer.evaluate(self._between_batches)
            self._evaluation_due = False
            # Baselines cost most the first time: they say nothing about the next evaluation.
            scoring_seconds = time.monotonic() - self._scoring_began
            self._schedule.done(report.training_step, scoring_seconds, time.monotonic())
            self.out.send(Evaluated(report, scoring_seconds))
            self.trackers.evaluated(report, trainer)
        except Cancelled:
            self._evaluation_due = not self.queue.cancelled
        finally:
            self.rates.leave_out(began, time.monotonic())
            self.out.send(WorkDone(cancelled=self.queue.cancelled))

    def _score_start(self, trainer: Trainer) -> bool:
        """Score the untrained student, once; return False if something is requested that goes first."""
        self.evaluate()
        if not trainer.start_unscored:
            return True
        if self.queue.interrupting and not self.stepping:
            return False
        logger.info("The score before training was left out: its evaluation was cancelled")
        self._evaluation_due = False
        return True

    def _due(self, trainer: Trainer, training_step: int) -> bool:
        every = trainer.config.training_embedding.evaluate_every
        return self._schedule.due(training_step, every, trainer.total_steps, time.monotonic())

    def _between_batches(self, what: str, done: int, total: int | None) -> None:
        for command in self.queue.take_passing(LOOKS):
            self._handle(command)
        if self.queue.interrupting or self.queue.cancelled:
            raise Cancelled
        self.out.progress(what, done, total)
        if what != EVALUATING:
            self._scoring_began = time.monotonic()
        time.sleep(0)

    # Long work.

    def work_progress(self, what: str, done: int, total: int | None) -> None:
        """Report how far a job or an edit is, and serve what need not wait for it; raises `Cancelled`."""
        self.serve_meanwhile(PASSING)
        self.lone_progress(what, done, total)

    def load_progress(self, what: str, done: int, total: int | None) -> None:
        """Report how far opening is; commands but saves are meant for the run that comes. Raises `Cancelled`."""
        self.serve_meanwhile((Save,))
        self.lone_progress(what, done, total)

    def serve_meanwhile(self, kinds: Kinds) -> None:
        """Carry out the waiting observations and commands of some kinds on the run as it is."""
        if self.trainer is None:
            return  # what waits is meant for the run that comes
        self.serving = True
        try:
            for command in self.queue.take_passing(kinds):
                self._handle(command)
        finally:
            self.serving = False

    def finish_work(self) -> None:
        """Report that the long work is done; a cancel that came too late changes nothing of that."""
        self.out.send(WorkDone())

    def lone_progress(self, what: str, done: int, total: int | None) -> None:
        """Report how far work is during which nothing else may use the run; raises `Cancelled`."""
        if self.queue.cancelled:
            raise Cancelled
        self.out.progress(what, done, total)
        time.sleep(0)

    def observe_again(self) -> None:
        """Observe what is watched before the next training step, which may take long."""
        if self.watched is not None:
            self._handle(self.watched)

    def report_failure(self, title: str, error: Exception, *, paused: bool = False, token: int = 0) -> None:
        """Log an error and send it to the window in words."""
        logger.error("%s: %s", title, error, exc_info=None if isinstance(error, CellcubeError) else error)
        self.out.send(replace(describe_failure(title, error, paused=paused), token=token))
