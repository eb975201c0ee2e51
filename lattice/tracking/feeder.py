"""Feeds one tracker from a thread of its own, so that neither its waits nor its failures reach the run."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from queue import Full, Queue

from lattice.log import logger
from lattice.tracking.base import Picture, TrackedRun, Tracker, TrackerKind

MOST_WAITING = 4096
"""Records that wait for a tracker; more are left out."""
CLOSE_SECONDS = 10.0
"""How long the end of a run waits for a tracker."""

_Record = Callable[[Tracker], None]


class Feeder:
    """One tracker of one run. All methods return at once but `close`, and none raises for the tracker."""

    def __init__(self, name: str, kind: TrackerKind, run: TrackedRun) -> None:
        """Open the tracker, in its thread."""
        self.name, self._kind, self._run = name, kind, run
        self._waiting: Queue[_Record | None] = Queue(MOST_WAITING)
        self._ended = threading.Event()
        self._full = False
        self._thread = threading.Thread(target=self._feed, name=f"tracker {name}", daemon=True)
        self._thread.start()

    @property
    def ended(self) -> bool:
        """Whether the tracker takes nothing any more, because it failed or was closed."""
        return self._ended.is_set()

    def figures(self, training_step: int, values: Mapping[str, float]) -> None:
        """Hand numbers to the tracker."""
        self._put(lambda tracker: tracker.figures(training_step, values))

    def picture(self, training_step: int, name: str, rgb_HWC: Picture) -> None:
        """Hand a picture to the tracker."""
        self._put(lambda tracker: tracker.picture(training_step, name, rgb_HWC))

    def close(self, seconds: float = CLOSE_SECONDS) -> None:
        """Let the tracker write what waits, and wait for it no longer than `seconds`."""
        if not self.ended:
            try:
                self._waiting.put(None, timeout=seconds)
            except Full:
                self._ended.set()
        self._thread.join(seconds)
        if self._thread.is_alive():
            logger.warning(
                "The tracker '%s' did not end within %.0f s: its last figures may be missing there", self.name, seconds
            )

    def _put(self, record: _Record) -> None:
        if self.ended:
            return
        try:
            self._waiting.put_nowait(record)
        except Full:
            if not self._full:
                self._full = True
                logger.warning("The tracker '%s' is too slow: some of its figures are left out", self.name)

    def _feed(self) -> None:
        tracker = None
        try:
            tracker = self._kind.open(self._run)
            while not self.ended and (record := self._waiting.get()) is not None:
                record(tracker)
            tracker.close()
        except Exception as error:  # the packages of others raise what they like
            words = " ".join(str(error).split())[:300] or type(error).__name__
            logger.warning("The tracker '%s' failed and takes no more figures; the run goes on: %s", self.name, words)
            with suppress(Exception):  # such as the disk that is still full
                if tracker is not None:
                    tracker.close()
        finally:
            self._ended.set()
