"""Arrays to textures and back."""

from __future__ import annotations

import numpy as np
import pytest

from app.cube.axes import block_size, coarsen, texture_order


def test_every_cell_lands_at_z_y_x():
    rng = np.random.default_rng(0)
    colors = rng.integers(0, 256, (3, 4, 5, 4), dtype=np.uint8)
    texels = texture_order(colors)
    assert texels.shape == (5, 4, 3, 4)
    assert texels.flags.c_contiguous
    for x in range(3):
        for y in range(4):
            for z in range(5):
                assert (texels[z, y, x] == colors[x, y, z]).all()


def test_an_array_that_is_not_contiguous_and_a_given_buffer():
    colors = np.random.default_rng(1).integers(0, 256, (6, 4, 5, 4), dtype=np.uint8)
    buffer = np.zeros((5, 4, 3, 4), np.uint8)
    assert texture_order(colors[::2], out=buffer) is buffer
    assert (buffer == colors[::2].transpose(2, 1, 0, 3)).all()


@pytest.mark.parametrize(
    "wrong", [np.zeros((2, 2, 2, 4), np.float32), np.zeros((2, 2, 2, 3), np.uint8), np.zeros((2, 2, 4), np.uint8)]
)
def test_other_arrays_are_refused(wrong):
    with pytest.raises(ValueError, match=r"expected colours as uint8 \[X, Y, Z, 4\], got"):
        texture_order(wrong)


@pytest.mark.parametrize(
    ("dimensions", "limit", "block"),
    [((8, 8, 8), 2048, 1), ((64, 8, 8), 64, 1), ((65, 8, 8), 64, 2), ((256, 1, 9), 16, 16)],
)
def test_blocks_are_as_small_as_the_limit_allows(dimensions, limit, block):
    assert block_size(dimensions, limit) == block
    assert max(-(-side // block) for side in dimensions) <= limit


def test_coarse_colours_come_from_inside_their_block():
    x, y, z = np.meshgrid(np.arange(7), np.arange(4), np.arange(1), indexing="ij")
    colors = np.stack([x, y, z, 255 + 0 * x], axis=-1).astype(np.uint8)
    coarse = coarsen(colors, 3)
    assert coarse.shape == (3, 2, 1, 4)
    for i, j, k in np.ndindex(3, 2, 1):
        assert tuple(coarse[i, j, k, :3] // 3) == (i, j, k)
    assert coarsen(colors, 1) is colors
