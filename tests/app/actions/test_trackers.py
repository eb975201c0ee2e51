"""Run > Track with: what is chosen is opened in the worker for every run, and what can't be had is said."""

import pytest

from app.actions.command_search import commands_of
from lattice.plugins import TRACKERS, Plugins
from lattice.tracking.base import TrackerKind


class Notes:
    """A tracker that keeps the training steps that it gets."""

    def __init__(self):
        self.steps, self.pictures, self.closed = [], [], False

    def figures(self, training_step, values):
        self.steps.append(training_step)

    def picture(self, training_step, name, rgb_HWC):
        self.pictures.append(training_step)

    def close(self):
        self.closed = True


@pytest.fixture
def opened(monkeypatch):
    """Register the trackers `notes` and `missing` beside the built-in ones; gives those that were opened."""
    trackers = []

    def open_notes(_run):
        trackers.append(Notes())
        return trackers[-1]

    monkeypatch.setattr(TRACKERS, "_held", dict(TRACKERS._entries))
    Plugins("test").tracker("notes", TrackerKind("Notes", "", open_notes))
    Plugins("test").tracker("missing", TrackerKind("Missing", "no_such_package_here", open_notes))
    return trackers


def entry(window, name):
    """Open the menu of trackers; return the entry of one."""
    menu = window.menus.trackers
    menu.aboutToShow.emit()
    return next(action for action in menu.actions() if action.objectName() == f"track_{name}")


def test_a_chosen_tracker_gets_this_run_and_the_next(qtbot, opened, make_window):
    window = make_window()
    entry(window, "notes").trigger()
    window.controller.step_once()
    qtbot.waitUntil(lambda: bool(opened) and 1 in opened[0].steps, timeout=10_000)
    window.controller.evaluate()
    qtbot.waitUntil(lambda: opened[0].pictures == [1], timeout=10_000)
    with qtbot.waitSignal(window.controller.opened, timeout=10_000):
        window.controller.reset()
    qtbot.waitUntil(lambda: len(opened) == 2 and opened[0].closed, timeout=10_000)
    assert entry(window, "notes").isChecked()
    entry(window, "notes").trigger()
    qtbot.waitUntil(lambda: opened[1].closed, timeout=10_000)
    assert not entry(window, "notes").isChecked()


def test_a_tracker_that_is_not_installed_says_how_to_get_it(qtbot, opened, make_window):
    window = make_window()
    entry(window, "missing").trigger()
    assert "install it with pip install no_such_package_here" in window.errors.what.text()
    assert not entry(window, "missing").isChecked()
    assert window.trackers.chosen == ()


def test_the_command_line_chooses(qtbot, opened, make_window):
    window = make_window(trackers=("notes",), launch=False)
    window.trackers.choose(window.options.trackers)
    assert entry(window, "notes").isChecked()


def test_trackers_of_plugins_come_and_go_while_the_window_is_open(qtbot, opened, make_window):
    window = make_window(launch=False)
    Plugins("late.py").tracker("late", TrackerKind("Late", "", lambda _run: Notes()))
    entry(window, "late").trigger()
    entry(window, "notes").trigger()
    assert window.trackers.chosen == ("late", "notes")
    assert "Late" in [found.name for found in commands_of(window.menuBar())]
    TRACKERS.remove_plugin("late.py")
    window.plugins.changed.emit()
    assert window.trackers.chosen == ("notes",)
    assert "late" in window.status.facts_label.full_text
    entry(window, "notes").trigger()
    assert window.trackers.chosen == ()
