"""What the window costs: training speed against headless, lateness of its event loop, and how soon it is there.

Every figure comes from a process of its own, headless and window in turns, so that both see the same machine.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

WARM_UP_STEPS = 52
"""The window evaluates more often in its first training steps, so that the curve shows something soon."""
LATENESS_MS = 5
PROBES = ("import-torch", "headless", "window")


def main(arguments: list[str]) -> int:
    """Measure and print; return 0."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks window", description=__doc__)
    parser.add_argument("--preset", default="debug")
    parser.add_argument("--seconds", type=float, default=15.0, help="time measured per round (default %(default)s)")
    parser.add_argument("--rounds", type=int, default=2, help="headless and window in turns (default %(default)s)")
    parser.add_argument("--set", action="append", default=[], dest="settings", metavar="SECTION.KEY=VALUE")
    parser.add_argument("--json", action="store_true", help="print JSON only")
    parser.add_argument("--probe", choices=PROBES, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.probe is not None:
        print(json.dumps(run_probe(options)))
        return 0
    rounds = [{name: _measure(name, options) for name in PROBES} for _ in range(options.rounds)]
    result = summarise(rounds)
    print(json.dumps(result, indent=2) if options.json else as_text(result))
    return 0


def summarise(rounds: list[dict[str, dict[str, float]]]) -> dict[str, Any]:
    """Put the rounds together: medians, and ratios within one round."""

    def median(figure: Callable[[dict[str, dict[str, float]]], float]) -> float:
        return round(statistics.median(figure(one) for one in rounds), 3)

    return {
        "headless_steps_per_second": median(lambda one: one["headless"]["steps_per_second"]),
        "window_steps_per_second": median(lambda one: one["window"]["steps_per_second"]),
        "window_over_headless": median(
            lambda one: one["window"]["steps_per_second"] / one["headless"]["steps_per_second"]
        ),
        "lateness_p50_ms": median(lambda one: one["window"]["lateness_p50_ms"]),
        "lateness_p99_ms": median(lambda one: one["window"]["lateness_p99_ms"]),
        "lateness_max_ms": median(lambda one: one["window"]["lateness_max_ms"]),
        "starting_lateness_max_ms": median(lambda one: one["window"]["starting_lateness_max_ms"]),
        "frames_per_second": median(lambda one: one["window"]["frames_per_second"]),
        "watching_share": median(lambda one: one["window"]["watching_share"]),
        "import_torch_seconds": median(lambda one: one["import-torch"]["seconds"]),
        "first_frame_over_import_torch": median(
            lambda one: one["window"]["first_frame_seconds"] / one["import-torch"]["seconds"]
        ),
        "first_training_step_over_import_torch": median(
            lambda one: one["window"]["first_training_step_seconds"] / one["import-torch"]["seconds"]
        ),
        "rounds": rounds,
    }


def as_text(result: dict[str, Any]) -> str:
    """Return the figures as a table."""
    lines = [f"{name.replace('_', ' '):<42}{value:>10}" for name, value in result.items() if name != "rounds"]
    return "\n".join(lines)


def _measure(name: str, options: argparse.Namespace) -> dict[str, float]:
    settings = [part for text in options.settings for part in ("--set", text)]
    command = [sys.executable, "-m", "benchmarks", "window", "--probe", name, "--preset", options.preset]
    done = subprocess.run(
        [*command, "--seconds", str(options.seconds), *settings], check=False, capture_output=True, text=True
    )
    if done.returncode != 0:
        raise RuntimeError(f"the probe {name!r} failed:\n{done.stderr}")
    figures: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return figures


def run_probe(options: argparse.Namespace) -> dict[str, float]:
    """Measure one thing in this process."""
    if options.probe == "import-torch":
        import torch  # noqa: F401

        return {"seconds": _since_start()}
    if options.probe == "headless":
        return _probe_headless(options)
    return _probe_window(options)


def _since_start() -> float:
    import psutil

    return time.time() - psutil.Process().create_time()


def _probe_headless(options: argparse.Namespace) -> dict[str, float]:
    from lattice.config import SimpleProjectConfig
    from lattice.data import load_dataset
    from lattice.training.trainer import EmbeddingTrainer

    config = SimpleProjectConfig.from_preset(options.preset).override(options.settings)
    trainer = EmbeddingTrainer(config, load_dataset(config.training_embedding, config.data, config.teacher))
    for _ in range(WARM_UP_STEPS):
        trainer.step()
    trainer.evaluate()
    began, steps = time.perf_counter(), 0
    while time.perf_counter() - began < options.seconds:
        report = trainer.step()
        steps += 1
        if report.training_step % config.training_embedding.evaluate_every == 0:
            trainer.evaluate()
    return {"steps_per_second": steps / (time.perf_counter() - began)}


def _probe_window(options: argparse.Namespace) -> dict[str, float]:
    from app.application import run
    from app.options import StartOptions

    start = StartOptions(preset=options.preset, settings=tuple(options.settings), autostart=True, size=(1600, 1000))
    watchers: list[WindowWatcher] = []

    def watch(window: Any) -> WindowWatcher:
        watchers.append(WindowWatcher(window, options.seconds))
        return watchers[-1]

    run(start, watch)
    return watchers[0].figures


class WindowWatcher:
    """Counts training steps and frames of a window, and how late its timers come."""

    def __init__(self, window: Any, seconds: float) -> None:
        """Begin to watch; the window is closed when enough was seen."""
        from PyQt6.QtCore import Qt, QTimer

        self._window, self._seconds = window, seconds
        window.asks = False
        self.figures: dict[str, float] = {}
        self._late: list[float] = []
        self._began: float | None = None
        self._lateness_until = 0.0
        self._steps = self._frames = 0
        self._share: list[float] = []
        self._last: float | None = None
        self._timer = QTimer(window)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._phase = QTimer(window)
        self._phase.setSingleShot(True)
        self._phase.timeout.connect(self._end_of_speed)
        window.cube.frame_drawn.connect(self._on_frame)
        window.controller.stepped.connect(self._on_steps)
        window.controller.observed.connect(lambda message: self._share.append(message.share))
        self._timer.start(LATENESS_MS)

    def _tick(self) -> None:
        now = time.perf_counter()
        if self._last is not None:
            self._late.append(1000 * (now - self._last) - LATENESS_MS)
        self._last = now
        if self._lateness_until and now > self._lateness_until:
            self._finish()

    def _on_frame(self, _milliseconds: float) -> None:
        self.figures.setdefault("first_frame_seconds", _since_start())
        self._frames += 1

    def _on_steps(self, message: Any) -> None:
        self.figures.setdefault("first_training_step_seconds", _since_start())
        if self._began is not None:
            self._steps += len(message.reports)
        elif message.reports[-1].training_step >= WARM_UP_STEPS:
            self.figures["starting_lateness_max_ms"] = max(self._late)
            # Two hundred ticks a second cost something themselves: speed is measured without them, lateness after.
            self._timer.stop()
            self._began = time.perf_counter()
            self._share.clear()
            self._frames = 0
            self._phase.start(int(1000 * self._seconds))

    def _end_of_speed(self) -> None:
        assert self._began is not None
        seconds = time.perf_counter() - self._began
        self.figures |= {
            "steps_per_second": self._steps / seconds,
            "frames_per_second": self._frames / seconds,
            "watching_share": sum(self._share) / max(len(self._share), 1),
        }
        self._late.clear()
        self._last = None
        self._lateness_until = time.perf_counter() + self._seconds
        self._timer.start(LATENESS_MS)

    def _finish(self) -> None:
        self._timer.stop()
        late = sorted(self._late)
        self.figures |= {
            "lateness_p50_ms": late[len(late) // 2],
            "lateness_p99_ms": late[int(0.99 * len(late))],
            "lateness_max_ms": late[-1],
        }
        self._window.close()
