"""The plain network: its size and what it computes."""

from __future__ import annotations

import pytest
import torch

from lattice.training.mlp import MLP, hidden_units, parameter_count


@pytest.mark.parametrize(("parameters", "width"), [(302_459, 384), (5_000, 12), (1_300_000, 768), (90_000, 300)])
def test_it_has_as_many_parameters_within_one_percent(parameters: int, width: int) -> None:
    network = MLP(width, hidden_units(parameters, width), seed=0)
    assert parameter_count(network) == pytest.approx(parameters, rel=0.01)


def test_a_tiny_student_still_gets_a_unit() -> None:
    assert hidden_units(5, 12) == 1


def test_it_is_one_hidden_layer_and_follows_from_its_seed() -> None:
    network, again, other = MLP(3, 4, seed=1), MLP(3, 4, seed=1), MLP(3, 4, seed=2)
    rows = torch.randn(5, 3, generator=torch.Generator().manual_seed(0))
    inner = rows * 3**0.5 @ network.inner.weight.T + network.inner.bias
    outer = (inner * torch.sigmoid(inner)) @ network.outer.weight.T + network.outer.bias
    torch.testing.assert_close(network.answers(rows, 2), outer / 3**0.5)
    assert torch.equal(network.answers(rows, 5), again.answers(rows, 5))
    assert not torch.equal(network.inner.weight, other.inner.weight)


def test_making_it_draws_nothing_from_the_global_generator() -> None:
    before = torch.get_rng_state()
    MLP(3, 4, seed=1)
    assert torch.equal(before, torch.get_rng_state())
