"""Erased cells: which may be, how they are drawn, and what a rollout makes of them, against brute force in float64."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest
import torch

from lattice.config import SimpleProjectConfig
from lattice.model.erasure import cells_between, draw_erased, erased_count, layer_cells, without
from lattice.model.rules.base import Hear
from lattice.model.student import StudentModel
from lattice.neighbourhood import TierMeans

ConfigMaker = Callable[..., SimpleProjectConfig]


def exact(config: SimpleProjectConfig, width: int = 12) -> tuple[StudentModel, TierMeans]:
    """Return a student and the tier means of its lattice, both in float64."""
    lattice = config.lattice
    means = TierMeans.build(lattice.dimensions, lattice.get_distance_thresholds(), "reference", dtype=torch.float64)
    return StudentModel.seeded(config, width).double(), means


@pytest.mark.parametrize("placement", ["surface", "through"])
@pytest.mark.parametrize("kind", ["interior", "between"])
def test_damage_may_erase_cells_inside_the_skin_or_all_between_the_faces(
    small_config: ConfigMaker, placement: str, kind: str
) -> None:
    config = small_config(f"embedding_mapping.placement={placement}", f"training_embedding.damaged_cells={kind}")
    student = StudentModel.seeded(config, 12)
    expected = []
    for x, y, z in itertools.product(range(4), range(3), range(5)):
        between_faces = kind == "between" and placement == "through"
        if 0 < x < 3 and (between_faces or (0 < y < 2 and 0 < z < 4)):
            expected.append((x * 3 + y) * 5 + z)
    assert student.erasable.tolist() == expected
    assert len(expected) == (30 if between_faces else 6)


def test_shares_are_rounded_to_whole_cells() -> None:
    assert [erased_count(share, 27) for share in (0.0, 0.01, 0.02, 0.1, 0.5, 0.9)] == [0, 0, 1, 3, 14, 24]
    assert erased_count(0.9, 0) == 0


def test_draws_follow_from_seed_and_counter_alone() -> None:
    erasable = torch.arange(5, 69)
    torch.manual_seed(1)
    first = draw_erased(erasable, 20, 3, 7)
    torch.manual_seed(2)
    before = torch.get_rng_state()
    assert torch.equal(first, draw_erased(erasable, 20, 3, 7))
    assert torch.equal(before, torch.get_rng_state())
    assert len(first.unique()) == 20
    assert set(first.tolist()) <= set(erasable.tolist())
    assert not torch.equal(first, draw_erased(erasable, 20, 3, 8))
    assert not torch.equal(first, draw_erased(erasable, 20, 4, 7))
    assert draw_erased(erasable, 0, 3, 7).tolist() == []


def test_every_cell_is_drawn_equally_often() -> None:
    counts = torch.zeros(10)
    for counter in range(400):
        counts[draw_erased(torch.arange(10), 3, 0, counter)] += 1
    # 120 each; one standard deviation is 9.2.
    assert counts.sum() == 1200
    assert counts.min() > 80
    assert counts.max() < 160


def test_a_layer_is_all_cells_with_one_coordinate() -> None:
    inputs, outputs = torch.arange(9), torch.arange(18, 27)  # the faces x = 0 and x = 2 of a cube of 3^3
    between = cells_between(27, inputs, outputs)
    assert layer_cells(between, (3, 3, 3), 0, 1).tolist() == list(range(9, 18))
    assert layer_cells(between, (3, 3, 3), 0, 0).tolist() == []
    assert layer_cells(between, (3, 3, 3), 2, 2).tolist() == [11, 14, 17]


def test_erasing_also_ends_what_is_not_finite() -> None:
    state = torch.full((2, 1, 3), float("nan"))
    erased = torch.tensor([True, False])
    assert without(state, erased)[0].tolist() == [[0.0, 0.0, 0.0]]
    assert without(state, erased)[1].isnan().all()
    assert without(state, None) is state


@pytest.mark.parametrize("rule", ["experts", "nca", "diffusion"])
@pytest.mark.parametrize("placement", ["surface", "through"])
def test_a_damaged_rollout_is_one_whose_states_are_cleared_by_hand(
    small_config: ConfigMaker, rule: str, placement: str
) -> None:
    student, means = exact(small_config(f"model.rule={rule}", f"embedding_mapping.placement={placement}"))
    for parameter in student.parameters():
        torch.nn.init.normal_(parameter, std=0.3, generator=torch.Generator().manual_seed(parameter.numel()))
    embeddings = torch.randn(2, 12, dtype=torch.float64, generator=torch.Generator().manual_seed(5))
    student.erase_from(0.5, 0, 0)
    erased = student.erased_N.nonzero().flatten().tolist()
    assert 0 < len(erased) < len(student.erasable)
    output = student(embeddings, means, 3, erased_N=student.erased_N)
    hear, context = Hear(means), student.context(means.live_tiers)
    begun = student.prototype.begin(hear, context)
    state = student.paint(embeddings).clone()
    for step in range(4):
        for cell in erased:
            state[cell] = 0.0
        torch.testing.assert_close(output.rollout.states[step], state, rtol=1e-12, atol=1e-12)
        if step < 3:
            at = context.at(step)
            object.__setattr__(at, "prepared", begun)
            state = student.prototype(state, hear, at)[0].clone()
    torch.testing.assert_close(output.embedding_BD, student.read(state), rtol=1e-12, atol=1e-12)
    assert not torch.allclose(output.embedding_BD, student(embeddings, means, 3).embedding_BD)


def test_diffusion_around_erased_cells_by_brute_force(small_config: ConfigMaker) -> None:
    """Neighbour by neighbour on 3^3, without any engine: an erased neighbour counts, and holds zeros."""
    config = small_config(
        "model.rule=diffusion", "lattice.dimensions=[3, 3, 3]", "embedding_mapping.placement=through",
        "lattice.adaptive_radius_ratio=0.6", "training_embedding.damaged_cells=between",
    )  # fmt: skip
    student, means = exact(config)
    embeddings = torch.randn(1, 12, dtype=torch.float64, generator=torch.Generator().manual_seed(5))
    student.erase_from(0.4, 0, 3)
    erased = set(student.erased_N.nonzero().flatten().tolist())
    assert len(erased) == 4
    output = student(embeddings, means, 2, erased_N=student.erased_N)
    cells = list(itertools.product(range(3), repeat=3))
    thresholds = (0.0, *config.lattice.get_distance_thresholds())
    state = [row[0].clone() for row in student.paint(embeddings)]
    for _ in range(2):
        state = [torch.zeros_like(row) if index in erased else row for index, row in enumerate(state)]
        after = []
        for index, cell in enumerate(cells):
            row = state[index]
            for tier, inner, outer in zip(("local", "functional", "distant"), thresholds, thresholds[1:], strict=False):
                near = [
                    state[other]
                    for other, place in enumerate(cells)
                    if inner < sum((a - b) ** 2 for a, b in zip(cell, place, strict=True)) ** 0.5 <= outer
                ]
                if near:
                    rate = student.prototype.rates[tier]
                    row = row + student.update_scale * rate * (torch.stack(near).mean(0) - state[index])
            after.append(row)
        state = after
    state = [torch.zeros_like(row) if index in erased else row for index, row in enumerate(state)]
    torch.testing.assert_close(output.rollout.final[:, 0], torch.stack(state), rtol=1e-12, atol=1e-12)


def test_recomputed_steps_of_a_damaged_rollout_give_the_same_bits(small_config: ConfigMaker) -> None:
    found = []
    for recompute in (False, True):
        student = StudentModel.seeded(small_config(), 12)
        means = TierMeans.build(student.dimensions, small_config().lattice.get_distance_thresholds())
        student.erase_from(0.5, 0, 0)
        embeddings = torch.randn(2, 12, generator=torch.Generator().manual_seed(5))
        output = student(embeddings, means, 2, recompute=recompute, erased_N=student.erased_N)
        output.embedding_BD.square().sum().backward()
        assert not output.rollout.states[1][student.erased_N].any()
        found.append([parameter.grad for parameter in student.parameters() if parameter.grad is not None])
    assert found[0]
    assert all(torch.equal(one, other) for one, other in zip(*found, strict=True))
