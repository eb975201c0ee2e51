"""Measures of a training step: wall time by phase, rates, peak memory."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
import torch


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


def peak_memory_bytes(device: torch.device) -> int:
    """Return the most memory used so far: allocated on a CUDA device, else resident in this process."""
    if device.type == "cuda":
        return int(torch.cuda.max_memory_allocated(device))
    if sys.platform == "win32":
        return int(psutil.Process().memory_info().peak_wset)
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(peak) if sys.platform == "darwin" else int(peak) * 1024
