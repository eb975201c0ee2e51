"""Throttles observations: often enough to seem live, at a set share of what training could use."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

from PyQt6.QtCore import QObject, QTimer

from app.run.controller import RunController

FRAME_MILLISECONDS = 33
"""Least time between two observations while training."""
MOST_WATCHING = 0.04
"""Largest share of the worker's time that observing may take while training."""
MOST_DRAWING_PER_CORE = 0.03
"""Largest share of the time that drawing may take while training, per processor core: where the graphics are computed
by the processor, what is drawn is not trained."""
NEWEST = 0.2
"""Weight of the newest measurement in a cost: one slow frame, such as the first, is no reason to observe less often."""
LONGEST_PAUSE = 2.0
"""Seconds after which another observation is requested, whatever one costs."""


class ObserveThrottle(QObject):
    """Calls `look` when an observation may be requested; measures what observing and drawing cost."""

    def __init__(
        self,
        controller: RunController,
        look: Callable[[], bool],
        parent: QObject | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Watch a controller's run.

        Args:
            controller: of the run; while it trains, observations are spread out.
            look: requests an observation; returns whether that was possible.
            parent: owner.
            clock: seconds that have passed.
        """
        super().__init__(parent)
        self._controller = controller
        self._look = look
        self._clock = clock
        self._wanted = self._closed = False
        self._asked_at = 0.0
        self._observing = self._drawing = self._colouring = 0.0
        self._timer = QTimer(self)
        self._timer.setObjectName("display")
        self._timer.setInterval(FRAME_MILLISECONDS)
        self._timer.timeout.connect(self._ask)

    def look_again(self) -> None:
        """Request an observation at the next allowed time."""
        self._wanted = True
        if not self._closed and not self._timer.isActive():
            self._timer.start()

    def look_now(self) -> None:
        """Request an observation ahead of anything requested later, such as the first training step."""
        if self._closed or not self._look():
            self.look_again()
            return
        self._wanted = False
        self._asked_at = self._clock()

    def close(self) -> None:
        """Request nothing more."""
        self._closed = True
        self._timer.stop()

    def observed(self, seconds: float) -> None:
        """Measure what an observation took of the worker's time, in seconds."""
        self._observing += NEWEST * (seconds - self._observing)

    def drawn(self, seconds: float) -> None:
        """Measure what a frame took, in seconds."""
        self._drawing += NEWEST * (seconds - self._drawing)

    def coloured(self, seconds: float) -> None:
        """Measure what colouring the cells took, in seconds."""
        self._colouring = seconds

    def _ask(self) -> None:
        controller = self._controller
        if not self._wanted or controller.summary is None or controller.state == "loading":
            self._timer.stop()  # what is wanted while a run loads is requested when that changes
            return
        if controller.observing or self._clock() - self._asked_at < self._pause():
            return
        if self._look():
            self._wanted = False
            self._asked_at = self._clock()

    def _pause(self) -> float:
        """Seconds from one observation to the next."""
        if self._controller.state != "training":
            return 0.0
        drawing = min(MOST_DRAWING_PER_CORE * (os.cpu_count() or 1), 1.0)
        wanted = max(self._observing / MOST_WATCHING, (self._drawing + self._colouring) / drawing)
        return min(max(FRAME_MILLISECONDS / 1000, wanted), LONGEST_PAUSE)
