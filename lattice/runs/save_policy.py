"""When a run is saved while it trains: every so many minutes, every so many training steps, or both."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

from lattice.errors import ConfigError
from lattice.units import plural

_FORM = "expected minutes such as 10m, training steps such as 500, both as 10m,500, or never"


@dataclass(frozen=True)
class SaveEvery:
    """How often a run is saved; what is None does not count."""

    minutes: float | None = 5.0
    steps: int | None = 1000

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `10m`, `500`, `10m,500` or `never`; raises `ConfigError` for anything else."""
        if text.strip().lower() == "never":
            return cls(None, None)
        minutes: float | None = None
        steps: int | None = None
        for part in text.split(","):
            match = re.fullmatch(r"\s*(\d{1,9}(?:\.\d{1,6})?)\s*(m?)\s*", part)
            if match is None or float(match[1]) == 0 or (not match[2] and "." in match[1]):
                raise ConfigError(f"--save-every {text}: {_FORM}")
            if match[2]:
                minutes = float(match[1])
            else:
                steps = int(match[1])
        return cls(minutes, steps)

    def described(self) -> str:
        """Say it in words."""
        parts = []
        if self.minutes is not None:
            parts.append(f"every {self.minutes:g} minutes" if self.minutes != 1 else "every minute")
        if self.steps is not None:
            parts.append(f"every {plural(self.steps, 'training step')}" if self.steps != 1 else "every training step")
        return " and ".join(parts) or "only at its end"


class SaveClock:
    """Says when the next save is due."""

    def __init__(self, every: SaveEvery, step: int, now: float) -> None:
        """Begin at training step `step` and time `now`, in seconds of any steady clock."""
        self._every = every
        self.saved(step, now)

    def saved(self, step: int, now: float) -> None:
        """Count from here on: the run was saved, or that was tried."""
        self._step, self._time = step, now

    def due(self, step: int, now: float) -> bool:
        """Say whether the run moved on far or long enough to be saved."""
        if step == self._step:
            return False
        minutes, steps = self._every.minutes, self._every.steps
        late = minutes is not None and now - self._time >= minutes * 60
        # On a grid, so that a run that was resumed is saved at the same steps.
        far = steps is not None and step // steps > self._step // steps
        return late or far
