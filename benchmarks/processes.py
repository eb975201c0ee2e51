"""Candidates that each run in a process of their own and take turns, so that neither sees the other's threads."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


class WorkerError(RuntimeError):
    """A worker's process ended without an answer; the message says how."""


@dataclass(frozen=True)
class Timing:
    """The best of one candidate's turns."""

    seconds: float
    peak_bytes: int


class Worker:
    """The parent's end of a `benchmarks.worker` process."""

    def __init__(self, kind: str, *, threads: int | None = None, device: str = "cpu", **settings: Any) -> None:
        """Start the process; `facts` waits until it is ready.

        Args:
            kind: one of `benchmarks.worker.KINDS`.
            threads: threads of whatever library the worker uses; on Linux it is also bound to so many cores.
            device: `cpu` or `cuda`.
            settings: handed on to the worker.
        """
        settings |= {"device": device, "cores": cores_for(threads), "threads": threads}
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 (closed by `close`)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.worker", kind, json.dumps(settings)],
            cwd=ROOT,
            env=environment(threads, device),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )
        self._facts: dict[str, Any] | None = None

    def __enter__(self) -> Worker:
        """Return the worker itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None):  # type: ignore[no-untyped-def]
        """End the process."""
        self.close()

    def facts(self) -> dict[str, Any]:
        """Return what the worker found out while it prepared.

        Raises:
            WorkerError: it ended before it was ready.
        """
        if self._facts is None:
            self._facts = self._answer()
        return self._facts

    def turn(self) -> dict[str, float]:
        """Let the worker do its work once; return `seconds`, `processor_seconds` and `peak_bytes`.

        Raises:
            WorkerError: it ended before it was done.
        """
        self.facts()
        assert self._process.stdin is not None
        try:
            self._process.stdin.write("go\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise WorkerError(self._reason()) from None
        return self._answer()

    def close(self) -> None:
        """End the process, gently if it waits for its turn."""
        try:
            self._process.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()
        self._errors.close()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise WorkerError(self._reason())
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _reason(self) -> str:
        code = self._process.wait()
        if code == -9:
            return "its process was killed, most likely because memory ran out"
        self._errors.seek(0)
        lines = self._errors.read().decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else f"its process ended with code {code}"


def best_turns(
    workers: Mapping[str, Worker], *, rounds: int, budget_seconds: float, processor_time: bool = False
) -> dict[str, Timing]:
    """Let workers take turns and return the best of each; the first turn warms up, unless it was over the budget."""
    clock = "processor_seconds" if processor_time else "seconds"
    best: dict[str, Timing] = {}
    spent = dict.fromkeys(workers, 0.0)
    for worker in workers.values():
        worker.facts()
    for turn in range(rounds + 1):
        for name, worker in workers.items():
            if name in best and spent[name] > budget_seconds:
                continue
            answer = worker.turn()
            seconds, peak = answer[clock], int(answer["peak_bytes"])
            spent[name] += answer["seconds"]
            if turn > 0 or answer["seconds"] > budget_seconds:
                known = best.get(name, Timing(seconds, peak))
                best[name] = Timing(min(known.seconds, seconds), max(known.peak_bytes, peak))
    return best


def cores_for(threads: int | None) -> list[int] | None:
    """Return the cores that a worker with so many threads may use; None where a process can't be bound to any."""
    if threads is None or not hasattr(os, "sched_getaffinity"):
        return None
    return sorted(os.sched_getaffinity(0))[:threads]


def environment(threads: int | None, device: str) -> dict[str, str]:
    """Return this process's environment with what sets the threads and devices of torch's and JAX's libraries."""
    variables = dict(os.environ)
    # On a GPU, JAX would otherwise take most of the memory at once.
    variables |= {"JAX_PLATFORMS": device, "XLA_PYTHON_CLIENT_PREALLOCATE": "false"}
    if threads is not None:
        variables |= {"OMP_NUM_THREADS": str(threads), "MKL_NUM_THREADS": str(threads)}
    if threads == 1:
        flags = variables.get("XLA_FLAGS", "")
        variables["XLA_FLAGS"] = f"{flags} --xla_cpu_multi_thread_eigen=false".strip()
    return variables
