"""Draws a whole picture of the cube, of any size, into a target: ground, guides, cube, glow."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from vispy import gloo

from app.cube.backdrop import Backdrop
from app.cube.bloom import Presenter, Target
from app.cube.guides import box_guides, cell_outline, plane_guides
from app.cube.lines import LinePainter
from app.cube.looks import Look, TierColors, look
from app.cube.pose import Pose
from app.cube.projection import Projection
from app.cube.shader import Features
from app.cube.state import Cell, CubeState
from app.cube.visual import CubeVisual

Bytes = NDArray[np.uint8]


class Renderer:
    """Owns everything on the graphics device. All calls but `set_...` of the cube need the context current."""

    def __init__(self, tiers: TierColors | None = None) -> None:
        """Make all programs, once."""
        self.cube = CubeVisual(tiers)
        self.look: Look = look(dark=True)
        self.guides = True
        self._backdrop = Backdrop()
        self._lines = LinePainter()
        self._presenter = Presenter()

    def set_look(self, new: Look) -> None:
        """Use another ground."""
        self.look = new
        self.cube.set_look(new)

    def draw_scene(
        self, target: Target, pose: Pose, screen: tuple[int, int], band: tuple[int, int] | None = None
    ) -> None:
        """Draw ground, guides and cube.

        Args:
            target: Where to.
            pose: The camera.
            screen: Pixels of the screen that the picture is for. What depends on a pixel's size follows the
                screen, so that a picture at another resolution shows the same.
            band: First row (from the bottom) and number of rows to draw; None draws all.
        """
        width, height = target.size
        scale = height / screen[1]
        view = Projection(pose, *screen)
        state = self.cube.state
        with target.framebuffer:
            gloo.set_viewport(0, 0, width, height)
            if band is not None:
                gloo.set_state(scissor_test=True)
                gloo.set_scissor(0, band[0], width, band[1])
            self._backdrop.draw(view, self.look, state.dimensions, self.cube.mean_color)
            if self.guides:
                fine = Projection(pose, width, height)
                behind, before = box_guides(fine, self.look, state.dimensions)
                if state.planes:
                    extra = plane_guides(fine, state, self.look.pick)
                    behind, before = behind + extra[0], before + extra[1]
                self._lines.draw(fine, behind, max(1.0, 1.3 * scale))
            self.cube.draw(view)
            if self.guides:
                self._lines.draw(fine, before, max(1.0, 1.3 * scale))
            if band is not None:
                gloo.set_state(scissor_test=False)

    def finish(self, picture: Target) -> None:
        """Compute what the picture needs to be presented."""
        if self.look.bloom > 0.0:
            self._presenter.spread(picture)

    def present(self, picture: Target, pose: Pose, size: tuple[int, int], hovered: Cell | None = None) -> None:
        """Draw a finished picture into the current framebuffer, and the outline of the hovered cell on top."""
        self._presenter.present(picture, self.look.bloom, *size)
        if hovered is not None:
            view = Projection(pose, *size)
            self._lines.draw(view, cell_outline(view, hovered, self.look.pick, 0.85), 1.6)

    def warm(self, features: Features, pose: Pose) -> None:
        """Make the program for some features ready, without showing anything."""
        scratch = Target()
        with scratch.framebuffer:
            gloo.set_viewport(0, 0, 1, 1)
            self.cube.warm(features, Projection(pose, 1, 1))
        scratch.delete()

    def image(self, pose: Pose, width: int, height: int, supersample: int) -> Bytes:
        """Return a finished picture, uint8 [height, width, 3], smoothed by `supersample`^2 samples per pixel."""
        picture, shown = Target(), Target()
        try:
            picture.resize(width * supersample, height * supersample)
            shown.resize(*picture.size)
            self.draw_scene(picture, pose, (width, height))
            self.finish(picture)
            with shown.framebuffer:
                self._presenter.present(picture, self.look.bloom, *shown.size)
            pixels = shown.read()[..., :3]
        finally:
            picture.delete()
            shown.delete()
        if supersample > 1:
            blocks = pixels.reshape(height, supersample, width, supersample, 3)
            pixels = (blocks.mean(axis=(1, 3)) + 0.5).astype(np.uint8)
        return np.ascontiguousarray(pixels)


def ids_of(rgba_XYZ4: Bytes, state: CubeState, pose: Pose, width: int, height: int) -> NDArray[np.int64]:
    """Return the index x + X * (y + Y * z) of the cell that the shader shows at each pixel, -1 for none.

    The result has the picture's first row at the top, [height, width]. It is what the CPU pick must agree with.
    """
    cube, target = CubeVisual(), Target()
    try:
        cube.set_state(state)
        cube.set_colors(rgba_XYZ4)
        target.resize(width, height)
        with target.framebuffer:
            gloo.set_viewport(0, 0, width, height)
            gloo.clear(color=(0.0, 0.0, 0.0, 0.0))
            cube.draw(Projection(pose, width, height), ids=True)
        pixels = target.read().astype(np.int64)
    finally:
        target.delete()
        cube.delete()
    ids = pixels[..., 0] + 256 * pixels[..., 1] + 65536 * pixels[..., 2]
    return np.where(pixels[..., 3] > 0, ids, -1)
