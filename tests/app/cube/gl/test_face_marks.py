"""Marks of the painted and the read face, computed without OpenGL."""

from __future__ import annotations

import numpy as np
import pytest

from app.cube.camera.pose import Pose
from app.cube.camera.projection import Projection
from app.cube.color.looks import look
from app.cube.gl.face_marks import FaceMark, face_marks, label_spot

DIMENSIONS = (8, 6, 4)
IN, OUT = FaceMark.of("-x", inward=True), FaceMark.of("+z", inward=False)


def seen_from_x():
    """A view along -x: the face at x = 8 is turned to the viewer, the one at x = 0 away."""
    return Projection(Pose((4.0, 3.0, 2.0), 0.0, 0.0, 30.0, orthographic=True), 400, 300)


def test_a_face_has_its_frame_and_an_arrow_in_or_out():
    assert (IN.axis, IN.upper, IN.word) == (0, False, "painted")
    assert (OUT.axis, OUT.upper, OUT.word) == (2, True, "read")
    frame = IN.lines(DIMENSIONS)[:4]
    assert np.allclose(frame[..., 0], -0.28)  # 0.035 of the longest side, 8
    near, far = OUT.arrow(DIMENSIONS)
    assert near == pytest.approx([4.0, 3.0, 4.28])
    assert far == pytest.approx([4.0, 3.0, 5.88])
    # The head is at the face where the cube is painted, and at the outer end where it is read.
    assert IN.lines(DIMENSIONS)[5, 0] == pytest.approx(IN.arrow(DIMENSIONS)[0])
    assert OUT.lines(DIMENSIONS)[5, 0] == pytest.approx(far)


def test_a_face_that_is_turned_away_is_drawn_behind_the_cube():
    view = seen_from_x()
    marks = (IN, FaceMark.of("+x", inward=False))
    behind, front = face_marks(view, look(dark=True), DIMENSIONS, marks)
    levels = {
        side: {float(x) for x in lines.ends_S23[:4, :, 0].ravel()} for side, lines in (("b", behind), ("f", front))
    }
    turned_to = front.ends_S23[:4, :, 0].mean() > 4.0
    assert levels["b"].isdisjoint(levels["f"])
    assert turned_to == bool((view.eye[:3] @ np.array([1.0, 0.0, 0.0])) > 0)
    assert len(behind.ends_S23) == len(front.ends_S23) == len(IN.lines(DIMENSIONS))


def test_a_label_is_beside_the_cube():
    view = seen_from_x()
    spot = label_spot(view, DIMENSIONS, OUT)
    assert spot is not None
    (x, y), (across, down) = spot
    top = view.project(np.array([[4.0, 3.0, 4.0]]))[0]
    assert y <= top[1]
    assert np.hypot(across, down) == pytest.approx(1.0)
    assert 0 <= x <= 400


def test_a_face_behind_the_eye_has_no_label():
    inside = Projection(Pose((4.0, 3.0, 2.0), 0.0, 0.0, 0.5), 400, 300)
    spots = [label_spot(inside, DIMENSIONS, FaceMark.of(f"{sign}x", inward=True)) for sign in "+-"]
    assert None in spots
