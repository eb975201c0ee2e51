"""Feeds one tracker from a thread of its own, so that neither its waits nor its failures reach the run."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from queue import Full, Queue

from lattice.errors import one_line
from lattice.log import logger
from lattice.tracking.base import Picture, TrackedRun, Tracker, TrackerKind

MOST_WAITING = 4096
"""Records that wait for a tracker; more are left out."""
CLOSE_SECONDS = 10.0
"""How long the end of a run waits for a tracker."""

_Record = Callable[[Tracker], None]


class Feeder:
    """One tracker of one run. All methods return at once but `join` and `close`; none raises for the tracker."""

    def __init__(self, name: str, kind: TrackerKind, run: TrackedRun, before: Feeder | None = None) -> None:
        """Open the tracker, in its thread, once the one `before` has ended or had `CLOSE_SECONDS` to."""
        self.name, self._kind, self._run = name, kind, run
        self._before = before
        self._waiting: Queue[_Record | None] = Queue(MOST_WAITING)
        self._ended = False
        self._full = False
        self._thread = threading.Thread(target=self._feed, name=f"tracker {name}", daemon=True)
        self._thread.start()

    @property
    def ended(self) -> bool:
        """Whether the tracker takes nothing any more, because it failed or was closed."""
        return self._ended

    @property
    def alive(self) -> bool:
        """Whether the tracker still writes."""
        return self._thread.is_alive()

    def figures(self, training_step: int, values: Mapping[str, float]) -> None:
        """Hand numbers to the tracker."""
        self._put(lambda tracker: tracker.figures(training_step, values))

    def picture(self, training_step: int, name: str, rgb_HWC: Picture) -> None:
        """Hand a picture to the tracker."""
        self._put(lambda tracker: tracker.picture(training_step, name, rgb_HWC))

    def end(self) -> None:
        """Let the tracker write what waits and then close, without waiting for that."""
        if not self._ended:
            self._ended = True
            with suppress(Full):  # then the last record ends it
                self._waiting.put_nowait(None)

    def join(self, deadline: float) -> None:
        """Wait for the tracker's end until the time `deadline` of `time.monotonic`, and warn if it did not come."""
        self._thread.join(max(0.0, deadline - time.monotonic()))
        if self.alive:
            logger.warning("The tracker '%s' did not end in time: its last figures may be missing there", self.name)

    def close(self, seconds: float = CLOSE_SECONDS) -> None:
        """Let the tracker write what waits and close, and wait for it no longer than `seconds`."""
        self.end()
        self.join(time.monotonic() + seconds)

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
        if self._before is not None:  # two at once would write into the same run
            self._before._thread.join(CLOSE_SECONDS)
            self._before = None
        try:
            tracker = self._kind.open(self._run)
            while (record := self._waiting.get()) is not None:
                record(tracker)
                if self._ended and self._waiting.empty():
                    break
            tracker.close()
        except Exception as error:  # the packages of others raise what they like
            logger.warning(
                "The tracker '%s' failed and takes no more figures; the run goes on: %s", self.name, one_line(error)
            )
            with suppress(Exception):  # such as the disk that is still full
                if tracker is not None:
                    tracker.close()
        finally:
            self._ended = True
