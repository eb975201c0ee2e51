"""What the status bar says of a run's pace: the rate in one unit, and the time that is left."""

from __future__ import annotations

import math

from lattice.units import count_text, rough_time, seconds_text, significant

SLOW, FAST = 0.1, 0.3
"""Rates per second below which a rate is told as a time per step, and above which it is told as steps again."""


class Pace:
    """A rate in words, whose unit changes only when the rate has changed much, and the time left for a run."""

    def __init__(self) -> None:
        """Begin with nothing known."""
        self._slow = False
        self._evaluation_seconds = 0.0
        self._evaluate_every = 0

    def set_schedule(self, evaluate_every: int) -> None:
        """Set after how many training steps there is an evaluation."""
        self._evaluate_every = evaluate_every

    def evaluated(self, seconds: float) -> None:
        """Note what scoring took, and the next evaluation will take."""
        self._evaluation_seconds = seconds

    def forget(self) -> None:
        """Forget what was measured of another network."""
        self._evaluation_seconds = 0.0

    def rate_text(self, per_second: float) -> str:
        """Return a rate above 0 in training steps per second, such as `3.5 steps/s` or `10 s per step`."""
        if not math.isfinite(per_second) or per_second <= 0:
            return "measuring the rate"
        self._slow = per_second < (FAST if self._slow else SLOW)
        if self._slow:
            return f"{seconds_text(1 / per_second)} per step"
        return f"{count_text(per_second) if per_second >= 1000 else significant(per_second, 2)} steps/s"

    def left_text(self, steps: int, per_second: float) -> str:
        """Return how long so many training steps will take with their evaluations; empty where that is unknown."""
        if steps <= 0 or per_second <= 0:
            return ""
        evaluations = steps / self._evaluate_every if self._evaluate_every else 0.0
        return f"about {rough_time(steps / per_second + evaluations * self._evaluation_seconds)} left"
