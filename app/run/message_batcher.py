"""The worker's way out: batches step reports, thins out progress, and reports each state once."""

from __future__ import annotations

import time
from collections.abc import Callable

from app.run.messages import Message, RunState, StateChanged, StepsDone, WorkProgress
from lattice.training.reports import StepReport

FLUSH_SECONDS = 0.1
"""Least time between two batches of step reports."""
PROGRESS_SECONDS = 0.1
"""Least time between two messages about the same long work."""


class MessageBatcher:
    """Sends messages to the window at a rate that it can take. Used from the worker's thread only."""

    def __init__(self, emit: Callable[[Message], None], rate: Callable[[], float]) -> None:
        """Create an empty batcher.

        Args:
            emit: hands a message over.
            rate: training steps per second as measured now.
        """
        self._emit = emit
        self._rate = rate
        self._reports: list[StepReport] = []
        self._flushed = 0.0
        self._progressed = 0.0
        self._state: RunState | None = "empty"

    def send(self, message: Message) -> None:
        """Send a message at once, after the reports that came before it."""
        self.flush()
        self._emit(message)

    def report(self, report: StepReport) -> None:
        """Send a training step's report with others that come within a moment; none is lost."""
        self._reports.append(report)
        if time.monotonic() - self._flushed >= FLUSH_SECONDS:
            self.flush()

    def flush(self) -> None:
        """Send the reports that wait."""
        self._flushed = time.monotonic()
        if self._reports:
            reports, self._reports = tuple(self._reports), []
            self._emit(StepsDone(reports, self._rate()))

    def set_state(self, state: RunState) -> None:
        """Report what the worker does, if that changed."""
        if state != self._state:
            self._state = state
            self.send(StateChanged(state))

    def repeat_state(self) -> None:
        """Let the next state be reported though it be the same: somebody waits for another one that does not come."""
        self._state = None

    def progress(self, what: str, done: int, total: int | None) -> None:
        """Report how far long work is, a few times a second."""
        now = time.monotonic()
        if done == 0 or now - self._progressed >= PROGRESS_SECONDS:
            self._progressed = now
            self._emit(WorkProgress(what, done, total))
