"""What `benchmarks.window` runs in processes of its own: an import, a run without a window, a watched window."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from typing import Any

WARM_UP_STEPS = 52
"""The window evaluates more often in its first training steps, so that the curve shows something soon."""
LATENESS_MS = 5
ENDLESS = ("training_embedding.training_steps=1000000", "logging.level=WARNING")


def run_probe(options: argparse.Namespace) -> None:
    """Do one probe in this process; it prints its figures, or the time of every training step."""
    PROBES[options.probe](options)


def _import_torch(_options: argparse.Namespace) -> None:
    import torch  # noqa: F401

    print(json.dumps({"import_torch_seconds": _since_start()}))


def _watch_window(options: argparse.Namespace) -> None:
    from app.application import run
    from app.options import StartOptions
    from lattice.config import Wishes

    wishes = Wishes({}, tuple(options.settings))
    start = StartOptions(preset=options.preset, wishes=wishes, autostart=True, size=(1600, 1000))
    watchers: list[WindowWatcher] = []

    def watch(window: Any) -> WindowWatcher:
        watchers.append(WindowWatcher(window, options.seconds))
        return watchers[-1]

    run(start, watch)
    print(json.dumps(watchers[0].figures))


def _step_headless(options: argparse.Namespace) -> None:
    from lattice.config import SimpleProjectConfig
    from lattice.data import load_dataset
    from lattice.training.trainer import EmbeddingTrainer

    _tell_steps()
    config = SimpleProjectConfig.from_preset(options.preset).override([*options.settings, *ENDLESS])
    trainer = EmbeddingTrainer(config, load_dataset(config.training_embedding, config.data, config.teacher))
    while True:
        report = trainer.step()
        if report.training_step % config.training_embedding.evaluate_every == 0:
            trainer.evaluate()


def _step_in_window(options: argparse.Namespace) -> None:
    from app.application import run
    from app.options import StartOptions
    from lattice.config import Wishes

    _tell_steps()
    wishes = Wishes({}, (*options.settings, *ENDLESS))
    run(StartOptions(preset=options.preset, wishes=wishes, autostart=True, size=(1600, 1000)))


def _tell_steps() -> None:
    """Print the time after every training step of this process from now on."""
    from lattice.training.trainer import EmbeddingTrainer

    step = EmbeddingTrainer.step

    def told(trainer: EmbeddingTrainer) -> Any:
        report = step(trainer)
        print(time.monotonic(), flush=True)
        return report

    EmbeddingTrainer.step = told  # type: ignore[method-assign]


PROBES: dict[str, Callable[[argparse.Namespace], None]] = {
    "import-torch": _import_torch,
    "window": _watch_window,
    "headless-steps": _step_headless,
    "window-steps": _step_in_window,
}


def _since_start() -> float:
    import psutil

    return time.time() - psutil.Process().create_time()


class WindowWatcher:
    """Counts the frames of a window that trains, what its event loop takes, and how late its timers come."""

    def __init__(self, window: Any, seconds: float) -> None:
        """Begin to watch; the window is closed when enough was seen."""
        from PyQt6.QtCore import Qt, QTimer

        self._window, self._seconds = window, seconds
        window.prompt.asks = False
        self.figures: dict[str, float] = {}
        self._late: list[float] = []
        self._began: tuple[float, float] | None = None
        self._lateness_until = 0.0
        self._frames = 0
        self._share: list[float] = []
        self._last: float | None = None
        self._timer = QTimer(window)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._phase = QTimer(window)
        self._phase.setSingleShot(True)
        self._phase.timeout.connect(self._end_of_quiet_phase)
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
        if self._began is None and message.reports[-1].training_step >= WARM_UP_STEPS:
            self.figures["starting_lateness_max_ms"] = max(self._late)
            # Two hundred ticks a second cost something themselves: what the window takes is measured without them.
            self._timer.stop()
            self._began = time.perf_counter(), time.thread_time()
            self._share.clear()
            self._frames = 0
            self._phase.start(int(1000 * self._seconds))

    def _end_of_quiet_phase(self) -> None:
        assert self._began is not None
        seconds = time.perf_counter() - self._began[0]
        self.figures |= {
            "frames_per_second": self._frames / seconds,
            "event_loop_cores": (time.thread_time() - self._began[1]) / seconds,
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
