"""The slider with two handles, by mouse, keys and wheel."""

import pytest
from PyQt6.QtCore import QPoint, Qt

from app.widgets.range_slider import RangeSlider


@pytest.fixture
def slider(qtbot):
    slider = RangeSlider("#57A8FF", "x")
    qtbot.addWidget(slider)
    slider.resize(212, 20)
    slider.set_size(10)
    slider.show()
    return slider


def at(slider, cell):
    return QPoint(round(slider._x(cell)), 10)


def drag(qtbot, slider, start, end):
    from PyQt6.QtCore import QEvent, QPointF
    from PyQt6.QtGui import QMouseEvent

    qtbot.mousePress(slider, Qt.MouseButton.LeftButton, pos=at(slider, start))
    slider.mouseMoveEvent(
        QMouseEvent(QEvent.Type.MouseMove, QPointF(at(slider, end)), Qt.MouseButton.NoButton,
                    Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    )  # fmt: skip
    qtbot.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=at(slider, end))


def test_handles_and_the_stretch_between_them_can_be_dragged(qtbot, slider):
    drag(qtbot, slider, 0, 3)
    assert slider.range == (3, 10)
    drag(qtbot, slider, 10, 7)
    assert slider.range == (3, 7)
    drag(qtbot, slider, 5, 7)
    assert slider.range == (5, 9)
    drag(qtbot, slider, 7, 0)
    assert slider.range == (0, 4)


def test_one_cell_always_stays(qtbot, slider):
    drag(qtbot, slider, 0, 10)
    assert slider.range == (9, 10)
    slider.set_range(-5, -9)
    assert slider.range == (0, 1)
    slider.set_range(50, 60)
    assert slider.range == (9, 10)


def test_keys_wheel_and_double_click(qtbot, slider):
    slider.setFocus()
    qtbot.keyClick(slider, Qt.Key.Key_Left)
    assert slider.range == (0, 9)
    qtbot.keyClick(slider, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert slider.range == (1, 9)
    qtbot.mouseDClick(slider, Qt.MouseButton.LeftButton)
    assert slider.range == (0, 10)


def test_it_tells_only_changes(slider):
    seen = []
    slider.changed.connect(lambda low, high: seen.append((low, high)))
    slider.set_range(2, 5)
    slider.set_range(2, 5)
    assert seen == [(2, 5)]
    slider.set_size(4)
    assert seen == [(2, 5)]
    assert slider.range == (0, 4)
