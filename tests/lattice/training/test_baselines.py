"""The baselines against independent solutions."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from lattice.training.baselines import RIDGES, Moments, fit_linear, fit_pca, ridge_share


@pytest.fixture
def samples() -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(2)
    inputs = torch.randn(300, 8, generator=generator, dtype=torch.float64) * torch.arange(1, 9) + 3.0
    mixed = inputs @ torch.randn(8, 6, generator=generator, dtype=torch.float64)
    return inputs, mixed + torch.randn(300, 6, generator=generator, dtype=torch.float64) - 1.0


def test_pca_is_the_truncated_singular_value_decomposition(samples: tuple[torch.Tensor, torch.Tensor]) -> None:
    inputs, _ = samples
    centred = inputs.numpy() - inputs.numpy().mean(0)
    left, values, right = np.linalg.svd(centred, full_matrices=False)
    expected = left[:, :3] * values[:3] @ right[:3] + inputs.numpy().mean(0)
    np.testing.assert_allclose(fit_pca(Moments(inputs, inputs), 3)(inputs).numpy(), expected, rtol=1e-8)
    np.testing.assert_allclose(fit_pca(Moments(inputs, inputs), 99)(inputs).numpy(), inputs.numpy(), rtol=1e-8)


def test_few_samples_have_few_principal_components(samples: tuple[torch.Tensor, torch.Tensor]) -> None:
    inputs, _ = samples
    few, others = inputs[:4], inputs[4:]
    fitted = fit_pca(Moments(few, few), inputs.shape[1])
    assert int(torch.linalg.matrix_rank(fitted.weight_DD)) == 3
    np.testing.assert_allclose(fitted(few).numpy(), few.numpy(), atol=1e-8)
    assert (fitted(others) - others).norm() > 0.1 * others.norm(), "what they do not span is not handed on"
    one = fit_pca(Moments(inputs[:1], inputs[:1]), 3)
    np.testing.assert_allclose(one(others).numpy(), inputs[:1].expand_as(others).numpy(), rtol=1e-8)


def test_the_linear_map_is_the_ridge_solution(samples: tuple[torch.Tensor, torch.Tensor]) -> None:
    inputs, targets = (tensor.numpy() for tensor in samples)
    x, y = inputs - inputs.mean(0), targets - targets.mean(0)
    ridge = np.sqrt(ridge_share(Moments(*samples)) * (x**2).sum(0).mean())
    stacked = np.linalg.lstsq(np.vstack([x, ridge * np.eye(8)]), np.vstack([y, np.zeros((8, 6))]), rcond=None)[0]
    np.testing.assert_allclose(
        fit_linear(Moments(*samples), rank=6)(samples[0]).numpy(), x @ stacked + targets.mean(0), rtol=1e-7
    )


@pytest.mark.parametrize("rank", [1, 2, 4])
def test_no_gradient_descent_finds_a_better_map_of_that_rank(
    samples: tuple[torch.Tensor, torch.Tensor], rank: int
) -> None:
    inputs, targets = samples
    found = fit_linear(Moments(inputs, targets), rank)
    assert torch.linalg.matrix_rank(found.weight_DD) == rank
    x, y = inputs - inputs.mean(0), targets - targets.mean(0)
    torch.manual_seed(0)
    left = torch.randn(8, rank, dtype=torch.float64, requires_grad=True)
    right = torch.randn(rank, 6, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([left, right], max_iter=500, line_search_fn="strong_wolfe")

    def error() -> torch.Tensor:
        optimizer.zero_grad()
        loss = (x @ left @ right - y).square().mean()
        loss.backward()
        return loss

    optimizer.step(error)
    best = error().item()
    assert (found(inputs) - targets).square().mean().item() == pytest.approx(best, rel=1e-3)


def test_reduced_rank_regression_is_the_truncated_decomposition_of_the_fitted_rows(
    samples: tuple[torch.Tensor, torch.Tensor],
) -> None:
    """Izenman 1975 in numpy: ridge as more rows, then the leading right singular vectors of the fitted targets."""
    inputs, targets = (tensor.numpy() for tensor in samples)
    x, y = inputs - inputs.mean(0), targets - targets.mean(0)
    ridge = np.sqrt(ridge_share(Moments(*samples)) * (x**2).sum(0).mean())
    rows = np.vstack([x, ridge * np.eye(8)])
    full = np.linalg.lstsq(rows, np.vstack([y, np.zeros((8, 6))]), rcond=None)[0]
    leading = np.linalg.svd(rows @ full)[2][:2].T
    np.testing.assert_allclose(
        fit_linear(Moments(*samples), 2).weight_DD.numpy(), full @ leading @ leading.T, rtol=1e-6, atol=1e-9
    )


@pytest.mark.parametrize(("rows", "noise"), [(300, 0.01), (40, 3.0), (20, 300.0), (5, 1.0)])
def test_the_ridge_has_the_least_generalised_cross_validation_error(rows: int, noise: float) -> None:
    """By the hat matrix, sample by sample, in numpy; the last case has fewer samples than the inputs are wide."""
    generator = torch.Generator().manual_seed(rows)
    inputs = torch.randn(rows, 8, generator=generator, dtype=torch.float64) * torch.arange(1, 9) + 3.0
    targets = inputs @ torch.randn(8, 6, generator=generator, dtype=torch.float64)
    targets += noise * torch.randn(rows, 6, generator=generator, dtype=torch.float64)
    x, y = (tensor.numpy() - tensor.numpy().mean(0) for tensor in (inputs, targets))
    errors = []
    for share in RIDGES:
        ridge = share * (x**2).sum(0).mean()
        hat = x @ np.linalg.inv(x.T @ x + ridge * np.eye(8)) @ x.T + np.full((rows, rows), 1 / rows)
        errors.append(((y - hat @ y) ** 2).sum() / (1 - np.trace(hat) / rows) ** 2)
    found = errors[RIDGES.index(ridge_share(Moments(inputs, targets)))]
    assert found == pytest.approx(min(errors), rel=1e-6)


def test_the_ridge_grows_with_what_can_not_be_learnt() -> None:
    generator = torch.Generator().manual_seed(1)
    inputs = torch.randn(40, 8, generator=generator)
    assert ridge_share(Moments(inputs, inputs)) == RIDGES[0]
    assert ridge_share(Moments(inputs, torch.randn(40, 6, generator=generator))) >= 1


def test_moments_of_batches_are_those_of_all_rows_even_far_from_zero() -> None:
    generator = torch.Generator().manual_seed(4)
    inputs = torch.randn(50, 4, generator=generator) + 1e4
    targets = torch.randn(50, 3, generator=generator)
    moments = Moments(inputs[:7], targets[:7])
    for part in (slice(7, 30), slice(30, 50)):
        moments.add(inputs[part], targets[part])
    assert moments.count == 50
    np.testing.assert_allclose(moments.means[0].numpy(), inputs.double().numpy().mean(0), rtol=1e-12)
    together = np.cov(inputs.double().numpy().T, targets.double().numpy().T, bias=True)
    np.testing.assert_allclose(moments.scatter[0].numpy(), together[:4, :4], rtol=1e-9)
    np.testing.assert_allclose(moments.scatter[1].numpy(), together[:4, 4:], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("rows", [1, 2, 3])
def test_very_few_samples_and_samples_that_are_all_the_same_have_their_mean_for_a_map(rows: int) -> None:
    row = torch.randn(1, 6, generator=torch.Generator().manual_seed(rows))
    same = row.expand(rows, 6)
    moments = Moments(same, 2 * same)
    torch.testing.assert_close(fit_linear(moments, 3)(row), 2 * row, rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(fit_pca(Moments(same, same), 3)(row), row, rtol=1e-5, atol=1e-6)
