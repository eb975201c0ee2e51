"""The handle of the cutting plane: where it stands, and what dragging it means."""

from __future__ import annotations

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QWidget

from app.cube.camera.pose import Pose, home
from app.cube.camera.projection import Projection
from app.cube.overlay.plane_handle import PlaneHandle
from app.cube.state import Plane

SIZE = (600, 400)
VIEW = Projection(home((8, 8, 8), *SIZE), *SIZE)
MIDDLE = (3.5, 3.5, 3.5)


@pytest.fixture
def handle(qtbot):
    view = QWidget()
    qtbot.addWidget(view)
    view.resize(*SIZE)
    view.show()
    handle = PlaneHandle(view)
    handle.told = []
    handle.moved.connect(lambda cells: handle.told.append(("moved", cells)))
    handle.turned.connect(lambda around, up: handle.told.append(("turned", around, up)))
    handle.grabbed.connect(lambda: handle.told.append("grabbed"))
    yield handle
    view.close()


def drag(handle, by, modifier=Qt.KeyboardModifier.NoModifier):
    start = handle.rect().center()
    QTest.mousePress(handle, Qt.MouseButton.LeftButton, modifier, start)
    QTest.mouseMove(handle, start + by)
    QTest.mouseRelease(handle, Qt.MouseButton.LeftButton, modifier, start + by)


def test_it_stands_on_the_plane_and_goes_with_it(handle):
    handle.place(Plane(MIDDLE, (1.0, 0.0, 0.0)), VIEW, 1.0)
    at = VIEW.project(np.array([[4.0, 4.0, 4.0]]))[0]
    assert abs(handle.geometry().center().x() - at[0]) < 2
    assert abs(handle.geometry().center().y() - at[1]) < 2
    handle.place(None, VIEW, 1.0)
    assert not handle.isVisible()
    handle.place(Plane((300.0, 0.0, 0.0), (1.0, 0.0, 0.0)), VIEW, 1.0)
    assert not handle.isVisible(), "outside the picture"


@pytest.mark.parametrize("normal", [(1.0, 0.0, 0.0), (0.0, 0.0, -1.0), (0.3, -0.8, 0.2)])
def test_a_drag_to_the_next_cell_along_the_normal_is_one_cell(handle, normal):
    plane = Plane(MIDDLE, normal)
    handle.place(plane, VIEW, 1.0)
    point = np.array([4.0, 4.0, 4.0])
    start, end = VIEW.project(np.stack([point, point + np.array(plane.equation()[:3])]))[:, :2]
    drag(handle, QPoint(*np.round(end - start).astype(int).tolist()))
    assert handle.told[0] == "grabbed"
    assert handle.told[-1] == ("moved", pytest.approx(1.0, abs=0.06))


def test_a_plane_that_faces_the_camera_goes_by_up_and_down(handle):
    view = Projection(Pose((4.0, 4.0, 4.0), 0.0, 0.0, 20.0), *SIZE)
    for normal, sign in (((-1.0, 0.0, 0.0), 1), ((1.0, 0.0, 0.0), -1)):
        handle.place(Plane(MIDDLE, normal), view, 1.0)
        drag(handle, QPoint(0, -30))
        assert sign * handle.told[-1][1] > 0.3, "up is away from the viewer"


def test_shift_turns(handle):
    handle.place(Plane(MIDDLE, (1.0, 0.0, 0.0)), VIEW, 1.0)
    drag(handle, QPoint(10, -5), Qt.KeyboardModifier.ShiftModifier)
    assert handle.told[-1] == ("turned", pytest.approx(4.0), pytest.approx(2.0))


def test_a_handle_that_goes_in_mid_drag_lets_go(handle):
    plane = Plane(MIDDLE, (1.0, 0.0, 0.0))
    handle.place(plane, VIEW, 1.0)
    QTest.mousePress(handle, Qt.MouseButton.LeftButton, pos=handle.rect().center())
    handle.place(None, VIEW, 1.0)
    handle.place(plane, VIEW, 1.0)
    QTest.mouseMove(handle, handle.rect().center() + QPoint(9, 0))
    assert handle.told == ["grabbed"]
    assert handle.cursor().shape() == Qt.CursorShape.OpenHandCursor
