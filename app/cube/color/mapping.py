"""From values to colours: one table lookup per cell."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from app.cube.color.colormaps import with_alpha
from app.cube.color.colorspace import to_linear, to_srgb
from app.cube.color.looks import GREY, MIST, rgb
from app.cube.state import Bytes, Field
from app.widgets.palette import TIER_COLORS

Words = NDArray[np.uint32]

_GATE_LEVELS = 32

NO_VALUE = int(np.array(MIST, np.uint8).view(np.uint32)[0])
"""RGBA word for cells that a mode says nothing about: a faint mist."""


def nothing_word(dark: bool) -> int:
    """Return the RGBA word for cells with none at all of what is measured: a plain grey, which no map has."""
    return int(np.array(GREY[dark], np.uint8).view(np.uint32)[0])


def map_values(
    values_XYZ: Field, low: float, high: float, table_256: Words, missing: int = NO_VALUE, nothing: int | None = None
) -> Bytes:
    """Look up values in a colour table.

    Args:
        values_XYZ: Values; NaN where there is none.
        low: Value of the table's first colour.
        high: Value of its last colour.
        table_256: RGBA words.
        missing: RGBA word for NaN.
        nothing: RGBA word for minus infinity, the logarithm of 0; None gives it the first colour.

    Returns:
        Colours, uint8 [X, Y, Z, 4].
    """
    scale = 255.0 / max(high - low, 1e-30)
    scaled = (values_XYZ - np.float32(low)) * np.float32(scale) + np.float32(0.5)
    gaps = np.isnan(scaled)
    np.clip(scaled, 0.0, 255.0, out=scaled)
    if gaps.any():
        words = table_256[np.where(gaps, np.float32(0.0), scaled).astype(np.uint8)]
        words[gaps] = missing
    else:
        words = table_256[scaled.astype(np.uint8)]
    if nothing is not None:
        words[np.isneginf(values_XYZ)] = nothing
    return np.ascontiguousarray(words).view(np.uint8).reshape(*values_XYZ.shape, 4)


@cache
def _gate_table() -> Words:
    """Return tier colours mixed as light, [L^2] for the local and the distant gate; the rest is functional."""
    level = np.linspace(0.0, 1.0, _GATE_LEVELS)
    local, distant = (axis.ravel() for axis in np.meshgrid(level, level, indexing="ij"))
    functional = np.clip(1.0 - local - distant, 0.0, 1.0)
    parts = np.stack([local, functional, distant], axis=1)
    parts /= np.maximum(parts.sum(axis=1, keepdims=True), 1e-9)
    light = parts @ to_linear(np.array([rgb(color) for color in TIER_COLORS.values()]))
    return with_alpha(np.round(np.clip(to_srgb(light), 0.0, 1.0) * 255.0).astype(np.uint8))


def map_gates(gates_XYZ3: Field) -> Bytes:
    """Mix the tiers' colours by gate; uint8 [X, Y, Z, 4]."""
    top = np.float32(_GATE_LEVELS - 1)
    local = np.clip(gates_XYZ3[..., 0] * top + 0.5, 0, top).astype(np.int32)
    distant = np.clip(gates_XYZ3[..., 2] * top + 0.5, 0, top).astype(np.int32)
    words = _gate_table()[local * _GATE_LEVELS + distant]
    return words.view(np.uint8).reshape(*gates_XYZ3.shape[:3], 4)


def tier_swatches() -> Bytes:
    """Return the tiers' colours, uint8 [3, 3]."""
    colors = np.array([rgb(color) for color in TIER_COLORS.values()])
    return np.round(colors * 255.0).astype(np.uint8)
