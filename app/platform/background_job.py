"""Long work in a thread of its own that reports progress, hands out results as they come, and can be cancelled."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable

from PyQt6.QtCore import QObject, pyqtSignal

from app.platform.priorities import give_way
from lattice.log import logger
from lattice.progress import Cancelled, Progress

Deliver = Callable[[object], None]
Work = Callable[[Progress, Deliver], None]

_PATIENCE_SECONDS = 10.0


class BackgroundJob(QObject):
    """Does one piece of work at a time; a newer one cancels the one before, whose results are dropped.

    All signals come in the thread of the owner, and none comes from work that was cancelled.
    """

    arrived = pyqtSignal(object)
    """A result that the work delivered."""
    progressed = pyqtSignal(str, int, int)
    """What is done, how much of it, and of how much; 0 where that is unknown."""
    ended = pyqtSignal(str)
    """The work is over; why it failed, in one line, or empty."""
    _sent = pyqtSignal(int, str, object)

    def __init__(self, parent: QObject | None = None) -> None:
        """Create a runner at rest; it has a thread only while there is work."""
        super().__init__(parent)
        self._serial = 0
        self._running = False
        self._threads: list[threading.Thread] = []
        self._sent.connect(self._receive)

    @property
    def running(self) -> bool:
        """Whether there is work whose end was not reported yet."""
        return self._running

    def start(self, work: Work) -> None:
        """Begin `work(progress, deliver)`; its call of `progress` raises `Cancelled` once it was cancelled."""
        self.cancel()
        self._running = True
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        thread = threading.Thread(target=self._work, args=(work, self._serial), name="background job", daemon=True)
        self._threads.append(thread)
        thread.start()

    def cancel(self) -> None:
        """Stop at the next report of progress; nothing more arrives."""
        self._serial += 1
        self._running = False

    def close(self) -> None:
        """Cancel, and wait for the thread."""
        self.cancel()
        for thread in self._threads:
            thread.join(_PATIENCE_SECONDS)

    def _work(self, work: Work, serial: int) -> None:
        def progress(what: str, done: int, total: int | None) -> None:
            if serial != self._serial:
                raise Cancelled
            self._send(serial, "progress", (what, done, total or 0))

        give_way()
        problem = ""
        try:
            work(progress, lambda result: self._send(serial, "result", result))
        except Cancelled:
            return
        except Exception as error:
            problem = " ".join(str(error).split()) or type(error).__name__
            if serial == self._serial:
                logger.warning("%s", problem)
        self._send(serial, "end", problem)

    def _send(self, serial: int, kind: str, value: object) -> None:
        with contextlib.suppress(RuntimeError):  # the owner is gone
            self._sent.emit(serial, kind, value)

    def _receive(self, serial: int, kind: str, value: object) -> None:
        if serial != self._serial:
            return
        if kind == "result":
            self.arrived.emit(value)
        elif kind == "progress":
            self.progressed.emit(*value)  # type: ignore[misc]
        else:
            self._running = False
            self.ended.emit(str(value))
