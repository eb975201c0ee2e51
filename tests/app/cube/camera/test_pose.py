"""The camera: presets, motion, and what a projection makes of it."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from app.cube.camera.pose import Pose, between, facing, fitted, home
from app.cube.camera.projection import Projection

POSE = Pose((4.0, 4.0, 4.0), -56.0, 24.0, 20.0)


def corners(dimensions):
    return np.array(list(product(*((0.0, float(side)) for side in dimensions))))


@pytest.mark.parametrize(
    ("axis", "sign", "forward", "up"),
    [
        (0, 1, (-1, 0, 0), (0, 0, 1)),
        (0, -1, (1, 0, 0), (0, 0, 1)),
        (1, 1, (0, -1, 0), (0, 0, 1)),
        (1, -1, (0, 1, 0), (0, 0, 1)),
        (2, 1, (0, 0, -1), (0, 1, 0)),
        (2, -1, (0, 0, 1), (0, -1, 0)),
    ],
)
def test_presets_look_at_their_face(axis, sign, forward, up):
    azimuth, elevation = facing(axis, sign)
    right_axis, up_axis, forward_axis = replace(POSE, azimuth=azimuth, elevation=elevation).axes()
    assert forward_axis == pytest.approx(forward, abs=1e-12)
    assert up_axis == pytest.approx(up, abs=1e-12)
    assert right_axis == pytest.approx(np.cross(forward, up), abs=1e-12)


@pytest.mark.parametrize("dimensions", [(8, 8, 8), (30, 4, 4), (1, 1, 20), (64, 64, 64)])
@pytest.mark.parametrize("size", [(1100, 800), (400, 900), (300, 300)])
@pytest.mark.parametrize("orthographic", [False, True])
def test_home_shows_the_whole_lattice_and_fills_the_picture(dimensions, size, orthographic):
    view = Projection(home(dimensions, *size, orthographic=orthographic), *size)
    x, y, depth = view.project(corners(dimensions)).T
    assert (depth > 0).all() or orthographic
    used = max(np.ptp(x) / size[0], np.ptp(y) / size[1])
    assert x.min() >= 0
    assert y.min() >= 0
    assert x.max() <= size[0]
    assert y.max() <= size[1]
    assert used > 0.55


def test_orthographic_keeps_the_size_at_the_target():
    near = np.array([[4.0, 4.0, 4.0], [4.0, 4.0, 5.0]])
    lengths = []
    for orthographic in (False, True):
        flat = replace(POSE, elevation=0.0, orthographic=orthographic)
        a, b = Projection(flat, 640, 480).project(near)[:, :2]
        lengths.append(np.linalg.norm(a - b))
    assert lengths[0] == pytest.approx(lengths[1])


@pytest.mark.parametrize("orthographic", [False, True])
def test_rays_and_projection_agree_with_the_clip_matrix(orthographic):
    view = Projection(replace(POSE, orthographic=orthographic), 640, 480)
    rng = np.random.default_rng(0)
    for _ in range(50):
        x, y, t = rng.uniform(0, 640), rng.uniform(0, 480), rng.uniform(5, 30)
        origin, direction = view.ray(x, y)
        point = origin + t * direction
        assert view.project(point)[0, :2] == pytest.approx((x, y))
        clip = np.append(point, 1.0) @ view.clip
        assert clip[:2] / clip[3] == pytest.approx((2 * x / 640 - 1, 1 - 2 * y / 480))


def test_panning_moves_what_is_under_the_mouse_and_orbit_stops_at_the_poles():
    view = Projection(POSE, 640, 480)
    moved = Projection(POSE.panned(1.0, 0.0), 640, 480)
    assert moved.project(np.array(POSE.target))[0, 0] < view.project(np.array(POSE.target))[0, 0]
    assert POSE.orbited(0.0, 500.0).elevation == 90.0
    assert POSE.orbited(200.0, 0.0).azimuth == pytest.approx(144.0)


def test_zooming_in_flies_through_the_cube_and_out_again_never_past_the_nearest():
    pose, start = POSE, POSE.eye
    for _ in range(60):
        pose = pose.dollied(0.86, 1.2)
        assert pose.distance >= 1.2
    travelled = (pose.eye - start) @ POSE.axes()[2]
    assert travelled > 20.0
    assert replace(POSE, orthographic=True).dollied(0.001, 1.2).distance == 0.05


def test_motion_starts_and_ends_exactly_and_turns_the_short_way():
    start, end = replace(POSE, azimuth=170.0), replace(POSE, azimuth=-170.0, distance=80.0)
    assert between(start, end, 0.0) == start
    final = between(start, end, 1.0)
    assert final.azimuth % 360 == pytest.approx(end.azimuth % 360)
    assert final.distance == pytest.approx(80.0)
    middle = between(start, end, 0.5)
    assert middle.azimuth % 360 == pytest.approx(180.0)
    assert middle.distance == pytest.approx(40.0)


def test_fitting_keeps_the_direction():
    turned = fitted(replace(POSE, azimuth=10.0, elevation=-30.0), (8, 6, 4), 640, 480)
    assert (turned.azimuth, turned.elevation) == (10.0, -30.0)
    assert turned.target == (4.0, 3.0, 2.0)
