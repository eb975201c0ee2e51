"""The cube itself: one box of twelve triangles, and a texture that holds the cells' colours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from vispy import gloo

from app.cube.camera.projection import Projection
from app.cube.color.looks import Look, look, rgb
from app.cube.gl.axes import block_size, coarsen, texture_order
from app.cube.gl.shader import Features, fragment_source, vertex_source
from app.cube.state import FADE_END, FADE_START, MAX_PLANES, SHELL_ALPHA, SHELL_SIZE, Bytes, CubeState
from app.widgets.palette import TIER_COLORS

EMPTY_ALPHA = 1.5 / 255.0
"""Own alpha at or below this means that there is no cell."""

_ALL = (0.0, 0.0, 0.0, 1.0)
"""A plane that hides nothing."""
_USUAL_LIMIT = 2048
"""Largest side of a 3D texture, until the device has been asked."""

_CORNERS = np.array([(x, y, z) for x in (0, 1) for y in (0, 1) for z in (0, 1)], np.float32)
# Two triangles per face, counter-clockwise as seen from outside.
_FACES = ((0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3))
_TRIANGLES = np.array([(a, b, c, a, c, d) for a, b, c, d in _FACES], np.uint32).ravel()


class CubeVisual:
    """Draws a `CubeState` with the colours it was last given. Needs a current GL context only while drawing."""

    def __init__(self) -> None:
        """Make the visual."""
        self._limit = _USUAL_LIMIT
        self._look = look(dark=True)
        self._state = CubeState()
        self._corners = gloo.VertexBuffer(_CORNERS)
        self._triangles = gloo.IndexBuffer(_TRIANGLES)
        self._programs: dict[Features, tuple[gloo.Program, dict[str, Any]]] = {}
        # The texture keeps a reference to what it was given until the frame is drawn: fill the other buffer meanwhile.
        self._buffers: list[Bytes] = []
        self._block = 1
        self._texture: gloo.Texture3D | None = None
        self._mean = (0.5, 0.5, 0.5)
        self._settings: dict[str, Any] = {}
        self._empty = True
        self.clear(self._state.dimensions)

    @property
    def state(self) -> CubeState:
        """What is drawn."""
        return self._state

    @property
    def empty(self) -> bool:
        """Whether there is no cell to draw, until colours come."""
        return self._empty

    @property
    def block(self) -> int:
        """Cells per texel along each axis: 1 unless the lattice is larger than a texture may be."""
        return self._block

    @property
    def mean_color(self) -> tuple[float, float, float]:
        """Mean colour of the cells on the faces, weighted by their alpha: the light that the cube throws around."""
        return self._mean

    def set_state(self, state: CubeState) -> None:
        """Draw another state from now on. When the dimensions differ, colours must follow."""
        self._state = state
        self._settings = {}

    def set_look(self, new: Look) -> None:
        """Use another ground's light."""
        self._look = new
        self._settings = {}

    def clear(self, dimensions: tuple[int, int, int]) -> None:
        """Hold a lattice without cells until colours come."""
        self.set_colors(np.zeros((*dimensions, 4), np.uint8))
        self._empty = True

    def set_colors(self, rgba_XYZ4: Bytes) -> None:
        """Copy new colours, uint8 [X, Y, Z, 4], for the next frame."""
        self._empty = False
        x, y, z, _ = rgba_XYZ4.shape
        block = block_size((x, y, z), self._limit)
        small = coarsen(rgba_XYZ4, block)
        if not self._buffers or self._buffers[0].shape != small.shape:
            self._buffers = [np.empty(small.shape, np.uint8) for _ in range(2)]
            self._settings = {}
        self._block = block
        self._buffers.reverse()
        texels = texture_order(small, out=self._buffers[0])
        if self._texture is None:
            self._texture = gloo.Texture3D(
                texels, interpolation="nearest", wrapping="clamp_to_edge", format="rgba", internalformat="rgba8"
            )
        else:
            self._texture.set_data(texels)
        self._mean = _mean_color(small)

    def set_limit(self, max_texture_side: int) -> None:
        """Obey the device's largest 3D texture; a larger lattice is shown with one colour per block of cells."""
        self._limit = max_texture_side
        if max(self._buffers[0].shape) > max_texture_side:
            self.set_colors(self._buffers[0])

    def own_alpha(self, x: int, y: int, z: int) -> float:
        """Return a cell's own alpha as the shader reads it, 0 to 1; 0 where there is no cell."""
        b = self._block
        alpha = float(self._buffers[0][x // b, y // b, z // b, 3]) / 255.0
        return alpha if alpha > EMPTY_ALPHA else 0.0

    @property
    def programs(self) -> int:
        """Programs made so far; the first frame with a new one is slow, because it is compiled."""
        return len(self._programs)

    def draw(
        self, view: Projection, *, coarse: float = 1.0, ids: bool = False, features: Features | None = None
    ) -> None:
        """Draw into the current framebuffer, blending over what is there (or plainly, as cell ids).

        Args:
            view: The camera, and the size of the screen.
            coarse: Pixels of the screen per pixel that is drawn, at least 1.
            ids: Draw each cell's index in place of its colour.
            features: What to compile in, if not what the state needs.
        """
        features = features or Features.of(self._state, ids=ids)
        if self._empty and features in self._programs:
            return  # every ray would walk the whole lattice and find nothing
        program, sent = self._program(features)
        if not self._settings:
            self._settings = self._state_uniforms() | self._look_uniforms()
        self._send(program, sent, self._settings | self._view_uniforms(view, coarse), features)
        blend = not features.ids
        gloo.set_state(depth_test=False, cull_face="front", blend=blend, blend_func=("one", "one_minus_src_alpha"))
        program.draw("triangles", self._triangles)
        gloo.set_state(cull_face=False)

    def delete(self) -> None:
        """Free what it holds on the device."""
        for program, _ in self._programs.values():
            program.delete()
        self._programs.clear()
        if self._texture is not None:
            self._texture.delete()

    def _program(self, features: Features) -> tuple[gloo.Program, dict[str, Any]]:
        if features not in self._programs:
            program = gloo.Program(vertex_source(), fragment_source(features))
            program["a_corner"] = self._corners
            program["u_cells"] = self._texture
            self._programs[features] = (program, {})
        return self._programs[features]

    @staticmethod
    def _send(program: gloo.Program, sent: dict[str, Any], values: Mapping[str, Any], features: Features) -> None:
        """Send the uniforms that changed since this program was last used."""
        for name, value in values.items():
            if name.startswith(("u_plane", "u_size")) and name not in features.uniforms:
                continue
            if name not in sent or sent[name] != value:
                program[name] = value
                sent[name] = value

    def _state_uniforms(self) -> dict[str, Any]:
        state = self._state
        skin_low, skin_high = state.skin
        uniforms: dict[str, Any] = {
            "u_low": _floats(state.low),
            "u_high": _floats(state.high),
            "u_skin_low": _floats(skin_low),
            "u_skin_high": _floats(skin_high),
            "u_size": _floats(state.dimensions),
            "u_texel": tuple(1.0 / (self._block * side) for side in self._buffers[0].shape[:3]),
            "u_opacity": (state.surface_opacity, state.interior_opacity),
            "u_empty": EMPTY_ALPHA,
            "u_gap": state.gap,
            "u_fade": (FADE_START, FADE_END),
            "u_picked": _floats(state.picked or (0, 0, 0)),
            "u_tiers": tuple(limit + 0.5 for limit in state.tier_limits),
            "u_reach": float(state.reach),
            "u_shell_alpha": SHELL_ALPHA,
            "u_shell_size": SHELL_SIZE,
        }
        planes = [plane.equation() for plane in state.planes] + [_ALL] * MAX_PLANES
        return uniforms | {f"u_plane{i}": planes[i] for i in range(MAX_PLANES)}

    def _look_uniforms(self) -> dict[str, Any]:
        new = self._look
        return {
            "u_sky": new.sky,
            "u_floor": new.floor,
            "u_key": new.key,
            "u_fog": new.fog,
            "u_fog_density": new.fog_density,
            "u_glow": new.glow,
            "u_edge": new.seam,
            "u_gloss": new.gloss,
            "u_pick_color": new.pick,
            "u_local": rgb(TIER_COLORS["local"]),
            "u_functional": rgb(TIER_COLORS["functional"]),
            "u_distant": rgb(TIER_COLORS["distant"]),
        }

    @staticmethod
    def _view_uniforms(view: Projection, coarse: float) -> dict[str, Any]:
        return {
            "u_clip": view.clip.astype(np.float32).ravel().tolist(),
            "u_eye": tuple(view.eye.tolist()),
            "u_light": tuple(view.light.tolist()),
            "u_pixel": view.pixel,
            "u_coarse": coarse,
        }


def _floats(values: tuple[int, int, int]) -> tuple[float, float, float]:
    x, y, z = values
    return float(x), float(y), float(z)


def _mean_color(rgba_XYZ4: Bytes) -> tuple[float, float, float]:
    """Return the mean colour of the bottom and side faces, thinned out: it tints the floor."""
    thin = rgba_XYZ4[:: max(1, rgba_XYZ4.shape[0] // 16), :: max(1, rgba_XYZ4.shape[1] // 16)]
    faces = np.concatenate([thin[:, :, 0].reshape(-1, 4), thin[0].reshape(-1, 4), thin[:, 0].reshape(-1, 4)])
    weights = faces[:, 3:].astype(np.float32)
    total = float(weights.sum())
    if total == 0.0:
        return (0.0, 0.0, 0.0)
    r, g, b = ((faces[:, :3] * weights).sum(axis=0) / (255.0 * total)).tolist()
    return r, g, b
