"""The docks: places, layouts that come back, and a cube that never floats."""

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QDockWidget

from app.window.docks import AREAS, BUILT_IN
from app.window.panels import BUILT_IN_PANELS

pytestmark = pytest.mark.gl


def area(window, id_):
    return window.dockWidgetArea(window.docks[id_])


def test_every_panel_has_its_place(window):
    for name, spec in BUILT_IN_PANELS.items():
        assert area(window, name) == AREAS[spec.area]
    assert len(window.docks.toggles) == len(BUILT_IN_PANELS)


def test_the_cube_is_no_dock_and_cannot_float(window):
    assert window.centralWidget().isAncestorOf(window.cube)
    for dock in window.findChildren(QDockWidget):
        assert not dock.isAncestorOf(window.cube)


def test_a_layout_comes_back_at_the_next_start(make_window, qtbot):
    window = make_window(launch=False, size=None)
    window.resize(1200, 800)
    window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, window.docks["inspector"])
    window.docks["log"].hide()
    window.docks.store()
    again = make_window(launch=False, size=None)
    assert (again.width(), again.height()) == (1200, 800)
    assert area(again, "inspector") == Qt.DockWidgetArea.LeftDockWidgetArea
    assert again.docks["log"].isHidden()
    again.docks.reset()
    assert area(again, "inspector") == Qt.DockWidgetArea.RightDockWidgetArea
    assert not again.docks["log"].isHidden()
    assert again.preferences.layout(BUILT_IN) is None


def test_panels_hidden_all_at_once_are_stored_as_shown(make_window):
    window = make_window(launch=False, size=None)
    window.docks.toggle_all(True)
    assert window.docks["curves"].isHidden()
    window.docks.store()
    again = make_window(launch=False, size=None)
    assert not again.docks["curves"].isHidden()


def test_a_damaged_layout_is_left_alone(make_window):
    window = make_window(launch=False, size=None)
    window.preferences._settings.setValue("window/panels", BUILT_IN)
    window.preferences._settings.setValue("window/state", "nonsense")
    window.preferences.sync()
    again = make_window(launch=False, size=None)
    assert area(again, "inspector") == Qt.DockWidgetArea.RightDockWidgetArea


def test_a_low_window_shows_fewer_panels_at_a_time(make_window):
    low = make_window(launch=False, size=(1024, 700))
    assert low.docks["sample"] in low.tabifiedDockWidgets(low.docks["inspector"])
    assert (low.width(), low.height()) == (1024, 700)
    high = make_window(launch=False, size=(1600, 1000))
    assert high.docks["sample"] not in high.tabifiedDockWidgets(high.docks["inspector"])


def test_tabbed_panels_have_no_title_of_their_own(qtbot, make_window):
    window = make_window(launch=False, size=(1600, 1000))
    qtbot.waitUntil(lambda: window.docks["training"].titleBarWidget() is not None, timeout=5_000)
    assert window.docks["inspector"].titleBarWidget() is not None
    window.docks["damage"].hide()
    qtbot.waitUntil(lambda: window.docks["inspector"].titleBarWidget() is None, timeout=5_000)
    window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, window.docks["training"])
    qtbot.waitUntil(lambda: window.docks["training"].titleBarWidget() is None, timeout=5_000)


def test_a_floating_panel_leaves_the_cube_alone(qtbot, window):
    before = window.cube.frames_drawn
    window.docks["sample"].setFloating(True)
    qtbot.wait(50)
    window.docks["sample"].setFloating(False)
    window.display.set_mode("norm")
    qtbot.waitUntil(lambda: window.cube.frames_drawn > before, timeout=10_000)


def test_a_title_that_was_replaced_is_deleted(qtbot, make_window):
    window = make_window(launch=False, size=(1600, 1000))
    dock = window.docks["training"]
    for _ in range(3):
        qtbot.waitUntil(lambda: dock.titleBarWidget() is not None, timeout=5_000)
        window.docks.toggle_all(True)
        qtbot.waitUntil(lambda: dock.titleBarWidget() is None, timeout=5_000)
        window.docks.toggle_all(False)
    qtbot.waitUntil(lambda: dock.titleBarWidget() is not None, timeout=5_000)
    qtbot.waitUntil(lambda: len(dock.findChildren(type(dock.titleBarWidget()))) == 1, timeout=5_000)


def test_picking_the_next_cell_to_erase_leaves_the_damage_panel_in_front(window, qtbot):
    window.docks.raise_panel("damage")
    qtbot.waitUntil(lambda: not window.docks["damage"].visibleRegion().isEmpty(), timeout=5_000)
    window.picked.set((1, 1, 1))
    assert not window.docks["damage"].visibleRegion().isEmpty()
    window.docks.raise_panel("sample")
    window.docks.raise_panel("inspector")
    qtbot.waitUntil(lambda: not window.docks["inspector"].visibleRegion().isEmpty(), timeout=5_000)
    window.picked.set((2, 1, 1))
    assert not window.docks["inspector"].visibleRegion().isEmpty()
