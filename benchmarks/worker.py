"""One candidate in a process of its own: prepares it, then times one call per line that it is sent.

`python -m benchmarks.worker KIND SETTINGS`, where SETTINGS is JSON. The first line that comes back tells what the
process found out while preparing; every further line answers one `go`. Whatever else is printed goes to stderr.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from lattice.allocator import keep_freed_memory

KINDS = {
    "tier-means": "benchmarks.our_workers:tier_means",
    "training-step": "benchmarks.our_workers:training_step",
    "forward": "benchmarks.our_workers:forward",
    "cax-training-step": "benchmarks.cax_peer:training_step",
}


@dataclass(frozen=True)
class Task:
    """What a worker times."""

    call: Callable[[], object]
    """Does the work and returns when it is done."""
    peak_bytes: Callable[[], int]
    facts: dict[str, Any] = field(default_factory=dict)
    repeats: int = 1
    """How often one call does the work."""
    seconds: Callable[[], float] | None = None
    """Times one call by a better clock than the one on the wall."""


def serve(kind: str, settings: dict[str, Any]) -> None:
    """Prepare a candidate, then answer until the input ends."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    cores = settings.pop("cores", None)
    if cores is not None:
        # Before torch or JAX is imported: both size their thread pools by the cores they may use.
        os.sched_setaffinity(0, cores)
    keep_freed_memory()
    module, _, function = KINDS[kind].partition(":")
    task: Task = getattr(importlib.import_module(module), function)(**settings)

    def answer(**values: Any) -> None:
        print(json.dumps(values), file=answers, flush=True)

    answer(**task.facts)
    for _ in sys.stdin:
        gc.collect()
        processor, wall = time.process_time(), time.perf_counter()
        seconds = task.seconds() if task.seconds else None
        if seconds is None:
            task.call()
            seconds = time.perf_counter() - wall
        answer(
            seconds=seconds / task.repeats,
            processor_seconds=(time.process_time() - processor) / task.repeats,
            peak_bytes=task.peak_bytes(),
        )


if __name__ == "__main__":
    serve(sys.argv[1], json.loads(sys.argv[2]))
