"""Measured rates of the worker: training steps per second, the cost of watching, and when to evaluate."""

from __future__ import annotations

from collections import deque

WINDOW_SECONDS = 4.0
WATCHING_SECONDS = 12.0
"""Observations come in bursts, so their share is taken over a longer time."""

EARLY_TRAINING_STEPS = 50
"""Up to here evaluations come more often, so that the first minute shows the score climb."""
EARLY_SHARE = 0.2
"""Largest share of the time that those extra evaluations may take."""
EARLY_GAP = 5
"""Least training steps between two of them."""


class Rates:
    """Sliding totals over the last seconds of wall time."""

    def __init__(self) -> None:
        """Start with nothing measured."""
        self._steps: deque[float] = deque()
        self._observed: deque[tuple[float, float]] = deque()
        self._began: float | None = None
        self._started: float | None = None
        self._left_out = 0.0

    def begin(self, now: float) -> None:
        """Start counting at `now` (seconds), when training starts."""
        self._steps.clear()
        self._observed.clear()
        self._began = self._started = now
        self._left_out = 0.0

    def leave_out(self, began: float, now: float) -> None:
        """Take the time from `began` to `now` out of the rate of training steps, as far as counting had started."""
        since = began if self._started is None else max(began, self._started)
        self._left_out += max(now - since, 0.0)

    def stepped(self, now: float) -> None:
        """Count a training step that ended at `now`."""
        now -= self._left_out
        self._steps.append(now)
        # The newest stays, or steps longer than the span of time would never have a rate.
        while len(self._steps) > 1 and self._steps[0] < now - WINDOW_SECONDS:
            self._began = self._steps.popleft()

    def observed(self, now: float, seconds: float) -> None:
        """Count an observation that ended at `now` and took `seconds`."""
        self._observed.append((now, seconds))

    def steps_per_second(self) -> float:
        """Training steps per second of wall time up to the last one; 0 while unknown."""
        if self._began is None or not self._steps:
            return 0.0
        span = self._steps[-1] - self._began
        return len(self._steps) / span if span > 0 else 0.0

    def watching_share(self, now: float) -> float:
        """Share of the last seconds that went into observations, 0 to 1."""
        began = now if self._started is None else self._started
        since = max(now - WATCHING_SECONDS, began)
        while self._observed and self._observed[0][0] < since:
            self._observed.popleft()
        return min(1.0, sum(seconds for _, seconds in self._observed) / max(now - since, 1e-9))


class EvaluationSchedule:
    """Decides after which training steps the student is scored."""

    def __init__(self) -> None:
        """Start with no evaluation done."""
        self._last_step = 0
        self._last_end: float | None = None
        self._seconds = 0.0

    def due(self, training_step: int, evaluate_every: int, last_step: int, now: float) -> bool:
        """Whether to evaluate after `training_step`, at time `now` in seconds.

        Always at multiples of `evaluate_every` and at the last training step; early on also in
        between, as long as that takes little of the time.
        """
        if training_step % evaluate_every == 0 or training_step == last_step:
            return True
        if training_step > EARLY_TRAINING_STEPS or training_step - self._last_step < EARLY_GAP:
            return False
        return self._last_end is None or now - self._last_end >= self._seconds / EARLY_SHARE

    def done(self, training_step: int, seconds: float, now: float) -> None:
        """Note an evaluation that ended at `now` and took `seconds`, baselines left out."""
        self._last_step, self._seconds, self._last_end = training_step, seconds, now
