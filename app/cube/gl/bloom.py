"""The glow of bright cells."""

from __future__ import annotations

from vispy import gloo

from app.cube.gl.shader import source
from app.cube.gl.target import SCREEN_CORNERS, Target

_ROWS = (128, 64, 64)
"""Rows of the glow's pictures: fixed, so that it looks the same at every size."""
_THRESHOLD = 0.58


class Bloom:
    """Lets the bright parts of a picture glow."""

    def __init__(self) -> None:
        """Make the programs."""
        corners = gloo.VertexBuffer(SCREEN_CORNERS)
        self._bright, self._blur, self._add = (
            gloo.Program(source("screen.vert"), source(name)) for name in ("bright.frag", "blur.frag", "glow.frag")
        )
        for program in (self._bright, self._blur, self._add):
            program["a_corner"] = corners
        self._levels = [Target() for _ in _ROWS]

    def apply(self, picture: Target, strength: float, box: tuple[int, int, int, int]) -> None:
        """Add the glow to a picture, inside a box of pixels: left, bottom, width, height."""
        width, height = picture.size
        for level, rows in zip(self._levels, _ROWS, strict=True):
            level.resize(max(1, round(rows * width / height)), rows)
        half, small, blurred = self._levels
        self._bright["u_threshold"] = _THRESHOLD
        self._run(self._bright, picture, half, (0.27 / half.size[0], 0.27 / half.size[1]))
        across, up = (1.05 / small.size[0], 0.0), (0.0, 1.05 / small.size[1])
        self._run(self._blur, half, small, across)
        self._run(self._blur, small, blurred, up)
        self._run(self._blur, blurred, small, across)
        self._run(self._blur, small, blurred, up)
        with picture.framebuffer:
            gloo.set_viewport(0, 0, width, height)
            # Screen blending: the glow never turns a colour darker or beyond white.
            gloo.set_state(
                depth_test=False,
                cull_face=False,
                blend=True,
                blend_func=("one", "one_minus_src_color"),
                scissor_test=True,
            )
            gloo.set_scissor(*box)
            self._add["u_picture"] = blurred.texture
            self._add["u_strength"] = strength
            self._add.draw("triangle_strip")
            gloo.set_state(scissor_test=False)

    @staticmethod
    def _run(program: gloo.Program, origin: Target, goal: Target, step: tuple[float, float]) -> None:
        with goal.framebuffer:
            gloo.set_viewport(0, 0, *goal.size)
            gloo.set_state(depth_test=False, cull_face=False, blend=False)
            program["u_picture"] = origin.texture
            program["u_step"] = step
            program.draw("triangle_strip")
