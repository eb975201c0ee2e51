"""A truth that shares no code with the engines: all pairs of cells, float64."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from lattice.tiers import TIERS


class BruteForce:
    """Mean matrices of the three tiers, [N, N] float64 each."""

    def __init__(self, dimensions, thresholds) -> None:
        cells = torch.cartesian_prod(*(torch.arange(side) for side in dimensions)).double()
        squared = (cells[:, None] - cells).square().sum(-1)
        limits = [0.0, *(threshold * threshold * (1 + 1e-9) for threshold in thresholds)]
        self.cells = cells.shape[0]
        self.adjacency = {
            tier: ((squared > limits[index]) & (squared <= limits[index + 1])).double()
            for index, tier in enumerate(TIERS)
        }

    def mean_matrix(self, tier) -> Tensor:
        adjacency = self.adjacency[tier]
        return adjacency / adjacency.sum(1, keepdim=True).clamp(min=1)

    def means(self, fields, tier) -> Tensor:
        return self.mean_matrix(tier) @ fields.double()

    def gradient(self, gradient, tier) -> Tensor:
        return self.mean_matrix(tier).T @ gradient.double()


@pytest.fixture
def brute_force():
    """Build the truth for a lattice."""
    return BruteForce


@pytest.fixture
def relative_error():
    """Measure the largest error of each field against that field's largest value."""

    def measure(actual: Tensor, expected: Tensor) -> float:
        if expected.numel() == 0:
            return 0.0
        error = (actual.double() - expected).abs().amax(0)
        return float((error / expected.abs().amax(0).clamp(min=1e-30)).where(error > 0, 0.0).max())

    return measure
