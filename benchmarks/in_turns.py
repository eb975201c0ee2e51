"""Two programs that train, in turns: one stands still while the other works, so that both see the same machine.

A machine that others use too gets faster and slower within seconds; programs that run one after the other see that as a
difference between them.
"""

from __future__ import annotations

import subprocess
import threading
import time
from bisect import bisect_left
from collections.abc import Sequence
from types import TracebackType
from typing import Self

import psutil

_SETTLING_SECONDS = 0.4
_LEAST_STEPS = 3
_MOST_TURNS = 10
"""Times as long as it is meant to be that a turn takes at most."""
"""Of each turn; caches are filled again, and what waited for the program is done."""


class SteppingProgram:
    """A program that writes the time of every training step, on the system's monotonic clock, a line each."""

    def __init__(self, command: Sequence[str]) -> None:
        """Start it; it runs until `stop`, and its errors are seen where this program's are."""
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self._handle = psutil.Process(self._process.pid)
        self.times: list[float] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        """Return the running program."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it."""
        self.stop()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.times.append(float(line))

    def wait_for(self, steps: int) -> None:
        """Return when so many training steps were done; raise `RuntimeError` if the program ends before."""
        while len(self.times) < steps:
            if self._process.poll() is not None:
                raise RuntimeError(f"a program ended after {len(self.times)} training steps; its own words are above")
            time.sleep(0.05)

    def suspend(self) -> None:
        """Let it stand still."""
        self._handle.suspend()

    def steps_since(self, began: float) -> int:
        """Return how many training steps it has done since a time of the monotonic clock."""
        return len(self.times) - bisect_left(self.times, began)

    def resume(self) -> None:
        """Let it go on."""
        self._handle.resume()

    def stop(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()
        self._reader.join()
        if self._process.stdout is not None:
            self._process.stdout.close()


def rates_in_turns(
    first: SteppingProgram, second: SteppingProgram, *, turns: int, seconds: float
) -> list[tuple[float, float]]:
    """Return the training steps per second of both, a pair for each turn of `seconds` each; both are suspended before.

    The order changes from turn to turn. A turn in which an evaluation leaves no time for training steps takes longer.
    """
    spans: dict[SteppingProgram, list[tuple[float, float]]] = {first: [], second: []}
    for turn in range(turns):
        for program in (first, second) if turn % 2 == 0 else (second, first):
            program.resume()
            began = time.monotonic() + _SETTLING_SECONDS
            time.sleep(_SETTLING_SECONDS + seconds)
            while program.steps_since(began) < _LEAST_STEPS and time.monotonic() < began + _MOST_TURNS * seconds:
                time.sleep(0.05)
            program.suspend()
            spans[program].append((began, time.monotonic()))
    for program in spans:
        program.stop()
    return [
        (rate(first.times, *one), rate(second.times, *other))
        for one, other in zip(spans[first], spans[second], strict=True)
    ]


def rate(times: Sequence[float], began: float, ended: float) -> float:
    """Return the steps per second between the first and the last step in a span of time; `times` ascend."""
    inside = times[bisect_left(times, began) : bisect_left(times, ended)]
    if len(inside) < 2:
        raise ValueError(f"{len(inside)} training steps in {ended - began:.1f} s are too few for a rate: longer turns")
    return (len(inside) - 1) / (inside[-1] - inside[0])
