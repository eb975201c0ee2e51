"""Lines around the cube: which are in front of it, and where planes cross its faces."""

from __future__ import annotations

import numpy as np
import pytest

from app.cube.camera.pose import Pose
from app.cube.camera.projection import Projection
from app.cube.color.looks import DARK
from app.cube.gl.guides import box_edges, box_guides, cell_outline, front_faces, plane_guides
from app.cube.gl.lines import Segments, _in_front
from app.cube.state import CubeState, Plane

LOW, HIGH = np.zeros(3), np.full(3, 4.0)


def seen_from(azimuth, elevation, distance=20.0, orthographic=False):
    return Projection(Pose((2.0, 2.0, 2.0), azimuth, elevation, distance, orthographic), 400, 300)


@pytest.mark.parametrize("orthographic", [False, True])
def test_three_faces_and_nine_edges_of_a_box_seen_from_a_corner_are_in_front(orthographic):
    view = seen_from(40.0, 30.0, orthographic=orthographic)
    assert front_faces(view, LOW, HIGH).tolist() == [[False, True], [False, True], [False, True]]
    ends, front = box_edges(view, LOW, HIGH)
    assert front.sum() == 9
    hidden = ends[~front]
    assert (hidden == 0.0).all(axis=2).any(axis=1).all()  # the three edges at the farthest corner


def test_from_inside_every_edge_is_behind():
    view = seen_from(40.0, 30.0, distance=1.0)
    assert not box_edges(view, LOW, HIGH)[1].any()
    behind, before = box_guides(view, DARK, (4, 4, 4))
    assert len(before.ends_S23) == 0
    assert len(behind.ends_S23) == 12 + 3


def test_box_and_axes_are_drawn_once():
    behind, before = box_guides(seen_from(-56.0, 24.0), DARK, (4, 6, 8))
    assert len(behind.ends_S23) + len(before.ends_S23) == 12 + 3


def test_a_plane_through_the_middle_crosses_four_faces():
    state = CubeState((4, 4, 4), planes=(Plane((1.5, 1.5, 1.5), (0.0, 0.0, 1.0)),))
    behind, before = plane_guides(seen_from(40.0, 30.0), state, DARK.pick)
    ends = np.concatenate([behind.ends_S23, before.ends_S23])
    assert len(ends) == 4
    assert ends[..., 2] == pytest.approx(2.0)
    assert np.linalg.norm(ends[:, 0] - ends[:, 1], axis=1) == pytest.approx(4.0)
    outside = CubeState((4, 4, 4), planes=(Plane((9, 9, 9), (0.0, 0.0, 1.0)),))
    assert sum(len(part.ends_S23) for part in plane_guides(seen_from(40.0, 30.0), outside, DARK.pick)) == 0


def test_a_cells_outline_is_its_own_box():
    outline = cell_outline(seen_from(40.0, 30.0), (1, 2, 3), (1.0, 1.0, 1.0), 0.5)
    assert outline.ends_S23.reshape(-1, 3).min(axis=0).tolist() == [1.0, 2.0, 3.0]
    assert outline.ends_S23.reshape(-1, 3).max(axis=0).tolist() == [2.0, 3.0, 4.0]
    assert (outline.colors_S4[:, 3] == 0.5).all()


def test_lines_are_cut_off_behind_the_eye():
    view = seen_from(0.0, 0.0, distance=10.0)  # the eye is at x = 12 and looks along -x
    lines = Segments(
        np.array([[[0.0, 2, 2], [20.0, 2, 2]], [[14.0, 0, 0], [15.0, 0, 0]], [[0.0, 0, 0], [1.0, 0, 0]]]),
        np.ones((3, 4)),
    )
    ends, colors = _in_front(view, lines)
    assert len(ends) == len(colors) == 2
    assert ends[0, 1] == pytest.approx([12.0 - 0.02, 2, 2])
    assert (ends[1] == lines.ends_S23[2]).all()
