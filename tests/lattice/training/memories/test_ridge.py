"""Ridge regression from sums against least squares on all samples at once, in float64."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from lattice.training.memories.ridge import RidgeSums


def samples(features: int, count: int = 40) -> tuple[torch.Tensor, torch.Tensor]:
    """Return features that do not centre on 0 and noisy targets, float32."""
    generator = torch.Generator().manual_seed(2)
    given = torch.randn(count, features, generator=generator) * torch.linspace(0.5, 2.0, features) + 3.0
    wanted = given @ torch.randn(features, 4, generator=generator) + torch.randn(count, 4, generator=generator)
    return given, wanted


@pytest.mark.parametrize("features", [5, 60])
@pytest.mark.parametrize("share", [1e-3, 0.5])
def test_it_is_the_least_squares_of_the_padded_problem(features: int, share: float) -> None:
    given, wanted = samples(features)
    sums = RidgeSums(features, 4, torch.device("cpu"))
    for part in (slice(0, 7), slice(7, 8), slice(8, None)):
        sums.add(given[part], wanted[part])
    weight, bias = sums.solve(share)
    x, y = given.double().numpy(), wanted.double().numpy()
    centred = x - x.mean(0)
    ridge = share * np.square(centred).sum(0).mean()
    # The penalty is written as samples of their own: sqrt(ridge) times each feature, with the target 0.
    padded = np.vstack([centred, np.sqrt(ridge) * np.eye(features)])
    expected, *_ = np.linalg.lstsq(padded, np.vstack([y - y.mean(0), np.zeros((features, 4))]), rcond=None)
    np.testing.assert_allclose(weight.numpy(), expected, rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(bias.numpy(), y.mean(0) - x.mean(0) @ expected, rtol=1e-7, atol=1e-9)
    assert sums.count == 40


def test_deviation_is_that_of_all_features() -> None:
    given, wanted = samples(5)
    sums = RidgeSums(5, 4, torch.device("cpu"))
    sums.add(given, wanted)
    assert sums.deviation().item() == pytest.approx(float(np.sqrt(given.double().numpy().var(0).mean())))
