"""Panels come and go with their plugins, are told of runs and edits, and a broken one harms nobody."""

import re

import pytest
from PyQt6.QtCore import Qt, QTimer
from PyQt6.QtWidgets import QLabel, QVBoxLayout

from app.panels.panel import Panel
from app.panels.spec import PanelSpec
from lattice.errors import PluginError
from lattice.plugins import PANELS, Plugins

pytestmark = pytest.mark.gl


class Heard(Panel):
    """Writes down what it is told."""

    def __init__(self, services):
        super().__init__()
        self.services, self.heard, self.closed = services, [], False
        QVBoxLayout(self).addWidget(QLabel("heard"))

    def show_run(self, summary):
        self.heard.append(("run", summary.name))

    def show_applied(self, message):
        self.heard.append(("applied", message.changed))

    def closeEvent(self, event):
        self.closed = True
        super().closeEvent(event)


class Broken(Heard):
    def show_run(self, summary):
        raise ZeroDivisionError("division by zero")


@pytest.fixture
def plugin():
    """Register panels on behalf of a plugin, which is unloaded at the end."""
    yield Plugins("mine.py")
    PANELS.remove_plugin("mine.py")


def offered(window):
    return [action.text() for action in window.menus.panels.actions()]


def test_a_plugged_in_panel_is_docked_offered_and_told(qtbot, window, plugin):
    plugin.panel("heard", PanelSpec("What I heard", "right", Heard, "What the window says"))
    window.panels.sync()
    panel, dock = window.docks.panels["heard"], window.docks["heard"]
    assert window.dockWidgetArea(dock) == Qt.DockWidgetArea.RightDockWidgetArea
    assert dock in window.tabifiedDockWidgets(window.docks["inspector"])
    assert offered(window)[-1] == "What I heard"
    assert window.docks.toggle("heard").toolTip() == "What the window says"
    assert panel.services.controller is window.controller
    assert panel.heard == [("run", "small")], "a run that is open already is shown"
    with qtbot.waitSignal(window.controller.applied, timeout=10_000):
        window.controller.apply(window.controller.summary.config.replaced({"lattice.lattice_steps": 2}))
    with qtbot.waitSignal(window.controller.opened, timeout=10_000):
        window.opener.open_preset("debug")
    assert panel.heard[1:] == [("applied", ("lattice.lattice_steps",)), ("run", "debug")]


def test_the_first_run_is_shown_to_one_panel_in_each_turn(qtbot, make_window, plugin):
    heard = []

    class Noted(Heard):
        def show_run(self, summary):
            heard.append("panel")
            QTimer.singleShot(0, lambda: heard.append("a key"))

    for name in ("one", "two"):
        plugin.panel(name, PanelSpec(name, "right", Noted, "Notes when it is told"))
    window = make_window()
    assert heard == ["panel", "a key", "panel", "a key"]
    heard.clear()
    window.docks.remove("two")
    window.panels.show_run(window.controller.summary)
    assert heard == ["panel"], "a later one is shown at once"


def test_a_panel_that_was_in_front_is_in_front_after_a_reload(qtbot, window, plugin):
    first, second = (PanelSpec(title, "right", Heard, "What the window says") for title in ("Heard", "Heard again"))
    plugin.panel("heard", first)
    window.panels.sync()
    window.docks.raise_panel("heard")
    qtbot.waitUntil(lambda: window.docks.in_front("heard"))
    plugin.panel("heard", second)
    window.panels.sync()
    qtbot.waitUntil(lambda: window.docks.in_front("heard"))
    window.docks.raise_panel("inspector")
    qtbot.waitUntil(lambda: not window.docks.in_front("heard"))
    plugin.panel("heard", first)
    window.panels.sync()
    qtbot.waitUntil(lambda: window.docks.in_front("inspector") and not window.docks.in_front("heard"))


def test_a_panel_goes_with_its_plugin_and_is_made_again_after_a_reload(qtbot, window, plugin):
    before = offered(window)
    plugin.panel("heard", PanelSpec("Heard", "bottom", Heard, "What the window says"))
    window.panels.sync()
    first = window.docks.panels["heard"]
    window.panels.sync()
    assert window.docks.panels["heard"] is first, "nothing changed"
    plugin.panel("heard", PanelSpec("Heard again", "left", Heard, "What the window says"))
    window.panels.sync()
    assert first.closed
    assert window.docks.panels["heard"] is not first
    assert offered(window) == [*before, "Heard again"]
    PANELS.remove_plugin("mine.py")
    window.panels.sync()
    assert "heard" not in window.docks
    assert offered(window) == before
    with qtbot.waitSignal(window.controller.opened, timeout=10_000):
        window.opener.open_preset("debug")


def test_what_is_registered_before_a_window_opens_is_in_it(make_window, plugin):
    plugin.panel("heard", PanelSpec("Heard", "bottom", Heard, "What the window says"))
    window = make_window()
    assert window.docks.panels["heard"].heard == [("run", "small")]
    assert offered(window)[-1] == "Heard"
    assert set(window.docks.names[:-1]) == {name for name in PANELS if name != "heard"}


def test_a_layout_is_kept_whatever_plugins_are_there(make_window, plugin):
    window = make_window(launch=False, size=None)
    window.docks["log"].hide()
    plugin.panel("heard", PanelSpec("Heard", "bottom", Heard, "What the window says"))
    window.panels.sync()
    window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, window.docks["heard"])
    window.docks.store()
    again = make_window(launch=False, size=None)
    assert again.docks["log"].isHidden()
    assert again.dockWidgetArea(again.docks["heard"]) == Qt.DockWidgetArea.LeftDockWidgetArea
    PANELS.remove_plugin("mine.py")
    without = make_window(launch=False, size=None)
    assert without.docks["log"].isHidden()


def test_a_panel_that_fails_is_reported_and_the_others_hear(qtbot, window, plugin):
    plugin.panel("broken", PanelSpec("Broken", "right", Broken, "Fails"))
    plugin.panel("heard", PanelSpec("Heard", "right", Heard, "Hears"))
    window.panels.sync()
    assert window.errors.what.text() == "ZeroDivisionError: division by zero"
    assert window.errors.windowTitle() == "The panel 'Broken' failed"
    window.errors.close()
    with qtbot.waitSignal(window.controller.opened, timeout=10_000):
        window.opener.open_preset("debug")
    assert window.docks.panels["heard"].heard[-1] == ("run", "debug")
    assert window.windowTitle() == "debug[*] - Cellcube"
    window.errors.close()


def test_a_panel_that_cannot_be_made_is_left_out(window, plugin):
    def fail(_services):
        raise ValueError("no such sensor")

    before = offered(window)
    assert not window.panels.add_panel("sensor", PanelSpec("Sensor", "left", fail, "Heat"))
    assert window.errors.windowTitle() == "There is no panel 'Sensor'"
    assert window.errors.what.text() == "ValueError: no such sensor"
    window.errors.close()
    plugin.panel("label", PanelSpec("Label", "left", lambda _services: QLabel("heat"), "No panel"))
    window.panels.sync()
    assert re.search(r"line \d+: .*<lambda> must return an .*Panel; got a QLabel", window.errors.what.text())
    window.errors.close()
    with pytest.raises(PluginError, match=r"the panel 'thing' is an int, 5, expected a value of .*PanelSpec"):
        plugin.panel("thing", 5)
    assert offered(window) == before


def test_a_name_that_is_taken_is_refused(window):
    with pytest.raises(PluginError, match="there is a panel 'log' already: choose another name"):
        window.panels.add_panel("log", PanelSpec("Log", "left", Heard, "Again"))
    window.panels.remove_panel("nothing of this name")
    assert "log" in window.docks


def test_a_panel_that_failed_is_shown_the_run_again_after_a_plugin_was_loaded(window, plugin):
    class Moody(Panel):
        broken = True

        def refresh_choices(self):
            if self.broken:
                raise ValueError("out of sorts")

        def show_run(self, summary):
            self.shown = summary.name

    plugin.panel("moody", PanelSpec("Moody", "right", lambda _services: Moody(), "Fails at times"))
    window.plugins.changed.emit()
    panel = window.docks.panels["moody"]
    assert "out of sorts" in window.errors.what.text()
    panel.broken, panel.shown = False, ""
    window.plugins.changed.emit()
    assert panel.shown == "small"
