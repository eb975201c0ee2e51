"""Use the real window at random for minutes while it trains, and report what went wrong and what grew.

Clicks, keys, actions, edits, opens, saves and pauses come in an order that a seed decides. Reported are exceptions and
errors, threads, timers and widgets that are left at the end, how late the window's loop was, and the slopes, by least
squares, of resident memory and of the part of it that is in use. The allocator is set as the program sets it: memory
that was freed stays with the process, and what differs between both slopes is such memory, cut into pieces.

The slopes begin after a warm-up, because memory also rises to bounds: modules are imported at first use and dialogs
take what fonts and icons need, in the first minutes; edits that can be undone (50, with the curves of their runs) and
compiled plans (64 sizes) follow; the log keeps 1,000 lines of up to 12 KB. Needs a display:

    PYTHONPATH=. xvfb-run -a -s "-screen 0 1920x1200x24" .venv/bin/python tools/soak.py --minutes 30 --warm 5

`--leave-out prove_resume,push` never uses these actions, `--tracker tensorboard` tracks the runs meanwhile.
"""

from __future__ import annotations

import argparse
import gc
import logging
import os
import shutil
import sys
import tempfile
import threading
import time
import tracemalloc
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import psutil
import torch  # before Qt: on Windows the other order breaks torch's libraries
from PyQt6.QtCore import QObject, QThread, QTimer
from PyQt6.QtWidgets import QApplication

from lattice.allocator import freed_bytes, keep_freed_memory
from lattice.collector import all_objects
from tools.random_use import LEFT_OUT, RandomUse, close_dialogs

if TYPE_CHECKING:
    from app.run.messages import Failed
    from app.window.main_window import MainWindow

ACT_MILLISECONDS = 60
LOOK_MILLISECONDS = 1000
BEAT_MILLISECONDS = 20
LATE_SECONDS = 0.1
SMALL = ("lattice.dimensions=[4,4,4]", "lattice.lattice_steps=3", "training_embedding.training_steps=2000",
         "training_embedding.max_total_samples=64", "device.policy=cpu", "device.cpu_threads=1")  # fmt: skip
FILES = 4
"""Checkpoints that saves take turns in."""


class Errors(logging.Handler):
    """Keeps what the project's log reports as an error."""

    def __init__(self) -> None:
        """Keep nothing yet."""
        super().__init__(logging.ERROR)
        self.lines: Counter[str] = Counter()

    def emit(self, record: logging.LogRecord) -> None:
        """Count one record by its first line."""
        self.lines[record.getMessage().splitlines()[0][:200]] += 1


class Soak(QObject):
    """Acts in one window by a timer, and measures beside it."""

    def __init__(self, window: MainWindow, folder: Path, seconds: float, seed: int, left_out: frozenset[str]) -> None:
        """Begin once the window runs; close it after `seconds`. `left_out`: ids of actions that are never used."""
        super().__init__()
        self.window, self.folder = window, folder
        self.use = RandomUse(window, seed, left_out)
        self.use.doings += [self.save, self.open_saved, self.open_preset, self.pause, self.start, self.autosave]
        self.done: Counter[str] = Counter()
        self.failures: Counter[str] = Counter()
        self.resident: list[tuple[float, float]] = []
        self.in_use: list[tuple[float, float]] = []
        self.counts: list[dict[str, int]] = []
        self.late: list[float] = []
        self.began, self._last_beat = time.monotonic(), 0.0
        self._until = self.began + seconds
        self._process = psutil.Process()
        window.prompt.asks = False
        window.controller.failed.connect(self._failed)
        self._timers = [self._every(ACT_MILLISECONDS, self._act), self._every(LOOK_MILLISECONDS, self._look),
                        self._every(BEAT_MILLISECONDS, self._beat)]  # fmt: skip

    def _every(self, milliseconds: int, act: Any) -> QTimer:
        timer = QTimer(self)
        timer.timeout.connect(act)
        timer.start(milliseconds)
        return timer

    def _act(self) -> None:
        if time.monotonic() > self._until:
            self.end()
        elif self.window.controller.summary is not None:
            close_dialogs()
            self.done[self.use.act()] += 1

    def end(self) -> None:
        """Close the window as a person does, without a question."""
        for timer in self._timers:
            timer.stop()
        close_dialogs()
        self.window.close()

    def _beat(self) -> None:
        now = time.monotonic()
        if self._last_beat:
            self.late.append(now - self._last_beat - BEAT_MILLISECONDS / 1000)
        self._last_beat = now

    def _look(self) -> None:
        minutes = (time.monotonic() - self.began) / 60
        resident = self._process.memory_info().rss
        self.resident.append((minutes, resident / 2**20))
        self.in_use.append((minutes, (resident - freed_bytes()) / 2**20))
        self.counts.append(counts())

    def _failed(self, failure: Failed) -> None:
        self.failures[f"{failure.title}: {failure.what}"[:200]] += 1

    def _file(self) -> Path:
        return self.folder / f"run-{self.use.rng.randrange(FILES)}.safetensors"

    def save(self) -> None:
        """Save the run to one of a few files."""
        self.window.controller.save(self._file())

    def open_saved(self) -> None:
        """Go on with one of the saved runs."""
        path = self._file()
        if path.exists():
            self.window.opener.open_path(path)

    def open_preset(self) -> None:
        """Begin a new small run."""
        from app.run.commands import OpenRun
        from lattice.config import SimpleProjectConfig

        config = SimpleProjectConfig.from_preset("debug").override(list(SMALL))
        self.window.controller.open(OpenRun("soak", config, start=True))

    def pause(self) -> None:
        """Stop training."""
        self.window.controller.pause()

    def start(self) -> None:
        """Train."""
        self.window.controller.start()

    def autosave(self) -> None:
        """Write the autosave now."""
        self.window.autosave.save_now()


def counts() -> dict[str, int]:
    """Return how many widgets, threads and open files there are."""
    return {
        "widgets": len(QApplication.allWidgets()),
        "top-level widgets": len(QApplication.topLevelWidgets()),
        "threads": len(psutil.Process().threads()),
        "open files": psutil.Process().num_fds() if hasattr(psutil.Process, "num_fds") else 0,
    }


def left_over() -> list[str]:
    """Return the running timers and threads of Qt, Python's threads, and the widgets on screen, once all is closed."""
    gc.collect()
    # A dummy stands for a thread of Qt's that ran Python: Python never learns that it ended.
    found = [
        f"thread {thread.name}"
        for thread in threading.enumerate()
        if thread is not threading.main_thread() and not isinstance(thread, threading._DummyThread)
    ]
    for thing in all_objects():
        try:
            if issubclass(type(thing), QTimer) and thing.isActive():
                found.append(f"running timer of {thing.parent()!r}")
            elif issubclass(type(thing), QThread) and thing.isRunning() and thing is not QThread.currentThread():
                found.append(f"running thread {thing.objectName()!r}")
        except (RuntimeError, ReferenceError):  # the C++ object is gone already
            continue
    return found + [repr(widget) for widget in QApplication.topLevelWidgets() if widget.isVisible()]


def slope(points: Sequence[tuple[float, float]], after: float) -> float:
    """Return the slope by least squares of (minute, MB) points later than `after` minutes, in MB a minute."""
    kept = np.array([point for point in points if point[0] >= after])
    return float(np.polyfit(kept[:, 0], kept[:, 1], 1)[0]) if len(kept) > 2 else float("nan")


def report(soak: Soak, errors: Errors, left: Sequence[str], warm: float) -> bool:
    """Print the figures; return whether nothing went wrong."""
    late, resident = np.array(soak.late or [0.0]), soak.resident
    print(f"actions {sum(soak.done.values())}: {dict(soak.done.most_common())}")
    print(f"load {os.getloadavg() if hasattr(os, 'getloadavg') else 'unknown'}")
    at_warm = next((index for index, point in enumerate(resident) if point[0] >= warm), 0)
    if resident:
        first, middle, last = resident[0], resident[at_warm], resident[-1]
        print(f"resident MB {first[1]:.0f} at first, {middle[1]:.0f} at {middle[0]:.1f} min, {last[1]:.0f} at the end")
        print(f"in use MB {soak.in_use[at_warm][1]:.0f} at {middle[0]:.1f} min, {soak.in_use[-1][1]:.0f} at the end")
        print(f"slope after {warm:g} min: resident {slope(resident, warm):+.2f} MB/min, "
              f"in use {slope(soak.in_use, warm):+.2f} MB/min")  # fmt: skip
        print(f"counts at {middle[0]:.1f} min {soak.counts[at_warm]}, at the end {soak.counts[-1]}")
    print(f"loop late by over {LATE_SECONDS * 1000:.0f} ms: {int((late > LATE_SECONDS).sum())} times, "
          f"at most {late.max():.2f} s")  # fmt: skip
    for title, found in (("failures", soak.failures), ("errors in the log", errors.lines)):
        print(f"{title}: {sum(found.values())}")
        for line, count in found.most_common(20):
            print(f"    {count} x {line}")
    print(f"left behind: {list(left) or 'nothing'}", flush=True)
    return not (soak.failures or errors.lines or left)


def main() -> int:
    """Run the soak; return 1 if anything failed or was left behind."""
    parser = argparse.ArgumentParser(description="Use the window at random while it trains.")
    parser.add_argument("--minutes", type=float, default=10.0, help="how long (default %(default)s)")
    parser.add_argument("--warm", type=float, default=3.0, help="minutes before growth counts (default %(default)s)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--leave-out", default="", metavar="IDS", help="actions that are never used, with commas")
    parser.add_argument("--tracker", action="append", default=[], help="track the runs with this; may be repeated")
    parser.add_argument("--trace", type=int, default=0, metavar="N", help="print the N lines whose memory grew most")
    arguments = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="cellcube-soak-"))
    for name in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "HOME"):
        os.environ[name] = str(home)
    from app.application import run
    from app.options import StartOptions
    from lattice.config import Wishes

    keep_freed_memory()  # as the program does; else every thread has an arena of its own
    torch.set_num_threads(1)
    errors = Errors()
    logging.getLogger("cellcube").addHandler(errors)
    soaks: list[Soak] = []

    left_out = LEFT_OUT | set(filter(None, arguments.leave_out.split(",")))

    def watch(window: MainWindow) -> Soak:
        if unknown := sorted(left_out.difference(window.actions_)):
            shutil.rmtree(home, ignore_errors=True)
            window.controller.shut_down()
            parser.error(f"--leave-out: no action has the id {', '.join(unknown)}")
        soaks.append(Soak(window, home, arguments.minutes * 60, arguments.seed, left_out))
        if arguments.trace:
            QTimer.singleShot(int(arguments.warm * 60_000), lambda: snapshots.append(tracemalloc.take_snapshot()))
        return soaks[0]

    snapshots: list[tracemalloc.Snapshot] = []
    if arguments.trace:
        tracemalloc.start()
    options = StartOptions(
        preset="debug",
        wishes=Wishes({}, SMALL),
        autostart=True,
        size=(1600, 1000),
        trackers=tuple(arguments.tracker),
    )
    code = run(options, watch)
    if snapshots:
        for line in tracemalloc.take_snapshot().compare_to(snapshots[0], "lineno")[: arguments.trace]:
            print(line)
    fine = report(soaks[0], errors, left_over(), arguments.warm)
    shutil.rmtree(home, ignore_errors=True)
    return code or int(not fine)


if __name__ == "__main__":
    sys.exit(main())
