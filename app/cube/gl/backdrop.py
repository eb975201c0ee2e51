"""What is behind and below the cube: the ground's gradient, and the cube's light or shadow on the floor."""

from __future__ import annotations

import numpy as np
from vispy import gloo

from app.cube.camera.projection import Projection
from app.cube.color.looks import Color, Look
from app.cube.gl.shader import source
from app.cube.gl.target import SCREEN_CORNERS
from app.cube.state import Dimensions

_FLOOR_DROP = 0.10
"""How far the floor is below the cube, as a share of its longest side."""
_SPREAD = 0.26
"""How far the light on the floor reaches, as a share of the longest side."""


class Backdrop:
    """Fills the whole picture."""

    def __init__(self) -> None:
        """Make the programs."""
        self._ground = gloo.Program(source("screen.vert"), source("backdrop.frag"))
        self._ground["a_corner"] = gloo.VertexBuffer(SCREEN_CORNERS)
        self._floor = gloo.Program(source("floor.vert"), source("floor.frag"))
        self._floor["a_corner"] = gloo.VertexBuffer(SCREEN_CORNERS)

    def draw(self, view: Projection, look: Look, dimensions: Dimensions, light: Color, strength: float = 1.0) -> None:
        """Draw the ground, then `light` (the cube's mean colour) or its shadow on the floor, `strength` 0 to 1."""
        self._draw_ground(view, look, dimensions)
        self._draw_floor(view, look, dimensions, light, strength)

    def _draw_ground(self, view: Projection, look: Look, dimensions: Dimensions) -> None:
        shorter = min(view.width, view.height)
        x, y, depth = view.project(np.array(dimensions)[None] / 2.0)[0]
        seen = depth > 0.0 or view.pose.orthographic
        middle = (x / view.width, 1.0 - y / view.height) if seen else (0.5, 0.5)
        self._ground["u_middle"] = tuple(float(min(max(m, 0.2), 0.8)) for m in middle)
        self._ground["u_aspect"] = (view.width / shorter / 1.35, view.height / shorter / 1.1)
        self._ground["u_ground"], self._ground["u_border"] = look.ground, look.edge
        gloo.set_state(depth_test=False, cull_face=False, blend=False)
        self._ground.draw("triangle_strip")

    def _draw_floor(self, view: Projection, look: Look, dimensions: Dimensions, light: Color, share: float) -> None:
        longest = max(dimensions)
        level = -_FLOOR_DROP * longest
        # Seen edge on or from below, there is no floor.
        downward = -float(view.basis[2][2])
        above = 1.0 if view.pose.orthographic else float(np.clip((view.pose.eye[2] - level) / longest, 0.0, 1.0))
        strength = share * look.pool * float(np.clip(downward / 0.30, 0.0, 1.0)) * above
        if strength <= 0.0:
            return
        x, y, _ = dimensions
        self._floor["u_clip"] = view.clip.astype(np.float32)
        self._floor["u_centre"] = (x / 2.0, y / 2.0, level)
        self._floor["u_half"] = (x / 2.0, y / 2.0)
        self._floor["u_spread"] = _SPREAD * longest
        self._floor["u_extent"] = max(x, y) / 2.0 + 2.2 * _SPREAD * longest
        r, g, b = light
        self._floor["u_light"] = (
            (0.62 * strength * r, 0.62 * strength * g, 0.62 * strength * b, 0.0)
            if look.dark
            else (0.10 * strength * r, 0.10 * strength * g, 0.13 * strength * b, strength)
        )
        gloo.set_state(depth_test=False, cull_face=False, blend=True, blend_func=("one", "one_minus_src_alpha"))
        self._floor.draw("triangle_strip")
