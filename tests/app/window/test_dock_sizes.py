"""The docks' sizes: the cube stays the largest thing in windows of all sizes, and what is done by hand is kept."""

import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QScrollArea

from app.window.panels import BUILT_IN_PANELS

pytestmark = pytest.mark.gl

SIZES = [(1024, 700), (1280, 720), (1366, 768), (1600, 1000)]


def assert_cube_is_largest(qtbot, window):
    """Docks follow the window when the event loop comes to it, which takes a while on a busy machine."""

    def largest():
        assert window.cube.width() >= 0.45 * window.width()
        assert window.cube.height() >= 0.5 * window.height()

    qtbot.waitUntil(largest, timeout=9000)


def drag_border(qtbot, window, id_, by):
    """Drag the border between a dock at the left and the cube."""
    dock = window.docks[id_]
    start = dock.mapTo(window, QPoint(dock.width() + 1, dock.height() // 2))
    QTest.mouseMove(window, start)
    QTest.mousePress(window, Qt.MouseButton.LeftButton, pos=start)
    for share in (0.5, 1.0):
        QTest.mouseMove(window, start + QPoint(round(share * by), 0))
        qtbot.wait(30)
    QTest.mouseRelease(window, Qt.MouseButton.LeftButton, pos=start + QPoint(by, 0))
    qtbot.wait(30)


@pytest.mark.parametrize("size", SIZES)
def test_the_cube_is_the_largest_thing_in_a_new_window(qtbot, make_window, size):
    window = make_window(launch=False, size=size)
    qtbot.wait(30)
    assert (window.width(), window.height()) == size
    assert_cube_is_largest(qtbot, window)


def test_the_cube_stays_the_largest_thing_when_the_window_shrinks_and_grows(qtbot, make_window):
    window = make_window(launch=False, size=(1600, 1000))
    for size in (*SIZES, SIZES[0]):
        window.resize(*size)
        qtbot.wait(50)
        assert (window.width(), window.height()) == size
        assert_cube_is_largest(qtbot, window)


def test_a_border_that_was_dragged_stays_until_the_layout_is_reset(qtbot, make_window):
    window = make_window(launch=False, size=(1366, 768))
    before = window.docks["lattice"].width()
    drag_border(qtbot, window, "lattice", 90)
    by_hand = window.docks["lattice"].width()
    assert by_hand > before + 50
    window.resize(1280, 720)
    qtbot.wait(50)
    assert window.docks["lattice"].width() == by_hand
    window.docks.reset()
    qtbot.wait(50)
    assert window.docks["lattice"].width() < by_hand - 50
    assert_cube_is_largest(qtbot, window)


def test_a_click_on_a_border_is_no_layout_of_ones_own(qtbot, make_window):
    window = make_window(launch=False, size=(1600, 1000))
    drag_border(qtbot, window, "lattice", 0)
    window.resize(1024, 700)
    qtbot.wait(50)
    assert_cube_is_largest(qtbot, window)


def test_the_next_start_knows_whether_the_layout_was_made_by_hand(qtbot, make_window):
    first = make_window(launch=False, size=(1200, 900))
    first.docks.store()
    second = make_window(launch=False, size=None)
    second.resize(1024, 700)
    qtbot.wait(50)
    assert_cube_is_largest(qtbot, second)
    second.resize(1200, 900)
    qtbot.wait(50)
    drag_border(qtbot, second, "lattice", 90)
    by_hand = second.docks["lattice"].width()
    second.docks.store()
    third = make_window(launch=False, size=None)
    third.resize(1240, 768)
    qtbot.wait(50)
    assert third.docks["lattice"].width() == by_hand


def test_no_page_is_cut_at_its_side_in_a_small_window(qtbot, make_window):
    window = make_window(launch=False, size=(1024, 700))
    for name in BUILT_IN_PANELS:
        dock = window.docks[name]
        dock.raise_()
        qtbot.wait(30)
        for area in dock.findChildren(QScrollArea):
            if area.isVisible() and area.widgetResizable():
                assert area.widget().width() <= area.viewport().width(), name
