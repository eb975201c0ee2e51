"""Draws a whole picture of the cube, of any size, into a target: ground, guides, cube, glow."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from vispy import gloo
from vispy.gloo import gl

from app.cube.camera.pose import Pose, home
from app.cube.camera.projection import Projection
from app.cube.color.looks import Color, Look, look
from app.cube.gl.backdrop import Backdrop
from app.cube.gl.bloom import Bloom
from app.cube.gl.face_marks import FaceMark, face_marks
from app.cube.gl.guides import EDGES, box_guides, cell_outline, plane_guides
from app.cube.gl.lines import LinePainter
from app.cube.gl.shader import Features
from app.cube.gl.target import Copier, Target
from app.cube.gl.visual import CubeVisual
from app.cube.state import Bytes, Cell, CubeState

_LINE_WIDTH = 1.3
_REHEARSAL = (70, 50)
"""Pixels of the rehearsed picture. No powers of two: a driver may compile shaders again for textures of other sides."""
_GLOW_REACH = 0.11
"""How far the glow is seen, as a share of the picture's height."""


class Renderer:
    """Owns everything on the graphics device. All calls but `set_...` of the cube need the context current."""

    def __init__(self) -> None:
        """Make all programs, once."""
        self.cube = CubeVisual()
        self.look: Look = look(dark=True)
        self.guides = True
        self.marks: tuple[FaceMark, ...] = ()
        """Faces to mark, with the guides."""
        self._backdrop = Backdrop()
        self._lines = LinePainter()
        self._bloom = Bloom()
        self._copier = Copier()
        self._behind = Target()
        self._behind_key: object = None

    def set_look(self, new: Look) -> None:
        """Use another ground."""
        self.look = new
        self.cube.set_look(new)

    def draw_scene(
        self, target: Target, pose: Pose, screen: tuple[int, int], band: tuple[int, int] | None = None
    ) -> None:
        """Draw ground, guides and cube; `finish` completes the picture.

        Args:
            target: Where to.
            pose: The camera.
            screen: Pixels of the screen that the picture is for. What depends on a pixel's size follows the
                screen, so that a picture at another resolution shows the same.
            band: First row (from the bottom) and number of rows to draw; None draws all.
        """
        with target.framebuffer:
            gloo.set_viewport(0, 0, *target.size)
            if band is not None:
                gloo.set_state(scissor_test=True)
                gloo.set_scissor(0, band[0], target.size[0], band[1])
            self._draw_ground(pose, screen)
            self._draw_guides(target, pose, screen, front=False)
            self._draw_cube(target, pose, screen)
            if band is not None:
                gloo.set_state(scissor_test=False)

    def redraw_scene(self, target: Target, pose: Pose, screen: tuple[int, int]) -> None:
        """Draw the same as `draw_scene`, but keep the ground behind the cube while the camera stands still."""
        state = self.cube.state
        key = (target.size, screen, pose, self.look, state.dimensions, state.isolating, self._light())
        if key != self._behind_key:
            self._behind.resize(*target.size)
            with self._behind.framebuffer:
                gloo.set_viewport(0, 0, *target.size)
                self._draw_ground(pose, screen)
            self._behind_key = key
        self._copier.copy(self._behind, target)
        with target.framebuffer:
            gloo.set_viewport(0, 0, *target.size)
            self._draw_guides(target, pose, screen, front=False)
            self._draw_cube(target, pose, screen)

    def finish(self, picture: Target, pose: Pose) -> None:
        """Let the bright cells of a drawn picture glow."""
        if self.look.bloom > 0.0:
            self._bloom.apply(picture, self.look.bloom, self._glow_box(Projection(pose, *picture.size)))

    def show(self, picture: Target, pose: Pose, size: tuple[int, int], hovered: Cell | None = None) -> None:
        """Copy a finished picture into the current framebuffer, with the outline of the hovered cell on top."""
        self._copier.show(picture, *size)
        if hovered is not None:
            gloo.set_viewport(0, 0, *size)
            view = Projection(pose, *size)
            self._lines.draw(view, cell_outline(view, hovered, self.look.pick, 0.85), 1.6)

    def _light(self) -> Color:
        """Return the light that the cube throws, in steps too small to see."""
        r, g, b = (round(64.0 * c) / 64.0 for c in self.cube.mean_color)
        return r, g, b

    def _draw_ground(self, pose: Pose, screen: tuple[int, int]) -> None:
        # A cube that is hidden but for a few cells lights no floor.
        state = self.cube.state
        strength = 0.0 if state.isolating else 1.0
        self._backdrop.draw(Projection(pose, *screen), self.look, state.dimensions, self._light(), strength)

    def _draw_cube(self, target: Target, pose: Pose, screen: tuple[int, int]) -> None:
        self.cube.draw(Projection(pose, *screen), coarse=max(1.0, screen[1] / target.size[1]))
        self._draw_guides(target, pose, screen, front=True)

    def _draw_guides(self, target: Target, pose: Pose, screen: tuple[int, int], *, front: bool) -> None:
        if not self.guides:
            return
        view, state = Projection(pose, *target.size), self.cube.state
        segments = box_guides(view, self.look, state.dimensions)[front]
        if state.planes:
            segments += plane_guides(view, state, self.look.pick)[front]
        if self.marks:
            segments += face_marks(view, self.look, state.dimensions, self.marks)[front]
        self._lines.draw(view, segments, max(1.0, _LINE_WIDTH * target.size[1] / screen[1]))

    def _glow_box(self, view: Projection) -> tuple[int, int, int, int]:
        """Return the pixels around the cube that its glow can reach: left, bottom, width, height."""
        corners = np.array([c for edge in EDGES for c in edge], float) * self.cube.state.dimensions
        x, y, depth = view.project(corners).T
        if not view.pose.orthographic and depth.min() < 0.1:
            return 0, 0, view.width, view.height
        reach = _GLOW_REACH * view.height
        left, right = np.clip([x.min() - reach, x.max() + reach], 0, view.width)
        top, bottom = np.clip([y.min() - reach, y.max() + reach], 0, view.height)
        return int(left), int(view.height - bottom), int(right - left + 1), int(bottom - top + 1)

    def warm(self, features: Features, pose: Pose) -> None:
        """Make the program for some features ready, without showing anything."""
        scratch = Target()
        with scratch.framebuffer:
            gloo.set_viewport(0, 0, 1, 1)
            self.cube.draw(Projection(pose, 1, 1), features=features)
        scratch.delete()

    def rehearse(self) -> None:
        """Draw everything once, very small, so that the compiler has done its work before the first picture."""
        pose = home(self.cube.state.dimensions, *_REHEARSAL)  # from above, so that there is a floor
        picture, screen = Target(), Target()
        for target in (picture, screen):
            target.resize(*_REHEARSAL)
        self.redraw_scene(picture, pose, _REHEARSAL)
        self.finish(picture, pose)
        with screen.framebuffer:
            self.show(picture, pose, _REHEARSAL)
        gloo.flush()
        gl.glFinish()
        for target in (picture, screen):
            target.delete()


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
