"""The losses against their formulas, written out in NumPy."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from lattice.config import LossWeights
from lattice.losses import (
    gate_balance_loss,
    losses,
    reconstruction_loss,
    relation_loss,
    similarity_loss,
    smoothness_loss,
)
from lattice.model.rollout import Rollout


@pytest.fixture
def pair() -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(5)
    student, target = torch.randn(2, 6, 9, generator=generator, dtype=torch.float64)
    return student, target


def a_rollout(gates: list[list[float]] | None = None) -> Rollout:
    states = tuple(torch.full((2, 1, 3), float(value)) for value in (0.0, 1.0, 3.0))
    shares = gates or [[0.5, 0.5], [0.5, 0.5]]
    traces = tuple({"gates": torch.tensor(row).expand(2, 1, -1)} for row in shares)
    return Rollout(states, traces)


def test_reconstruction_is_one_for_the_prediction_zero(pair: tuple[torch.Tensor, torch.Tensor]) -> None:
    student, target = pair
    assert reconstruction_loss(torch.zeros_like(target), target).item() == pytest.approx(1.0)
    expected = ((student - target) ** 2).mean() / (target**2).mean()
    assert reconstruction_loss(student, target).item() == pytest.approx(expected.item())


def test_similarity_and_relation_follow_the_cosines(pair: tuple[torch.Tensor, torch.Tensor]) -> None:
    student, target = (tensor.numpy() for tensor in pair)
    s, t = (rows / np.linalg.norm(rows, axis=1, keepdims=True) for rows in (student, target))
    assert similarity_loss(*pair).item() == pytest.approx(1.0 - (s * t).sum(1).mean())
    pairs = [(i, j) for i in range(6) for j in range(6) if i != j]
    expected = np.mean([(s[i] @ s[j] - t[i] @ t[j]) ** 2 for i, j in pairs])
    assert relation_loss(*pair).item() == pytest.approx(expected)
    assert relation_loss(pair[0][:1], pair[1][:1]).item() == 0.0


def test_smoothness_is_the_mean_squared_change_per_lattice_step() -> None:
    assert smoothness_loss(a_rollout()).item() == pytest.approx((1.0 + 4.0) / 2)


@pytest.mark.parametrize(("gates", "expected"), [([[0.5, 0.5]], 0.0), ([[1.0, 0.0]], 1.0), ([[1.0, 0, 0]], 2.0)])
def test_gate_balance_is_the_squared_coefficient_of_variation(gates: list[list[float]], expected: float) -> None:
    assert gate_balance_loss(a_rollout(gates)).item() == pytest.approx(expected)


def test_one_live_expert_has_nothing_to_balance() -> None:
    assert gate_balance_loss(a_rollout([[1.0]])).item() == 0.0


def test_the_total_is_the_weighted_sum_of_what_is_switched_on(pair: tuple[torch.Tensor, torch.Tensor]) -> None:
    weights = LossWeights(reconstruction=2.0, similarity=0.0, relation=0.5, smoothness=0.25, gate_balance=0.0)
    parts = losses(*pair, a_rollout(), weights)
    assert set(parts) == {"reconstruction", "relation", "smoothness", "total"}
    expected = 2.0 * parts["reconstruction"] + 0.5 * parts["relation"] + 0.25 * parts["smoothness"]
    assert parts["total"].item() == pytest.approx(expected.item())
