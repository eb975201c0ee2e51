"""The worker: owns the trainer in a thread of its own, does commands between training steps, and reports."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import replace
from functools import singledispatchmethod
from pathlib import Path
from types import UnionType

from PyQt6.QtCore import QObject, pyqtSignal, pyqtSlot

from app.run.commands import (
    PASSING,
    Apply,
    Call,
    Command,
    CommandQueue,
    Evaluate,
    Observe,
    OpenRun,
    Pause,
    Reset,
    Save,
    SingleStep,
    Start,
    UndoApply,
    Work,
)
from app.run.curve_tensors import stored_curves
from app.run.message_batcher import Outbox
from app.run.messages import (
    Applied,
    Evaluated,
    Observed,
    Opened,
    RunState,
    RunSummary,
    Saved,
    WorkDone,
    WorkProgress,
    describe_failure,
)
from app.run.rates import EvaluationSchedule, Rates
from app.run.trainer_factory import RunFactory, Trainer
from app.run.undo_snapshot import RunKeeper
from lattice.errors import CellcubeError
from lattice.log import logger
from lattice.progress import Cancelled


class TrainingWorker(QObject):
    """Runs training in a thread. Everything comes in by the queue and goes out by `message`."""

    message = pyqtSignal(object)
    """A `Message`; delivered in the window's thread."""
    finished = pyqtSignal()
    """The loop has ended, for whatever reason."""

    def __init__(self, runs: RunFactory, queue: CommandQueue) -> None:
        """Create the worker; move it to its thread, then call `run` there."""
        super().__init__()
        self._runs = runs
        self._queue = queue
        self._trainer: Trainer | None = None
        self._name = ""
        self._checkpoint: Path | None = None
        self._training = False
        self._loading = False
        self._failed = False
        self._stepping = False
        self._owed = False
        self._watched: Observe | None = None
        self._keeper = RunKeeper()
        self._last_batch = 0.0
        self._rates = Rates()
        self._schedule = EvaluationSchedule()
        self._out = Outbox(self.message.emit, self._rates.steps_per_second)

    @pyqtSlot()
    def run(self) -> None:
        """Work until the queue is stopped; nothing that happens in here ends the program."""
        try:
            while not self._queue.stopping:
                for command in self._queue.take(wait=not self._training):
                    if self._queue.stopping:
                        break
                    self._handle(command)
                if self._training and not self._queue.stopping:
                    self._train()
                    # Python hands its lock over only when asked; without this the window starves.
                    time.sleep(0)
        finally:
            self._out.flush()
            self._keeper.forget()
            self._trainer = None
            self.finished.emit()

    def _handle(self, command: Command) -> None:
        try:
            self._do(command)
        except Cancelled:
            logger.info("cancelled: %s", command.title)
            self._out.send(WorkDone(cancelled=True))
        except Exception as error:
            self._out.send(WorkDone())
            self._fail(command.title, error)
        self._out.set_state(self._state())
        if not self._training:
            self._out.flush()

    @singledispatchmethod
    def _do(self, command: Command) -> None:
        raise TypeError(f"unknown command {command!r}")

    @_do.register
    def _(self, command: OpenRun) -> None:
        self._queue.clear_cancel()
        self._out.set_state("loading")
        self._loading = True
        try:
            trainer = self._runs.open(command, self._load_progress)
            self._serve_meanwhile(Save)
        finally:
            self._loading = False
        if self._queue.cancelled:
            raise Cancelled
        self._training = False
        self._adopt(trainer, command)
        self._out.send(WorkDone())

    @_do.register
    def _(self, _command: Start) -> None:
        trainer = self._need_trainer()
        if trainer.training_step < trainer.total_steps:
            self._training, self._failed = True, False
            self._rates.begin(time.monotonic())

    @_do.register
    def _(self, _command: Pause) -> None:
        self._training = False

    @_do.register
    def _(self, _command: SingleStep) -> None:
        self._need_trainer()
        self._training = self._failed = False
        self._rates.begin(time.monotonic())
        self._stepping = True
        self._out.set_state("stepping")
        try:
            self._train()
        finally:
            self._stepping = False

    @_do.register
    def _(self, _command: Reset) -> None:
        trainer = self._need_trainer()
        self._out.set_state("loading")
        self._training = False
        self._adopt(self._runs.restart(trainer), OpenRun(self._name))

    @_do.register
    def _(self, _command: Evaluate) -> None:
        self._evaluate(self._need_trainer())

    @_do.register
    def _(self, command: Apply) -> None:
        trainer = self._need_trainer()
        changed = tuple(trainer.config.changes_to(command.config))
        if any(not key.startswith("logging.") for key in changed):
            self._out.send(WorkProgress("Applying the settings", 0, None))
        self._queue.clear_cancel()
        dataset = trainer.dataset
        with self._keeper.before(trainer, command.config, self._watched) as problem:
            cost = trainer.apply(command.config, progress=self._work_progress)
        applied = Applied(self._summary(trainer), cost, changed, problem)
        self._out.send(WorkDone())
        self._out.send(applied)
        if trainer.dataset is not dataset:
            self._watched = Observe(int(trainer.dataset.validation_indices[0]))
        if applied.anew:
            self._rates.begin(time.monotonic())
            if self._training and self._watched is not None:
                self._handle(self._watched)  # or it would be seen only after a training step, which may take long

    @_do.register
    def _(self, _command: UndoApply) -> None:
        present, kept = self._need_trainer(), self._keeper.kept
        if kept is None:
            return
        self._queue.clear_cancel()
        self._out.send(WorkProgress("Undoing the last Apply", 0, None))
        trainer = self._runs.bring_back(kept, present, self._work_progress)
        self._take(trainer, kept.watched)
        self._training = self._training and trainer.training_step < trainer.total_steps
        self._out.send(WorkDone())
        changed = tuple(present.config.changes_to(trainer.config))
        self._out.send(Applied(self._summary(trainer), "rebuild", changed, undone=True, watched=kept.watched))

    @_do.register
    def _(self, command: Observe) -> None:
        if self._trainer is None:
            return
        self._watched = command
        began = time.monotonic()
        width = self._trainer.dataset.width
        # An embedding of another width was asked for with the data before: the sample takes its place.
        if command.embedding is not None and len(command.embedding) == width:
            observation = self._trainer.observe_embedding(
                command.embedding, command.text, learning_signal=command.learning_signal
            )
        else:
            sample = min(command.sample, len(self._trainer.dataset) - 1)
            observation = self._trainer.observe(sample, learning_signal=command.learning_signal)
        now = time.monotonic()
        self._rates.observed(now, now - began)
        self._out.send(Observed(observation, now - began, self._rates.watching_share(now)))

    @_do.register
    def _(self, command: Save) -> None:
        trainer = self._need_trainer()
        self._out.send(WorkProgress(f"Saving {command.path.name}", 0, None))
        command.path.parent.mkdir(parents=True, exist_ok=True)
        if command.kind == "export":
            trainer.export(command.path)
        elif command.kind == "embeddings":
            trainer.export_embeddings(command.path)
        else:
            trainer.extras = {**trainer.extras, **stored_curves(command.curves)}
            trainer.save(command.path)
        if command.kind == "checkpoint":
            self._checkpoint = command.path
        self._out.send(WorkDone())
        self._out.send(Saved(command.path, command.kind, trainer.training_step))

    @_do.register
    def _(self, command: Call) -> None:
        command.reply(command.function(self._need_trainer()))

    @_do.register
    def _(self, command: Work) -> None:
        self._queue.clear_cancel()
        try:
            result = command.function(self._work_progress)
            if self._queue.cancelled:
                raise Cancelled
        except BaseException:
            command.given_up()
            raise
        self._out.send(WorkDone())
        command.reply(result)

    def _need_trainer(self) -> Trainer:
        if self._trainer is None:
            raise RuntimeError("there is no run yet: open one from the File menu")
        return self._trainer

    def _adopt(self, trainer: Trainer, request: OpenRun) -> None:
        self._take(trainer, None)
        self._name, self._checkpoint = request.name, request.checkpoint
        summary = replace(self._summary(trainer), recovered=request.recovered)
        self._out.send(Opened(summary, request.start))

    def _take(self, trainer: Trainer, watched: Observe | None) -> None:
        self._keeper.forget()
        self._trainer, self._watched = trainer, watched
        self._failed = self._owed = False
        self._schedule = EvaluationSchedule()
        self._rates.begin(time.monotonic())

    def _summary(self, trainer: Trainer) -> RunSummary:
        return self._runs.summarise(trainer, self._name, self._checkpoint)

    def _train(self) -> None:
        trainer = self._need_trainer()
        try:
            report = trainer.step()
            self._rates.stepped(time.monotonic())
            self._out.report(report)
            if self._owed or self._due(trainer, report.training_step):
                self._evaluate(trainer)
            if report.training_step >= trainer.total_steps:
                self._training = False
        except Exception as error:
            self._training, self._failed = False, True
            self._fail("Training stopped", error, paused=True)
        self._out.set_state(self._state())

    def _due(self, trainer: Trainer, training_step: int) -> bool:
        every = trainer.config.training_embedding.evaluate_every
        return self._schedule.due(training_step, every, trainer.total_steps, time.monotonic())

    def _fail(self, title: str, error: Exception, *, paused: bool = False) -> None:
        logger.error("%s: %s", title, error, exc_info=None if isinstance(error, CellcubeError) else error)
        self._out.send(describe_failure(title, error, paused=paused))

    def _evaluate(self, trainer: Trainer) -> None:
        """Score the student; whatever is asked meanwhile goes first, and the score comes after a later step."""
        self._owed = True
        began = self._last_batch = time.monotonic()
        with suppress(Cancelled):
            report = trainer.evaluate(self._between_batches)
            self._owed = False
            # The baselines come after the last batch, and only once: they tell nothing about the next evaluation.
            self._schedule.done(report.training_step, self._last_batch - began, time.monotonic())
            self._out.send(Evaluated(report))

    def _between_batches(self, _what: str, _done: int, _total: int | None) -> None:
        for command in self._queue.take_observations():
            self._handle(command)
        if self._queue.interrupting:
            raise Cancelled
        self._last_batch = time.monotonic()
        time.sleep(0)

    def _state(self) -> RunState:
        if self._loading:
            return "loading"
        if self._trainer is None:
            return "empty"
        if self._training:
            return "training"
        if self._stepping:
            return "stepping"
        if self._failed:
            return "failed"
        done = self._trainer.training_step >= self._trainer.total_steps
        return "finished" if done else "paused"

    def _work_progress(self, what: str, done: int, total: int | None) -> None:
        self._serve_meanwhile(PASSING)
        self._progress(what, done, total)

    def _load_progress(self, what: str, done: int, total: int | None) -> None:
        self._serve_meanwhile(Save)  # the run that was seen is meant, not the one that will take its place
        self._progress(what, done, total)

    def _serve_meanwhile(self, kinds: UnionType | type) -> None:
        if self._trainer is None:
            return  # what waits is meant for the run that comes
        for command in self._queue.take_passing(kinds):
            self._handle(command)

    def _progress(self, what: str, done: int, total: int | None) -> None:
        if self._queue.cancelled:
            raise Cancelled
        self._out.progress(what, done, total)
        time.sleep(0)
