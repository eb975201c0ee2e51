"""Sharp, smooth-edged lines of any width."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from vispy import gloo

from app.cube.camera.projection import Projection
from app.cube.gl.shader import source
from app.cube.state import Floats

_NEAREST = 0.02
"""Perspective: lines are cut this many cells in front of the eye."""
_VERTEX = [("a_position", np.float32, 2), ("a_across", np.float32), ("a_color", np.float32, 4)]


@dataclass(frozen=True)
class Segments:
    """Straight lines in voxel space."""

    ends_S23: Floats
    """Both ends, [S, 2, 3]."""
    colors_S4: Floats
    """Colour and opacity, shares of 1, [S, 4]."""

    def __add__(self, other: Segments) -> Segments:
        """Return both sets of lines."""
        return Segments(
            np.concatenate([self.ends_S23, other.ends_S23]), np.concatenate([self.colors_S4, other.colors_S4])
        )


class LinePainter:
    """Draws segments on top of what is there."""

    def __init__(self) -> None:
        """Make the program."""
        self._program = gloo.Program(source("line.vert"), source("line.frag"))
        self._vertices = gloo.VertexBuffer()

    def draw(self, view: Projection, segments: Segments, width: float) -> None:
        """Draw segments `width` pixels wide."""
        ends, colors = _in_front(view, segments)
        if len(ends) == 0:
            return
        self._vertices.set_data(_quads(view, ends, colors, width))
        self._program.bind(self._vertices)
        self._program["u_half_width"] = 0.5 * width
        gloo.set_state(depth_test=False, cull_face=False, blend=True, blend_func=("one", "one_minus_src_alpha"))
        self._program.draw("triangles")


def _in_front(view: Projection, segments: Segments) -> tuple[Floats, Floats]:
    """Cut off what is behind a perspective eye."""
    ends = segments.ends_S23.copy()
    if view.pose.orthographic:
        return ends, segments.colors_S4
    depth = (ends - view.pose.eye) @ view.basis[2]
    for near, far in ((0, 1), (1, 0)):
        cut = (depth[:, near] < _NEAREST) & (depth[:, far] > _NEAREST)
        share = (_NEAREST - depth[cut, far]) / (depth[cut, near] - depth[cut, far])
        ends[cut, near] = ends[cut, far] + share[:, None] * (ends[cut, near] - ends[cut, far])
    seen = (depth > _NEAREST).any(axis=1)
    return ends[seen], segments.colors_S4[seen]


def _quads(view: Projection, ends: Floats, colors: Floats, width: float) -> NDArray[np.void]:
    """Return six vertices per segment: a rectangle half a pixel wider than the line on each side."""
    pixels = view.project(ends.reshape(-1, 3))[:, :2].reshape(-1, 2, 2)
    along = pixels[:, 1] - pixels[:, 0]
    length = np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-6)
    normal = np.stack([-along[:, 1], along[:, 0]], axis=1) / length[:, None]
    reach = 0.5 * width + 0.5
    around = ((0, -1), (0, 1), (1, -1), (1, -1), (0, 1), (1, 1))
    corners = np.stack([pixels[:, end] + side * reach * normal for end, side in around], axis=1)
    vertices = np.zeros(corners.shape[:2], _VERTEX)
    vertices["a_position"] = corners / (view.width, view.height) * (2.0, -2.0) + (-1.0, 1.0)
    vertices["a_across"] = reach * np.array([side for _, side in around])
    vertices["a_color"] = colors[:, None]
    return vertices.ravel()
