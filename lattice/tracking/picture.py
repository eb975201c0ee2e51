"""A picture of the cube without OpenGL: three slices through its middle at every lattice step."""

from __future__ import annotations

import numpy as np

from lattice.tracking.base import Picture
from lattice.training.reports import Observation

SMALLEST_SIDE = 96
"""Pixels of a slice, at least; cells become squares of whole pixels."""
GAP = 4
"""Pixels between slices."""
BACKGROUND = 24
_ANCHORS = np.array([(68, 1, 84), (59, 82, 139), (33, 145, 140), (94, 201, 98), (253, 231, 37)], dtype=np.float64)
"""Five colours of the map viridis (van der Walt and Smith, 2015), evenly spaced."""


def cube_picture(observation: Observation) -> Picture:
    """Return the norms of the cells' states as colours, uint8 [H, W, 3].

    Columns are the lattice steps, the painted cube first. Rows are the slices through the middle of x, y and z. Dark
    violet is the smallest norm of all of them, yellow the largest; a number that is not finite is white.
    """
    norms_TXYZ = np.linalg.norm(observation.states_TXYZC.astype(np.float64), axis=-1)
    finite = np.isfinite(norms_TXYZ)
    low, high = (norms_TXYZ[finite].min(), norms_TXYZ[finite].max()) if finite.any() else (0.0, 1.0)
    shares_TXYZ = np.where(finite, (norms_TXYZ - low) / (high - low or 1.0), 0.0)
    places = np.linspace(0.0, 1.0, len(_ANCHORS))
    colors = np.stack([np.interp(shares_TXYZ, places, _ANCHORS[:, channel]) for channel in range(3)], axis=-1)
    colors[~finite] = 255.0
    scale = -(-SMALLEST_SIDE // max(observation.dimensions))
    rows = [_row(colors, axis, scale) for axis in range(3)]
    width = max(row.shape[1] for row in rows)
    return np.concatenate([np.pad(row, ((0, GAP), (0, width - row.shape[1]), (0, 0)), constant_values=BACKGROUND)
                           for row in rows]).astype(np.uint8)  # fmt: skip


def _row(colors_TXYZ3: np.ndarray, axis: int, scale: int) -> np.ndarray:
    """Return the middle slice along an axis at every lattice step, side by side."""
    slices = np.take(colors_TXYZ3, colors_TXYZ3.shape[axis + 1] // 2, axis=axis + 1)
    tiles = slices.repeat(scale, axis=1).repeat(scale, axis=2)
    return np.concatenate(list(np.pad(tiles, ((0, 0), (0, 0), (0, GAP), (0, 0)), constant_values=BACKGROUND)), axis=1)
