"""Wall time by phase within one training step."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager


class PhaseClock:
    """Adds up wall time by phase within one training step."""

    def __init__(self) -> None:
        """Start the clock."""
        self.began = time.perf_counter()
        self.phases: dict[str, float] = {}

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Count the time spent inside as `name`, in seconds."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.phases[name] = self.phases.get(name, 0.0) + time.perf_counter() - began

    @property
    def seconds(self) -> float:
        """Wall time since the start."""
        return time.perf_counter() - self.began
