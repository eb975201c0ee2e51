"""The worker: does commands between training steps, in a thread of its own, and reports."""

from __future__ import annotations

import time
from typing import Any

from PyQt6.QtCore import QObject, pyqtSignal, pyqtSlot

from app.platform.priorities import give_way
from app.run.active_run import ActiveRun
from app.run.command import Command, Job
from app.run.command_queue import CommandQueue
from app.run.handlers import HANDLERS
from app.run.messages import Answered, GivenUp, WorkDone, WorkProgress
from app.run.trainer_factory import RunFactory
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
        self._queue = queue
        self._active = ActiveRun(runs, queue, self.message.emit, self._handle)

    @property
    def active(self) -> ActiveRun:
        """The run; only for the worker's thread, or while nothing is requested of it."""
        return self._active

    @pyqtSlot()
    def run(self) -> None:
        """Work until the queue is stopped; nothing that happens in here ends the program."""
        active = self._active
        give_way()  # before torch is imported: its threads have the priority of the one that starts them
        try:
            while not self._queue.stopping:
                for command in self._queue.take(wait=not active.training):
                    if self._queue.stopping:
                        break
                    self._handle(command)
                if active.training and not self._queue.stopping:
                    active.train()
                    # Python hands its lock over only when requested; without this the window starves.
                    time.sleep(0)
        finally:
            active.close()
            self.finished.emit()

    def _handle(self, command: Command[Any]) -> None:
        """Carry out a command; whoever waits for it gets its answer, its failure, or word that it was given up."""
        active = self._active
        try:
            result = self._do(command)
            if command.token:
                active.out.send(Answered(command.token, result))
        except Cancelled:
            logger.info("%s: cancelled", command.title)
            active.out.send(WorkDone(cancelled=True))
            active.out.send(GivenUp(command.token))
        except Exception as error:
            active.out.send(WorkDone())
            active.report_failure(command.title, error, token=command.token)
        active.out.set_state(active.state)
        if not active.training:
            active.out.flush()

    def _do(self, command: Command[Any]) -> Any:
        handler = HANDLERS[type(command)]
        if not isinstance(command, Job):
            return handler(self._active, command)
        self._queue.clear_cancel()
        self._active.out.send(WorkProgress(command.doing, 0, None))
        result = handler(self._active, command)
        self._active.finish_work()
        return result
