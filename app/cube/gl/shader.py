"""The cube's shader, put together from its pieces for the features that a picture needs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from app.cube.state import GHOST_ALPHA, VISIBLE_ALPHA, CubeState

MAX_STEPS = 3 * 256 + 4
"""Most cells that a ray can cross in a lattice of 256 cells a side."""

_FRAGMENT_PIECES = (
    "ray.glsl",
    "planes.glsl",
    "cells.glsl",
    "focus.glsl",
    "light.glsl",
    "march.glsl",
    "cube.frag",
)


@cache
def source(name: str) -> str:
    """Return the text of a shader file."""
    return files("app.cube").joinpath("shaders", name).read_text(encoding="ascii")


@dataclass(frozen=True)
class Features:
    """What is compiled in. Everything else is a uniform, so that it changes without a new program."""

    sphere: bool = False
    planes: int = 0
    cut: bool = False
    focus: bool = False
    isolate: bool = False
    ids: bool = False
    """Draw each cell's index as a colour: the reference that the CPU pick is tested against."""

    @classmethod
    def of(cls, state: CubeState, *, ids: bool = False) -> Features:
        """Return the features that a state needs."""
        planes = len(state.planes)
        return cls(
            sphere=state.shape == "sphere",
            planes=planes,
            cut=state.cut and planes > 0,
            focus=state.picked is not None,
            isolate=state.isolating,
            ids=ids,
        )

    @property
    def uniforms(self) -> frozenset[str]:
        """Names of the uniforms that exist only with a feature, and do with these."""
        names = {f"u_plane{i}" for i in range(self.planes)}
        if self.ids:
            names.add("u_size")
        return frozenset(names)


SOON_NEEDED = (
    Features(focus=True),
    Features(focus=True, isolate=True),
    Features(planes=1),
    Features(planes=1, cut=True),
    Features(sphere=True),
    Features(sphere=True, focus=True),
)
"""Programs to compile ahead of time, so that the first click does not wait for the compiler."""


def fragment_source(features: Features) -> str:
    """Return the fragment shader (GLSL 1.20) with these features."""
    defines = {
        "SPHERE": int(features.sphere),
        "PLANES": features.planes,
        "CUT": int(features.cut),
        "FOCUS": int(features.focus),
        "ISOLATE": int(features.isolate),
        "IDS": int(features.ids),
        "STEPS": MAX_STEPS,
        "GHOST_ALPHA": GHOST_ALPHA,
        "VISIBLE_ALPHA": VISIBLE_ALPHA,
    }
    head = [f"#define {name} {value}" for name, value in defines.items()]
    if features.ids:
        head.append("uniform vec3 u_size;               // cells along x, y, z")
    return "\n".join([*head, *(source(piece) for piece in _FRAGMENT_PIECES)])


def vertex_source() -> str:
    """Return the vertex shader of the visible box."""
    return source("cube.vert")
