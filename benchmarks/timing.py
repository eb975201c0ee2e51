"""Fair timing on a machine that others use too: candidates take turns, and the best turn of each counts."""

from __future__ import annotations

import gc
import os
import platform
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import torch

from lattice.devices import card_seconds


def best_seconds(
    candidates: Mapping[str, Callable[[], object]],
    *,
    rounds: int,
    budget_seconds: float,
    device: torch.device,
    processor_time: bool = False,
) -> dict[str, float]:
    """Time candidates in turns and return the best time of each, in seconds.

    Args:
        candidates: what to time, by name. Each is called once before timing.
        rounds: most turns per candidate.
        budget_seconds: a candidate that has used this much time is not called again.
        device: on a GPU every call is timed by CUDA events.
        processor_time: count this process's time on the processor, not the time on the wall. With one thread that
            takes other programs' load out of the figures. Without effect on a GPU.
    """
    clock = time.process_time if processor_time else time.perf_counter
    best = dict.fromkeys(candidates, float("inf"))
    spent = dict.fromkeys(candidates, 0.0)
    for turn in range(rounds + 1):
        for name, candidate in candidates.items():
            if spent[name] > budget_seconds and best[name] < float("inf"):
                continue
            seconds = seconds_of(candidate, device, clock)
            spent[name] += seconds
            if turn > 0 or seconds > budget_seconds:
                best[name] = min(best[name], seconds)
    return best


def seconds_of(
    candidate: Callable[[], object], device: torch.device, clock: Callable[[], float] = time.perf_counter
) -> float:
    """Return how long one call takes, in seconds: between two events on a GPU, else by a clock."""
    gc.collect()
    if device.type == "cuda":
        return card_seconds(candidate, device)
    start = clock()
    candidate()
    return clock() - start


def machine(device: torch.device) -> dict[str, str | int]:
    """Return what figures depend on: hardware, versions and threads."""
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else _processor()
    return {
        "device": name,
        "cores": os.cpu_count() or 1,
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
        "python": platform.python_version(),
        "system": platform.platform(terse=True),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor() or platform.machine()
