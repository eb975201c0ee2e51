"""Numbering, faces and position features of small lattices, against literals written out by hand."""

import math

import pytest
import torch

from lattice.geometry import (
    cell_coordinates,
    cell_count,
    face_cells,
    face_distances,
    face_of,
    flat_index,
    lattice_codes,
    position_features,
    surface_cells,
    unflatten,
    volume_cells,
)


def test_cells_are_numbered_with_z_running_fastest():
    assert cell_coordinates((2, 1, 3)).tolist() == [
        [0, 0, 0], [0, 0, 1], [0, 0, 2],
        [1, 0, 0], [1, 0, 1], [1, 0, 2],
    ]  # fmt: skip


def test_numbers_and_coordinates_are_inverse():
    dimensions = (4, 5, 6)
    assert flat_index(torch.tensor([3, 2, 1]), dimensions) == (3 * 5 + 2) * 6 + 1
    numbers = torch.arange(4 * 5 * 6).view(4, 5, 6)
    assert torch.equal(flat_index(unflatten(numbers, dimensions), dimensions), numbers)


def test_a_lattice_needs_cells_on_every_axis():
    with pytest.raises(
        ValueError, match=r"every side of a lattice needs at least one cell, got dimensions \(3, 0, 3\)"
    ):
        cell_count((3, 0, 3))


def test_only_the_centre_of_three_cubed_is_inside():
    assert volume_cells((3, 3, 3)).tolist() == [13]
    assert surface_cells((3, 3, 3)).tolist() == [*range(13), *range(14, 27)]


@pytest.mark.parametrize(
    ("dimensions", "surface"),
    [
        ((8, 8, 8), 512 - 216),
        ((9, 12, 14), 9 * 12 * 14 - 7 * 10 * 12),
        ((1, 5, 6), 30),
        ((2, 7, 7), 98),
        ((1, 1, 1), 1),
    ],
)
def test_surface_and_volume_share_out_all_cells(dimensions, surface):
    on_surface, inside = surface_cells(dimensions), volume_cells(dimensions)
    assert on_surface.shape == (surface,)
    assert torch.equal(torch.cat((on_surface, inside)).sort().values, torch.arange(cell_count(dimensions)))


def test_faces_of_a_box():
    dimensions = (2, 3, 4)
    assert face_cells(dimensions, 0, 0).tolist() == list(range(12))
    assert face_cells(dimensions, 0, 1).tolist() == list(range(12, 24))
    assert face_cells(dimensions, 1, 1).tolist() == [8, 9, 10, 11, 20, 21, 22, 23]
    assert face_cells(dimensions, 2, 0).tolist() == [0, 4, 8, 12, 16, 20]


def test_position_features_of_a_line():
    features = position_features((1, 1, 5), 2)
    assert features.shape == (5, 15)
    assert features.dtype == torch.float32
    expected_z = torch.tensor([-1.0, -0.5, 0.0, 0.5, 1.0])
    assert torch.equal(features[:, 2], expected_z)
    assert torch.equal(features[:, :2], torch.zeros(5, 2))
    torch.testing.assert_close(features[:, 5], (math.pi * expected_z).sin())
    torch.testing.assert_close(features[:, 8], (math.pi * expected_z).cos())
    torch.testing.assert_close(features[:, 11], (2 * math.pi * expected_z).sin(), atol=1e-6, rtol=0)
    torch.testing.assert_close(features[:, 14], (2 * math.pi * expected_z).cos())


def test_position_features_tell_all_cells_apart():
    features = position_features((4, 5, 6), 1)
    assert torch.unique(features, dim=0).shape[0] == 4 * 5 * 6


def test_named_faces_and_the_distance_from_them():
    assert [face_of(name) for name in ("-x", "+x", "-y", "+z")] == [(0, 0), (0, 1), (1, 0), (2, 1)]
    assert face_distances((3, 2, 1), "-x").tolist() == [0, 0, 1, 1, 2, 2]
    assert face_distances((3, 2, 1), "+x").tolist() == [2, 2, 1, 1, 0, 0]
    assert face_distances((3, 2, 1), "+y").tolist() == [1, 0, 1, 0, 1, 0]


def test_lattice_codes_repeat_and_do_not_end_at_the_border():
    cells = torch.tensor([[-1, 0, 0], [0, 0, 0], [1, 0, 0], [2, 0, 0], [0, 1, 0], [0, 0, -1], [5, 4, 3]])
    assert lattice_codes(cells, (1, 0, 0), 3).tolist() == [2, 0, 1, 2, 0, 0, 2]
    assert lattice_codes(cells, (1, 2, 3), 7).tolist() == [6, 0, 1, 2, 2, 4, 1]
