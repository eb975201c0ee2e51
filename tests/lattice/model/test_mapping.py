"""Mapper, volume initialiser and extractor: what enters where, and what may not leak."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from lattice.config import EmbeddingMappingSettings, SimpleProjectConfig
from lattice.model.mapping import arriving_cells, input_cells, output_cells, scalars_per_cell
from lattice.model.student import StudentModel
from lattice.neighbourhood import TierMeans


@pytest.mark.parametrize(
    ("width", "cells", "scalars"), [(384, 296, 2), (768, 296, 3), (296, 296, 1), (1, 8, 1), (768, 5048, 1)]
)
def test_just_enough_scalars_for_the_width(width: int, cells: int, scalars: int) -> None:
    assert scalars_per_cell(width, cells, EmbeddingMappingSettings()) == scalars
    assert scalars_per_cell(width, cells, EmbeddingMappingSettings(scalars_per_cell=5)) == 5


def test_through_goes_in_at_one_face_and_out_at_the_opposite_one() -> None:
    through = EmbeddingMappingSettings(placement="through")
    assert input_cells((3, 2, 2), through).tolist() == [0, 1, 2, 3]
    assert output_cells((3, 2, 2), through).tolist() == [8, 9, 10, 11]


def test_any_two_faces_can_be_chosen_but_not_the_same_one_twice() -> None:
    corner = EmbeddingMappingSettings(placement="through", input_face="+z", output_face="-y")
    assert input_cells((3, 2, 2), corner).tolist() == [1, 3, 5, 7, 9, 11]
    assert output_cells((3, 2, 2), corner).tolist() == [0, 1, 4, 5, 8, 9]
    with pytest.raises(ValueError, match=r"input and output face are both '\+x': .* so choose two different ones"):
        EmbeddingMappingSettings(input_face="+x")


def test_arriving_cells_are_places_on_the_input_face() -> None:
    straight = EmbeddingMappingSettings(placement="through")
    assert arriving_cells((3, 2, 2), straight).tolist() == [0, 1, 2, 3]
    # From x = 0 to y = 1 of 3 x 2 x 1 cells: the cell with y = 1 is read where it is painted, the other goes one on.
    corner = EmbeddingMappingSettings(placement="through", output_face="+y")
    assert arriving_cells((3, 2, 1), corner).tolist() == [1, 0, -1]
    assert arriving_cells((3, 3, 3), EmbeddingMappingSettings()).tolist() == list(range(26))


def test_a_unit_embedding_paints_scalars_of_about_unit_variance(
    small_config: Callable[..., SimpleProjectConfig],
) -> None:
    student = StudentModel.seeded(small_config("lattice.dimensions=[6, 6, 6]"), 64)
    embeddings = torch.nn.functional.normalize(torch.randn(50, 64), dim=-1)
    scalars = student.mapper.scalars_of(embeddings)
    assert scalars.shape == (50, 152, 1)
    assert scalars.var().item() == pytest.approx(1.0, abs=0.1)
    expected = embeddings @ student.mapper.project.weight.T * 64**0.5
    torch.testing.assert_close(scalars.flatten(1), expected)


@pytest.mark.parametrize("initializer", ["learned", "zeros"])
def test_painted_states_stand_at_their_cells(
    small_config: Callable[..., SimpleProjectConfig], initializer: str
) -> None:
    student = StudentModel.seeded(small_config(f"embedding_mapping.volume_initializer={initializer}"), 12)
    embeddings = torch.randn(2, 12)
    states = student.paint(embeddings)
    painted = student.mapper(embeddings, student.features[student.inputs])
    torch.testing.assert_close(states[student.inputs], painted)
    rest = states[student.rest]
    if initializer == "zeros":
        assert torch.equal(rest, torch.zeros_like(rest))
    else:
        expected = student.volume.position(student.features[student.rest])[:, None] + student.volume.surface(
            painted.mean(0)
        )
        torch.testing.assert_close(rest, expected)


def test_a_through_cube_knows_nothing_beyond_the_light_cone(
    small_config: Callable[..., SimpleProjectConfig],
) -> None:
    config = small_config("embedding_mapping.placement=through", "lattice.dimensions=[7, 3, 3]")
    student = StudentModel.seeded(config, 12)
    means = TierMeans.build((7, 3, 3), (1.0, 1.5, 2.0))
    embeddings = torch.randn(2, 12, requires_grad=True)
    for steps, reached in ((0, False), (2, False), (3, True)):
        output = student(embeddings, means, steps).embedding_BD
        (gradient,) = torch.autograd.grad(output.square().sum(), embeddings, materialize_grads=True)
        assert bool(gradient.any()) is reached, f"{steps} lattice steps of reach 2 across 7 cells"
