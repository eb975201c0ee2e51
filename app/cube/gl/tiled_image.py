"""A picture of any size, drawn in pieces so that the window isn't blocked."""

from __future__ import annotations

import time

import numpy as np
from vispy import gloo
from vispy.gloo import gl

from app.cube.camera.pose import Pose
from app.cube.gl.renderer import Renderer
from app.cube.gl.target import Target
from app.cube.state import Bytes
from lattice.errors import DeviceError

PIECE_MS = 25.0
"""Time that one piece should take."""
_FIRST_ROWS = 32
_GL_MAX_TEXTURE_SIZE = 0x0D33


class TiledImage:
    """Draw pieces until `draw` says that all is drawn, then take the `pixels`. Needs the context current."""

    def __init__(self, renderer: Renderer, pose: Pose, width: int, height: int, supersample: int) -> None:
        """Begin a picture; the camera is the present one, whatever it does later.

        Raises DeviceError where the graphics device can't hold a picture of this size.
        """
        most = int(gl.glGetParameter(_GL_MAX_TEXTURE_SIZE)) // supersample
        if max(width, height) > most:
            raise DeviceError(
                f"a picture of {width} x {height} pixels is too large for this graphics device: "
                f"each side can have at most {most:,} pixels"
            )
        self._renderer, self._pose = renderer, pose
        self._screen = (width, height)
        self._target = Target()
        self._target.resize(width * supersample, height * supersample)
        self._row, self._rows = 0, _FIRST_ROWS

    def draw(self, rows: int | None = None) -> bool:
        """Draw `rows` rows, or as many as fit into one piece; return whether that was the rest."""
        begun = time.perf_counter()
        height = self._target.size[1]
        rows = min(rows or self._rows, height - self._row)
        self._renderer.draw_scene(self._target, self._pose, self._screen, (self._row, rows))
        gloo.flush()
        gl.glFinish()
        self._row += rows
        milliseconds = (time.perf_counter() - begun) * 1000.0
        self._rows = int(min(max(rows * PIECE_MS / max(milliseconds, 0.1), _FIRST_ROWS), 4 * self._rows))
        return self._row >= height

    def restart(self) -> None:
        """Draw all rows again: what they show changed."""
        self._row = 0

    def pixels(self) -> Bytes:
        """Let the picture glow, and return it before `shrunk`: uint8 [height, width, 4] times the supersampling."""
        try:
            self._renderer.finish(self._target, self._pose)
            return self._target.read()
        finally:
            self.drop()

    def drop(self) -> None:
        """Free what the picture took; it can't be drawn any more."""
        self._target.delete()


def whole_image(renderer: Renderer, pose: Pose, width: int, height: int, supersample: int) -> Bytes:
    """Return a finished picture, uint8 [height, width, 3], smoothed by `supersample`^2 samples per pixel."""
    picture = TiledImage(renderer, pose, width, height, supersample)
    picture.draw(height * supersample)
    return shrunk(picture.pixels(), supersample)


def shrunk(pixels: Bytes, supersample: int) -> Bytes:
    """Return the mean of every `supersample` x `supersample` pixels, without alpha; may run in any thread."""
    pixels = pixels[..., :3]
    if supersample == 1:
        return np.ascontiguousarray(pixels)
    height, width = pixels.shape[0] // supersample, pixels.shape[1] // supersample
    total = np.full((height, width, 3), supersample**2 // 2, np.uint16)
    for row in range(supersample):
        for column in range(supersample):
            total += pixels[row::supersample, column::supersample]
    return (total // supersample**2).astype(np.uint8)
