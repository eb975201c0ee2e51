"""What a cube must beat without training: PCA-k, and a linear map of rank k on the same objective.

Shapes: n training samples, S held-out samples, D embedding width, k rank. All sums in float64.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

RIDGE = 1e-4
"""Ridge of the linear baseline as a share of the inputs' mean variance."""

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
        self.add(input_nD, target_nD)

    def add(self, input_nD: Tensor, target_nD: Tensor) -> None:
        """Take in a batch of inputs and targets."""
        inputs, targets = input_nD.double() - self._origin[0], target_nD.double() - self._origin[1]
        self.count += len(inputs)
        self._sum_in += inputs.sum(0)
        self._sum_out += targets.sum(0)
        self._products_in += inputs.T @ inputs
        self._products_cross += inputs.T @ targets

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


def fit_pca(clean: Moments, rank: int) -> AffineMap:
    """Return the projection on the `rank` leading principal components of the clean inputs."""
    mean, scatter = clean.means[0], clean.scatter[0]
    if rank >= len(mean):
        return AffineMap(mean, torch.eye(len(mean), dtype=mean.dtype, device=mean.device), mean)
    _, vectors = torch.linalg.eigh(scatter)
    basis = vectors[:, -rank:]
    return AffineMap(mean, basis @ basis.T, mean)


def fit_linear(moments: Moments, rank: int) -> AffineMap:
    """Return the best linear map of rank `rank` in the ridge sense (reduced-rank regression, Izenman 1975).

    `(X'X + lambda I) W = X'Y` with centred rows, `lambda = RIDGE` times the inputs' mean variance; then W is projected
    on the leading eigenvectors of `W'(X'X + lambda I)W`, the fitted outputs' own directions, which is the best
    restriction to rank k in this metric.
    """
    (mean_in, mean_out), (scatter, cross) = moments.means, moments.scatter
    # Rows that are all alike have no variance: the ridge must still make the system regular.
    variance = scatter.diagonal().mean().clamp_min(torch.finfo(scatter.dtype).tiny ** 0.5)
    scatter.diagonal().add_(RIDGE * variance)
    weight = torch.linalg.solve(scatter, cross)
    if rank < weight.shape[1]:
        _, vectors = torch.linalg.eigh(weight.T @ scatter @ weight)
        basis = vectors[:, -rank:]
        weight = weight @ basis @ basis.T
    return AffineMap(mean_in, weight, mean_out)
