"""The picked cell: arrows that walk as the eye sees them, picking and letting go."""

import numpy as np
import pytest
from PyQt6.QtCore import Qt

from app.cube.camera.pose import Pose
from app.session.selection import lattice_step


@pytest.mark.parametrize("azimuth", range(-180, 180, 35))
@pytest.mark.parametrize("elevation", [-80, -30, 0, 30, 80])
def test_right_up_and_into_are_three_different_axes_and_point_that_way(azimuth, elevation):
    directions = np.array(Pose((0, 0, 0), azimuth, elevation, 10.0).axes())
    steps = [lattice_step(directions, way) for way in ((1, 0, 0), (0, 1, 0), (0, 0, 1))]
    assert sorted(int(np.abs(step).argmax()) for step in steps) == [0, 1, 2]
    for step, direction in zip(steps, directions, strict=True):
        assert np.abs(step).sum() == 1
        assert step @ direction >= -1e-9
    assert np.array_equal(lattice_step(directions, (-1, 0, 0)), -steps[0])


def test_the_best_fit_wins():
    directions = np.array(Pose((0, 0, 0), 90.0, 0.0, 10.0).axes())
    assert lattice_step(directions, (1, 0, 0)).tolist() == [-1, 0, 0]
    assert lattice_step(directions, (0, 1, 0)).tolist() == [0, 0, 1]
    assert lattice_step(directions, (0, 0, 1)).tolist() == [0, -1, 0]


@pytest.mark.gl
class TestInTheWindow:
    def test_a_click_picks_and_escape_lets_go(self, qtbot, window):
        window.cube.picked.emit((1, 2, 3))
        assert window.cube.state.picked == (1, 2, 3)
        assert window.inspector.cell == (1, 2, 3)
        window.cube.setFocus()
        qtbot.keyClick(window.cube, Qt.Key.Key_Escape)
        assert window.cube.state.picked is None
        assert window.inspector.cell is None

    def test_a_real_click_on_the_picture(self, qtbot, window):
        middle = window.cube.rect().center()
        expected = window.cube.cell_at(middle.toPointF())
        assert expected is not None
        canvas = window.cube.childAt(middle)
        qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=canvas.mapFrom(window.cube, middle))
        qtbot.waitUntil(lambda: window.picked.cell == expected, timeout=5_000)

    def test_walking_stops_at_the_border(self, qtbot, window):
        window.picked.set((0, 0, 0))
        window.cube.setFocus()
        for key in (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_PageUp) * 6:
            qtbot.keyClick(window.cube, key)
        assert all(0 <= at < 4 for at in window.picked.cell)

    def test_the_inspector_measures_the_learning_signal(self, qtbot, window):
        window.picked.set((1, 1, 1))
        qtbot.waitUntil(
            lambda: window.display.observation is not None and window.display.observation.signal_TXYZ is not None,
            timeout=10_000,
        )
        qtbot.waitUntil(lambda: "not measured" not in window.inspector.page.signal_title.full_text, timeout=5_000)

    def test_a_channel_clicked_in_the_bars_colours_the_cube(self, window):
        window.picked.set((1, 1, 1))
        window.inspector.page.bars.channel_clicked.emit(4)
        assert window.display.mode == "channel"
        assert window.display.channel == 4
        assert window.appearance.channel.value() == 4
        assert "Channel 4" in window.inspector.page.course_title.full_text
