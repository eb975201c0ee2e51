"""The worker: owns the trainer in a thread of its own, does commands between training steps, and reports."""

from __future__ import annotations

import time
from functools import singledispatchmethod
from pathlib import Path

from PyQt6.QtCore import QObject, pyqtSignal, pyqtSlot

from app.commands import (
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
)
from app.messages import (
    Applied,
    Evaluated,
    Message,
    Observed,
    Opened,
    RunState,
    Saved,
    StateChanged,
    StepsDone,
    WorkDone,
    WorkProgress,
    describe_failure,
)
from app.pacing import FLUSH_SECONDS, EvaluationSchedule, Rates
from app.runs import RunFactory, Trainer
from lattice.log import logger
from lattice.progress import Cancelled
from lattice.training.reports import StepReport

PROGRESS_SECONDS = 0.1


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
        self._failed = False
        self._announced: RunState = "empty"
        self._reports: list[StepReport] = []
        self._flushed = 0.0
        self._progressed = 0.0
        self._rates = Rates()
        self._schedule = EvaluationSchedule()

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
            self._flush()
            self._trainer = None
            self.finished.emit()

    def _send(self, message: Message) -> None:
        self.message.emit(message)

    def _handle(self, command: Command) -> None:
        title = "The command failed"
        try:
            if isinstance(command, OpenRun):
                title = f"Can't open {command.name}"
            elif isinstance(command, Save):
                title = f"Can't save {command.path.name}"
            elif isinstance(command, Apply):
                title = "The settings were not applied"
            elif isinstance(command, Call):
                title = f"Can't {command.what}"
            elif isinstance(command, Observe):
                title = "Can't show this sample"
            self._do(command)
        except Cancelled:
            logger.info("%s: cancelled", title)
            self._send(WorkDone(cancelled=True))
        except Exception as error:
            logger.error("%s: %s", title, error)
            self._send(WorkDone())
            self._send(describe_failure(title, error))
        self._announce()

    @singledispatchmethod
    def _do(self, command: Command) -> None:
        raise TypeError(f"unknown command {command!r}")

    @_do.register
    def _(self, command: OpenRun) -> None:
        self._queue.clear_cancel()
        self._set_state("loading")
        trainer = self._runs.open(command, self._progress)
        if self._queue.cancelled:
            raise Cancelled
        self._flush()
        self._adopt(trainer, command.name, command.checkpoint)
        self._training = command.start
        self._send(WorkDone())

    @_do.register
    def _(self, _command: Start) -> None:
        trainer = self._need_trainer()
        if trainer.training_step < trainer.total_steps:
            self._training, self._failed = True, False
            self._rates.begin(time.monotonic())

    @_do.register
    def _(self, _command: Pause) -> None:
        self._training = False
        self._flush()

    @_do.register
    def _(self, _command: SingleStep) -> None:
        self._need_trainer()
        self._training = self._failed = False
        self._rates.begin(time.monotonic())
        self._train()
        self._flush()

    @_do.register
    def _(self, _command: Reset) -> None:
        trainer = self._need_trainer()
        self._set_state("loading")
        self._training = False
        self._adopt(self._runs.restart(trainer), self._name, None)

    @_do.register
    def _(self, _command: Evaluate) -> None:
        self._evaluate(self._need_trainer())

    @_do.register
    def _(self, command: Apply) -> None:
        trainer = self._need_trainer()
        changed = tuple(trainer.config.changes_to(command.config))
        self._flush()
        if any(not key.startswith("logging.") for key in changed):
            self._send(WorkProgress("Applying the settings", 0, None))
        cost = trainer.apply(command.config)
        self._send(WorkDone())
        self._send(Applied(self._summary(trainer), cost, changed))

    @_do.register
    def _(self, command: Observe) -> None:
        if self._trainer is None:
            return
        began = time.monotonic()
        if command.embedding is not None:
            observation = self._trainer.observe_embedding(command.embedding, command.text)
        else:
            sample = min(command.sample, len(self._trainer.dataset) - 1)
            observation = self._trainer.observe(sample, learning_signal=command.learning_signal)
        now = time.monotonic()
        self._rates.observed(now, now - began)
        self._send(Observed(observation, now - began, self._rates.watching_share(now)))

    @_do.register
    def _(self, command: Save) -> None:
        trainer = self._need_trainer()
        self._send(WorkProgress(f"Saving {command.path.name}", 0, None))
        command.path.parent.mkdir(parents=True, exist_ok=True)
        if command.kind == "export":
            trainer.export(command.path)
        elif command.kind == "embeddings":
            trainer.export_embeddings(command.path)
        else:
            trainer.save(command.path)
        if command.kind == "checkpoint":
            self._checkpoint = command.path
        self._send(WorkDone())
        self._send(Saved(command.path, command.kind, trainer.training_step))

    @_do.register
    def _(self, command: Call) -> None:
        command.reply(command.function(self._need_trainer()))

    def _need_trainer(self) -> Trainer:
        if self._trainer is None:
            raise RuntimeError("there is no run yet: open one from the File menu")
        return self._trainer

    def _adopt(self, trainer: Trainer, name: str, checkpoint: Path | None) -> None:
        self._trainer, self._name, self._checkpoint = trainer, name, checkpoint
        self._failed = False
        self._reports.clear()
        self._rates, self._schedule = Rates(), EvaluationSchedule()
        self._rates.begin(time.monotonic())
        self._send(Opened(self._summary(trainer)))

    def _summary(self, trainer: Trainer) -> RunSummary:
        return self._runs.summarise(trainer, self._name, self._checkpoint)

    def _train(self) -> None:
        trainer = self._need_trainer()
        try:
            report = trainer.step()
            now = time.monotonic()
            self._reports.append(report)
            self._rates.stepped(now)
            every = trainer.config.training_embedding.evaluate_every
            if self._schedule.due(report.training_step, every, trainer.total_steps, now):
                self._evaluate(trainer)
            if now - self._flushed >= FLUSH_SECONDS:
                self._flush()
            if report.training_step >= trainer.total_steps:
                self._training = False
                self._announce()
        except Exception as error:
            self._training = False
            logger.error("training stopped: %s", error)
            self._flush()
            self._send(describe_failure("Training stopped", error))
            self._failed = True
            self._announce()

    def _evaluate(self, trainer: Trainer) -> None:
        self._flush()
        report = trainer.evaluate()
        self._schedule.done(report.training_step, report.seconds, time.monotonic())
        self._send(Evaluated(report))

    def _flush(self) -> None:
        now = time.monotonic()
        if self._reports:
            reports, self._reports = tuple(self._reports), []
            self._send(StepsDone(reports, self._rates.steps_per_second()))
        self._flushed = now

    def _announce(self) -> None:
        state = self._state()
        if state != "training":
            self._flush()
        self._set_state(state)

    def _set_state(self, state: RunState) -> None:
        if state != self._announced:
            self._announced = state
            self._send(StateChanged(state))

    def _state(self) -> RunState:
        if self._trainer is None:
            return "empty"
        if self._training:
            return "training"
        if self._failed:
            return "failed"
        done = self._trainer.training_step >= self._trainer.total_steps
        return "finished" if done else "paused"

    def _progress(self, what: str, done: int, total: int | None) -> None:
        if self._queue.cancelled:
            raise Cancelled
        now = time.monotonic()
        if done == 0 or now - self._progressed >= PROGRESS_SECONDS:
            self._progressed = now
            self._send(WorkProgress(what, done, total))
        time.sleep(0)
