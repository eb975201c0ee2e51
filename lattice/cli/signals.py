"""Signals that end a run in order: Ctrl-C, and what a system sends before it kills a process."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Literal

DOUBLE_SECONDS = 1.0
"""Presses of Ctrl-C that follow each other sooner count as one: people press it twice to be sure."""
SIGNAL_CODE = 128
"""Exit codes of programs that a signal ended begin here, as shells expect it."""

Patience = Literal["at once", "between steps", "never"]


class StopRequested(KeyboardInterrupt):
    """Raised where a stop need not wait; `code` is the exit code."""

    def __init__(self, number: int) -> None:
        """Remember the signal."""
        super().__init__(number)
        self.code = SIGNAL_CODE + number


class StopSwitch:
    """Set by the first signal, looked at between training steps; each further one is less patient.

    The second leaves out the last evaluation, the third interrupts the training step. Nothing interrupts a save.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        """Create an unset switch; `now` is a steady clock in seconds."""
        self._now = now
        self._patience: Patience = "at once"
        self._last_press = 0.0
        self.presses = 0
        self.number: int | None = None
        """The first signal that came."""

    @property
    def pressed(self) -> bool:
        """Whether the run should end."""
        return self.presses > 0

    @property
    def code(self) -> int:
        """Exit code of what ends by it; 0 if it is not set."""
        return 0 if self.number is None else SIGNAL_CODE + self.number

    def press(self, number: int, _frame: FrameType | None = None) -> None:
        """Handle a signal."""
        now = self._now()
        if self.pressed and now - self._last_press < DOUBLE_SECONDS:
            return
        self._last_press = now
        self.presses += 1
        if self.number is None:
            self.number = number
        if self._patience == "at once" or (self._patience == "between steps" and self.presses > 2):
            raise StopRequested(self.number)
        if self._patience == "between steps" and self.presses == 1:
            with suppress(OSError):  # not by the log: a signal may come while that writes
                os.write(2, b"\nStopping after this training step, then saving; twice more stops in the middle of it\n")

    @contextmanager
    def patient(self, patience: Patience) -> Iterator[None]:
        """Let signals wait, or not, for what is done inside."""
        before, self._patience = self._patience, patience
        try:
            yield
        finally:
            self._patience = before


def _signals() -> list[signal.Signals]:
    """Return the signals that end a run in order on this system."""
    names = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
    found = [signal.Signals[name] for name in names if name in signal.Signals.__members__]
    # `nohup` has it ignored: the run shall go on without its terminal.
    return [number for number in found if number.name != "SIGHUP" or signal.getsignal(number) != signal.SIG_IGN]


@contextmanager
def handled_signals(press: Callable[[int, FrameType | None], object]) -> Iterator[None]:
    """Call `press` with each signal that should end the program in order; must be entered in the main thread."""
    before = {number: signal.signal(number, press) for number in _signals()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def stop_switch() -> Iterator[StopSwitch]:
    """Turn signals into a switch."""
    switch = StopSwitch()
    with handled_signals(switch.press):
        yield switch
