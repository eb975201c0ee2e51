"""Work that would block the window, done in a thread, of which only the newest request counts."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from typing import Any

from PyQt6.QtCore import QObject, pyqtSignal

from app.platform.priorities import give_way
from lattice.log import logger

_PATIENCE_SECONDS = 10.0


class LatestJob(QObject):
    """Runs functions one after the other; a request that waits is replaced by a newer one."""

    done = pyqtSignal(object)
    """What a function returned, the newest one's unless said otherwise."""
    _finished = pyqtSignal(int, object)

    def __init__(self, parent: QObject | None = None, *, overtaken: bool = False) -> None:
        """Create a runner at rest; it has a thread only while there is work.

        Args:
            parent: owner.
            overtaken: also bring what a newer request overtook while it ran. Results still come in the order of the
                requests, and a stream of requests that never ends brings some.
        """
        super().__init__(parent)
        self._overtaken = overtaken
        self._guard = threading.Lock()
        self._waiting: Callable[[], Any] | None = None
        self._thread: threading.Thread | None = None
        self._serial = 0
        self._forgotten = 0
        self._finished.connect(self._deliver)

    def ask(self, function: Callable[[], Any]) -> None:
        """Run a function soon; `done` brings its result unless a newer one comes before."""
        with self._guard:
            self._serial += 1
            self._waiting = function
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="latest", daemon=True)
                self._thread.start()

    def forget(self) -> None:
        """Drop what waits, and the result of what runs."""
        with self._guard:
            self._serial += 1
            self._forgotten = self._serial
            self._waiting = None

    def close(self) -> None:
        """Drop everything and wait for the thread."""
        self.forget()
        thread = self._thread
        if thread is not None:
            thread.join(_PATIENCE_SECONDS)

    def _work(self) -> None:
        give_way()
        while True:
            with self._guard:
                function, serial = self._waiting, self._serial
                self._waiting = None
                if function is None:
                    self._thread = None
                    return
            try:
                result = function()
            except Exception as error:
                logger.warning("a preview could not be computed: %s: %s", type(error).__name__, error)
                continue
            with contextlib.suppress(RuntimeError):  # the owner is gone
                self._finished.emit(serial, result)

    def _deliver(self, serial: int, result: object) -> None:
        if serial == self._serial or (self._overtaken and serial > self._forgotten):
            self.done.emit(result)
