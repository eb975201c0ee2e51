"""Carries log records from any thread to the GUI's, without ever queueing more than one signal."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from typing import NamedTuple

from PyQt6.QtCore import QObject, pyqtSignal

from lattice.log import logger

CAPACITY = 1000
"""Records that are kept; older ones are forgotten. Qt keeps 12 KB of glyphs for every long line that was painted."""


class LogEntry(NamedTuple):
    """One record as it is shown."""

    number: int
    """Counts all records, forgotten ones included."""
    clock: str
    level: int
    level_name: str
    text: str

    def line(self) -> str:
        """Return the entry as one line or, with a traceback, several."""
        return f"{self.clock}  {self.level_name:<8}  {self.text}"


class _Notifier(QObject):
    arrived = pyqtSignal()


class LogBridge(logging.Handler):
    """Attach it, connect `notifier.arrived`, and `drain` there; the signal comes once for any number of records."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        """Create a bridge that is not attached yet."""
        super().__init__(logging.DEBUG)
        self.notifier = _Notifier()
        self._waiting: deque[LogEntry] = deque(maxlen=capacity)
        self._guard = threading.Lock()
        self._told = False
        self._count = 0
        self._target: logging.Logger | None = None

    @property
    def attached(self) -> bool:
        """Whether records arrive."""
        return self._target is not None

    def attach(self, target: logging.Logger = logger) -> None:
        """Begin to receive the records of a logger; a second call does nothing."""
        if self._target is None:
            self._target = target
            target.addHandler(self)

    def close(self) -> None:
        """Stop receiving; safe to call twice."""
        if self._target is not None:
            self._target.removeHandler(self)
            self._target = None
        super().close()

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one record; called in whatever thread logs."""
        try:
            text = record.getMessage()
            if record.exc_info:
                text += "\n" + (self.formatter or logging.Formatter()).formatException(record.exc_info)
            clock = time.strftime("%H:%M:%S", time.localtime(record.created))
            with self._guard:
                self._count += 1
                self._waiting.append(LogEntry(self._count, clock, record.levelno, record.levelname, text))
                tell, self._told = not self._told, True
            if tell:
                self.notifier.arrived.emit()
        except Exception:
            self.handleError(record)

    def drain(self) -> list[LogEntry]:
        """Return what has arrived since the last call, oldest first."""
        with self._guard:
            entries = list(self._waiting)
            self._waiting.clear()
            self._told = False
        return entries
