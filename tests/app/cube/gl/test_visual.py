"""The picked cell, its neighbours and the marked faces on a real OpenGL context: what is framed keeps its colour."""

from __future__ import annotations

import numpy as np
import pytest

from app.cube.camera.pose import Pose
from tests.app.cube.test_view import at, face_pixel, pixel_of, shown, solid

pytestmark = pytest.mark.gl


@pytest.fixture
def front(view):
    """A view of the dark ground's colours without guides."""
    view.set_dimensions((4, 4, 4))
    view.set_guides_visible(False)
    return view


@pytest.mark.parametrize("dark", [True, False])
def test_a_picked_cell_keeps_its_colour(front, dark):
    front.set_theme(dark)
    front.set_guides_visible(False)
    front.set_colors(solid((5, 5, 5), (60, 120, 90)))
    front.set_pose(Pose((2.5, 2.5, 2.5), 0.0, 0.0, 9.0, orthographic=True), animated=False)
    before = at(shown(front), pixel_of(front, (4, 2, 2)))
    front.set_picked((4, 2, 2))
    picture = shown(front)
    assert np.abs(at(picture, pixel_of(front, (4, 2, 2))) - before).max() <= 8
    frame = at(picture, face_pixel(front, (5.0, 2.5, 2.91)))
    assert np.abs(frame - before).max() > 60


@pytest.mark.parametrize("dark", [True, False])
def test_isolated_neighbours_stand_out_from_the_ground_and_from_each_other(front, dark):
    front.set_theme(dark)
    front.set_guides_visible(False)
    front.set_colors(solid((20, 20, 20), (90, 90, 90)))
    front.set_pose(Pose((10.0, 10.0, 10.0), 0.0, 0.0, 24.0, orthographic=True), animated=False)
    front.set_thresholds(0.4, 2.6, 4.0)
    front.set_picked((10, 10, 10))
    front.set_isolate(True)
    picture = shown(front)
    ground = at(picture, pixel_of(front, (10, 17, 10)))
    neighbour = at(picture, pixel_of(front, (10, 13, 10)))
    between = at(picture, face_pixel(front, (10.5, 13.98, 10.98)))
    assert np.abs(neighbour - ground).max() > 35
    assert np.abs(neighbour - between).max() > 25


def test_the_painted_and_the_read_face_are_marked(front):
    front.set_colors(solid((4, 4, 4), (60, 60, 60)))
    front.set_guides_visible(True)
    plain = shown(front)
    front.set_faces("-y", "+x")
    marked = shown(front)
    assert np.abs(marked - plain).max() > 60
    labels = front._overlays.faces
    for visible in (True, False, True):
        front.set_guides_visible(visible)
        assert [label.isVisibleTo(front) for label in labels.values()] == [visible, visible]
    front.set_faces()
    assert not any(label.isVisibleTo(front) for label in front._overlays.faces.values())
    assert np.abs(shown(front) - plain).max() <= 2
