"""Marks of the faces that a cube is painted on and read from: a frame, and an arrow in or out, as lines."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.cube.camera.projection import Projection
from app.cube.color.looks import Color, Look
from app.cube.gl.guides import BOX_MARGIN, front_faces
from app.cube.gl.lines import Segments
from app.cube.state import Dimensions, Floats

_ARROW, _HEAD = 0.20, 0.06
"""Length of an arrow and of its head, as a share of the lattice's longest side."""
_INSET = 0.012
"""How far a frame lies inside the edges of the wire box, as the same share."""


@dataclass(frozen=True)
class FaceMark:
    """One marked face."""

    axis: int
    upper: bool
    """Whether it is the face at the far end of the axis."""
    inward: bool
    """Whether the cube is painted here; else it is read."""

    @classmethod
    def of(cls, face: str, *, inward: bool) -> FaceMark:
        """Return the mark of a face that is named by sign and axis, as `-x`."""
        return cls("xyz".index(face[1]), face[0] == "+", inward)

    @property
    def word(self) -> str:
        """The label beside the arrow."""
        return "painted" if self.inward else "read"

    def color(self, look: Look) -> Color:
        """Return the mark's colour on a ground."""
        return look.painted if self.inward else look.read

    def arrow(self, dimensions: Dimensions) -> tuple[Floats, Floats]:
        """Return the arrow's end at the face and its outer end, in voxel space."""
        longest = max(dimensions)
        near = np.array(dimensions, float) / 2.0
        near[self.axis] = self._level(dimensions)
        far = near.copy()
        far[self.axis] += (1.0 if self.upper else -1.0) * _ARROW * longest
        return near, far

    def _level(self, dimensions: Dimensions) -> float:
        margin = BOX_MARGIN * max(dimensions)
        return dimensions[self.axis] + margin if self.upper else -margin

    def lines(self, dimensions: Dimensions) -> Floats:
        """Return frame and arrow, [S, 2, 3] in voxel space."""
        longest = max(dimensions)
        u, v = (axis for axis in range(3) if axis != self.axis)
        reach = (BOX_MARGIN - _INSET) * longest
        corners = []
        for at_u, at_v in ((0, 0), (1, 0), (1, 1), (0, 1)):
            corner = np.zeros(3)
            corner[self.axis] = self._level(dimensions)
            corner[u] = dimensions[u] + reach if at_u else -reach
            corner[v] = dimensions[v] + reach if at_v else -reach
            corners.append(corner)
        near, far = self.arrow(dimensions)
        tip, tail = (near, far) if self.inward else (far, near)
        back = (tail - tip) / max(float(np.linalg.norm(tail - tip)), 1e-9) * _HEAD * longest
        heads = []
        for across in (u, v):
            for sign in (-0.5, 0.5):
                wing = tip + back
                wing[across] += sign * _HEAD * longest
                heads.append((tip, wing))
        frame = [(corners[i], corners[(i + 1) % 4]) for i in range(4)]
        return np.array([*frame, (near, far), *heads])


def face_marks(
    view: Projection, look: Look, dimensions: Dimensions, marks: tuple[FaceMark, ...]
) -> tuple[Segments, Segments]:
    """Return the lines of the marks: those of faces turned away, behind the cube, and the others, in front of it."""
    facing = front_faces(view, np.zeros(3), np.array(dimensions, float))
    sides: list[Segments] = []
    for front in (False, True):
        chosen = [mark for mark in marks if bool(facing[mark.axis, int(mark.upper)]) is front]
        ends = [mark.lines(dimensions) for mark in chosen]
        colors = [np.tile([*mark.color(look), 0.9], (len(lines), 1)) for mark, lines in zip(chosen, ends, strict=True)]
        sides.append(
            Segments(np.concatenate([np.zeros((0, 2, 3)), *ends]), np.concatenate([np.zeros((0, 4)), *colors]))
        )
    return sides[0], sides[1]


def label_spot(
    view: Projection, dimensions: Dimensions, mark: FaceMark
) -> tuple[tuple[float, float], tuple[float, float]] | None:
    """Return where a mark's label belongs: the middle of the frame's outermost side, and the way out from there.

    Both in pixels from the upper left corner; the way has length 1. None where the face is behind the eye.
    """
    frame = mark.lines(dimensions)[:4].mean(axis=1)
    points = view.project(np.concatenate([frame, np.array(dimensions, float)[None] / 2.0]))
    if not view.pose.orthographic and points[:, 2].min() <= 0.0:
        return None
    away = points[:4, :2] - points[4, :2]
    lengths = np.hypot(away[:, 0], away[:, 1])
    best = int(lengths.argmax())
    x, y = (float(value) for value in points[best, :2])
    across, down = (float(value) / max(float(lengths[best]), 1e-9) for value in away[best])
    return (x, y), (across, down)
