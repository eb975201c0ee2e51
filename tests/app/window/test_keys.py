"""Keys: those of the window, and those that belong to the widget with the focus."""

import pytest
from PyQt6.QtCore import QEvent, Qt
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QApplication, QWidget

from app.panels.damage.panel import DamagePanel
from app.window.keys import KeyGuard

pytestmark = pytest.mark.gl


def state(window):
    return window.controller.state


def test_typing_is_typing(qtbot, window):
    window.docks.raise_panel("data")
    field = window.data_panel.search_field
    field.setFocus()
    qtbot.keyClicks(field, "s 1 r")
    assert field.text() == "s 1 r"
    assert window.display.mode == "state_rgb"
    assert state(window) == "paused"


def test_a_list_keeps_its_arrows(qtbot, window, runs):
    window.docks.raise_panel("data")
    view = window.data_panel.browser.view
    view.setFocus()
    view.setCurrentIndex(window.data_panel.browser.model.index(0, 0))
    qtbot.keyClick(view, Qt.Key.Key_Down)
    assert view.currentIndex().row() == 1
    qtbot.keyClick(view, Qt.Key.Key_Right)
    qtbot.wait(100)
    assert runs.trainer.training_step == 0


def test_the_timeline_keeps_its_arrows(qtbot, window, runs):
    window.timeline.set_step(0)
    window.timeline.track.setFocus()
    qtbot.keyClick(window.timeline.track, Qt.Key.Key_Right)
    assert window.timeline.step == 1
    qtbot.wait(100)
    assert runs.trainer.training_step == 0


def test_tab_walks_from_the_cube_and_hides_nothing(qtbot, window):
    window.cube.setFocus()
    qtbot.keyClick(window.cube, Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is not window.cube
    assert not any(window.docks[name].isHidden() for name in window.docks.names)
    qtbot.keyClick(window.cube, Qt.Key.Key_H)
    assert all(window.docks[name].isHidden() for name in window.docks.names)
    qtbot.keyClick(window.cube, Qt.Key.Key_H)
    assert not window.docks["data"].isHidden()


def test_escape_leaves_a_text_field_and_only_then_the_picked_cell(qtbot, window):
    window.picked.set((1, 1, 1))
    window.docks.raise_panel("data")
    window.data_panel.search_field.setFocus()
    qtbot.keyClick(window.data_panel.search_field, Qt.Key.Key_Escape)
    assert QApplication.focusWidget() is window.cube
    assert window.picked.cell == (1, 1, 1)
    qtbot.keyClick(window.cube, Qt.Key.Key_Escape)
    assert window.picked.cell is None


@pytest.mark.parametrize("gone", [lambda button: button.setEnabled(False), lambda button: button.hide()])
def test_an_input_that_goes_leaves_its_keys_to_the_cube(window, gone):
    window.docks.raise_panel("damage")
    button = window.docks.panel(DamagePanel).measure_button
    button.setEnabled(True)
    button.setFocus()
    assert QApplication.focusWidget() is button
    gone(button)
    assert QApplication.focusWidget() is window.cube


def test_a_key_that_was_let_go_is_held_no_more(qtbot):
    widget = QWidget()
    qtbot.addWidget(widget)
    guard = KeyGuard(widget, widget)
    none = Qt.KeyboardModifier.NoModifier
    for kind, repeats, held in (
        (QEvent.Type.KeyPress, False, False),
        (QEvent.Type.KeyPress, True, True),
        (QEvent.Type.KeyRelease, False, False),
    ):
        QApplication.sendEvent(widget, QKeyEvent(kind, Qt.Key.Key_Period, none, ".", repeats))
        assert guard.repeating == held
    guard.close()
