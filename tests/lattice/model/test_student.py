"""The student as a whole: seeds, sizes, and rollouts of any length."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from lattice.config import SimpleProjectConfig
from lattice.model.rollout import roll_out
from lattice.model.student import StudentModel
from lattice.neighbourhood import TierMeans


def test_weights_follow_from_the_seed_and_the_global_generator_is_left_alone(
    small_config: Callable[..., SimpleProjectConfig],
) -> None:
    torch.manual_seed(77)
    before = torch.get_rng_state()
    first, second = (StudentModel.seeded(small_config(), 12).state_dict() for _ in range(2))
    other = StudentModel.seeded(small_config("training_embedding.seed=1"), 12).state_dict()
    assert torch.equal(torch.get_rng_state(), before)
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert not torch.equal(first["mapper.project.weight"], other["mapper.project.weight"])


@pytest.mark.parametrize("dimensions", [(1, 1, 1), (1, 5, 2), (2, 3, 4), (6, 2, 1)])
@pytest.mark.parametrize("placement", ["surface", "through"])
def test_any_size_answers_in_the_embedding_width(
    small_config: Callable[..., SimpleProjectConfig], dimensions: tuple[int, int, int], placement: str
) -> None:
    config = small_config(f"lattice.dimensions={list(dimensions)}", f"embedding_mapping.placement={placement}")
    student = StudentModel.seeded(config, 12)
    means = TierMeans.build(dimensions, (1.0, 1.5, 2.0))
    output = student(torch.randn(3, 12), means, 2)
    assert output.embedding_BD.shape == (3, 12)
    assert [state.shape for state in output.rollout.states] == [
        (dimensions[0] * dimensions[1] * dimensions[2], 3, 6)
    ] * 3
    assert torch.isfinite(output.embedding_BD).all()


def test_no_lattice_steps_read_back_what_was_painted(small_config: Callable[..., SimpleProjectConfig]) -> None:
    student = StudentModel.seeded(small_config(), 12)
    means = TierMeans.build(small_config().lattice.dimensions, (1.0, 1.5, 2.0))
    embeddings = torch.randn(2, 12)
    torch.testing.assert_close(student(embeddings, means, 0).embedding_BD, student.read(student.paint(embeddings)))
    with pytest.raises(ValueError, match="0 or more lattice steps, got -1"):
        roll_out(student.prototype, student.paint(embeddings), student.context(means.live_tiers), means, -1)


def test_samples_of_a_batch_do_not_hear_each_other(small_config: Callable[..., SimpleProjectConfig]) -> None:
    student = StudentModel.seeded(small_config(), 12)
    means = TierMeans.build(small_config().lattice.dimensions, (1.0, 1.5, 2.0))
    embeddings = torch.randn(3, 12)
    together = student(embeddings, means, 3).embedding_BD
    alone = torch.cat([student(row[None], means, 3).embedding_BD for row in embeddings])
    torch.testing.assert_close(together, alone, rtol=1e-4, atol=1e-5)


def test_checkpoints_carry_no_geometry(small_config: Callable[..., SimpleProjectConfig]) -> None:
    names = StudentModel.seeded(small_config(), 12).state_dict()
    assert not {"inputs", "outputs", "rest", "order", "features"} & set(names)
