"""What the window shows of the worker's state: without moments too short to read, and with what is awaited."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from app.run.messages import Awaited, RunState
from app.run.step_timer import StepTimer
from lattice.training.reports import StepReport


class ShownState:
    """Follows the worker's state and the requests to start and pause that it has not come to yet."""

    def __init__(self, state_changed: Callable[[str], None], awaited_changed: Callable[[str], None]) -> None:
        """Begin with no run; the functions are called with each new state and each new `Awaited`."""
        self._state_changed, self._awaited_changed = state_changed, awaited_changed
        self._timer = StepTimer()
        self._start_requested = self._stop_requested = self._paused = False
        self.state: RunState = "empty"
        self.awaited: Awaited = ""
        self.starting = False
        """Whether the run that was just opened is about to be trained."""

    @property
    def step_seconds_left(self) -> float | None:
        """Seconds until the present training step should be over; None if that is unknown."""
        return self._timer.left()

    @property
    def stays_paused(self) -> bool:
        """Whether the run is paused or about to be; while another one is loaded, whether the present one was."""
        return self._paused or self._stop_requested

    def take(self, state: RunState) -> None:
        """Follow the worker to a state."""
        if state == "paused" and (self.starting or self._start_requested):
            return  # a moment before it is trained, not worth a flicker
        if state == "stepping" and not self._timer.slow:
            return  # likewise
        self._start_requested = self._start_requested and state == "stepping"
        if state in ("training", "paused", "finished", "failed"):
            self._paused = state == "paused"
            self._stop_requested = self._stop_requested and state == "training"
        self._await("start" if self._start_requested else "")
        self.starting = False
        self.state = state
        self._state_changed(state)

    def request_start(self) -> None:
        """Note that training was requested."""
        self._start_requested, self._stop_requested = True, False
        self._await("start" if self.state in ("stepping", "finished") else "")

    def request_stop(self) -> None:
        """Note that training is to end after the present training step; of a run that has ended there is none."""
        self._start_requested = self.starting = False
        self._stop_requested = self.state not in ("finished", "failed")
        self._await("pause" if self.state == "training" and self._timer.slow else "")

    def opened(self, *, start: bool) -> None:
        """Note that another run is there, and whether it is to be trained at once."""
        self._timer.forget()
        self.starting, self._start_requested = start, False

    def rebuilt(self) -> None:
        """Note that training steps now take another time."""
        self._timer.forget()

    def stepped(self, reports: Sequence[StepReport]) -> None:
        """Measure training steps."""
        self._timer.stepped(reports)

    def failed(self) -> None:
        """Note that a command failed: if it was a start, that no longer is waited for."""
        self._start_requested = False
        self._await("" if self.awaited == "start" else self.awaited)

    def _await(self, awaited: Awaited) -> None:
        if awaited != self.awaited:
            self.awaited = awaited
            self._awaited_changed(awaited)
