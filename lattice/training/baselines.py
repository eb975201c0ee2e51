"""What a cube must beat without training: PCA-k, and a linear map of rank k on the same objective.

Shapes: n training samples, S held-out samples, D embedding width, k rank. All sums in float64.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

RIDGES: tuple[float, ...] = tuple(10.0 ** (power / 2) for power in range(-12, 3))
"""Ridges among which `ridge_share` chooses, as shares of the inputs' mean variance: 1e-6 to 10."""

MAX_FIT_SAMPLES = 50_000
"""Baselines are fitted to at most this many training samples."""


@dataclass(frozen=True)
class AffineMap:
    """`x -> (x - mean_in) W + mean_out`."""

    mean_in_D: Tensor
    weight_DD: Tensor
    mean_out_D: Tensor

    def __call__(self, rows_SD: Tensor) -> Tensor:
        """Map rows, [S, D]; the result has their dtype."""
        mapped = (rows_SD.to(self.weight_DD) - self.mean_in_D) @ self.weight_DD + self.mean_out_D
        return mapped.to(rows_SD.dtype)


class Moments:
    """First and second moments of inputs and targets, gathered batch by batch: all that a linear fit needs.

    The rows are counted from a fixed one, `origin`: sums of products of rows far from zero would lose the digits in
    which they differ.
    """

    def __init__(self, input_nD: Tensor, target_nD: Tensor) -> None:
        """Begin with a first batch."""
        self.count = 0
        self._origin = (input_nD.double().mean(0), target_nD.double().mean(0))
        inputs, targets = input_nD.shape[1], target_nD.shape[1]
        self._sum_in, self._sum_out = (origin.new_zeros(len(origin)) for origin in self._origin)
        self._products_in = self._sum_in.new_zeros(inputs, inputs)
        self._products_cross = self._sum_in.new_zeros(inputs, targets)
        self._squares_out = self._sum_in.new_zeros(())
        self.add(input_nD, target_nD)

    def add(self, input_nD: Tensor, target_nD: Tensor) -> None:
        """Take in a batch of inputs and targets."""
        inputs, targets = input_nD.double() - self._origin[0], target_nD.double() - self._origin[1]
        self.count += len(inputs)
        self._sum_in += inputs.sum(0)
        self._sum_out += targets.sum(0)
        self._products_in += inputs.T @ inputs
        self._products_cross += inputs.T @ targets
        self._squares_out += targets.square().sum()

    @property
    def means(self) -> tuple[Tensor, Tensor]:
        """Mean input and mean target, float64 [D]."""
        return self._origin[0] + self._sum_in / self.count, self._origin[1] + self._sum_out / self.count

    @property
    def scatter(self) -> tuple[Tensor, Tensor]:
        """Mean products of the centred inputs with each other and with the centred targets, float64 [D, D]."""
        shift_in, shift_out = self._sum_in / self.count, self._sum_out / self.count
        return (
            self._products_in / self.count - torch.outer(shift_in, shift_in),
            self._products_cross / self.count - torch.outer(shift_in, shift_out),
        )

    @property
    def variance_out(self) -> Tensor:
        """Mean squared distance of the targets from their mean, a float64 scalar."""
        return self._squares_out / self.count - (self._sum_out / self.count).square().sum()


def most_rank(samples: int) -> int:
    """Return the rank that a map which is fitted to so many samples has at most.

    n samples differ from their mean in n - 1 directions: they have no more principal components, and a linear map that
    is fitted to n targets does not leave their span. Draws of noise add no targets.
    """
    return max(samples - 1, 0)


def fit_pca(clean: Moments, rank: int) -> AffineMap:
    """Return the projection on the `rank` leading principal components of the clean inputs, or on all that they have.

    What lies outside of those that so few samples have is nothing that PCA knows of.
    """
    mean, scatter = clean.means[0], clean.scatter[0]
    rank = min(rank, most_rank(clean.count))
    if rank >= len(mean):
        return AffineMap(mean, torch.eye(len(mean), dtype=mean.dtype, device=mean.device), mean)
    _, vectors = torch.linalg.eigh(scatter)
    basis = vectors[:, len(mean) - rank :]
    return AffineMap(mean, basis @ basis.T, mean)


def fit_linear(moments: Moments, rank: int) -> AffineMap:
    """Return the best linear map of rank `rank` in the ridge sense (reduced-rank regression, Izenman 1975).

    `(X'X + lambda I) W = X'Y` with centred rows, lambda as `ridge_share` chooses it; then W is projected on the leading
    eigenvectors of `W'(X'X + lambda I)W`, the fitted outputs' own directions, which is the best restriction to rank k
    in this metric.
    """
    (mean_in, mean_out), (scatter, cross) = moments.means, moments.scatter
    scatter.diagonal().add_(ridge_share(moments) * _mean_variance(scatter))
    weight = torch.linalg.solve(scatter, cross)
    if rank < weight.shape[1]:
        _, vectors = torch.linalg.eigh(weight.T @ scatter @ weight)
        basis = vectors[:, -rank:]
        weight = weight @ basis @ basis.T
    return AffineMap(mean_in, weight, mean_out)


def ridge_share(moments: Moments) -> float:
    """Return which of `RIDGES` predicts best, by generalised cross-validation (Golub, Heath & Wahba 1979).

    It is the mean squared residual over `(1 - df / n)^2`, with `df = 1 + sum s / (s + lambda)` over the eigenvalues s
    of the inputs' scatter, and the 1 for the mean: what leaving each sample out would give, were all alike. A map that
    is fitted without it is beaten too easily where samples are few for their width.
    """
    scatter, cross = moments.scatter
    values, vectors = torch.linalg.eigh(scatter)
    values = values.clamp_min(0)
    strength = (vectors.T @ cross).square().sum(1)
    shrunk = values + scatter.new_tensor(RIDGES).unsqueeze(1) * _mean_variance(scatter)
    explained = (strength * (2 / shrunk - values / shrunk.square())).sum(1)
    freedom = 1 + (values / shrunk).sum(1)
    residual = (moments.variance_out - explained).clamp_min(0)
    left = (1 - freedom / moments.count).clamp_min(torch.finfo(scatter.dtype).eps)
    return RIDGES[int((residual / left.square()).argmin())]


def _mean_variance(scatter: Tensor) -> Tensor:
    """Return the inputs' mean variance, above 0: rows that are all alike need a ridge, too."""
    return scatter.diagonal().mean().clamp_min(torch.finfo(scatter.dtype).tiny ** 0.5)
