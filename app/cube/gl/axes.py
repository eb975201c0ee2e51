"""The one place where arrays indexed [X, Y, Z, ...] become OpenGL textures.

VisPy reads a 3D texture as [depth, height, width], slowest first, which usually holds z, y, x. Here depth holds x and
width holds z: then the bytes of a lattice are already in the texture's order, nothing has to be moved (at 128^3 that
takes longer than drawing), and the shader swaps the three coordinates when it looks a cell up.
"""

from __future__ import annotations

import numpy as np

from app.cube.state import Bytes


def texture_order(rgba_XYZ4: Bytes, out: Bytes | None = None) -> Bytes:
    """Copy colours into the order of a 3D texture.

    Args:
        rgba_XYZ4: Colours, uint8 [X, Y, Z, 4].
        out: Buffer to fill, uint8 C-contiguous [X, Y, Z, 4]; None makes a new one.

    Returns:
        `out`, C-contiguous: VisPy's depth, height and width run along x, y and z. Shaders look up at `.zyx`.

    Raises:
        ValueError: The colours are not uint8 [X, Y, Z, 4].
    """
    if rgba_XYZ4.dtype != np.uint8 or rgba_XYZ4.ndim != 4 or rgba_XYZ4.shape[3] != 4:
        raise ValueError(f"expected colours as uint8 [X, Y, Z, 4], got {rgba_XYZ4.dtype} {list(rgba_XYZ4.shape)}")
    if out is None:
        out = np.empty(rgba_XYZ4.shape, np.uint8)
    np.copyto(out, rgba_XYZ4)
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
