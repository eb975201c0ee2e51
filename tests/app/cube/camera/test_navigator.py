"""Gestures: click or drag, orbit or pan, zoom."""

from __future__ import annotations

import pytest

from app.cube.camera.navigator import Drag, Navigator
from app.cube.camera.pose import Pose
from app.cube.camera.projection import Projection

POSE = Pose((4.0, 4.0, 4.0), -56.0, 24.0, 20.0)


def test_a_short_way_is_a_click_a_long_one_a_drag():
    navigator = Navigator(600, 400)
    navigator.press(100, 100, Drag.ORBIT)
    assert navigator.move(102, 101, POSE) == POSE
    assert navigator.release()
    navigator.press(100, 100, Drag.ORBIT)
    assert navigator.move(140, 100, POSE) != POSE
    assert navigator.dragging
    assert not navigator.release()
    assert not navigator.dragging


def test_there_and_back_is_no_click():
    navigator = Navigator(600, 400)
    navigator.press(100, 100, Drag.ORBIT)
    pose = navigator.move(160, 100, POSE)
    pose = navigator.move(100, 100, pose)
    assert pose.azimuth == pytest.approx(POSE.azimuth)
    assert not navigator.release()


def test_orbit_follows_the_mouse():
    navigator = Navigator(600, 400)
    navigator.press(0, 0, Drag.ORBIT)
    turned = navigator.move(50, 20, POSE)
    assert turned.azimuth < POSE.azimuth
    assert turned.elevation > POSE.elevation
    assert turned.target == POSE.target


@pytest.mark.parametrize("orthographic", [False, True])
def test_panning_keeps_the_target_under_the_mouse(orthographic):
    pose = Pose(POSE.target, POSE.azimuth, POSE.elevation, POSE.distance, orthographic)
    navigator = Navigator(600, 400)
    navigator.press(300, 200, Drag.PAN)
    moved = navigator.move(370, 150, pose)
    x, y, _ = Projection(moved, 600, 400).project(pose.target)[0]
    assert (x, y) == pytest.approx((370, 150))


def test_moving_without_a_button_does_nothing_and_release_without_press_is_no_click():
    navigator = Navigator(600, 400)
    assert navigator.move(50, 50, POSE) is POSE
    assert not navigator.release()


def test_zooming_in_and_out_returns():
    near = Navigator.zoom(3, POSE)
    assert near.distance < POSE.distance
    assert Navigator.zoom(-3, near).distance == pytest.approx(POSE.distance)
