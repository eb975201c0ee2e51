"""How long training steps take, as seen from the window: to say how long the present one will keep somebody waiting."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from lattice.training.reports import StepReport

SLOW_SECONDS = 0.3
"""A wait shorter than this is over before anybody has read about it."""
LAST_STEPS = 3
"""Training steps that the estimate is the mean of."""


class StepTimer:
    """Times of the newest training steps, and when the last one ended."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Know nothing yet; `clock` gives seconds that have passed."""
        self._clock = clock
        self._seconds: list[float] = []
        self._ended = 0.0

    @property
    def slow(self) -> bool:
        """Whether a wait for a training step is worth a word; so it is while nobody knows."""
        return not self._seconds or self._mean() >= SLOW_SECONDS

    def forget(self) -> None:
        """Another network takes other times."""
        self._seconds.clear()

    def stepped(self, reports: Sequence[StepReport]) -> None:
        """Take note of training steps, the last of which has just ended."""
        self._seconds = [*self._seconds, *(report.seconds for report in reports)][-LAST_STEPS:]
        self._ended = self._clock()

    def left(self) -> float | None:
        """Return the seconds until the present training step should be over; None if that is unknown."""
        left = self._mean() + self._ended - self._clock() if self._seconds else 0.0
        return left if left > 0 else None

    def _mean(self) -> float:
        return sum(self._seconds) / len(self._seconds)
