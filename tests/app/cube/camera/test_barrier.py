"""The wheel and the cells: it stops in front of them, and everywhere else nothing is in its way."""

from __future__ import annotations

import numpy as np
import pytest

from app.cube.camera.barrier import blocked, inside, near_side, zoomed
from app.cube.camera.navigator import Navigator
from app.cube.camera.pose import Pose, facing, home
from app.cube.state import CubeState, Plane

START = home((8, 8, 8), 800, 600)


def solid(_x, _y, _z):
    return 1.0


def come_near(state, pose=START, notches=60, own_alpha=solid):
    stops = 0
    for _ in range(notches):
        pose, stopped = zoomed(state, own_alpha, pose, 1.0)
        stops += stopped
    return pose, stops


@pytest.mark.parametrize("dimensions", [(8, 8, 8), (3, 9, 5), (64, 64, 64)])
def test_it_stops_in_front_of_the_cells_and_says_so(dimensions):
    state = CubeState(dimensions=dimensions)
    pose, stops = come_near(state, home(dimensions, 800, 600))
    assert stops > 10
    assert not inside(state, pose)
    assert not blocked(state, solid, pose.eye)
    assert blocked(state, solid, pose.eye + 0.7 * pose.axes()[2]), "but not far from them"


def test_one_huge_turn_of_the_wheel_does_not_jump_over_cells():
    pose, stopped = zoomed(CubeState(), solid, START, 100.0)
    assert stopped
    assert not inside(CubeState(), pose)


def test_what_is_cut_away_is_out_of_the_way():
    state = CubeState(ranges=((0, 8), (0, 8), (0, 3)))
    pose, _ = come_near(state)
    assert not inside(state, pose)
    assert pose.eye[2] < 4.5
    behind = Plane((3.5, 3.5, 3.5), tuple(START.axes()[2]))
    for cut in (True, False):
        state = CubeState(planes=(behind,), cut=cut)
        near = come_near(state)[0]
        assert np.linalg.norm(near.eye - START.eye) > np.linalg.norm(come_near(CubeState())[0].eye - START.eye) + 2


def test_mist_and_empty_cells_let_the_eye_through():
    mist = CubeState(surface_opacity=0.12, interior_opacity=0.12)
    for state, alpha in ((mist, solid), (CubeState(), lambda _x, _y, _z: 0.0)):
        poses, stops = [START], 0
        for _ in range(40):
            pose, stopped = zoomed(state, alpha, poses[-1], 1.0)
            poses.append(pose)
            stops += stopped
        assert stops == 0
        assert any(inside(state, pose) for pose in poses)


def test_backwards_and_from_within_nothing_is_in_the_way():
    within = Pose((4.0, 4.0, 4.0), 0.0, 0.0, 1.3)
    assert inside(CubeState(), within)
    for notches in (1.0, -1.0):
        assert zoomed(CubeState(), solid, within, notches) == (Navigator.zoom(notches, within), False)


def test_an_orthographic_picture_has_no_eye():
    flat = Pose(START.target, START.azimuth, START.elevation, START.distance, orthographic=True)
    pose, stops = come_near(CubeState(), flat, notches=20)
    assert stops == 0
    assert pose.distance < 0.1 * START.distance
    assert not inside(CubeState(), pose)


@pytest.mark.parametrize("orthographic", [False, True])
@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("sign", [-1, 1])
def test_the_near_side_is_the_one_that_faces_the_camera(axis, sign, orthographic):
    azimuth, elevation = facing(axis, sign)
    pose = Pose((4.0, 4.0, 4.0), azimuth, elevation, 20.0, orthographic)
    assert near_side(CubeState(), pose, axis) == sign


def test_the_default_view_sees_plus_x_minus_y_plus_z():
    assert [near_side(CubeState(), START, axis) for axis in range(3)] == [1, -1, 1]
