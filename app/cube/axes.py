"""The one place where arrays indexed [X, Y, Z, ...] become OpenGL textures, whose order is z, y, x."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]


def texture_order(rgba_XYZ4: Bytes, out: Bytes | None = None) -> Bytes:
    """Copy colours into the order of a 3D texture.

    Args:
        rgba_XYZ4: Colours, uint8 [X, Y, Z, 4].
        out: Buffer to fill, uint8 C-contiguous [Z, Y, X, 4]; None makes a new one.

    Returns:
        `out`, C-contiguous: cell (x, y, z) is at [z, y, x], so that x runs along the texture's width.

    Raises:
        ValueError: The colours are not uint8 [X, Y, Z, 4].
    """
    if rgba_XYZ4.dtype != np.uint8 or rgba_XYZ4.ndim != 4 or rgba_XYZ4.shape[3] != 4:
        raise ValueError(f"expected colours as uint8 [X, Y, Z, 4], got {rgba_XYZ4.dtype} {list(rgba_XYZ4.shape)}")
    x, y, z, _ = rgba_XYZ4.shape
    if out is None:
        out = np.empty((z, y, x, 4), np.uint8)
    # One 32-bit word per cell: four times fewer elements to move.
    words = np.ascontiguousarray(rgba_XYZ4).view(np.uint32)[..., 0]
    np.copyto(out.view(np.uint32)[..., 0], words.transpose(2, 1, 0))
    return out


def block_size(dimensions: tuple[int, int, int], limit: int) -> int:
    """Return how many cells a texel must cover along each axis for the texture's sides to stay within `limit`."""
    return max(1, -(-max(dimensions) // limit))


def coarsen(rgba_XYZ4: Bytes, block: int) -> Bytes:
    """Keep one cell of every `block`^3, its middle one where there is one; texel i then covers cells i*block on."""
    if block == 1:
        return rgba_XYZ4
    at = [np.minimum(np.arange(0, side, block) + block // 2, side - 1) for side in rgba_XYZ4.shape[:3]]
    return np.ascontiguousarray(rgba_XYZ4[np.ix_(*at)])
