"""Arrays to textures and back."""

from __future__ import annotations

import numpy as np
import pytest

from app.cube.gl.axes import block_size, coarsen, texture_order


def test_every_cell_keeps_its_place_with_depth_along_x_and_width_along_z():
    colors = np.random.default_rng(0).integers(0, 256, (3, 4, 5, 4), dtype=np.uint8)
    texels = texture_order(colors)
    assert texels is not colors
    assert texels.flags.c_contiguous
    depth, height, width, _ = texels.shape
    assert (depth, height, width) == (3, 4, 5)
    flat = texels.reshape(-1, 4)
    for x, y, z in np.ndindex(3, 4, 5):
        assert (flat[(x * height + y) * width + z] == colors[x, y, z]).all()


def test_an_array_that_is_not_contiguous_and_a_given_buffer():
    colors = np.random.default_rng(1).integers(0, 256, (6, 4, 5, 4), dtype=np.uint8)
    buffer = np.zeros((3, 4, 5, 4), np.uint8)
    assert texture_order(colors[::2], out=buffer) is buffer
    assert (buffer == colors[::2]).all()
    swapped = texture_order(colors.transpose(2, 1, 0, 3))
    assert swapped.flags.c_contiguous
    assert (swapped[4, 3, 5] == colors[5, 3, 4]).all()


@pytest.mark.gl
def test_the_shader_finds_each_cell_in_the_texture(view):
    """Only one cell is there; it must be seen where its place is projected to, whichever it is."""
    from app.cube.camera.pose import Pose
    from app.cube.gl.renderer import ids_of
    from app.cube.state import CubeState

    dimensions, pose = (3, 4, 5), Pose((1.5, 2.0, 2.5), 33.0, 21.0, 14.0)
    for x, y, z in np.ndindex(dimensions):
        colors = np.zeros((*dimensions, 4), np.uint8)
        colors[x, y, z] = 255
        ids = view.with_context(lambda found=colors: ids_of(found, CubeState(dimensions), pose, 60, 60))
        assert set(np.unique(ids)) == {-1, x + 3 * (y + 4 * z)}


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
