"""Off-screen pictures: targets to draw into, the glow of bright cells, and the way to the screen."""

from __future__ import annotations

import numpy as np
from vispy import gloo

from app.cube.backdrop import SCREEN_CORNERS
from app.cube.shader import source

_ROWS = (200, 100, 100)
"""Rows of the glow's pictures: fixed, so that it looks the same at every size."""
_THRESHOLD = 0.50


class Target:
    """A picture to draw into, which can be looked up as a texture. Row 0 is the bottom."""

    def __init__(self) -> None:
        """Make an empty picture."""
        self.size = (1, 1)
        self.texture = gloo.Texture2D((1, 1, 4), interpolation="linear", wrapping="clamp_to_edge")
        self.framebuffer = gloo.FrameBuffer(color=self.texture)

    def resize(self, width: int, height: int) -> bool:
        """Take another size; returns whether it changed, and with it the content was lost."""
        if self.size == (width, height):
            return False
        self.size = (width, height)
        self.texture.resize((height, width, 4))
        return True

    def read(self) -> np.ndarray:
        """Return the picture, uint8 [height, width, 4], row 0 at the top."""
        with self.framebuffer:
            width, height = self.size
            return np.array(gloo.read_pixels((0, 0, width, height), alpha=True))

    def delete(self) -> None:
        """Free the memory on the device."""
        self.framebuffer.delete()
        self.texture.delete()


class Presenter:
    """Adds the glow of bright parts to a picture and draws it into the current framebuffer."""

    def __init__(self) -> None:
        """Make the programs."""
        corners = gloo.VertexBuffer(SCREEN_CORNERS)
        self._bright, self._blur, self._present = (
            gloo.Program(source("screen.vert"), source(name)) for name in ("bright.frag", "blur.frag", "present.frag")
        )
        for program in (self._bright, self._blur, self._present):
            program["a_corner"] = corners
        self._levels = [Target() for _ in _ROWS]

    def spread(self, picture: Target) -> None:
        """Compute the glow of a picture."""
        width, height = picture.size
        for level, rows in zip(self._levels, _ROWS, strict=True):
            level.resize(max(1, round(rows * width / height)), rows)
        half, small, blurred = self._levels
        self._bright["u_threshold"] = _THRESHOLD
        self._run(self._bright, picture, half, (0.25 / half.size[0], 0.25 / half.size[1]))
        across = (1.6 / small.size[0], 0.0)
        up = (0.0, 1.6 / small.size[1])
        for origin, goal, step in ((half, small, across), (small, blurred, up), (blurred, small, across)):
            self._run(self._blur, origin, goal, step)
        self._run(self._blur, small, blurred, up)

    def present(self, picture: Target, strength: float, width: int, height: int) -> None:
        """Draw a picture and its glow over the current framebuffer of so many pixels."""
        gloo.set_viewport(0, 0, width, height)
        gloo.set_state(depth_test=False, cull_face=False, blend=False)
        self._present["u_picture"] = picture.texture
        self._present["u_bloom"] = self._levels[2].texture
        self._present["u_strength"] = strength
        self._present.draw("triangle_strip")

    @staticmethod
    def _run(program: gloo.Program, origin: Target, goal: Target, step: tuple[float, float]) -> None:
        with goal.framebuffer:
            gloo.set_viewport(0, 0, *goal.size)
            gloo.set_state(depth_test=False, cull_face=False, blend=False)
            program["u_picture"] = origin.texture
            program["u_step"] = step
            program.draw("triangle_strip")
