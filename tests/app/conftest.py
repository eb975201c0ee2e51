"""The window's tests leave nothing behind: no thread, no running timer, no window."""

from __future__ import annotations

import gc
import sys
import weakref
from collections.abc import Callable, Iterator

import pytest
from PyQt6.QtCore import QCoreApplication, QEvent, QThread, QTimer
from PyQt6.QtWidgets import QApplication

from app.options import StartOptions
from app.run.commands import OpenRun
from app.session.preferences import Preferences
from app.widgets.theme import ThemeController
from app.window.main_window import MainWindow
from app.window.open_window import open_window
from lattice.config import SimpleProjectConfig
from tests.app.commands import Script
from tests.app.fakes import FakeRuns, small_config

_MANY_MODULES = 50
_left_out = set(sys.modules)
"""Modules whose objects are left out of the lists of objects."""
_watched: weakref.WeakSet[QTimer | QThread] = weakref.WeakSet()
"""Timers and threads that are left out with them."""


def _leave_out_imports() -> None:
    """Leave what imports made out of every later collection and list of objects, as `tests/conftest.py` does at first.

    Tests that export or read a model import hundreds of modules, and every test after them would pay for that.
    """
    if len(sys.modules.keys() - _left_out) < _MANY_MODULES:
        return
    _left_out.update(sys.modules)
    gc.collect()
    _watched.update(_timers_and_threads())
    gc.freeze()


def _timers_and_threads() -> list[QTimer | QThread]:
    """Return those that Python knows. The kinds are listed first: looking up a type is quicker than `isinstance`."""
    kinds: set[type] = set()
    bases: list[type] = [QTimer, QThread]
    while bases:
        kinds.add(base := bases.pop())
        bases.extend(base.__subclasses__())
    return [*_watched, *(thing for thing in gc.get_objects() if type(thing) in kinds)]


def _leftovers() -> list[str]:
    """Look among what was made since the imports."""
    found = []
    for thing in _timers_and_threads():
        try:
            if isinstance(thing, QTimer) and thing.isActive():
                found.append(f"running timer {thing.objectName() or thing!r} of {thing.parent()!r}")
            elif isinstance(thing, QThread) and thing.isRunning() and thing is not QThread.currentThread():
                found.append(f"running thread {thing.objectName() or thing!r}")
        except RuntimeError:  # the C++ object is gone already
            continue
    for widget in QApplication.topLevelWidgets():
        if widget.isVisible():
            found.append(f"window {type(widget).__name__} {widget.windowTitle()!r}")
    return found


def settle() -> None:
    """Let Qt do what it has put off: deferred deletes, queued signals."""
    for _ in range(3):
        QCoreApplication.processEvents()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture(autouse=True)
def nothing_left_behind(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that leaves a thread, a running timer or a visible window.

    Set up first, so checked after every other fixture, qtbot's closing of widgets included. Cycles are collected then
    only: in the middle of an event loop that would take plots apart which are being painted.
    """
    _leave_out_imports()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
    if QApplication.instance() is None:
        return
    settle()
    gc.collect()
    settle()
    if found := _leftovers():
        for widget in QApplication.topLevelWidgets():
            widget.hide()
            widget.deleteLater()
        settle()
        pytest.fail("the test left behind: " + "; ".join(found))


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Script:
    """Makes commands for the worker that do what a test says."""
    return Script(monkeypatch)


@pytest.fixture
def runs() -> FakeRuns:
    """Makes quick trainers without a network."""
    return FakeRuns()


@pytest.fixture
def make_window(qtbot, runs: FakeRuns) -> Iterator[Callable[..., MainWindow]]:
    """Return a function that opens a main window on fake trainers; all are closed at the end."""
    application = QApplication.instance()
    palette, sheet, font = application.palette(), application.styleSheet(), application.font()
    windows: list[MainWindow] = []
    themes: list[ThemeController] = []

    def make(*, launch: bool = True, asks: bool = False, config: SimpleProjectConfig | None = None, **options):
        options.setdefault("autostart", False)
        options.setdefault("preset", "debug")
        options.setdefault("size", (1100, 760))
        themes.append(ThemeController(QApplication.instance(), "dark"))
        window = open_window(StartOptions(**options), Preferences(), themes[-1], runs, asks=asks)
        windows.append(window)
        with qtbot.waitActive(window, timeout=10_000):
            window.show()
            window.activateWindow()
        if launch:
            with qtbot.waitSignal(window.controller.opened, timeout=20_000):
                window.controller.launch()
                window.controller.open(OpenRun("small", config or small_config(), start=window.opener.trains))
            qtbot.waitUntil(lambda: window.display.observation is not None, timeout=20_000)
            qtbot.waitUntil(lambda: window.lattice.panel is not None, timeout=20_000)
        return window

    yield make
    for window in windows:
        close_window(qtbot, window)
    for theme in themes:
        theme.close()
        theme.deleteLater()
    application.setStyleSheet(sheet)
    application.setPalette(palette)
    application.setFont(font)


def close_window(qtbot, window: MainWindow) -> None:
    """Close without questions and wait until everything that ran is gone."""
    window.prompt.asks = False
    window.close()
    qtbot.waitUntil(lambda: not window.isVisible() and not window.controller.running, timeout=20_000)
    window.deleteLater()
    settle()


@pytest.fixture
def window(make_window: Callable[..., MainWindow]) -> MainWindow:
    """A main window with a small, paused run that has been looked at once."""
    return make_window()
