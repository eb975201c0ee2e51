"""Pictures off the screen: targets to draw into, and ways to copy them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from OpenGL import GL
from vispy import gloo

from app.cube.gl.shader import source

SCREEN_CORNERS = np.array([(-1, -1), (1, -1), (-1, 1), (1, 1)], np.float32)
"""A triangle strip over the whole picture, in clip space."""


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

    def read(self) -> NDArray[np.uint8]:
        """Return the picture, uint8 [height, width, 4], row 0 at the top."""
        with self.framebuffer:
            width, height = self.size
            return np.array(gloo.read_pixels((0, 0, width, height), alpha=True))

    def delete(self) -> None:
        """Free the memory on the device."""
        self.framebuffer.delete()
        self.texture.delete()


class Copier:
    """Copies pictures: by the device's own copy where sizes are equal, which costs next to nothing, else stretched."""

    def __init__(self) -> None:
        """Make the program that stretches."""
        self._stretch = gloo.Program(source("screen.vert"), source("copy.frag"))
        self._stretch["a_corner"] = gloo.VertexBuffer(SCREEN_CORNERS)

    def copy(self, origin: Target, goal: Target) -> None:
        """Copy a picture into another one of the same size."""
        with goal.framebuffer:
            self.show(origin, *goal.size)

    def show(self, origin: Target, width: int, height: int) -> None:
        """Copy a picture into the current framebuffer of so many pixels."""
        gloo.flush()
        if origin.size == (width, height) and bool(GL.glBlitFramebuffer):
            goal = GL.glGetIntegerv(GL.GL_DRAW_FRAMEBUFFER_BINDING)
            handle = gloo.get_current_canvas().context.shared.parser.get_object(origin.framebuffer.id).handle
            GL.glBindFramebuffer(GL.GL_READ_FRAMEBUFFER, handle)
            box = (0, 0, width, height)
            GL.glBlitFramebuffer(*box, *box, GL.GL_COLOR_BUFFER_BIT, GL.GL_NEAREST)
            GL.glBindFramebuffer(GL.GL_FRAMEBUFFER, goal)
            return
        gloo.set_viewport(0, 0, width, height)
        gloo.set_state(depth_test=False, cull_face=False, blend=False)
        self._stretch["u_picture"] = origin.texture
        self._stretch.draw("triangle_strip")
