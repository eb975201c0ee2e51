"""The window's tests leave nothing behind: no thread, no running timer, no window."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
from PyQt6.QtCore import QCoreApplication, QEvent, QThread, QTimer
from PyQt6.QtWidgets import QApplication


def _leftovers() -> list[str]:
    found = []
    for thing in gc.get_objects():
        kind = type(thing)
        if not (issubclass(kind, QTimer) or issubclass(kind, QThread)):
            continue
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

    Set up first, so checked after every other fixture, qtbot's closing of widgets included.
    """
    yield
    if QApplication.instance() is None:
        return
    settle()
    found = _leftovers()
    if found:
        gc.collect()
        settle()
        found = _leftovers()
    if found:
        for widget in QApplication.topLevelWidgets():
            widget.hide()
            widget.deleteLater()
        settle()
        pytest.fail("the test left behind: " + "; ".join(found))
