"""Drives the window as a person does: real keys and a real mouse, under a window manager, on a screen of its own.

    python tools/drive_window.py            prints what each gesture did; 1 if one did something else than it should
    python tools/drive_window.py --keep DIR also leaves a picture of the screen after each gesture in DIR

Needs Xvfb, openbox and xdotool (`xdotool` sends what X11 itself would). A small run of the preset `debug` is used. What
the window did is read from the window itself: it runs in this process, the gestures come from outside of it.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
NEEDED = ("Xvfb", "xvfb-run", "openbox", "xdotool")
SIZE = (1280, 800)
SETTLE_MS = 350
"""Milliseconds after a gesture before the window is looked at."""
LOADING_MS = 60_000


def main() -> int:
    """Start a screen, or, on it already, drive the window; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", type=Path, metavar="DIR", help="leave a picture after each gesture here")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if missing := [name for name in NEEDED if shutil.which(name) is None]:
        print(f"can't drive the window without {', '.join(missing)}: install the package of each", file=sys.stderr)
        return 2
    if arguments.here:
        return Driver(arguments.keep).drive()
    screen = f"-screen 0 {SIZE[0]}x{SIZE[1]}x24 +extension GLX -nolisten tcp"
    again = [sys.executable, __file__, "--here", *(["--keep", str(arguments.keep)] if arguments.keep else [])]
    environment = {**os.environ, "QT_QPA_PLATFORM": "xcb", "LIBGL_ALWAYS_SOFTWARE": "1", "PYTHONPATH": str(ROOT)}
    command = ["xvfb-run", "--auto-servernum", "--server-args", screen, *again]
    return subprocess.run(command, env=environment, check=False).returncode


class Driver:
    """One window, and what is done to it."""

    def __init__(self, keep: Path | None) -> None:
        """Open the window under a window manager and wait until its run is seen."""
        import torch  # noqa: F401  # before Qt
        from PyQt6.QtWidgets import QApplication

        from app.options import StartOptions
        from app.session.preferences import Preferences
        from app.widgets.theme import ThemeController
        from app.window.open_window import open_window
        from lattice.config import Wishes
        from lattice.plugins import COLOR_MODES

        self._keep, self._failed = keep, 0
        self._manager = subprocess.Popen(["openbox"])
        self._application = QApplication(["drive_window"])
        COLOR_MODES.fill_from("app.cube.color.built_in:setup")
        small = Wishes({}, ("lattice.dimensions=5,5,5", "training_embedding.max_total_samples=64"))
        options = StartOptions(preset="debug", wishes=small, autostart=False, size=(1200, 720))
        self._theme = ThemeController(self._application, "dark")
        self.window = open_window(options, Preferences(Path(os.devnull)), self._theme, asks=False)
        self.window.show()
        self.window.launch()
        self._wait(lambda: self.window.display.observation is not None, LOADING_MS)

    def drive(self) -> int:
        """Do every gesture, say what came of it, and close the window; return the exit code."""
        try:
            self._gestures()
        finally:
            self.window.close()
            self._wait(lambda: not (self.window.controller.running or self.window.isVisible()), LOADING_MS)
            self._manager.terminate()
            self._manager.wait()
        print(
            f"{self._failed} of the gestures did something else" if self._failed else "every gesture did what it should"
        )
        return int(self._failed > 0)

    def _gestures(self) -> None:
        window = self.window
        cube, step = window.cube, lambda: window.controller.training_step
        self._click(cube)
        self.check("a click picks a cell", lambda: window.picked.cell is not None)
        before = window.picked.cell
        key, way, there = self._walk()
        self._key(key)
        self.check(f"{key} walks from {before} to the cell {way}, {there}", lambda: window.picked.cell == there)
        self._key("Escape")
        self.check("Esc lets it go", lambda: window.picked.cell is None)
        self._key("c")
        self.check("C picks the cell in the middle", lambda: window.picked.cell is not None)
        self._key("period", "period", "period")
        self._wait(lambda: step() >= 3, LOADING_MS)
        self.check("three fast presses are three training steps", lambda: step() == 3)
        pose = cube.pose
        self._key("ctrl+Left", "ctrl+Left")
        self.check("Ctrl+Left orbits", lambda: cube.pose.azimuth != pose.azimuth)
        self._key("x")
        low, high = window.appearance.slices[0].range
        self.check("X cuts the side that faces the camera", lambda: (low, high) == (0, 4))
        self._key("BackSpace")
        for _ in range(40):
            self._mouse(cube, "click", "4")
        self.check("the wheel stops in front of the cells", lambda: max(cube.pose.eye) > 5 or min(cube.pose.eye) < 0)
        self._key("r")
        self._apply_then_space()
        self._dialog_then_space()
        self._drag_slider_then_space()
        self._drag_plane()
        self._search()

    def _walk(self) -> tuple[str, str, Any]:
        """Return a key that walks from the picked cell, in words where to, and the cell there: not all have each."""
        from app.session.selection import lattice_step

        cell, directions = self.window.picked.cell, np.array(self.window.cube.pose.axes())
        for key, into, way in (("Prior", 1, "behind"), ("Next", -1, "in front")):
            step = lattice_step(directions, (0, 0, into))
            there = tuple(int(at + by) for at, by in zip(cell or (0, 0, 0), step, strict=True))
            if self.window.cube.state.contains(there):
                return key, way, there
        return "Prior", "that is not there", None

    def _apply_then_space(self) -> None:
        window = self.window
        window.docks.raise_panel("lattice")
        spin = window.lattice.panel.form.editors["lattice.lattice_steps"].input.spin
        self._click(spin, times=2)
        self._key("ctrl+a", "9", "9", "9", "9", "9", "Return")
        self.check("a number out of bounds is said and changes nothing", lambda: spin.property("marked") is True)
        self._key("ctrl+a", "3", "Return")
        self._click(window.lattice.panel.bar.apply_button)
        self._wait(lambda: window.controller.summary.config.lattice.lattice_steps == 3, LOADING_MS)
        self._space("after Apply")

    def _dialog_then_space(self) -> None:
        window = self.window
        window.docks.raise_panel("data")
        self._click(window.data_panel.encode_button)
        self._wait(lambda: self._dialogs() != [], 5000)
        self._key("Escape")
        self._wait(lambda: self._dialogs() == [], 5000)
        window.docks.raise_panel("lattice")
        self._space("after a dialog of a panel that is now behind a tab")
        self.check("no dialog opened again", lambda: self._dialogs() == [])

    def _drag_slider_then_space(self) -> None:
        self.window.docks.raise_panel("appearance")
        self._drag(self.window.appearance.gap, 30, 0)
        self.check("a slider was dragged", lambda: self.window.appearance.gap.value() != 14)
        self._space("after a slider was dragged")

    def _drag_plane(self) -> None:
        self.window.cube.setFocus()
        self._key("k")
        handle, shift = self.window.cube.plane_handle, self.window.appearance.cutting.shift
        self.check("K shows the plane's handle", handle.isVisible)
        self._drag(handle, 50, 0)
        self.check("dragging it moves the plane", lambda: shift.value() != 0)
        self._key("k")

    def _search(self) -> None:
        self._key("F3")
        self._wait(lambda: self._dialogs() != [], 5000)
        self._key("s", "p", "h", "e", "r", "e", "s", "Return")
        self.check("F3 finds and does a command", lambda: self.window.cube.state.shape == "sphere")

    def _space(self, when: str) -> None:
        state = self.window.controller
        self._key("space")
        self.check(f"Space starts {when}", lambda: state.state == "training" or state.training_step > 3)
        self._key("space")
        self._wait(lambda: state.state in ("paused", "finished"), LOADING_MS)
        self.check(f"Space pauses {when}", lambda: state.state in ("paused", "finished"))

    def check(self, what: str, holds: Callable[[], bool]) -> None:
        """Wait until something holds; say whether it did."""
        good = self._wait(holds, 5000)
        self._failed += not good
        print(f"{'ok  ' if good else 'FAIL'} {what}", flush=True)
        if self._keep is not None:
            self._keep.mkdir(parents=True, exist_ok=True)
            name = "".join(letter if letter.isalnum() else "-" for letter in what)
            screen = self._application.primaryScreen()
            if screen is not None:
                screen.grabWindow(0).save(str(self._keep / f"{name}.png"))  # type: ignore[call-overload]

    def _dialogs(self) -> list[Any]:
        from PyQt6.QtWidgets import QDialog

        return [
            widget
            for widget in self._application.topLevelWidgets()
            if isinstance(widget, QDialog) and widget.isVisible()
        ]

    def _key(self, *keys: str) -> None:
        self._xdotool("key", "--delay", "20", *keys)

    def _click(self, widget: Any, times: int = 1) -> None:
        self._mouse(widget, "click", "--repeat", str(times), "1")

    def _mouse(self, widget: Any, *doing: str) -> None:
        at = widget.mapToGlobal(widget.rect().center())
        self._xdotool("mousemove", str(at.x()), str(at.y()), *doing)

    def _drag(self, widget: Any, x: int, y: int) -> None:
        from PyQt6.QtWidgets import QSlider

        at = widget.mapToGlobal(widget.rect().center())
        if isinstance(widget, QSlider):
            share = (widget.value() - widget.minimum()) / (widget.maximum() - widget.minimum())
            at.setX(widget.mapToGlobal(widget.rect().topLeft()).x() + round(6 + share * (widget.width() - 12)))
        self._xdotool("mousemove", str(at.x()), str(at.y()), "mousedown", "1")
        for part in range(1, 6):
            self._xdotool("mousemove", str(at.x() + x * part // 5), str(at.y() + y * part // 5))
        self._xdotool("mouseup", "1")

    def _xdotool(self, *words: str) -> None:
        process = subprocess.Popen(["xdotool", *words])
        self._wait(lambda: process.poll() is not None, 20_000)
        self._wait(lambda: False, SETTLE_MS)

    def _wait(self, until: Callable[[], bool], milliseconds: int) -> bool:
        from PyQt6.QtCore import QDeadlineTimer, QThread

        deadline = QDeadlineTimer(milliseconds)
        while not until():
            if deadline.hasExpired():
                return False
            self._application.processEvents()
            QThread.msleep(5)
        return True


if __name__ == "__main__":
    sys.exit(main())
